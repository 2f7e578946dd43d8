"""The web site: what it shows of the snapshot, to whom, and that foreign text stays text."""

import asyncio
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

import db
from monitor import config, serve, steps
from parsers import records
from parsers.records import Kind, Outcome, Rag, Reading

ROOT = Path(__file__).parents[1]
NOW = datetime(2026, 11, 21, 8, tzinfo=UTC)
HOSTILE = "<script>alert('x')</script> & \"late\""

CONFIG = """
[[councils]]
slug = "kent"
name = "Kent <b>County</b> Council"
moderngov = "https://democracy.kent.gov.uk"

[crawl]
user_agent = "kccwatch (mailto:me@example.org)"

[sources.news]
feeds = ["https://a.example/rss"]

[serve]
public = {public}
"""


def indicator(name: str, rag: Rag) -> records.KpiReading:
    """An indicator at 71 % that was Green the quarter before."""
    return records.KpiReading(
        service="Customer Services", name=name, rag=rag, previous_rag=Rag.GREEN, direction=None, value=71, target=85,
        target_low=None, target_high=None, floor=80, previous_value=90, unit="%", value_text="71%", target_text="85%",
        floor_text="80%", previous_text="90%", lower_is_better=False, page=9, bbox=(0, 0, 1, 1),
    )  # fmt: skip


def fill(folder: Path, *names: str) -> None:
    """An archive with a report in which these indicators are Red, and its snapshot."""
    report = records.Report(
        title="Report", financial_year="2024/25", quarter=3, period_start=date(2024, 10, 1),
        period_end=date(2024, 12, 31), kpi_total=len(names),
    )  # fmt: skip
    with db.open_archive(folder / "archive") as archive:
        found = db.Found(key="k", url="https://democracy.kent.gov.uk/s1.pdf", source="committee_papers", council="kent")
        kept = archive.remember(found, repr(names).encode(), now=NOW)
        assert kept.version_id is not None
        reading = Reading(
            kind=Kind.PERFORMANCE_REPORT, outcome=Outcome.READ, parser="p", parser_version=1,
            facts=(report, *(indicator(name, Rag.RED) for name in names)), text="words",
        )  # fmt: skip
        archive.store_reading(kept.version_id, reading, council="kent", now=NOW)
        alerts = [
            db.NewAlert(rule="r", key=name, severity="high", title=f"RED: {name}", body="", url="javascript:alert(1)")
            for name in names
        ]
        archive.add_alerts(alerts, {"newsroom": "low"}, NOW)
        archive.publish_snapshot(folder / "archive" / "published" / "archive.db")


def site(folder: Path, *, public: bool = False, **more: float) -> Any:
    place = folder / "config.toml"
    place.write_text(CONFIG.replace("{public}", str(public).lower()), encoding="utf-8")
    loaded = config.load(place)
    return serve.site(loaded, steps.snapshot_path(loaded), **more)


def get(served: Any, *paths: str) -> list[Any]:
    """The answers to some requests, one after the other."""

    async def ask() -> list[Any]:
        await served.invoke_startup()
        return [await served.client.get(path) for path in paths]

    return asyncio.run(ask())


def test_the_start_page_shows_what_people_look_for(tmp_path: Path) -> None:
    fill(tmp_path, "FOI requests answered")

    (page,) = get(site(tmp_path), "/")

    assert page.status_code == 200
    for heading in ("Red now", "What changed", "What does not add up", "The Ombudsman", "Is it still watching?"):
        assert f"<h2>{heading}</h2>" in page.text
    assert "FOI requests answered" in page.text and "71%" in page.text
    assert 'href="https://democracy.kent.gov.uk/s1.pdf#page=9"' in page.text


