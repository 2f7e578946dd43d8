"""The numbers of a sentence, and which rating or direction each of them counts."""

import re
from dataclasses import dataclass

from parsers.narrative.cues import cues_in
from parsers.narrative.parts import limited_after
from parsers.narrative.vocabulary import COLOUR, DIRECTIONS, NUMBER, RATINGS, VOCABULARY, bare_word
from parsers.text import count

_PERCENT = re.compile(r"(?<![\w.,£])(\d{1,3}(?:\.\d+)?)\s?(?:%|per\s?cent\b)")


@dataclass(frozen=True, slots=True)
class Number:
    start: int
    end: int
    value: int | None  # None for a number that counts no indicators; it still parts its neighbours
    percent: tuple[float, int] | None = None  # value and printed decimals
    rest: bool = False  # "the other six", "the remaining 22"


_LARGEST_SET = 250  # no council rates more indicators in one report; a larger number counts other things
_BEFORE_NO_COUNT = re.compile(
    r"(?:\b(?:appendix|appendices|item|items|page|pages|table|section|paragraph|para|figure|annex|chapter|phase|stage|tier|grade"
    r"|version|recommendation|ref|top|around|about|approximately|approx|nearly|almost|roughly|circa|some|at\s+least"
    r"|(?:more|fewer|less)\s+than|over|under|version|ks|year|years|aged?|every|per|option|priority|objective|half)|[£#]"
    r"|\b(?:latest|current|previous|target|floor|threshold|result|actual)(?:\s+(?:standard|value|figure))?\s*:)\s*$",
    re.IGNORECASE,
)
# "asked about the three", "looked at five": whichever those are.
_ABOUT = re.compile(
    r"\b(?:about|discuss\w*|consider\w*|look\w*\s+at|queried|question\w*|ask\w*|regarding|concerning|focus\w*\s+on|why|explain\w*\s+(?:why|that))\s+(?:the\s+|these\s+|those\s+)+$"
    r"|\b(?:discussed|looked\s+at|queried|why|focus\w*\s+on|review\w*|examin\w*|scrutinis\w*|select\w*|chose\w*|tackl\w*|prioritis\w*)\s+$",
    re.IGNORECASE,
)
# "Red KPIs up to nine" is exact, "up to nine KPIs" is not.
_UP_TO = re.compile(r"(?<!gone )(?<!went )(?<!KPI )(?<!green )(?<!amber )(?<!red )\bup\s+to\s*$", re.IGNORECASE)
_AFTER_NO_COUNT = re.compile(
    r"^\s*(?:more|fewer|less|additional|extra|new|newly|further|times?|points?|years?|months?|weeks?|days?|hours?|quarters?|or\s+(?:more|fewer|less)|to\s+\w+\s+KPI)\b",
    re.IGNORECASE,
)
_PART = re.compile(
    r"^\s*(?:of\s+(?:these|those|them|which|whom|our|its|the\s+(?:\w+\s+)?(?:green|amber|red)\w*)|others?\b)",
    re.IGNORECASE,
)
_OF_ALL_THESE = re.compile(
    r"^\s*of\s+(?:these|those|them|which)\s+(?:(?:KPI|had|have)\s+)?(?:were|was|are|is|had|have|rated|RAG|achiev\w+|met|did|show\w*|exceed\w*)\b",
    re.IGNORECASE,
)
_OF_THE_KPI = re.compile(
    r"^\s*of\s+(?:the|these|those|all)?\s*(?:KPI)\b(?!\s*(?:\w+\s+){0,2}?(?:were|was|are|is|had|have|has|having|did|do|(?:achiev|met|meet|exceed|show|reach|hit|continu|perform|remain|demonstrat|indicat|experienc)\w*|rated\s+as)\b)",
    re.IGNORECASE,
)


def numbers_in(clause: str, *, after_total: bool = False) -> tuple[list[Number], bool]:
    """The clause's numbers, and whether one of them counts a part only."""
    found: list[Number] = []
    partial = False
    for match in _PERCENT.finditer(clause):
        decimals = len(match[1].partition(".")[2])
        found.append(Number(match.start(), match.end(), None, percent=(float(match[1]), decimals)))
    for match in NUMBER.finditer(clause):
        word, before, after = match[0].lower(), clause[: match.start()], clause[match.end() :]
        value = count(word)
        if word in ("no", "none", "both", "zero") and not re.match(
            r"\s*(?:KPI|@total|of\s+the\s+KPI|were|was|are|rated|RAG|green|amber|red)s?\b", after, re.IGNORECASE
        ):
            continue
        if word == "both" or (
            word == "one" and re.search(r"\b(?:an?|the|this|that|each|any|every|no)\s+(?:\w+\s+)?$", before)
        ):
            continue
        rest = bool(re.search(r"\b(?:other|remaining|remainder|rest)\s*(?:of\s+the\s+)?$", before, re.IGNORECASE))
        if value is not None and value > _LARGEST_SET:
            value = None
        elif _OF_ALL_THESE.match(after) and (after_total or "@total" in before) and not COLOUR.search(before):
            pass  # "38 KPIs were reported, 17 of which were Green"
        elif _PART.match(after) or _OF_THE_KPI.match(after):
            partial = True
            value = None
        elif (
            _ABOUT.search(before)
            or _BEFORE_NO_COUNT.search(before)
            or _AFTER_NO_COUNT.match(after)
            or _UP_TO.search(before)
        ):
            value = None
        found.append(Number(match.start(), match.end(), value, rest=rest))
    return sorted(found, key=lambda number: number.start), partial


