"""When a letter is due, and handing it to the outbox: each once, however often one asks."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Protocol

from db import NewLetter
from db.values import utc
from monitor import schedule
from monitor.config import Config
from monitor.letter.contents import gather
from monitor.letter.page import write
from monitor.reads import Reads

KIND = "weekly_letter"
# The last is longer than letters may be apart; the shorter ones come first, for schedules that name every minute.
LOOK_BACK = (timedelta(hours=2), timedelta(days=2), timedelta(days=15), timedelta(days=62))


class Archive(Reads, Protocol):
    """As much of `db.Archive` as letters need."""

    def add_letter(self, letter: NewLetter, channels: Sequence[str], now: datetime) -> int | None:
        """Enter a letter; None where there is one of its key already."""
        ...


def enter_due(archive: Archive, config: Config, now: datetime) -> int:
    """Write the letters whose time has come, for the channels that take them; how many were new.

    One that fell due while the program was off is written when it is on again. There is none for the
    time before the program first ran.
    """
    channels = [channel.name for channel in config.alerts.channels if channel.letter]
    span = last_span(config.alerts.letter_schedule, now, config) if channels else None
    if span is None or not _ran_before(archive, span[1]):
        return 0
    since, until = span
    entered = 0
    for council in config.councils:
        key = f"{council.slug}:{utc(until)}"
        if archive.rows("select 1 from alerts where rule = ? and key = ?", [KIND, key]):
            continue
        page = write(
            gather(archive, council.slug, council.name, since, until),
            zone=config.alerts.zone,
            site_url=config.alerts.site_url,
        )
        letter = NewLetter(kind=KIND, key=key, subject=page.subject, text=page.text, html=page.html)
        entered += archive.add_letter(letter, channels, now) is not None
    return entered


def last_span(cron: str, now: datetime, config: Config) -> tuple[datetime, datetime] | None:
    """The last time at which a letter was due, with the time before it; None where the schedule has no two."""
    for back in LOOK_BACK:
        fires: list[datetime] = []
        at = now - back
        while (at := schedule.next_due(cron, at, config.alerts.zone)) <= now:
            fires.append(at)
        if len(fires) > 1:
            return fires[-2], fires[-1]
    return None


def _ran_before(archive: Reads, moment: datetime) -> bool:
    return bool(archive.rows("select 1 from runs where started_at <= ? limit 1", [utc(moment)]))
