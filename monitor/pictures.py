"""Pictures of places in papers, for alerts: the row as it was published, what the alert quotes outlined.

PDFs are hostile, so the drawing is done in a child process with limits (`python -m
monitor.pictures`): the paper in through its standard input, PNGs out.
"""

import contextlib
import io
import json
import logging
import os
import resource
import subprocess
import sys
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from monitor.framing import receive, send
from parsers.pdf import Word, open_pdf, render
from parsers.records import Bbox

ROW_DPI = 110
PAGE_DPI = 70  # a whole page, where only the page is known

_LATEST = {"latest", "actual", "result", "value"}  # the word before the figure that an alert quotes
_SECONDS = 30.0  # wall time for all pictures of one paper
_CPU_SECONDS = 20
_MEMORY = 1_500_000_000  # bytes of address space
_HOME = Path(__file__).parents[1]  # where `monitor` and `parsers` are imported from

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Place:
    """Where in which bytes."""

    sha256: str
    page: int  # from 1
    bbox: Bbox | None  # None for the whole page
    marks: tuple[str, ...] = ()  # printed texts in the box that are to be outlined, where they can be told


def place(evidence: Mapping[str, Any], marks: tuple[str, ...] = ()) -> Place | None:
    """The place that an alert's evidence names; None where it names no page of a stored paper."""
    sha256, page, bbox = evidence.get("sha256"), evidence.get("page"), evidence.get("bbox")
    if not isinstance(sha256, str) or not isinstance(page, int) or page < 1:
        return None
    if isinstance(bbox, str):
        with contextlib.suppress(ValueError):
            bbox = json.loads(bbox)
    if isinstance(bbox, list) and len(bbox) == 4 and all(isinstance(x, int | float) for x in bbox):
        x0, y0, x1, y1 = bbox
        return Place(sha256, page, (x0, y0, x1, y1), marks)
    return Place(sha256, page, None)


def draw(places: Iterable[Place], blob: Callable[[str], bytes]) -> dict[Place, bytes]:
    """PNGs of those places that can be drawn. What cannot be drawn is left out: an alert goes without."""
    papers: dict[str, list[Place]] = defaultdict(list)
    for wanted in dict.fromkeys(places):
        papers[wanted.sha256].append(wanted)
    found: dict[Place, bytes] = {}
    for sha256, here in papers.items():
        body = blob(sha256)
        if body[:1024].lstrip().startswith(b"%PDF-"):
            found |= {p: png for p, png in zip(here, _drawn(body, here), strict=False) if png}
            if missing := [p for p in here if p not in found]:
                log.warning("no picture of page %s of %s", ", ".join(str(p.page) for p in missing), sha256[:12])
    return found


def _drawn(body: bytes, places: list[Place]) -> list[bytes]:
    """The pictures, b"" for one that failed; fewer than asked for when the child died over one."""
    question = io.BytesIO()
    send(question, body)
    send(question, json.dumps([[p.page, p.bbox, p.marks] for p in places]).encode())
    kept = ("PATH", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "VIRTUAL_ENV", "PYTHONPATH")
    child = subprocess.Popen(
        [sys.executable, "-m", "monitor.pictures"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd=_HOME,
        env={name: os.environ[name] for name in kept if name in os.environ},  # none of our secrets
    )
    with child:
        try:
            answer, _ = child.communicate(question.getvalue(), timeout=_SECONDS)
        except subprocess.TimeoutExpired:
            child.kill()
            answer, _ = child.communicate()
        finally:
            child.kill()
    pipe = io.BytesIO(answer)
    return list(iter(lambda: receive(pipe), None))


def main(question: BinaryIO, answers: BinaryIO) -> None:
    """The child: one paper and its places in, their pictures out."""
    _limit()
    body, places = receive(question), receive(question)
    if body is None or places is None:
        return
    for page, bbox, marks in json.loads(places):
        send(answers, _picture(body, page, tuple(bbox) if bbox else None, marks))


def _picture(body: bytes, page: int, bbox: Bbox | None, marks: Sequence[str]) -> bytes:
    try:
        if bbox is None:
            return render(body, page, None, dpi=PAGE_DPI)
        return render(body, page, bbox, dpi=ROW_DPI, marks=_marked(body, page, bbox, marks))
    except Exception:  # noqa: BLE001  MuPDF has errors of its own for every way to be hostile
        return b""


def _marked(body: bytes, page: int, bbox: Bbox, marks: Sequence[str]) -> list[Bbox]:
    """Where the texts stand in the box: after "Latest", or where they stand but once; else nowhere is certain."""
    if not marks:
        return []
    x0, y0, x1, y1 = bbox
    with open_pdf(body) as pdf:
        inside = [word for word in pdf.page(page).words if x0 <= word.cx <= x1 and y0 <= word.cy <= y1]
    return [found for text in marks if (found := _one_place(inside, text.split()))]


def _one_place(words: Sequence[Word], wanted: Sequence[str]) -> Bbox | None:
    """The box around the run of words that reads *wanted*, where there is one to be told."""
    runs = [at for at in range(len(words) - len(wanted) + 1) if wanted and _reads(words[at : at + len(wanted)], wanted)]
    latest = [
        at for at in runs if words[at].text != wanted[0] or (at and words[at - 1].text.lower().rstrip(":") in _LATEST)
    ]
    at = latest[0] if len(latest) == 1 else runs[0] if len(runs) == 1 else None
    if at is None:
        return None
    run = words[at : at + len(wanted)]
    return (
        min(word.x0 for word in run),
        min(word.y0 for word in run),
        max(word.x1 for word in run),
        max(word.y1 for word in run),
    )


def _reads(run: Sequence[Word], wanted: Sequence[str]) -> bool:
    """Whether words read as *wanted*; the first may follow its label without a blank: "Latest:81%"."""
    label, colon, first = run[0].text.partition(":")
    begins = run[0].text == wanted[0] or (colon and label.lower() in _LATEST and first == wanted[0])
    return bool(begins) and [word.text for word in run[1:]] == list(wanted[1:])


def _limit() -> None:
    for limit, value in (
        (resource.RLIMIT_AS, _MEMORY),
        (resource.RLIMIT_CPU, _CPU_SECONDS),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        with contextlib.suppress(ValueError, OSError):  # a system that has no such limit, or a stricter one
            resource.setrlimit(limit, (value, value))


if __name__ == "__main__":
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # libraries print things
    main(sys.stdin.buffer, out)
