"""What is worth telling: each rule is a query and a text, and each row that is new an alert.

`judge` is the step; `problems` is what `check-config` asks about the operator's own rules.
"""

import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from db.alerts import NewAlert
from db.errors import QueryError
from monitor.rules.builtin import RULES
from monitor.rules.model import Rule, RuleFailed, alert, problems_of_texts

__all__ = ["RULES", "Rule", "RuleFailed", "RulesFailed", "Settings", "judge", "problems"]

SECONDS = 20.0  # a rule that takes longer is stopped; one council takes milliseconds

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What the configuration says about alerts."""

    max_age_days: int = 60  # facts published longer ago raise none
    disabled: Sequence[str] = ()
    options: Mapping[str, Mapping[str, float]] = field(default_factory=dict)  # by rule
    custom: Sequence[Rule] = ()
    council_names: Mapping[str, str] = field(default_factory=dict)  # by slug


class Archive(Protocol):
    """As much of `db.Archive` as judging needs."""

    def query(self, sql: str, params: Mapping[str, Any], *, seconds: float) -> Sequence[Mapping[str, Any]]:
        """What a select returns, read-only and within a time limit."""
        ...

    def rows(self, sql: str, params: Sequence[Any] | Mapping[str, Any] = (), /) -> Sequence[Mapping[str, Any]]:
        """What a select of ours returns."""
        ...


class RulesFailed(Exception):
    """Some rules could not be carried out; `alerts` is what all the others found."""

    def __init__(self, failures: Sequence[RuleFailed], alerts: Sequence[NewAlert]) -> None:
        super().__init__("; ".join(str(failure) for failure in failures))
        self.failures = tuple(failures)
        self.alerts = list(alerts)


def judge(archive: Archive, settings: Settings, now: datetime) -> list[NewAlert]:
    """The alerts that are due and were not raised before, in the order of the rules.

    A rule that fails does not keep the others from being judged: RulesFailed carries what they found.
    """
    found: list[NewAlert] = []
    failures: list[RuleFailed] = []
    for rule in _in_force(settings):
        try:
            found += _due(archive, rule, settings, now)
        except RuleFailed as failure:
            log.error("%s", failure)
            failures.append(failure)
    if failures:
        raise RulesFailed(failures, found)
    return found


def _in_force(settings: Settings) -> list[Rule]:
    return [rule for rule in (*RULES.values(), *settings.custom) if rule.name not in settings.disabled]


def _due(archive: Archive, rule: Rule, settings: Settings, now: datetime) -> list[NewAlert]:
    told = {row["key"] for row in archive.rows("select key from alerts where rule = ?", (rule.name,))}
    due: dict[str, NewAlert] = {}
    for new in _alerts(archive, rule, settings, now):
        due.setdefault(new.key, new)
    return [new for key, new in due.items() if key not in told]


def _alerts(archive: Archive, rule: Rule, settings: Settings, now: datetime) -> Iterator[NewAlert]:
    options = {**rule.options, **settings.options.get(rule.name, {})}
    utc = now.astimezone(UTC)
    params = {
        "now": utc.isoformat(timespec="seconds"),
        "oldest": (utc - timedelta(days=settings.max_age_days)).date().isoformat(),
        **options,
    }
    try:
        rows = archive.query(rule.sql, params, seconds=SECONDS)
    except QueryError as error:
        raise RuleFailed(rule.name, error.problem) from error
    for row in rows:
        slug = row.get("council")
        yield alert(rule, row, {**options, "council_name": settings.council_names.get(str(slug), str(slug or ""))})


def problems(archive: Archive, rule: Rule, now: datetime) -> list[str]:
    """What is wrong with an operator's rule, tried on the archive as it is; [] where nothing is."""
    found = problems_of_texts(rule)
    if rule.name in RULES:
        found.append("the name is taken by a rule that comes with kccwatch")
    if not found:
        try:
            list(_alerts(archive, rule, Settings(), now))
        except RuleFailed as failure:
            found.append(failure.problem)
    return found
