"""The spider for ModernGov sites, in its child process, against a site on this machine."""

import gzip
import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from parsers.errors import ParseError
from tests.scrapers_server import (
    ITEM_PAGES,
    ODD,
    PAPERS,
    Asked,
    FakeItem,
    FakeMeeting,
    FakePaper,
    ModernGov,
    Reply,
    Server,
    cabinet,
    crawl,
    job,
    keys,
    pdf,
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


def papers_asked(server: Server) -> list[str]:
    return [path for path in server.paths("/mg/") if "/documents/" in path or "Convert" in path]


# Two routes, one result


@pytest.mark.parametrize("route", ["service", "pages"])
def test_both_routes_lead_to_the_same_papers(server: Server, tmp_path: Path, route: str) -> None:
    cabinet(server).service = route == "service"
    done = crawl(job(server, tmp_path), tmp_path)
    assert (done.code, done.place["state"]) == (0, "ok"), done.log
    assert {key for key in keys(tmp_path) if not key.startswith("mid:")} == PAPERS | ITEM_PAGES
    assert {key.removesuffix(":xml") for key in keys(tmp_path) if key.startswith("mid:")} == {
        "mid:9476",
        "mid:9475",
        "mid:9470",
        "mid:9480",
    }


@pytest.mark.parametrize("route", ["service", "pages"])
def test_each_paper_knows_its_committee_meeting_and_item(server: Server, tmp_path: Path, route: str) -> None:
    cabinet(server).service = route == "service"
    crawl(job(server, tmp_path), tmp_path)
    found = rows(
        tmp_path,
        "select c.name, m.held_on, m.starts_at, m.status, i.aid, i.number, i.title, d.title from documents d"
        " join agenda_items i on i.id = d.agenda_item_id join meetings m on m.id = d.meeting_id"
        " join committees c on c.id = m.committee_id where d.key like '%:s129436'",
    )
    item = (66160, "6", "Quarterly Performance Report, Q3 2024-2025")
    assert found == [("Cabinet", "2025-03-04", "2025-03-04T10:00:00+00:00", "scheduled", *item, "Appendix 1 - QPR Q3")]


def test_only_the_web_service_tells_when_a_paper_was_published(server: Server, tmp_path: Path) -> None:
    site = small(server)
    site.service = False
    crawl(job(server, tmp_path), tmp_path)
    when = "select published_on from documents where key like '%:s129436'"
    assert rows(tmp_path, when) == [(None,)]
    site.service = True
    crawl(job(server, tmp_path), tmp_path)
    assert rows(tmp_path, when) == [("2025-02-24",)]
    assert len(papers_asked(server)) == 1


def test_a_restricted_enclosure_is_not_asked_for(server: Server, tmp_path: Path) -> None:
    cabinet(server)
    crawl(job(server, tmp_path), tmp_path)
    assert not [asked for asked in server.log if "129441" in asked.raw]


def test_a_cancelled_meeting_and_one_without_agenda_are_noted_without_alarm(server: Server, tmp_path: Path) -> None:
    site = small(server)
    site.service = False
    site.meetings += [
        FakeMeeting(9480, date(2025, 4, 24), [], status="CANCELLED"),
        FakeMeeting(9481, date(2025, 5, 24)),
    ]
    done = crawl(job(server, tmp_path), tmp_path)
    assert done.code == 0, done.log
    assert rows(tmp_path, "select mid, status from meetings order by mid") == [
        (9476, "scheduled"),
        (9480, "cancelled"),
        (9481, "scheduled"),
    ]


def test_no_committees_configured_means_all_active_ones(server: Server, tmp_path: Path) -> None:
    for service in (True, False):
        small(server).service = service
        order = job(server, tmp_path)
        order = replace(order, councils=(replace(order.councils[0], committees=()),))
        assert crawl(order, tmp_path).code == 0
    assert rows(tmp_path, "select cid, name from committees") == [(115, "Cabinet")]
    assert "s129436" in keys(tmp_path)


def test_titles_of_papers_count_like_titles_of_items_and_no_titles_mean_all(server: Server, tmp_path: Path) -> None:
    site = small(server)
    site.meetings[0].items = [
        FakeItem(
            1, "5.", "Reports of officers", [FakePaper(11, "Corporate RISK\u00a0Register"), FakePaper(12, "Other")]
        ),
        FakeItem(2, "6.", "Apologies", [FakePaper(13, "Apologies")]),
    ]
    crawl(job(server, tmp_path), tmp_path)
    assert {"s11", "s12"} <= keys(tmp_path)
    assert "s13" not in keys(tmp_path)
    crawl(job(server, tmp_path, titles=()), tmp_path)
    assert "s13" in keys(tmp_path)


def test_the_pack_is_taken_only_where_nothing_single_is_to_be_had(server: Server, tmp_path: Path) -> None:
    site = small(server)
    site.meetings[0].items[0].papers = []
    site.meetings[0].files = [("documents/g9476/Public reports pack.pdf?T=10", "Public reports pack PDF 9 MB")]
    crawl(job(server, tmp_path), tmp_path)
    assert "g9476:T10" in keys(tmp_path)


def test_hrefs_with_other_spellings_lead_to_one_document(server: Server, tmp_path: Path) -> None:
    site = small(server)
    site.service = False
    site.meetings[0].items[0].papers = [
        FakePaper(129436, "QPR Q3", href="documents/S129436/Any\r\nname.pdf"),
        FakePaper(129436, "QPR Q3 again", href=f"{server.base}/mg/documents/s129436/Other%20name.pdf"),
        FakePaper(129436, "QPR Q3 converted", href="mgConvert2PDF.aspx?ID=129436&amp;ISATT=1"),
    ]
    crawl(job(server, tmp_path), tmp_path)
    assert papers_asked(server) == ["/mg/documents/s129436/Anyname.pdf"]


# Nothing twice, and nothing missed


def test_a_second_visit_asks_for_no_paper_again(server: Server, tmp_path: Path) -> None:
    cabinet(server)
    crawl(job(server, tmp_path), tmp_path)
    server.log.clear()
    again = crawl(job(server, tmp_path), tmp_path)
    assert papers_asked(server) == []
    assert server.paths("/mg/mgAi") == []
    assert again.said["counts"]["new_versions"] == 0
    assert again.place["held"] == len(PAPERS)


def test_minutes_that_appear_are_read_and_printed_minutes_asked_for_again(server: Server, tmp_path: Path) -> None:
    site = cabinet(server)
    crawl(job(server, tmp_path), tmp_path)
    server.log.clear()
    site.meetings[0].items[1].minutes = "The register was noted."
    site.files["g9476"] = Reply(pdf("signed minutes"), kind="application/pdf")
    done = crawl(job(server, tmp_path), tmp_path)
    assert "/mg/mgAi.aspx" in server.paths("/mg/")
    assert papers_asked(server) == ["/mg/documents/g9476/Printed minutes 04th-Mar-2025.pdf"]
    # The meeting by both routes, the item's page, and the minutes.
    assert done.said["counts"]["new_versions"] == 4


def test_a_paper_that_the_site_lists_with_another_date_is_asked_for_again(server: Server, tmp_path: Path) -> None:
    site = small(server)
    crawl(job(server, tmp_path), tmp_path)
    site.meetings[0].items[0].papers[0].published = "28/02/2025"
    site.files["s129436"] = Reply(pdf("corrected"), kind="application/pdf")
    crawl(job(server, tmp_path), tmp_path)
    assert rows(
        tmp_path, "select count(*) from versions v join documents d on d.id = document_id where key like '%:s129436'"
    ) == [(2,)]


def test_a_paper_replaced_in_silence_is_found_after_a_while_by_a_conditional_request(
    server: Server, tmp_path: Path
) -> None:
    site = small(server)

    def file(asked: Asked) -> Reply:
        if asked.headers.get("if-none-match") == '"one"':
            return Reply(status=304, headers={"ETag": '"one"'})
        return Reply(pdf("one"), kind="application/pdf", headers={"ETag": '"one"'})

    site.files["s129436"] = file
    crawl(job(server, tmp_path), tmp_path)
    archive = tmp_path / "archive" / "archive.db"
    server.log.clear()
    _make_older(archive, days=40)
    done = crawl(job(server, tmp_path), tmp_path)
    assert [asked.headers.get("if-none-match") for asked in server.log if "s129436" in asked.path] == ['"one"']
    assert rows(tmp_path, "select status, error from fetches where url like '%s129436%' order by id") == [
        (200, None),
        (304, None),
    ]
    assert done.said["counts"]["new_versions"] == 0
    site.files["s129436"] = Reply(pdf("two"), kind="application/pdf")
    _make_older(archive, days=40)
    assert crawl(job(server, tmp_path), tmp_path).said["counts"]["new_versions"] == 1


def test_a_paper_is_asked_for_again_after_pauses_that_grow_with_its_age(server: Server, tmp_path: Path) -> None:
    small(server)
    asked = []
    for day in (0, 1, 2, 3, 4, 5, 8, 10, 11, 22, 23, 45, 47, 54):  # each a visit
        server.log.clear()
        now = datetime(2025, 2, 24, 8, tzinfo=UTC) + timedelta(days=day)
        crawl(job(server, tmp_path, today=now.date(), now=now), tmp_path)
        asked += [day] if papers_asked(server) else []
    assert asked == [0, 2, 5, 11, 23, 47]


def _make_older(file: Path, *, days: int) -> None:
    """As if all requests had been made that much earlier."""
    db = sqlite3.connect(file)
    with db:
        db.execute(
            "update fetches set fetched_at = strftime('%Y-%m-%dT%H:%M:%S+00:00', fetched_at, ?)", [f"-{days} days"]
        )
    db.close()


def test_a_missing_page_frame_is_no_new_version(server: Server, tmp_path: Path) -> None:
    site = small(server)
    site.service = False
    crawl(job(server, tmp_path), tmp_path)
    site.frame_missing = True
    done = crawl(job(server, tmp_path), tmp_path)
    assert done.code == 0, done.log
    assert done.said["counts"]["new_versions"] == 0
    assert rows(tmp_path, "select held_on from meetings") == [("2025-03-04",)]


def test_a_backfill_goes_back_and_takes_up_where_it_stopped(server: Server, tmp_path: Path) -> None:
    cabinet(server)
    order = job(server, tmp_path, since=date(2023, 1, 1))
    crawl(order, tmp_path)
    assert "s112496" in keys(tmp_path)
    server.log.clear()
    done = crawl(order, tmp_path)
    assert done.place["skipped"] == 1
    assert "8902" not in "".join(asked.raw for asked in server.log)


# What goes wrong


def test_pages_that_are_refused_do_not_stop_the_web_service(server: Server, tmp_path: Path) -> None:
    small(server).pages = False
    done = crawl(job(server, tmp_path), tmp_path)
    assert done.code == 1
    assert "s129436" in keys(tmp_path)
    assert done.place["state"] == "blocked"
    assert rows(tmp_path, "select state from sources") == [("blocked",)]


def test_a_challenge_page_is_blocked_and_not_a_quiet_week(server: Server, tmp_path: Path) -> None:
    site = small(server)
    site.service = False
    crawl(job(server, tmp_path), tmp_path)
    challenge = Reply(
        b"<!DOCTYPE html><html><head><title>Just a moment...</title></head><body>"
        b"<script src='/cdn-cgi/challenge-platform/h/b'></script></body></html>"
    )
    server.default = lambda asked: challenge
    done = crawl(job(server, tmp_path), tmp_path)
    assert (done.code, done.place["state"]) == (1, "blocked")
    assert "Just a moment" in done.place["reason"]
    assert done.said["counts"].get("new_versions", 0) == 0


def test_a_list_that_no_longer_names_meetings_is_a_changed_site(server: Server, tmp_path: Path) -> None:
    site = small(server)
    crawl(job(server, tmp_path), tmp_path)
    site.meetings = []
    done = crawl(job(server, tmp_path), tmp_path)
    assert (done.code, done.place["state"]) == (1, "changed")
    assert "names no meeting" in done.place["reason"]


def test_a_redesigned_agenda_is_a_changed_site(server: Server, tmp_path: Path) -> None:
    site = small(server)
    site.service = False
    site._meeting_page = lambda meeting: Reply(b"<html><h1>Welcome</h1><p>New site</p></html>")  # type: ignore[method-assign]
    done = crawl(job(server, tmp_path), tmp_path)
    assert (done.code, done.place["state"]) == (1, "changed")
    assert "found a page 'Welcome'" in done.place["reason"]


def test_a_redirect_to_the_error_page_is_an_error(server: Server, tmp_path: Path) -> None:
    site = small(server)
    site.service = False
    server.routes["/mg/ieListDocuments.aspx"] = Reply(status=302, headers={"Location": "mgError.aspx"})
    server.routes["/mg/mgError.aspx"] = Reply(b"<html><h1>Error</h1><p>Sorry.</p></html>")
    done = crawl(job(server, tmp_path), tmp_path)
    assert (done.code, done.place["state"]) == (1, "failing")
    assert rows(
        tmp_path, "select status, error is null from fetches where url like '%ieListDocuments%' order by id"
    ) == [
        (302, 1),
        (200, 0),
    ]


def test_one_council_that_cannot_be_reached_does_not_stop_another(server: Server, tmp_path: Path) -> None:
    small(server)
    order = job(server, tmp_path)
    dead = replace(order.councils[0], slug="dead", moderngov="http://127.0.0.1:9")
    done = crawl(replace(order, councils=(dead, *order.councils)), tmp_path)
    assert done.code == 1
    assert done.said["places"]["dead"]["state"] == "failing"
    assert "refuses connections" in done.said["places"]["dead"]["reason"]
    assert done.said["places"]["kent"]["state"] == "ok"


def test_what_is_not_a_whole_paper_is_noted_and_not_kept(server: Server, tmp_path: Path) -> None:
    site = small(server)
    broken = {
        11: (Reply(pdf()[:100], kind="application/pdf"), "half a PDF"),
        12: (Reply(pdf(), kind="application/pdf", cut=100), "broke off"),
        13: (Reply(b"<html><title>Sorry</title><p>no file</p></html>"), "expected office or pdf, found html"),
        14: (Reply(b"", kind="application/pdf"), "an empty answer"),
        15: (Reply(pdf("x" * 70_000), kind="application/pdf"), "larger than the limit"),
        16: (Reply(gzip.compress(b"x" * 70_000), headers={"Content-Encoding": "gzip"}), "larger than the limit"),
        17: (Reply(b"gone", status=404), "HTTP 404"),
    }
    site.shown = 99
    site.files = {f"s{number}": reply for number, (reply, _) in broken.items()}
    site.meetings[0].items[0].papers += [FakePaper(number, f"Paper {number}") for number in broken]
    done = crawl(job(server, tmp_path, max_bytes=50_000), tmp_path)
    assert done.code == 1
    for number, (_, reason) in broken.items():
        assert f"s{number}" not in keys(tmp_path)
        (error,) = rows(
            tmp_path, "select error from fetches where url like ? order by id desc limit 1", f"%s{number}/%"
        )
        assert reason in error[0]
        assert any(f"s{number}/" in f["url"] and reason in f["reason"] for f in done.said["failures"])
    assert "s129436" in keys(tmp_path)
    assert done.place["state"] == "ok"  # broken files are not a broken source


@pytest.mark.parametrize(
    "spoilt",
    [
        Reply(pdf()[:100], kind="application/pdf"),
        Reply(pdf(), kind="application/pdf", cut=100),
        Reply(b"", kind="application/pdf"),
        Reply(b"<html><title>Error</title><p>An error has occurred</p></html>", kind="application/pdf"),
    ],
    ids=["half", "broken off", "empty", "web page"],
)
def test_a_paper_that_was_good_stands_when_it_is_served_broken_later(
    server: Server, tmp_path: Path, spoilt: Reply
) -> None:
    site = small(server)
    site.files["s129436"] = Reply(pdf("good"), kind="application/pdf", headers={"ETag": '"good"'})
    crawl(job(server, tmp_path), tmp_path)
    good = _blob(tmp_path, "s129436")
    _make_older(tmp_path / "archive" / "archive.db", days=40)
    site.files["s129436"] = spoilt
    done = crawl(job(server, tmp_path), tmp_path)
    assert (done.code, len(done.said["failures"])) == (1, 1)
    assert _blob(tmp_path, "s129436") == good
    assert rows(tmp_path, "select gone_at from documents where key like '%:s129436'") == [(None,)]
    asked: list[str | None] = []

    def mended(request: Asked) -> Reply:
        asked.append(request.headers.get("if-none-match"))
        return Reply(status=304)

    site.files["s129436"] = mended
    again = crawl(job(server, tmp_path), tmp_path)
    assert (again.code, asked) == (0, ['"good"'])  # what broke is no newer content than what is held


STUMBLES = [(RuntimeError, "RuntimeError: stumbled"), (ParseError, "stumbled")]


@pytest.mark.parametrize(("error", "reason"), STUMBLES)
@pytest.mark.parametrize("route", ["service", "pages"])
def test_one_odd_meeting_does_not_cost_the_others(
    server: Server, tmp_path: Path, route: str, error: type[Exception], reason: str
) -> None:
    site = small(server)
    site.service = route == "service"
    others = FakeItem(66001, "5.", "Performance", [FakePaper(127000, "QPR Q2")])
    site.meetings.append(FakeMeeting(9470, date(2024, 11, 21), [others]))
    site.meetings[0].items[0].minutes = ODD.decode()  # the nearest to today, which is looked at first
    done = crawl(job(server, tmp_path), tmp_path, on_odd=error)
    assert {"s127000", "mid:9470"} <= {key.removesuffix(":xml") for key in keys(tmp_path)}
    assert (done.code, done.place["state"]) == (1, "ok")
    assert reason in done.place["reason"]
    told = {failure["url"].partition("?")[2] for failure in done.said["failures"]}
    assert told == {"ID=66160", "CId=115&MId=9476&Ver=4"}
    assert "Traceback" in done.log


@pytest.mark.parametrize(("error", "reason"), STUMBLES)
def test_one_odd_item_does_not_cost_the_others_nor_its_meeting(
    server: Server, tmp_path: Path, error: type[Exception], reason: str
) -> None:
    site = small(server)
    site.service = False
    site.meetings[0].items.append(FakeItem(66161, "7.", "Performance of roads", [FakePaper(129437, "Roads")]))
    usual = site._page

    def odd(page: str, query: dict[str, str]) -> Reply:
        reply = usual(page, query)
        return replace(reply, body=reply.body + ODD) if query.get("id") == "66160" else reply

    site._page = odd  # type: ignore[method-assign]
    done = crawl(job(server, tmp_path), tmp_path, on_odd=error)
    assert keys(tmp_path) == {"s129436", "s129437", "aid:66161", "mid:9476"}
    assert (done.code, done.place["state"]) == (1, "ok")
    assert reason in done.place["reason"]


def test_a_site_whose_meetings_are_all_odd_has_changed(server: Server, tmp_path: Path) -> None:
    site = small(server)
    site.service = False
    site.meetings[0].items[0].minutes = ODD.decode()
    done = crawl(job(server, tmp_path), tmp_path, on_odd=ParseError)
    assert (done.code, done.place["state"]) == (1, "changed")


def test_what_the_archive_cannot_hold_is_told(server: Server, tmp_path: Path) -> None:
    site = small(server)
    site.meetings[0].items[0].aid = 2**64
    done = crawl(job(server, tmp_path), tmp_path)
    assert done.code == 1
    assert any("could not be kept: OverflowError" in failure["reason"] for failure in done.said["failures"])


# An archive that lost something


def _blob(folder: Path, key: str) -> Path:
    """The file that holds a document's newest bytes."""
    (found,) = rows(
        folder,
        "select sha256 from versions v join documents d on d.id = document_id where key like ?"
        " order by v.id desc limit 1",
        f"%:{key}",
    )
    (place,) = (folder / "archive" / "blobs").rglob(found[0])
    return place


@pytest.mark.parametrize("loss", ["missing", "damaged"])
def test_lost_bytes_are_fetched_again_whatever_the_server_says_of_changes(
    server: Server, tmp_path: Path, loss: str
) -> None:
    site = small(server)
    file = Reply(pdf("one"), kind="application/pdf", headers={"ETag": '"one"'})
    site.files["s129436"] = lambda asked: Reply(status=304) if asked.headers.get("if-none-match") else file
    crawl(job(server, tmp_path), tmp_path)
    lost = [_blob(tmp_path, key) for key in ("s129436", "mid:9476", "mid:9476:xml", "aid:66160")]
    held = [place.read_bytes() for place in lost]
    for place in lost:
        if loss == "missing":
            place.unlink()
        else:
            place.write_bytes(b"x")
    # The page says the same with another date in its furniture: its old bytes never come again.
    framed = site._framed
    site._framed = lambda title, content: Reply(framed(title, content).body + b"<!-- 2 March -->")  # type: ignore[method-assign]
    done = crawl(job(server, tmp_path), tmp_path)
    assert (done.code, done.said["error"]) == (0, None), done.log
    assert lost[0].read_bytes() == held[0]
    assert _blob(tmp_path, "mid:9476").read_bytes() == held[1] + b"<!-- 2 March -->"
    assert lost[2].read_bytes() == held[2]
    assert _blob(tmp_path, "aid:66160").read_bytes() == held[3] + b"<!-- 2 March -->"
    versions = rows(tmp_path, "select count(*) from versions")
    again = crawl(job(server, tmp_path), tmp_path)
    assert again.said["counts"]["new_versions"] == 0
    assert rows(tmp_path, "select count(*) from versions") == versions
