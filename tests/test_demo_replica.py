"""The replica behaves as the real sites do, faults included."""

import http.client
import json
import re
import tomllib
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from xml.etree import ElementTree

import pymupdf
import pytest

from demo import story
from demo.replica import FAULTS, Replica

TODAY = date(2026, 11, 21)
STATISTICS = "/lgo/your-councils-performance/kent-county-council/statistics"


@pytest.fixture
def replica() -> Iterator[Replica]:
    with Replica(today=TODAY) as running:
        yield running


class _Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *args: object, **kwargs: object) -> None:
        return None


def get(replica: Replica, path: str, **headers: str) -> tuple[int, bytes, dict[str, str]]:
    """Status, body and headers; redirects are not followed."""
    url = path if path.startswith("http") else replica.base_url + path
    request = urllib.request.Request(url, headers=headers)
    try:
        with urllib.request.build_opener(_Stay).open(request, timeout=20) as answer:
            return answer.status, answer.read(), {k.lower(): v for k, v in answer.headers.items()}
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read(), {k.lower(): v for k, v in error.headers.items()}


def text(replica: Replica, path: str) -> str:
    return get(replica, path)[1].decode()


def pdf_words(body: bytes) -> str:
    with pymupdf.open(stream=body, filetype="pdf") as pdf:
        return " ".join(" ".join(page.get_text().split()) for page in pdf)


def meeting_path(replica: Replica) -> str:
    return f"/ieListDocuments.aspx?CId=115&MId={replica.council.report_meeting(replica.council.last).mid}&Ver=4"


# --- dates ------------------------------------------------------------------


@pytest.mark.parametrize("today", [TODAY, date(2025, 3, 20), date(2025, 4, 1), date(2024, 2, 29), date(2027, 1, 1)])
def test_the_last_report_is_weeks_old_and_the_next_quarter_is_over(today: date) -> None:
    with Replica(today=today) as replica:
        last = replica.council.report_meeting(replica.council.last)
        assert last.published is not None
        assert timedelta(days=12) <= today - last.day <= timedelta(days=18)
        assert today - last.published <= timedelta(days=30)
        following = replica.publish_next()
        assert following.edition.period_end < today
        meeting = replica.council.report_meeting(following.edition)
        assert meeting.published == today < meeting.day


def test_a_day_before_the_story_is_refused() -> None:
    with pytest.raises(ValueError, match="expected a day after"):
        Replica(today=date(2023, 6, 1))


# --- ModernGov --------------------------------------------------------------


def test_committees_lead_to_meetings_and_those_to_papers(replica: Replica) -> None:
    listed = text(replica, "/mgListCommittees.aspx?bcr=1")
    assert 'href="mgCommitteeDetails.aspx?ID=115"' in listed
    assert 'href="ieListMeetings.aspx?CId=115&amp;Year=0"' in text(replica, "/mgCommitteeDetails.aspx?ID=115")
    mid = replica.council.report_meeting(replica.council.last).mid
    assert f"CId=115&amp;MId={mid}&amp;Ver=4" in text(replica, "/ieListMeetings.aspx?CId=115&Year=0")
    page = text(replica, meeting_path(replica))
    assert re.search(r'<a  class="mgAiTitleLnk"   href="documents/s\d+/', page)


def test_query_keys_may_be_in_any_case_and_order(replica: Replica) -> None:
    mid = replica.council.report_meeting(replica.council.last).mid
    for query in (f"MID={mid}&cid=115", f"MeetingId={mid}", f"Ver=4&mid={mid}"):
        assert f'name="AI{replica.council.report_meeting(replica.council.last).items[6].aid}"' in text(
            replica, f"/ieListDocuments.aspx?{query}"
        )


def test_pages_change_around_their_content_from_request_to_request(replica: Replica) -> None:
    first, second = text(replica, meeting_path(replica)), text(replica, meeting_path(replica))
    assert first != second
    assert f'content="{TODAY.isoformat()}"' in first
    content = re.compile(r'<div class="mgContent" >(.*)<div class="mgFooter"', re.DOTALL)
    found = [content.search(page) for page in (first, second)]
    assert found[0] and found[1] and found[0][1] == found[1][1]


