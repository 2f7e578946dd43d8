"""Draws yearly reports on customer feedback: complaints by directorate and service, themes, the Ombudsman.

Each table comes with the cells that a reader should find in it, so that tests can hold the two against each other.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace

from demo.drawing import Cell, Row, Sheet, Style, random_style

GROUPED = {
    "Adult Social Care and Health": ("Adult Social Care", "Business Delivery Unit"),
    "Children, Young People and Education": (
        "Special Educational Needs",
        "Integrated Children’s Services",
        "Education",
    ),
    "Growth, Environment and Transport": ("Highways and Transportation", "Environment and Waste", "Libraries"),
    "Chief Executive’s Department": ("Finance", "Law"),
}
THEMES = (
    "Delay in doing something",
    "Quality of service",
    "Staff conduct",
    "Disagree with a decision",
    "Communication",
)
OUTCOMES = ("Upheld", "Not upheld", "Closed after initial enquiries", "Referred back for local resolution", "Invalid")


@dataclass(frozen=True, slots=True, kw_only=True)
class Printed:
    """One cell that holds a figure, as a reader should find it."""

    measure: str
    service: str
    period_label: str
    value: float | None
    unit: str | None
    text: str | None
    is_total: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TableFacts:
    """One table: how it is drawn, and what it says."""

    caption: str
    widths: tuple[float, ...]  # shares of the page's width
    rows: tuple[Row, ...]
    header_rows: int
    cells: tuple[Printed, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedbackReport:
    """A report's facts."""

    title: str
    tables: tuple[TableFacts, ...]


def year_label(first: int, spelling: str) -> str:
    """A financial year as a header: "2023/24", "2022-23", "Apr 23 – Mar 24"."""
    short = (first + 1) % 100
    return {
        "slash": f"{first}/{short:02d}",
        "dash": f"{first}-{short:02d}",
        "months": f"Apr {first % 100} – Mar {short:02d}",
    }[spelling]


def random_feedback(rng: random.Random) -> FeedbackReport:
    """A report of three to seven tables."""
    last = rng.randint(2015, 2025)
    years = [year_label(year, spelling) for spelling in [rng.choice(("slash", "dash", "months"))] for year in
             range(last - rng.randint(1, 2), last + 1)]  # fmt: skip
    makers = [_by_directorate, _by_service, _kinds, _themes, _escalations, _enquiries, _outcomes, _upheld, _remedies]
    chosen = sorted(rng.sample(range(len(makers)), rng.randint(3, 7)))
    title = rng.choice(
        (
            f"Annual Complaints Report {last} - {(last + 1) % 100:02d}",
            f"Annual Customer Feedback Report {last}/{(last + 1) % 100:02d}",
            "Customer Feedback Annual Report",
            f"Complaints, comments and compliments {last}/{(last + 1) % 100:02d}",
        )
    )
    tables = [makers[at](rng, years) for at in chosen]
    mark = rng.choice((": ", " – ", ". "))
    numbered = tuple(
        replace(table, caption=f"Table {n}{mark}{table.caption}") for n, table in enumerate(tables, start=1)
    )
    return FeedbackReport(title=title, tables=numbered)


def _head(text: str, **more: object) -> Cell:
    return replace(Cell(text=text, bold=True, fill=(0.85, 0.85, 0.85), centre=True), **more)  # type: ignore[arg-type]


def _cell(text: str) -> Cell:
    return Cell(text=text, centre=True)


def _count(rng: random.Random, most: int = 3200) -> tuple[float | None, str]:
    """A number of cases: sometimes withheld, sometimes blank."""
    roll = rng.random()
    if roll < 0.05:
        return None, rng.choice(("*", "<5", "N/A"))
    if roll < 0.09:
        return None, ""
    n = rng.randint(0, most)
    return float(n), f"{n:,}"


def _share(rng: random.Random) -> tuple[float, str]:
    n = rng.randint(3, 100)
    return float(n), f"{n}%"


