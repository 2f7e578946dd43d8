"""Figures restated: what a report prints as the quarter before, and what that quarter's report printed."""

from dataclasses import replace

import pytest

from db import Discrepancy
from monitor.checks import check
from monitor.facts import Edition
from parsers.records import KpiReading
from tests.test_checks import AMBER, GREEN, RED, measured, names, only, paper, report


def restated(now: KpiReading, then: KpiReading, note: str = "", note_before: str = "") -> list[Discrepancy]:
    first = replace(paper([then], report=report(quarter=1)), text=note_before)
    return check([first, replace(paper([now], version_id=2), text=note)])


NOW = measured("5,534", "5,998", "5,000", AMBER, unit=None, previous_value=5473.0, previous_text="5,473", page=65)
THEN = measured("5,437", "5,998", "5,000", AMBER, unit=None, previous_value=5400.0, previous_text="5,400", page=61)


def test_a_previous_figure_that_the_last_report_did_not_give_is_told_with_both_pages() -> None:
    found = only(restated(NOW, THEN))
    assert found.check_name == "previous_matches_last_report"
    assert (found.stated, found.computed) == ("previous 5,473", "5,437 in the report for Q1 2026/27")
    assert (found.version_id, found.page, found.other_version_id, found.other_page) == (2, 65, 1, 61)
    assert found.explanation == (
        "For “Potholes repaired in 28 days” the report for Q2 2026/27 gives the previous quarter as 5,473; "
        "the report for Q1 2026/27 gave 5,437, and no note says that this was revised."
    )


@pytest.mark.parametrize(
    ("previous", "published"),
    [("97%", "97.3%"), ("97.3%", "97%"), ("0.04%", "0.04%"), ("5,437", "5,437"), ("15%", "15.0%"), ("98%", "97.5%")],
)
def test_figures_are_compared_at_the_coarser_precision(previous: str, published: str) -> None:
    then = measured(published, "10", "5", None, unit=None)
    value = float(previous.strip("%").replace(",", ""))
    now = measured("96", "10", "5", None, unit=None, previous_text=previous, previous_value=value)
    assert restated(now, then) == []
    off = replace(now, previous_value=value + 3, previous_text=f"{value + 3:g}{'%' if '%' in previous else ''}")
    assert names(restated(off, then)) == ["previous_matches_last_report"]


def test_figures_in_different_units_are_not_compared() -> None:
    now = replace(NOW, previous_text="54%", previous_value=54.0)
    assert restated(now, THEN) == []


@pytest.mark.parametrize(
    ("note", "note_before"),
    [
        ("*A reporting error identified by the provider has resulted in a revision to figures back to Jun-23.", ""),
        ("Figures for earlier quarters have been restated.", ""),
        ("", "Data is provisional."),
        ("", "No data for Sep-26 available at time of reporting"),
    ],
)
def test_a_revision_that_either_paper_announces_under_the_box_is_listened_to(note: str, note_before: str) -> None:
    here = f"Latest: 5,534 Target: 5,998, Floor: 5,000 Previous 5,473 (Amber)\n{note}"
    there = f"Latest: 5,437 Target: 5,998, Floor: 5,000 Previous 5,400 (Amber)\n{note_before}"
    assert restated(NOW, THEN, here, there) == []
    # The same words under another indicator's box say nothing of this one.
    other = "\nLatest: 71% Target: 85% Previous: 70%\n"
    assert names(restated(NOW, THEN, here.split("\n")[0] + other + note, there.split("\n")[0] + other + note_before))


def test_what_is_measured_once_a_year_keeps_both_figures() -> None:
    assert restated(NOW, replace(NOW, page=60)) == []


def test_a_rating_that_looks_better_in_hindsight_weighs_most() -> None:
    now = replace(NOW, previous_value=5437.0, previous_text="5,437", previous_rag=GREEN)
    found = only(restated(now, THEN))
    assert (found.stated, found.computed) == ("previous Green", "Amber in the report for Q1 2026/27")
    assert found.severity == "high"
    assert only(restated(replace(now, previous_rag=RED), THEN)).severity == "medium"
    assert restated(replace(now, previous_rag=AMBER), THEN) == []


def test_a_report_that_gave_two_ratings_is_not_held_against_the_next() -> None:
    now = replace(NOW, previous_value=5437.0, previous_text="5,437", previous_rag=GREEN)
    both = replace(THEN, headline_rag=GREEN, headline_page=4)
    assert names(restated(now, both)) == ["headline_matches_detail"]


def test_where_most_figures_differ_previous_is_another_period() -> None:
    then = [measured("50%", "10%", "5%", GREEN, name=f"Measure {n} alone") for n in range(6)]
    now = [replace(r, value=60.0, value_text="60%", previous_value=40.0, previous_text="40%") for r in then]
    assert check([paper(then, report=report(quarter=1)), paper(now, version_id=2)]) == []
    most = [replace(r, previous_value=50.0, previous_text="50%") for r in now[2:]]
    assert len(check([paper(then, report=report(quarter=1)), paper([*now[:2], *most], version_id=2)])) == 2


def test_an_indicator_is_followed_through_a_new_name_by_the_archives_number() -> None:
    renamed = replace(NOW, name="Percentage of potholes repaired in 28 days")
    first = Edition(report=report(quarter=1), readings=(THEN,), kpi_ids=(7,))
    second = Edition(report=report(), readings=(renamed,), kpi_ids=(7,))
    base = paper()
    found = check([replace(base, editions=(first,)), replace(base, version_id=2, editions=(second,))])
    assert names(found) == ["previous_matches_last_report"]
    other = replace(second, kpi_ids=(8,))
    assert check([replace(base, editions=(first,)), replace(base, version_id=2, editions=(other,))]) == []


def test_a_dashboard_of_the_quarter_before_is_not_the_report_before() -> None:
    board = paper([THEN], report=report(quarter=1, scope="Public Health"))
    assert check([board, paper([NOW], version_id=2)]) == []


def test_the_same_two_figures_in_some_table_carry_no_note() -> None:
    table = "Health checks 5,534 5,473 5,400\nFigures have been revised."
    assert names(restated(NOW, THEN, table)) == ["previous_matches_last_report"]
