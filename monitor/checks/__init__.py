"""Does the paper add up? Checks compare what papers print with what they print elsewhere.

A check is a function `(paper, shelf) -> discrepancies`: pure, and quiet when in doubt, because
one false alarm costs more trust than ten found errors earn. CHECKS is the list of them.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any, Protocol

from db.discrepancies import Discrepancy
from monitor import facts
from monitor.checks.across import cover_matches_report, minutes_match_report, news_matches_report
from monitor.checks.best import best_and_overall
from monitor.checks.counts import counts_add_up, summary_adds_up, summary_matches_rows
from monitor.checks.narrative import narrative_matches_table
from monitor.checks.ratings import headline_matches_detail, rating_matches_value
from monitor.checks.restated import previous_matches_last_report
from monitor.checks.risks import risk_levels_match_changes
from monitor.checks.shelf import Shelf
from monitor.checks.tables import parts_of_total, table_sums, whole_numbers
from monitor.checks.words import words_match_totals
from monitor.facts import Paper
from monitor.reads import Reads

Check = Callable[[Paper, Shelf], Iterable[Discrepancy]]

CHECKS: dict[str, Check] = {
    "counts_add_up": counts_add_up,
    "summary_matches_rows": summary_matches_rows,
    "headline_matches_detail": headline_matches_detail,
    "rating_matches_value": rating_matches_value,
    "previous_matches_last_report": previous_matches_last_report,
    "table_sums": table_sums,
    "parts_of_total": parts_of_total,
    "whole_numbers": whole_numbers,
    "words_match_totals": words_match_totals,
    "best_and_overall": best_and_overall,
    "narrative_matches_table": narrative_matches_table,
    "cover_matches_report": cover_matches_report,
    "minutes_match_report": minutes_match_report,
    "news_matches_report": news_matches_report,
    "summary_adds_up": summary_adds_up,
    "risk_levels_match_changes": risk_levels_match_changes,
}
# A statement that differs from the report need not be told again for not adding up.
_SAYS_MORE = frozenset(
    {"narrative_matches_table", "cover_matches_report", "minutes_match_report", "news_matches_report"}
)


class Archive(Reads, Protocol):
    """As much of `db.Archive` as a run of the checks needs."""

    def save_discrepancies(
        self, found: Sequence[Discrepancy], *, checked_versions: Sequence[int], now: datetime
    ) -> Any:
        """Keep what was found; what is no longer found of the checked versions is resolved."""
        ...


def run(archive: Archive, now: datetime) -> list[Discrepancy]:
    """Check every paper that counts today and keep the result; the discrepancies that are open now."""
    found: list[Discrepancy] = []
    for council in facts.councils(archive):
        here = check(facts.papers(archive, council), facts.replaced(archive, council))
        # Superseded versions too: what a corrected paper no longer says is thereby resolved.
        read = archive.rows(
            "select v.id from versions v join documents d on d.id = v.document_id "
            "where d.council = :council and v.outcome is not null",
            {"council": council},
        )
        archive.save_discrepancies(here, checked_versions=[row["id"] for row in read], now=now)
        found += here
    return found


def check(papers: Sequence[Paper], replaced: Sequence[Paper] = ()) -> list[Discrepancy]:
    """What the checks find in one council's papers; the same contradiction in two papers is one.

    *replaced* are reports as they were before corrections: nothing is found in them.
    """
    shelf = Shelf(papers, replaced)
    found: dict[str, Discrepancy] = {}
    for paper in papers:
        here = [discrepancy for one in CHECKS.values() for discrepancy in one(paper, shelf)]
        told = {(d.subject, d.page) for d in here if d.check_name in _SAYS_MORE}
        for discrepancy in here:
            if discrepancy.check_name != "counts_add_up" or (discrepancy.subject, discrepancy.page) not in told:
                found.setdefault(discrepancy.key, discrepancy)
    return list(found.values())
