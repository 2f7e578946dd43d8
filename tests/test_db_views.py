"""The views that people start from."""

import tempfile
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from db import Archive, CommitteeRef, Discrepancy, ItemRef, MeetingRef, open_archive
from parsers.records import Outcome, Rag
from tests.test_db_samples import (
    AMBER,
    GREEN,
    LATER,
    NOW,
    RED,
    edition,
    figure,
    found,
    keep,
    keep_read,
    kpi,
    reading,
    statistic,
)

CABINET = CommitteeRef(cid=115, name="Cabinet", url="https://democracy.kent.gov.uk/c?CId=115")
MEETING = MeetingRef(mid=9314, url="https://democracy.kent.gov.uk/m?MId=9314", held_on=date(2025, 3, 4))
ITEM = ItemRef(aid=7, title="Quarterly Performance Report")


def rag_of(archive: Archive) -> list[str]:
    return [row["rag"] for row in archive.rows("select rag from kpi_history order by period_end, rag")]


# --- which paper stands


def test_a_newer_version_of_a_document_beats_the_old(tmp_path: Path) -> None:
    with open_archive(tmp_path) as archive:
        keep_read(archive, found(), reading(edition(), kpi(rag=GREEN)))
        keep_read(archive, found(), reading(edition(), kpi(rag=RED)), now=LATER)
        assert rag_of(archive) == ["red"]


def test_a_content_that_comes_back_stands_again(tmp_path: Path) -> None:
    with open_archive(tmp_path) as archive:
        for rag in (GREEN, RED, GREEN):
            keep_read(archive, found(), reading(edition(), kpi(rag=rag)), body=rag.encode())
        assert rag_of(archive) == ["green"]


@pytest.mark.parametrize("doubtful", [Outcome.QUARANTINED, Outcome.FAILED, Outcome.NOTHING, None])
def test_until_the_new_content_is_read_for_certain_the_old_one_stands(tmp_path: Path, doubtful: Outcome | None) -> None:
    with open_archive(tmp_path) as archive:
        keep_read(archive, found(), reading(edition(), kpi(rag=GREEN)))
        version = keep(archive, found(), b"new")
        if doubtful is not None:
            facts = (edition(), kpi(rag=RED)) if doubtful is Outcome.QUARANTINED else ()
            archive.store_reading(version, reading(*facts, outcome=doubtful, note="?"), council="kent", now=LATER)
        assert rag_of(archive) == ["green"]


@pytest.mark.parametrize("order", [("s129436", "g9476", "b22001"), ("b22001", "g9476", "s129436")])
def test_a_single_paper_beats_the_packs_that_repeat_it(tmp_path: Path, order: tuple[str, ...]) -> None:
    with open_archive(tmp_path) as archive:
        for paper in order:
            rag = GREEN if paper.startswith("s") else RED
            keep_read(archive, found(paper), reading(edition(), kpi(rag=rag)))
        assert rag_of(archive) == ["green"]
        assert archive.rows("select url from current_reports") == [{"url": found("s129436").url}]


@pytest.mark.parametrize("order", [("s129153", "s129758"), ("s129758", "s129153")])
def test_a_paper_issued_again_under_a_new_number_beats_the_old(tmp_path: Path, order: tuple[str, ...]) -> None:
    with open_archive(tmp_path) as archive:
        for paper in order:
            place = found(paper, committee=CABINET, meeting=MEETING, item=ITEM)
            keep_read(archive, place, reading(edition(), kpi(rag=RED if paper == "s129758" else GREEN)))
        assert rag_of(archive) == ["red"]


@pytest.mark.parametrize("order", [("s1000", "s2000"), ("s2000", "s1000")])
def test_an_excerpt_never_takes_the_place_of_the_whole_report(tmp_path: Path, order: tuple[str, ...]) -> None:
    whole = [kpi(name, GREEN) for name in ("a", "b", "c")]
    with open_archive(tmp_path) as archive:
        for paper in order:
            keep_read(archive, found(paper), reading(edition(), *(whole if paper == "s1000" else [kpi("a", RED)])))
        assert rag_of(archive) == ["green"] * 3
        keep_read(archive, found("s3000"), reading(edition(), kpi("a", RED), kpi("b", RED)))
        assert rag_of(archive) == ["red"] * 2


