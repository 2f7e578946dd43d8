"""A page to draw on from the top left, with flowing text and ruled tables.

Just enough of a word processor for the replica's papers: text wraps and breaks
over pages, tables have merged cells, fills and arrows. What the council's own
word processor does differently from paper to paper is a field of `Style`.
"""

import io
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from itertools import pairwise
from typing import Any

from PIL import Image, ImageDraw, ImageFont
from reportlab.lib import utils
from reportlab.pdfbase import pdfmetrics, ttfonts
from reportlab.pdfgen import canvas as pdfgen

from demo.story import AMBER, GREEN, IMPROVING, RED, STABLE

# reportlab has no types: these are the doors to it.
Canvas: Any = pdfgen.Canvas
ImageReader: Any = utils.ImageReader
TTFont: Any = ttfonts.TTFont
registerFont: Any = pdfmetrics.registerFont
string_width: Callable[[str, str, float], float] = pdfmetrics.stringWidth

Rgb = tuple[float, float, float]
BLACK: Rgb = (0, 0, 0)
WHITE: Rgb = (1, 1, 1)
BLUE: Rgb = (0, 0, 1)

ARROWS = ("outline", "block", "stroked", "triangle", "chevron", "symbol", "dingbats", "image")


@dataclass(frozen=True, slots=True, kw_only=True)
class Style:
    """How a paper looks; the default is Kent's own of 2024/25. Lengths in points."""

    font: str = "Helvetica"  # "Helvetica", "Times" or "Vera" (embedded, with subset)
    size: float = 12
    leading: float = 1.15  # times the size
    page: tuple[float, float] = (595.3, 841.9)
    left: float = 60
    right: float = 60
    top: float = 50
    bottom: float = 75
    green: Rgb = (0, 1, 0)
    amber: Rgb = (1, 0.753, 0)
    red: Rgb = (0.753, 0, 0)
    grey: Rgb = (0.851, 0.851, 0.851)
    white_on_red: bool = True
    rules: float = 0.5  # width of table lines; 0 for none
    arrow: str = "outline"  # one of ARROWS
    arrow_size: float = 13.4  # its long side
    words: str = "upper"  # ratings as "GREEN", "Green" (title) or "G" (letter)
    list_columns: tuple[float, float, float] = (66, 61.5, 34)  # latest, previous, DoT
    row_padding: float = 7  # above and below together
    previous_column: bool = True  # older editions have one rating column
    summary_columns: float = 46  # width of each of the six
    zero: str = ""  # what stands in a summary cell for none
    latest: str = "Latest"  # older editions: "Current"
    floor_in_strip: bool = True
    previous_rag_in_strip: bool = True
    tidy_strip: bool = False  # True: no spelling variants between boxes
    rag_before_title: bool = False  # order in the content stream of a box
    charts: str = "image"  # "image" or "drawn"
    chart_height: float = 118
    service_order: tuple[str, ...] = ()  # keys of services; empty for the usual order
    keep_tables_together: bool = True
    repeat_headers: bool = True
    header: str = "Appendix 1"
    numbers: bool = True  # printed page numbers, one behind the PDF's
    year_gap: str = "filled"  # empty column in the middle of the complaints table: "filled", "open" or "none"
    displaced_cell: bool = True  # one complaint figure drops to a line of its own
    broken_word: bool = True  # "Tota" over "l" in a narrow header
    hidden_duplicate: bool = True  # a stray white repetition under the first box


KENT = Style()
PLAIN = Style(
    font="Vera",
    size=10,
    left=48,
    right=70,
    arrow="triangle",
    green=(0.573, 0.816, 0.314),
    amber=(1, 0.8, 0.1),
    red=(1, 0, 0),
    words="title",
    list_columns=(58, 58, 40),
    zero="0",
    charts="drawn",
    chart_height=96,
    tidy_strip=True,
    rag_before_title=True,
    year_gap="none",
    displaced_cell=False,
    header="Agenda Item 6",
)
# As in 2020/21: one rating column, no floor standards, no previous ratings.
OLDER = Style(
    previous_column=False,
    latest="Current",
    floor_in_strip=False,
    previous_rag_in_strip=False,
    tidy_strip=True,
    year_gap="none",
    displaced_cell=False,
    hidden_duplicate=False,
)


