"""Facts, drawn as a paper by another hand (demo/papers.py), and read again: the same facts.

A paper whose layout is not understood may be quarantined. A figure that is wrong and not said to be is never allowed.
"""

import random
from dataclasses import replace

import pymupdf
import pytest

from demo import drawing, papers, story
from demo.story import Edition, QuarterFacts
from parsers import pdf, performance_report
from parsers.performance_report.lists import Headline
from parsers.performance_report.matching import with_headline
from parsers.records import Figure, KpiReading, Outcome, Rag, RagCount, Reading, Report, RiskLevel

EDITIONS = [Edition(2023, 1), Edition(2023, 2), Edition(2024, 2), Edition(2024, 3), Edition(2026, 1)]


def _read(body: bytes) -> Reading:
    with pdf.open_pdf(body) as document:
        assert performance_report.recognises(document.rough_texts())
        return performance_report.read(document)


def _printed(facts: QuarterFacts, style: drawing.Style) -> dict[str, tuple[object, ...]]:
    return {
        kpi.indicator.title: (
            kpi.rag,
            kpi.previous_rag if style.previous_column or style.previous_rag_in_strip else None,
            kpi.direction,
            kpi.value,
            kpi.target,
            kpi.floor if style.floor_in_strip else None,
            kpi.previous_value,
        )
        for kpi in facts.kpis
    }


def _got(reading: Reading) -> dict[str, tuple[object, ...]]:
    return {
        r.name: (r.rag, r.previous_rag, r.direction, r.value, r.target, r.floor, r.previous_value)
        for r in reading.of(KpiReading)
    }


@pytest.mark.parametrize("edition", EDITIONS, ids=str)
def test_every_edition_in_kents_layout_comes_back_exactly(edition: Edition) -> None:
    facts = story.quarter_facts(edition)
    reading = _read(papers.performance_report(facts))
    assert (reading.outcome, reading.note) == (Outcome.READ, None)
    (report,) = reading.of(Report)
    assert (int(report.financial_year[:4]), report.quarter) == (edition.year, edition.quarter)
    assert report.kpi_total == facts.kpi_total
    assert _got(reading) == _printed(facts, drawing.KENT)
    total = next(
        c for c in reading.of(RagCount) if c.service is None and c.improving is not None and c.stable is not None
    )
    counts = facts.counts
    assert (total.green, total.amber, total.red) == (counts.green, counts.amber, counts.red)
    assert (total.improving, total.stable, total.worsening) == (counts.improving, counts.stable, counts.worsening)
    assert [(r.low, r.medium, r.high) for r in reading.of(RiskLevel)] == list(facts.risk_levels)


@pytest.mark.parametrize("edition", EDITIONS[:2], ids=str)
def test_every_complaint_figure_comes_back_exactly(edition: Edition) -> None:
    facts = story.quarter_facts(edition)
    figures = [f for f in _read(papers.performance_report(facts)).of(Figure) if f.measure == "complaints"]
    printed = [list(values) for _, values in facts.complaints.rows] + [list(facts.complaints.total)]
    columns = len(facts.complaints.columns)
    got = [f.value for f in figures]
    assert [got[i : i + columns] for i in range(0, len(got), columns)] == printed
    assert all(f.is_total for f in figures[-columns:])


def test_the_same_pages_about_one_service_are_not_the_councils_report() -> None:
    body = papers.performance_report(story.quarter_facts(EDITIONS[0]))
    with pdf.open_pdf(body) as document:
        reading = performance_report.read(document, title="Commercial and Procurement Performance Report Q1 2023/24")
    # The cover says Quarterly Performance Report, the link another thing: not to be trusted either way.
    assert reading.outcome is Outcome.QUARANTINED
    assert "Commercial and Procurement" in (reading.note or "")


def test_a_report_with_a_box_too_few_is_quarantined() -> None:
    body = papers.performance_report(story.quarter_facts(EDITIONS[0]))
    document = pymupdf.open(stream=body, filetype="pdf")
    last = max(r.page for r in _read(body).of(KpiReading))
    document.delete_page(last - 1)
    reading = _read(document.tobytes())
    assert reading.outcome is Outcome.QUARANTINED
    assert "expected 38 indicators as the report says, found" in (reading.note or "")


def _joined_with(name: str, *, rag: Rag | None, listed: Rag) -> KpiReading:
    """A box with that name and rating beside a list's row on schools, where only the places match."""
    (box,) = (r for r in _read(papers.performance_report(story.quarter_facts(EDITIONS[0]))).of(KpiReading)[:1])
    bare = replace(box, name=name, rag=rag, previous_rag=None, headline_name=None, headline_rag=None)
    row = Headline(
        service="", name="Pupils in good schools", rag=listed, previous_rag=Rag.AMBER, direction=box.direction,
        page=4, bbox=(0, 0, 1, 1),
    )  # fmt: skip
    return with_headline(bare, row)


def test_a_list_fills_a_boxs_gaps_only_where_the_names_are_alike() -> None:
    alike = _joined_with("Pupils in good schools", rag=None, listed=Rag.RED)
    assert (alike.rag, alike.previous_rag) == (Rag.RED, Rag.AMBER)
    placed = _joined_with("Potholes repaired", rag=Rag.RED, listed=Rag.RED)
    assert (placed.headline_name, placed.rag, placed.previous_rag) == ("Pupils in good schools", Rag.RED, None)
    apart = _joined_with("Potholes repaired", rag=Rag.RED, listed=Rag.GREEN)
    assert (apart.headline_name, apart.rag, apart.previous_rag) == (None, Rag.RED, None)


def _style(rng: random.Random) -> drawing.Style:
    return replace(
        drawing.KENT,
        font=rng.choice(["Helvetica", "Times", "Vera"]),
        size=rng.choice([9, 10, 11, 12]),
        left=rng.choice([40, 60, 72]),
        right=rng.choice([40, 60]),
        rules=rng.choice([0.25, 0.5, 1, 1.5, 0]),
        arrow=rng.choice(drawing.ARROWS),
        arrow_size=rng.choice([9, 13.4, 18]),
        words=rng.choice(["upper", "title", "letter"]),
        previous_column=rng.choice([True, True, False]),
        zero=rng.choice(["", "0", "-"]),
        latest=rng.choice(["Latest", "Current"]),
        floor_in_strip=rng.choice([True, True, False]),
        previous_rag_in_strip=rng.choice([True, False]),
        rag_before_title=rng.choice([True, False]),
        charts=rng.choice(["image", "drawn"]),
        repeat_headers=rng.choice([True, False]),
        keep_tables_together=rng.choice([True, False]),
        white_on_red=rng.choice([True, False]),
        numbers=rng.choice([True, False]),
    )


def _sweep(seed: int) -> Reading:
    rng = random.Random(seed)
    style = _style(rng)
    facts = story.quarter_facts(rng.choice(EDITIONS))
    reading = _read(papers.performance_report(facts, style, rng))
    if reading.outcome is Outcome.READ:
        assert _got(reading) == _printed(facts, style), f"seed {seed}: {style}"
    else:
        assert reading.note
    return reading


def test_whatever_the_style_a_figure_is_right_or_the_paper_is_quarantined() -> None:
    readings = [_sweep(seed) for seed in range(8)]
    assert sum(r.outcome is Outcome.READ for r in readings) >= 6, [r.note for r in readings]


@pytest.mark.long
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("start", range(100, 400, 50))
def test_the_long_sweep_of_styles(start: int) -> None:
    readings = [_sweep(seed) for seed in range(start, start + 50)]
    assert sum(r.outcome is Outcome.READ for r in readings) >= 35
