"""Rules about the Ombudsman, the papers, what is late and what is broken."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from db import open_archive
from monitor.rules import Settings
from parsers.records import Fact, Kind, NewsArticle, OmbudsmanStatistic, Outcome, StatedIn
from parsers.text import quarter_period
from tests.desk import KENT, NOW, Desk
from tests.test_checks import GREEN, measured, report, said


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with open_archive(tmp_path / "archive") as archive:
        yield Desk(archive)


# --- the Ombudsman's figures ---------------------------------------------------------------


def figure(measure: str, year: int, value: float, average: float | None = None) -> OmbudsmanStatistic:
    """A figure of the year that ends in March of *year*."""
    return OmbudsmanStatistic(
        council="kent-county-council",
        period_start=date(year - 1, 4, 1),
        period_end=date(year, 3, 31),
        measure=measure,
        value=value,
        unit="%" if measure.endswith("rate") else None,
        similar_average=average,
        value_text=f"{value:g} said the page",
    )


def year(ends: int, upheld: float = 83, average: float = 89, compliance: float = 100) -> list[Fact]:
    return [
        figure("investigations", ends, 76),
        figure("upheld_rate", ends, upheld, average),
        figure("compliance_rate", ends, compliance),
    ]


def page(desk: Desk, facts: Sequence[Fact], at: datetime = NOW, **how: Any) -> int:
    how = {"key": "lgo:kent", "url": "https://www.lgo.example.org/kent/statistics", "published": None} | how
    return desk.put(facts, kind=Kind.OMBUDSMAN_STATISTICS, source="ombudsman", title="Kent, statistics", at=at, **how)


OMBUDSMAN = ("ombudsman_statistics", "compliance_below_full", "upheld_above_average")
YEAR_AGO = NOW - timedelta(days=300)


def told(desk: Desk, now: datetime = NOW, settings: Settings = KENT) -> list[str]:
    return [alert.rule for alert in desk.due(settings, now=now)]


def test_the_year_that_the_page_shows_at_first_is_no_news(desk: Desk) -> None:
    page(desk, year(2026, upheld=95, average=80, compliance=90))
    assert told(desk) == []


def test_a_new_year_is_told_once_with_the_change(desk: Desk) -> None:
    page(desk, year(2025, upheld=81, average=85), at=YEAR_AGO)
    assert told(desk, YEAR_AGO) == []
    page(desk, year(2026))
    (alert,) = desk.due()
    assert (alert.rule, alert.key, alert.severity) == ("ombudsman_statistics", "kent:2026-03-31", "medium")
    assert alert.title == (
        "Ombudsman on Kent County Council, year to 31 March 2026:"
        " complaints upheld 83 % (the year before 81 %), similar authorities 89 %"
    )
    assert "- investigations 76 (the year before 76)\n" in alert.body
    assert "- compliance with recommendations 100 % (the year before 100 %)\n" in alert.body
    page(desk, [*year(2026), *year(2025)])  # the page is made anew
    page(desk, year(2024, compliance=50), key="lgo:old", url="https://www.lgo.example.org/old")
    assert told(desk) == []


def test_a_year_below_full_compliance_and_above_the_average_is_told_as_such(desk: Desk) -> None:
    page(desk, year(2025), at=YEAR_AGO)
    told(desk, YEAR_AGO)
    page(desk, year(2026, upheld=91, average=89, compliance=98))
    found = {alert.rule: alert for alert in desk.due()}
    assert tuple(found) == OMBUDSMAN
    assert found["compliance_below_full"].title == (
        "Ombudsman: Kent County Council did not fully comply, 98 % in the year to 31 March 2026 (100 % the year before)"
    )
    assert found["upheld_above_average"].title == (
        "Ombudsman upheld 91 % of complaints against Kent County Council,"
        " similar authorities 89 %, year to 31 March 2026"
    )
    assert told(desk) == []


@pytest.mark.parametrize(("upheld", "average"), [(89, 89), (80, 89), (95, None)])
def test_at_the_average_or_without_one_nothing_is_above_it(desk: Desk, upheld: float, average: float | None) -> None:
    page(desk, year(2025), at=YEAR_AGO)
    told(desk, YEAR_AGO)
    page(desk, [figure("upheld_rate", 2026, upheld, average)])
    assert told(desk) == ["ombudsman_statistics"]


def test_a_page_that_is_not_trusted_has_no_new_year(desk: Desk) -> None:
    page(desk, year(2025), at=YEAR_AGO)
    told(desk, YEAR_AGO)
    page(desk, year(2026, compliance=10), outcome=Outcome.QUARANTINED, note="a fourth generation")
    assert told(desk) == ["quarantined"]


def test_a_year_first_seen_long_ago_is_no_news(desk: Desk) -> None:
    page(desk, year(2025), at=YEAR_AGO)
    page(desk, year(2026, compliance=10), at=NOW - timedelta(days=61))
    assert told(desk) == []


def test_a_figure_of_the_same_year_that_is_corrected_is_a_changed_page(desk: Desk) -> None:
    page(desk, year(2025), at=YEAR_AGO)
    page(desk, year(2026))
    told(desk)
    page(desk, year(2026, compliance=97))
    (alert,) = desk.due()
    assert (alert.rule, "Compliance rate, year to 2026-03-31 figure 100 → 97" in alert.title) == (
        "document_changed", True,
    )  # fmt: skip


# --- news ----------------------------------------------------------------------------------

HEADLINE = "Pothole repairs in Kent slip to 81 per cent, county report shows"


def story(
    desk: Desk,
    headline: str,
    day: datetime = NOW,
    *,
    at: datetime = NOW,
    body: str = "",
    publisher: str = "Gazette",
    **how: Any,
) -> int:
    article = NewsArticle(
        publisher=publisher, headline=headline, author=None, published_at=day, summary="A summary.", body=body
    )
    number = desk.papers + 1
    how = {"url": f"https://news.example.org/{number}", "published": day.date()} | how
    return desk.put([article], kind=Kind.NEWS_ARTICLE, source="news", title=headline, at=at, **how)


def test_a_story_is_told_once_with_a_link(desk: Desk) -> None:
    story(desk, HEADLINE, key="story")
    (alert,) = desk.due()
    assert (alert.rule, alert.severity, alert.url) == ("news_story", "low", "https://news.example.org/1")
    assert alert.title == f"{HEADLINE} (Gazette)"
    assert alert.body == "A summary.\nGazette, 5 December 2026"
    story(desk, HEADLINE + " - updated", key="story")
    assert told(desk) == []


def test_one_story_in_several_papers_is_one(desk: Desk) -> None:
    story(desk, HEADLINE)
    story(desk, "County report shows pothole repairs slip to 81 per cent", publisher="Messenger")
    story(desk, "Libraries to close on Sundays")
    found = desk.due()
    assert [alert.title for alert in found] == [f"{HEADLINE} (Gazette)", "Libraries to close on Sundays (Gazette)"]
    assert "Also: County report shows pothole repairs slip to 81 per cent (Messenger)" in found[0].body
    story(desk, "Pothole repairs slip: county report shows 81 per cent", publisher="Courier")
    assert told(desk) == []


def test_two_words_in_common_make_no_common_story(desk: Desk) -> None:
    story(desk, "Kent council budget row")
    story(desk, "Budget row over Maidstone theatre roof ends in court", publisher="Messenger")
    assert len(desk.due()) == 2


def test_a_copy_under_another_headline_is_the_same_story(desk: Desk) -> None:
    body = "The council repaired fewer potholes in time than it set out to, a report to the cabinet says. " * 3
    story(desk, "Roads worse than planned", body=body)
    story(desk, "Cabinet hears of holes", body=f"By a reporter. {body}", publisher="Messenger")
    assert len(desk.due()) == 1


def test_the_same_headline_weeks_apart_is_two_stories(desk: Desk) -> None:
    earlier = NOW - timedelta(days=10)
    story(desk, HEADLINE, earlier, at=earlier)
    assert len(desk.due(now=earlier)) == 1
    story(desk, HEADLINE)
    assert len(desk.due()) == 1


@pytest.mark.parametrize(("age", "due"), [(13, True), (15, False), (400, False)])
def test_news_age_faster_than_papers(desk: Desk, age: int, due: bool) -> None:
    story(desk, HEADLINE, NOW - timedelta(days=age))
    assert bool(told(desk)) is due


# --- report_overdue ------------------------------------------------------------------------


def history(
    desk: Desk, days: Sequence[int], first: int = 2022, until: tuple[int, int] = (2026, 1), varies: int = 2
) -> None:
    """Reports of all quarters from April *first* to *until*; those of quarter *varies* came in *days* by turns."""
    row = measured("95%", "90%", "85%", GREEN)
    for start in range(first, until[0] + 1):
        for quarter in (1, 2, 3, 4):
            if (start, quarter) > until:
                return
            name = f"{start}/{(start + 1) % 100:02}"
            lag = days[(start - first) % len(days)] if quarter == varies else 80
            out = quarter_period(name, quarter)[1] + timedelta(days=lag)
            when = datetime(out.year, out.month, out.day, 12, tzinfo=UTC)
            desk.edition([row], name, quarter, published=out, at=when)
            told(desk, when)


def overdue(desk: Desk, day: date, settings: Settings = KENT) -> list[str]:
    now = datetime(day.year, day.month, day.day, 7, tzinfo=UTC)
    return [alert.key for alert in desk.due(settings, now=now) if alert.rule == "report_overdue"]


def test_a_report_is_overdue_when_it_is_later_than_ever_and_some_grace(desk: Desk) -> None:
    history(desk, [75, 98, 80])  # 98 days after 30 September is 6 January; three weeks later the 27th
    assert overdue(desk, date(2027, 1, 26)) == []
    assert overdue(desk, date(2027, 1, 27)) == ["kent:2026/27:2"]
    assert overdue(desk, date(2027, 1, 28)) == []


def test_it_says_by_when_it_used_to_come(desk: Desk) -> None:
    history(desk, [75, 98, 80])
    (alert,) = desk.of("report_overdue", now=datetime(2027, 2, 1, tzinfo=UTC))
    assert alert.title == "Not there yet: the performance report of Kent County Council for Q2 2026/27"
    assert (
        "In 4 earlier years the report for this quarter came at the latest by what would be 6 January 2027"
        in alert.body
    )


@pytest.mark.parametrize("first", [2025, 2026])
def test_with_little_history_five_months_are_given(desk: Desk, first: int) -> None:
    history(desk, [75], first=first)
    assert overdue(desk, date(2027, 2, 28)) == []
    assert overdue(desk, date(2027, 3, 1)) == ["kent:2026/27:2"]


@pytest.mark.parametrize("how", ["quarantined", "cover"])
def test_what_came_and_could_not_be_read_or_is_spoken_of_is_not_overdue(desk: Desk, how: str) -> None:
    history(desk, [75, 80])
    if how == "quarantined":
        desk.edition([measured("95%", "90%", "85%", GREEN)], outcome=Outcome.QUARANTINED, note="one short")
    else:
        desk.put([said(StatedIn.COVER, "17 were Green.", green=17)], kind=Kind.COVER_REPORT)
    assert overdue(desk, date(2027, 2, 15)) == []


def test_a_source_in_trouble_is_not_a_report_that_is_late(desk: Desk) -> None:
    history(desk, [75, 80])
    now = datetime(2027, 1, 10, tzinfo=UTC)
    for _ in range(3):
        desk.archive.set_source_state("committee_papers", "kent", "failing", "503", now)
    assert overdue(desk, date(2027, 1, 20)) == []


def test_what_is_due_in_august_is_given_until_people_are_back(desk: Desk) -> None:
    history(desk, [115], until=(2026, 3), varies=4)  # 136 days after 31 March is 14 August
    assert overdue(desk, date(2027, 9, 7)) == []
    assert overdue(desk, date(2027, 9, 8)) == ["kent:2026/27:4"]


def test_what_was_due_before_august_is_not_told_in_august(desk: Desk) -> None:
    history(desk, [80], until=(2026, 3), varies=4)  # by 10 July; the service was off in July
    assert overdue(desk, date(2027, 8, 1)) == [] == overdue(desk, date(2027, 8, 31))
    assert overdue(desk, date(2027, 9, 1)) == ["kent:2026/27:4"]


def test_dashboards_and_papers_that_were_held_back_say_nothing_of_when_reports_come(desk: Desk) -> None:
    history(desk, [75, 98, 80])
    late = {"published": date(2025, 5, 1), "at": datetime(2025, 5, 1, tzinfo=UTC)}
    row = measured("95%", "90%", "85%", GREEN)
    desk.put([report("2023/24", 2, scope="Highways"), row], kind=Kind.DASHBOARD, **late)
    desk.put([report("2021/22", 2), row], outcome=Outcome.QUARANTINED, note="one short", **late)
    assert overdue(desk, date(2027, 1, 27)) == ["kent:2026/27:2"]


def test_nobody_publishes_around_an_election_of_the_whole_council(desk: Desk) -> None:
    history(desk, [75], first=2026, until=(2028, 2))  # quarter 3 of 2028/29: 80 days and grace are in April 2029
    assert overdue(desk, date(2029, 5, 20)) == []
    assert overdue(desk, date(2029, 6, 30)) == []
    assert overdue(desk, date(2029, 7, 1)) == ["kent:2028/29:3"]


def test_one_old_paper_that_was_handed_in_makes_nothing_overdue(desk: Desk) -> None:
    desk.edition([measured("95%", "90%", "85%", GREEN)], "2024/25", 3, published=date(2025, 3, 4))
    for day in range(0, 300, 7):
        assert overdue(desk, NOW.date() + timedelta(days=day)) == []


def test_the_report_after_the_next_is_not_missed_where_the_next_was_not(desk: Desk) -> None:
    desk.edition([measured("95%", "90%", "85%", GREEN)], "2025/26", 3, published=date(2026, 3, 10))
    assert overdue(desk, date(2026, 12, 5)) == []  # quarter 1 of 2026/27 would have been due on 1 December


def test_the_second_that_is_missing_is_told_after_the_first_and_then_no_more(desk: Desk) -> None:
    history(desk, [75, 80])
    keys = [key for day in range(0, 700, 5) for key in overdue(desk, date(2026, 12, 1) + timedelta(days=day))]
    assert keys == ["kent:2026/27:2", "kent:2026/27:3"]


def test_a_council_that_is_no_longer_watched_owes_nothing(desk: Desk) -> None:
    history(desk, [75, 80])
    assert overdue(desk, date(2027, 1, 20), replace(KENT, council_names={"medway": "Medway Council"})) == []


# --- sources -------------------------------------------------------------------------------


def visit(desk: Desk, state: str, hours: int, reason: str | None = None) -> list[str]:
    """A visit to the papers' site that finds it so; the titles of what is told of it."""
    now = NOW + timedelta(hours=hours)
    desk.archive.set_source_state("committee_papers", "kent", state, reason, now)
    return [alert.title for alert in desk.due(now=now) if alert.rule.startswith("source_")]


