"""What a reading found, into the tables.

A version's facts are those of its last reading. Reading it again with the same result
changes no row; with another result, the rows that are the same keep their ids.
"""

import json
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from db import editions, kpis, names, reports_against, search
from db.councils import same_council
from db.values import clean, clean_or_none, column, iso, utc
from parsers import services
from parsers.records import (
    Fact,
    Figure,
    Kind,
    KpiReading,
    NamedRating,
    NewsArticle,
    OmbudsmanDecision,
    OmbudsmanReport,
    OmbudsmanStatistic,
    Outcome,
    RagCount,
    Reading,
    Report,
    Risk,
    RiskLevel,
    ServiceImprovement,
)

Row = dict[str, Any]

# Records that are one row of the version each and nothing more.
PLAIN = (RagCount, NamedRating, Figure, Risk, RiskLevel, OmbudsmanStatistic)

# What tells what a document is; a version that could not be read tells so only where no other does.
UNDERSTOOD = (Outcome.READ, Outcome.NOTHING)

OWN_TABLES = {"actions"}  # fields that are rows of a table of their own

# Records that say which council they are about.
OF_A_COUNCIL = (OmbudsmanStatistic, OmbudsmanReport, ServiceImprovement, OmbudsmanDecision)

# What a page of the Ombudsman's goes on holding, with its name for one and for several.
LISTS: tuple[tuple[type[Any], str, str], ...] = (
    (OmbudsmanStatistic, "statistic", "statistics"),
    (OmbudsmanReport, "public report", "public reports"),
    (ServiceImprovement, "service improvement", "service improvements"),
)

NO_EDITION = "it holds indicators, but not which edition they belong to"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """A reading on its way into the archive."""

    version_id: int
    reading: Reading
    council: str  # slug
    ombudsman: str = ""  # the council's slug on the Ombudsman's site; what a page says of another is not ours


def store(db: sqlite3.Connection, items: Iterable[Stored], now: datetime, *, resettle: bool = False) -> list[int]:
    """Make the readings what the archive knows of their versions; those of which it did not know all that already.

    With *resettle*, all indicators are told apart anew, whatever the readings change.
    """
    changed: list[int] = []
    touched: set[editions.Edition] = set()
    unsettled: set[tuple[str, str]] = set()
    if resettle:
        unsettled = {(row["council"], row["scope_key"]) for row in db.execute("select council, scope_key from reports")}
    db.execute("pragma defer_foreign_keys = on")  # readings get their indicators last
    for item in items:
        before = db.total_changes
        _store(db, item, now, touched, unsettled)
        if db.total_changes != before:
            changed.append(item.version_id)
    for council in sorted({council for council, _ in unsettled}):
        kpis.settle(db, council, {scope for of, scope in unsettled if of == council})
    editions.settle(db, touched)
    return changed


def _store(
    db: sqlite3.Connection,
    item: Stored,
    now: datetime,
    touched: set[editions.Edition],
    unsettled: set[tuple[str, str]],
) -> None:
    """One reading's facts; the editions to be settled, and councils with the scopes to be, are added to the sets."""
    reading, council, version_id = item.reading, item.council, item.version_id
    version = _version(db, version_id)
    others = _other_councils(reading, item.ombudsman)
    reading_facts = tuple(fact for fact in _with_edition(reading.facts) if getattr(fact, "council", "") not in others)
    outcome, note = _verdict(reading, [*_about_others(others, item.ombudsman), *_lost(db, version, reading)])
    facts = reading_facts if outcome in (Outcome.READ, Outcome.QUARANTINED) else ()
    # Lists that grow and articles stand beside no outcome, so that nothing doubtful may enter them.
    trusted = reading_facts if outcome is Outcome.READ else ()
    before, scopes = editions.of_document(db, version["document_id"]), kpis.scopes_of(db, version_id)
    editions_changed = _store_editions(db, version_id, facts, council)
    changed = [editions_changed, *(_store_plain(db, version_id, record, facts, council) for record in PLAIN)]
    changed.append(_store_reports_against(db, version, trusted, council))
    changed.append(_store_decisions(db, version, trusted, council))
    changed.append(_store_improvements(db, version, trusted, council))
    speaks = version["is_newest_understood"] if outcome in UNDERSTOOD else version["is_alone"]
    if speaks or outcome is not Outcome.READ:  # an article that was read from this very version may be taken back
        changed.append(_store_article(db, version, trusted))
    if speaks:
        _describe_document(db, version["document_id"], reading)
    noted = _note_outcome(db, version_id, reading, outcome, note, any(changed), now)
    if editions_changed or (noted and facts):
        unsettled |= {(council, scope) for scope in scopes | kpis.scopes_of(db, version_id)}
    if editions_changed or noted:
        touched |= before | editions.of_document(db, version["document_id"])
    search.enter_document(db, version["document_id"], version_id, reading.text, failed=outcome is Outcome.FAILED)


