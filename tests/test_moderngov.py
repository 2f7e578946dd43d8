"""ModernGov's pages and XML, and what happens when they are not what they should be."""

from datetime import date, time
from pathlib import Path

import pytest

from parsers import moderngov
from parsers.errors import ParseError
from parsers.meeting import read
from parsers.records import Kind, Outcome

SITE = "https://democracy.kent.gov.uk"
AGENDA_URL = f"{SITE}/ieListDocuments.aspx?CId=115&MId=9476&Ver=4"


def page(content: str, *, h1: str = "Agenda and draft minutes", title: str = "Agenda for Cabinet") -> bytes:
    """A page in the platform's frame, with its menu."""
    return f"""<html><head><meta name="DC.date" scheme="W3CDTF" content="2026-08-11"/><title>{title}</title>
    </head><body>
    <ul><li><a href="mgListCommittees.aspx?bcr=1">Committees</a></li><li>
    <a href="ieDocHome.aspx?bcr=1">Meetings</a></li></ul>
    <div id="modgov"><h1>{h1}</h1><div class="mgContent" >{content}</div><div class="mgFooter"> </div></div>
    </body></html>
    <!-- modern.gov reverse CMS: undefined -->""".encode()


AGENDA = """
<h2 class="mgSubTitleTxt">Cabinet - Tuesday, 4th March, 2025 10.00 am</h2>
<ul class="mgActionList">
 <li><a  href="documents/g9476/Agenda%20frontsheet%2004th-Mar-2025%2010.00%20Cabinet.pdf?T=0" title="x">Agenda
    frontsheet
   <img src="mgimages/doc.gif" alt="pdf icon"/> PDF 251 KB</a></li>
 <li><a href="documents/g9476/Printed minutes 04th-Mar-2025.pdf?T=1">Printed minutesPDF 186 KB</a></li>
</ul>
<p><span class="mgLabel">Venue:</span> Council Chamber <a href="http://maps.example/">View directions</a></p>
<table class="mgItemTable" id="mgItemTable"><tr><th>No.</th><th>Item</th></tr>
<tr><td class="mgItemNumberCell"><p class="mgAiTitleTxt">&nbsp;</p></td><td>
    <p class="mgAiTitleTxt">UNRESTRICTED ITEMS</p></td></tr>
<tr><td class="mgItemNumberCell"><p  class="mgAiTitleTxt" ><a name="AI66160"></a>81.</p></td>
<td><p class="mgAiTitleTxt"><a  class="mgAiTitleLnk"   href="documents/s129435/Cabinet%20QPR%20Q3%20Cover.pdf"
  title="Link to document &#39;Cabinet QPR Q3 Cover&#39; pdf file">Quarterly Performance Report, Q3 2024&#45;2025
  <img alt="pdf icon" /> PDF 90 KB</a></p>
 <div class="mgWordPara"><p>To note the report.</p><table><tr><td>1</td><td>a table of Word's</td></tr></table></div>
 <p class="mgSubItemTitleTxt">Additional documents:</p>
 <ul class="mgBulletList"><li>
    <a  href="documents/s129436/QPR\r\n%20Q3.pdf">Appendix 1 - QPR Q3, item 81. <img alt="pdf icon"/>
   PDF 1 MB</a></li>
   <li>Restricted enclosure 17 <a href="mgReasons.aspx?ID=5">View the reasons why document 81./2 is restricted</a></li>
   <li><a href="https://kent.public-i.tv/core/x">Webcast for 81.</a></li></ul>
 <p>There are a further 5 documents. <a href="mgAi.aspx?ID=66160">View the full list of documents for item 81.</a></p>
 <p class="mgSubItemTitleTxt">Minutes:</p><div class="mgWordPara">
    <p>1. Mr Brady said … <a href="mgAi.aspx?ID=66160">view
   the full minutes text for item 81.</a></p></div></td></tr>
<tr><td class="mgItemNumberCell"><p class="mgAiTitleTxt"><a name="AI66161"></a>8a</p></td>
<td><p class="mgAiTitleTxt">24/00093 - Contract award (to follow)</p></td></tr>
<tr><td class="mgItemNumberCell"><p class="mgAiTitleTxt"><a name="AI66162"></a>C1</p></td>
<td><p class="mgAiTitleTxt">Children&#8217;s homes</p><p>View the reasons why item C1 is restricted</p></td></tr>
</table>"""


