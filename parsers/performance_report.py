"""Quarterly performance reports: indicators with rating, trend, value, target and floor standard.

Reads what the ruled tables of the report hold (parsers.grid):

- the *summary table*: services down, G A R and three arrows across;
- *headline lists*: a small table for each service, one row an indicator, with its rating;
- *boxes*: one for each indicator: title and rating, a chart, and a strip
  `Latest | Target, Floor | Previous` (2024/25) or `Current | Target | Previous` (2020/21);
- tables of figures and the corporate risks (parsers.figures, parsers.risks).

The report says how many indicators it holds. A reading that finds another number, or a value
that it cannot understand, is quarantined with the sentence that an operator needs.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from urllib.parse import unquote

from parsers import figures, grid, narrative, rating, risks, unruled
from parsers.grid import Cell, Table
from parsers.pdf import Line, Page, Pdf
from parsers.records import (
    Bbox,
    Direction,
    Fact,
    Figure,
    Kind,
    KpiReading,
    Outcome,
    Rag,
    RagCount,
    Reading,
    Report,
    StatedIn,
)
from parsers.services import service_for
from parsers.text import collapse, count, matching, number, quarter, quarter_period

ALIKE = 0.5  # share of words that two names of one indicator have in common
AFTERMATH = 8  # pages after the last indicator that may still hold the last service's tables
VERSION = 1
PARSER = "performance_report"

_TITLE = re.compile(r"\b(?:quarterly\s+)?performance\s+(?:monitoring\s+)?report\b", re.IGNORECASE)
# "This report includes 38 Key Performance Indicators (KPIs)"; the footnote digit glued to a number
# is not met here, only in the executive summary.
_INCLUDES = re.compile(
    r"\b(?:includes|contains|has|comprises)\s+(?:a\s+total\s+of\s+)?(\d{1,3}|[a-z-]+)\s+"
    r"(?:key\s+performance\s+indicators|kpis|indicators)\b",
    re.IGNORECASE,
)
_RAG_WORD = re.compile(r"\b(green|amber|red)\b", re.IGNORECASE)
# Pages without any of these words hold nothing that this reader reads.
_WORTH = re.compile(
    r"\b(?:RAG|KPIs?|GREEN|AMBER|RED|Floor|TOTAL|Previous|Current|Latest|Service|Transaction|Risk|Casualt|Tota)",
)


def recognises(pages: Sequence[str], *, url: str = "", title: str = "") -> bool:
    """Whether the pages' texts look like a performance report with its boxes, alone or in a pack."""
    if not any(_TITLE.search(text) for text in pages):
        return False
    strips = sum(len(_STRIP_LINE.findall(text)) for text in pages)
    return strips >= 3


_STRIP_LINE = re.compile(r"\b(?:Latest|Current|Actual)\b\s*:?.{0,40}?\bTarget\b\s*:?\s*[£\d]", re.DOTALL)


def read(pdf: Pdf, *, url: str = "", title: str = "") -> Reading:
    """Everything that the report says of its indicators, complaints, calls, take-up and risks."""
    draft = _Draft()
    pages = list(pdf.pages)
    texts = [page.text for page in pages]
    for page in pages:
        _read_page(draft, page)
    report, problems = _report(draft, texts, url=url, title=title, pdf_title=pdf.title or "")
    problems += draft.problems
    readings = _joined(draft)
    problems += _problems(draft, readings, report)
    if (part := _part_of_council(texts, draft, title)) is not None:
        problems.append(f"expected the whole council's report, found one on {part}")
    facts: list[Fact] = [report] if report else []
    facts += readings
    period = (report.financial_year, report.quarter) if report else (None, None)
    facts += [replace(c, financial_year=period[0], quarter=period[1]) for c in draft.counts]
    facts += _stated_counts(draft, pages, period)
    facts += _own_figures(draft, readings)
    facts += risks.read(pages)
    return Reading(
        kind=Kind.PERFORMANCE_REPORT,
        outcome=Outcome.QUARANTINED if problems else Outcome.READ,
        parser=PARSER,
        parser_version=VERSION,
        note="; ".join(problems) or None,
        title=report.title if report else title or None,
        facts=tuple(facts),
        text="\n\n".join(texts),
    )


