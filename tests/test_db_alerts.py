"""The outbox: nothing lost, nothing sent twice once it was accepted."""

import sqlite3
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from db import Archive, Claimed, Mute, NewAlert, open_archive
from tests.test_db_samples import LATER, NOW, dump

LEASE = timedelta(minutes=10)
MINUTE = timedelta(minutes=1)
CHANNELS = {"file": "low", "newsroom": "medium"}


def alert(key: str, severity: str = "high", **says: Any) -> NewAlert:
    return NewAlert(
        **{
            "rule": "new_red",
            "key": key,
            "severity": severity,
            "title": f"{key} turned Red",
            "body": "81% against a target of 90%",
            "url": "https://example.org/paper.pdf#page=33",
            "evidence": {"version_id": 1, "page": 33, "printed": "81%"},
            **says,
        }
    )


def states(archive: Archive) -> dict[tuple[str, str], str]:
    rows = archive.rows("select a.key, d.channel, d.state from deliveries as d join alerts as a on a.id = d.alert_id")
    return {(row["key"], row["channel"]): row["state"] for row in rows}


def keys(claims: list[Claimed]) -> list[str]:
    return [claim.key for claim in claims]


def ids(claims: list[Claimed]) -> list[int]:
    return [claim.delivery_id for claim in claims]


def test_an_alert_is_entered_once_with_a_delivery_for_each_channel(tmp_path: Path) -> None:
    with open_archive(tmp_path) as archive:
        assert archive.add_alerts([alert("potholes"), alert("a digest", "low")], CHANNELS, NOW) == [1, 2]
        before = dump(archive)
        assert archive.add_alerts([alert("potholes", title="said otherwise")], CHANNELS, LATER) == []
        assert dump(archive) == before
        assert archive.add_alerts([alert("potholes", rule="long_red")], CHANNELS, LATER) == [3]
        assert states(archive) == {
            ("potholes", "file"): "pending",
            ("potholes", "newsroom"): "pending",
            ("a digest", "file"): "pending",
            ("a digest", "newsroom"): "suppressed",
        }


def test_what_is_claimed_is_all_that_a_message_needs_most_severe_first(tmp_path: Path) -> None:
    with open_archive(tmp_path) as archive:
        archive.add_alerts([alert("low", "low"), alert("high"), alert("medium", "medium")], {"file": "low"}, NOW)
        claims = archive.claim_due("file", LATER, LEASE)
        assert keys(claims) == ["high", "medium", "low"]
        assert claims[0] == Claimed(
            delivery_id=2,
            alert_id=2,
            rule="new_red",
            key="high",
            severity="high",
            title="high turned Red",
            body="81% against a target of 90%",
            url="https://example.org/paper.pdf#page=33",
            evidence={"version_id": 1, "page": 33, "printed": "81%"},
            created_at=NOW,
            attempts=1,
        )


def test_what_somebody_claimed_nobody_else_gets_before_the_lease_runs_out(tmp_path: Path) -> None:
    with open_archive(tmp_path) as one, open_archive(tmp_path) as other:
        one.add_alerts([alert("a")], CHANNELS, NOW)
        assert keys(one.claim_due("file", NOW, LEASE)) == ["a"]
        assert other.claim_due("file", NOW + LEASE - MINUTE, LEASE) == []
        (again,) = other.claim_due("file", NOW + LEASE, LEASE)
        assert (again.key, again.attempts) == ("a", 2)
        assert keys(one.claim_due("newsroom", NOW, LEASE)) == ["a"], "channels do not wait for each other"


def test_a_limit_leaves_the_rest_for_the_next_claim(tmp_path: Path) -> None:
    with open_archive(tmp_path) as archive:
        archive.add_alerts([alert(key) for key in "abc"], {"file": "low"}, NOW)
        assert keys(archive.claim_due("file", NOW, LEASE, limit=2)) == ["a", "b"]
        assert keys(archive.claim_due("file", NOW, LEASE)) == ["c"]


