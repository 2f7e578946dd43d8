"""Indicators that minutes and cover reports name with their rating: precise, or not at all."""

import time
from pathlib import Path

import pytest

from parsers import cover_report, narrative, pdf
from parsers.records import NamedRating, Rag, StatedIn


def named(text: str, year: str = "2023/24", quarter: int = 2) -> list[tuple[str | None, str, str]]:
    found = narrative.named_ratings([(None, text)], stated_in=StatedIn.MINUTES, financial_year=year, quarter=quarter)
    return [(one.service, one.name, one.rag.value) for one in found]


LIST = "• Complaints answered in time\n• Homes brought back into use\n• Requests answered in 20 days"
THREE = [
    (None, "Complaints answered in time", "red"),
    (None, "Homes brought back into use", "red"),
    (None, "Requests answered in 20 days", "red"),
]


@pytest.mark.parametrize(
    "lead",
    [
        "The three KPIs rated Red were:",
        "The 3 areas ‘RAG’ rated as red were:",
        "There were 3 Red measures:",
        "The number of KPIs rated Red had increased from 2 to 3, namely:",
        "Three KPIs continued to perform below target and were RAG rated red:",
        "Three indicators had moved from Amber to Red:",
        "The three indicators where the RAG rating is Red, are in:",
    ],
)
def test_the_entries_of_a_list_of_reds_are_red(lead: str) -> None:
    assert named(f"{lead}\n\n{LIST}\n\nMembers spoke.") == THREE


@pytest.mark.parametrize(
    "marks", ["a. b. c.", "i. ii. iii.", "(a) (b) (c)", "1. 2. 3.", "- - -", "\uf0b7 \uf0b7 \uf0b7"]
)
def test_a_list_may_be_marked_in_any_way(marks: str) -> None:
    entries = zip(marks.split(), LIST.replace("• ", "").split("\n"), strict=True)
    text = "\n".join(f"{mark} {entry}" for mark, entry in entries)

    assert named(f"There were 3 Red KPIs:\n\n{text}") == THREE


def test_services_above_the_indicators_are_their_headings() -> None:
    text = (
        "2.3. The three indicators where the RAG rating is Red, are in:\n\n"
        "• Customer Services\no Complaints answered\nin time\n"
        "• Growth, Economic Development & Communities\no Homes brought back into use\no Loans repaid\n"
        "2.4. Ten indicators show a positive trend."
    )

    assert named(text) == [
        ("Customer Services", "Complaints answered in time", "red"),
        ("Growth, Economic Development & Communities", "Homes brought back into use", "red"),
        ("Growth, Economic Development & Communities", "Loans repaid", "red"),
    ]


def test_a_service_may_stand_before_its_indicator() -> None:
    text = (
        "The two Red KPIs were:\n\ni. Customer Services: complaints answered in time\nii. Public Health – checks made"
    )

    assert named(text) == [
        ("Customer Services", "complaints answered in time", "red"),
        ("Public Health", "checks made", "red"),
    ]


@pytest.mark.parametrize(
    "text",
    [
        f"The four KPIs rated Red were:\n\n{LIST}",  # one is missing
        f"The actions on the three Red KPIs were:\n\n{LIST}",
        f"The three KPIs that were Red last quarter were:\n\n{LIST}",
        f"The three KPIs that were no longer Red were:\n\n{LIST}",
        f"The three KPIs that were Amber or Red were:\n\n{LIST}",
        f"The KPIs rated Red were discussed and:\n\n{LIST}",
        "The two Red KPIs were in:\n\n• Customer Services\n• Public Health",
        f"Three risks were rated Red:\n\n{LIST}",
        "There were two Red KPIs:\n\n• Complaints answered in time\n• Members asked why this was so",
    ],
)
def test_a_list_that_leaves_a_doubt_names_nothing(text: str) -> None:
    assert named(text) == []


def test_a_reason_behind_the_name_is_none_of_it() -> None:
    text = (
        "There were two Red KPIs:\n\n• Health checks taken up – numbers were held back by vacancies.\n"
        "• The percentage of plans issued within 20 weeks, which had been Amber"
    )

    assert named(text.replace(", which had been Amber", ", where demand had grown by 10%")) == [
        (None, "Health checks taken up", "red"),
        (None, "percentage of plans issued within 20 weeks", "red"),
    ]


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("The percentage of calls answered had moved from Amber to Red.", ("percentage of calls answered", "red")),
        ("The number of foster households remained Red.", ("number of foster households", "red")),
        ("The KPI for complaints handling was RAG-rated Red.", ("complaints handling", "red")),
        ("The rate of repeat referrals improved from Red to Amber.", ("rate of repeat referrals", "amber")),
        ("The Red KPI is the Proportion of reviews done in time.", ("Proportion of reviews done in time", "red")),
        (
            "The only indicator rated Red was the percentage of plans issued in 20 weeks, at 34%.",
            ("percentage of plans issued in 20 weeks", "red"),
        ),
    ],
)
def test_a_sentence_about_one_indicator_gives_its_rating(sentence: str, expected: tuple[str, str]) -> None:
    assert named(f"Mr Example spoke. {sentence} It was noted.") == [(None, *expected)]


@pytest.mark.parametrize(
    "sentence",
    [
        "The percentage of calls answered was not red any more.",
        "The percentage of calls answered was no longer Red.",
        "The percentage of calls answered was Red last quarter and is now Green.",
        "The percentage of calls answered was Red in Quarter 1.",
        "The percentage of calls answered would be Red if the target were raised.",
        "Members asked whether the number of foster households was Red.",
        "The number of KPIs rated Red was nine.",
        "The number of schemes rated red was three.",
        "Two KPIs had moved from Amber to Red.",
        "It was Red.",
        "The rate of exclusions was Amber and the percentage of calls answered was Red.",
        "The percentage of calls answered moved out of Red.",
        "The percentage of calls answered had almost been Red.",
    ],
)
def test_a_sentence_that_takes_it_back_or_says_it_of_something_else_gives_none(sentence: str) -> None:
    assert named(sentence) == []


def test_a_name_with_two_ratings_has_none() -> None:
    assert named("The number of checks made was Red. Later on: the weather. The number of checks made was Amber.") == []


@pytest.mark.parametrize(
    "text",
    [
        f"The percentage {'was ' * 4000}red.",
        f"{'The number of ' * 2000}KPIs rated red was",
        "The Red KPIs are:\n" + "• Percentage of calls\n" * 2000,
        f"17 KPIs were Green {'(one more than the previous quarter) ' * 500}",
    ],
)
def test_a_hostile_text_is_read_in_reasonable_time(text: str) -> None:
    started = time.process_time()
    named(text)
    narrative.counts(text, stated_in=StatedIn.MINUTES)

    assert time.process_time() - started < 5


@pytest.mark.papers
def test_the_real_cover_names_its_nine_reds_by_service(papers: Path) -> None:
    with pdf.open_pdf((papers / "cabinet" / "2025-03-04" / "Cabinet QPR Q3 Cover.pdf").read_bytes()) as document:
        pages = document.texts()

    found = cover_report.read(pages, url="https://x.example/documents/s1/Report.pdf").of(NamedRating)

    assert len(found) == 9 and {one.rag for one in found} == {Rag.RED} and {one.page for one in found} == {2}
    assert {(one.stated_in, one.financial_year, one.quarter) for one in found} == {(StatedIn.COVER, "2024/25", 3)}
    services = [one.service for one in found]
    assert [services.count(name) for name in dict.fromkeys(services)] == [1, 2, 1, 1, 3, 1]
    assert found[6].name == "Number of foster households"