def test_moderngov_sends_no_validators_and_news_does(replica: Replica) -> None:
    assert "etag" not in get(replica, meeting_path(replica))[2]
    status, _, headers = get(replica, "/news/rss/")
    assert status == 200
    assert get(replica, "/news/rss/", **{"If-None-Match": headers["etag"]})[0] == 304
    assert get(replica, "/news/rss/", **{"If-Modified-Since": headers["last-modified"]})[0] == 304
    replica.publish_next()
    assert get(replica, "/news/rss/", **{"If-None-Match": headers["etag"]})[0] == 200


def test_older_meetings_stand_behind_a_link(replica: Replica) -> None:
    page = text(replica, "/ieListMeetings.aspx?CId=115&Year=0")
    seen: set[str] = set()
    for _ in range(10):
        seen |= set(re.findall(r"MId=(\d+)", page))
        link = re.search(r'href="(ieListMeetings\.aspx\?Act=Prev[^"]+)"', page)
        if not link:
            break
        page = text(replica, "/" + link[1].replace("&amp;", "&"))
    assert seen == {str(meeting.mid) for meeting in replica.council.cabinet.meetings}


def test_a_called_off_meeting_says_so_in_its_heading_and_not_in_its_title(replica: Replica) -> None:
    replica.call_off(replica.council.last)
    page = text(replica, meeting_path(replica))
    title, heading = re.search("<title>(.*?)</title>", page), re.search("<h2[^>]*>(.*?)</h2>", page)
    assert title and heading
    assert "CANCELLED" not in title[1]
    assert heading[1].endswith(", CANCELLED")


def test_minutes_renumber_the_items_and_change_the_heading(replica: Replica) -> None:
    before = text(replica, meeting_path(replica))
    replica.bring_out_minutes(replica.council.last)
    draft = text(replica, meeting_path(replica))
    replica.bring_out_minutes(replica.council.last, final=True)
    final = text(replica, meeting_path(replica))
    item = replica.council.report_meeting(replica.council.last).items[6]
    numbers = [re.search(rf'name="AI{item.aid}"></a>([^<]*)<', page) for page in (before, draft, final)]
    assert [number and number[1] for number in numbers] == ["6.", item.minute_number, item.minute_number]
    assert item.minute_number != "6."
    for page, heading in ((before, "Agenda"), (draft, "Agenda and draft minutes"), (final, "Agenda and minutes")):
        assert f"<h1>{heading}</h1>" in page
    assert "Printed minutes" in final and "Printed minutes" not in before


def test_long_minutes_are_cut_on_the_meeting_and_whole_on_the_item(replica: Replica) -> None:
    odd = next(m for m in replica.council.cabinet.meetings if m.edition and m.edition.number % 2 and m.stage == "final")
    item = odd.items[6]
    page = text(replica, f"/ieListDocuments.aspx?MId={odd.mid}")
    assert re.search(r"\.\.\. <a [^>]*mgAi\.aspx\?ID=\d+\" >view the full minutes\s+text for item", page)
    assert "rated Red" not in " ".join(re.sub("<[^>]+>", " ", page).split())
    whole = re.sub("<[^>]+>", " ", text(replica, f"/mgAi.aspx?ID={item.aid}"))
    assert "rated Red" in " ".join(whole.split())


def test_more_than_five_documents_are_behind_a_link(replica: Replica) -> None:
    meeting, item = next(
        (m, i) for m in replica.council.meetings() for i in m.items if len(i.papers) > 5 and m.committee.cid == 144
    )
    page = text(replica, f"/ieListDocuments.aspx?CId=144&MId={meeting.mid}")
    assert "There are a further 4 documents." in page
    whole = text(replica, f"/mgAi.aspx?ID={item.aid}")
    assert all(f"documents/s{paper.sid}/" in whole for paper in item.papers)
    assert sum(f"documents/s{paper.sid}/" in page for paper in item.papers) == 5


def test_restricted_papers_have_no_address(replica: Replica) -> None:
    meeting, paper = next((m, p) for m in replica.council.meetings() for i in m.items for p in i.papers if p.restricted)
    page = text(replica, f"/ieListDocuments.aspx?MId={meeting.mid}")
    assert f"documents/s{paper.sid}" not in page
    assert get(replica, f"/documents/s{paper.sid}/x.pdf")[0] == 404


