"""The checks on Kent's real reports: every contradiction that a careful reader finds in them, and no other."""

from dataclasses import replace
from pathlib import Path

import pytest

from db import Discrepancy
from monitor.checks import check
from monitor.checks.ratings import possible_ratings
from monitor.facts import Edition, Paper
from parsers import performance_report
from parsers.pdf import open_pdf
from parsers.records import Figure, KpiReading, NamedRating, Rag, RagCount, Report, Risk, RiskLevel

LATEST = "cabinet/2025-03-04/QPR Q3 Cabinet appendix 1.pdf"
OLDER = "reconstructed/qpr_2020_21_q2.pdf"
POSTS = (
    "Percentage of case holding posts filled by permanent qualified social workers "
    "(Children, Young People and Education (Integrated Children’s Services)), Q3 2024/25"
)
FOI = (
    "Freedom of Information (FOI) / Environmental Information Regulation (EIR) requests completed within 20 working "
    "days (Governance and Law), Q3 2024/25"
)
CHILDREN = "Children, Young People and Education (Integrated Children’s Services), Q3 2024/25"


@pytest.fixture(scope="module")
def real(papers: Path) -> dict[str, Paper]:
    return {name: as_read(papers / name) for name in (LATEST, OLDER)}


def as_read(file: Path) -> Paper:
    with open_pdf(file.read_bytes()) as pdf:
        found = performance_report.read(pdf)
    return Paper(
        version_id=1,
        council="kent",
        title="Appendix 1",
        url="https://democracy.example.org/documents/s1/Appendix.pdf",
        outcome=found.outcome,
        editions=(Edition(report=found.of(Report)[0], readings=tuple(found.of(KpiReading))),),
        counts=tuple(found.of(RagCount)),
        named=tuple(found.of(NamedRating)),
        figures=tuple(found.of(Figure)),
        risks=tuple(found.of(Risk)),
        risk_levels=tuple(found.of(RiskLevel)),
        text=found.text,
    )


def brief(found: list[Discrepancy]) -> set[tuple[str, str, str, str, int | None, int | None]]:
    return {(d.check_name, d.subject, d.stated, d.computed, d.page, d.other_page) for d in found}


@pytest.mark.papers
def test_the_contradictions_of_the_latest_report_are_found_and_no_others(real: dict[str, Paper]) -> None:
    counted = {
        # The text stands where it stood a quarter before; an indicator has left Red since, and another has come.
        ("narrative_matches_table", CHILDREN, "2 Green, 4 Red", "3 Green, 3 Red", 6, 3),
        ("narrative_matches_table", POSTS, "Red", "Amber", 6, 47),
        ("narrative_matches_table", "Public Health, Q3 2024/25", "5 indicators", "6 indicators", 7, 3),
        # No directorate did better than 82%, yet all of them together came to 84%.
        ("best_and_overall", FOI, "best part 82%", "84% overall", None, 15),
        # One new risk, one withdrawn, and one more than before.
        ("risk_levels_match_changes", "Corporate risks, Q3 2024/25", "17 risks", "16 risks", 66, 66),
    }
    assert brief(check([real[LATEST]])) == counted


@pytest.mark.papers
def test_the_older_report_prints_a_part_of_a_complaint_and_nothing_else_is_wrong(real: dict[str, Paper]) -> None:
    (found,) = check([real[OLDER]])
    assert (found.check_name, found.stated, found.page) == ("whole_numbers", "95.3", 11)


@pytest.mark.papers
@pytest.mark.parametrize("name", [LATEST, OLDER])
def test_one_rating_turned_in_a_real_report_is_found_wherever_it_shows(real: dict[str, Paper], name: str) -> None:
    paper = real[name]
    readings = list(paper.editions[0].readings)
    before = {d.key for d in check([paper])}
    at = next(n for n, one in enumerate(readings) if one.rag is Rag.GREEN and one.headline_rag)
    readings[at] = replace(readings[at], rag=Rag.RED)
    turned = replace(paper, editions=(replace(paper.editions[0], readings=tuple(readings)),))
    found = {d.check_name for d in check([turned]) if d.key not in before}
    expected = {"headline_matches_detail"}  # and no count that follows from it
    if possible_ratings(readings[at]):  # the boxes of 2020/21 print no floor standard
        expected.add("rating_matches_value")
    assert found == expected
