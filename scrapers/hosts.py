"""Which addresses a crawl may ask. Pure.

Only the configured sites, over http and https, and nothing inside anybody's network: a link or a
redirect on a council's page must not be able to send us to a router or a cloud's metadata service.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address
from urllib.parse import urlsplit

import tldextract

from parsers.addresses import publisher_domains, site_of

# The bundled list of public suffixes: no look-up over the network, no cache on disk.
_suffixes = tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None)


@dataclass(frozen=True, slots=True)
class Allowed:
    """The sites of one crawl."""

    sites: frozenset[str]  # as parsers.addresses.site_of writes them
    domains: frozenset[str]  # registered domains with all below them
    private: bool  # whether addresses inside networks may be asked; only for a replica on this machine

    def refusal(self, url: str) -> str | None:
        """Why the URL may not be asked; None where it may."""
        try:
            parts = urlsplit(url)
            host = (parts.hostname or "").rstrip(".")
            port = parts.port
        except ValueError as error:
            return f"not an address: {error}"
        if parts.scheme not in ("http", "https"):
            return f"'{parts.scheme}:' is neither http nor https"
        if "@" in parts.netloc:
            return "an address with a user name in it"
        if not self.private and (address := _as_ip(host)) is not None and is_private(address):
            return f"{host} is inside a private network"
        if site_of(parts) in self.sites:
            return None
        if port in (None, 80, 443) and registered_domain(host) in self.domains:
            return None
        return f"{site_of(parts) or url!r} is not a configured site"


def allow(sites: Iterable[str] = (), feeds: Iterable[str] = (), *, private: bool) -> Allowed:
    """The list for base addresses (these hosts only) and for feeds (their publishers' whole domains)."""
    exact = {site_of(urlsplit(url)) for url in (*sites, *feeds)}
    domains: set[str] = set()
    for url in feeds:
        host = (urlsplit(url).hostname or "").rstrip(".")
        domains.update(publisher_domains(host) or filter(None, [registered_domain(host)]))
    return Allowed(frozenset(exact - {""}), frozenset(domains), private)


def registered_domain(host: str) -> str:
    """The part of a host name that its owner registered; "" for IP addresses and local names.

    >>> registered_domain("feeds.kentonline.co.uk"), registered_domain("127.0.0.1"), registered_domain("co.uk")
    ('kentonline.co.uk', '', '')
    """
    return _suffixes(host).top_domain_under_public_suffix.lower()


def is_private(address: IPv4Address | IPv6Address) -> bool:
    """Whether an address is not one of the public Internet: loopback, link-local, shared, reserved, ….

    >>> [is_private(ip_address(a)) for a in ("10.0.0.1", "169.254.169.254", "100.64.0.1", "::ffff:127.0.0.1")]
    [True, True, True, True]
    >>> is_private(ip_address("8.8.8.8"))
    False
    """
    if isinstance(address, IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour or (address.teredo and address.teredo[1])
        if inner:
            return is_private(inner)
    return not address.is_global or address.is_multicast or address.is_reserved


def _as_ip(host: str) -> IPv4Address | IPv6Address | None:
    """The address that a host written as a number means; inet_aton's odd spellings are no names either way."""
    try:
        return ip_address(host.strip("[]"))
    except ValueError:
        return None
