"""Readings become rows: all of them or none, once, and with the same ids the next time."""

import json
import math
from dataclasses import fields, replace
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from typing import get_args

import pytest

from db import open_archive
from db.errors import BadFacts
from db.facts import NO_EDITION
from parsers.records import (
    Direction,
    Fact,
    Kind,
    NewsArticle,
    OmbudsmanDecision,
    OmbudsmanReport,
    Outcome,
    Rag,
    RagCount,
    Reading,
    Risk,
    RiskLevel,
    StatedIn,
)
from tests.test_db_samples import (
    AMBER,
    GREEN,
    LATER,
    NOW,
    RED,
    dump,
    edition,
    figure,
    found,
    improvement,
    keep,
    keep_read,
    kpi,
    reading,
    statistic,
)

FACT_TYPES = get_args(Fact)
COUNT = RagCount(
    stated_in=StatedIn.REPORT, financial_year="2024/25", quarter=3, service=None, green=17, amber=12, red=9, page=3
)
RISK = Risk(code="CRR0065", title="Implementation of Oracle Cloud", change="new", level=None, page=67)
LEVEL = RiskLevel(as_at=date(2025, 2, 1), low=0, medium=5, high=12, page=66)
AGAINST = OmbudsmanReport(
    council="kent-county-council", title="Delays in complaints", summary="170 complaints", url=None, published_on=None
)
DECISION = OmbudsmanDecision(
    case_reference="24 010 382",
    council="kent-county-council",
    category="Education",
    sub_category="Special educational needs",
    decision="Upheld",
    decided_on=date(2025, 4, 30),
    is_report=False,
    summary="The Council delayed.",
    url="https://www.lgo.org.uk/decisions/24-010-382",
)
STORY = NewsArticle(
    publisher="Kent Online",
    headline="Kent’s potholes: council misses its target",
    author=None,
    published_at=datetime(2026, 7, 1, 7, 30, tzinfo=timezone(timedelta(hours=1))),
    summary="Repairs took longer.",
    body="Only 81 per cent of potholes were repaired in time.",
)
EVERYTHING = reading(
    edition(kpi_total=2),
    kpi(headline_name="% of pothole repairs", headline_rag=GREEN, headline_page=5, headline_bbox=(1, 2, 3, 4)),
    kpi("Number of homes & flats", RED, previous_rag=AMBER, lower_is_better=None, floor=None),
    COUNT,
    figure("Highways & Transportation", 422.0, bbox=(1.0, 2.0, 3.0, 4.0)),
    figure("Total", 1047.0, is_total=True, tolerance=0.5),
    RISK,
    LEVEL,
    statistic("upheld_rate", 83.0, 2024),
    AGAINST,
    DECISION,
    improvement("24 003 150", "remind staff", "review its procedure"),
    STORY,
    title="Everything at once",
    published_on=date(2025, 2, 24),
    text="All the words of the paper",
)


def test_every_type_of_fact_has_its_table_and_columns(tmp_path: Path) -> None:
    not_columns = {"actions"}  # a table of their own
    with open_archive(tmp_path) as archive:
        for record in FACT_TYPES:
            columns = {row["name"] for row in archive.rows("select name from pragma_table_info(?)", [record.table])}
            assert {field.name for field in fields(record)} - not_columns <= columns, record.table


