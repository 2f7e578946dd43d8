"""What a message shows beside the words of its alerts: pictures, rows on the site, how the sources are doing."""

import logging
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from db.alerts import ChannelTrouble, Claimed
from db.errors import StoreError
from db.sources import SourceState
from monitor import pictures
from monitor.pictures import Place

log = logging.getLogger(__name__)

# What an alert's evidence may name, most telling first: the evidence's name for it, and the table.
_ROWS = (
    ("reading_id", "kpi_readings"),
    ("discrepancy_id", "discrepancies"),
    ("case_reference", "service_improvements"),
    ("report_id", "reports"),
    ("kpi_id", "kpis"),
)
_SOURCES = {"committee_papers": "Committee papers", "ombudsman": "Ombudsman", "news": "News"}


class Archive(Protocol):
    """As much of `db.Archive` as this needs."""

    def rows(self, sql: str, params: Sequence[Any] | Mapping[str, Any] = (), /) -> Sequence[Mapping[str, Any]]: ...
    def blob(self, sha256: str) -> bytes: ...
    def source_states(self) -> Sequence[SourceState]: ...
    def channel_troubles(self) -> Mapping[str, ChannelTrouble]: ...


@dataclass(frozen=True, slots=True)
class Source:
    """How a source is doing, in words."""

    name: str
    ok: bool
    words: str


@dataclass(frozen=True, slots=True)
class Around:
    """What messages show beside the words of their alerts."""

    places: Mapping[int, tuple[Place | None, Place | None]] = field(default_factory=dict)  # by alert: now, before
    drawn: Mapping[Place, bytes] = field(default_factory=dict)
    readings: Mapping[int, int] = field(default_factory=dict)  # by alert: the reading it is about
    origins: Mapping[int, str] = field(default_factory=dict)  # by alert: the source of what it is about
    sources: tuple[Source, ...] = ()
    channels: tuple[tuple[str, str], ...] = ()  # those in trouble: name, words

    def pictures_of(self, alert: Claimed) -> tuple[bytes | None, bytes | None]:
        """The place in the paper, and in the one before it."""
        now, before = self.places.get(alert.alert_id, (None, None))
        return (self.drawn.get(now) if now else None, self.drawn.get(before) if before else None)

    def row_of(self, alert: Claimed) -> str:
        """Table and number of the row that says most about it; the alert's own where there is no better."""
        evidence = {"reading_id": self.readings.get(alert.alert_id)} | {
            name: value for name, value in alert.evidence.items() if value is not None
        }
        for name, table in _ROWS:
            value = evidence.get(name)
            if isinstance(value, int) or (isinstance(value, str) and value.replace(" ", "").isalnum()):
                return f"{table}/{str(value).replace(' ', '+')}"  # Datasette's way of writing a space
        return f"alerts/{alert.alert_id}"

    def named(self, alerts: Sequence[Claimed]) -> set[str]:
        """The sources that these alerts come from."""
        return {self.origins[alert.alert_id] for alert in alerts if alert.alert_id in self.origins}

    def channels_in_trouble(self, but: str) -> tuple[str, ...]:
        """What is to be said of other channels."""
        return tuple(words for name, words in self.channels if name != but)


NOTHING_AROUND = Around()


def gather(
    archive: Archive, alerts: Sequence[Claimed], shown: Collection[int], zone: ZoneInfo, channels: Collection[str]
) -> Around:
    """What messages about *alerts* show; pictures of those whose numbers are in *shown*."""
    unique = list({alert.alert_id: alert for alert in alerts}.values())
    hashes = _hashes(archive, unique)
    places = {alert.alert_id: _places(alert, hashes) for alert in unique}
    wanted = [place for number, pair in places.items() if number in shown for place in pair if place]
    return Around(
        places=places,
        drawn=_drawn(archive, wanted),
        readings=_readings(archive, unique),
        origins=_origins(archive, unique),
        sources=_sources(archive, zone),
        channels=_in_trouble(archive, zone, channels),
    )


def _version(alert: Claimed, name: str) -> int | None:
    value = alert.evidence.get(name)
    return value if isinstance(value, int) else None


