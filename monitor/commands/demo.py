"""`kccwatch demo`: the whole service against a replica of the sites on this machine.

It shows what it does and then holds it against what the replica knows to be true: it
ends with 0 only when the alerts that it shows are those that were due.
"""

import json
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

import db
from demo.replica import Replica
from demo.story import RED, QuarterFacts
from monitor import config, steps
from monitor.commands.alerts import show_alerts
from monitor.commands.options import work
from monitor.commands.output import plain, say, tell_done


@click.command()
def demo() -> None:
    """See it work, against a replica of the sites.

    Runs the service, publishes the next quarter there, runs again, and shows the alerts
    that this raised. Ends by itself.
    """
    folder = Path(tempfile.mkdtemp(prefix="kccwatch-demo-"))
    place = folder / "config.toml"
    with Replica() as replica:
        place.write_text(replica.config(folder / "archive"), encoding="utf-8")
        settings = config.load(place)
        say(f"A replica of a council's site, the Ombudsman's and the papers' runs at {replica.base_url}")
        say(f"The archive is {settings.archive.path}")
        say("\nThe first cycle takes in what is there:")
        faults = _cycle(settings)
        before = _last_alert(settings)
        facts = replica.publish_next()
        say(f"\nThe council publishes its report on {_name(facts)}. The next cycle finds it:")
        faults += _cycle(settings)
        new = _alerts_after(settings, before)
        say(f"\n{len(new)} alerts:")
        show_alerts(new, settings.alerts.zone)
        say("\nOnce more, with nothing new on the sites:")
        faults += _cycle(settings)
        again = _alerts_after(settings, new[-1]["id"] if new else before)
    faults += _not_due(facts, new, again)
    if not faults:
        say("\nNothing new, and no alert repeated.")
    _say_where_to_look(place, settings)
    if faults:
        say("\nThis is not how it should be:")
        for fault in faults:
            say(plain(f"  {fault}"))
        raise SystemExit(1)


def _cycle(settings: config.Config) -> list[str]:
    """Run one; what failed in it."""
    with work(settings) as job:
        done = steps.cycle(job, list(settings.sources.watched()))
    for one in done:
        tell_done(one)
    return [failure for one in done for failure in one.failures]


def _name(facts: QuarterFacts) -> str:
    return f"Quarter {facts.edition.quarter} {facts.edition.financial_year}"


def _last_alert(settings: config.Config) -> int:
    with db.open_archive(settings.archive.path, readonly=True) as archive:
        (row,) = archive.rows("select coalesce(max(id), 0) as id from alerts")
        return int(row["id"])


def _alerts_after(settings: config.Config, last: int) -> list[dict[str, Any]]:
    """The alerts raised since, most severe first, with their deliveries."""
    with db.open_archive(settings.archive.path, readonly=True) as archive:
        rows = archive.rows("select * from alerts where id > ? order by id", [last])
        for row in rows:
            row["deliveries"] = archive.rows(
                "select channel, state from deliveries where alert_id = ? order by id", [row["id"]]
            )
    return rows


def _not_due(facts: QuarterFacts, new: list[dict[str, Any]], again: list[dict[str, Any]]) -> Iterator[str]:
    """What is wrong with the alerts, by what the replica knows."""
    due = {_key(kpi.indicator.title) for kpi in facts.kpis if kpi.rag == RED and kpi.previous_rag != RED}
    told = {_key(json.loads(row["evidence"])["name"]) for row in new if row["rule"] == "new_red"}
    yield from (f"no alert says that this turned Red: {name}" for name in sorted(due - told))
    yield from (f"an alert says that this turned Red, and it did not: {name}" for name in sorted(told - due))
    if not any(row["rule"] == "new_report" for row in new):
        yield f"no alert says that the report on {_name(facts)} is there"
    unsent = [row["title"] for row in new if any(one["state"] != "sent" for one in row["deliveries"])]
    yield from (f"not delivered: {title}" for title in unsent)
    yield from (f"raised in the third cycle, when nothing was new: {row['title']}" for row in again)


def _key(name: str) -> str:
    return "".join(character for character in name.lower() if character.isalnum())


def _say_where_to_look(place: Path, settings: config.Config) -> None:
    messages = sorted((settings.archive.path / "outbox").iterdir()) if settings.alerts.channels else []
    program = _our_name()
    say("\nWhere to look:")
    if messages:
        say(f"  the messages      {messages[-1].parent}")
    say(f"  the web site      {program} serve --config {place}")
    say(f"  the command line  {program} status --config {place}")
    say(f"                    {program} alerts --config {place}")
    say(f"                    {program} discrepancies --config {place}")


def _our_name() -> str:
    """How the reader can call us again from where he is."""
    if shutil.which("kccwatch"):
        return "kccwatch"
    called = Path(sys.argv[0]).absolute()
    if called.name != "kccwatch":
        return "python -m monitor"
    return str(called.relative_to(Path.cwd())) if called.is_relative_to(Path.cwd()) else str(called)


COMMANDS = (demo,)
