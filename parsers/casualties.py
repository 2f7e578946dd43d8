"""Road casualties in a table without rules: years over Fatal, Serious, Slight, Total over one row of numbers.

Columns are told by their order, so that a row counts only where each year's Total is the sum of its classes.
"""

import re
from collections.abc import Sequence
from itertools import pairwise

from parsers.pdf import Line, Page, Word
from parsers.periods import Period, period
from parsers.records import Figure
from parsers.text import collapse, number

MEASURE = "road_casualties"

_HEADER = re.compile(r"(?:(?:fatal|serious|slight|total?|l)\b\s*)+", re.IGNORECASE)
_CLASSES = ("Fatal", "Serious", "Slight", "Total")
_YEAR = re.compile(r"(?:20)?\d\d\s?/\s?\d\d|20\d\d")
_BELOW, _ABOVE = 3, 3  # lines between which the table's one row, and its years, stand


def is_counted(page: Page) -> bool:
    """Whether a line of the page is the header of such a table: "Fatal Serious Slight", and no more."""
    return _header(page.lines) is not None


def read(page: Page) -> list[Figure]:
    """The row's figures; none where its numbers don't fit the header or don't add up."""
    at = _header(page.lines)
    if at is None:
        return []
    groups = len(re.findall(r"\bfatal\b", page.lines[at].text, re.IGNORECASE))
    row = next((n for line in page.lines[at + 1 : at + 1 + _BELOW] if (n := _numbers(line, 4 * groups))), None)
    periods = _periods(page.lines[max(0, at - _ABOVE) : at], groups)
    if row is None or periods is None:
        return []
    found = []
    for group, (label, when) in enumerate(periods):
        words = row[4 * group : 4 * group + 4]
        values = [value for _, value in words]
        if sum(values[:3]) != values[3]:
            return []
        for name, (word, value) in zip(_CLASSES, words, strict=True):
            found.append(_figure(page, name, label, when, word, value))
    return found


def _header(lines: Sequence[Line]) -> int | None:
    for at, line in enumerate(lines):
        if _HEADER.fullmatch(line.text) and re.search(r"\bserious\b", line.text, re.IGNORECASE):
            return at
    return None


def _numbers(line: Line, wanted: int) -> list[tuple[Word, float]] | None:
    """The line's numbers from left to right, where it is as many numbers as wanted and nothing else."""
    found = [(word, parsed[0]) for word in line.words if (parsed := number(word.text)) is not None]
    apart = all(left.x1 <= right.x0 for left, right in pairwise(line.words))
    return found if len(found) == len(line.words) == wanted and apart else None


def _periods(above: Sequence[Line], groups: int) -> list[tuple[str, Period]] | None:
    """Each year as printed, after the quarter that may stand above the years."""
    for at, line in enumerate(above):
        years = _YEAR.findall(line.text)
        if len(years) != groups or _YEAR.sub("", line.text).strip():
            continue
        over = collapse(
            " ".join(upper.text for upper in above[:at] if re.fullmatch(r"Q(?:uarter)?\s?[1-4]", upper.text))
        )
        labels = [collapse(f"{over} {year}") for year in years]
        dated = [(label, when) for label in labels if (when := period(label)) is not None]
        return dated if len(dated) == groups else None
    return None


def _figure(page: Page, name: str, label: str, when: Period, word: Word, value: float) -> Figure:
    return Figure(
        measure=MEASURE,
        service=name,
        period_label=label,
        period_start=when.start,
        period_end=when.end,
        value=value,
        unit=None,
        value_text=word.text,
        is_total=name == "Total",
        page=page.number,
        bbox=(round(word.x0, 1), round(word.y0, 1), round(word.x1, 1), round(word.y1, 1)),
    )
