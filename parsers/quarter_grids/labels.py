"""What labels of rows and headers of columns say: Actual, Target, Floor, RAG; "Mar 13", "Q3" under "2012/13"."""

import re

from parsers.periods import Period, calendar_month, in_full, period
from parsers.text import MONTHS, collapse, financial_year, matching, quarter_period

ACTUAL, TARGET, FLOOR, RATING, TRAVEL, FORECAST, OTHER = (
    "actual",
    "target",
    "floor",
    "rating",
    "travel",
    "forecast",
    "other",
)

# Labels of rows (or columns) without what stands in brackets; the first that fits decides. Of two rows that
# could both hold the result the one with the lower rank does, the other is somebody else's result.
_ROLES: tuple[tuple[str, int, re.Pattern[str]], ...] = tuple(
    (role, rank, re.compile(rf"(?:{pattern})", re.IGNORECASE))
    for role, rank, pattern in (
        (RATING, 0, r"(?:kcc )?(?:rag|r\.a\.g\.?)(?: (?:rating|status|result)s?)?|ratings?|performance rating|status"),
        (TRAVEL, 0, r"do ?t|direction(?: of travel)?|d\.o\.t\.?"),
        (FORECAST, 0, r".*\b(?:forecast|projection|projected|trajectory|estimated?)\b.*"),
        (FLOOR, 0, r"(?:kcc )?(?:performance )?floor(?: standards?| target| level)?|minimum standard"),
        (TARGET, 0, r"(?:kcc |business plan |quarterly |annual )?targets?(?: level| value)?"),
        (ACTUAL, 0, r"actuals?(?: results?| performance| figures?| values?| outturn)?|kcc actuals?"),
        (ACTUAL, 1, r"(?:kcc|our) (?:results?|performance|outturn|figure)"),
        (ACTUAL, 2, r"(?:latest |quarterly |quarter )?(?:results?|performance|outturn|value)|achieved|result achieved"),
        (ACTUAL, 3, r"(?:kent|county)(?: (?:results?|actuals?|performance|figure))?|kcc"),
    )
)
_LABEL_UNIT = re.compile(
    r"£\s?0{3}s?|£\s?(?:m|k|bn)\b|%|£|\bper\s?cent(?:age)?\b|\b0{3}s\b|\bthousands\b", re.IGNORECASE
)
_DAY = re.compile(r"(?<!\d)(\d{1,2})[/.](\d{1,2})[/.](\d{4}|\d{2})(?!\d)")
_BARE_QUARTER = re.compile(r"(?:quarter|qtr|q)\s?([1-4])(?:\s*\(.*\))?", re.IGNORECASE)
_BARE_MONTH = re.compile(
    rf"(?:(?:end|to)\s+)?({'|'.join(sorted(MONTHS, key=len, reverse=True))})[a-z]*\.?", re.IGNORECASE
)


def role_of(label: str) -> tuple[str, int]:
    """What a label says that its row holds, and how plainly.

    >>> role_of("Actual (%)"), role_of("KCC Result"), role_of("Floor Standard*"), role_of("RAG Rating")
    (('actual', 0), ('actual', 1), ('floor', 0), ('rating', 0))
    >>> role_of("Target – 2013/14"), role_of("National average"), role_of("Number of calls answered")
    (('target', 0), ('other', 0), ('other', 0))
    """
    text = re.sub(r"\([^()]*\)", " ", matching(label))
    text = re.sub(r"\b20\d\d\s?[-/]\s?\d{2,4}\b|[£%#*†:.\d]|\bper\s?cent\b", " ", text).strip(" -")
    text = collapse(text).strip(" -")
    for role, rank, pattern in _ROLES:
        if pattern.fullmatch(text):
            return role, rank
    return OTHER, 0


def label_unit(label: str) -> str | None:
    """The unit that a row's label gives to its cells.

    >>> label_unit("Actual (%)"), label_unit("Result £000s"), label_unit("Actual")
    ('%', '£000s', None)
    """
    match = _LABEL_UNIT.search(matching(label))
    if match is None:
        return None
    text = match[0].lower().replace(" ", "")
    if text.startswith("per"):
        return "%"
    if text.startswith("000") or text == "thousands":
        return "thousands"
    return text


def column_period(label: str, above: str = "") -> tuple[str, Period] | None:
    """(month, quarter or year; the period) that a column's header names, with what stands over it.

    >>> column_period("Jun 13"), column_period("Q3", "2012/13")[1].end, column_period("Mar", "12/13")[1].end
    (('month', Period(start=datetime.date(2013, 6, 1), end=datetime.date(2013, 6, 30))), \
datetime.date(2012, 12, 31), datetime.date(2013, 3, 31))
    >>> column_period("2012/13")[0], column_period("30/06/13")[0], column_period("Q1 13/14")[0], column_period("Q1")
    ('year', 'month', 'quarter', None)
    """
    text, over = in_full(label), in_full(above)
    year = financial_year(over)
    if year and (match := _BARE_QUARTER.fullmatch(text)):
        return "quarter", Period(*quarter_period(year, int(match[1])))
    if year and (match := _BARE_MONTH.fullmatch(text)):
        number = MONTHS[match[1].lower()]
        return "month", calendar_month(int(year[:4]) + (number < 4), number)
    if match := _DAY.search(text):
        month, full = int(match[2]), int(match[3]) if len(match[3]) == 4 else 2000 + int(match[3])
        return ("month", calendar_month(full, month)) if 1 <= month <= 12 else None
    found = period(text)
    if found is None:
        return None
    months = (found.end.year - found.start.year) * 12 + found.end.month - found.start.month + 1
    return {1: "month", 3: "quarter"}.get(months, "year"), found
