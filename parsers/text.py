"""Words into values: white space, numbers, dates, quarters, case references.

Every function is `str -> value` and strict: what it cannot read for certain is None,
never a guess. The doctests are the documentation.
"""

import re
import unicodedata
from datetime import date

# Zero-width and bidirectional controls hide in pasted Word text and never carry meaning here.
_INVISIBLE = dict.fromkeys(
    map(ord, "\u00ad\u200b\u200c\u200d\u2060\ufeff\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
)
_QUOTES = str.maketrans("‘’‚‛“”„‟‐‑‒–—―−", "''''\"\"\"\"-------")


def collapse(text: str) -> str:
    """One line: every run of white space, NBSP included, is one blank.

    >>> collapse(" Adult\\u00a0Social \\r\\n Care ")
    'Adult Social Care'
    """
    if text.isascii() and text.isalnum():  # most words; no need to look further
        return text
    return " ".join(text.translate(_INVISIBLE).split())


def matching(text: str) -> str:
    """A copy to match against: NFKC, plain quotes and dashes, and words that Word glued taken apart.

    Never to be shown or stored: it can take apart what belongs together.

    >>> matching("15achievedtarget (rated\\u00a0Green), ‘RAG’ – 20weeks")
    "15 achievedtarget (rated Green), 'RAG' - 20 weeks"
    >>> matching("Quarter3Performance")
    'Quarter 3 Performance'
    """
    text = collapse(unicodedata.normalize("NFKC", text).translate(_QUOTES))
    text = re.sub(r"(?<=[a-z])(?=[A-Z][a-z])", " ", text)  # "reportedPerformance"
    text = re.sub(r"(?<=\d)(?!(?:st|nd|rd|th)\b)(?=[A-Za-z]{2})", " ", text)  # "12achieved", but "1st"
    return re.sub(r"(?<=[a-z]{2})(?=\d)", " ", text)  # "Quarter3", but "Q3"


_WORDS = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
]
_TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
COUNT_WORDS: dict[str, int] = {word: n for n, word in enumerate(_WORDS)}
COUNT_WORDS |= {tens: 10 * n for n, tens in enumerate(_TENS, start=2)}
COUNT_WORDS |= {
    f"{tens}{dash}{_WORDS[unit]}": 10 * n + unit
    for n, tens in enumerate(_TENS, start=2)
    for unit in range(1, 10)
    for dash in "- "
}
COUNT_WORDS |= {"no": 0, "none": 0, "both": 2}

# Longest first, so that "twenty-four" is not read as "twenty".
COUNT_PATTERN = r"(?:\d{1,3}(?![\d.,]*\d)|" + "|".join(sorted(COUNT_WORDS, key=len, reverse=True)) + r")"


def count(text: str) -> int | None:
    """A whole number in digits or words.

    >>> [count(t) for t in ("17", "Nine", "twenty-four", "no", "1,512", "nineish")]
    [17, 9, 24, 0, 1512, None]
    """
    text = collapse(text).lower().translate(_QUOTES)
    if re.fullmatch(r"\d+|\d{1,3}(,\d{3})+", text):
        return int(text.replace(",", ""))
    return COUNT_WORDS.get(text)


# "97%", "5,473", "0.04%", "-11", "£1,234.50", "1.5m" is not read: too many meanings.
_NUMBER = re.compile(r"(?P<sign>[-−]?)(?P<pound>£?)(?P<digits>(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?)(?P<percent>\s?%?)")


def number(text: str) -> tuple[float, str | None] | None:
    """A printed number and its unit ("%", "£" or None); None when the text is not just that.

    >>> number("97%"), number("5,473"), number("£1,234.50"), number("-0.4 %")
    ((97.0, '%'), (5473.0, None), (1234.5, '£'), (-0.4, '%'))
    >>> number("1,23"), number("N/A"), number("97% (Green)"), number("")
    (None, None, None, None)
    """
    match = _NUMBER.fullmatch(collapse(text))
    if match is None:
        return None
    value = float(match["digits"].replace(",", ""))
    unit = "%" if match["percent"].strip() else ("£" if match["pound"] else None)
    return (-value if match["sign"] else value), unit


MONTHS = {
    name: n
    for n, full in enumerate(
        [
            "january",
            "february",
            "march",
            "april",
            "may",
            "june",
            "july",
            "august",
            "september",
            "october",
            "november",
            "december",
        ],
        start=1,
    )
    for name in (full, full[:3])
} | {"sept": 9}
_MONTH = "|".join(sorted(MONTHS, key=len, reverse=True))
_DATES = (
    re.compile(r"\b(?P<y>\d{4})-(?P<m>\d{2})-(?P<d>\d{2})\b"),
    re.compile(r"\b(?P<d>\d{1,2})/(?P<m>\d{1,2})/(?P<y>\d{4})\b"),
    re.compile(
        rf"\b(?P<d>\d{{1,2}})(?:st|nd|rd|th)?[\s,-]+(?:of\s+)?(?P<m>{_MONTH})\.?[\s,-]+(?P<y>\d{{4}})\b",
        re.IGNORECASE,
    ),
)


def uk_date(text: str) -> date | None:
    """The first full date in the text, day before month, in any spelling that these sites use.

    >>> uk_date("Thursday, 25th September, 2025 10.00 am"), uk_date("04th-Mar-2025"), uk_date("1/4/2023")
    (datetime.date(2025, 9, 25), datetime.date(2025, 3, 4), datetime.date(2023, 4, 1))
    >>> uk_date("Sep-25"), uk_date("31 June 2024")
    (None, None)
    """
    text = collapse(text)
    found = [match for pattern in _DATES if (match := pattern.search(text))]
    for match in sorted(found, key=lambda m: m.start()):
        month = match["m"]
        try:
            return date(int(match["y"]), int(month) if month.isdigit() else MONTHS[month.lower()], int(match["d"]))
        except ValueError:
            continue
    return None


