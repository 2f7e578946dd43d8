"""Minutes: an agenda item's page in all its states, and the printed minutes of a meeting."""

from pathlib import Path

import pytest

from parsers import minutes, pdf
from parsers.records import Kind, Outcome, RagCount, StatedIn

URL = "https://democracy.example.gov.uk/mgAi.aspx?ID=63656"
TITLE = "Quarterly Performance Report, Quarter 1 2023-2024"
COUNTS = (
    "Of the 38 KPIs in the report, 16 were rated Green (two more than the previous Quarter), 11 Amber and 11 Red."
    " Four indicators showed a positive trend, 24 were stable and 10 showed a negative trend."
)


def page(content: str, *, title: str = TITLE, heading: str = "Agenda item", chrome: bool = True) -> bytes:
    """An item's page as ModernGov makes it, with its double blanks, entities and furniture."""
    inner = f'<h1>{heading}</h1><div class="mgContent" ><h2 class="mgSubTitleTxt">{title}</h2>{content}</div>'
    if not chrome:
        return f"<html><body>{inner}</body></html>".encode()
    return f"""<html><head><meta name="DC.title"  content="Agenda item - {title}"/>
<meta name="DC.date" scheme="W3CDTF"  content="2026-08-11"/><title>Agenda item - {title}</title></head>
<body><ul><li><a href="mgCalendarMonthView.aspx?GL=1&amp;bcr=1">Calendar</a></li></ul><div id="modgov">
<p>Item&#58; 9 green, 9 amber and 9 red KPIs stand in the menu</p></div>
<div id="modgov">{inner}</div><div class="mgFooter" ></div></body></html>""".encode()


def minuted(text: str) -> str:
    paragraphs = "".join(f"<p>{line}</p><p>&nbsp;</p>" for line in text.split("\n\n"))
    return (
        f'<p class="mgSubItemTitleTxt">Minutes:</p><div class="mgWordPara">{paragraphs}</div>'
        '<p class="mgSubItemTitleTxt">Supporting documents:</p><ul class="mgBulletList"><li>'
        '<a  class="mgFileLink"   href="documents/s1/Report.pdf">Report: 30 KPIs rated Green, item 6.</a>'
        " PDF 90 KB</li></ul>"
    )


def only_count(body: bytes, *, url: str = URL, title: str = "") -> RagCount:
    reading = minutes.read(body, url=url, title=title)
    assert reading.kind is Kind.AGENDA_ITEM
    assert reading.outcome is Outcome.READ, reading.note
    (count,) = reading.of(RagCount)
    return count


def ratings(count: RagCount) -> tuple[int | None, ...]:
    return count.total, count.green, count.amber, count.red, count.improving, count.stable, count.worsening


def test_the_minutes_of_a_performance_report_give_its_counts_with_the_sentence() -> None:
    body = page(minuted(f"Ms Example was in attendance.\n\n1)&nbsp;&nbsp;{COUNTS}\n\n2) RESOLVED to note the report."))

    count = only_count(body)

    assert ratings(count) == (38, 16, 11, 11, 4, 24, 10)
    assert (count.stated_in, count.financial_year, count.quarter) == (StatedIn.MINUTES, "2023/24", 1)
    assert (count.quote, count.page, count.service) == (COUNTS, None, None)


def test_the_title_and_the_text_are_the_pages_own() -> None:
    reading = minutes.read(page(minuted(f"1. {COUNTS}")), url=URL, title="something else")

    assert reading.title == TITLE
    assert COUNTS in reading.text
    assert "Report: 30 KPIs" not in reading.text and "Calendar" not in reading.text


@pytest.mark.parametrize(
    "url",
    [
        "https://democracy.example.gov.uk/mgAi.aspx?ID=1",
        "https://democracy.example.gov.uk:9071/mgai.aspx?ID=1",
        "https://democracy.example.gov.uk/mgAi.aspx?ID=1&txtonly=1",
        "https://elsewhere.example/kept/item.html",
    ],
)
def test_an_items_page_is_known_by_its_address_or_its_heading(url: str) -> None:
    assert minutes.recognises(page(minuted(COUNTS)), url=url)


