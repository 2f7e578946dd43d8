"""A report's running text beside its own tables, and beside the report before."""

from collections.abc import Iterator

from db.discrepancies import Discrepancy
from monitor.checks import named, statements
from monitor.checks.shelf import Shelf, own_edition
from monitor.facts import Paper
from parsers.records import StatedIn


def narrative_matches_table(paper: Paper, shelf: Shelf) -> Iterator[Discrepancy]:
    """What the text says of how many, and of single indicators, is what the tables and boxes show.

    "One more than last quarter" is held against the report of that quarter, where it is there.
    """
    for count in paper.counts:
        if count.stated_in is not StatedIn.REPORT or count.in_table:
            continue
        edition = own_edition(count, paper)
        if edition is not None:
            yield from statements.contradictions("narrative_matches_table", count, paper, edition, shelf)
    told = [count for count in paper.counts if not count.in_table]
    for one in (*paper.named, *(name for count in told for name in named.in_brackets(count))):
        if one.stated_in is not StatedIn.REPORT:
            continue
        edition = own_edition(one, paper)
        if edition is not None:
            yield from named.contradictions("narrative_matches_table", one, paper, edition, shelf)
