"""Which indicators are proposed to be one, and what people decide about them."""

from dataclasses import replace
from pathlib import Path

import pytest

from db import open_archive
from db.errors import Undecidable
from tests.test_db_kpis import E_T, groups, store
from tests.test_db_samples import LATER, NOW, dump, edition, found, keep_read, kpi, reading

Q1_NAME, Q2_NAME = "% of routine pothole repairs completed", "% of routine pothole repiars completed"
Q1_ROW = {"value": 93.0, "value_text": "93%", "target": 95.0}


@pytest.mark.parametrize(
    ("name", "says", "groups_expected"),
    [
        (Q2_NAME, {"previous_value": 93.0, "previous_text": "93%", "target": 96.0}, 1),  # the figures go on
        (Q2_NAME, {"target": 95.0}, 1),  # the same target and floor
        (Q2_NAME, {"target": 96.0}, 2),  # nothing speaks for it
        (Q2_NAME, {"previous_value": 71.0, "previous_text": "71%", "target": 95.0}, 2),  # the figures speak against it
        (Q2_NAME, {"previous_value": 93.0, "unit": None, "target": 95.0}, 2),
        ("% of pothole routine repairs completed", {"previous_value": 93.0}, 1),
        ("% of routine pothole repairs that were completed", {"previous_value": 93.0}, 1),
        ("% of routine pothole repairs not completed", {"previous_value": 93.0}, 2),
        ("% of routine pothole repairs completed in 28 days", {"previous_value": 93.0}, 2),
        ("% of emergency pothole repairs completed", {"previous_value": 93.0}, 2),
    ],
)
def test_a_slip_of_the_pen_is_one_indicator_where_the_figures_bear_it_out_and_else_is_proposed(
    tmp_path: Path, name: str, says: dict[str, object], groups_expected: int
) -> None:
    with open_archive(tmp_path) as archive:
        store(archive, "s1", 1, [kpi(Q1_NAME, **Q1_ROW), kpi("Visits")])
        store(archive, "s2", 2, [kpi(name, **says), kpi("Visits")])
        assert len(groups(archive)) == groups_expected + 1
        assert len(archive.rows("select * from kpi_proposals")) == groups_expected - 1


def test_two_names_that_a_slip_apart_stand_in_one_paper_are_two(tmp_path: Path) -> None:
    both = [
        kpi("% of people contacted", previous_value=90.0),
        kpi("% of people contracted", page=34, previous_value=90.0),
    ]
    with open_archive(tmp_path) as archive:
        store(archive, "s1", 1, [kpi("% of people contacted")])
        store(archive, "s2", 2, both)
        store(archive, "s3", 3, [kpi("% of people contracted", previous_value=90.0)])
        assert groups(archive) == {
            frozenset({(1, E_T, "% of people contacted"), (2, E_T, "% of people contacted")}),
            frozenset({(2, E_T, "% of people contracted"), (3, E_T, "% of people contracted")}),
        }


def test_spellings_that_one_paper_tells_apart_are_told_apart_in_all_also_when_they_trade_places(tmp_path: Path) -> None:
    plural, single = "Visits to libraries", "Visits to library"
    with open_archive(tmp_path) as archive:
        store(archive, "s1", 1, [kpi(plural, page=1), kpi(single, page=2)])
        store(archive, "s2", 2, [kpi(single, page=1), kpi(plural, page=2)])
        store(archive, "s3", 3, [kpi(single, page=1)])
        assert groups(archive) == {
            frozenset({(1, E_T, plural), (2, E_T, plural)}),
            frozenset({(1, E_T, single), (2, E_T, single), (3, E_T, single)}),
        }


