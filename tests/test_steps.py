"""The whole way through, on the replica: from the sites to an alert, once, whatever happens between."""

import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

import db
from demo.replica import Replica
from monitor import config, crawling, ingest, reader_worker, steps
from monitor.errors import Stopped, Unusable
from monitor.work import Done, Progress, Work
from parsers import records

ROOT = Path(__file__).parents[1]
ITEM = "https://democracy.kent.gov.uk/mgAi.aspx?ID=7"
NOW = datetime(2026, 11, 21, 8, tzinfo=UTC)
SOURCES = ["committee_papers", "ombudsman", "news"]

# What an archive says, without the numbers and times that differ from one crawl to the next.
CONTENT = {
    "documents": "select key, url, source, council, kind, title, published_on from documents",
    "versions": "select d.key, v.outcome, v.note from versions v join documents d on d.id = v.document_id",
    "meetings": "select c.cid, m.mid, m.held_on, m.status from meetings m join committees c on c.id = m.committee_id",
    "agenda_items": "select aid, number, title from agenda_items",
    "reports": "select council, title, financial_year, quarter, kpi_total from reports",
    "kpis": "select council, service, name from kpis",
    "kpi_readings": (
        "select r.financial_year, r.quarter, k.service, k.name, k.rag, k.previous_rag, k.direction, k.value, k.target, "
        "k.floor, k.previous_value, k.page, k.bbox from kpi_readings k join reports r on r.id = k.report_id"
    ),
    "rag_counts": "select stated_in, financial_year, quarter, service, green, amber, red, quote from rag_counts",
    "figures": "select measure, service, period_label, value, value_text, page from figures",
    "risks": "select code, title, change, level from risks",
    "ombudsman_statistics": "select council, period_end, measure, value, similar_average from ombudsman_statistics",
    "ombudsman_reports": "select council, title, is_baseline from ombudsman_reports",
    "service_improvements": "select case_reference, council, category, is_baseline from service_improvements",
    "news_articles": "select headline, publisher, published_at from news_articles",
    "discrepancies": "select check_name, subject, stated, computed from discrepancies",
    "alerts": "select rule, severity, title from alerts",
    "deliveries": "select a.rule, a.title, d.channel, d.state from deliveries d join alerts a on a.id = d.alert_id",
}


def rows(archive: Path, sql: str) -> list[tuple[Any, ...]]:
    """The rows of a query, as a bystander sees them."""
    with closing(sqlite3.connect(f"file:{archive}/archive.db?mode=ro", uri=True)) as bystander:
        return bystander.execute(sql).fetchall()


def content(archive: Path) -> dict[str, list[tuple[Any, ...]]]:
    """All that an archive says, in an order of its own."""
    return {name: sorted(rows(archive, sql), key=repr) for name, sql in CONTENT.items()}


def work(place: Path, **more: Any) -> Work:
    return Work(config=config.load(place), **more)


def only(done: list[Done]) -> Done:
    (one,) = done
    return one


def config_in(folder: Path, replica: Replica) -> Path:
    place = folder / "config.toml"
    place.write_text(replica.config(folder / "archive"), encoding="utf-8")
    return place


@pytest.fixture(scope="module")
def replica() -> Iterator[Replica]:
    with Replica() as running:
        yield running


