"""`kccwatch kpi`: an indicator's history in the terminal, and which names are one indicator."""

import re
import sys
from collections.abc import Callable, Sequence
from typing import Any

import click
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

import db
from db.errors import Undecidable
from monitor.commands.options import archive, config_option, json_option
from monitor.commands.output import as_json as print_json
from monitor.commands.output import plain, say
from monitor.config import Config
from monitor.work import utc_now

Row = dict[str, Any]

_BARS = "▁▂▃▄▅▆▇█"
_ASCII_BARS = "_.-:=+*#"
_COLOURS = {"green": "bold green", "amber": "bold yellow", "red": "bold red"}
_ARROWS = {"improving": "↑", "stable": "→", "worsening": "↓"}  # as in Kent's papers: up is better
_MOST = 50  # indicators drawn for one question

_HISTORY = """
select h.financial_year, h.quarter, h.period_end, h.service, h.name, h.value, h.value_text, h.target_text,
  h.floor_text, h.rag, h.previous_text, h.previous_rag, h.direction, h.unit, h.lower_is_better, h.page_url,
  h.published_on, null as reference, null as period_label, null as ytd_text, null as ytd_rag
from kpi_history as h where h.kpi_id = :id
union all
select h.financial_year, h.quarter, h.period_end, h.service, h.name, h.value, h.value_text, h.target_text,
  h.floor_text, h.rag, null, h.previous_rag, h.direction, h.unit, h.lower_is_better, h.page_url,
  h.published_on, h.reference, h.period_label, h.ytd_text, h.ytd_rag
from dashboard_history as h where h.kpi_id = :id
order by period_end
"""


@click.command()
@click.argument("words", nargs=-1)
@click.option("--review", is_flag=True, help="Pairs of names that may be one indicator, for you to decide.")
@click.option("--same", nargs=2, metavar="A B", help="Decide that two indicators are one.")
@click.option("--different", nargs=2, metavar="A B", help="Decide that two indicators, or two names, are two.")
@click.option("--undo", type=int, metavar="N", help="Take decision N back.")
@config_option
@json_option
def kpi(
    config: Config,
    words: tuple[str, ...],
    review: bool,
    same: tuple[str, str] | None,
    different: tuple[str, str] | None,
    undo: int | None,
    as_json: bool,
) -> None:
    """An indicator's history, out of words of its name.

    All whose names hold WORDS, in any order, are drawn; beginnings of words will do, and a number means the
    indicator of that number. A and B are numbers, too, or names as printed.
    """
    asked = [bool(words), review, same is not None, different is not None, undo is not None]
    if sum(asked) != 1:
        raise click.UsageError("say WORDS out of an indicator's name, or one of --review, --same, --different, --undo")
    if same or different:
        _decide(config, same or different or ("", ""), "same" if same else "different", as_json)
    elif undo is not None:
        _undo(config, undo, as_json)
    elif review:
        _review(config, as_json)
    else:
        _histories(config, " ".join(words), as_json)


# --- history -----------------------------------------------------------------


def _histories(config: Config, words: str, as_json: bool) -> None:
    with archive(config) as opened:
        found = [_indicator(opened, number) for number in _found(opened, words)]
    if as_json:
        for one in found:
            print_json(one)
        return
    if not found:
        say(f"no indicator's name holds {plain(words)}")
    several = len({one["council"] for one in found}) > 1
    for at, one in enumerate(found):
        if at:
            say("")
        _draw(one, with_council=several)


def _found(opened: db.Archive, words: str) -> list[int]:
    """The indicators that are meant: by their number, else by words."""
    if re.fullmatch(r"\s*#?\d+\s*", words) and opened.rows(
        "select id from kpis where id = ?", [number := int(words.strip(" #\t"))]
    ):
        return [number]
    hits = opened.search(words, kind="kpi", limit=_MOST, beginnings=True)
    return [hit.kpi_id for hit in hits if hit.kpi_id is not None]


