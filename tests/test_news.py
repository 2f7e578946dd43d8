"""News stories: metadata, body and the figures that can be held against a paper. All stories here are made up."""

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from parsers import news
from parsers.records import Figure, Kind, NewsArticle, Outcome, RagCount, StatedIn

URL = "https://www.example-news.co.uk/maidstone/news/county-council-misses-targets-300001/"
HEADLINE = "County council misses targets"
STORY = [
    "County Hall missed its targets in many services this summer, papers that went online on Tuesday reveal to"
    " readers.",
    "The council fell short in 23 of 38 areas assessed in the second quarter of 2023-24, its Quarterly Performance"
    " Report says.",
    "The 'RAG' (red, amber and green) system is how the council marks its own work, quarter after quarter, in public.",
    "Given a red rating were eight key performance indicators (KPIs) in adult social care, education and customer"
    " service.",
    "A further 15 received an amber rating, which means that a floor was reached and the target was not, officers"
    " explain.",
    "Five other areas were rated amber and one green, and all five KPIs in public health are exceeding their targets.",
]
COMPLAINTS = [
    "Total complaints in the year to September 2022 was 5,248 but jumped to 5,649 in the year to September 2023.",
    "Most complaints were about highways, transportation and waste management which went up from 2,637 (to September"
    " 2022) to 2,905 (to September 2023).",
    "Some services saw a drop, such as adult education (71 to 53) and the weather (12 to 10).",
]


def linked(**more: Any) -> dict[str, Any]:
    return {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "headline": HEADLINE,
        "datePublished": "2024-01-04T05:00:00Z",
        "author": {"@type": "Person", "name": "A Writer"},
        "description": "What the papers say.",
        **more,
    }


def page(story: list[str], *, data: Any = None, meta: str = "", extra: str = "", raw: str = "") -> bytes:
    script = raw or (json.dumps(data) if data is not None else "")
    body = "".join(f"<p>{text}</p>" for text in story)
    return f"""<!doctype html><html><head><title>{HEADLINE} - Example News</title>{meta}
<script type="application/ld+json">{script}</script></head>
<body><nav><a href="/">Home</a> <a href="/kent">Kent</a></nav>
<article><h1>{HEADLINE}</h1><div class="PageContent">{body}{extra}</div></article>
<footer>Close This site uses cookies. Learn more</footer></body></html>""".encode()


def article(body: bytes, url: str = URL, title: str = "") -> NewsArticle:
    reading = news.read(body, url=url, title=title)
    assert (reading.kind, reading.outcome) == (Kind.NEWS_ARTICLE, Outcome.READ), reading.note
    (found,) = reading.of(NewsArticle)
    return found


@pytest.mark.parametrize(
    "data",
    [
        linked(),
        [{"@type": "BreadcrumbList"}, linked()],
        {"@context": "https://schema.org", "@graph": [{"@type": "WebSite", "name": "x"}, linked()]},
        linked(**{"@type": ["NewsArticle", "ReportageNewsArticle"]}),
        linked(author=["A Writer"]),
    ],
    ids=["alone", "in a list", "in a graph", "of two types", "author a plain text"],
)
def test_the_articles_own_metadata_come_first(data: Any) -> None:
    found = article(page(STORY, data=data, meta='<meta property="og:title" content="Another title">'))

    assert (found.headline, found.author, found.summary) == (HEADLINE, "A Writer", "What the papers say.")
    assert found.published_at == datetime(2024, 1, 4, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    "raw",
    [
        json.dumps(linked())[:-1] + ",}",
        "<!-- " + json.dumps(linked()) + " -->",
        json.dumps(linked(description="two\nlines")).replace("\\n", "\n"),
        json.dumps(linked()) + ";",
    ],
    ids=["a comma too many", "in a comment", "a raw line break", "a semicolon"],
)
def test_metadata_with_a_slip_are_mended(raw: str) -> None:
    assert article(page(STORY, raw=raw)).author == "A Writer"


def test_metadata_beyond_repair_leave_those_of_the_page() -> None:
    meta = (
        '<meta property="og:title" content="Council &amp;amp; targets">'
        '<meta property="og:site_name" content="Example News">'
        '<meta property="article:published_time" content="2023-07-06T09:30:00">'
        '<meta name="author" content="By B Writer">'
        '<meta property="og:description" content="In short.">'
    )

    found = article(page(STORY, raw='{"@type": "NewsArticle", "headline": ', meta=meta))

    assert (found.headline, found.publisher, found.author) == ("Council & targets", "Example News", "B Writer")
    assert (found.published_at, found.summary) == (datetime(2023, 7, 6, 8, 30, tzinfo=UTC), "In short.")


def test_a_date_that_the_page_does_not_state_is_not_guessed() -> None:
    story = [*STORY, "The council meets again on 12 March 2031, when much of this will have been forgotten by all."]

    assert article(page(story)).published_at is None


def test_a_byline_states_the_date_where_no_metadata_do() -> None:
    body = page(STORY).replace(b"</h1>", b'</h1><div class="byline">William Example 06 July 2023</div>')

    assert article(body).published_at == datetime(2023, 7, 6, tzinfo=UTC)