@pytest.fixture(scope="module")
def undisturbed(replica: Replica, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A config.toml whose archive has been through one cycle."""
    place = config_in(tmp_path_factory.mktemp("undisturbed"), replica)
    done = steps.cycle(work(place), SOURCES)
    assert [failure for one in done for failure in one.failures] == []
    return place


@pytest.mark.timeout(300)  # with the fixture's crawl
def test_one_cycle_fills_the_archive_and_tells_what_is_due(undisturbed: Path) -> None:
    archive = undisturbed.parent / "archive"
    found = content(archive)

    assert [name for name in CONTENT if not found[name]] == []
    assert {row[1] for row in found["versions"]} <= {"read", "nothing", "quarantined"}
    assert {row[3] for row in found["deliveries"]} == {"sent"}
    assert rows(archive, "select job, outcome from runs") == [
        (job, "ok") for job in (*(f"crawl:{source}" for source in SOURCES), "read", "check", "judge", "deliver")
    ]
    assert rows(archive / "published", "select count(*) from kpi_readings") == [(len(found["kpi_readings"]),)]


def test_a_second_cycle_changes_nothing_and_tells_nothing(undisturbed: Path) -> None:
    archive = undisturbed.parent / "archive"
    before, messages = content(archive), sorted((archive / "outbox").iterdir())

    done = steps.cycle(work(undisturbed), SOURCES)

    assert content(archive) == before
    assert sorted((archive / "outbox").iterdir()) == messages
    assert {one.job: one.counts for one in done if one.job in ("judge", "deliver")} == {
        "judge": {"alerts": 0},
        "deliver": {"messages": 0, "sent": 0, "retried": 0, "failed": 0, "waiting": 0},
    }


@pytest.mark.timeout(300)  # three crawls, on a machine that may be busy
def test_killed_while_it_crawls_and_while_it_reads_it_ends_up_with_the_same(
    undisturbed: Path, replica: Replica, tmp_path: Path
) -> None:
    place, archive = config_in(tmp_path, replica), tmp_path / "archive"

    kill_when(place, lambda: count(archive, "select count(*) from versions") >= 12)
    kill_when(place, lambda: count(archive, "select count(*) from versions where outcome is not null") >= 5)
    finished = subprocess.run([sys.executable, "-m", "monitor", "once", "--config", place], cwd=ROOT, check=False)

    assert finished.returncode == 1  # the replica has a scan, which is quarantined
    assert content(archive) == content(undisturbed.parent / "archive")
    ends = rows(archive, "select outcome, error from runs where error is not null or finished_at is null")
    assert ends == [("failed", "ended without a word")] * 2
    assert list((archive / "blobs").glob(".unfinished/*")) == []


def kill_when(place: Path, reached: Callable[[], bool]) -> None:
    """Start a cycle, and kill it without warning at a point."""
    with subprocess.Popen([sys.executable, "-m", "monitor", "once", "--config", place], cwd=ROOT) as process:
        deadline = time.monotonic() + 60
        while not reached():
            assert process.poll() is None and time.monotonic() < deadline, "it ended before the point was reached"
            time.sleep(0.01)
        process.send_signal(signal.SIGKILL)
        assert process.wait() == -signal.SIGKILL


def count(archive: Path, sql: str) -> int:
    try:
        return int(rows(archive, sql)[0][0])
    except sqlite3.Error:  # not made yet
        return 0


def test_a_site_that_cannot_be_reached_is_told_and_the_others_go_on(replica: Replica, tmp_path: Path) -> None:
    place = config_in(tmp_path, replica)
    unreachable = replica.config(tmp_path / "archive").replace(f'"{replica.base_url}/lgo"', '"http://127.0.0.1:9"')
    place.write_text(unreachable, encoding="utf-8")

    done = {one.job: one for one in steps.cycle(work(place), ["ombudsman", "news"])}

    assert "http://127.0.0.1:9" in done["crawl:ombudsman"].failures[0]
    assert done["crawl:news"].ok and done["crawl:news"].counts["requests"] > 0
    archive = tmp_path / "archive"
    assert rows(archive, "select count(*) > 0 from news_articles") == [(1,)]
    assert ("ombudsman", "failing") in rows(archive, "select source, state from sources")
    # Tried again after half an hour, not only tomorrow.
    (due,) = rows(archive, "select next_due_at from schedules where source = 'ombudsman'")[0]
    assert datetime.fromisoformat(due) - datetime.now(UTC) < timedelta(minutes=31)


# --- single steps, on an archive made for them


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A config.toml for a council without a site."""
    found = tmp_path / "config.toml"
    found.write_text(
        """
[[councils]]
slug = "kent"
name = "Kent County Council"
moderngov = "https://democracy.kent.gov.uk"
ombudsman = "kent-county-council"

[crawl]
user_agent = "kccwatch (mailto:me@example.org)"

[sources.committee_papers]
[sources.ombudsman]
[sources.news]
""",
        encoding="utf-8",
    )
    return found


def keep(place: Path, *bodies: bytes) -> None:
    """Put documents into the archive, as a crawl would."""
    with db.open_archive(place.parent / "archive") as archive:
        for number, body in enumerate(bodies):
            name = f"documents/s{number}/a.pdf" if body.startswith(b"%PDF") else f"mgAi.aspx?ID={number}"
            url = f"https://democracy.kent.gov.uk/{name}"
            found = db.Found(key=f"k{number}", url=url, source="committee_papers", council="kent")
            archive.remember(found, body, now=NOW)


def test_a_paper_that_cannot_be_read_is_quarantined_and_told(place: Path) -> None:
    keep(place, b"%PDF-1.7 and then nothing", b"<html><body><p>Nothing to see</p></body></html>")

    done = only(steps.read(work(place)))

    (quarantined,) = done.quarantined
    assert quarantined.startswith("https://democracy.kent.gov.uk/documents/s0/a.pdf: ")
    assert not done.ok and done.failures == ()
    outcomes = rows(place.parent / "archive", "select outcome from versions order by id")
    assert outcomes[0] in [("quarantined",), ("failed",)] and outcomes[1] == ("nothing",)
    assert only(steps.read(work(place))).counts == {}  # and not read again


def test_a_stored_paper_that_is_gone_from_the_disk_holds_up_no_other(place: Path) -> None:
    keep(place, b"<html><body><p>One</p></body></html>", b"<html><body><p>Two</p></body></html>")
    blobs = sorted(path for path in (place.parent / "archive" / "blobs").rglob("*") if path.is_file())
    blobs[0].unlink()
    done = only(steps.read(work(place)))
    assert done.counts == {"quarantined": 1, "nothing": 1}
    assert "damaged or gone" in done.quarantined[0]
    assert only(steps.read(work(place))).counts == {}


def test_a_page_about_another_council_is_told_as_quarantined(place: Path) -> None:
    page = (
        b"<html><body><main><h1>Medway Council</h1><h2>Complaints upheld</h2><p>50% of complaints we investigated"
        b" were upheld.</p><p>5 upheld decisions</p><p>Statistics are based on a total of 10 investigations for the"
        b" period between 1 April 2024 to 31 March 2025</p></main></body></html>"
    )
    url = "https://www.lgo.org.uk/your-councils-performance/medway-council/statistics"
    with db.open_archive(place.parent / "archive") as archive:
        archive.remember(db.Found(key="other", url=url, source="ombudsman", council="kent"), page, now=NOW)
    done = only(steps.read(work(place)))
    assert done.counts == {"quarantined": 1} and not done.ok
    assert rows(place.parent / "archive", "select count(*) from latest_statistics") == [(0,)]


def test_a_reading_that_the_tables_cannot_hold_holds_up_no_other(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keep(place, b"<p>one</p>", b"<p>two</p>")
    really = db.Archive.store_reading

    def faulty(self: db.Archive, version_id: int, reading: records.Reading, **more: Any) -> None:
        if version_id == 1 and reading.parser != "reader":
            raise TypeError("a fault of ours")
        really(self, version_id, reading, **more)

    monkeypatch.setattr(db.Archive, "store_reading", faulty)

    done = only(steps.read(work(place)))

    assert done.counts == {"quarantined": 1, "nothing": 1}
    assert "cannot be stored: storing version 1 failed: TypeError: a fault of ours" in done.quarantined[0]


def test_a_full_disk_is_no_papers_fault(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keep(place, b"<p>one</p>")

    def full(self: db.Archive, *_: Any, **__: Any) -> None:
        raise db.errors.DiskFull("archive.db", "no space left on the disk")

    with monkeypatch.context() as patched:
        patched.setattr(db.Archive, "store_reading", full)
        done = only(steps.read(work(place)))

    assert done.failures == ("archive.db: no space left on the disk",)
    assert only(steps.read(work(place))).counts == {"nothing": 1}  # read when there is room again


def test_a_fault_in_one_step_holds_up_no_other(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keep(place, b"<p>one</p>")
    monkeypatch.setattr(steps.checks, "run", lambda *_: 1 // 0)

    with steps.at_work(work(place)):
        done = {one.job: one for one in steps.after_crawl(work(place))}

    assert done["check"].failures == ("check failed: ZeroDivisionError: integer division or modulo by zero",)
    assert done["read"].ok and done["judge"].ok and done["deliver"].ok
    assert ("check", "failed") in rows(place.parent / "archive", "select job, outcome from runs")


def test_being_told_to_stop_ends_the_work_between_two_papers(place: Path) -> None:
    keep(place, *(f"<p>{number}</p>".encode() for number in range(9)))
    seen: list[Progress] = []

    with pytest.raises(Stopped):
        steps.read(work(place, tell=seen.append, stopping=lambda: seen[-1].done >= 2))

    archive = place.parent / "archive"
    assert rows(archive, "select count(*) from versions where outcome is not null") == [(2,)]
    assert rows(archive, "select outcome, error from runs") == [
        ("failed", "read was stopped; what it had done is kept")
    ]
    assert only(steps.read(work(place))).counts == {"nothing": 7}


@pytest.mark.parametrize(
    ("hours", "at", "quiet"),
    [
        ("", "23:00", False),
        ("22:00-07:00", "22:00", True),
        ("22:00-07:00", "06:59", True),
        ("22:00-07:00", "07:00", False),
        ("22:00-07:00", "21:59", False),
        ("12:00-13:00", "12:30", True),
        ("12:00-13:00", "13:00", False),
    ],
)
def test_quiet_hours_are_local_and_may_pass_midnight(place: Path, hours: str, at: str, quiet: bool) -> None:
    loaded = config.load(place)
    hushed = loaded.model_copy(update={"alerts": loaded.alerts.model_copy(update={"quiet_hours": hours})})
    hour, minute = map(int, at.split(":"))

    # In July, London is an hour ahead of UTC.
    assert steps.is_quiet(hushed, datetime(2026, 7, 21, hour, minute, tzinfo=UTC) - timedelta(hours=1)) is quiet


def test_in_quiet_hours_only_the_worst_is_sent_and_the_rest_afterwards(place: Path) -> None:
    archive = place.parent / "archive"
    place.write_text(place.read_text() + '[alerts]\nquiet_hours = "22:00-07:00"\n')
    night, morning = datetime(2026, 11, 21, 23, tzinfo=UTC), datetime(2026, 11, 22, 8, tzinfo=UTC)
    with db.open_archive(archive) as opened:
        alerts = [
            db.NewAlert(rule="r", key=severity, severity=severity, title=f"A {severity} one", body="")
            for severity in ("low", "high", "medium")
        ]
        opened.add_alerts(alerts, {"file": "low"}, night)

    assert only(steps.deliver(work(place, clock=lambda: night))).counts["sent"] == 1
    assert rows(
        archive, "select a.severity from deliveries d join alerts a on a.id = d.alert_id where state = 'sent'"
    ) == [("high",)]
    assert not steps.something_waits(config.load(place), night)
    assert steps.something_waits(config.load(place), morning)
    assert only(steps.deliver(work(place, clock=lambda: morning))).counts["sent"] == 2


def test_what_was_being_sent_when_the_program_was_killed_is_sent_by_the_next_one(place: Path) -> None:
    archive = place.parent / "archive"
    with db.open_archive(archive) as opened:
        opened.add_alerts([db.NewAlert(rule="r", key="k", severity="low", title="T", body="")], {"file": "low"}, NOW)
        opened.claim_due("file", NOW, timedelta(minutes=15))  # and then it was killed

    assert only(steps.deliver(work(place, clock=lambda: NOW))).counts["sent"] == 1
    assert rows(archive, "select state, attempts from deliveries") == [("sent", 2)]


def test_a_copy_that_cannot_be_published_is_told_and_harms_nothing_else(place: Path) -> None:
    keep(place, b"<p>one</p>")
    (place.parent / "archive" / "published").write_text("in the way")

    done = steps.read(work(place))

    assert [one.job for one in done] == ["read", "publish"]
    assert done[0].ok and done[1].failures


# --- ingest


def paper(body: bytes, **more: Any) -> ingest.Paper:
    given = {"name": "a.pdf", "url": "https://democracy.kent.gov.uk:9071/documents/s7/A.pdf?x=1", **more}
    return ingest.Paper(body=body, **given)


@pytest.mark.parametrize(
    ("given", "source", "council", "key"),
    [
        ({}, "committee_papers", "kent", "moderngov:democracy.kent.gov.uk:s7"),
        (
            {
                "url": "https://www.lgo.org.uk/your-councils-performance/kent-county-council/statistics",
                "name": "a.html",
            },
            "ombudsman",
            "kent",
            "ombudsman:lgo.org.uk:kent-county-council:statistics",
        ),
        (
            {"url": "https://www.kentonline.co.uk/a-story-300000/", "name": "a"},
            "news",
            "kent",
            "news:kentonline.co.uk:300000",
        ),
    ],
)
def test_a_paper_is_kept_where_its_address_says_it_belongs(
    place: Path, given: dict[str, Any], source: str, council: str, key: str
) -> None:
    body = b"%PDF-1.4" if not given else b"<html></html>"

    found = ingest.place(config.load(place), paper(body, **given))

    assert (found.source, found.council, found.key) == (source, council, key)


def test_an_ingested_paper_goes_through_all_steps_once(place: Path) -> None:
    page = paper(b"<html><body><p>Nothing</p></body></html>", name="a.html", url=ITEM, published_on=date(2025, 3, 4))

    first, again = (ingest.ingest(work(place), page) for _ in range(2))

    assert [one.job for one in first] == ["ingest", "read", "check", "judge", "deliver"]
    assert first[0].counts == {"new_documents": 1, "new_versions": 1} and all(one.ok for one in first)
    assert again[0].counts == {"new_documents": 0, "new_versions": 0} and again[1].counts == {}
    assert rows(place.parent / "archive", "select url, published_on, media_type from documents join versions") == [
        (ITEM, "2025-03-04", "text/html")
    ]


def test_a_paper_that_is_not_what_its_name_says_is_kept_and_told(place: Path) -> None:
    done = ingest.ingest(work(place), paper(b"<html><body><h1>An error has occurred</h1></body></html>"))

    assert done[0].failures == ("a.pdf: is no PDF, though its name says so",)
    assert rows(place.parent / "archive", "select count(*) from versions") == [(1,)]


def test_a_quarantined_paper_is_told_each_time_it_is_ingested(place: Path) -> None:
    broken = paper(b"%PDF-1.7 and then nothing")

    first, again = (ingest.ingest(work(place), broken) for _ in range(2))

    assert sum(len(one.quarantined) for one in first) == 1
    assert again[-1].job == "ingested" and len(again[-1].quarantined) == 1


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"url": "documents/s7"}, "is not a web address"),
        ({"url": "file:///etc/passwd"}, "is not a web address"),
        ({"council": "surrey"}, 'no council "surrey" in config.toml, only kent'),
        ({"body": b""}, "the file is empty"),
    ],
)
def test_a_paper_that_belongs_nowhere_is_refused(place: Path, given: dict[str, Any], said: str) -> None:
    whole = replace(paper(b"%PDF-1.4"), **given)

    with pytest.raises(Unusable, match=said):
        ingest.place(config.load(place), whole)


def test_the_crawl_is_told_what_the_configuration_says(place: Path) -> None:
    loaded = config.load(place)

    job = crawling.crawl_job(loaded, "committee_papers", 7, datetime(2026, 7, 21, 23, 30, tzinfo=UTC))

    assert type(job).from_json(job.to_json()) == job
    assert (job.source, job.run_id, job.archive) == ("committee_papers", 7, str(place.parent / "archive"))
    assert job.today == date(2026, 7, 22)  # in London
    assert job.councils[0].slug == "kent" and job.titles == loaded.sources.committee_papers.titles  # type: ignore[union-attr]


def test_readers_are_not_told_our_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    from monitor import reader

    monkeypatch.setenv("KCCWATCH_NEWSROOM_URL", "json://user:secret@hooks.example")

    assert "secret" not in repr(reader._environment())
    assert reader_worker.READY != b""
    assert os.environ["KCCWATCH_NEWSROOM_URL"]
