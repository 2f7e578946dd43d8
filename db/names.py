"""What printed names of indicators have in common, and how far two of them differ. Pure.

Three degrees: `spelling` is the name but for its typography; `identity` is what all usual
ways of writing one name come to; `small_renaming` is a difference that may be a slip of the
pen, and counts only with a witness. All else is for a person to decide: `likeness` says how
near two names are.
"""

import re
import unicodedata
from collections import Counter
from functools import lru_cache

from parsers.text import matching

_FOOTNOTE_MARKS = re.compile("[*†‡§¹²³⁰⁴-⁹]+")
# Notes that change with every edition: "(data to March 20)", "(as at December 2024)"
_DATED_NOTE = re.compile(r"\((?:latest )?(?:data )?(?:to|as at|as of|up to|until) [^()]*\)")
_SPELLINGS = (
    (re.compile(r"&"), " and "),
    (re.compile(r"(?<=\w)'s\b"), ""),  # "children's", "EHCP's"
    (re.compile(r"%(?: age\b)?|\bper cent\b|\bpercent\b"), " percentage "),
    (re.compile(r"\b(?:nos?|numbers?)\b\.? of\b"), "number of"),
    (re.compile(r"\bave?\.? (?=no|number)"), "average "),
    # "- rolling 12 months", "(rolling 12-month figure)", "during a rolling 12-month period"
    (
        re.compile(
            r"\b(?:(?:during|over|in|on|for) )?(?:a |the )?"
            r"(?:rolling (?:12|twelve)[- ]?months?|(?:12|twelve)[- ]?months? rolling)"
            r"(?: (?:period|figure|basis|total))?\b"
        ),
        " rolling12months ",
    ),
)
_ROLLING = "rolling12months"
# "A roads" are a class of roads, "a road" is a road: so before capitals are gone.
_ARTICLES = re.compile(r"\b(?:the|The|THE|an|An|a)\b")
# "Education, Health and Care Plans", "Education, Health Care Plans", "EHC Plan", "ECHP"; not "EHC needs assessments"
_EHC = r"(?:education,? health,?(?: and| &)?(?: social)? care|e\.?h\.?c\.?|ech)"
_EHCP = re.compile(rf"\b(?:{_EHC} plans?|(?:ehcp|echp)(?:'?s)?)\b")
_BRACKETED = re.compile(r"\(([^()]+)\)")
_SMALL = ("of", "the")
_FILLERS = frozenset(
    {
        "are",
        "be",
        "been",
        "being",
        "had",
        "has",
        "have",
        "is",
        "its",
        "that",
        "their",
        "was",
        "were",
        "which",
        "who",
        "whom",
    }
)
# Words that turn a name round, or into another one: never a slip of the pen.
_TURNING = frozenset(
    {
        "above",
        "after",
        "before",
        "below",
        "boy",
        "domestic",
        "except",
        "excl",
        "excluding",
        "external",
        "female",
        "fewer",
        "first",
        "girl",
        "incl",
        "including",
        "internal",
        "last",
        "least",
        "less",
        "male",
        "men",
        "more",
        "most",
        "never",
        "no",
        "non",
        "none",
        "not",
        "outside",
        "over",
        "previous",
        "primary",
        "residential",
        "rural",
        "second",
        "secondary",
        "third",
        "under",
        "urban",
        "within",
        "without",
        "women",
    }
)
_LONG_WORD, _VERY_LONG_WORD = 5, 9  # letters: one slip may be told in the first, two in the second


@lru_cache(maxsize=50_000)
def spelling(name: str) -> str:
    """The name without typography: what differs here differs in words.

    >>> same = ["% of pupils excluded – rolling 12 months", "Percentage of  Pupils excluded (Rolling 12 months) *"]
    >>> {spelling(name) for name in same}
    {'percentagepupilsexcludedrolling12months'}
    """
    text = _DATED_NOTE.sub(" ", matching(_FOOTNOTE_MARKS.sub(" ", name)).lower())
    return "".join(word for word in _spelt(text) if word not in _SMALL)


@lru_cache(maxsize=50_000)
def identity(name: str) -> str:
    """What two usual ways of writing one indicator's name have in common; not for showing.

    >>> one, other = "% of EHC Plans issued in time", "Percentage of Education, Health Care Plans issued in time"
    >>> {identity(one), identity(other)}
    {'percentageehcpissuedintime'}
    >>> identity("No. of homes & flats") == identity("Number of Homes and flats") != identity("% of homes and flats")
    True
    """
    return "".join(words(name))


