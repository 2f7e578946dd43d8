"""News stories: who wrote what and when, and the figures in them that can be held against a paper.

The article's own metadata come first (JSON-LD, then `article:` and `og:` properties); the body is what
trafilatura takes for the text, without captions, adverts and banners. Nothing is guessed: a date that the page
does not state is None.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, time
from email.utils import parsedate_to_datetime
from html import unescape
from typing import Any, NamedTuple
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import trafilatura
from bs4 import BeautifulSoup, Tag

from parsers import narrative, news_councils, periods
from parsers.html import main_content, paragraphs, soup
from parsers.records import Fact, Figure, Kind, NewsArticle, Outcome, RagCount, Reading, StatedIn
from parsers.text import collapse, matching, number, uk_date

VERSION = 1
PARSER = "news"

LONDON = ZoneInfo("Europe/London")  # what a time without a zone means on these sites

_ARTICLE_TYPES = {
    "newsarticle",
    "article",
    "reportagenewsarticle",
    "analysisnewsarticle",
    "backgroundnewsarticle",
    "opinionnewsarticle",
    "reviewnewsarticle",
    "liveblogposting",
    "blogposting",
}
_NO_STORY = {"jobposting", "itemlist", "collectionpage", "searchresultspage", "profilepage", "product", "event"}
# Addresses of stories, for pages without metadata: kentonline, localgov, BBC, KentLive, kent.gov.uk.
_STORY_URL = re.compile(
    r"/news/[\w/-]*?[\w-]+-\d{4,}/?$|/news/articles/c\w{8,}|/articles/[\w-]+/?$|^/[\w-]{15,}/\d{4,}/?$|method=news\.detail",
    re.IGNORECASE,
)


def recognises(body: bytes, *, url: str, title: str = "") -> bool:
    """Whether the page is one story: it says so itself, or stands where its site keeps stories."""
    parts = urlsplit(url)
    if (parts.hostname or "").startswith("jobs."):
        return False
    page = soup(body)
    types = {kind for thing in _linked_data(page) for kind in _types(thing)}
    if types & _NO_STORY and not types & _ARTICLE_TYPES:
        return False
    if types & _ARTICLE_TYPES or _meta(page, "article:published_time"):
        return True
    if _meta(page, "og:type").lower() in {"article", "news"}:
        return True
    address = parts.path + ("?" + parts.query if parts.query else "")
    return _STORY_URL.search(address) is not None and page.find("h1") is not None


def read(body: bytes, *, url: str, title: str = "", council: str = "") -> Reading:
    """The story, the counts of ratings that it gives for a named quarter, and numbers of complaints.

    Figures are of *council* (its name or slug) alone; where it is not known, of the one council that the story names.
    """
    page = soup(body)
    data = _article_data(page)
    headline = _headline(page, data, title)
    text = _body(body, page, data, headline)
    if not headline or not text:
        missing = "a headline" if not headline else "an article's text"
        return _reading(Outcome.QUARANTINED, note=f"expected {missing}, found none", title=headline or title)
    published = _published(page, data)
    article = NewsArticle(
        publisher=_publisher(page, data, url),
        headline=headline,
        author=_author(page, data),
        published_at=published,
        summary=_summary(page, data),
        body="\n\n".join(text),
    )
    own = news_councils.paragraphs_about(text, headline=headline, council=council)
    facts: list[Fact] = [article, *_rag_counts(own), *_complaints(own)]
    return _reading(
        Outcome.READ, title=headline, facts=facts, text=f"{headline}\n\n{article.body}", published=published
    )


def _reading(
    outcome: Outcome,
    *,
    title: str,
    note: str | None = None,
    facts: Sequence[Fact] = (),
    text: str = "",
    published: datetime | None = None,
) -> Reading:
    return Reading(
        kind=Kind.NEWS_ARTICLE,
        outcome=outcome,
        parser=PARSER,
        parser_version=VERSION,
        note=note,
        title=collapse(title) or None,
        published_on=published.astimezone(LONDON).date() if published else None,
        facts=tuple(facts),
        text=text,
    )


# --- metadata -----------------------------------------------------------------------------


def _linked_data(page: BeautifulSoup) -> list[Mapping[str, Any]]:
    """Every object of the page's JSON-LD: alone, in lists, in @graph; what is broken is mended or left out."""
    found: list[Mapping[str, Any]] = []
    for script in page.find_all("script", attrs={"type": re.compile(r"ld\+json", re.IGNORECASE)}):
        found += _objects(_loaded(script.string or script.get_text()), depth=0)
    return found


