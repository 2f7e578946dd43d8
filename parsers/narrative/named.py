"""Indicators that a text names with their rating: in a list of the Reds, or in a sentence about one of them.

Rather none than a wrong one. A list counts when its lead-in says which rating it is of, and holds as many entries as
that says; a sentence when it begins with the indicator and ends in a rating, with nothing that takes it back.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from parsers.narrative.counting import period_of
from parsers.narrative.layout import (
    Paragraph,
    heading_of,
    named_service,
    names_only_a_service,
    paragraphs_of_pages,
    sentences,
)
from parsers.narrative.spelling import OTHER_PERIOD, reading_copy
from parsers.narrative.vocabulary import COLOUR, COUNT
from parsers.narrative.when import Period
from parsers.records import NamedRating, Rag, StatedIn
from parsers.text import collapse, count, matching


def named_ratings(
    pages: Sequence[tuple[int | None, str]],
    *,
    stated_in: StatedIn,
    financial_year: str | None = None,
    quarter: int | None = None,
) -> list[NamedRating]:
    """The indicators that the text names with their rating now, each with the entry or sentence that says so."""
    when = period_of(pages, financial_year, quarter)
    paragraphs = paragraphs_of_pages(pages)
    found: list[_Named] = []
    at = 0
    while at < len(paragraphs):
        entries, after = _list_at(paragraphs, at, when)
        found += entries
        if not entries:
            found += _sentences_of(paragraphs[at], when)
        at = after if entries else at + 1
    return [
        NamedRating(
            stated_in=stated_in,
            financial_year=when.year,
            quarter=when.quarter,
            service=one.service,
            name=one.name,
            rag=one.rag,
            quote=one.quote,
            page=one.page,
        )
        for one in _consistent(found)
    ]


@dataclass(frozen=True, slots=True)
class _Named:
    service: str | None
    name: str
    rag: Rag
    quote: str
    page: int | None


def _consistent(found: Sequence[_Named]) -> list[_Named]:
    """Each name once; a name with two ratings not at all."""
    ratings: dict[str, set[Rag]] = {}
    for one in found:
        ratings.setdefault(matching(one.name).casefold(), set()).add(one.rag)
    kept: dict[str, _Named] = {}
    for one in found:
        name = matching(one.name).casefold()
        if len(ratings[name]) == 1:
            kept.setdefault(name, one)
    return list(kept.values())


# --- which rating a sentence gives ---------------------------------------------------------

# What takes a rating back, or makes it one of another day.
_NOT_NOW = re.compile(
    r"\b(?:not|never|without|no\s+longer|neither|nor|if|whether|would|should|could|might|may|will|until|unless|almost|nearly|instead|risk\s+of"
    r"|out\s+of|avoid\w*|expected|forecast\w*|expect|anticipated|hoped?|target(?:ed)?\s+to|previously|formerly|had\s+been\s+(?:rated\s+)?(?:red|amber|green)\s+(?:but|and))\b|n't\b|\?",
    re.IGNORECASE,
)
_FROM_COLOUR = re.compile(
    r"\bfrom\s+(?:being\s+)?(?:an?\s+)?(?:RAG\s+)?(?:rated\s+)?(?:as\s+)?(?:green|amber|red)\b(?:\s+(?:rating|status))?",
    re.IGNORECASE,
)


def _rating(copy: str) -> Rag | None:
    """The one rating that the sentence gives; None where it gives several, another quarter's or takes it back."""
    if _NOT_NOW.search(copy) or re.search(OTHER_PERIOD, copy):
        return None
    colours = {match[1].lower() for match in COLOUR.finditer(_FROM_COLOUR.sub(" ", copy))}
    return Rag(colours.pop()) if len(colours) == 1 else None


# --- lists ---------------------------------------------------------------------------------

_LEADS_IN = re.compile(
    r"(?::|\b(?:were|are|was|is|in|namely|follows|following|below|being|included?)\s*:?|\bred\s*:?|-)\s*$",
    re.IGNORECASE,
)
# "The actions on the Red KPIs are:" leads in no indicators.
_OF_OTHER_THINGS = re.compile(
    r"\b(?:actions?|reasons?|issues?|steps?|work|comment\w*|mitigat\w*|explanations?|questions?|factors?|challenges?|points?|plans?|risks?|responses?)\b",
    re.IGNORECASE,
)
_NUMBER_OF_KPIS = re.compile(rf"(?<![\w.,@-])(?P<n>{COUNT})\s+(?:\w+\s+){{0,4}}?KPI\b", re.IGNORECASE)
_STOOD_AT = re.compile(rf"\bto\s+(?P<n>{COUNT})\b|\b(?:was|were|is|are|at)\s+(?P<m>{COUNT})\b", re.IGNORECASE)
_LONGEST_SENTENCE = 600  # a longer one is about more than one indicator
_LONGEST_NAME = 250
_MOST_ENTRIES = 60


