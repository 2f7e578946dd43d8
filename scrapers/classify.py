"""What an answer proves to be, whatever it claims. Pure: status, headers and bytes in, verdict out.

Content types lie: error pages come as `.pdf` with status 200, challenge pages in place of any page,
half a file where the line broke. What is not usable is never handed on as a document.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from parsers import moderngov
from parsers.html import main_content, soup, text_of


class Shape(StrEnum):
    """What the bytes are."""

    PDF = "pdf"
    HTML = "html"
    XML = "xml"  # other than feeds
    FEED = "feed"  # RSS, Atom, RDF
    OFFICE = "office"  # Word, Excel, PowerPoint, OpenDocument: kept, not read
    TEXT = "text"
    OTHER = "other"
    NONE = "none"  # no body


class Trouble(StrEnum):
    """Why an answer is of no use."""

    GONE = "gone"  # 404, 410
    BLOCKED = "blocked"  # a plain refusal, which may pass
    CHALLENGED = "challenged"  # a challenge or a login page: asking again would be rude
    ERROR = "error"  # the server says that it failed
    BROKEN = "broken"  # empty, or cut short
    UNEXPECTED = "unexpected"  # sound, but not the kind of thing that was asked for
    NOT_OURS = "not ours"  # sound, and about something else
    # What happens before there is an answer:
    UNREACHABLE = "unreachable"  # no connection, no answer in time, no such host
    TOO_LARGE = "too large"
    NOT_ALLOWED = "not allowed"  # not a configured site
    ROBOTS = "robots"  # robots.txt says no, or could not be read
    WAITING = "waiting"  # the host asked us to stay away, or kept failing
    OUT_OF_TIME = "out of time"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What an answer proves to be."""

    shape: Shape
    trouble: Trouble | None = None  # None: usable
    reason: str | None = None  # the sentence for the operator; there with every trouble


def classify(status: int, headers: Mapping[str, str], url: str, body: bytes) -> Verdict:
    """The verdict on an answer. Header names in lower case; `url` is where it came from in the end."""
    shape = shape_of(body)
    trouble = _by_content(shape, status, headers, url, body) or _by_status(status)
    if trouble is None:
        trouble = _by_completeness(shape, headers, body)
    if trouble is None:
        return Verdict(shape=shape)
    kind, reason = trouble
    return Verdict(shape=shape, trouble=kind, reason=reason)


def shape_of(body: bytes) -> Shape:
    """What the bytes are, by their first ones.

    >>> [str(shape_of(b)) for b in (b"%PDF-1.7 x", b"\\n<!DOCTYPE html><p>", b"<rss version='2.0'>", b"PK\\x03\\x04")]
    ['pdf', 'html', 'feed', 'office']
    """
    head = body[:4096].lstrip(b"\xef\xbb\xbf \r\n\t")
    if not head:
        return Shape.NONE
    if b"%PDF-" in body[:1024]:
        return Shape.PDF
    if head.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"{\\rtf")):
        return Shape.OFFICE
    root = re.match(
        rb"(?:<\?.*?\?>\s*|<!--.*?-->\s*|<!DOCTYPE[^>]*>\s*)*<(?:\w+:)?(?P<name>[A-Za-z][\w.-]*)", head, re.S
    )
    name = root["name"].lower() if root else b""
    if name in (b"rss", b"feed", b"rdf"):
        return Shape.FEED
    if name in _HTML_ROOTS or re.search(rb"<!doctype\s+html|<html[\s>]|<body[\s>]", head, re.IGNORECASE):
        return Shape.HTML
    if name or head.startswith(b"<?xml"):
        return Shape.XML
    return Shape.OTHER if b"\0" in head else Shape.TEXT


_HTML_ROOTS = frozenset(b"html head body title meta div p span h1 h2 h3 center table ul ol form script link".split())