def test_the_file_name_of_a_paper_does_not_matter_and_packs_want_their_t(replica: Replica) -> None:
    url = replica.report_url(replica.council.last)
    assert get(replica, f"{url}/anything.pdf")[1] == get(replica, url)[1]
    mid = replica.council.report_meeting(replica.council.last).mid
    assert "AGENDA" in pdf_words(get(replica, f"/documents/g{mid}/x.pdf?T=0")[1])
    assert "Agenda Item 6" in pdf_words(get(replica, f"/documents/g{mid}/x.pdf?T=10")[1])
    assert get(replica, f"/documents/g{mid}/x.pdf")[0] == 404


def test_the_same_minutes_stand_under_two_numbers(replica: Replica) -> None:
    last = replica.council.report_meeting(replica.council.last)
    paper = last.items[3].papers[0]
    printed = [p for m in replica.council.cabinet.meetings for p in m.packs if p.kind == 1]
    attached = get(replica, f"/documents/s{paper.sid}/x.pdf")[1]
    assert any(get(replica, f"/documents/g{p.number}/x.pdf?T=1")[1] == attached for p in printed[-2:])


def test_unknown_pages_and_numbers_lead_to_the_error_page(replica: Replica) -> None:
    for path in ("/mgSearchResults.aspx", "/ieListDocuments.aspx?MId=1", "/mgAi.aspx?ID=2"):
        status, _, headers = get(replica, path)
        assert (status, headers["location"]) == (302, "mgError.aspx")
    assert get(replica, "/mgError.aspx")[0] == 200


def test_whats_new_feed_and_search_know_the_last_agenda(replica: Replica) -> None:
    mid = str(replica.council.report_meeting(replica.council.last).mid)
    assert mid in text(replica, "/mgWhatsNew.aspx?bcr=1")
    assert mid in text(replica, "/mgRss.aspx?XXR=0")
    assert "<rss" not in text(replica, "/mgRss.aspx?bcr=1")
    assert f"MID={mid}" in text(replica, "/ieSearchResults2.aspx?SS=performance&DT=3&CA=false&SB=true")
    assert "No results found" in text(replica, "/ieSearchResults2.aspx?SS=zzqx")


# --- the web service --------------------------------------------------------


def xml(replica: Replica, method: str) -> ElementTree.Element:
    return ElementTree.fromstring(get(replica, f"/mgWebService.asmx/{method}")[1])


def test_the_web_service_tells_the_same_as_the_pages(replica: Replica) -> None:
    meeting = replica.council.report_meeting(replica.council.last)
    committees = xml(replica, "GetCommittees?lDummy=0")
    assert committees.findtext("committeescount") == f" {len(replica.council.committees)}"
    day = f"{meeting.day:%d/%m/%Y}"
    listed = xml(replica, f"GetMeetings?lCommitteeId=115&sFromDate={day}&sToDate={day}")
    assert listed.findtext(".//meetingid") == str(meeting.mid)
    assert listed.findtext("meetingscount") == " 1"
    whole = xml(replica, f"GetMeeting?lMeetingId={meeting.mid}")
    assert [node.text for node in whole.iter("attachmentid")] == [
        str(paper.sid) for item in meeting.items for paper in item.papers
    ]
    published = {node.findtext("publicationdate") for node in whole.iter("linkeddoc")}
    assert published == {f"{meeting.published:%d/%m/%Y}"}
    report = next(
        n for n in whole.iter("linkeddoc") if n.findtext("attachmentid") == str(meeting.items[6].papers[1].sid)
    )
    assert get(replica, str(report.findtext("url")))[1] == get(replica, replica.report_url(replica.council.last))[1]


def test_the_web_service_is_strict_about_parameters_and_may_be_away(replica: Replica) -> None:
    assert get(replica, "/mgWebService.asmx/GetMeetings?lCommitteeId=115")[0] == 500
    assert get(replica, "/mgWebService.asmx/GetMeeting?lMeetingId=1")[0] == 500
    replica.xml = False
    assert get(replica, "/mgWebService.asmx/GetCommittees?lDummy=0")[0] == 404


# --- what happens later -----------------------------------------------------


