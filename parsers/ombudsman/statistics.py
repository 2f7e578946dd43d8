"""The Ombudsman's yearly statistics on a council, read from what the page's sentences say.

Cards, their order, tags and classes change from year to year; "76 upheld decisions" does
not. Each statistic is looked for as a number beside the words that name it, in the section
it belongs to where the page has sections. What is found is then held against itself: a
percentage must follow from its counts, the overview must add up, a card that is there must
say all that such a card says. What does not hold is reported as a problem, never repaired.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise

from bs4 import Tag

from parsers.ombudsman.page import Flow, Line, Section, is_furniture
from parsers.records import OMBUDSMAN_MEASURES, OmbudsmanStatistic
from parsers.text import COUNT_WORDS, collapse, count, uk_date

RATES = ("upheld_rate", "compliance_rate", "remedy_rate")
_RATE_OF = {"upheld": "upheld_rate", "compliance": "compliance_rate", "remedy": "remedy_rate"}
_PER = "upheld_per_100k"
# Read to check by, not facts of their own.
_BASE = "remedy_base"  # upheld decisions that the remedy rate is of
_COMPLIED = "complied"  # outcomes that were satisfactory, where a page says so

# What a card of each topic says in every generation of the page.
_EXPECTED = {
    "upheld": ("upheld_rate", "upheld_decisions", "investigations"),
    "compliance": ("compliance_rate", "compliance_outcomes"),
    "remedy": ("remedy_rate", "remedy_decisions"),
    "overview": ("complaints_dealt_with", "not_for_us", "assessed_and_closed", "investigations"),
}
# By what measure alone the topic is known to be on a page without headings.
_TELLS = {
    "upheld": ("upheld_rate", "upheld_decisions", _PER),
    "compliance": _EXPECTED["compliance"],
    "remedy": _EXPECTED["remedy"],
    "overview": ("complaints_dealt_with", "not_for_us", "assessed_and_closed"),
}
_NAMES = {
    "upheld_rate": "the share of complaints upheld",
    "upheld_decisions": "the number of upheld decisions",
    _PER: "upheld decisions per 100,000 residents",
    "investigations": "the number of investigations",
    "compliance_rate": "the compliance rate",
    "compliance_outcomes": "the number of compliance outcomes",
    "remedy_rate": "the share of satisfactory remedies",
    "remedy_decisions": "the number of satisfactory remedy decisions",
    "complaints_dealt_with": "the number of complaints dealt with",
    "not_for_us": "the number not for the Ombudsman",
    "assessed_and_closed": "the number assessed and closed",
    _BASE: "the number of upheld decisions that remedies are counted of",
    _COMPLIED: "the number of satisfactory compliance outcomes",
}

# --- the words -------------------------------------------------------------------------

_WORDS = "|".join(sorted((w for w in COUNT_WORDS if w != "both"), key=len, reverse=True))
# "76", "1,047", "twenty-two", "no"; not the 8 of "4.8", not "81%", not "£700"
_COUNT = (
    r"(?:(?<![\d£])(?<!\d[.,])(?:\d{1,3}(?:,\d{3})+|\d+)(?!\d|[.,]\d|\s*%|\s*per\s?cent)"
    rf"|\b(?:{_WORDS})\b(?!\s*(?:%|per\s?cent)))"
)
_PERCENT = rf"(?:(?<![\d£])(?<!\d[.,])\d{{1,3}}(?:\.\d+)?|\b(?:{_WORDS})\b)\s*(?:%|per\s?cent\b|percent\b)"
_DECIMAL = r"(?<![\d£])(?<!\d[.,])\d{1,3}(?:\.\d+)?(?!\d)"
_ASIDE = r"[^.%\d¦]"  # one character of a sentence, no figure in it
_CASES = r"(?:complaints?|cases?|investigations?)"
_OF = r"(?:out\s+)?of\s+(?:a\s+total\s+of\s+)?(?:the\s+|these\s+)?"
_TOTAL = r"(?:just\s+|only\s+|a\s+total\s+of\s+|in\s+total\s+)?"


def _n(measure: str) -> str:
    return f"(?P<{measure}>{_COUNT})"


def _p(measure: str) -> str:
    return f"(?P<{measure}>{_PERCENT})"


def _compile(*patterns: str) -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(pattern, re.IGNORECASE) for pattern in patterns)


# Sentences with several figures: which is which stands only in the whole of them.
_WHOLE = _compile(
    # "We investigated 76 complaints and upheld 63."
    rf"investigated\s+{_TOTAL}{_n('investigations')}\s*(?:detailed\s+)?{_CASES}?,?\s*(?:of\s+which\s+"
    rf"|and\s+)?(?:we\s+)?(?:have\s+)?"
    rf"upheld\s+(?:(?P<all>all|it|both)\b|{_n('upheld_decisions')})(?!\s*(?:%|per))",
    rf"investigated\s+{_TOTAL}{_n('investigations')}\s*{_CASES}?\s*(?:and|but)\s+(?:we\s+)?(?P<none>did\s+not"
    rf"|didn't)\s+uphold\s+(?:any|it)",
    # "upheld 63 of the 76 complaints", "63 of 76 complaints investigated were upheld"
    rf"upheld\s+{_n('upheld_decisions')}\s+{_OF}{_n('investigations')}\s*(?:detailed\s+)?{_CASES}",
    rf"{_n('upheld_decisions')}\s+{_OF}{_n('investigations')}\s*(?:detailed\s+)?{_CASES}\s*(?:that\s+)?(?:we\s+)?"
    r"(?:investigated\s+|completed\s+)?(?:were\s+|was\s+)?upheld",
    # "in 2 of 63 upheld cases we found … satisfactory remedy", "a satisfactory remedy in 2 of 63 upheld cases"
    rf"{_n('remedy_decisions')}\s+{_OF}{_n(_BASE)}\s*(?:upheld\s+)?(?:{_CASES}"
    rf"|decisions?){_ASIDE}{{0,120}}?satisfactory\s+remed(?:y|ies)",
    rf"satisfactory\s+remed(?:y|ies){_ASIDE}{{0,80}}?\bin\s+{_n('remedy_decisions')}\s+{_OF}{_n(_BASE)}",
    rf"based\s+on\s+(?:a\s+total\s+of\s+)?{_n(_BASE)}\s*upheld\s+(?:decisions?|{_CASES})",
    rf"{_p('remedy_rate')}\s*{_OF}{_n(_BASE)}\s*upheld\s+(?:decisions?|{_CASES})",
    # "62 of 63 recommendations", "62 out of 63 compliance outcomes"
    rf"{_n(_COMPLIED)}\s+{_OF}{_n('compliance_outcomes')}\s*(?:compliance\s+outcomes?|recommendations)",
    rf"recorded\s+(?:a\s+)?compliance\s+outcomes?\s+(?:in|for)\s+{_n('compliance_outcomes')}\s*(?:{_CASES}|decisions?)",
)

# One figure each, beside the words that name it; tried within a line first, then across lines.
_SAYINGS: dict[str, tuple[re.Pattern[str], ...]] = {
    "upheld_rate": _compile(
        rf"{_p('x')}\s*(?:of\s+)?(?:all\s+"
        rf"|the\s+)*{_CASES}\s+(?:that\s+)?(?:we\s+)?(?:have\s+)?(?:investigated|completed|decided)?"
        r"\s*(?:that\s+)?(?:were\s+|was\s+|are\s+)?upheld",
        rf"we\s+(?:have\s+)?upheld\s+{_p('x')}",
        rf"\bupheld\s*(?::|in)\s*{_p('x')}",
        rf"\buph[eo]ld\s+rate{_ASIDE}{{0,60}}?{_p('x')}",
        rf"{_p('x')}\s*uph[eo]ld\s+rate",
    ),
    "compliance_rate": _compile(
        rf"{_p('x')}\s*(?:of\s+(?:the\s+)?(?:{_CASES}|recommendations"
        rf"|outcomes))?{_ASIDE}{{0,100}}?\b(?:implemented|complied|compliance|satisfied)\b",
        rf"\b(?:implemented|complied|compliance|satisfied)\b{_ASIDE}{{0,100}}?{_p('x')}",
    ),
    "remedy_rate": _compile(
        rf"{_p('x')}{_ASIDE}{{0,140}}?satisfactory\s+remed(?:y|ies)",
        rf"satisfactory\s+remed(?:y|ies)\b{_ASIDE}{{0,80}}?{_p('x')}",
    ),
    "upheld_decisions": _compile(
        rf"{_n('x')}\s*upheld\s+(?:decisions?|{_CASES})\b(?!\s*(?:per|for\s+every)\b)",
        rf"{_n('x')}\s*{_CASES}\s+(?:were\s+|was\s+)?upheld\b",
        rf"\bupheld\s+{_TOTAL}{_n('x')}(?=\s*(?:{_CASES}|of\b|[.;\n]|$))",
        rf"\bupheld\s+decisions?\s*[:=-]\s*{_n('x')}",
    ),
    "investigations": _compile(
        rf"{_n('x')}\s*(?:detailed\s+|complaint\s+|completed\s+)*investigations?\b",
        rf"\binvestigated\s*[:=-]?\s*{_TOTAL}{_n('x')}",
        rf"{_n('x')}\s*(?:{_CASES}\s+)?(?:that\s+|which\s+)?(?:we\s+|were\s+|was\s+)?investigated\b",
        rf"\binvestigations?\s*[:=-]\s*{_n('x')}",
    ),
    "compliance_outcomes": _compile(
        rf"{_n('x')}\s*compliance\s+outcomes?\b",
        rf"\bcompliance\s+outcomes?\s*[:=-]\s*{_n('x')}",
    ),
    "remedy_decisions": _compile(
        rf"{_n('x')}\s*satisfactory\s+remed(?:y|ies)\b(?:\s+(?:decisions?|{_CASES}))?",
        rf"{_n('x')}\s*(?:upheld\s+)?(?:decisions?|{_CASES})\b{_ASIDE}{{0,100}}?satisfactory\s+remed(?:y|ies)",
        rf"\bsatisfactory\s+remed(?:y|ies)(?:\s+(?:decisions?|{_CASES}))?\s*[:=-]\s*{_n('x')}",
        rf"satisfactory\s+remed(?:y|ies)\b{_ASIDE}{{0,60}}?\bin\s+{_n('x')}\s*(?:{_CASES}|decisions?)",
    ),
    "complaints_dealt_with": _compile(
        rf"\bdealt\s+with\s*[:=-]?\s*{_TOTAL}{_n('x')}",
        rf"{_n('x')}\s*(?:complaints?(?:\s+and\s+enquiries)?\s+)?(?:that\s+)?(?:we\s+|were\s+|was\s+)?dealt\s+with\b",
    ),
    "not_for_us": _compile(
        rf"{_n('x')}\s*(?:of\s+(?:these|them|those)\s+)?(?:complaints?\s+)?(?:that\s+|which\s+)?(?:were\s+"
        rf"|was\s+)?(?:either\s+)?not\s+for\s+us\b",
        rf"\bnot\s+for\s+us(?:\s+or\s+not\s+ready)?(?:\s+for\s+us)?(?:\s+to\s+investigate)?\s*[:=-]?\s*{_n('x')}",
    ),
    "assessed_and_closed": _compile(
        rf"\bassessed\s+and\s+(?:then\s+)?closed\s*[:=-]?\s*{_TOTAL}{_n('x')}",
        rf"{_n('x')}\s*(?:of\s+(?:these|them|those)\s+)?(?:complaints?\s+)?(?:that\s+|which\s+)?(?:we\s+"
        rf"|were\s+|was\s+)?assessed\s+and\s+(?:then\s+)?closed\b",
    ),
}
_NOT_ANY = {
    "investigations": re.compile(r"(?:did\s+not|didn't|have\s+not)\s+investigate\s+any\b", re.IGNORECASE),
    "upheld_decisions": re.compile(r"(?:did\s+not|didn't|have\s+not)\s+uph[eo]ld\s+any\b", re.IGNORECASE),
}

# A line that is nothing but the name of a count, for pages that set name and number apart.
_LABELS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (measure, re.compile(rf"(?:number\s+of\s+)?(?:{pattern})\s*:?", re.IGNORECASE))
    for measure, pattern in (
        (
            "complaints_dealt_with",
            r"(?:complaints?\s+)?(?:and\s+enquiries\s+)?(?:we\s+)?dealt\s+with(?:\s+in\s+total)?",
        ),
        ("not_for_us", r"(?:complaints?\s+)?(?:that\s+)?(?:were\s+)?not\s+for\s+us\b.{0,50}"),
        ("assessed_and_closed", r"(?:complaints?\s+)?(?:we\s+)?assessed\s+and\s+(?:then\s+)?closed"),
        (
            "investigations",
            r"(?:complaints?\s+)?(?:we\s+)?investigated|(?:total\s+)?(?:detailed\s+|complaint\s+"
            r"|completed\s+)*investigations",
        ),
        ("upheld_decisions", r"upheld\s+(?:decisions|complaints)|complaints?\s+(?:we\s+)?upheld|upheld"),
        ("compliance_outcomes", r"compliance\s+outcomes"),
        ("remedy_decisions", r"satisfactory\s+remed(?:y|ies)(?:\s+decisions)?"),
    )
)
_TOKENS = re.compile(
    "|".join(
        (
            r"(?P<complaints_dealt_with>dealt\s+with)",
            r"(?P<not_for_us>not\s+for\s+us(?:\s+or\s+not\s+ready(?:\s+for\s+us(?:\s+to\s+investigate)?)?)?)",
            r"(?P<assessed_and_closed>assessed\s+and\s+(?:then\s+)?closed)",
            r"(?P<investigations>\binvestigated\b|(?:detailed\s+)?\binvestigations?\b)",
            r"(?P<upheld_decisions>upheld\s+decisions?|\bupheld\b)",
            rf"(?P<number>{_COUNT})",
            r"(?P<stop>[.;](?=\s|$))",
        )
    ),
    re.IGNORECASE,
)

_SIMILAR = r"(?:in|for|among|across)\s+(?:other\s+|all\s+)?similar\s+\w+"
# Sentences first; then name and figure side by side in one line; only then over the end of a line.
_AVERAGES = _compile(
    rf"\baverage\s*(?:rate\s*)?(?:of|is|was|[:=-])?\s*{_p('x')}(?:\s*{_SIMILAR})?",
    rf"{_p('x')}\s*(?:on\s+average\s+)?(?:is\s+the\s+average\s+)?{_SIMILAR}",
    rf"{_p('x')}[ \t]*(?:is\s+the\s+)?(?:average\b|similar\s+(?:authorities|councils|organisations)\b)",
    rf"(?:\baverage\b|\bsimilar\s+(?:authorities|councils|organisations)\b)(?:(?!\n){_ASIDE}){{0,80}}?{_p('x')}",
    rf"{_p('x')}\s*(?:average\b|similar\s+(?:authorities|councils|organisations)\b)",
    rf"(?:\baverage\b|\bsimilar\s+(?:authorities|councils|organisations)\b){_ASIDE}{{0,80}}?{_p('x')}",
)
_PER_100K = re.compile(
    rf"(?P<x>{_DECIMAL})\s*%?\s*(?:upheld\s+)?(?:decisions?|complaints?)?\s*(?:per|for\s+every"
    rf"|for\s+each)\s+100[,\s]?000\b",
    re.IGNORECASE,
)
_PER_100K_AFTER = re.compile(
    rf"(?:per|for\s+every)\s+100[,\s]?000(?:\s+(?:residents|people|population))?\s*:?\s*(?P<x>{_DECIMAL})",
    re.IGNORECASE,
)
_AVERAGE_WORD = re.compile(r"\baverage\b|\bsimilar\s+\w+", re.IGNORECASE)
_AVERAGE_AFTER = re.compile(
    r"\s*(?:residents|people|of\s+the\s+population|population)?\s*\(?\s*(?:on\s+average|is\s+the\s+average"
    r"|(?:in|for|among|across)\s+(?:other\s+)?similar|average)",
    re.IGNORECASE,
)
_ELSEWHERE = re.compile(
    r"\b(?:national(?:ly)?|across\s+england|all\s+councils|in\s+england|across\s+the\s+country)\b", re.IGNORECASE
)

# "There were no detailed investigations", "No recommendations were due for compliance in this period."
_SAYS_NONE = re.compile(
    r"(?:^|[.\n]\s*|\bthere\s+(?:were|was|are|is|have\s+been)\s+|\bwe\s+(?:\w+\s+){0,3}?)no\s+(?:[\w-]+\s+){0,4}?"
    r"(?:complaints?|investigations?|decisions?|outcomes?|recommendations?|cases?|statistics|figures|data"
    r"|remed(?:y|ies))\b"
    r"|\b(?:did\s+not|didn't|have\s+not|haven't)\s+(?:investigate|uphold|upheld|record(?:ed)?|receive[d]?"
    r"|deal|dealt|ma[dk]e|find|found)\b"
    r"|\bnot\s+(?:applicable|available)\b",
    re.IGNORECASE,
)

# The same of a whole page: an error's "no data" is not it.
_SAYS_NO_CASES = re.compile(
    r"\b(?:received|dealt\s+with|decided|investigated|recorded|made|had)\s+no\s+(?:complaints|cases|decisions|investigations)\b"
    r"|\bno\s+(?:complaints|cases|decisions|investigations)\s+(?:were|have\s+been|about|against|for|to)\b"
    r"|\b(?:did\s+not|didn't|have\s+not)\s+(?:receive|deal\s+with|decide|investigate|received|dealt\s+with|decided|investigated)"
    r"\s+any\s+(?:complaints|cases)\b",
    re.IGNORECASE,
)

# --- periods ---------------------------------------------------------------------------

_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?"
    r"|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?"
)
_DAY = rf"(?:\d{{1,2}}(?:st|nd|rd|th)?\s*{_MONTH},?\s*\d{{4}}|\d{{1,2}}/\d{{1,2}}/\d{{4}}|\d{{4}}-\d{{2}}-\d{{2}})"
_TO = r"\s*(?:-|to|and|until|till|up\s+to)\s*"
# "between 1 April 2023 to 31 March 2024"
_PERIOD = re.compile(rf"(?P<from>{_DAY}){_TO}(?:the\s+)?(?P<to>{_DAY})", re.IGNORECASE)
# "1 April to 31 March 2024": the first day's year is not printed
_SHORT_PERIOD = re.compile(
    rf"\b1(?:st)?\s*apr(?:il)?\.?{_TO}31(?:st)?\s*mar(?:ch)?\.?,?\s*(?P<year>\d{{4}})", re.IGNORECASE
)
# "April 2023 to March 2024", "year ending 31 March 2024"
_MONTHS = re.compile(rf"\bapr(?:il)?\.?\s*(?P<from>\d{{4}}){_TO}mar(?:ch)?\.?\s*(?P<to>\d{{4}})", re.IGNORECASE)
_ENDING = re.compile(r"year\s+(?:ending|ended|to)\s+31(?:st)?\s*mar(?:ch)?\.?,?\s*(?P<year>\d{4})", re.IGNORECASE)
_SPAN = re.compile(r"(?<![\d/-])(?P<from>20\d\d)\s*[/-]\s*(?P<to>(?:20)?\d\d)(?![\d/-])")
_ANY_DAY = re.compile(rf"{_DAY}|\b{_MONTH}\s*\d{{4}}\b|\b\d{{1,2}}(?:st|nd|rd|th)?\s+{_MONTH}(?!\w)", re.IGNORECASE)
_ANOTHER = re.compile(
    r"covid|pandemic|paused?\b|caution|compar(?:e|ing|ison)s?\s+(?:with|to|between)|previous", re.IGNORECASE
)

Period = tuple[date, date]


@dataclass(frozen=True, slots=True)
class _Dated:
    period: Period
    is_aside: bool  # of another year, by its sentence


def _dated(flow: Flow) -> Iterator[_Dated]:
    """Every period written out in the text."""
    for pattern in (_PERIOD, _SHORT_PERIOD, _MONTHS, _ENDING):
        for match in pattern.finditer(flow.text):
            groups = match.groupdict()
            if pattern is _PERIOD:
                start, end = uk_date(_spaced(match["from"])), uk_date(_spaced(match["to"]))
            else:
                last = int(groups.get("year") or groups["to"])
                start, end = date(int(groups.get("from") or last - 1), 4, 1), date(last, 3, 31)
            if start is not None and end is not None:
                yield _Dated((start, end), _ANOTHER.search(flow.quote(*match.span())) is not None)


def _spaced(text: str) -> str:
    """ "1April 2023" with its blanks."""
    return re.sub(r"(?<=[a-z.,])(?=\d)", " ", re.sub(r"(?<=\d)(?=[A-Z])", " ", collapse(text)))


def _spans(flow: Flow) -> set[Period]:
    """Years written as "2023-24"."""
    found = set()
    for match in _SPAN.finditer(flow.text):
        first, second = int(match["from"]), int(match["to"])
        if second % 100 == (first + 1) % 100 and not _ANOTHER.search(flow.quote(*match.span())):
            found.add((date(first, 4, 1), date(first + 1, 3, 31)))
    return found


# --- reading ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Said:
    """One figure and the words that say so."""

    measure: str
    value: float
    quote: str
    at: int  # where in its section
    section: int


@dataclass(slots=True)
class Statistics:
    """What a page says in figures, and what is wrong with it."""

    facts: list[OmbudsmanStatistic] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    says_none: bool = False  # it says in words that there is nothing


class _SectionReader:
    """One section's figures. Each figure is read once: what is read is blotted out for later patterns."""

    def __init__(self, section: Section, number: int) -> None:
        self.topic = section.topic
        self.number = number
        self.flow = Flow([line for line in section.lines if not is_furniture(line.text)])
        self.said: list[Said] = []
        self.averages: list[Said] = []
        self.periods = [d.period for d in _dated(self.flow) if not d.is_aside]
        self.spans = _spans(self.flow if section.heading is None else Flow([section.heading, *self.flow.lines]))
        self.heading = section.heading.text if section.heading is not None else ""
        self.says_none = _SAYS_NONE.search(self.flow.text) is not None
        self.text = self.flow.text

    def read(self) -> None:
        """Fill `said` and `averages`."""
        self._blot_what_is_not_ours()
        self._read_per_100k()
        self._read_whole_sentences()
        self._read_averages()
        self._read_pairs()
        self._read_sayings(across_lines=False)
        self._read_tokens()
        self._read_sayings(across_lines=True)
        self._read_lone_rate()

    def _note(self, measure: str, value: float | None, start: int, end: int) -> None:
        if value is not None:
            if measure == "upheld_decisions" and self.topic == "remedy":
                measure = _BASE
            quote = self.flow.quote(start, end)
            if not re.search(r"[A-Za-z]{3}", quote) and self.heading:  # "81%" alone says nothing
                quote = f"{self.heading}: {quote}"
            self.said.append(Said(measure, float(value), quote, start, self.number))

    def _has(self, measure: str) -> bool:
        return any(said.measure == measure for said in self.said)

    def _blot_what_is_not_ours(self) -> None:
        """Dates are not counts, and other councils' figures are not this one's."""
        for pattern in (_PERIOD, _SHORT_PERIOD, _MONTHS, _ENDING, _ANY_DAY, _SPAN):
            for match in list(pattern.finditer(self.flow.text)):
                self.flow.blot(*match.span())
        at = 0
        for sentence in re.split(r"(?<=[.!?])(?=\s)|\n", self.flow.text):
            if _ELSEWHERE.search(sentence) and not _AVERAGE_WORD.search(sentence):
                self.flow.blot(at, at + len(sentence))
            at = self.flow.text.find(sentence, at) + len(sentence) if sentence else at
            at += self.flow.text[at : at + 1] == "\n"

    def _read_per_100k(self) -> None:
        """The rate per 100,000 and its average; the site itself once printed "3.9% … per 100,000"."""
        pattern = _PER_100K if _PER_100K.search(self.flow.text) else _PER_100K_AFTER
        text, last = self.flow.text, 0
        for match in pattern.finditer(text):
            stretch = text[last : match.start()]
            before = re.split(r"\d\s*%?|[¦]", stretch)[-1]
            is_average = _AVERAGE_WORD.search(_since_sentence(before)) or _AVERAGE_AFTER.match(text, match.end())
            said = Said(_PER, float(match["x"]), self.flow.quote(*match.span()), match.start(), self.number)
            (self.averages if is_average else self.said).append(said)
            self.flow.blot(*match.span())
            last = match.end()

    def _read_whole_sentences(self) -> None:
        for pattern in _WHOLE:
            for match in list(pattern.finditer(self.flow.text)):
                groups = match.groupdict()
                for measure, text in groups.items():
                    if text is not None and measure in _NAMES:
                        self._note(measure, _value(text), *match.span())
                if groups.get("all"):
                    self._note("upheld_decisions", _value(groups["investigations"]), *match.span())
                if groups.get("none"):
                    self._note("upheld_decisions", 0, *match.span())
                self.flow.blot(*match.span())
        for measure, pattern in _NOT_ANY.items():
            for match in pattern.finditer(self.flow.text):
                self._note(measure, 0, *match.span())

    def _read_averages(self) -> None:
        for label, number in _tiles(self.flow):
            if _AVERAGE_WORD.search(self.flow.line_text(label)):
                value = _value(self.flow.line_text(number))
                quote = f"{self.flow.lines[label].text}: {self.flow.lines[number].text}"
                if value is not None:
                    self.averages.append(Said("", value, quote, self.flow.starts[number], self.number))
                for line in (label, number):
                    self.flow.blot(self.flow.starts[line], self.flow.starts[line] + len(self.flow.lines[line].text))
        for pattern in _AVERAGES:
            for match in list(pattern.finditer(self.flow.text)):
                value = _value(match["x"])
                if value is not None:
                    self.averages.append(Said("", value, self.flow.quote(*match.span()), match.start(), self.number))
                self.flow.blot(*match.span())

    def _read_pairs(self) -> None:
        """Counts that stand in a line of their own, beside a line that names them."""
        pairs = _pairs(self.flow)
        for measure, label, number in pairs:
            first, last = sorted((label, number))
            value = count(self.flow.line_text(number))
            quote = f"{self.flow.lines[first].text} {self.flow.lines[last].text}"
            if value is not None:
                known = _BASE if measure == "upheld_decisions" and self.topic == "remedy" else measure
                self.said.append(Said(known, float(value), collapse(quote), self.flow.starts[first], self.number))
            for line in (first, last):
                self.flow.blot(self.flow.starts[line], self.flow.starts[line] + len(self.flow.lines[line].text))

    def _read_sayings(self, *, across_lines: bool) -> None:
        for measure, patterns in _SAYINGS.items():
            if across_lines and self._has(measure):
                continue
            for pattern in patterns:
                found = [m for m in pattern.finditer(self.flow.text) if across_lines or "\n" not in m.group()]
                for match in found:
                    if not self._is_contested(match, measure):
                        self._note(measure, _value(match["x"]), *match.span())
                if across_lines and found:
                    break

    def _is_contested(self, match: re.Match[str], measure: str) -> bool:
        """Whether the line names several counts without a stop between: `_read_tokens` tells which is whose."""
        if measure in RATES or measure not in _OVERVIEW:
            return False
        line = self._line_around(match.start("x"))
        return bool(_chains(line))

    def _line_around(self, at: int) -> str:
        start = self.flow.text.rfind("\n", 0, at) + 1
        end = self.flow.text.find("\n", at)
        return self.flow.text[start : len(self.flow.text) if end < 0 else end]

    def _read_tokens(self) -> None:
        """Lines like "Dealt with 291 Not for us 87 Assessed and closed 128 Investigated 76"."""
        for number, line in enumerate(self.flow.lines):
            text = self.flow.line_text(number)
            start = self.flow.starts[number]
            for measure, value in _chains(text):
                self._note(measure, value, start, start + len(line.text))

    def _read_lone_rate(self) -> None:
        """A percentage that stands alone in the section that it is about."""
        measure = _RATE_OF.get(self.topic or "")
        if measure is None or self._has(measure):
            return
        left = list(re.finditer(_PERCENT, self.flow.text, re.IGNORECASE))
        if len({_value(m.group()) for m in left}) == 1:
            self._note(measure, _value(left[0].group()), *left[0].span())


