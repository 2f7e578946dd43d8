"""Why a request was not made, or its answer not taken.

NotTaken                is Scrapy's IgnoreRequest, so that middlewares may raise it
├── NotAllowed          the address is not one that we may ask
├── RobotsRefused       robots.txt says no, or could not be read
├── AskedToWait         the host asked us to stay away for now, or kept failing
└── OutOfTime           the crawl's deadline has come
PrivateAddress          a name resolved to an address inside somebody's network
"""

from scrapy.exceptions import IgnoreRequest

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
