"""Ruled tables: cells out of rules, and what stands in each cell.

Pure geometry. A table is a group of rules that touch; a cell is a rectangle between rules
that no rule divides, so merged cells come out as the one cell that a reader sees.
"""

import colorsys
import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import NamedTuple

from parsers import arrows
from parsers.pdf import Fill, Page, Rule, Word, lines_of
from parsers.records import Bbox, Direction, Rag
from parsers.text import collapse

SNAP = 2.2  # points; rules nearer than this are one rule (double borders, gaps at crossings)
REACH = 3.5  # points; how far a rule may end short of the one that it meets
WIDEST_GAP = 40  # points between two halves of one table
SMALL_PICTURE = 40  # points; an arrow pasted as a picture is no larger
MOST_GLYPHS = 200  # a page; lists of bullets in a symbol font may have hundreds
PALEST = 0.28  # saturation of a shading that is still a rating's; a spreadsheet's pale tints are above it
BULLETS = "\uf0b7•·\uf0a7▪ "
MAX_CELLS = 6000  # a table has hundreds of cells; a chart's grid or a map may have more


@dataclass(frozen=True, eq=False)
class Cell:
    """One cell of a table, with the words, shading and arrow in it."""

    row: int  # row and column in which it begins, from 0
    col: int
    rows: int  # how many it spans
    cols: int
    bbox: Bbox
    words: tuple[Word, ...]
    fill: tuple[float, float, float] | None  # shading; None for white or none
    way: arrows.Way | None  # of an arrow in it
    patches: "tuple[Cell, ...]" = ()  # coloured boxes with words within the cell, as of a table within a table

    @cached_property
    def lines(self) -> tuple[str, ...]:
        return tuple(line.text for line in lines_of(self.words))

    @cached_property
    def text(self) -> str:
        """All lines as one."""
        return joined(self.lines)

    @property
    def rag(self) -> Rag | None:
        """The rating that its shading shows."""
        return rag_of_colour(self.fill)

    @property
    def direction(self) -> Direction | None:
        return arrows.direction(self.way)

    def __contains__(self, place: tuple[float, float]) -> bool:
        return self.bbox[0] <= place[0] < self.bbox[2] and self.bbox[1] <= place[1] < self.bbox[3]


@dataclass(frozen=True, eq=False)
class Table:
    """A ruled table on one page."""

    page: int
    bbox: Bbox
    cells: tuple[Cell, ...]

    @cached_property
    def rows(self) -> list[list[Cell]]:
        """Cells by the row in which they begin, left to right; rows in which none begins are left out."""
        by_row: dict[int, list[Cell]] = defaultdict(list)
        for cell in self.cells:
            by_row[cell.row].append(cell)
        return [sorted(by_row[row], key=lambda c: c.col) for row in sorted(by_row)]

    @cached_property
    def width(self) -> int:
        return max(cell.col + cell.cols for cell in self.cells)

    def row_bbox(self, row: list[Cell]) -> Bbox:
        """The box of a row, as wide as the table."""
        return (self.bbox[0], min(c.bbox[1] for c in row), self.bbox[2], max(c.bbox[3] for c in row))


_HYPHEN_AT_END = re.compile(r"(?<=[a-z])- (?=[a-z])(?!(?:and|or|to)\b)")


def joined(lines: Iterable[str]) -> str:
    """Lines of one text as one; a word that is broken at its own hyphen is whole again.

    >>> joined(["premises that are non-", "domestic"]), joined(["pre-", "and post-natal"]), joined(["Jan –", "Mar 24"])
    ('premises that are non-domestic', 'pre- and post-natal', 'Jan – Mar 24')
    """
    return _HYPHEN_AT_END.sub("-", collapse(" ".join(lines)))


@lru_cache(maxsize=1024)
def rag_of_colour(colour: tuple[float, float, float] | None) -> Rag | None:
    """Which rating a shading shows; None for greys, pale tints and other colours.

    Kent's own are #00FF00, #FFC000 and #C00000; other programs and years use other shades.

    >>> [str(rag_of_colour(c)) for c in ((0, 1, 0), (1, 0.75, 0), (0.75, 0, 0), (0.85, 0.85, 0.85))]
    ['green', 'amber', 'red', 'None']
    """
    if colour is None:
        return None
    hue, saturation, value = colorsys.rgb_to_hsv(*(min(max(c, 0.0), 1.0) for c in colour))
    if saturation < PALEST or value < 0.3:
        return None
    degrees = hue * 360
    if degrees < 18 or degrees > 340:
        return Rag.RED
    if 24 <= degrees <= 62:
        return Rag.AMBER
    if 75 <= degrees <= 165:
        return Rag.GREEN
    return None


