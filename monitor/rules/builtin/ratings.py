"""Rules about how indicators are rated and where they are heading."""

from monitor.rules.builtin.common import AND_MORE, EDITION, LISTED, PAPER, SOURCE_LINE, TURN, WHENCE, query
from monitor.rules.model import Rule

# A corrected paper may turn an indicator Red after its edition was judged; nothing else may.
_CORRECTED_TO_RED = """
exists (select 1 from reissues as x, json_each(x.differences) as d
        where x.version_id = t.version_id and x.class = 'figures' and json_extract(d.value, '$.is_rating')
          and json_extract(d.value, '$.key') = t.name_key)
"""

NEW_RED = Rule(
    name="new_red",
    says="An indicator of the newest report is Red and was not before.",
    severity="high",
    final=True,
    sql=query(
        PAPER,
        TURN,
        f"""
select t.edition || ':' || t.name_key as key,
       t.council, t.service, t.name, t.financial_year, t.quarter, t.rag, t.before_rag, t.before_told_by, t.direction,
       t.value_text, t.target_text, t.floor_text, t.previous_text, t.kpi_id, t.version_id, t.page, t.bbox,
       {WHENCE}, t.page_url as url
from turn as t join paper as p on p.version_id = t.version_id
where t.rag = 'red' and t.before_rag is not 'red' and t.past_known and (t.is_open or {_CORRECTED_TO_RED})
order by t.council, t.reading_id
""",  # noqa: S608  our own text
    ),
    title=(
        "RED: {name}, {value_text or 'no value printed'}"
        "{% if target_text %} (target {target_text}{% if floor_text %}, floor {floor_text}{% endif %}){% endif %}"
        f", {EDITION}"
    ),
    body=(
        "{service}: "
        "{% if before_rag %}from {before_rag|capitalize} to Red"
        "{% if before_told_by == 'printed' %} (the earlier rating as this paper prints it)"
        "{% else %} since the report before{% endif %}"
        "{% else %}Red, first rated: the quarter before has no rating, here or in the report before{% endif %}.\n"
        "Value {value_text or 'not printed'}, target {target_text or 'not printed'},"
        " floor standard {floor_text or 'not printed'}, quarter before {previous_text or 'not printed'}."
        "{% if direction %} Direction of travel: {direction}.{% endif %}\n" + SOURCE_LINE
    ),
)


def _moved(where: str, *, quarters: str = "null", more: str = "") -> str:
    """The rows of one edition for a list, with their place in it."""
    return f"""
moved as materialized (
  select t.*, {quarters} as quarters, row_number() over (partition by t.report_id order by t.reading_id) as place
  from turn as t {more}
  where t.is_open and ({where})
)"""  # noqa: S608  our own text


_MOVES = (
    "{% for row in rows %}- {row.name} ({row.service}): {row.before|capitalize} to {row.now|capitalize}"
    "{% if row.value %}, {row.value}{% if row.previous %} after {row.previous}{% endif %}"
    "{% if row.target %}, target {row.target}{% if row.before_target and row.before_target != row.target %}"
    " (before {row.before_target}){% endif %}{% endif %}{% endif %}\n{% endfor %}" + SOURCE_LINE
)

RAG_WORSENED = Rule(
    name="rag_worsened",
    says="Indicators of the newest report went from Green to Amber.",
    severity="medium",
    final=True,
    sql=query(PAPER, TURN, _moved("t.change = 'worsened' and t.rag = 'amber'"), LISTED),
    title="Green to Amber: {first_name}" + AND_MORE + f", {EDITION}",
    body=_MOVES,
)

RAG_IMPROVED = Rule(
    name="rag_improved",
    says="Indicators of the newest report are rated better than before.",
    severity="low",
    final=True,
    sql=query(PAPER, TURN, _moved("t.change = 'improved'"), LISTED),
    title="Rated better: {first_name}, {rows[0].before|capitalize} to {rows[0].now|capitalize}"
    + AND_MORE
    + f", {EDITION}",
    body=_MOVES,
)