@dataclass
class _Headline:
    """One row of a headline list."""

    service: str
    name: str
    rag: Rag | None
    previous_rag: Rag | None
    direction: Direction | None
    page: int
    bbox: Bbox


@dataclass
class _Draft:
    """What has been read so far, page after page."""

    section: str | None = None
    section_pages: dict[int, str] = field(default_factory=dict)
    boxes: list[KpiReading] = field(default_factory=list)
    headlines: list[_Headline] = field(default_factory=list)
    counts: list[RagCount] = field(default_factory=list)
    figures: list[Figure] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    open_rows: list[tuple[Table, list[Cell]]] = field(default_factory=list)  # rows of a box not yet closed
    list_title: str = ""
    first_page: int | None = None  # of the report within a pack

    @property
    def services(self) -> list[str]:
        """The services of the summary table, in its order."""
        return [c.service for c in self.counts if c.service and c.quote and not c.quote.startswith("KPI Summary")]


def _read_page(draft: _Draft, page: Page) -> None:
    headings = _section_headings(page)
    if _WORTH.search(page.text):
        ruled = [table for table in grid.tables(page) if any(cell.words for cell in table.cells)]
        bare = unruled.tables(page, is_strip=lambda text: _values(text) is not None, ruled=ruled)
        for table in sorted([*ruled, *bare], key=lambda t: (t.bbox[1], t.bbox[0])):
            while headings and headings[0][0] <= table.bbox[1] + 1:
                draft.section = headings.pop(0)[1]
            _read_table(draft, page, table)
    if headings:
        draft.section = headings[-1][1]
    if draft.first_page is None and (draft.boxes or draft.headlines or draft.counts):
        draft.first_page = page.number


def _read_table(draft: _Draft, page: Page, table: Table) -> None:
    """Tell what a table is, and read it as that."""
    summary = _summary_columns(table)
    if summary is not None:
        _read_summary(draft, table, *summary)
    elif (columns := _list_columns(table)) is not None or (columns := _headless_columns(table)) is not None:
        _read_list(draft, table, columns, start=columns.header_rows)
    elif _is_box(table) or (draft.open_rows and _has_strip(table)):
        _read_boxes(draft, page, table)
    else:
        draft.figures += figures.read(page, table)


# --- sections -----------------------------------------------------------------------------

_OFFICE = re.compile(r"^(?:cabinet\s+members?|portfolio\s+holder)\b", re.IGNORECASE)
_RUNNING = re.compile(r"^(?:appendix\s*\w*|page\s*\d+.*|\d{1,4}|agenda item.*)$", re.IGNORECASE)


def _section_headings(page: Page) -> list[tuple[float, str]]:
    """(where it begins, service) for each line of a Cabinet Member: its service stands above it."""
    lines = [line for line in page.lines if not _RUNNING.match(collapse(line.text))]
    found: list[tuple[float, str]] = []
    for at, line in enumerate(lines):
        if not _OFFICE.match(line.text) or at == 0:
            continue
        above = [lines[at - 1]]
        if at > 1 and _goes_on(lines[at - 2], above[0]):
            above.insert(0, lines[at - 2])
        text = collapse(" ".join(part.text for part in above))
        if len(text) <= 120:
            found.append((above[0].y0, text))
    return found


def _goes_on(upper: Line, lower: Line) -> bool:
    """Two lines of one heading: as near as lines of a paragraph, in the same size, no sentence's end between."""
    size = lower.y1 - lower.y0
    near = lower.y0 - upper.y1 < 0.4 * size and abs((upper.y1 - upper.y0) - size) < 1.0
    return near and not upper.text.rstrip().endswith((".", ":", ";"))


# --- the summary table --------------------------------------------------------------------

_LETTERS = {"g": "green", "a": "amber", "r": "red", "green": "green", "amber": "amber", "red": "red"}
_TRENDS = {Direction.IMPROVING: "improving", Direction.STABLE: "stable", Direction.WORSENING: "worsening"}


def _summary_columns(table: Table) -> tuple[int, dict[int, str]] | None:
    """(row of the header, column -> what it counts) of a table headed G A R and arrows."""
    for at, row in enumerate(table.rows[:3]):
        columns = {cell.col: _LETTERS[key] for cell in row if (key := cell.text.lower()) in _LETTERS}
        if sorted(columns.values()) != ["amber", "green", "red"]:
            continue
        for cell in row:
            if cell.col not in columns and cell.direction is not None and len(cell.text) <= 2:
                columns[cell.col] = _TRENDS[cell.direction]
        if len(set(columns.values())) == len(columns):
            return at, columns
    return None


