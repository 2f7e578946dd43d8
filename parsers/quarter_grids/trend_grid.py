"""Small tables of one indicator with quarters or years across: `Mar 13 | Jun 13 | …` over Actual, Target, Floor, RAG.

Pure: a ruled table in, its results by period out. Which indicator it belongs to, and which
column is the report's own, is for `parsers.quarter_grids` to say.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from parsers.boxes import around
from parsers.grid import Cell, Table
from parsers.periods import Period, joins, months_before
from parsers.quarter_grids.cells import is_rating, number_like
from parsers.quarter_grids.labels import (
    ACTUAL,
    FLOOR,
    FORECAST,
    OTHER,
    RATING,
    TARGET,
    column_period,
    label_unit,
    role_of,
)
from parsers.records import Bbox
from parsers.text import collapse

_TO_DATE = re.compile(r"\byear[\s-]*to[\s-]*date\b|\bytd\b|\bto\s*date\b", re.IGNORECASE)
_FORECAST = re.compile(r"\b(?:forecast|projection|projected|trajectory|planned|expected)", re.IGNORECASE)


@dataclass(frozen=True)
class Column:
    """One column of results."""

    label: str  # as printed, lines joined
    kind: str  # "month", "quarter", "year", "to_date", "forecast", or the role of a column beside the results
    period: Period | None
    left: float
    right: float


@dataclass(frozen=True)
class Row:
    """One row: what it holds, and its cell in each column."""

    role: str
    rank: int
    label: str
    unit: str | None  # as the label says: "%" of "Actual (%)"
    cells: dict[int, Cell]
    bbox: Bbox


@dataclass(frozen=True)
class TrendGrid:
    """A table of one indicator's results."""

    page: int
    bbox: Bbox
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    problems: tuple[str, ...] = ()
    caption: str = ""  # the header's first cell: "Trend data - quarter end"
    heads: tuple[Cell, ...] = ()  # of a grid whose quarters stand down the side: the header over its columns

    def row(self, role: str) -> Row | None:
        """The row that holds this; of several the one whose label says so most plainly."""
        found = sorted((row for row in self.rows if row.role == role), key=lambda row: row.rank)
        return found[0] if found else None

    def column(self, kind: str) -> int | None:
        return next((at for at, column in enumerate(self.columns) if column.kind == kind), None)

    def cell(self, role: str, at: int) -> Cell | None:
        """The cell of a row or of a column beside the results, for one column of results."""
        row = self.row(role)
        if row is not None and at in row.cells:
            return row.cells[at]
        beside = self.column(role)
        actual = self.row(ACTUAL)
        return actual.cells.get(beside) if actual is not None and beside is not None else None

    @property
    def is_rated(self) -> bool:
        return self.row(RATING) is not None or self.column(RATING) is not None

    @property
    def has_target(self) -> bool:
        return any(self.row(role) is not None or self.column(role) is not None for role in (TARGET, FLOOR))


@dataclass
class Parts:
    """A ruled table taken apart: rows that are no grid's, and grids, in the table's order."""

    parts: list[list[Cell] | TrendGrid] = field(default_factory=list)

    @property
    def grids(self) -> list[TrendGrid]:
        return [part for part in self.parts if isinstance(part, TrendGrid)]


def take_apart(table: Table) -> Parts:
    """Rows above and between the grids of a ruled table, and its grids. No grid: all its rows."""
    rows = table.rows
    found = Parts()
    at = 0
    while at < len(rows):
        header = _header(table, rows, at)
        if header is None:
            found.parts.append(rows[at])
            at += 1
            continue
        first, columns = header
        if _role_labels(rows[first - 1]) >= 2:  # quarters down, Actual and Target across
            turned = _turned(table, rows[first - 1 :])
            if turned is not None:
                found.parts.append(turned)
                return found
        body, at = _body(table, rows, first)
        found.parts.append(_grid(table, rows[first - 1], columns, body))
    if not found.grids:
        for at, row in enumerate(rows):
            if _role_labels(row) >= 2 and (turned := _turned(table, rows[at:])) is not None:
                return Parts([*rows[:at], turned])
    return found