def test_publishing_brings_the_next_quarter_everywhere(replica: Replica) -> None:
    last = replica.council.last
    before = text(replica, STATISTICS)
    facts = replica.publish_next()
    assert facts.edition == last.plus(1)
    words = pdf_words(get(replica, replica.report_url(facts.edition))[1])
    assert f"Quarter {facts.edition.quarter} {facts.edition.financial_year}" in words
    meeting = replica.council.report_meeting(facts.edition)
    cover = pdf_words(get(replica, f"/documents/s{meeting.items[6].papers[0].sid}/x.pdf")[1])
    assert f"{facts.counts.green} achieved target" in cover
    assert replica.council.report_meeting(last).stage == "draft"
    after = text(replica, STATISTICS)
    assert "1 April 2023 to 31 March 2024" in before and "1 April 2024 to 31 March 2025" in after
    assert story.NEXT_PUBLIC_REPORTS[0].title not in before
    assert story.NEXT_PUBLIC_REPORTS[0].title in after
    assert "24 090 933" not in before and "24 090 933" in after
    assert f"{facts.counts.amber + facts.counts.red} of {facts.kpi_total} areas" in text(replica, "/news/rss/")
    waiting = [i.title for m in replica.council.meetings() for i in m.items if "to follow" in i.title]
    assert not waiting


def test_a_scripted_year_can_go_on(replica: Replica) -> None:
    today = TODAY
    editions = []
    for _ in range(5):
        editions.append(replica.publish_next(today).edition)
        today += timedelta(days=91)
    assert editions == [replica.council.last.plus(n) for n in range(1, 6)]
    assert get(replica, replica.report_url(editions[-1]))[0] == 200
    assert "1 April 2028 to 31 March 2029" in text(replica, STATISTICS)


def test_the_last_report_contradicts_itself_and_the_next_follows_from_it(replica: Replica) -> None:
    last = replica.council.facts(replica.council.last)
    assert last.contradictions
    following = replica.publish_next()
    restated = {c.subject for c in following.contradictions if c.check == "previous_matches_last_report"}
    assert len(restated) == 1
    for kpi in last.kpis:
        same = following.kpi(kpi.indicator.key).previous_value == kpi.value
        assert same is (kpi.indicator.title not in restated)


def test_a_paper_is_replaced_under_a_new_number_and_the_old_still_resolves(replica: Replica) -> None:
    last = replica.council.last
    old = replica.report_url(last)
    first = get(replica, old)[1]
    facts = replace(replica.council.facts(last), risks=())
    replica.reissue(facts)
    new = replica.report_url(last)
    page = text(replica, meeting_path(replica))
    assert new.rsplit("/", 1)[1] in page and old.rsplit("/", 1)[1] not in page
    assert get(replica, old)[1] == first != get(replica, new)[1]
    replica.reissue(replica.council.facts(last), in_place=True)
    assert replica.report_url(last) == new


# --- the Ombudsman ----------------------------------------------------------


def test_the_statistics_page_has_had_three_wordings(replica: Replica) -> None:
    site = replica.ombudsman
    pages = []
    for year in story.OMBUDSMAN_YEARS[:3]:
        site.year = year
        pages.append(" ".join(text(replica, STATISTICS).split()))
    assert "61 detailed investigations" in pages[0] and "87% of complaints we investigated were upheld" in pages[0]
    assert "94 investigations" in pages[1] and "98% of cases" in pages[1]
    assert "We investigated 76 complaints and upheld 63." in pages[2]
    assert "Complaint overview" in pages[2] and "Complaint overview" not in pages[1]


def test_decisions_come_ten_a_page_and_some_links_are_dead(replica: Replica) -> None:
    counts = []
    for number in (1, 2, 3, 4):
        page = text(replica, f"/lgo/Decisions/SearchResults?aname=Kent+County+Council&page={number}")
        links = re.findall(r'href="(/lgo/decisions/[^"]+)"', page)
        counts.append(len(links))
        if number == 1:
            assert all(get(replica, link)[0] == 200 for link in links)
        if number == 3:
            assert [get(replica, link)[0] for link in links] == [200] * 7 + [404]
    assert counts == [10, 10, 8, 0]


def test_an_improvement_leads_to_its_case_unless_that_has_expired(replica: Replica) -> None:
    page = text(replica, STATISTICS)
    section = page[page.index("<h2>Service improvements") :]
    links = re.findall(r'href="(/lgo/decisions/[^"]+)"', section)
    assert [get(replica, link)[0] for link in links] == [200, 200, 404]


