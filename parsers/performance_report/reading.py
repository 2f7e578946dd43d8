"""The report as a whole: its pages into facts, and what it promised held against what was read."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from parsers import casualties, continued, figures, grid, narrative, risks, unruled
from parsers.addresses import file_words
from parsers.grid import Table
from parsers.pdf import Page, Pdf
from parsers.performance_report import boxes, lists, summary
from parsers.performance_report.boxes import Boxes
from parsers.performance_report.lists import Headline
from parsers.performance_report.matching import partners, with_headline
from parsers.performance_report.sections import Section, sections, services_of_pages
from parsers.performance_report.strip import parts_of
from parsers.records import Bbox, Fact, Figure, Kind, KpiReading, Outcome, RagCount, Reading, Report, StatedIn
from parsers.services import service_for
from parsers.text import collapse, count, matching, quarter, quarter_period

AFTERMATH = 8  # pages after the last indicator that may still hold the last service's tables
UNREAD = 3  # rows of numbers that are in no table, and a table is missing
VERSION = 2
PARSER = "performance_report"

_TITLE = re.compile(r"\b(?:quarterly\s+)?performance\s+(?:monitoring\s+)?report\b", re.IGNORECASE)
# "This report includes 38 Key Performance Indicators (KPIs)"; the footnote digit glued to a number
# is not met here, only in the executive summary.
_INCLUDES = re.compile(
    r"\b(?:includes|contains|has|comprises)\s+(?:a\s+total\s+of\s+)?(\d{1,3}|[a-z-]+)\s+"
    r"(?:key\s+performance\s+indicators|kpis|indicators)\b",
    re.IGNORECASE,
)
# Pages without any of these words hold nothing that this reader reads.
_WORTH = re.compile(
    r"\b(?:RAG|KPIs?|(?i:GREEN|AMBER|RED)|Floor|TOTAL|Previous|Current|Latest|Service|Transaction|Risk|Casualt|Tota)",
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
    _read_pages(draft, pages)
    report, problems = _report(draft, texts, url=url, title=title, pdf_title=pdf.title or "")
    problems += draft.problems + draft.boxes.problems
    readings = _joined(draft)
    problems += _problems(draft, readings, report)
    if (part := _part_of_council(texts, draft, title)) is not None:
        problems.append(f"expected the whole council's report, found one on {part}")
    facts: list[Fact] = [report] if report else []
    facts += readings
    period = (report.financial_year, report.quarter) if report else (None, None)
    facts += [replace(c, financial_year=period[0], quarter=period[1]) for c in draft.counts]
    facts += _stated_counts(draft, pages, period)
    own = _own_figures(draft, readings)
    facts += own
    problems += figures.doubtful(own) + _unread_tables(draft, pages, own)
    facts += risks.read(pages, draft.tables)
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
class _Draft:
    """What has been read so far, page after page."""

    headings: list[Section] = field(default_factory=list)  # of the services
    section: str = ""
    boxes: Boxes = field(default_factory=Boxes)
    headlines: list[Headline] = field(default_factory=list)
    counts: list[RagCount] = field(default_factory=list)
    figures: list[Figure] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    tables: dict[int, list[Table]] = field(default_factory=dict)  # of each page
    list_title: str = ""
    first_page: int | None = None  # of the report within a pack

    @property
    def services(self) -> list[str]:
        """The services of the summary table, in its order."""
        return [c.service for c in self.counts if c.service and c.quote and not c.quote.startswith("KPI Summary")]


def _read_pages(draft: _Draft, pages: list[Page]) -> None:
    """Every table of the pages, in order, each under the heading of its service."""
    draft.headings = sections(pages)
    headings = list(draft.headings)
    for page, tables in _tables(pages, draft.problems):
        draft.tables[page.number] = tables
        for table in tables:
            while headings and (headings[0].page, headings[0].top) <= (page.number, table.bbox[1] + 1):
                draft.section = headings.pop(0).name
            _read_table(draft, page, table)
        if not any(figure.page == page.number and figure.measure == casualties.MEASURE for figure in draft.figures):
            draft.figures += casualties.read(page)
        if draft.first_page is None and (draft.boxes.readings or draft.headlines or draft.counts):
            draft.first_page = page.number


def _tables(pages: list[Page], problems: list[str]) -> Iterator[tuple[Page, list[Table]]]:
    """Each page's tables, top to bottom; a row that a page's end cuts is whole on the first of its pages."""
    before: tuple[Page, list[Table]] | None = None
    for page in pages:
        goes_on = before is not None and bool(before[1]) and continued.at_foot(before[0], before[1][-1])
        found = _of_page(page) if goes_on or _WORTH.search(page.text) else []
        if before is not None and before[1] and boxes.has_strip(before[1][-1]):
            rest = unruled.cut_off(page, found)
            whole = continued.with_rest(before[1][-1], rest) if rest is not None else None
            if whole is not None:
                before[1][-1] = whole
            elif rest is not None:
                problems.append(f"page {page.number}: the end of some values without their beginning: {rest.text!r}")
        if before is not None:
            upper, found = continued.joined(before[0], before[1], page, found)
            upper, found = continued.under_header(before[0], upper, page, found, _header_rows)
            yield before[0], upper
        before = page, found
    if before is not None:
        yield before


def _header_rows(table: Table) -> int:
    """How many rows of a table name its columns; 0 for boxes and for tables of other kinds."""
    if (header := summary.header_of(table)) is not None:
        return header.row + 1
    if (columns := lists.columns_of(table)) is not None:
        return columns.header_rows
    return 0 if boxes.is_box(table) else figures.header_rows(table)


def _of_page(page: Page) -> list[Table]:
    ruled = [table for table in grid.tables(page) if any(cell.words or cell.patches for cell in table.cells)]
    # A frame round rows that are not ruled from each other is no table of theirs.
    ruled = [table for table in ruled if table.width > 1 or not any(cell.patches for cell in table.cells)]
    bare = unruled.tables(page, is_strip=lambda text: parts_of(text) is not None, ruled=ruled)
    return sorted([*ruled, *bare], key=lambda t: (t.bbox[1], t.bbox[0]))


def _read_table(draft: _Draft, page: Page, table: Table) -> None:
    """Tell what a table is, and read it as that."""
    header = summary.header_of(table)
    if header is not None:
        _read_summary(draft, table, header)
        return
    columns = lists.columns_of(table)
    if columns is None and not draft.boxes.readings:
        columns = lists.without_header(table)
    if columns is not None:
        draft.list_title = columns.title or draft.list_title
        rows, problems = lists.rows(table, columns, draft.list_title)
        draft.headlines += rows
        draft.problems += problems
    elif boxes.is_box(table):
        draft.boxes.read(page, table, draft.section)
    else:
        draft.figures += figures.read(page, table)


def _read_summary(draft: _Draft, table: Table, header: summary.Header) -> None:
    """The report's summary, or the "KPI Summary" of the service whose part this is."""
    counts, problems = summary.counts(table, header)
    draft.problems += problems
    if summary.is_part(table, header):
        if not draft.section:
            return
        service = service_for(draft.section, draft.services)
        counts = [replace(c, service=service) for c in counts[:1]]
    elif counts and not header.whole:
        draft.problems.append(f"page {table.page}: cannot tell which columns of the summary count which direction")
    draft.counts += counts


