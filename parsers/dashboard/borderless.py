"""A dashboard's tables without rules, or with lines below the rows only: put together from words and shading.

The references down the left make the rows, the rivers of white between the figures make the columns. What
comes out is a `grid.Table`, so that the readers above do not see the difference. Where lines of names
cannot be given to rows for certain, there is no table, and the paper is held back for its unread rows.
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import NamedTuple

from parsers import grid
from parsers.boxes import holds
from parsers.dashboard.columns import Means, meaning, period
from parsers.dashboard.layout import REFERENCE, Layout
from parsers.grid import Cell, Table
from parsers.pdf import Fill, Line, Page, Word, lines_of
from parsers.records import Bbox
from parsers.text import collapse

RIVER = 3.0  # points of white between two columns, in every row
CELL_GAP = 7.0  # points between two labels of a header; words of one label stand nearer
GROUPED = 40.0  # points; how far a label over two columns may stand from their own
LEVEL = 2.5  # points by which a reference and the lines of its name may differ in height
MOST_HEADER_LINES = 5

_HEADER_WORDS = re.compile(
    r"\brag\b|\btarget|\bfloor|\bytd\b|year to|\bprev|\bindicator|\bref\b|\bmeasure\b|\blatest\b|\bmonth\b"
    r"|\bdot\b|\bupper\b|\blower\b|expected",
    re.IGNORECASE,
)


class _Band(NamedTuple):
    """A row's place on the page."""

    top: float
    bottom: float
    ref: Word


def tables(page: Page, known: Sequence[Table], before: Layout | None) -> list[Table]:
    """The tables of referenced rows outside those that rules have given, top to bottom.

    Args:
        known: the ruled tables that were understood.
        before: the layout of the last table, which may go on here without a header.
    """
    free = [word for word in page.words if not any(holds(table.bbox, word.cx, word.cy) for table in known)]
    lines = lines_of(free)
    refs = [line.words[0] for line in lines if _starts_row(line)]
    if not refs:
        return []
    headers = _headers(lines)
    found = []
    for at, header in enumerate(headers):
        until = headers[at + 1][0].y0 if at + 1 < len(headers) else page.height
        mine = [ref for ref in refs if header[-1].y1 - 1 <= ref.cy < until]
        found += _table(page, free, header, mine, until, before=None)
    first = headers[0][0].y0 if headers else page.height
    above = [ref for ref in refs if ref.cy < first]
    if before is not None and above:
        found = [*_table(page, free, [], above, first, before=before), *found]
    return found


def _starts_row(line: Line) -> bool:
    """A line that begins with a reference and goes on with a gap, as a row does and a sentence does not."""
    first = line.words[0]
    match = REFERENCE.fullmatch(first.text)
    if match is None or not re.search(r"\d{2}", first.text) or period(first.text) is not None:
        return False
    return len(line.words) == 1 or line.words[1].x0 - first.x1 > 0.6 * (first.y1 - first.y0)


def _headers(lines: Sequence[Line]) -> list[list[Line]]:
    """Blocks of lines that name at least three columns."""
    named = [bool(_HEADER_WORDS.search(line.text)) and not _starts_row(line) and len(line.text) < 160 for line in lines]
    blocks: list[list[Line]] = []
    for line, is_header in zip(lines, named, strict=True):
        # "date" below "Year to" says nothing by itself, but stands among the others.
        near = bool(blocks) and line.y0 - blocks[-1][-1].y1 < 0.5 * (line.y1 - line.y0) and not _starts_row(line)
        if near and len(blocks[-1]) < MOST_HEADER_LINES and (_labelling(line) or _goes_on(blocks[-1], line)):
            blocks[-1].append(line)
        elif is_header:
            blocks.append([line])
    return [block for block in blocks if len(set(_HEADER_WORDS.findall(" ".join(x.text for x in block).lower()))) >= 3]


def _labelling(line: Line) -> bool:
    """A line that names two columns at least; one may stand in an indicator's name ("in the latest month")."""
    if _starts_row(line):
        return False
    labels = [text for _, _, text in _labels(line)]
    each = len(labels) > 1 and all(meaning(text) is not None for text in labels)
    return each or len(set(_HEADER_WORDS.findall(line.text.lower()))) >= 2