def tables(page: Page) -> list[Table]:
    """The page's ruled tables, top to bottom; worked out once a page."""
    if page.ruled is not None:
        return page.ruled
    found = []
    for across, down in _groups(page.rules):
        boxes = list(_cells(across, down))
        if len(boxes) >= 2:
            found.append(_filled(page, boxes))
    page.ruled = _side_by_side(sorted(found, key=lambda table: (table.bbox[1], table.bbox[0])))
    return page.ruled


def _side_by_side(found: list[Table]) -> list[Table]:
    """Two halves of one table, with a gap between that is not ruled, as the one table that a reader sees.

    Kent's complaints table leaves such a gap between the 12-month and the quarterly columns.
    """
    joined: list[Table] = []
    for table in sorted(found, key=lambda t: t.bbox[0]):
        for at, left in enumerate(joined):
            level = abs(left.bbox[1] - table.bbox[1]) < REACH and abs(left.bbox[3] - table.bbox[3]) < REACH
            if level and 0 < table.bbox[0] - left.bbox[2] <= WIDEST_GAP and len(left.rows) == len(table.rows) > 2:
                joined[at] = _beside(left, table)
                break
        else:
            joined.append(table)
    return sorted(joined, key=lambda table: (table.bbox[1], table.bbox[0]))


def _beside(left: Table, right: Table) -> Table:
    rows = sorted({cell.row for cell in left.cells})
    row_of = dict(zip(sorted({cell.row for cell in right.cells}), rows, strict=True))
    moved = [replace(cell, row=row_of[cell.row], col=cell.col + left.width + 1) for cell in right.cells]
    box = (left.bbox[0], left.bbox[1], right.bbox[2], max(left.bbox[3], right.bbox[3]))
    return Table(left.page, box, (*left.cells, *moved))


Span = tuple[float, float, float]  # position across, from, to


def _groups(rules: Iterable[Rule]) -> Iterator[tuple[list[Span], list[Span]]]:
    """Rules that touch: horizontal ones as (y, x0, x1), vertical ones as (x, y0, y1)."""
    across = _merged((r.y0, r.x0, r.x1) for r in rules if r.x1 - r.x0 >= r.y1 - r.y0 and r.x1 - r.x0 > 4)
    down = _merged((r.x0, r.y0, r.y1) for r in rules if r.y1 - r.y0 > r.x1 - r.x0 and r.y1 - r.y0 > 4)
    parent = list(range(len(across) + len(down)))

    def root(i: int) -> int:
        while parent[i] != i:
            parent[i] = parent[parent[i]]
            i = parent[i]
        return i

    by_x = sorted(range(len(down)), key=lambda j: down[j][0])
    xs = [down[j][0] for j in by_x]

    for i, (y, x0, x1) in enumerate(across):
        for k in range(bisect_left(xs, x0 - REACH), len(xs)):
            j = by_x[k]
            x, y0, y1 = down[j]
            if x > x1 + REACH:
                break
            if y0 - REACH <= y <= y1 + REACH:
                parent[root(len(across) + j)] = root(i)
    groups: dict[int, tuple[list[Span], list[Span]]] = defaultdict(lambda: ([], []))
    for i, span in enumerate(across):
        groups[root(i)][0].append(span)
    for j, span in enumerate(down):
        groups[root(len(across) + j)][1].append(span)
    for horizontal, vertical in groups.values():
        if len(horizontal) >= 2 and len(vertical) >= 1:
            yield horizontal, vertical


