"""The spider for the Ombudsman's pages on each council: the year's statistics and what they link to.

The site keeps ordinary decisions for a few years only: what is gone there stays here.
"""

import re
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from urllib.parse import parse_qsl, urlencode, urlsplit

from bs4 import Tag

from db import Found
from parsers.addresses import identify, join, same_site
from parsers.html import main_content, soup, text_of
from scrapers.classify import Trouble
from scrapers.items import Item, Seen
from scrapers.job import CouncilJob, CrawlJob
from scrapers.spiders.base import PAGE, PAPER, Answer, SiteSpider, fingerprint
from scrapers.tally import Visit

PAGES_OF_A_LIST = 50
A_DAY = timedelta(hours=20)
A_WEEK = timedelta(days=6, hours=20)


class OmbudsmanSpider(SiteSpider):
    """See the module."""

    name = "ombudsman"

    def visits(self) -> Sequence[tuple[Visit, AsyncIterator[Item]]]:
        """One for each council that the Ombudsman's site knows."""
        councils = [(council, Visit(council.slug)) for council in self.job.councils if council.ombudsman]
        return [(visit, self._council(council, visit)) for council, visit in councils]

    @property
    def base(self) -> str:
        """The site's address, with a slash at its end."""
        return self.job.ombudsman_url.rstrip("/") + "/"

    async def _council(self, council: CouncilJob, visit: Visit) -> AsyncIterator[Item]:
        url = f"{self.base}your-councils-performance/{council.ombudsman}/statistics"
        key = identify(url, base=self.base).key
        answer = await self.ask(url, wants=PAGE, unless_held=key)
        if answer.trouble is not None:
            visit.problem(answer.trouble, answer.reason or "")
            self.failed(visit, answer)
            for item in self.missing(key, answer):
                yield item
            return
        yield self._page(council, url, answer, title=f"{council.name}: statistics")
        visit.counts["pages"] += 1
        # An unchanged page still leads to pages that may have changed.
        body = answer.body if answer.ok else self.held_body(key) or b""
        links = _Links(body, answer.final_url, self.base, council.ombudsman)
        async for item in self.apart(visit, url, self._improvements(council, visit, links)):
            yield item
        for target, title in links.reports.items():
            async for item in self.apart(visit, target, self._case(council, visit, target, title), is_part=True):
                yield item
        for target in links.listings:
            async for item in self.apart(visit, target, self._listing(council, visit, target)):
                yield item

    async def _improvements(self, council: CouncilJob, visit: Visit, links: "_Links") -> AsyncIterator[Item]:
        """The list of service improvements with all its pages, and the decisions that it links to."""
        waiting = list(links.improvements)
        guess = f"{self.base}your-councils-performance/{council.ombudsman}/serviceimprovements"
        if not waiting and self.archive.has_version(identify(guess, base=self.base).key):
            waiting = [guess]  # the link is gone; the page may be there still
        seen: set[str] = set()
        cases: dict[str, str] = {}
        while waiting and len(seen) < PAGES_OF_A_LIST:
            url = waiting.pop(0)
            key = identify(url, base=self.base).key
            if key in seen:
                continue
            seen.add(key)
            answer = await self.ask(url, wants=PAGE, unless_held=key)
            if answer.trouble is not None:
                visit.problem(answer.trouble, answer.reason or "")
                self.failed(visit, answer)
                for item in self.missing(key, answer):
                    yield item
                continue
            yield self._page(council, url, answer, title=f"{council.name}: service improvements")
            visit.counts["pages"] += 1
            body = answer.body if answer.ok else self.held_body(key) or b""
            found = _Links(body, answer.final_url, self.base, council.ombudsman)
            waiting += [more for more in found.improvements if _is_next(more, url)]
            cases |= found.cases
        for target, title in cases.items():
            async for item in self.apart(visit, target, self._case(council, visit, target, title), is_part=True):
                yield item

    async def _listing(self, council: CouncilJob, visit: Visit, first: str) -> AsyncIterator[Item]:
        """A list of the council's decisions, newest first: its first page each time, the others once.

        Each visit goes along the whole list, through what is held, to wherever the last one stopped.
        """
        url: str | None = first
        for _ in range(PAGES_OF_A_LIST):
            if url is None or (key := identify(url, base=self.base).key) in visit.taken:
                return
            visit.taken.add(key)
            if url != first and self.job.since is None:
                if (held := self.held_body(key)) is not None:
                    url = _Links(held, url, self.base, council.ombudsman).next_page(url)
                    continue
                if self.missed_within(A_WEEK, url):
                    return
            answer = await self.ask(url, wants=PAGE, unless_held=key)
            if answer.trouble is not None:
                # The list tells what single pages tell too: its loss is not the source's.
                if answer.trouble is not Trouble.GONE:
                    self.failed(visit, answer)
                return
            yield self._page(council, url, answer, title=f"{council.name}: decisions")
            visit.counts["pages"] += 1
            body = answer.body if answer.ok else self.held_body(key) or b""
            url = _Links(body, answer.final_url, self.base, council.ombudsman).next_page(url)

    async def _case(self, council: CouncilJob, visit: Visit, url: str, title: str) -> AsyncIterator[Item]:
        """A report's or decision's page. Asked once, then weekly: a line on the council's answer may follow."""
        key = identify(url, base=self.base).key
        if key in visit.taken:
            return
        visit.taken.add(key)
        often = A_DAY if self.archive.validators(url) is not None else A_WEEK
        if self.archive.has_version(key) and self.asked_within(often, url):
            yield Seen(key=key)
            return
        if self.missed_within(A_WEEK, url):
            visit.counts["expired"] += 1
            return
        answer = await self.ask(url, wants=PAGE | PAPER, unless_held=key)
        if answer.trouble is Trouble.GONE:
            # Decisions expire after some years while the pages that cite them stay.
            visit.counts["expired"] += 1
            for item in self.missing(key, answer):
                yield item
        elif answer.trouble is not None:
            self.failed(visit, answer)
            if answer.refused:
                visit.problem(answer.trouble, answer.reason or "")
        else:
            visit.counts["cases"] += 1
            yield self._page(council, url, answer, title=title)

    def _page(self, council: CouncilJob, url: str, answer: Answer, *, title: str) -> Item:
        address = identify(url, base=self.base)
        found = Found(
            key=address.key,
            url=address.url,
            source=self.name,
            council=council.slug,
            media_type=answer.media_type,
            title=title or None,
            content_key=fingerprint(answer.body, url=url, media_type=answer.media_type) if answer.ok else "",
        )
        return self.handed(found, answer)


