"""A copy of a sentence to read from: one spelling for everything, glued words taken apart, changes left out."""

import re
from itertools import pairwise

from parsers.narrative.changes import BLANK, Changes, take_more_rated
from parsers.narrative.cues import cues_in
from parsers.narrative.vocabulary import COUNT, VOCABULARY, words
from parsers.narrative.when import ORDINALS, Period
from parsers.text import MONTHS, count, financial_year, matching

_KPI = re.compile(
    r"\b(?:(?:(?:key|strategic|corporate|headline)\s+)*(?:performance\s+)?indic\w{0,3}tors?(?:'s|'|s)?"
    r"|kpi'?s?'?|(?:performance\s+)measures?|measures?|metrics?|performance\s+areas?|areas?)(?![\w-])",
    re.IGNORECASE,
)
# "KPI 12 was Green" is one indicator by its number.
_KPI_NUMBER = re.compile(
    r"(?<!\d )(?<!\d)\b(?:KPI|[Ii]ndicator|[Mm]easure) \d{1,3}\b"
    r"(?=,? (?:was|is|had|has|remains?|remained|[Gg]reen|[Aa]mber|[Rr]ed)\b)"
)
_OTHER_INDICATORS = re.compile(
    r"\b(?:activity|lead|economic|national|local|contextual|social|health|risk|financial|proxy|outcome)\s+"
    r"(?:(?:performance\s+)?indicators?|measures?|metrics?)\b",
    re.IGNORECASE,
)
_ABBREVIATED = re.compile(r"\s*\((?:the\s+)?(?:KPI'?s?|QPR|DoT|RAG|BRAG|PI'?s?)\)", re.IGNORECASE)
_TRIPLE = re.compile(
    r"\(?\b(?:blue\W+)?(?:red|amber|green)(?:\s*[,/-]\s*|\s+)(?:red|amber|green)\s*(?:[,/-]\s*|\s)\s*(?:and\s+|or\s+|&\s*)?(?:red|amber|green)\b\)?",
    re.IGNORECASE,
)
# Colours that are names of other things.
_NOT_RATINGS = re.compile(
    r"\b(?:green(?:s)?\s+(?:belt|infrastructure|waste|spaces?|paper|energy|fleet|gas|travel|party|homes?|bonds?|deal|grid|"
    r"flag|book|corridors?|group|growth|skills|jobs?|transport|technolog\w+|lights?|agenda|economy|and\s+independents?|&\s*independents?|gases|house|bins?|recovery)"
    r"|red\s+(?:cross|tape|lines?|diesel|routes?|lion|book|box|flag|herring|meat|hill)"
    r"|amber\s+(?:valley|alerts?|list|rudd|warnings?|weather|foundation)"
    r"|(?:village|bowling|turnham|golders|bethnal|mr|mrs|miss|ms|dr|cllr|evergreen)\s+greens?)\b",
    re.IGNORECASE,
)
_YEARS = r"20\d\d\s?[-/]\s?(?:20)?\d\d"
_QUARTERS = re.compile(
    r"\b(?:the\s+)?(?:(?:quarters?|qtrs?|q)\s?(?P<n>[1-4](?:\s?(?:&|and|,|to|-)\s?(?:quarter\s|q)?[1-4](?!\d))*)(?!\d)"
    r"|(?P<word>first|second|third|fourth|final)\s+quarter)(?:\s?\(q[1-4]\))?(?:[\s,:(-]*(?:of|for|in)?[\s(]*(?P<year>"
    + _YEARS
    + r")\)?)?",
    re.IGNORECASE,
)
_PREVIOUS = re.compile(
    r"\b(?:(?:the|that of the|those of the|its|their)\s+)?"
    r"(?:(?:same|corresponding|equivalent)\s+(?:quarter|period|point|time)"
    r"(?:\s+(?:of|in|for)?\s*(?:the\s+)?(?:last|previous|prior)\s+(?:financial\s+)?year)?"
    r"|(?:previous|prior|last|preceding)(?:\s+(?:two|three|four|few|six|reporting|financial))?\s+(?:quarter|period|year|report|month|meeting|time)s?"
    r"(?:'s)?(?:\s+(?:report|results?|figures?|position))?|last\s+time|(?:a|the)\s+(?:year|quarter)\s+(?:ago|earlier|before)|previously)\b",
    re.IGNORECASE,
)
# Of those, the ones that name the quarter before ours; "last year" and "the same quarter last year" do not.
_QUARTER_BEFORE = re.compile(
    r"^(?:(?:the|that of the|those of the|its|their)\s+)?"
    r"(?:previous|prior|last|preceding)(?:\s+reporting)?\s+(?:quarter|period|report|time)\b"
    r"|\bquarter\s+(?:earlier|before|ago)\b",
    re.IGNORECASE,
)
_MONTH_NAMES = "|".join(sorted((m for m in MONTHS if m != "may"), key=len, reverse=True)) + "|may"
_DATES = re.compile(
    rf"\b\d{{1,2}}(?:st|nd|rd|th)?\s+(?:of\s+)?(?:{_MONTH_NAMES})\b(?:,?\s+20\d\d)?|\b(?:{_MONTH_NAMES})\s+20\d\d\b|\b{_YEARS}\b|\b20\d\d\b",
    re.IGNORECASE,
)
_REPORT_OF = re.compile(r"\b(?:the\s+)?(?P<year>20\d\d)\s+(?=(?:report|figures|results|position)\b)", re.IGNORECASE)
_MONTH_FIRST = re.compile(rf"^(?P<lead>in|during|by)\s+(?P<month>{_MONTH_NAMES})(?=,)", re.IGNORECASE)
OTHER_PERIOD = r"(?:@previous|@other)"
_THAN = r"(?:than|as|from|since|on|over|to|versus|compared\s+(?:with|to)|in\s+comparison\s+(?:with|to)|against)"
# A change, said beside the count: ", two more than in the previous quarter", "a decrease of one compared with …".
_DELTA = re.compile(
    r"(?:[,;:-]\s*)?\b(?:(?:and|but|which|this|that|these|with|it|being|is|was|were|are|represent\w*|an?|the|also|again|remain\w*|only)\s+)*?"
    rf"(?:(?:{COUNT}|many)\s+(?:more|fewer|less|higher|lower)|(?:exactly\s+|much\s+)?the\s+same(?:\s+number)?|same|unchanged|no\s+change|up|down"
    rf"|an?\s+(?:net\s+)?(?:increase|decrease|reduction|rise|fall|drop|improvement|deterioration|change)(?:\s+(?:of|by)\s+(?:{COUNT}))?)"
    rf"\s+(?:KPI\s+)?{_THAN}\s+(?:(?:in|for|at|that|those|of|reported|during)\s+)*(?:(?:{COUNT})\s+(?:in|for|at|during)?\s*)?{OTHER_PERIOD}",
    re.IGNORECASE,
)
_COMPARED = rf"(?:,?\s+{_THAN}\s+(?:(?:in|at|the|that|of|end|those|for)\s+)*{OTHER_PERIOD})?"
_FROM = re.compile(
    rf"(?:[,-]\s*)?\b(?:up|down|compared\s+(?:with|to)|as\s+opposed\s+to|rather\s+than)\s+(?:from\s+)?(?:(?:{COUNT})(?:\s+(?:(?:in|at|for)\s+)?{OTHER_PERIOD})?|(?:the\s+)?(?:{COUNT})\s+reported\s+(?:in\s+)?{OTHER_PERIOD})"
    rf"|\bagainst\s+(?:{COUNT})\s+(?:(?:in|at|for)\s+)?{OTHER_PERIOD}"
    rf"|\b(?:net\s+)?(?:increase|decrease|reduction|rise|fall|drop|improvement)\s+(?:of|by)\s+(?:{COUNT})(?:\s+KPI)?{_COMPARED}"
    rf"|\bby\s+(?:{COUNT})(?=\W|$){_COMPARED}",
    re.IGNORECASE,
)
_FROM_TO = re.compile(
    rf"\bfrom\s+(?:{COUNT})(?:\s+KPI)?(?:\s+(?:in\s+)?{OTHER_PERIOD})?\s+(?=to\s+(?:{COUNT})\b)", re.IGNORECASE
)
_TO_FROM = re.compile(
    rf"(?P<to>\bto\s+(?:{COUNT}))\s+from\s+(?:{COUNT})\b(?:\s+(?:in\s+)?{OTHER_PERIOD})?", re.IGNORECASE
)
_ASIDE = re.compile(
    rf"\((?=[^()]*(?:{OTHER_PERIOD}|\b(?:more|fewer|less|same|no\s+change|unchanged|increase|decrease|up|down|compared|was|were|previously)\b|[+-]\s?\d|^\s*[+-]?0\s*\)))[^()]*\)"
    r"|\(\s*(?:about\s+|some\s+)?(?:\d{1,3}(?:\.\d+)?\s?(?:%|per\s?cent)|two.thirds|three.quarters|(?:a|one)\s(?:third|quarter)|half)[^()]*\)",
    re.IGNORECASE,
)
# Words of which ModernGov's glued words are made, longest first within reason.
_GLUE = frozenset(
    word
    for word in VOCABULARY
    | {"indicators", "exceeded", "report", "reporting", "quarter", "contained", "included", "within", "out"}
    if word.isalpha() and word not in {"i", "s", "hit", "under", "over", "class", "light"}
) | {"a"}
_NEVER_GLUED = words(
    "often someone anyone everyone within without into onto however therefore therein wherein something anything upon"
    " another together altogether nowhere meantime herein thereby whereas atthe"
)


