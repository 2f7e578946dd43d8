"""Documents are read in child processes, with limits: a hostile one costs itself, nothing else.

A worker that crashes, hangs or takes too much is replaced, and its document comes back
quarantined with the reason. Workers stay alive between documents: starting Python and
loading the readers takes longer than reading most pages.
"""

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from queue import SimpleQueue
from types import TracebackType
from typing import IO, BinaryIO, TypeVar, cast

from monitor import reading
from monitor.errors import MonitorError, Stopped
from monitor.framing import receive, send
from monitor.reader_worker import READY, refused
from parsers.records import Reading

T = TypeVar("T")

_START_SECONDS = 60
_HOME = Path(__file__).parents[1]  # where `monitor` and `parsers` are imported from


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What reading one document may take."""

    memory_mb: int = 2000  # address space: the libraries alone map some hundred
    cpu_seconds: int = 60
    wall_seconds: float = 120
    documents: int = 200  # a worker is replaced after so many: PDF libraries leak


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """What `parsers.parse` is given beside the bytes."""

    url: str
    media_type: str = ""
    title: str = ""
    council: str = ""


class Pool:
    """Some workers. Use as a context manager: its end is theirs."""

    def __init__(self, workers: int | None = None, limits: Limits | None = None, entry: str = "parsers:parse") -> None:
        self._count = workers or min(4, os.cpu_count() or 1)
        self._limits = limits or Limits()
        self._idle: SimpleQueue[_Worker] = SimpleQueue()
        self._all = [_Worker(entry, self._limits) for _ in range(self._count)]
        for worker in self._all:
            self._idle.put(worker)
        self._threads = ThreadPoolExecutor(self._count, thread_name_prefix="reader")

    def __enter__(self) -> "Pool":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is not None:  # nobody waits for the documents that are being read
            for worker in self._all:
                worker.call_off()
        self._threads.shutdown(cancel_futures=True)
        for worker in self._all:
            worker.close()

    def read(self, body: bytes, about: Document) -> Reading:
        """What the readers say of one document; always a Reading, whatever it does to the worker."""
        worker = self._idle.get()
        try:
            return worker.read(body, about)
        finally:
            self._idle.put(worker)

    def read_all(self, documents: Iterable[tuple[T, bytes, Document]]) -> Iterator[tuple[T, Reading]]:
        """Each document's own mark with its Reading, in the order given, read side by side.

        Only a few documents are taken ahead, so that their bytes need not all be in memory.
        """
        ahead: deque[tuple[T, Future[Reading]]] = deque()
        for mark, body, about in documents:
            ahead.append((mark, self._threads.submit(self.read, body, about)))
            if len(ahead) > self._count:
                first, future = ahead.popleft()
                yield first, future.result()
        for mark, future in ahead:
            yield mark, future.result()


class _Worker:
    """One child process, started when it is first needed and again whenever it is gone."""

    def __init__(self, entry: str, limits: Limits) -> None:
        self._entry = entry
        self._limits = limits
        self._process: subprocess.Popen[bytes] | None = None
        self._read = 0
        self._starting = threading.Lock()
        self._called_off = False

    def read(self, body: bytes, about: Document) -> Reading:
        process = self._running()
        timer = _Deadline(process, self._limits.wall_seconds)
        with timer:
            answer = _exchange(*_pipes(process), body, about)
        self._read += 1
        if answer is not None:
            try:
                return reading.loads(answer)
            except (ValueError, KeyError, TypeError) as error:
                self.kill()
                self.close()
                return refused(f"its reader gave an answer that makes no sense: {type(error).__name__}")
        self.kill()
        status = self.close()
        return refused(self._why(status, timer.passed))

    def call_off(self) -> None:
        """End the process now, from another thread than the one that waits for it; start no other."""
        with self._starting:
            self._called_off = True
            self.kill()

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()

    def close(self) -> int:
        """End the process, and say how it ended."""
        if self._process is None:
            return 0
        process, self._process, self._read = self._process, None, 0
        for pipe in (process.stdin, process.stdout):
            _close(pipe)
        try:
            return process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            process.kill()
            return process.wait()

    def _running(self) -> "subprocess.Popen[bytes]":
        if self._process is not None and (self._read >= self._limits.documents or self._process.poll() is not None):
            self.close()
        if self._process is None:
            with self._starting:
                if self._called_off:
                    raise Stopped("the reading was called off")
                self._process = self._started()
            self._await_ready(self._process)
        return self._process

    def _started(self) -> "subprocess.Popen[bytes]":
        limits = [str(self._limits.memory_mb), str(self._limits.cpu_seconds)]
        return subprocess.Popen(  # noqa: S603  our own module
            [sys.executable, "-m", "monitor.reader_worker", self._entry, *limits],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=_HOME,
            env=_environment(),
        )

    def _await_ready(self, process: "subprocess.Popen[bytes]") -> None:
        """A reader that cannot even start is a broken installation, and no document's fault."""
        with _Deadline(process, _START_SECONDS):
            ready = receive(_pipes(process)[1])
        if ready != READY:
            self.kill()
            raise MonitorError(f"the process that reads documents does not start (exit status {self.close()})")

    def _why(self, status: int, too_long: bool) -> str:
        if too_long:
            return f"reading it takes longer than {self._limits.wall_seconds:g} seconds"
        if status == -signal.SIGXCPU:
            return f"reading it takes more than {self._limits.cpu_seconds} seconds of computing"
        if status < 0:
            return f"its reader crashed ({_signal_name(-status)})"
        return f"its reader ended without an answer (exit status {status})"


def _pipes(process: "subprocess.Popen[bytes]") -> tuple[BinaryIO, BinaryIO]:
    """Where questions go in and answers come out."""
    return cast(BinaryIO, process.stdin), cast(BinaryIO, process.stdout)


class _Deadline:
    """Kills the process when the time is up, and remembers having done so."""

    def __init__(self, process: "subprocess.Popen[bytes]", seconds: float) -> None:
        self.passed = False
        self._process = process
        self._timer = threading.Timer(seconds, self._end)
        self._timer.daemon = True

    def __enter__(self) -> None:
        self._timer.start()

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()

    def _end(self) -> None:
        self.passed = True
        self._process.kill()


def _exchange(requests: BinaryIO, answers: BinaryIO, body: bytes, about: Document) -> bytes | None:
    """The worker's answer, or None when it died over it."""
    try:
        send(requests, json.dumps(asdict(about)).encode())
        send(requests, body)
        return receive(answers)
    except (BrokenPipeError, ValueError):  # ValueError: closed under us
        return None


def _environment() -> dict[str, str]:
    """What a worker needs to know of ours, and none of our secrets."""
    kept = ("PATH", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "VIRTUAL_ENV", "PYTHONPATH", "TZ")
    return {name: os.environ[name] for name in kept if name in os.environ} | {"PYTHONDONTWRITEBYTECODE": "1"}


def _close(pipe: IO[bytes] | None) -> None:
    if pipe is not None:
        with contextlib.suppress(OSError):  # what was still to be written has no reader
            pipe.close()


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