_YEARS = r"(?P<y1>20\d{2})\s?[-/]\s?(?P<y2>20\d{2}|\d{2})(?!\d)"
_QUARTERS = (
    # "Quarter 3, 2024/25", "Q3 (2025/26)", "Quarter 3 - 2025-2026", "Q4 - 2022-2023", "Quarter 2 (Q2) 2021/22"
    re.compile(
        rf"\b(?:quarter|qtr|q)\s?(?P<q>[1-4])\b(?:\s?\(q[1-4]\))?[\s,:()-]*(?:of\s+|for\s+)?{_YEARS}", re.IGNORECASE
    ),
    # "2021/2022 Quarter 3"
    re.compile(rf"{_YEARS}[\s,:()-]*(?:quarter|qtr|q)\s?(?P<q>[1-4])\b", re.IGNORECASE),
    # "Quarter 2 202324" in file names
    re.compile(r"\b(?:quarter|q)\s?(?P<q>[1-4])\s(?P<y1>20\d{2})(?P<y2>\d{2})(?!\d)", re.IGNORECASE),
    re.compile(rf"\b(?P<word>first|second|third|fourth)\s+quarter\s+(?:of\s+|for\s+)?{_YEARS}", re.IGNORECASE),
)
_ORDINALS = {"first": 1, "second": 2, "third": 3, "fourth": 4}


def quarter(text: str) -> tuple[str, int] | None:
    """Financial year and quarter of the first quarter that the text names with its year.

    >>> quarter("Quarterly Performance Report, Quarter 1 2023-2024")
    ('2023/24', 1)
    >>> quarter("QPR 2021/2022 Quarter 3"), quarter("Report (Q4 - 2022-2023)"), quarter("Quarter 2 202324")
    (('2021/22', 3), ('2022/23', 4), ('2023/24', 2))
    >>> quarter("Quarter 3"), quarter("Q2 2024/26")
    (None, None)
    """
    text = collapse(text).translate(_QUOTES)
    found = [match for pattern in _QUARTERS for match in pattern.finditer(text)]
    for match in sorted(found, key=lambda m: m.start()):
        year = financial_year(f"{match['y1']}/{match['y2']}")
        if year is not None:
            groups = match.groupdict()
            return year, int(groups.get("q") or _ORDINALS[groups["word"].lower()])
    return None


def financial_year(text: str) -> str | None:
    """The first financial year in the text, in Kent's spelling.

    >>> financial_year("2021/2022"), financial_year("for 2024-25"), financial_year("2024/26")
    ('2021/22', '2024/25', None)
    """
    for match in re.finditer(_YEARS, collapse(text).translate(_QUOTES)):
        first, second = int(match["y1"]), int(match["y2"])
        if second % 100 == (first + 1) % 100 and (second < 100 or second == first + 1):
            return f"{first}/{second % 100:02d}"
    return None


def quarter_period(year: str, number: int) -> tuple[date, date]:
    """First and last day of a quarter; quarter 1 of 2024/25 is April to June 2024.

    >>> quarter_period("2024/25", 4)
    (datetime.date(2025, 1, 1), datetime.date(2025, 3, 31))
    """
    start_year = int(year[:4]) + (number == 4)
    start_month, (end_month, end_day) = {1: (4, (6, 30)), 2: (7, (9, 30)), 3: (10, (12, 31)), 4: (1, (3, 31))}[number]
    return date(start_year, start_month, 1), date(start_year, end_month, end_day)


def quarter_of_date(day: date) -> tuple[str, int]:
    """The quarter that a day lies in.

    >>> quarter_of_date(date(2025, 3, 4)), quarter_of_date(date(2024, 4, 1))
    (('2024/25', 4), ('2024/25', 1))
    """
    first = day.year if day.month >= 4 else day.year - 1
    return f"{first}/{(first + 1) % 100:02d}", (day.month - 4) % 12 // 3 + 1


_CASE = re.compile(r"(?<!\d)(\d{2})[\s-](\d{3})[\s-](\d{3}[a-z]?)(?![\dA-Za-z])", re.IGNORECASE)


def case_reference(text: str) -> str | None:
    """The first Ombudsman case reference in its normal form.

    >>> [case_reference(t) for t in ("Kent (24\\u00a0003\\u00a0150)", "/24-003-150", "24 3 150")]
    ['24 003 150', '24 003 150', None]
    """
    match = _CASE.search(collapse(text))
    return " ".join(match.groups()).lower() if match else None


def slug(text: str) -> str:
    """Lower case with hyphens, as the Ombudsman's site writes councils.

    >>> slug("Kent County Council"), slug("King's Lynn & West Norfolk")
    ('kent-county-council', 'king-s-lynn-west-norfolk')
    """
    return re.sub(r"[^a-z0-9]+", "-", text.lower().translate(_QUOTES)).strip("-")


_RUNNING = re.compile(r"(?:appendix\s*\w*|page\s*\d+.*|\d{1,4}|agenda item.*)", re.IGNORECASE)


def is_running(line: str) -> bool:
    """Whether a line is a page's header or footer, which says nothing of the page.

    >>> is_running("Page 7 of 12"), is_running("Appendix 1"), is_running("Highways")
    (True, True, False)
    """
    return _RUNNING.fullmatch(collapse(line)) is not None
