"""Rules about what the Ombudsman publishes on the council."""

from monitor.rules.builtin.common import PAPER, query
from monitor.rules.model import Rule

PUBLIC_REPORT = Rule(
    name="public_report",
    says="The Ombudsman has published a public interest report against the council.",
    severity="high",
    sql=query(
        PAPER,
        """
select r.council || ':' || r.identity as key, r.council, r.title, r.summary, r.published_on as report_date,
       r.version_id, p.sha256, p.document_title, coalesce(r.published_on, date(r.first_seen_at)) as published_on,
       coalesce(r.url, p.url) as url, null as page
from ombudsman_reports as r join paper as p on p.version_id = r.version_id
where p.outcome = 'read'
  and (
    not r.is_baseline and date(r.first_seen_at) >= :oldest
    -- What stood there at first is news where its date is; nothing is published before it is decided.
    or r.published_on >= :oldest
    or exists (select 1 from ombudsman_decisions as d
               where d.council = r.council and d.url = r.url and d.decided_on >= :oldest)
  )
order by r.council, r.id
""",
    ),
    title="Ombudsman's public report against {council_name}: {title}",
    body=(
        "{% if summary %}{summary}\n{% endif %}"
        "{% if report_date %}Published {report_date|day}."
        "{% else %}First seen {published_on|day}; the list gives no dates.{% endif %}\n"
        "Found on: {document_title}"
    ),
)

NEW_IMPROVEMENT = Rule(
    name="new_improvement",
    says="The council has agreed to change something after an Ombudsman case.",
    severity="medium",
    sql=query(
        PAPER,
        """
select s.case_reference as key, s.case_reference, s.council, s.category, s.sub_category, s.version_id,
       (select json_group_array(a.text) from
         (select text from service_improvement_actions where case_reference = s.case_reference order by position) as a)
         as actions_json,
       p.sha256, p.document_title, date(s.first_seen_at) as published_on, coalesce(s.url, p.url) as url, null as page
from service_improvements as s join paper as p on p.version_id = s.version_id
where p.outcome = 'read' and not s.is_baseline and date(s.first_seen_at) >= :oldest
order by s.council, s.case_reference
""",
    ),
    title=(
        "Ombudsman: {council_name} agreed to service improvements, case {case_reference}"
        "{% if sub_category or category %} ({sub_category or category}){% endif %}"
    ),
    body=(
        "{% if category %}{category}{% if sub_category %}: {sub_category}{% endif %}\n{% endif %}"
        "{% for action in actions %}- {action}\n{% endfor %}"
        "First seen {published_on|day} on: {document_title}"
    ),
)

# The newest year of each council. It is news where the page spoke of another year before: what stood there
# when the page was first read is the starting point.
_YEAR = """
year as materialized (
  select s.council, s.measure, s.period_start, s.period_end, s.value, s.unit, s.similar_average, s.value_text,
         s.previous_value, s.previous_period_end, s.url, s.version_id,
         s.council || ':' || s.period_end as key, p.sha256, p.document_title, p.dated_by, p.seen_on,
         (select date(min(v.fetched_at)) from ombudsman_statistics as o join versions as v on v.id = o.version_id
          where o.council = s.council and o.period_end = s.period_end and v.outcome = 'read') as published_on,
         exists (select 1 from judged as j where j.rule = :rule
                 and j.subject = s.council || ':' || s.period_end || ':' || s.measure) as is_told
  from latest_statistics as s join paper as p on p.version_id = s.version_id
  where exists (
    select 1 from ombudsman_statistics as o join versions as v on v.id = o.version_id
    where o.council = s.council and v.outcome = 'read' and o.version_id < (
      select min(n.version_id) from ombudsman_statistics as n join versions as w on w.id = n.version_id
      where n.council = s.council and n.period_end = s.period_end and w.outcome = 'read'))
)"""

