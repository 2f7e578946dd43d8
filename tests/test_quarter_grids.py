"""Reports of 2012 to 2015: facts, drawn as a paper in a random manner (demo/older_papers.py), and read again.

A paper that is not understood may be quarantined. A figure that is wrong and not said to be is never allowed.
"""

import random
from dataclasses import replace
from pathlib import Path

import pymupdf
import pytest

import parsers
from demo import drawing, older_papers, papers, story
from demo.older_papers import GridFacts, Manner, OlderReport, Quarter
from demo.story import Edition
from parsers import pdf, performance_report, quarter_grids
from parsers.records import Direction, Figure, Kind, KpiReading, Outcome, Rag, RagCount, Reading, Report

URL = "https://democracy.example.gov.uk/documents/s1/QPR.pdf"
QUARTERS = tuple(Quarter(year=2013, number=1).plus(n) for n in range(-3, 1))


def _indicator(name: str = "Percentage of calls answered within 20 seconds", **more: object) -> GridFacts:
    facts = GridFacts(
        service="Customer Services", name=name, quarters=QUARTERS, actuals=("79%", "81.5%", "74%", "86%"),
        targets=("80%",) * 4, floors=("75%",) * 4, ratings=("amber", "green", "red", "green"),
        direction="improving", own=3,
    )  # fmt: skip
    return replace(facts, **more)  # type: ignore[arg-type]


def _report(*indicators: GridFacts) -> OlderReport:
    others = (
        _indicator("Number of visitors to the website who left a comment"),
        _indicator("Average days to mend a road"),
    )
    return OlderReport(
        quarter=QUARTERS[3], indicators=(*indicators, *others), services=("Customer Services",), activity=()
    )


def _drawn(facts: OlderReport, manner: Manner | None = None, style: drawing.Style | None = None) -> bytes:
    return older_papers.older_report(facts, manner or Manner(), style or drawing.KENT, random.Random(1))


def _read(body: bytes) -> Reading:
    return parsers.parse(body, url=URL)


def _only(facts: GridFacts, manner: Manner | None = None) -> tuple[KpiReading, Reading]:
    reading = _read(_drawn(_report(facts), manner))
    return reading.of(KpiReading)[0], reading


# --- round trip ---------------------------------------------------------------------------


def _printed(facts: OlderReport, manner: Manner) -> list[tuple[object, ...]]:
    rows: list[tuple[object, ...]] = []
    for kpi in facts.indicators:
        own = kpi.own
        previous = kpi.ratings[own - 1] if manner.rating and "r" in manner.order else None
        rows.append(
            (kpi.service, kpi.name, kpi.rag, previous, kpi.direction,
             kpi.actuals[own], kpi.targets[own], kpi.floors[own], kpi.actuals[own - 1], kpi.to_date or None,
             kpi.year_before or None, older_papers.quarter_label(kpi.quarters[own], manner.labels))
        )  # fmt: skip
    return rows


def _got(reading: Reading) -> list[tuple[object, ...]]:
    return [
        (r.service, r.name, r.rag and r.rag.value, r.previous_rag and r.previous_rag.value,
         r.direction and r.direction.value, r.value_text, r.target_text, r.floor_text, r.previous_text, r.ytd_text,
         r.previous_year_text, r.period_label)
        for r in reading.of(KpiReading)
    ]  # fmt: skip


def _sweep(seed: int) -> Reading:
    rng = random.Random(seed)
    facts, manner, style = (
        older_papers.random_report(rng),
        older_papers.random_manner(rng),
        older_papers.older_style(rng),
    )
    reading = _read(older_papers.older_report(facts, manner, style, rng))
    assert reading.kind is Kind.PERFORMANCE_REPORT
    if reading.outcome is Outcome.READ:
        assert _got(reading) == _printed(facts, manner), f"seed {seed}: {manner}"
        results = [f for f in reading.of(Figure) if f.measure == "trend"]
        for kpi in facts.indicators:
            texts = [kpi.year_before, *kpi.actuals, kpi.to_date]
            assert [f.value_text for f in results if f.service == kpi.name] == [text for text in texts if text]
        (report,) = reading.of(Report)
        assert (report.financial_year, report.quarter) == (facts.quarter.financial_year, facts.quarter.number)
    else:
        assert reading.note
    return reading


def test_whatever_the_manner_a_figure_is_right_or_the_paper_is_quarantined() -> None:
    readings = [_sweep(seed) for seed in range(16)]
    assert sum(r.outcome is Outcome.READ for r in readings) >= 14, [r.note for r in readings]


@pytest.mark.long
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("start", range(100, 700, 100))
def test_the_long_sweep_of_manners(start: int) -> None:
    readings = [_sweep(seed) for seed in range(start, start + 100)]
    assert sum(r.outcome is Outcome.READ for r in readings) >= 90


# --- which column -------------------------------------------------------------------------


def test_the_reports_own_quarter_is_the_reading_and_the_one_before_is_the_previous() -> None:
    first, reading = _only(_indicator())
    assert (reading.outcome, reading.note, reading.parser) == (Outcome.READ, None, "quarter_grids")
    assert (first.value, first.previous_value, first.target, first.floor, first.unit) == (86.0, 74.0, 80.0, 75.0, "%")
    assert (first.rag, first.previous_rag, first.direction) == (Rag.GREEN, Rag.RED, Direction.IMPROVING)
    assert first.lower_is_better is False


