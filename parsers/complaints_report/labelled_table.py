"""Ruled tables of numbers with headers of one or more lines and labels of one or more columns.

Pure geometry and text: which cells are values, what stands over and beside each, and what does
not fit. What is counted is for the reader above to say.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from parsers.grid import Cell, Table
from parsers.pdf import Page, Word
from parsers.periods import Period, in_full, joins, period
from parsers.records import Bbox
from parsers.text import collapse, matching
from parsers.values import misread, value_of

NEAR = 16.0  # points; a figure that fell out of a table lands no farther off

_WITHHELD = re.compile(
    r"[<≤>]\s?\d{1,2}|\*{1,3}|nil|none|n\s?/\s?[akr]|#+|\.{1,3}|x|supp(?:ressed)?|not (?:recorded|known|reported|held)",
    re.IGNORECASE,
)
_WITH_SHARE = re.compile(r"(?P<number>[\d,]+(?:\.\d+)?)\s?\((?P<share>\d{1,3}(?:\.\d+)?\s?%)\)")
_CHANGE = re.compile(r"[+±](?=[£\d])|^[▲▼↑↓]\s*|\s*[▲▼↑↓]$")
_TOTAL = re.compile(
    r"(?:(?:grand|overall|kcc|council|sub)[\s-]*)*totals?\b|all (?:directorates|services)\b", re.IGNORECASE
)


@dataclass(frozen=True)
class Value:
    """What a cell says: a number, or why there is none."""

    number: float | None
    unit: str | None
    understood: bool
    share: float | None = None  # of "45 (12%)": the 12


@dataclass(frozen=True)
class Entry:
    """One value cell with its place in the table."""

    label: str  # of the row
    group: str  # what stands over or beside the label: a merged cell, a heading between rows
    header: str  # of the column, its levels joined
    when: Period | None  # as the header, else the label, says
    cell: Cell
    value: Value
    is_total: bool
    row_is_period: bool  # the label is a year, the header says what is counted


@dataclass(frozen=True)
class Column:
    """A column of values."""

    left: float
    right: float
    header: str
    when: Period | None

    @property
    def middle(self) -> float:
        return (self.left + self.right) / 2


@dataclass(frozen=True)
class Labelled:
    """A table of numbers, read."""

    page: int
    bbox: Bbox
    title: str  # a row of its own above the header
    columns: tuple[Column, ...]
    label_header: str
    entries: tuple[Entry, ...]
    problems: tuple[str, ...]
    has_header: bool
    last_group: str  # what the last row stood under and beside: it may go on over the page's end
    last_beside: str


def value(text: str) -> Value:
    """The number, or that there is none, of a printed cell.

    >>> value("1,234*").number, value("85 %").unit, value("45 (12%)").share, value("<5").understood
    (1234.0, '%', 12.0, True)
    >>> value("22 55").understood, value("£1,250.50"), value("+4%").number, value("34O").understood
    (False, Value(number=1250.5, unit='£', understood=True, share=None), 4.0, False)
    """
    text = collapse(text)
    if _WITHHELD.fullmatch(matching(text)):
        return Value(None, None, True)
    bare = _CHANGE.sub("", text)
    number, unit, understood = value_of(bare)
    if understood and not misread(unit):
        return Value(number, unit, True)
    if match := _WITH_SHARE.fullmatch(bare.strip("*† ")):
        whole, share = value_of(match["number"]), value_of(match["share"])
        return Value(whole[0], None, whole[2] and share[2], share[0])
    return Value(None, None, False)


def read(page: Page, table: Table, before: Labelled | None = None) -> Labelled | None:
    """The table; None where it holds no numbers. `before` is a table that it may go on from, without a header."""
    rows = table.rows
    first = next((at for at, row in enumerate(rows) if _is_body(row)), None)
    if first is None:
        return None
    title, header = _title(table, rows[:first])
    body = rows[first:]
    leaves = _leaves(body)
    if before is not None and header and sum(bool(cell.text) for row in header for cell in row) == 1:
        header = []  # a label that the page's end tore from its row
    whole = before if before is not None and not header and _same_columns(table, leaves, before) else None
    shape = _continued_shape(leaves, whole) if whole is not None else _shape(body, leaves, header)
    if shape is None:
        return None
    labels, columns = shape
    problems: list[str] = []
    texts = [cell.text for cell in rows[0] if cell.text]
    if whole is not None and len(texts) == 1 and not whole.last_group and not _is_value(rows[0][0]):
        problems.append(f"the row {texts[0]!r} seems to be cut by the page's end")
    held = before is not None and [c.header for c in before.columns] == [c.header for c in columns]
    start = (before.last_group, before.last_beside) if held and before is not None else ("", "")
    entries, wrong, *last = _entries(body, labels, columns, *start)
    return Labelled(
        table.page,
        table.bbox,
        whole.title if whole else title,
        columns,
        whole.label_header if whole else (_over(header, labels[-1]) if labels else ""),
        tuple(entries),
        (*problems, *wrong, *_fallen(page, table, columns, entries)),
        bool(header) or whole is not None,
        *last,
    )


# --- header and columns -------------------------------------------------------------------

Leaf = tuple[float, float]  # left and right edge of a column


def _continued_shape(leaves: Sequence[Leaf], before: Labelled) -> tuple[list[Leaf], tuple[Column, ...]]:
    """The columns of labels, and those of values, of a table that goes on from another."""
    return [leaf for leaf in leaves if leaf[1] <= before.columns[0].left + 3], before.columns


def _shape(
    body: Sequence[list[Cell]], leaves: Sequence[Leaf], header: Sequence[list[Cell]]
) -> tuple[list[Leaf], tuple[Column, ...]] | None:
    """The columns of labels, and those of values to their right; None where there are none."""
    kinds = [_kind(body, leaf, header) for leaf in leaves]
    first = next((at for at, kind in enumerate(kinds) if kind == "value" and ("label" in kinds[:at] or not at)), None)
    if first is None:
        return None
    labels = [leaf for leaf, kind in zip(leaves[:first], kinds, strict=False) if kind == "label"]
    values = [leaf for at, leaf in enumerate(leaves) if at >= first and kinds[at] == "value"]
    return labels, tuple(_column(header, leaf) for leaf in values)


def is_year(text: str) -> bool:
    """A text that names a year or another period, and so is no figure though it has digits.

    >>> is_year("2023/24"), is_year("2022"), is_year("1,024")
    (True, True, False)
    """
    return bool(re.fullmatch(r"(?:19|20)\d\d[*†]?", text.strip())) or period(in_full(text)) is not None


def _is_value(cell: Cell) -> bool:
    found = value(cell.text)
    return bool(cell.text) and not is_year(cell.text) and found.understood


def _is_body(row: list[Cell]) -> bool:
    """A row with a number in it that is no year, beside its label or under a label that began above."""
    numbers = [cell for cell in row if _is_value(cell) and value(cell.text).number is not None]
    withheld = [cell for cell in row[1:] if _is_value(cell)]
    labelled = any(cell.text and not _is_value(cell) and not is_year(cell.text) for cell in row)
    return bool(numbers) or (bool(withheld) and labelled)


def _title(table: Table, rows: list[list[Cell]]) -> tuple[str, list[list[Cell]]]:
    """A row above the header that spans the table, and the header's rows."""
    title = ""
    while rows and len(filled := [cell for cell in rows[0] if cell.text]) <= 1:
        if filled and (len(rows) == 1 or filled[0].bbox[2] - filled[0].bbox[0] < 0.9 * (table.bbox[2] - table.bbox[0])):
            break
        title = filled[0].text if filled else title
        rows = rows[1:]
    return title, rows


