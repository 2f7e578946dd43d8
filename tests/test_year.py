"""A year is played at the service: what reaches people is exactly what is news, each once.

What is news is reckoned here from the facts that the replica's papers were drawn from, not from the archive.
The short form plays a quarter; the long one a year, day by day.
"""

import json
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from random import Random

import pytest

from demo import story
from demo.replica import Replica
from demo.story import AMBER, GREEN, RED, Edition, KpiFacts, QuarterFacts
from monitor import ingest, reparse, steps
from monitor.daemon import Daemon
from monitor.delivery.message import IN_FULL
from monitor.delivery.services import disarmed
from tests.receivers import Mails, Posts, mails, parts, posts, until
from tests.stage import SOURCES, Stage, Told, london
from tests.test_steps import rows

__all__ = ["mails", "posts"]  # fixtures

FIRST_DAY = date(2025, 6, 10)
Q4, Q1 = Edition(2024, 4), Edition(2025, 1)
News = tuple[str, str]  # rule, and what it is about

# --- what is news, by the facts --------------------------------------------------------------


def short(edition: Edition) -> str:
    return f"Q{edition.quarter} {edition.financial_year}"


def service_of(kpi: KpiFacts) -> str:
    return summary_name(story.SERVICE[kpi.indicator.service])


def summary_name(service: story.Service) -> str:
    return f"{service.name} {service.part}".strip()


def by_title(facts: QuarterFacts) -> dict[str, KpiFacts]:
    return {kpi.indicator.title: kpi for kpi in facts.kpis}


def in_a_new_report(facts: QuarterFacts, before: QuarterFacts) -> list[News]:
    """What an edition brings, beside the one before it."""
    name = short(facts.edition)
    return [
        ("new_report", name),
        *(("new_red", f"{name}: {title}") for title in turned_red(facts, before)),
        *([("complaints_jump", name)] if complaints_jumped(facts) else []),
        *(("discrepancy", one) for one in contradictions(facts, before)),
    ]


def turned_red(facts: QuarterFacts, before: QuarterFacts) -> list[str]:
    then = by_title(before)
    return [
        title
        for title, kpi in by_title(facts).items()
        if kpi.rag == RED and (then[title].rag if title in then else kpi.previous_rag) != RED
    ]


def complaints_jumped(facts: QuarterFacts) -> bool:
    """By a tenth, on the year or on the quarter before: all of them, or a service's, which are twenty more at least."""
    table = facts.complaints
    pairs = [(0, 1), (2, 3)]
    if any(table.total[now] >= 1.1 * table.total[then] for then, now in pairs):
        return True
    return any(v[now] >= 1.1 * v[then] and v[now] - v[then] >= 20 for _, v in table.rows for then, now in pairs)


def contradictions(facts: QuarterFacts, before: QuarterFacts) -> list[str]:
    """Each place where the edition parts from itself or from the one before: `check: subject`."""
    found, then = [], by_title(before)
    for kpi in facts.kpis:
        about = f"{kpi.indicator.title} ({service_of(kpi)})"
        if kpi.rag and kpi.value is not None and story.rate(kpi.value, kpi.target, kpi.floor) != kpi.rag:
            found.append(f"rating_matches_value: {about}")
        if kpi.listed_direction and kpi.listed_direction != kpi.direction:
            found.append(f"headline_matches_detail: {about}")
        old = then.get(kpi.indicator.title)
        announced = "corrected" in kpi.indicator.note
        if old and None not in (old.value, kpi.previous_value) and old.value != kpi.previous_value and not announced:
            found.append(f"previous_matches_last_report: {about}")
    for service in story.SERVICES:
        true, printed = story.counted(facts.of(service.key)), facts.printed_summary[service.key]
        if true != printed:
            found.append(f"summary_matches_rows: {summary_name(service)}")
        if facts.said_green[service.key] != true.green:
            found.append(f"narrative_matches_table: {summary_name(service)}")
    (then_all, now_all), changes = map(sum, facts.risk_levels), Counter(risk.change for risk in facts.risks)
    if now_all - then_all != changes["New Risk"] - changes["Risk Withdrawn"]:
        found.append("risk_levels_match_changes: Corporate risks")
    return [f"{one}, {short(facts.edition)}" for one in found]