_MEASURES = {
    "upheld_rate": "complaints upheld",
    "upheld_decisions": "decisions that upheld a complaint",
    "upheld_per_100k": "upheld decisions per 100,000 people",
    "investigations": "investigations",
    "compliance_rate": "compliance with recommendations",
    "compliance_outcomes": "recommendations looked at for compliance",
    "remedy_rate": "remedied before the Ombudsman was asked",
    "remedy_decisions": "upheld cases that were remedied before",
    "complaints_dealt_with": "complaints dealt with",
    "not_for_us": "complaints not for the Ombudsman",
    "assessed_and_closed": "complaints assessed and closed",
}

# One figure with the year before and with similar authorities.
_FIGURE = (
    f"{{% set words = {_MEASURES} %}}"
    "{words.get(row.measure, row.measure)} {'%g'|format(row.value)}{% if row.unit == '%' %} %{% endif %}"
    "{% if row.before is not none %} (the year before {'%g'|format(row.before)}"
    "{% if row.unit == '%' %} %{% endif %}){% endif %}"
    "{% if row.average is not none %}, similar authorities {'%g'|format(row.average)}"
    "{% if row.unit == '%' %} %{% endif %}{% endif %}"
)

_FOUND_ON = "First seen {published_on|day} on: {document_title}"

OMBUDSMAN_STATISTICS = Rule(
    name="ombudsman_statistics",
    says="The Ombudsman has published a new year's figures on the council.",
    severity="medium",
    final=True,
    sql=query(
        PAPER,
        _YEAR,
        """
select y.key, y.council, y.period_start, y.period_end, y.version_id, y.sha256, y.document_title, y.published_on,
       y.dated_by, y.seen_on, y.url, null as page,
       json_group_array(json_object('measure', y.measure, 'value', y.value, 'unit', y.unit,
                                    'before', y.previous_value, 'average', y.similar_average)) as rows_json
from (select * from year order by case measure when 'upheld_rate' then 1 when 'compliance_rate' then 2
        when 'investigations' then 3 when 'upheld_decisions' then 4 when 'remedy_rate' then 5 else 6 end) as y
where y.published_on >= :oldest
group by y.council having max(y.is_told) = 0
order by y.council
""",
    ),
    title=(
        "{% set said = rows|selectattr('measure', 'in', ['upheld_rate', 'compliance_rate', 'investigations'])|list %}"
        "{% set first = (said or rows)[0] %}"
        "Ombudsman on {council_name}, year to {period_end|day}: " + _FIGURE.replace("row.", "first.")
    ),
    body="{% for row in rows %}- " + _FIGURE + "\n{% endfor %}" + _FOUND_ON,
)

COMPLIANCE_BELOW_FULL = Rule(
    name="compliance_below_full",
    says="The council did not do all that the Ombudsman recommended, by the newest year's figures.",
    severity="medium",
    final=True,
    sql=query(
        PAPER,
        _YEAR,
        """
select y.*, null as page from year as y
where y.measure = 'compliance_rate' and y.value < 100 and y.published_on >= :oldest and not y.is_told
order by y.council
""",
    ),
    title=(
        "Ombudsman: {council_name} did not fully comply, {'%g'|format(value)} % in the year to {period_end|day}"
        "{% if previous_value is not none %} ({'%g'|format(previous_value)} % the year before){% endif %}"
    ),
    body="{value_text}\n" + _FOUND_ON,
)

UPHELD_ABOVE_AVERAGE = Rule(
    name="upheld_above_average",
    says="The Ombudsman upheld more complaints against the council than against similar ones, in the newest year.",
    severity="medium",
    final=True,
    sql=query(
        PAPER,
        _YEAR,
        """
select y.*, null as page from year as y
where y.measure = 'upheld_rate' and y.value > y.similar_average and y.published_on >= :oldest and not y.is_told
order by y.council
""",
    ),
    title=(
        "Ombudsman upheld {'%g'|format(value)} % of complaints against {council_name},"
        " similar authorities {'%g'|format(similar_average)} %, year to {period_end|day}"
    ),
    body=(
        "{value_text}\n"
        "{% if previous_value is not none %}The year before: {'%g'|format(previous_value)} %.\n{% endif %}" + _FOUND_ON
    ),
)

RULES = (PUBLIC_REPORT, NEW_IMPROVEMENT, OMBUDSMAN_STATISTICS, COMPLIANCE_BELOW_FULL, UPHELD_ABOVE_AVERAGE)
