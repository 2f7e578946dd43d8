"""Whether a paper is such a report, and what it is called."""

import re
from collections.abc import Sequence
from itertools import pairwise

from parsers.text import collapse, matching

OPENING = 3  # pages on which the paper says what it is

_SUBJECT = re.compile(r"\bcomplaints?\b|\bfeedback\b|\bcompliments?\b", re.IGNORECASE)
_YEARLY = re.compile(r"\b(?:annual|yearly)\b", re.IGNORECASE)
_THREE = re.compile(
    r"(?:(?:complaints?|compliments?|comments?|enquiries|feedback)(?:\s*,\s*(?:and|&)?\s*|\s+(?:and|&)\s+|\s*$|\s+(?=\d))){3,}",
    re.IGNORECASE,
)
_WHEN = re.compile(
    r"\bappendix\s*\w?\b|\b(?:for\s+)?(?:the\s+)?(?:financial\s+)?year\b|\b(?:20)?\d\d\s?[-/]\s?(?:20)?\d\d\b|\b20\d\d\b"
    r"|\b\d{1,2}(?:st|nd|rd|th)?\s(?=[A-Z])",
    re.IGNORECASE,
)
_SENTENCE = re.compile(
    r"\b(?:is|are|was|were|be|been|has|have|had|shows?|sets?|noted?|provides?|attached|this|our|we|which|that|see|will|"
    r"should|must|used|rose|fell|policy|letter|survey|statement|plan|monitoring|quarterly)\b|[.;?]$|^\d+[a-z]?[.)]?\s",
    re.IGNORECASE,
)
# Papers that only name such a report: an agenda, minutes, a performance report.
_OTHER_PAPER = re.compile(
    r"^\s*(?:agenda\b|minutes\b|.*\bmeeting of the\b|present\s*:|apologies)|quarterly\s+performance\s+report"
    r"|unrestricted items|printed minutes|^\s*decision taken by",
    re.IGNORECASE | re.MULTILINE,
)


def recognises(pages: Sequence[str], *, url: str = "", title: str = "") -> bool:
    """Whether the paper is a report on complaints or feedback, by its title or by how it begins."""
    opening = pages[:OPENING]
    if any(_OTHER_PAPER.search(text[:3000]) for text in opening[:1]):
        return False
    names = [title.removesuffix(".pdf"), *(line for text in opening for line in _heads(text))]
    if not any(is_title(name) for name in names):
        return False
    return sum(len(re.findall(r"\bcomplaints?\b|\bcompliments?\b|\bfeedback\b", text, re.I)) for text in pages) >= 4


def is_title(text: str) -> bool:
    """Whether a line is the title of such a report, and not a sentence or another paper's item about it.

    >>> is_title("Annual Complaints Report 2022 - 23"), is_title("Complaints, comments and compliments")
    (True, True)
    >>> is_title("8. Annual Customer Feedback Report"), is_title("Complaints"), is_title("Complaints policy 2023/24")
    (False, False, False)
    """
    text = re.sub(r"^(?:subject|title|report)\s*:\s*", "", collapse(matching(text)), flags=re.IGNORECASE)
    bare = collapse(_WHEN.sub(" ", text)).strip(" -:,()")
    if not 8 < len(text) < 120 or not _SUBJECT.search(bare) or _SENTENCE.search(text):
        return False
    words = len(re.findall(r"[A-Za-z]+", bare))
    if _YEARLY.search(bare):
        return words <= 16 and ("report" in bare.lower() or words <= 5)
    if _THREE.match(bare):
        return words <= 8
    return words <= 8 and bool(re.search(r"\breport$|^report on\b", bare, re.IGNORECASE))


def _heads(text: str) -> list[str]:
    """The first lines of a page, one by one and two by two: a title may take two lines."""
    lines = [collapse(line) for line in text.splitlines() if collapse(line)][:25]
    return [*lines, *(f"{a} {b}" for a, b in pairwise(lines))]


def own_title(texts: Sequence[str], title: str) -> str | None:
    """The title that the first pages print; else the one by which the site calls it."""
    for text in texts[:OPENING]:
        for line in _heads(text):
            if is_title(line):
                return line
    return collapse(title) or None
