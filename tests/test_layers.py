"""Imports point one way: monitor -> scrapers -> db -> parsers."""

import ast
import importlib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
MAY_IMPORT: dict[str, set[str]] = {
    "parsers": set(),
    "db": {"parsers"},
    "scrapers": {"parsers", "db"},
    "monitor": {"parsers", "db", "scrapers", "demo"},
    "demo": set(),  # an independent hand: what it draws must not follow what the readers expect
}
WRITES = ("insert into ", "insert or ", "update ", "delete from ", "create table ", "drop table ", "alter table ")


def modules(package: str) -> list[Path]:
    return sorted((ROOT / package).rglob("*.py"))


def imported(path: Path) -> Iterator[str]:
    """Top-level names of what a module imports, also inside functions; not what is only for types."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=names):
                yield from (name.name.partition(".")[0] for name in names)
            case ast.ImportFrom(module=str(module), level=0):
                yield module.partition(".")[0]
            case ast.ImportFrom(level=level) if level:
                yield path.relative_to(ROOT).parts[0]


@pytest.mark.parametrize("package", MAY_IMPORT)
def test_imports_point_one_way(package: str) -> None:
    assert modules(package)
    for path in modules(package):
        ours = set(imported(path)) & (MAY_IMPORT.keys() | {"tests", "bench"})
        assert ours <= MAY_IMPORT[package] | {package}, f"{path.relative_to(ROOT)} imports {sorted(ours)}"


def test_only_the_demo_command_knows_the_replica() -> None:
    knowing = [path.relative_to(ROOT).as_posix() for path in modules("monitor") if "demo" in set(imported(path))]
    assert len(knowing) <= 1, f"{knowing}: one command starts the replica, nothing else"


@pytest.mark.parametrize("package", ["parsers", "scrapers", "monitor"])
def test_only_db_holds_sql_that_writes(package: str) -> None:
    for path in modules(package):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                text = node.value.strip().lower()
                assert not (text.startswith(WRITES) and (" set " in text or " values" in text or " from " in text)), (
                    f"{path.relative_to(ROOT)}:{node.lineno} writes to the archive by itself"
                )


@pytest.mark.parametrize("package", ["parsers", "scrapers", "monitor", "demo"])
def test_only_db_opens_databases(package: str) -> None:
    for path in modules(package):
        assert not {"sqlite3", "sqlite_utils"} & set(imported(path)), f"{path.relative_to(ROOT)} opens databases"


def test_parsers_do_no_io() -> None:
    forbidden = {
        "socket",
        "urllib3",
        "requests",
        "httpx",
        "scrapy",
        "sqlite3",
        "subprocess",
        "tempfile",
        "shutil",
        "time",
    }
    for path in modules("parsers"):
        assert not forbidden & set(imported(path)), path.relative_to(ROOT)


@pytest.mark.parametrize("package", MAY_IMPORT)
def test_no_installed_package_shadows_ours(package: str) -> None:
    module = importlib.import_module(package)
    assert module.__file__ is not None and Path(module.__file__).parent == ROOT / package