def _leaves(body: Sequence[list[Cell]]) -> list[Leaf]:
    """The columns of the body, as narrow as any of its rows makes them."""
    edges: list[float] = []
    for row in body:
        for cell in row:
            for x in (cell.bbox[0], cell.bbox[2]):
                if not any(abs(x - edge) < 2.5 for edge in edges):
                    edges.append(x)
    edges.sort()
    return list(pairwise(edges))


def _in(body: Sequence[list[Cell]], leaf: Leaf) -> Iterator[Cell]:
    middle = (leaf[0] + leaf[1]) / 2
    yield from (cell for row in body for cell in row if cell.bbox[0] <= middle <= cell.bbox[2])


def _kind(body: Sequence[list[Cell]], leaf: Leaf, header: Sequence[list[Cell]]) -> str:
    """ "value", "label", or "" for a column that is neither: a gap, a rank, remarks."""
    cells = [cell for cell in _in(body, leaf) if cell.text]
    own = [cell for cell in cells if cell.bbox[2] - cell.bbox[0] < 1.6 * (leaf[1] - leaf[0])]
    numbers = sum(_is_value(cell) for cell in own)
    texts = sum(not _is_value(cell) for cell in own)
    if re.fullmatch(r"(?:rank|no\.?|ref\.?|#|position)", _over(header, leaf), re.IGNORECASE):
        return ""
    later = leaf[0] > min(cell.bbox[2] for row in body for cell in row) - 3
    if numbers > texts or (later and 2 * numbers >= texts > 0):
        return "value"
    if texts or cells:
        return "label"
    return "value" if later and _over(header, leaf) else ""


