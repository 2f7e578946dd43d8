"""What documents say, as plain data. Nothing in here does I/O.

Each record type of FACTS is one row of the archive's table of the same name
(`table` below), and one line of `kccwatch parse --json`; its fields are named as
the table's columns. Ids, documents and dates of fetching are db's business: a
record knows only what its document says.
"""

from dataclasses import dataclass, fields
from datetime import date, datetime
from enum import StrEnum
from typing import Any, ClassVar, TypeVar

F = TypeVar("F")

Bbox = tuple[float, float, float, float]  # x0, y0, x1, y1 in PDF points from the page's top left


class Rag(StrEnum):
    """A rating. Kent's definition: see `parsers.rating`."""

    GREEN = "green"
    AMBER = "amber"
    RED = "red"


class Direction(StrEnum):
    """Direction of travel: the trend over the graphed period, not the change since last quarter."""

    IMPROVING = "improving"
    STABLE = "stable"
    WORSENING = "worsening"


class Kind(StrEnum):
    """What a reader found a document to be."""

    PERFORMANCE_REPORT = "performance_report"
    COVER_REPORT = "cover_report"
    MINUTES = "minutes"  # printed minutes of a meeting
    AGENDA = "agenda"  # an agenda's front sheet
    AGENDA_ITEM = "agenda_item"  # one item's page, with its minutes once they are published
    MEETING = "meeting"  # a meeting's page or web-service answer
    COMPLAINTS_REPORT = "complaints_report"
    RISK_REGISTER = "risk_register"
    DASHBOARD = "dashboard"
    OMBUDSMAN_STATISTICS = "ombudsman_statistics"
    OMBUDSMAN_IMPROVEMENTS = "ombudsman_improvements"
    OMBUDSMAN_REPORT = "ombudsman_report"
    OMBUDSMAN_DECISION = "ombudsman_decision"
    NEWS_ARTICLE = "news_article"
    OTHER = "other"


class Outcome(StrEnum):
    """How reading a document went."""

    READ = "read"  # facts were found
    NOTHING = "nothing"  # understood, and it holds no facts
    QUARANTINED = "quarantined"  # read, but not to be trusted: the note says why
    FAILED = "failed"  # could not be read at all


class StatedIn(StrEnum):
    """Where a document's count of ratings stands."""

    REPORT = "report"
    COVER = "cover"
    MINUTES = "minutes"
    DASHBOARD = "dashboard"
    NEWS = "news"


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """One edition of a performance report."""

    table: ClassVar[str] = "reports"

    title: str
    financial_year: str  # "2024/25": 1 April 2024 to 31 March 2025
    quarter: int  # 1-4
    period_start: date  # first day of the quarter
    period_end: date  # last day of the quarter
    kpi_total: int | None  # as the paper states it; None when it does not
    scope: str = ""  # "" for the whole council's report; else the part of it that a dashboard is on, as printed


@dataclass(frozen=True, slots=True, kw_only=True)
class KpiReading:
    """One indicator in one edition, with where it is printed."""

    table: ClassVar[str] = "kpi_readings"

    service: str  # as the report's summary names it
    name: str  # as printed on the indicator's own page, lines joined
    rag: Rag | None  # None where none is printed
    previous_rag: Rag | None
    direction: Direction | None  # None where none is printed or it could not be told
    value: float | None
    target: float | None  # None for a printed range: target_low and target_high hold it
    target_low: float | None
    target_high: float | None
    floor: float | None  # floor standard
    previous_value: float | None
    unit: str | None  # "%", "£" or None for plain numbers
    value_text: str | None  # the four texts as printed: "97%", "1,234*"
    target_text: str | None
    floor_text: str | None
    previous_text: str | None
    lower_is_better: bool | None  # target below floor; None where there is no floor to tell by
    page: int  # 1-based page of the PDF, not the printed number
    bbox: Bbox
    headline_name: str | None = None  # as the summary list prints it
    headline_rag: Rag | None = None
    headline_previous_rag: Rag | None = None
    headline_direction: Direction | None = None
    headline_page: int | None = None
    headline_bbox: Bbox | None = None
    # Of dashboards, whose value and rating above are those of the latest month.
    reference: str | None = None  # "HT01"
    period_label: str | None = None  # the column that the value stands under, as printed: "Mar-25"
    ytd_value: float | None = None  # year to date
    ytd_text: str | None = None
    ytd_rag: Rag | None = None
    previous_year_value: float | None = None
    previous_year_text: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RagCount:
    """How many of each rating and direction a document says there are.

    None means that the document does not say; a blank cell of a summary table is 0.
    """

    table: ClassVar[str] = "rag_counts"

    stated_in: StatedIn
    financial_year: str | None
    quarter: int | None
    service: str | None  # None for the whole council
    green: int | None = None
    amber: int | None = None
    red: int | None = None
    improving: int | None = None
    stable: int | None = None
    worsening: int | None = None
    total: int | None = None
    quote: str | None = None  # the sentence, or the table row's cells, as printed
    page: int | None = None  # None for web pages
    in_table: bool = False  # a table's row; else running text
    # Signed change on the quarter before, where the sentence says it: "one more than" is 1, "no change" 0.
    green_change: int | None = None
    amber_change: int | None = None
    red_change: int | None = None
    improving_change: int | None = None
    stable_change: int | None = None
    worsening_change: int | None = None
    total_change: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedRating:
    """An indicator that running text or a list names with its rating, outside the report's own tables."""

    table: ClassVar[str] = "named_ratings"

    stated_in: StatedIn
    financial_year: str | None
    quarter: int | None
    service: str | None  # the heading that it stands under
    name: str  # the indicator in the document's words
    rag: Rag
    quote: str  # the sentence or list entry as printed
    page: int | None = None  # None for web pages


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One cell of any other table of numbers."""

    table: ClassVar[str] = "figures"

    measure: str  # "complaints", "calls", "digital_take_up", "road_casualties", …
    service: str | None  # the row's label, lines joined
    period_label: str | None  # the column's header, lines joined
    period_start: date | None
    period_end: date | None
    value: float | None  # None where the cell is blank, withheld or "no data"
    unit: str | None  # "%", "thousands", …
    value_text: str | None  # as printed
    is_total: bool = False  # the cell stands in the table's total row (or column)
    page: int | None = None
    bbox: Bbox | None = None
    quote: str | None = None  # for figures out of running text: the sentence
    tolerance: float | None = None  # where the paper warns of rounding: how far a sum may be off


@dataclass(frozen=True, slots=True, kw_only=True)
class Risk:
    """One corporate risk that a report names."""

    table: ClassVar[str] = "risks"

    code: str | None  # "CRR0065"
    title: str
    change: str | None  # "new", "withdrawn", "increased", "reduced", "revised", or None
    level: str | None  # "low", "medium", "high" where stated
    page: int | None = None
    quote: str | None = None
    # Of a risk register; Kent scores likelihood x impact: low 1-6, medium 8-15, high 16-25.
    score: int | None = None  # current rating
    target_score: int | None = None
    target_level: str | None = None
    bbox: Bbox | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskLevel:
    """How many corporate risks stood at each level at a date."""

    table: ClassVar[str] = "risk_levels"

    as_at: date  # the first day of the month where only the month is printed
    low: int
    medium: int
    high: int
    page: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OmbudsmanStatistic:
    """One figure of the Ombudsman's yearly statistics on a council."""

    table: ClassVar[str] = "ombudsman_statistics"

    council: str  # the council's slug on the Ombudsman's site: "kent-county-council"
    period_start: date
    period_end: date
    measure: str  # see OMBUDSMAN_MEASURES
    value: float
    unit: str | None  # "%", "per 100,000" or None for counts
    similar_average: float | None  # of similar authorities, in the same unit
    value_text: str  # the sentence or card that says so


