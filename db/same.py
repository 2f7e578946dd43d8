"""Which readings are of one indicator, from all that a council's papers print. Pure: rows in, groups out.

Two readings are one indicator when their names are equal but for the ways of writing one
name; when a paper prints both names for one row, in its summary list and on the indicator's
own page; when a person decided so; or when their names differ by no more than a slip of the
pen and the papers' figures bear it out. They are never one when a single paper holds both,
when a person decided that they are two, or when they are of different scopes: a dashboard's
indicators are not those of the whole council's report. Services do not count, since
indicators move, unless one paper uses one name in two of them.

All else that looks alike is only proposed: a wrong merge invents transitions, a split is
only visible.
"""

import re
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property, lru_cache
from itertools import combinations
from typing import Any

from db import names
from parsers import services

Row = dict[str, Any]
Node = tuple[str, ...]  # scope, name; where one paper uses the name twice also its service or number, then a count

_LIKE = 0.6  # likeness from which two names are proposed without any figure that speaks for it
_LIKE_WITH_WITNESS = 0.35  # and where the newer paper prints as previous what the older one printed
_LIKE_IN_PLACE = 0.15  # and where also service, target and floor are the same: one is in the other's place
_MOST_PROPOSED = 3  # for one indicator


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What a person decided about two printed names."""

    scope_key: str
    name: str
    service: str
    other_name: str
    other_service: str
    same: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """Two indicators that may be one: their places in `Indicators.groups`, the one printed first before the other."""

    one: int
    other: int
    likeness: float
    why: str


class Indicators:
    """A council's readings, each in the group of its indicator.

    A reading is a row with `id, report_id, scope_key, service, name, headline_name, reference, trusted, page,
    bbox_top, period_start, period_end` and what it prints. The groups depend on the set of readings only, not on
    numbers nor on order; they stand in the order of first appearance.
    """

    def __init__(self, readings: Sequence[Row], decisions: Sequence[Decision] = ()) -> None:
        self.readings = readings
        self._name_of = _Names(readings)
        self._nodes = _nodes(readings, self._name_of)
        self._groups = _Groups(readings, self._nodes)
        self._by_node: dict[Node, list[Row]] = defaultdict(list)
        for reading in readings:
            self._by_node[self._nodes[reading["id"]]].append(reading)
        self._decide(decisions)
        for one, other in _printed_for_one_row(readings, self._nodes, self._name_of):
            self._groups.unite(one, other)
        for one, other in self._slips():
            self._groups.unite(one, other)
        found: dict[Node, list[Row]] = defaultdict(list)
        for reading in readings:
            found[self._groups.of(self._nodes[reading["id"]])].append(reading)
        self.groups = list(found.values())
        self._roots = list(found)

    def _decide(self, decisions: Sequence[Decision]) -> None:
        pairs = [(one, self._meant(one, other=False), self._meant(one, other=True)) for one in decisions]
        for decision, first, second in pairs:  # what is two is known before anything is made one
            if first and second and not decision.same:
                self._groups.keep_apart(first, second)
        for decision, first, second in pairs:
            if first and second and decision.same:
                self._groups.unite(first, second)

    def _meant(self, decision: Decision, *, other: bool) -> Node | None:
        """The name that a decision is about, as it is told apart today; None where no paper prints it any more."""
        name, service = decision.name, decision.service
        if other:
            name, service = decision.other_name, decision.other_service
        base = (decision.scope_key, self._name_of(decision.scope_key, name))
        if base in self._by_node:
            return base
        exact = [node for node, rows in self._by_node.items() if node[:2] == base and _prints(rows, name, service)]
        return min(exact, default=None)

    def in_force(self, decision: Decision) -> bool:
        """Whether the papers let a decision have its way."""
        first, second = self._meant(decision, other=False), self._meant(decision, other=True)
        if first is None or second is None:
            return False
        return (self._groups.of(first) == self._groups.of(second)) == decision.same

    def _slips(self) -> list[tuple[Node, Node]]:
        """Pairs of names that differ by a slip of the pen only, and whose figures go on from one to the other."""
        found = []
        for one, other in self._pairs(sorted(self._by_node)):
            if len(one) == len(other) == len(("scope", "name")) and _small(self._by_node[one], self._by_node[other]):
                witness = _Witness(self._by_node[one], self._by_node[other])
                if witness.bears_out:
                    found.append((one, other))
        # A name that may be a slip for either of two that one paper holds is a slip for neither: perhaps it was split.
        partners: dict[Node, set[Node]] = defaultdict(set)
        for one, other in found:
            partners[one].add(other)
            partners[other].add(one)
        unsure = {
            node
            for node, others in partners.items()
            if any(not self._groups.may_meet(a, b) for a, b in combinations(sorted(others), 2))
        }
        return [pair for pair in found if unsure.isdisjoint(pair)]

    def _pairs(self, nodes: Iterable[Node]) -> Iterator[tuple[Node, Node]]:
        """Pairs of one scope that no paper holds both of, and that nobody decided about."""
        for one, other in combinations(nodes, 2):
            if one[0] == other[0] and self._groups.may_meet(one, other):
                yield one, other

    @cached_property
    def proposals(self) -> list[Proposal]:
        """Pairs of indicators that may be one and were not made one, the likeliest first."""
        place = {root: at for at, root in enumerate(self._roots)}
        trusted = [root for root in self._roots if any(reading["trusted"] for reading in self.groups[place[root]])]
        found = []
        for first, second in self._pairs(trusted):
            one, other = sorted((place[first], place[second]))
            like, why = _case(self.groups[one], self.groups[other])
            if why:
                found.append(Proposal(one=one, other=other, likeness=round(like, 3), why=why))
        found.sort(key=lambda p: (-p.likeness, p.one, p.other))
        shown: Counter[int] = Counter()
        kept = []
        for proposal in found:
            if max(shown[proposal.one], shown[proposal.other]) < _MOST_PROPOSED:
                shown.update((proposal.one, proposal.other))
                kept.append(proposal)
        return kept


def partition(readings: Sequence[Row], decisions: Sequence[Decision] = ()) -> list[list[Row]]:
    """The readings of each indicator, indicators in the order of first appearance."""
    return Indicators(readings, decisions).groups


# --- names, told apart ---------------------------------------------------------


class _Names:
    """The name that a printed one counts as: its identity, or its spelling where that is needed to tell two apart."""

    def __init__(self, readings: Sequence[Row]) -> None:
        spelt: dict[tuple[int, str, str], set[str]] = defaultdict(set)
        for reading in readings:
            if reading["trusted"]:
                at = reading["report_id"], reading["scope_key"], names.identity(reading["name"])
                spelt[at].add(names.spelling(reading["name"]))
        self._narrow = {key[1:] for key, spellings in spelt.items() if len(spellings) > 1}

    def __call__(self, scope_key: str, name: str) -> str:
        same = names.identity(name)
        return f"={names.spelling(name)}" if (scope_key, same) in self._narrow else same


def _nodes(readings: Sequence[Row], name_of: _Names) -> dict[int, Node]:
    """Each reading's name, made distinct within its report."""
    uses: dict[tuple[int, str, str], list[Row]] = defaultdict(list)
    families: dict[tuple[str, str], set[str]] = defaultdict(set)
    for reading in readings:
        name = name_of(reading["scope_key"], reading["name"])
        uses[reading["report_id"], reading["scope_key"], name].append(reading)
        if family := _family(reading):
            families[reading["scope_key"], name].add(family)
    ambiguous = {key[1:] for key, rows in uses.items() if len(rows) > 1 and rows[0]["trusted"]}
    nodes: dict[int, Node] = {}
    for (_, scope, name), rows in uses.items():
        several = len(families[scope, name]) > 1  # "Visits" is LRA01 here and WM02 there
        if (scope, name) not in ambiguous and len(rows) == 1 and not several:
            nodes[rows[0]["id"]] = (scope, name)
            continue
        seen: Counter[str] = Counter()
        for reading in sorted(rows, key=_place):
            mark = _mark(reading, narrow=len(rows) > 1 or (scope, name) in ambiguous)
            seen[mark] += 1
            nodes[reading["id"]] = (scope, name, mark) if seen[mark] == 1 else (scope, name, mark, str(seen[mark]))
    return nodes


