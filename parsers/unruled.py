"""Tables without rules: rows put together from shaded ratings and the words beside them.

Some papers print the same lists and boxes as others, but without lines. What still shows a row
is the rating's shaded cell: what stands left of it is the name, what stands right of it the
arrow. The rows come out as `grid.Table`, so that the reader above does not see the difference.
"""

import re
from collections.abc import Callable, Sequence
from itertools import pairwise

from parsers import grid
from parsers.grid import Cell, Table
from parsers.pdf import Fill, Line, Page, Word, lines_of
from parsers.records import Bbox

CELL_GAP = 9.0  # points between two cells of a strip; words of one cell stand nearer
_STRIP_WORD = re.compile(r"[£\d.,%*()-]+|floor:?|previous:?|\(?(?:green|amber|red)\)?", re.IGNORECASE)

Band = list[Fill]  # shaded ratings on one level, left to right


def tables(page: Page, *, is_strip: Callable[[str], bool], ruled: Sequence[Table]) -> list[Table]:
    """Boxes, headline lists and summary tables outside the page's ruled tables, top to bottom.

    `is_strip` tells the line of values under a box from other lines.
    """
    free = [word for word in page.words if not any(_inside(word, table.bbox) for table in ruled)]
    bands = [band for band in _bands(page, free) if not any(_overlaps(band, table.bbox) for table in ruled)]
    lines = lines_of(free)
    found: list[Table] = []
    rest: list[Band] = list(bands)
    for band in bands:
        if _is_summary_header(free, band):
            found += _summary(page, lines, free, band)
            rest.remove(band)
    for at, line in enumerate(lines):
        if not is_strip(line.text):
            continue
        above = [band for band in rest if band[0].y0 < line.y0]
        strip = _strip(lines, at)
        if above:
            found.append(_box(page, free, above[-1], strip))
            rest.remove(above[-1])
        else:  # its title stands at the foot of the page before
            found.append(_table(page, strip))
    for band in [band for band in rest if len(band) == 1 and _has_shaded_title(page, band[0])]:
        found.append(_table(page, [cell for cell in _row(page, free, 0, band) if cell.words]))
        rest.remove(band)
    found += _lists(page, lines, free, rest)
    return sorted(found, key=lambda table: table.bbox[1])


def _inside(word: Word, box: Bbox) -> bool:
    return box[0] <= word.cx <= box[2] and box[1] <= word.cy <= box[3]


def _overlaps(band: Band, box: Bbox) -> bool:
    fill = band[0]
    return box[0] <= (fill.x0 + fill.x1) / 2 <= box[2] and box[1] <= (fill.y0 + fill.y1) / 2 <= box[3]


def _bands(page: Page, words: list[Word]) -> list[Band]:
    """Shaded ratings with a word in them, grouped by level."""
    rated = [
        fill
        for fill in page.fills
        if grid.rag_of_colour(fill.colour) is not None
        and fill.y1 - fill.y0 >= 7
        and any(_inside(word, fill[:4]) for word in words)
    ]
    bands: list[Band] = []
    for fill in sorted(rated, key=lambda f: (f.y0, f.x0)):
        for band in bands[-1:]:
            level = (band[0].y0 + band[0].y1) / 2
            if fill.y0 < level < fill.y1:
                band.append(fill)
                break
        else:
            bands.append([fill])
    return [sorted(band, key=lambda f: f.x0) for band in bands]


def _has_shaded_title(page: Page, rated: Fill) -> bool:
    """A grey cell ends where the rating's begins, as in a box and never in a list."""
    level = (rated.y0 + rated.y1) / 2
    return any(
        abs(fill.x1 - rated.x0) < 4 and fill.y0 < level < fill.y1 and grid.rag_of_colour(fill.colour) is None
        for fill in page.fills
        if max(fill.colour) < 0.97
    )


def _cell(page: Page, words: list[Word], row: int, col: int, box: Bbox, fill: Fill | None = None) -> Cell:
    inside = tuple(word for word in words if _inside(word, box))
    return Cell(row, col, 1, 1, box, inside, fill.colour if fill else None, grid.arrow_in(page, box))


def _table(page: Page, cells: list[Cell]) -> Table:
    box = (
        min(cell.bbox[0] for cell in cells),
        min(cell.bbox[1] for cell in cells),
        max(cell.bbox[2] for cell in cells),
        max(cell.bbox[3] for cell in cells),
    )
    return Table(page.number, box, tuple(cells))


def _row(page: Page, words: list[Word], row: int, band: Band) -> list[Cell]:
    """Name, ratings and what stands right of them."""
    top, bottom = min(f.y0 for f in band), max(f.y1 for f in band)
    cells = [_cell(page, words, row, 0, (0, top, band[0].x0, bottom))]
    cells += [_cell(page, words, row, col, fill[:4], fill) for col, fill in enumerate(band, start=1)]
    cells.append(_cell(page, words, row, len(band) + 1, (band[-1].x1, top, page.width, bottom)))
    return cells


def _box(page: Page, words: list[Word], band: Band, strip: list[Cell]) -> Table:
    title = [cell for cell in _row(page, words, 0, band) if cell.words or cell.way]
    return _table(page, [*title, *strip])


