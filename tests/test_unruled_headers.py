"""Headers of tables without rules: how their words stand over the numbers."""

import pymupdf
import pytest

from parsers import pdf, unruled


def _cells(header: list[tuple[float, str]], *, sentence: str = "") -> list[list[str]]:
    """What a table of risks per level, its header as given by place and words, is found to hold."""
    document = pymupdf.open()
    page = document.new_page()
    if sentence:
        page.insert_text((60, 86), sentence, fontsize=10)
    for x, text in header:
        page.insert_text((x, 100), text, fontsize=10)
    for at, row in enumerate([("August 2024", "3", "7", "14"), ("November 2024", "0", "7", "14")], start=1):
        page.insert_text((60, 100 + 14 * at), f"Current risk level {row[0]}", fontsize=10)
        for x, text in zip((270, 340, 410), row[1:], strict=True):
            page.insert_text((x, 100 + 14 * at), text, fontsize=10)
    with pdf.open_pdf(document.tobytes()) as opened:
        tables = unruled.tables(opened.page(1), is_strip=lambda _: False, ruled=[])
        return [[cell.text for cell in row] for table in tables for row in table.rows]


WIDE = [(228.0, "Low Risk Level"), (312.0, "Medium Risk Level"), (402.0, "High Risk")]


def test_a_header_that_is_wider_than_its_numbers_is_theirs() -> None:
    first, *_ = _cells(WIDE)
    assert first[-3:] == ["Low Risk Level", "Medium Risk Level", "High Risk"]


@pytest.mark.parametrize(
    "sentence",
    ["The table shows how many corporate risks stood at each level.", "In each quarter of last year, as said"],
)
def test_a_sentence_above_the_header_is_no_part_of_it(sentence: str) -> None:
    first, *_ = _cells(WIDE, sentence=sentence)
    assert first[-3:] == ["Low Risk Level", "Medium Risk Level", "High Risk"]
