"""Rules for the operator: sources that break, fall silent and come back."""

from monitor.rules.model import Rule

# People are told of events, not of states: each is a row of source_events. Falling silent is one rule's,
# all else the other's; what comes back is told by the rule that told that it was away.
_EVENTS = """
select e.source || ':' || e.council || ':' || e.state || ':' || e.at as key, e.source, e.council, e.state,
       e.before_state, e.cause, e.reason, e.at as since, date(e.at) as published_on,
       iif(e.state = 'ok', 'low', null) as severity,
       cast(round(julianday(e.at) - julianday(
         (select b.at from source_events as b where b.source = e.source and b.council = e.council and b.id < e.id
          order by b.id desc limit 1))) as integer) as days
from source_events as e
where date(e.noted_at) >= :oldest and iif(e.state = 'ok', e.before_state, e.state) {which}
order by e.id
"""

_WHOSE = "{source}{% if council != '*' %} ({council_name}){% endif %}"
_WHY = (
    "{% if reason %}{reason}\n{% endif %}"
    "{% if state == 'ok' %}All is well{% else %}So it has been{% endif %} since {since[:10]|day}, {since[11:16]} UTC."
)

SOURCE_SILENT = Rule(
    name="source_silent",
    says="A source has had nothing new for longer than ever before; or it has something new again.",
    severity="low",
    sql=_EVENTS.format(which="= 'stale'"),
    title=(
        "{% if state == 'ok' %}Something new again: "
        + _WHOSE
        + "{% else %}Nothing new for long: "
        + _WHOSE
        + "{% endif %}"
    ),
    body=_WHY,
)

SOURCE_FAILING = Rule(
    name="source_failing",
    says="A source cannot be read: it fails, blocks, changed its pages or is gone; or it can be read again.",
    severity="medium",
    sql=_EVENTS.format(which="<> 'stale'"),
    title=(
        "{% if state == 'ok' %}Can be read again: "
        + _WHOSE
        + "{% if days %}, after {days} {% if days == 1 %}day{% else %}days{% endif %}{% endif %}"
        "{% else %}{% set said = {'failing': 'Does not answer as it should', 'blocked': 'Lets nobody in',"
        " 'changed': 'Its pages have changed', 'gone': 'Is gone'} %}"
        "{said.get(state, 'In trouble')}: " + _WHOSE + "{% endif %}"
    ),
    body=_WHY,
)

RULES = (SOURCE_SILENT, SOURCE_FAILING)