def _version(db: sqlite3.Connection, version_id: int) -> Row:
    row: Row | None = db.execute(
        """
        select v.id, v.document_id, v.fetched_at, d.url,
          not exists (select 1 from versions as n where n.document_id = v.document_id and n.id > v.id
                      and n.outcome in ('read', 'nothing')) as is_newest_understood,
          not exists (select 1 from versions as n where n.document_id = v.document_id and n.id <> v.id
                      and (n.id > v.id or n.outcome in ('read', 'nothing'))) as is_alone,
          not exists (select 1 from versions as e where e.document_id = v.document_id and e.id < v.id
                      and e.outcome = 'read') as is_baseline
        from versions as v join documents as d on d.id = v.document_id where v.id = ?
        """,
        [version_id],
    ).fetchone()
    if row is None:
        raise ValueError(f"there is no version {version_id}")
    return row


def _verdict(reading: Reading, problems: Sequence[str]) -> tuple[Outcome, str | None]:
    """The outcome as stored: what the reader trusted is not trusted where there are *problems*.

    Nor are indicators without an edition, which cannot be stored.
    """
    if reading.outcome not in (Outcome.READ, Outcome.QUARANTINED):
        return reading.outcome, clean_or_none(reading.note)
    homeless = [NO_EDITION] if reading.of(KpiReading) and not reading.of(Report) else []
    if found := [*homeless, *problems]:
        return Outcome.QUARANTINED, clean("; ".join(filter(None, [reading.note, *found])))
    return reading.outcome, clean_or_none(reading.note)


def _other_councils(reading: Reading, ombudsman: str) -> list[str]:
    """The councils that the page's facts name and that are not ours, by their slugs on the Ombudsman's site."""
    if not ombudsman:
        return []
    named = {fact.council for fact in reading.facts if isinstance(fact, OF_A_COUNCIL) and fact.council}
    return sorted(council for council in named if not same_council(council, ombudsman))


def _about_others(others: Sequence[str], ombudsman: str) -> list[str]:
    return [f"expected what concerns {ombudsman}, found {', '.join(others)}"] if others else []


def _lost(db: sqlite3.Connection, version: Row, reading: Reading) -> list[str]:
    """The lists that a page of the Ombudsman's held when it was last read and no longer holds: it has changed shape."""
    if reading.kind is Kind.OMBUDSMAN_DECISION:  # a case may turn out to be no public report
        return []
    last = db.execute(
        "select found from versions where document_id = ? and id < ? and outcome = 'read' order by id desc limit 1",
        [version["document_id"], version["id"]],
    ).fetchone()
    held = json.loads(last["found"]) if last is not None else {}
    return [
        f"held {count} {name if count == 1 else names} before, none now"
        for record, name, names in LISTS
        if (count := held.get(record.table, 0)) and not reading.of(record)
    ]


def _with_edition(facts: Sequence[Fact]) -> tuple[Fact, ...]:
    if any(isinstance(fact, Report) for fact in facts):
        return tuple(facts)
    return tuple(fact for fact in facts if not isinstance(fact, KpiReading))