def _list_at(paragraphs: Sequence[Paragraph], at: int, when: Period) -> tuple[list[_Named], int]:
    """The list that this paragraph leads in, and where it ends; no entries where it is none that we understand."""
    lead = paragraphs[at]
    last = sentences(lead.text)[-1:] or [""]
    if len(last[0]) > _LONGEST_SENTENCE:
        return [], at + 1
    if not re.search(r":\s*-?\s*$", last[0]) and not _LEADS_IN.search(last[0]):
        return [], at + 1
    copy, _ = reading_copy(last[0], when)
    rag = _rating(copy)
    if rag is None or not re.search(r"\bKPI\b", copy) or _OF_OTHER_THINGS.search(copy):
        return [], at + 1
    entries = list(_entries(paragraphs, at))
    end = at + 1 + len(entries)
    named = _in_services(entries, rag)
    number = _stated(copy)
    if not named or (number is not None and number != len(named)):
        return [], at + 1
    if number is None and not all(_OPENING.match(one.name) for one in named):
        return [], at + 1
    return named, end


def _stated(copy: str) -> int | None:
    """How many the lead-in says there are; None where it does not say."""
    match = _NUMBER_OF_KPIS.search(copy)
    if match is not None:
        return count(match["n"])
    stood = _STOOD_AT.search(copy)
    return count(stood["n"] or stood["m"]) if stood else None


def _entries(paragraphs: Sequence[Paragraph], lead_at: int) -> Iterator[Paragraph]:
    """The list's entries: all marked paragraphs up to one without a mark or with a mark of the lead-in's kind."""
    lead, first = paragraphs[lead_at], None
    for paragraph in paragraphs[lead_at + 1 : lead_at + 1 + _MOST_ENTRIES]:
        if not paragraph.mark or (lead.mark and _kind(paragraph) == _kind(lead)):
            return
        if first is not None and first != "1" and _kind(paragraph).startswith("1"):
            return  # the minutes' own numbers go on
        first = first or _kind(paragraph)
        yield paragraph


def _kind(paragraph: Paragraph) -> str:
    """What sort of mark it has: the bullet itself, else "1", "1.1", "i" or "a"."""
    bare = re.sub(r"[^\w.]", "", paragraph.bullet).strip(".")
    if paragraph.mark == "digit":
        return "1" if "." not in bare else "1.1"
    if not bare or (bare == "o" and paragraph.bullet == "o"):
        return paragraph.bullet
    return "i" if re.fullmatch(r"[ivx]+", bare.lower()) and bare.lower() not in ("v", "x") else "a"


def _in_services(entries: Sequence[Paragraph], rag: Rag) -> list[_Named] | None:
    """Each entry that is an indicator, with the service above it; None where an entry is not understood."""
    kinds = list(dict.fromkeys(_kind(e) for e in entries))
    deep = (len(kinds) > 1 and kinds[:2] != ["a", "i"]) or any(names_only_a_service(e.text) for e in entries)
    service: str | None = None
    found: list[_Named] = []
    for at, entry in enumerate(entries):
        above = deep and (_kind(entry) == kinds[0] if len(kinds) > 1 else names_only_a_service(entry.text))
        below = entries[at + 1] if at + 1 < len(entries) else None
        if above and below is not None and not (len(kinds) > 1 and _kind(below) == kinds[0]):
            service = collapse(entry.text).rstrip(":–- ")
            continue
        if above and len(kinds) > 1:
            return None  # a service without an indicator, or an indicator among services
        named = _entry(entry, service, rag)
        if named is None:
            return None
        found.append(named)
    return found


def _entry(entry: Paragraph, service: str | None, rag: Rag) -> _Named | None:
    text = entry.text
    heading = heading_of(text)
    if heading is not None and named_service(text) is not None:
        service, text = heading[0], heading[1]
    name = _name(text)
    if name is None:
        return None
    colours = {match[1].lower() for match in COLOUR.finditer(re.sub(r"\([^()]*\)", " ", text))}
    if colours - {rag.value}:
        return None
    return _Named(service, name, rag, entry.text, entry.page)


# A reason behind the name is none of it: "… within 28 days – performance fell because …", "…, which had …".
_NAME_ENDS = re.compile(
    r"\s+[-–—]\s+(?=[a-z]|[A-Z][a-z]+\s+(?:was|were|is|are|had|has|have|remain\w*)\b|\d)|[,;:]\s+(?=(?:which|where|due|because|with|this|and\s+this|it|although|but|as)\b)"
    r"|\s+\((?=[^()]*(?:green|amber|red)\b)",
    re.IGNORECASE,
)


def _name(text: str) -> str | None:
    """The indicator's name at the beginning of an entry; None where there is nothing like one."""
    first = re.sub(r"^the\s+(?=[a-z%])", "", (sentences(text) or [""])[0], flags=re.IGNORECASE)
    name = collapse(_NAME_ENDS.split(first, maxsplit=1)[0])
    name = re.sub(r"[\s,;.:]+(?:and)?$", "", re.sub(r"[,;]\s+and$", "", name))
    if not 6 <= len(name) <= _LONGEST_NAME or len(name.split()) < 2 or not re.search(r"[a-z]{3}", name):
        return None
    if COLOUR.search(name) or re.match(rf"(?:{COUNT})\b(?!\s?%)", name, re.IGNORECASE) or _SPEAKS.search(name):
        return None
    return name


