"""The rules, on a real archive filled as reading fills it: exactly what is news, each once."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from db import open_archive
from monitor.rules import RULES, Rule, RulesFailed, judge, problems
from parsers.records import (
    Fact,
    Figure,
    Kind,
    OmbudsmanDecision,
    OmbudsmanReport,
    Outcome,
    RagCount,
    Reading,
    ServiceImprovement,
)
from parsers.text import slug
from tests.desk import KENT, NOW, Desk, turned
from tests.test_checks import AMBER, DOWN, GREEN, RED, UP, cell, measured, reading, report, row

POTHOLES = "Potholes repaired in 28 days"


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with open_archive(tmp_path / "archive") as archive:
        yield Desk(archive)


# --- new_red -------------------------------------------------------------------------------


def test_an_indicator_that_turned_red_says_all_in_title_and_body(desk: Desk) -> None:
    version = desk.edition(turned())
    (alert,) = desk.of("new_red")
    assert alert.title == "RED: Potholes repaired in 28 days, 81% (target 90%, floor 85%), Q2 2026/27"
    assert alert.body == (
        "Highways: from Amber to Red (the earlier rating as this paper prints it).\n"
        "Value 81%, target 90%, floor standard 85%, quarter before 86%. Direction of travel: worsening.\n"
        "Kent County Council: Appendix 1, published 3 December 2026, page 9"
    )
    assert alert.url == "https://democracy.example.org/documents/s1/Appendix.pdf#page=9"
    assert alert.severity == "high"
    assert alert.key == "kent:2026/27:2:potholerepairedin28day"
    sha256 = desk.archive.rows("select sha256 from versions where id = ?", (version,))[0]["sha256"]
    assert (
        alert.evidence
        | {
            "version_id": version,
            "sha256": sha256,
            "page": 9,
            "bbox": "[50.0, 100.0, 540.0, 240.0]",
            "value_text": "81%",
            "target_text": "90%",
            "floor_text": "85%",
            "previous_text": "86%",
            "document_title": "Appendix 1",
            "council": "kent",
        }
        == alert.evidence
    )


def test_what_was_told_is_not_told_again(desk: Desk) -> None:
    desk.edition(turned())
    assert desk.of("new_red") != []
    assert desk.due() == []
    assert desk.due(now=NOW + timedelta(days=1)) == []


@pytest.mark.parametrize("again", ["pack", "mirror", "re-issue"])
def test_the_same_edition_in_another_paper_is_not_news(desk: Desk, again: str) -> None:
    desk.edition(turned(), key="moderngov:kent:s129436")
    desk.due()
    where = {
        "pack": {"key": "moderngov:kent:g9311", "url": "https://democracy.example.org/documents/g9311/Pack.pdf?T=10"},
        "mirror": {"key": "moderngov:other:s129436", "url": "https://other.example.org/documents/s129436/A.pdf"},
        "re-issue": {"key": "moderngov:kent:s129436"},
    }[again]
    desk.edition(turned(), **where)
    assert desk.due() == []


def test_the_report_before_counts_more_than_what_the_new_one_prints_of_it(desk: Desk) -> None:
    before = measured("86%", "90%", "85%", AMBER)
    desk.edition([before], quarter=1, published=date(2026, 9, 20), at=NOW - timedelta(days=70))
    desk.edition([measured("81%", "90%", "85%", RED, previous_rag=RED)])
    (alert,) = desk.of("new_red")
    assert alert.body.startswith("Highways: from Amber to Red since the report before.")


def test_what_was_red_in_the_report_before_has_not_turned(desk: Desk) -> None:
    desk.edition([measured("81%", "90%", "85%", RED)], quarter=1, published=date(2026, 9, 20))
    desk.edition([measured("80%", "90%", "85%", RED, previous_rag=AMBER)])
    assert desk.of("new_red") == []


def test_the_printed_rating_counts_where_the_report_before_is_not_held(desk: Desk) -> None:
    desk.edition([measured("95%", "90%", "85%", GREEN)], "2025/26", 4, published=date(2026, 6, 18))
    desk.edition([measured("80%", "90%", "85%", RED, previous_rag=RED)])
    assert desk.of("new_red") == []


def test_a_new_indicator_that_starts_red_is_news_and_says_so(desk: Desk) -> None:
    desk.edition([measured("95%", "90%", "85%", GREEN)], quarter=1, published=date(2026, 9, 20))
    desk.edition([measured("95%", "90%", "85%", GREEN), measured("5%", "90%", "85%", RED, name="Buses on time")])
    (alert,) = desk.of("new_red")
    assert alert.title.startswith("RED: Buses on time, 5%")
    assert "Red, first rated" in alert.body


def test_an_indicator_that_the_paper_shows_as_unrated_before_is_news(desk: Desk) -> None:
    readings = [
        measured("95%", "90%", "85%", GREEN, previous_rag=GREEN),
        measured("5%", "90%", "85%", RED, name="Buses"),
    ]
    desk.edition(readings)
    assert [alert.title[:10] for alert in desk.of("new_red")] == ["RED: Buses"]


def test_where_nothing_is_known_of_the_past_nothing_can_have_turned(desk: Desk) -> None:
    desk.edition([measured("5%", "90%", "85%", RED)])
    assert desk.of("new_red") == []


def test_a_backfilled_older_edition_is_never_news_even_when_it_seems_fresh(desk: Desk) -> None:
    desk.edition(turned(), quarter=2)
    desk.due()
    desk.edition(turned("70%"), quarter=1, published=None)
    assert [alert.rule for alert in desk.due()] == []


def test_reports_of_the_first_crawl_are_held_against_each_other_whichever_was_fetched_first(desk: Desk) -> None:
    desk.edition(turned(), quarter=2)
    desk.edition(turned("70%"), quarter=1, published=date(2026, 9, 5))
    assert "previous_matches_last_report" in [alert.evidence["check_name"] for alert in desk.of("discrepancy")]


def test_papers_published_long_ago_raise_nothing(desk: Desk) -> None:
    desk.edition(turned(), published=date(2026, 10, 5))
    assert desk.due() == []
    assert desk.of("new_red", replace(KENT, max_age_days=61)) != []


@pytest.mark.parametrize(
    ("meeting", "is_due"),
    [(date(2026, 9, 1), False), (date(2026, 12, 1), True), (date(2026, 12, 20), True)],
)
def test_without_a_date_of_its_own_a_paper_is_as_old_as_its_meeting_once_that_was_held(
    desk: Desk, meeting: date, is_due: bool
) -> None:
    desk.edition(turned(), published=None, meeting=meeting)
    found = desk.of("new_red")
    assert bool(found) is is_due
    # An agenda is out before its meeting: until that is held, the paper is as old as its first fetch.
    assert [alert.evidence["published_on"] for alert in found] == [str(min(meeting, NOW.date()))] * len(found)


def test_a_corrected_paper_may_turn_an_indicator_red(desk: Desk) -> None:
    desk.edition([measured("86%", "90%", "85%", AMBER, previous_rag=AMBER)], key="moderngov:kent:s1")
    assert desk.of("new_red") == []
    desk.edition(turned(), key="moderngov:kent:s1")
    assert len(desk.of("new_red")) == 1


def test_quarantined_papers_raise_one_alert_for_the_operator_and_no_other(desk: Desk) -> None:
    desk.edition(turned(), outcome=Outcome.QUARANTINED, note="38 indicators announced, 37 found")
    (alert,) = desk.due()
    assert (alert.rule, alert.title) == ("quarantined", "Held back, not to be trusted as read: Appendix 1")
    assert alert.body.startswith("38 indicators announced, 37 found\n")
    assert desk.due() == []


def test_a_long_story_of_what_was_expected_is_cut(desk: Desk) -> None:
    desk.edition(turned(), outcome=Outcome.QUARANTINED, note="the indicator was found 2 times; " * 39)
    (alert,) = desk.due()
    told, after, *_ = alert.body.splitlines()
    assert 480 < len(told) <= 500 and told.endswith("...")
    assert after.startswith("Its facts are kept")


def test_the_same_quarantined_bytes_at_two_addresses_are_one_alert(desk: Desk) -> None:
    for key in ("a", "b"):
        desk.edition(turned(), key=key, outcome=Outcome.QUARANTINED, note="cut off", body=b"%PDF-1.7 half")
    assert len(desk.due()) == 1


def test_a_paper_that_could_not_be_read_at_all_is_told_too(desk: Desk) -> None:
    desk.put([], outcome=Outcome.FAILED, note="the PDF is locked with a password", title="Appendix 2")
    (alert,) = desk.due()
    assert (alert.rule, alert.title) == ("quarantined", "Could not be read: Appendix 2")
    assert alert.body.startswith("the PDF is locked with a password\nNothing is known of what it says.")
    assert desk.due() == []


def test_the_same_trouble_with_a_page_that_was_read_before_is_told_once(desk: Desk) -> None:
    def answer(outcome: Outcome, note: str | None = None) -> list[str]:
        desk.put([], kind=Kind.NEWS_ARTICLE, key="page", url="https://a.example/p", outcome=outcome, note=note)
        return [alert.body.splitlines()[0] for alert in desk.of("quarantined")]

    assert answer(Outcome.READ) == []
    assert answer(Outcome.FAILED, "a challenge page") == ["a challenge page"]
    assert answer(Outcome.FAILED, "a challenge page") == []
    assert answer(Outcome.READ) == []
    assert answer(Outcome.FAILED, "a challenge page") == []
    assert answer(Outcome.FAILED, "half a page") == ["half a page"]


def test_reading_again_without_other_facts_is_no_news(desk: Desk) -> None:
    version = desk.edition(turned())
    desk.due()
    later = NOW + timedelta(hours=1)
    again = Reading(
        kind=Kind.PERFORMANCE_REPORT,
        outcome=Outcome.READ,
        parser="made",
        parser_version=2,
        title="Appendix 1",
        facts=(report(), *turned()),
    )
    desk.archive.store_reading(version, again, council="kent", now=later)
    assert desk.due(now=later) == []


def test_indicators_that_turn_out_to_be_one_are_not_told_again(desk: Desk) -> None:
    desk.edition([measured("95%", "90%", "85%", GREEN, name="Repairs in time")], quarter=1, published=date(2026, 9, 20))
    desk.edition(turned())
    kpi = "select kpi_id from kpi_readings where rag = 'red'"
    before = desk.archive.rows(kpi)
    assert len(desk.of("new_red")) == 1
    # An older paper says that they are one: the one known longer gives the number.
    both = measured("95%", "90%", "85%", GREEN, headline_name="Repairs in time", headline_page=4)
    desk.edition([both], "2025/26", 4, published=date(2026, 6, 20))
    assert desk.archive.rows(kpi) != before
    assert desk.of("new_red") == []


def test_two_indicators_of_one_name_are_two_alerts(desk: Desk) -> None:
    (red, _) = turned()
    desk.edition([red, replace(red, service="Libraries"), replace(red, service="Libraries", page=10)])
    assert len({alert.key for alert in desk.of("new_red")}) == 3


def test_five_hundred_reds_are_five_hundred_alerts(desk: Desk) -> None:
    desk.edition([measured("1%", "90%", "85%", RED, name=f"Indicator {n}", previous_rag=GREEN) for n in range(500)])
    assert len(desk.of("new_red")) == 500


# --- new_report ----------------------------------------------------------------------------


def test_the_digest_of_an_edition_tells_how_it_stands_and_what_moved(desk: Desk) -> None:
    held = [
        measured("86%", "90%", "85%", AMBER),
        measured("80%", "90%", "85%", RED, name="Plans issued in 20 weeks"),
        measured("70%", "90%", "85%", RED, name="Requests answered in time"),
    ]
    for year, quarter in (("2025/26", 4), ("2026/27", 1)):
        desk.edition(held, year, quarter, published=date(2026, 6, 18))
    now = [
        measured("81%", "90%", "85%", RED),
        measured("79%", "90%", "85%", RED, name="Plans issued in 20 weeks", direction=DOWN),
        measured("91%", "90%", "85%", GREEN, name="Requests answered in time", direction=UP),
        reading("Visits to libraries", None, direction=None),
    ]
    desk.edition(now)
    (alert,) = desk.of("new_report")
    assert alert.key == "kent:2026/27:2"
    assert alert.title == "Kent County Council, report for Q2 2026/27: 1 Green, 0 Amber, 2 Red; 1 newly Red"
    assert alert.body == (
        "4 indicators: 1 Green, 0 Amber, 2 Red, 1 without a rating.\n"
        "1 improving, 1 stable, 1 worsening.\n"
        "Turned Red:\n"
        "- Potholes repaired in 28 days (Highways), 81%, from Amber\n"
        "No longer Red:\n"
        "- Requests answered in time (Highways), 91%, now Green\n"
        "Still Red: 1.\n"
        "Longest Red:\n"
        "- Plans issued in 20 weeks (Highways), at least 3 reports in a row\n"
        "Kent County Council: Appendix 1, published 3 December 2026"
    )
    assert desk.due() == []


def test_the_digest_counts_contradictions_and_each_is_an_alert(desk: Desk) -> None:
    wrong = measured("81%", "90%", "85%", AMBER, previous_rag=AMBER)
    desk.edition([wrong], more=[row("Highways", "1 0 0 0 1 0")])
    due = desk.due()
    assert sorted(alert.rule for alert in due) == ["discrepancy", "discrepancy", "new_report"]
    assert "In 2 places the paper contradicts itself or the report before." in due[0].body


# --- discrepancy ---------------------------------------------------------------------------


def test_a_contradiction_is_told_once_with_the_place_of_the_row(desk: Desk) -> None:
    desk.edition([measured("81%", "90%", "85%", AMBER, previous_rag=AMBER)])
    (alert,) = desk.of("discrepancy")
    assert alert.title == (
        "Does not add up: Potholes repaired in 28 days (Highways), Q2 2026/27: "
        "Amber at 81% with target 90% and floor standard 85%, but Red"
    )
    assert alert.url == "https://democracy.example.org/documents/s1/Appendix.pdf#page=9"
    assert alert.evidence["bbox"] == "[50.0, 100.0, 540.0, 240.0]"
    assert desk.of("discrepancy") == []


@pytest.mark.parametrize("where", [(60.0, 500.0, 540.0, 512.0), None])
def test_a_summary_list_that_contradicts_the_page_is_shown_there(
    desk: Desk, where: tuple[float, float, float, float] | None
) -> None:
    # One name is the beginning of the other, and stands before it on the page.
    first = reading(POTHOLES, GREEN, headline_rag=GREEN, headline_page=4, headline_bbox=(60.0, 50.0, 540.0, 62.0))
    longer = reading(f"{POTHOLES} (Highways), in full", RED, headline_rag=GREEN, headline_page=4, headline_bbox=where)
    desk.edition([first, longer])
    (alert,) = desk.of("discrepancy")
    assert (alert.evidence["page"], alert.evidence["bbox"]) == (4, None if where is None else str(list(where)))


def test_a_table_that_does_not_add_up_is_shown_at_its_total(desk: Desk) -> None:
    low = replace(cell("Total Complaints", 2600), bbox=(300.0, 400.0, 540.0, 412.0))
    desk.edition(STEADY, more=[cell("Highways", 2000), cell("Special needs", 500), low])
    (alert,) = desk.of("discrepancy")
    assert (alert.evidence["page"], alert.evidence["bbox"]) == (13, "[300.0, 400.0, 540.0, 412.0]")


def test_a_corrected_paper_resolves_and_a_pack_does_not_repeat(desk: Desk) -> None:
    wrong = measured("81%", "90%", "85%", AMBER, previous_rag=AMBER)
    desk.edition([wrong], key="moderngov:kent:s1")
    pack = "https://democracy.example.org/documents/g7/Pack.pdf"
    desk.edition([wrong], key="moderngov:kent:g7", url=pack)
    assert len(desk.of("discrepancy")) == 1
    desk.edition([replace(wrong, rag=RED)], key="moderngov:kent:s1")
    assert desk.of("discrepancy") == []
    assert desk.archive.rows("select count(*) as n from open_discrepancies")[0]["n"] == 0


def test_contradictions_of_quarantined_papers_are_kept_but_not_told(desk: Desk) -> None:
    wrong = measured("81%", "90%", "85%", AMBER)
    desk.edition([wrong], outcome=Outcome.QUARANTINED, note="one indicator short")
    assert desk.of("discrepancy") == []
    assert desk.archive.rows("select count(*) as n from discrepancies")[0]["n"] == 1


# --- complaints_jump -----------------------------------------------------------------------


def complaints(*columns: tuple[str, date, date, dict[str, float | None]]) -> list[Figure]:
    return [
        cell(service, value, period_label=label, period_start=start, period_end=end)
        for label, start, end, services in columns
        for service, value in services.items()
    ]


YEAR_BEFORE = ("12 mths to Sep 25", date(2024, 10, 1), date(2025, 9, 30))
YEAR = ("12 mths to Sep 26", date(2025, 10, 1), date(2026, 9, 30))
QUARTER_BEFORE = ("Quarter to Sep 25", date(2025, 7, 1), date(2025, 9, 30))
QUARTER = ("Quarter to Sep 26", date(2026, 7, 1), date(2026, 9, 30))
STEADY = [measured("95%", "90%", "85%", GREEN, previous_rag=GREEN)]


def test_a_jump_is_one_alert_with_the_total_first_and_the_services_after(desk: Desk) -> None:
    before = {"Highways": 2000.0, "Special needs": 600.0, "Adult Education": 10.0, "Total Complaints": 2610.0}
    after = {"Highways": 2180.0, "Special needs": 900.0, "Adult Education": 20.0, "Total Complaints": 3100.0}
    desk.edition(STEADY, more=complaints((*YEAR_BEFORE, before), (*YEAR, after)))
    (alert,) = desk.of("complaints_jump")
    assert alert.key == "kent:2026/27:2"
    assert alert.title == "Complaints up 19 % in a year, from 2,610 to 3,100, Q2 2026/27"
    assert (alert.evidence["page"], alert.evidence["bbox"]) == (13, "[36,300.0,540.0,312.0]")  # the row, with its label
    assert alert.body == (
        "- all services: 2,610 to 3,100 (+19 %), 12 mths to Sep 26 against 12 mths to Sep 25\n"
        "- Special needs: 600 to 900 (+50 %), 12 mths to Sep 26 against 12 mths to Sep 25\n"
        "Kent County Council: Appendix 1, published 3 December 2026, page 13"
    )
    assert desk.due() == []


def test_a_service_alone_may_jump(desk: Desk) -> None:
    before = {"Highways": 2000.0, "Special needs": 600.0, "Total": 2600.0}
    after = {"Highways": 1700.0, "Special needs": 900.0, "Total": 2600.0}
    desk.edition(STEADY, more=complaints((*YEAR_BEFORE, before), (*YEAR, after)))
    (alert,) = desk.of("complaints_jump")
    assert alert.title == "Complaints up 50 % in a year in Special needs, from 600 to 900, Q2 2026/27"
    assert "The total did not rise by 10 %." in alert.body


def test_the_threshold_is_the_operators(desk: Desk) -> None:
    table = complaints((*YEAR_BEFORE, {"Highways": 2000.0}), (*YEAR, {"Highways": 2190.0}))
    desk.edition(STEADY, more=table)
    calmer = replace(KENT, options={"complaints_jump": {"percent": 9.5}})
    assert "complaints_jump" not in [alert.rule for alert in judge(desk.archive, KENT, NOW)]
    assert "complaints_jump" in [alert.rule for alert in judge(desk.archive, calmer, NOW)]


def test_twelve_months_are_never_held_against_a_quarter(desk: Desk) -> None:
    calm = {"Highways": 2000.0, "Total": 2000.0}
    table = complaints(
        (*YEAR_BEFORE, calm), (*YEAR, calm), (*QUARTER_BEFORE, {"Total": 400.0}), (*QUARTER, {"Total": 600.0})
    )
    desk.edition(STEADY, more=table)
    assert desk.of("complaints_jump") == []


def test_a_jump_on_the_quarter_before_is_told_beside_a_steady_year(desk: Desk) -> None:
    quarter_before = ("Quarter to Jun 26", date(2026, 4, 1), date(2026, 6, 30))
    calm = {"Highways": 2000.0, "Total": 2000.0}
    table = complaints(
        (*YEAR_BEFORE, calm), (*YEAR, calm), (*quarter_before, {"Total": 400.0}), (*QUARTER, {"Total": 460.0})
    )
    desk.edition(STEADY, more=table)
    (alert,) = desk.of("complaints_jump")
    assert alert.title == "Complaints up 15 % in a quarter, from 400 to 460, Q2 2026/27"
    assert "Quarter to Sep 26 against Quarter to Jun 26" in alert.body


def test_a_report_handed_in_without_a_date_is_as_old_as_its_quarter(desk: Desk) -> None:
    reds = [measured("71%", "85%", "80%", RED, previous_rag=AMBER)]
    desk.edition(reds, "2024/25", 3, published=None)
    assert desk.due() == []


def test_without_twelve_month_columns_quarters_a_year_apart_are_compared_also_over_papers(desk: Desk) -> None:
    table = complaints((*QUARTER_BEFORE, {"Highways": 400.0, "Total": 500.0}))
    desk.edition(STEADY, "2025/26", 2, more=table, published=date(2025, 12, 4))
    desk.edition(STEADY, more=complaints((*QUARTER, {"Highways": 410.0, "Total": 600.0})))
    (alert,) = desk.of("complaints_jump")
    assert alert.title == "Complaints up 20 % in a year, from 500 to 600, Q2 2026/27"


def test_withheld_numbers_are_no_jump(desk: Desk) -> None:
    table = complaints((*YEAR_BEFORE, {"Highways": None, "Total": None}), (*YEAR, {"Highways": 900.0, "Total": 900.0}))
    desk.edition(STEADY, more=table)
    assert desk.of("complaints_jump") == []


# --- the Ombudsman -------------------------------------------------------------------------


def public_report(title: str = "Delays in plans", published: date | None = None) -> OmbudsmanReport:
    return OmbudsmanReport(
        council="kent-county-council",
        title=title,
        summary="The Council took too long.",
        url=f"https://www.lgo.example.org/information-centre/news/2026/nov/{slug(title)}",
        published_on=published,
    )


def improvement(reference: str = "24 003 150") -> ServiceImprovement:
    return ServiceImprovement(
        case_reference=reference,
        council="kent-county-council",
        category="Education",
        sub_category="Special educational needs",
        url="https://www.lgo.example.org/decisions/24-003-150",
        actions=("Write to families.", "Train staff."),
    )


def statistics(desk: Desk, facts: Sequence[Fact], **how: Any) -> None:
    desk.put(
        facts,
        kind=Kind.OMBUDSMAN_STATISTICS,
        key="lgo:kent",
        url="https://www.lgo.example.org/your-councils-performance/kent-county-council/statistics",
        published=None,
        title="Kent County Council, statistics",
        **how,
    )


def test_what_stood_on_the_page_at_first_is_no_news_what_joins_it_is(desk: Desk) -> None:
    statistics(desk, [public_report("An old report"), improvement("23 001 001")], at=NOW - timedelta(days=3))
    assert desk.due() == []
    statistics(desk, [public_report("An old report"), public_report(), improvement("23 001 001"), improvement()])
    report_alert, improvement_alert = desk.due()
    assert report_alert.title == "Ombudsman's public report against Kent County Council: Delays in plans"
    assert report_alert.body == (
        "The Council took too long.\n"
        "First seen 5 December 2026; the list gives no dates.\n"
        "Found on: Kent County Council, statistics"
    )
    assert (report_alert.severity, report_alert.key) == (
        "high",
        "kent:ombudsman:lgo.example.org:news:2026/nov/delays-in-plans",
    )
    assert improvement_alert.title == (
        "Ombudsman: Kent County Council agreed to service improvements, case 24 003 150 (Special educational needs)"
    )
    assert "- Write to families.\n- Train staff.\n" in improvement_alert.body
    assert improvement_alert.url == "https://www.lgo.example.org/decisions/24-003-150"
    assert desk.due() == []


def test_a_dated_public_report_counts_by_its_date_also_on_the_first_reading(desk: Desk) -> None:
    facts = [public_report("New", published=date(2026, 11, 20)), public_report("Old", published=date(2026, 1, 20))]
    statistics(desk, facts)
    (alert,) = desk.due()
    assert alert.title.endswith(": New")
    assert "Published 20 November 2026." in alert.body


def test_a_report_that_joins_the_list_is_news_whatever_date_it_bears(desk: Desk) -> None:
    statistics(desk, [public_report("An old report")], at=NOW - timedelta(days=3))
    statistics(desk, [public_report("An old report"), public_report("Plans", published=date(2026, 3, 1))])
    (alert,) = desk.due()
    assert alert.title.endswith(": Plans")


def test_a_report_whose_headline_is_edited_or_that_is_met_on_its_own_page_is_told_once(desk: Desk) -> None:
    statistics(desk, [public_report("An old report")], at=NOW - timedelta(days=3))
    statistics(desk, [public_report("An old report"), replace(public_report(), url=None)])
    assert len(desk.of("public_report")) == 1
    own = replace(public_report(), url="https://www.lgo.example.org/decisions/education/plans/24-003-150")
    desk.put([own], kind=Kind.OMBUDSMAN_REPORT, key="own", published=None)
    edited = replace(public_report(), title="Children waited for plans")
    statistics(desk, [public_report("An old report"), public_report()])
    statistics(desk, [replace(public_report("An old report"), title="An old report, edited"), edited])
    assert desk.of("public_report") == []
    titles = [row["title"] for row in desk.archive.rows("select title from ombudsman_reports order by id")]
    assert titles == ["An old report, edited", "Children waited for plans"]


def test_a_report_first_known_by_its_own_page_is_news_where_its_decision_is_recent(desk: Desk) -> None:
    for reference, decided in (("24 003 150", date(2026, 11, 2)), ("21 003 150", date(2023, 11, 2))):
        url = f"https://www.lgo.example.org/decisions/{reference.replace(' ', '-')}"
        decision = OmbudsmanDecision(
            case_reference=reference, council="kent-county-council", category=None, sub_category=None,
            decision="Upheld", decided_on=decided, is_report=True, summary=None, url=url,
        )  # fmt: skip
        facts: list[Fact] = [replace(public_report(f"Report on {reference}"), url=url), decision]
        desk.put(facts, kind=Kind.OMBUDSMAN_REPORT, key=url, url=url, published=None)
    (alert,) = desk.due()
    assert alert.title.endswith(": Report on 24 003 150")


# --- rules of the operator -----------------------------------------------------------------


OWN = Rule(
    name="ehcp-below-40",
    severity="high",
    sql="select kpi_id as key, name, value, page_url from kpi_history where value < :below and is_latest",
    title="{name}: {value}%",
    options={"below": 40},
)


def test_a_rule_of_the_operators_own_is_judged_like_the_others(desk: Desk) -> None:
    desk.edition([measured("34%", "60%", "55%", RED, previous_rag=RED), *STEADY[:0]])
    (alert,) = [a for a in desk.due(replace(KENT, custom=[OWN])) if a.rule == "ehcp-below-40"]
    assert alert.title == "Potholes repaired in 28 days: 34%"
    assert alert.url == "https://democracy.example.org/documents/s1/Appendix.pdf#page=9"
    assert problems(desk.archive, OWN, NOW) == []


def test_disabled_rules_are_silent(desk: Desk) -> None:
    desk.edition(turned())
    assert [alert.rule for alert in desk.due(replace(KENT, disabled=["new_red"]))] == ["new_report"]


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"sql": "delete from alerts"}, "refused"),
        ({"sql": "select * from nowhere"}, "no such table"),
        ({"sql": "select name from kpi_history"}, "needs a column `key`"),
        ({"sql": "select 1 as key, load_extension('x')"}, "refused"),
        ({"title": "{nmae}"}, "'nmae' is undefined"),
        ({"title": "{% if %}"}, "title: "),
        ({"title": "{''.__class__.__mro__}"}, "text cannot be filled in"),
        ({"name": "new_red"}, "taken"),
    ],
)
def test_what_is_wrong_with_a_rule_is_said_before_it_is_trusted(
    desk: Desk, changes: dict[str, Any], problem: str
) -> None:
    desk.edition(turned())
    (found,) = problems(desk.archive, replace(OWN, options={"below": 99}, **changes), NOW)
    assert problem in found


def test_a_rule_that_never_ends_is_stopped(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("monitor.rules.SECONDS", 0.05)
    endless = "with recursive n(x) as (select 1 union all select x + 1 from n) select max(x) as key from n"
    (found,) = problems(desk.archive, replace(OWN, sql=endless), NOW)
    assert "took longer" in found


def test_a_rule_that_fails_does_not_silence_the_others(desk: Desk) -> None:
    desk.edition(turned())
    with pytest.raises(RulesFailed) as failed:
        judge(desk.archive, replace(KENT, custom=[replace(OWN, sql="select")]), NOW)
    assert [alert.rule for alert in failed.value.alerts] == ["new_report", "new_red"]
    assert [failure.rule for failure in failed.value.failures] == ["ehcp-below-40"]


def test_control_characters_and_line_breaks_cannot_leave_the_title(desk: Desk) -> None:
    readings = [measured("1%", "90%", "85%", RED, name="Bad\r\nBcc: all\x07 \u202ename", previous_rag=GREEN)]
    desk.edition(readings)
    (alert,) = desk.of("new_red")
    assert alert.title.startswith("RED: Bad Bcc: all name, 1%")


def test_every_rule_says_what_it_tells() -> None:
    for name, rule in RULES.items():
        assert rule.name == name
        assert rule.says.endswith(".")
        assert "{" not in rule.says


def test_two_councils_do_not_mix(desk: Desk) -> None:
    desk.edition(turned())
    desk.edition(turned(), council="medway", key="moderngov:medway:s1")
    keys = [alert.key for alert in desk.of("new_red")]
    assert [key.split(":")[0] for key in keys] == ["kent", "medway"]


def test_counts_in_minutes_and_cover_are_checked_through_the_archive(desk: Desk) -> None:
    short = RagCount(
        stated_in=row(None, "0 0 0 0 0 0").stated_in,
        financial_year="2026/27",
        quarter=2,
        service=None,
        green=9,
        amber=4,
        red=5,
        total=19,
        quote="Of the 19 KPIs, 9 were green, 4 amber and 5 red.",
    )
    explained = "Of the 19 KPIs, 9 were green, 4 amber and 5 red. One indicator had no data."
    desk.put([short], kind=Kind.MINUTES, title="Minutes of another day", text=explained)
    assert desk.of("discrepancy") == []
    desk.put([short], kind=Kind.MINUTES, title="Minutes", text="Of the 19 KPIs, 9 were green, 4 amber and 5 red.")
    (alert,) = desk.of("discrepancy")
    assert alert.evidence["document_title"] == "Minutes"
    assert alert.url == "https://democracy.example.org/documents/s2/Appendix.pdf"
