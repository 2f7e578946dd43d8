"""What other papers say of a report beside the report itself, whichever of them came first."""

from collections.abc import Iterator

from db.discrepancies import Discrepancy
from monitor.checks import named, statements
from monitor.checks.shelf import Shelf, edition_name, own_edition
from monitor.facts import Edition, Paper
from parsers.records import NamedRating, RagCount, StatedIn


def cover_matches_report(paper: Paper, shelf: Shelf) -> Iterator[Discrepancy]:
    """The numbers and the Red indicators of the cover report are those of the report."""
    yield from _beside_report("cover_matches_report", StatedIn.COVER, paper, shelf)


def minutes_match_report(paper: Paper, shelf: Shelf) -> Iterator[Discrepancy]:
    """The numbers that the minutes record are those of the report."""
    yield from _beside_report("minutes_match_report", StatedIn.MINUTES, paper, shelf)


def news_matches_report(paper: Paper, shelf: Shelf) -> Iterator[Discrepancy]:
    """The numbers that a news story gives are those of the report."""
    yield from _beside_report("news_matches_report", StatedIn.NEWS, paper, shelf)


def _beside_report(check: str, where: StatedIn, paper: Paper, shelf: Shelf) -> Iterator[Discrepancy]:
    for count in paper.counts:
        edition = _edition(count, paper, shelf) if count.stated_in is where else None
        if edition is not None:
            yield from statements.contradictions(check, count, paper, edition, shelf)
    for one in paper.named:
        edition = _edition(one, paper, shelf) if one.stated_in is where else None
        if edition is not None:
            yield from named.contradictions(check, one, paper, edition, shelf)


def _edition(said: RagCount | NamedRating, paper: Paper, shelf: Shelf) -> Edition | None:
    """The report that a statement is about: the council's of the quarter that it names, never a dashboard."""
    edition = own_edition(said, paper) or shelf.edition(edition_name(said, paper))
    return None if edition is None or edition.report.scope else edition
