-- Views that people start from. Made anew whenever this file changes, so that they may be
-- edited at any time. The comment after each column is what Datasette shows.

create view current_versions as -- The content of each document that stands: its newest that was read
select
  v.id as version_id, -- number of the version
  v.document_id, -- which document
  d.council, -- slug of the council
  d.source, -- committee_papers, news or ombudsman
  d.kind, -- what the reader found the document to be
  d.title, -- title of the document
  d.url, -- its address
  coalesce(d.published_on, m.held_on) as published_on, -- date of publication; of the meeting where no other is known
  v.fetched_at, -- when this content was first received, UTC
  d.gone_at, -- when the site first answered that the document is gone, UTC
  d.meeting_id, -- the meeting it belongs to
  d.agenda_item_id, -- the agenda item it belongs to
  v.parser, -- the reader that read it
  v.parser_version -- that reader's version
from versions as v
join documents as d on d.id = v.document_id
left join meetings as m on m.id = d.meeting_id
where v.outcome = 'read'
  and not exists (
    select 1 from versions as n where n.document_id = v.document_id and n.id > v.id and n.outcome = 'read'
  );

create view current_reports as -- One row for each edition of the whole council's report: the paper that stands
select
  r.id as report_id, -- number of the edition
  r.version_id, -- where it stands
  v.document_id, -- in which document
  r.council, -- slug of the council
  r.title, -- as printed on the cover
  r.financial_year, -- '2024/25'
  r.quarter, -- 1 to 4
  r.period_start, -- first day of the quarter
  r.period_end, -- last day of the quarter
  r.kpi_total, -- number of indicators that the paper says it holds
  d.url, -- the document's address
  coalesce(d.published_on, m.held_on) as published_on, -- date of publication; of the meeting where no other is known
  v.fetched_at, -- when this content was first received, UTC
  d.meeting_id, -- the meeting it was put to
  not exists (
    select 1 from reports as n
    where n.council = r.council and n.scope_key = '' and n.stands = 1 and n.period_end > r.period_end
  ) as is_latest, -- 1 for the newest quarter of the council
  (
    select b.id from reports as b
    where b.council = r.council and b.scope_key = '' and b.stands = 1 and b.period_end < r.period_end
    order by b.period_end desc limit 1
  ) as before_report_id -- number of the edition before, of those held
from reports as r
join versions as v on v.id = r.version_id
join documents as d on d.id = v.document_id
left join meetings as m on m.id = d.meeting_id
where r.stands = 1 and r.scope_key = '';

create view standing_versions as -- Contents whose facts count: current ones without papers that another took the place of
select
  c.version_id, -- number of the version
  c.document_id, -- which document
  c.council, -- slug of the council
  c.source, -- committee_papers, news or ombudsman
  c.kind, -- what the reader found the document to be
  c.title, -- title of the document
  c.url, -- its address
  c.published_on, -- date of publication; of the meeting where no other is known
  c.fetched_at -- when this content was first received, UTC
from current_versions as c
where not exists (select 1 from reports as r where r.version_id = c.version_id)
  or c.version_id in (select version_id from reports where stands = 1);

create view kpi_history as -- Each indicator through the editions of the whole council's report
select
  k.kpi_id, -- which indicator
  r.council, -- slug of the council
  r.financial_year, -- '2024/25'
  r.quarter, -- 1 to 4
  r.period_end, -- last day of the quarter
  k.service, -- service as that edition names it
  k.name, -- name as printed
  k.rag, -- rating
  k.previous_rag, -- rating of the quarter before, as this edition prints it
  k.direction, -- direction of travel
  k.value, -- latest value
  k.target, -- target; null for a printed range
  k.target_low, -- lower end of a printed range
  k.target_high, -- upper end of a printed range
  k.floor, -- floor standard
  k.previous_value, -- value of the quarter before, as this edition prints it
  k.unit, -- %, £, or null for plain numbers
  k.value_text, -- latest value as printed
  k.target_text, -- target as printed
  k.floor_text, -- floor standard as printed
  k.previous_text, -- previous value as printed
  k.lower_is_better, -- 1 where the target lies below the floor standard
  k.page, -- page of the PDF
  k.bbox, -- [x0,y0,x1,y1] in PDF points from the page's top left
  r.url || '#page=' || k.page as page_url, -- the page in the paper
  r.version_id, -- where it stands
  r.report_id, -- which edition
  k.id as reading_id, -- number of the reading
  r.published_on, -- date of publication
  r.is_latest, -- 1 in the newest report of the council
  lower(replace(k.service, '&', 'and')) as service_key -- the service for comparing over editions