def test_numbers_are_compared_as_numbers(tmp_path: Path) -> None:
    with open_archive(tmp_path) as archive:
        keep_read(archive, found("s99999"), reading(edition(), kpi(rag=GREEN)))
        keep_read(archive, found("s100001"), reading(edition(), kpi(rag=RED)))
        keep_read(archive, found("s100000"), reading(edition(), kpi(rag=AMBER)))
        assert rag_of(archive) == ["red"]


def test_a_paper_that_is_gone_gives_way_to_one_that_is_there(tmp_path: Path) -> None:
    with open_archive(tmp_path) as archive:
        keep_read(archive, found("s1"), reading(edition(), kpi(rag=GREEN)))
        keep_read(archive, found("s2"), reading(edition(), kpi(rag=RED)))
        archive.mark_gone(found("s2").key, LATER)
        assert rag_of(archive) == ["green"]
        archive.mark_gone(found("s1").key, LATER)
        assert rag_of(archive) == ["red"], "both expired: the later one was the last word"


def test_editions_do_not_take_each_others_place(tmp_path: Path) -> None:
    with open_archive(tmp_path) as archive:
        keep_read(archive, found("s2"), reading(edition(quarter=2), kpi(rag=RED)))
        keep_read(archive, found("s1"), reading(edition(quarter=1), kpi(rag=GREEN)))
        version = keep(archive, found("s3", council="essex"))
        archive.store_reading(version, reading(edition(quarter=2), kpi(rag=AMBER)), council="essex", now=NOW)
        assert archive.rows("select council, quarter, is_latest from current_reports order by 1, 2") == [
            {"council": "essex", "quarter": 2, "is_latest": 1},
            {"council": "kent", "quarter": 1, "is_latest": 0},
            {"council": "kent", "quarter": 2, "is_latest": 1},
        ]


def test_a_paper_without_a_date_has_the_meetings(tmp_path: Path) -> None:
    with open_archive(tmp_path) as archive:
        keep_read(archive, found(committee=CABINET, meeting=MEETING, item=ITEM), reading(edition(), kpi()))
        assert archive.rows("select published_on from kpi_history") == [{"published_on": "2025-03-04"}]


def expected_to_stand(archive: Archive) -> set[int]:
    """The reports that stand, worked out afresh from what the archive holds."""
    newest: dict[int, int] = {}
    for version in archive.rows("select id, document_id from versions where outcome = 'read' order by id"):
        newest[version["document_id"]] = version["id"]
    best: dict[tuple[Any, ...], tuple[Any, ...]] = {}
    for row in archive.rows(
        "select r.*, d.key, d.gone_at from reports as r join versions as v on v.id = r.version_id"
        " join documents as d on d.id = v.document_id"
    ):
        if row["version_id"] in newest.values():
            form, number = row["key"].rpartition(":")[2][0], int(row["key"].rpartition(":")[2][1:])
            merit = (form == "s", row["gone_at"] is None, number if form == "s" else 0, row["version_id"], row["id"])
            place = row["council"], row["financial_year"], row["quarter"]
            best[place] = max(best.get(place, ()), merit)
    return {merit[-1] for merit in best.values()}


PAPER = st.sampled_from(["s9", "s10", "s11", "g5", "b6"])
HAPPENING = st.one_of(
    st.tuples(st.just("read"), PAPER, st.integers(1, 3), st.sampled_from(Outcome)),
    st.tuples(st.just("again"), st.integers(0, 9), st.integers(1, 3), st.sampled_from(Outcome)),
    st.tuples(st.sampled_from(["gone", "seen", "remember"]), PAPER),
)


@given(happenings=st.lists(HAPPENING, min_size=3, max_size=12))
@settings(max_examples=40, deadline=None)
def test_whatever_happens_the_right_paper_stands(happenings: list[tuple[Any, ...]]) -> None:
    with tempfile.TemporaryDirectory() as folder, open_archive(folder) as archive:
        versions: list[int] = []
        for number, (what, *about) in enumerate(happenings):
            if what in ("read", "again"):
                paper, quarter, outcome = about
                if what == "read":
                    versions.append(keep(archive, found(paper), b"%d" % number))
                elif not versions:
                    continue
                version = versions[-1] if what == "read" else versions[paper % len(versions)]
                result = (
                    reading(edition(quarter=quarter), kpi(), outcome=outcome, note="why")
                    if outcome in (Outcome.READ, Outcome.QUARANTINED)
                    else reading(outcome=outcome, note="why")
                )
                archive.store_reading(version, result, council="kent", now=NOW)
            elif what == "gone":
                archive.mark_gone(found(about[0]).key, NOW)
            elif what == "seen":
                archive.mark_seen(found(about[0]).key, NOW)
            elif archive.has_version(found(about[0]).key):
                archive.remember(found(about[0], content_key="again"), b"again", now=NOW)
            stands = {row["id"] for row in archive.rows("select id from reports where stands = 1")}
            assert stands == expected_to_stand(archive)


