"""Papers whose content changed after publication, classed by what differs.

A document that is served with other content has a version before; a paper that is put up under a new
number beside the old one, under the same agenda item, takes the place of that one. Both are compared
fact by fact, as one and the same version of a reader read them. `settle` keeps the table `reissues`
at what follows from the versions as they are read now, so that reading again is never a re-issue.
"""

import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from parsers import services
from parsers.text import collapse, matching

Row = dict[str, Any]
Key = tuple[Any, ...]

# Pages that grow and change by themselves: what is added there is no correction.
LIVING = ("agenda_item", "meeting", "news_article", "ombudsman_statistics", "ombudsman_improvements")

# A new content and the newest one before it that could be read; and which of them still have to be compared.
_OF_ONE_DOCUMENT = """
select v.id as version_id, b.id as before_id, v.read_at, b.read_at as before_read_at, d.kind
from versions as v
join versions as b on b.id = (select max(e.id) from versions as e
                              where e.document_id = v.document_id and e.id < v.id and e.outcome = 'read')
join documents as d on d.id = v.document_id
left join reissues as x on x.version_id = v.id
where v.outcome = 'read' and v.supersedes_id is not null
  and v.parser is b.parser and v.parser_version is b.parser_version
  and (x.version_id is null or x.before_version_id <> b.id or x.read_at <> v.read_at
       or x.before_read_at <> b.read_at)
order by v.id
"""

# Contents that another took the place of, read by an older version of the reader that read the other:
# before the two can be compared, these have to be read again. They stand for nothing any more.
READ_OTHERWISE = """
select b.id
from versions as v
join versions as b on b.id = (select max(e.id) from versions as e
                              where e.document_id = v.document_id and e.id < v.id and e.outcome = 'read')
where v.outcome = 'read' and v.supersedes_id is not null and v.parser = b.parser and v.parser_version > b.parser_version
"""