_OVERVIEW = ("complaints_dealt_with", "not_for_us", "assessed_and_closed", "investigations", "upheld_decisions")


def _since_sentence(text: str) -> str:
    return re.split(r"[.!?](?=\s|[A-Z]|$)", text)[-1]


def _value(text: str) -> float | None:
    """A count or percentage, in digits or words."""
    bare = re.sub(r"(?:%|per\s?cent|percent)$", "", collapse(text), flags=re.IGNORECASE).strip()
    if re.fullmatch(r"\d+\.\d+", bare):
        return float(bare)
    return count(bare)


def _chains(line: str) -> list[tuple[str, float]]:
    """Names and numbers that alternate in one line without a stop between, at least two of each.

    >>> _chains("Dealt with 291 Not for us 87"), _chains("291 dealt with 87 not for us")
    ([('complaints_dealt_with', 291), ('not_for_us', 87)], [('complaints_dealt_with', 291), ('not_for_us', 87)])
    >>> _chains("We dealt with 291 complaints. Of these, 87 were not for us.")
    []
    """
    found: list[tuple[str, float]] = []
    run: list[tuple[str, str]] = []
    for match in [*_TOKENS.finditer(line), None]:
        kind = match.lastgroup if match is not None else "stop"
        if match is not None and kind is not None and kind != "stop":
            run.append((kind, match.group()))
            continue
        numbers = [text for name, text in run if name == "number"]
        names = [name for name, _ in run if name != "number"]
        is_number = [name == "number" for name, _ in run]
        alternates = all(a != b for a, b in pairwise(is_number))
        if alternates and len(numbers) == len(names) == len(set(names)) >= 2:
            values = [count(text) for text in numbers]
            found += [(name, value) for name, value in zip(names, values, strict=True) if value is not None]
        run = []
    return found