def from_the_ombudsman(replica: Replica) -> list[News]:
    """What `publish` put up last on the Ombudsman's site."""
    site = replica.ombudsman
    return [("public_report", site.reports[0].title), ("new_improvement", site.improvements[0].reference)]


# --- what was heard, in the same words -------------------------------------------------------

MAIN = ("new_red", "public_report", "new_improvement", "complaints_jump", "new_report", "document_changed")
MAIN += ("discrepancy", "source_failing", "quarantined", "report_overdue")


def main_news(told: Sequence[Told]) -> list[News]:
    return sorted((one.rule, about(one)) for one in told if one.rule in MAIN)


def about(one: Told) -> str:
    says = one.evidence
    match one.rule:
        case "new_red":
            return f"{one.edition}: {says['name']}"
        case "public_report":
            return str(says["title"])
        case "new_improvement":
            return str(says["case_reference"])
        case "discrepancy":
            return f"{says['check_name']}: {says['subject']}"
        case "source_failing":
            return f"{says['source']} {'is back' if says['is_over'] else 'is away'}"
        case "quarantined":
            return str(says["document_title"])
        case "document_changed":
            return f"{one.edition}: " + "; ".join(
                f"{row['name']}, {row['field']}: {row['before']} → {row['now']}" for row in says["rows"] if row["key"]
            )
        case _:
            return one.edition


# --- the play --------------------------------------------------------------------------------


