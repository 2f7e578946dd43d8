"""Changes told in words ("a 31% decrease on the previous quarter") beside the totals of the report's tables.

Only sentences made wholly of words that can stand in such a statement are read: "complaints about potholes
rose by 40%" is on a part of them, and no part is held against a total.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import NamedTuple

from db.discrepancies import Discrepancy
from monitor.checks.shelf import Shelf, finding, shortened
from monitor.facts import Paper
from parsers.records import Figure
from parsers.text import MONTHS, collapse, matching

_SUBJECTS = {"complaints": re.compile(r"\bcomplaints\b"), "calls": re.compile(r"\bcalls\b")}
_PERCENT = re.compile(r"(\d+(?:\.\d+)?)\s?%")
_MORE = r"increase[ds]?|rise|rose|risen|more|higher|up|grew|grown|growth|went up"
_LESS = r"decrease[ds]?|reduction|reduced|fall|fell|fallen|drop(?:ped)?|fewer|lower|down|less|declined?"
_CHANGE = re.compile(rf"\b(?:(?P<more>{_MORE})|(?P<less>{_LESS}))\b")
_QUARTER_BEFORE = re.compile(r"\b(?:previous|last|preceding|prior) quarter\b(?! (?:of )?last year)|\bquarter before\b")
_YEAR_BEFORE = re.compile(
    r"\bsame (?:time|period|point|12 months)(?: (?:of )?(?:last|the previous|the year) (?:year|before))?"
    r"|\b(?:previous|preceding|prior) (?:year|12 months|twelve months)\b|\b(?:last year|year before)\b"
    r"|\b(?:12|twelve) months to [a-z]+ (?:20)?\d\d\b"
)
_SAME_QUARTER = re.compile(
    r"\b(?:same|corresponding|equivalent) quarter\b|\bquarter \d,? last year\b|\bquarter last year\b"
)
_TWELVE = re.compile(r"\b(?:12|twelve)[ -]months?\b|\b12 mths\b")
_WORDS = frozenset(
    """
    a all also an and as at been before between brought by calls compared comparison complaints contact corresponding
    council decrease decreased decreases did down during end equivalent fall fallen fell fewer for from further grew
    grown growth had has have higher in increase increased increases is it kcc kent last less lower mths month months
    more number of on over overall period phone point preceding previous prior quarter received reduced reduction rise
    risen rose same saw seen slight slightly telephone than that the there these this time to total totals twelve up
    volume volumes was were when which with year decline declined drop dropped went
    """.split()  # noqa: SIM905 (a list of words is read as words)
) | frozenset(MONTHS)
_SLACK = 1.0  # percentage points: one half for rounding, one half for cutting off


class _Said(NamedTuple):
    """One change in words, and which totals it is about."""

    percent: float  # signed
    yearly: bool  # of twelve months on twelve; else of a quarter on the quarter before
    quote: str


def words_match_totals(paper: Paper, shelf: Shelf) -> Iterator[Discrepancy]:
    """A change of all complaints or calls in per cent is the one that the totals of the table make."""
    for measure, subject in _SUBJECTS.items():
        totals = _totals([figure for figure in paper.figures if figure.measure == measure])
        if not totals or not paper.editions:
            continue
        for said in _told(paper.text, subject):
            pair = _pair(totals, said.yearly)
            if pair is None or _of_another_time(said.quote, paper.editions[0].report.quarter, pair[1]):
                continue
            before, now = pair
            least, most = _change(before, now)
            if least - _SLACK <= said.percent <= most + _SLACK:
                continue
            stated, computed = _in_words(said.percent), _in_words(((now.value or 0) / (before.value or 1) - 1) * 100)
            yield finding(
                "words_match_totals",
                paper,
                severity="medium",
                about=f"{measure.capitalize()}, {now.period_label}",
                edition=paper.edition_name,
                stated=stated,
                computed=computed,
                explanation=(
                    f"The text gives the change in {measure} as {stated}; the totals of the table, "
                    f"{before.value_text} ({before.period_label}) and {now.value_text} ({now.period_label}), "
                    f"make it {computed}. In its words: “{shortened(said.quote)}”"
                ),
                page=None,  # a paper's text is kept without its pages
                other_page=now.page,
            )


def _of_another_time(sentence: str, quarter: int, newest: Figure) -> bool:
    """Whether a sentence names another quarter than the report's, or twelve months that end otherwise."""
    plain = matching(sentence).lower()
    if any(int(number) != quarter for number in re.findall(r"\bquarter (\d)\b", plain)):
        return True
    ends = [(MONTHS.get(month), int(year)) for month, year in re.findall(r"\bto ([a-z]+) (20\d\d)\b", plain)]
    end = newest.period_end
    return bool(ends) and end is not None and (end.month, end.year) not in ends