def _goes_on(block: Sequence[Line], line: Line) -> bool:
    """Short labels below others, none of them below that of the names: there the first row's name may begin."""
    if len(line.words) > 9 or line.text.rstrip().endswith("."):
        return False
    above = [label for other in block for label in _labels(other)]
    for x0, x1, text in _labels(line):
        over = [other for a, b, other in above if a < x1 and x0 < b]
        if len(text) > 20 or not over or any(meaning(other) in (Means.NAME, Means.REF) for other in over):
            return False
    return True


def _table(
    page: Page, free: Sequence[Word], header: Sequence[Line], refs: Sequence[Word], until: float, before: Layout | None
) -> list[Table]:
    if not refs:
        return []
    left = min(ref.x0 for ref in refs)
    refs = [ref for ref in refs if ref.x0 < left + 25]
    top = header[-1].y1 if header else max(0.0, refs[0].y0 - 60)
    body = [word for word in free if top - 1 <= word.y0 and word.cy < until]
    columns = _columns(page, body, refs, header) if before is None else [(c.x0, c.x1) for c in before.columns]
    if len(columns) < 4:
        return []
    bands = _bands(page, body, refs, columns, top, until)
    if bands is None:
        return []
    if not _all_placed(page, body, columns, bands, top):
        return []
    cells = [_header_cell(header, columns, at) for at in range(len(columns))] if header else []
    for number, band in enumerate(bands, start=1):
        inside = [word for word in body if band.top <= word.cy < band.bottom]
        for at, (x0, x1) in enumerate(columns):
            box = (x0, band.top, x1, band.bottom)
            words = tuple(word for word in inside if x0 <= word.cx < x1)
            cells.append(Cell(number, at, 1, 1, box, words, _shading(page, box), grid.arrow_in(page, box)))
    cells = _in_order([*cells, *_headings(page, body, columns, bands)])
    box = (columns[0][0], header[0].y0 if header else bands[0].top, columns[-1][1], bands[-1].bottom)
    return [Table(page.number, box, tuple(cells))]


def _all_placed(
    page: Page, body: Sequence[Word], columns: Sequence[tuple[float, float]], bands: Sequence[_Band], top: float
) -> bool:
    """Whether every word between header and last row stands in a row or in a shaded heading."""
    within = [w for w in body if top + 1 < w.cy < bands[-1].bottom and columns[0][0] <= w.cx < columns[-1][1]]
    headings = [f for f in page.fills if f.x1 - f.x0 > 0.5 * page.width and f.y0 > top - 3 and min(f.colour) < 0.97]
    return all(
        any(band.top <= word.cy < band.bottom for band in bands)
        or any(holds(fill[:4], word.cx, word.cy) for fill in headings)
        for word in within
    )


def _headings(
    page: Page, body: Sequence[Word], columns: Sequence[tuple[float, float]], bands: Sequence[_Band]
) -> list[Cell]:
    """Shaded bands across the table with words in them, as the merged cells that they would be with rules."""
    found = []
    for fill in (fill for fill in page.fills if fill.x1 - fill.x0 > 0.5 * page.width):
        level = (fill.y0 + fill.y1) / 2
        words = tuple(word for word in body if holds(fill[:4], word.cx, word.cy))
        # One after the last row heads what goes on over the page.
        apart = level < bands[-1].bottom + 40 and not any(band.top < level < band.bottom for band in bands)
        if words and apart and min(fill.colour) < 0.97:
            box = (columns[0][0], fill.y0, columns[-1][1], fill.y1)
            found.append(Cell(0, 0, 1, len(columns), box, words, fill.colour, None))
    return found


def _in_order(cells: Sequence[Cell]) -> list[Cell]:
    """The cells with their rows numbered from the top down."""
    tops = sorted({cell.bbox[1] for cell in cells})
    return [replace(cell, row=tops.index(cell.bbox[1])) for cell in cells]


# --- columns ------------------------------------------------------------------------------


def _columns(
    page: Page, body: Sequence[Word], refs: Sequence[Word], header: Sequence[Line]
) -> list[tuple[float, float]]:
    """Columns edge to edge: what the rows' words, shaded ratings and arrows leave no white river through."""
    top, bottom = header[-1].y1, max(ref.y1 for ref in refs) + 2
    taken = [(word.x0, word.x1) for word in body if word.cy <= bottom and not _crosses(page, word)]
    taken += [(mark.cx - 3, mark.cx + 3) for mark in grid.marks(page) if top <= mark.cy <= bottom]
    for fill in page.fills:
        if top <= (fill.y0 + fill.y1) / 2 <= bottom and fill.x1 - fill.x0 < 0.3 * page.width and _rates(fill):
            taken.append((fill.x0 + 2, fill.x1 - 2))
    spans = _joined(taken)
    labels = _joined([label for at in range(len(header)) for label in _own_columns(header, at)], gap=0.0)
    spans += [label for label in labels if not any(a < label[1] and label[0] < b for a, b in spans)]
    spans = _joined(spans)
    edges = [spans[0][0] - 4, *((a[1] + b[0]) / 2 for a, b in pairwise(spans)), spans[-1][1] + 4]
    return _nameless_joined(list(pairwise(edges)), header, page, top, bottom)


