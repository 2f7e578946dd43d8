"""The schema in steps: an archive of any earlier version comes up to date in one transaction.

The number of steps applied stands in `user_version`; `application_id` says whose file
it is. Views are not data and have no steps: they are made to be what views.sql says.
"""

import sqlite3
from collections.abc import Callable, Iterator
from importlib.resources import files
from pathlib import Path

import sqlite_utils

from db.connection import transaction
from db.errors import NewerSchema, NotAnArchive, OlderSchema

APPLICATION_ID = 0x6B636377  # "kccw" in the file's header

Step = Callable[[sqlite_utils.Database], None]


def _1_the_archive(db: sqlite_utils.Database) -> None:
    for statement in statements(text_of("schema.sql")):
        db.execute(statement)


# Only ever append. A step is given a sqlite-utils database for the sake of `transform()`;
# it runs inside the one transaction, so it never uses executescript(), which would commit.
STEPS: tuple[Step, ...] = (_1_the_archive,)


def text_of(name: str) -> str:
    """One of the SQL files beside this module."""
    return files("db").joinpath(name).read_text(encoding="utf-8")


def statements(sql: str) -> Iterator[str]:
    """The single statements of a script; a trigger with its body is one.

    >>> list(statements("select 1; -- one\\n select ';';"))
    ['select 1;', "-- one\\n select ';';"]
    """
    statement = ""
    for piece in sql.split(";")[:-1]:
        statement += piece + ";"
        if sqlite3.complete_statement(statement):
            yield statement.strip()
            statement = ""


def inspect(connection: sqlite3.Connection, file: Path) -> int:
    """The schema version of an archive's database; 0 for an empty one.

    Raises NotAnArchive and NewerSchema, before anything was written.
    """
    owner = _pragma(connection, "application_id")
    version = _pragma(connection, "user_version")
    tables = connection.execute("select count(*) as n from sqlite_master").fetchone()["n"]
    if owner != APPLICATION_ID and (owner or version or tables):
        raise NotAnArchive(file, "is a SQLite database, but not an archive of this program")
    if version > len(STEPS):
        raise NewerSchema(file, version, len(STEPS))
    return version


def require_current(connection: sqlite3.Connection, file: Path) -> None:
    """Raise OlderSchema, NewerSchema or NotAnArchive unless the database can be read as it stands."""
    version = inspect(connection, file)
    if version < len(STEPS):
        raise OlderSchema(file, version, len(STEPS))


def migrate(connection: sqlite3.Connection, file: Path) -> None:
    """Bring the database up to date: all missing steps and the views, or nothing.

    An archive that is up to date is not written to.
    """
    if inspect(connection, file) == len(STEPS) and _views(connection) == _wanted_views():
        return
    with transaction(connection):
        version = inspect(connection, file)  # another process may have been here first
        for name in _views(connection):
            connection.execute(f'drop view "{name}"')  # a step may change a table that views read
        _take(STEPS[version:], connection)
        for view in statements(text_of("views.sql")):
            connection.execute(view)
        connection.execute(f"pragma application_id = {APPLICATION_ID}")
        connection.execute(f"pragma user_version = {len(STEPS)}")


def _take(steps: tuple[Step, ...], connection: sqlite3.Connection) -> None:
    rows, connection.row_factory = connection.row_factory, None  # sqlite-utils expects plain tuples
    try:
        db = sqlite_utils.Database(connection, recursive_triggers=False, execute_plugins=False)
        for step in steps:
            step(db)
    finally:
        connection.row_factory = rows


def _pragma(connection: sqlite3.Connection, name: str) -> int:
    value = connection.execute(f"pragma {name}").fetchone()[name]
    assert isinstance(value, int)
    return value


def _views(connection: sqlite3.Connection) -> dict[str, str]:
    found = connection.execute("select name, sql from sqlite_master where type = 'view' order by rowid")
    return {row["name"]: _definition(row["sql"]) for row in found}


def _wanted_views() -> dict[str, str]:
    views = (statement[statement.lower().index("create view") :] for statement in statements(text_of("views.sql")))
    return {view.split()[2]: _definition(view) for view in views}


def _definition(view: str) -> str:
    """A view's text after its name; SQLite rewrites what stands before."""
    return view.split(maxsplit=3)[3].rstrip(";").strip()
