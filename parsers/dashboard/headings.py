"""Which service the tables of a dashboard are on: the headings above and within them."""

import re
from collections import Counter
from collections.abc import Sequence

from parsers.boxes import holds
from parsers.dashboard.columns import period
from parsers.grid import Table
from parsers.pdf import Line, Page
from parsers.text import collapse

# Headings that name no service.
_GENERIC = re.compile(
    r"(?:(?:key\s+)?performance\s+(?:indicators?|measures?|summary|monitoring|report|data|dashboard).*"
    r"|(?:key\s+)?indicators?|kpis?(?:\s+(?:summary|performance|monitoring))?"
    r"|activity(?:\s+(?:indicators?|data|levels?|monitoring))?|summary.*|overview|.*\bdash\s?board\b.*"
    r"|.*\bscore\s?card\b.*|appendix.*|annex.*|contents|guidance notes?|key|results\b.*|digital take-?up.*"
    r"|(?:monthly|quarterly|annual|rolling\b.*|latest|current|year to date|ytd)"
    r"(?:\s+(?:indicators?|kpis?|results?|performance|data))?"
    r"|.*\bcabinet committee\b.*"
    r"|financial year.*|published?.*|publication.*|produced by.*|page \d+.*|(?:kent )?county council|agenda.*|rag.*"
    r"|table \d*.*|section|part|targets?.*|\W*|\d[\d\s./-]*)",
    re.IGNORECASE,
)
_PROSE = re.compile(
    r"\b(?:is|are|was|were|has|have|had|will|may|should|see|please|note|notes|source|figures?|provisional|based|shown|below"
    r"|following|not|no|due|this|these|which|that)\b|[.;]$|^[*†‡^•]",
    re.IGNORECASE,
)
_LABELLED = re.compile(
    r"^(?:cabinet members?|(?:corporate |service |interim )?directors?|head of|portfolio|lead|owner|contact|author"
    r"|from|to|by|date|produced|e-?mail|phone|tel)\b",
    re.IGNORECASE,
)
_DIVISION = re.compile(
    r"^\s*(?:division|service|directorate)s?\b.*\b(?:director|cabinet member|portfolio)", re.IGNORECASE
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


def bare(heading: str) -> str:
    """A heading without number and "Key Performance Indicators".

    >>> bare("2. Highways – Performance Indicators"), bare("Waste Management:"), bare("KPIs - Libraries (continued)")
    ('Highways', 'Waste Management', 'Libraries')
    """
    text = re.sub(r"\s*\(cont(?:inued|'d|d)?\.?\)\s*$", "", collapse(heading), flags=re.IGNORECASE)
    text = _HEAD.sub("", text)
    shorter = _TAIL.sub("", text)
    return (shorter or text).strip(" :–—-|")


def is_generic(heading: str) -> bool:
    """Whether a heading, bare, names no service: "Key Performance Indicators", "Appendix 1", "Overview".

    >>> is_generic("Key Performance Indicators"), is_generic("Highways")
    (True, False)
    """
    return _GENERIC.fullmatch(heading) is not None


def heading_above(
    page: Page, tables: Sequence[Table], running: frozenset[str], top: float, bottom: float
) -> str | None:
    """The last heading that names a service between two heights of a page."""
    lines = _lines_between(page, tables, running, top, bottom)
    for at in range(len(lines) - 1, -1, -1):
        text = collapse(lines[at].text)
        if at and _DIVISION.match(lines[at - 1].text):  # a table "Division | Director" without rules
            return bare(_first_label(lines[at]))
        if at and _one_heading(lines[at - 1], lines[at]) and _names_service(both := f"{lines[at - 1].text} {text}"):
            return bare(both)
        if _names_service(text):
            return bare(text)
    return None


def _lines_between(
    page: Page, tables: Sequence[Table], running: frozenset[str], top: float, bottom: float
) -> list[Line]:
    lines = [line for line in page.lines if top - 2 <= line.y0 and line.y1 <= bottom + 3]
    free = [line for line in lines if not any(_in(line, table) for table in tables)]
    return [line for line in free if _key(line.text) not in running and not re.fullmatch(r"[\d\W]*", line.text)]


def heading_at_foot(page: Page, tables: Sequence[Table], running: frozenset[str], top: float) -> str | None:
    """A heading that is the last thing on its page, or the last but for "Key Performance Indicators"."""
    lines = _lines_between(page, tables, running, top, page.height)
    while lines and is_generic(bare(lines[-1].text)):
        lines.pop()
    last = lines[-2:]
    if len(last) == 2 and _DIVISION.match(last[0].text):
        return bare(_first_label(last[1]))
    return bare(lines[-1].text) if lines and _names_service(lines[-1].text) else None


def _first_label(line: Line) -> str:
    """The line's words up to its first gap."""
    words = [line.words[0]]
    for word in line.words[1:]:
        if word.x0 - words[-1].x1 > 0.8 * (word.y1 - word.y0):
            break
        words.append(word)
    return " ".join(word.text for word in words)


def _in(line: Line, table: Table) -> bool:
    x0, y0, x1, y1 = line.bbox
    return holds(table.bbox, (x0 + x1) / 2, (y0 + y1) / 2)


def _one_heading(upper: Line, lower: Line) -> bool:
    """Two lines of one heading: near, equally high, and the first does not say all by itself."""
    size = lower.y1 - lower.y0
    near = lower.y0 - upper.y1 < 0.35 * size and abs((upper.y1 - upper.y0) - size) < 0.5
    unfinished = re.search(r"(?:\band|&|\bof|,|–|-)$", upper.text.strip()) is not None or lower.text[:1].islower()
    return near and unfinished


def _names_service(text: str) -> bool:
    text = collapse(text)
    name = bare(text)
    if is_generic(text):
        return False
    if not 3 <= len(name) <= 90 or not name[:1].isupper() or _LABELLED.match(text):
        return False
    if _PROSE.search(name) or is_generic(name):
        return False
    return period(name) is None and sum(char.isdigit() for char in name) <= 2


def _key(text: str) -> str:
    return re.sub(r"\d+", "#", collapse(text).lower())


def running_lines(pages: Sequence[Page]) -> frozenset[str]:
    """Lines at the top or foot that come on most pages: headers, footers, stamps."""
    if len(pages) < 3:
        return frozenset()
    seen: Counter[str] = Counter()
    for page in pages:
        lines = page.lines
        seen.update({_key(line.text) for line in (*lines[:3], *lines[-3:])})
    return frozenset(key for key, times in seen.items() if times >= max(3, 0.6 * len(pages)))