def _strip(lines: list[Line], at: int) -> list[Cell]:
    """The line of values as its cells, each with what of it wraps to the next line.

    Cells are told by the gaps between them; a wrapped word belongs to the cell whose middle is nearest.
    """
    line = lines[at]
    cells: list[list[Word]] = [[line.words[0]]]
    for before, word in pairwise(line.words):
        if word.x0 - before.x1 > CELL_GAP:
            cells.append([])
        cells[-1].append(word)
    middles = [(cell[0].x0 + cell[-1].x1) / 2 for cell in cells]
    below = lines[at + 1] if at + 1 < len(lines) else None
    if below is not None and len(cells) > 1 and _wraps(line, below):
        for word in below.words:
            nearest = min(range(len(cells)), key=lambda n: abs(middles[n] - word.cx))
            cells[nearest].append(word)
    found = []
    for col, cell in enumerate(cells):
        box = (min(w.x0 for w in cell), line.y0, max(w.x1 for w in cell), max(w.y1 for w in cell))
        found.append(Cell(1, col, 1, 1, box, tuple(cell), None, None))
    return found


def _wraps(line: Line, below: Line) -> bool:
    """The next line stands as near as lines of one cell do, and says a figure or a label of the strip."""
    near = below.y0 - line.y1 < 0.35 * (line.y1 - line.y0)
    return near and all(_STRIP_WORD.fullmatch(word.text) for word in below.words)


def _lists(page: Page, lines: list[Line], words: list[Word], bands: list[Band]) -> list[Table]:
    """Runs of rated rows under a line that names the columns, or without one where a list goes on."""
    found: list[Table] = []
    run: list[Band] = []
    for band, following in pairwise([*bands, None]):
        assert band is not None
        run.append(band)
        if following is None or _header_between(lines, band, following) or len(following) != len(band):
            found.append(_list(page, lines, words, run))
            run = []
    return found


def _header_between(lines: list[Line], band: Band, following: Band) -> bool:
    return any(band[0].y1 <= line.y0 + 3 and line.y1 <= following[0].y0 + 3 and _names_columns(line) for line in lines)


def _names_columns(line: Line) -> bool:
    words = {word.text.lower().strip(".:") for word in line.words}
    return bool(words & {"rag", "dot", "latest"}) and not words & {"green", "amber", "red"}


def _list(page: Page, lines: list[Line], words: list[Word], bands: list[Band]) -> Table:
    top = min(fill.y0 for fill in bands[0])
    header = [line for line in lines if top - 60 <= line.y0 and line.y1 <= top + 3]
    named = [line for line in header if _names_columns(line)]
    cells: list[Cell] = []
    if named:
        first, last = named[0].y0 - 8, top
        title = tuple(w for line in header if line.y0 >= first for w in line.words if w.x1 <= bands[0][0].x0)
        labels = ["Latest", "Previous"][: len(bands[0])]
        cells.append(Cell(0, 0, 1, 1, (0, first, bands[0][0].x0, last), title, None, None))
        for col, (label, fill) in enumerate(zip(labels, bands[0], strict=False), start=1):
            cells.append(_label(col, (fill.x0, first, fill.x1, last), label))
        cells.append(_label(len(bands[0]) + 1, (bands[0][-1].x1, first, page.width, last), "DoT"))
    for at, band in enumerate(bands, start=1):
        cells += _row(page, words, at, band)
    return _table(page, cells)


def _label(col: int, box: Bbox, text: str) -> Cell:
    return Cell(0, col, 1, 1, box, (Word(*box, text),), None, None)


def _is_summary_header(words: list[Word], band: Band) -> bool:
    texts = [" ".join(w.text for w in words if _inside(w, fill[:4])).lower() for fill in band]
    return texts in (["g", "a", "r"], ["green", "amber", "red"])


def _summary(page: Page, lines: list[Line], words: list[Word], band: Band) -> list[Table]:
    """Rows of counts below a shaded G A R, by the columns' middles."""
    top, bottom = band[0].y0, band[0].y1
    columns = [((f.x0 + f.x1) / 2, f) for f in band]
    marks = sorted(m.cx for m in grid.marks(page) if top - 2 <= m.cy <= bottom + 2 and m.cx > band[-1].x1)
    middles = [middle for middle, _ in columns] + marks
    if len(marks) > 3:
        return []
    cells = [_cell(page, words, 0, col, fill[:4], fill) for col, (_, fill) in enumerate(columns, start=1)]
    edges = [(a + b) / 2 for a, b in pairwise(middles)] + [page.width]
    lefts = [band[0].x0, *edges[:-1]]
    for col in range(4, len(middles) + 1):
        cells.append(_cell(page, words, 0, col, (lefts[col - 1], top, edges[col - 1], bottom)))
    row = 0
    label: list[Word] = []
    for line in (line for line in lines if line.y0 >= bottom - 3):
        label += [word for word in line.words if word.x0 < band[0].x0 - 1]
        counts = [word for word in line.words if word.x0 >= band[0].x0 - 1]
        if counts and not all(word.text.strip("-*").isdigit() or word.text == "-" for word in counts):
            break
        if not counts:
            if len(label) > 25:
                break
            continue
        row += 1
        cells.append(Cell(row, 0, 1, 1, (0, line.y0, band[0].x0, line.y1), tuple(label), None, None))
        for col, (left, right) in enumerate(zip(lefts, edges, strict=True), start=1):
            cells.append(_cell(page, list(counts), row, col, (left, line.y0, right, line.y1)))
        total = any(word.text.lower() == "total" for word in label)
        label = []
        if total:
            break
    return [_table(page, cells)] if row else []