# Words of sentences about people and meetings, not of names.
_SPEAKS = re.compile(
    r"\b(?:said|asked|noted|Members|Cabinet|Mr|Mrs|Ms|RESOLVED|AGREED|confirmed|explained|stated|commented|thanked|welcomed|KPIs|indicators)\b|^(?:it|this|that|these|they|he|she|we)\b",
    re.IGNORECASE,
)

# --- sentences -----------------------------------------------------------------------------

_OPENS = r"(?:percentages?|proportion|numbers?|rates?|average|amount|completion|level|volume|%)"
_OPENING = re.compile(rf"(?:the\s+)?{_OPENS}", re.IGNORECASE)
_LINK = re.compile(
    r"^(?:(?:however|also|additionally|in\s+addition|similarly|meanwhile|finally)\b,?\s+)?"
    rf"(?P<name>(?:the\s+)?(?:(?:KPI|indicator|measure)\s+(?:for|on|relating\s+to|regarding|concerning)\s+(?:the\s+)?(?=\w)|(?={_OPENS}\b))(?P<bare>.{{5,240}}?))"
    r"\s+(?P<verb>(?:(?:was|were|is|are|remain\w*|stayed|became|has\s+become|had\s+become|continu\w+\s+to\s+be)"
    r"|(?:had\s+|has\s+|have\s+)?(?:also\s+)?(?:moved|changed|dropped|fallen|fell|improved|declined|deteriorated|gone|went|slipped|worsened|risen|returned|turned|shifted)(?:\s+back)?)"
    r"(?:\s+(?:also|still|again|now|currently|therefore))*(?:\s+from\s+(?:an?\s+)?(?:green|amber|red)(?:\s+rat\w+)?)?(?:\s+(?:to|into))?(?:\s+(?:an?|being|be))?"
    r"(?:\s+['‘\"“]?RAG['’\"”]?)?(?:[\s-]+rated)?(?:\s+as)?)"
    r"\s+['‘\"“]?(?P<colour>green|amber|red)['’\"”]?\b(?!\s+(?:to|or|and\s+(?:amber|green|red)))",
    re.IGNORECASE,
)
_THE_RED = re.compile(
    r"^(?:the\s+)?(?:only\s+|one\s+|single\s+)*(?:(?:KPI|indicator|measure)\s+(?:(?:that|which)\s+(?:was|is)\s+)?(?:RAG[\s-])?(?:rated\s+)?(?:as\s+)?(?P<a>green|amber|red)"
    r"|(?:RAG[\s-])?(?P<b>green|amber|red)(?:[\s-]rated)?\s+(?:KPI|indicator|measure))\s+(?:was|is|concern\w+|related\s+to)\s*:?\s+(?P<name>.+?)\.?$",
    re.IGNORECASE,
)


def _sentences_of(paragraph: Paragraph, when: Period) -> Iterator[_Named]:
    """What the paragraph's sentences say of single indicators."""
    service = named_service(paragraph.text)
    text = paragraph.text
    if service is not None and (heading := heading_of(text)) is not None:
        text = heading[1]
    elif names_only_a_service(text):
        return
    position = 0
    for sentence in sentences(text):
        position = paragraph.text.index(sentence, position)
        named = _of_sentence(sentence, when)
        if named is not None:
            rag, name = named
            yield _Named(service, name, rag, sentence, paragraph.page_at(position))


def _of_sentence(sentence: str, when: Period) -> tuple[Rag, str] | None:
    """(rating, name) where the sentence is about one indicator and its rating."""
    if len(sentence) > _LONGEST_SENTENCE or COLOUR.search(sentence) is None:
        return None
    copy, _ = reading_copy(sentence, when)
    rag = _rating(copy)
    plain = collapse(sentence)
    single = _THE_RED.match(plain)
    linked = None if single else _LINK.match(plain)
    match = single or linked
    if rag is None or match is None:
        return None
    said = match["a"] or match["b"] if single else match["colour"]
    if said.lower() != rag.value:
        return None
    name = _name_in_sentence(match["name"] if single else match["bare"])
    return (rag, name) if name is not None else None


def _name_in_sentence(text: str) -> str | None:
    """The words that name the indicator; None where a verb among them makes them a statement."""
    text = re.split(r"[,;]\s|\s+which\s+(?:is|was|had|has)\b|\s+\((?=[^()]*(?:green|amber|red)\b)", text, maxsplit=1)[0]
    if _STATEMENT.search(text):
        return None
    return _name(text)


_STATEMENT = re.compile(
    r"\b(?:had|has|was|is|did|does|dropped|fell|fallen|remain\w*|improved\s+(?:and|to|from)|missed|failed|continu\w+|showed|shown|reflect\w*|because|although|while)\b",
    re.IGNORECASE,
)
