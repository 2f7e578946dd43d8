"""A meeting as a document: its page, or the web service's answer, with the minutes of its items where they are there.

What a meeting is made of is read by `parsers.moderngov`; here are the facts: counts of ratings in the minutes of a
performance report's item. Long minutes are cut short on the page, so that only whole sentences of those are read.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bs4 import BeautifulSoup

from parsers import minutes, moderngov, narrative
from parsers.html import main_content, paragraphs, soup
from parsers.records import Fact, Kind, Outcome, Reading

PARSER = "moderngov"

_LABEL = re.compile(r"^(?:draft )?minutes:\s*", re.IGNORECASE)
_CUT = re.compile(r"\W*\bview\s+the\s+full\s+minutes\s+text\b.*", re.IGNORECASE | re.DOTALL)
_SENTENCE_END = re.compile(r"[.!?;:][\"'”’)]*(?=\s|$)")


@dataclass(frozen=True, slots=True)
class _Minuted:
    """One item with minutes."""

    title: str
    lines: list[str]  # the minutes alone, in whole sentences
    is_cut: bool  # there is more of them on the item's own page


def read(body: bytes, *, url: str, title: str = "") -> Reading:
    """The meeting's title and text, and what the minutes of its performance reports count."""
    meeting = moderngov.read_meeting(body, url=url)
    facts: list[Fact] = []
    notes: list[str] = []
    for item in _minuted(body, meeting, url):
        about = narrative.subject(item.title, meeting.committee)
        if about.performance:
            found, note = minutes.counted([(None, "\n\n".join(item.lines))], item.title, about)
            facts += found
            # What is cut off here stands on the item's own page, which is read too.
            notes += [f"{item.title}: {note}"] if note and not item.is_cut else []
    outcome = Outcome.QUARANTINED if notes else Outcome.READ if facts else Outcome.NOTHING
    return Reading(
        kind=Kind.MEETING,
        outcome=outcome,
        parser=PARSER,
        parser_version=moderngov.VERSION,
        note="; ".join(notes) or None,
        title=moderngov.meeting_title(meeting) or title or None,
        published_on=meeting.held_on if facts else None,
        facts=tuple(facts),
        text="\n".join(_text(body, meeting)),
    )


def _minuted(body: bytes, meeting: moderngov.Meeting, url: str) -> Iterator[_Minuted]:
    if moderngov.is_xml(body):
        for item, node in zip(meeting.items, moderngov.item_nodes(body), strict=True):
            lines = [line for part in moderngov.item_texts(node, "minutes") for line in _lines(soup(part.encode()))]
            yield _Minuted(item.title, *_whole(lines))
        return
    page = soup(body)
    minutes.mark_lists(page)
    for row, item in moderngov.item_rows(page, url):
        lines = paragraphs(row)
        start = next((at for at, line in enumerate(lines) if _LABEL.match(line)), None)
        if start is not None:
            yield _Minuted(item.title, *_whole([_LABEL.sub("", lines[start]), *lines[start + 1 :]]))


def _lines(node: BeautifulSoup) -> list[str]:
    minutes.mark_lists(node)
    return paragraphs(node)


def _whole(lines: Sequence[str]) -> tuple[list[str], bool]:
    """The lines up to where the site cuts them, without the sentence that the cut goes through; whether it does."""
    for at, line in enumerate(lines):
        if _CUT.search(line):
            rest = _CUT.sub("", line)
            before = [*lines[:at], rest] if rest.strip() else list(lines[:at])
            last = before[-1] if before else ""
            ends = [match.end() for match in _SENTENCE_END.finditer(last)]
            return [*before[:-1], last[: ends[-1]] if ends else ""], True
    return list(lines), False


def _text(body: bytes, meeting: moderngov.Meeting) -> Iterator[str]:
    if not moderngov.is_xml(body):
        yield from paragraphs(main_content(soup(body)))
        return
    for item, node in zip(meeting.items, moderngov.item_nodes(body), strict=True):
        yield " ".join(part for part in (item.number, item.title) if part)
        for part in moderngov.item_texts(node, "agenda", "minutes"):
            yield from paragraphs(soup(part.encode()))
        yield from (paper.title for paper in item.papers)


__all__ = ["PARSER", "read"]