from kpi_readings as k
join current_reports as r on r.report_id = k.report_id;

create view dashboard_history as -- Each indicator of dashboards on parts of a council through their editions
select
  k.kpi_id, -- which indicator
  r.council, -- slug of the council
  r.scope, -- the part of the council that the dashboard is on, as printed
  r.scope_key, -- that part for comparing over editions
  r.financial_year, -- '2024/25'
  r.quarter, -- quarter that the month lies in, 1 to 4
  r.period_end, -- last day of the period that the edition is on
  k.service, -- service as that edition names it
  k.reference, -- the indicator's number as printed, e.g. HT01
  k.name, -- name as printed
  k.period_label, -- the month that value and rating are of, as printed
  k.value, -- value of the month
  k.value_text, -- that value as printed
  k.rag, -- rating of the month
  k.previous_rag, -- rating of the period before, as this edition prints it
  k.direction, -- direction of travel
  k.ytd_value, -- value of the year to date
  k.ytd_text, -- that value as printed
  k.ytd_rag, -- rating of the year to date
  k.previous_year_value, -- value of the year before
  k.previous_year_text, -- that value as printed
  k.target, -- target; null for a printed range
  k.target_low, -- lower end of a printed range
  k.target_high, -- upper end of a printed range
  k.target_text, -- target as printed
  k.floor, -- floor standard
  k.floor_text, -- floor standard as printed
  k.unit, -- %, £, or null for plain numbers
  k.lower_is_better, -- 1 where the target lies below the floor standard
  k.page, -- page of the PDF
  k.bbox, -- [x0,y0,x1,y1] in PDF points from the page's top left
  d.url || '#page=' || k.page as page_url, -- the page in the paper
  r.version_id, -- where it stands
  r.id as report_id, -- which edition
  k.id as reading_id, -- number of the reading
  coalesce(d.published_on, m.held_on) as published_on, -- date of publication; of the meeting where no other is known
  not exists (
    select 1 from reports as n
    where n.council = r.council and n.scope_key = r.scope_key and n.stands = 1 and n.period_end > r.period_end
  ) as is_latest -- 1 in the newest dashboard on that part of the council
from kpi_readings as k
join reports as r on r.id = k.report_id and r.stands = 1 and r.scope_key <> ''
join versions as v on v.id = r.version_id
join documents as d on d.id = v.document_id
left join meetings as m on m.id = d.meeting_id;

create view red_now as -- Indicators rated Red in the newest report of each council
select
  h.council, -- slug of the council
  h.financial_year, -- '2024/25'
  h.quarter, -- 1 to 4
  h.service, -- service
  h.name, -- indicator
  h.value_text, -- latest value as printed
  h.target_text, -- target as printed
  h.floor_text, -- floor standard as printed
  h.previous_rag, -- rating of the quarter before, as printed
  h.direction, -- direction of travel
  (
    -- Newest first, those before the first that does not rate it Red.
    select count(*) from (
      select sum(e.rag is not 'red') over (order by r.period_end desc rows unbounded preceding) as others
      from kpi_readings as e join reports as r on r.id = e.report_id and r.stands = 1
      where e.kpi_id = h.kpi_id
    ) where others = 0
  ) as red_reports, -- reports in a row that rate it Red, of those held
  h.page_url, -- the page in the paper
  h.kpi_id, -- which indicator
  h.version_id, -- where it stands
  h.published_on -- date of publication
from kpi_history as h
where h.is_latest = 1 and h.rag = 'red';

