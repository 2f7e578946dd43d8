"""The rule about what indicators are held against: targets, floors, and which indicators there are."""

from monitor.rules.builtin.common import EDITION, PAPER, SOURCE_LINE, TURN, WHENCE, query
from monitor.rules.model import Rule

# Which side is better is told by target and floor; where they do not tell, by those of the indicator's other
# editions; else by a rating that only one side explains. Where nothing tells, nothing is called easier.
_GOALS = """
side as materialized (
  select t.reading_id,
    coalesce(
      t.lower_is_better, b.lower_is_better,
      (select max(o.lower_is_better) from kpi_readings as o
       where o.kpi_id = t.kpi_id having min(o.lower_is_better) = max(o.lower_is_better)),
      case when t.rag = 'green' and t.value > t.target or t.rag in ('amber', 'red') and t.value < t.target then 0
           when t.rag = 'green' and t.value < t.target or t.rag in ('amber', 'red') and t.value > t.target then 1
      end) as lower
  from turn as t join kpi_readings as b on b.id = t.before_reading_id
),
goal as (
  select t.report_id, t.reading_id, 1 as kind, t.name, t.service, 'target' as what, t.page, t.bbox, t.page_url,
         b.target_text as before, t.target_text as now, b.target as was, t.target as is_now, s.lower
  from turn as t join kpi_readings as b on b.id = t.before_reading_id join side as s on s.reading_id = t.reading_id
  where t.target is not null and b.target is not null and t.unit is b.unit
  union all
  select t.report_id, t.reading_id, 2, t.name, t.service, 'floor standard', t.page, t.bbox, t.page_url,
         b.floor_text, t.floor_text, b.floor, t.floor, s.lower
  from turn as t join kpi_readings as b on b.id = t.before_reading_id join side as s on s.reading_id = t.reading_id
  where t.floor is not null and b.floor is not null and t.unit is b.unit
  union all  -- a range is easier where it begins lower, for what should be high; where it ends higher, else
  select t.report_id, t.reading_id, 1, t.name, t.service, 'target', t.page, t.bbox, t.page_url,
         b.target_text, t.target_text, iif(s.lower, b.target_high, b.target_low),
         iif(s.lower, t.target_high, t.target_low), s.lower
  from turn as t join kpi_readings as b on b.id = t.before_reading_id join side as s on s.reading_id = t.reading_id
  where t.target is null and t.target_low is not null and b.target_low is not null and t.unit is b.unit
),
edition as materialized (
  select distinct report_id, before_report_id, edition, council, financial_year, quarter, version_id,
                  before_financial_year, before_quarter, is_open
  from turn where before_report_id is not null
),
whole as (  -- a paper that lacks much of what was there before may be a part of it: then nothing counts as dropped
  select e.report_id from edition as e join reports as r on r.id = e.report_id
  where (select count(*) from kpi_readings as k where k.report_id = e.report_id) = r.kpi_total
     or 4 * (select count(*) from kpi_readings as b where b.report_id = e.before_report_id and not exists
               (select 1 from kpi_readings as k where k.report_id = e.report_id and k.kpi_id = b.kpi_id))
        <= (select count(*) from kpi_readings as b where b.report_id = e.before_report_id)
),
told as materialized (
  select report_id, reading_id, kind, name, service, what, before, now, page, bbox, page_url
  from goal where lower is not null and iif(lower, is_now > was, is_now < was)
  union all
  select e.report_id, b.id, 3, b.name, b.service, 'dropped', null, null, null, null, null
  from edition as e join kpi_readings as b on b.report_id = e.before_report_id
  where e.report_id in (select report_id from whole)
    and not exists (select 1 from kpi_readings as k where k.report_id = e.report_id and k.kpi_id = b.kpi_id)
    and not exists (  -- one of this edition may be the same under another name: that is for a person to decide
      select 1 from kpi_proposals as o join kpi_readings as k on k.report_id = e.report_id
      where (o.kpi_id = b.kpi_id and o.other_kpi_id = k.kpi_id) or (o.other_kpi_id = b.kpi_id and o.kpi_id = k.kpi_id))
  union all
  select t.report_id, t.reading_id, 4, t.name, t.service, 'renamed', b.name, t.name, t.page, t.bbox, t.page_url
  from turn as t join kpi_readings as b on b.id = t.before_reading_id
  where substr(t.name_key, 1, instr(t.name_key || '/', '/')) <> substr(b.name_key, 1, instr(b.name_key || '/', '/'))
),
placed as materialized (
  select *, row_number() over (partition by report_id order by kind, reading_id) as place from told
)"""

GOALPOSTS_MOVED = Rule(
    name="goalposts_moved",
    says="A target or floor was made easier, or an indicator dropped or renamed, since the report before.",
    severity="medium",
    final=True,
    sql=query(
        PAPER,
        TURN,
        _GOALS,
        f"""
select e.edition as key, e.council, e.financial_year, e.quarter, e.version_id,
       e.before_financial_year, e.before_quarter, f.page, f.bbox, f.name as first_name,
       (select json_group_array(json_object('name', m.name, 'service', m.service, 'what', m.what,
                                            'before', m.before, 'now', m.now, 'page', m.page))
        from (select * from placed where report_id = f.report_id order by place) as m) as rows_json,
       coalesce(f.page_url, p.url) as url, {WHENCE}
from placed as f join edition as e on e.report_id = f.report_id join paper as p on p.version_id = e.version_id
where f.place = 1 and e.is_open
order by e.council
""",  # noqa: S608  our own text
    ),
    title=(
        "{% set eased = rows|selectattr('what', 'in', ['target', 'floor standard'])|list %}"
        "{% set gone = rows|selectattr('what', 'eq', 'dropped')|list %}"
        "{% set first = rows[0] %}"
        "{% if eased %}Made easier: {first.name}, {first.what} {first.before} to {first.now}"
        "{% elif gone %}No longer reported: {first.name}"
        "{% else %}Renamed: {first.before}, now {first.now}{% endif %}"
        "{% if rows|length > 1 %} and {rows|length - 1} more{% endif %}"
        f", {EDITION}"
    ),
    body=(
        "Compared with the report for Q{before_quarter} {before_financial_year}:\n"
        "{% for row in rows %}"
        "{% if row.what == 'dropped' %}- no longer in the report: {row.name} ({row.service})\n"
        "{% elif row.what == 'renamed' %}- renamed: {row.before}, now {row.now} ({row.service})\n"
        "{% else %}- {row.name} ({row.service}): {row.what} {row.before} to {row.now}, which is easier\n{% endif %}"
        "{% endfor %}" + SOURCE_LINE
    ),
)

RULES = (GOALPOSTS_MOVED,)
