"""Reading again: what it shows, that it changes nothing unless told to, and that it is never news."""

import json
import multiprocessing
import os
import signal
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

import db
from db.errors import StoreError
from demo import papers, story
from demo.drawing import PLAIN
from monitor import config, reparse, steps
from monitor.cli import main
from monitor.differences import Change
from monitor.reparse import Result
from monitor.work import Work
from parsers import parse
from parsers.records import Kind, KpiReading, Outcome, RagCount, Reading, Risk, StatedIn
from tests import rereaders
from tests.test_db_samples import (
    AMBER,
    GREEN,
    NOW,
    RED,
    dump,
    edition,
    figure,
    found,
    improvement,
    kpi,
    reading,
    statistic,
)

AGAIN = "tests.rereaders:again"
BEFORE = "tests.rereaders:as_before"
CONFIG = """
[[councils]]
slug = "kent"
name = "Kent County Council"
moderngov = "https://democracy.kent.gov.uk"
ombudsman = "kent-county-council"

[crawl]
user_agent = "kccwatch (mailto:me@example.org)"

[sources.committee_papers]
schedule = "30 6 * * *"

[[alerts.channels]]
name = "file"
url = "file"

[[rules.custom]]
name = "any_red"
severity = "low"
sql = "select council || ':' || report_id || ':' || name as key, name, version_id from kpi_history where rag = 'red'"
title = "Red: {name}"
body = "Red."
"""
PUBLISHED = date(2026, 11, 1)  # so that what it says is news at NOW


@pytest.fixture
def place(tmp_path: Path) -> Path:
    wanted = tmp_path / "config.toml"
    wanted.write_text(CONFIG, encoding="utf-8")
    return wanted


def work(place: Path) -> Work:
    return Work(config=config.load(place), clock=lambda: NOW)


def opened(place: Path, *, readonly: bool = True) -> db.Archive:
    return db.open_archive(place.parent / "archive", readonly=readonly)


def hold(place: Path, paper: str, first: Reading, again: Reading | None = None, **says: Any) -> int:
    """A document that was read as *first*, and is read as *again* today."""
    with opened(place, readonly=False) as archive:
        body = rereaders.body(first, first if again is None else again)
        number = archive.remember(found(paper, published_on=PUBLISHED, **says), body, now=NOW).version_id
        assert number is not None
        archive.store_reading(number, first, council="kent", now=NOW, ombudsman="kent-county-council")
        return number


def tell(place: Path) -> None:
    """What is due is judged and sent, so that all that comes later would be new."""
    for done in (*steps.check(work(place)), *steps.judge(work(place)), *steps.deliver(work(place))):
        assert done.failures == ()


def contents(place: Path) -> dict[str, list[dict[str, Any]]]:
    """All rows, but of the runs."""
    with opened(place) as archive:
        return {table: rows for table, rows in dump(archive).items() if table != "runs"}


def changes(result: Result) -> list[str]:
    return [str(change) for version in result.versions for change in version.changes]


def run(place: Path, *, apply: bool = False, kind: str | None = None, entry: str = AGAIN) -> Result:
    return reparse.reparse(work(place), kind=kind, apply=apply, entry=entry)


Q2 = edition("2026/27", 1)
Q3 = edition("2026/27", 2)
POTHOLES, VISITS = "% of potholes repaired", "Number of visits"


def test_a_target_that_is_read_otherwise_is_shown_with_its_place_and_nothing_is_changed(place: Path) -> None:
    first = reading(Q3, kpi(POTHOLES, service="Adult Social Care", target=85.0, target_text="85%", page=41))
    hold(
        place,
        "s1",
        first,
        reading(Q3, kpi(POTHOLES, service="Adult Social Care", target=86.0, target_text="86%", page=41)),
    )
    before = contents(place)

    result = run(place)

    assert changes(result) == [f"Q2 2026/27 Adult Social Care — {POTHOLES}: target 85% → 86%, page 41"]
    assert (result.read_again, result.applied, result.ok) == (1, False, True)
    assert contents(place) == before
    assert sorted(path.name for path in (place.parent / "archive").iterdir() if path.name.startswith(".reparse")) == [
        ".reparse.lock"
    ]


COUNT = RagCount(
    stated_in=StatedIn.REPORT, financial_year="2026/27", quarter=2, service=None, green=17, total=38, page=3
)
RISK = Risk(code="CRR0065", title="Implementation of Oracle Cloud", change="new", level=None, page=67)