def test_the_day_of_publication_is_the_day_in_kent() -> None:
    reading = news.read(page(STORY, data=linked(datePublished="2024-06-30T23:30:00Z")), url=URL)

    assert reading.published_on == date(2024, 7, 1)


def test_the_publisher_is_the_site_or_its_host() -> None:
    named = '<meta property="og:site_name" content="Example News">'

    assert article(page(STORY, data=linked(), meta=named)).publisher == "Example News"
    assert article(page(STORY, data=linked(publisher={"name": "The Post"}))).publisher == "The Post"
    assert article(page(STORY, data=linked())).publisher == "example-news.co.uk"


def test_letters_that_were_read_in_the_wrong_code_are_mended() -> None:
    assert article(page(STORY, data=linked(headline="Kentâ€™s roads"))).headline == "Kent’s roads"


def test_the_body_is_the_story_without_captions_banners_and_adverts() -> None:
    extra = (
        "<p>Council leader A Example at County Hall</p><p>Council leader A Example at County Hall</p>"
        "<p>County Hall HQ\nCounty Hall HQ</p><p>Picture: Example Agency</p>"
        "<p>The last line of the story stands here and is as long as other lines in a story are.</p>"
        "<p>Close This site uses cookies. Whoever reads on agrees to that. Learn More</p>"
        "<p>Sign up here to receive our free daily news.</p><p>Highways jobs</p>"
        "<p>Principal Planner, £39,186 to £43,421 per annum, a post with which nothing above has to do.</p>"
    )

    body = article(page(STORY, data=linked(), extra=extra)).body

    assert body.split("\n\n") == [
        *STORY,
        "The last line of the story stands here and is as long as other lines in a story are.",
    ]


def test_the_body_is_taken_from_the_metadata_where_the_page_shows_less() -> None:
    body = page(["Subscribe to read on."], data=linked(articleBody="\n".join(STORY)))

    assert article(body).body.split("\n\n") == STORY


def test_a_page_without_a_story_is_quarantined() -> None:
    reading = news.read(b"<html><head><title>x</title></head><body></body></html>", url=URL)

    assert (reading.outcome, reading.facts) == (Outcome.QUARANTINED, ())
    assert reading.note == "expected an article's text, found none"


@pytest.mark.parametrize(
    ("body", "url", "expected"),
    [
        (page(STORY, data=linked()), "https://x.example/a", True),
        (page(STORY, meta='<meta property="og:type" content="article">'), "https://x.example/a", True),
        (
            page(STORY, meta='<meta property="article:published_time" content="2024-01-04">'),
            "https://x.example/a",
            True,
        ),
        (page(STORY), URL, True),
        (page(STORY), "https://www.bbc.co.uk/news/articles/c88x80yl574o", True),
        (page(STORY), "https://www.localgov.example/Investigation-reveals-complaints-backlog/56000", True),
        (page(STORY), "https://www.example-news.co.uk/maidstone/news/", False),
        (page(STORY, data={"@type": "JobPosting"}), "https://www.localgov.example/Principal-Planner-Post/56000", False),
        (page(STORY, data={"@type": "ItemList"}), URL, False),
        (page(STORY, data=linked()), "https://jobs.localgov.example/a", False),
        (b"<html><body><p>Nothing</p></body></html>", "https://x.example/", False),
    ],
)
def test_a_story_is_known_by_what_it_says_of_itself_or_by_its_address(body: bytes, url: str, expected: bool) -> None:
    assert news.recognises(body, url=url) is expected


def test_counts_of_ratings_are_those_that_the_story_states_for_its_quarter() -> None:
    (count,) = news.read(page(STORY, data=linked()), url=URL).of(RagCount)

    assert (count.stated_in, count.financial_year, count.quarter) == (StatedIn.NEWS, "2023/24", 2)
    assert (count.total, count.green, count.amber, count.red) == (38, None, 15, 8)
    assert (count.service, count.improving, count.worsening) == (None, None, None)
    assert (count.quote or "").startswith("The council fell short in 23 of 38 areas")


@pytest.mark.parametrize(
    ("old", "new"),
    [(" in the second quarter of 2023-24", ""), ("Quarterly Performance Report", "Great Garden Show")],
    ids=["no quarter", "no performance report"],
)
def test_without_a_quarter_or_a_report_ratings_are_not_counted(old: str, new: str) -> None:
    story = [text.replace(old, new).replace("key performance indicators (KPIs)", "gardens") for text in STORY]
    story = [text.replace("KPIs", "gardens").replace("'RAG' ", "") for text in story] if "Garden" in new else story

    assert news.read(page(story, data=linked()), url=URL).of(RagCount) == []


