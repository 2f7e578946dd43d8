"""Delivery: one message a run and channel, nothing lost, nothing twice once it was accepted."""

import base64
import json
import multiprocessing
import os
import random
import re
import signal
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from socket import socket
from typing import Any

import pytest

from db import Archive, open_archive
from db import archive as db_archive
from db.errors import DiskFull
from monitor import delivery
from monitor.delivery import (
    DeliveryResult,
    Letter,
    Settings,
    context,
    deliver,
    mail,
    pause,
    problem,
    send_letter,
    send_test,
    web,
)
from monitor.delivery.message import compose
from tests.receivers import (
    LATER,
    NOW,
    SECRET,
    Mails,
    Posts,
    To,
    a_paper,
    archive,
    deaf,
    free_port,
    keep_paper,
    mails,
    new_alert,
    parts,
    posts,
    queue,
    settings,
    states,
)

__all__ = ["archive", "deaf", "mails", "posts", "settings"]  # fixtures


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
    assert mails.taken[0]["Subject"] == "RED: Indicator 0., and 499 more"
    assert mails.taken[0]["X-Kccwatch-Alerts"] == "1-500"
    for text in texts:
        assert all(f"RED: Indicator {n}." in text for n in range(500))
        assert sum(f"Body of {n}." in text for n in range(500)) == 10


def test_the_most_severe_comes_first_and_channels_get_from_their_severity_on(
    archive: Archive, settings: Settings, posts: Posts
) -> None:
    channel = To("desk", posts.json_url, "medium")
    low, medium, high = (new_alert(s, s, title=f"{s} news", rule=f"r-{s}") for s in ("low", "medium", "high"))
    queue(archive, low, medium, high, to=(channel,))
    deliver(archive, [channel], settings, NOW)
    (body,) = posts.bodies
    assert body["title"] == "high news, and 1 more"
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


# --- files ---------------------------------------------------------------------------------


def test_the_file_channel_writes_text_html_and_data(archive: Archive, settings: Settings) -> None:
    _, sha256 = keep_paper(archive, a_paper())
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
    mails.answer = "451 4.3.0 try again later"
    channels = (To("mail", mails.url), To("hook", posts.json_url))
    queue(archive, new_alert(), to=channels)
    result = deliver(archive, channels, settings, NOW)
    assert (result.sent, result.retried, result.failed, result.messages, result.waiting) == (1, 1, 0, 1, 1)
    assert states(archive, "mail") == ["pending"]
    assert states(archive, "hook") == ["sent"]
    assert deliver(archive, channels, settings, NOW) == DeliveryResult(waiting=1)  # not before its time
    mails.answer = "250 OK"
    assert deliver(archive, channels, settings, LATER) == DeliveryResult(sent=1, messages=1)
    assert (len(mails.taken), len(posts.taken)) == (1, 1)
    assert "repeat" not in mails.taken[0].as_string()  # it was refused, for certain


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
    archive: Archive, settings: Settings, posts: Posts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delivery, "MAX_ATTEMPTS", 5)
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
    weeks = sum((pause(n, random.Random(n)) for n in range(1, delivery.MAX_ATTEMPTS)), timedelta())
    assert timedelta(days=7) < weeks < timedelta(days=9), "a channel may be down for a week"


# --- killed, or left without an answer -------------------------------------------------------


class Killed(BaseException):
    """As if the process had ended here."""


@contextmanager
def dying(monkeypatch: pytest.MonkeyPatch, what: Any, name: str) -> Iterator[None]:
    """Calling it ends the program, and the dead tidy nothing up."""

    def killed(*_: object, **__: object) -> None:
        raise Killed

    with monkeypatch.context() as patched, pytest.raises(Killed):
        patched.setattr(Archive, "release", killed)
        patched.setattr(what, name, killed)
        yield


def test_killed_before_anything_was_sent_it_is_sent_as_if_for_the_first_time(
    archive: Archive, settings: Settings, posts: Posts, monkeypatch: pytest.MonkeyPatch
) -> None:
    channel = To("desk", posts.json_url)
    queue(archive, new_alert(), to=(channel,))
    with dying(monkeypatch, context, "gather"):
        deliver(archive, [channel], settings, NOW)
    assert states(archive) == ["sending"]
    assert deliver(archive, [channel], settings, NOW + timedelta(minutes=1)) == DeliveryResult()  # the lease runs
    assert deliver(archive, [channel], settings, LATER).sent == 1
    assert len(posts.taken) == 1
    assert "X-Kccwatch-Repeat" not in posts.taken[0][1]


