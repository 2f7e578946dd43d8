"""The operator's own rules, tried on an empty archive before they are trusted."""

import re
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any

import db
from db.errors import QueryError
from monitor import toml_lines
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
            archive.query(sql, _PARAMS, seconds=_SECONDS)  # alone: what is put into another may mean something else
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


def problems_of(entry: Mapping[str, Any], where: str) -> list[str]:
    """What is wrong with a rule's query, and with the {slots} of its texts; *where* it stands in the file."""
    found: list[str] = []
    sql = entry.get("sql")
    columns: frozenset[str] | None = None
    if isinstance(sql, str) and sql.strip():
        try:
            columns = columns_of(sql)
        except ValueError as error:
            found.append(f"{where}.sql: {error}")
        else:
            if "key" not in columns:
                found.append(f"{where}.sql: returns no column `key`, which tells one alert of the rule from another")
    for part in ("title", "body"):
        text = entry.get(part)
        if isinstance(text, str):
            found += [f"{where}.{part}: {problem}" for problem in problems_of_text(text, columns)]
    return found


_PATH = re.compile(r"(rules\.custom\[(\d+)\])(?:\.\w+)?(?=:)")
_WORD = re.compile(r'near "([^"]+)"|no such (?:column|table|function): (?:\w+\.)*(\w+)|column `(\w+)` for')


def with_lines(problems: Sequence[str], text: str, rules: Sequence[Mapping[str, Any]]) -> list[str]:
    """*problems*, those of an operator's rules with its name and their line in the file's *text*."""
    if not any(_PATH.match(problem) for problem in problems):
        return list(problems)
    known = toml_lines.places(text)
    return [_with_line(problem, known, rules) for problem in problems]


def _with_line(problem: str, known: Mapping[str, toml_lines.Place], rules: Sequence[Mapping[str, Any]]) -> str:
    match = _PATH.match(problem)
    place = match and (known.get(match[0]) or known.get(match[1]) or known.get("rules.custom"))
    if not match or not place:
        return problem
    word = _WORD.search(problem)
    line = place.line_of(next(filter(None, word.groups()))) if word else place.line
    number = int(match[2])
    name = rules[number].get("name") if number < len(rules) else None
    whose = f'rule "{name}", ' if isinstance(name, str) else ""
    return f"{problem} ({whose}line {line})"
