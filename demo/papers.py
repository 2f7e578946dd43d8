"""Draws the papers: the Quarterly Performance Report and what is printed around it.

The layout is that of Kent's 2024/25 reports: key, summary table with coloured
heads and drawn arrows, a list for each service, an own page part for each service
with a box an indicator, tables of calls, complaints and digital take-up, charts
that hold no text, corporate risks. `Style` bends all of it, so that tests can ask
for papers that nobody has seen. Same facts, style and seed: same bytes.
"""

import io
import random
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

import pymupdf

from demo.drawing import BLUE, KENT, WHITE, Cell, Chart, Row, Run, Sheet, Style, draw_chart, string_width
from demo.story import (
    AMBER,
    FULL_MONTHS,
    GREEN,
    IMPROVING,
    RED,
    SERVICES,
    STABLE,
    WORSENING,
    Counts,
    Edition,
    KpiFacts,
    QuarterFacts,
    Service,
    counted,
    in_words,
    than_before,
)

RAGS, WAYS = (GREEN, AMBER, RED), (IMPROVING, STABLE, WORSENING)


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """A report and where things stand in it, for tests that want to look there. Pages are 1-based."""

    body: bytes
    summary_page: int
    list_pages: dict[str, int] = field(default_factory=dict)  # indicator key -> page of its row in the list
    box_pages: dict[str, int] = field(default_factory=dict)  # indicator key -> page of its box
    complaints_page: int = 0
    risks_page: int = 0


def performance_report(facts: QuarterFacts, style: Style = KENT, rng: random.Random | None = None) -> bytes:
    """The edition's report as a PDF."""
    return drawn_report(facts, style, rng).body


def drawn_report(facts: QuarterFacts, style: Style = KENT, rng: random.Random | None = None) -> Drawn:
    """The edition's report with its whereabouts. `rng` chooses among spellings; by default the edition does."""
    return _Report(facts, style, rng or random.Random(f"report {facts.edition.number}")).draw()


def services_in_order(style: Style) -> list[Service]:
    """The services as this style arranges them."""
    if not style.service_order:
        return list(SERVICES)
    return sorted(SERVICES, key=lambda service: style.service_order.index(service.key))


def _percent_change(now: float, before: float) -> str:
    change = round(100 * (now - before) / before)
    if change == 0:
        return "hardly changed from"
    return f"{abs(change)}% {'up on' if change > 0 else 'down on'}"


