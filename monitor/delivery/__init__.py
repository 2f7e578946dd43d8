"""From the outbox to people: one message a run and channel, each channel on its own.

Every delivery is claimed before and marked after its message was sent. Killed in between, the
claim runs out and the message is sent once more, marked as a possible repeat, with the same
alert numbers.
"""

import logging
import random
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Protocol

from db.alerts import Claimed
from db.errors import StoreError
from monitor import pictures
from monitor.delivery import files, services
from monitor.delivery.message import IN_FULL, Message, compose
from monitor.delivery.outcomes import UNSURE, NotSent, Outcome, Sent
from monitor.pictures import Place

__all__ = ["FILE", "Channel", "DeliveryResult", "Settings", "deliver", "pause", "problem", "send_test"]

FILE = "file"  # the address of the channel that writes files
LEASE = timedelta(minutes=15)  # longer than any call can take
MAX_ATTEMPTS = 12  # with the pauses below, about a day and a half
FIRST_PAUSE = timedelta(minutes=1)
LONGEST_PAUSE = timedelta(hours=6)
JITTER = 0.2  # pauses vary by so much, so that not all comes back at once

log = logging.getLogger(__name__)


class Channel(Protocol):
    """One destination; `monitor.config.Channel` is one."""

    @property
    def name(self) -> str: ...
    @property
    def url(self) -> str: ...  # an Apprise URL, or FILE; a secret
    @property
    def min_severity(self) -> str: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What all channels share."""

    outbox: Path  # folder of the channel "file"
    site_url: str = ""  # where Datasette is served
    max_age_days: int | None = None  # alerts that no attempt was made to send for longer are suppressed


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryResult:
    """What a run did, in alerts × channels."""

    sent: int = 0
    retried: int = 0  # will be tried again
    failed: int = 0  # given up
    messages: int = 0  # accepted by their channels
    errors: tuple[str, ...] = ()  # "newsroom: …", free of secrets


class Archive(Protocol):
    """As much of `db.Archive` as delivering needs."""

    def rows(self, sql: str, params: Sequence[Any] | Mapping[str, Any] = (), /) -> Sequence[Mapping[str, Any]]: ...
    def suppress_old(self, channel: str, before: datetime, why: str) -> int: ...
    def claim_due(
        self, channel: str, now: datetime, lease: timedelta, limit: int | None = None
    ) -> Sequence[Claimed]: ...
    def mark_sent(self, delivery_ids: Sequence[int], now: datetime) -> None: ...
    def mark_retry(self, delivery_ids: Sequence[int], error: str, next_attempt_at: datetime, now: datetime) -> None: ...
    def mark_failed(self, delivery_ids: Sequence[int], error: str, now: datetime) -> None: ...
    def release(self, delivery_ids: Sequence[int]) -> None: ...
    def blob(self, sha256: str) -> bytes: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class _Load:
    """What one channel is to get in this run."""

    channel: Channel
    claimed: Sequence[Claimed]
    maybe_repeat: bool  # an attempt before may have arrived


def deliver(
    archive: Archive,
    channels: Sequence[Channel],
    settings: Settings,
    now: datetime,
    *,
    dice: random.Random | None = None,
) -> DeliveryResult:
    """Send what is due on each channel, and note how that went.

    Channels send side by side: a dead one holds up none. What is not accepted is tried again after
    growing pauses; after MAX_ATTEMPTS it has failed, and only `kccwatch alerts retry` tries again.
    Raises StoreError when the outbox cannot be written, after noting what can be.
    """
    loads: list[_Load] = []
    try:
        for channel in channels:
            _spare_the_old(archive, channel, settings, now)
            loads += _claim(archive, channel, now)
        drawn = _draw(archive, loads)
    except BaseException:  # nothing is sent yet
        for load in loads:
            archive.release([one.delivery_id for one in load.claimed])
        raise
    result = DeliveryResult()
    if not loads:
        return result
    unnoted: list[StoreError] = []
    with ThreadPoolExecutor(len(loads), thread_name_prefix="deliver") as threads:
        sending = {threads.submit(_send, load, settings, drawn): load for load in loads}
        for future in as_completed(sending):
            try:
                result = _note(archive, sending[future], future.result(), now, dice or random.Random(), result)  # noqa: S311
            except StoreError as error:  # the others went out, too: what is not noted is sent twice
                log.error("channel=%s not noted: %s", sending[future].channel.name, error)
                unnoted.append(error)
    if unnoted:
        raise unnoted[0]
    return result


def _spare_the_old(archive: Archive, channel: Channel, settings: Settings, now: datetime) -> None:
    """What waited for a channel that was off for long is no news by now; the rest goes out as one message."""
    if settings.max_age_days is None:
        return
    days = max(settings.max_age_days, 1)  # what quiet hours hold back is not old
    why = f"older than {days} days before it could be sent"
    if spared := archive.suppress_old(channel.name, now - timedelta(days=days), why):
        log.warning("channel=%s suppressed=%d %s", channel.name, spared, why)


def _claim(archive: Archive, channel: Channel, now: datetime) -> list[_Load]:
    """What is due on a channel, now ours to send; [] where nothing is."""
    # Still marked as being sent when its lease has run out: the program died over it.
    unsure = archive.rows(
        "select id from deliveries where channel = ? and (state = 'sending' or state = 'pending' and error = ?)",
        (channel.name, UNSURE),
    )
    claimed = archive.claim_due(channel.name, now, LEASE)
    if not claimed:
        return []
    ids = {row["id"] for row in unsure}
    return [_Load(channel=channel, claimed=claimed, maybe_repeat=any(one.delivery_id in ids for one in claimed))]


def _draw(archive: Archive, loads: Sequence[_Load]) -> dict[Place, bytes]:
    """The pictures that the messages will show, each drawn once."""
    wanted = [
        where
        for load in loads
        if load.channel.url == FILE or services.shows_pictures(load.channel.url)
        for alert in load.claimed[:IN_FULL]
        if (where := pictures.place(alert.evidence))
    ]
    try:
        return pictures.draw(wanted, archive.blob)
    except (StoreError, OSError) as error:
        log.warning("alerts go without pictures: %s", error)
        return {}


def _send(load: _Load, settings: Settings, drawn: Mapping[Place, bytes]) -> Outcome:
    """Compose and send one message; whatever goes wrong with it is an outcome, not an exception."""
    channel = load.channel
    try:
        if channel.url == FILE:
            return files.write(settings.outbox, _message(load, settings, drawn, None))
        service = services.service(channel.url)
        return services.send(service, channel.url, _message(load, settings, drawn, services.room(service)))
    except services.UnknownAddress as error:
        return NotSent(f"its address {error}")
    except Exception as error:  # noqa: BLE001  a plugin may raise anything, and the other channels are to go on
        # No traceback: it could hold the address.
        log.error("channel=%s failed: %s", channel.name, type(error).__name__)
        return NotSent(services.redacted(f"{type(error).__name__}: {error}", channel.url)[:500])


def _message(load: _Load, settings: Settings, drawn: Mapping[Place, bytes], limit: int | None) -> Message:
    return compose(
        load.claimed,
        channel=load.channel.name,
        min_severity=load.channel.min_severity,
        site_url=settings.site_url,
        drawn=drawn,
        limit=limit,
        maybe_repeat=load.maybe_repeat,
    )


def _note(
    archive: Archive, load: _Load, outcome: Outcome, now: datetime, dice: random.Random, so_far: DeliveryResult
) -> DeliveryResult:
    """Keep in the outbox how it went, and count it."""
    name = load.channel.name
    if isinstance(outcome, Sent):
        archive.mark_sent([one.delivery_id for one in load.claimed], now)
        log.info("channel=%s sent=%d", name, len(load.claimed))
        return replace(so_far, sent=so_far.sent + len(load.claimed), messages=so_far.messages + 1)
    log.warning("channel=%s not sent: %s", name, outcome.error)
    given_up = [one.delivery_id for one in load.claimed if one.attempts >= MAX_ATTEMPTS]
    again: dict[int, list[int]] = {}
    for one in load.claimed:
        if one.attempts < MAX_ATTEMPTS:
            again.setdefault(one.attempts, []).append(one.delivery_id)
    if given_up:
        archive.mark_failed(given_up, outcome.error, now)
    for attempts, ids in again.items():
        archive.mark_retry(ids, outcome.error, now + pause(attempts, dice), now)
    return replace(
        so_far,
        retried=so_far.retried + sum(map(len, again.values())),
        failed=so_far.failed + len(given_up),
        errors=(*so_far.errors, f"{name}: {outcome.error}"),
    )


def pause(attempts: int, dice: random.Random) -> timedelta:
    """How long to wait after so many failed attempts: twice as long each time, up to a limit, give or take."""
    longer: timedelta = min(FIRST_PAUSE * 2 ** min(attempts - 1, 30), LONGEST_PAUSE)
    return longer * dice.uniform(1 - JITTER, 1 + JITTER)


def problem(url: str) -> str | None:
    """Why nothing could be sent to an address, without the address in it; None where it can be used."""
    if url == FILE:
        return None
    try:
        services.service(url)
    except services.UnknownAddress as error:
        return str(error)
    return None


def send_test(channel: Channel, settings: Settings, now: datetime) -> str | None:
    """Send a test message past the outbox; None when the channel accepted it, else why not."""
    alert = Claimed(
        delivery_id=0,
        alert_id=0,
        rule="test",
        key="test",
        severity="high",
        title="Test: this channel works",
        body="Sent by hand with `kccwatch test-alert`. Nothing has happened at the council.",
        url=None,
        evidence={},
        created_at=now,
        attempts=1,
    )
    outcome = _send(_Load(channel=channel, claimed=[alert], maybe_repeat=False), settings, {})
    return None if isinstance(outcome, Sent) else outcome.error
