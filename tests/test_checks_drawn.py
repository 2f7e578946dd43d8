"""The checks on papers drawn afresh and read back: silent on consistent ones, exact on one planted contradiction."""

import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import date

import pytest

from db import Discrepancy
from demo import drawing, papers, story
from demo.drawing import KENT, Style
from demo.story import Contradiction, QuarterFacts
from monitor.checks import check
from monitor.facts import Edition, Paper
from parsers import dispatch
from parsers.records import Figure, KpiReading, NamedRating, Outcome, RagCount, Report, Risk, RiskLevel

QUARTER = story.Edition(2025, 2)


def as_read(body: bytes, version: int, url: str = "https://democracy.example.org/documents/s1/Appendix.pdf") -> Paper:
    found = dispatch.parse(body, url=url)
    reports = found.of(Report)
    return Paper(
        version_id=version,
        council="kent",
        title="Paper",
        url=url,
        outcome=found.outcome,
        editions=tuple(Edition(report=one, readings=tuple(found.of(KpiReading))) for one in reports[:1]),
        counts=tuple(found.of(RagCount)),
        named=tuple(found.of(NamedRating)),
        figures=tuple(found.of(Figure)),
        risks=tuple(found.of(Risk)),
        risk_levels=tuple(found.of(RiskLevel)),
        text=found.text,
    )


def drawn(facts: QuarterFacts, version: int, style: Style = KENT, seed: int = 0) -> Paper:
    return as_read(papers.performance_report(facts, style, random.Random(seed)), version)


def planted(facts: QuarterFacts) -> Iterator[tuple[Contradiction, QuarterFacts]]:
    """Each contradiction of `story.contradicted` alone."""
    bad = story.contradicted(facts)
    for one in bad.contradictions:
        if one.check == "narrative_matches_table":
            yield one, replace(facts, said_green=bad.said_green)
        elif one.check == "summary_matches_rows":
            yield one, replace(facts, printed_summary=bad.printed_summary)
        else:
            at = next(n for n, k in enumerate(bad.kpis) if k.indicator.title == one.subject)
            yield one, replace(facts, kpis=(*facts.kpis[:at], bad.kpis[at], *facts.kpis[at + 1 :]))


def brief(found: list[Discrepancy]) -> set[tuple[str, str]]:
    return {(d.check_name, d.subject) for d in found}


@pytest.fixture(scope="module")
def before() -> Paper:
    """The report of the quarter before."""
    return drawn(story.quarter_facts(QUARTER.plus(-1)), 1)


def test_two_consistent_reports_with_cover_and_minutes_are_silent(before: Paper) -> None:
    facts = story.quarter_facts(QUARTER)
    report = drawn(facts, 2)
    cover = as_read(papers.cover_report(facts, date(2025, 12, 4)), 3)
    assert (before.outcome, report.outcome) == (Outcome.READ, Outcome.READ)
    assert len(report.editions[0].readings) == facts.kpi_total
    assert any(count.green == facts.counts.green for count in cover.counts)
    assert check([before, report, cover]) == []


def test_each_planted_contradiction_is_found_and_nothing_else(before: Paper) -> None:
    for one, facts in planted(story.quarter_facts(QUARTER)):
        found = check([before, drawn(facts, 2)])
        assert [d.check_name for d in found] == [one.check], one
        (told,) = found
        assert one.subject.split("(")[0].strip() in told.subject, one
        assert one.stated.casefold() in told.stated.casefold(), one
        assert one.computed.casefold() in told.computed.casefold(), one


def test_a_cover_report_that_calls_an_amber_indicator_green_is_found() -> None:
    facts = story.quarter_facts(QUARTER)
    at = next(n for n, kpi in enumerate(facts.kpis) if kpi.rag == story.AMBER)
    kinder = replace(facts, kpis=(*facts.kpis[:at], replace(facts.kpis[at], rag=story.GREEN), *facts.kpis[at + 1 :]))
    found = check([drawn(facts, 2), as_read(papers.cover_report(kinder, date(2025, 12, 4)), 3)])
    counts = facts.counts
    (told,) = found
    assert (told.check_name, told.version_id, told.other_version_id) == ("cover_matches_report", 3, 2)
    assert (told.stated, told.computed) == (
        f"{counts.green + 1} Green, {counts.amber - 1} Amber",
        f"{counts.green} Green, {counts.amber} Amber",
    )


@pytest.mark.long
@pytest.mark.parametrize("seed", range(24))
def test_papers_in_any_dress_are_silent_or_exact(seed: int) -> None:
    rng = random.Random(seed)
    edition = story.FIRST.plus(rng.randrange(1, 14))
    if edition in (story.KNOWN, story.KNOWN.plus(1)):
        edition = story.KNOWN.plus(2)  # one of the two would have Kent's own figures, and Kent's own contradiction
    style = drawing.random_style(rng)
    first = drawn(story.quarter_facts(edition.plus(-1)), 1)
    facts = story.quarter_facts(edition)
    clean = drawn(facts, 2, style, seed)
    assert check([first, clean]) == []
    for one, wrong in planted(facts):
        paper = drawn(wrong, 2, style, seed)
        found = {d.check_name for d in check([first, paper])}
        assert found <= {one.check}, one
        kept_back = paper.outcome is not Outcome.READ
        unread = one.check in ("narrative_matches_table", "headline_matches_detail")  # an arrow, a number at the edge
        assert found or kept_back or unread or one.check == "previous_matches_last_report", one
