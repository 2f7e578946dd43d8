"""Commands on files that came another way than by crawling."""

from collections import Counter
from collections.abc import Iterable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import click

from monitor import ingest as ingesting
from monitor.commands.options import config_option, json_option, work
from monitor.commands.output import as_json as print_json
from monitor.commands.output import finish, plain, say, table
from monitor.config import Config
from monitor.reader import Document, Pool
from monitor.reading import rows_of
from parsers.records import Outcome, Reading

_TROUBLE = (Outcome.QUARANTINED, Outcome.FAILED)
_EXISTING = click.Path(exists=True, dir_okay=False, readable=True, path_type=Path)


@click.command()
@click.argument("files", metavar="FILE…", nargs=-1, required=True, type=_EXISTING)
@click.option("--url", help="The file's address, where it tells more than its name does. For one FILE.")
@json_option
def parse(files: tuple[Path, ...], url: str | None, as_json: bool) -> None:
    """Read files and print what is in them. Touches no archive."""
    if url is not None and len(files) > 1:
        raise click.UsageError("--url is the address of one FILE")
    show = _print_lines if as_json else _print_tables
    failed = False
    with Pool(len(files) if len(files) < 3 else None) as pool:
        documents = ((file, file.read_bytes(), Document(url=url or file.name)) for file in files)
        for file, reading in pool.read_all(documents):
            show(file, reading)
            failed = failed or reading.outcome in _TROUBLE
    if failed:
        raise SystemExit(1)


def _print_lines(file: Path, reading: Reading) -> None:
    """One JSON object a record; the last one says how it went."""
    for fact in reading.facts:
        print_json(rows_of(fact))
    print_json(
        {
            "record": "outcome",
            "file": str(file),
            "kind": reading.kind.value,
            "outcome": reading.outcome.value,
            "note": reading.note,
        }
    )


def _print_tables(file: Path, reading: Reading) -> None:
    """The records as tables, one for each kind."""
    counts = Counter(fact.table for fact in reading.facts)
    found = ", ".join(f"{number} {name.replace('_', ' ')}" for name, number in counts.items())
    say(plain(f"{file}: {reading.kind.value.replace('_', ' ')}, {reading.outcome.value}: {found or 'no facts'}"))
    if reading.note:
        say(plain(f"  {reading.note}"))
    for name in counts:
        rows = [rows_of(fact) for fact in reading.facts if fact.table == name]
        columns = _worth_showing(rows)
        table(columns, ([_cell(row[column]) for column in columns] for row in rows))


def _worth_showing(rows: Iterable[dict[str, Any]]) -> list[str]:
    """The columns in which any row says something; where it stands is for `--json`."""
    rows = list(rows)
    hidden = {"record", "bbox", "headline_bbox", "body"}
    return [name for name in rows[0] if name not in hidden and any(row[name] not in (None, []) for row in rows)]


def _cell(value: Any) -> str:
    if isinstance(value, list):
        return "; ".join(str(part) for part in value)
    if isinstance(value, float):
        return f"{value:g}"
    return "" if value is None else str(value)


class _Day(click.ParamType):  # type: ignore[type-arg]
    """YYYY-MM-DD."""

    name = "date"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        try:
            return datetime.strptime(value, "%Y-%m-%d").date()  # noqa: DTZ007  a date has no zone
        except ValueError:
            self.fail(f'"{value}" is not a date like 2025-03-04', param, ctx)


@click.command()
@click.argument("file", type=_EXISTING)
@click.option("--url", required=True, help="Where the paper stands, or stood, on the web.")
@click.option("--published", type=_Day(), help="When it was published, as YYYY-MM-DD.")
@click.option("--council", help="The slug of the council, where the address does not tell.")
@config_option
@json_option
def ingest(config: Config, file: Path, url: str, published: date | None, council: str | None, as_json: bool) -> None:
    """Take in a paper that came another way.

    It goes through the same steps as one that was fetched.
    """
    paper = ingesting.Paper(name=file.name, body=file.read_bytes(), url=url, published_on=published, council=council)
    with work(config) as job:
        done = ingesting.ingest(job, paper)
    finish(done, as_json)


COMMANDS = (ingest, parse)
