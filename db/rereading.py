"""What reading again brings, stored so that it is no news."""

import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from db import alerts, facts


def store(
    db: sqlite3.Connection,
    items: Iterable[facts.Stored],
    hushed: Sequence[alerts.NewAlert],
    channels: Mapping[str, str],
    why: str,
    now: datetime,
) -> list[int]:
    """Store readings with the alerts that they would raise, none of which is ever sent; the versions that changed.

    An alert that stands among the alerts already is not raised a second time, so these stand there too.
    """
    marked = [replace(alert, evidence={**alert.evidence, "hushed": why}) for alert in hushed]
    added = alerts.add(db, marked, channels, now)
    db.execute(
        "update deliveries set state = 'suppressed', error = ?"
        " where state = 'pending' and alert_id in (select value from json_each(?))",
        [why, json.dumps(added)],
    )
    return facts.store(db, items, now, resettle=True)
