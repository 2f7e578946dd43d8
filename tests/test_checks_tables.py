"""Checks of tables beside each other and beside what is said of them in words."""

from dataclasses import replace
from datetime import date

import pytest

from db import Discrepancy
from monitor.checks import check
from monitor.facts import Paper
from parsers.records import Figure, KpiReading, Risk, RiskLevel
from tests.test_checks import AMBER, GREEN, RED, cell, measured, names, only, paper, reading, report, row

# --- summary_adds_up: where rows and pages cannot be brought together --------------------------

UNDER_OTHER_NAMES = [replace(reading(str(n), rag), service="Streets") for n, rag in enumerate([GREEN, AMBER, RED])]
ROADS, PARKS, TOTAL = row("Roads", "1 1 0 0 2 0"), row("Parks", "0 0 1 0 1 0"), row(None, "1 1 1 0 3 0")


def test_columns_of_a_summary_that_do_not_make_its_total_are_told() -> None:
    assert check([paper(UNDER_OTHER_NAMES, [ROADS, PARKS, TOTAL])]) == []
    wrong = replace(PARKS, amber=1)
    found = only(check([paper(UNDER_OTHER_NAMES, [ROADS, wrong, TOTAL])]))
    assert (found.check_name, found.stated, found.computed) == ("summary_adds_up", "1 Amber", "2 Amber")
    assert found.explanation == "The last row of the summary table gives 1 Amber; the rows above it add up to 2 Amber."


def test_a_summary_of_which_most_columns_are_out_was_not_read_as_printed() -> None:
    assert check([paper(UNDER_OTHER_NAMES, [ROADS, replace(PARKS, green=3, amber=3, red=3), TOTAL])]) == []


def test_a_service_whose_own_pages_begin_with_other_numbers_is_told() -> None:
    head = replace(PARKS, page=20, red=0, amber=1, quote="KPI Summary | amber 1")
    found = only(check([paper(UNDER_OTHER_NAMES, [ROADS, PARKS, TOTAL, head])]))
    assert (found.check_name, found.stated, found.computed) == ("summary_adds_up", "0 Amber, 1 Red", "1 Amber, 0 Red")
    assert (found.page, found.other_page) == (3, 20)
    assert check([paper(UNDER_OTHER_NAMES, [ROADS, PARKS, TOTAL, replace(PARKS, page=20)])]) == []


def test_where_all_rows_have_their_indicators_one_mistake_is_one_finding() -> None:
    readings = [replace(reading("a", GREEN), service="Roads"), replace(reading("b", RED), service="Parks")]
    rows = [row("Roads", "0 0 0 0 1 0"), row("Parks", "0 0 1 0 1 0"), row(None, "1 0 1 0 2 0")]
    assert names(check([paper(readings, rows)])) == ["summary_matches_rows"]


# --- parts_of_total ----------------------------------------------------------------------------

QUARTERS = {"Sep-25": 9.0, "Dec-25": 11.0, "Mar-26": 10.0, "Jun-26": 12.0, "Sep-26": 15.0}


def grouped(columns: int = 5, **changes: float) -> list[Figure]:
    """Children in care by status, with their total, and by gender below."""
    found = []
    for label, total in list(QUARTERS.items())[-columns:]:
        base = cell("x", 0, measure="children", period_label=label, period_start=None, period_end=None)
        girls, boys = total - 6, 6.0
        found += [
            replace(base, service="Local", value=total - 2),
            replace(base, service="From abroad", value=2.0),
            replace(base, service="Total", value=total, value_text=f"{total:g}", is_total=True),
            replace(base, measure="children/gender", service="Male", value=boys),
            replace(base, measure="children/gender", service="Female", value=changes.get(label[:3], girls)),
        ]
    return found


def test_a_grouping_that_does_not_come_to_the_total_of_its_column_is_told() -> None:
    assert check([paper(figures=grouped())]) == []
    found = only(check([paper([reading()], figures=grouped(Jun=7.0))]))
    assert (found.check_name, found.subject) == ("parts_of_total", "Gender, Jun-26, Q2 2026/27")
    assert (found.stated, found.computed) == ("12", "13")
    assert found.explanation == ("The column “Jun-26” prints a total of 12; divided by gender, its rows add up to 13.")