def _read_summary(draft: _Draft, table: Table, header: int, columns: dict[int, str]) -> None:
    """Rows of counts; a blank cell is a zero. "KPI Summary" rows of sections count for that section."""
    first = table.rows[header][0]
    mini = "summary" in first.text.lower()
    for row in table.rows[header + 1 :]:
        cells = {cell.col: cell for cell in row}
        label = first.text if mini else (row[0].text if row and row[0].col not in columns else "")
        values = {what: _small(cells[col].text) for col, what in columns.items() if col in cells}
        if not label or not values:
            continue
        if any(value is None for value in values.values()):
            unread = [cells[col].text for col in columns if col in cells and _small(cells[col].text) is None]
            draft.problems.append(f"page {table.page}: cannot read {unread[0]!r} in the summary row {label!r}")
            continue
        quote = " | ".join([label, *(f"{what} {cells[col].text or '(blank)'}" for col, what in columns.items())])
        service: str | None = label
        if mini:
            service = service_for(draft.section, draft.services) if draft.section else None
            if service is None:
                continue
        elif re.match(r"(?:grand\s+)?total\b", label, re.IGNORECASE):
            service = None
        draft.counts.append(
            RagCount(
                stated_in=StatedIn.REPORT,
                financial_year=None,
                quarter=None,
                service=service,
                page=table.page,
                quote=quote,
                in_table=True,
                **values,
            )
        )


def _small(text: str) -> int | None:
    """A count in a cell: blank is 0, as are dashes.

    >>> _small(""), _small("-"), _small("12"), _small("x")
    (0, 0, 12, None)
    """
    text = matching(text).strip("*- ")
    return 0 if not text else count(text)


# --- headline lists -----------------------------------------------------------------------


@dataclass(frozen=True)
class _Columns:
    """Where a headline list keeps what."""

    header_rows: int
    latest: int
    previous: int | None
    direction: int
    title: str


def _list_columns(table: Table) -> _Columns | None:
    """The columns of a list headed by "RAG" and "DoT"; None for other tables."""
    latest = previous = direction = None
    title = ""
    for at, row in enumerate(table.rows[:3]):
        for cell in row:
            text = matching(cell.text).lower()
            if re.fullmatch(r"(?:rag(?: rating)?|latest(?: rag)?|current(?: rag)?|rating)", text):
                if cell.cols == 1 or text.startswith(("latest", "current")):
                    latest = cell.col
            elif re.fullmatch(r"previous(?: rag)?", text):
                previous = cell.col
            elif re.fullmatch(r"do\s?t|direction of travel", text):
                direction = cell.col
            elif cell.col == 0 and at == 0:
                title = cell.text
        if latest is not None and direction is not None:
            after = at + 1
            # "RAG rating" over "Latest | Previous": the second header row is still to come.
            if previous is None and at == 0 and len(table.rows) > 1:
                below = " ".join(cell.text.lower() for cell in table.rows[1])
                if "previous" in below and not _RAG_WORD.search(below):
                    continue
            return _Columns(after, latest, previous, direction, title)
    return None


_HEADER_WORD = re.compile(r"(?:latest|previous|current|rag(?: rating)?|rating|do ?t)?", re.IGNORECASE)


def _headless_columns(table: Table) -> _Columns | None:
    """The columns of a list whose header stands on the page before: every row has a name, ratings and an arrow."""
    shapes: set[tuple[int, ...]] = set()
    header_rows = 0
    for row in table.rows:
        cells = {cell.col: cell for cell in row if cell.text or cell.rag or cell.way}
        # The sliver between the rules of a double border; the lower line of a header cut by a page's end.
        if all(_HEADER_WORD.fullmatch(matching(cell.text)) for cell in cells.values()) and not shapes:
            header_rows += 1
            continue
        rated = [col for col, cell in cells.items() if col and _rag_of(cell)[0] is not None]
        arrowed = [col for col, cell in cells.items() if cell.direction is not None and col not in rated]
        if 0 not in cells or len(cells[0].text) < 8 or len(arrowed) != 1 or not 1 <= len(rated) <= 2:
            return None
        shapes.add((*rated, *arrowed))
    if len(shapes) != 1:
        return None
    *rated, arrow = shapes.pop()
    return _Columns(header_rows, rated[0], rated[1] if len(rated) > 1 else None, arrow, "")


