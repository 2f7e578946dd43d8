"""Rows of a dashboard's tables into records: indicators, activity, summary lists, counts."""

import colorsys
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from parsers import arrows, grid, rating
from parsers.boxes import rounded
from parsers.dashboard.columns import Means, label, period
from parsers.dashboard.layout import Layout, reference_and_name
from parsers.headed import Field, Row, drawn_in, within
from parsers.pdf import Fill, Page, Path
from parsers.periods import with_own_period
from parsers.records import Direction, Figure, KpiReading, Rag, RagCount, StatedIn
from parsers.text import collapse, count, matching
from parsers.values import Target, Value, in_one_unit, is_blank, target_of, value_of

Colour = tuple[float, float, float]

_WORDS = re.compile(r"\b(green|amber|red)\b", re.IGNORECASE)
_LETTERS = {"g": Rag.GREEN, "a": Rag.AMBER, "r": Rag.RED}
_DIRECTIONS = (
    (
        Direction.IMPROVING,
        re.compile(r"(?:is\s)?(?:improv\w+|better|positive|increasing performance)\b.*", re.IGNORECASE),
    ),
    (Direction.WORSENING, re.compile(r"(?:is\s)?(?:worse\w*|deteriorat\w+|declin\w+|negative)\b.*", re.IGNORECASE)),
    (
        Direction.STABLE,
        re.compile(r"(?:is\s)?(?:stable|steady|static|same|no change|unchanged|maintain\w*)\b.*", re.IGNORECASE),
    ),
)


@dataclass
class Told:
    """What rows have given so far."""

    readings: list[KpiReading] = field(default_factory=list)
    figures: list[Figure] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


# --- ratings ------------------------------------------------------------------------------


def rating_of(part: Field | None, page: Page, ground: Colour | None) -> tuple[Rag | None, str | None]:
    """A cell's rating by word and by colour, which must agree; and what is wrong, if anything.

    Args:
        part: what stands under the column of ratings.
        page: for coloured dots and small pictures in the cell.
        ground: shading of the row's other cells, which rates nothing.
    """
    if part is None:
        return None, None
    text = _mended(re.sub(r"[^\w\s()/*.-]", " ", matching(part.text)))
    words = {Rag(word.lower()) for word in _WORDS.findall(text)}
    if not words and (letter := _LETTERS.get(re.sub(r"[\W_]", "", text).lower())):
        words = {letter}
    if len(words) > 1:
        return None, f"two ratings in one cell: {part.text!r}"
    word = words.pop() if words else None
    shade, shaded = _shade(part, page, ground)
    if word is None:
        plain = re.sub(r"[\W_]", "", text)
        if (
            plain
            and not is_blank(text)
            and not re.fullmatch(r"not rated|data only|info(?:rmation)? only|monitor\w*", text.strip(), re.I)
        ):
            return None, f"cannot read the rating {part.text!r}"
        if plain and shade is not None:
            return None, f"the rating's cell says {part.text!r} on {shade}"
        if shade is None and (shaded or _is_symbol(part)):
            return None, "a rating is shown in a way that cannot be read"
        return shade, None
    if shade is not None and shade is not word:
        return word, f"the word says {word}, the colour of its cell says {shade}"
    return word, None


def _is_symbol(part: Field) -> bool:
    """A sign that is neither an arrow nor a dash: perhaps a coloured dot, whose colour the text does not tell."""
    return part.way is None and any(unicodedata.category(char) in ("So", "Sm", "Co") for char in part.text)


def _mended(text: str) -> str:
    """A rating's word that a narrow column has broken: "GREE N"."""
    whole = re.sub(r"\s", "", text)
    return whole if re.fullmatch(r"green|amber|red", whole, re.IGNORECASE) else text


def _shade(part: Field, page: Page, ground: Colour | None) -> tuple[Rag | None, bool]:
    """The rating that a cell's colour shows, and whether it shows anything at all."""
    if part.fill is not None and (ground is None or _apart(part.fill, ground)):
        rag = grid.rag_of_colour(part.fill) or _pale(part.fill)
        return rag, rag is None and _is_coloured(part.fill)
    marks: list[Fill | Path] = [*page.fills, *page.paths]
    colours = [m.colour for m in marks if m.colour is not None and min(m.colour) < 0.97 and within(m, part.bbox)]
    rags = {rag for colour in colours if (rag := grid.rag_of_colour(colour)) is not None}
    if len(rags) == 1:
        return rags.pop(), False
    pictured = any(within(image, part.bbox) for image in page.images)
    # An arrow on a plain cell rates nothing.
    return None, part.way is None and (pictured or any(_is_coloured(colour) for colour in colours))


