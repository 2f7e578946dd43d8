"""The strip of values under an indicator's chart."""

import pytest

from parsers.performance_report.strip import Title, reading_of
from parsers.records import Direction, KpiReading, Rag


def _said(
    latest: str, target: str = "80%", floor: str = "75%", previous: str = "82% (Green)"
) -> tuple[KpiReading, list[str]]:
    title = Title(
        name="Reviews done within a year",
        rag=Rag.AMBER,
        direction=Direction.STABLE,
        page=5,
        bbox=(1.0, 2.0, 3.0, 4.0),
    )
    parts = {"latest": [latest], "target": [target], "floor": [floor], "previous": [previous]}
    return reading_of(title, "Adult Social Care", parts)


def test_a_value_of_an_earlier_month_is_read_with_that_month() -> None:
    reading, problems = _said("78% (Aug-25)")
    assert (reading.value, reading.value_text, reading.period_label, problems) == (78, "78%", "Aug-25", [])


@pytest.mark.parametrize("latest", ["78% (12%)", "78% (see below)", "78% 79%"])
def test_what_stands_behind_a_value_and_is_no_month_is_not_passed_over(latest: str) -> None:
    reading, problems = _said(latest)
    assert problems == [f"cannot read {latest!r} as latest"]
    assert reading.value is None


def test_millions_beside_whole_pounds_are_one_unit() -> None:
    reading, problems = _said("£950,000", "£1.2m", "£0.9m", "£1m (Amber)")
    assert (reading.value, reading.target, reading.floor, reading.previous_value) == (
        950_000,
        1_200_000,
        900_000,
        1_000_000,
    )
    assert (reading.unit, reading.value_text, reading.target_text, problems) == ("£", "£950,000", "£1.2m", [])
