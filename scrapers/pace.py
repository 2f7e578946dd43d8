"""How fast, and for how long, each host may be asked. Decisions only; sleeping is the middleware's business."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from time import monotonic
from urllib.parse import urlsplit

LONGEST_WAIT = 3600.0  # seconds; who asks for more is left alone for this crawl
GIVE_UP_AFTER = 3  # requests in a row that failed for good
LONGEST_CRAWL_DELAY = 60.0


@dataclass
class Pace:
    """What the crawl's hosts have asked for, and what is left of the crawl's time."""

    delay: float  # seconds between two requests, as configured
    deadline: float  # by the clock below
    clock: Callable[[], float] = monotonic
    _not_before: dict[str, float] = field(default_factory=dict)
    _spacing: dict[str, float] = field(default_factory=dict)
    _failed: dict[str, int] = field(default_factory=dict)
    _closed: dict[str, str] = field(default_factory=dict)

    @property
    def pauses(self) -> tuple[float, ...]:
        """Pauses before the first and the second repetition: half a minute and two minutes at the usual delay."""
        return self.delay * 10, self.delay * 40

    def left(self) -> float:
        """Seconds left of the crawl."""
        return self.deadline - self.clock()

    def refusal(self, url: str) -> str | None:
        """Why the address is not to be asked any more in this crawl."""
        return self._closed.get(_host(url)) or self._closed.get(_lane(url))

    def reserve(self, url: str) -> float:
        """Seconds to wait before the next request to the host, which is now taken to be this one."""
        host, now = _host(url), self.clock()
        at = max(now, self._not_before.get(host, 0.0))
        if spacing := self._spacing.get(host):
            self._not_before[host] = at + spacing
        return at - now

    def space(self, url: str, seconds: float) -> None:
        """The host's robots.txt asks for this long between two requests."""
        self._spacing[_host(url)] = min(seconds, LONGEST_CRAWL_DELAY)

    def pause(self, url: str, seconds: float) -> bool:
        """Leave the host alone for so long; False, and for the rest of the crawl, where that is too long."""
        host = _host(url)
        if seconds > LONGEST_WAIT or seconds > self.left():
            self._closed[host] = f"{host} asked us to wait {seconds:.0f} seconds"
            return False
        self._not_before[host] = max(self._not_before.get(host, 0.0), self.clock() + seconds)
        return True

    def failed(self, url: str, reason: str) -> None:
        """A request failed for good. Enough of them in a row close what lies beside it on the host."""
        lane = _lane(url)
        self._failed[lane] = self._failed.get(lane, 0) + 1
        if self._failed[lane] >= GIVE_UP_AFTER:
            self._closed[lane] = f"{self._failed[lane]} requests in a row failed, the last with: {reason}"

    def succeeded(self, url: str) -> None:
        """The host answers."""
        self._failed.pop(_lane(url), None)


def _host(url: str) -> str:
    return urlsplit(url).netloc.lower()


def _lane(url: str) -> str:
    """Part of a host that tends to fail as one: some sites refuse their pages and answer their web service."""
    parts = urlsplit(url)
    name = parts.path.lower().rpartition("/")[2]
    path = parts.path.lower()
    if ".asmx/" in path:
        kind = "service"
    elif "/documents/" in path or name in ("mgconvert2pdf.aspx", "robots.txt") or name.endswith(".pdf"):
        kind = "files"
    else:
        kind = "pages"
    return f"{parts.netloc.lower()} {kind}"


def retry_after(header: str | None, now: datetime) -> float | None:
    """Seconds that a Retry-After header asks for, in either of its forms.

    >>> retry_after("120", datetime(2026, 1, 1, tzinfo=UTC))
    120.0
    >>> retry_after("Thu, 01 Jan 2026 00:00:30 GMT", datetime(2026, 1, 1, tzinfo=UTC))
    30.0
    >>> retry_after("soon", datetime(2026, 1, 1, tzinfo=UTC)) is None
    True
    """
    text = (header or "").strip()
    if text.isdigit():
        return float(text[:9])
    try:
        at = parsedate_to_datetime(text)
    except ValueError:
        return None
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    return max(0.0, (at - now).total_seconds())
