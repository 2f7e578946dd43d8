"""The process that reads documents for `monitor.reader`: bytes in, a Reading out, over and over.

It opens no file, no socket and no archive. Its limits are set before the first document;
the one on CPU time is moved on before each, so that a long life is not held against it.
"""

import contextlib
import importlib
import json
import os
import resource
import signal
import sys
from collections.abc import Callable
from typing import Any, BinaryIO

from monitor import reading
from monitor.framing import receive, send
from parsers.errors import ParseError
from parsers.records import Kind, Outcome, Reading

READY = b"ready"  # said once, before the first document
_MEGABYTE = 1_000_000


def main(entry: str, memory_mb: int, cpu_seconds: int) -> None:
    """Answer requests on standard input until it ends."""
    requests, answers = sys.stdin.buffer, _only_we_answer()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, which then closes our input
    _limit(memory_mb)
    read = _function(entry)
    send(answers, READY)
    while (header := receive(requests)) is not None:
        body = receive(requests)
        if body is None:
            return
        _allow_cpu(cpu_seconds)
        send(answers, reading.dumps(_read(read, body, json.loads(header), memory_mb)))


def _read(read: Callable[..., Reading], body: bytes, about: dict[str, Any], memory_mb: int) -> Reading:
    """What *read* says of the document; a reader that fails has found something that nobody foresaw."""
    try:
        return read(body, **about)
    except ParseError as error:  # its reader says what it expected and what it found
        return refused(str(error), Outcome.FAILED)
    except MemoryError:
        return refused(f"reading it takes more than {memory_mb} MB of memory")
    except RecursionError:
        return refused("it is nested too deeply to be read")
    except Exception as error:  # noqa: BLE001  one document's fault must not end the reading of the others
        return refused(f"its reader failed: {type(error).__name__}: {error}"[:500])


def refused(note: str, outcome: Outcome = Outcome.QUARANTINED) -> Reading:
    """The reading of a document that could not be read to its end."""
    return Reading(kind=Kind.OTHER, outcome=outcome, parser="reader", parser_version=0, note=note)


def _function(entry: str) -> Callable[..., Reading]:
    module, _, name = entry.partition(":")
    function: Callable[..., Reading] = getattr(importlib.import_module(module), name)
    return function


def _only_we_answer() -> BinaryIO:
    """The pipe to the parent, and standard output turned away from it: libraries print things."""
    pipe = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    return pipe


def _limit(memory_mb: int) -> None:
    """No more memory than *memory_mb*, no core dumps, nothing written to disk."""
    _set(resource.RLIMIT_AS, memory_mb * _MEGABYTE)
    _set(resource.RLIMIT_CORE, 0)
    _set(resource.RLIMIT_FSIZE, 0)


def _allow_cpu(seconds: int) -> None:
    """So much CPU time from now on; past it, the kernel ends the process with SIGXCPU."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    spent = int(used.ru_utime + used.ru_stime) + 1
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_CPU, (spent + seconds, hard))


def _set(limit: int, value: int) -> None:
    _, hard = resource.getrlimit(limit)
    value = value if hard == resource.RLIM_INFINITY else min(value, hard)
    with contextlib.suppress(ValueError, OSError):  # a system that has no such limit
        resource.setrlimit(limit, (value, value))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