ALL = "Q2 2026/27 the whole council: how many of each rating"
E_T = "Q2 2026/27 Environment & Transport"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ([COUNT], [replace(COUNT, green=18)], [f"{ALL}: green 17 → 18, page 3"]),
        ([COUNT], [], [f"{ALL}: removed: 17, 38, page 3"]),
        ([RISK], [replace(RISK, level="high")], [f"risk CRR0065 {RISK.title}: level nothing → high, page 67"]),
        (
            [figure("SEN", 55.0)],
            [figure("SEN", 5.0), figure("Adult Education", 12.0)],
            [
                "complaints, SEN, Quarter to Dec 24: value 55 → 5, page 13",
                "complaints, Adult Education, Quarter to Dec 24: added: 12, page 13",
            ],
        ),
        (
            [statistic("upheld_rate", 83.0, 2024)],
            [statistic("upheld_rate", 38.0, 2024)],
            ["upheld_rate for the year to 2025-03-31: value 83% of complaints → 38% of complaints"],
        ),
        (
            [kpi(POTHOLES, GREEN), kpi(VISITS, page=34)],
            [kpi(POTHOLES, RED), kpi(VISITS, page=35)],
            [
                f"{E_T} — {POTHOLES}: rating green → red, page 33",
                f"{E_T} — {VISITS}: page 34 → 35, page 35",
            ],
        ),
        (
            [kpi("% of pothols")],
            [kpi("% of potholes")],
            [f"{E_T} — % of potholes: name % of pothols → % of potholes, page 33"],
        ),
    ],
    ids=["count", "count gone", "risk", "figures", "statistic", "indicators", "name"],
)  # fmt: skip
def test_facts_of_every_table_are_compared_value_by_value(
    place: Path, old: Sequence[Any], new: Sequence[Any], said: list[str]
) -> None:
    hold(place, "s1", reading(Q3, *old), reading(Q3, *new))

    assert sorted(changes(run(place))) == sorted(said)


def test_lists_that_several_pages_make_are_compared_too(place: Path) -> None:
    page = {"kind": Kind.OMBUDSMAN_IMPROVEMENTS, "parser": "ombudsman"}
    hold(
        place, "improvements", reading(improvement("24 003 150", "remind staff"), **page),
        reading(improvement("24 003 150", "remind staff", "review"), improvement("24 003 151", "apologise"), **page),
    )  # fmt: skip

    assert [str(change) for change in run(place).elsewhere] == [
        "improvement after case 24 003 150: actions remind staff → remind staff / review",
        "improvement after case 24 003 151: added: apologise",
    ]


def test_applying_stores_what_was_shown_and_a_second_time_there_is_nothing(place: Path) -> None:
    hold(
        place,
        "s1",
        reading(Q3, kpi(POTHOLES, target=85.0), COUNT),
        reading(Q3, kpi(POTHOLES, target=86.0), figure("SEN", 5.0)),
    )
    shown = changes(run(place))

    result = run(place, apply=True)

    assert changes(result) == shown
    assert result.applied
    with opened(place) as archive:
        assert archive.rows("select target from kpi_readings") == [{"target": 86.0}]
        assert archive.rows("select count(*) as n from rag_counts") == [{"n": 0}]
        assert archive.rows("select value from figures") == [{"value": 5.0}]
    before = contents(place)
    again = run(place, apply=True)
    assert (again.versions, again.elsewhere, again.hushed) == ([], [], 0)
    assert contents(place) == before


def alerts(place: Path) -> dict[tuple[str, str], str]:
    """Each alert's rule and title, with how its delivery stands."""
    with opened(place) as archive:
        rows = archive.rows(
            "select a.rule, a.title, d.state from alerts as a left join deliveries as d on d.alert_id = a.id"
        )
    return {(row["rule"], row["title"]): row["state"] for row in rows}


def test_what_only_reading_again_brought_is_no_news(place: Path) -> None:
    hold(place, "s1", reading(Q2, kpi(POTHOLES, GREEN), kpi(VISITS, GREEN)))
    red = kpi(POTHOLES, RED, previous_rag=GREEN, value=40.0, value_text="40%")
    hold(place, "s2", reading(Q3, replace(red, rag=GREEN), kpi(VISITS, GREEN)), reading(Q3, red, kpi(VISITS, GREEN)))
    tell(place)
    before = alerts(place)

    result = run(place, apply=True)

    new = {key: state for key, state in alerts(place).items() if key not in before}
    assert ("any_red", f"Red: {POTHOLES}") in new
    assert set(new.values()) == {"suppressed"}
    assert result.hushed == len(new)
    tell(place)  # the next cycle
    assert {key: state for key, state in alerts(place).items() if key not in before} == new
    with opened(place) as archive:
        assert archive.rows("select count(*) as n from red_now") == [{"n": 1}]