def _mark(reading: Row, *, narrow: bool) -> str:
    """What tells a row from others of its name: its number in a dashboard, else its service."""
    if reading["reference"]:
        return f"#{_reference(reading)}" if narrow else f"#{_family(reading)}"
    return services.key(reading["service"])


def _reference(reading: Row) -> str:
    return re.sub(r"\W", "", reading["reference"] or "").upper()


def _family(reading: Row) -> str:
    """The letters of an indicator's number: "HT" of HT01."""
    return "".join(re.findall(r"^[A-Z]+", _reference(reading)))


def _place(reading: Row) -> tuple[Any, ...]:
    return reading["page"], reading["bbox_top"], reading["id"]


def _prints(rows: Sequence[Row], name: str, service: str) -> bool:
    return any(row["name"] == name and services.key(row["service"]) == services.key(service) for row in rows)


def _printed_for_one_row(
    readings: Sequence[Row], nodes: Mapping[int, Node], name_of: _Names
) -> list[tuple[Node, Node]]:
    """Pairs of names that trusted papers print for one row; the pairs most often printed first."""
    claims: dict[tuple[int, Node], list[Row]] = defaultdict(list)
    for reading in readings:
        if reading["trusted"] and reading["headline_name"]:
            node = nodes[reading["id"]]
            headline = (node[0], name_of(node[0], reading["headline_name"]), *node[2:])
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

    def __init__(self, readings: Iterable[Row], nodes: Mapping[int, Node]) -> None:
        self._parent: dict[Node, Node] = {}
        self._reports: dict[Node, set[int]] = defaultdict(set)
        self._members: dict[Node, set[Node]] = {}
        self._apart: dict[Node, set[Node]] = defaultdict(set)
        for reading in readings:
            self._reports[nodes[reading["id"]]].add(reading["report_id"])

    def of(self, node: Node) -> Node:
        """The name that stands for all of the node's group."""
        root = node
        while (parent := self._parent.get(root)) is not None:
            root = parent
        return root

    def keep_apart(self, one: Node, other: Node) -> None:
        """Never let two names meet."""
        self._apart[one].add(other)
        self._apart[other].add(one)

    def may_meet(self, one: Node, other: Node) -> bool:
        """Whether two names could stand for one indicator: no paper holds both, and nobody said that they are two."""
        first, second = self.of(one), self.of(other)
        return self._reports[first].isdisjoint(self._reports[second]) and not self._parted(first, second)

    def unite(self, one: Node, other: Node) -> None:
        """Make one group of two, unless they may not meet."""
        first, second = sorted((self.of(one), self.of(other)))
        if first != second and self.may_meet(first, second):
            self._parent[second] = first
            self._reports[first] |= self._reports.pop(second)
            self._members[first] = self._of_group(first) | self._of_group(second)

    def _of_group(self, root: Node) -> set[Node]:
        return self._members.get(root, {root})

    def _parted(self, first: Node, second: Node) -> bool:
        if not self._apart:
            return False
        others = self._of_group(second)
        return any(not others.isdisjoint(self._apart[node]) for node in self._of_group(first) if node in self._apart)