def _rates(fill: Fill) -> bool:
    return grid.rag_of_colour(fill.colour) is not None


def _crosses(page: Page, word: Word) -> bool:
    """A word in a shaded band across the table: a heading, not a row's."""
    return any(
        f.x1 - f.x0 > 0.5 * page.width and f.x0 <= word.cx <= f.x1 and f.y0 <= word.cy <= f.y1 for f in page.fills
    )


def _joined(spans: Sequence[tuple[float, float]], gap: float = RIVER) -> list[tuple[float, float]]:
    joined: list[tuple[float, float]] = []
    for x0, x1 in sorted(spans):
        if joined and x0 - joined[-1][1] < gap:
            joined[-1] = (joined[-1][0], max(joined[-1][1], x1))
        else:
            joined.append((x0, x1))
    return joined


def _labels(line: Line) -> list[tuple[float, float, str]]:
    """A header's line as its labels, told by the gaps between them."""
    labels = [[line.words[0]]]
    for before, word in pairwise(line.words):
        if word.x0 - before.x1 > CELL_GAP:
            labels.append([])
        labels[-1].append(word)
    return [(label[0].x0, label[-1].x1, " ".join(w.text for w in label)) for label in labels]


def _own_columns(header: Sequence[Line], at: int) -> list[tuple[float, float]]:
    """Labels that may name a column in which nothing stands; not those over two others ("YTD" over "Result", "RAG")."""
    below = [(a, b) for line in header[at + 1 :] for a, b, _ in _labels(line)]
    found = []
    for a, b, _ in _labels(header[at]):
        left = any(a - GROUPED < x1 <= (a + b) / 2 for _, x1 in below)
        right = any((a + b) / 2 <= x0 < b + GROUPED for x0, _ in below)
        if not (left and right):
            found.append((a, b))
    return found


def _nameless_joined(
    columns: Sequence[tuple[float, float]], header: Sequence[Line], page: Page, top: float, bottom: float
) -> list[tuple[float, float]]:
    """Columns without a header belong to the names beside them, unless ratings or arrows stand in them."""
    kept: list[tuple[float, float]] = []
    for at, (x0, x1) in enumerate(columns):
        shown = any(x0 <= (f.x0 + f.x1) / 2 < x1 and top <= f.y0 <= bottom and _rates(f) for f in page.fills)
        shown = shown or any(x0 <= m.cx < x1 and top <= m.cy <= bottom for m in grid.marks(page))
        named = bool(_header_text(header, columns, at))
        if kept and not named and not shown and len(kept) == 2:
            kept[-1] = (kept[-1][0], x1)
        else:
            kept.append((x0, x1))
    return kept


def _header_text(header: Sequence[Line], columns: Sequence[tuple[float, float]], at: int) -> str:
    """What the header's labels over a column say; a label over two columns counts for both."""
    x0, x1 = columns[at]
    said = []
    for line in header:
        for a, b, text in _labels(line):
            over = [
                n
                for n, (left, right) in enumerate(columns)
                if min(b, right) - max(a, left) > 0.25 * min(b - a, right - left)
            ]
            if at in over or (not over and x0 <= (a + b) / 2 < x1):
                said.append(text)
    return collapse(" ".join(said))


def _header_cell(header: Sequence[Line], columns: Sequence[tuple[float, float]], at: int) -> Cell:
    x0, x1 = columns[at]
    box = (x0, header[0].y0, x1, header[-1].y1)
    text = _header_text(header, columns, at)
    return Cell(0, at, 1, 1, box, (Word(*box, text),) if text else (), None, None)


# --- rows ---------------------------------------------------------------------------------


