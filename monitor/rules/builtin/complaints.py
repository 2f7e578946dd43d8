"""The rule about complaints to the council."""

from monitor.rules.builtin.common import PAPER, SOURCE_LINE, query
from monitor.rules.model import Rule

COMPLAINTS_JUMP = Rule(
    name="complaints_jump",
    says="Complaints rose sharply, on the year or on the quarter before, in all or in one service.",
    severity="medium",
    final=True,
    options={"percent": 10, "minimum": 20},  # a service also needs that many more complaints
    sql=query(
        PAPER,
        """
cell as materialized (  -- of the last editions: no column is compared with one that is older than that
  select r.council, f.version_id, f.service, lower(replace(f.service, '&', 'and')) as service_key, f.period_label,
         f.period_start, f.period_end, f.value, f.value_text, f.is_total, f.page, f.bbox,
         r.financial_year, r.quarter, r.period_end as edition_end,
         cast(round((julianday(f.period_end) - julianday(f.period_start) + 1) / 30.44) as integer) as months
  from current_reports as r join figures as f on f.version_id = r.version_id
  where f.measure = 'complaints' and f.value is not null and f.quote is null
    and f.period_start is not null and f.period_end is not null
    and r.period_end >= date((select max(n.period_end) from current_reports as n where n.council = r.council),
                             '-30 months')
),
latest as (  -- the newest column of each length that the newest paper has: 12 months, and a quarter
  select c.*
  from current_reports as r join cell as c on c.version_id = r.version_id
  where r.is_latest and c.months in (3, 12)
    and c.period_end = (select max(y.period_end) from cell as y
                        where y.version_id = r.version_id and y.months = c.months)
),
rise as (
  select l.*, b.value as before, b.value_text as before_text, b.period_label as before_label,
         b.period_start as before_start,
         row_number() over (partition by l.version_id, l.months, l.is_total, l.service_key, b.period_start
                            order by b.version_id = l.version_id desc, b.edition_end desc) as place
  from latest as l join cell as b on b.council = l.council and b.months = l.months
    and b.is_total = l.is_total and (b.service_key is l.service_key or l.is_total)
    -- Each with the same length of time before it: a year with a year, a quarter with a quarter; and
    -- where the paper has no 12-month columns, a quarter also with the same quarter a year before.
    and (b.period_start = date(l.period_start, '-' || l.months || ' months')
         or b.period_start = date(l.period_start, '-12 months')
            and not exists (select 1 from cell as y where y.version_id = l.version_id and y.months = 12))
  where b.value > 0
),
due as (
  select *, (value - before) * 100.0 / before as percent,
         row_number() over (partition by version_id
                            order by is_total desc, months desc, value / before desc, service) as rank
  from rise
  where place = 1 and (value - before) * 100.0 >= :percent * before and (is_total or value - before >= :minimum)
)""",
        """
select d.council || ':' || d.financial_year || ':' || d.quarter as key,
       d.council, d.financial_year, d.quarter, d.version_id,
       json_group_array(json_object(
         'service', d.service, 'is_total', d.is_total, 'rank', d.rank,
         'period', d.period_label, 'against', d.before_label, 'span', case when d.before_start
           = date(d.period_start, '-12 months') then 'year' else 'quarter' end,
         'percent', round(d.percent), 'rise', d.value - d.before,
         'now', coalesce(d.value_text, d.value), 'before', coalesce(d.before_text, d.before))) as rises_json,
       t.page,
       (select json_array(36, min(json_extract(c.bbox, '$[1]')),  -- the row, with its label
                          max(json_extract(c.bbox, '$[2]')), max(json_extract(c.bbox, '$[3]')))
        from cell as c where c.version_id = d.version_id and c.page = t.page and c.service_key is t.service_key)
         as bbox,
       exists (select 1 from latest as x where x.version_id = d.version_id and x.is_total) as has_total,
       p.sha256, p.document_title, p.published_on, p.dated_by, p.seen_on,
       p.url || coalesce('#page=' || t.page, '') as url
from due as d join paper as p on p.version_id = d.version_id
join due as t on t.version_id = d.version_id and t.rank = 1
where p.published_on >= :oldest and not exists (
  select 1 from judged as j where j.rule = :rule
    and j.subject = d.council || ':' || d.financial_year || ':' || d.quarter)
group by d.version_id
order by d.council
""",
    ),
    title=(
        "{% set first = (rises|sort(attribute='rank'))[0] %}"
        "Complaints up {first.percent|int} % in a {first.span}"
        "{% if not first.is_total %} in {first.service}{% endif %}, from {first.before} to {first.now}"
        "{% if not first.is_total and rises|map(attribute='service')|unique|list|length > 1 %}"
        ", and in {rises|map(attribute='service')|unique|list|length - 1} more{% endif %}"
        ", Q{quarter} {financial_year}"
    ),
    body=(
        "{% for rise in rises|sort(attribute='rank') %}"
        "- {% if rise.is_total %}all services{% else %}{rise.service}{% endif %}:"
        " {rise.before} to {rise.now} (+{rise.percent|int} %), {rise.period} against {rise.against}\n{% endfor %}"
        "{% if has_total and not rises|selectattr('is_total')|list %}"
        "The total did not rise by {'%g'|format(percent)} %.\n{% endif %}" + SOURCE_LINE
    ),
)

RULES = (COMPLAINTS_JUMP,)
