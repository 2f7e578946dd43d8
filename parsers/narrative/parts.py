"""Whether words narrow the indicators to a part of them: "KPIs in Adult Social Care"."""

import re

from parsers.narrative.vocabulary import NEUTRAL, NUMBER, SERVICE_WORDS, SMALLEST_WHOLE, VOCABULARY, bare_word, words
from parsers.text import count


def _is_service(word: str) -> bool:
    """Whether a word after "in", "for" … or before "KPIs" says which part is meant."""
    bare = bare_word(word)
    if not bare or bare in NEUTRAL or bare.isdigit() or count(bare) is not None:
        return False
    return word[0].isupper() or bare in SERVICE_WORDS


_LEADING = re.compile(
    r"^\W*(?:(?:and|but|however|while|whilst|also|additionally|similarly)\W+)*"
    r"(?:in|within|under|for|on|across|with|as|at|turning|looking|regarding|concerning)\s+"
    r"(?:(?:the|this|all|both|to|for|his|her|relation to|regards? to|respect of|terms of|case of|area of)\s+)*"
    r"(?P<word>[\w@'’&-]+)",
    re.IGNORECASE,
)
_AFTER_NOUN = re.compile(
    r"^\W*(?:(?:that|which|who)\s+)?(?:(?:relat\w+|pertain\w+|attribut\w+|contained|included|reported|held|sitting|belong\w+)\s+)?"
    r"(?:(?:rated|rag)\s+)*(?:in|for|within|under|from|to|across|on|by)\s+(?:(?:the|its|our|this|all|each)\s+)*(?P<word>[\w@'’&-]+)",
    re.IGNORECASE,
)


def limited_after(text: str) -> bool:
    """Whether the words after "KPIs" narrow them to a part: "KPIs in Adult Social Care"."""
    match = _AFTER_NOUN.match(text)
    if match is None:
        return False
    bare = bare_word(match["word"])
    return bare not in NEUTRAL and bare not in VOCABULARY and not bare.isdigit()


# What a Member speaks of as his, beside the services' own names.
_PARTS = words("portfolio division directorate department section unit programme")
_NO_PARTS = words("standards digital trading development prevention commercial infrastructure financial contact kpis")
_SAYS = re.compile(
    r"[,:;()]|\b(?:said|says|noted|notes|stated|advised|reported|explained|outlined|confirmed|highlighted|observed|told|informed"
    r"|presented|introduced|commented|mentioned|added|agreed|heard|summarised|that)\b",
    re.IGNORECASE,
)
_OF_NEW = re.compile(
    r"\b(?:of|among|for)\s+(?:the|these|those|all)?\s*(?:\w+\s+){0,2}?(?:new|additional|added|extra|replacement|proposed|revised|amended|changed|remaining)\s+KPI\b",
    re.IGNORECASE,
)


_ELSEWHERE = re.compile(
    r"\b(?:excluding|except|aside|apart\s+from|other\s+than|national\w*|neighbour\w*|england|elsewhere|regional\w*|other\s+(?:councils|authorities|counties))\b",
    re.IGNORECASE,
)


def of_a_part(clause: str, total: int | None) -> bool:
    """Whether the words before the first number name a part: "Public Health had", "of his portfolio's".

    A total of the council's size overrules them.
    """
    if _OF_NEW.search(clause) or _ELSEWHERE.search(NUMBER.split(clause, maxsplit=1)[0]):
        return True
    if total is not None and total >= SMALLEST_WHOLE:
        return False
    opening = NUMBER.split(clause, maxsplit=1)[0]
    subject = _SAYS.split(opening)[-1]
    named = {bare_word(word) for word in subject.split()}
    return bool(named & ((SERVICE_WORDS | _PARTS) - _NO_PARTS))


def limited(clause: str) -> bool:
    """Whether the clause is about a part of the indicators only."""
    lead = _LEADING.match(clause)
    if lead is not None and _is_service(lead["word"]):
        return True
    for match in re.finditer(r"([\w@'’&-]+)\s+KPI\b", clause):
        word = match[1]
        if match.start() == 0 or clause[: match.start()].strip() == "":
            if bare_word(word) in SERVICE_WORDS:
                return True
        elif _is_service(word):
            return True
    opening = NUMBER.split(clause, maxsplit=1)[0]
    return any(limited_after(opening[noun.end() :]) for noun in re.finditer(r"\bKPI\b", opening))