class _Report:
    """One report while it is drawn."""

    def __init__(self, facts: QuarterFacts, style: Style, rng: random.Random) -> None:
        self.facts = facts
        self.style = style
        self.rng = rng
        self.sheet = Sheet(style)
        self.services = services_in_order(style)
        self.list_pages: dict[str, int] = {}
        self.box_pages: dict[str, int] = {}
        self.summary_page = self.complaints_page = self.risks_page = 0

    def draw(self) -> Drawn:
        self.cover()
        self.key()
        self.summary()
        self.lists()
        for service in self.services:
            self.section(service)
        self.risks()
        return Drawn(
            body=self.sheet.body(),
            summary_page=self.summary_page,
            list_pages=self.list_pages,
            box_pages=self.box_pages,
            complaints_page=self.complaints_page,
            risks_page=self.risks_page,
        )

    @property
    def size(self) -> float:
        return self.style.size

    def bar(self, text: str, *, points: float | None = None) -> None:
        """A heading in a grey box as wide as the page."""
        points = points or self.size + 2
        self.sheet.room(60)
        self.sheet.grid(
            [self.sheet.width], [[Cell(text=text, bold=True, fill=self.style.grey, centre=True, size=points)]]
        )
        self.sheet.space(8)

    # --- the first pages

    def cover(self) -> None:
        sheet, edition = self.sheet, self.facts.edition
        sheet.space(120)
        for text in (
            "Kent County Council",
            "Quarterly Performance Report",
            f"Quarter {edition.quarter}",
            edition.financial_year,
        ):
            sheet.centred(text, size=26, after=32)
        sheet.y = sheet.end - 70
        for text in ("Produced by: the kccwatch replica", "E-mail: performance@replica.invalid", "Phone: 01632 960000"):
            sheet.runs([Run(text)], after=0)

    def key(self) -> None:
        sheet, facts = self.sheet, self.facts
        sheet.new_page()
        sheet.centred("Key to KPI Ratings used", size=self.size + 4, after=10)
        sheet.paragraph(
            f"This report includes {facts.kpi_total} Key Performance Indicators (KPIs), each with a Target for the "
            "financial year. A RAG (Red/Amber/Green) rating says how the result stands to the Target, an arrow the "
            "Direction of Travel (DoT): the trend over all quarters that the indicator's graph shows."
        )
        rows: list[Row] = []
        for rag, meaning in (
            (GREEN, "Target has been achieved or exceeded"),
            (AMBER, "Floor Standard* achieved, Target not met"),
            (RED, "Floor Standard* has not been achieved"),
        ):
            rows.append([sheet.rag_cell(rag), Cell(text=meaning)])
        for way, meaning in (
            (IMPROVING, "Performance is improving (positive trend)"),
            (WORSENING, "Performance is worsening (negative trend)"),
            (STABLE, "Performance has remained stable or shows no clear trend"),
        ):
            rows.append([Cell(arrow=way), Cell(text=meaning)])
        sheet.grid([85, sheet.width - 100], rows)
        sheet.space(10)
        sheet.paragraph(
            "*A Floor Standard is the least that is expected; whatever falls below it needs management action."
        )
        sheet.centred("Key to Activity Indicator Graphs", size=self.size + 4, after=10)
        sheet.paragraph(
            "Activity Indicators show demand and other context. Their graphs carry an upper and a lower line between "
            "which activity was expected to stay, worked out from earlier years; they have no rating."
        )

    def summary(self) -> None:
        sheet, facts = self.sheet, self.facts
        sheet.new_page()
        self.summary_page = sheet.page
        self.bar("Executive Summary")
        for text in self.summary_words():
            sheet.paragraph(text)
        name_width = sheet.width - 6 * self.style.summary_columns
        rows: list[Row] = [
            [
                Cell(),
                *(sheet.rag_cell(rag, text=rag[0].upper()) for rag in RAGS),
                *(Cell(arrow=way) for way in WAYS),
            ]
        ]
        for service in self.services:
            counts = facts.printed_summary[service.key]
            rows.append([Cell(text=service.name, second=service.part), *self.count_cells(counts)])
        rows.append([Cell(text="TOTAL", bold=True), *self.count_cells(facts.counts, bold=True)])
        sheet.grid([name_width, *[self.style.summary_columns] * 6], rows, header_rows=1)

    def summary_words(self) -> list[str]:
        """The paragraph over the summary table."""
        facts, counts, before = self.facts, self.facts.counts, self.facts.previous_counts
        n = facts.kpi_total
        first = self.rng.choice(
            (
                f"In Quarter {facts.edition.quarter}, {facts.edition.financial_year}, {counts.green} of the {n} "
                f"indicators are rated Green ({than_before(counts.green, before.green)}).",
                f"For Quarter {facts.edition.quarter} {facts.edition.financial_year}, {counts.green} of the {n} "
                f"indicators achieved target and are rated Green ({than_before(counts.green, before.green)}).",
            )
        )
        return [
            f"{first} {counts.amber} indicators achieved the floor standard without reaching target and are "
            "rated Amber "
            f"({than_before(counts.amber, before.amber)}); {in_words(counts.red)} did not achieve the floor "
            "standard and "
            f"are rated Red ({than_before(counts.red, before.red)}). {in_words(counts.improving).capitalize()} "
            f"indicators show an improving trend ({than_before(counts.improving, before.improving)}) and "
            f"{in_words(counts.worsening)} a worsening trend ({than_before(counts.worsening, before.worsening)}).",
            "Most of what is rated Red lies where demand and cost have grown fastest, in special educational needs, in "
            "care placements and in answering people's requests and complaints. What the report says of the last "
            "quarter may have moved on by the time that it is read.",
        ]

    def count_cells(self, counts: Counts, *, bold: bool = False) -> list[Cell]:
        return [Cell(text=str(n) if n else self.style.zero, bold=bold, centre=True) for n in counts.row()]

    # --- the lists of the executive summary

    def lists(self) -> None:
        self.sheet.new_page()
        for service in self.services:
            widths, rows, header_rows = self.list_of(service)
            if self.style.keep_tables_together:
                self.sheet.room(min(sum(self.sheet.heights(widths, rows)) + 80, self.sheet.end - self.sheet.y + 1))
            self.words_on(service)
            pages = self.grid_pages(widths, rows, header_rows)
            keys = [kpi.indicator.key for kpi in self.facts.of(service.key)]
            self.list_pages |= dict(zip(keys, pages[header_rows:], strict=True))
            self.sheet.space(self.size * 1.2)

    def words_on(self, service: Service) -> None:
        """What the executive summary says of one service, with the count of Greens in it."""
        facts = self.facts
        kpis = facts.of(service.key)
        said, before = facts.said_green[service.key], facts.previous_by_service[service.key]
        noun = self.rng.choice(("indicators", "KPIs"))
        achieved = self.rng.choice(("met target", "achieved target"))
        text = (
            f"– {in_words(said).capitalize() if said else 'None'} of the {in_words(len(kpis))} {noun} {achieved}, "
            f"{than_before(said, before.green)}."
        )
        counts = facts.printed_summary[service.key]
        true = {rag: sum(kpi.rag == rag for kpi in kpis) for rag in RAGS}
        if true[RED]:
            worst = next(kpi for kpi in kpis if kpi.rag == RED)
            text += f" {in_words(true[RED]).capitalize()} {'is' if true[RED] == 1 else 'are'} rated Red."
            text += (
                f" {_plain_name(worst)} stands at {worst.text(worst.value)} against a floor of "
                f"{worst.limit_text(worst.floor)}."
            )
        if counts.worsening:
            text += " Where the trend is negative the service has been asked for a plan."
        self.sheet.room(80)
        self.sheet.runs([Run(service.heading, bold=True, colour=BLUE, underline=True), Run(text)])

    def list_of(self, service: Service) -> tuple[list[float], list[Row], int]:
        """Column widths, rows and number of header rows of a service's list."""
        sheet, style = self.sheet, self.style
        latest, previous, dot = style.list_columns
        if not style.previous_column:
            previous = 0
        widths = [sheet.width - latest - previous - dot, latest, *([previous] if previous else []), dot]
        grey = style.grey
        title = Cell(text=f"{service.heading} KPIs", bold=True, fill=grey, down=2, colour=BLUE, underline=True)
        head = Cell(text="RAG rating", bold=True, fill=grey, centre=True, across=2 if previous else 1)
        arrow = Cell(text="DoT", bold=True, fill=grey, centre=True, down=2)
        if previous:
            rows: list[Row] = [
                [title, head, None, arrow],
                [
                    None,
                    Cell(text="Latest", bold=True, fill=grey, centre=True),
                    Cell(text="Previous", fill=grey, centre=True),
                    None,
                ],
            ]
        else:
            rows = [[replace(title, down=1), head, replace(arrow, down=1)]]
        header_rows = len(rows)
        kpis = self.facts.of(service.key)
        for kpi in kpis:
            way = kpi.listed_direction or kpi.direction
            cells = [Cell(text=kpi.indicator.name), sheet.rag_cell(kpi.rag, bold=True)]
            if previous:
                cells.append(sheet.rag_cell(kpi.previous_rag))
            rows.append([*cells, Cell(arrow=way)])
        return widths, rows, header_rows

    def grid_pages(self, widths: Sequence[float], rows: Sequence[Row], header_rows: int) -> list[int]:
        """Draws a table and says which page each row came to stand on."""
        pages: list[int] = []
        self.sheet.grid(widths, rows, header_rows=header_rows, on_row=lambda _: pages.append(self.sheet.page))
        return pages

    # --- a service's own pages

    def section(self, service: Service) -> None:
        sheet = self.sheet
        sheet.new_page()
        sheet.space(20)
        self.bar(service.section)
        people = "Cabinet Members" if "," in service.members else "Cabinet Member"
        third = sheet.width / 3
        sheet.grid(
            [third, 2 * third],
            [
                [Cell(text=people, bold=True), Cell(text=service.members)],
                [Cell(text="Corporate Director", bold=True), Cell(text=service.director)],
            ],
        )
        sheet.space(10)
        self.kpi_summary(service)
        sheet.space(14)
        for text, bold in self.prose(service):
            sheet.paragraph(text, bold=bold)
        if service.key == "environment":
            self.road_casualties()
        sheet.room(40 + self.box_height())
        sheet.paragraph("Key Performance Indicators", bold=True)
        for n, kpi in enumerate(self.facts.of(service.key)):
            self.box(kpi, first=n == 0 and service.key == "customer")
        self.activity(service)
        if service.key == "customer":
            self.calls()
            self.complaints()
            self.take_up()

    def kpi_summary(self, service: Service) -> None:
        sheet = self.sheet
        width = sheet.width / 7.3
        kpis = self.facts.of(service.key)
        rows: list[Row] = [
            [
                Cell(text="KPI Summary", down=2),
                *(sheet.rag_cell(rag) for rag in RAGS),
                *(Cell(arrow=way) for way in WAYS),
            ],
            [None, *self.count_cells(counted(kpis))],
        ]
        sheet.grid([width * 1.3, *[width] * 6], rows)

    def prose(self, service: Service) -> list[tuple[str, bool]]:
        """Running text on a service; what is done about a Red indicator stands in bold."""
        kpis = self.facts.of(service.key)
        quarter = f"Quarter {self.facts.edition.quarter}"
        texts = []
        for n in range(0, len(kpis), 2):
            told = " ".join(self._sentence(kpi) for kpi in kpis[n : n + 2])
            texts.append((f"{told} All figures are for {quarter} unless a note says otherwise.", False))
        if service.key == "customer":
            table = self.facts.complaints
            texts.append(
                (
                    f"{quarter} brought {int(table.total[3]):,} complaints, "
                    f"{_percent_change(table.total[3], table.total[2])} the quarter before.",
                    False,
                )
            )
        for kpi in kpis:
            if kpi.rag == RED:
                texts.append(
                    (
                        f"Management action: managers look at this every month until it is back above its floor "
                        f"standard. {_plain_name(kpi)}.",
                        True,
                    )
                )
        return texts

    def _sentence(self, kpi: KpiFacts) -> str:
        if kpi.value is None:
            return f"{_plain_name(kpi)} could not be reported, as no data had arrived."
        moved = "new in this report"
        if kpi.previous_value is not None:
            if kpi.value == kpi.previous_value:
                moved = "unchanged from the previous quarter"
            else:
                up = "up" if kpi.value > kpi.previous_value else "down"
                moved = f"{up} from {kpi.text(kpi.previous_value)} in the previous quarter"
        return f"{_plain_name(kpi)} stands at {kpi.text(kpi.value)}, {moved}."

    # --- boxes

    def box_height(self) -> float:
        line = self.size * self.style.leading
        return 2 * line + 3 + self.style.chart_height + line + 3

    def box(self, kpi: KpiFacts, *, first: bool) -> None:
        """Title and rating, chart, strip of figures; two columns over one over three."""
        sheet, style = self.sheet, self.style
        line = self.size * style.leading
        rag_width = 59
        title_lines = len(sheet.wrap(kpi.indicator.title, sheet.width - rag_width - 8, self.size))
        head = max(2, title_lines) * line + 3
        chart_space, strip = style.chart_height, line + 3
        sheet.room(head + chart_space + strip + (line if kpi.indicator.note else 0))
        self.box_pages[kpi.indicator.key] = sheet.page
        x, y = style.left, sheet.y
        title = Cell(text=kpi.indicator.title, fill=style.grey)
        rating = sheet.rag_cell(kpi.rag, arrow=kpi.direction)
        parts = [(x, sheet.width - rag_width, title), (x + sheet.width - rag_width, rag_width, rating)]
        for left, width, cell in reversed(parts) if style.rag_before_title else parts:
            sheet.cell(left, y, width, head, cell)
        sheet.cell(x, y + head, sheet.width, chart_space, Cell())
        draw_chart(sheet, self.chart_of(kpi), x + 8, y + head + 2, sheet.width - 16, chart_space - 6)
        third = sheet.width / 3
        for n, text in enumerate(self.strip(kpi)):
            sheet.cell(x + n * third, y + head + chart_space, third, strip, Cell(text=text, centre=True))
        sheet.y = y + head + chart_space + strip
        if first and style.hidden_duplicate and style.floor_in_strip:
            hidden = f"Floor: {kpi.limit_text(kpi.floor)}"
            sheet.write(x + 1.4 * third, sheet.y + self.size, hidden, size=self.size, font=sheet.face(), colour=WHITE)
        if kpi.indicator.note:
            sheet.space(2)
            sheet.paragraph(kpi.indicator.note, size=self.size - 3, after=0.3)
        sheet.space(self.size * 1.2)

    def strip(self, kpi: KpiFacts) -> tuple[str, str, str]:
        """The three texts under a chart, in one of the spellings that the clerks use."""
        colon, comma, floor_colon, bare = ": ", ", ", ": ", ": "
        if not self.style.tidy_strip:
            colon = self.rng.choice((": ", ": ", ": ", ":"))
            comma = self.rng.choice((", ", ", ", " "))
            floor_colon = self.rng.choice((": ", ": ", " "))
            bare = self.rng.choice((": ", ": ", ": ", " "))
        latest = f"{self.style.latest}{colon}{kpi.text(kpi.value)}"
        target = f"Target{colon}{kpi.limit_text(kpi.target)}"
        if self.style.floor_in_strip:
            target += f"{comma}Floor{floor_colon}{kpi.limit_text(kpi.floor)}"
        previous = f"Previous{bare}{kpi.text(kpi.previous_value)}"
        if kpi.previous_rag and self.style.previous_rag_in_strip:
            previous += f" ({kpi.previous_rag.capitalize()})"
        return latest, target, previous

    def chart_of(self, kpi: KpiFacts) -> Chart:
        end = self.facts.edition
        labels = tuple(end.plus(-back).end_month.replace(" ", "-") for back in range(5, -1, -1))
        return Chart(labels=labels, bars=kpi.history, lines=(("Target", (kpi.target,) * len(labels)),))

    def activity(self, service: Service) -> None:
        """Charts that say nothing in the text layer but their titles."""
        sheet, end = self.sheet, self.facts.edition
        names = {
            "customer": (
                "Number of phone calls responded to by Contact Point – Quarterly",
                "Number of complaints received - Quarterly",
            ),
            "growth": (
                "Total number of physical visits to Kent libraries",
                "Total number of book issues from Kent libraries",
            ),
        }.get(service.key, (f"Demand on {service.heading} – by Quarter",))
        sheet.room(150)
        sheet.paragraph("Activity indicators", bold=True)
        labels = tuple(end.plus(-back).end_month.replace(" ", "-") for back in range(8, -1, -1))
        for name in names:
            rng = random.Random(f"{name} {end.number}")
            actual = tuple(rng.uniform(900, 1500) for _ in labels)
            chart = Chart(labels=labels, lines=(("Actual", actual), ("Upper", (1600.0,) * 9), ("Lower", (800.0,) * 9)))
            sheet.room(150)
            sheet.grid([sheet.width], [[Cell(text=name, fill=self.style.grey, centre=True)]])
            sheet.cell(self.style.left, sheet.y, sheet.width, 92, Cell())
            draw_chart(sheet, chart, self.style.left + 8, sheet.y + 3, sheet.width - 16, 86)
            sheet.space(92 + 14)

    # --- tables of numbers

    def head(self, text: str, **more: object) -> Cell:
        return replace(Cell(text=text, bold=True, fill=self.style.grey, centre=True), **more)  # type: ignore[arg-type]

    def calls(self) -> None:
        sheet, table = self.sheet, self.facts.calls
        sheet.new_page()
        sheet.space(20)
        self.bar("Customer Services – Call Activity")
        self.bar("Number of phone calls to Contact Point (thousands)", points=self.size)
        sheet.paragraph(
            f"In the quarter there were {int(table.total[3])} thousand calls; over twelve months the number is "
            f"{_percent_change(table.total[5], table.total[4])} the twelve months before."
        )
        rows: list[Row] = [[self.head("Service area", centre=False), *(self.head(column) for column in table.columns)]]
        for name, values in table.rows:
            rows.append([Cell(text=name), *(Cell(text=f"{int(v)}", centre=True) for v in values)])
        total = [Cell(text=f"{int(v)}", bold=True, centre=True) for v in table.total]
        rows.append([Cell(text="Total Calls (thousands)", bold=True), *total])
        sheet.grid([sheet.width - 6 * 51, *[51.0] * 6], rows, header_rows=1)
        sheet.space(3)
        sheet.paragraph("Because of rounding, figures may not add up to the totals.", size=self.size - 3, after=0.4)
        sheet.paragraph("* Kent Support and Assistance Service", size=self.size - 3)

    def complaints(self) -> None:
        sheet, style, table = self.sheet, self.style, self.facts.complaints
        sheet.new_page()
        sheet.space(20)
        self.complaints_page = sheet.page
        self.bar("Customer Services – Complaints Monitoring")
        sheet.paragraph(
            f"The number of complaints is {_percent_change(table.total[3], table.total[2])} the previous quarter; over "
            f"twelve months it is {_percent_change(table.total[1], table.total[0])} the year before."
        )
        gap = 0.0 if style.year_gap == "none" else 14.0
        width = (sheet.width - gap) * 0.15
        widths = [sheet.width - gap - 4 * width, width, width, *([gap] if gap else []), width, width]

        def row(first: Cell, cells: Sequence[Cell], between: Cell) -> Row:
            return [first, *cells[:2], *([between] if gap else []), *cells[2:]]

        filled = style.year_gap == "filled"
        white = Cell(fill=WHITE if filled else None, rules="")
        grey = Cell(fill=style.grey, rules="t") if filled else white
        rows = [row(self.head("Service", centre=False), [self.head(c) for c in table.columns], grey)]
        for name, values in table.rows:
            cells = [Cell(text=f"{int(v):,}", centre=True) for v in values]
            if style.displaced_cell and name.startswith("Education"):
                cells[2] = replace(cells[2], drop=self.size * 0.75)
            rows.append(row(Cell(text=name), cells, white))
        total = [Cell(text=f"{int(v):,}", bold=True, centre=True) for v in table.total]
        rows.append(row(Cell(text="Total Complaints", bold=True), total, replace(white, rules="b" if filled else "")))
        sheet.grid(widths, rows, header_rows=1)

    def take_up(self) -> None:
        sheet, table = self.sheet, self.facts.take_up
        sheet.new_page()
        sheet.space(20)
        self.bar("Customer Services – Digital Take-up")
        sheet.paragraph("The share of transactions that people finished online or by an automated line.")
        small = self.size - 2
        heads = [self.head(column, size=small) for column in table.columns]
        rows: list[Row] = [[self.head("Transaction type", centre=False), *heads]]
        for name, values in table.rows:
            shares = [Cell(text=f"{int(v)}%", centre=True) for v in values[:-1]]
            rows.append([Cell(text=name), *shares, Cell(text=f"{int(values[-1]):,}", centre=True)])
        width = sheet.width * 0.125
        sheet.grid([sheet.width - 4 * width - 1.35 * width, *[width] * 4, 1.35 * width], rows, header_rows=1)
        sheet.space(3)
        sheet.paragraph("* Loans of single items, not people who borrow.", size=self.size - 3)

    def road_casualties(self) -> None:
        """A header of two levels, narrow enough to break a word."""
        sheet, table = self.sheet, self.facts.casualties
        rows: list[Row] = [
            [
                Cell(
                    text=f"Quarter {self.facts.edition.quarter}",
                    bold=True,
                    fill=self.style.grey,
                    centre=True,
                    across=12,
                )
            ]
        ]
        small = self.size - 2.5
        years: list[Cell | None] = []
        heads: list[Cell | None] = []
        values: list[Cell | None] = []
        for year, figures in table.rows:
            years += [self.head(year, across=4), None, None, None]
            heads += [self.head(column, size=small) for column in table.columns]
            values += [Cell(text=f"{int(v)}", centre=True, size=small) for v in figures]
        rows[0] = [*rows[0], *[None] * 11]
        rows += [years, heads, values]
        # As in the real table: wide enough for a year's casualties, one letter too narrow for "Total".
        total = string_width("1084", sheet.face(), small) + 8.3 if self.style.broken_word else 40
        share = (sheet.width - 3 * total) / 9
        sheet.room(110)
        sheet.grid([share * 0.85, share * 1.25, share * 0.9, total] * 3, rows)
        sheet.space(12)

    # --- risks

    def risks(self) -> None:
        sheet, facts = self.sheet, self.facts
        sheet.new_page()
        sheet.space(20)
        self.risks_page = sheet.page
        self.bar("Corporate Risk Register – Overview")
        before, now = (f"{FULL_MONTHS[day.month - 1]} {day.year}" for day in facts.risk_months)
        sheet.paragraph(
            f"How many corporate risks stand at each level by their score in {now}, compared with {before}, is "
            "in the table."
        )
        name_width = sheet.width * 0.43
        fills = zip(("Low Risk", "Medium Risk", "High Risk"), RAGS, strict=True)
        rows: list[Row] = [[Cell(), *(sheet.rag_cell(rag, text=text, bold=True) for text, rag in fills)]]
        for month, levels in zip((before, now), facts.risk_levels, strict=True):
            cells = [Cell(text=str(n), centre=True) for n in levels]
            rows.append([Cell(text=f"Current risk level {month}", bold=True), *cells])
        sheet.grid([name_width, *[(sheet.width - name_width) / 3] * 3], rows)
        sheet.space(12)
        sheet.paragraph("KEY CHANGES DURING LAST QUARTER", bold=True)
        last = ""
        for risk in facts.risks:
            if risk.change != last:
                sheet.runs([Run(risk.change, bold=True)], after=0)
            last = risk.change
            sheet.runs([Run(f"{risk.code}: {risk.title}.", underline=True), Run(risk.text)])
        sheet.paragraph("MITIGATING ACTIONS", bold=True, after=0)
        self.mitigation(now)

    def mitigation(self, month: str) -> None:
        sheet = self.sheet
        rng = random.Random(f"mitigation {self.facts.edition.number}")
        done = (8, 6, 4, 1) if self.facts.edition == Edition(2024, 3) else tuple(rng.randint(1, 9) for _ in range(4))
        sheet.paragraph(f"Of the actions against corporate risks, {sum(done)} were due by {month}.")
        heads = (
            "Due Date for Review or Completion",
            "Actions Completed / Closed",
            "Actions Partially complete",
            "Actions subject to Regular Review",
            "Actions Outstanding",
        )
        share = sheet.width * 0.66 / 4
        sheet.grid(
            [sheet.width - 4 * share, *[share] * 4],
            [
                [Cell(text=text, bold=True, centre=n > 0) for n, text in enumerate(heads)],
                [Cell(text=f"Up to and including {month}"), *(Cell(text=str(n), centre=True) for n in done)],
            ],
        )
        sheet.space(12)
        for risk in self.facts.risks[-2:]:
            sheet.grid([sheet.width], [[Cell(text=f"{risk.code}: {risk.title}", bold=True)]])
            sheet.space(4)
            sheet.runs([Run("Partially Complete", underline=True)], after=0)
            sheet.paragraph("The plan is written and the first part of it done; the rest follows in the spring.")