# What challenge and login pages call themselves, and what their machinery is called.
_CHALLENGE_TITLE = re.compile(
    r"just a moment|attention required|checking your browser|pardon our interruption|one more step"
    r"|please wait\b.{0,20}$|verify(?:ing)? (?:that )?you are (?:a )?human|are you (?:a )?(?:human|robot)"
    r"|human verification|security check|bot (?:check|detection|verification)|ddos protection|unusual traffic"
    r"|you have been blocked|request rejected",
    re.IGNORECASE,
)
# With a status that says the same they are no more than that status.
_REFUSAL_TITLE = re.compile(r"access (?:to this page has been )?denied|forbidden", re.IGNORECASE)
_CHALLENGE_MACHINERY = re.compile(
    rb"cdn-cgi/challenge-platform|cf[-_]chl[-_]|__cf_chl|/_incapsula_resource|incapsula incident|hcaptcha\.com/1/api"
    rb"|challenges\.cloudflare\.com|px-captcha|datadome|awswaf|aws-waf-token|ak_bmsc|distil_r_captcha|g-recaptcha"
    rb"|enable javascript and cookies to continue",
    re.IGNORECASE,
)
_LOGIN_TITLE = re.compile(r"^(?:.{0,40}\W)?(?:log[ -]?in|sign[ -]?in|authentication required)\b", re.IGNORECASE)
_LITTLE = 1_500  # characters: a real page of these sites says more than a challenge does

_Found = tuple[Trouble, str] | None


def _by_content(shape: Shape, status: int, headers: Mapping[str, str], url: str, body: bytes) -> _Found:
    """What an HTML page says of itself: refusals come with any status, 200 among them."""
    if "challenge" in headers.get("cf-mitigated", "").lower():
        return Trouble.CHALLENGED, "a challenge page instead of the answer (cf-mitigated)"
    if shape is not Shape.HTML or len(body) > 2_000_000:
        return None
    page = soup(body)
    title = text_of(page.select_one("title")) or text_of(page.select_one("h1"))
    little = len(text_of(main_content(page))) < _LITTLE
    refused = _REFUSAL_TITLE.search(title) if status < 400 else None
    if little and (refused or _CHALLENGE_TITLE.search(title) or _CHALLENGE_MACHINERY.search(body)):
        return Trouble.CHALLENGED, f"a challenge page instead of the answer: '{title[:80]}'"
    if little and page.select_one("input[type=password]") is not None and _LOGIN_TITLE.search(title):
        return Trouble.CHALLENGED, f"a login page instead of the answer: '{title[:80]}'"
    if status < 400 and _MODERNGOV.search(url) and moderngov.is_error_page(body, url=url):
        return Trouble.ERROR, f"the site's error page, with status {status}: '{title[:80]}'"
    return None


_MODERNGOV = re.compile(r"/(?:ie|mg|ec)\w*\.aspx|/documents/[sgb]\d+|/mgwebservice\.asmx", re.IGNORECASE)


def _by_status(status: int) -> _Found:
    if status in (404, 410):
        return Trouble.GONE, f"HTTP {status}: not there"
    if status in (401, 402, 403, 407, 451):
        return Trouble.BLOCKED, f"HTTP {status}: refused"
    if status == 429:
        return Trouble.BLOCKED, "HTTP 429: too many requests"
    if status >= 400:
        return Trouble.ERROR, f"HTTP {status}: the server failed"
    if 300 <= status < 400 and status != 304:
        return Trouble.ERROR, f"HTTP {status}: a redirect that leads nowhere"
    return None


def _by_completeness(shape: Shape, headers: Mapping[str, str], body: bytes) -> _Found:
    if not body:
        return Trouble.BROKEN, "an empty answer"
    stated = headers.get("content-length", "")
    if stated.isdigit() and not headers.get("content-encoding") and int(stated) != len(body):
        return Trouble.BROKEN, f"cut short: {len(body)} of {stated} bytes"
    if shape is Shape.PDF and b"%%EOF" not in body[-4096:]:
        return Trouble.BROKEN, f"half a PDF: no end mark in {len(body)} bytes"
    return None
