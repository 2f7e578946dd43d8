"""Every reading gets the number of its indicator.

All of a council's readings are judged together and from scratch (see db/same.py), so that
the result does not depend on the order in which papers were read; what is known already
only decides which number an indicator keeps.
"""

import json
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence, Set
from datetime import datetime
from typing import Any

from db import kpi_review, names, search
from db.errors import Undecidable
from db.same import Indicators
from parsers import services

Row = dict[str, Any]

_PLACEHOLDER = -(10**12)  # below it: numbers of readings that are not settled yet


def name_keys(readings: Sequence[Row]) -> list[str]:
    """For each indicator of one edition what marks it there: its name's identity, and what it takes to tell it apart.

    They depend on this edition alone, so that they stay while indicators are found to be one and the same, or not.

    >>> rows = [{"name": n, "service": s} for n, s in (("E & B", "X"), ("E and B", "Y"), ("e and b", "Y"), ("C", "Y"))]
    >>> name_keys(rows)
    ['eandb/x', 'eandb/y', 'eandb/y/2', 'c']
    """
    uses = Counter(names.identity(reading["name"]) for reading in readings)
    spelt = Counter(names.spelling(reading["name"]) for reading in readings)
    seen: Counter[str] = Counter()
    keys = []
    for reading in readings:
        key, spelling = names.identity(reading["name"]), names.spelling(reading["name"])
        if uses[key] > 1:
            key = spelling if spelt[spelling] == 1 else f"{spelling}/{services.key(reading['service'])}"
        seen[key] += 1
        keys.append(key if seen[key] == 1 else f"{key}/{seen[key]}")
    return keys


def unsettled(number: int) -> int:
    """The indicator of a new reading until `settle` has told it."""
    return _PLACEHOLDER - number


def settle(db: sqlite3.Connection, council: str, scopes: Set[str] | None = None) -> None:
    """Give every reading of the council its indicator, in place of what was known before.

    Scopes have no indicator in common, so that it can be done for some of them; None is for all.
    """
    found = indicators(db, council, scopes)
    known = [
        row
        for row in db.execute("select id, scope from kpis where council = ? order by id", [council]).fetchall()
        if scopes is None or services.key(row["scope"]) in scopes
    ]
    numbers = _numbers(db, council, found.groups, known)
    _write_readings(db, found.groups, numbers)
    _write_names(db, council, found.groups, numbers)
    kept = set(numbers)
    kpi_review.propose(db, council, found.proposals, numbers, among=kept | {row["id"] for row in known})
    _forget(db, [row["id"] for row in known if row["id"] not in kept])


def scopes_of(db: sqlite3.Connection, version_id: int) -> set[str]:
    """The scopes of the editions that a version holds."""
    rows = db.execute("select distinct scope_key from reports where version_id = ?", [version_id])
    return {row["scope_key"] for row in rows}


def indicators(db: sqlite3.Connection, council: str, scopes: Set[str] | None = None) -> Indicators:
    """The council's readings in groups, as its papers and what people decided have it."""
    return Indicators(_readings(db, council, scopes), kpi_review.decisions(db, council))


def decide(db: sqlite3.Connection, one: str, other: str, verdict: str, now: datetime) -> int:
    """Note what a person decided about two indicators, and settle by it; the decision's number. Raises Undecidable."""
    first, second = kpi_review.indicator(db, one), kpi_review.indicator(db, other)
    if (first["council"], services.key(first["scope"])) != (second["council"], services.key(second["scope"])):
        raise Undecidable("the two are of different councils, or of different papers: those are never one")
    if names.spelling(first["name"]) == names.spelling(second["name"]) and first["service"] == second["service"]:
        raise Undecidable("the two are one name; there is nothing to decide")
    both = kpi_review.together(db, first["id"], second["id"]) if first["id"] != second["id"] else None
    if verdict == kpi_review.SAME and both is not None:
        edition, pages = f"Q{both['quarter']} {both['financial_year']}", f"{both['page']} and {both['other_page']}"
        raise Undecidable(f"the paper of {edition} prints both (pages {pages}): they cannot be one")
    number = kpi_review.decide(db, first, second, verdict, now)
    _resettle(db, first["council"])
    if not indicators(db, first["council"]).in_force(kpi_review.decision(db, number)):
        raise Undecidable("a paper prints both, or another decision stands against it")
    return number


def undo(db: sqlite3.Connection, decision_id: int) -> bool:
    """Take a decision back, and settle without it; whether there was one."""
    council = kpi_review.undo(db, decision_id)
    if council is not None:
        _resettle(db, council)
    return council is not None


def _resettle(db: sqlite3.Connection, council: str) -> None:
    db.execute("pragma defer_foreign_keys = on")
    settle(db, council)