def test_a_grouping_that_seldom_comes_to_the_total_does_not_divide_it() -> None:
    assert check([paper(figures=grouped(3, Jun=17.0, Sep=20.0))]) == []
    assert names(check([paper(figures=grouped(3, Jun=17.0))])) == ["parts_of_total"]


def test_one_more_in_a_grouping_may_be_rounding_where_few_columns_say_otherwise() -> None:
    assert check([paper(figures=grouped(4, Jun=7.0))]) == []
    warned = [replace(figure, tolerance=1.5) for figure in grouped(5, Jun=7.0)]
    assert check([paper(figures=warned)]) == []


# --- whole_numbers -----------------------------------------------------------------------------


def test_a_part_of_a_complaint_is_told_and_kept_as_printed() -> None:
    broken = cell("Environment", 95.3, value_text="95.3")
    found = only(check([paper(figures=[cell("Highways", 2760), broken, cell("Total", 2855)])]))
    assert (found.check_name, found.stated, found.severity) == ("whole_numbers", "95.3", "low")
    assert found.explanation == (
        "The paper prints 95.3 complaints for Environment, 12 mths to Sep 26, "
        "and complaints come in whole numbers only."
    )


@pytest.mark.parametrize(
    "figures",
    [
        [cell("Highways", 2760.0), cell("Environment", 95.0), cell("Total", 2855.0)],
        # Averages and thousands have decimals everywhere.
        [cell("Highways", 12.4, value_text="12.4"), cell("Parks", 2.5, value_text="2.5")],
        [cell("Highways", 12.0, measure="calls"), cell("Parks", 2.5, measure="calls", value_text="2.5")],
        [cell("Highways", 12.0), cell("Answered in time", 95.3, unit="%", value_text="95.3%")],
    ],
)
def test_other_decimals_are_no_part_of_a_complaint(figures: list[Figure]) -> None:
    assert check([paper(figures=figures)]) == []


# --- words_match_totals ------------------------------------------------------------------------


def totals(**values: float) -> list[Figure]:
    """Total complaints: 5,647 and 5,416 in twelve months, 1,512 and 1,047 in a quarter."""
    periods = {
        "year_before": (date(2024, 10, 1), date(2025, 9, 30), 5647.0),
        "year": (date(2025, 10, 1), date(2026, 9, 30), 5416.0),
        "quarter_before": (date(2026, 4, 1), date(2026, 6, 30), 1512.0),
        "quarter": (date(2026, 7, 1), date(2026, 9, 30), 1047.0),
    }
    return [
        cell("Total Complaints", values.get(name, value), period_label=name, period_start=start, period_end=end)
        for name, (start, end, value) in periods.items()
    ]


def in_words(sentence: str, **values: float) -> list[Discrepancy]:
    text = f"Customer Services\n\n{sentence}\n\nService 12 mths to Sep 26"
    return check([paper([reading()], figures=totals(**values), text=text)])


TOLD = [
    "Quarter 2 saw a 31% decrease in the number of complaints received compared with the previous quarter.",
    "Quarter 2 saw the number of complaints received decrease from the previous Quarter by 31%.",
    "Over the 12 months to September 2026 the number of complaints received has decreased by 4% compared to the same\n"
    "time last year.",
    "Complaints were down 31% on the quarter before.",
    "The 12 months to September 2026 saw 4% fewer complaints than the 12 months to September 2025.",
]


@pytest.mark.parametrize("sentence", TOLD)
def test_a_change_in_words_that_the_totals_make_is_quiet_and_another_is_told(sentence: str) -> None:
    assert in_words(sentence) == []
    wrong = sentence.replace("31%", "13%").replace("4%", "14%")
    found = only(in_words(wrong))
    assert found.check_name == "words_match_totals"
    assert (found.stated, found.computed) in {("13% fewer", "31% fewer"), ("14% fewer", "4% fewer")}
    assert (found.page, found.other_page) == (None, 13)
    assert "the totals of the table, " in found.explanation
    for less, more in (("decreased", "increased"), ("decrease", "increase"), ("down", "up"), ("fewer", "more")):
        if less in sentence:
            assert names(in_words(sentence.replace(less, more))) == ["words_match_totals"]
            break


