"""The spider for news, against feeds and papers on this machine."""

import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from html import escape
from pathlib import Path

import pytest

from db import Fetch, open_archive
from tests.scrapers_server import ODD, Asked, Reply, Server, crawl, job, rows


@pytest.fixture
def server() -> Iterator[Server]:
    with Server().running() as running:
        yield running


def story(number: int, headline: str, body: str = "The council met.") -> tuple[str, Reply]:
    """An article's path and page."""
    page = (
        f"<html><head><title>{headline}</title></head><body><article><h1>{headline}</h1><p>{body}</p></article>"
        "</body></html>"
    )
    return f"/maidstone/news/{headline.lower().replace(' ', '-')[:30]}-{number}/", Reply(page.encode())


def feed(*entries: tuple[str, str, str], when: datetime | None = None) -> Reply:
    """An RSS feed of (link, title, summary)."""
    date = f"<pubDate>{format_datetime(when or datetime(2025, 2, 20, 6, tzinfo=UTC))}</pubDate>"
    items = "".join(
        f"<item><title><![CDATA[{title}]]></title><link>{escape(link)}</link>{date}"
        + (f"<description><![CDATA[{summary}]]></description>" if summary else "")
        + "</item>"
        for link, title, summary in entries
    )
    return Reply(f"<?xml version='1.0'?><rss version='2.0'><channel>{items}</channel></rss>".encode(), kind="text/xml")


def kept(folder: Path) -> set[str]:
    return {key.rpartition(":")[2] for (key,) in rows(folder, "select key from documents")}


def test_stories_that_name_the_council_are_kept_once_by_their_number(server: Server, tmp_path: Path) -> None:
    ours, page = story(300001, "County council criticised over SEND")
    other, other_page = story(300002, "Cat stuck in tree")
    server.routes |= {ours: page, other: other_page}
    moved = ours.replace("/maidstone/", "/kent/")
    server.routes[moved] = page
    server.routes["/rss/"] = feed(
        (server.base + ours + "?utm_source=rss", "Council criticised", "<p>Kent County\u00a0Council said sorry.</p>"),
        (ours, "The same again, relative", "KCC"),
        (server.base + other, "Cat stuck in tree", "In Maidstone."),
    )
    order = job(server, tmp_path, "news", feeds=(server.base + "/rss/",))
    done = crawl(order, tmp_path)
    assert done.code == 0, done.log
    assert kept(tmp_path) == {"300001"}
    assert rows(tmp_path, "select council, title, published_on from documents") == [
        ("kent", "Council criticised", "2025-02-20")
    ]
    server.log.clear()
    server.routes["/rss/"] = feed((server.base + moved, "New headline", "KCC"))
    crawl(order, tmp_path)
    assert server.paths("/kent/") == []  # moved, but the same story


def test_an_updated_story_is_asked_for_again_and_a_date_in_the_future_is_not_believed(
    server: Server, tmp_path: Path
) -> None:
    path, page = story(300001, "First words")
    server.routes[path] = page
    server.routes["/rss/"] = feed((path, "First words", "KCC"))
    order = job(server, tmp_path, "news", feeds=(server.base + "/rss/",))
    crawl(order, tmp_path)
    server.routes[path] = story(300001, "First words", "Corrected.")[1]
    server.routes["/rss/"] = feed((path, "First words", "KCC"), when=datetime.now(UTC) + timedelta(days=2))
    assert crawl(order, tmp_path).said["counts"]["new_versions"] == 0
    db = sqlite3.connect(tmp_path / "archive" / "archive.db")
    with db:
        db.execute("update fetches set fetched_at = '2025-02-19T00:00:00+00:00'")
    db.close()
    server.routes["/rss/"] = feed((path, "First words", "KCC"))
    assert crawl(order, tmp_path).said["counts"]["new_versions"] == 1


def test_where_the_feed_tells_too_little_the_story_itself_decides_once(server: Server, tmp_path: Path) -> None:
    ours, page = story(300001, "Anger over buses", "A spokesman for KCC said no.")
    other, other_page = story(300002, "Anger over trains", "A spokesman for the railway said no.")
    server.routes |= {ours: page, other: other_page}
    server.routes["/rss/"] = feed((ours, "Anger over buses", ""), (other, "Anger over trains", ""))
    order = job(server, tmp_path, "news", feeds=(server.base + "/rss/",))
    crawl(order, tmp_path)
    assert kept(tmp_path) == {"300001"}
    server.log.clear()
    crawl(order, tmp_path)
    assert server.paths("/maidstone") == []