def test_what_was_accepted_is_never_claimed_again(tmp_path: Path) -> None:
    with open_archive(tmp_path) as archive:
        archive.add_alerts([alert("a")], {"file": "low"}, NOW)
        claims = archive.claim_due("file", NOW, LEASE)
        archive.mark_sent(ids(claims), NOW)
        archive.mark_retry(ids(claims), "too late", NOW)
        archive.mark_failed(ids(claims), "too late")
        archive.release(ids(claims))
        assert archive.requeue() == 0
        assert archive.claim_due("file", NOW + timedelta(days=365), LEASE) == []
        assert archive.rows("select state, sent_at, error from deliveries") == [
            {"state": "sent", "sent_at": "2026-11-21T06:30:00+00:00", "error": None}
        ]


def test_what_was_not_accepted_is_due_again_when_it_was_said(tmp_path: Path) -> None:
    with open_archive(tmp_path) as archive:
        archive.add_alerts([alert("a")], {"file": "low"}, NOW)
        archive.mark_retry(ids(archive.claim_due("file", NOW, LEASE)), "HTTP 503", NOW + 5 * MINUTE)
        assert archive.claim_due("file", NOW + 4 * MINUTE, LEASE) == []
        assert archive.pending_channels() == ["file"]
        (again,) = archive.claim_due("file", NOW + 5 * MINUTE, LEASE)
        assert again.attempts == 2
        assert archive.rows("select error from deliveries") == [{"error": "HTTP 503"}]


def test_what_failed_for_good_waits_for_somebody_to_ask(tmp_path: Path) -> None:
    with open_archive(tmp_path) as archive:
        archive.add_alerts([alert("a")], {"file": "low"}, NOW)
        archive.mark_failed(ids(archive.claim_due("file", NOW, LEASE)), "no such address")
        assert archive.claim_due("file", NOW + timedelta(days=9), LEASE) == []
        assert archive.pending_channels() == []
        assert archive.requeue("newsroom") == 0
        assert archive.requeue("file") == 1
        assert [claim.attempts for claim in archive.claim_due("file", NOW, LEASE)] == [1]


def test_a_claim_given_back_was_no_attempt(tmp_path: Path) -> None:
    with open_archive(tmp_path) as archive:
        archive.add_alerts([alert("a")], {"file": "low"}, NOW)
        archive.release(ids(archive.claim_due("file", NOW, LEASE)))
        assert [claim.attempts for claim in archive.claim_due("file", NOW, LEASE)] == [1]


def test_a_clock_that_was_wrong_holds_nothing_back_for_long(tmp_path: Path) -> None:
    with open_archive(tmp_path) as archive:
        archive.add_alerts([alert("a")], {"file": "low"}, NOW)
        archive.claim_due("file", NOW + timedelta(days=3650), LEASE)
        assert keys(archive.claim_due("file", NOW, LEASE)) == ["a"]


def test_a_mute_spares_people_what_comes_before_its_date(tmp_path: Path) -> None:
    with open_archive(tmp_path) as archive:
        archive.mute(Mute(rule="source_failing", key="news", until=LATER, reason="we know"), NOW)
        archive.mute(Mute(rule="news_story", key="*", until=LATER, reason=None), NOW)
        assert len(archive.mutes(NOW)) == 2
        muted = [alert("news", rule="source_failing"), alert("x", rule="news_story")]
        archive.add_alerts([*muted, alert("ombudsman", rule="source_failing")], {"file": "low"}, NOW)
        assert keys(archive.claim_due("file", LATER, LEASE)) == ["ombudsman"]
        archive.add_alerts([alert("y", rule="news_story")], {"file": "low"}, LATER)
        assert keys(archive.claim_due("file", LATER, LEASE)) == ["y"]
        assert archive.mutes(LATER) == []
        assert archive.unmute("news_story")
        assert not archive.unmute("news_story")


