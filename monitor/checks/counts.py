"""Checks of how many indicators are Green, Amber and Red, improving, stable and worsening."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from db.discrepancies import Discrepancy
from monitor.checks.shelf import WHO_SAYS, Shelf, finding, readings_of
from monitor.facts import Edition, Paper
from parsers.records import Direction, KpiReading, Rag, RagCount, StatedIn
from parsers.text import matching


class Family(NamedTuple):
    """One of the two things that are counted."""

    columns: tuple[str, str, str]  # fields of RagCount
    words: tuple[str, str, str]
    what: str


RATINGS = Family(("green", "amber", "red"), ("Green", "Amber", "Red"), "ratings")
DIRECTIONS = Family(("improving", "stable", "worsening"), ("improving", "stable", "worsening"), "directions of travel")

# "one had no data at time of publication", "two were not RAG rated", "new indicators without a rating"
_UNRATED = re.compile(
    r"no (?:\w+ ){0,2}data|data (?:\w+ ){0,3}not (?:\w+ ){0,2}available|data (?:\w+ ){0,3}unavailable"
    r"|not (?:\w+ ){0,2}(?:rag[- ]?)?rated|unrated|without (?:\w+ ){0,2}(?:rating|target|data)"
    r"|no (?:\w+ ){0,2}(?:rating|target)|not (?:\w+ ){0,1}(?:reported|comparable|applicable)|awaiting|pending"
    r"|suspended|n/a\b|(?:could|can) ?not be (?:\w+ )?(?:rated|assessed|judged|compared)",
    re.IGNORECASE,
)
_INDICATOR = re.compile(r"\b(?:kpis?|indicators?|measures?)\b", re.IGNORECASE)


def counts_add_up(paper: Paper, shelf: Shelf) -> Iterator[Discrepancy]:
    """Green, Amber and Red make the stated number of indicators; so do the directions.

    Fewer than stated is right where the paper says that some have no rating, or where the report's
    own pages show that many without one.
    """
    for count in paper.counts:
        total = count.total if count.total is not None else _report_total(count, paper)
        if total is None:
            continue
        wrong = [f for f in (RATINGS, DIRECTIONS) if _off(count, total, paper, shelf, f)]
        if not wrong:
            continue
        sums = [f"{_sum_in_words(_values(count, f), f)} = {_added(count, f)}" for f in wrong]
        yield finding(
            "counts_add_up",
            paper,
            severity="medium",
            about=count.service or "All indicators",
            edition=_edition_name(count, paper),
            stated=f"{total} indicators",
            computed="; ".join(sums),
            explanation=(
                f"According to {WHO_SAYS[count.stated_in]} there are {total} indicators"
                f"{f' in {count.service}' if count.service else ''}, but the "
                f"{' and the '.join(f'{f.what} given there add up to {_added(count, f)}' for f in wrong)}"
                f" ({'; '.join(sums)})."
            ),
            page=count.page,
        )


def _off(count: RagCount, total: int, paper: Paper, shelf: Shelf, family: Family) -> bool:
    """Whether the family's numbers cannot come to the total."""
    known = [value for value in _values(count, family) if value is not None]
    missing = total - sum(known)
    if missing < 0:
        return True
    return len(known) == 3 and missing > 0 and not _explained(count, paper, shelf, family, missing)


def _added(count: RagCount, family: Family) -> int:
    return sum(value or 0 for value in _values(count, family))


def _edition_name(count: RagCount, paper: Paper) -> str:
    if count.quarter is not None and count.financial_year is not None:
        return f"Q{count.quarter} {count.financial_year}"
    return paper.edition_name


def _report_total(count: RagCount, paper: Paper) -> int | None:
    """The number that the report's key page gives, for its table's total row, which prints none."""
    if count.stated_in is not StatedIn.REPORT or count.service is not None or not count.in_table:
        return None
    edition = _own_edition(count, paper)
    return edition.report.kpi_total if edition else None


def _own_edition(count: RagCount, paper: Paper) -> Edition | None:
    """The edition in this very paper that the count is about."""
    wanted = _edition_name(count, paper)
    return next((edition for edition in paper.editions if edition.name == wanted), None)


def _values(count: RagCount, family: Family) -> tuple[int | None, ...]:
    return tuple(getattr(count, column) for column in family.columns)


def _sum_in_words(values: Sequence[int | None], family: Family) -> str:
    """'17 Green + 12 Amber + 9 Red'."""
    return " + ".join(f"{n} {word}" for n, word in zip(values, family.words, strict=True) if n is not None)


def _explained(count: RagCount, paper: Paper, shelf: Shelf, family: Family, missing: int) -> bool:
    """Whether *missing* indicators without a rating (or direction) are accounted for."""
    if _UNRATED.search(matching(count.quote or "")):
        return True
    edition = _own_edition(count, paper) or shelf.edition(_edition_name(count, paper))
    if edition is not None:
        readings = readings_of(edition, count.service)
        if sum(_is_blank(reading, family) for reading in readings) >= missing:
            return True
    # In running text the explanation may stand in a later sentence. A report explains itself by its rows.
    return not paper.editions and any(
        _INDICATOR.search(sentence) and _UNRATED.search(sentence) for sentence in matching(paper.text).split(". ")
    )


def _is_blank(reading: KpiReading, family: Family) -> bool:
    return (reading.rag if family is RATINGS else reading.direction) is None


def summary_matches_rows(paper: Paper, shelf: Shelf) -> Iterator[Discrepancy]:
    """Each row of the summary table, and its total, agrees with the indicators on the pages behind it."""
    for count in paper.counts:
        edition = _own_edition(count, paper)
        if count.stated_in is not StatedIn.REPORT or edition is None or not count.in_table:
            continue
        readings = readings_of(edition, count.service)
        if not readings:
            continue  # a service that is named otherwise on its pages: nothing to compare with
        stated, counted = [], []
        for family in (RATINGS, DIRECTIONS):
            for value, word, (least, most) in zip(
                _values(count, family), family.words, _counted(readings, family), strict=True
            ):
                if value is not None and not least <= value <= most:
                    stated.append(f"{value} {word}")
                    counted.append(f"{least} {word}")
        if count.total is not None and count.total != len(readings):
            stated.append(f"{count.total} indicators")
            counted.append(f"{len(readings)} indicators")
        if stated:
            where = count.service or "the whole council"
            yield finding(
                "summary_matches_rows",
                paper,
                severity="medium",
                about=count.service or "All indicators",
                edition=edition.name,
                stated=", ".join(stated),
                computed=", ".join(counted),
                explanation=(
                    f"The summary gives {', '.join(stated)} for {where}; "
                    f"counted on the indicators' own pages it is {', '.join(counted)}."
                ),
                page=count.page,
                other_page=min(reading.page for reading in readings),
            )


def _counted(readings: Sequence[KpiReading], family: Family) -> list[tuple[int, int]]:
    """The least and the most that each column can be: what is blank or illegible may be any."""
    kinds: tuple[Rag | Direction, ...] = (
        (Rag.GREEN, Rag.AMBER, Rag.RED)
        if family is RATINGS
        else (Direction.IMPROVING, Direction.STABLE, Direction.WORSENING)
    )
    tally = Counter(reading.rag if family is RATINGS else reading.direction for reading in readings)
    unknown = tally[None]
    return [(tally[kind], tally[kind] + unknown) for kind in kinds]
