"""The archive's file: made, brought up to date, refused."""

import multiprocessing
import os
import sqlite3
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlite_utils

from db import open_archive, schema
from db.connection import WriteLock
from db.errors import CannotWrite, Damaged, DiskFull, Locked, NewerSchema, NotAnArchive, OlderSchema, StoreError
from tests.test_db_samples import NOW, dump, edition, found, keep_read, kpi, reading

ROOT = Path(__file__).parents[1]


def raw(folder: Path) -> sqlite3.Connection:
    return sqlite3.connect(folder / "archive.db", isolation_level=None)


def test_a_new_archive_is_a_folder_that_another_opening_finds_unchanged(tmp_path: Path) -> None:
    with open_archive(tmp_path / "deep" / "archive") as archive:
        before = dump(archive)
    content = (tmp_path / "deep" / "archive" / "archive.db").read_bytes()
    with open_archive(tmp_path / "deep" / "archive") as archive:
        assert dump(archive) == before
        assert archive.check() == []
    assert (tmp_path / "deep" / "archive" / "archive.db").read_bytes() == content


def test_the_requests_of_a_run_are_found_without_looking_at_all(tmp_path: Path) -> None:
    with open_archive(tmp_path) as archive:
        plan = archive.rows("explain query plan select * from fetches where run_id = 1")
        assert "fetches_run" in plan[0]["detail"]


def test_the_settings_that_keep_what_is_committed(tmp_path: Path) -> None:
    with open_archive(tmp_path) as archive:
        writer = archive._writer
        assert writer is not None
        settings = {
            name: next(iter(writer.execute(f"pragma {name}").fetchone().values()))
            for name in (
                "journal_mode",
                "synchronous",
                "foreign_keys",
                "trusted_schema",
                "cell_size_check",
                "busy_timeout",
            )
        }
    full = 2
    assert settings == {
        "journal_mode": "wal",
        "synchronous": full,
        "foreign_keys": 1,
        "trusted_schema": 0,
        "cell_size_check": 1,
        "busy_timeout": 10_000,
    }


def test_all_tables_are_strict(tmp_path: Path) -> None:
    with open_archive(tmp_path) as archive:
        loose = archive.rows(
            "select name from pragma_table_list where schema = 'main' and type = 'table' and not strict"
            " and name not like 'sqlite%'"
        )
    assert loose == []


def test_an_archive_of_a_newer_program_is_refused_and_left_as_it_was(tmp_path: Path) -> None:
    with open_archive(tmp_path):
        pass
    with raw(tmp_path) as db:
        db.execute("pragma user_version = 999")
    content = (tmp_path / "archive.db").read_bytes()
    for readonly in (False, True):
        with pytest.raises(NewerSchema, match=r"archive\.db: has schema version 999; this program knows up to 1"):
            open_archive(tmp_path, readonly=readonly)
    assert (tmp_path / "archive.db").read_bytes() == content


