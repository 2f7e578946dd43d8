"""Politeness and caution: robots.txt, back-off, limits, and which addresses may be asked."""

import ast
import gzip
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from graphlib import TopologicalSorter
from ipaddress import ip_address
from pathlib import Path

import pytest

from scrapers.classify import Shape, Trouble, classify
from scrapers.hosts import allow, is_private
from scrapers.job import CouncilJob, CrawlJob
from scrapers.pace import Pace, retry_after
from scrapers.settings import settings_for
from tests.scrapers_server import (
    ROOT,
    Asked,
    FakeItem,
    FakeMeeting,
    FakePaper,
    ModernGov,
    Reply,
    Server,
    crawl,
    job,
    keys,
    rows,
)


@pytest.fixture
def server() -> Iterator[Server]:
    with Server().running() as running:
        yield running


def small(server: Server) -> ModernGov:
    """One meeting with one paper."""
    item = FakeItem(66160, "6.", "Quarterly Performance Report", [FakePaper(129436, "QPR Q3")])
    return ModernGov(server, [FakeMeeting(9476, date(2025, 3, 4), [item])])


# robots.txt


def test_what_robots_txt_forbids_is_not_asked(server: Server, tmp_path: Path) -> None:
    small(server)
    server.routes["/robots.txt"] = Reply(b"User-agent: kccwatch-test\nDisallow: /mg/documents/\n", kind="text/plain")
    done = crawl(job(server, tmp_path), tmp_path)
    assert server.paths("/mg/documents") == []
    assert done.code == 1
    assert rows(tmp_path, "select status, error like '%robots.txt%' from fetches where url like '%s129436%'") == [
        (None, 1)
    ]


def test_a_robots_txt_that_fails_means_wait_and_not_go(server: Server, tmp_path: Path) -> None:
    small(server)
    server.routes["/robots.txt"] = Reply(b"later", status=503)
    done = crawl(job(server, tmp_path), tmp_path)
    assert set(server.paths()) == {"/robots.txt"}
    assert (done.code, done.place["state"]) == (1, "failing")
    assert "HTTP 503" in done.place["reason"]


# Hosts that ask for a pause


def test_a_burst_that_is_refused_is_asked_again_after_the_time_that_the_host_named(
    server: Server, tmp_path: Path
) -> None:
    small(server)
    came: list[float] = []

    def paper(asked: Asked) -> Reply:
        came.append(datetime.now(UTC).timestamp())
        if len(came) == 1:
            return Reply(b"slow down", status=429, headers={"Retry-After": "1"})
        return Reply(b"%PDF-1.7 x %%EOF", kind="application/pdf")

    server.routes["/mg/documents/s129436/QPR Q3.pdf"] = paper
    done = crawl(job(server, tmp_path), tmp_path)
    assert done.code == 0
    assert came[1] - came[0] >= 0.95
    assert rows(tmp_path, "select status, error from fetches where url like '%s129436%' order by id") == [
        (429, "HTTP 429: too many requests"),
        (200, None),
    ]


def test_a_host_that_wants_more_time_than_there_is_is_left_alone(server: Server, tmp_path: Path) -> None:
    small(server)
    server.routes["/mg/mgWebService.asmx/GetMeeting"] = Reply(status=503, headers={"Retry-After": "86400"})
    done = crawl(job(server, tmp_path), tmp_path)
    assert server.paths("/mg/")[-1] == "/mg/mgWebService.asmx/GetMeeting"  # and nothing after it
    assert (done.code, done.place["state"]) == (1, "failing")
    assert "asked us to wait 86400 seconds" in done.place["reason"]


def test_what_keeps_refusing_is_not_asked_for_ever(server: Server, tmp_path: Path) -> None:
    site = small(server)
    site.meetings[0].items[0].papers += [FakePaper(200 + n, f"More {n}") for n in range(20)]
    site.files = {f"s{200 + n}": Reply(b"no", status=403) for n in range(20)}
    done = crawl(job(server, tmp_path), tmp_path)
    refused = [path for path in server.paths("/mg/documents/") if "/s20" in path]
    assert len(refused) == 9  # three papers, each asked three times
    assert done.place["state"] == "blocked"


