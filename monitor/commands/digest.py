"""`kccwatch digest`: the weekly letter, at the terminal or as a file."""

import os
import tempfile
from datetime import datetime, time, timedelta
from pathlib import Path

import click

from monitor import letter
from monitor.commands.options import archive, config_option
from monitor.commands.output import plain, say
from monitor.config import Config
from monitor.work import utc_now

A_WEEK = timedelta(days=7)


@click.command()
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), help="First day; a week ago unless told.")
@click.option("--html", "html_path", type=click.Path(path_type=Path, dir_okay=False), help="Write it to this file.")
@config_option
def digest(config: Config, since: datetime | None, html_path: Path | None) -> None:
    """The weekly letter: what changed, is Red, or is due next.

    Also how long each indicator has been Red, and which papers do not add up.
    """
    zone, now = config.alerts.zone, utc_now()
    begin = datetime.combine(since.date(), time(), tzinfo=zone) if since else now - A_WEEK
    if begin > now:
        raise click.BadParameter("expected a day that has been", param_hint="--since")
    with archive(config) as opened:
        pages = [
            letter.write(
                letter.gather(opened, council.slug, council.name, begin, now),
                zone=zone,
                site_url=config.alerts.site_url,
            )
            for council in config.councils
        ]
    if html_path is not None:
        _replace(html_path, "\n".join(page.html for page in pages))
        say(plain(f"written to {html_path}"))
        return
    for page in pages:
        say(plain(page.subject))
        say("")
        for line in page.text.splitlines():
            say(plain(line))


def _replace(path: Path, text: str) -> None:
    """The whole file or none of it."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        Path(name).chmod(0o644)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


COMMANDS = (digest,)