def _note_outcome(
    db: sqlite3.Connection,
    version_id: int,
    reading: Reading,
    outcome: Outcome,
    note: str | None,
    facts_changed: bool,
    now: datetime,
) -> bool:
    """Note how reading went, unless it went just so before; whether there was something to note."""
    values = {
        "id": version_id,
        "parser": reading.parser,
        "parser_version": reading.parser_version,
        "outcome": outcome.value,
        "note": note,
        "found": json.dumps(Counter(fact.table for fact in reading.facts), sort_keys=True),
        "now": utc(now),
        "changed": facts_changed,
    }
    cursor = db.execute(
        """
        update versions
        set parser = :parser, parser_version = :parser_version, outcome = :outcome, note = :note,
          found = :found, read_at = :now
        where id = :id and (:changed or read_at is null or parser is not :parser
          or parser_version is not :parser_version or outcome is not :outcome or note is not :note
          or found is not :found)
        """,
        values,
    )
    return cursor.rowcount > 0


def _describe_document(db: sqlite3.Connection, document_id: int, reading: Reading) -> None:
    """Kind, title and date as the reading says, the site's own where it does not."""
    values = {
        "id": document_id,
        "kind": reading.kind.value,
        "title": clean_or_none(reading.title),
        "published_on": iso(reading.published_on),
    }
    db.execute(
        """
        update documents
        set kind = :kind, title = coalesce(:title, site_title),
          published_on = coalesce(:published_on, site_published_on)
        where id = :id and (kind is not :kind or title is not coalesce(:title, site_title)
          or published_on is not coalesce(:published_on, site_published_on))
        """,
        values,
    )


def _row(fact: Fact) -> Row:
    return {field.name: column(getattr(fact, field.name)) for field in fields(fact) if field.name not in OWN_TABLES}


def _store_plain(
    db: sqlite3.Connection, version_id: int, record: type[Any], facts: Sequence[Fact], council: str
) -> bool:
    rows = [_row(fact) for fact in facts if isinstance(fact, record)]
    if record is OmbudsmanStatistic:
        rows = [{**row, "council": council} for row in rows]
    return bool(_replace(db, record.table, {"version_id": version_id}, rows))


def _store_editions(db: sqlite3.Connection, version_id: int, facts: Sequence[Fact], council: str) -> bool:
    """Reports with their indicators; an indicator belongs to the edition that stands before it."""
    printed = [fact for fact in facts if isinstance(fact, Report)]
    indicators: list[list[Row]] = [[] for _ in printed]
    at = -1
    for fact in facts:
        if isinstance(fact, Report):
            at += 1
        elif isinstance(fact, KpiReading):
            indicators[max(at, 0)].append(_row(fact))
    rows = [{**_row(edition), "scope_key": services.key(edition.scope), "council": council} for edition in printed]
    report_ids, changed = _store_reports(db, version_id, rows)
    for report_id, readings in zip(report_ids, indicators, strict=True):
        for reading, name_key in zip(readings, kpis.name_keys(readings), strict=True):
            reading["name_key"] = name_key
        changed += _replace(db, "kpi_readings", {"report_id": report_id}, readings, extra=_indicator_before)
    return bool(changed)


def _store_reports(db: sqlite3.Connection, version_id: int, rows: Sequence[Row]) -> tuple[list[int], int]:
    """The ids of a version's editions, in the order of *rows*, and how many changes that took.

    A stored edition that is said otherwise now keeps its row, and so its indicators theirs.
    """
    stored = db.execute("select * from reports where version_id = ? order by id", [version_id]).fetchall()
    edition = ("scope_key", "financial_year", "quarter", "period_end")
    places: dict[int, Row] = {}
    for columns in (tuple(rows[0]) if rows else (), edition, ()):  # the very same, the same edition, whatever is left
        for at, row in enumerate(rows):
            if at not in places:
                like = (n for n, held in enumerate(stored) if all(held[name] == row[name] for name in columns))
                if (n := next(like, None)) is not None:
                    places[at] = stored.pop(n)
    changes = len(stored)
    db.executemany("delete from reports where id = ?", [(held["id"],) for held in stored])
    for at, held in places.items():
        says = {name: value for name, value in rows[at].items() if held[name] != value}
        if says:
            settings = ", ".join(f"{name} = :{name}" for name in says)
            # Which paper stands for its edition is settled last.
            db.execute(f"update reports set {settings}, stands = 0 where id = :id", {**says, "id": held["id"]})  # noqa: S608
            changes += 1
    for at, row in enumerate(rows):
        if at not in places:
            places[at] = {"id": insert(db, "reports", {"version_id": version_id, **row})}
            changes += 1
    return [places[at]["id"] for at in range(len(rows))], changes


