"""Rules about papers themselves: replaced after publication, contradicting themselves, not to be read."""

from monitor.rules.builtin.common import PAPER, SOURCE_LINE, query
from monitor.rules.model import Rule

# A re-issue is as old as the change: of the same document, the day on which it was first seen with other
# content; of a paper with a new number, that paper's own date. Of an edition, the paper that stands counts,
# not its mirrors and packs; and what a mirror repeats is told once.
DOCUMENT_CHANGED = Rule(
    name="document_changed",
    says="A paper was replaced after publication and says other figures now.",
    severity="medium",
    sql=query(
        PAPER,
        """
changed as (
  select x.*, p.council, p.document_id, b.document_id as before_document_id, b.sha256 as before_sha256,
         b.url as before_url, b.document_title as before_title, b.published_on as before_published_on,
         p.sha256, p.document_title, p.url, p.kind,
         iif(p.document_id = b.document_id, date(p.fetched_at), p.published_on) as published_on,
         iif(p.document_id = b.document_id, 'first seen', p.dated_by) as dated_by,
         iif(p.document_id = b.document_id, date(p.fetched_at), p.seen_on) as seen_on,
         r.financial_year, r.quarter
  from reissues as x join paper as p on p.version_id = x.version_id
  join paper as b on b.version_id = x.before_version_id
  left join reports as r on r.id = (select min(id) from reports where version_id = x.version_id)
  where x.class = 'figures' and p.outcome = 'read'
    and (r.id is null or exists (select 1 from reports as s where s.version_id = x.version_id and s.stands = 1))
)""",
        """
select c.council || ':' || c.before_sha256 || ':' || c.sha256 as key,
       iif(c.ratings_changed, 'high', 'medium') as severity,
       c.council, c.version_id, c.page, c.bbox, c.sha256, c.before_version_id, c.before_page, c.before_bbox,
       c.before_sha256, c.document_title, c.before_title, c.published_on, c.dated_by, c.seen_on, c.ratings_changed,
       c.financial_year, c.quarter, c.document_id = c.before_document_id as is_same_document,
       c.differences as rows_json, c.before_url || coalesce('#page=' || c.before_page, '') as before_page_url,
       c.url || coalesce('#page=' || c.page, '') as url
from changed as c
where c.published_on >= :oldest
  and not exists (select 1 from changed as e where e.council = c.council and e.version_id < c.version_id
                  and e.document_id <> c.document_id and e.differences = c.differences)
order by c.council, c.version_id
""",
    ),
    title=(
        "Changed after publication: {document_title}"
        "{% if quarter %}, Q{quarter} {financial_year}{% endif %}: "
        "{rows[0].name}{% if rows[0].field %} {rows[0].field}{% endif %}"
        " {rows[0].before or 'not there'} → {rows[0].now or 'gone'}"
        "{% if rows|length > 1 %} and {rows|length - 1} more{% endif %}"
    ),
    body=(
        "{% for row in rows[:60] %}- {row.name}{% if row.service %} ({row.service}){% endif %}:"
        "{% if row.field %} {row.field}{% endif %}"
        " {row.before or ('not printed' if row.field else 'not there')} →"
        " {row.now or ('not printed' if row.field else 'gone')}\n{% endfor %}"
        "{% if rows|length > 60 %}and {rows|length - 60} more differences\n{% endif %}"
        "{% if is_same_document %}The same address held other figures before."
        "{% else %}It takes the place of: {before_title}, {before_page_url}{% endif %}\n" + SOURCE_LINE
    ),
)

DISCREPANCY = Rule(
    name="discrepancy",
    says="A paper contradicts itself or another.",
    severity="medium",
    sql=query(
        PAPER,
        """
select x.key, x.severity, x.check_name, x.subject, x.stated, x.computed, x.explanation, x.version_id, x.page,
       x.other_page, o.document_title as other_title, o.url || coalesce('#page=' || x.other_page, '') as other_url,
       p.council, p.sha256, p.document_title, p.published_on, p.dated_by, p.seen_on,
       p.url || case when x.page is null then '' else '#page=' || x.page end as url,
       x.bbox
from discrepancies as x join paper as p on p.version_id = x.version_id
left join paper as o on o.version_id = x.other_version_id
where x.resolved_at is null and p.outcome = 'read' and p.published_on >= :oldest
  -- What comes to light when an old paper is filled in is no news: that paper's own contradictions, where a
  -- later edition was there before it, and what contradicts it, where that had been judged before.
  and not exists (select 1 from reports as r join reports as n on n.council = r.council and n.scope = r.scope
                  where r.version_id = x.version_id and n.version_id < r.version_id and n.period_end > r.period_end)
  and not exists (select 1 from reports as r join reports as o on o.version_id = x.other_version_id
                  join versions as v on v.id = o.version_id
                  where r.version_id = x.version_id and o.version_id > r.version_id and o.period_end < r.period_end
                    and exists (select 1 from judged as j where j.judged_at <= v.fetched_at
                                and j.subject = r.council || ':' || r.financial_year || ':' || r.quarter))
  and not exists (select 1 from paper as o where o.version_id = x.other_version_id
                  and o.version_id > x.version_id and o.published_on < :oldest
                  and exists (select 1 from judged as j where j.judged_at <= o.fetched_at
                              and substr(j.subject, 1, length(o.council) + 1) = o.council || ':'))
order by p.council, x.id
""",
    ),
    title="Does not add up: {subject}: {stated}, but {computed}",
    body=(
        "{explanation}\nStated: {stated}. Compared with: {computed}.\n" + SOURCE_LINE + ""
        "{% if other_url %}\nCompared with: {other_title}"
        "{% if other_page %}, page {other_page}{% endif %}, {other_url}"
        "{% elif other_page and other_page != page %}, compared with page {other_page}{% endif %}"
    ),
)

QUARANTINED = Rule(
    name="quarantined",
    says="A document could not be read, or not for certain; what it says raises no alerts.",
    severity="medium",
    sql=query(
        PAPER,
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
  -- A page that its source stands on is told as the source's trouble, once as long as that lasts.
  and not exists (
    select 1 from source_events as s
    where s.cause = 'reading' and s.source = p.source and s.council = p.council and instr(s.reason, p.url)
      and (s.noted_at >= p.fetched_at or not exists (
        select 1 from source_events as b
        where b.source = s.source and b.council = s.council and b.id > s.id and b.noted_at < p.fetched_at)))
order by p.version_id
""",
    ),
    title=(
        "{% if outcome == 'failed' %}Could not be read{% else %}Held back, not to be trusted as read{% endif %}"
        ": {document_title}"
    ),
    body=(
        "{(note or '')|truncate(500)}\n{% if outcome == 'failed' %}Nothing is known of what it says."
        "{% else %}Its facts are kept but raise no alerts.{% endif %} The document: {url}\n{council_name}, {source}"
    ),
)

RULES = (DOCUMENT_CHANGED, DISCREPANCY, QUARANTINED)