# --- witnesses -----------------------------------------------------------------


def _small(one: Sequence[Row], other: Sequence[Row]) -> bool:
    return names.small_renaming(min(r["name"] for r in one), min(r["name"] for r in other))


@dataclass(slots=True)
class _Witness:
    """What the figures say about two indicators being one."""

    one: Sequence[Row]
    other: Sequence[Row]
    agree: list[str] = field(default_factory=list)  # a sentence for each pair of neighbouring quarters
    disagree: list[str] = field(default_factory=list)
    same_target: bool = False
    same_reference: str = ""

    def __post_init__(self) -> None:
        one = [row for row in self.one if row["trusted"]]
        other = [row for row in self.other if row["trusted"]]
        for older, newer in ((one, other), (other, one)):
            by_end = {row["period_end"]: row for row in older}
            for row in newer:
                before = by_end.get(_day_before(row["period_start"]))
                if before is not None:
                    self._compare(before, row)
        self.same_target = any(_same_target(a, b) for a, b in _nearest(one, other))
        references = {_reference(row) for row in one} & {_reference(row) for row in other} - {""}
        self.same_reference = min(references, default="")

    @property
    def bears_out(self) -> bool:
        """Whether the figures are those of one indicator, as far as they tell."""
        return not self.disagree and bool(self.agree or self.same_target)

    def _compare(self, before: Row, now: Row) -> None:
        if before["value"] is None or now["previous_value"] is None:
            return
        says = f"{_edition(now)} prints {now['previous_text'] or now['previous_value']} for the quarter before"
        same = abs(before["value"] - now["previous_value"]) < 1e-9 and (before["unit"] or "") == (now["unit"] or "")
        ratings = {before["rag"], now["previous_rag"]} - {None}
        if same and len(ratings) < 2:  # one rating, or none to compare
            self.agree.append(f"{says}, which {_edition(before)} prints under the other name")
        else:
            printed = before["value_text"] or before["value"]
            self.disagree.append(f"{says}, but {_edition(before)} prints {printed} under the other name")