def test_a_story_that_came_and_was_not_kept_before_the_program_was_killed_is_asked_for_again(
    server: Server, tmp_path: Path
) -> None:
    announced, page = story(300001, "Council criticised")
    silent, silent_page = story(300002, "Anger over buses", "A spokesman for KCC said no.")
    server.routes |= {announced: page, silent: silent_page}
    server.routes["/rss/"] = feed((announced, "Council criticised", "KCC"), (silent, "Anger over buses", ""))
    order = job(server, tmp_path, "news", feeds=(server.base + "/rss/",))
    with open_archive(tmp_path / "archive") as archive:  # as the killed program left it: the request, and no more
        for path, reply in ((announced, page), (silent, silent_page)):
            fetch = Fetch(url=server.base + path, source="news", status=200, body=reply.body)
            archive.record_fetch(fetch, datetime.now(UTC) - timedelta(minutes=1))
    assert crawl(order, tmp_path).code == 0
    assert kept(tmp_path) == {"300001", "300002"}
    # Killed again, with an update in its hands.
    server.routes[announced] = story(300001, "Council criticised", "Corrected.")[1]
    with open_archive(tmp_path / "archive") as archive:
        archive.record_fetch(
            Fetch(url=server.base + announced, source="news", status=200, body=b"x"), datetime.now(UTC)
        )
    db = sqlite3.connect(tmp_path / "archive" / "archive.db")
    with db:
        db.execute("update fetches set fetched_at = '2025-02-19T00:00:00+00:00' where version_id is not null")
    db.close()
    assert crawl(order, tmp_path).said["counts"]["new_versions"] == 1


def test_a_story_of_others_is_judged_once_until_other_words_are_looked_for(server: Server, tmp_path: Path) -> None:
    path, page = story(300002, "Anger over trains", "A spokesman for the railway said no.")
    server.routes |= {path: page, "/rss/": feed((path, "Anger over trains", ""))}
    order = job(server, tmp_path, "news", feeds=(server.base + "/rss/",))
    done = crawl(order, tmp_path)
    assert (done.code, done.place["not_ours"]) == (0, 1)
    assert rows(tmp_path, "select error from fetches where url like '%300002%'") == [
        ("not ours: names none of Kent County Council, KCC",)
    ]
    crawl(order, tmp_path)
    assert len(server.paths(path)) == 1
    crawl(replace(order, keywords=("railway",)), tmp_path)
    assert kept(tmp_path) == {"300002"}


def test_a_story_of_others_whose_headline_names_the_council_later_is_kept(server: Server, tmp_path: Path) -> None:
    path, page = story(300002, "Anger over trains", "A spokesman for the railway said no.")
    server.routes |= {path: page, "/rss/": feed((path, "Anger over trains", ""))}
    order = job(server, tmp_path, "news", feeds=(server.base + "/rss/",))
    crawl(order, tmp_path)
    server.routes["/rss/"] = feed((path, "Anger over trains reaches KCC", ""))
    crawl(order, tmp_path)
    assert kept(tmp_path) == {"300002"}


def test_listing_pages_lead_to_stories_too(server: Server, tmp_path: Path) -> None:
    ours, page = story(300001, "County hall budget row grows", "KCC leaders met.")
    other, other_page = story(300002, "Cat stuck in very tall tree", "In Maidstone.")
    server.routes |= {ours: page, other: other_page}
    server.routes["/kent/news/"] = Reply(
        f"""<html><body><nav><a href="/kent/news/">News</a><a href="/about/">About</a></nav><main>
        <article><a href="{ours}"><img src="x"/></a><a href="{ours}">County hall budget row grows</a>
        <p>Leaders of Kent County Council met on Tuesday to talk.</p></article>
        <article><a href="{other}">Cat stuck in very tall tree</a><p>The cat was in the tree for days.</p></article>
        </main></body></html>""".encode()
    )
    done = crawl(job(server, tmp_path, "news", pages=(server.base + "/kent/news/",)), tmp_path)
    assert done.code == 0, done.log
    assert kept(tmp_path) == {"300001"}
    assert server.paths("/maidstone/news/cat") == []


