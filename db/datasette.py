"""What Datasette is told about the archive: descriptions out of the SQL files, and the pages people start from."""

import re
from dataclasses import dataclass
from typing import Any

from db.schema import text_of

_HEADER = re.compile(r"^create (?:table|view) (?P<name>\w+) (?:as|\()\s*-- (?P<says>.+)$")
_TABLE_COLUMN = re.compile(r"^  (?P<name>\w+) .*?-- (?P<says>.+)$")
_VIEW_COLUMN = re.compile(r"^  (?:\S.*?\W)?(?P<name>\w+),? -- (?P<says>.+)$")

_FTS_PARTS = ("data", "idx", "docsize", "config")  # SQLite keeps the index in tables of these names


@dataclass(frozen=True, slots=True)
class Described:
    """A table or view with the comments that stand beside it in its SQL file."""

    name: str
    description: str
    columns: dict[str, str]


def described() -> dict[str, Described]:
    """All tables and views of the archive, by name."""
    tables = _described(text_of("schema.sql"), _TABLE_COLUMN)
    return tables | _described(text_of("views.sql"), _VIEW_COLUMN)


def metadata(database: str, *, title: str = "kccwatch") -> dict[str, Any]:
    """Datasette's metadata for a snapshot served under the name *database*."""
    tables = {name: _table(table) for name, table in described().items()}
    for hidden in ("sqlite_sequence", *SEARCH_TABLES):
        tables.setdefault(hidden, {})["hidden"] = True
    return {
        "title": title,
        "description": (
            "What a council's own papers, the Local Government and Social Care Ombudsman and the local press say, "
            "each figure with the page it stands on. Check the page before you quote."
        ),
        "databases": {
            database: {
                "description": "Figures as published; corrections stand beside what they correct.",
                "tables": tables,
                "queries": {name: dict(query) for name, query in QUERIES.items()},
            }
        },
    }


def _described(sql: str, column: re.Pattern[str]) -> dict[str, Described]:
    found: dict[str, Described] = {}
    table: Described | None = None
    for line in sql.splitlines():
        if header := _HEADER.match(line):
            table = Described(header["name"], header["says"], {})
            found[table.name] = table
        elif table is not None and (match := column.match(line)):
            table.columns[match["name"]] = match["says"]
    return found


def _table(table: Described) -> dict[str, Any]:
    return {"description": table.description, "columns": table.columns, **SHOWN.get(table.name, {})}


# What the search stands on: between them, they hold the text of every document.
SEARCH_TABLES = ("search", "search_items", "search_entries", *(f"search_{part}" for part in _FTS_PARTS))

# How tables and views first show: what a reader would otherwise click together.
SHOWN: dict[str, dict[str, Any]] = {
    "red_now": {"facets": ["council", "service"]},
    "rag_changes": {"facets": ["council", "financial_year", "quarter", "change"], "sort_desc": "period_end"},
    "kpi_history": {"facets": ["council", "rag", "service"], "sort_desc": "period_end"},
    "dashboard_history": {"facets": ["council", "scope", "rag"], "sort_desc": "period_end"},
    "kpi_proposals": {"facets": ["council"], "sort_desc": "likeness"},
    "current_reports": {"facets": ["council"], "sort_desc": "period_end"},
    "latest_statistics": {"facets": ["council"]},
    "statistics_history": {"facets": ["council", "measure"], "sort_desc": "period_end"},
    "complaint_counts": {"facets": ["council", "service_key"], "sort_desc": "period_end"},
    "call_counts": {"facets": ["council", "service_key"], "sort_desc": "period_end"},
    "digital_take_up": {"facets": ["council", "service_key"], "sort_desc": "period_end"},
    "open_discrepancies": {"facets": ["council", "severity", "check_name"], "sort_desc": "published_on"},
    "service_improvements": {"facets": ["council", "category", "sub_category"], "sort_desc": "first_seen_at"},
    "ombudsman_decisions": {"facets": ["council", "decision", "category"], "sort_desc": "decided_on"},
    "ombudsman_reports": {"facets": ["council"], "sort_desc": "first_seen_at", "label_column": "title"},
    "news_articles": {"facets": ["publisher"], "sort_desc": "published_at", "label_column": "headline"},
    "documents": {"facets": ["council", "source", "kind"], "sort_desc": "id", "label_column": "title"},
    "versions": {"facets": ["outcome", "parser"], "sort_desc": "id"},
    "kpis": {"facets": ["council", "service"], "label_column": "name"},
    "figures": {"facets": ["measure", "service"]},
    "rag_counts": {"facets": ["stated_in", "financial_year"]},
    "committees": {"facets": ["council"], "label_column": "name"},
    "meetings": {"facets": ["status"], "sort_desc": "held_on"},
    "agenda_items": {"label_column": "title"},
    "reports": {"facets": ["council"], "sort_desc": "period_end", "label_column": "title"},
    "alerts": {"facets": ["rule", "severity"], "sort_desc": "id", "label_column": "title"},
    "deliveries": {"facets": ["channel", "state"], "sort_desc": "id"},
    "runs": {"facets": ["job", "outcome"], "sort_desc": "id"},
    "fetches": {"facets": ["source", "status"], "sort_desc": "id"},
    "search_entries": {"facets": ["kind"], "label_column": "title"},
}

