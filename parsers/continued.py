"""Rows that a page's end cuts in two, put together again.

A word processor lets a row run over: the first lines of its cells stand at the foot of one page,
the rest at the head of the next, under the repeated header if there is one. Both parts are shaded.
They are one row where each cell has its rating, arrow or number in one of the two parts only.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from parsers.grid import Cell, Table
from parsers.pdf import Line, Page, Word
from parsers.text import is_running

NEAR = 4.0  # points between edges of one column on two pages
LOOSE = 25.0  # the same of columns without rules
_RATED = re.compile(r"\b(?:green|amber|red)\b|^[gar]$", re.IGNORECASE)
_STRIP_REST = re.compile(
    r"(?:[\s£\d.,%*()–-]|\b(?:latest|current|target|floor|previous|green|amber|red|days)\b:?)+", re.IGNORECASE
)


def joined(
    upper_page: Page, upper: Sequence[Table], lower_page: Page, lower: Sequence[Table]
) -> tuple[list[Table], list[Table]]:
    """The tables of two pages that follow each other, a row cut by the page's end moved whole to the first."""
    above, below = list(upper), list(lower)
    if not above or not below or not at_foot(upper_page, above[-1]) or not _at_head(lower_page, below[0]):
        return above, below
    first, rest = above[-1], below[0]
    at = _repeated(first, rest)
    if at >= len(rest.rows):
        return above, below
    head, tail = first.rows[-1], rest.rows[at]
    if not _same_columns(head, tail) or not _complete_each_other(head, tail):
        return above, below
    whole = [_whole(one, other) for one, other in zip(head, tail, strict=True)]
    gone, new = {id(cell) for cell in head}, {id(cell) for cell in tail}
    above[-1] = Table(first.page, first.bbox, (*(c for c in first.cells if id(c) not in gone), *whole))
    left = tuple(cell for cell in rest.cells if id(cell) not in new)
    if any(cell.words for cell in left):
        below[0] = Table(rest.page, rest.bbox, left)
    else:
        del below[0]
    return above, below


def with_rest(table: Table, rest: Line) -> Table | None:
    """The table with words that a page's end has cut off its last row; None where they stand under no one cell."""
    row = table.rows[-1]
    found: dict[int, list[Word]] = {}
    for word in rest.words:
        over = [n for n, cell in enumerate(row) if _left(cell) - 2 <= word.cx <= _right(cell) + 2]
        if len(over) != 1:
            return None
        found.setdefault(over[0], []).append(word)
    whole = dict(enumerate(row))
    for n, words in found.items():
        whole[n] = _whole(row[n], replace(row[n], words=tuple(words), way=None, patches=()))
    gone = {id(cell) for cell in row}
    return Table(table.page, table.bbox, (*(c for c in table.cells if id(c) not in gone), *whole.values()))


def _left(cell: Cell) -> float:
    return min(cell.bbox[0], min((w.x0 for w in cell.words), default=cell.bbox[0]))


def _right(cell: Cell) -> float:
    return max(cell.bbox[2], max((w.x1 for w in cell.words), default=cell.bbox[2]))


def under_header(
    upper_page: Page, upper: Sequence[Table], lower_page: Page, lower: Sequence[Table], headers: Callable[[Table], int]
) -> tuple[list[Table], list[Table]]:
    """The tables of two pages; one that goes on without its header is given the header that it began with.

    `headers` says how many rows of a table are its header, 0 where it has none.
    """
    above, below = list(upper), list(lower)
    if not above or not below or not at_foot(upper_page, above[-1]) or not _at_head(lower_page, below[0]):
        return above, below
    first, rest = above[-1], below[0]
    count = headers(first)
    # What stands above the header's last row may be another table that touches this one.
    tail = tuple(cell for row in first.rows[count - 1 :] for cell in row) if count else ()
    if not count or headers(rest) or not _fits(Table(first.page, first.bbox, tail), rest):
        return above, below
    below[0] = _stacked(first.rows[:count], rest)
    if len(first.rows) == count:
        del above[-1]
    return above, below


def _fits(first: Table, rest: Table) -> bool:
    """Whether the second table has the first's edges and no column that crosses them."""
    if first.bbox[0] == rest.bbox[0] == 0 and all(cell.fill for cell in first.cells):
        return True  # a header's shaded cells, without the rows whose words would show the columns' edges
    if abs(first.bbox[0] - rest.bbox[0]) > NEAR or abs(first.bbox[2] - rest.bbox[2]) > NEAR:
        return False
    edges = {x for cell in rest.cells for x in (cell.bbox[0], cell.bbox[2])}
    known = {x for cell in first.cells for x in (cell.bbox[0], cell.bbox[2])}
    if first.bbox[0] == 0 and first.width == rest.width:
        # Without rules a column's edges lie between its words, on each page a little elsewhere; that of the
        # labels lies between the longest of them and the numbers.
        return all(abs(x - y) < LOOSE for x, y in zip(sorted(known)[2:], sorted(edges)[2:], strict=False))
    # A header cut in two lacks the columns that its second line divides.
    return all(any(abs(x - y) < NEAR for y in edges) for x in known)


