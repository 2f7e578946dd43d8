"""Which document a URL means, however the URL is spelled.

The three platforms name a document by a number or a slug; host, scheme, port, case and
order of parameters and the file name all vary. `identify` gives the one key that all
spellings share, and the address to ask for it.

    >>> identify("https://democracy.kent.gov.uk:9071/mgAi.aspx?id=66160&txtonly=1").key
    'moderngov:democracy.kent.gov.uk:aid:66160'
    >>> identify("http://127.0.0.1:8000/mg/documents/g9476/Printed minutes.pdf?T=1").key
    'moderngov:127.0.0.1:8000/mg:g9476:T1'
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import SplitResult, parse_qsl, quote, unquote, urlencode, urljoin, urlsplit, urlunsplit


@dataclass(frozen=True, slots=True)
class Address:
    """A document's identity and where to ask for it."""

    key: str  # the same for all spellings: "moderngov:democracy.kent.gov.uk:s129436"
    url: str  # canonical address, on the configured site where it is that site's


def identify(url: str, *, base: str = "") -> Address:
    """The document that the URL means. `base` is the configured site: its other spellings are folded into it."""
    parts = _clean_parts(url)
    if base:
        parts = _on_base(parts, urlsplit(base))
    for platform in (_moderngov, _ombudsman, _news):
        address = platform(parts)
        if address is not None:
            return address
    return Address(f"url:{site_of(parts)}{_bare_path(parts)}{_sorted_query(parts)}", urlunsplit(parts))


def file_words(url: str) -> str:
    """The file name of an address in words.

    >>> file_words("https://x/s1/Performance%20Dashboard_March+2025.pdf")
    'Performance Dashboard March 2025.pdf'
    """
    return unquote(url.rsplit("/", 1)[-1]).replace("_", " ").replace("+", " ")


def join(page_url: str, href: str) -> str:
    """The absolute URL of a link as printed in a page, with what editors break in hrefs repaired.

    >>> join("http://h/mg/ieListDocuments.aspx?MId=1", "documents/s7/QPR\\r\\n Q3.pdf ")
    'http://h/mg/documents/s7/QPR%20Q3.pdf'
    """
    try:
        return urljoin(page_url, repair(href))
    except ValueError:  # "http://[oops"
        return ""


def repair(href: str) -> str:
    """The href without line breaks and other control characters; blanks and letters beyond ASCII escaped.

    >>> repair(" documents/s1/100% of Caf\\u00e9\\tplans.pdf?T=0")
    'documents/s1/100%25%20of%20Caf%C3%A9plans.pdf?T=0'
    """
    href = re.sub(r"[\x00-\x1f\x7f-\x9f\u200b\ufeff]", "", href).strip(" \u00a0").replace("\\", "/")
    href = re.sub(r"%(?![0-9A-Fa-f]{2})", "%25", href)
    return quote(href, safe="%/:?#[]@!$&'()*+,;=~-._")


def same_site(url: str, base: str) -> bool:
    """Whether the URL is on the base's site, whatever scheme, port or "www." it is spelled with.

    >>> same_site("http://democracy.kent.gov.uk:9071/mgAi.aspx?ID=1", "https://democracy.kent.gov.uk")
    True
    >>> same_site("http://127.0.0.1:8001/mgAi.aspx?ID=1", "http://127.0.0.1:8000")
    False
    """
    try:
        ours, theirs = urlsplit(url), urlsplit(base)
        return ours.scheme in ("http", "https") and bool(ours.hostname) and site_of(ours) == site_of(theirs)
    except ValueError:
        return False


# A mirror of ModernGov sites listens on 9071 and answers the same pages.
_USUAL_PORTS = (None, 80, 443, 9071)


def site_of(parts: SplitResult) -> str:
    """Host as it stands in keys. Machines named by number keep their port: it tells replicas apart."""
    host = (parts.hostname or "").rstrip(".").removeprefix("www.")
    try:
        port = parts.port
    except ValueError:
        port = None
    if port is None or (port in _USUAL_PORTS and not _is_machine(host)):
        return host
    return f"{host}:{port}"


