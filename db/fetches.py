"""The log of requests, and what conditional requests need from it."""

import hashlib
import sqlite3
from dataclasses import dataclass
from datetime import datetime

from db.values import clean_or_none, known_moment, utc


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetch:
    """One request and its answer, or why there was none."""

    url: str  # as asked
    source: str  # committee_papers, news or ombudsman
    final_url: str | None = None  # after redirects
    status: int | None = None  # None where no answer came
    seconds: float | None = None
    body: bytes | None = None  # only measured and hashed here; `remember` keeps it
    media_type: str | None = None  # Content-Type without parameters
    etag: str | None = None
    last_modified: str | None = None
    error: str | None = None  # why the answer is of no use
    run_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Validators:
    """What a conditional request sends: the server's own words about the content that we hold."""

    etag: str | None
    last_modified: str | None
    fetched_at: datetime  # when that content came; an old one is worth an unconditional request


def record(db: sqlite3.Connection, fetch: Fetch, now: datetime) -> int:
    """Note a request; the number of its row."""
    cursor = db.execute(
        """
        insert into fetches (url, final_url, status, fetched_at, seconds, bytes, sha256, etag, last_modified,
                             source, media_type, error, run_id)
        values (:url, :final_url, :status, :now, :seconds, :bytes, :sha256, :etag, :last_modified,
                :source, :media_type, :error, :run_id)
        """,
        {
            "url": clean_or_none(fetch.url),
            "final_url": clean_or_none(fetch.final_url),
            "status": fetch.status,
            "now": utc(now),
            "seconds": fetch.seconds,
            "bytes": None if fetch.body is None else len(fetch.body),
            "sha256": None if fetch.body is None else hashlib.sha256(fetch.body).hexdigest(),
            "etag": clean_or_none(fetch.etag),
            "last_modified": clean_or_none(fetch.last_modified),
            "source": fetch.source,
            "media_type": clean_or_none(fetch.media_type),
            "error": clean_or_none(fetch.error),
            "run_id": fetch.run_id,
        },
    )
    assert cursor.lastrowid is not None
    return cursor.lastrowid


def validators(db: sqlite3.Connection, url: str) -> Validators | None:
    """The validators of the newest usable answer from *url*.

    None unless its content is still the newest of its document and could be read: an
    answer of 304 must never confirm a content that we do not hold or could not use.
    """
    row = db.execute(
        """
        select etag, last_modified, fetched_at, sha256, version_id from fetches
        where url = ? and status = 200 and error is null order by id desc limit 1
        """,
        [clean_or_none(url)],
    ).fetchone()
    if (
        row is None
        or not (row["etag"] or row["last_modified"])
        or not _still_held(db, row["version_id"], row["sha256"])
    ):
        return None
    return Validators(etag=row["etag"], last_modified=row["last_modified"], fetched_at=known_moment(row["fetched_at"]))


def _still_held(db: sqlite3.Connection, version_id: int | None, sha256: str | None) -> bool:
    return (
        db.execute(
            """
            select 1 as yes from versions as v
            where (v.id = :version_id or :version_id is null and v.sha256 = :sha256)
              and v.outcome is not 'failed'
              and not exists (select 1 from versions as newer where newer.supersedes_id = v.id)
            """,
            {"version_id": version_id, "sha256": sha256},
        ).fetchone()
        is not None
    )
