"""The rule about what the papers write."""

from monitor.rules.builtin.common import PAPER, query
from monitor.rules.model import Rule

# News ages faster than papers do: `days`. One story in several papers is one story, told with the first of them.
NEWS_STORY = Rule(
    name="news_story",
    says="A paper has a story about the council.",
    severity="low",
    options={"days": 14},
    sql=query(
        PAPER,
        """
story as (
  select s.story_id, a.document_id, a.publisher, a.headline, a.author, a.summary,
         date(coalesce(a.published_at, d.first_seen_at)) as published_on, a.version_id, d.council, d.url,
         row_number() over (partition by s.story_id order by a.document_id) as place
  from news_articles as a join documents as d on d.id = a.document_id
  join news_stories as s on s.document_id = a.document_id
)""",
        """
select d.key as key, f.council, f.headline, f.publisher, f.author, f.summary, f.published_on, f.version_id, f.url,
       p.sha256, p.document_title, null as page,
       (select json_group_array(json_object('publisher', o.publisher, 'headline', o.headline, 'url', o.url))
        from story as o where o.story_id = f.story_id and o.place > 1) as others_json
from story as f join documents as d on d.id = f.story_id join paper as p on p.version_id = f.version_id
where f.place = 1 and p.outcome = 'read' and f.published_on >= :oldest
  and f.published_on >= date(:now, '-' || cast(:days as integer) || ' days')
order by f.published_on, f.document_id
""",
    ),
    title="{headline}{% if publisher %} ({publisher}){% endif %}",
    body=(
        "{% if summary %}{summary}\n{% endif %}"
        "{publisher or 'A paper'}, {published_on|day}\n"
        "{% for other in others %}Also: {other.headline}{% if other.publisher %} ({other.publisher}){% endif %},"
        " {other.url}\n{% endfor %}"
    ),
)

RULES = (NEWS_STORY,)
