"""The spider for the Ombudsman's pages, against a site on this machine."""

import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.scrapers_server import ODD, Asked, Reply, Server, crawl, job, rows

COUNCIL = "/your-councils-performance/kent-county-council"
STATISTICS = f"""<html><body><nav><a href="/decisions">Decisions</a>
<a href="/information-centre/news/2020/jan/old">News</a></nav>
<main><h1>Kent County Council</h1><h2>Complaints upheld</h2><p>81% upheld</p>
<p><a href="/Decisions/SearchResults?aname=Kent+County+Council&dc=u&td=2025-3-1">View upheld decisions</a></p>
<h2>Public reports</h2><p>In the last nine years:</p>
<h3><a href="https://www.lgo.org.uk/decisions/x/y/11-111-111">Elsewhere</a></h3>
<h3><a href="/decisions/education/alternative-provision/22-001-002">A report on school places</a></h3>
<p>The council left a child without schooling.</p>
<h3><a href="/information-centre/news/2022/oct/ombudsman-criticises-kent">A second report</a></h3>
<h2>Service improvements</h2><p>Case reference: 24 003 150</p>
<a href="{COUNCIL}/serviceimprovements">View all</a></main></body></html>""".encode()
IMPROVEMENTS = f"""<html><body><main><h1>Service improvements</h1>
<p>Case reference: <a href="/decisions/education/special-educational-needs/24-003-150">24 003 150</a></p>
<a href="{COUNCIL}/serviceimprovements?page=2">2</a> <a href="{COUNCIL}/serviceimprovements?year=2019">2019</a>
</main></body></html>""".encode()
SECOND = b"""<html><body><main><h1>Service improvements</h1>
<p>Case reference: <a href="/decisions/education/special-educational-needs/24-000-001">24 000 001</a></p>
</main></body></html>"""
LISTING = b"<html><body><main><h1>Decisions</h1><a href='/decisions/education/x/%s'>Kent</a>%s</main></body></html>"
NEXT = b'<a href="?page=2">Next</a>'
DECISION = (
    b"<html><body><article id='article'><h1>Kent County Council (24 003 150)</h1><p>Upheld</p></article></body></html>"
)


@pytest.fixture
def server() -> Iterator[Server]:
    with Server().running() as running:
        running.routes[f"{COUNCIL}/statistics"] = Reply(STATISTICS)
        running.routes[f"{COUNCIL}/serviceimprovements"] = lambda asked: Reply(
            SECOND if asked.query.get("page") == "2" else IMPROVEMENTS
        )
        for case in ("special-educational-needs/24-003-150", "special-educational-needs/24-000-001"):
            running.routes[f"/decisions/education/{case}"] = Reply(DECISION)
        running.routes["/decisions/education/alternative-provision/22-001-002"] = Reply(DECISION)
        running.routes["/information-centre/news/2022/oct/ombudsman-criticises-kent"] = Reply(DECISION)
        running.routes["/Decisions/SearchResults"] = lambda asked: Reply(
            LISTING % (b"24-000-001", b"") if "page" in asked.query else LISTING % (b"24-003-150", NEXT)
        )
        yield running


def test_statistics_improvements_reports_and_decisions_are_kept_once(server: Server, tmp_path: Path) -> None:
    order = job(server, tmp_path, "ombudsman")
    done = crawl(order, tmp_path)
    assert done.code == 0, done.log
    site = f"ombudsman:{server.base.removeprefix('http://')}:"
    assert {key.removeprefix(site) for (key,) in rows(tmp_path, "select key from documents")} == {
        "kent-county-council:statistics",
        "kent-county-council:serviceimprovements",
        "kent-county-council:serviceimprovements?page=2",
        "decisions?aname=kent+county+council&dc=u",
        "decisions?aname=kent+county+council&dc=u&page=2",
        "decision:24-003-150",
        "decision:24-000-001",
        "decision:22-001-002",
        "news:2022/oct/ombudsman-criticises-kent",
    }
    assert set(rows(tmp_path, "select source, council from documents")) == {("ombudsman", "kent")}
    server.log.clear()
    again = crawl(order, tmp_path)
    assert sorted(server.paths("/")) == [
        "/Decisions/SearchResults",
        "/robots.txt",
        f"{COUNCIL}/serviceimprovements",
        f"{COUNCIL}/serviceimprovements",
        f"{COUNCIL}/statistics",
    ]
    assert again.said["counts"]["new_versions"] == 0


