"""The units for systemd: accepted by systemd, and in step with the program."""

import shutil
import subprocess
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[1] / "systemd"
UNITS = sorted(path for path in FOLDER.iterdir() if path.suffix in (".service", ".timer"))
SERVICES = [path for path in UNITS if path.suffix == ".service"]

HARDENED = {
    "NoNewPrivileges": "yes",
    "ProtectSystem": "strict",
    "ProtectHome": "yes",
    "PrivateTmp": "yes",
    "PrivateDevices": "yes",
    "CapabilityBoundingSet": "",
    "RestrictNamespaces": "yes",
    "LockPersonality": "yes",
    "SystemCallArchitectures": "native",
}


def settings(unit: Path, section: str = "Service") -> dict[str, list[str]]:
    """A section's settings, each with all its values."""
    found: dict[str, list[str]] = {}
    inside = False
    for line in unit.read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            inside = line == f"[{section}]"
        elif inside and line and not line.startswith("#"):
            name, _, value = line.partition("=")
            found.setdefault(name, []).append(value)
    return found


def analyze(*arguments: str) -> "subprocess.CompletedProcess[str]":
    program = shutil.which("systemd-analyze")
    if program is None:
        pytest.skip("needs systemd-analyze, which is not on this machine")
    return subprocess.run([program, *arguments], capture_output=True, text=True, check=False)


@pytest.mark.parametrize("unit", UNITS, ids=lambda path: path.name)
def test_systemd_accepts_the_unit_without_a_word(unit: Path) -> None:
    verified = analyze("verify", "--man=no", str(unit))

    assert (verified.returncode, verified.stdout, verified.stderr) == (0, "", "")


@pytest.mark.parametrize("unit", SERVICES, ids=lambda path: path.name)
def test_the_unit_is_hardened_as_systemd_sees_it(unit: Path) -> None:
    judged = analyze("security", "--offline=true", "--threshold=20", str(unit))
    if "unrecognized option" in judged.stderr:
        pytest.skip("needs a systemd-analyze that judges files (250 or newer)")

    assert judged.returncode == 0, judged.stdout


@pytest.mark.parametrize("unit", SERVICES, ids=lambda path: path.name)
def test_the_unit_is_hardened_on_paper(unit: Path) -> None:
    found = settings(unit)

    assert {name: found.get(name) for name in HARDENED} == {name: [value] for name, value in HARDENED.items()}
    assert found["SystemCallFilter"] == ["@system-service", "~@privileged"]


def test_the_daemon_is_watched_and_is_not_started_again_with_a_wrong_configuration() -> None:
    found = settings(FOLDER / "kccwatch.service")

    assert found["Type"] == ["notify"] and found["WatchdogSec"] == ["30min"]
    assert found["StateDirectory"] == ["kccwatch"]
    assert found["RestartPreventExitStatus"] == ["2"]  # monitor.cli: the configuration or the call is wrong


def test_units_call_commands_that_there_are_with_options_that_they_have() -> None:
    from monitor.cli import cli

    called = {}
    for unit in SERVICES:
        (line,) = settings(unit)["ExecStart"]
        _, program, command, *arguments = line.split()
        assert program.endswith("/.venv/bin/kccwatch") and arguments[-2] == "--config"
        found = cli.get_command(cli.make_context("kccwatch", ["--", command], resilient_parsing=True), command)  # type: ignore[attr-defined]
        assert found is not None, command
        found.make_context(command, list(arguments), resilient_parsing=True)
        called[unit.name] = command
    assert called == {
        "kccwatch.service": "run",
        "kccwatch-datasette.service": "serve",
        "kccwatch-backup.service": "backup",
    }


def test_the_credential_of_the_unit_is_the_name_in_the_shipped_configuration() -> None:
    from monitor.config import load

    name = "KCCWATCH_NEWSROOM_URL"
    (credential,) = settings(FOLDER / "kccwatch.service")["LoadCredential"]

    assert credential.startswith(f"{name}:")
    off = [channel.off for channel in load(FOLDER.parent / "config.toml", {}).alerts.channels if channel.off]
    assert all(name in reason for reason in off) and len(off) == 1


def test_the_backup_is_made_every_night_also_after_a_night_off() -> None:
    timer = settings(FOLDER / "kccwatch-backup.timer", "Timer")

    assert timer["Persistent"] == ["yes"] and timer["OnCalendar"] == ["*-*-* 03:30:00"]


def test_every_unit_is_named_in_the_instructions() -> None:
    instructions = (FOLDER / "install.md").read_text(encoding="utf-8")

    assert [unit.name for unit in UNITS if unit.name not in instructions] == []