def test_a_quarter_still_blank_leaves_the_last_one_filled_as_the_reading_and_says_which() -> None:
    blank = _indicator(actuals=("79%", "81.5%", "74%", ""), ratings=("amber", "green", "red", None), own=2)
    first, reading = _only(blank)
    assert reading.outcome is Outcome.READ
    assert (first.value, first.rag, first.previous_value, first.period_label) == (74.0, Rag.RED, 81.5, "Mar 13")


def test_a_quarter_that_says_it_has_no_result_has_none() -> None:
    without = _indicator(actuals=("79%", "81.5%", "74%", "N/A"), ratings=("amber", "green", "red", None), own=3)
    first, reading = _only(without, Manner(gap_for_none="N/A"))
    assert reading.outcome is Outcome.READ
    assert (first.value, first.value_text, first.rag, first.previous_value) == (None, "N/A", None, 74.0)


def test_a_result_after_the_reports_quarter_is_not_taken_for_one() -> None:
    later = tuple(q.plus(1) for q in QUARTERS)
    _, reading = _only(_indicator(quarters=later))
    assert reading.outcome is Outcome.QUARANTINED
    assert "after the report's own quarter" in (reading.note or "")


def test_a_forecast_is_no_result() -> None:
    first, reading = _only(_indicator(forecast="99%"))
    assert (reading.outcome, first.value_text) == (Outcome.READ, "86%")
    (forecast,) = [f for f in reading.of(Figure) if f.measure == "trend/forecast"]
    assert (forecast.value, forecast.period_label) == (99.0, "Forecast Sep 13")


def test_a_range_as_target_is_kept_as_a_range() -> None:
    first, reading = _only(_indicator(targets=("80% - 90%",) * 4))
    assert reading.outcome is Outcome.READ
    assert (first.target, first.target_low, first.target_high) == (None, 80.0, 90.0)


# --- what must be noticed -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "note"),
    [
        ({"actuals": ("79%", "81.5%", "74%", "8G%")}, "cannot read '8G%' as result"),
        ({"targets": ("80%", "80%", "80%", "good")}, "cannot read 'good' as target"),
        ({"headed": "red"}, "the heading says red, the grid says green"),
        ({"ratings": ("amber", "green", "red", "green"), "floors": ("75%", "75%", "75%", "7 or 8")}, "as floor"),
    ],
    ids=["result", "target", "rating", "floor"],
)
def test_what_cannot_be_understood_is_said(change: dict[str, object], note: str) -> None:
    _, reading = _only(_indicator(**change))
    assert reading.outcome is Outcome.QUARANTINED
    assert note in (reading.note or "")


def test_a_report_with_an_indicator_too_few_is_quarantined() -> None:
    facts = _report(
        _indicator(), _indicator("Percentage of letters answered"), _indicator("Percentage of e-mails answered")
    )
    document = pymupdf.open(stream=_drawn(facts), filetype="pdf")
    document.delete_page(document.page_count - 1)
    reading = _read(document.tobytes())
    assert reading.outcome is Outcome.QUARANTINED
    assert "expected 5 indicators as the report says, found" in (reading.note or "")


def test_quarters_that_are_named_alike_are_not_guessed_apart() -> None:
    _, reading = _only(_indicator(quarters=(QUARTERS[0], QUARTERS[1], QUARTERS[3], QUARTERS[3])))
    assert reading.outcome is Outcome.QUARANTINED
    assert "headed with the same period" in (reading.note or "")


# --- the rest of the report ---------------------------------------------------------------


def test_a_grid_without_target_and_rating_is_activity() -> None:
    facts = replace(
        _report(_indicator()), activity=(("Number of calls handled", QUARTERS, ("900", "1,200", "1,100", "990")),)
    )
    reading = _read(_drawn(facts))
    found = [f for f in reading.of(Figure) if f.measure == "activity"]
    assert [f.value for f in found] == [900, 1200, 1100, 990]
    assert {f.service for f in found} == {"Number of calls handled"}
    assert len(reading.of(KpiReading)) == 3


def test_the_history_carries_its_quarters() -> None:
    _, reading = _only(_indicator())
    first = next(f for f in reading.of(Figure) if f.measure == "trend")
    assert (str(first.period_start), str(first.period_end), first.value) == ("2012-07-01", "2012-09-30", 79.0)


def test_the_summary_counts_come_with_the_indicators() -> None:
    _, reading = _only(_indicator())
    total = next(c for c in reading.of(RagCount) if c.in_table and c.service is None)
    assert (total.green, total.amber, total.red) == (3, 0, 0)
    assert all(r.headline_name == r.name for r in reading.of(KpiReading))


def test_later_reports_are_left_to_their_own_reader_whatever_their_charts_print() -> None:
    for seed in range(6):
        rng = random.Random(seed)
        style = replace(drawing.random_style(rng), charts="drawn", latest=rng.choice(["Latest", "Current"]))
        body = papers.performance_report(story.quarter_facts(Edition(2023, 1 + seed % 4)), style, rng)
        with pdf.open_pdf(body) as document:
            texts = document.rough_texts()
        assert performance_report.recognises(texts)
        assert not quarter_grids.recognises(texts)


@pytest.mark.papers
def test_no_real_paper_passes_for_one_of_this_layout(papers: Path) -> None:
    files = sorted(papers.rglob("*.pdf"))
    assert len(files) >= 10
    for path in files:
        with pdf.open_pdf(path.read_bytes()) as document:
            assert not quarter_grids.recognises(document.rough_texts(), title=path.stem), path.name
