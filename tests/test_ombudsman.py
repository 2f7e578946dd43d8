"""The Ombudsman's pages on saved pages of our own making, and on the page that the project began with."""

import html
import json
import tomllib
from datetime import date
from pathlib import Path

import pytest

from parsers import ombudsman
from parsers.records import (
    Kind,
    OmbudsmanReport,
    OmbudsmanStatistic,
    Outcome,
    Reading,
    ServiceImprovement,
    as_row,
)

STATISTICS_URL = "https://www.lgo.org.uk/your-councils-performance/kent-county-council/statistics"
GOLDEN = sorted((Path(__file__).with_name("golden") / "ombudsman").glob("*/page.html"))


def outline(reading: Reading) -> dict[str, object]:
    """A reading as `expected.json` holds it."""
    return {
        "kind": reading.kind,
        "outcome": reading.outcome,
        "note": reading.note,
        "title": reading.title,
        "published_on": reading.published_on.isoformat() if reading.published_on else None,
        "facts": [{"record": fact.table, **as_row(fact)} for fact in reading.facts],
    }


@pytest.mark.parametrize("page", GOLDEN, ids=lambda path: path.parent.name)
def test_a_saved_page_reads_as_its_expected_json_says(page: Path) -> None:
    about = tomllib.loads(page.with_name("about.toml").read_text())
    reading = ombudsman.read(page.read_bytes(), url=about["url"], title=about["title"])
    assert outline(reading) == json.loads(page.with_name("expected.json").read_text())
    assert ombudsman.recognises(page.read_bytes(), url=about["url"])


def test_there_are_saved_pages_to_read() -> None:
    assert len(GOLDEN) >= 7


def _as_text(text: str) -> bytes:
    return text.encode()


def _as_paragraphs(text: str) -> bytes:
    return ("<html><body>" + "".join(f"<p>{html.escape(x)}</p>\n" for x in text.splitlines()) + "</body>").encode()


def _as_breaks(text: str) -> bytes:
    return ("<body><div id=main>" + "<br>".join(map(html.escape, text.splitlines())) + "</div></body>").encode()


def _as_cells(text: str) -> bytes:
    rows = "".join(f"<tr><td> {html.escape(x)}\n</td></tr>" for x in text.splitlines())
    return f"<body><table>{rows}</table></body>".encode()


@pytest.mark.papers
@pytest.mark.parametrize("wrap", [_as_text, _as_paragraphs, _as_breaks, _as_cells], ids=lambda f: f.__name__[4:])
def test_the_page_of_2023_24_that_the_project_began_with(seeds: Path, wrap) -> None:  # type: ignore[no-untyped-def]
    text = next(seeds.glob("001_*.txt")).read_text()
    reading = ombudsman.read(wrap(text), url=STATISTICS_URL)
    assert (reading.kind, reading.outcome, reading.note) == (Kind.OMBUDSMAN_STATISTICS, Outcome.READ, None)
    statistics = reading.of(OmbudsmanStatistic)
    assert {s.measure: (s.value, s.unit, s.similar_average) for s in statistics} == {
        "upheld_rate": (81, "%", 85),
        "upheld_decisions": (76, None, None),
        "upheld_per_100k": (4.8, "per 100,000", 4.5),
        "investigations": (94, None, None),
        "compliance_rate": (98, "%", 100),
        "compliance_outcomes": (63, None, None),
        "remedy_rate": (3, "%", 7),
        "remedy_decisions": (2, None, None),
    }
    assert {(s.period_start, s.period_end) for s in statistics} == {(date(2023, 4, 1), date(2024, 3, 31))}
    assert {s.council for s in statistics} == {"kent-county-council"}
    reports = reading.of(OmbudsmanReport)
    assert [report.title.split()[0] for report in reports] == ["Ombudsman", "Kent", "Councils", "Councils", "Parents"]
    assert all(report.summary and report.summary.endswith(".") for report in reports)
    improvements = reading.of(ServiceImprovement)
    assert [len(one.actions) for one in improvements] == [1, 1, 1, 1, 1, 1, 3, 1, 1, 3]
    assert [one.case_reference for one in improvements][:2] == ["24 003 150", "23 021 398"]
    assert (improvements[0].category, improvements[0].sub_category) == ("Children's care services", "Child protection")
    assert improvements[-1].sub_category == "Alternative provision"
    assert not any("Last updated" in action for one in improvements for action in one.actions)
    assert ombudsman.recognises(wrap(text), url="")


@pytest.mark.papers
def test_pages_of_others_are_not_taken_for_the_ombudsmans(seeds: Path, papers: Path) -> None:
    others = [path for path in seeds.glob("*.txt") if not path.name.startswith("001_")]
    pages = [*others, *(papers / "html").glob("*.html")]
    assert pages
    assert [p.name for p in pages if ombudsman.recognises(p.read_bytes(), url="https://x.example/a.html")] == []


@pytest.mark.parametrize(
    ("path", "yes"),
    [
        ("/your-councils-performance/kent-county-council/statistics", True),
        ("/your-councils-performance/kent-county-council/statistics/", True),
        ("/your-councils-performance/kent-county-council/serviceimprovements?category=1015&year=2025", True),
        ("/decisions/education/special-educational-needs/24-010-382", True),
        ("/Decisions/SearchResults?fd=2025-1-1&page=2", True),
        ("/information-centre/news/2019/may/a-headline", True),
        ("/ieListDocuments.aspx?CId=115&MId=9476", False),
        ("/news/kent/a-headline-285124/", False),
        ("/decisions/education", False),
    ],
)
def test_the_address_tells_the_kind_of_page_whatever_host_plays_the_site(path: str, yes: bool) -> None:
    body = b"<p>Words about this and that in Kent.</p>"
    assert ombudsman.recognises(body, url="http://127.0.0.1:8123" + path) is yes


