"""The outbox: what people are to be told, and how far that got on each channel.

pending ── claim_due ──▶ sending ── mark_sent ──▶ sent
   ▲                        │ ├──── mark_failed ─▶ failed ── requeue ──▶ pending
   └── mark_retry, release ─┘ └──── lease runs out, abandon: may be claimed again
suppressed: below the channel's least severity, muted, or too old when its channel came back; never sent

`begin_sending` stands between the claim and the channel's answer. Who dies before it has sent nothing;
who dies after it may have: `maybe_sent` says so, and the message goes out once more as it was, marked.
"""

import json
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from db import mutes
from db.values import clean, clean_or_none, known_moment, utc

SEVERITIES = ("low", "medium", "high")
LONGEST_HOLD = timedelta(days=1)  # a channel held for longer is held by a clock that was wrong
_RANK = "case a.severity when 'high' then 2 when 'medium' then 1 else 0 end"

# Due on :channel at :now. A lease that ends later than any taken now could (:end), or a hold that lasts
# longer than any put on now could (:far), is from a clock that was wrong, and counts as run out.
_DUE = f"""
  d.channel = :channel and {_RANK} >= :least
  and (d.state = 'pending' and (d.next_attempt_at is null or d.next_attempt_at <= :now)
    or d.state = 'sending' and (d.lease_until <= :now or d.lease_until > :end))
  and not exists (select 1 from channel_states as c
                  where c.channel = :channel and c.held_until > :now and c.held_until <= :far)"""  # noqa: S608


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
    maybe_sent: bool = False  # an attempt before may have arrived
    message: str | None = None  # goes again in this message, with what was in it, and nothing else


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelTrouble:
    """A channel that did not take its last message."""

    since: datetime
    failures: int  # in a row
    held_until: datetime
    error: str


def add(db: sqlite3.Connection, alerts: Sequence[NewAlert], channels: Mapping[str, str], now: datetime) -> list[int]:
    """Enter the alerts that are new, with a delivery for each channel; the ids of the new ones.

    *channels* maps each channel's name to the least severity that it is to carry.
    """
    added = []
    for alert in alerts:
        if (alert_id := insert(db, alert, now)) is not None:
            added.append(alert_id)
            _address(db, alert_id, alert.severity, channels, now)
    return added


def insert(db: sqlite3.Connection, alert: NewAlert, now: datetime) -> int | None:
    """Enter an alert without any delivery; its number, or None where it is there already."""
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
    return cursor.lastrowid if cursor.rowcount > 0 else None


def _address(db: sqlite3.Connection, alert_id: int, severity: str, channels: Mapping[str, str], now: datetime) -> None:
    muted = mutes.why_muted(db, alert_id, now)
    for channel, least in channels.items():
        below = SEVERITIES.index(severity) < SEVERITIES.index(least)
        why = muted or (f"below {least}" if below else None)
        db.execute(
            "insert into deliveries (alert_id, channel, state, error) values (?, ?, ?, ?)",
            [alert_id, channel, "suppressed" if why else "pending", why],
        )