_CHANGED = re.compile(
    r"\b(?:mov|chang|shift|turn|becom|becam|went|gone|go|drop|slip|fell|fall|return|progress|transition|switch|upgrad|downgrad|improv|declin|deteriorat|escalat)\w*"
    r"(?:\s+(?:\w+\s+){0,3}?(?:from|to|into|out|back)\b|\s*(?:RAG\s+)?$)|\b(?:from|into|out\s+of|newly|remain\w*|no\s+longer|back\s+(?:to|in|into)|previously|formerly)\s+(?:\w+\s+){0,2}$",
    re.IGNORECASE,
)


# "Two Red KPIs were discussed": those two, whatever others there are. Verbs that rate are no such thing.
_SPOKEN_OF = re.compile(
    r"\s*(?:rated\s+)?ones\b|\s*(?:rated\s+)?KPI\s+(?:(?:(?:were|was|are|is|had\s+been|have\s+been|has\s+been|being)\s+(?:\w+ly\s+)?"
    r"(?:discuss|due|consider|highlight|caus|explain|question|rais|review|mention|affect|impact|driven|about|address|explor|examin|attribut)\w*)"
    r"|(?:would|will|should|could|might|may|need\w*)\b|(?:relat|concern|to\s|due\b|that\b|which\b|where\b|because|continu|fell|sat\b))",
    re.IGNORECASE,
)
_FOR_LONG = re.compile(
    r"\s*(?:KPI\s+)?(?:in\s+(?:both|each|every|successive|consecutive)\b|for\s*$|for\s+(?:several|many|some|more|at\s+least|over|much|most|consecutive|a\s)|throughout\b)",
    re.IGNORECASE,
)


def forward(span: str, about_direction: bool) -> str | None:
    """What the words after a number make of it: "17 | KPIs achieved target (rated green), "."""
    text = re.split(
        r"\b(?:while|whilst|whereas|although|though|however|compared|because|due\s+to)\b", span, maxsplit=1
    )[0]
    cues = cues_in(text, about_direction)
    if not cues:
        return None
    noun = re.match(r"\s*(?:(?:of\s+the\s+|of\s+)?KPI|@total)\b", text)
    first = cues[0]
    gap = text[: first.start]
    after_noun = gap[noun.end() :] if noun else gap
    if gap.rstrip().endswith((",", ":", ";", ".", "-")) and not re.search(r"\w", after_noun):
        return None  # "38 KPIs, Green 17": the cue is the next number's
    if not noun and re.match(r"[,:;)]|\s*(?:and|or|but)\b", gap):
        return None
    if noun and (limited_after(after_noun) or not _verb_follows(after_noun)):
        return None
    strange = [w for w in re.findall(r"[\w@'’]+", gap) if bare_word(w) not in VOCABULARY]
    if len(strange) > (2 if noun else 0):
        return None
    chosen = first
    if not first.colour:
        for cue in cues[1:]:
            between = text[first.end : cue.start]
            words = [w for w in re.findall(r"[\w@'’]+", between) if bare_word(w) not in VOCABULARY]
            if cue.colour and len(words) <= (2 if noun else 0):
                chosen = cue
                break
    if chosen.colour and (_SPOKEN_OF.match(text[chosen.end :]) or _FOR_LONG.match(text[chosen.end :])):
        return None
    if chosen.colour and _CHANGED.search(text[: chosen.start].rstrip() + " "):
        return None
    for cue in cues:
        between = text[chosen.end : cue.start]
        if cue.start >= chosen.end and cue.what != chosen.what:
            if re.fullmatch(r"\s*(?:and|or|/|&|to|,|and/or)\s*(?:RAG\s+|rated\s+)*", between, re.IGNORECASE):
                return None  # "six Amber or Red", "five improving or stable"
            if chosen.what in RATINGS and cue.what in DIRECTIONS and not re.search(r"[.;,:]", between):
                return None  # "3 amber rated KPIs with a worsening direction": neither all amber nor all worsening
    return chosen.what


def _verb_follows(after_noun: str) -> bool:
    """Whether what follows "KPIs" speaks of them rather than narrowing them: "KPIs affected by …" narrows."""
    word = re.match(r"[\s(,]*([\w@'’]+)", after_noun)
    return word is None or bare_word(word[1]) in VOCABULARY


