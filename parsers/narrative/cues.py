"""Ratings and directions of travel in a sentence: said by their names or by their meaning."""

import re
from dataclasses import dataclass

from parsers.narrative.vocabulary import COLOUR


@dataclass(frozen=True, slots=True)
class _Cue:
    what: str  # one of _KEYS
    start: int
    end: int
    colour: bool


_FLOOR = re.compile(r"\bfloors?\b(?:\s+(?:standards?|levels?|targets?))?", re.IGNORECASE)
_NOT_FLOOR = re.compile(
    r"(?:\bnot\b|\bn't\b|\bfail\w*|\bmiss\w*|\bbelow\b|\bunder\b|\bshort\s+of\b|\bneither\b)(?:(?!\bbut\b|\btarget).){0,45}$",
    re.IGNORECASE,
)
_TARGET = re.compile(
    r"\b(?:(?:achiev|meet|met|exceed|surpass|hit|reach|attain)\w*\b(?:\s+(?:or|and)\s+\w+)?(?:\s+(?:their|its|the|all|agreed|set|stretch\w*|expected|required))*\s+targets?"
    r"|(?:above|ahead\s+of|on|at|better\s+than)(?:\s*(?:or|,|and)\s*(?:above|ahead\s+of|better\s+than|on|at))?\s+(?:the\s+|their\s+)?targets?)\b",
    re.IGNORECASE,
)
_NOT_TARGET = re.compile(r"\b(?:not|n't|fail\w*|neither|without)\b(?:\s+\w+){0,3}\s*$", re.IGNORECASE)
_TREND = r"(?:\s+(?:and|or)\s+\w+)?\s+(?:trends?|directions?|trajector\w+|dot|movement)\b(?:\s+of\s+travel)?"
_DIRECTION = (
    (
        "improving",
        re.compile(
            rf"\b(?:(?:improv\w+|positive|upwards?|favourable){_TREND}|significant\s+improvements?\b|improving\b(?!\s+(?:the|their|our|its|outcomes|access))|upwards?\b|trending\s+up\b)",
            re.IGNORECASE,
        ),
    ),
    (
        "stable",
        re.compile(
            r"\b(?:stable(?:\s+trends?)?|no\s+(?:(?:clear|significant|discernible|statistically|definite|particular)\s+)*trends?|flat(?:\s+trends?)?|steady|static|neutral\s+trends?)\b",
            re.IGNORECASE,
        ),
    ),
    (
        "worsening",
        re.compile(
            rf"\b(?:(?:worsen\w*|negative|downwards?|declin\w+|deteriorat\w+|adverse){_TREND}|worsening\b|deteriorat\w+|declin\w+|downwards?\b|trending\s+down\b|falling\b(?!\s+(?:below|short|outside|under|just)))",
            re.IGNORECASE,
        ),
    ),
)
# Only where the sentence says that it is about the direction of travel.
_BARE_DIRECTION = (
    ("improving", re.compile(r"\b(?:positive|up|improved|improvement|rising|favourable)\b", re.IGNORECASE)),
    ("stable", re.compile(r"\b(?:unchanged|no\s+change|neutral|level|the\s+same)\b", re.IGNORECASE)),
    ("worsening", re.compile(r"\b(?:negative|down|worse|worsened|adverse)\b", re.IGNORECASE)),
)
ABOUT_DIRECTION = re.compile(r"\bdirections?\s+of\s+travel\b|\bDoT\b|\btrends?\b|\btrajector", re.IGNORECASE)
_NO_LONGER = re.compile(r"\b(?:no\s+longer|not|never|n't|without)\b(?:\s+\w+){0,3}\s*$", re.IGNORECASE)


def cues_in(text: str, about_direction: bool) -> list[_Cue]:
    """Ratings and directions in the text, in order. A rating may be said by its meaning: "did not meet the floor"."""
    found = [_Cue(m[1].lower(), m.start(), m.end(), True) for m in COLOUR.finditer(text)]
    floors = list(_FLOOR.finditer(text))
    for floor in floors:
        verb = re.search(
            r"\b(?:(?:did|do|does|had|have|has|were|was|are)\s+)?(?:not\s+)?(?:fail\w*\s+to\s+)?(?:achiev|meet|met|exceed|reach|hit|attain|miss|fail|fall|fell|below|above|under|on|at|short|n't|not)\w*\b(?:\s+(?!but\b|target)[\w,]+){0,8}?\s*$",
            text[: floor.start()],
            re.IGNORECASE,
        )
        start = verb.start() if verb else floor.start()
        # The negation may stand before the verb: "did not meet the floor", "not achieving the floor".
        what = "red" if _NOT_FLOOR.search(text[: floor.start()]) else "amber"
        if verb:
            found.append(_Cue(what, start, floor.end(), False))
    for target in _TARGET.finditer(text):
        if _NOT_TARGET.search(text[: target.start()]) or any(
            target.start() <= f.start() < target.end() for f in floors
        ):
            continue
        found.append(_Cue("green", target.start(), target.end(), False))
    patterns = _DIRECTION + _BARE_DIRECTION if about_direction else _DIRECTION
    for what, pattern in patterns:
        for match in pattern.finditer(text):
            inside = any(c.start <= match.start() < c.end for c in found)
            if not inside and not _NO_LONGER.search(text[: match.start()]):
                found.append(_Cue(what, match.start(), match.end(), False))
    return sorted(found, key=lambda cue: (cue.start, -cue.end))
