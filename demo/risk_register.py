"""Draws a corporate risk register as a paper of its own. Same facts, look and style: same bytes."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from demo.drawing import Cell, Row, Sheet, Style, random_style
from demo.story import IMPROVING, STABLE, WORSENING

TITLES = (
    "Safeguarding: protecting vulnerable children",
    "Access to resources to aid economic growth and enabling infrastructure",
    "Simultaneous emergency response and recovery",
    "Future financial and operating environment for local government",
    "Cyber and information security threats and their implications",
    "Sustainability of the social care market",
    "Capacity to adapt to the changing needs of pupils with special educational needs",
    "Delivery of new school places",
    "Managing the consequences of border arrangements for the road network",
    "Statutory and regulatory compliance",
)
SCORES = (1, 2, 3, 4, 5, 6, 8, 9, 10, 12, 15, 16, 20, 25)
CHANGES = (None, None, "increased", "reduced", "new")
_WAYS = {"increased": IMPROVING, "reduced": WORSENING, None: STABLE}  # up, down, level


@dataclass(frozen=True, slots=True, kw_only=True)
class Risk:
    """One risk; None for a rating to be confirmed."""

    code: str
    title: str
    score: int | None
    target: int | None
    change: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """How a register prints its ratings and directions."""

    ratings: str = "both"  # "both": "High (20)", "score": "20", "level": "High"
    directions: str = "word"  # "word" or "arrow"
    number: str = "Risk No.*"
    title: str = "Risk Title"
    shaded: bool = True
    levels: bool = False  # a table of how many stand at each level


def level_of(score: int) -> str:
    return "Low" if score <= 6 else "Medium" if score <= 15 else "High"


def risks(rng: random.Random) -> tuple[Risk, ...]:
    """A register by chance, its numbers with gaps."""
    numbers = sorted(rng.sample(range(1, 70), len(TITLES)))
    return tuple(
        Risk(
            code=f"CRR{number:04d}",
            title=title,
            score=None if rng.random() < 0.1 else rng.choice(SCORES),
            target=None if rng.random() < 0.15 else rng.choice(SCORES),
            change=rng.choice(CHANGES),
        )
        for number, title in zip(numbers, rng.sample(TITLES, len(TITLES)), strict=True)
    )


def random_look(rng: random.Random) -> Look:
    return Look(
        ratings=rng.choice(("both", "score", "level")),
        directions=rng.choice(("word", "arrow")),
        number=rng.choice(("Risk No.*", "Risk No", "Ref", "Risk Ref")),
        title=rng.choice(("Risk Title", "Risk", "Risk Description")),
        shaded=rng.random() < 0.7,
        levels=rng.random() < 0.5,
    )


def look_and_style(rng: random.Random) -> tuple[Look, Style]:
    style = random_style(rng)
    return random_look(rng), replace(style, size=min(style.size, 10), keep_tables_together=rng.random() < 0.5)


def paper(register: Sequence[Risk], as_at: date, look: Look | None = None, style: Style | None = None) -> bytes:
    """The register as a PDF."""
    look = look or Look()
    sheet = Sheet(replace(style or Style(size=10), header=""))
    sheet.centred("Kent County Council", size=16, after=6)
    sheet.centred("Corporate Risk Register", size=18, after=6)
    sheet.centred(f"{as_at.day} {as_at:%B %Y}", size=12, after=14)
    if look.levels:
        _levels(sheet, register, as_at)
    sheet.paragraph("Low = 1 to 6, Medium = 8 to 15, High = 16 to 25")
    grey = sheet.style.grey
    texts = (look.number, look.title, "Current Risk Rating", "Target Risk Rating", "Direction of Travel since Jan 2020")
    rows: list[Row] = [[Cell(text=text, bold=True, fill=grey, centre=True) for text in texts]]
    rows += [_row(sheet, risk, look) for risk in register]
    widths = [60.0, 0.0, 72, 72, 84]
    widths[1] = sheet.width - sum(widths)
    sheet.grid(widths, rows, header_rows=1)
    sheet.space(8)
    sheet.paragraph("* A number once given stays with its risk, so that numbers are missing in the list.")
    return sheet.body()


def _row(sheet: Sheet, risk: Risk, look: Look) -> list[Cell]:
    direction = Cell(text={None: "No change", "new": "New"}.get(risk.change, (risk.change or "").capitalize()))
    if look.directions == "arrow" and risk.change != "new":
        direction = Cell(arrow=_WAYS[risk.change])
    rated = [_rating(sheet, score, look) for score in (risk.score, risk.target)]
    return [Cell(text=risk.code), Cell(text=risk.title), *rated, replace(direction, centre=True)]


def _rating(sheet: Sheet, score: int | None, look: Look) -> Cell:
    if score is None:
        return Cell(text="TBC", centre=True)
    level = level_of(score)
    texts = {"both": f"{level} ({score})", "score": str(score), "level": level}
    style = sheet.style
    fill = {"Low": style.green, "Medium": style.amber, "High": style.red}[level] if look.shaded else None
    return Cell(text=texts[look.ratings], centre=True, fill=fill)


def _levels(sheet: Sheet, register: Sequence[Risk], as_at: date) -> None:
    names = ("Low", "Medium", "High")
    counts = [sum(r.score is not None and level_of(r.score) == name for r in register) for name in names]
    sheet.paragraph("The table below shows the number of corporate risks in each risk level.")
    head = [Cell(), *(Cell(text=f"{name} Risk", bold=True) for name in names)]
    body = [Cell(text=f"Current risk level {as_at:%B %Y}"), *(Cell(text=str(count), centre=True) for count in counts)]
    sheet.grid([160, 70, 70, 70], [head, body])
    sheet.space(12)
