"""Rules for the operator: sources that break, fall silent and come back."""

from monitor.rules.model import Rule

# People are told of events, not of states: each is a row of source_events. Falling silent is one rule's,
# all else the other's; what comes back is told by the rule that told that it was away, and weighs as much:
# who was told the one is told the other. Trouble that turns into other trouble is no news: that the source
# is away was told, and why it is now stands in `status` and in each message. `days` is the whole time away.
_EVENTS = """
select e.source || ':' || e.council || ':' || e.state || ':' || e.at as key, e.source, e.council, e.state,
       e.before_state, e.cause, e.reason, e.at as since, date(e.at) as published_on, {over} as is_over,
       cast(round(julianday(e.at) - julianday(
         (select b.at from source_events as b
          where b.source = e.source and b.council = e.council and b.id < e.id and {began}
          order by b.id desc limit 1))) as integer) as days
from source_events as e
where date(e.noted_at) >= :oldest and ({which} or {over})
order by e.id
"""

_WHOSE = "{source|replace('_', ' ')}{% if council != '*' %} ({council_name}){% endif %}"
_WHY = (
    "{% if reason %}{reason}\n{% endif %}"
    "{% if is_over %}All is well{% else %}So it has been{% endif %} since {since[:10]|day}, {since[11:16]} UTC."
)

SOURCE_SILENT = Rule(
    name="source_silent",
    says="A source has had nothing new for longer than ever before; or it has something new again.",
    severity="low",
    sql=_EVENTS.format(
        which="e.state = 'stale' and e.before_state = 'ok'",
        over="e.state = 'ok' and e.before_state = 'stale'",
        began="b.state = 'stale'",
    ),
    title=(
        "{% if is_over %}Something new again: " + _WHOSE + "{% else %}Nothing new for long: " + _WHOSE + "{% endif %}"
    ),
    body=_WHY,
)

SOURCE_FAILING = Rule(
    name="source_failing",
    says="A source cannot be read: it fails, blocks, changed its pages or is gone; or it can be read again.",
    severity="medium",
    sql=_EVENTS.format(
        which="e.state not in ('ok', 'stale') and e.before_state in ('ok', 'stale')",
        over="e.state in ('ok', 'stale') and e.before_state not in ('ok', 'stale')",
        began="b.before_state in ('ok', 'stale')",
    ),
    title=(
        "{% if is_over %}Can be read again: "
        + _WHOSE
        + "{% if days %}, after {days} {% if days == 1 %}day{% else %}days{% endif %}{% endif %}"
        "{% else %}{% set said = {'failing': 'Does not answer as it should', 'blocked': 'Lets nobody in',"
        " 'changed': 'Its pages have changed', 'gone': 'Is gone'} %}"
        "{said.get(state, 'In trouble')}: " + _WHOSE + "{% endif %}"
    ),
    body=_WHY,
)

RULES = (SOURCE_SILENT, SOURCE_FAILING)