def test_a_source_is_told_when_it_breaks_and_when_it_recovers(desk: Desk) -> None:
    assert visit(desk, "ok", 0) == []
    assert visit(desk, "blocked", 12, "a challenge page") == ["Lets nobody in: committee papers (Kent County Council)"]
    assert visit(desk, "blocked", 24, "a challenge page") == []
    assert visit(desk, "ok", 60) == ["Can be read again: committee papers (Kent County Council), after 2 days"]
    assert visit(desk, "ok", 72) == []
    assert visit(desk, "blocked", 84, "a challenge page") == ["Lets nobody in: committee papers (Kent County Council)"]


def test_trouble_that_turns_into_other_trouble_is_no_news_and_its_end_counts_from_the_beginning(desk: Desk) -> None:
    visit(desk, "ok", 0)
    assert len(visit(desk, "blocked", 12, "a login page")) == 1
    assert visit(desk, "gone", 36, "410") == []
    assert visit(desk, "blocked", 60, "a login page") == []
    assert visit(desk, "ok", 84) == ["Can be read again: committee papers (Kent County Council), after 3 days"]


def test_a_source_that_is_back_and_has_nothing_new_is_back(desk: Desk) -> None:
    desk.archive.set_source_state("news", "kent", "ok", None, NOW)
    story(desk, HEADLINE, NOW, at=NOW)
    for days, state in ((1, "blocked"), (40, "ok")):
        now = NOW + timedelta(days=days)
        desk.archive.set_source_state("news", "kent", state, None, now)
        told = [alert.title for alert in desk.due(now=now) if alert.rule.startswith("source_")]
    assert told == ["Can be read again: news (Kent County Council), after 39 days"]


