-- The archive as of schema version 1. Released steps are never edited; changes are
-- new steps in db/schema.py. The comment after each column is its description: it is
-- what Datasette shows, and a test sees that none is missing.

create table fetches ( -- Every request that was made
  id integer primary key, -- number of the request
  url text not null, -- address asked for
  final_url text, -- address that answered, after redirects
  status integer, -- HTTP status; null where no answer came
  fetched_at text not null, -- when, UTC
  seconds real, -- how long the answer took
  bytes integer, -- size of the body as received
  sha256 text, -- SHA-256 of the body as received
  etag text, -- the server's ETag, for the next conditional request
  last_modified text, -- the server's Last-Modified, likewise
  source text not null, -- committee_papers, news or ombudsman
  media_type text, -- Content-Type without parameters
  error text, -- why no usable answer came; null where one did
  run_id integer references runs(id), -- the run that asked
  version_id integer references versions(id) -- the content that the answer brought; null where it was not kept
) strict;

create table committees ( -- Bodies that meet
  id integer primary key, -- row number
  council text not null, -- slug of the council, as in config.toml
  cid integer not null, -- the site's own number (CId)
  name text not null, -- name as the site prints it
  url text not null, -- its list of meetings
  unique (council, cid)
) strict;

create table meetings ( -- Meetings of committees
  id integer primary key, -- row number
  committee_id integer not null references committees(id), -- whose meeting
  mid integer not null, -- the site's own number (MId)
  held_on text, -- date of the meeting
  starts_at text, -- start, UTC; null where no time is printed
  status text, -- scheduled, cancelled, postponed, new, withdrawn or moved
  url text not null, -- its agenda page
  unique (committee_id, mid)
) strict;

create table agenda_items ( -- Items on agendas
  id integer primary key, -- row number
  meeting_id integer not null references meetings(id), -- whose agenda
  aid integer not null, -- the site's own number of the item, which survives renumbering
  number text, -- number as printed now; minutes renumber items
  title text not null, -- title as printed now
  url text, -- its own page
  unique (meeting_id, aid)
) strict;

create table documents ( -- One row for each document, by its canonical address
  id integer primary key, -- row number
  key text not null unique, -- what makes two addresses the same document, e.g. moderngov:host:s129436
  url text not null, -- canonical address
  source text not null, -- committee_papers, news or ombudsman
  council text not null, -- slug of the council
  kind text, -- what the reader found it to be; null until read
  title text, -- its title: its own, or that of the link to it
  published_on text, -- date of publication, as the document or the site says
  site_title text, -- title as the site prints it where it links the document
  site_published_on text, -- date of publication as the site says
  first_seen_at text not null, -- first fetched, UTC
  last_seen_at text not null, -- last seen on the site, UTC
  gone_at text, -- when the site first answered that it is gone, UTC
  meeting_id integer references meetings(id), -- the meeting it belongs to
  agenda_item_id integer references agenda_items(id) -- the agenda item it belongs to
) strict;

create table versions ( -- One row for each change of a document's content; the newest has the highest id
  id integer primary key, -- row number
  document_id integer not null references documents(id), -- whose content
  sha256 text not null, -- SHA-256 of the bytes, and the name of the blob
  content_key text not null, -- hash of what matters in the bytes: page furniture left out
  media_type text, -- media type as received
  bytes integer not null, -- size
  fetched_at text not null, -- when first received, UTC
  supersedes_id integer references versions(id), -- the content before this one; an older content that returns is a new row
  parser text, -- the reader that read it
  parser_version integer, -- that reader's version
  read_at text, -- when it was read, UTC
  outcome text check (outcome in ('read', 'nothing', 'quarantined', 'failed')), -- how reading went; null until read
  note text, -- why it was quarantined or failed
  found text -- JSON: how many facts of each table its reader found
) strict;

