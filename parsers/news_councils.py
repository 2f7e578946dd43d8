"""Which paragraphs of a news story are about one council: a story may compare it with others, or be about another."""

import re
from collections.abc import Sequence

from parsers.narrative import words
from parsers.text import collapse, matching, slug

_WORD = r"[A-Z][\w'-]+"
_COUNCIL = re.compile(
    rf"\b(?P<name>{_WORD}(?:\s+(?:and|on|upon|of|in|with|under|the|&|{_WORD})){{0,6}}?)\s+(?:Council\b(?!\s+(?:Leader|Tax|Chamber))|(?:CC|BC|DC|MBC)\b)"
    r"(?:\s*\((?P<short>[A-Z]{2,6})\))?"
)
_KINDS = words(
    "county city district borough metropolitan parish town unitary council councils cc bc dc mbc london royal of the"
)
_NO_NAME = words("the a an at in and but when if while as our this that each every one local another said full")


def paragraphs_about(text: Sequence[str], *, headline: str, council: str) -> list[str]:
    """The paragraphs that speak of that council: those that name it, and those after it that name none.

    A paragraph that names another council is left out, also where it names both. With no council given, the one that
    the story names is meant; a story that names several then gives none.

    >>> story = ["Kent County Council (KCC) has 17.", "It has 9.", "Medway Council has 12.", "It has 3.", "KCC has 4."]
    >>> paragraphs_about(story, headline="Kent's figures", council="kent")
    ['Kent County Council (KCC) has 17.', 'It has 9.', 'KCC has 4.']
    >>> paragraphs_about(story, headline="Figures", council="")
    []
    >>> paragraphs_about(story[2:4], headline="Figures", council="kent")
    []
    """
    every = [_named(part, {}) for part in (headline, *text)]
    short = {alias: name for part in (headline, *text) for alias, name in _aliases(part).items()}
    every = [_named(part, short) for part in (headline, *text)]
    names = set().union(*every)
    own = _own(names, council)
    if own is None:
        return list(text) if not names else []
    # Until a council is named the headline's is meant; where that names none, ours if it is the only one.
    current = own & every[0] == every[0] if every[0] else names <= own
    kept = []
    for part, named in zip(text, every[1:], strict=True):
        if named:
            current = named <= own
        if current:
            kept.append(part)
    return kept


def _own(names: set[str], council: str) -> set[str] | None:
    """Those of the names that mean our council; None where it cannot be told which that is, or none is named."""
    wanted = set(slug(council).split("-")) - _KINDS - {""}
    if not names:
        return None
    if wanted:
        return {name for name in names if set(name.split()) == wanted}
    return names if len(names) == 1 else None


def _aliases(text: str) -> dict[str, str]:
    """What the text says a council is called for short: "Kent County Council (KCC)"."""
    return {m["short"]: _bare(m["name"]) for m in _COUNCIL.finditer(_plain(text)) if m["short"] and _bare(m["name"])}


def _named(text: str, short: dict[str, str]) -> set[str]:
    """The councils that the text names, each by what tells it from others: "kent", "tunbridge wells"."""
    plain = _plain(text)
    found = {_bare(match["name"]) for match in _COUNCIL.finditer(plain)}
    found |= {name for alias, name in short.items() if re.search(rf"\b{re.escape(alias)}\b", plain)}
    return found - {""}


def _plain(text: str) -> str:
    return re.sub(r"'s\b", "", matching(collapse(text)))


def _bare(name: str) -> str:
    parts = re.findall(r"[\w-]+", name)
    while parts and parts[0].lower() in _NO_NAME | _KINDS:
        parts.pop(0)
    # "Leaders at Kent County": what stands before a small word is no part of the name, "and" and "on" may be.
    for at, word in enumerate(parts):
        if word in ("at", "in", "of", "with", "under", "the"):
            return _bare(" ".join(parts[at + 1 :]))
    return " ".join(word.lower() for word in parts if word.lower() not in _KINDS)
