"""Small records that the tests of the archive put together; no tests of its own."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from db import Archive, Found
from parsers.records import (
    Direction,
    Fact,
    Figure,
    Kind,
    KpiReading,
    OmbudsmanStatistic,
    Outcome,
    Rag,
    Reading,
    Report,
    ServiceImprovement,
)
from parsers.text import quarter_period

NOW = datetime(2026, 11, 21, 6, 30, tzinfo=UTC)
LATER = NOW + timedelta(hours=12)

RED, AMBER, GREEN = Rag.RED, Rag.AMBER, Rag.GREEN


def found(paper: str = "s129436", **says: Any) -> Found:
    """A paper as the spider finds it; `g9476` is a pack."""
    return Found(
        **{
            "key": f"moderngov:democracy.kent.gov.uk:{paper}",
            "url": f"https://democracy.kent.gov.uk/documents/{paper}/Paper.pdf",
            "source": "committee_papers",
            "council": "kent",
            "media_type": "application/pdf",
            **says,
        }
    )


def edition(year: str = "2024/25", quarter: int = 3, kpi_total: int | None = None) -> Report:
    start, end = quarter_period(year, quarter)
    return Report(
        title=f"Quarterly Performance Report Quarter {quarter} {year}",
        financial_year=year,
        quarter=quarter,
        period_start=start,
        period_end=end,
        kpi_total=kpi_total,
    )


def kpi(name: str = "% of potholes repaired", rag: Rag | None = GREEN, **says: Any) -> KpiReading:
    return KpiReading(
        **{
            "service": "Environment & Transport",
            "name": name,
            "rag": rag,
            "previous_rag": None,
            "direction": Direction.STABLE,
            "value": 90.0,
            "target": 90.0,
            "target_low": None,
            "target_high": None,
            "floor": 80.0,
            "previous_value": None,
            "unit": "%",
            "value_text": "90%",
            "target_text": "90%",
            "floor_text": "80%",
            "previous_text": None,
            "lower_is_better": False,
            "page": 33,
            "bbox": (70.8, 100.123456, 520.0, 300.0),
            **says,
        }
    )


def figure(service: str | None, value: float | None, measure: str = "complaints", **says: Any) -> Figure:
    return Figure(
        **{
            "measure": measure,
            "service": service,
            "period_label": "Quarter to Dec 24",
            "period_start": date(2024, 10, 1),
            "period_end": date(2024, 12, 31),
            "value": value,
            "unit": None,
            "value_text": None if value is None else f"{value:g}",
            "page": 13,
            **says,
        }
    )


def statistic(measure: str, value: float, year: int, **says: Any) -> OmbudsmanStatistic:
    return OmbudsmanStatistic(
        **{
            "council": "kent-county-council",
            "period_start": date(year, 4, 1),
            "period_end": date(year + 1, 3, 31),
            "measure": measure,
            "value": value,
            "unit": "%",
            "similar_average": 89.0,
            "value_text": f"{value:g}% of complaints",
            **says,
        }
    )


def improvement(case: str, *actions: str, **says: Any) -> ServiceImprovement:
    return ServiceImprovement(
        **{
            "case_reference": case,
            "council": "kent-county-council",
            "category": "Education",
            "sub_category": "Special educational needs",
            "url": f"https://www.lgo.org.uk/decisions/education/special-educational-needs/{case.replace(' ', '-')}",
            "actions": actions,
            **says,
        }
    )


def reading(*facts: Fact, **says: Any) -> Reading:
    return Reading(
        **{
            "kind": Kind.PERFORMANCE_REPORT,
            "outcome": Outcome.READ,
            "parser": "performance_report",
            "parser_version": 1,
            "facts": tuple(facts),
            **says,
        }
    )


def keep(archive: Archive, paper: Found, body: bytes = b"paper", *, now: datetime = NOW) -> int:
    """Remember a paper; the number of its new version."""
    version_id = archive.remember(paper, body, now=now).version_id
    assert version_id is not None
    return version_id


def keep_read(
    archive: Archive, paper: Found, result: Reading, body: bytes | None = None, *, now: datetime = NOW
) -> int:
    """Remember a paper and store what it says; the number of its new version."""
    version_id = keep(archive, paper, body or repr((paper.key, result)).encode(), now=now)
    archive.store_reading(version_id, result, council="kent", now=now)
    return version_id


def dump(archive: Archive) -> dict[str, list[dict[str, Any]]]:
    """Every row of every table, to compare before and after."""
    return {
        table: archive.rows(f'select rowid as "rowid!", * from "{table}" order by rowid') for table in archive.counts()
    }
