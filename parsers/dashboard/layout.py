"""Which of a dashboard's tables is what, and which column of it holds what."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import pairwise

from parsers import grid, headed
from parsers.dashboard.columns import RATINGS, VALUES, Means, first, label, meaning, period, settled
from parsers.grid import Cell, Table
from parsers.headed import Column
from parsers.periods import Period
from parsers.text import collapse
from parsers.values import value_of

MOST_HEADER_ROWS = 4
REFERENCE = re.compile(r"(?P<ref>[A-Z][A-Za-z&]{0,7}[ -]?\d{1,4}(?:\.\d{1,2})?[a-z]?)(?P<marks>[\s*†‡]*)")
# "HT01: Potholes repaired", "HT01 – Potholes", "HT01 Potholes"
NAMED = re.compile(r"(?P<ref>[A-Z]{2,6}[ -]?\d{1,3}[a-z]?)\s*(?:[:–-]\s*|\s)(?P<name>\S.*)")
_RAG_WORD = re.compile(r"(?:green|amber|red|[gar])(?:\s*\((?:g|a|r)\))?", re.IGNORECASE)


class Kind(StrEnum):
    """What a table is."""

    INDICATORS = "indicators"
    ACTIVITY = "activity"
    SUMMARY = "summary"  # names and ratings, without values
    TREND = "trend"  # values of several periods, without ratings


@dataclass(frozen=True, eq=False)
class Layout:
    """A table's columns and what they mean."""

    kind: Kind
    columns: tuple[Column, ...]
    places: dict[Means, int]
    below: float  # where the body begins
    left: float  # of the table
    caption: str = ""  # what stands across the table above its header, or over the names
    dated: tuple[int, ...] = ()  # other columns whose headers are periods
    plain_rag: int | None = None  # a "RAG" that may be the month's or the year's
    period_column: int | None = None  # a column that says each row's own period
    unclear: tuple[str, ...] = ()  # what cannot be told, as sentences

    @property
    def key(self) -> int:
        """The column that makes the rows."""
        return self.places[Means.NAME]

    def header(self, means: Means) -> str:
        return self.columns[self.places[means]].header if means in self.places else ""


def layout(table: Table) -> Layout | None:
    """The layout of a table that has a header; None for other tables, and for those that a header is missing to."""
    rows = table.rows
    for start in range(min(len(rows), 3)):
        for depth in range(1, MOST_HEADER_ROWS + 1):
            if start + depth > len(rows):
                break
            found = _layout(table, rows, start, depth)
            if found is not None:
                return found
    return None


def parts(table: Table) -> list[Table]:
    """The table cut where another header begins: tables of several services often touch."""
    starts = [at for at, row in enumerate(table.rows) if at and _begins_header(table.rows[at - 1], row)]
    if not starts:
        return [table]
    found = []
    for start, end in pairwise([0, *starts, len(table.rows)]):
        rows = table.rows[start:end]
        top = table.bbox[1] if start == 0 else min(cell.bbox[1] for cell in rows[0])
        bottom = max(cell.bbox[3] for row in rows for cell in row)
        box = (table.bbox[0], top, table.bbox[2], bottom)
        found.append(Table(table.page, box, tuple(cell for row in rows for cell in row)))
    return found


def _begins_header(before: Sequence[Cell], row: Sequence[Cell]) -> bool:
    """A row of at least four names of columns, below one that is none."""
    return _heads(row) >= 4 and _heads(before) < 3


def _heads(row: Sequence[Cell]) -> int:
    """How many columns a row names."""
    said = [cell.text for cell in row if cell.text and not rates(cell.text) and not _is_reference(cell.text)]
    return len({what for text in said if (what := meaning(text)) is not None and not re.match(r"\d", text)})


def continued(before: Layout, table: Table) -> Layout | None:
    """The layout of the page before for a table without a header; None where the columns do not match."""
    shift = table.bbox[0] - before.left
    columns = tuple(replace(c, x0=c.x0 + shift, x1=c.x1 + shift) for c in before.columns)
    right = columns[-1].x1
    if abs(right - table.bbox[2]) > 12:
        return None
    for row in table.rows:
        cells = [c for c in row if c.bbox[2] - c.bbox[0] >= headed.SLIVER]
        if len(cells) < len(columns):
            continue
        holding = [
            next((n for n, c in enumerate(cells) if c.bbox[0] <= col.middle < c.bbox[2]), None) for col in columns
        ]
        if None not in holding and len(set(holding)) == len(columns):
            return replace(before, columns=columns, below=table.bbox[1] - 1, left=table.bbox[0], caption="")
    return None


