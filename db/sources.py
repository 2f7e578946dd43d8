"""How each source is doing, and when it is visited next.

A source's state is worked out from three witnesses, the worst first: what the last visit found
(`note_visit`), whether the pages it stands on can still be read, and how long it has had nothing new
compared with its own past. `settle` does that, and notes an event when a state is certain to have
changed: people are told of events, once each, not of states.
"""

import sqlite3
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from db.values import clean_or_none, known_moment, moment, utc

# A visit that fails is tried again soon; a source is said to be broken when it has failed three visits, or two that
# are hours apart: sites are put in order at night. What refuses us, was redesigned or is gone does not pass by itself.
BAD_VISITS = 3
BAD_FOR = timedelta(hours=4)

# Nothing new for so long is no silence yet, whatever the past was like. Kent's committees pause for August
# and for the five weeks before an election; the Ombudsman's pages change with single cases and in July.
LEAST_SILENCE = {
    "committee_papers": timedelta(days=60),
    "news": timedelta(days=14),
    "ombudsman": timedelta(days=180),
}
LONGER_THAN_EVER = 1.5  # times the longest pause of the last three years
REMEMBERED = timedelta(days=3 * 366)

# The pages that a source stands on: when their newest content cannot be read, the site has changed.
STANDING_PAGES = ("ombudsman_statistics", "ombudsman_improvements")


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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """What the witnesses say."""

    state: str
    cause: str  # visit, reading or silence
    reason: str | None


def note_visit(
    db: sqlite3.Connection, source: str, council: str, state: str, reason: str | None, now: datetime
) -> None:
    """Note what a visit to a source found, and settle its state."""
    db.execute(
        """
        insert into sources (source, council, state, reason, since, last_ok_at, visit_state, visit_reason, bad_visits)
        values (:source, :council, :state, :reason, :now, iif(:state = 'ok', :now, null), :state, :reason,
          :state <> 'ok')
        on conflict (source, council) do update set
          visit_state = excluded.visit_state, visit_reason = excluded.visit_reason,
          bad_visits = iif(excluded.visit_state = 'ok', 0, bad_visits + 1),
          last_ok_at = coalesce(excluded.last_ok_at, last_ok_at)
        """,
        {"source": source, "council": council, "state": state, "reason": clean_or_none(reason), "now": utc(now)},
    )
    settle(db, now)


def settle(db: sqlite3.Connection, now: datetime) -> None:
    """Work out every source's state from its witnesses; note an event where it is certain that one changed."""
    for row in db.execute("select * from sources order by source, council").fetchall():
        found = _found(db, row, now)
        if (found.state, found.reason) != (row["state"], row["reason"]):
            db.execute(
                "update sources set state = :state, reason = :reason, since = iif(state = :state, since, :now) "
                "where source = :source and council = :council",
                {
                    "state": found.state,
                    "reason": found.reason,
                    "now": utc(now),
                    "source": row["source"],
                    "council": row["council"],
                },
            )
        if found.state == "ok" or _is_certain(row, found.state, now):
            _note_event(db, row["source"], row["council"], found, now)


def _is_certain(row: dict[str, Any], state: str, now: datetime) -> bool:
    """Whether trouble has lasted so long, and been seen so often, that it does not pass by itself."""
    if state != "failing" or row["bad_visits"] >= BAD_VISITS:
        return True
    lasted = now - known_moment(row["since"]) if row["state"] == state else timedelta(0)
    return row["bad_visits"] > 1 and lasted >= BAD_FOR


def _found(db: sqlite3.Connection, row: dict[str, str | None], now: datetime) -> _Found:
    source, council = str(row["source"]), str(row["council"])
    if row["visit_state"] not in ("ok", "stale"):
        return _Found(state=str(row["visit_state"]), cause="visit", reason=row["visit_reason"])
    unreadable = db.execute(
        f"""
        select d.url, v.note from documents as d join versions as v on v.document_id = d.id
        where d.source = ? and d.council = ? and d.gone_at is null and v.outcome in ('quarantined', 'failed')
          and (d.kind in ({", ".join("?" for _ in STANDING_PAGES)}))
          and not exists (select 1 from versions as n where n.document_id = d.id and n.id > v.id)
        order by d.id limit 1
        """,  # noqa: S608 (our own places)
        [source, council, *STANDING_PAGES],
    ).fetchone()
    if unreadable is not None:
        return _Found(state="changed", cause="reading", reason=f"{unreadable['url']}: {unreadable['note']}")
    if (days := _silent_for(db, source, council, row, now)) is not None:
        return _Found(state="stale", cause="silence", reason=f"nothing new for {days} days, longer than ever before")
    return _Found(state="ok", cause="visit", reason=row["visit_reason"])


def _silent_for(
    db: sqlite3.Connection, source: str, council: str, row: dict[str, str | None], now: datetime
) -> int | None:
    """Days without anything new, where that is more than the source's own past explains; else None."""
    last_new, last_ok = moment(row["last_new_at"]), moment(row["last_ok_at"])
    if last_new is None or last_ok is None or last_ok - last_new < LEAST_SILENCE.get(source, REMEMBERED):
        return None
    days = [
        known_moment(one["day"] + "T00:00:00+00:00")
        for one in db.execute(
            "select distinct date(v.fetched_at) as day from versions as v join documents as d on d.id = v.document_id "
            "where d.source = ? and (d.council = ? or ? = '*') and v.fetched_at >= ? order by day",
            [source, council, council, utc(now - REMEMBERED)],
        )
    ]
    longest = max((later - earlier for earlier, later in pairwise(days)), default=timedelta(0))
    silent = last_ok - last_new
    if silent < longest * LONGER_THAN_EVER:
        return None
    return silent.days


def _note_event(db: sqlite3.Connection, source: str, council: str, found: _Found, now: datetime) -> None:
    """A row when the state is another than the one that the last event told; ok needs no first event."""
    last = db.execute(
        "select state, cause from source_events where source = ? and council = ? order by id desc limit 1",
        [source, council],
    ).fetchone()
    before = last["state"] if last is not None else "ok"
    if found.state == before:
        return
    now_is = db.execute("select since from sources where source = ? and council = ?", [source, council]).fetchone()
    db.execute(
        """
        insert into source_events (source, council, before_state, state, cause, reason, at, noted_at)
        values (:source, :council, :before, :state, :cause, :reason, :since, :now)
        """,
        {
            "source": source,
            "council": council,
            "before": before,
            "state": found.state,
            "cause": found.cause if found.state != "ok" else (last["cause"] if last is not None else found.cause),
            "reason": found.reason,
            "since": now_is["since"],
            "now": utc(now),
        },
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
