"""Checks of single indicators: the rating against the figures, the summary list against the page."""

import re
from collections.abc import Iterator
from itertools import product

from db.discrepancies import Discrepancy
from monitor.checks import remarks
from monitor.checks.shelf import Shelf, finding
from monitor.facts import Edition, Paper
from parsers.rating import rate
from parsers.records import KpiReading, Rag
from parsers.text import number

_BETTER_FIRST = (Rag.GREEN, Rag.AMBER, Rag.RED)
_PRINTED = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?")


def rating_matches_value(paper: Paper, shelf: Shelf) -> Iterator[Discrepancy]:
    """The printed rating is one that value, target and floor standard can give."""
    for edition in paper.editions:
        for reading in edition.readings:
            possible = possible_ratings(reading)
            if reading.rag is None or not possible or reading.rag in possible or _explained(reading, edition, paper):
                continue
            expected = " or ".join(rag.capitalize() for rag in _BETTER_FIRST if rag in possible)
            flattering = all(_BETTER_FIRST.index(reading.rag) < _BETTER_FIRST.index(rag) for rag in possible)
            yield finding(
                "rating_matches_value",
                paper,
                severity="high" if flattering else "medium",
                about=f"{reading.name} ({reading.service})",
                edition=edition.name,
                stated=f"{reading.rag.capitalize()} at {_figures(reading)}",
                computed=expected,
                explanation=(
                    f"“{reading.name}” is rated {reading.rag.capitalize()}, but {_figures(reading)}"
                    f" make it {expected}{_which_side(reading)}."
                ),
                page=reading.page,
                bbox=reading.bbox,
            )


def _explained(reading: KpiReading, edition: Edition, paper: Paper) -> bool:
    """Whether a note says that the rating is of other figures than these; a dashboard's mark may always say so."""
    if edition.report.scope and re.search(r"[*†‡#^]", reading.value_text or ""):
        return True
    return bool(remarks.RATED_OTHERWISE.search(remarks.notes(reading, paper.text)))


def possible_ratings(reading: KpiReading) -> frozenset[Rag]:
    """Every rating that the printed figures allow; empty where they cannot tell.

    A value printed as 90% can be anything that rounds to it, so at an edge both ratings are possible.
    A range as target may be read by either end. Without a floor standard only Green can be told from
    not Green, and only where it is known which side is better.
    """
    if reading.value is None or not _same_unit(reading):
        return frozenset()
    half = 0.5 * 10.0 ** -_decimals(reading.value_text, reading.value)
    values = (reading.value - half, reading.value, reading.value + half)
    targets = [t for t in (reading.target, reading.target_low, reading.target_high) if t is not None]
    if not targets:
        return frozenset()
    if reading.floor is None:
        return _by_target_alone(values, targets, reading.lower_is_better)
    found = {rate(_clean(value), target, reading.floor) for value, target in product(values, targets)}
    return frozenset() if None in found else frozenset(rag for rag in found if rag is not None)


def _by_target_alone(values: tuple[float, ...], targets: list[float], lower_is_better: bool | None) -> frozenset[Rag]:
    if lower_is_better is None:
        return frozenset()
    sign = -1 if lower_is_better else 1
    met = {sign * _clean(value) >= sign * target for value, target in product(values, targets)}
    ratings = {Rag.GREEN} if True in met else set()
    return frozenset(ratings | ({Rag.AMBER, Rag.RED} if False in met else set()))


def _clean(value: float) -> float:
    """Without the dust of binary fractions, which would decide at an edge."""
    return round(value, 9)


def _decimals(text: str | None, value: float) -> int:
    """How many decimals the value is printed with: '89.0%' has one."""
    match = _PRINTED.search(text or "")
    printed = match[0] if match else f"{value:.9f}".rstrip("0")
    return len(printed.partition(".")[2])


def _same_unit(reading: KpiReading) -> bool:
    """False where value, target and floor are plainly printed in different units (a percentage, pounds)."""
    texts = (reading.value_text, reading.target_text, reading.floor_text)
    units = {read[1] for text in texts if text and (read := number(text)) and read[1]}
    return len(units) <= 1


def _figures(reading: KpiReading) -> str:
    target = reading.target_text or "–"
    floor = f" and floor standard {reading.floor_text}" if reading.floor_text else ""
    return f"{reading.value_text or reading.value} with target {target}{floor}"


def _which_side(reading: KpiReading) -> str:
    if reading.lower_is_better is None:
        return ""
    return f" ({'lower' if reading.lower_is_better else 'higher'} is better)"


def headline_matches_detail(paper: Paper, shelf: Shelf) -> Iterator[Discrepancy]:
    """Rating, previous rating and direction in the summary list are those on the indicator's own page."""
    for edition in paper.editions:
        for reading in edition.readings:
            if reading.headline_page is not None:
                yield from _headline(paper, edition, reading)


def _headline(paper: Paper, edition: Edition, reading: KpiReading) -> Iterator[Discrepancy]:
    pairs = (
        ("rating", reading.headline_rag, reading.rag),
        ("previous rating", reading.headline_previous_rag, reading.previous_rag),
        ("direction of travel", reading.headline_direction, reading.direction),
    )
    for what, listed, detailed in pairs:
        if listed is None or detailed is None or listed == detailed:
            continue
        yield finding(
            "headline_matches_detail",
            paper,
            severity="high" if what == "rating" else "medium",
            about=f"{reading.name} ({reading.service})",
            edition=edition.name,
            stated=f"{what} {listed}",
            computed=f"{what} {detailed}",
            explanation=(
                f"The summary list gives “{reading.name}” the {what} {listed}; its own page gives {detailed}."
            ),
            page=reading.headline_page,
            other_page=reading.page,
            bbox=reading.headline_bbox,
        )
