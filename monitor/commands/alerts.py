"""Commands about what people are told: listing it, trying again, muting, acknowledging."""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

import click

import db
from db.mutes import ALL
from monitor.commands.options import archive, config_option, json_option
from monitor.commands.output import as_json as print_json
from monitor.commands.output import plain, say, table
from monitor.config import Config
from monitor.rules import RULES
from monitor.work import utc_now

_MINUTES = "%a %d %b %Y %H:%M"
_TOLD = ("channel", "state", "attempts", "next_attempt_at", "sent_at", "error")
STATES = ("pending", "sending", "sent", "failed", "suppressed")


def local(moment: str | datetime | None, zone: ZoneInfo) -> str:
    """A moment in UTC as people here read it."""
    if moment is None:
        return ""
    aware = datetime.fromisoformat(moment) if isinstance(moment, str) else moment
    return aware.astimezone(zone).strftime(_MINUTES)


# --- alerts ------------------------------------------------------------------


@click.group(invoke_without_command=True)
@click.option("--limit", type=click.IntRange(min=1), default=20, show_default=True, help="The newest so many.")
@click.option("--state", type=click.Choice(STATES), help="Only those that stand so on some channel.")
@config_option
@json_option
@click.pass_context
def alerts(context: click.Context, config: Config, limit: int, state: str | None, as_json: bool) -> None:
    """What people were told, newest first.

    And how far that got on each channel.
    """
    context.obj = config
    if context.invoked_subcommand is not None:
        return
    with archive(config) as opened:
        rows = opened.rows(
            "select id, created_at, severity, rule, key, title, body, url, acknowledged_at, acknowledged_note "
            "from alerts where :state is null or id in (select alert_id from deliveries where state = :state) "
            "order by id desc limit :limit",
            {"state": state, "limit": limit},
        )
        numbers = ", ".join(str(row["id"]) for row in rows)
        deliveries = opened.rows(
            f"select * from deliveries where alert_id in ({numbers}) order by id"  # noqa: S608  our own numbers
        )
    for row in rows:
        row["deliveries"] = [
            {name: one[name] for name in _TOLD} | {"maybe_sent": bool(one["maybe_sent"])}
            for one in deliveries
            if one["alert_id"] == row["id"]
        ]
        if as_json:
            print_json(row)
    if not as_json:
        show_alerts(rows, config.alerts.zone)


def show_alerts(rows: Sequence[Mapping[str, Any]], zone: ZoneInfo) -> None:
    """Alerts as a table: number, when, how severe, what, how delivering them stands."""
    if not rows:
        say("no alerts")
        return
    shown = (
        (
            row["id"],
            local(row["created_at"], zone),
            row["severity"],
            row["title"],
            ", ".join(_how(one, zone) for one in row["deliveries"])
            + ("; acknowledged" if row.get("acknowledged_at") else ""),
        )
        for row in rows
    )
    table(("number", "when", "severity", "what", "delivery"), shown)


def _how(delivery: Mapping[str, Any], zone: ZoneInfo) -> str:
    """ "newsroom: pending (next try Sat 05 Dec 2026 07:02; HTTP 503)" """
    why = [
        *([f"next try {local(delivery['next_attempt_at'], zone)}"] if delivery.get("next_attempt_at") else []),
        *([str(delivery["error"])] if delivery.get("error") and delivery["state"] != "sent" else []),
    ]
    return f"{delivery['channel']}: {delivery['state']}" + (f" ({'; '.join(why)})" if why else "")


@alerts.command()
@click.argument("channel", required=False)
@click.pass_obj
def retry(config: Config, channel: str | None) -> None:
    """Try again what was given up, on one CHANNEL or on all."""
    names = [one.name for one in config.alerts.channels]
    if channel is not None and channel not in names:
        raise click.UsageError(f'no channel "{channel}" in config.toml; there are {", ".join(names)}')
    with archive(config):
        pass  # says so where there is none
    with db.open_archive(config.archive.path) as opened:
        number = opened.requeue(channel)
    say(f"{number} deliveries wait again; `kccwatch deliver` sends them now")


# --- mute --------------------------------------------------------------------


@click.command()
@click.argument("key", required=False)
@click.option("--until", metavar="DATE", help="The first day on which alerts are sent again, YYYY-MM-DD.")
@click.option("--reason", help="For those who wonder later.")
@click.option("--undo", is_flag=True, help="End the mute.")
@config_option
@json_option
def mute(config: Config, key: str | None, until: str | None, reason: str | None, undo: bool, as_json: bool) -> None:
    """Be spared alerts until a date.

    Without KEY: what is muted. KEY is what a message prints: kpi:17 for an indicator, a rule, or
    rule:key for some of a rule's alerts; also an alert's number, which means its indicator or, where
    it has none, that one story; or words of an indicator's name. What is muted is kept in the archive
    as suppressed, and not sent later.
    """
    with archive(config) as opened:
        if key is None:
            _show_mutes(opened.mutes(utc_now()), opened, config.alerts.zone, as_json)
            return
        rule, about, words = _meant(opened, config, key)
    if undo:
        with db.open_archive(config.archive.path) as opened:
            ended = opened.unmute(rule, about)
        say(plain(f"{'no longer muted' if ended else 'was not muted'}: {words}"))
        return
    day, moment = _day(until, config.alerts.zone)
    with db.open_archive(config.archive.path) as opened:
        kept = opened.mute(db.Mute(rule=rule, key=about, until=moment, reason=reason), utc_now())
    if as_json:
        print_json({"rule": rule, "key": about, "until": day.isoformat(), "about": words, "kept_back": kept})
        return
    say(plain(f"muted until {day.day} {day:%B %Y}: {words}"))
    if kept:
        say(f"{kept} deliveries that waited are not sent")
    say(plain(f"to hear of it again before: kccwatch mute {_quoted(rule, about)} --undo"))


