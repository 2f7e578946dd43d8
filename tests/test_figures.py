"""Tables of figures as word processors leave them: dropped figures, broken ones, raised marks, no rules."""

import pymupdf
import pytest

from parsers import figures, grid, pdf, unruled
from parsers.grid import Table
from parsers.records import Figure
from parsers.values import value_of

HEADER = ["Service", "12 mths to Dec 23", "12 mths to Dec 24", "Quarter to Sep 24"]
ROWS = [["Roads", "2,902", "2,355", "642"], ["Schools", "148", "135", "55"], ["Waste", "161", "421", "107"]]
TOTAL = ["Total", "3,211", "2,911", "804"]
LEFT, WIDTH, HEIGHT = 60, 110, 34


def _page(
    rows: list[list[str]], *, ruled: bool = True, heading: str = "Roads - Complaints Monitoring"
) -> pymupdf.Document:
    """A table of cells, a cell's lines parted by a bar; without rules where they are not wanted."""
    document = pymupdf.open()
    page = document.new_page()
    page.insert_text((LEFT, 80), heading, fontsize=12)
    for r, row in enumerate(rows):
        for c, text in enumerate(row):
            x, y = LEFT + c * WIDTH, 120 + r * HEIGHT
            if ruled:
                page.draw_rect((x, y, x + WIDTH, y + HEIGHT), width=0.5)
            for n, line in enumerate(text.split("|")):
                page.insert_text((x + 6, y + 13 + 12 * n), line, fontsize=9)
    return document


def _read(document: pymupdf.Document) -> tuple[list[Figure], list[str]]:
    with pdf.open_pdf(document.tobytes()) as opened:
        page = opened.page(1)
        found = [figure for table in _tables(page) for figure in figures.read(page, table)]
    return found, figures.doubtful(found)


def _tables(page: pdf.Page) -> list[Table]:
    ruled = [table for table in grid.tables(page) if any(cell.words for cell in table.cells)]
    return [*ruled, *unruled.tables(page, is_strip=lambda _: False, ruled=ruled)]


def _values(found: list[Figure]) -> list[list[float | None]]:
    values = [figure.value for figure in found]
    return [values[i : i + 3] for i in range(0, len(values), 3)]


PRINTED = [[2902, 2355, 642], [148, 135, 55], [161, 421, 107], [3211, 2911, 804]]


@pytest.mark.parametrize("ruled", [True, False], ids=["ruled", "bare"])
def test_a_table_of_complaints_comes_out_cell_by_cell(ruled: bool) -> None:
    found, doubts = _read(_page([HEADER, *ROWS, TOTAL], ruled=ruled))
    assert (_values(found), doubts) == (PRINTED, [])
    assert {f.measure for f in found} == {"complaints"}
    assert [f.service for f in found[::3]] == ["Roads", "Schools", "Waste", "Total"]
    assert [str(f.period_start) for f in found[:3]] == ["2023-01-01", "2024-01-01", "2024-07-01"]


def test_a_figure_that_fell_into_the_cell_below_is_put_back_where_the_total_says_so() -> None:
    fallen = [ROWS[0], [*ROWS[1][:3], ""], [*ROWS[2][:3], "55|107"]]
    found, doubts = _read(_page([HEADER, *fallen, TOTAL]))
    assert (_values(found), doubts) == (PRINTED, [])


@pytest.mark.parametrize("total", [None, [*TOTAL[:3], "999"]], ids=["no total", "another total"])
def test_a_figure_that_fell_and_cannot_be_placed_is_said(total: list[str] | None) -> None:
    fallen = [ROWS[0], [*ROWS[1][:3], ""], [*ROWS[2][:3], "55|107"]]
    found, doubts = _read(_page([HEADER, *fallen, *([total] if total else [])]))
    assert _values(found)[1:3] == [[148, 135, None], [161, 421, None]]
    (doubt,) = doubts
    assert "cannot read '55 107' as a figure: Waste" in doubt


def test_a_figure_that_a_narrow_column_breaks_is_whole_and_two_figures_stay_two() -> None:
    broken = [["Roads", "1,043,2|75", "2,355", "642"], ["Schools", "148", "13|5", "55"]]
    found, doubts = _read(_page([HEADER, *broken]))
    assert _values(found) == [[1043275, 2355, 642], [148, None, 55]]
    assert [doubt.split(": ", 1)[1][:16] for doubt in doubts] == ["cannot read '13 "]


def test_a_withheld_or_missing_figure_is_none_and_raises_no_doubt() -> None:
    found, doubts = _read(_page([HEADER, ["Roads", "**", "-", "n/a"], ROWS[1]]))
    assert (_values(found), doubts) == ([[None, None, None], [148, 135, 55]], [])


def test_an_unlikely_figure_is_kept_as_printed() -> None:
    found, _ = _read(_page([HEADER, ["Roads", "95.3", "2,355", "642"], ROWS[1]]))
    assert (found[0].value, found[0].value_text) == (95.3, "95.3")


@pytest.mark.parametrize("size", [5.5, 9], ids=["raised", "level"])
def test_a_raised_footnote_mark_is_no_digit_of_its_figure(size: float) -> None:
    document = pymupdf.open()
    page = document.new_page()
    page.insert_text((100, 100), "Target: 180", fontsize=9)
    after = 100 + pymupdf.get_text_length("Target: 180", fontsize=9)
    page.insert_text((after, 96 if size < 9 else 100), "2", fontsize=size)
    with pdf.open_pdf(document.tobytes()) as opened:
        last = opened.page(1).words[-1].text
    assert value_of(last).value == (180 if size < 9 else 1802)


def test_what_a_heading_announces_and_nobody_reads_is_counted() -> None:
    document = _page([["Service", "a", "b", "c"], *ROWS, TOTAL], ruled=False)
    with pdf.open_pdf(document.tobytes()) as opened:
        page = opened.page(1)
        assert figures.announced(page) == "complaints"
        assert unruled.unread_rows(page, []) == 4
        assert unruled.unread_rows(page, [(0, 0, 595, 842)]) == 0
