"""From the outbox to people: one message a run and channel, each channel on its own.

Every delivery is claimed, noted as begun just before its message is handed over, and marked after the
channel's answer. Killed before that note, nothing was sent. Killed after it, or left without an answer,
the same message goes out once more, with the same number, marked as a possible repeat.
"""

import logging
import queue
import random
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from db.alerts import ChannelTrouble, Claimed
from db.errors import StoreError
from db.letters import NewLetter, StoredLetter
from db.sources import SourceState
from monitor.delivery import context, files, services
from monitor.delivery.context import Around
from monitor.delivery.message import IN_FULL, Message, compose, letter
from monitor.delivery.outcomes import UNSURE, NotSent, Outcome, Sent

__all__ = [
    "FILE",
    "Channel",
    "DeliveryResult",
    "Letter",
    "Settings",
    "deliver",
    "pause",
    "problem",
    "send_letter",
    "send_test",
]

FILE = "file"  # the address of the channel that writes files
LEASE = timedelta(minutes=15)  # longer than any call can take
OVERALL_SECONDS = 240.0  # in which all channels have to be done; each has limits of its own
MAX_ATTEMPTS = 200  # with the pauses below, a little over a week
FIRST_PAUSE = timedelta(minutes=1)
LONGEST_PAUSE = timedelta(hours=1)
UNSURE_PAUSE = timedelta(minutes=10)  # before the one repeat of what got no answer
JITTER = 0.2  # pauses vary by so much, so that not all comes back at once

LONDON = ZoneInfo("Europe/London")

Letter = NewLetter

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
    max_in_full: int = IN_FULL  # alerts that a message tells in full
    zone: ZoneInfo = LONDON


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryResult:
    """What a run did, in alerts × channels."""

    sent: int = 0
    retried: int = 0  # will be tried again
    failed: int = 0  # given up
    messages: int = 0  # accepted by their channels
    waiting: int = 0  # still to be sent, at the end: retried, held, or kept for the end of quiet hours
    errors: tuple[str, ...] = ()  # "newsroom: …", free of secrets


class Archive(Protocol):
    """As much of `db.Archive` as delivering needs."""

    def rows(self, sql: str, params: Sequence[Any] | Mapping[str, Any] = (), /) -> Sequence[Mapping[str, Any]]: ...
    def suppress_old(self, channel: str, before: datetime, why: str) -> int: ...
    def claim_due(
        self, channel: str, now: datetime, lease: timedelta, limit: int | None = None, *, least: str = "low"
    ) -> Sequence[Claimed]: ...
    def begin_sending(self, delivery_ids: Sequence[int], message: str) -> bool: ...
    def mark_sent(self, delivery_ids: Sequence[int], now: datetime) -> None: ...
    def mark_retry(
        self,
        delivery_ids: Sequence[int],
        error: str,
        next_attempt_at: datetime,
        *,
        maybe_sent: bool = False,
        apart: bool = False,
    ) -> None: ...
    def mark_failed(self, delivery_ids: Sequence[int], error: str, *, maybe_sent: bool = False) -> None: ...
    def release(self, delivery_ids: Sequence[int]) -> None: ...
    def hold_channel(self, channel: str, until: datetime, error: str, now: datetime) -> None: ...
    def channel_troubles(self) -> Mapping[str, ChannelTrouble]: ...
    def source_states(self) -> Sequence[SourceState]: ...
    def add_letter(self, letter: NewLetter, channels: Sequence[str], now: datetime) -> int | None: ...
    def letter(self, alert_id: int) -> StoredLetter | None: ...
    def blob(self, sha256: str) -> bytes: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class _Load:
    """One message that a channel is to get in this run."""

    channel: Channel
    claimed: Sequence[Claimed]
    letter: StoredLetter | None = None

    @property
    def maybe_repeat(self) -> bool:
        """Whether an attempt before may have arrived. A file that is written again is no second one."""
        return self.channel.url != FILE and any(one.maybe_sent for one in self.claimed)

    @property
    def ids(self) -> list[int]:
        return [one.delivery_id for one in self.claimed]


