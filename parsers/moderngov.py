"""ModernGov, by its HTML pages and by its XML web service: what meets, when, and which papers there are.

The readers anchor on what the platform means (numbers in links, the words of headings), not on where
things stand: councils bring their own page frames, and clerks their own lists. What a page ought to
hold and does not is a ParseError, so that neither a redesign nor a challenge page passes for a quiet week.

Numbers are the platform's own: CId for committees, MId for meetings, the number in "AI66160" for
agenda items, and s, g or b numbers for files. Item numbers as printed change when minutes appear.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, time
from html import unescape
from urllib.parse import parse_qsl, urlsplit

from bs4 import BeautifulSoup, Tag
from lxml import etree

from parsers.addresses import identify, join
from parsers.errors import NotThisKind, ParseError
from parsers.html import main_content, paragraphs, soup, text_of
from parsers.text import collapse, uk_date

VERSION = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Committee:
    """A body that meets."""

    cid: int
    name: str
    category: str | None  # the heading it stands under
    active: bool  # False for decommissioned and deleted bodies


@dataclass(frozen=True, slots=True, kw_only=True)
class MeetingEntry:
    """A meeting as a list names it."""

    mid: int
    cid: int | None  # None where the link does not say
    held_on: date | None  # None where the list prints no date
    starts_at: time | None  # local time; None where none is printed
    status: str  # see STATUSES
    stage: str  # what is published: "Agenda and minutes"; "" for nothing yet or where not told
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MeetingList:
    """One page of a committee's meetings, or the web service's answer for a period."""

    committee: str | None
    meetings: tuple[MeetingEntry, ...]
    earlier: str | None  # address of the page before, by date
    later: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """A file that a page links to."""

    key: str  # identity, see parsers.addresses
    file: str  # the platform's own name: "s129436", "g9476:T1", "b5023"
    title: str  # link text without file type and size; may be the item's title
    url: str  # absolute
    size: str | None  # as printed: "1 MB"
    published_on: date | None  # only the web service says


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One item of an agenda."""

    aid: int | None  # None for headings, and where the page names no number
    number: str | None  # as printed without the dot: "6", "8a", "C1"; None for headings
    title: str
    url: str | None  # its own page
    papers: tuple[Paper, ...]  # those that the page shows
    more_papers: str | None = None  # page with all papers, where this one shows only the first few
    more_minutes: str | None = None  # page with the whole minutes, where this one cuts them short
    has_minutes: bool = False
    restricted: int = 0  # enclosures that are withheld


@dataclass(frozen=True, slots=True, kw_only=True)
class Meeting:
    """One meeting with its agenda."""

    mid: int | None
    cid: int | None
    committee: str | None  # None where the page does not say (branding failure, web service)
    held_on: date | None
    starts_at: time | None  # local time
    status: str  # see STATUSES
    stage: str  # the page's heading: "Agenda and draft minutes"
    items: tuple[Item, ...]
    papers: tuple[Paper, ...]  # of the meeting as a whole: front sheet, packs, printed minutes
    branding_failed: bool = False  # the council's page frame was missing; the content is whole


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemPage:
    """The page of one agenda item."""

    aid: int | None
    title: str
    has_minutes: bool
    papers: tuple[Paper, ...]
    committee: str | None
    held_on: date | None
    branding_failed: bool = False


STATUSES = ("scheduled", "cancelled", "postponed", "withdrawn", "moved", "new")

_STATUS_WORDS = (
    ("cancelled", re.compile(r"\bcancell?ed\b", re.IGNORECASE)),
    ("postponed", re.compile(r"\bpostponed\b|\bdeferred\b", re.IGNORECASE)),
    ("withdrawn", re.compile(r"\bwithdrawn\b|\babandoned\b", re.IGNORECASE)),
    ("moved", re.compile(r"\bmoved\b|\bre-?scheduled\b|\bre-?arranged\b", re.IGNORECASE)),
    ("new", re.compile(r"\bNEW\b")),  # in capitals only: "New Homes Panel" is a name
)


def status_of(text: str) -> str:
    """A meeting's status as words after its date say it.

    >>> status_of("Thursday, 3rd November, 2022 10.00 am, CANCELLED"), status_of("Confirmed")
    ('cancelled', 'scheduled')
    """
    return next((status for status, word in _STATUS_WORDS if word.search(text)), "scheduled")


_CLOCK = re.compile(
    r"\b(?P<hour>\d{1,2})(?:[.:](?P<minute>\d{2}))?\s?(?P<half>am|pm|noon|a\.m\.|p\.m\.)", re.IGNORECASE
)
_CLOCK_24 = re.compile(r"(?<![\d.])(?P<hour>[01]?\d|2[0-3])[.:](?P<minute>[0-5]\d)(?![\d.])")


