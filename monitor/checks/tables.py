"""Checks of tables of numbers."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

from db.discrepancies import Discrepancy
from monitor.checks.shelf import Shelf, finding
from monitor.facts import Paper
from parsers import services
from parsers.records import Figure

_TOTAL = re.compile(r"\btotals?\b", re.IGNORECASE)
# Rows that repeat part of another row would be counted twice.
_PART = re.compile(r"\b(?:of which|of whom|sub-?\s?totals?)\b|^\s*(?:including|incl\.)", re.IGNORECASE)
_DUST = 1e-6  # binary fractions
_AGREEING = 2  # other columns in which a grouping must come to the total
_ALL_AGREEING = 4  # where the difference is so small that it could be rounding
# Whole things, printed as counted. Other tables may well be in thousands without saying so in every cell:
# a column of contributions in £000s is one off by rounding alone (quarter 2 of 2020/21).
_COUNTED = frozenset({"complaints", "road_casualties"})


def table_sums(paper: Paper, shelf: Shelf) -> Iterator[Discrepancy]:
    """A column's total is the sum of its rows, within what the paper says of rounding.

    Not judged: percentages, columns with a blank or withheld cell, with no total or several, and
    tables of which no column adds up: those are not sums, or were not read as printed.
    """
    for columns in _tables(paper.figures):
        judged = [(column, total, parts) for column in columns if (split := _split(column)) for total, parts in [split]]
        wrong = [(total, parts) for _, total, parts in judged if _off(total, parts)]
        if len(wrong) == len(judged) > 1:
            continue
        for total, parts in wrong:
            added = sum(part.value or 0 for part in parts)
            what = total.measure.replace("_", " ")
            label = total.period_label or "total"
            printed = total.value_text or _plain(total.value or 0)
            yield finding(
                "table_sums",
                paper,
                severity="medium",
                about=f"{what.capitalize()}, {label}",
                edition=paper.edition_name,
                stated=printed,
                computed=_plain(added),
                explanation=(
                    f"In the table of {what}, the column “{label}” prints a total of {printed}, "
                    f"but its {len(parts)} rows add up to {_plain(added)}."
                ),
                page=total.page,
                bbox=total.bbox,
            )


def parts_of_total(paper: Paper, shelf: Shelf) -> Iterator[Discrepancy]:
    """The same people by gender, by age, by origin: each grouping under a table's total comes to it.

    Judged are groupings that come to the total in several other columns: those that divide it.
    """
    measures: dict[str, list[Figure]] = defaultdict(list)
    for figure in paper.figures:
        measures[figure.measure].append(figure)
    for measure, cells in measures.items():
        head, _, group = measure.rpartition("/")
        if not head or group == "after_total" or head not in measures:
            continue
        totals = _totals_by_column(measures[head])
        columns: dict[str, list[Figure]] = defaultdict(list)
        for cell in cells:
            columns[services.key(cell.period_label or "")].append(cell)
        judged = [
            (totals[label], column)
            for label, column in columns.items()
            if label in totals and _is_plain([totals[label], *column])
        ]
        exact = sum(_difference(total, column) == 0 for total, column in judged)
        for total, column in judged:
            # One more or less may be rounding, unless all the other columns come out to the last one.
            if exact >= (_AGREEING if _off(total, column) else _ALL_AGREEING) and _is_beyond_warning(total, column):
                yield _group_finding(paper, group.replace("_", " "), total, column)


def _group_finding(paper: Paper, group: str, total: Figure, column: Sequence[Figure]) -> Discrepancy:
    added = _plain(sum(cell.value or 0 for cell in column))
    printed = total.value_text or _plain(total.value or 0)
    label = total.period_label or "total"
    return finding(
        "parts_of_total",
        paper,
        severity="medium",
        about=f"{group.capitalize()}, {label}",
        edition=paper.edition_name,
        stated=printed,
        computed=added,
        explanation=(
            f"The column “{label}” prints a total of {printed}; divided by {group}, its rows add up to {added}."
        ),
        page=total.page,
        other_page=column[0].page,
        bbox=total.bbox,
    )


def _totals_by_column(cells: Sequence[Figure]) -> dict[str, Figure]:
    """The total of each column that has exactly one."""
    totals = [cell for cell in cells if cell.is_total and cell.quote is None]
    labels = Counter(services.key(cell.period_label or "") for cell in totals)
    return {key: cell for cell in totals if labels[key := services.key(cell.period_label or "")] == 1 and key}


def _is_plain(cells: Sequence[Figure]) -> bool:
    """Whether a total and its parts can be added up: all there, of one unit, each row once."""
    total, *parts = cells
    labels = [services.key(cell.service or "") for cell in parts]
    if len(parts) < 2 or "" in labels or len(set(labels)) < len(labels) or any(cell.is_total for cell in parts):
        return False
    if any(_PART.search(cell.service or "") or _TOTAL.search(cell.service or "") for cell in parts):
        return False
    return not any(cell.value is None or cell.unit != total.unit or cell.unit == "%" or cell.quote for cell in cells)


def whole_numbers(paper: Paper, shelf: Shelf) -> Iterator[Discrepancy]:
    """What is counted is printed whole: there are no 95.3 complaints.

    Not judged: columns in which other cells have decimals too, which are averages or thousands.
    """
    columns: dict[tuple[str, str, str | None], list[Figure]] = defaultdict(list)
    for figure in paper.figures:
        if figure.measure in _COUNTED and figure.value is not None and figure.unit is None:
            columns[figure.measure, services.key(figure.period_label or ""), figure.quote].append(figure)
    for column in columns.values():
        broken = [cell for cell in column if cell.value != round(cell.value or 0)]
        if len(broken) != 1 or (len(column) == 1 and broken[0].quote is None):
            continue
        cell = broken[0]
        what = cell.measure.replace("_", " ")
        printed = cell.value_text or _plain(cell.value or 0)
        where = cell.service or "one row"
        label = f", {cell.period_label}" if cell.period_label else ""
        yield finding(
            "whole_numbers",
            paper,
            severity="low",
            about=f"{what.capitalize()}, {where}{label}",
            edition=paper.edition_name,
            stated=printed,
            computed="a whole number",
            explanation=f"The paper prints {printed} {what} for {where}{label}, and {what} come in whole numbers only.",
            page=cell.page,
            bbox=cell.bbox,
        )


def _tables(figures: Sequence[Figure]) -> list[list[list[Figure]]]:
    """The tables of a paper, each as its columns. Figures out of running text are no table."""
    cells = [figure for figure in figures if figure.quote is None and figure.period_label is not None]
    tables: dict[str, dict[str, list[Figure]]] = defaultdict(lambda: defaultdict(list))
    for cell in cells:
        tables[cell.measure][services.key(cell.period_label or "")].append(cell)
    return [[part for column in columns.values() for part in _pages_apart(column)] for columns in tables.values()]


def _pages_apart(column: list[Figure]) -> list[list[Figure]]:
    """One column that continues over pages stays one; two tables with the same header are two."""
    if sum(cell.is_total for cell in column) <= 1:
        return [column]
    pages: dict[int | None, list[Figure]] = defaultdict(list)
    for cell in column:
        pages[cell.page].append(cell)
    return list(pages.values())


def _split(column: Sequence[Figure]) -> tuple[Figure, list[Figure]] | None:
    """The total and the rows it should be the sum of; None where that cannot be judged."""
    totals = [cell for cell in column if cell.is_total]
    parts = [cell for cell in column if not cell.is_total]
    if len(totals) != 1 or len(parts) < 2:
        return None
    total = totals[0]
    labels = [services.key(cell.service or "") for cell in parts]
    if not _TOTAL.search(total.service or "") or "" in labels or max(Counter(labels).values()) > 1:
        return None
    if any(_PART.search(cell.service or "") or _TOTAL.search(cell.service or "") for cell in parts):
        return None
    if any(cell.value is None or cell.unit != total.unit or cell.unit == "%" for cell in column):
        return None
    return total, parts


def _off(total: Figure, parts: Sequence[Figure]) -> bool:
    return _difference(total, parts) > _tolerance(total, parts) + _DUST


def _difference(total: Figure, parts: Sequence[Figure]) -> float:
    return abs(round(sum(part.value or 0 for part in parts) - (total.value or 0), 6))


def _is_beyond_warning(total: Figure, parts: Sequence[Figure]) -> bool:
    """Whether the difference is more than the paper's own warning of rounding allows."""
    return _difference(total, parts) > max(cell.tolerance or 0 for cell in (total, *parts)) + _DUST


def _tolerance(total: Figure, parts: Sequence[Figure]) -> float:
    """What the paper allows; unless whole things are counted, at least the rounding of every cell."""
    cells = [total, *parts]
    warned = max((cell.tolerance or 0 for cell in cells), default=0)
    rounded = total.measure not in _COUNTED or any(_decimals(cell) for cell in cells) or total.unit is not None
    return max(warned, sum(10.0 ** -_decimals(cell) for cell in cells) / 2 if rounded else 0)


def _decimals(cell: Figure) -> int:
    match = re.search(r"\d\.(\d+)", cell.value_text or f"{cell.value:g}")
    return len(match[1]) if match else 0


def _plain(value: float) -> str:
    """1,512 or 12.5: as papers print it."""
    return f"{round(value, 6):,.6f}".rstrip("0").rstrip(".")