def _layout(table: Table, rows: Sequence[Sequence[Cell]], start: int, depth: int) -> Layout | None:
    last = start + depth
    if _described(table, rows, start, last) is None:
        return None
    while last < len(rows) and last - start < MOST_HEADER_ROWS and _still_header(rows[last]):
        last += 1
    while last > start and (found := _described(table, rows, start, last)) is None:
        last -= 1
    above = [cell for row in rows[:start] for cell in row]
    return replace(found, caption=found.caption or headed.caption(above, table)) if found else None


def _still_header(row: Sequence[Cell]) -> bool:
    """Every cell with a text says what a column holds, or the row is the sliver of a double border."""
    texts = [cell.text for cell in row if cell.text]
    if not texts:
        return all(cell.bbox[3] - cell.bbox[1] < headed.SLIVER for cell in row) and all(not c.fill for c in row)
    return all(meaning(text) is not None and not _is_reference(text) and not rates(text) for text in texts)


def _is_reference(text: str) -> bool:
    return REFERENCE.fullmatch(text) is not None and period(text) is None


def rates(text: str) -> bool:
    """Whether a text is a rating: a word, or its letter."""
    return _RAG_WORD.fullmatch(collapse(text)) is not None


def _described(table: Table, rows: Sequence[Sequence[Cell]], start: int, last: int) -> Layout | None:
    cells = [cell for row in rows[start:last] for cell in row]
    below = min((c.bbox[1] for c in rows[last]), default=table.bbox[3]) if last < len(rows) else table.bbox[3]
    columns = headed.divided(headed.columns(table, cells), table, below=below)
    if len(columns) < 2:
        return None
    means = [meaning(column.header) for column in columns]
    if not any(what in VALUES or what in RATINGS or what is Means.IN_RANGE for what in means):
        return None
    means = _by_contents(table, columns, means, below)
    caption = _name_unnamed(columns, means)
    if caption is None:
        return None
    means, dated, period_column, unclear = _one_of_each(table, columns, means, below)
    kind = _kind(means, dated)
    if kind is None:
        return None
    if kind is Kind.INDICATORS and any(_unnamed_figures(table, c, below) for c in columns if not c.header):
        unclear.append("a column of figures has no header")
    plain = None
    told = settled(means)
    if told is not None:
        means = told
    elif kind is Kind.INDICATORS and means.count(Means.SOME_RAG) == 1:
        plain = means.index(Means.SOME_RAG)
    elif Means.SOME_RAG in means:
        unclear.append("cannot tell which column of ratings belongs to which value")
    return Layout(
        kind=kind,
        columns=tuple(columns),
        places=dict(first(means)),
        below=below,
        left=table.bbox[0],
        caption=caption or headed.caption(cells, table),
        dated=tuple(dated),
        plain_rag=plain,
        period_column=period_column,
        unclear=tuple(unclear),
    )


def _contents(table: Table, column: Column, below: float) -> list[Cell]:
    return [c for c in table.cells if c.bbox[0] <= column.middle < c.bbox[2] and c.bbox[1] >= below - headed.NEAR]


def _unnamed_figures(table: Table, column: Column, below: float) -> bool:
    return any(value_of(cell.text).value is not None for cell in _contents(table, column, below))


def _by_contents(
    table: Table, columns: Sequence[Column], means: Sequence[Means | None], below: float
) -> list[Means | None]:
    """Columns whose header says nothing, or the same as the one before, by what stands in them."""
    found = list(means)
    for at, column in enumerate(columns):
        same = at > 0 and found[at] is not None and column.header == columns[at - 1].header
        if not (found[at] is None or same or found[at] in VALUES):
            continue
        cells = [c for c in _contents(table, column, below) if c.text or c.fill or c.way]
        rated = sum(rates(c.text) or (not c.text and grid.rag_of_colour(c.fill) is not None) for c in cells)
        pointed = sum(c.way is not None and not c.text.strip("↑↓→⇑⇓⇒▲▼►") for c in cells)
        if cells and rated >= 0.5 * len(cells):
            found[at] = _rating_under(column.header, found[at])
        elif cells and pointed >= 0.5 * len(cells):
            found[at] = Means.DIRECTION
    return found


def _rating_under(header: str, means: Means | None) -> Means:
    """Which rating a column of ratings holds whose header does not say "RAG"."""
    if means is Means.LATEST:
        return Means.RAG
    return Means.YTD_RAG if means is Means.YTD else Means.SOME_RAG


def _name_unnamed(columns: Sequence[Column], means: list[Means | None]) -> str | None:
    """Finds the column of names where its header is none that is known (a service's name, or blank).

    The header's text comes back as the table's caption; None where no column can be the names.
    """
    if Means.NAME in means:
        return ""
    at = means.index(Means.REF) + 1 if Means.REF in means else 0
    if at < len(means) and means[at] is None:
        means[at] = Means.NAME
        return collapse(columns[at].header)
    return None


