"""Checks of what is said of a report: by its own text, by other papers, and by the report after it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from db import Discrepancy
from monitor.checks import check
from monitor.checks.named import meant
from monitor.facts import Edition, Paper
from parsers.records import KpiReading, NamedRating, Outcome, Rag, RagCount, StatedIn
from tests.test_checks import (
    AMBER,
    DOWN,
    FLAT,
    GREEN,
    RED,
    UP,
    measured,
    names,
    only,
    paper,
    reading,
    report,
    row,
    said,
)

SERVICE = "Integrated Children’s Services"
RATED = [GREEN, GREEN, GREEN, AMBER, AMBER, RED, RED, RED]
EIGHT = [replace(reading(f"Measure {n}", rag), service=SERVICE, page=20 + n) for n, rag in enumerate(RATED)]
TABLE = row(SERVICE, "3 2 3 0 8 0")


def text(quote: str, page: int = 6, **numbers: Any) -> RagCount:
    return replace(said(StatedIn.REPORT, quote, **{"service": SERVICE, **numbers}), page=page)


def named(where: StatedIn, name: str, rag: Rag, **changes: Any) -> NamedRating:
    about: dict[str, Any] = {"financial_year": "2026/27", "quarter": 2, "service": None, "page": 2, "quote": f"{name}."}
    return NamedRating(stated_in=where, name=name, rag=rag, **about | changes)


def its_report(readings: Sequence[KpiReading] = EIGHT, counts: Sequence[RagCount] = (TABLE,), **changes: Any) -> Paper:
    return paper(readings, counts, **changes)


# --- narrative_matches_table -----------------------------------------------------------------


def test_running_text_that_counts_otherwise_than_the_table_is_told_in_plain_words() -> None:
    quote = "Two of the eight indicators met target. The two Amber and four Red KPIs reflect the pressures."
    found = only(check([its_report(counts=[TABLE, text(quote, green=2, amber=2, red=4, total=8)])]))
    assert (found.check_name, found.severity) == ("narrative_matches_table", "medium")
    assert (found.stated, found.computed) == ("2 Green, 4 Red", "3 Green, 3 Red")
    assert (found.page, found.other_page) == (6, 3)
    assert found.explanation == (
        f"The text on {SERVICE} says two Green and four Red of eight indicators; "
        f"the table lists three Green and three Red. In its words: “{quote}”"
    )


def test_text_that_speaks_of_fewer_indicators_than_the_table_lists_is_told() -> None:
    found = only(check([its_report(counts=[TABLE, text("Three of the seven KPIs met target.", green=3, total=7)])]))
    assert (found.stated, found.computed) == ("7 indicators", "8 indicators")
    assert "says seven indicators; the table lists eight indicators." in found.explanation


@pytest.mark.parametrize(
    ("quote", "numbers"),
    [
        ("Three of the eight indicators met target.", {"green": 3, "total": 8}),
        ("Three KPIs are Red.", {"red": 3}),
        ("Two of the four Highways KPIs are Green.", {"green": 2, "total": 4}),  # a part by its number
        ("The seven Fostering KPIs show two Greens.", {"green": 2, "total": 7}),  # a part by its name
        ("Two of the three indicators on care leavers met target.", {"green": 2, "total": 3}),
        ("One of the eight indicators met target.", {"green": 8}),  # misread: eight is the whole
    ],
)
def test_text_that_agrees_or_is_on_a_part_is_quiet(quote: str, numbers: dict[str, int]) -> None:
    assert check([its_report(counts=[TABLE, text(quote, **numbers)])]) == []


def test_the_number_of_rated_indicators_is_a_number_of_indicators_too() -> None:
    unrated = [*EIGHT[:7], replace(EIGHT[7], rag=None)]
    table = row(SERVICE, "3 2 2 0 8 0")
    for total in (7, 8):
        assert check([its_report(unrated, [table, text("… of them", green=3, total=total)])]) == []
    assert names(check([its_report(unrated, [table, text("… of them", green=3, total=6)])])) == [
        "narrative_matches_table"
    ]


def test_text_that_follows_a_wrong_summary_is_not_told_beside_it() -> None:
    wrong = row(SERVICE, "4 1 3 0 8 0")
    found = check([its_report(counts=[wrong, text("Four of the eight KPIs met target.", green=4, total=8)])])
    assert names(found) == ["summary_matches_rows"]


def test_a_rating_that_list_and_page_give_differently_is_not_told_again_in_every_count() -> None:
    twofold = [replace(EIGHT[0], headline_rag=AMBER, headline_page=5), *EIGHT[1:]]
    as_listed, as_paged = row(SERVICE, "2 3 3 0 8 0"), row(None, "3 2 3 0 8 0")
    found = check([its_report(twofold, [as_listed, as_paged, text("Two of the eight KPIs …", green=2, total=8)])])
    assert names(found) == ["headline_matches_detail"]


def test_what_the_text_says_of_the_whole_council_weighs_most() -> None:
    count = text("Four of the 8 indicators are Green.", service=None, green=4, total=8)
    assert only(check([its_report(counts=[row(None, "3 2 3 0 8 0"), count])])).severity == "high"
    arrows = text("Two are improving.", improving=2)
    assert only(check([its_report(counts=[TABLE, arrows])])).severity == "low"


def test_a_service_is_found_by_the_name_in_brackets_but_not_by_half_a_name() -> None:
    full = "Children, Young People and Education (Education & Skills)"
    readings = [replace(r, service=full) for r in EIGHT]
    count = text("Two of the eight KPIs met target.", service="Education & Skills", green=2, total=8)
    assert names(check([its_report(readings, counts=[count])])) == ["narrative_matches_table"]
    half = replace(count, service="Environment")
    readings = [replace(r, service="Environment and Transport") for r in EIGHT]
    assert check([its_report(readings, counts=[half])]) == []


def test_an_indicator_that_the_text_calls_red_and_its_page_amber_is_told() -> None:
    posts = replace(EIGHT[3], name="Percentage of case holding posts filled by permanent qualified social workers")
    quote = "Of the four Red KPIs one improved (the percentage of case holding posts filled by permanent workers)."
    one = named(
        StatedIn.REPORT, "the percentage of case holding posts filled by permanent workers", RED, quote=quote, page=6
    )
    found = only(check([replace(its_report([*EIGHT[:3], posts, *EIGHT[4:]]), named=(one,))]))
    assert (found.stated, found.computed, found.page, found.other_page) == ("Red", "Amber", 6, 23)
    assert found.explanation.startswith(
        "The text names “Percentage of case holding posts filled by permanent qualified social workers” as Red; "
        "its own page rates it Amber."
    )


@pytest.mark.parametrize(
    "quote",
    [
        "Attendance at emergencies was Green for both November and December.",
        "Attendance at emergencies had been Red.",
        "Attendance at emergencies should be Green next quarter.",
    ],
)
def test_a_rating_of_another_time_is_no_contradiction(quote: str) -> None:
    incident = reading("Attendance at emergency incidents within 2 hours", AMBER)
    one = named(StatedIn.REPORT, "Attendance at emergency incidents within 2 hours", GREEN, quote=quote)
    assert check([replace(its_report([incident], ()), named=(one,))]) == []
    assert names(check([replace(its_report([incident], ()), named=(replace(one, quote="It is Green."),))])) != []


def test_an_indicator_in_brackets_behind_the_reds_is_called_red() -> None:
    posts = replace(EIGHT[3], name="Percentage of case holding posts filled by permanent qualified social workers")
    quote = (
        "Of the three Red KPIs, only one improved (the percentage of case holding posts filled by permanent workers)."
    )
    readings = [*EIGHT[:3], posts, *EIGHT[4:]]
    found = only(check([its_report(readings, counts=[TABLE, text(quote, red=3)])]))
    assert (found.stated, found.computed, found.page) == ("Red", "Amber", 6)
    right = [*EIGHT[:3], replace(posts, rag=RED), *EIGHT[4:]]
    assert check([its_report(right, counts=[text(quote)])]) == []


# --- best_and_overall ------------------------------------------------------------------------

FOI = measured("84%", "92%", "90%", RED, name="Freedom of Information (FOI) requests completed within 20 working days")
BEST = (
    "The percentage of FOI requests completed within timescale, improved this quarter. However, no Directorate\n"
    "achieved target, with the best performing being the Deputy Chief Executive's Department with 82% completed."
)


def best(sentences: str, rated: KpiReading = FOI) -> list[Discrepancy]:
    return check([replace(paper([rated]), text=f"Prose.\n\n{sentences}\n\nMore.")])


def test_a_best_part_below_the_whole_is_told() -> None:
    found = only(best(BEST))
    assert (found.check_name, found.stated, found.computed) == ("best_and_overall", "best part 82%", "84% overall")
    assert "a whole cannot be better than its best part" in found.explanation
    worst = BEST.replace("best performing", "worst performing").replace("82%", "86%")
    assert only(best(worst)).stated == "worst part 86%"


@pytest.mark.parametrize(
    "sentences",
    [
        BEST.replace("82%", "85%"),
        BEST.replace("82%", "83%"),  # within the rounding of both
        BEST.replace("82%", "82 percentage points"),
        BEST.replace("with 82%", "with 82% in October"),
        BEST.replace("FOI requests completed within timescale", "complaints answered"),  # on another indicator
        BEST.replace("being the Deputy", "of the authorities in the South East being the Deputy"),
    ],
)
def test_a_best_part_of_something_else_is_quiet(sentences: str) -> None:
    assert best(sentences) == []


def test_where_less_is_better_the_best_part_is_the_lowest() -> None:
    waiting = measured("84%", "50%", "60%", RED, name=FOI.name)
    assert best(BEST, waiting) == []
    assert names(best(BEST.replace("82%", "90%"), waiting)) == ["best_and_overall"]


# --- which indicator a name means ------------------------------------------------------------

POTHOLES = reading("Percentage of routine pothole repairs completed within 28 days")
REPAIRS = reading("Percentage of routine highway repairs reported by residents completed within 28 days")
PLANS = reading("Percentage of Education, Health, and Care Plans (EHCPs) issued within 20 weeks – rolling 12 months")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("% of routine pothole repairs completed within 28 days", POTHOLES),
        ("EHCPs issued within 20 weeks", PLANS),
        ("Education, Health and Care Plans", PLANS),
        ("repairs completed within 28 days", None),  # either of two
        ("pothole repairs completed within 7 days", None),  # another measure
        ("complaints responded to within timescale", None),
        ("repairs", None),
    ],
)
def test_a_name_means_an_indicator_only_where_no_other_can_be_meant(name: str, expected: KpiReading | None) -> None:
    edition = Edition(report=report(), readings=(POTHOLES, REPAIRS, PLANS))
    assert meant(name, None, edition) is expected


# --- cover, minutes, news --------------------------------------------------------------------

CHECK = {
    StatedIn.COVER: "cover_matches_report",
    StatedIn.MINUTES: "minutes_match_report",
    StatedIn.NEWS: "news_matches_report",
}


@pytest.mark.parametrize("where", CHECK)
def test_another_paper_that_counts_otherwise_is_told_with_both_whichever_came_first(where: StatedIn) -> None:
    summary = row(None, "3 2 3 0 8 0")
    own = its_report(counts=[TABLE, summary], version_id=1)
    count = said(where, "Of the 8 KPIs 4 were Green, 2 Amber and 2 Red.", green=4, amber=2, red=2, total=8)
    other = paper(counts=[count], version_id=2)
    found = only(check([own, other]))
    assert (found.check_name, found.version_id, found.page) == (CHECK[where], 2, 1)
    assert (found.other_version_id, found.other_page) == (1, 3)
    assert (found.stated, found.computed) == ("4 Green, 2 Red", "3 Green, 3 Red")
    assert only(check([other, own])) == found
    assert check([other]) == []  # nothing to hold it against yet


def test_the_minutes_say_and_the_cover_report_says() -> None:
    count = said(StatedIn.MINUTES, "Four of the 8 KPIs were Green.", green=4, total=8)
    other = paper(counts=[count], version_id=2)
    assert only(check([its_report(), other])).explanation.startswith("The minutes say four Green of eight indicators; ")
    cover = paper(counts=[replace(count, stated_in=StatedIn.COVER)], version_id=2)
    assert only(check([its_report(), cover])).explanation.startswith("The cover report says four Green of eight")


def test_a_statement_is_held_against_the_report_of_its_own_quarter_only() -> None:
    count = said(StatedIn.MINUTES, "Four of the 8 KPIs were Green.", green=4, total=8)
    earlier = replace(count, quarter=1)
    undated = replace(count, quarter=None, financial_year=None)
    assert check([its_report(), paper(counts=[earlier], version_id=2), paper(counts=[undated], version_id=3)]) == []


def test_minutes_on_a_dashboard_of_another_committee_are_not_held_against_the_report() -> None:
    many = [reading(f"Measure {n}") for n in range(38)]
    count = said(StatedIn.MINUTES, "Of the 18 KPIs 14 were Green, 1 Amber, 3 Red.", green=14, amber=1, red=3, total=18)
    assert check([paper(many), paper(counts=[count], version_id=2)]) == []


def test_what_minutes_say_of_a_service_is_held_against_the_report_only_where_they_speak_of_it() -> None:
    count = said(StatedIn.MINUTES, "Four KPIs were Green.", service=SERVICE, green=4)
    red = named(StatedIn.MINUTES, "Measure 0", RED)
    on_a_dashboard = replace(paper(counts=[count], version_id=2), named=(red,))
    assert check([its_report(), on_a_dashboard]) == []
    on_the_report = replace(on_a_dashboard, title="Quarterly Performance Report, Quarter 2, 2026/27")
    assert names(check([its_report(), on_the_report])) == ["minutes_match_report", "minutes_match_report"]
    counted = replace(on_a_dashboard, counts=(count, said(StatedIn.MINUTES, "8 KPIs.", total=8)))
    assert names(check([its_report(), counted])) == ["minutes_match_report", "minutes_match_report"]


def test_a_dashboard_is_no_report_for_others_to_agree_with() -> None:
    board = paper(EIGHT, report=report(scope="Growth, Environment and Transport"))
    count = said(StatedIn.MINUTES, "Four of the 8 KPIs were Green.", green=4, total=8)
    assert check([board, paper(counts=[count], version_id=2)]) == []


def test_a_report_that_is_held_back_convicts_nobody() -> None:
    count = said(StatedIn.MINUTES, "Four of the 8 KPIs were Green.", green=4, total=8)
    doubtful = its_report(outcome=Outcome.QUARANTINED)
    assert check([doubtful, paper(counts=[count], version_id=2)]) == []


@pytest.mark.parametrize("where", CHECK)
def test_who_wrote_before_a_correction_wrote_what_stood_there(where: StatedIn) -> None:
    was = its_report([replace(EIGHT[0], rag=AMBER), *EIGHT[1:]], counts=[], version_id=1)
    now = its_report(counts=[], version_id=3)
    count = said(where, "Of the 8 KPIs 2 were Green, 3 Amber and 3 Red.", green=2, amber=3, red=3, total=8)
    right = replace(paper(counts=[count], version_id=2), named=(named(where, "Measure 0", AMBER),))
    assert names(check([right, now])) == [CHECK[where], CHECK[where]]
    assert check([right, now], [was]) == []
    never = replace(count, green=1, amber=4, quote="Of the 8 KPIs 1 was Green, 4 Amber and 3 Red.")
    (found,) = check([paper(counts=[never], version_id=2), now], [was])
    assert (found.stated, found.computed, found.other_version_id) == ("1 Green, 4 Amber", "3 Green, 2 Amber", 3)


def test_the_same_minutes_in_two_places_are_one_finding() -> None:
    count = said(StatedIn.MINUTES, "Four of the 8 KPIs were Green.", green=4, total=8)
    printed = paper(counts=[replace(count, page=12)], version_id=3)
    found = check([its_report(), paper(counts=[count], version_id=2), printed])
    assert [d.version_id for d in found] == [2]


def test_a_statement_that_differs_is_not_told_for_not_adding_up_as_well() -> None:
    count = said(StatedIn.COVER, "Of the 8 KPIs 2 were Green, 2 Amber, 3 Red.", green=2, amber=2, red=3, total=8)
    cover = paper(counts=[count], version_id=2)
    assert names(check([cover])) == ["counts_add_up"]
    assert names(check([its_report(), cover])) == ["cover_matches_report"]


def test_a_red_indicator_in_the_cover_reports_list_that_is_not_red_is_told() -> None:
    held = its_report([replace(POTHOLES, rag=AMBER), PLANS, REPAIRS], ())
    cover = replace(
        paper(counts=[said(StatedIn.COVER, "Three KPIs.", total=3)], version_id=2),
        named=(
            named(StatedIn.COVER, "Percentage of routine pothole repairs completed within 28 days", RED),
            named(StatedIn.COVER, "Percentage of repairs", RED),  # either of two: silent
        ),
    )
    found = only(check([held, cover]))
    assert (found.check_name, found.stated, found.computed) == ("cover_matches_report", "Red", "Amber")
    assert (found.version_id, found.page, found.other_version_id, found.other_page) == (2, 2, 1, 9)


def test_a_story_without_a_quarter_is_on_the_report_of_those_weeks_with_as_many_indicators() -> None:
    count = said(
        StatedIn.NEWS, "Only two of the 8 targets were met.", green=2, total=8, financial_year=None, quarter=None
    )
    own = its_report(published_on=date(2026, 12, 3))
    after = paper(counts=[count], version_id=2, published_on=date(2026, 12, 9))
    found = only(check([own, after]))
    assert (found.check_name, found.subject) == ("news_matches_report", "All indicators, Q2 2026/27")
    for unclear in (
        replace(after, published_on=date(2027, 2, 20)),  # long after
        replace(after, published_on=None),
        replace(after, counts=(replace(count, total=9),)),  # of another number of indicators
        replace(after, counts=(replace(count, total=None),)),
    ):
        assert check([own, unclear]) == []


# --- "one more than last quarter" ------------------------------------------------------------


def two_reports(before: Sequence[Rag], now: Sequence[Rag], count: RagCount, **changes: Any) -> list[Discrepancy]:
    def held(rags: Sequence[Rag]) -> list[KpiReading]:
        return [replace(reading(f"Measure {n}", rag), service=SERVICE) for n, rag in enumerate(rags)]

    first = paper(held(before), [row(SERVICE, f"{before.count(GREEN)} 0 0 0 0 0", quarter=1)], report=report(quarter=1))
    first = replace(first, counts=())
    return check([first, paper(held(now), [count], version_id=2, **changes)])


def test_a_change_that_the_report_before_does_not_bear_out_is_told_with_both_papers() -> None:
    count = text("Two of the three KPIs met target, two more than last quarter.", green=2, total=3, green_change=2)
    found = only(two_reports([GREEN, RED, RED], [GREEN, GREEN, RED], count))
    assert (found.check_name, found.severity) == ("narrative_matches_table", "low")
    assert (found.stated, found.computed) == ("Green +2", "Green +1")
    assert (found.version_id, found.other_version_id) == (2, 1)
    assert "beside the report for Q1 2026/27 it is Green +1." in found.explanation


@pytest.mark.parametrize("change", [1, -1, 0])
def test_a_change_that_fits_the_report_before_is_quiet(change: int) -> None:
    before = {1: [GREEN, RED, RED], -1: [GREEN, GREEN, GREEN], 0: [GREEN, GREEN, RED]}[change]
    count = text("…", green=2, green_change=change)
    assert two_reports(before, [GREEN, GREEN, RED], count) == []


def test_a_change_may_be_told_on_the_indicators_that_both_reports_have() -> None:
    # Of the three Greens before, one indicator has left the report: two remain, and the column "previous" says so.
    now = [replace(reading(f"Measure {n}", GREEN), service=SERVICE, previous_rag=GREEN) for n in range(2)]
    before = [replace(reading(f"Measure {n}", GREEN), service=SERVICE) for n in range(3)]
    first = paper(before, report=report(quarter=1))
    for change, quiet in ((0, True), (-1, True), (1, False)):
        second = paper(now, [text("…", green=2, green_change=change)], version_id=2)
        assert (check([first, second]) == []) is quiet


def test_a_change_is_not_judged_without_the_very_quarter_before() -> None:
    count = text("…", green=2, green_change=5)
    now = [replace(reading(f"Measure {n}", rag), service=SERVICE) for n, rag in enumerate([GREEN, GREEN, RED])]
    long_before = paper(now, report=report("2025/26", 2))
    assert check([long_before, paper(now, [count], version_id=2)]) == []


def test_a_change_alone_is_judged_by_the_rows_of_both_reports() -> None:
    count = text("The Reds were reduced by two.", red_change=-2)
    assert two_reports([RED, RED, RED], [RED, GREEN, GREEN], count) == []
    assert only(two_reports([RED, RED, GREEN], [RED, GREEN, GREEN], count)).computed == "Red −1"


def test_a_change_in_the_cover_report_is_judged_too() -> None:
    count = said(StatedIn.COVER, "2 are Green (one more than …)", green=2, green_change=1)
    first = paper([reading("A", GREEN), reading("B", GREEN)], report=report(quarter=1))
    second = paper([reading("A", GREEN), reading("B", GREEN)], version_id=2)
    found = only(check([first, second, paper(counts=[count], version_id=3)]))
    assert (found.check_name, found.stated, found.computed) == ("cover_matches_report", "Green +1", "Green unchanged")


def test_directions_may_follow_either_side_of_a_list_that_differs() -> None:
    turned = [replace(EIGHT[0], direction=UP, headline_direction=DOWN, headline_page=5), *EIGHT[1:]]
    assert FLAT is EIGHT[1].direction
    for cells in ("3 2 3 1 7 0", "3 2 3 0 7 1"):
        assert names(check([its_report(turned, [row(SERVICE, cells)])])) == ["headline_matches_detail"]
    assert "summary_matches_rows" in names(check([its_report(turned, [row(SERVICE, "3 2 3 2 6 0")])]))
