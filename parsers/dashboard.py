"""Directorate dashboards: what a committee is shown each month of its directorate's indicators.

Tables such as `Ref | Indicator description | Latest Month (Mar-25) | RAG | YTD | RAG | Target | Floor | Prev. Yr`
(`parsers.dashboard_layout` tells which column is what), activity tables with an expected range,
lists of ratings and counts of them. The report's period is that of the year-to-date figures: from
1 April of its financial year to the last day of the latest month.

A reference that the paper names and that has no row, a value that is not understood, or a
rating whose word and colour differ quarantine the paper.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import pairwise
from urllib.parse import unquote

from parsers import dashboard_rows, grid, headed, narrative
from parsers.dashboard_columns import Means, label
from parsers.dashboard_layout import Kind as TableKind
from parsers.dashboard_layout import Layout, continued, layout, reference_and_name
from parsers.dashboard_rows import activity, counts, indicator, rated_by_rule
from parsers.grid import Table
from parsers.headed import Heading, Row
from parsers.pdf import Line, Page, Pdf
from parsers.periods import Period, period
from parsers.records import Fact, Figure, Kind, KpiReading, Outcome, Rag, RagCount, Reading, Report, StatedIn
from parsers.services import service_for
from parsers.text import MONTHS, collapse, financial_year, matching, quarter_of_date

VERSION = 1
PARSER = "dashboard"

_TITLE = re.compile(
    r"\b(?:dash\s?board|score\s?card|performance\s+(?:monitoring|report|summary|update|indicators|management|data|overview)"
    r"|(?:key\s+)?performance\s+indicators)s?\b",
    re.IGNORECASE,
)
_RATED = re.compile(r"\bR\.?A\.?G\b|\brating|\bstatus\b", re.IGNORECASE)
_AIMED = re.compile(r"\bt\s?a\s?r\s?g\s?e\s?t", re.IGNORECASE)  # narrow columns break it
_NAMED = re.compile(r"\bref\b|\bindicators?\b|\bKPIs?\b|\bmeasures?\b", re.IGNORECASE)
# "HT01 Potholes repaired in 28 days 81% GREEN": a row of an indicator, wherever it stands.
_ROW_LINE = re.compile(r"^(?P<ref>[A-Z]{2,6}\d{2,3}[a-z]?)\b(?P<rest>.*)$")
_TOKEN = re.compile(r"(?<![\w/-])(?:[£]?\d[\d,.]*%?|green|amber|red|n/a|tbc)(?![\w/-])", re.IGNORECASE)


def recognises(document: Pdf, pages: Sequence[str], *, url: str = "", title: str = "") -> bool:
    """Whether the paper, or a part of a pack, is a dashboard: a table of rated indicators under such a title.

    Args:
        document: the whole of it.
        pages: the rough texts of its pages, by which pages are chosen that are worth a look.
    """
    if not (_TITLE.search(title) or _TITLE.search(_file_words(url)) or any(_TITLE.search(text) for text in pages)):
        return False
    for number, text in enumerate(pages, start=1):
        if not _worth(text):
            continue
        page = document.page(number)
        if any(_is_indicators(page, table) for table in grid.tables(page)):
            return True
    return False


def _worth(text: str) -> bool:
    return bool(_AIMED.search(text) and _RATED.search(text) and _NAMED.search(text))


def _is_indicators(page: Page, table: Table) -> bool:
    """A table of indicators with a target and a rating that is really shown."""
    found = layout(table)
    if found is None or found.kind is not TableKind.INDICATORS or Means.TARGET not in found.places:
        return False
    rows = [row for row in _rows(page, table, found) if isinstance(row, Row)]
    rated = 0
    for row in rows:
        places = [found.places.get(means) for means in (Means.RAG, Means.YTD_RAG)] + [found.plain_rag]
        ground = part.fill if (part := row.fields.get(found.key)) else None
        rated += any(dashboard_rows.rating_of(row.fields.get(at), page, ground)[0] for at in places if at is not None)
    return rated >= 1


def _rows(page: Page, table: Table, found: Layout) -> list[Row | Heading]:
    return headed.body(table, found.columns, key=found.key, below=found.below)


@dataclass
class _Draft:
    """What has been read so far, page after page."""

    service: str | None = None
    services: list[str] = field(default_factory=list)  # as a list of divisions names them
    layout: Layout | None = None  # of the last table, for one that goes on over the page
    readings: list[KpiReading] = field(default_factory=list)
    headlines: list[tuple[Row, Layout, str | None]] = field(default_factory=list)
    figures: list[Figure] = field(default_factory=list)
    activity: list[str] = field(default_factory=list)  # references of activity indicators
    counts: list[RagCount] = field(default_factory=list)
    periods: list[tuple[str, Period]] = field(default_factory=list)  # of the columns of latest values
    problems: list[str] = field(default_factory=list)
    pages: list[int] = field(default_factory=list)  # that hold its tables


def read(document: Pdf, *, url: str = "", title: str = "") -> Reading:
    """Everything that the dashboard's tables say."""
    draft = _Draft()
    sheets = list(document.pages)
    running = _running(sheets)
    for page in sheets:
        _read_page(draft, page, running)
    texts = [page.text for page in sheets]
    report = _report(draft, sheets, running, url=url, title=title, pdf_title=document.title or "")
    readings = _finished(draft, report)
    _hold_against(draft, readings, sheets, report)
    facts: list[Fact] = [report] if report else []
    when = (report.financial_year, report.quarter) if report else (None, None)
    facts += readings
    facts += [replace(c, financial_year=when[0], quarter=when[1]) for c in draft.counts]
    facts += draft.figures
    return Reading(
        kind=Kind.DASHBOARD,
        outcome=Outcome.QUARANTINED if draft.problems else Outcome.READ,
        parser=PARSER,
        parser_version=VERSION,
        note="; ".join(dict.fromkeys(draft.problems)) or None,
        title=report.title if report else title or None,
        facts=tuple(facts),
        text="\n\n".join(texts),
    )