def test_the_words_of_strangers_are_only_data(tmp_path: Path) -> None:
    nasty = "Robert'); drop table alerts;-- \ud800\0 <!channel>"
    with open_archive(tmp_path) as archive:
        archive.add_alerts([alert("a", title=nasty, body=nasty, evidence={"printed": nasty})], {"file": "low"}, NOW)
        (claim,) = archive.claim_due("file", NOW, LEASE)
        assert claim.title == "Robert'); drop table alerts;-- � <!channel>"
        assert claim.evidence["printed"] == nasty


@pytest.mark.parametrize("severity", ["urgent", "", "High"])
def test_a_severity_that_is_none_is_refused(tmp_path: Path, severity: str) -> None:
    with open_archive(tmp_path) as archive:
        with pytest.raises(sqlite3.IntegrityError, match="CHECK constraint"):
            archive.add_alerts([alert("a"), alert("b", severity)], CHANNELS, NOW)
        assert archive.counts()["alerts"] == 0, "all of them or none"


class Outbox(RuleBasedStateMachine):
    """Whatever happens in whatever order, and however often the program dies between: each alert is
    sent, failed or due again; and none is handed out after it was accepted."""

    @initialize()
    def begin(self) -> None:
        import tempfile

        self.folder = tempfile.TemporaryDirectory()
        self.archive = open_archive(Path(self.folder.name))
        self.now = NOW
        self.claims: list[Claimed] = []
        self.sent: set[int] = set()
        self.added = 0

    @rule(severity=st.sampled_from(["low", "medium", "high"]))
    def add(self, severity: str) -> None:
        self.added += 1
        self.archive.add_alerts([alert(str(self.added), severity)], {"file": "low"}, self.now)

    @rule(limit=st.none() | st.integers(1, 2))
    def claim(self, limit: int | None) -> None:
        claims = self.archive.claim_due("file", self.now, LEASE, limit)
        assert not self.sent & set(ids(claims))
        self.claims += claims

    @rule(minutes=st.integers(-30, 90))
    def time_passes(self, minutes: int) -> None:
        self.now += minutes * MINUTE

    @rule()
    def accepted(self) -> None:
        self.archive.mark_sent(ids(self.claims), self.now)
        self.sent |= set(ids(self.claims))
        self.claims = []

    @rule()
    def refused(self) -> None:
        self.archive.mark_retry(ids(self.claims), "busy", self.now + MINUTE)
        self.claims = []

    @rule()
    def given_back(self) -> None:
        self.archive.release(ids(self.claims))
        self.claims = []

    @rule()
    def program_dies(self) -> None:
        self.claims = []
        self.archive.close()
        self.archive = open_archive(Path(self.folder.name))

    @invariant()
    def nothing_is_lost(self) -> None:
        if not hasattr(self, "archive"):
            return
        counts = {
            r["state"]: r["n"] for r in self.archive.rows("select state, count(*) as n from deliveries group by 1")
        }
        assert sum(counts.values()) == self.added
        assert counts.get("sent", 0) == len(self.sent)
        assert set(counts) <= {"sent", "pending", "sending"}

    def teardown(self) -> None:
        if hasattr(self, "archive"):
            due = self.archive.claim_due("file", self.now + timedelta(days=1), LEASE)
            assert len(due) + len(self.sent) == self.added, "what was not accepted comes due again"
            self.archive.close()
            self.folder.cleanup()


TestOutbox = Outbox.TestCase
TestOutbox.settings = settings(max_examples=15, stateful_step_count=20, deadline=None)


def test_what_begins_to_be_sent_and_is_abandoned_may_have_arrived_and_goes_again_as_it_was(tmp_path: Path) -> None:
    with open_archive(tmp_path) as archive:
        archive.add_alerts([alert("a"), alert("b")], {"file": "low", "desk": "low"}, NOW)
        begun, untouched = archive.claim_due("file", NOW, LEASE), archive.claim_due("desk", NOW, LEASE)
        archive.begin_sending(ids(begun), "message 1")
        assert archive.abandon_deliveries() == 4
        assert [(one.maybe_sent, one.message) for one in archive.claim_due("file", NOW, LEASE)] == [
            (True, "message 1")
        ] * 2
        assert [(one.maybe_sent, one.message) for one in archive.claim_due("desk", NOW, LEASE)] == [(False, None)] * 2
        assert len(untouched) == 2