def _stacked(head: list[list[Cell]], rest: Table) -> Table:
    """The header's rows above the second part's, in its columns."""
    edges: list[float] = []
    for x in sorted(x for cell in rest.cells for x in (cell.bbox[0], cell.bbox[2])):
        if not edges or x - edges[-1] > NEAR:
            edges.append(x)

    def column(x: float) -> int:
        return min(range(len(edges)), key=lambda n: abs(edges[n] - x))

    cells: list[Cell] = []
    for row, line in enumerate(head):
        for cell in line:
            left, right = column(cell.bbox[0]), column(cell.bbox[2])
            cells.append(replace(cell, row=row - len(head), col=left, cols=max(right - left, 1)))
    for cell in rest.cells:
        left, right = column(cell.bbox[0]), column(cell.bbox[2])
        cells.append(replace(cell, col=left, cols=max(right - left, 1)))
    return Table(rest.page, rest.bbox, tuple(cells))


def at_foot(page: Page, table: Table) -> bool:
    """Nothing but the footer stands below the table."""
    last = table.bbox[3] - 2
    return not any(line.y0 > last and not is_running(line.text) for line in page.lines)


def _at_head(page: Page, table: Table) -> bool:
    first = table.bbox[1] + 2
    above = [line.text for line in page.lines if line.y1 < first and not is_running(line.text)]
    return not above or (len(above) == 1 and first < 0.15 * page.height and len(above[0]) < 60)


def _repeated(first: Table, rest: Table) -> int:
    """How many rows of the second part repeat the first's header."""
    count = 0
    for one, other in zip(first.rows, rest.rows, strict=False):
        texts = [cell.text for cell in one]
        if not any(texts) or texts != [cell.text for cell in other] or len(first.rows) < 2:
            break
        count += 1
    return count


def _same_columns(head: list[Cell], tail: list[Cell]) -> bool:
    return len(head) == len(tail) and all(
        abs(one.bbox[0] - other.bbox[0]) < NEAR and abs(one.bbox[2] - other.bbox[2]) < NEAR
        for one, other in zip(head, tail, strict=True)
    )


def _complete_each_other(head: list[Cell], tail: list[Cell]) -> bool:
    """Whether two rows are one: what each cell has once is in one of them, and the second alone would be no row."""
    texts = [cell.text for cell in tail]
    if not any(texts) and not any(cell.way for cell in tail):
        return False
    if all(a.fill is not None and a.rag is None and a.fill == b.fill for a, b in zip(head, tail, strict=True)):
        return True  # a header: what is below it is not shaded as it is
    rated = [(a, b) for a, b in zip(head, tail, strict=True) if a.rag is not None or b.rag is not None]
    for one, other in zip(head, tail, strict=True):
        if one.rag is not other.rag or (one.way and other.way):
            return False
    if rated:
        worded = [(bool(_RATED.search(a.text)), bool(_RATED.search(b.text))) for a, b in rated]
        if any(above and below for above, below in worded):
            return False
        # The second part lacks a rating's word or its arrow, or the first does.
        if any(above != below for above, below in worded):
            return True
        return not any(cell.way for cell in tail) or not any(cell.way for cell in head)
    if any("latest" in cell.text.lower() or "current" in cell.text.lower() for cell in head):
        filled = [text for text in texts if text]
        return all(_STRIP_REST.fullmatch(text) for text in filled) and not any("latest" in t.lower() for t in filled)
    return _label_goes_on(head, tail)


def _label_goes_on(head: list[Cell], tail: list[Cell]) -> bool:
    """A row of figures whose label runs over, or whose figures stand beside the label's second half."""
    label, more = head[0].text, tail[0].text
    figures = [bool(cell.text) for cell in head[1:]]
    others = [bool(cell.text) for cell in tail[1:]]
    if len(head) < 3 or any(a and b for a, b in zip(figures, others, strict=True)):
        return False
    if any(figures) and not any(others):
        return bool(more) and (more[:1].islower() or more[:1] in "(&" or label.count("(") > label.count(")"))
    return bool(label) and not any(figures) and any(others) and (not more or more[:1].islower() or more[:1] in "(&")


def _whole(one: Cell, other: Cell) -> Cell:
    """The two parts of a cell as one, the second's words below the first's."""
    down = max((w.y1 for w in one.words), default=one.bbox[1]) - min((w.y0 for w in other.words), default=0) + 1
    moved = tuple(Word(w.x0, w.y0 + down, w.x1, w.y1 + down, w.text) for w in other.words)
    return replace(one, words=(*one.words, *moved), way=one.way or other.way, patches=(*one.patches, *other.patches))