create table reports ( -- One edition of a performance report
  id integer primary key, -- row number
  version_id integer not null references versions(id) on delete cascade, -- where it stands
  council text not null, -- slug of the council
  title text not null, -- as printed on the cover
  financial_year text not null, -- '2024/25'
  quarter integer not null check (quarter between 1 and 4), -- 1 to 4; quarter 1 is April to June
  period_start text not null, -- first day of the quarter
  period_end text not null, -- last day of the quarter
  kpi_total integer, -- number of indicators that the paper says it holds
  scope text not null default '', -- empty for the whole council's report; else the part of it that a dashboard is on
  scope_key text not null default '', -- the scope for comparing: case, commas and '&' do not count
  stands integer not null default 0 -- 1 for the one paper that stands for its edition; see db/editions.py
) strict;

create table kpis ( -- Indicators, each once through all its renamings
  id integer primary key autoincrement, -- row number; never used again for another indicator
  council text not null, -- slug of the council
  service text not null, -- service in the newest report
  name text not null, -- name in the newest report
  scope text not null default '' -- empty for the whole council's report; else the part of it whose dashboards hold the indicator
) strict;

create table kpi_names ( -- Every name under which an indicator was printed
  kpi_id integer not null references kpis(id), -- which indicator
  name text not null, -- name as printed
  primary key (kpi_id, name)
) strict;

create table kpi_proposals ( -- Indicators that may be one and the same, for a person to decide: kccwatch kpi --review
  id integer primary key, -- row number
  council text not null, -- slug of the council
  kpi_id integer not null references kpis(id), -- the one that was printed first
  other_kpi_id integer not null references kpis(id), -- the other
  likeness real not null, -- how much of their names is the same, from 0 to 1
  why text not null, -- what speaks for it and against it
  unique (kpi_id, other_kpi_id)
) strict;

create table kpi_decisions ( -- What a person decided about two names of indicators
  id integer primary key, -- row number
  council text not null, -- slug of the council
  scope text not null, -- empty for the whole council's report; else the part of it whose dashboards print the names
  name text not null, -- the one name as printed
  service text not null, -- its service, for a name that one paper prints twice
  other_name text not null, -- the other name as printed
  other_service text not null, -- its service
  verdict text not null check (verdict in ('same', 'different')), -- one indicator, or two
  decided_at text not null, -- UTC
  unique (council, scope, name, service, other_name, other_service)
) strict;

create table kpi_readings ( -- One indicator in one edition
  id integer primary key, -- row number
  report_id integer not null references reports(id) on delete cascade, -- which edition
  kpi_id integer not null references kpis(id), -- which indicator
  service text not null, -- service as that edition names it
  name text not null, -- name as printed
  name_key text not null, -- what all spellings of the name have in common; no other indicator of the edition has it
  rag text check (rag in ('green', 'amber', 'red')), -- rating; null where none is printed
  previous_rag text check (previous_rag in ('green', 'amber', 'red')), -- rating of the quarter before, as this edition prints it
  direction text check (direction in ('improving', 'stable', 'worsening')), -- direction of travel; null where not printed or not legible
  value real, -- latest value
  target real, -- target; null for a printed range
  target_low real, -- lower end of a printed range
  target_high real, -- upper end of a printed range
  floor real, -- floor standard
  previous_value real, -- value of the quarter before, as this edition prints it
  unit text, -- %, £, or null for plain numbers
  value_text text, -- latest value as printed
  target_text text, -- target as printed
  floor_text text, -- floor standard as printed
  previous_text text, -- previous value as printed
  lower_is_better integer, -- 1 where the target lies below the floor standard
  page integer not null, -- page of the PDF, from 1
  bbox text not null, -- [x0,y0,x1,y1] in PDF points from the page's top left
  headline_name text, -- name in the summary list
  headline_rag text, -- rating in the summary list
  headline_previous_rag text, -- previous rating in the summary list
  headline_direction text, -- direction of travel in the summary list
  headline_page integer, -- page of the summary list
  headline_bbox text, -- place of the row in the summary list
  reference text, -- the indicator's number in a dashboard, e.g. HT01
  period_label text, -- the month that value and rating are of, as printed: in a dashboard, or where a report's box says so
  ytd_value real, -- in a dashboard: value of the year to date
  ytd_text text, -- that value as printed
  ytd_rag text check (ytd_rag in ('green', 'amber', 'red')), -- rating of the year to date
  previous_year_value real, -- in a dashboard: value of the year before
  previous_year_text text, -- that value as printed
  unique (report_id, kpi_id)
) strict;

