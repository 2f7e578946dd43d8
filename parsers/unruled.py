"""Tables without rules: rows put together from shaded ratings and from how words stand under each other.

Some papers print the same lists and boxes as others, but without lines. What still shows a row
of a list is the rating's shaded cell, which is as high as the row; what shows a table of figures
is that its numbers stand in columns (parsers.unruled_numbers). The rows come out as `grid.Table`,
so that the reader above does not see the difference.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from itertools import pairwise

from parsers import arrows, grid
from parsers import unruled_numbers as numbers
from parsers.boxes import around, holds
from parsers.grid import Cell, Table
from parsers.pdf import Fill, Line, Page, Word, lines_of
from parsers.records import Bbox
from parsers.text import is_running

HEAD, FOOT = 0.2, 0.75  # of the page's height
MARGIN = 0.12  # the same, in which headers and footers stand
SENTENCE = 6  # words on a line; labels of a chart are fewer
CELL_GAP = 9.0  # points between two cells of a strip; words of one cell stand nearer
_STRIP_LABEL = re.compile(r"(?:latest|current|actual):?.*", re.IGNORECASE)
_STRIP_WORD = re.compile(
    r"(?:(?:latest|current|actual|target|floor|standard|previous)\b)?:?[£\d.,%*†()–-]*(?:m|k|bn)?[,;]?"
    r"|\(?(?:green|amber|red|n/a|tbc|days|hours|minutes|no|data|million)\)?[*,]?",
    re.IGNORECASE,
)

Band = list[Fill]  # shaded ratings on one level, left to right


def tables(page: Page, *, is_strip: Callable[[str], bool], ruled: Sequence[Table]) -> list[Table]:
    """Boxes, headline lists and tables of numbers outside the page's ruled tables, top to bottom.

    `is_strip` tells the values under a box from other text.
    """
    running = {id(word) for line in page.lines if _is_running(page, line) for word in line.words}
    free = [w for w in page.words if id(w) not in running and not any(holds(table.bbox, w.cx, w.cy) for table in ruled)]
    bands = [band for band in _bands(page, free) if not any(_overlaps(band, table.bbox) for table in ruled)]
    if not free:
        return []
    found: list[Table] = []
    rest: list[Band] = list(bands)
    used: list[Bbox] = []
    for band in bands:
        if _is_summary_header(free, band) and (table := _summary(page, free, band)) is not None:
            found.append(table)
            used.append(table.bbox)
            rest.remove(band)
    shaded = [fill[:4] for band in bands for fill in band]
    for strip in _strips([w for w in free if not any(holds(box, w.cx, w.cy) for box in shaded)], is_strip):
        top = min(cell.bbox[1] for cell in strip)
        above = [band for band in rest if band[0].y0 < top]
        plain = _unrated_title(page, free, max([box[3] for box in used if box[3] < top], default=0), top)
        used.append(around(cell.bbox for cell in strip))
        if plain is not None and not (above and above[-1][0].y1 > plain.bbox[1]):
            found.append(_table(page, [plain, *strip]))
        elif above:
            found.append(_box(page, free, above[-1], strip))
            rest.remove(above[-1])
        else:  # its title stands at the foot of the page before, or in a table of its own
            found.append(_table(page, strip))
    for band in [band for band in rest if _is_title(page, free, band)]:
        found.append(_table(page, _title_row(page, free, band)))
        rest.remove(band)
    found += _lists(page, free, rest)
    used += [table.bbox for table in found]
    if (header := _header_at_foot(page, free, used)) is not None:
        found.append(header)
    found += numbers.tables(page, [w for w in free if not any(holds(box, w.cx, w.cy) for box in used)])
    return sorted(found, key=lambda table: table.bbox[1])


def _is_running(page: Page, line: Line) -> bool:
    """The page's header or footer: a line of its margins that says so little."""
    return (line.y1 < MARGIN * page.height or line.y0 > (1 - MARGIN) * page.height) and is_running(line.text)


def unread_rows(page: Page, read: Sequence[Bbox]) -> int:
    """Lines outside the places that were read that end in three numbers or more, set apart as cells are."""
    return sum(
        len(numbers.tail_of(line)) >= 3 and not any(holds(box, line.words[-1].cx, line.words[-1].cy) for box in read)
        for line in page.lines
    )


