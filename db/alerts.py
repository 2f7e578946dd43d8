"""The outbox: what people are to be told, and how far that got on each channel.

pending ── claim_due ──▶ sending ── mark_sent ──▶ sent
   ▲                        │ ├──── mark_failed ─▶ failed ── requeue ──▶ pending
   └── mark_retry, release ─┘ └──── lease runs out: may be claimed again
suppressed: below the channel's least severity, muted, or too old when its channel came back; never sent
"""

import json
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from db.values import clean, clean_or_none, known_moment, utc

SEVERITIES = ("low", "medium", "high")
_RANK = "case a.severity when 'high' then 2 when 'medium' then 1 else 0 end"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewAlert:
    """Something that people are to be told once."""

    rule: str
    key: str  # what makes two alerts of the rule the same
    severity: str  # low, medium or high
    title: str  # one line
    body: str  # plain text
    url: str | None = None
    evidence: Mapping[str, Any] = field(default_factory=dict)  # version, page, box, printed texts


@dataclass(frozen=True, slots=True, kw_only=True)
class Claimed:
    """A delivery that is ours to make until the lease runs out."""

    delivery_id: int
    alert_id: int
    rule: str
    key: str
    severity: str
    title: str
    body: str
    url: str | None
    evidence: dict[str, Any]
    created_at: datetime
    attempts: int  # this one included


@dataclass(frozen=True, slots=True, kw_only=True)
class Mute:
    """Alerts that somebody asked to be spared until a date."""

    rule: str
    key: str  # "*" for all of the rule
    until: datetime
    reason: str | None


def add(db: sqlite3.Connection, alerts: Sequence[NewAlert], channels: Mapping[str, str], now: datetime) -> list[int]:
    """Enter the alerts that are new, with a delivery for each channel; the ids of the new ones.

    *channels* maps each channel's name to the least severity that it is to carry.
    """
    added = []
    for alert in alerts:
        cursor = db.execute(
            """
            insert into alerts (rule, key, severity, title, body, url, evidence, created_at)
            values (:rule, :key, :severity, :title, :body, :url, :evidence, :now)
            on conflict (rule, key) do nothing
            """,
            {
                "rule": alert.rule,
                "key": clean(alert.key),
                "severity": alert.severity,
                "title": clean(alert.title),
                "body": clean(alert.body),
                "url": clean_or_none(alert.url),
                "evidence": json.dumps(dict(alert.evidence), ensure_ascii=True, sort_keys=True),
                "now": utc(now),
            },
        )
        if cursor.rowcount > 0:
            assert cursor.lastrowid is not None
            added.append(cursor.lastrowid)
            _address(db, cursor.lastrowid, alert, channels, now)
    return added


def _address(
    db: sqlite3.Connection, alert_id: int, alert: NewAlert, channels: Mapping[str, str], now: datetime
) -> None:
    muted = _mute_of(db, alert, now)
    for channel, least in channels.items():
        below = SEVERITIES.index(alert.severity) < SEVERITIES.index(least)
        why = f"muted until {muted['until']}" if muted else (f"below {least}" if below else None)
        db.execute(
            "insert into deliveries (alert_id, channel, state, error) values (?, ?, ?, ?)",
            [alert_id, channel, "suppressed" if why else "pending", why],
        )


def claim_due(
    db: sqlite3.Connection, channel: str, now: datetime, lease: timedelta, limit: int | None = None
) -> list[Claimed]:
    """Take what is due on a channel, most severe first; nobody else gets it before the lease runs out.

    A lease that ends later than any taken now could is from a clock that was wrong, and counts as run out.
    """
    due = {"channel": channel, "now": utc(now), "end": utc(now + lease), "limit": -1 if limit is None else limit}
    rows = db.execute(
        f"""
        select d.id as delivery_id, a.id as alert_id, a.rule, a.key, a.severity, a.title, a.body, a.url,
               a.evidence, a.created_at, d.attempts + 1 as attempts
        from deliveries as d join alerts as a on a.id = d.alert_id
        where d.channel = :channel
          and (d.state = 'pending' and (d.next_attempt_at is null or d.next_attempt_at <= :now)
            or d.state = 'sending' and (d.lease_until <= :now or d.lease_until > :end))
        order by {_RANK} desc, a.id limit :limit
        """,  # noqa: S608
        due,
    ).fetchall()
    db.executemany(
        "update deliveries set state = 'sending', attempts = attempts + 1, lease_until = ?, next_attempt_at = null"
        " where id = ?",
        [(due["end"], row["delivery_id"]) for row in rows],
    )
    return [
        Claimed(**{**row, "evidence": json.loads(row["evidence"]), "created_at": known_moment(row["created_at"])})
        for row in rows
    ]