def clock(text: str) -> time | None:
    """The first time of day in the text.

    >>> clock("25 Sep 2025 10.00 am"), clock("12.00 noon"), clock("7.30pm"), clock("14:05"), clock("midday")
    (datetime.time(10, 0), datetime.time(12, 0), datetime.time(19, 30), datetime.time(14, 5), datetime.time(12, 0))
    >>> clock("on the rising of the Council") is None
    True
    """
    text = collapse(text)
    if match := _CLOCK.search(text):
        hour, half = int(match["hour"]), match["half"].lower().replace(".", "")
        if not 1 <= hour <= 12:
            return time(hour, int(match["minute"] or 0)) if hour < 24 else None
        hour = hour % 12 + (12 if half in ("pm", "noon") else 0)
        minute = int(match["minute"] or 0)
        return time(hour, minute) if minute < 60 else None
    if match := _CLOCK_24.search(text):
        return time(int(match["hour"]), int(match["minute"]))
    return time(12, 0) if re.search(r"\b(?:midday|noon)\b", text, re.IGNORECASE) else None


# "Cabinet QPR Q3 PDF 1 MB", "Minutes of 15 January 2025PDF 106 KB", "Appendix 1, item 9. (pdf icon) PDF 1,011 KB"
_FILE_NOISE = re.compile(
    r"[\s(]*(?:pdf\s+icon\)?\s*)?"
    r"[\s(]*(?:PDF|DOCX?|XLSX?|XLSM|CSV|PPTX?|RTF|ODT|ODS|TXT|HTML?|ZIP|JPE?G|PNG)[\s,]+[\d.,]+\s?[KMG]?B\)?\s*$"
    r"|[\s(]*pdf\s+icon\)?\s*$",
    re.IGNORECASE,
)
_SIZE = re.compile(r"[\d.,]+\s?[KMG]?B\)?\s*$", re.IGNORECASE)
_OF_ITEM = re.compile(r"\s*,\s*item\s+\w{1,5}\.?\s*$", re.IGNORECASE)


def clean_title(text: str) -> str:
    """A link's text without what the platform appends: file type, size, the number of the item.

    >>> clean_title("Appendix 1 - QPR Q3, item 6. (pdf icon) PDF 1 MB")
    'Appendix 1 - QPR Q3'
    >>> clean_title("Minutes of 15 January 2025PDF 106 KB")
    'Minutes of 15 January 2025'
    """
    text = collapse(text)
    while (shorter := _FILE_NOISE.sub("", text)) != text:
        text = shorter
    return collapse(_OF_ITEM.sub("", text) or text)


# Error and frame pages


def is_error_page(body: bytes, *, url: str = "") -> bool:
    """Whether this is the platform's "something went wrong" page, which comes with status 200."""
    if urlsplit(url).path.lower().endswith("/mgerror.aspx"):
        return True
    page = soup(body)
    if _item_rows(page) or page.find("a", href=re.compile("ieListDocuments", re.IGNORECASE)):
        return False
    headings = [text_of(node) for node in page.select("title, h1, h2")]
    return any(_ERROR_HEADING.match(heading) for heading in headings)


_ERROR_HEADING = re.compile(
    r"(?:server |runtime |application )?error\b"
    r"|an? (?:unexpected |unknown )?(?:error|problem) (?:has )?occurr?ed"
    r"|(?:sorry[,:]? )?(?:the )?page (?:you requested )?(?:was |is |could |can)?\s?(?:not|n't)\b.*(?:found|available)"
    r"|page not found|404\b|object moved|something went wrong|service unavailable",
    re.IGNORECASE,
)

# What stands above a page whose frame could not be fetched from the council's own site.
_BRANDING = re.compile(
    r"\bdefault\s+template\b|\btechnical\s+error:.{0,80}\b(?:aborted|secure\s+channel|timed\s+out|remote\s+name)\b",
    re.IGNORECASE | re.DOTALL,
)


def branding_failed(page: BeautifulSoup) -> bool:
    """Whether the council's page frame was missing, which is not a change of the content."""
    body = page.select_one("body")
    return body is not None and _BRANDING.search(text_of(body)[:1_000]) is not None


# Lists


