"""A whole lies between its best and its worst part: no directorate's best can be below the council's own figure."""

import re
from collections.abc import Iterator

from db.discrepancies import Discrepancy
from monitor.checks.named import meant
from monitor.checks.shelf import Shelf, finding, shortened
from monitor.facts import Edition, Paper
from parsers.records import KpiReading
from parsers.text import collapse, matching

# "The percentage of FOI / EIR requests completed within timescale, improved this quarter …"
_SUBJECT = re.compile(
    r"^(?:the )?(?:percentage|proportion|share|%|rate) of (?P<name>[^.]{8,120}?)"
    r"(?:,| "
    r"(?:has|have|had|was|were|is|are|improved|increased|decreased|rose|fell|remain\w*|continue\w*|st(?:oo|an)ds?)\b)",
    re.IGNORECASE,
)
_EXTREME = re.compile(
    r"\b(?P<which>best|highest|worst|lowest)[- ]perform\w*\b[^.%]{0,120}?"
    r"\b(?P<value>\d{1,3}(?:\.\d+)?)\s?%(?!\s*point)",
    re.IGNORECASE,
)
# Then the part's figure may be of another time, or of another measure.
_OTHERWISE = re.compile(
    r"\b(?:last year|previous(?:ly)?|target of|in (?:january|february|march|april|may|june|july|august|september"
    r"|october|november|december)|month|national\w*|england|region\w*|neighbour\w*|authorit(?:y|ies)|quarter \d)\b",
    re.IGNORECASE,
)
_HALF = 0.5  # both figures may be rounded to whole per cents


def best_and_overall(paper: Paper, shelf: Shelf) -> Iterator[Discrepancy]:
    """Where the text gives the best (or worst) performing part of an indicator, the whole is no better (or worse)."""
    for edition in paper.editions:
        for paragraph in re.split(r"\n\s*\n", paper.text):
            text = collapse(paragraph)
            subject = _SUBJECT.match(matching(text)) if "perform" in text else None
            if subject is None:
                continue
            reading = meant(subject["name"], None, edition)
            if reading is not None and reading.unit == "%" and reading.value is not None:
                yield from _beyond(paper, edition, reading, reading.value, text)


def _beyond(paper: Paper, edition: Edition, reading: KpiReading, value: float, text: str) -> Iterator[Discrepancy]:
    for sentence in re.split(r"(?<=[a-z0-9)%])\.\s+(?=[A-Z])", text):
        match = _EXTREME.search(matching(sentence))
        if match is None or _OTHERWISE.search(matching(sentence)) or reading.lower_is_better is None:
            continue
        best = match["which"].lower() in ("best", "highest")
        part = float(match["value"])
        # The best part is at least the whole where more is better, at most the whole where less is.
        at_least = best is not reading.lower_is_better
        if (part + 2 * _HALF >= value) if at_least else (part - 2 * _HALF <= value):
            continue
        word = "best" if best else "worst"
        yield finding(
            "best_and_overall",
            paper,
            severity="low",
            about=f"{reading.name} ({reading.service})",
            edition=edition.name,
            stated=f"{word} part {match['value']}%",
            computed=f"{reading.value_text} overall",
            explanation=(
                f"The text gives {match['value']}% as the {word} performing part; “{reading.name}” as a whole "
                f"stands at {reading.value_text}, and a whole cannot be "
                f"{'better' if best else 'worse'} than its {word} part. In its words: “{shortened(sentence)}”"
            ),
            page=None,  # a paper's text is kept without its pages
            other_page=reading.page,
        )
