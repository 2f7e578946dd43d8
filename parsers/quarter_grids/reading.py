"""A report of this layout as a whole: its pages into facts, and what it promised held against what was read."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from parsers import figures, grid, narrative, performance_report, risks
from parsers.boxes import rounded
from parsers.grid import Cell, Table
from parsers.pdf import Line, Page, Pdf
from parsers.performance_report.matching import ALIKE, similarity
from parsers.quarter_grids.headings import Heading, headings, rated_rows, title_above
from parsers.quarter_grids.indicators import Indicator, activity, history, reading_of
from parsers.quarter_grids.labels import ACTUAL, TARGET, role_of
from parsers.quarter_grids.trend_grid import Parts, TrendGrid, continued, is_torn_off, take_apart
from parsers.records import (
    Fact,
    Figure,
    Kind,
    KpiReading,
    Outcome,
    RagCount,
    Reading,
    Report,
)
from parsers.services import key
from parsers.text import collapse, count, is_running, matching

VERSION = 1
PARSER = "quarter_grids"
AFTERMATH = 15  # pages after the last indicator that may still hold the report's other tables

_TITLE = re.compile(r"\b(?:quarterly\s+)?performance\s+(?:monitoring\s+)?report\b", re.IGNORECASE)
_BOX = re.compile(r"\b(?:Latest|Current)\b\s*:.{0,60}?\bTarget\b.{0,80}?\bPrevious\b", re.DOTALL)
_TOTALS = (
    re.compile(
        r"\b(?:includes|contains|has|comprises|covers|reports on)\s+(?:a\s+total\s+of\s+)?(?:the\s+)?"
        r"(?P<n>\d{1,3}|[a-z-]+)\s+(?:key\s+performance\s+indicators|kpis|(?:performance\s+)?indicators)\b",
        re.IGNORECASE,
    ),
    re.compile(
        r"\bthere\s+are\s+(?P<n>\d{1,3}|[a-z-]+)\s+(?:key\s+performance\s+indicators|kpis|indicators)\b", re.IGNORECASE
    ),
    re.compile(
        r"\b(?P<n>\d{1,3})\s+(?:key\s+performance\s+indicators|kpis|indicators)\s+(?:are|is)\s+(?:included|reported|rated)",
        re.IGNORECASE,
    ),
)
_CONTEXT = re.compile(r"\b(?:lead|activity|context\w*|demand|volume)\s+indicators?\b|quality of life", re.IGNORECASE)


def recognises(pages: Sequence[str], *, url: str = "", title: str = "") -> bool:
    """Whether the pages' texts look like a report with a grid of quarters an indicator."""
    if not any(_TITLE.search(collapse(text)) for text in pages):
        return False
    if sum(len(_BOX.findall(text)) for text in pages) >= 3:
        return False  # the later layout; its charts may print quarters, too
    return sum(_grids_in(text) for text in pages) >= 2


def _grids_in(text: str) -> int:
    """How many grids a page's text might hold: as many as it has lines for results and for targets."""
    lines = _LABEL.findall(text)  # quick: a pack has a thousand pages
    if len(lines) < 2 or len(_PERIOD.findall(text)) < 2:
        return 0
    roles = Counter(role_of(line)[0] for line in lines)
    return min(roles[ACTUAL], roles[TARGET])


_LABEL = re.compile(
    r"^[ \t]*(?:[A-Za-z]+ ){0,2}(?:actual|result|achieved|performance|outturn|target|kcc|kent)[^\n]{0,60}$",
    re.IGNORECASE | re.MULTILINE,
)
_PERIOD = re.compile(
    r"\b(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*\b|\bQ(?:tr|uarter)?\s?[1-4]\b|\b\d{2,4}/\d"
)


@dataclass
class _Draft:
    """What has been read so far, page after page."""

    indicators: list[Indicator] = field(default_factory=list)
    listed: list[Heading] = field(default_factory=list)
    figures: list[Figure] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    section: str = ""
    large: str = ""  # the last heading in large type, for want of a better name
    context: bool = False  # the pages are on activity, not on performance
    open: Heading | None = None  # a heading whose grid is still to come
    fields: dict[str, str] = field(default_factory=dict)  # "division" -> what stands beside it