def suppress_old(db: sqlite3.Connection, channel: str, before: datetime, why: str) -> int:
    """Never send what waits on a channel, untried, about alerts raised before a time; how many."""
    return db.execute(
        """
        update deliveries set state = 'suppressed', error = :why
        where channel = :channel and state = 'pending' and attempts = 0 and error is null
          and alert_id in (select id from alerts where created_at < :before)
        """,
        {"channel": channel, "before": utc(before), "why": clean(why)},
    ).rowcount


def mark_sent(db: sqlite3.Connection, delivery_ids: Sequence[int], now: datetime) -> None:
    """The channel accepted these."""
    db.executemany(
        "update deliveries set state = 'sent', sent_at = ?, error = null, lease_until = null, next_attempt_at = null"
        " where id = ? and state <> 'sent'",
        [(utc(now), id_) for id_ in delivery_ids],
    )


def mark_retry(db: sqlite3.Connection, delivery_ids: Sequence[int], error: str, next_attempt_at: datetime) -> None:
    """The channel did not accept these; try again later."""
    db.executemany(
        "update deliveries set state = 'pending', error = ?, next_attempt_at = ?, lease_until = null"
        " where id = ? and state = 'sending'",
        [(clean(error), utc(next_attempt_at), id_) for id_ in delivery_ids],
    )


def mark_failed(db: sqlite3.Connection, delivery_ids: Sequence[int], error: str) -> None:
    """The channel will not accept these; only `requeue` tries again."""
    db.executemany(
        "update deliveries set state = 'failed', error = ?, lease_until = null where id = ? and state = 'sending'",
        [(clean(error), id_) for id_ in delivery_ids],
    )


def release(db: sqlite3.Connection, delivery_ids: Sequence[int]) -> None:
    """Give claims back untried."""
    db.executemany(
        "update deliveries set state = 'pending', attempts = attempts - 1, lease_until = null"
        " where id = ? and state = 'sending'",
        [(id_,) for id_ in delivery_ids],
    )


def requeue(db: sqlite3.Connection, channel: str | None = None) -> int:
    """Try failed deliveries again; how many."""
    return db.execute(
        "update deliveries set state = 'pending', next_attempt_at = null, attempts = 0"
        " where state = 'failed' and (:channel is null or channel = :channel)",
        {"channel": channel},
    ).rowcount


def pending_channels(db: sqlite3.Connection) -> list[str]:
    """Channels that have something to send, now or later."""
    rows = db.execute("select distinct channel from deliveries where state in ('pending', 'sending') order by channel")
    return [row["channel"] for row in rows]


def mute(db: sqlite3.Connection, muted: Mute, now: datetime) -> None:
    """Keep an alert, or all of a rule with key "*", from being sent before a time."""
    db.execute(
        """
        insert into mutes (rule, key, until, reason, created_at) values (:rule, :key, :until, :reason, :now)
        on conflict (rule, key) do update set until = excluded.until, reason = excluded.reason
        """,
        {
            "rule": muted.rule,
            "key": clean(muted.key),
            "until": utc(muted.until),
            "reason": clean_or_none(muted.reason),
            "now": utc(now),
        },
    )


def unmute(db: sqlite3.Connection, rule: str, key: str) -> bool:
    """End a mute; whether there was one."""
    return db.execute("delete from mutes where rule = ? and key = ?", [rule, key]).rowcount > 0


def mutes(db: sqlite3.Connection, now: datetime) -> list[Mute]:
    """The mutes in force."""
    rows = db.execute("select rule, key, until, reason from mutes where until > ? order by rule, key", [utc(now)])
    return [Mute(**{**row, "until": known_moment(row["until"])}) for row in rows]


def _mute_of(db: sqlite3.Connection, alert: NewAlert, now: datetime) -> dict[str, Any] | None:
    row: dict[str, Any] | None = db.execute(
        "select until from mutes where rule = ? and key in (?, '*') and until > ? order by until desc limit 1",
        [alert.rule, clean(alert.key), utc(now)],
    ).fetchone()
    return row
