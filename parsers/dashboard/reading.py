"""A dashboard as a whole: its tables into facts, and what it promised held against what was read."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from parsers import grid, headed, narrative
from parsers.addresses import file_words
from parsers.boxes import holds, rounded
from parsers.dashboard import borderless
from parsers.dashboard.columns import Means, label, period
from parsers.dashboard.headings import bare, heading_above, heading_at_foot, is_generic, running_lines
from parsers.dashboard.layout import Kind as TableKind
from parsers.dashboard.layout import Layout, continued, layout, parts, reference_and_name
from parsers.dashboard.rows import activity, counts, indicator, rated_by_rule, rating_in, rating_of
from parsers.dashboard.title import TITLE, kind_of, last_day, scope
from parsers.grid import Table
from parsers.headed import Heading, Row
from parsers.pdf import Line, Page, Pdf
from parsers.periods import Period
from parsers.records import Fact, Figure, Kind, KpiReading, Outcome, Rag, RagCount, Reading, Report, StatedIn
from parsers.services import service_for
from parsers.text import collapse, matching, quarter_of_date

VERSION = 1
PARSER = "dashboard"

_RATED = re.compile(r"\bR\.?A\.?G\b|\brating|\bstatus\b", re.IGNORECASE)
_DASHBOARD = re.compile(r"\b(?:dash\s?board|score\s?card)\b", re.IGNORECASE)
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
    if not (TITLE.search(title) or TITLE.search(file_words(url)) or any(TITLE.search(text) for text in pages)):
        return False
    named = _is_named_so(pages, title=title, url=url)
    for number, text in enumerate(pages, start=1):
        if not _worth(text):
            continue
        page = document.page(number)
        if any(_is_indicators(page, table, named=named) for table in _tables(page, None)):
            return True
    # Rated rows in whatever shape: these must be read, or the paper held back.
    return named and any(
        _worth(text) and len({ref for line in text.splitlines() if (ref := _row_start(line))}) >= 3 for text in pages
    )


def _is_named_so(pages: Sequence[str], *, title: str, url: str) -> bool:
    """Whether title, file name or a page's first lines call the paper a dashboard or scorecard."""
    names = [title, file_words(url), *(line for text in pages[:40] for line in text.splitlines()[:12])]
    return any(_DASHBOARD.search(name) and len(name) < 120 for name in names)


def _row_start(line: str) -> str | None:
    """The reference that a line begins with, where it is all of the line or a row's beginning."""
    match = _ROW_LINE.match(collapse(line))
    return match["ref"] if match else None


def _worth(text: str) -> bool:
    return bool(_AIMED.search(text) and _RATED.search(text) and _NAMED.search(text))


def _is_indicators(page: Page, table: Table, *, named: bool) -> bool:
    """A table of indicators with a target and a rating that is really shown.

    One whose ratings cannot be read counts where the paper is named a dashboard: it must not pass for nothing.
    """
    found = layout(table)
    if found is None or found.kind is not TableKind.INDICATORS or Means.TARGET not in found.places:
        return False
    rows = [row for row in _rows(page, table, found) if isinstance(row, Row)]
    rated = 0
    for row in rows:
        places = [found.places.get(means) for means in (Means.RAG, Means.YTD_RAG)] + [found.plain_rag]
        ground = part.fill if (part := row.fields.get(found.key)) else None
        ratings = [rating_of(row.fields.get(at), page, ground) for at in places if at is not None]
        rated += any(rag is not None or (named and problem is not None) for rag, problem in ratings)
    return rated >= 1


def _rows(page: Page, table: Table, found: Layout) -> list[Row | Heading]:
    return headed.body(table, found.columns, key=found.key, below=found.below)


