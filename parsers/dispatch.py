"""Documents into records. Pure: bytes in, records out; no files, no network, no clock, no database.

`parse` finds the reader by what the bytes prove to be and by the shape of the address, and
always answers with a Reading: what could not be read is an outcome with a note, not an exception.
"""

import re
from collections.abc import Sequence
from typing import Any, Protocol, cast

from parsers import (
    agenda,
    complaints_report,
    cover_report,
    dashboard,
    html,
    meeting,
    minutes,
    moderngov,
    news,
    ombudsman,
    pdf,
    performance_report,
    quarter_grids,
    risk_register,
)
from parsers.errors import ParseError
from parsers.records import Kind, Outcome, Reading
from parsers.shape import is_markup, is_pdf, is_xml, kind_of_text, says_pdf
from parsers.text import collapse

__all__ = ["VERSIONS", "parse"]

# Noted with each version that is read, so that what an older reader read can be told.
VERSIONS: dict[str, int] = {
    "performance_report": performance_report.VERSION,
    "quarter_grids": quarter_grids.VERSION,
    "dashboard": dashboard.VERSION,
    "risk_register": risk_register.VERSION,
    "complaints_report": complaints_report.VERSION,
    "cover_report": cover_report.VERSION,
    "minutes": minutes.VERSION,
    "agenda": agenda.VERSION,
    "moderngov": moderngov.VERSION,
    "ombudsman": ombudsman.VERSION,
    "news": news.VERSION,
    "other": 1,
}


class _OfBytes(Protocol):
    """A question about a page, or its answer: recognises and read."""

    def __call__(self, body: bytes, *, url: str, title: str) -> Any: ...


class _OfPages(Protocol):
    """The same about the texts of a PDF's pages."""

    def __call__(self, pages: Sequence[str], *, url: str, title: str) -> Any: ...


class _OfTables(Protocol):
    """A question about a whole PDF, its tables too, with the rough texts of its pages."""

    def __call__(self, document: pdf.Pdf, pages: Sequence[str], /, *, url: str, title: str) -> bool: ...


class _OfPdf(Protocol):
    """A reader of a whole PDF."""

    def __call__(self, document: pdf.Pdf, /, *, url: str, title: str) -> Reading: ...


# The first that recognises a document reads it; the narrowest come first.
_PAGE_READERS: tuple[tuple[_OfBytes, _OfBytes], ...] = (
    (ombudsman.recognises, ombudsman.read),
    (moderngov.recognises, meeting.read),
    (minutes.recognises, minutes.read),
    (news.recognises, news.read),
)
# Readers that need more of a PDF than its text; each is asked with the rough text of the pages.
_PDF_READERS: tuple[tuple[_OfPages, _OfPdf], ...] = (
    (quarter_grids.recognises, quarter_grids.read),
    (performance_report.recognises, performance_report.read),
    (complaints_report.recognises, complaints_report.read),
)
# Readers that know a paper by its tables.
_TABLE_READERS: tuple[tuple[_OfTables, _OfPdf], ...] = (
    (dashboard.recognises, dashboard.read),
    (risk_register.recognises, risk_register.read),
)
_PAPER_READERS: tuple[tuple[_OfPages, _OfPages], ...] = (
    (minutes.printed.recognises, minutes.printed.read),
    (agenda.recognises, agenda.read),
    (cover_report.recognises, cover_report.read),
)


def parse(body: bytes, *, url: str, media_type: str = "", title: str = "", council: str = "") -> Reading:
    """Read one document.

    Args:
        body: the bytes as received.
        url: its address; tells which platform it came from, and its file name.
        media_type: what the server called it. The bytes decide; a contradiction is an outcome.
        title: what the site calls it, e.g. the text of the link to it.
        council: name of the council that it was fetched for, where that is known.
    """
    if not body.strip():
        return _other(Outcome.FAILED, title, note="expected a document, found an empty file")
    if is_pdf(body):
        return _parse_pdf(body, url=url, title=title)
    if says_pdf(url, media_type):
        return _other(Outcome.FAILED, title, note=f"expected a PDF, found {kind_of_text(body)}")
    if not is_markup(body):
        return _other(Outcome.FAILED, title, note=f"expected a PDF or a page, found {kind_of_text(body)}")
    try:
        for recognises, read in _PAGE_READERS:
            if recognises(body, url=url, title=title):
                of = {"council": council} if read is news.read else {}  # only news is written of several councils
                return cast(Reading, read(body, url=url, title=title, **of))
    except ParseError as error:  # a redesign or a challenge page can't pass for a quiet week
        return _other(Outcome.QUARANTINED, title, note=str(error))
    text = "" if is_xml(body) else html.text_of(html.main_content(html.soup(body)))
    return _other(Outcome.NOTHING, title, text=text)


def _parse_pdf(body: bytes, *, url: str, title: str) -> Reading:
    try:
        with pdf.open_pdf(body) as document:
            return _read_pdf(document, url=url, title=title)
    except ParseError as error:
        return _other(Outcome.FAILED, title, note=str(error))
    except pdf.BROKEN as error:
        reason = collapse(str(error))
        note = f"the PDF is broken inside: {reason[:200]}"
        if re.search(r"\b[cmre]{1,2}alloc\b.*\bfailed\b", reason):  # the C library's words for it
            note = "reading the PDF takes more memory than one document is given; it may be made to do harm"
        return _other(Outcome.QUARANTINED, title, note=note)


def _read_pdf(document: pdf.Pdf, *, url: str, title: str) -> Reading:
    rough = document.rough_texts()
    name = title or document.title or ""
    empty = [at for at, text in enumerate(rough, start=1) if not text.strip()]
    if document.is_repaired and empty:
        note = f"the PDF is damaged: {len(empty)} of {len(rough)} pages are empty (the first is page {empty[0]})"
        return _other(Outcome.QUARANTINED, name, text="\n".join(rough), note=note)
    if sum(len(text.strip()) for text in rough) < 25 * len(rough) and document.has_images():
        note = f"the PDF has no text to read: {len(rough)} page(s) of pictures, perhaps a scan"
        return _other(Outcome.QUARANTINED, name, text="\n".join(rough), note=note)
    for says_so, read_pdf in _PDF_READERS:
        if says_so(rough, url=url, title=name):
            return read_pdf(document, url=url, title=name)
    for has_tables, read_pdf in _TABLE_READERS:
        if has_tables(document, rough, url=url, title=name):
            return read_pdf(document, url=url, title=name)
    # The others are short; a long pack is searched for a report and for nothing else.
    texts = document.texts() if len(rough) <= 120 else rough
    for recognises, read in _PAPER_READERS:
        if recognises(texts, url=url, title=name):
            return cast(Reading, read(texts, url=url, title=name))
    if performance_report.claims(rough):
        note = "expected the boxes of a performance report, as its cover says it is one, found none"
        return _other(Outcome.QUARANTINED, name, text="\n".join(rough), note=note)
    return _other(Outcome.NOTHING, name, text="\n".join(rough))


def _other(outcome: Outcome, title: str, *, text: str = "", note: str | None = None) -> Reading:
    return Reading(
        kind=Kind.OTHER,
        outcome=outcome,
        parser="other",
        parser_version=VERSIONS["other"],
        note=note,
        title=collapse(title) or None,
        text=text,
    )
