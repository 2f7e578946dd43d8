"""Which indicators may be one and the same: what is proposed to people, and what they decided."""

import sqlite3
from collections.abc import Sequence, Set
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from db import same
from db.errors import Undecidable
from db.values import clean, known_moment, utc
from parsers import services

Row = dict[str, Any]

SAME, DIFFERENT = "same", "different"


@dataclass(frozen=True, slots=True, kw_only=True)
class KpiDecision:
    """A decision about two printed names, as it is stored."""

    id: int
    council: str
    scope: str  # "" for the whole council's report
    name: str
    other_name: str
    verdict: str  # same or different
    decided_at: datetime
    in_force: bool  # whether the papers let it have its way: two names that one paper prints are never made one


def decisions(db: sqlite3.Connection, council: str) -> list[same.Decision]:
    """What people decided about the council's indicators."""
    rows = db.execute("select * from kpi_decisions where council = ? order by id", [council]).fetchall()
    return [_decision(row) for row in rows]


def decision(db: sqlite3.Connection, decision_id: int) -> same.Decision:
    """One of them, by its number."""
    return _decision(db.execute("select * from kpi_decisions where id = ?", [decision_id]).fetchone())


def stored(db: sqlite3.Connection, found: dict[str, same.Indicators]) -> list[KpiDecision]:
    """All decisions, with whether they are in force in the councils' indicators."""
    rows = db.execute("select * from kpi_decisions order by id").fetchall()
    return [
        KpiDecision(
            **{name: row[name] for name in ("id", "council", "scope", "name", "other_name", "verdict")},
            decided_at=known_moment(row["decided_at"]),
            in_force=found[row["council"]].in_force(_decision(row)),
        )
        for row in rows
    ]


def councils(db: sqlite3.Connection) -> list[str]:
    """The councils that people decided something about."""
    return [row["council"] for row in db.execute("select distinct council from kpi_decisions order by council")]


def decide(db: sqlite3.Connection, one: Row, other: Row, verdict: str, now: datetime) -> int:
    """Note what was decided about two indicators, in place of what was said before; the decision's number.

    The indicators are rows with `council, scope, name, service`.
    """
    first, second = sorted((one, other), key=lambda row: (row["name"], row["service"]))
    values = {
        "council": first["council"],
        "scope": first["scope"],
        "name": first["name"],
        "service": first["service"],
        "other_name": second["name"],
        "other_service": second["service"],
        "verdict": verdict,
        "now": utc(now),
    }
    row = db.execute(
        """
        insert into kpi_decisions (council, scope, name, service, other_name, other_service, verdict, decided_at)
        values (:council, :scope, :name, :service, :other_name, :other_service, :verdict, :now)
        on conflict (council, scope, name, service, other_name, other_service)
        do update set verdict = excluded.verdict, decided_at = excluded.decided_at
        returning id
        """,
        values,
    ).fetchone()
    number: int = row["id"]
    return number


def undo(db: sqlite3.Connection, decision_id: int) -> str | None:
    """Take a decision back; its council, None where there is no such decision."""
    row = db.execute("delete from kpi_decisions where id = ? returning council", [decision_id]).fetchone()
    return None if row is None else str(row["council"])


def indicator(db: sqlite3.Connection, said: str) -> Row:
    """The indicator that a number means, or a name as printed. Undecidable where none does, or several do.

    By a name, the row has that name: a decision may be about one of an indicator's names.
    """
    text = clean(said.strip())
    if text.isdigit() and (row := db.execute("select * from kpis where id = ?", [int(text)]).fetchone()):
        return dict(row)
    rows = db.execute(
        """
        select k.id, k.council, k.scope, n.name, coalesce(r.service, k.service) as service, max(r.id) as printed
        from kpi_names as n join kpis as k on k.id = n.kpi_id
        left join kpi_readings as r on r.kpi_id = k.id and r.name = n.name
        where n.name = ? group by k.id order by k.id
        """,
        [text],
    ).fetchall()
    rows = [row for row in rows if row["printed"]] or rows  # before those for which only the summary list has the name
    if not rows:
        raise Undecidable(f'there is no indicator "{said}"')
    if len(rows) > 1:
        numbers = ", ".join(str(row["id"]) for row in rows)
        raise Undecidable(f'"{said}" is the name of several indicators: {numbers}; say which by its number')
    return dict(rows[0])


def together(db: sqlite3.Connection, one: int, other: int) -> Row | None:
    """A trusted edition that prints two indicators side by side; None where there is none."""
    row: Row | None = db.execute(
        """
        select r.financial_year, r.quarter, r.period_end, a.page, b.page as other_page
        from kpi_readings as a join kpi_readings as b on b.report_id = a.report_id
        join reports as r on r.id = a.report_id
        where a.kpi_id = ? and b.kpi_id = ? order by r.period_end desc limit 1
        """,
        [one, other],
    ).fetchone()
    return row


def propose(
    db: sqlite3.Connection,
    council: str,
    proposals: Sequence[same.Proposal],
    numbers: Sequence[int],
    *,
    among: Set[int],
) -> None:
    """Make these the proposals about some of the council's indicators, in as few changes as possible."""
    wanted = {(numbers[p.one], numbers[p.other]): (p.likeness, p.why) for p in proposals}
    for row in db.execute("select * from kpi_proposals where council = ?", [council]).fetchall():
        pair = row["kpi_id"], row["other_kpi_id"]
        if among.isdisjoint(pair):
            continue
        if wanted.get(pair) == (row["likeness"], row["why"]):
            del wanted[pair]
        else:
            db.execute("delete from kpi_proposals where id = ?", [row["id"]])
    db.executemany(
        "insert into kpi_proposals (council, kpi_id, other_kpi_id, likeness, why) values (?, ?, ?, ?, ?)",
        [(council, *pair, *says) for pair, says in sorted(wanted.items())],
    )


def _decision(row: Row) -> same.Decision:
    return same.Decision(
        scope_key=services.key(row["scope"]),
        name=row["name"],
        service=row["service"],
        other_name=row["other_name"],
        other_service=row["other_service"],
        same=row["verdict"] == SAME,
    )
