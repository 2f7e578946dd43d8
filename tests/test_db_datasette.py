"""What Datasette shows: every column described, every page answered."""

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from db import NewAlert, open_archive
from db.datasette import QUERIES, SHOWN, described, metadata
from tests.test_db_samples import (
    AMBER,
    GREEN,
    LATER,
    NOW,
    RED,
    edition,
    figure,
    found,
    improvement,
    keep_read,
    kpi,
    reading,
    statistic,
)
from tests.test_db_views import finding


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A served archive with something on every page."""
    folder = tmp_path_factory.mktemp("served")
    with open_archive(folder / "archive") as archive:
        page = found("statistics", source="ombudsman")
        keep_read(archive, found("s1"), reading(edition(quarter=2), kpi(rag=GREEN), kpi("Visits", GREEN, target=9.0)))
        version = keep_read(
            archive,
            found("s2", title="Quarterly Performance Report"),
            reading(edition(), kpi(rag=RED), kpi("Visits", AMBER), figure("SEN", 615.0), text="Potholes everywhere"),
        )
        keep_read(archive, page, reading(statistic("upheld_rate", 83.0, 2024), improvement("24 003 150", "remind")))
        archive.save_discrepancies([finding("a", version)], checked_versions=[version], now=NOW)
        new = NewAlert(rule="new_red", key="a", severity="high", title="Potholes turned Red", body="81%")
        archive.add_alerts([new], {"file": "low"}, NOW)
        archive.claim_due("file", LATER, timedelta(minutes=10))
        archive.publish_snapshot(folder / "kccwatch.db")
    return folder / "kccwatch.db"


def ask(snapshot: Path, *paths: str, **settings: Any) -> list[Any]:
    """Datasette's answers, from the program itself."""
    from datasette.app import Datasette

    async def answers() -> list[Any]:
        served = Datasette([], immutables=[str(snapshot)], metadata=metadata("kccwatch"), settings=settings)
        await served.invoke_startup()
        return [await served.client.get(path) for path in paths]

    return asyncio.run(answers())


def test_every_table_view_and_column_is_described(tmp_path: Path) -> None:
    known = described()
    with open_archive(tmp_path) as archive:
        listed = archive.rows(
            "select name, type from sqlite_master where type in ('table', 'view')"
            " and name not like 'sqlite%' and name not like 'search\\_%' escape '\\' and name <> 'search'"
            " or name in ('search_items', 'search_entries')"
        )
        assert {row["name"] for row in listed} == set(known)
        for row in listed:
            columns = [c["name"] for c in archive.rows("select name from pragma_table_info(?)", [row["name"]])]
            assert list(known[row["name"]].columns) == columns, row["name"]
    for table in known.values():
        assert table.description
        assert all(len(says) > 2 for says in table.columns.values()), table.name


def test_what_is_said_of_tables_is_said_of_tables_and_columns_that_are_there() -> None:
    known = described()
    for name, shown in SHOWN.items():
        columns = known[name].columns
        for column in [*shown.get("facets", []), *(shown[k] for k in ("sort_desc", "label_column") if k in shown)]:
            assert column in columns, f"{name}.{column}"


def test_datasette_shows_the_descriptions(snapshot: Path) -> None:
    (page,) = ask(snapshot, "/kccwatch/kpi_readings")
    assert page.status_code == 200
    assert "One indicator in one edition" in page.text
    assert "rating; null where none is printed" in page.text


@pytest.mark.parametrize("name", QUERIES)
def test_every_page_that_people_start_from_has_an_answer(snapshot: Path, name: str) -> None:
    words = "remind" if name == "improvements" else "potholes"
    html, data = ask(snapshot, f"/kccwatch/{name}?words={words}", f"/kccwatch/{name}.json?words={words}&_shape=array")
    assert html.status_code == data.status_code == 200
    assert data.json(), "the sample has something for every page"


@pytest.mark.parametrize("words", ['"', "NOT", "AND (", "a* OR", "", "-"])
def test_whatever_is_typed_into_a_page_is_words(snapshot: Path, words: str) -> None:
    for name in ("find", "indicator"):
        (answer,) = ask(
            snapshot, f"/kccwatch/{name}.json?_shape=array&words=" + words.replace(" ", "+").replace('"', "%22")
        )
        assert answer.status_code == 200, answer.text


def test_the_machinery_of_search_is_hidden(snapshot: Path) -> None:
    (listing,) = ask(snapshot, "/kccwatch.json")
    tables = listing.json()["tables"]
    assert [t["name"] for t in tables if not t["hidden"] and t["name"].startswith(("search", "sqlite"))] == []
    assert {"kpi_readings", "reports", "news_articles"} <= {t["name"] for t in tables if not t["hidden"]}


def test_views_come_fast_enough_for_a_public_site(snapshot: Path) -> None:
    views = [f"/kccwatch/{name}.json?_shape=array" for name in described() if name not in ("fetches",)]
    for answer in ask(snapshot, *views, sql_time_limit_ms=800):
        assert answer.status_code == 200, answer.text
