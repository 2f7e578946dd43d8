"""Which indicators are one through the years. A wrong merge is worse than a split."""

import itertools
import random
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from db import open_archive
from db.names import identity, likeness, small_renaming
from db.same import partition
from parsers.records import Outcome, Reading
from tests.test_db_samples import LATER, NOW, dump, edition, found, keep, keep_read, kpi, reading

Named = tuple[str, str]  # name, service
E_T, ASC = "Environment & Transport", "Adult Social Care"


@pytest.mark.parametrize(
    "spellings",
    [
        ["% of phone calls answered", "Percentage of phone calls answered", "Per cent of  Phone Calls answered*"],
        ["% foster care placements in-house", "Percentage of foster care placements in house"],
        [
            "No. of homes brought back",
            "Number. of homes brought back",
            "No of homes brought back",
            "number of homes brought back³",
        ],
        ["Average no. of days", "Average number of days"],
        [
            "% of EHCPs issued within 20 weeks – rolling 12 months",
            "Percentage of EHCPs issued within 20 weeks (Rolling 12 months)",
            "% of EHCPs issued within 20 weeks - rolling 12-months",
            "% of EHCPs issued within 20 weeks during a rolling 12-month period",
        ],
        ["Freedom of Information Act & EIR requests", "Freedom of information act and EIR requests"],
        [
            "% of children’s social care referrals",
            "% of children social care referrals",
            "% of children's social care referrals",
        ],
        ["reablement / rehabilitation services", "reablement/rehabilitation services"],
        [
            "% of schools rated Good (data to March 20)",
            "% of schools rated Good (data to June 20)",
            "% of schools rated Good",
        ],
        ["Proportion of people with Direct Payments", "% of people with Direct Payments"],
        [
            "% of EHCPs issued within 20 weeks",
            "% of ECHPs issued in 20 weeks",
            "% of EHC Plans issued within 20 weeks",
            "% of EHC plan issued within 20 weeks",
            "Percentage of Education, Health and Care Plans (EHCPs) issued within 20 weeks",
            "Percentage of Education, Health, and Care Plans issued within 20 weeks",
            "% Education, Health Care Plans (EHCP) issued within 20 weeks",
        ],
        ["% of pupils (with EHCP’s) in special schools", "Percentage of pupils (with EHCPs) in special schools"],
        ["Number of library visits", "No. of library visit", "The number of library visits"],
        ["% of Subject Access Requests (SARs) in time", "Percentage of Subject Access requests in time"],
        ["% of young people placed in a foster home", "% of young people placed in foster homes"],
    ],
)
def test_ways_of_writing_one_name(spellings: Sequence[str]) -> None:
    assert len({identity(name) for name in spellings}) == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("% of complaints answered", "Number of complaints answered"),
        ("% of EHCPs issued within 20 weeks", "% of EHCPs issued within 26 weeks"),
        ("First-time entrants", "First-time entrants – rolling 12 months"),
        ("% of pothole repairs within 28 days", "% of highway repairs within 28 days"),
        ("% of care leavers in employment (aged 17-18)", "% of care leavers in employment (aged 19-21)"),
        ("Proportion of people at home", "Number of people at home"),
        ("% of reviews on time (2023/24)", "% of reviews on time (2024/25)"),
        ("% of EHCPs issued", "% of EHC needs assessments issued"),
        ("% of A roads in good repair", "% of roads in good repair"),
        ("% of care leavers (UASC)", "% of care leavers"),
        ("Placements (in-house)", "Placements"),
    ],
)
def test_names_that_differ_in_what_they_say(one: str, other: str) -> None:
    assert identity(one) != identity(other)


def store(archive: object, paper: str, quarter: int, indicators: Sequence[object], **says: object) -> int:
    """One report in its own document."""
    result: Reading = reading(edition(quarter=quarter), *indicators, **says)  # type: ignore[arg-type]
    return keep_read(archive, found(paper), result)  # type: ignore[arg-type]


def groups(archive: object) -> set[frozenset[tuple[int, str, str]]]:
    """The indicators, each as the set of its readings: quarter, service, name."""
    rows = archive.rows(  # type: ignore[attr-defined]
        "select k.kpi_id, r.quarter, k.service, k.name from kpi_readings as k join reports as r on r.id = k.report_id"
    )
    by_kpi: dict[int, set[tuple[int, str, str]]] = {}
    for row in rows:
        by_kpi.setdefault(row["kpi_id"], set()).add((row["quarter"], row["service"], row["name"]))
    return {frozenset(members) for members in by_kpi.values()}