def test_every_field_arrives_as_it_was_read(tmp_path: Path) -> None:
    with open_archive(tmp_path) as archive:
        keep_read(archive, found(), EVERYTHING)
        (first, second) = archive.rows("select * from kpi_readings order by id")
        assert (first["rag"], first["direction"], first["lower_is_better"], first["page"]) == ("green", "stable", 0, 33)
        assert json.loads(first["bbox"]) == [70.8, 100.12, 520.0, 300.0]
        assert (first["headline_name"], json.loads(first["headline_bbox"])) == ("% of pothole repairs", [1, 2, 3, 4])
        assert (second["rag"], second["previous_rag"], second["lower_is_better"], second["floor"]) == (
            "red",
            "amber",
            None,
            None,
        )
        (count,) = archive.rows("select * from rag_counts")
        assert (count["stated_in"], count["green"], count["improving"]) == ("report", 17, None)
        assert archive.rows("select value, is_total, tolerance, period_end from figures order by id") == [
            {"value": 422.0, "is_total": 0, "tolerance": None, "period_end": "2024-12-31"},
            {"value": 1047.0, "is_total": 1, "tolerance": 0.5, "period_end": "2024-12-31"},
        ]
        assert archive.rows("select code, change from risks") == [{"code": "CRR0065", "change": "new"}]
        assert archive.rows("select as_at, high from risk_levels") == [{"as_at": "2025-02-01", "high": 12}]
        assert archive.rows("select decided_on, is_report from ombudsman_decisions") == [
            {"decided_on": "2025-04-30", "is_report": 0}
        ]
        assert archive.rows("select position, text from service_improvement_actions order by 1") == [
            {"position": 1, "text": "remind staff"},
            {"position": 2, "text": "review its procedure"},
        ]
        assert archive.rows("select published_at, headline from news_articles") == [
            {"published_at": "2026-07-01T06:30:00+00:00", "headline": "Kent’s potholes: council misses its target"}
        ]
        for table in (
            "ombudsman_statistics",
            "ombudsman_reports",
            "ombudsman_decisions",
            "service_improvements",
            "reports",
        ):
            assert archive.rows(f"select distinct council from {table}") == [{"council": "kent"}], table
        document = archive.known_document(found().key)
        assert document is not None
        assert (document.title, document.published_on, document.outcome) == (
            "Everything at once",
            date(2025, 2, 24),
            "read",
        )


def test_the_same_reading_again_changes_no_row(tmp_path: Path) -> None:
    with open_archive(tmp_path) as archive:
        version = keep_read(archive, found(), EVERYTHING)
        before = dump(archive)
        writer = archive._writer
        assert writer is not None
        changes = writer.total_changes
        archive.store_reading(version, EVERYTHING, council="kent", now=LATER)
        assert writer.total_changes == changes
        assert dump(archive) == before


def test_facts_that_stay_keep_their_ids_when_others_change(tmp_path: Path) -> None:
    with open_archive(tmp_path) as archive:
        version = keep_read(archive, found(), EVERYTHING)
        before = dump(archive)
        facts = [figure("Total", 1048.0) if fact == EVERYTHING.facts[5] else fact for fact in EVERYTHING.facts]
        corrected = replace(EVERYTHING, parser_version=2, facts=tuple(facts))
        archive.store_reading(version, corrected, council="kent", now=LATER)
        after = dump(archive)
    changed = {table for table in before if before[table] != after[table]}
    assert changed == {"figures", "versions"}
    assert [row["value"] for row in after["figures"]] == [422.0, 1048.0]
    assert after["figures"][0] == before["figures"][0]
    assert (after["versions"][0]["parser_version"], after["versions"][0]["read_at"]) == (2, "2026-11-21T18:30:00+00:00")


def test_equal_rows_are_kept_as_often_as_they_are_printed(tmp_path: Path) -> None:
    with open_archive(tmp_path) as archive:
        version = keep_read(archive, found(), reading(figure("A", 1), figure("A", 1)))
        assert archive.counts()["figures"] == 2
        archive.store_reading(version, reading(figure("A", 1)), council="kent", now=LATER)
        assert archive.counts()["figures"] == 1
        archive.store_reading(version, reading(figure("A", 1), figure("A", 1)), council="kent", now=LATER)
        assert archive.counts()["figures"] == 2


def test_a_reading_that_found_nothing_takes_earlier_facts_back(tmp_path: Path) -> None:
    with open_archive(tmp_path) as archive:
        version = keep_read(archive, found(), EVERYTHING)
        nothing = reading(outcome=Outcome.NOTHING, kind=Kind.OTHER)
        archive.store_reading(version, nothing, council="kent", now=LATER)
        counts = archive.counts()
        facts = {record.table for record in FACT_TYPES} | {"kpis", "kpi_names", "service_improvement_actions"}
        assert {table: counts[table] for table in facts if counts[table]} == {}
        assert archive.search("potholes") == []
        assert archive.check() == []


