"""Values on their way into columns and out of them."""

import json
from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any


def utc(moment: datetime) -> str:
    """An aware time as the archive writes it.

    >>> from datetime import timedelta, timezone
    >>> utc(datetime(2026, 7, 1, 7, 30, tzinfo=timezone(timedelta(hours=1))))
    '2026-07-01T06:30:00+00:00'
    """
    if moment.tzinfo is None:
        raise ValueError(f"a time without its zone: {moment.isoformat()}")
    return moment.astimezone(UTC).isoformat(timespec="seconds")


def moment(text: str | None) -> datetime | None:
    """The aware time that a column holds."""
    return None if text is None else datetime.fromisoformat(text)


def known_moment(text: str) -> datetime:
    """The aware time of a column that is never null."""
    return datetime.fromisoformat(text)


def day(text: str | None) -> date | None:
    """The date that a column holds."""
    return None if text is None else date.fromisoformat(text)


def iso(value: date | None) -> str | None:
    """A date as the archive writes it."""
    return None if value is None else value.isoformat()


def clean(text: str) -> str:
    """The text without what UTF-8 or full-text search cannot hold: lone surrogates and NUL.

    Both come out of broken PDFs and pages.

    >>> clean("Re\\ud800d\\x00!")
    'Re\\ufffdd!'
    """
    return text.replace("\0", "").encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def clean_or_none(text: str | None) -> str | None:
    """`clean` for what may be missing."""
    return None if text is None else clean(text)


def box(bbox: Sequence[float] | None) -> str | None:
    """A box as JSON, to a hundredth of a point."""
    return None if bbox is None else json.dumps([round(edge, 2) for edge in bbox], allow_nan=False)


def column(value: Any) -> Any:
    """A record's field as its column holds it; texts cleaned, times in UTC, truth as 0 and 1."""
    match value:
        case str():
            return clean(str(value))
        case bool():
            return int(value)
        case datetime():
            return utc(value)
        case date():
            return value.isoformat()
        case tuple() | list():
            return box(value)
        case _:
            return value