create view rag_changes as -- Each indicator's rating in one report and in the report before
with pairs as (
  select
    k.*, e.council, e.financial_year, e.quarter, e.period_end, e.url, e.published_on, e.version_id, e.is_latest,
    e.before_report_id, r.financial_year as before_year, r.quarter as before_quarter,
    b.id as before_id, b.rag as held_rag, b.value as held_value, b.value_text as held_text,
    b.target as held_target, b.floor as held_floor,
    -- The report of the quarter before is the best witness, then what this report prints of that quarter.
    case
      when b.rag is not null and r.period_end = date(e.period_start, '-1 day') then 'report'
      when k.previous_rag is not null then 'printed'
      when b.rag is not null then 'report'
    end as told_by
  from current_reports as e
  join kpi_readings as k on k.report_id = e.report_id
  left join reports as r on r.id = e.before_report_id
  left join kpi_readings as b on b.report_id = e.before_report_id and b.kpi_id = k.kpi_id
)
select
  p.kpi_id, -- which indicator
  p.council, -- slug of the council
  p.financial_year, -- '2024/25'
  p.quarter, -- 1 to 4
  p.period_end, -- last day of the quarter
  p.service, -- service as this edition names it
  p.name, -- name as printed
  iif(p.told_by = 'printed', p.previous_rag, p.held_rag) as before_rag, -- rating before: in the report of the quarter before, else as this one prints it, else in the last report held
  p.rag, -- rating now
  case
    when p.rag is null then null
    when iif(p.told_by = 'printed', p.previous_rag, p.held_rag) is null then 'first'
    when p.rag = iif(p.told_by = 'printed', p.previous_rag, p.held_rag) then 'same'
    when p.rag = 'red' or iif(p.told_by = 'printed', p.previous_rag, p.held_rag) = 'green' then 'worsened'
    else 'improved'
  end as change, -- worsened, improved, same, or first where no rating before is known; null where there is none now
  p.told_by as before_told_by, -- report: the report before says so; printed: this report says so
  p.before_year as before_financial_year, -- financial year of the report before that is held
  p.before_quarter, -- its quarter
  p.before_report_id, -- number of that edition
  p.previous_rag, -- rating of the quarter before, as this edition prints it
  p.value, -- latest value
  p.value_text, -- latest value as printed
  p.held_value as before_value, -- value in the report before
  p.held_text as before_value_text, -- that value as printed there
  p.target, -- target now
  p.target_text, -- target as printed
  p.held_target as before_target, -- target in the report before
  p.floor, -- floor standard now
  p.floor_text, -- floor standard as printed
  p.held_floor as before_floor, -- floor standard in the report before
  p.direction, -- direction of travel
  p.page, -- page of the PDF
  p.bbox, -- [x0,y0,x1,y1] in PDF points from the page's top left
  p.url || '#page=' || p.page as page_url, -- the page in the paper
  p.version_id, -- where it stands
  p.report_id, -- which edition
  p.id as reading_id, -- number of the reading
  p.before_id as before_reading_id, -- number of the reading in the report before
  p.published_on, -- date of publication
  p.is_latest -- 1 in the newest report of the council
from pairs as p;

create view statistics_history as -- The Ombudsman's figures on each council and year, as the newest page says
with said as (
  select
    s.*, d.url, v.fetched_at,
    row_number() over (
      partition by s.council, s.measure, s.period_start, s.period_end order by s.version_id desc, s.id
    ) as place
  from ombudsman_statistics as s
  join versions as v on v.id = s.version_id and v.outcome = 'read'
  join documents as d on d.id = v.document_id
)
select
  council, -- slug of the council
  measure, -- upheld_rate, upheld_decisions, investigations, …
  period_start, -- first day of the year
  period_end, -- last day of the year
  value, -- the figure
  unit, -- %, per 100,000, or null for counts
  similar_average, -- average of similar authorities
  value_text, -- the words that say so
  url, -- the page
  version_id, -- where it stands
  fetched_at -- when that content was first received, UTC
from said
where place = 1;

