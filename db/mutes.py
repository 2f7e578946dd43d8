"""What people asked to be spared, and what they said is known."""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from db.values import clean, clean_or_none, known_moment, utc

ALL = "*"  # as a key: all of a rule; as a rule: all rules

# Whether the mute m is for the alert a. A key covers the keys that begin with it and a colon, so
# "kent:2026/27" covers the year's quarters; "kpi:17" under all rules is what names an indicator.
COVERS = """
  (m.rule = a.rule
     and (m.key = '*' or m.key = a.key or substr(a.key, 1, length(m.key) + 1) = m.key || ':')
   or m.rule = '*' and m.key = 'kpi:' || json_extract(a.evidence, '$.kpi_id'))"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mute:
    """Alerts that somebody asked to be spared until a date."""

    rule: str  # ALL for all rules
    key: str  # ALL for all of the rule; else the alert's key, how it begins, or kpi:17 for an indicator
    until: datetime
    reason: str | None


def mute(db: sqlite3.Connection, muted: Mute, now: datetime) -> int:
    """Keep alerts from being sent before a time; how many that wait are not sent now.

    What may have arrived already is sent on: its reader would otherwise never know.
    """
    slots = {
        "rule": muted.rule,
        "key": clean(muted.key),
        "until": utc(muted.until),
        "reason": clean_or_none(muted.reason),
        "now": utc(now),
        "why": _why(utc(muted.until)),
    }
    db.execute(
        """
        insert into mutes (rule, key, until, reason, created_at) values (:rule, :key, :until, :reason, :now)
        on conflict (rule, key) do update set until = excluded.until, reason = excluded.reason
        """,
        slots,
    )
    return db.execute(
        f"""
        update deliveries set state = 'suppressed', error = :why
        where state = 'pending' and not maybe_sent
          and alert_id in (select a.id from alerts as a join mutes as m on {COVERS}
                           where m.rule = :rule and m.key = :key)
        """,  # noqa: S608
        slots,
    ).rowcount


def unmute(db: sqlite3.Connection, rule: str, key: str) -> bool:
    """End a mute; whether there was one. What it kept back stays unsent: it is in the archive."""
    return db.execute("delete from mutes where rule = ? and key = ?", [rule, clean(key)]).rowcount > 0


def in_force(db: sqlite3.Connection, now: datetime) -> list[Mute]:
    """The mutes in force."""
    rows = db.execute("select rule, key, until, reason from mutes where until > ? order by rule, key", [utc(now)])
    return [Mute(**{**row, "until": known_moment(row["until"])}) for row in rows]


def why_muted(db: sqlite3.Connection, alert_id: int, now: datetime) -> str | None:
    """Why an alert is not to be sent, "muted until …"; None where it is."""
    row: dict[str, Any] | None = db.execute(
        f"select m.until from alerts as a join mutes as m on {COVERS} where a.id = ? and m.until > ?"  # noqa: S608
        " order by m.until desc limit 1",
        [alert_id, utc(now)],
    ).fetchone()
    return _why(row["until"]) if row else None


def _why(until: str) -> str:
    return f"muted until {until}"


def acknowledge(db: sqlite3.Connection, alert_ids: Sequence[int], note: str | None, now: datetime) -> list[int]:
    """Note that alerts are known; which of the numbers are alerts that nobody had acknowledged."""
    return [
        alert_id
        for alert_id in alert_ids
        if db.execute(
            "update alerts set acknowledged_at = ?, acknowledged_note = ? where id = ? and acknowledged_at is null",
            [utc(now), clean_or_none(note), alert_id],
        ).rowcount
    ]


def take_back(db: sqlite3.Connection, alert_ids: Sequence[int]) -> list[int]:
    """Forget that alerts are known; which of the numbers were."""
    return [
        alert_id
        for alert_id in alert_ids
        if db.execute(
            "update alerts set acknowledged_at = null, acknowledged_note = null"
            " where id = ? and acknowledged_at is not null",
            [alert_id],
        ).rowcount
    ]