def test_the_annual_letter_is_a_paper(replica: Replica) -> None:
    page = text(replica, "/lgo/your-councils-performance/kent-county-council/annualletters")
    link = re.search(r'href="([^"]+\.pdf)"', page)
    assert link
    assert "81% of the 94 complaints" in pdf_words(get(replica, link[1].replace(" ", "%20"))[1])


def test_a_report_gains_the_line_on_the_councils_response(replica: Replica) -> None:
    slug = story.PUBLIC_REPORTS[0].slug
    listed = re.search(rf'href="(/lgo/information-centre/news/2023/jul/{slug})"', text(replica, STATISTICS))
    assert listed
    article = text(replica, listed[1])
    assert "Article date: 06 July 2023" in article
    link = re.search(r'href="(/lgo/decisions/[^"]+)"', article)
    assert link
    path = link[1]
    assert "satisfied with council" not in text(replica, path)
    replica.ombudsman.satisfy(slug, date(2026, 11, 2))
    assert "satisfied with council&#39;s response: 2 November 2026" in text(replica, path)


def test_a_decision_can_be_taken_again(replica: Replica) -> None:
    case = next(c for c in replica.ombudsman.decisions if c.decision.startswith("Closed"))
    replica.ombudsman.decide_again(case.reference, "Upheld", date(2026, 11, 1))
    page = text(replica, "/lgo/Decisions/SearchResults?page=1")
    assert "01-Nov-2026" in page


# --- news -------------------------------------------------------------------


def test_articles_carry_their_metadata_in_two_shapes(replica: Replica) -> None:
    feed = ElementTree.fromstring(get(replica, "/news/rss/")[1])
    link = str(feed.findtext(".//item/link"))
    page = get(replica, link)[1].decode()
    found = re.search(r'ld\+json">(.*?)</script>', page)
    assert found and json.loads(found[1])[0]["headline"] == feed.findtext(".//item/title")
    replica.publish_next()
    other = ElementTree.fromstring(get(replica, "/news/england/kent/rss.xml")[1])
    page = get(replica, str(other.findtext(".//item/link")))[1].decode()
    found = re.search(r'ld\+json">(.*?)</script>', page)
    assert found and "@graph" in json.loads(found[1])


def test_an_edited_headline_moves_the_address_and_the_old_one_leads_there(replica: Replica) -> None:
    published = replica.press.stories[0]
    replica.press.edit_headline(published.story.number, "Another headline altogether")
    status, _, headers = get(replica, published.path)
    assert status == 302
    assert "another-headline" in headers["location"]


# --- the server -------------------------------------------------------------


def test_the_config_is_complete_and_names_only_the_replica(replica: Replica) -> None:
    config = tomllib.loads(replica.config('a "quoted" place', channels=[("desk", "json://127.0.0.1:9", "medium")]))
    assert config["archive"]["path"] == 'a "quoted" place'
    assert config["councils"][0]["committees"] == [115, 144, 750, 894]
    assert config["crawl"]["delay_seconds"] == 0
    assert config["crawl"]["allow_private_addresses"] is True
    assert config["alerts"]["channels"] == [{"name": "desk", "url": "json://127.0.0.1:9", "min_severity": "medium"}]
    addresses = re.findall(r"https?://[^\"/]+", replica.config("x"))
    assert {a for a in addresses if "example.org" not in a} == {replica.base_url}


def test_requests_are_kept(replica: Replica) -> None:
    get(replica, "/mgAi.aspx?ID=2", **{"User-Agent": "somebody"})
    request = replica.requests[-1]
    assert (request.path, request.query, request.status) == ("/mgAi.aspx", "ID=2", 302)
    assert request.headers["user-agent"] == "somebody"
    assert replica.asked("mgai") == [request]


def test_single_requests_can_be_refused(replica: Replica) -> None:
    replica.refuse_next(2, 429, containing="mgai")
    replica.refuse_next(1, 403, containing="ieList")
    aid = replica.council.report_meeting(replica.council.last).items[6].aid
    statuses = [get(replica, f"/mgAi.aspx?ID={aid}")[0] for _ in range(3)]
    assert statuses == [429, 429, 200]
    assert [get(replica, meeting_path(replica))[0] for _ in range(2)] == [403, 200]


