"""Commands that answer a person's questions."""

from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

import click

import db
from monitor.commands.alerts import local as _local
from monitor.commands.options import archive, config_option, json_option
from monitor.commands.output import as_json as print_json
from monitor.commands.output import plain, say, table
from monitor.config import Config
from monitor.delivery import quiet
from monitor.work import utc_now

# --- status ------------------------------------------------------------------


@click.command()
@config_option
@json_option
def status(config: Config, as_json: bool) -> None:
    """How the service is doing.

    Its sources, its channels, what waits to be sent, and what cannot be trusted.
    """
    found = _status(config)
    if as_json:
        print_json(found)
    else:
        _print_status(found, config)


# Each job's last run; what waits to be sent or was given up; contents that nothing newer took the place of.
_RUNS = """
select job, started_at, finished_at, outcome, error from runs
where id in (select max(id) from runs group by job) order by job
"""
_OUTBOX = """
select channel, state, count(*) as alerts, max(error) as error, min(next_attempt_at) as next_attempt_at
from deliveries where state not in ('sent', 'suppressed') group by channel, state order by channel, state
"""
_NOT_TRUSTED = """
select d.url, d.title, v.outcome, v.note, v.fetched_at
from versions as v join documents as d on d.id = v.document_id
where v.outcome in ('quarantined', 'failed')
  and not exists (select 1 from versions as newer where newer.supersedes_id = v.id)
order by v.id desc
"""


def _status(config: Config) -> dict[str, Any]:
    hush = quiet.ends(config.alerts.quiet, config.alerts.zone, utc_now())
    found: dict[str, Any] = {
        "archive": str(config.archive.path),
        "sqlite": {"version": db.Archive.sqlite_version, "has_wal_bug": db.Archive.sqlite_has_wal_bug},
        "channels": _channels(config),
        "quiet_until": hush and hush.isoformat(),
    }
    if not (config.archive.path / "archive.db").exists():
        return found | {"rows": None}
    with db.open_archive(config.archive.path, readonly=True) as opened:
        return found | {
            "sources": _sources(config, opened),
            "runs": opened.rows(_RUNS),
            "rows": opened.counts(),
            "outbox": opened.rows(_OUTBOX),
            "channels_in_trouble": _in_trouble(opened),
            "not_trusted": opened.rows(_NOT_TRUSTED),
            "problems": opened.check(),
        }


def _channels(config: Config) -> list[dict[str, Any]]:
    return [
        {"name": channel.name, "on": channel.is_on, "off_because": channel.off, "min_severity": channel.min_severity}
        for channel in config.alerts.channels
    ]


def _in_trouble(opened: db.Archive) -> list[dict[str, Any]]:
    """The channels that did not take their last message."""
    return [
        {
            "name": name,
            "since": trouble.since.isoformat(),
            "failures": trouble.failures,
            "next_attempt_at": trouble.held_until.isoformat(),
            "error": trouble.error,
        }
        for name, trouble in opened.channel_troubles().items()
    ]


def _sources(config: Config, opened: db.Archive) -> list[dict[str, Any]]:
    """Each watched source, with its states by council and when it is visited next."""
    states = opened.source_states()
    found = []
    for name in config.sources.watched():
        last, due = opened.last_run(f"crawl:{name}"), opened.next_due(name)
        found.append(
            {
                "source": name,
                "last_visit": last and last.started_at.isoformat(),
                "next_visit": due and due.isoformat(),
                "states": [_state(state) for state in states if state.source == name],
            }
        )
    return found


def _state(state: db.SourceState) -> dict[str, Any]:
    return {
        "council": state.council,
        "state": state.state,
        "reason": state.reason,
        "since": state.since.isoformat(),
        "last_new_at": state.last_new_at and state.last_new_at.isoformat(),
    }


