"""Draws reports of 2012 to 2015, with a grid of quarters for each indicator, from chosen facts.

Which words, what order and how many lines the clerk chose is a `Manner`; how the page looks is a
`drawing.Style`. The facts are made up, but such as a paper could print.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from demo.drawing import WHITE, Cell, Chart, Row, Run, Sheet, Style, draw_chart, random_style, string_width
from demo.story import AMBER, GREEN, IMPROVING, RED, STABLE, WORSENING

RAGS, WAYS = (GREEN, AMBER, RED), (IMPROVING, STABLE, WORSENING)
MONTHS = {1: ("Jun", 0), 2: ("Sep", 0), 3: ("Dec", 0), 4: ("Mar", 1)}  # end of a quarter, years after its April
FULL = {"Jun": "June", "Sep": "September", "Dec": "December", "Mar": "March"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Quarter:
    """A quarter of a financial year, from April."""

    year: int
    number: int

    @property
    def financial_year(self) -> str:
        return f"{self.year}/{(self.year + 1) % 100:02d}"

    @property
    def end(self) -> tuple[str, int]:
        month, later = MONTHS[self.number]
        return month, self.year + later

    def plus(self, quarters: int) -> "Quarter":
        index = self.year * 4 + self.number - 1 + quarters
        return Quarter(year=index // 4, number=index % 4 + 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class GridFacts:
    """One indicator: what each quarter of its grid says. Texts are as printed, "" for blank."""

    service: str
    name: str
    quarters: tuple[Quarter, ...]
    actuals: tuple[str, ...]
    targets: tuple[str, ...]
    floors: tuple[str, ...]
    ratings: tuple[str | None, ...]  # None where blank or N/A
    direction: str | None
    own: int  # the column that a reader takes the result from
    compared: tuple[str, ...] = ()  # what others reached
    year_before: str = ""  # the whole year before
    to_date: str = ""
    forecast: str = ""  # of the quarter after the last
    headed: str | None = None  # a rating in the heading that is not the grid's

    @property
    def rag(self) -> str | None:
        return self.ratings[self.own]


@dataclass(frozen=True, slots=True, kw_only=True)
class Manner:
    """How the clerk words and arranges it."""

    actual: str = "Actual"
    target: str = "Target"
    floor: str = "Floor"
    rating: str | None = "RAG Rating"  # None: the heading alone is rated
    rating_as: str = "both"  # "both" word and colour, "word", "colour", "letter"
    caption: str = "Trend Data – quarter end"
    labels: str = "Jun 13"  # how a quarter is written, see `quarter_label`
    heading: str = "row"  # "row" of its own, "top" row of the grid, or "line" of text
    about: bool = True  # a table on whose indicator it is
    graph: str = "above"  # "above" or "below" the grid, or "none"
    order: str = "tfr"  # rows below the result: target, floor, rating
    merged_target: bool = False  # one cell where the target stays the same
    listed: bool = True  # the summary lists every indicator
    summary: bool = True  # the summary counts by service
    contents: bool = True
    stated: bool = True  # the key says how many indicators there are
    gap_for_none: str = ""  # a blank rating: "" or "N/A"
    travel_row: bool = False  # the arrow stands in a row of the grid, too
    compared: str = "National average"
    activity: bool = True  # a grid with thresholds, without a rating


@dataclass(frozen=True, slots=True, kw_only=True)
class OlderReport:
    """A report's facts."""

    quarter: Quarter
    indicators: tuple[GridFacts, ...]
    services: tuple[str, ...]
    activity: tuple[tuple[str, tuple[Quarter, ...], tuple[str, ...]], ...] = field(default=())