def _bands(
    page: Page,
    body: Sequence[Word],
    refs: Sequence[Word],
    columns: Sequence[tuple[float, float]],
    top: float,
    until: float,
) -> list[_Band] | None:
    """The rows' places: between lines below them, by their shaded ratings, else by how names stand to references."""
    return (
        _by_rules(page, refs, columns)
        or _by_shading(page, refs, columns)
        or _by_names(page, body, refs, columns, until)
    )


def _by_rules(page: Page, refs: Sequence[Word], columns: Sequence[tuple[float, float]]) -> list[_Band] | None:
    wide = 0.6 * (columns[-1][1] - columns[0][0])
    levels = sorted(rule.y0 for rule in page.rules if rule.x1 - rule.x0 > wide and rule.y1 - rule.y0 < 1)
    return _between(levels, refs)


def _between(levels: Sequence[float], refs: Sequence[Word]) -> list[_Band] | None:
    """A band for each reference between two levels; None where two share one, or one has none."""
    bands = []
    for ref in refs:
        above = [y for y in levels if y <= ref.cy]
        below = [y for y in levels if y > ref.cy]
        if not above or not below:
            return None
        bands.append(_Band(above[-1], below[0], ref))
    return bands if len({band.top for band in bands}) == len(bands) else None


def _by_shading(page: Page, refs: Sequence[Word], columns: Sequence[tuple[float, float]]) -> list[_Band] | None:
    """Every row has a shaded rating as high as the row."""
    bands = []
    for ref in refs:
        beside = [
            f for f in page.fills if f.y0 <= ref.cy <= f.y1 and f.x0 > columns[1][0] and _rates(f) and f.y1 - f.y0 < 120
        ]
        if not beside:
            return None
        bands.append(_Band(min(f.y0 for f in beside) - 0.5, max(f.y1 for f in beside) + 0.5, ref))
    apart = all(a.bottom <= b.top + 1.5 for a, b in pairwise(bands))
    return bands if apart else None


def _by_names(
    page: Page, body: Sequence[Word], refs: Sequence[Word], columns: Sequence[tuple[float, float]], until: float
) -> list[_Band] | None:
    """Lines of names given to references that stand beside their first line, or beside their middle."""
    x0, x1 = columns[1]
    words = [w for w in body if x0 <= w.cx < x1 and w.cy < until and not _crosses(page, w)]
    lines = lines_of(words)
    return _first_lines(lines, refs, until) or _middles(lines, refs)


def _first_lines(lines: Sequence[Line], refs: Sequence[Word], until: float) -> list[_Band] | None:
    starts = []
    for ref in refs:
        beside = [n for n, line in enumerate(lines) if abs(_level(line) - ref.cy) <= LEVEL]
        if len(beside) != 1:
            return None
        starts.append(beside[0])
    if not starts or starts[0] != 0:
        return None
    bands = []
    for ref, start, following in zip(refs, starts, [*starts[1:], len(lines)], strict=True):
        last = start
        # The last name ends where the next line stands further off than lines of a name do.
        while last + 1 < following and lines[last + 1].y0 - lines[last].y1 < 0.45 * (lines[last].y1 - lines[last].y0):
            last += 1
        if last + 1 < following and following != len(lines):
            return None  # a line between two rows that belongs to neither for certain
        bands.append(_Band(min(ref.y0, lines[start].y0) - 1, max(ref.y1, lines[last].y1) + 1, ref))
    return bands


def _middles(lines: Sequence[Line], refs: Sequence[Word]) -> list[_Band] | None:
    at = 0
    bands = []
    for ref in refs:
        for count in range(1, 7):
            mine = lines[at : at + count]
            if len(mine) == count and abs((_level(mine[0]) + _level(mine[-1])) / 2 - ref.cy) <= LEVEL:
                bands.append(_Band(min(ref.y0, mine[0].y0) - 0.5, max(ref.y1, mine[-1].y1) + 0.5, ref))
                at += count
                break
        else:
            return None
    return bands


def _level(line: Line) -> float:
    return sum(word.cy for word in line.words) / len(line.words)


def _shading(page: Page, box: Bbox) -> tuple[float, float, float] | None:
    """The shaded rating in a cell; columns made of rivers are no cells, so its middle tells."""
    for fill in reversed(page.fills):
        inside = box[0] <= (fill.x0 + fill.x1) / 2 < box[2] and fill.y0 <= (box[1] + box[3]) / 2 < fill.y1
        if inside and fill.x1 - fill.x0 < 1.6 * (box[2] - box[0]) and min(fill.colour) < 0.97:
            return fill.colour
    return None
