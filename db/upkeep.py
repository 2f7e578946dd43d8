"""Copies of the archive, and proof that they are whole."""

import hashlib
import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from db.blobs import Blobs, sync_folder
from db.connection import WriteLock
from db.errors import BackupFailed, Damaged, store_errors


@dataclass(frozen=True, slots=True, kw_only=True)
class Backup:
    """A copy that was proven to be whole."""

    folder: Path  # an archive of its own: open_archive(folder) opens it
    database_bytes: int
    blobs: int
    copied: int  # blobs that were not there from an earlier backup


def publish(db: sqlite3.Connection, dest: Path) -> None:
    """Put a consistent copy of the database at *dest*; readers of the old copy keep it until they open anew.

    The copy is in one file, without WAL, so that it can be opened as immutable.
    """
    dest.parent.mkdir(parents=True, exist_ok=True)
    with _copy(db, beside=dest) as copy:
        copy.replace(dest)
    sync_folder(dest.parent)


def backup(db: sqlite3.Connection, archive: Path, blobs: Blobs, dest: Path) -> Backup:
    """Copy the archive to the folder *dest*, over an earlier backup where there is one, and prove it.

    The database goes first and into its place last: each body that it names was on the
    disk before its row was, so that all of them are there to be copied.
    Raises BackupFailed; the earlier backup's database stands until the new one is proven.
    """
    dest = dest.absolute()
    if dest.resolve().is_relative_to(archive.resolve()) or archive.resolve().is_relative_to(dest.resolve()):
        raise BackupFailed(dest, "a backup must stand outside the archive, and the archive outside the backup")
    dest.mkdir(parents=True, exist_ok=True)
    place = dest / "archive.db"
    copies = Blobs(dest / "blobs")
    with _copy(db, beside=place) as copy:
        hashes = _prove(copy)
        copied = sum(_copy_blob(blobs, copies, sha256) for sha256 in hashes)
        copies.sweep()
        for leftover in ("archive.db-wal", "archive.db-shm"):  # of an earlier backup that somebody opened
            (dest / leftover).unlink(missing_ok=True)
        copy.replace(place)
    sync_folder(dest)
    return Backup(folder=dest, database_bytes=place.stat().st_size, blobs=len(hashes), copied=copied)


def problems(db: sqlite3.Connection) -> list[str]:
    """What SQLite's own quick check and the foreign keys find wrong; [] where all is well."""
    found = [row["quick_check"] for row in db.execute("pragma quick_check") if row["quick_check"] != "ok"]
    keys = db.execute("pragma foreign_key_check").fetchall()
    return found + [f"{row['table']} row {row['rowid']} points to a missing row of {row['parent']}" for row in keys]


def counts(db: sqlite3.Connection) -> dict[str, int]:
    """Rows of each table."""
    tables = db.execute(
        "select name from sqlite_master where type = 'table' and name not like 'sqlite%'"
        " and name not like 'search\\_%' escape '\\' and name <> 'search' order by name"
    ).fetchall()
    names = [row["name"] for row in tables] + ["search_items"]
    return {name: db.execute(f'select count(*) as n from "{name}"').fetchone()["n"] for name in names}  # noqa: S608


@contextmanager
def _copy(db: sqlite3.Connection, *, beside: Path) -> Iterator[Path]:
    """A whole copy of the database on the disk, for the block to put in its place."""
    folder = beside.with_name(f".{beside.name}.unfinished")
    with WriteLock(beside.with_name(f".{beside.name}.lock")).held():
        shutil.rmtree(folder, ignore_errors=True)  # what somebody left who was killed
        folder.mkdir()
        copy = folder / beside.name
        try:
            db.execute("vacuum into ?", [str(copy)])
            with copy.open("rb+") as file:
                os.fsync(file.fileno())
            yield copy
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def _prove(copy: Path) -> list[str]:
    """The hashes of all bodies that a copied database names. Raises BackupFailed where it is not whole."""
    with store_errors(copy), closing(sqlite3.connect(f"{copy.as_uri()}?immutable=1", uri=True)) as opened:
        verdict = [row[0] for row in opened.execute("pragma integrity_check")]
        dangling = opened.execute("pragma foreign_key_check").fetchall()
        if verdict != ["ok"] or dangling:
            raise BackupFailed(
                copy.parent.parent, f"the copied database is not whole: {verdict[0]}, {len(dangling)} loose"
            )
        return [row[0] for row in opened.execute("select distinct sha256 from versions order by sha256")]


def _copy_blob(source: Blobs, copies: Blobs, sha256: str) -> bool:
    """Whether the body had to be copied; either way the copy on the disk was read and proven."""
    place = copies.path(sha256)
    if place.is_file() and hashlib.sha256(place.read_bytes()).hexdigest() == sha256:
        return False
    try:
        copies.put(source.get(sha256))
        copies.get(sha256)
    except Damaged as error:
        raise BackupFailed(copies.folder.parent, str(error)) from error
    return True
