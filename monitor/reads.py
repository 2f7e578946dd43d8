"""Asking the archive: all that checks, letters and comparing need of it."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

Row = Mapping[str, Any]


class Reads(Protocol):
    """As much of `db.Archive` as who only reads needs."""

    def rows(self, sql: str, params: Sequence[Any] | Mapping[str, Any] = (), /) -> Sequence[Row]:
        """What a select returns."""
        ...