def test_words_in_an_answer_are_not_taken_for_a_refusal(server: Server, tmp_path: Path) -> None:
    site = small(server)
    site.shown = 9
    odd = Reply(b"<html><title>x</title><p>A recipe instead of the answer</p></html>")
    site.meetings[0].items[0].papers = [FakePaper(200 + n, f"More {n}") for n in range(5)]
    site.files = {f"s{200 + n}": odd for n in range(5)}
    done = crawl(job(server, tmp_path), tmp_path)
    assert len(server.paths("/mg/documents/")) == 5  # all of them, though each was odd
    assert done.place["state"] == "changed"


CHALLENGE = (
    b"<!DOCTYPE html><html><head><title>Just a moment...</title></head><body><p>Checking your browser</p>"
    b"<script src='/cdn-cgi/challenge-platform/h/b/orchestrate/chl_page/v1'></script></body></html>"
)


@pytest.mark.parametrize("status", [200, 403, 503])
@pytest.mark.parametrize("source", ["committee_papers", "ombudsman", "news"])
def test_a_site_that_challenges_every_request_is_blocked_and_left_alone(
    server: Server, tmp_path: Path, source: str, status: int
) -> None:
    challenge = Reply(CHALLENGE, status=status, headers={"Server": "cloudflare"})
    server.default = lambda asked: challenge
    feeds = (server.base + "/rss/", server.base + "/news/rss/")
    done = crawl(job(server, tmp_path, source, feeds=feeds), tmp_path)
    assert (done.code, done.place["state"]) == (1, "blocked")
    assert "Just a moment" in done.place["reason"]
    assert len(server.log) == len({asked.raw for asked in server.log})  # nothing was asked twice
    assert rows(tmp_path, "select count(*) from documents") == [(0,)]


def test_no_module_imports_in_a_circle() -> None:
    modules = {
        ".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): file
        for file in (ROOT / "scrapers").rglob("*.py")
    }
    imports = {
        name: {
            node.module
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
            if isinstance(node, ast.ImportFrom) and node.module in modules
        }
        for name, file in modules.items()
    }
    TopologicalSorter(imports).prepare()  # raises CycleError


def test_pace_waits_longer_each_time_and_gives_up_on_what_keeps_failing() -> None:
    now = [100.0]
    pace = Pace(delay=3.0, deadline=5000.0, clock=lambda: now[0])
    assert pace.pauses == (30.0, 120.0)
    assert pace.pause("http://h/a.aspx", 30)
    assert pace.reserve("http://h/b.aspx") == 30
    assert pace.reserve("http://other/b.aspx") == 0
    for _ in range(3):
        pace.failed("http://h/a.aspx", "HTTP 403")
    assert pace.refusal("http://h/c.aspx") == "3 requests in a row failed, the last with: HTTP 403"
    assert pace.refusal("http://h/mgWebService.asmx/GetMeetings") is None
    assert not pace.pause("http://h/", 4000)
    assert pace.refusal("http://h/mgWebService.asmx/GetMeetings") == "h asked us to wait 4000 seconds"


def test_a_crawl_delay_spaces_requests(server: Server, tmp_path: Path) -> None:
    now = [0.0]
    pace = Pace(delay=0.0, deadline=100.0, clock=lambda: now[0])
    pace.space("http://h/robots.txt", 5)
    assert [pace.reserve("http://h/a"), pace.reserve("http://h/b"), pace.reserve("http://h/c")] == [0, 5, 10]


def test_retry_after_is_read_in_both_forms() -> None:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    assert retry_after("Thu, 01 Jan 2026 01:00:00 GMT", now) == 3600
    assert retry_after("Wed, 31 Dec 2025 01:00:00 GMT", now) == 0
    assert [retry_after(text, now) for text in (None, "", "soon", "-5")] == [None] * 4


