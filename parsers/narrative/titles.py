"""What a paper or an agenda item is about, by its title."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from parsers.narrative.vocabulary import SERVICE_WORDS, bare_word
from parsers.narrative.when import period
from parsers.records import NamedRating, RagCount
from parsers.text import collapse, matching

_PERFORMANCE = re.compile(
    r"\bperformance\b.*\b(?:reports?|reporting|monitoring|dashboards?|scorecards?|indicators?|update|review|quarter|q[1-4])\b"
    r"|\b(?:quarter\w*|q[1-4])\b.*\bperformance\b|\bqpr\b|\bkpi'?s?\b|\bscorecards?\b|\bdashboards?\b",
    re.IGNORECASE,
)
_OTHER_PERFORMANCE = re.compile(
    r"\b(?:pensions?|treasury|financial|finance|budget\w*|investments?|contract|supplier|provider|risk|capital|revenue|savings)\b",
    re.IGNORECASE,
)
_WHOLE = re.compile(
    r"\bquarterly\s+performance\b|\bqpr\b|\b(?:council|corporate|authority|kcc|strategic\s+plan)\s+(?:quarterly\s+)?performance\b"
    r"|\bperformance\s+monitoring\b|\bperformance\s+reports?\b.*\b(?:quarter|q[1-4])\b|\b(?:quarter|q[1-4])\b.*\bperformance\b",
    re.IGNORECASE,
)
_PART_OF = re.compile(
    r"^(?:\d{2}[/-]\d{5}\s*[-:]?\s*)?(?P<name>.+?)[\s:,-]+(?:\d{4}[/-]\d{2,4}\s+)?(?:key\s+)?(?:performance\s+)?"
    r"(?:dashboards?|scorecards?|performance\s+(?:reports?|monitoring|indicators?|update)|kpi'?s?)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Subject:
    """What a title says that its text counts."""

    performance: bool  # indicators of performance at all
    service: str | None = None  # the part of the council whose indicators they are; None for all


def subject(title: str, committee: str | None = None) -> Subject:
    """Whose indicators a paper or an agenda item with that title counts.

    A dashboard to one service's committee is about that service, not about the council.

    >>> subject("Quarterly Performance Report, Q2 2024-2025", "Cabinet")
    Subject(performance=True, service=None)
    >>> subject("Performance Dashboard", "Environment and Transport Cabinet Committee").service
    'Environment and Transport'
    >>> subject("Commercial and Procurement Performance Report - Quarters 2 and 3").service
    'Commercial and Procurement'
    >>> subject("Cabinet Member Updates"), subject("Pension Fund performance report")
    (Subject(performance=False, service=None), Subject(performance=False, service=None))
    """
    plain = matching(title)
    if not _PERFORMANCE.search(plain):
        return Subject(False)
    if re.search(r"\bquarterly\s+performance\b|\bqpr\b", plain, re.IGNORECASE):
        return Subject(True)
    if _OTHER_PERFORMANCE.search(plain):
        return Subject(False)
    named = _PART_OF.match(plain)
    if named and {bare_word(word) for word in named["name"].split()} & SERVICE_WORDS:
        return Subject(True, collapse(named["name"]))
    body = re.sub(
        r"\b(?:cabinet|select|overview|and|scrutiny|sub-)*\s*(?:sub-)?committee\b", "", committee or "", flags=re.I
    )
    if {bare_word(word) for word in body.split()} & SERVICE_WORDS and not _WHOLE.search(plain):
        return Subject(True, collapse(body))
    return Subject(True)


def is_dashboard(title: str) -> bool:
    """Whether the title is of a monthly dashboard, whose dates name no quarter."""
    return re.search(r"\b(?:dashboard|scorecard)", title, re.IGNORECASE) is not None


def named_of_subject(found: Sequence[NamedRating], title: str, about: Subject) -> list[NamedRating]:
    """The named ratings of a text, as those of what its title is about."""
    if about.service is None and not is_dashboard(title):
        return list(found)
    named = period(title) or (None, None)
    return [
        replace(one, service=one.service or about.service, financial_year=named[0], quarter=named[1]) for one in found
    ]


def of_subject(found: Sequence[RagCount], title: str, about: Subject) -> list[RagCount]:
    """The counts of a text, as counts of what its title is about."""
    if about.service is None and not is_dashboard(title):
        return list(found)
    named = period(title) or (None, None)
    whole = [c for c in found if c.service is None]
    return [replace(c, service=about.service, financial_year=named[0], quarter=named[1]) for c in whole]