def _apart(one: Colour, other: Colour) -> bool:
    return max(abs(a - b) for a, b in zip(one, other, strict=True)) > 0.03


def _is_coloured(colour: Colour) -> bool:
    return colorsys.rgb_to_hsv(*colour)[1] >= 0.08


def _pale(colour: Colour) -> Rag | None:
    """The rating of a pale tint, as spreadsheets shade good and bad; only in a column of ratings.

    >>> [str(_pale(c)) for c in ((0.776, 0.937, 0.808), (1, 0.78, 0.808), (1, 0.922, 0.612), (0.85, 0.88, 0.95))]
    ['green', 'red', 'amber', 'None']
    """
    hue, saturation, value = colorsys.rgb_to_hsv(*colour)
    if saturation < 0.12 or value < 0.6:
        return None
    degrees = hue * 360
    if degrees < 12 or degrees > 345:
        return Rag.RED
    if 28 <= degrees <= 60:
        return Rag.AMBER
    return Rag.GREEN if 85 <= degrees <= 160 else None


def direction_of(part: Field | None, page: Page) -> tuple[Direction | None, str | None]:
    """A cell's direction of travel by arrow or word; and what is wrong, if anything."""
    if part is None:
        return None, None
    pointed = arrows.direction(part.way)
    text = re.sub(r"[^\w\s/-]", " ", matching(part.text)).strip()
    said = next((direction for direction, pattern in _DIRECTIONS if pattern.fullmatch(text)), None)
    if said is None and (way := {"up": "up", "down": "down"}.get(text.lower())):
        said = arrows.DIRECTION[way]
    if said is not None and pointed is not None and said is not pointed:
        return None, f"the arrow says {pointed}, the word says {text!r}"
    if said is not None or pointed is not None:
        return said or pointed, None
    if any(ord(char) > 0x2000 and not char.isspace() for char in part.text) or drawn_in(part, page):
        return None, "cannot read the direction of travel"
    return None, None


# --- indicators ---------------------------------------------------------------------------


@dataclass(frozen=True)
class _Printed:
    """A row with what its columns mean."""

    row: Row
    layout: Layout
    page: Page

    def part(self, means: Means) -> Field | None:
        places = self.layout.places
        return self.row.fields.get(places[means]) if means in places else None

    def text(self, means: Means) -> str:
        return self.row.text(self.layout.places.get(means))

    def cannot_read(self, means: Means) -> str:
        return f"cannot read {self.text(means)!r} under {self.layout.header(means)!r}"

    @property
    def ground(self) -> Colour | None:
        """The shading of the row, as its name has it."""
        part = self.part(Means.NAME)
        return part.fill if part else None


def indicator(row: Row, layout: Layout, page: Page, service: str) -> tuple[KpiReading, list[str]]:
    """A row's record, and what could not be understood of it."""
    printed = _Printed(row, layout, page)
    reference, name = reference_and_name(printed.text(Means.REF), printed.text(Means.NAME))
    latest, when = _latest(printed)
    values = {Means.LATEST: value_of(latest)}
    values |= {what: value_of(printed.text(what)) for what in (Means.YTD, Means.PREVIOUS, Means.PREVIOUS_YEAR)}
    target, floor = target_of(printed.text(Means.TARGET)), target_of(printed.text(Means.FLOOR))
    every: dict[Means, Value | Target] = {**values, Means.TARGET: target, Means.FLOOR: floor}
    problems = [printed.cannot_read(what) for what, found in every.items() if not found.understood]
    amounts, (target, floor) = in_one_unit(list(values.values()), [target, floor])
    values = dict(zip(values, amounts, strict=True))
    rags, wrong = _ratings(printed)
    travel, unclear = direction_of(printed.part(Means.DIRECTION), page)
    problems += [*wrong, *([unclear] if unclear else [])]
    problems += [f"two texts one above the other under {layout.columns[at].header!r}" for at in row.doubled]
    value, ytd = values[Means.LATEST], values[Means.YTD]
    reading = KpiReading(
        service=service,
        name=name,
        rag=rags[Means.RAG],
        previous_rag=rags[Means.PREVIOUS_RAG],
        direction=travel,
        value=value.value,
        target=target.value,
        target_low=target.low,
        target_high=target.high,
        floor=floor.value,
        previous_value=values[Means.PREVIOUS].value,
        unit=value.unit or ytd.unit or target.unit or floor.unit,
        value_text=latest or None,
        target_text=printed.text(Means.TARGET) or None,
        floor_text=printed.text(Means.FLOOR) or None,
        previous_text=printed.text(Means.PREVIOUS) or None,
        lower_is_better=_lower_is_better(target, floor, printed.text(Means.POLARITY)),
        page=row.page,
        bbox=rounded(row.bbox),
        reference=reference,
        period_label=when,
        ytd_value=ytd.value,
        ytd_text=printed.text(Means.YTD) or None,
        ytd_rag=rags[Means.YTD_RAG],
        previous_year_value=values[Means.PREVIOUS_YEAR].value,
        previous_year_text=printed.text(Means.PREVIOUS_YEAR) or None,
    )
    return reading, [f"{reference or name!r}: {problem}" for problem in problems]