@lru_cache(maxsize=50_000)
def words(name: str) -> tuple[str, ...]:
    """The words that `identity` is made of, each in one form."""
    text = matching(_FOOTNOTE_MARKS.sub(" ", name))
    text = _DATED_NOTE.sub(" ", _ARTICLES.sub(" ", text).lower())
    text = _EHCP.sub(" ehcp ", re.sub(r"\s+", " ", text))
    text = _BRACKETED.sub(lambda found: _unless_abbreviation(found, text), text)
    said = [_one_form(word) for word in _spelt(text) if word not in _SMALL]
    once = [word for at, word in enumerate(said) if word != "ehcp" or at == 0 or said[at - 1] != "ehcp"]
    return tuple(once)


@lru_cache(maxsize=200_000)
def small_renaming(one: str, other: str) -> bool:
    """Whether two names differ by no more than a slip of the pen: a typo, a filler, the order of words.

    >>> small_renaming("% of potholes repaired in time", "% of pothoels repaired in time")
    True
    >>> small_renaming("% of calls answered in 20 days", "% of calls answered in 26 days")
    False
    """
    first, second = words(one), words(other)
    more, fewer = Counter(first) - Counter(second), Counter(second) - Counter(first)
    left, right = list(more.elements()), list(fewer.elements())
    if set(left + right) <= _FILLERS:  # the order of words, too
        return True
    if len(left) == 1 == len(right) and first.index(left[0]) == second.index(right[0]):
        return _is_typo(left[0], right[0])
    return False


@lru_cache(maxsize=200_000)
def likeness(one: str, other: str) -> float:
    """How much two names share, from 0 to 1; words that most names hold count for less.

    >>> likeness("% of calls answered", "Percentage of calls answered") == 1.0
    True
    """
    first, second = Counter(_content(one)), Counter(_content(other))
    together, either = first & second, first | second
    return sum(map(_weight, together.elements())) / (sum(map(_weight, either.elements())) or 1.0)


def _content(name: str) -> list[str]:
    return [word for word in words(name) if word not in _FILLERS] or list(words(name))


_COMMON = frozenset(
    {
        "and",
        "average",
        "in",
        "month",
        "number",
        "or",
        "people",
        "percentage",
        "proportion",
        "rate",
        "rolling12month",
        "with",
    }
)


def _weight(word: str) -> float:
    return 0.4 if word in _COMMON else 1.0


def _spelt(text: str) -> list[str]:
    """The words of a name in small letters, with one spelling for what is written in several ways."""
    for pattern, spelling_ in _SPELLINGS:
        text = pattern.sub(spelling_, text)
    rolling = f" {_ROLLING}" if _ROLLING in text else ""
    text = text.replace(_ROLLING, " ") + rolling  # wherever the name says so
    text = re.sub(r"^\W*(?:the )?proportion\b", "percentage", text)
    return re.findall(r"\w+", _plain(text))


def _unless_abbreviation(found: re.Match[str], text: str) -> str:
    """A remark in brackets, but not one that only abbreviates the words before it: "(FOI)", "(SARs)"."""
    letters = re.sub(r"[^a-z]", "", found[1].removesuffix("s"))
    before = re.findall(r"[a-z]+", text[: found.start()])
    if " " in found[1].strip() or not 2 <= len(letters) <= 8:
        return found[0]
    if letters == "ehcp":
        return " " if before[-1:] == ["ehcp"] else found[0]
    # From the last word backwards; small words may have no letter.
    wanted = list(letters)
    for word in reversed(before):
        if wanted and word[0] == wanted[-1]:
            wanted.pop()
        elif word not in ("and", "of", "the", "for", "in", "to"):
            break
        if not wanted:
            return " "
    return found[0]


def _one_form(word: str) -> str:
    """One form for singular and plural, and for "within" and "in".

    >>> [_one_form(word) for word in ("plans", "children", "agencies", "process", "within", "visits", "status")]
    ['plan', 'children', 'agency', 'process', 'in', 'visit', 'status']
    """
    if word == "within":
        return "in"
    if len(word) < 4 or not word.endswith("s") or word.endswith(("ss", "us", "is")):
        return word
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("sses", "shes", "ches", "xes")):
        return word[:-2]
    return word[:-1]


def _is_typo(one: str, other: str) -> bool:
    if one in _TURNING or other in _TURNING or any(c.isdigit() for c in one + other):
        return False
    short = min(len(one), len(other))
    if short < _LONG_WORD:
        return False
    return _distance(one, other) <= (2 if short >= _VERY_LONG_WORD else 1)


def _distance(one: str, other: str) -> int:
    """Letters put in, left out, mistaken or swapped between two words (optimal string alignment)."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for at, letter in enumerate(one, start=1):
        before, above, row = row, before, [at]
        for there, theirs in enumerate(other, start=1):
            best = min(before[there] + 1, row[there - 1] + 1, before[there - 1] + (letter != theirs))
            if at > 1 and there > 1 and letter == other[there - 2] and one[at - 2] == theirs:
                best = min(best, above[there - 2] + 1)
            row.append(best)
    return row[-1]


def _plain(text: str) -> str:
    """Without accents."""
    return "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
