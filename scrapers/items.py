"""What spiders hand over. The pipeline carries it to the archive; nothing else in here writes."""

from dataclasses import dataclass

from db import CommitteeRef, Found, ItemRef, MeetingRef


@dataclass(frozen=True, slots=True, kw_only=True)
class Handed:
    """A document exactly as received."""

    found: Found
    body: bytes
    fetch_id: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A document that still stands on the site, unchanged as far as we asked."""

    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Gone:
    """A document that the site says is not there any more."""

    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Structure:
    """A committee with a meeting and its agenda, which may have no papers yet."""

    council: str
    committee: CommitteeRef
    meeting: MeetingRef
    items: tuple[ItemRef, ...]


Item = Handed | Seen | Gone | Structure