def test_what_was_still_to_be_told_is_told(place: Path) -> None:
    hold(place, "s1", reading(Q2, kpi(POTHOLES, GREEN), kpi(VISITS, GREEN)))
    tell(place)
    red = kpi(POTHOLES, RED, previous_rag=GREEN)
    hold(place, "s2", reading(Q3, red, kpi(VISITS, GREEN)), reading(Q3, red, kpi(VISITS, RED, previous_rag=GREEN)))

    run(place, apply=True)  # before anybody judged the newer paper
    tell(place)

    states = {title: state for (rule, title), state in alerts(place).items() if rule == "any_red"}
    assert states == {f"Red: {POTHOLES}": "sent", f"Red: {VISITS}": "suppressed"}


def test_a_paper_that_only_a_new_reader_knows_is_read_and_raises_nothing(place: Path) -> None:
    unknown = Reading(kind=Kind.OTHER, outcome=Outcome.NOTHING, parser="other", parser_version=1, title="A paper")
    hold(place, "s1", unknown, reading(Q3, kpi(POTHOLES, RED, previous_rag=GREEN)))
    tell(place)

    result = run(place, apply=True)

    assert [(version.before, version.after) for version in result.versions] == [("nothing", "read")]
    assert "the document: kind other → performance_report" in changes(result)
    tell(place)
    assert set(alerts(place).values()) == {"suppressed"}


def test_of_one_kind_only_that_kind_is_read(place: Path) -> None:
    minutes = reading(COUNT, kind=Kind.MINUTES, parser="minutes")
    hold(place, "s1", reading(Q3, kpi()), reading(Q3, kpi(target=1.0)))
    hold(place, "s2", minutes, replace(minutes, facts=(replace(COUNT, green=1),)))

    result = run(place, kind="minutes")

    assert (result.read_again, [version.kind for version in result.versions]) == (1, ["minutes"])


def test_a_paper_that_is_held_back_now_makes_it_fail_and_one_that_was_before_does_not(place: Path) -> None:
    doubtful = reading(Q3, kpi(), outcome=Outcome.QUARANTINED, note="expected 38 indicators, found 37")
    hold(place, "s1", doubtful)
    assert run(place).ok

    hold(place, "s2", reading(Q2, kpi()), replace(doubtful, facts=(Q2, kpi())))
    result = run(place)

    assert not result.ok
    assert [(version.before, version.after, version.note) for version in result.versions] == [
        ("read", "quarantined", "expected 38 indicators, found 37")
    ]


def test_a_damaged_body_costs_no_fact(place: Path) -> None:
    hold(place, "s1", reading(Q3, kpi()), reading(Q3, kpi(target=1.0)))
    hold(place, "s2", reading(Q2, kpi()), reading(Q2, kpi(target=2.0)))
    with opened(place) as archive:
        sha256 = archive.rows("select sha256 from versions order by id")[0]["sha256"]
    (place.parent / "archive" / "blobs" / sha256[:2] / sha256[2:4] / sha256).write_bytes(b"rot")

    result = run(place, apply=True)

    assert len(result.failures) == 1
    assert "damaged or gone" in result.failures[0]
    with opened(place) as archive:
        assert archive.rows("select target from kpi_readings order by target") == [{"target": 2.0}, {"target": 90.0}]


def test_facts_that_cannot_be_stored_hold_back_their_paper_and_no_other(place: Path) -> None:
    hold(place, "s1", reading(Q3, kpi()), reading(Q3, kpi(bbox=(1.0, 2.0, 3.0, 4.0), page=2**70)))
    hold(place, "s2", reading(Q2, kpi()), reading(Q2, kpi(target=2.0)))

    result = run(place, apply=True)

    assert {(version.before, version.after) for version in result.versions} == {
        ("read", "quarantined"),
        ("read", "read"),
    }
    with opened(place) as archive:
        assert archive.rows("select target from kpi_readings") == [{"target": 2.0}]


