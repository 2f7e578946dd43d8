"""What single cells show: a rating by word, letter or shading; a direction of travel; a number at all."""

import re

from parsers.grid import Cell
from parsers.records import Direction, Rag
from parsers.text import collapse, matching

_RAG_WORD = re.compile(r"\b(green|amber|red)\b", re.IGNORECASE)
_LETTERS = {"g": Rag.GREEN, "a": Rag.AMBER, "r": Rag.RED}
NOT_RATED = re.compile(
    r"(?:n\s?/?\s?[ar]|not (?:applicable|available|rated|yet available)|no (?:data|rating|target)|tbc|none|-+|\*+)\.?",
    re.IGNORECASE,
)


def number_like(text: str) -> bool:
    return bool(re.search(r"\d", text))


def rating_of(cell: Cell | None) -> tuple[Rag | None, str | None]:
    """The rating of a cell, from its word and from its shading; and what is wrong, if anything."""
    if cell is None:
        return None, None
    text = _without_arrow(cell)
    words = {Rag(word.lower()) for word in _RAG_WORD.findall(text)}
    if len(words) > 1:
        return None, f"two ratings in one cell: {cell.text!r}"
    bare = re.sub(r"[^A-Za-z0-9/*-]", "", matching(text))
    word = words.pop() if words else _LETTERS.get(bare.lower())
    if word is None:
        return (None if NOT_RATED.fullmatch(bare) else cell.rag), None
    if cell.rag is not None and cell.rag is not word:
        return word, f"the word says {word}, the colour of its cell says {cell.rag}"
    return word, None


def is_rating(cell: Cell) -> bool:
    """Holds a rating and nothing else but perhaps an arrow: a word, a letter on its colour, or the colour alone."""
    text = _without_arrow(cell)
    bare = re.sub(r"[^A-Za-z0-9/]", "", matching(_RAG_WORD.sub(" ", text)))
    if _RAG_WORD.search(text):
        return not bare or bare.lower() in ("rag", "ragrating", "rating", "rated")
    if not bare:
        return cell.rag is not None
    return (cell.rag is not None and bare.lower() in _LETTERS) or bool(NOT_RATED.fullmatch(bare))


def _without_arrow(cell: Cell) -> str:
    """The cell's text without the letter that an arrow of a symbol font may come out as."""
    words = [word.text for word in cell.words]
    if cell.way is not None and len(words) > 1:
        words = [word for word in words if len(word) > 1]
    return collapse(" ".join(words)) if cell.way is not None else cell.text


_TRAVELS = (
    (Direction.IMPROVING, re.compile(r"improv|better|positive|\bup\b", re.IGNORECASE)),
    (Direction.WORSENING, re.compile(r"worse|deteriorat|declin|negative|\bdown\b", re.IGNORECASE)),
    (Direction.STABLE, re.compile(r"stable|no change|unchanged|same|steady", re.IGNORECASE)),
)


def travel_of(cell: Cell | None) -> Direction | None:
    """The direction of a cell, from its arrow, else from its word."""
    if cell is None:
        return None
    if cell.direction is not None:
        return cell.direction
    said = {way for way, pattern in _TRAVELS if pattern.search(cell.text)}
    return said.pop() if len(said) == 1 else None