def test_killed_before_it_was_noted_the_same_message_goes_once_more_and_says_so(
    archive: Archive, settings: Settings, posts: Posts, monkeypatch: pytest.MonkeyPatch
) -> None:
    channel = To("desk", posts.json_url)
    (alert_id,) = queue(archive, new_alert(), to=(channel,))
    with dying(monkeypatch, Archive, "mark_sent"):
        deliver(archive, [channel], settings, NOW)
    assert states(archive) == ["sending"]
    queue(archive, new_alert("another", title="Another"), to=(channel,))
    assert deliver(archive, [channel], settings, LATER) == DeliveryResult(sent=2, messages=2)
    assert deliver(archive, [channel], settings, LATER + timedelta(days=1)) == DeliveryResult()
    first, repeat, other = posts.taken
    assert {first[1]["X-Kccwatch-Alerts"], repeat[1]["X-Kccwatch-Alerts"]} == {str(alert_id)}
    assert first[2]["message_id"] == repeat[2]["message_id"] != other[2]["message_id"]
    assert repeat[1]["X-Kccwatch-Repeat"] == "possible"
    assert repeat[2]["title"] == "This may be a repeat: " + first[2]["title"]
    assert repeat[2]["message"].startswith("This may be a repeat: the last attempt to send it got no answer")
    assert f"alerts: {alert_id}." in repeat[2]["message"]
    assert "repeat" not in other[2]["message"] and [alert["title"] for alert in other[2]["alerts"]] == ["Another"]


def _deliver_and_die(folder: Path, url: str, outbox: Path, at: int, after: bool) -> None:
    """A program that is killed with SIGKILL at its *at*-th transaction, before or after it is committed."""
    count, real = 0, db_archive.transaction

    @contextmanager
    def deadly(connection: Any) -> Iterator[Any]:
        nonlocal count
        count += 1
        if count == at and not after:
            os.kill(os.getpid(), signal.SIGKILL)
        with real(connection) as inner:
            yield inner
        if count == at and after:
            os.kill(os.getpid(), signal.SIGKILL)

    db_archive.transaction = deadly  # type: ignore[attr-defined]
    with open_archive(folder) as opened:
        channels = [To("desk", url), To("file", "file")]
        deliver(opened, channels, Settings(outbox=outbox), LATER)
    os._exit(0)


@pytest.mark.parametrize("after", [False, True])
def test_killed_at_any_transaction_nothing_is_lost_and_what_is_repeated_says_so(
    tmp_path: Path, posts: Posts, after: bool
) -> None:
    forked = multiprocessing.get_context("fork")
    finished = False
    for at in range(1, 12):
        folder, outbox = tmp_path / f"{at}", tmp_path / f"{at}-outbox"
        posts.taken.clear()
        with open_archive(folder) as opened:
            queue(
                opened, *(new_alert(str(n), title=f"News {n}") for n in range(3)), to=(To("desk", ""), To("file", ""))
            )
        child = forked.Process(target=_deliver_and_die, args=(folder, posts.json_url, outbox, at, after))
        child.start()
        child.join(30)
        finished = child.exitcode == 0
        with open_archive(folder) as opened:
            opened.abandon_deliveries()  # as a cycle begins
            queue(opened, new_alert("later", title="Later news"), to=(To("desk", ""), To("file", "")))
            deliver(opened, [To("desk", posts.json_url), To("file", "file")], Settings(outbox=outbox), LATER)
            assert set(states(opened)) | set(states(opened, "file")) == {"sent"}
        told = [alert["id"] for _, _, body in posts.taken for alert in body["alerts"]]
        unmarked = [
            alert["id"]
            for _, headers, body in posts.taken
            if "X-Kccwatch-Repeat" not in headers
            for alert in body["alerts"]
        ]
        assert set(told) == {1, 2, 3, 4} and len(told) <= 7
        assert len(unmarked) == len(set(unmarked)), "nothing comes twice without saying so"
        written = [alert["id"] for file in outbox.glob("*.json") for alert in json.loads(file.read_text())["alerts"]]
        assert sorted(written) == [1, 2, 3, 4], "a file that is written again is no second one"
        if finished:
            break
    assert finished, "the sweep reached the end of the run"