def _printed(measure: str, service: str, label: str, cell: tuple[float | None, str], **more: object) -> Printed:
    value, text = cell
    unit = "%" if text.endswith("%") else ("£" if text.startswith("£") else None)
    made = Printed(measure=measure, service=service, period_label=label, value=value, unit=unit, text=text or None)
    return replace(made, **more)  # type: ignore[arg-type]


def _by_directorate(rng: random.Random, years: Sequence[str]) -> TableFacts:
    """Complaints by directorate, for each year the number and how many were answered in time."""
    two_rows = rng.random() < 0.6
    names = rng.choice(
        (("Received", "% in time"), ("Complaints", "% answered in time"), ("Number", "% within timescale"))
    )
    printed: list[Printed] = []
    rows: list[list[Cell | None]] = []
    heads = [(f"{year} {name}" if two_rows else f"{name} {year}") for year in years for name in names]
    for directorate in [*GROUPED, "Total"]:
        cells: list[Cell | None] = [Cell(text=directorate, bold=directorate == "Total")]
        for at, head in enumerate(heads):
            cell = _share(rng) if at % 2 else _count(rng)
            measure = "complaints_in_time" if at % 2 else "complaints"
            cells.append(_cell(cell[1]))
            printed.append(_printed(measure, directorate, head, cell, is_total=directorate == "Total"))
        rows.append(cells)
    header: list[Row] = []
    if two_rows:
        over: list[Cell | None] = [_head("Directorate", down=2)]
        for year in years:
            over += [_head(year, across=2), None]
        header = [over, [None, *(_head(name) for _ in years for name in names)]]
    else:
        header = [[_head("Directorate"), *(_head(head) for head in heads)]]
    columns = len(heads)
    return TableFacts(
        caption="Complaints received by directorate and answered in time",
        widths=(0.34, *[0.66 / columns] * columns),
        rows=(*header, *rows),
        header_rows=len(header),
        cells=tuple(printed),
    )


def _by_service(rng: random.Random, years: Sequence[str]) -> TableFacts:
    """Compliments by service, the directorate in a merged cell beside its services."""
    printed, rows = [], []
    named = rng.random() < 0.5  # a total for each directorate: rows that only the directorate tells apart
    for directorate, services in GROUPED.items():
        lines = [*services, "Total"] if named else list(services)
        for at, service in enumerate(lines):
            cells = [_count(rng) for _ in years]
            first = Cell(text=directorate, down=len(lines)) if at == 0 else None
            rows.append([first, Cell(text=service), *(_cell(text) for _, text in cells)])
            label = f"{directorate} – {service}" if named else service
            for year, cell in zip(years, cells, strict=True):
                printed.append(_printed("compliments", label, year, cell, is_total=service == "Total"))
    return TableFacts(
        caption="Compliments by directorate and service",
        widths=(0.28, 0.3, *[0.42 / len(years)] * len(years)),
        rows=([_head("Directorate"), _head("Service"), *(_head(year) for year in years)], *rows),
        header_rows=1,
        cells=tuple(printed),
    )


def _simple(
    rng: random.Random,
    caption: str,
    first: str,
    labels: Sequence[tuple[str, str]],
    years: Sequence[str],
    maker: str = "count",
) -> TableFacts:
    """Labels down, years across."""
    rows, printed = [], []
    for label, measure in labels:
        cells: list[tuple[float | None, str]] = []
        for _ in years:
            cells.append(_count(rng) if maker == "count" else _share(rng) if maker == "share" else _money(rng))
        rows.append([Cell(text=label), *(_cell(text) for _, text in cells)])
        total = label.lower().startswith("total")
        printed += [
            _printed(measure, label, year, cell, is_total=total) for year, cell in zip(years, cells, strict=True)
        ]
    return TableFacts(
        caption=caption,
        widths=(0.46, *[0.5 / len(years)] * len(years)),
        rows=([_head(first), *(_head(year) for year in years)], *rows),
        header_rows=1,
        cells=tuple(printed),
    )