def test_quarantined_facts_are_kept_but_stand_in_no_view(tmp_path: Path) -> None:
    doubtful = reading(
        edition(kpi_total=40), kpi(), COUNT, outcome=Outcome.QUARANTINED, note="expected 40 indicators, found 1"
    )
    with open_archive(tmp_path) as archive:
        keep_read(archive, found(), doubtful)
        assert archive.counts()["kpi_readings"] == 1
        assert archive.rows("select * from kpi_history") == []
        assert archive.rows("select outcome, note from versions") == [
            {"outcome": "quarantined", "note": "expected 40 indicators, found 1"}
        ]


def test_lists_that_grow_take_nothing_from_a_doubtful_reading(tmp_path: Path) -> None:
    page = found("improvements")
    doubtful = reading(
        improvement("24 003 150", "remind"), AGAINST, DECISION, STORY, outcome=Outcome.QUARANTINED, note="?"
    )
    with open_archive(tmp_path) as archive:
        keep_read(archive, page, doubtful)
        counts = archive.counts()
        assert [
            counts[t] for t in ("service_improvements", "ombudsman_reports", "ombudsman_decisions", "news_articles")
        ] == [0, 0, 0, 0]


def test_a_failed_reading_says_why_and_holds_no_facts(tmp_path: Path) -> None:
    with open_archive(tmp_path) as archive:
        keep_read(archive, found(), reading(edition(), kpi(), outcome=Outcome.FAILED, note="half a PDF"))
        assert archive.counts()["kpi_readings"] == 0
        assert archive.rows("select outcome, note from versions") == [{"outcome": "failed", "note": "half a PDF"}]


def test_indicators_without_an_edition_are_quarantined(tmp_path: Path) -> None:
    with open_archive(tmp_path) as archive:
        keep_read(archive, found(), reading(kpi(), COUNT))
        assert archive.rows("select outcome, note from versions") == [{"outcome": "quarantined", "note": NO_EDITION}]
        assert archive.counts()["kpi_readings"] == 0
        assert archive.counts()["rag_counts"] == 1


def test_indicators_belong_to_the_edition_before_them(tmp_path: Path) -> None:
    with open_archive(tmp_path) as archive:
        both = reading(edition(quarter=2), kpi(rag=RED), edition(quarter=3), kpi(rag=GREEN))
        keep_read(archive, found(), both)
        assert archive.rows("select quarter, rag from kpi_history order by quarter") == [
            {"quarter": 2, "rag": "red"},
            {"quarter": 3, "rag": "green"},
        ]


@pytest.mark.parametrize(
    "spoilt",
    [
        statistic("upheld_rate", math.nan, 2024),
        kpi(bbox=(math.inf, 0, 1, 1)),
        kpi(page=None),
        COUNT.__class__(stated_in=StatedIn.REPORT, financial_year=None, quarter=None, service=None, green=2**80),
    ],
)
def test_a_value_that_no_table_holds_refuses_the_whole_reading(tmp_path: Path, spoilt: object) -> None:
    with open_archive(tmp_path) as archive:
        version = keep_read(archive, found(), EVERYTHING)
        before = dump(archive)
        with pytest.raises(BadFacts, match=f"version {version}: "):
            archive.store_reading(version, reading(edition(), figure("A", 1), spoilt), council="kent", now=LATER)  # type: ignore[arg-type]
        assert dump(archive) == before


def test_texts_out_of_broken_papers_are_stored_without_what_cannot_be(tmp_path: Path) -> None:
    with open_archive(tmp_path) as archive:
        keep_read(archive, found(), reading(edition(), kpi("% of \ud83d pot\0holes"), text="\udfff\0 words"))
        assert archive.rows("select name from kpi_readings") == [{"name": "% of � potholes"}]
        assert [hit.kind for hit in archive.search("words")] == ["performance_report"]


def test_an_unknown_version_is_refused(tmp_path: Path) -> None:
    with open_archive(tmp_path) as archive, pytest.raises(BadFacts, match="there is no version 7"):
        archive.store_reading(7, EVERYTHING, council="kent", now=NOW)


# --- what only the newest version says


def test_a_correction_stands_beside_the_old_facts_and_views_show_it(tmp_path: Path) -> None:
    with open_archive(tmp_path) as archive:
        old = keep_read(archive, found(), reading(edition(), kpi(rag=GREEN)))
        new = keep_read(archive, found(), reading(edition(), kpi(rag=RED)), now=LATER)
        assert archive.rows(
            "select r.version_id, k.rag from kpi_readings as k join reports as r on r.id = k.report_id"
        ) == [
            {"version_id": old, "rag": "green"},
            {"version_id": new, "rag": "red"},
        ]
        assert archive.rows("select version_id, rag from kpi_history") == [{"version_id": new, "rag": "red"}]