def test_an_indicator_is_one_through_its_renamings_and_moves(tmp_path: Path) -> None:
    with open_archive(tmp_path) as archive:
        store(archive, "s1", 1, [kpi("% of potholes repaired", service=E_T)])
        store(archive, "s2", 2, [kpi("Percentage of potholes repaired", service="Highways")])
        store(archive, "s3", 3, [kpi("Percentage of Potholes repaired *", service="Highways")])
        assert archive.rows("select service, name from kpis") == [
            {"service": "Highways", "name": "Percentage of Potholes repaired *"}
        ]
        assert [row["name"] for row in archive.rows("select name from kpi_names order by name")] == [
            "% of potholes repaired",
            "Percentage of Potholes repaired *",
            "Percentage of potholes repaired",
        ]
        assert [row["quarter"] for row in archive.rows("select * from kpi_history where kpi_id = 1 order by 4")] == [
            1,
            2,
            3,
        ]


def test_councils_share_no_indicators(tmp_path: Path) -> None:
    with open_archive(tmp_path) as archive:
        store(archive, "s1", 1, [kpi()])
        version = keep(archive, found("s2", council="essex"))
        archive.store_reading(version, reading(edition(), kpi()), council="essex", now=NOW)
        assert archive.rows("select council from kpis order by 1") == [{"council": "essex"}, {"council": "kent"}]


def test_one_name_in_two_services_of_a_paper_is_two_indicators(tmp_path: Path) -> None:
    with open_archive(tmp_path) as archive:
        store(
            archive, "s1", 1, [kpi("% of complaints in time", service=E_T), kpi("% of complaints in time", service=ASC)]
        )
        store(archive, "s2", 2, [kpi("% of complaints in time", service="Environment and Transport")])
        assert groups(archive) == {
            frozenset(
                {(1, E_T, "% of complaints in time"), (2, "Environment and Transport", "% of complaints in time")}
            ),
            frozenset({(1, ASC, "% of complaints in time")}),
        }


def test_one_name_twice_in_one_service_is_still_two_indicators(tmp_path: Path) -> None:
    with open_archive(tmp_path) as archive:
        for paper, quarter in (("s1", 1), ("s2", 2)):
            store(archive, paper, quarter, [kpi("Visits", page=20, value=1.0), kpi("Visits", page=21, value=2.0)])
        assert archive.rows("select kpi_id, group_concat(value) as value from kpi_readings group by kpi_id") == [
            {"kpi_id": 1, "value": "1.0,1.0"},
            {"kpi_id": 2, "value": "2.0,2.0"},
        ]


def test_a_paper_that_uses_a_name_twice_splits_what_was_one_and_keeps_its_number(tmp_path: Path) -> None:
    with open_archive(tmp_path) as archive:
        for quarter in (1, 2):
            store(archive, f"s{quarter}", quarter, [kpi("Visits", service=E_T)])
        store(archive, "s3", 3, [kpi("Visits", service=ASC), kpi("Visits", service=E_T)])
        numbers = archive.rows("select distinct kpi_id from kpi_readings where service = ?", [E_T])
        assert numbers == [{"kpi_id": 1}]
        assert len(groups(archive)) == 2


def test_a_doubtful_reading_that_sees_double_splits_nothing(tmp_path: Path) -> None:
    double = [kpi("Visits", service=E_T), kpi("Visits", service=ASC)]
    with open_archive(tmp_path) as archive:
        store(archive, "s1", 1, [kpi("Visits", service="Libraries")])
        store(archive, "s2", 2, [kpi("Visits", service="Culture")])
        store(archive, "s3", 3, double, outcome=Outcome.QUARANTINED, note="expected 38 indicators, found 39")
        assert frozenset({(1, "Libraries", "Visits"), (2, "Culture", "Visits")}) in groups(archive)
        assert len(archive.rows("select distinct kpi_id from kpi_readings where name = 'Visits'")) == 3


def test_a_paper_that_prints_two_names_for_one_row_ties_them(tmp_path: Path) -> None:
    long, short = "Freedom of Information Act (FoI) requests in 20 days", "% of FOI / EIR requests in 20 days"
    with open_archive(tmp_path) as archive:
        store(archive, "s1", 1, [kpi(long)])
        store(archive, "s2", 2, [kpi(short)])
        assert len(groups(archive)) == 2
        store(archive, "s3", 3, [kpi(short, headline_name=long)])
        assert groups(archive) == {frozenset({(1, E_T, long), (2, E_T, short), (3, E_T, short)})}
        assert archive.rows("select id from kpis") == [{"id": 1}]
        assert archive.check() == []


