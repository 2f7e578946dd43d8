"""Rules of the operator's own: what they may do, and what is said of their mistakes before they are trusted."""

import tomllib
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from db import open_archive
from monitor import steps, toml_lines
from monitor.config import load
from monitor.errors import ConfigError
from monitor.rules import judge
from tests.desk import NOW, Desk
from tests.test_checks import RED, measured
from tests.test_config import SMALL

ROOT = Path(__file__).parents[1]

EXAMPLE = """
[[rules.custom]]
name = "ehcp-below-40"
severity = "high"
sql = "select kpi_id as key, name, value, page_url from kpi_history \
where name like '%EHCP%' and value < 40 and is_latest"
title = "{name}: {value}%"
"""


def problems(tmp_path: Path, text: str) -> list[str]:
    (tmp_path / "config.toml").write_text(SMALL + text, encoding="utf-8")
    with pytest.raises(ConfigError) as wrong:
        load(tmp_path / "config.toml", {})
    return wrong.value.problems


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with open_archive(tmp_path / "archive") as archive:
        yield Desk(archive)


def test_a_rule_from_the_configuration_raises_its_alerts_once(desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text(SMALL + EXAMPLE, encoding="utf-8")
    settings = steps.rule_settings(load(tmp_path / "config.toml", {}))
    plans = measured("34%", "60%", "55%", RED, name="EHCPs issued within 20 weeks", previous_rag=RED)
    desk.edition([plans, measured("34%", "60%", "55%", RED, name="Bins", previous_rag=RED)])
    (alert,) = [one for one in desk.due(settings) if one.rule == "ehcp-below-40"]
    assert (alert.title, alert.severity) == ("EHCPs issued within 20 weeks: 34%", "high")
    assert alert.url == "https://democracy.example.org/documents/s1/Appendix.pdf#page=9"
    assert desk.due(settings) == []


def test_a_row_that_says_when_it_was_published_is_no_alert_when_that_is_long_ago(desk: Desk, tmp_path: Path) -> None:
    sql = "select kpi_id || published_on as key, name, published_on from kpi_history"
    own = f'[[rules.custom]]\nname = "own"\nseverity = "low"\nsql = "{sql}"\ntitle = "{{name}}"\n'
    (tmp_path / "config.toml").write_text(SMALL + own, encoding="utf-8")
    settings = steps.rule_settings(load(tmp_path / "config.toml", {}))
    row = measured("34%", "60%", "55%", RED)
    desk.edition([row], quarter=1, published=date(2026, 9, 20))
    desk.edition([row])
    assert [one.key[1:] for one in judge(desk.archive, settings, NOW) if one.rule == "own"] == ["2026-12-03"]


@pytest.mark.parametrize(
    "sql",
    [
        "attach database 'x.db' as x",
        "select 1 as key; attach 'x.db' as x",
        "pragma journal_mode = delete",
        "select name as key from pragma_table_info('alerts')",
        "select load_extension('x') as key",
        "select 1 as key, readfile('/etc/hostname') as n",
        "select writefile('x', 'y') as key",
        "select edit('x') as key",
        "insert into alerts (rule) values ('x') returning id as key",
        "update runs set job = 'x' returning id as key",
        "delete from runs",
        "drop table runs",
        "create temp table t (x)",
        "vacuum into 'x.db'",
        "begin",
        "with recursive n(x) as (select 1 union all select x + 1 from n) select max(x) as key from n",
        "",
        ";",
        "select key from (select 1 as key)) as q on 0 left join (select 1 as y",
    ],
)
def test_sql_may_read_the_archive_and_nothing_else(tmp_path: Path, sql: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("monitor.custom_rules._SECONDS", 0.2)
    monkeypatch.chdir(tmp_path)
    own = f"[[rules.custom]]\nname = 'own'\nseverity = 'low'\nsql = '''{sql}'''\ntitle = 'x'\n"
    assert any(problem.startswith("rules.custom[0].sql: ") for problem in problems(tmp_path, own))
    assert {path.name for path in tmp_path.iterdir()} == {"config.toml"}


def lines(tmp_path: Path, own: str) -> list[str]:
    """What is said of the mistakes in *own*, with the lines counted from its beginning."""
    first = SMALL.count("\n") + 1
    said = []
    for problem in problems(tmp_path, own):
        assert problem.endswith(")")
        what, _, where = problem.rpartition(" (")
        head, _, number = where.rstrip(")").rpartition("line ")
        said.append(f"{what} | {head}{int(number) - first + 1}")
    return said


def test_mistakes_are_told_with_the_rules_name_and_the_line(tmp_path: Path) -> None:
    own = '''[[rules.custom]]
name = "mine"
severity = "low"
title = "{nmae}"
sql = """
select name, -- no key
  value
from kpi_history"""
body = "{% if %}"

[[rules.custom]] # of two
severity = "high"
name = 'yours'
sql = """select id as key,
  nope
from documents"""
title = "x"
'''
    assert [
        line.partition(": ")[2].split(" |")[0][:30] + line[line.index(" |") :] for line in lines(tmp_path, own)
    ] == [
        'returns no column `key`, which | rule "mine", 5',
        'the query returns no column `n | rule "mine", 4',
        'Expected an expression, got \'e | rule "mine", 9',
        'the query was refused: no such | rule "yours", 15',
    ]


def test_what_is_wrong_with_a_key_or_missing_has_its_line_too(tmp_path: Path) -> None:
    own = '[[rules.custom]]\nname = "mine"\nseverity = "urgent"\nsql = "select 1 as key"\ncolour = "red"\n'
    assert [(line.partition(":")[0], line.rpartition(", ")[2]) for line in lines(tmp_path, own)] == [
        ("rules.custom[0].severity", "3"),
        ("rules.custom[0].title", "1"),
        ("rules.custom[0].colour", "5"),
    ]


def test_rules_in_one_list_are_told_by_the_list_s_line(tmp_path: Path) -> None:
    own = '[rules]\n\ncustom = [{name = "a", severity = "low", sql = "select 2", title = "x"}]\n'
    (said,) = lines(tmp_path, own)
    assert said.endswith('| rule "a", 3')


def test_the_lines_of_all_that_the_shipped_file_says_are_known() -> None:
    text = (ROOT / "config.toml").read_text(encoding="utf-8")
    known = toml_lines.places(text)

    def walk(value: Any, path: str) -> Iterator[str]:
        if isinstance(value, dict):
            for key, inner in value.items():
                yield from walk(inner, f"{path}.{key}" if path else key)
        elif isinstance(value, list) and value and isinstance(value[0], dict):
            for number, inner in enumerate(value):
                yield from walk(inner, f"{path}[{number}]")
        else:
            yield path

    paths = list(walk(tomllib.loads(text), ""))
    assert len(paths) > 20
    for path in paths:
        assert text.splitlines()[known[path].line - 1].strip().startswith(path.rpartition(".")[2]), path


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("a = '''x\n[[rules.custom]]\n'''\nb = 1", {"a": 1, "b": 4}),
        ('a = """x \\""" y\nb = 2"""\nb = 1', {"a": 1, "b": 3}),
        ("a = [ # ]\n  1, '#', \"]\",\n]\nb = 1", {"a": 1, "b": 4}),
        (
            "\n\n[x.'y z']\n\"k\" = 1 # c\n[[x.l]]\nm = {n = 1}\n[[x.l]]\nm = 2",
            {"x.y z.k": 4, "x.l[0].m": 6, "x.l[1].m": 8},
        ),
        ("[[a]]\n[[a.b]]\nc = 1\n[[a.b]]\nc = 2\n[[a]]\n[a.d]\ne = 1", {"a[0].b[1].c": 5, "a[1].d.e": 8}),
        ('a = """"quoted""""\nb.c = 1', {"a": 1, "b.c": 2}),
    ],
)
def test_lines_are_counted_past_all_that_toml_allows(text: str, where: dict[str, int]) -> None:
    tomllib.loads(text)
    assert {path: place.line for path, place in toml_lines.places(text).items() if path in where} == where