def _plain_name(kpi: KpiFacts) -> str:
    """The indicator's name for running text."""
    name = kpi.indicator.title.removesuffix(" – rolling 12 months")
    return name.replace("Percentage of ", "The share of ", 1) if name.startswith("Percentage of ") else name


# --- the papers around it ---------------------------------------------------


def ordinal(day: int) -> str:
    return f"{day}{'th' if 10 <= day % 100 <= 20 else {1: 'st', 2: 'nd', 3: 'rd'}.get(day % 10, 'th')}"


WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def long_date(day: date) -> str:
    """`Tuesday, 4th March, 2025`, as ModernGov writes it."""
    return f"{WEEKDAYS[day.weekday()]}, {ordinal(day.day)} {FULL_MONTHS[day.month - 1]}, {day.year}"


def plain_date(day: date) -> str:
    """`4 March 2025`, as clerks write it."""
    return f"{day.day} {FULL_MONTHS[day.month - 1]} {day.year}"


_LETTER = replace(KENT, header="", left=65, right=65)


def cover_report(facts: QuarterFacts, meeting: date, style: Style = _LETTER) -> bytes:
    """The two pages that introduce the report to Cabinet."""
    sheet = Sheet(replace(style, header=""))
    edition, counts, before = facts.edition, facts.counts, facts.previous_counts
    end = f"{FULL_MONTHS[edition.period_end.month - 1]} {edition.period_end.year}"
    for label, value in (
        ("From:", "Robin Oast – Leader of the Council"),
        ("", "Jo Fenwick – Chief Executive Officer"),
        ("To:", f"Cabinet – {plain_date(meeting)}"),
        ("Decision No:", "n/a"),
        ("Subject:", f"Quarterly Performance Report, Quarter {edition.quarter}, {edition.financial_year}"),
        ("Classification:", "Unrestricted"),
    ):
        x = style.left + 5
        sheet.write(x, sheet.y + style.size, label, size=style.size, font=sheet.face(bold=True))
        sheet.write(x + 108, sheet.y + style.size, value, size=style.size, font=sheet.face(bold=label == "Subject:"))
        sheet.space(26)
    n = facts.kpi_total
    rated = f"{in_words(counts.red).capitalize()} KPIs did not meet the floor standard (Red)."
    if counts.red == 1:
        rated = "One KPI did not meet the floor standard (Red)."
    sheet.runs(
        [
            Run("Summary:", bold=True),
            Run(
                "The Quarterly Performance Report (QPR) tells Cabinet how the authority's key areas are doing. "
                "This one "
                f"covers results to the end of {end} (Quarter {edition.quarter}, {edition.financial_year})."
            ),
        ]
    )
    unrated = n - counts.green - counts.amber - counts.red
    sheet.paragraph(
        f"Of the {n} Key Performance Indicators (KPIs) contained within the QPR, {counts.green} achieved "
        "target (Green), "
        f"and {counts.amber} achieved or exceeded the floor standard but did not meet target (Amber). {rated}"
        + (f" {in_words(unrated).capitalize()} had no data at the time of publication." if unrated else "")
    )
    sheet.runs(
        [
            Run("Recommendation(s):", bold=True),
            Run(f"Cabinet is asked to NOTE the Quarter {edition.quarter} report and the actions that it describes."),
        ]
    )
    sheet.paragraph("1. Introduction", bold=True)
    sheet.paragraph(
        f"1.1. The report is at Appendix 1. It includes {n} Key Performance Indicators (KPIs), whose results are set "
        "against Targets for the financial year."
    )
    sheet.paragraph(f"2. Quarter {edition.quarter} Performance Report", bold=True)
    sheet.paragraph(f"2.1. Of the {n} KPIs in it, as they stand by RAG status:")
    for text in (
        f"• {counts.green} are rated Green ({than_before(counts.green, before.green)}) - the target was "
        "achieved or exceeded.",
        f"• {counts.amber} are rated Amber ({than_before(counts.amber, before.amber)}) – the floor standard "
        "was achieved "
        "but not the target.",
        f"• {in_words(counts.red).capitalize()} are rated Red ({than_before(counts.red, before.red)}) – the floor "
        "standard was not met.",
    ):
        sheet.paragraph(text, after=0.3)
    sheet.space(8)
    sheet.paragraph(f"2.2. The {in_words(counts.red)} indicators where the RAG rating is Red are in:")
    for service in SERVICES:
        reds = [kpi for kpi in facts.of(service.key) if kpi.rag == RED]
        if reds:
            sheet.paragraph(f"• {service.name} {service.part}".strip(), after=0.2)
        for kpi in reds:
            sheet.runs([Run(f"o {kpi.indicator.title}")], indent=30, after=0.2)
    sheet.space(8)
    sheet.paragraph(
        f"2.3. With regards to Direction of Travel, {in_words(counts.improving)} indicators show a positive trend "
        f"({than_before(counts.improving, before.improving)}), {counts.stable} are stable or with no clear trend "
        f"({than_before(counts.stable, before.stable)}), and {in_words(counts.worsening)} are showing a negative trend "
        f"({than_before(counts.worsening, before.worsening)})."
    )
    sheet.paragraph("3. Contact details", bold=True)
    sheet.paragraph("Lou Tenterden, Chief Analyst, 01632 960001")
    return sheet.body()


