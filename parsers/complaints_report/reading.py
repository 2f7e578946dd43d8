"""Such a report as a whole: its tables under their captions, every cell of theirs as a figure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from parsers import grid
from parsers.boxes import holds, rounded
from parsers.complaints_report import labelled_table
from parsers.complaints_report.labelled_table import Entry, Labelled
from parsers.complaints_report.measures import code, measure_of
from parsers.complaints_report.title import own_title
from parsers.pdf import Line, Page, Pdf
from parsers.periods import Period, period
from parsers.records import Figure, Kind, Outcome, Reading
from parsers.text import collapse, financial_year, is_running

VERSION = 1
PARSER = "complaints_report"

_CAPTION = re.compile(
    r"^(?:table|fig(?:ure)?|chart|graph)\s*(?P<number>\d+[a-z]?(?:\.\d+)?)\b\s*[.:–-]*\s*(?P<name>.*)$", re.I
)
_ROUNDING = re.compile(
    r"(?:due to|because of|as a result of)\s+rounding|(?:not|may not)\s+(?:add|sum)\b.{0,60}rounding", re.I | re.S
)

# Tables that the report exists for: a cell of theirs that cannot be understood is not passed over.
_FAMILY = re.compile(r"complaint|compliment|ombudsman|enquir|feedback|escalation|upheld|in time", re.IGNORECASE)


@dataclass(frozen=True)
class _Caption:
    """What names a table."""

    text: str
    number: str | None  # "18" of "Table 18: …"
    y: float


@dataclass
class _Whole:
    """A table with what of it stands on the following pages."""

    caption: _Caption | None
    parts: list[tuple[Page, Labelled]]

    @property
    def entries(self) -> list[Entry]:
        return [entry for _, part in self.parts for entry in part.entries]


@dataclass
class _Draft:
    """What has been read so far, page after page."""

    figures: list[Figure] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    used: dict[tuple[str, str], str] = field(default_factory=dict)  # measure and column -> caption that took it
    tables: list[_Whole] = field(default_factory=list)
    waiting: tuple[int, _Caption] | None = None  # page and caption of a table that may stand on the next page


def read(pdf: Pdf, *, url: str = "", title: str = "") -> Reading:
    """Every figure of the report's tables."""
    draft = _Draft()
    pages = list(pdf.pages)
    texts = [page.text for page in pages]
    for page in pages:
        _read_page(draft, page)
    if draft.waiting is not None:
        draft.problems.append(_missing(*draft.waiting))
    for whole in draft.tables:
        _add(draft, whole)
    found = [figure for figure in draft.figures if figure.value is not None]
    tables = any(
        _CAPTION.match(line) and line.lower().startswith("table") for text in texts for line in text.splitlines()
    )
    if not found and tables and not draft.problems:
        draft.problems.append("expected the tables that the captions name, could read none")
    outcome = Outcome.READ if found else Outcome.NOTHING
    if draft.problems:
        outcome = Outcome.QUARANTINED
    return Reading(
        kind=Kind.COMPLAINTS_REPORT,
        outcome=outcome,
        parser=PARSER,
        parser_version=VERSION,
        note="; ".join(draft.problems) or None,
        title=own_title(texts, title),
        facts=tuple(draft.figures) if found or draft.problems else (),
        text="\n\n".join(texts),
    )


def _read_page(draft: _Draft, page: Page) -> None:
    tables = [table for table in grid.tables(page) if any(cell.words for cell in table.cells)]
    lines = _free_lines(page, tables)
    captions = [caption for line in lines if (caption := _caption(line))]
    taken: set[float] = set()
    for at, table in enumerate(tables):
        caption = _caption_of(table.bbox, captions, lines, tables, at)
        named = caption is not None and caption.number is not None
        if caption is not None and named:
            taken.add(caption.y)
        elif at == 0 and draft.waiting is not None:
            named, caption, draft.waiting = True, draft.waiting[1], None
        _read_table(draft, page, table, caption, may_go_on=at == 0 and not named)
    if draft.waiting is not None:
        draft.problems.append(_missing(*draft.waiting))
        draft.waiting = None
    lowest = max((table.bbox[3] for table in tables), default=0.0)
    for caption in captions:
        if caption.number and caption.y not in taken and caption.text.lower().startswith("table"):
            if caption is captions[-1] and caption.y > lowest and caption.y > 0.6 * page.height:
                draft.waiting = (page.number, caption)
            else:
                draft.problems.append(_missing(page.number, caption))
    draft.problems += _unruled(page, lines)


