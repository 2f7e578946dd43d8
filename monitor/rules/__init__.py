"""What is worth telling: each rule is a query and a text, and each row that is new an alert.

`judge` is the step, `close` its end, once its alerts are kept; `problems` tries an operator's rule on an archive.
"""

import json
import logging
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any, Protocol

from db.alerts import NewAlert
from db.errors import QueryError
from monitor.rules.builtin import RULES
from monitor.rules.builtin.common import PAPER, query
from monitor.rules.model import Rule, RuleFailed, alert, problems_of_texts

__all__ = ["RULES", "Rule", "RuleFailed", "RulesFailed", "Settings", "close", "judge", "problems"]

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

    def prepare_judging(self) -> None:
        """Work out what rules stand on and no reader says."""
        ...

    def note_judged(self, judged: Sequence[tuple[str, str]], now: datetime) -> None:
        """Keep which rules were judged on which subjects."""
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
    archive.prepare_judging()
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


# What rules are judged on once: each council's newest edition, unless it is too old for news, and its
# newest figures of the Ombudsman's; and the newest register of its risks.
_SUBJECTS = query(
    PAPER,
    """
select r.council || ':' || r.financial_year || ':' || r.quarter as subject
from current_reports as r join paper as p on p.version_id = r.version_id
where r.is_latest and p.published_on >= :oldest
union
select council || ':' || period_end || ':' || measure from latest_statistics
union
select s.council || ':register:' || p.published_on
from standing_versions as s join paper as p on p.version_id = s.version_id
where s.kind = 'risk_register' and p.published_on >= :oldest
""",
)


def close(archive: Archive, settings: Settings, now: datetime, failed: Collection[str] = ()) -> None:
    """Note what was judged, once the alerts are kept: an old paper that comes in later makes no news of it.

    Rules that *failed* are judged on it again.
    """
    rows = archive.rows(_SUBJECTS, {"now": _time(now), "oldest": _oldest(settings, now)})
    judged = [rule.name for rule in _in_force(settings) if rule.final and rule.name not in failed]
    known = {(row["rule"], row["subject"]) for row in archive.rows("select rule, subject from judged")}
    new = [pair for name in judged for row in rows if (pair := (name, row["subject"])) not in known]
    if new:
        archive.note_judged(new, now)


def _time(now: datetime) -> str:
    return now.astimezone(UTC).isoformat(timespec="seconds")


def _oldest(settings: Settings, now: datetime) -> str:
    return (now.astimezone(UTC) - timedelta(days=settings.max_age_days)).date().isoformat()


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
    oldest = _oldest(settings, now)
    params = {
        **options,
        "now": _time(now),
        "oldest": oldest,
        "rule": rule.name,
        "councils": json.dumps(sorted(settings.council_names)),
    }
    try:
        rows = archive.query(rule.sql, params, seconds=SECONDS)
    except QueryError as error:
        raise RuleFailed(rule.name, error.problem) from error
    for row in rows:
        if rule.name not in RULES and _is_date(row.get("published_on")) and row["published_on"] < oldest:
            continue  # the built-in rules say themselves what makes a fact news
        slug = row.get("council")
        yield alert(rule, row, {**options, "council_name": settings.council_names.get(str(slug), str(slug or ""))})


def _is_date(value: object) -> bool:
    try:
        return isinstance(value, str) and bool(date.fromisoformat(value))
    except ValueError:
        return False


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
