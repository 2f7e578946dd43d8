"""Snapshots and backups: whole, or not there."""

import shutil
import sqlite3
from pathlib import Path

import pytest

from db import open_archive
from db.errors import BackupFailed
from tests.test_db_samples import LATER, dump, edition, found, keep, keep_read, kpi, reading


def test_a_snapshot_is_one_file_that_needs_no_other(tmp_path: Path) -> None:
    snapshot = tmp_path / "served" / "kccwatch.db"
    with open_archive(tmp_path / "archive") as archive:
        keep_read(archive, found(), reading(edition(), kpi()))
        archive.publish_snapshot(snapshot)
        keep_read(archive, found("s2"), reading(edition(quarter=4), kpi()), now=LATER)
        visible = [file.name for file in snapshot.parent.iterdir() if not file.name.startswith(".")]
        assert visible == ["kccwatch.db"]
        old = sqlite3.connect(f"{snapshot.as_uri()}?immutable=1", uri=True)
        assert old.execute("select count(*) from kpi_history").fetchone() == (1,)
        assert old.execute("pragma journal_mode").fetchone() == ("delete",)
        archive.publish_snapshot(snapshot)
        assert old.execute("select count(*) from kpi_history").fetchone() == (1,), (
            "who reads the old one goes on reading it"
        )
        with sqlite3.connect(f"{snapshot.as_uri()}?immutable=1", uri=True) as new:
            assert new.execute("select count(*) from kpi_history").fetchone() == (2,)
            assert new.execute("select count(*) from search where search match 'potholes'").fetchone() == (1,)
        old.close()


def test_a_reader_can_publish_too(tmp_path: Path) -> None:
    with open_archive(tmp_path / "archive"):
        pass
    with open_archive(tmp_path / "archive", readonly=True) as archive:
        archive.publish_snapshot(tmp_path / "snapshot.db")
    assert (tmp_path / "snapshot.db").stat().st_size > 0


def test_a_backup_is_an_archive_of_its_own(tmp_path: Path) -> None:
    with open_archive(tmp_path / "archive") as archive:
        keep_read(archive, found(), reading(edition(), kpi()), body=b"%PDF-1.7 one")
        keep(archive, found("s2"), b"%PDF-1.7 two")
        before = dump(archive)
        first = archive.backup(tmp_path / "backup")
        assert (first.blobs, first.copied) == (2, 2)
    with open_archive(tmp_path / "backup") as copy:
        assert dump(copy) == before
        assert {copy.blob(row["sha256"]) for row in copy.rows("select sha256 from versions")} == {
            b"%PDF-1.7 one",
            b"%PDF-1.7 two",
        }


def test_a_second_backup_copies_what_is_new_and_heals_what_rotted(tmp_path: Path) -> None:
    with open_archive(tmp_path / "archive") as archive:
        keep(archive, found("s1"), b"one")
        archive.backup(tmp_path / "backup")
        (blob,) = [file for file in (tmp_path / "backup" / "blobs").rglob("*") if file.is_file()]
        keep(archive, found("s2"), b"two")
        assert archive.backup(tmp_path / "backup").copied == 1
        blob.write_bytes(b"rot")
        assert archive.backup(tmp_path / "backup").copied == 1
        assert blob.read_bytes() == b"one"
        assert archive.backup(tmp_path / "backup").copied == 0


def test_a_backup_that_was_opened_in_between_is_replaced_whole(tmp_path: Path) -> None:
    with open_archive(tmp_path / "archive") as archive:
        keep(archive, found("s1"), b"one")
        archive.backup(tmp_path / "backup")
        with open_archive(tmp_path / "backup", readonly=True) as copy:
            assert copy.counts()["versions"] == 1
        keep(archive, found("s2"), b"two")
        archive.backup(tmp_path / "backup")
    with open_archive(tmp_path / "backup", readonly=True) as copy:
        assert copy.counts()["versions"] == 2
        assert copy.check() == []


def test_a_backup_that_is_not_whole_fails_and_leaves_the_last_one(tmp_path: Path) -> None:
    with open_archive(tmp_path / "archive") as archive:
        keep(archive, found("s1"), b"one")
        archive.backup(tmp_path / "backup")
        keep(archive, found("s2"), b"two")
        shutil.rmtree(tmp_path / "archive" / "blobs")
        with pytest.raises(BackupFailed, match="this body is missing"):
            archive.backup(tmp_path / "backup")
    with open_archive(tmp_path / "backup") as copy:
        assert copy.counts()["versions"] == 1
        assert copy.blob(copy.rows("select sha256 from versions")[0]["sha256"]) == b"one"
    assert sorted(file.name for file in (tmp_path / "backup").iterdir()) == [
        ".archive.db.lock",
        ".lock",
        "archive.db",
        "blobs",
    ]


@pytest.mark.parametrize("inside", ["archive", "archive/backup", "."])
def test_a_backup_into_the_archive_or_around_it_is_refused(tmp_path: Path, inside: str) -> None:
    with open_archive(tmp_path / "archive") as archive:
        with pytest.raises(BackupFailed, match="outside the archive"):
            archive.backup(tmp_path / inside)
        assert archive.check() == []


def test_the_check_sees_rows_that_point_nowhere(tmp_path: Path) -> None:
    with open_archive(tmp_path) as archive:
        keep(archive, found())
        assert archive.check() == []
        with sqlite3.connect(archive.database) as other:
            other.execute("update versions set document_id = 99")
        assert archive.check() == ["versions row 1 points to a missing row of documents"]


def test_counts_name_every_table_and_no_machinery(tmp_path: Path) -> None:
    with open_archive(tmp_path) as archive:
        keep_read(archive, found(), reading(edition(), kpi()))
        counts = archive.counts()
        assert (counts["kpi_readings"], counts["versions"], counts["fetches"]) == (1, 1, 0)
        assert not [name for name in counts if name.startswith(("sqlite", "search_")) and name != "search_items"]
        assert archive.database_bytes() > 4096