def _merged(spans: Iterable[Span]) -> list[Span]:
    """Spans on one line that touch become one."""
    rows: list[list[Span]] = []
    for span in sorted(spans):
        if rows and span[0] - rows[-1][0][0] <= SNAP:
            rows[-1].append(span)
        else:
            rows.append([span])
    merged: list[Span] = []
    for row in rows:
        at = sum(s[0] for s in row) / len(row)
        start, end = None, 0.0
        for _, a, b in sorted(row, key=lambda s: s[1]):
            if start is None:
                start, end = a, b
            elif a <= end + REACH:
                end = max(end, b)
            else:
                merged.append((at, start, end))
                start, end = a, b
        if start is not None:
            merged.append((at, start, end))
    return merged


def _ticks(values: Iterable[float]) -> list[float]:
    ticks: list[float] = []
    for value in sorted(values):
        if not ticks or value - ticks[-1] > SNAP:
            ticks.append(value)
    return ticks


def _cells(across: list[Span], down: list[Span]) -> Iterator[tuple[int, int, int, int, Bbox]]:
    """(row, col, rows, cols, box) of every rectangle that no rule divides."""
    xs = _ticks([x for x, _, _ in down] + [x for _, a, b in across for x in (a, b)])
    ys = _ticks([y for y, _, _ in across] + [y for _, a, b in down for y in (a, b)])
    columns, rows = len(xs) - 1, len(ys) - 1
    if columns < 1 or rows < 1 or columns * rows > MAX_CELLS:
        return

    def ruled(spans: list[Span], at: float, middle: float) -> bool:
        return any(abs(position - at) <= SNAP + 0.5 and a - 0.5 <= middle <= b + 0.5 for position, a, b in spans)

    parent = list(range(columns * rows))

    def root(i: int) -> int:
        while parent[i] != i:
            i = parent[i]
        return i

    for r in range(rows):
        for c in range(columns):
            if c + 1 < columns and not ruled(down, xs[c + 1], (ys[r] + ys[r + 1]) / 2):
                parent[root(r * columns + c + 1)] = root(r * columns + c)
            if r + 1 < rows and not ruled(across, ys[r + 1], (xs[c] + xs[c + 1]) / 2):
                parent[root((r + 1) * columns + c)] = root(r * columns + c)
    pieces: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for r in range(rows):
        for c in range(columns):
            pieces[root(r * columns + c)].append((r, c))
    for members in pieces.values():
        r0, r1 = min(r for r, _ in members), max(r for r, _ in members) + 1
        c0, c1 = min(c for _, c in members), max(c for _, c in members) + 1
        if len(members) != (r1 - r0) * (c1 - c0):
            continue  # not a rectangle: the room outside an L-shaped group of rules
        box = (xs[c0], ys[r0], xs[c1], ys[r1])
        yield r0, c0, r1 - r0, c1 - c0, box


def _filled(page: Page, boxes: list[tuple[int, int, int, int, Bbox]]) -> Table:
    x0, y0 = min(b[4][0] for b in boxes), min(b[4][1] for b in boxes)
    x1, y1 = max(b[4][2] for b in boxes), max(b[4][3] for b in boxes)
    inside = [w for w in page.words if x0 <= w.cx <= x1 and y0 <= w.cy <= y1]
    fills = [f for f in page.fills if f.x1 > x0 and f.x0 < x1 and f.y1 > y0 and f.y0 < y1]
    cells = []
    for row, col, rows, cols, box in boxes:
        words = tuple(w for w in inside if box[0] <= w.cx < box[2] and box[1] <= w.cy < box[3])
        shade = _shading(fills, box)
        patches = _patches(page, fills, box, words) if words and rag_of_colour(shade) is None else ()
        if patches:
            words = tuple(w for w in words if not any((w.cx, w.cy) in patch for patch in patches))
            way = _outside(page, box, patches)
        else:
            way = _arrow(page, box, words)
        cells.append(Cell(row, col, rows, cols, box, words, shade, way, patches))
    return Table(page.number, (x0, y0, x1, y1), tuple(cells))


def _patches(page: Page, fills: list[Fill], box: Bbox, words: tuple[Word, ...]) -> tuple[Cell, ...]:
    """Coloured boxes with words in a larger cell: what a table within the table leaves, where it has no rules."""
    found: list[Cell] = []
    for fill in fills:
        within = fill.x0 > box[0] - 1 and fill.x1 < box[2] + 1 and fill.y0 > box[1] - 1 and fill.y1 < box[3] + 1
        if not within or fill.y1 - fill.y0 < 7 or rag_of_colour(fill.colour) is None:
            continue
        inside = tuple(w for w in words if fill.x0 <= w.cx < fill.x1 and fill.y0 <= w.cy < fill.y1)
        if inside:
            found.append(Cell(0, len(found), 1, 1, fill[:4], inside, fill.colour, _arrow(page, fill[:4], inside)))
    return tuple(found)


