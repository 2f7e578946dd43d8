"""Changes on the quarter before, said beside a count or instead of one: "one more than the previous Quarter".

They are taken out of the copy that counts are read from, for their numbers count nothing. Each leaves a blank of its
own kind behind: all patterns see white space, and whose change it was can still be told from the number beside it.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from parsers.narrative.cues import cues_in
from parsers.narrative.numbers import Number
from parsers.narrative.vocabulary import COLOUR, COUNT, VOCABULARY, bare_word, words
from parsers.text import count

_BLANKS = (
    "\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"  # white space that `matching` leaves none of
)
BLANK = re.compile(f"[{_BLANKS}]")


@dataclass(frozen=True, slots=True)
class Change:
    """What the words of one change say."""

    by: int | None  # signed; None where they do not say by how many
    before: int | None  # the number in the quarter before
    upward: bool | None = None  # "up from 16"
    compared: bool = False  # the words name the quarter before
    elsewhere: bool = False  # they compare with something else: another quarter, what was planned
    what: str | None = None  # the rating or direction that the words themselves name

    def on(self, value: int | None) -> int | None:
        """The signed change of a number that is `value` now; None where it is not certain or cannot be."""
        by = self.by
        if self.before is not None:
            if value is None or (by is not None and value - self.before != by):
                return None
            by = value - self.before
        if by is None or (value is not None and value - by < 0):
            return None
        if self.upward is not None and by and (by > 0) != self.upward:
            return None
        return by


@dataclass
class Changes:
    """The changes of one sentence, in the order in which they were taken out."""

    found: list[Change] = field(default_factory=list)
    name_indicators: bool = False  # the words taken out do

    def blank(self, change: Change | None) -> str:
        """What stands in the copy for that change."""
        if change is None or len(self.found) == len(_BLANKS):
            return " "
        self.found.append(change)
        return f" {_BLANKS[len(self.found) - 1]} "

    def taken(self, match: re.Match[str]) -> str:
        """What stands for the words that a pattern found."""
        self.name_indicators |= "KPI" in match[0]
        return self.blank(meaning(match[0], match.string[: match.start()], match.string[match.end() :]))

    def certain(self, copy: str) -> Mapping[str, Change]:
        """Those that are certainly on the quarter before, by their blanks; `copy` is the whole sentence."""
        elsewhere = any(c.elsewhere for c in self.found) or _LONGER.search(copy) is not None or "@other" in copy
        return {
            _BLANKS[at]: change
            for at, change in enumerate(self.found)
            if change.compared or not (change.elsewhere or elsewhere)
        }


# "over the year", "since April": such a change is not on the quarter before, unless its own words say that it is.
_LONGER = re.compile(
    r"\b(?:over|across|in|during|within|for|throughout)\s+(?:the\s+|this\s+)?(?:\w+\s+){0,2}(?:year|months)\b"
    r"|\byear[\s-]on[\s-]year\b|\bsince\s+(?!@previous|@this)|\bbetween\b|\bannual",
    re.IGNORECASE,
)
_UP = r"(?:increas\w*|ris\w+|rose|gr[eo]w\w*|(?:gone|went|going|go|goes)\s+up|up|higher|grown)"
_DOWN = r"(?:decreas\w*|reduc\w*|fall\w*|fell|drop\w*|declin\w*|(?:gone|went|going|go|goes)\s+down|down|lower\w*)"
_SIGNED = (
    (1, re.compile(rf"\b(?P<n>{COUNT})\s+(?:more|higher|additional)\b", re.IGNORECASE)),
    (-1, re.compile(rf"\b(?P<n>{COUNT})\s+(?:fewer|less|lower)\b", re.IGNORECASE)),
    (1, re.compile(rf"\b(?:increase|rise|growth)\s+(?:of|by)\s+(?P<n>{COUNT})\b", re.IGNORECASE)),
    (-1, re.compile(rf"\b(?:decrease|reduction|fall|drop|decline)\s+(?:of|by)\s+(?P<n>{COUNT})\b", re.IGNORECASE)),
    (1, re.compile(rf"\bup\s+(?:by\s+)?(?P<n>{COUNT})\b", re.IGNORECASE)),
    (-1, re.compile(rf"\bdown\s+(?:by\s+)?(?P<n>{COUNT})\b", re.IGNORECASE)),
    (1, re.compile(r"^\(?\s*\+\s?(?P<n>\d{1,2})\b")),
    (-1, re.compile(r"^\(?\s*-\s?(?P<n>\d{1,2})\b")),
)
_BY = re.compile(rf"^by\s+(?P<n>{COUNT})\b", re.IGNORECASE)
_BEFORE = re.compile(
    rf"\b(?:from|compared\s+(?:with|to)|against|as\s+opposed\s+to|rather\s+than)\s+(?:the\s+)?(?P<n>{COUNT})\b"
    rf"|^\(\s*(?:it\s+)?(?:was|were)\s+(?P<was>{COUNT})\b"
    rf"|^\(\s*(?P<then>{COUNT})\s+(?:KPI\s+)?(?:(?:were|was|in|at|for|during)\s+)*@previous",
    re.IGNORECASE,
)
_SAME = re.compile(r"\bsame\b|\bunchanged\b|\bno\s+change\b|^\(\s*[+-]?0\s*\)$", re.IGNORECASE)
_COMPARES = re.compile(r"\b(?:than|since|over|versus|same\s+as)\b", re.IGNORECASE)
_UNIT = re.compile(r"\s*(?:%|per\s?cent|percentage|points?|days?|weeks?|months?|years?|hours?|million|times)\b", re.I)
_OF_OTHERS = re.compile(
    r"\s*(?:for|in|at|by|of|nationally|regionally)\b", re.IGNORECASE
)  # "compared with 20 for Essex"
_VAGUE = {"no", "none", "both"}  # "no more than" is not "0 more"


def meaning(said: str, lead: str = "", rest: str = "") -> Change | None:
    """What the words of a change say; `lead` and `rest` are the words before and after them.

    >>> meaning(", two fewer than in @previous").by, meaning("(no change)").by, meaning("by 4", "Reds were reduced ").by
    (-2, 0, -4)
    >>> meaning("up from 16").on(17), meaning("up from 16").on(15), meaning("(two more than planned)").elsewhere
    (1, None, True)
    """
    if _UNIT.match(rest):
        return None
    found = set(_signed(said, lead))
    earlier = _BEFORE.search(said)
    before = count(next(group for group in earlier.groups() if group)) if earlier else None
    if not found and before is None and _SAME.search(said):
        found = {0}
    if len(found) > 1 or (not found and before is None):
        return None
    named = set(re.findall(r"@\w+", said))
    compared = named == {"@previous"}
    return Change(
        by=next(iter(found), None),
        before=before,
        upward=_upward(said, lead),
        compared=compared,
        elsewhere=not compared and bool(named or _COMPARES.search(said) or (earlier and _OF_OTHERS.match(rest))),
    )


def _signed(said: str, lead: str) -> Iterator[int]:
    for sign, pattern in _SIGNED:
        for match in pattern.finditer(said):
            number = None if match["n"].lower() in _VAGUE else count(match["n"])
            if number is not None:
                yield sign * number
    bare = _BY.match(said)
    upward = _moves(lead)
    if bare is not None and upward is not None:
        yield (count(bare["n"]) or 0) * (1 if upward else -1)


def _upward(said: str, lead: str) -> bool | None:
    """Which way "up from 16" and "increased | from 3 to 4" say that it went; None where they do not."""
    inside = re.search(r"\b(up|down)\s+from\b", said, re.IGNORECASE)
    if inside is not None:
        return inside[1].lower() == "up"
    return _moves(lead) if re.match(r"\s*from\b", said, re.IGNORECASE) else None


def _moves(lead: str) -> bool | None:
    """Whether the words end with a verb that says up (True) or down (False)."""
    tail = re.sub(r"\s+(?:\w+ly|further|again)\s*$", " ", lead[-40:])
    if re.search(rf"\b{_UP}\s*$", tail, re.IGNORECASE):
        return True
    return False if re.search(rf"\b{_DOWN}\s*$", tail, re.IGNORECASE) else None


# --- changes said instead of a count -------------------------------------------------------

_THAN = r"(?:than|as|from|since|on|over|versus|compared\s+(?:with|to|against)|in\s+comparison\s+(?:with|to)|against)"
_MORE_RATED = re.compile(
    rf"\b(?P<n>{COUNT})\s+(?P<sign>more|fewer|less)\s+(?P<said>(?:[\w'-]+\s+){{1,10}}?)"
    rf"{_THAN}\s+(?:(?:in|for|at|that|those|of|the|reported|during)\s+)*(?P<then>@previous|@other)",
    re.IGNORECASE,
)


def more_rated(match: re.Match[str], changes: Changes) -> str:
    """What stands for "2 more KPI were rated green than in @previous"; the words themselves where it is not that."""
    cues = {cue.what for cue in cues_in(match["said"], True)}
    strange = [w for w in match["said"].split() if bare_word(w) not in VOCABULARY]
    number = None if match["n"].lower() in _VAGUE else count(match["n"])
    if len(cues) != 1 or strange or number is None:
        return match[0]
    changes.name_indicators |= "KPI" in match["said"]
    sign = 1 if match["sign"].lower() == "more" else -1
    compared = match["then"] == "@previous"
    return changes.blank(
        Change(by=sign * number, before=None, compared=compared, elsewhere=not compared, what=cues.pop())
    )


def take_more_rated(copy: str, changes: Changes) -> str:
    """The copy without such sentences' changes."""
    return _MORE_RATED.sub(lambda match: more_rated(match, changes), copy)