def test_complaints_are_figures_where_the_year_and_the_service_are_certain() -> None:
    figures = news.read(page([STORY[0], *COMPLAINTS], data=linked()), url=URL).of(Figure)

    assert [(f.service, f.period_label, f.value, f.value_text, f.is_total) for f in figures] == [
        (None, "year to September 2022", 5248, "5,248", True),
        (None, "year to September 2023", 5649, "5,649", True),
        ("Highways, transportation and waste management", "year to September 2022", 2637, "2,637", False),
        ("Highways, transportation and waste management", "year to September 2023", 2905, "2,905", False),
        ("Adult education", "year to September 2022", 71, "71", False),
        ("Adult education", "year to September 2023", 53, "53", False),
    ]
    assert {(f.measure, f.unit) for f in figures} == {("complaints", None)}
    assert (figures[0].period_start, figures[0].period_end) == (date(2021, 10, 1), date(2022, 9, 30))
    assert figures[0].quote == COMPLAINTS[0]
    assert figures[4].quote == f"{COMPLAINTS[1]} {COMPLAINTS[2]}"


@pytest.mark.parametrize(
    "sentence",
    [
        "The council has a backlog of 170 unanswered children’s services and education complaints, a report says.",
        "It had 141 overdue stage one complaints and 29 at stage two, and the average answer took 43 working days.",
        "Total complaints jumped by 8% in the year to September 2023, to the dismay of 12 councillors.",
        "Total complaints were 5,248 and then 5,649 in the year to September 2023 and the year to September 2022.",
        "Total complaints rose from 5,248 to 5,649.",
        "Complaints about potatoes rose from 2,637 in the year to September 2022 to 2,905 in the year to September"
        " 2023.",
        "In the year to September 2023 there were 5,649 complaints and 1,200 compliments.",
        "Adult education (71 to 53) and education services (209 to 29) saw a drop.",
    ],
)
def test_complaints_that_leave_a_doubt_are_no_figures(sentence: str) -> None:
    assert news.read(page([STORY[0], sentence], data=linked()), url=URL).of(Figure) == []


def test_each_number_has_the_year_beside_it() -> None:
    sentence = (
        "The total number of complaints rose from 5,248 in the year to September 2022 to 5,649 in the 12 months to"
        " September 2023."
    )

    figures = news.read(page([STORY[0], sentence], data=linked()), url=URL).of(Figure)

    assert [(f.period_end, f.value) for f in figures] == [(date(2022, 9, 30), 5248), (date(2023, 9, 30), 5649)]


@pytest.mark.papers
@pytest.mark.parametrize(("number", "counts", "figures"), [("000", 1, 8), ("002", 0, 0)])
def test_the_real_stories_that_the_project_began_with(seeds: Path, number: str, counts: int, figures: int) -> None:
    (seed,) = seeds.glob(f"{number}_*.txt")
    lines = [line.strip() for line in seed.read_text().splitlines() if line.strip()]

    reading = news.read(page(lines[2:], data=linked(headline=lines[1])), url=URL)

    assert (len(reading.of(RagCount)), len(reading.of(Figure))) == (counts, figures)
    for count in reading.of(RagCount):
        assert (count.financial_year, count.quarter) == ("2023/24", 2)
        assert (count.total, count.green, count.amber, count.red) == (38, None, 15, 8)
    (found,) = reading.of(NewsArticle)
    assert "cookies" not in found.body and "per annum" not in found.body


OTHERS = [
    "Medway Council has 40 key performance indicators (KPIs), its performance report for Quarter 2, 2023/24 says.",
    "Of the 40 KPIs 20 were rated green, 12 amber and eight red.",
]
OURS = [
    "Kent County Council (KCC) has put out its performance report for Quarter 2, 2023/24.",
    "Of its 38 key performance indicators, 15 were rated green, 15 amber and eight red.",
]


@pytest.mark.parametrize("council", ["kent", "Kent County Council", ""])
def test_a_story_about_the_council_gives_its_figures(council: str) -> None:
    (count,) = news.read(page(OURS, data=linked()), url=URL, council=council).of(RagCount)

    assert (count.total, count.green, count.amber, count.red) == (38, 15, 15, 8)


def test_a_story_about_another_council_gives_no_figures() -> None:
    complaints = [
        "Total complaints to Medway Council rose from 410 in the year to June 2022 to 520 in the year to June 2023."
    ]

    reading = news.read(page([*OTHERS, *complaints], data=linked()), url=URL, council="kent")

    assert [type(fact) for fact in reading.facts] == [NewsArticle]


def test_another_councils_figures_in_a_story_about_ours_are_left_out() -> None:
    (count,) = news.read(page([*OURS, *OTHERS], data=linked()), url=URL, council="kent").of(RagCount)
    (after,) = news.read(page([*OTHERS, *OURS], data=linked()), url=URL, council="kent").of(RagCount)

    assert (count.total, count.red) == (after.total, after.red) == (38, 8)


def test_figures_of_two_councils_in_one_paragraph_are_nobodys() -> None:
    both = [
        "Kent County Council and Medway Council both reported on Quarter 2, 2023/24: 15 KPIs were rated green and"
        " eight red."
    ]

    assert news.read(page(both, data=linked()), url=URL, council="kent").of(RagCount) == []


def test_a_story_of_several_councils_gives_none_where_ours_is_not_known() -> None:
    assert news.read(page([*OURS, *OTHERS], data=linked()), url=URL).of(RagCount) == []
