"""Where papers contradict themselves or each other, as the checks found it."""

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from db.values import clean, column, utc
from parsers.records import Bbox


@dataclass(frozen=True, slots=True, kw_only=True)
class Discrepancy:
    """One contradiction, with both sides and where they stand."""

    key: str  # what makes two findings the same
    check_name: str
    severity: str  # low, medium or high
    subject: str  # what it is about
    stated: str  # what is printed
    computed: str  # what it was compared with
    explanation: str  # a sentence for a lay reader
    version_id: int  # where the statement stands
    page: int | None = None
    other_version_id: int | None = None  # the paper it was compared with, where another
    other_page: int | None = None
    bbox: Bbox | None = None  # of the statement on its page, where that is known


def save(db: sqlite3.Connection, found: Sequence[Discrepancy], checked_versions: Sequence[int], now: datetime) -> None:
    """Keep what was found; what stood in the checked versions and was not found again is resolved.

    One that comes back is open again, with the date when it was first found.
    """
    for discrepancy in found:
        values = {name: column(value) for name, value in asdict(discrepancy).items()}
        db.execute(
            """
            insert into discrepancies (key, check_name, severity, subject, stated, computed, explanation,
                                       version_id, page, other_version_id, other_page, bbox, first_seen_at)
            values (:key, :check_name, :severity, :subject, :stated, :computed, :explanation,
                    :version_id, :page, :other_version_id, :other_page, :bbox, :now)
            on conflict (key) do update set
              check_name = excluded.check_name, severity = excluded.severity, subject = excluded.subject,
              stated = excluded.stated, computed = excluded.computed, explanation = excluded.explanation,
              version_id = excluded.version_id, page = excluded.page,
              other_version_id = excluded.other_version_id, other_page = excluded.other_page, bbox = excluded.bbox,
              resolved_at = null
            where (check_name, severity, subject, stated, computed, explanation, version_id, page,
                   other_version_id, other_page, bbox, resolved_at)
              is not (excluded.check_name, excluded.severity, excluded.subject, excluded.stated, excluded.computed,
                      excluded.explanation, excluded.version_id, excluded.page, excluded.other_version_id,
                      excluded.other_page, excluded.bbox, null)
            """,
            {**values, "now": utc(now)},
        )
    db.execute(
        """
        update discrepancies set resolved_at = :now
        where resolved_at is null and version_id in (select value from json_each(:versions))
          and key not in (select value from json_each(:keys))
        """,
        {
            "now": utc(now),
            "versions": json.dumps(list(checked_versions)),
            "keys": json.dumps([clean(discrepancy.key) for discrepancy in found]),
        },
    )