def _hashes(archive: Archive, alerts: Sequence[Claimed]) -> dict[int, str]:
    """The bytes of each version that the alerts name."""
    versions = {_version(alert, name) for alert in alerts for name in ("version_id", "before_version_id")} - {None}
    return {row["id"]: row["sha256"] for row in _among(archive, "select id, sha256 from versions where id", versions)}


def _places(alert: Claimed, hashes: Mapping[int, str]) -> tuple[Place | None, Place | None]:
    evidence = alert.evidence
    marks = tuple(text for name in ("value_text",) if isinstance(text := evidence.get(name), str) and text)
    now = {"sha256": hashes.get(_version(alert, "version_id") or 0)} | evidence
    before = {name: evidence.get(f"before_{name}") for name in ("page", "bbox")} | {
        "sha256": evidence.get("before_sha256") or hashes.get(_version(alert, "before_version_id") or 0)
    }
    return pictures.place(now, marks), pictures.place(before)


def _drawn(archive: Archive, wanted: Sequence[Place]) -> dict[Place, bytes]:
    try:
        return pictures.draw(wanted, archive.blob)
    except (StoreError, OSError) as error:
        log.warning("alerts go without pictures: %s", error)
        return {}


def _readings(archive: Archive, alerts: Sequence[Claimed]) -> dict[int, int]:
    """The reading that each alert about an indicator in a paper is about."""
    about = {
        alert.alert_id: (alert.evidence["kpi_id"], alert.evidence["version_id"])
        for alert in alerts
        if isinstance(alert.evidence.get("kpi_id"), int) and isinstance(alert.evidence.get("version_id"), int)
    }
    rows = _among(
        archive,
        "select k.id, k.kpi_id, r.version_id from kpi_readings as k join reports as r on r.id = k.report_id"
        " where r.version_id",
        {version for _, version in about.values()},
    )
    ids = {(row["kpi_id"], row["version_id"]): row["id"] for row in rows}
    return {number: ids[what] for number, what in about.items() if what in ids}


def _origins(archive: Archive, alerts: Sequence[Claimed]) -> dict[int, str]:
    rows = _among(
        archive,
        "select v.id, d.source from versions as v join documents as d on d.id = v.document_id where v.id",
        {_version(alert, "version_id") for alert in alerts} - {None},
    )
    by_version = {row["id"]: row["source"] for row in rows}
    found = {alert.alert_id: by_version.get(_version(alert, "version_id") or 0) for alert in alerts}
    for alert in alerts:
        if isinstance(source := alert.evidence.get("source"), str):
            found[alert.alert_id] = source
    return {number: source for number, source in found.items() if source}


def _among(archive: Archive, select: str, numbers: Collection[int | None]) -> Sequence[Mapping[str, Any]]:
    listed = ", ".join(str(int(number)) for number in numbers if number is not None)
    return archive.rows(f"{select} in ({listed})") if listed else []


def _sources(archive: Archive, zone: ZoneInfo) -> tuple[Source, ...]:
    """How each source is doing, and when it was last read."""
    read = {
        row["job"].partition(":")[2]: row["at"]
        for row in archive.rows(
            "select job, max(finished_at) as at from runs where job like 'crawl:%' and outcome = 'ok' group by job"
        )
    }
    found = []
    for state in archive.source_states():
        name = _SOURCES.get(state.source, state.source) + ("" if state.council == "*" else f" ({state.council})")
        if state.state == "ok":
            at = read.get(state.source)
            found.append(Source(state.source, True, name + (f", read {_local(at, zone)}" if at else "")))
        else:
            why = f": {state.reason}" if state.reason else ""
            since = f"{state.since.astimezone(zone):%-d %B}"
            found.append(Source(state.source, False, f"{name}: {state.state} since {since}{why}"))
    return tuple(found)


def _in_trouble(archive: Archive, zone: ZoneInfo, channels: Collection[str]) -> tuple[tuple[str, str], ...]:
    return tuple(
        (
            name,
            f"Channel “{name}” has taken no message since {_local(trouble.since.isoformat(), zone)}: {trouble.error}",
        )
        for name, trouble in archive.channel_troubles().items()
        if name in channels
    )


def _local(moment: str, zone: ZoneInfo) -> str:
    return f"{datetime.fromisoformat(moment).astimezone(zone):%-d %B, %H:%M}"
