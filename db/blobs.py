"""Response bodies, each once, as files named by their SHA-256.

A body is whole or not there: it is written beside its place, flushed to the disk and
then renamed; and it is there before any row speaks of it. What is read is checked.
"""

import hashlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

from db.errors import Damaged


class Blobs:
    """The folder `blobs/`: two levels of folders, so that none grows too large to list."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._unfinished = folder / ".unfinished"

    def path(self, sha256: str) -> Path:
        """Where the body with this hash stands, or would stand."""
        if len(sha256) != 64 or not set(sha256) <= set("0123456789abcdef"):
            raise ValueError(f"not a SHA-256: {sha256!r}")
        return self.folder / sha256[:2] / sha256[2:4] / sha256

    def put(self, body: bytes) -> str:
        """Keep *body*; its hash. A file that was damaged since is written anew."""
        sha256 = hashlib.sha256(body).hexdigest()
        place = self.path(sha256)
        if not _holds(place, body):
            _make_folder(place.parent)
            _make_folder(self._unfinished)
            write_whole(place, body, beside=self._unfinished)
        return sha256

    def get(self, sha256: str) -> bytes:
        """The body, proven by its hash. Raises Damaged."""
        place = self.path(sha256)
        try:
            body = place.read_bytes()
        except FileNotFoundError as error:
            raise Damaged(place, "this body is missing; restore it from a backup") from error
        if hashlib.sha256(body).hexdigest() != sha256:
            raise Damaged(place, "this body is not what was written; restore it from a backup")
        return body

    def any(self) -> bool:
        """Whether a single body is there."""
        return next(self._files(), None) is not None

    def sweep(self) -> None:
        """Remove what a killed writer left unfinished. Only for who holds the write lock."""
        if self._unfinished.is_dir():
            for leftover in self._unfinished.iterdir():
                leftover.unlink(missing_ok=True)

    def _files(self) -> Iterator[Path]:
        return self.folder.glob("[0-9a-f][0-9a-f]/[0-9a-f][0-9a-f]/*")


def write_whole(place: Path, body: bytes, *, beside: Path) -> None:
    """Write *place* so that it is never seen half-written, also after a power cut."""
    descriptor, name = tempfile.mkstemp(dir=beside)
    unfinished = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(body)
            file.flush()
            os.fchmod(file.fileno(), 0o644)
            os.fsync(file.fileno())
        unfinished.replace(place)
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise
    sync_folder(place.parent)


def sync_folder(folder: Path) -> None:
    """Make sure that the names in *folder* are on the disk too, not only what they stand for."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _make_folder(folder: Path) -> None:
    if not folder.is_dir():
        _make_folder(folder.parent)
        folder.mkdir(exist_ok=True)
        sync_folder(folder.parent)


def _holds(place: Path, body: bytes) -> bool:
    try:
        return place.stat().st_size == len(body) and place.read_bytes() == body
    except FileNotFoundError:
        return False
