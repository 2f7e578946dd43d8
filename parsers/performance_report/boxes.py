"""Boxes of a performance report: title with rating and arrow, a chart, and the strip of values.

A box may be one table or several; a page's end may cut it anywhere. Its rows are kept until its
strip closes it.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from parsers import arrows
from parsers.grid import Cell, Table
from parsers.pdf import Page
from parsers.performance_report.strip import RAG_WORD, Parts, Title, parts_of, rag_of, reading_of
from parsers.records import Bbox, KpiReading
from parsers.text import collapse

SHORTEST_TITLE = 8  # letters
_Row = tuple[Table, list[Cell]]


def strip_of(row: list[Cell]) -> Parts | None:
    """The strip under a chart as label -> texts; None for other rows."""
    return parts_of(" ".join(cell.text for cell in row))


def has_strip(table: Table) -> bool:
    return any(strip_of(row) is not None for row in table.rows)


def is_box(table: Table) -> bool:
    """A table with a strip, or the upper part of one whose strip stands further on."""
    if has_strip(table):
        return True
    # A list, and the key to the ratings, have several such rows.
    return len(table.rows) <= 3 and [_rated_title(row) is not None for row in table.rows].count(True) == 1


@dataclass
class Boxes:
    """What has been read of the boxes so far, page after page."""

    readings: list[KpiReading] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    open: list[_Row] = field(default_factory=list)  # rows of a box that is not closed yet

    def read(self, page: Page, table: Table, section: str) -> None:
        """One or several boxes, or a part of one: rows up to and with a strip belong together."""
        for row in table.rows:
            parts = strip_of(row)
            if parts is not None:
                rows, self.open = self.open, []
                self._close(page, table, rows, row, parts, section)
            elif any(cell.text or cell.rag or cell.patches for cell in row):
                if _rated_title(row) is not None and any(_rated_title(earlier) for _, earlier in self.open):
                    self.unclosed()
                self.open.append((table, row))

    def unclosed(self) -> None:
        """A box has begun and its strip was not met."""
        rated = next((row for _, row in self.open if _rated_title(row) is not None), None)
        if self.open:
            table, row = self.open[0]
            shown = collapse(" ".join(cell.text for cell in rated or row))[:80]
            self.problems.append(f"page {table.page}: a box without values: {shown!r}")
        self.open = []

    def _close(self, page: Page, table: Table, rows: list[_Row], strip: list[Cell], parts: Parts, section: str) -> None:
        home, row = next(((t, r) for t, r in rows if _rated_title(r) is not None), (table, None))
        if row is None:
            home, row = next(((t, r) for t, r in rows if r[0].text), (table, None))
        if row is None:
            shown = collapse(" ".join(cell.text for cell in strip))
            self.problems.append(f"page {page.number}: values without a title: {shown!r}")
            return
        title, problems = _title(home, row, table, strip)
        reading, more = reading_of(title, section, parts)
        self.problems += [f"page {home.page}: {title.name!r}: {problem}" for problem in (*problems, *more)]
        self.readings.append(reading)


def _rated_title(row: list[Cell]) -> tuple[list[Cell], list[Cell]] | None:
    """(cells of the title, cells of its rating and arrow) of a box's first row; None for other rows.

    The rating may stand on either side of the title, or within its cell on a ground of its own;
    the arrow stands with it or has a cell to itself.
    """
    title: list[Cell] = []
    rated: list[Cell] = []
    for cell in _with_patches(row):
        if _is_rating(cell):
            rated.append(cell)
        elif cell.text and not (cell.way and len(_letters(cell.text)) < 2):
            title.append(cell)
        elif cell.way:
            rated.append(cell)
    if not any(cell.rag or RAG_WORD.search(cell.text) for cell in rated):
        return None
    words = " ".join(cell.text for cell in title)
    return (title, rated) if len(_letters(words)) >= SHORTEST_TITLE and len(title) <= 2 else None


def _with_patches(row: list[Cell]) -> Iterator[Cell]:
    for cell in row:
        yield cell
        yield from cell.patches


def _is_rating(cell: Cell) -> bool:
    """Nothing but a rating's word, letter or shading, perhaps with an arrow or the trend in words."""
    words = [word for word in cell.text.split() if _letters(word)]
    if words and words[0].lower() in ("green", "amber", "red", "g", "a", "r"):
        rest = " ".join(words[1:])
        return not rest or arrows.way_of_words(rest) is not None
    return not words and cell.rag is not None


def _letters(text: str) -> str:
    return "".join(char for char in text if char.isalnum())


def _title(home: Table, row: list[Cell], table: Table, strip: list[Cell]) -> tuple[Title, list[str]]:
    """What the first row of a box says, and what is wrong with it."""
    parts = _rated_title(row)
    titles, rated = parts if parts is not None else ([row[0]], row[1:])
    name = collapse(" ".join(cell.text for cell in titles))
    rag = way = None
    problems: list[str] = []
    for cell in rated:
        found, problem = rag_of(cell)
        if problem:
            problems.append(problem)
        if found is not None and rag is not None and found is not rag:
            problems.append(f"rated {rag} and {found} at once")
        rag = rag or found
        way = way or cell.way or arrows.way_of_words(" ".join(cell.text.split()[1:]))
    box: Bbox = home.row_bbox(row)
    if home.page == table.page:
        below = table.row_bbox(strip)
        box = (min(box[0], below[0]), box[1], max(box[2], below[2]), below[3])
    return Title(name, rag, arrows.direction(way), home.page, box), problems
