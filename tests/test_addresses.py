"""One document, one key, however its address is spelled."""

import json
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parsers.addresses import identify, join, repair, same_site

KENT = "https://democracy.kent.gov.uk"


@pytest.mark.parametrize(
    ("key", "spellings"),
    [
        (
            "moderngov:democracy.kent.gov.uk:s129436",
            [
                f"{KENT}/documents/s129436/QPR%20Q3%20Cabinet%20appendix%201.pdf",
                f"{KENT}:9071/documents/s129436/QPR Q3 Cabinet appendix 1.pdf",
                "http://democracy.kent.gov.uk/documents/S129436/any name.pdf",
                f"{KENT}/documents/s129436/",
                f"{KENT}/documents/s129436",
                f"{KENT}/mgConvert2PDF.aspx?ID=129436",
                f"{KENT}/mgConvert2PDF.aspx?ISATT=1&id=129436",
                "https://www.democracy.kent.gov.uk/documents/s129436/x.pdf#page=9",
            ],
        ),
        (
            "moderngov:democracy.kent.gov.uk:g9476:T0",
            [
                f"{KENT}/documents/g9476/Agenda%20frontsheet%2004th-Mar-2025%2010.00%20Cabinet.pdf?T=0",
                f"{KENT}:9071/documents/g9476/Agenda frontsheet.pdf?t=0",
                f"{KENT}/mgConvert2PDF.aspx?T=0&ID=9476",
            ],
        ),
        (
            "moderngov:democracy.kent.gov.uk:mid:9476",
            [
                f"{KENT}/ieListDocuments.aspx?CId=115&MId=9476&Ver=4",
                f"{KENT}/ieListDocuments.aspx?CId=115&MId=9476&Ver=4&J=1",
                f"{KENT}/ieListDocuments.aspx?MID=9476&CId=115",
                f"{KENT}/ielistdocuments.aspx?MeetingId=9476",
                f"{KENT}/ieListDocuments.aspx?CommitteeId=115&MeetingId=9476#AI66160",
                f"{KENT}:9071/ieListDocuments.aspx?txtonly=1&mid=9476",
            ],
        ),
        (
            "moderngov:democracy.kent.gov.uk:aid:66160",
            [f"{KENT}/mgAi.aspx?ID=66160", f"{KENT}:9071/mgAi.aspx?id=66160&txtonly=1", f"{KENT}/mgai.aspx?Id=66160"],
        ),
        (
            "moderngov:democracy.kent.gov.uk:cid:115",
            [f"{KENT}/ieListMeetings.aspx?CId=115&Year=0", f"{KENT}/ieListMeetings.aspx?CommitteeId=115&info=1&bcr=1"],
        ),
        (
            "moderngov:democracy.kent.gov.uk:mid:9476:xml",
            [
                f"{KENT}/mgWebService.asmx/GetMeeting?lMeetingId=9476",
                f"{KENT}/MGWebService.asmx/getmeeting?LMEETINGID=9476",
            ],
        ),
        (
            "ombudsman:lgo.org.uk:kent-county-council:statistics",
            [
                "https://www.lgo.org.uk/your-councils-performance/kent-county-council/statistics",
                "http://lgo.org.uk/your-councils-performance/Kent-County-Council/statistics/",
                "https://www.lgo.org.uk/your-councils-performance/kent-county-council",
            ],
        ),
        (
            "ombudsman:lgo.org.uk:kent-county-council:serviceimprovements?category=1015&year=2025",
            [
                "https://www.lgo.org.uk/your-councils-performance/kent-county-council/serviceimprovements?category=1015&year=2025",
                "https://lgo.org.uk/your-councils-performance/kent-county-council/ServiceImprovements?Year=2025&Category=1015",
            ],
        ),
        (
            "ombudsman:lgo.org.uk:decision:24-010-382",
            [
                "https://www.lgo.org.uk/decisions/education/special-educational-needs/24-010-382",
                "https://lgo.org.uk/Decisions/education/special-educational-needs/24-010-382/#point1",
                "https://www.lgo.org.uk/decisions/education/other/24-010-382?chapter=1",
            ],
        ),
        (
            "news:kentonline.co.uk:285124",
            [
                "https://www.kentonline.co.uk/maidstone/news/failing-send-provisio-285124/",
                "https://www.kentonline.co.uk/kent/news/another-headline-285124?utm_source=rss",
                "http://premium.kentonline.co.uk/kent/news/x-285124/#comments",
            ],
        ),
        (
            "news:bbc:c88x80yl574o",
            [
                "https://www.bbc.co.uk/news/articles/c88x80yl574o?at_medium=RSS&at_campaign=rss",
                "https://www.bbc.com/news/articles/c88x80yl574o",
                "https://feeds.bbci.co.uk/news/articles/c88x80yl574o#0",
            ],
        ),
        (
            "news:localgov.co.uk:64328",
            [
                "https://www.localgov.co.uk/Local-Elections-2026-Results/64328",
                "https://www.localgov.co.uk/index.cfm?method=news.detail&id=64328",
            ],
        ),
        (
            "news:kentlive.news:9876543",
            ["https://www.kentlive.news/news/kent-news/some-story-9876543?utm_source=rss&utm_medium=x"],
        ),
        (
            "url:news.kent.gov.uk/articles/leader-roger-gough3",
            [
                "https://news.kent.gov.uk/articles/leader-roger-gough3",
                "http://news.kent.gov.uk/articles/leader-roger-gough3/?utm_campaign=x#top",
            ],
        ),
    ],
)
def test_all_spellings_of_a_document_have_one_key(key: str, spellings: list[str]) -> None:
    assert {identify(url).key for url in spellings} == {key}


