"""Directorate dashboards: facts, drawn as a paper in many layouts, and read again.

A paper whose layout is not understood may be quarantined. A figure that is wrong and not said to be is never allowed.
"""

import random
from dataclasses import replace
from datetime import date
from pathlib import Path

import pymupdf
import pytest

import parsers
from demo import dashboards, drawing
from demo.dashboards import Dashboard, Layout
from parsers import dashboard, pdf
from parsers.records import Figure, Kind, KpiReading, Outcome, Rag, RagCount, Reading, Report

URL = "https://democracy.example.gov.uk/documents/s7/Appendix%201.pdf"
LANDSCAPE = drawing.Style(page=(841.9, 595.3), size=9, left=40, right=40)


def _read(body: bytes, title: str = "Performance Dashboard") -> Reading:
    return parsers.parse(body, url=URL, title=title)


def _printed(facts: Dashboard, layout: Layout) -> dict[str, tuple[object, ...]]:
    return {
        i.reference: (
            *(i.service, i.name, i.latest.value, i.latest.text or None, i.rag),
            *(i.ytd.value, i.ytd.text or None, i.ytd_rag, i.target.value, i.floor.value),
            *(i.previous_year.value, i.previous_year.text or None, i.direction if layout.direction else None),
        )
        for i in facts.indicators
    }


def _got(reading: Reading) -> dict[str | None, tuple[object, ...]]:
    return {
        r.reference: (
            *(r.service, r.name, r.value, r.value_text, r.rag),
            *(r.ytd_value, r.ytd_text, r.ytd_rag, r.target, r.floor),
            *(r.previous_year_value, r.previous_year_text, r.direction),
        )
        for r in reading.of(KpiReading)
    }


def _facts(seed: int = 4) -> Dashboard:
    return dashboards.dashboard_facts(random.Random(seed))


def _drawn(facts: Dashboard, **layout: object) -> bytes:
    return dashboards.dashboard(facts, replace(Layout(), **layout), LANDSCAPE)  # type: ignore[arg-type]


def _sweep(seed: int, *, rules: bool) -> Reading:
    rng = random.Random(seed)
    facts, layout, style = dashboards.dashboard_facts(rng), dashboards.random_layout(rng), dashboards.paper_style(rng)
    body = dashboards.dashboard(facts, layout, style if rules else replace(style, rules=0))
    if rng.random() < 0.3:
        body = dashboards.turned(body)
    reading = _read(body)
    if reading.outcome is not Outcome.READ:
        assert reading.kind is Kind.DASHBOARD and reading.note, f"seed {seed}: {layout}"
        return reading
    assert _got(reading) == _printed(facts, layout), f"seed {seed}: {layout}"
    (report,) = reading.of(Report)
    assert (report.scope, report.period_end) == (facts.scope, facts.month)
    if layout.activity:
        assert [(f.service, f.value_text) for f in reading.of(Figure)] == [
            (f"{a.reference} {a.name}", text)
            for a in facts.activities
            for text in (a.figures[0].text, a.in_range, *(figure.text for figure in a.figures[1:]))
        ]
    if layout.lists and rules:
        assert all((r.headline_rag, bool(r.headline_page)) == (r.rag, True) for r in reading.of(KpiReading))
    if layout.counts and rules:
        counts = [(c.green, c.amber, c.red) for c in reading.of(RagCount)]
        assert counts == [tuple(facts.counted(rag) for rag in ("green", "amber", "red"))]
    return reading


def test_dashboards_with_rules_come_back_exactly_in_any_layout() -> None:
    readings = [_sweep(seed, rules=True) for seed in range(14)]
    assert [r.note for r in readings if r.outcome is not Outcome.READ] == []


def test_dashboards_without_rules_come_back_exactly_or_are_held_back() -> None:
    readings = [_sweep(seed, rules=False) for seed in range(100, 112)]
    assert sum(r.outcome is Outcome.READ for r in readings) >= 4


