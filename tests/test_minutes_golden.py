"""Minutes of one item a quarter, each a folder: the page and what its figures are, held by hand against the series.

The pages are written afresh, in every style that the minutes have had since 2012, with the figures that were
published. One test a field, so that a failure names it.
"""

import json
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from parsers import minutes
from parsers.records import NamedRating, Outcome, RagCount, Reading
from parsers.text import collapse

FOLDER = Path(__file__).with_name("golden") / "minutes"
CASES = sorted(folder.name for folder in FOLDER.iterdir())
FIELDS = [
    "financial_year",
    "quarter",
    *("total", "green", "amber", "red", "improving", "stable", "worsening"),
    *(f"{name}_change" for name in ("total", "green", "amber", "red", "improving", "stable", "worsening")),
]


@cache
def reading(case: str) -> Reading:
    about = tomllib.loads((FOLDER / case / "about.toml").read_text())
    return minutes.read((FOLDER / case / "page.html").read_bytes(), url=about["url"])


@cache
def expected(case: str) -> dict[str, Any]:
    values: dict[str, Any] = json.loads((FOLDER / case / "expected.json").read_text())
    return values


def counts_something(case: str) -> bool:
    return any(expected(case)[field] is not None for field in FIELDS[2:])


@pytest.mark.parametrize("field", FIELDS)
@pytest.mark.parametrize("case", CASES)
def test_the_minutes_of_each_quarter_give_its_published_figures(case: str, field: str) -> None:
    whole = [count for count in reading(case).of(RagCount) if count.service is None]

    assert len(whole) == counts_something(case)
    if whole:
        assert getattr(whole[0], field) == expected(case)[field]


@pytest.mark.parametrize("case", CASES)
def test_the_indicators_that_the_minutes_name_are_those_and_no_others(case: str) -> None:
    named = [[one.name, one.rag.value] for one in reading(case).of(NamedRating)]

    assert named == expected(case)["named_ratings"]


@pytest.mark.parametrize("case", CASES)
def test_minutes_that_are_understood_are_not_held_back(case: str) -> None:
    found = reading(case)

    assert found.outcome is (Outcome.READ if found.facts else Outcome.NOTHING), found.note
    for count in found.of(RagCount):
        text = collapse(found.text)
        assert count.quote and all(part in text for part in count.quote.split(" … "))
