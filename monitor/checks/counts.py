"""Checks of a report's own numbers of indicators: do they add up, are they those of its pages?"""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence

from db.discrepancies import Discrepancy
from monitor.checks.shelf import WHO_SAYS, Shelf, edition_name, finding, own_edition, readings_of
from monitor.checks.tally import FAMILIES, RATINGS, Family, figures, unlike, values
from monitor.facts import Edition, Paper
from parsers import services
from parsers.records import KpiReading, RagCount, StatedIn
from parsers.text import matching

# "one had no data at time of publication", "two were not RAG rated", "new indicators without a rating"
_UNRATED = re.compile(
    r"no (?:\w+ ){0,2}data|data (?:\w+ ){0,3}not (?:\w+ ){0,2}available|data (?:\w+ ){0,3}unavailable"
    r"|not (?:\w+ ){0,2}(?:rag[- ]?)?rated|unrated|without (?:\w+ ){0,2}(?:rating|target|data)"
    r"|no (?:\w+ ){0,2}(?:rating|target)|not (?:\w+ ){0,1}(?:reported|comparable|applicable)|awaiting|pending"
    r"|suspended|n/a\b|(?:could|can) ?not be (?:\w+ )?(?:rated|assessed|judged|compared)",
    re.IGNORECASE,
)
_INDICATOR = re.compile(r"\b(?:kpis?|indicators?|measures?)\b", re.IGNORECASE)


def counts_add_up(paper: Paper, shelf: Shelf) -> Iterator[Discrepancy]:
    """Green, Amber and Red make the stated number of indicators; so do the directions.

    Fewer than stated is right where the paper says that some have no rating, or where the report's
    own pages show that many without one.
    """
    for count in paper.counts:
        total = count.total if count.total is not None else _report_total(count, paper)
        if total is None:
            continue
        wrong = [f for f in FAMILIES if _off(count, total, paper, shelf, f)]
        if not wrong:
            continue
        sums = [f"{_sum_in_words(values(count, f), f)} = {_added(count, f)}" for f in wrong]
        yield finding(
            "counts_add_up",
            paper,
            severity="medium",
            about=count.service or "All indicators",
            edition=edition_name(count, paper),
            stated=f"{total} indicators",
            computed="; ".join(sums),
            explanation=(
                f"According to {WHO_SAYS[count.stated_in]} there are {total} indicators"
                f"{f' in {count.service}' if count.service else ''}, but the "
                f"{' and the '.join(f'{f.what} given there add up to {_added(count, f)}' for f in wrong)}"
                f" ({'; '.join(sums)})."
            ),
            page=count.page,
        )


def _off(count: RagCount, total: int, paper: Paper, shelf: Shelf, family: Family) -> bool:
    """Whether the family's numbers cannot come to the total."""
    known = [value for value in values(count, family) if value is not None]
    missing = total - sum(known)
    if missing < 0:
        return True
    return len(known) == 3 and missing > 0 and not _explained(count, paper, shelf, family, missing)


def _added(count: RagCount, family: Family) -> int:
    return sum(value or 0 for value in values(count, family))


def _report_total(count: RagCount, paper: Paper) -> int | None:
    """The number that the report's key page gives, for its table's total row, which prints none."""
    if count.stated_in is not StatedIn.REPORT or count.service is not None or not count.in_table:
        return None
    edition = own_edition(count, paper)
    return edition.report.kpi_total if edition else None


def _sum_in_words(numbers: Sequence[int | None], family: Family) -> str:
    """'17 Green + 12 Amber + 9 Red'."""
    return " + ".join(f"{n} {word}" for n, word in zip(numbers, family.words, strict=True) if n is not None)


def _explained(count: RagCount, paper: Paper, shelf: Shelf, family: Family, missing: int) -> bool:
    """Whether *missing* indicators without a rating (or direction) are accounted for."""
    if _UNRATED.search(matching(count.quote or "")):
        return True
    edition = own_edition(count, paper) or shelf.edition(edition_name(count, paper))
    if edition is not None:
        readings = readings_of(edition, count.service)
        if sum(_is_blank(reading, family) for reading in readings) >= missing:
            return True
    # In running text the explanation may stand in a later sentence. A report explains itself by its rows.
    return not paper.editions and any(
        _INDICATOR.search(sentence) and _UNRATED.search(sentence) for sentence in matching(paper.text).split(". ")
    )


