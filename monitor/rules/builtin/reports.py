"""Rules about the quarterly report as a whole: that it is out, and that it is not."""

from monitor.rules.builtin.common import EDITION, PAPER, SOURCE_LINE, TURN, query
from monitor.rules.model import Rule

NEW_REPORT = Rule(
    name="new_report",
    says="A new performance report is out: how it stands, what turned and what left Red.",
    severity="medium",
    sql=query(
        PAPER,
        TURN,
        """
past as (  -- each indicator's editions from the newest back, with how many of them so far were not Red
  select h.kpi_id, sum(h.rag is not 'red') over (partition by h.kpi_id order by h.period_end desc) as others
  from kpi_history as h where +h.kpi_id in (select kpi_id from turn where rag = 'red')  -- +: edition by edition
),
streak as materialized (
  select kpi_id, count(*) as editions from past where others = 0 group by kpi_id
),
red as materialized (
  select t.report_id, t.service, t.name, t.value_text,
         max(s.editions, iif(t.before_rag = 'red', 2, 1)) as quarters
  from turn as t join streak as s on s.kpi_id = t.kpi_id
  where t.rag = 'red'
)""",
        """
select f.council || ':' || f.financial_year || ':' || f.quarter as key,
       f.council, f.financial_year, f.quarter, f.version_id, f.past_known,
       count(*) as indicators, count(f.direction) as directions,
       count(*) filter (where f.rag = 'green') as green,
       count(*) filter (where f.rag = 'amber') as amber,
       count(*) filter (where f.rag = 'red') as red,
       count(*) filter (where f.rag is null) as unrated,
       count(*) filter (where f.direction = 'improving') as improving,
       count(*) filter (where f.direction = 'stable') as stable,
       count(*) filter (where f.direction = 'worsening') as worsening,
       (select json_group_array(json_object('service', t.service, 'name', t.name, 'value', t.value_text,
                                            'before', t.before_rag))
        from turn as t where t.report_id = f.report_id and t.rag = 'red' and t.before_rag is not 'red'
          and t.past_known) as turned_red_json,
       (select json_group_array(json_object('service', t.service, 'name', t.name, 'value', t.value_text,
                                            'now', t.rag))
        from turn as t where t.report_id = f.report_id and t.before_rag = 'red' and t.rag <> 'red') as left_red_json,
       (select count(*) from red as r where r.report_id = f.report_id and r.quarters >= 2) as still_red,
       (select json_group_array(json_object('service', r.service, 'name', r.name, 'value', r.value_text,
                                            'quarters', r.quarters))
        from red as r where r.report_id = f.report_id and r.quarters >= 3  -- below that, all are among the longest
          and r.quarters = (select max(x.quarters) from red as x where x.report_id = f.report_id)) as longest_json,
       (select count(*) from discrepancies as d where d.version_id = f.version_id and d.resolved_at is null)
         as contradictions,
       p.sha256, p.document_title, p.published_on, p.dated_by, p.seen_on, p.url, null as page
from turn as f join paper as p on p.version_id = f.version_id
group by f.report_id
order by f.council
""",
    ),
    title=(
        "{council_name}, report for Q{quarter} {financial_year}: {green} Green, {amber} Amber, {red} Red"
        "{% if turned_red %}; {turned_red|length} newly Red{% endif %}"
    ),
    body=(
        "{indicators} indicators: {green} Green, {amber} Amber, {red} Red"
        "{% if unrated %}, {unrated} without a rating{% endif %}.\n"
        "{% if directions %}{improving} improving, {stable} stable, {worsening} worsening.\n{% endif %}"
        "{% if turned_red %}Turned Red:\n{% for k in turned_red %}"
        "- {k.name} ({k.service}){% if k.value %}, {k.value}{% endif %}"
        "{% if k.before %}, from {k.before|capitalize}{% else %}, first rated{% endif %}\n{% endfor %}"
        "{% elif past_known %}None turned Red.\n{% endif %}"
        "{% if left_red %}No longer Red:\n{% for k in left_red %}"
        "- {k.name} ({k.service}){% if k.value %}, {k.value}{% endif %}, now {k.now|capitalize}\n"
        "{% endfor %}{% endif %}"
        "{% if still_red %}Still Red: {still_red}.\n{% endif %}"
        "{% if longest %}Longest Red:\n{% for k in longest %}"
        "- {k.name} ({k.service}), at least {k.quarters} reports in a row\n{% endfor %}{% endif %}"
        "{% if contradictions %}In {contradictions} {% if contradictions == 1 %}place{% else %}places{% endif %}"
        " the paper contradicts itself or the report before.\n{% endif %}" + SOURCE_LINE
    ),
)