def test_what_only_reading_again_brought_was_told_to_nobody(tmp_path: Path) -> None:
    fill(tmp_path)
    told = db.NewAlert(rule="r", key="told", severity="high", title="RED: told", body="")
    hushed = db.NewAlert(rule="r", key="x", severity="high", title="RED: hushed", body="", evidence={"hushed": "why"})
    with db.open_archive(tmp_path / "archive") as archive:
        archive.add_alerts([told, hushed], {"newsroom": "low"}, NOW)
        archive.publish_snapshot(tmp_path / "archive" / "published" / "archive.db")

    (page,) = get(site(tmp_path), "/")

    assert "RED: told" in page.text and "RED: hushed" not in page.text


def test_an_archive_without_anything_in_it_is_shown_too(tmp_path: Path) -> None:
    fill(tmp_path)

    (page,) = get(site(tmp_path), "/")

    assert page.status_code == 200 and "No indicator is rated Red" in page.text


def test_foreign_text_stays_text(tmp_path: Path) -> None:
    fill(tmp_path, HOSTILE)

    pages = get(site(tmp_path), "/", "/archive/red", "/archive/kpi_history", "/archive/alerts")

    for page in pages:
        assert "<script>alert" not in page.text and "&lt;script&gt;alert" in page.text
        assert 'href="javascript:' not in page.text and "href=javascript:" not in page.text
        assert "object-src 'none'" in page.headers["content-security-policy"]
    assert "<b>County</b>" not in pages[0].text


def test_what_stands_in_the_metadata_can_be_asked(tmp_path: Path) -> None:
    fill(tmp_path, "FOI requests answered")

    database, *answers = get(
        site(tmp_path),
        "/archive",
        *(f"/archive/{name}.json?words=FOI" for name in ("red", "changes", "indicator", "find", "contradictions")),
    )

    assert "Red now" in database.text
    assert [answer.status_code for answer in answers] == [200] * 5
    assert answers[0].json()["rows"][0][2] == "FOI requests answered"
    assert len(answers[3].json()["rows"]) > 0


def test_on_ones_own_machine_one_may_ask_anything_but_not_write(tmp_path: Path) -> None:
    fill(tmp_path, "a")

    asked, written = get(
        site(tmp_path), "/archive.json?sql=select+count(*)+from+reports", "/archive.json?sql=delete+from+reports"
    )

    assert asked.json()["rows"] == [[1]]
    assert written.status_code == 400


def test_a_question_that_takes_too_long_is_stopped(tmp_path: Path) -> None:
    fill(tmp_path, "a")
    endless = "with recursive n(x) as (select 1 union all select x + 1 from n) select count(*) from n"

    began = time.monotonic()
    (answer,) = get(site(tmp_path), f"/archive.json?sql={endless.replace(' ', '+').replace('+ 1', '%2B+1')}")

    assert answer.status_code == 400 and time.monotonic() - began < 5


@pytest.mark.parametrize(
    "path",
    [
        "/archive?sql=select+1",
        "/archive/red_now.json?_where=1=1",
        "/archive.db",
        "/archive/deliveries",
        "/archive/deliveries.json",
        "/archive/document_texts",
        "/archive/news_articles",
        "/archive/search_entries",
        "/archive/search",
        "/archive/search.json",
        "/archive/search_items",
        "/archive/search_data",
        "/archive/alerts_sent",
    ],
)
def test_the_public_is_not_shown_what_is_not_for_it(tmp_path: Path, path: str) -> None:
    fill(tmp_path, "FOI requests answered")

    (ours,) = get(site(tmp_path), path)
    page, public = get(site(tmp_path, public=True), "/", path)

    assert ours.status_code == 200
    assert page.status_code == 200 and "FOI requests answered" in page.text
    assert public.status_code in (403, 404) or ("words" not in public.text and "newsroom" not in public.text)
    assert public.status_code != 200 or ("_where" in path and "Red" not in public.text)


def test_robots_are_kept_out_unless_the_site_is_public(tmp_path: Path) -> None:
    fill(tmp_path, "a")

    (private,) = get(site(tmp_path), "/robots.txt")
    (public,) = get(site(tmp_path, public=True), "/robots.txt")

    assert private.text.splitlines() == ["User-agent: *", "Disallow: /"]
    assert public.text.splitlines() == ["User-agent: *", "Disallow: /archive"]


