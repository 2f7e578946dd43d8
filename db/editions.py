"""Which paper stands for an edition, where several hold it.

One report goes out as a single paper, again within packs, again with corrections, and
again under a new number when it is issued anew, while the old link may stay. Exactly
one of them counts in the views; the choice is noted here whenever something changes
that it depends on, so that views need not compare all papers with each other.
"""

import sqlite3
from typing import Any

Edition = tuple[str, str, int]  # council, financial year, quarter

# The best first: single papers before the packs that repeat them, what is on the site before
# what is gone, then the paper with the highest number, then what was received last.
_CANDIDATES = """
select r.id, r.stands
from reports as r join current_versions as c on c.version_id = r.version_id
where r.council = ? and r.financial_year = ? and r.quarter = ?
order by
  lower(c.url) glob '*/documents/[gb][0-9]*',
  c.gone_at is not null,
  iif(lower(c.url) glob '*/documents/s[0-9]*',
      cast(substr(c.url, instr(lower(c.url), '/documents/s') + 12) as integer), 0) desc,
  r.version_id desc,
  r.id desc
"""


def of_document(db: sqlite3.Connection, document_id: int) -> set[Edition]:
    """The editions that any version of a document holds."""
    rows = db.execute(
        """
        select distinct r.council, r.financial_year, r.quarter
        from versions as v join reports as r on r.version_id = v.id where v.document_id = ?
        """,
        [document_id],
    )
    return {(row["council"], row["financial_year"], row["quarter"]) for row in rows}


def settle(db: sqlite3.Connection, editions: set[Edition]) -> None:
    """Note for each edition which paper stands for it now, if any."""
    for edition in sorted(editions):
        candidates: list[dict[str, Any]] = db.execute(_CANDIDATES, edition).fetchall()
        stands = candidates[0]["id"] if candidates else None
        same = "council = ? and financial_year = ? and quarter = ?"
        db.execute(f"update reports set stands = 0 where {same} and stands = 1 and id is not ?", [*edition, stands])  # noqa: S608
        db.execute("update reports set stands = 1 where id = ? and stands = 0", [stands])
