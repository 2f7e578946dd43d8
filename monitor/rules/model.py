"""What a rule is, and how its rows become alerts."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import Any

from jinja2 import StrictUndefined, Template, TemplateError, meta
from jinja2.sandbox import ImmutableSandboxedEnvironment

from db.alerts import NewAlert
from parsers.text import collapse

SEVERITIES = ("low", "medium", "high")

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")

# One slot is {name}, as in the operator's own rules; {% if %} and {% for %} where a text needs them.
_TEMPLATES = ImmutableSandboxedEnvironment(
    variable_start_string="{",
    variable_end_string="}",
    undefined=StrictUndefined,
    autoescape=False,  # plain text; the HTML of a message is escaped in monitor.delivery
    finalize=lambda value: int(value) if isinstance(value, float) and value.is_integer() else value,
)


def _day(text: str) -> str:
    """A date of the archive as people write it; other text stays.

    >>> _day("2026-12-03")
    '3 December 2026'
    """
    try:
        day = date.fromisoformat(text)
    except (ValueError, TypeError):
        return str(text)
    return f"{day.day} {day:%B %Y}"


_TEMPLATES.filters["day"] = _day


class RuleFailed(Exception):
    """A rule cannot be carried out: wrong SQL, too slow, no key, or a text with an unknown slot."""

    def __init__(self, rule: str, problem: str) -> None:
        super().__init__(f'rule "{rule}": {problem}')
        self.rule = rule
        self.problem = problem


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A query over the archive and the text of its alerts.

    Each row of the query is an alert that is due; its `key` says what makes two of them the same.
    `url` (or `page_url`) is where to look; `version_id`, `sha256`, `page` and `bbox` give the picture.
    A column `severity` gives a row's own, where it is low, medium or high; else the rule's counts.
    A column named `…_json` holds JSON and is a list or an object to the texts, without that ending.
    Of an operator's rule, a column `published_on` that is a date before `:oldest` makes the row no alert.
    Parameters of the query: `:now` (UTC), `:oldest` (facts published before that date raise none), `:rule`
    (the name), `:councils` (JSON: the slugs that are watched) and the rule's options. Slots of the texts:
    the query's columns, the options, and `council_name`.
    """

    name: str
    says: str = ""  # what a person would say it tells them
    severity: str  # low, medium or high
    sql: str
    title: str
    body: str = ""
    options: Mapping[str, float] = field(default_factory=dict)  # parameters with their defaults
    final: bool = False  # judged once on each edition or year: what comes to be known of it later is no news

    def __post_init__(self) -> None:
        if self.severity not in SEVERITIES:
            raise ValueError(f"severity {self.severity!r}")


def alert(rule: Rule, row: Mapping[str, Any], context: Mapping[str, Any]) -> NewAlert:
    """The alert that one row of the rule's query makes; RuleFailed where the row or a text does not fit."""
    key = row.get("key")
    if key is None or not str(key).strip():
        raise RuleFailed(rule.name, "the query needs a column `key` that is never empty")
    facts = _decoded(rule, row)
    slots = {**context, **facts}
    url = row.get("url") or row.get("page_url")
    return NewAlert(
        rule=rule.name,
        key=str(key),
        severity=facts["severity"] if facts.get("severity") in SEVERITIES else rule.severity,
        title=collapse(_CONTROL.sub(" ", _filled(rule, rule.title, slots))),
        body=_lines(_filled(rule, rule.body, slots)),
        url=str(url) if url else None,
        evidence={name: value for name, value in facts.items() if name != "key"},
    )


def slots_of(text: str) -> set[str]:
    """The slots that a title or body fills in; ValueError where it cannot be read as a template."""
    try:
        return meta.find_undeclared_variables(_TEMPLATES.parse(text))
    except TemplateError as error:
        raise ValueError(str(error)) from None


def problems_of_texts(rule: Rule) -> list[str]:
    """What is wrong with the rule's title and body as templates; [] where nothing is."""
    found = []
    for part, text in (("title", rule.title), ("body", rule.body)):
        try:
            slots_of(text)
        except ValueError as error:
            found.append(f"{part}: {error}")
    return found


def _filled(rule: Rule, text: str, slots: Mapping[str, Any]) -> str:
    try:
        return _compiled(text).render(slots)
    except (TemplateError, ArithmeticError, TypeError, ValueError, LookupError, AttributeError) as error:
        raise RuleFailed(rule.name, f"its text cannot be filled in: {error}") from error


@lru_cache(maxsize=200)
def _compiled(text: str) -> Template:
    return _TEMPLATES.from_string(text)


def _decoded(rule: Rule, row: Mapping[str, Any]) -> dict[str, Any]:
    facts: dict[str, Any] = {}
    for name, value in row.items():
        if isinstance(value, bytes):
            raise RuleFailed(rule.name, f"column `{name}` holds bytes, not text or a number")
        if name.endswith("_json") and value is not None:
            try:
                facts[name.removesuffix("_json")] = json.loads(value)
            except (ValueError, TypeError) as error:
                raise RuleFailed(rule.name, f"column `{name}` is not JSON: {error}") from error
        else:
            facts[name] = value
    return facts


def _lines(text: str) -> str:
    """The text without control characters, each line collapsed, at most one blank line in a row."""
    lines = [collapse(_CONTROL.sub(" ", line)) for line in text.split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()
