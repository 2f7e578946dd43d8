"""Minutes: the page of one agenda item, and the printed minutes of a whole meeting.

Only what stands under the item of a performance report is read for counts. The same words elsewhere
("two schemes were rated green" in a Cabinet Member's update) are about other things.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlsplit

from bs4 import BeautifulSoup, Tag

from parsers import narrative
from parsers.html import main_content, paragraphs, soup
from parsers.records import Fact, Kind, NamedRating, Outcome, RagCount, Reading, StatedIn
from parsers.text import collapse, uk_date

VERSION = 1
PARSER = "minutes"

_NO_MINUTES = "the item has no minutes yet"
_NO_ITEMS = "expected numbered items under the heading of the minutes, found none"

# --- an item's page -----------------------------------------------------------------------

# Headings that every item's page has and that are nobody's title.
_FURNITURE = re.compile(
    r"^(?:agenda item|agenda items?|issue - decisions|issue|decision details|home|breadcrumb|"
    r"this is a default template.*|the custom branding should be at.*|technical error.*)$",
    re.IGNORECASE,
)
_MINUTES = re.compile(r"^(?:draft )?minutes:?$", re.IGNORECASE)
_LABEL = re.compile(r"^(?:(?:draft )?minutes|decisions?|resolved|additional documents|supporting documents):?$", re.I)
# "(Item 8 – report of Mr R Gough …)" began the minutes before the label did (2012 to 2014).
_ITEM_NOTE = re.compile(r"^\(?\s*item\s?\w+\s?[–—-]\s?report", re.IGNORECASE)
_MEETING = re.compile(r"\bmeeting of (?P<body>.+?),\s+(?P<when>\w+day,?\s+\d.*)", re.IGNORECASE)
_HEAD = re.compile(r"^(?P<body>[A-Z].{2,120}?)\s+-\s+(?P<when>\w+day,?\s+\d{1,2}.*\d{4}.*)$")


def recognises(body: bytes, *, url: str, title: str = "") -> bool:
    """Whether the bytes are the page of one agenda item: by the address, else by the page's own heading."""
    path = urlsplit(url).path.lower()
    if path.endswith("/mgai.aspx"):
        return b"<" in body
    if path.endswith(".aspx") and not path.endswith("/mgissuehistoryhome.aspx"):
        return False
    if b"genda item" not in body and b"GENDA ITEM" not in body:
        return False
    page = soup(body)
    lines = [collapse(heading.get_text(" ")) for heading in page.find_all(["h1", "h2", "h3"], limit=10)]
    lines += paragraphs(main_content(page))[:6]
    return any(re.fullmatch(r"agenda item", line, re.IGNORECASE) for line in lines)


def read(body: bytes, *, url: str, title: str = "") -> Reading:
    """Counts in the minutes of one item, where the item is a performance report's."""
    page = soup(body)
    mark_lists(page)
    item = _item(page, title)
    text = "\n\n".join(item.lines)
    about = narrative.subject(item.title, item.committee)
    if not about.performance and (not item.title or not item.titled):
        about = narrative.subject(" ".join(item.lines[:3]), item.committee)
    if not item.minuted:
        return _reading(Kind.AGENDA_ITEM, item.title, text, note=_NO_MINUTES, day=None)
    day = item.held_on
    if not about.performance:
        return _reading(Kind.AGENDA_ITEM, item.title, text, note=None, day=day)
    facts, note = counted([(None, text)], item.title, about)
    return _reading(Kind.AGENDA_ITEM, item.title, text, facts=facts, note=note, day=day)


@dataclass(frozen=True, slots=True)
class _Item:
    title: str
    titled: bool  # the title is the page's own
    committee: str | None
    held_on: date | None
    lines: list[str]  # description and minutes, without lists of documents
    minuted: bool


def _item(page: BeautifulSoup, given: str) -> _Item:
    content = main_content(page)
    lines = paragraphs(content)
    committee, held_on = _meeting(lines)
    title = _title(page, content, lines)
    until = next(
        (i for i, line in enumerate(lines) if i and re.match(r"supporting documents:?$", line, re.I)), len(lines)
    )
    label = next((i for i, line in enumerate(lines[:until]) if _MINUTES.match(line)), None)
    body = [line for line in lines[:until] if not _FURNITURE.match(line) and line != title and not _LABEL.match(line)]
    body = [line for line in body if not _MEETING.match(line) and not _HEAD.match(line)]
    # Pages without the label are old ones whose minutes follow the title at once.
    minuted = label is not None or any(_ITEM_NOTE.match(line) for line in body) or _speaks_of_the_past(body)
    return _Item(title or collapse(given), bool(title), committee, held_on, body, minuted)


