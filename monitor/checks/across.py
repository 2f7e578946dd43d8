"""What other papers say of a report beside the report itself, whichever of them came first."""

import re
from collections.abc import Callable, Iterator
from functools import partial

from db.discrepancies import Discrepancy
from monitor.checks import named, statements
from monitor.checks.shelf import Shelf, edition_name, own_edition
from monitor.facts import Edition, Paper
from parsers.records import NamedRating, RagCount, StatedIn

_REPORT = re.compile(r"\bquarterly\s+performance\b|\bqpr\b", re.IGNORECASE)
_BEFORE, _AFTER = 14, 42  # days by which a story may be older or younger than the report that it tells of


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
            yield from _standing(partial(statements.contradictions, check, count, paper), edition, shelf)
    for one in paper.named:
        edition = _edition(one, paper, shelf) if one.stated_in is where else None
        if edition is not None:
            yield from _standing(partial(named.contradictions, check, one, paper), edition, shelf)


def _standing(
    contradictions: Callable[[Edition, Shelf], Iterator[Discrepancy]], edition: Edition, shelf: Shelf
) -> list[Discrepancy]:
    """What contradicts the report, unless it agrees with the report as it was before a correction.

    Who wrote before the correction wrote what stood there; that the paper was changed is told as such.
    """
    found = list(contradictions(edition, shelf))
    if found and any(not list(contradictions(*before)) for before in shelf.as_it_was(edition.name)):
        return []
    return found


def _edition(said: RagCount | NamedRating, paper: Paper, shelf: Shelf) -> Edition | None:
    """The report that a statement is about: the council's of the quarter that it names, never a dashboard.

    A news story seldom names the quarter. It is on the one report of the weeks around it that has as many
    indicators as the story says.
    """
    if (said.service is not None or isinstance(said, NamedRating)) and not _is_on_the_report(paper, said):
        return None  # perhaps of a committee's own dashboard, which has other indicators and other months
    edition = own_edition(said, paper) or shelf.edition(edition_name(said, paper))
    if edition is None and said.stated_in is StatedIn.NEWS and isinstance(said, RagCount) and said.quarter is None:
        edition = _in_the_news(said, paper, shelf)
    return None if edition is None or edition.report.scope else edition


def _is_on_the_report(paper: Paper, said: RagCount | NamedRating) -> bool:
    """Whether a paper speaks of the council's report: by its title, or by counting all the council's indicators."""
    if _REPORT.search(paper.title):
        return True
    return any(
        count.service is None and edition_name(count, paper) == edition_name(said, paper) for count in paper.counts
    )


def _in_the_news(said: RagCount, story: Paper, shelf: Shelf) -> Edition | None:
    if story.published_on is None or said.total is None or said.service is not None:
        return None
    near = [
        edition
        for paper in shelf.papers
        for edition in paper.editions
        if paper.published_on is not None
        and -_BEFORE <= (story.published_on - paper.published_on).days <= _AFTER
        and shelf.edition(edition.name) is edition
        and not edition.report.scope
    ]
    return near[0] if len(near) == 1 and len(near[0].readings) == said.total else None