def test_an_older_version_read_again_does_not_speak_for_the_document(tmp_path: Path) -> None:
    with open_archive(tmp_path) as archive:
        old = keep_read(archive, found(), reading(STORY, title="old title", text="old words", kind=Kind.NEWS_ARTICLE))
        keep_read(archive, found(), reading(edition(), kpi(), title="new title", text="new words"), now=LATER)
        archive.store_reading(
            old, reading(STORY, title="older title", text="older words", parser_version=2), council="kent", now=LATER
        )
        document = archive.known_document(found().key)
        assert document is not None and (document.title, document.kind) == ("new title", "performance_report")
        assert archive.search("older") == []
        assert [hit.title for hit in archive.search("new words")] == ["new title"]


@pytest.mark.parametrize("outcome", [Outcome.FAILED, Outcome.QUARANTINED])
def test_a_version_that_could_not_be_read_does_not_rename_what_still_stands(tmp_path: Path, outcome: Outcome) -> None:
    with open_archive(tmp_path) as archive:
        first = reading(STORY, title="the story", published_on=date(2024, 12, 3), kind=Kind.NEWS_ARTICLE)
        version = keep_read(archive, found(), first)
        broken = reading(outcome=outcome, note="cut off", kind=Kind.OTHER, title="Just a moment...")
        keep_read(archive, found(), broken, now=LATER)
        says = "select kind, title, published_on from documents"
        assert archive.rows(says) == [{"kind": "news_article", "title": "the story", "published_on": "2024-12-03"}]
        again = replace(first, title="the story, read better", parser_version=2)
        archive.store_reading(version, again, council="kent", now=LATER)
        assert archive.rows(says)[0]["title"] == "the story, read better"


def test_a_document_of_which_nothing_was_read_yet_is_what_its_newest_version_seems_to_be(tmp_path: Path) -> None:
    with open_archive(tmp_path) as archive:
        for title in ("one", "two"):
            doubtful = reading(outcome=Outcome.QUARANTINED, note="?", title=title, kind=Kind.MINUTES)
            keep_read(archive, found(), doubtful)
        assert archive.rows("select kind, title from documents") == [{"kind": "minutes", "title": "two"}]


def test_a_story_goes_when_its_own_version_turns_out_not_to_be_one(tmp_path: Path) -> None:
    with open_archive(tmp_path) as archive:
        version = keep_read(archive, found("news"), reading(STORY, kind=Kind.NEWS_ARTICLE))
        keep_read(archive, found("news"), reading(outcome=Outcome.FAILED, note="cut off"), now=LATER)
        assert archive.counts()["news_articles"] == 1
        archive.store_reading(version, reading(outcome=Outcome.QUARANTINED, note="?"), council="kent", now=LATER)
        assert archive.counts()["news_articles"] == 0


def test_a_story_is_told_as_its_newest_version_tells_it(tmp_path: Path) -> None:
    rewritten = NewsArticle(
        publisher="Kent Online",
        headline="Council says sorry",
        author=None,
        published_at=None,
        summary=None,
        body="Sorry.",
    )
    with open_archive(tmp_path) as archive:
        old = keep_read(archive, found("news"), reading(STORY, kind=Kind.NEWS_ARTICLE))
        new = keep_read(archive, found("news"), reading(rewritten, kind=Kind.NEWS_ARTICLE), now=LATER)
        assert archive.rows("select headline, version_id from news_articles") == [
            {"headline": "Council says sorry", "version_id": new}
        ]
        archive.store_reading(old, reading(STORY, kind=Kind.NEWS_ARTICLE), council="kent", now=LATER)
        assert archive.rows("select headline from news_articles") == [{"headline": "Council says sorry"}]


# --- lists that grow


def against(title: str, path: str | None = None) -> OmbudsmanReport:
    url = f"https://www.lgo.org.uk/{path}" if path else None
    return OmbudsmanReport(
        council="kent-county-council", title=title, summary=None, url=url, published_on=None
    )  # fmt: skip