def _indicator_before(number: int, row: Row, gone: list[Row]) -> Row:
    """The indicator of a new reading: that of the reading in whose place it comes, for now, else none yet."""
    same_name = (old for old in gone if names.identity(old["name"]) == names.identity(row["name"]))
    same_place = (old for old in gone if (old["page"], old["bbox"]) == (row["page"], row["bbox"]))
    old = next(same_name, None) or next(same_place, None)
    if old is None:
        return {"kpi_id": kpis.unsettled(number)}
    gone.remove(old)
    return {"kpi_id": old["kpi_id"]}


def _replace(
    db: sqlite3.Connection,
    table: str,
    owner: Row,
    rows: Sequence[Row],
    extra: Callable[[int, Row, list[Row]], Row] | None = None,
) -> int:
    """Make *rows* the owner's rows of *table*, in as few changes as possible; how many that took.

    *extra* gives columns for a new row that are not part of what the row says, from its number
    and the rows that went.
    """
    (owner_column, owner_id), *_ = owner.items()
    columns = list(rows[0]) if rows else []
    wanted = Counter(tuple(row[name] for name in columns) for row in rows)
    gone = []
    for stored in db.execute(f"select * from {table} where {owner_column} = ? order by id", [owner_id]).fetchall():  # noqa: S608
        content = tuple(stored[name] for name in columns)
        if rows and wanted[content] > 0:
            wanted[content] -= 1
        else:
            db.execute(f"delete from {table} where id = ?", [stored["id"]])  # noqa: S608
            gone.append(stored)
    changes = len(gone)
    for number, row in enumerate(rows):
        content = tuple(row[name] for name in columns)
        if wanted[content] > 0:
            wanted[content] -= 1
            changes += 1
            insert(db, table, {**owner, **row, **(extra(number, row, gone) if extra else {})})
    return changes


def insert(db: sqlite3.Connection, table: str, row: Row) -> int:
    """One row into one of our tables, whose names come from our records; its number."""
    places = ", ".join(f":{name}" for name in row)
    cursor = db.execute(f"insert into {table} ({', '.join(row)}) values ({places})", row)  # noqa: S608
    return cursor.lastrowid or 0


def _store_reports_against(db: sqlite3.Connection, version: Row, facts: Sequence[Fact], council: str) -> bool:
    rows = [{**_row(fact), "council": council} for fact in facts if isinstance(fact, OmbudsmanReport)]
    stored = db.execute("select * from ombudsman_reports where council = ? order by id", [council]).fetchall()
    entries = reports_against.identified(rows, stored)
    return _accumulate(db, "ombudsman_reports", ("council", "identity"), version, entries, baseline=True)


def _store_decisions(db: sqlite3.Connection, version: Row, facts: Sequence[Fact], council: str) -> bool:
    rows = [{**_row(fact), "council": council} for fact in facts if isinstance(fact, OmbudsmanDecision)]
    return _accumulate(db, "ombudsman_decisions", ("case_reference",), version, rows, baseline=False)


def _store_improvements(db: sqlite3.Connection, version: Row, facts: Sequence[Fact], council: str) -> bool:
    improvements = [fact for fact in facts if isinstance(fact, ServiceImprovement)]
    rows = [{**_row(fact), "council": council} for fact in improvements]
    actions: dict[str, list[str]] = {}
    for improvement in improvements:
        of_case = actions.setdefault(improvement.case_reference, [])
        of_case += [text for text in map(clean, improvement.actions) if text not in of_case]
    changed = _accumulate(db, "service_improvements", ("case_reference",), version, rows, baseline=True)
    for reference, texts in actions.items():
        changed |= _store_actions(db, version["id"], reference, texts)
        search.enter_improvement(db, reference)
    return changed