class Play:
    """A stage, and what is to be heard on it."""

    def __init__(self, stage: Stage) -> None:
        self.stage, self.replica = stage, stage.replica
        self.last = stage.replica.council.last

    def day(self, day: date | str, *news: News, at: str = "08:00", sources: Sequence[str] = SOURCES) -> list[Told]:
        """A cycle on that day tells just that news, of the rules that matter most; all that it told."""
        self.stage.at(max(london(day, at), self.stage.now))
        told = self.stage.cycle(*sources)
        assert main_news(told) == sorted(news), f"on {day}"
        return told

    def idle(self, to: date | str, *news: News, days: int = 4) -> None:
        """Until that day a cycle every so many days; between them they tell just that news."""
        heard: list[Told] = []
        while (self.stage.now + timedelta(days=days)) < london(to):
            self.stage.at(self.stage.now + timedelta(days=days))
            heard += self.stage.cycle()
        assert main_news(heard) == sorted(news), f"until {to}"

    def first_day(self) -> None:
        """What stands there on the first day is news as far as it is young."""
        self.stage.at(london(FIRST_DAY))
        told = self.stage.cycle()
        council = self.replica.council
        news = in_a_new_report(council.facts(self.last), council.facts(self.last.plus(-1)))
        assert main_news(told) == sorted([*news, ("quarantined", "Scorecard, scanned")])

    def publish(self, day: date | str, *, kills: int = 0, dice: Random | None = None) -> QuarterFacts:
        """The next edition, and all that comes with it, is told once, however often the service is killed."""
        self.stage.at(london(day))
        before = self.replica.council.facts(self.last)
        facts = self.replica.publish_next(self.stage.now.date())
        self.last = facts.edition
        heard = []
        for _ in range(kills):
            assert dice is not None
            self.stage.killed(dice)
            heard += self.stage.told()
            self.stage.at(self.stage.now + timedelta(minutes=20))
        heard += self.stage.cycle()
        news = [*in_a_new_report(facts, before), *from_the_ombudsman(self.replica)]
        assert main_news(heard) == sorted(news)
        return facts

    def correct_rating(self, facts: QuarterFacts) -> tuple[QuarterFacts, list[News]]:
        """The edition with the rating that its figures give where another was printed; what is news of that."""
        wrong = next(k for k in facts.kpis if k.value is not None and story.rate(k.value, k.target, k.floor) != k.rag)
        assert (wrong.rag, wrong.value is not None) == (AMBER, True)
        row = facts.printed_summary[wrong.indicator.service]
        right = replace(
            facts,
            kpis=tuple(replace(kpi, rag=RED) if kpi is wrong else kpi for kpi in facts.kpis),
            printed_summary={
                **facts.printed_summary,
                wrong.indicator.service: replace(row, amber=row.amber - 1, red=row.red + 1),
            },
        )
        title, name = wrong.indicator.title, short(facts.edition)
        rows = [f"{title}, {field}: amber → red" for field in ("rating", "rating in the summary list")]
        return right, [("new_red", f"{name}: {title}"), ("document_changed", f"{name}: " + "; ".join(rows))]

    def correct_value(self, facts: QuarterFacts) -> tuple[QuarterFacts, list[News]]:
        """The edition with another figure that changes no rating."""
        wrong = next(kpi for kpi in facts.kpis if kpi.rag == GREEN and kpi.value is not None and kpi.value < 90)
        assert wrong.value is not None
        better = wrong.value + (-1 if wrong.lower_is_better else 1) * 10.0**-wrong.indicator.decimals
        other = replace(wrong, value=round(better, wrong.indicator.decimals))
        change = f"{wrong.indicator.title}, value: {wrong.text(wrong.value)} → {other.text(other.value)}"
        right = replace(facts, kpis=tuple(other if kpi is wrong else kpi for kpi in facts.kpis))
        return right, [("document_changed", f"{short(facts.edition)}: {change}")]

    def in_quiet_hours(self, night: date) -> None:
        """At night only what weighs most is told; the rest when the hours are over, by the clock on the wall.

        Both have titles that are text, whatever they look like.
        """
        odd = f"<script>alert({night.day})</script> <!channel> KCC & \u202eCounty Hall *close*"
        seen = odd.replace("\u202e", "")  # what would turn the rest round
        words = (f"Kent County Council said so on {night}, and nobody else did.",)
        tale = replace(story.OTHER_STORIES[0], number=300_500 + night.day, headline=odd, paragraphs=words)
        reference, slug = f"25 07{night.day % 10} {night.day + 300}", f"left-waiting-{night}"
        grave = replace(story.PUBLIC_REPORTS[0], reference=reference, slug=slug, title=f"{odd} now", published_on=night)
        self.stage.at(london(night, "23:30"))
        self.replica.add_story(tale, night)
        self.replica.ombudsman.reports.insert(0, grave)
        (told,) = self.stage.cycle("news", "ombudsman")
        assert (told.rule, told.title.split(": ")[1]) == ("public_report", f"{seen} now")
        for at in ("05:59", "06:01", "06:59"):
            self.stage.at(london(night + timedelta(days=1), at))
            assert self.stage.told(steps.deliver(self.stage.work)) == []
        self.stage.at(london(night + timedelta(days=1), "07:00"))
        late = [one for one in self.stage.told(steps.deliver(self.stage.work)) if one.rule == "news_story"]
        assert [one.title.split(" (")[0] for one in late] == [seen]

    def at_the_end(self) -> None:
        """Each living channel had all that it takes, each alert once; the dead one nothing, and held up nobody."""
        stage, numbers = self.stage, {one.number for one in self.stage.heard}
        assert stage.desk.alerts == numbers
        assert stage.reporter.alerts == {one.number for one in stage.heard if one.severity != "low"}
        written = [json.loads(file.read_text()) for file in sorted((stage.archive / "outbox").glob("*.json"))]
        assert sorted(one["id"] for file in written for one in file["alerts"]) == sorted(numbers)
        assert len({(one.rule, one.key) for one in stage.heard}) == len(stage.heard)
        ended: dict[str, dict[str, int]] = {}
        counted = "select channel, state, count(*) from deliveries group by channel, state"
        for channel, state, number in rows(stage.archive, counted):
            ended.setdefault(channel, {})[state] = number
        assert ended["desk"] == ended["room"] == {"sent": len(numbers)}
        assert set(ended["reporter"]) == {"sent", "suppressed"} and "sent" not in ended["dead"]
        for one in stage.heard:
            said = f"{one.title} {one.body}".replace("None turned Red", "")
            assert not {"None", "null", "{", "}", "{%", "%}"} & set(said.split()), said
        for message in (body for path, _, body in stage.posts.taken if not path.startswith("/services")):
            for one in message["alerts"][:IN_FULL]:
                lines = one["body"].splitlines() if one["rule"] != "document_changed" else []
                assert [line for line in lines if disarmed(line) not in message["message"]] == []
        assert len(stage.room.messages) == len(stage.desk.messages) + stage.desk.repeats
        markup = "".join(json.dumps(body) for path, _, body in stage.posts.taken if path.startswith("/services"))
        assert "&lt;script&gt;" in markup and "<script>" not in markup and "<!channel>" not in markup
        html = "".join(parts(mail)["text/html"] for mail in stage.mails.taken)
        assert "&lt;script&gt;" in html and "<script>alert" not in html