def random_style(rng: random.Random) -> Style:
    """A paper as another clerk, year or council might have made it. Same generator, same paper."""

    def near(colour: Rgb, by: float) -> Rgb:
        r, g, b = (min(1.0, max(0.0, c + rng.uniform(-by, by))) for c in colour)
        return round(r, 3), round(g, 3), round(b, 3)

    def one(low: float, high: float) -> float:
        return round(rng.uniform(low, high), 1)

    font = rng.choice(("Helvetica", "Times", "Vera"))
    grey = round(rng.uniform(0.78, 0.9), 3)
    return Style(
        font=font,
        size=rng.choice((10, 10.5, 11, 12)) - (1 if font == "Vera" else 0),
        leading=one(1.1, 1.25),
        page=rng.choice(((595.3, 841.9), (595, 842), (612, 792))),
        left=one(42, 72),
        right=one(42, 72),
        top=one(45, 70),
        bottom=one(60, 85),
        green=near(rng.choice(((0, 1, 0), (0.573, 0.816, 0.314), (0, 0.69, 0.314))), 0.03),
        amber=near(rng.choice(((1, 0.753, 0), (1, 0.8, 0.2), (1, 0.6, 0))), 0.03),
        red=near(rng.choice(((0.753, 0, 0), (1, 0, 0), (0.85, 0.1, 0.1))), 0.03),
        grey=(grey, grey, grey),
        white_on_red=rng.random() < 0.7,
        rules=rng.choice((0.5, 0.5, 0.75, 1.0)),
        arrow=rng.choice(ARROWS),
        arrow_size=one(11, 15),
        words=rng.choice(("upper", "upper", "title")),
        list_columns=(one(56, 70), one(56, 68), one(30, 44)),
        row_padding=one(3, 9),
        summary_columns=one(38, 50),
        zero=rng.choice(("", "", "0", "-")),
        tidy_strip=rng.random() < 0.3,
        rag_before_title=rng.random() < 0.5,
        charts=rng.choice(("image", "drawn")),
        chart_height=one(80, 125),
        service_order=rng.choice(((), tuple(rng.sample(_SERVICE_KEYS, len(_SERVICE_KEYS))))),
        keep_tables_together=rng.random() < 0.6,
        repeat_headers=rng.random() < 0.8,
        header=rng.choice(("Appendix 1", "Appendix", "")),
        numbers=rng.random() < 0.9,
        year_gap=rng.choice(("filled", "none", "open")),
        displaced_cell=rng.random() < 0.4,
        broken_word=rng.random() < 0.5,
        hidden_duplicate=rng.random() < 0.4,
    )


_SERVICE_KEYS = ("customer", "governance", "growth", "environment", "education", "children", "adults", "health")

_FACES = {
    "Helvetica": ("Helvetica", "Helvetica-Bold", "Helvetica-Oblique"),
    "Times": ("Times-Roman", "Times-Bold", "Times-Italic"),
    "Vera": ("Vera", "VeraBd", "VeraIt"),
}


@cache
def _register_vera() -> None:
    for name in _FACES["Vera"]:
        registerFont(TTFont(name, f"{name}.ttf"))  # reportlab brings them


@dataclass(frozen=True, slots=True)
class Run:
    """A stretch of text in one face."""

    text: str
    bold: bool = False
    italic: bool = False
    colour: Rgb = BLACK
    underline: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One cell of a ruled table. Lines of `text` are wrapped at the cell's width."""

    text: str = ""
    second: str = ""  # an own line below, in italics and smaller
    bold: bool = False
    fill: Rgb | None = None
    colour: Rgb = BLACK
    centre: bool = False
    across: int = 1  # columns that it spans
    down: int = 1  # rows that it spans
    arrow: str | None = None  # a direction of travel
    size: float | None = None
    underline: bool = False
    drop: float = 0  # text hangs lower than it should by this much
    rules: str = "tblr"  # which of its sides have a line


