"""Rows of numbers without rules: numbers in columns, the labels beside them, the header above.

A label of several lines stands beside one line of numbers; a figure may drop out of its line; the
header's words stand over the columns, or in shaded cells over them.
"""

import re
from collections.abc import Callable
from itertools import pairwise

from parsers.boxes import around, holds
from parsers.grid import Cell, Table
from parsers.pdf import Line, Page, Word, lines_of
from parsers.periods import period
from parsers.text import MONTHS, is_running

BLANK = 2.5  # of a letter's height: more room than that above a line, and it is no header's
LONGEST = 6  # lines of a label
UNLABELLED = 6.0  # of a letter's height: what a row without a label counts as off
_COUNT = re.compile(r"[£-]?\d[\d,.]*%?\*{0,2}|\*{1,3}|[-–]|n/?a", re.IGNORECASE)
_YEAR = re.compile(r"'?\d{2}|20\d\d|\d{2}/\d{2}")


def rows(words: list[Word], columns: list[tuple[float, float]], *, stop: str = "") -> list[Cell]:
    """Cells of the rows of numbers under each other, each with its label.

    The rows end with the one whose label says `stop`, or where the page goes on with something else.
    """
    left = columns[0][0]
    counted: list[tuple[float, float, float, list[Word]]] = []  # middle, top, bottom, the numbers
    others: list[Line] = []
    height = 0.0
    for line in lines_of(words):
        numbers = [w for w in line.words if w.cx >= left]
        rest = [w for w in line.words if w.cx < left]
        if numbers and not all(_COUNT.fullmatch(w.text) for w in numbers):
            break
        height = max(height, line.y1 - line.y0)
        if numbers:
            middle = sum(w.cy for w in numbers) / len(numbers)
            counted.append((middle, min(w.y0 for w in numbers), max(w.y1 for w in numbers), numbers))
        if rest:
            others.append(Line(tuple(rest)))
        if numbers and rest and stop and rest[0].text.lower().startswith(stop):
            break
    counted = _undropped(_contiguous(counted, others, height), others, columns, height)
    if not counted:
        return []
    labels = _labels([row[0] for row in counted], others, counted[-1][2], height)
    cells: list[Cell] = []
    for row, ((_, top, bottom, numbers), label) in enumerate(zip(counted, labels, strict=True), start=1):
        y0, y1 = min([top, *(w.y0 for w in label)]), max([bottom, *(w.y1 for w in label)])
        cells.append(Cell(row, 0, 1, 1, (0, y0, left, y1), tuple(label), None, None))
        for col, (a, b) in enumerate(columns, start=1):
            inside = tuple(w for w in numbers if a <= w.cx < b)
            cells.append(Cell(row, col, 1, 1, (a, y0, b, y1), inside, None, None))
    return cells


def _undropped(
    counted: list[tuple[float, float, float, list[Word]]],
    labels: list[Line],
    columns: list[tuple[float, float]],
    height: float,
) -> list[tuple[float, float, float, list[Word]]]:
    """The rows, a figure that has dropped below its line put back where only that line lacks one."""

    def filled(numbers: list[Word]) -> set[int]:
        return {n for n, (a, b) in enumerate(columns) if any(a <= w.cx < b for w in numbers)}

    kept: list[tuple[float, float, float, list[Word]]] = []
    for at, (middle, top, bottom, numbers) in enumerate(counted):
        mine = filled(numbers)
        labelled = any(abs((line.y0 + line.y1) / 2 - middle) < 0.3 * height for line in labels)
        after = filled(counted[at + 1][3]) if at + 1 < len(counted) else mine
        lacking = kept and not mine & filled(kept[-1][3]) and mine <= after
        if lacking and not labelled and middle - kept[-1][0] < 1.5 * height:
            kept[-1] = (*kept[-1][:3], [*kept[-1][3], *numbers])
        else:
            kept.append((middle, top, bottom, numbers))
    return kept


def _labels(middles: list[float], lines: list[Line], bottom: float, height: float) -> list[list[Word]]:
    """The label of each row of numbers, of one line or several.

    Numbers stand level with their label's middle, or with its first line, in the whole table alike: of
    all ways to share the lines out in order, the one in which they do so best.
    """
    inside = [line for line in lines if middles[0] - 3.2 * height < _middle(line) and line.y0 < bottom]
    centred, level = (_shared(middles, inside, height, where) for where in (_centre, _first))
    # A label of three lines whose first went to the row above would be level too.
    labels = [list(part) for part in (level if level[0] < centred[0] - 0.3 * height else centred)[1]]
    for line in lines:
        # Below the last row's numbers stands the next line of its label, or a note that belongs to no row.
        if line.y0 >= bottom and _goes_below(labels[-1], middles[-1], line):
            labels[-1].append(line)
    return [[word for line in label for word in line.words] for label in labels]