def _totals(figures: Sequence[Figure]) -> Mapping[tuple[date, date], Figure]:
    """The one total of each period."""
    found: dict[tuple[date, date], list[Figure]] = {}
    for figure in figures:
        if figure.is_total and figure.quote is None and figure.value and figure.period_start and figure.period_end:
            found.setdefault((figure.period_start, figure.period_end), []).append(figure)
    return {period: cells[0] for period, cells in found.items() if len(cells) == 1}


def _pair(totals: Mapping[tuple[date, date], Figure], yearly: bool) -> tuple[Figure, Figure] | None:
    """The newest total of the wanted length, behind that of the period before it."""
    length = range(360, 370) if yearly else range(88, 94)
    periods = sorted((period for period in totals if (period[1] - period[0]).days + 1 in length), key=lambda p: p[1])
    if not periods:
        return None
    start, _ = newest = periods[-1]
    before = next((period for period in periods if period[1] == start - timedelta(days=1)), None)
    return (totals[before], totals[newest]) if before else None


def _change(before: Figure, now: Figure) -> tuple[float, float]:
    """The least and most that the change can be, in per cent, given that both totals may be rounded."""
    half = 0.5 if now.unit is not None else 0.0
    then, today = before.value or 0.0, now.value or 0.0
    return ((today - half) / (then + half) - 1) * 100, ((today + half) / (then - half) - 1) * 100


def _told(text: str, subject: re.Pattern[str]) -> Iterator[_Said]:
    for paragraph in re.split(r"\n\s*\n", text):
        if "%" not in paragraph:
            continue
        for sentence in re.split(r"(?<=[a-z0-9)%])\.\s+(?=[A-Z])", collapse(paragraph)):
            plain = matching(sentence).lower().rstrip(".")
            if subject.search(plain) and _only_known_words(plain):
                yield from _changes(plain, sentence)


def _only_known_words(sentence: str) -> bool:
    return all(word in _WORDS for word in re.findall(r"[a-z][a-z'-]*", sentence))


def _changes(plain: str, sentence: str) -> Iterator[_Said]:
    """Each percentage of a sentence with its direction and what it is compared with, where both are plain."""
    matches = list(_PERCENT.finditer(plain))
    for n, match in enumerate(matches):
        before = plain[matches[n - 1].end() if n else 0 : match.start()]
        after = plain[match.end() : matches[n + 1].start() if n + 1 < len(matches) else len(plain)]
        way = _direction(before, after)
        yearly = _compared(before, after, plain)
        if way is not None and yearly is not None:
            yield _Said(way * float(match[1]), yearly, sentence)


def _direction(before: str, after: str) -> int | None:
    """1 for more, -1 for less: by the word right behind the percentage, else by the last one in front of it."""
    near = _CHANGE.match(after.lstrip())
    found = near or next(iter(reversed(list(_CHANGE.finditer(before)))), None)
    return None if found is None else 1 if found["more"] else -1


def _compared(before: str, after: str, sentence: str) -> bool | None:
    """True for twelve months on twelve, False for a quarter on the one before; None where that is not plain."""
    for part in (after, before):
        if _SAME_QUARTER.search(part):
            return None  # a quarter of last year, which no table shows
        quarterly, yearly = _QUARTER_BEFORE.search(part), _YEAR_BEFORE.search(part)
        if quarterly and not yearly:
            return None if _TWELVE.search(sentence) else False
        if yearly and not quarterly and part is after:
            return True if _TWELVE.search(sentence) else None
        if quarterly and yearly:
            return None
    return None


def _in_words(percent: float) -> str:
    """
    >>> _in_words(-30.8), _in_words(4), _in_words(0.2)
    ('31% fewer', '4% more', 'no change')
    """
    whole = round(abs(percent))
    return "no change" if whole == 0 else f"{whole}% {'more' if percent > 0 else 'fewer'}"
