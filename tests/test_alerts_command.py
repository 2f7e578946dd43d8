"""`alerts`, `mute` and `ack`, as a person calls them."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

import db
from monitor.cli import cli
from monitor.work import utc_now
from tests.receivers import new_alert

Run = Callable[..., Result]

CONFIG = """
[[councils]]
slug = "kent"
name = "Kent County Council"
[crawl]
user_agent = "kccwatch-tests (mailto:tests@example.org)"
[sources.ombudsman]
[[alerts.channels]]
name = "file"
url = "file"
[[alerts.channels]]
name = "desk"
url = "json://127.0.0.1:9/x"
"""
TO = {"file": "low", "desk": "low"}


@pytest.fixture
def place(tmp_path: Path) -> Path:
    file = tmp_path / "config.toml"
    file.write_text(CONFIG)
    with db.open_archive(tmp_path / "archive") as archive:
        archive.add_alerts(
            [
                new_alert("kent:2026/27:2:potholes", title="RED: Potholes \x1b[31m", evidence={"page": 3}),
                new_alert("kent:9", rule="discrepancy", severity="low", title="Does not add up"),
            ],
            TO,
            utc_now(),
        )
    return file


@pytest.fixture
def kccwatch(place: Path) -> Run:
    def call(*words: object) -> Result:
        return CliRunner().invoke(cli, [*map(str, words), "--config", str(place)])

    return call


def told(place: Path, sql: str) -> list[tuple[Any, ...]]:
    with db.open_archive(place.parent / "archive", readonly=True) as archive:
        return [tuple(row.values()) for row in archive.rows(sql)]


def test_what_is_muted_is_told_kept_back_and_listed_until_it_is_undone(kccwatch: Run, place: Path) -> None:
    done = kccwatch("mute", "discrepancy", "--until", "2999-01-01", "--reason", "on holiday")
    assert (done.exit_code, done.stderr) == (0, "")
    assert done.stdout.splitlines() == [
        "muted until 1 January 2999: all alerts of the rule discrepancy (A paper contradicts itself or another.)",
        "2 deliveries that waited are not sent",
        "to hear of it again before: kccwatch mute discrepancy --undo",
    ]
    listed = kccwatch("mute").stdout
    assert "discrepancy\tall alerts of the rule discrepancy" in listed and "on holiday" in listed
    with db.open_archive(place.parent / "archive") as archive:
        archive.add_alerts([new_alert("kent:10", rule="discrepancy", title="Another")], TO, utc_now())
    states = told(place, "select alert_id, channel, state from deliveries where state = 'suppressed' order by id")
    assert states == [
        (2, "file", "suppressed"),
        (2, "desk", "suppressed"),
        (3, "file", "suppressed"),
        (3, "desk", "suppressed"),
    ]
    assert "no longer muted" in kccwatch("mute", "discrepancy", "--undo").stdout
    assert kccwatch("mute").stdout == "nothing is muted\n"
    assert "was not muted" in kccwatch("mute", "discrepancy", "--undo").stdout


def test_the_number_of_an_alert_means_that_story(kccwatch: Run, place: Path) -> None:
    done = kccwatch("mute", "1", "--until", "2999-01-01", "--json")
    assert json.loads(done.stdout) == {
        "rule": "new_red",
        "key": "kent:2026/27:2:potholes",
        "until": "2999-01-01",
        "about": "alerts of the rule new_red whose key is, or begins with, kent:2026/27:2:potholes",
        "kept_back": 2,
    }
    assert told(place, "select distinct state from deliveries where alert_id = 2") == [("pending",)]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("nosuch", "--until", "2999-01-01"), '"nosuch" is no rule, no number of an alert and no indicator'),
        (("77", "--until", "2999-01-01"), "there is no alert 77"),
        (("kpi:77", "--until", "2999-01-01"), "there is no indicator kpi:77"),
        (("new_red",), "--until DATE is missing"),
        (("new_red", "--until", "soon"), '"soon" is not a date'),
        (("new_red", "--until", "2020-01-01"), "2020-01-01 is not in the future"),
    ],
)
def test_a_mute_that_cannot_be_meant_is_a_wrong_call(kccwatch: Run, words: tuple[str, ...], says: str) -> None:
    done = kccwatch("mute", *words)
    assert done.exit_code == 2 and says in done.stderr
    assert "Traceback" not in done.stderr


def test_what_is_acknowledged_is_listed_as_such(kccwatch: Run) -> None:
    assert kccwatch("ack", "1", "--note", "they told us").stdout == "1 is acknowledged: RED: Potholes \\x1b[31m\n"
    assert kccwatch("ack", "1").stdout.startswith("1 was acknowledged already")
    rows = [json.loads(line) for line in kccwatch("alerts", "--json").stdout.splitlines()]
    assert [(row["id"], row["acknowledged_note"]) for row in rows] == [(2, None), (1, "they told us")]
    assert "; acknowledged" in kccwatch("alerts").stdout
    assert kccwatch("ack", "1", "--undo").stdout.startswith("1 is no longer acknowledged")
    assert kccwatch("ack", "1", "5").exit_code == 2


def test_a_dead_channel_is_told_by_deliver_alerts_and_status(kccwatch: Run, place: Path) -> None:
    done = kccwatch("deliver")
    assert done.exit_code == 1
    assert "2 waiting" in done.stdout and "desk: no connection to 127.0.0.1" in done.stderr
    status = kccwatch("status").stdout
    assert "channel desk takes no messages: no connection to 127.0.0.1" in status and "tried 1 times" in status
    (row, _) = [json.loads(line) for line in kccwatch("alerts", "--json", "--state", "pending").stdout.splitlines()]
    assert {one["channel"]: one["state"] for one in row["deliveries"]} == {"file": "sent", "desk": "pending"}
    assert kccwatch("alerts", "--state", "failed").stdout == "no alerts\n"
    assert "next try" in kccwatch("alerts").stdout