def deliver(
    archive: Archive,
    channels: Sequence[Channel],
    settings: Settings,
    now: datetime,
    *,
    least: str = "low",
    dice: random.Random | None = None,
) -> DeliveryResult:
    """Send what is due on each channel and at least as severe as *least*, and note how that went.

    Channels send side by side: a dead one holds up none. What is not accepted is tried again after
    growing pauses; after MAX_ATTEMPTS it has failed, and only `kccwatch alerts retry` tries again.
    Raises StoreError when the outbox cannot be written, after noting what can be.
    """
    loads: list[_Load] = []
    try:
        for channel in channels:
            _spare_the_old(archive, channel, settings, now)
            loads += _claim(archive, channel, now, least)
        around = _around(archive, loads, channels, settings)
    except BaseException:  # nothing is sent yet
        for load in loads:
            archive.release(load.ids)
        raise
    notes = _Notes(archive, now, dice or random.Random())  # noqa: S311
    unnoted: list[StoreError] = []
    for load, outcome in _Senders(archive, loads, settings, around, now).outcomes():
        try:
            notes.keep(load, outcome)
        except StoreError as error:  # the others went out, too: what is not noted is sent twice
            log.error("channel=%s not noted: %s", load.channel.name, error)
            unnoted.append(error)
    if unnoted:
        raise unnoted[0]
    return replace(notes.result, waiting=_waiting(archive, channels))


def send_letter(
    archive: Archive,
    channels: Sequence[Channel],
    what: Letter,
    settings: Settings,
    now: datetime,
    *,
    least: str = "low",
) -> DeliveryResult | None:
    """Send a ready-made message once to each of *channels*; None where one of its kind and key was sent before.

    It goes through the outbox with all else that is due: retried, held in quiet hours (*least*), listed by `alerts`.
    """
    if archive.add_letter(what, [channel.name for channel in channels], now) is None:
        return None
    return deliver(archive, channels, settings, now, least=least)


def _spare_the_old(archive: Archive, channel: Channel, settings: Settings, now: datetime) -> None:
    """What waited for a channel that was off for long is no news by now; the rest goes out as one message."""
    if settings.max_age_days is None:
        return
    days = max(settings.max_age_days, 1)  # what quiet hours hold back is not old
    why = f"older than {days} days before it could be sent"
    if spared := archive.suppress_old(channel.name, now - timedelta(days=days), why):
        log.warning("channel=%s suppressed=%d %s", channel.name, spared, why)


def _claim(archive: Archive, channel: Channel, now: datetime, least: str) -> list[_Load]:
    """What is due on a channel, now ours to send: what goes again as it went, letters, and one message of the rest."""
    again: dict[str, list[Claimed]] = {}
    letters: list[_Load] = []
    rest: list[Claimed] = []
    for one in archive.claim_due(channel.name, now, LEASE, least=least):
        stored = archive.letter(one.alert_id)
        if stored is not None:
            letters.append(_Load(channel=channel, claimed=[one], letter=stored))
        elif one.message:
            again.setdefault(one.message, []).append(one)
        else:
            rest.append(one)
    loads = [_Load(channel=channel, claimed=claimed) for claimed in again.values()]
    return [*loads, *([_Load(channel=channel, claimed=rest)] if rest else []), *letters]


def _around(archive: Archive, loads: Sequence[_Load], channels: Sequence[Channel], settings: Settings) -> Around:
    alerts = [one for load in loads if load.letter is None for one in load.claimed]
    if not alerts:
        return context.NOTHING_AROUND
    shown = {
        one.alert_id
        for load in loads
        if load.channel.url == FILE or services.shows_pictures(load.channel.url)
        for one in load.claimed[: settings.max_in_full]
    }
    return context.gather(archive, alerts, shown, settings.zone, {channel.name for channel in channels})


def _waiting(archive: Archive, channels: Sequence[Channel]) -> int:
    rows = archive.rows("select channel, count(*) as n from deliveries where state = 'pending' group by channel")
    names = {channel.name for channel in channels}
    return sum(row["n"] for row in rows if row["channel"] in names)