def _pairs(flow: Flow) -> list[tuple[str, int, int]]:
    """(measure, line of its name, line of its number) for names and numbers set in lines of their own."""
    numbers = [i for i in range(len(flow.lines)) if re.fullmatch(_COUNT, flow.line_text(i).strip(), re.IGNORECASE)]
    labels = {i: name for i in range(len(flow.lines)) if (name := _label(flow.line_text(i))) is not None}
    if not numbers or not labels or len(numbers) > 200 or len(labels) > 200:
        return []
    found: list[tuple[str, int, int]] = []
    for number in numbers:
        label = _boxed_with(flow, number, numbers, labels)
        if label is not None:
            found.append((labels[label], label, number))
    taken = {i for _, *both in found for i in both}
    free = [i for i in sorted({*numbers, *labels}) if i not in taken]
    for run in _runs(free):
        found += _in_run(run, labels)
    return found


def _tiles(flow: Flow) -> Iterator[tuple[int, int]]:
    """(line of a name, line of its percentage) where whole lines of both take turns, twice at least."""
    kinds = []
    for i in range(len(flow.lines)):
        text = flow.line_text(i).strip()
        is_name = len(text.split()) <= 8 and re.search(r"\d|¦|[.,;]$|\b(?:of|is|was|to|in)$", text) is None
        kinds.append("p" if re.fullmatch(_PERCENT, text, re.IGNORECASE) else "n" if text and is_name else "")
    for match in re.finditer(r"(?:np){2,}(?!n?p)|(?:pn){2,}(?!p)", "".join(kind or "-" for kind in kinds)):
        for i in range(match.start(), match.end(), 2):
            yield (i, i + 1) if kinds[i] == "n" else (i + 1, i)