def _read_table(draft: _Draft, page: Page, table: grid.Table, caption: _Caption | None, *, may_go_on: bool) -> None:
    """Add a table of numbers to the draft, or to the table of the page before that it goes on from."""
    last = draft.tables[-1].parts[-1][1] if draft.tables and may_go_on else None
    before = last if last is not None and last.page == page.number - 1 else None
    found = labelled_table.read(page, table, before)
    if found is None:
        only_labels = not any(cell.text for row in table.rows for cell in row[1:])
        if before is not None and only_labels and _as_wide(before, table):
            text = collapse(" ".join(cell.text for cell in table.cells))
            draft.problems.append(f"page {page.number}: the row {text[:60]!r} seems to be cut by the page's end")
    elif before is not None and _continues(before, found):
        draft.tables[-1].parts.append((page, found))
    else:
        if caption is None and found.title:
            caption = _Caption(found.title, None, table.bbox[1])
        draft.tables.append(_Whole(caption, [(page, found)]))


def _missing(page: int, caption: _Caption) -> str:
    return f"page {page}: expected a table under {caption.text[:80]!r}, found none"


def _as_wide(before: Labelled, table: grid.Table) -> bool:
    return abs(before.bbox[0] - table.bbox[0]) < 3 and abs(before.bbox[2] - table.bbox[2]) < 3


def _continues(before: Labelled, found: Labelled) -> bool:
    return [c.header for c in before.columns] == [c.header for c in found.columns]


def _free_lines(page: Page, tables: Sequence[grid.Table]) -> list[Line]:
    boxes = [table.bbox for table in tables]
    return [line for line in page.lines if not any(holds(box, line.words[0].cx, line.words[0].cy) for box in boxes)]


def _caption(line: Line) -> _Caption | None:
    """A numbered caption; a sentence that begins with "Table 7 shows" is none."""
    text = collapse(line.text)
    match = _CAPTION.match(text)
    if match is None or len(text) > 160:
        return None
    if re.match(
        r"(?:above|below|shows?|sets?|gives?|provides?|details?|and|is|in|on|compares?)\b", match["name"], re.I
    ):
        return None
    return _Caption(text, match["number"], line.y0)


def _caption_of(
    box: tuple[float, float, float, float],
    captions: Sequence[_Caption],
    lines: Sequence[Line],
    tables: Sequence[grid.Table],
    at: int,
) -> _Caption | None:
    """The caption above a table and below the one before it; else its heading; else a caption below it."""
    top = tables[at - 1].bbox[3] if at else 0.0
    above = [caption for caption in captions if top - 1 <= caption.y < box[1]]
    if above:
        return above[-1]
    below = [c for c in captions if box[3] - 1 <= c.y <= box[3] + 30]
    following = tables[at + 1].bbox[1] if at + 1 < len(tables) else None
    if below and (following is None or following - below[0].y > below[0].y - box[3] + 20):
        return below[0]
    for line in reversed([line for line in lines if top - 1 <= line.y0 and line.y1 <= box[1] + 2]):
        text = collapse(line.text)
        if is_running(text) or not re.search(r"[A-Za-z]{3}", text):
            continue
        if len(text) < 110 and not text.endswith((".", ",", ";")) and text[0].isupper():
            return _Caption(text, None, line.y0)
        if text.endswith(":"):
            return _Caption(text.rstrip(":"), None, line.y0)
    return None


# --- figures ------------------------------------------------------------------------------


def _add(draft: _Draft, whole: _Whole) -> None:
    """The figures of a table, and what could not be understood of it."""
    caption, first = whole.caption, whole.parts[0][1]
    name = _name(caption)
    columns = " ".join(column.header for column in first.columns)
    # A table that nothing names may be a part of any.
    family = bool(_FAMILY.search(f"{name} {first.title} {columns} {first.label_header}")) or not (
        name and columns.strip()
    )
    problems = _unread(whole, name)
    if problems and not family:
        return  # a table of something else, which nobody here understands
    draft.problems += problems
    labels = [(entry.label, entry.header) for entry in whole.entries]
    totals = any(entry.is_total and entry.group for entry in whole.entries)
    same = totals or len(set(labels)) < len(labels)
    may_be_rounded = any(_ROUNDING.search(page.text) for page, _ in whole.parts)
    tolerance = 0.5 * len({(entry.group, entry.label) for entry in whole.entries}) if may_be_rounded else None
    seen: set[tuple[str, str | None, str | None]] = set()
    twice: list[str] = []
    for page, part in whole.parts:
        for entry in part.entries:
            measure = _own_measure(draft, measure_of(entry, name, first), entry, caption, first.page)
            for figure in _figures(page, entry, measure, tolerance, name, same):
                mark = (figure.measure, figure.service, figure.period_label)
                if mark in seen:
                    twice.append(
                        f"page {page.number}: two figures for {figure.service!r} under {figure.period_label!r}"
                    )
                seen.add(mark)
                draft.figures.append(figure)
    draft.problems += twice[:1]  # one says it


