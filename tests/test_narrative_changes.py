"""Changes on the quarter before, said in words: signed where they are certain, absent where they are not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parsers import narrative
from parsers.narrative.changes import meaning
from parsers.records import RagCount, StatedIn
from parsers.text import COUNT_WORDS

NAMES = ("total", "green", "amber", "red", "improving", "stable", "worsening")


def changes(text: str, year: str | None = "2023/24", quarter: int | None = 2) -> dict[str, int]:
    """The changes that the text says of the whole council."""
    found = narrative.counts(text, stated_in=StatedIn.MINUTES, financial_year=year, quarter=quarter)
    whole = [count for count in found if count.service is None]
    return {name: by for count in whole for name in NAMES if (by := getattr(count, f"{name}_change")) is not None}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("17 KPIs are Green (one more than the previous Quarter).", {"green": 1}),
        ("12 KPIs are Amber, three fewer than last quarter.", {"amber": -3}),
        ("Nine KPIs are Red (no change).", {"red": 0}),
        ("Nine KPIs are Red (the same as the previous Quarter).", {"red": 0}),
        ("24 KPIs are stable (remaining the same as in the previous Quarter).", {"stable": 0}),
        ("The number of KPIs rated Red had increased from 3 to 4.", {"red": 1}),
        (
            "The number of Red KPIs fell from nine to seven and of Green KPIs rose from 17 to 19.",
            {"red": -2, "green": 2},
        ),
        ("Red KPIs rose to nine from eight.", {"red": 1}),
        ("22 KPIs were Green, a decrease of one compared with the previous quarter.", {"green": -1}),
        ("17 KPIs were Green, up from 16 last quarter; 12 Amber, down from 15.", {"green": 1, "amber": -3}),
        ("17 KPIs were Green (+1), 12 Amber (-3) and nine Red (no change).", {"green": 1, "amber": -3, "red": 0}),
        ("17 (16 last quarter) KPIs were Green.", {"green": 1}),
        ("Green KPIs had gone up by one to 17 and Amber KPIs down by three to 12.", {"green": 1, "amber": -3}),
        ("Of the 38 KPIs (two fewer than the previous quarter), 17 were Green.", {"total": -2}),
        ("Six KPIs show a positive trend (two more than in Quarter 1).", {"improving": 2}),
        ("The number of Red KPIs had been reduced by 4.", {"red": -4}),
        ("2 more KPIs were rated green than in Quarter 1.", {"green": 2}),
        ("Two fewer KPIs than in Quarter 1 were rated Red.", {"red": -2}),
        ("Two fewer KPIs were rated Red than in Quarter 1.", {"red": -2}),
        ("There had been an increase of two in the number of KPIs rated green.", {"green": 2}),
        ("The number of Red KPIs was the same as in the previous quarter.", {"red": 0}),
    ],
)
def test_a_change_on_the_quarter_before_has_its_sign(text: str, expected: dict[str, int]) -> None:
    assert changes(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "17 KPIs were Green, three more than in the same quarter last year.",
        "17 KPIs were Green, three more than in Quarter 4.",
        "17 KPIs were Green, two more than expected.",
        "17 KPIs were Green (two more than planned).",
        "The number of Red KPIs fell by four over the year.",
        "The number of Red KPIs had risen by 2 since April 2022.",
        "Red KPIs fell by 4 percentage points.",
        "17 KPIs were Green and complaints were down by 12.",
        "17 KPIs were Green, an improvement on the previous quarter.",
        "17 KPIs were Green, up from 18 last quarter.",
        "Two KPIs were Red, four more than the previous quarter.",
        "Three KPIs had moved to Green.",
        "The three Red KPIs were unchanged from Quarter 1.",
        "The performance of the red KPIs was the same as last quarter.",
        "17 KPIs were Green, no more than in the previous quarter.",
    ],
)
def test_what_is_no_certain_change_on_the_quarter_before_gives_none(text: str) -> None:
    assert changes(text) == {}


def test_the_quarter_before_the_first_is_the_last_of_the_year_before() -> None:
    text = "17 KPIs were Green, two more than in Quarter 4 of 2022/23."

    assert changes(text, "2023/24", 1) == {"green": 2}
    assert changes(text, "2023/24", 3) == {}


def test_a_change_alone_is_a_count_with_its_sentence() -> None:
    sentence = "The number of Red KPIs had been reduced by 4 since the last quarter."

    (count,) = narrative.counts(sentence, stated_in=StatedIn.MINUTES, financial_year="2012/13", quarter=3)

    assert (count.red, count.red_change, count.quote) == (None, -4, sentence)


WORDS = {number: word for word, number in reversed(COUNT_WORDS.items()) if word not in ("no", "none", "both", "zero")}


@given(
    st.integers(1, 60),
    st.integers(1, 60),
    st.sampled_from(["green", "amber", "red"]),
    st.booleans(),
    st.sampled_from(
        [
            "{n} KPIs were rated {colour} ({by} {more} than the previous Quarter).",
            "{n} KPIs were rated {colour}, {by} {more} than in the previous quarter.",
            "{n} KPIs were {colour}, {a} of {by} compared with last quarter.",
            "{n} of the KPIs were RAG-rated {colour}, {up} from {before} in the previous quarter.",
            "The number of {colour} KPIs had {risen} from {before} to {n}.",
            "The number of {colour} KPIs had {risen} to {n} from {before}.",
        ]
    ),
)
def test_whatever_the_numbers_the_change_comes_back(
    before: int, now: int, colour: str, in_words: bool, wording: str
) -> None:
    by = now - before
    if by == 0:
        return
    shown = (lambda n: WORDS[n]) if in_words else str
    text = wording.format(
        n=shown(now),
        before=shown(before),
        by=shown(abs(by)),
        colour=colour,
        more="more" if by > 0 else "fewer",
        a="an increase" if by > 0 else "a decrease",
        up="up" if by > 0 else "down",
        risen="increased" if by > 0 else "fallen",
    )

    (count,) = narrative.counts(text, stated_in=StatedIn.MINUTES, financial_year="2023/24", quarter=2)

    assert (getattr(count, colour), getattr(count, f"{colour}_change")) == (now, by)


@given(st.text(alphabet="abdeflmnoprstuwy 0123456789()+-,@", max_size=60), st.text(max_size=20))
def test_no_words_of_a_change_make_it_stumble(said: str, lead: str) -> None:
    change = meaning(said, lead)

    assert change is None or change.on(5) is None or isinstance(change.on(5), int)


# --- sections ------------------------------------------------------------------------------

SERVICE = "Adult Social Care"
OFFICES = "Cabinet Member A Example\nCorporate Director B Example"
HEAD = f"{SERVICE}\n\n{OFFICES}\n\nGREEN AMBER RED\nKPI Summary\n2 3 1 4 1\n\n"


def in_section(text: str, service: str = SERVICE) -> list[RagCount]:
    return narrative.of_sections([(9, HEAD + text)], {9: service}, financial_year="2024/25", quarter=3)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Two of the eight indicators met target.", {"total": 8, "green": 2}),
        ("Three out of five KPIs are exceeding target.", {"total": 5, "green": 3}),
        ("None of the six indicators met target this quarter.", {"total": 6, "green": 0}),
        ("All six KPIs met or exceeded target.", {"total": 6, "green": 6}),
        ("Two KPIs are rated Green, three are Amber and one is Red.", {"green": 2, "amber": 3, "red": 1}),
        ("Of the six Adult Social Care KPIs, two met target.", {"total": 6, "green": 2}),
        ("Two of the six KPIs in Adult Social Care met target.", {"total": 6, "green": 2}),
        ("Overview\nTwo of the six indicators met target. It rained.", {"total": 6, "green": 2}),
        ("Three of the six measures are on an improving trend.", {"total": 6, "improving": 3}),
    ],
)
def test_a_sections_prose_counts_for_its_service(text: str, expected: dict[str, int]) -> None:
    (count,) = in_section(text)

    assert {name: value for name in NAMES if (value := getattr(count, name)) is not None} == expected
    assert (count.stated_in, count.service, count.page, count.in_table) == (StatedIn.REPORT, SERVICE, 9, False)
    assert (count.financial_year, count.quarter) == ("2024/25", 3)


@pytest.mark.parametrize(
    "text",
    [
        "Last quarter, four of the six KPIs met target.",
        "In Quarter 2 four of the six KPIs were Green.",
        "One KPI was Red.",
        "Two of the KPIs are Red.",
        "Of the 38 KPIs in the report 17 are Green.",
        "Two of the three Highways KPIs met target.",
        "Both KPIs for direct payments missed target.",
        "Four of the five mandated checks met target.",
        "Five of the six KPIs achieved the floor standard.",
        "Four of the six KPIs are not meeting target.",
        "It is expected that two of the six KPIs will meet target next quarter.",
        "Nationally, two of the six indicators met target.",
        "Public Health – Two of the six indicators met target.",
        "Assessments\nTwo of the three indicators met target. It rained.",
        "Latest: 97% Target: 90%, Floor: 80% Previous: 92% (Green)",
    ],
)
def test_what_a_section_does_not_say_of_its_whole_service_counts_nothing(text: str) -> None:
    assert in_section(text) == []


def test_a_heading_of_a_part_holds_until_the_next_section() -> None:
    pages = [(9, f"{HEAD}Assessments\nIt rained."), (10, "Two of the six indicators met target."), (11, HEAD)]

    assert narrative.of_sections(pages, {9: SERVICE, 10: SERVICE, 11: SERVICE}) == []
    (count,) = narrative.of_sections(pages, {9: SERVICE, 10: "Public Health", 11: SERVICE})
    assert (count.service, count.page) == ("Public Health", 10)


def test_a_page_of_no_section_is_not_read() -> None:
    assert narrative.of_sections([(9, "Two of the six indicators met target.")], {}) == []


def test_each_paragraph_is_a_count_of_its_own() -> None:
    first, second = in_section("Two of the six indicators met target.\n\nThree of the six KPIs met target.")

    assert (first.green, second.green) == (2, 3)