def _outside(page: Page, box: Bbox, patches: tuple[Cell, ...]) -> arrows.Way | None:
    """The way of the arrow in a cell that is in none of its patches."""
    ways = {
        mark.way
        for mark in marks(page)
        if box[0] <= mark.cx < box[2]
        and box[1] <= mark.cy < box[3]
        and not any((mark.cx, mark.cy) in patch for patch in patches)
    }
    return ways.pop() if len(ways) == 1 else None


def _shading(fills: list[Fill], box: Bbox) -> tuple[float, float, float] | None:
    """The last fill painted that covers most of the cell; white is none."""
    area = (box[2] - box[0]) * (box[3] - box[1])
    for fill in reversed(fills):
        wide = min(fill.x1, box[2]) - max(fill.x0, box[0])
        high = min(fill.y1, box[3]) - max(fill.y0, box[1])
        if wide > 0 and high > 0 and wide * high > 0.5 * area:
            return None if min(fill.colour) > 0.97 else fill.colour
    return None


def arrow_in(page: Page, box: Bbox) -> arrows.Way | None:
    """The way of the arrow in a box of the page; None when there is none or more than one kind."""
    words = tuple(w for w in page.words if box[0] <= w.cx < box[2] and box[1] <= w.cy < box[3])
    return _arrow(page, box, words)


def _arrow(page: Page, box: Bbox, words: tuple[Word, ...]) -> arrows.Way | None:
    ways = {mark.way for mark in marks(page) if box[0] <= mark.cx < box[2] and box[1] <= mark.cy < box[3]}
    if not ways and (way := arrows.way_of_text("".join(w.text for w in words))):
        ways.add(way)
    return ways.pop() if len(ways) == 1 else None


class Mark(NamedTuple):
    """An arrow on the page, at its middle."""

    cx: float
    cy: float
    way: arrows.Way


def marks(page: Page) -> list[Mark]:
    """Every arrow of the page: drawn, of a symbol font, or a small picture; worked out once a page."""
    if page.marks is None:
        page.marks = [*_drawn_marks(page), *_glyph_marks(page), *_typed_marks(page), *_picture_marks(page)]
    return page.marks


def _drawn_marks(page: Page) -> Iterator[Mark]:
    for path in page.paths:
        if min(path.x1 - path.x0, path.y1 - path.y0) > 2 and (way := arrows.way_of_path(path)):
            yield Mark(path.cx, path.cy, way)


def _glyph_marks(page: Page) -> Iterator[Mark]:
    for glyph in page.glyphs[:MOST_GLYPHS]:
        if glyph.text in BULLETS:
            continue
        way = arrows.way_of_glyph(glyph)
        if way is None and (bitmap := page.pixels(glyph[:4])):
            # Some fonts' codes come out garbled (ZapfDingbats); what a reader sees does not.
            way = arrows.way_of_bitmap(bitmap)
        if way:
            yield Mark((glyph.x0 + glyph.x1) / 2, (glyph.y0 + glyph.y1) / 2, way)


def _typed_marks(page: Page) -> Iterator[Mark]:
    for word in page.words:
        # Arrows of neighbouring cells come as one word where the cells are narrow.
        if word.text and all(char in arrows.UNICODE for char in word.text):
            step = (word.x1 - word.x0) / len(word.text)
            for at, char in enumerate(word.text):
                yield Mark(word.x0 + (at + 0.5) * step, word.cy, arrows.UNICODE[char])


def _picture_marks(page: Page) -> Iterator[Mark]:
    if not page.has_small_images:
        return
    for image in page.images:
        if max(image.x1 - image.x0, image.y1 - image.y0) > SMALL_PICTURE:
            continue
        bitmap = page.pixels(image[:4])
        if bitmap and (way := arrows.way_of_bitmap(bitmap)):
            yield Mark((image.x0 + image.x1) / 2, (image.y0 + image.y1) / 2, way)