Row = Sequence[Cell | None]  # None where a cell above or to the left spans


@dataclass
class Sheet:
    """The paper being drawn: a cursor that moves down and over pages."""

    style: Style
    title: str = ""
    canvas: Any = field(init=False)
    out: io.BytesIO = field(init=False)
    y: float = field(init=False)  # from the top
    page: int = field(init=False, default=1)

    def __post_init__(self) -> None:
        if self.style.font == "Vera":
            _register_vera()
        self.out = io.BytesIO()
        self.canvas = Canvas(self.out, pagesize=self.style.page, invariant=True, pageCompression=1)
        self.canvas.setTitle(self.title)
        self.canvas.setAuthor("kccwatch demo")
        self.y = self.style.top

    # --- measures

    @property
    def width(self) -> float:
        return self.style.page[0] - self.style.left - self.style.right

    @property
    def end(self) -> float:
        """Where the page's text must stop."""
        return self.style.page[1] - self.style.bottom

    def face(self, bold: bool = False, italic: bool = False) -> str:
        return _FACES[self.style.font][1 if bold else 2 if italic else 0]

    def wrap(self, text: str, width: float, size: float, bold: bool = False) -> list[str]:
        """Lines that fit; a word wider than the cell is cut, as Word does."""
        font, lines, line = self.face(bold), [], ""
        for word in text.split():
            while string_width(word, font, size) > width and len(word) > 1:
                keep = next(
                    n for n in range(len(word) - 1, 0, -1) if string_width(word[:n], font, size) <= width or n == 1
                )
                if line:
                    lines.append(line)
                    line = ""
                lines.append(word[:keep])
                word = word[keep:]
            wider = f"{line} {word}".strip()
            if line and string_width(wider, font, size) > width:
                lines.append(line)
                line = word
            else:
                line = wider
        return [*lines, line] if line or not lines else lines

    # --- pages

    def furniture(self) -> None:
        """Header and printed number; the cover has neither."""
        if self.page == 1:
            return
        width, height = self.style.page
        self.canvas.setFillColorRGB(*BLACK)
        self.canvas.setFont(self.face(), self.style.size)
        if self.style.header:
            self.canvas.drawRightString(width - self.style.right, height - 45, self.style.header)
        if self.style.numbers:
            self.canvas.drawCentredString(width / 2, 52, str(self.page - 1))

    def new_page(self) -> None:
        self.canvas.showPage()
        self.page += 1
        self.furniture()
        self.y = self.style.top

    def room(self, height: float) -> None:
        """Starts a page unless so much is left on this one."""
        if self.y + height > self.end and self.y > self.style.top:
            self.new_page()

    def space(self, height: float) -> None:
        self.y += height

    def body(self) -> bytes:
        self.canvas.save()
        return self.out.getvalue()

    # --- marks, in coordinates from the top left

    def up(self, y: float) -> float:
        return self.style.page[1] - y

    def rect(self, x: float, y: float, width: float, height: float, fill: Rgb) -> None:
        self.canvas.setFillColorRGB(*fill)
        self.canvas.rect(x, self.up(y + height), width, height, stroke=0, fill=1)

    def line(self, x0: float, y0: float, x1: float, y1: float, colour: Rgb = BLACK, width: float | None = None) -> None:
        thick = self.style.rules if width is None else width
        if thick:
            self.canvas.setStrokeColorRGB(*colour)
            self.canvas.setLineWidth(thick)
            self.canvas.line(x0, self.up(y0), x1, self.up(y1))

    def write(self, x: float, y: float, text: str, *, size: float, font: str, colour: Rgb = BLACK) -> float:
        """Text with its baseline at y; its width comes back."""
        self.canvas.setFillColorRGB(*colour)
        self.canvas.setFont(font, size)
        self.canvas.drawString(x, self.up(y), text)
        return string_width(text, font, size)

    def runs(self, runs: Sequence[Run], *, size: float | None = None, indent: float = 0, after: float = 0.9) -> None:
        """A paragraph of differently set stretches."""
        size = size or self.style.size
        leading = size * self.style.leading
        words = [(word, run) for run in runs for word in run.text.split()]
        line: list[tuple[str, Run]] = []
        width = 0.0
        for word, run in words:
            wide = string_width(word + " ", self.face(run.bold, run.italic), size)
            if line and width + wide > self.width - indent:
                self._line(line, size, leading, indent)
                line, width = [], 0.0
            line.append((word, run))
            width += wide
        if line:
            self._line(line, size, leading, indent)
        self.y += leading * after

    def _line(self, words: Sequence[tuple[str, Run]], size: float, leading: float, indent: float) -> None:
        self.room(leading)
        x, baseline = self.style.left + 5 + indent, self.y + size * 0.9
        n = 0
        while n < len(words):  # one drawing of text for each stretch of the line
            run = words[n][1]
            last = n
            while last + 1 < len(words) and words[last + 1][1] is run:
                last += 1
            text = " ".join(word for word, _ in words[n : last + 1])
            text += " " if last + 1 < len(words) else ""
            font = self.face(run.bold, run.italic)
            wide = self.write(x, baseline, text, size=size, font=font, colour=run.colour)
            if run.underline:
                self.line(x, baseline + 1.5, x + wide, baseline + 1.5, run.colour, 0.7)
            x += wide
            n = last + 1
        self.y += leading

    def paragraph(self, text: str, *, bold: bool = False, size: float | None = None, after: float = 0.9) -> None:
        self.runs([Run(text, bold=bold)], size=size, after=after)

    def centred(self, text: str, *, size: float, bold: bool = True, after: float = 0) -> None:
        font = self.face(bold)
        self.room(size * 1.2)
        x = self.style.left + (self.width - string_width(text, font, size)) / 2
        self.write(x, self.y + size * 0.9, text, size=size, font=font)
        self.y += size * 1.2 + after

    # --- tables

    def grid(
        self,
        widths: Sequence[float],
        rows: Sequence[Row],
        *,
        header_rows: int = 0,
        on_row: Callable[[int], object] | None = None,
    ) -> None:
        """A ruled table at the cursor, over as many pages as it takes; `on_row` hears of each row where it is drawn."""
        left = self.style.left
        heights = self.heights(widths, rows)
        if self.style.keep_tables_together and sum(heights) <= self.end - self.style.top:
            self.room(sum(heights))
        else:
            self.room(sum(heights[: header_rows + 1]))
        for n, height in enumerate(heights):
            if n > header_rows and self.y + height > self.end:
                self.new_page()
                if self.style.repeat_headers:
                    for k in range(header_rows):
                        self._row(left, widths, rows, heights, k)
            if on_row is not None:
                on_row(n)
            self._row(left, widths, rows, heights, n)

    def _cell_lines(self, cell: Cell, width: float) -> list[str]:
        size = cell.size or self.style.size
        return self.wrap(cell.text, width - 8, size, cell.bold) if cell.text else []

    def heights(self, widths: Sequence[float], rows: Sequence[Row]) -> list[float]:
        heights = []
        for row in rows:
            need = self.style.size * self.style.leading + self.style.row_padding
            for column, cell in enumerate(row):
                if cell is None or cell.down > 1:
                    continue
                size = cell.size or self.style.size
                lines = len(self._cell_lines(cell, sum(widths[column : column + cell.across]))) + bool(cell.second)
                high = lines * size * self.style.leading + self.style.row_padding
                if cell.arrow:
                    high = max(high + (self.style.arrow_size + 1 if cell.text else 0), self.style.arrow_size + 6)
                need = max(need, high)
            heights.append(need)
        for n, row in enumerate(rows):  # what spans rows may need more than they have
            for column, cell in enumerate(row):
                if cell is not None and cell.down > 1:
                    lines = len(self._cell_lines(cell, sum(widths[column : column + cell.across])))
                    need = lines * (cell.size or self.style.size) * self.style.leading + self.style.row_padding
                    lack = need - sum(heights[n : n + cell.down])
                    heights[n + cell.down - 1] += max(0.0, lack)
        return heights

    def _row(self, left: float, widths: Sequence[float], rows: Sequence[Row], heights: Sequence[float], n: int) -> None:
        x = left
        for column, cell in enumerate(rows[n]):
            if cell is not None:
                width = sum(widths[column : column + cell.across])
                self.cell(x, self.y, width, sum(heights[n : n + cell.down]), cell)
            x += widths[column]
        self.y += heights[n]

    def cell(self, x: float, y: float, width: float, height: float, cell: Cell) -> None:
        """Fill, then lines, then text: as Word's export does."""
        if cell.fill is not None:
            inset = self.style.rules / 2
            self.rect(x + inset, y + inset, width - 2 * inset, height - 2 * inset, cell.fill)
        sides = {
            "t": (x, y, x + width, y),
            "b": (x, y + height, x + width, y + height),
            "l": (x, y, x, y + height),
            "r": (x + width, y, x + width, y + height),
        }
        for side in cell.rules:
            self.line(*sides[side])
        self._cell_text(x, y, width, height, cell)

    def _cell_text(self, x: float, y: float, width: float, height: float, cell: Cell) -> None:
        size = cell.size or self.style.size
        leading = size * self.style.leading
        lines = self._cell_lines(cell, width)
        block = (len(lines) + bool(cell.second)) * leading
        arrow_below = self.style.arrow_size + 1 if cell.arrow and cell.text else 0
        top = y + (height - block - arrow_below) / 2 + cell.drop
        for n, text in enumerate([*lines, cell.second] if cell.second else lines):
            italic = bool(cell.second) and n == len(lines)
            font = self.face(cell.bold and not italic, italic)
            points = size * 0.85 if italic else size
            wide = string_width(text, font, points)
            at = x + (width - wide) / 2 if cell.centre else x + 5
            baseline = top + n * leading + leading / 2 + size * 0.35
            self.write(at, baseline, text, size=points, font=font, colour=cell.colour)
            if cell.underline:
                self.line(at, baseline + 1.5, at + wide, baseline + 1.5, cell.colour, 0.8)
        if cell.arrow:
            middle = top + block + arrow_below / 2 if cell.text else y + height / 2
            self.arrow(x + width / 2, middle, cell.arrow, cell.colour if cell.fill else BLACK)

    # --- ratings and arrows

    def fill_of(self, rag: str | None) -> Rgb | None:
        return {GREEN: self.style.green, AMBER: self.style.amber, RED: self.style.red, None: None}[rag]

    def word_of(self, rag: str | None) -> str:
        if rag is None:
            return "N/A"
        return {"upper": rag.upper(), "title": rag.capitalize(), "letter": rag[0].upper()}[self.style.words]

    def rag_cell(self, rag: str | None, **more: Any) -> Cell:
        """A cell with the rating's word on its colour."""
        colour = WHITE if rag == RED and self.style.white_on_red else BLACK
        return replace(Cell(text=self.word_of(rag), fill=self.fill_of(rag), colour=colour, centre=True), **more)

    def arrow(self, x: float, y: float, direction: str, colour: Rgb = BLACK) -> None:
        """The direction's arrow with its middle at x, y."""
        _ARROW_PENS[self.style.arrow](self, x, y, direction, colour)

    def polygon(self, rings: Sequence[Sequence[tuple[float, float]]], colour: Rgb, *, stroke: float = 0) -> None:
        path = self.canvas.beginPath()
        for ring in rings:
            path.moveTo(ring[0][0], self.up(ring[0][1]))
            for px, py in ring[1:]:
                path.lineTo(px, self.up(py))
            path.close()
        self.canvas.setFillColorRGB(*colour)
        self.canvas.setStrokeColorRGB(*colour)
        self.canvas.setLineWidth(stroke or 0.18)
        self.canvas.drawPath(path, stroke=1, fill=0 if stroke else 1)