def claim_due(
    db: sqlite3.Connection,
    channel: str,
    now: datetime,
    lease: timedelta,
    limit: int | None = None,
    *,
    least: str = "low",
) -> list[Claimed]:
    """Take what is due on a channel, most severe first; nobody else gets it before the lease runs out.

    Only what is at least as severe as *least*; nothing while the channel is held.
    """
    due = _due(channel, now, lease, least) | {"limit": -1 if limit is None else limit}
    rows = db.execute(
        f"""
        select d.id as delivery_id, a.id as alert_id, a.rule, a.key, a.severity, a.title, a.body, a.url,
               a.evidence, a.created_at, d.attempts + 1 as attempts, d.maybe_sent, d.message
        from deliveries as d join alerts as a on a.id = d.alert_id
        where {_DUE}
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
        Claimed(
            **{
                **row,
                "evidence": json.loads(row["evidence"]),
                "created_at": known_moment(row["created_at"]),
                "maybe_sent": bool(row["maybe_sent"]),
            }
        )
        for row in rows
    ]


def due(db: sqlite3.Connection, channel: str, now: datetime, *, least: str = "low") -> int:
    """How many alerts `claim_due` would hand out."""
    row = db.execute(
        f"select count(*) as n from deliveries as d join alerts as a on a.id = d.alert_id where {_DUE}",  # noqa: S608
        _due(channel, now, LONGEST_HOLD, least),
    ).fetchone()
    return int(row["n"])


def _due(channel: str, now: datetime, lease: timedelta, least: str) -> dict[str, Any]:
    return {
        "channel": channel,
        "now": utc(now),
        "end": utc(now + lease),
        "far": utc(now + LONGEST_HOLD),
        "least": SEVERITIES.index(least),
    }


def begin_sending(db: sqlite3.Connection, delivery_ids: Sequence[int], message: str) -> bool:
    """Note that a message is about to be handed to its channel; from here on nobody knows, until it is marked.

    Whether that may be done: False where the claim was lost meanwhile, and then nothing is noted.
    """
    slots = {"ids": json.dumps(list(delivery_ids)), "message": message}
    held = db.execute(
        "select count(*) as n from deliveries"
        " where id in (select value from json_each(:ids)) and state = 'sending' and lease_until is not null",
        slots,
    ).fetchone()
    if held["n"] < len(set(delivery_ids)):
        return False
    db.execute(
        "update deliveries set maybe_sent = 1, message = :message where id in (select value from json_each(:ids))",
        slots,
    )
    return True


def abandon(db: sqlite3.Connection) -> int:
    """Give back what somebody who died was sending; how many. It is due at once: nobody else is at work."""
    return db.execute(
        """
        update deliveries set state = 'pending', lease_until = null, next_attempt_at = null,
          error = iif(maybe_sent, 'the program ended while it was being sent; it may have arrived', error)
        where state = 'sending'
        """
    ).rowcount


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
    """The channel accepted these, and so works."""
    db.executemany(
        "update deliveries set state = 'sent', sent_at = ?, error = null, lease_until = null, next_attempt_at = null,"
        " maybe_sent = 0 where id = ? and state <> 'sent'",
        [(utc(now), id_) for id_ in delivery_ids],
    )
    db.executemany(
        "delete from channel_states where channel = (select channel from deliveries where id = ?)",
        [(id_,) for id_ in delivery_ids[:1]],
    )


def mark_retry(
    db: sqlite3.Connection,
    delivery_ids: Sequence[int],
    error: str,
    next_attempt_at: datetime,
    *,
    maybe_sent: bool = False,
    apart: bool = False,
) -> None:
    """The channel did not accept these; try again later. *apart*: in the same message, with nothing else."""
    db.executemany(
        "update deliveries set state = 'pending', error = ?, next_attempt_at = ?, lease_until = null, maybe_sent = ?,"
        " message = iif(?, message, null) where id = ? and state = 'sending'",
        [(clean(error), utc(next_attempt_at), maybe_sent, apart or maybe_sent, id_) for id_ in delivery_ids],
    )


def mark_failed(db: sqlite3.Connection, delivery_ids: Sequence[int], error: str, *, maybe_sent: bool = False) -> None:
    """The channel will not accept these; only `requeue` tries again."""
    db.executemany(
        "update deliveries set state = 'failed', error = ?, lease_until = null, maybe_sent = ?,"
        " message = iif(?, message, null) where id = ? and state = 'sending'",
        [(clean(error), maybe_sent, maybe_sent, id_) for id_ in delivery_ids],
    )


def release(db: sqlite3.Connection, delivery_ids: Sequence[int]) -> None:
    """Give claims back untried."""
    db.executemany(
        "update deliveries set state = 'pending', attempts = attempts - 1, lease_until = null"
        " where id = ? and state = 'sending'",
        [(id_,) for id_ in delivery_ids],
    )


def requeue(db: sqlite3.Connection, channel: str | None = None) -> int:
    """Try failed deliveries again, and let go of held channels; how many deliveries."""
    which = {"channel": channel}
    db.execute("delete from channel_states where :channel is null or channel = :channel", which)
    return db.execute(
        "update deliveries set state = 'pending', next_attempt_at = null, attempts = 0"
        " where state = 'failed' and (:channel is null or channel = :channel)",
        which,
    ).rowcount


def pending_channels(db: sqlite3.Connection) -> list[str]:
    """Channels that have something to send, now or later."""
    rows = db.execute("select distinct channel from deliveries where state in ('pending', 'sending') order by channel")
    return [row["channel"] for row in rows]


def hold_channel(db: sqlite3.Connection, channel: str, until: datetime, error: str, now: datetime) -> None:
    """Try nothing on a channel before a time, a day from now at most."""
    db.execute(
        """
        insert into channel_states (channel, since, failures, held_until, error)
        values (:channel, :now, 1, :until, :error)
        on conflict (channel) do update set
          failures = failures + 1, held_until = excluded.held_until, error = excluded.error
        """,
        {
            "channel": channel,
            "now": utc(now),
            "until": utc(min(until, now + LONGEST_HOLD)),
            "error": clean(error),
        },
    )


def channel_troubles(db: sqlite3.Connection) -> dict[str, ChannelTrouble]:
    """The channels that did not take their last message, by name."""
    return {
        row["channel"]: ChannelTrouble(
            since=known_moment(row["since"]),
            failures=row["failures"],
            held_until=known_moment(row["held_until"]),
            error=row["error"],
        )
        for row in db.execute("select * from channel_states order by channel")
    }
