"""Readers for tests of reading again: a document's bytes hold what each version of a reader says of it."""

import json
import os
import signal

from monitor import reading
from parsers.records import Reading


def body(first: Reading, again: Reading) -> bytes:
    """A document of which the reader said one thing, and says another today."""
    return json.dumps([reading.dumps(first).decode(), reading.dumps(again).decode()]).encode()


def again(body: bytes, *, url: str, media_type: str = "", title: str = "", council: str = "") -> Reading:
    """What the reader says today."""
    if b"segfault" in body:
        os.kill(os.getpid(), signal.SIGSEGV)
    return reading.loads(json.loads(body)[1].encode())


def as_before(body: bytes, *, url: str, media_type: str = "", title: str = "", council: str = "") -> Reading:
    """What the reader said when the document was first read."""
    return reading.loads(json.loads(body)[0].encode())
