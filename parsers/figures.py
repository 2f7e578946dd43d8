"""Tables of numbers with periods as columns: complaints, calls, digital take-up and the like.

One cell is one record, with the text as printed. A blank or withheld cell has no value;
a value is never repaired, however unlikely it looks.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from itertools import pairwise

from parsers.grid import Cell, Table
from parsers.pdf import Page, lines_of
from parsers.periods import Period, period
from parsers.records import Figure
from parsers.text import collapse, matching, number, slug
from parsers.values import MARKS, is_blank

# What a table counts, told by the nearest heading above it, else by its own header and labels.
_MEASURES = (
    ("complaints", re.compile(r"complaints?\b", re.IGNORECASE)),
    ("calls", re.compile(r"\bcalls?\b", re.IGNORECASE)),
    ("digital_take_up", re.compile(r"digital\s+take-?\s?up|transaction type|online", re.IGNORECASE)),
    ("road_casualties", re.compile(r"casualt", re.IGNORECASE)),
)
KNOWN = frozenset(name for name, _ in _MEASURES)
_ROUNDING = re.compile(
    r"(?:not|may not)\s+(?:add|sum)\b.{0,40}rounding|due to rounding|rounding.{0,40}not\s+(?:add|sum)",
    re.IGNORECASE | re.DOTALL,
)
_TOTAL = re.compile(r"(?:grand\s+)?total\b|all services\b|overall\b", re.IGNORECASE)
_LAST_12 = re.compile(r"last12months")  # of a header without its blanks: narrow columns break words


def read(page: Page, table: Table) -> list[Figure]:
    """The table's cells; none for a table whose columns are not periods."""
    if (casualties := _casualties(page, table)) is not None:
        return casualties
    header = _header(table)
    if header is None:
        return []
    rows_from, columns = header
    heading = _heading(page, table)
    measure = _measure(page, table, heading)
    labels = " ".join(cell.text for cell in table.cells if cell.col == 0)
    thousands = bool(re.search(r"\bthousands\b|1,000's", f"{heading} {labels}"))
    body = [row for row in table.rows[rows_from:] if row and row[0].col == 0 and row[0].text]
    body = _undropped(body, columns)
    tolerance = 0.5 * len(body) if _ROUNDING.search(page.text) else None
    found: list[Figure] = []
    part = measure
    for row in body:
        label = _unbroken(row[0].text)
        cells = [cell for cell in row[1:] if cell.col in columns]
        if not any(cell.text for cell in cells):
            # A line such as "Gender" or "Age Group" begins another breakdown of the same things.
            part = f"{measure}/{_slug(label)}"
            continue
        for cell in cells:
            text, when = columns[cell.col]
            found.append(_figure(page, cell, part, label, text, when, thousands, tolerance))
        if _TOTAL.match(label):
            part = f"{measure}/after_total"
    return found


def _undropped(body: list[list[Cell]], columns: Mapping[int, object]) -> list[list[Cell]]:
    """The rows, a figure that has dropped into the cell below put back where the column's total says so.

    Its own cell is blank then, and the one below holds two figures.
    """
    rows = [list(row) for row in body]
    for above, below in pairwise(rows):
        for at, cell in enumerate(above):
            other = next((n for n, c in enumerate(below) if c.col == cell.col), None)
            if cell.col not in columns or cell.text or other is None:
                continue
            figures = lines_of(below[other].words)
            if len(figures) != 2 or any(number(line.text) is None for line in figures):
                continue
            moved = (replace(cell, words=figures[0].words), replace(below[other], words=figures[1].words))
            before = (above[at], below[other])
            above[at], below[other] = moved
            if not _adds_up(rows, cell.col):
                above[at], below[other] = before
    return rows


def _adds_up(rows: list[list[Cell]], col: int) -> bool:
    """Whether a column's figures add up to its total exactly; False where there is no total."""
    values: list[float] = []
    for row in rows:
        text = next((cell.text for cell in row if cell.col == col), "")
        value = number(text.strip(MARKS))
        if _TOTAL.match(_unbroken(row[0].text)):
            return value is not None and abs(sum(values) - value[0]) < 1e-6
        values.append(value[0] if value else 0.0)
    return False


def announced(page: Page) -> str | None:
    """What the page's headings say that a table on it counts: "complaints"; None where they say nothing of it."""
    for line in page.lines:
        text = line.text
        if len(text) > 80 or not re.search(r"\s[-–—]\s", text) or text.rstrip().endswith((".", ",", ";", ":")):
            continue
        for name, pattern in _MEASURES:
            if pattern.search(matching(text)):
                return name
    return None


def header_rows(table: Table) -> int:
    """How many rows stand above the figures; 0 for a table whose columns are not periods."""
    header = _header(table)
    return header[0] if header else 0


def doubtful(figures: Iterable[Figure]) -> list[str]:
    """What is printed in the place of a figure and is neither one nor a sign that there is none; lost headers."""
    figures = list(figures)
    lost = [f for f in figures if f.period_start is None and not re.search(r"[^\W\d]", f.period_label or "")]
    undated = {(f.page, f.measure, f.period_label) for f in lost}
    problems = [
        f"page {page}: in the table of {measure.replace('_', ' ')} the column "
        + (f"headed {label!r} names no period" if label else "has no header")
        for page, measure, label in sorted(undated, key=str)
    ]
    return problems + [
        f"page {figure.page}: cannot read {figure.value_text!r} as a figure: {figure.service}, {figure.period_label}"
        for figure in figures
        if figure.value is None and figure.value_text and not is_blank(figure.value_text)
    ]


