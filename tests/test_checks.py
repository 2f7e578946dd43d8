"""The checks, on facts as readers make them: what does not add up is found, and nothing else."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from db import Discrepancy
from monitor.checks import check
from monitor.facts import Edition, Paper
from parsers.records import Direction, Figure, KpiReading, Outcome, Rag, RagCount, Report, StatedIn
from parsers.text import quarter_period

GREEN, AMBER, RED = Rag.GREEN, Rag.AMBER, Rag.RED
UP, FLAT, DOWN = Direction.IMPROVING, Direction.STABLE, Direction.WORSENING


def report(year: str = "2026/27", quarter: int = 2, **changes: Any) -> Report:
    start, end = quarter_period(year, quarter)
    base = Report(
        title="Performance report",
        financial_year=year,
        quarter=quarter,
        period_start=start,
        period_end=end,
        kpi_total=None,
    )
    return replace(base, **changes)


def reading(name: str = "Potholes repaired in 28 days", rag: Rag | None = GREEN, **changes: Any) -> KpiReading:
    base = KpiReading(
        service="Highways",
        name=name,
        rag=rag,
        previous_rag=None,
        direction=FLAT,
        value=None,
        target=None,
        target_low=None,
        target_high=None,
        floor=None,
        previous_value=None,
        unit="%",
        value_text=None,
        target_text=None,
        floor_text=None,
        previous_text=None,
        lower_is_better=None,
        page=9,
        bbox=(50.0, 100.0, 540.0, 240.0),
    )
    return replace(base, **changes)


def measured(value: str, target: str, floor: str | None, rag: Rag | None, /, **changes: Any) -> KpiReading:
    """A reading from the figures as printed."""
    numbers = [None if t is None else float(t.strip("%£ ").replace(",", "")) for t in (value, target, floor)]
    lower = None if numbers[2] is None or numbers[1] == numbers[2] else numbers[1] < numbers[2]  # type: ignore[operator]
    texts = {"value_text": value, "target_text": target, "floor_text": floor}
    figures = {"value": numbers[0], "target": numbers[1], "floor": numbers[2], "lower_is_better": lower}
    return reading(rag=rag, **texts | figures | changes)


def row(service: str | None, cells: str, *, page: int = 3, **changes: Any) -> RagCount:
    """A row of the summary table: '2 0 1 0 2 1' for Green, Amber, Red, improving, stable, worsening."""
    green, amber, red, improving, stable, worsening = map(int, cells.split())
    base = RagCount(
        stated_in=StatedIn.REPORT,
        financial_year="2026/27",
        quarter=2,
        service=service,
        green=green,
        amber=amber,
        red=red,
        improving=improving,
        stable=stable,
        worsening=worsening,
        quote=f"{service or 'TOTAL'} | green {green} | amber {amber} | red {red}",
        page=page,
        in_table=True,
    )
    return replace(base, **changes)


def said(where: StatedIn, quote: str, **numbers: Any) -> RagCount:
    """A count out of running text."""
    about: dict[str, Any] = {"financial_year": "2026/27", "quarter": 2, "service": None, "page": 1}
    return RagCount(stated_in=where, quote=quote, **about | numbers)


def cell(service: str, value: float | None, **changes: Any) -> Figure:
    base = Figure(
        measure="complaints",
        service=service,
        period_label="12 mths to Sep 26",
        period_start=date(2025, 10, 1),
        period_end=date(2026, 9, 30),
        value=value,
        unit=None,
        value_text=None if value is None else f"{value:,.0f}",
        is_total=service.startswith("Total"),
        page=13,
        bbox=(50.0, 300.0, 540.0, 312.0),
    )
    return replace(base, **changes)


def paper(
    readings: Sequence[KpiReading] = (),
    counts: Sequence[RagCount] = (),
    figures: Sequence[Figure] = (),
    **changes: Any,
) -> Paper:
    edition = changes.pop("report", report()) if readings else None
    return Paper(
        version_id=changes.pop("version_id", 1),
        council="kent",
        title="Appendix 1",
        url="https://democracy.example.org/documents/s1/Appendix.pdf",
        outcome=changes.pop("outcome", Outcome.READ),
        editions=(Edition(report=edition, readings=tuple(readings)),) if edition else (),
        counts=tuple(counts),
        figures=tuple(figures),
        **changes,
    )


def names(found: Sequence[Discrepancy]) -> list[str]:
    return [discrepancy.check_name for discrepancy in found]


def only(found: Sequence[Discrepancy]) -> Discrepancy:
    assert len(found) == 1, found
    return found[0]


# --- counts_add_up -------------------------------------------------------------------------


def test_minutes_whose_ratings_fall_short_of_their_total_are_told_with_both_sides() -> None:
    quote = "Of the 19 KPIs 9 were green, 4 amber and 5 red."
    found = only(check([paper(counts=[said(StatedIn.MINUTES, quote, green=9, amber=4, red=5, total=19)])]))
    assert found.check_name == "counts_add_up"
    assert (found.subject, found.stated, found.computed, found.page) == (
        "All indicators, Q2 2026/27",
        "19 indicators",
        "9 Green + 4 Amber + 5 Red = 18",
        1,
    )
    assert found.explanation == (
        "According to the minutes there are 19 indicators, "
        "but the ratings given there add up to 18 (9 Green + 4 Amber + 5 Red = 18)."
    )


def test_ratings_that_add_up_are_quiet() -> None:
    quote = "Of the 38 KPIs, 17 were Green, 12 Amber and 9 Red; 10 improving, 22 stable, 6 worsening."
    numbers = {"green": 17, "amber": 12, "red": 9, "improving": 10, "stable": 22, "worsening": 6, "total": 38}
    assert check([paper(counts=[said(StatedIn.COVER, quote, **numbers)])]) == []


@pytest.mark.parametrize(
    "explanation",
    [
        "Of the 40 KPIs 17 were Green, 14 Amber, 8 Red and one had no data at time of publication.",
        "Of the 40 KPIs 17 were Green, 14 Amber, 8 Red. One KPI was not RAG rated.",
        "Of the 40 KPIs 17 were Green, 14 Amber and 8 Red; data was not yet available for one.",
    ],
)
def test_an_indicator_without_rating_that_the_document_mentions_explains_the_gap(explanation: str) -> None:
    numbers = {"green": 17, "amber": 14, "red": 8, "total": 40}
    assert check([paper(counts=[said(StatedIn.MINUTES, explanation, **numbers)])]) == []


def test_the_explanation_may_stand_in_a_later_sentence_of_the_minutes() -> None:
    count = said(
        StatedIn.MINUTES, "Of the 40 KPIs 17 were Green, 14 Amber, 8 Red.", green=17, amber=14, red=8, total=40
    )
    assert names(check([paper(counts=[count])])) == ["counts_add_up"]
    text = "Of the 40 KPIs 17 were Green, 14 Amber, 8 Red. The remaining\nindicator had no\ndata. Thanks were given."
    assert check([paper(counts=[count], text=text)]) == []


def test_an_unrated_row_of_the_report_explains_the_gap_in_the_minutes_whichever_comes_first() -> None:
    count = said(StatedIn.MINUTES, "3 KPIs, 1 Green, 1 Amber, no Red.", green=1, amber=1, red=0, total=3)
    minutes = paper(counts=[count], version_id=2)
    its_report = paper([reading("A", GREEN), reading("B", AMBER), reading("C", None)])
    assert names(check([minutes])) == ["counts_add_up"]
    assert check([minutes, its_report]) == []
    assert check([its_report, minutes]) == []


def test_more_ratings_than_indicators_have_no_excuse() -> None:
    quote = "Of the 38 KPIs, 20 were Green, 12 Amber and 9 Red, one without data."
    found = check([paper(counts=[said(StatedIn.COVER, quote, green=20, amber=12, red=9, total=38)])])
    assert names(found) == ["counts_add_up"]


def test_directions_are_added_up_too() -> None:
    quote = "38 KPIs: 10 improving, 20 stable and 6 worsening."
    found = only(check([paper(counts=[said(StatedIn.COVER, quote, improving=10, stable=20, worsening=6, total=38)])]))
    assert found.computed == "10 improving + 20 stable + 6 worsening = 36"


def test_numbers_that_are_not_given_are_not_missing() -> None:
    count = said(StatedIn.MINUTES, "Of the 35 KPIs 22 were Green and 3 Red.", green=22, red=3, total=35)
    assert check([paper(counts=[count])]) == []


def test_the_total_row_is_held_against_the_number_on_the_key_page() -> None:
    readings = [reading("A", GREEN), reading("B", AMBER), reading("C", RED)]
    found = check([paper(readings, [row(None, "1 1 1 0 3 0")], report=report(kpi_total=4))])
    # Ratings and directions both come to three: one contradiction, not two.
    assert only(found).stated == "4 indicators"
    assert only(found).computed == "1 Green + 1 Amber + 1 Red = 3; 0 improving + 3 stable + 0 worsening = 3"


# --- summary_matches_rows ------------------------------------------------------------------

SERVICE = [reading("A", GREEN), reading("B", GREEN, direction=UP), reading("C", RED, direction=DOWN, page=11)]


def test_a_summary_row_that_differs_from_its_indicators_is_told_with_both_pages() -> None:
    found = only(check([paper(SERVICE, [row("Highways", "3 0 0 1 1 1")])]))
    assert (found.check_name, found.subject) == ("summary_matches_rows", "Highways, Q2 2026/27")
    assert (found.stated, found.computed) == ("3 Green, 0 Red", "2 Green, 1 Red")
    assert (found.page, found.other_page) == (3, 9)
    assert "gives 3 Green, 0 Red for Highways" in found.explanation


def test_summary_rows_that_agree_are_quiet_however_the_service_is_spelt() -> None:
    readings = [replace(r, service="Growth, Economic Development & Communities") for r in SERVICE]
    rows = [row("Growth Economic Development and  Communities", "2 0 1 1 1 1"), row(None, "2 0 1 1 1 1")]
    assert check([paper(readings, rows)]) == []


def test_the_total_row_is_compared_with_all_indicators() -> None:
    found = only(check([paper(SERVICE, [row(None, "2 1 0 1 1 1")])]))
    assert found.subject == "All indicators, Q2 2026/27"
    assert (found.stated, found.computed) == ("1 Amber, 0 Red", "0 Amber, 1 Red")


def test_a_direction_that_could_not_be_read_may_be_any() -> None:
    readings = [*SERVICE[:2], replace(SERVICE[2], direction=None)]
    assert check([paper(readings, [row("Highways", "2 0 1 1 1 1")])]) == []
    assert check([paper(readings, [row("Highways", "2 0 1 1 2 0")])]) == []
    assert names(check([paper(readings, [row("Highways", "2 0 1 3 0 0")])])) == ["summary_matches_rows"]


def test_a_service_that_its_pages_name_otherwise_is_not_judged() -> None:
    assert check([paper(SERVICE, [row("Roads", "5 5 5 5 5 5")])]) == []


def test_running_text_is_no_summary_row() -> None:
    count = said(StatedIn.REPORT, "Two of the eight indicators met target.", service="Highways", green=2, total=8)
    assert names(check([paper([reading(str(n)) for n in range(8)], [count])])) == ["narrative_matches_table"]


# --- rating_matches_value ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "target", "floor", "rag"),
    [
        ("97%", "97%", "90%", GREEN),  # at target
        ("75%", "80%", "75%", AMBER),  # at floor
        ("10.5%", "9.0%", "10.5%", AMBER),  # lower is better, at floor
        ("180", "180", "240", GREEN),  # lower is better, at target
        ("0.04%", "0.05%", "0.06%", GREEN),
        ("5,473", "5,000", "4,000", GREEN),
        ("34%", "60%", "55%", RED),
        # What was rounded may lie on the other side of an edge.
        ("90%", "90%", "85%", AMBER),
        ("85%", "90%", "85%", RED),
        ("90%", "90.4%", "85%", GREEN),
        ("89.9%", "89.94%", "85%", GREEN),
        ("28", "28", "35", AMBER),
    ],
)
def test_a_rating_that_the_figures_allow_is_quiet(value: str, target: str, floor: str, rag: Rag) -> None:
    assert check([paper([measured(value, target, floor, rag)])]) == []


@pytest.mark.parametrize(
    ("value", "target", "floor", "rag", "expected"),
    [
        ("81%", "90%", "85%", AMBER, "Red"),
        ("86%", "90%", "85%", GREEN, "Amber"),
        ("95%", "90%", "85%", AMBER, "Green"),
        ("250", "180", "240", AMBER, "Red"),  # lower is better
        ("170", "180", "240", RED, "Green"),
        ("90%", "90%", "85%", RED, "Green or Amber"),
        ("89.0%", "89.4%", "85%", GREEN, "Amber"),  # printed with a decimal, so not rounded up
    ],
)
def test_a_rating_that_the_figures_rule_out_is_told(
    value: str, target: str, floor: str, rag: Rag, expected: str
) -> None:
    found = only(check([paper([measured(value, target, floor, rag)])]))
    assert (found.check_name, found.computed) == ("rating_matches_value", expected)
    assert found.stated == f"{rag.capitalize()} at {value} with target {target} and floor standard {floor}"
    assert found.page == 9


def test_a_flattering_rating_weighs_more_than_a_harsh_one() -> None:
    assert only(check([paper([measured("81%", "90%", "85%", AMBER)])])).severity == "high"
    assert only(check([paper([measured("95%", "90%", "85%", AMBER)])])).severity == "medium"


def test_the_explanation_is_for_lay_readers() -> None:
    found = only(check([paper([measured("250", "180", "240", AMBER, name="Days to place", unit=None)])]))
    assert found.explanation == (
        "“Days to place” is rated Amber, but 250 with target 180 and floor standard 240 make it Red (lower is better)."
    )
    assert found.subject == "Days to place (Highways), Q2 2026/27"


def test_a_range_as_target_is_judged_only_where_both_ends_agree() -> None:
    printed = {"target": None, "target_low": 80.0, "target_high": 85.0, "target_text": "80% - 85%"}
    assert check([paper([measured("82%", "80%", "70%", GREEN, **printed)])]) == []
    assert check([paper([measured("82%", "80%", "70%", AMBER, **printed)])]) == []
    assert only(check([paper([measured("82%", "80%", "70%", RED, **printed)])])).computed == "Green or Amber"
    assert only(check([paper([measured("88%", "80%", "70%", AMBER, **printed)])])).computed == "Green"


def test_without_a_floor_standard_only_green_can_be_told_from_not_green() -> None:
    assert check([paper([measured("70%", "80%", None, GREEN)])]) == []  # which side is better is not known
    assert only(check([paper([measured("70%", "80%", None, GREEN, lower_is_better=False)])])).computed == "Amber or Red"
    for rag in (AMBER, RED):
        assert check([paper([measured("70%", "80%", None, rag, lower_is_better=False)])]) == []
    assert only(check([paper([measured("90%", "80%", None, RED, lower_is_better=False)])])).computed == "Green"


@pytest.mark.parametrize(
    "unjudged",
    [
        measured("81%", "90%", "85%", GREEN, value=None),
        measured("81%", "90%", "85%", GREEN, target=None),
        measured("81%", "85%", "85%", GREEN),  # target and floor the same
        measured("81%", "£90", "£85", GREEN),  # pounds against percent
        replace(measured("81%", "90%", "85%", GREEN), rag=None),
    ],
)
def test_figures_that_cannot_tell_are_not_judged(unjudged: KpiReading) -> None:
    assert check([paper([unjudged])]) == []


# --- headline_matches_detail ---------------------------------------------------------------


def test_a_summary_list_that_differs_from_the_page_is_told() -> None:
    wrong = reading("A", RED, previous_rag=GREEN, headline_rag=AMBER, headline_previous_rag=GREEN, headline_page=4)
    found = only(check([paper([wrong])]))
    assert (found.check_name, found.stated, found.computed) == (
        "headline_matches_detail",
        "rating amber",
        "rating red",
    )
    assert (found.page, found.other_page, found.severity) == (4, 9, "high")


def test_what_either_side_does_not_print_is_no_difference() -> None:
    half = reading("A", RED, direction=None, headline_direction=UP, headline_rag=None, headline_page=4)
    assert check([paper([half])]) == []


# --- table_sums ----------------------------------------------------------------------------

ADDS_UP = [cell("Highways", 2355), cell("Adult Social Services", 1066), cell("Total Complaints", 3421)]


def test_a_total_that_is_not_the_sum_is_told() -> None:
    found = only(check([paper(figures=[*ADDS_UP[:2], cell("Total Complaints", 3431)])]))
    assert (found.check_name, found.stated, found.computed) == ("table_sums", "3,431", "3,421")
    assert found.subject == "Complaints, 12 mths to Sep 26"
    assert found.explanation == (
        "In the table of complaints, the column “12 mths to Sep 26” prints a total of 3,431, "
        "but its 2 rows add up to 3,421."
    )


def test_one_complaint_more_or_less_counts() -> None:
    assert names(check([paper(figures=[*ADDS_UP[:2], cell("Total Complaints", 3422)])])) == ["table_sums"]
    assert check([paper(figures=ADDS_UP)]) == []


def test_a_warning_of_rounding_is_listened_to() -> None:
    warned = [replace(figure, measure="calls", tolerance=1.5) for figure in ADDS_UP]
    assert check([paper(figures=[*warned[:2], replace(warned[2], value=3422.0)])]) == []
    assert names(check([paper(figures=[*warned[:2], replace(warned[2], value=3424.0)])])) == ["table_sums"]


def test_thousands_may_be_off_by_their_rounding_without_a_warning() -> None:
    money = [replace(figure, measure="funding_infrastructure") for figure in ADDS_UP]
    assert check([paper(figures=[*money[:2], replace(money[2], value=3422.0)])]) == []
    decimals = [
        cell("A", 1.2, value_text="1.2"),
        cell("B", 1.3, value_text="1.3"),
        cell("Total", 2.6, value_text="2.6"),
    ]
    assert check([paper(figures=decimals)]) == []


@pytest.mark.parametrize(
    "unjudged",
    [
        [cell("Highways", 2355), cell("Adult Social Services", None, value_text="*"), cell("Total", 3431)],  # withheld
        [replace(figure, unit="%") for figure in [*ADDS_UP[:2], cell("Total", 5)]],
        [*ADDS_UP[:2], cell("Of which urgent", 12), cell("Total", 3421)],
        [*ADDS_UP[:2], cell("Average", 5, is_total=True)],
        [cell("Highways", 2355), cell("Total", 3431)],  # one row is no sum
        [cell("Highways", 2), cell("Highways", 3), cell("Total", 6)],  # read twice, perhaps
        [*ADDS_UP[:2], cell("Total", 7), cell("Total", 8)],
        [replace(figure, quote="Complaints rose to 12.") for figure in [*ADDS_UP[:2], cell("Total", 9)]],
    ],
)
def test_columns_that_are_no_plain_sum_are_not_judged(unjudged: list[Figure]) -> None:
    assert check([paper(figures=unjudged)]) == []


def test_a_table_of_which_no_column_adds_up_was_not_read_as_printed() -> None:
    other = [replace(figure, period_label="Quarter to Sep 26") for figure in ADDS_UP]
    wrong = [*ADDS_UP[:2], cell("Total", 9), *other[:2], replace(other[2], value=11.0)]
    assert check([paper(figures=wrong)]) == []
    assert names(check([paper(figures=[*ADDS_UP[:2], cell("Total", 9), *other])])) == ["table_sums"]


def test_a_table_may_go_on_over_a_page() -> None:
    over = [ADDS_UP[0], replace(ADDS_UP[1], page=14), replace(ADDS_UP[2], page=14)]
    assert check([paper(figures=over)]) == []
    found = only(check([paper(figures=[*over[:2], replace(over[2], value=3000.0, value_text="3,000")])]))
    assert (found.stated, found.computed, found.page) == ("3,000", "3,421", 14)


def test_two_tables_with_the_same_header_are_two() -> None:
    second = [replace(figure, page=20, service=f"{figure.service} stage 2") for figure in ADDS_UP]
    assert check([paper(figures=[*ADDS_UP, *second])]) == []


# --- what makes two findings the same ------------------------------------------------------


def test_the_same_contradiction_in_a_pack_and_in_the_single_paper_is_one() -> None:
    wrong = measured("81%", "90%", "85%", AMBER)
    single, pack = paper([wrong]), paper([replace(wrong, page=109)], version_id=2)
    found = only(check([single, pack]))
    assert (found.version_id, found.page) == (1, 9)
    assert only(check([pack])).key == found.key


def test_another_figure_is_another_contradiction() -> None:
    first = only(check([paper([measured("81%", "90%", "85%", AMBER)])]))
    second = only(check([paper([measured("82%", "90%", "85%", AMBER)])]))
    later = only(check([paper([measured("81%", "90%", "85%", AMBER)], report=report(quarter=3))]))
    assert len({first.key, second.key, later.key}) == 3