# --- pages and tables ---------------------------------------------------------------------


def _read_page(draft: _Draft, page: Page, running: frozenset[str]) -> None:
    tables = [table for table in grid.tables(page) if any(cell.words for cell in table.cells)]
    above = 0.0
    for table in tables:
        heading = _heading(page, tables, running, above, table.bbox[1])
        if heading:
            draft.service = service_for(heading, draft.services)
        _read_table(draft, page, table, fresh=bool(heading))
        above = table.bbox[3]


def _read_table(draft: _Draft, page: Page, table: Table, *, fresh: bool) -> None:
    if (divisions := _divisions(table)) is not None:
        draft.services += [name for name in divisions if name not in draft.services]
        draft.service = divisions[0] if len(divisions) == 1 else draft.service
        return
    if (counted := counts(table)) is not None:
        draft.counts += counted
        return
    found = layout(table)
    if found is None and draft.layout is not None:
        found = continued(draft.layout, table)
    if found is None:
        return
    draft.layout = found
    draft.pages.append(page.number)
    draft.problems += [f"page {page.number}: {sentence}" for sentence in found.unclear]
    if found.caption and not _GENERIC.fullmatch(_bare(found.caption)):
        draft.service = service_for(_bare(found.caption), draft.services)
    rows = _rows(page, table, found)
    if found.kind is TableKind.INDICATORS:
        _read_indicators(draft, page, found, rows)
    elif found.kind is TableKind.SUMMARY:
        draft.headlines += [(row, found, draft.service) for row in rows if isinstance(row, Row)]
    else:
        _read_figures(draft, page, found, rows)


