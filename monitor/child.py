"""A crawl as a child process: with a deadline, and never alive without us."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

_HOME = Path(__file__).parents[1]  # where `scrapers` is imported from
_GRACE = 10.0  # seconds between asking a child to end and ending it
_POLL = 0.2
_PR_SET_PDEATHSIG = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """How a child ended."""

    status: int  # its exit status; negative for the signal that ended it
    late: bool = False  # it was ended because its time was up
    called_off: bool = False  # it was ended because we were asked to stop


def run(
    arguments: Sequence[str],
    *,
    seconds: float,
    lock: int,
    answer: IO[bytes],
    log: IO[bytes] | None,
    beat: Callable[[], None],
    stopping: Callable[[], bool],
) -> Ended:
    """Run `python ARGUMENTS` to its end, or end it with all that it started.

    *beat* is called while it runs, a few times a second. The child inherits *lock*, so that
    the archive stays taken should it outlive us for a moment. It writes to *answer*, and its
    log to *log*, or where ours goes.
    """
    process = subprocess.Popen(  # noqa: S603  our own module, named by us
        [sys.executable, *arguments],
        stdin=subprocess.DEVNULL,
        stdout=answer,
        stderr=log,
        cwd=_HOME,
        start_new_session=True,  # a group of its own, which can be ended whole
        pass_fds=[lock],
        preexec_fn=_die_with_parent(os.getpid()),
    )
    deadline = time.monotonic() + seconds
    try:
        while process.poll() is None:
            beat()
            if stopping():
                return Ended(status=_end(process), called_off=True)
            if time.monotonic() > deadline:
                return Ended(status=_end(process), late=True)
            _wait(process)
        return Ended(status=process.returncode)
    finally:
        _kill_group(process)  # after KeyboardInterrupt it still runs


def _wait(process: "subprocess.Popen[bytes]") -> None:
    try:
        process.wait(timeout=_POLL)
    except subprocess.TimeoutExpired:
        return


def _end(process: "subprocess.Popen[bytes]") -> int:
    """Ask the child to finish its request and end; insist after a while."""
    process.terminate()
    try:
        return process.wait(timeout=_GRACE)
    except subprocess.TimeoutExpired:
        _kill_group(process)
        return process.returncode


def _kill_group(process: "subprocess.Popen[bytes]") -> None:
    if process.poll() is None:  # once it is gone and reaped, its number may be another's
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _die_with_parent(parent: int) -> Callable[[], None] | None:
    """What the child does first: have the kernel end it when we die, even by SIGKILL. Linux only.

    "We" is the thread that starts the child; it is the one that waits for it, too.
    """
    if not sys.platform.startswith("linux"):
        return None
    prctl = ctypes.CDLL(None).prctl  # loaded here: after the fork nothing may be

    def first() -> None:
        prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        if os.getppid() != parent:
            os._exit(1)

    return first