def _loaded(text: str) -> Any:
    """JSON as sites write it: in comments, with raw line breaks in strings, with commas or semicolons too many."""
    text = re.sub(r"^\s*(?:<!--|//<!\[CDATA\[|/\*.*?\*/)|(?:-->|//\]\]>)\s*$", "", text.strip()).strip().rstrip(";")
    for attempt in (text, re.sub(r",\s*([}\]])", r"\1", text)):
        try:
            return json.loads(attempt, strict=False)
        except (ValueError, RecursionError):
            continue
    return None


def _objects(value: Any, *, depth: int) -> list[Mapping[str, Any]]:
    if depth > 4:
        return []
    if isinstance(value, list):
        return [thing for part in value[:100] for thing in _objects(part, depth=depth + 1)]
    if isinstance(value, dict):
        inner = [thing for key in ("@graph", "mainEntity") for thing in _objects(value.get(key), depth=depth + 1)]
        return [value, *inner]
    return []


def _types(thing: Mapping[str, Any]) -> set[str]:
    named = thing.get("@type")
    return {str(kind).lower() for kind in (named if isinstance(named, list) else [named]) if kind}


def _article_data(page: BeautifulSoup) -> Mapping[str, Any]:
    return next((thing for thing in _linked_data(page) if _types(thing) & _ARTICLE_TYPES), {})


def _meta(page: BeautifulSoup, name: str) -> str:
    """Content of the meta element with that property or name; "" where there is none."""
    wanted = re.compile(rf"^{re.escape(name)}$", re.IGNORECASE)
    for attribute in ("property", "name", "itemprop"):
        found = page.find("meta", attrs={attribute: wanted})
        if isinstance(found, Tag) and (content := _clean(found.get("content"))):
            return content
    return ""


def _clean(value: Any) -> str:
    """A text value as a reader sees it: entities resolved, also where they were escaped twice; mojibake mended.

    >>> _clean("Council&amp;nbsp;faces  &#8216;backlog&#8217;"), _clean("Kentâ€™s councils"), _clean(None)
    ('Council faces ‘backlog’', 'Kent’s councils', '')
    """
    return collapse(_mended(unescape(unescape(value)))) if isinstance(value, str) else ""


_MOJIBAKE = re.compile(r"[ÂÃâ][\x80-\xff€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ]{1,2}")


def _mended(text: str) -> str:
    """UTF-8 that was read as Windows-1252, read again."""

    def again(match: re.Match[str]) -> str:
        try:
            return match[0].encode("cp1252").decode("utf-8")
        except (UnicodeEncodeError, UnicodeDecodeError):
            return match[0]

    return _MOJIBAKE.sub(again, text)


def _headline(page: BeautifulSoup, data: Mapping[str, Any], given: str) -> str:
    first = page.find("h1")
    site = _meta(page, "og:site_name")
    tab = _clean(page.title.get_text()) if page.title else ""
    tab = re.sub(rf"\s+[-|–—]\s+(?:{re.escape(site)}|[^-|–—]{{1,40}})$", "", tab) if tab else ""
    candidates = (
        _clean(data.get("headline")),
        _meta(page, "og:title"),
        _clean(first.get_text(" ")) if first else "",
        tab,
    )
    return next((text for text in candidates if text), _clean(given))


