"""Questions of others: SQL that may read, for as long as it may take, and nothing else."""

import sqlite3
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from db.errors import QueryRefused, QueryTooSlow

Params = Sequence[Any] | Mapping[str, Any]

MAX_ROWS = 100_000
_MAX_BYTES = 50_000_000  # of one text: longer than any paper's, shorter than what fills the memory
_STEPS_BETWEEN_LOOKS = 2_000

_READING = {sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_RECURSIVE}
_FORBIDDEN_FUNCTIONS = {"load_extension", "fts3_tokenizer"}


def _authorize(action: int, first: str | None, second: str | None, *_: str | None) -> int:
    allowed = (
        action in _READING
        or (action == sqlite3.SQLITE_FUNCTION and (second or "").lower() not in _FORBIDDEN_FUNCTIONS)
        # Full-text search asks in its own name whether the file has changed.
        or (action == sqlite3.SQLITE_PRAGMA and first == "data_version" and second is None)
        # Connecting to a virtual table asks for this and writes nothing; a query that would is refused by SQLite.
        or (action == sqlite3.SQLITE_UPDATE and first == "sqlite_master")
    )
    return sqlite3.SQLITE_OK if allowed else sqlite3.SQLITE_DENY


def restrict(connection: sqlite3.Connection) -> None:
    """Let a connection read the archive and do nothing else, for good."""
    connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _MAX_BYTES)
    connection.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
    connection.set_authorizer(_authorize)


def answer(
    connection: sqlite3.Connection, path: Path, sql: str, params: Params, *, seconds: float, max_rows: int = MAX_ROWS
) -> list[dict[str, Any]]:
    """The rows of one reading query. Raises QueryRefused, QueryTooSlow."""
    deadline = time.monotonic() + seconds
    connection.set_progress_handler(lambda: time.monotonic() > deadline, _STEPS_BETWEEN_LOOKS)
    try:
        rows = connection.execute(sql, params).fetchmany(max_rows + 1)
    except sqlite3.Error as error:
        if getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_INTERRUPT:
            raise QueryTooSlow(path, f"the query took longer than {seconds:g} s") from error
        if isinstance(error, (sqlite3.OperationalError, sqlite3.ProgrammingError, sqlite3.DataError)) or (
            getattr(error, "sqlite_errorcode", None) in (sqlite3.SQLITE_AUTH, sqlite3.SQLITE_TOOBIG)
        ):
            raise QueryRefused(path, f"the query was refused: {error}") from error
        raise
    finally:
        connection.set_progress_handler(None, 0)
    if len(rows) > max_rows:
        raise QueryRefused(path, f"the query returns more than {max_rows} rows")
    return rows