def read_committees(body: bytes, *, url: str) -> tuple[Committee, ...]:
    """All bodies that the committee list names, each once, by their first link."""
    if is_xml(body):
        return _xml_committees(body, url=url)
    page = soup(body)
    found: dict[int, Committee] = {}
    for link in _links(page):
        cid = _committee_of(join(url, str(link["href"])))
        name = collapse(link.get_text())
        if cid is None or not name or cid in found:
            continue
        holder = link.find_parent(["li", "tr", "p"]) or link
        gone = re.search(r"decommissioned|\bexpired\b|\binactive\b", text_of(holder), re.IGNORECASE)
        found[cid] = Committee(cid=cid, name=name, category=_heading_above(link), active=gone is None)
    if not found:
        raise ParseError(f"{url}: expected links to committees, found none ({_says(page)})")
    return tuple(found.values())


def _committee_of(url: str) -> int | None:
    parts = urlsplit(url)
    params = _params(url)
    page = parts.path.lower().rpartition("/")[2]
    if page == "mgcommitteedetails.aspx":
        return _int(params.get("id"))
    if page == "ielistmeetings.aspx" and not params.get("act"):
        return _int(params.get("cid") or params.get("committeeid"))
    return None


def read_meetings(body: bytes, *, url: str) -> MeetingList:
    """A committee's meetings with their dates and statuses, and the way to earlier and later ones."""
    if is_xml(body):
        return _xml_meetings(body, url=url)
    page = soup(body)
    links = [(link, join(url, str(link["href"]))) for link in _links(page)]
    entries: dict[int, MeetingEntry] = {}
    for link, target in links:
        if not urlsplit(target).path.lower().endswith("/ielistdocuments.aspx"):
            continue
        params = _params(target)
        mid = _int(params.get("mid") or params.get("meetingid"))
        if mid is None:
            continue
        entry = _entry(link, target, mid, _int(params.get("cid") or params.get("committeeid")))
        known = entries.get(mid)
        if known is None or (known.held_on is None and entry.held_on is not None):
            entries[mid] = entry
    title = _h1(page)
    ways = [(_way(link, target), target) for link, target in links]
    if not entries and not any(way for way, _ in ways) and not re.search(r"\bmeetings\b", title, re.IGNORECASE):
        raise ParseError(f"{url}: expected a list of meetings, found no link to one ({_says(page)})")
    return MeetingList(
        committee=_committee_in_title(title),
        meetings=tuple(entries.values()),
        earlier=next((target for way, target in ways if way == "earlier"), None),
        later=next((target for way, target in ways if way == "later"), None),
    )


def _entry(link: Tag, target: str, mid: int, cid: int | None) -> MeetingEntry:
    name = collapse(link.get_text(" "))
    around = _around(link)
    # A link may read "Agenda" and the date stand in the cell beside it.
    when = name if uk_date(name) else around
    rest = collapse(around.replace(name, " ", 1)).strip(" -–:,") if uk_date(name) else around
    return MeetingEntry(
        mid=mid,
        cid=cid,
        held_on=uk_date(when),
        starts_at=clock(when),
        status=status_of(rest),
        stage=(stage[0] if (stage := re.search(r"\bagenda\b.*", rest, re.IGNORECASE)) else ""),
        url=target,
    )


def _around(link: Tag) -> str:
    """Text of the list entry that the link stands in: the widest element that names no other meeting."""
    widest: Tag = link
    for parent in link.parents:
        if parent.name not in ("li", "td", "tr", "p", "div", "span", "strong", "b", "h3", "h4"):
            break
        if len(parent.find_all("a", href=re.compile("ieListDocuments", re.IGNORECASE))) > 1:
            break
        if parent.get("id") == "modgov" or "mgContent" in (parent.get("class") or ()):
            break
        widest = parent
        if parent.name in ("li", "tr"):
            break
    return collapse(widest.get_text(" "))


def _way(link: Tag, target: str) -> str | None:
    """Whether the link leads to "earlier" or "later" meetings of the same list."""
    if not urlsplit(target).path.lower().endswith("/ielistmeetings.aspx"):
        return None
    act = _params(target).get("act", "").lower()
    words = f"{link.get_text(' ')} {link.get('title', '')}".lower()
    if act.startswith(("prev", "earl")) or (act and re.search(r"\b(?:previous|earlier|older)\b", words)):
        return "earlier"
    if act.startswith(("next", "later")) or (act and re.search(r"\b(?:next|later|newer)\b", words)):
        return "later"
    return None


def _committee_in_title(title: str) -> str | None:
    """ "Browse meetings - Cabinet" names Cabinet."""
    match = re.match(r"(?:browse |list of )?meetings?\s*(?:[-–:]|of the|of|for)\s+(?P<name>.+)", title, re.IGNORECASE)
    return match["name"] if match else None


# Meetings