def _publisher(page: BeautifulSoup, data: Mapping[str, Any], url: str) -> str | None:
    own = data.get("publisher")
    named = _clean(own.get("name")) if isinstance(own, dict) else _clean(own)
    host = re.sub(r"^www\.", "", urlsplit(url).hostname or "")
    return _meta(page, "og:site_name") or named or host or None


def _author(page: BeautifulSoup, data: Mapping[str, Any]) -> str | None:
    """Names of the writers, in the page's order."""
    own = data.get("author")
    people = own if isinstance(own, list) else [own]
    names = [_clean(who.get("name")) if isinstance(who, dict) else _clean(who) for who in people]
    if not any(names):
        names = [_meta(page, "author") or _meta(page, "article:author")]
    if not any(names):
        link = page.select_one('[rel~="author"], [itemprop="author"], .author-name, .byline__name')
        names = [_clean(link.get_text(" "))] if link else []
    names = [re.sub(r"^by\s+", "", name, flags=re.IGNORECASE) for name in names if name]
    return ", ".join(name for name in dict.fromkeys(names) if "://" not in name and len(name) <= 100) or None


def _summary(page: BeautifulSoup, data: Mapping[str, Any]) -> str | None:
    own = _clean(data.get("description"))
    return own or _meta(page, "og:description") or _meta(page, "description") or None


def _published(page: BeautifulSoup, data: Mapping[str, Any]) -> datetime | None:
    """When the story appeared, as the page states it; None where it does not."""
    stated = [_clean(data.get("datePublished")), _meta(page, "article:published_time"), _meta(page, "datePublished")]
    stated.append(_meta(page, "parsely-pub-date"))
    for text in stated:
        if text and (when := _moment(text)) is not None:
            return when
    head = page.find("article") or page.find("main") or page
    if isinstance(head, Tag):
        times = [str(node.get("datetime") or node.get_text(" ")) for node in head.find_all("time", limit=3)]
        bylines = head.select(
            '[class*="byline" i], [class*="publish" i], [class*="article-date" i], [class*="author" i]'
        )
        for text in (*times, *(collapse(node.get_text(" "))[:200] for node in bylines[:5])):
            if (when := _moment(text)) is not None:
                return when
    return None


def _moment(text: str) -> datetime | None:
    """A stated time as aware UTC. Without a zone it is London's; without a time it is the day's beginning in UTC.

    >>> str(_moment("2024-01-04T05:00:00+00:00")), str(_moment("2023-07-06T09:30:00")), str(_moment("06 July 2023"))
    ('2024-01-04 05:00:00+00:00', '2023-07-06 08:30:00+00:00', '2023-07-06 00:00:00+00:00')
    >>> str(_moment("Thu, 20 Nov 2025 06:00:00 GMT")), _moment("yesterday")
    ('2025-11-20 06:00:00+00:00', None)
    """
    text = collapse(text)
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
        try:
            when = datetime.fromisoformat(re.sub(r"\s+(?=[+-]\d|Z$)", "", text))
        except ValueError:
            try:
                when = parsedate_to_datetime(text)
            except (ValueError, TypeError, IndexError):
                when = None
        if when is not None:
            return (when if when.tzinfo else when.replace(tzinfo=LONDON)).astimezone(UTC)
    day = uk_date(text)
    return datetime.combine(day, time(), tzinfo=UTC) if day else None


# --- the body -----------------------------------------------------------------------------