@pytest.mark.parametrize(
    ("body", "url"),
    [
        (
            page("", heading="Agenda and minutes"),
            "https://democracy.example.gov.uk/ieListDocuments.aspx?CId=115&MId=9311",
        ),
        (page("", heading="Agenda item"), "https://democracy.example.gov.uk/ieListDocuments.aspx?CId=115&MId=9311"),
        (b"<html><body><h1>Local news</h1><p>An agenda item was noted.</p></body></html>", "https://news.example/a-1"),
    ],
)
def test_other_pages_are_not_an_items(body: bytes, url: str) -> None:
    assert not minutes.recognises(body, url=url)


def test_the_text_only_page_without_any_headings_is_read() -> None:
    body = f"<html><body><p>Agenda item</p><p>{TITLE}</p><p>Minutes:</p><p>1. {COUNTS}</p></body></html>".encode()

    assert only_count(body, url=URL + "&txtonly=1").quarter == 1
    assert minutes.read(body, url=URL).title == TITLE


def test_the_page_without_the_councils_branding_is_read_like_any_other() -> None:
    notice = (
        "<p>This is a default template, your custom branding appears to be missing.</p>"
        "<p>The custom branding should be at https://www.example.gov.uk/template if you cannot load this page</p>"
        "<p>Technical Error: Error: The request was aborted: Could not create SSL/TLS secure channel.</p>"
    )
    body = (
        f"<html><body>{notice}<ul><li>Agenda item</li><li><h1>Agenda item</h1><h2>{TITLE}</h2>"
        f"<p>Minutes:</p><p>1. {COUNTS}</p></li></ul></body></html>"
    ).encode()

    reading = minutes.read(body, url=URL)

    assert (reading.title, len(reading.facts)) == (TITLE, 1)


def test_where_headings_are_missing_the_pages_head_names_the_item() -> None:
    body = page(minuted(COUNTS)).replace(b'<h2 class="mgSubTitleTxt">' + TITLE.encode() + b"</h2>", b"")

    assert minutes.read(body, url=URL).title == TITLE


def test_an_old_page_has_no_label_above_its_minutes() -> None:
    text = (
        "<p>(Item 8 – report of Mr Example, Cabinet Member)</p><p>Cabinet received a report on the third quarter.</p>"
        "<ul><li>That the paper contained the 30 Key Performance Indicators of the Council.</li>"
        "<li>Red indicators were reduced by 4.</li></ul>"
    )

    count = only_count(page(text, title="Quarterly Performance Report - Quarter 3 - 2012/13"))

    assert ratings(count) == (30, None, None, None, None, None, None)
    assert (count.financial_year, count.quarter) == ("2012/13", 3)


def test_glued_words_are_read_as_they_were_meant() -> None:
    text = (
        "Thatthe paper was positive:23ofthe KeyPerformance Indicators hadshown apositive directionoftravel withonly12"
        " falling and reporting 62.5% as ‘Green’."
    )
    description = "<p>The Council’s performance, as assessed against 40 Key Performance Indicators.</p>"

    count = only_count(page(description + minuted(text), title="Performance Monitoring Report - Quarter 1, 2014/15"))

    assert ratings(count) == (40, 25, None, None, 23, None, 12)


def test_numbers_that_a_browser_would_draw_part_the_items() -> None:
    text = (
        '<p>Minutes:</p><ol start="3"><li>Environment and Transport</li></ol>'
        '<ol type="a"><li>Two indicators were Red.</li></ol>'
        '<ol start="4"><li>Three KPIs were rated Amber.</li></ol>'
    )

    assert ratings(only_count(page(text))) == (None, None, 3, None, None, None, None)


def test_a_raised_footnote_mark_is_no_digit() -> None:
    text = minuted("17 of the 38<sup>1</sup> indicators are Green.")

    assert ratings(only_count(page(text)))[:2] == (38, 17)


