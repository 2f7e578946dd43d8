"""The operator's own rules, tried on an empty archive before they are trusted."""

import tempfile
from collections.abc import Iterable
from functools import cache

import db
from db.errors import QueryError
from monitor.rules.model import slots_of

_GIVEN = {"council_name"}  # slots that every rule has, beside its query's columns
_PARAMS = {"now": "2026-01-01T00:00:00+00:00", "oldest": "2026-01-01", "rule": "", "councils": "[]"}
_SECONDS = 5.0


@cache
def columns_of(sql: str) -> frozenset[str]:
    """The columns that a rule's query returns; ValueError says why it returns nothing at all."""
    # A left join that never matches gives one row that names all columns, also of an empty archive.
    whole = f"select q.* from (select 1) left join (\n{sql.strip().rstrip(';')}\n) as q on 0"  # noqa: S608  reading only
    with tempfile.TemporaryDirectory(prefix="kccwatch-") as folder, db.open_archive(folder) as archive:
        try:
            (row,) = archive.query(whole, _PARAMS, seconds=_SECONDS)
        except QueryError as error:
            raise ValueError(error.problem) from None
    return frozenset(row)


def problems_of_text(text: str, columns: Iterable[str] | None) -> list[str]:
    """What is wrong with a rule's title or body, as far as can be told without rows.

    *columns* are those of its query; None where that is wrong itself.
    """
    try:
        slots = slots_of(text)
    except ValueError as error:
        return [f"{error}"]
    if columns is None:
        return []
    known = {column.removesuffix("_json") for column in columns} | _GIVEN
    return [f"the query returns no column `{slot}` for {{{slot}}}" for slot in sorted(slots - known)]
