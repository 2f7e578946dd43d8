"""Killed at any instant: the whole unit is there, or nothing of it, and going on ends where it would have ended."""

import multiprocessing
import os
import random
import signal
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from db import Archive, Fetch, NewAlert, open_archive
from parsers.records import Rag
from tests.test_db_samples import GREEN, LATER, NOW, RED, dump, edition, figure, found, improvement, kpi, reading

PROCESSES = multiprocessing.get_context("fork")  # a fresh interpreter for each of hundreds of deaths would take minutes
INDICATORS = 12


def paper(number: int, rag: Any = GREEN) -> Any:
    rows = [kpi(f"Indicator {n}", rag, page=n + 1) for n in range(INDICATORS)]
    return reading(
        edition(f"{2000 + number // 4}/{(2001 + number // 4) % 100:02d}", number % 4 + 1, kpi_total=INDICATORS),
        *rows,
        figure("SEN", float(number)),
        improvement(f"24 003 {100 + number:03d}", "remind", "review"),
        text=f"paper {number} about potholes",
    )


def content(number: int, rag: Any) -> bytes:
    """The bytes of a paper; what they say can be read off them."""
    return f"{number} {rag} ".encode() * 2000


def remember(archive: Archive, number: int, rag: Any = GREEN) -> None:
    """Fetch, keep, read and tell of one paper; each a unit of its own, repeatable."""
    place = found(f"s{number}", title=f"Paper {number}")
    body = content(number, rag)
    archive.record_fetch(Fetch(url=place.url, source=place.source, status=200, body=body), NOW)
    archive.remember(place, body, now=NOW)
    for waiting in archive.unread():
        number_read, rag_read = archive.blob(waiting.sha256).split()[:2]
        result = paper(int(number_read), Rag(rag_read.decode()))
        archive.store_reading(waiting.id, result, council="kent", now=NOW)
    alert = NewAlert(rule="new_report", key=f"{number} {rag}", severity="high", title="New report", body="…")
    archive.add_alerts([alert], {"file": "low", "newsroom": "high"}, NOW)
    for claim in archive.claim_due("file", NOW, timedelta(0)):
        archive.mark_sent([claim.delivery_id], NOW)


STORY = [(1, GREEN), (2, GREEN), (1, RED)]  # the first paper is corrected last


def go_on(archive: Archive, at: Any) -> None:
    """Tell the story from where it stopped; the site does not go back either."""
    while at.value < len(STORY):
        remember(archive, *STORY[at.value])
        at.value += 1


def assert_whole(folder: Path) -> None:
    """Nothing torn: neither rows, nor bodies, nor pairs of rows that belong together."""
    with closing(sqlite3.connect(folder / "archive.db")) as db:
        assert db.execute("pragma integrity_check").fetchall() == [("ok",)]
        assert db.execute("pragma foreign_key_check").fetchall() == []
    with open_archive(folder) as archive:
        for version in archive.rows("select sha256, bytes from versions"):
            assert len(archive.blob(version["sha256"])) == version["bytes"]
        for version in archive.rows("select id, outcome from versions"):
            (facts,) = archive.rows(
                "select count(*) as n, count(distinct kpi_id) as kpis, min(kpi_id) as least"
                " from kpi_readings as k join reports as r on r.id = k.report_id where r.version_id = ?",
                [version["id"]],
            )
            expected = (INDICATORS, INDICATORS) if version["outcome"] == "read" else (0, 0)
            assert (facts["n"], facts["kpis"]) == expected
            assert facts["least"] is None or facts["least"] > 0
        alone = (
            "select count(*) as n from alerts as a where 2 <> (select count(*) from deliveries where alert_id = a.id)"
        )
        assert archive.rows(alone) == [{"n": 0}], "an alert without its deliveries"
        assert archive._writer is not None
        archive._writer.execute("insert into search (search) values ('integrity-check')")
    assert not list((folder / "blobs" / ".unfinished").glob("*"))


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


@contextmanager
def death_at(step: int, archive: Archive) -> Iterator[list[int]]:
    """Count every statement and every call that puts files in place; die before the given one."""
    steps = [0]

    def at_step(*_: object) -> None:
        steps[0] += 1
        if steps[0] == step:
            die()

    def dying(call: Callable[..., Any]) -> Callable[..., Any]:
        def counted(*arguments: Any, **options: Any) -> Any:
            at_step()
            return call(*arguments, **options)

        return counted

    assert archive._writer is not None
    archive._writer.set_trace_callback(at_step)
    calls = {name: getattr(os, name) for name in ("fsync", "replace", "fchmod", "mkdir")}
    for name, call in calls.items():
        setattr(os, name, dying(call))
    try:
        yield steps
    finally:
        for name, call in calls.items():
            setattr(os, name, call)
        archive._writer.set_trace_callback(None)


def run_until(step: int, folder: Path, at: Any) -> None:
    with open_archive(folder) as archive, death_at(step, archive):
        go_on(archive, at)


def undisturbed(folder: Path) -> tuple[dict[str, Any], int]:
    """What it all ends in, and how many steps that takes."""
    with open_archive(folder) as archive:
        with death_at(0, archive) as steps:
            go_on(archive, PROCESSES.Value("i", 0))
        return without_tries(archive), steps[0]