def test_what_an_older_reader_read_is_counted_and_stored_as_read_by_the_new_one(place: Path) -> None:
    old = reading(Q3, kpi(), parser="minutes", parser_version=0)
    hold(place, "s1", old, replace(old, parser_version=1))
    hold(place, "s2", reading(Q2, kpi(), parser="a reader that is no more"))

    result = run(place, apply=True)

    assert (result.read_again, result.by_older_reader, result.versions) == (2, 2, [])
    with opened(place) as archive:
        assert archive.rows("select parser_version from versions where id = 1") == [{"parser_version": 1}]
        assert archive.unread() == []


def test_only_contents_that_stand_are_read_again(place: Path) -> None:
    hold(place, "s1", reading(Q3, kpi()), reading(Q3, kpi(target=1.0)))
    hold(place, "s1", reading(Q3, kpi(target=2.0)))
    with opened(place, readonly=False) as archive:
        archive.remember(found("s9"), b"nobody has read it yet", now=NOW)

    assert (run(place).read_again, run(place).versions) == (1, [])


def test_indicators_keep_their_numbers_whatever_is_read_otherwise(place: Path) -> None:
    rows = [kpi("Visists", page=3, bbox=(1.0, 1.0, 2.0, 2.0)), kpi("Calls taken", page=4), kpi("% of homes", page=5)]
    again = [
        replace(rows[0], name="Visits to all of the libraries"),
        replace(rows[1], value=4.0),
        replace(rows[2], page=6),
    ]
    hold(place, "s1", reading(replace(Q3, title="Misread"), *rows), reading(replace(Q3, kpi_total=3), *again))
    with opened(place) as archive:
        before = {row["page"]: row["kpi_id"] for row in archive.rows("select page, kpi_id from kpi_readings")}

    run(place, apply=True)

    with opened(place) as archive:
        after = {row["page"]: row["kpi_id"] for row in archive.rows("select page, kpi_id from kpi_readings")}
    assert after == {3: before[3], 4: before[4], 6: before[5]}


def test_decisions_about_indicators_survive(place: Path) -> None:
    hold(place, "s1", reading(Q2, kpi("Old name of it")), reading(Q2, kpi("Old name of it", value=1.0)))
    hold(place, "s2", reading(Q3, kpi("Wholly other")), reading(Q3, kpi("Wholly other", value=2.0)))
    with opened(place, readonly=False) as archive:
        archive.decide_kpis("1", "2", "same", NOW)

    run(place, apply=True)

    with opened(place) as archive:
        assert archive.rows("select distinct kpi_id from kpi_readings") == [{"kpi_id": 1}]


# --- killed


def _apply(place: Path) -> None:
    run(place, apply=True)


def _killed_when(place: Path, do: Callable[[Path], None], is_time: Callable[[], bool]) -> None:
    process = multiprocessing.get_context("fork").Process(target=do, args=(place,))
    process.start()
    deadline = time.monotonic() + 60
    while process.is_alive() and not is_time() and time.monotonic() < deadline:
        time.sleep(0.002)
    if process.is_alive():
        assert process.pid is not None
        os.kill(process.pid, signal.SIGKILL)
    process.join()


def test_killed_at_any_instant_nothing_or_all_of_it_has_happened_and_it_is_no_news(place: Path, tmp_path: Path) -> None:
    for number in range(6):
        green = [kpi(f"Indicator {n}", GREEN, page=n + 1, previous_rag=GREEN) for n in range(5)]
        red = [replace(one, rag=RED) for one in green]
        quarter = edition(f"{2025 + number // 4}/{26 + number // 4}", number % 4 + 1)
        hold(place, f"s{number}", reading(quarter, *green), reading(quarter, *red))
    tell(place)
    told = alerts(place)
    folder = place.parent / "archive"

    def values() -> set[str]:
        with opened(place) as archive:
            return {row["rag"] for row in archive.rows("select rag from kpi_readings")}

    copy = folder / ".reparse"
    moments: list[Callable[[], bool]] = [
        copy.exists,
        (copy / "readings").exists,
        lambda: (copy / "readings").exists() and (copy / "readings").stat().st_size > 0,
        lambda: values() != {"green"},
    ]
    for is_time in moments:
        _killed_when(place, _apply, is_time)
        assert values() in ({"green"}, {"red"})
        tell(place)  # the service goes on meanwhile
        assert {state for key, state in alerts(place).items() if key not in told} <= {"suppressed"}

    run(place, apply=True)

    assert values() == {"red"}
    tell(place)
    new = {key: state for key, state in alerts(place).items() if key not in told}
    assert set(new.values()) == {"suppressed"}
    assert not copy.exists()
    with opened(place) as archive:
        assert archive.check() == []