def test_a_mistaken_tie_cannot_merge_two_rows_of_one_paper(tmp_path: Path) -> None:
    with open_archive(tmp_path) as archive:
        swapped = [kpi("A rate", headline_name="B rate"), kpi("B rate", headline_name="A rate")]
        store(archive, "s1", 1, swapped)
        store(archive, "s2", 2, [kpi("A rate"), kpi("B rate")])
        store(archive, "s3", 3, [kpi("A rate", headline_name="B rate")])
        assert groups(archive) == {
            frozenset({(1, E_T, "A rate"), (2, E_T, "A rate"), (3, E_T, "A rate")}),
            frozenset({(1, E_T, "B rate"), (2, E_T, "B rate")}),
        }


def test_a_headline_that_two_rows_claim_ties_neither(tmp_path: Path) -> None:
    with open_archive(tmp_path) as archive:
        store(archive, "s1", 1, [kpi("A rate", headline_name="C rate"), kpi("B rate", headline_name="C rate")])
        store(archive, "s2", 2, [kpi("C rate")])
        assert len(groups(archive)) == 3


def test_an_indicator_read_under_a_better_name_keeps_its_number(tmp_path: Path) -> None:
    with open_archive(tmp_path) as archive:
        store(archive, "s1", 1, [kpi("Visits"), kpi("Calls")])
        version = store(archive, "s2", 2, [kpi("Vis its"), kpi("Cal1s")])
        archive.store_reading(
            version,
            reading(edition(quarter=2), kpi("Visits"), kpi("Calls"), parser_version=2),
            council="kent",
            now=LATER,
        )
        assert archive.rows("select id, name from kpis order by id") == [
            {"id": 1, "name": "Visits"},
            {"id": 2, "name": "Calls"},
        ]
        assert [hit.kpi_id for hit in archive.search("Cal1s")] == []


def test_a_number_is_never_given_to_another_indicator(tmp_path: Path) -> None:
    with open_archive(tmp_path) as archive:
        version = store(archive, "s1", 1, [kpi("Visits"), kpi("Misread")])
        archive.store_reading(
            version, reading(edition(quarter=1), kpi("Visits"), parser_version=2), council="kent", now=LATER
        )
        store(archive, "s2", 2, [kpi("Calls")])
        assert archive.rows("select id, name from kpis order by id") == [
            {"id": 1, "name": "Visits"},
            {"id": 3, "name": "Calls"},
        ]


def test_a_version_that_loses_all_its_facts_and_gets_them_back_loses_no_other_papers_numbers(tmp_path: Path) -> None:
    with open_archive(tmp_path) as archive:
        version = store(archive, "s1", 1, [kpi("Visits"), kpi("Calls")])
        store(archive, "s2", 2, [kpi("Visits")])
        archive.store_reading(version, reading(outcome=Outcome.FAILED, note="?"), council="kent", now=LATER)
        assert archive.rows("select id, name from kpis") == [{"id": 1, "name": "Visits"}]
        archive.store_reading(
            version, reading(edition(quarter=1), kpi("Visits"), kpi("Calls")), council="kent", now=LATER
        )
        assert len(archive.rows("select id from kpis where id = 1 and name = 'Visits'")) == 1


@pytest.mark.parametrize("turn", [1, -1])
def test_of_two_ties_that_exclude_each_other_the_one_printed_more_often_holds(turn: int) -> None:
    rows = rows_of(
        [
            (True, [("B rate", "S", None), ("A rate", "S", None)]),
            (True, [("B rate", "S", "Old name")]),
            (True, [("A rate", "S", "Old name")]),
            (True, [("A rate", "S", "Old name")]),
            (True, [("Old name", "S", None)]),
        ]
    )
    joined = [{row["name"] for row in part} for part in partition(rows[::turn])]
    assert {"A rate", "Old name"} in joined
    assert {"B rate"} in joined


WORDS = st.sampled_from(
    [
        "visits",
        "calls",
        "pothole",
        "potholes",
        "contact",
        "contract",
        "homes",
        "(FOI)",
        "EHCP",
        "of",
        "the",
        "A",
        "20",
        "12",
    ]
)
PHRASES = st.lists(WORDS, min_size=1, max_size=7).map(" ".join)


@given(name=PHRASES)
@settings(max_examples=200, deadline=None)
def test_a_name_is_the_same_in_any_typography(name: str) -> None:
    ways = [
        f"  {name}*",
        name.replace(" ", "\u00a0"),
        f"{name}³",
        name.replace(" ", "  "),
        f"{name} (data to March 20)",
    ]
    assert {identity(way) for way in ways} == {identity(name)}


@given(one=PHRASES, other=PHRASES)
@settings(max_examples=300, deadline=None)
def test_names_with_other_numbers_are_never_one(one: str, other: str) -> None:
    numbers = [[word for word in name.split() if word.isdigit()] for name in (one, other)]
    if sorted(numbers[0]) != sorted(numbers[1]):
        assert identity(one) != identity(other)
        assert not small_renaming(one, other)
    assert small_renaming(one, other) == small_renaming(other, one)
    assert likeness(one, other) == likeness(other, one)