def continued(grid: TrendGrid, table: Table) -> TrendGrid | None:
    """The grid with the rows that a page's end pushed over; None where the table is something else."""
    parts = take_apart(table)
    rows = [row for row in table.rows if any(cell.text or cell.rag for cell in row)]
    if grid.heads and not parts.grids:
        return _turned_on(grid, table, rows)
    more: list[Row] = []
    if parts.grids:
        again = parts.grids[0]
        if [c.label for c in again.columns] != [c.label for c in grid.columns] or len(parts.parts) > 1:
            return None
        more = list(again.rows)
    elif rows and all(len(row) > 1 and row[0].text and _role_labels(row) < 2 for row in rows):
        for row in rows:
            line, problems = _row(grid.columns, row)
            if problems:
                return None
            more.append(line)
    held = {row.role for row in grid.rows if row.role != OTHER}
    if any(row.role in held for row in more) or all(row.role == OTHER for row in more):
        return None
    return replace(grid, rows=(*grid.rows, *more))


def is_torn_off(table: Table) -> bool:
    """Rows of results whose header stands elsewhere: Actual over Target, or quarters down the side with figures."""
    rows = [row for row in table.rows if len(row) > 1]
    labels = {role_of(row[0].text)[0] for row in rows}
    if {ACTUAL, TARGET} <= labels or {TARGET, RATING} <= labels or {FLOOR, RATING} <= labels:
        return True
    return bool(rows) and all(
        column_period(row[0].text) and any(number_like(cell.text) for cell in row[1:]) for row in rows
    )


def _turned_on(grid: TrendGrid, table: Table, rows: list[list[Cell]]) -> TrendGrid | None:
    """More quarters of a grid whose quarters stand down the side."""
    if not rows or not all(column_period(row[0].text) for row in rows):
        return None
    below = _turned(table, [[grid.heads[0], *grid.heads[1:]], *rows], least=1)
    if below is None or [row.label for row in below.rows] != [row.label for row in grid.rows]:
        return None
    shift = len(grid.columns)
    joined = [
        replace(row, cells=row.cells | {at + shift: cell for at, cell in more.cells.items()})
        for row, more in zip(grid.rows, below.rows, strict=True)
    ]
    columns = (*grid.columns, *below.columns)
    months = [c.period for c in columns if c.period]
    kinds = {c.kind for c in grid.columns}
    columns = tuple(
        replace(c, kind="quarter", period=Period(months_before(c.period.end, 3), c.period.end))
        if c.kind == "month" and c.period and kinds == {"quarter"} and not c.period.end.month % 3
        else c
        for c in columns
    )
    return replace(grid, columns=columns, rows=tuple(joined)) if months else None


# --- headers ------------------------------------------------------------------------------


def _header(table: Table, rows: Sequence[list[Cell]], at: int) -> tuple[int, tuple[Column, ...]] | None:
    """(first row of the body, columns) of a header that begins in this row; of one line or of two."""
    if _is_body(rows[at]):
        return None
    own = _columns(rows[at], rows[at - 1] if at and not _is_body(rows[at - 1]) else [])
    dated = [column for column in own if column.period]
    if not dated:
        return None
    if at + 1 < len(rows) and not _is_body(rows[at + 1]):  # years over quarters
        below = _columns(rows[at + 1], rows[at])
        if len([column for column in below if column.period]) >= 2:
            return at + 2, below
    roles = {role_of(row[0].text)[0] for row in rows[at + 1 : at + 5]}
    if len(dated) >= 2 or (ACTUAL in roles and roles & {TARGET, RATING}):
        return at + 1, own
    return None


def _is_body(row: list[Cell]) -> bool:
    """A row of results: it begins with a label such as Actual or Target."""
    return bool(row) and role_of(row[0].text)[0] != OTHER and _role_labels(row) < 2


def _role_labels(row: list[Cell]) -> int:
    return sum(role_of(cell.text)[0] in (ACTUAL, TARGET, FLOOR, RATING) for cell in row)


