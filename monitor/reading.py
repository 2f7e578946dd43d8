"""A Reading as JSON and back: what a worker process may tell its parent.

JSON rather than pickle, because the worker has read a hostile document: a pickle would
let it run code here.
"""

import json
from typing import Any

from pydantic import TypeAdapter

from parsers import records
from parsers.records import Fact, Reading, as_row

_TYPES: tuple[Any, ...] = records.Fact.__args__
_FACTS: dict[str, TypeAdapter[Fact]] = {kind.table: TypeAdapter(kind) for kind in _TYPES}
_READING = TypeAdapter(Reading)


def dumps(reading: Reading) -> bytes:
    """*reading* as JSON."""
    row = {name: getattr(reading, name) for name in ("kind", "outcome", "parser", "parser_version", "note", "title")}
    row["published_on"] = reading.published_on.isoformat() if reading.published_on else None
    row["text"] = reading.text
    return json.dumps([row, [rows_of(fact) for fact in reading.facts]]).encode()


def loads(data: bytes) -> Reading:
    """The Reading that `dumps` wrote; ValueError where it is not one."""
    row, facts = json.loads(data)
    return _READING.validate_python(row | {"facts": tuple(_fact(dict(fact)) for fact in facts)})


def rows_of(fact: Fact) -> dict[str, Any]:
    """A fact as a line of `parse --json`: its table's name, then its columns."""
    return {"record": fact.table} | as_row(fact)


def _fact(row: dict[str, Any]) -> Fact:
    return _FACTS[row.pop("record")].validate_python(row)