REPORTS: dict[int, list[tuple[str, str, str | None]]] = {
    1: [("Visits", "Libraries", None), ("% of calls answered", "Contact", "Calls answered")],
    2: [
        ("Visits", "Culture", None),
        ("Calls answered", "Contact", None),
        ("FOI requests in time", "Law", "Requests in time"),
    ],
    3: [("Visits", "Culture", None), ("Visits", "Parks", None), ("Requests in time", "Law", None)],
    4: [("Visits", "Parks", None), ("Visits", "Coast", None), ("Calls answered", "Digital", "% of calls answered")],
}


def test_the_order_of_reading_does_not_matter(tmp_path: Path) -> None:
    outcomes = []
    for number, order in enumerate(itertools.permutations(REPORTS)):
        with open_archive(tmp_path / str(number)) as archive:
            for quarter in order:
                names = REPORTS[quarter]
                store(archive, f"s{quarter}", quarter, [kpi(n, service=s, headline_name=h) for n, s, h in names])
            outcomes.append((groups(archive), archive.rows("select service, name from kpis order by 1, 2")))
    assert all(outcome == outcomes[0] for outcome in outcomes)


NAMES = st.sampled_from(["Visits", "Calls", "% of calls", "No. of calls", "Repairs in time", "% of repairs in time"])
ROW = st.tuples(NAMES, st.sampled_from(["A", "B", "C & D"]), st.none() | NAMES)
PAPERS = st.lists(st.tuples(st.booleans(), st.lists(ROW, max_size=5)), max_size=5)


def rows_of(papers: Sequence[tuple[bool, Sequence[tuple[str, str, str | None]]]]) -> list[dict[str, object]]:
    number = itertools.count(1)
    return [
        {
            "id": next(number),
            "report_id": report_id,
            "kpi_id": 0,
            "name": name,
            "service": service,
            "headline_name": headline,
            "page": page,
            "bbox_top": 0,
            "scope_key": "",
            "reference": None,
            "period_start": f"20{report_id:02}-04-01",
            "period_end": f"20{report_id:02}-06-30",
            **dict.fromkeys(
                (
                    "value",
                    "value_text",
                    "unit",
                    "rag",
                    "target",
                    "floor",
                    "previous_value",
                    "previous_text",
                    "previous_rag",
                )
            ),
            "trusted": int(trusted),
        }
        for report_id, (trusted, rows) in enumerate(papers)
        for page, (name, service, headline) in enumerate(rows)
    ]


@given(papers=PAPERS, seed=st.randoms(use_true_random=False))
@settings(max_examples=300, deadline=None)
def test_any_set_of_papers_is_parted_alike_in_any_order_and_never_merges_two_rows_of_one(
    papers: list[tuple[bool, list[tuple[str, str, str | None]]]], seed: random.Random
) -> None:
    rows = rows_of(papers)
    parts = partition(rows)
    for part in parts:
        reports = [row["report_id"] for row in part]
        assert len(reports) == len(set(reports))
    assert sorted(row["id"] for part in parts for row in part) == [row["id"] for row in rows]
    shuffled = list(rows)
    seed.shuffle(shuffled)
    assert {frozenset(r["id"] for r in part) for part in partition(shuffled)} == {
        frozenset(r["id"] for r in part) for part in parts
    }


@given(papers=PAPERS)
@settings(max_examples=60, deadline=None)
def test_readings_with_equal_names_are_one_unless_some_paper_uses_the_name_twice(
    papers: list[tuple[bool, list[tuple[str, str, str | None]]]],
) -> None:
    rows = rows_of(papers)
    counts: dict[tuple[object, str], int] = {}
    for row in rows:
        key = row["report_id"], identity(str(row["name"]))
        counts[key] = counts.get(key, 0) + 1
    twice = {name for (_, name), n in counts.items() if n > 1}
    part_of = {row["id"]: number for number, part in enumerate(partition(rows)) for row in part}
    for one, other in itertools.combinations(rows, 2):
        name = identity(str(one["name"]))
        if name == identity(str(other["name"])) and name not in twice:
            assert part_of[one["id"]] == part_of[other["id"]]


def test_settling_again_changes_nothing(tmp_path: Path) -> None:
    with open_archive(tmp_path) as archive:
        versions = {
            quarter: store(archive, f"s{quarter}", quarter, [kpi(n, service=s, headline_name=h) for n, s, h in rows])
            for quarter, rows in REPORTS.items()
        }
        before = dump(archive)
        for quarter, version in versions.items():
            rows = [kpi(n, service=s, headline_name=h) for n, s, h in REPORTS[quarter]]
            archive.store_reading(version, reading(edition(quarter=quarter), *rows), council="kent", now=LATER)
        assert dump(archive) == before
