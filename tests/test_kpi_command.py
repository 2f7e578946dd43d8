"""`kccwatch kpi`: what a person at a terminal, and a program behind a pipe, is shown of an indicator."""

import json
import os
import pty
import subprocess
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

import pytest

import db
from monitor.cli import main
from parsers.records import Direction, Kind
from tests.test_db_samples import AMBER, GREEN, NOW, RED, edition, found, keep_read, kpi, reading

ROOT = Path(__file__).parents[1]
CONFIG = """
[[councils]]
slug = "kent"
name = "Kent County Council"
moderngov = "https://democracy.kent.gov.uk"

[crawl]
user_agent = "kccwatch (mailto:me@example.org)"

[sources.committee_papers]
schedule = "30 6 * * *"

[[alerts.channels]]
name = "file"
url = "file"
"""
EHCP = "% of Education, Health and Care Plans (EHCPs) issued within 20 weeks"


@dataclass(frozen=True)
class Ended:
    """What a command printed, and the status it ended with."""

    status: object
    out: str
    err: str


class Run(Protocol):
    def __call__(self, *arguments: str) -> Ended: ...


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A configuration whose archive holds three editions, a renaming that is doubtful, and a dashboard."""
    (tmp_path / "config.toml").write_text(CONFIG, encoding="utf-8")
    with db.open_archive(tmp_path / "archive") as archive:
        values = [(31.0, RED, None), (40.0, RED, RED), (58.5, AMBER, RED)]
        for quarter, (value, rag, before) in enumerate(values, start=1):
            plans = kpi(
                EHCP if quarter < 3 else "Percentage of EHC Plans issued in 20 weeks",
                rag, service="SEND", value=value, value_text=f"{value:g}%", previous_rag=before, target_text="60%",
                floor_text="55%", direction=Direction.IMPROVING, page=30 + quarter,
            )  # fmt: skip
            calls = kpi("Calls answered", value=None, value_text=None) if quarter == 1 else kpi(
                "Phone contacts answered", value=91.0, value_text="91%", previous_value=90.0, previous_text="90 %",
                previous_rag=AMBER,
            )  # fmt: skip
            if quarter == 1:
                calls = replace(calls, value=90.0, value_text="90 %", rag=AMBER)
            keep_read(archive, found(f"s{quarter}"), reading(edition(quarter=quarter), plans, calls))
        month = kpi(
            "Potholes repaired in 28 days", RED, reference="HT01", period_label="Dec-24", ytd_text="93%", ytd_rag=GREEN
        )
        scoped = replace(edition(), scope="Highways")
        keep_read(archive, found("s9"), reading(scoped, month, kind=Kind.DASHBOARD))
    return tmp_path / "config.toml"


@pytest.fixture
def ask(place: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs `kccwatch kpi` as a script would: no terminal, output caught."""

    def run(*arguments: str) -> Ended:
        with pytest.raises(SystemExit) as end:
            main(["kpi", *arguments, "--config", str(place)])
        caught = capsys.readouterr()
        return Ended(end.value.code, caught.out, caught.err)

    return run


@pytest.mark.parametrize("words", [("ehcp",), ("weeks", "20", "plan"), ("PLANS", "issu"), ("send",), ("1",)])
def test_an_indicator_is_found_by_words_of_any_of_its_names_in_any_order(ask: Run, words: tuple[str, ...]) -> None:
    told = ask(*words)

    assert told.status == 0
    assert told.out.splitlines()[0] == "Percentage of EHC Plans issued in 20 weeks  [1]"
    assert f"  also printed as: {EHCP}" in told.out


def test_its_history_is_a_line_an_edition_with_values_as_printed_and_the_page(ask: Run) -> None:
    url = "https://democracy.kent.gov.uk/documents"
    assert ask("ehcp").out.splitlines()[3:] == [
        "  ▁▃█  from 31 to 58.5",
        "quarter\tvalue\trating\ttarget\tfloor\tdirection\tpage",
        f"Q1 2024/25\t31%\tred\t60%\t55%\t↑ improving\t{url}/s1/Paper.pdf#page=31",
        f"Q2 2024/25\t40%\tred\t60%\t55%\t↑ improving\t{url}/s2/Paper.pdf#page=32",
        f"Q3 2024/25\t58.5%\tamber\t60%\t55%\t↑ improving\t{url}/s3/Paper.pdf#page=33",
    ]


def test_an_indicator_of_a_dashboard_shows_its_month_and_the_year_to_date(ask: Run) -> None:
    told = ask("HT01").out.splitlines()

    assert told[:2] == ["Potholes repaired in 28 days  [4]", "  Highways, Environment & Transport"]
    assert told[3].split("\t")[:7] == ["quarter", "month", "no.", "value", "rating", "year to date", "its rating"]
    assert told[4].split("\t")[:7] == ["Q3 2024/25", "Dec-24", "HT01", "90%", "red", "93%", "green"]


