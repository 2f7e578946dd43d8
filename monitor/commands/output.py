"""What commands print: tables and progress on a terminal, plain lines elsewhere.

Foreign text, a title from a web page say, is printed with its control characters made
harmless. Nothing but plain text goes into a pipe.
"""

import json
import sys
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, TextIO

import click
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from monitor import work
from monitor.work import Done

_HIDDEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}  # controls, formats (bidi overrides among them), surrogates, …


def plain(text: object) -> str:
    """*text* on one line, with every character that a terminal might act on shown as its number.

    >>> plain("Red\\x1b[31m \\u202e now\\nnext")
    'Red\\\\x1b[31m \\\\u202e now next'
    """
    words = " ".join(str(text).split()) if isinstance(text, str) else str(text)
    return "".join(_shown(character) for character in words)


def _shown(character: str) -> str:
    if unicodedata.category(character) not in _HIDDEN:
        return character
    return character.encode("unicode_escape").decode()


def say(text: str) -> None:
    """A line of the result."""
    click.echo(text)


def note(text: str) -> None:
    """A line about the work, for the person who waits; never part of the result."""
    click.echo(text, err=True)


def as_json(value: Any) -> None:
    """One line of JSON. ASCII, so that no locale can break it."""
    click.echo(json.dumps(value, default=str))


def table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Rows under headings on a terminal; elsewhere lines with tabs between, as other programs like them."""
    shown = [[plain("" if cell is None else cell) for cell in row] for row in rows]
    if not sys.stdout.isatty():
        say("\t".join(columns))
        for row in shown:
            say("\t".join(row))
        return
    grid = Table(box=SIMPLE_HEAD, pad_edge=False)
    for column in columns:
        grid.add_column(column, overflow="fold")
    for row in shown:
        grid.add_row(*(Text(cell) for cell in row))
    Console(highlight=False, markup=False, emoji=False).print(grid)


@dataclass
class Teller:
    """Says how far the work is: a bar on a terminal, nothing else where nobody watches."""

    bars: Progress | None
    _tasks: dict[str, TaskID] = field(default_factory=dict)

    def __call__(self, progress: work.Progress) -> None:
        if self.bars is None:
            return
        if progress.job not in self._tasks:
            for task in self._tasks.values():
                self.bars.update(task, visible=False)
            self._tasks[progress.job] = self.bars.add_task(progress.job, total=None)
        self.bars.update(self._tasks[progress.job], completed=progress.done, total=progress.total)


@contextmanager
def teller(stream: TextIO | None = None) -> Iterator[Teller]:
    """A Teller for the block."""
    stream = stream or sys.stderr
    if not stream.isatty():
        yield Teller(None)
        return
    console = Console(file=stream, highlight=False, markup=False, emoji=False)
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console, transient=True) as bars:
        yield Teller(bars)


def tell_done(done: Done) -> None:
    """What a step did, in a line, and what failed, in one each."""
    counts = ", ".join(counted(name, number) for name, number in done.counts.items() if number)
    say(f"{done.job}: {counts or 'nothing new'}")
    for sentence in (*done.failures, *done.quarantined):
        note(f"  {plain(sentence)}")


_WORDS = {"read": "with facts", "nothing": "without facts", "unchanged": "unchanged documents"}


def counted(name: str, number: int) -> str:
    """A number with what it counts.

    >>> counted("discrepancies", 1), counted("new_documents", 2), counted("nothing", 3)
    ('1 discrepancy', '2 new documents', '3 without facts')
    """
    words = _WORDS.get(name, name.replace("_", " "))
    if number == 1 and words.endswith("ies"):
        words = words.removesuffix("ies") + "y"
    elif number == 1 and words.endswith("s") and not words.startswith("with"):
        words = words.removesuffix("s")
    return f"{number:,} {words}"


def finish(done: Sequence[Done], json_wanted: bool = False) -> None:
    """Say what was done, and end with the status that says whether all of it went well."""
    if json_wanted:
        for one in done:
            as_json(
                {
                    "job": one.job,
                    "ok": one.ok,
                    "counts": one.counts,
                    "failures": list(one.failures),
                    "quarantined": list(one.quarantined),
                }
            )
    else:
        for one in done:
            tell_done(one)
    if not all(one.ok for one in done):
        raise SystemExit(1)