WORSENING_TREND = Rule(
    name="worsening_trend",
    says="Indicators that are still Green or Amber are heading the wrong way, and were not in the report before.",
    severity="low",
    final=True,
    sql=query(
        PAPER,
        TURN,
        _moved(
            "t.rag in ('green', 'amber') and t.direction = 'worsening' and b.direction in ('improving', 'stable')",
            more="join kpi_readings as b on b.id = t.before_reading_id",
        ),
        LISTED,
    ),
    title="Trend now worsening: {first_name} ({rows[0].now|capitalize})" + AND_MORE + f", {EDITION}",
    body=(
        "{% for row in rows %}- {row.name} ({row.service}): {row.now|capitalize}"
        "{% if row.value %}, {row.value}{% if row.previous %} after {row.previous}{% endif %}{% endif %}\n{% endfor %}"
        "The direction of travel is the council's own: the trend over the period that the report graphs,"
        " not the change on the quarter before.\n" + SOURCE_LINE
    ),
)

# Quarters are counted by number, so that a report that is not held breaks the row, unless the next one
# prints that the quarter between was Red. `gap`: quarters since the report before; what was reached in
# one of them is told now.
_STREAK = """
known as (
  select h.kpi_id, e.council, e.n, 1 as held
  from (select *, substr(financial_year, 1, 4) * 4 + quarter as n from current_reports) as e
  join kpi_history as h on h.report_id = e.report_id
  where h.rag = 'red'
  union
  select h.kpi_id, e.council, e.n - 1, 0
  from (select *, substr(financial_year, 1, 4) * 4 + quarter as n from current_reports) as e
  join kpi_history as h on h.report_id = e.report_id
  where h.previous_rag = 'red' and not exists (
    select 1 from current_reports as x
    where x.council = e.council and substr(x.financial_year, 1, 4) * 4 + x.quarter = e.n - 1)
),
island as (
  select kpi_id, n, n - row_number() over (partition by kpi_id order by n) as start
  from (select distinct kpi_id, n from known)
),
streak as materialized (
  select t.reading_id,
         (select count(*) from island as i where i.kpi_id = t.kpi_id and i.start = (
            select start from island as x
            where x.kpi_id = t.kpi_id and x.n = substr(t.financial_year, 1, 4) * 4 + t.quarter)) as quarters,
         substr(t.financial_year, 1, 4) * 4 + t.quarter
           - (substr(t.before_financial_year, 1, 4) * 4 + t.before_quarter) as gap
  from turn as t where t.rag = 'red'
)"""

LONG_RED = Rule(
    name="long_red",
    says="Indicators have been Red for many quarters in a row: told after so many, and each year that it goes on.",
    severity="medium",
    final=True,
    options={"quarters": 4},
    sql=query(
        PAPER,
        TURN,
        _STREAK,
        _moved(
            """
  s.quarters >= :quarters and (s.quarters - coalesce(s.gap, 1) < :quarters
    or (s.quarters - cast(:quarters as integer)) / 4
       > (s.quarters - coalesce(s.gap, 1) - cast(:quarters as integer)) / 4)
""",
            quarters="s.quarters",
            more="join streak as s on s.reading_id = t.reading_id",
        ),
        LISTED,
    ),
    title=(
        "{% set long = rows|map(attribute='quarters')|list %}"
        "Red for {long|min}{% if long|max > long|min %} to {long|max}{% endif %} quarters in a row: {first_name}"
        + AND_MORE
        + f", {EDITION}"
    ),
    body=(
        "{% for row in rows %}- {row.name} ({row.service}): Red for {row.quarters} quarters in a row,"
        " as far as the papers held go back; now {row.value or 'no value printed'}"
        "{% if row.target %}, target {row.target}{% endif %}{% if row.floor %}, floor {row.floor}{% endif %}\n"
        "{% endfor %}" + SOURCE_LINE
    ),
)

RULES = (NEW_RED, RAG_WORSENED, RAG_IMPROVED, LONG_RED, WORSENING_TREND)
