"""The commands as a person or a script meets them: what is printed, and the exit status."""

import json
import os
import pty
import re
import sqlite3
import subprocess
import sys
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Protocol

import pytest

import db
from monitor import lock
from monitor.cli import main
from monitor.commands.output import plain
from parsers.records import Kind, KpiReading, Outcome, Reading, Report

ROOT = Path(__file__).parents[1]
NOW = datetime(2026, 11, 21, 8, tzinfo=UTC)
ESCAPE = "\x1b"

CONFIG = """
[[councils]]
slug = "kent"
name = "Kent County Council"
moderngov = "https://democracy.kent.gov.uk"

[crawl]
user_agent = "kccwatch (mailto:me@example.org)"

[sources.news]
feeds = ["https://a.example/rss"]

[[alerts.channels]]
name = "file"
url = "file"
[[alerts.channels]]
name = "newsroom"
url = "${KCC_TEST_NEWSROOM}"
"""


@dataclass(frozen=True)
class Ended:
    """What a command printed, and the status it ended with."""

    returncode: object
    stdout: str
    stderr: str


class Run(Protocol):
    def __call__(self, *arguments: str | Path) -> Ended: ...


@pytest.fixture
def kccwatch(capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs a command as a script would: no terminal, output caught."""

    def run(*arguments: str | Path) -> Ended:
        with pytest.raises(SystemExit) as end:
            main([str(argument) for argument in arguments])
        caught = capsys.readouterr()
        return Ended(end.value.code, caught.out, caught.err)

    return run


def lines(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A config.toml; its archive is not made yet."""
    found = tmp_path / "config.toml"
    found.write_text(CONFIG, encoding="utf-8")
    return found


@pytest.fixture
def told(place: Path) -> Path:
    """A config.toml whose archive holds a paper, an alert, and a title that is out to hurt a terminal."""
    with db.open_archive(place.parent / "archive") as archive:
        found = db.Found(
            key="k", url="https://democracy.kent.gov.uk/a", source="committee_papers", council="kent", title="A paper"
        )
        kept = archive.remember(found, b"body", now=NOW)
        assert kept.version_id is not None
        reading = Reading(kind=Kind.OTHER, outcome=Outcome.QUARANTINED, parser="p", parser_version=1, note="38, not 37")
        archive.store_reading(kept.version_id, reading, council="kent", now=NOW)
        alert = db.NewAlert(
            rule="new_red", key="1", severity="high", title=f"RED: {ESCAPE}[31mFOI\u202e answered", body="Body."
        )
        archive.add_alerts([alert], {"file": "low"}, NOW)
        archive.save_discrepancies(
            [
                db.Discrepancy(
                    key="d", check_name="counts_add_up", severity="medium", subject="Kent, Q3", stated="39",
                    computed="38", explanation="The paper says 39 and holds 38.", version_id=kept.version_id, page=4,
                    other_version_id=None, other_page=None,
                )
            ],
            checked_versions=[],
            now=NOW,
        )  # fmt: skip
    return place


# --- the call and the configuration


@pytest.mark.parametrize(
    "call",
    [
        ("nosuch",),
        ("once", "weather"),
        ("crawl",),
        ("parse",),
        ("parse", "nowhere.pdf"),
        ("ingest", "pyproject.toml"),
        ("ingest", "pyproject.toml", "--url", "https://x.example/", "--published", "4 March"),
        ("serve", "--port", "0"),
        ("parse", "pyproject.toml", "README.md", "--url", "https://x.example/"),
    ],
)
def test_a_wrong_call_is_told_and_ends_with_2(kccwatch: Run, call: Sequence[str]) -> None:
    done = kccwatch(*call)

    assert done.returncode == 2 and done.stdout == ""
    assert "Error: " in done.stderr and "Traceback" not in done.stderr


@pytest.mark.parametrize("command", [("status",), ("once",), ("run",), ("backup", "there"), ("check-config",)])
def test_a_wrong_configuration_is_told_whole_and_ends_with_2(
    kccwatch: Run, place: Path, command: Sequence[str]
) -> None:
    place.write_text(CONFIG.replace("slug", "slog").replace("https://a.example", "a.example"))

    done = kccwatch(*command, "--config", place)

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.splitlines() == [
        f"{place}: 3 problems",
        "  councils[0].slug: is missing",
        "  councils[0].slog: is not a key that kccwatch knows (did you mean slug?)",
        '  sources.news.feeds[0]: "a.example/rss" is not a web address: it should start with https:// and name a host',
    ]


def test_the_configuration_is_found_by_option_by_environment_and_in_the_folder(
    kccwatch: Run, place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert kccwatch("check-config").returncode == 0
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    assert kccwatch("check-config", "--config", place).returncode == 0
    missing = kccwatch("check-config")
    monkeypatch.setenv("KCCWATCH_CONFIG", str(place))
    assert kccwatch("check-config").returncode == 0
    assert missing.returncode == 2 and "config.toml: 1 problem\n  no such file" in missing.stderr


def test_a_source_that_is_not_configured_cannot_be_crawled(kccwatch: Run, place: Path) -> None:
    done = kccwatch("crawl", "ombudsman", "--config", place)

    assert done.returncode == 2 and "config.toml has no [sources.ombudsman]; it watches news" in done.stderr


def test_an_archive_of_a_newer_version_is_refused(kccwatch: Run, told: Path) -> None:
    with closing(sqlite3.connect(told.parent / "archive" / "archive.db")) as connection:
        connection.execute("pragma user_version = 999")
    before = (told.parent / "archive" / "archive.db").read_bytes()

    for command in ("read", "status"):
        done = kccwatch(command, "--config", told)
        assert done.returncode == 2 and "install the newer one" in done.stderr and "Traceback" not in done.stderr
    assert (told.parent / "archive" / "archive.db").read_bytes() == before


def test_an_archive_that_cannot_be_made_is_told_in_a_sentence(kccwatch: Run, place: Path) -> None:
    (place.parent / "archive").write_text("a file is in the way")

    for command in ("read", "once"):
        done = kccwatch(command, "--config", place)
        assert done.returncode == 1
        assert done.stderr == f"{place.parent}/archive: cannot be used as the archive's folder: File exists\n"


# --- what a person asks


def test_check_config_says_what_is_watched_and_which_channel_is_off(
    kccwatch: Run, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = kccwatch("check-config", "--config", place).stdout

    assert "source news: next visit 20" in said and "source ombudsman: not watched" in said
    assert "channel newsroom: off: KCC_TEST_NEWSROOM is set neither in the environment nor as a systemd" in said
    monkeypatch.setenv("KCC_TEST_NEWSROOM", "json://hooks.example")
    assert "channel newsroom: on, from low" in kccwatch("check-config", "--config", place).stdout
    assert lines(kccwatch("check-config", "--json", "--config", place).stdout)[0]["channels"]["file"] == "on, from low"


def test_status_before_the_first_cycle_says_so(kccwatch: Run, place: Path) -> None:
    done = kccwatch("status", "--config", place)

    assert done.returncode == 0 and "none there yet; `kccwatch once` makes it" in done.stdout
    assert not (place.parent / "archive").exists()


def test_status_names_what_waits_and_what_is_not_trusted(kccwatch: Run, told: Path) -> None:
    done = kccwatch("status", "--config", told)
    (found,) = lines(kccwatch("status", "--json", "--config", told).stdout)

    assert done.returncode == 0
    assert "quarantined\tA paper\t38, not 37" in done.stdout
    assert "file\tpending\t1" in done.stdout
    assert found["rows"]["alerts"] == 1 and found["problems"] == []
    assert found["channels"][1]["off_because"].startswith("KCC_TEST_NEWSROOM is set neither")
    assert [source["source"] for source in found["sources"]] == ["news"]


def test_alerts_are_listed_newest_first_with_their_delivery(kccwatch: Run, told: Path) -> None:
    (row,) = lines(kccwatch("alerts", "--json", "--config", told).stdout)

    assert (row["rule"], row["severity"], row["body"]) == ("new_red", "high", "Body.")
    (delivery,) = row["deliveries"]
    assert (delivery["channel"], delivery["state"], delivery["error"]) == ("file", "pending", None)
    assert "file: pending" in kccwatch("alerts", "--config", told).stdout


def test_discrepancies_are_told_in_a_sentence_with_the_page(kccwatch: Run, told: Path) -> None:
    with db.open_archive(told.parent / "archive") as archive:
        trusted = Reading(kind=Kind.OTHER, outcome=Outcome.READ, parser="p", parser_version=2)
        archive.store_reading(1, trusted, council="kent", now=NOW)

    said = kccwatch("discrepancies", "--config", told).stdout.splitlines()

    assert said[1] == "medium\tKent, Q3\tThe paper says 39 and holds 38.\tA paper, page 4"


def test_what_does_not_add_up_in_a_paper_that_is_held_back_is_told_only_when_asked_for(
    kccwatch: Run, told: Path
) -> None:
    assert kccwatch("discrepancies", "--config", told).stdout == "no discrepancies\n"
    assert "The paper says 39" in kccwatch("discrepancies", "--all", "--config", told).stdout


@pytest.mark.parametrize("command", [("alerts",), ("discrepancies",), ("serve",), ("backup", "there")])
def test_looking_into_an_archive_that_is_not_there_makes_none(
    kccwatch: Run, place: Path, command: Sequence[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(place.parent)

    done = kccwatch(*command, "--config", place)

    assert done.returncode == 1 and "`kccwatch once`" in done.stderr
    assert not (place.parent / "archive").exists() and not (place.parent / "there").exists()


def test_what_was_given_up_can_be_tried_again(kccwatch: Run, told: Path) -> None:
    with db.open_archive(told.parent / "archive") as archive:
        claimed = archive.claim_due("file", NOW, timedelta(minutes=1))
        archive.mark_failed([one.delivery_id for one in claimed], "410 gone")

    assert kccwatch("alerts", "retry", "pigeon", "--config", told).returncode == 2
    assert kccwatch("alerts", "--config", told, "retry", "file").stdout.startswith("1 deliveries wait again")
    done = kccwatch("deliver", "--config", told)
    assert (done.returncode, done.stdout) == (0, "deliver: 1 message, 1 sent\n")
    assert len(list((told.parent / "archive" / "outbox").iterdir())) >= 1


def test_a_test_alert_goes_to_the_channel_and_not_through_the_archive(kccwatch: Run, place: Path) -> None:
    done = kccwatch("test-alert", "--config", place)

    assert (done.returncode, done.stdout.splitlines()[0]) == (0, "file: accepted")
    assert kccwatch("test-alert", "newsroom", "--config", place).returncode == 1
    assert kccwatch("test-alert", "pigeon", "--config", place).returncode == 2
    assert not (place.parent / "archive" / "archive.db").exists()


def test_a_backup_is_an_archive_of_its_own(kccwatch: Run, told: Path, tmp_path: Path) -> None:
    done = kccwatch("backup", tmp_path / "copy", "--config", told)

    assert done.returncode == 0 and "verified" in done.stdout
    with db.open_archive(tmp_path / "copy", readonly=True) as copy:
        assert copy.counts()["alerts"] == 1


def test_while_another_is_at_work_a_command_says_so_and_ends_with_1(
    kccwatch: Run, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lock, "PATIENCE", 0.1)
    with lock.only_one(place.parent / "archive"):
        done = kccwatch("read", "--config", place)

    assert done.returncode == 1 and f"another kccwatch (process {os.getpid()}) is at work there" in done.stderr


# --- parse


def paper(folder: Path) -> Path:
    """A generated report of the demo's council."""
    from demo import papers
    from demo.council import Council
    from demo.drawing import KENT

    council = Council(NOW.date(), KENT)
    found = folder / "report.pdf"
    found.write_bytes(papers.performance_report(council.facts(council.last), KENT))
    return found


def test_parse_prints_a_line_for_each_record_named_as_its_table_and_columns(kccwatch: Run, tmp_path: Path) -> None:
    report = paper(tmp_path)

    done = kccwatch("parse", "--json", report)
    printed = lines(done.stdout)

    assert done.returncode == 0 and done.stdout.isascii()
    assert printed[-1] == {
        "record": "outcome", "file": str(report), "kind": "performance_report", "outcome": "read", "note": None,
    }  # fmt: skip
    readings = [line for line in printed if line["record"] == KpiReading.table]
    (edition,) = [line for line in printed if line["record"] == Report.table]
    assert len(readings) == edition["kpi_total"] > 30
    assert {"service", "name", "rag", "value", "target", "floor", "page", "bbox"} < readings[0].keys()
    assert not list(tmp_path.glob("archive*"))


def test_parse_goes_on_after_a_file_that_it_cannot_read_and_ends_with_1(kccwatch: Run, tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(b"<html><body><h1>An error has occurred</h1></body></html>")
    (tmp_path / "b.html").write_bytes(b"<html><body><p>Nothing here.</p></body></html>")

    done = kccwatch("parse", "--json", tmp_path / "a.pdf", tmp_path / "b.html")

    assert done.returncode == 1
    assert [(line["file"][-6:], line["outcome"]) for line in lines(done.stdout)] == [
        ("/a.pdf", "failed"),
        ("b.html", "nothing"),
    ]


def test_parse_is_told_the_address_where_it_matters(kccwatch: Run, tmp_path: Path) -> None:
    page = tmp_path / "page"
    page.write_bytes(b"<html><body><p>Words</p></body></html>")

    plainly, as_item = (
        lines(kccwatch("parse", "--json", page, *more).stdout)[-1]["kind"]
        for more in ((), ("--url", "https://democracy.kent.gov.uk/mgAi.aspx?ID=1"))
    )

    assert (plainly, as_item) == ("other", "agenda_item")


@pytest.mark.papers
def test_parse_reads_the_real_report(kccwatch: Run, papers: Path) -> None:
    (report,) = papers.glob("cabinet/2025-03-04/QPR*.pdf")

    printed = lines(kccwatch("parse", "--json", report).stdout)

    assert sum(line["record"] == "kpi_readings" for line in printed) == 38
    assert printed[-1]["outcome"] == "read"


# --- demo: what it shows is held against what the replica knows


def shown(rule: str, name: str = "", state: str = "sent") -> dict[str, Any]:
    """An alert as the demo looks at it."""
    sent = [{"state": state}]
    return {"rule": rule, "title": f"{rule} {name}", "evidence": json.dumps({"name": name}), "deliveries": sent}


def test_the_demo_fails_unless_exactly_what_is_due_was_told_once() -> None:
    from demo.council import Council
    from demo.drawing import KENT
    from monitor.commands.demo import _not_due

    council = Council(NOW.date(), KENT)
    facts = council.facts(council.last)
    red = [kpi.indicator.title for kpi in facts.kpis if kpi.rag == "red" and kpi.previous_rag != "red"]
    right = [shown("new_report"), *(shown("new_red", name) for name in red)]

    assert red and list(_not_due(facts, right, [])) == []
    for wrong, again, said in [
        (right[:-1], [], "no alert says that this turned Red"),
        ([*right, shown("new_red", "Foster households")], [], "and it did not: fosterhouseholds"),
        (right[1:], [], "no alert says that the report"),
        ([*right[1:], shown("new_report", state="pending")], [], "not delivered: new_report"),
        (right, right[:1], "raised in the third cycle"),
    ]:
        (fault,) = _not_due(facts, wrong, again)
        assert said in fault


# --- terminals and pipes


def test_nothing_but_plain_text_goes_into_a_pipe(kccwatch: Run, told: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    for command in (("alerts",), ("status",), ("discrepancies",), ("read",), ("--help",)):
        done = kccwatch(*command, *(() if command == ("--help",) else ("--config", told)))
        assert ESCAPE not in done.stdout + done.stderr and "\u202e" not in done.stdout
    assert "RED: \\x1b[31mFOI\\u202e answered" in kccwatch("alerts", "--config", told).stdout


def test_a_terminal_is_shown_tables_and_no_control_characters_of_others(kccwatch: Run, told: Path) -> None:
    said = on_a_terminal("alerts", "--config", str(told))

    assert "RED: \\x1b[31mFOI\\u202e answered" in re.sub(r"\s+", " ", said)
    assert f"{ESCAPE}[31m" not in said


def on_a_terminal(*arguments: str, **environ: str) -> str:
    """What a command shows on a wide terminal."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "monitor", *arguments],
        cwd=ROOT,
        env={**os.environ, "COLUMNS": "200", "TERM": "xterm", **environ},
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
    )
    os.close(theirs)
    shown = b""
    while True:
        try:
            part = os.read(ours, 65536)
        except OSError:  # how Linux says that the other side is closed
            break
        if not part:
            break
        shown += part
    os.close(ours)
    assert process.wait() == 0
    return shown.decode()


def test_a_reader_that_has_seen_enough_ends_it_without_a_word(tmp_path: Path) -> None:
    report = paper(tmp_path)
    with subprocess.Popen(
        [sys.executable, "-m", "monitor", "parse", "--json", report],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None and process.stderr is not None
        process.stdout.readline()
        process.stdout.close()

        assert process.stderr.read() == ""


def test_letters_that_the_terminal_cannot_show_are_no_error(told: Path) -> None:
    with db.open_archive(told.parent / "archive") as archive:
        archive.add_alerts([db.NewAlert(rule="r", key="2", severity="low", title="– £5", body="")], {}, NOW)

    assert "– £5" in on_a_terminal("alerts", "--config", str(told))
    assert "\\u2013 \\xa35" in on_a_terminal("alerts", "--config", str(told), PYTHONIOENCODING="ascii")


@pytest.mark.parametrize(
    ("foreign", "shown"),
    [
        ("a\x00b", "a\\x00b"),
        ("two\r\nlines", "two lines"),
        ("\x9b31m", "\\x9b31m"),
        ("\u2066isolate\u2069", "\\u2066isolate\\u2069"),
        ("soft\u00adhyphen", "soft\\xadhyphen"),
        ("\ud800", "\\ud800"),
        ("Café – £5 ’", "Café – £5 ’"),
        (12.5, "12.5"),
        (None, "None"),
    ],
)
def test_foreign_text_is_made_harmless(foreign: object, shown: str) -> None:
    assert plain(foreign) == shown


def test_the_configuration_may_be_named_before_the_command_too(kccwatch: Run, tmp_path: Path) -> None:
    ended = kccwatch("--config", tmp_path / "before.toml", "status")
    assert ended.returncode == 2 and "before.toml" in ended.stderr
    ended = kccwatch("--config", tmp_path / "before.toml", "status", "--config", tmp_path / "after.toml")
    assert ended.returncode == 2 and "after.toml" in ended.stderr
