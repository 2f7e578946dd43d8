"""Contradictions in an archive: found in stored facts, still there, resolved by a corrected paper, found again."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from db import open_archive
from monitor import checks, facts
from parsers.records import (
    Fact,
    Figure,
    Kind,
    NamedRating,
    Outcome,
    Rag,
    RagCount,
    Risk,
    RiskLevel,
    StatedIn,
)
from tests.desk import NOW, Desk
from tests.test_checks import AMBER, GREEN, RED, cell, measured, reading, row, said

WRONG = measured("81%", "90%", "85%", AMBER, previous_rag=AMBER)
RIGHT = replace(WRONG, rag=RED)
NEXT_DAY = NOW + timedelta(days=1)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with open_archive(tmp_path / "archive") as archive:
        yield Desk(archive)


def stand(desk: Desk) -> list[tuple[str, str, bool]]:
    """Every finding that was ever made: check, subject, whether it is open."""
    rows = desk.archive.rows(
        "select x.check_name, x.subject, x.resolved_at is null and o.key is not null as is_open "
        "from discrepancies x left join open_discrepancies o on o.key = x.key order by x.id"
    )
    return [(r["check_name"], r["subject"], bool(r["is_open"])) for r in rows]


SUBJECT = "Potholes repaired in 28 days (Highways), Q2 2026/27"


def test_a_corrected_paper_resolves_and_the_same_mistake_again_opens_it_with_its_first_date(desk: Desk) -> None:
    desk.edition([WRONG], key="moderngov:kent:s1")
    checks.run(desk.archive, NOW)
    assert stand(desk) == [("rating_matches_value", SUBJECT, True)]
    desk.edition([RIGHT], key="moderngov:kent:s1")
    checks.run(desk.archive, NEXT_DAY)
    assert stand(desk) == [("rating_matches_value", SUBJECT, False)]
    desk.edition([WRONG], key="moderngov:kent:s1")
    checks.run(desk.archive, NEXT_DAY)
    assert stand(desk) == [("rating_matches_value", SUBJECT, True)]
    (kept,) = desk.archive.rows("select first_seen_at, resolved_at from discrepancies")
    assert (kept["first_seen_at"][:10], kept["resolved_at"]) == ("2026-12-05", None)


def test_a_correction_under_a_new_number_resolves_as_well(desk: Desk) -> None:
    desk.edition([WRONG], key="moderngov:kent:s1", url="https://democracy.example.org/documents/s1/A.pdf")
    checks.run(desk.archive, NOW)
    desk.edition([RIGHT], key="moderngov:kent:s2", url="https://democracy.example.org/documents/s2/A.pdf")
    checks.run(desk.archive, NEXT_DAY)
    assert stand(desk) == [("rating_matches_value", SUBJECT, False)]


def test_the_same_statement_in_the_next_edition_is_another_finding_and_the_first_stays(desk: Desk) -> None:
    readings = [reading("A", GREEN), reading("B", RED)]
    for quarter in (1, 2):
        stale = row("Highways", "2 0 0 0 2 0", quarter=quarter)
        desk.edition(readings, quarter=quarter, more=[stale], published=date(2026, 6 + 3 * quarter, 1))
        checks.run(desk.archive, NOW)
    assert stand(desk) == [
        ("summary_matches_rows", "Highways, Q1 2026/27", True),
        ("summary_matches_rows", "Highways, Q2 2026/27", True),
    ]


def test_a_mirror_and_a_pack_of_the_paper_make_one_finding(desk: Desk) -> None:
    desk.edition([WRONG], key="moderngov:kent:s1")
    desk.edition(
        [replace(WRONG, page=120)], key="moderngov:kent:g7", url="https://democracy.example.org/documents/g7/P"
    )
    desk.edition([WRONG], key="moderngov:other:s1", url="https://mirror.example.org/documents/s1/A.pdf")
    checks.run(desk.archive, NOW)
    assert stand(desk) == [("rating_matches_value", SUBJECT, True)]


@pytest.mark.parametrize("minutes_first", [True, False])
def test_minutes_are_held_against_the_report_whichever_came_first(desk: Desk, minutes_first: bool) -> None:
    count = said(StatedIn.MINUTES, "Two of the 3 KPIs were Green.", green=2, total=3)
    report = [reading("A", GREEN), reading("B", RED), reading("C", RED)]

    def minutes() -> int:
        return desk.put([count], kind=Kind.MINUTES, title="Minutes", published=date(2026, 12, 20))

    if minutes_first:
        other = minutes()
        checks.run(desk.archive, NOW)
        assert stand(desk) == []
    own = desk.edition(report)
    if not minutes_first:
        checks.run(desk.archive, NOW)
        assert stand(desk) == []
        other = minutes()
    checks.run(desk.archive, NEXT_DAY)
    (found,) = desk.archive.rows("select * from open_discrepancies")
    assert (found["check_name"], found["stated"], found["computed"]) == ("minutes_match_report", "2 Green", "1 Green")
    assert (found["version_id"], found["other_version_id"]) == (other, own)
    assert (found["title"], found["other_title"]) == ("Minutes", "Appendix 1")
    assert found["other_page_url"].endswith("#page=9")


def test_an_alert_on_two_papers_names_both_and_links_the_other_page(desk: Desk) -> None:
    desk.edition([reading("A", GREEN), reading("B", RED)])
    desk.put(
        [said(StatedIn.MINUTES, "Both of the 2 KPIs were Green.", green=2, total=2)], kind=Kind.MINUTES, title="Minutes"
    )
    (alert,) = desk.of("discrepancy")
    assert "The minutes say two Green of two indicators; the report lists one Green." in alert.body
    assert (
        "Compared with: Appendix 1, page 9, https://democracy.example.org/documents/s1/Appendix.pdf#page=9"
        in alert.body
    )
    assert alert.url == "https://democracy.example.org/documents/s2/Appendix.pdf#page=1"


def test_a_restated_figure_is_found_through_the_archives_own_numbering(desk: Desk) -> None:
    desk.edition([measured("86%", "90%", "85%", AMBER)], quarter=1, published=date(2026, 9, 3))
    now = measured("95%", "90%", "85%", GREEN, name="% potholes repaired in 28 days", previous_text="84%")
    desk.edition([replace(now, previous_value=84.0, name="Potholes repaired in 28 days")])
    checks.run(desk.archive, NOW)
    assert [one[0] for one in stand(desk)] == ["previous_matches_last_report"]


def test_what_is_found_in_a_paper_held_back_is_listed_on_demand_and_convicts_no_other(desk: Desk) -> None:
    count = said(StatedIn.MINUTES, "Both of the 2 KPIs were Green.", green=2, total=2)
    desk.edition([WRONG, reading("B", RED)], outcome=Outcome.QUARANTINED, note="one indicator short")
    desk.put([count], kind=Kind.MINUTES, title="Minutes")
    checks.run(desk.archive, NOW)
    assert stand(desk) == [("rating_matches_value", SUBJECT, False)]
    assert desk.of("discrepancy") == []


def test_a_dashboard_of_the_same_quarter_does_not_stand_for_the_report(desk: Desk) -> None:
    from tests.test_checks import report as edition

    desk.put([edition(scope="Environment"), reading("A", GREEN), reading("B", GREEN)], kind=Kind.DASHBOARD)
    desk.put([said(StatedIn.MINUTES, "Two of the 2 KPIs were Red.", red=2, total=2)], kind=Kind.MINUTES)
    checks.run(desk.archive, NOW)
    assert stand(desk) == []


def test_every_record_comes_back_from_the_archive_as_it_went_in(desk: Desk) -> None:
    given: list[Fact] = [
        RagCount(
            stated_in=StatedIn.REPORT,
            financial_year="2026/27",
            quarter=2,
            service="Highways",
            green=1,
            total=2,
            quote="One of two, one more than before.",
            page=6,
            green_change=1,
            total_change=0,
        ),
        NamedRating(
            stated_in=StatedIn.REPORT,
            financial_year="2026/27",
            quarter=2,
            service="Highways",
            name="potholes",
            rag=Rag.RED,
            quote="potholes (Red)",
            page=6,
        ),
        cell("Roads", 12.0),
        Risk(code="CRR1", title="Flood", change="new", level="high", page=66, score=20, bbox=(1.0, 2.0, 3.0, 4.0)),
        RiskLevel(as_at=date(2026, 11, 1), low=0, medium=5, high=12, page=66),
    ]
    reference = reading("A", GREEN, reference="HT01", period_label="Sep-26", ytd_value=9.5, ytd_text="9.5", ytd_rag=RED)
    desk.edition([reference], more=given, text="The text.")
    (paper,) = facts.papers(desk.archive, "kent")
    assert (*paper.counts, *paper.named, *paper.figures, *paper.risks, *paper.risk_levels) == tuple(given)
    assert paper.editions[0].readings == (reference,)
    assert paper.editions[0].kpi_ids == tuple(r["kpi_id"] for r in desk.archive.rows("select kpi_id from kpi_readings"))
    assert (paper.text, paper.published_on) == ("The text.", date(2026, 12, 3))


def test_twenty_years_of_papers_are_checked_in_seconds(desk: Desk) -> None:
    def figures() -> Sequence[Figure]:
        return [cell(f"Service {n}", 10.0) for n in range(20)] + [cell("Total", 200.0)]

    years = [f"{year}/{(year + 1) % 100:02d}" for year in range(2006, 2026)]
    for n, year in enumerate(years):
        for quarter in (1, 2, 3, 4):
            kpis = [
                measured(
                    "95%",
                    "90%",
                    "85%",
                    GREEN,
                    name=f"Measure {k}",
                    previous_value=95.0,
                    previous_text="95%",
                    page=9 + k,
                )
                for k in range(38)
            ]
            stated = row(None, "38 0 0 0 38 0", financial_year=year, quarter=quarter)
            text = ("Words on what was done for roads and schools, 12% of them.\n" * 40 + "\n") * 20
            how: dict[str, Any] = {"text": text, "published": date(2006 + n, 3 * quarter, 1)}
            desk.edition(kpis, year, quarter, more=[stated, *figures()], **how)
    began = time.perf_counter()
    assert checks.run(desk.archive, NOW) == []
    assert time.perf_counter() - began < 20  # 3 on the machine that this was written on