def test_only_what_is_severe_enough_is_claimed_and_counted(tmp_path: Path) -> None:
    with open_archive(tmp_path) as archive:
        archive.add_alerts([alert("l", "low"), alert("m", "medium"), alert("h")], {"file": "low"}, NOW)
        assert [archive.due("file", NOW, least=least) for least in ("low", "medium", "high")] == [3, 2, 1]
        assert keys(archive.claim_due("file", NOW, LEASE, least="high")) == ["h"]
        assert keys(archive.claim_due("file", NOW, LEASE, least="medium")) == ["m"]
        assert archive.due("file", NOW) == 1


def test_a_held_channel_is_left_alone_and_a_clock_that_was_wrong_holds_none_for_long(tmp_path: Path) -> None:
    with open_archive(tmp_path) as archive:
        archive.add_alerts([alert("a")], {"file": "low", "desk": "low"}, NOW)
        archive.hold_channel("file", NOW + 5 * MINUTE, "HTTP 429", NOW)
        archive.hold_channel("file", NOW + 9 * MINUTE, "HTTP 500", NOW + 5 * MINUTE)
        trouble = archive.channel_troubles()["file"]
        assert (trouble.since, trouble.failures, trouble.error) == (NOW, 2, "HTTP 500")
        assert archive.due("file", NOW + 8 * MINUTE) == 0 and archive.due("desk", NOW) == 1
        assert archive.claim_due("file", NOW + 8 * MINUTE, LEASE) == []
        assert archive.claim_due("file", NOW - timedelta(days=400), LEASE) != [], "the hold is from a wrong clock"
        archive.mark_sent([1], NOW)
        assert archive.channel_troubles() == {}


def test_a_mute_covers_an_indicator_or_the_keys_that_begin_alike_and_what_waits_already(tmp_path: Path) -> None:
    with open_archive(tmp_path) as archive:
        archive.add_alerts(
            [alert("kent:1", evidence={"kpi_id": 17}), alert("kent:2"), alert("kentish")], {"file": "low"}, NOW
        )
        archive.begin_sending(ids(archive.claim_due("file", NOW, LEASE, limit=1)), "m")
        archive.abandon_deliveries()
        assert archive.mute(Mute(rule="*", key="kpi:17", until=LATER, reason=None), NOW) == 0, "it may have arrived"
        assert archive.mute(Mute(rule="new_red", key="kent", until=LATER, reason=None), NOW) == 1
        assert states(archive) == {
            ("kent:1", "file"): "pending",
            ("kent:2", "file"): "suppressed",
            ("kentish", "file"): "pending",
        }
        later = [
            alert("x", rule="long_red", evidence={"kpi_id": 17}),
            alert("y", rule="long_red", evidence={"kpi_id": 7}),
        ]
        archive.add_alerts(later, {"file": "low"}, NOW)
        assert states(archive)["x", "file"] == "suppressed" and states(archive)["y", "file"] == "pending"
        archive.add_alerts([alert("z", evidence={"kpi_id": 17})], {"file": "low"}, LATER)
        assert states(archive)["z", "file"] == "pending", "new facts alert when the date has come"
        assert states(archive)["x", "file"] == "suppressed", "old ones do not"


def test_an_acknowledgement_is_kept_once_and_can_be_taken_back(tmp_path: Path) -> None:
    with open_archive(tmp_path) as archive:
        archive.add_alerts([alert("a"), alert("b")], {"file": "low"}, NOW)
        assert archive.acknowledge([1, 99], "we know", NOW) == [1]
        assert archive.acknowledge([1, 2], None, LATER) == [2]
        rows = archive.rows("select acknowledged_note as note from alerts order by id")
        assert [row["note"] for row in rows] == ["we know", None]
        assert archive.take_back_acknowledgement([1, 1]) == [1]
