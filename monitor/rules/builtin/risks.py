"""The rule about corporate risks."""

from monitor.rules.builtin.common import PAPER, SOURCE_LINE, WHENCE, query
from monitor.rules.model import Rule

# Where risks are listed: each council's newest report, and its newest register. A report says itself what
# rose; of a register that is told by the one before. What one of the two told is not told by the other.
_RISKS = """
source as materialized (
  select r.version_id, r.council, r.council || ':' || r.financial_year || ':' || r.quarter as key,
         'Q' || r.quarter || ' ' || r.financial_year as edition,
         (select version_id from reports where id = r.before_report_id) as before_version_id
  from current_reports as r where r.is_latest
  union all
  select version_id, council, council || ':register:' || published_on, null, before_version_id
  from (select s.version_id, s.council, p.published_on,
               row_number() over (partition by s.council order by p.published_on desc, s.version_id desc) as place,
               -- The newest that is older, not another copy of this one.
               (select o.version_id from standing_versions as o join paper as q on q.version_id = o.version_id
                where o.council = s.council and o.kind = 'risk_register' and q.published_on < p.published_on
                order by q.published_on desc, o.version_id desc limit 1) as before_version_id
        from standing_versions as s join paper as p on p.version_id = s.version_id
        where s.kind = 'risk_register')
  where place = 1
),
open as materialized (
  select s.* from source as s join paper as p on p.version_id = s.version_id
  where p.published_on >= :oldest
    and not exists (select 1 from judged as j where j.rule = :rule and j.subject = s.key)
),
raised as (
  select o.key, o.version_id, r.id as place, r.code, r.title, r.page, r.bbox, r.level,
         case when r.change in ('new', 'increased') then r.change
              when b.id is null and o.edition is null then 'new' else 'increased' end as change,
         coalesce(b.level, '') as before_level, b.score as before_score, r.score
  from open as o join risks as r on r.version_id = o.version_id
  left join risks as b on b.version_id = o.before_version_id and b.code = r.code
  where r.change in ('new', 'increased')
     or r.change is null and o.edition is null and o.before_version_id is not null and r.code is not null and (
       b.id is null and exists (select 1 from risks as x where x.version_id = o.before_version_id)
       or r.score > b.score
       or (r.score is null or b.score is null)
          and instr('low   medium high', r.level) > instr('low   medium high', b.level))
),
level as (  -- how many stood at each level at the newest date that the paper gives, and at the one before
  select o.key, o.version_id, l.id, l.page, l.high, l.as_at,
         coalesce((select x.high from risk_levels as x where x.version_id = o.version_id and x.as_at < l.as_at
                   order by x.as_at desc limit 1),
                  (select x.high from risk_levels as x where x.version_id = o.before_version_id and x.as_at < l.as_at
                   order by x.as_at desc limit 1)) as before_high
  from open as o join risk_levels as l on l.version_id = o.version_id
  where l.as_at = (select max(as_at) from risk_levels where version_id = o.version_id)
),
told as (
  select key, version_id, place, code, title, change, level, before_level, score, before_score, page, bbox, 1 as kind,
         null as high, null as before_high
  from raised as r
  where not exists (
    select 1 from alerts as a, json_each(a.evidence, '$.rows') as e
    where a.rule = :rule and a.key <> r.key and instr(a.key, ':register:') + instr(r.key, ':register:') > 0
      and (instr(a.key, ':register:') = 0 or instr(r.key, ':register:') = 0)
      and a.created_at >= date(:now, '-150 days') and json_extract(e.value, '$.code') = r.code)
  union all
  select key, version_id, id, null, null, 'high', null, null, null, null, page, null, 2, high, before_high
  from level where high > before_high
),
placed as materialized (
  select *, row_number() over (partition by key order by kind, change = 'increased', place) as row from told
)"""

RISK_RAISED = Rule(
    name="risk_raised",
    says="Corporate risks are new or were raised, or more of them are rated High.",
    severity="medium",
    final=True,
    sql=query(
        PAPER,
        _RISKS,
        f"""
select f.key, o.council, o.edition, f.version_id, f.page, f.bbox,
       (select json_group_array(json_object(
          'code', m.code, 'title', m.title, 'change', m.change, 'level', m.level, 'before_level', m.before_level,
          'score', m.score, 'before_score', m.before_score, 'high', m.high, 'before_high', m.before_high,
          'page', m.page))
        from (select * from placed where key = f.key order by row) as m) as rows_json,
       p.url || coalesce('#page=' || f.page, '') as url, {WHENCE}
from placed as f join open as o on o.key = f.key join paper as p on p.version_id = f.version_id
where f.row = 1
order by o.council
""",  # noqa: S608  our own text
    ),
    title=(
        "{% set risks = rows|rejectattr('change', 'eq', 'high')|list %}"
        "{% if risks %}Corporate risk {% if risks[0].change == 'new' %}new{% else %}raised{% endif %}: "
        "{% if risks[0].code %}{risks[0].code} {% endif %}{risks[0].title}"
        "{% if risks|length > 1 %} and {risks|length - 1} more{% endif %}"
        "{% else %}More corporate risks are High: {rows[0].before_high} to {rows[0].high}{% endif %}"
        "{% if edition %}, {edition}{% endif %}"
    ),
    body=(
        "{% for row in rows %}{% if row.change == 'high' %}"
        "- rated High: {row.before_high} to {row.high} corporate risks\n"
        "{% else %}- {row.change}: {% if row.code %}{row.code} {% endif %}{row.title}"
        "{% if row.score is not none %}, rated {row.score}"
        "{% if row.before_score is not none %} after {row.before_score}{% endif %}"
        "{% elif row.level %}, {row.level}{% if row.before_level %} after {row.before_level}{% endif %}{% endif %}\n"
        "{% endif %}{% endfor %}" + SOURCE_LINE
    ),
)

RULES = (RISK_RAISED,)