def test_an_agenda_page_gives_its_meeting_items_and_papers() -> None:
    meeting = moderngov.read_meeting(page(AGENDA), url=AGENDA_URL)
    assert (meeting.mid, meeting.cid, meeting.committee) == (9476, 115, "Cabinet")
    assert (meeting.held_on, meeting.starts_at, meeting.status) == (date(2025, 3, 4), time(10, 0), "scheduled")
    assert meeting.stage == "Agenda and draft minutes"
    assert [(item.aid, item.number, item.title) for item in meeting.items] == [
        (None, None, "UNRESTRICTED ITEMS"),
        (66160, "81", "Quarterly Performance Report, Q3 2024-2025"),
        (66161, "8a", "24/00093 - Contract award (to follow)"),
        (66162, "C1", "Children’s homes"),
    ]
    report = meeting.items[1]
    assert [(paper.file, paper.title, paper.size) for paper in report.papers] == [
        ("s129435", "Quarterly Performance Report, Q3 2024-2025", "90 KB"),
        ("s129436", "Appendix 1 - QPR Q3", "1 MB"),
    ]
    assert report.papers[1].url == f"{SITE}/documents/s129436/QPR%20Q3.pdf"
    assert report.papers[1].key == "moderngov:democracy.kent.gov.uk:s129436"
    assert report.url == report.more_papers == report.more_minutes == f"{SITE}/mgAi.aspx?ID=66160"
    assert (report.has_minutes, report.restricted) == (True, 1)
    assert (meeting.items[2].has_minutes, meeting.items[2].papers) == (False, ())
    assert meeting.items[3].restricted == 1
    assert [(paper.file, paper.title) for paper in meeting.papers] == [
        ("g9476:T0", "Agenda frontsheet"),
        ("g9476:T1", "Printed minutes"),
    ]


@pytest.mark.parametrize(
    ("heading", "committee", "status", "starts"),
    [
        ("Cabinet - Tuesday, 20th July, 2021 10.00 am, CANCELLED", "Cabinet", "cancelled", time(10)),
        ("Cabinet - Thursday, 20th July, 2023 11.15 am, POSTPONED", "Cabinet", "postponed", time(11, 15)),
        ("Governance and Audit Committee - Wednesday, 9th October, 2024 10.00 am, NEW", None, "new", time(10)),
        ("Annual Meeting, County Council - Thursday, 22nd May, 2025 10.00 am", "County Council", "scheduled", time(10)),
        (
            "Budget Meeting - reserve date, County Council - Friday, 14th February, 2025 9.30 am, WITHDRAWN",
            "County Council",
            "withdrawn",
            time(9, 30),
        ),
        (
            "Children's, Young People and Education Cabinet Committee - Tuesday, 16th January, 2024 2.00 pm, MOVED",
            "Children's, Young People and Education Cabinet Committee",
            "moved",
            time(14),
        ),
        (
            "Special Educational Needs, Disability and Inclusion Sub-Committee - Monday, 3rd March, 2025",
            "Special Educational Needs, Disability and Inclusion Sub-Committee",
            "scheduled",
            None,
        ),
        ("New Homes - Panel - Monday, 3 March 2025 12.00 noon", "New Homes - Panel", "scheduled", time(12)),
    ],
)
def test_the_heading_tells_committee_time_and_status(
    heading: str, committee: str | None, status: str, starts: time | None
) -> None:
    meeting = moderngov.read_meeting(page(f"<h2>{heading}</h2>", h1="Agenda"), url=AGENDA_URL)
    assert meeting.committee == (committee or "Governance and Audit Committee")
    assert (meeting.status, meeting.starts_at) == (status, starts)
    assert meeting.held_on is not None
    assert meeting.items == ()