# What these sites set among or under a story's paragraphs.
_FURNITURE = re.compile(
    r"^(?:close\s+)?this site uses cookies|^by continuing to browse|cookies\. ?learn more$"
    r"|^(?:advertisement|advertise|related (?:topics|stories|articles)|more on this story"
    r"|read more\b|share this|follow us|image source|image caption|sponsored|get the latest|comments?$|"
    r"(?:image|picture|photo|pic):|at a glance$|published$|more like this)\b",
    re.IGNORECASE,
)
# From here on nothing is the story's: newsletters, job adverts, other people's stories.
_AFTER_STORY = re.compile(
    r"^(?:sign up (?:here|for|to)\b|sign up$|for your free daily|[\w ]{0,30}\bjobs$|latest jobs|partner content"
    r"|top stories|most read|you may also like|recommended"
    r"|recruiter:|recuriter:)|\bper annum\b|£[\d,.]+\s*(?:to|-)\s*£[\d,.]+",
    re.IGNORECASE,
)


# Who owns a picture stands in its caption.
_CREDIT = re.compile(
    r"\b(?:image|picture|photo|pic|credit)s?\s*:\s|\bShutterstock\b|\bGetty Images\b|\balamy\b|\bPA Media\b|\bLDRS\)?$",
    re.I,
)


def _body(body: bytes, page: BeautifulSoup, data: Mapping[str, Any], headline: str) -> list[str]:
    """The story's paragraphs."""
    try:
        extracted = trafilatura.extract(
            str(soup(body)), include_comments=False, include_tables=False, favor_precision=True, deduplicate=False
        )
    except Exception:  # noqa: BLE001 - a page that breaks the extractor still has its own text
        extracted = None
    found = _story([_mended(line) for line in (extracted or "").splitlines()], headline)
    own = _story(re.split(r"\n+|(?:</p>\s*)?<p>|<br ?/?>", _own_body(data)), headline)
    if sum(map(len, own)) > 1.5 * sum(map(len, found)):
        return own
    if found:
        return found
    content = page.select_one("[itemprop=articleBody], article, .PageContent") or main_content(page)
    return _story([line for line in paragraphs(content) if len(line) > 40], headline)


def _own_body(data: Mapping[str, Any]) -> str:
    text = data.get("articleBody")
    return re.sub(r"<(?!/?p>|br)[^>]+>", " ", unescape(text)) if isinstance(text, str) else ""


def _story(lines: Sequence[str], headline: str) -> list[str]:
    """The lines without furniture, captions (printed twice) and what stands under the story."""
    texts = [text for line in lines if (text := collapse(re.sub(r"</?p>", " ", line)))]
    story: list[str] = []
    for at, text in enumerate(texts):
        if _AFTER_STORY.search(text) and at >= 2:
            break
        if _FURNITURE.search(text) or (len(text) < 200 and _CREDIT.search(text)):
            continue
        if text == headline or _said_twice(text):
            continue
        if len(text) < 220 and texts.count(text) > 1:
            continue  # a caption: once under the picture, once as its description
        story.append(text)
    return story


def _said_twice(text: str) -> bool:
    """A caption joined with its copy: "County Hall HQ County Hall HQ"."""
    half = len(text) // 2
    return len(text) > 12 and text[:half].strip() == text[half:].strip()


# --- figures that can be held against a paper ---------------------------------------------

_OF_A_PAPER = re.compile(r"\bperformance report\b|\bkey performance indicator|\bKPIs?\b|\bRAG\b", re.IGNORECASE)


def _rag_counts(text: Sequence[str]) -> list[RagCount]:
    """Counts of the whole council's ratings, where the story names the quarter that they are of."""
    whole = "\n\n".join(text)
    if not _OF_A_PAPER.search(whole):
        return []
    found = narrative.counts(whole, stated_in=StatedIn.NEWS)
    return [c for c in found if c.service is None and c.financial_year and c.quarter and _says_ratings(c)]


def _says_ratings(found: RagCount) -> bool:
    return any(getattr(found, key) is not None for key in (*narrative.RATINGS, *narrative.DIRECTIONS))


