"""Posting JSON to somebody's server, once: what came of it, as exactly as can be known.

Apprise tells a refused connection and a lost answer by the same words. Whether the data had gone out
decides whether the next attempt may be a repeat, so what we post ourselves we post with httpx.
"""

import json
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import httpx

from monitor.delivery.outcomes import UNSURE, NotSent, Outcome, Sent

CONNECT_SECONDS = 10.0
ANSWER_SECONDS = 30.0
LONGEST_WAIT = timedelta(days=1)
_ANSWER_BYTES = 20_000  # of an answer that are looked at
_ABOUT_THE_MESSAGE = {400, 413, 422}


def post(
    url: str,
    body: Any,
    *,
    method: str = "POST",
    headers: Mapping[str, str] | None = None,
    params: Mapping[str, str] | None = None,
    auth: tuple[str, str] | None = None,
    verify: bool = True,
    accepted: Callable[[str], bool] = lambda _: True,
) -> Outcome:
    """Send *body* as JSON; *accepted* tells from the text of a good answer whether it is one."""
    until = time.monotonic() + CONNECT_SECONDS + ANSWER_SECONDS
    times = httpx.Timeout(ANSWER_SECONDS, connect=CONNECT_SECONDS)
    data = json.dumps(body, ensure_ascii=True).encode()
    sending = {"User-Agent": "kccwatch", "Content-Type": "application/json; charset=utf-8"} | dict(headers or {})
    try:
        with (
            httpx.Client(timeout=times, verify=verify, follow_redirects=False) as client,
            client.stream(method, url, content=data, headers=sending, params=params or None, auth=auth) as answer,
        ):
            said = _read(answer, until)
            return _judged(answer.status_code, answer.headers, said, accepted)
    except (httpx.ReadTimeout, _TooSlow):
        return NotSent(UNSURE, maybe=True)
    except (httpx.ReadError, httpx.RemoteProtocolError):
        return NotSent("the connection ended before an answer came; it may have arrived", maybe=True)
    except (httpx.ConnectError, httpx.ConnectTimeout) as error:
        return NotSent(f"no connection to {httpx.URL(url).host}: {error or 'no answer in time'}")
    except (httpx.HTTPError, httpx.InvalidURL) as error:  # before all of it was handed over
        return NotSent(f"{type(error).__name__}: {error}" if str(error) else type(error).__name__)


class _TooSlow(Exception):
    """The answer comes a byte at a time."""


def _read(answer: httpx.Response, until: float) -> str:
    kept = b""
    for piece in answer.iter_bytes():
        kept += piece
        if len(kept) >= _ANSWER_BYTES:
            break
        if time.monotonic() > until:
            if answer.is_success:
                raise _TooSlow
            break
    return kept[:_ANSWER_BYTES].decode("utf-8", "replace")


def _judged(status: int, headers: Mapping[str, str], said: str, accepted: Callable[[str], bool]) -> Outcome:
    if 200 <= status < 300:
        if accepted(said):
            return Sent()
        return NotSent(f"answered {status}, and not that it was accepted: {_short(said)}", about_message=True)
    why = f"HTTP {status}" + (f": {_short(said)}" if said.strip() and status < 500 else "")
    return NotSent(why, about_message=status in _ABOUT_THE_MESSAGE, wait=_wait(headers.get("Retry-After")))


def _short(said: str) -> str:
    return " ".join(said.split())[:200]


def _wait(text: str | None) -> timedelta | None:
    """How long "Retry-After" asks to wait: seconds, or a date. None where it says nothing that makes sense."""
    if not text:
        return None
    if text.strip().isdigit():
        asked = timedelta(seconds=min(int(text.strip()[:9]), LONGEST_WAIT.total_seconds()))
    else:
        try:
            asked = parsedate_to_datetime(text) - datetime.now(UTC)
        except (ValueError, TypeError):
            return None
    return min(max(asked, timedelta(0)), LONGEST_WAIT)