@pytest.fixture
def play(tmp_path: Path, mails: Mails, posts: Posts) -> Iterator[Play]:
    with Replica(today=FIRST_DAY) as replica:
        yield Play(Stage(tmp_path, replica, mails, posts))


@pytest.mark.timeout(400)  # a dozen crawls, on a machine that may be busy
def test_a_quarter_is_told_as_it_was_each_thing_once(play: Play) -> None:
    replica = play.replica
    play.first_day()
    replica.put("hung_up")
    play.day("2025-06-12", sources=["news"])  # a hiccup
    replica.put("hung_up", on=False)
    play.day("2025-06-13", sources=["news"])
    facts = play.publish("2025-06-16", kills=2, dice=Random(4))
    right, news = play.correct_rating(facts)
    replica.reissue(right, date(2025, 6, 20))
    play.day("2025-06-20", *news, sources=["committee_papers"])
    replica.put("lgo_emptied")
    play.day("2025-06-24", ("source_failing", "ombudsman is away"), sources=["ombudsman"])
    replica.put("lgo_emptied", on=False)
    play.day("2025-06-26", ("source_failing", "ombudsman is back"), sources=["ombudsman"])
    play.in_quiet_hours(date(2025, 6, 27))
    play.at_the_end()


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_a_year_is_told_as_it_was_each_thing_once(play: Play) -> None:
    stage, replica, council, dice = play.stage, play.replica, play.replica.council, Random(2025)
    play.first_day()
    play.day("2025-06-11")
    replica.put("down")
    play.day("2025-06-13")  # a hiccup
    replica.put("down", on=False)
    play.day("2025-06-14")

    spring = play.publish("2025-06-16", kills=4, dice=dice)
    replica.put("feed_doubled")
    play.day("2025-06-17", sources=["news"])
    replica.put("feed_doubled", on=False)
    replica.bring_out_minutes(Q4)  # its items are renumbered
    play.idle("2025-07-01")
    replica.bring_out_minutes(Q4, final=True)
    right, news = play.correct_rating(spring)
    replica.reissue(right, stage.now.date(), in_place=True)
    council._facts[Q4] = right
    play.idle("2025-07-25", *news)  # a paper that is replaced in silence is seen when it is asked for again
    again = replace(right, risks=tuple(replace(one, text=one.text + " More in May.") for one in right.risks))
    replica.reissue(again, date(2025, 7, 25))
    play.day("2025-07-25")  # a new number, other words

    replica.put("down")
    play.day("2025-07-28")
    play.day("2025-07-29", *(("source_failing", f"{source} is away") for source in SOURCES))
    play.day("2025-07-31")
    replica.put("down", on=False)
    replica.put("forbidden")
    replica.xml = False
    play.day("2025-08-01", *(("source_failing", f"{source} is back") for source in SOURCES[1:]))  # other trouble
    replica.put("forbidden", on=False)
    replica.xml = True
    play.day("2025-08-04", ("source_failing", "committee_papers is back"))
    play.idle("2025-09-01", days=6)  # August

    replica.put("lgo_emptied")
    play.day("2025-09-01", ("source_failing", "ombudsman is away"))
    play.day("2025-09-02")
    replica.put("lgo_emptied", on=False)
    play.day("2025-09-04", ("source_failing", "ombudsman is back"))
    for day, wording in (("2025-09-05", 2), ("2025-09-06", 1), ("2025-09-07", 3)):
        replica.ombudsman.year = replace(replica.ombudsman.year, wording=wording)
        play.day(day, sources=["ombudsman"])
    stage.at(london("2025-09-08"))
    assert main_news(stage.told(steps.backfill(stage.work, "committee_papers", date(2024, 1, 1)))) == []

    summer = play.publish("2025-09-15", kills=6, dice=dice)
    pack = next(pack.body() for pack in council.report_meeting(Q1).packs if pack.kind == 10)
    other, news = play.correct_value(summer)
    replica.reissue(other, date(2025, 9, 20), keep_old=True)
    play.day("2025-09-20", *news)
    replica.call_off(Q1)
    play.day("2025-09-25")
    play_copies(play, pack)
    play.idle("2025-10-25")
    play.in_quiet_hours(date(2025, 10, 25))  # the night in which the clock goes back
    assert reparse.reparse(stage.work, apply=True).hushed == 0
    play.day("2025-11-01")
    restarted(stage)
    play.idle("2025-12-11")

    play.publish("2025-12-11", kills=6, dice=dice)
    play.idle("2026-03-19", days=7)
    play.publish("2026-03-19", kills=3, dice=dice)
    play.in_quiet_hours(date(2026, 3, 28))  # the night in which it goes forward
    play.idle("2026-06-11", days=7)
    play.publish("2026-06-11")
    play.idle("2026-06-20")
    play.at_the_end()
    assert len(stage.reporter.messages) <= 24, "two mails a month are enough"


