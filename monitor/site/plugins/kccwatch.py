"""Our part of the Datasette site: the start page's rows, and the newest snapshot in place of the old."""

import time
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from datasette import hookimpl  # type: ignore[attr-defined]
from datasette.database import Database, QueryInterrupted

from db.datasette import QUERIES

_DATABASE = "archive"
_ROWS = 12  # of each list on the start page

_HEADERS = [
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"strict-origin-when-cross-origin"),
    (b"x-frame-options", b"SAMEORIGIN"),
    # Inline scripts and styles are Datasette's own; nothing is loaded from elsewhere.
    (
        b"content-security-policy",
        b"default-src 'self'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; "
        b"img-src 'self' data:; object-src 'none'; base-uri 'self'; frame-ancestors 'self'",
    ),
]

_LISTS = ("red", "changes", "contradictions", "ombudsman")
# Without what reading again brought: nobody was told.
_TOLD = (
    "select created_at, severity, title, url from alerts where json_extract(evidence, '$.hushed') is null"
    " order by id desc limit 10"
)
_SOURCES = "select source, council, state, reason, last_ok_at, last_new_at from sources order by source, council"
_PUBLISHED = "select max(finished_at) as at from runs where outcome = 'ok'"


@hookimpl
def extra_template_vars(view_name: str, datasette: Any) -> Any:
    """What the start page shows."""
    if view_name != "index":
        return {}

    async def lists() -> dict[str, Any]:
        found = {name: await _rows(datasette, QUERIES[name]["sql"]) for name in _LISTS}
        return {
            "kccwatch": {
                **found,
                "told": await _rows(datasette, _TOLD),
                "sources": await _rows(datasette, _SOURCES),
                "published": await _rows(datasette, _PUBLISHED),
                "councils": datasette.plugin_config("kccwatch")["councils"],
                "most": _ROWS,
            }
        }

    return lists


async def _rows(datasette: Any, sql: str) -> list[dict[str, Any]] | None:
    """The rows of one list; None where it takes too long for a start page."""
    try:
        return [dict(row) for row in (await datasette.get_database(_DATABASE).execute(sql)).rows]
    except QueryInterrupted:
        return None


@hookimpl
def asgi_wrapper(datasette: Any) -> Callable[[Any], Any]:
    """Before each request a look at the snapshot; on each answer our headers."""
    newest = _Newest(datasette)

    def wrap(app: Callable[..., Awaitable[None]]) -> Callable[..., Awaitable[None]]:
        async def wrapped(scope: Any, receive: Any, send: Any) -> None:
            async def send_with_headers(message: Any) -> None:
                if message["type"] == "http.response.start":
                    message = {**message, "headers": [*message.get("headers", ()), *_HEADERS]}
                await send(message)

            if scope["type"] == "http":
                newest.look()
            await app(scope, receive, send_with_headers)

        return wrapped

    return wrap


class _Newest:
    """Sees to it that the site shows the newest snapshot."""

    def __init__(self, datasette: Any) -> None:
        self._datasette = datasette
        self._every: float = datasette.plugin_config("kccwatch")["look_every"]  # seconds between two looks
        self._looked = time.monotonic()
        self._shown = self._identity()

    def look(self) -> None:
        """Swap the database where the file is another one than before. Runs between two requests."""
        if time.monotonic() - self._looked < self._every:
            return
        self._looked = time.monotonic()
        now = self._identity()
        if now is not None and now != self._shown:
            self._shown = now
            self._swap()

    def _identity(self) -> tuple[int, int] | None:
        try:
            found = Path(self._datasette.get_database(_DATABASE).path).stat()
        except (FileNotFoundError, KeyError):
            return None
        return found.st_ino, found.st_mtime_ns

    def _swap(self) -> None:
        path = self._datasette.get_database(_DATABASE).path
        self._datasette.remove_database(_DATABASE)
        newest = Database(self._datasette, path, is_mutable=False)  # type: ignore[no-untyped-call]
        self._datasette.add_database(newest, name=_DATABASE)
        # Threads hold their connection to the old file by the database's name; queries under way end on it.
        old = self._datasette.executor
        self._datasette.executor = ThreadPoolExecutor(max_workers=self._datasette.setting("num_sql_threads"))
        old.shutdown(wait=False)