def _read_list(draft: _Draft, table: Table, columns: _Columns, *, start: int) -> None:
    draft.list_title = columns.title or draft.list_title
    for row in table.rows[start:]:
        cells = {cell.col: cell for cell in row}
        name = cells[0].text if 0 in cells else ""
        if not name or columns.latest not in cells:
            continue
        latest, problem = _rag_of(cells[columns.latest])
        previous = cells.get(columns.previous) if columns.previous is not None else None
        travel = cells.get(columns.direction)
        if problem:
            draft.problems.append(f"page {table.page}: {name!r}: {problem}")
        draft.headlines.append(
            _Headline(
                service=draft.list_title,
                name=name,
                rag=latest,
                previous_rag=_rag_of(previous)[0] if previous else None,
                direction=travel.direction if travel else None,
                page=table.page,
                bbox=table.row_bbox(row),
            )
        )


def _rag_of(cell: Cell) -> tuple[Rag | None, str | None]:
    """The rating of a cell from its word, held against its shading; and what is wrong, if anything.

    A shaded cell without a word is rated by its shading.
    """
    words = {Rag(word.lower()) for word in _RAG_WORD.findall(cell.text)}
    if len(words) > 1:
        return None, f"two ratings in one cell: {cell.text!r}"
    shade = cell.rag
    if not words:
        letter = {"g": Rag.GREEN, "a": Rag.AMBER, "r": Rag.RED}.get(cell.text.strip().lower())
        if letter is None:
            return (shade, None) if not _plain(cell.text) else (None, None)
        words = {letter}
    word = words.pop()
    if shade is not None and shade is not word:
        return word, f"the word says {word}, the colour of its cell says {shade}"
    return word, None


def _plain(text: str) -> str:
    """Letters and digits of a text, arrows left out."""
    return re.sub(r"[^A-Za-z0-9]", "", text)


# --- boxes --------------------------------------------------------------------------------

_LABELS = re.compile(
    r"\b(?P<label>Latest|Current|Actual|Target|Floor(?:\s+Standard)?|Previous)\b\s*:?\s*",
    re.IGNORECASE,
)


def _strip(row: Iterable[Cell]) -> dict[str, list[str]] | None:
    """The strip under a chart as label -> texts; None for other rows."""
    return _values(" ".join(cell.text for cell in row))


def _values(text: str) -> dict[str, list[str]] | None:
    """A strip's text as label -> texts; None for texts that are no strip.

    >>> _values("Latest: 97% Target: 97%, Floor 90% Previous: 97% (Green)")
    {'latest': ['97%'], 'target': ['97%'], 'floor': ['90%'], 'previous': ['97% (Green)']}
    >>> _values("Current performance is above target") is None
    True
    """
    text = collapse(text)
    marks = list(_LABELS.finditer(text))
    if not marks or marks[0].start() > 2:
        return None
    parts: dict[str, list[str]] = {}
    for mark, following in zip(marks, [*marks[1:], None], strict=True):
        label = mark["label"].lower().split()[0]
        label = "latest" if label in ("current", "actual") else label
        value = text[mark.end() : following.start() if following else len(text)]
        parts.setdefault(label, []).append(value.strip(" ,;|"))
    if {"latest", "target"} <= parts.keys() and ("previous" in parts or "floor" in parts):
        parts.setdefault("previous", [""])
        return parts
    return None


def _has_strip(table: Table) -> bool:
    return any(_strip(row) is not None for row in table.rows)


def _is_box(table: Table) -> bool:
    """A table with a strip, or the upper part of one whose strip stands on the next page."""
    if _has_strip(table):
        return True
    row = table.rows[0]
    filled = [cell for cell in row if cell.text]
    return (
        len(table.rows) <= 2
        and len(filled) == 2
        and len(filled[0].text) > 12
        and _RAG_WORD.fullmatch(_first_word(filled[1].text)) is not None
    )


def _first_word(text: str) -> str:
    return text.split()[0] if text.split() else ""