# --- sending, side by side ---------------------------------------------------


class _Senders:
    """A thread for each channel, and what comes of its messages as it comes."""

    def __init__(
        self, archive: Archive, loads: Sequence[_Load], settings: Settings, around: Around, now: datetime
    ) -> None:
        self._archive, self._settings, self._around, self._now = archive, settings, around, now
        self._by_channel: dict[str, list[_Load]] = {}
        for load in loads:
            self._by_channel.setdefault(load.channel.name, []).append(load)
        self._done: queue.Queue[tuple[_Load, Outcome]] = queue.Queue()
        self._begun: set[int] = set()  # messages on their way, by their first delivery
        self._gate = threading.Lock()  # so that none begins once it was given up
        self._over = False

    def outcomes(self) -> Iterator[tuple[_Load, Outcome]]:
        """Each message with its outcome; what takes too long is left behind, and may have arrived."""
        open_loads = [load for loads in self._by_channel.values() for load in loads]
        for name, loads in self._by_channel.items():
            # A daemon thread: one that hangs must not keep the program from ending.
            threading.Thread(target=self._work, args=(loads,), name=f"deliver {name}", daemon=True).start()
        until = time.monotonic() + OVERALL_SECONDS
        while open_loads:
            try:
                load, outcome = self._done.get(timeout=max(0.0, until - time.monotonic()))
            except queue.Empty:
                with self._gate:
                    self._over = True
                late = NotSent(UNSURE, maybe=True), NotSent("no time was left for it")
                yield from ((load, late[load.ids[0] not in self._begun]) for load in open_loads)
                return
            open_loads = [one for one in open_loads if one is not load]
            yield load, outcome

    def _work(self, loads: Sequence[_Load]) -> None:
        """One channel's messages, one after the other; once the channel is in trouble the others wait."""
        trouble: NotSent | None = None
        for load in loads:
            outcome = trouble or self._send(load)
            if isinstance(outcome, NotSent) and not outcome.about_message:
                trouble = replace(outcome, maybe=False)
            self._done.put((load, outcome))

    def _send(self, load: _Load) -> Outcome:
        """Compose and send one message; whatever goes wrong with it is an outcome, not an exception."""
        channel = load.channel
        try:
            service = None if channel.url == FILE else services.service(channel.url)
            message = _message(load, self._settings, self._around, None if service is None else services.room(service))
            if not self._begin(load, message):
                return NotSent("too late: it was given up before it was sent", about_message=True)
        except services.UnknownAddress as error:
            return NotSent(f"its address {error}")
        except StoreError as error:
            return NotSent(str(error))
        except Exception as error:  # our own fault; the other channels are to go on
            log.exception("channel=%s cannot be composed for", channel.name)
            return NotSent(f"{type(error).__name__}: {error}"[:500], about_message=True)
        return _handed_over(channel, service, message, self._settings, self._now)

    def _begin(self, load: _Load, message: Message) -> bool:
        """Note that the message is on its way; False where others have it by now, or will."""
        with self._gate:
            if self._over or not self._archive.begin_sending(load.ids, message.key):
                return False
            self._begun.add(load.ids[0])
            return True


def _handed_over(channel: Channel, service: Any, message: Message, settings: Settings, now: datetime) -> Outcome:
    try:
        if service is None:
            return files.write(settings.outbox, message)
        return services.send(service, channel.url, message, now)
    except Exception as error:  # noqa: BLE001  a plugin may raise anything, and the other channels are to go on
        # No traceback: it could hold the address.
        log.error("channel=%s failed: %s", channel.name, type(error).__name__)
        return NotSent(services.redacted(f"{type(error).__name__}: {error}", channel.url)[:500], maybe=True)