def read(pdf: Pdf, *, url: str = "", title: str = "") -> Reading:
    """Everything that the report says of its indicators, and what it shares with later ones."""
    shared = performance_report.read(pdf, url=url, title=title)
    report = next(iter(shared.of(Report)), None)
    counts = shared.of(RagCount)
    pages = list(pdf.pages)
    texts = [page.text for page in pages]
    draft = _Draft()
    names = _section_names(pages, counts)
    for page in pages:
        _read_page(draft, page, names)
    services = [c.service for c in counts if c.service and c.in_table]
    readings: list[KpiReading] = []
    draft.indicators = _sorted_out(draft)
    for indicator in draft.indicators:
        reading, problems = reading_of(indicator, report, services)
        readings.append(reading)
        draft.problems += [f"page {reading.page}: {reading.name!r}: {problem}" for problem in problems]
    readings, unlisted = _with_lists(readings, draft.listed)
    draft.problems += unlisted
    if report is None:
        draft.problems.append("neither cover nor text nor title names the quarter and year of the report")
    else:
        report = replace(report, kpi_total=_stated_total(texts) or report.kpi_total)
    draft.problems += _problems(readings, draft, report, counts)
    if (part := _part_of_council(texts, title)) is not None:
        draft.problems.append(f"expected the whole council's report, found one on {part}")
    trend = [figure for indicator in draft.indicators for figure in history(indicator)]
    facts: list[Fact] = [report] if report else []
    facts += [*readings, *counts, *trend, *_own(draft.figures, readings), *risks.read(pages)]
    return Reading(
        kind=Kind.PERFORMANCE_REPORT,
        outcome=Outcome.QUARANTINED if draft.problems else Outcome.READ,
        parser=PARSER,
        parser_version=VERSION,
        note="; ".join(draft.problems) or None,
        title=report.title if report else title or None,
        facts=tuple(facts),
        text="\n\n".join(texts),
    )


# --- pages --------------------------------------------------------------------------------


def _read_page(draft: _Draft, page: Page, names: dict[str, str]) -> None:
    """Headings and tables of a page in the order in which they stand."""
    tables = [table for table in grid.tables(page) if any(cell.words for cell in table.cells)]
    apart = {id(table): take_apart(table) for table in tables}
    first = True
    stand: list[tuple[float, str | Heading | Table]] = [(table.bbox[1], table) for table in tables]
    titles = headings(page, tables)
    stand += [(heading.bbox[1], heading) for heading in titles]
    sections = _sections(page, names, tables)
    stand += [(y, what) for y, what in sections if not any(t.bbox[1] - 1 <= y <= t.bbox[3] - 1 for t in titles)]
    stand.sort(key=lambda item: (item[0], isinstance(item[1], Table)))
    draft.large = _large(page, tables) or draft.large
    for _, what in stand:
        if isinstance(what, str):
            draft.context = bool(_CONTEXT.search(what))
            draft.section = draft.section if draft.context else what
            draft.fields = {}
        elif isinstance(what, Heading):
            draft.open = what
        else:
            _read_table(draft, page, what, apart[id(what)], first=first)
            first = False


def _read_table(draft: _Draft, page: Page, table: Table, parts: Parts, *, first: bool) -> None:
    last = draft.indicators[-1] if draft.indicators else None
    if first and last is not None and last.until == page.number - 1:
        whole = continued(last.grid, table)
        if whole is not None:
            last.grid, last.until = whole, page.number
            return
    if not any(_is_trend(part) for part in parts.grids):
        rated = rated_rows(table)
        if len(rated.rows) == 1 and not rated.is_list and rated.rows[0].title:
            draft.open = rated.rows[0]
        elif rated.rows and rated.is_list:
            draft.listed += rated.rows
        elif not parts.grids and is_torn_off(table):
            draft.problems.append(f"page {page.number}: results without quarters above them")
        else:
            draft.fields |= _fields(table)
            draft.figures += figures.read(page, table)
        return
    for at, part in enumerate(parts.parts):
        if isinstance(part, TrendGrid):
            _read_grid(draft, page, part, grid.tables(page))
        else:
            _read_loose_row(draft, table, part, parts, at)