def _read_indicators(draft: _Draft, page: Page, found: Layout, rows: Iterable[Row | Heading]) -> None:
    if Means.LATEST in found.places:
        header = label(found.header(Means.LATEST))
        if (when := period(header)) is not None:
            draft.periods.append((header, when))
    start = len(draft.readings)
    plain: list[Rag | None] = []
    for at, row in enumerate(rows):
        if isinstance(row, Heading) or _only_name(row, found):
            text = row.text if isinstance(row, Heading) else row.text(found.key)
            if at == 0 and found.columns and draft.readings and _goes_on(draft, row, found, page):
                last = draft.readings.pop()
                draft.readings.append(replace(last, name=collapse(f"{last.name} {text}")))
            elif not _GENERIC.fullmatch(_bare(text)):
                draft.service = service_for(_bare(text), draft.services)
            continue
        reading, problems = indicator(row, found, page, draft.service or "")
        draft.problems += [f"page {page.number}: {problem}" for problem in problems]
        if not reading.name:
            draft.problems.append(f"page {page.number}: a row without the name of its indicator: {row.printed!r}")
        if found.plain_rag is not None:
            ground = part.fill if (part := row.fields.get(found.key)) else None
            rag, problem = dashboard_rows.rating_of(row.fields.get(found.plain_rag), page, ground)
            plain.append(rag)
            if problem:
                draft.problems.append(f"page {page.number}: {reading.reference or reading.name!r}: {problem}")
        draft.readings.append(reading)
    if found.plain_rag is not None:
        _give_ratings(draft, start, plain, page, found)


def _give_ratings(draft: _Draft, start: int, plain: Sequence[Rag | None], page: Page, found: Layout) -> None:
    """Gives the ratings under a plain "RAG" to the month or to the year, by the rule that gives them."""
    mine = draft.readings[start:]
    what = rated_by_rule(mine, plain)
    if what is None:
        header = found.columns[found.plain_rag or 0].header
        draft.problems.append(f"page {page.number}: cannot tell whether {header!r} rates the month or the year to date")
        return
    for at, rag in enumerate(plain):
        given = replace(mine[at], rag=rag) if what is Means.RAG else replace(mine[at], ytd_rag=rag)
        draft.readings[start + at] = given


def _only_name(row: Row, found: Layout) -> bool:
    """A row in which nothing but one text stands: a heading, or the rest of a name that a page's end cut."""
    said = [at for at, part in row.fields.items() if part.text]
    return len(said) == 1 and said[0] in (found.key, found.places.get(Means.REF))


def _goes_on(draft: _Draft, row: Row | Heading, found: Layout, page: Page) -> bool:
    """Whether a name on its own at a page's top is the rest of the last one on the page before."""
    if isinstance(row, Heading) or draft.readings[-1].page != page.number - 1:
        return False
    part = row.fields[found.key] if row.text(found.key) else None
    return part is not None and part.fill is None


def _read_figures(draft: _Draft, page: Page, found: Layout, rows: Iterable[Row | Heading]) -> None:
    measure = "activity" if found.kind is TableKind.ACTIVITY else "trend"
    for row in rows:
        if isinstance(row, Heading) or _only_name(row, found):
            text = row.text if isinstance(row, Heading) else row.printed
            if not _GENERIC.fullmatch(_bare(text)):
                draft.service = service_for(_bare(text), draft.services)
            continue
        figures, problems = activity(row, found, measure)
        draft.figures += figures
        draft.problems += [f"page {page.number}: {problem}" for problem in problems]
        reference, _ = reference_and_name(row.text(found.places.get(Means.REF)), row.text(found.key))
        if reference:
            draft.activity.append(reference)


_OFFICE = re.compile(r"director|cabinet member|portfolio|head of service|lead officer", re.IGNORECASE)


def _divisions(table: Table) -> list[str] | None:
    """The names in a small table "Division | Director | Cabinet Member"; None for other tables."""
    header = table.rows[0]
    at = next((c.col for c in header if re.fullmatch(r"divisions?|services?|directorate", c.text, re.IGNORECASE)), None)
    if at is None or not any(_OFFICE.search(cell.text) for cell in header):
        return None
    return [cell.text for row in table.rows[1:] for cell in row if cell.col == at and cell.text] or None


# --- headings -----------------------------------------------------------------------------

