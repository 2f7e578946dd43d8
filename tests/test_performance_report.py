"""The report reader on whole papers: every indicator, every cell, one test a field.

A case is a folder of golden/performance_report: about.toml says what is to be seen in it, the tables say what
the paper prints. The real papers lie beside the project and are left out where they are not there; the others
were set by a word processor from facts made up for them, so what they print is known without reading them.
"""

import csv
import tomllib
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from parsers import dispatch, pdf, performance_report
from parsers.records import (
    Direction,
    Figure,
    Kind,
    KpiReading,
    Outcome,
    Rag,
    RagCount,
    Reading,
    Report,
    Risk,
    RiskLevel,
    StatedIn,
)

GOLDEN = Path(__file__).with_name("golden") / "performance_report"
CASES = sorted(path.parent.name for path in GOLDEN.glob("*/about.toml"))
ABOUT = {case: tomllib.loads((GOLDEN / case / "about.toml").read_text()) for case in CASES}
REAL = "2024-25-q3"


def _expected(case: str, table: str) -> list[dict[str, str]]:
    path = GOLDEN / case / f"{table}.csv"
    if not path.is_file():
        return []
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def _fields(table: str) -> list[Any]:
    """(case, field) of every column of the table that a case has; those of real papers are marked so."""
    return [
        pytest.param(case, field, marks=[pytest.mark.papers] if "paper" in ABOUT[case] else [], id=f"{case}-{field}")
        for case in CASES
        for field in (_expected(case, table) or [{}])[0]
    ]


def _cases(*, having: str = "") -> list[Any]:
    return [
        pytest.param(case, marks=[pytest.mark.papers] if "paper" in ABOUT[case] else [])
        for case in CASES
        if not having or _expected(case, having)
    ]


@pytest.fixture
def read(request: pytest.FixtureRequest) -> Any:
    """What the reader makes of a case's paper."""

    def of(case: str) -> Reading:
        if "paper" in ABOUT[case]:
            return _read(request.getfixturevalue("papers") / ABOUT[case]["paper"])
        return _read(GOLDEN / case / "report.pdf")

    return of


@cache
def _read(path: Path) -> Reading:
    return dispatch.parse(path.read_bytes(), url=f"https://council.example/documents/s1/{path.name}")


def _text(value: Any) -> str:
    return "" if value is None else str(value)


@pytest.mark.parametrize(("case", "field"), _fields("indicators"))
def test_every_indicator_has_the_printed(case: str, field: str, read: Any) -> None:
    readings = read(case).of(KpiReading)
    expected = _expected(case, "indicators")
    doubted = ABOUT[case].get("note", "").startswith("the word says")
    if field == "rag" and doubted:  # which of the two is right is for the paper's reader to find out
        return
    assert [_text(getattr(r, field)) for r in readings] == [row[field] for row in expected]


@pytest.mark.parametrize(("case", "field"), _fields("figures"))
def test_every_cell_of_the_other_tables_has_the_printed(case: str, field: str, read: Any) -> None:
    figures = read(case).of(Figure)
    assert [_text(getattr(f, field)) for f in figures] == [row[field] for row in _expected(case, "figures")]


@pytest.mark.parametrize("case", _cases(having="counts"))
def test_the_summary_table_counts_blank_cells_as_none(case: str, read: Any) -> None:
    rows = [c for c in read(case).of(RagCount) if c.in_table]
    first = min(c.page for c in rows if c.page)
    counts = [c for c in rows if c.page == first]
    names = ("service", "green", "amber", "red", "improving", "stable", "worsening")
    assert [{n: _text(getattr(c, n)) for n in names} for c in counts] == _expected(case, "counts")
    about = ABOUT[case]
    assert {(c.stated_in, c.financial_year, c.quarter) for c in counts} == {
        (StatedIn.REPORT, about["financial_year"], about["quarter"])
    }