def _one_of_each(
    table: Table, columns: Sequence[Column], means: Sequence[Means | None], below: float
) -> tuple[list[Means | None], list[int], int | None, list[str]]:
    """Means with one column for each; the other dated columns; the column of periods; what is unclear."""
    found = list(means)
    unclear: list[str] = []
    period_column = None
    for at, what in enumerate(found):
        texts = [c.text for c in _contents(table, columns[at], below) if c.text]
        dates = sum(period(text) is not None for text in texts)
        if what in (Means.LATEST, None, Means.PREVIOUS) and texts and dates > 0.6 * len(texts):
            found[at], period_column = Means.OTHER, at
    dated = _settle_latest(columns, found, unclear)
    for what in (Means.YTD, Means.TARGET, Means.FLOOR, Means.PREVIOUS_YEAR, Means.REF, Means.NAME):
        places = [at for at, other in enumerate(found) if other is what]
        if len(places) < 2:
            continue
        if what in (Means.REF, Means.NAME):
            kept = [places[0]]
        elif what is Means.PREVIOUS_YEAR:
            # "Prev. Yr" and "Prev. Yr YTD": the month's own counterpart stands first.
            kept = [at for at in places if "ytd" not in columns[at].header.lower()][:1] or places[:1]
        else:
            kept = [at for at in places if not re.search(r"\bytd\b|to date", columns[at].header, re.IGNORECASE)]
        if len(kept) != 1:
            headers = ", ".join(repr(columns[at].header) for at in places)
            unclear.append(f"cannot tell which column is the {what}: {headers}")
        for at in places:
            if at != kept[0] if kept else True:
                found[at] = Means.OTHER
    return found, dated, period_column, unclear


def _settle_latest(columns: Sequence[Column], means: list[Means | None], unclear: list[str]) -> list[int]:
    """Leaves one latest value: the newest of several dated columns; the others come back."""
    places = [at for at, what in enumerate(means) if what is Means.LATEST]
    if len(places) < 2:
        return []
    dates = {at: when for at in places if (when := period(label(columns[at].header))) is not None}
    if len(dates) < len(places):
        named = [at for at in places if re.match(r"latest|current", columns[at].header, re.IGNORECASE)]
        if len(named) != 1 or any(at not in dates for at in places if at not in named):
            unclear.append("several columns may be the latest value: " + ", ".join(columns[at].header for at in places))
            named = named or places
        newest = named[0]
    else:
        newest = max(dates, key=lambda at: dates[at].end)
    others = [at for at in places if at != newest]
    for at in others:
        means[at] = Means.OTHER
        if (
            newest in dates
            and at in dates
            and _year_apart(dates[at], dates[newest])
            and Means.PREVIOUS_YEAR not in means
        ):
            means[at] = Means.PREVIOUS_YEAR
    return [at for at in others if means[at] is Means.OTHER]


def _year_apart(earlier: Period, later: Period) -> bool:
    return (earlier.end.year + 1, earlier.end.month) == (later.end.year, later.end.month)


def _kind(means: Sequence[Means | None], dated: Sequence[int]) -> Kind | None:
    has = set(means)
    rated = bool(has & set(RATINGS))
    valued = bool(has & set(VALUES))
    if Means.IN_RANGE in has or {Means.UPPER, Means.LOWER} <= has:
        return Kind.ACTIVITY
    if (
        valued
        and (rated or Means.FLOOR in has)
        and len(has & {Means.TARGET, Means.FLOOR, Means.YTD, Means.PREVIOUS_YEAR})
    ):
        return Kind.INDICATORS
    if rated and not valued and not has & {Means.TARGET, Means.FLOOR}:
        return Kind.SUMMARY
    if len(dated) >= 2 and (Means.REF in has or Means.NAME in has) and not rated:
        return Kind.TREND
    return None


def reference_and_name(ref: str, name: str) -> tuple[str | None, str]:
    """Reference and name of a row, where both may stand in one cell.

    >>> reference_and_name("HT0 1*", "Potholes repaired"), reference_and_name("", "WM03: Waste recycled")
    (('HT01', 'Potholes repaired'), ('WM03', 'Waste recycled'))
    >>> reference_and_name("", "Potholes repaired"), reference_and_name("", "KS2 results")
    ((None, 'Potholes repaired'), (None, 'KS2 results'))
    """
    ref = collapse(ref).strip("*†‡ :")
    if ref:
        ref = re.sub(r"(?<=\d)\s+(?=\w{1,2}$)", "", ref)  # a narrow column has broken it
        return ref, collapse(name)
    match = NAMED.fullmatch(collapse(name))
    if match and (re.search(r"\d{2}", match["ref"]) or re.match(r"[A-Z]+\d[a-z]?\s*[:–]", name)):
        return match["ref"], match["name"]
    return None, collapse(name)