# --- arrows: shapes point up, the tip comes first, the unit is the long side ---

_BLOCK = ((0, -0.5), (0.34, 0.13), (0.1, 0.02), (0.1, 0.5), (-0.1, 0.5), (-0.1, 0.02), (-0.34, 0.13))
_INNER = ((0, -0.42), (0.27, 0.08), (0.055, -0.03), (0.055, 0.455), (-0.055, 0.455), (-0.055, -0.03), (-0.27, 0.08))
_TRIANGLE = ((0, -0.45), (0.42, 0.4), (-0.42, 0.4))


def _turned(shape: Sequence[tuple[float, float]], x: float, y: float, direction: str, long: float) -> list[Any]:
    """The shape at x, y, pointing up, right or down."""
    if direction == IMPROVING:
        return [(x + px * long, y + py * long) for px, py in shape]
    if direction == STABLE:
        return [(x - py * long, y + px * long) for px, py in shape]
    return [(x - px * long, y - py * long) for px, py in shape]


def _outline(sheet: Sheet, x: float, y: float, direction: str, colour: Rgb) -> None:
    """An arrow's edge drawn as a filled ring: the outer way round, then the inner way back."""
    long = sheet.style.arrow_size
    inner = (_INNER[0], *reversed(_INNER[1:]))
    sheet.polygon([_turned(_BLOCK, x, y, direction, long), _turned(inner, x, y, direction, long)], colour)


