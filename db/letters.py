"""Ready-made messages, the weekly letter for one: they go through the outbox as alerts of their own."""

import base64
import json
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from db import alerts
from db.values import clean


@dataclass(frozen=True, slots=True, kw_only=True)
class NewLetter:
    """A message to be sent once to each of some channels."""

    kind: str  # weekly_letter, say: the `rule` under which it stands among the alerts
    key: str  # which one of them, e.g. 2026-W48: there is never a second
    subject: str
    text: str
    html: str  # refers to its pictures as cid:NAME
    pictures: Mapping[str, bytes] = field(default_factory=dict)  # PNGs by name
    severity: str = "low"  # what is not high waits for the end of quiet hours
    url: str | None = None


@dataclass(frozen=True, slots=True)
class StoredLetter:
    """What of a letter its alert does not hold."""

    html: str
    pictures: dict[str, bytes]


def add(db: sqlite3.Connection, letter: NewLetter, channels: Sequence[str], now: datetime) -> int | None:
    """Enter a letter with a delivery for each channel; its alert's number, or None where it is there already.

    Nobody gets it who has not asked for it, and who has gets it whatever the least severity of the channel.
    """
    alert = alerts.NewAlert(
        rule=letter.kind,
        key=letter.key,
        severity=letter.severity,
        title=letter.subject,
        body=letter.text,
        url=letter.url,
    )
    alert_id = alerts.insert(db, alert, now)
    if alert_id is None:
        return None
    pictures = {name: base64.b64encode(png).decode() for name, png in letter.pictures.items()}
    db.execute(
        "insert into letters (alert_id, html, pictures) values (?, ?, ?)",
        [alert_id, clean(letter.html), json.dumps(pictures)],
    )
    db.executemany(
        "insert into deliveries (alert_id, channel, state) values (?, ?, 'pending')",
        [(alert_id, channel) for channel in dict.fromkeys(channels)],
    )
    return alert_id


def get(db: sqlite3.Connection, alert_id: int) -> StoredLetter | None:
    """The letter that an alert carries; None where it is no letter."""
    row = db.execute("select html, pictures from letters where alert_id = ?", [alert_id]).fetchone()
    if row is None:
        return None
    pictures = {name: base64.b64decode(png) for name, png in json.loads(row["pictures"]).items()}
    return StoredLetter(row["html"], pictures)