def cut_off(page: Page, tables: Sequence[Table]) -> Line | None:
    """Values at the page's head that belong to a strip on the page before, whose row was cut; None as a rule."""
    line = next((line for line in page.lines if not is_running(line.text)), None)
    if (
        line is None
        or not _pure(line)
        or any(holds(table.bbox, line.words[0].cx, line.words[0].cy) for table in tables)
    ):
        return None
    return line


def _overlaps(band: Band, box: Bbox) -> bool:
    fill = band[0]
    return holds(box, (fill.x0 + fill.x1) / 2, (fill.y0 + fill.y1) / 2)


def _bands(page: Page, words: list[Word]) -> list[Band]:
    """Shaded ratings with a word in them, grouped by level.

    One without a word counts at the page's head and foot: a page's end may have cut its row.
    """
    rated = []
    for fill in page.fills:
        if grid.rag_of_colour(fill.colour) is None or fill.y1 - fill.y0 < 7:
            continue
        cut = fill.y0 < HEAD * page.height or fill.y1 > FOOT * page.height
        if any(holds(fill[:4], word.cx, word.cy) for word in words) or (cut and _beside(words, fill)):
            rated.append(fill)
    bands: list[Band] = []
    for fill in sorted(rated, key=lambda f: (f.y0, f.x0)):
        last = bands[-1][0] if bands else fill
        shared = min(last.y1, fill.y1) - max(last.y0, fill.y0)
        if bands and shared > 0.5 * min(last.y1 - last.y0, fill.y1 - fill.y0):
            bands[-1].append(fill)
        else:
            bands.append([fill])
    return [_apart(band) for band in bands]


def _beside(words: list[Word], fill: Fill) -> bool:
    """Whether words stand level with a shaded cell, on its left."""
    return any(fill.y0 <= word.cy <= fill.y1 and word.x1 <= fill.x0 for word in words)


def _apart(band: Band) -> Band:
    """Left to right, without a second painting of the same cell."""
    kept: Band = []
    for fill in sorted(band, key=lambda f: f.x0):
        if not kept or fill.x0 >= kept[-1].x1 - 2:
            kept.append(fill)
    return kept


def _unrated_title(page: Page, words: list[Word], top: float, bottom: float) -> Cell | None:
    """The last shaded title between two heights, a chart at most away: of a box whose indicator has no rating."""
    for fill in sorted(page.fills, key=lambda f: -f.y0):
        grey = max(fill.colour) < 0.97 and grid.rag_of_colour(fill.colour) is None
        if not grey or not (top <= fill.y0 and fill.y1 <= bottom) or fill.y1 - fill.y0 < 7 or fill.x1 - fill.x0 < 100:
            continue
        inside = [word for word in page.words if holds(fill[:4], word.cx, word.cy)]
        if sum(char.isalpha() for word in inside for char in word.text) < 8:
            continue
        cell = _cell(page, words, 0, 0, fill[:4], fill)
        between = [line for line in lines_of(words) if fill.y1 <= line.y0 and line.y1 <= bottom - 1]
        # The nearest is that of a ruled table, or a heading with text below it.
        if len(cell.words) < len(inside) or any(len(line.words) > SENTENCE for line in between):
            return None
        return cell
    return None


def _is_title(page: Page, words: list[Word], band: Band) -> bool:
    """One rating, beside a shaded title: a box, whose strip stands on the next page."""
    worded = [fill for fill in band if any(holds(fill[:4], w.cx, w.cy) and not _is_arrow(w) for w in words)]
    return len(worded) == 1 and any(_has_shaded_title(page, fill) for fill in band)


def _has_shaded_title(page: Page, rated: Fill) -> bool:
    """A grey cell ends where the rating's begins, or begins where it ends, as in a box and never in a list."""
    level = (rated.y0 + rated.y1) / 2
    return any(
        (abs(fill.x1 - rated.x0) < 4 or abs(fill.x0 - rated.x1) < 4)
        and fill.y0 < level < fill.y1
        and grid.rag_of_colour(fill.colour) is None
        for fill in page.fills
        if max(fill.colour) < 0.97
    )


def _cell(page: Page, words: Iterable[Word], row: int, col: int, box: Bbox, fill: Fill | None = None) -> Cell:
    inside = tuple(word for word in words if holds(box, word.cx, word.cy))
    return Cell(row, col, 1, 1, box, inside, fill.colour if fill else None, grid.arrow_in(page, box))


def _table(page: Page, cells: list[Cell]) -> Table:
    return Table(page.number, around(cell.bbox for cell in cells), tuple(cells))