def _read_loose_row(draft: _Draft, table: Table, row: list[Cell], parts: Parts, at: int) -> None:
    """A row above a grid within one table: the indicator's title and rating, or lines on whose it is."""
    rated = rated_rows(Table(table.page, table.row_bbox(row), tuple(row)))
    if rated.rows and rated.rows[0].title:
        draft.open = rated.rows[0]
        return
    draft.fields |= _fields(Table(table.page, table.row_bbox(row), tuple(row)))
    texts = [cell.text for cell in row if cell.text]
    follows = at + 1 < len(parts.parts) and isinstance(parts.parts[at + 1], TrendGrid)
    if draft.open is None and follows and len(texts) == 1 and len(texts[0]) > 8 and not is_running(texts[0]):
        draft.open = Heading(texts[0], None, None, False, table.page, table.row_bbox(row))


def _is_trend(part: TrendGrid) -> bool:
    """Holds results, or nothing yet: its rows stand on the next page."""
    return part.row(ACTUAL) is not None or not part.rows


def _read_grid(draft: _Draft, page: Page, part: TrendGrid, tables: Sequence[Table]) -> None:
    heading, draft.open = draft.open, None
    if heading is not None and page.number - heading.page > 1:
        heading = None
    if heading is None:
        heading = title_above(page, part.bbox, tables)
    if heading is None:
        draft.problems.append(f"page {page.number}: a grid of results without a title")
        return
    section = draft.section or next((draft.fields[name] for name in _FIELDS if name in draft.fields), draft.large)
    notes = "\n".join(line.text for line in page.lines if _NOTE.search(line.text) and line.y0 > heading.bbox[1] - 1)
    own = _own_notes(page, heading, part, notes)
    draft.indicators.append(Indicator(heading, part, section, draft.context, page.number, own))
    draft.fields = {}


def _sorted_out(draft: _Draft) -> list[Indicator]:
    """The indicators among the grids; what is on activity, without target and rating, becomes figures."""
    indicators = []
    for one in draft.indicators:
        rated = one.grid.is_rated or one.heading.says_rating
        if one.grid.row(ACTUAL) is None:
            draft.problems.append(f"page {one.grid.page}: {one.heading.title!r}: a grid without results")
        elif not (one.grid.has_target or rated) or (one.context and not rated):
            draft.figures += activity(one.heading, one.grid)
        else:
            indicators.append(one)
    return indicators


_NOTE = re.compile(r"\b(?:tolerance|unit of measure|(?:higher|lower) (?:values|is|figures|the))\b", re.IGNORECASE)


def _own_notes(page: Page, heading: Heading, part: TrendGrid, notes: str) -> str:
    """The page's notes on how to read the indicator, unless several indicators share the page's notes."""
    lines = notes.splitlines()
    below = [line for line in page.lines if _NOTE.search(line.text) and line.y0 >= part.bbox[3] - 1]
    if heading.page == page.number and lines and len(below) <= 1:
        return notes
    return below[0].text if below else ""


# --- sections -----------------------------------------------------------------------------

_FIELDS = ("service", "division", "directorate", "portfolio")
_FIELD = re.compile(r"(service(?: area| unit)?|division|directorate|portfolio)\s*:?", re.IGNORECASE)
_OFFICE = re.compile(r"^(?:cabinet\s+members?|portfolio\s+holders?)\b", re.IGNORECASE)
_CONTENTS = re.compile(r"^(?:table of )?contents(?: page)?$", re.IGNORECASE)
_ENTRY = re.compile(r"^(?:\d{1,2}[.)]\s+)?(?P<name>\D.*?\D)[\s.…_]*\s(?P<page>\d{1,3})$")
_TAIL = re.compile(r"\s*[-:]?\s*\b(?:kpis?|key performance indicators|indicators|overview|summary|section)\b.*$", re.I)


