"""What is written about the program is so."""

import re
from pathlib import Path

import click
import pytest

from monitor.cli import cli
from monitor.config import load
from monitor.rules import RULES

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
DESIGNED = (
    *("demo", "once", "run", "crawl", "backfill", "read", "check", "judge", "deliver", "ingest", "parse", "reparse"),
    *("status", "alerts", "mute", "ack", "discrepancies", "kpi", "digest"),
    *("check-config", "test-alert", "serve", "backup"),
)


def commands() -> dict[str, click.Command]:
    context = click.Context(cli)
    assert isinstance(cli, click.Group)
    return {name: found for name in cli.list_commands(context) if (found := cli.get_command(context, name))}


def test_the_commands_are_those_that_were_designed() -> None:
    assert sorted(commands()) == sorted(DESIGNED)


@pytest.mark.parametrize("command", DESIGNED)
def test_the_readme_names_every_command(command: str) -> None:
    assert re.search(rf"kccwatch {command}\b|`{command}[ `…]", README), command


def test_the_readme_names_no_command_that_is_not_there() -> None:
    named = set(re.findall(r"kccwatch ([a-z][a-z-]+)", README))

    assert named - set(DESIGNED) <= {"once"}


@pytest.mark.parametrize("command", DESIGNED)
def test_every_command_says_what_it_does_in_a_line_that_fits(command: str) -> None:
    said = commands()[command].get_short_help_str(limit=60)

    assert said.endswith(".") and not said.endswith("...")


@pytest.mark.parametrize("command", [name for name in DESIGNED if name not in ("demo", "parse")])
def test_every_command_on_an_archive_takes_a_configuration(command: str) -> None:
    options = {option for parameter in commands()[command].params for option in parameter.opts}

    assert "--config" in options


def test_the_shipped_configuration_can_be_used() -> None:
    load(ROOT / "config.toml", {})


def test_the_example_of_a_rule_in_the_shipped_configuration_works(tmp_path: Path) -> None:
    text = (ROOT / "config.toml").read_text(encoding="utf-8")
    example = text.index("# [[rules.custom]]")
    end = text.index("\n\n", example)
    whole = text[:example] + re.sub(r"^# ", "", text[example:end], flags=re.MULTILINE) + text[end:]
    (tmp_path / "config.toml").write_text(whole, encoding="utf-8")

    (rule,) = load(tmp_path / "config.toml", {}).rules.custom
    assert rule.name not in RULES


@pytest.mark.parametrize("folder", ["monitor", "scrapers", "db", "parsers", "demo", "systemd", "tests"])
def test_no_machines_own_paths_are_in_the_code(folder: str) -> None:
    own = re.compile(r"(?<![\w.])/(?:work|root|home/\w+)/")
    kept = (path for path in (ROOT / folder).rglob("*") if path.suffix in (".py", ".toml", ".md", ".html", ".service"))

    assert [str(path) for path in kept if own.search(path.read_text(encoding="utf-8"))] == []


def test_links_inside_the_documentation_lead_somewhere() -> None:
    broken = []
    for page in [ROOT / "README.md", *(ROOT / "docs").glob("*.md"), ROOT / "systemd" / "install.md"]:
        for target in re.findall(r"\]\(([^)#\s]+)", page.read_text(encoding="utf-8")):
            if not target.startswith(("http:", "https:", "mailto:")) and not (page.parent / target).exists():
                broken.append(f"{page.name}: {target}")
    assert broken == []


@pytest.mark.parametrize("package", ["parsers", "db", "scrapers", "monitor", "demo", "bench"])
def test_the_map_of_the_code_shows_every_module(package: str) -> None:
    shown = re.findall(r"`([\w/*.]+)`", (ROOT / "docs" / "code-map.md").read_text(encoding="utf-8"))
    modules = [path.relative_to(ROOT / package) for path in (ROOT / package).rglob("*.py")]

    missing = [path for path in modules if not _is_shown(path, shown)]
    assert [str(path) for path in missing if path.stem not in ("__init__", "__main__")] == []


def _is_shown(module: Path, shown: list[str]) -> bool:
    """By its name, or by that of a folder which it is in."""
    folders = [f"{folder.as_posix()}/" for folder in module.parents]
    return any(module.match(name) if name.endswith(".py") else name in folders for name in shown)


def test_the_map_of_the_code_shows_nothing_that_is_gone() -> None:
    shown = re.findall(r"`([\w/*]+\.(?:py|sql)|[\w/]+/)`", (ROOT / "docs" / "code-map.md").read_text(encoding="utf-8"))
    packages = ("parsers", "db", "scrapers", "monitor", "demo", "bench", "tests")
    homes = [ROOT, *(ROOT / package for package in packages)]
    inside = [*homes, *(folder for home in homes[1:] for folder in home.rglob("*") if folder.is_dir())]

    assert [name for name in shown if not any(any(home.glob(name.rstrip("/"))) for home in inside)] == []
