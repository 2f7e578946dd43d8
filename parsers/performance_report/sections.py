"""Where each service's part of a performance report begins: its heading stands above its Cabinet Member."""

import re
from collections.abc import Sequence
from typing import NamedTuple

from parsers.pdf import Line, Page
from parsers.text import collapse, is_running

_OFFICE = re.compile(r"^(?:cabinet\s+members?|portfolio\s+holders?)\b", re.IGNORECASE)
LONGEST = 120  # letters of a heading


class Section(NamedTuple):
    """A service's heading: where it stands, and what it says."""

    page: int
    top: float
    name: str


def sections(pages: Sequence[Page]) -> list[Section]:
    """The services' headings in the order of the pages; one may stand at the foot of the page before."""
    found: list[Section] = []
    before: tuple[int, list[Line]] = (0, [])
    for page in pages:
        lines = [line for line in page.lines if not is_running(line.text)]
        for at, line in enumerate(lines):
            if not _OFFICE.match(line.text):
                continue
            number, above = (page.number, lines[:at]) if at else before
            heading = _heading(above)
            if heading and len(heading[1]) <= LONGEST:
                found.append(Section(number, *heading))
        if lines:
            before = (page.number, lines)
    return found


def services_of_pages(headings: Sequence[Section], pages: Sequence[Page]) -> dict[int, str]:
    """Page number to the service whose part the page belongs to; a page that two parts share is left out."""
    found: dict[int, str] = {}
    section: str | None = None
    for page in pages:
        here = [heading for heading in headings if heading.page == page.number]
        shared = bool(here) and (len(here) > 1 or (section is not None and here[0].top > page.height / 3))
        section = here[-1].name if here else section
        if section is not None and not shared:
            found[page.number] = section
    return found


def _heading(above: Sequence[Line]) -> tuple[float, str] | None:
    """Where the last heading of these lines begins, and its text: one line, or several that belong together."""
    if not above:
        return None
    heading = [above[-1]]
    for line in reversed(above[:-1]):
        if not _goes_on(line, heading[0]):
            break
        heading.insert(0, line)
    return heading[0].y0, collapse(" ".join(line.text for line in heading))


def _goes_on(upper: Line, lower: Line) -> bool:
    """Two lines of one heading: as near as lines of a paragraph, in the same size, no sentence's end between."""
    size = lower.y1 - lower.y0
    near = lower.y0 - upper.y1 < 0.4 * size and abs((upper.y1 - upper.y0) - size) < 1.0
    return near and not upper.text.rstrip().endswith((".", ":", ";"))