create table rag_counts ( -- What a document says about how many indicators have which rating
  id integer primary key, -- row number
  version_id integer not null references versions(id) on delete cascade, -- which document
  stated_in text not null, -- report, cover, minutes, dashboard or news
  financial_year text, -- '2024/25'
  quarter integer, -- 1 to 4
  service text, -- null for the whole council
  green integer, -- number rated Green; null where not stated
  amber integer, -- number rated Amber
  red integer, -- number rated Red
  improving integer, -- number improving
  stable integer, -- number stable or without clear trend
  worsening integer, -- number worsening
  total integer, -- number of indicators
  quote text, -- the sentence or row that says so
  page integer, -- page of the PDF; null for web pages
  in_table integer not null default 0, -- 1 for a table's row, 0 for running text
  green_change integer, -- change of the number on the quarter before, where the text says it
  amber_change integer, -- likewise for Amber
  red_change integer, -- likewise for Red
  improving_change integer, -- likewise for improving
  stable_change integer, -- likewise for stable
  worsening_change integer, -- likewise for worsening
  total_change integer -- likewise for the number of indicators
) strict;

create table named_ratings ( -- Indicators that running text names with their rating
  id integer primary key, -- row number
  version_id integer not null references versions(id) on delete cascade, -- which document
  stated_in text not null, -- report, cover, minutes, dashboard or news
  financial_year text, -- '2024/25'
  quarter integer, -- 1 to 4
  service text, -- heading that it stands under
  name text not null, -- the indicator in the document's words
  rag text not null check (rag in ('green', 'amber', 'red')), -- rating
  quote text not null, -- the sentence or entry as printed
  page integer -- page of the PDF; null for web pages
) strict;

create table figures ( -- Every other table of numbers, one cell a row
  id integer primary key, -- row number
  version_id integer not null references versions(id) on delete cascade, -- which document
  measure text not null, -- complaints, calls, digital_take_up, road_casualties, …
  service text, -- label of the row
  period_label text, -- header of the column
  period_start text, -- first day of the period
  period_end text, -- last day of the period
  value real, -- the number; null where blank, withheld or not available
  unit text, -- %, thousands, …
  value_text text, -- as printed
  is_total integer not null default 0, -- 1 in the table's total row
  page integer, -- page of the PDF
  bbox text, -- [x0,y0,x1,y1] in PDF points from the page's top left
  quote text, -- for a figure out of running text: the sentence
  tolerance real -- how far a sum may be off where the paper warns of rounding
) strict;

create table risks ( -- Corporate risks that a report names
  id integer primary key, -- row number
  version_id integer not null references versions(id) on delete cascade, -- which document
  code text, -- CRR0065
  title text not null, -- as printed
  change text, -- new, withdrawn, increased, reduced or revised
  level text, -- low, medium or high where stated
  page integer, -- page of the PDF
  quote text, -- the text that says so
  score integer, -- current rating in a risk register, 1 to 25
  target_score integer, -- target rating
  target_level text, -- low, medium or high
  bbox text -- [x0,y0,x1,y1] in PDF points from the page's top left
) strict;

create table risk_levels ( -- How many corporate risks stood at each level
  id integer primary key, -- row number
  version_id integer not null references versions(id) on delete cascade, -- which document
  as_at text not null, -- date; the first of the month where only the month is printed
  low integer not null, -- number at low
  medium integer not null, -- number at medium
  high integer not null, -- number at high
  page integer -- page of the PDF
) strict;

create table ombudsman_statistics ( -- The Ombudsman's yearly figures on a council
  id integer primary key, -- row number
  version_id integer not null references versions(id) on delete cascade, -- which page
  council text not null, -- slug of the council
  period_start text not null, -- first day of the year
  period_end text not null, -- last day of the year
  measure text not null, -- upheld_rate, upheld_decisions, investigations, …
  value real not null, -- the figure
  unit text, -- %, per 100,000, or null for counts
  similar_average real, -- average of similar authorities
  value_text text not null -- the words that say so
) strict;

