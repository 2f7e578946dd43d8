"""What many commands take: the configuration, and whether a machine reads the answer."""

import functools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import click

import db
from monitor import config
from monitor.commands.output import teller
from monitor.errors import Unusable
from monitor.work import Work

F = TypeVar("F", bound=Callable[..., Any])

json_option = click.option("--json", "as_json", is_flag=True, help="JSON, one object a line.")
_path_option = click.option(
    "--config",
    "config_path",
    type=click.Path(path_type=Path),
    default=Path("config.toml"),
    envvar="KCCWATCH_CONFIG",
    show_default=True,
    show_envvar=True,
    help="The configuration.",
)


def config_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give *command* a `--config`, and the loaded Config as its first argument."""

    @_path_option
    @functools.wraps(command)
    def with_config(config_path: Path, **arguments: Any) -> Any:
        context = click.get_current_context()
        before_command = context.find_root().params.get("config_path")
        said_after = context.get_parameter_source("config_path") is click.core.ParameterSource.COMMANDLINE
        path = config_path if said_after or not before_command else Path(before_command)
        return command(config.load(path), **arguments)

    return with_config


@contextmanager
def work(settings: config.Config) -> Iterator[Work]:
    """Work for a person at a terminal, who sees how far it is."""
    with teller() as tell:
        yield Work(config=settings, tell=tell)


@contextmanager
def archive(settings: config.Config) -> Iterator[db.Archive]:
    """The archive, to look at. Unusable where there is none yet."""
    if not (settings.archive.path / "archive.db").exists():
        raise Unusable(f"{settings.archive.path}: there is no archive yet; `kccwatch once` makes it")
    with db.open_archive(settings.archive.path, readonly=True) as found:
        yield found
