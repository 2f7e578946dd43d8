"""Public reports and service improvements: every item, its own text and nothing else's, from any markup."""

from random import Random

import pytest

from parsers import ombudsman
from parsers.records import Kind, OmbudsmanReport, Outcome, Reading, ServiceImprovement
from tests.ombudsman_markup import CASE_TEMPLATES, CASES, REPORTS, Figures, Markup, Page, cards_2023, cases, render

SITE = "https://www.lgo.org.uk"
URL = SITE + "/your-councils-performance/kent-county-council/statistics"
LIST_URL = SITE + "/your-councils-performance/kent-county-council/serviceimprovements"
STATISTICS = (
    "<h1>Kent County Council</h1><h2>Complaints upheld</h2><p>81% of complaints we investigated were upheld.</p>"
    "<p>76 upheld decisions</p><p>a total of 94 investigations between 1 April 2023 to 31 March 2024</p>"
)
LEAD = (
    "<h2>Public reports</h2><p>In the last nine years, the Ombudsman has published these public interest"
    " reports against Kent County Council</p>"
)


def read(body: str, url: str = URL) -> Reading:
    return ombudsman.read(body.encode(), url=url)


def listed(reading: Reading) -> list[tuple[str, str | None, str | None]]:
    return [(report.title, report.summary, report.url) for report in reading.of(OmbudsmanReport)]


def improvements(reading: Reading) -> list[tuple[str, str | None, str | None, tuple[str, ...]]]:
    return [(i.case_reference, i.category, i.sub_category, i.actions) for i in reading.of(ServiceImprovement)]


ALL_REPORTS = [(title, summary, SITE + href) for title, summary, href in REPORTS]
ALL_CASES = [(case.reference, case.category, case.sub_category, case.actions) for case in CASES]


@pytest.mark.parametrize("seed", range(60))
def test_both_lists_on_a_whole_page_in_any_markup(seed: int) -> None:
    page = Page("Kent County Council", cards_2023(Figures()), REPORTS, CASES)
    reading = ombudsman.read(render(page, seed), url=URL)
    assert (reading.outcome, reading.note) == (Outcome.READ, None)
    assert listed(reading) == ALL_REPORTS
    assert improvements(reading) == ALL_CASES
    assert {report.council for report in reading.of(OmbudsmanReport)} == {"kent-county-council"}


@pytest.mark.parametrize("template", CASE_TEMPLATES)
@pytest.mark.parametrize("seed", range(5))
def test_the_page_with_all_improvements(template: str, seed: int) -> None:
    markup = Markup(Random(seed))
    body = f"<h1>Kent County Council</h1>{cases(markup, Page('Kent County Council', (), cases=CASES), template)}"
    reading = read(body, LIST_URL)
    assert (reading.kind, reading.outcome) == (Kind.OMBUDSMAN_IMPROVEMENTS, Outcome.READ)
    assert improvements(reading) == ALL_CASES
    wanted = [f"{SITE}/decisions/education/other/{case.reference.replace(' ', '-')}" for case in CASES]
    assert [one.url for one in reading.of(ServiceImprovement)] == wanted


TWO = [
    ("A bus that never came", "It was cancelled. Nobody said so.", None),
    ("Whose fault?", "Nobody would say.", None),
]


@pytest.mark.parametrize(
    "items",
    [
        "<h3>{a}</h3><p>{x}</p><h3>{b}</h3><p>{y}</p>",
        "<p>{a}</p><p>{x}</p><p>{b}</p><p>{y}</p>",
        "<p><strong>{a}</strong></p><p>{x}</p><p><strong>{b}</strong></p><p>{y}</p>",
        "{a}<br>{x}<br>{b}<br>{y}",
        "<dl><dt>{a}</dt><dd>{x}</dd><dt>{b}</dt><dd>{y}</dd></dl>",
        "<h3>2023</h3><h4>{a}</h4><p>{x}</p><h3>2019/20</h3><h4>{b}</h4><p>{y}</p>",
    ],
)
def test_reports_without_links(items: str) -> None:
    filled = items.format(a=TWO[0][0], x=TWO[0][1], b=TWO[1][0], y=TWO[1][1])
    assert listed(read(STATISTICS + LEAD + filled)) == TWO


def test_dates_and_further_links_are_not_part_of_titles_and_summaries() -> None:
    page = (
        '<ul><li><a href="/decisions/a/b/22-001-001">A bus that never came</a> 25 May 2023<br>It was cancelled.</li>'
        '<li><a href="../../decisions/a/b/22-001-002">Whose fault?</a><span>Published: 3 Jun 2021</span>'
        '<p>Nobody would say. See the <a href="/guidance">guidance</a> too.</p><a href="/x.pdf">Read '
        "more</a></li></ul>"
    )
    reports = read(STATISTICS + LEAD + page).of(OmbudsmanReport)
    assert [(r.title, r.summary, r.url, str(r.published_on)) for r in reports] == [
        ("A bus that never came", "It was cancelled.", SITE + "/decisions/a/b/22-001-001", "2023-05-25"),
        ("Whose fault?", "Nobody would say. See the guidance too.", SITE + "/decisions/a/b/22-001-002", "2021-06-03"),
    ]


