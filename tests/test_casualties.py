"""Road casualties, broken totals and headers without a period, in tables drawn with all their rules."""

from collections.abc import Sequence

import pymupdf
import pytest

from parsers import casualties as casualties_bare
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


@pytest.mark.parametrize(
    ("line", "is_header"),
    [
        ("Fatal Serious Slight Total Fatal Serious Slight Total", True),
        ("Fatal   Serious   Slight   Tota", True),
        ("Fatal, serious and slight injuries were fewer", False),
        ("Total", False),
    ],
)
def test_the_header_of_a_table_of_casualties_is_known_without_its_rules(line: str, is_header: bool) -> None:
    assert _bare((line,))[0] is is_header


def _bare(*lines: Sequence[str]) -> tuple[bool, list[tuple[str | None, str | None, float | None]]]:
    """Whether lines of words, evenly apart, are a table of casualties without rules; and what it says."""
    document = pymupdf.open()
    page = document.new_page()
    for at, words in enumerate(lines):
        for place, word in enumerate(words):
            page.insert_text((60 + 480 / len(words) * place, 60 + 14 * at), word, fontsize=9)
    with pdf.open_pdf(document.tobytes()) as opened:
        first = opened.page(1)
        said = [(f.service, f.period_label, f.value) for f in casualties_bare.read(first)]
        return casualties_bare.is_counted(first), said


HEAD = (("Quarter 3",), ("2024/25", "2023/24"), ("Fatal", "Serious", "Slight", "Tota") * 2)


def test_a_table_of_casualties_without_rules_is_read_by_its_order() -> None:
    counted, said = _bare(*HEAD, ("4", "215", "650", "869", "8", "176", "748", "932"))
    now, before = "Quarter 3 2024/25", "Quarter 3 2023/24"
    assert counted
    assert said[:4] == [("Fatal", now, 4), ("Serious", now, 215), ("Slight", now, 650), ("Total", now, 869)]
    assert said[4:] == [("Fatal", before, 8), ("Serious", before, 176), ("Slight", before, 748), ("Total", before, 932)]


@pytest.mark.parametrize(
    "row",
    [
        ("4", "215", "650", "868", "8", "176", "748", "932"),  # does not add up
        ("4", "215", "650", "869", "8", "176", "748"),  # one is missing
        ("4", "215", "650", "869", "8", "176", "748", "n/a"),
    ],
)
def test_a_row_of_casualties_that_does_not_fit_its_header_is_not_read(row: tuple[str, ...]) -> None:
    assert _bare(*HEAD, row) == (True, [])