# The first content that could be read of a paper under an agenda item under which one with a lower number
# stands; `is_newer` where that was put up in an earlier visit.
_OF_TWO_NUMBERS = """
with numbered as (
  select d.*, cast(substr(d.key, instr(d.key, ':s') + 2) as integer) as number,
         substr(d.key, 1, instr(d.key, ':s')) as site
  from documents as d
  where d.agenda_item_id is not null and d.key glob 'moderngov:*:s[0-9]*'
)
select v.id as version_id, b.id as before_id, v.read_at, b.read_at as before_read_at, d.kind, o.number as before_number,
       coalesce(d.site_title, d.title, '') as title, coalesce(o.site_title, o.title, '') as before_title,
       julianday(d.first_seen_at) - julianday(o.first_seen_at) > 0.125 as is_newer
from numbered as d
join numbered as o on o.meeting_id = d.meeting_id and o.agenda_item_id = d.agenda_item_id
  and o.site = d.site and o.number < d.number
join versions as v on v.id = (select min(id) from versions where document_id = d.id and outcome = 'read')
join versions as b on b.id = (select max(id) from versions where document_id = o.id and outcome = 'read')
where v.parser is b.parser and v.parser_version is b.parser_version
order by v.id, o.number desc
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Fact:
    """One fact as it is compared: what it is about, and what it says in which field."""

    name: str
    service: str | None
    says: dict[str, tuple[Any, str | None]]  # by field: what is compared, and what is shown
    key: str = ""  # of an indicator: its name_key
    again: int | None = None  # of an indicator: its number, by which it is known under another name
    page: int | None = None
    bbox: str | None = None
    in_words: bool = False  # stands in running text: where only one of the papers has it, the words differ


def settle(db: sqlite3.Connection) -> int:
    """Compare what has to be compared, anew or for the first time; how many re-issues were noted."""
    db.execute(
        """
        delete from reissues where exists (select 1 from versions as v
          where v.id in (version_id, before_version_id) and v.outcome is not 'read')
        """
    )
    pairs = [*db.execute(_OF_ONE_DOCUMENT).fetchall(), *_replaced(db)]
    for pair in pairs:
        _note(db, pair)
    return len(pairs)


def _replaced(db: sqlite3.Connection) -> list[Row]:
    """For each paper with a new number the one that it took the place of, where they were not compared yet."""
    chosen: dict[int, Row] = {}
    for pair in db.execute(_OF_TWO_NUMBERS):
        if pair["version_id"] not in chosen and _one_story(db, pair):
            chosen[pair["version_id"]] = pair
    held = {row["version_id"]: row for row in db.execute("select * from reissues").fetchall()}
    return [
        pair
        for pair in chosen.values()
        if (known := held.get(pair["version_id"])) is None
        or (known["before_version_id"], known["read_at"], known["before_read_at"])
        != (pair["before_id"], pair["read_at"], pair["before_read_at"])
    ]


def _one_story(db: sqlite3.Connection, pair: Row) -> bool:
    """Whether the two are one paper: of one edition, or of one title and put up one after the other."""
    new, old = _editions(db, pair["version_id"]), _editions(db, pair["before_id"])
    if new or old:
        return bool(new & old)
    same_title = matching(pair["title"]).casefold() == matching(pair["before_title"]).casefold() != ""
    return bool(same_title and pair["is_newer"])


def _editions(db: sqlite3.Connection, version_id: int) -> set[Key]:
    rows = db.execute("select financial_year, quarter, scope from reports where version_id = ?", [version_id])
    return {tuple(row.values()) for row in rows}


def _note(db: sqlite3.Connection, pair: Row) -> None:
    new, old = pair["version_id"], pair["before_id"]
    editions, before = _editions(db, new), _editions(db, old)
    found: list[Row] = []
    if editions and before and not editions & before:
        kind = "edition"
    else:
        found = _once(sorted(_differences(db, old, new, pair["kind"]), key=lambda one: not one["is_rating"]))
        kind = "figures" if found else "bytes" if _text(db, old) == _text(db, new) else "wording"
    first = found[0] if found else {}
    places = ("page", "bbox", "before_page", "before_bbox")
    db.execute(
        """
        insert or replace into reissues (
          version_id, before_version_id, class, figures_changed, ratings_changed, first_difference, differences,
          page, bbox, before_page, before_bbox, read_at, before_read_at
        )
        values (
          :new, :old, :class, :figures, :ratings, :first, :differences,
          :page, :bbox, :before_page, :before_bbox, :read_at, :before_read_at
        )
        """,
        {
            "new": new,
            "old": old,
            "class": kind,
            "figures": len(found),
            "first": _in_words(first) if found else None,
            "ratings": sum(one["is_rating"] for one in found),
            "differences": json.dumps([{k: v for k, v in one.items() if k not in places} for one in found]),
            **{place: first.get(place) for place in places},
            "read_at": pair["read_at"],
            "before_read_at": pair["before_read_at"],
        },
    )


def _once(differences: Iterable[Row]) -> list[Row]:
    """Without what says the same again of the same thing, as a paper's text and its table may."""
    told: dict[Key, Row] = {}
    for one in differences:
        told.setdefault(tuple(one[column] for column in ("name", "service", "field", "before", "now", "key")), one)
    return list(told.values())


def _in_words(one: Row) -> str:
    field, before, now = (f" {one['field']}" if one["field"] else ""), one["before"], one["now"]
    return f"{one['name']}:{field} {before or 'not there'} → {now or 'not there'}"


def _text(db: sqlite3.Connection, version_id: int) -> str:
    row = db.execute("select body from document_texts where version_id = ?", [version_id]).fetchone()
    return collapse(row["body"]) if row else ""


# --- fact by fact ------------------------------------------------------------


def _differences(db: sqlite3.Connection, old: int, new: int, kind: str | None) -> Iterator[Row]:
    living = kind in LIVING
    for facts in (_indicators, _counts, _figures, _levels, _risks, _statistics, _named):
        before, now = facts(db, old), facts(db, new)
        yield from _compared(*_paired(before, now), living=living)


def _paired(before: dict[Key, _Fact], now: dict[Key, _Fact]) -> tuple[dict[Key, _Fact], dict[Key, _Fact]]:
    """The same, with an indicator that bears another name now under its new one."""
    left = {fact.again: key for key, fact in before.items() if fact.again is not None and key not in now}
    moved = {left[fact.again]: key for key, fact in now.items() if key not in before and fact.again in left}
    return {moved.get(key, key): fact for key, fact in before.items()}, now