# --- boxes --------------------------------------------------------------------------------


def _title_row(page: Page, words: list[Word], band: Band) -> list[Cell]:
    """The title and its rating, from left to right; what stands right of the rating comes last."""
    top, bottom = min(f.y0 for f in band), max(f.y1 for f in band)
    cells = [_cell(page, words, 0, 0, (0, top, band[0].x0, bottom))]
    cells += [_cell(page, words, 0, col, fill[:4], fill) for col, fill in enumerate(band, start=1)]
    cells.append(_cell(page, words, 0, len(band) + 1, (band[-1].x1, top, page.width, bottom)))
    return [cell for cell in cells if cell.words or cell.way or cell.fill]


def _box(page: Page, words: list[Word], band: Band, strip: list[Cell]) -> Table:
    return _table(page, [*_title_row(page, words, band), *strip])


def _strips(words: list[Word], is_strip: Callable[[str], bool]) -> list[list[Cell]]:
    """Strips of values, each as its cells, top to bottom.

    A strip is a block of such words round "Latest": its cells may take up one line or two, and
    stand in the middle of their row. What overlaps from line to line is one cell.
    """
    if not any(_STRIP_LABEL.match(word.text) for word in words):
        return []
    lines = lines_of(words)
    found: list[list[Cell]] = []
    for at, line in enumerate(lines):
        if not _STRIP_LABEL.match(line.words[0].text):
            continue
        block = [line]
        for near in (range(at - 1, -1, -1), range(at + 1, len(lines))):
            last = line
            for index in near:
                other = lines[index]
                apart = max(other.y0 - last.y1, last.y0 - other.y1)
                if apart > 0.5 * (last.y1 - last.y0) or not _pure(other):
                    break
                block.append(other)
                last = other
        cells = _strip_cells(sorted(block, key=lambda part: part.y0))
        if is_strip(" ".join(cell.text for cell in cells)):
            found.append(cells)
    return found


def _pure(line: Line) -> bool:
    """Nothing but values and their labels stands on the line, and not another strip's beginning."""
    return (
        all(_STRIP_WORD.fullmatch(w.text) for w in line.words)
        and any(w.text.strip("-–() ") for w in line.words)
        and not _STRIP_LABEL.match(line.words[0].text)
    )


def _strip_cells(block: list[Line]) -> list[Cell]:
    runs: list[list[Word]] = []
    for line in block:
        runs.append([line.words[0]])
        for before, word in pairwise(line.words):
            if word.x0 - before.x1 > CELL_GAP:
                runs.append([])
            runs[-1].append(word)
    cells: list[list[Word]] = []
    for run in sorted(runs, key=lambda r: r[0].x0 - r[-1].x1):  # the widest first
        left, right = run[0].x0, run[-1].x1
        over = [c for c in cells if min(right, max(w.x1 for w in c)) - max(left, min(w.x0 for w in c)) > 0]
        if over:
            over[0].extend(run)
        else:
            cells.append(list(run))
    cells.sort(key=lambda c: min(w.x0 for w in c))
    found = []
    for col, cell in enumerate(cells):
        box = around((w.x0, w.y0, w.x1, w.y1) for w in cell)
        found.append(Cell(1, col, 1, 1, box, tuple(cell), None, None))
    return found


# --- headline lists -----------------------------------------------------------------------


def _lists(page: Page, words: list[Word], bands: list[Band]) -> list[Table]:
    """Runs of rated rows under a line that names the columns, or without one where a list goes on."""
    if not bands:
        return []
    lines = lines_of(words)
    found: list[Table] = []
    run: list[Band] = []
    for band, following in pairwise([*bands, None]):
        assert band is not None
        run.append(band)
        if following is None or _header_between(lines, band, following) or not _same_columns(band, following):
            found.append(_list(page, lines, words, run))
            run = []
    return found