def _read_boxes(draft: _Draft, page: Page, table: Table) -> None:
    """One or several boxes: rows up to and with a strip belong together."""
    for row in table.rows:
        parts = _strip(row)
        if parts is None:
            if any(cell.text or cell.rag for cell in row):
                draft.open_rows.append((table, row))
            continue
        rows, draft.open_rows = draft.open_rows, []
        _close_box(draft, page, table, rows, row, parts)


def _close_box(
    draft: _Draft,
    page: Page,
    table: Table,
    rows: list[tuple[Table, list[Cell]]],
    strip: list[Cell],
    parts: dict[str, list[str]],
) -> None:
    titled = next(((t, row) for t, row in rows if row[0].text), None)
    if titled is None:
        draft.problems.append(f"page {page.number}: values without a title: {_row_text(strip)!r}")
        return
    home, title_row = titled
    name = _whole_title(home, title_row, rows)
    rag: Rag | None = None
    direction: Direction | None = None
    for cell in title_row[1:]:
        rag, problem = _rag_of(cell)
        direction = cell.direction
        if problem:
            draft.problems.append(f"page {home.page}: {name!r}: {problem}")
        if rag is not None or direction is not None:
            break
    box = home.row_bbox(title_row)
    if home.page == table.page:
        below = table.row_bbox(strip)
        box = (min(box[0], below[0]), box[1], max(box[2], below[2]), below[3])
    section = draft.section or ""
    reading, problems = _reading(name, section, rag, direction, parts, home.page, box)
    draft.problems += [f"page {home.page}: {name!r}: {problem}" for problem in problems]
    draft.boxes.append(reading)


def _whole_title(home: Table, title_row: list[Cell], rows: list[tuple[Table, list[Cell]]]) -> str:
    """The title, with what of it a page's end pushed over to the next page."""
    pushed = [row for table, row in rows if table.page == home.page + 1 and len(row) > 1 and row[0].text]
    return collapse(" ".join([title_row[0].text, *(row[0].text for row in pushed[:1])]))


def _row_text(row: list[Cell]) -> str:
    return collapse(" ".join(cell.text for cell in row))


# A value that the paper withholds or does not have.
_NO_DATA = re.compile(
    r"\*{0,3}|-{1,3}|n/?a|n/?r|tbc|no data.*|not (?:yet )?available.*|data not.*|nil return", re.IGNORECASE
)
_MARKS = "*†‡§¹²³^# "
_SCALES = {"m": "m", "million": "m", "k": "k", "bn": "bn", "billion": "bn"}


def value_of(text: str) -> tuple[float | None, str | None, bool]:
    """Number, unit and whether the text was understood, of a printed value.

    >>> value_of("97%"), value_of("98%*"), value_of("0.01 %"), value_of("5 days")
    ((97.0, '%', True), (98.0, '%', True), (0.01, '%', True), (5.0, 'days', True))
    >>> value_of("*"), value_of("N/A"), value_of("£5.2m"), value_of("eleventy")
    ((None, None, True), (None, None, True), (5.2, '£m', True), (None, None, False))
    """
    text = collapse(text)
    if _NO_DATA.fullmatch(matching(text)):
        return None, None, True
    bare = text.strip(_MARKS)
    plain = number(bare)
    if plain is not None:
        return plain[0], plain[1], True
    match = re.fullmatch(r"(?P<number>[-−]?£?[\d,.]+)\s?(?P<unit>[A-Za-z]+(?: [a-z]+)?)", bare)
    if match and (found := number(match["number"])):
        unit = match["unit"].lower()
        scale = _SCALES.get(unit)
        return found[0], (found[1] or "") + (scale or unit), True
    return None, None, False


_RANGE = re.compile(r"(?P<low>[£\d.,%\s]+?)\s*(?:-|to|and)\s*(?P<high>[£\d.,%\s]+)")


