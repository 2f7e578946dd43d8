"""The papers that the demo draws say what its story says, in any style."""

import random
from datetime import date

import pymupdf
import pytest

from demo import papers, story
from demo.drawing import ARROWS, KENT, OLDER, PLAIN, Style, random_style
from demo.story import Edition, QuarterFacts

PUBLISHED = {  # green, amber, red, improving, stable, worsening of the real reports
    Edition(2023, 1): (16, 11, 11, 4, 24, 10),
    Edition(2023, 2): (15, 15, 8, 7, 19, 12),
    Edition(2023, 3): (17, 12, 9, 7, 20, 11),
    Edition(2023, 4): (17, 11, 10, 9, 20, 9),
    Edition(2024, 1): (17, 14, 8, 11, 21, 7),
    Edition(2024, 2): (16, 15, 8, 11, 22, 6),
    Edition(2024, 3): (17, 12, 9, 10, 22, 6),
}
EDITIONS = [story.FIRST.plus(n) for n in range(16)]


@pytest.fixture(scope="module")
def facts() -> QuarterFacts:
    return story.contradicted(story.quarter_facts(story.KNOWN))


def words(page: pymupdf.Page) -> str:
    return " ".join(page.get_text().split())


@pytest.mark.parametrize(("edition", "totals"), PUBLISHED.items(), ids=str)
def test_the_totals_of_published_quarters_are_the_published_ones(edition: Edition, totals: tuple[int, ...]) -> None:
    assert story.quarter_facts(edition).counts.row() == totals


@pytest.mark.parametrize("edition", EDITIONS, ids=str)
def test_a_quarter_is_consistent_in_itself_and_with_the_one_before(edition: Edition) -> None:
    told = story.quarter_facts(edition)
    for kpi in told.kpis:
        if kpi.value is not None:
            assert story.rate(kpi.value, kpi.target, kpi.floor) == kpi.rag, kpi
    rows = [counts.row() for counts in told.printed_summary.values()]
    assert tuple(map(sum, zip(*rows, strict=True))) == told.counts.row()
    for column, total in enumerate(told.complaints.total):
        assert sum(values[column] for _, values in told.complaints.rows) == total
    if edition > story.FIRST:
        before = story.quarter_facts(edition.plus(-1))
        assert told.previous_counts == before.counts
        assert told.complaints.total[2] == before.complaints.total[3]
        latest = {kpi.indicator.key: (kpi.value, kpi.rag) for kpi in before.kpis}
        for kpi in told.kpis:
            if latest.get(kpi.indicator.key, (None, None))[0] is not None:
                assert latest[kpi.indicator.key] == (kpi.previous_value, kpi.previous_rag)


def test_the_known_quarter_has_the_published_complaints() -> None:
    table = story.quarter_facts(story.KNOWN).complaints
    assert table.total == (5647, 5416, 1512, 1047)
    assert table.columns == ("12 mths to Dec 23", "12 mths to Dec 24", "Quarter to Sep 24", "Quarter to Dec 24")


def test_the_story_begins_where_it_says() -> None:
    with pytest.raises(ValueError, match="begins with Quarter 1 2023/24"):
        story.quarter_facts(story.FIRST.plus(-1))


def test_a_contradicted_quarter_disagrees_where_it_says_and_nowhere_else(facts: QuarterFacts) -> None:
    plain = story.quarter_facts(facts.edition)
    assert len(facts.contradictions) == 5
    assert len({note.check for note in facts.contradictions}) == 5
    differing = [new for new, old in zip(facts.kpis, plain.kpis, strict=True) if new != old]
    assert len(differing) == 3
    assert facts.counts.row()[:3] == plain.counts.row()[:3]
    wrong = [k for k in facts.kpis if k.value is not None and story.rate(k.value, k.target, k.floor) != k.rag]
    assert [k.indicator.title for k in wrong] == [
        note.subject for note in facts.contradictions if note.check == "rating_matches_value"
    ]


def test_the_quarter_after_a_contradicted_one_repeats_what_that_printed(facts: QuarterFacts) -> None:
    following = story.following(facts)
    for kpi in facts.kpis:
        assert following.kpi(kpi.indicator.key).previous_value == kpi.value


STYLES = [KENT, PLAIN, OLDER, *(random_style(random.Random(seed)) for seed in range(4))]