@pytest.mark.parametrize(
    "sentence",
    [
        "Complaints about potholes fell by 13% compared with the previous quarter.",  # a part of them
        "Highways complaints fell by 13% compared with the previous quarter.",
        "71% of complaints were responded to within timescale, 13% more than in the previous quarter.",
        "Quarter 2 saw a 19% decrease in complaints on the same quarter last year.",  # no column shows it
        "Quarter 1 saw a 13% increase in complaints compared with the previous quarter.",  # another quarter
        "In the 12 months to June 2026 complaints decreased by 9% compared to the previous year.",  # other months
        "Complaints fell by 13%.",  # compared with what?
        "The number of complaints fell by 40% compared with last year.",  # a year, or its quarter?
        "Complaints fell by 30% compared with the previous quarter.",  # cut off, not rounded
    ],
)
def test_other_changes_in_words_are_not_judged(sentence: str) -> None:
    assert in_words(sentence) == []


def test_totals_in_thousands_may_be_rounded() -> None:
    def calls(sentence: str) -> list[Discrepancy]:
        figures = [replace(one, measure="calls", unit="thousands") for one in totals(quarter_before=3, quarter=2)]
        return check([paper([reading()], figures=figures, text=sentence)])

    # From 3 to 2 thousand is anything from a fall by 57% to none.
    assert calls("There were 50% fewer calls than in the previous quarter.") == []
    assert names(calls("There were 70% fewer calls than in the previous quarter.")) == ["words_match_totals"]


# --- risk_levels_match_changes -----------------------------------------------------------------

BEFORE, NOW = (
    RiskLevel(as_at=date(2026, 8, 1), low=0, medium=3, high=13, page=66),
    RiskLevel(as_at=date(2026, 11, 1), low=0, medium=5, high=12, page=66),
)
NEW = Risk(code="CRR0065", title="Oracle", change="new", level=None, page=66, quote="CRR0065: Oracle.")
GONE = Risk(code="CRR0061", title="Assurance", change="withdrawn", level=None, page=67, quote="CRR0061: Assurance.")


def risks(*named: Risk, levels: tuple[RiskLevel, ...] = (BEFORE, NOW)) -> Paper:
    return replace(paper([reading()]), risks=named, risk_levels=levels)


def test_a_number_of_risks_that_the_changes_do_not_make_is_told() -> None:
    found = only(check([risks(NEW, GONE)]))
    assert (found.check_name, found.stated, found.computed) == ("risk_levels_match_changes", "17 risks", "16 risks")
    assert found.severity == "low"
    assert found.explanation == (
        "The table of risk levels goes from 16 risks in August 2026 to 17 in November 2026; the changes told below it, "
        "one new and one withdrawn, would make 16."
    )


@pytest.mark.parametrize(
    "paper_of_risks",
    [
        risks(NEW),
        risks(replace(NEW, change="reduced")),  # neither new nor withdrawn: nothing is told
        risks(NEW, replace(GONE, quote="CRR0061: this risk has been merged with CRR0009.")),
        risks(NEW, GONE, levels=(NOW,)),
        risks(NEW, replace(NEW, page=67)),  # told twice, one risk
    ],
)
def test_risks_that_agree_or_were_changed_otherwise_are_quiet(paper_of_risks: Paper) -> None:
    assert check([paper_of_risks]) == []


# --- what a note says of a rating --------------------------------------------------------------

ROUNDED = measured("81%", "90%", "85%", AMBER, previous_text="86%", previous_value=86.0)


def noted(rated: KpiReading, note: str) -> list[Discrepancy]:
    return check([paper([rated], text=f"Latest: 81% Target: 90%, Floor: 85% Previous: 86% (Amber)\n{note}")])


def test_a_note_that_a_rating_is_of_other_figures_is_listened_to() -> None:
    assert names(noted(ROUNDED, "")) == ["rating_matches_value"]
    assert names(noted(ROUNDED, "Data is for twelve months.")) == ["rating_matches_value"]
    assert noted(ROUNDED, "* The RAG rating is based on the unrounded figure.") == []
    assert noted(ROUNDED, "The floor standard was revised in July.") == []


def test_a_marked_figure_of_a_dashboard_may_be_rated_by_another_month() -> None:
    marked = replace(ROUNDED, value_text="81%*")
    assert check([paper([marked], report=report(scope="Highways"))]) == []
    assert names(check([paper([ROUNDED], report=report(scope="Highways"))])) == ["rating_matches_value"]
    assert names(check([paper([marked])])) == ["rating_matches_value"]