def _indicator(opened: db.Archive, number: int) -> Row:
    """An indicator with its names and its history, oldest edition first."""
    (one,) = opened.rows("select id, council, scope, service, name from kpis where id = ?", [number])
    names = opened.rows(
        "select name from kpi_names where kpi_id = ? and name <> ? order by name", [number, one["name"]]
    )
    history = opened.rows(_HISTORY, {"id": number})
    return {**one, "also_printed_as": [row["name"] for row in names], "history": history}


def _draw(one: Row, *, with_council: bool) -> None:
    where = [one["council"]] if with_council else []
    where += [one["scope"]] if one["scope"] else []
    where += [one["service"]] if one["service"] != one["scope"] else []
    say(f"{plain(one['name'])}  [{one['id']}]")
    say(f"  {plain(', '.join(where))}")
    for name in one["also_printed_as"]:
        say(f"  also printed as: {plain(name)}")
    history = one["history"]
    if not history:
        say("  only in papers that are held back, or that others took the place of")
        return
    say(f"  {_line(history)}")
    _table(history)


def _line(history: Sequence[Row]) -> str:
    """The values as a row of bars between the least and the most."""
    bars = _BARS if _can_show(_BARS) else _ASCII_BARS
    values = [row["value"] for row in history]
    held = [value for value in values if value is not None]
    if not held:
        return "no values printed"
    least, span = min(held), max(held) - min(held)
    level = [
        " " if value is None else bars[round((value - least) / span * (len(bars) - 1)) if span else len(bars) // 2]
        for value in values
    ]
    return f"{''.join(level)}  from {_number(least)} to {_number(max(held))}" if span else "".join(level)


def _table(history: Sequence[Row]) -> None:
    columns = _columns(history)
    rows = [[cell(row) for _, cell in columns] for row in history]
    if not sys.stdout.isatty():
        say("\t".join(name for name, _ in columns))
        for row in rows:
            say("\t".join(plain(cell or "") for cell in row))
        return
    grid = Table(box=SIMPLE_HEAD, pad_edge=False)
    for name, _ in columns:
        grid.add_column(name, overflow="fold", justify="right" if name in _RIGHT else "left")
    for row in rows:
        grid.add_row(*(Text(plain(cell or ""), style=_COLOURS.get(cell or "", "")) for cell in row))
    Console(highlight=False, markup=False, emoji=False).print(grid)


_RIGHT = ("value", "year to date", "target", "floor")
_COLUMNS: tuple[tuple[str, Callable[[Row], str | None]], ...] = (
    ("quarter", lambda row: f"Q{row['quarter']} {row['financial_year']}"),
    ("month", lambda row: row["period_label"]),
    ("no.", lambda row: row["reference"]),
    ("value", lambda row: row["value_text"] or _number(row["value"])),
    ("rating", lambda row: row["rag"]),
    ("year to date", lambda row: row["ytd_text"]),
    ("its rating", lambda row: row["ytd_rag"]),
    ("target", lambda row: row["target_text"]),
    ("floor", lambda row: row["floor_text"]),
    ("direction", lambda row: _direction(row["direction"])),
    ("page", lambda row: row["page_url"]),
)
_ALWAYS = ("quarter", "value", "rating", "target", "floor", "direction", "page")


def _columns(history: Sequence[Row]) -> list[tuple[str, Callable[[Row], str | None]]]:
    """The columns of a report's indicator, and of a dashboard's those in which something is printed."""
    return [(name, cell) for name, cell in _COLUMNS if name in _ALWAYS or any(cell(row) for row in history)]


def _direction(word: str | None) -> str | None:
    if word is None:
        return None
    return f"{_ARROWS[word]} {word}" if _can_show(_ARROWS[word]) else word


def _number(value: float | None) -> str | None:
    return None if value is None else f"{value:,.10g}"


def _can_show(text: str) -> bool:
    try:
        text.encode(sys.stdout.encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return True


# --- review ------------------------------------------------------------------


def _review(config: Config, as_json: bool) -> None:
    with archive(config) as opened:
        proposals = [_proposal(opened, row) for row in opened.rows(_PROPOSALS)]
        decisions = opened.kpi_decisions()
    if as_json:
        for one in proposals:
            print_json({"record": "proposal", **one})
        for decision in decisions:
            fields = {name: getattr(decision, name) for name in decision.__slots__}
            print_json({"record": "decision", **fields, "decided_at": decision.decided_at.isoformat()})
        return
    if not proposals:
        say("nothing to review: no two indicators look alike that are not one")
    for one in proposals:
        _show_proposal(one)
    if proposals:
        say("Decide each with `kccwatch kpi --same A B` or `kccwatch kpi --different A B`.")
    for decision in decisions:
        but = "" if decision.in_force else " (not in force: a paper prints both, or none prints one of them any more)"
        words = {"same": "is one with", "different": "is another than"}[decision.verdict]
        say(plain(f"decision {decision.id}: “{decision.name}” {words} “{decision.other_name}”{but}"))
    if decisions:
        say("Take one back with `kccwatch kpi --undo N`.")


_PROPOSALS = """
select council, kpi_id, other_kpi_id, likeness, why from kpi_proposals order by likeness desc, kpi_id, other_kpi_id
"""


def _proposal(opened: db.Archive, row: Row) -> Row:
    """A pair with all that it takes to decide: names, services, editions, values."""
    return {
        "council": row["council"],
        "likeness": row["likeness"],
        "why": row["why"],
        "indicators": [_indicator(opened, row[name]) for name in ("kpi_id", "other_kpi_id")],
    }


def _show_proposal(one: Row) -> None:
    for indicator in one["indicators"]:
        history = indicator["history"]
        said = [indicator["service"]]
        if history:
            first, last = history[0], history[-1]
            said.append(f"printed {_edition(first)}" + (f" to {_edition(last)}" if last is not first else ""))
            said.append(f"last {_value(last)}")
            if first["previous_text"]:
                rating = f" ({first['previous_rag'].capitalize()})" if first["previous_rag"] else ""
                said.append(f"first with {first['previous_text']}{rating} for the quarter before")
        say(f"{indicator['id']:>5}  {plain(indicator['name'])}")
        say(f"       {plain('; '.join(said))}")
    say(f"       {plain(one['why'])}")
    say("")


def _edition(row: Row) -> str:
    return " ".join(filter(None, [f"Q{row['quarter']} {row['financial_year']}", row["period_label"]]))


def _value(row: Row) -> str:
    value = row["value_text"] or _number(row["value"]) or "no value"
    rating = f", {row['rag'].capitalize()}" if row["rag"] else ""
    target = f", target {row['target_text']}" if row["target_text"] else ""
    return f"{value}{rating}{target}"


# --- decisions ---------------------------------------------------------------


def _decide(config: Config, pair: tuple[str, str], verdict: str, as_json: bool) -> None:
    with archive(config):
        pass  # says so where there is none
    with db.open_archive(config.archive.path) as opened:
        try:
            number = opened.decide_kpis(*pair, verdict, utc_now())
        except Undecidable as error:
            raise click.UsageError(plain(str(error))) from error
    if as_json:
        print_json({"record": "decision", "id": number, "verdict": verdict})
    else:
        how = "one indicator" if verdict == "same" else "two indicators"
        say(f"decision {number}: they are {how} from now on; `kccwatch kpi --undo {number}` takes it back")


def _undo(config: Config, number: int, as_json: bool) -> None:
    with archive(config):
        pass
    with db.open_archive(config.archive.path) as opened:
        if not opened.undo_kpi_decision(number):
            raise click.UsageError(f"there is no decision {number}; `kccwatch kpi --review` lists them")
    if as_json:
        print_json({"record": "undone", "id": number})
    else:
        say(f"decision {number} is taken back")


COMMANDS = (kpi,)
