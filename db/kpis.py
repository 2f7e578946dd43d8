"""Which printed indicators are one and the same through the editions of a council's report.

Two readings are one indicator when their names are equal but for the ways of writing
one name ("% of …", "Percentage of …"), or when a paper prints both names for one row,
in its summary list and on the indicator's own page. They are never one when a single
paper holds both. Services do not count, since indicators move, unless one paper uses
one name in two of them.

All of a council's readings are judged together and from scratch, so that the result
does not depend on the order in which papers were read; what is known already only
decides which number an indicator keeps.
"""

import re
import sqlite3
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

from db import search
from parsers import services
from parsers.text import matching

Row = dict[str, Any]
Node = tuple[str, ...]  # identity of a name; with the service, and then a count, where one paper uses it twice

_FOOTNOTE_MARKS = re.compile("[*†‡§¹²³⁰⁴-⁹]+")
# Notes that change with every edition: "(data to March 20)", "(as at December 2024)"
_DATED_NOTE = re.compile(r"\((?:latest )?(?:data )?(?:to|as at|as of|up to|until) [^()]*\)")
_SPELLINGS = (
    (re.compile(r"&"), " and "),
    (re.compile(r"(?<=\w)'s\b"), ""),  # "children's", "EHCP's"
    (re.compile(r"%|\bper cent\b|\bpercent\b"), " percentage "),
    (re.compile(r"\b(?:nos?|numbers?)\b\.? of\b"), "number of"),
    (re.compile(r"\bave?\.? (?=no|number)"), "average "),
    # "- rolling 12 months", "(rolling 12-month figure)", "during a rolling 12-month period"
    (
        re.compile(
            r"\b(?:(?:during|over|in|on|for) )?(?:a |the )?"
            r"(?:rolling (?:12|twelve)[- ]?months?|(?:12|twelve)[- ]?months? rolling)"
            r"(?: (?:period|figure|basis|total))?\b"
        ),
        " rolling12months ",
    ),
)
_PLACEHOLDER = -(10**12)  # below it: numbers of readings that are not settled yet


@lru_cache(maxsize=50_000)
def identity(name: str) -> str:
    """What two spellings of one indicator's name have in common; not for showing.

    >>> same = ["% of pupils excluded – rolling 12 months", "Percentage of  Pupils excluded (Rolling 12 months) *"]
    >>> {identity(name) for name in same}
    {'percentagepupilsexcludedrolling12months'}
    >>> identity("No. of homes & flats") == identity("Number of Homes and flats") != identity("% of homes and flats")
    True
    """
    text = matching(_FOOTNOTE_MARKS.sub(" ", name)).lower()
    text = _DATED_NOTE.sub(" ", text)
    for pattern, spelling in _SPELLINGS:
        text = pattern.sub(spelling, text)
    rolling = " rolling12months" if "rolling12months" in text else ""
    text = text.replace("rolling12months", " ") + rolling  # wherever the name says so
    text = re.sub(r"^\W*proportion\b", "percentage", text)
    words = [word for word in re.findall(r"\w+", _plain(text)) if word not in ("of", "the")]
    return "".join(words)


def name_keys(readings: Sequence[Row]) -> list[str]:
    """For each indicator of one edition what marks it there: its name's identity, and what it takes to tell it apart.

    They depend on this edition alone, so that they stay while indicators are found to be one and the same, or not.

    >>> rows = [{"name": n, "service": s} for n, s in (("A & B", "X"), ("A and B", "Y"), ("a and b", "Y"), ("C", "Y"))]
    >>> name_keys(rows)
    ['aandb/x', 'aandb/y', 'aandb/y/2', 'c']
    """
    names = [identity(reading["name"]) for reading in readings]
    uses = Counter(names)
    seen: Counter[str] = Counter()
    keys = []
    for name, reading in zip(names, readings, strict=True):
        key = name if uses[name] == 1 else f"{name}/{services.key(reading['service'])}"
        seen[key] += 1
        keys.append(key if seen[key] == 1 else f"{key}/{seen[key]}")
    return keys


def _plain(text: str) -> str:
    """Without accents."""
    return "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))