def play_copies(play: Play, pack: bytes) -> None:
    """The same paper under other addresses: in the meeting's pack, uncorrected still, and under another number."""
    meeting, base = play.replica.council.report_meeting(Q1), play.replica.base_url
    for url, body in (
        (f"{base}/documents/g{meeting.mid}/Public%20reports%20pack.pdf?T=10", pack),
        (f"{base}/documents/s999999/Appendix%201%20again.pdf", meeting.items[6].linked()[-1].body()),
    ):
        play.stage.at(play.stage.now + timedelta(hours=1))
        copy = ingest.Paper(name="copy.pdf", body=body, url=url, published_on=play.stage.now.date(), council="kent")
        assert main_news(play.stage.told(ingest.ingest(play.stage.work, copy))) == []


def restarted(stage: Stage) -> None:
    """The daemon, started and stopped: it visits what is due and tells nothing that was told."""
    stage.at(stage.now + timedelta(days=1))
    daemon = Daemon(stage.work.config, clock=lambda: stage.now)
    before = count_of_crawls(stage.archive)
    thread = threading.Thread(target=daemon.run)
    thread.start()
    try:
        until(lambda: count_of_crawls(stage.archive) >= before + 3, seconds=120)
    finally:
        daemon.stop()
        thread.join()
    assert main_news(stage.told()) == []


def count_of_crawls(place: Path) -> int:
    ((number,),) = rows(place, "select count(*) from runs where job like 'crawl:%' and finished_at is not null")
    return int(number)