OMBUDSMAN_MEASURES = (
    "upheld_rate",
    "upheld_decisions",
    "upheld_per_100k",
    "investigations",
    "compliance_rate",
    "compliance_outcomes",
    "remedy_rate",
    "remedy_decisions",
    "complaints_dealt_with",
    "not_for_us",
    "assessed_and_closed",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class OmbudsmanReport:
    """A public interest report against a council."""

    table: ClassVar[str] = "ombudsman_reports"

    council: str
    title: str
    summary: str | None
    url: str | None  # absolute
    published_on: date | None  # the statistics page lists reports without dates


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceImprovement:
    """What a council agreed to do after one Ombudsman case."""

    table: ClassVar[str] = "service_improvements"

    case_reference: str  # normal form "24 003 150"
    council: str
    category: str | None
    sub_category: str | None
    url: str | None
    actions: tuple[str, ...]  # in the page's order; table service_improvement_actions


@dataclass(frozen=True, slots=True, kw_only=True)
class OmbudsmanDecision:
    """One decision statement or report of the Ombudsman."""

    table: ClassVar[str] = "ombudsman_decisions"

    case_reference: str  # normal form "24 003 150"
    council: str
    category: str | None
    sub_category: str | None
    decision: str | None  # "Upheld", "Not upheld", "Closed after initial enquiries"
    decided_on: date | None
    is_report: bool
    summary: str | None
    url: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewsArticle:
    """A news story; its text is kept for searching, never shown in full."""

    table: ClassVar[str] = "news_articles"

    publisher: str | None
    headline: str
    author: str | None
    published_at: datetime | None  # aware
    summary: str | None
    body: str


Fact = (
    Report
    | KpiReading
    | RagCount
    | NamedRating
    | Figure
    | Risk
    | RiskLevel
    | OmbudsmanStatistic
    | OmbudsmanReport
    | ServiceImprovement
    | OmbudsmanDecision
    | NewsArticle
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """All that one reader has to say of one document."""

    kind: Kind
    outcome: Outcome
    parser: str  # the reader's module name, as in versions.parser
    parser_version: int
    note: str | None = None  # the sentence an operator needs; always there unless READ or NOTHING
    title: str | None = None  # the document's own title
    published_on: date | None = None  # as the document itself says
    facts: tuple[Fact, ...] = ()
    text: str = ""  # for full-text search

    def __post_init__(self) -> None:
        if self.outcome in (Outcome.QUARANTINED, Outcome.FAILED) and not self.note:
            raise ValueError(f"a {self.outcome} reading needs a note")
        if self.outcome is Outcome.NOTHING and self.facts:
            raise ValueError("outcome 'nothing' with facts")

    def of(self, kind: type[F]) -> list[F]:
        """The facts of one type, in the document's order."""
        return [fact for fact in self.facts if isinstance(fact, kind)]


def as_row(fact: Fact) -> dict[str, Any]:
    """The fact's fields as JSON-ready values: dates as ISO text, boxes as lists."""
    row: dict[str, Any] = {}
    for field in fields(fact):
        value = getattr(fact, field.name)
        if isinstance(value, (date, datetime)):
            value = value.isoformat()
        elif isinstance(value, tuple):
            value = list(value)
        elif isinstance(value, StrEnum):
            value = value.value
        row[field.name] = value
    return row
