"""An archive with papers put into it as reading does, and what rules make of it."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any

from db import Archive, CommitteeRef, Found, ItemRef, MeetingRef, NewAlert
from monitor import checks
from monitor.rules import Settings, close, judge
from parsers.records import Fact, Kind, KpiReading, Outcome, Reading
from tests.test_checks import AMBER, DOWN, GREEN, RED, measured, report

NOW = datetime(2026, 12, 5, 7, 0, tzinfo=UTC)
KENT = Settings(council_names={"kent": "Kent County Council"})


class Desk:
    """An archive, and papers put into it."""

    def __init__(self, archive: Archive) -> None:
        self.archive = archive
        self.papers = 0

    def put(
        self,
        facts: Sequence[Fact],
        *,
        kind: Kind = Kind.PERFORMANCE_REPORT,
        key: str | None = None,
        url: str | None = None,
        council: str = "kent",
        published: date | None = date(2026, 12, 3),
        meeting: date | None = None,
        item: int | None = None,
        source: str = "committee_papers",
        parser_version: int = 1,
        outcome: Outcome = Outcome.READ,
        note: str | None = None,
        title: str = "Appendix 1",
        text: str = "",
        body: bytes = b"",
        at: datetime = NOW,
    ) -> int:
        """Remember a document and store what a reader found in it; its version."""
        self.papers += 1
        key = key or f"moderngov:kent:s{self.papers}"
        found = Found(
            key=key,
            url=url or f"https://democracy.example.org/documents/s{self.papers}/Appendix.pdf",
            source=source,
            council=council,
            media_type="application/pdf",
            title=title,
            published_on=published,
            committee=CommitteeRef(cid=115, name="Cabinet", url="https://democracy.example.org/c115")
            if meeting or item
            else None,
            meeting=MeetingRef(mid=9000, held_on=meeting, url="https://democracy.example.org/m9000")
            if meeting or item
            else None,
            item=ItemRef(aid=item, title="Quarterly Performance Report") if item else None,
        )
        remembered = self.archive.remember(found, body or f"%PDF-1.7 {key} {self.papers}".encode(), now=at)
        assert remembered.version_id is not None
        self.archive.store_reading(
            remembered.version_id,
            Reading(
                kind=kind,
                outcome=outcome,
                parser="made",
                parser_version=parser_version,
                note=note,
                title=title,
                facts=tuple(facts),
                text=text,
            ),
            council=council,
            now=at,
        )
        return remembered.version_id

    def read_again(
        self, version: int, facts: Sequence[Fact], *, parser_version: int = 2, at: datetime = NOW, **how: Any
    ) -> None:
        """Read a stored version again, with another version of the reader."""
        again: dict[str, Any] = {"kind": Kind.PERFORMANCE_REPORT, "outcome": Outcome.READ, "title": "Appendix 1"} | how
        reading = Reading(parser="made", parser_version=parser_version, facts=tuple(facts), **again)
        self.archive.store_reading(version, reading, council="kent", now=at)

    def edition(
        self,
        readings: Sequence[KpiReading],
        year: str = "2026/27",
        quarter: int = 2,
        more: Sequence[Fact] = (),
        **how: Any,
    ) -> int:
        """A performance report."""
        return self.put([report(year, quarter), *readings, *more], **how)

    def due(self, settings: Settings = KENT, now: datetime = NOW) -> list[NewAlert]:
        """What is due and not told yet; from now on it is told."""
        checks.run(self.archive, now)
        found = judge(self.archive, settings, now)
        self.archive.add_alerts(found, {"file": "low"}, now)
        close(self.archive, settings, now)
        return found

    def of(self, rule: str, settings: Settings = KENT, now: datetime = NOW) -> list[NewAlert]:
        """What one rule says."""
        return [alert for alert in self.due(settings, now) if alert.rule == rule]


def turned(now: str = "81%") -> list[KpiReading]:
    """One indicator that was Amber and is Red, beside one that stays Green."""
    red = measured(now, "90%", "85%", RED, previous_rag=AMBER, previous_text="86%", direction=DOWN)
    return [red, measured("95%", "90%", "85%", GREEN, name="Gullies cleaned", previous_rag=GREEN)]