@dataclass
class _Draft:
    """What has been read so far, page after page."""

    service: str | None = None
    left_over: str | None = None  # a heading at a page's foot
    services: list[str] = field(default_factory=list)  # as a list of divisions names them
    layout: Layout | None = None  # of the last table, for one that goes on over the page
    readings: list[KpiReading] = field(default_factory=list)
    headlines: list[tuple[Row, Layout, str | None]] = field(default_factory=list)
    figures: list[Figure] = field(default_factory=list)
    activity: list[str] = field(default_factory=list)  # references of activity indicators
    counts: list[RagCount] = field(default_factory=list)
    periods: list[tuple[str, Period | None]] = field(default_factory=list)  # of the columns of latest values
    plain: list[tuple[int, Rag | None]] = field(default_factory=list)  # ratings of the month or of the year: which?
    problems: list[str] = field(default_factory=list)
    pages: list[int] = field(default_factory=list)  # that hold its tables


def read(document: Pdf, *, url: str = "", title: str = "") -> Reading:
    """Everything that the dashboard's tables say."""
    draft = _Draft()
    sheets = list(document.pages)
    running = running_lines(sheets)
    for page in sheets:
        _read_page(draft, page, running)
    texts = [page.text for page in sheets]
    _give_ratings(draft)
    report = _report(draft, sheets, url=url, title=title, pdf_title=document.title or "")
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
    tables = _tables(page, draft.layout)
    above = 0.0
    for table in tables:
        heading = heading_above(page, tables, running, above, table.bbox[1])
        if heading is None and above == 0.0 and layout(table) is not None:
            heading = draft.left_over  # its table did not fit on the page before
        if heading:
            draft.service = service_for(heading, draft.services)
        _read_table(draft, page, table)
        above = table.bbox[3]
    rowed = bool(tables) or any(_ROW_LINE.match(line.text) for line in page.lines)
    draft.left_over = heading_at_foot(page, tables, running, above) if rowed else None


def _tables(page: Page, before: Layout | None) -> list[Table]:
    """The page's tables, ruled or not, top to bottom."""
    shown = [table for table in grid.tables(page) if any(cell.words for cell in table.cells)]
    ruled = [part for table in shown for part in parts(table)]
    if not any(_ROW_LINE.match(line.text) for line in page.lines):
        return ruled
    understood = [t for t in ruled if layout(t) or (before and continued(before, t)) or counts(t) or _divisions(t)]
    bare = borderless.tables(page, understood, before)
    # What was no table to the eye of the rules may be the frame around one without.
    ruled = [t for t in ruled if t in understood or not any(_contains(t, other) for other in bare)]
    return sorted([*ruled, *bare], key=lambda table: (table.bbox[1], table.bbox[0]))


def _contains(frame: Table, table: Table) -> bool:
    middle = (table.bbox[1] + table.bbox[3]) / 2
    return frame.bbox[1] <= middle <= frame.bbox[3]


def _read_table(draft: _Draft, page: Page, table: Table) -> None:
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
    if found.caption and not is_generic(bare(found.caption)):
        draft.service = service_for(bare(found.caption), draft.services)
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
        draft.periods.append((header, period(header)))
    if Means.YTD in found.places and (when := period(label(found.header(Means.YTD)))) is not None:
        draft.periods.append((found.header(Means.YTD), when))
    for at, row in enumerate(rows):
        if isinstance(row, Heading) or _only_name(row, found):
            text = row.text if isinstance(row, Heading) else row.text(found.key)
            if at == 0 and found.columns and draft.readings and _goes_on(draft, row, found, page):
                last = draft.readings.pop()
                draft.readings.append(replace(last, name=collapse(f"{last.name} {text}")))
            elif not is_generic(bare(text)):
                draft.service = service_for(bare(text), draft.services)
            continue
        reading, problems = indicator(row, found, page, draft.service or "")
        draft.problems += [f"page {page.number}: {problem}" for problem in problems]
        if not reading.name:
            draft.problems.append(f"page {page.number}: a row without the name of its indicator: {row.printed!r}")
        if found.plain_rag is not None:
            ground = part.fill if (part := row.fields.get(found.key)) else None
            rag, problem = rating_of(row.fields.get(found.plain_rag), page, ground)
            draft.plain.append((len(draft.readings), rag))
            if problem:
                draft.problems.append(f"page {page.number}: {reading.reference or reading.name!r}: {problem}")
        draft.readings.append(reading)


