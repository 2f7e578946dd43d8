"""Headings of indicators: a title with its rating and the arrow of its direction beside it.

They stand in a table of one row, in the first row of a larger one, or as plain text with the
rating on a coloured ground. A list is a table with several such rows.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from parsers import arrows, grid
from parsers.boxes import around, holds
from parsers.grid import Cell, Table
from parsers.pdf import Fill, Line, Page, Word, lines_of
from parsers.quarter_grids.cells import is_rating, number_like, rating_of, travel_of
from parsers.records import Bbox, Direction, Rag
from parsers.text import MONTHS, collapse, is_running, matching

GAP = 10.0  # points between a title and its rating, at least; words of a sentence stand nearer

_HEADER_WORD = re.compile(
    r"(?:latest|previous|current|rag|rag rating|rag status|rating|do ?t|direction(?: of travel)?|status|indicators?"
    r"|(?:latest|current|previous) (?:rag|rating|status)|.*\bindicators?\b.*|kpis?)",
    re.IGNORECASE,
)
_RAG_WORDS = {"green", "amber", "red"}
# What may stand between an indicator's title and its grid.
_LABELS = re.compile(
    r"^(?:trend data|tolerance|data (?:source|notes?)|unit of measure|target|commentary|graph|chart|key performance"
    r" indicators?|results?)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Heading:
    """An indicator's title with its rating, or its row in a list."""

    title: str
    rag: Rag | None
    direction: Direction | None
    says_rating: bool  # a rating is printed, perhaps that there is none
    page: int
    bbox: Bbox
    previous_rag: Rag | None = None
    problems: tuple[str, ...] = ()


@dataclass
class Rated:
    """The rated rows of a table."""

    rows: list[Heading] = field(default_factory=list)
    is_list: bool = False


def rated_rows(table: Table) -> Rated:
    """Rows of a title, one or two ratings and perhaps an arrow; a list, if the table names its columns."""
    found = Rated()
    previous_col: int | None = None
    for row in table.rows:
        filled = [cell for cell in row if cell.text or cell.rag or cell.way]
        words = [matching(cell.text) for cell in filled]
        if filled and len(filled) > 1 and all(_HEADER_WORD.fullmatch(word) for word in words[1:] if word):
            names = [cell for cell in filled[1:] if cell.text]
            if names and not any(_is_rated(cell) for cell in names):
                found.is_list = True
                previous_col = next((c.col for c in names if "previous" in c.text.lower()), previous_col)
                continue
        heading = _rated_row(table, filled, previous_col)
        if heading is not None:
            found.rows.append(heading)
    found.is_list = found.is_list or len(found.rows) > 1
    return found


def _is_rated(cell: Cell) -> bool:
    return bool(cell.text or cell.rag) and is_rating(cell)


def _rated_row(table: Table, cells: list[Cell], previous_col: int | None) -> Heading | None:
    """The row as a heading; None where it holds figures, or is no title with a rating."""
    titles = [cell for cell in cells if len(re.sub(r"[^A-Za-z]", "", cell.text)) >= 6 and not _is_rated(cell)]
    ratings = [cell for cell in cells if cell not in titles and _is_rated(cell)]
    others = [cell for cell in cells if cell not in titles and cell not in ratings and cell.text]
    others = [cell for cell in others if cell.direction is None or number_like(cell.text)]
    if len(titles) != 1 or not 1 <= len(ratings) <= 2 or any(cell.col < titles[0].col for cell in ratings):
        return None
    if any(not number_like(cell.text) for cell in others):
        return None
    previous = next((c for c in ratings if previous_col is not None and c.col == previous_col), None)
    latest = [cell for cell in ratings if cell is not previous]
    if len(latest) != 1:
        if previous_col is not None or len(latest) != 2:
            return None
        latest, previous = latest[:1], latest[1]
    rag, problem = rating_of(latest[0])
    ways = {way for cell in cells if cell not in titles and (way := travel_of(cell)) is not None}
    return Heading(
        title=titles[0].text,
        rag=rag,
        direction=ways.pop() if len(ways) == 1 else None,
        says_rating=True,
        page=table.page,
        bbox=table.row_bbox(cells),
        previous_rag=rating_of(previous)[0],
        problems=(problem,) if problem else (),
    )


def headings(page: Page, tables: Sequence[Table]) -> list[Heading]:
    """Titles with a rating that stand outside the page's ruled tables, top to bottom."""
    free = [word for word in page.words if not any(holds(table.bbox, word.cx, word.cy) for table in tables)]
    lines = lines_of(free)
    found = []
    for line in lines:
        for at, word in enumerate(line.words):
            if word.text.strip("()").lower() in _RAG_WORDS and (heading := _heading(page, lines, line, at)):
                found.append(heading)
                break
    return found


