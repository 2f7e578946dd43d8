"""Politeness and caution, once for all spiders.

On its way out a request passes AllowList, Robots, BackOff and Conditional; on its way in the answer
passes Compression, Recorder, Scrapy's redirects, and BackOff. A redirect or a repetition goes out as a
new request and passes everything again.
"""

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime
from typing import Protocol, cast
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.httpcompression import HttpCompressionMiddleware
from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    ResponseDataLossError,
)
from scrapy.http import Response
from scrapy.http.request import NO_CALLBACK
from scrapy.robotstxt import ProtegoRobotParser, RobotParser

from db import Archive, Fetch
from scrapers import resolver
from scrapers.classify import Shape, Trouble, Verdict, classify
from scrapers.errors import AskedToWait, NotAllowed, OutOfTime, PrivateAddress, RobotsRefused, reason_of, trouble_of
from scrapers.hosts import Allowed
from scrapers.job import CrawlJob
from scrapers.pace import Pace, retry_after
from scrapers.tally import Tally

log = logging.getLogger("scrapers")


class Crawling(Protocol):
    """What a spider has that is asked for here."""

    job: CrawlJob
    archive: Archive
    pace: Pace
    allowed: Allowed
    tally: Tally

    def now(self) -> datetime:
        """The time (UTC) as the crawl counts it."""
        ...


class _Middleware:
    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> "_Middleware":
        return cls(crawler)

    @property
    def spider(self) -> Crawling:
        return cast("Crawling", self.crawler.spider)


class AllowList(_Middleware):
    """Only configured sites are asked, on every hop."""

    def process_request(self, request: Request) -> None:
        """Raise NotAllowed for any other address."""
        refusal = self.spider.allowed.refusal(request.url)
        if refusal is not None:
            raise NotAllowed(f"{request.url}: {refusal}")


class Robots(_Middleware):
    """robots.txt as RFC 9309 has it: 4xx means that there are no rules, 5xx and silence mean wait."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._rules: dict[str, asyncio.Task[RobotParser]] = {}
        self._name = crawler.settings["USER_AGENT"].split("/")[0].split()[0]

    async def process_request(self, request: Request) -> None:
        """Raise RobotsRefused for what the site does not want asked."""
        if request.meta.get("robots"):
            return
        parts = urlsplit(request.url)
        site = f"{parts.scheme}://{parts.netloc}"
        if site not in self._rules:
            self._rules[site] = asyncio.ensure_future(self._read(f"{site}/robots.txt"))
        rules = await asyncio.shield(self._rules[site])
        if not rules.allowed(request.url, self._name):
            raise RobotsRefused(f"{request.url}: robots.txt does not want it asked")

    async def _read(self, url: str) -> RobotParser:
        request = Request(url, meta={"robots": True}, callback=NO_CALLBACK)
        try:
            response = await self.crawler.engine.download_async(request)
        except (AskedToWait, OutOfTime):
            raise
        except Exception as error:
            raise RobotsRefused(f"{url} could not be read, so nothing is asked: {reason_of(error)}") from error
        if response.status >= 500 or response.status == 429:
            verdict = verdict_of(request)
            what = verdict.reason if verdict and verdict.trouble else f"HTTP {response.status}"
            refusal = RobotsRefused(f"{url} answered with {what}, so nothing is asked until it answers")
            if verdict is not None and verdict.trouble is Trouble.CHALLENGED:
                refusal.trouble = Trouble.CHALLENGED
            raise refusal
        rules = ProtegoRobotParser(response.body if response.status == 200 else b"", self.crawler.spider)
        if (delay := rules.crawl_delay(self._name)) is not None:
            self.spider.pace.space(url, delay)
        return rules


# Worth a second try after a pause; 403 comes from some of these sites after a burst.
_PASSING = frozenset((403, 408, 425, 429, 500, 502, 503, 504, 520, 521, 522, 523, 524))
_PASSING_ERRORS = (
    CannotResolveHostError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    ResponseDataLossError,
)


class BackOff(_Middleware):
    """Waits as long as a host asks for, or ever longer; leaves alone for this crawl what keeps failing."""

    async def process_request(self, request: Request) -> None:
        """Wait for the host's turn."""
        pace = self.spider.pace
        if (refusal := pace.refusal(request.url)) is not None:
            raise AskedToWait(refusal)
        wait = pace.reserve(request.url)
        if wait >= pace.left():
            raise OutOfTime("the crawl's time is over; the next one goes on here")
        if wait > 0:
            await asyncio.sleep(wait)

    def process_response(self, request: Request, response: Response) -> Request | Response:
        """The answer, or the request once more."""
        pace = self.spider.pace
        if _is_refusal(request):
            pace.failed(request.url, "a challenge or login page")
            return response
        if response.status not in _PASSING or _is_plain_no(request, response):
            pace.succeeded(request.url)
            return response
        asked_for = retry_after(_header(response, "Retry-After"), self.spider.now())
        again = self._again(request, asked_for)
        if again is None:
            pace.failed(request.url, f"HTTP {response.status}")
        return again or response

    def process_exception(self, request: Request, exception: Exception) -> Request | None:
        """The request once more, where its failure may pass."""
        if not isinstance(exception, _PASSING_ERRORS):
            return None
        again = self._again(request, None)
        if again is None:
            self.spider.pace.failed(request.url, reason_of(exception))
        return again

    def _again(self, request: Request, asked_for: float | None) -> Request | None:
        """The request once more, with its host left alone until then."""
        pace, tries = self.spider.pace, int(request.meta.get("tries", 0))
        pauses = pace.pauses
        # A host that names its time is believed even when there will be no repetition.
        seconds = asked_for if asked_for is not None else pauses[min(tries, len(pauses) - 1)]
        if tries >= len(pauses):
            if asked_for is not None:
                pace.pause(request.url, asked_for)
            return None
        if not pace.pause(request.url, seconds):
            return None
        return request.replace(meta={**request.meta, "tries": tries + 1}, dont_filter=True)