QUERIES: dict[str, dict[str, Any]] = {
    "red": {
        "title": "Red now",
        "description": "Indicators rated Red in each council's newest report, longest Red first.",
        "hide_sql": True,
        "sql": """
select council, service, name, value_text as latest, target_text as target, floor_text as floor,
  previous_rag as before, red_reports, financial_year || ' Q' || quarter as report, page_url
from red_now
order by red_reports desc, council, service, name
""".strip(),
    },
    "changes": {
        "title": "What changed since the last report",
        "description": "Ratings in each council's newest report that differ from the one before, worse ones first.",
        "hide_sql": True,
        "sql": """
select council, service, name, before_rag as before, rag as now, change, before_value_text as value_before,
  value_text as value_now, financial_year || ' Q' || quarter as report, page_url
from rag_changes
where is_latest = 1 and change in ('worsened', 'improved')
order by change desc, council, service, name
""".strip(),
    },
    "indicator": {
        "title": "One indicator over the years",
        "description": "Words out of an indicator's name, in any of the spellings it was printed in.",
        "hide_sql": True,
        "params": ["words"],
        "sql": """
select h.financial_year || ' Q' || h.quarter as report, h.service, h.name, h.rag, h.direction,
  h.value_text as latest, h.target_text as target, h.floor_text as floor, h.page_url, h.kpi_id
from search join search_entries as e on e.id = search.rowid
join kpi_history as h on h.kpi_id = e.kpi_id
where search match coalesce(nullif(escape_fts(:words), ''), '""')
order by h.kpi_id, h.period_end desc
""".strip(),
    },
    "targets": {
        "title": "Targets and floor standards that moved",
        "description": "Indicators whose target or floor standard differs from the report before.",
        "hide_sql": True,
        "sql": """
select council, financial_year || ' Q' || quarter as report, service, name, before_target, target,
  before_floor, floor, before_rag as before, rag as now, page_url
from rag_changes
where target is not before_target and before_target is not null
  or floor is not before_floor and before_floor is not null
order by period_end desc, council, service, name
""".strip(),
    },
    "contradictions": {
        "title": "Where the papers contradict themselves",
        "description": "What is printed, what it was compared with, and where both stand.",
        "hide_sql": True,
        "sql": """
select council, published_on, severity, subject, explanation, stated, computed, page_url, other_page_url
from open_discrepancies
order by published_on desc, case severity when 'high' then 0 when 'medium' then 1 else 2 end, subject
""".strip(),
    },
    "ombudsman": {
        "title": "The Ombudsman's figures",
        "description": "Each council's newest year beside similar authorities and the year before.",
        "hide_sql": True,
        "sql": """
select council, measure, value, unit, similar_average, previous_value, period_start, period_end, value_text, url
from latest_statistics
order by council, measure
""".strip(),
    },
    "improvements": {
        "title": "What was promised after Ombudsman cases",
        "description": "Actions that a council agreed to; words of the category or of the action, or nothing for all.",
        "hide_sql": True,
        "params": ["words"],
        "sql": """
select i.case_reference, i.council, i.category, i.sub_category, a.text as action, i.url, i.first_seen_at
from service_improvements as i
left join service_improvement_actions as a on a.case_reference = i.case_reference
where coalesce(i.category, '') || ' ' || coalesce(i.sub_category, '') || ' ' || coalesce(a.text, '')
  like '%' || :words || '%'
order by i.first_seen_at desc, i.case_reference desc, a.position
""".strip(),
    },
    "complaints": {
        "title": "Complaints by service",
        "description": "As the newest paper states each period; a blank is a figure that was withheld or missing.",
        "hide_sql": True,
        "sql": """
select council, service, period_label, period_start, period_end, value, value_text, page_url
from complaint_counts
where is_latest = 1
order by council, period_end desc, period_start desc, is_total, value desc
""".strip(),
    },
    "find": {
        "title": "Search everything",
        "description": "Papers, minutes, news stories, Ombudsman cases and indicators that hold all the words.",
        "hide_sql": True,
        "params": ["words"],
        "sql": """
select e.kind, e.title, snippet(search, 2, '[', ']', '…', 24) as text, e.url
from search join search_entries as e on e.id = search.rowid
where search match coalesce(nullif(escape_fts(:words), ''), '""')
order by bm25(search, 0.0, 4.0, 1.0)
limit 100
""".strip(),
    },
    "alerts_sent": {
        "title": "What people were told",
        "description": "Alerts, newest first, with how far each got on each channel.",
        "hide_sql": True,
        "sql": """
select a.created_at, a.severity, a.rule, a.title, a.url, group_concat(d.channel || ': ' || d.state, ', ') as channels
from alerts as a left join deliveries as d on d.alert_id = a.id
group by a.id
order by a.id desc
limit 200
""".strip(),
    },
}
