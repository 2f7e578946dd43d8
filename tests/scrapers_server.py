"""A web server on loopback for the spiders' tests, a ModernGov site in it, and the crawl in a child process."""

import json
import multiprocessing
import os
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import parsers
from scrapers.__main__ import main
from scrapers.job import CouncilJob, CrawlJob

ROOT = Path(__file__).parents[1]
TODAY = date(2025, 3, 1)


@dataclass
class Reply:
    """What the server answers. `cut` sends only so many bytes of what Content-Length announces."""

    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    kind: str = "text/html; charset=utf-8"
    cut: int | None = None


Route = Reply | Callable[["Asked"], Reply]


@dataclass(frozen=True)
class Asked:
    """One request as it arrived."""

    path: str  # decoded, without query
    query: dict[str, str]  # names in lower case
    headers: dict[str, str]  # names in lower case
    raw: str


class Server:
    """Routes by path; everything else goes to `default`."""

    def __init__(self) -> None:
        self.routes: dict[str, Route] = {}
        self.default: Callable[[Asked], Reply] = lambda asked: Reply(status=404, body=b"<html>not found</html>")
        self.log: list[Asked] = []
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                parts = urlsplit(self.path)
                asked = Asked(
                    path=unquote(parts.path),
                    query={k.lower(): v for k, v in parse_qsl(parts.query, keep_blank_values=True)},
                    headers={k.lower(): v for k, v in self.headers.items()},
                    raw=self.path,
                )
                server.log.append(asked)
                route = server.routes.get(asked.path, server.default)
                reply = route if isinstance(route, Reply) else route(asked)
                self.send_response(reply.status)
                for name, value in {"Content-Type": reply.kind, **reply.headers}.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(reply.body)))
                self.end_headers()
                self.wfile.write(reply.body[: reply.cut])
                if reply.cut is not None:
                    self.close_connection = True

            def log_message(self, *args: object) -> None:
                pass

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.base = f"http://127.0.0.1:{self._http.server_port}"

    def paths(self, start: str = "/") -> list[str]:
        """Paths asked for so far, in order."""
        return [asked.path for asked in self.log if asked.path.startswith(start)]

    @contextmanager
    def running(self) -> Iterator["Server"]:
        thread = threading.Thread(target=self._http.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield self
        finally:
            self._http.shutdown()
            thread.join()
            self._http.server_close()


# The crawl


@dataclass(frozen=True)
class Crawled:
    """What a child process left behind."""

    code: int
    said: dict[str, Any]  # its last line
    log: str

    @property
    def place(self) -> dict[str, Any]:
        """The only place that was visited."""
        (place,) = self.said["places"].values()
        assert isinstance(place, dict)
        return place


def job(server: Server, folder: Path, source: str = "committee_papers", **changes: Any) -> CrawlJob:
    """A job against the server: fast, and with one council."""
    council = CouncilJob(
        slug="kent",
        name="Kent County Council",
        moderngov=server.base + "/mg",
        committees=(115,),
        ombudsman="kent-county-council",
    )
    usual = CrawlJob(
        source=source,
        archive=str(folder / "archive"),
        today=TODAY,
        user_agent="kccwatch-test/0.1 (+https://example.org)",
        delay_seconds=0.0,
        timeout_seconds=5,
        deadline_seconds=60,
        allow_private_addresses=True,
        councils=(council,),
        titles=("performance", "risk register"),
        ombudsman_url=server.base,
        keywords=("Kent County Council", "KCC"),
    )
    return replace(usual, **changes)


# Children of a process that has imported everything already: a crawl in a tenth of the time.
_children = multiprocessing.get_context("forkserver")
_children.set_forkserver_preload(["scrapers.run"])


ODD = b"<!-- an odd page -->"


def crawl(order: CrawlJob, folder: Path, *, from_shell: bool = False, on_odd: type[Exception] | None = None) -> Crawled:
    """The crawl in a child process, with its job in a file; `from_shell` calls it just as the parent does.

    `on_odd` is what a page with ODD in it makes our reading of pages raise.
    """
    file, out, log = folder / "job.json", folder / "out.txt", folder / "log.txt"
    file.write_text(order.to_json(), encoding="utf-8")
    if from_shell:
        call = [sys.executable, "-m", "scrapers", str(file)]
        with out.open("wb") as stdout, log.open("wb") as stderr:
            code = subprocess.run(call, cwd=ROOT, stdout=stdout, stderr=stderr, timeout=90).returncode
    else:
        child = _children.Process(target=_crawl, args=(str(file), str(out), str(log), on_odd))
        child.start()
        child.join(90)
        code = -1 if child.exitcode is None else child.exitcode
        child.kill()
    lines = out.read_text(encoding="utf-8").strip().splitlines()
    return Crawled(code, json.loads(lines[-1]) if lines else {}, log.read_text(encoding="utf-8"))


def _crawl(file: str, out: str, log: str, on_odd: type[Exception] | None) -> None:
    for descriptor, path in ((1, out), (2, log)):
        os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), descriptor)
    if on_odd is not None:
        _stumble_over_odd_pages(on_odd)
    sys.exit(main([file]))


