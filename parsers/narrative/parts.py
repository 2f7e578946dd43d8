"""Whether words narrow the indicators to a part of them: "KPIs in Adult Social Care"."""

import re

from parsers.narrative.vocabulary import NEUTRAL, NUMBER, SERVICE_WORDS, VOCABULARY, bare_word
from parsers.text import count


def _is_service(word: str) -> bool:
    """Whether a word after "in", "for" … or before "KPIs" says which part is meant."""
    bare = bare_word(word)
    if not bare or bare in NEUTRAL or bare.isdigit() or count(bare) is not None:
        return False
    return word[0].isupper() or bare in SERVICE_WORDS


_LEADING = re.compile(
    r"^\W*(?:(?:and|but|however|while|whilst|also|additionally|similarly)\W+)*(?:in|within|under|for|on|across|regarding|concerning)\s+"
    r"(?:(?:the|this|all|both|relation to|regards? to|respect of|terms of|case of|area of)\s+)*(?P<word>[\w@'’&-]+)",
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