def _label(text: str) -> str | None:
    bare = text.strip(" :-*•?")
    return next((measure for measure, pattern in _LABELS if pattern.fullmatch(bare)), None) if len(bare) < 90 else None


def _boxed_with(flow: Flow, number: int, numbers: Sequence[int], labels: Iterable[int]) -> int | None:
    """The one name in the smallest box around a number, if that box holds no other number."""
    node: Tag | None = flow.lines[number].node
    for _ in range(6):
        if node is None or node.name in ("body", "html", "[document]"):
            return None
        inside = [i for i in labels if _holds(node, flow.lines[i])]
        if len([i for i in numbers if _holds(node, flow.lines[i])]) > 1:
            return None
        if inside:
            return inside[0] if len(inside) == 1 else None
        node = node.parent
    return None


def _holds(node: Tag, line: Line) -> bool:
    return line.node is node or any(parent is node for parent in line.node.parents)


def _runs(free: Sequence[int]) -> Iterator[list[int]]:
    """Stretches of neighbouring lines."""
    run: list[int] = []
    for i in free:
        if run and i != run[-1] + 1:
            yield run
            run = []
        run.append(i)
    if run:
        yield run


def _in_run(run: Sequence[int], labels: dict[int, str]) -> list[tuple[str, int, int]]:
    """Pairs of a run that alternates, or that has all names and then all numbers; else none."""
    names = [i for i in run if i in labels]
    numbers = [i for i in run if i not in labels]
    if len(names) != len(numbers):
        return []
    is_name = [i in labels for i in run]
    alternates = all(a != b for a, b in pairwise(is_name))
    if alternates or is_name in (
        [True] * len(names) + [False] * len(names),
        [False] * len(names) + [True] * len(names),
    ):
        return [(labels[name], name, number) for name, number in zip(names, numbers, strict=True)]
    return []