_RATED_AFTER = re.compile(
    r"^\s*(?:(?:in|to|of)\s+)?(?:the\s+)?(?:(?:number|total)\s+of\s+)?(?:KPI\s+)?(?:(?:that|which)\s+)?(?:(?:were|are|was)\s+)?"
    r"(?:RAG\s+)?(?:rated\s+)?(?:as\s+)?(green|amber|red)s?\b(?!\s+(?:to|into)\b)",
    re.IGNORECASE,
)
_RATED_BEFORE = re.compile(
    rf"(?P<number>\bnumbers?\s+of\s+)?(?:KPI\s+)?(?:RAG\s+)?(?:rated\s+)?(?:as\s+)?(?<![\w-])(?P<colour>green|amber|red)(?P<plural>s)?(?:\s+rated)?(?:\s+KPI)?"
    rf"(?:\s+ratings?)?(?:,?\s+which)?(?:\s+(?:had|has|have|having|been|were|was|is|are|also|further|slightly|again|now|remain\w*))*(?:\s+(?P<verb>{_UP}|{_DOWN}))?\s*$",
    re.IGNORECASE,
)
_MOVED = re.compile(r"\b(?:mov|chang|shift|turn|went|gone|return|progress)\w*\s+(?:\w+\s+){0,3}$", re.IGNORECASE)