def _show_mutes(found: Sequence[db.Mute], opened: db.Archive, zone: ZoneInfo, as_json: bool) -> None:
    if as_json:
        for one in found:
            print_json({"rule": one.rule, "key": one.key, "until": one.until.isoformat(), "reason": one.reason})
    elif not found:
        say("nothing is muted")
    else:
        shown = (
            (_quoted(one.rule, one.key), _words(opened, one.rule, one.key), local(one.until, zone), one.reason)
            for one in found
        )
        table(("key", "what", "until", "why"), shown)


def _day(text: str | None, zone: ZoneInfo) -> tuple[date, datetime]:
    """The day that `--until` names, and the moment at which it begins here."""
    if not text:
        raise click.UsageError("--until DATE is missing: the first day on which alerts are sent again")
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise click.UsageError(f'--until: "{text}" is not a date like 2026-12-31') from None
    moment = datetime.combine(day, time(), zone).astimezone(UTC)
    if moment <= utc_now():
        raise click.UsageError(f"--until: {text} is not in the future")
    return day, moment


def _meant(opened: db.Archive, config: Config, key: str) -> tuple[str, str, str]:
    """Rule, key and words for what a person names."""
    rules = {*RULES, *(rule.name for rule in config.rules.custom)}
    rules |= {row["rule"] for row in opened.rows("select distinct rule from alerts")}
    if key.isdigit():
        rule, about = _of_alert(opened, int(key))
    elif re.fullmatch(r"kpi:\d+", key):
        if not opened.rows("select id from kpis where id = ?", [int(key[4:])]):
            raise click.UsageError(f"there is no indicator {key}")
        rule, about = ALL, key
    elif key in rules:
        rule, about = key, ALL
    elif key.partition(":")[0] in rules and key.partition(":")[2]:
        rule, _, about = key.partition(":")
    else:
        rule, about = ALL, f"kpi:{_indicator(opened, key)}"
    return rule, about, _words(opened, rule, about)


def _of_alert(opened: db.Archive, number: int) -> tuple[str, str]:
    rows = opened.rows("select rule, key, json_extract(evidence, '$.kpi_id') as kpi from alerts where id = ?", [number])
    if not rows:
        raise click.UsageError(f"there is no alert {number}; `kccwatch alerts` lists them")
    (row,) = rows
    return (ALL, f"kpi:{row['kpi']}") if isinstance(row["kpi"], int) else (row["rule"], row["key"])


def _indicator(opened: db.Archive, words: str) -> int:
    """The one indicator whose name holds all the words."""
    wanted = [word.casefold() for word in words.split()]
    found = [
        row
        for row in opened.rows("select id, name from kpis order by id")
        if all(word in row["name"].casefold() for word in wanted)
    ]
    if len(found) == 1:
        return int(found[0]["id"])
    if not found:
        raise click.UsageError(f'"{words}" is no rule, no number of an alert and no indicator\'s name')
    listed = "".join(f"\n  kpi:{row['id']}  {plain(row['name'])}" for row in found[:20])
    raise click.UsageError(f'"{words}" may be any of these:{listed}')


def _words(opened: db.Archive, rule: str, key: str) -> str:
    """What a mute is about, said to a person."""
    if rule == ALL:
        names = opened.rows("select name from kpis where id = ?", [int(key.removeprefix("kpi:"))])
        return f"all alerts about the indicator “{names[0]['name'] if names else key}”"
    if key == ALL:
        says = f" ({RULES[rule].says})" if rule in RULES and RULES[rule].says else ""
        return f"all alerts of the rule {rule}{says}"
    return f"alerts of the rule {rule} whose key is, or begins with, {key}"


def _quoted(rule: str, key: str) -> str:
    """The key as it is written on a command line."""
    written = key if rule == ALL else rule if key == ALL else f"{rule}:{key}"
    return written if re.fullmatch(r"[\w:./+-]+", written) else "'" + written.replace("'", "'\\''") + "'"


# --- ack ---------------------------------------------------------------------


@click.command()
@click.argument("numbers", metavar="ALERT_ID…", nargs=-1, required=True, type=click.IntRange(min=1))
@click.option("--note", help="What is known, or being done.")
@click.option("--undo", is_flag=True, help="Forget that they are known.")
@config_option
@json_option
def ack(config: Config, numbers: tuple[int, ...], note: str | None, undo: bool, as_json: bool) -> None:
    """Say that alerts are known.

    No reminder of them is sent, and they are listed as acknowledged.
    """
    with archive(config) as opened:
        listed = ", ".join(map(str, numbers))
        titles = {
            row["id"]: row["title"]
            for row in opened.rows(f"select id, title from alerts where id in ({listed})")  # noqa: S608  integers
        }
    if missing := [str(number) for number in numbers if number not in titles]:
        raise click.UsageError(f"there is no alert {', '.join(missing)}; `kccwatch alerts` lists them")
    with db.open_archive(config.archive.path) as opened:
        done = opened.take_back_acknowledgement(numbers) if undo else opened.acknowledge(numbers, note, utc_now())
    for number in dict.fromkeys(numbers):
        if as_json:
            print_json({"id": number, "title": titles[number], "acknowledged": not undo, "changed": number in done})
        else:
            say(plain(f"{number} {_acknowledged(number in done, undo)}: {titles[number]}"))


def _acknowledged(changed: bool, undo: bool) -> str:
    if undo:
        return "is no longer acknowledged" if changed else "was not acknowledged"
    return "is acknowledged" if changed else "was acknowledged already"


COMMANDS = (alerts, mute, ack)
