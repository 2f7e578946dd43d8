"""Standalone risk registers: facts, drawn as a paper, and read again."""

import random
from dataclasses import replace
from datetime import date
from pathlib import Path

import pymupdf
import pytest

import parsers
from demo import risk_register as drawn
from parsers import pdf, risk_register
from parsers.records import Kind, Outcome, Reading, Risk, RiskLevel

AS_AT = date(2020, 7, 24)
URL = "https://democracy.example.gov.uk/documents/s7/Appendix%201.pdf"


def _read(body: bytes) -> Reading:
    return parsers.parse(body, url=URL, title="Corporate Risk Register")


def _expected(register: tuple[drawn.Risk, ...], look: drawn.Look) -> list[tuple[object, ...]]:
    def rating(score: int | None) -> tuple[str | None, int | None]:
        if score is None:
            return None, None
        return drawn.level_of(score).lower(), score if look.ratings != "level" else None

    return [(r.code, r.title, r.change, *rating(r.score), *rating(r.target)) for r in register]


def _got(reading: Reading) -> list[tuple[object, ...]]:
    risks = reading.of(Risk)
    return [(r.code, r.title, r.change, r.level, r.score, r.target_level, r.target_score) for r in risks]


@pytest.mark.parametrize("seed", range(12))
def test_a_register_in_any_look_comes_back_exactly(seed: int) -> None:
    rng = random.Random(seed)
    register = drawn.risks(rng)
    look, style = drawn.look_and_style(rng)
    reading = _read(drawn.paper(register, AS_AT, look, style))
    assert (reading.kind, reading.outcome, reading.note) == (Kind.RISK_REGISTER, Outcome.READ, None)
    assert _got(reading) == _expected(register, look)
    assert reading.published_on == AS_AT
    assert len(reading.of(RiskLevel)) == look.levels


def test_levels_stand_at_the_month_that_the_table_names() -> None:
    register = drawn.risks(random.Random(3))
    (level,) = _read(drawn.paper(register, AS_AT, drawn.Look(levels=True))).of(RiskLevel)
    levels = [drawn.level_of(r.score) for r in register if r.score is not None]
    assert (level.low, level.medium, level.high) == tuple(levels.count(name) for name in ("Low", "Medium", "High"))
    assert level.as_at == date(2020, 7, 1)


def test_every_risk_says_where_it_stands() -> None:
    register = drawn.risks(random.Random(1))
    body = drawn.paper(register, AS_AT)
    with pdf.open_pdf(body) as document:
        words = {page.number: page.words for page in document.pages}
    for risk in _read(body).of(Risk):
        assert risk.bbox is not None and risk.page is not None
        x0, y0, x1, y1 = risk.bbox
        inside = [w.text for w in words[risk.page] if x0 <= w.cx <= x1 and y0 <= w.cy <= y1]
        assert risk.code in inside
        assert risk.quote and risk.title in risk.quote


def _with(title: str = "", **changes: object) -> Reading:
    first, *others = drawn.risks(random.Random(5))
    return _read(drawn.paper((replace(first, title=title or first.title, **changes), *others), AS_AT))  # type: ignore[arg-type]


def test_a_rating_beyond_the_matrix_is_not_a_rating() -> None:
    reading = _with(score=42)
    assert reading.outcome is Outcome.QUARANTINED
    assert "cannot read 'High (42)' under 'Current Risk Rating'" in (reading.note or "")


def test_a_level_that_contradicts_its_score_stays_as_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drawn, "level_of", lambda score: "Low")
    reading = _with(score=20)
    assert reading.outcome is Outcome.READ
    assert (reading.of(Risk)[0].level, reading.of(Risk)[0].score) == ("low", 20)


def test_a_direction_that_is_no_direction_is_said() -> None:
    reading = _with(change="sideways")
    assert reading.outcome is Outcome.QUARANTINED
    assert "cannot read the direction 'Sideways'" in (reading.note or "")


def test_a_register_that_counts_more_risks_than_were_read_is_held_back() -> None:
    register = drawn.risks(random.Random(2))
    with pymupdf.open(stream=drawn.paper(register, AS_AT, drawn.Look(levels=True)), filetype="pdf") as document:
        page = document[0]
        (place,) = page.search_for(register[-1].code)
        page.add_redact_annot((0, place.y0 - 6, page.rect.width, page.rect.height))
        page.apply_redactions(graphics=2)
        reading = _read(document.tobytes())
    assert reading.outcome is Outcome.QUARANTINED
    assert "risks as page 1 counts them, found" in (reading.note or "")


def test_a_row_outside_the_table_is_not_lost_without_a_word() -> None:
    with pymupdf.open(stream=drawn.paper(drawn.risks(random.Random(2)), AS_AT), filetype="pdf") as document:
        document[-1].insert_text((60, 820), "CRR0099 A risk below the table High (20) Medium (12)", fontsize=9)
        reading = _read(document.tobytes())
    assert reading.outcome is Outcome.QUARANTINED
    assert "CRR0099 has a row that could not be read" in (reading.note or "")


@pytest.mark.papers
def test_no_real_paper_passes_for_a_register(papers: Path) -> None:
    for path in sorted(papers.rglob("*.pdf")):
        with pdf.open_pdf(path.read_bytes()) as document:
            assert not risk_register.recognises(document, document.rough_texts(), url=path.name), path.name