def test_a_crawl_ends_at_its_deadline(server: Server, tmp_path: Path) -> None:
    small(server)
    done = crawl(job(server, tmp_path, deadline_seconds=0.0), tmp_path)
    assert done.code == 1
    assert server.paths() == []
    assert [failure["trouble"] for failure in done.said["failures"]] == ["out of time"]
    assert rows(tmp_path, "select * from sources") == []  # says nothing about the source


def test_a_server_that_never_answers_costs_its_time_limit(server: Server, tmp_path: Path) -> None:
    import time

    small(server)

    def slow(asked: Asked) -> Reply:
        time.sleep(1.5)
        return Reply(b"")

    server.routes["/mg/documents/s129436/QPR Q3.pdf"] = slow
    done = crawl(job(server, tmp_path, timeout_seconds=0.5), tmp_path)
    assert done.code == 1
    assert rows(tmp_path, "select distinct status, error from fetches where url like '%s129436%'") == [
        (None, "no answer in time (crawl.timeout_seconds)")
    ]


# Which addresses


def test_a_redirect_to_another_host_is_not_followed(server: Server, tmp_path: Path) -> None:
    small(server)
    with Server().running() as other:
        server.routes["/mg/documents/s129436/QPR Q3.pdf"] = Reply(
            status=302, headers={"Location": f"{other.base}/paper.pdf"}
        )
        done = crawl(job(server, tmp_path), tmp_path)
        assert other.log == []
    assert done.code == 1
    assert "is not a configured site" in done.said["failures"][0]["reason"]
    assert "s129436" not in keys(tmp_path)


def test_private_addresses_are_refused_unless_allowed(server: Server, tmp_path: Path) -> None:
    small(server)
    by_number = crawl(job(server, tmp_path, allow_private_addresses=False), tmp_path)
    assert "inside a private network" in by_number.place["reason"]
    order = job(server, tmp_path, allow_private_addresses=False)
    named = replace(order.councils[0], moderngov=order.councils[0].moderngov.replace("127.0.0.1", "localhost"))
    by_name = crawl(replace(order, councils=(named,)), tmp_path)
    assert "inside a private network" in by_name.place["reason"]
    assert server.log == []


@pytest.mark.parametrize(
    "url",
    [
        "ftp://democracy.kent.gov.uk/",
        "file:///etc/passwd",
        "https://evil.example/",
        "https://democracy.kent.gov.uk.evil.example/",
        "https://democracy.kent.gov.uk@evil.example/",
        "https://user:pw@democracy.kent.gov.uk/",
        "https://democracy.kent.gov.uk:22/",
        "http://127.0.0.1/",
        "http://169.254.169.254/latest/meta-data/",
        "http://[::1]/",
        "http://2130706433/",
        "http://0x7f.1/",
        "https://[oops/",
        "",
    ],
)
def test_other_addresses_than_the_configured_sites_are_refused(url: str) -> None:
    allowed = allow(sites=["https://democracy.kent.gov.uk/", "http://127.0.0.1/"], private=False)
    assert allowed.refusal(url) is not None


def test_all_spellings_of_a_configured_site_are_allowed_and_of_a_feed_its_publishers_domain() -> None:
    sites = allow(sites=["https://democracy.kent.gov.uk"], private=False)
    for url in (
        "https://democracy.kent.gov.uk/a",
        "http://Democracy.Kent.gov.uk:9071/a",
        "https://www.democracy.kent.gov.uk",
    ):
        assert sites.refusal(url) is None
    assert sites.refusal("https://www.kent.gov.uk/") is not None
    feeds = allow(feeds=["https://feeds.bbci.co.uk/x.xml", "https://www.kentonline.co.uk/rss/"], private=False)
    for url in ("https://www.bbc.co.uk/news", "https://premium.kentonline.co.uk/x", "https://kentonline.co.uk"):
        assert feeds.refusal(url) is None
    assert feeds.refusal("https://www.gov.uk/") is not None
    assert feeds.refusal("https://somebody-else.co.uk/") is not None