@pytest.mark.long
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("start", range(1000, 1400, 50))
def test_the_long_sweep_of_layouts(start: int) -> None:
    ruled = [_sweep(seed, rules=True) for seed in range(start, start + 50)]
    assert sum(r.outcome is Outcome.READ for r in ruled) >= 48
    bare = [_sweep(seed, rules=False) for seed in range(start, start + 50)]
    assert sum(r.outcome is Outcome.READ for r in bare) >= 10


def test_the_report_is_on_a_directorate_up_to_the_end_of_a_month() -> None:
    facts = replace(_facts(), scope="Growth, Economic Development and Communities", month=date(2025, 2, 28))
    (report,) = _read(_drawn(facts)).of(Report)
    assert report.scope == "Growth, Economic Development and Communities"
    assert report.title == "Growth, Economic Development and Communities Performance Dashboard, February 2025"
    assert (report.financial_year, report.quarter) == ("2024/25", 4)
    assert (report.period_start, report.period_end) == (date(2024, 4, 1), date(2025, 2, 28))


def test_every_indicator_says_its_month_and_its_place() -> None:
    facts = _facts()
    reading = _read(_drawn(facts))
    for indicator in reading.of(KpiReading):
        assert indicator.period_label == f"{facts.month:%b-%y}"
        assert indicator.bbox[3] - indicator.bbox[1] < 60
        lower = indicator.target is not None and indicator.floor is not None and indicator.target < indicator.floor
        assert indicator.lower_is_better is lower


def _without_the_last_page(facts: Dashboard, **layout: object) -> Reading:
    """The paper on short pages, cut off before its end."""
    body = dashboards.dashboard(facts, replace(Layout(activity=False), **layout), replace(LANDSCAPE, page=(841.9, 330)))  # type: ignore[arg-type]
    with pymupdf.open(stream=body, filetype="pdf") as document:
        document.delete_page(document.page_count - 1)
        reading = _read(document.tobytes())
    assert 0 < len(reading.of(KpiReading)) < len(facts.indicators)
    return reading


def _with_first(facts: Dashboard, **changes: object) -> Dashboard:
    first, *others = facts.indicators
    return replace(facts, indicators=(replace(first, **changes), *others))  # type: ignore[arg-type]


def _figure(text: str, value: float | None = None) -> dashboards.Figure:
    return dashboards.Figure(value=value, text=text)


@pytest.mark.parametrize(
    ("text", "value", "unit"),
    [
        ("87%*", 87.0, "%"),
        ("87¹", 87.0, None),
        ("1,234", 1234.0, None),
        ("£2.5m", 2.5, "£m"),
        ("5 days", 5.0, "days"),
        ("92% (p)", 92.0, "%"),
        ("92% (23/25)", 92.0, "%"),
        ("-3.2%", -3.2, "%"),
        ("<5", None, None),
        ("Awaiting data", None, None),
    ],
)
def test_a_value_is_what_is_printed(text: str, value: float | None, unit: str | None) -> None:
    bare = {"ytd": _figure(""), "ytd_rag": None, "target": _figure("90"), "floor": _figure("80")}
    facts = _with_first(_facts(), latest=_figure(text), rag="green", **bare)
    reading = _read(_drawn(facts))
    assert reading.note is None
    first = reading.of(KpiReading)[0]
    assert (first.value, first.unit, first.value_text) == (value, unit, text)


@pytest.mark.parametrize("text", ["eleventy", "45 (12%)", "02:35", "12 345", "9O%"])
def test_a_value_that_is_not_understood_holds_the_paper_back(text: str) -> None:
    reading = _read(_drawn(_with_first(_facts(), latest=_figure(text))))
    assert reading.outcome is Outcome.QUARANTINED
    assert f"cannot read '{text}' under 'Latest Month (" in (reading.note or "")