def _unglued(word: str) -> str:
    """Words that lost the blanks between them, taken apart if they are all words that we know.

    >>> _unglued("achievedtarget"), _unglued("directionoftravel"), _unglued("ofthe"), _unglued("often")
    ('achieved target', 'direction of travel', 'of the', 'often')
    """
    low = word.lower()
    if not 5 <= len(low) <= 60 or low in _GLUE or low in VOCABULARY or low in _NEVER_GLUED or not low.isalpha():
        return word
    best: list[tuple[int, ...] | None] = [()] + [None] * len(low)
    for end in range(1, len(low) + 1):
        for start in range(max(0, end - 13), end):
            cuts = best[start]
            known = low[start:end] in _GLUE or (start == 0 and count(low[:end]) is not None and end > 2)
            if cuts is None or not known:
                continue
            shortest = best[end]
            if shortest is None or len(cuts) + 1 < len(shortest):
                best[end] = (*cuts, end)
    cuts = best[len(low)]
    if cuts is None:
        return word
    starts = (0, *cuts)
    pieces = [word[a:b] for a, b in pairwise(starts)]
    # One-letter and two-letter pieces alone prove nothing: "asis", "onat".
    return " ".join(pieces) if any(len(piece) >= 3 for piece in pieces) else word


# "22/35 KPIs", "3/35 Red".
_FRACTION = re.compile(
    r"(?<![\d/])(\d{1,3})/(\d{1,3})(?:\s+KPI)?(?=\s+(?:(?:were|are|was|is)\s+)?(?:RAG\s+)?(?:rated\s+)?(?:as\s+)?(?:green|amber|red)\b)",
    re.IGNORECASE,
)
# "almost half (17) of the 38": the words are vague, the number beside them is not.
_ABOUT_HALF = re.compile(
    rf"\b(?:(?:almost|nearly|just|over|under|about|around|roughly|more\s+than|less\s+than)\s+)*(?:(?:a|the|one|two|three)\s+)?"
    rf"(?:half|thirds?|quarters?|majority|most)\s*\(({COUNT})\)",
    re.IGNORECASE,
)
_SUPERSCRIPT = dict.fromkeys(map(ord, "⁰¹²³⁴⁵⁶⁷⁸⁹"), " ")