def _block(sheet: Sheet, x: float, y: float, direction: str, colour: Rgb) -> None:
    sheet.polygon([_turned(_BLOCK, x, y, direction, sheet.style.arrow_size)], colour)


def _stroked(sheet: Sheet, x: float, y: float, direction: str, colour: Rgb) -> None:
    sheet.polygon([_turned(_BLOCK, x, y, direction, sheet.style.arrow_size)], colour, stroke=0.8)


def _triangle(sheet: Sheet, x: float, y: float, direction: str, colour: Rgb) -> None:
    sheet.polygon([_turned(_TRIANGLE, x, y, direction, sheet.style.arrow_size * 0.75)], colour)


def _chevron(sheet: Sheet, x: float, y: float, direction: str, colour: Rgb) -> None:
    """A shaft and two barbs, three strokes of a pen."""
    long = sheet.style.arrow_size
    tip, tail, one, other = _turned(((0, -0.5), (0, 0.5), (0.3, -0.15), (-0.3, -0.15)), x, y, direction, long)
    for end in (tail, one, other):
        sheet.line(tip[0], tip[1], end[0], end[1], colour, 1.1)


_SYMBOL_CODES = {IMPROVING: "↑", STABLE: "→"}
_DINGBATS = {IMPROVING: "▲", STABLE: "➔"}


