"""`kccwatch`: the commands, and how they end.

Exit status: 0 done; 1 done, but something failed or was quarantined; 2 the configuration
or the call is wrong. Every error is a sentence; a traceback is a bug of ours.
"""

import importlib
import io
import os
import signal
import sys
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from typing import NoReturn

import click

from db.errors import NewerSchema, NotAnArchive, OlderSchema, StoreError
from monitor.commands.output import note, plain
from monitor.errors import ConfigError, MonitorError, Stopped

FAILED, WRONG = 1, 2


def _version() -> str:
    try:
        return version("kccwatch")
    except PackageNotFoundError:
        return "(run from a folder, not installed)"


_COMMANDS = {
    "demo": "demo",
    "once": "watch",
    "run": "watch",
    "crawl": "watch",
    "backfill": "watch",
    "read": "watch",
    "check": "watch",
    "judge": "watch",
    "deliver": "watch",
    "ingest": "files",
    "parse": "files",
    "reparse": "reparse",
    "status": "look",
    "alerts": "alerts",
    "mute": "alerts",
    "ack": "alerts",
    "discrepancies": "look",
    "kpi": "kpi",
    "digest": "digest",
    "check-config": "trust",
    "test-alert": "trust",
    "serve": "trust",
    "backup": "trust",
}  # in the order of --help, each with its module in monitor.commands


class _Commands(click.Group):
    """Loads a command's module when the command is called: Datasette, say, takes a second."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        module = importlib.import_module(f"monitor.commands.{_COMMANDS[cmd_name]}")
        commands: tuple[click.Command, ...] = module.COMMANDS
        return next(command for command in commands if command.name == cmd_name)


@click.command(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(_version(), prog_name="kccwatch")
@click.option("--config", "config_path", metavar="PATH", help="The configuration; may also follow the command.")
def cli(config_path: str | None) -> None:
    """Watch a council's performance papers, complaint figures and Ombudsman pages."""
    del config_path  # the commands ask for it: monitor.commands.options


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run a command, of *arguments* or of the call; the process ends with its status."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a terminal that cannot show a letter is shown its number
            stream.reconfigure(errors="backslashreplace")
    try:
        status = cli.main(arguments, standalone_mode=False) or 0
        sys.stdout.flush()
    except SystemExit as end:
        status = end.code
    except BaseException as error:  # noqa: BLE001  told apart below; what is not ours is raised again
        status = _told(error)
    sys.exit(status)


def _told(error: BaseException) -> int:
    """Say what *error* means, and the status to end with."""
    match error:
        case BrokenPipeError():
            # Who read us has seen enough. What Python still wants to write has to go somewhere.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return 128 + signal.SIGPIPE
        case click.exceptions.Abort() | KeyboardInterrupt():
            note("stopped; what was done is kept")
            return 128 + signal.SIGINT
        case click.ClickException():
            error.show()
            return WRONG
        case ConfigError():
            note(str(error))
            return WRONG
        case NewerSchema() | OlderSchema() | NotAnArchive():
            note(plain(error))
            return WRONG
        case Stopped() | MonitorError() | StoreError():
            note(plain(error))
            return FAILED
    raise error