def test_a_page_in_the_wrong_frame_is_read_all_the_same() -> None:
    notice = """<p>This page is a default template because the custom branding https://www.kent.gov.uk/_designs/ could
    not be loaded. Technical Error: The request was aborted: Could not create SSL/TLS secure channel.</p>"""
    content = AGENDA[AGENDA.index("<table") :]
    body = f"<html><body>{notice}<h1>Agenda and minutes</h1><h1>Agenda and minutes</h1>{content}</body></html>".encode()
    meeting = moderngov.read_meeting(body, url=AGENDA_URL)
    assert meeting.branding_failed
    assert (meeting.committee, meeting.held_on) == (None, None)
    assert meeting.items[1].papers[0].file == "s129435"
    assert not moderngov.read_meeting(page(AGENDA), url=AGENDA_URL).branding_failed


def test_items_are_found_without_a_table() -> None:
    content = """<h2>Cabinet - Tuesday, 4th March, 2025 10.00 am</h2><div class="items">
    <div><a name="AI1"></a><h3>6. Performance</h3><p><a href="documents/s1/x.pdf">Report PDF 1 KB</a></p></div>
    <div><span id="AI2"></span><h3>7. Risk</h3><p><a href="documents/s2/x.pdf">Register PDF 1 KB</a></p></div></div>"""
    meeting = moderngov.read_meeting(page(content), url=AGENDA_URL)
    assert [(item.aid, item.number, item.title, item.papers[0].title) for item in meeting.items] == [
        (1, "6", "Performance", "Report"),
        (2, "7", "Risk", "Register"),
    ]


@pytest.mark.parametrize(
    ("body", "found"),
    [
        (b"<html><title>Just a moment...</title></html>", "a page 'Just a moment...'"),
        (page("<p>Welcome to our new site</p>", h1="Democracy"), "a page 'Democracy'"),
        (b"", "without a heading"),
        (b"<?xml version='1.0'?><committees/>", "<committees>"),
        (page("<h2>Cabinet - Tuesday, 4th March, 2025</h2>", h1="Agenda and minutes"), "expected the items"),
        (
            page(
                "<h2>Cabinet - Tuesday, 4th March, 2025</h2><p><a href='documents/s1/x.pdf'>Report</a></p>", h1="Agenda"
            ),
            "1 documents, found none",
        ),
    ],
    ids=["challenge", "redesign", "empty", "other-xml", "minutes-without-items", "papers-without-items"],
)
def test_what_is_no_agenda_is_not_an_empty_one(body: bytes, found: str) -> None:
    with pytest.raises(ParseError, match=".*" + found.replace("(", r"\(")):
        moderngov.read_meeting(body, url=AGENDA_URL)


# Lists


def test_a_list_of_meetings_gives_dates_times_statuses_and_the_way_back() -> None:
    content = """<ul class="mgBulletList">
    <li><a  class="mgMeetingTableLnk"   href="ieListDocuments.aspx?CId=115&amp;MId=9788&amp;Ver=4"
    title="Link to agenda">25 Sep
      2025&nbsp;10.00 am</a> - Agenda and minutes</li>
    <li><a href="ieListDocuments.aspx?MID=8991&amp;CId=115">3 Nov 2022&nbsp;10.00 am</a> - CANCELLED</li>
    <li><a href="ieListDocuments.aspx?CommitteeId=115&amp;MeetingId=9790">26 Jun 2026</a></li></ul>
    <p><a href="ieListMeetings.aspx?Act=Prev&amp;CId=115&amp;D=202211030000&amp;MD=ielistmeetings">Previous meetings</a>
    <a href="ieListMeetings.aspx?Act=later&amp;CId=115&amp;D=202606260000&amp;MD=ielistmeetings">Next</a></p>"""
    url = f"{SITE}/ieListMeetings.aspx?CId=115&Year=0"
    listed = moderngov.read_meetings(page(content, h1="Browse meetings - Cabinet"), url=url)
    assert listed.committee == "Cabinet"
    assert [(e.mid, e.cid, e.held_on, e.starts_at, e.status, e.stage) for e in listed.meetings] == [
        (9788, 115, date(2025, 9, 25), time(10), "scheduled", "Agenda and minutes"),
        (8991, 115, date(2022, 11, 3), time(10), "cancelled", ""),
        (9790, 115, date(2026, 6, 26), None, "scheduled", ""),
    ]
    assert listed.earlier is not None and "Act=Prev" in listed.earlier
    assert listed.later is not None and "Act=later" in listed.later