_WEEKDAYS = r"(?:Mon|Tues?|Wed(?:nes)?|Thu(?:rs)?|Fri|Sat(?:ur)?|Sun)(?:day)?"
_HEADING = re.compile(
    rf"(?P<body>.+?)\s*[-–]\s*(?P<when>{_WEEKDAYS},?\s+\d{{1,2}}(?:st|nd|rd|th)?\s+\w+,?\s+\d{{4}}\b.*)", re.IGNORECASE
)
# "Annual Meeting, County Council", "Extraordinary, County Council", "Budget Meeting - reserve date, County Council"
_PREFIX = re.compile(
    r"(?:(?:(?:annual|general|extra-?ordinary|special|budget|additional|urgent|adjourned|reconvened|inaugural)\s+)*meeting"
    r"|annual|extra-?ordinary|special|additional|urgent|adjourned|reconvened|inaugural)"
    r"(?:\s*[-–]\s*[^,]*)?,\s*(?P<body>.+)",
    re.IGNORECASE,
)
_STAGE = re.compile(r"(?:[\w ]{0,20}\b)?(?:agenda|minutes|decisions)\b", re.IGNORECASE)


def read_meeting(body: bytes, *, url: str) -> Meeting:
    """The meeting of an agenda page or of the web service's GetMeeting answer.

    No items are fine where the page says no more than that there will be, or would have been, a meeting.
    """
    if is_xml(body):
        return _xml_meeting(body, url=url)
    page = soup(body)
    where, when = _meeting_heading(page)
    stage = _h1(page)
    rows = _item_rows(page)
    if when is None and not rows and not _STAGE.match(stage):
        raise ParseError(f"{url}: expected an agenda with its committee and date, found {_says(page)}")
    items = tuple(item for row in rows if (item := _item(row, url)) is not None)
    loose = _papers([link for link in _links(main_content(page)) if not _inside(link, rows)], url)
    status = status_of(_after_date(when or ""))
    if not items:
        _expect_no_items(url, page, stage, status, loose)
    params = _params(url)
    return Meeting(
        mid=_int(params.get("mid") or params.get("meetingid") or params.get("lmeetingid")),
        cid=_int(params.get("cid") or params.get("committeeid")),
        committee=where,
        held_on=uk_date(when) if when else None,
        starts_at=clock(_after_date(when)) if when else None,
        status=status,
        stage=stage,
        items=items,
        papers=loose,
        branding_failed=branding_failed(page),
    )


def _expect_no_items(url: str, page: BeautifulSoup, stage: str, status: str, loose: tuple[Paper, ...]) -> None:
    """An agenda without items is one that is not there yet, or was called off; anything else is a changed page."""
    stray = [paper for paper in loose if paper.file.startswith("s")]
    if stray:
        raise ParseError(f"{url}: expected agenda items around {len(stray)} documents, found none ({_says(page)})")
    if status in ("cancelled", "postponed", "withdrawn", "moved"):
        return
    if re.search(r"\bminutes\b", stage, re.IGNORECASE) or page.find("a", attrs={"name": _AI}) is not None:
        raise ParseError(f"{url}: expected the items of '{stage}', found none ({_says(page)})")


def _meeting_heading(page: BeautifulSoup) -> tuple[str | None, str | None]:
    """Committee, and the words from the weekday on, of the heading that names both."""
    for node in page.select("h2, h1, h3, .mgSubTitleTxt, .mgMainTitleTxt"):
        if (match := _HEADING.fullmatch(text_of(node))) is not None and uk_date(match["when"]):
            return committee_name(match["body"]), match["when"]
    return None, None


def committee_name(heading: str) -> str:
    """The body's name without the kind of meeting that the site puts before it.

    >>> committee_name("Budget Meeting - reserve date, County Council")
    'County Council'
    >>> committee_name("Children's, Young People and Education Cabinet Committee")
    "Children's, Young People and Education Cabinet Committee"
    """
    match = _PREFIX.fullmatch(collapse(heading))
    return match["body"] if match else collapse(heading)


def _after_date(when: str) -> str:
    """What stands after the year: time and status."""
    return re.split(r"\b\d{4}\b", when, maxsplit=1)[-1]


# Items

_AI = re.compile(r"^AI(\d+)$", re.IGNORECASE)


def _item_rows(page: BeautifulSoup) -> list[Tag]:
    """The elements that hold one agenda item each, in the page's order."""
    rows = [
        row
        for table in page.select("table.mgItemTable, table#mgItemTable")
        for row in table.find_all("tr")
        if row.find_parent("table") is table and row.find("td") is not None
    ]
    rows = rows or [cell.parent for cell in page.select("td.mgItemNumberCell") if cell.parent is not None]
    return rows or _anchored_blocks(page)