def _glyph(font: str, codes: dict[str, str], down: str) -> Callable[..., None]:
    def draw(sheet: Sheet, x: float, y: float, direction: str, colour: Rgb) -> None:
        text, size = codes.get(direction, down), sheet.style.arrow_size
        wide = string_width(text, font, size)
        sheet.write(x - wide / 2, y + size * 0.33, text, size=size, font=font, colour=colour)

    return draw


@cache
def _arrow_image(direction: str, colour: Rgb) -> Any:
    """A small picture of an arrow, transparent around it, as pasted from a slide."""
    picture = Image.new("RGBA", (48, 48), (0, 0, 0, 0))
    points = _turned(_BLOCK, 24, 24, direction, 46)
    ImageDraw.Draw(picture).polygon(points, fill=tuple(round(255 * c) for c in colour))
    return ImageReader(picture)


def _image(sheet: Sheet, x: float, y: float, direction: str, colour: Rgb) -> None:
    side = sheet.style.arrow_size
    sheet.canvas.drawImage(
        _arrow_image(direction, colour), x - side / 2, sheet.up(y + side / 2), side, side, mask="auto"
    )


_ARROW_PENS: dict[str, Callable[..., None]] = {
    "outline": _outline,
    "block": _block,
    "stroked": _stroked,
    "triangle": _triangle,
    "chevron": _chevron,
    "symbol": _glyph("Symbol", _SYMBOL_CODES, "↓"),
    "dingbats": _glyph("ZapfDingbats", _DINGBATS, "▼"),
    "image": _image,
}


