"""Which paper stands for an edition, where several hold it.

One report goes out as a single paper, again within packs, again with corrections, and
again under a new number when it is issued anew, while the old link may stay. Exactly
one of them counts in the views; the choice is noted here whenever something changes
that it depends on, so that views need not compare all papers with each other.
"""

import sqlite3
from typing import Any

# Council, scope, financial year, quarter; and for dashboards, of which several months of a quarter stand side
# by side, the last day of their period ("" for the whole council's report).
Edition = tuple[str, str, str, int, str]

_SAME = """council = ? and scope_key = ? and financial_year = ? and quarter = ?
  and iif(scope_key = '', '', period_end) = ?"""

# Papers with fewer than half of the indicators of another are excerpts of it, or misread, and stand for nothing.
# The best first: single papers before the packs that repeat them, what is on the site before
# what is gone, then the paper with the highest number, then what was received last.
_CANDIDATES = f"""
with held as (
  select r.id, r.version_id, c.url, c.gone_at,
    (select count(*) from kpi_readings as k where k.report_id = r.id) as indicators
  from reports as r join current_versions as c on c.version_id = r.version_id
  where {_SAME.replace("council", "r.council")}
)
select h.id
from held as h
where 2 * h.indicators >= (select max(indicators) from held)
order by
  lower(h.url) glob '*/documents/[gb][0-9]*',
  h.gone_at is not null,
  iif(lower(h.url) glob '*/documents/s[0-9]*',
      cast(substr(h.url, instr(lower(h.url), '/documents/s') + 12) as integer), 0) desc,
  h.version_id desc,
  h.id desc
"""  # noqa: S608  our own text


def of_document(db: sqlite3.Connection, document_id: int) -> set[Edition]:
    """The editions that any version of a document holds."""
    rows = db.execute(
        """
        select distinct r.council, r.scope_key, r.financial_year, r.quarter,
          iif(r.scope_key = '', '', r.period_end) as period_end
        from versions as v join reports as r on r.version_id = v.id where v.document_id = ?
        """,
        [document_id],
    )
    return {
        (row["council"], row["scope_key"], row["financial_year"], row["quarter"], row["period_end"]) for row in rows
    }


def settle(db: sqlite3.Connection, editions: set[Edition]) -> None:
    """Note for each edition which paper stands for it now, if any."""
    for edition in sorted(editions):
        candidates: list[dict[str, Any]] = db.execute(_CANDIDATES, edition).fetchall()
        stands = candidates[0]["id"] if candidates else None
        db.execute(f"update reports set stands = 0 where {_SAME} and stands = 1 and id is not ?", [*edition, stands])  # noqa: S608
        db.execute("update reports set stands = 1 where id = ? and stands = 0", [stands])