# --- putting together ---------------------------------------------------------------------


def _joined(draft: _Draft) -> list[KpiReading]:
    """Boxes with the summary's name of their service and with their row of the headline list."""
    services = draft.services
    readings = [replace(box, service=service_for(box.service, services)) for box in draft.boxes.readings]
    partner = partners([h.name for h in draft.headlines], [r.name for r in readings])
    return [
        with_headline(reading, draft.headlines[partner[at]]) if at in partner else reading
        for at, reading in enumerate(readings)
    ]


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
        named = next((q for text in (title, pdf_title, file_words(url)) if (q := quarter(text))), None)
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


def _unread_tables(draft: _Draft, pages: list[Page], found: list[Figure]) -> list[str]:
    """Tables that a page's heading announces and whose rows of numbers came out as none."""
    if draft.first_page is None:
        return []
    places: dict[int, list[Bbox]] = defaultdict(list)
    for figure in found:
        if figure.page and figure.bbox:
            places[figure.page].append(figure.bbox)
    last = max((reading.page for reading in draft.boxes.readings), default=draft.first_page)
    problems = []
    counted = {figure.page for figure in found if figure.measure == casualties.MEASURE}
    for page in pages[draft.first_page - 1 : last + AFTERMATH]:
        if page.number not in counted and casualties.is_counted(page):
            problems.append(f"page {page.number}: expected a table of road casualties, could not read it")
        subject = figures.announced(page) or ("figures that goes on" if page.number - 1 in places else None)
        if subject is None:
            continue
        others = [t for t in draft.tables[page.number] if boxes.has_strip(t) or summary.header_of(t)]
        if unruled.unread_rows(page, [*places.get(page.number, []), *(table.bbox for table in others)]) >= UNREAD:
            problems.append(f"page {page.number}: expected a table of {subject.replace('_', ' ')}, could not read it")
    return problems


def _stated_counts(draft: _Draft, pages: list[Page], period: tuple[str | None, int | None]) -> list[RagCount]:
    """What the executive summary and the services' sections say in words, of all indicators and of single services."""
    if draft.first_page is None:
        return []
    first_box = min((box.page for box in draft.boxes.readings), default=draft.first_page + 1)
    until = min(first_box - 1, draft.first_page + 10)
    last = max((box.page for box in draft.boxes.readings), default=until)
    sections = services_of_pages(draft.headings, pages[:last])
    opening = [p for p in pages if draft.first_page - 2 <= p.number <= until and p.number not in sections]
    found = narrative.counts_in(
        [(page.number, page.text) for page in opening],
        stated_in=StatedIn.REPORT,
        financial_year=period[0],
        quarter=period[1],
    )
    prose = [(page.number, page.text) for page in pages if page.number in sections]
    found += narrative.of_sections(prose, sections, financial_year=period[0], quarter=period[1])
    services = draft.services
    return [replace(c, service=service_for(c.service, services)) if c.service else c for c in found]


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
    if draft.boxes.open:
        draft.boxes.unclosed()
        problems.append(draft.boxes.problems[-1])
    expected, says = _expected(draft, report)
    if expected is None:
        problems.append("the paper nowhere says how many indicators it holds")
    elif expected != len(readings):
        problems.append(f"expected {expected} indicators as {says} says, found {len(readings)}")
    # One that is not rated may be left out of the lists.
    unlisted = sum(r.rag is None and r.headline_name is None for r in readings)
    if draft.headlines and len(readings) - len(draft.headlines) not in (0, unlisted):
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