def without_tries(archive: Archive) -> dict[str, Any]:
    """All rows but those that count how often something was tried."""
    rows = dump(archive)
    del rows["fetches"]
    for delivery in rows["deliveries"]:
        del delivery["attempts"]
    return rows


def killed_at_each(steps: range, folder: Path, ending: dict[str, Any]) -> None:
    for step in steps:
        scratch = folder / str(step)
        at = PROCESSES.Value("i", 0)
        child = PROCESSES.Process(target=run_until, args=(step, scratch, at))
        child.start()
        child.join()
        assert child.exitcode == -signal.SIGKILL
        assert_whole(scratch)
        with open_archive(scratch) as archive:
            go_on(archive, at)
            assert without_tries(archive) == ending, f"killed at step {step}"


def test_killed_at_some_steps_nothing_is_torn_and_going_on_ends_alike(tmp_path: Path) -> None:
    ending, steps = undisturbed(tmp_path / "undisturbed")
    assert steps > 300
    killed_at_each(range(random.Random(7).randrange(1, 40), steps, 40), tmp_path, ending)


@pytest.mark.long
@pytest.mark.timeout(1800)
def test_killed_at_every_single_step(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    if "long" not in request.config.getoption("markexpr"):
        pytest.skip("the long form takes minutes; `pytest -m long` runs it")
    ending, steps = undisturbed(tmp_path / "undisturbed")
    killed_at_each(range(1, steps), tmp_path, ending)


def write_on(folder: Path) -> None:
    with open_archive(folder) as archive:
        number = archive.counts()["documents"]
        while True:
            number += 1
            remember(archive, number)


def test_killed_again_and_again_at_random_instants(tmp_path: Path) -> None:
    chance = random.Random(11)
    papers = 0
    for _ in range(5):
        child = PROCESSES.Process(target=write_on, args=(tmp_path,))
        child.start()
        time.sleep(chance.uniform(0.15, 0.6))
        assert child.pid is not None
        os.kill(child.pid, signal.SIGKILL)
        child.join()
        assert_whole(tmp_path)
        with open_archive(tmp_path, readonly=True) as archive:
            held = archive.counts()["documents"]
        assert held >= papers
        papers = held
    assert papers > 0


def watch(folder: Path, seen: Any) -> None:
    """Read as long as somebody writes; what is seen must be whole every time."""
    most = 0
    with open_archive(folder, readonly=True) as archive:
        while most < 25:
            for row in archive.rows(
                "select r.id, count(k.id) as n, min(k.kpi_id) as least from reports as r"
                " left join kpi_readings as k on k.report_id = r.id group by r.id"
            ):
                assert row["n"] == INDICATORS and row["least"] > 0
            for version in archive.rows("select sha256 from versions order by id desc limit 1"):
                archive.blob(version["sha256"])
            count = archive.rows("select count(*) as n from versions where outcome = 'read'")[0]["n"]
            assert count >= most
            most = count
            seen.value += 1


def test_two_processes_read_while_one_writes(tmp_path: Path) -> None:
    with open_archive(tmp_path):
        pass
    seen = [PROCESSES.Value("i", 0) for _ in range(2)]
    readers = [PROCESSES.Process(target=watch, args=(tmp_path, value)) for value in seen]
    for reader in readers:
        reader.start()
    with open_archive(tmp_path) as archive:
        for number in range(1, 26):
            remember(archive, number)
    for reader in readers:
        reader.join(60)
    assert [reader.exitcode for reader in readers] == [0, 0]
    assert min(value.value for value in seen) > 3
    assert_whole(tmp_path)


def test_a_claim_that_died_is_sent_by_the_next(tmp_path: Path) -> None:
    def claim_and_die() -> None:
        archive = open_archive(tmp_path)
        assert archive.claim_due("file", NOW, timedelta(minutes=10))
        die()

    with open_archive(tmp_path) as archive:
        alert = NewAlert(rule="new_red", key="a", severity="high", title="Red", body="…")
        archive.add_alerts([alert], {"file": "low"}, NOW)
    child = PROCESSES.Process(target=claim_and_die)
    child.start()
    child.join()
    assert child.exitcode == -signal.SIGKILL
    with open_archive(tmp_path) as archive:
        assert archive.claim_due("file", NOW, timedelta(minutes=10)) == []
        assert [claim.attempts for claim in archive.claim_due("file", LATER, timedelta(minutes=10))] == [2]


def test_a_backup_that_is_killed_leaves_the_last_one_whole(tmp_path: Path) -> None:
    def back_up_and_die() -> None:
        with open_archive(tmp_path / "archive") as archive:
            remember(archive, 2)
            os.replace = lambda *_, **__: die()  # type: ignore[assignment]
            archive.backup(tmp_path / "backup")

    with open_archive(tmp_path / "archive") as archive:
        remember(archive, 1)
        archive.backup(tmp_path / "backup")
    child = PROCESSES.Process(target=back_up_and_die)
    child.start()
    child.join()
    assert child.exitcode == -signal.SIGKILL
    with open_archive(tmp_path / "backup", readonly=True) as copy:
        assert copy.counts()["versions"] == 1
        assert copy.check() == []
    with open_archive(tmp_path / "archive") as archive:
        assert archive.backup(tmp_path / "backup").blobs == 2
    assert_whole(tmp_path / "backup")
    assert not list((tmp_path / "backup").glob("*.unfinished"))
