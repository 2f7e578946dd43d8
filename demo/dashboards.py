"""Draws a directorate's dashboard and the corporate risk register as other papers than the quarterly report.

The tables are those that committees are shown: `Ref | Indicator description | Latest Month (Mar-25) | RAG | YTD |
RAG | Target | Floor | Prev. Yr`, activity with an expected range, and the register's ratings. `Layout` and
`drawing.Style` bend spelling, order, header rows, ratings and rules. Same facts, layout and style: same bytes.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date

import pymupdf

from demo.drawing import WHITE, Cell, Row, Sheet, Style, random_style
from demo.story import AMBER, GREEN, IMPROVING, RED, STABLE, WORSENING, rate

NAMES: dict[str, tuple[tuple[str, str, str], ...]] = {  # service -> reference, name, unit
    "Highways and Transportation": (
        ("HT01", "Potholes repaired in 28 calendar days (routine works not programmed)", "%"),
        ("HT02", "Faults reported by the public completed in 28 calendar days", "%"),
        ("HT04", "Customer satisfaction with routine highways service delivery (call back survey)", "%"),
        ("HT08b", "Emergency incidents attended to within 2 hours", "%"),
        ("HT12", "Streetlights, illuminated signs and bollards repaired in 28 calendar days", "%"),
    ),
    "Waste Management": (
        ("WM01", "Municipal waste recycled and composted", "%"),
        ("WM02", "Municipal waste converted to energy", "%"),
        ("WM03", "Waste recycled and composted at Household Waste Recycling Centres", "%"),
        ("WM08", "Tonnes of waste collected by districts", ""),
    ),
    "Libraries, Registration and Archives": (
        ("LRA06", "Customer satisfaction with birth and death registration", "%"),
        ("LRA15", "Total number of customers attending events in libraries and archives", ""),
        ("LRA21", "Average wait at the counter", " minutes"),
    ),
    "Economic Development": (
        ("ED05", "Number of homes brought back to market through No Use Empty", ""),
        ("ED08", "Developer contributions secured against total contributions sought", "%"),
        ("ED10", "Cost per job created", "£"),
    ),
}
ACTIVITIES = (
    ("HT05b", "Number of new enquiries requiring further action (total new faults)"),
    ("WM07", "Waste tonnage collected at Household Waste Recycling Centres"),
    ("LRA01", "Visits to libraries, mobile libraries included"),
)
SCOPES = (
    "Growth, Economic Development and Communities",
    "Environment and Transport",
    "Growth, Environment & Transport",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A figure as printed, and what it means."""

    value: float | None
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Indicator:
    """One row of a dashboard."""

    service: str
    reference: str
    name: str
    latest: Figure
    rag: str | None
    ytd: Figure
    ytd_rag: str | None
    target: Figure
    floor: Figure
    previous_year: Figure
    direction: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Activity:
    """One row of an activity table."""

    reference: str
    name: str
    figures: tuple[Figure, Figure, Figure, Figure]  # year to date, upper and lower threshold, previous year
    in_range: str  # "Yes", "Above" or "Below"


@dataclass(frozen=True, slots=True, kw_only=True)
class Dashboard:
    """What a dashboard says."""

    scope: str
    month: date  # its last day
    indicators: tuple[Indicator, ...]
    activities: tuple[Activity, ...]

    @property
    def services(self) -> list[str]:
        return list(dict.fromkeys(indicator.service for indicator in self.indicators))

    def counted(self, rag: str) -> int:
        return sum(indicator.rag == rag for indicator in self.indicators)


def dashboard_facts(rng: random.Random, *, services: int = 3) -> Dashboard:
    """A dashboard's facts by chance; ratings follow Kent's rule."""
    chosen = rng.sample(list(NAMES), services)
    indicators = [_indicator(rng, service, *row) for service in chosen for row in NAMES[service]]
    activities = [_activity(rng, *row) for row in ACTIVITIES]
    year, month = rng.choice(((2025, 3), (2024, 12), (2019, 5), (2026, 2), (2023, 6)))
    end = {2: 28, 3: 31, 5: 31, 6: 30, 12: 31}[month]
    return Dashboard(
        scope=rng.choice(SCOPES),
        month=date(year, month, end),
        indicators=tuple(indicators),
        activities=tuple(activities),
    )


def _printed(value: float, unit: str, mark: str = "") -> Figure:
    digits = f"{value:,.1f}" if value != int(value) else f"{int(value):,}"
    return Figure(value=value, text=f"£{digits}" if unit == "£" else f"{digits}{unit}{mark}")


def _none(rng: random.Random) -> Figure:
    return Figure(value=None, text=rng.choice(("", "", "n/a", "N/A", "TBC", "*", "-", "No data")))