def _give_ratings(draft: _Draft) -> None:
    """Gives the ratings under a plain "RAG" to the month or to the year, by the rule that gives them.

    All tables of a paper are set alike, so that the indicators of all of them tell.
    """
    if not draft.plain:
        return
    what = rated_by_rule([draft.readings[at] for at, _ in draft.plain], [rag for _, rag in draft.plain])
    if what is None:
        draft.problems.append("cannot tell whether the one column of ratings rates the month or the year to date")
        return
    for at, rag in draft.plain:
        given = draft.readings[at]
        draft.readings[at] = replace(given, rag=rag) if what is Means.RAG else replace(given, ytd_rag=rag)


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
            if not is_generic(bare(text)):
                draft.service = service_for(bare(text), draft.services)
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


# --- the report ---------------------------------------------------------------------------


def _report(draft: _Draft, pages: Sequence[Page], *, url: str, title: str, pdf_title: str) -> Report | None:
    first = min(draft.pages, default=1)
    lines = [
        text for page in pages[max(0, first - 5) : first] for text in _above_tables(page, last=page.number == first)
    ]
    names = [title, pdf_title, file_words(url)]
    end = last_day(draft.periods, lines, names)
    if end is None:
        draft.problems.append("neither a column nor the title names the month that the figures are of")
        return None
    named = scope(lines, names)
    if named is None:
        services = {reading.service for reading in draft.readings if reading.service}
        if len(services) != 1:
            draft.problems.append("neither title nor cover names the directorate or committee that the paper is on")
            return None
        named = services.pop()
    year, quarter = quarter_of_date(end)
    return Report(
        title=f"{named} {kind_of(lines, names)}, {end:%B %Y}",
        financial_year=year,
        quarter=quarter,
        period_start=date(int(year[:4]), 4, 1),
        period_end=end,
        kpi_total=None,
        scope=named,
    )


def _above_tables(page: Page, *, last: bool) -> list[str]:
    """The page's lines; of the page with the first indicators only those above its first table."""
    until = min((t.bbox[1] for t in grid.tables(page)), default=page.height) if last else page.height
    return [text for line in page.lines if line.y0 < until and (text := collapse(line.text))]


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
        rag = rating_in(row.fields.get(column)) if column is not None else None
        readings[at] = replace(
            readings[at],
            headline_name=name,
            headline_rag=rag,
            headline_page=row.page,
            headline_bbox=rounded(row.bbox),
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
        [(page.number, text) for page in pages if _near(draft, page.number) and (text := _prose(page))],
        stated_in=StatedIn.DASHBOARD,
        financial_year=report.financial_year if report else None,
        quarter=report.quarter if report else None,
    )
    draft.counts += stated
    for counted in draft.counts:
        if (problem := _missing(counted, readings)) is not None:
            draft.problems.append(problem)


_COUNTS = re.compile(r"\d|\b(?:one|two|three|four|five|six|seven|eight|nine|ten)\b", re.IGNORECASE)
_SAYS_RATINGS = re.compile(r"\b(?:green|amber|red|indicators?|kpis?)\b", re.IGNORECASE)


def _prose(page: Page) -> str:
    """The page's sentences that may count ratings; tables and headings would only be taken for their subject."""
    boxes = [table.bbox for table in grid.tables(page)]
    paragraphs: list[list[Line]] = [[]]
    for line in page.lines:
        x0, y0, x1, y1 = line.bbox
        if any(holds(box, (x0 + x1) / 2, (y0 + y1) / 2) for box in boxes):
            paragraphs.append([])
            continue
        if paragraphs[-1] and y0 - paragraphs[-1][-1].y1 > 0.45 * (y1 - y0):
            paragraphs.append([])
        paragraphs[-1].append(line)
    texts = ["\n".join(line.text for line in lines) for lines in paragraphs]
    return "\n\n".join(text for text in texts if _SAYS_RATINGS.search(text) and _COUNTS.search(text))


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