def test_a_list_of_meetings_may_be_a_table() -> None:
    content = """<table><tr><td>25 September 2025</td><td>10.00 am</td>
    <td><a href="ieListDocuments.aspx?CId=115&amp;MId=9788">Agenda</a></td><td>Cancelled</td></tr>
    <tr><td>3 Nov 2022</td><td>2.15 pm</td><td><a href="ieListDocuments.aspx?CId=115&amp;MId=8991">Agenda</a>
    </td></tr></table>"""
    listed = moderngov.read_meetings(page(content, h1="Meetings"), url=f"{SITE}/ieListMeetings.aspx?CId=115")
    assert [(e.mid, e.held_on, e.starts_at, e.status) for e in listed.meetings] == [
        (9788, date(2025, 9, 25), time(10), "cancelled"),
        (8991, date(2022, 11, 3), time(14, 15), "scheduled"),
    ]


def test_a_page_without_meetings_must_at_least_be_about_meetings() -> None:
    url = f"{SITE}/ieListMeetings.aspx?CId=115&Year=0"
    assert moderngov.read_meetings(page("", h1="Browse meetings - Cabinet"), url=url).meetings == ()
    with pytest.raises(ParseError, match="expected a list of meetings, found no link to one"):
        moderngov.read_meetings(page("", h1="Welcome"), url=url)


def test_the_committee_list_gives_each_body_once() -> None:
    content = """<h2>Executive</h2><ul><li><a href="mgCommitteeDetails.aspx?ID=115">Cabinet</a></li></ul>
    <h2>Scrutiny</h2><ul><li>
    <a href="ieListMeetings.aspx?CId=894&amp;info=1&amp;bcr=1">Children&#39;s, Young People</a></li>
    <li><a href="ieListMeetings.aspx?CommitteeId=829">Adult</a> decommissioned 16/05/2017</li>
    <li><a href="mgCommitteeDetails.aspx?ID=115">Cabinet again</a></li></ul>"""
    found = moderngov.read_committees(page(content, h1="Committees"), url=f"{SITE}/mgListCommittees.aspx")
    assert [(c.cid, c.name, c.category, c.active) for c in found] == [
        (115, "Cabinet", "Executive", True),
        (894, "Children's, Young People", "Scrutiny", True),
        (829, "Adult", "Scrutiny", False),
    ]
    with pytest.raises(ParseError, match="expected links to committees"):
        moderngov.read_committees(page("", h1="Committees"), url=SITE)


def test_the_page_of_an_item_has_all_its_papers() -> None:
    content = """<h2 class="mgSubTitleTxt">Quarterly Performance Report</h2><p>Minutes:</p>
    <div class="mgWordPara">1. x</div>
    <p>Supporting documents:</p><ul><li><a href="documents/s1/Cover.pdf">Cover <img alt="pdf icon"/> PDF 90 KB</a></li>
    <li><a href="documents/s2/QPR.pdf">QPR PDF 1 MB</a></li><li>Restricted enclosure 3</li></ul>
    <p><a href="ieListDocuments.aspx?MId=9476">Meeting of Cabinet, Tuesday, 4th March, 2025 10.00 am (Item
    81.)</a></p>"""
    item = moderngov.read_item(page(content, h1="Agenda item"), url=f"{SITE}/mgAi.aspx?ID=66160")
    assert (item.aid, item.title, item.has_minutes) == (66160, "Quarterly Performance Report", True)
    assert [paper.file for paper in item.papers] == ["s1", "s2"]
    assert (item.committee, item.held_on) == ("Cabinet", date(2025, 3, 4))
    with pytest.raises(ParseError, match="expected the page of an agenda item"):
        moderngov.read_item(page("<h2>x</h2>", h1="Welcome"), url=f"{SITE}/mgAi.aspx?ID=66160")


