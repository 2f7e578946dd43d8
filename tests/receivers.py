"""Real receivers on this machine, for the tests of delivery: an SMTP server and an HTTP server."""

import asyncio
import json
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default as email_policy
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from socket import create_server, socket
from typing import Any

import pymupdf
import pytest
from aiosmtpd.controller import Controller

from db import Archive, Found, NewAlert, open_archive
from monitor.delivery import Channel, Settings

NOW = datetime(2026, 12, 5, 7, 0, tzinfo=UTC)
LATER = NOW + timedelta(hours=8)  # longer than any pause and any lease
SECRET = "s3cr3t-t0ken"


@dataclass(frozen=True)
class To:
    """A channel."""

    name: str
    url: str
    min_severity: str = "low"


@dataclass
class Mails:
    """What an SMTP server took in."""

    port: int = 0
    taken: list[EmailMessage] = field(default_factory=list)
    raw: list[bytes] = field(default_factory=list)
    answer: str = "250 OK"
    gate: threading.Event | None = None  # no answer to a mail before it is set

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        if self.answer.startswith("2"):
            mail = message_from_bytes(envelope.content, policy=email_policy)
            assert isinstance(mail, EmailMessage)
            self.taken.append(mail)
            self.raw.append(envelope.content)
        if self.gate is not None:
            await asyncio.to_thread(self.gate.wait, 10)
        return self.answer

    @property
    def url(self) -> str:
        return (
            f"mailto://reporter:{SECRET}@127.0.0.1:{self.port}?from=watch@example.org&to=desk@example.org&mode=insecure"
        )


@pytest.fixture
def mails() -> Iterator[Mails]:
    box = Mails(port=free_port())
    controller = Controller(
        box,
        hostname="127.0.0.1",
        port=box.port,
        auth_require_tls=False,
        auth_callback=lambda mechanism, login, password: True,
    )
    controller.start()
    yield box
    if box.gate is not None:
        box.gate.set()
    controller.stop()


@dataclass
class Posts:
    """What an HTTP server took in."""

    port: int = 0
    taken: list[tuple[str, Mapping[str, str], Any]] = field(default_factory=list)  # path, headers, JSON
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)  # of the answer
    says: str = "ok"
    gate: threading.Event | None = None  # no answer before it is set
    hangs_up: bool = False  # instead of an answer

    @property
    def bodies(self) -> list[Any]:
        return [body for _, _, body in self.taken]

    @property
    def json_url(self) -> str:
        return f"json://127.0.0.1:{self.port}/{SECRET}"

    @property
    def slack_url(self) -> str:
        return f"slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ?base=http://127.0.0.1:{self.port}/services"


@pytest.fixture
def posts() -> Iterator[Posts]:
    box = Posts()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            box.taken.append((self.path, dict(self.headers), json.loads(body.decode())))
            if box.gate is not None:
                box.gate.wait(10)
            if box.hangs_up:
                return
            self.send_response(box.status)
            for name, value in box.headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(box.says.encode())

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    box.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield box
    if box.gate is not None:
        box.gate.set()
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def deaf() -> Iterator[int]:
    """The port of a server that accepts and never says a word."""
    with create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def free_port() -> int:
    """A port on which nobody listens."""
    with closing(socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    with open_archive(tmp_path / "archive") as opened:
        yield opened


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(outbox=tmp_path / "outbox")


def new_alert(key: str = "kent:1:2026/27:2", severity: str = "high", **changes: Any) -> NewAlert:
    says: dict[str, Any] = {
        "rule": "new_red",
        "key": key,
        "severity": severity,
        "title": "RED: Potholes repaired in 28 days, 81% (target 90%, floor 85%), Q2 2026/27",
        "body": "Highways: from Amber to Red since the report before.\nValue 81%, target 90%.",
        "url": "https://democracy.example.org/documents/s1/Appendix.pdf#page=1",
        "evidence": {},
    }
    return NewAlert(**says | changes)


def queue(archive: Archive, *alerts: NewAlert, to: Sequence[Channel]) -> list[int]:
    return archive.add_alerts(alerts, {channel.name: channel.min_severity for channel in to}, NOW)


def states(archive: Archive, channel: str = "desk") -> list[str]:
    rows = archive.rows("select state from deliveries where channel = ? order by id", (channel,))
    return [row["state"] for row in rows]


def parts(mail: EmailMessage) -> dict[str, str]:
    """The texts of a mail by type, lines as the archive has them."""
    return {
        part.get_content_type(): part.get_content().replace("\r\n", "\n")
        for part in mail.walk()
        if part.get_content_maintype() == "text"
    }


def a_paper(*lines: str) -> bytes:
    """A PDF with lines of text, the first at 120 points from the top."""
    document = pymupdf.open()
    page = document.new_page()
    for number, line in enumerate(lines or ("Potholes repaired in 28 days   RED   81%",)):
        page.insert_text((60, 120 + 20 * number), line)
    body: bytes = document.tobytes()
    return body


def keep_paper(archive: Archive, body: bytes, key: str = "s1") -> tuple[int, str]:
    """Version and hash of a paper, put into the archive."""
    found = Found(key=key, url=f"https://x.example.org/{key}.pdf", source="committee_papers", council="kent")
    archive.remember(found, body, now=NOW)
    (row,) = archive.rows("select id, sha256 from versions order by id desc limit 1")
    return row["id"], row["sha256"]


def until(happened: Any, seconds: float = 10) -> None:
    """Wait for something that another thread or process does."""
    end = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < end, "it did not happen"
        threading.Event().wait(0.005)