# --- ratings


def test_red_now_is_the_newest_quarter_whatever_was_fetched_last(tmp_path: Path) -> None:
    with open_archive(tmp_path) as archive:
        keep_read(archive, found("s3"), reading(edition(quarter=3), kpi("A", RED), kpi("B", GREEN)))
        keep_read(archive, found("s2"), reading(edition(quarter=2), kpi("A", RED), kpi("B", RED)))
        keep_read(archive, found("s1"), reading(edition(quarter=1), kpi("A", GREEN), kpi("B", RED)))
        (red,) = archive.rows("select name, quarter, red_reports, page_url from red_now")
        assert red == {
            "name": "A",
            "quarter": 3,
            "red_reports": 2,
            "page_url": "https://democracy.kent.gov.uk/documents/s3/Paper.pdf#page=33",
        }


def changes(archive: Archive, quarter: int = 3) -> dict[str, tuple[Any, ...]]:
    rows = archive.rows(
        "select name, before_rag, rag, change, before_told_by from rag_changes where quarter = ?", [quarter]
    )
    return {row["name"]: (row["before_rag"], row["rag"], row["change"], row["before_told_by"]) for row in rows}


def test_a_change_is_from_the_quarter_before_in_whatever_order_papers_were_read(tmp_path: Path) -> None:
    with open_archive(tmp_path) as archive:
        latest = [kpi("A", RED), kpi("B", GREEN), kpi("C", AMBER), kpi("D", None)]
        before = [kpi("A", AMBER), kpi("B", AMBER), kpi("C", AMBER), kpi("D")]
        keep_read(archive, found("s3"), reading(edition(quarter=3), *latest))
        keep_read(archive, found("s2"), reading(edition(quarter=2), *before))
        keep_read(archive, found("s1"), reading(edition(quarter=1), *(kpi(n, RED) for n in "ABCD")))
        assert changes(archive) == {
            "A": ("amber", "red", "worsened", "report"),
            "B": ("amber", "green", "improved", "report"),
            "C": ("amber", "amber", "same", "report"),
            "D": ("green", None, None, "report"),
        }


@pytest.mark.parametrize(
    ("before", "now", "change"),
    [
        (GREEN, AMBER, "worsened"),
        (GREEN, RED, "worsened"),
        (AMBER, RED, "worsened"),
        (RED, AMBER, "improved"),
        (RED, GREEN, "improved"),
        (AMBER, GREEN, "improved"),
        (RED, RED, "same"),
    ],
)
def test_which_way_a_rating_went(tmp_path: Path, before: Rag, now: Rag, change: str) -> None:
    with open_archive(tmp_path) as archive:
        keep_read(archive, found("s2"), reading(edition(quarter=2), kpi(rag=before)))
        keep_read(archive, found("s3"), reading(edition(quarter=3), kpi(rag=now)))
        assert changes(archive)["% of potholes repaired"] == (before, now, change, "report")


def test_where_the_report_before_is_missing_the_printed_rating_counts(tmp_path: Path) -> None:
    with open_archive(tmp_path) as archive:
        keep_read(archive, found("s1"), reading(edition(quarter=1), kpi("A", GREEN), kpi("B", GREEN), kpi("C", GREEN)))
        latest = [kpi("A", RED, previous_rag=AMBER), kpi("B", RED), kpi("E", RED, previous_rag=RED), kpi("F", RED)]
        keep_read(archive, found("s3"), reading(edition(quarter=3), *latest))
        assert changes(archive) == {
            "A": ("amber", "red", "worsened", "printed"),
            "B": ("green", "red", "worsened", "report"),
            "E": ("red", "red", "same", "printed"),
            "F": (None, "red", "first", None),
        }