def _stumble_over_odd_pages(error: type[Exception]) -> None:
    usual = parsers.fingerprint

    def fingerprint(body: bytes, **more: Any) -> str:
        if ODD in body:
            raise error("stumbled")
        return usual(body, **more)

    parsers.fingerprint = fingerprint


def rows(folder: Path, sql: str, *params: object) -> list[tuple[Any, ...]]:
    """What stands in the archive."""
    db = sqlite3.connect(f"file:{folder / 'archive' / 'archive.db'}?mode=ro", uri=True)
    try:
        return db.execute(sql, params).fetchall()
    finally:
        db.close()


def keys(folder: Path) -> set[str]:
    """The documents' identities without their site."""
    return {key.partition("/mg:")[2] or key for (key,) in rows(folder, "select key from documents")}


# A ModernGov site


def pdf(words: str = "paper") -> bytes:
    """Enough of a PDF for who only looks whether it is one."""
    return b"%PDF-1.7\n" + words.encode() + b"\n" * 200 + b"%%EOF\n"


@dataclass
class FakePaper:
    """A file under an s number."""

    number: int
    title: str
    published: str = "24/02/2025"
    restricted: bool = False
    href: str = ""  # as printed in the page; "" for the usual


@dataclass
class FakeItem:
    """An item of an agenda."""

    aid: int
    number: str
    title: str
    papers: list[FakePaper] = field(default_factory=list)
    minutes: str = ""


@dataclass
class FakeMeeting:
    """A meeting with its agenda."""

    mid: int
    day: date
    items: list[FakeItem] = field(default_factory=list)
    status: str = ""
    files: list[tuple[str, str]] = field(default_factory=list)  # (href, link text) of the meeting as a whole


