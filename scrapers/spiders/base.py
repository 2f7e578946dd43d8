"""What all spiders share: asking for a page, handing over what came, and keeping count.

A spider asks in the order in which it thinks (`answer = await self.ask(url)`), place by place and
several places at once; Scrapy's downloader with our middlewares does the asking. Spiders read pages
only to find links.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from time import monotonic
from typing import Any

from scrapy import Request, Spider
from scrapy.http import Response
from scrapy.http.request import NO_CALLBACK

import parsers
from db import Archive, Found
from db.errors import Damaged, StoreError
from parsers.addresses import repair
from parsers.errors import ParseError
from scrapers.classify import Shape, Trouble, Verdict
from scrapers.errors import reason_of, trouble_of
from scrapers.hosts import Allowed
from scrapers.items import Gone, Handed, Item, Seen
from scrapers.job import CrawlJob
from scrapers.middlewares import Recorder
from scrapers.pace import Pace
from scrapers.tally import Failure, Tally, Visit

log = logging.getLogger("scrapers")

PAGE = frozenset((Shape.HTML,))
PAPER = frozenset((Shape.PDF, Shape.OFFICE))
SERVICE = frozenset((Shape.XML,))
FEED = frozenset((Shape.FEED,))

PLACES_AT_ONCE = 8  # each host is asked one thing at a time all the same


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came of a request, whatever came of it."""

    url: str  # as asked
    body: bytes  # empty unless usable
    final_url: str
    media_type: str | None
    fetch_id: int | None
    trouble: Trouble | None  # None: usable, or unchanged
    reason: str | None  # there with every trouble
    unchanged: bool  # the server says so (304)

    @property
    def ok(self) -> bool:
        """Whether there is a body to use."""
        return self.trouble is None and not self.unchanged

    @property
    def refused(self) -> bool:
        """Whether the site does not want to be asked by us."""
        return self.trouble in (Trouble.BLOCKED, Trouble.CHALLENGED)


