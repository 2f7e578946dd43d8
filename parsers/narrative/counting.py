"""A whole text into counts: paragraph after paragraph, each with what the ones before it leave to it."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from parsers.narrative.layout import (
    heading_of,
    named_service,
    names_only_a_service,
    neutral_heading,
    paragraphs_of_pages,
    sentences,
)
from parsers.narrative.sentence import Said, read_sentence, speaks_of_indicators
from parsers.narrative.settle import settle
from parsers.narrative.vocabulary import COLOUR, FOREIGN, NUMBER, RATINGS, SMALLEST_WHOLE
from parsers.narrative.when import Period, period
from parsers.records import RagCount, StatedIn

VERSION = 1


def counts(
    text: str,
    *,
    stated_in: StatedIn,
    page: int | None = None,
    financial_year: str | None = None,
    quarter: int | None = None,
) -> list[RagCount]:
    """What the text says of the whole set of indicators, and of services that a paragraph names at its start.

    At most one count for the whole council, then one for each service, in the text's order. Where the text says
    a thing twice, the first counts, and a sentence that contradicts it is left out. Blank lines part paragraphs;
    single line breaks are those of a printed page. The period is the one given, else the one that the text names.
    """
    return counts_in([(page, text)], stated_in=stated_in, financial_year=financial_year, quarter=quarter)


def counts_in(
    pages: Sequence[tuple[int | None, str]],
    *,
    stated_in: StatedIn,
    financial_year: str | None = None,
    quarter: int | None = None,
) -> list[RagCount]:
    """As `counts`, for one text over several pages; each count has the page that says most of it."""
    when = period_of(pages, financial_year, quarter)
    said = [s for s in _all_said(pages, when) if s.values or s.percents or s.changes]
    services = list(dict.fromkeys(s.service for s in said))
    found = []
    for service in sorted(services, key=lambda name: name is not None):  # the whole council first
        kept = settle([s for s in said if s.service == service])
        if kept is None:
            continue
        found.append(as_count(kept, stated_in, service, when))
    return found


def period_of(pages: Sequence[tuple[int | None, str]], financial_year: str | None, quarter: int | None) -> Period:
    """The period given, else the one that the text names; the text is not asked where it contradicts."""
    if financial_year is None or quarter is None:
        named = period("\n\n".join(text for _, text in pages))
        if named and financial_year in (None, named[0]) and quarter in (None, named[1]):
            return Period(*named)
    return Period(financial_year, quarter)


def as_count(
    kept: tuple[Mapping[str, int], int | None, str],
    stated_in: StatedIn,
    service: str | None,
    when: Period,
) -> RagCount:
    """The record of what was settled on: values, page and quote."""
    values, page, quote = kept
    count = RagCount(
        stated_in=stated_in,
        financial_year=when.year,
        quarter=when.quarter,
        service=service,
        quote=quote,
        page=page,
    )
    return replace(count, **values)  # type: ignore[arg-type]


def unread(text: str) -> list[str]:
    """Sentences that look like a count of ratings of indicators and gave none: for a person to look at.

    >>> unread("Of the indicators about 20 were Green and about ten Red.")
    ['Of the indicators about 20 were Green and about ten Red.']
    >>> unread("The Red and Amber KPIs were discussed.")
    []
    """
    found = []
    for sentence in _all_said([(None, text)], Period(None, None)):
        copy = sentence.copy
        colours = {match[1].lower() for match in COLOUR.finditer(copy)}
        ratings = set(sentence.values) & set(RATINGS)
        if len(colours) < 2 or ratings or sentence.partial or not re.search(r"\bKPI\b", copy):
            continue
        if len(NUMBER.findall(copy)) >= 2:
            found.append(sentence.text)
    return found


@dataclass
class _Thread:
    """What the sentences before leave to those after: whether "12 were Amber" can be of indicators."""

    since_subject: int = 99  # sentences since one that named the indicators
    since_count: int = 99  # sentences since one that counted
    since_direction: int = 99  # sentences since one that spoke of the direction of travel
    only_total: bool = False  # the sentence before gave the total and nothing else

    def follow(self, said: Said) -> None:
        """Take note of a sentence."""
        self.since_subject = 0 if said.speaks else self.since_subject + 1
        self.since_count = 0 if said.values else self.since_count + 1
        named = re.search(r"\bdirections?\s+of\s+travel\b|\bDoT\b", said.copy, re.IGNORECASE)
        self.since_direction = 0 if named else self.since_direction + 1
        self.only_total = set(said.values) == {"total"}


def _all_said(pages: Sequence[tuple[int | None, str]], when: Period) -> Iterator[Said]:
    """Every sentence with what it says and of which service."""
    thread = _Thread()
    under_service = False  # a heading that names a service stands above
    at = 0
    for paragraph in paragraphs_of_pages(pages):
        at += bool(paragraph.mark)  # a list mark stands between two sentences
        if paragraph.mark == "digit":
            under_service = False
        service = named_service(paragraph.text)
        if service is None and names_only_a_service(paragraph.text):
            under_service = True
            continue
        if service is not None:
            thread = _Thread()  # what a service's paragraph says leads from nothing and to nothing
        heading = heading_of(paragraph.text)
        strange = service is None and heading is not None and not neutral_heading(heading[0])
        start = len(paragraph.text) - len(heading[1]) if service is not None and heading is not None else 0
        position = start
        for sentence in sentences(paragraph.text[start:]):
            position = paragraph.text.index(sentence, position)
            said = read_sentence(
                sentence,
                paragraph.page_at(position),
                when,
                about_direction=thread.since_direction <= 1,
                after_total=thread.only_total,
                of_service=service is not None,
            )
            first = position == start
            doubtful = (under_service and service is None) or (strange and first)
            if not _acceptable(said, thread) or (doubtful and said.values.get("total", 0) < SMALLEST_WHOLE):
                said = replace(said, values={}, percents={}, spare=(), changes={})
            text = paragraph.text[:start] + said.text if first else said.text
            at += 1
            of_all = service is not None and _OF_THE_COUNCIL.search(sentence) is not None
            yield replace(said, service=None if of_all else service, at=at, text=text)
            thread.follow(said)
        if service is not None:
            thread = _Thread()


# In a service's paragraph: not of the service.
_OF_THE_COUNCIL = re.compile(
    r"\b(?:across|for|in)\s+the\s+(?:whole\s+)?(?:council|authority)\b|\bcouncil[- ]wide\b"
    r"|\bwhole\s+(?:council|authority)\b",
    re.IGNORECASE,
)


def _acceptable(said: Said, thread: _Thread) -> bool:
    """Whether the sentence's numbers can be of indicators."""
    foreign = FOREIGN.search(said.copy)
    if not said.values and not said.percents:
        return bool(said.spare) or (not foreign and (said.speaks or thread.since_subject <= 2))
    if said.speaks:
        return speaks_of_indicators(said)
    if foreign:
        return False
    several = len([key for key in said.values if key != "total"]) >= 2
    return thread.since_count <= 3 or (thread.since_subject <= 2 and several)
