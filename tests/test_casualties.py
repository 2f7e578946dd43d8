"""Road casualties, broken totals and headers without a period, in tables drawn with all their rules."""

from collections.abc import Sequence

import pymupdf
import pytest

from parsers import figures, grid, pdf
from parsers.records import Figure

Span = tuple[int, int, int, int]  # row, column, rows, columns that one cell takes


def drawn(heading: str, cells: dict[Span, str], *, wide: Sequence[float]) -> list[Figure]:
    """What is read of a table whose cells are given by where they stand."""
    document = pymupdf.open()
    page = document.new_page()
    page.insert_text((60, 60), heading, fontsize=11)
    edges = [60.0]
    for width in wide:
        edges.append(edges[-1] + width)
    for (row, column, rows, columns), text in cells.items():
        box = pymupdf.Rect(edges[column], 80 + 30 * row, edges[column + columns], 80 + 30 * (row + rows))
        page.draw_rect(box, width=0.5)
        for at, line in enumerate(text.split("\n")):
            page.insert_text((box.x0 + 3, box.y0 + 12 + 12 * at), line, fontsize=9)
    with pdf.open_pdf(document.tobytes()) as opened:
        first = opened.page(1)
        [table] = grid.tables(first)
        return figures.read(first, table)


def test_a_total_whose_label_a_narrow_column_breaks_is_the_total() -> None:
    rows = [("Highways", "10", "20"), ("SEN", "1", "2"), ("Tota\nl", "11", "22")]
    cells: dict[Span, str] = {
        (0, 0, 1, 1): "Service",
        (0, 1, 1, 1): "Quarter to Sep 24",
        (0, 2, 1, 1): "Quarter to Dec 24",
    }
    for at, row in enumerate(rows, start=1):
        cells |= {(at, column, 1, 1): text for column, text in enumerate(row)}
    found = drawn("Customer Services – Complaints Monitoring", cells, wide=(80, 120, 120))
    assert [(f.service, f.value, f.is_total) for f in found] == [
        ("Highways", 10, False),
        ("Highways", 20, False),
        ("SEN", 1, False),
        ("SEN", 2, False),
        ("Total", 11, True),
        ("Total", 22, True),
    ]


CLASSES = ("Fatal", "Serious", "Slight", "Tota\nl")


@pytest.mark.parametrize(("quarter", "start"), [("January to March", "2023-01-01"), ("April to June", "2023-04-01")])
def test_casualties_with_quarters_as_rows_are_of_that_quarter(quarter: str, start: str) -> None:
    cells: dict[Span, str] = {(0, 0, 2, 1): "Quarter", (0, 1, 1, 4): "2023", (0, 5, 1, 4): "2024"}
    cells |= {(1, 1 + at, 1, 1): text for at, text in enumerate(CLASSES * 2)}
    cells |= {
        (2, at, 1, 1): text for at, text in enumerate((quarter, "5", "172", "637", "814", "16", "220", "675", "911"))
    }
    found = drawn("Road casualties", cells, wide=(90, 40, 45, 40, 35, 40, 45, 40, 35))
    assert [(f.service, f.value, f.is_total) for f in found[:4]] == [
        ("Fatal", 5, False),
        ("Serious", 172, False),
        ("Slight", 637, False),
        ("Total", 814, True),
    ]
    assert {str(f.period_start) for f in found[:4]} == {start}
    assert {str(f.period_start) for f in found[4:]} == {start.replace("2023", "2024")}
    assert figures.doubtful(found) == []


def casualties(over: str) -> list[Figure]:
    cells: dict[Span, str] = {(0, 0, 1, 4): over}
    cells |= {(1, at, 1, 1): text for at, text in enumerate(CLASSES)}
    cells |= {(2, at, 1, 1): text for at, text in enumerate(("5", "172", "637", "814"))}
    return drawn("Road casualties", cells, wide=(40, 45, 40, 35))


def test_a_year_is_a_period() -> None:
    found = casualties("2023")
    assert {(str(f.period_start), str(f.period_end)) for f in found} == {("2023-01-01", "2023-12-31")}
    assert figures.doubtful(found) == []


def test_a_column_without_a_period_is_named_with_its_table() -> None:
    said = "page 1: in the table of road casualties the column headed '74' names no period"
    assert figures.doubtful(casualties("74")) == [said]