def _section_names(pages: Sequence[Page], counts: Sequence[RagCount]) -> dict[str, str]:
    """The names under which sections may stand, key -> as printed: the summary's services, the contents' entries."""
    names = {key(c.service): c.service for c in counts if c.service and c.in_table}
    for page in pages[:8]:
        lines = [line for line in page.lines if not is_running(line.text)]
        if not any(_CONTENTS.match(collapse(line.text)) for line in lines[:4]):
            continue
        for line in lines:
            if match := _ENTRY.match(collapse(line.text)):
                names.setdefault(key(match["name"]), match["name"])
    return names


def _sections(page: Page, names: dict[str, str], tables: Sequence[Table]) -> list[tuple[float, str | Heading | Table]]:
    """(where it stands, name) for each line that is the name of a section, or stands above a Cabinet Member's."""
    lines = [line for line in page.lines if not is_running(line.text)]
    if any(_CONTENTS.match(collapse(line.text)) for line in lines[:4]):
        return []
    found: list[tuple[float, str | Heading | Table]] = []
    for at, line in enumerate(lines):
        text = collapse(line.text)
        name = names.get(key(text)) or names.get(key(_TAIL.sub("", text)))
        tall = [other.y1 - other.y0 for other in lines]
        if name is not None or (_CONTEXT.fullmatch(text) and line.y1 - line.y0 >= min(tall)):
            found.append((line.y0, name or text))
        elif _OFFICE.match(text) and at:
            above = collapse(lines[at - 1].text)
            if at <= 2 and _is_section(above) and not _in_table(lines[at - 1], tables):
                found.append((lines[at - 1].y0, above))
    return found