def _header_at_foot(page: Page, words: list[Word], used: list[Bbox]) -> Table | None:
    """A list's shaded header at the foot of a page, all of whose rows stand on the next."""
    below = max((box[3] for box in used), default=0)
    cells: list[Cell] = []
    for fill in page.fills:
        grey = max(fill.colour) < 0.97 and grid.rag_of_colour(fill.colour) is None
        if grey and fill.y0 > max(below, FOOT * page.height) and fill.y1 - fill.y0 >= 7:
            cells.append(_cell(page, words, 0, len(cells), fill[:4], fill))
    said = {word for cell in cells for word in cell.text.lower().split()}
    if not said & {"latest", "rag"} or not said & {"dot", "direction"} or "target" in said:
        return None
    box = (0.0, min(c.bbox[1] for c in cells), page.width, max(c.bbox[3] for c in cells))
    # One row for the reader above, whether or not a line of it stands over two columns.
    ordered = sorted((c for c in cells if c.words), key=lambda c: (c.bbox[1] > box[1] + 4, c.bbox[0]))
    rows = [replace(c, row=int(c.bbox[1] > box[1] + 4), col=at, cols=_over(c, ordered)) for at, c in enumerate(ordered)]
    return Table(page.number, box, tuple(rows))


def _over(cell: Cell, cells: list[Cell]) -> int:
    """How many cells of the line below a header's cell spans."""
    lower = [c for c in cells if c.bbox[1] > cell.bbox[1] + 4]
    return max(sum(cell.bbox[0] - 2 <= c.bbox[0] and c.bbox[2] <= cell.bbox[2] + 2 for c in lower), 1)


def _same_columns(band: Band, following: Band) -> bool:
    """Whether the ratings of one row stand under those of the other; either may lack one."""
    few, many = sorted((band, following), key=len)
    return all(any(abs(f.x0 - m.x0) < 3 and abs(f.x1 - m.x1) < 3 for m in many) for f in few)


def _header_between(lines: list[Line], band: Band, following: Band) -> bool:
    return any(
        band[0].y1 <= line.y0 + 3 and line.y1 <= following[0].y0 + 3 and _names_columns(line, band) for line in lines
    )


def _names_columns(line: Line, band: Band) -> bool:
    """Whether the line says over the ratings what they are; a sentence may say so elsewhere."""
    every = {word.text.lower().strip(".:") for word in line.words}
    over = {w.text.lower().strip(".:") for w in line.words if any(f.x0 - 3 <= w.cx <= f.x1 + 3 for f in band)}
    return bool(over & {"rag", "rating", "latest"}) and not every & {"green", "amber", "red", "target"}


def _list(page: Page, lines: list[Line], words: list[Word], bands: list[Band]) -> Table:
    """Name, ratings and arrow of each row, in the order of the page, under the header's own words."""
    columns = _columns(page, words, bands)
    top = min(fill.y0 for fill in bands[0])
    named = [line for line in lines if top - 60 <= line.y0 and line.y1 <= top + 3 and _names_columns(line, bands[0])]
    cells: list[Cell] = []
    if named:
        first = _header_top(page, named[0], top)
        for col, (left, right) in enumerate(columns):
            box = (left, first, right, top)
            cells.append(Cell(0, col, 1, 1, box, tuple(w for w in words if holds(box, w.cx, w.cy)), None, None))
    for at, band in enumerate(bands, start=1):
        row_top, row_bottom = min(f.y0 for f in band), max(f.y1 for f in band)
        for col, (left, right) in enumerate(columns):
            fill = next((f for f in band if left < (f.x0 + f.x1) / 2 < right), None)
            cells.append(_cell(page, words, at, col, (left, row_top, right, row_bottom), fill))
    return _table(page, cells)


def _header_top(page: Page, named: Line, top: float) -> float:
    """Where the header begins: with its shading, if it is shaded; else with the line that names the columns."""
    shades = [f.y0 for f in page.fills if f.y0 - 1 <= named.words[0].cy <= f.y1 + 1 and max(f.colour) < 0.97]
    shades = [y for y in shades if y > top - 90]
    return min([*shades, named.y0 - 8]) if shades else named.y0 - 8


