"""Tables read by their headers: what each column is called, and what stands under it in each row.

Pure geometry on `grid.Table`. A header may have several levels ("Latest month" over "Mar-25" and
"RAG"), cells may be merged across and down, rules between cells may be missing; what a row says
under a column is told by where it stands, not by counting cells.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from parsers import arrows
from parsers.grid import Cell, Table
from parsers.pdf import Fill, Image, Page, Path, Word, lines_of
from parsers.records import Bbox
from parsers.text import collapse

NEAR = 3.0  # points between edges that are one edge
SLIVER = 5.0  # points; what is lower or narrower lies between the rules of a double border


@dataclass(frozen=True, eq=False)
class Column:
    """A column and what its header says, all levels from the top down."""

    header: str
    x0: float
    x1: float

    @property
    def middle(self) -> float:
        return (self.x0 + self.x1) / 2


@dataclass(frozen=True, eq=False)
class Field:
    """What stands in one row under one column."""

    words: tuple[Word, ...]
    bbox: Bbox
    fill: tuple[float, float, float] | None
    way: arrows.Way | None

    @cached_property
    def text(self) -> str:
        return collapse(" ".join(line.text for line in lines_of(self.words)))


@dataclass(frozen=True, eq=False)
class Row:
    """One row of the table's body; `fields` by the number of their column."""

    page: int
    bbox: Bbox
    fields: dict[int, Field]
    doubled: tuple[int, ...] = ()  # columns in which two texts stand one above the other

    def text(self, column: int | None) -> str:
        field = self.fields.get(column) if column is not None else None
        return field.text if field else ""

    @property
    def printed(self) -> str:
        """The row's texts as evidence."""
        return " | ".join(text for column in sorted(self.fields) if (text := self.fields[column].text))


@dataclass(frozen=True, eq=False)
class Heading:
    """A cell across the table that begins a part of it."""

    text: str
    y: float


def columns(table: Table, header: Sequence[Cell]) -> list[Column]:
    """The columns under some rows of header cells; a cell over all columns is a caption and names none."""
    wide = 0.9 * (table.bbox[2] - table.bbox[0])
    cells = [cell for cell in header if cell.bbox[2] - cell.bbox[0] < wide]
    found: list[tuple[Column, list[Cell]]] = []
    edges = _edges([x for cell in cells for x in (cell.bbox[0], cell.bbox[2])])
    for x0, x1 in pairwise(edges):
        middle = (x0 + x1) / 2
        stack = sorted((c for c in cells if c.bbox[0] <= middle < c.bbox[2]), key=lambda c: c.bbox[1])
        if found and (x1 - x0 < SLIVER or stack == found[-1][1]):
            before, cells_before = found.pop()
            found.append((Column(before.header, before.x0, x1), cells_before))
        elif stack:
            found.append((Column(_header(stack), x0, x1), stack))
    return [column for column, _ in found]


def divided(columns: Sequence[Column], table: Table, *, below: float) -> list[Column]:
    """The columns, with those cut in two under which most rows have two cells: one header over value and rating."""
    cells = [c for c in table.cells if c.bbox[1] >= below - NEAR and c.bbox[3] - c.bbox[1] >= SLIVER]
    rows = len({round(c.bbox[1]) for c in cells}) or 1
    found = []
    for column in columns:
        inside = [c.bbox[0] for c in cells if column.x0 + SLIVER < c.bbox[0] < column.x1 - SLIVER]
        edges = [x for x in _edges(inside) if sum(abs(x - other) <= NEAR for other in inside) > rows / 2]
        for x0, x1 in zip([column.x0, *edges], [*edges, column.x1], strict=True):
            found.append(Column(column.header, x0, x1))
    return found


def _header(stack: Sequence[Cell]) -> str:
    levels = [cell.text for cell in stack if cell.text]
    return collapse(" ".join(text for at, text in enumerate(levels) if text not in levels[:at]))


def _edges(xs: Sequence[float]) -> list[float]:
    edges: list[float] = []
    for x in sorted(xs):
        if not edges or x - edges[-1] > NEAR:
            edges.append(x)
    return edges


