"""Connections to the archive's database, and the one lock for writing.

SQLite before 3.51.3 can corrupt a WAL file when two connections write or checkpoint
at the same instant (https://sqlite.org/wal.html#walresetbug). So every writing
transaction, and every closing of a writing connection, holds a lock file; readers
open read-only, and a read-only connection never checkpoints.
"""

import fcntl
import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from db.errors import Locked

WAL_BUG_FIXED = (3, 51, 3)
BUSY_SECONDS = 10.0  # how long to wait for another writer
_POLL_SECONDS = 0.02


def connect(file: Path, *, readonly: bool, busy_seconds: float = BUSY_SECONDS) -> sqlite3.Connection:
    """An open connection that begins transactions only when told to; rows come as dicts.

    Raises the driver's own errors; see `db.errors.store_errors`.
    """
    connection = sqlite3.connect(
        f"{file.absolute().as_uri()}?mode={'ro' if readonly else 'rwc'}",
        uri=True,
        isolation_level=None,
        check_same_thread=False,  # Archive lets one thread in at a time
        timeout=busy_seconds,
    )
    connection.row_factory = _as_dict
    connection.execute(f"pragma busy_timeout = {int(busy_seconds * 1000)}")
    connection.execute("pragma trusted_schema = off")
    connection.execute("pragma cell_size_check = on")
    return connection


def make_durable(connection: sqlite3.Connection) -> None:
    """Settings of a connection that writes; after it, what is committed survives a power cut."""
    connection.execute("pragma journal_mode = wal")
    connection.execute("pragma synchronous = full")
    connection.execute("pragma foreign_keys = on")


def _as_dict(cursor: sqlite3.Cursor, row: tuple[Any, ...]) -> dict[str, Any]:
    return {column[0]: value for column, value in zip(cursor.description, row, strict=True)}


class WriteLock:
    """A lock file that one writer at a time holds; the system lets go of it when the process dies."""

    def __init__(self, file: Path, *, busy_seconds: float = BUSY_SECONDS) -> None:
        self._file = file
        self._busy_seconds = busy_seconds

    @contextmanager
    def held(self) -> Iterator[None]:
        """Wait for the lock, hold it for the block. Raises Locked when it does not come free in time."""
        descriptor = os.open(self._file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            self._acquire(descriptor)
            yield
        finally:
            os.close(descriptor)

    def _acquire(self, descriptor: int) -> None:
        deadline = time.monotonic() + self._busy_seconds
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() >= deadline:
                    raise Locked(self._file.parent, "another program is writing to it") from None
                time.sleep(_POLL_SECONDS)
            else:
                return


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[sqlite3.Connection]:
    """All that the block writes, or nothing of it."""
    connection.execute("begin immediate")
    try:
        yield connection
        connection.execute("commit")
    except BaseException:
        if connection.in_transaction:  # SQLite itself rolls back when the disk is full
            connection.execute("rollback")
        raise
