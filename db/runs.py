"""When each job last ran, and how it went."""

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from db.values import clean_or_none, known_moment, moment, utc


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRow:
    """One run of a job."""

    id: int
    job: str
    started_at: datetime
    finished_at: datetime | None  # None while it runs, or after a crash
    outcome: str | None
    counts: dict[str, Any]
    error: str | None


def start(db: sqlite3.Connection, job: str, now: datetime) -> int:
    """Note that a job begins; the number of the run."""
    run_id = db.execute("insert into runs (job, started_at) values (?, ?)", [job, utc(now)]).lastrowid
    assert run_id is not None
    return run_id


def finish(
    db: sqlite3.Connection, run_id: int, outcome: str, counts: Mapping[str, Any], error: str | None, now: datetime
) -> None:
    """Note how a run went."""
    db.execute(
        "update runs set finished_at = ?, outcome = ?, counts = ?, error = ? where id = ?",
        [utc(now), outcome, json.dumps(dict(counts), sort_keys=True), clean_or_none(error), run_id],
    )


def last(db: sqlite3.Connection, job: str) -> RunRow | None:
    """The job's newest run; None where it never ran."""
    row = db.execute("select * from runs where job = ? order by id desc limit 1", [job]).fetchone()
    if row is None:
        return None
    times = {"started_at": known_moment(row["started_at"]), "finished_at": moment(row["finished_at"])}
    return RunRow(**{**row, **times, "counts": json.loads(row["counts"])})


def abandon(db: sqlite3.Connection, now: datetime) -> int:
    """Close the runs that nobody finished, as a daemon does when it starts; how many."""
    return db.execute(
        "update runs set finished_at = ?, outcome = 'failed', error = 'ended without a word' where finished_at is null",
        [utc(now)],
    ).rowcount