def _over(header: Sequence[list[Cell]], leaf: Leaf) -> str:
    """What the header says over a column, its levels joined."""
    middle = (leaf[0] + leaf[1]) / 2
    found: list[Cell] = []
    for row in header:
        found += [cell for cell in row if cell.text and cell.bbox[0] <= middle <= cell.bbox[2] and cell not in found]
    return collapse(" ".join(unbroken(cell.lines) for cell in found))


# Long words of headers, which narrow columns break.
_LONG_WORDS = re.compile(
    r"complaints?|compliments?|comments?|enquir(?:y|ies)|received|answered|respon(?:ded|se)|timescales?|percentage|number"
    r"|directorate|division|department|category|categories|outcomes?|ombudsman|escalat(?:ed|ions?)|decisions|average"
    r"|national|similar|authorities|councils|compensation|remed(?:y|ies)|settlement|upheld|resolved|closed|withdrawn"
    r"|feedback|within|20\d\d\s?[-/–]\s?\d\d",
    re.IGNORECASE,
)


def unbroken(lines: Sequence[str]) -> str:
    """The lines as one text, words that a narrow column broke put together again.

    >>> unbroken(["2022/23", "Complai", "nts"]), unbroken(["answered", "in time"])
    ('2022/23 Complaints', 'answered in time')
    """
    text = ""
    for line in lines:
        last, first = text.rpartition(" ")[2], line.partition(" ")[0]
        whole = _LONG_WORDS.fullmatch(last) and (_LONG_WORDS.fullmatch(first) or not first.isdigit())
        broken = _LONG_WORDS.fullmatch(f"{last}{first}") and not whole
        text += line if broken or not text else f" {line}"
    return collapse(text)


def _column(header: Sequence[list[Cell]], leaf: Leaf) -> Column:
    middle = (leaf[0] + leaf[1]) / 2
    over = [cell for row in header for cell in row if cell.text and cell.bbox[0] <= middle <= cell.bbox[2]]
    when = None
    for cell in reversed(over):
        when = when or next((found for text in joins(cell.lines) if (found := _period(text))), None)
    return Column(leaf[0], leaf[1], _over(header, leaf), when)


_CHANGES = re.compile(r"\bchange|\bdifference|\bvariance|\bversus\b|\bvs\b|\bcompared\b", re.IGNORECASE)


def _period(text: str) -> Period | None:
    """The one period that a text names; None where it names two or says how one differs from another."""
    plain = in_full(text)
    if _CHANGES.search(plain) or len(re.findall(r"\b20\d\d\s?[-/]\s?\d{2,4}\b", plain)) > 1:
        return None
    named = re.search(r"\b20\d\d\s?[-/]\s?(?:20)?\d\d\b|\b(?:19|20)\d\d\b", plain)
    return period(plain) or (period(named[0]) if named else None)


def _same_columns(table: Table, leaves: Sequence[Leaf], before: Labelled) -> bool:
    """The table is as wide as the one before, and has a column wherever that had one."""
    wide = abs(table.bbox[0] - before.bbox[0]) < 3 and abs(table.bbox[2] - before.bbox[2]) < 3
    homes = [next((leaf for leaf in leaves if leaf[0] <= c.middle <= leaf[1]), None) for c in before.columns]
    return wide and None not in homes and len(set(homes)) == len(homes)