def _is_refusal(request: Request) -> bool:
    """Whether the answer is a challenge, to which asking again would be rude."""
    verdict = verdict_of(request)
    return verdict is not None and verdict.trouble is Trouble.CHALLENGED


def _is_plain_no(request: Request, response: Response) -> bool:
    """Whether the status is an answer after all: a service that is switched off, a robots.txt that is not public."""
    if response.status == 500:
        return ".asmx/" in request.url.lower()
    return response.status == 403 and bool(request.meta.get("robots"))


class Conditional(_Middleware):
    """Asks "has it changed?" where the archive holds the server's own words about what it sent last."""

    def process_request(self, request: Request) -> None:
        """Add If-None-Match and If-Modified-Since."""
        if not request.meta.get("conditional") or request.meta.get("redirect_times"):
            return
        held = self.spider.archive.validators(request.url)
        if held is None:
            return
        if held.etag:
            request.headers["If-None-Match"] = held.etag
        if held.last_modified:
            request.headers["If-Modified-Since"] = held.last_modified


class Compression(HttpCompressionMiddleware):
    """Scrapy's, which leaves the length of the compressed body standing beside the body."""

    def process_response(self, request: Request, response: Response) -> Request | Response:  # type: ignore[override]
        """The answer as it was before it was compressed."""
        compressed = "Content-Encoding" in response.headers
        answer = super().process_response(request, response)
        if compressed and isinstance(answer, Response):
            answer.headers.pop("Content-Length", None)
        return answer


