"""Which reader reads what, and what is no document at all."""

import pymupdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import parsers
from parsers.records import Kind, Outcome

SITE = "https://democracy.example.gov.uk/"
PAGE = b"""<html><head><meta name="DC.date" content="2026-08-11"/><title>Agenda item</title></head><body>
<ul><li><a href="mgCalendarMonthView.aspx">Calendar</a></li></ul>
<div id="modgov"><h1>Agenda item</h1><div class="mgContent"><p>Roads were discussed.</p>
<a href="documents/s77/Report.pdf">Report</a></div><div class="mgFooter">x</div></div></body></html>"""


def _pdf(text: str) -> bytes:
    document = pymupdf.open()
    document.new_page().insert_text((72, 100), text)
    return document.tobytes()


@pytest.mark.parametrize(
    ("body", "url", "media_type", "note"),
    [
        (b"", "a.pdf", "application/pdf", "an empty file"),
        (b"  \n", "a.html", "text/html", "an empty file"),
        (b"<html><body><h1>Just a moment</h1></body></html>", "documents/s1/Report.pdf", "", "a web page"),
        (b"<html><body>Gone</body></html>", "x", "application/pdf", "a web page"),
        (b"PK\x03\x04" + bytes(40), "documents/s2/Report.pdf", "", "a zip archive"),
        (bytes(range(128, 256)) * 4, "x.bin", "", "bytes of another kind"),
        (_pdf("x" * 50)[:400], "documents/s3/R.pdf", "", "cut short"),
    ],
    ids=["empty", "blank", "page named pdf", "page sent as pdf", "zip", "binary", "half"],
)
def test_what_is_not_what_it_says_has_failed_and_says_what_was_found(
    body: bytes, url: str, media_type: str, note: str
) -> None:
    reading = parsers.parse(body, url=SITE + url, media_type=media_type)
    assert (reading.outcome, reading.facts) == (Outcome.FAILED, ())
    assert note in (reading.note or "")


def test_an_ordinary_paper_holds_nothing() -> None:
    reading = parsers.parse(_pdf("The Green Belt, the Red Cross and an amber light."), url=SITE + "documents/s4/P.pdf")
    assert (reading.kind, reading.outcome, reading.facts) == (Kind.OTHER, Outcome.NOTHING, ())
    assert "Green Belt" in reading.text


def test_a_scan_is_quarantined_since_it_may_hold_anything() -> None:
    picture = pymupdf.open(stream=_pdf("A report"), filetype="pdf")[0].get_pixmap(dpi=60)
    document = pymupdf.open()
    for _ in range(3):
        document.new_page().insert_image(pymupdf.Rect(0, 0, 500, 700), pixmap=picture)
    reading = parsers.parse(document.tobytes(), url=SITE + "documents/s5/Scan.pdf")
    assert reading.outcome is Outcome.QUARANTINED
    assert "pictures" in (reading.note or "")


def test_a_fingerprint_leaves_out_furniture_and_spelling_and_nothing_else() -> None:
    url = SITE + "mgAi.aspx?ID=5"
    before = parsers.fingerprint(PAGE, url=url)
    assert before == parsers.fingerprint(PAGE.replace(b"2026-08-11", b"2026-08-12"), url=url)
    assert before == parsers.fingerprint(PAGE.replace(b"Calendar", b"Calendar of meetings"), url=url)
    other_spelling = PAGE.replace(b'"documents/s77/Report.pdf"', b'"documents/s77/Report%20.pdf"')
    assert before == parsers.fingerprint(other_spelling, url=url)
    assert before != parsers.fingerprint(PAGE.replace(b"Roads", b"Schools"), url=url)
    assert before != parsers.fingerprint(PAGE.replace(b"s77", b"s78"), url=url)


def test_a_card_that_changes_among_several_articles_is_a_change() -> None:
    page = b"<html><body><article>One</article><article>Two</article></body></html>"
    url = "https://www.example.org/list"
    assert parsers.fingerprint(page, url=url) != parsers.fingerprint(page.replace(b"Two", b"Three"), url=url)


def test_papers_go_by_their_bytes() -> None:
    body = _pdf("x")
    assert parsers.fingerprint(body, url=SITE) != parsers.fingerprint(body + b"\n", url=SITE)


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=400), st.sampled_from(["a.pdf", "mgAi.aspx?ID=1", "ieListDocuments.aspx?MId=2", "news/x-1/"]))
def test_no_bytes_whatsoever_raise_or_invent(body: bytes, path: str) -> None:
    for start in (b"", b"%PDF-1.7\n", b"<html><body>", b"<?xml version='1.0'?>"):
        reading = parsers.parse(start + body, url=SITE + path)
        assert not [f for f in reading.facts if f.table in {"kpi_readings", "rag_counts", "reports", "figures"}]


SMALL = _pdf("GREEN 97% of 1,234.5")  # once: every PDF that is written has another id


@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_a_paper_with_flipped_bytes_is_read_or_refused_and_never_crashes(data: st.DataObject) -> None:
    body = bytearray(SMALL)
    for _ in range(data.draw(st.integers(1, 8))):
        body[data.draw(st.integers(0, len(body) - 1))] = data.draw(st.integers(0, 255))
    assert parsers.parse(bytes(body), url=SITE + "documents/s6/P.pdf").outcome in set(Outcome)


def _pages(*texts: str) -> bytes:
    document = pymupdf.open()
    for text in texts:
        document.new_page().insert_text((72, 100), text)
    return document.tobytes()


def test_a_report_in_a_shape_that_no_reader_knows_is_not_a_quiet_quarter() -> None:
    pages = ["Kent County Council\nQuarterly Performance Report\nQuarter 3\n2026/27", "Key to KPIs and RAG ratings"]
    pages += [f"Result: 9{n}%   Goal: 90%   Before: 91%" for n in range(8)]
    reading = parsers.parse(_pages(*pages), url=SITE + "documents/s8/Appendix%201.pdf")
    assert (reading.outcome, reading.facts) == (Outcome.QUARANTINED, ())
    assert "as its cover says" in (reading.note or "")


def test_a_paper_that_only_speaks_of_such_a_report_is_nothing_special() -> None:
    pages = ["Subject: Quarterly Performance Report, Quarter 3, 2026/27\nSummary: Members are asked to note it."]
    reading = parsers.parse(_pages(*pages), url=SITE + "documents/s9/Report.pdf")
    assert reading.outcome in (Outcome.NOTHING, Outcome.READ)


def test_a_pdf_that_takes_all_memory_is_said_to_do_so(monkeypatch: pytest.MonkeyPatch) -> None:
    def _exhausted(body: bytes) -> None:
        raise RuntimeError("code=2: calloc (4104 x 1 bytes) failed")

    monkeypatch.setattr("parsers.pdf.open_pdf", _exhausted)
    reading = parsers.parse(SMALL, url=SITE + "documents/s9/P.pdf")
    assert reading.outcome is Outcome.QUARANTINED
    assert (reading.note or "").startswith("reading the PDF takes more memory than one document is given")