_Shares = tuple[float, list[list[Line]]]  # how far off they are, and the lines of each row


def _shared(middles: list[float], lines: list[Line], height: float, level: Callable[[list[Line]], float]) -> _Shares:
    """The best way to give each row some of the lines, in order, and how far its labels are off the numbers."""
    best: list[_Shares | None] = [(0.0, []), *([None] * len(lines))]  # by how many lines are given away
    for middle in middles:
        following: list[_Shares | None] = [None] * (len(lines) + 1)
        for start, before in enumerate(best):
            if before is None:
                continue
            for end in range(start, min(start + LONGEST, len(lines)) + 1):
                part = lines[start:end]
                off = abs(level(part) - middle) if part else UNLABELLED * height
                was = following[end]
                if was is None or before[0] + off < was[0]:
                    following[end] = (before[0] + off, [*before[1], part])
        best = following
    whole = best[-1]
    return whole if whole is not None else (float("inf"), [[] for _ in middles])


def _centre(part: list[Line]) -> float:
    return (part[0].y0 + part[-1].y1) / 2


def _first(part: list[Line]) -> float:
    return _middle(part[0])


def _middle(line: Line) -> float:
    return (line.y0 + line.y1) / 2


def _goes_below(label: list[Line], middle: float, line: Line) -> bool:
    """Whether a line below the last row's numbers is its label's: then the label has as much above them."""
    above, below = (sum((_middle(part) - middle) * side > 2 for part in label) for side in (-1, 1))
    near = max((part.y1 for part in label), default=middle) > line.y0 - 0.6 * (line.y1 - line.y0)
    return near and (below < above or not label)


def _contiguous(
    counted: list[tuple[float, float, float, list[Word]]], labels: list[Line], height: float
) -> list[tuple[float, float, float, list[Word]]]:
    """The rows down to the first gap that neither a row nor a label stands in."""
    kept: list[tuple[float, float, float, list[Word]]] = []
    for row in counted:
        if kept:
            between = sum(kept[-1][0] < (line.y0 + line.y1) / 2 < row[0] for line in labels)
            if row[1] - kept[-1][2] > (3.5 + between) * height:
                break
        kept.append(row)
    return kept


def tables(page: Page, words: list[Word]) -> list[Table]:
    """Tables of figures: rows of numbers in columns, with the words above them as their header.

    Only where rows have numbers in the same three columns or more.
    """
    if sum(_COUNT.fullmatch(word.text) is not None for word in words) < 3:
        return []
    found: list[Table] = []
    run: list[list[Word]] = []
    lines = lines_of(words)
    for line in [*lines, None]:
        tail = tail_of(line) if line else []
        if tail and (not run or line is None or len(tail) == len(run[0])) and len(tail) >= 3:
            run.append(tail)
        elif run and 0 < len(tail) < len(run[0]) and all(_column_of(word, run) is not None for word in tail):
            continue  # blank cells, or a figure that has dropped out of its line
        elif line is None or (line and run and line.y0 - run[-1][0].y1 > 4 * (line.y1 - line.y0)) or len(tail) >= 3:
            if run and _aligned(run):
                found += _number_table(page, words, run)
            run = [tail] if len(tail) >= 3 else []
    return found


def _column_of(word: Word, run: list[list[Word]]) -> int | None:
    over = [n for n in range(len(run[0])) if any(word.x0 < row[n].x1 and row[n].x0 < word.x1 for row in run)]
    return over[0] if len(over) == 1 else None


def tail_of(line: Line) -> list[Word]:
    """The numbers at the end of a line that are set apart as cells are."""
    tail: list[Word] = []
    for word in reversed(line.words):
        if not _COUNT.fullmatch(word.text) or (tail and tail[0].x0 - word.x1 < 6):
            break
        tail.insert(0, word)
    before = line.words[len(line.words) - len(tail) - 1] if len(tail) < len(line.words) else None
    if tail and before is not None and tail[0].x0 - before.x1 < 6:
        tail = tail[1:]  # "December 2021" is the row's label
    return tail


def _aligned(run: list[list[Word]]) -> bool:
    return all(
        max(row[n].x0 for row in run) < min(row[n].x1 for row in run) or _edge(run, n) for n in range(len(run[0]))
    )


def _edge(run: list[list[Word]], n: int) -> bool:
    rights, lefts = [row[n].x1 for row in run], [row[n].x0 for row in run]
    return max(rights) - min(rights) < 4 or max(lefts) - min(lefts) < 4