# Headings that name no service.
_GENERIC = re.compile(
    r"(?:(?:key\s+)?performance\s+(?:indicators?|measures?|summary|monitoring|report|data|dashboard).*|(?:key\s+)?indicators?"
    r"|kpis?(?:\s+(?:summary|performance|monitoring))?|activity(?:\s+(?:indicators?|data|levels?|monitoring))?|summary.*|overview"
    r"|.*\bdash\s?board\b.*|.*\bscore\s?card\b.*|appendix.*|annex.*|contents|guidance notes?|key|results\b.*|digital take-?up.*"
    r"|(?:monthly|quarterly|annual|rolling\b.*|latest|current|year to date|ytd)(?:\s+(?:indicators?|kpis?|results?|performance|data))?"
    r"|financial year.*|published?.*|publication.*|produced by.*|page \d+.*|(?:kent )?county council|agenda.*|rag.*|table \d*.*"
    r"|section|part|targets?.*|\W*|\d[\d\s./-]*)",
    re.IGNORECASE,
)
_PROSE = re.compile(
    r"\b(?:is|are|was|were|has|have|had|will|may|should|see|please|note|notes|source|figures?|provisional|based|shown|below"
    r"|following|not|no|due|this|these|which|that)\b|[.;]$|^[*†‡^•]",
    re.IGNORECASE,
)
_LABELLED = re.compile(
    r"^(?:cabinet members?|(?:corporate |service |interim )?directors?|head of|portfolio|lead|owner|contact|author|from|to|by|date"
    r"|produced|e-?mail|phone|tel)\b",
    re.IGNORECASE,
)
_TAIL = re.compile(
    r"\s*(?:[-–—:|,]\s*|\s)(?:key\s+)?(?:performance\s+indicators?|performance\s+measures?|performance|activity\s+indicators?"
    r"|indicators?|kpis?|activity|dashboard|summary)\s*(?:\(continued\))?\s*:?$",
    re.IGNORECASE,
)
_HEAD = re.compile(
    r"^(?:(?:section|part|table|appendix|annex)\s+\w{1,3}\s*[:.–-]?\s+|\d{1,2}(?:\.\d)?[.)]?\s+(?=[A-Z])"
    r"|(?:division|service|directorate|team)\s*:\s*"
    r"|(?:key\s+)?(?:performance|activity)\s+indicators?\s*(?:[-–—:]|for)\s*|kpis?\s*(?:[-–—:]|for)\s*)",
    re.IGNORECASE,
)


def _bare(heading: str) -> str:
    """A heading without number and "Key Performance Indicators".

    >>> _bare("2. Highways – Key Performance Indicators"), _bare("Waste Management:"), _bare("KPIs - Libraries (continued)")
    ('Highways', 'Waste Management', 'Libraries')
    """
    text = re.sub(r"\s*\(cont(?:inued|'d|d)?\.?\)\s*$", "", collapse(heading), flags=re.IGNORECASE)
    text = _HEAD.sub("", text)
    shorter = _TAIL.sub("", text)
    return (shorter or text).strip(" :–—-|")


def _heading(page: Page, tables: Sequence[Table], running: frozenset[str], top: float, bottom: float) -> str | None:
    """The last heading that names a service between two heights of a page."""
    lines = [
        line
        for line in page.lines
        if top - 2 <= line.y0 and line.y1 <= bottom + 3
        if _key(line.text) not in running and not any(_in(line, table) for table in tables)
    ]
    for at in range(len(lines) - 1, -1, -1):
        text = collapse(lines[at].text)
        if at and _one_heading(lines[at - 1], lines[at]) and _names_service(both := f"{lines[at - 1].text} {text}"):
            return _bare(both)
        if _names_service(text):
            return _bare(text)
    return None


def _in(line: Line, table: Table) -> bool:
    x0, y0, x1, y1 = table.bbox
    box = line.bbox
    return x0 <= (box[0] + box[2]) / 2 <= x1 and y0 <= (box[1] + box[3]) / 2 <= y1


def _one_heading(upper: Line, lower: Line) -> bool:
    """Two lines of one heading: near, equally high, and the first does not say all by itself."""
    size = lower.y1 - lower.y0
    near = lower.y0 - upper.y1 < 0.35 * size and abs((upper.y1 - upper.y0) - size) < 0.5
    unfinished = re.search(r"(?:\band|&|\bof|,|–|-)$", upper.text.strip()) is not None or lower.text[:1].islower()
    return near and unfinished