@lru_cache(maxsize=10_000)
def _day_before(text: str) -> str:
    return (date.fromisoformat(text) - timedelta(days=1)).isoformat()


def _nearest(one: Sequence[Row], other: Sequence[Row]) -> list[tuple[Row, Row]]:
    """The readings of two indicators that lie nearest to each other in time."""
    later = sorted(other, key=_end)
    pairs = []
    for row in one:
        at = bisect_left(later, row["period_end"], key=_end)
        pairs += [
            (abs(_days(row["period_end"]) - _days(near["period_end"])), row, near)
            for near in later[max(at - 1, 0) : at + 1]
        ]
    least = min((gap for gap, _, _ in pairs), default=0)
    return [(row, near) for gap, row, near in pairs if gap == least]


def _end(row: Row) -> str:
    return str(row["period_end"])


@lru_cache(maxsize=10_000)
def _days(text: str) -> int:
    return date.fromisoformat(text).toordinal()


def _same_target(one: Row, other: Row) -> bool:
    if one["target"] is None or one["target"] != other["target"] or (one["unit"] or "") != (other["unit"] or ""):
        return False
    return bool(one["floor"] == other["floor"])


def _edition(row: Row) -> str:
    return f"Q{row['quarter']} {row['financial_year']}"


def _case(one: Sequence[Row], other: Sequence[Row]) -> tuple[float, str]:
    """How alike the names of two indicators are, and what speaks for one being the other; "" where too little does."""
    like = max(names.likeness(a, b) for a in _printed(one) for b in _printed(other))
    if like < _LIKE_IN_PLACE and not any(row["reference"] for row in one):
        return like, ""
    witness = _Witness(one, other)
    slip = any(names.small_renaming(a, b) for a in _printed(one) for b in _printed(other))
    in_place = witness.same_target and not _services(one).isdisjoint(_services(other))
    continued = bool(witness.agree) and like >= (_LIKE_IN_PLACE if in_place else _LIKE_WITH_WITNESS)
    if not (like >= _LIKE or slip or witness.same_reference or continued):
        return like, ""
    said = [f"the names share {like:.0%} of their words"]
    if witness.same_reference:
        said.append(f"both are numbered {witness.same_reference}")
    said += witness.agree[-1:] + (["target and floor are the same"] if witness.same_target else [])
    said += witness.disagree[-1:]
    return like, "; ".join(said)


def _services(rows: Sequence[Row]) -> set[str]:
    return {_service_key(name) for name in {row["service"] for row in rows}}


_service_key = lru_cache(maxsize=10_000)(services.key)


def _printed(rows: Sequence[Row]) -> list[str]:
    return sorted({row["name"] for row in rows})