create table ombudsman_reports ( -- Public interest reports against a council
  id integer primary key, -- row number
  council text not null, -- slug of the council
  identity text not null, -- by what it was first known: its page's address, or its title
  known_by text not null, -- JSON: all addresses and titles that it was seen under, in normal form
  title text not null, -- title as listed
  summary text, -- summary as listed
  url text, -- its page
  published_on text, -- date, where a page says so
  first_seen_at text not null, -- when the page that first showed it was fetched, UTC
  is_baseline integer not null, -- 1 where it stood on the page when that page was first read
  version_id integer not null references versions(id), -- the page that first showed it
  seen_version_id integer not null references versions(id), -- the newest page that shows it
  unique (council, identity)
) strict;

create table ombudsman_decisions ( -- Decisions of the Ombudsman
  id integer primary key, -- row number
  case_reference text not null unique, -- normal form 24 003 150
  council text not null, -- slug of the council
  category text, -- e.g. Education
  sub_category text, -- e.g. Special educational needs
  decision text, -- Upheld, Not upheld, Closed after initial enquiries
  decided_on text, -- date of the decision
  is_report integer not null default 0, -- 1 for a public interest report
  summary text, -- the Ombudsman's summary
  url text, -- its page
  first_seen_at text not null, -- when the page that first showed it was fetched, UTC
  version_id integer not null references versions(id), -- the page that first showed it
  seen_version_id integer not null references versions(id) -- the newest page that shows it
) strict;

create table service_improvements ( -- What a council agreed to change after an Ombudsman case
  case_reference text primary key, -- normal form 24 003 150
  council text not null, -- slug of the council
  category text, -- e.g. Education
  sub_category text, -- e.g. Special educational needs
  url text, -- the decision's page
  first_seen_at text not null, -- when the page that first showed it was fetched, UTC
  is_baseline integer not null, -- 1 where it stood on the page when that page was first read
  version_id integer not null references versions(id), -- the page that first showed it
  seen_version_id integer not null references versions(id) -- the newest page that shows it
) strict;

create table service_improvement_actions ( -- The single actions of a service improvement
  case_reference text not null references service_improvements(case_reference) on delete cascade, -- which case
  position integer not null, -- 1, 2, … in the page's order
  text text not null, -- the action in the Ombudsman's words
  primary key (case_reference, position)
) strict;

create table news_articles ( -- News stories about a council
  document_id integer primary key references documents(id), -- which document
  version_id integer not null references versions(id), -- the content that it was read from
  publisher text, -- e.g. Kent Online
  headline text not null, -- headline
  author text, -- byline
  published_at text, -- UTC
  summary text, -- the article's own summary
  body text not null -- text, for searching
) strict;

create table discrepancies ( -- Where papers contradict themselves or each other
  id integer primary key, -- row number
  key text not null unique, -- what makes two findings the same
  check_name text not null, -- the check that found it
  severity text not null check (severity in ('low', 'medium', 'high')), -- low, medium or high
  subject text not null, -- what it is about, e.g. "Adult Social Care, Q3 2024/25"
  stated text not null, -- what is printed
  computed text not null, -- what it was compared with
  explanation text not null, -- the contradiction in a sentence for a lay reader
  version_id integer not null references versions(id), -- where the statement stands
  page integer, -- its page
  other_version_id integer references versions(id), -- the paper it was compared with, where another
  other_page integer, -- page there
  bbox text, -- [x0,y0,x1,y1] of the statement in PDF points from the page's top left; null where only its page is known
  first_seen_at text not null, -- when it was found, UTC
  resolved_at text -- when it was no longer found, UTC
) strict;

create table alerts ( -- What people are told; the outbox
  id integer primary key, -- row number
  rule text not null, -- the rule that raised it
  key text not null, -- what makes two alerts of a rule the same
  severity text not null check (severity in ('low', 'medium', 'high')), -- low, medium or high
  title text not null, -- one line
  body text not null, -- plain text
  url text, -- where to look
  evidence text not null, -- JSON: version, page, box, printed texts
  created_at text not null, -- UTC
  acknowledged_at text, -- when somebody said that this is known, UTC
  acknowledged_note text, -- what they said
  unique (rule, key)
) strict;