def talk_paragraphs(facts: QuarterFacts) -> list[str]:
    """A long debate, one text a service, without a single count."""
    return [
        f"On {service.heading}, Members asked what lay behind the result for "
        f"{_plain_name(facts.of(service.key)[0])}, and "
        "whether the plan that had been shown to the committee in the spring was still being followed. It was said "
        "that the plan had been followed, that it had taken longer than hoped to fill the posts that it needed, and "
        "that its effect would be seen in the reports to come. Thanks were given to the staff, to those who had "
        "volunteered, and to the residents who had taken the trouble to write in with what they had seen."
        for service in SERVICES
    ]


def minutes_paragraphs(facts: QuarterFacts) -> list[str]:
    """What the minutes say of the report's item, one text a numbered paragraph."""
    counts, before, edition = facts.counts, facts.previous_counts, facts.edition
    return [
        f"Lou Tenterden (Chief Analyst) introduced the report for Quarter {edition.quarter}, {edition.financial_year}. "
        f"Of the {facts.kpi_total} KPIs in it, {counts.green} achieved target (rated Green), {counts.amber} "
        "achieved and "
        f"exceeded the floor standard but did not meet the target (rated Amber), and {counts.red} did not meet floor "
        f"standard (rated Red). As to direction of travel, {in_words(counts.improving)} indicators showed a positive "
        f"trend ({than_before(counts.improving, before.improving)}), {counts.stable} were stable or with no "
        "clear trend "
        f"({than_before(counts.stable, before.stable)}) and {in_words(counts.worsening)} were showing a negative trend "
        f"({than_before(counts.worsening, before.worsening)}).",
        "In answer to questions it was said that plans for pupils with special needs were being finished in the order "
        "in which they had been asked for, so that the oldest came first and the rate would stay low for a while.",
        "Members asked for the complaints that had waited longest to be shown apart in the next report.",
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """An item on a printed agenda."""

    number: str
    title: str
    pages: tuple[int, int] | None = None  # first and last page in the pack


def agenda_front_sheet(
    committee: str, meeting: date, at: str, items: Sequence[Line], published: date, exempt: Sequence[Line] = ()
) -> bytes:
    """The agenda's first page, with the date of publication at its foot."""
    sheet = Sheet(_LETTER)
    sheet.centred("AGENDA", size=14, after=14)
    sheet.centred(committee.upper(), size=14, after=16)
    x, size = sheet.style.left + 5, 12.0
    for left, label, right in (
        (f"{long_date(meeting)}, at {at}", "Ask for:", "Bobby Chatham"),
        ("Council Chamber, Sessions House,", "Telephone:", "Tel: 01632 960002"),
        ("County Hall, Maidstone", "Email:", "clerk@replica.invalid"),
    ):
        sheet.write(x, sheet.y + size, left, size=size, font=sheet.face(bold=True))
        sheet.write(x + 270, sheet.y + size, label, size=size, font=sheet.face(bold=True))
        sheet.write(x + 345, sheet.y + size, right, size=size, font=sheet.face())
        sheet.space(16)
    sheet.space(20)
    sheet.centred("UNRESTRICTED ITEMS", size=12, after=0)
    sheet.centred("(The public may stay while these are taken)", size=11, bold=False, after=14)
    for item in items:
        pages = f" (Pages {item.pages[0]} - {item.pages[1]})" if item.pages else ""
        sheet.runs([Run(f"{item.number}.", bold=False), Run(f"{item.title}{pages}")])
    sheet.space(10)
    sheet.centred("EXEMPT ITEMS", size=12, after=0)
    if not exempt:
        sheet.centred("(None was known when this agenda was written.)", size=11, bold=False, after=14)
    for item in exempt:
        sheet.runs([Run(f"{item.number}."), Run(item.title)])
    sheet.space(30)
    for text in ("Ren Faversham", "General Counsel", "01632 960003", ""):
        sheet.runs([Run(text or " ")], after=0) if text else sheet.space(14)
    sheet.paragraph(f"{WEEKDAYS[published.weekday()]}, {plain_date(published)}")
    return sheet.body()


@dataclass(frozen=True, slots=True, kw_only=True)
class Minute:
    """One item of printed minutes."""

    number: str
    title: str
    item: str  # the agenda's number of it
    paragraphs: tuple[str, ...]


def printed_minutes(committee: str, meeting: date, minutes: Sequence[Minute]) -> bytes:
    """A meeting's minutes as printed."""
    sheet = Sheet(_LETTER, title="Minutes")
    sheet.centred("KENT COUNTY COUNCIL", size=14, after=20)
    sheet.centred(committee.upper(), size=14, after=12)
    sheet.paragraph(
        f"MINUTES of a meeting of the {committee} held in the Council Chamber, Sessions House, County Hall, "
        "Maidstone on "
        f"{WEEKDAYS[meeting.weekday()]}, {plain_date(meeting)}."
    )
    sheet.paragraph("PRESENT: R Oast (Chair), A Marsh, P Weald, C Medway, L Stour, K Thanet, A Romney and M Swale")
    sheet.paragraph("IN ATTENDANCE: J Fenwick (Chief Executive), S Downs and D Hythe (Corporate Directors)")
    sheet.centred("UNRESTRICTED ITEMS", size=12, after=12)
    for minute in minutes:
        sheet.room(70)
        sheet.runs([Run(f"{minute.number.rstrip('.')}. {minute.title}", bold=True)], after=0)
        sheet.paragraph(f"(Item {minute.item})")
        for text in minute.paragraphs:
            sheet.paragraph(text)
    return sheet.body()


def plain_paper(title: str, paragraphs: Sequence[str]) -> bytes:
    """Any other paper: a heading and text."""
    sheet = Sheet(_LETTER, title=title)
    sheet.centred(title, size=14, after=16)
    for text in paragraphs:
        sheet.paragraph(text)
    return sheet.body()


def agenda_pack(front: bytes, papers: Sequence[tuple[str, bytes]], meeting: date, at: str = "10.00 am") -> bytes:
    """One PDF of the front sheet and every paper, numbered through, with blanks between them.

    `papers` are (item number, PDF). A paper starts on an odd page, as for printing on
    both sides, and carries its item's number on the first one.
    """
    pack = pymupdf.open(stream=front, filetype="pdf")
    _even_out(pack)
    for number, body in papers:
        first = pack.page_count
        with pymupdf.open(stream=body, filetype="pdf") as paper:
            pack.insert_pdf(paper)
        for page in pack.pages(first):
            page.insert_text((page.rect.width / 2 - 20, page.rect.height - 28), f"Page {page.number - 1}", fontsize=11)
        pack[first].insert_text((pack[first].rect.width - 170, 28), f"Agenda Item {number}", fontsize=13)
        _even_out(pack)
    pack.set_metadata({"title": f"(Public Pack)Agenda Document for Cabinet, {meeting:%d/%m/%Y} {at}"})
    body = pack.tobytes(garbage=3, deflate=True, no_new_id=True)
    pack.close()
    return bytes(body)


def page_count(body: bytes) -> int:
    """How many pages a paper takes in a pack: always an even number."""
    with pymupdf.open(stream=body, filetype="pdf") as paper:
        return int(paper.page_count + paper.page_count % 2)


def _even_out(pack: pymupdf.Document) -> None:
    if pack.page_count % 2:
        page = pack.new_page(width=595.3, height=841.9)
        page.insert_text((190, 400), "This page is intentionally left blank", fontsize=12)


def scanned(body: bytes, pages: int = 2) -> bytes:
    """The same paper as a scanner sees it: pictures, no text layer."""
    out = pymupdf.open()
    with pymupdf.open(stream=body, filetype="pdf") as paper:
        for page in paper.pages(0, min(pages, paper.page_count)):
            picture = page.get_pixmap(dpi=70).tobytes("jpeg")
            sheet = out.new_page(width=page.rect.width, height=page.rect.height)
            sheet.insert_image(sheet.rect, stream=io.BytesIO(picture))
    scan = out.tobytes(no_new_id=True)
    out.close()
    return bytes(scan)


def published_before(meeting: date) -> date:
    """Eight days before: the law wants five clear working days."""
    return meeting - timedelta(days=8)