def unsettled(number: int) -> Row:
    """The column of a new reading until `settle` has told its indicator."""
    return {"kpi_id": _PLACEHOLDER - number}


def settle(db: sqlite3.Connection, council: str) -> None:
    """Give every reading of the council its indicator, in place of what was known before."""
    readings = _readings(db, council)
    indicators = partition(readings)
    numbers = _numbers(db, council, indicators)
    _write_readings(db, council, indicators, numbers)
    _write_names(db, council, indicators, numbers)


def partition(readings: Sequence[Row]) -> list[list[Row]]:
    """The readings of each indicator, indicators in the order of first appearance.

    A reading is a row with `id, report_id, service, name, headline_name, trusted`; the
    result depends on the set only, not on numbers nor on order.
    """
    nodes = _nodes(readings)
    groups = _Groups(readings, nodes)
    for one, other in _renamings(readings, nodes):
        groups.unite(one, other)
    found: dict[Node, list[Row]] = defaultdict(list)
    for reading in readings:
        found[groups.of(nodes[reading["id"]])].append(reading)
    return list(found.values())


def _nodes(readings: Sequence[Row]) -> dict[int, Node]:
    """Each reading's name, made distinct within its report."""
    uses: dict[tuple[int, str], list[Row]] = defaultdict(list)
    for reading in readings:
        uses[reading["report_id"], identity(reading["name"])].append(reading)
    ambiguous = {name for (_, name), rows in uses.items() if len(rows) > 1 and rows[0]["trusted"]}
    nodes: dict[int, Node] = {}
    for (_, name), rows in uses.items():
        if name not in ambiguous and len(rows) == 1:
            nodes[rows[0]["id"]] = (name,)
            continue
        seen: Counter[str] = Counter()
        for reading in sorted(rows, key=_place):
            service = services.key(reading["service"])
            seen[service] += 1
            nodes[reading["id"]] = (name, service) if seen[service] == 1 else (name, service, str(seen[service]))
    return nodes


def _place(reading: Row) -> tuple[Any, ...]:
    return reading["page"], reading["bbox_top"], reading["id"]


def _renamings(readings: Sequence[Row], nodes: dict[int, Node]) -> list[tuple[Node, Node]]:
    """Pairs of names that trusted papers print for one row; the pairs most often printed first."""
    claims: dict[tuple[int, Node], list[Row]] = defaultdict(list)
    for reading in readings:
        if reading["trusted"] and reading["headline_name"]:
            node = nodes[reading["id"]]
            headline = (identity(reading["headline_name"]), *node[1:])
            if headline != node:
                claims[reading["report_id"], headline].append(reading)
    printed = {(reading["report_id"], nodes[reading["id"]]) for reading in readings}
    support: Counter[tuple[Node, Node]] = Counter()
    for (report_id, headline), rows in claims.items():
        # A name that two rows claim, or that is another row's own, tells nothing about either.
        if len(rows) == 1 and (report_id, headline) not in printed:
            support[min(nodes[rows[0]["id"]], headline), max(nodes[rows[0]["id"]], headline)] += 1
    return sorted(support, key=lambda pair: (-support[pair], pair))


class _Groups:
    """Names that stand for one indicator; two that one paper prints for two rows never meet."""

    def __init__(self, readings: Iterable[Row], nodes: dict[int, Node]) -> None:
        self._parent: dict[Node, Node] = {}
        self._reports: dict[Node, set[int]] = defaultdict(set)
        for reading in readings:
            self._reports[nodes[reading["id"]]].add(reading["report_id"])

    def of(self, node: Node) -> Node:
        """The name that stands for all of the node's group."""
        root = node
        while (parent := self._parent.get(root)) is not None:
            root = parent
        return root

    def unite(self, one: Node, other: Node) -> None:
        """Make one group of two, unless some paper holds both."""
        first, second = sorted((self.of(one), self.of(other)))
        if first != second and self._reports[first].isdisjoint(self._reports[second]):
            self._parent[second] = first
            self._reports[first] |= self._reports.pop(second)