def test_the_report_before_counts_more_than_what_is_printed_of_it_now(tmp_path: Path) -> None:
    with open_archive(tmp_path) as archive:
        keep_read(archive, found("s2"), reading(edition(quarter=2), kpi("A", GREEN), kpi("B", None)))
        latest = [kpi("A", RED, previous_rag=RED), kpi("B", RED, previous_rag=AMBER)]
        keep_read(archive, found("s3"), reading(edition(quarter=3), *latest))
        assert changes(archive) == {
            "A": ("green", "red", "worsened", "report"),
            "B": ("amber", "red", "worsened", "printed"),
        }


def test_the_fourth_quarter_comes_before_the_first_of_the_next_year(tmp_path: Path) -> None:
    with open_archive(tmp_path) as archive:
        keep_read(archive, found("s5"), reading(edition("2025/26", 1), kpi(rag=RED, previous_rag=RED)))
        keep_read(archive, found("s4"), reading(edition("2024/25", 4), kpi(rag=GREEN)))
        (change,) = archive.rows("select * from rag_changes where financial_year = '2025/26'")
        assert (change["before_rag"], change["before_financial_year"], change["before_quarter"]) == (
            "green",
            "2024/25",
            4,
        )


def test_a_target_that_moved_shows_both(tmp_path: Path) -> None:
    with open_archive(tmp_path) as archive:
        keep_read(archive, found("s2"), reading(edition(quarter=2), kpi(target=90.0, floor=85.0, value=88.0)))
        keep_read(archive, found("s3"), reading(edition(quarter=3), kpi(target=85.0, floor=80.0)))
        (change,) = archive.rows("select * from rag_changes where quarter = 3")
        assert [change[name] for name in ("before_target", "target", "before_floor", "floor", "before_value")] == [
            90.0,
            85.0,
            85.0,
            80.0,
            88.0,
        ]


# --- figures and statistics


def test_complaints_are_those_of_papers_that_stand(tmp_path: Path) -> None:
    with open_archive(tmp_path) as archive:
        pack = [edition(), kpi(), figure("SEN", 615.0)]
        keep_read(archive, found("g9476"), reading(*pack))
        keep_read(
            archive,
            found("s129436"),
            reading(*pack, figure("Total", 1047.0, is_total=True), figure("Calls", 1, "calls")),
        )
        assert archive.rows(
            "select service, value, is_total, quarter, page_url from complaint_counts order by value"
        ) == [
            {
                "service": "SEN",
                "value": 615.0,
                "is_total": 0,
                "quarter": 3,
                "page_url": "https://democracy.kent.gov.uk/documents/s129436/Paper.pdf#page=13",
            },
            {
                "service": "Total",
                "value": 1047.0,
                "is_total": 1,
                "quarter": 3,
                "page_url": "https://democracy.kent.gov.uk/documents/s129436/Paper.pdf#page=13",
            },
        ]
        assert archive.rows("select service, value from call_counts") == [{"service": "Calls", "value": 1.0}]


def test_a_period_that_two_papers_state_is_latest_in_the_newer(tmp_path: Path) -> None:
    with open_archive(tmp_path) as archive:
        keep_read(archive, found("s4"), reading(edition(quarter=4), kpi(), figure("Growth and Communities", 43.0)))
        keep_read(archive, found("s3"), reading(edition(quarter=3), kpi(), figure("Growth & Communities", 42.0)))
        assert archive.rows("select value, is_latest, service_key from complaint_counts order by quarter") == [
            {"value": 42.0, "is_latest": 0, "service_key": "growth and communities"},
            {"value": 43.0, "is_latest": 1, "service_key": "growth and communities"},
        ]


def test_a_complaints_report_of_its_own_counts_too(tmp_path: Path) -> None:
    with open_archive(tmp_path) as archive:
        keep_read(
            archive,
            found("s7", published_on=date(2025, 1, 2)),
            reading(figure("SEN", 3.0), figure("PE", 4.0, "digital_take_up")),
        )
        assert archive.rows("select value, financial_year, published_on from complaint_counts") == [
            {"value": 3.0, "financial_year": None, "published_on": "2025-01-02"}
        ]
        assert archive.rows("select value from digital_take_up") == [{"value": 4.0}]


