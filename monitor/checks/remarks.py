"""What a paper itself says of a figure in the notes under its box: revised, provisional, no new data, rated else."""

import re

from parsers.records import KpiReading
from parsers.text import collapse

_REACH = 160  # characters from the latest figure to the previous one in one strip
_NOTE = 420  # characters under the strip in which its notes stand
_LABELS = re.compile(r"\b(?:target|floor|previous)\b", re.IGNORECASE)
_NEXT_STRIP = re.compile(r"\b(?:latest|current|target)\b\s*:?\s*[£\d]", re.IGNORECASE)

REVISED = re.compile(
    r"\b(?:revis(?:ed|ion|ions)|re-?stat(?:ed|ement)|report(?:ing)? error|error in|corrected|correction|amended"
    r"|re-?calculat\w+|updated|back-?dat\w+|late (?:input\w*|data|return\w*)|methodolog\w+|definition\w*"
    r"|not (?:directly )?comparable|provisional|estimated?|(?:subject to|may) change|refreshed|re-?based)\b",
    re.IGNORECASE,
)
NO_DATA = re.compile(
    r"\b(?:no (?:\w+ ){0,3}data|data (?:\w+ ){0,4}(?:not|un)\s?(?:\w+ ){0,2}available|not (?:yet )?available|awaiting"
    r"|previous quarter'?s? (?:data|figure)|delayed|unavailable)\b",
    re.IGNORECASE,
)

RATED_OTHERWISE = re.compile(
    r"\b(?:rag|rated|rating)\b[^.]{0,80}\b(?:based on|against|relates? to|reflects?|uses?|as at"
    r"|of the (?:previous|last)|provisional|unrounded|previous (?:month|quarter)|last (?:month|quarter))\b"
    r"|\b(?:unrounded|before rounding|to (?:one|two|1|2) decimal places?)\b"
    r"|\b(?:target|floor(?: standard)?)s?\b[^.]{0,40}\b(?:was|were|has been|have been|is|are) (?:\w+ ){0,2}"
    r"(?:changed|amended|revised|profiled|lowered|raised|reset|under review)\b",
    re.IGNORECASE,
)


def notes(reading: KpiReading, text: str) -> str:
    """The text behind an indicator's strip of figures, up to the next strip; "" where the strip is not found."""
    value, previous = reading.value_text, reading.previous_text
    if not value or not previous or not text:
        return ""
    strip = rf"(?<![\d,.]){re.escape(value)}(?![\d,])(.{{0,{_REACH}}}?)(?<![\d,.]){re.escape(previous)}(?![\d,])"
    found = []
    for match in re.finditer(strip, text, re.DOTALL):
        if not _LABELS.search(match[1]):
            continue  # two cells of some table
        under = text[match.end() : match.end() + _NOTE]
        found.append(_NEXT_STRIP.split(under, maxsplit=1)[0])
    return collapse(" ".join(found))
