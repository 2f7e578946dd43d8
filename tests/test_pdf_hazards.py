"""Files that are no good papers: each is refused or held back with a sentence, and none passes for an empty one."""

from collections.abc import Iterator
from functools import cache

import pymupdf
import pytest

import parsers
from demo import papers, story
from monitor.reader import Document, Limits, Pool
from parsers.records import Kind, Outcome, Reading

URL = "https://democracy.example.gov.uk/documents/s1/Appendix 1.pdf"
FAIL = Outcome.FAILED
HELD = Outcome.QUARANTINED


@cache
def _report() -> bytes:
    return papers.performance_report(story.quarter_facts(story.KNOWN))


def _read(body: bytes) -> Reading:
    return parsers.parse(body, url=URL, media_type="application/pdf")


@pytest.mark.parametrize("percent", [1, 10, 25, 50, 75, 90, 99])
def test_a_report_that_is_cut_short_is_refused_wherever_the_cut_is(percent: int) -> None:
    body = _report()
    reading = _read(body[: len(body) * percent // 100])
    assert (reading.outcome, reading.facts) == (FAIL, ())
    assert "cut short" in (reading.note or "")


def test_a_report_whose_pages_are_lost_in_the_middle_is_held_back() -> None:
    """The end is there and so is the number of pages; some of them have nothing on them any more."""
    body = _report()
    hole = body[: len(body) // 3] + b" " * (len(body) // 3) + body[2 * len(body) // 3 :]
    reading = _read(hole)
    assert reading.outcome in (FAIL, HELD)
    assert reading.note


def test_a_locked_report_is_refused() -> None:
    document = pymupdf.open(stream=_report(), filetype="pdf")
    locked = document.tobytes(encryption=pymupdf.PDF_ENCRYPT_AES_256, user_pw="open", owner_pw="own")
    reading = _read(locked)
    assert (reading.outcome, reading.facts) == (FAIL, ())
    assert "password" in (reading.note or "")


def test_a_report_that_only_its_owner_may_change_is_read() -> None:
    document = pymupdf.open(stream=_report(), filetype="pdf")
    reading = _read(document.tobytes(encryption=pymupdf.PDF_ENCRYPT_AES_256, user_pw="", owner_pw="own"))
    assert reading.outcome is Outcome.READ


def test_five_thousand_pages_are_refused_at_once() -> None:
    document = pymupdf.open()
    for _ in range(5000):
        document.new_page()
    reading = _read(document.tobytes())
    assert (reading.outcome, reading.facts) == (FAIL, ())
    assert "5,000 pages" in (reading.note or "")


def test_a_scanned_report_is_held_back() -> None:
    document, scan = pymupdf.open(stream=_report(), filetype="pdf"), pymupdf.open()
    for number in range(5):
        page = scan.new_page()
        page.insert_image(page.rect, pixmap=document[number].get_pixmap(dpi=40))
    reading = _read(scan.tobytes())
    assert (reading.outcome, reading.facts) == (HELD, ())
    assert "pictures" in (reading.note or "")


def test_a_report_with_one_scanned_page_among_its_boxes_is_held_back() -> None:
    document = pymupdf.open(stream=_report(), filetype="pdf")
    page = next(p.number for p in document if "Latest" in p.get_text() and "Floor" in p.get_text())
    picture = document[page].get_pixmap(dpi=60)
    document.delete_page(page)
    document.new_page(page).insert_image(pymupdf.Rect(0, 0, 595, 842), pixmap=picture)
    reading = _read(document.tobytes())
    assert (reading.kind, reading.outcome) == (Kind.PERFORMANCE_REPORT, HELD)
    assert "expected" in (reading.note or "") and "found" in (reading.note or "")


@pytest.mark.parametrize(
    "page",
    [
        b"<!DOCTYPE html><html><title>Just a moment...</title><body>Checking your browser</body></html>",
        b"<html><head><title>Log in</title></head><body><form>Password</form></body></html>",
        b"\r\n\r\n<HTML><BODY>The request was aborted</BODY></HTML>",
    ],
    ids=["challenge", "log-in", "error"],
)
def test_a_web_page_that_is_called_a_pdf_is_told_for_what_it_is(page: bytes) -> None:
    reading = _read(page)
    assert (reading.outcome, reading.facts) == (FAIL, ())
    assert "web page" in (reading.note or "")


@pytest.fixture(scope="module")
def pool() -> Iterator[Pool]:
    with Pool(1, Limits(memory_mb=700, cpu_seconds=3, wall_seconds=60, documents=5)) as running:
        yield running


def _bomb(millions: int) -> bytes:
    """A small file whose one page is so many million drawn lines: the council's report before it."""
    document = pymupdf.open(stream=_report(), filetype="pdf")
    page = document[8]
    stream = b"0 0 m 100 100 l S\n" * (millions * 1_000_000)
    document.update_stream(page.get_contents()[0], stream, compress=True)
    body: bytes = document.tobytes()
    return body


def test_a_bomb_costs_its_reader_and_nothing_else(pool: Pool) -> None:
    bomb = _bomb(6)
    assert len(bomb) < 2_000_000
    about = Document(url=URL, media_type="application/pdf", title="Appendix", council="")
    blown, after = pool.read(bomb, about), pool.read(_report(), about)
    assert (blown.outcome, blown.facts) == (HELD, ())
    assert blown.note
    assert after.outcome is Outcome.READ