create table letters ( -- Ready-made messages, the weekly letter for one; the subject and text are those of the alert
  alert_id integer primary key references alerts(id), -- the alert that carries it through the outbox
  html text not null, -- as it is sent; pictures are referred to as cid:NAME
  pictures text not null default '{}' -- JSON: PNGs by name, in base64
) strict;

create table deliveries ( -- One row for each alert and channel
  id integer primary key, -- row number
  alert_id integer not null references alerts(id), -- which alert
  channel text not null, -- name of the channel, as in config.toml
  state text not null check (state in ('pending', 'sending', 'sent', 'failed', 'suppressed')), -- where it stands
  attempts integer not null default 0, -- times tried
  next_attempt_at text, -- not before, UTC
  lease_until text, -- while sending: when the claim runs out, UTC
  sent_at text, -- when the channel accepted it, UTC
  error text, -- the last failure, or why it is not sent
  maybe_sent integer not null default 0 check (maybe_sent in (0, 1)), -- 1: an attempt began whose end nobody knows
  message text, -- the message in which it has to go again as it went before, by its Message-ID
  unique (alert_id, channel)
) strict;

create table channel_states ( -- Channels that do not take messages at present
  channel text primary key, -- name of the channel, as in config.toml
  since text not null, -- the first failure in a row, UTC
  failures integer not null, -- how many in a row
  held_until text not null, -- nothing is tried before, UTC
  error text not null -- the last failure
) strict;

create table reissues ( -- Papers whose content changed after publication, beside the content before
  version_id integer primary key references versions(id), -- the new content
  before_version_id integer not null references versions(id), -- the content that it took the place of, of this document or of one with a lower number
  class text not null check (class in ('bytes', 'wording', 'figures', 'edition')), -- bytes: says the same; wording: other words; figures: other figures; edition: another quarter's paper at the same address
  figures_changed integer not null, -- how many figures and ratings differ
  ratings_changed integer not null, -- how many ratings of indicators differ
  first_difference text, -- the first of them in words: Potholes repaired in 28 days: target 85% → 86%
  differences text not null, -- JSON: what differs, each with name, service, field, before and now, ratings first
  page integer, -- page of the first difference; null where it has none
  bbox text, -- its place there: [x0,y0,x1,y1] in PDF points from the page's top left
  before_page integer, -- page of the same in the content before
  before_bbox text, -- its place there
  read_at text not null, -- when the new content had been read, UTC: read again, it is compared again
  before_read_at text not null -- when the content before had been read, UTC
) strict;

create table judged ( -- Editions and years that rules were judged on: what comes to be known of them later is no news
  rule text not null, -- the rule
  subject text not null, -- kent:2026/27:2 for an edition; kent:2026-03-31:upheld_rate for a figure of the Ombudsman's
  judged_at text not null, -- when, UTC
  primary key (rule, subject)
) strict;

create table news_stories ( -- Which articles tell one story
  document_id integer primary key references documents(id), -- the article
  story_id integer not null references documents(id) -- the article that told it first here
) strict;

create table mutes ( -- Alerts that somebody asked to be spared
  id integer primary key, -- row number
  rule text not null, -- the rule, or * for all rules
  key text not null, -- the alert's key, or how it begins; * for all of the rule; kpi:17 for all about an indicator
  until text not null, -- quiet before this time, UTC
  reason text, -- why, as the operator wrote
  created_at text not null, -- UTC
  unique (rule, key)
) strict;

create table runs ( -- Every run of a job
  id integer primary key, -- row number
  job text not null, -- e.g. crawl:ombudsman, read, check, judge, deliver
  started_at text not null, -- UTC
  finished_at text, -- UTC; null while running or after a crash
  outcome text, -- ok or failed
  counts text not null default '{}', -- JSON: what was done
  error text -- why it failed
) strict;

create table sources ( -- The state of each source
  source text not null, -- committee_papers, news or ombudsman
  council text not null, -- slug of the council, or * for all
  state text not null, -- ok, stale, failing, blocked, changed or gone
  reason text, -- why, in a sentence
  since text not null, -- in this state since, UTC
  last_ok_at text, -- last time it answered as it should, UTC
  last_new_at text, -- last time it had something new, UTC
  visit_state text not null default 'ok', -- what the last visit found, whatever was made of its pages
  visit_reason text, -- why, in a sentence
  bad_visits integer not null default 0, -- visits in a row that found it in trouble
  primary key (source, council)
) strict;

