"""Why a request was not made, or its answer not taken.

NotTaken                is Scrapy's IgnoreRequest, so that middlewares may raise it
├── NotAllowed          the address is not one that we may ask
├── RobotsRefused       robots.txt says no, or could not be read
├── AskedToWait         the host asked us to stay away for now, or kept failing
└── OutOfTime           the crawl's deadline has come
PrivateAddress          a name resolved to an address inside somebody's network

What each of them, and each of Scrapy's, means for the source, and the sentence that says so.
"""

import re

from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadConnectionRefusedError,
    DownloadTimeoutError,
    IgnoreRequest,
    ResponseDataLossError,
)

from scrapers.classify import Trouble


class NotTaken(IgnoreRequest):
    """A request that was not made. `trouble` says what that means for the source."""

    trouble = Trouble.UNREACHABLE


class NotAllowed(NotTaken):
    """The scheme, host or port is not on the list."""

    trouble = Trouble.NOT_ALLOWED


class RobotsRefused(NotTaken):
    """robots.txt forbids the page, or could not be read, which means: wait."""

    trouble = Trouble.ROBOTS


class AskedToWait(NotTaken):
    """The host wants to be left alone for longer than this crawl lasts."""

    trouble = Trouble.WAITING


class OutOfTime(NotTaken):
    """No time is left in this crawl."""

    trouble = Trouble.OUT_OF_TIME


class PrivateAddress(Exception):
    """A public name that points into a private network; the message names both."""


def trouble_of(error: Exception) -> Trouble:
    """What a request's failure means for its source."""
    if isinstance(error, NotTaken):
        return error.trouble
    if isinstance(error, DownloadCancelledError) or "DOWNLOAD_MAXSIZE" in str(error):
        return Trouble.TOO_LARGE
    if isinstance(error, ResponseDataLossError):
        return Trouble.BROKEN
    if isinstance(error, IgnoreRequest):
        return Trouble.ERROR  # too many redirects
    return Trouble.NOT_ALLOWED if isinstance(error, PrivateAddress) else Trouble.UNREACHABLE


def reason_of(error: Exception) -> str:
    """The sentence for the operator."""
    words = " ".join(str(error).split())
    match trouble_of(error):
        case Trouble.TOO_LARGE:
            return "larger than the limit (crawl.max_bytes)"
        case Trouble.BROKEN:
            return "the answer broke off before its end"
        case Trouble.UNREACHABLE if isinstance(error, DownloadTimeoutError):
            return "no answer in time (crawl.timeout_seconds)"
        case Trouble.UNREACHABLE if isinstance(error, CannotResolveHostError):
            return "no such host, or no name server"
        case Trouble.UNREACHABLE if isinstance(error, DownloadConnectionRefusedError):
            return "the host refuses connections"
        case Trouble.UNREACHABLE if not isinstance(error, NotTaken):
            return f"no answer: {_TWISTED.sub(lambda match: match['words'], words) or type(error).__name__}"[:300]
    return words[:300]


# "[<twisted.python.failure.Failure twisted.internet.error.ConnectionDone: Connection was closed cleanly.>]"
_TWISTED = re.compile(r"\[?<twisted\.python\.failure\.Failure [\w.]+: (?P<words>.*?)>\]?")
