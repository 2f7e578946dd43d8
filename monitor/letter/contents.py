"""What a letter says: plain data out of the archive's views."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from db.mutes import COVERS
from db.values import utc
from monitor.reads import Reads, Row

DUE_WITHIN = timedelta(days=28)  # meetings that the letter announces

# Under which heading the alerts of a rule stand; the rest are "also".
CHANGED = ("new_red", "rag_worsened", "rag_improved", "long_red", "goalposts_moved", "worsening_trend", "new_report")
REPLACED = ("document_changed",)
OMBUDSMAN = (
    "public_report",
    "ombudsman_statistics",
    "compliance_below_full",
    "upheld_above_average",
    "new_improvement",
)
PRESS = ("news_story",)
OF_THE_SERVICE = ("source_failing", "source_silent", "source_recovered", "quarantined", "report_overdue")
TOLD_ELSEWHERE = ("discrepancy", "weekly_letter")  # the letter lists the contradictions themselves


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One thing that the letter says."""

    text: str
    detail: str = ""
    url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """One council's letter."""

    council: str  # its name
    since: datetime
    until: datetime
    changed: tuple[Line, ...] = ()  # in the indicators
    red: tuple[Line, ...] = ()  # all that is Red now
    red_edition: str = ""  # "Q3 2024/25"
    replaced: tuple[Line, ...] = ()
    contradictions: tuple[Line, ...] = ()  # found since
    contradictions_before: int = 0  # that still stand
    ombudsman: tuple[Line, ...] = ()
    press: tuple[Line, ...] = ()
    also: tuple[Line, ...] = ()
    due: tuple[Line, ...] = ()
    papers_read: int = 0
    trouble: tuple[Line, ...] = field(default=())

    @property
    def is_quiet(self) -> bool:
        """Whether nothing happened since."""
        return not (self.changed or self.replaced or self.contradictions or self.ombudsman or self.press or self.also)


def gather(archive: Reads, council: str, name: str, since: datetime, until: datetime) -> Contents:
    """What there is to say of a council for the time from *since* to *until* (aware)."""
    span = {"council": council, "since": utc(since), "until": utc(until)}
    told = _told(archive, span)
    red = archive.rows("select * from red_now where council = :council order by red_reports desc, service, name", span)
    return Contents(
        council=name,
        since=since,
        until=until,
        changed=_of(told, CHANGED),
        replaced=_of(told, REPLACED),
        ombudsman=_of(told, OMBUDSMAN),
        press=_of(told, PRESS),
        trouble=(*_of(told, OF_THE_SERVICE), *_sources(archive, council, told)),
        also=_other(told, CHANGED + REPLACED + OMBUDSMAN + PRESS + OF_THE_SERVICE + TOLD_ELSEWHERE),
        red=tuple(map(_red, red)),
        red_edition=f"Q{red[0]['quarter']} {red[0]['financial_year']}" if red else "",
        contradictions=_contradictions(archive, span),
        contradictions_before=_count(
            archive,
            "select count(*) as n from open_discrepancies where council = :council and first_seen_at <= :since",
            span,
        ),
        due=_due(archive, council, until),
        papers_read=_count(
            archive,
            "select count(*) as n from versions as v join documents as d on d.id = v.document_id "
            "where d.council = :council and v.read_at > :since and v.read_at <= :until and v.outcome in "
            "('read', 'nothing')",
            span,
        ),
    )


def _told(archive: Reads, span: Row) -> Sequence[Row]:
    """The alerts of the time that anybody was to have; what was muted, or only reading again brought, is left out."""
    return archive.rows(
        f"""
        select a.rule, a.title, a.body, a.url, a.severity from alerts as a
        where a.created_at > :since and a.created_at <= :until
          and coalesce(json_extract(a.evidence, '$.council'), :council) in (:council, '*')
          and json_extract(a.evidence, '$.hushed') is null
          and not exists (select 1 from mutes as m where m.until > :until and ({COVERS}))
        order by case a.severity when 'high' then 0 when 'medium' then 1 else 2 end, a.id
        """,  # noqa: S608 (our own text)
        span,
    )


def _of(told: Sequence[Row], rules: Sequence[str]) -> tuple[Line, ...]:
    return tuple(_line(row) for row in told if row["rule"] in rules)


def _other(told: Sequence[Row], rules: Sequence[str]) -> tuple[Line, ...]:
    return tuple(_line(row) for row in told if row["rule"] not in rules)


def _line(row: Row) -> Line:
    first = next((line for line in row["body"].splitlines() if line.strip()), "")
    return Line(text=row["title"], detail=first, url=row["url"])


def _red(row: Row) -> Line:
    aims = [f"target {row['target_text']}"] if row["target_text"] else []
    aims += [f"floor {row['floor_text']}"] if row["floor_text"] else []
    value = row["value_text"] or "no value printed"
    reports = row["red_reports"]
    how_long = "Red in the last report held" if reports == 1 else f"Red in the last {reports} reports held"
    trend = f", {row['direction']}" if row["direction"] else ""
    return Line(
        text=f"{row['name']}: {value}" + (f" ({', '.join(aims)})" if aims else ""),
        detail=f"{row['service']}; {how_long}{trend}",
        url=row["page_url"],
    )


def _contradictions(archive: Reads, span: Row) -> tuple[Line, ...]:
    rows = archive.rows(
        """
        select subject, explanation, page_url from open_discrepancies
        where council = :council and first_seen_at > :since and first_seen_at <= :until
        order by case severity when 'high' then 0 when 'medium' then 1 else 2 end, discrepancy_id
        """,
        span,
    )
    return tuple(Line(text=row["explanation"], detail=row["subject"], url=row["page_url"]) for row in rows)


def _due(archive: Reads, council: str, until: datetime) -> tuple[Line, ...]:
    """The meetings to come with the items that hold papers we watch."""
    rows = archive.rows(
        """
        select m.held_on, m.status, m.url, c.name,
          (select group_concat(i.title, '; ') from agenda_items as i where i.meeting_id = m.id
             and exists (select 1 from documents as d where d.agenda_item_id = i.id)) as items
        from meetings as m join committees as c on c.id = m.committee_id
        where c.council = :council and m.held_on > :today and m.held_on <= :last
        order by m.held_on, c.name limit 20
        """,
        {
            "council": council,
            "today": until.date().isoformat(),
            "last": (until + DUE_WITHIN).date().isoformat(),
        },
    )
    return tuple(
        Line(
            text=f"{_day(row['held_on'])}: {row['name']}"
            + (f" ({row['status']})" if row["status"] not in (None, "", "scheduled", "confirmed") else ""),
            detail=row["items"] or "",
            url=row["url"],
        )
        for row in rows
    )


def _sources(archive: Reads, council: str, told: Sequence[Row]) -> tuple[Line, ...]:
    """Sources that are in trouble now and of which no alert of the time has told."""
    if any(row["rule"] in ("source_failing", "source_silent") for row in told):
        return ()
    rows = archive.rows(
        "select source, state, reason, since from sources where state <> 'ok' and council in (:council, '*')",
        {"council": council},
    )
    return tuple(
        Line(
            text=f"{row['source'].replace('_', ' ')}: {row['state']} since {_day(row['since'][:10])}",
            detail=row["reason"] or "",
        )
        for row in rows
    )


def _count(archive: Reads, sql: str, span: Row) -> int:
    return int(archive.rows(sql, span)[0]["n"])


def _day(text: str) -> str:
    """'4 March 2025' of '2025-03-04'."""
    day = datetime.fromisoformat(text)
    return f"{day.day} {day:%B %Y}"