class _Links:
    """The links of one page that lead on."""

    def __init__(self, body: bytes, page_url: str, base: str, slug: str) -> None:
        self.improvements: dict[str, str] = {}  # address to link text
        self.reports: dict[str, str] = {}  # public reports: cases, news and files
        self.cases: dict[str, str] = {}  # decisions, anywhere on the page
        self.listings: dict[str, str] = {}  # lists of decisions that name an authority
        self.all: list[str] = []
        content = main_content(soup(body))
        for link in content.find_all("a", href=True):
            target = join(page_url, str(link["href"]))
            self.all.append(target)
            if not same_site(target, base):
                continue
            address = identify(target, base=base)
            title = text_of(link)
            kind = address.key.split(f":{slug.lower()}:")[-1].partition("?")[0]
            if kind == "serviceimprovements":
                self.improvements.setdefault(address.url, title)
            elif re.search(r":decisions\?.*\baname=", address.key):
                self.listings.setdefault(address.url, title)
            elif re.search(r":decision:\d\d-\d{3}-\d{3}", address.key):
                self.cases.setdefault(address.url, title)
                if _under_reports(link):
                    self.reports.setdefault(address.url, title)
            elif _under_reports(link) and _is_report(address.key):
                self.reports.setdefault(address.url, title)

    def next_page(self, url: str) -> str | None:
        """The page of the same list after this one, if the page links it in whatever way."""
        parts = urlsplit(url)
        number = str(int(_page_number(url) or 1) + 1)
        if not any(urlsplit(link).path == parts.path and _page_number(link) == number for link in self.all):
            return None
        # The same filters: a link that drops them would lead to everybody's decisions.
        query = [pair for pair in parse_qsl(parts.query) if pair[0].lower() != "page"]
        return parts._replace(query=urlencode([*query, ("page", number)])).geturl()


def _under_reports(link: Tag) -> bool:
    """Whether the section that the link stands in is that of the public reports."""
    heading = link.find_previous(["h1", "h2", "h3"])
    while isinstance(heading, Tag) and heading in link.parents:  # a heading that is itself the link
        heading = heading.find_previous(["h1", "h2", "h3"])
    for _ in range(12):  # titles of single reports may be headings themselves
        if not isinstance(heading, Tag):
            return False
        words = text_of(heading).lower()
        if re.match(r"(?:public (?:interest )?)?reports?\b", words):
            return True
        if heading.name in ("h1", "h2") or heading.find("a") is None:
            return False
        heading = heading.find_previous(["h1", "h2", "h3"])
    return False


def _is_report(key: str) -> bool:
    """Whether a link in the section of reports leads to one, rather than to a form or a list."""
    return ":news:" in key or key.lower().endswith(".pdf")


def _is_next(url: str, page: str) -> bool:
    """Whether a link leads to another page of the same list, with the same filters."""
    return _filters(url) == _filters(page) and _page_number(url) is not None


def _filters(url: str) -> list[tuple[str, str]]:
    return sorted(pair for pair in parse_qsl(urlsplit(url).query) if pair[0].lower() not in ("page", "p", "pg"))


def _page_number(url: str) -> str | None:
    numbers = (v for k, v in parse_qsl(urlsplit(url).query) if k.lower() in ("page", "p", "pg"))
    return next((number for number in numbers if number.isdigit()), None)


def sites(job: CrawlJob) -> list[str]:
    """The sites that this source may ask."""
    return [job.ombudsman_url]
