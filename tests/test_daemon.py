"""The daemon: what is due is visited, once, and it ends when it is told to."""

import os
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

import db
from demo.replica import Replica
from monitor import config, steps
from monitor.daemon import Daemon
from monitor.errors import Busy
from monitor.notify_systemd import Supervisor
from monitor.work import Done, Work, utc_now

ROOT = Path(__file__).parents[1]
SOURCES = ["committee_papers", "ombudsman", "news"]
FIRST = SOURCES[:1]

CONFIG = """
[[councils]]
slug = "kent"
name = "Kent County Council"
moderngov = "https://democracy.kent.gov.uk"

[crawl]
user_agent = "kccwatch (mailto:me@example.org)"

[sources.committee_papers]
every = "6h"
[sources.ombudsman]
every = "1d"
[sources.news]
every = "1h"
feeds = ["https://a.example/rss"]
"""


def until(true: Callable[[], Any], seconds: float = 20) -> Any:
    """What becomes true in time; fails where nothing does."""
    deadline = time.monotonic() + seconds
    while not (found := true()):
        assert time.monotonic() < deadline, "not in time"
        time.sleep(0.01)
    return found


class Visits:
    """Stands in for `steps.cycle`: notes which source is visited, and notes the next visit as a cycle does."""

    def __init__(self, archive: Path) -> None:
        self.made: list[str] = []
        self.trouble: Callable[[], Exception] | None = None
        self.waits: Callable[[Work], None] = lambda work: None
        self.at_once = 0  # how many are under way
        self._archive = archive

    def __call__(self, work: Work, sources: list[str]) -> list[Done]:
        assert self.at_once == 0
        self.at_once += 1
        try:
            self.made += sources
            self.waits(work)
            if self.trouble is not None:
                raise self.trouble()
            with db.open_archive(self._archive) as archive:
                archive.set_next_due(sources[0], work.clock() + timedelta(hours=1))
            return [Done(job=f"crawl:{sources[0]}", counts={"requests": 1})]
        finally:
            self.at_once -= 1


@pytest.fixture
def place(tmp_path: Path) -> Path:
    found = tmp_path / "config.toml"
    found.write_text(CONFIG, encoding="utf-8")
    return found


@pytest.fixture
def visits(place: Path, monkeypatch: pytest.MonkeyPatch) -> Visits:
    found = Visits(place.parent / "archive")
    monkeypatch.setattr(steps, "cycle", found)
    return found


@contextmanager
def running(place: Path, **more: Any) -> Iterator[Daemon]:
    """A daemon at work in a thread; it is stopped, and has to end, with the block."""
    daemon = Daemon(config.load(place), **more)
    thread = threading.Thread(target=daemon.run)
    thread.start()
    try:
        yield daemon
    finally:
        daemon.stop()
        thread.join(timeout=20)
        assert not thread.is_alive()


def note_due(place: Path, **hours: float) -> None:
    """Note when sources are due, in hours from now."""
    with db.open_archive(place.parent / "archive") as archive:
        for source, number in hours.items():
            archive.set_next_due(source, utc_now() + timedelta(hours=number))


def planned(daemon: Daemon) -> dict[str, datetime]:
    """When the visits are that stand in the plan."""
    jobs = daemon._scheduler.get_jobs()
    times = {job.args[0]: getattr(job, "next_run_time", None) for job in jobs if job.id.startswith("visit:")}
    return {source: due for source, due in times.items() if due is not None}


def after_visits(daemon: Daemon, visits: Visits, number: int, *sources: str) -> dict[str, datetime]:
    """When *sources* are planned for once so many visits are over.

    Before a visit it was for now, during it by the schedule; after it for within the hour, as Visits notes it.
    """

    def planned_anew() -> dict[str, datetime]:
        due = {name: when for name, when in planned(daemon).items() if name in sources}
        soon, late = (datetime.now(UTC) + timedelta(minutes=m) for m in (0.5, 60))
        over = len(visits.made) == number and len(due) == len(sources)
        return due if over and all(soon < when <= late for when in due.values()) else {}

    found: dict[str, datetime] = until(planned_anew)
    return found


