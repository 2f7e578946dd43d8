"""Which row of a headline list is which indicator's: by name first, then by place."""

import re
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache

from parsers.boxes import rounded
from parsers.performance_report.lists import Headline
from parsers.records import KpiReading
from parsers.text import matching

ALIKE = 0.5  # share of words that two names of one indicator have in common

_STOP = frozenset(
    {"of", "the", "a", "in", "to", "and", "or", "who", "which", "were", "are", "is"}
    | {"kpi", "percentage", "number", "no"}
)


@lru_cache(maxsize=4096)
def _tokens(name: str) -> frozenset[str]:
    text = re.sub(r"rolling 12[- ]months?(?: period)?", " ", matching(name).lower().replace("'", ""))
    return frozenset(re.findall(r"[a-z0-9]+", text)) - _STOP


def similarity(a: str, b: str) -> float:
    """How alike two names of indicators are, 0 to 1, by their words."""
    x, y = _tokens(a), _tokens(b)
    return len(x & y) / len(x | y) if x and y else 0.0


def with_headline(reading: KpiReading, headline: Headline) -> KpiReading:
    """The reading with its row of the list; what the box does not show is taken from there.

    Where the two names have little in common, only their places say that they belong together:
    then rating and arrow must agree too, and nothing is taken over.
    """
    alike = similarity(headline.name, reading.name) >= ALIKE
    if alike:
        reading = replace(
            reading,
            rag=reading.rag or headline.rag,
            direction=reading.direction or headline.direction,
            previous_rag=reading.previous_rag or headline.previous_rag,
        )
    elif (headline.rag, headline.direction) != (reading.rag, reading.direction):
        return reading
    return replace(
        reading,
        headline_name=headline.name,
        headline_rag=headline.rag,
        headline_previous_rag=headline.previous_rag,
        headline_direction=headline.direction,
        headline_page=headline.page,
        headline_bbox=rounded(headline.bbox),
    )


def partners(headlines: Sequence[str], boxes: Sequence[str]) -> dict[int, int]:
    """Which row of the lists belongs to which box, box -> row.

    Both stand in the same order, but for a few that moved: best names first, and what is
    left between two matched neighbours goes together when it is alone there on both sides.
    """
    scored = [
        (score, -abs(i - j), i, j)
        for i, h in enumerate(headlines)
        for j, b in enumerate(boxes)
        if (score := similarity(h, b)) >= ALIKE
    ]
    taken: set[int] = set()
    partner: dict[int, int] = {}
    for _, _, i, j in sorted(scored, reverse=True):
        if i not in taken and j not in partner:
            taken.add(i)
            partner[j] = i
    for j in range(len(boxes)):
        if j in partner:
            continue
        free = [i for i in range(len(headlines)) if i not in taken]
        before = partner.get(j - 1, -1) if j else -1
        after = partner.get(j + 1, len(headlines)) if j + 1 < len(boxes) else len(headlines)
        between = [i for i in free if before < i < after]
        if len(between) == 1 and similarity(headlines[between[0]], boxes[j]) > 0.15:
            partner[j] = between[0]
            taken.add(between[0])
    return partner