def _shaded_header(
    page: Page, words: list[Word], extents: list[tuple[float, float]], top: float, height: float
) -> list[Cell]:
    """The header's cells by their shading: one ground for each column of numbers, just above the first row."""
    grounds = [
        f
        for f in page.fills
        if f.y1 - f.y0 >= 7 and top - BLANK * height < f.y1 < top + 3 and f.y0 < top and max(f.colour) < 0.97
    ]
    found: list[Cell] = []
    for col, (a, b) in enumerate(extents, start=1):
        over = [f for f in grounds if f.x0 < (a + b) / 2 < f.x1]
        if not over:
            return []
        inside = tuple(w for w in words if holds(over[-1][:4], w.cx, w.cy))
        found.append(Cell(0, col, 1, 1, over[-1][:4], inside, None, None))
    return found if len({cell.bbox[0] for cell in found}) == len(extents) else []


def _header(
    words: list[Word], columns: list[tuple[float, float]], extents: list[tuple[float, float]], top: float, height: float
) -> list[Cell]:
    """The header's cells by how its words stand above the numbers: every line up to a sentence or a gap."""
    above: list[list[Word]] = [[] for _ in columns]
    edge = ends = top
    for line in reversed(lines_of([w for w in words if w.y1 <= top + 1])):
        runs = [run for run in _runs(line) if run[-1].x1 > columns[0][0]]
        # What stands more beside the labels than over the numbers is a sentence too.
        over = [_under(run, extents) if run[0].x0 + run[-1].x1 > 2 * columns[0][0] else None for run in runs]
        if edge - line.y1 > BLANK * height or None in over:
            break
        for n, run in zip(over, runs, strict=True):
            if n is not None:
                above[n] = [*run, *above[n]]
        ends = line.y1 if edge == top else ends
        edge = line.y0
    if not any(above):
        return []
    return [
        Cell(0, col, 1, 1, (a, edge, b, ends), tuple(mine), None, None)
        for col, ((a, b), mine) in enumerate(zip(columns, above, strict=True), start=1)
    ]


def _runs(line: Line) -> list[list[Word]]:
    """The line's words, those together that stand as near as words of one cell or of a sentence do."""
    runs = [[line.words[0]]]
    for before, word in pairwise(line.words):
        if word.x0 - before.x1 > 0.4 * (line.y1 - line.y0):
            runs.append([])
        runs[-1].append(word)
    return runs


def _under(run: list[Word], extents: list[tuple[float, float]]) -> int | None:
    """Which column of numbers a run of words stands over; None for a sentence, which runs over several or beyond."""
    left, right = run[0].x0, run[-1].x1
    over = [n for n, (a, b) in enumerate(extents) if left < b and a < right]
    if len(over) == 1:
        return over[0]
    if over:
        return None
    nearest = min(range(len(extents)), key=lambda n: abs(sum(extents[n]) - left - right))
    return nearest if abs(sum(extents[nearest]) - left - right) / 2 < 40 else None


def _are_years(words: list[Word], row: list[Word]) -> bool:
    """Years under months, "12 mths to Dec" over "24": the last line of a header, though it looks like figures."""
    if not all(_YEAR.fullmatch(w.text) for w in row):
        return False
    height = row[0].y1 - row[0].y0
    above = [w for w in words if 0 < row[0].cy - w.cy < 1.8 * height and w.text.lower()[:3] in MONTHS]
    return len(above) >= 2


def _number_table(page: Page, words: list[Word], run: list[list[Word]]) -> list[Table]:
    if _are_years(words, run[0]):
        run = run[1:]
    if not run:
        return []
    extents = [(min(row[n].x0 for row in run), max(row[n].x1 for row in run)) for n in range(len(run[0]))]
    label_end = max(
        (w.x1 for w in words if w.x1 < extents[0][0] and run[0][0].y0 - 2 <= w.cy <= run[-1][0].y1), default=0
    )
    left = (label_end + extents[0][0]) / 2
    middles = [(a[1] + b[0]) / 2 for a, b in pairwise(extents)]
    columns = list(pairwise([left, *middles, page.width]))
    top, height = run[0][0].y0, run[0][0].y1 - run[0][0].y0
    shaded = _shaded_header(page, words, extents, top, height)
    header = shaded or _header(words, columns, extents, top, height)
    dated = sum(period(cell.text) is not None for cell in header)
    if len(run) < 2 and dated < 2:
        return []
    ends, cells = top - 1.2 * height, []
    if header:
        edge, ends = header[0].bbox[1], header[0].bbox[3]
        own = tuple(w for w in words if w.cx < left and edge - 2 <= w.cy <= ends)
        cells = [Cell(0, 0, 1, 1, (0, edge, left, ends), own, None, None), *header]
    elif any(line.y1 < ends and not is_running(line.text) for line in page.lines):
        return []  # at the page's head a table may go on without its header
    body = rows([w for w in words if w.cy > ends and w.y0 <= run[-1][0].y1 + 1.2 * height], columns)
    if not body:
        return []
    cells = [*cells, *body]
    return [Table(page.number, around(cell.bbox for cell in cells), tuple(cells))]
