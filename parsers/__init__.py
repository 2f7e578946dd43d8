"""Documents into records. Pure: bytes in, records out; no files, no network, no clock, no database."""

from parsers.records import Reading
from parsers.shape import fingerprint

__all__ = ["fingerprint", "parse"]


def parse(body: bytes, *, url: str, media_type: str = "", title: str = "", council: str = "") -> Reading:
    """Read one document: see `parsers.dispatch.parse`."""
    # Loading every reader takes most of a second, and most commands read nothing.
    from parsers import dispatch

    return dispatch.parse(body, url=url, media_type=media_type, title=title, council=council)
