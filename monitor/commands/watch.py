"""Commands that do the work: a cycle, its single steps, the daemon."""

from datetime import datetime

import click

from monitor import daemon, steps
from monitor.commands.options import config_option, json_option, work
from monitor.commands.output import finish
from monitor.config import SOURCES, Config
from monitor.work import utc_now


def _watched(config: Config, wanted: tuple[str, ...]) -> list[str]:
    """The sources to visit, in the order of a cycle; a source without its table in config.toml is a wrong call."""
    watched = config.sources.watched()
    missing = [name for name in wanted if name not in watched]
    if missing:
        raise click.UsageError(f"config.toml has no [sources.{missing[0]}]; it watches {', '.join(watched)}")
    return [name for name in watched if not wanted or name in wanted]


@click.command()
@click.argument("sources", metavar="[SOURCE]…", nargs=-1, type=click.Choice(SOURCES))
@config_option
@json_option
def once(config: Config, sources: tuple[str, ...], as_json: bool) -> None:
    """One whole cycle: crawl, read, check, judge, deliver. All sources, or those named."""
    wanted = _watched(config, sources)
    with work(config) as job:
        done = steps.cycle(job, wanted)
    finish(done, as_json)


@click.command()
@click.argument("source", type=click.Choice(SOURCES))
@config_option
@json_option
def crawl(config: Config, source: str, as_json: bool) -> None:
    """Fetch what is new at one source."""
    _watched(config, (source,))
    with work(config) as job:
        done = steps.crawl(job, source)
    finish([done], as_json)


@click.command()
@click.argument("source", type=click.Choice(SOURCES))
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), required=True, help="The first day to go back to.")
@config_option
@json_option
def backfill(config: Config, source: str, since: datetime, as_json: bool) -> None:
    """Fetch the past of one source, slowly. Called again, it goes on where it stopped."""
    _watched(config, (source,))
    if since.date() > utc_now().date():
        raise click.BadParameter("expected a day that has been", param_hint="--since")
    with work(config) as job:
        done = steps.backfill(job, source, since.date())
    finish(done, as_json)


@click.command()
@config_option
@json_option
def read(config: Config, as_json: bool) -> None:
    """Turn what was fetched into facts."""
    with work(config) as job:
        done = steps.read(job)
    finish(done, as_json)


@click.command()
@config_option
@json_option
def check(config: Config, as_json: bool) -> None:
    """Check whether the papers add up, alone and together."""
    with work(config) as job:
        done = steps.check(job)
    finish(done, as_json)


@click.command()
@config_option
@json_option
def judge(config: Config, as_json: bool) -> None:
    """Write alerts about what is worth telling."""
    with work(config) as job:
        done = steps.judge(job)
    finish(done, as_json)


@click.command()
@config_option
@json_option
def deliver(config: Config, as_json: bool) -> None:
    """Send the alerts that wait."""
    with work(config) as job:
        done = steps.deliver(job)
    finish(done, as_json)


@click.command()
@config_option
def run(config: Config) -> None:
    """The daemon: each source on its schedule."""
    daemon.serve(config)


COMMANDS = (once, run, crawl, backfill, read, check, judge, deliver)