STORY_1, STORY_2 = "information-centre/news/2025/jan/plans-late", "information-centre/news/2025/feb/plans-late"
CASE_1, CASE_2 = "decisions/education/plans/24-003-150", "decisions/education/plans/24-003-151"


@pytest.mark.parametrize(
    ("pages", "titles"),
    [
        pytest.param([[against("A", STORY_1)], [against("B", STORY_1)]], ["B"], id="edited"),
        pytest.param(
            [[against("Plans late")], [against("Plans  Late!", STORY_1)]], ["Plans  Late!"], id="linked later"
        ),
        pytest.param(
            [[against("A")], [against("A", STORY_1)], [against("B", STORY_1)]], ["B"], id="linked, then edited"
        ),
        pytest.param(
            [[against("A", STORY_1)], [against("A", CASE_1)], [against("B", CASE_1)]], ["B"], id="its own page"
        ),
        pytest.param([[against("A", STORY_1)], [against("A", STORY_2)]], ["A"], id="moved"),
        pytest.param([[against("A", STORY_1), against("A", STORY_2)]], ["A", "A"], id="one headline, two stories"),
        pytest.param(
            [[against("A", STORY_1)], [against("A", STORY_1), against("A", STORY_2)]], ["A", "A"], id="another"
        ),
        pytest.param([[against("A", CASE_1)], [against("A", CASE_2)]], ["A", "A"], id="one headline, two cases"),
        pytest.param([[against("A", "decisions"), against("B", "decisions")]], ["A", "B"], id="links to a search"),
        pytest.param([[against("A", STORY_1), against("B", STORY_1)]], ["A", "B"], id="one link for all"),
        pytest.param(
            [[against("A", CASE_1)], [against("Kent County Council (24 003 150)", CASE_1)]], ["A"], id="number only"
        ),
        pytest.param(
            [[against("A"), against("A", STORY_1), against("A", STORY_2)]], ["A", "A"], id="once without link"
        ),
    ],
)
def test_a_report_against_a_council_is_one_however_it_is_listed(
    tmp_path: Path, pages: list[list[OmbudsmanReport]], titles: list[str]
) -> None:
    with open_archive(tmp_path) as archive:
        versions = [keep_read(archive, found("list"), reading(*page)) for page in pages]
        rows = "select * from ombudsman_reports order by id"
        before = archive.rows(rows)
        assert [row["title"] for row in before] == titles
        for version, page in zip(versions, pages, strict=True):
            archive.store_reading(version, reading(*page, parser_version=2), council="kent", now=LATER)
        assert archive.rows(rows) == before


def statistics_page(*facts: Fact, **says: object) -> Reading:
    return reading(*facts, kind=Kind.OMBUDSMAN_STATISTICS, **says)


def test_a_page_about_another_council_is_quarantined_and_taken_for_nobodys(tmp_path: Path) -> None:
    theirs = replace(AGAINST, council="medway-council", title="Theirs")
    with open_archive(tmp_path) as archive:
        version = keep(archive, found("list"))
        page = statistics_page(theirs, AGAINST, improvement("24 003 150"), replace(DECISION, council=""))
        archive.store_reading(version, page, council="kent", now=NOW, ombudsman="kent-county-council")
        assert archive.rows("select outcome, note from versions") == [
            {"outcome": "quarantined", "note": "expected what concerns kent-county-council, found medway-council"}
        ]
        assert archive.counts()["ombudsman_reports"] == archive.counts()["service_improvements"] == 0


def test_other_councils_figures_are_not_kept_as_ours(tmp_path: Path) -> None:
    figures = [statistic("upheld_rate", 89, 2024), statistic("upheld_rate", 70, 2024, council="medway-council")]
    with open_archive(tmp_path) as archive:
        version = keep(archive, found("list"))
        archive.store_reading(
            version, statistics_page(*figures), council="kent", now=NOW, ombudsman="kent-county-council"
        )
        assert archive.rows("select value from ombudsman_statistics") == [{"value": 89.0}]