def reading_copy(sentence: str, when: Period) -> tuple[str, Changes]:
    """The sentence made ready for reading: one spelling for indicators and periods; and the changes taken out of it."""
    changes = Changes()
    copy = matching(sentence.translate(_SUPERSCRIPT))
    copy = re.sub(r"[A-Za-z]{5,}", lambda m: _unglued(m[0]), copy)
    copy = re.sub(r"\"|(?<!\w)'|'(?!\w)", "", copy)
    copy = re.sub(r"\b(?:B?RAG)[- ]+(?=rat|stat|scor|red\b|amber\b|green\b)", "RAG ", copy, flags=re.IGNORECASE)
    copy = re.sub(r"\b(green|amber|red)-(?=rated)", r"\1 ", copy, flags=re.IGNORECASE)
    copy = re.sub(r"(?<=[a-z])- (?=[a-z])", "-", copy)
    copy = re.sub(r"(?<=[A-Za-z)]),(?=\w)", ", ", copy)
    copy = _KPI_NUMBER.sub("that figure", copy)
    copy = _ABBREVIATED.sub("", copy)
    copy = _OTHER_INDICATORS.sub("figures", copy)
    copy = _KPI.sub("KPI", copy)
    copy = re.sub(r"\bKPI(?:\s+KPI)+\b", "KPI", copy)
    copy = re.sub(rf"\bKPI\s*\(({COUNT})\)", r"\1 KPI", copy, flags=re.IGNORECASE)  # "the majority of KPIs (24)"
    copy = _ABOUT_HALF.sub(r"\1", copy)
    copy = _FRACTION.sub(r"\1 of the \2 KPI", copy)
    copy = _TRIPLE.sub("colours", copy)
    copy = _NOT_RATINGS.sub("thing", copy)
    copy = _PREVIOUS.sub(lambda m: "@previous" if _QUARTER_BEFORE.search(m[0]) else "@other", copy)
    copy = _QUARTERS.sub(lambda m: _mention(m, when), copy)
    copy = _REPORT_OF.sub(lambda m: "@other" if when.year and m["year"] < when.year[:4] else m[0], copy)
    copy = _MONTH_FIRST.sub(lambda m: _month_first(m, when), copy)
    copy = _DATES.sub(lambda m: _dated(m[0], when), copy)
    copy = take_more_rated(copy, changes)
    copy = _FROM_TO.sub(changes.taken, copy)
    copy = _TO_FROM.sub(lambda m: m["to"] + changes.taken(m), copy)
    for _ in range(2):  # a change within brackets, then what is left of the brackets
        copy = _DELTA.sub(changes.taken, copy)
        copy = _FROM.sub(changes.taken, copy)
        copy = _ASIDE.sub(lambda m: _aside(m, changes), copy)
        copy = re.sub(r"\((\s*)\)", r" \1 ", copy)
    return re.sub(r" {2,}", " ", copy).strip(" "), changes


def _aside(match: re.Match[str], changes: Changes) -> str:
    """What stands for words in brackets: themselves where they give a rating, else what they say of a change."""
    if cues_in(match[0], False) and not re.search(OTHER_PERIOD, match[0]):
        return match[0]
    said = "".join(BLANK.findall(match[0]))
    return f" {said} " if said else changes.taken(match)


def _mention(match: re.Match[str], when: Period) -> str:
    numbers = {int(n) for n in re.findall(r"[1-4]", match["n"])} if match["n"] else {ORDINALS[match["word"].lower()]}
    year = financial_year(match["year"]) if match["year"] else None
    if when.before(year, numbers):
        return "@previous"
    return "@other" if when.other(year, numbers) else "@this"


def _month_first(match: re.Match[str], when: Period) -> str:
    """ "In June, …" is about another quarter, unless June is of ours."""
    named = (MONTHS[match["month"].lower()] - 4) % 12 // 3 + 1
    return f"{match['lead']} @other" if when.quarter not in (None, named) else match[0]


def _dated(text: str, when: Period) -> str:
    year = financial_year(text)
    return "@other" if year is not None and when.other(year, set()) else "@date"
