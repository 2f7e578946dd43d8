"""Yearly reports on complaints: facts, drawn as a paper (demo/feedback_papers.py), and read again: the same cells."""

import random
from dataclasses import replace
from pathlib import Path

import pymupdf
import pytest

import parsers
from demo import drawing, feedback_papers, papers, story
from demo.drawing import Cell, Row
from demo.feedback_papers import FeedbackReport, Printed, TableFacts
from demo.story import Edition
from parsers import complaints_report, pdf
from parsers.records import Figure, Kind, Outcome, Reading

URL = "https://democracy.example.gov.uk/documents/s2/Report.pdf"
YEARS = ("2022/23", "2023/24")


def _table(caption: str, *rows: Row, widths: tuple[float, ...] = (0.4, 0.2, 0.2)) -> TableFacts:
    return TableFacts(caption=caption, widths=widths, rows=rows, header_rows=1, cells=())


def _row(*texts: str) -> list[Cell]:
    return [Cell(text=text) for text in texts]


def _drawn(*tables: TableFacts, title: str = "Annual Complaints Report 2023 - 24") -> bytes:
    facts = FeedbackReport(title=title, tables=tables)
    return feedback_papers.feedback_report(facts, drawing.KENT, random.Random(1))


def _read(*tables: TableFacts) -> Reading:
    return parsers.parse(_drawn(*tables), url=URL)


def _cells(reading: Reading) -> list[tuple[object, ...]]:
    return [(f.measure, f.service, f.period_label, f.value_text) for f in reading.of(Figure)]


COMPLAINTS = _table(
    "Table 1: Complaints by directorate",
    _row("Directorate", *YEARS),
    _row("Adult Social Care", "1,204", "1,311"),
    _row("Education", "340", "*"),
    _row("Libraries", "", "17"),
    _row("Total", "1,544", "1,340"),
)


# --- round trip ---------------------------------------------------------------------------


def _printed(cell: Printed) -> tuple[object, ...]:
    return (cell.measure, cell.service, cell.period_label, cell.value, cell.unit, cell.text, cell.is_total)


def _sweep(seed: int) -> Reading:
    rng = random.Random(seed)
    facts, style = feedback_papers.random_feedback(rng), feedback_papers.feedback_style(rng)
    reading = parsers.parse(feedback_papers.feedback_report(facts, style, rng), url=URL)
    assert reading.kind is Kind.COMPLAINTS_REPORT
    if reading.outcome is Outcome.READ:
        got = [
            # What a second table counts has the table's name behind it.
            (f.measure.partition("/")[0], f.service, f.period_label, f.value, f.unit, f.value_text, f.is_total)
            for f in reading.of(Figure)
        ]
        assert got == [_printed(cell) for table in facts.tables for cell in table.cells], f"seed {seed}"
        marks = [(f.measure, f.service, f.period_label) for f in reading.of(Figure)]
        assert len(set(marks)) == len(marks)
        assert all(f.period_start is not None for f in reading.of(Figure))
    else:
        assert reading.note
    return reading


def test_every_cell_comes_back_or_the_paper_is_quarantined() -> None:
    readings = [_sweep(seed) for seed in range(16)]
    assert sum(r.outcome is Outcome.READ for r in readings) >= 15, [r.note for r in readings]


@pytest.mark.long
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("start", range(100, 700, 100))
def test_the_long_sweep_of_reports(start: int) -> None:
    readings = [_sweep(seed) for seed in range(start, start + 100)]
    assert sum(r.outcome is Outcome.READ for r in readings) >= 92


# --- single cells -------------------------------------------------------------------------


def test_blank_and_withheld_cells_have_no_value_and_are_not_zero() -> None:
    reading = _read(COMPLAINTS)
    assert (reading.outcome, reading.note, reading.title) == (Outcome.READ, None, "Annual Complaints Report 2023 - 24")
    values = {(f.service, f.period_label): (f.value, f.value_text) for f in reading.of(Figure)}
    assert values["Education", "2023/24"] == (None, "*")
    assert values["Libraries", "2022/23"] == (None, None)
    assert values["Adult Social Care", "2023/24"] == (1311.0, "1,311")
    assert [f.service for f in reading.of(Figure) if f.is_total] == ["Total", "Total"]


