"""The spider for news: feeds and listing pages, and the articles that name the council.

An article is asked for once by its number, whatever the feed calls its address, and again when the
feed says that it was updated. Which words make an article ours is configured.
"""

import re
from calendar import timegm
from collections.abc import AsyncIterator, Awaitable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from typing import Any
from urllib.parse import urlsplit

import feedparser
from bs4 import BeautifulSoup, Tag

from db import Found
from parsers.addresses import identify, join, site_of
from parsers.html import main_content, paragraphs, soup, text_of
from parsers.text import collapse, matching
from scrapers.classify import Trouble
from scrapers.hosts import registered_domain
from scrapers.items import Item, Seen
from scrapers.job import CrawlJob
from scrapers.spiders.base import FEED, PAGE, Answer, SiteSpider, fingerprint
from scrapers.tally import Visit

ENTRIES = 300  # of one feed or page; they hold 20 to 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A story as a feed or a listing page announces it."""

    url: str
    key: str
    title: str
    summary: str  # "" where the listing has none
    published: datetime | None  # aware
    updated: datetime | None


class NewsSpider(SiteSpider):
    """See the module."""

    name = "news"

    def visits(self) -> Sequence[tuple[Visit, AsyncIterator[Item]]]:
        """One for all feeds and pages: the source has one state, the council's own where there is but one."""
        visit = Visit(self.job.councils[0].slug if len(self.job.councils) == 1 else "*")
        return [(visit, self._all(visit))]

    async def _all(self, visit: Visit) -> AsyncIterator[Item]:
        for read, urls in ((self._feed, self.job.feeds), (self._listing, self.job.pages)):
            for url in urls:
                async for item in self.apart(visit, url, self._stories(visit, read(visit, url))):
                    yield item

    # What is announced

    async def _feed(self, visit: Visit, url: str) -> list[Entry]:
        answer = await self.ask(url, wants=FEED)
        if not answer.ok:
            self._lost(visit, answer)
            return []
        parsed = _parse_feed(answer.body)
        entries = list(_entries(parsed, answer.final_url))
        visit.counts["announced"] += len(entries)
        if not entries and (parsed.get("entries") or parsed.get("bozo")):
            error = parsed.get("bozo_exception") or "no entry has a title and a link"
            self.broken(visit, url, f"{url}: expected a feed with stories, found one that cannot be read ({error})")
        elif not entries and self._had_stories(url):
            self.broken(visit, url, f"{url}: names no story, where it named some before")
        return entries

    async def _listing(self, visit: Visit, url: str) -> list[Entry]:
        answer = await self.ask(url, wants=PAGE)
        if not answer.ok:
            self._lost(visit, answer)
            return []
        entries = list(_listed(soup(answer.body), answer.final_url))
        visit.counts["announced"] += len(entries)
        if not entries:
            self.broken(visit, url, f"{url}: expected links to stories, found none")
        return entries

    def _lost(self, visit: Visit, answer: Answer) -> None:
        self.failed(visit, answer)
        if answer.trouble is not Trouble.OUT_OF_TIME:
            visit.problem(answer.trouble, f"{answer.url}: {answer.reason}")

    def _had_stories(self, url: str) -> bool:
        """Whether the archive holds a story of this feed's publisher."""
        host = urlsplit(url).hostname or ""
        domain = registered_domain(host) or site_of(urlsplit(url))
        return bool(
            self.archive.rows("select 1 from documents where source = 'news' and instr(url, ?) > 0 limit 1", (domain,))
        )

    # The stories

    async def _stories(self, visit: Visit, announced: Awaitable[Sequence[Entry]]) -> AsyncIterator[Item]:
        entries = await announced
        for entry in entries[:ENTRIES]:
            if entry.key in visit.taken:
                continue
            visit.taken.add(entry.key)
            ours = self._is_ours(f"{entry.title}\n{entry.summary}")
            if not ours and entry.summary:
                continue
            if self.allowed.refusal(entry.url) is not None:
                visit.counts["elsewhere"] += 1
                continue
            async for item in self.apart(visit, entry.url, self._story(visit, entry, announced=ours), is_part=True):
                yield item

    async def _story(self, visit: Visit, entry: Entry, *, announced: bool) -> AsyncIterator[Item]:
        """The article. Where the listing told too little, its own text decides whether it is ours."""
        known = self.archive.has_version(entry.key)
        if not self._due(entry, announced=announced):
            if known:
                yield Seen(key=entry.key)
            return
        text = f"{entry.title}\n{entry.summary}"

        def no_use(body: bytes) -> str | None:
            return None if self._is_ours(f"{text}\n{_text(body)}") else self._not_ours

        judge = None if announced or known else no_use
        answer = await self.ask(entry.url, wants=PAGE, unless_held=entry.key, no_use=judge)
        if answer.trouble is Trouble.NOT_OURS:
            visit.counts["not_ours"] += 1
            return
        if answer.trouble is not None:
            self.failed(visit, answer)
            if answer.refused:
                visit.problem(answer.trouble, f"{answer.url}: {answer.reason}")
            for item in self.missing(entry.key, answer):
                yield item
            return
        if answer.ok and not announced:
            text += f"\n{_text(answer.body)}"
        visit.counts["stories"] += 1
        found = Found(
            key=entry.key,
            url=entry.url,
            source=self.name,
            council=self._council_of(text),
            media_type=answer.media_type,
            title=entry.title or None,
            published_on=entry.published.date() if entry.published else None,
            content_key=fingerprint(answer.body, url=entry.url, media_type=answer.media_type) if answer.ok else "",
        )
        yield self.handed(found, answer)

    def _due(self, entry: Entry, *, announced: bool) -> bool:
        """Whether the story was never decided on, or was updated since, as far as its feed can be believed."""
        known = self.archive.known_document(entry.key)
        urls = (entry.url, known.url) if known else (entry.url,)
        # A headline that names the council now outweighs what was decided before.
        asked = self.last_asked(*urls, no_use="" if announced else self._not_ours)
        if asked is None:
            return True
        said = max((at for at in (entry.updated, entry.published) if at), default=None)
        return said is not None and asked < said <= self.now()

    @property
    def _not_ours(self) -> str:
        """What is noted with a story that is somebody else's; other words to look for ask for it once more."""
        return f"not ours: names none of {', '.join(self.job.keywords)}"

    def _is_ours(self, text: str) -> bool:
        return not self.job.keywords or any(_names(text, word) for word in self.job.keywords)

    def _council_of(self, text: str) -> str:
        """The council that the story names; the only one there is; else "*"."""
        named = [council.slug for council in self.job.councils if _names(text, council.name)]
        if len(named) == 1:
            return named[0]
        return self.job.councils[0].slug if len(self.job.councils) == 1 else "*"