def test_a_list_of_decisions_is_gone_along_to_where_a_killed_crawl_stopped(server: Server, tmp_path: Path) -> None:
    def listing(asked: Asked) -> Reply:
        page = int(asked.query.get("page", 1))
        if asked.headers.get("if-none-match") == f'"{page}"':
            return Reply(status=304)
        following = b'<a href="?page=%d">Next</a>' % (page + 1) if page < 4 else b""
        return Reply(LISTING % (b"24-000-00%d" % page, following), headers={"ETag": f'"{page}"'})

    def pages() -> list[str]:
        return [asked.query.get("page", "1") for asked in server.log if asked.path == "/Decisions/SearchResults"]

    server.routes["/Decisions/SearchResults"] = listing
    order = job(server, tmp_path, "ombudsman")
    crawl(order, tmp_path)
    assert pages() == ["1", "2", "3", "4"]
    db = sqlite3.connect(tmp_path / "archive" / "archive.db")
    with db:  # as if the first crawl had been killed with page 3 in its hands
        db.execute("update fetches set version_id = null where url like '%page=3' or url like '%page=4'")
        for page in (3, 4):
            lost = f"(select id from documents where key like '%page={page}')"
            db.execute(f"delete from versions where document_id in {lost}")
            db.execute(f"delete from documents where key like '%page={page}'")
    db.close()
    server.log.clear()
    assert crawl(order, tmp_path).code == 0
    assert pages() == ["1", "3", "4"]
    server.log.clear()
    crawl(order, tmp_path)
    assert pages() == ["1"]


def test_an_unchanged_page_still_leads_to_pages_that_changed(server: Server, tmp_path: Path) -> None:
    def statistics(asked: Asked) -> Reply:
        if asked.headers.get("if-none-match") == '"s"':
            return Reply(status=304)
        return Reply(STATISTICS, headers={"ETag": '"s"'})

    server.routes[f"{COUNCIL}/statistics"] = statistics
    order = job(server, tmp_path, "ombudsman")
    crawl(order, tmp_path)
    more = Reply(IMPROVEMENTS.replace(b"24 003 150", b"24 003 150 and more"))
    server.routes[f"{COUNCIL}/serviceimprovements"] = lambda asked: Reply(SECOND) if asked.query else more
    done = crawl(order, tmp_path)
    assert rows(tmp_path, "select status from fetches where url like '%statistics' order by id") == [(200,), (304,)]
    assert done.said["counts"]["new_versions"] == 1


def test_a_decision_that_expired_on_the_site_stays_here_and_is_no_failure(server: Server, tmp_path: Path) -> None:
    order = job(server, tmp_path, "ombudsman")
    crawl(order, tmp_path)
    del server.routes["/decisions/education/special-educational-needs/24-000-001"]
    db = sqlite3.connect(tmp_path / "archive" / "archive.db")
    with db:
        db.execute("update fetches set fetched_at = '2020-01-01T00:00:00+00:00'")
    db.close()
    done = crawl(order, tmp_path)
    assert done.code == 0
    gone = "select d.key, v.id from documents d join versions v on v.document_id = d.id where gone_at is not null"
    assert [key.rpartition(":")[2] for key, _ in rows(tmp_path, gone)] == ["24-000-001"]


def test_one_odd_case_does_not_cost_the_others(server: Server, tmp_path: Path) -> None:
    server.routes["/decisions/education/special-educational-needs/24-003-150"] = Reply(DECISION + ODD)
    done = crawl(job(server, tmp_path, "ombudsman"), tmp_path, on_odd=RuntimeError)
    assert (done.code, done.place["state"]) == (1, "ok")
    assert [failure["url"].rpartition("/")[2] for failure in done.said["failures"]] == ["24-003-150"]
    kept = {key.rpartition(":")[2] for (key,) in rows(tmp_path, "select key from documents")}
    assert {"24-000-001", "22-001-002", "decisions?aname=kent+county+council&dc=u"} <= kept


def test_a_council_without_a_page_is_gone_and_the_others_go_on(server: Server, tmp_path: Path) -> None:
    order = job(server, tmp_path, "ombudsman")
    other = replace(order.councils[0], slug="medway", ombudsman="medway-council")
    done = crawl(replace(order, councils=(other, *order.councils)), tmp_path)
    assert done.code == 1
    assert done.said["places"]["medway"]["state"] == "gone"
    assert done.said["places"]["kent"]["state"] == "ok"
    assert rows(tmp_path, "select council, state from sources order by 1") == [("kent", "ok"), ("medway", "gone")]