def _reading(
    name: str,
    section: str,
    rag: Rag | None,
    direction: Direction | None,
    parts: dict[str, list[str]],
    page: int,
    bbox: Bbox,
) -> tuple[KpiReading, list[str]]:
    """A box's record, and what could not be understood of it."""
    problems: list[str] = []
    texts = {label: values[0] for label, values in parts.items()}
    for label, values in parts.items():
        if len({collapse(v) for v in values if v}) > 1:
            problems.append(f"two different texts for {label}: {values}")
        if label in ("target", "floor") and not any(values):
            problems.append(f"nothing is printed after {label!r}")
    previous_text, previous_rag = _previous(texts["previous"])
    value, unit, understood = value_of(texts["latest"])
    previous, _, previous_understood = value_of(previous_text)
    floor, _, floor_understood = value_of(texts.get("floor", ""))
    target, target_unit, target_understood = value_of(texts["target"])
    low = high = None
    if not target_understood and (match := _RANGE.fullmatch(matching(texts["target"]))):
        low, _, low_understood = value_of(match["low"])
        high, _, high_understood = value_of(match["high"])
        target_understood = low_understood and high_understood and low is not None and high is not None
    for label, fine in (
        ("latest", understood),
        ("target", target_understood),
        ("floor", floor_understood),
        ("previous", previous_understood),
    ):
        if not fine:
            problems.append(f"cannot read {texts.get(label, '')!r} as {label}")
    reading = KpiReading(
        service=section,
        name=name,
        rag=rag,
        previous_rag=previous_rag,
        direction=direction,
        value=value,
        target=target,
        target_low=low,
        target_high=high,
        floor=floor,
        previous_value=previous,
        unit=unit or target_unit,
        value_text=texts["latest"] or None,
        target_text=texts["target"] or None,
        floor_text=texts.get("floor") or None,
        previous_text=previous_text or None,
        lower_is_better=rating.lower_is_better(target, floor),
        page=page,
        bbox=_rounded(bbox),
    )
    return reading, problems


def _previous(text: str) -> tuple[str, Rag | None]:
    """Value and rating of "97% (Green)".

    >>> _previous("5,473 (Amber)"), _previous("93%**"), _previous("* (n/a)")
    (('5,473', <Rag.AMBER: 'amber'>), ('93%**', None), ('*', None))
    """
    match = re.fullmatch(r"(?P<value>.*?)\s*\((?P<rag>[^()]*)\)\s*", text)
    if match is None:
        return text, None
    word = _RAG_WORD.fullmatch(match["rag"].strip())
    return match["value"], Rag(word[1].lower()) if word else None


def _rounded(box: Bbox) -> Bbox:
    return (round(box[0], 1), round(box[1], 1), round(box[2], 1), round(box[3], 1))


# --- putting together ---------------------------------------------------------------------

_STOP = frozenset(
    [
        "of",
        "the",
        "a",
        "in",
        "to",
        "and",
        "or",
        "who",
        "which",
        "were",
        "are",
        "is",
        "kpi",
        "percentage",
        "number",
        "no",
    ]
)


def _name_tokens(name: str) -> frozenset[str]:
    text = re.sub(r"rolling 12[- ]months?(?: period)?", " ", matching(name).lower().replace("'", ""))
    return frozenset(re.findall(r"[a-z0-9]+", text)) - _STOP


def similarity(a: str, b: str) -> float:
    """How alike two names of indicators are, 0 to 1, by their words."""
    x, y = _name_tokens(a), _name_tokens(b)
    return len(x & y) / len(x | y) if x and y else 0.0


def _joined(draft: _Draft) -> list[KpiReading]:
    """Boxes with the summary's name of their service and with their row of the headline list."""
    services = draft.services
    readings = [replace(box, service=service_for(box.service, services)) for box in draft.boxes]
    partner = _matches([h.name for h in draft.headlines], [r.name for r in readings])
    joined = []
    for at, reading in enumerate(readings):
        headline = draft.headlines[partner[at]] if at in partner else None
        joined.append(_with_headline(reading, headline) if headline else reading)
    return joined


def _with_headline(reading: KpiReading, headline: _Headline) -> KpiReading:
    """The reading with its row of the list; what the box does not show is taken from there.

    Where the two names have little in common, only their places say that they belong together:
    then rating and arrow must agree too, and nothing is taken over.
    """
    alike = similarity(headline.name, reading.name) >= ALIKE
    if alike:
        reading = replace(
            reading,
            rag=reading.rag or headline.rag,
            direction=reading.direction or headline.direction,
            previous_rag=reading.previous_rag or headline.previous_rag,
        )
    elif (headline.rag, headline.direction) != (reading.rag, reading.direction):
        return reading
    return replace(
        reading,
        headline_name=headline.name,
        headline_rag=headline.rag,
        headline_previous_rag=headline.previous_rag,
        headline_direction=headline.direction,
        headline_page=headline.page,
        headline_bbox=_rounded(headline.bbox),
    )