def test_a_source_that_is_broken_says_why_and_since_when(desk: Desk) -> None:
    visit(desk, "ok", 0)
    now = NOW + timedelta(hours=12)
    desk.archive.set_source_state("committee_papers", "kent", "blocked", "a challenge page", now)
    (alert,) = desk.due(now=now)
    assert (alert.rule, alert.severity) == ("source_failing", "medium")
    assert alert.body == "a challenge page\nSo it has been since 5 December 2026, 19:00 UTC."


def test_a_page_that_a_source_stands_on_is_told_once_however_its_trouble_changes(desk: Desk) -> None:
    desk.archive.set_source_state("ombudsman", "kent", "ok", None, NOW)
    page(desk, year(2026, upheld=81, average=85))
    rules = told(desk)
    for days, note in ((1, "found no statistics"), (8, "found three statistics of eleven")):
        now = NOW + timedelta(days=days)
        page(desk, [], at=now, outcome=Outcome.QUARANTINED, note=note)
        desk.archive.settle_sources(now)
        rules += told(desk, now)
    assert rules == ["source_failing"]


def test_who_is_told_that_a_source_is_away_is_told_that_it_is_back(desk: Desk) -> None:
    weights = []
    for hours, state in ((0, "ok"), (12, "blocked"), (24, "ok")):
        desk.archive.set_source_state("committee_papers", "kent", state, None, NOW + timedelta(hours=hours))
        weights += [one.severity for one in desk.due(now=NOW + timedelta(hours=hours)) if one.rule == "source_failing"]
    assert weights == ["medium", "medium"]


def test_silence_is_told_apart_from_trouble(desk: Desk) -> None:
    story(desk, HEADLINE, NOW, at=NOW)
    desk.archive.set_source_state("news", "kent", "ok", None, NOW)
    desk.due()
    now = NOW + timedelta(days=40)
    desk.archive.set_source_state("news", "kent", "ok", None, now)
    (alert,) = desk.due(now=now)
    assert (alert.rule, alert.severity) == ("source_silent", "low")
    assert alert.title == "Nothing new for long: news (Kent County Council)"
    later = now + timedelta(days=2)
    story(desk, "Libraries to close on Sundays", later, at=later)
    desk.archive.set_source_state("news", "kent", "ok", None, later)
    (back,) = [one for one in desk.due(now=later) if one.rule.startswith("source_")]
    assert (back.rule, back.title) == ("source_silent", "Something new again: news (Kent County Council)")
