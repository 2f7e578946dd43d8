"""What the checks look at: stored facts as the records they were read into, paper by paper.

`papers` loads one council's papers; everything behind it is functions of its result.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from monitor.reads import Reads, Row
from parsers.records import (
    Bbox,
    Direction,
    Figure,
    KpiReading,
    NamedRating,
    Outcome,
    Rag,
    RagCount,
    Report,
    Risk,
    RiskLevel,
    StatedIn,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Edition:
    """One edition of a performance report with its indicators."""

    report: Report
    readings: tuple[KpiReading, ...]  # in the paper's order
    kpi_ids: tuple[int, ...] = ()  # beside `readings`: which indicator of the archive each is; empty where not known

    @property
    def name(self) -> str:
        """'Q3 2024/25', as people say it; with the part of the council in front of it that a dashboard is on."""
        when = f"Q{self.report.quarter} {self.report.financial_year}"
        return f"{self.report.scope}, {when}" if self.report.scope else when


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """One version of a document with all that is checked of it."""

    version_id: int
    council: str  # slug
    title: str
    url: str
    outcome: Outcome
    published_on: date | None = None  # date of publication; of the meeting where no other is known
    editions: tuple[Edition, ...] = ()  # one in a report, none in most other papers
    counts: tuple[RagCount, ...] = ()
    named: tuple[NamedRating, ...] = ()
    figures: tuple[Figure, ...] = ()
    risks: tuple[Risk, ...] = ()
    risk_levels: tuple[RiskLevel, ...] = ()
    text: str = ""  # loaded only where a check may need the paper's explanations

    @property
    def edition_name(self) -> str:
        """The edition that the paper's tables belong to; "" where it is not a report's."""
        return self.editions[0].name if self.editions else ""


# The versions whose facts count, and newer ones of their documents that are not trusted.
_CURRENT = """
with doubted as (
  select max(v.id) as version_id
  from versions as v
  where v.outcome = 'quarantined'
    and not exists (select 1 from versions as n
                    where n.document_id = v.document_id and n.id > v.id and n.outcome = 'read')
  group by v.document_id
)
select v.id, d.council, coalesce(d.title, '') as title, d.url, v.outcome,
       coalesce(d.published_on, m.held_on) as published_on
from (select version_id from standing_versions union all select version_id from doubted) as c
join versions as v on v.id = c.version_id
join documents as d on d.id = v.document_id
left join meetings as m on m.id = d.meeting_id
where d.council = :council
order by v.outcome = 'quarantined', v.id
"""

# Reports as they were: at the same address before, or under the same item beside the one that stands.
_REPLACED = """
select v.id, d.council, coalesce(d.title, '') as title, d.url, v.outcome,
       coalesce(d.published_on, m.held_on) as published_on
from versions as v
join documents as d on d.id = v.document_id
left join meetings as m on m.id = d.meeting_id
where d.council = :council and v.outcome = 'read'
  and v.id in (select version_id from reports)
  and v.id not in (select version_id from standing_versions)
  and exists (select 1 from standing_versions as s join documents as o on o.id = s.document_id
              where s.version_id in (select version_id from reports)
                and (o.id = d.id or o.agenda_item_id = d.agenda_item_id))
order by v.id
"""


def councils(archive: Reads) -> list[str]:
    """Slugs of the councils that the archive holds documents of."""
    return [row["council"] for row in archive.rows("select distinct council from documents order by council")]


def papers(archive: Reads, council: str) -> list[Paper]:
    """The papers of one council that count today: trusted ones first, each kind in the order of arrival."""
    return _papers(archive, council, archive.rows(_CURRENT, {"council": council}))


def replaced(archive: Reads, council: str) -> list[Paper]:
    """Reports of one council as they were before they were corrected, the oldest first."""
    return _papers(archive, council, archive.rows(_REPLACED, {"council": council}))


def _papers(archive: Reads, council: str, current: Sequence[Row]) -> list[Paper]:
    if not current:
        return []
    wanted = {row["id"] for row in current}
    reports = _by_version(archive, wanted, "select * from reports", council)
    readings = _grouped(
        archive.rows(
            "select k.*, r.version_id from kpi_readings k join reports r on r.id = k.report_id "
            "where r.council = :council order by k.id",
            {"council": council},
        ),
        "report_id",
    )
    tables = ("rag_counts", "named_ratings", "figures", "risks", "risk_levels")
    said = {table: _by_version(archive, wanted, f"select * from {table}", council) for table in tables}  # noqa: S608
    texts = _by_version(
        archive,
        wanted,
        "select t.version_id, t.body, t.version_id as id from document_texts t "
        "where exists (select 1 from rag_counts c where c.version_id = t.version_id) "
        "or exists (select 1 from reports r where r.version_id = t.version_id)",
        council,
    )
    return [
        Paper(
            version_id=row["id"],
            council=row["council"],
            title=row["title"],
            url=row["url"],
            outcome=Outcome(row["outcome"]),
            published_on=_date(row["published_on"]),
            editions=tuple(
                Edition(
                    report=_report(report),
                    readings=tuple(_reading(r) for r in readings.get(report["id"], ())),
                    kpi_ids=tuple(r["kpi_id"] for r in readings.get(report["id"], ())),
                )
                for report in reports.get(row["id"], ())
            ),
            counts=tuple(_count(c) for c in said["rag_counts"].get(row["id"], ())),
            named=tuple(_named(n) for n in said["named_ratings"].get(row["id"], ())),
            figures=tuple(_figure(f) for f in said["figures"].get(row["id"], ())),
            risks=tuple(_risk(r) for r in said["risks"].get(row["id"], ())),
            risk_levels=tuple(_risk_level(r) for r in said["risk_levels"].get(row["id"], ())),
            text="".join(t["body"] for t in texts.get(row["id"], ())),
        )
        for row in current
    ]


def _by_version(archive: Reads, wanted: set[int], select: str, council: str) -> dict[int, list[Row]]:
    """The rows of *select* on the council's versions, by version, in the order they were stored."""
    rows = archive.rows(
        f"select x.* from ({select}) as x join versions v on v.id = x.version_id "  # noqa: S608 (our own text)
        "join documents d on d.id = v.document_id where d.council = :council order by x.id",
        {"council": council},
    )
    return _grouped((row for row in rows if row["version_id"] in wanted), "version_id")