def _unbroken(label: str) -> str:
    """The label with a "Total" in one piece that a narrow column broke into "Tota" and "l".

    >>> _unbroken("Tota l Complaints"), _unbroken("Vital services")
    ('Total Complaints', 'Vital services')
    """
    return re.sub(r"\bT\s?o\s?t\s?a\s?l\b", "Total", label)


_CASUALTIES = {"fatal", "serious", "slight", "total"}


def _casualties(page: Page, table: Table) -> list[Figure] | None:
    """Road casualties: years over Fatal, Serious, Slight, Total, quarters above or as rows; None for other tables."""
    for at, row in enumerate(table.rows):
        classes = {cell.col: re.sub(r"\s+", "", cell.text) for cell in row}  # "Tota l" is one narrow word
        if not at or {name.lower() for name in classes.values()} != _CASUALTIES:
            continue
        above = [cell for upper in table.rows[:at] for cell in upper]
        found = []
        for body in table.rows[at + 1 :]:
            own = [cell.text for cell in body if cell.col not in classes and cell.text]  # "January to March"
            for cell in body:
                over = [c.text for c in above if c.col <= cell.col < c.col + c.cols and c.text]
                if cell.col in classes:
                    label = " ".join((*own, *over))
                    name = classes[cell.col]
                    figure = _figure(page, cell, "road_casualties", name, label, period(label), False, None)
                    found.append(replace(figure, is_total=name.lower() == "total"))
        return found
    return None


def _figure(
    page: Page,
    cell: Cell,
    measure: str,
    label: str,
    period_label: str,
    when: Period | None,
    thousands: bool,
    tolerance: float | None,
) -> Figure:
    text = _whole_figure(cell)
    parsed = number(text.strip(MARKS))
    unit = parsed[1] if parsed else None
    return Figure(
        measure=measure,
        service=label,
        period_label=period_label,
        period_start=when.start if when else None,
        period_end=when.end if when else None,
        value=parsed[0] if parsed else None,
        unit=unit or ("thousands" if thousands else None),
        value_text=text or None,
        is_total=bool(_TOTAL.match(label)),
        page=page.number,
        bbox=(round(cell.bbox[0], 1), round(cell.bbox[1], 1), round(cell.bbox[2], 1), round(cell.bbox[3], 1)),
        tolerance=tolerance,
    )


def _whole_figure(cell: Cell) -> str:
    """The cell's text; a figure that a narrow column breaks in two, "877,27" over "0", is whole again.

    Only where the first part is no figure by itself: else they are two.
    """
    if len(cell.lines) == 2 and number(cell.lines[0]) is None and number("".join(cell.lines).strip(MARKS)) is not None:
        return "".join(cell.lines)
    return cell.text


def _header(table: Table) -> tuple[int, dict[int, tuple[str, Period | None]]] | None:
    """(first row of the body, column -> header and its period), where at least two columns are periods."""
    for at, row in enumerate(table.rows[:2]):
        columns: dict[int, tuple[str, Period | None]] = {}
        for cell in row:
            if cell.col and cell.text:
                columns[cell.col] = (cell.text, period(cell.text))
        dated = [when for _, when in columns.values() if when]
        if len(dated) >= 2:
            latest = max(when.end for when in dated)
            for col, (text, when) in columns.items():
                if when is None and _LAST_12.search("".join(text.lower().split())):
                    columns[col] = (text, Period(_year_before(latest), latest))
            return at + 1, columns
    return None


def _year_before(end: date) -> date:
    month = end.month % 12 + 1
    return date(end.year if month == 1 else end.year - 1, month, 1)


_RUNNING = re.compile(r"^(?:appendix\s*\w*|page\s*\d+.*|\d{1,4}|agenda item.*)$", re.IGNORECASE)


def _heading(page: Page, table: Table) -> str:
    """The page's headings above the table, one a line, the table's own caption last."""
    above = [line.text for line in page.lines if line.y1 <= table.bbox[1] + 2]
    short = [text for text in above if len(text) < 80 and not text.rstrip().endswith((".", ",", ";"))]
    # The last line of a paragraph is short too, but does not begin with a capital or a digit of its own.
    return "\n".join(text for text in short if not _RUNNING.match(text) and text[:1].isupper())


def _measure(page: Page, table: Table, heading: str) -> str:
    own = collapse(" ".join(cell.text for cell in table.cells if cell.row <= 1 or _TOTAL.match(cell.text)))
    for text in (own, heading):
        hits = [(match.end(), name) for name, pattern in _MEASURES for match in pattern.finditer(matching(text))]
        if hits:
            # Of headings the last that names a subject is the nearest to the table.
            return max(hits)[1] if text is heading else min(hits)[1]
    caption = heading.splitlines()[-1] if heading else ""
    own_label = table.rows[0][0].text if table.rows[0][0].col == 0 else ""
    return _slug(caption) or _slug(own_label) or "other"


def _slug(text: str) -> str:
    return slug(text)[:60].strip("-").replace("-", "_")
