"""Counting indicators by rating and direction, and saying so in words. Checks of counts share this."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from parsers.records import Direction, KpiReading, Rag, RagCount


class Family(NamedTuple):
    """One of the two things that are counted."""

    columns: tuple[str, str, str]  # fields of RagCount
    words: tuple[str, str, str]
    what: str
    kinds: tuple[Rag | Direction, Rag | Direction, Rag | Direction]


RATINGS = Family(("green", "amber", "red"), ("Green", "Amber", "Red"), "ratings", (Rag.GREEN, Rag.AMBER, Rag.RED))
DIRECTIONS = Family(
    ("improving", "stable", "worsening"),
    ("improving", "stable", "worsening"),
    "directions of travel",
    (Direction.IMPROVING, Direction.STABLE, Direction.WORSENING),
)
FAMILIES = (RATINGS, DIRECTIONS)
_DIGITS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")


class Item(NamedTuple):
    """One number of a statement beside what it was compared with."""

    column: str  # a field of RagCount
    said: int
    counted: int


def values(count: RagCount, family: Family) -> tuple[int | None, ...]:
    """The three numbers of a statement; None where it does not give one."""
    return tuple(getattr(count, column) for column in family.columns)


def ranges(readings: Iterable[KpiReading], family: Family) -> list[tuple[int, int]]:
    """The least and the most that each column can be.

    What is blank or illegible may be any, and what the list and the indicator's own page give differently
    may be either: that is a contradiction of its own, and every count would only repeat it.
    """
    printed = [_printed(reading, family) for reading in readings]
    return [
        (sum(found == {kind} for found in printed), sum(kind in found or not found for found in printed))
        for kind in family.kinds
    ]


def _printed(reading: KpiReading, family: Family) -> set[Rag | Direction]:
    """The ratings (or directions) that a report prints for an indicator; more than one where it contradicts itself."""
    both = (reading.rag, reading.headline_rag) if family is RATINGS else (reading.direction, reading.headline_direction)
    return {one for one in both if one is not None} if both[0] is not None else set()


def unlike(count: RagCount, readings: Sequence[KpiReading], family: Family) -> list[Item]:
    """The numbers of one family that the indicators cannot come to."""
    return [
        Item(column, value, least if value < least else most)
        for column, value, (least, most) in zip(
            family.columns, values(count, family), ranges(readings, family), strict=True
        )
        if value is not None and not least <= value <= most
    ]


def label(column: str, number: int = 2) -> str:
    """'Green', 'improving', 'indicators': what a column counts."""
    for family in FAMILIES:
        if column in family.columns:
            return family.words[family.columns.index(column)]
    return "indicator" if number == 1 else "indicators"


def figures(pairs: Iterable[tuple[str, int]]) -> str:
    """'2 Green, 4 Red', of columns and numbers."""
    return ", ".join(f"{number} {label(column, number)}" for column, number in pairs)


def in_words(number: int) -> str:
    """As one writes in running text.

    >>> in_words(3), in_words(0), in_words(17)
    ('three', 'no', '17')
    """
    return _DIGITS[number] if 0 <= number < len(_DIGITS) else str(number)


def listed(parts: Sequence[str]) -> str:
    """
    >>> listed(["two Green"]), listed(["two Green", "four Red"]), listed(["a", "b", "c"])
    ('two Green', 'two Green and four Red', 'a, b and c')
    """
    return " and ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)


def spoken(pairs: Iterable[tuple[str, int]]) -> str:
    """'two Green and four Red', of columns and numbers."""
    return listed([f"{in_words(number)} {label(column, number)}" for column, number in pairs])
