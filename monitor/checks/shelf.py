"""What a check may ask about the council's other papers, and how a finding is put down."""

from collections.abc import Sequence

from db.discrepancies import Discrepancy
from monitor.facts import Edition, Paper
from parsers import services
from parsers.records import Bbox, KpiReading, Outcome, StatedIn


class Shelf:
    """One council's papers, to look things up in."""

    def __init__(self, papers: Sequence[Paper]) -> None:
        self.papers = papers
        self._editions = {
            edition.name: edition
            for paper in reversed(papers)  # of several, the first stays
            if paper.outcome is Outcome.READ
            for edition in paper.editions
        }

    def edition(self, name: str) -> Edition | None:
        """A trusted report of that quarter ('Q3 2024/25')."""
        return self._editions.get(name)


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
    other_page: int | None = None,
    bbox: Bbox | None = None,
) -> Discrepancy:
    """A discrepancy whose key is the statement itself: found again elsewhere, it is the same one."""
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
        other_version_id=None,
        other_page=other_page,
        bbox=bbox,
    )


def readings_of(edition: Edition, service: str | None) -> list[KpiReading]:
    """The edition's indicators of a service; all of them where service is None."""
    if service is None:
        return list(edition.readings)
    wanted = services.key(service)
    return [reading for reading in edition.readings if services.key(reading.service) == wanted]
