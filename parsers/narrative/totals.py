"""How many indicators there are in all: "of the 38 KPIs", "a report of 38 KPIs"."""

import re

from parsers.narrative.numbers import forward
from parsers.narrative.parts import limited_after
from parsers.narrative.vocabulary import COUNT
from parsers.text import count

_OF_TOTAL = re.compile(
    rf"\b(?P<out>out\s+)?(?:of|among|amongst)\s+(?:(?:the|all|these|our|its|their|a|total|set)\s+)*(?:of\s+)?(?P<n>{COUNT})\s+(?:(?:reported|published|council|current|different|agreed|separate|rated|wide)\s+)?KPI\b",
    re.IGNORECASE,
)
_NOT_OF_TOTAL = re.compile(
    r"\b(?:number|increase|decrease|reduction|rise|fall|net|range|couple|list|group)\s+$", re.IGNORECASE
)
# "Most of the five KPIs", "it is one of the five KPIs": five are neither counted nor all there are.
_PART_OF_THEM = re.compile(r"\b(?:each|one|any|some|most|all|half|majority|many|several|few)\s+$", re.IGNORECASE)
_ONE_COUNTED = re.compile(
    r"^\W*(?:(?:only|just|but|and|with|again|however|now|there|is|was)\W+)*one\s+$", re.IGNORECASE
)
_OUT_OF = re.compile(
    rf"\bout\s+of\s+(?:the\s+|a\s+)?(?:total\s+of\s+|possible\s+)?(?P<n>{COUNT})(?=\s*(?:[.,;:)]|$|assessed|reported|included|contained|were\b|are\b|have\b|had\b))",
    re.IGNORECASE,
)
_N_OF_N = re.compile(
    r"(?<=[\w)]\s)of\s+(?:the\s+)?(?P<n>\d{1,3})(?=\s+(?:were|are|was|had|have|achiev\w+|met|reported|assessed|included)\b)",
    re.IGNORECASE,
)
_HOLDS = re.compile(
    rf"\b(?:includ\w+|contain\w+|compris\w+|cover\w+|consist\w*\s+of|made\s+up\s+of|monitor\w*|track\w*|total\s+of|set\s+of|suite\s+of|results?\s+(?:of|for|on)|(?:position|progress)\s+(?:on|of|against)|(?:assess|measur|report)\w*\s+(?:against|on|across)|against)\s+"
    rf"(?:(?:the|a|all|its|total\s+of|our|set\s+of)\s+)*(?P<n>{COUNT})\s+(?:(?:council|current|reported|agreed)\s+)?KPI\b",
    re.IGNORECASE,
)
_OF_WHICH = re.compile(rf"(?<![\w@])(?P<n>{COUNT})\s+KPI\b(?=[\s,-]*(?:of\s+which|:))", re.IGNORECASE)
_ENDS_WITH_A_COUNT = re.compile(rf"(?:{COUNT})\s*$", re.IGNORECASE)
_ENDS_WITH_A_NUMBER = re.compile(rf"(?<![\w@])(?:{COUNT}|\d+(?:\.\d+)?%)\s*$", re.IGNORECASE)
_WITH_ARTICLE = re.compile(r"\W*(?:out\s+)?(?:of|among|amongst)\s+(?:the|all|these|our|its|their|a)\s", re.IGNORECASE)
_SMALLEST_SET = 10  # a paper that "includes three KPIs on …" speaks of a part
# "5 of the 9 KPIs rated Red were …"; "17 of the 38 KPIs rated Green" without a verb is a count.
_OF_ONE_COLOUR = re.compile(
    r"\s*(?:(?:that|which)\s+(?:were|are|was)\s+)?(?:RAG\s+)?(?:rated\s+)?(?:as\s+)?(?:green|amber|red)\s+(?:KPI\s+)?"
    r"(?:were|was|are|is|had|have|has|relate\w*|fell|sat|show\w*|did|improv\w*|continu\w*|concern\w*)\b",
    re.IGNORECASE,
)


def totals_in(clause: str) -> tuple[str, list[int], bool]:
    """The clause with its totals replaced by @total, the totals, and whether one is that of a part only.

    >>> totals_in("of the 38 KPI")
    (' @total ', [38], False)
    """
    found = _Totals()
    clause = _OF_TOTAL.sub(found.of_total, clause)
    clause = _OUT_OF.sub(found.counted, clause)
    clause = _N_OF_N.sub(lambda m: found.counted(m) if _ENDS_WITH_A_COUNT.search(_before(m)) else m[0], clause)
    clause = _HOLDS.sub(found.held, clause)
    clause = _OF_WHICH.sub(found.held, clause)
    return clause, found.totals, found.part


class _Totals:
    """What the patterns find in one clause, one after the other; each method answers what stands in a match's place."""

    def __init__(self) -> None:
        self.totals: list[int] = []
        self.part = False  # one of them is that of a part only

    def of_total(self, match: re.Match[str]) -> str:
        before, after = _before(match), match.string[match.end() :]
        initial = not re.search(r"\w", before)
        follows_number = _ENDS_WITH_A_NUMBER.search(before) is not None
        article = _WITH_ARTICLE.match(match[0]) is not None
        if not (match["out"] or initial or follows_number or article) or _NOT_OF_TOTAL.search(before):
            return match[0]
        value = count(match["n"])
        if value is None:
            return match[0]
        if _PART_OF_THEM.search(before) and not _ONE_COUNTED.match(before):
            self.part = True
            return " @total "
        self.part = self.part or limited_after(after) or _OF_ONE_COLOUR.match(after) is not None
        self.totals.append(value)
        return " @total "

    def counted(self, match: re.Match[str]) -> str:
        value = count(match["n"])
        if value is None:
            return match[0]
        self.totals.append(value)
        return " @total "

    def held(self, match: re.Match[str]) -> str:
        value, after = count(match["n"]), match.string[match.end() :]
        if value is None or value < _SMALLEST_SET or limited_after(after):
            return match[0]
        span = re.split(r"[,;:.]|\band\b", after, maxsplit=1)[0]
        if forward(" KPI" + span, False):
            return match[0]  # "with nine indicators not achieving …"
        self.totals.append(value)
        return match[0][: match.start("n") - match.start()] + "@total"


def _before(match: re.Match[str]) -> str:
    return match.string[: match.start()]
