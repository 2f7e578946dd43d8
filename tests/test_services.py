"""Two spellings of one service."""

import pytest

from parsers import services

LISTED = [
    "Customer Services",
    "Children, Young People and Education (Education & Skills)",
    "Children, Young People and Education (Integrated Children's Services)",
    "Adult Social Care",
]


def test_spellings_of_one_service_have_one_key() -> None:
    assert services.key("Growth, Economic Development & Communities") == services.key(
        "GROWTH,  economic development and communities"
    )


def test_other_services_have_other_keys() -> None:
    assert services.key("Highways") != services.key("Highways and Waste")


@pytest.mark.parametrize(
    ("heading", "meant"),
    [
        ("Adult Social Care and Health KPIs", "Adult Social Care"),
        ("Integrated Children’s Services", LISTED[2]),
        ("Children, Young People and Education", "Children, Young People and Education"),  # either of two
        ("Public Health", "Public Health"),  # none of these
        ("KPIs", ""),
    ],
)
def test_a_heading_means_the_listed_service_that_shares_its_words(heading: str, meant: str) -> None:
    assert services.service_for(heading, LISTED) == meant
