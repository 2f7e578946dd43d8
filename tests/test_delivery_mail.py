"""E-mail, received by a real SMTP server and shown by a real browser."""

import json
import re
import shutil
import subprocess
from dataclasses import replace
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default as email_policy
from pathlib import Path
from typing import Any

import pymupdf
import pytest
from hypothesis import given
from hypothesis import settings as how_long
from hypothesis import strategies as st

from db import Archive, Claimed
from monitor.delivery import Settings, deliver, files, mail
from monitor.delivery.message import compose
from tests.receivers import (
    LATER,
    NOW,
    Mails,
    To,
    a_paper,
    archive,
    keep_paper,
    mails,
    new_alert,
    parts,
    queue,
    settings,
    states,
)

__all__ = ["archive", "mails", "settings"]  # fixtures

BOX = [50.0, 100.0, 400.0, 130.0]
OUTLINE = (204, 0, 102)


def claimed(number: int = 1, **changes: Any) -> Claimed:
    says: dict[str, Any] = {
        "delivery_id": number,
        "alert_id": number,
        "rule": "new_red",
        "key": str(number),
        "severity": "high",
        "title": f"RED: Indicator {number}",
        "body": "Body.",
        "url": "https://democracy.example.org/s1.pdf#page=1",
        "evidence": {},
        "created_at": NOW,
        "attempts": 1,
    }
    return Claimed(**says | changes)


def test_a_mail_has_the_news_as_subject_text_html_and_the_picture_of_the_place(
    archive: Archive, settings: Settings, mails: Mails
) -> None:
    version, sha256 = keep_paper(archive, a_paper())
    channel = To("desk", mails.url)
    evidence = {"sha256": sha256, "page": 1, "bbox": json.dumps(BOX), "kpi_id": 17, "version_id": version}
    (alert_id,) = queue(archive, new_alert(evidence=evidence), to=(channel,))
    deliver(archive, [channel], replace(settings, site_url="https://kcc.example.org/"), NOW)
    (found,) = mails.taken
    assert found["Subject"] == "RED: Potholes repaired in 28 days, 81% (target 90%, floor 85%), Q2 2026/27"
    assert (found["From"], found["To"]) == ("watch@example.org", "desk@example.org")
    assert found["Date"].datetime == NOW
    assert found["X-Kccwatch-Alerts"] == str(alert_id)
    assert found["Auto-Submitted"] == "auto-generated"
    assert found["List-Id"] == "kccwatch <desk.kccwatch.example.org>"
    assert re.fullmatch(r"<kccwatch\.1\.[0-9a-f]{24}@example\.org>", found["Message-ID"])
    html, text = parts(found)["text/html"], parts(found)["text/plain"]
    for shown in (html, text):
        assert "Highways: from Amber to Red since the report before." in shown
        assert "https://democracy.example.org/documents/s1/Appendix.pdf#page=1" in shown
        assert "https://kcc.example.org/archive/kpis/17" in shown
        assert f"Alerts {alert_id}, sent by kccwatch" in shown
        assert "An indicator of the newest report is Red and was not before." in shown
        assert "kccwatch mute kpi:17 --until 2027-03-05" in shown
        assert "takes all alerts." in shown
        assert sha256[:12] in shown
    (image,) = [part for part in found.walk() if part.get_content_maintype() == "image"]
    assert image.get_content().startswith(b"\x89PNG")
    assert image["Content-ID"].strip("<>") in re.findall(r'src="cid:([^"]+)"', html)
    assert image.get_content_disposition() == "inline"
    assert [part.get_content_type() for part in found.walk()] == [
        "multipart/alternative",
        "text/plain",
        "multipart/related",
        "text/html",
        "image/png",
    ]
    assert states(archive) == ["sent"]


def test_nothing_in_a_mail_is_fetched_from_elsewhere() -> None:
    html = compose([claimed()], channel="desk").html
    assert re.findall(r"\b(?:src|background|poster|srcset)\s*=|url\(|@import|<link|<script|<iframe", html) == []