def _print_status(found: dict[str, Any], config: Config) -> None:
    zone = config.alerts.zone
    say(f"archive  {found['archive']}")
    if found["rows"] is None:
        say("         none there yet; `kccwatch once` makes it")
    else:
        rows = found["rows"]
        kept = ("documents", "versions", "reports", "kpi_readings", "ombudsman_statistics", "news_articles", "alerts")
        say("         " + ", ".join(f"{rows[name]} {name.replace('_', ' ')}" for name in kept))
    warning = " (two programs writing at once could damage the archive; ours take turns)"
    say(f"sqlite   {found['sqlite']['version']}{warning if found['sqlite']['has_wal_bug'] else ''}")
    for problem in found.get("problems", ()):
        say(plain(f"DAMAGE   {problem}"))
    _print_sources(found.get("sources", ()), zone)
    say("")
    channels = (
        (one["name"], f"on, from {one['min_severity']}" if one["on"] else f"off: {one['off_because']}")
        for one in found["channels"]
    )
    table(("channel", "state"), channels)
    if found["quiet_until"]:
        say(f"quiet hours until {_local(found['quiet_until'], zone)}: only what is of high severity is sent")
    for one in found.get("channels_in_trouble", ()):
        since, then = _local(one["since"], zone), _local(one["next_attempt_at"], zone)
        tries = f"tried {one['failures']} times since {since}, next try {then}"
        say(plain(f"channel {one['name']} takes no messages: {one['error']} ({tries})"))
    if found.get("outbox"):
        say("")
        waiting = (
            (one["channel"], one["state"], one["alerts"], _local(one["next_attempt_at"], zone), one["error"])
            for one in found["outbox"]
        )
        table(("channel", "waiting", "alerts", "next try", "last failure"), waiting)
    if any(one["state"] == "failed" for one in found.get("outbox", ())):
        say("what failed is tried again with `kccwatch alerts retry`")
    if found.get("not_trusted"):
        say("")
        papers = ((one["outcome"], one["title"] or one["url"], one["note"]) for one in found["not_trusted"])
        table(("not trusted", "paper", "why"), papers)


def _print_sources(sources: list[dict[str, Any]], zone: ZoneInfo) -> None:
    if not sources:
        return
    say("")
    rows = []
    for source in sources:
        states = source["states"] or [{"council": "", "state": "not visited yet", "reason": None, "since": None}]
        for state in states:
            rows.append(
                (
                    source["source"],
                    state["council"],
                    state["state"],
                    state["reason"],
                    _local(source["last_visit"], zone),
                    _local(source["next_visit"], zone),
                )
            )
    table(("source", "council", "state", "why", "last visit", "next visit"), rows)


# --- discrepancies -----------------------------------------------------------

_DISCREPANCIES = """
select d.council, x.check_name, x.severity, x.subject, x.stated, x.computed, x.explanation,
       x.page, d.title, d.url || coalesce('#page=' || x.page, '') as url,
       x.other_page, o.title as other_title, o.url || coalesce('#page=' || x.other_page, '') as other_url,
       x.first_seen_at, x.resolved_at, v.outcome,
       case when x.resolved_at is not null then 'resolved'
            -- What stands in a paper that is held back may be our own misreading.
            when x.version_id in (select version_id from current_versions) then 'open' else 'held back' end as state
from discrepancies as x join versions as v on v.id = x.version_id
join documents as d on d.id = v.document_id
left join versions as w on w.id = x.other_version_id left join documents as o on o.id = w.document_id
order by x.resolved_at is not null, x.severity = 'high' desc, x.severity = 'medium' desc, x.id desc
"""


@click.command()
@click.option("--all", "all_states", is_flag=True, help="Also those resolved since, and those in papers held back.")
@config_option
@json_option
def discrepancies(config: Config, all_states: bool, as_json: bool) -> None:
    """Where papers contradict themselves or each other."""
    with archive(config) as opened:
        rows = [row for row in opened.rows(_DISCREPANCIES) if all_states or row["state"] == "open"]
    if as_json:
        for row in rows:
            print_json(row)
    elif not rows:
        say("no discrepancies")
    else:
        shown = (
            (row["severity"], *([row["state"]] if all_states else []), row["subject"], row["explanation"], _places(row))
            for row in rows
        )
        table(("severity", *(["state"] if all_states else []), "about", "what does not add up", "where"), shown)


def _places(row: Mapping[str, Any]) -> str:
    """Both sides of a contradiction: "Cover report, page 1; Appendix 1, page 3"."""
    here = f"{row['title'] or row['url']}" + (f", page {row['page']}" if row["page"] else "")
    if row["other_url"]:
        return f"{here}; {row['other_title'] or row['other_url']}" + (
            f", page {row['other_page']}" if row["other_page"] else ""
        )
    return here + (f"; page {row['other_page']}" if row["other_page"] and row["other_page"] != row["page"] else "")


COMMANDS = (status, discrepancies)
