"""Agendas: front sheets, the letter in front of a supplement, and packs that begin with either.

They hold no facts of their own; their reader says when they were published and for which meeting.
"""

import re
from collections.abc import Sequence
from datetime import date

from parsers.records import Kind, Outcome, Reading
from parsers.text import collapse, uk_date

VERSION = 1
PARSER = "agenda"

_MONTHS = "January|February|March|April|May|June|July|August|September|October|November|December"
_AGENDA = re.compile(r"^\s*(?:AGENDA|SUPPLEMENTARY AGENDA|AGENDA SUPPLEMENT|SUMMONS)\s*$", re.MULTILINE)
_PAGES = re.compile(r"\(\s*Pages?\s+\d+\s*(?:[-–]\s*\d+)?\s*\)", re.IGNORECASE)
_SECTIONS = re.compile(
    r"\b(?:UNRESTRICTED|EXEMPT|RESTRICTED) ITEMS\b|\bAsk for\s*:|\bDeclarations? of interests?\b", re.IGNORECASE
)
_LETTER = re.compile(r"\bDear (?:Member|Councillor|Sir|Colleague)", re.IGNORECASE)
_LETTER_ITEM = re.compile(r"\bAgenda Item(?: No)?\b", re.IGNORECASE)
_LETTER_DATE = re.compile(
    rf"\bDate\s*:?\s*(?P<date>\d{{1,2}}(?:st|nd|rd|th)?\s+(?:{_MONTHS})\s+\d{{4}})", re.IGNORECASE
)
_LETTER_MEETING = re.compile(
    rf"^\s*(?P<body>[A-Z][A-Z ,&'’()-]{{3,}}?)\s+[-–—]\s+\w+DAY,?"
    rf"\s+(?P<date>\d{{1,2}}(?:ST|ND|RD|TH)?\s+(?:{_MONTHS})\s*,?\s+\d{{4}})",
    re.MULTILINE | re.IGNORECASE,
)
_MEETING = re.compile(
    rf"\b\w+day,?\s+(?P<date>\d{{1,2}}(?:st|nd|rd|th)?\s+(?:{_MONTHS}),?\s+\d{{4}}),?\s+at\s+(?:\d|noon|midday)",
    re.IGNORECASE,
)
# The officer's date stands alone on its line, under the name: "Monday, 24 February 2025".
_SIGNED = re.compile(
    rf"^\s*(?:Published(?: on)?:?\s*|Dated?:?\s*|Issued(?: on)?:?\s*)?(?:\w+day,?\s+)?"
    rf"(?P<date>\d{{1,2}}(?:st|nd|rd|th)?\s+(?:{_MONTHS}),?\s+\d{{4}})\s*$",
    re.MULTILINE | re.IGNORECASE,
)
_FRONT_PAGES = 4  # a long agenda's list of items; what follows is papers


def recognises(pages: Sequence[str], *, url: str, title: str = "") -> bool:
    """Whether the first page is an agenda's front sheet or the letter of a supplement."""
    first = pages[0] if pages else ""
    if _LETTER.search(first) and _LETTER_ITEM.search(first):
        return True
    return _AGENDA.search(first[:1500]) is not None and (
        _PAGES.search(first) is not None or _SECTIONS.search(first) is not None
    )


def read(pages: Sequence[str], *, url: str, title: str = "") -> Reading:
    """No facts; the title says which meeting, published_on is the date that the sheet is signed with."""
    first = pages[0] if pages else ""
    letter = _LETTER.search(first) is not None and _LETTER_ITEM.search(first) is not None
    body, meeting = _letter_meeting(first) if letter else _meeting(first)
    published = _letter_date(first) if letter else _signed(pages, meeting)
    what = "Agenda supplement" if letter else "Agenda"
    named = f"{what}, {body}" if body else what
    pack = len(pages) > _FRONT_PAGES
    own = f"{named}, {meeting.day} {meeting:%B %Y}" if meeting else collapse(title) or named
    return Reading(
        kind=Kind.AGENDA,
        outcome=Outcome.NOTHING,
        parser=PARSER,
        parser_version=VERSION,
        note=f"a pack of {len(pages)} pages: its papers are read where they are published singly" if pack else None,
        title=own,
        published_on=published,
        text="\n\n".join(pages),
    )


def _meeting(first: str) -> tuple[str | None, date | None]:
    """Body and day: the line under "AGENDA", the first date with a time."""
    heading = _AGENDA.search(first)
    lines = [collapse(line) for line in first[heading.end() if heading else 0 :].splitlines()]
    body = next((line for line in lines if line), None)
    if body is not None and (uk_date(body) is not None or len(body) > 90):
        body = None
    match = _MEETING.search(first) or re.search(
        rf"(?P<date>\d{{1,2}}(?:st|nd|rd|th)?\s+(?:{_MONTHS}),?\s+\d{{4}})", first
    )
    return _in_title_case(body), uk_date(match["date"]) if match else None


def _letter_meeting(first: str) -> tuple[str | None, date | None]:
    match = _LETTER_MEETING.search(first)
    return (_in_title_case(collapse(match["body"])), uk_date(match["date"])) if match else (None, None)


def _letter_date(first: str) -> date | None:
    match = _LETTER_DATE.search(first)
    return uk_date(match["date"]) if match else None


def _signed(pages: Sequence[str], meeting: date | None) -> date | None:
    """The date alone on its line after the items, on the front sheet's own pages, no later than the meeting."""
    front: list[str] = []
    for page in pages[:_FRONT_PAGES]:
        if front and re.search(r"page is intentionally left blank|^\s*From:", page, re.IGNORECASE | re.MULTILINE):
            break
        front.append(page)
    days = [uk_date(match["date"]) for match in _SIGNED.finditer("\n".join(front))]
    possible = [day for day in days if day is not None and (meeting is None or day <= meeting)]
    return possible[-1] if possible else None


def _in_title_case(name: str | None) -> str | None:
    """CABINET as Cabinet; names in mixed case as they are.

    >>> _in_title_case("ADULT SOCIAL CARE AND HEALTH CABINET COMMITTEE"), _in_title_case("Cabinet")
    ('Adult Social Care and Health Cabinet Committee', 'Cabinet')
    """
    if name is None or not name.isupper():
        return name
    small = {"And", "Of", "The", "For", "In"}
    words = [re.sub(r"(?<=['’])S\b", "s", word) for word in name.title().split()]
    return " ".join(word.lower() if at and word in small else word for at, word in enumerate(words))


__all__ = ["VERSION", "read", "recognises"]