def _speaks_of_the_past(lines: Sequence[str]) -> bool:
    """Minutes tell what was; an agenda's description tells what is to be done."""
    text = " ".join(lines)
    told = re.findall(
        r"\b(?:introduced|said|noted|outlined|reported|RESOLVED|commented|was in attendance|were in attendance)\b", text
    )
    return len(told) >= 2


def _title(page: BeautifulSoup, content: Tag, lines: Sequence[str]) -> str:
    for heading in content.find_all(["h1", "h2", "h3", "h4"]):
        words = collapse(heading.get_text(" "))
        if words and not _FURNITURE.match(words) and not _LABEL.match(words) and not _HEAD.match(words):
            return words
    named = page.find("meta", attrs={"name": re.compile(r"^dc\.title$", re.IGNORECASE)})
    candidates = [str(named.get("content", ""))] if isinstance(named, Tag) else []
    candidates += [page.title.get_text()] if page.title else []
    for candidate in candidates:
        match = re.match(r"\s*agenda item\s*[-–:]\s*(?P<title>.+?)\s*$", collapse(candidate), re.IGNORECASE)
        if match:
            return re.sub(r"\s+[-|]\s+[\w' ]+council$", "", match["title"], flags=re.IGNORECASE)
    # The text-only page may have no headings: the line after "Agenda item" is the title.
    for at, line in enumerate(lines[:8]):
        if re.fullmatch(r"agenda item", line, re.IGNORECASE):
            following = next((x for x in lines[at + 1 :] if not _FURNITURE.match(x)), "")
            return "" if _LABEL.match(following) or len(following) > 300 else following
    return ""


def _meeting(lines: Sequence[str]) -> tuple[str | None, date | None]:
    for line in lines:
        match = _MEETING.search(line) or _HEAD.match(line)
        if match and (day := uk_date(match["when"])) is not None:
            return collapse(match["body"]), day
    return None, None


def mark_lists(page: Tag) -> None:
    """Write out the numbers that a browser would draw, and take out footnote marks."""
    for mark in page.find_all("sup"):
        if re.fullmatch(r"[\s\d,*]+", mark.get_text()):
            mark.replace_with(" ")
    for ordered in page.find_all("ol"):
        start = str(ordered.get("start", "1"))
        number = int(start) if start.isdigit() else 1
        numeric = str(ordered.get("type", "1")).strip() == "1"
        for at, entry in enumerate(ordered.find_all("li", recursive=False)):
            entry.insert(0, f"{number + at}. " if numeric else _lettered(number + at, str(ordered.get("type"))))
    for unordered in page.find_all("ul"):
        bullet = "o " if unordered.find_parent("ul") else "• "  # a list within a list is told by its marks alone
        for entry in unordered.find_all("li", recursive=False):
            entry.insert(0, bullet)


def _lettered(number: int, kind: str) -> str:
    """The mark of an entry in a list of letters or roman numerals."""
    if kind.lower() == "i":
        return f"{_ROMAN[number - 1]}. " if number <= len(_ROMAN) else "• "
    return f"{chr(ord('a') + number - 1)}. " if number <= 26 else "• "


_ROMAN = ("i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x", "xi", "xii", "xiii", "xiv", "xv")

# --- printed minutes ----------------------------------------------------------------------