def test_the_ombudsmans_newest_year_stands_beside_the_one_before(tmp_path: Path) -> None:
    page = found("statistics", source="ombudsman")
    with open_archive(tmp_path) as archive:
        keep_read(
            archive, page, reading(statistic("upheld_rate", 80.0, 2023), statistic("compliance_rate", 98.0, 2023))
        )
        keep_read(archive, page, reading(statistic("upheld_rate", 81.0, 2023)), now=LATER)
        keep_read(archive, page, reading(statistic("upheld_rate", 83.0, 2024)), now=LATER + timedelta(days=200))
        rows = archive.rows(
            "select measure, value, previous_value, period_end, previous_period_end from latest_statistics"
        )
        assert rows == [
            {
                "measure": "upheld_rate",
                "value": 83.0,
                "previous_value": 81.0,
                "period_end": "2025-03-31",
                "previous_period_end": "2024-03-31",
            }
        ]


def test_a_figure_the_ombudsman_restates_counts_as_restated(tmp_path: Path) -> None:
    page = found("statistics", source="ombudsman")
    with open_archive(tmp_path) as archive:
        keep_read(archive, page, reading(statistic("upheld_rate", 80.0, 2024)))
        keep_read(archive, page, reading(statistic("upheld_rate", 81.0, 2024)), now=LATER)
        doubtful = reading(statistic("upheld_rate", 18.0, 2024), outcome=Outcome.QUARANTINED, note="?")
        keep_read(archive, page, doubtful, now=LATER)
        assert archive.rows("select value, previous_value from latest_statistics") == [
            {"value": 81.0, "previous_value": None}
        ]


# --- discrepancies


def finding(key: str, version: int, **says: Any) -> Discrepancy:
    return Discrepancy(
        **{
            "key": key,
            "check_name": "counts_add_up",
            "severity": "medium",
            "subject": "Q3 2024/25",
            "stated": "38",
            "computed": "37",
            "explanation": "The paper says 38 indicators but lists 37.",
            "version_id": version,
            "page": 3,
            **says,
        }
    )


def test_a_contradiction_is_open_until_a_check_no_longer_finds_it(tmp_path: Path) -> None:
    with open_archive(tmp_path) as archive:
        one = keep_read(archive, found("s1"), reading(edition(quarter=1), kpi()))
        two = keep_read(archive, found("s2"), reading(edition(quarter=2), kpi()))
        both = [finding("a", one), finding("b", two, other_version_id=one, other_page=4)]
        archive.save_discrepancies(both, checked_versions=[one, two], now=NOW)
        archive.save_discrepancies(both, checked_versions=[one, two], now=LATER)
        assert archive.rows(
            "select key, page_url, other_page_url, first_seen_at from open_discrepancies order by key"
        ) == [
            {
                "key": "a",
                "page_url": "https://democracy.kent.gov.uk/documents/s1/Paper.pdf#page=3",
                "other_page_url": None,
                "first_seen_at": "2026-11-21T06:30:00+00:00",
            },
            {
                "key": "b",
                "page_url": "https://democracy.kent.gov.uk/documents/s2/Paper.pdf#page=3",
                "other_page_url": "https://democracy.kent.gov.uk/documents/s1/Paper.pdf#page=4",
                "first_seen_at": "2026-11-21T06:30:00+00:00",
            },
        ]
        archive.save_discrepancies([], checked_versions=[one], now=LATER)
        assert [row["key"] for row in archive.rows("select key from open_discrepancies")] == ["b"]
        archive.save_discrepancies([finding("a", one, stated="39")], checked_versions=[one], now=LATER)
        assert archive.rows("select stated, resolved_at, first_seen_at from discrepancies where key = 'a'") == [
            {"stated": "39", "resolved_at": None, "first_seen_at": "2026-11-21T06:30:00+00:00"}
        ]


def test_a_contradiction_of_a_paper_that_was_replaced_is_no_longer_open(tmp_path: Path) -> None:
    with open_archive(tmp_path) as archive:
        one = keep_read(archive, found("s1"), reading(edition(), kpi()))
        archive.save_discrepancies([finding("a", one)], checked_versions=[one], now=NOW)
        keep_read(archive, found("s1"), reading(edition(), kpi(rag=RED)), now=LATER)
        assert archive.rows("select * from open_discrepancies") == []
        assert archive.counts()["discrepancies"] == 1


def test_the_same_findings_again_change_no_row(tmp_path: Path) -> None:
    with open_archive(tmp_path) as archive:
        one = keep_read(archive, found("s1"), reading(edition(), kpi()))
        writer = archive._writer
        assert writer is not None
        archive.save_discrepancies([finding("a", one)], checked_versions=[one], now=NOW)
        changes = writer.total_changes
        archive.save_discrepancies([finding("a", one)], checked_versions=[one], now=LATER)
        assert writer.total_changes == changes