@pytest.mark.parametrize(("slug", "says"), [("kent-county-council", ""), ("kingston-upon-kent", "kent-city-council")])
def test_a_page_without_a_council_or_with_a_longer_name_for_it_is_ours(tmp_path: Path, slug: str, says: str) -> None:
    with open_archive(tmp_path) as archive:
        version = keep(archive, found("list"))
        page = statistics_page(replace(AGAINST, council=says))
        archive.store_reading(version, page, council="kent", now=NOW, ombudsman=slug)
        assert archive.rows("select outcome from versions") == [{"outcome": "read"}]


def test_a_page_that_no_longer_holds_what_it_held_has_changed_and_is_not_trusted(tmp_path: Path) -> None:
    page, rate = found("list"), statistic("upheld_rate", 89, 2024)
    with open_archive(tmp_path) as archive:
        keep_read(archive, page, statistics_page(rate, against("A", STORY_1), against("B", STORY_2)))
        lost = keep_read(archive, page, statistics_page(replace(rate, value=88.0)), now=LATER)
        keep_read(archive, page, statistics_page(outcome=Outcome.NOTHING), now=LATER)
        keep_read(archive, page, statistics_page(rate, against("A", STORY_1), parser_version=3), now=LATER)
        keep_read(archive, page, statistics_page(against("A", STORY_1), parser_version=4), now=LATER)
        assert [(row["outcome"], row["note"]) for row in archive.rows("select * from versions order by id")] == [
            ("read", None),
            ("quarantined", "held 2 public reports before, none now"),
            ("nothing", None),
            ("read", None),
            ("quarantined", "held 1 statistic before, none now"),
        ]
        # Read again, it is held against what stood before it.
        archive.store_reading(lost, statistics_page(rate, parser_version=9), council="kent", now=LATER)
        assert archive.rows("select outcome from versions where id = ?", [lost]) == [{"outcome": "quarantined"}]


def test_a_decision_that_turns_out_to_be_no_report_is_trusted(tmp_path: Path) -> None:
    with open_archive(tmp_path) as archive:
        keep_read(archive, found("own"), reading(AGAINST, DECISION, kind=Kind.OMBUDSMAN_REPORT))
        keep_read(archive, found("own"), reading(DECISION, kind=Kind.OMBUDSMAN_DECISION), now=LATER)
        assert {row["outcome"] for row in archive.rows("select outcome from versions")} == {"read"}


def baseline(archive: object) -> dict[str, int]:
    rows = archive.rows("select case_reference, is_baseline from service_improvements order by 1")  # type: ignore[attr-defined]
    return {row["case_reference"]: row["is_baseline"] for row in rows}


def test_what_stood_on_a_page_when_it_was_first_read_is_its_baseline(tmp_path: Path) -> None:
    page = found("improvements")
    with open_archive(tmp_path) as archive:
        keep_read(archive, page, reading(improvement("24 003 150"), AGAINST))
        keep_read(archive, page, reading(improvement("24 003 150"), improvement("24 020 444"), AGAINST), now=LATER)
        assert baseline(archive) == {"24 003 150": 1, "24 020 444": 0}
        assert archive.rows("select is_baseline from ombudsman_reports") == [{"is_baseline": 1}]
        assert archive.rows("select first_seen_at from service_improvements order by case_reference") == [
            {"first_seen_at": "2026-11-21T06:30:00+00:00"},
            {"first_seen_at": "2026-11-21T18:30:00+00:00"},
        ]


def test_a_first_reading_that_could_not_be_trusted_is_no_baseline_yet(tmp_path: Path) -> None:
    page = found("improvements")
    with open_archive(tmp_path) as archive:
        keep_read(archive, page, reading(outcome=Outcome.QUARANTINED, note="another shape"))
        keep_read(archive, page, reading(improvement("24 003 150")), now=LATER)
        assert baseline(archive) == {"24 003 150": 1}


def test_reading_it_all_again_makes_nothing_new(tmp_path: Path) -> None:
    page = found("improvements")
    with open_archive(tmp_path) as archive:
        first = keep_read(archive, page, reading(improvement("24 003 150", "remind")))
        second = keep_read(
            archive, page, reading(improvement("24 003 150", "remind"), improvement("24 020 444")), now=LATER
        )
        before = baseline(archive), archive.rows("select * from service_improvement_actions")
        for _ in range(2):
            archive.store_reading(
                first, reading(improvement("24 003 150", "remind"), parser_version=2), council="kent", now=LATER
            )
            both = reading(improvement("24 003 150", "remind"), improvement("24 020 444"), parser_version=2)
            archive.store_reading(second, both, council="kent", now=LATER)
        assert (baseline(archive), archive.rows("select * from service_improvement_actions")) == before


