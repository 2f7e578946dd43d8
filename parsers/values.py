"""Printed values into numbers: "97%*", "£1.2m", "5 days", "≤ 10", "85% - 90%", and what stands for no value.

Strict as `parsers.text`: what is not understood says so, and is never a guess.
"""

import re
from collections.abc import Sequence
from typing import NamedTuple

from parsers.text import collapse, matching, number

MARKS = "*†‡§^#⁰¹²³⁴⁵⁶⁷⁸⁹ "  # of footnotes

_NOTHING = re.compile(
    r"\W*|[-.]+|n/?\.?a\.?|n/?r|n\.?/?a\.?p\.?|tb[cda]|to be (?:confirmed|determined|advised|agreed|set).*"
    r"|(?:no|nil|none|not|awaiting|await(?:ed)?|pending|data|unavailable|suppressed|withheld|due|available|annual)\b[^\d%]*"
    r"(?:20\d\d)?",
    re.IGNORECASE,
)
# What may stand behind a value without changing it: "87% (p)", "92% (23/25)", "88% provisional".
_ASIDE = re.compile(
    r"\s*(?:\((?:p|r|e|prov\.?|provisional|est\.?|estimated?|revised|final|draft"
    r"|[\d,]+\s?(?:/|of|out of)\s?[\d,]+)\)|\b(?:provisional|estimated?|revised)|(?<=[\d%])\s?[pre])$",
    re.IGNORECASE,
)
_BOUND = re.compile(
    r"(?:[<>≤≥]\s?=?|=\s?[<>]|(?:less|more|fewer|greater) than(?: or equal to)?|at (?:least|most)|under|over|below"
    r"|above|up to|min(?:imum)?\.?:?|max(?:imum)?\.?:?)\s*(?P<rest>[£\d].*)",
    re.IGNORECASE,
)
_WITH_UNIT = re.compile(r"(?P<number>[-−]?£?[\d,.]+)\s?(?P<unit>[A-Za-z]+(?: [a-z]+)?)")
_SCALES = {"m": "m", "million": "m", "k": "k", "bn": "bn", "billion": "bn", "percent": "%", "per cent": "%"}
_RANGE = re.compile(
    r"(?P<low>[£\d.,%\s]+?(?:m|k|bn)?)\s*(?:-|to|and)\s*(?P<high>[£\d.,%\s]+(?:m|k|bn)?)", re.IGNORECASE
)


class Value(NamedTuple):
    """A printed value."""

    value: float | None  # None where the paper prints none, or where it was not understood
    unit: str | None  # "%", "£", "£m", "days" or None for plain numbers
    understood: bool


class Target(NamedTuple):
    """A printed target: one number, or a range."""

    value: float | None
    low: float | None
    high: float | None
    unit: str | None
    understood: bool


def value_of(text: str) -> Value:
    """The value that a cell prints.

    >>> value_of("97%"), value_of("98%*"), value_of("5 days"), value_of("1,234 (p)")[:2]
    (Value(value=97.0, unit='%', understood=True), Value(value=98.0, unit='%', understood=True), \
Value(value=5.0, unit='days', understood=True), (1234.0, None))
    >>> [tuple(value_of(t)) for t in ("", "*", "N/A", "TBC", "No data", "Awaiting data", "<5")]
    [(None, None, True), (None, None, True), (None, None, True), (None, None, True), (None, None, True), \
(None, None, True), (None, None, True)]
    >>> [tuple(value_of(t)) for t in ("£5.2m", "45 (12%)", "eleventy", "12 345", "02:35")]
    [(5.2, '£m', True), (None, None, False), (None, None, False), (None, None, False), (None, None, False)]
    """
    text = collapse(text)
    if is_blank(text):
        return Value(None, None, True)
    bare = text.strip(MARKS)
    bare = _ASIDE.sub("", bare).strip(MARKS)
    if (plain := number(bare)) is not None:
        return Value(plain[0], plain[1], True)
    match = _WITH_UNIT.fullmatch(bare)
    if match and (found := number(match["number"])):
        unit = match["unit"].lower()
        return Value(found[0], (found[1] or "") + _SCALES.get(unit, unit), True)
    # "<5": withheld, as small numbers are; the text says what is known of it.
    if (bound := _BOUND.fullmatch(bare)) and number(bound["rest"].strip()) is not None:
        return Value(None, None, True)
    return Value(None, None, False)


def in_one_unit(values: Sequence[Value], targets: Sequence[Target]) -> tuple[list[Value], list[Target]]:
    """What one row prints, all in pounds (or ones) where only some of it is printed in thousands or millions.

    >>> values, targets = in_one_unit([value_of("£950,000"), value_of("£0.9m")], [target_of("£1.2m")])
    >>> [v[:2] for v in values], [(t.value, t.unit) for t in targets]
    ([(950000.0, '£'), (900000.0, '£')], [(1200000.0, '£')])
    >>> in_one_unit([value_of("£1.1m"), value_of("n/a")], [])[0][0][:2]
    (1.1, '£m')
    """
    units = {one.unit for one in values if one.value is not None}
    units |= {one.unit for one in targets if (one.value, one.low) != (None, None)}
    if len(units) < 2 or not units <= _AMOUNTS:
        return list(values), list(targets)
    return (
        [v._replace(value=_times(v.value, v.unit), unit=_sign(v.unit)) for v in values],
        [
            t._replace(
                value=_times(t.value, t.unit),
                low=_times(t.low, t.unit),
                high=_times(t.high, t.unit),
                unit=_sign(t.unit),
            )
            for t in targets
        ],
    )


_SCALED = {"": 1, "k": 1_000, "m": 1_000_000, "bn": 1_000_000_000}
_AMOUNTS = {sign + scale or None for sign in ("£", "") for scale in _SCALED}


def _times(amount: float | None, unit: str | None) -> float | None:
    return None if amount is None else round(amount * _SCALED.get((unit or "").removeprefix("£"), 1), 6)


def _sign(unit: str | None) -> str | None:
    return "£" if unit and unit.startswith("£") else None


def misread(unit: str | None) -> bool:
    """A unit of one letter that is no unit: the letter O of "34O" is a nought that was typed wrong."""
    bare = (unit or "").lstrip("£")
    return len(bare) == 1 and bare.isalpha() and bare not in "mk"


def is_blank(text: str) -> bool:
    """Whether a cell says that there is no value: nothing, a dash, a star, "n/a", "TBC", "no data yet"."""
    return _NOTHING.fullmatch(matching(text)) is not None


def target_of(text: str) -> Target:
    """The target or floor standard that a cell prints.

    >>> tuple(target_of("90%")), tuple(target_of("≤ 10")), tuple(target_of("85% - 90%")), tuple(target_of("Monitor"))
    ((90.0, None, None, '%', True), (10.0, None, None, None, True), (None, 85.0, 90.0, '%', True), \
(None, None, None, None, False))
    """
    text = collapse(text)
    bare = text.strip(MARKS)
    bound = _BOUND.fullmatch(bare)
    plain = value_of(bound["rest"] if bound else text)
    if plain.understood:
        return Target(plain.value, None, None, plain.unit, True)
    if match := _RANGE.fullmatch(matching(bare)):
        low, high = value_of(match["low"]), value_of(match["high"])
        if low.value is not None and high.value is not None and low.value <= high.value:
            return Target(None, low.value, high.value, low.unit or high.unit, True)
    return Target(None, None, None, None, False)
