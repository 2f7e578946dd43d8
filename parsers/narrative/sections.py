"""Counts in the prose of a report's sections, each of which is about one service.

Under a heading of its own within the section ("Health visiting") a sentence may be about that part only, so only what
stands under the service's own heading is read; and only what is said of all its indicators: "two of the eight met
target", or several ratings in one breath. "One KPI was Red" may be one of many.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from parsers.narrative.counting import as_count
from parsers.narrative.layout import heading_of, sentences
from parsers.narrative.sentence import Said, read_sentence, speaks_of_indicators
from parsers.narrative.settle import settle
from parsers.narrative.vocabulary import FOREIGN, KEYS, RATINGS
from parsers.narrative.when import Period
from parsers.records import RagCount, StatedIn
from parsers.services import key, service_for
from parsers.text import collapse


def of_sections(
    pages: Sequence[tuple[int, str]],
    sections: Mapping[int, str],
    *,
    financial_year: str | None = None,
    quarter: int | None = None,
) -> list[RagCount]:
    """What the prose of each service's section says of all its indicators, a paragraph a count.

    Args:
        pages: (page number, text with blank lines between paragraphs), in order.
        sections: page number to the heading of the section that the page belongs to; other pages are not read.
        financial_year, quarter: of the report; sentences about other quarters give nothing.
    """
    when = Period(financial_year, quarter)
    found: list[RagCount] = []
    for paragraph in _paragraphs(pages, sections):
        kept = settle(list(_said(paragraph, when)))
        if kept is None or not _of_all(kept[0]):
            continue
        counted = as_count(kept, StatedIn.REPORT, paragraph.service, when)
        if all(replace(counted, page=c.page, quote=c.quote) != c for c in found):
            found.append(counted)
    return found


def _of_all(values: Mapping[str, int]) -> bool:
    """Whether they are certainly of all indicators of the service."""
    several = len([what for what in RATINGS if what in values]) >= 2
    return several or ("total" in values and any(what in values for what in KEYS))


# --- paragraphs under the service's own heading --------------------------------------------


@dataclass(frozen=True, slots=True)
class _Paragraph:
    page: int
    service: str
    text: str


_OFFICE = re.compile(
    r"^(?:Cabinet Members?|(?:Corporate )?Directors?|Portfolio Holders?|Lead Officers?|Divisions?)\b", re.I
)
_RUNNING = re.compile(r"^(?:Appendix\s+\w+|Page\s+\d+(?:\s+of\s+\d+)?|\d{1,4})$", re.IGNORECASE)
_ROW = re.compile(r"^(?:[\d\s]+|(?:KPI\s+)?(?:GREEN\s*|AMBER\s*|RED\s*)+|(?:KPI\s+)?Summary[\s\d]*)$")
_WHOLE = re.compile(
    r"^(?:(?:executive|service|section|performance|quarterly)\s+)?(?:summary|overview|introduction|commentary|performance|headlines)$"
    r"|^(?:key\s+)?performance\s+indicators$|^(?:key\s+points|KPIs?(?:\s+summary)?)$",
    re.IGNORECASE,
)
_BOX = re.compile(
    r"\b(?:Latest|Current|Actual)\s*:?\s*[£\d].*\bTarget\b|^(?:Target|Floor|Previous|Latest)\b\s*:", re.IGNORECASE
)


def _paragraphs(pages: Sequence[tuple[int, str]], sections: Mapping[int, str]) -> Iterator[_Paragraph]:
    """Paragraphs of the sections that stand under no heading of a part."""
    service, part = None, False
    for number, text in pages:
        if sections.get(number) != service:
            service, part = sections.get(number), False
        if service is None:
            continue
        for block in re.split(r"\n\s*\n", text):
            lines = [line for raw in block.splitlines() if (line := collapse(raw)) and not _RUNNING.match(line)]
            while lines and (_ROW.match(lines[0]) or _OFFICE.match(lines[0]) or _heads(lines)):
                if not _ROW.match(lines[0]):
                    part = not (_OFFICE.match(lines[0]) or _WHOLE.match(lines[0]) or _same(lines[0], service))
                lines.pop(0)
            if lines and not part and not any(_BOX.search(line) for line in lines):
                yield _Paragraph(number, service, collapse(" ".join(lines)))


def _heads(lines: Sequence[str]) -> bool:
    """Whether the first line is a heading: short, without an end, above a new beginning or alone."""
    line = lines[0]
    if len(line) > 90 or len(line.split()) > 12 or line[-1] in ".,;:!?-–—" or not line[0].isupper():
        return False
    return len(lines) == 1 or (lines[1][0].isupper() and len(line) <= 60 and len(line.split()) <= 8)


def _same(heading: str, service: str) -> bool:
    """Whether a line is the section's own heading, or a part of it that runs over two lines."""
    return key(heading) in key(service) or service_for(heading, [service]) == service


# --- one paragraph -------------------------------------------------------------------------

# Said in one service's section of everything, or of more than the service.
_NOT_ITS_OWN = re.compile(
    r"\b(?:council|authority|report|QPR|directorates?|all\s+services|across\s+services|county|nationally|england)\b",
    re.IGNORECASE,
)


def _said(paragraph: _Paragraph, when: Period) -> Iterator[Said]:
    """What the paragraph's sentences say of the service."""
    text = paragraph.text
    heading = heading_of(text)
    if heading is not None:
        if not _same(heading[0], paragraph.service):
            return
        text = heading[1]
    names = _own_name(paragraph.service)
    counted = False
    for at, sentence in enumerate(sentences(text)):
        said = read_sentence(
            names.sub("", sentence), paragraph.page, when, about_direction=False, after_total=False, of_service=True
        )
        own = bool(said.values) and not said.partial and not _NOT_ITS_OWN.search(sentence)
        if own and (speaks_of_indicators(said) or (counted and not FOREIGN.search(said.copy))):
            counted = True
            yield replace(said, text=sentence, service=paragraph.service, at=at)
        else:
            counted = False


def _own_name(service: str) -> re.Pattern[str]:
    """The service's name where it only repeats whose indicators these are."""
    inner = re.search(r"\(([^()]{4,})\)", service)
    names = [service, re.sub(r"\s*\([^()]*\)", "", service), *([inner[1]] if inner else [])]
    either = "|".join(re.escape(name).replace(r"\ ", r"\s+") for name in sorted(names, key=len, reverse=True) if name)
    return re.compile(
        rf"\s+(?:in|for|within|across|under)\s+(?:the\s+)?(?:{either})(?=[\s,.;])|\b(?:{either})\s+(?=(?:key|performance|KPI|indicator))",
        re.IGNORECASE,
    )