def _readings(db: sqlite3.Connection, council: str) -> list[Row]:
    """All readings of a council, oldest edition first."""
    return db.execute(
        """
        select k.id, k.report_id, k.kpi_id, k.service, k.name, k.headline_name, k.page,
               json_extract(k.bbox, '$[1]') as bbox_top, v.outcome = 'read' as trusted,
               r.period_end, r.version_id, d.url
        from reports as r
        join kpi_readings as k on k.report_id = r.id
        join versions as v on v.id = r.version_id
        join documents as d on d.id = v.document_id
        where r.council = ?
        order by r.period_end, r.version_id, k.page, bbox_top, k.id
        """,
        [council],
    ).fetchall()


def _numbers(db: sqlite3.Connection, council: str, indicators: Sequence[Sequence[Row]]) -> list[int]:
    """The number of each indicator: one that most of its readings or its name had, else a new one."""
    votes: dict[int, Counter[int]] = defaultdict(Counter)
    places: dict[str, int] = {}
    for place, readings in enumerate(indicators):
        for reading in readings:
            places.setdefault(identity(reading["name"]), place)
            if reading["kpi_id"] > 0:
                votes[reading["kpi_id"]][place] += 1
    names = (
        "select k.id, n.name from kpis as k join kpi_names as n on n.kpi_id = k.id where k.council = ? order by 1, 2"
    )
    with_readings = set(votes)
    for row in db.execute(names, [council]).fetchall():
        # Those whose readings all went in this transaction are known by their names.
        if row["id"] not in with_readings and identity(row["name"]) in places:
            votes[row["id"]][places[identity(row["name"])]] += 1
    chosen: dict[int, int] = {}
    for number in sorted(votes):
        place = max(votes[number], key=lambda place: (votes[number][place], -place))
        chosen.setdefault(place, number)
    return [chosen.get(place) or _new(db, council) for place in range(len(indicators))]


def _new(db: sqlite3.Connection, council: str) -> int:
    number = db.execute("insert into kpis (council, service, name) values (?, '', '')", [council]).lastrowid
    assert number is not None
    return number


def _write_readings(
    db: sqlite3.Connection, council: str, indicators: Sequence[Sequence[Row]], numbers: Sequence[int]
) -> None:
    moved = [
        (number, reading["id"])
        for number, readings in zip(numbers, indicators, strict=True)
        for reading in readings
        if reading["kpi_id"] != number
    ]
    # In two moves, since two readings of one report may trade places.
    db.executemany("update kpi_readings set kpi_id = ? where id = ?", [(-id_, id_) for _, id_ in moved])
    db.executemany("update kpi_readings set kpi_id = ? where id = ?", moved)


def _write_names(
    db: sqlite3.Connection, council: str, indicators: Sequence[Sequence[Row]], numbers: Sequence[int]
) -> None:
    """Names, services and search entries; indicators that no paper holds any more go."""
    stored_names: dict[int, set[str]] = defaultdict(set)
    for row in db.execute(
        "select n.kpi_id, n.name from kpi_names as n join kpis as k on k.id = n.kpi_id where k.council = ?", [council]
    ):
        stored_names[row["kpi_id"]].add(row["name"])
    for number, readings in zip(numbers, indicators, strict=True):
        newest = max(readings, key=lambda r: (r["trusted"], r["period_end"], r["version_id"]))
        names = {name for r in readings for name in (r["name"], r["headline_name"]) if name}
        says = {"id": number, "service": newest["service"], "name": newest["name"]}
        db.execute(
            "update kpis set service = :service, name = :name"
            " where id = :id and (service is not :service or name is not :name)",
            says,
        )
        stored = stored_names.pop(number, set())
        db.executemany(
            "insert into kpi_names (kpi_id, name) values (?, ?)", [(number, n) for n in sorted(names - stored)]
        )
        db.executemany("delete from kpi_names where kpi_id = ? and name = ?", [(number, n) for n in stored - names])
        search.enter_kpi(db, number, newest["name"], [newest["service"], *sorted(names)], newest["url"])
    kept = set(numbers)
    for row in db.execute("select id from kpis where council = ?", [council]).fetchall():
        if row["id"] not in kept:
            search.leave(db, "kpi_id", row["id"])
            db.execute("delete from kpi_names where kpi_id = ?", [row["id"]])
            db.execute("delete from kpis where id = ?", [row["id"]])
