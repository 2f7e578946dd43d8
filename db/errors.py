"""What can go wrong with an archive, for the operator to put right.

StoreError
├── NotAnArchive    nothing there, or something that is not ours
├── NewerSchema     written by a newer version of this program
├── OlderSchema     must be opened once for writing before it can be read
├── Locked          somebody else is writing, and did not stop in time
├── CannotWrite     permissions, or a read-only file system
├── DiskFull
├── DiskTrouble     the disk answered with an error
├── Damaged         what is stored is not what was written
├── BadFacts        a reading that the tables cannot hold
├── BackupFailed    the copy does not prove to be whole
└── QueryError
    ├── QueryRefused    not a plain reading query, or wrong SQL
    └── QueryTooSlow

Undecidable is no trouble of the archive's: the decision that was asked for cannot be taken.

Errors of the driver that nobody but a programmer can put right stay `sqlite3.Error`.
"""

import errno
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class Undecidable(Exception):
    """A decision about indicators that cannot be taken; says why."""


class StoreError(Exception):
    """Something about the archive at `path` that its operator can put right."""

    def __init__(self, path: Path | str, problem: str) -> None:
        super().__init__(f"{path}: {problem}")
        self.path = Path(path)
        self.problem = problem


class NotAnArchive(StoreError):
    """There is no archive, or what is there was not written by this program."""


class NewerSchema(StoreError):
    """The archive was written by a newer version of this program."""

    def __init__(self, path: Path | str, found: int, known: int) -> None:
        super().__init__(path, f"has schema version {found}; this program knows up to {known}: install the newer one")
        self.found = found
        self.known = known


class OlderSchema(StoreError):
    """The archive waits for an upgrade, which a read-only opening may not do."""

    def __init__(self, path: Path | str, found: int, known: int) -> None:
        super().__init__(
            path, f"has schema version {found}, this program {known}: any command that writes brings it up to date"
        )
        self.found = found
        self.known = known


class Locked(StoreError):
    """Somebody else writes to the archive and did not stop in time."""


class CannotWrite(StoreError):
    """Permissions or a read-only file system are in the way."""


class DiskFull(StoreError):
    """No space left; what was written before is whole."""


class DiskTrouble(StoreError):
    """The disk answered with an error."""


class Damaged(StoreError):
    """What is stored is not what was written."""


class BadFacts(StoreError):
    """A reading holds a value that the tables refuse; nothing of it was stored."""


class BackupFailed(StoreError):
    """The copy did not prove to be whole."""


class QueryError(StoreError):
    """A query that was not answered."""


class QueryRefused(QueryError):
    """The query does more than read, or is wrong SQL."""


class QueryTooSlow(QueryError):
    """The query took longer than it may."""


_BY_CODE: dict[int, tuple[type[StoreError], str]] = {
    sqlite3.SQLITE_BUSY: (Locked, "another program is writing to it"),
    sqlite3.SQLITE_LOCKED: (Locked, "another program is writing to it"),
    sqlite3.SQLITE_READONLY: (CannotWrite, "cannot be written"),
    sqlite3.SQLITE_PERM: (CannotWrite, "permission denied"),
    sqlite3.SQLITE_CANTOPEN: (CannotWrite, "cannot be opened; are the folder and its files ours to write?"),
    sqlite3.SQLITE_FULL: (DiskFull, "no space left on the disk"),
    sqlite3.SQLITE_IOERR: (DiskTrouble, "the disk answered with an error"),
    sqlite3.SQLITE_NOTADB: (NotAnArchive, "is not a SQLite database"),
    sqlite3.SQLITE_CORRUPT: (Damaged, "the database is damaged; restore it from a backup"),
}
_BY_ERRNO: dict[int, tuple[type[StoreError], str]] = {
    errno.EACCES: (CannotWrite, "permission denied"),
    errno.EPERM: (CannotWrite, "permission denied"),
    errno.EROFS: (CannotWrite, "the file system is read-only"),
    errno.ENOSPC: (DiskFull, "no space left on the disk"),
    errno.EDQUOT: (DiskFull, "the disk quota is used up"),
    errno.EFBIG: (DiskFull, "the file may not grow as large as it has to"),
    errno.EIO: (DiskTrouble, "the disk answered with an error"),
    errno.ENOENT: (NotAnArchive, "is not there"),
    errno.ENOTDIR: (NotAnArchive, "a part of the path is not a folder"),
}


@contextmanager
def store_errors(path: Path) -> Iterator[None]:
    """Turn errors of driver and system that an operator can put right into StoreErrors about *path*."""
    try:
        yield
    except sqlite3.Error as error:
        # The low byte is the primary code; extended codes say more than an operator can use.
        code = getattr(error, "sqlite_errorcode", None)
        kind, problem = _BY_CODE.get((code or 0) & 0xFF, (None, ""))
        if kind is None:
            raise
        raise kind(path, f"{problem} ({error})") from error
    except OSError as error:
        kind, problem = _BY_ERRNO.get(error.errno or 0, (None, ""))
        if kind is None:
            raise
        raise kind(path, f"{problem} ({error})") from error
