"""What reading again would change in an archive, value by value: rows before beside rows after."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from monitor.reads import Reads, Row


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One value that is another, or one fact that is new or gone."""

    table: str
    what: str  # changed, added or removed
    about: str  # which fact, as a person names it
    field: str | None = None  # which value of it; None where all of it is new or gone
    before: Any = None
    after: Any = None
    page: int | None = None

    def __str__(self) -> str:
        where = f", page {self.page}" if self.page else ""
        if self.what == "changed":
            field = _WORDS.get(str(self.field), str(self.field).replace("_", " "))
            return f"{self.about}: {field} {_shown(self.before)} → {_shown(self.after)}{where}"
        says = self.after if self.what == "added" else self.before
        return f"{self.about}: {self.what}{f': {says}' if says else ''}{where}"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Table:
    """How the facts of a table are told apart and named."""

    name: str
    sql: str  # the facts of one version, or of the document of one
    keys: tuple[tuple[str, ...], ...]  # what tells that two rows are one fact, the surest first
    about: str  # a template over the row
    main: tuple[str, ...]  # what is shown of a fact that is new or gone


# How columns are called to people; others by their own names.
_WORDS = {
    "rag": "rating",
    "previous_rag": "previous rating",
    "value_text": "value",
    "target_text": "target",
    "floor_text": "floor",
    "previous_text": "previous value",
    "ytd_text": "year to date",
    "ytd_rag": "rating of the year to date",
    "previous_year_text": "value of the year before",
    "bbox": "place on the page",
    "headline_bbox": "place in the summary list",
    "kpi_total": "number of indicators stated",
}
# Where a number and its text both change, the text tells it.
_TEXT_OF = {
    "value": "value_text",
    "target": "target_text",
    "floor": "floor_text",
    "previous_value": "previous_text",
    "ytd_value": "ytd_text",
    "previous_year_value": "previous_year_text",
}
# What is ours and not the document's.
_OURS = frozenset(
    {"id", "version_id", "report_id", "seen_version_id", "kpi_id", "name_key", "scope_key", "stands", "council"}
    | {"document_id", "identity", "known_by", "is_baseline", "first_seen_at", "edition"}
)
_MOST_SHOWN = 80  # letters of one value

_OF_EDITION = "'Q' || r.quarter || ' ' || r.financial_year || iif(r.scope = '', '', ' ' || r.scope)"
_STATED = "coalesce('Q' || quarter || ' ', '') || coalesce(financial_year || ' ', '') as edition"

_TABLES: tuple[_Table, ...] = (
    _Table(
        name="documents",
        sql="select id, kind, title, published_on from documents where id = "
        "(select document_id from versions where id = ?)",
        keys=(("id",),),
        about="the document",
        main=("kind",),
    ),
    _Table(
        name="reports",
        sql=f"select r.*, {_OF_EDITION} as edition from reports as r where version_id = ? order by id",  # noqa: S608
        keys=(("scope_key", "period_end"), ("id",)),
        about="edition {edition}",
        main=("title",),
    ),
    _Table(
        name="kpi_readings",
        sql=f"select k.*, {_OF_EDITION} as edition from kpi_readings as k join reports as r on r.id = k.report_id "  # noqa: S608
        "where r.version_id = ? order by k.id",
        keys=(
            ("report_id", "service", "name", "reference"),
            ("report_id", "service", "name"),
            ("report_id", "name"),
            ("report_id", "page", "bbox"),
            ("report_id", "kpi_id"),
        ),
        about="{edition} {service} — {name}",
        main=("rag", "value_text", "target_text", "floor_text"),
    ),
    _Table(
        name="rag_counts",
        sql=f"select *, {_STATED} from rag_counts where version_id = ? order by id",  # noqa: S608
        keys=(
            ("stated_in", "financial_year", "quarter", "service", "in_table", "quote"),
            ("service", "in_table", "quote"),
            ("stated_in", "financial_year", "quarter", "service", "in_table", "page"),
        ),
        about="{edition}{service|the whole council}: how many of each rating",
        main=("green", "amber", "red", "total"),
    ),
    _Table(
        name="named_ratings",
        sql=f"select *, {_STATED} from named_ratings where version_id = ? order by id",  # noqa: S608
        keys=(("service", "name", "quote"), ("name",), ("quote",)),
        about="{edition}{service|} named: {name}",
        main=("rag",),
    ),
    _Table(
        name="figures",
        sql="select * from figures where version_id = ? order by id",
        keys=(
            ("measure", "service", "period_label", "is_total", "page"),
            ("measure", "service", "period_start", "period_end", "is_total"),
            ("page", "bbox"),
        ),
        about="{measure}, {service|no label}, {period_label|no period}",
        main=("value_text",),
    ),
    _Table(
        name="risks",
        sql="select * from risks where version_id = ? order by id",
        keys=(("code", "title"), ("code", "page"), ("title",)),
        about="risk {code|} {title}",
        main=("change", "level", "score"),
    ),
    _Table(
        name="risk_levels",
        sql="select * from risk_levels where version_id = ? order by id",
        keys=(("as_at",), ("page",)),
        about="risks at {as_at}",
        main=("low", "medium", "high"),
    ),
    _Table(
        name="ombudsman_statistics",
        sql="select * from ombudsman_statistics where version_id = ? order by id",
        keys=(("measure", "period_start", "period_end"), ("measure",)),
        about="{measure} for the year to {period_end}",
        main=("value", "unit"),
    ),
    _Table(
        name="news_articles",
        sql="select * from news_articles where version_id = ?",
        keys=(("document_id",),),
        about="the article",
        main=("headline",),
    ),
)