def _indicator(rng: random.Random, service: str, reference: str, name: str, unit: str) -> Indicator:
    lower = unit in (" minutes", "£") or rng.random() < 0.15
    scale = {"%": 90.0, "": 1500.0, " minutes": 12.0, "£": 2500.0}[unit]
    target = float(round(scale * rng.uniform(0.8, 1.0)))
    floor = float(round(target * (1.15 if lower else 0.88)))
    step = 0.5 if unit in ("%", " minutes") else 1.0

    def value() -> float:
        around = rng.uniform(0.8, 1.1 if unit == "%" else 1.25) * target
        return rng.choice((target, floor)) if rng.random() < 0.15 else round(around / step) * step

    latest = _none(rng) if rng.random() < 0.12 else _printed(value(), unit, rng.choice(("", "", "", "", "*")))
    ytd = _none(rng) if rng.random() < 0.25 else _printed(value(), unit)
    return Indicator(
        service=service,
        reference=reference,
        name=name,
        latest=latest,
        rag=None if latest.value is None else rate(latest.value, target, floor),
        ytd=ytd,
        ytd_rag=None if ytd.value is None else rate(ytd.value, target, floor),
        target=_printed(target, unit),
        floor=_printed(floor, unit),
        previous_year=_none(rng) if rng.random() < 0.2 else _printed(value(), unit),
        direction=rng.choice((IMPROVING, STABLE, WORSENING)),
    )


def _activity(rng: random.Random, reference: str, name: str) -> Activity:
    upper = float(rng.randrange(20_000, 90_000))
    lower = float(round(upper * 0.8))
    now = float(round(rng.uniform(0.7, 1.1) * upper))
    in_range = "Above" if now > upper else "Below" if now < lower else "Yes"
    figures = tuple(_printed(value, "") for value in (now, upper, lower, float(round(now * rng.uniform(0.8, 1.2)))))
    return Activity(reference=reference, name=name, figures=figures, in_range=in_range)  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """How a dashboard is set; the default is Kent's."""

    ref: str = "Ref"
    name: str = "Indicator description"
    latest: str = "Latest Month ({month})"  # a month stands in the header, or on the cover only
    rag: str = "RAG"
    ytd: str = "YTD"
    ytd_rag: str = "RAG"
    target: str = "Target"
    floor: str = "Floor"
    previous_year: str = "Prev. Yr"
    direction: str = ""  # header of the direction of travel; "" for no such column
    two_rows: bool = False  # "Latest month" over "Mar-25" and "RAG"
    limits_first: bool = False  # target and floor stand before the values
    year_first: bool = False  # the year to date stands before the month
    colour: str = "cells"  # "cells" or "none" (words alone)
    words: str = "upper"  # as drawing.Style.words, or "none" for colour alone
    headings: str = "above"  # "above", "within" (a row across the table) or "division" (a small table)
    counts: str = ""  # "", "table" or "sentence"
    lists: bool = False  # a list of all indicators with their ratings comes first
    title: str = "line"  # "line": "X Performance Dashboard"; "lines": X, then "Performance Dashboard" below it
    kind: str = "Performance Dashboard"
    activity: bool = True
    cover: bool = True


def random_layout(rng: random.Random) -> Layout:
    """A dashboard as another clerk or directorate might set it."""
    two_rows = rng.random() < 0.4
    words = rng.choice(("upper", "title", "letter", "none"))
    return Layout(
        ref=rng.choice(("Ref", "Ref.", "KPI Ref", "Reference")),
        name=rng.choice(
            ("Indicator description", "Indicator", "Key Performance Indicator", "KPI description", "Measure")
        ),
        latest=rng.choice(("Latest Month ({month})", "Latest month {month}", "{month}", "Latest Month")),
        rag=rng.choice(("RAG", "Month RAG", "RAG Rating")),
        ytd=rng.choice(("YTD", "Year to Date", "Year to date (YTD)")),
        ytd_rag=rng.choice(("RAG", "YTD RAG")),
        target=rng.choice(("Target", "Target", "Target 2024/25")),
        floor=rng.choice(("Floor", "Floor Standard")),
        previous_year=rng.choice(("Prev. Yr", "Previous Year", "Prev Yr", "Last Year")),
        direction=rng.choice(("", "", "DoT", "Direction of Travel")),
        two_rows=two_rows,
        limits_first=rng.random() < 0.2,
        year_first=rng.random() < 0.2,
        colour="cells" if words == "none" else rng.choice(("cells", "cells", "none")),
        words=words,
        headings=rng.choice(("above", "above", "within", "division")),
        counts=rng.choice(("", "table", "sentence")),
        lists=rng.random() < 0.3,
        title=rng.choice(("line", "lines")),
        kind=rng.choice(("Performance Dashboard", "Directorate Scorecard", "Performance Monitoring")),
        activity=rng.random() < 0.7,
        cover=rng.random() < 0.7,
    )