def test_sources_that_were_never_visited_are_visited_at_once_one_after_the_other(place: Path, visits: Visits) -> None:
    visits.waits = lambda work: time.sleep(0.05)

    with running(place) as daemon:
        after_visits(daemon, visits, 3, *SOURCES)

    assert sorted(visits.made) == sorted(SOURCES)


def test_what_was_missed_is_made_up_for_once_and_what_is_not_due_waits(place: Path, visits: Visits) -> None:
    note_due(place, committee_papers=-100, ombudsman=5, news=0.5)

    with running(place) as daemon:
        after_visits(daemon, visits, 1, "committee_papers")
        due = planned(daemon)

    assert visits.made == ["committee_papers"]
    assert timedelta(hours=4) < due["ombudsman"] - utc_now() <= timedelta(hours=5)


def test_a_visit_that_could_not_be_noted_is_tried_again_with_growing_pauses(place: Path, visits: Visits) -> None:
    note_due(place, committee_papers=-1, ombudsman=5, news=0.5)
    visits.trouble = lambda: Busy("another kccwatch is at work")

    with running(place) as daemon:
        pauses = []
        for times in (1, 2, 3):
            pauses.append(after_visits(daemon, visits, times, *FIRST)["committee_papers"] - datetime.now(UTC))
            daemon._enter("committee_papers", datetime.now(UTC) + timedelta(seconds=0.2))

    assert [round(pause.total_seconds() / 60) for pause in pauses] == [1, 2, 4]


@pytest.mark.parametrize("trouble", [lambda: ZeroDivisionError("ours"), lambda: db.errors.DiskFull("a.db", "full")])
def test_no_trouble_ends_the_daemon_and_it_is_logged_once(
    place: Path, visits: Visits, trouble: Callable[[], Exception], caplog: pytest.LogCaptureFixture
) -> None:
    note_due(place, committee_papers=-1, ombudsman=5, news=0.5)
    visits.trouble = trouble

    with running(place) as daemon, caplog.at_level("INFO", logger="kccwatch"):
        for times in (1, 2, 3):
            after_visits(daemon, visits, times, *FIRST)
            if times == 2:
                visits.trouble = None
            daemon._enter("committee_papers", datetime.now(UTC) + timedelta(seconds=0.2))
        until(lambda: any("event=recovered" in message for message in caplog.messages))

    assert sum("event=trouble" in message for message in caplog.messages) == 1


def test_a_visit_under_way_is_told_to_stop(place: Path, visits: Visits) -> None:
    seen = threading.Event()

    def wait(work: Work) -> None:
        seen.set()
        until(work.stopping)

    visits.waits = wait
    with running(place):
        assert seen.wait(20)

    assert len(visits.made) == 1  # and no other is begun


def test_alerts_that_wait_are_sent_between_the_visits(
    place: Path, visits: Visits, monkeypatch: pytest.MonkeyPatch
) -> None:
    note_due(place, committee_papers=5, ombudsman=5, news=0.5)
    monkeypatch.setattr("monitor.daemon._OUTBOX", timedelta(seconds=0.2))
    with running(place):
        with db.open_archive(place.parent / "archive") as archive:
            alert = db.NewAlert(rule="r", key="k", severity="high", title="RED", body="")
            archive.add_alerts([alert], {"file": "low"}, utc_now())
        until(lambda: list((place.parent / "archive").glob("outbox/*")))

    with db.open_archive(place.parent / "archive", readonly=True) as archive:
        assert archive.rows("select state from deliveries") == [{"state": "sent"}]
        assert archive.rows("select count(*) as n from runs where job = 'deliver'") == [{"n": 1}]


def test_a_clock_that_is_set_moves_the_plan(place: Path, visits: Visits, monkeypatch: pytest.MonkeyPatch) -> None:
    note_due(place, committee_papers=5, ombudsman=5, news=0.5)
    with running(place) as daemon:
        until(lambda: len(planned(daemon)) == 3)
        note_due(place, news=-1)  # what the archive says, once the clock is right
        really = time.time
        monkeypatch.setattr("monitor.daemon.time.time", lambda: really() + 3600)
        until(lambda: visits.made)

    assert visits.made == ["news"]


