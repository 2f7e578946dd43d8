"""A document that is out to hurt its reader costs itself, and nothing else."""

import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from monitor import reading
from monitor.errors import MonitorError
from monitor.reader import Document, Limits, Pool
from parsers import records
from parsers.records import Kind, Outcome, Rag, Reading

LIMITS = Limits(memory_mb=600, cpu_seconds=2, wall_seconds=30, documents=5)
PAPER = Document(url="https://x.example/a.pdf", media_type="application/pdf", title="A paper", council="kent")


@pytest.fixture(scope="module")
def pool() -> Iterator[Pool]:
    with Pool(1, LIMITS, entry="tests.hostile_readers:read") as running:
        yield running


def test_what_the_reader_says_arrives_as_it_was_said(pool: Pool) -> None:
    found = pool.read(b"plain", PAPER)

    assert found.outcome is Outcome.READ and found.kind is Kind.OTHER
    assert (found.parser, found.parser_version, found.title) == ("hostile", 7, "A paper")
    assert found.published_on == date(2025, 3, 4)
    assert found.text == "https://x.example/a.pdf application/pdf kent 5"
    assert isinstance(found.facts[0], records.RiskLevel) and found.facts[0].as_at == date(2025, 3, 1)


@pytest.mark.parametrize(
    ("does", "note"),
    [
        ("segfault", "its reader crashed (SIGSEGV)"),
        ("spin", "reading it takes more than 2 seconds of computing"),
        ("hoard", "reading it takes more than 600 MB of memory"),
        ("exit", "its reader ended without an answer (exit status 3)"),
        ("raise", "its reader failed: KeyError: 'page 3'"),
        ("nest", "it is nested too deeply to be read"),
    ],
)
def test_a_document_that_breaks_its_reader_is_quarantined_and_the_next_is_read(
    pool: Pool, does: str, note: str
) -> None:
    broken = pool.read(does.encode(), PAPER)
    after = pool.read(b"plain", PAPER)

    assert (broken.outcome, broken.note, broken.facts) == (Outcome.QUARANTINED, note, ())
    assert after.outcome is Outcome.READ


def test_a_reader_that_found_something_else_is_believed_without_more_words(pool: Pool) -> None:
    found = pool.read(b"refuse", PAPER)

    assert (found.outcome, found.note) == (Outcome.FAILED, "https://x.example/a.pdf: expected one table, found 0")


def test_a_document_that_hangs_its_reader_is_quarantined_when_the_time_is_up() -> None:
    with Pool(1, replace(LIMITS, wall_seconds=1), entry="tests.hostile_readers:read") as pool:
        hung = pool.read(b"sleep", PAPER)

    assert (hung.outcome, hung.note) == (Outcome.QUARANTINED, "reading it takes longer than 1 seconds")


def test_a_reader_writes_nothing_to_the_disk(pool: Pool, tmp_path: Path) -> None:
    wrote = pool.read(f"write {tmp_path}/stolen".encode(), PAPER)

    assert wrote.note == "its reader failed: OSError: [Errno 27] File too large"
    assert (tmp_path / "stolen").stat().st_size == 0


def test_what_a_library_prints_is_not_taken_for_an_answer(pool: Pool) -> None:
    assert pool.read(b"babble", PAPER).outcome is Outcome.READ


def test_a_worker_is_kept_from_one_document_to_the_next_and_replaced_after_its_share() -> None:
    with Pool(1, LIMITS, entry="tests.hostile_readers:read") as pool:
        workers = [pool.read(b"plain", PAPER).facts[0].page for _ in range(6)]  # type: ignore[union-attr]

    assert len(set(workers[:5])) == 1
    assert workers[5] != workers[4]


def test_many_documents_come_back_in_their_order_whichever_is_ready_first() -> None:
    slow_first = [(n, b"plain" * (1_000_000 if n == 0 else 1), PAPER) for n in range(6)]
    with Pool(2, LIMITS, entry="tests.hostile_readers:read") as pool:
        marks = [mark for mark, _ in pool.read_all(slow_first)]

    assert marks == list(range(6))


def test_when_the_work_is_called_off_nobody_waits_for_the_reader() -> None:
    began = time.monotonic()
    with pytest.raises(KeyboardInterrupt), Pool(1, Limits(), entry="tests.hostile_readers:read") as pool:
        pool._threads.submit(pool.read, b"sleep", PAPER)
        raise KeyboardInterrupt

    assert time.monotonic() - began < 5


def test_a_reader_that_does_not_start_is_no_documents_fault() -> None:
    with (
        Pool(1, LIMITS, entry="tests.no_such_module:read") as pool,
        pytest.raises(MonitorError, match="does not start"),
    ):
        pool.read(b"plain", PAPER)


EVERY_RECORD: list[Any] = [
    records.Report(
        title="Q", financial_year="2024/25", quarter=3, period_start=date(2024, 10, 1), period_end=date(2024, 12, 31),
        kpi_total=None,
    ),
    records.KpiReading(
        service="S", name="N", rag=Rag.RED, previous_rag=None, direction=records.Direction.STABLE, value=1.5,
        target=None, target_low=1.0, target_high=2.0, floor=0.0, previous_value=None, unit="%", value_text="1.5%",
        target_text=None, floor_text=None, previous_text=None, lower_is_better=True, page=3, bbox=(1.0, 2.0, 3.0, 4.0),
        headline_bbox=(0.0, 0.0, 1.0, 1.0),
    ),
    records.RagCount(stated_in=records.StatedIn.COVER, financial_year=None, quarter=None, service=None, green=0),
    records.NamedRating(
        stated_in=records.StatedIn.COVER, financial_year="2024/25", quarter=3, service=None, name="N", rag=Rag.RED,
        quote="N is Red.",
    ),
    records.Figure(
        measure="calls", service=None, period_label="Q1", period_start=None, period_end=date(2024, 6, 30), value=None,
        unit=None, value_text="n/a", is_total=True, bbox=(0.0, 1.0, 2.0, 3.0),
    ),
    records.Risk(code="CRR1", title="T", change=None, level="high"),
    records.RiskLevel(as_at=date(2025, 1, 1), low=1, medium=2, high=3),
    records.OmbudsmanStatistic(
        council="k", period_start=date(2024, 4, 1), period_end=date(2025, 3, 31), measure="upheld_rate", value=83.0,
        unit="%", similar_average=None, value_text="83%",
    ),
    records.OmbudsmanReport(council="k", title="T", summary=None, url=None, published_on=date(2025, 1, 2)),
    records.ServiceImprovement(
        case_reference="24 003 150", council="k", category=None, sub_category=None, url=None, actions=("a", "b")
    ),
    records.OmbudsmanDecision(
        case_reference="24 003 150", council="k", category=None, sub_category=None, decision="Upheld",
        decided_on=date(2025, 1, 2), is_report=True, summary=None, url=None,
    ),
    records.NewsArticle(
        publisher=None, headline="H", author=None, published_at=datetime(2025, 1, 2, 3, 4, tzinfo=UTC), summary=None,
        body="’ and \ud800",
    ),
]  # fmt: skip


def test_every_kind_of_record_survives_the_way_out_of_the_worker() -> None:
    said = Reading(
        kind=Kind.DASHBOARD, outcome=Outcome.READ, parser="p", parser_version=1, facts=tuple(EVERY_RECORD), text="t"
    )

    assert {type(record) for record in EVERY_RECORD} == set(records.Fact.__args__)
    assert reading.loads(reading.dumps(said)) == said