def _compared(before: dict[Key, _Fact], now: dict[Key, _Fact], *, living: bool) -> Iterator[Row]:
    for key, fact in now.items():
        old = before.get(key)
        if old is None:
            if not living and not fact.in_words:
                yield _difference(None, fact, "", None, _shown(fact))
            continue
        for field, (value, text) in fact.says.items():
            then, then_text = old.says.get(field, (None, None))
            if not _same(field, then, then_text, value, text):
                yield _difference(old, fact, field, then_text, text)
    if not living:
        for key, fact in before.items():
            if key not in now and not fact.in_words:
                yield _difference(fact, None, "", _shown(fact), None)


def _same(field: str, then: Any, then_text: str | None, value: Any, text: str | None) -> bool:
    if then == value and (value is not None or _plain(then_text) == _plain(text)):
        return True
    if field in _ILLEGIBLE and None in (then, value):
        return True  # an arrow that could not be told says nothing
    # A figure that one reading made a number of and the other not is the same where it is printed the same.
    return None in (then, value) and _plain(then_text) == _plain(text) != ""


def _plain(text: str | None) -> str:
    return "".join(matching(text or "").casefold().split())


def _shown(fact: _Fact) -> str | None:
    """What a fact says, in short, for one that the other paper lacks."""
    return ", ".join(text for _, text in list(fact.says.values())[:2] if text) or None


def _difference(old: _Fact | None, new: _Fact | None, field: str, before: str | None, now: str | None) -> Row:
    about = new or old
    assert about is not None
    return {
        "name": about.name,
        "service": about.service,
        "field": field,  # empty where the whole is new or gone
        "before": before,
        "now": now,
        "key": about.key,
        "is_rating": field in _RATINGS or (field == "" and about.key != ""),
        "page": new.page if new else None,
        "bbox": new.bbox if new else None,
        "before_page": old.page if old else None,
        "before_bbox": old.bbox if old else None,
    }


# --- the facts of a version --------------------------------------------------

_RATINGS = ("rating", "year-to-date rating")
_ILLEGIBLE = ("direction", "rating in the summary list")

_MEASURED = (
    ("value", "value", "value_text"),
    ("target", "target", "target_text"),
    ("floor standard", "floor", "floor_text"),
    ("quarter before", "previous_value", "previous_text"),
    ("year to date", "ytd_value", "ytd_text"),
    ("year before", "previous_year_value", "previous_year_text"),
)
_SAID = (
    ("previous rating", "previous_rag"),
    ("direction", "direction"),
    ("year-to-date rating", "ytd_rag"),
    ("rating in the summary list", "headline_rag"),
)


def _indicators(db: sqlite3.Connection, version_id: int) -> dict[Key, _Fact]:
    rows = db.execute(
        "select r.financial_year, r.quarter, r.scope, k.* from reports as r"
        " join kpi_readings as k on k.report_id = r.id where r.version_id = ? order by k.id",
        [version_id],
    )
    return {
        (row["financial_year"], row["quarter"], row["scope"], row["name_key"]): _Fact(
            name=row["name"],
            service=row["service"],
            says=_says(row),
            key=row["name_key"],
            again=row["kpi_id"],
            page=row["page"],
            bbox=row["bbox"],
        )
        for row in rows
    }


def _says(row: Row) -> dict[str, tuple[Any, str | None]]:
    says: dict[str, tuple[Any, str | None]] = {"rating": (row["rag"], row["rag"])}
    for field, number, text in _MEASURED:
        value = row[number]
        if number == "target" and value is None and row["target_low"] is not None:
            value = (row["target_low"], row["target_high"])
        says[field] = (value, row[text])
    return says | {field: (row[column], row[column]) for field, column in _SAID}


_COUNTED = ("green", "amber", "red", "improving", "stable", "worsening", "total")


def _counts(db: sqlite3.Connection, version_id: int) -> dict[Key, _Fact]:
    """Stated numbers of ratings; where a paper states one twice, all that it states."""
    stated: dict[Key, set[int]] = defaultdict(set)
    where: dict[Key, Row] = {}
    for row in db.execute("select * from rag_counts where version_id = ? order by id", [version_id]):
        for column in _COUNTED:
            if row[column] is not None:
                about = services.key(row["service"] or "")
                key = (column, row["stated_in"], row["financial_year"], row["quarter"], about, row["in_table"])
                stated[key].add(row[column])
                where.setdefault(key, row)
    return {
        key: _Fact(
            name=_count_name(key[0]),
            service=where[key]["service"],
            says={"number": (tuple(sorted(numbers)), " and ".join(map(str, sorted(numbers))))},
            page=where[key]["page"],
            in_words=not where[key]["in_table"],
        )
        for key, numbers in stated.items()
    }


