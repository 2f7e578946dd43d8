"""Cover reports: who from, to whom, on what, and the counts that they state."""

from pathlib import Path

import pytest

from parsers import cover_report, pdf
from parsers.records import Kind, Outcome, RagCount, StatedIn

URL = "https://x.example/documents/s1/Report.pdf"
FIRST = """From: A Example – Leader of the Council

B Example – Chief Executive

To: Cabinet – 20 June 2024

Decision No: n/a

Subject: Quarterly Performance Report, Quarter 4,
2023/24

Classification: Unrestricted

Summary: This report tells Cabinet about performance to the end of March 2024.

Of the 38 Key Performance Indicators (KPIs) in the report, 17 achieved target (Green),
and 11 achieved or exceeded the floor standard but did not meet target (Amber). Ten
KPIs did not meet the floor standard (Red).

Recommendation(s): Cabinet is asked to NOTE the report.

1"""
SECOND = """2.4. With regards to Direction of Travel, nine indicators show a positive trend (two more
than the previous Quarter), 20 are stable or with no clear trend (the same as the
previous Quarter), and 9 are showing a negative trend (two fewer than the previous
Quarter)."""


def ratings(count: RagCount) -> tuple[int | None, ...]:
    return count.total, count.green, count.amber, count.red, count.improving, count.stable, count.worsening


def test_the_cover_of_a_performance_report_gives_its_counts() -> None:
    reading = cover_report.read([FIRST, SECOND], url=URL)
    (count,) = reading.of(RagCount)

    assert (reading.kind, reading.outcome) == (Kind.COVER_REPORT, Outcome.READ)
    assert reading.title == "Quarterly Performance Report, Quarter 4, 2023/24"
    assert ratings(count) == (38, 17, 11, 10, 9, 20, 9)
    assert (count.stated_in, count.financial_year, count.quarter) == (StatedIn.COVER, "2023/24", 4)
    assert (count.page, count.service) == (1, None)


def test_the_quote_says_what_stands_on_both_pages() -> None:
    (count,) = cover_report.read([FIRST, SECOND], url=URL).of(RagCount)

    assert (count.quote or "").startswith(
        "Of the 38 Key Performance Indicators (KPIs) in the report, 17 achieved target"
    )
    assert " … With regards to Direction of Travel, nine indicators show a positive trend" in (count.quote or "")


def test_a_list_under_its_lead_in_counts() -> None:
    listed = (
        "Of the 39 KPIs included in the report, the ratings are as follows:\n\n"
        "• 18 are rated Green (two fewer than the previous Quarter) - the target was achieved.\n"
        "• 15 are rated Amber (one more than the previous Quarter) – performance exceeded the\n"
        "floor standard but did not meet target.\n\n"
        "• Six are rated Red (one more than the previous Quarter).\n"
        "2.3. The six indicators where the RAG rating is Red, are in:\n\n"
        "• Customer Services\n"
        "o Percentage of complaints responded to within 20 days"
    )
    head = "From: A Example\nTo: Cabinet – 19 March 2026\nSubject: Quarterly Performance Report, Q3 2025-2026\n"

    (count,) = cover_report.read([head, listed], url=URL).of(RagCount)

    assert ratings(count) == (39, 18, 15, 6, None, None, None)
    assert (count.financial_year, count.quarter, count.page) == ("2025/26", 3, 2)


def test_a_report_on_anything_else_holds_nothing_whatever_its_words() -> None:
    page = FIRST.replace("Quarterly Performance Report, Quarter 4,\n2023/24", "Contract for parks")

    reading = cover_report.read([page], url=URL)

    assert (reading.kind, reading.outcome, reading.title) == (Kind.COVER_REPORT, Outcome.NOTHING, "Contract for parks")


def test_a_dashboard_to_one_services_committee_counts_for_that_service() -> None:
    page = (
        "By: A Example\n\nTo: Environment and Transport Cabinet Committee – 5 July 2023\n\nSubject: Performance"
        " Dashboard\n\n"
        "Of the 19 KPIs 9 were rated green, 4 amber and 5 red."
    )

    (count,) = cover_report.read([page], url=URL).of(RagCount)

    assert (count.service, count.financial_year, ratings(count)[:4]) == (
        "Environment and Transport",
        None,
        (19, 9, 4, 5),
    )


def test_counts_that_cannot_be_read_are_shown_to_the_operator() -> None:
    page = (
        "From: A\nTo: Cabinet\nSubject: Quarterly Performance Report\n\nAbout 20 KPIs were Green and roughly ten Red."
    )

    reading = cover_report.read([page], url=URL)

    assert reading.outcome is Outcome.QUARANTINED
    assert "could not be read: 'About 20 KPIs were Green and roughly ten Red.'" in (reading.note or "")


@pytest.mark.parametrize(
    ("first", "expected"),
    [
        (FIRST, True),
        ("By: A Example, Officer\n\nTo: Cabinet - 4 March 2025\n\nSubject: Decision 24/00093", True),
        ("Report of: A\nTo: Council\nTitle: Plan", True),
        ("Dear Member\n\nFrom: here\nto there, the subject: none", False),
        ("Kent County Council\nQuarterly Performance Report\nQuarter 3", False),
        ("", False),
    ],
)
def test_a_cover_is_known_by_its_labels(first: str, expected: bool) -> None:
    assert cover_report.recognises([first], url=URL) is expected


def test_no_pages_are_no_cover() -> None:
    assert not cover_report.recognises([], url=URL)


@pytest.mark.papers
def test_the_real_cover_of_march_2025(papers: Path) -> None:
    with pdf.open_pdf((papers / "cabinet" / "2025-03-04" / "Cabinet QPR Q3 Cover.pdf").read_bytes()) as document:
        pages = document.texts()

    assert cover_report.recognises(pages, url=URL)
    reading = cover_report.read(pages, url=URL)
    (count,) = reading.of(RagCount)

    assert reading.title == "Quarterly Performance Report, Quarter 3, 2024/25"
    assert ratings(count) == (38, 17, 12, 9, 10, 22, 6)
    assert (count.financial_year, count.quarter) == ("2024/25", 3)


@pytest.mark.papers
def test_the_real_report_on_a_call_in_holds_nothing(papers: Path) -> None:
    (path,) = (papers / "cabinet" / "2025-03-04").glob("Scrutiny Committee*.pdf")
    with pdf.open_pdf(path.read_bytes()) as document:
        pages = document.texts()

    assert cover_report.recognises(pages, url=URL)
    assert cover_report.read(pages, url=URL).outcome is Outcome.NOTHING