def _said_alone(clause: str, at: int, change: Change) -> str | None:
    """The rating whose number changed, where no number stands beside it: "Reds had been reduced by 4"."""
    if change.what is not None:
        return change.what
    before, after = clause[:at], clause[at + 1 :]
    behind = _RATED_BEFORE.search(before)
    if behind is not None and not _MOVED.search(before[: behind.start()]):
        counted = behind["number"] or behind["plural"] or (behind["verb"] and change.by)
        return behind["colour"].lower() if counted else None
    opens = re.search(r"(?:^|[,;]|\b(?:and|was|were|with|saw|seen|been|a|an|net|the|by))\s*$", before, re.IGNORECASE)
    ahead = _RATED_AFTER.match(after)
    return ahead[1].lower() if opens and ahead and change.by else None


# --- whose change it is -------------------------------------------------------------------

_BETWEEN = VOCABULARY | words(
    "which this represents represented an increase increased increasing decrease decreased rise risen rose fall fallen"
    " fell drop dropped reduced grown gone went again only being number or ahead further slightly"
)


def changes_of(
    clause: str,
    matched: Sequence[tuple[Number, str | None, bool]],
    totals: Sequence[int],
    certain: Mapping[str, Change],
) -> dict[str, int]:
    """The signed change of each rating, direction or total that the clause's blanks are about."""
    found: dict[str, int] = {}
    doubtful: set[str] = set()
    for blank in BLANK.finditer(clause):
        change = certain.get(blank[0])
        if change is None:
            continue
        what, by = _owned(clause, blank.start(), change, matched, totals)
        if what is None or by is None:
            continue
        if found.setdefault(what, by) != by:
            doubtful.add(what)
    return {what: by for what, by in found.items() if what not in doubtful}


def _owned(
    clause: str,
    at: int,
    change: Change,
    matched: Sequence[tuple[Number, str | None, bool]],
    totals: Sequence[int],
) -> tuple[str | None, int | None]:
    """(what changed, by how much)."""
    if change.what is not None:
        return change.what, change.by
    earlier = [m for m in matched if m[0].end <= at]
    later = next((m for m in matched if m[0].start > at), None)
    start = earlier[-1][0].end if earlier else 0
    if later is not None and later[2] and later[1] is not None:
        cue = list(COLOUR.finditer(clause, start, later[0].start))
        if cue and cue[-1].end() <= at and _nothing_strange(clause[cue[-1].end() : at]):
            return later[1], change.on(later[0].value)
    before = clause[start:at]
    if "@total" in before:
        own = before.rsplit("@total", 1)[1]
        if re.fullmatch(
            r"[\s,(-]*(?:(?:KPI|reported|included|contained|in|the|report|@this|QPR|were|are|was)\s+)*[\s(]*", own
        ):
            return "total", change.on(totals[0]) if len(totals) == 1 else None
    if earlier and earlier[-1][1] is not None and _nothing_strange(before):
        if not change.by and change.before is None and re.search(r"\bthe\s+$", clause[: earlier[-1][0].start], re.I):
            return None, None  # "the three Red KPIs were unchanged": those three, whatever others there are
        return earlier[-1][1], change.on(earlier[-1][0].value)
    return _said_alone(clause, at, change), change.by


def _nothing_strange(between: str) -> bool:
    return all(bare_word(w) in _BETWEEN or not bare_word(w) for w in re.findall(r"[\w@'’]+", between))