_STOOD = (
    r"(?:\s*(?:\(|:|=|-)\s*|\s+(?:was|were|is|are|at|(?:stood|stands?|stayed|stays|remain\w*|held|unchanged)\s+at|total\w*|number\w*|now|now\s+at|to\s+be"
    r"|accounts?\s+for)\s+|\s+)"
)
_BACK_COLOUR = re.compile(
    rf"(?<![\w-])(?:RAG\s+|rated\s+)*(green|amber|red)s?(?:\s+rated)?(?:\s+KPI)?(?:\s+(?:ratings?|status|rag))?{_STOOD}$",
    re.IGNORECASE,
)
_BACK_TO = re.compile(
    r"(?<![\w-])(green|amber|red)s?\b[^.;:]{0,60}?\b(?:increas|ris|rose|grow|grew|decreas|reduc|fall|fell|drop|declin|improv|gone|went|mov|chang|com|up|down)\w*(?:\s+(?:up|down))?,?\s+to\s+$",
    re.IGNORECASE,
)
_BACK_BRINGING = re.compile(
    r"\b(?:bring|took|tak|leav|left|mak)\w*\s+(?:the\s+)?(?:total\s+)?(?:number\s+of\s+)?(green|amber|red)s?\b[^.;:,]{0,30}?\s+(?:to|at)\s+$",
    re.IGNORECASE,
)
_BACK_NUMBER = re.compile(
    r"\bnumber\s+of\s+(?:KPI\s+)?(?:RAG\s+)?(?:rated\s+)?(?:as\s+)?(green|amber|red)(?:\s+KPI)?\s+to\s+$", re.IGNORECASE
)
_BACK_GIVEN = re.compile(
    r"\b(?:with|given|issued|receiv\w+|award\w+|scor\w+|hold\w*|rated|classed|rating)\s+(?:with\s+|as\s+)?(?:an?\s+)?(green|amber|red)(?:\s+(?:rating|ratings|status|score))?\s+(?:were|was|are|is)\s+$",
    re.IGNORECASE,
)
_AFTER_BACK = re.compile(
    r"^\s*(?:KPI\b|[,.;:)]|and\b|$|of\s+the\s+KPI|@total|this\b|at\b|in\s+@this|@this|\(|-|these\b|up\b|down\b|with\b|whil\w+\b|but\b|from\b|since\b|compared\b"
    r"|(?:RAG\s+)?(?:rated\s+)?(?:green|amber|red)s?\b)",
    re.IGNORECASE,
)


def _backward(span: str, after: str, about_direction: bool) -> str | None:
    """What the words before a number make of it: "green rated indicators increasing to | 28"."""
    if not _AFTER_BACK.match(after):
        return None
    for pattern in (_BACK_GIVEN, _BACK_BRINGING, _BACK_NUMBER, _BACK_TO, _BACK_COLOUR):
        match = pattern.search(span)
        if match and not re.search(
            r"\b(?:from|remain\w*|moved\s+(?:in)?to|out\s+of)\s+(?:\w+\s+)?$", span[: match.start()]
        ):
            return match[1].lower()
    if about_direction:
        cues = cues_in(span, True)
        if (
            cues
            and cues[-1].what in DIRECTIONS
            and re.fullmatch(rf"(?:\s+KPI)?(?:\s+(?:for|in))?{_STOOD}", span[cues[-1].end :])
        ):
            return cues[-1].what
    return None


def _apart(span: str, before: str, after: str, about_direction: bool) -> bool:
    """Whether the words between two numbers give a cue to each: "| rated red, with positive trends for |"."""
    first, comma, second = span.rpartition(",")
    own = forward(first, about_direction)
    return bool(comma) and own not in (None, before) and _backward(second, after, about_direction) == before


def match_up(clause: str, numbers: list[Number], about_direction: bool) -> list[tuple[Number, str | None, bool]]:
    """Each number, its cue and whether that stood before it: as many as possible, no cue twice, after before before."""
    if not numbers:
        return []
    edges = [0, *[n.end for n in numbers]]
    starts = [*[n.start for n in numbers], len(clause)]
    spans = [clause[a:b] for a, b in zip(edges, starts, strict=True)]
    # best[taken]: score and choices so far, by whether the last number took the words after it.
    best: dict[bool, tuple[int, tuple[tuple[str | None, bool], ...]]] = {False: (0, ())}
    for at, number in enumerate(numbers):
        counts_something = number.value is not None
        after = forward(spans[at + 1], about_direction) if counts_something or number.percent else None
        before = _backward(spans[at], clause[number.end :], about_direction) if counts_something else None
        options: list[tuple[bool, int, tuple[tuple[str | None, bool], ...]]] = []
        for taken, (score, chain) in best.items():
            options.append((False, score, (*chain, (None, False))))
            if after is not None:
                options.append((True, score + 101, (*chain, (after, False))))
            if before is not None and (not taken or _apart(spans[at], before, clause[number.end :], about_direction)):
                options.append((False, score + 100, (*chain, (before, True))))
        best = {}
        for taken, score, chain in options:
            if taken not in best or score > best[taken][0]:
                best[taken] = (score, chain)
    _, chain = max(best.values(), key=lambda option: option[0])
    return [(number, what, before) for number, (what, before) in zip(numbers, chain, strict=True)]