def _is_machine(host: str) -> bool:
    """An address or a local name rather than a name in the public DNS."""
    try:
        ip_address(host)
    except ValueError:
        return "." not in host or host.endswith((".localhost", ".test", ".local"))
    return True


def _clean_parts(url: str) -> SplitResult:
    """The URL taken apart, without fragment, credentials and tracking parameters; host in lower case."""
    try:
        parts = urlsplit(repair(url))
        host, port = (parts.hostname or "").rstrip("."), parts.port
    except ValueError:
        return SplitResult("", "", quote(repair(url), safe="/%"), "", "")
    if ":" in host:
        host = f"[{host}]"
    default = {"http": 80, "https": 443}.get(parts.scheme)
    netloc = host if port in (None, default) else f"{host}:{port}"
    query = [(name, value) for name, value in parse_qsl(parts.query, keep_blank_values=True) if not _tracking(name)]
    # Left exactly as it was where nothing was taken out: servers differ in how they read escapes.
    kept = parts.query if len(query) == parts.query.count("&") + 1 else urlencode(query)
    return SplitResult(parts.scheme, netloc, re.sub(r"(?<!^)//+", "/", parts.path) or "/", kept, "")


_TRACKING = re.compile(
    r"utm_\w+|at_\w+|fbclid|gclid|msclkid|mc_[ce]id|ocid|cmpid?|ns_\w+|xtor|igshid|__cf_\w+",
    re.IGNORECASE,
)


def _tracking(name: str) -> bool:
    return _TRACKING.fullmatch(name) is not None


def _on_base(parts: SplitResult, base: SplitResult) -> SplitResult:
    """The same page as the configured site spells its own scheme, host and port."""
    if parts.netloc and same_site(urlunsplit(parts), urlunsplit(base)):
        return parts._replace(scheme=base.scheme, netloc=base.netloc.rpartition("@")[2].lower())
    return parts


def _bare_path(parts: SplitResult) -> str:
    return parts.path.rstrip("/")


def _sorted_query(parts: SplitResult) -> str:
    query = sorted(parse_qsl(parts.query, keep_blank_values=True))
    return f"?{urlencode(query)}" if query else ""


# ModernGov

_DOCUMENT = re.compile(r"(?P<prefix>.*?)/documents/(?P<kind>[sgb])(?P<id>\d+)(?:/(?P<name>[^/]*))?/?", re.IGNORECASE)
_PAGE = re.compile(r"(?P<prefix>.*?)/(?P<page>(?:ie|mg|ec)\w*)\.aspx", re.IGNORECASE)
_SERVICE = re.compile(r"(?P<prefix>.*?)/mgwebservice\.asmx/(?P<method>\w+)/?", re.IGNORECASE)


def _moderngov(parts: SplitResult) -> Address | None:
    params = {name.lower(): value.strip() for name, value in parse_qsl(parts.query, keep_blank_values=True)}
    if match := _DOCUMENT.fullmatch(parts.path):
        return _document_file(parts, match, params)
    if match := _SERVICE.fullmatch(parts.path):
        return _service_answer(parts, match, params)
    if match := _PAGE.fullmatch(parts.path):
        return _moderngov_page(parts, match, params)
    return None


def _document_file(parts: SplitResult, match: re.Match[str], params: dict[str, str]) -> Address:
    kind, number, variant = match["kind"].lower(), int(match["id"]), params.get("t", "")
    query = f"T={variant}" if kind in "gb" and variant.isdigit() else ""
    name = f"{kind}{number}"
    if kind == "g" and query:
        name += f":T{int(variant)}"  # the meeting's front sheet, minutes, pack, …: one number, several papers
    if params.get("ct", "").isdigit():
        query, name = f"CT={params['ct']}", f"{name}:CT{params['ct']}"  # a conversion to HTML of the same paper
    return _moderngov_address(parts, match, name, f"documents/{kind}{number}/{match['name'] or ''}", query)