def _matches(headlines: list[str], boxes: list[str]) -> dict[int, int]:
    """Which row of the lists belongs to which box, box -> row.

    Both stand in the same order, but for a few that moved: best names first, and what is
    left between two matched neighbours goes together when it is alone there on both sides.
    """
    scored = sorted(
        ((similarity(h, b), -abs(i - j), i, j) for i, h in enumerate(headlines) for j, b in enumerate(boxes)),
        reverse=True,
    )
    taken: set[int] = set()
    partner: dict[int, int] = {}
    for score, _, i, j in scored:
        if score < ALIKE:
            break
        if i not in taken and j not in partner:
            taken.add(i)
            partner[j] = i
    for j in range(len(boxes)):
        if j in partner:
            continue
        free = [i for i in range(len(headlines)) if i not in taken]
        before = partner.get(j - 1, -1) if j else -1
        after = partner.get(j + 1, len(headlines)) if j + 1 < len(boxes) else len(headlines)
        between = [i for i in free if before < i < after]
        if len(between) == 1 and similarity(headlines[between[0]], boxes[j]) > 0.15:
            partner[j] = between[0]
            taken.add(between[0])
    return partner


def _report(
    draft: _Draft, texts: list[str], *, url: str, title: str, pdf_title: str
) -> tuple[Report | None, list[str]]:
    """The edition: from the cover, then the running text, then the names that the paper goes by."""
    cover = _cover(texts, draft.first_page or len(texts))
    named = cover[1] if cover else None
    first = (cover[0] if cover else 1) - 1
    if named is None:
        named = next((q for text in texts[first : (draft.first_page or 1) + 1] if (q := quarter(text))), None)
    if named is None:
        named = next((q for text in (title, pdf_title, _file_words(url)) if (q := quarter(text))), None)
    if named is None:
        return None, ["neither cover nor text nor title names the quarter and year of the report"]
    total = None
    for text in texts[first : (draft.first_page or 1) + 2]:
        if match := _INCLUDES.search(matching(text)):
            total = count(match[1])
            if total is not None:
                break
    start, end = quarter_period(*named)
    match = _TITLE.search(" ".join(texts[first : first + 2]))
    printed = collapse(match[0]).title() if match else "Performance Report"
    report = Report(
        title=f"{printed}, Quarter {named[1]}, {named[0]}",
        financial_year=named[0],
        quarter=named[1],
        period_start=start,
        period_end=end,
        kpi_total=total,
    )
    return report, []


def _cover(texts: list[str], first_facts: int) -> tuple[int, tuple[str, int] | None] | None:
    """(page, quarter) of the report's cover: a short page with its title; the last before the facts."""
    found = None
    for at, text in enumerate(texts[:first_facts], start=1):
        lines = [line for line in text.splitlines() if line.strip()]
        if len(lines) <= 20 and _TITLE.search(collapse(text)):
            found = (at, quarter(text))
            if found[1] is not None:
                return found
    return found


def _part_of_council(texts: list[str], draft: _Draft, title: str) -> str | None:
    """The one service that the paper is about; None for the whole council's report.

    "Commercial and Procurement Performance Report" looks the same and is another paper.
    """
    cover = _cover(texts, draft.first_page or len(texts))
    names = [collapse(texts[cover[0] - 1])] if cover else []
    return next((part for name in (*names, title) if name and (part := narrative.subject(name).service)), None)


def claims(pages: Sequence[str]) -> bool:
    """Whether a paper that was not recognised says on its cover that it is such a report."""
    cover = _cover(list(pages), min(len(pages), 60))
    if cover is None or cover[1] is None or len(pages) - cover[0] < 5:
        return False
    return any(_KEY_PAGE.search(matching(page)) for page in pages[cover[0] : cover[0] + 6])


_KEY_PAGE = re.compile(r"key performance indicators|\bRAG\b|\bKPIs?\b")


def _file_words(url: str) -> str:
    return unquote(url.rsplit("/", 1)[-1]).replace("_", " ")


