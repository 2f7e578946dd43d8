"""The facts that the replica's papers and pages tell, quarter by quarter, as plain data.

What Kent published carries over: the indicators and their figures of Quarter 3
2024/25, its complaint, call and risk tables, the totals of every quarter from
Quarter 1 2023/24 on, the Ombudsman's yearly figures. Single figures of the other
quarters are made up inside those totals, whole quarters after that are invented
(`QuarterFacts.invented`), and so are all sentences, people and case references.

Everything is a function of its arguments: the same quarter is the same on every
machine. Each quarter's "previous" is the quarter before's "latest". Only the
edition that `contradicted` has been through disagrees with itself, in ways that
`QuarterFacts.contradictions` lists.
"""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cache
from typing import NamedTuple

GREEN, AMBER, RED = "green", "amber", "red"
IMPROVING, STABLE, WORSENING = "improving", "stable", "worsening"

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
FULL_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
_WORDS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")


def in_words(number: int) -> str:
    """As clerks write counts: words up to twelve, digits above.

    >>> in_words(9), in_words(17), in_words(0)
    ('nine', '17', 'no')
    """
    return _WORDS[number] if number < len(_WORDS) else str(number)


def than_before(now: int, before: int) -> str:
    """The bracket behind a count.

    >>> than_before(17, 16), than_before(12, 15), than_before(6, 6)
    ('one more than the previous quarter', 'three fewer than the previous quarter', 'the same as the previous quarter')
    """
    if now == before:
        return "the same as the previous quarter"
    return f"{in_words(abs(now - before))} {'more' if now > before else 'fewer'} than the previous quarter"


class Edition(NamedTuple):
    """Which quarter a report is on; editions sort by time."""

    year: int  # calendar year in which the financial year starts
    quarter: int  # 1-4

    @property
    def number(self) -> int:
        return self.year * 4 + self.quarter - 1

    def plus(self, quarters: int) -> "Edition":
        year, quarter = divmod(self.number + quarters, 4)
        return Edition(year, quarter + 1)

    @property
    def financial_year(self) -> str:
        return f"{self.year}/{(self.year + 1) % 100:02d}"

    @property
    def long_year(self) -> str:
        return f"{self.year}-{self.year + 1}"

    @property
    def period_start(self) -> date:
        return date(self.year + (self.quarter == 4), (4, 7, 10, 1)[self.quarter - 1], 1)

    @property
    def period_end(self) -> date:
        return {
            1: date(self.year, 6, 30),
            2: date(self.year, 9, 30),
            3: date(self.year, 12, 31),
            4: date(self.year + 1, 3, 31),
        }[self.quarter]

    @property
    def end_month(self) -> str:
        """The quarter's last month as tables print it: `Dec 24`."""
        return f"{MONTHS[self.period_end.month - 1]} {self.period_end.year % 100:02d}"

    def __str__(self) -> str:
        return f"Quarter {self.quarter} {self.financial_year}"