_MONTHS = "january|february|march|april|may|june|july|august|september|october|november|december"
_YEAR_TO = re.compile(
    rf"\b(?:(?:in|for|over|during|from)\s+)?(?:the\s+)?(?:year|12\s+months|twelve\s+months)\s+(?:to|ending|ended|up\s+to)\s+(?:the\s+end\s+of\s+)?(?P<month>{_MONTHS})\s+(?P<year>20\d\d)\b",
    re.IGNORECASE,
)
_BARE_TO = re.compile(rf"\(\s*to\s+(?P<month>{_MONTHS})\s+(?P<year>20\d\d)\s*\)", re.IGNORECASE)
_VALUE = re.compile(
    r"(?<![\w£.,/-])(?:\d{1,3}(?:,\d{3})+|\d{2,4})(?![\w%]|[.,/]\d|\s?(?:%|per\s?cent|million|working))"
)
_COMPLAINTS = re.compile(r"\bcomplaints?\b", re.IGNORECASE)
_TOTAL = re.compile(
    r"\b(?:total\s+(?:number\s+of\s+)?complaints|complaints\s+(?:in\s+total|overall|to\s+(?:the\s+council|KCC))|total\s+of\s+complaints)\b",
    re.IGNORECASE,
)
_EVERYTHING = {"customer service", "customer services", "the council", "kcc", "council services", "kent county council"}
_ABOUT = re.compile(
    r"\bcomplaints?\b(?:\s+(?:received|made|logged|recorded))?(?:\s+(?:were|was|are|is))?\s+(?:about|regarding|concerning|relating\s+to|related\s+to|against)\s+(?P<service>[^.;:()\d]{3,90}?)"
    r"\s*,?\s+(?=(?:which|that|where|saw|has|have|had|rose|fell|jumped|dropped|increased|decreased|climbed|went|were|was|soared|in\s+the\s+year|for\s+the\s+year|over\s+the)\b)",
    re.IGNORECASE,
)
_PAIR = re.compile(r"(?P<name>[^();.]{3,90}?)\s*\(\s*(?:from\s+)?(?P<before>\d[\d,]*)\s+to\s+(?P<after>\d[\d,]*)\s*\)")
_LISTED = re.compile(
    r"^.*?\b(?:such\s+as|including|like|namely|among\s+them|for)\b|^\W*(?:and|as\s+well\s+as|while|but|,)+",
    re.IGNORECASE,
)


class _Year(NamedTuple):
    label: str
    period: periods.Period


class _Mark(NamedTuple):
    """A number or a period, where it stands."""

    start: int
    end: int
    year: _Year | None
    value: str | None


def _complaints(text: Sequence[str]) -> list[Figure]:
    """Numbers of complaints with the year that they are of, for all or for a service named beside them."""
    found: list[Figure] = []
    known: list[_Year] = []  # of the sentence before, when it compared two years
    before = ""
    for sentence in (s for paragraph in text for s in narrative.sentences(paragraph)):
        figures, years = _dated_complaints(sentence)
        if figures:
            known = years if len(years) == 2 else []
        elif len(known) == 2:
            figures = list(_compared(sentence, known, before))
            known = []
        found += figures
        before = sentence
    return found


def _dated_complaints(sentence: str) -> tuple[list[Figure], list[_Year]]:
    copy = matching(sentence)
    if not _COMPLAINTS.search(copy):
        return [], []
    who = _whose(copy)
    pairs = _paired(copy, _marks(copy))
    if who is None or not pairs:
        return [], []
    service, is_total = who
    return [_figure(service, year, value, sentence, is_total) for year, value in pairs], [year for year, _ in pairs]


def _whose(copy: str) -> tuple[str | None, bool] | None:
    """(service, whether it is the total) that the sentence counts complaints of; None when that is not certain."""
    about = _ABOUT.search(copy)
    named = collapse(about["service"]) if about else None
    if _TOTAL.search(copy):
        if named is None or named.lower() in _EVERYTHING:
            return None, True
        return _service(named), False
    if named is not None and _is_service(named):
        return _service(named), False
    return None


def _is_service(name: str) -> bool:
    words = re.findall(r"[a-z]+", name.lower())
    return bool(set(words) & narrative.SERVICE_WORDS) and len(words) <= 12