def test_words_that_no_indicator_holds_are_said_to_be_so(ask: Run) -> None:
    told = ask("ehcp", "potholes")
    assert (told.status, told.out) == (0, "no indicator's name holds ehcp potholes\n")


def test_a_program_is_given_the_whole_history(ask: Run) -> None:
    (one,) = [json.loads(line) for line in ask("ehcp", "--json").out.splitlines()]
    assert (one["id"], one["also_printed_as"]) == (1, [EHCP])
    assert [(row["quarter"], row["value"], row["rag"]) for row in one["history"]] == [
        (1, 31.0, "red"), (2, 40.0, "red"), (3, 58.5, "amber"),
    ]  # fmt: skip


def test_a_doubtful_pair_is_shown_with_what_it_takes_to_decide_and_decided_and_undone(ask: Run) -> None:
    told = ask("--review").out
    assert "    2  Calls answered\n" in told
    assert "    3  Phone contacts answered\n" in told
    assert "printed Q1 2024/25; last 90 %, Amber, target 90%" in told
    assert (
        "printed Q2 2024/25 to Q3 2024/25; last 91%, Green, target 90%; first with 90 % (Amber) for the quarter" in told
    )
    assert "Q2 2024/25 prints 90 % for the quarter before, which Q1 2024/25 prints under the other name" in told

    assert "decision 1: they are one indicator from now on" in ask("--same", "2", "3").out
    assert [row.split("\t")[1] for row in ask("calls").out.splitlines() if row.startswith("Q")] == [
        "90 %",
        "91%",
        "91%",
    ]
    told = ask("--review").out
    assert "nothing to review" in told
    assert "decision 1: “Calls answered” is one with “Phone contacts answered”" in told

    assert "decision 1 is taken back" in ask("--undo", "1").out
    assert len(ask("--review", "--json").out.splitlines()) == 1

    assert "two indicators from now on" in ask("--different", "Calls answered", "Phone contacts answered").out
    rows = [json.loads(line) for line in ask("--review", "--json").out.splitlines()]
    assert [(row["record"], row["verdict"], row["in_force"]) for row in rows] == [("decision", "different", True)]


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        ((), "say WORDS"),
        (("ehcp", "--review"), "say WORDS"),
        (("--same", "1", "2"), "prints both"),
        (("--same", "1", "99"), "no indicator"),
        (("--undo", "7"), "no decision 7"),
    ],
)
def test_a_wrong_call_says_what_is_wrong(ask: Run, arguments: tuple[str, ...], why: str) -> None:
    told = ask(*arguments)
    assert told.status == 2
    assert why in told.err


def on_a_terminal(place: Path, *arguments: str, **environment: str) -> str:
    """What a person sees."""
    screen, terminal = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-m", "monitor", "kpi", *arguments, "--config", place],
        cwd=ROOT, stdout=terminal, stderr=terminal, stdin=subprocess.DEVNULL,
        env={**os.environ, "TERM": "xterm-256color", "COLUMNS": "150", **environment},
    ) as process:  # fmt: skip
        os.close(terminal)
        shown = b""
        try:
            while part := os.read(screen, 4096):
                shown += part
        except OSError:  # the other end is closed
            pass
    os.close(screen)
    assert process.returncode == 0, shown
    return shown.decode()


def test_on_a_terminal_ratings_have_their_colour_and_their_word(place: Path) -> None:
    shown = on_a_terminal(place, "ehcp")
    assert "\x1b[1;31mred" in shown
    assert "\x1b[1;33mamber" in shown
    assert "▁▃█" in shown


def test_a_terminal_without_the_signs_is_shown_others(place: Path) -> None:
    shown = on_a_terminal(place, "ehcp", PYTHONIOENCODING="ascii")
    assert "_-#" in shown
    assert "\\u25" not in shown


def test_names_that_are_out_to_hurt_a_terminal_are_made_harmless(place: Path) -> None:
    with db.open_archive(place.parent / "archive") as archive:
        keep_read(archive, found("s77"), reading(edition(quarter=4), kpi("Evil \x1b[31m\u202e name", RED)), now=NOW)
    shown = on_a_terminal(place, "evil")
    assert "\u202e" not in shown
    assert "\\x1b[31m\\u202e" in shown


def test_there_is_nothing_to_show_without_an_archive(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "config.toml").write_text(CONFIG, encoding="utf-8")
    for arguments in (["ehcp"], ["--review"], ["--same", "1", "2"], ["--undo", "1"]):
        with pytest.raises(SystemExit) as end:
            main(["kpi", *arguments, "--config", str(tmp_path / "config.toml")])
        assert end.value.code in (1, 2)
        assert "there is no archive yet" in capsys.readouterr().err
    assert not (tmp_path / "archive").exists()
