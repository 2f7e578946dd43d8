"""What a performance report prints of one indicator: its rating, and the strip of values under its chart.

Latest: 97% | Target: 97%, Floor 90% | Previous: 97% (Green)        2024/25
Current: 84% | Target: 85% | Previous: 83%                           2020/21
"""

import re
from dataclasses import dataclass

from parsers import arrows, rating
from parsers.boxes import rounded
from parsers.grid import Cell
from parsers.periods import with_own_period
from parsers.records import Bbox, Direction, KpiReading, Rag
from parsers.text import collapse
from parsers.values import in_one_unit, target_of, value_of

_LABELS = re.compile(
    r"\b(?P<label>Latest|Current|Actual|Target|Floor(?:\s+Standard)?|Previous)\b\s*:?\s*",
    re.IGNORECASE,
)
RAG_WORD = re.compile(r"\b(green|amber|red)\b", re.IGNORECASE)
_LETTERS = {"g": Rag.GREEN, "a": Rag.AMBER, "r": Rag.RED}

Parts = dict[str, list[str]]  # label -> the texts printed after it


def parts_of(text: str) -> Parts | None:
    """A strip's text as label -> texts; None for texts that are no strip.

    >>> parts_of("Latest: 97% Target: 97%, Floor 90% Previous: 97% (Green)")
    {'latest': ['97%'], 'target': ['97%'], 'floor': ['90%'], 'previous': ['97% (Green)']}
    >>> parts_of("Current performance is above target") is None
    True
    """
    text = collapse(text)
    marks = list(_LABELS.finditer(text))
    if not marks or marks[0].start() > 2:
        return None
    parts: Parts = {}
    for mark, following in zip(marks, [*marks[1:], None], strict=True):
        label = mark["label"].lower().split()[0]
        label = "latest" if label in ("current", "actual") else label
        value = text[mark.end() : following.start() if following else len(text)]
        parts.setdefault(label, []).append(value.strip(" ,;|"))
    if {"latest", "target"} <= parts.keys() and ("previous" in parts or "floor" in parts):
        parts.setdefault("previous", [""])
        return parts
    return None


def rag_of(cell: Cell) -> tuple[Rag | None, str | None]:
    """The rating of a cell from its word, held against its shading; and what is wrong, if anything.

    A shaded cell without a word is rated by its shading.
    """
    # A narrow column breaks "AMBE R" in two.
    words = {Rag(word.lower()) for word in RAG_WORD.findall(cell.text) or RAG_WORD.findall(_plain(cell.text))}
    if len(words) > 1:
        return None, f"two ratings in one cell: {cell.text!r}"
    shade = cell.rag
    if not words:
        letter = _LETTERS.get(_plain(_without_trend(cell.text)).lower())
        if letter is None:
            if _plain(cell.text):
                return None, f"a cell shaded {shade} says {cell.text!r}" if shade is not None else None
            if shade is None and cell.fill is not None and _coloured(cell.fill):
                return None, "a coloured cell without a word, and its colour is none of a rating's"
            return shade, None
        words = {letter}
    word = words.pop()
    if shade is not None and shade is not word:
        return word, f"the word says {word}, the colour of its cell says {shade}"
    return word, None


def _without_trend(text: str) -> str:
    """A rating's letter without the direction in words that may stand behind it: "G Improving"."""
    first, _, rest = text.partition(" ")
    return first if arrows.way_of_words(rest) else text


def _plain(text: str) -> str:
    """Letters and digits of a text, arrows left out."""
    return re.sub(r"[^A-Za-z0-9]", "", text)


def _coloured(fill: tuple[float, float, float]) -> bool:
    return max(fill) - min(fill) > 0.15


@dataclass(frozen=True)
class Title:
    """An indicator's title with its rating and arrow, as its box prints them."""

    name: str
    rag: Rag | None
    direction: Direction | None
    page: int
    bbox: Bbox


def reading_of(title: Title, section: str, parts: Parts) -> tuple[KpiReading, list[str]]:
    """A box's record, and what could not be understood of it."""
    problems: list[str] = []
    texts = {label: values[0] for label, values in parts.items()}
    for label, values in parts.items():
        if len({collapse(v) for v in values if v}) > 1:
            problems.append(f"two different texts for {label}: {values}")
        if label in ("target", "floor") and not any(values):
            problems.append(f"nothing is printed after {label!r}")
    previous_text, previous_rag, rating_read = previous_of(texts["previous"])
    if not rating_read:
        problems.append(f"cannot read the rating in {texts['previous']!r}")
    latest, own_period = with_own_period(texts["latest"])
    value, previous, floor = map(value_of, (latest, previous_text, texts.get("floor", "")))
    target = target_of(texts["target"])
    for label, found in (("latest", value), ("target", target), ("floor", floor), ("previous", previous)):
        if not found.understood:
            problems.append(f"cannot read {texts.get(label, '')!r} as {label}")
    (value, previous, floor), (target,) = in_one_unit([value, previous, floor], [target])
    reading = KpiReading(
        service=section,
        name=title.name,
        rag=title.rag,
        previous_rag=previous_rag,
        direction=title.direction,
        value=value.value,
        target=target.value,
        target_low=target.low,
        target_high=target.high,
        floor=floor.value,
        previous_value=previous.value,
        unit=value.unit or target.unit,
        period_label=own_period,
        value_text=latest or None,
        target_text=texts["target"] or None,
        floor_text=texts.get("floor") or None,
        previous_text=previous_text or None,
        lower_is_better=rating.lower_is_better(target.value, floor.value),
        page=title.page,
        bbox=rounded(title.bbox),
    )
    return reading, problems


def previous_of(text: str) -> tuple[str, Rag | None, bool]:
    """Value and rating of "97% (Green)", and whether what stands in brackets was understood.

    >>> previous_of("5,473 (Amber)"), previous_of("93%**"), previous_of("* (n/a)")
    (('5,473', <Rag.AMBER: 'amber'>, True), ('93%**', None, True), ('*', None, True))
    >>> previous_of("93% (Green"), previous_of("93% Amber"), previous_of("93% (Purple)")
    (('93%', <Rag.GREEN: 'green'>, True), ('93%', <Rag.AMBER: 'amber'>, True), ('93%', None, False))
    """
    match = re.fullmatch(r"(?P<value>.*?)\s*\((?P<rag>[^()]*)\)?[\s*†‡]*", text)
    if match is None:
        match = re.fullmatch(r"(?P<value>.*?)\s*[-–,]?\s*(?P<rag>green|amber|red)\*?", text, re.IGNORECASE)
        if match is None:
            return text, None, True
    inside = match["rag"].strip()
    word = RAG_WORD.fullmatch(inside) or RAG_WORD.fullmatch(re.sub(r"^RAG\s*[:-]?\s*", "", inside, flags=re.IGNORECASE))
    if word:
        return match["value"], Rag(word[1].lower()), True
    if inside.lower() in _LETTERS:
        return match["value"], _LETTERS[inside.lower()], True
    return match["value"], None, value_of(inside).understood and value_of(inside).value is None
