"""What a check may ask about the council's other papers, and how a finding is put down."""

import re
from collections.abc import Iterator, Sequence
from datetime import timedelta

from db.discrepancies import Discrepancy
from monitor.facts import Edition, Paper
from parsers import services
from parsers.records import Bbox, KpiReading, NamedRating, Outcome, RagCount, StatedIn
from parsers.text import collapse


class Shelf:
    """One council's papers, to look things up in."""

    def __init__(self, papers: Sequence[Paper], replaced: Sequence[Paper] = ()) -> None:
        self.papers = papers
        self._replaced = replaced
        held = [
            (edition, paper)
            for paper in reversed(papers)  # of several, the first stays
            if paper.outcome is Outcome.READ
            for edition in paper.editions
        ]
        self._by_name = {edition.name: (edition, paper) for edition, paper in held}
        self._by_end = {
            edition.report.period_end: (edition, paper) for edition, paper in held if not edition.report.scope
        }

    def edition(self, name: str) -> Edition | None:
        """A trusted report of that quarter ('Q3 2024/25')."""
        held = self._by_name.get(name)
        return held[0] if held else None

    def paper(self, name: str) -> Paper | None:
        """The paper that `edition` is taken from."""
        held = self._by_name.get(name)
        return held[1] if held else None

    def before(self, edition: Edition) -> tuple[Edition, Paper] | None:
        """The council's trusted report of the very quarter before, and its paper."""
        if edition.report.scope:
            return None
        return self._by_end.get(edition.report.period_start - timedelta(days=1))

    def as_it_was(self, name: str) -> Iterator[tuple[Edition, "Shelf"]]:
        """The report of that quarter as it was before each of its corrections, on a shelf where it still stands."""
        for paper in self._replaced:
            for edition in paper.editions:
                if edition.name == name:
                    yield edition, Shelf([paper, *self.papers])


WHO_SAYS = {
    StatedIn.REPORT: "the report",
    StatedIn.COVER: "the cover report",
    StatedIn.MINUTES: "the minutes",
    StatedIn.DASHBOARD: "the dashboard",
    StatedIn.NEWS: "the news story",
}


def finding(
    check: str,
    paper: Paper,
    *,
    severity: str,
    about: str,
    edition: str,
    stated: str,
    computed: str,
    explanation: str,
    page: int | None,
    other: Paper | None = None,
    other_page: int | None = None,
    bbox: Bbox | None = None,
) -> Discrepancy:
    """A discrepancy whose key is the statement itself: found again elsewhere, it is the same one.

    The edition is part of it: what the next report says again is a new statement. `other` is the paper
    that the statement was compared with, where that is another.
    """
    subject = f"{about}, {edition}" if edition else about
    return Discrepancy(
        key=":".join((paper.council, edition, check, services.key(about), stated, computed)),
        check_name=check,
        severity=severity,
        subject=subject,
        stated=stated,
        computed=computed,
        explanation=explanation,
        version_id=paper.version_id,
        page=page,
        other_version_id=other.version_id if other is not None and other.version_id != paper.version_id else None,
        other_page=other_page,
        bbox=bbox,
    )


def edition_name(said: RagCount | NamedRating, paper: Paper) -> str:
    """The edition that a statement is about: the quarter that it names, else that of the paper around it."""
    if said.quarter is not None and said.financial_year is not None:
        return f"Q{said.quarter} {said.financial_year}"
    return paper.edition_name


def own_edition(said: RagCount | NamedRating, paper: Paper) -> Edition | None:
    """The edition in this very paper that the statement is about."""
    wanted = edition_name(said, paper)
    return next((edition for edition in paper.editions if edition.name == wanted), None)


def readings_of(edition: Edition, service: str | None) -> list[KpiReading]:
    """The edition's indicators of a service, under whichever of its names; all of them where service is None.

    None where the name may mean a part of a service only: "Environment" is less than "Environment and
    Transport", while "Education & Skills" is the whole of "Children … (Education & Skills)".
    """
    if service is None:
        return list(edition.readings)
    names = list(dict.fromkeys(reading.service for reading in edition.readings))
    wanted = services.key(service)
    meant = [name for name in names if services.key(name) == wanted]
    meant = meant or [name for name in names if wanted in _bracketed(name)]
    if not meant:
        close = services.service_for(service, names)
        meant = [close] if close in names and _shared(service, close) >= services.SHARED else []
    return [reading for reading in edition.readings if len(meant) == 1 and reading.service == meant[0]]


def _bracketed(name: str) -> list[str]:
    return [services.key(part) for part in re.findall(r"\(([^()]+)\)", name)]


def _shared(a: str, b: str) -> float:
    x, y = services.tokens(a), services.tokens(b)
    return len(x & y) / (len(x | y) or 1)


def shortened(quote: str | None, length: int = 220) -> str:
    """A quotation for an explanation: one line, cut at a word where it is long."""
    text = collapse(quote or "")
    if len(text) <= length:
        return text
    return text[:length].rsplit(" ", 1)[0].rstrip(" ,;:–-") + " …"