def _service_answer(parts: SplitResult, match: re.Match[str], params: dict[str, str]) -> Address:
    method = match["method"]
    if method.lower() == "getmeeting" and (mid := _number(params, "lmeetingid")) is not None:
        path, query = "mgWebService.asmx/GetMeeting", f"lMeetingId={mid}"
        return _moderngov_address(parts, match, f"mid:{mid}:xml", path, query)
    name = f"{method.lower()}{_named(params)}"
    return _moderngov_address(parts, match, name, f"mgWebService.asmx/{method}", parts.query)


def _moderngov_page(parts: SplitResult, match: re.Match[str], params: dict[str, str]) -> Address:
    page = match["page"].lower()
    number = _number(params, "id")
    mid, cid = _number(params, "mid", "meetingid"), _number(params, "cid", "committeeid")
    if page == "ielistdocuments" and mid is not None:
        query = f"CId={cid}&MId={mid}&Ver=4" if cid is not None else f"MId={mid}&Ver=4"
        return _moderngov_address(parts, match, f"mid:{mid}", "ieListDocuments.aspx", query)
    if page == "mgai" and number is not None:
        return _moderngov_address(parts, match, f"aid:{number}", "mgAi.aspx", f"ID={number}")
    if page == "mgconvert2pdf" and number is not None:
        variant = params.get("t", "")
        if variant.isdigit():
            name, query = f"g{number}:T{int(variant)}", f"ID={number}&T={int(variant)}"
        else:
            name, query = f"s{number}", f"ID={number}"
        return _moderngov_address(parts, match, name, "mgConvert2PDF.aspx", query)
    if page == "ielistmeetings" and cid is not None and not params.get("act"):
        return _moderngov_address(parts, match, f"cid:{cid}", "ieListMeetings.aspx", f"CId={cid}&Year=0")
    return _moderngov_address(parts, match, f"{page}{_named(params)}", f"{match['page']}.aspx", parts.query)


def _moderngov_address(parts: SplitResult, match: re.Match[str], name: str, path: str, query: str) -> Address:
    prefix = match["prefix"].strip("/")
    site = site_of(parts) + (f"/{prefix.lower()}" if prefix else "")
    whole = f"/{prefix}/{path}" if prefix else f"/{path}"
    return Address(f"moderngov:{site}:{name}", urlunsplit(parts._replace(path=whole, query=query)))


def _number(params: dict[str, str], *names: str) -> int | None:
    for name in names:
        if match := re.match(r"\d{1,12}", params.get(name, "")):
            return int(match[0])
    return None


_DECORATION = ("bcr", "txtonly", "j", "ver")  # parameters that change how a page looks, not what it is


def _named(params: dict[str, str]) -> str:
    kept = sorted((name, value) for name, value in params.items() if name not in _DECORATION)
    return f"?{urlencode(kept)}" if kept else ""


# The Ombudsman

_PERFORMANCE = re.compile(
    r"(?P<prefix>.*?)/your-councils-performance/(?P<slug>[^/]+)(?:/(?P<page>[^/]+))?/?", re.IGNORECASE
)
_DECISION = re.compile(r"(?P<prefix>.*?)/decisions/(?:[^/]+/){0,3}(?P<case>\d{2}-\d{3}-\d{3}[a-z]?)/?", re.IGNORECASE)
_DECISIONS = re.compile(r"(?P<prefix>.*?)/decisions/searchresults/?", re.IGNORECASE)
_OMBUDSMAN_NEWS = re.compile(r"(?P<prefix>.*?)/information-centre/news/(?P<story>\d{4}/[a-z]+/[^/]+)/?", re.IGNORECASE)