def _anchored_blocks(page: BeautifulSoup) -> list[Tag]:
    """Where no item table is: around each item's anchor the widest element that holds no other item's."""
    anchors = [*page.find_all(True, attrs={"name": _AI}), *page.find_all(True, id=_AI)]
    numbers = {id(anchor): _ai_number(anchor) for anchor in anchors}
    blocks: list[Tag] = []
    for anchor in anchors:
        block: Tag = anchor
        for parent in anchor.parents:
            if parent.name in ("[document]", "html", "body", "table", "tbody", "main", "ol", "ul"):
                break
            others = {numbers[id(a)] for a in anchors if a is not anchor and parent in a.parents}
            if others - {numbers[id(anchor)]} or parent.get("id") == "modgov":
                break
            block = parent
        if not any(block is seen for seen in blocks):
            blocks.append(block)
    return blocks


def _ai_number(node: Tag) -> int | None:
    for name in ("name", "id"):
        if match := _AI.match(str(node.get(name, ""))):
            return int(match[1])
    return None


def _item(row: Tag, url: str) -> Item | None:
    """The item of a table row or block; None for rows that say nothing."""
    cells = [cell for cell in row.find_all("td") if cell.find_parent("tr") is row] if row.name == "tr" else []
    content = cells[1] if len(cells) > 1 else row
    number = _printed_number(cells, row)
    links = _links(row)
    title = _item_title(content, number)
    papers = _papers(links, url, fallback=title)
    if not title and not papers:
        return None
    aid = next((n for node in row.find_all(True) if (n := _ai_number(node)) is not None), None)
    aid = aid if aid is not None else _linked_item(links, url)
    text = text_of(row)
    return Item(
        aid=aid,
        number=number,
        title=title or papers[0].title,
        url=join(url, f"mgAi.aspx?ID={aid}") if aid is not None else None,
        papers=papers,
        more_papers=_linked(links, url, r"full list of documents"),
        more_minutes=_linked(links, url, r"full minutes text"),
        has_minutes=_MINUTES.search(text) is not None,
        restricted=len(_RESTRICTED.findall(text)),
    )


_MINUTES = re.compile(r"(?:^|[\s.])Minutes:")
# "Restricted enclosure 17", "View the reasons why item D is restricted"
_RESTRICTED = re.compile(r"\brestricted enclosure\b|\breasons why item \w+ is restricted", re.IGNORECASE)

_NUMBER = re.compile(r"(?P<number>[A-Z]{0,2}\d{1,4}[a-z]{0,3}|[A-Z]|[a-z]|[ivx]{1,5})[.)]?", re.IGNORECASE)


def _printed_number(cells: list[Tag], row: Tag) -> str | None:
    """The number in its own cell, or before the title; None for headings, whose number is blank."""
    cell = cells[0] if len(cells) > 1 else row.select_one(".mgItemNumberCell, .mgItemNumber")
    if cell is not None:
        match = _NUMBER.fullmatch(text_of(cell))
    else:
        match = re.match(r"(?P<number>\d{1,4}[a-z]?)[.)](?=\s)", text_of(row))
    return match["number"] if match else None


def _item_title(content: Tag, number: str | None) -> str:
    for node in content.select(".mgAiTitleTxt, .mgAiTitleLnk, h2, h3, h4"):
        title = clean_title(_unnumbered(text_of(node), number))
        if title and not _NUMBER.fullmatch(title):
            return title
    lines = [_unnumbered(line, number) for line in paragraphs(content)]
    return next((clean_title(line) for line in lines if clean_title(line)), "")


def _unnumbered(text: str, number: str | None) -> str:
    """Text without the item's own number before it, where both stand in one element."""
    return re.sub(rf"^{re.escape(number)}[.)]?\s+", "", text) if number else text


def _linked_item(links: list[Tag], url: str) -> int | None:
    for link in links:
        target = join(url, str(link["href"]))
        if urlsplit(target).path.lower().endswith("/mgai.aspx") and (aid := _int(_params(target).get("id"))):
            return aid
    return None


def _linked(links: list[Tag], url: str, words: str) -> str | None:
    """Target of the link whose words, or whose tooltip, say so."""
    wanted = re.compile(words.replace(" ", r"\s+"), re.IGNORECASE)
    for link in links:
        if wanted.search(f"{link.get_text(' ')} {link.get('title', '')}"):
            return join(url, str(link["href"])) or None
    return None


# Papers