def _columns(page: Page, words: list[Word], bands: list[Band]) -> list[tuple[float, float]]:
    """The columns of a list, left to right: the ratings, the arrows, and the room of the names."""
    rated = [(fill.x0, fill.x1) for fill in max(bands, key=len)]
    levels = [(min(f.y0 for f in band), max(f.y1 for f in band)) for band in bands]
    beside = [
        mark.cx
        for mark in grid.marks(page)
        if any(top <= mark.cy <= bottom for top, bottom in levels) and not any(a <= mark.cx <= b for a, b in rated)
    ]
    outside = [
        w
        for w in words
        if any(top <= w.cy <= bottom for top, bottom in levels) and not any(a <= w.cx <= b for a, b in rated)
    ]
    names = [w for w in outside if not _is_arrow(w)]
    left, right = (min((w.x0 for w in names), default=0), max((w.x1 for w in names), default=0))
    edges = sorted({a for a, _ in rated} | {b for _, b in rated})
    arrow: tuple[float, float] | None = None
    if beside:
        # The arrows' column lies between what is nearest on both sides of them.
        low, high = min(beside), max(beside)
        before = max([right if right < low else 0, *(b for _, b in rated if b <= low + 1)])
        after = min([left if left > high else page.width, *(a for a, _ in rated if a >= high - 1), page.width])
        arrow = (max(before, low - 60), min(after, high + 60))
    elif edges and (said := [w for w in names if arrows.way_of_words(w.text) and w.x0 > edges[-1]]):
        arrow = (edges[-1], max(w.x1 for w in said) + 5)
    taken = sorted([*rated, *([arrow] if arrow else [])])
    # The names have the room that is left before, between or behind.
    gaps = [(0.0, taken[0][0]), *((a[1], b[0]) for a, b in pairwise(taken)), (taken[-1][1], page.width)]
    room = max(gaps, key=lambda gap: sum(gap[0] <= w.cx <= gap[1] for w in names))
    return sorted([*taken, room])


def _is_arrow(word: Word) -> bool:
    return all(c in arrows.UNICODE or "\ue000" <= c <= "\uf8ff" for c in word.text)


# --- tables of counts ---------------------------------------------------------------------


def _is_summary_header(words: list[Word], band: Band) -> bool:
    texts = ["".join(w.text for w in words if holds(fill[:4], w.cx, w.cy)).lower() for fill in band]
    return texts in (["g", "a", "r"], ["green", "amber", "red"])


def _said(words: list[Word], box: Bbox) -> list[float]:
    """The middles of the columns in a box whose words say a direction, broken over lines though they may be."""
    groups: list[list[Word]] = []
    for word in sorted((w for w in words if holds(box, w.cx, w.cy)), key=lambda w: w.x0):
        if groups and word.x0 < max(w.x1 for w in groups[-1]) + 1:
            groups[-1].append(word)
        else:
            groups.append([word])
    ordered = [sorted(group, key=lambda w: (round(w.cy), w.x0)) for group in groups]
    extents = [(min(w.x0 for w in g), max(w.x1 for w in g), "".join(w.text for w in g)) for g in ordered]
    return [(a + b) / 2 for a, b, text in extents if arrows.way_of_words(text)]


def _summary(page: Page, words: list[Word], band: Band) -> Table | None:
    """Rows of counts below a shaded G A R, by the columns' middles."""
    top, bottom = band[0].y0, band[0].y1
    # A picture may stand at its cell's upper edge and reach over it.
    marks = sorted(m.cx for m in grid.marks(page) if top - 8 <= m.cy <= bottom + 2 and m.cx > band[-1].x1)
    marks = marks or _said(words, (band[-1].x1, top - 8, page.width, bottom + 2))
    if len(marks) > 3:
        return None
    middles = [*((f.x0 + f.x1) / 2 for f in band), *marks]
    edges = [band[0].x0, *((a + b) / 2 for a, b in pairwise(middles)), min(page.width, middles[-1] + 40)]
    columns = list(pairwise(edges))
    header = [_cell(page, words, 0, col, fill[:4], fill) for col, fill in enumerate(band, start=1)]
    for col in range(4, len(middles) + 1):
        header.append(_cell(page, words, 0, col, (columns[col - 1][0], top - 8, columns[col - 1][1], bottom)))
    label = tuple(w for w in words if w.x1 < band[0].x0 and top - 2 <= w.cy <= bottom + 2)
    header.insert(0, Cell(0, 0, 1, 1, (0, top, band[0].x0, bottom), label, None, None))
    # "KPI Summary" stands level with both rows.
    below = [w for w in words if w.y0 >= bottom - 3 and w not in label]
    rows = numbers.rows(below, columns, stop="total")
    mini = "summary" in " ".join(w.text for w in label).lower() or any("Summary" in w.text for w in below[:40])
    if mini:
        rows = [cell for cell in rows if cell.row == rows[0].row]
        if "summary" not in " ".join(w.text for w in label).lower():
            beside = tuple(w for w in words if w.x1 < band[0].x0 and top - 2 <= w.cy <= bottom + 30)
            header[0] = Cell(0, 0, 1, 1, header[0].bbox, beside, None, None)
    return _table(page, [*header, *rows]) if rows else None