def test_an_archive_that_cannot_be_used_ends_it_before_it_says_that_it_is_ready(place: Path) -> None:
    (place.parent / "archive").mkdir()
    (place.parent / "archive" / "archive.db").write_bytes(b"no database" * 100)

    with pytest.raises(db.StoreError):
        Daemon(config.load(place)).run()


# --- systemd


@contextmanager
def manager(folder: Path) -> Iterator[tuple[str, Callable[[], list[str]]]]:
    """A service manager's socket: its address, and what was said to it."""
    address = str(folder / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as ear:
        ear.bind(address)
        ear.setblocking(False)
        heard: list[str] = []

        def listen() -> list[str]:
            try:
                while True:
                    heard.append(ear.recv(4096).decode())
            except BlockingIOError:
                return heard

        yield address, listen


def test_the_manager_is_told_what_it_wants_to_know(tmp_path: Path) -> None:
    with manager(tmp_path) as (address, heard):
        watchdog = {"WATCHDOG_USEC": "60000000", "WATCHDOG_PID": str(os.getpid())}
        supervisor = Supervisor({"NOTIFY_SOCKET": address, **watchdog})
        supervisor.ready("waiting\nfor news")
        for _ in range(5):
            supervisor.alive()
        supervisor.stopping()

        assert heard() == ["READY=1\nSTATUS=waiting for news", "WATCHDOG=1", "STOPPING=1\nSTATUS=stopping"]


def test_an_abstract_address_is_understood() -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as ear:
        name = f"kccwatch-test-{os.getpid()}"
        ear.bind("\0" + name)
        Supervisor({"NOTIFY_SOCKET": f"@{name}"}).status("reading")

        assert ear.recv(100) == b"STATUS=reading"


@pytest.mark.parametrize(
    "environ",
    [{}, {"NOTIFY_SOCKET": "/nowhere/at/all"}, {"WATCHDOG_USEC": "x", "NOTIFY_SOCKET": ""}, {"WATCHDOG_PID": "1"}],
)
def test_without_a_manager_nothing_is_said_and_nothing_fails(environ: dict[str, str]) -> None:
    supervisor = Supervisor(environ)
    supervisor.ready("x")
    supervisor.alive()
    supervisor.stopping()


@pytest.mark.timeout(200)
def test_the_real_one_tells_systemd_crawls_and_ends_cleanly_in_the_middle_of_a_crawl(tmp_path: Path) -> None:
    with Replica() as replica, manager(tmp_path) as (address, heard):
        place = tmp_path / "config.toml"
        slowly = replica.config(tmp_path / "archive").replace("delay_seconds = 0.0", "delay_seconds = 0.5")
        place.write_text(slowly, encoding="utf-8")
        environ = {**os.environ, "NOTIFY_SOCKET": address, "WATCHDOG_USEC": "400000"}
        with subprocess.Popen(
            [sys.executable, "-m", "monitor", "run", "--config", place], cwd=ROOT, env=environ, stderr=subprocess.PIPE
        ) as process:
            assert process.stderr is not None
            until(lambda: len(replica.requests) > 5, seconds=60)
            alive = sum(message == "WATCHDOG=1" for message in heard())
            until(lambda: sum(message == "WATCHDOG=1" for message in heard()) > alive)
            process.send_signal(signal.SIGTERM)
            assert process.wait(timeout=30) == 0
            log = process.stderr.read().decode()

        assert heard()[0].startswith("READY=1") and "STOPPING=1\nSTATUS=stopping" in heard()
        assert "event=started" in log and "event=stopped" in log and "Traceback" not in log
        asked = len(replica.requests)
        time.sleep(1.5)
        assert len(replica.requests) == asked  # the crawl is gone, too
    with closing(sqlite3.connect(tmp_path / "archive" / "archive.db")) as bystander:
        assert bystander.execute("pragma integrity_check").fetchone() == ("ok",)
        assert bystander.execute("select job, outcome, error from runs").fetchall() == [
            ("crawl:committee_papers", "failed", "committee_papers: the crawl was stopped")
        ]