# --- putting together ------------------------------------------------------------------

_OURS = ("reports", "improvements", "letters", "decisions")
# A card is a few hundred characters, a page's menu a few thousand. What is longer is no statistics.
_MAX_LENGTH = 30_000
_MAX_LINES = 2_000


def read_statistics(page: Sequence[Section], council: str) -> Statistics:
    """All statistics on the page, and every reason not to trust them."""
    result = Statistics()
    readers = []
    for number, section in enumerate(page):
        length = sum(len(line.text) for line in section.lines)
        if section.topic in _OURS:
            continue
        if length > _MAX_LENGTH or len(section.lines) > _MAX_LINES:
            where = f"'{section.heading.text[:60]}'" if section.heading is not None else "the page"
            result.problems.append(f"expected some sentences with figures in {where}, found {length:,} characters")
            continue
        readers.append(_SectionReader(section, number))
        readers[-1].read()
    result.says_none = any(_SAYS_NO_CASES.search(reader.text) for reader in readers)
    said = [one for reader in readers for one in reader.said]
    values = _agreed(said, result.problems)
    averages = _averages(readers, result.problems)
    if not values:
        return result
    _expect_all(page, readers, values, result.problems)
    _cross_check(values, averages, result.problems)
    periods = _periods(readers, result.problems)
    for measure in OMBUDSMAN_MEASURES:
        if measure not in values:
            continue
        one = values[measure]
        period = periods.get(one.section) or periods.get(-1)
        if period is None:
            continue
        result.facts.append(
            OmbudsmanStatistic(
                council=council,
                period_start=period[0],
                period_end=period[1],
                measure=measure,
                value=one.value,
                unit="%" if measure in RATES else "per 100,000" if measure == _PER else None,
                similar_average=averages.get(measure),
                value_text=one.quote,
            )
        )
    return result


