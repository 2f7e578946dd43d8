"""A meeting's page and the web service's answer as documents: the minutes that stand in them."""

from html import escape

import pytest

from parsers import dispatch
from parsers.records import Kind, Outcome, RagCount, Reading

SITE = "https://democracy.kent.gov.uk"
PAGE = f"{SITE}/ieListDocuments.aspx?CId=115&MId=9311&Ver=4"
SERVICE = f"{SITE}/mgWebService.asmx/GetMeeting?lMeetingId=9311"
COUNTS = "Of the 38 KPIs, 18 were rated Green, 12 were Amber and eight were Red."
REPORT = "Quarterly Performance Report, Quarter 4, 2023/24"


def row(number: int, title: str, minutes: str) -> str:
    return (
        f'<tr><td class="mgItemNumberCell"><p class="mgAiTitleTxt"><a name="AI{number}"></a>{number}.</p></td>'
        f'<td><p class="mgAiTitleTxt">{title}</p><p class="mgSubItemTitleTxt">Minutes:</p>'
        f'<div class="mgWordPara">{minutes}</div></td></tr>'
    )


def page(*rows: str) -> Reading:
    body = (
        '<html><body><div id="modgov"><h1>Agenda and minutes</h1>'
        '<h2 class="mgSubTitleTxt">Cabinet - Thursday, 20th June, 2024 10.00 am</h2>'
        f'<table class="mgItemTable"><tr><th>No.</th><th>Item</th></tr>{"".join(rows)}</table></div></body></html>'
    )
    return dispatch.parse(body.encode(), url=PAGE)


def said(reading: Reading) -> list[tuple[int | None, ...]]:
    return [(c.green, c.amber, c.red, c.total) for c in reading.of(RagCount)]


def test_the_minutes_on_a_meetings_page_are_read() -> None:
    reading = page(row(80, "Apologies", "<p>None.</p>"), row(81, REPORT, f"<p>1. {COUNTS}</p>"))
    assert (reading.kind, reading.outcome) == (Kind.MEETING, Outcome.READ)
    assert said(reading) == [(18, 12, 8, 38)]
    [count] = reading.of(RagCount)
    assert (count.financial_year, count.quarter, count.quote) == ("2023/24", 4, COUNTS)
    assert str(reading.published_on) == "2024-06-20"


def test_other_items_of_the_meeting_are_not_counted() -> None:
    schemes = "<p>Of the 40 savings, 22 were rated Green, 12 were Amber and six were Red.</p>"
    reading = page(row(81, "Revenue and Capital Budget Monitoring", schemes), row(82, REPORT, f"<p>{COUNTS}</p>"))
    assert said(reading) == [(18, 12, 8, 38)]


def test_of_minutes_that_are_cut_short_whole_sentences_are_read() -> None:
    cut = '<a href="mgAi.aspx?ID=81">… view the full minutes text for item 81.</a>'
    assert said(page(row(81, REPORT, f"<p>{COUNTS} Of these, 1{cut}</p>"))) == [(18, 12, 8, 38)]
    half = page(row(81, REPORT, f"<p>The report was introduced. Of the 38 KPIs, 18 were rated Green, 1{cut}</p>"))
    assert (half.outcome, half.facts) == (Outcome.NOTHING, ())


def test_numbers_that_a_browser_draws_before_the_paragraphs_are_no_figures() -> None:
    listed = f"<ol start='17'><li>{COUNTS}</li><li>Members thanked the officers.</li></ol>"
    assert said(page(row(81, REPORT, listed))) == [(18, 12, 8, 38)]


def test_counts_that_cannot_be_read_hold_the_page_back_unless_they_are_whole_elsewhere() -> None:
    vague = "Of the indicators about 20 were Green and roughly ten Red."
    reading = page(row(81, REPORT, f"<p>{vague}</p>"))
    assert (reading.outcome, reading.facts) == (Outcome.QUARANTINED, ())
    assert reading.note is not None and reading.note.startswith(f"{REPORT}: counts of ratings are there")
    cut = page(row(81, REPORT, f'<p>{vague} The <a href="mgAi.aspx?ID=81">… view the full minutes text</a></p>'))
    assert (cut.outcome, cut.note) == (Outcome.NOTHING, None)


@pytest.mark.parametrize("minutes", [f"<p>{COUNTS}</p>", f"<ol><li>{COUNTS}</li></ol>"])
def test_the_web_services_answer_is_read_as_the_page_is(minutes: str) -> None:
    body = f"""<meeting><meetingid>9311</meetingid><meetingdate>20/06/2024</meetingdate>
    <minutepublished>True</minutepublished><agendapublished>True</agendapublished><agendaitems>
    <agendaitem><agendaitemid>65010</agendaitemid><agendaitemtitle>{REPORT}</agendaitemtitle>
    <agendaitemnumber>6</agendaitemnumber><minutesnonemptyhtmlbody>{escape(minutes)}</minutesnonemptyhtmlbody>
    </agendaitem></agendaitems></meeting>"""
    reading = dispatch.parse(body.encode(), url=SERVICE)
    assert (reading.kind, reading.outcome, said(reading)) == (Kind.MEETING, Outcome.READ, [(18, 12, 8, 38)])