def _unread(whole: _Whole, name: str) -> list[str]:
    problems = [f"page {page.number}: {problem}" for page, part in whole.parts for problem in part.problems]
    for page, part in whole.parts:
        problems += [
            f"page {page.number}: cannot read {entry.cell.text!r} at {entry.label!r}"
            for entry in part.entries
            if not entry.value.understood
        ]
        if not part.has_header and len(part.columns) > 1:
            problems.append(f"page {page.number}: the columns of a table have no names ({name or 'no caption'!r})")
    return problems


def _name(caption: _Caption | None) -> str:
    if caption is None:
        return ""
    match = _CAPTION.match(caption.text)
    return match["name"] if match and match["name"] else caption.text


def _own_measure(draft: _Draft, measure: str, entry: Entry, caption: _Caption | None, page: int) -> str:
    """The measure; of a second table with the same columns also the caption, so that nobody adds the two up."""
    mine = caption.text if caption else f"page {page}"
    taken = draft.used.setdefault((measure, entry.header), mine)
    return measure if taken == mine else f"{measure}/{code(_name(caption)) or page}"


def _figures(page: Page, entry: Entry, measure: str, tolerance: float | None, name: str, same: bool) -> list[Figure]:
    """The cell's figure; two for "45 (12%)"."""
    service: str | None = entry.label
    if same and entry.group:
        service = f"{entry.group} – {entry.label}"
    label: str | None = entry.header or None
    if entry.row_is_period:
        service, label = entry.header or None, entry.label
        if entry.group:
            service = f"{entry.group} – {entry.header}" if entry.header else entry.group
    when = entry.when or _caption_period(name)
    made = Figure(
        measure=measure,
        service=service,
        period_label=label,
        period_start=when.start if when else None,
        period_end=when.end if when else None,
        value=entry.value.number,
        unit=entry.value.unit,
        value_text=entry.cell.text or None,
        is_total=entry.is_total,
        page=page.number,
        bbox=rounded(entry.cell.bbox),
        tolerance=tolerance,
    )
    if entry.value.share is None:
        return [made]
    return [made, replace(made, measure=f"{measure}/share", value=entry.value.share, unit="%")]


def _caption_period(name: str) -> Period | None:
    """The one year that a caption names."""
    years = re.findall(r"\b20\d\d\s?[-–/]\s?(?:20)?\d\d\b", name)
    return period(years[0]) if len(years) == 1 and financial_year(years[0]) else None


# --- what could not be read ---------------------------------------------------------------


def _unruled(page: Page, lines: Sequence[Line]) -> list[str]:
    """A table without lines: figures that stand under one another, or under years, in no table."""
    if any(re.fullmatch(r"(?:table of )?contents(?: page)?", collapse(line.text), re.IGNORECASE) for line in lines[:5]):
        return []
    before: list[float] = []  # middles of the figures in the line above
    years: list[float] = []  # middles of the years in a line that names columns
    level = 0.0
    for line in lines:
        figures = [w.cx for w in line.words if labelled_table.value(w.text).number is not None]
        named = [w.cx for w in line.words if labelled_table.is_year(w.text)]
        figures = [x for x in figures if x not in named]
        labelled = bool(re.search(r"[A-Za-z]{3}", line.words[0].text)) and _wide_gaps(line) >= 1
        near = line.y0 - level < 40
        under_figures = sum(any(abs(x - b) < 14 for b in before) for x in figures)
        under_years = sum(any(abs(x - b) < 25 for b in years) for x in figures)
        if labelled and near and (under_figures >= 2 or under_years >= 2):
            return [f"page {page.number}: a table without lines could not be read"]
        if len(named) >= 2 and _wide_gaps(line) >= 1:
            years = named
        before = figures if labelled else []
        level = line.y0
    return []


def _wide_gaps(line: Line) -> int:
    """Gaps between words that are wider than between words of a sentence."""
    return sum(b.x0 - a.x1 > 12 for a, b in zip(line.words, line.words[1:], strict=False))
