"""A source breaks, falls silent and comes back; each is noted once."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from db import Archive, open_archive
from parsers.records import Kind, Outcome, Reading
from tests.test_db_samples import NOW, found, keep

DAY = timedelta(days=1)


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    with open_archive(tmp_path) as opened:
        yield opened


def visit(archive: Archive, state: str, at: datetime, reason: str | None = None, source: str = "news") -> None:
    archive.set_source_state(source, "kent", state, reason, at)


def state(archive: Archive, source: str = "news") -> str:
    return next(one.state for one in archive.source_states() if one.source == source)


def events(archive: Archive) -> list[tuple[str, str, str]]:
    rows = archive.rows("select before_state, state, cause from source_events order by id")
    return [(row["before_state"], row["state"], row["cause"]) for row in rows]


def test_a_source_that_was_always_well_is_no_event(archive: Archive) -> None:
    for day in range(3):
        visit(archive, "ok", NOW + day * DAY)
    assert (state(archive), events(archive)) == ("ok", [])


def test_a_failure_is_certain_at_the_second_visit_and_told_once(archive: Archive) -> None:
    visit(archive, "ok", NOW)
    visit(archive, "failing", NOW + DAY, "HTTP 500")
    assert (state(archive), events(archive)) == ("failing", [])
    for day in range(2, 7):
        visit(archive, "failing", NOW + day * DAY, "HTTP 500" if day % 2 else "no connection")
    assert events(archive) == [("ok", "failing", "visit")]
    assert archive.source_states()[0].since == NOW + DAY
    visit(archive, "ok", NOW + 7 * DAY)
    assert events(archive) == [("ok", "failing", "visit"), ("failing", "ok", "visit")]


def test_a_single_failure_that_passes_is_never_told(archive: Archive) -> None:
    for day, found_state in enumerate(("ok", "failing", "ok", "failing", "ok")):
        visit(archive, found_state, NOW + day * DAY)
    assert events(archive) == []


def test_an_hour_in_which_nothing_answers_is_never_told(archive: Archive) -> None:
    for minutes, found_state in ((0, "ok"), (60, "failing"), (90, "failing"), (150, "ok")):
        visit(archive, found_state, NOW + timedelta(minutes=minutes))
    assert events(archive) == []


def test_three_visits_without_an_answer_are_told_however_near_they_are(archive: Archive) -> None:
    for minutes, found_state in ((0, "ok"), (1, "failing"), (2, "failing")):
        visit(archive, found_state, NOW + timedelta(minutes=minutes))
    assert events(archive) == []
    visit(archive, "failing", NOW + timedelta(minutes=3))
    assert events(archive) == [("ok", "failing", "visit")]


@pytest.mark.parametrize("broken", ["blocked", "changed", "gone"])
def test_what_does_not_pass_by_itself_is_told_at_once(archive: Archive, broken: str) -> None:
    visit(archive, "ok", NOW)
    visit(archive, broken, NOW + DAY, "a challenge page")
    assert events(archive) == [("ok", broken, "visit")]


def read_as(archive: Archive, body: bytes, outcome: Outcome, at: datetime) -> None:
    page = found(key="lgo:kent", url="https://www.lgo.org.uk/kent", source="ombudsman")
    version = keep(archive, page, body, now=at)
    reading = Reading(
        kind=Kind.OMBUDSMAN_STATISTICS if outcome is Outcome.READ else Kind.OTHER,
        outcome=outcome,
        parser="ombudsman",
        parser_version=1,
        note=None if outcome is Outcome.READ else "expected statistics, found none",
    )
    archive.store_reading(version, reading, council="kent", now=at)
    archive.settle_sources(at)


def test_a_standing_page_that_cannot_be_read_any_more_is_a_changed_site(archive: Archive) -> None:
    visit(archive, "ok", NOW, source="ombudsman")
    read_as(archive, b"statistics", Outcome.READ, NOW)
    assert state(archive, "ombudsman") == "ok"
    read_as(archive, b"redesign", Outcome.QUARANTINED, NOW + DAY)
    visit(archive, "ok", NOW + DAY, source="ombudsman")  # the site answers as it should
    assert state(archive, "ombudsman") == "changed"
    assert archive.source_states()[0].reason == "https://www.lgo.org.uk/kent: expected statistics, found none"
    assert events(archive) == [("ok", "changed", "reading")]
    read_as(archive, b"new statistics", Outcome.READ, NOW + 2 * DAY)
    assert events(archive)[1:] == [("changed", "ok", "reading")]


def feed(archive: Archive, days: list[int]) -> None:
    """Something new on each of the days."""
    for day in days:
        at = NOW + day * DAY
        keep(archive, found(key=f"story:{day}", url=f"https://news.test/{day}", source="news"), b"%d" % day, now=at)
        visit(archive, "ok", at)


def test_a_source_is_silent_when_it_pauses_longer_than_ever_before(archive: Archive) -> None:
    feed(archive, [0, 2, 4, 20, 22])  # once sixteen days
    visit(archive, "ok", NOW + 45 * DAY)
    assert state(archive) == "ok"  # twenty-three days: less than half as long again
    visit(archive, "ok", NOW + 47 * DAY)
    assert (state(archive), events(archive)) == ("stale", [("ok", "stale", "silence")])
    assert archive.source_states()[0].reason == "nothing new for 25 days, longer than ever before"
    visit(archive, "ok", NOW + 60 * DAY)
    assert events(archive) == [("ok", "stale", "silence")]
    feed(archive, [61])
    assert (state(archive), events(archive)[1:]) == ("ok", [("stale", "ok", "silence")])


def test_a_source_that_was_not_visited_is_not_silent(archive: Archive) -> None:
    feed(archive, [0, 2])
    archive.settle_sources(NOW + 200 * DAY)  # the program was off all that time
    assert state(archive) == "ok"


def test_the_august_of_a_council_is_no_silence(archive: Archive) -> None:
    keep(archive, found(), b"paper", now=NOW)
    for day in range(0, 59, 7):
        visit(archive, "ok", NOW + day * DAY, source="committee_papers")
    assert state(archive, "committee_papers") == "ok"
