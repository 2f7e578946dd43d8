"""`check-config` looks at the archive, too: a good configuration is of no use beside one that cannot be worked with."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

import db
from monitor.cli import main
from tests.test_kpi_command import CONFIG


def checked(folder: Path, capsys: pytest.CaptureFixture[str]) -> tuple[object, str]:
    (folder / "config.toml").write_text(CONFIG, encoding="utf-8")
    with pytest.raises(SystemExit) as end:
        main(["check-config", "--config", str(folder / "config.toml")])
    return end.value.code, capsys.readouterr().err


@pytest.mark.parametrize(("version", "status"), [(999, 2), (0, 0), (None, 0)])
def test_an_archive_of_a_newer_program_is_told_and_an_older_one_is_no_trouble(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], version: int | None, status: int
) -> None:
    with db.open_archive(tmp_path / "archive"):
        pass
    if version is not None:
        with closing(sqlite3.connect(tmp_path / "archive" / "archive.db")) as connection:
            connection.execute(f"pragma user_version = {version}")
    ended, said = checked(tmp_path, capsys)
    assert ended == status
    assert ("schema version 999" in said) == (status != 0)


def test_another_database_in_the_archives_place_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "archive").mkdir()
    with closing(sqlite3.connect(tmp_path / "archive" / "archive.db")) as connection:
        connection.execute("create table theirs (a)")
    ended, said = checked(tmp_path, capsys)
    assert ended == 2
    assert "not an archive of this program" in said


def test_where_there_is_no_archive_yet_none_is_made(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert checked(tmp_path, capsys)[0] == 0
    assert not (tmp_path / "archive").exists()