def test_a_footer_is_not_a_report() -> None:
    foot = (
        '<div><a href="/contact-us">Contact our team today please</a><p>We are open from nine to '
        "five every day.</p></div>"
    )
    page = f"{STATISTICS}<section>{LEAD}<h3>A bus that never came</h3><p>It was cancelled.</p></section>{foot}"
    assert [title for title, _, _ in listed(read(page))] == ["A bus that never came"]


def test_a_menu_at_the_end_of_a_flat_page_is_no_report() -> None:
    menu = '<p><a href="/contact-us">How to talk to our team</a></p><p><a href="/jobs">Come and work for us</a></p>'
    page = STATISTICS + LEAD + '<p><a href="/decisions/a/b/22-001-001">A bus that never came</a></p>' + menu
    assert [title for title, _, _ in listed(read(page))] == ["A bus that never came"]


def test_no_reports_is_what_a_page_may_say() -> None:
    page = STATISTICS + (
        "<h2>Reports</h2><p>In the last nine years, the Ombudsman has not published any public interest reports"
        ' against Kent County Council.</p><p><a href="/reports">All reports by the Ombudsman on all councils</a></p>'
    )
    reading = read(page)
    assert (reading.outcome, listed(reading)) == (Outcome.READ, [])


@pytest.mark.parametrize(
    ("page", "problem"),
    [
        (LEAD, "expected public reports after the sentence that announces them, found none"),
        (
            LEAD.replace("these", "three") + "<h3>A bus that never came</h3><p>It was cancelled.</p>",
            "expected 3 public reports, found 1",
        ),
        (
            "<h2>Service improvements</h2><p>The Council has agreed to make the following improvements.</p>",
            "expected service improvements after the sentence that announces them, found none",
        ),
        (
            "<p>Case reference: to follow</p><ul><li>Write.</li></ul><p>Case reference: 24 003 "
            "150</p><ul><li>Ask.</li></ul>",
            "expected 2 service improvements by their case references, found 1",
        ),
        (
            "<p>Case reference: 24 003 150</p><p>Category: Education</p><ul><li> </li></ul>",
            "expected what the council agreed to do, found nothing for case 24 003 150",
        ),
    ],
)
def test_a_list_that_was_announced_must_be_there(page: str, problem: str) -> None:
    reading = read(STATISTICS + page)
    assert reading.outcome is Outcome.QUARANTINED
    assert reading.note == problem


def test_an_action_with_a_list_of_its_own_is_one_action() -> None:
    page = (
        "<p>Case reference: 24 003 150</p><p>Category: Education</p><p>Sub Category : Other</p>"
        "<ul><li>Mend it. It will:<ul><li>first this</li><li>then that</li></ul></li><li><p>Tell</p>"
        "<p>all.</p></li></ul>"
        "<p>Last updated: 4 April 2015</p><div><p>Ring the number on your bill</p></div>"
    )
    assert improvements(read(page, LIST_URL))[0][3] == ("Mend it. It will: first this then that", "Tell all.")


def test_a_case_listed_twice_has_the_actions_of_both_entries() -> None:
    page = "".join(f"<p>Case reference: 24&nbsp;003-150</p><ul><li>{x}</li></ul>" for x in ("Ask.", "Write.", "Ask."))
    assert improvements(read(STATISTICS + page)) == [("24 003 150", None, None, ("Ask.", "Write."))]


def test_fields_glued_together_by_a_stored_copy_come_apart() -> None:
    page = "<div>Case reference: 24 003 150Category: EducationSub Category: Other<ul><li>Ask.</li></ul></div>"
    assert improvements(read(page, LIST_URL)) == [("24 003 150", "Education", "Other", ("Ask.",))]


def test_a_table_with_cells_over_several_rows() -> None:
    page = (
        "<table><tr><th>Case reference</th><th>Category</th><th>Sub category</th><th>Improvement agreed</th></tr>"
        "<tr><td rowspan=2>24 003 150</td><td rowspan=2>Education</td><td rowspan=2>Other</td><td>Ask.</td></tr>"
        "<tr><td>Write.</td></tr><tr><td>24 003 151</td><td>Planning</td><td>Other</td><td>Go.<br>"
        "See.</td></tr></table>"
    )
    assert improvements(read(page, LIST_URL)) == [
        ("24 003 150", "Education", "Other", ("Ask.", "Write.")),
        ("24 003 151", "Planning", "Other", ("Go.", "See.")),
    ]


def test_a_selection_without_improvements_holds_nothing() -> None:
    body = "<h1>Service improvements</h1><p>No service improvements found for the category and year chosen.</p>"
    assert read(body, LIST_URL).outcome is Outcome.NOTHING