def _is_blank(reading: KpiReading, family: Family) -> bool:
    return (reading.rag if family is RATINGS else reading.direction) is None


def summary_matches_rows(paper: Paper, shelf: Shelf) -> Iterator[Discrepancy]:
    """Each row of the summary table, and its total, agrees with the indicators on the pages behind it."""
    for count in paper.counts:
        edition = own_edition(count, paper)
        if count.stated_in is not StatedIn.REPORT or edition is None or not count.in_table:
            continue
        readings = readings_of(edition, count.service)
        if not readings:
            continue  # a service that is named otherwise on its pages: `summary_adds_up` looks at it
        wrong = [item for family in FAMILIES for item in unlike(count, readings, family)]
        stated = [(item.column, item.said) for item in wrong]
        counted = [(item.column, item.counted) for item in wrong]
        if count.total is not None and count.total != len(readings):
            stated.append(("total", count.total))
            counted.append(("total", len(readings)))
        if stated:
            where = count.service or "the whole council"
            yield finding(
                "summary_matches_rows",
                paper,
                severity="medium",
                about=count.service or "All indicators",
                edition=edition.name,
                stated=figures(stated),
                computed=figures(counted),
                explanation=(
                    f"The summary gives {figures(stated)} for {where}; "
                    f"counted on the indicators' own pages it is {figures(counted)}."
                ),
                page=count.page,
                other_page=min(reading.page for reading in readings),
            )


def summary_adds_up(paper: Paper, shelf: Shelf) -> Iterator[Discrepancy]:
    """Where rows of the summary table cannot be held against indicators, against each other at least.

    Its columns make its total row, and a service has the same numbers at the head of its own pages.
    """
    for edition in paper.editions:
        rows = [c for c in paper.counts if c.stated_in is StatedIn.REPORT and c.in_table and own_edition(c, paper)]
        total = next((row for row in rows if row.service is None), None)
        parts = [row for row in rows if row.service is not None]
        if total is None or all(readings_of(edition, row.service) for row in parts):
            continue  # `summary_matches_rows` has seen them all
        listed = [row for row in parts if row.page == total.page]
        yield from _column_sums(paper, edition, total, listed)
        yield from _repeated(paper, edition, listed, [row for row in parts if row.page != total.page])


def _column_sums(paper: Paper, edition: Edition, total: RagCount, parts: Sequence[RagCount]) -> Iterator[Discrepancy]:
    names = [services.key(row.service or "") for row in parts]
    if len(parts) < 2 or len(set(names)) < len(names):
        return
    off = []
    columns = [column for family in FAMILIES for column in family.columns]
    for column in columns:
        cells = [getattr(row, column) for row in parts]
        printed = getattr(total, column)
        if printed is not None and None not in cells and sum(cells) != printed:
            off.append((column, printed, sum(cells)))
    # A column that another was mistaken for, or a row that was not read, would put most columns out.
    if not off or len(off) > 2:
        return
    stated, added = figures((c, n) for c, n, _ in off), figures((c, n) for c, _, n in off)
    yield finding(
        "summary_adds_up",
        paper,
        severity="medium",
        about="All indicators",
        edition=edition.name,
        stated=stated,
        computed=added,
        explanation=f"The last row of the summary table gives {stated}; the rows above it add up to {added}.",
        page=total.page,
    )


def _repeated(
    paper: Paper, edition: Edition, listed: Sequence[RagCount], heads: Sequence[RagCount]
) -> Iterator[Discrepancy]:
    """A service's row of the summary table beside the row at the head of its own pages."""
    at_head: dict[str, list[RagCount]] = defaultdict(list)
    for row in heads:
        at_head[services.key(row.service or "")].append(row)
    for row in listed:
        again = at_head[services.key(row.service or "")]
        if len(again) != 1 or readings_of(edition, row.service):
            continue
        pairs = [
            (column, here, there)
            for family in FAMILIES
            for column, here, there in zip(family.columns, values(row, family), values(again[0], family), strict=True)
            if here is not None and there is not None and here != there
        ]
        if pairs:
            stated, other = figures((c, n) for c, n, _ in pairs), figures((c, n) for c, _, n in pairs)
            yield finding(
                "summary_adds_up",
                paper,
                severity="medium",
                about=str(row.service),
                edition=edition.name,
                stated=stated,
                computed=other,
                explanation=f"The summary table gives {stated} for {row.service}; its own pages begin with {other}.",
                page=row.page,
                other_page=again[0].page,
            )