def _latest(printed: _Printed) -> tuple[str, str | None]:
    """The latest value as printed, and its period: its own, else its column's."""
    layout, row = printed.layout, printed.row
    latest, when = with_own_period(printed.text(Means.LATEST))
    if layout.period_column is not None:
        when = when or row.text(layout.period_column) or None
    if Means.LATEST in layout.places:
        when = when or label(layout.header(Means.LATEST))
    return latest, when


def _ratings(printed: _Printed) -> tuple[dict[Means, Rag | None], list[str]]:
    """The row's ratings, and what is wrong with them. Where no column holds them, the values' own cells may."""
    rags: dict[Means, Rag | None] = {}
    problems = []
    ground, layout = printed.ground, printed.layout
    for what in (Means.RAG, Means.YTD_RAG, Means.PREVIOUS_RAG):
        rags[what], problem = rating_of(printed.part(what), printed.page, ground)
        problems += [problem] if problem else []
    for what, of in ((Means.RAG, Means.LATEST), (Means.YTD_RAG, Means.YTD)):
        if what not in layout.places and layout.plain_rag is None:
            rags[what] = _by_value_colour(printed.part(of), ground)
        if rags[what] is not None and of in layout.places and not printed.text(of):
            problems.append(f"rated {rags[what]} where nothing stands under {layout.header(of)!r}")
    return rags, problems


def _by_value_colour(part: Field | None, ground: Colour | None) -> Rag | None:
    """The rating that the value's own cell is shaded in, where there is no column of ratings."""
    if part is None or part.fill is None or (ground is not None and not _apart(part.fill, ground)):
        return None
    return grid.rag_of_colour(part.fill)


def _lower_is_better(target: Target, floor: Target, polarity: str) -> bool | None:
    """By target and floor; by a column of polarities where these cannot tell."""
    told = rating.lower_is_better(target.value, floor.value)
    if told is not None or not polarity:
        return told
    text = matching(polarity).lower()
    if re.fullmatch(r"l|low(?:er)?(?: is better| better)?|smaller(?: is better)?|decrease|down", text):
        return True
    return (
        False if re.fullmatch(r"h|high(?:er)?(?: is better| better)?|bigger(?: is better)?|increase|up", text) else None
    )


def rated_by_rule(readings: Sequence[KpiReading], ratings: Sequence[Rag | None]) -> Means | None:
    """Whether a plain "RAG" rates the month or the year to date, by Kent's rule; None where it could be either.

    The one without a single contradiction, where the other has one.
    """
    wrong = {Means.RAG: 0, Means.YTD_RAG: 0}
    for reading, rag in zip(readings, ratings, strict=True):
        for what, value in ((Means.RAG, reading.value), (Means.YTD_RAG, reading.ytd_value)):
            expected = rating.rate(value, reading.target, reading.floor)
            if rag is not None and (value is None or (expected is not None and expected is not rag)):
                wrong[what] += 1
    fine = [what for what, times in wrong.items() if times == 0]
    return fine[0] if len(fine) == 1 else None


# --- activity, trends ---------------------------------------------------------------------

_FIGURE_COLUMNS = (
    Means.LATEST,
    Means.YTD,
    Means.IN_RANGE,
    Means.UPPER,
    Means.LOWER,
    Means.PREVIOUS_YEAR,
    Means.PREVIOUS,
    Means.TARGET,
)


