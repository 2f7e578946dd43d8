"""A crawl is a child that ends in time, with us, and with all that it started."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from monitor import child
from monitor.errors import Busy
from monitor.lock import only_one

ROOT = Path(__file__).parents[1]
SLEEPS = ["-c", "import time; time.sleep(60)"]
DEAF = ["-c", "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(flush=True); time.sleep(60)"]


def run(
    arguments: list[str], folder: Path, *, seconds: float = 30, stopping: Callable[[], bool] = lambda: False
) -> tuple[child.Ended, str]:
    """Run a child to its end; how it ended, and what it wrote."""
    with only_one(folder) as lock, tempfile.TemporaryFile() as answer:
        ended = child.run(
            arguments, seconds=seconds, lock=lock, answer=answer, log=None, beat=lambda: None, stopping=stopping
        )
        answer.seek(0)
        return ended, answer.read().decode()


def until(true: Callable[[], bool], seconds: float = 20) -> bool:
    """Whether something becomes true in time."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if true():
            return True
        time.sleep(0.02)
    return False


@pytest.mark.parametrize("status", [0, 1, 2, 7])
def test_a_childs_exit_status_is_told(tmp_path: Path, status: int) -> None:
    ended, said = run(["-c", f"print('all right'); raise SystemExit({status})"], tmp_path)

    assert (ended, said) == (child.Ended(status=status), "all right\n")


def test_a_child_that_crashes_is_told_by_its_signal(tmp_path: Path) -> None:
    ended, _ = run(["-c", "import os; os.abort()"], tmp_path)

    assert ended.status == -signal.SIGABRT


def test_a_child_past_its_deadline_is_ended(tmp_path: Path) -> None:
    began = time.monotonic()
    ended, _ = run(SLEEPS, tmp_path, seconds=0.3)

    assert ended.late and ended.status == -signal.SIGTERM
    assert time.monotonic() - began < 10


def test_a_child_that_does_not_listen_is_ended_with_what_it_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(child, "_GRACE", 0.3)
    starts_another = (
        "import signal, subprocess, sys, time; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
        "other = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)']);"
        "print(other.pid, flush=True); time.sleep(60)"
    )
    ended, said = run(["-c", starts_another], tmp_path, seconds=3)

    assert ended.status == -signal.SIGKILL
    assert until(lambda: _gone(int(said)))


def test_a_child_is_ended_when_we_are_told_to_stop(tmp_path: Path) -> None:
    ended, _ = run(SLEEPS, tmp_path, stopping=lambda: True)

    assert ended.called_off and not ended.late


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux ends a child with its parent")
def test_a_child_does_not_outlive_a_parent_that_is_killed(tmp_path: Path) -> None:
    parent = (
        "import pathlib, sys, tempfile; from monitor import child; from monitor.lock import only_one\n"
        f"with only_one(pathlib.Path({str(tmp_path)!r})) as lock:\n"
        "    child.run(['-c', 'import os, time; print(os.getpid(), flush=True); time.sleep(60)'],\n"
        "              seconds=60, lock=lock, answer=sys.stdout.buffer, log=None, beat=lambda: None,\n"
        "              stopping=lambda: False)\n"
    )
    with subprocess.Popen([sys.executable, "-c", parent], cwd=ROOT, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        grandchild = int(process.stdout.readline())
        process.kill()
        process.wait()

        assert until(lambda: _gone(grandchild))
    with only_one(tmp_path):
        pass  # and so the archive is free again


def test_a_second_program_is_told_who_is_at_work(tmp_path: Path) -> None:
    busy = rf"another kccwatch \(process {os.getpid()}\) is at work"
    with only_one(tmp_path), pytest.raises(Busy, match=busy), only_one(tmp_path, patience=0.1):
        pass


def test_the_lock_is_free_after_the_work_whatever_came_of_it(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), only_one(tmp_path):
        raise ZeroDivisionError
    with only_one(tmp_path, patience=0):
        pass


def _gone(process: int) -> bool:
    """Whether a process has ended; one that waits to be reaped by somebody else has."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except (FileNotFoundError, ProcessLookupError):
        return True