def test_without_a_quarter_in_the_title_the_minutes_say_which() -> None:
    text = f"This was Quarter 2, reporting results until the end of September 2021. {COUNTS}"

    count = only_count(page(minuted(text), title="Quarterly Performance Report"))

    assert (count.financial_year, count.quarter) == ("2021/22", 2)


def test_where_nothing_says_which_quarter_none_is_guessed() -> None:
    count = only_count(page(minuted(COUNTS), title="Quarterly Performance Report"))

    assert (count.financial_year, count.quarter) == (None, None)


@pytest.mark.parametrize(
    "title",
    ["Cabinet Member Updates", "24/00108 - Revenue and Capital Budget Monitoring Report", "Corporate Risk Register"],
)
def test_under_any_other_item_the_same_words_count_nothing(title: str) -> None:
    reading = minutes.read(page(minuted(COUNTS), title=title), url=URL)

    assert (reading.outcome, reading.facts) == (Outcome.NOTHING, ())


def test_an_item_that_is_still_to_be_discussed_states_nothing() -> None:
    body = page(f"<p>To note the report. {COUNTS}</p>")

    reading = minutes.read(body, url=URL)

    assert (reading.outcome, reading.note) == (Outcome.NOTHING, "the item has no minutes yet")


def test_minutes_without_numbers_are_read_and_hold_nothing() -> None:
    body = page(minuted("Most indicators were Green, Mr Example said, and more were improving than not."))

    reading = minutes.read(body, url=URL)

    assert (reading.outcome, reading.note) == (Outcome.NOTHING, None)


def test_counts_that_cannot_be_read_are_shown_to_the_operator() -> None:
    body = page(minuted("Of the indicators about 20 were Green and roughly ten Red."))

    reading = minutes.read(body, url=URL)

    assert reading.outcome is Outcome.QUARANTINED
    assert reading.note == (
        "counts of ratings are there but could not be read:"
        " 'Of the indicators about 20 were Green and roughly ten Red.'"
    )


def test_a_dashboard_to_one_services_committee_is_not_about_the_council() -> None:
    meeting = (
        "<p>Meeting of Environment &amp; Transport Cabinet Committee, Tuesday, 4th July, 2023 10.00 am (Item 9.)</p>"
    )
    text = "Quarter 1, to the end of June 2023. Of the 19 KPIs 9 were rated green, 4 amber and 5 red."

    reading = minutes.read(page(meeting + minuted(text), title="Performance Dashboard"), url=URL)
    (count,) = reading.of(RagCount)

    assert ratings(count)[:4] == (19, 9, 4, 5)
    assert (count.service, count.financial_year, count.quarter) == ("Environment & Transport", None, None)
    assert str(reading.published_on) == "2023-07-04"


@pytest.mark.parametrize("body", [b"<html></html>", b"<h1>Agenda item</h1>", b"<p>Agenda item", b"<" * 5000])
def test_a_page_with_nothing_on_it_states_nothing(body: bytes) -> None:
    reading = minutes.read(body, url=URL)

    assert (reading.kind, reading.outcome, reading.facts) == (Kind.AGENDA_ITEM, Outcome.NOTHING, ())


# --- printed minutes -----------------------------------------------------------------------

FIRST = """EXAMPLE COUNTY COUNCIL

CABINET

MINUTES of a meeting of the Cabinet held in the Council Chamber,
County Hall, on Thursday, 9 January 2025.

PRESENT: Mr A Example (Chairman), Ms B Example

UNRESTRICTED ITEMS

76. Apologies
(Item 1)

None.

77. Cabinet Member Updates
(Item 2)

1. Of the 12 KPIs of the parks contract, 9 were rated Green and 3 Red. Members
spoke of 5 KPIs rated Amber.

78. Quarterly Performance
Report, Q2 2024-2025
(Item 3)

1. Out of the 40 KPIs contained within the QPR, 16 achieved or exceeded target
(rated Green), 15 achieved or exceeded the floor standard but did not meet the

1"""
SECOND = """target (rated Amber). Eight KPIs did not meet floor standard (rated Red) and one had
no data at time of publication.

2. With regards to Direction of Travel, 11 indicators showed a positive trend, 22
were stable or with no clear trend and six showed a negative trend.

3. RESOLVED to note the report.

79. Draft Budget
(Item 4)

1. 20 KPIs rated Red were part of another story.

2"""


