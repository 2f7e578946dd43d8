"""Quiet hours, across both changes of the clocks: nothing but the worst in them, all of it after them, once."""

from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from db import Archive
from monitor.delivery import Settings, deliver, quiet
from tests.receivers import Posts, To, archive, new_alert, posts, settings

__all__ = ["archive", "posts", "settings"]  # fixtures

LONDON = ZoneInfo("Europe/London")
SPRING = datetime(2026, 3, 28, 12, tzinfo=UTC)  # 01:00 to 02:00 does not exist in the night to come
AUTUMN = datetime(2026, 10, 24, 12, tzinfo=UTC)  # 01:00 to 02:00 comes twice in the night to come
ORDINARY = datetime(2026, 7, 1, 12, tzinfo=UTC)

MINUTE = timedelta(minutes=1)


def span(begin: str, end: str) -> tuple[time, time]:
    return time.fromisoformat(begin), time.fromisoformat(end)


@pytest.mark.parametrize(
    ("day", "hours", "length"),
    [
        (ORDINARY, span("22:00", "07:00"), 9 * 60),
        (SPRING, span("22:00", "07:00"), 8 * 60),
        (AUTUMN, span("22:00", "07:00"), 10 * 60),
        (SPRING, span("22:00", "01:30"), 3 * 60),  # the end does not exist: quiet ends as the clocks go on
        (SPRING, span("01:30", "07:00"), 5 * 60),  # nor does the beginning
        (SPRING, span("01:15", "01:45"), 0),
        (AUTUMN, span("01:15", "01:45"), 60),  # twice half an hour
        (AUTUMN, span("22:00", "01:30"), 4 * 60),
        (ORDINARY, span("07:00", "07:00"), 0),
    ],
)
def test_quiet_is_what_the_clock_on_the_wall_says(day: datetime, hours: tuple[time, time], length: int) -> None:
    moments = [day + minute * MINUTE for minute in range(24 * 60)]
    hushed = [moment for moment in moments if quiet.is_quiet(hours, LONDON, moment)]
    assert len(hushed) == length
    for moment in moments:
        ends = quiet.ends(hours, LONDON, moment)
        if not quiet.is_quiet(hours, LONDON, moment):
            assert ends is None
            continue
        assert ends is not None and not quiet.is_quiet(hours, LONDON, ends)
        assert all(quiet.is_quiet(hours, LONDON, moment + n * MINUTE) for n in range(int((ends - moment) / MINUTE)))


def test_without_quiet_hours_it_is_never_quiet() -> None:
    assert not quiet.is_quiet(None, LONDON, ORDINARY)
    assert quiet.ends(None, LONDON, ORDINARY) is None


@pytest.mark.parametrize("day", [ORDINARY, SPRING, AUTUMN])
@pytest.mark.parametrize("hours", [span("22:00", "07:00"), span("22:00", "01:30"), span("01:30", "06:00")])
def test_in_quiet_hours_only_the_worst_comes_and_the_rest_right_after_them_once(
    archive: Archive, settings: Settings, posts: Posts, tmp_path: Path, day: datetime, hours: tuple[time, time]
) -> None:
    channel = To("desk", posts.json_url)
    heard: dict[str, datetime] = {}
    raised: dict[str, datetime] = {}
    for number in range(24 * 6):
        now = day + number * 10 * MINUTE
        if number % 9 == 0:
            severity = ("low", "high", "medium")[number // 9 % 3]
            archive.add_alerts([new_alert(f"{number} {severity}", severity)], {"desk": "low"}, now)
            raised[f"{number} {severity}"] = now
        before = len(posts.taken)
        deliver(archive, [channel], settings, now, least="high" if quiet.is_quiet(hours, LONDON, now) else "low")
        for alert in (alert for body in posts.bodies[before:] for alert in body["alerts"]):
            assert alert["key"] not in heard, "each once"
            heard[alert["key"]] = now
    for key, moment in raised.items():
        hush = quiet.ends(hours, LONDON, moment)
        due = moment if hush is None or key.endswith("high") else hush
        assert heard[key] == due