# The web service

SERVICE = f"{SITE}/mgWebService.asmx"


def test_the_services_meeting_has_titles_papers_and_dates_of_publication() -> None:
    body = b"""<?xml version="1.0" encoding="utf-8"?><meeting><meetingid> 4967</meetingid>
    <meetingdate>10/02/2026</meetingdate>
    <meetingstatus>Confirmed</meetingstatus><meetingtime>10.00 am</meetingtime><agendaid>4967</agendaid>
    <agendapublished>True</agendapublished><decisionpublished>False</decisionpublished>
    <minutepublished>True</minutepublished>
    <agendaitems><agendaitem><agendaitemid>1</agendaitemid><agendaitemtitle>EXEMPT ITEMS </agendaitemtitle>
    <agendaitemnumber>0</agendaitemnumber><fulldisplaynumberformat></fulldisplaynumberformat>
    <minutesitemnumber>0</minutesitemnumber>
    <minutesnonemptyhtmlbody></minutesnonemptyhtmlbody><linkeddocuments></linkeddocuments></agendaitem>
    <agendaitem><agendaitemid>2</agendaitemid>
    <agendaitemtitle>Children&amp;amp;#39;s report &amp;amp; more </agendaitemtitle>
    <fulldisplaynumberformat>6.</fulldisplaynumberformat><minutesitemnumber>81</minutesitemnumber>
    <minutesnonemptyhtmlbody>&lt;p&gt;The report was noted.&#x1F;&lt;/p&gt;</minutesnonemptyhtmlbody>
    <linkeddocuments><linkeddoc><attachmentid>60860</attachmentid><title>Report&amp;#58; Q3 </title><isurl>False</isurl>
    <url>https://democracy.kent.gov.uk:9071/mgConvert2PDF.aspx?ID=60860</url><isrestricted>False</isrestricted>
    <publicationdate>02/02/2026</publicationdate></linkeddoc>
    <linkeddoc><attachmentid>60861</attachmentid><title>Annex</title><isrestricted>True</isrestricted><url/></linkeddoc>
    <linkeddoc><attachmentid>0</attachmentid><title>Film</title><isurl>True</isurl><url>https://video.example/1</url>
    <isrestricted>False</isrestricted></linkeddoc></linkeddocuments></agendaitem></agendaitems></meeting>"""
    meeting = moderngov.read_meeting(body, url=f"{SERVICE}/GetMeeting?lMeetingId=4967")
    assert (meeting.mid, meeting.held_on, meeting.starts_at) == (4967, date(2026, 2, 10), time(10))
    assert [(i.aid, i.number, i.title, i.restricted, i.has_minutes) for i in meeting.items] == [
        (1, None, "EXEMPT ITEMS", 0, False),
        (2, "81", "Children's report & more", 1, True),
    ]
    assert [(p.file, p.title, p.published_on) for p in meeting.items[1].papers] == [
        ("s60860", "Report: Q3", date(2026, 2, 2))
    ]
    reading = read(body, url=f"{SERVICE}/GetMeeting?lMeetingId=4967")
    assert "The report was noted." in reading.text


def test_an_answer_that_holds_fewer_than_it_says_is_refused() -> None:
    body = b"<getmeetings><meetingscount> 2</meetingscount><committee><committeeid>1</committeeid></committee></x>"
    body = body.replace(b"</x>", b"</getmeetings>")
    with pytest.raises(ParseError, match="expected 2 by <meetingscount>, found 0"):
        moderngov.read_meetings(body, url=f"{SERVICE}/GetMeetings")