def _readings(db: sqlite3.Connection, council: str, scopes: Set[str] | None) -> list[Row]:
    """The readings of a council, oldest edition first."""
    return db.execute(
        """
        select k.id, k.report_id, k.kpi_id, k.service, k.name, k.headline_name, k.reference, k.page,
               json_extract(k.bbox, '$[1]') as bbox_top, v.outcome = 'read' as trusted,
               k.value, k.value_text, k.unit, k.rag, k.target, k.floor,
               k.previous_value, k.previous_text, k.previous_rag,
               r.scope, r.scope_key, r.financial_year, r.quarter, r.period_start, r.period_end, r.version_id, d.url
        from reports as r
        join kpi_readings as k on k.report_id = r.id
        join versions as v on v.id = r.version_id
        join documents as d on d.id = v.document_id
        where r.council = :council and (:scopes is null or r.scope_key in (select value from json_each(:scopes)))
        order by r.period_end, r.version_id, k.page, bbox_top, k.id
        """,
        {"council": council, "scopes": None if scopes is None else json.dumps(sorted(scopes))},
    ).fetchall()


def _numbers(db: sqlite3.Connection, council: str, groups: Sequence[Sequence[Row]], known: Sequence[Row]) -> list[int]:
    """The number of each indicator: one that most of its readings or its name had, else a new one."""
    votes: dict[int, Counter[int]] = defaultdict(Counter)
    places: dict[tuple[str | None, str], int] = {}
    for place, readings in enumerate(groups):
        for reading in readings:
            places.setdefault((reading["scope_key"], names.identity(reading["name"])), place)
            if reading["kpi_id"] > 0:
                votes[reading["kpi_id"]][place] += 1
    lost = {row["id"]: services.key(row["scope"]) for row in known if row["id"] not in votes}
    names_of = "select n.kpi_id, n.name from kpi_names as n join kpis as k on k.id = n.kpi_id where k.council = ?"
    for row in db.execute(f"{names_of} order by 1, 2", [council]).fetchall():
        at = lost.get(row["kpi_id"]), names.identity(row["name"])
        # Those whose readings all went in this transaction are known by their names.
        if row["kpi_id"] in lost and at in places:
            votes[row["kpi_id"]][places[at]] += 1
    chosen: dict[int, int] = {}
    for number in sorted(votes):
        place = max(votes[number], key=lambda place: (votes[number][place], -place))
        chosen.setdefault(place, number)
    return [chosen.get(place) or _new(db, council) for place in range(len(groups))]


def _new(db: sqlite3.Connection, council: str) -> int:
    number = db.execute("insert into kpis (council, service, name) values (?, '', '')", [council]).lastrowid
    assert number is not None
    return number


def _write_readings(db: sqlite3.Connection, groups: Sequence[Sequence[Row]], numbers: Sequence[int]) -> None:
    moved = [
        (number, reading["id"])
        for number, readings in zip(numbers, groups, strict=True)
        for reading in readings
        if reading["kpi_id"] != number
    ]
    # In two moves, since two readings of one report may trade places.
    db.executemany("update kpi_readings set kpi_id = ? where id = ?", [(-id_, id_) for _, id_ in moved])
    db.executemany("update kpi_readings set kpi_id = ? where id = ?", moved)


def _write_names(db: sqlite3.Connection, council: str, groups: Sequence[Sequence[Row]], numbers: Sequence[int]) -> None:
    """Names, services, scopes and search entries."""
    stored_names: dict[int, set[str]] = defaultdict(set)
    for row in db.execute(
        "select n.kpi_id, n.name from kpi_names as n join kpis as k on k.id = n.kpi_id where k.council = ?", [council]
    ):
        stored_names[row["kpi_id"]].add(row["name"])
    for number, readings in zip(numbers, groups, strict=True):
        newest = max(readings, key=lambda r: (r["trusted"], r["period_end"], r["version_id"]))
        printed = {name for r in readings for name in (r["name"], r["headline_name"]) if name}
        says = {"id": number, **{column: newest[column] for column in ("service", "name", "scope")}}
        db.execute(
            "update kpis set service = :service, name = :name, scope = :scope"
            " where id = :id and (service is not :service or name is not :name or scope is not :scope)",
            says,
        )
        stored = stored_names.pop(number, set())
        db.executemany(
            "insert into kpi_names (kpi_id, name) values (?, ?)", [(number, n) for n in sorted(printed - stored)]
        )
        db.executemany("delete from kpi_names where kpi_id = ? and name = ?", [(number, n) for n in stored - printed])
        words = [newest["service"], *filter(None, [newest["scope"]]), *sorted(printed)]
        references = sorted({r["reference"] for r in readings if r["reference"]})
        search.enter_kpi(db, number, newest["name"], [*words, *references], newest["url"])


def _forget(db: sqlite3.Connection, numbers: Iterable[int]) -> None:
    """Indicators that no paper holds any more go."""
    for number in numbers:
        search.leave(db, "kpi_id", number)
        db.execute("delete from kpi_names where kpi_id = ?", [number])
        db.execute("delete from kpis where id = ?", [number])