def activity(row: Row, layout: Layout, measure: str) -> tuple[list[Figure], list[str]]:
    """One figure for each cell that prints one, in the table's order; and what could not be understood."""
    reference, name = reference_and_name(row.text(layout.places.get(Means.REF)), row.text(layout.key))
    title = collapse(f"{reference or ''} {name}")
    columns = {layout.places[means]: means for means in _FIGURE_COLUMNS if means in layout.places}
    columns |= dict.fromkeys(layout.dated, Means.LATEST)
    found, problems = [], []
    for at in sorted(columns):
        text = row.text(at)
        if not text:
            continue
        value = value_of(text)
        header = layout.columns[at].header
        if not value.understood and columns[at] is not Means.IN_RANGE:
            problems.append(f"{title!r}: cannot read {text!r} under {header!r}")
        when = period(label(header)) if columns[at] is Means.LATEST else None
        found.append(
            Figure(
                measure=measure,
                service=title,
                period_label=header,
                period_start=when.start if when else None,
                period_end=when.end if when else None,
                value=value.value if columns[at] is not Means.IN_RANGE else None,
                unit=value.unit if columns[at] is not Means.IN_RANGE else None,
                value_text=text,
                page=row.page,
                bbox=rounded(row.fields[at].bbox),
                quote=row.printed,
            )
        )
    return found, problems


# --- counts -------------------------------------------------------------------------------

_COUNTED = {"g": "green", "a": "amber", "r": "red", "green": "green", "amber": "amber", "red": "red"}
_TOTAL = re.compile(
    r"(?:grand\s+)?total|all(?: kpis| indicators)?|overall|number of (?:kpis|indicators)|kpis", re.IGNORECASE
)


def counts(table: grid.Table) -> list[RagCount] | None:
    """The rows of a table that counts ratings, Green, Amber and Red across or down; None for other tables."""
    return _counts_across(table) or _counts_down(table)


def _counts_across(table: grid.Table) -> list[RagCount] | None:
    for at, row in enumerate(table.rows[:3]):
        columns = {cell.col: _COUNTED[key] for cell in row if (key := cell.text.lower()) in _COUNTED}
        if sorted(columns.values()) != ["amber", "green", "red"]:
            continue
        columns |= {cell.col: "total" for cell in row if _TOTAL.fullmatch(cell.text) and cell.col > min(columns)}
        found = []
        for below in table.rows[at + 1 :]:
            cells = {cell.col: cell for cell in below}
            values = {what: _counted(cells[col].text) for col, what in columns.items() if col in cells}
            if len(values) < 3 or any(value is None for value in values.values()):
                return None
            said = next((c.text for c in below if c.col not in columns and c.text), "")
            found.append(_count(table.page, said, values, " | ".join(c.text or "(blank)" for c in below)))
        return found or None
    return None


def _counts_down(table: grid.Table) -> list[RagCount] | None:
    values: dict[str, int | None] = {}
    for row in table.rows:
        texts = [cell.text for cell in row if cell.text]
        if len(texts) != 2:
            continue
        key = _COUNTED.get(texts[0].lower()) or ("total" if _TOTAL.fullmatch(texts[0]) else None)
        if key and (number := _counted(texts[1])) is not None:
            values[key] = number
    if not {"green", "amber", "red"} <= values.keys():
        return None
    quote = " | ".join(f"{key} {value}" for key, value in values.items())
    return [_count(table.page, "", values, quote)]


def _counted(text: str) -> int | None:
    """A count in a cell; blank and dash are 0."""
    text = matching(text).strip("*- ")
    return 0 if not text else count(text)


def _count(page: int, said: str, values: dict[str, int | None], quote: str) -> RagCount:
    service = None if not said or _TOTAL.match(said) else said
    record = RagCount(
        stated_in=StatedIn.DASHBOARD,
        financial_year=None,
        quarter=None,
        service=service,
        quote=quote,
        page=page,
        in_table=True,
    )
    return replace(record, **values)  # type: ignore[arg-type]


def rating_in(part: Field | None) -> Rag | None:
    """The rating that a cell of a list says by its word, letter or colour."""
    if part is None:
        return None
    words = {Rag(word.lower()) for word in _WORDS.findall(_mended(part.text))}
    if not words and (letter := _LETTERS.get(re.sub(r"[\W_]", "", part.text).lower())):
        words = {letter}
    return words.pop() if len(words) == 1 else grid.rag_of_colour(part.fill)