def _own_figures(draft: _Draft, readings: list[KpiReading]) -> list[Figure]:
    """Figures of the report's own pages: in a pack other papers stand before and after it.

    A service whose tables come after the last indicator is still the report's; a table that
    counts something else is so only between the report's own indicators.
    """
    pages = [reading.page for reading in readings] + ([draft.first_page] if draft.first_page else [])
    if not pages:
        return []
    last = max(pages)
    return [
        figure
        for figure in draft.figures
        if min(pages) <= (figure.page or 0) <= (last + AFTERMATH if figure.measure in figures.KNOWN else last)
    ]


def _stated_counts(draft: _Draft, pages: list[Page], period: tuple[str | None, int | None]) -> list[RagCount]:
    """What the executive summary and the services' sections say in words, of all indicators and of single services."""
    if draft.first_page is None:
        return []
    first_box = min((box.page for box in draft.boxes), default=draft.first_page + 1)
    until = min(first_box - 1, draft.first_page + 10)
    sections = _sections(pages, max((box.page for box in draft.boxes), default=until))
    summary = [p for p in pages if draft.first_page - 2 <= p.number <= until and p.number not in sections]
    found = narrative.counts_in(
        [(page.number, page.text) for page in summary],
        stated_in=StatedIn.REPORT,
        financial_year=period[0],
        quarter=period[1],
    )
    prose = [(page.number, page.text) for page in pages if page.number in sections]
    found += narrative.of_sections(prose, sections, financial_year=period[0], quarter=period[1])
    services = draft.services
    return [replace(c, service=service_for(c.service, services)) if c.service else c for c in found]


def _sections(pages: list[Page], last: int) -> dict[int, str]:
    """Page number to the service whose section the page belongs to; a page that two sections share is left out."""
    found: dict[int, str] = {}
    section: str | None = None
    for page in pages:
        headings = _section_headings(page) if page.number <= last else []
        shared = bool(headings) and (len(headings) > 1 or (section is not None and headings[0][0] > page.height / 3))
        section = headings[-1][1] if headings else section
        if section is not None and not shared and page.number <= last:
            found[page.number] = section
    return found


def _expected(draft: _Draft, report: Report | None) -> tuple[int | None, str]:
    """How many indicators there should be, and what says so: the text, else the lists, else the summary's total.

    The total counts rated indicators only, so it comes last.
    """
    if report is not None and report.kpi_total is not None:
        return report.kpi_total, "the report"
    if draft.headlines:
        return len(draft.headlines), "the list of indicators"
    total = next((c for c in draft.counts if c.service is None), None)
    if total is not None:
        return sum(n or 0 for n in (total.green, total.amber, total.red)), "the summary's total"
    return None, ""


def _problems(draft: _Draft, readings: list[KpiReading], report: Report | None) -> list[str]:
    """What was expected and not found."""
    problems = []
    if draft.open_rows:
        table, row = draft.open_rows[0]
        problems.append(f"page {table.page}: a box without values: {_row_text(row)[:80]!r}")
    expected, says = _expected(draft, report)
    if expected is None:
        problems.append("the paper nowhere says how many indicators it holds")
    elif expected != len(readings):
        problems.append(f"expected {expected} indicators as {says} says, found {len(readings)}")
    if draft.headlines and len(draft.headlines) != len(readings):
        problems.append(f"the summary lists name {len(draft.headlines)} indicators, {len(readings)} have a page")
    problems += _unread_directions(draft, readings)
    names = Counter((r.service, r.name) for r in readings)
    problems += [f"the indicator {name!r} was found {n} times" for (_, name), n in names.items() if n > 1]
    if any(not r.service for r in readings):
        problems.append("indicators stand before the first service's heading")
    return problems


def _unread_directions(draft: _Draft, readings: list[KpiReading]) -> list[str]:
    """Rated indicators whose arrow could not be read, where the paper has arrows at all."""
    read = sum(r.direction is not None for r in readings)
    rated = sum(r.rag is not None for r in readings)
    total = next((c for c in draft.counts if c.service is None), None)
    if total is not None and None not in (total.improving, total.stable, total.worsening):
        rated = min(rated, sum(n or 0 for n in (total.improving, total.stable, total.worsening)))
    elif not read:
        return []
    return [f"expected {rated} directions of travel, could read {read}"] if read < rated else []
