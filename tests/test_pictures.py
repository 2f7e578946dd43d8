"""Pictures of places in papers: the row with its outline, drawn where a hostile file can do no harm."""

import hashlib
import time
from pathlib import Path

import pymupdf
import pytest

from monitor import pictures
from monitor.pictures import Place, draw, place
from parsers.records import Bbox

ROW: Bbox = (50.0, 100.0, 400.0, 130.0)


def paper(pages: int = 2) -> bytes:
    document = pymupdf.open()
    for number in range(1, pages + 1):
        document.new_page().insert_text((60, 120), f"Potholes repaired in 28 days, page {number}")
    body: bytes = document.tobytes()
    return body


class Blobs(dict[str, bytes]):
    """Bodies by hash, as the archive hands them out."""

    def keep(self, body: bytes) -> str:
        self[hashlib.sha256(body).hexdigest()] = body
        return hashlib.sha256(body).hexdigest()


def test_the_row_is_shown_with_its_outline_and_little_around_it() -> None:
    blobs = Blobs()
    where = Place(blobs.keep(paper()), 2, ROW)
    pixels = pymupdf.Pixmap(draw([where], blobs.__getitem__)[where])
    scale = pictures.ROW_DPI / 72
    assert abs(pixels.width - 374 * scale) < 3
    assert abs(pixels.height - 54 * scale) < 3
    colours = {pixels.pixel(x, y) for x in range(pixels.width) for y in range(pixels.height)}
    assert any(red > 150 and green < 60 and 60 < blue < 160 for red, green, blue in colours)  # the outline
    assert any(max(colour) < 60 for colour in colours)  # the words


def test_several_places_of_several_papers_are_drawn_each_once(monkeypatch: pytest.MonkeyPatch) -> None:
    blobs = Blobs()
    first, second = blobs.keep(paper()), blobs.keep(paper(3))
    places = [Place(first, 1, ROW), Place(first, 2, None), Place(second, 3, ROW), Place(first, 1, ROW)]
    found = draw(places, blobs.__getitem__)
    assert set(found) == set(places)
    whole = pymupdf.Pixmap(found[places[1]])
    assert abs(whole.width - 595 * pictures.PAGE_DPI / 72) < 3
    assert abs(whole.height - 842 * pictures.PAGE_DPI / 72) < 3


def test_what_cannot_be_drawn_is_left_out_and_the_rest_is_there() -> None:
    blobs = Blobs()
    good, half, html = blobs.keep(paper()), blobs.keep(paper()[:300]), blobs.keep(b"<html>page 1</html>")
    wanted = [
        Place(good, 99, ROW),
        Place(half, 1, ROW),
        Place(html, 1, None),
        Place(good, 1, (900.0, 9000.0, 1e9, 1e9)),
    ]
    last = Place(good, 1, ROW)
    assert set(draw([*wanted, last], blobs.__getitem__)) - {wanted[3]} == {last}


def test_a_paper_that_takes_for_ever_costs_its_own_pictures_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pictures, "_SECONDS", 0.0)
    blobs = Blobs()
    began = time.monotonic()
    assert draw([Place(blobs.keep(paper()), 1, ROW)], blobs.__getitem__) == {}
    assert time.monotonic() - began < 20


@pytest.mark.parametrize(
    ("evidence", "expected"),
    [
        ({"sha256": "ab", "page": 3, "bbox": "[1, 2, 3, 4]"}, Place("ab", 3, (1, 2, 3, 4))),
        ({"sha256": "ab", "page": 3, "bbox": [1, 2, 3, 4.5]}, Place("ab", 3, (1, 2, 3, 4.5))),
        ({"sha256": "ab", "page": 3, "bbox": None}, Place("ab", 3, None)),
        ({"sha256": "ab", "page": 3, "bbox": "no box"}, Place("ab", 3, None)),
        ({"sha256": "ab", "page": None}, None),
        ({"sha256": "ab", "page": 0}, None),
        ({"page": 3}, None),
        ({}, None),
    ],
)
def test_evidence_names_a_place_or_none(evidence: dict[str, object], expected: Place | None) -> None:
    assert place(evidence) == expected


@pytest.mark.papers
def test_a_box_of_the_real_report_is_drawn(papers: Path) -> None:
    blobs = Blobs()
    sha256 = blobs.keep((papers / "cabinet/2025-03-04/QPR Q3 Cabinet appendix 1.pdf").read_bytes())
    where = Place(sha256, 9, (50.0, 100.0, 545.0, 300.0))
    assert draw([where], blobs.__getitem__)[where].startswith(b"\x89PNG")