def _message(load: _Load, settings: Settings, around: Around, limit: int | None) -> Message:
    if load.letter is not None:
        made = letter(load.claimed[0], load.letter, channel=load.channel.name, maybe_repeat=load.maybe_repeat)
        return made if limit is None or len(made.text) <= limit else replace(made, text=made.text[: limit - 1] + "…")
    return compose(
        load.claimed,
        channel=load.channel.name,
        min_severity=load.channel.min_severity,
        site_url=settings.site_url,
        around=around,
        max_in_full=settings.max_in_full,
        limit=limit,
        maybe_repeat=load.maybe_repeat,
    )


# --- keeping how it went -----------------------------------------------------


class _Notes:
    """Keeps in the outbox how each message went, and counts."""

    def __init__(self, archive: Archive, now: datetime, dice: random.Random) -> None:
        self._archive, self._now, self._dice = archive, now, dice
        self._held: dict[str, datetime] = {}  # channels that got into trouble in this run
        self.result = DeliveryResult()

    def keep(self, load: _Load, outcome: Outcome) -> None:
        """Keep one outcome."""
        name, done = load.channel.name, self.result
        if isinstance(outcome, Sent):
            self._archive.mark_sent(load.ids, self._now)
            log.info("channel=%s sent=%d", name, len(load.claimed))
            self.result = replace(done, sent=done.sent + len(load.claimed), messages=done.messages + 1)
            return
        log.warning("channel=%s not sent: %s", name, outcome.error)
        given_up, again = self._sorted(load, outcome)
        maybe = outcome.maybe or any(one.maybe_sent for one in load.claimed)
        until = self._until(load, outcome)
        if given_up:
            twice = "sent twice, and no answer came: " if outcome.maybe and load.maybe_repeat else ""
            self._archive.mark_failed(given_up, twice + outcome.error, maybe_sent=maybe)
        if again:
            apart = outcome.about_message or load.claimed[0].message is not None
            self._archive.mark_retry(again, outcome.error, until, maybe_sent=maybe, apart=apart)
        error = f"{name}: {outcome.error}"
        self.result = replace(
            done,
            retried=done.retried + len(again),
            failed=done.failed + len(given_up),
            errors=done.errors if error in done.errors else (*done.errors, error),
        )

    def _sorted(self, load: _Load, outcome: NotSent) -> tuple[list[int], list[int]]:
        """What is given up, and what is tried again. What got no answer goes once more and not twice."""
        if outcome.maybe and load.maybe_repeat:
            return load.ids, []
        given_up = [one.delivery_id for one in load.claimed if one.attempts >= MAX_ATTEMPTS]
        return given_up, [number for number in load.ids if number not in set(given_up)]

    def _until(self, load: _Load, outcome: NotSent) -> datetime:
        """When to try again; the whole channel is left alone until then, unless it only dislikes this message."""
        name = load.channel.name
        if outcome.about_message:
            return self._now + pause(max(one.attempts for one in load.claimed), self._dice)
        if name not in self._held:
            trouble = self._archive.channel_troubles().get(name)
            wait = pause(trouble.failures + 1 if trouble else 1, self._dice)
            if outcome.maybe:
                wait = max(wait, UNSURE_PAUSE)
            self._held[name] = self._now + max(wait, outcome.wait or timedelta(0))
            self._archive.hold_channel(name, self._held[name], outcome.error, self._now)
        return self._held[name]


def pause(attempts: int, dice: random.Random) -> timedelta:
    """How long to wait after so many failed attempts: twice as long each time, up to a limit, give or take."""
    longer: timedelta = min(FIRST_PAUSE * 2 ** min(attempts - 1, 30), LONGEST_PAUSE)
    return longer * dice.uniform(1 - JITTER, 1 + JITTER)


# --- before one trusts a channel -----------------------------------------------


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
    try:
        service = None if channel.url == FILE else services.service(channel.url)
    except services.UnknownAddress as error:
        return f"its address {error}"
    load = _Load(channel=channel, claimed=[alert])
    message = _message(load, settings, context.NOTHING_AROUND, None if service is None else services.room(service))
    outcome = _handed_over(channel, service, message, settings, now)
    return None if isinstance(outcome, Sent) else outcome.error
