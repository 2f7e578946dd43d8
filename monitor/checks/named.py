"""Indicators that running text names with a rating, beside the report's own rating."""

import re
from collections.abc import Iterator, Sequence

from db.discrepancies import Discrepancy
from monitor.checks.shelf import WHO_SAYS, Shelf, finding, readings_of, shortened
from monitor.facts import Edition, Paper
from parsers.performance_report.matching import similarity
from parsers.records import KpiReading, NamedRating, Rag, RagCount, StatedIn
from parsers.text import COUNT_PATTERN, collapse, matching

_ALIKE = 0.5  # share of words in common, of both names together
_WITHIN = 0.8  # of the shorter name's words, for a name that is cut short
_AHEAD = 0.15  # that no other indicator may come nearer than
_SAME = 0.9  # from here on it is the name itself
_SHORT = 3  # words that a shortened name must have at least
_STOP = frozenset(
    [
        "of",
        "the",
        "a",
        "an",
        "and",
        "or",
        "for",
        "in",
        "to",
        "by",
        "with",
        "on",
        "at",
        "per",
        "which",
        "who",
        "that",
        "are",
        "is",
        "was",
        "were",
        "%",
        "percentage",
    ]
)
# What is said of another time than the quarter: "was Green for both November and December", "had been Red".
_OTHER_TIME = re.compile(
    r"\b(?:had been|previously|was (?:formerly|once)|would have been|(?:should|may|might|could|will|would|expected to)"
    r" (?:be|become|turn|move|return)|last year|next (?:quarter|year)|"
    r"(?:in|for|during|both|month of|and)\s+(?:both\s+)?(?:january|february|march|april|may|june|july|august|september"
    r"|october|november|december))\b",
    re.IGNORECASE,
)


# "Of the four Red KPIs, only one improved (the percentage of case holding posts filled …)": one of those Red.
_IN_BRACKETS = re.compile(
    rf"\bof (?:the|its|these|those|our) {COUNT_PATTERN} (?P<rag>red|amber|green)(?:[- ]rated)? "
    rf"(?:kpis?|indicators?|measures?)\b[^.()]{{0,120}}\((?P<name>[^()]{{12,160}})\)",
    re.IGNORECASE,
)


def in_brackets(count: RagCount) -> list[NamedRating]:
    """The indicators that a statement names in brackets as being among those of one rating."""
    quote = collapse(count.quote or "")
    sentences = re.split(r"(?<=[a-z0-9)])\.\s+(?=[A-Z])", quote)
    return [
        NamedRating(
            stated_in=count.stated_in,
            financial_year=count.financial_year,
            quarter=count.quarter,
            service=count.service,
            name=match["name"],
            rag=Rag(match["rag"].lower()),
            quote=sentence,
            page=count.page,
        )
        for sentence in sentences
        for match in _IN_BRACKETS.finditer(sentence)
    ]


def contradictions(
    check: str, named: NamedRating, paper: Paper, edition: Edition, shelf: Shelf
) -> Iterator[Discrepancy]:
    """Where an indicator is said to be rated otherwise than the edition rates it; silent where it may be another."""
    holder = paper if edition in paper.editions else shelf.paper(edition.name)
    reading = meant(named.name, named.service, edition)
    if holder is None or reading is None or reading.rag is None or _OTHER_TIME.search(matching(named.quote)):
        return
    if named.rag in (reading.rag, reading.headline_rag):
        return
    who = "the text" if named.stated_in is StatedIn.REPORT else WHO_SAYS[named.stated_in]
    yield finding(
        check,
        paper,
        severity="medium",
        about=f"{reading.name} ({reading.service})",
        edition=edition.name,
        stated=f"{named.rag.capitalize()}",
        computed=f"{reading.rag.capitalize()}",
        explanation=(
            f"{who[:1].upper()}{who[1:]} {'name' if who == 'the minutes' else 'names'} “{reading.name}” as "
            f"{named.rag.capitalize()}; its own page rates it {reading.rag.capitalize()}."
            f" In its words: “{shortened(named.quote)}”"
        ),
        page=named.page,
        other=holder,
        other_page=reading.page,
    )


def meant(name: str, service: str | None, edition: Edition) -> KpiReading | None:
    """The one indicator that a name in running text can mean; None where none or several could be meant."""
    here = readings_of(edition, service) if service is not None else []
    return _nearest(name, here) or _nearest(name, edition.readings)


def _nearest(name: str, readings: Sequence[KpiReading]) -> KpiReading | None:
    words = _words(name)
    scored = []
    for reading in readings:
        names = [reading.name, *([reading.headline_name] if reading.headline_name else [])]
        if not any(_numbers(name) <= _numbers(other) for other in names):
            continue
        nearness = max(similarity(name, other) for other in names)
        within = max(_share_within(words, _words(other)) for other in names)
        if nearness >= _ALIKE or (within >= _WITHIN and len(words) >= _SHORT):
            scored.append((nearness, within, reading))
    scored.sort(key=lambda one: one[:2], reverse=True)
    if not scored:
        return None
    nearness, within, reading = scored[0]
    rivals = [one for one in scored[1:] if nearness - one[0] < _AHEAD or (one[1] >= within and nearness < _SAME)]
    return None if rivals else reading


def _words(name: str) -> frozenset[str]:
    return frozenset(re.findall(r"[a-z0-9]+", matching(name).lower().replace("'", ""))) - _STOP


def _numbers(name: str) -> frozenset[str]:
    return frozenset(word for word in _words(name) if word.isdigit())


def _share_within(words: frozenset[str], other: frozenset[str]) -> float:
    return len(words & other) / len(words) if words else 0.0