@pytest.mark.parametrize("case", _cases(having="risks"))
def test_corporate_risks_are_named_with_what_happened_to_them(case: str, read: Any) -> None:
    expected = _expected(case, "risks")
    assert [{n: _text(getattr(r, n)) for n in expected[0]} for r in read(case).of(Risk)] == expected


@pytest.mark.parametrize("case", _cases())
def test_a_sound_paper_is_read_and_one_that_contradicts_itself_is_held_back(case: str, read: Any) -> None:
    reading, about = read(case), ABOUT[case]
    assert reading.kind is Kind.PERFORMANCE_REPORT
    assert reading.outcome == about["outcome"], reading.note
    assert about.get("note", "") in (reading.note or "")
    assert (reading.note is None) == (reading.outcome is Outcome.READ)


@pytest.mark.parametrize("case", _cases())
def test_the_edition_and_its_number_of_indicators_are_the_stated(case: str, read: Any) -> None:
    (report,) = read(case).of(Report)
    about = ABOUT[case]
    assert (report.financial_year, report.quarter, report.kpi_total) == (
        about["financial_year"],
        about["quarter"],
        about["kpi_total"],
    )


@pytest.mark.papers
@pytest.mark.parametrize("case", [case for case in CASES if "paper" in ABOUT[case]])
def test_every_indicator_meets_its_row_of_the_summary_list(case: str, read: Any) -> None:
    for reading in read(case).of(KpiReading):
        assert reading.headline_name is not None
        assert (reading.headline_rag, reading.headline_direction) == (reading.rag, reading.direction), reading.name
        if reading.previous_rag is not None:
            assert reading.headline_previous_rag == reading.previous_rag, reading.name


@pytest.mark.papers
def test_the_ratings_and_arrows_of_the_pages_add_up_to_the_published_totals(read: Any) -> None:
    readings = read(REAL).of(KpiReading)
    assert Counter(r.rag for r in readings) == {Rag.GREEN: 17, Rag.AMBER: 12, Rag.RED: 9}
    assert Counter(r.direction for r in readings) == {
        Direction.IMPROVING: 10,
        Direction.STABLE: 22,
        Direction.WORSENING: 6,
    }


@pytest.mark.papers
def test_the_levels_of_the_corporate_risks_are_the_printed(read: Any) -> None:
    assert [(str(r.as_at), r.low, r.medium, r.high) for r in read(REAL).of(RiskLevel)] == [
        ("2024-11-01", 0, 3, 13),
        ("2025-02-01", 0, 5, 12),
    ]


@pytest.mark.papers
def test_a_raised_footnote_is_no_digit_of_the_number_before_it(papers: Path) -> None:
    with pdf.open_pdf((papers / ABOUT[REAL]["paper"]).read_bytes()) as document:
        assert "17 of the 38¹ indicators" in document.page(3).text


@pytest.mark.papers
def test_each_box_lies_round_the_words_that_it_is_evidence_for(papers: Path, read: Any) -> None:
    with pdf.open_pdf((papers / ABOUT[REAL]["paper"]).read_bytes()) as document:
        for reading in read(REAL).of(KpiReading):
            x0, y0, x1, y1 = reading.bbox
            words = document.page(reading.page).words
            inside = " ".join(w.text for w in words if x0 <= w.cx <= x1 and y0 <= w.cy <= y1)
            assert reading.value_text is not None
            assert reading.name.split()[-1] in inside
            assert reading.value_text in inside


@pytest.mark.papers
def test_no_other_real_paper_passes_for_a_performance_report(papers: Path) -> None:
    known = {papers / about["paper"] for about in ABOUT.values() if "paper" in about}
    others = [p for p in sorted(papers.rglob("*.pdf")) if p not in known]
    assert len(others) >= 10
    for path in others:
        with pdf.open_pdf(path.read_bytes()) as document:
            assert not performance_report.recognises(document.rough_texts()), path.name
