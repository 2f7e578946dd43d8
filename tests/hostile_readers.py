"""Readers that misbehave as hostile documents make real ones misbehave; run in workers by test_reader.py.

What each document does is its first word.
"""

import os
import signal
import sys
import time
from datetime import date
from pathlib import Path

from parsers.errors import ParseError
from parsers.records import Kind, Outcome, Reading, RiskLevel


def read(body: bytes, *, url: str, media_type: str = "", title: str = "", council: str = "") -> Reading:
    """Do what *body* says; else a plain Reading that repeats what was asked."""
    word = body.split(b" ")[0].decode()
    if word == "segfault":
        os.kill(os.getpid(), signal.SIGSEGV)
    if word == "spin":
        while True:
            pass
    if word == "sleep":
        time.sleep(600)
    if word == "hoard":
        hoard = bytearray(1)
        while True:
            hoard += bytearray(50_000_000)
    if word == "exit":
        os._exit(3)
    if word == "raise":
        raise KeyError("page 3")
    if word == "refuse":
        raise ParseError(f"{url}: expected one table, found 0")
    if word == "nest":
        return read(body, url=url)
    if word == "babble":
        os.write(1, b"\x00" * 8 + b"Consider buying our other product")
        print("and this too", file=sys.stdout, flush=True)
    if word == "write":
        Path(body.split(b" ")[1].decode()).write_text("x" * 100)
    facts = (RiskLevel(as_at=date(2025, 3, 1), low=1, medium=2, high=3, page=os.getpid()),)
    return Reading(
        kind=Kind.OTHER,
        outcome=Outcome.READ,
        parser="hostile",
        parser_version=7,
        title=title or None,
        published_on=date(2025, 3, 4),
        facts=facts,
        text=f"{url} {media_type} {council} {len(body)}",
    )