def test_a_newspapers_page_on_the_ombudsman_is_not_the_ombudsmans() -> None:
    body = (
        b"<h1>Ombudsman upholds complaint</h1><p>The ombudsman upheld 76 decisions against Kent County Council,"
        b" more than similar authorities, and its compliance fell to 98%.</p>"
    )
    assert not ombudsman.recognises(body, url="https://paper.example/news/1")


CHALLENGE = b"<html><head><title>Just a moment...</title></head><body>Checking your browser</body></html>"
SHELL = b"<html><head><title>Ombudsman</title></head><body><div id=app></div><script>go()</script></body></html>"
MOVED = b"<html><head><title>Page not found</title></head><body><h1>Page not found</h1></body></html>"


@pytest.mark.parametrize(
    "path",
    [
        "your-councils-performance/kent-county-council/statistics",
        "your-councils-performance/kent-county-council/serviceimprovements",
        "decisions/education/special-educational-needs/24-010-382",
        "Decisions/SearchResults?page=1",
        "information-centre/news/2019/may/a-headline",
    ],
)
@pytest.mark.parametrize(
    ("body", "found"),
    [(CHALLENGE, "a challenge page"), (SHELL, "stripped of its content"), (MOVED, "'not found'"), (b"", "stripped")],
    ids=["challenge", "shell", "moved", "empty"],
)
def test_a_page_that_is_none_is_quarantined_with_what_it_is(path: str, body: bytes, found: str) -> None:
    reading = ombudsman.read(body, url="https://www.lgo.org.uk/" + path)
    assert reading.outcome is Outcome.QUARANTINED
    assert reading.note is not None
    assert reading.note.startswith("expected")
    assert found in reading.note
    assert reading.facts == ()


@pytest.mark.parametrize(
    ("title", "text", "problem"),
    [
        (
            "Kent County Council (24 010 383)",
            "Summary: No fault.",
            "expected case 24 010 382 by the address, found 24 010 383",
        ),
        (
            "Kent County Council (24 010 382)",
            "Much is said here but no part of a decision is to be found in it " * 3,
            "neither",
        ),
        (
            "Kent County Council",
            "Summary: No fault was found in what it did, and so on. " * 5,
            "a page that names none",
        ),
    ],
)
def test_a_decision_that_does_not_fit_its_address_is_not_trusted(title: str, text: str, problem: str) -> None:
    body = f"<article id=article><h1>{title}</h1><p>{text}</p></article>".encode()
    url = "https://www.lgo.org.uk/decisions/education/special-educational-needs/24-010-382"
    reading = ombudsman.read(body, url=url)
    assert reading.outcome is Outcome.QUARANTINED
    assert reading.note is not None
    assert problem in reading.note


def test_a_search_that_says_it_found_nothing_holds_no_facts() -> None:
    body = b"<h1>Decisions</h1><p>Your search has 0 results</p>"
    reading = ombudsman.read(body, url="https://www.lgo.org.uk/decisions/searchresults?page=1")
    assert (reading.outcome, reading.facts) == (Outcome.NOTHING, ())


def test_search_cards_without_decisions_and_dates_are_not_trusted() -> None:
    body = b"<h1>Decisions</h1>" + b"<h3>Kent County Council (24 010 382)</h3><p>Something new</p>"
    reading = ombudsman.read(body, url="https://www.lgo.org.uk/decisions/searchresults?page=1")
    assert reading.outcome is Outcome.QUARANTINED


def test_news_is_about_the_council_that_it_names_most() -> None:
    body = (
        b"<h1>Home care stopped</h1><p>An investigation by the Ombudsman found Medway Council at fault.</p>"
        b"<p>Medway Council will repay, as Kent County Council did before.</p><p>Article date: 07 May 2019</p>"
    )
    reading = ombudsman.read(body, url="https://www.lgo.org.uk/information-centre/news/2019/may/home-care")
    assert [fact.council for fact in reading.of(OmbudsmanReport)] == ["medway-council"]


def test_a_page_on_another_council_than_its_address_says_is_not_trusted() -> None:
    body = b"<h1>Medway Council</h1><p>We received no complaints between 1 April 2023 and 31 March 2024.</p>"
    reading = ombudsman.read(body, url=STATISTICS_URL)
    assert reading.note == "expected a page on kent-county-council by its address, found one on medway-council"


@pytest.mark.parametrize(
    "body",
    [
        b"<p>" + b"1 " * 50_000,
        b"<h2>Complaint overview</h2>" + b"<p>dealt with<p>1 " * 5_000,
        b"<h2>Complaints upheld</h2><p>" + b"average of similar authorities upheld decisions " * 5_000,
        b"<h2>Public reports</h2><p>has published the following public reports</p>"
        + b"<a href=/decisions/x>Some title here</a><p>Some text.</p>" * 1_000,
        b"<h2>Service improvements</h2><p>Case reference: 24 003 150<p>" + b"aaa council agreed " * 5_000,
        b"<div>" * 5_000 + b"<p>76 upheld decisions",
        bytes(range(256)) * 200,
        b"\0" * 1_000,
    ],
    ids=["numbers", "pairs", "averages", "links", "agreed", "deep", "binary", "zeros"],
)
@pytest.mark.timeout(30)
def test_hostile_pages_are_read_in_bounded_time_and_not_trusted(body: bytes) -> None:
    assert ombudsman.read(body, url=STATISTICS_URL).outcome is Outcome.QUARANTINED
