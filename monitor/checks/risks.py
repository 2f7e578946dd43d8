"""How many corporate risks there are, beside the changes that the same page tells."""

import re
from collections.abc import Iterator

from db.discrepancies import Discrepancy
from monitor.checks.shelf import Shelf, finding
from monitor.checks.tally import in_words
from monitor.facts import Paper
from parsers.text import matching

# Then the number of risks may change without a new one or one withdrawn.
_OTHERWISE = re.compile(
    r"\brisks?\b[^.]{0,120}\b(?:merged|merging|combined|consolidated|amalgamated|split|separated|divided|replaced"
    r"|superseded|transferred|de-?escalated|escalated (?:from|to|on)|moved (?:to|from)|closed|re-?instated"
    r"|added|deleted|other changes)\b",
    re.IGNORECASE,
)


def risk_levels_match_changes(paper: Paper, shelf: Shelf) -> Iterator[Discrepancy]:
    """The number of risks at all levels changes by the new ones less those withdrawn.

    Silent where the paper lists neither, or tells of risks that were merged, split or moved otherwise.
    """
    levels = sorted(paper.risk_levels, key=lambda level: level.as_at)
    if len(levels) != 2 or levels[0].as_at == levels[1].as_at:
        return
    new = {risk.code or risk.title for risk in paper.risks if risk.change == "new"}
    gone = {risk.code or risk.title for risk in paper.risks if risk.change == "withdrawn"}
    if not new and not gone:
        return
    told = " ".join(risk.quote or "" for risk in paper.risks)
    if _OTHERWISE.search(matching(told)):
        return
    before, now = (level.low + level.medium + level.high for level in levels)
    expected = before + len(new) - len(gone)
    if now == expected:
        return
    yield finding(
        "risk_levels_match_changes",
        paper,
        severity="low",
        about="Corporate risks",
        edition=paper.edition_name,
        stated=f"{now} risks",
        computed=f"{expected} risks",
        explanation=(
            f"The table of risk levels goes from {before} risks in {levels[0].as_at:%B %Y} to {now} in "
            f"{levels[1].as_at:%B %Y}; the changes told below it, {in_words(len(new))} new and "
            f"{in_words(len(gone))} withdrawn, would make {expected}."
        ),
        page=levels[1].page,
        other_page=next((risk.page for risk in paper.risks if risk.change in ("new", "withdrawn")), None),
    )