@dataclass
class ModernGov:
    """A committee's site by both routes. `service` and `pages` switch the routes off and on."""

    server: Server
    meetings: list[FakeMeeting]
    committee: str = "Cabinet"
    cid: int = 115
    service: bool = True
    pages: bool = True
    shown: int = 5  # papers of an item that the agenda shows
    cut: int = 3000  # characters of minutes that the agenda shows
    frame_missing: bool = False
    files: dict[str, Route] = field(default_factory=dict)  # by "s123", "g9476"

    def __post_init__(self) -> None:
        self.server.default = self.answer

    def answer(self, asked: Asked) -> Reply:
        """The site's answer to anything below /mg/."""
        if not asked.path.lower().startswith("/mg/"):
            return Reply(status=404, body=b"<html><h1>404</h1></html>")
        page = asked.path[4:].lower()
        if page.startswith("mgwebservice.asmx/"):
            return self._service(page.partition("/")[2], asked.query)
        if page.startswith("documents/"):
            return self._file(page.split("/")[1], asked)
        if page == "mgconvert2pdf.aspx":
            return self._file(f"s{asked.query['id']}", asked)
        if not self.pages:
            return Reply(status=403, body=b"<html><h1>Forbidden</h1></html>")
        return self._page(page, asked.query)

    def _file(self, name: str, asked: Asked) -> Reply:
        reply = self.files.get(name) or Reply(pdf(name), kind="application/pdf")
        return reply if isinstance(reply, Reply) else reply(asked)

    # The web service

    def _service(self, method: str, query: dict[str, str]) -> Reply:
        if not self.service:
            return Reply(status=404, body=b"<html><h1>Not found</h1></html>")
        if method == "getcommittees":
            body = (
                "<committees><committeescount> 2</committeescount>"
                f"<committee><committeeid>{self.cid}</committeeid><committeetitle>{escape(self.committee)}</committeetitle>"
                "<committeedeleted>False</committeedeleted><committeeexpired>False</committeeexpired></committee>"
                "<committee><committeeid>829</committeeid><committeetitle>Gone</committeetitle>"
                "<committeedeleted>False</committeedeleted><committeeexpired>True</committeeexpired></committee>"
                "</committees>"
            )
        elif method == "getmeetings":
            body = self._xml_meetings()
        else:
            body = self._xml_meeting(next(m for m in self.meetings if str(m.mid) == query["lmeetingid"]))
        return Reply(f'<?xml version="1.0" encoding="utf-8"?>\n{body}'.encode(), kind="text/xml; charset=utf-8")

    def _xml_meetings(self) -> str:
        meetings = "".join(
            f"<meeting><meetingid>{m.mid}</meetingid><meetingdate>{m.day:%d/%m/%Y}</meetingdate>"
            f"<meetingstatus>{m.status or 'Confirmed'}</meetingstatus><meetingtime>10.00 am</meetingtime></meeting>"
            for m in self.meetings
        )
        return (
            f"<getmeetings><meetingscount> {len(self.meetings)}</meetingscount><committeescount> 1</committeescount>"
            f"<committee><committeeid>{self.cid}</committeeid><committeetitle>{escape(self.committee)}</committeetitle>"
            f"<committeemeetings>{meetings}</committeemeetings></committee></getmeetings>"
        )

    def _xml_meeting(self, meeting: FakeMeeting) -> str:
        items = "".join(self._xml_item(item) for item in meeting.items)
        published = bool(meeting.items)
        return (
            f"<meeting><meetingid>{meeting.mid}</meetingid><meetingdate>{meeting.day:%d/%m/%Y}</meetingdate>"
            f"<meetingstatus>{meeting.status or 'Confirmed'}</meetingstatus><meetingtime>10.00 am</meetingtime>"
            f"<agendaid>{meeting.mid}</agendaid><agendapublished>{published}</agendapublished>"
            f"<decisionpublished>False</decisionpublished><minutepublished>False</minutepublished>"
            f"<agendaitems>{items}</agendaitems></meeting>"
        )

    def _xml_item(self, item: FakeItem) -> str:
        docs = "".join(
            f"<linkeddoc><attachmentid>{p.number}</attachmentid><title>{escape(escape(p.title))}</title>"
            f"<isurl>False</isurl><url>{self.server.base}/mg/mgConvert2PDF.aspx?ID={p.number}</url>"
            f"<isrestricted>{p.restricted}</isrestricted><publicationdate>{p.published}</publicationdate></linkeddoc>"
            for p in item.papers
        )
        minutes = escape(f"<div><p>{item.minutes}</p></div>") if item.minutes else ""
        return (
            f"<agendaitem><agendaitemid>{item.aid}</agendaitemid><agendaitemtitle>{escape(escape(item.title))} "
            f"</agendaitemtitle><agendatext></agendatext><agendaitemnumber>0</agendaitemnumber>"
            f"<fulldisplaynumberformat>{item.number}</fulldisplaynumberformat>"
            f"<minutesnonemptyhtmlbody>{minutes}</minutesnonemptyhtmlbody>"
            f"<linkeddocuments>{docs}</linkeddocuments></agendaitem>"
        )

    # The pages

    def _page(self, page: str, query: dict[str, str]) -> Reply:
        if page == "mglistcommittees.aspx":
            return self._framed(
                "Committees",
                f'<h2>Executive</h2><ul><li><a  href="mgCommitteeDetails.aspx?ID={self.cid}">'
                f"{escape(self.committee)}</a></li>"
                '<li><a href="mgCommitteeDetails.aspx?ID=829">Gone</a> (decommissioned 16/05/2017)</li></ul>',
            )
        if page == "ielistmeetings.aspx":
            return self._framed(f"Browse meetings - {escape(self.committee)}", self._list(query))
        if page == "ielistdocuments.aspx":
            wanted = query.get("mid") or query.get("meetingid")
            return self._meeting_page(next(m for m in self.meetings if str(m.mid) == wanted))
        if page == "mgai.aspx":
            item = next(i for m in self.meetings for i in m.items if str(i.aid) == query["id"])
            minutes = f"<h3>Minutes:</h3><div>{item.minutes}</div>" if item.minutes else ""
            papers = "".join(f"<li>{self._link(paper)}</li>" for paper in item.papers if not paper.restricted)
            return self._framed("Agenda item", f"<h2>{escape(item.title)}</h2>{minutes}<ul>{papers}</ul>")
        return Reply(status=302, headers={"Location": "/mg/mgError.aspx"})

    def _list(self, query: dict[str, str]) -> str:
        """Two years at a time, oldest last; the years before behind a link."""
        years = sorted({m.day.year for m in self.meetings}, reverse=True)
        year = int(query["d"][:4]) if query.get("act") else (years[0] if years else 0)
        entries = "".join(
            f'<li><a  class="mgMeetingTableLnk"   href="ieListDocuments.aspx?CId={self.cid}&amp;MId={m.mid}&amp;Ver=4">'
            f"{m.day.day} {m.day:%b %Y}&nbsp;10.00 am</a>{' - ' + m.status if m.status else ' - Agenda'}</li>"
            for m in self.meetings
            if m.day.year == year
        )
        older = [y for y in years if y < year]
        before = (
            f'<a href="ieListMeetings.aspx?Act=Prev&amp;CId={self.cid}&amp;D={older[0]}01010000&amp;MD=ielistmeetings">'
            "Previous meetings</a>"
            if older
            else ""
        )
        return f'<ul class="mgBulletList">{entries}</ul><p>{before}</p>'

    def _meeting_page(self, meeting: FakeMeeting) -> Reply:
        rows = "".join(self._row(item) for item in meeting.items)
        table = f'<table class="mgItemTable"><tr><th>No.</th><th>Item</th></tr>{rows}</table>' if rows else ""
        files = "".join(f'<li><a href="{href}">{text}</a></li>' for href, text in meeting.files)
        day = f"{meeting.day:%A}, {meeting.day.day}th {meeting.day:%B}, {meeting.day.year} 10.00 am"
        status = f", {meeting.status}" if meeting.status else ""
        heading = "" if self.frame_missing else f"<h2>{escape(self.committee)} - {day}{status}</h2>"
        return self._framed("Agenda", f"{heading}<ul>{files}</ul>{table}")

    def _row(self, item: FakeItem) -> str:
        shown = [paper for paper in item.papers if not paper.restricted][: self.shown]
        papers = "".join(f"<li>{self._link(paper)}</li>" for paper in shown)
        papers += "".join("<li>Restricted enclosure 17</li>" for paper in item.papers if paper.restricted)
        hidden = len([p for p in item.papers if not p.restricted]) - len(shown)
        more = (
            f'<p>There are a further {hidden} documents. <a href="mgAi.aspx?ID={item.aid}">View the full list of '
            f"documents for item {item.number}</a></p>"
            if hidden
            else ""
        )
        minutes = ""
        if item.minutes:
            minutes = f'<p class="mgSubItemTitleTxt">Minutes:</p><div class="mgWordPara">{item.minutes[: self.cut]}'
            if len(item.minutes) > self.cut:
                minutes += f'… <a href="mgAi.aspx?ID={item.aid}">view the full minutes text for item {item.number}</a>'
            minutes += "</div>"
        return (
            f'<tr><td class="mgItemNumberCell"><p class="mgAiTitleTxt"><a name="AI{item.aid}"></a>{item.number}</p>'
            f'</td><td><p class="mgAiTitleTxt">{escape(item.title)}</p><ul class="mgBulletList">{papers}</ul>'
            f"{more}{minutes}</td></tr>"
        )

    def _link(self, paper: FakePaper) -> str:
        href = paper.href or f"documents/s{paper.number}/{paper.title}.pdf"
        return f'<a  href="{href}"  title="Link to document">{escape(paper.title)}<img alt="pdf icon"/> PDF 1 MB</a>'

    def _framed(self, title: str, content: str) -> Reply:
        notice = ""
        if self.frame_missing:
            notice = (
                "<p>This is a default template because the custom branding could not be loaded. Technical Error: "
                "Could not create SSL/TLS secure channel.</p>"
            )
        return Reply(
            f'<html><head><title>{title}</title></head><body>{notice}<ul><li><a href="mgListCommittees.aspx?bcr=1">'
            f'Committees</a></li></ul><div id="modgov"><h1>{title}</h1><div class="mgContent">{content}</div></div>'
            "</body></html>".encode()
        )