_PRINTED = re.compile(
    r"\bMINUTES\s+of\s+(?:a|an|the)\s+(?:[\w-]+\s+){0,3}?meeting\s+of\s+(?:the\s+)?(?P<body>.+?)"
    r"(?:,?\s+held\b|\s+on\s+\w+day\b)(?P<where>.{0,300}?)(?=\.\s|PRESENT|$)",
    re.IGNORECASE | re.DOTALL,
)
_NUMBERED = re.compile(r"^\s*(?P<number>\d{1,4})[a-z]?\.?\s+(?P<title>[A-Z0-9].*)$")
_ITEM = re.compile(r"^\s*\(\s*item\s+\w+", re.IGNORECASE)
_PAGE_NUMBER = re.compile(r"^\s*(?:page\s+)?\d{1,3}\s*$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class PrintedMinutes:
    """The reader of printed minutes, with the two questions that every reader of PDF text answers."""

    def recognises(self, pages: Sequence[str], *, url: str, title: str = "") -> bool:
        """Whether the first pages open the minutes of a meeting. An agenda that lists minutes does not."""
        head = "\n".join(pages[:2])[:5000]
        return _PRINTED.search(head) is not None and re.search(r"\bPRESENT\s*:", head, re.IGNORECASE) is not None

    def read(self, pages: Sequence[str], *, url: str, title: str = "") -> Reading:
        """Counts under the items of performance reports, with their pages."""
        text = "\n\n".join(pages)
        opening = _PRINTED.search(text)
        body = collapse(opening["body"]) if opening else None
        day = uk_date(opening[0]) if opening else None
        own = f"Minutes of the {body}, {day.day} {day:%B %Y}" if body and day else collapse(title) or None
        facts: list[RagCount | NamedRating] = []
        notes: list[str] = []
        items = list(_items(pages))
        if not items:
            notes.append(_NO_ITEMS)
        for item in items:
            about = narrative.subject(item.title, body)
            if about.performance:
                found, note = counted(item.pages, item.title, about)
                facts += found
                notes += [note] if note else []
        return _reading(Kind.MINUTES, own or "", text, facts=facts, note="; ".join(notes) or None, day=day)


printed = PrintedMinutes()


@dataclass(frozen=True, slots=True)
class _PrintedItem:
    title: str
    pages: list[tuple[int, str]]


def _items(pages: Sequence[str]) -> Iterator[_PrintedItem]:
    """The minutes cut at their headings: "85. Declarations of Interest" above "(Item 2)"."""
    lines = [(number, line) for number, page in enumerate(pages, start=1) for line in page.splitlines()]
    starts = list(_starts([line for _, line in lines]))
    ends = [heading for heading, _, _ in starts[1:]] + [len(lines)]
    for (_, title, first), end in zip(starts, ends, strict=False):
        by_page: dict[int, list[str]] = {}
        for number, line in lines[first:end]:
            if not _PAGE_NUMBER.match(line):
                by_page.setdefault(number, []).append(line)
        yield _PrintedItem(title, [(number, "\n".join(text)) for number, text in by_page.items()])


def _starts(lines: Sequence[str]) -> Iterator[tuple[int, str, int]]:
    """(line of the heading, its title, line where the text begins) of each item."""
    last: int | None = None
    marked = any(_ITEM.match(line) for line in lines)
    for at, line in enumerate(lines):
        match = _NUMBERED.match(line)
        if match is None:
            continue
        number = int(match["number"])
        if marked:
            below = next((i for i in range(at + 1, min(at + 6, len(lines))) if _ITEM.match(lines[i])), None)
            if below is None or any(_NUMBERED.match(x) for x in lines[at + 1 : below]):
                continue
            yield at, collapse(" ".join([match["title"], *lines[at + 1 : below]])), below + 1
        elif (last is None or number == last + 1) and len(match["title"]) < 160 and not match["title"].endswith("."):
            last = number
            yield at, collapse(match["title"]), at + 1


# --- both ---------------------------------------------------------------------------------


def counted(
    pages: Sequence[tuple[int | None, str]] | Sequence[tuple[int, str]], title: str, about: narrative.Subject
) -> tuple[list[RagCount | NamedRating], str | None]:
    """Counts and named ratings under a performance report's item, and what an operator should know."""
    year, quarter = narrative.period(title) or (None, None)
    text = [(number, text) for number, text in pages]
    counts = narrative.counts_in(text, stated_in=StatedIn.MINUTES, financial_year=year, quarter=quarter)
    counts = narrative.of_subject(counts, title, about)
    named = narrative.named_ratings(text, stated_in=StatedIn.MINUTES, financial_year=year, quarter=quarter)
    found: list[RagCount | NamedRating] = [*counts, *narrative.named_of_subject(named, title, about)]
    if any(c.green is not None or c.amber is not None or c.red is not None for c in counts):
        return found, None
    missed = [sentence for _, text in pages for sentence in narrative.unread(text)]
    return found, f"counts of ratings are there but could not be read: {missed[0][:200]!r}" if missed else None


def _reading(
    kind: Kind,
    title: str,
    text: str,
    *,
    facts: Sequence[RagCount | NamedRating] = (),
    note: str | None,
    day: date | None,
) -> Reading:
    doubtful = note is not None and note != _NO_MINUTES
    outcome = Outcome.QUARANTINED if doubtful else Outcome.READ if facts else Outcome.NOTHING
    every: tuple[Fact, ...] = tuple(facts)
    return Reading(
        kind=kind,
        outcome=outcome,
        parser=PARSER,
        parser_version=VERSION,
        note=note,
        title=title or None,
        published_on=day,
        facts=every,
        text=text,
    )


__all__ = ["VERSION", "counted", "mark_lists", "printed", "read", "recognises"]