def _large(page: Page, tables: Sequence[Table]) -> str:
    """The heading in large type at the top of a page; "" where there is none."""
    lines = [line for line in page.lines if not is_running(line.text)]
    heights = sorted(line.y1 - line.y0 for line in lines)
    for line in lines[:2]:
        text = collapse(line.text)
        large = line.y1 - line.y0 >= 1.15 * heights[len(heights) // 2]
        if large and _is_section(text) and not _in_table(line, tables) and not _GENERIC.search(text):
            return text
    return ""


_GENERIC = re.compile(r"performance|indicator|summary|contents|appendix|council|quarter", re.IGNORECASE)


def _is_section(text: str) -> bool:
    return len(text) <= 80 and not re.search(
        r"[%\d:]|^(?:percentage|number|rate)\b|\b(?:GREEN|AMBER|RED)\b|\.$", text, re.IGNORECASE
    )


def _in_table(line: Line, tables: Sequence[Table]) -> bool:
    """Part of a table with more in it: of an indicator's own title, not a heading in a box."""
    return any(
        table.bbox[1] <= line.words[0].cy <= table.bbox[3] and sum(bool(cell.text) for cell in table.cells) > 1
        for table in tables
    )


def _fields(table: Table) -> dict[str, str]:
    """What stands beside "Division", "Directorate" and the like in a table on whose an indicator is."""
    found: dict[str, str] = {}
    for row in table.rows:
        for at, cell in enumerate(row):
            match = _FIELD.match(cell.text)
            if match is None:
                continue
            rest = cell.text[match.end() :].strip()
            beside = rest or (row[at + 1].text if at + 1 < len(row) else "")
            if beside and (rest == "" or ":" in match[0]):
                found.setdefault(match[1].lower().split()[0], beside)
    return found


def _own(found: list[Figure], readings: list[KpiReading]) -> list[Figure]:
    """Figures of the report's own pages: in a pack other papers stand before and after it."""
    pages = [reading.page for reading in readings]
    if not pages:
        return []
    return [f for f in found if min(pages) - 6 <= (f.page or 0) <= max(pages) + AFTERMATH]


# --- what was expected --------------------------------------------------------------------


def _with_lists(readings: list[KpiReading], listed: list[Heading]) -> tuple[list[KpiReading], list[str]]:
    """Readings with their row of the summary's lists; and rows that no indicator answers to."""
    scored = sorted(
        ((similarity(row.title, r.name), -i, -j) for i, row in enumerate(listed) for j, r in enumerate(readings)),
        reverse=True,
    )
    rows: dict[int, Heading] = {}
    taken: set[int] = set()
    for score, i, j in scored:
        if score >= ALIKE and -i not in taken and -j not in rows:
            rows[-j] = listed[-i]
            taken.add(-i)
    # A table of ratings of which no row names an indicator lists something else.
    missing = [row for i, row in enumerate(listed) if i not in taken] if len(taken) * 2 > len(readings) else []
    problems = [
        f"page {row.page}: the list names {row.title!r}, no indicator of that name was found" for row in missing
    ]
    joined = [_with_row(reading, rows.get(at)) for at, reading in enumerate(readings)]
    return joined, problems


def _with_row(reading: KpiReading, row: Heading | None) -> KpiReading:
    if row is None:
        return reading
    return replace(
        reading,
        rag=reading.rag or (row.rag if reading.value is not None else None),
        direction=reading.direction or row.direction,
        headline_name=row.title,
        headline_rag=row.rag,
        headline_previous_rag=row.previous_rag,
        headline_direction=row.direction,
        headline_page=row.page,
        headline_bbox=rounded(row.bbox),
    )


def _stated_total(texts: Sequence[str]) -> int | None:
    """How many indicators the report says it holds, on its first pages."""
    for text in texts[:12]:
        for pattern in _TOTALS:
            if (match := pattern.search(matching(text))) and (found := count(match["n"])):
                return found
    return None


def _expected(
    draft: _Draft, report: Report | None, counts: Sequence[RagCount], readings: Sequence[KpiReading]
) -> tuple[int | None, int, str]:
    """(how many there should be, how many there are, what says so)."""
    if report is not None and report.kpi_total is not None:
        return report.kpi_total, len(readings), "the report"
    if any(reading.headline_name for reading in readings):
        return len(draft.listed), len(readings), "the list of indicators"
    total = next((c for c in counts if c.service is None and c.in_table), None)
    total = total or next((c for c in counts if c.service is None and None not in (c.green, c.amber, c.red)), None)
    if total is not None:
        rated = sum(reading.rag is not None for reading in readings)
        return sum(n or 0 for n in (total.green, total.amber, total.red)), rated, "the summary's total"
    return None, len(readings), ""


def _problems(
    readings: Sequence[KpiReading], draft: _Draft, report: Report | None, counts: Sequence[RagCount]
) -> list[str]:
    """What was expected and not found."""
    problems = []
    expected, found, says = _expected(draft, report, counts, readings)
    if expected is None:
        problems.append("the paper nowhere says how many indicators it holds")
    elif expected != found:
        problems.append(f"expected {expected} indicators as {says} says, found {found}")
    names = Counter((r.service, key(r.name)) for r in readings)
    problems += [f"the indicator {name!r} was found {n} times" for (_, name), n in names.items() if n > 1]
    if any(not r.service for r in readings):
        problems.append("indicators stand before the first service's heading")
    rated = [r for r in readings if r.rag is not None]
    arrows = [r for r in rated if r.direction is not None]
    if arrows and len(arrows) < len(rated):
        problems.append(f"expected {len(rated)} directions of travel, could read {len(arrows)}")
    return problems


def _part_of_council(texts: Sequence[str], title: str) -> str | None:
    """The one service that the paper is about; None for the whole council's report."""
    cover = next((text for text in texts[:60] if len(text.splitlines()) <= 20 and _TITLE.search(collapse(text))), "")
    names = [collapse(name) for name in (cover, title) if name]
    return next((part for name in names if (part := narrative.subject(name).service)), None)