def caption(header: Sequence[Cell], table: Table) -> str:
    """What a cell across the whole table says above its header; "" where there is none."""
    wide = 0.9 * (table.bbox[2] - table.bbox[0])
    return collapse(" ".join(c.text for c in header if c.text and c.bbox[2] - c.bbox[0] >= wide))


def body(table: Table, columns: Sequence[Column], *, key: int, below: float) -> list[Row | Heading]:
    """Rows below a header, one for each cell of the key column, and the headings between them.

    Cells that another column divides or merges are told by their middles: a cell merged down
    counts for every row beside it.
    """
    cells = [c for c in table.cells if c.bbox[3] - c.bbox[1] >= SLIVER or c.words]
    middle = columns[key].middle
    keys = [c for c in cells if c.bbox[0] <= middle < c.bbox[2] and (c.bbox[1] + c.bbox[3]) / 2 > below]
    found: list[Row | Heading] = []
    for cell in sorted(keys, key=lambda c: c.bbox[1]):
        across = sum(cell.bbox[0] <= column.middle < cell.bbox[2] for column in columns)
        if across > max(2, len(columns) // 2):
            if cell.text:
                found.append(Heading(cell.text, cell.bbox[1]))
            continue
        row = _row(table, columns, cells, cell, below)
        if any(field.words or field.fill or field.way for field in row.fields.values()):
            found.append(row)
    return found


def _row(table: Table, columns: Sequence[Column], cells: Sequence[Cell], key: Cell, below: float) -> Row:
    top, bottom = key.bbox[1], key.bbox[3]
    level = (top + bottom) / 2
    beside = [
        cell
        for cell in cells
        if (cell.bbox[1] <= level < cell.bbox[3] or top <= (cell.bbox[1] + cell.bbox[3]) / 2 < bottom)
        and (cell.bbox[1] + cell.bbox[3]) / 2 > below
    ]
    fields: dict[int, Field] = {}
    doubled = []
    for at in range(len(columns)):
        parts = [field for cell in beside if (field := _field(cell, at, columns)) is not None]
        said = [part for part in parts if part.words]
        if len({part.text for part in said}) > 1:
            doubled.append(at)
        shown = said or [part for part in parts if part.fill or part.way] or parts
        if shown:
            fields[at] = shown[0]
    box = (table.bbox[0], top, table.bbox[2], bottom)
    return Row(table.page, box, fields, tuple(doubled))


def _field(cell: Cell, at: int, columns: Sequence[Column]) -> Field | None:
    """The cell's part under a column; None where it has none there."""
    column = columns[at]
    under = [n for n, other in enumerate(columns) if cell.bbox[0] <= other.middle < cell.bbox[2]]
    if not under:  # the header's cell is wider than this one
        inside = column.x0 <= (cell.bbox[0] + cell.bbox[2]) / 2 < column.x1
        return _whole(cell) if inside else None
    if at not in under:
        return None
    if len(under) == 1:
        return _whole(cell)
    words = tuple(word for word in cell.words if column.x0 <= word.cx < column.x1)
    if _straddles(cell.words, [columns[n] for n in under]):
        # One text across merged cells: it counts for the first of them.
        words = cell.words if at == under[0] else ()
    return Field(words, (column.x0, cell.bbox[1], column.x1, cell.bbox[3]), cell.fill, cell.way)


def _straddles(words: Sequence[Word], columns: Sequence[Column]) -> bool:
    return any(word.x0 < column.x0 - NEAR and word.x1 > column.x0 + NEAR for word in words for column in columns[1:])


def _whole(cell: Cell) -> Field:
    return Field(cell.words, cell.bbox, cell.fill, cell.way)


def within(mark: Fill | Path | Image, box: Bbox) -> bool:
    """Whether a mark lies in a cell and is large enough to be seen as one."""
    x0, y0, x1, y1 = mark[:4]
    middle = box[0] <= (x0 + x1) / 2 < box[2] and box[1] <= (y0 + y1) / 2 < box[3]
    return middle and 3 <= x1 - x0 <= box[2] - box[0] + 1 and 3 <= y1 - y0 <= box[3] - box[1] + 1


def drawn_in(part: Field, page: Page) -> bool:
    """Whether a drawing or a picture stands in a cell."""
    marks: list[Path | Image] = [*page.paths, *page.images]
    return any(within(mark, part.bbox) for mark in marks)