# --- charts -----------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """Bars with a target line, or lines; None is a gap."""

    labels: tuple[str, ...]
    bars: tuple[float | None, ...] = ()
    lines: tuple[tuple[str, tuple[float | None, ...]], ...] = ()

    def scale(self) -> tuple[float, float]:
        values = [v for v in self.bars if v is not None]
        values += [v for _, line in self.lines for v in line if v is not None]
        low, high = min(values, default=0.0), max(values, default=1.0)
        room = (high - low) * 0.3 or abs(high) * 0.1 or 1.0
        return max(0.0, low - room), high + room


_LINE_COLOURS = ((0, 214, 0), (68, 114, 196), (237, 125, 49), (165, 165, 165))


def chart_picture(chart: Chart, width: int, height: int) -> Any:
    """The chart as the papers carry it: a picture, its numbers not in the text layer."""
    picture = Image.new("RGB", (width, height), "white")
    draw = ImageDraw.Draw(picture)
    font = ImageFont.load_default()
    low, high = chart.scale()
    top, bottom, left, right = 12, height - 44, 70, width - 12

    def at(value: float) -> float:
        return bottom - (value - low) / (high - low) * (bottom - top)

    for n in range(5):
        value = low + (high - low) * n / 4
        draw.line((left, at(value), right, at(value)), fill=(217, 217, 217))
        draw.text((left - 8, at(value)), f"{value:,.4g}", fill="black", font=font, anchor="rm")
    slot = (right - left) / max(1, len(chart.labels))
    for n, label in enumerate(chart.labels):
        middle = left + slot * (n + 0.5)
        draw.text((middle, bottom + 12), label, fill="black", font=font, anchor="mm")
        if chart.bars and (bar := chart.bars[n]) is not None:
            draw.rectangle((middle - slot / 4, at(bar), middle + slot / 4, bottom), fill=(204, 204, 255))
    for k, (_, line) in enumerate(chart.lines):
        points = [(left + slot * (n + 0.5), at(v)) for n, v in enumerate(line) if v is not None]
        draw.line(points, fill=_LINE_COLOURS[k % 4], width=3)
    names = " ".join(name for name, _ in chart.lines)
    draw.text((width / 2, height - 12), f"Actual {names}".strip(), fill="black", font=font, anchor="mm")
    return ImageReader(picture.convert("P", palette=Image.Palette.ADAPTIVE, colors=64))


def draw_chart(sheet: Sheet, chart: Chart, x: float, y: float, width: float, height: float) -> None:
    """The chart at x, y: a picture or, in styles that say so, shapes and text."""
    if sheet.style.charts == "image":
        picture = chart_picture(chart, round(width * 1.6), round(height * 1.6))
        sheet.canvas.drawImage(picture, x, sheet.up(y + height), width, height)
        return
    low, high = chart.scale()
    left, bottom, top = x + 40, y + height - 22, y + 8
    slot = (x + width - left) / max(1, len(chart.labels))

    def at(value: float) -> float:
        return bottom - (value - low) / (high - low) * (bottom - top)

    for n in range(5):
        value = low + (high - low) * n / 4
        sheet.line(left, at(value), x + width, at(value), (0.85, 0.85, 0.85), 0.4)
        sheet.write(x + 4, at(value) + 2, f"{value:,.4g}", size=6, font=sheet.face())
    for n, label in enumerate(chart.labels):
        middle = left + slot * (n + 0.5)
        sheet.write(middle - 10, bottom + 9, label, size=6.5, font=sheet.face())
        if chart.bars and (bar := chart.bars[n]) is not None:
            sheet.rect(middle - slot / 4, at(bar), slot / 2, bottom - at(bar), (0.8, 0.8, 1))
    for k, (_, line) in enumerate(chart.lines):
        colour = (0.0, 0.84, 0.0) if k == 0 else (0.27, 0.45, 0.77) if k == 1 else (0.93, 0.49, 0.19)
        points = [(left + slot * (n + 0.5), at(v)) for n, v in enumerate(line) if v is not None]
        for (x0, y0), (x1, y1) in pairwise(points):
            sheet.line(x0, y0, x1, y1, colour, 1.2)
