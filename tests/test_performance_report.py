"""The report reader on the real reports: every indicator, every cell, one test a field.

The expected tables in golden/performance_report were checked by hand against the papers, line by line.
"""

import csv
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from parsers import pdf, performance_report
from parsers.records import (
    Direction,
    Figure,
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
EDITIONS = {
    "2024-25-q3": "cabinet/2025-03-04/QPR Q3 Cabinet appendix 1.pdf",
    "2020-21-q2": "reconstructed/qpr_2020_21_q2.pdf",
}
FIELDS = [
    "page",
    "service",
    "name",
    "rag",
    "previous_rag",
    "direction",
    "value_text",
    "target_text",
    "floor_text",
    "previous_text",
    "value",
    "target",
    "target_low",
    "target_high",
    "floor",
    "previous_value",
    "unit",
]


@cache
def _read(path: Path) -> Reading:
    with pdf.open_pdf(path.read_bytes()) as document:
        return performance_report.read(document, url=path.name)


def _text(value: Any) -> str:
    return "" if value is None else str(value)


def _golden(edition: str, table: str) -> list[dict[str, str]]:
    with (GOLDEN / f"{edition}-{table}.csv").open(newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.papers
@pytest.mark.parametrize("field", FIELDS)
@pytest.mark.parametrize("edition", EDITIONS)
def test_every_indicator_has_the_printed(edition: str, field: str, papers: Path) -> None:
    readings = _read(papers / EDITIONS[edition]).of(KpiReading)
    assert [_text(getattr(r, field)) for r in readings] == [row[field] for row in _golden(edition, "indicators")]


@pytest.mark.papers
@pytest.mark.parametrize("edition", EDITIONS)
def test_every_cell_of_the_other_tables_is_the_printed_one(edition: str, papers: Path) -> None:
    figures = _read(papers / EDITIONS[edition]).of(Figure)
    expected = _golden(edition, "figures")
    assert [{name: _text(getattr(f, name)) for name in expected[0]} for f in figures] == expected


@pytest.mark.papers
@pytest.mark.parametrize(("edition", "total"), [("2024-25-q3", 38), ("2020-21-q2", 35)])
def test_a_sound_report_is_read_and_not_quarantined(edition: str, total: int, papers: Path) -> None:
    reading = _read(papers / EDITIONS[edition])
    (report,) = reading.of(Report)
    assert (reading.outcome, reading.note) == (Outcome.READ, None)
    assert report.kpi_total == len(reading.of(KpiReading)) == total
    year, quarter = edition.split("-q")
    assert (report.financial_year, report.quarter) == (year.replace("-", "/"), int(quarter))


@pytest.mark.papers
@pytest.mark.parametrize("edition", EDITIONS)
def test_every_indicator_meets_its_row_of_the_summary_list(edition: str, papers: Path) -> None:
    for reading in _read(papers / EDITIONS[edition]).of(KpiReading):
        assert reading.headline_name is not None
        assert (reading.headline_rag, reading.headline_direction) == (reading.rag, reading.direction), reading.name
        if reading.previous_rag is not None:
            assert reading.headline_previous_rag == reading.previous_rag, reading.name


@pytest.mark.papers
def test_the_summary_table_counts_blank_cells_as_none(papers: Path) -> None:
    counts = [
        c for c in _read(papers / EDITIONS["2024-25-q3"]).of(RagCount) if c.page == 3 and c.quote and "|" in c.quote
    ]
    got = {c.service: (c.green, c.amber, c.red, c.improving, c.stable, c.worsening) for c in counts}
    assert got == {
        "Customer Services": (2, 0, 1, 0, 2, 1),
        "Governance and Law": (0, 0, 2, 0, 2, 0),
        "Growth, Economic Development & Communities": (1, 0, 1, 0, 2, 0),
        "Environment and Transport": (4, 2, 0, 1, 4, 1),
        "Children, Young People and Education (Education & Skills)": (2, 2, 1, 3, 2, 0),
        "Children, Young People and Education (Integrated Children’s Services)": (3, 2, 3, 1, 4, 3),
        "Adult Social Care": (2, 3, 1, 2, 4, 0),
        "Public Health": (3, 3, 0, 3, 2, 1),
        None: (17, 12, 9, 10, 22, 6),
    }
    assert all(c.stated_in is StatedIn.REPORT and c.financial_year == "2024/25" and c.quarter == 3 for c in counts)


@pytest.mark.papers
def test_the_ratings_and_arrows_of_the_pages_add_up_to_the_published_totals(papers: Path) -> None:
    readings = _read(papers / EDITIONS["2024-25-q3"]).of(KpiReading)
    assert Counter(r.rag for r in readings) == {Rag.GREEN: 17, Rag.AMBER: 12, Rag.RED: 9}
    assert Counter(r.direction for r in readings) == {
        Direction.IMPROVING: 10,
        Direction.STABLE: 22,
        Direction.WORSENING: 6,
    }


@pytest.mark.papers
def test_each_box_lies_round_the_words_that_it_is_evidence_for(papers: Path) -> None:
    path = papers / EDITIONS["2024-25-q3"]
    with pdf.open_pdf(path.read_bytes()) as document:
        for reading in _read(path).of(KpiReading):
            x0, y0, x1, y1 = reading.bbox
            inside = " ".join(
                w.text for w in document.page(reading.page).words if x0 <= w.cx <= x1 and y0 <= w.cy <= y1
            )
            assert reading.value_text is not None
            assert reading.name.split()[-1] in inside
            assert reading.value_text in inside


@pytest.mark.papers
def test_corporate_risks_are_named_with_what_happened_to_them(papers: Path) -> None:
    reading = _read(papers / EDITIONS["2024-25-q3"])
    assert [(r.code, r.change, r.page) for r in reading.of(Risk)] == [
        ("CRR0065", "new", 66),
        ("CRR0061", "withdrawn", 66),
        ("CRR0063", "reduced", 66),
        ("CRR0042", "reduced", 67),
        ("CRR0052", "revised", 67),
    ]
    assert [(str(r.as_at), r.low, r.medium, r.high) for r in reading.of(RiskLevel)] == [
        ("2024-11-01", 0, 3, 13),
        ("2025-02-01", 0, 5, 12),
    ]


@pytest.mark.papers
def test_no_other_real_paper_passes_for_a_performance_report(papers: Path) -> None:
    others = [p for p in sorted(papers.rglob("*.pdf")) if p not in {papers / e for e in EDITIONS.values()}]
    assert len(others) >= 10
    for path in others:
        with pdf.open_pdf(path.read_bytes()) as document:
            assert not performance_report.recognises(document.rough_texts()), path.name
