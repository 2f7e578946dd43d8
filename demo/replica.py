"""A web server on loopback that plays the three sites.

`Replica(today=…)` is a context manager; inside it `base_url` is ModernGov at `/`,
the Ombudsman at `/lgo`, newspapers at `/news`. It starts at once: papers are drawn
when they are asked for. `publish_next()` brings the next quarter. Faults are names
in `FAULTS` and can be put on and off while it runs; `refuse_next` answers single
requests with a status. Every request is kept in `requests`.
"""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import parse_qsl, unquote, urlsplit

from demo import moderngov, ombudsman, papers, press
from demo.council import Council, Paper
from demo.drawing import KENT, Style
from demo.moderngov import Answer, Visit
from demo.ombudsman import Ombudsman
from demo.press import Press
from demo.story import Edition, QuarterFacts, Story

FAULTS = {
    "branding": "ModernGov's pages come in the default template with an error notice, without their h2",
    "second_host": "links to meetings are absolute and name port 9071",
    "challenge": "every HTML page is a browser check with status 200",
    "forbidden": "ModernGov's HTML pages answer 403, the web service works",
    "login": "ModernGov's pages lead to a login form",
    "down": "everything answers 503",
    "hung_up": "the connection is closed without an answer",
    "leads_away": "ModernGov's pages redirect to a private address of somebody else",
    "endless": "ModernGov's pages redirect to themselves",
    "xml_error": "the web service answers 500",
    "xml_html": "the web service answers with an HTML page and status 200",
    "pdf_is_html": "papers come as an error page named .pdf, status 200, text/html",
    "pdf_empty": "papers have no bytes",
    "pdf_half": "papers are cut in half, as if complete",
    "pdf_broken_off": "the connection drops in the middle of a paper",
    "pdf_scan": "performance reports are pictures without text",
    "no_items": "meetings' pages have no items",
    "robots_503": "robots.txt answers 503",
    "robots_closed": "robots.txt forbids everything",
    "lgo_shell": "the decision search is an empty shell",
    "lgo_emptied": "the statistics page has lost its figures",
    "lgo_missing": "the statistics page is 404",
    "feed_is_html": "the feed is a web page",
    "feed_empty": "the feed has no items",
    "feed_doubled": "the feed has every item twice",
    "etag_lies": "news answers 304 to whoever asks conditionally",
}

ROBOTS = """User-agent: *
Disallow: /mgUserInfo.aspx
Disallow: /ieDocSearch.aspx
Disallow: /mgRegisterKeywordInterest.aspx
Crawl-delay: 0
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One request that came in."""

    method: str
    path: str  # without query, as sent
    query: str
    status: int  # what it was answered with
    headers: dict[str, str] = field(default_factory=dict)  # names in lower case

    @property
    def target(self) -> str:
        return f"{self.path}?{self.query}" if self.query else self.path