class Recorder(_Middleware):
    """A row in `fetches` for every request, whatever came of it; the verdict goes along in the request's meta."""

    def process_response(self, request: Request, response: Response) -> Response:
        """The answer, noted."""
        headers = {
            name.decode("latin-1").lower(): b", ".join(values).decode("latin-1")
            for name, values in response.headers.items()
        }
        hop = response.status in (301, 302, 303, 307, 308) and "location" in headers
        if hop or response.status == 304:
            verdict = Verdict(shape=Shape.NONE)
        else:
            verdict = classify(response.status, headers, response.url, response.body)
            verdict = _as_wanted(verdict, request, response)
        if request.meta.get("robots") and verdict.trouble is not Trouble.CHALLENGED:
            verdict = Verdict(shape=Shape.NONE)  # any answer of a site about its robots.txt is one
        self._note(
            request,
            verdict,
            Fetch(
                url=request.url if hop else asked(request),
                final_url=response.url,
                status=response.status,
                seconds=request.meta.get("download_latency"),
                body=response.body,
                media_type=headers.get("content-type", "").partition(";")[0].strip().lower() or None,
                etag=headers.get("etag"),
                last_modified=headers.get("last-modified"),
                source=self.spider.job.source,
                error=verdict.reason,
                run_id=self.spider.job.run_id,
            ),
        )
        return response

    def process_exception(self, request: Request, exception: Exception) -> None:
        """Note why no answer came; requests that we chose not to make for lack of time are not requests."""
        host = (urlsplit(request.url).hostname or "").lower()
        if isinstance(exception, CannotResolveHostError) and host in resolver.refused:
            refusal = PrivateAddress(resolver.refused[host])
            self.note_failure(request, refusal)
            raise refusal from exception
        if not isinstance(exception, (AskedToWait, OutOfTime)):
            self.note_failure(request, exception)

    def note_failure(self, request: Request, exception: Exception) -> None:
        """Note a request without a usable answer, once."""
        if request.meta.get("noted") == _attempt(request):
            return
        reason = reason_of(exception)
        verdict = Verdict(shape=Shape.NONE, trouble=trouble_of(exception), reason=reason)
        fetch = Fetch(url=asked(request), source=self.spider.job.source, error=reason, run_id=self.spider.job.run_id)
        self._note(request, verdict, fetch)

    def _note(self, request: Request, verdict: Verdict, fetch: Fetch) -> None:
        request.meta["fetch_id"] = self.spider.archive.record_fetch(fetch, self.spider.now())
        request.meta["verdict"] = verdict
        request.meta["noted"] = _attempt(request)
        self.spider.tally.counts["requests"] += 1
        size = "" if fetch.body is None else f" bytes={len(fetch.body)}"
        error = f" error={fetch.error!r}" if fetch.error else ""
        log.info("fetch url=%s status=%s%s%s", fetch.url, fetch.status, size, error)


def _attempt(request: Request) -> tuple[str, int]:
    """Which of a request's hops and repetitions this is; its meta goes along from one to the next."""
    return request.url, request.meta.get("tries", 0)


def _as_wanted(verdict: Verdict, request: Request, response: Response) -> Verdict:
    """The verdict, where the request said which shapes it wants, and of what it has no use."""
    wants: frozenset[Shape] | None = request.meta.get("wants")
    if verdict.trouble is not None or wants is None:
        return verdict
    if verdict.shape in wants:
        return _as_ours(verdict, request, response)
    wanted = " or ".join(sorted(wants))
    reason = f"expected {wanted}, found {verdict.shape}: {_beginning(response.body)}"
    return Verdict(shape=verdict.shape, trouble=Trouble.UNEXPECTED, reason=reason)


def _as_ours(verdict: Verdict, request: Request, response: Response) -> Verdict:
    """The verdict, where the request said how to tell what is none of our business."""
    no_use: Callable[[bytes], str | None] | None = request.meta.get("no_use")
    try:
        reason = no_use(response.body) if no_use is not None else None
    except Exception as error:  # the other requests go on
        log.exception("url=%s cannot be judged", request.url)
        reason = f"cannot be read: {type(error).__name__}: {error}"
        return Verdict(shape=verdict.shape, trouble=Trouble.UNEXPECTED, reason=reason)
    return verdict if reason is None else Verdict(shape=verdict.shape, trouble=Trouble.NOT_OURS, reason=reason)


def _beginning(body: bytes) -> str:
    return repr(" ".join(body[:80].decode("utf-8", "replace").split()))


def verdict_of(request: Request) -> Verdict | None:
    """What the recorder made of the request's answer."""
    verdict: Verdict | None = request.meta.get("verdict")
    return verdict


def asked(request: Request) -> str:
    """The address that was asked for at first, before redirects."""
    urls: list[str] = request.meta.get("redirect_urls") or [request.url]
    return urls[0]


def _header(response: Response, name: str) -> str | None:
    value = response.headers.get(name)
    return None if value is None else value.decode("latin-1")
