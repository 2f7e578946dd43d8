"""Figures that are not what the last report gave: "previous" here, "latest" there."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from db.discrepancies import Discrepancy
from monitor.checks import remarks
from monitor.checks.shelf import Shelf, finding
from monitor.facts import Edition, Paper
from parsers import services
from parsers.performance_report.matching import ALIKE, similarity
from parsers.records import KpiReading, Rag
from parsers.text import number

_PRINTED = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?")
_DUST = 1e-9
# Where more than half of the indicators differ, "previous" is not the quarter before, or was not read as printed.
_MOST = 0.5
_FEW = 3


class _Pair(NamedTuple):
    now: KpiReading
    then: KpiReading


def previous_matches_last_report(paper: Paper, shelf: Shelf) -> Iterator[Discrepancy]:
    """The previous value and rating of each indicator are those that the report of that quarter published.

    Not judged: indicators without new data, those of which either paper says that the figure is revised,
    provisional or late, and reports whose "previous" is plainly another period.
    """
    for edition in paper.editions:
        earlier = shelf.before(edition)
        if earlier is None:
            continue
        before, its_paper = earlier
        pairs = [pair for pair in _pairs(edition, before) if _has_new_data(pair)]
        differ = [pair for pair in pairs if _value_differs(pair) or _rating_differs(pair)]
        if len(differ) > _FEW and len(differ) > _MOST * len(pairs):
            continue
        for pair in differ:
            if not _warned(pair, paper, its_paper):
                yield _finding(pair, paper, edition, before, its_paper)


def _pairs(edition: Edition, before: Edition) -> list[_Pair]:
    """Each indicator with itself in the report before."""
    if edition.kpi_ids and before.kpi_ids:
        by_id = dict(zip(before.kpi_ids, before.readings, strict=True))
        pairs = [
            _Pair(now, by_id[kpi_id])
            for now, kpi_id in zip(edition.readings, edition.kpi_ids, strict=True)
            if kpi_id in by_id
        ]
    else:
        by_name = {(services.key(r.service), services.key(r.name)): r for r in before.readings}
        found = [(now, by_name.get((services.key(now.service), services.key(now.name)))) for now in edition.readings]
        pairs = [_Pair(now, then) for now, then in found if then is not None]
    return [pair for pair in pairs if similarity(pair.now.name, pair.then.name) >= ALIKE]


def _has_new_data(pair: _Pair) -> bool:
    """False where both reports print the same two figures: what is measured once a year keeps them for a while."""
    now, then = pair
    return (now.value, now.previous_value) != (then.value, then.previous_value)


def _value_differs(pair: _Pair) -> bool:
    now, then = pair
    if now.previous_value is None or then.value is None:
        return False
    if _unit(now.previous_text, now.unit) != _unit(then.value_text, then.unit):
        return False
    decimals = min(_decimals(now.previous_text, now.previous_value), _decimals(then.value_text, then.value))
    return abs(now.previous_value - then.value) > 0.5 * 10.0**-decimals + _DUST


def _rating_differs(pair: _Pair) -> bool:
    now, then = pair
    if now.previous_rag is None or then.rag is None:
        return False
    # Where either report prints two ratings for it, that report contradicts itself, and another check says so.
    here = {now.previous_rag, now.headline_previous_rag or now.previous_rag}
    return not here & {then.rag, then.headline_rag or then.rag}


def _warned(pair: _Pair, paper: Paper, its_paper: Paper) -> bool:
    here, there = remarks.notes(pair.now, paper.text), remarks.notes(pair.then, its_paper.text)
    return bool(
        remarks.REVISED.search(here)
        or remarks.REVISED.search(there)
        or remarks.NO_DATA.search(there)
        or remarks.NO_DATA.search(here)
    )


def _finding(pair: _Pair, paper: Paper, edition: Edition, before: Edition, its_paper: Paper) -> Discrepancy:
    now, then = pair
    by_value, by_rating = _value_differs(pair), _rating_differs(pair)
    here = _side(now.previous_text if by_value else None, now.previous_rag if by_rating else None)
    there = _side(then.value_text if by_value else None, then.rag if by_rating else None)
    return finding(
        "previous_matches_last_report",
        paper,
        severity="high" if by_rating and _flatters(now.previous_rag, then.rag) else "medium",
        about=f"{now.name} ({now.service})",
        edition=edition.name,
        stated=f"previous {here}",
        computed=f"{there} in the report for {before.name}",
        explanation=(
            f"For “{now.name}” the report for {edition.name} gives the previous quarter as {here}; "
            f"the report for {before.name} gave {there}, and no note says that this was revised."
        ),
        page=now.page,
        other=its_paper,
        other_page=then.page,
        bbox=now.bbox,
    )


def _side(value: str | None, rag: Rag | None) -> str:
    return ", ".join([*([value] if value else []), *([rag.capitalize()] if rag else [])])


def _flatters(previous: Rag | None, published: Rag | None) -> bool:
    """Whether the quarter before looks better now than when it was published."""
    order = (Rag.GREEN, Rag.AMBER, Rag.RED)
    return previous is not None and published is not None and order.index(previous) < order.index(published)


def _unit(text: str | None, unit: str | None) -> str | None:
    read = number(text) if text else None
    return read[1] if read else unit


def _decimals(text: str | None, value: float) -> int:
    """How many decimals a figure is printed with."""
    match = _PRINTED.search(text or "")
    printed = match[0] if match else f"{value:.9f}".rstrip("0")
    return len(printed.partition(".")[2])