create view latest_statistics as -- The Ombudsman's newest year for each council, beside the year before
with years as (
  select
    h.*,
    lag(h.value) over by_year as previous_value,
    lag(h.period_end) over by_year as previous_period_end,
    lag(h.similar_average) over by_year as previous_similar_average,
    max(h.period_end) over (partition by h.council) as newest
  from statistics_history as h
  window by_year as (partition by h.council, h.measure order by h.period_end)
)
select
  council, -- slug of the council
  measure, -- upheld_rate, upheld_decisions, investigations, …
  period_start, -- first day of the year
  period_end, -- last day of the year
  value, -- the figure
  unit, -- %, per 100,000, or null for counts
  similar_average, -- average of similar authorities
  previous_value, -- the figure of the last year held before
  previous_period_end, -- last day of that year
  previous_similar_average, -- average of similar authorities in that year
  value_text, -- the words that say so
  url, -- the page
  version_id, -- where it stands
  fetched_at -- when that content was first received, UTC
from years
where period_end = newest;

create view current_figures as -- All other figures, from papers that stand
with said as (
  select version_id, min(scope_key) as scope_key, min(scope) as scope from reports group by version_id
)
select
  s.council, -- slug of the council
  coalesce(e.scope, '') as scope, -- empty but for figures in a dashboard: the part of the council that it is on
  f.measure, -- complaints, calls, digital_take_up, …
  f.service, -- label of the row
  lower(replace(f.service, '&', 'and')) as service_key, -- the label for comparing over editions
  f.period_label, -- header of the column
  f.period_start, -- first day of the period
  f.period_end, -- last day of the period
  f.value, -- the number; null where blank, withheld or not available
  f.unit, -- %, thousands, …
  f.value_text, -- as printed
  f.is_total, -- 1 in the table's total row
  row_number() over (
    partition by s.council, coalesce(e.scope_key, ''), f.measure, lower(replace(f.service, '&', 'and')), f.is_total,
      coalesce(f.period_start || '/' || f.period_end, f.period_label)
    order by coalesce(r.period_end, s.published_on) desc, f.version_id desc, f.id desc
  ) = 1 as is_latest, -- 1 in the newest paper that says something of the period
  r.financial_year, -- edition of the report, where it stands in one
  r.quarter, -- likewise
  f.page, -- page of the PDF
  f.bbox, -- [x0,y0,x1,y1] in PDF points from the page's top left
  s.url || coalesce('#page=' || f.page, '') as page_url, -- the page in the paper
  f.quote, -- for a figure out of running text: the sentence
  f.version_id, -- where it stands
  f.id as figure_id, -- number of the figure
  s.published_on -- date of publication
from figures as f
join standing_versions as s on s.version_id = f.version_id
left join current_reports as r on r.version_id = f.version_id
left join said as e on e.version_id = f.version_id;

create view search_entries as -- What can be searched, with its text; the full-text index stands on it
select
  i.id, -- number of the entry
  i.kind, -- the document's kind, service_improvement or kpi
  i.title, -- title of the document, the case or the indicator
  coalesce(i.body, t.body, '') as body, -- its text
  i.url, -- where to look
  i.document_id, -- the document, where it is one
  i.version_id, -- the content that the document's text is of
  i.case_reference, -- the case, where it is one
  i.kpi_id -- the indicator, where it is one
from search_items as i
left join document_texts as t on t.version_id = i.version_id;

create view complaint_counts as -- Complaints by service and period
select
  council, -- slug of the council
  service, -- label of the row
  service_key, -- the label for comparing over editions
  period_label, -- header of the column
  period_start, -- first day of the period
  period_end, -- last day of the period
  value, -- number of complaints; null where blank or withheld
  value_text, -- as printed
  is_total, -- 1 in the table's total row
  is_latest, -- 1 in the newest paper that says something of the period
  financial_year, -- edition of the report, where it stands in one
  quarter, -- likewise
  page, -- page of the PDF
  bbox, -- [x0,y0,x1,y1] in PDF points from the page's top left
  page_url, -- the page in the paper
  version_id, -- where it stands
  published_on -- date of publication