def _agreed(said: Sequence[Said], problems: list[str]) -> dict[str, Said]:
    """Each measure once. A page that gives two values for one contradicts itself, or was misread."""
    found: dict[str, Said] = {}
    for one in said:
        known = found.setdefault(one.measure, one)
        if known.value == one.value:
            if one.quote.endswith(".") and not known.quote.endswith("."):
                found[one.measure] = one  # the whole sentence rather than the card's title
        else:
            problems.append(
                f"{_NAMES[one.measure]} is given as {known.value:g} ('{known.quote[:100]}') and as"
                f" {one.value:g} ('{one.quote[:100]}')"
            )
    if "upheld_decisions" not in found and _BASE in found:
        found["upheld_decisions"] = found[_BASE]
    return found


def _averages(readers: Sequence[_SectionReader], problems: list[str]) -> dict[str, float]:
    """Averages by measure. A percentage called average belongs to the rate named last before it."""
    found: dict[str, float] = {}
    for reader in readers:
        rates = sorted((one for one in reader.said if one.measure in RATES), key=lambda one: one.at)
        for average in reader.averages:
            measure = average.measure
            if not measure:
                before = [one.measure for one in rates if one.at <= average.at]
                after = [one.measure for one in rates if one.at > average.at]
                measure = (before[-1:] or after[:1] or [_RATE_OF.get(reader.topic or "", "")])[0]
            if not measure:
                continue
            known = found.setdefault(measure, float(average.value))
            if known != average.value:
                problems.append(f"the average of {_NAMES[measure]} is given as {known:g} and as {average.value:g}")
    return found


