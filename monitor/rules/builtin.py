"""The rules that come with the service, as data: query and text side by side."""

from monitor.rules.model import Rule


def _with(*parts: str) -> str:
    """A select, the last part, with the tables before it that it is made of."""
    return "with " + ",\n".join(part.strip() for part in parts[:-1]) + "\n" + parts[-1].strip()


# Every version with its document, and since when people could read it: the date that the site or the
# paper gives, else the meeting's, once it has been held, else the day on which it was first fetched.
# A report that is handed in without a date cannot be newer than four months after its quarter: Kent's
# come out within thirteen weeks. `dated_by` says which of these dates it is, for those who quote it.
_PAPER = """
paper as (
  select v.id as version_id, v.document_id, v.sha256, v.outcome, v.note, d.url, d.council, d.kind, d.source,
         coalesce(d.title, d.url) as document_title,
         coalesce(d.published_on, case when m.held_on <= date(:now) then m.held_on end,
                  min(date(v.fetched_at),
                      coalesce((select date(max(r.period_end), '+4 months') from reports as r
                                where r.version_id = v.id), date(v.fetched_at)))) as published_on,
         case when d.published_on is not null then 'published' when m.held_on <= date(:now) then 'meeting of'
              else 'first seen' end as dated_by,
         case when d.published_on is null and not coalesce(m.held_on <= date(:now), 0) then date(v.fetched_at) end
           as seen_on
  from versions v join documents d on d.id = v.document_id left join meetings m on m.id = d.meeting_id
)"""

# The indicators of each council's newest edition by quarter, whenever it was fetched: only that one is
# news. `past_known` is 0 where neither an earlier edition nor this paper's own column of previous
# ratings could have said what was before: then nothing can be said to have turned.
_TURN = """
turn as materialized (
  select c.*,
         c.before_report_id is not null
           or exists (select 1 from kpi_readings as k where k.report_id = c.report_id and k.previous_rag is not null)
           as past_known
  from rag_changes as c
  where c.is_latest and c.version_id in (select version_id from paper where published_on >= :oldest)
)"""

_SOURCE_LINE = (
    "{council_name}: {document_title}, {dated_by} {(seen_on or published_on)|day}{% if page %}, page {page}{% endif %}"
)

NEW_RED = Rule(
    name="new_red",
    says="An indicator of the newest report is Red and was not before.",
    severity="high",
    sql=_with(
        _PAPER,
        _TURN,
        """
select t.council || ':' || t.financial_year || ':' || t.quarter || ':' || k.name_key as key,
       t.council, t.service, t.name, t.financial_year, t.quarter, t.rag, t.before_rag, t.before_told_by, t.direction,
       t.value_text, t.target_text, t.floor_text, k.previous_text, t.kpi_id, t.version_id, t.page, t.bbox,
       p.sha256, p.document_title, p.published_on, p.dated_by, p.seen_on, t.page_url as url
from turn as t join kpi_readings as k on k.id = t.reading_id join paper as p on p.version_id = t.version_id
where t.rag = 'red' and t.before_rag is not 'red' and t.past_known
order by t.council, t.reading_id
""",
    ),
    title=(
        "RED: {name}, {value_text or 'no value printed'}"
        "{% if target_text %} (target {target_text}{% if floor_text %}, floor {floor_text}{% endif %}){% endif %}"
        ", Q{quarter} {financial_year}"
    ),
    body=(
        "{service}: "
        "{% if before_rag %}from {before_rag|capitalize} to Red"
        "{% if before_told_by == 'printed' %} (the earlier rating as this paper prints it)"
        "{% else %} since the report before{% endif %}"
        "{% else %}Red, first rated: the quarter before has no rating, here or in the report before{% endif %}.\n"
        "Value {value_text or 'not printed'}, target {target_text or 'not printed'},"
        " floor standard {floor_text or 'not printed'}, quarter before {previous_text or 'not printed'}."
        "{% if direction %} Direction of travel: {direction}.{% endif %}\n" + _SOURCE_LINE
    ),
)