class Replica:
    """The three sites, running. Not started before the `with` block is entered."""

    def __init__(
        self,
        *,
        today: date | None = None,
        port: int = 0,
        xml: bool = True,
        faults: Sequence[str] = (),
        style: Style = KENT,
    ) -> None:
        unknown = set(faults) - FAULTS.keys()
        if unknown:
            raise ValueError(f"faults: expected some of {', '.join(FAULTS)}, found {', '.join(sorted(unknown))}")
        self.today = today or datetime.now().astimezone().date()
        self.xml = xml
        self.faults: set[str] = set(faults)
        self.requests: list[Request] = []
        self.council = Council(self.today, style)
        self.ombudsman = Ombudsman(today=self.today)
        self.press = Press(today=self.today)
        self.press.report_on(self.council.facts(self.council.last), self.today - timedelta(days=9))
        self._refusals: list[tuple[str, int, int]] = []
        self._lock = threading.RLock()
        self._count = 0
        self._server = _Server(("127.0.0.1", port), _Handler)
        self._server.replica = self
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    # --- life

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def config(
        self, archive_path: Path | str, *, channels: Sequence[tuple[str, str, str]] = (("file", "file", "low"),)
    ) -> str:
        """A complete config.toml for the replica. `channels` are (name, Apprise address, least severity)."""
        text = f"""[archive]
path = {_toml(str(archive_path))}

[[councils]]
slug = "kent"
name = "Kent County Council"
moderngov = "{self.base_url}"
committees = [115, 144, 750, 894]
ombudsman = "{ombudsman.SLUG}"

[crawl]
user_agent = "kccwatch/0.1 (+https://example.org/kccwatch; mailto:you@example.org)"
delay_seconds = 0.0
timeout_seconds = 20
max_bytes = 64_000_000
allow_private_addresses = true

[sources.committee_papers]
schedule = "30 6,18 * * *"
look_back_days = 120
look_ahead_days = 90
titles = ["performance", "complaint", "ombudsman", "customer feedback", "risk register"]

[sources.ombudsman]
base_url = "{self.base_url}/lgo"
schedule = "0 7 * * *"

[sources.news]
schedule = "15 * * * *"
feeds = ["{self.base_url}/news/rss/", "{self.base_url}/news/england/kent/rss.xml"]
pages = ["{self.base_url}/news/kent/news/"]
keywords = ["Kent County Council", "KCC", "County Hall"]

[alerts]
max_age_days = 60
timezone = "Europe/London"
quiet_hours = ""
site_url = ""
"""
        for name, url, severity in channels:
            text += (
                f"\n[[alerts.channels]]\nname = {_toml(name)}\nurl = {_toml(url)}\nmin_severity = {_toml(severity)}\n"
            )
        return text + "\n[rules]\ndisabled = []\n\n[serve]\nport = 8001\npublic = false\n"

    # --- what happens while it runs

    def publish_next(self, today: date | None = None) -> QuarterFacts:
        """The next quarter: report, cover, agenda, the last meeting's minutes, Ombudsman, news. Its facts come back."""
        with self._lock:
            self.today = today or self.today
            facts = self.council.publish_report(self.today)
            self.ombudsman.publish(self.today)
            self.press.today = self.today
            self.press.publish(facts, self.today)
            return facts

    def reissue(
        self, facts: QuarterFacts, today: date | None = None, *, keep_old: bool = False, in_place: bool = False
    ) -> Paper:
        """The edition's report with other facts: under a new number beside the old, or `in_place`."""
        with self._lock:
            self.today = today or self.today
            if not in_place:
                return self.council.reissue_report(facts.edition, facts, self.today, keep_old=keep_old)
            paper = self.council.report_meeting(facts.edition).items[6].linked()[-1]
            self.council.overwrite_paper(paper, lambda: papers.performance_report(facts, self.council.style))
            return paper

    def bring_out_minutes(self, edition: Edition, *, final: bool = False) -> None:
        """The minutes of the meeting that had the edition's report; its items are renumbered."""
        with self._lock:
            self.council.bring_out_minutes(self.council.report_meeting(edition), final=final)

    def call_off(self, edition: Edition, status: str = "CANCELLED") -> None:
        """The meeting that has the edition's report is called off."""
        with self._lock:
            self.council.call_off(self.council.report_meeting(edition), status)

    def add_story(self, tale: Story, on: date | None = None) -> None:
        with self._lock:
            self.press.add(tale, on or self.today)

    def put(self, fault: str, *, on: bool = True) -> None:
        """Switches a fault of `FAULTS` on or off."""
        if fault not in FAULTS:
            raise ValueError(f"expected one of {', '.join(FAULTS)}, found {fault}")
        (self.faults.add if on else self.faults.discard)(fault)

    def refuse_next(self, count: int, status: int = 429, *, containing: str = "") -> None:
        """The next so many requests whose path holds the text get that status (403, 429, 500 …)."""
        with self._lock:
            self._refusals.append((containing.lower(), count, status))

    def report_url(self, edition: Edition) -> str:
        """Where the edition's report is, without the file's name."""
        return f"{self.base_url}/documents/s{self.council.report_meeting(edition).items[6].linked()[-1].sid}"

    def asked(self, containing: str) -> list[Request]:
        """The requests whose target holds the text."""
        return [request for request in self.requests if containing.lower() in request.target.lower()]

    # --- answering

    def answer(self, path: str, query: str) -> Answer | None:
        """What a GET brings; None closes the connection."""
        with self._lock:
            self._count += 1
            refused = self._refusal(path)
            visit = Visit(
                today=self.today,
                count=self._count,
                base_url=self.base_url,
                branding_failed="branding" in self.faults,
                second_host="http://127.0.0.1:9071" if "second_host" in self.faults else "",
            )
            if refused is not None:
                return refused
            if "hung_up" in self.faults:
                return None
            return _spoilt(self.faults, _routed(self, path, query, visit))

    def _refusal(self, path: str) -> Answer | None:
        for n, (containing, count, status) in enumerate(self._refusals):
            if containing in path.lower():
                self._refusals[n : n + 1] = [(containing, count - 1, status)] if count > 1 else []
                headers = (("Retry-After", "1"),) if status in (429, 503) else ()
                return Answer(body=b"<h1>Not now</h1>", status=status, headers=headers)
        return None