def test_a_value_of_another_month_keeps_its_own() -> None:
    reading = _read(_drawn(_with_first(_facts(), latest=_figure("91% (Jan-25)"), rag="green")))
    first = reading.of(KpiReading)[0]
    assert (first.value, first.value_text, first.period_label) == (91.0, "91%", "Jan-25")


def test_targets_may_be_bounds_and_ranges() -> None:
    reading = _read(_drawn(_with_first(_facts(), target=_figure("≤ 12 days"), floor=_figure("15 days"))))
    first = reading.of(KpiReading)[0]
    assert (first.target, first.floor, first.lower_is_better) == (12.0, 15.0, True)
    first = _read(_drawn(_with_first(_facts(), target=_figure("80% - 90%")))).of(KpiReading)[0]
    assert (first.target, first.target_low, first.target_high) == (None, 80.0, 90.0)


def test_a_word_on_another_ratings_colour_is_said() -> None:
    style = replace(LANDSCAPE, amber=LANDSCAPE.green)
    reading = _read(dashboards.dashboard(_facts(), Layout(), style))
    assert reading.outcome is Outcome.QUARANTINED
    assert "the word says amber, the colour of its cell says green" in (reading.note or "")


def test_pale_tints_of_spreadsheets_are_ratings_in_a_column_of_ratings() -> None:
    style = replace(LANDSCAPE, green=(0.776, 0.937, 0.808), amber=(1, 0.922, 0.612), red=(1, 0.78, 0.808))
    facts = _facts()
    reading = _read(dashboards.dashboard(facts, replace(Layout(), words="none"), style))
    assert reading.note is None
    assert _got(reading) == _printed(facts, Layout())


def test_a_colour_that_is_no_rating_is_said_where_no_word_stands() -> None:
    style = replace(LANDSCAPE, amber=(0.2, 0.3, 0.9))
    reading = _read(dashboards.dashboard(_facts(), replace(Layout(), words="none"), style))
    assert reading.outcome is Outcome.QUARANTINED
    assert "a rating is shown in a way that cannot be read" in (reading.note or "")


def test_a_row_that_is_in_no_table_holds_the_paper_back() -> None:
    with pymupdf.open(stream=_drawn(_facts()), filetype="pdf") as document:
        document[-1].insert_text((60, 560), "HT99 A row below the table 81% RED 85% 90%", fontsize=8)
        reading = _read(document.tobytes())
    assert reading.outcome is Outcome.QUARANTINED
    assert "HT99 has a row that could not be read" in (reading.note or "")


@pytest.mark.parametrize("counts", ["table", "sentence"])
def test_a_paper_that_counts_more_than_was_read_is_held_back(counts: str) -> None:
    reading = _without_the_last_page(_facts(), counts=counts)
    assert reading.outcome is Outcome.QUARANTINED
    assert "as the paper " in (reading.note or "")


def test_an_indicator_of_the_list_without_a_row_holds_the_paper_back() -> None:
    reading = _without_the_last_page(_facts(), lists=True)
    assert reading.outcome is Outcome.QUARANTINED
    assert "is listed with a rating and has no row of figures" in (reading.note or "")


def test_without_a_directorate_or_a_month_the_paper_is_held_back() -> None:
    facts = replace(_facts(), scope="Performance")
    note = _read(_drawn(facts)).note or ""
    assert "neither title nor cover names the directorate" in note
    body = _drawn(_facts(), latest="Latest Month", two_rows=False)
    with pymupdf.open(stream=body, filetype="pdf") as document:
        document.delete_page(0)  # the cover, with the month on it
        note = _read(document.tobytes(), title="Environment and Transport Dashboard").note or ""
    assert "names the month" in note


def test_one_rag_after_two_values_belongs_to_the_one_that_it_rates() -> None:
    facts = _facts()

    class OneRag(dashboards._Paper):
        def columns(self) -> list[str]:
            return ["ref", "name", "latest", "ytd", "rag", "target", "floor", "previous_year"]

    reading = _read(OneRag(facts, Layout(), LANDSCAPE).draw())
    assert reading.note is None
    expected = {i.reference: (i.rag, None) for i in facts.indicators}
    assert {r.reference: (r.rag, r.ytd_rag) for r in reading.of(KpiReading)} == expected