def _store_actions(db: sqlite3.Connection, version_id: int, reference: str, actions: Sequence[str]) -> bool:
    """The actions as the newest page lists them; a page that only names the case takes none away."""
    seen = db.execute(
        "select seen_version_id as at from service_improvements where case_reference = ?", [reference]
    ).fetchone()
    stored = db.execute(
        "select text from service_improvement_actions where case_reference = ? order by position", [reference]
    ).fetchall()
    if not actions or [row["text"] for row in stored] == actions or seen["at"] > version_id:
        return False
    db.execute("delete from service_improvement_actions where case_reference = ?", [reference])
    for position, action in enumerate(actions, start=1):
        insert(
            db,
            "service_improvement_actions",
            {"case_reference": reference, "position": position, "text": action},
        )
    return True


def _accumulate(
    db: sqlite3.Connection, table: str, identity: Sequence[str], version: Row, rows: Sequence[Row], *, baseline: bool
) -> bool:
    """Rows of lists that only grow: what one page showed stays when a later one no longer does.

    A row keeps the version that showed it first and says what the newest version said that
    showed it. Rows that only this version ever showed and no longer shows, now that it is
    read again, were misread and go.
    """
    changed = False
    shown: dict[tuple[Any, ...], Row] = {}
    for row in rows:
        once = shown.setdefault(tuple(row[name] for name in identity), {})
        once.update({name: value for name, value in row.items() if value is not None or name not in once})
    for row in shown.values():
        key = {name: row[name] for name in identity}
        where = " and ".join(f"{name} = :{name}" for name in key)
        stored = db.execute(f"select * from {table} where {where}", key).fetchone()  # noqa: S608
        if stored is None:
            born = {
                "first_seen_at": version["fetched_at"],
                "version_id": version["id"],
                "seen_version_id": version["id"],
            }
            if baseline:
                born["is_baseline"] = version["is_baseline"]
            insert(db, table, {**row, **born})
            changed = True
        elif stored["seen_version_id"] <= version["id"]:
            says = {name: value for name, value in row.items() if value is not None and name != "council"}
            changed |= _update(db, table, where, key, stored, {**says, "seen_version_id": version["id"]})
    for stored in db.execute(
        f"select * from {table} where version_id = :id and seen_version_id = :id",  # noqa: S608
        {"id": version["id"]},
    ).fetchall():
        if tuple(stored[name] for name in identity) not in shown:
            key = {name: stored[name] for name in identity}
            if table == "service_improvements":
                search.leave(db, "case_reference", stored["case_reference"])
            db.execute(f"delete from {table} where " + " and ".join(f"{name} = :{name}" for name in key), key)  # noqa: S608
            changed = True
    return changed


def _update(db: sqlite3.Connection, table: str, where: str, key: Row, stored: Row, says: Row) -> bool:
    changed = {name: value for name, value in says.items() if stored[name] != value}
    if changed:
        settings = ", ".join(f"{name} = :{name}" for name in changed)
        db.execute(f"update {table} set {settings} where {where}", {**key, **changed})  # noqa: S608
    return bool(changed)


def _store_article(db: sqlite3.Connection, version: Row, facts: Sequence[Fact]) -> bool:
    """The story as the newest version tells it."""
    stored = db.execute("select * from news_articles where document_id = ?", [version["document_id"]]).fetchone()
    article = next((fact for fact in facts if isinstance(fact, NewsArticle)), None)
    if article is None:
        if stored is None or stored["version_id"] != version["id"]:
            return False
        db.execute("delete from news_articles where document_id = ?", [version["document_id"]])
        return True
    row = {"document_id": version["document_id"], "version_id": version["id"], **_row(article)}
    if stored == row:
        return False
    db.execute("delete from news_articles where document_id = ?", [version["document_id"]])
    insert(db, "news_articles", row)
    return True