def _expect_all(
    page: Sequence[Section], readers: Sequence[_SectionReader], values: dict[str, Said], problems: list[str]
) -> None:
    """A topic that is on the page must bring all its measures, unless the page says that there are none."""
    for topic, measures in _EXPECTED.items():
        headed = {i for i, section in enumerate(page) if section.topic == topic and not section.is_definition}
        if not headed and not any(measure in values for measure in _TELLS[topic]):
            continue
        wanted = [measure for measure in measures if measure not in values]
        if topic == "upheld" and _PER not in values and any("100,000" in reader.text for reader in readers):
            wanted.append(_PER)
        zero = any(values[m].value == 0 for m in (*measures, _BASE, "investigations") if m in values)
        if wanted and not zero and not any(reader.says_none for reader in readers if reader.number in headed):
            missing = " and ".join(_NAMES[measure] for measure in wanted)
            got = ", ".join(f"{_NAMES[m]} {values[m].value:g}" for m in measures if m in values) or "nothing of it"
            problems.append(f"expected {missing} in the part on {_TITLES[topic]}, found {got}")


_TITLES = {
    "upheld": "complaints upheld",
    "compliance": "compliance with recommendations",
    "remedy": "satisfactory remedies",
    "overview": "all complaints",
}


def _cross_check(values: dict[str, Said], averages: dict[str, float], problems: list[str]) -> None:
    """What must hold between figures that are right."""

    def value(measure: str) -> float | None:
        return values[measure].value if measure in values else None

    base = value(_BASE) if value(_BASE) is not None else value("upheld_decisions")
    for name, part, whole, words in (
        ("upheld_rate", value("upheld_decisions"), value("investigations"), "investigations"),
        ("remedy_rate", value("remedy_decisions"), base, "upheld decisions"),
        ("compliance_rate", value(_COMPLIED), value("compliance_outcomes"), "compliance outcomes"),
    ):
        given = value(name)
        if part is not None and whole is not None and part > whole:
            problems.append(f"{part:g} of {whole:g} {words}: a part larger than the whole")
        elif given is not None and part is not None and whole and abs(given - 100 * part / whole) > 1.5:
            is_share = f"{part:g} of {whole:g} {words} is {100 * part / whole:.0f}%"
            problems.append(f"{_NAMES[name]} is given as {given:g}%, but {is_share}")
    rate, outcomes = value("compliance_rate"), value("compliance_outcomes")
    if rate is not None and outcomes and min(abs(rate - 100 * k / outcomes) for k in _near(rate, outcomes)) > 1.5:
        problems.append(f"the compliance rate is given as {rate:g}%, which no part of {outcomes:g} outcomes makes")
    for measure, given in [(m, value(m)) for m in RATES] + [(f"average of {m}", averages.get(m)) for m in RATES]:
        if given is not None and not 0 <= given <= 100:
            problems.append(f"{_NAMES.get(measure, measure)} is given as {given:g}%")
    parts = [value(m) for m in ("not_for_us", "assessed_and_closed", "investigations")]
    whole, known = value("complaints_dealt_with"), [p for p in parts if p is not None]
    if whole is not None and len(known) == 3 and sum(known) != whole:
        problems.append(
            f"{whole:g} complaints were dealt with, but {known[0]:g} not for the Ombudsman,"
            f" {known[1]:g} assessed and closed and {known[2]:g} investigated make {sum(known):g}"
        )


