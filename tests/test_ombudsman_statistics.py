"""The yearly statistics: the same facts from any markup, and no figure that does not hold."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parsers import ombudsman
from parsers.records import OmbudsmanStatistic, Outcome, Reading
from tests.ombudsman_markup import GENERATIONS, STYLES, Figures, Page, render

URL = "https://www.lgo.org.uk/your-councils-performance/kent-county-council/statistics"
Said = dict[str, tuple[float, float | None]]


def read(body: str | bytes) -> Reading:
    return ombudsman.read(body.encode() if isinstance(body, str) else body, url=URL)


def said(reading: Reading) -> Said:
    return {fact.measure: (fact.value, fact.similar_average) for fact in reading.of(OmbudsmanStatistic)}


def expected(f: Figures, generation: str) -> Said:
    overview: Said = {
        "complaints_dealt_with": (f.dealt_with, None),
        "not_for_us": (f.not_for_us, None),
        "assessed_and_closed": (f.closed, None),
    }
    return {
        "upheld_rate": (f.upheld_rate, f.upheld_average),
        "upheld_decisions": (f.upheld, None),
        "upheld_per_100k": (f.per_100k, f.per_average),
        "investigations": (f.investigated, None),
        "compliance_rate": (f.compliance_rate, f.compliance_average),
        "compliance_outcomes": (f.outcomes, None),
        "remedy_rate": (f.remedy_rate, f.remedy_average),
        "remedy_decisions": (f.remedies, None),
    } | (overview if generation == "2024-25" else {})


# The real figures of three years, where they are known.
KENT = {
    "2022-23": Figures(
        start="1 April 2022",
        end="31 March 2023",
        upheld=53,
        investigated=61,
        upheld_average=80,
        per_100k=3.4,
        per_average=3.4,
        outcomes=51,
        complied=51,
        remedies=4,
        remedy_average=6,
    ),
    "2023-24": Figures(),
    "2024-25": Figures(
        start="1 April 2024", end="31 March 2025", upheld=63, investigated=76, upheld_average=89, per_100k=3.9
    ),
    "unseen": Figures(start="1 April 2025", end="31 March 2026"),
}


@pytest.mark.parametrize("generation", GENERATIONS)
@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("seed", range(6))
def test_every_figure_is_read_whatever_the_markup(generation: str, style: str, seed: int) -> None:
    figures = KENT[generation]
    body = render(Page(figures.council, GENERATIONS[generation](figures)), seed, style=style)
    reading = read(body)
    assert (reading.outcome, reading.note) == (Outcome.READ, None)
    assert said(reading) == expected(figures, generation)
    ends = int(figures.end[-4:])
    for fact in reading.of(OmbudsmanStatistic):
        assert (fact.period_start, fact.period_end) == (date(ends - 1, 4, 1), date(ends, 3, 31))


@pytest.mark.parametrize("generation", GENERATIONS)
@pytest.mark.parametrize("seed", range(8))
def test_headings_that_nobody_has_seen_yet_cost_no_figure(generation: str, seed: int) -> None:
    figures = KENT[generation]
    names = ("How we judged", "Figures of the year", "What was kept")
    cards = tuple(
        replace(card, heading=names[i % 3] if len(card.sentences) > 1 else card.heading)
        for i, card in enumerate(GENERATIONS[generation](figures))
    )
    reading = read(render(Page(figures.council, cards), seed))
    assert (reading.outcome, reading.note) == (Outcome.READ, None)
    assert said(reading) == expected(figures, generation)


@st.composite
def any_figures(draw: st.DrawFn) -> Figures:
    count = st.one_of(st.integers(1, 12), st.integers(1, 3000))
    investigated, outcomes = draw(count), draw(count)
    upheld = draw(st.integers(1, investigated))
    return Figures(
        upheld=upheld,
        investigated=investigated,
        upheld_average=draw(st.integers(0, 100)),
        per_100k=draw(st.sampled_from([0.4, 1, 3.4, 10, 12.5])),
        per_average=draw(st.sampled_from([0.3, 4, 4.5])),
        outcomes=outcomes,
        complied=draw(st.integers(0, outcomes)),
        compliance_average=draw(st.integers(0, 100)),
        remedies=draw(st.integers(0, upheld)),
        remedy_average=draw(st.integers(0, 100)),
        not_for_us=draw(st.integers(0, 2000)),
        closed=draw(st.integers(0, 2000)),
    )


@settings(max_examples=60, deadline=None)
@given(any_figures(), st.sampled_from(sorted(GENERATIONS)), st.integers(0, 10_000))
def test_any_figures_in_any_markup(figures: Figures, generation: str, seed: int) -> None:
    reading = read(render(Page(figures.council, GENERATIONS[generation](figures)), seed))
    assert (reading.outcome, reading.note) == (Outcome.READ, None)
    assert said(reading) == expected(figures, generation)


def test_units_and_the_words_that_say_so() -> None:
    reading = read(render(Page("Kent County Council", GENERATIONS["2023-24"](Figures())), 3, style="plain"))
    facts = {fact.measure: fact for fact in reading.of(OmbudsmanStatistic)}
    assert (facts["upheld_rate"].unit, facts["upheld_rate"].value_text) == (
        "%",
        "81% of complaints we investigated were upheld.",
    )
    assert (facts["upheld_per_100k"].unit, facts["investigations"].unit) == ("per 100,000", None)
    assert "94 investigations" in facts["investigations"].value_text


KENT_UPHELD = (
    "<h2>Complaints upheld</h2><p>81% of complaints we investigated were upheld.</p><p>76 upheld decisions</p>"
    "<p>Statistics are based on a total of 94 investigations {period}</p>"
)
YEAR = "for the period between 1 April 2023 to 31 March 2024"


@pytest.mark.parametrize(
    "period",
    [
        "for the period between 1 April 2023 to 31 March 2024",
        "for the period between 1 April 2023 and 31 March 2024.",
        "from 1st April 2023 to 31st March 2024",
        "1 April 2023 – 31 March 2024",
        "(1 Apr 2023 - 31 Mar 2024)",
        "1 April to 31 March 2024",
        "April 2023 to March 2024",
        "01/04/2023 to 31/03/2024",
        "for the year ending 31 March 2024",
        "in 2023-24",
        "in 2023/24",
    ],
)
def test_a_period_in_any_form(period: str) -> None:
    reading = read(KENT_UPHELD.format(period=period))
    assert reading.outcome is Outcome.READ
    periods = {(fact.period_start, fact.period_end) for fact in reading.of(OmbudsmanStatistic)}
    assert periods == {(date(2023, 4, 1), date(2024, 3, 31))}


def test_another_years_period_in_a_word_of_caution_is_not_the_pages() -> None:
    caution = "<p>Take care when comparing with 1 April 2020 to 31 March 2021, when work was paused.</p>"
    reading = read(caution + KENT_UPHELD.format(period=YEAR) + caution)
    assert {fact.period_end for fact in reading.of(OmbudsmanStatistic)} == {date(2024, 3, 31)}


def test_a_section_without_a_period_has_the_pages_only_one() -> None:
    page = KENT_UPHELD.format(period="") + (
        "<h2>Compliance with Ombudsman recommendations</h2>"
        "<p>98% of cases were successfully implemented by the council</p>"
        f"<p>Statistics are based on a total of 63 compliance outcomes {YEAR}</p>"
    )
    assert {fact.period_end for fact in read(page).of(OmbudsmanStatistic)} == {date(2024, 3, 31)}


OVERVIEW = (
    ("Complaints dealt with", 291),
    ("Not for us or not ready", 87),
    ("Assessed and closed", 128),
    ("Investigated", 76),
)
LAYOUTS = {
    "terms": "<dl>" + "".join(f"<dt>{name}</dt><dd>{n}</dd>" for name, n in OVERVIEW) + "</dl>",
    "tiles": "".join(f"<div><div>{n}</div><div>{name}</div></div>" for name, n in OVERVIEW),
    "number first": "".join(f"<div>{n}</div><div>{name}</div>" for name, n in OVERVIEW),
    "name first": "".join(f"<div>{name}:</div><div>{n}</div>" for name, n in OVERVIEW),
    "in one line": "<p>" + " ".join(f"<span>{name}</span><b>{n}</b>" for name, n in OVERVIEW) + "</p>",
    "in one line, number first": "<p>" + " ".join(f"<b>{n}</b><span>{name}</span>" for name, n in OVERVIEW) + "</p>",
    "header row": "<table><tr>"
    + "".join(f"<th>{name}</th>" for name, _ in OVERVIEW)
    + "</tr><tr>"
    + "".join(f"<td>{n}</td>" for _, n in OVERVIEW)
    + "</tr></table>",
    "rows": "<table>" + "".join(f"<tr><th>{name}</th><td>{n}</td></tr>" for name, n in OVERVIEW) + "</table>",
    "verbs": "<p>dealt with <b>291</b></p><p><b>87</b> not for us or not ready</p><p>assessed and closed <b>128</b></p>"
    "<p>investigated <b>76</b></p>",
    "one sentence": "<p>We dealt with 291 complaints: 87 were not for us or not ready, we assessed and closed 128, and"
    " investigated 76.</p>",
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_an_overview_in_any_layout(layout: str) -> None:
    reading = read(f"<h2>Complaint overview</h2><p>Between 1 April 2024 and 31 March 2025</p>{LAYOUTS[layout]}")
    assert (reading.outcome, reading.note) == (Outcome.READ, None)
    values = {fact.measure: fact.value for fact in reading.of(OmbudsmanStatistic)}
    assert values == {"complaints_dealt_with": 291, "not_for_us": 87, "assessed_and_closed": 128, "investigations": 76}


@pytest.mark.parametrize(
    "tiles",
    [
        "<div>81%</div><div>Kent County Council</div><div>85%</div><div>Average in similar authorities</div>",
        "<div>Kent County Council</div><div>81%</div><div>Similar authorities</div><div>85%</div>",
        "<p>81% of complaints we investigated were upheld, compared to 85% in similar authorities.</p>",
        "<p>We upheld 81 per cent of complaints. In similar councils the average is 85 per cent.</p>",
        "<div role=img aria-label='Upheld: 81%'></div><p>This compares to an average of 85% in "
        "similar authorities.</p>",
        "<p>In all of England we upheld 83% of complaints nationally.</p><p>Uphold rate: 81%</p><p>Average: 85%</p>",
    ],
)
def test_which_percentage_is_the_councils_and_which_the_average(tiles: str) -> None:
    page = f"<h2>Complaints upheld</h2>{tiles}<p>76 upheld decisions</p><p>a total of 94 investigations {YEAR}</p>"
    reading = read(page)
    assert (reading.outcome, reading.note) == (Outcome.READ, None)
    assert said(reading)["upheld_rate"] == (81, 85)


def test_a_footnotes_mark_is_not_part_of_the_figure() -> None:
    page = KENT_UPHELD.format(period=YEAR).replace("94", "94<sup>1</sup>").replace("76 ", "76<sup>2</sup> ")
    assert (said(read(page))["investigations"][0], said(read(page))["upheld_decisions"][0]) == (94, 76)


def test_few_cases_and_none_are_figures_too() -> None:
    page = (
        f"<h2>Complaints upheld</h2><p>There were no detailed investigations {YEAR}</p>"
        "<h2>Compliance with Ombudsman recommendations</h2><p>No recommendations were due in this period.</p>"
        "<h2>Satisfactory remedies provided by the Council</h2><p>There were no upheld decisions.</p>"
    )
    reading = read(page)
    assert (reading.outcome, reading.note) == (Outcome.READ, None)
    assert {m: value for m, (value, _) in said(reading).items()} == {"investigations": 0, "upheld_decisions": 0}


def test_a_page_that_says_there_were_no_complaints_holds_nothing() -> None:
    body = (
        "<h1>Kent County Council</h1><p>We received no complaints about it between 1 April 2023 and 31 March 2024.</p>"
    )
    assert read(body).outcome is Outcome.NOTHING


def test_an_error_that_says_no_data_is_not_good_news() -> None:
    body = "<h1>Kent County Council</h1><p>There is no data. Statistics are not available, please try again later.</p>"
    assert read(body).outcome is Outcome.QUARANTINED


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("81%", "18%", "the share of complaints upheld is given as 18%, but 76 of 94 investigations is 81%"),
        ("81%", "83%", "but 76 of 94 investigations is 81%"),
        ("76 upheld", "96 upheld", "96 of 94 investigations: a part larger than the whole"),
        ("<p>76 upheld decisions</p>", "", "expected the number of upheld decisions"),
        ("a total of 94 investigations", "the year", "expected the number of investigations"),
        ("<p>81% of complaints we investigated were upheld.</p>", "", "expected the share of complaints upheld"),
        ("to 31 March 2024", "to 31 March 2023", "expected figures for a year, found 2023-04-01 to 2023-03-31"),
        (YEAR, "", "expected one period for the figures, found none"),
        ("</h2>", "</h2><p>80% Complaints upheld by Kent County Council</p>", "is given as 80 ('80% Complaints upheld"),
    ],
)
def test_figures_that_do_not_hold_are_quarantined_with_the_reason(old: str, new: str, problem: str) -> None:
    page = KENT_UPHELD.format(period=YEAR)
    assert old in page
    reading = read(page.replace(old, new))
    assert reading.outcome is Outcome.QUARANTINED
    assert reading.note is not None
    assert problem in reading.note


@pytest.mark.parametrize("rate", ["80%", "82%"])
def test_a_percentage_rounded_another_way_holds(rate: str) -> None:
    assert read(KENT_UPHELD.format(period=YEAR).replace("81%", rate)).outcome is Outcome.READ


def test_a_rate_per_100_000_that_is_spoken_of_must_be_there() -> None:
    page = KENT_UPHELD.format(period=YEAR) + "<p>Adjusted for population: upheld decisions per 100,000 residents</p>"
    note = read(page).note
    assert note is not None
    assert "expected upheld decisions per 100,000 residents" in note


def test_the_text_of_a_case_is_no_statistic() -> None:
    case = "<h2>Service improvements</h2><p>Case reference: 24 003 150</p><ul><li>We upheld 3 complaints.</li></ul>"
    reading = read(KENT_UPHELD.format(period=YEAR) + case)
    assert (reading.outcome, said(reading)["upheld_decisions"][0]) == (Outcome.READ, 76)


def test_a_term_that_is_only_defined_is_not_missed() -> None:
    page = (
        "<h2>More about this data</h2><h3>Complaints upheld</h3><p>There was fault.</p>"
        "<h3>Compliance with Ombudsman recommendations</h3><p>Promises kept.</p>"
        "<h3>Average performance rates</h3><p>What others do.</p>"
    )
    reading = read(page + KENT_UPHELD.format(period=YEAR))
    assert (reading.outcome, reading.note) == (Outcome.READ, None)


def test_a_percentage_apart_from_its_words_stays_with_them() -> None:
    page = KENT_UPHELD.format(period=YEAR).replace(
        "<p>81% of complaints we investigated were upheld.</p>",
        "<h2>The year</h2><div>81%</div><div>Complaints upheld by Kent County Council</div>",
    )
    page = page.replace("<h2>Complaints upheld</h2>", "")
    assert said(read(page))["upheld_rate"][0] == 81


def test_an_overview_that_does_not_add_up_is_quarantined() -> None:
    page = (
        f"<h2>Complaint overview</h2><p>Between 1 April 2024 and 31 March 2025</p>"
        f"{LAYOUTS['rows'].replace('128', '129')}"
    )
    assert read(page).note == (
        "291 complaints were dealt with, but 87 not for the Ombudsman, 129 assessed and closed and "
        "76 investigated make 292"
    )


@pytest.mark.parametrize(
    ("rate", "outcomes", "holds"), [(98, 63, True), (100, 1, True), (50, 1, False), (98, 3, False), (67, 3, True)]
)
def test_a_compliance_rate_must_be_a_share_of_its_outcomes(rate: int, outcomes: int, holds: bool) -> None:
    page = (
        f"<h2>Compliance with Ombudsman recommendations</h2><p>{rate}% of cases were successfully implemented</p>"
        f"<p>Statistics are based on a total of {outcomes} compliance outcomes {YEAR}</p>"
    )
    assert (read(page).outcome is Outcome.READ) is holds


@pytest.mark.parametrize("generation", GENERATIONS)
@pytest.mark.parametrize("seed", range(4))
def test_a_page_with_its_sentences_cut_short_is_never_read_as_whole(generation: str, seed: int) -> None:
    figures = KENT[generation]
    cut = tuple(
        replace(card, sentences=tuple(tuple(p.replace("nvestigat", "xxx") for p in s) for s in card.sentences))
        for card in GENERATIONS[generation](figures)
    )
    reading = read(render(Page(figures.council, cut), seed))
    assert reading.outcome is Outcome.QUARANTINED
    assert "investigations" not in said(reading)
