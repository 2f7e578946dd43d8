"""What judging keeps beside its alerts: what was judged, and which articles tell one story."""

import re
import sqlite3
from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from db.values import clean, known_moment, utc
from parsers.text import matching

DAYS_APART = timedelta(days=3)  # papers take up a story within so many days
_SHARED = 0.6  # of the shorter list of telling words, at least, for two articles to tell one story
_LEAST = 4  # words that they share at least
_RUN = 6  # words in a row, which nobody writes twice by chance
_NEIGHBOURS = 512  # articles of a few days, of which the words are kept in mind
_RUNS_SHARED = 0.3  # of the shorter article's, where one is a copy of the other

Row = dict[str, Any]


def close(db: sqlite3.Connection, judged: Iterable[tuple[str, str]], now: datetime) -> None:
    """Note rules (first) that were judged on subjects (second)."""
    db.executemany(
        "insert into judged (rule, subject, judged_at) values (?, ?, ?) on conflict (rule, subject) do nothing",
        [(rule, clean(subject), utc(now)) for rule, subject in judged],
    )


def settle_stories(db: sqlite3.Connection) -> None:
    """Give each new article its story: that of an earlier one that tells the same, else its own.

    What was decided stays, so that a story that was told keeps its number.
    """
    db.execute("delete from news_stories where document_id not in (select document_id from news_articles)")
    new = db.execute(f"{_ARTICLES} where s.story_id is null order by a.document_id").fetchall()
    for article in new:
        told = known_moment(article["told_at"])
        others = db.execute(
            f"""
            {_ARTICLES}
            where d.council = :council and s.story_id is not null
              and {_TOLD_AT} between :earliest and :latest
            order by a.document_id
            """,
            {"council": article["council"], "earliest": utc(told - DAYS_APART), "latest": utc(told + DAYS_APART)},
        )
        same = next((other["story_id"] for other in others.fetchall() if one_story(article, other)), None)
        db.execute(
            "insert into news_stories (document_id, story_id) values (?, ?)",
            [article["document_id"], same or article["document_id"]],
        )


_TOLD_AT = "coalesce(a.published_at, d.first_seen_at)"
_ARTICLES = f"""
select a.document_id, a.headline, a.body, d.council, {_TOLD_AT} as told_at, s.story_id
from news_articles as a join documents as d on d.id = a.document_id
left join news_stories as s on s.document_id = a.document_id
"""  # noqa: S608  our own text


def one_story(one: Row, other: Row) -> bool:
    """Whether two articles of the same days tell one story: by their headlines, or as copies of one text.

    >>> a = {"headline": "Kent pothole repairs slip to 81 per cent", "summary": None, "body": ""}
    >>> b = {"headline": "Pothole repairs slip to 81 per cent in Kent, report shows", "summary": None, "body": ""}
    >>> one_story(a, b), one_story(a, {**b, "headline": "Kent libraries to close on Sundays"})
    (True, False)
    """
    first, second = _telling(one["headline"]), _telling(other["headline"])
    shared = len(first & second)
    if shared >= _LEAST and shared >= _SHARED * min(len(first), len(second)):
        return True
    runs, more = _runs(one["body"]), _runs(other["body"])
    return bool(runs and more) and len(runs & more) >= _RUNS_SHARED * min(len(runs), len(more))


_IDLE = """
about after again against also amid and are been before being but can could council county does for from had has
have her his how into its kent kcc more new news not now off one our out over said says she some than that the
their them they this under was were what when where which who why will with would you your
"""
_IDLE_WORDS = frozenset(_IDLE.split())


# An article is held against all of its days: what is worked out for one neighbour serves for the next.
@lru_cache(maxsize=_NEIGHBOURS)
def _telling(text: str | None) -> frozenset[str]:
    """The words that tell what a text is about, and its numbers."""
    words = re.findall(r"\d[\d.,]*\d|\w+", matching(text or "").casefold())
    return frozenset(word for word in words if word not in _IDLE_WORDS and (len(word) > 2 or word.isdigit()))


@lru_cache(maxsize=_NEIGHBOURS)
def _runs(text: str | None) -> frozenset[tuple[str, ...]]:
    words = re.findall(r"\w+", (text or "").casefold())
    return frozenset(tuple(words[n : n + _RUN]) for n in range(len(words) - _RUN + 1))