def _columns(row: list[Cell], above: list[Cell]) -> tuple[Column, ...]:
    """The header's columns right of the labels; none where a cell is neither period nor known label."""
    columns: list[Column] = []
    for cell in row:
        if not cell.text or (cell is row[0] and len(row) > 1 and not column_period(cell.text)):
            continue
        middle = (cell.bbox[0] + cell.bbox[2]) / 2
        over = next((c for c in above if c.bbox[0] <= middle <= c.bbox[2]), None)
        columns.append(_column(cell, over))
    months = [column.period for column in columns if column.kind == "month" and column.period]
    return tuple(_meant(column, row[0].text, months) for column in columns)


def _column(cell: Cell, above: Cell | None) -> Column:
    unbroken = "".join(cell.lines)
    overs = list(joins(above.lines)) if above is not None else [""]
    tries = ((text, over) for over in overs for text in joins(cell.lines))
    label, found = next(
        ((text, found) for text, over in tries if (found := column_period(text, over))), (cell.text, None)
    )
    over = overs[0]
    role, _ = role_of(cell.text)
    if role == OTHER:
        role, _ = role_of(unbroken)
    if _FORECAST.search(f"{over} {cell.text}") or _FORECAST.search(unbroken):
        kind = FORECAST
    elif _TO_DATE.search(cell.text) or _TO_DATE.search(unbroken) or unbroken.lower() == "yeartodate":
        kind = "to_date"
    elif found is not None and (role == OTHER or not re.match(r"[A-Za-z]", cell.text)):
        kind = found[0]
    else:
        kind, found = role, None
    when = found[1] if found else None
    return Column(collapse(label), kind, when, cell.bbox[0], cell.bbox[2])


def _meant(column: Column, caption: str, months: list[Period]) -> Column:
    """Months at the ends of quarters stand for their quarters, months a year apart for years."""
    if column.period is None or column.kind not in ("month", FORECAST) or not months:
        return column
    ends = sorted(month.end for month in months)
    steps = {(b.year - a.year) * 12 + b.month - a.month for a, b in pairwise(ends)}
    if any(end.month % 3 for end in ends) or (steps and any(step % 3 for step in steps)):
        return column
    year = bool(steps) and all(step % 12 == 0 for step in steps)
    rolling = re.search(r"rolling|12\s?m(?:on)?ths?|twelve months|year\s+(?:to|end)", caption, re.IGNORECASE)
    back = 12 if year or rolling else 3
    end = column.period.end
    kind = column.kind if column.kind == FORECAST else ("year" if year else "quarter")
    return replace(column, kind=kind, period=Period(months_before(end, back), end))


# --- bodies -------------------------------------------------------------------------------


def _body(table: Table, rows: Sequence[list[Cell]], first: int) -> tuple[list[list[Cell]], int]:
    """Rows up to the next header, or to the first row that spans the table and so belongs to no column."""
    body: list[list[Cell]] = []
    at = first
    while at < len(rows):
        row = rows[at]
        filled = [cell for cell in row if cell.text or cell.rag or cell.way]
        if body and (_header(table, rows, at) is not None or _spans(table, row)):
            break
        if body and filled and role_of(row[0].text)[0] == OTHER and _ends_grid(row):
            break
        if filled:
            body.append(row)
        at += 1
    return body, at


def _spans(table: Table, row: list[Cell]) -> bool:
    wide = table.bbox[2] - table.bbox[0]
    return len(row) == 1 and row[0].bbox[2] - row[0].bbox[0] > 0.9 * wide


def _ends_grid(row: list[Cell]) -> bool:
    """A row of another indicator: its title and its rating."""
    filled = [cell for cell in row if cell.text or cell.rag]
    return len(filled) == 2 and len(filled[0].text) > 12 and is_rating(filled[1]) and not number_like(filled[1].text)