_SERVICES = (
    "Customer Services",
    "Highways and Transportation",
    "Waste Management",
    "Education and Learning",
    "Specialist Children’s Services",
    "Adult Social Care",
    "Public Health",
    "Economic Development",
)
_THINGS = (
    "calls to the contact centre answered within 20 seconds",
    "visitors who rate the website as good",
    "routine faults mended within 28 days of being reported",
    "household waste recycled or composted",
    "pupils in schools judged good or outstanding",
    "young people aged 16 to 18 without work, school or training",
    "children with a protection plan for the second time",
    "case holding posts filled by permanent social workers",
    "clients who receive a personal budget",
    "older people at home 91 days after leaving hospital",
    "people who stopped smoking with the help of the service",
    "new enterprises helped with a loan or a grant",
)


def random_report(rng: random.Random) -> OlderReport:
    """A report with three to eight indicators of some services, and what their grids say."""
    quarter = Quarter(year=rng.choice((2012, 2013, 2014)), number=rng.randint(1, 4))
    services = rng.sample(_SERVICES, rng.randint(2, 4))
    things = rng.sample(_THINGS, rng.randint(3, 8))
    split = sorted(rng.randrange(len(services)) for _ in things)
    services = [name for at, name in enumerate(services) if at in split]
    split = [sorted(set(split)).index(at) for at in split]
    indicators = tuple(_grid(rng, quarter, services[at], thing) for at, thing in zip(split, things, strict=True))
    run = tuple(quarter.plus(n) for n in range(-3, 1))
    calls = tuple(f"{rng.randint(900, 42000):,}" for _ in run)
    return OlderReport(
        quarter=quarter,
        indicators=indicators,
        services=tuple(services),
        activity=((f"Number of phone calls handled for {services[0]}", run, calls),),
    )


