"""One cycle at a time: a lock on the archive that the system lets go of when its holder dies."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from monitor.errors import Busy, Unusable

PATIENCE = 5.0  # seconds; a crawl whose parent was killed is gone within this time
_POLL = 0.1


@contextmanager
def only_one(archive: Path, patience: float | None = None) -> Iterator[int]:
    """Hold the archive's lock for the block; its descriptor, for children that should keep it held too.

    Raises Busy, naming the process, when another one does not let go within *patience* (PATIENCE) seconds.
    """
    try:
        archive.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(archive / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    except OSError as error:
        raise Unusable(f"{archive}: cannot be used as the archive's folder: {error.strerror}") from error
    try:
        _acquire(descriptor, archive, PATIENCE if patience is None else patience)
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
        yield descriptor
    finally:
        os.close(descriptor)


def _acquire(descriptor: int, archive: Path, patience: float) -> None:
    deadline = time.monotonic() + patience
    while True:
        try:
            return fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= deadline:
                raise Busy(
                    f"{archive}: another kccwatch{_holder(descriptor)} is at work there; try again later"
                ) from None
            time.sleep(_POLL)


def _holder(descriptor: int) -> str:
    number = os.pread(descriptor, 20, 0).decode("ascii", "replace").strip()
    return f" (process {number})" if number.isdigit() else ""