create table source_events ( -- When a source broke, fell silent and came back: what people are told, once each
  id integer primary key, -- row number
  source text not null, -- committee_papers, news or ombudsman
  council text not null, -- slug of the council, or * for all
  before_state text not null, -- ok, stale, failing, blocked, changed or gone
  state text not null, -- likewise, from then on
  cause text not null, -- visit: the site; reading: a page that cannot be read any more; silence: nothing new
  reason text, -- why, in a sentence
  at text not null, -- since when it has been so, UTC
  noted_at text not null -- when that was certain, UTC
) strict;

create table schedules ( -- When the daemon visits each source next
  source text primary key, -- committee_papers, news or ombudsman
  next_due_at text not null -- not before, UTC
) strict;

create table document_texts ( -- The text of each version that was read
  version_id integer primary key references versions(id) on delete cascade, -- whose text
  body text not null -- its text
) strict;

create table search_items ( -- What can be searched: documents, articles, improvements, indicators
  id integer primary key, -- row number
  kind text not null, -- the document's kind, service_improvement or kpi
  title text not null, -- title of the document, the case or the indicator
  body text, -- its text; null for a document, whose text stands in document_texts
  url text, -- where to look
  document_id integer unique references documents(id), -- the document, where it is one
  version_id integer references versions(id), -- the content that the document's text is of
  case_reference text unique references service_improvements(case_reference), -- the case, where it is one
  kpi_id integer unique references kpis(id) -- the indicator, where it is one
) strict;

-- The full-text index over the view search_entries, kept by db/search.py: with an untrusted schema, triggers may not write to a virtual table.
-- SQLite would take comments in here for columns.
create virtual table search using fts5 (
  kind unindexed, title, body, url unindexed,
  content="search_entries", content_rowid="id", tokenize="porter unicode61 remove_diacritics 2"
);

create index fetches_url on fetches(url, id);
create index fetches_at on fetches(fetched_at);
create index fetches_run on fetches(run_id);
create index versions_outcome on versions(outcome, parser, parser_version);
create index versions_document on versions(document_id, id);
create index versions_sha256 on versions(sha256);
-- The versions of a document are one chain: none is superseded twice, and only one is the first.
create unique index versions_chain on versions(document_id, coalesce(supersedes_id, 0));
create index documents_meeting on documents(meeting_id);
create index documents_source on documents(source, council);
create index reports_version on reports(version_id);
create index reports_edition on reports(council, scope_key, financial_year, quarter);
-- A quarter has one report of the whole council, and a dashboard for each part of it and month.
create unique index reports_one_stands on reports(
  council, scope_key, financial_year, quarter, iif(scope_key = '', '', period_end)
) where stands = 1;
create index reports_standing on reports(council, scope_key, period_end) where stands = 1;
create index kpi_proposals_other on kpi_proposals(other_kpi_id);
create index kpi_readings_report on kpi_readings(report_id);
create index kpi_readings_kpi on kpi_readings(kpi_id, report_id, rag);
create index rag_counts_version on rag_counts(version_id);
create index figures_version on figures(version_id, measure);
create index figures_measure on figures(measure, version_id);
create index named_ratings_version on named_ratings(version_id);
create index risks_version on risks(version_id);
create index risk_levels_version on risk_levels(version_id);
create index ombudsman_statistics_version on ombudsman_statistics(version_id);
create index deliveries_due on deliveries(channel, state, next_attempt_at);
create index discrepancies_version on discrepancies(version_id);
create index source_events_source on source_events(source, council, id);
create index reissues_before on reissues(before_version_id);
create index news_stories_story on news_stories(story_id);
create index runs_job on runs(job, id);
create index improvements_version on service_improvements(version_id);
create index ombudsman_reports_version on ombudsman_reports(version_id);
create index ombudsman_decisions_version on ombudsman_decisions(version_id);
create index kpi_names_name on kpi_names(name);