def cabinet(server: Server) -> ModernGov:
    """A committee with a meeting in the window that has all that is hard about agendas, and some others."""
    performance = FakeItem(
        66160,
        "6.",
        "Quarterly Performance Report, Q3 2024-2025",
        [
            FakePaper(129435, "Cabinet QPR Q3 Cover"),
            FakePaper(129436, "Appendix 1 - QPR Q3", href="documents/s129436/QPR\r\n Q3 Cabinet appendix 1.pdf"),
        ],
        minutes="Mr Brady said. " * 300,
    )
    risks = FakeItem(
        66161,
        "7a",
        "Corporate Risk &amp; Assurance".replace("&amp;", "&"),
        [FakePaper(129440, "Corporate Risk Register"), FakePaper(129441, "Exempt annex", restricted=True)],
    )
    many = FakeItem(66162, "8.", "Performance dashboards", [FakePaper(129450 + n, f"Dashboard {n}") for n in range(8)])
    late = FakeItem(66163, "9.", "Performance of contractors - to follow")
    other = FakeItem(66164, "10.", "Apologies", [FakePaper(129460, "Apologies")])
    meetings = [
        FakeMeeting(
            9476,
            date(2025, 3, 4),
            [performance, risks, many, late, other],
            files=[
                (
                    "documents/g9476/Agenda frontsheet 04th-Mar-2025 10.00 Cabinet.pdf?T=0",
                    "Agenda frontsheet PDF 90 KB",
                ),
                ("documents/g9476/Public reports pack 04th-Mar-2025.pdf?T=10", "Public reports pack PDF 9 MB"),
                ("documents/g9476/Printed minutes 04th-Mar-2025.pdf?T=1", "Printed minutes PDF 90 KB"),
                ("documents/b5023/Item 6 Supplement.pdf?T=9", "Item 6 Supplement PDF 90 KB"),
            ],
        ),
        FakeMeeting(9475, date(2025, 1, 30), [FakeItem(66100, "5.", "Budget", [FakePaper(128000, "Budget")])]),
        FakeMeeting(9470, date(2024, 11, 21), [FakeItem(66001, "5.", "Performance", [FakePaper(127000, "QPR Q2")])]),
        FakeMeeting(8902, date(2023, 6, 22), [FakeItem(60001, "5.", "Performance", [FakePaper(112496, "QPR Q4")])]),
        FakeMeeting(9480, date(2025, 4, 24), [], status="CANCELLED"),
    ]
    return ModernGov(server, meetings)


PAPERS = {"s129435", "s129436", "s129440", *(f"s{129450 + n}" for n in range(8)), "s127000", "g9476:T1", "b5023"}
ITEM_PAGES = {"aid:66160", "aid:66161", "aid:66162", "aid:66163", "aid:66001"}