def test_a_proposal_says_what_speaks_for_it_and_against_it(tmp_path: Path) -> None:
    old, new = "Proportion of clients receiving Direct Payments", "% of people supported who receive Direct Payments"
    with open_archive(tmp_path) as archive:
        store(archive, "s1", 1, [kpi(old, value=25.0, value_text="25%")])
        store(archive, "s2", 2, [kpi(new, previous_value=25.0, previous_text="25 %")])
        (row,) = archive.rows("select * from kpi_proposals")
        assert row["why"].split("; ")[1:] == [
            "Q2 2024/25 prints 25 % for the quarter before, which Q1 2024/25 prints under the other name",
            "target and floor are the same",
        ]
        store(archive, "s3", 2, [kpi(new, previous_value=26.0, previous_text="26%")])  # issued anew
        (row,) = archive.rows("select * from kpi_proposals")
        assert row["why"].endswith(
            "Q2 2024/25 prints 26% for the quarter before, but Q1 2024/25 prints 25% under the other name"
        )


def test_what_a_person_decides_holds_through_all_that_comes_and_can_be_undone(tmp_path: Path) -> None:
    old, new = "Calls taken", "Telephone contacts"
    with open_archive(tmp_path) as archive:
        store(archive, "s1", 1, [kpi(old)])
        version = store(archive, "s2", 2, [kpi(new)])
        number = archive.decide_kpis("1", "2", "same", NOW)
        one = {frozenset({(1, E_T, old), (2, E_T, new)})}
        assert groups(archive) == one
        for again in ([kpi(new, value=1.0)], [kpi("Misread")], [kpi(new)]):
            archive.store_reading(version, reading(edition(quarter=2), *again), council="kent", now=LATER)
        assert groups(archive) == one
        assert [decision.in_force for decision in archive.kpi_decisions()] == [True]
        assert archive.undo_kpi_decision(number)
        assert len(groups(archive)) == 2
        assert not archive.undo_kpi_decision(number)
        assert archive.check() == []


def test_two_that_a_person_told_apart_stay_apart_and_are_not_proposed_again(tmp_path: Path) -> None:
    with open_archive(tmp_path) as archive:
        store(archive, "s1", 1, [kpi("Calls answered in time")])
        store(archive, "s2", 2, [kpi("Calls answered quickly", headline_name="Calls answered in time")])
        assert len(groups(archive)) == 1
        archive.decide_kpis("Calls answered in time", "Calls answered quickly", "different", NOW)
        assert len(groups(archive)) == 2
        assert archive.rows("select * from kpi_proposals") == []
        archive.decide_kpis("Calls answered quickly", "Calls answered in time", "same", LATER)  # thinks again
        assert len(groups(archive)) == 1
        assert len(archive.kpi_decisions()) == 1


@pytest.mark.parametrize(
    ("one", "other", "verdict", "why"),
    [
        ("1", "2", "same", "prints both"),
        ("1", "99", "same", "no indicator"),
        ("Visits", "visit", "different", "no indicator"),
        ("1", "1", "different", "one name"),
        ("1", "3", "same", "never one"),
    ],
)
def test_what_cannot_be_decided_changes_nothing(tmp_path: Path, one: str, other: str, verdict: str, why: str) -> None:
    with open_archive(tmp_path) as archive:
        store(archive, "s1", 1, [kpi("Visits"), kpi("Calls")])
        keep_read(archive, found("s2"), reading(replace(edition(), scope="Highways"), kpi("Visits there")))
        before = dump(archive)
        with pytest.raises(Undecidable, match=why):
            archive.decide_kpis(one, other, verdict, NOW)
        assert dump(archive) == before


def test_a_paper_that_holds_both_overrules_a_person(tmp_path: Path) -> None:
    with open_archive(tmp_path) as archive:
        store(archive, "s1", 1, [kpi("Visits")])
        store(archive, "s2", 2, [kpi("Calls")])
        archive.decide_kpis("1", "2", "same", NOW)
        store(archive, "s3", 3, [kpi("Visits"), kpi("Calls")])
        assert len(groups(archive)) == 2
        assert [decision.in_force for decision in archive.kpi_decisions()] == [False]