def _service(name: str) -> str:
    name = collapse(re.sub(r"^(?:the\s+council's\s+|the\s+)", "", name, flags=re.IGNORECASE))
    return name[:1].upper() + name[1:]


def _marks(copy: str) -> list[_Mark]:
    """Numbers and years of the sentence in order. "(to September 2022)" is a year only beside a from-to."""
    marks: list[_Mark] = []
    covered: list[tuple[int, int]] = []
    for pattern in (_YEAR_TO, _BARE_TO):
        for match in pattern.finditer(copy):
            found = periods.period(f"12 months to {match['month']} {match['year']}")
            if found is not None:
                label = f"year to {match['month']} {match['year']}"
                marks.append(_Mark(*match.span(), _Year(label, found), None))
                covered.append(match.span())
    for match in _VALUE.finditer(copy):
        inside = any(a <= match.start() < b for a, b in covered)
        if not inside and not re.fullmatch(r"(?:19|20)\d\d", match[0]):
            marks.append(_Mark(*match.span(), None, match[0]))
    return sorted(marks)


# Numbers (V) and years (Y) in orders that leave no doubt which belong together.
_ORDERS = {"VY": [(1, 0)], "YV": [(0, 1)], "VYVY": [(1, 0), (3, 2)], "YVYV": [(0, 1), (2, 3)], "YVVY": [(0, 1), (3, 2)]}
# What may stand between a number and its year, and behind a number of complaints.
_BETWEEN = narrative.words(
    "a an and at but by came climbed compared complaints council decreased down dropped during fell for from had in"
    " increased is it jumped kcc logged made numbered of over reached received rose saw soared stood the there to total"
    " totalled up was were while with"
)


def _paired(copy: str, marks: Sequence[_Mark]) -> list[tuple[_Year, str]]:
    """Each number with its year, where nothing else could be meant."""
    pairs: list[tuple[_Year, str]] = []
    for at_year, at_value in _ORDERS.get("".join("Y" if mark.year else "V" for mark in marks), []):
        dated, counted = marks[at_year], marks[at_value]
        between = copy[min(dated.end, counted.end) : max(dated.start, counted.start)]
        behind = re.match(r"\s*([A-Za-z']+)", copy[counted.end :])
        words = {word.lower() for word in re.findall(r"[A-Za-z']+", between)} | (
            {behind[1].lower()} if behind else set()
        )
        if words - _BETWEEN or dated.year is None or counted.value is None:
            return []
        pairs.append((dated.year, counted.value))
    if len(pairs) == 2 and pairs[0][0].period == pairs[1][0].period:
        return []
    return pairs


def _compared(sentence: str, years: Sequence[_Year], before: str) -> Iterator[Figure]:
    """ "… such as adult education (71 to 53)": the two years are those of the sentence before."""
    earlier, later = sorted(years, key=lambda year: year.period.end)
    copy = matching(sentence)
    if not re.search(
        r"\b(?:drop|fall|fell|rise|rose|increase|decrease|declin\w+|saw|jump|reduc\w+)", copy, re.IGNORECASE
    ):
        return
    for match in _PAIR.finditer(copy):
        name = collapse(_LISTED.sub("", match["name"]))
        if not _is_service(name):
            continue
        quote = f"{before} {sentence}"
        yield _figure(_service(name), earlier, match["before"], quote, False)
        yield _figure(_service(name), later, match["after"], quote, False)


def _figure(service: str | None, year: _Year, value: str, quote: str, is_total: bool) -> Figure:
    read_value = number(value)
    return Figure(
        measure="complaints",
        service=service,
        period_label=year.label,
        period_start=year.period.start,
        period_end=year.period.end,
        value=read_value[0] if read_value else None,
        unit=None,
        value_text=value,
        is_total=is_total,
        quote=collapse(quote),
    )


__all__ = ["VERSION", "read", "recognises"]