def test_a_year_has_its_first_and_last_day() -> None:
    first = _read(COMPLAINTS).of(Figure)[0]
    assert (str(first.period_start), str(first.period_end)) == ("2022-04-01", "2023-03-31")


def test_a_caption_gives_its_year_where_no_header_does() -> None:
    table = _table(
        "Table 2: Feedback by directorate 2022/23",
        _row("Directorate", "Complaints", "Compliments"),
        _row("Law", "12", "7"),
    )
    found = _read(table).of(Figure)
    assert [(f.measure, f.value, str(f.period_end)) for f in found] == [
        ("complaints", 12.0, "2023-03-31"), ("compliments", 7.0, "2023-03-31"),
    ]  # fmt: skip


def test_a_number_with_its_share_is_two_figures() -> None:
    table = _table(
        "Table 3: Themes of complaints", _row("Theme", "2023/24"), _row("Delay", "45 (12%)"), widths=(0.4, 0.3)
    )
    assert [(f.measure, f.value, f.unit) for f in _read(table).of(Figure)] == [
        ("complaint_themes", 45.0, None), ("complaint_themes/share", 12.0, "%"),
    ]  # fmt: skip


def test_shares_are_never_counted_as_complaints() -> None:
    table = _table(
        "Table 4: Complaints by directorate", _row("Directorate", "2023/24", "% change", "% of total"),
        _row("Education", "340", "12%", "20%"), _row("Law", "12", "-4%", "1%"), widths=(0.4, 0.2, 0.2, 0.2),
    )  # fmt: skip
    found = _read(table).of(Figure)
    assert [f.measure for f in found[:3]] == ["complaints", "complaints/change", "complaints/share"]


def test_two_tables_with_the_same_columns_are_not_added_up() -> None:
    channels = _table(
        "Table 2: Complaints by district", _row("District", *YEARS), _row("Ashford", "5", "6"), _row("Swale", "7", "8")
    )
    found = _read(COMPLAINTS, channels).of(Figure)
    assert {f.measure for f in found} == {"complaints", "complaints/complaints_by_district"}


def test_a_warning_of_rounding_is_kept_as_a_tolerance() -> None:
    warned = replace(COMPLAINTS, caption="Table 1: Complaints by directorate (may not sum due to rounding)")
    assert {f.tolerance for f in _read(warned).of(Figure)} == {2.0}
    assert {f.tolerance for f in _read(COMPLAINTS).of(Figure)} == {None}


# --- what must be noticed -----------------------------------------------------------------


def test_a_figure_that_fell_into_its_neighbours_cell_is_noticed() -> None:
    rows = list(COMPLAINTS.rows)
    rows[2], rows[3] = _row("Education", "340", ""), _row("Libraries", "", "55 17")
    reading = _read(replace(COMPLAINTS, rows=tuple(rows)))
    assert reading.outcome is Outcome.QUARANTINED
    assert "cannot read '55 17' at 'Libraries'" in (reading.note or "")


def test_a_figure_on_a_row_of_its_own_is_noticed() -> None:
    rows = [*COMPLAINTS.rows[:3], _row("", "", "55"), *COMPLAINTS.rows[3:]]
    reading = _read(replace(COMPLAINTS, rows=tuple(rows)))
    assert reading.outcome is Outcome.QUARANTINED
    assert "'55' stands apart from its row" in (reading.note or "")


def test_a_figure_below_the_table_is_noticed_where_a_cell_of_its_column_is_empty() -> None:
    body = _drawn(COMPLAINTS)
    document = pymupdf.open(stream=body, filetype="pdf")
    page = document[1]
    (found,) = [
        f for f in parsers.parse(body, url=URL).of(Figure) if f.service == "Total" and f.period_label == "2022/23"
    ]
    assert found.bbox is not None
    page.insert_text((found.bbox[0] + 6, found.bbox[3] + 13), "26", fontsize=10)
    reading = parsers.parse(document.tobytes(), url=URL)
    assert reading.outcome is Outcome.QUARANTINED
    assert "'26' stands outside the table" in (reading.note or "")