def _ombudsman(parts: SplitResult) -> Address | None:
    if match := _PERFORMANCE.fullmatch(parts.path):
        page = (match["page"] or "statistics").lower()
        params = {name.lower(): value for name, value in parse_qsl(parts.query)}
        name = f"{match['slug'].lower()}:{page}{_named(params)}"
        path = f"{match['prefix']}/your-councils-performance/{match['slug'].lower()}/{page}"
        return _ombudsman_address(parts, match, name, path, parts.query)
    if match := _DECISION.fullmatch(parts.path):
        return _ombudsman_address(parts, match, f"decision:{match['case'].lower()}", _bare_path(parts), "")
    if match := _DECISIONS.fullmatch(parts.path):
        # The end of the period is today, and the order does not change what is found.
        params = {name.lower(): value.lower() for name, value in parse_qsl(parts.query)}
        kept = {name: value for name, value in params.items() if name not in ("fd", "td", "sortorder", "displaypref")}
        if kept.get("page") == "1":
            del kept["page"]
        return _ombudsman_address(parts, match, f"decisions{_named(kept)}", _bare_path(parts), parts.query)
    if match := _OMBUDSMAN_NEWS.fullmatch(parts.path):
        return _ombudsman_address(parts, match, f"news:{match['story'].lower()}", _bare_path(parts), "")
    return None


def _ombudsman_address(parts: SplitResult, match: re.Match[str], name: str, path: str, query: str) -> Address:
    prefix = match["prefix"].rstrip("/").lower()
    return Address(f"ombudsman:{site_of(parts)}{prefix}:{name}", urlunsplit(parts._replace(path=path, query=query)))


# News


@dataclass(frozen=True, slots=True)
class _Paper:
    """How one publisher numbers its stories."""

    hosts: tuple[str, ...]  # registered names; sub-domains are the same paper's
    name: str  # as it stands in keys
    story: re.Pattern[str]  # on path and query; its first group that matches is the number
    home: str = ""  # the host that all its stories are asked from, where its feeds link to another


_PAPERS = (
    _Paper(
        ("bbc.co.uk", "bbc.com", "bbci.co.uk"),
        "bbc",
        re.compile(r"/articles?/(c[a-z0-9]{8,14})|-(\d{7,9})/?(?:\?|$)"),
        home="www.bbc.co.uk",
    ),
    _Paper(("kentonline.co.uk",), "kentonline.co.uk", re.compile(r"-(\d{5,7})/?(?:\?|$)")),
    _Paper(("kmfm.co.uk",), "kmfm.co.uk", re.compile(r"-(\d{5,7})/?(?:\?|$)")),
    _Paper(("kentlive.news",), "kentlive.news", re.compile(r"-(\d{6,9})/?(?:\?|$)")),
    _Paper(("localgov.co.uk",), "localgov.co.uk", re.compile(r"/(\d{4,7})/?(?:\?|$)|method=news\.detail.*?\bid=(\d+)")),
)


def publisher_domains(host: str) -> tuple[str, ...]:
    """All registered domains of the publisher that the host belongs to; () for publishers unknown here.

    >>> publisher_domains("feeds.bbci.co.uk")
    ('bbc.co.uk', 'bbc.com', 'bbci.co.uk')
    """
    for paper in _PAPERS:
        if any(host == name or host.endswith(f".{name}") for name in paper.hosts):
            return paper.hosts
    return ()


# Anyone else's story that says "news" in its path and ends in an article number; eight digits would be a date.
_OTHER_STORY = re.compile(r"/(?:.*/)?news/(?:.*/)?(?:articles/(c[a-z0-9]{8,14})|[^/?]*?-(\d{6,7}))/?")


def _news(parts: SplitResult) -> Address | None:
    host = parts.hostname or ""
    whole = parts.path + (f"?{parts.query}" if parts.query else "")
    for paper in _PAPERS:
        if any(host == name or host.endswith(f".{name}") for name in paper.hosts):
            match = paper.story.search(whole)
            if match is None:
                return None
            if paper.home:
                parts = parts._replace(scheme="https", netloc=paper.home)
            return Address(f"news:{paper.name}:{_first(match.groups())}", urlunsplit(parts))
    if match := _OTHER_STORY.fullmatch(parts.path):
        return Address(f"news:{site_of(parts)}:{_first(match.groups())}", urlunsplit(parts))
    return None


def _first(groups: Iterable[str | None]) -> str:
    return next(group for group in groups if group)