def paper_style(rng: random.Random) -> Style:
    """A style for wide tables: small letters, mostly landscape."""
    style = random_style(rng)
    page = rng.choice(((841.9, 595.3), (841.9, 595.3), (1190.6, 841.9), (595.3, 841.9)))
    portrait = page[0] < page[1]
    return replace(
        style,
        page=page,
        size=7.0 if portrait else rng.choice((8.0, 9.0)),
        left=30 if portrait else style.left,
        right=30 if portrait else style.right,
        keep_tables_together=rng.random() < 0.5,
        arrow_size=10,
    )


def dashboard(facts: Dashboard, layout: Layout | None = None, style: Style | None = None) -> bytes:
    """The dashboard as a PDF."""
    return _Paper(facts, layout or Layout(), style or paper_style(random.Random(1))).draw()


def month_label(day: date) -> str:
    return f"{day:%b-%y}"


@dataclass
class _Paper:
    """One dashboard while it is drawn."""

    facts: Dashboard
    layout: Layout
    style: Style
    sheet: Sheet = field(init=False)

    def __post_init__(self) -> None:
        self.sheet = Sheet(replace(self.style, header="", words=self.layout.words), title="")

    def draw(self) -> bytes:
        self.front()
        if self.layout.counts:
            self.counts()
        if self.layout.lists:
            self.list()
        if self.layout.headings == "within":
            self.table(self.facts.indicators, within=True)
        else:
            for service in self.facts.services:
                self.heading(service)
                self.table([i for i in self.facts.indicators if i.service == service], within=False)
                self.sheet.space(10)
        if self.layout.activity:
            self.activity()
        return self.sheet.body()

    def front(self) -> None:
        sheet, facts, layout = self.sheet, self.facts, self.layout
        titles = [f"{facts.scope} {layout.kind}"] if layout.title == "line" else [facts.scope, layout.kind]
        for line in (line for title in titles for line in sheet.wrap(title, sheet.width, 16, bold=True)):
            sheet.centred(line, size=16, after=4)
        sheet.centred(f"Results up to {facts.month:%B %Y}", size=12, after=14)
        if layout.cover:
            sheet.paragraph("Produced by: the kccwatch replica")
            sheet.new_page()

    def heading(self, service: str) -> None:
        sheet = self.sheet
        sheet.room(120)
        if self.layout.headings == "division":
            grey = self.style.grey
            widths = [sheet.width / 3] * 3
            head = [Cell(text=text, bold=True, fill=grey) for text in ("Division", "Director", "Cabinet Member")]
            sheet.grid(widths, [head, [Cell(text=service), Cell(text="A. Nother"), Cell(text="B. Ingham")]])
            sheet.space(10)
            sheet.paragraph("Key Performance Indicators", bold=True, after=0.4)
        else:
            sheet.paragraph(service, bold=True, size=self.style.size + 3, after=0.4)

    def columns(self) -> list[str]:
        month, year = ["latest", "rag"], ["ytd", "ytd_rag"]
        values = year + month if self.layout.year_first else month + year
        limits = ["target", "floor"]
        order = limits + values if self.layout.limits_first else values + limits
        return ["ref", "name", *order, "previous_year", *(["direction"] if self.layout.direction else [])]

    def widths(self) -> list[float]:
        fixed = {"ref": 40.0, "latest": 58.0, "rag": 48.0, "ytd": 52.0, "ytd_rag": 48.0, "direction": 52.0}
        columns = self.columns()
        widths = {name: fixed.get(name, 50.0) * max(1.0, self.style.size / 8) for name in columns if name != "name"}
        return [widths.get(name, self.sheet.width - sum(widths.values())) for name in columns]

    def headers(self) -> list[Row]:
        layout, columns = self.layout, self.columns()
        texts = {name: getattr(layout, name) for name in columns}
        texts["latest"] = texts["latest"].replace("{month}", month_label(self.facts.month))

        def cell(text: str, **more: int) -> Cell:
            return Cell(text=text, bold=True, fill=self.style.grey, centre=True, **more)  # type: ignore[arg-type]

        if not layout.two_rows:
            return [[cell(texts[name]) for name in columns]]
        over = {"latest": "Latest month", "ytd": texts["ytd"]}
        inside = {"latest": month_label(self.facts.month), "rag": "RAG", "ytd": "Result", "ytd_rag": "RAG"}
        upper: list[Cell | None] = []
        lower: list[Cell | None] = []
        for name in columns:
            if name in over:
                upper.append(cell(over[name], across=2))
            elif name in inside:
                upper.append(None)
            else:
                upper.append(cell(texts[name], down=2))
            lower.append(cell(inside[name]) if name in inside else None)
        return [upper, lower]

    def rated(self, rag: str | None) -> Cell:
        cell = self.sheet.rag_cell(rag) if self.layout.words != "none" else Cell(fill=self.sheet.fill_of(rag))
        if rag is None:
            cell = replace(cell, text="")
        return cell if self.layout.colour == "cells" else replace(cell, fill=None, colour=(0, 0, 0))

    def row(self, indicator: Indicator) -> list[Cell]:
        cells = {
            "ref": Cell(text=indicator.reference),
            "name": Cell(text=indicator.name),
            "latest": Cell(text=indicator.latest.text, centre=True),
            "rag": self.rated(indicator.rag),
            "ytd": Cell(text=indicator.ytd.text, centre=True),
            "ytd_rag": self.rated(indicator.ytd_rag),
            "target": Cell(text=indicator.target.text, centre=True),
            "floor": Cell(text=indicator.floor.text, centre=True),
            "previous_year": Cell(text=indicator.previous_year.text, centre=True),
            "direction": Cell(arrow=indicator.direction),
        }
        return [cells[name] for name in self.columns()]

    def table(self, indicators: Sequence[Indicator], *, within: bool) -> None:
        rows: list[Row] = self.headers()
        header_rows = len(rows)
        service = ""
        for indicator in indicators:
            if within and indicator.service != service:
                service = indicator.service
                across = len(self.columns())
                band = Cell(text=service, bold=True, across=across, fill=(0.75, 0.85, 0.95))
                rows.append([band, *([None] * (across - 1))])
            rows.append(self.row(indicator))
        self.sheet.grid(self.widths(), rows, header_rows=header_rows)

    def counts(self) -> None:
        sheet, facts = self.sheet, self.facts
        numbers = [facts.counted(rag) for rag in (GREEN, AMBER, RED)]
        if self.layout.counts == "sentence":
            sheet.paragraph(
                f"Of the {len(facts.indicators)} indicators, {numbers[0]} were rated Green, {numbers[1]} were rated "
                f"Amber and {numbers[2]} were rated Red in the latest month."
            )
            return
        fills = (self.style.green, self.style.amber, self.style.red)
        words = ("Green", "Amber", "Red")
        head = [Cell(text=word, fill=fill, centre=True) for word, fill in zip(words, fills, strict=True)]
        body = [Cell(text=str(number), centre=True) for number in numbers]
        sheet.grid([60, 60, 60], [head, body])
        sheet.space(12)

    def list(self) -> None:
        sheet = self.sheet
        sheet.paragraph("Key Performance Indicator Summary", bold=True, after=0.4)
        for service in self.facts.services:
            grey = self.style.grey
            head = [Cell(text=text, bold=True, fill=grey) for text in (service, "Month RAG", "YTD RAG")]
            rows: list[Row] = [head]
            for indicator in (i for i in self.facts.indicators if i.service == service):
                name = Cell(text=f"{indicator.reference}: {indicator.name}")
                rows.append([name, self.rated(indicator.rag), self.rated(indicator.ytd_rag)])
            sheet.grid([min(330, sheet.width - 140), 62, 62], rows, header_rows=1)
            sheet.space(10)

    def activity(self) -> None:
        sheet = self.sheet
        sheet.space(8)
        sheet.paragraph("Activity Indicators", bold=True, after=0.4)
        texts = ("Ref", "Indicator description", "Year to date", "In expected range?", "Upper", "Lower", "Prev. Yr YTD")
        rows: list[Row] = [[Cell(text=text, bold=True, fill=self.style.grey) for text in texts]]
        for row in self.facts.activities:
            ytd, *rest = row.figures
            cells = [row.reference, row.name, ytd.text, row.in_range, *(figure.text for figure in rest)]
            rows.append([Cell(text=text) for text in cells])
        widths = [44.0, 0, 56, 60, 52, 52, 56]
        widths[1] = sheet.width - sum(widths)
        sheet.grid(widths, rows, header_rows=1)


def turned(body: bytes) -> bytes:
    """The paper with its pages lying on their side in the file and turned for the reader, as scanned-in sheets are."""
    source = pymupdf.open(stream=body, filetype="pdf")
    result = pymupdf.open()
    for number in range(source.page_count):
        size = source[number].rect
        sheet = result.new_page(width=size.height, height=size.width)
        sheet.show_pdf_page(sheet.rect, source, number, rotate=90)
        sheet.set_rotation(90)
    turned_body: bytes = result.tobytes()
    return turned_body


__all__ = ["WHITE", "Dashboard", "Layout", "dashboard", "dashboard_facts", "paper_style", "random_layout", "turned"]