PUBLIC_REPORT = Rule(
    name="public_report",
    says="The Ombudsman has published a public interest report against the council.",
    severity="high",
    sql=_with(
        _PAPER,
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
    sql=_with(
        _PAPER,
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

COMPLAINTS_JUMP = Rule(
    name="complaints_jump",
    says="Complaints rose sharply, on the year or on the quarter before, in all or in one service.",
    severity="medium",
    options={"percent": 10, "minimum": 20},  # a service also needs that many more complaints
    sql=_with(
        _PAPER,
        """
cell as (
  select f.*, r.council as whose, r.period_end as edition_end,
         cast(round((julianday(f.period_end) - julianday(f.period_start) + 1) / 30.44) as integer) as months
  from current_figures as f join current_reports as r on r.version_id = f.version_id
  where f.measure = 'complaints' and f.value is not null and f.quote is null
    and f.period_start is not null and f.period_end is not null
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
where p.published_on >= :oldest
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
        "The total did not rise by {'%g'|format(percent)} %.\n{% endif %}" + _SOURCE_LINE
    ),
)

NEW_REPORT = Rule(
    name="new_report",
    says="A new performance report is out: how it stands, what turned and what left Red.",
    severity="medium",
    sql=_with(
        _PAPER,
        _TURN,
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
        "{% if contradictions %}The paper contradicts itself in {contradictions}"
        " {% if contradictions == 1 %}place{% else %}places{% endif %}.\n{% endif %}" + _SOURCE_LINE
    ),
)

DISCREPANCY = Rule(
    name="discrepancy",
    says="A paper contradicts itself or another.",
    severity="medium",
    sql=_with(
        _PAPER,
        """
select x.key, x.severity, x.check_name, x.subject, x.stated, x.computed, x.explanation, x.version_id, x.page,
       x.other_page,
       p.council, p.sha256, p.document_title, p.published_on, p.dated_by, p.seen_on,
       p.url || case when x.page is null then '' else '#page=' || x.page end as url,
       x.bbox
from discrepancies as x join paper as p on p.version_id = x.version_id
where x.resolved_at is null and p.outcome = 'read' and p.published_on >= :oldest
order by p.council, x.id
""",
    ),
    title="Does not add up: {subject}: {stated}, but {computed}",
    body=(
        "{explanation}\nStated: {stated}. Compared with: {computed}.\n" + _SOURCE_LINE + ""
        "{% if other_page and other_page != page %}, compared with page {other_page}{% endif %}"
    ),
)

QUARANTINED = Rule(
    name="quarantined",
    says="A document could not be read, or not for certain; what it says raises no alerts.",
    severity="medium",
    sql=_with(
        _PAPER,
        """
select p.sha256 as key, p.sha256, p.version_id, p.council, p.document_title, p.outcome, p.note, p.kind, p.source,
       p.published_on, p.dated_by, p.seen_on, p.url, null as page
from paper as p
where p.outcome in ('quarantined', 'failed') and p.published_on >= :oldest
  -- A page that was read before and answers with the same trouble again, in other bytes, is told once.
  and not exists (
    select 1 from versions as e
    where e.document_id = p.document_id and e.id < p.version_id and e.outcome = p.outcome and e.note is p.note
      and date(e.fetched_at) >= :oldest
      and exists (select 1 from versions as r where r.document_id = e.document_id and r.id < e.id
                  and r.outcome = 'read'))
order by p.version_id
""",
    ),
    title=(
        "{% if outcome == 'failed' %}Could not be read{% else %}Held back, not to be trusted as read{% endif %}"
        ": {document_title}"
    ),
    body=(
        "{note}\n{% if outcome == 'failed' %}Nothing is known of what it says."
        "{% else %}Its facts are kept but raise no alerts.{% endif %} The document: {url}\n{council_name}, {source}"
    ),
)

RULES: dict[str, Rule] = {
    rule.name: rule
    for rule in (
        NEW_RED,
        PUBLIC_REPORT,
        NEW_IMPROVEMENT,
        COMPLAINTS_JUMP,
        NEW_REPORT,
        DISCREPANCY,
        QUARANTINED,
    )
}