def latest_edition(on: date) -> Edition:
    """The newest quarter that is over on a day.

    >>> latest_edition(date(2025, 3, 4)), latest_edition(date(2025, 4, 1))
    (Edition(year=2024, quarter=3), Edition(year=2024, quarter=4))
    """
    year = on.year if on.month >= 4 else on.year - 1
    current = Edition(year, (on.month - 4) % 12 // 3 + 1)
    return current.plus(-1)


KNOWN = Edition(2024, 3)  # the edition whose single figures are Kent's own
FIRST = Edition(2023, 1)  # the oldest edition that the replica can show
_ALWAYS, _NEVER = Edition(2000, 1), Edition(2100, 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """One part of the report, under the three names that it goes by in one paper."""

    key: str
    name: str  # in the summary table
    part: str = ""  # second line of the summary table's cell, in italics
    heading: str  # of its list in the executive summary
    section: str  # of its own pages
    members: str  # made up, like all people here
    director: str


SERVICES = (
    Service(
        key="customer",
        name="Customer Services",
        heading="Customer Services",
        section="Customer Services",
        members="Alex Marsh",
        director="Jo Fenwick",
    ),
    Service(
        key="governance",
        name="Governance and Law",
        heading="Governance and Law",
        section="Governance, Law & Democracy",
        members="Alex Marsh",
        director="Jo Fenwick",
    ),
    Service(
        key="growth",
        name="Growth, Economic Development & Communities",
        heading="Growth, Economic Development & Communities",
        section="Growth, Economic Development & Communities",
        members="Robin Oast, Pat Weald",
        director="Sam Downs",
    ),
    Service(
        key="environment",
        name="Environment and Transport",
        heading="Environment & Transport",
        section="Environment and Transport",
        members="Chris Medway, Lee Stour",
        director="Sam Downs",
    ),
    Service(
        key="education",
        name="Children, Young People and Education",
        part="(Education & Skills)",
        heading="Education & Skills",
        section="Children, Young People and Education - Education & Skills",
        members="Kim Thanet, Ash Romney",
        director="Drew Hythe",
    ),
    Service(
        key="children",
        name="Children, Young People and Education",
        part="(Integrated Children’s Services)",
        heading="Integrated Children’s Services",
        section="Children, Young People and Education - Integrated Children’s Services",
        members="Ash Romney",
        director="Drew Hythe",
    ),
    Service(
        key="adults",
        name="Adult Social Care",
        heading="Adult Social Care",
        section="Adult Social Care",
        members="Max Swale",
        director="Terry Ashford",
    ),
    Service(
        key="health",
        name="Public Health",
        heading="Public Health",
        section="Public Health",
        members="Max Swale",
        director="Val Gravesend",
    ),
)
SERVICE = {service.key: service for service in SERVICES}


@dataclass(frozen=True, slots=True, kw_only=True)
class Indicator:
    """What is measured, and Kent's figures for it in Quarter 3 2024/25."""

    key: str
    service: str
    name: str  # in the executive summary's list
    title: str  # on its own page; the two differ more often than not
    target: float
    floor: float
    value: float
    previous: float
    previous_rag: str
    direction: str
    decimals: int = 0
    unit: str = "%"
    since: Edition = _ALWAYS
    until: Edition = _NEVER  # the last edition that has it
    note: str = ""  # footnote under its box

    @property
    def lower_is_better(self) -> bool:
        return self.target < self.floor


def _i(key: str, name: str, title: str, figures: str, previous_rag: str, direction: str, **more: object) -> Indicator:
    """`figures` is "latest previous target floor", as the strip under the chart prints them."""
    latest, previous, target, floor = figures.replace(",", "").split()
    return Indicator(
        key=key.split(".")[1],
        service=key.split(".")[0],
        name=name,
        title=title,
        value=float(latest),
        previous=float(previous),
        target=float(target),
        floor=float(floor),
        previous_rag={"G": GREEN, "A": AMBER, "R": RED}[previous_rag],
        direction={"up": IMPROVING, "flat": STABLE, "down": WORSENING}[direction],
        **more,  # type: ignore[arg-type]
    )


_Q1_24, _Q2_24, _Q3_24, _Q1_25 = Edition(2024, 1), Edition(2024, 2), Edition(2024, 3), Edition(2025, 1)

INDICATORS = (
    _i(
        "customer.advisor",
        "% of callers to Contact Point who rated the advisor who dealt with their call as good",
        "Percentage of callers to Contact Point who rated the advisor who dealt with their call as good",
        "97 97 97 90",
        "G",
        "down",
    ),
    _i(
        "customer.calls",
        "% of phone calls to Contact Point which were answered",
        "Percentage of phone calls to Contact Point which were answered",
        "94 89 90 85",
        "A",
        "flat",
    ),
    _i(
        "customer.complaints",
        "% of complaints responded to within timescale",
        "Percentage of complaints responded to within timescale",
        "71 71 85 80",
        "R",
        "flat",
    ),
    _i(
        "governance.foi",
        "% of Freedom of Information Act (FoI) requests completed within 20 working days",
        "Freedom of Information (FOI) / Environmental Information Regulation (EIR) requests completed within 20 "
        "working days",
        "84 77 92 90",
        "R",
        "flat",
    ),
    _i(
        "governance.sar",
        "% of Data Protection Act (DPA) Subject Access requests completed within statutory timescales",
        "Subject Access requests, made under Art 15 of the General Data Protection Regulations, completed within "
        "statutory timescales",
        "60 52 90 85",
        "R",
        "flat",
    ),
    _i(
        "growth.nue",
        "Number of homes brought back to market through No Use Empty (NUE)",
        "Number of homes brought back to market through No Use Empty (NUE)",
        "422 493 400 360",
        "G",
        "flat",
        unit="",
    ),
    _i(
        "growth.s106",
        "Section 106 developer contributions secured as a percentage of amount sought",
        "S106 developer contributions secured as a percentage of amount sought",
        "80.9 93.2 98 85",
        "A",
        "flat",
        decimals=1,
    ),
    _i(
        "environment.potholes",
        "% of routine pothole repairs completed within 28 days",
        "Percentage of routine pothole repairs completed within 28 days",
        "94 97 90 80",
        "G",
        "flat",
    ),
    _i(
        "environment.repairs",
        "% of routine highway repairs reported by residents completed within 28 days",
        "Percentage of routine highway repairs reported by residents completed within 28 days",
        "89 91 90 80",
        "G",
        "flat",
    ),
    _i(
        "environment.emergencies",
        "% of emergency highway incidents attended within 2 hours of notification",
        "Emergency highway incidents attended within 2 hours of notification",
        "96 97 98 95",
        "A",
        "flat",
    ),
    _i(
        "environment.enquiries",
        "% of public enquiries for Highways maintenance reported online",
        "Percentage of public enquiries for Highways maintenance reported online",
        "64 64 60 55",
        "G",
        "flat",
    ),
    _i(
        "environment.waste",
        "% of municipal waste recycled or converted to energy and not taken to landfill – rolling 12 months",
        "Percentage of municipal waste recycled or converted to energy and not taken to landfill – rolling 12 months",
        "99.2 99.2 99 95",
        "G",
        "down",
        decimals=1,
    ),
    _i(
        "environment.emissions",
        "Greenhouse Gas emissions from KCC estate (excluding schools) in tonnes – rolling 12 months",
        "Greenhouse Gas emissions from KCC’s overall estate and operations (excluding schools) in tonnes – rolling "
        "12 months",
        "10,323 10,985 10,797 11,877",
        "G",
        "up",
        unit="",
    ),
    _i(
        "environment.paths",
        "% of public rights of way faults made safe within timescale",
        "Percentage of public rights of way faults made safe within timescale",
        "88 88 90 80",
        "A",
        "flat",
        since=_Q1_25,
    ),
    _i(
        "education.ehcp",
        "% of Education, Health Care Plans (EHCPs) issued within 20 weeks – rolling 12 months",
        "Percentage of Education, Health, and Care Plans (EHCPs) issued within 20 weeks – rolling 12 months",
        "34 26 60 55",
        "R",
        "flat",
    ),
    _i(
        "education.reviews",
        "% of annual EHCP reviews waiting over 12 months",
        "Percentage of annual EHCP reviews waiting over 12 months",
        "35 34 50 60",
        "G",
        "up",
    ),
    _i(
        "education.independent",
        "% of pupils (with EHCP’s) being placed in independent or out of county special schools",
        "Percentage of pupils (with EHCP’s) being placed in independent or out of county special schools",
        "10.5 10.3 9.0 10.5",
        "A",
        "up",
        decimals=1,
    ),
    _i(
        "education.exclusions",
        "% of pupils permanently excluded from school – rolling 12 months",
        "Percentage of pupils permanently excluded from school – rolling 12 months",
        "0.04 0.04 0.02 0.04",
        "A",
        "flat",
        decimals=2,
    ),
    _i(
        "education.entrants",
        "Rate of first-time entrants to youth justice system – rolling 12 months",
        "Rate of first-time entrants to youth justice system per 100,000 (aged 10-17) – rolling 12 months",
        "175 190 180 240",
        "A",
        "up",
        unit="",
    ),
    _i(
        "education.schools",
        "% of all schools with Good or Outstanding Ofsted inspection judgements",
        "Percentage of all schools with Good or Outstanding Ofsted inspection judgements",
        "92 92 90 85",
        "G",
        "flat",
        until=_Q2_24,
    ),
    _i(
        "education.early_years",
        "% of Early Years settings with Good or Outstanding Ofsted inspection judgements",
        "Percentage of Early Years settings with Good or Outstanding Ofsted inspection judgements (childcare on "
        "non-domestic premises)",
        "97 97 96 90",
        "G",
        "flat",
        until=_Q2_24,
    ),
    _i(
        "children.early_help",
        "% of Early Help cases closed with outcomes achieved that come back to social care teams within 3 months",
        "Percentage of Early Help cases closed with outcomes achieved that come back to Early Help or Children’s "
        "Social Work teams within 3 months",
        "14.9 15.2 15 20",
        "A",
        "flat",
        decimals=1,
    ),
    _i(
        "children.posts",
        "% of case holding posts filled by permanent qualified social workers",
        "Percentage of case holding posts filled by permanent qualified social workers",
        "75.2 74.7 85 75",
        "R",
        "flat",
        decimals=1,
    ),
    _i(
        "children.repeats",
        "% of children social care referrals that were repeat referrals within 12 months",
        "Percentage of children’s social care referrals that were repeat referrals within 12 months",
        "22.2 23.4 25 30",
        "G",
        "flat",
        decimals=1,
    ),
    _i(
        "children.fostering",
        "% of foster care placements which are in-house or with relatives and friends (excluding UASC)",
        "Percentage foster care placements which are in-house or with relatives and friends (excluding UASC)",
        "73.2 72.7 85 75",
        "R",
        "down",
        decimals=1,
    ),
    _i(
        "children.households",
        "Number of foster households",
        "Number of foster households",
        "613 612 700 650",
        "R",
        "down",
        unit="",
    ),
    _i(
        "children.leavers",
        "% of care leavers in education, employment or training (of those KCC is in touch with)",
        "Percentage of care leavers in education, employment or training (of those KCC is in touch with)",
        "53.6 54.3 65 55",
        "R",
        "down",
        decimals=1,
    ),
    _i(
        "children.strengthening",
        "Percentage of reviews completed within timescale by the Strengthening Independence Service (18-25)",
        "Percentage of reviews completed within timescale by the Strengthening Independence Service (18-25)",
        "59.1 59.6 65 55",
        "A",
        "flat",
        decimals=1,
        since=_Q1_24,
    ),
    _i(
        "children.settled",
        "Percentage of Learning Disability Young People in Settled Accommodation",
        "Percentage of Learning Disability Young People in Settled Accommodation",
        "98.6 98.1 95 90",
        "G",
        "up",
        decimals=1,
    ),
    _i(
        "adults.contact",
        "% of people who have their contact resolved by ASCH but then make contact again within 3 months",
        "Percentage of people who have their contact resolved by ASCH but then make contact again within 3 months",
        "4 6 5 9",
        "A",
        "flat",
    ),
    _i(
        "adults.assessments",
        "Proportion of new Care Needs Assessments delivered within 28 days",
        "Proportion of new Care Needs Assessments delivered within 28 days",
        "74 75 85 75",
        "A",
        "flat",
    ),
    _i(
        "adults.direct_payments",
        "% of people receiving a long-term community service who receive Direct Payments",
        "Proportion of people receiving a long-term community service who receive Direct Payments",
        "26 26 30 24",
        "A",
        "up",
    ),
    _i(
        "adults.home",
        "Proportion of older people (65+) who were still at home 91 days after discharge from hospital into "
        "reablement / rehabilitation services",
        "Proportion of older people (65+) who were still at home 91 days after discharge from hospital into "
        "reablement / rehabilitation services",
        "84 83 85 80",
        "A",
        "flat",
        note="Counted by the date of discharge, so this figure is one quarter behind the others.",
    ),
    _i(
        "adults.residential",
        "Long Term support needs of older people (65 and over) met by admission to residential and nursing care "
        "homes, per 100,000",
        "Long Term support needs of older people (65 and over) met by admission to residential and nursing care "
        "homes, per 100,000 (Better Care Fund)",
        "553 562 588 617",
        "G",
        "up",
        unit="",
        note="A rolling year, reported one quarter in arrears so that quarters compare.",
    ),
    _i(
        "adults.cqc",
        "% of KCC supported people in residential or nursing care where the CQC rating is Good or Outstanding",
        "Percentage of KCC supported people in residential or nursing care where the CQC rating is Good or Outstanding",
        "76 76 80 75",
        "A",
        "flat",
    ),
    _i(
        "health.checks",
        "Number of eligible people receiving an NHS Health Check – rolling 12 months",
        "Number of eligible people receiving an NHS Health Check (Rolling 12 months)",
        "33,550 33,194 31,000 24,800",
        "G",
        "up",
        unit="",
    ),
    _i(
        "health.visiting",
        "Number of mandated universal checks delivered by the health visiting service – rolling 12 months",
        "Number of mandated universal checks delivered by the health visiting service (Rolling 12 months)",
        "67,008 66,746 68,000 54,400",
        "A",
        "flat",
        unit="",
        note="* The provider has corrected its figures for earlier quarters.",
    ),
    _i(
        "health.screens",
        "% of all new first-time patients (at any clinic) receiving a full sexual health screen (excluding online "
        "referrals)",
        "Percentage of all new first-time patients (at any clinic) receiving a full sexual health screen (excluding "
        "online referrals)",
        "65 65 72 58",
        "A",
        "down",
        since=_Q1_24,
    ),
    _i(
        "health.substances",
        "Number of Adults accessing structured substance misuse treatment during a rolling 12-month period",
        "Number of Adults accessing structured substance misuse treatment during a rolling 12-month period",
        "5,534 5,473 5,998 5,000",
        "A",
        "up",
        unit="",
        note="The last month of the quarter was not available when this was written.",
    ),
    _i(
        "health.completion",
        "Successful completion of drug and alcohol treatment",
        "Successful completion of drug and alcohol treatment – rolling 12 months",
        "27.4 28.2 25 20",
        "G",
        "up",
        decimals=1,
    ),
    _i(
        "health.live_well",
        "% of Live Well clients who would recommend the service to family, friends or someone in a similar situation",
        "Percentage of Live Well clients who would recommend the service to family, friends, or someone in a similar "
        "situation",
        "99.2 99.6 98 91",
        "G",
        "flat",
        decimals=1,
    ),
)
_BY_KEY = {indicator.key: indicator for indicator in INDICATORS}

# Red from one end of the story to the other, as in the real papers.
_ALWAYS_RED = frozenset({"complaints", "foi", "sar", "ehcp"})

# In these editions the indicator stands in the list without a rating: no data had come.
_UNRATED = {"screens": (_Q1_24, _Q2_24)}

# green, amber, red, improving, stable, worsening over the whole council. Up to
# Quarter 3 2024/25 as published; after that invented, apart from the ratings of
# Quarters 2 and 3 2025/26.
_TOTALS = {
    Edition(2022, 4): (15, 10, 13, 2, 25, 11),  # 37 were published; only its "previous" column shows here
    Edition(2023, 1): (16, 11, 11, 4, 24, 10),
    Edition(2023, 2): (15, 15, 8, 7, 19, 12),
    Edition(2023, 3): (17, 12, 9, 7, 20, 11),
    Edition(2023, 4): (17, 11, 10, 9, 20, 9),
    Edition(2024, 1): (17, 14, 8, 11, 21, 7),
    Edition(2024, 2): (16, 15, 8, 11, 22, 6),
    Edition(2024, 3): (17, 12, 9, 10, 22, 6),
    Edition(2024, 4): (18, 12, 8, 9, 23, 6),
    Edition(2025, 1): (19, 13, 7, 8, 25, 6),
    Edition(2025, 2): (20, 14, 5, 8, 26, 5),
    Edition(2025, 3): (18, 15, 6, 6, 29, 4),
    Edition(2025, 4): (18, 14, 7, 7, 27, 5),
    Edition(2026, 1): (17, 15, 7, 8, 25, 6),
    Edition(2026, 2): (16, 14, 9, 7, 24, 8),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class KpiFacts:
    """One indicator as one edition prints it."""

    indicator: Indicator
    value: float | None  # None where the paper has N/A
    target: float
    floor: float
    rag: str | None
    previous_value: float | None
    previous_rag: str | None
    direction: str | None
    history: tuple[float | None, ...]  # six quarters up to this one, for the chart
    listed_direction: str | None = None  # in the summary's list, where that differs

    @property
    def lower_is_better(self) -> bool:
        return self.target < self.floor

    def text(self, value: float | None) -> str:
        """A figure as the paper prints it."""
        return "N/A" if value is None else f"{value:,.{self.indicator.decimals}f}{self.indicator.unit}"

    def limit_text(self, value: float) -> str:
        """A target or floor: whole percentages without a decimal place."""
        decimals = self.indicator.decimals if value != int(value) or self.indicator.decimals == 2 else 0
        return f"{value:,.{decimals}f}{self.indicator.unit}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """How many indicators have which rating and direction."""

    green: int
    amber: int
    red: int
    improving: int
    stable: int
    worsening: int

    def row(self) -> tuple[int, int, int, int, int, int]:
        return (self.green, self.amber, self.red, self.improving, self.stable, self.worsening)


def counted(kpis: Sequence[KpiFacts]) -> Counts:
    """The council's own count: of what its list says, where list and page differ."""
    rags = [kpi.rag for kpi in kpis]
    directions = [kpi.listed_direction or kpi.direction for kpi in kpis]
    return Counts(
        green=rags.count(GREEN),
        amber=rags.count(AMBER),
        red=rags.count(RED),
        improving=directions.count(IMPROVING),
        stable=directions.count(STABLE),
        worsening=directions.count(WORSENING),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table of numbers: `rows` hold one value a column; the total row is the columns' sums."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, tuple[float, ...]], ...]
    total: tuple[float, ...] = ()  # as printed, empty for none


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskFacts:
    """One corporate risk that the edition names."""

    code: str
    title: str
    change: str  # "New Risk", "Risk Withdrawn", "Risk Reductions", "Risk Increase", "Risk Revision"
    text: str
    level: str = ""  # where the text says so


@dataclass(frozen=True, slots=True, kw_only=True)
class Contradiction:
    """A place where the paper says two different things."""

    check: str  # the check of the service that should see it
    subject: str  # service or indicator
    stated: str
    computed: str


@dataclass(frozen=True, slots=True, kw_only=True)
class QuarterFacts:
    """Everything that one edition's papers say."""

    edition: Edition
    invented: bool  # True after Quarter 3 2024/25: nothing in it is Kent's
    kpis: tuple[KpiFacts, ...]
    previous_counts: Counts  # of the whole council one quarter earlier
    previous_by_service: Mapping[str, Counts]
    printed_summary: Mapping[str, Counts]  # service key -> the summary table's row, contradictions included
    said_green: Mapping[str, int]  # service key -> the count in the running text, contradictions included
    complaints: Table
    calls: Table
    take_up: Table
    casualties: Table
    risk_months: tuple[date, date]
    risk_levels: tuple[tuple[int, int, int], tuple[int, int, int]]  # low, medium, high: before and now
    risks: tuple[RiskFacts, ...]
    contradictions: tuple[Contradiction, ...] = ()

    @property
    def counts(self) -> Counts:
        return counted(self.kpis)

    @property
    def kpi_total(self) -> int:
        return len(self.kpis)

    def of(self, service: str) -> list[KpiFacts]:
        return [kpi for kpi in self.kpis if kpi.indicator.service == service]

    def kpi(self, key: str) -> KpiFacts:
        return next(kpi for kpi in self.kpis if kpi.indicator.key == key)


# --- how the single figures come about --------------------------------------


def rate(value: float, target: float, floor: float) -> str:
    """Kent's rule: inclusive at both edges; a target below its floor means that less is better.

    >>> rate(97, 97, 90), rate(10.5, 9, 10.5), rate(74, 85, 75)
    ('green', 'amber', 'red')
    """
    sign = 1 if target >= floor else -1
    if sign * value >= sign * target:
        return GREEN
    return AMBER if sign * value >= sign * floor else RED


class _Reading(NamedTuple):
    value: float | None
    rag: str | None
    direction: str | None


def members(edition: Edition) -> tuple[Indicator, ...]:
    """The indicators of an edition, in the paper's order."""
    return tuple(i for i in INDICATORS if i.since <= edition <= i.until)


def limits(indicator: Indicator, edition: Edition) -> tuple[float, float]:
    """Target and floor in an edition. Targets are set for a financial year, some step within it."""
    target, floor = indicator.target, indicator.floor
    if indicator.key == "emissions":  # a step downwards every quarter
        steps = KNOWN.number - edition.number
        return round(target + 330 * steps), round(floor + 363 * steps)
    if edition >= _Q1_25:
        if indicator.key == "households":  # made easier
            return 660, 600
        if indicator.key == "enquiries":  # made harder
            return 62, 57
    if edition >= Edition(2026, 1):
        if indicator.key == "leavers":
            return 60, 50
        if indicator.key == "contact":
            return 5, 8
    return target, floor


def _walked_totals(edition: Edition) -> tuple[int, int, int, int, int, int]:
    """Totals for quarters that no table has: near the last ones, seeded by the quarter."""
    rng = random.Random(f"totals {edition.number}")
    green = rng.randint(15, 20)
    red = rng.randint(6, 10)
    improving, worsening = rng.randint(5, 10), rng.randint(4, 9)
    rated = len(members(edition))
    return green, rated - green - red, red, improving, rated - improving - worsening, worsening


def _totals(edition: Edition) -> tuple[int, int, int, int, int, int]:
    return _TOTALS.get(edition) or _walked_totals(edition)


def _value(indicator: Indicator, edition: Edition, rag: str, near: float, rng: random.Random) -> float:
    """A plausible figure with that rating, not far from its neighbour in time."""
    target, floor = limits(indicator, edition)
    step = 10.0**-indicator.decimals
    gap = abs(target - floor)
    sign = 1 if target >= floor else -1
    low, high = {
        GREEN: (target, target + sign * gap),
        AMBER: (floor, target - sign * step),
        RED: (floor - sign * max(gap * 4, step), floor - sign * step),
    }[rag]
    low, high = sorted((low, high))
    low = max(low, 0.0)
    if indicator.unit == "%":
        high = min(high, 100.0)
    value = min(max(near + rng.gauss(0, 0.12) * gap, low), high)
    value = round(value, indicator.decimals)
    while rate(value, target, floor) != rag:  # rounding crossed a line
        value = round(value + (step if value < (low + high) / 2 else -step), indicator.decimals)
    return value


def _moved(
    labels: dict[str, str], wanted: Sequence[tuple[str, int]], fixed: frozenset[str], rng: random.Random
) -> None:
    """Changes as few labels as needed to reach the counts; only neighbours in `wanted` change places."""
    order = [label for label, _ in wanted]
    first, middle, last = order
    counts = dict(wanted)

    def move(here: str, there: str) -> None:
        free = sorted(key for key, label in labels.items() if label == here and key not in fixed)
        labels[rng.choice(free)] = there

    while True:
        have = {label: list(labels.values()).count(label) for label in order}
        if have[first] != counts[first]:
            move(*((first, middle) if have[first] > counts[first] else (middle, first)))
        elif have[last] != counts[last]:
            move(*((last, middle) if have[last] > counts[last] else (middle, last)))
        else:
            return


def _neighbour(edition: Edition, beside: Mapping[str, _Reading]) -> dict[str, _Reading]:
    """An edition's readings made from those of the quarter beside it, within the edition's totals."""
    rng = random.Random(f"kccwatch {edition.number}")
    rated = [i for i in members(edition) if edition not in _UNRATED.get(i.key, ())]
    rags = {i.key: (beside[i.key].rag if i.key in beside else None) or AMBER for i in rated}
    ways = {i.key: (beside[i.key].direction if i.key in beside else None) or STABLE for i in rated}
    green, amber, red, improving, stable, worsening = _totals(edition)
    free = sorted(set(rags) - _ALWAYS_RED)
    for label, other in ((AMBER, RED), (GREEN, AMBER), (AMBER, GREEN)):  # some change in every quarter
        rags[rng.choice([key for key in free if rags[key] == label])] = other
    _moved(rags, ((GREEN, green), (AMBER, amber), (RED, red)), _ALWAYS_RED, rng)
    for key in rng.sample(free, 4):
        ways[key] = rng.choice((IMPROVING, STABLE, WORSENING))
    _moved(ways, ((IMPROVING, improving), (STABLE, stable), (WORSENING, worsening)), frozenset(), rng)

    made: dict[str, _Reading] = {}
    for indicator in members(edition):
        key = indicator.key
        if key not in rags:
            made[key] = _Reading(None, None, None)
            continue
        near = beside[key].value if key in beside else None
        value = _value(indicator, edition, rags[key], indicator.value if near is None else near, rng)
        made[key] = _Reading(value, rags[key], ways[key])
    return made


@cache
def _readings(edition: Edition) -> Mapping[str, _Reading]:
    """Value, rating and direction of every indicator in an edition."""
    if edition == KNOWN:
        return {i.key: _Reading(i.value, rate(i.value, i.target, i.floor), i.direction) for i in members(edition)}
    if edition == _Q2_24:
        return _second_quarter()
    beside = edition.plus(1) if edition < KNOWN else edition.plus(-1)
    return _neighbour(edition, _readings(beside))


def _second_quarter() -> Mapping[str, _Reading]:
    """Quarter 2 2024/25: what the next report prints as "previous"; only the directions are made up."""
    rng = random.Random("second quarter")
    rated = [i for i in members(_Q2_24) if i.key != "screens"]
    ways = {i.key: i.direction for i in rated}
    *_, improving, stable, worsening = _totals(_Q2_24)
    _moved(ways, ((IMPROVING, improving), (STABLE, stable), (WORSENING, worsening)), frozenset(), rng)
    made = {i.key: _Reading(i.previous, i.previous_rag, ways[i.key]) for i in rated}
    return made | {"screens": _Reading(None, None, None)}


def _history(key: str, edition: Edition) -> tuple[float | None, ...]:
    values: list[float | None] = []
    for back in range(5, -1, -1):
        earlier = max(edition.plus(-back), FIRST)
        reading = _readings(earlier).get(key)
        values.append(reading.value if reading else None)
    return tuple(values)


def _kpis(edition: Edition) -> tuple[KpiFacts, ...]:
    now, before = _readings(edition), _readings(edition.plus(-1))
    kpis = []
    for indicator in members(edition):
        target, floor = limits(indicator, edition)
        reading = now[indicator.key]
        earlier = before.get(indicator.key, _Reading(None, None, None))
        if edition == KNOWN:  # its "previous" column is known also where the report before had no data
            earlier = _Reading(indicator.previous, indicator.previous_rag, None)
        kpis.append(
            KpiFacts(
                indicator=indicator,
                value=reading.value,
                target=target,
                floor=floor,
                rag=reading.rag,
                previous_value=earlier.value,
                previous_rag=earlier.rag,
                direction=reading.direction,
                history=_history(indicator.key, edition),
            )
        )
    return tuple(kpis)


# --- tables -----------------------------------------------------------------

# Service: 12 months to Dec 23, 12 months to Dec 24, quarter to Sep 24, quarter to Dec 24, as published.
_COMPLAINTS = (
    ("Highways and Transportation", 2902, 2355, 642, 422),
    ("Adult Social Services", 969, 1066, 318, 250),
    ("Integrated Children’s Services", 371, 399, 103, 122),
    ("SEN", 596, 615, 162, 92),
    ("Environment and Waste", 161, 421, 107, 72),
    ("Growth & Communities (inc Libraries, Registrations and Archives)", 226, 241, 74, 42),
    ("Education & Young People’s Services", 148, 135, 55, 22),
    ("Chief Executive’s Department and Deputy Chief Executive’s Department", 227, 134, 39, 20),
    ("Adult Education", 47, 50, 12, 5),
)


def _shares(total: int, weights: Sequence[int]) -> list[int]:
    """Whole numbers in about those proportions that add up to the total."""
    parts = [total * weight // sum(weights) for weight in weights]
    parts[-1] += total - sum(parts)
    return parts


@cache
def _complaint_series(row: int) -> Mapping[int, int]:
    """Complaints of one service by quarter number, meeting the published sums."""
    service, year_before, year, third, fourth = _COMPLAINTS[row]
    known = KNOWN.number
    series = {known: fourth, known - 1: third}
    series[known - 2], series[known - 3] = _shares(year - third - fourth, (52, 48))
    series |= {known - 7 + n: part for n, part in enumerate(_shares(year_before, (24, 26, 27, 23)))}
    rng = random.Random(f"complaints {service}")
    for n in range(known - 8, known - 24, -1):
        series[n] = round(series[n + 4] * rng.uniform(0.88, 1.08))
    for n in range(known + 1, known + 60):
        growth = rng.uniform(1.16, 1.3) if service == "SEN" else rng.uniform(0.86, 1.1)
        series[n] = min(round(series[n - 4] * growth), 4000)
    return series


def _complaints(edition: Edition) -> Table:
    n = edition.number
    rows: list[tuple[str, tuple[float, ...]]] = []
    for row, (service, *_) in enumerate(_COMPLAINTS):
        series = _complaint_series(row)
        year, year_before = (sum(series[k] for k in range(end - 3, end + 1)) for end in (n, n - 4))
        rows.append((service, (year_before, year, series[n - 1], series[n])))
    return Table(
        columns=(
            f"12 mths to {edition.plus(-4).end_month}",
            f"12 mths to {edition.end_month}",
            f"Quarter to {edition.plus(-1).end_month}",
            f"Quarter to {edition.end_month}",
        ),
        rows=tuple(rows),
        total=tuple(sum(values[column] for _, values in rows) for column in range(4)),
    )


# Calls in thousands, January 2024 to December 2024 by quarter, as published.
_CALLS = (
    ("Adult Social Care", (26, 24, 25, 24)),
    ("Integrated Children’s Services", (18, 18, 19, 19)),
    ("Highways", (16, 13, 13, 11)),
    ("Blue Badges", (10, 12, 13, 9)),
    ("Schools and Early Years", (9, 8, 9, 6)),
    ("Transport Services", (7, 6, 12, 6)),
    ("Registrations", (6, 5, 5, 6)),
    ("Waste and Recycling", (5, 8, 8, 5)),
    ("Libraries and Archives", (6, 5, 5, 5)),
    ("Adult Education", (5, 3, 7, 3)),
    ("Main line", (3, 3, 3, 3)),
    ("Driver improvement", (2, 2, 2, 1)),
    ("Other Services", (2, 2, 2, 1)),
    ("KSAS*", (2, 2, 1, 1)),
)


@cache
def _call_series(row: int) -> Mapping[int, int]:
    """Single calls by quarter number; they round to the published thousands where there are any."""
    service, quarters = _CALLS[row]
    rng = random.Random(f"calls {service}")
    known = KNOWN.number
    series = {known - 3 + n: thousands * 1000 + rng.randint(-450, 450) for n, thousands in enumerate(quarters)}
    for n in range(known - 4, known - 24, -1):
        series[n] = round(series[n + 4] * rng.uniform(1.0, 1.1))
    for n in range(known + 1, known + 60):
        series[n] = round(series[n - 4] * rng.uniform(0.93, 1.03))
    return series


def _calls(edition: Edition) -> Table:
    """Thousands, each rounded by itself, so that the columns need not add up: the paper says so."""
    n = edition.number
    exact = []
    for row, (service, _) in enumerate(_CALLS):
        series = _call_series(row)
        quarters = [series[k] for k in range(n - 3, n + 1)]
        before = sum(series[k] for k in range(n - 7, n - 3))
        exact.append((service, (*quarters, before, sum(quarters))))
    columns = []
    for back in range(3, -1, -1):
        quarter = edition.plus(-back)
        columns.append(f"{MONTHS[quarter.period_start.month - 1]} – {quarter.end_month}")
    return Table(
        columns=(*columns, f"12m to {edition.plus(-4).end_month}", f"12m to {edition.end_month}"),
        rows=tuple((service, tuple(round(v / 1000) for v in values)) for service, values in exact),
        total=tuple(round(sum(values[c] for _, values in exact) / 1000) for c in range(6)),
    )


# Online share in per cent by quarter of 2024, and transactions in twelve months, as published.
_TAKE_UP = (
    ("Renew a library book*", (83, 80, 83, 85), 1_043_275),
    ("Report a Highways Fault", (74, 70, 64, 64), 116_378),
    ("Book a Driver Improvement Course", (91, 91, 91, 87), 46_751),
    ("Apply for or renew a Blue Badge", (84, 86, 88, 87), 21_663),
    ("Book a Birth Registration appointment", (91, 92, 92, 91), 18_066),
    ("Apply for a Concessionary Bus Pass", (78, 76, 78, 78), 17_798),
    ("Report a Public Right of Way Fault", (88, 87, 87, 88), 7_117),
    ("Apply for a HWRC recycling voucher", (99, 100, 99, 100), 6_159),
)


@cache
def _take_up_series(row: int) -> Mapping[int, tuple[int, int]]:
    """Per cent online and transactions of twelve months, by quarter number."""
    name, shares, transactions = _TAKE_UP[row]
    rng = random.Random(f"take-up {name}")
    known = KNOWN.number
    series = {known - 3 + n: (share, round(transactions * rng.uniform(0.97, 1.0))) for n, share in enumerate(shares)}
    series[known] = (shares[-1], transactions)

    def beside(share: int, count: int) -> tuple[int, int]:
        return min(100, max(40, share + rng.randint(-2, 2))), round(count * rng.uniform(0.98, 1.02))

    for n in range(known - 4, known - 24, -1):
        series[n] = beside(*series[n + 1])
    for n in range(known + 1, known + 60):
        series[n] = beside(*series[n - 1])
    return series


def _take_up(edition: Edition) -> Table:
    n = edition.number
    columns = []
    for back in range(3, -1, -1):
        quarter = edition.plus(-back)
        start = f"{MONTHS[quarter.period_start.month - 1]} {quarter.period_start.year % 100:02d}"
        columns.append(f"Online {start} – {quarter.end_month}")
    rows = []
    for row, (name, *_) in enumerate(_TAKE_UP):
        series = _take_up_series(row)
        rows.append((name, (*(float(series[k][0]) for k in range(n - 3, n + 1)), float(series[n][1]))))
    return Table(columns=(*columns, "Total Transactions Last 12 Months"), rows=tuple(rows))


def _casualties(edition: Edition) -> Table:
    """Fatal, serious, slight and all casualties of the same quarter in three years; the known ones as published."""
    years = (edition.year, edition.year - 1, 2019)
    rows = []
    for year in years:
        figures = {2024: (4, 215, 650), 2023: (8, 176, 748), 2019: (5, 144, 935)}.get(year)
        if figures is None or edition.quarter != KNOWN.quarter:
            rng = random.Random(f"roads {year} {edition.quarter}")
            figures = (rng.randint(3, 14), rng.randint(140, 220), rng.randint(620, 940))
        rows.append((f"{year}/{(year + 1) % 100:02d}", (*map(float, figures), float(sum(figures)))))
    return Table(columns=("Fatal", "Serious", "Slight", "Total"), rows=tuple(rows))


# --- risks ------------------------------------------------------------------

_RISK_TITLES = {
    "CRR0003": "Securing resources to aid economic recovery and enabling infrastructure",
    "CRR0009": "Future financial and operating environment for local government",
    "CRR0014": "Technological resilience and information security",
    "CRR0039": "Information governance",
    "CRR0042": "Border fluidity, infrastructure, and regulatory arrangements",
    "CRR0052": "Adaptation of KCC Services to Climate Change impacts",
    "CRR0056": "SEND and High Needs funding",
    "CRR0058": "Capacity and capability of the workforce",
    "CRR0059": "Significant failure to deliver agreed budget savings and manage demand",
    "CRR0061": "Care Quality Commission (CQC) Assurance",
    "CRR0063": "Capacity to accommodate and care for Unaccompanied Asylum Seeking Children (UASC)",
    "CRR0065": "Implementation of Oracle Cloud Programme",
}

_KNOWN_RISKS = (
    ("CRR0065", "New Risk", "High"),
    ("CRR0061", "Risk Withdrawn", ""),
    ("CRR0063", "Risk Reductions", "Medium"),
    ("CRR0042", "Risk Reductions", "High"),
    ("CRR0052", "Risk Revision", "Medium"),
)

_RISK_TEXTS = {
    "New Risk": "This has been put on the register because so much else depends on it, and it stands at {level}.",
    "Risk Withdrawn": "This has come off the corporate register and is watched by the service from now on.",
    "Risk Reductions": "Work since the last report has brought the score down; the risk is now rated {level}.",
    "Risk Increase": "Demand has grown faster than planned, and the risk has been raised to {level}.",
    "Risk Revision": "The wording has been changed to say more plainly what could go wrong; it is rated {level}.",
}


@cache
def _risk_levels(edition: Edition) -> tuple[int, int, int]:
    """Low, medium and high risks when the edition was written."""
    if edition == KNOWN:
        return 0, 5, 12
    if edition == KNOWN.plus(-1):
        return 0, 3, 13
    beside = edition.plus(1) if edition < KNOWN else edition.plus(-1)
    rng = random.Random(f"risks {edition.number}")
    low, medium, high = _risk_levels(beside)
    # A quarter names as many new risks as withdrawn ones, so their number stays.
    moved = min(7, max(2, medium + rng.choice((-1, 0, 1)))) - medium
    return low, medium + moved, high - moved


def _risks(edition: Edition) -> tuple[RiskFacts, ...]:
    named: Sequence[tuple[str, str, str]] = _KNOWN_RISKS
    if edition != KNOWN:
        rng = random.Random(f"named risks {edition.number}")
        codes = rng.sample(sorted(_RISK_TITLES), 3)
        new = f"CRR00{66 + max(0, edition.number - KNOWN.number):02d}" if edition > KNOWN else "CRR0060"
        named = (
            (new, "New Risk", "High"),
            (codes[0], "Risk Withdrawn", ""),
            (codes[1], "Risk Increase", "High"),
            (codes[2], "Risk Reductions", "Medium"),
        )
    return tuple(
        RiskFacts(
            code=code,
            title=_RISK_TITLES.get(code, "Continuity of services that other bodies provide"),
            change=change,
            text=_RISK_TEXTS[change].format(level=level),
            level=level.lower(),
        )
        for code, change, level in named
    )


def _months_after(day: date, months: int) -> date:
    return date(day.year + (day.month - 1 + months) // 12, (day.month - 1 + months) % 12 + 1, 1)


# --- an edition -------------------------------------------------------------


@cache
def quarter_facts(edition: Edition) -> QuarterFacts:
    """The edition without contradictions. Raises ValueError before Quarter 1 2023/24."""
    if edition < FIRST:
        raise ValueError(f"the story begins with {FIRST}, asked for {edition}")
    kpis = _kpis(edition)
    before = _readings(edition.plus(-1))
    earlier = [
        KpiFacts(
            indicator=_BY_KEY[key],
            value=reading.value,
            target=0,
            floor=0,
            rag=reading.rag,
            previous_value=None,
            previous_rag=None,
            direction=reading.direction,
            history=(),
        )
        for key, reading in before.items()
    ]
    summary = {s.key: counted([k for k in kpis if k.indicator.service == s.key]) for s in SERVICES}
    written = _months_after(edition.period_end, 2)
    return QuarterFacts(
        edition=edition,
        invented=edition > KNOWN,
        kpis=kpis,
        previous_counts=counted(earlier),
        previous_by_service={s.key: counted([k for k in earlier if k.indicator.service == s.key]) for s in SERVICES},
        printed_summary=summary,
        said_green={key: counts.green for key, counts in summary.items()},
        complaints=_complaints(edition),
        calls=_calls(edition),
        take_up=_take_up(edition),
        casualties=_casualties(edition),
        risk_months=(_months_after(written, -3), written),
        risk_levels=(_risk_levels(edition.plus(-1)), _risk_levels(edition)),
        risks=_risks(edition),
    )


def contradicted(facts: QuarterFacts) -> QuarterFacts:
    """The same edition with five places where it disagrees with itself or with the report before.

    The running text on one service counts one Green too few; another service's row of
    the summary table is off by one while the total is right; one indicator has a
    figure that its printed rating does not follow from; one arrow in the list differs
    from the indicator's own page; one previous figure is not what was published.
    """
    rng = random.Random(f"contradictions {facts.edition.number}")
    notes = []

    told = max(SERVICES, key=lambda s: len(facts.of(s.key)))
    true_green = facts.printed_summary[told.key].green
    said = true_green - 1 if true_green else 1
    notes.append(
        Contradiction(
            check="narrative_matches_table",
            subject=told.heading,
            stated=f"{said} green",
            computed=f"{true_green} green",
        )
    )

    listed = next(s for s in reversed(SERVICES) if s.key != told.key and facts.printed_summary[s.key].amber)
    true_row = facts.printed_summary[listed.key]
    notes.append(
        Contradiction(
            check="summary_matches_rows",
            subject=listed.name,
            stated=f"{true_row.amber - 1} amber",
            computed=f"{true_row.amber} amber",
        )
    )

    free = [k for k in facts.kpis if k.rag == AMBER and k.previous_value is not None]
    rated, arrowed, restated = rng.sample(free, 3)
    below = rated.floor + (1 if rated.lower_is_better else -1) * 10.0**-rated.indicator.decimals
    below = round(below, rated.indicator.decimals)
    wrong_value = replace(rated, value=below, history=(*rated.history[:-1], below))
    notes.append(
        Contradiction(
            check="rating_matches_value",
            subject=rated.indicator.title,
            stated=AMBER,
            computed=rate(below, rated.target, rated.floor),
        )
    )
    other_way = IMPROVING if arrowed.direction != IMPROVING else STABLE
    wrong_arrow = replace(arrowed, listed_direction=arrowed.direction, direction=other_way)
    notes.append(
        Contradiction(
            check="headline_matches_detail",
            subject=arrowed.indicator.title,
            stated=str(arrowed.direction),
            computed=other_way,
        )
    )
    assert restated.previous_value is not None
    step = 10.0**-restated.indicator.decimals
    shifted = round(restated.previous_value + (step if restated.previous_value < restated.target else -step), 4)
    wrong_previous = replace(restated, previous_value=shifted)
    notes.append(
        Contradiction(
            check="previous_matches_last_report",
            subject=restated.indicator.title,
            stated=restated.text(shifted),
            computed=restated.text(restated.previous_value),
        )
    )
    changed = {k.indicator.key: k for k in (wrong_value, wrong_arrow, wrong_previous)}
    return replace(
        facts,
        kpis=tuple(changed.get(k.indicator.key, k) for k in facts.kpis),
        said_green={**facts.said_green, told.key: said},
        printed_summary={**facts.printed_summary, listed.key: replace(true_row, amber=true_row.amber - 1)},
        contradictions=tuple(notes),
    )


def following(facts: QuarterFacts) -> QuarterFacts:
    """The next edition, its "previous" column as this one printed it, contradictions and all."""
    following_facts = quarter_facts(facts.edition.plus(1))
    printed = {k.indicator.key: k for k in facts.kpis}
    return replace(
        following_facts,
        kpis=tuple(
            replace(k, previous_value=printed[k.indicator.key].value, previous_rag=printed[k.indicator.key].rag)
            if k.indicator.key in printed
            else k
            for k in following_facts.kpis
        ),
    )


# --- the Ombudsman ----------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class OmbudsmanYear:
    """One year's statistics; `wording` is the generation of the page (1-3)."""

    year: int  # the one that it starts in
    wording: int
    investigations: int
    upheld: int
    upheld_average: int  # per cent in similar authorities
    per_100k: float
    per_100k_average: float
    compliance: int
    compliance_outcomes: int
    remedies: int
    remedies_average: int
    dealt_with: int | None = None
    not_for_us: int | None = None
    assessed_and_closed: int | None = None

    @property
    def upheld_rate(self) -> int:
        return round(100 * self.upheld / self.investigations)

    @property
    def remedy_rate(self) -> int:
        return round(100 * self.remedies / self.upheld)

    @property
    def period(self) -> tuple[date, date]:
        return date(self.year, 4, 1), date(self.year + 1, 3, 31)


# As published up to 2024-25, whose compliance, remedies and average per head are
# made up; so is all of the year after it.
OMBUDSMAN_YEARS = (
    OmbudsmanYear(
        year=2022,
        wording=1,
        investigations=61,
        upheld=53,
        upheld_average=80,
        per_100k=3.4,
        per_100k_average=3.4,
        compliance=100,
        compliance_outcomes=51,
        remedies=4,
        remedies_average=6,
    ),
    OmbudsmanYear(
        year=2023,
        wording=2,
        investigations=94,
        upheld=76,
        upheld_average=85,
        per_100k=4.8,
        per_100k_average=4.5,
        compliance=98,
        compliance_outcomes=63,
        remedies=2,
        remedies_average=7,
    ),
    OmbudsmanYear(
        year=2024,
        wording=3,
        investigations=76,
        upheld=63,
        upheld_average=89,
        per_100k=3.9,
        per_100k_average=4.8,
        compliance=97,
        compliance_outcomes=58,
        remedies=3,
        remedies_average=8,
        dealt_with=291,
        not_for_us=87,
        assessed_and_closed=128,
    ),
    OmbudsmanYear(
        year=2025,
        wording=3,
        investigations=82,
        upheld=74,
        upheld_average=88,
        per_100k=4.6,
        per_100k_average=4.9,
        compliance=99,
        compliance_outcomes=67,
        remedies=5,
        remedies_average=8,
        dealt_with=318,
        not_for_us=95,
        assessed_and_closed=141,
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicReport:
    """A public interest report, as the statistics page lists it. All are made up."""

    slug: str
    reference: str
    title: str
    summary: str
    published_on: date
    category: str = "Education"
    sub_category: str = "Special educational needs"
    satisfied_on: date | None = None  # the line that appears on its page later


PUBLIC_REPORTS = (
    PublicReport(
        slug="county-left-families-waiting-for-answers",
        reference="22 090 114",
        title="County left families waiting for answers, Ombudsman finds",
        summary="A mother's complaint brought to light a pile of unanswered ones about special educational needs.",
        published_on=date(2023, 7, 6),
    ),
    PublicReport(
        slug="pupil-without-lessons-for-two-terms",
        reference="21 090 377",
        title="Pupil went without lessons for two terms",
        summary="Nobody arranged teaching for a boy who could not attend school, although a plan said what he needed.",
        published_on=date(2023, 1, 19),
        sub_category="Alternative provision",
        satisfied_on=date(2023, 9, 12),
    ),
)

NEXT_PUBLIC_REPORTS = (
    PublicReport(
        slug="carers-breaks-stopped-without-assessment",
        reference="24 090 262",
        title="Carers’ breaks stopped without an assessment",
        summary="Support for an unpaid carer ended overnight. The Ombudsman asks the Council to look at similar cases.",
        published_on=date(2026, 1, 1),  # of the day on which the replica publishes it
        category="Adult care services",
        sub_category="Assessment and care plan",
    ),
    PublicReport(
        slug="transport-appeals-decided-without-reasons",
        reference="25 090 418",
        title="School transport appeals decided without reasons",
        summary="Families were told no, and not why. The Council will hear the appeals again.",
        published_on=date(2026, 1, 1),
        sub_category="School transport",
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Improvement:
    """What the Council agreed to do after one case. All are made up."""

    reference: str
    category: str
    sub_category: str
    actions: tuple[str, ...]


IMPROVEMENTS = (
    Improvement(
        reference="24 003 150",
        category="Education",
        sub_category="Special educational needs",
        actions=(
            "Remind staff by written briefing that amended plans are due within the statutory time.",
            "Review how overdue annual reviews are brought to a manager’s attention, within three months.",
        ),
    ),
    Improvement(
        reference="23 090 771",
        category="Adult care services",
        sub_category="Charging",
        actions=("Publish a plain guide to disability-related costs and give it out with every financial assessment.",),
    ),
    Improvement(
        reference="23 090 508",
        category="Education",
        sub_category="Alternative provision",
        actions=(
            "Keep a register of children out of school and look at it every week.",
            "Share the lessons of this case with all area teams.",
            "Report to the committee on both within six months.",
        ),
    ),
)

NEXT_IMPROVEMENTS = (
    Improvement(
        reference="24 090 933",
        category="Education",
        sub_category="Special educational needs",
        actions=(
            "Produce an action plan for the complaints that wait longest, and send it to the Ombudsman.",
            "Apologise in writing to every family on that list.",
        ),
    ),
    Improvement(
        reference="25 090 126",
        category="Transport and highways",
        sub_category="Traffic management",
        actions=("Check that consultation replies are recorded before a traffic order is signed.",),
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionFacts:
    """One decision statement. All are made up."""

    reference: str
    category: str
    sub_category: str
    decision: str  # "Upheld", "Not upheld", "Closed after initial enquiries"
    decided_on: date
    summary: str
    remedy: str = ""


def decisions(before: date) -> tuple[DecisionFacts, ...]:
    """Statements of about two years up to a day: those that improvements came from, but for an expired one, "
    "and others."""
    kinds = (
        (
            "Education",
            "Special educational needs",
            "Upheld",
            "There was fault in how the Council kept a plan under review.",
        ),
        ("Education", "School transport", "Not upheld", "There was no fault in how the appeal was heard."),
        ("Adult care services", "Charging", "Upheld", "The Council was at fault for charging without an assessment."),
        (
            "Education",
            "Alternative provision",
            "Closed after initial enquiries",
            "We will not investigate this complaint.",
        ),
        (
            "Children’s care services",
            "Other",
            "Upheld",
            "The Council was at fault, and a family suffered injustice from it.",
        ),
    )
    made = []
    for n in range(23):
        category, sub_category, decision, summary = kinds[n % len(kinds)]
        made.append(
            DecisionFacts(
                reference=f"24 09{n // 10} {(n * 37) % 900 + 100:03d}",
                category=category,
                sub_category=sub_category,
                decision=decision,
                decided_on=before - timedelta(days=16 + 29 * n),
                summary=summary,
                remedy=f"£{150 + 50 * n}" if decision == "Upheld" else "",
            )
        )
    for n, improvement in enumerate(IMPROVEMENTS[:-1]):
        made.append(
            DecisionFacts(
                reference=improvement.reference,
                category=improvement.category,
                sub_category=improvement.sub_category,
                decision="Upheld",
                decided_on=before - timedelta(days=40 + 100 * n),
                summary="There was fault by the Council.",
                remedy="£300",
            )
        )
    return tuple(sorted(made, key=lambda case: case.decided_on, reverse=True))


# --- news -------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """One newspaper article."""

    number: int  # its identity: stands at the end of its address
    section: str  # town, or "kent"
    headline: str
    paragraphs: tuple[str, ...]
    author: str = "Charlie Penfold"
    keywords: tuple[str, ...] = ()


def report_story(facts: QuarterFacts, number: int) -> Story:
    """What a local paper makes of an edition: its counts, right."""
    counts = facts.counts
    missed = counts.amber + counts.red
    return Story(
        number=number,
        section="kent",
        headline=f"County council off target in {missed} of {facts.kpi_total} areas",
        paragraphs=(
            f"Kent County Council (KCC) did not reach its targets in {missed} of {facts.kpi_total} areas in the "
            f"{('first', 'second', 'third', 'fourth')[facts.edition.quarter - 1]} quarter of "
            f"{facts.edition.year}-{(facts.edition.year + 1) % 100:02d}, its Quarterly Performance Report shows.",
            f"{in_words(counts.red).capitalize()} indicators were rated red and {in_words(counts.amber)} amber, "
            f"while {in_words(counts.green)} were green.",
            "Education, Health and Care Plans written within 20 weeks are once more among those in red.",
            f"The council received {int(facts.complaints.total[3]):,} complaints in the quarter.",
        ),
        keywords=("Kent County Council", "performance", "SEND"),
    )


OTHER_STORIES = (
    Story(
        number=300_101,
        section="maidstone",
        headline="Families wait longer for school plans as County Hall takes on staff",
        paragraphs=(
            "Parents say that plans for children with special needs come too late, though Kent County Council has "
            "filled more posts than a year ago.",
            "A spokesman for the authority said the number of plans finished on time was rising, slowly.",
        ),
        keywords=("SEND", "Kent County Council"),
    ),
    Story(
        number=300_087,
        section="canterbury",
        headline="Cathedral bells to ring in new year after repairs",
        paragraphs=("Ringers will be back in the tower in January.", "The frame had been out of use since spring."),
    ),
    Story(
        number=300_064,
        section="medway",
        headline="Bridge to close for two weekends",
        paragraphs=("Drivers face a detour while joints are replaced.", "KCC said signs would go up a week before."),
        keywords=("KCC", "roads"),
    ),
)

LATER_STORIES = (
    Story(
        number=300_140,
        section="kent",
        headline="Ombudsman asks KCC why complaints lie unanswered",
        paragraphs=(
            "The Local Government and Social Care Ombudsman has told Kent County Council to clear old complaints.",
            "The authority accepted the findings and promised a plan within two months.",
        ),
        keywords=("Kent County Council", "Ombudsman"),
    ),
)