def test_a_newer_snapshot_is_shown_without_a_restart(tmp_path: Path) -> None:
    fill(tmp_path, "the old one")
    served = site(tmp_path, look_every=0)

    async def ask() -> list[str]:
        await served.invoke_startup()
        before = await served.client.get("/archive/kpi_history")
        fill(tmp_path, "the new one")
        after = [await served.client.get(path) for path in ("/", "/archive/kpi_history", "/archive/reports")]
        return [page.text for page in (before, *after)]

    before, start, history, reports = asyncio.run(ask())

    assert "the old one" in before
    assert "<strong>the new one</strong>" in start and "<strong>the old one</strong>" not in start
    assert "the new one" in history and "2024/25" in reports


@pytest.fixture
def port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def test_the_command_serves_on_this_machine_until_it_is_told_to_stop(tmp_path: Path, port: int) -> None:
    fill(tmp_path, "FOI requests answered")
    (tmp_path / "config.toml").write_text(CONFIG.replace("{public}", "false"), encoding="utf-8")
    command = [sys.executable, "-m", "monitor", "serve", "--port", str(port), "--config", tmp_path / "config.toml"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == f"http://localhost:{port}/\n"

        assert "FOI requests answered" in _answer(f"http://127.0.0.1:{port}/")
        process.terminate()
        assert process.wait(timeout=20) in (0, -15)


def test_over_the_wire_the_public_gets_no_article_by_any_table_of_the_search(tmp_path: Path, port: int) -> None:
    fill(tmp_path, "FOI requests answered")
    body = " ".join(f"word{n}" for n in range(100))
    article = records.NewsArticle(
        publisher="A paper", headline="Council late", author=None, published_at=None, summary=None, body=body
    )
    with db.open_archive(tmp_path / "archive") as archive:
        found = db.Found(key="news", url="https://a.example/1", source="news", council="kent")
        kept = archive.remember(found, b"<p>story", now=NOW)
        assert kept.version_id is not None
        story = Reading(
            kind=Kind.NEWS_ARTICLE, outcome=Outcome.READ, parser="p", parser_version=1, facts=(article,), text=body
        )  # fmt: skip
        archive.store_reading(kept.version_id, story, council="kent", now=NOW)
        archive.publish_snapshot(tmp_path / "archive" / "published" / "archive.db")
        everything = [row["name"] for row in archive.rows("select name from sqlite_master where sql is not null")]
    (tmp_path / "config.toml").write_text(CONFIG.replace("{public}", "true"), encoding="utf-8")
    command = [sys.executable, "-m", "monitor", "serve", "--port", str(port), "--config", str(tmp_path / "config.toml")]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL) as process:
        try:
            base = f"http://127.0.0.1:{port}/archive"
            assert "FOI requests answered" in _answer(f"{base}/kpi_history.json")
            for name in everything:
                paths = [f"{name}.json?_shape=array", f"{name}.json?_search=word50"]
                if name.startswith(("search", "news", "document_texts")):
                    paths += [f"{name}/{number}{form}" for number in (1, 2, 3) for form in ("", ".json")]
                for path in paths:
                    assert "word99" not in _text(f"{base}/{path}"), path
                if name.startswith("search"):
                    assert _status(f"{base}/{name}") == 403, name
            assert "word50" in _text(f"{base}/find.json?words=word50")
        finally:
            process.terminate()


def _status(url: str) -> int:
    try:
        with urllib.request.urlopen(url, timeout=20) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


def _text(url: str) -> str:
    try:
        with urllib.request.urlopen(url, timeout=20) as answer:
            return str(answer.read().decode())
    except urllib.error.HTTPError as error:
        return error.read().decode()


def _answer(url: str) -> str:
    deadline = time.monotonic() + 20
    while True:
        try:
            with urllib.request.urlopen(url, timeout=20) as answer:
                return str(answer.read().decode())
        except urllib.error.URLError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)
