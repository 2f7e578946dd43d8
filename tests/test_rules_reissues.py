"""Papers that change after publication: what kind of change it is, and what is told of it."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from db import open_archive
from parsers.records import Fact, Kind, KpiReading, Outcome, RagCount, StatedIn
from tests.desk import NOW, Desk
from tests.test_checks import AMBER, DOWN, FLAT, GREEN, RED, cell, measured, report, row, said

LATER = NOW + timedelta(days=2)
DOC = {"key": "moderngov:kent:s100", "url": "https://democracy.example.org/documents/s100/Appendix.pdf"}


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with open_archive(tmp_path / "archive") as archive:
        yield Desk(archive)


def good(value: str = "91%", /, **changes: Any) -> KpiReading:
    row = measured(value, "90%", "85%", GREEN, previous_rag=GREEN, previous_text="92%", previous_value=92.0)
    return replace(row, **changes)


def twice(
    desk: Desk, before: Sequence[Fact], now: Sequence[Fact], *, text: str = "words", new_text: str = "words", **how: Any
) -> None:
    """A report, told and done; then other content at the same address."""
    desk.put([report(), *before], text=text, **DOC)
    desk.due()
    desk.put([report(), *now], text=new_text, at=LATER, **{**DOC, **how})


def classed(desk: Desk) -> list[str]:
    """The classes of all re-issues."""
    desk.archive.prepare_judging()
    return [one["class"] for one in desk.archive.rows("select class from reissues order by version_id")]


# --- what kind of change it is -------------------------------------------------------------


def test_other_bytes_that_say_the_same_are_no_news(desk: Desk) -> None:
    twice(desk, [good()], [replace(good(), page=10, bbox=(1.0, 2.0, 3.0, 4.0))], new_text="  words ")
    assert (classed(desk), desk.due(now=LATER)) == (["bytes"], [])


def test_other_words_are_noted_and_not_told(desk: Desk) -> None:
    twice(desk, [good()], [good()], new_text="better words")
    assert (classed(desk), desk.due(now=LATER)) == (["wording"], [])


@pytest.mark.parametrize(
    "changes",
    [
        {"value_text": "91 %"},
        {"direction": None},
        {"name": "Potholes  repaired in 28 days"},
        {"headline_rag": GREEN, "headline_page": 4},
    ],
)
def test_what_is_only_printed_otherwise_is_no_other_figure(desk: Desk, changes: dict[str, Any]) -> None:
    twice(desk, [good()], [good(**changes)])
    assert (classed(desk), desk.due(now=LATER)) == (["bytes"], [])


@pytest.mark.parametrize(
    ("changes", "field", "before", "now", "severity"),
    [
        ({"value": 92.0, "value_text": "92%"}, "value", "91%", "92%", "medium"),
        ({"target": 91.0, "target_text": "91%"}, "target", "90%", "91%", "medium"),
        ({"floor": 86.0, "floor_text": "86%"}, "floor standard", "85%", "86%", "medium"),
        ({"previous_value": 93.0, "previous_text": "93%"}, "quarter before", "92%", "93%", "medium"),
        ({"rag": AMBER}, "rating", "green", "amber", "high"),
        ({"previous_rag": AMBER}, "previous rating", "green", "amber", "medium"),
        ({"direction": DOWN}, "direction", "stable", "worsening", "medium"),
        ({"value": None, "value_text": "N/A"}, "value", "91%", "N/A", "medium"),
    ],
)
def test_each_figure_that_changed_is_told_with_old_and_new(
    desk: Desk, changes: dict[str, Any], field: str, before: str, now: str, severity: str
) -> None:
    twice(desk, [good()], [good(**changes)])
    (alert,) = [one for one in desk.due(now=LATER) if one.rule == "document_changed"]
    name = "Potholes repaired in 28 days"
    assert alert.title == f"Changed after publication: Appendix 1, Q2 2026/27: {name} {field} {before} → {now}"
    assert alert.body.splitlines()[0] == f"- {name} (Highways): {field} {before} → {now}"
    assert alert.severity == severity


def test_both_pictures_are_in_the_evidence(desk: Desk) -> None:
    there = {"page": 12, "bbox": (60.0, 10.0, 500.0, 90.0)}
    twice(desk, [good()], [good("93%", **there)])
    (alert,) = desk.of("document_changed", now=LATER)
    first, second = desk.archive.rows("select id, sha256 from versions order by id")
    names = ("version_id", "sha256", "page", "bbox", "before_version_id", "before_sha256", "before_page", "before_bbox")
    assert [alert.evidence[name] for name in names] == [
        second["id"], second["sha256"], 12, "[60.0, 10.0, 500.0, 90.0]",
        first["id"], first["sha256"], 9, "[50.0, 100.0, 540.0, 240.0]",
    ]  # fmt: skip
    assert alert.url == f"{DOC['url']}#page=12"
    assert desk.due(now=LATER) == []


def test_ratings_come_first_and_all_others_are_listed(desk: Desk) -> None:
    others = [good("94%", name=f"Indicator {n}") for n in range(3)]
    changed = [replace(other, value=95.0, value_text="95%") for other in others]
    twice(desk, [*others, good()], [*changed, good("89%", rag=AMBER)])
    (alert,) = [one for one in desk.due(now=LATER) if one.rule == "document_changed"]
    assert alert.title.endswith("rating green → amber and 4 more")
    assert alert.body.count(" → ") == 5


def test_an_indicator_that_joined_or_went_is_a_difference(desk: Desk) -> None:
    twice(desk, [good(), good(name="Bins")], [good(), good(name="Lamps lit at night")])
    (alert,) = desk.of("document_changed", now=LATER)
    assert "- Lamps lit at night (Highways): not there → green, 91%" in alert.body
    assert "- Bins (Highways): green, 91% → gone" in alert.body


def test_other_tables_and_counts_are_compared_too(desk: Desk) -> None:
    before = [good(), cell("Highways", 2000), cell("Bins", 5), row("Highways", "1 0 0 0 1 0")]
    now = [good(), cell("Highways", 2001), cell("Bins", 5), row("Highways", "1 0 1 0 1 0")]
    twice(desk, before, now)
    (alert,) = [one for one in desk.due(now=LATER) if one.rule == "document_changed"]
    assert "Complaints, 12 mths to Sep 26 (Highways): number 2,000 → 2,001" in alert.body
    assert "Number rated Red, as stated (Highways): number 0 → 1" in alert.body


def test_a_cover_report_that_counts_otherwise_is_told_and_a_sentence_more_is_not(desk: Desk) -> None:
    def cover(*counts: RagCount, at: Any = NOW) -> None:
        desk.put(counts, kind=Kind.COVER_REPORT, title="Report", at=at, **DOC)

    nine = said(StatedIn.COVER, "Nine were Red.", red=9)
    cover(nine)
    cover(nine, said(StatedIn.COVER, "17 were Green.", green=17), at=LATER)
    assert classed(desk) == ["wording"] or classed(desk) == ["bytes"]
    cover(replace(nine, red=8, quote="Eight were Red."), at=LATER)
    (alert,) = desk.of("document_changed", now=LATER)
    assert "number 9 → 8" in alert.title


# --- what is no re-issue -------------------------------------------------------------------


def test_the_next_quarter_at_the_same_address_is_another_edition(desk: Desk) -> None:
    desk.put([report("2026/27", 1), good("99%")], **DOC)
    desk.put([report(), good()], at=LATER, **DOC)
    assert classed(desk) == ["edition"]
    assert desk.of("document_changed", now=LATER) == []


def test_reading_both_again_is_no_re_issue_and_the_class_follows_today_s_reading(desk: Desk) -> None:
    twice(desk, [good()], [good()], new_text="better words")
    assert desk.due(now=LATER) == []
    for version in (1, 2):
        desk.read_again(version, [report(), good("93%")], at=LATER, text="words")
    assert (classed(desk), desk.due(now=LATER)) == (["bytes"], [])


def test_what_two_versions_of_a_reader_read_is_not_compared(desk: Desk) -> None:
    twice(desk, [good()], [good("93%")], parser_version=2)
    assert (classed(desk), desk.of("document_changed", now=LATER)) == ([], [])
    assert [version.id for version in desk.archive.unread()] == [1]  # it is read again, to be compared
    desk.read_again(1, [report(), good()], at=LATER)
    assert desk.archive.unread() == []
    assert len(desk.of("document_changed", now=LATER)) == 1


def test_a_version_that_is_held_back_stands_between_two_that_are_not(desk: Desk) -> None:
    desk.put([report(), good()], **DOC)
    desk.due()
    desk.put([report(), good("12%")], outcome=Outcome.QUARANTINED, note="half a paper", at=LATER, **DOC)
    assert [alert.rule for alert in desk.due(now=LATER)] == ["quarantined"]
    desk.put([report(), good("93%")], at=LATER, **DOC)
    (alert,) = desk.of("document_changed", now=LATER)
    assert "value 91% → 93%" in alert.title


def test_a_version_that_is_no_longer_trusted_is_no_re_issue_any_more(desk: Desk) -> None:
    twice(desk, [good()], [good("93%")])
    assert classed(desk) == ["figures"]
    desk.read_again(2, [report(), good("93%")], outcome=Outcome.QUARANTINED, note="one short", parser_version=1)
    assert classed(desk) == []


def test_a_mirror_and_a_pack_that_change_likewise_are_told_once(desk: Desk) -> None:
    mirror = {"key": "moderngov:other:s100", "url": "https://other.example.org/documents/s100/A.pdf"}
    pack = {"key": "moderngov:kent:g7", "url": "https://democracy.example.org/documents/g7/Pack.pdf"}
    for now, value in ((NOW, "91%"), (LATER, "93%")):
        for where in (DOC, mirror, pack):
            desk.put([report(), good(value)], at=now, **where)
        told = [alert.rule for alert in desk.due(now=now)]
    assert told == ["document_changed"]


def test_a_pack_that_differs_from_the_paper_that_stands_is_no_correction_of_it(desk: Desk) -> None:
    pack = {"key": "moderngov:kent:g7", "url": "https://democracy.example.org/documents/g7/Pack.pdf"}
    desk.put([report(), good()], **DOC)
    desk.put([report(), good()], **pack)
    desk.due()
    desk.put([report(), good("95%")], at=LATER, **pack)
    assert classed(desk) == ["figures"]
    assert desk.due(now=LATER) == []


def test_back_and_forth_are_two_changes(desk: Desk) -> None:
    told = []
    for day, value in enumerate(("91%", "93%", "91%")):
        now = NOW + timedelta(days=day)
        desk.put([report(), good(value)], at=now, body=f"%PDF-1.7 {value}".encode(), **DOC)
        told.append([alert.rule for alert in desk.due(now=now)])
    assert told == [["new_report"], ["document_changed"], ["document_changed"]]


# --- a new number under the same item ------------------------------------------------------


def numbered(desk: Desk, number: int, facts: Sequence[Fact], **how: Any) -> int:
    url = f"https://democracy.example.org/documents/s{number}/Appendix.pdf"
    how = {"item": 41, "meeting": date(2026, 12, 10)} | how
    return desk.put(facts, key=f"moderngov:kent:s{number}", url=url, **how)


def test_a_paper_with_a_new_number_under_the_same_item_is_the_same_story(desk: Desk) -> None:
    old = numbered(desk, 100, [report(), good()])
    assert [alert.rule for alert in desk.due()] == ["new_report"]
    new = numbered(desk, 200, [report(), good("93%")], at=LATER)
    (alert,) = desk.due(now=LATER)
    assert (alert.rule, alert.evidence["version_id"], alert.evidence["before_version_id"]) == (
        "document_changed", new, old,
    )  # fmt: skip
    assert "It takes the place of: Appendix 1, https://democracy.example.org/documents/s100/Appendix.pdf#page=9" in (
        alert.body
    )
    assert desk.due(now=LATER) == []


def test_a_new_number_without_other_figures_is_no_news(desk: Desk) -> None:
    numbered(desk, 100, [report(), good()])
    desk.due()
    numbered(desk, 200, [report(), good()], at=LATER)
    assert (classed(desk), desk.due(now=LATER)) == (["bytes"], [])


def test_papers_that_stand_side_by_side_are_two(desk: Desk) -> None:
    counts = [said(StatedIn.COVER, "Nine were Red.", red=9)]
    cover = {"kind": Kind.COVER_REPORT, "title": "Report"}
    numbered(desk, 100, counts, **cover)
    numbered(desk, 101, [replace(counts[0], red=8)], **cover)  # put up in the same visit
    numbered(desk, 102, [replace(counts[0], red=7)], at=LATER, item=42, **cover)  # under another item
    numbered(desk, 103, [replace(counts[0], red=6)], at=LATER, kind=Kind.COVER_REPORT, title="Appendix C")
    assert classed(desk) == []
    numbered(desk, 104, [replace(counts[0], red=5)], at=LATER, **cover)
    assert classed(desk) == ["figures"]


def test_a_report_of_another_quarter_under_the_same_item_is_no_re_issue(desk: Desk) -> None:
    numbered(desk, 100, [report("2026/27", 1), good()])
    numbered(desk, 200, [report(), good("93%")], at=LATER)
    assert classed(desk) == []


# --- corrections and the other rules -------------------------------------------------------


def test_a_correction_that_turns_a_rating_red_is_told_as_such_too(desk: Desk) -> None:
    twice(desk, [good()], [good("80%", rag=RED)])
    found = {alert.rule: alert for alert in desk.due(now=LATER)}
    assert set(found) == {"new_red", "document_changed"}
    assert found["document_changed"].severity == "high"
    assert found["new_red"].title.startswith("RED: Potholes repaired in 28 days, 80%")


def test_a_correction_does_not_repeat_the_lists_of_its_edition(desk: Desk) -> None:
    before = [good("92%", name=name, direction=FLAT) for name in ("Bins", "Lamps")]
    desk.edition(before, quarter=1, published=date(2026, 9, 20), at=NOW - timedelta(days=70))
    desk.due(now=NOW - timedelta(days=69))
    amber = [good("87%", name=name, rag=AMBER, direction=DOWN) for name in ("Bins", "Lamps")]
    twice(desk, [before[0], before[1]], [before[0], amber[1]])
    assert [alert.rule for alert in desk.due(now=LATER)] == ["document_changed"]


def test_what_others_said_before_a_correction_is_no_contradiction_of_it(desk: Desk) -> None:
    many = [good(name=name) for name in ("Bins", "Lamps", "Gullies")]
    quote = "Of the three indicators all three were Green."
    desk.put([said(StatedIn.MINUTES, quote, green=3, amber=0, red=0, total=3)], kind=Kind.MINUTES, title="Minutes")
    twice(desk, many, [*many[:2], replace(many[2], rag=AMBER, value=88.0, value_text="88%")])
    assert [alert.rule for alert in desk.due(now=LATER)] == ["document_changed"]


def test_what_a_paper_says_twice_is_one_difference(desk: Desk) -> None:
    before = [good(), row("Highways", "1 0 0 0 1 0"), said(StatedIn.REPORT, "None was Red.", red=0, service="Highways")]
    now = [good(), row("Highways", "1 0 1 0 1 0"), said(StatedIn.REPORT, "One was Red.", red=1, service="Highways")]
    twice(desk, before, now)
    (alert,) = [one for one in desk.due(now=LATER) if one.rule == "document_changed"]
    assert [(one["name"], one["before"], one["now"]) for one in alert.evidence["rows"]] == [
        ("Number rated Red, as stated", "0", "1")
    ]


def test_a_correction_of_an_old_paper_is_news_on_the_day_of_the_correction(desk: Desk) -> None:
    desk.put([report(), good()], **DOC)
    desk.due()
    much_later = NOW + timedelta(days=100)
    desk.put([report(), good("93%")], at=much_later, **DOC)
    assert [alert.rule for alert in desk.due(now=much_later)] == ["document_changed"]
    assert desk.due(now=much_later + timedelta(days=61)) == []


def test_an_old_correction_that_is_filled_in_is_no_news(desk: Desk) -> None:
    how = {"published": date(2026, 3, 10), "meeting": date(2026, 3, 20)}
    numbered(desk, 100, [report("2025/26", 3), good()], **how)
    numbered(desk, 200, [report("2025/26", 3), good("93%")], at=LATER, **how)
    assert classed(desk) == ["figures"]
    assert desk.due(now=LATER) == []


def test_differences_are_kept_for_who_looks_them_up(desk: Desk) -> None:
    twice(desk, [good()], [good("93%")])
    classed(desk)
    (kept,) = desk.archive.rows("select * from reissues")
    (difference,) = json.loads(kept["differences"])
    assert (difference["field"], difference["before"], difference["now"]) == ("value", "91%", "93%")
    assert kept["first_difference"] == "Potholes repaired in 28 days: value 91% → 93%"
    assert kept["figures_changed"] == 1
    assert (kept["version_id"], kept["before_version_id"], kept["ratings_changed"]) == (2, 1, 0)