def _heading(page: Page, lines: Sequence[Line], line: Line, at: int) -> Heading | None:
    """The heading whose rating is this word of the line: last in it, apart from the rest or on its own ground."""
    word = line.words[at]
    marks = grid.marks(page)
    after = [w for w in line.words[at + 1 :] if not any(w.x0 <= m.cx <= w.x1 and w.y0 <= m.cy <= w.y1 for m in marks)]
    if any(re.search(r"[A-Za-z0-9]", w.text) for w in after):
        return None
    ground = _ground(page, word)
    mark = next((m for m in marks if _beside(m.cx, m.cy, word, ground)), None)
    way = arrows.direction(mark.way) if mark else None
    apart = at == 0 or word.x0 - line.words[at - 1].x1 >= GAP
    if ground is None and not (apart and word.text.isupper()) and not (mark and word.text[0].isupper()):
        return None
    rag = Rag(word.text.strip("()").lower())
    problems = []
    if ground is not None and (shade := grid.rag_of_colour(ground.colour)) not in (None, rag):
        problems.append(f"the word says {rag}, the colour behind it says {shade}")
    top, bottom = (ground.y0, ground.y1) if ground else (word.y0, word.y1)
    parts = [part for part in _title_lines(lines, line, word, top, bottom) if part]
    title = collapse(" ".join(" ".join(w.text for w in part) for part in parts))
    if len(re.sub(r"[^A-Za-z]", "", title)) < 6 or title.endswith("."):
        return None
    words = [w for part in parts for w in part] + [word]
    box = around((w.x0, w.y0, w.x1, w.y1) for w in words)
    return Heading(title, rag, way, True, page.number, box, None, tuple(problems))


def _beside(cx: float, cy: float, word: Word, ground: Fill | None) -> bool:
    if ground is not None and ground.x0 <= cx <= ground.x1 + 40 and ground.y0 - 2 <= cy <= ground.y1 + 2:
        return True
    return 0 <= cx - word.x1 <= 60 and word.y0 - 4 <= cy <= word.y1 + 4


def _ground(page: Page, word: Word) -> Fill | None:
    """The coloured ground of a rating: a fill not much larger than the word on it."""
    for fill in reversed(page.fills):
        if fill.x0 <= word.cx <= fill.x1 and fill.y0 <= word.cy <= fill.y1 and grid.rag_of_colour(fill.colour):
            return fill if fill.x1 - fill.x0 < 200 and fill.y1 - fill.y0 < 60 else None
    return None


def _title_lines(
    lines: Sequence[Line], line: Line, word: Word, top: float, bottom: float
) -> Iterator[tuple[Word, ...]]:
    """The title's words line by line: those left of the rating at its height, and the line it goes on from or to."""
    height = word.y1 - word.y0
    before: list[Line] = []
    after: list[Line] = []
    for other in lines:
        if other is line or other.words[0].x0 >= word.x0:
            continue
        level = top - 2 <= other.words[0].cy <= bottom + 2
        own = [w for w in line.words if w.x1 <= word.x0]
        # A rating that stands alone at its height belongs to a title of two lines, above and below it.
        near = abs(other.words[0].cy - word.cy) < 1.2 * height and not own
        joined = 0 <= line.y0 - other.y1 < 0.35 * height and _same_size(other, own) and not _ends(other)
        if level or near or joined:
            (before if other.y0 < line.y0 else after).append(other)
    yield from (tuple(w for w in part.words if w.x1 <= word.x0 + 1) for part in before)
    yield tuple(w for w in line.words if w.x1 <= word.x0 + 1 and w is not word)
    yield from (tuple(w for w in part.words if w.x1 <= word.x0 + 1) for part in after)


def _same_size(line: Line, words: Sequence[Word]) -> bool:
    return bool(words) and abs((line.y1 - line.y0) - (words[0].y1 - words[0].y0)) < 0.6


def _ends(line: Line) -> bool:
    return line.text.rstrip().endswith((".", ":", ";"))


def title_above(page: Page, box: Bbox, tables: Sequence[Table]) -> Heading | None:
    """The title without a rating that stands right above a grid; None where a sentence or nothing does."""
    lines = [line for line in page.lines if line.y1 <= box[1] + 2 and not is_running(line.text)]
    lines = [line for line in lines if not any(_shares(line, table) for table in tables)]
    for at in range(len(lines) - 1, -1, -1):
        text = collapse(lines[at].text)
        if _LABELS.match(text) and len(text) < 60:
            continue
        if box[1] - lines[at].y1 > 60 or text.endswith((".", ";", ",")):
            return None
        if len([word for word in _WORD.findall(text) if word.lower()[:3] not in MONTHS]) < 2:
            return None  # a graph's labels
        parts = [lines[at]]
        while at and len(parts) < 3 and _goes_on(lines[at - 1], parts[0]):
            at -= 1
            parts.insert(0, lines[at])
        title = collapse(" ".join(part.text for part in parts))
        return Heading(title, None, None, False, page.number, around(part.bbox for part in parts))
    return None


_WORD = re.compile(r"[A-Za-z]{3,}")


def _shares(line: Line, table: Table) -> bool:
    """The line is part of a table with several texts."""
    x0, y0, x1, y1 = table.bbox
    inside = y0 <= line.words[0].cy <= y1 and x0 <= line.words[0].cx <= x1
    return inside and sum(bool(cell.text) for cell in table.cells) > 1


def _goes_on(upper: Line, lower: Line) -> bool:
    size = lower.y1 - lower.y0
    near = lower.y0 - upper.y1 < 0.35 * size and abs((upper.y1 - upper.y0) - size) < 0.6
    return near and not _ends(upper) and not is_running(upper.text)