# Lists to which many pages add; compared as a whole.
_LISTS: tuple[_Table, ...] = (
    _Table(
        name="ombudsman_reports",
        sql="select * from ombudsman_reports order by id",
        keys=(("council", "identity"), ("id",)),
        about="public report {title}",
        main=("url",),
    ),
    _Table(
        name="ombudsman_decisions",
        sql="select * from ombudsman_decisions order by id",
        keys=(("case_reference",),),
        about="case {case_reference}",
        main=("decision",),
    ),
    _Table(
        name="service_improvements",
        sql="select s.*, (select group_concat(a.text, ' / ') from (select text from service_improvement_actions "
        "where case_reference = s.case_reference order by position) as a) as actions from service_improvements as s",
        keys=(("case_reference",),),
        about="improvement after case {case_reference}",
        main=("actions",),
    ),
)


def of_version(before: Reads, after: Reads, version_id: int) -> list[Change]:
    """What is said otherwise of one version."""
    return [
        change
        for table in _TABLES
        for change in _changes(table, before.rows(table.sql, [version_id]), after.rows(table.sql, [version_id]))
    ]


def of_lists(before: Reads, after: Reads) -> list[Change]:
    """What is said otherwise in the lists that no single page holds."""
    return [change for table in _LISTS for change in _changes(table, before.rows(table.sql), after.rows(table.sql))]


_INDICATORS = "select id, report_id, name, page, bbox, kpi_id from kpi_readings"


def of_indicators(before: Reads, after: Reads) -> list[Change]:
    """Printed indicators that count as another indicator than they did."""
    held = {(row["report_id"], row["name"], row["page"], row["bbox"]): row for row in before.rows(_INDICATORS)}
    moved: dict[tuple[int, int], set[str]] = defaultdict(set)
    for row in after.rows(_INDICATORS):
        old = held.get((row["report_id"], row["name"], row["page"], row["bbox"]))
        if old is not None and old["kpi_id"] != row["kpi_id"]:
            moved[old["kpi_id"], row["kpi_id"]].add(row["name"])
    return [
        Change(table="kpis", what="changed", about=min(names), field="indicator", before=old, after=new)
        for (old, new), names in sorted(moved.items())
    ]


def _changes(table: _Table, before: Sequence[Row], after: Sequence[Row]) -> Iterator[Change]:
    pairs, gone, come = _matched(table.keys, before, after)
    for old, new in pairs:
        for field in _differing(old, new):
            yield Change(
                table=table.name,
                what="changed",
                about=_about(table, new),
                field=field,
                before=old[field],
                after=new[field],
                page=new.get("page"),
            )
    for what, rows in (("removed", gone), ("added", come)):
        for row in rows:
            says = ", ".join(_shown(row[name]) for name in table.main if row[name] is not None)
            sides = {"after" if what == "added" else "before": says}
            yield Change(table=table.name, what=what, about=_about(table, row), page=row.get("page"), **sides)


def _matched(
    keys: Sequence[tuple[str, ...]], before: Sequence[Row], after: Sequence[Row]
) -> tuple[list[tuple[Row, Row]], list[Row], list[Row]]:
    """Rows that are one fact, those that are gone, those that have come."""
    said = tuple(name for name in (before[0] if before else {}) if name not in _OURS)
    pairs: list[tuple[Row, Row]] = []
    gone, come = list(before), list(after)
    for columns in ((*said, "edition") if before and "edition" in before[0] else said, *keys):
        waiting: dict[tuple[Any, ...], list[Row]] = defaultdict(list)
        for row in come:
            waiting[tuple(row[name] for name in columns)].append(row)
        left = []
        for row in gone:
            same = waiting.get(tuple(row[name] for name in columns))
            if same:
                pairs.append((row, same.pop(0)))
            else:
                left.append(row)
        gone, come = left, [row for row in come if any(row is other for rows in waiting.values() for other in rows)]
        if not gone or not come:
            break
    return pairs, gone, come


def _differing(old: Row, new: Row) -> list[str]:
    fields = [name for name in new if name not in _OURS and old[name] != new[name]]
    return [name for name in fields if _TEXT_OF.get(name) not in fields]


def _about(table: _Table, row: Row) -> str:
    """The template filled in; `{name|words}` has words for what is missing."""
    text = table.about
    for part in text.split("{")[1:]:
        slot = part.split("}")[0]
        name, _, missing = slot.partition("|")
        text = text.replace(f"{{{slot}}}", missing if row[name] is None else str(row[name]))
    return " ".join(text.split())


def _shown(value: Any) -> str:
    if value is None or value == "":
        return "nothing"
    text = f"{value:g}" if isinstance(value, float) else str(value)
    return text if len(text) <= _MOST_SHOWN else f"{text[: _MOST_SHOWN - 1]}…"
