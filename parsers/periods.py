"""Headers of columns into periods: "12 mths to Dec 23", "Oct – Dec 19/20", "Quarter to Sep 24"."""

import calendar
import re
from collections.abc import Iterator, Sequence
from datetime import date
from typing import NamedTuple

from parsers.text import MONTHS, collapse, financial_year, matching, quarter, quarter_period


class Period(NamedTuple):
    """First and last day."""

    start: date
    end: date


_MONTH = "(" + "|".join(sorted(MONTHS, key=len, reverse=True)) + r")[a-z]*\.?"
_YEAR = r"'?(\d{4}|\d{2})"
_FINANCIAL = r"(\d{4}|\d{2})\s?/\s?(\d{2})"
_UP_TO = re.compile(
    r"(?:(?P<twelve>12\s?m(?:on)?th?s?|12\s?m|y(?:ea)?r|annual|rolling 12 months)"
    r"|(?P<three>quarter|qtr|3\s?m(?:on)?th?s?))"
    rf"\s*(?:to|ending|ended|end)\s*(?:\d{{1,2}}\s)?{_MONTH}[\s-]*{_YEAR}",
    re.IGNORECASE,
)
_RANGE_FINANCIAL = re.compile(rf"{_MONTH}\s*(?:-|to)\s*{_MONTH}\s*{_FINANCIAL}\b", re.IGNORECASE)
_RANGE = re.compile(rf"{_MONTH}\s*{_YEAR}?\s*(?:-|to)\s*{_MONTH}\s*{_YEAR}\b", re.IGNORECASE)
_MONTH_ONLY = re.compile(rf"\b{_MONTH}[\s-]*{_YEAR}\b", re.IGNORECASE)
_SHORT_YEARS = re.compile(r"(?<![\d/])(\d{2})\s?/\s?(\d{2})(?![\d/])")
_CALENDAR_YEAR = re.compile(r"\b(20\d{2})\b")


def period(label: str) -> Period | None:
    """The period that a column's header names; None when it names none for certain.

    >>> [str(d) for d in period("12 mths to Dec 23")], [str(d) for d in period("Quarter to Sep 24")]
    (['2023-01-01', '2023-12-31'], ['2024-07-01', '2024-09-30'])
    >>> [str(d) for d in period("Oct – Dec 19/20")], [str(d) for d in period("Jan - Mar 19/20")]
    (['2019-10-01', '2019-12-31'], ['2020-01-01', '2020-03-31'])
    >>> [str(d) for d in period("Online Jan 24 – Mar 24")], [str(d) for d in period("Yr to Sep 20")]
    (['2024-01-01', '2024-03-31'], ['2019-10-01', '2020-09-30'])
    >>> [str(d) for d in period("Nov 24 - Jan 25")], [str(d) for d in period("Dec 19")], period("Service")
    (['2024-11-01', '2025-01-31'], ['2019-12-01', '2019-12-31'], None)
    """
    text = matching(collapse(label))
    if match := _UP_TO.search(text):
        end = _end(match[3], _full(match[4]))
        return Period(months_before(end, 12 if match["twelve"] else 3), end)
    if match := _RANGE_FINANCIAL.search(text):
        year = financial_year(f"{_full(match[3])}/{match[4]}")
        if year is None:
            return None
        first, last = _in_financial_year(match[1], year), _in_financial_year(match[2], year)
        return Period(first, _end(match[2], last.year)) if first <= last else None
    if match := _RANGE.search(text):
        end = _end(match[3], _full(match[4]))
        start_month = MONTHS[match[1].lower()]
        start_year = _full(match[2]) if match[2] else end.year - (start_month > end.month)
        start = date(start_year, start_month, 1)
        return Period(start, end) if start <= end else None
    if named := quarter(text):
        return Period(*quarter_period(*named))
    if year := financial_year(text):
        return Period(quarter_period(year, 1)[0], quarter_period(year, 4)[1])
    if match := _MONTH_ONLY.search(text):
        end = _end(match[1], _full(match[2]))
        return Period(end.replace(day=1), end)
    if match := _CALENDAR_YEAR.fullmatch(text):
        return Period(date(int(match[1]), 1, 1), date(int(match[1]), 12, 31))
    return None


def in_full(label: str) -> str:
    """The label with its footnote marks left out and years in full, to match against.

    >>> in_full("Q1 12/13*"), in_full("14/16")
    ('Q1 2012/13', '14/16')
    """
    text = matching(label).strip("*†^# ")

    def full(match: re.Match[str]) -> str:
        follows = (int(match[1]) + 1) % 100 == int(match[2])
        return f"20{match[1]}/{match[2]}" if follows else match[0]

    return _SHORT_YEARS.sub(full, text)


def joins(lines: Sequence[str]) -> Iterator[str]:
    """The lines as one text; a word too long for a narrow column goes on in the next line, so without a blank, too.

    >>> list(joins(["Q3", "2013/1", "4"]))
    ['Q3 2013/1 4', 'Q32013/1 4', 'Q3 2013/14', 'Q32013/14']
    """
    breaks = range(max(0, len(lines) - 1))
    for glued in sorted(range(2 ** min(len(breaks), 4)), key=lambda mask: (mask.bit_count(), mask)):
        text = lines[0] if lines else ""
        for at in breaks:
            text += ("" if glued >> at & 1 else " ") + lines[at + 1]
        yield text


def calendar_month(year: int, number: int) -> Period:
    """A calendar month."""
    return Period(date(year, number, 1), date(year, number, calendar.monthrange(year, number)[1]))


def _full(year: str) -> int:
    return int(year) if len(year) == 4 else 2000 + int(year)


def _end(month: str, year: int) -> date:
    number = MONTHS[month.lower()]
    return date(year, number, calendar.monthrange(year, number)[1])


def _in_financial_year(month: str, year: str) -> date:
    number = MONTHS[month.lower()]
    return date(int(year[:4]) + (number < 4), number, 1)


def months_before(end: date, months: int) -> date:
    """First day of the run of months that ends with this one."""
    index = end.year * 12 + end.month - months
    return date(index // 12, index % 12 + 1, 1)


_OWN_PERIOD = re.compile(r"(?P<value>.+?)\s*\((?P<period>[^()]*[A-Za-z][^()]*\d[^()]*)\)")


def with_own_period(text: str) -> tuple[str, str | None]:
    """A value and the period printed behind it, where it has one of its own.

    >>> with_own_period("92% (Feb-25)"), with_own_period("92% (p)"), with_own_period("1,234")
    (('92%', 'Feb-25'), ('92% (p)', None), ('1,234', None))
    """
    match = _OWN_PERIOD.fullmatch(collapse(text))
    if match and period(re.sub(r"(?<=[A-Za-z]{3})[-–/](?=\d\d)", " ", match["period"])) is not None:
        return match["value"], match["period"]
    return text, None