def _names_service(text: str) -> bool:
    text = collapse(text)
    bare = _bare(text)
    if not 3 <= len(bare) <= 90 or not bare[:1].isupper() or _LABELLED.match(text):
        return False
    if _PROSE.search(bare) or _GENERIC.fullmatch(bare):
        return False
    return period(bare) is None and sum(char.isdigit() for char in bare) <= 2


def _key(text: str) -> str:
    return re.sub(r"\d+", "#", collapse(text).lower())


def _running(pages: Sequence[Page]) -> frozenset[str]:
    """Lines at the top or foot that come on most pages: headers, footers, stamps."""
    if len(pages) < 3:
        return frozenset()
    seen: Counter[str] = Counter()
    for page in pages:
        lines = page.lines
        seen.update({_key(line.text) for line in (*lines[:3], *lines[-3:])})
    return frozenset(key for key, times in seen.items() if times >= max(3, 0.6 * len(pages)))


# --- the report ---------------------------------------------------------------------------

_MONTH_NAME = "|".join(sorted(MONTHS, key=len, reverse=True))
_MONTH = re.compile(rf"\b(?P<month>{_MONTH_NAME})[a-z]*\.?[\s,-]*'?(?P<year>20\d\d|\d\d)\b", re.IGNORECASE)
_RESULTS = re.compile(
    r"(?:results?|data|performance|figures?|position|reporting period|update|dashboard|scorecard)?\s*"
    r"(?:up to|to the end of|to end of|to|for|as at|ending|ended|end of|until|:|-|–|\()\s*(?:the\s+)?(?:end\s+(?:of\s+)?)?"
    r"(?:\d{1,2}(?:st|nd|rd|th)?\s+)?(?:month of\s+)?",
    re.IGNORECASE,
)


def _report(
    draft: _Draft, pages: Sequence[Page], running: frozenset[str], *, url: str, title: str, pdf_title: str
) -> Report | None:
    end = _period_end(draft, pages, title, url)
    if end is None:
        draft.problems.append("neither a column nor the title names the month that the figures are of")
        return None
    names = [*_title_lines(draft, pages), title, pdf_title, _file_words(url)]
    scope = next((scope for name in names if (scope := scope_of(name))), None)
    if scope is None:
        services = {reading.service for reading in draft.readings if reading.service}
        if len(services) != 1:
            draft.problems.append("neither title nor cover names the directorate or committee that the paper is on")
            return None
        scope = services.pop()
    year, quarter = quarter_of_date(end)
    kind = next((match[0] for name in names if (match := _TITLE.search(name))), "Performance Dashboard")
    kind = collapse(kind).title()
    return Report(
        title=f"{scope} {kind}, {end:%B %Y}",
        financial_year=year,
        quarter=quarter,
        period_start=date(int(year[:4]), 4, 1),
        period_end=end,
        kpi_total=None,
        scope=scope,
    )


def _period_end(draft: _Draft, pages: Sequence[Page], title: str, url: str) -> date | None:
    """The last day of the latest month: from the columns, where most agree, else from cover and title."""
    months = Counter(when.end for _, when in draft.periods if (when.end - when.start).days <= 31)
    if months:
        return max(months, key=lambda end: (months[end], end))
    first = min(draft.pages, default=1)
    cover = [line for page in pages[max(0, first - 4) : first] for line in page.text.splitlines()]
    texts = [*(line for line in cover if len(line) < 120), title, _file_words(url)]
    for wanted in (True, False):
        for text in texts:
            match = _MONTH.search(text)
            if match and (not wanted or _RESULTS.search(text[: match.start()])):
                found = period(match[0].replace(",", " "))
                if found is not None:
                    return found.end
    ends = Counter(when.end for _, when in draft.periods)
    if ends:
        return max(ends, key=lambda end: (ends[end], end))
    return _by_month_and_year(draft, texts)