def _money(rng: random.Random) -> tuple[float, str]:
    pounds = rng.choice((rng.randint(100, 250_000), round(rng.uniform(100, 9000), 2)))
    return float(pounds), f"£{pounds:,}" if isinstance(pounds, int) else f"£{pounds:,.2f}"


def _kinds(rng: random.Random, years: Sequence[str]) -> TableFacts:
    labels = [("Complaints", "complaints"), ("Compliments", "compliments"), ("Comments", "comments")]
    labels += [("MP enquiries", "member_enquiries")] if rng.random() < 0.5 else []
    return _simple(rng, "Customer feedback by type", "Type", labels, years)


def _themes(rng: random.Random, years: Sequence[str]) -> TableFacts:
    labels = [(theme, "complaint_themes") for theme in THEMES]
    return _simple(rng, "Themes of the complaints", "Theme", labels, years)


def _escalations(rng: random.Random, years: Sequence[str]) -> TableFacts:
    labels = [(name, "escalations") for name in [*GROUPED, "Total"]]
    return _simple(rng, "Complaints escalated to stage 2", "Directorate", labels, years)


def _enquiries(rng: random.Random, years: Sequence[str]) -> TableFacts:
    labels = [(name, "ombudsman_enquiries") for name in ("Education", "Adult Care Services", "Highways", "Total")]
    return _simple(rng, "Enquiries received by the Ombudsman", "Category", labels, years)


def _outcomes(rng: random.Random, years: Sequence[str]) -> TableFacts:
    labels = [(name, "ombudsman_decisions") for name in OUTCOMES]
    return _simple(rng, "Ombudsman decisions by outcome", "Outcome", labels, years)


def _upheld(rng: random.Random, years: Sequence[str]) -> TableFacts:
    """Years down; Kent beside the average of others."""
    heads = ("Kent", "Similar councils", "National average")
    rows, printed = [], []
    for year in years:
        cells = [_share(rng) for _ in heads]
        rows.append([Cell(text=year), *(_cell(text) for _, text in cells)])
        printed += [_printed("ombudsman_upheld", head, year, cell) for head, cell in zip(heads, cells, strict=True)]
    return TableFacts(
        caption="Share of complaints upheld by the Ombudsman",
        widths=(0.25, 0.25, 0.25, 0.25),
        rows=([_head("Year"), *(_head(head) for head in heads)], *rows),
        header_rows=1,
        cells=tuple(printed),
    )


def _remedies(rng: random.Random, years: Sequence[str]) -> TableFacts:
    labels = [(name, "ombudsman_remedies") for name in [*list(GROUPED)[:3], "Total"]]
    return _simple(rng, "Financial remedies after Ombudsman decisions", "Directorate", labels, years, "money")


def feedback_style(rng: random.Random) -> Style:
    """A page with lines between cells."""
    return random_style(rng)


def feedback_report(facts: FeedbackReport, style: Style, rng: random.Random) -> bytes:
    """The report as a PDF."""
    sheet = Sheet(style, facts.title)
    sheet.space(90)
    sheet.centred("Kent County Council", size=20, after=16)
    sheet.centred(facts.title, size=18, after=16)
    sheet.new_page()
    sheet.space(20)
    sheet.paragraph(
        "This report looks at the complaints, compliments and comments that people sent to the Council, how quickly "
        "complaints were answered and what was learned from them. Complaints are an opportunity to put things right."
    )
    for table in facts.tables:
        widths = [share * sheet.width for share in table.widths]
        sheet.room(80)
        sheet.paragraph(
            f"The next table is on {table.caption.split(maxsplit=2)[-1].lower()}; in it {rng.randint(2, 40)} is small."
        )
        needed = sum(sheet.heights(widths, table.rows))
        if style.keep_tables_together and needed < sheet.end - style.top - 60:
            sheet.room(needed + 60)
        sheet.paragraph(table.caption, bold=True, after=0.4)
        sheet.grid(widths, table.rows, header_rows=table.header_rows)
        sheet.space(16)
    return sheet.body()