def test_stopped_between_the_alerts_and_the_facts_neither_is_there(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hold(place, "s1", reading(Q3, kpi(rag=GREEN, previous_rag=AMBER)), reading(Q3, kpi(rag=RED, previous_rag=AMBER)))
    tell(place)
    before = contents(place)

    def full(*_: object, **__: object) -> None:
        raise StoreError(place, "no space left")

    monkeypatch.setattr("db.rereading.facts.store", full)
    with opened(place, readonly=False) as archive, pytest.raises(StoreError):
        alert = db.NewAlert(rule="new_red", key="k", severity="high", title="t", body="b")
        archive.store_rereadings([], [alert], {"file": "low"}, "why", now=NOW)

    assert contents(place) == before


# --- the command


def told_by(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> tuple[object, str, str]:
    with pytest.raises(SystemExit) as end:
        main([str(argument) for argument in arguments])
    caught = capsys.readouterr()
    return end.value.code, caught.out, caught.err


@pytest.fixture
def drawn(place: Path) -> Path:
    """An archive with a paper that an older reader got wrong in one target."""
    facts = story.quarter_facts(story.KNOWN)
    body = papers.performance_report(facts, PLAIN)
    url = "https://democracy.kent.gov.uk/documents/s129436/Report.pdf"
    right = parse(body, url=url)
    assert right.outcome is Outcome.READ
    first = next(fact for fact in right.facts if isinstance(fact, KpiReading) and fact.target is not None)
    wrong = replace(first, target=12.5, target_text="12.5%")
    facts_read = tuple(wrong if fact is first else fact for fact in right.facts)
    with opened(place, readonly=False) as archive:
        number = archive.remember(found("s129436"), body, now=NOW).version_id
        assert number is not None
        archive.store_reading(number, replace(right, facts=facts_read, parser_version=0), council="kent", now=NOW)
    return place


def test_the_command_reads_the_stored_bytes_with_the_real_readers(
    drawn: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status, out, _ = told_by(capsys, "reparse", "--config", drawn)
    assert status == 0
    (line,) = [line for line in out.splitlines() if "target" in line]
    assert "target 12.5% → " in line
    assert "1 version read again, 1 of them by an older reader before: 1 read otherwise, 1 values otherwise" in out
    assert "nothing is changed yet" in out

    status, out, _ = told_by(capsys, "reparse", "--apply", "--json", "--config", drawn)
    rows = [json.loads(row) for row in out.splitlines()]
    assert status == 0
    assert [(row["field"], row["before"]) for row in rows if row["record"] == "change"] == [("target_text", "12.5%")]
    assert rows[-1]["record"] == "summary" and rows[-1]["applied"] is True

    status, out, _ = told_by(capsys, "reparse", "--kind", "performance_report", "--config", drawn)
    assert (status, out) == (0, "1 version read again, 0 of them by an older reader before: all as before\n")


def test_the_command_fails_where_a_paper_is_held_back_and_is_wrong_without_an_archive(
    drawn: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    with opened(drawn, readonly=False) as archive:
        number = archive.remember(found("s2"), b"not a PDF at all", now=NOW).version_id
        assert number is not None
        archive.store_reading(number, reading(Q2, kpi()), council="kent", now=NOW)
    status, out, _ = told_by(capsys, "reparse", "--config", drawn)
    assert status == 1
    assert "outcome: read → failed: expected a PDF" in out

    (tmp_path / "empty").mkdir()
    (tmp_path / "empty" / "config.toml").write_text(CONFIG, encoding="utf-8")
    status, _, err = told_by(capsys, "reparse", "--apply", "--config", tmp_path / "empty" / "config.toml")
    assert status in (1, 2)
    assert "there is no archive yet" in err
    assert not (tmp_path / "empty" / "archive").exists()


def test_a_change_is_named_by_its_printed_text_where_number_and_text_differ() -> None:
    change = Change(table="figures", what="changed", about="calls", field="value", before=1.5, after=None)
    assert str(change) == "calls: value 1.5 → nothing"
