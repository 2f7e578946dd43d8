"""Agendas: for which meeting, and when published."""

from datetime import date
from pathlib import Path

import pytest

from parsers import agenda, pdf
from parsers.records import Kind, Outcome

URL = "https://x.example/documents/g9/Agenda%20frontsheet.pdf?T=0"
SHEET = """AGENDA

ADULT SOCIAL CARE AND HEALTH CABINET COMMITTEE

Tuesday, 4th March, 2025, at 10.00 am Ask for: A Example
Council Chamber, County Hall Telephone: 03000 000000

UNRESTRICTED ITEMS
(During these items the meeting is likely to be open to the public)

1. Apologies
2. Minutes of the Meeting held on 30 January 2025 (Pages 1 - 18)
3. Quarterly Performance Report: 17 KPIs rated Green (Pages 25 - 100)

EXEMPT ITEMS
(At the time of preparing the agenda there were no exempt items.)

B Example
General Counsel
03000 000001

Monday, 24 February 2025"""
LETTER = """Direct Dial/Ext: 03000000000
e-mail: a@example.gov.uk
Ask for: A Example
Date: 27 January 2025

Dear Member

CABINET - THURSDAY, 30 JANUARY 2025

I am now able to enclose the following document.

Agenda Item No
9 24/00096 - Plan (Pages 1 - 4)

Yours sincerely"""


def test_a_front_sheet_names_its_meeting_and_the_day_it_was_published() -> None:
    reading = agenda.read([SHEET], url=URL)

    assert (reading.kind, reading.outcome, reading.facts) == (Kind.AGENDA, Outcome.NOTHING, ())
    assert reading.title == "Agenda, Adult Social Care and Health Cabinet Committee, 4 March 2025"
    assert reading.published_on == date(2025, 2, 24)


def test_a_supplements_letter_names_its_meeting_and_its_own_date() -> None:
    reading = agenda.read([LETTER, "This page is intentionally left blank"], url=URL)

    assert reading.title == "Agenda supplement, Cabinet, 30 January 2025"
    assert reading.published_on == date(2025, 1, 27)


def test_a_front_sheet_of_two_pages_is_signed_on_the_second() -> None:
    first, second = SHEET.split("B Example")

    assert agenda.read([first, "B Example" + second], url=URL).published_on == date(2025, 2, 24)


def test_the_dates_of_papers_behind_the_sheet_are_not_its_own() -> None:
    unsigned = SHEET.replace("Monday, 24 February 2025", "")
    papers = ["This page is intentionally left blank", "Printed minutes\nMonday, 3 February 2025"]

    assert agenda.read([unsigned, *papers], url=URL).published_on is None


def test_a_date_after_the_meeting_is_not_the_day_it_was_published() -> None:
    assert agenda.read([SHEET.replace("24 February", "24 March")], url=URL).published_on is None


@pytest.mark.parametrize(
    ("first", "expected"),
    [
        (SHEET, True),
        (LETTER, True),
        ("EXAMPLE COUNTY COUNCIL\nCABINET\nMINUTES of a meeting\nPRESENT: A", False),
        ("From: A\nTo: Cabinet\nSubject: The agenda", False),
        ("", False),
    ],
)
def test_an_agenda_is_known_by_its_head(first: str, expected: bool) -> None:
    assert agenda.recognises([first], url=URL) is expected
    assert not agenda.recognises([], url=URL)


@pytest.mark.papers
@pytest.mark.parametrize(
    ("paper", "title", "published"),
    [
        ("2025-03-04/Agenda frontsheet 04th-Mar-2025 10.00 Cabinet.pdf", "Agenda, Cabinet, 4 March 2025", "2025-02-24"),
        (
            "2025-03-13/Agenda frontsheet 13th-Mar-2025 15.00 Cabinet.pdf",
            "Agenda, Cabinet, 13 March 2025",
            "2025-03-05",
        ),
        (
            "2025-03-13/Public reports pack 13th-Mar-2025 15.00 Cabinet.pdf",
            "Agenda, Cabinet, 13 March 2025",
            "2025-03-05",
        ),
        (
            "2025-01-30/Agenda frontsheet 30th-Jan-2025 10.00 Cabinet.pdf",
            "Agenda, Cabinet, 30 January 2025",
            "2025-01-22",
        ),
        (
            "2025-01-30/24-00096 - PROD 30th-Jan-2025 10.00 Cabinet.pdf",
            "Agenda supplement, Cabinet, 30 January 2025",
            "2025-01-27",
        ),
    ],
)
def test_real_agendas(papers: Path, paper: str, title: str, published: str) -> None:
    with pdf.open_pdf((papers / "cabinet" / paper).read_bytes()) as document:
        pages = document.texts()

    assert agenda.recognises(pages, url=paper)
    reading = agenda.read(pages, url=paper)

    assert (reading.title, str(reading.published_on), reading.outcome) == (title, published, Outcome.NOTHING)
