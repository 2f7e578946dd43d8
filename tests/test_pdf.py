"""The door to PDF: what is no whole PDF is refused with a sentence, what is one comes out right."""

from collections.abc import Callable

import pymupdf
import pytest

from parsers import grid, pdf
from parsers.errors import TooLarge, Unreadable


def _document(pages: int = 1, text: str = "Rated 91.0% of 1,234.5") -> pymupdf.Document:
    document = pymupdf.open()
    for _ in range(pages):
        document.new_page().insert_text((72, 100), text)
    return document


def test_decimals_and_thousands_survive() -> None:
    """The canary for the library: version 2 tears these apart."""
    with pdf.open_pdf(_document(text="7.2% 91.0% 1,234.5 Indicator description").tobytes()) as document:
        assert document.page(1).text == "7.2% 91.0% 1,234.5 Indicator description"


@pytest.mark.parametrize(
    ("damage", "sentence"),
    [
        (lambda b: b"", "an empty file"),
        (lambda b: b"<!DOCTYPE html><title>Sorry</title>", "a web page"),
        (lambda b: b"PK\x03\x04" + bytes(100), "a zip archive"),
        (lambda b: b[: len(b) // 2], "cut short"),
        (lambda b: b"%PDF-1.7\n" + bytes(range(256)) * 20 + b"\n%%EOF", "broken|no pages"),
    ],
    ids=["empty", "web page", "zip", "half", "garbage"],
)
def test_what_is_no_whole_pdf_is_refused_with_the_reason(damage: Callable[[bytes], bytes], sentence: str) -> None:
    with pytest.raises(Unreadable, match=sentence):
        pdf.open_pdf(damage(_document(5).tobytes(deflate=True)))


def test_a_locked_pdf_is_refused() -> None:
    body = _document().tobytes(encryption=pymupdf.PDF_ENCRYPT_AES_256, user_pw="secret", owner_pw="other")
    with pytest.raises(Unreadable, match="password"):
        pdf.open_pdf(body)


def test_more_pages_than_any_paper_has_are_refused() -> None:
    with pytest.raises(TooLarge, match=f"{pdf.MAX_PAGES + 1:,} pages"):
        pdf.open_pdf(_document(pdf.MAX_PAGES + 1, "x").tobytes())


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
def test_a_turned_page_is_read_as_a_reader_sees_it(rotation: int) -> None:
    """Text, cells and boxes of a page whose /Rotate is set come out as on the upright page."""
    document = pymupdf.open()
    page = document.new_page(width=400, height=300)
    shape = page.new_shape()
    for x in (100, 200, 300):
        shape.draw_line((x, 100), (x, 140))
    for y in (100, 120, 140):
        shape.draw_line((100, y), (300, y))
    shape.finish(color=(0, 0, 0), width=0.7)
    shape.commit()
    for (x, y), text in {(105, 114): "Service", (205, 114): "GREEN", (105, 134): "Roads", (205, 134): "97%"}.items():
        page.insert_text((x, y), text, fontsize=9)
    upright = _cells(document.tobytes())
    assert upright == [["Service", "GREEN"], ["Roads", "97%"]]
    page.set_rotation(rotation)
    turned = document.tobytes()
    if rotation in (0,):
        assert _cells(turned) == upright
    else:
        # What is printed sideways is sideways for a reader too; what matters is that the boxes lie on the page.
        with pdf.open_pdf(turned) as opened:
            seen = opened.page(1)
            assert {"Service", "GREEN", "Roads", "97%"} == {w.text for w in seen.words}
            assert all(0 <= w.x0 < w.x1 <= seen.width and 0 <= w.y0 < w.y1 <= seen.height for w in seen.words)


def _cells(body: bytes) -> list[list[str]]:
    with pdf.open_pdf(body) as document:
        (table,) = grid.tables(document.page(1))
        return [[cell.text for cell in row] for row in table.rows]


def test_a_picture_of_the_place_shows_the_place() -> None:
    body = _document(2).tobytes()
    whole = pymupdf.Pixmap(pdf.render(body, 2, None, dpi=50))
    place = pymupdf.Pixmap(pdf.render(body, 2, (72, 85, 250, 105), dpi=50))
    assert place.width < whole.width and place.height < whole.height / 5
    colours = {place.pixel(x, y) for x in range(place.width) for y in range(place.height)}
    assert any(r > 150 and g < 80 for r, g, b in colours), "the outline is drawn"