def _toml(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


NOT_FOUND = Answer(body=b"<html><body><h1>404 - not found</h1></body></html>", status=404)
_CHALLENGE = Answer(
    body=b"<!DOCTYPE html><html><head><title>Just a moment...</title></head><body>"
    b"<noscript>Enable JavaScript and cookies to continue</noscript>"
    b'<script src="/cdn-cgi/challenge-platform/h/b/orchestrate/chl_page/v1"></script></body></html>'
)
_ERROR_PAGE = Answer(
    body=b"<html><head><title>Error</title></head><body><h1>An error has occurred</h1><p>The document could not be "
    b"converted.</p></body></html>"
)


def _to(place: str) -> Answer:
    return Answer(body=b"", status=302, headers=(("Location", place),))


def _pdf(body: bytes) -> Answer:
    return Answer(body=body, media_type="application/pdf")


def _spoilt(faults: set[str], answer: Answer) -> Answer:
    """The answer after the faults that concern its kind."""
    if answer.media_type == "application/pdf":
        if "pdf_is_html" in faults:
            return _ERROR_PAGE
        if "pdf_empty" in faults:
            return _pdf(b"")
        if "pdf_half" in faults:
            return _pdf(answer.body[: len(answer.body) // 2])
    if "challenge" in faults and answer.media_type.startswith("text/html") and answer.status == 200:
        return _CHALLENGE
    return answer


def _routed(replica: Replica, path: str, query: str, visit: Visit) -> Answer:
    faults = replica.faults
    if "down" in faults:
        return Answer(body=b"<h1>Service unavailable</h1>", status=503, headers=(("Retry-After", "1"),))
    if path == "/robots.txt":
        if "robots_503" in faults:
            return Answer(body=b"", status=503)
        text = "User-agent: *\nDisallow: /\n" if "robots_closed" in faults else ROBOTS
        return Answer(body=text.encode(), media_type="text/plain")
    if path.startswith("/lgo"):
        return _lgo(replica, path.removeprefix("/lgo"), _keys(query), visit)
    if path.startswith("/news"):
        return _news(replica, path, visit)
    return _moderngov(replica, path, _keys(query), visit)


def _keys(query: str) -> dict[str, str]:
    """The query with its keys in lower case; ModernGov does not mind their case or order."""
    return {key.lower(): value for key, value in parse_qsl(query, keep_blank_values=True)}


def _number(query: dict[str, str], *names: str) -> int | None:
    for name in names:
        if query.get(name, "").isdigit():
            return int(query[name])
    return None


def _lgo(replica: Replica, path: str, query: dict[str, str], visit: Visit) -> Answer:
    site, faults = replica.ombudsman, replica.faults
    path = path.rstrip("/").lower()
    base = f"/your-councils-performance/{ombudsman.SLUG}"
    if path == f"{base}/statistics":
        if "lgo_missing" in faults:
            return NOT_FOUND
        return ombudsman.statistics(site, visit, emptied="lgo_emptied" in faults)
    if path == f"{base}/serviceimprovements":
        return ombudsman.improvements(site, visit)
    if path == f"{base}/annualletters":
        return ombudsman.letters(visit)
    if path == "/decisions/searchresults":
        return ombudsman.search(site, _number(query, "page") or 1, visit, shell="lgo_shell" in faults)
    parts = path.strip("/").split("/")
    if parts[0] == "decisions" and len(parts) == 4:
        return ombudsman.decision(site, parts[3], visit) or ombudsman.report(site, parts[3], visit) or NOT_FOUND
    if parts[:2] == ["information-centre", "news"] and len(parts) == 5:
        return ombudsman.news(site, parts[4], visit) or NOT_FOUND
    if path == ombudsman.LETTER:
        return _pdf(ombudsman.letter())
    return NOT_FOUND


def _news(replica: Replica, path: str, visit: Visit) -> Answer:
    site, faults = replica.press, replica.faults
    if path in ("/news/rss/", "/news/rss"):
        if "feed_is_html" in faults:
            return Answer(body=b"<!DOCTYPE html><html><body><h1>Our feeds have moved</h1></body></html>")
        return press.feed(site, visit, empty="feed_empty" in faults, doubled="feed_doubled" in faults)
    if path == "/news/england/kent/rss.xml":
        return press.bbc_feed(site, visit)
    if path in ("/news/", "/news/kent/news/"):
        return press.listing(site, visit)
    parts = path.strip("/").split("/")
    if parts[:2] == ["news", "articles"]:
        found = next((s for s in site.stories if s.bbc == parts[2]), None)
        return press.article(found, visit, graph=True) if found else NOT_FOUND
    number = parts[-1].rsplit("-", 1)[-1]
    story = site.find(int(number)) if number.isdigit() else None
    if story is None:
        return NOT_FOUND
    if path != story.path:  # any slug leads to the one of today
        return _to(story.path)
    return press.article(story, visit)


def _moderngov(replica: Replica, path: str, query: dict[str, str], visit: Visit) -> Answer:
    faults = replica.faults
    name = path.strip("/").lower()
    if name.startswith("documents/"):
        return _document(replica, path)
    if name.startswith("mgwebservice.asmx"):
        return _web_service(replica, name.partition("/")[2], query)
    if name == "mgconvert2pdf.aspx":
        found = replica.council.paper(_number(query, "id") or 0)
        return _paper(replica, found[2]) if found else _to("mgError.aspx")
    if name == "mgerror.aspx":
        return moderngov.page("Error", "<p>There was a problem with your request.</p>", visit)
    if name == "mglogon.aspx":
        return moderngov.page("Login", '<form method="post"><input type="password" name="pw"></form>', visit)
    for fault, answer in (
        ("forbidden", Answer(body=b"<h1>403 Forbidden</h1>", status=403)),
        ("login", _to("mgLogon.aspx?GO=" + name)),
        ("leads_away", _to("http://169.254.169.254/latest/meta-data/")),
        ("endless", _to(f"{path}?again={visit.count}")),
    ):
        if fault in faults:
            return answer
    return _PAGES.get(name, _error)(replica, query, visit) or _to("mgError.aspx")


def _error(replica: Replica, query: dict[str, str], visit: Visit) -> Answer | None:
    return None


def _meeting(replica: Replica, query: dict[str, str], visit: Visit) -> Answer | None:
    mid = _number(query, "mid", "meetingid") or 0
    meeting = replica.council.meeting(mid)
    if meeting is None or "no_items" not in replica.faults:
        return moderngov.meeting_page(replica.council, mid, visit)
    kept, meeting.items = meeting.items, []
    try:
        return moderngov.meeting_page(replica.council, mid, visit)
    finally:
        meeting.items = kept


_PAGES: dict[str, Callable[[Replica, dict[str, str], Visit], Answer | None]] = {
    "": lambda r, q, v: moderngov.committees(r.council, v),
    "mglistcommittees.aspx": lambda r, q, v: moderngov.committees(r.council, v),
    "mgcommitteedetails.aspx": lambda r, q, v: moderngov.committee_details(r.council, _number(q, "id") or 0, v),
    "iedochome.aspx": lambda r, q, v: moderngov.all_bodies(r.council, v),
    "ielistmeetings.aspx": lambda r, q, v: moderngov.meetings(
        r.council, _number(q, "cid", "committeeid") or 0, v, before=q.get("d", "") if q.get("act") == "Prev" else ""
    ),
    "ielistdocuments.aspx": _meeting,
    "mgai.aspx": lambda r, q, v: moderngov.item_page(
        r.council, _number(q, "id") or 0, v, text_only=q.get("txtonly") == "1"
    ),
    "mgwhatsnew.aspx": lambda r, q, v: moderngov.whats_new(r.council, v),
    "mgrss.aspx": lambda r, q, v: (
        moderngov.page("RSS", "<p>Feeds are listed here.</p>", v) if "bcr" in q else moderngov.feed(r.council, v)
    ),
    "iesearchresults2.aspx": lambda r, q, v: moderngov.search(r.council, q.get("ss", ""), v),
}


def _document(replica: Replica, path: str) -> Answer:
    """A document by its letter and number; the file's name does not matter."""
    parts = unquote(path).strip("/").split("/")
    letter, number = parts[1][:1].lower(), parts[1][1:]
    if not number.isdigit():
        return NOT_FOUND
    if letter == "s":
        found = replica.council.paper(int(number))
        if found is None or found[2].restricted:
            return NOT_FOUND
        return _paper(replica, found[2])
    return NOT_FOUND


def _paper(replica: Replica, paper: Paper) -> Answer:
    body = paper.body()
    if "pdf_scan" in replica.faults and "QPR" in paper.title:
        body = papers.scanned(body, pages=4)
    return _pdf(body)


def _web_service(replica: Replica, method: str, query: dict[str, str]) -> Answer:
    if not replica.xml:
        return NOT_FOUND
    if "xml_error" in replica.faults:
        return Answer(body=b"System.NullReferenceException", status=500, media_type="text/plain")
    if "xml_html" in replica.faults:
        return _ERROR_PAGE
    council = replica.council
    if method == "getcommittees":
        return moderngov.xml_committees(council)
    if method == "getmeetings":
        cid = _number(query, "lcommitteeid")
        days = [_day(query.get(name, "")) for name in ("sfromdate", "stodate")]
        if cid is not None and days[0] and days[1]:
            return moderngov.xml_meetings(council, cid, days[0], days[1])
    if method == "getmeeting":
        answer = moderngov.xml_meeting(council, _number(query, "lmeetingid") or 0, replica.base_url)
        if answer is not None:
            return answer
    return Answer(body=b"Missing parameter or unknown method.", status=500, media_type="text/plain")


def _day(text: str) -> date | None:
    """`dd/mm/yyyy`, the only form that the service takes."""
    parts = text.split("/")
    if len(parts) != 3 or not all(part.isdigit() for part in parts):
        return None
    try:
        return date(int(parts[2]), int(parts[1]), int(parts[0]))
    except ValueError:
        return None


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64
    replica: Replica


class _Handler(BaseHTTPRequestHandler):
    """Reads a request, asks the replica, keeps a note of it."""

    protocol_version = "HTTP/1.1"
    server: _Server

    def do_GET(self) -> None:
        replica = self.server.replica
        parts = urlsplit(self.path)
        path = unquote(parts.path)
        packed = self._pack(replica, path, parts.query)
        answer = packed or replica.answer(path, parts.query)
        status = answer.status if answer else 0
        if answer is not None and self._unchanged(answer):
            answer = Answer(body=b"", status=304, headers=answer.headers, media_type=answer.media_type)
            status = 304
        replica.requests.append(
            Request(
                method=self.command,
                path=parts.path,
                query=parts.query,
                status=status,
                headers={name.lower(): value for name, value in self.headers.items()},
            )
        )
        if answer is None:
            self.close_connection = True
            return
        self._send(answer)

    do_HEAD = do_GET

    def _pack(self, replica: Replica, path: str, query: str) -> Answer | None:
        """`g` and `b` documents are told apart by the T of their query."""
        name = path.lower().strip("/").split("/")
        if name[0] != "documents" or len(name) < 2 or name[1][:1] not in "gb" or not name[1][1:].isdigit():
            return None
        with replica._lock:
            kind = _number(_keys(query), "t")
            pack = replica.council.pack(name[1][0], int(name[1][1:]), -1 if kind is None else kind)
            return _spoilt(replica.faults, _pdf(pack.body())) if pack else NOT_FOUND

    def _unchanged(self, answer: Answer) -> bool:
        """Whether the client holds this answer; only what has validators can be asked so."""
        if answer.status != 200:
            return False
        validators = dict(answer.headers)
        asked = self.headers.get("If-None-Match") or self.headers.get("If-Modified-Since")
        if not asked or "ETag" not in validators:
            return False
        if "etag_lies" in self.server.replica.faults:
            return True
        if self.headers.get("If-None-Match"):
            return validators["ETag"] in asked
        return asked == validators["Last-Modified"]

    def _send(self, answer: Answer) -> None:
        broken_off = "pdf_broken_off" in self.server.replica.faults and answer.media_type == "application/pdf"
        self.send_response(answer.status)
        if answer.status != 304:
            self.send_header("Content-Type", answer.media_type)
            self.send_header("Content-Length", str(len(answer.body)))
        for name, value in answer.headers:
            self.send_header(name, value)
        self.end_headers()
        if self.command == "HEAD" or answer.status == 304:
            return
        try:
            self.wfile.write(answer.body[: len(answer.body) // 3] if broken_off else answer.body)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True
        if broken_off:
            self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:
        """Silence: `Replica.requests` has it all."""


def main() -> None:
    """`python -m demo.replica --port N`: the replica until Ctrl-C; Enter publishes the next quarter."""
    import argparse

    parser = argparse.ArgumentParser(prog="python -m demo.replica", description=main.__doc__)
    parser.add_argument("--port", type=int, default=8765)
    parser.add_argument("--today", type=date.fromisoformat, default=None)
    parser.add_argument("--no-xml", action="store_true", help="without the web service")
    parser.add_argument("--fault", action="append", default=[], choices=sorted(FAULTS))
    given = parser.parse_args()
    with Replica(today=given.today, port=given.port, xml=not given.no_xml, faults=given.fault) as replica:
        print(f"ModernGov   {replica.base_url}/mgListCommittees.aspx")
        print(f"Ombudsman   {replica.base_url}/lgo/your-councils-performance/{ombudsman.SLUG}/statistics")
        print(f"News        {replica.base_url}/news/rss/")
        print("Enter publishes the next quarter, Ctrl-C ends.")
        try:
            while True:
                input()
                print(f"published {replica.publish_next().edition}")
        except (KeyboardInterrupt, EOFError):
            pass


if __name__ == "__main__":
    main()
