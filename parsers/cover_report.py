"""Cover reports: the two or three pages "From / To / Subject / Summary / Recommendation" in front of an appendix."""

import re
from collections.abc import Sequence

from parsers import narrative
from parsers.records import Fact, Kind, Outcome, Reading, StatedIn
from parsers.text import collapse

VERSION = 1
PARSER = "cover_report"

_HEAD_LINES = 60  # the block of labels stands on the first page
_LABEL = re.compile(
    r"^\s*(?P<label>From|By|Report (?:of|by|to)|To|Subject|Title|Date|Meeting|Classification|Status|Purpose|Wards?"
    r"|Decision (?:No|number)\.?|Key decision|(?:Executive )?Summary|Recommendations?(?:\(s\))?|Electoral divisions?"
    r"|(?:Past|Future) pathway.*?|Non-executive.*?|Previous.*?|Cabinet members?|Lead (?:officer|member)|Unrestricted"
    r"|For decision|For information)\s*:\s*(?P<rest>.*)$",
    re.IGNORECASE,
)
_WRITERS = {"from", "by", "report of", "report by"}


def recognises(pages: Sequence[str], *, url: str, title: str = "") -> bool:
    """Whether the first page has the labels of a report: who from, to whom, on what."""
    labels = {label for label, _, _ in _labels(pages)}
    return bool(labels & _WRITERS) and "to" in labels and bool(labels & {"subject", "title"})


def read(pages: Sequence[str], *, url: str, title: str = "") -> Reading:
    """Counts that the cover of a performance report states, with their pages."""
    subject = _value(pages, "subject") or _value(pages, "title") or collapse(title)
    to = re.split(r"\s+[-–—]\s+|,?\s+\d", _value(pages, "to"), maxsplit=1)[0]
    about = narrative.subject(subject, to)
    text = "\n\n".join(pages)
    facts: list[Fact] = []
    note = None
    if about.performance:
        year, quarter = narrative.period(subject) or (None, None)
        numbered = list(enumerate(pages, start=1))
        found = narrative.counts_in(numbered, stated_in=StatedIn.COVER, financial_year=year, quarter=quarter)
        counts = narrative.of_subject(found, subject, about)
        named = narrative.named_ratings(numbered, stated_in=StatedIn.COVER, financial_year=year, quarter=quarter)
        facts = [*counts, *narrative.named_of_subject(named, subject, about)]
        missed = [sentence for page in pages for sentence in narrative.unread(page)]
        if missed and not any(c.green is not None or c.amber is not None or c.red is not None for c in counts):
            note = f"counts of ratings are there but could not be read: {missed[0][:200]!r}"
    outcome = Outcome.QUARANTINED if note else Outcome.READ if facts else Outcome.NOTHING
    return Reading(
        kind=Kind.COVER_REPORT,
        outcome=outcome,
        parser=PARSER,
        parser_version=VERSION,
        note=note,
        title=subject or None,
        facts=tuple(facts),
        text=text,
    )


def _labels(pages: Sequence[str]) -> list[tuple[str, str, int]]:
    """(label, rest of its line, line number) on the first page, in order."""
    found = []
    for at, line in enumerate(_lines(pages)):
        match = _LABEL.match(line)
        if match:
            found.append((match["label"].lower(), match["rest"], at))
    return found


def _lines(pages: Sequence[str]) -> list[str]:
    return pages[0].splitlines()[:_HEAD_LINES] if pages else []


def _value(pages: Sequence[str], wanted: str) -> str:
    """What stands after a label, down to the next label or blank line; "" where the label is missing."""
    lines, labels = _lines(pages), _labels(pages)
    for position, (label, rest, at) in enumerate(labels):
        if label != wanted:
            continue
        end = labels[position + 1][2] if position + 1 < len(labels) else len(lines)
        value = [rest]
        for line in lines[at + 1 : end]:
            if not line.strip() and collapse(" ".join(value)):
                break
            value.append(line)
        return collapse(" ".join(value))
    return ""


__all__ = ["VERSION", "read", "recognises"]