@pytest.mark.parametrize("style", STYLES, ids=range(len(STYLES)))
def test_a_report_holds_every_figure_where_it_says(facts: QuarterFacts, style: Style) -> None:
    drawn = papers.drawn_report(facts, style)
    with pymupdf.open(stream=drawn.body, filetype="pdf") as pdf:
        pages = [words(page) for page in pdf]
    assert "Quarterly Performance Report" in pages[0]
    assert facts.edition.financial_year in pages[0]
    assert f"{facts.kpi_total} Key Performance Indicators" in pages[1]
    assert "TOTAL" in pages[drawn.summary_page - 1]
    assert drawn.list_pages.keys() == drawn.box_pages.keys() == {kpi.indicator.key for kpi in facts.kpis}
    for kpi in facts.kpis:
        box = pages[drawn.box_pages[kpi.indicator.key] - 1]
        for text in (kpi.indicator.title, kpi.text(kpi.value), kpi.limit_text(kpi.target)):
            assert text in box, kpi.indicator.key
        assert not style.floor_in_strip or kpi.limit_text(kpi.floor) in box, kpi.indicator.key
    complaints = pages[drawn.complaints_page - 1]
    assert all(f"{int(total):,}" in complaints for total in facts.complaints.total)
    assert "KEY CHANGES" in pages[drawn.risks_page - 1]


def test_the_same_facts_style_and_seed_give_the_same_bytes(facts: QuarterFacts) -> None:
    assert papers.performance_report(facts, PLAIN) == papers.performance_report(facts, PLAIN)
    other = papers.performance_report(facts, PLAIN, random.Random(5))
    assert other != papers.performance_report(facts, PLAIN, random.Random(7))


def test_ratings_stand_on_their_colours_and_arrows_are_drawn(facts: QuarterFacts) -> None:
    drawn = papers.drawn_report(facts, KENT)
    with pymupdf.open(stream=drawn.body, filetype="pdf") as pdf:
        pages = sorted(set(drawn.list_pages.values()))
        shapes = [shape for page in pages for shape in pdf[page - 1].get_drawings()]
    fills = [tuple(round(c, 2) for c in shape["fill"]) for shape in shapes if shape["fill"]]
    previous = [kpi.previous_rag for kpi in facts.kpis]
    for rag, colour in (("green", KENT.green), ("amber", KENT.amber), ("red", KENT.red)):
        expected = getattr(facts.counts, rag) + previous.count(rag)
        assert fills.count(tuple(round(c, 2) for c in colour)) == expected
    arrows = [shape for shape in shapes if shape["type"] == "fs"]
    assert len(arrows) == facts.kpi_total
    assert all(len(shape["items"]) == 14 for shape in arrows), "an outline is two rings of seven"


@pytest.mark.parametrize("arrow", ARROWS)
def test_every_kind_of_arrow_can_be_drawn(facts: QuarterFacts, arrow: str) -> None:
    body = papers.performance_report(facts, Style(arrow=arrow, charts="drawn"))
    with pymupdf.open(stream=body, filetype="pdf") as pdf:
        assert pdf.page_count > 20


def test_charts_of_activity_hold_no_numbers_in_the_text_layer(facts: QuarterFacts) -> None:
    drawn = papers.drawn_report(facts, KENT)
    with pymupdf.open(stream=drawn.body, filetype="pdf") as pdf:
        page = next(page for page in pdf if "Activity indicators" in page.get_text())
        assert page.get_images()
        below = page.get_text().split("Activity indicators")[1].replace(str(page.number), "")
    assert not any(char.isdigit() for char in below)


def test_the_cover_report_and_the_minutes_say_the_same_counts(facts: QuarterFacts) -> None:
    counts = facts.counts
    with pymupdf.open(stream=papers.cover_report(facts, date(2025, 3, 4)), filetype="pdf") as pdf:
        cover = " ".join(words(page) for page in pdf)
    said = " ".join(papers.minutes_paragraphs(facts))
    for text in (cover, said):
        assert f"{counts.green} achieved target" in text
        assert "one more than the previous quarter" in text or "the same as" in text
    assert "To: Cabinet – 4 March 2025" in cover
    assert cover.count(" o ") == counts.red


def test_a_pack_numbers_its_pages_through_and_starts_papers_on_odd_ones(facts: QuarterFacts) -> None:
    front = papers.agenda_front_sheet(
        "Cabinet", date(2025, 3, 4), "10.00 am", [papers.Line(number="6", title="QPR", pages=(1, 9))], date(2025, 2, 24)
    )
    report = papers.performance_report(facts, PLAIN)
    pack = papers.agenda_pack(front, [("6", report)], date(2025, 3, 4))
    with pymupdf.open(stream=pack, filetype="pdf") as pdf:
        first = next(page.number for page in pdf if "Agenda Item 6" in page.get_text() and page.number > 0)
        assert first == 2
        assert "intentionally left blank" in pdf[1].get_text()
        assert "Page 1" in pdf[first].get_text()
        assert pdf.page_count % 2 == 0


def test_a_scan_has_pictures_and_no_words(facts: QuarterFacts) -> None:
    with pymupdf.open(stream=papers.scanned(papers.performance_report(facts, PLAIN)), filetype="pdf") as pdf:
        assert pdf.page_count == 2
        assert all(page.get_images() and not page.get_text().strip() for page in pdf)
