"""What the queries of several rules begin with, and the lines that their texts end with."""


def query(*parts: str) -> str:
    """A select, the last part, with the tables before it that it is made of."""
    return "with " + ",\n".join(part.strip() for part in parts[:-1]) + "\n" + parts[-1].strip()


# Every version with its document, and since when people could read it: the date that the site or the
# paper gives, else the meeting's, once it has been held, else the day on which it was first fetched.
# A report that is handed in without a date cannot be newer than four months after its quarter: Kent's
# come out within thirteen weeks. `dated_by` says which of these dates it is, for those who quote it.
PAPER = """
paper as (
  select v.id as version_id, v.document_id, v.sha256, v.outcome, v.note, v.fetched_at,
         d.url, d.council, d.kind, d.source, d.gone_at,
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

# The columns of `paper as p` that say where an alert comes from.
WHENCE = "p.sha256, p.document_title, p.published_on, p.dated_by, p.seen_on"

# The indicators of each council's newest edition by quarter, whenever it was fetched: only that one is
# news. `past_known` is 0 where neither an earlier edition nor this paper's own column of previous
# ratings could have said what was before: then nothing can be said to have turned. `is_open` is 0 where
# the rule was judged on that edition already: an older paper that comes in later makes no news of it.
TURN = """
turn as materialized (
  select c.*, k.name_key, k.service as k_service, k.lower_is_better, k.unit, k.target_low, k.target_high,
         k.previous_text, c.council || ':' || c.financial_year || ':' || c.quarter as edition,
         c.before_report_id is not null
           or exists (select 1 from kpi_readings as k where k.report_id = c.report_id and k.previous_rag is not null)
           as past_known,
         not exists (select 1 from judged as j where j.rule = :rule
                     and j.subject = c.council || ':' || c.financial_year || ':' || c.quarter) as is_open
  from rag_changes as c
  join kpi_readings as k on k.id = c.reading_id
  join reports as r on r.id = c.report_id and r.scope = ''
  where c.is_latest and c.version_id in (select version_id from paper where published_on >= :oldest)
)"""

# One alert an edition, which lists the rows of `moved` in their order: `report_id, reading_id, place` and the rest.
LISTED = f"""
select f.edition as key, f.edition, f.council, f.financial_year, f.quarter, f.version_id, f.page, f.bbox,
       f.name as first_name, count(*) over (partition by f.report_id) as amount,
       (select json_group_array(json_object(
          'name', m.name, 'service', m.service, 'now', m.rag, 'before', m.before_rag,
          'value', m.value_text, 'previous', coalesce(m.before_value_text, m.previous_text), 'target', m.target_text,
          'before_target', (select b.target_text from kpi_readings as b where b.id = m.before_reading_id),
          'floor', m.floor_text, 'direction', m.direction, 'page', m.page, 'quarters', m.quarters))
        from (select * from moved where report_id = f.report_id order by place) as m) as rows_json,
       f.page_url as url, {WHENCE}
from moved as f join paper as p on p.version_id = f.version_id
where f.place = 1
order by f.council
"""  # noqa: S608  our own text

SOURCE_LINE = (
    "{council_name}: {document_title}, {dated_by} {(seen_on or published_on)|day}{% if page %}, page {page}{% endif %}"
)

EDITION = "Q{quarter} {financial_year}"

# "and 3 more", after the first of several.
AND_MORE = "{% if rows|length > 1 %} and {rows|length - 1} more{% endif %}"