def _papers(links: list[Tag], url: str, *, fallback: str = "") -> tuple[Paper, ...]:
    """The files among the links, each once; a conversion to HTML only where there is no other form."""
    found: dict[str, Paper] = {}
    for link in links:
        paper = _paper(link, url, fallback)
        if paper is not None and (paper.key not in found or not found[paper.key].title):
            found[paper.key] = paper
    plain = {paper.file for paper in found.values()}
    return tuple(p for p in found.values() if ":CT" not in p.file or p.file.partition(":")[0] not in plain)


def _paper(link: Tag, url: str, fallback: str) -> Paper | None:
    target = join(url, str(link["href"]))
    file = file_of(target)
    if file is None:
        return None
    text = collapse(link.get_text(" "))
    beside = link.next_sibling if isinstance(link.next_sibling, str) else ""
    size = _SIZE.search(text) or _SIZE.search(collapse(str(beside)))
    title = clean_title(text) or clean_title(_tooltip(link)) or fallback or file
    address = identify(target)
    return Paper(
        key=address.key,
        file=file,
        title=title,
        url=address.url,
        size=collapse(size[0].rstrip(")")) if size else None,
        published_on=None,
    )


_FILE_KEY = re.compile(r"moderngov:.+:(?P<file>(?:s\d+|g\d+:T\d+|b\d+)(?::CT\d+)?)")


def file_of(url: str) -> str | None:
    """The platform's own name of the file that the URL means; None where it means a page."""
    match = _FILE_KEY.fullmatch(identify(url).key)
    return match["file"] if match else None


def _tooltip(link: Tag) -> str:
    """ "Link to document 'Cabinet QPR' pdf file" names Cabinet QPR."""
    match = re.search(r"document\s+'?(?P<name>.+?)'?(?:\s+\w+\s+file)?$", collapse(str(link.get("title", ""))), re.I)
    return match["name"] if match else ""


# The page of one item


def read_item(body: bytes, *, url: str) -> ItemPage:
    """The page of one agenda item: its title, its papers (all of them) and whether it has minutes."""
    page = soup(body)
    headings = [text_of(node) for node in page.select("h1, h2, h3, .mgSubTitleTxt")]
    titles = [heading for heading in headings if heading and not _ITEM_LABEL.fullmatch(heading)]
    content = main_content(page)
    text = text_of(content)
    if not any(_ITEM_LABEL.fullmatch(heading) for heading in headings) and "Meeting of " not in text:
        raise ParseError(f"{url}: expected the page of an agenda item, found {_says(page)}")
    back = re.search(rf"Meeting of (?P<body>.+?), (?P<when>{_WEEKDAYS},? .{{5,40}}?\d{{4}})", text)
    aid = _int(_params(url).get("id"))
    links = _links(content)
    return ItemPage(
        aid=aid,
        title=clean_title(titles[0]) if titles else "",
        has_minutes=_MINUTES.search(text) is not None,
        papers=_papers(links, url, fallback=clean_title(titles[0]) if titles else ""),
        committee=committee_name(back["body"]) if back else None,
        held_on=uk_date(back["when"]) if back else None,
        branding_failed=branding_failed(page),
    )


_ITEM_LABEL = re.compile(r"(?:agenda item|issue|item)(?: details)?", re.IGNORECASE)


# The web service


def is_xml(body: bytes) -> bool:
    """Whether the bytes are an answer of the web service, not a page."""
    head = body.lstrip(b"\xef\xbb\xbf \r\n\t")[:300].lower()
    return (head.startswith(b"<?xml") and b"<html" not in head) or head.startswith(_ROOTS)


_ROOTS = (b"<committees", b"<getmeetings", b"<meeting>", b"<meeting ")


def _root(body: bytes, *names: str, url: str) -> etree._Element:
    """The answer's root element. Entities stay unresolved, and a document type is refused."""
    # Word text brings characters that XML forbids; the service escapes them all the same.
    body = re.sub(rb"&#(?:x0*(?:[0-8bcef]|1[0-9a-f])|0*(?:[0-8]|1[124-9]|2\d|3[01]));", b"", body, flags=re.IGNORECASE)
    if not body.startswith((b"\xff\xfe", b"\xfe\xff")):
        body = re.sub(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]", b"", body)
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False, load_dtd=False)
    try:
        root = etree.fromstring(body.lstrip(b"\xef\xbb\xbf \r\n\t"), parser)
    except etree.XMLSyntaxError as error:
        raise ParseError(f"{url}: expected XML with <{names[0]}>, found text that is not XML ({error.msg})") from error
    if b"<!doctype" in body[:2000].lower():
        raise ParseError(f"{url}: expected <{names[0]}>, found a document type declaration")
    if _tag(root) not in names:
        raise NotThisKind(f"{url}: expected <{names[0]}>, found <{_tag(root)}>")
    return root