def test_xml_that_attacks_is_refused() -> None:
    bomb = b"""<?xml version="1.0"?><!DOCTYPE meeting [<!ENTITY a "x"><!ENTITY b "&a;&a;">]><meeting>
    <meetingid>&b;</meetingid></meeting>"""
    with pytest.raises(ParseError):
        moderngov.read_meeting(bomb, url=f"{SERVICE}/GetMeeting?lMeetingId=1")
    file = b"""<?xml version="1.0"?><!DOCTYPE meeting [<!ENTITY f SYSTEM "file:///etc/passwd">]>
    <meeting><meetingid>1</meetingid><meetingdate>&f;</meetingdate></meeting>"""
    with pytest.raises(ParseError):
        moderngov.read_meeting(file, url=f"{SERVICE}/GetMeeting?lMeetingId=1")


@pytest.mark.papers
def test_real_answers_of_the_service(papers: Path) -> None:
    folder = papers / "xml"
    committees = moderngov.read_committees((folder / "GetCommittees.xml").read_bytes(), url=f"{SERVICE}/GetCommittees")
    assert [(c.cid, c.active) for c in committees] == [(312, False), (163, True), (144, True)]
    listed = moderngov.read_meetings((folder / "GetMeetings.xml").read_bytes(), url=f"{SERVICE}/GetMeetings")
    assert [(e.mid, e.held_on, e.status) for e in listed.meetings] == [
        (4966, date(2026, 1, 13), "cancelled"),
        (4967, date(2026, 2, 10), "scheduled"),
    ]
    cancelled = (folder / "GetMeeting_cancelled.xml").read_bytes()
    assert moderngov.read_meeting(cancelled, url=f"{SERVICE}/GetMeeting?lMeetingId=4966").items == ()
    body = (folder / "GetMeeting_with_minutes.xml").read_bytes()
    meeting = moderngov.read_meeting(body, url=f"{SERVICE}/GetMeeting?lMeetingId=4967")
    assert (meeting.committee, meeting.items[0].number, meeting.items[0].aid) == ("Audit Committee", "1", 18831)
    assert meeting.items[0].papers[0].file == "s60860"


@pytest.mark.papers
def test_real_search_pages_are_no_agendas(papers: Path) -> None:
    for file in sorted((papers / "html").glob("*.html")):
        with pytest.raises(ParseError):
            moderngov.read_meeting(file.read_bytes(), url=AGENDA_URL)


# As a reader


def test_a_meeting_is_read_as_a_page_without_facts() -> None:
    reading = read(page(AGENDA), url=AGENDA_URL)
    assert (reading.kind, reading.outcome, reading.facts) == (Kind.MEETING, Outcome.NOTHING, ())
    assert reading.title == "Cabinet, 4 March 2025"
    assert "Mr Brady said" in reading.text


@pytest.mark.parametrize(
    ("url", "body", "is_one"),
    [
        (AGENDA_URL, b"", True),
        (f"{SERVICE}/GetMeeting?lMeetingId=1", b"", True),
        ("https://h/ingested.xml", b"<?xml version='1.0'?>\n<meeting><meetingid>1", True),
        (f"{SITE}/mgAi.aspx?ID=1", b"<html>", False),
        (f"{SITE}/documents/s1/x.pdf", b"%PDF-", False),
    ],
)
def test_the_reader_knows_its_own(url: str, body: bytes, is_one: bool) -> None:
    assert moderngov.recognises(body, url=url) is is_one


def test_error_pages_are_told_from_agendas() -> None:
    assert moderngov.is_error_page(page("Sorry", h1="An error has occurred"))
    assert moderngov.is_error_page(page("x", h1="x"), url=f"{SITE}/mgError.aspx?x=1")
    assert not moderngov.is_error_page(page(AGENDA))