def test_links_to_other_sites_are_not_followed(server: Server, tmp_path: Path) -> None:
    with Server().running() as other:
        server.routes["/rss/"] = feed((f"{other.base}/news/x-300001/", "KCC elsewhere", "KCC"))
        done = crawl(job(server, tmp_path, "news", feeds=(server.base + "/rss/",)), tmp_path)
        assert other.log == []
    assert done.place["elsewhere"] == 1


def test_a_feed_that_is_a_web_page_or_broken_or_emptied_is_told_and_the_others_go_on(
    server: Server, tmp_path: Path
) -> None:
    path, page = story(300001, "Story of the day")
    server.routes[path] = page
    server.routes["/rss/"] = feed((path, "KCC story", "KCC"))
    server.routes["/html/"] = Reply(b"<!DOCTYPE html><html><h1>We moved</h1></html>", kind="application/rss+xml")
    server.routes["/broken/"] = Reply(b"<?xml version='1.0'?><rss><channel><item><title>x", kind="text/xml")
    feeds = tuple(server.base + p for p in ("/html/", "/broken/", "/rss/", "/none/"))
    done = crawl(job(server, tmp_path, "news", feeds=feeds), tmp_path)
    assert done.code == 1
    assert kept(tmp_path) == {"300001"}
    told = {failure["url"].removeprefix(server.base): failure["reason"] for failure in done.said["failures"]}
    assert set(told) == {"/html/", "/broken/", "/none/"}
    assert "expected feed, found html" in told["/html/"]
    assert rows(tmp_path, "select council, state from sources") == [("kent", "changed")]
    server.routes["/rss/"] = feed()
    emptied = crawl(job(server, tmp_path, "news", feeds=(server.base + "/rss/",)), tmp_path)
    assert emptied.code == 1
    assert "names no story, where it named some before" in emptied.place["reason"]


@pytest.mark.parametrize("summary", ["KCC", ""])
def test_one_odd_story_does_not_cost_the_others(server: Server, tmp_path: Path, summary: str) -> None:
    odd, page = story(300001, "Odd story", "KCC" + ODD.decode())
    path, other = story(300002, "Sound story", "KCC")
    server.routes |= {odd: page, path: other}
    server.routes["/rss/"] = feed((odd, "Odd story", summary), (path, "Sound story", summary))
    done = crawl(job(server, tmp_path, "news", feeds=(server.base + "/rss/",)), tmp_path, on_odd=RuntimeError)
    assert kept(tmp_path) == {"300002"}
    assert done.code == 1
    assert [(failure["url"], failure["reason"]) for failure in done.said["failures"]] == [
        (server.base + odd, "the spider failed: RuntimeError: stumbled")
    ]


def test_an_empty_feed_that_never_had_a_story_is_no_failure(server: Server, tmp_path: Path) -> None:
    server.routes["/rss/"] = feed()
    assert crawl(job(server, tmp_path, "news", feeds=(server.base + "/rss/",)), tmp_path).code == 0


def test_words_of_the_feed_cannot_name_a_file_on_this_machine(server: Server, tmp_path: Path) -> None:
    server.routes["/rss/"] = lambda asked: feed(
        ("file:///etc/passwd", "KCC", "KCC"), ("javascript:alert(1)", "KCC", "K")
    )
    done = crawl(job(server, tmp_path, "news", feeds=(server.base + "/rss/",)), tmp_path)
    assert done.said["counts"]["new_documents"] == 0


def test_a_feed_is_asked_with_our_name(server: Server, tmp_path: Path) -> None:
    seen: list[Asked] = []

    def route(asked: Asked) -> Reply:
        seen.append(asked)
        return feed()

    server.routes["/rss/"] = route
    crawl(job(server, tmp_path, "news", feeds=(server.base + "/rss/",)), tmp_path)
    assert seen[0].headers["user-agent"] == "kccwatch-test/0.1 (+https://example.org)"
    assert "cookie" not in seen[0].headers