# A report is due when that of the same quarter came in all years before, the latest of them and some grace;
# with fewer than two years to go by, five months after the quarter. Nobody publishes in August, nor around
# the election of the whole council, which in English counties is in May of every fourth year from 2021.
_DUE = """
published as (
  select r.council, r.financial_year, r.quarter,
         min(julianday(p.published_on) - julianday(r.period_end)) as days
  from reports as r join paper as p on p.version_id = r.version_id
  where r.scope = '' and p.outcome = 'read' and p.published_on > r.period_end
  group by r.council, r.financial_year, r.quarter
),
arrived as (  -- also what could not be read for certain, and what a cover report or minutes speak of, is there
  select council, period_end from reports where scope = ''
  union
  select d.council, date(substr(c.financial_year, 1, 4) || '-04-01', '+' || (3 * c.quarter) || ' months', '-1 day')
  from rag_counts as c join versions as v on v.id = c.version_id join documents as d on d.id = v.document_id
  where c.stated_in in ('cover', 'minutes') and c.quarter is not null and c.financial_year is not null
),
newest as (
  select r.council, r.period_end as read_end,
         (select max(a.period_end) from arrived as a where a.council = r.council) as period_end
  from current_reports as r
  where r.is_latest and (:councils = '[]' or r.council in (select value from json_each(:councils)))
),
expected as (
  select council, ahead, date(period_end, '+1 day', '+' || (3 * ahead) || ' months', '-1 day') as period_end
  from newest join (select 1 as ahead union select 2)
),
awaited as (
  select *, 1 + (strftime('%m', period_end) + 8) % 12 / 3 as quarter,
         strftime('%Y', period_end, '-3 months') as year
  from expected
),
reckoned as (
  select w.*, w.year || '/' || substr(w.year + 1, 3) as financial_year,
         (select count(*) from published as h where h.council = w.council and h.quarter = w.quarter) as years,
         (select max(h.days) from published as h where h.council = w.council and h.quarter = w.quarter) as days
  from awaited as w
),
due as (
  select *, date(period_end, '+' || cast(days as integer) || ' days') as usual_on,
         iif(years >= 2, date(period_end, '+' || cast(days + :grace_days as integer) || ' days'),
             date(period_end, '+1 day', '+5 months')) as plain_on
  from reckoned
),
overdue as (
  select *, case
      when strftime('%m', plain_on) = '08' then strftime('%Y', plain_on) || '-09-08'
      when (strftime('%Y', plain_on) - 2021) % 4 = 0 and strftime('%m-%d', plain_on) between '03-15' and '06-15'
        then strftime('%Y', plain_on) || '-07-01'
      else plain_on end as due_on
  from due
)"""

REPORT_OVERDUE = Rule(
    name="report_overdue",
    says="The next performance report is not there, later in the year than it ever came.",
    severity="medium",
    options={"grace_days": 21},
    sql=query(
        PAPER,
        _DUE,
        """
select o.council || ':' || o.financial_year || ':' || o.quarter as key, o.council, o.financial_year, o.quarter,
       o.due_on, o.years, iif(o.years >= 2, o.usual_on, null) as usual_on, o.period_end, null as page
from overdue as o
where o.due_on <= date(:now) and o.due_on >= :oldest
  -- The one after the next only where the next was missed already: not where a single old paper was handed in.
  and (o.ahead = 1 or exists (
    select 1 from alerts as a join reckoned as w on w.council = o.council and w.ahead = 1
    where a.rule = :rule and a.key = w.council || ':' || w.financial_year || ':' || w.quarter))
  and strftime('%m', :now) <> '08'
  and not ((strftime('%Y', :now) - 2021) % 4 = 0 and strftime('%m-%d', :now) between '03-15' and '06-15')
  -- What could not be looked for is not missing: the source's own trouble is told by another rule.
  and not exists (select 1 from sources as s where s.source = 'committee_papers' and s.council in (o.council, '*')
                  and s.state not in ('ok', 'stale'))
  and not exists (select 1 from sources as s where s.source = 'committee_papers' and s.council = o.council
                  and s.last_ok_at is not null and date(s.last_ok_at) < o.due_on)
order by o.council, o.period_end
""",
    ),
    title=f"Not there yet: the performance report of {{council_name}} for {EDITION}",
    body=(
        "{% if usual_on %}In {years} earlier years the report for this quarter came at the latest by what would be"
        " {usual_on|day} this time.{% else %}Five months have passed since the quarter ended on {period_end|day}."
        "{% endif %} It is not among the papers that were found; it may be late, or stand in a place"
        " where it is not looked for.\n{council_name}"
    ),
)

RULES = (NEW_REPORT, REPORT_OVERDUE)
