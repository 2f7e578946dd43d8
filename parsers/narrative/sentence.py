"""One sentence: what it says of how many."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from parsers.narrative.changes import Change, changes_of
from parsers.narrative.cues import ABOUT_DIRECTION
from parsers.narrative.numbers import Number, match_up, numbers_in
from parsers.narrative.parts import limited, limited_after, of_a_part
from parsers.narrative.spelling import OTHER_PERIOD, reading_copy
from parsers.narrative.totals import totals_in
from parsers.narrative.vocabulary import COLOUR, COUNT, FOREIGN, NUMBER, RATINGS, SMALLEST_WHOLE
from parsers.narrative.when import Period
from parsers.text import count

# Of the four Red KPIs, only one …: what follows is about those four.
_AMONG = re.compile(
    rf"\b(?:of|among|amongst|for|from)\s+(?:the|these|those|all)\s+(?:(?P<n>{COUNT})\s+)?(?:KPI\s+)?(?:(?:that|which)\s+(?:were|are|was|had\s+been)\s+)?(?:RAG\s+)?(?:rated\s+)?(?:as\s+)?(?P<colour>green|amber|red)s?\b(?:\s+rated)?",
    re.IGNORECASE,
)
# "Of the four Red KPIs in one service", "… that had been Red before".
_NARROWED_FURTHER = re.compile(
    r"\s*(?:KPI\s*)?(?:in|for|within|under|relating|relat\w+|that|which|where|with|from|on)\b", re.IGNORECASE
)
# "17 of these", where the sentence before gave the number of all and nothing else.
_ONLY_A_NUMBER = re.compile(rf"\W*(?:(?:and|that)\s+)?(?:(?:{COUNT})|\d{{1,3}}(?:\.\d+)?\s?%)?\W*", re.IGNORECASE)
_AMONG_THEM = re.compile(r"\b(?:of|among|amongst)\s+(?:these|those|which|them|whom)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Said:
    """What one sentence says."""

    text: str
    page: int | None
    copy: str
    at: int = 0  # its place among the sentences of the text
    service: str | None = None
    values: Mapping[str, int] = field(default_factory=dict)
    percents: Mapping[str, tuple[float, int]] = field(default_factory=dict)
    rests: frozenset[str] = frozenset()  # of those in values: said as "the other six"
    spare: tuple[int, ...] = ()  # numbers of KPIs without a cue: perhaps the total
    changes: Mapping[str, int] = field(default_factory=dict)  # on the quarter before, signed
    named: bool = False  # the words of its changes name the indicators
    partial: bool = False  # about a part; its numbers were left out

    @property
    def speaks(self) -> bool:
        """Whether it names the indicators."""
        return self.named or re.search(r"\bKPI\b|@total", self.copy) is not None


def speaks_of_indicators(said: Said) -> bool:
    """Whether it names the indicators, and before anything else that is rated in the same colours."""
    if not said.speaks:
        return False
    foreign, number = FOREIGN.search(said.copy), NUMBER.search(said.copy)
    subject = re.search(r"\bKPI\b|@total", said.copy)
    # "three risks were Red, unlike the KPIs": the first noun is what is counted.
    return not (foreign and subject and number and max(foreign.start(), number.start()) < subject.start())


_EVERY = re.compile(r"\ball\s+(?:of\s+)?(?:the\s+|our\s+|its\s+)?$", re.IGNORECASE)
_LONGEST_SENTENCE = 2500  # characters; the longest real one with counts has 700, and tables are no sentences
_MOST_NUMBERS = 40  # in a sentence; what has more is a table


def read_sentence(
    text: str, page: int | None, when: Period, *, about_direction: bool, after_total: bool, of_service: bool = False
) -> Said:
    """Numbers and cues of one sentence, matched; values is empty where it counts nothing for certain."""
    if len(text) > _LONGEST_SENTENCE or len(re.findall(r"\d+|\bKPI", text)) > _MOST_NUMBERS:
        return Said(text, page, "", partial=True)
    copy, taken = reading_copy(text, when)
    certain = taken.certain(copy)
    if _HYPOTHETICAL.search(copy):
        return Said(text, page, copy, partial=True)
    about_direction = about_direction or bool(ABOUT_DIRECTION.search(copy))
    found = _Found()
    for clause in re.split(r";\s", copy):
        _read_clause(
            _without_other_periods(clause),
            found,
            certain,
            about_direction=about_direction,
            after_total=after_total,
            of_service=of_service,
        )
    return Said(
        text,
        page,
        copy,
        values=found.values,
        percents=found.percents,
        rests=frozenset(found.rests),
        spare=tuple(found.spare),
        changes=found.changes,
        named=taken.name_indicators,
        partial=found.partial,
    )


# "KPIs would be rated Green if …", "expected to be Red by the year's end": not what is.
_HYPOTHETICAL = re.compile(
    r"\b(?:would|will|should|could|might|may|(?:likely|due|set|hoped|need\w*|going)\s+to)\s+be(?:come)?\s+(?:\w+\s+){0,2}(?:rated|classed|RAG|green|amber|red)\b"
    r"|\bwould\s+have\b|\bhad\s+(?:the\s+)?targets?\s+not\b|\b(?:old|original|former)\s+targets?\b|\byear[- ]end\b"
    rf"|\b(?:against|on|under|using|by|with)\s+{OTHER_PERIOD}(?:'s)?\s+targets?\b"
    r"|\bif\b|\bforecast\w*|\bexpected\s+to\b|\bprojected\b|\bpredicted\b|\baim\w*\b",
    re.IGNORECASE,
)


@dataclass
class _Found:
    """What the clauses of one sentence gave so far."""

    values: dict[str, int] = field(default_factory=dict)
    percents: dict[str, tuple[float, int]] = field(default_factory=dict)
    rests: set[str] = field(default_factory=set)
    spare: list[int] = field(default_factory=list)
    changes: dict[str, int] = field(default_factory=dict)
    partial: bool = False


def _read_clause(
    clause: str,
    found: _Found,
    certain: Mapping[str, Change],
    *,
    about_direction: bool,
    after_total: bool,
    of_service: bool,
) -> None:
    """Add what the clause says. Where any of it is about a part, only what was said before that counts."""
    clause, totals, part = totals_in(clause)
    if part or limited(clause) or (not of_service and of_a_part(clause, max(totals, default=None))):
        found.partial = True
        return
    for total in totals:
        found.values.setdefault("total", total)
    clause = _without_part(clause, found, after_total=after_total, counted=bool(totals))
    numbers, some_part = numbers_in(clause, after_total=after_total)
    every = [n.value for n in numbers if n.value is not None and _EVERY.search(clause[: n.start])]
    matched = match_up(clause, numbers, about_direction)
    if some_part or (every and min(every) < SMALLEST_WHOLE and not of_service) or _narrowed(clause, matched):
        found.partial = True
        return
    for total in every:
        found.values.setdefault("total", total)
    ends = [number.start for number, _, _ in matched[1:]] + [len(clause)]
    for (number, what, before), end in zip(matched, ends, strict=False):
        if not before and _goes_on_moving(clause, number, what):
            continue
        if (
            what == "amber"
            and not before
            and _perhaps_green(clause[number.end : end])
            and not _leaves_amber(number, found)
        ):
            continue
        _note(clause, number, what, found)
    for what, by in changes_of(clause, matched, totals, certain).items():
        found.changes.setdefault(what, by)


def _without_part(clause: str, found: _Found, *, after_total: bool, counted: bool) -> str:
    """The clause up to where it speaks of some of a colour ("of the five Reds, …") or of "those"; notes how many."""
    among = _AMONG.search(clause)
    if among is not None:
        stated = count(among["n"]) if among["n"] else None
        rest = clause[among.end() :]
        clause = clause[: among.start()]
        found.partial = True
        if stated is not None and not _NARROWED_FURTHER.match(rest):
            found.values.setdefault(among["colour"].lower(), stated)
    them = _AMONG_THEM.search(clause)
    if them is not None and not (counted or (after_total and _ONLY_A_NUMBER.fullmatch(clause[: them.start()]))):
        clause = clause[: them.start()]
        found.partial = True
    return clause


_MOVING = re.compile(
    r"\b(?P<moving>(?:mov|turn|chang|shift|becom|became|slip|upgrad|downgrad)\w*|went|gone)\b|\b(?:were|are|was|is|rated|stood|remain\w*|there)\b",
    re.IGNORECASE,
)


def _goes_on_moving(clause: str, number: Number, what: str | None) -> bool:
    """Whether a number without a verb of its own goes on with one of change: "two have turned Red, and one Green"."""
    if what not in RATINGS or not COLOUR.match(clause[number.end :].lstrip()):
        return False
    verbs = list(_MOVING.finditer(clause[: number.start]))
    return bool(verbs) and verbs[-1]["moving"] is not None


_BUT_NOT_TARGET = re.compile(
    r"\b(?:but|not|without|miss\w*|below|under|short|fail\w*|rather|only|just)\b|n't\b", re.IGNORECASE
)


def _perhaps_green(span: str) -> bool:
    """Whether the words after a number say no more than that the floor standard was met, which Greens do as well."""
    return COLOUR.search(span) is None and _BUT_NOT_TARGET.search(span) is None


def _leaves_amber(number: Number, found: _Found) -> bool:
    """Whether those that met the floor standard are meant beside the Greens: "17 met target, 12 the floor standard"."""
    if number.rest:
        return True
    green, total = found.values.get("green"), found.values.get("total")
    return green is not None and number.value is not None and (total is None or green + number.value <= total)


def _narrowed(clause: str, matched: Sequence[tuple[Number, str | None, bool]]) -> bool:
    """Whether one of the numbers counts the indicators of a part: "Three KPIs in Adult Social Care were …"."""
    for number, _, before in matched:
        noun = re.match(r"\s*(?:of\s+the\s+)?(?:(?:green|amber|red)\s+)?KPI\b", clause[number.end :], re.IGNORECASE)
        if noun and not before and limited_after(clause[number.end + noun.end() :]):
            return True
    return False


_PERCENT_OF_KPIS = re.compile(
    r"\s*(?:(?:of\s+)?(?:the\s+|all\s+)?(?:KPI|@total|these|those|which)\b|(?:(?:were|as|are|rated|reported)\s+)*(?:green|amber|red))",
    re.I,
)


def _note(clause: str, number: Number, what: str | None, found: _Found) -> None:
    """Put one number where it belongs; the first of its kind counts."""
    after = clause[number.end :]
    if what is None:
        if number.value is not None and re.match(r"\s*KPI\b(?!\s*(?:'s|in\b|for\b|under\b))", after):
            found.spare.append(number.value)
    elif number.percent is not None:
        if _PERCENT_OF_KPIS.match(after):
            found.percents.setdefault(what, number.percent)
    elif number.value is not None and what not in found.values:
        found.values[what] = number.value
        if number.rest:
            found.rests.add(what)


def _without_other_periods(clause: str) -> str:
    """What is left when the words about another quarter are taken out."""
    match = re.search(OTHER_PERIOD, clause)
    while match is not None:
        before, after = clause[: match.start()], clause[match.end() :]
        told = re.match(r"\s*(?:where|when|which|there)\b", after)
        if not re.search(r"[^\s,:]", _INTRODUCED.sub("", before)):
            clause = ""  # "In the previous quarter there were …"
        elif _MEASURED_BY.search(before) and not told:
            clause = before + after  # "improved on the previous quarter"
        elif told:
            clause = before
        else:
            # "40 KPIs were reported in Quarters 1 and 2", "16 last quarter": what is said of it goes as well.
            cut = max(before.rfind(","), before.rfind(" but "), before.rfind(" and "), before.rfind("("))
            tail = re.search(r"(?:,|\bbut\b|\band\b)\s", after)
            clause = (before[: cut + 1] if cut >= 0 else "") + (after[tail.start() :] if tail else "")
        match = re.search(OTHER_PERIOD, clause)
    return clause


_INTRODUCED = re.compile(
    r"\b(?:in|during|for|at|by|from)\s+(?:the\s+)?(?:(?:end|start|close|beginning|middle)\s+of\s+)?$", re.IGNORECASE
)
_MEASURED_BY = re.compile(
    r"\b(?:than|as|to|with|from|on|since|over|against|of|unlike|versus|follow\w+|after)\s+(?:(?:in|at|for)\s+)?(?:the\s+)?$",
    re.IGNORECASE,
)