def _report(replica: Replica) -> tuple[int, bytes, dict[str, str]]:
    return get(replica, replica.report_url(replica.council.last))


def test_faults_of_papers(replica: Replica) -> None:
    whole = _report(replica)[1]
    for fault, expected in (
        ("pdf_is_html", lambda a: a[0] == 200 and a[2]["content-type"].startswith("text/html")),
        ("pdf_empty", lambda a: a[0] == 200 and a[1] == b""),
        ("pdf_half", lambda a: whole.startswith(a[1]) and len(a[1]) == len(whole) // 2),
        ("pdf_scan", lambda a: not pdf_words(a[1]).strip()),
    ):
        replica.put(fault)
        assert expected(_report(replica)), fault
        replica.put(fault, on=False)
    replica.put("pdf_broken_off")
    with pytest.raises(http.client.IncompleteRead):
        _report(replica)
    replica.put("pdf_broken_off", on=False)
    assert _report(replica)[1] == whole


def test_faults_of_pages(replica: Replica) -> None:
    page = meeting_path(replica)
    expectations = {
        "branding": lambda a: (
            b"Could not create SSL/TLS" in a[1] and b"<h2  class" not in a[1] and b"mgItemTable" in a[1]
        ),
        "challenge": lambda a: a[0] == 200 and b"Just a moment" in a[1],
        "forbidden": lambda a: a[0] == 403,
        "login": lambda a: a[2]["location"].startswith("mgLogon"),
        "down": lambda a: a[0] == 503,
        "leads_away": lambda a: a[2]["location"].startswith("http://169.254."),
        "endless": lambda a: a[0] == 302 and "ieListDocuments" in a[2]["location"],
        "no_items": lambda a: a[0] == 200 and b"mgItemTable" not in a[1],
    }
    for fault, expected in expectations.items():
        replica.put(fault)
        assert expected(get(replica, page)), fault
        replica.put(fault, on=False)
    assert b"mgItemTable" in get(replica, page)[1]
    replica.put("second_host")
    assert "http://127.0.0.1:9071/ieListDocuments" in text(replica, "/ieListMeetings.aspx?CId=115")
    replica.put("hung_up")
    with pytest.raises((http.client.RemoteDisconnected, ConnectionResetError)):
        get(replica, page)


def test_faults_of_the_rest(replica: Replica) -> None:
    for fault, path, expected in (
        ("xml_error", "/mgWebService.asmx/GetCommittees", lambda a: a[0] == 500),
        ("xml_html", "/mgWebService.asmx/GetCommittees", lambda a: a[0] == 200 and b"<html>" in a[1]),
        ("robots_503", "/robots.txt", lambda a: a[0] == 503),
        ("robots_closed", "/robots.txt", lambda a: b"Disallow: /\n" in a[1]),
        ("lgo_shell", "/lgo/Decisions/SearchResults", lambda a: b'id="app"' in a[1]),
        ("lgo_emptied", STATISTICS, lambda a: a[0] == 200 and b"per 100,000" not in a[1]),
        ("lgo_missing", STATISTICS, lambda a: a[0] == 404),
        ("feed_is_html", "/news/rss/", lambda a: b"<rss" not in a[1]),
        ("feed_empty", "/news/rss/", lambda a: b"<item>" not in a[1] and b"<rss" in a[1]),
    ):
        replica.put(fault)
        assert expected(get(replica, path)), fault
        replica.put(fault, on=False)
    single = get(replica, "/news/rss/")[1].count(b"<item>")
    replica.put("feed_doubled")
    assert get(replica, "/news/rss/")[1].count(b"<item>") == 2 * single
    replica.put("etag_lies")
    assert get(replica, "/news/rss/", **{"If-None-Match": '"other"'})[0] == 304


def test_an_unknown_fault_is_refused() -> None:
    with pytest.raises(ValueError, match="expected some of"):
        Replica(today=TODAY, faults=["nonsense"])
    with Replica(today=TODAY) as replica, pytest.raises(ValueError, match="expected one of"):
        replica.put("nonsense")
    assert all(FAULTS.values())
