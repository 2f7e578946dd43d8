"""Commands that one runs before trusting the service, and to keep what it has."""

from contextlib import suppress
from pathlib import Path

import click

import db
from db.errors import OlderSchema
from monitor import delivery, schedule, steps
from monitor import serve as site
from monitor.commands.options import archive, config_option, json_option
from monitor.commands.output import as_json as print_json
from monitor.commands.output import plain, say
from monitor.config import SOURCES, Config
from monitor.errors import Unusable
from monitor.work import utc_now


@click.command("check-config")
@config_option
@json_option
def check_config(config: Config, as_json: bool) -> None:
    """Whether the configuration can be used."""
    _require_usable_archive(config)
    now = utc_now()
    sources = {
        name: schedule.next_due(source.when, now, config.alerts.zone).isoformat()
        for name, source in config.sources.watched().items()
    }
    channels = {channel.name: channel.off or f"on, from {channel.min_severity}" for channel in config.alerts.channels}
    if as_json:
        print_json({"ok": True, "archive": str(config.archive.path), "next_visits": sources, "channels": channels})
        return
    say("the configuration can be used")
    say(f"archive: {config.archive.path}")
    say(f"councils: {', '.join(plain(council.name) for council in config.councils)}")
    for name, due in sources.items():
        say(f"source {name}: next visit {due}")
    for name in SOURCES:
        if name not in sources:
            say(f"source {name}: not watched")
    for channel in config.alerts.channels:
        say(plain(f"channel {channel.name}: {f'off: {channel.off}' if channel.off else channels[channel.name]}"))


def _require_usable_archive(config: Config) -> None:
    """Raise where this program cannot work with the archive that is there: a newer one's, or no archive at all."""
    if (config.archive.path / "archive.db").exists():
        # An older one is brought up to date by the first command that writes.
        with suppress(OlderSchema), db.open_archive(config.archive.path, readonly=True):
            pass


@click.command("test-alert")
@click.argument("channel", required=False)
@config_option
def test_alert(config: Config, channel: str | None) -> None:
    """Send a test message to one CHANNEL, or to all that are on."""
    wanted = [one for one in config.alerts.channels if channel in (None, one.name)]
    if not wanted:
        names = ", ".join(one.name for one in config.alerts.channels)
        raise click.UsageError(f'no channel "{channel}" in config.toml; there are {names}')
    failed = False
    for one in wanted:
        if one.off:
            say(plain(f"{one.name}: off: {one.off}"))
            failed = failed or channel is not None  # asked for by name, and cannot
            continue
        error = delivery.send_test(one, steps.delivery_settings(config), utc_now())
        say(plain(f"{one.name}: {error or 'accepted'}"))
        failed = failed or error is not None
    if failed:
        raise SystemExit(1)


@click.command("serve")
@click.option("--port", type=click.IntRange(1, 65535), help="Instead of serve.port.")
@config_option
def serve(config: Config, port: int | None) -> None:
    """The archive as a web site, with Datasette."""
    place = steps.snapshot_path(config)
    if not place.exists():
        raise Unusable(f"{place}: nothing is published yet; `kccwatch once` does it")
    site.run(config, place, port or config.serve.port)


@click.command()
@click.argument("dest", type=click.Path(file_okay=False, path_type=Path))
@config_option
def backup(config: Config, dest: Path) -> None:
    """Copy the archive to the folder DEST.

    The service may go on running meanwhile. The copy is verified before this ends.
    """
    with archive(config) as opened:
        made = opened.backup(dest)
    bodies = f"{made.blobs} bodies, {made.copied} of them new"
    say(f"{made.folder}: {made.database_bytes:,} bytes of database, {bodies}; verified")


COMMANDS = (check_config, test_alert, serve, backup)