def _by_month_and_year(draft: _Draft, texts: Sequence[str]) -> date | None:
    """ "Latest Month (Mar)" in a paper that names its financial year, or a paper of a quarter."""
    if (found := next((when for text in texts if (when := period(text)) is not None), None)) is not None:
        return found.end
    return None


def _title_lines(draft: _Draft, pages: Sequence[Page]) -> list[str]:
    """Lines before the first table that may be the paper's title, the likeliest first."""
    first = min(draft.pages, default=1)
    found = []
    for page in pages[max(0, first - 5) : first]:
        lines = [line for line in page.lines if collapse(line.text)]
        if page.number == first:
            lines = [
                line for line in lines if line.y0 < min((t.bbox[1] for t in grid.tables(page)), default=page.height)
            ]
        texts = [collapse(line.text) for line in lines]
        for at, text in enumerate(texts):
            if _TITLE.search(text) and len(text) < 140:
                found.append(text)
                around = [t for t in (texts[at - 1] if at else "", texts[at + 1] if at + 1 < len(texts) else "") if t]
                found += [other for other in around if not _PROSE.search(other) and len(other) < 120]
                found += (
                    [f"{texts[at - 2]} {texts[at - 1]}"] if at > 1 and re.search(r"(?:and|&|,)$", texts[at - 2]) else []
                )
        found += [t for t in texts if re.search(r"cabinet committee|directorate$", t, re.IGNORECASE) and len(t) < 120]
    found.sort(key=lambda text: not re.search(r"dash\s?board|score\s?card", text, re.IGNORECASE))
    return found


_SCOPE_STOP = re.compile(
    r"\b(?:dash\s?boards?|score\s?cards?|performance|monitoring|reports?|summary|update|indicators?|key|kpis?|quarterly|monthly"
    r"|annual|directorate|cabinet committee|committee|appendix(?:\s+\w{1,2})?|annex(?:\s+\w{1,2})?|kent county council|kcc|full version"
    r"|with districts|version|final|draft|results?|latest|financial year|year to date|ytd|data|management|overview|pdf"
    r"|q[1-4]|quarter\s?\d?|up to|as at|public)\b",
    re.IGNORECASE,
)


def scope_of(title: str) -> str | None:
    """The directorate or committee that a title names; None where it names none.

    >>> scope_of("Growth, Economic Development and Communities Performance Dashboard")
    'Growth, Economic Development and Communities'
    >>> scope_of("CYPE Directorate Scorecard - November 2024 - Full Version with Districts.pdf")
    'CYPE'
    >>> scope_of("Environment & Transport Cabinet Committee – Performance Dashboard, results up to March 2025")
    'Environment & Transport'
    >>> scope_of("Performance Dashboard"), scope_of("Appendix 1"), scope_of("Directorate Scorecard March 2025")
    (None, None, None)
    """
    text = re.sub(r"\.pdf$", "", matching_case(title), flags=re.IGNORECASE)
    text = _MONTH.sub(" ", text)
    text = re.sub(r"\b20\d\d(?:\s?[/-]\s?\d{2,4})?\b", " ", text)
    parts = re.split(r"\s[-–—|]\s|[:()]|,\s*(?=results|quarter|up to|$)", text)
    named = []
    for part in parts:
        rest = collapse(_SCOPE_STOP.sub(" | ", part))
        pieces = [
            re.sub(r"^(?:for|of|the|to|on|by|and|&|\W)+(?=\s|$)|\s(?:for|of|the|to|on|by|and|&|\W)+$", "", p.strip())
            for p in rest.split("|")
        ]
        named += [collapse(piece).strip(" ,-–") for piece in pieces]
    named = [
        name
        for name in named
        if len(re.findall(r"[A-Za-z]{2,}", name)) and name[:1].isupper() and not _PROSE.search(name)
    ]
    return max(named, key=len) if named else None


def matching_case(text: str) -> str:
    return collapse(text.replace("_", " "))


def _file_words(url: str) -> str:
    return unquote(url.rsplit("/", 1)[-1]).replace("_", " ").replace("+", " ")


# --- putting together ---------------------------------------------------------------------