def test_addresses_inside_networks_are_private() -> None:
    inside = ["10.1.1.1", "172.16.0.1", "192.168.1.1", "127.0.0.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "::1"]
    inside += ["fe80::1", "fc00::1", "::ffff:10.0.0.1", "2002:7f00:1::", "224.0.0.1", "255.255.255.255"]
    assert [text for text in inside if not is_private(ip_address(text))] == []
    assert not is_private(ip_address("93.184.216.34"))


# What an answer proves to be


PAGE = b"<!DOCTYPE html><html><head><title>%s</title></head><body>%s</body></html>"


@pytest.mark.parametrize(
    ("status", "body", "trouble"),
    [
        (200, b"%PDF-1.4 ... %%EOF", None),
        (200, b"\n%PDF-1.4 ... %%EOF\r\n\r\n", None),
        (200, b"%PDF-1.4 ...", Trouble.BROKEN),
        (200, b"", Trouble.BROKEN),
        (200, PAGE % (b"Agenda", b"x"), None),
        (200, PAGE % (b"Just a moment...", b""), Trouble.CHALLENGED),
        (503, PAGE % (b"Attention Required! | Cloudflare", b""), Trouble.CHALLENGED),
        (200, PAGE % (b"Sign in - SharePoint", b"<form><input type=password></form>"), Trouble.CHALLENGED),
        (200, PAGE % (b"Wheel signs in court", b"<p>" + b"words " * 500 + b"</p><input type=password>"), None),
        (200, PAGE % (b"Access denied: parents shut out of SEND talks", b"<p>" + b"words " * 500 + b"</p>"), None),
        (403, b"no", Trouble.BLOCKED),
        (429, b"no", Trouble.BLOCKED),
        (404, b"no", Trouble.GONE),
        (410, b"no", Trouble.GONE),
        (500, b"no", Trouble.ERROR),
        (302, b"", Trouble.ERROR),
    ],
)
def test_an_answer_is_what_it_proves_to_be(status: int, body: bytes, trouble: Trouble | None) -> None:
    verdict = classify(status, {}, "https://democracy.kent.gov.uk/ieListDocuments.aspx", body)
    assert verdict.trouble is trouble
    assert bool(verdict.reason) == (trouble is not None)


def test_the_sites_own_error_page_is_one_whatever_its_status() -> None:
    page = PAGE % (b"Error", b"<h1>An error has occurred</h1>")
    assert classify(200, {}, "https://h/ieListDocuments.aspx?MId=1", page).trouble is Trouble.ERROR
    assert classify(200, {}, "https://h/mgError.aspx", PAGE % (b"x", b"y")).trouble is Trouble.ERROR


def test_half_an_answer_is_told_by_its_length() -> None:
    assert classify(200, {"content-length": "100"}, "https://h/", b"<html>").trouble is Trouble.BROKEN


@pytest.mark.parametrize(
    ("body", "shape"),
    [
        (b"\xef\xbb\xbf<?xml version='1.0'?>\n<!-- x --><rss/>", Shape.FEED),
        (b"<?xml version='1.0'?><feed xmlns='http://www.w3.org/2005/Atom'/>", Shape.FEED),
        (b"<rdf:RDF xmlns:rdf='x'/>", Shape.FEED),
        (b"<?xml version='1.0'?><getmeetings/>", Shape.XML),
        (b"<?xml version='1.0'?><!DOCTYPE html><html/>", Shape.HTML),
        (b"  <HTML><BODY>", Shape.HTML),
        (b"<div>x</div>", Shape.HTML),
        (b"PK\x03\x04...", Shape.OFFICE),
        (b"plain words", Shape.TEXT),
        (b"\x89PNG\0\0", Shape.OTHER),
    ],
)
def test_the_first_bytes_tell_the_shape(body: bytes, shape: Shape) -> None:
    assert classify(200, {}, "https://h/", body).shape is shape


def test_a_compressed_page_is_taken_as_it_was_before(server: Server, tmp_path: Path) -> None:
    site = small(server)
    site.service = False
    plain = site._meeting_page

    def compressed(meeting: FakeMeeting) -> Reply:
        return Reply(gzip.compress(plain(meeting).body), headers={"Content-Encoding": "gzip"})

    site._meeting_page = compressed  # type: ignore[method-assign]
    done = crawl(job(server, tmp_path), tmp_path)
    assert done.code == 0, done.log
    assert "s129436" in keys(tmp_path)


# The order


def order(**changes: object) -> CrawlJob:
    council = CouncilJob(slug="kent", name="Kent", moderngov="https://h", committees=(115,), ombudsman="kent")
    usual = CrawlJob(
        source="news",
        archive="archive",
        today=date(2026, 11, 21),
        since=date(2020, 1, 1),
        user_agent="kccwatch/0.1",
        councils=(council,),
        titles=("risk",),
        feeds=("https://f/",),
        keywords=("KCC",),
    )
    return replace(usual, **changes)  # type: ignore[arg-type]


def test_an_order_survives_being_written_and_read() -> None:
    assert CrawlJob.from_json(order().to_json()) == order()


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("{", "not JSON"),
        ("[]", "expected an object"),
        ('{"sauce": 1}', "unknown fields: sauce"),
        ('{"source": "news"}', "incomplete"),
        (order().to_json().replace('"news"', '"nonsense"'), "expected one of"),
        (order().to_json().replace("2026-11-21", "tomorrow"), "isoformat"),
    ],
)
def test_an_order_that_cannot_be_understood_says_why(text: str, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        CrawlJob.from_json(text)


def test_the_child_process_says_at_last_what_it_did(server: Server, tmp_path: Path) -> None:
    small(server)
    done = crawl(job(server, tmp_path), tmp_path, from_shell=True)
    assert (done.code, done.said["outcome"]) == (0, "ok"), done.log
    assert done.said["counts"]["new_documents"] == len(keys(tmp_path))
    assert done.said["places"]["kent"] == {"state": "ok", "reason": None, "meetings": 1, "items": 1, "papers": 1}


def test_an_archive_that_cannot_be_opened_is_said(server: Server, tmp_path: Path) -> None:
    (tmp_path / "archive").mkdir()
    (tmp_path / "archive" / "archive.db").write_bytes(b"not a database, but something long enough to look at" * 99)
    done = crawl(job(server, tmp_path), tmp_path)
    assert done.code == 1
    assert "not a SQLite database" in done.said["error"]
    assert server.log == []


def test_a_wrong_call_is_exit_status_2(tmp_path: Path) -> None:
    from scrapers.__main__ import main

    (tmp_path / "job.json").write_text("{}")
    assert [main([]), main([str(tmp_path / "none")]), main([str(tmp_path / "job.json")])] == [2, 2, 2]


def test_every_limit_that_scrapy_leaves_open_is_set() -> None:
    settings = settings_for(order(max_bytes=1000, timeout_seconds=7.0))
    assert settings["DOWNLOAD_VERIFY_CERTIFICATES"] is True
    assert settings["TELNETCONSOLE_ENABLED"] is False
    assert settings["REMOTE_CONTROL_ENABLED"] is False
    assert settings["COOKIES_ENABLED"] is False
    assert settings["HTTPPROXY_ENABLED"] is False
    assert settings["DOWNLOAD_MAXSIZE"] == 1000
    assert settings["DOWNLOAD_TIMEOUT"] == 7.0
    assert settings["CONCURRENT_REQUESTS_PER_DOMAIN"] == 1
    assert settings["DOWNLOAD_HANDLERS"] == {"data": None, "file": None, "ftp": None, "s3": None}
