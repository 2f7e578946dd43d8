"""Delivery, to real receivers on this machine: an SMTP server and an HTTP server."""

import base64
import json
import random
import re
import threading
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default as email_policy
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from socket import socket
from typing import Any

import pymupdf
import pytest
from aiosmtpd.controller import Controller

from db import Archive, Found, NewAlert, open_archive
from db.errors import DiskFull
from monitor import delivery
from monitor.delivery import Channel, DeliveryResult, Settings, deliver, pause, problem, send_test
from monitor.delivery.message import compose

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
    refuse: bool = False

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        if self.refuse:
            return "451 4.3.0 try again later"
        mail = message_from_bytes(envelope.content, policy=email_policy)
        assert isinstance(mail, EmailMessage)
        self.taken.append(mail)
        return "250 OK"

    @property
    def url(self) -> str:
        return (
            f"mailto://reporter:{SECRET}@127.0.0.1:{self.port}?from=watch@example.org&to=desk@example.org&mode=insecure"
        )


@pytest.fixture
def mails() -> Iterator[Mails]:
    box = Mails()
    with closing(socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        box.port = probe.getsockname()[1]
    controller = Controller(
        box,
        hostname="127.0.0.1",
        port=box.port,
        auth_require_tls=False,
        auth_callback=lambda mechanism, login, password: True,
    )
    controller.start()
    yield box
    controller.stop()


@dataclass
class Posts:
    """What an HTTP server took in."""

    port: int = 0
    taken: list[tuple[str, Mapping[str, str], Any]] = field(default_factory=list)  # path, headers, JSON
    status: int = 200
    gate: threading.Event | None = None  # no answer before it is set

    @property
    def bodies(self) -> list[Any]:
        return [body for _, _, body in self.taken]

    @property
    def json_url(self) -> str:
        return f"json://127.0.0.1:{self.port}/{SECRET}"


@pytest.fixture
def posts() -> Iterator[Posts]:
    box = Posts()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if box.gate is not None:
                box.gate.wait(10)
            text = body.decode()
            box.taken.append((self.path, dict(self.headers), json.loads(text)))
            self.send_response(box.status)
            self.end_headers()
            self.wfile.write(b"ok")

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    box.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield box
    server.shutdown()
    thread.join()
    server.server_close()


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


def queue(archive: Archive, *alerts: NewAlert, to: tuple[Channel, ...]) -> list[int]:
    return archive.add_alerts(alerts, {channel.name: channel.min_severity for channel in to}, NOW)


def states(archive: Archive, channel: str = "desk") -> list[str]:
    rows = archive.rows("select state from deliveries where channel = ? order by id", (channel,))
    return [row["state"] for row in rows]


def parts(mail: EmailMessage) -> dict[str, str]:
    """The texts of a mail by type."""
    return {
        part.get_content_type(): part.get_content() for part in mail.walk() if part.get_content_maintype() == "text"
    }


def a_paper() -> bytes:
    document = pymupdf.open()
    page = document.new_page()
    page.insert_text((60, 120), "Potholes repaired in 28 days   RED   81%")
    body: bytes = document.tobytes()
    return body


# --- e-mail --------------------------------------------------------------------------------


def test_a_mail_has_the_news_as_subject_text_html_and_the_picture_of_the_place(
    archive: Archive, settings: Settings, mails: Mails
) -> None:
    found = Found(key="s1", url="https://x.example.org/s1.pdf", source="committee_papers", council="kent")
    archive.remember(found, a_paper(), now=NOW)
    sha256 = archive.rows("select sha256 from versions")[0]["sha256"]
    channel = To("desk", mails.url)
    evidence = {"sha256": sha256, "page": 1, "bbox": "[50, 100, 400, 130]"}
    (alert_id,) = queue(archive, new_alert(evidence=evidence), to=(channel,))
    assert deliver(archive, [channel], settings, NOW) == DeliveryResult(sent=1, messages=1)
    (mail,) = mails.taken
    assert mail["Subject"] == "RED: Potholes repaired in 28 days, 81% (target 90%, floor 85%), Q2 2026/27"
    assert mail["To"] == "desk@example.org"
    assert mail["X-Kccwatch-Alerts"] == str(alert_id)
    assert mail["Auto-Submitted"] == "auto-generated"
    html, text = parts(mail)["text/html"], parts(mail)["text/plain"]
    for shown in (html, text):
        assert "Highways: from Amber to Red since the report before." in shown
        assert "https://democracy.example.org/documents/s1/Appendix.pdf#page=1" in shown
        assert f"Alerts {alert_id}, sent by kccwatch" in shown
        assert "takes all alerts." in shown
        assert sha256[:12] in shown
    (image,) = [part for part in mail.walk() if part.get_content_maintype() == "image"]
    assert image.get_content().startswith(b"\x89PNG")
    assert image["Content-ID"].strip("<>") in re.findall(r'src="cid:([^"]+)"', html)
    assert image.get_content_disposition() == "inline"
    assert "http://" not in html.replace("https://", "")  # nothing is fetched from elsewhere
    assert states(archive) == ["sent"]


def test_what_papers_say_arrives_in_a_mail_as_text(archive: Archive, settings: Settings, mails: Mails) -> None:
    channel = To("desk", mails.url)
    title = "<script>alert(1)</script> & <img src=x> \r\nBcc: everybody@example.org"
    url = 'javascript:alert("x")'
    queue(archive, new_alert(title=title, body="<b>bold</b>\n</body>", url=url), to=(channel,))
    deliver(archive, [channel], settings, NOW)
    (mail,) = mails.taken
    html = parts(mail)["text/html"]
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; &lt;img src=x&gt;" in html
    assert "<script" not in html
    assert "<b>" not in html
    assert "href=" not in html
    assert mail["Bcc"] is None
    assert mail["Subject"] == "<script>alert(1)</script> & <img src=x> Bcc: everybody@example.org"
    assert "<script>alert(1)</script> & <img src=x>" in parts(mail)["text/plain"]


def test_a_picture_that_cannot_be_drawn_does_not_hold_back_the_alert(
    archive: Archive, settings: Settings, mails: Mails
) -> None:
    found = Found(key="s1", url="https://x.example.org/s1.pdf", source="committee_papers", council="kent")
    archive.remember(found, b"%PDF-1.7 not really", now=NOW)
    sha256 = archive.rows("select sha256 from versions")[0]["sha256"]
    channel = To("desk", mails.url)
    evidence = {"sha256": sha256, "page": 1, "bbox": "[50, 100, 400, 130]"}
    queue(
        archive, new_alert(evidence=evidence), new_alert("2", evidence={**evidence, "sha256": "0" * 64}), to=(channel,)
    )
    assert deliver(archive, [channel], settings, NOW).sent == 2
    assert "cid:" not in parts(mails.taken[0])["text/html"]


# --- one message a run and channel ---------------------------------------------------------


def test_five_hundred_reds_are_one_message_a_channel_and_each_is_in_it(
    archive: Archive, settings: Settings, mails: Mails, posts: Posts
) -> None:
    channels = (To("mail", mails.url), To("hook", posts.json_url), To("file", "file"))
    alerts = [new_alert(str(n), title=f"RED: Indicator {n}.", body=f"Body of {n}.") for n in range(500)]
    queue(archive, *alerts, to=channels)
    assert deliver(archive, channels, settings, NOW) == DeliveryResult(sent=1500, messages=3)
    texts = [
        parts(mails.taken[0])["text/plain"],
        posts.bodies[0]["message"],
        next(settings.outbox.glob("*.txt")).read_text(),
    ]
    assert (len(mails.taken), len(posts.taken), len(list(settings.outbox.iterdir()))) == (1, 1, 3)
    assert mails.taken[0]["Subject"] == "RED: Indicator 0. (+499 more)"
    assert mails.taken[0]["X-Kccwatch-Alerts"] == "1-500"
    for text in texts:
        assert all(f"RED: Indicator {n}." in text for n in range(500))
        assert sum(f"Body of {n}." in text for n in range(500)) == 20


def test_the_most_severe_comes_first_and_channels_get_from_their_severity_on(
    archive: Archive, settings: Settings, posts: Posts
) -> None:
    channel = To("desk", posts.json_url, "medium")
    low, medium, high = (new_alert(s, s, title=f"{s} news", rule=f"r-{s}") for s in ("low", "medium", "high"))
    queue(archive, low, medium, high, to=(channel,))
    deliver(archive, [channel], settings, NOW)
    (body,) = posts.bodies
    assert body["title"] == "high news (+1 more)"
    assert body["message"].index("high news") < body["message"].index("medium news")
    assert "low news" not in body["message"]
    assert states(archive) == ["suppressed", "sent", "sent"]


def test_a_channel_that_takes_little_is_told_how_much_is_missing() -> None:
    from db import Claimed

    claimed = [
        Claimed(
            delivery_id=n,
            alert_id=n,
            rule="new_red",
            key=str(n),
            severity="high",
            title=f"RED: Indicator {n}.",
            body="Body.",
            url=None,
            evidence={},
            created_at=NOW,
            attempts=1,
        )
        for n in range(1, 101)
    ]
    message = compose(claimed, channel="chat", limit=2000)
    assert len(message.text) <= 2000
    told = message.text.count("RED: Indicator")
    assert f"{100 - told} more that this message has no room for: `kccwatch alerts` shows them" in message.text
    tiny = compose(claimed, channel="sms", limit=160).text
    assert len(tiny) <= 160
    assert tiny.endswith("… [alerts 1-100]")


# --- webhooks ------------------------------------------------------------------------------


def test_a_json_receiver_gets_text_and_the_alerts_as_data(archive: Archive, settings: Settings, posts: Posts) -> None:
    channel = To("desk", posts.json_url)
    (alert_id,) = queue(archive, new_alert(evidence={"page": 1, "value_text": "81%"}), to=(channel,))
    deliver(archive, [channel], settings, NOW)
    path, headers, body = posts.taken[0]
    assert path == f"/{SECRET}"
    assert headers["X-Kccwatch-Alerts"] == str(alert_id)
    assert body["title"] == "RED: Potholes repaired in 28 days, 81% (target 90%, floor 85%), Q2 2026/27"
    assert body["type"] == "warning"
    assert "Highways: from Amber to Red since the report before." in body["message"]
    (data,) = body["alerts"]
    assert (data["id"], data["rule"], data["evidence"]) == (alert_id, "new_red", {"page": 1, "value_text": "81%"})


def test_nobody_is_called_by_what_a_paper_says(archive: Archive, settings: Settings, posts: Posts) -> None:
    channel = To("desk", posts.json_url)
    queue(archive, new_alert(title="<!channel> @everyone <@U1> <script>", body="<!here>"), to=(channel,))
    deliver(archive, [channel], settings, NOW)
    (body,) = posts.bodies
    for shown in (body["title"], body["message"]):
        assert "<!" not in shown
        assert "@everyone" not in shown
        assert "<@U1>" not in shown
        assert "<script>" in shown  # text: it is for the receiver to show it as such
    assert "<\u200b!channel> @\u200beveryone" in body["title"]


def test_slack_gets_its_control_characters_as_entities_once(
    archive: Archive, settings: Settings, posts: Posts, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The plugin's own address is fixed; everything else is as it is in use.
    monkeypatch.setattr("apprise.plugins.slack.NotifySlack.webhook_url", f"http://127.0.0.1:{posts.port}/services")
    channel = To("desk", "slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ")
    queue(
        archive, new_alert(title="<!channel> <script> & more", body="<https://evil.example.org|click>"), to=(channel,)
    )
    assert deliver(archive, [channel], settings, NOW).sent == 1
    path, _, body = posts.taken[0]
    assert path == "/services/T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ"
    (attachment,) = body["attachments"]
    assert "<" not in attachment["title"] + attachment["text"]
    for shown in (attachment["title"], attachment["text"]):
        assert "&lt;\u200b!channel&gt; &lt;script&gt; &amp; more" in shown
    assert "&lt;https://evil.example.org|click&gt;" in attachment["text"]
    assert "http" not in json.dumps({key: value for key, value in attachment.items() if "icon" in key})


def test_a_slack_compatible_server_of_ones_own_is_reached(archive: Archive, settings: Settings, posts: Posts) -> None:
    channel = To("desk", f"mmost://127.0.0.1:{posts.port}/{SECRET}")
    queue(archive, new_alert(title="<!channel> news"), to=(channel,))
    assert deliver(archive, [channel], settings, NOW).sent == 1
    (body,) = posts.bodies
    assert "<\u200b!channel> news" in body["text"]
    assert "icon_url" not in body


# --- files ---------------------------------------------------------------------------------


def test_the_file_channel_writes_text_html_and_data(archive: Archive, settings: Settings) -> None:
    found = Found(key="s1", url="https://x.example.org/s1.pdf", source="committee_papers", council="kent")
    archive.remember(found, a_paper(), now=NOW)
    sha256 = archive.rows("select sha256 from versions")[0]["sha256"]
    channel = To("file", "file")
    evidence = {"sha256": sha256, "page": 1, "bbox": "[50, 100, 400, 130]"}
    queue(archive, new_alert(evidence=evidence), to=(channel,))
    assert deliver(archive, [channel], settings, NOW).messages == 1
    files = {file.suffix: file for file in settings.outbox.iterdir()}
    assert {file.name for file in files.values()} == {
        f"20261205T070000Z-alerts-1{suffix}" for suffix in (".html", ".json", ".txt")
    }
    assert files[".txt"].read_text().startswith("RED: Potholes repaired in 28 days, 81%")
    (picture,) = re.findall(r'src="data:image/png;base64,([^"]+)"', files[".html"].read_text())
    assert base64.b64decode(picture).startswith(b"\x89PNG")
    (data,) = json.loads(files[".json"].read_text())["alerts"]
    assert (data["key"], data["evidence"], data["created_at"]) == (
        "kent:1:2026/27:2",
        evidence,
        "2026-12-05T07:00:00+00:00",
    )


def test_a_folder_that_cannot_be_written_is_an_error_to_be_tried_again(archive: Archive, tmp_path: Path) -> None:
    (tmp_path / "outbox").write_text("in the way")
    channel = To("file", "file")
    queue(archive, new_alert(), to=(channel,))
    result = deliver(archive, [channel], Settings(outbox=tmp_path / "outbox"), NOW)
    assert (result.sent, result.retried) == (0, 1)
    assert "outbox" in result.errors[0]


# --- when it goes wrong --------------------------------------------------------------------


def test_a_dead_channel_does_not_hold_up_the_others_and_is_tried_again(
    archive: Archive, settings: Settings, mails: Mails, posts: Posts
) -> None:
    mails.refuse = True
    channels = (To("mail", mails.url), To("hook", posts.json_url))
    queue(archive, new_alert(), to=channels)
    result = deliver(archive, channels, settings, NOW)
    assert (result.sent, result.retried, result.failed, result.messages) == (1, 1, 0, 1)
    assert states(archive, "mail") == ["pending"]
    assert states(archive, "hook") == ["sent"]
    assert deliver(archive, channels, settings, NOW) == DeliveryResult()  # not before its time
    mails.refuse = False
    assert deliver(archive, channels, settings, LATER) == DeliveryResult(sent=1, messages=1)
    assert (len(mails.taken), len(posts.taken)) == (1, 1)
    assert "Perhaps you have this already" not in parts(mails.taken[0])["text/plain"]  # it was refused, for certain


def test_what_cannot_be_noted_of_one_channel_is_still_noted_of_the_others(
    archive: Archive, settings: Settings, posts: Posts, monkeypatch: pytest.MonkeyPatch
) -> None:
    channels = [To(name, f"{posts.json_url}/{name}") for name in ("a", "b", "c")]
    queue(archive, new_alert(), to=tuple(channels))
    real, calls = archive.mark_sent, []

    def mark_sent(delivery_ids: Any, now: datetime) -> None:
        calls.append(delivery_ids)
        if len(calls) == 1:
            raise DiskFull(archive.path, "the disk is full")
        real(delivery_ids, now)

    monkeypatch.setattr(archive, "mark_sent", mark_sent)
    with pytest.raises(DiskFull):
        deliver(archive, channels, settings, NOW)
    assert len(posts.taken) == 3
    assert sorted(states(archive, "a") + states(archive, "b") + states(archive, "c")) == ["sending", "sent", "sent"]


def test_what_waited_for_a_channel_that_was_off_is_one_message_without_what_is_no_news_by_now(
    archive: Archive, settings: Settings, posts: Posts
) -> None:
    channel = To("desk", posts.json_url)
    for days, key in ((61, "old"), (59, "newer"), (1, "new")):
        archive.add_alerts([new_alert(key, title=key)], {"desk": "low"}, NOW - timedelta(days=days))
    keeping = replace(settings, max_age_days=60)
    assert deliver(archive, [channel], keeping, NOW) == DeliveryResult(sent=2, messages=1)
    assert [alert["title"] for alert in posts.bodies[0]["alerts"]] == ["newer", "new"]
    assert states(archive) == ["suppressed", "sent", "sent"]
    (row,) = archive.rows("select error from deliveries where state = 'suppressed'")
    assert row["error"] == "older than 60 days before it could be sent"


def test_what_was_tried_is_tried_on_however_old_it_has_become(
    archive: Archive, settings: Settings, posts: Posts
) -> None:
    channel, keeping = To("desk", posts.json_url), replace(settings, max_age_days=1)
    queue(archive, new_alert(), to=(channel,))
    posts.status = 500
    assert deliver(archive, [channel], keeping, NOW).retried == 1
    posts.status = 200
    assert deliver(archive, [channel], keeping, NOW + timedelta(days=3)).sent == 1


def test_what_was_held_back_overnight_is_sent_whatever_the_age_that_facts_may_have(
    archive: Archive, settings: Settings, posts: Posts
) -> None:
    channel = To("desk", posts.json_url)
    queue(archive, new_alert(), to=(channel,))
    assert deliver(archive, [channel], replace(settings, max_age_days=0), LATER).sent == 1


def test_channels_send_side_by_side(archive: Archive, settings: Settings, posts: Posts) -> None:
    # The slow one answers only once the file of the other is there.
    posts.gate = threading.Event()
    channels = (To("slow", posts.json_url), To("file", "file"))
    queue(archive, new_alert(), to=channels)

    def open_gate() -> None:
        while not list(settings.outbox.glob("*.txt")):
            if stop.wait(0.01):
                return
        assert posts.gate is not None
        posts.gate.set()

    stop = threading.Event()
    watcher = threading.Thread(target=open_gate)
    watcher.start()
    try:
        assert deliver(archive, channels, settings, NOW).messages == 2
    finally:
        stop.set()
        watcher.join()
    assert posts.gate.is_set()


def test_what_is_never_accepted_fails_after_a_number_of_attempts(
    archive: Archive, settings: Settings, posts: Posts
) -> None:
    posts.status = 500
    channel = To("desk", posts.json_url)
    queue(archive, new_alert(), to=(channel,))
    now = NOW
    for _ in range(delivery.MAX_ATTEMPTS - 1):
        assert deliver(archive, [channel], settings, now).retried == 1
        now += timedelta(hours=8)
    assert deliver(archive, [channel], settings, now).failed == 1
    assert states(archive) == ["failed"]
    assert deliver(archive, [channel], settings, now + timedelta(days=9)) == DeliveryResult()
    assert len(posts.taken) == delivery.MAX_ATTEMPTS


def test_pauses_grow_to_a_limit_and_vary() -> None:
    pauses = [pause(attempts, random.Random(1)) for attempts in range(1, 100)]
    assert timedelta(seconds=48) <= pauses[0] <= timedelta(seconds=72)
    assert all(p <= delivery.LONGEST_PAUSE * 1.2 for p in pauses)
    assert pauses[8] > pauses[4] > pauses[1]
    assert pause(3, random.Random(1)) != pause(3, random.Random(2))


class Killed(BaseException):
    """As if the process had ended here."""


@pytest.mark.parametrize("when", ["before", "after"])
def test_killed_around_the_sending_it_is_sent_again_at_most_once_with_the_same_number(
    archive: Archive, settings: Settings, posts: Posts, monkeypatch: pytest.MonkeyPatch, when: str
) -> None:
    channel = To("desk", posts.json_url)
    (alert_id,) = queue(archive, new_alert(), to=(channel,))

    def killed(*_: object, **__: object) -> None:
        raise Killed

    with monkeypatch.context() as patched, pytest.raises(Killed):
        patched.setattr(Archive, "release", killed)  # the dead tidy nothing up
        patched.setattr(Archive, "mark_sent", killed) if when == "after" else patched.setattr(delivery, "_draw", killed)
        deliver(archive, [channel], settings, NOW)
    assert states(archive) == ["sending"]
    assert deliver(archive, [channel], settings, NOW + timedelta(minutes=1)) == DeliveryResult()  # the lease runs
    assert deliver(archive, [channel], settings, LATER).sent == 1
    assert deliver(archive, [channel], settings, LATER + timedelta(days=1)) == DeliveryResult()
    assert len(posts.taken) == (2 if when == "after" else 1)
    assert {headers["X-Kccwatch-Alerts"] for _, headers, _ in posts.taken} == {str(alert_id)}
    assert posts.taken[-1][1]["X-Kccwatch-Repeat"] == "possible"
    assert "Perhaps you have this already" in posts.bodies[-1]["message"]
    assert states(archive) == ["sent"]


@pytest.mark.parametrize("limit", ["READ_SECONDS", "CALL_SECONDS"])
def test_when_no_answer_comes_in_time_the_second_attempt_says_that_it_may_be_a_repeat(
    archive: Archive, settings: Settings, posts: Posts, monkeypatch: pytest.MonkeyPatch, limit: str
) -> None:
    channel = To("desk", posts.json_url)
    (alert_id,) = queue(archive, new_alert(), to=(channel,))
    posts.gate = threading.Event()
    with monkeypatch.context() as patched:
        patched.setattr(delivery.services, limit, 0.2)
        result = deliver(archive, [channel], settings, NOW)
    assert result.errors == ("desk: no answer in time; it may have arrived",)
    posts.gate.set()
    assert deliver(archive, [channel], settings, LATER).sent == 1
    assert posts.taken[-1][1]["X-Kccwatch-Repeat"] == "possible"
    assert {headers["X-Kccwatch-Alerts"] for _, headers, _ in posts.taken} == {str(alert_id)}


def test_called_off_before_anything_was_sent_all_is_due_at_once(
    archive: Archive, settings: Settings, posts: Posts, monkeypatch: pytest.MonkeyPatch
) -> None:
    channel = To("desk", posts.json_url)
    queue(archive, new_alert(), to=(channel,))

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(delivery, "_draw", interrupted)
        deliver(archive, [channel], settings, NOW)
    assert deliver(archive, [channel], settings, NOW).sent == 1
    assert "X-Kccwatch-Repeat" not in posts.taken[0][1]


def test_a_repeat_of_files_replaces_them(archive: Archive, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    channel = To("file", "file")
    queue(archive, new_alert(), to=(channel,))

    def killed(*_: object) -> None:
        raise Killed

    with monkeypatch.context() as patched, pytest.raises(Killed):
        patched.setattr(Archive, "mark_sent", killed)
        deliver(archive, [channel], settings, NOW)
    deliver(archive, [channel], settings, LATER)
    assert len(list(settings.outbox.iterdir())) == 3


def test_an_unreachable_address_is_an_error_without_its_secrets(
    archive: Archive, settings: Settings, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    with closing(socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    channels = (
        To("hook", f"json://user:{SECRET}@127.0.0.1:{port}/{SECRET}/x?+X-Token={SECRET}"),
        To("mail", f"mailto://user:{SECRET}@127.0.0.1:{port}?to=a@example.org&mode=insecure"),
        To("wrong", f"nosuchservice://{SECRET}@host"),
        To("broken", f"slack://{SECRET}"),
    )
    queue(archive, new_alert(), to=channels)
    caplog.set_level(0)
    result = deliver(archive, channels, settings, NOW)
    assert result.retried == 4
    assert any("is not an address that Apprise knows (nosuchservice://…)" in error for error in result.errors)
    stored = str(archive.rows("select * from deliveries"))
    shown = "".join(capfd.readouterr())
    ours = "".join(record.getMessage() for record in caplog.records if record.name.startswith("monitor"))
    for told in (stored, shown, ours, *result.errors, *(str(problem(channel.url)) for channel in channels)):
        assert SECRET not in told
    assert "127.0.0.1" in next(error for error in result.errors if error.startswith("hook: "))


def test_an_address_is_judged_before_it_is_used(posts: Posts) -> None:
    assert problem("file") is None
    assert problem(posts.json_url) is None
    assert problem("nonsense") == "is not an address that Apprise knows (no scheme://…)"


@pytest.mark.parametrize(
    "more",
    ["&to=desk@example.org,boss@example.org", "&to=a@b.example&cc=c@d.example", "&to=a@b.example&bcc=c@d.example"],
)
def test_an_address_of_several_people_is_refused_since_one_of_them_could_make_the_others_get_it_twice(
    settings: Settings, more: str
) -> None:
    url = "mailto://watch:secret@mail.example.org?from=watch@example.org"
    assert problem(url + "&to=desk@example.org") is None
    assert problem(url) is None
    assert problem(url + more) == "names several recipients: one channel for each recipient"
    assert problem("mailto://watch:secret@mail.example.org/a@b.example/c@d.example") == problem(url + more)
    assert problem("slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ/#red") is None
    assert problem("slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ/#red/#green") == problem(url + more)


def test_a_test_message_goes_past_the_outbox(archive: Archive, settings: Settings, posts: Posts) -> None:
    assert send_test(To("desk", posts.json_url), settings, NOW) is None
    assert posts.bodies[0]["title"] == "Test: this channel works"
    posts.status = 403
    assert "403" in str(send_test(To("desk", posts.json_url), settings, NOW))
    assert archive.rows("select * from deliveries") == []