def _grid(table: Table, header: list[Cell], columns: tuple[Column, ...], body: list[list[Cell]]) -> TrendGrid:
    rows, problems = [], []
    for cells in body:
        row, wrong = _row(columns, cells)
        rows.append(row)
        problems += wrong
    every = [*header, *(cell for cells in body for cell in cells)]
    bbox = around(cell.bbox for cell in every)
    ranks = [row.rank for row in rows if row.role == ACTUAL]
    if ranks and ranks.count(min(ranks)) > 1:
        problems.append("two rows could both hold the result")
    for at, column in enumerate(columns):
        cells = [row.cells[at] for row in rows if row.role == ACTUAL and at in row.cells]
        if column.kind == OTHER and any(number_like(cell.text) for cell in cells):
            problems.append(f"cannot tell the period of the column {column.label!r}")
    periods = [(column.kind, column.period) for column in columns if column.period]
    if len(set(periods)) < len(periods):
        problems.append("two columns are headed with the same period")
    for role in (TARGET, FLOOR, RATING):
        if sum(row.role == role for row in rows) > 1:
            problems.append(f"two rows could both hold the {role}")
    caption = header[0].text if header else ""
    return TrendGrid(table.page, bbox, columns, tuple(rows), tuple(problems), caption)


def _row(columns: Sequence[Column], cells: list[Cell]) -> tuple[Row, list[str]]:
    """The row with each cell in its column, and what could not be told."""
    label, problems = cells[0].text, []
    role, rank = role_of(label)
    placed: dict[int, Cell] = {}
    for cell in cells[1:]:
        under = list(_under(columns, cell))
        if len(under) > 1 and role not in (TARGET, FLOOR) and (cell.text or cell.rag):
            if role == OTHER and not number_like(cell.text):
                continue  # a remark across the columns
            problems.append(f"{label!r}: {cell.text!r} stands under {len(under)} columns")
        for at in under:
            if at in placed and (cell.text or cell.rag) and (placed[at].text or placed[at].rag):
                problems.append(f"{label!r}: {placed[at].text!r} and {cell.text!r} stand under {columns[at].label!r}")
            elif at not in placed or cell.text or cell.rag:
                placed[at] = cell
        if not under and number_like(cell.text):
            problems.append(f"{label!r}: {cell.text!r} stands under no column")
    return Row(role, rank, label, label_unit(label), placed, around(cell.bbox for cell in cells)), problems


def _under(columns: Sequence[Column], cell: Cell) -> Iterator[int]:
    """Columns that a cell stands under: those whose middle it covers, else the one that covers its middle."""
    covered = [at for at, c in enumerate(columns) if cell.bbox[0] <= (c.left + c.right) / 2 <= cell.bbox[2]]
    if covered:
        yield from covered
        return
    middle = (cell.bbox[0] + cell.bbox[2]) / 2
    yield from (at for at, c in enumerate(columns) if c.left <= middle <= c.right)


def _turned(table: Table, rows: list[list[Cell]], least: int = 2) -> TrendGrid | None:
    """A grid whose quarters stand down the side, as if they stood across."""
    header, body = rows[0], [row for row in rows[1:] if row[0].text]
    dated = [(row, found) for row in body if (found := column_period(row[0].text))]
    if len(dated) < least or len(dated) != len(body):
        return None
    columns = [
        Column(row[0].text, FORECAST if _FORECAST.search(row[0].text) else kind, when, 0, 0)
        for row, (kind, when) in dated
    ]
    months = [c.period for c in columns if c.kind == "month" and c.period]
    columns = [_meant(column, header[0].text, months) for column in columns]
    lines = []
    for head in header[1:]:
        middle = (head.bbox[0] + head.bbox[2]) / 2
        cells = {
            at: cell for at, (row, _) in enumerate(dated) for cell in row[1:] if cell.bbox[0] <= middle <= cell.bbox[2]
        }
        role, rank = role_of(head.text)
        lines.append(Row(role, rank, head.text, label_unit(head.text), cells, head.bbox))
    return TrendGrid(table.page, table.bbox, tuple(columns), tuple(lines), (), header[0].text, tuple(header))