def test_only_the_performance_reports_item_of_printed_minutes_speaks() -> None:
    reading = minutes.printed.read([FIRST, SECOND], url="https://x.example/documents/g1/Printed%20minutes.pdf?T=1")
    (count,) = reading.of(RagCount)

    assert (reading.kind, reading.outcome) == (Kind.MINUTES, Outcome.READ)
    assert ratings(count) == (40, 16, 15, 8, 11, 22, 6)
    assert (count.financial_year, count.quarter) == ("2024/25", 2)
    assert reading.title == "Minutes of the Cabinet, 9 January 2025"
    assert str(reading.published_on) == "2025-01-09"


def test_a_sentence_over_the_page_break_is_one_sentence() -> None:
    (count,) = minutes.printed.read([FIRST, SECOND], url="https://x.example/a.pdf").of(RagCount)

    assert "but did not meet the target (rated Amber). Eight KPIs did not meet floor standard" in (count.quote or "")
    assert count.page == 2  # where most of it stands


def test_printed_minutes_without_item_notes_are_cut_at_their_running_numbers() -> None:
    first = FIRST.replace("(Item 1)\n", "").replace("(Item 2)\n", "").replace("(Item 3)\n", "")
    first = first.replace("Quarterly Performance\nReport", "Quarterly Performance Report")
    second = SECOND.replace("(Item 4)\n", "")

    (count,) = minutes.printed.read([first, second], url="https://x.example/a.pdf").of(RagCount)

    assert ratings(count)[0] == 40


def test_printed_minutes_without_any_items_are_not_a_quiet_meeting() -> None:
    reading = minutes.printed.read(
        [FIRST.split("76.")[0] + "Of the 40 KPIs, 16 were Green."], url="https://x.example/a.pdf"
    )

    assert (reading.outcome, reading.facts) == (Outcome.QUARANTINED, ())
    assert reading.note == "expected numbered items under the heading of the minutes, found none"


def test_an_agenda_that_lists_minutes_is_no_minutes() -> None:
    sheet = "AGENDA\n\nCABINET\n\n3. Minutes of the Meeting held on 30 January 2025 (Pages 1 - 18)"

    assert minutes.printed.recognises([FIRST], url="")
    assert not minutes.printed.recognises([sheet], url="")
    assert not minutes.printed.recognises([], url="")


@pytest.mark.papers
@pytest.mark.parametrize(
    ("paper", "title"),
    [
        (
            "cabinet/2025-01-30/Printed minutes 30th-Jan-2025 10.00 Cabinet.pdf",
            "Minutes of the Cabinet, 30 January 2025",
        ),
        (
            "council/Printed minutes 13th-Feb-2025 09.30 County Council.pdf",
            "Minutes of the County Council, 13 February 2025",
        ),
    ],
)
def test_real_printed_minutes_without_a_performance_report_hold_nothing(papers: Path, paper: str, title: str) -> None:
    with pdf.open_pdf((papers / paper).read_bytes()) as document:
        pages = document.texts()

    assert minutes.printed.recognises(pages, url=paper)
    reading = minutes.printed.read(pages, url=paper)

    assert (reading.title, reading.outcome, reading.facts) == (title, Outcome.NOTHING, ())


@pytest.mark.papers
def test_the_real_minutes_that_the_project_began_with_are_read(seeds: Path) -> None:
    (seed,) = seeds.glob("004_*.txt")
    lines = [line.strip() for line in seed.read_text().splitlines() if line.strip()]
    body = "".join(f"<p>{line}</p>" for line in lines).encode()

    count = only_count(b"<html><body>" + body + b"</body></html>")

    assert ratings(count) == (38, 16, 11, 11, 4, 24, 10)
    assert (count.financial_year, count.quarter) == ("2023/24", 1)