def _count_name(column: str) -> str:
    if column == "total":
        return "Number of indicators, as stated"
    return f"Number {'rated ' + column.capitalize() if column in _COUNTED[:3] else column}, as stated"


def _figures(db: sqlite3.Connection, version_id: int) -> dict[Key, _Fact]:
    rows = db.execute("select * from figures where version_id = ? order by id", [version_id]).fetchall()
    return _unique(
        (
            (
                row["measure"],
                services.key(row["service"] or ""),
                *((row["period_start"], row["period_end"]) if row["period_end"] else (_plain(row["period_label"]),)),
                row["is_total"],
                row["unit"],
                row["quote"] is None,
            ),
            _Fact(
                name=", ".join(filter(None, [row["measure"].replace("_", " ").capitalize(), row["period_label"]])),
                service=row["service"],
                says={"number": (row["value"], row["value_text"])},
                page=row["page"],
                bbox=row["bbox"],
                in_words=row["quote"] is not None,
            ),
        )
        for row in rows
    )


def _levels(db: sqlite3.Connection, version_id: int) -> dict[Key, _Fact]:
    rows = db.execute("select * from risk_levels where version_id = ? order by id", [version_id]).fetchall()
    return _unique(
        (
            (row["as_at"],),
            _Fact(
                name=f"Corporate risks at {row['as_at']}",
                service=None,
                says={level: (row[level], str(row[level])) for level in ("low", "medium", "high")},
                page=row["page"],
            ),
        )
        for row in rows
    )


def _risks(db: sqlite3.Connection, version_id: int) -> dict[Key, _Fact]:
    rows = db.execute("select * from risks where version_id = ? and code is not null order by id", [version_id])
    fields = ("change", "level", "score", "target_level", "target_score")
    return _unique(
        (
            (row["code"],),
            _Fact(
                name=f"{row['code']}: {row['title']}",
                service=None,
                says={
                    field.replace("_", " "): (row[field], None if row[field] is None else str(row[field]))
                    for field in fields
                },
                page=row["page"],
                bbox=row["bbox"],
            ),
        )
        for row in rows.fetchall()
    )


def _statistics(db: sqlite3.Connection, version_id: int) -> dict[Key, _Fact]:
    rows = db.execute("select * from ombudsman_statistics where version_id = ? order by id", [version_id]).fetchall()
    return _unique(
        (
            (row["measure"], row["period_start"], row["period_end"]),
            _Fact(
                name=f"{row['measure'].replace('_', ' ').capitalize()}, year to {row['period_end']}",
                service=None,
                says={
                    "figure": (row["value"], f"{row['value']:g}"),
                    "average of similar authorities": (
                        row["similar_average"],
                        None if row["similar_average"] is None else f"{row['similar_average']:g}",
                    ),
                },
            ),
        )
        for row in rows
    )


def _named(db: sqlite3.Connection, version_id: int) -> dict[Key, _Fact]:
    """Ratings that running text gives by name; what is told in other words is wording."""
    rows = db.execute("select * from named_ratings where version_id = ? order by id", [version_id]).fetchall()
    return _unique(
        (
            (row["stated_in"], row["financial_year"], row["quarter"], services.key(row["name"]), "named"),
            _Fact(
                name=row["name"],
                service=row["service"],
                says={"rating as named": (row["rag"], row["rag"])},
                page=row["page"],
                in_words=True,
            ),
        )
        for row in rows
    )


def _unique(facts: Iterable[tuple[Key, _Fact]]) -> dict[Key, _Fact]:
    """Those that nothing else of their paper could be taken for."""
    found: dict[Key, list[_Fact]] = defaultdict(list)
    for key, fact in facts:
        found[key].append(fact)
    return {key: same[0] for key, same in found.items() if _agree(same)}


def _agree(facts: Sequence[_Fact]) -> bool:
    return all(fact.says == facts[0].says for fact in facts)