def _grouped(rows: Iterable[Row], column: str) -> dict[int, list[Row]]:
    groups: dict[int, list[Row]] = defaultdict(list)
    for row in rows:
        groups[row[column]].append(row)
    return groups


def _report(row: Row) -> Report:
    return Report(
        title=row["title"],
        financial_year=row["financial_year"],
        quarter=row["quarter"],
        period_start=date.fromisoformat(row["period_start"]),
        period_end=date.fromisoformat(row["period_end"]),
        kpi_total=row["kpi_total"],
        scope=row["scope"],
    )


def _reading(row: Row) -> KpiReading:
    return KpiReading(
        service=row["service"],
        name=row["name"],
        rag=_rag(row["rag"]),
        previous_rag=_rag(row["previous_rag"]),
        direction=_direction(row["direction"]),
        value=row["value"],
        target=row["target"],
        target_low=row["target_low"],
        target_high=row["target_high"],
        floor=row["floor"],
        previous_value=row["previous_value"],
        unit=row["unit"],
        value_text=row["value_text"],
        target_text=row["target_text"],
        floor_text=row["floor_text"],
        previous_text=row["previous_text"],
        lower_is_better=None if row["lower_is_better"] is None else bool(row["lower_is_better"]),
        page=row["page"],
        bbox=_bbox(row["bbox"]) or (0, 0, 0, 0),
        headline_name=row["headline_name"],
        headline_rag=_rag(row["headline_rag"]),
        headline_previous_rag=_rag(row["headline_previous_rag"]),
        headline_direction=_direction(row["headline_direction"]),
        headline_page=row["headline_page"],
        headline_bbox=_bbox(row["headline_bbox"]),
        reference=row["reference"],
        period_label=row["period_label"],
        ytd_value=row["ytd_value"],
        ytd_text=row["ytd_text"],
        ytd_rag=_rag(row["ytd_rag"]),
        previous_year_value=row["previous_year_value"],
        previous_year_text=row["previous_year_text"],
    )


def _count(row: Row) -> RagCount:
    names = ("financial_year", "quarter", "service", "green", "amber", "red", "improving", "stable", "worsening")
    changes = [f"{what}_change" for what in (*names[3:], "total")]
    return RagCount(
        stated_in=StatedIn(row["stated_in"]),
        in_table=bool(row["in_table"]),
        **{name: row[name] for name in (*names, "total", "quote", "page", *changes)},
    )


def _named(row: Row) -> NamedRating:
    names = ("financial_year", "quarter", "service", "name", "quote", "page")
    return NamedRating(stated_in=StatedIn(row["stated_in"]), rag=Rag(row["rag"]), **{name: row[name] for name in names})


def _risk(row: Row) -> Risk:
    names = ("code", "title", "change", "level", "page", "quote", "score", "target_score", "target_level")
    return Risk(**{name: row[name] for name in names}, bbox=_bbox(row["bbox"]))


def _risk_level(row: Row) -> RiskLevel:
    names = ("low", "medium", "high", "page")
    return RiskLevel(as_at=date.fromisoformat(row["as_at"]), **{name: row[name] for name in names})


def _figure(row: Row) -> Figure:
    names = ("measure", "service", "period_label", "value", "unit", "value_text", "page", "quote", "tolerance")
    return Figure(
        **{name: row[name] for name in names},
        period_start=_date(row["period_start"]),
        period_end=_date(row["period_end"]),
        is_total=bool(row["is_total"]),
        bbox=_bbox(row["bbox"]),
    )


def _rag(text: str | None) -> Rag | None:
    return Rag(text) if text else None


def _direction(text: str | None) -> Direction | None:
    return Direction(text) if text else None


def _date(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _bbox(text: str | None) -> Bbox | None:
    if not text:
        return None
    x0, y0, x1, y1 = json.loads(text)
    return x0, y0, x1, y1
