"""Rules about a new edition of the report: each tells its news once, and is silent beside it."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from db import open_archive
from monitor.rules import RULES
from parsers.records import Fact, Kind, KpiReading, Outcome, Risk, RiskLevel
from tests.desk import KENT, NOW, Desk, turned
from tests.test_checks import AMBER, DOWN, FLAT, GREEN, RED, UP, measured, reading, report

BEFORE = {"quarter": 1, "published": date(2026, 9, 20), "at": NOW - timedelta(days=70)}
LISTS = ("rag_worsened", "rag_improved", "worsening_trend", "goalposts_moved", "long_red", "risk_raised")


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with open_archive(tmp_path / "archive") as archive:
        yield Desk(archive)


def rated(rag: Any, name: str = "Gullies cleaned", **changes: Any) -> KpiReading:
    value = {GREEN: "95%", AMBER: "87%", RED: "80%"}[rag]
    return measured(value, "90%", "85%", rag, name=name, **changes)


def before_and_now(desk: Desk, before: list[KpiReading], now: list[KpiReading], **how: Any) -> None:
    """The report of the quarter before, told and done, then the new one."""
    desk.edition(before, **BEFORE)
    desk.due(now=NOW - timedelta(days=69))
    desk.edition(now, **how)


MOVES: dict[str, tuple[list[KpiReading], list[KpiReading]]] = {
    "rag_worsened": ([rated(GREEN)], [rated(AMBER)]),
    "rag_improved": ([rated(RED)], [rated(AMBER)]),
    "worsening_trend": ([rated(GREEN, direction=FLAT)], [rated(GREEN, direction=DOWN)]),
    "goalposts_moved": (
        [measured("95%", "90%", "85%", GREEN, name="Gullies cleaned")],
        [measured("95%", "88%", "85%", GREEN, name="Gullies cleaned")],
    ),
}


@pytest.mark.parametrize("rule", MOVES)
def test_a_list_of_an_edition_is_told_once(desk: Desk, rule: str) -> None:
    before, now = MOVES[rule]
    before_and_now(desk, before, now)
    (alert,) = desk.of(rule)
    assert alert.key == "kent:2026/27:2"
    assert "Gullies cleaned" in alert.title and alert.title.endswith(", Q2 2026/27")
    assert (alert.evidence["page"], alert.evidence["bbox"]) == (9, "[50.0, 100.0, 540.0, 240.0]")
    assert alert.url == "https://democracy.example.org/documents/s2/Appendix.pdf#page=9"
    assert desk.due() == [] == desk.due(now=NOW + timedelta(days=1))


@pytest.mark.parametrize("rule", MOVES)
def test_the_same_edition_again_in_a_pack_or_mirror_or_re_issue_tells_nothing(desk: Desk, rule: str) -> None:
    before, now = MOVES[rule]
    before_and_now(desk, before, now)
    assert len(desk.of(rule)) == 1
    where = "https://democracy.example.org/documents/g9/Pack.pdf"
    desk.edition(now, key="moderngov:kent:g9", url=where)
    desk.edition(now, key="moderngov:other:s2", url="https://other.example.org/documents/s2/A.pdf")
    desk.edition(now, key="moderngov:kent:s2")
    assert desk.due() == []


@pytest.mark.parametrize("rule", MOVES)
def test_a_report_that_is_too_old_or_not_to_be_trusted_or_on_a_part_of_the_council_tells_nothing(
    desk: Desk, rule: str
) -> None:
    before, now = MOVES[rule]
    desk.edition(before, **BEFORE)
    desk.due(now=NOW - timedelta(days=69))
    desk.put([report(scope="Highways"), *now], kind=Kind.DASHBOARD)
    desk.edition(now, outcome=Outcome.QUARANTINED, note="one indicator short")
    desk.edition(now, published=date(2026, 10, 1))
    assert [alert.rule for alert in desk.due()] == ["quarantined"]


@pytest.mark.parametrize("rule", MOVES)
def test_an_older_report_that_comes_in_later_makes_no_news_of_the_newer_one(desk: Desk, rule: str) -> None:
    before, now = MOVES[rule]
    desk.edition(now)
    assert rule not in [alert.rule for alert in desk.due()]
    desk.edition(before, quarter=1, published=None)
    assert desk.due() == []


@pytest.mark.parametrize("rule", MOVES)
def test_the_first_report_of_all_has_nothing_to_be_compared_with(desk: Desk, rule: str) -> None:
    desk.edition(MOVES[rule][1])
    assert [alert.rule for alert in desk.due()] == ["new_report"]


def test_reading_again_with_another_result_is_no_news(desk: Desk) -> None:
    desk.edition([rated(GREEN)], **BEFORE)
    desk.due(now=NOW - timedelta(days=69))
    version = desk.edition([rated(GREEN)])
    desk.due()
    desk.read_again(version, [report(), rated(RED, direction=DOWN)])
    assert [alert.rule for alert in desk.due()] == []


def test_what_was_held_back_is_told_when_it_can_be_read_at_last(desk: Desk) -> None:
    desk.edition([rated(AMBER)], **BEFORE)
    desk.due(now=NOW - timedelta(days=69))
    version = desk.edition([rated(RED)], outcome=Outcome.QUARANTINED, note="no direction on page 9")
    assert [alert.rule for alert in desk.due()] == ["quarantined"]
    desk.read_again(version, [report(), rated(RED)])
    assert sorted(alert.rule for alert in desk.due()) == ["new_red", "new_report"]


def test_red_amber_red_is_told_each_time(desk: Desk) -> None:
    told = []
    for number, rag in enumerate((AMBER, RED, AMBER, RED)):
        now = NOW + timedelta(days=91 * number)
        year, quarter = [("2026/27", 2), ("2026/27", 3), ("2026/27", 4), ("2027/28", 1)][number]
        desk.edition([rated(rag)], year, quarter, published=now.date(), at=now)
        told.append(sorted(alert.rule for alert in desk.due(now=now)))
    assert told == [
        ["new_report"],
        ["new_red", "new_report"],
        ["new_report", "rag_improved"],
        ["new_red", "new_report"],
    ]


def test_a_turn_to_red_is_one_alert_and_stands_in_no_list(desk: Desk) -> None:
    before_and_now(desk, [rated(GREEN, direction=FLAT)], [rated(RED, direction=DOWN)])
    found = desk.due()
    assert sorted(alert.rule for alert in found) == ["new_red", "new_report"]
    assert {alert.rule: alert.severity for alert in found} == {"new_red": "high", "new_report": "medium"}


def test_lists_name_the_first_and_count_the_others(desk: Desk) -> None:
    names = ("Gullies cleaned", "Bins emptied", "Lamps mended")
    before_and_now(desk, [rated(GREEN, name) for name in names], [rated(AMBER, name) for name in names])
    (alert,) = desk.of("rag_worsened")
    assert alert.title == "Green to Amber: Gullies cleaned and 2 more, Q2 2026/27"
    assert alert.body.splitlines()[1] == "- Bins emptied (Highways): Green to Amber, 87% after 95%, target 90%"
    assert [row["name"] for row in alert.evidence["rows"]] == list(names)


def test_better_says_from_what_to_what(desk: Desk) -> None:
    before_and_now(desk, [rated(RED), rated(AMBER, "Bins")], [rated(GREEN), rated(GREEN, "Bins")])
    (alert,) = desk.of("rag_improved")
    assert alert.title == "Rated better: Gullies cleaned, Red to Green and 1 more, Q2 2026/27"
    assert "- Bins (Highways): Amber to Green, 95% after 87%, target 90%" in alert.body


def test_better_by_an_easier_target_says_so(desk: Desk) -> None:
    easier = measured("87%", "85%", "80%", GREEN, name="Gullies cleaned", previous_rag=AMBER, previous_text="87%")
    before_and_now(desk, [rated(AMBER)], [easier])
    (alert,) = desk.of("rag_improved")
    assert "Amber to Green, 87% after 87%, target 85% (before 90%)" in alert.body


# --- worsening_trend -----------------------------------------------------------------------


@pytest.mark.parametrize(("before", "due"), [(UP, True), (FLAT, True), (DOWN, False), (None, False)])
def test_a_trend_is_news_when_it_was_another_before(desk: Desk, before: Any, due: bool) -> None:
    before_and_now(desk, [rated(GREEN, direction=before)], [rated(AMBER, direction=DOWN)])
    assert bool(desk.of("worsening_trend")) is due


def test_a_trend_of_what_is_red_is_not_told_beside_the_red(desk: Desk) -> None:
    before_and_now(desk, [rated(RED, direction=FLAT)], [rated(RED, direction=DOWN)])
    assert desk.of("worsening_trend") == []


def test_a_value_that_fell_is_no_trend(desk: Desk) -> None:
    now = [measured("91%", "90%", "85%", GREEN, name="Gullies cleaned", direction=FLAT, previous_text="95%")]
    before_and_now(desk, [rated(GREEN, direction=FLAT)], now)
    assert desk.of("worsening_trend") == []


# --- long_red ------------------------------------------------------------------------------

QUARTERS = [(f"{year}/{year - 1999}", quarter) for year in range(2024, 2028) for quarter in (1, 2, 3, 4)]


def streak(desk: Desk, ratings: str, *, skip: tuple[int, ...] = (), printed: tuple[int, ...] = ()) -> list[int]:
    """At which of the quarters, from 0, the rule tells something; r is Red, a Amber.

    Those of *skip* are not held, those of *printed* print that the quarter before was Red.
    """
    told = []
    for number, letter in enumerate(ratings):
        if number in skip:
            continue
        now = NOW + timedelta(days=91 * number)
        year, quarter = QUARTERS[number]
        row = rated(RED if letter == "r" else AMBER, previous_rag=RED if number in printed else None)
        desk.edition([row], year, quarter, published=now.date(), at=now)
        told += [number for alert in desk.due(now=now) if alert.rule == "long_red"]
    return told


def test_long_red_is_told_after_four_quarters_and_then_each_year(desk: Desk) -> None:
    assert streak(desk, "rrrrrrrrrrrrrr") == [3, 7, 11]


def test_a_quarter_that_is_not_red_begins_anew(desk: Desk) -> None:
    assert streak(desk, "rrrarrrrr") == [7]


def test_a_report_that_is_not_held_breaks_the_row(desk: Desk) -> None:
    assert streak(desk, "rrrrr", skip=(2,)) == []


def test_a_report_that_is_not_held_is_bridged_by_the_rating_that_the_next_one_prints(desk: Desk) -> None:
    assert streak(desk, "rrrrr", skip=(3,), printed=(4,)) == [4]


def test_what_the_first_report_prints_of_the_quarter_before_counts(desk: Desk) -> None:
    assert streak(desk, "rrrrr", printed=(0,)) == [2]


def test_long_red_says_how_long_and_the_operator_says_what_is_long(desk: Desk) -> None:
    settings = replace(KENT, options={"long_red": {"quarters": 2}})
    desk.edition([rated(RED)], **BEFORE)
    desk.due(settings, now=NOW - timedelta(days=69))
    desk.edition([rated(RED)])
    (alert,) = desk.of("long_red", settings)
    assert alert.title == "Red for 2 quarters in a row: Gullies cleaned, Q2 2026/27"
    assert alert.severity == "medium"


def test_long_red_does_not_say_of_all_what_is_true_of_the_first(desk: Desk) -> None:
    settings = replace(KENT, options={"long_red": {"quarters": 1}})
    for number, (year, quarter) in enumerate(QUARTERS[:5]):
        now = NOW + timedelta(days=91 * number)
        bins = rated(RED if number == 4 else AMBER, "Bins")
        desk.edition([rated(RED), bins], year, quarter, published=now.date(), at=now)
        told = desk.of("long_red", settings, now=now)
    assert [one.title for one in told] == ["Red for 1 to 5 quarters in a row: Gullies cleaned and 1 more, Q1 2025/26"]


def test_years_that_are_filled_in_later_make_nothing_long_red(desk: Desk) -> None:
    desk.edition([rated(RED, previous_rag=RED)])
    desk.due()
    for year, quarter in (("2026/27", 1), ("2025/26", 4), ("2025/26", 3), ("2025/26", 2)):
        desk.edition([rated(RED)], year, quarter, published=None)
    assert desk.due() == []


# --- goalposts_moved -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "now", "title"),
    [
        (("90%", "85%"), ("88%", "85%"), "Made easier: Gullies cleaned, target 90% to 88%, Q2 2026/27"),
        (("90%", "85%"), ("90%", "80%"), "Made easier: Gullies cleaned, floor standard 85% to 80%, Q2 2026/27"),
        (("90%", "85%"), ("92%", "86%"), None),
        (("180", "240"), ("200", "240"), "Made easier: Gullies cleaned, target 180 to 200, Q2 2026/27"),
        (("180", "240"), ("170", "230"), None),
        (("90%", "85%"), ("90.0 %", "85%"), None),
    ],
)
def test_which_way_is_easier_is_told_by_target_and_floor(
    desk: Desk, before: tuple[str, str], now: tuple[str, str], title: str | None
) -> None:
    def row(goal: tuple[str, str]) -> KpiReading:
        return measured("95", *goal, GREEN, name="Gullies cleaned", unit="%" if "%" in goal[0] else None)

    before_and_now(desk, [row(before)], [row(now)])
    assert [alert.title for alert in desk.of("goalposts_moved")] == ([title] if title else [])


@pytest.mark.parametrize(
    ("value", "rag", "target", "due"),
    [("95%", GREEN, "80%", True), ("70%", GREEN, "80%", False), ("95%", RED, "80%", False), ("95%", RED, "94%", True)],
)
def test_without_a_floor_the_rating_says_which_side_is_better(
    desk: Desk, value: str, rag: Any, target: str, due: bool
) -> None:
    name = {"name": "Gullies cleaned"}
    before = measured(value, "90%", None, rag, **name)
    before_and_now(desk, [before], [measured(value, target, None, rag, **name)])
    assert bool(desk.of("goalposts_moved")) is due


def test_a_target_in_another_unit_is_not_compared(desk: Desk) -> None:
    before = measured("95%", "90%", "85%", GREEN, name="Gullies cleaned")
    before_and_now(desk, [before], [replace(before, target=40.0, target_text="40", floor=30.0, unit=None)])
    assert desk.of("goalposts_moved") == []


def test_a_range_that_begins_lower_is_easier(desk: Desk) -> None:
    row = reading("Gullies cleaned", GREEN, value=45.0, target_low=40.0, target_high=50.0, lower_is_better=False)
    row = replace(row, target_text="40 - 50")
    before_and_now(desk, [row], [replace(row, target_low=35.0, target_text="35 - 50")])
    (alert,) = desk.of("goalposts_moved")
    assert alert.title == "Made easier: Gullies cleaned, target 40 - 50 to 35 - 50, Q2 2026/27"


def many(*names: str) -> list[KpiReading]:
    words = ("Libraries visited", "Trees planted", "Bins emptied", "Lamps mended", "Calls answered", "Forms online")
    return [rated(GREEN, name) for name in (*words, *names)]


def test_an_indicator_that_is_gone_is_told(desk: Desk) -> None:
    before_and_now(desk, many("Ofsted: care leavers"), many("Weather stations"))
    (alert,) = desk.of("goalposts_moved")
    assert alert.title == "No longer reported: Ofsted: care leavers, Q2 2026/27"
    assert "Compared with the report for Q1 2026/27:\n- no longer in the report: Ofsted: care leavers" in alert.body


def test_an_indicator_that_may_be_another_under_a_new_name_is_not_said_to_be_gone(desk: Desk) -> None:
    old, new = "Percentage of care leavers in touch at age 19", "Percentage of care leavers in touch at age 19 and 20"
    before_and_now(desk, many(old), many(new))

    assert len(desk.archive.rows("select * from kpi_proposals")) == 1
    assert desk.of("goalposts_moved") == []


def test_an_excerpt_of_a_report_drops_nothing(desk: Desk) -> None:
    before_and_now(desk, many("Ofsted: care leavers", "Weather stations"), many()[:5])
    assert desk.of("goalposts_moved") == []


def test_a_report_that_says_how_many_it_holds_may_drop_many(desk: Desk) -> None:
    desk.edition(many("Ofsted: care leavers", "Weather stations"), **BEFORE)
    desk.due(now=NOW - timedelta(days=69))
    desk.put([replace(report(), kpi_total=5), *many()[:5]])
    (alert,) = desk.of("goalposts_moved")
    assert alert.title == "No longer reported: Forms online and 2 more, Q2 2026/27"


def test_another_spelling_is_no_renaming_and_a_new_name_that_the_paper_ties_to_the_old_is(desk: Desk) -> None:
    before = [rated(GREEN, "Percentage of gullies cleaned"), rated(GREEN, "Repairs in time")]
    now = [
        rated(GREEN, "% of Gullies cleaned"),
        rated(GREEN, "Potholes mended within 28 days", headline_name="Repairs in time", headline_page=4),
    ]
    before_and_now(desk, before, now)
    (alert,) = desk.of("goalposts_moved")
    assert alert.title == "Renamed: Repairs in time, now Potholes mended within 28 days, Q2 2026/27"


# --- risk_raised ---------------------------------------------------------------------------


def risk(code: str, change: str | None = None, **more: Any) -> Risk:
    return Risk(**{"code": code, "title": f"Risk {code}", "change": change, "level": None, "page": 66} | more)


def register(desk: Desk, risks: list[Fact], day: date, **how: Any) -> int:
    how = {"kind": Kind.RISK_REGISTER, "published": day, "title": "Corporate Risk Register"} | how
    return desk.put(risks, **how)


def test_risks_that_a_report_says_are_new_or_increased_are_one_alert(desk: Desk) -> None:
    levels = [
        RiskLevel(as_at=date(2026, 7, 1), low=0, medium=5, high=12, page=66),
        RiskLevel(as_at=date(2026, 10, 1), low=0, medium=4, high=14, page=66),
    ]
    risks = [risk("CRR0003", "increased", level="high"), risk("CRR0065", "new"), risk("CRR0061", "withdrawn")]
    desk.edition([rated(GREEN)], more=[*levels, *risks])
    (alert,) = desk.of("risk_raised")
    assert alert.title == "Corporate risk new: CRR0065 Risk CRR0065 and 1 more, Q2 2026/27"
    assert alert.body.splitlines()[:3] == [
        "- new: CRR0065 Risk CRR0065",
        "- increased: CRR0003 Risk CRR0003, high",
        "- rated High: 12 to 14 corporate risks",
    ]
    assert desk.due() == []


def test_more_high_risks_alone_are_told_and_fewer_are_not(desk: Desk) -> None:
    def at(day: date, high: int) -> RiskLevel:
        return RiskLevel(as_at=day, low=0, medium=4, high=high, page=66)

    desk.edition([rated(GREEN)], more=[at(date(2026, 7, 1), 12), at(date(2026, 10, 1), 13)])
    (alert,) = desk.of("risk_raised")
    assert alert.title == "More corporate risks are High: 12 to 13, Q2 2026/27"
    later = NOW + timedelta(days=90)
    desk.edition([rated(GREEN)], quarter=3, more=[at(date(2027, 1, 1), 11)], published=later.date(), at=later)
    assert "risk_raised" not in [alert.rule for alert in desk.due(now=later)]


def test_a_register_is_held_against_the_one_before(desk: Desk) -> None:
    old: list[Fact] = [risk("CRR0001", score=12), risk("CRR0002", score=16), risk("CRR0003", level="medium")]
    register(desk, old, date(2026, 8, 1), at=NOW - timedelta(days=120))
    assert desk.of("risk_raised", now=NOW - timedelta(days=119)) == []  # the first says nothing of what rose
    now: list[Fact] = [
        risk("CRR0001", score=20),
        risk("CRR0002", score=16),
        risk("CRR0003", level="high"),
        risk("CRR0066", score=9),
    ]
    register(desk, now, date(2026, 12, 1))
    (alert,) = desk.of("risk_raised")
    assert alert.title == "Corporate risk new: CRR0066 Risk CRR0066 and 2 more"
    assert "- increased: CRR0001 Risk CRR0001, rated 20 after 12\n" in alert.body
    assert "- increased: CRR0003 Risk CRR0003, high after medium\n" in alert.body
    register(desk, now, date(2026, 12, 1), key="moderngov:other:s2", url="https://other.example.org/documents/s2/R.pdf")
    register(desk, old, date(2026, 5, 1))
    assert desk.of("risk_raised") == []


def test_two_copies_of_one_register_are_not_held_against_each_other(desk: Desk) -> None:
    register(desk, [risk("CRR0001", score=12)], date(2026, 8, 1), at=NOW - timedelta(days=120))
    for number in (1, 2):
        register(desk, [risk("CRR0001", score=20)], date(2026, 12, 1), key=f"moderngov:site{number}:s900")
    assert [alert.title for alert in desk.of("risk_raised")] == ["Corporate risk raised: CRR0001 Risk CRR0001"]


def test_what_the_report_told_is_not_told_again_by_the_register(desk: Desk) -> None:
    register(desk, [risk("CRR0001", score=12)], date(2026, 8, 1), at=NOW - timedelta(days=120))
    desk.due(now=NOW - timedelta(days=119))
    desk.edition([rated(GREEN)], more=[risk("CRR0065", "new")])
    assert len(desk.of("risk_raised")) == 1
    register(desk, [risk("CRR0001", score=12), risk("CRR0065", score=9)], date(2026, 12, 4))
    assert desk.of("risk_raised") == []


# --- the digest ----------------------------------------------------------------------------


def test_all_rules_that_are_designed_are_there() -> None:
    designed = (
        "new_red rag_worsened rag_improved long_red goalposts_moved worsening_trend public_report"
        " ombudsman_statistics compliance_below_full upheld_above_average new_improvement complaints_jump new_report"
        " document_changed discrepancy risk_raised news_story report_overdue source_silent source_failing quarantined"
    )
    assert set(RULES) == set(designed.split())


def test_a_first_report_with_thirty_eight_indicators_is_a_handful_of_alerts(desk: Desk) -> None:
    rows = [rated(RED if n < 9 else GREEN, f"Indicator {n}", previous_rag=RED if n < 7 else GREEN) for n in range(38)]
    desk.edition(rows)
    assert sorted(alert.rule for alert in desk.due()) == ["new_red", "new_red", "new_report"]


def test_a_dashboard_is_no_edition_of_the_report(desk: Desk) -> None:
    desk.put([report(scope="Highways"), *turned()], kind=Kind.DASHBOARD)
    assert desk.due() == []