@pytest.mark.parametrize(
    "urls",
    [
        (f"{KENT}/documents/g9476/x.pdf?T=0", f"{KENT}/documents/g9476/x.pdf?T=1", f"{KENT}/documents/s9476/x.pdf"),
        (f"{KENT}/documents/s1/x.html?CT=2", f"{KENT}/documents/s1/x.pdf"),
        (f"{KENT}/mgAi.aspx?ID=1", "https://democracy.manchester.gov.uk/mgAi.aspx?ID=1"),
        ("http://127.0.0.1:8000/mgAi.aspx?ID=1", "http://127.0.0.1:8001/mgAi.aspx?ID=1"),
        ("http://127.0.0.1:8000/kent/mgAi.aspx?ID=1", "http://127.0.0.1:8000/medway/mgAi.aspx?ID=1"),
        (
            f"{KENT}/ieListMeetings.aspx?CId=115&Year=0",
            f"{KENT}/ieListMeetings.aspx?Act=Prev&CId=115&D=202401010000&MD=ielistmeetings",
        ),
        (f"{KENT}/ieIssueDetails.aspx?IId=1", f"{KENT}/ieIssueDetails.aspx?IId=2"),
        ("https://h/news/a-20241231/", "https://h/news/b-20241231/"),
        ("https://h/a?id=1", "https://h/a?id=2"),
    ],
)
def test_different_documents_have_different_keys(urls: tuple[str, ...]) -> None:
    assert len({identify(url).key for url in urls}) == len(urls)


def test_other_spellings_of_the_configured_site_become_its_own() -> None:
    for url in (f"{KENT}:9071/mgAi.aspx?ID=1", "http://democracy.kent.gov.uk/mgAi.aspx?id=1", f"{KENT}/mgAi.aspx?ID=1"):
        assert identify(url, base=KENT + "/").url == f"{KENT}/mgAi.aspx?ID=1"


@pytest.mark.parametrize(
    "base", ["http://127.0.0.1:8000", "http://127.0.0.1:8000/moderngov/", "http://localhost:8080/mg"]
)
def test_a_replica_keeps_its_scheme_its_port_and_its_folder(base: str) -> None:
    page = f"{base.rstrip('/')}/ieListDocuments.aspx?CId=115&MId=9476&Ver=4"
    address = identify(join(page, "documents/s1/a b.pdf"), base=base)
    assert address.url == f"{base.rstrip('/')}/documents/s1/a%20b.pdf"
    assert urlsplit(base).netloc in address.key


def test_another_port_of_a_replica_is_another_site() -> None:
    assert not same_site("http://127.0.0.1:9071/x", "http://127.0.0.1:8000/")
    assert identify("http://127.0.0.1:9071/mgAi.aspx?ID=1", base="http://127.0.0.1:8000").url.startswith(
        "http://127.0.0.1:9071/"
    )


def test_a_story_on_a_replica_is_known_by_its_number() -> None:
    one = identify("http://127.0.0.1:8000/maidstone/news/county-council-criticised-over-send-del-300001/")
    two = identify("http://127.0.0.1:8000/kent/news/council-criticised-300001/?utm_source=rss")
    assert one.key == two.key == "news:127.0.0.1:8000:300001"


def test_hrefs_are_repaired() -> None:
    page = f"{KENT}/ieListDocuments.aspx?MId=1"
    assert join(page, "documents/s7/QPR\r\n Q3.pdf?T=1\t") == f"{KENT}/documents/s7/QPR%20Q3.pdf?T=1"
    assert join(page, "\u200bmgAi.aspx?ID=7 ") == f"{KENT}/mgAi.aspx?ID=7"
    assert join(page, "documents\\s7\\x.pdf") == f"{KENT}/documents/s7/x.pdf"
    assert join(page, "http://[oops") == ""


@given(st.text(max_size=80))
def test_no_text_breaks_identification_and_repairing_twice_changes_nothing(text: str) -> None:
    for url in (text, f"http://h/{text}", f"https://democracy.kent.gov.uk/documents/s1/{text}"):
        address = identify(url)
        assert identify(url) == address
        assert address.key
    assert repair(repair(text)) == repair(text)


@given(st.text(max_size=40))
def test_a_canonical_address_stays_what_it_is(name: str) -> None:
    address = identify(f"{KENT}:9071/documents/s12/{name}.pdf", base=KENT)
    assert identify(address.url, base=KENT) == address


@pytest.mark.papers
def test_the_real_papers_keep_their_numbers(papers: Path) -> None:
    for file in sorted(papers.glob("cabinet/*/metadata.json")):
        for entry in json.loads(file.read_text()):
            number = urlsplit(entry["url"]).path.split("/")[2]
            assert identify(entry["url"]).key.startswith(f"moderngov:democracy.kent.gov.uk:{number}")
            assert identify(entry["url"]).url == entry["url"]
