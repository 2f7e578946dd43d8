"""When a source is visited next: arithmetic on times, nothing else.

A schedule is cron text or an interval. Cron text is read as cron reads it, which
APScheduler's own `from_crontab` does not: there 0 is Monday, and a day of the month
beside a day of the week must hold both instead of either.
"""

import re
from datetime import UTC, datetime, timedelta
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo

from apscheduler.triggers import combining
from apscheduler.triggers import cron as apscheduler_cron
from apscheduler.triggers import interval as apscheduler_interval

# APScheduler 3 has no type hints.
Trigger: TypeAlias = Any  # has get_next_fire_time(previous, now)
CronTrigger: Any = apscheduler_cron.CronTrigger
IntervalTrigger: Any = apscheduler_interval.IntervalTrigger
OrTrigger: Any = combining.OrTrigger

_EVERY = re.compile(r"(\d+)\s*(s|m|min|h|d)")  # "90m", "6h", "1d"
_UNITS = {
    "s": timedelta(seconds=1),
    "m": timedelta(minutes=1),
    "min": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "d": timedelta(days=1),
}
_WEEKDAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")  # cron's order, 0 to 6
SHORTEST = timedelta(minutes=5)  # below that it is a nuisance to the site
_FIRST_RETRY = timedelta(minutes=30)


def interval(text: str) -> timedelta:
    """The length of "90m", "6h" or "1d"; ValueError says what was expected.

    >>> interval("6h")
    datetime.timedelta(seconds=21600)
    """
    match = _EVERY.fullmatch(text.strip().lower())
    if match is None:
        raise ValueError(f'"{text}" is not a length of time like "90m", "6h" or "1d"')
    length = int(match[1]) * _UNITS[match[2]]
    if not length:
        raise ValueError(f'"{text}" is no time at all')
    return length


def cron(text: str, zone: ZoneInfo) -> Trigger:
    """A trigger for five fields of cron text; ValueError says which field is wrong."""
    parts = text.split()
    if len(parts) != 5:
        raise ValueError(f'"{text}" has {len(parts)} fields; cron text has 5: minute hour day month weekday')
    minute, hour, day, month, weekday = parts
    times = {"minute": minute, "hour": hour, "month": month, "timezone": zone}
    if day.startswith("*") or weekday.startswith("*"):
        return _fires(CronTrigger(day=day, day_of_week=_weekdays(weekday), **times), text)
    both = [CronTrigger(day=day, **times), CronTrigger(day_of_week=_weekdays(weekday), **times)]
    return _fires(OrTrigger(both), text)


def trigger(schedule: str | timedelta, zone: ZoneInfo) -> Trigger:
    """APScheduler's trigger for a schedule."""
    if isinstance(schedule, timedelta):
        return IntervalTrigger(seconds=schedule.total_seconds(), timezone=zone)
    return cron(schedule, zone)


def next_due(schedule: str | timedelta, now: datetime, zone: ZoneInfo) -> datetime:
    """The first moment after *now* that *schedule* names, in UTC."""
    if isinstance(schedule, timedelta):
        return now + schedule
    fires = cron(schedule, zone)
    due = fires.get_next_fire_time(None, now + timedelta(microseconds=1))
    if due.fold and not schedule.split()[1].startswith("*"):
        # The clocks went back: the hour comes twice, but what is named by its hour happens once.
        due = fires.get_next_fire_time(None, due + timedelta(hours=1))
    utc: datetime = due.astimezone(UTC)
    return utc


def due_at(noted: datetime | None, schedule: str | timedelta, now: datetime, zone: ZoneInfo) -> datetime:
    """When a source is due, given the time *noted* after its last visit (None: never visited).

    A time in the past is due at once, which is how the daemon catches up. A time further
    off than the schedule allows is a leftover of another schedule, or of a clock that ran ahead.
    """
    if noted is None:
        return now
    return min(noted, next_due(schedule, now, zone))


def after_failure(failures: int, regular: datetime, now: datetime) -> datetime:
    """When to try again after *failures* in a row: half an hour, doubling, never later than *regular*."""
    return min(regular, now + _FIRST_RETRY * 2.0 ** min(failures - 1, 10))


def _fires(trigger: Trigger, text: str) -> Trigger:
    if trigger.get_next_fire_time(None, datetime(2024, 1, 1, tzinfo=UTC)) is None:  # a leap year: 29 February exists
        raise ValueError(f'"{text}" names a day that never comes')
    return trigger


def _weekdays(field: str) -> str:
    """Cron's numbers and ranges of weekdays as names, which mean the same to everyone.

    >>> _weekdays("1-5"), _weekdays("0"), _weekdays("5-7"), _weekdays("*"), _weekdays("fri")
    ('mon,tue,wed,thu,fri', 'sun', 'sun,fri,sat', '*', 'fri')
    """
    if field == "*":
        return field
    days: set[int] = set()
    for part in field.lower().split(","):
        span, _, step = part.partition("/")
        first, dash, last = span.partition("-")
        if span == "*":
            low, high = 0, 6
        else:
            low = _weekday(first, field)
            high = _weekday(last, field) if dash else (6 if step else low)
        if step and not (step.isdigit() and int(step)):
            raise ValueError(f'weekday "{field}": "{step}" is not a step')
        if high < low:
            high += 7  # "fri-mon", and "5-0"
        days.update(day % 7 for day in range(low, high + 1, int(step or 1)))
    return ",".join(_WEEKDAYS[day] for day in sorted(days))


def _weekday(text: str, field: str) -> int:
    if text in _WEEKDAYS:
        return _WEEKDAYS.index(text)
    if text.isdigit() and int(text) <= 7:
        return int(text)
    raise ValueError(f'weekday "{field}": expected 0-7 or mon-sun, found "{text}"')