def test_a_case_that_left_the_page_stays(tmp_path: Path) -> None:
    page = found("improvements")
    with open_archive(tmp_path) as archive:
        keep_read(archive, page, reading(improvement("24 003 150", "remind")))
        keep_read(archive, page, reading(improvement("24 020 444", "review")), now=LATER)
        assert baseline(archive) == {"24 003 150": 1, "24 020 444": 0}


def test_a_case_says_what_the_newest_page_says_and_silence_takes_nothing_away(tmp_path: Path) -> None:
    page = found("improvements")
    with open_archive(tmp_path) as archive:
        first = keep_read(archive, page, reading(improvement("24 003 150", "remind staff")))
        fuller = improvement("24 003 150", "remind staff", "review", sub_category="Alternative provision")
        keep_read(archive, page, reading(fuller), now=LATER)
        keep_read(
            archive, page, reading(improvement("24 003 150", category=None, sub_category=None, url=None)), now=LATER
        )
        older = reading(improvement("24 003 150", "remind", sub_category="wrong"), parser_version=2)
        archive.store_reading(first, older, council="kent", now=LATER)
        (case,) = archive.rows("select category, sub_category, url is not null as has_url from service_improvements")
        assert case == {"category": "Education", "sub_category": "Alternative provision", "has_url": 1}
        assert [
            row["text"] for row in archive.rows("select text from service_improvement_actions order by position")
        ] == [
            "remind staff",
            "review",
        ]


def test_a_case_listed_twice_on_a_page_is_one_with_all_its_actions(tmp_path: Path) -> None:
    twice = reading(improvement("24 003 150", "remind"), improvement("24 003 150", "review", "remind"))
    with open_archive(tmp_path) as archive:
        version = keep_read(archive, found("improvements"), twice)
        assert [
            row["text"] for row in archive.rows("select text from service_improvement_actions order by position")
        ] == [
            "remind",
            "review",
        ]
        before = dump(archive)
        archive.store_reading(version, twice, council="kent", now=LATER)
        assert dump(archive) == before


def test_what_was_misread_goes_when_it_is_read_again(tmp_path: Path) -> None:
    with open_archive(tmp_path) as archive:
        version = keep_read(archive, found("improvements"), reading(improvement("24 003 15O", "remind")))
        archive.store_reading(
            version, reading(improvement("24 003 150", "remind"), parser_version=2), council="kent", now=LATER
        )
        assert baseline(archive) == {"24 003 150": 1}
        assert [hit.case_reference for hit in archive.search("remind")] == ["24 003 150"]
        assert archive.check() == []


def test_every_direction_and_rating_fits_its_column(tmp_path: Path) -> None:
    with open_archive(tmp_path) as archive:
        readings = [kpi(f"{rag} {way}", rag, direction=way) for rag in Rag for way in Direction]
        keep_read(archive, found(), reading(edition(), *readings))
        assert archive.counts()["kpi_readings"] == len(readings)


@pytest.mark.parametrize("kind", Kind)
@pytest.mark.parametrize("outcome", Outcome)
def test_every_kind_and_outcome_fits_its_column(tmp_path: Path, kind: Kind, outcome: Outcome) -> None:
    with open_archive(tmp_path) as archive:
        version = keep(archive, found())
        archive.store_reading(version, reading(kind=kind, outcome=outcome, note="why"), council="kent", now=NOW)
        document = archive.known_document(found().key)
        assert document is not None and (document.kind, document.outcome) == (kind, outcome)


def test_an_article_without_a_zone_is_refused(tmp_path: Path) -> None:
    assert STORY.published_at is not None
    naive = replace(STORY, published_at=datetime(2026, 7, 1, 7, 30, tzinfo=UTC).replace(tzinfo=None))
    with open_archive(tmp_path) as archive, pytest.raises(BadFacts, match="a time without its zone"):
        keep_read(archive, found("news"), reading(naive))
