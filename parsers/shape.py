"""What bytes prove to be, and when two documents are the same: no reader is needed for either."""

import hashlib
import re
from urllib.parse import unquote, urlsplit

from parsers import html


def fingerprint(body: bytes, *, url: str, media_type: str = "") -> str:
    """Hash of what matters in a document: equal for two fetches without news between them.

    For pages the main content's text and links, without menus, scripts and dates of generation;
    for everything else the bytes.
    """
    if not is_pdf(body) and is_markup(body) and not is_xml(body):
        return "html:" + hashlib.sha256(html.essence(body, url=url).encode()).hexdigest()
    return "bytes:" + hashlib.sha256(body).hexdigest()


def is_pdf(body: bytes) -> bool:
    """Begins as a PDF does; some servers put a few bytes in front."""
    return body[:1024].find(b"%PDF-") >= 0


def says_pdf(url: str, media_type: str) -> bool:
    path = unquote(urlsplit(url).path).strip().lower()
    return path.endswith(".pdf") or "pdf" in media_type.lower()


def is_markup(body: bytes) -> bool:
    return (
        re.search(
            rb"<(?:!doctype|html|head|body|div|p|h[1-6]|table|ul|article|main|\?xml|[a-z]+[\s>])", body[:4096], re.I
        )
        is not None
    )


def is_xml(body: bytes) -> bool:
    return body.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"<?xml") and b"<html" not in body[:2048].lower()


def kind_of_text(body: bytes) -> str:
    if is_xml(body):
        return "XML"
    if is_markup(body):
        words = html.text_of(html.soup(body[:20_000]))[:80]
        return f"a web page ({words!r})" if words else "a web page"
    if body.startswith(b"PK\x03\x04"):
        return "a zip archive (perhaps a Word or Excel file)"
    return f"{len(body):,} bytes of another kind"