def _grid(rng: random.Random, quarter: Quarter, service: str, thing: str) -> GridFacts:
    kind = rng.choice(("share", "share", "count", "money"))
    lower = rng.random() < 0.3
    back = rng.randint(3, 5)
    quarters = tuple(quarter.plus(n) for n in range(-back, 1 + (rng.random() < 0.3)))
    own = back
    numbers: list[float | None] = [_number(rng, kind) for _ in quarters]
    if len(quarters) > back + 1:
        numbers[back + 1] = None  # the quarter to come
    if rng.random() < 0.15:  # a quarter's figures are not there yet
        numbers[back] = None
        own = back - 1
    middle = sorted(n for n in numbers if n is not None)[len(numbers) // 3]
    step = middle * rng.choice((0.04, 0.08, 0.12))
    target = round(middle, 1 if kind == "share" else 0)
    floor = round(target + step if lower else target - step, 1 if kind == "share" else 0)
    write = {"share": _share, "count": _count, "money": _money}[kind]
    ratings = tuple(_rate(n, target, floor) for n in numbers)
    return GridFacts(
        service=service,
        name=f"{'Percentage of' if kind == 'share' else 'Number of'} {thing}",
        quarters=quarters,
        actuals=tuple("" if n is None else write(n) for n in numbers),
        targets=tuple(write(target) for _ in quarters),
        floors=tuple(write(floor) for _ in quarters),
        ratings=ratings,
        direction=rng.choice(WAYS),
        own=own,
        compared=tuple(write(_number(rng, kind)) for _ in quarters) if rng.random() < 0.4 else (),
        year_before=write(_number(rng, kind)) if rng.random() < 0.25 else "",
        to_date=write(_number(rng, kind)) if rng.random() < 0.25 else "",
        forecast=write(_number(rng, kind)) if rng.random() < 0.15 and len(quarters) == back + 1 else "",
    )


def _number(rng: random.Random, kind: str) -> float:
    if kind == "share":
        return round(rng.uniform(5, 99), rng.choice((0, 1)))
    return float(rng.randint(40, 9000))


def _share(value: float) -> str:
    return f"{value:g}%"


def _count(value: float) -> str:
    return f"{value:,.0f}"


def _money(value: float) -> str:
    return f"£{value:,.0f}"


def _rate(value: float | None, target: float, floor: float) -> str | None:
    if value is None:
        return None
    sign = -1 if target < floor else 1
    if sign * value >= sign * target:
        return GREEN
    return AMBER if sign * value >= sign * floor else RED


def random_manner(rng: random.Random) -> Manner:
    """The habits of some clerk."""
    rating = rng.choice(("RAG Rating", "RAG", "Rating", "RAG rating", None))
    return Manner(
        actual=rng.choice(("Actual", "Result", "KCC Result", "Achieved", "Actual", "KCC actual")),
        target=rng.choice(("Target", "Target", "KCC Target")),
        floor=rng.choice(("Floor", "Floor Standard", "Floor standard")),
        rating=rating,
        rating_as=rng.choice(("both", "word", "colour", "letter")),
        caption=rng.choice(("Trend Data – quarter end", "Trend data - quarter ended", "Quarter", "")),
        labels=rng.choice(("Jun 13", "Jun-13", "June 2013", "Q1 2013/14", "Q1 13/14", "Qtr to Jun 13", "two rows")),
        heading=rng.choice(("row", "top", "line")),
        about=rng.random() < 0.5,
        graph=rng.choice(("above", "below", "none")),
        order=rng.choice(("tfr", "rtf", "trf", "tf")) if rating else "tf",
        merged_target=rng.random() < 0.3,
        listed=rng.random() < 0.7,
        summary=rng.random() < 0.7,
        contents=rng.random() < 0.7,
        stated=rng.random() < 0.8,
        gap_for_none=rng.choice(("", "N/A")),
        travel_row=rng.random() < 0.2,
        compared=rng.choice(("National average", "Nearest Neighbours", "Client result")),
        activity=rng.random() < 0.6,
    )


def older_style(rng: random.Random) -> Style:
    """A page with lines between cells, as those papers have."""
    return replace(random_style(rng), white_on_red=rng.random() < 0.5, chart_height=rng.choice((70, 90)))


def older_report(facts: OlderReport, manner: Manner, style: Style, rng: random.Random) -> bytes:
    """The report as a PDF."""
    return _Older(facts, manner, style, rng).draw()


def quarter_label(quarter: Quarter, labels: str) -> str:
    """A column's header."""
    month, year = quarter.end
    short = f"{quarter.year % 100:02d}/{(quarter.year + 1) % 100:02d}"
    return {
        "Jun 13": f"{month} {year % 100}",
        "Jun-13": f"{month}-{year % 100}",
        "June 2013": f"{FULL[month]} {year}",
        "Q1 2013/14": f"Q{quarter.number} {quarter.financial_year}",
        "Q1 13/14": f"Q{quarter.number} {short}",
        "Qtr to Jun 13": f"Qtr to {month} {year % 100}",
        "two rows": f"Q{quarter.number}",
    }[labels]


class _Older:
    """One report while it is drawn."""

    def __init__(self, facts: OlderReport, manner: Manner, style: Style, rng: random.Random) -> None:
        self.facts, self.manner, self.style, self.rng = facts, manner, style, rng
        self.sheet = Sheet(style)

    def draw(self) -> bytes:
        self.cover()
        if self.manner.contents:
            self.contents()
        self.key()
        self.summary()
        for service in self.facts.services:
            self.section(service)
        return self.sheet.body()

    def grey(self, text: str, **more: object) -> Cell:
        return replace(Cell(text=text, bold=True, fill=self.style.grey), **more)  # type: ignore[arg-type]

    def cover(self) -> None:
        sheet, quarter = self.sheet, self.facts.quarter
        sheet.space(120)
        for text in (
            "Kent County Council",
            "Quarterly Performance Report",
            f"Quarter {quarter.number}",
            quarter.financial_year,
        ):
            sheet.centred(text, size=24, after=28)

    def contents(self) -> None:
        sheet = self.sheet
        sheet.new_page()
        sheet.space(20)
        sheet.centred("Contents", size=self.style.size + 4, after=10)
        names = ["Key to ratings used", "Executive Summary", *self.facts.services]
        for at, name in enumerate(names):
            dots = "." * (70 - len(name)) if self.rng.random() < 0.9 else ""
            sheet.runs([Run(f"{name} {dots} {at * 2 + 2}")], after=0.2)

    def key(self) -> None:
        sheet = self.sheet
        sheet.new_page()
        sheet.space(20)
        sheet.centred("Key to ratings used", size=self.style.size + 4, after=10)
        if self.manner.stated:
            sheet.paragraph(
                f"This report includes {len(self.facts.indicators)} Key Performance Indicators (KPIs), each held "
                "against a target and a floor standard."
            )
        rows: list[Row] = [
            [sheet.rag_cell(rag), Cell(text=meaning)]
            for rag, meaning in (
                (GREEN, "Target achieved or exceeded"),
                (AMBER, "Below target but above the Floor Standard"),
                (RED, "Below a Floor Standard that was set beforehand"),
            )
        ]
        rows += [
            [Cell(arrow=way), Cell(text=f"Performance {meaning} since the previous result")]
            for way, meaning in ((IMPROVING, "has improved"), (WORSENING, "has worsened"), (STABLE, "is unchanged"))
        ]
        rows.append([Cell(text="N/A", centre=True), Cell(text="Not available")])
        sheet.grid([80, sheet.width - 100], rows)

    def summary(self) -> None:
        sheet = self.sheet
        sheet.new_page()
        sheet.space(20)
        sheet.centred("Executive Summary", size=self.style.size + 3, after=8)
        total = [self.count(rag, None) for rag in RAGS]
        sheet.paragraph(
            f"Of the indicators with a rating, {total[0]} are rated Green, {total[1]} Amber and {total[2]} Red."
        )
        if self.manner.summary:
            head: Row = [Cell(), *(sheet.rag_cell(rag, text=rag.upper()) for rag in RAGS)]
            rows = [head]
            for service in [*self.facts.services, None]:
                counts = [Cell(text=str(self.count(rag, service) or ""), centre=True) for rag in RAGS]
                rows.append([Cell(text=service or "TOTAL", bold=service is None), *counts])
            sheet.grid([sheet.width - 200, 60, 60, 60], rows)
            sheet.space(16)
        if self.manner.listed:
            self.list_all()

    def count(self, rag: str, service: str | None) -> int:
        return sum(kpi.rag == rag for kpi in self.facts.indicators if service in (None, kpi.service))

    def list_all(self) -> None:
        sheet = self.sheet
        rows: list[Row] = [
            [self.grey("Indicator"), self.grey("RAG", centre=True), self.grey("DoT", centre=True)],
            *([Cell(text=k.name), sheet.rag_cell(k.rag), Cell(arrow=k.direction)] for k in self.facts.indicators),
        ]
        sheet.grid([sheet.width - 120, 70, 50], rows, header_rows=1)

    def section(self, service: str) -> None:
        sheet = self.sheet
        sheet.new_page()
        sheet.space(20)
        sheet.centred(service, size=self.style.size + 3, after=10)
        for kpi in self.facts.indicators:
            if kpi.service == service:
                self.indicator(kpi)
        for name, quarters, texts in self.facts.activity if service == self.facts.services[0] else ():
            if self.manner.activity:
                self.activity(name, quarters, texts)

    # --- one indicator

    def indicator(self, kpi: GridFacts) -> None:
        sheet, manner = self.sheet, self.manner
        widths, rows = self.rows(kpi)
        chart = self.style.chart_height if manner.graph != "none" else 0
        sheet.room(min(sum(sheet.heights(widths, rows)) + chart + 170, sheet.end - sheet.style.top))
        if manner.heading == "line":
            self.line(kpi)
        elif manner.heading == "row":
            sheet.grid([sheet.width - 90, 90], [self.title(kpi)])
        if manner.about and manner.heading != "top":
            self.about(kpi)
        if manner.graph == "above":
            self.chart(kpi)
        sheet.space(6)
        if manner.heading == "top":
            wide = widths[-1]
            over: Row = [
                replace(self.title(kpi)[0] or Cell(), across=len(widths) - 1),
                *[None] * (len(widths) - 2),
                self.title(kpi)[1],
            ]
            assert wide
            rows = [over, *rows]
        sheet.grid(widths, rows)
        sheet.space(6)
        if manner.graph == "below":
            self.chart(kpi)
        sheet.paragraph(
            f"Commentary: the service reports that results moved in the quarter. Of those concerned, "
            f"{self.rng.randint(11, 99)}% said so themselves and the target for next year is under review."
        )
        sheet.paragraph("Data notes: reported as at the end of the quarter.", size=self.style.size - 2)

    def title(self, kpi: GridFacts) -> list[Cell]:
        rating = self.sheet.rag_cell(kpi.headed or kpi.rag, arrow=kpi.direction, bold=True)
        return [Cell(text=kpi.name, bold=True), rating]

    def line(self, kpi: GridFacts) -> None:
        """Heading as plain text: the rating on its colour at the right, its arrow beside it."""
        sheet = self.sheet
        size = self.style.size + 1
        font = sheet.face(True)
        lines = sheet.wrap(kpi.name, sheet.width - 140, size, True)
        height = max(len(lines) * size * 1.2 + 4, size + 8)
        sheet.room(height)
        for at, text in enumerate(lines):
            sheet.write(self.style.left, sheet.y + 2 + (at + 0.85) * size * 1.2, text, size=size, font=font)
        word, right = sheet.word_of(kpi.rag), self.style.left + sheet.width
        if (fill := sheet.fill_of(kpi.rag)) is not None:
            sheet.rect(right - 110, sheet.y, 75, height, fill)
        middle = sheet.y + height / 2
        wide = string_width(word, font, size)
        colour = WHITE if kpi.rag == RED and self.style.white_on_red else (0, 0, 0)
        sheet.write(right - 72 - wide / 2, middle + size * 0.35, word, size=size, font=font, colour=colour)
        if kpi.direction:
            sheet.arrow(right - 17, middle, kpi.direction)
        sheet.space(height + 4)

    def about(self, kpi: GridFacts) -> None:
        sheet = self.sheet
        quarter = sheet.width / 4
        sheet.grid(
            [quarter] * 4,
            [
                [Cell(text="Cabinet Member", bold=True), Cell(text="A Member"), Cell(text="Director", bold=True),
                 Cell(text="An Officer")],
                [Cell(text="Portfolio", bold=True), Cell(text="A Portfolio"), Cell(text="Division", bold=True),
                 Cell(text=kpi.service)],
            ],
        )  # fmt: skip

    def chart(self, kpi: GridFacts) -> None:
        sheet = self.sheet
        labels = tuple(quarter_label(q, "Jun 13") for q in kpi.quarters)
        values = tuple(_plain(text) for text in kpi.actuals)
        chart = Chart(labels=labels, bars=values, lines=(("Target", tuple(_plain(text) for text in kpi.targets)),))
        draw_chart(sheet, chart, self.style.left, sheet.y + 4, sheet.width, self.style.chart_height - 8)
        sheet.space(self.style.chart_height)

    def rows(self, kpi: GridFacts) -> tuple[list[float], list[Row]]:
        """Column widths and rows of the grid."""
        manner = self.manner
        heads = [quarter_label(q, manner.labels) for q in kpi.quarters]
        before = [(f"{kpi.quarters[0].year - 1}/{kpi.quarters[0].year % 100:02d}", kpi.year_before)]
        after = [("Year to date", kpi.to_date)] if kpi.to_date else []
        before = before if kpi.year_before else []
        if kpi.forecast:
            following = kpi.quarters[-1].plus(1)
            after.append((f"Forecast {quarter_label(following, 'Jun 13')}", kpi.forecast))
        columns = len(before) + len(heads) + len(after)
        narrow = [Cell(text=text, centre=True, bold=True) for text in [*(b[0] for b in before), *heads]]
        narrow += [Cell(text=text, centre=True, bold=True) for text, _ in after]
        rows: list[Row] = [[Cell(text=manner.caption, bold=True), *narrow]]
        if manner.labels == "two rows":
            rows.insert(0, self.years(kpi, len(before), len(after)))
        rows.append(self.values(manner.actual, [*(b[1] for b in before), *kpi.actuals, *(a[1] for a in after)]))
        blank_before, blank_after = [""] * len(before), [""] * len(after)
        for what in manner.order:
            if what == "t":
                rows.append(self.limits(manner.target, kpi.targets, len(before), len(after)))
            elif what == "f":
                rows.append(self.values(manner.floor, [*blank_before, *kpi.floors, *blank_after]))
            else:
                rows.append(self.rating_row(kpi, len(before), len(after)))
        if kpi.compared:
            rows.append(self.values(manner.compared, [*blank_before, *kpi.compared, *blank_after]))
        if manner.travel_row:
            arrows = [Cell(arrow=kpi.direction) if at == kpi.own else Cell() for at in range(len(heads))]
            padding = ([Cell()] * len(before), [Cell()] * len(after))
            rows.append([Cell(text="DoT"), *padding[0], *arrows, *padding[1]])
        share = (self.sheet.width - 96) / columns
        return [96.0, *[share] * columns], rows

    def values(self, label: str, texts: Sequence[str]) -> Row:
        return [Cell(text=label, bold=True), *(Cell(text=text, centre=True) for text in texts)]

    def limits(self, label: str, texts: Sequence[str], before: int, after: int) -> Row:
        if not self.manner.merged_target:
            return self.values(label, [*[""] * before, *texts, *[""] * after])
        one = Cell(text=texts[0], centre=True, across=len(texts))
        return [Cell(text=label, bold=True), *[Cell()] * before, one, *[None] * (len(texts) - 1), *[Cell()] * after]

    def years(self, kpi: GridFacts, before: int, after: int) -> Row:
        """The financial years over quarters that are named by number alone."""
        row: list[Cell | None] = [Cell(), *[Cell()] * before]
        at = 0
        while at < len(kpi.quarters):
            same = sum(q.year == kpi.quarters[at].year for q in kpi.quarters)
            head = Cell(text=kpi.quarters[at].financial_year, centre=True, bold=True, across=same)
            row += [head, *[None] * (same - 1)]
            at += same
        return [*row, *[Cell()] * after]

    def rating_row(self, kpi: GridFacts, before: int, after: int) -> Row:
        cells = [self.rating(rag, text) for rag, text in zip(kpi.ratings, kpi.actuals, strict=True)]
        return [Cell(text=self.manner.rating or "", bold=True), *[Cell()] * before, *cells, *[Cell()] * after]

    def rating(self, rag: str | None, actual: str) -> Cell:
        if rag is None:
            return Cell(text=self.manner.gap_for_none if actual else "", centre=True)
        cell = self.sheet.rag_cell(rag)
        if self.manner.rating_as == "word":
            return replace(cell, fill=None, colour=(0, 0, 0))
        if self.manner.rating_as == "colour":
            return replace(cell, text="")
        return replace(cell, text=rag[0].upper()) if self.manner.rating_as == "letter" else cell

    def activity(self, name: str, quarters: Sequence[Quarter], texts: Sequence[str]) -> None:
        """Demand, with the range in which it was expected: no target, no rating."""
        sheet = self.sheet
        sheet.room(150)
        sheet.paragraph("Activity indicators", bold=True)
        sheet.paragraph(name, bold=True, after=0.3)
        rows: list[Row] = [
            [Cell(text="Quarter"), *(Cell(text=quarter_label(q, "Jun 13")) for q in quarters)],
            self.values("Actual", texts),
            self.values("Upper threshold", ["43,000"] * len(quarters)),
            self.values("Lower threshold", ["800"] * len(quarters)),
        ]
        sheet.grid([110, *[80.0] * len(quarters)], rows)
        sheet.space(14)


def _plain(text: str) -> float | None:
    try:
        return float(text.strip("£%").replace(",", ""))
    except ValueError:  # blank, or words
        return None