def _finished(draft: _Draft, report: Report | None) -> list[KpiReading]:
    """Readings with a service each, and with their rows of the lists of ratings."""
    fallback = report.scope if report else ""
    readings = [replace(r, service=r.service or fallback) for r in draft.readings]
    readings = list(dict.fromkeys(readings))
    if any(not r.service for r in readings) and report is not None:
        draft.problems.append("indicators stand before the first service's heading")
    by_ref = {r.reference: at for at, r in enumerate(readings) if r.reference}
    by_name = {collapse(r.name).casefold(): at for at, r in enumerate(readings)}
    for row, found, _ in draft.headlines:
        reference, name = reference_and_name(row.text(found.places.get(Means.REF)), row.text(found.key))
        at = by_ref.get(reference) if reference else by_name.get(name.casefold())
        if at is None:
            if reference and reference not in draft.activity:
                draft.problems.append(
                    f"page {row.page}: {reference} {name!r} is listed with a rating and has no row of figures"
                )
            continue
        column = found.places.get(Means.RAG)
        rag = dashboard_rows.rating_in(row.fields.get(column)) if column is not None else None
        readings[at] = replace(
            readings[at],
            headline_name=name,
            headline_rag=rag,
            headline_page=row.page,
            headline_bbox=dashboard_rows.rounded(row.bbox),
        )
    return readings


def _hold_against(draft: _Draft, readings: Sequence[KpiReading], pages: Sequence[Page], report: Report | None) -> None:
    """What was expected and not found."""
    if not readings:
        draft.problems.append("expected a table of indicators, found none that could be read")
    names = Counter((r.service, r.reference, r.name) for r in readings)
    draft.problems += [
        f"the indicator {ref or name!r} was found {n} times" for (_, ref, name), n in names.items() if n > 1
    ]
    draft.problems += _unread_rows(draft, readings, pages)
    stated = narrative.counts_in(
        [(page.number, page.text) for page in pages if _near(draft, page.number)],
        stated_in=StatedIn.DASHBOARD,
        financial_year=report.financial_year if report else None,
        quarter=report.quarter if report else None,
    )
    draft.counts += stated
    for counted in draft.counts:
        if (problem := _missing(counted, readings)) is not None:
            draft.problems.append(problem)


def _near(draft: _Draft, number: int) -> bool:
    return min(draft.pages, default=1) - 3 <= number <= max(draft.pages, default=1) + 1


def _unread_rows(draft: _Draft, readings: Sequence[KpiReading], pages: Sequence[Page]) -> list[str]:
    """Lines that begin with a reference and print figures or ratings, but belong to no row that was read."""
    read = {matching(ref) for ref in (*(r.reference for r in readings), *draft.activity) if ref}
    problems = []
    for page in pages:
        if not _near(draft, page.number):
            continue
        for line in page.lines:
            match = _ROW_LINE.match(collapse(line.text))
            if match and match["ref"] not in read and len(_TOKEN.findall(match["rest"])) >= 2:
                problems.append(
                    f"page {page.number}: {match['ref']} has a row that could not be read: {line.text[:80]!r}"
                )
                read.add(match["ref"])
    return problems


def _missing(counted: RagCount, readings: Sequence[KpiReading]) -> str | None:
    """A sentence where the paper counts more ratings or indicators than were read; its own slips are for checks."""
    mine = [r for r in readings if counted.service is None or service_for(counted.service, [r.service]) == r.service]
    if not mine:
        return None
    where = f"page {counted.page}: " if counted.page else ""
    stated = [n for n in (counted.green, counted.amber, counted.red) if n is not None]
    rated = max(sum(r.rag is not None for r in mine), sum((r.rag or r.ytd_rag) is not None for r in mine))
    if counted.total is not None and counted.total > len(mine):
        return f"{where}expected {counted.total} indicators as the paper says, found {len(mine)}"
    if len(stated) == 3 and sum(stated) > rated:
        return f"{where}expected {sum(stated)} rated indicators as the paper counts them, found {rated}"
    return None


__all__ = ["VERSION", "read", "recognises"]