def _near(rate: float, outcomes: float) -> tuple[int, ...]:
    near = round(rate * outcomes / 100)
    return tuple(k for k in (near - 1, near, near + 1) if 0 <= k <= outcomes) or (0,)


def _periods(readers: Sequence[_SectionReader], problems: list[str]) -> dict[int, Period]:
    """The year of each section's figures, by section; -1 for sections that name none."""
    stated: dict[int, set[Period]] = {r.number: set(r.periods) for r in readers if r.periods}
    everywhere = {period for several in stated.values() for period in several}
    if not everywhere:
        everywhere = {span for reader in readers for span in reader.spans if reader.said or reader.topic == "annual"}
    for start, end in sorted(everywhere):
        if not 330 <= (end - start).days <= 400:
            problems.append(f"expected figures for a year, found {start.isoformat()} to {end.isoformat()}")
            everywhere.discard((start, end))
    found = {
        number: next(iter(several)) for number, several in stated.items() if len(several) == 1 and several <= everywhere
    }
    overview = [found[r.number] for r in readers if r.topic == "overview" and r.number in found]
    if len(everywhere) == 1:
        found[-1] = next(iter(everywhere))
    elif overview:
        found[-1] = overview[0]
    without = [r for r in readers if any(one.measure in OMBUDSMAN_MEASURES for one in r.said) and r.number not in found]
    if without and -1 not in found:
        years = ", ".join(f"{start.isoformat()} to {end.isoformat()}" for start, end in sorted(everywhere)) or "none"
        problems.append(f"expected one period for the figures, found {years}")
    return found