def test_words_in_a_column_of_complaints_are_noticed() -> None:
    rows = [*COMPLAINTS.rows[:2], _row("Education", "34O", "310"), *COMPLAINTS.rows[3:]]
    reading = _read(replace(COMPLAINTS, rows=tuple(rows)))
    assert reading.outcome is Outcome.QUARANTINED
    assert "cannot read '34O'" in (reading.note or "")


def test_a_caption_without_a_table_is_noticed() -> None:
    document = pymupdf.open(stream=_drawn(COMPLAINTS), filetype="pdf")
    document[1].insert_text((72, 500), "Table 2: Complaints by theme", fontsize=10)
    reading = parsers.parse(document.tobytes(), url=URL)
    assert reading.outcome is Outcome.QUARANTINED
    assert "expected a table under 'Table 2: Complaints by theme', found none" in (reading.note or "")


def test_a_table_without_lines_is_noticed() -> None:
    body = feedback_papers.feedback_report(
        FeedbackReport(title="Annual Complaints Report", tables=(replace(COMPLAINTS, caption="By directorate"),)),
        replace(drawing.KENT, rules=0, grey=(1, 1, 1)), random.Random(1),
    )  # fmt: skip
    reading = parsers.parse(body, url=URL)
    assert (reading.outcome, reading.of(Figure)) == (Outcome.QUARANTINED, [])


def test_a_report_of_words_alone_holds_nothing() -> None:
    reading = _read()
    assert (reading.kind, reading.outcome, reading.facts) == (Kind.COMPLAINTS_REPORT, Outcome.NOTHING, ())


# --- what is such a report ----------------------------------------------------------------


@pytest.mark.parametrize(
    "title",
    [
        "Annual Complaints Report 2022 - 23",
        "Customer Feedback Annual Report",
        "Annual Customer Feedback Report 2023/24",
        "Complaints, comments and compliments",
        "Subject: KCC Annual Complaints, Comments and Compliments Report 2016/17",
        "Children, Young People and Education Annual Complaints Report 2022/23",
        "Annual Customer Feedback Report 1 April 2023 – 31 March 2024",
    ],
)
def test_titles_of_such_reports_are_known(title: str) -> None:
    text = "The Council received complaints and compliments. Feedback and complaints are welcome."
    assert complaints_report.recognises([f"{title}\n{text}"])
    assert complaints_report.recognises([text], title=title)


@pytest.mark.parametrize(
    "line",
    [
        "8. Annual Customer Feedback Report 2023/24",
        "Customer Services – Complaints Monitoring",
        "Complaints policy 2023/24",
        "The annual complaints report was noted",
        "Local Government Ombudsman annual review letter on complaints",
        "Complaints",
    ],
)
def test_a_paper_that_only_speaks_of_one_is_not_one(line: str) -> None:
    text = "Complaints, complaints, compliments and feedback."
    assert not complaints_report.recognises([f"{line}\n{text}"])


@pytest.mark.parametrize("front", ["AGENDA", "MINUTES of the meeting", "Quarterly Performance Report"])
def test_agendas_minutes_and_other_reports_that_name_one_are_not_one(front: str) -> None:
    pages = [f"{front}\nAnnual Complaints Report 2022 - 23\nComplaints, feedback, compliments, complaints"]
    assert not complaints_report.recognises(pages)


def test_the_quarterly_report_keeps_its_complaints_table() -> None:
    with pdf.open_pdf(papers.performance_report(story.quarter_facts(Edition(2023, 1)))) as document:
        assert not complaints_report.recognises(document.rough_texts())


@pytest.mark.papers
def test_no_real_paper_passes_for_one(papers: Path) -> None:
    files = sorted(papers.rglob("*.pdf"))
    assert len(files) >= 10
    for path in files:
        with pdf.open_pdf(path.read_bytes()) as document:
            assert not complaints_report.recognises(document.rough_texts(), title=path.name), path.name