from current_figures
where measure = 'complaints' and scope = '';

create view call_counts as -- Telephone calls by service and period
select
  council, -- slug of the council
  service, -- label of the row
  service_key, -- the label for comparing over editions
  period_label, -- header of the column
  period_start, -- first day of the period
  period_end, -- last day of the period
  value, -- number of calls in the unit; null where blank or withheld
  unit, -- thousands, or null for single calls
  value_text, -- as printed
  is_total, -- 1 in the table's total row
  is_latest, -- 1 in the newest paper that says something of the period
  financial_year, -- edition of the report, where it stands in one
  quarter, -- likewise
  page, -- page of the PDF
  bbox, -- [x0,y0,x1,y1] in PDF points from the page's top left
  page_url, -- the page in the paper
  version_id, -- where it stands
  published_on -- date of publication
from current_figures
where measure = 'calls' and scope = '';

create view digital_take_up as -- Share of transactions done online, by service and period
select
  council, -- slug of the council
  service, -- label of the row
  service_key, -- the label for comparing over editions
  period_label, -- header of the column
  period_start, -- first day of the period
  period_end, -- last day of the period
  value, -- share, or number of transactions, in the unit
  unit, -- %, or null for numbers of transactions
  value_text, -- as printed
  is_latest, -- 1 in the newest paper that says something of the period
  financial_year, -- edition of the report, where it stands in one
  quarter, -- likewise
  page, -- page of the PDF
  bbox, -- [x0,y0,x1,y1] in PDF points from the page's top left
  page_url, -- the page in the paper
  version_id, -- where it stands
  published_on -- date of publication
from current_figures
where measure = 'digital_take_up' and scope = '';

create view open_discrepancies as -- Contradictions that stand in the papers now
select
  x.id as discrepancy_id, -- number of the finding
  d.council, -- slug of the council
  x.severity, -- low, medium or high
  x.check_name, -- the check that found it
  x.subject, -- what it is about
  x.stated, -- what is printed
  x.computed, -- what it was compared with
  x.explanation, -- the contradiction in a sentence
  d.title, -- title of the paper
  coalesce(d.published_on, m.held_on) as published_on, -- date of its publication
  d.url || coalesce('#page=' || x.page, '') as page_url, -- the page that says so
  o.url || coalesce('#page=' || x.other_page, '') as other_page_url, -- the page it was compared with, where in another paper
  o.title as other_title, -- title of that paper
  x.key, -- what makes two findings the same
  x.version_id, -- where the statement stands
  x.page, -- its page
  x.other_version_id, -- the paper it was compared with, where another
  x.other_page, -- page there
  x.bbox, -- [x0,y0,x1,y1] of the statement in PDF points from the page's top left
  x.first_seen_at -- when it was found, UTC
from discrepancies as x
join versions as v on v.id = x.version_id
join documents as d on d.id = v.document_id
left join meetings as m on m.id = d.meeting_id
left join versions as ov on ov.id = x.other_version_id
left join documents as o on o.id = ov.document_id
where x.resolved_at is null and x.version_id in (select version_id from current_versions);

create view changed_papers as -- Papers whose content changed after publication
select
  d.council, -- slug of the council
  d.title, -- title of the paper
  x.class, -- bytes: says the same; wording: other words; figures: other figures; edition: another quarter's paper at the same address
  x.figures_changed, -- how many figures and ratings differ
  x.ratings_changed, -- how many ratings of indicators differ
  x.first_difference, -- the first of them in words
  v.fetched_at, -- when the new content was first received, UTC
  d.url || coalesce('#page=' || x.page, '') as page_url, -- the page in the paper
  o.url || coalesce('#page=' || x.before_page, '') as before_page_url, -- the page in the paper that it took the place of; the address may hold the new one by now
  x.version_id, -- the new content
  x.before_version_id -- the content before
from reissues as x
join versions as v on v.id = x.version_id
join documents as d on d.id = v.document_id
join versions as b on b.id = x.before_version_id
join documents as o on o.id = b.document_id;
