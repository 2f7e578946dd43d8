"""The weekly letter: what it says, and that each is sent once."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from click.testing import CliRunner

from db import Archive, open_archive
from db.alerts import NewAlert
from db.mutes import Mute
from monitor import config, letter
from monitor.commands.digest import digest
from monitor.letter.due import last_span
from tests.test_db_samples import AMBER, RED, edition, found, keep_read, kpi, reading

LONDON = ZoneInfo("Europe/London")
MONDAY = datetime(2026, 11, 23, 8, tzinfo=UTC)
WEEK = timedelta(days=7)
SETTINGS = """
[archive]
path = "archive"
[[councils]]
slug = "kent"
name = "Kent County Council"
[sources.ombudsman]
schedule = "0 7 * * *"
[crawl]
user_agent = "kccwatch/0.1 (mailto:you@example.org)"
[[alerts.channels]]
name = "file"
url = "file"
letter = true
[[alerts.channels]]
name = "other"
url = "file"
"""


@pytest.fixture
def settings(tmp_path: Path) -> config.Config:
    place = tmp_path / "config.toml"
    place.write_text(SETTINGS, encoding="utf-8")
    return config.load(place)


@pytest.fixture
def archive(settings: config.Config) -> Iterator[Archive]:
    with open_archive(settings.archive.path) as opened:
        yield opened


def alert(archive: Archive, rule: str, title: str, at: datetime, key: str = "") -> None:
    new = NewAlert(
        rule=rule,
        key=key or title,
        severity="medium",
        title=title,
        body=f"More of {title}.",
        url="https://democracy.kent.gov.uk/documents/s1/A.pdf#page=3",
        evidence={"council": "kent"},
    )
    archive.add_alerts([new], {"file": "low"}, at)


def contents(archive: Archive, since: datetime = MONDAY - WEEK, until: datetime = MONDAY) -> letter.Contents:
    return letter.gather(archive, "kent", "Kent County Council", since, until)


def page(archive: Archive) -> letter.Page:
    return letter.write(contents(archive), zone=LONDON)


def test_a_week_without_news_says_so_and_what_was_read(archive: Archive) -> None:
    keep_read(archive, found(), reading(edition(), kpi()), now=MONDAY - timedelta(days=1))
    written = page(archive)
    assert written.subject == "Kent County Council, 16 November to 23 November: nothing new"
    assert written.text.startswith("Nothing new from 16 November to 23 November: one paper or page was read.\n")


def test_each_alert_of_the_week_stands_under_its_heading(archive: Archive) -> None:
    for rule in ("new_red", "public_report", "document_changed", "news_story", "risk_raised", "source_failing"):
        alert(archive, rule, f"News by {rule}", MONDAY - timedelta(days=2))
    alert(archive, "new_red", "Old news", MONDAY - WEEK - timedelta(hours=1))
    said = contents(archive)
    where = {
        name: [line.text for line in getattr(said, name)]
        for name in ("changed", "ombudsman", "replaced", "press", "also", "trouble")
    }
    assert where == {
        "changed": ["News by new_red"],
        "ombudsman": ["News by public_report"],
        "replaced": ["News by document_changed"],
        "press": ["News by news_story"],
        "also": ["News by risk_raised"],
        "trouble": ["News by source_failing"],
    }


def test_what_is_muted_is_left_out(archive: Archive) -> None:
    alert(archive, "new_red", "Potholes", MONDAY - timedelta(days=2), key="potholes")
    muted = Mute(rule="new_red", key="potholes", until=MONDAY + WEEK, reason=None)
    archive.mute(muted, MONDAY - timedelta(days=1))
    assert contents(archive).changed == ()


def test_what_only_reading_again_brought_is_left_out(archive: Archive) -> None:
    told = NewAlert(rule="new_red", key="a", severity="high", title="RED: Told", body="")
    hushed = replace(told, key="b", title="RED: Not told", evidence={"hushed": "brought by reading again"})
    archive.add_alerts([told, hushed], {"file": "low"}, MONDAY - timedelta(days=1))

    contents = letter.gather(archive, "kent", "Kent County Council", MONDAY - WEEK, MONDAY)

    assert [line.text for line in contents.changed] == ["RED: Told"]


def test_all_that_is_red_is_listed_with_how_long_it_has_been(archive: Archive) -> None:
    for quarter, rag in ((1, AMBER), (2, RED), (3, RED)):
        indicator = kpi(rag=rag, value_text="81%", target_text="90%", floor_text="85%", page=20 + quarter)
        keep_read(archive, found(f"s{quarter}"), reading(edition(quarter=quarter), indicator), now=MONDAY - 2 * WEEK)
    said = contents(archive)
    (line,) = said.red
    assert said.red_edition == "Q3 2024/25"
    assert line.text == "% of potholes repaired: 81% (target 90%, floor 85%)"
    assert line.detail == "Environment & Transport; Red in the last 2 reports held, stable"
    assert line.url == "https://democracy.kent.gov.uk/documents/s3/Paper.pdf#page=23"


def test_text_of_others_is_text(archive: Archive) -> None:
    alert(archive, "new_red", "<script>alert(1)</script>", MONDAY - timedelta(days=2))
    written = page(archive)
    assert "<script>" not in written.html
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in written.html
    assert "- <script>alert(1)</script>" in written.text


def test_a_long_section_is_cut_and_says_so(archive: Archive) -> None:
    for number in range(30):
        alert(archive, "new_red", f"Indicator {number}", MONDAY - timedelta(days=2))
    written = page(archive)
    assert "and 18 more" in written.text
    assert written.subject.endswith("30 changes in the indicators")


def enter(archive: Archive, settings: config.Config, at: datetime) -> int:
    return letter.enter_due(archive, settings, at)


def test_a_letter_is_entered_once_for_the_channels_that_take_it(archive: Archive, settings: config.Config) -> None:
    archive.start_run("read", MONDAY - timedelta(hours=3))
    assert enter(archive, settings, MONDAY - timedelta(minutes=1)) == 0
    assert enter(archive, settings, MONDAY + timedelta(minutes=5)) == 1
    assert enter(archive, settings, MONDAY + timedelta(hours=5)) == 0
    sent_to = archive.rows("select d.channel, a.key from deliveries as d join alerts as a on a.id = d.alert_id")
    assert [tuple(row.values()) for row in sent_to] == [("file", "kent:2026-11-23T08:00:00+00:00")]
    assert enter(archive, settings, MONDAY + WEEK) == 1


def test_one_that_fell_due_while_the_program_was_off_is_written_later(
    archive: Archive, settings: config.Config
) -> None:
    archive.start_run("read", MONDAY - WEEK)
    assert enter(archive, settings, MONDAY + timedelta(days=3)) == 1


def test_there_is_none_for_the_time_before_the_first_run(archive: Archive, settings: config.Config) -> None:
    archive.start_run("read", MONDAY + timedelta(hours=2))
    assert enter(archive, settings, MONDAY + timedelta(hours=3)) == 0


@pytest.mark.parametrize(
    ("at", "hours"),
    [
        (datetime(2026, 3, 30, 9, tzinfo=UTC), 7 * 24 - 1),  # the clocks went forward the day before
        (datetime(2026, 10, 26, 9, tzinfo=UTC), 7 * 24 + 1),  # and back
    ],
)
def test_a_letter_is_due_at_eight_by_the_clock_on_the_wall(settings: config.Config, at: datetime, hours: int) -> None:
    span = last_span(settings.alerts.letter_schedule, at, settings)
    assert span is not None
    assert {moment.astimezone(LONDON).hour for moment in span} == {8}
    assert span[1] - span[0] == timedelta(hours=hours)


def test_the_command_prints_it_and_writes_it_as_a_file(archive: Archive, settings: config.Config) -> None:
    alert(archive, "new_red", "Potholes", datetime.now(UTC) - timedelta(days=1))
    place = settings.archive.path.parent
    said = CliRunner().invoke(digest, ["--config", str(place / "config.toml")])
    assert said.exit_code == 0, said.output
    assert "1 change in the indicators" in said.output
    told = CliRunner().invoke(digest, ["--config", str(place / "config.toml"), "--html", str(place / "letter.html")])
    assert told.exit_code == 0, told.output
    assert "Potholes" in (place / "letter.html").read_text(encoding="utf-8")


def test_a_schedule_that_is_none_is_told_with_its_key(settings: config.Config) -> None:
    place = settings.archive.path.parent / "config.toml"
    place.write_text(
        SETTINGS.replace("[[alerts.channels]]", '[alerts]\nletter_schedule = "weekly"\n[[alerts.channels]]', 1),
        encoding="utf-8",
    )
    with pytest.raises(config.ConfigError, match=r"alerts\.letter_schedule"):
        config.load(place)


def test_a_source_in_trouble_that_no_alert_told_is_named(archive: Archive) -> None:
    archive.set_source_state("news", "kent", "failing", "HTTP 500", MONDAY - timedelta(days=1))
    said = contents(archive)
    assert [replace(line, url=None).text for line in said.trouble] == ["news: failing since 22 November 2026"]