def test_a_raised_footnote_digit_is_no_digit_of_the_figure() -> None:
    facts = _with_first(_facts(), latest=_figure("87"), rag="green", target=_figure("85"), floor=_figure("80"))
    with pymupdf.open(stream=_drawn(facts), filetype="pdf") as document:
        page = next(page for page in document if page.search_for(facts.indicators[0].reference))
        place = page.search_for("87")[0]
        page.insert_text((place.x1, place.y1 - 5), "1", fontsize=5.5)
        reading = _read(document.tobytes())
    value = reading.of(KpiReading)[0].value
    assert value == 87.0 or (value is None and "cannot read '87 1'" in (reading.note or ""))


@pytest.mark.parametrize("repeated", [True, False], ids=["header again", "header once"])
def test_a_table_goes_on_over_pages_with_and_without_its_header(repeated: bool) -> None:
    facts, layout = _facts(), replace(Layout(), headings="within", two_rows=True)
    style = replace(LANDSCAPE, page=(841.9, 300), keep_tables_together=False, repeat_headers=repeated)
    reading = _read(dashboards.dashboard(facts, layout, style))
    assert reading.note is None
    assert _got(reading) == _printed(facts, layout)
    assert len({r.page for r in reading.of(KpiReading)}) > 1


def test_of_a_run_of_months_the_last_counts() -> None:
    layout = replace(Layout(), latest="Latest result (Apr-24 to Dec-24)", lists=False)
    reading = _read(dashboards.dashboard(replace(_facts(), month=date(2024, 12, 31)), layout, LANDSCAPE))
    (report,) = reading.of(Report)
    assert (report.period_end, report.quarter) == (date(2024, 12, 31), 3)
    (report,) = _read(_drawn(replace(_facts(), month=date(2025, 3, 31)), latest="Latest Month")).of(Report)
    assert report.period_end == date(2025, 3, 31)


@pytest.mark.parametrize("seed", [109, 128, 148, 437, 505, 535])
def test_tables_without_rules_that_were_once_misread(seed: int) -> None:
    _sweep(seed, rules=False)


def test_a_pack_is_read_where_the_dashboard_stands_in_it() -> None:
    facts = _facts()
    with pymupdf.open() as pack:
        for number in range(6):
            pack.new_page().insert_text((72, 100), f"Agenda item {number}: HT01 was discussed, 81% were repaired.")
        with pymupdf.open(stream=_drawn(facts), filetype="pdf") as paper:
            pack.insert_pdf(paper)
        reading = _read(pack.tobytes(), title="Public reports pack")
    assert (reading.kind, reading.note) == (Kind.DASHBOARD, None)
    assert _got(reading) == _printed(facts, Layout())
    assert min(r.page for r in reading.of(KpiReading)) > 6


def test_an_ordinary_table_with_targets_is_no_dashboard() -> None:
    document = pymupdf.open()
    page = document.new_page()
    rows = ["Indicator  Target  RAG", "Performance report on the target for the green belt", "RAG 90% Target"]
    for n, row in enumerate(rows):
        page.insert_text((72, 100 + 20 * n), row)
    assert _read(document.tobytes(), title="Performance Report").kind is Kind.OTHER


@pytest.mark.papers
def test_no_real_paper_passes_for_a_dashboard(papers: Path) -> None:
    for path in sorted(papers.rglob("*.pdf")):
        with pdf.open_pdf(path.read_bytes()) as document:
            assert not dashboard.recognises(document, document.rough_texts(), url=path.name), path.name


def test_ratings_are_records_of_the_project() -> None:
    assert {r.rag for r in _read(_drawn(_facts())).of(KpiReading)} <= {*Rag, None}