@pytest.mark.parametrize("kind", ["silent", "hangs up"])
def test_what_got_no_answer_goes_once_more_and_then_waits_for_somebody(
    archive: Archive, settings: Settings, posts: Posts, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    channel = To("desk", posts.json_url)
    (alert_id,) = queue(archive, new_alert(), to=(channel,))
    posts.gate = threading.Event()
    posts.hangs_up = kind == "hangs up"
    if posts.hangs_up:
        posts.gate.set()
    monkeypatch.setattr(web, "ANSWER_SECONDS", 0.3)
    result = deliver(archive, [channel], settings, NOW)
    assert result.retried == 1
    assert "it may have arrived" in result.errors[0]
    result = deliver(archive, [channel], settings, LATER)
    assert (result.retried, result.failed) == (0, 1)
    assert states(archive) == ["failed"]
    assert deliver(archive, [channel], settings, LATER + timedelta(days=30)) == DeliveryResult()
    posts.gate.set()
    posts.hangs_up = False
    assert archive.requeue() == 1
    assert deliver(archive, [channel], settings, LATER + timedelta(days=31)).sent == 1
    assert len(posts.taken) == 3
    assert {headers["X-Kccwatch-Alerts"] for _, headers, _ in posts.taken} == {str(alert_id)}
    assert len({body["message_id"] for body in posts.bodies}) == 1
    assert [headers.get("X-Kccwatch-Repeat") for _, headers, _ in posts.taken] == [None, "possible", "possible"]


def test_called_off_before_anything_was_sent_all_is_due_at_once(
    archive: Archive, settings: Settings, posts: Posts, monkeypatch: pytest.MonkeyPatch
) -> None:
    channel = To("desk", posts.json_url)
    queue(archive, new_alert(), to=(channel,))

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(context, "gather", interrupted)
        deliver(archive, [channel], settings, NOW)
    assert deliver(archive, [channel], settings, NOW).sent == 1
    assert "X-Kccwatch-Repeat" not in posts.taken[0][1]


# --- channels in trouble -------------------------------------------------------------------


def test_four_kinds_of_dead_channels_hold_up_nobody(
    archive: Archive, settings: Settings, posts: Posts, deaf: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(web, "ANSWER_SECONDS", 0.5)
    monkeypatch.setattr(mail, "STEP_SECONDS", 0.5)
    well = To("well", "file")
    dead = [
        To("refuses", f"json://127.0.0.1:{free_port()}/x"),
        To("silent hook", f"json://127.0.0.1:{deaf}/x"),
        To("silent mail", f"mailto://a:b@127.0.0.1:{deaf}?from=a@example.org&to=b@example.org&mode=insecure"),
        To("broken", posts.json_url),
    ]
    posts.status = 500
    queue(archive, new_alert(), to=[*dead, well])
    result = deliver(archive, [*dead, well], settings, NOW)
    assert (result.sent, result.retried, result.waiting) == (1, 4, 4)
    assert states(archive, "well") == ["sent"]
    told = {name: trouble.error for name, trouble in archive.channel_troubles().items()}
    assert told == {
        "refuses": "no connection to 127.0.0.1: [Errno 111] Connection refused",
        "silent hook": "no answer in time; it may have arrived",
        "silent mail": "the mail server does not answer, or ended the conversation",
        "broken": "HTTP 500",
    }
    unsure = archive.rows("select channel from deliveries where maybe_sent")
    assert [row["channel"] for row in unsure] == ["silent hook"], "a mail server that never greets took nothing"
    queue(archive, new_alert("2", title="Next"), to=[*dead, well])
    text = ""
    assert deliver(archive, [*dead, well], settings, NOW + timedelta(seconds=30)).sent == 1
    for file in settings.outbox.glob("*alerts-2-well.txt"):
        text = file.read_text()
    assert "In trouble: Channel “broken” has taken no message since 5 December, 07:00: HTTP 500" in text


@pytest.mark.parametrize(("asked", "minutes"), [("600", 10), ("Sat, 05 Dec 2099 07:10:00 GMT", 24 * 60)])
def test_a_channel_that_asks_for_time_gets_it_also_from_what_comes_after(
    archive: Archive, settings: Settings, posts: Posts, asked: str, minutes: int
) -> None:
    channel = To("desk", posts.json_url)
    queue(archive, new_alert(), to=(channel,))
    posts.status, posts.headers = 429, {"Retry-After": asked}
    assert deliver(archive, [channel], settings, NOW).retried == 1
    queue(archive, new_alert("new", title="New"), to=(channel,))
    posts.status, posts.headers = 200, {}
    early = NOW + timedelta(minutes=minutes, seconds=-1)
    assert deliver(archive, [channel], settings, early) == DeliveryResult(waiting=2)
    assert archive.due("desk", early) == 0
    assert deliver(archive, [channel], settings, NOW + timedelta(minutes=minutes)) == DeliveryResult(sent=2, messages=1)
    assert archive.channel_troubles() == {}


def test_what_a_channel_does_not_want_does_not_keep_the_next_from_it(
    archive: Archive, settings: Settings, posts: Posts
) -> None:
    channel = To("desk", posts.json_url)
    queue(archive, new_alert("bad", title="Bad"), to=(channel,))
    posts.status = 422
    assert deliver(archive, [channel], settings, NOW).retried == 1
    posts.status = 200
    queue(archive, new_alert("good", title="Good"), to=(channel,))
    assert deliver(archive, [channel], settings, NOW + timedelta(seconds=1)).sent == 1
    assert posts.bodies[-1]["title"] == "Good"
    queue(archive, new_alert("third", title="Third"), to=(channel,))
    assert deliver(archive, [channel], settings, LATER) == DeliveryResult(sent=2, messages=2)
    assert [body["title"] for body in posts.bodies[-2:]] == ["Bad", "Third"], "what was refused goes by itself"


def test_a_channel_that_dribbles_is_left_behind(
    archive: Archive, settings: Settings, posts: Posts, monkeypatch: pytest.MonkeyPatch
) -> None:
    posts.gate = threading.Event()
    monkeypatch.setattr(delivery, "OVERALL_SECONDS", 0.3)
    channels = (To("slow", posts.json_url), To("file", "file"))
    queue(archive, new_alert(), to=channels)
    result = deliver(archive, channels, settings, NOW)
    assert (result.sent, result.retried) == (1, 1)
    assert [row["maybe_sent"] for row in archive.rows("select maybe_sent from deliveries order by id")] == [1, 0]


def test_who_was_left_behind_sends_nothing_more(
    archive: Archive, settings: Settings, posts: Posts, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Two messages for a channel that takes its time: the second was given back before its turn came.
    channel = To("desk", posts.json_url)
    queue(archive, new_alert("1", title="One"), to=(channel,))
    posts.status = 422
    deliver(archive, [channel], settings, NOW)
    queue(archive, new_alert("2", title="Two"), to=(channel,))
    posts.status, posts.gate = 200, threading.Event()
    monkeypatch.setattr(delivery, "OVERALL_SECONDS", 0.3)
    deliver(archive, [channel], settings, LATER)
    posts.gate.set()
    for thread in threading.enumerate():
        if thread.name == "deliver desk":
            thread.join(10)
    assert [body["title"] for body in posts.bodies] == ["One", "One"]
    assert deliver(archive, [channel], settings, LATER + timedelta(days=1)).sent == 2
    assert sorted(body["title"] for body in posts.bodies[2:]) == [
        "This may be a repeat: One",
        "Two",
    ]


# --- letters ---------------------------------------------------------------------------------


def test_a_letter_goes_once_to_those_who_asked_for_it_as_it_was_written(
    archive: Archive, settings: Settings, mails: Mails, posts: Posts
) -> None:
    channels = [To("mail", mails.url, "high"), To("file", "file")]
    png = b"\x89PNG\r\n\x1a\n and more"
    week = Letter(
        kind="weekly_letter",
        key="2026-W48",
        subject="Kent, the week to 5 December",
        text="Nothing is new.\n",
        html='<p>Nothing is new. <img src="cid:line@kccwatch"></p>',
        pictures={"line@kccwatch": png},
    )
    queue(archive, new_alert(), to=[To("other", posts.json_url)])
    assert send_letter(archive, channels, week, settings, NOW) == DeliveryResult(sent=2, messages=2)
    assert send_letter(archive, channels, replace(week, subject="Again"), settings, LATER) is None
    (letter,) = mails.taken
    assert letter["Subject"] == "Kent, the week to 5 December"
    assert parts(letter) == {"text/plain": week.text, "text/html": week.html + "\n"}
    (image,) = [part for part in letter.walk() if part.get_content_maintype() == "image"]
    assert (image["Content-ID"], image.get_content()) == ("<line@kccwatch>", png)
    assert posts.taken == []
    (html,) = settings.outbox.glob("*letter*.html")
    assert base64.b64encode(png).decode() in html.read_text()


def test_a_letter_is_tried_again_and_waits_for_the_end_of_quiet_hours(
    archive: Archive, settings: Settings, mails: Mails
) -> None:
    channel = To("mail", mails.url)
    week = Letter(kind="weekly_letter", key="w", subject="The week", text="Text", html="<p>Text</p>")
    mails.answer = "451 later"
    assert send_letter(archive, [channel], week, settings, NOW, least="high") == DeliveryResult(waiting=1)
    result = deliver(archive, [channel], settings, NOW)
    assert (result.retried, result.sent) == (1, 0)
    mails.answer = "250 OK"
    queue(archive, new_alert(), to=(channel,))
    assert deliver(archive, [channel], settings, LATER) == DeliveryResult(sent=2, messages=2)
    assert [mail["Subject"] for mail in mails.taken][-1] == "The week"


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