def _text(body: bytes) -> str:
    return "\n".join(paragraphs(main_content(soup(body))))


def _names(text: str, word: str) -> bool:
    """Whether the text holds the words as words, whatever its blanks, dashes and capitals.

    >>> _names("KCC\\u2019s leader at County\\u00a0hall", "County Hall"), _names("KCCs", "KCC")
    (True, False)
    """
    pattern = rf"(?<!\w){re.escape(matching(word))}(?!\w)"
    return any(re.search(pattern, form(text), re.IGNORECASE) for form in (collapse, matching))


def _parse_feed(body: bytes) -> Any:
    """feedparser's reading of the bytes. A stream, because it would take bytes for the name of a file."""
    return feedparser.parse(BytesIO(body))  # type: ignore[attr-defined, no-untyped-call]


def _entries(parsed: Any, feed_url: str) -> Iterator[Entry]:
    """The feed's entries that have an address, each identity once."""
    seen: set[str] = set()
    for raw in parsed.get("entries", []):
        link = raw.get("link") or (raw.get("id") if str(raw.get("id", "")).startswith("http") else "")
        title = _plain(raw.get("title", ""))
        url = join(feed_url, str(link or ""))
        if not link or not title or not url.startswith(("http://", "https://")):
            continue
        address = identify(url)
        if address.key in seen:
            continue
        seen.add(address.key)
        yield Entry(
            url=address.url,
            key=address.key,
            title=title,
            summary=_plain(raw.get("summary", "")),
            published=_moment(raw.get("published_parsed")),
            updated=_moment(raw.get("updated_parsed")),
        )


def _plain(html: str) -> str:
    """Text of a feed's HTML fragment."""
    return text_of(BeautifulSoup(f"<body>{html}</body>", "lxml"))


def _moment(parts: Any) -> datetime | None:
    """feedparser's time in UTC; None for what it could not read."""
    try:
        return datetime.fromtimestamp(timegm(parts), UTC) if parts else None
    except (TypeError, ValueError, OverflowError, OSError):
        return None


_STORY_PATH = re.compile(r"/(?:news|articles?|story|stories|blog|press|\d{4}/\d{1,2})/", re.IGNORECASE)
_CARDS = ("article", "li", "tr", "section", "div")


def _listed(page: BeautifulSoup, page_url: str) -> Iterator[Entry]:
    """Links of a listing page that lead to stories, by the publisher's numbering or by path and headline."""
    titles: dict[str, tuple[str, Tag]] = {}
    urls: dict[str, str] = {}
    here = identify(page_url).key
    for link in main_content(page).find_all("a", href=True):
        url = join(page_url, str(link["href"]))
        if not url.startswith(("http://", "https://")):
            continue
        address, title = identify(url), text_of(link)
        numbered = address.key.startswith("news:")
        headline = len(title.split()) >= 4 and _STORY_PATH.search(f"{urlsplit(url).path}/") is not None
        if address.key == here or not (numbered or headline):
            continue
        # A card links its picture, its headline and "Read more" to the same story.
        if address.key not in titles or len(title) > len(titles[address.key][0]):
            titles[address.key] = title, link
        urls.setdefault(address.key, address.url)
    for key, (title, link) in titles.items():
        if title:
            yield Entry(url=urls[key], key=key, title=title, summary=_teaser(link, title), published=None, updated=None)


def _teaser(link: Tag, title: str) -> str:
    """What the card around a headline says beside it; "" where it stands alone."""
    for parent in link.parents:
        if parent.name not in _CARDS:
            continue
        others = {identify_href for a in parent.find_all("a", href=True) if (identify_href := str(a["href"]))}
        if len(others) > 1:
            return ""
        rest = collapse(text_of(parent).replace(title, " "))
        if len(rest.split()) >= 6:
            return rest
    return ""


def sites(job: CrawlJob) -> list[str]:
    """The feeds and pages, whose publishers' sites this source may ask."""
    return [*job.feeds, *job.pages]