def test_an_older_archive_is_brought_up_to_date_by_a_writer_and_refused_to_a_reader(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with open_archive(tmp_path) as archive:
        keep_read(archive, found(), reading(edition(), kpi()))

    def _2_a_column(db: sqlite_utils.Database) -> None:
        db["committees"].transform(rename={"name": "called"})
        db.execute("alter table committees add column seat text")

    monkeypatch.setattr(schema, "STEPS", (*schema.STEPS, _2_a_column))
    with pytest.raises(OlderSchema, match="has schema version 1, this program 2"):
        open_archive(tmp_path, readonly=True)
    with open_archive(tmp_path) as archive:
        assert [row["name"] for row in archive.rows("select name from pragma_table_info('committees')")][-2:] == [
            "url",
            "seat",
        ]
        assert len(archive.rows("select * from kpi_history")) == 1
    with open_archive(tmp_path, readonly=True) as archive:
        assert archive.check() == []


def test_a_step_that_fails_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with open_archive(tmp_path) as archive:
        before = dump(archive)

    def _2_fails_late(db: sqlite_utils.Database) -> None:
        db.execute("drop table mutes")
        raise RuntimeError("power cut")

    monkeypatch.setattr(schema, "STEPS", (*schema.STEPS, _2_fails_late))
    with pytest.raises(RuntimeError, match="power cut"):
        open_archive(tmp_path)
    monkeypatch.undo()
    with open_archive(tmp_path) as archive:
        assert dump(archive) == before
        assert archive.rows("select * from red_now") == []


def test_views_follow_the_program_without_a_step(tmp_path: Path) -> None:
    with open_archive(tmp_path):
        pass
    with raw(tmp_path) as db:
        db.execute("drop view red_now")
        db.execute("create view red_now as select 'old' as council")
        db.execute("drop view call_counts")
    with open_archive(tmp_path) as archive:
        assert archive.rows("select * from red_now") == []
        assert archive.rows("select * from call_counts") == []


def test_eight_openings_at_once_all_succeed(tmp_path: Path) -> None:
    processes = multiprocessing.get_context("fork")
    openings = [processes.Process(target=lambda: open_archive(tmp_path / "a").close()) for _ in range(8)]
    for opening in openings:
        opening.start()
    for opening in openings:
        opening.join()
    assert [opening.exitcode for opening in openings] == [0] * 8
    with open_archive(tmp_path / "a") as archive:
        assert archive.check() == []


def foreign(folder: Path) -> None:
    with raw(folder) as db:
        db.execute("create table something (of text, somebody)")


def not_sqlite(folder: Path) -> None:
    (folder / "archive.db").write_bytes(b"<!DOCTYPE html>" * 300)


def foreign_header(folder: Path) -> None:
    with raw(folder) as db:
        db.execute("pragma application_id = 252006673")  # Fossil's
        db.execute("create table config (name text)")


@pytest.mark.parametrize("readonly", [False, True])
@pytest.mark.parametrize("spoil", [foreign, not_sqlite, foreign_header])
def test_what_is_not_ours_is_refused_and_left_alone(
    tmp_path: Path, spoil: Callable[[Path], None], readonly: bool
) -> None:
    spoil(tmp_path)
    content = (tmp_path / "archive.db").read_bytes()
    with pytest.raises(NotAnArchive, match=r"archive\.db: is (not a SQLite database|a SQLite database, but not)"):
        open_archive(tmp_path, readonly=readonly)
    assert (tmp_path / "archive.db").read_bytes() == content
    assert not (tmp_path / "blobs").exists()


def test_a_reader_does_not_make_an_archive(tmp_path: Path) -> None:
    with pytest.raises(NotAnArchive, match="there is no archive here yet"):
        open_archive(tmp_path / "nowhere", readonly=True)
    assert not (tmp_path / "nowhere").exists()


def test_a_file_where_the_folder_should_be_is_refused(tmp_path: Path) -> None:
    (tmp_path / "archive").write_text("a file")
    with pytest.raises(StoreError):
        open_archive(tmp_path / "archive" / "deeper")


def test_blobs_without_their_database_are_not_taken_for_a_new_archive(tmp_path: Path) -> None:
    with open_archive(tmp_path) as archive:
        archive.remember(found(), b"%PDF-1.7", now=NOW)
    (tmp_path / "archive.db").unlink()
    with pytest.raises(NotAnArchive, match="restore it from a backup"):
        open_archive(tmp_path)


def test_a_damaged_database_is_called_damaged(tmp_path: Path) -> None:
    with open_archive(tmp_path) as archive:
        for number in range(40):
            archive.remember(found(f"s{number}", title="t" * 500), b"%d" % number, now=NOW)
    file = tmp_path / "archive.db"
    content = bytearray(file.read_bytes())
    for page in range(2, len(content) // 4096):
        content[page * 4096 : page * 4096 + 200] = b"\xff" * 200
    file.write_bytes(content)
    with pytest.raises(Damaged, match="restore it from a backup"), open_archive(tmp_path, readonly=True) as archive:
        archive.rows("select * from documents")


def test_another_program_that_writes_is_waited_for_and_then_named(tmp_path: Path) -> None:
    with open_archive(tmp_path, busy_seconds=0.1) as archive, raw(tmp_path) as other:
        other.execute("begin immediate")
        with pytest.raises(Locked, match="another program is writing to it"):
            archive.start_run("read", NOW)
        other.execute("rollback")
        assert archive.start_run("read", NOW) == 1


def test_our_own_writers_take_turns_by_the_lock_file(tmp_path: Path) -> None:
    with open_archive(tmp_path, busy_seconds=0.1) as one, open_archive(tmp_path, busy_seconds=0.1) as other:
        with WriteLock(tmp_path / ".lock").held(), pytest.raises(Locked):
            one.start_run("read", NOW)
        assert one.start_run("read", NOW) == 1
        assert other.start_run("check", NOW) == 2


def test_a_closed_or_reading_archive_does_not_write(tmp_path: Path) -> None:
    archive = open_archive(tmp_path)
    archive.close()
    archive.close()
    with pytest.raises(StoreError, match="is closed"):
        archive.start_run("read", NOW)
    with pytest.raises(StoreError, match="is closed"):
        archive.counts()
    with open_archive(tmp_path, readonly=True) as reader, pytest.raises(StoreError, match="opened for reading only"):
        reader.start_run("read", NOW)


def as_nobody(script: str, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """Run a script that becomes a user without rights where it says so; root may write everywhere."""
    code = f"import sys; sys.path[:0] = {[str(ROOT), *sys.path]!r}\n" + textwrap.dedent(script)
    # The interpreter itself may be out of such a user's reach, so the rights go after it has started.
    code = code.replace("# drop rights", "import os; os.getuid() or (os.setgid(65534), os.setuid(65534))")
    return subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=False)


def test_a_folder_that_may_not_be_written_is_named(tmp_path: Path) -> None:
    folder = tmp_path / "archive"
    with open_archive(folder):
        pass
    folder.chmod(0o555)
    (folder / "archive.db").chmod(0o444)
    for parent in (tmp_path, *tmp_path.parents[:2]):
        parent.chmod(0o755)
    script = """
        from db import open_archive
        from db.errors import CannotWrite
        # drop rights
        try:
            open_archive(sys.argv[1])
        except CannotWrite as error:
            print(error)
    """
    done = as_nobody(script, str(folder))
    folder.chmod(0o755)
    assert done.stderr == ""
    assert "archive.db: permission denied" in done.stdout


def test_a_full_disk_loses_nothing_and_is_got_over(tmp_path: Path) -> None:
    with open_archive(tmp_path) as archive:
        writer = archive._writer
        assert writer is not None
        archive.remember(found("s1"), b"one", now=NOW)
        pages = writer.execute("pragma page_count").fetchone()["page_count"]
        writer.execute(f"pragma max_page_count = {pages}")
        with pytest.raises(DiskFull, match="no space left on the disk"):
            archive.remember(found("s2", title="t" * 2_000_000), b"two", now=NOW)
        writer.execute("pragma max_page_count = 1000000")
        assert archive.known_document(found("s2").key) is None
        assert archive.remember(found("s2"), b"two", now=NOW).is_new_version
        assert archive.check() == []


def test_a_disk_that_fills_up_under_a_blob_leaves_no_half_blob(tmp_path: Path) -> None:
    script = """
        import resource, signal
        from db import open_archive
        from db.errors import DiskFull
        from tests.test_db_samples import NOW, found
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        with open_archive(sys.argv[1]) as archive:
            resource.setrlimit(resource.RLIMIT_FSIZE, (3_000_000, resource.RLIM_INFINITY))
            try:
                archive.remember(found("s1"), b"x" * 5_000_000, now=NOW)
            except DiskFull as error:
                print("full")
            resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
            print(archive.known_document(found("s1").key))
            print(archive.remember(found("s1"), b"x" * 5_000_000, now=NOW).is_new_version)
    """
    code = "import sys\n" + textwrap.dedent(script)
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (done.stdout, done.stderr) == ("full\nNone\nTrue\n", "")
    assert [file.stat().st_size for file in (tmp_path / "blobs").rglob("*") if file.is_file()] == [5_000_000]


def test_cannot_write_is_the_answer_of_a_read_only_file_system_too(tmp_path: Path) -> None:
    from db.errors import store_errors

    with pytest.raises(CannotWrite, match="the file system is read-only"), store_errors(tmp_path):
        raise OSError(30, os.strerror(30))
