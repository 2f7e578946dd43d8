"""How each source is doing, and when it is visited next."""

import sqlite3
from dataclasses import dataclass
from datetime import datetime

from db.values import clean_or_none, known_moment, moment, utc


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceState:
    """The state of one source for one council."""

    source: str
    council: str  # slug, or "*" for all
    state: str  # ok, stale, failing, blocked, changed or gone
    reason: str | None  # a sentence
    since: datetime  # in this state since
    last_ok_at: datetime | None
    last_new_at: datetime | None  # the last new content


def set_state(db: sqlite3.Connection, source: str, council: str, state: str, reason: str | None, now: datetime) -> None:
    """Note a source's state; `since` moves only when the state does."""
    db.execute(
        """
        insert into sources (source, council, state, reason, since, last_ok_at)
        values (:source, :council, :state, :reason, :now, iif(:state = 'ok', :now, null))
        on conflict (source, council) do update set
          since = iif(state = excluded.state, since, excluded.since), state = excluded.state,
          reason = excluded.reason, last_ok_at = coalesce(excluded.last_ok_at, last_ok_at)
        """,
        {"source": source, "council": council, "state": state, "reason": clean_or_none(reason), "now": utc(now)},
    )


def states(db: sqlite3.Connection) -> list[SourceState]:
    """All sources that were ever visited."""
    return [
        SourceState(
            source=row["source"],
            council=row["council"],
            state=row["state"],
            reason=row["reason"],
            since=known_moment(row["since"]),
            last_ok_at=moment(row["last_ok_at"]),
            last_new_at=moment(row["last_new_at"]),
        )
        for row in db.execute("select * from sources order by source, council")
    ]


def set_next_due(db: sqlite3.Connection, source: str, when: datetime) -> None:
    """Note when the source is to be visited next."""
    db.execute(
        "insert into schedules (source, next_due_at) values (?, ?)"
        " on conflict (source) do update set next_due_at = excluded.next_due_at",
        [source, utc(when)],
    )


def next_due(db: sqlite3.Connection, source: str) -> datetime | None:
    """When the source is to be visited next; None before the first visit."""
    row = db.execute("select next_due_at from schedules where source = ?", [source]).fetchone()
    return None if row is None else known_moment(row["next_due_at"])