# --- body ---------------------------------------------------------------------------------


def _entries(
    body: Sequence[list[Cell]], labels: Sequence[Leaf], columns: Sequence[Column], group: str, beside: str
) -> tuple[list[Entry], list[str], str, str]:
    """Every value cell with its labels; what could not be told; what the last row stands under and beside."""
    every = [cell for row in body for cell in row]
    found: list[Entry] = []
    problems: list[str] = []
    for row in body:
        at = row[0].row
        names = [_label(every, leaf, at) for leaf in labels]
        texts = [cell.text for cell in names if cell is not None]
        values = _values(row, columns, problems)
        filled = [cell for _, cell in values if cell.text]
        if not filled and len(dict.fromkeys(text for text in texts if text)) == 1 and _is_heading(row):
            group, beside = next(text for text in texts if text), ""
            continue
        label = next((text for text in reversed(texts) if text), "")
        if not filled and not label:
            continue
        if len(texts) > 1:
            beside = texts[0] or beside
        if not label:
            problems.append(f"the figure {filled[0].text!r} stands apart from its row")
            continue
        over = beside if beside and beside != label else group
        for column, cell in values:
            found.append(_entry(label, over, column, cell))
    return found, problems, group, beside


def _is_heading(row: list[Cell]) -> bool:
    """One text and nothing else, in a cell that is wider than the others would be."""
    return sum(bool(cell.text) for cell in row) == 1 and len(row) <= 2


def _label(every: Sequence[Cell], leaf: Leaf, row: int) -> Cell | None:
    """The cell of a label column that stands beside a row, though it may have begun above."""
    middle = (leaf[0] + leaf[1]) / 2
    return next(
        (c for c in every if c.row <= row < c.row + c.rows and c.bbox[0] <= middle <= c.bbox[2]),
        None,
    )


def _values(row: list[Cell], columns: Sequence[Column], problems: list[str]) -> list[tuple[Column, Cell]]:
    found = []
    start = min((column.left for column in columns), default=0.0)
    for other in row:
        under = any(other.bbox[0] <= column.middle <= other.bbox[2] for column in columns)
        if not under and other.bbox[0] >= start - 3 and value(other.text).number is not None:
            problems.append(f"the figure {other.text!r} stands under no column")
    for column in columns:
        cell = next((cell for cell in row if cell.bbox[0] <= column.middle <= cell.bbox[2]), None)
        if cell is None:
            continue
        covers = [one for one in columns if cell.bbox[0] <= one.middle <= cell.bbox[2]]
        if len(covers) > 1:
            if column is covers[0] and _is_value(cell):
                problems.append(f"{cell.text!r} stands under {len(covers)} columns")
            continue
        found.append((column, cell))
    return found


def _entry(label: str, group: str, column: Column, cell: Cell) -> Entry:
    own = _period(label) if is_year(label) else None
    return Entry(
        label=label,
        group=group,
        header=column.header,
        when=column.when or own,
        cell=cell,
        value=value(cell.text),
        is_total=bool(_TOTAL.match(label) or _TOTAL.match(column.header)),
        row_is_period=own is not None and column.when is None,
    )


def _fallen(page: Page, table: Table, columns: Sequence[Column], entries: Sequence[Entry]) -> list[str]:
    """Figures right outside the table, above or below a column that lacks one."""
    x0, y0, x1, y1 = table.bbox
    found = []
    for word in page.words:
        outside = y1 < word.cy <= y1 + NEAR or y0 - NEAR <= word.cy < y0
        if not outside or not x0 <= word.cx <= x1 or value(word.text).number is None or not _alone(page, word):
            continue
        column = next((c for c in columns if c.left <= word.cx <= c.right), None)
        if column and any(e.cell.bbox[0] <= word.cx <= e.cell.bbox[2] and not e.cell.text for e in entries):
            found.append(f"the figure {word.text!r} stands outside the table, and a cell of its column is empty")
    return found


def _alone(page: Page, word: Word) -> bool:
    return not any(
        other is not word and abs(other.cy - word.cy) < 3 and min(abs(other.x0 - word.x1), abs(word.x0 - other.x1)) < 8
        for other in page.words
    )