@pytest.mark.parametrize(
    "title",
    [
        "<script>alert(1)</script> & <img src=x> \r\nBcc: everybody@example.org",
        "Red\r\n\r\n<b>body</b>\nSubject: other",
        "=?utf-8?q?not_an_encoded_word?= £5 – Children’s",
        "Hid\u202eden \u2028 and \x00\x1b[31m",
    ],
)
def test_what_papers_say_arrives_in_a_mail_as_text(
    archive: Archive, settings: Settings, mails: Mails, title: str
) -> None:
    channel = To("desk", mails.url)
    url = 'javascript:alert("x")'
    queue(archive, new_alert(title=title, body="<b>bold</b>\n</body>", url=url), to=(channel,))
    deliver(archive, [channel], settings, NOW)
    (found,) = mails.taken
    html = parts(found)["text/html"]
    assert "<script" not in html and "<b>" not in html and "href=" not in html
    assert "&lt;b&gt;bold&lt;/b&gt;" in html
    assert found["Bcc"] is None and len(found.get_all("Subject")) == 1
    headers = mails.raw[0].partition(b"\r\n\r\n")[0]
    assert not re.search(rb"(?m)^(Bcc|<b>)", headers)
    assert not set("\u202e\u2028\x00\x1b") & set(found["Subject"] + html + parts(found)["text/plain"])


@given(title=st.text(min_size=1, max_size=250))
@how_long(max_examples=150, deadline=None)
def test_any_title_makes_a_mail_that_is_read_as_it_was_meant(title: str) -> None:
    message = compose([claimed(title=title)], channel="desk")
    box = mail.Box(
        host="h", port=25, mode="insecure", user=None, password=None, verify=True,
        sender=("", "watch@example.org"), recipient=("", "desk@example.org"),
    )  # fmt: skip
    raw = mail.build(box, message, NOW).as_bytes()
    found = message_from_bytes(raw, policy=email_policy)
    assert isinstance(found, EmailMessage)
    assert " ".join(str(found["Subject"]).split()) == " ".join(message.subject.split())
    assert parts(found)["text/plain"] == message.text
    assert parts(found)["text/html"] == message.html
    assert all(len(line) <= 998 for line in raw.split(b"\r\n"))
    assert sorted(found.keys())[:3] == ["Auto-Submitted", "Content-Type", "Date"]


def test_lines_that_begin_with_a_dot_arrive_with_it(archive: Archive, settings: Settings, mails: Mails) -> None:
    channel = To("desk", mails.url)
    queue(archive, new_alert(body=".\n..two\n.\n\nEnd."), to=(channel,))
    deliver(archive, [channel], settings, NOW)
    assert "\n.\n..two\n.\n" in parts(mails.taken[0])["text/plain"]
    assert "Alerts 1, sent by kccwatch." in parts(mails.taken[0])["text/plain"]


def test_when_the_server_keeps_silent_after_the_text_the_repeat_has_the_same_number_and_says_so(
    archive: Archive, settings: Settings, mails: Mails, monkeypatch: pytest.MonkeyPatch
) -> None:
    import threading

    channel = To("desk", mails.url)
    queue(archive, new_alert(), to=(channel,))
    mails.gate = threading.Event()
    with monkeypatch.context() as patched:
        patched.setattr(mail, "STEP_SECONDS", 0.5)
        result = deliver(archive, [channel], settings, NOW)
    assert result.errors == ("desk: no answer in time; it may have arrived",)
    mails.gate.set()
    assert deliver(archive, [channel], settings, LATER).sent == 1
    first, second = mails.taken
    assert first["Message-ID"] == second["Message-ID"]
    assert first["X-Kccwatch-Repeat"] is None
    assert second["X-Kccwatch-Repeat"] == "possible"
    assert second["Subject"] == f"This may be a repeat: {first['Subject']}"
    for shown in parts(second).values():
        assert "so you may have it already" in shown


