"""`kccwatch reparse`: stored bytes read again with today's readers."""

from collections import Counter
from dataclasses import asdict

import click

from monitor import reparse as rereading
from monitor.commands.options import config_option, json_option, work
from monitor.commands.output import as_json as print_json
from monitor.commands.output import counted, note, plain, say
from monitor.config import Config
from monitor.reparse import Reread, Result
from parsers.records import Kind


@click.command()
@click.option(
    "--kind", type=click.Choice([kind.value for kind in Kind]), help="Only documents found to be of this kind."
)
@click.option("--apply", is_flag=True, help="Store what changes. Raises no alert.")
@config_option
@json_option
def reparse(config: Config, kind: str | None, apply: bool, as_json: bool) -> None:
    """Read the stored documents again with today's readers.

    Shows value by value what that changes, and changes nothing unless told to.
    """
    with work(config) as job:
        result = rereading.reparse(job, kind=kind, apply=apply)
    (_print_lines if as_json else _print_text)(result)
    if not result.ok:
        raise SystemExit(1)


def _print_lines(result: Result) -> None:
    """One JSON object a change, one for each version that is read otherwise, and a summary."""
    for version in result.versions:
        about = {"version_id": version.version_id, "url": version.url, "kind": version.kind}
        for change in version.changes:
            print_json({"record": "change", **about, **asdict(change)})
        print_json(
            {"record": "outcome", **about, "before": version.before, "after": version.after, "note": version.note}
        )
    for change in result.elsewhere:
        print_json({"record": "change", **asdict(change)})
    print_json(
        {
            "record": "summary",
            "applied": result.applied,
            "read_again": result.read_again,
            "by_older_reader": result.by_older_reader,
            "versions_changed": len(result.versions),
            "hushed": result.hushed,
            "failures": result.failures,
            "ok": result.ok,
        }
    )


def _print_text(result: Result) -> None:
    for version in result.versions:
        _print_version(version)
    if result.elsewhere:
        say("lists and indicators")
        for change in result.elsewhere:
            say(f"  {plain(str(change))}")
    say(_summary(result))
    if result.hushed:
        say(f"{counted('alerts', result.hushed)} that this would have raised: noted, never sent")
    if (result.versions or result.elsewhere) and not result.applied:
        say("nothing is changed yet; `kccwatch reparse --apply` stores it")
    for sentence in result.failures:
        note(f"  {plain(sentence)}")


def _print_version(version: Reread) -> None:
    say(f"{plain(version.title)}  {plain(version.url)}")
    if version.before != version.after:
        say(f"  outcome: {version.before} → {version.after}{f': {plain(version.note)}' if version.note else ''}")
    elif not version.changes:
        say(f"  still {version.after}: {plain(version.note or 'for another reason')}")
    for change in version.changes:
        say(f"  {plain(str(change))}")


def _summary(result: Result) -> str:
    """How much was read again, and what came of it, in a line."""
    whats = Counter(change.what for version in result.versions for change in version.changes)
    whats.update(change.what for change in result.elsewhere)
    worse = sum(version.is_worse for version in result.versions)
    found = [
        f"{len(result.versions)} read otherwise" if result.versions else "all as before",
        *(f"{number} {words}" for what, words in _WHAT.items() if (number := whats[what])),
        *([f"{worse} held back that {'was' if worse == 1 else 'were'} not before"] if worse else []),
    ]
    return (
        f"{counted('versions', result.read_again)} read again,"
        f" {result.by_older_reader} of them by an older reader before: {', '.join(found)}"
    )


_WHAT = {"changed": "values otherwise", "added": "facts more", "removed": "facts fewer"}

COMMANDS = (reparse,)
