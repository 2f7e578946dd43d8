"""Which of the Ombudsman's pages this is, and all that it says."""

import re
from collections.abc import Callable, Sequence
from urllib.parse import unquote, urlsplit

from bs4 import BeautifulSoup

from parsers.html import soup
from parsers.ombudsman.cases import (
    DECISION_PATH,
    NEWS_PATH,
    SEARCH_PATH,
    Found,
    looks_like_decision,
    read_decision,
    read_news,
    read_search,
)
from parsers.ombudsman.lists import read_improvements, read_reports
from parsers.ombudsman.page import (
    CASE_LABEL,
    Line,
    base_url,
    council_names,
    is_furniture,
    lines,
    page_council,
    page_title,
    performance_path,
    sections,
    stand_in,
)
from parsers.ombudsman.statistics import read_statistics
from parsers.records import Fact, Kind, Outcome, Reading
from parsers.text import collapse, slug

VERSION = 1

Reader = Callable[..., Found]


def recognises(body: bytes, *, url: str, title: str = "") -> bool:
    """Whether the page is one of the Ombudsman's, by its address or, failing that, by its words."""
    return _reader_of_url(url) is not None or _reader_of_words(body) is not None


def read(body: bytes, *, url: str, title: str = "") -> Reading:
    """All that the page says. What does not hold together is quarantined, with every reason in the note."""
    page = soup(body)
    visible = lines(page)
    reader = _reader_of_url(url) or _reader_of_words(body) or _read_performance
    kind, outcome, note, name, published_on, facts = reader(page, visible, url=url, title=title)
    return Reading(
        kind=kind,
        outcome=outcome,
        parser="ombudsman",
        parser_version=VERSION,
        note=note,
        title=name,
        published_on=published_on,
        facts=tuple(facts),
        text="\n".join(line.text for line in visible if not is_furniture(line.text)),
    )


def _reader_of_url(url: str) -> Reader | None:
    path = unquote(urlsplit(url).path)
    if SEARCH_PATH.search(path):
        return read_search
    performance = performance_path(url)
    if performance is not None:
        return _read_improvements if performance[1].startswith("serviceimprovement") else _read_performance
    if DECISION_PATH.search(path):
        return read_decision
    return read_news if NEWS_PATH.search(path) else None


# Words that only the Ombudsman's own pages put together; a newspaper's or a council's page on them does not.
_STATISTICS = (
    re.compile(r"upheld\s+decisions?", re.IGNORECASE),
    re.compile(r"similar\s+(?:authorities|councils|organisations)", re.IGNORECASE),
    re.compile(r"(?:compliance|remed(?:y|ies)|per\s+100,000)", re.IGNORECASE),
)


def _reader_of_words(body: bytes) -> Reader | None:
    if not re.search(rb"ombudsman|case\s*(?:&nbsp;|\s)*reference", body, re.IGNORECASE) or re.search(
        rb"""\b(?:id|class)\s*=\s*["']?(?:modgov|mgContent)\b""", body
    ):
        return None
    page = soup(body)
    visible = lines(page)
    if looks_like_decision(visible, page):
        return read_decision
    text = "\n".join(line.plain for line in visible)
    if all(pattern.search(text) for pattern in _STATISTICS) and len(sections(visible)) > 2:
        return _read_performance
    labels = sum(CASE_LABEL.search(line.plain) is not None for line in visible)
    if labels and re.search(r"^\W*sub[\s-]*category\b", text, re.IGNORECASE | re.MULTILINE):
        return _read_performance if any(part.topic == "upheld" for part in sections(visible)) else _read_improvements
    return None


def _read_performance(page: BeautifulSoup, visible: Sequence[Line], *, url: str, title: str) -> Found:
    """A council's page with the yearly statistics, the public reports and the latest improvements."""
    name = page_title(page, title)
    council = page_council(page, visible, url)
    tab = (performance_path(url) or ("", ""))[1]
    parts = sections(visible)
    statistics = read_statistics(parts, council)
    reports = read_reports(parts, council=council, base=base_url(page, url))
    improvements = read_improvements(parts, council=council, base=base_url(page, url))
    facts: tuple[Fact, ...] = (*statistics.facts, *reports.reports, *improvements.improvements)
    problems = [*statistics.problems, *reports.problems, *improvements.problems]
    problems[:0] = _about_another(page, council)
    if not statistics.facts and not statistics.problems and not statistics.says_none and tab in _STATISTICS_TABS:
        found = stand_in(page, visible) or "none that can be read"
        problems.insert(0, f"expected the Ombudsman's statistics on {council or 'a council'}, found {found}")
    kind = Kind.OMBUDSMAN_STATISTICS
    if tab not in _STATISTICS_TABS and not statistics.facts:
        kind = Kind.OMBUDSMAN_REPORT if reports.reports else Kind.OTHER
    if problems:
        return kind, Outcome.QUARANTINED, "; ".join(problems), name, None, facts if council else ()
    return kind, Outcome.READ if facts else Outcome.NOTHING, None, name, None, facts


_STATISTICS_TABS = ("", "statistics", "annualstatistics")


def _about_another(page: BeautifulSoup, council: str) -> list[str]:
    """The problem of a page that names no council, or in its heading another than its address."""
    if not council:
        return ["expected the name of a council, found none"]
    heading = page.find("h1")
    names = [slug(name) for name in council_names(collapse(heading.get_text(" ")))] if heading is not None else []
    if not names or any(_distinctive(name) & _distinctive(council) for name in names):
        return []
    return [f"expected a page on {council} by its address, found one on {names[0]}"]


def _distinctive(name: str) -> set[str]:
    """A council's own words: "hull" of "hull-city-council" and "kingston-upon-hull"."""
    common = "council county city borough district metropolitan london royal of the and upon park national authority"
    return set(name.split("-")) - set(common.split())


def _read_improvements(page: BeautifulSoup, visible: Sequence[Line], *, url: str, title: str) -> Found:
    """The page with all of a council's service improvements."""
    kind, name = Kind.OMBUDSMAN_IMPROVEMENTS, page_title(page, title)
    council = page_council(page, visible, url)
    parts = sections(visible)
    listed = read_improvements(parts, council=council, base=base_url(page, url))
    says_none = listed.says_none or any(_NO_LIST.search(line.plain) for line in visible)
    problems = list(listed.problems)
    problems[:0] = _about_another(page, council)
    if not listed.improvements and not problems and not says_none:
        problems.append(f"expected service improvements, found {stand_in(page, visible) or 'no case reference'}")
    if problems:
        return kind, Outcome.QUARANTINED, "; ".join(problems), name, None, tuple(listed.improvements if council else ())
    outcome = Outcome.READ if listed.improvements else Outcome.NOTHING
    return kind, outcome, None, name, None, tuple(listed.improvements)


_NO_LIST = re.compile(r"\bno\s+(?:agreed\s+)?(?:service\s+)?(?:improvements|results|cases)\b", re.IGNORECASE)
