"""Other people's SQL may read, for as long as it may take, and nothing else."""

import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from db import Archive, open_archive
from db.errors import QueryError, QueryRefused, QueryTooSlow
from tests.test_db_samples import NOW, dump, edition, found, improvement, keep_read, kpi, reading


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    with open_archive(tmp_path / "archive") as archive:
        keep_read(
            archive,
            found(title="Quarterly Performance Report"),
            reading(
                edition(),
                kpi(),
                improvement("24 003 150", "remind its staff"),
                text="Potholes: Café’s “repairs” OR NOT",
            ),
        )
        yield archive


def test_a_question_is_answered_with_rows(archive: Archive) -> None:
    assert archive.query("select name, rag from kpi_history where quarter = :q", {"q": 3}, seconds=5) == [
        {"name": "% of potholes repaired", "rag": "green"}
    ]
    assert archive.query("select ? + 1 as two", [1], seconds=5) == [{"two": 2}]


def test_every_view_every_kind_of_reading_and_search_is_allowed(archive: Archive) -> None:
    for view in archive.rows("select name from sqlite_master where type = 'view'"):
        archive.query(f"select * from {view['name']}", seconds=5)
    assert archive.query("select title from search where search match 'potholes'", seconds=5)
    assert archive.query(
        "select snippet(search, 2, '[', ']', '…', 5) as s from search where search match 'pothol*'", seconds=5
    )
    assert archive.query(
        "with recursive n(i) as (select 1 union all select i + 1 from n where i < 9) select max(i) as m from n",
        seconds=5,
    ) == [{"m": 9}]
    assert archive.query("select value from json_each('[1]')", seconds=5) == [{"value": 1}]


@pytest.mark.parametrize(
    "sql",
    [
        "delete from versions",
        "update kpis set name = 'x'",
        "insert into runs (job, started_at) values ('x', 'y')",
        "create table x (y)",
        "create temp table x (y)",
        "drop view red_now",
        "attach '{folder}/other.db' as other",
        "vacuum into '{folder}/copy.db'",
        "vacuum",
        "pragma journal_mode = delete",
        "pragma writable_schema = on",
        "pragma table_info(kpis)",
        "pragma database_list",
        "select * from pragma_table_info('kpis')",
        "select load_extension('x')",
        "begin",
        "savepoint x",
        "reindex",
        "analyze",
        "update sqlite_master set sql = ''",
        "insert into search (search) values ('delete-all')",
        "select 1; select 2",
        "select nonsense from nowhere",
        "selec",
        "",
    ],
)
def test_whatever_else_it_asks_for_is_refused(archive: Archive, tmp_path: Path, sql: str) -> None:
    before = dump(archive)
    statement = sql.format(folder=tmp_path)
    if statement:
        with pytest.raises(QueryRefused, match="the query was refused"):
            archive.query(statement, seconds=5)
    else:
        assert archive.query(statement, seconds=5) == []
    assert dump(archive) == before
    assert sorted(file.name for file in tmp_path.iterdir()) == ["archive"]


@pytest.mark.parametrize(
    "sql",
    [
        "with recursive n(i) as (select 1 union all select i + 1 from n) select count(*) from n",
        "select count(*) from sqlite_master a, sqlite_master b, sqlite_master c, sqlite_master d, sqlite_master e",
    ],
)
def test_a_question_without_an_end_is_cut_short(archive: Archive, sql: str) -> None:
    began = time.monotonic()
    with pytest.raises(QueryTooSlow, match=r"took longer than 0\.2 s"):
        archive.query(sql, seconds=0.2)
    assert time.monotonic() - began < 5
    assert archive.query("select 1 as one", seconds=5) == [{"one": 1}], "the next question is answered"


def test_an_answer_that_would_fill_the_memory_is_refused(archive: Archive) -> None:
    with pytest.raises(QueryError):
        archive.query("select hex(zeroblob(900000000))", seconds=5)
    endless = "with recursive n(i) as (select 1 union all select i + 1 from n limit 5000) select i from n"
    with pytest.raises(QueryRefused, match="more than 1000 rows"):
        archive.query(endless, seconds=5, max_rows=1000)


def test_questions_go_on_after_the_schema_changed_under_them(archive: Archive) -> None:
    archive.query("select * from search where search match 'potholes'", seconds=5)
    with sqlite3.connect(archive.database) as other:
        other.execute("create index extra on runs(outcome)")
    assert archive.query("select * from search where search match 'potholes'", seconds=5)


# --- search


def test_search_finds_papers_cases_and_indicators(archive: Archive) -> None:
    assert {hit.kind for hit in archive.search("potholes")} == {"performance_report", "kpi"}
    (case,) = archive.search("reminding staff")
    assert (case.kind, case.case_reference, case.title) == (
        "service_improvement",
        "24 003 150",
        "24 003 150 Education › Special educational needs",
    )
    (indicator,) = archive.search("potholes", kind="kpi")
    assert (indicator.kpi_id, indicator.title) == (1, "% of potholes repaired")
    assert archive.search("cafe")[0].snippet == "Potholes: [Café]’s “repairs” OR NOT"
    assert archive.search("potholes nowhere") == []


@pytest.mark.parametrize(
    "words", ['"', "AND", "NOT", "a*", "title:x", "(", "^", "'", "-", "NEAR(", "\0", "\ud800", "", "   ", '""']
)
def test_whatever_is_typed_into_search_is_words(archive: Archive, words: str) -> None:
    assert isinstance(archive.search(words), list)


def test_search_follows_what_is_read(archive: Archive) -> None:
    keep_read(archive, found(), reading(edition(), kpi("Calls answered"), text="other words"), body=b"new", now=NOW)
    assert [hit.kind for hit in archive.search("café")] == []
    assert [hit.title for hit in archive.search("potholes", kind="kpi")] == ["% of potholes repaired"], (
        "the old version has it"
    )
    assert archive.check() == []
    assert archive._writer is not None
    archive._writer.execute("insert into search (search) values ('integrity-check')")
