"""`kccwatch`: the commands, and how they end.

Exit status: 0 done; 1 done, but something failed or was quarantined; 2 the configuration
or the call is wrong. Every error is a sentence; a traceback is a bug of ours.
"""

import io
import os
import signal
import sys
from importlib.metadata import PackageNotFoundError, version

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


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(_version(), prog_name="kccwatch")
def cli() -> None:
    """Watch a council's performance papers, complaint figures and Ombudsman pages."""


def main() -> None:
    """Run a command; the process ends with its status."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a terminal that cannot show a letter is shown its number
            stream.reconfigure(errors="backslashreplace")
    try:
        status = cli.main(standalone_mode=False) or 0
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


def _add_commands() -> None:
    from monitor.commands import demo, files, look, trust, watch

    for module in (demo, watch, files, look, trust):
        for command in module.COMMANDS:
            cli.add_command(command)


_add_commands()