class SiteSpider(Spider):
    """A crawl of one source, place by place."""

    def __init__(self, job: CrawlJob, archive: Archive, pace: Pace, allowed: Allowed) -> None:
        super().__init__()
        self.job = job
        self.archive = archive
        self.pace = pace
        self.allowed = allowed
        self.tally = Tally()
        self._store_error: StoreError | None = None
        self._began = monotonic()

    def now(self) -> datetime:
        """The time (UTC): the parent's when it began this crawl, and what has passed since."""
        if self.job.now is None:
            return datetime.now(UTC)
        return self.job.now + timedelta(seconds=monotonic() - self._began)

    # What a spider of its own says

    def visits(self) -> Sequence[tuple[Visit, AsyncIterator[Item]]]:
        """The places to go, each with what it will yield."""
        raise NotImplementedError

    # The crawl

    async def start(self) -> AsyncIterator[Item]:
        """All items of all visits, as they come."""
        gate = asyncio.Semaphore(PLACES_AT_ONCE)
        queue: asyncio.Queue[Item | None] = asyncio.Queue(maxsize=4)
        tasks = [asyncio.ensure_future(self._pursue(visit, items, gate, queue)) for visit, items in self.visits()]
        open_visits = len(tasks)
        try:
            while open_visits:
                item = await queue.get()
                if item is None:
                    open_visits -= 1
                else:
                    yield item
                self._stop_on_store_error()
        finally:
            for task in tasks:
                task.cancel()

    async def _pursue(
        self, visit: Visit, items: AsyncIterator[Item], gate: asyncio.Semaphore, queue: "asyncio.Queue[Item | None]"
    ) -> None:
        """One visit to its end. What goes wrong in it stays in it."""
        try:
            async with gate:
                async for item in items:
                    await queue.put(item)
                self._close(visit)
        except StoreError as error:
            self.store_failed(error)
        except Exception as error:  # noqa: BLE001 - the other places go on
            self._stumbled(visit, "", error)
            self._close(visit)
        finally:
            await queue.put(None)

    async def apart(
        self, visit: Visit, url: str, items: AsyncIterator[Item], *, is_part: bool = False
    ) -> AsyncIterator[Item]:
        """The items of one page and what it leads to. What goes wrong in it is noted and stays in it.

        A part is one of many: a meeting, a story, a case. One that is broken does not make the source so.
        """
        visit.parts += is_part
        try:
            async for item in items:
                yield item
        except StoreError:
            raise
        except Exception as error:  # noqa: BLE001 - the others beside it go on
            self._stumbled(visit, url, error, is_part=is_part)

    def _stumbled(self, visit: Visit, url: str, error: Exception, *, is_part: bool = False) -> None:
        log.exception("visit place=%s failed url=%s", visit.place, url)
        if isinstance(error, ParseError):
            self.broken(visit, url, str(error), is_part=is_part)
            return
        reason = f"the spider failed: {type(error).__name__}: {error}"
        visit.counts["failed"] += 1
        visit.problem(Trouble.ERROR, f"{url}: {reason}" if url else reason, of_part=is_part)
        self.tally.failures.append(Failure(visit.place, url, "failing", reason))

    def _close(self, visit: Visit) -> None:
        self.tally.closed(visit)
        if self.pace.left() <= 0 and not visit.problems:
            return  # what was not reached says nothing about the source
        state, reason = visit.state()
        self.archive.set_source_state(self.job.source, visit.place, state, reason, self.now())
        log.info("visit place=%s state=%s%s", visit.place, state, f" reason={reason!r}" if reason else "")

    def store_failed(self, error: StoreError) -> None:
        """The archive cannot be written: the crawl ends, and says so."""
        self._store_error = self._store_error or error
        self.tally.error = f"the archive: {self._store_error}"

    def _stop_on_store_error(self) -> None:
        if self._store_error is not None:
            raise self._store_error

    # Asking

    async def ask(
        self,
        url: str,
        *,
        wants: frozenset[Shape],
        unless_held: str = "",
        no_use: Callable[[bytes], str | None] | None = None,
    ) -> Answer:
        """The answer to a GET; never raises for what the web does.

        `unless_held` is the key of a document: the server may say that nothing changed since what the
        archive holds of it, if the archive does. `no_use` says why a body is none of our business; that
        is noted with the request itself, so that a decision once made is never lost.
        """
        url = repair(url)
        self._stop_on_store_error()
        if self.pace.left() <= 0:
            return _no_answer(url, Trouble.OUT_OF_TIME, "the crawl's time is over; the next one goes on here")
        meta: dict[str, Any] = {
            "wants": wants,
            "conditional": bool(unless_held) and self.held_body(unless_held) is not None,
            "no_use": no_use,
        }
        try:
            request = Request(url, meta=meta, callback=NO_CALLBACK, dont_filter=True)
            response = await self.crawler.engine.download_async(request)
        except StoreError as error:
            self.store_failed(error)
            raise
        except ValueError as error:
            return _no_answer(url, Trouble.NOT_ALLOWED, f"not an address: {error}")
        except Exception as error:  # noqa: BLE001 - what the web does comes as many exceptions
            recorder = self.crawler.get_downloader_middleware(Recorder)
            if recorder is not None and not isinstance(error, RuntimeError):
                recorder.note_failure(request, error)
            return _no_answer(url, trouble_of(error), reason_of(error))
        return _answer(url, response)

    def failed(self, visit: Visit, answer: Answer) -> None:
        """Count what could not be had. Why things were not even asked for is told once."""
        assert answer.trouble is not None
        failure = Failure(visit.place, answer.url, answer.trouble, answer.reason or "")
        if answer.trouble in (Trouble.OUT_OF_TIME, Trouble.WAITING):
            visit.counts["not_asked"] += 1
            visit.problem(answer.trouble, failure.reason)
            if any((other.trouble, other.reason) == (failure.trouble, failure.reason) for other in self.tally.failures):
                return
        visit.counts["failed"] += 1
        self.tally.failures.append(failure)

    def broken(self, visit: Visit, url: str, reason: str, *, is_part: bool = False) -> None:
        """A page that does not have its shape any more."""
        visit.counts["failed"] += 1
        visit.problem(None, reason, of_part=is_part)
        self.tally.failures.append(Failure(visit.place, url, "changed", reason))

    # Handing over

    def handed(self, found: Found, answer: Answer) -> Item:
        """The item for what came: a document, or a note that it stands unchanged."""
        if answer.unchanged:
            return Seen(key=found.key)
        return Handed(found=found, body=answer.body, fetch_id=answer.fetch_id)

    def missing(self, key: str, answer: Answer) -> list[Item]:
        """What to note where a document could not be had."""
        return [Gone(key=key)] if answer.trouble is Trouble.GONE else []

    # What the archive remembers

    def last_asked(self, *urls: str, no_use: str = "") -> datetime | None:
        """When one of the addresses last gave what was kept, or said that nothing changed, or was of `no_use`.

        An answer that came and was not kept is no answer: the program may have been killed in between.
        """
        rows = self.archive.rows(
            f"select max(fetched_at) as at from fetches where url in ({', '.join('?' for _ in urls)})"  # noqa: S608
            " and (error is null and (status = 304 or version_id is not null) or error = ?)",
            (*urls, no_use),
        )
        at = rows[0]["at"] if rows else None
        return datetime.fromisoformat(at) if at else None

    def asked_within(self, age: timedelta, *urls: str) -> bool:
        """Whether one of the addresses gave what was kept, or said that nothing changed, so recently."""
        at = self.last_asked(*urls)
        return at is not None and self.now() - at < age

    def missed_within(self, age: timedelta, url: str) -> bool:
        """Whether the site said so recently that there is nothing at the address."""
        since = (self.now() - age).isoformat(timespec="seconds")
        return bool(
            self.archive.rows(
                "select 1 from fetches where url = ? and status in (404, 410) and fetched_at > ? limit 1", (url, since)
            )
        )

    def differs(self, key: str, body: bytes, *, url: str) -> bool:
        """Whether a page says anything that its newest version in the archive does not."""
        held = self.held_body(key)
        return held is None or fingerprint(held, url=url) != fingerprint(body, url=url)

    def held_body(self, key: str) -> bytes | None:
        """The newest version of a document; None where the archive holds none, or not its bytes as they were."""
        known = self.archive.known_document(key)
        if known is None or known.sha256 is None:
            return None
        try:
            return self.archive.blob(known.sha256)
        except Damaged as error:  # what the site still has is fetched again
            log.warning("lost key=%s %s", key, error)
            return None

    def window(self) -> tuple[date, date]:
        """First and last day of the meetings to look at."""
        first = self.job.since or self.job.today - timedelta(days=self.job.look_back_days)
        return first, self.job.today + timedelta(days=self.job.look_ahead_days)


def fingerprint(body: bytes, *, url: str, media_type: str | None = None) -> str:
    """Key of what matters in the body; page furniture and dates of generation left out."""
    return parsers.fingerprint(body, url=url, media_type=media_type or "")


def _answer(url: str, response: Response) -> Answer:
    meta = response.request.meta if response.request is not None else {}
    verdict: Verdict = meta.get("verdict") or Verdict(shape=Shape.NONE, trouble=Trouble.ERROR, reason="not recorded")
    media_type = (response.headers.get("Content-Type") or b"").decode("latin-1").partition(";")[0].strip().lower()
    return Answer(
        url=url,
        body=response.body if verdict.trouble is None else b"",
        final_url=response.url,
        media_type=media_type or None,
        fetch_id=meta.get("fetch_id"),
        trouble=verdict.trouble,
        reason=verdict.reason,
        unchanged=response.status == 304,
    )


def _no_answer(url: str, trouble: Trouble, reason: str) -> Answer:
    return Answer(
        url=url,
        body=b"",
        final_url=url,
        media_type=None,
        fetch_id=None,
        trouble=trouble,
        reason=reason,
        unchanged=False,
    )
