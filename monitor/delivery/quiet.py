"""Quiet hours: local times between which only what is most severe is sent.

They go by the clock on the wall. In spring, times that do not exist are passed over; in autumn, an hour
that comes twice is quiet twice where it is quiet at all.
"""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

Hours = tuple[time, time] | None  # from, to; past midnight where the first is the later; None for never
_LONGEST = timedelta(hours=26)  # a day, and what a change of the clocks can add
_STEP = timedelta(minutes=1)


def is_quiet(hours: Hours, zone: ZoneInfo, now: datetime) -> bool:
    """Whether *now* falls into the quiet hours."""
    if hours is None:
        return False
    begin, end = hours
    local = now.astimezone(zone).time()
    return begin <= local < end if begin <= end else local >= begin or local < end


def ends(hours: Hours, zone: ZoneInfo, now: datetime) -> datetime | None:
    """When the quiet hours that *now* falls into end, in UTC; None where it falls into none.

    >>> from datetime import datetime, time
    >>> night, london = (time(22), time(1, 30)), ZoneInfo("Europe/London")
    >>> ends(night, london, datetime(2026, 3, 29, 0, 10, tzinfo=UTC)).isoformat()  # 01:30 does not exist that day
    '2026-03-29T01:00:00+00:00'
    """
    if not is_quiet(hours, zone, now):
        return None
    later = now.astimezone(UTC).replace(second=0, microsecond=0) + _STEP
    while later < now + _LONGEST:
        if not is_quiet(hours, zone, later):
            return later
        later += _STEP
    return None