@pytest.mark.parametrize("answer", ["451 4.3.0 try again later", "554 5.7.1 not wanted here"])
def test_a_refusal_is_no_doubt(archive: Archive, settings: Settings, mails: Mails, answer: str) -> None:
    channel = To("desk", mails.url)
    queue(archive, new_alert(), to=(channel,))
    mails.answer = answer
    result = deliver(archive, [channel], settings, NOW)
    assert result.errors == (f"desk: the mail server said {answer}",)
    mails.answer = "250 OK"
    deliver(archive, [channel], settings, LATER)
    assert "repeat" not in mails.taken[0].as_string()


def test_a_picture_that_cannot_be_drawn_does_not_hold_back_the_alert(
    archive: Archive, settings: Settings, mails: Mails
) -> None:
    _, sha256 = keep_paper(archive, b"%PDF-1.7 not really")
    channel = To("desk", mails.url)
    evidence = {"sha256": sha256, "page": 1, "bbox": BOX}
    lost = new_alert("2", evidence={**evidence, "sha256": "0" * 64})
    queue(archive, new_alert(evidence=evidence), lost, to=(channel,))
    assert deliver(archive, [channel], settings, NOW).sent == 2
    assert "cid:" not in parts(mails.taken[0])["text/html"]


def test_a_replaced_paper_is_shown_as_it_was_and_as_it_is(archive: Archive, settings: Settings, mails: Mails) -> None:
    before, _ = keep_paper(archive, a_paper("Potholes 81% RED"), "old")
    now, _ = keep_paper(archive, a_paper("Potholes 91% GREEN"), "new")
    channel = To("desk", mails.url)
    evidence = {
        "version_id": now, "page": 1, "bbox": BOX,
        "before_version_id": before, "before_page": 1, "before_bbox": BOX,
        "changes": [
            {"what": "Potholes", "before": "81% <RED>", "after": "91%"},
            {"what": "Bins", "before": "4", "after": None},
        ],
    }  # fmt: skip
    queue(archive, new_alert(rule="document_changed", evidence=evidence), to=(channel,))
    deliver(archive, [channel], settings, NOW)
    (found,) = mails.taken
    images = [part for part in found.walk() if part.get_content_maintype() == "image"]
    html = parts(found)["text/html"]
    assert [image["Content-ID"].strip("<>") for image in images] == ["alert-1@kccwatch", "alert-1-before@kccwatch"]
    assert images[0].get_content() != images[1].get_content()
    assert html.index("cid:alert-1-before@") < html.index("cid:alert-1@")
    assert "81% &lt;RED&gt;" in html
    assert "- Potholes: was 81% <RED>, now 91%" in parts(found)["text/plain"]
    assert "- Bins: was 4, now –" in parts(found)["text/plain"]


def test_a_mail_stays_below_what_mail_programs_cut_and_servers_refuse() -> None:
    from monitor.delivery.context import Around
    from monitor.pictures import Place

    many = [claimed(n, title=f"RED: {'A long name of an indicator ' * 5}{n}", body="x " * 300) for n in range(1, 1501)]
    places = {n: (Place(f"{n}", 1, None), None) for n in range(1, 1501)}
    around = Around(places=places, drawn={place: b"p" * 390_000 for place, _ in places.values() if place})
    message = compose(many, channel="desk", around=around, site_url="https://kcc.example.org")
    assert len(message.html.encode()) <= 100_000
    assert sum(map(len, message.pictures.values())) <= 3_000_000
    listed = int(re.findall(r"and (\d+) more: <a href=\"https://kcc.example.org/archive/alerts", message.html)[0])
    assert listed + message.html.count("<li>") - 1 + 10 == 1500, "those in full, those listed, and the rest"


# --- looked at -----------------------------------------------------------------------------------


def chromium() -> str | None:
    return next(
        (found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))), None
    )


