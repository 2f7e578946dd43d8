"""Names into addresses, refusing those inside private networks.

The check stands where the connection gets its address from, so that a name cannot answer one
address to the check and another to the connection.
"""

from collections.abc import Sequence
from ipaddress import ip_address

from scrapy.crawler import Crawler
from scrapy.resolver import CachingThreadedResolver
from twisted.internet.base import ReactorBase
from twisted.internet.defer import Deferred

from scrapers.errors import PrivateAddress
from scrapers.hosts import is_private

# Names that were refused, and why: on its way up Twisted turns every failure into "not found".
refused: dict[str, str] = {}


class GuardedResolver(CachingThreadedResolver):
    """Scrapy's resolver; a private address is a PrivateAddress failure unless the crawl allows them."""

    allow_private = False

    @classmethod
    def from_crawler(cls, crawler: Crawler, reactor: ReactorBase) -> "GuardedResolver":
        resolver = super().from_crawler(crawler, reactor)
        resolver.allow_private = crawler.settings.getbool("ALLOW_PRIVATE_ADDRESSES")
        return resolver

    def getHostByName(self, name: str, timeout: Sequence[int] = ()) -> "Deferred[str]":
        """The address of the name."""
        answer = super().getHostByName(name, timeout)
        return answer if self.allow_private else answer.addCallback(self._checked, name)

    @staticmethod
    def _checked(address: str, name: str) -> str:
        if is_private(ip_address(address)):
            refused[name.lower()] = f"{name} points to {address}, inside a private network"
            raise PrivateAddress(refused[name.lower()])
        return address
