"""Dashboards on parts of a council stand beside its report, and never in it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from db import Archive, open_archive
from parsers.records import Kind, KpiReading, Report
from tests.test_db_samples import AMBER, GREEN, LATER, NOW, RED, dump, edition, figure, found, keep_read, kpi, reading

HIGHWAYS = "Growth, Economic Development & Highways"


def dashboard(
    month: int, *rows: Any, scope: str = HIGHWAYS, year: str = "2024/25", paper: str = "", **says: Any
) -> tuple[Any, Any]:
    """The paper and the reading of a dashboard for a month of 2024."""
    end = {10: 31, 11: 30, 12: 31}[month]
    report = replace(edition(year), scope=scope, title="Dashboard", period_end=date(2024, month, end))
    return found(paper or f"s{month}"), reading(report, *rows, kind=Kind.DASHBOARD, parser="dashboard", **says)


def row(name: str = "Potholes repaired in 28 days", reference: str | None = "HT01", **says: Any) -> KpiReading:
    return kpi(name, **{"reference": reference, "period_label": "Oct-24", "ytd_text": "91%", "ytd_value": 91.0, **says})


def names(archive: Archive) -> set[frozenset[tuple[Any, ...]]]:
    """The indicators, each as the set of its readings: last day of the period, number, name."""
    by_kpi: dict[int, set[tuple[Any, ...]]] = {}
    for one in archive.rows(
        "select k.kpi_id, r.period_end, k.reference, k.name"
        " from kpi_readings as k join reports as r on r.id = k.report_id"
    ):
        by_kpi.setdefault(one["kpi_id"], set()).add((one["period_end"], one["reference"], one["name"]))
    return {frozenset(members) for members in by_kpi.values()}


def store(archive: Archive, *dashboards: tuple[Any, Any]) -> None:
    for paper, result in dashboards:
        keep_read(archive, paper, result)


def test_a_dashboard_stands_beside_the_councils_report_and_shows_in_none_of_its_views(tmp_path: Path) -> None:
    with open_archive(tmp_path) as archive:
        keep_read(archive, found("s1"), reading(edition(quarter=2), kpi(rag=GREEN)))
        keep_read(archive, found("s2"), reading(edition(), kpi(rag=RED), figure("SEN", 5.0)))
        views = ("current_reports", "kpi_history", "red_now", "rag_changes", "complaint_counts")
        before = {view: archive.rows(f"select * from {view}") for view in views}
        later = replace(edition("2026/27", 2), scope=HIGHWAYS)
        rows = [kpi(rag=RED), row("Another one", rag=RED), figure("SEN", 7.0)]
        keep_read(archive, found("s3"), reading(later, *rows, kind=Kind.DASHBOARD))
        keep_read(archive, found("s4"), reading(replace(edition(), scope="Public Health"), *rows, kind=Kind.DASHBOARD))

        assert {view: archive.rows(f"select * from {view}") for view in views} == before
        assert archive.rows("select count(*) as n from dashboard_history") == [{"n": 4}]
        assert archive.rows("select scope, count(*) as n from current_figures group by scope order by scope") == [
            {"scope": "", "n": 1}, {"scope": HIGHWAYS, "n": 1}, {"scope": "Public Health", "n": 1},
        ]  # fmt: skip


def test_an_indicator_of_the_report_and_one_of_a_dashboard_are_two_also_with_one_name(tmp_path: Path) -> None:
    with open_archive(tmp_path) as archive:
        keep_read(archive, found("s1"), reading(edition(), kpi("% of potholes")))
        store(archive, dashboard(10, row("% of potholes")), dashboard(11, row("% of potholes"), scope="Public Health"))
        assert archive.rows("select scope, name from kpis order by id") == [
            {"scope": "", "name": "% of potholes"},
            {"scope": HIGHWAYS, "name": "% of potholes"},
            {"scope": "Public Health", "name": "% of potholes"},
        ]
        assert archive.rows("select * from kpi_proposals") == []


def test_months_of_one_quarter_stand_side_by_side_and_a_month_has_one_paper(tmp_path: Path) -> None:
    with open_archive(tmp_path) as archive:
        store(
            archive,
            dashboard(10, row(value_text="90%")),
            dashboard(11, row(value_text="91%", period_label="Nov-24")),
            dashboard(11, row(value_text="92%"), paper="g500", scope=HIGHWAYS.replace("&", "and")),
        )
        history = archive.rows(
            "select period_end, reference, period_label, value_text, ytd_text, is_latest from dashboard_history"
            " order by 1"
        )
    assert [tuple(one.values()) for one in history] == [
        ("2024-10-31", "HT01", "Oct-24", "90%", "91%", 0),
        ("2024-11-30", "HT01", "Nov-24", "91%", "91%", 1),
    ]


def test_the_newest_dashboard_is_told_for_each_part_of_the_council(tmp_path: Path) -> None:
    with open_archive(tmp_path) as archive:
        store(archive, dashboard(10, row(), scope="Public Health"), dashboard(12, row(), scope=HIGHWAYS))
        assert archive.rows("select distinct is_latest from dashboard_history") == [{"is_latest": 1}]


def test_a_dashboards_number_with_a_small_renaming_is_one_indicator(tmp_path: Path) -> None:
    with open_archive(tmp_path) as archive:
        store(
            archive,
            dashboard(10, row("Potholes repaired within 28 days")),
            dashboard(11, row("Potholes repaired in the 28 days")),
            dashboard(12, row("Pothole repaired in 28 days")),
        )
        assert len(names(archive)) == 1


def test_the_same_number_with_another_name_is_proposed_and_not_made_one(tmp_path: Path) -> None:
    with open_archive(tmp_path) as archive:
        store(archive, dashboard(10, row("Potholes repaired in 28 days")), dashboard(11, row("Street lights mended")))
        assert len(names(archive)) == 2
        (proposal,) = archive.rows("select kpi_id, other_kpi_id, why from kpi_proposals")
        assert (proposal["kpi_id"], proposal["other_kpi_id"]) == (1, 2)
        assert "both are numbered HT01" in proposal["why"]


def test_one_indicator_split_into_two_is_neither_of_them(tmp_path: Path) -> None:
    whole = row("Potholes repaird in 28 days", "HT01", target=90.0, floor=80.0)
    parts = [row("Potholes repaired in 28 days", "HT01a", target=90.0), row("Potholes repairs in 28 days", "HT01b")]
    with open_archive(tmp_path) as archive:
        store(archive, dashboard(10, whole), dashboard(11, *parts))
        assert len(names(archive)) == 3
        assert archive.rows("select kpi_id, other_kpi_id from kpi_proposals order by 1, 2") == [
            {"kpi_id": 1, "other_kpi_id": 2},
            {"kpi_id": 1, "other_kpi_id": 3},
        ]


def test_one_name_under_two_numbers_is_told_apart_by_the_number_also_when_rows_trade_places(tmp_path: Path) -> None:
    def rows(first: str, second: str) -> Sequence[Any]:
        return [row("Visits", first, page=1), row("Visits", second, page=2)]

    with open_archive(tmp_path) as archive:
        store(archive, dashboard(10, *rows("LR01", "WM02")), dashboard(11, *rows("WM02", "LR01")))
        assert names(archive) == {
            frozenset({("2024-10-31", n, "Visits"), ("2024-11-30", n, "Visits")}) for n in ("LR01", "WM02")
        }


def test_one_name_under_numbers_of_two_families_is_not_one_indicator(tmp_path: Path) -> None:
    with open_archive(tmp_path) as archive:
        store(archive, dashboard(10, row("Visits", "LR01")), dashboard(11, row("Visits", "WM02")))
        assert len(names(archive)) == 2
        assert len(archive.rows("select * from kpi_proposals")) == 1


def test_a_number_that_moves_within_its_family_takes_the_name_along(tmp_path: Path) -> None:
    with open_archive(tmp_path) as archive:
        store(archive, dashboard(10, row("Visits", "LR01")), dashboard(11, row("Visits", "LR02")))
        assert len(names(archive)) == 1


def test_a_report_that_is_found_to_be_a_dashboard_leaves_the_councils_views(tmp_path: Path) -> None:
    with open_archive(tmp_path) as archive:
        version = keep_read(archive, found("s1"), reading(edition(), kpi(rag=RED)))
        keep_read(archive, found("s0"), reading(edition(), kpi(rag=AMBER), kpi("Visits", GREEN)))
        again = reading(replace(edition(), scope=HIGHWAYS), kpi(rag=RED), parser_version=2)
        archive.store_reading(version, again, council="kent", now=LATER)

        assert [row["rag"] for row in archive.rows("select rag from kpi_history order by 1")] == ["amber", "green"]
        assert archive.rows("select rag from dashboard_history") == [{"rag": "red"}]
        before = dump(archive)
        archive.store_reading(version, again, council="kent", now=NOW)
        assert dump(archive) == before


def test_a_pack_may_hold_the_report_and_a_dashboard(tmp_path: Path) -> None:
    with open_archive(tmp_path) as archive:
        dashboards: list[Report] = [replace(edition(), scope=scope) for scope in ("Highways", "Public Health")]
        facts = [edition(), kpi("A"), dashboards[0], kpi("A"), kpi("B"), dashboards[1], kpi("A"), figure("SEN", 5.0)]
        keep_read(archive, found("g100"), reading(*facts))
        assert archive.rows("select name from kpi_history") == [{"name": "A"}]
        assert archive.rows("select scope, name from dashboard_history order by 1, 2") == [
            {"scope": "Highways", "name": "A"},
            {"scope": "Highways", "name": "B"},
            {"scope": "Public Health", "name": "A"},
        ]
        assert archive.rows("select scope, value from current_figures") == [{"scope": "", "value": 5.0}]