def _tag(node: etree._Element) -> str:
    return etree.QName(node).localname.lower() if isinstance(node.tag, str) else ""


def _children(node: etree._Element, *path: str) -> list[etree._Element]:
    """Children by lower-case local name, level by level."""
    level = [node]
    for name in path:
        level = [child for parent in level for child in parent if _tag(child) == name]
    return level


def _value(node: etree._Element, name: str) -> str:
    """A child's text; the service escapes entities twice and pads with blanks."""
    for child in _children(node, name):
        return collapse(unescape(unescape(_text(child))))
    return ""


def _text(node: etree._Element) -> str:
    return "".join(str(piece) for piece in node.itertext())


def _true(node: etree._Element, name: str) -> bool:
    return _value(node, name).lower() in ("true", "1", "yes")


def _stated(node: etree._Element, name: str, found: int, url: str) -> None:
    """An answer that says how many it holds must hold as many."""
    stated = _int(_value(node, name))
    if stated is not None and stated != found:
        raise ParseError(f"{url}: expected {stated} by <{name}>, found {found}")


def _xml_committees(body: bytes, *, url: str) -> tuple[Committee, ...]:
    root = _root(body, "committees", url=url)
    found = [
        Committee(
            cid=_required(node, "committeeid", url),
            name=_value(node, "committeetitle"),
            category=_value(node, "committeecategory") or None,
            active=not (_true(node, "committeedeleted") or _true(node, "committeeexpired")),
        )
        for node in _children(root, "committee")
    ]
    _stated(root, "committeescount", len(found), url)
    return tuple(found)


def _xml_meetings(body: bytes, *, url: str) -> MeetingList:
    root = _root(body, "getmeetings", "meetings", url=url)
    names: list[str] = []
    entries: list[MeetingEntry] = []
    for committee in _children(root, "committee"):
        cid = _int(_value(committee, "committeeid"))
        names.append(_value(committee, "committeetitle"))
        entries += [_xml_entry(node, cid, url) for node in _children(committee, "committeemeetings", "meeting")]
    _stated(root, "meetingscount", len(entries), url)
    return MeetingList(
        committee=names[0] if len(names) == 1 else None, meetings=tuple(entries), earlier=None, later=None
    )


def _xml_entry(node: etree._Element, cid: int | None, url: str) -> MeetingEntry:
    mid = _required(node, "meetingid", url)
    target = f"ieListDocuments.aspx?CId={cid}&MId={mid}&Ver=4" if cid else f"ieListDocuments.aspx?MId={mid}&Ver=4"
    return MeetingEntry(
        mid=mid,
        cid=cid,
        held_on=uk_date(_value(node, "meetingdate")),
        starts_at=clock(_value(node, "meetingtime")),
        status=status_of(_value(node, "meetingstatus")),
        stage="",
        url=_beside_service(url, target),
    )


def _beside_service(url: str, page: str) -> str:
    """A page's address, from an address of the web service on the same site."""
    return join(re.split(r"mgwebservice\.asmx", url, maxsplit=1, flags=re.IGNORECASE)[0], page)


def _xml_meeting(body: bytes, *, url: str) -> Meeting:
    root = _root(body, "meeting", url=url)
    mid = _required(root, "meetingid", url)
    published = {name: _true(root, f"{name}published") for name in ("agenda", "decision", "minute")}
    items = tuple(_xml_items(root, url, minutes=published["minute"]))
    return Meeting(
        mid=mid,
        cid=None,
        committee=_xml_committee(root),
        held_on=uk_date(_value(root, "meetingdate")),
        starts_at=clock(_value(root, "meetingtime")),
        status=status_of(_value(root, "meetingstatus")),
        stage=" and ".join(
            word
            for name, word in (("agenda", "Agenda"), ("decision", "decisions"), ("minute", "minutes"))
            if published[name]
        ),
        items=items,
        papers=(),
    )


def _xml_committee(root: etree._Element) -> str | None:
    """Only the papers name the committee."""
    for doc in _children(root, "agendaitems", "agendaitem", "linkeddocuments", "linkeddoc"):
        if name := _value(doc, "committeetitle"):
            return name
    return None


def _xml_items(root: etree._Element, url: str, *, minutes: bool) -> Iterator[Item]:
    for node in _children(root, "agendaitems", "agendaitem"):
        aid = _required(node, "agendaitemid", url)
        title = clean_title(_value(node, "agendaitemtitle"))
        papers: dict[str, Paper] = {}
        withheld = 0
        for doc in _children(node, "linkeddocuments", "linkeddoc"):
            if _true(doc, "isrestricted"):
                withheld += 1
            elif (paper := _xml_paper(doc, url, title)) is not None:
                papers.setdefault(paper.key, paper)
        yield Item(
            aid=aid,
            number=_xml_number(node, minutes=minutes),
            title=title or next((paper.title for paper in papers.values()), ""),
            url=_beside_service(url, f"mgAi.aspx?ID={aid}"),
            papers=tuple(papers.values()),
            has_minutes=bool(_value(node, "minutesnonemptyhtmlbody")),
            restricted=withheld,
        )