@pytest.mark.parametrize(("width", "dark"), [(700, False), (390, True)])
@pytest.mark.skipif(chromium() is None, reason="there is no Chromium on this machine to show the mail")
def test_the_mail_shows_the_outlined_row_and_fits_a_phone(
    archive: Archive, settings: Settings, tmp_path: Path, width: int, dark: bool
) -> None:
    version, sha256 = keep_paper(archive, a_paper())
    channel = To("file", "file")
    evidence = {"sha256": sha256, "page": 1, "bbox": BOX, "value_text": "81%", "kpi_id": 17, "version_id": version}
    long = new_alert("2", title="RED: " + "Anunbrokenwordthatislongerthanthescreen" * 4, rule="long_red")
    queue(archive, new_alert(evidence=evidence), long, to=(channel,))
    deliver(archive, [channel], settings, NOW)
    (page,) = settings.outbox.glob("*.html")
    shot = tmp_path / "shot.png"
    look = ["--blink-settings=preferredColorScheme=0"] if dark else []
    program = chromium()
    assert program is not None
    subprocess.run(
        [
            program, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--no-first-run", *look,
            f"--user-data-dir={tmp_path / 'profile'}", f"--window-size={width},1400", f"--screenshot={shot}",
            page.as_uri(),
        ],
        check=True, capture_output=True, timeout=100,
    )  # fmt: skip
    pixels = pymupdf.Pixmap(shot.read_bytes())
    seen = {pixels.pixel(x, y)[:3] for x in range(pixels.width) for y in range(pixels.height)}
    assert len(seen) > 50, "it is not blank"
    assert OUTLINE in seen or any(abs(r - 204) < 12 and g < 40 and abs(b - 102) < 12 for r, g, b in seen)
    corner = pixels.pixel(1, pixels.height - 2)
    assert (max(corner[:3]) < 60) is dark


@pytest.mark.parametrize("row", ["Potholes Latest: 81% Target: 81%", "Potholes Latest:81% Target:81%", "Potholes 81%"])
def test_the_figure_that_an_alert_quotes_is_outlined_in_its_row(archive: Archive, settings: Settings, row: str) -> None:
    _, sha256 = keep_paper(archive, a_paper(row))
    channel = To("file", "file")
    evidence = {"sha256": sha256, "page": 1, "bbox": BOX, "value_text": "81%"}
    queue(archive, new_alert(evidence=evidence), to=(channel,))
    deliver(archive, [channel], settings, NOW)
    (html,) = settings.outbox.glob("*.html")
    import base64

    (png,) = re.findall(r'src="data:image/png;base64,([^"]+)"', html.read_text())
    pixels = pymupdf.Pixmap(base64.b64decode(png))
    columns = [
        x
        for x in range(pixels.width)
        for y in range(pixels.height)
        if pixels.pixel(x, y)[0] > 150 and pixels.pixel(x, y)[1] < 60 and 60 < pixels.pixel(x, y)[2] < 160
    ]
    assert max(columns) - min(columns) < pixels.width / 4, "the figure is outlined, and not the row"


def test_files_of_two_file_channels_do_not_take_each_others_place(settings: Settings) -> None:
    for channel in ("file", "second desk"):
        files.write(settings.outbox, compose([claimed()], channel=channel))
    assert sorted(file.name for file in settings.outbox.glob("*.txt")) == [
        "20261205T070000Z-alerts-1-second-desk.txt",
        "20261205T070000Z-alerts-1.txt",
    ]


def test_where_the_figure_cannot_be_told_the_row_is_outlined() -> None:
    from monitor.pictures import Place, draw

    body = a_paper("Potholes 81% 81%")
    pixels = pymupdf.Pixmap(next(iter(draw([Place("x", 1, (50, 100, 400, 130), ("81%",))], lambda _: body).values())))
    columns = [x for x in range(pixels.width) if pixels.pixel(x, pixels.height // 2)[:3] == OUTLINE]
    assert max(columns) - min(columns) > pixels.width * 0.8