def _xml_number(node: etree._Element, *, minutes: bool) -> str | None:
    """The number that the page prints: the minute's once minutes are published, the agenda's before."""
    printed = _value(node, "fulldisplaynumberformat")
    if minutes and _value(node, "minutesitemnumber") not in ("", "0"):
        printed = _value(node, "minutesitemnumber") + _value(node, "minutesitemsubnumber")
    match = _NUMBER.fullmatch(printed)
    return match["number"] if match and match["number"] != "0" else None


def _xml_paper(doc: etree._Element, url: str, item_title: str) -> Paper | None:
    """The paper of a <linkeddoc>; None for links to other sites."""
    number, target = _int(_value(doc, "attachmentid")), join(url, _value(doc, "url"))
    file = file_of(target)
    if _true(doc, "isurl") and file is None:
        return None
    if file is None:
        if number is None:
            raise ParseError(f"{url}: expected <attachmentid> in a <linkeddoc>, found '{_value(doc, 'attachmentid')}'")
        target = _beside_service(url, f"mgConvert2PDF.aspx?ID={number}")
        file = f"s{number}"
    address = identify(target)
    return Paper(
        key=address.key,
        file=file,
        title=clean_title(_value(doc, "title")) or item_title or file,
        url=address.url,
        size=None,
        published_on=uk_date(_value(doc, "publicationdate")),
    )


def _required(node: etree._Element, name: str, url: str) -> int:
    number = _int(_value(node, name))
    if number is None:
        raise ParseError(f"{url}: expected a number in <{name}>, found '{_value(node, name)}'")
    return number


# As a reader of documents


def recognises(body: bytes, *, url: str, title: str = "") -> bool:
    """Whether this is a meeting's agenda page or the web service's answer on a meeting."""
    if re.fullmatch(r"moderngov:.+:mid:\d+(?::xml)?", identify(url).key):
        return True
    return re.match(rb"(?:\xef\xbb\xbf)?\s*(?:<\?xml[^>]*>\s*)?<meeting>", body, re.IGNORECASE) is not None


def meeting_title(meeting: Meeting) -> str:
    """ "Cabinet, 4 March 2025", as far as it is known."""
    day = f"{meeting.held_on.day} {meeting.held_on:%B %Y}" if meeting.held_on else ""
    return ", ".join(part for part in (meeting.committee, day) if part)


def item_rows(page: BeautifulSoup, url: str) -> Iterator[tuple[Tag, Item]]:
    """The elements of a meeting's page that hold an item, each with what it says."""
    for row in _item_rows(page):
        if (item := _item(row, url)) is not None:
            yield row, item


def item_nodes(body: bytes) -> list[etree._Element]:
    """The nodes of the web service's answer that are an item each."""
    return _children(_root(body, "meeting", url=""), "agendaitems", "agendaitem")


_TEXTS = {"agenda": "agendatext", "minutes": "minutesnonemptyhtmlbody"}


def item_texts(node: etree._Element, *which: str) -> list[str]:
    """The item's "agenda" text, or its "minutes", as HTML."""
    return [_text(child) for name in which for child in _children(node, _TEXTS[name])]


# Small things


def _links(node: Tag) -> list[Tag]:
    return node.find_all("a", href=True)


def _inside(link: Tag, rows: list[Tag]) -> bool:
    return any(parent is row for parent in link.parents for row in rows)


def _params(url: str) -> dict[str, str]:
    return {name.lower(): value.strip() for name, value in parse_qsl(urlsplit(url).query, keep_blank_values=True)}


def _int(text: str | None) -> int | None:
    match = re.match(r"\s*(\d{1,12})\b", text or "")
    return int(match[1]) if match else None


def _h1(page: BeautifulSoup) -> str:
    return next((text for node in page.select("h1") if (text := text_of(node))), "")


def _heading_above(link: Tag) -> str | None:
    heading = link.find_previous(["h2", "h3", "h4"])
    return text_of(heading) or None if isinstance(heading, Tag) else None


def _says(page: BeautifulSoup) -> str:
    """What the page calls itself, for messages."""
    title = _h1(page) or text_of(page.select_one("title"))
    return f"a page '{title[:80]}'" if title else "a page without a heading"
