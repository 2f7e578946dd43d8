"""Which quarter a title or a text is about."""

import re
from dataclasses import dataclass

from parsers.narrative.layout import sentences
from parsers.text import MONTHS, financial_year, matching, quarter, quarter_of_date, quarter_period, uk_date

_QUARTER_ENDS = {6: 30, 9: 30, 12: 31, 3: 31}
_END_OF = re.compile(
    r"\b(?:(?:to|until|at|from|by|up to|as at) (?:the )?end of"
    r"|to (?:the )?(?:30|31)(?:st|th)?(?: of)?"
    r"|based on data up to|ending|ended"
    r"|(?:april|july|october|january)(?: 20\d\d)? ?(?:-|to|and|up to the end of|and the end of))"
    r" ?(?:\d\d?(?:st|th)? )?(?P<month>june|september|sept|december|march),? (?P<year>20\d\d)\b",
    re.IGNORECASE,
)
_QUARTER_ALONE = re.compile(
    r"\b(?:(?:quarter|qtr) ?(?P<n>[1-4])|q(?P<q>[1-4])|(?P<word>first|second|third|fourth|final) quarter)\b"
    r"(?!\s?(?:&|and|,) ?[1-4]\b)",
    re.IGNORECASE,
)
ORDINALS = {"first": 1, "second": 2, "third": 3, "fourth": 4, "final": 4}
# Before a quarter that the text only compares with: "different from Q1 for 2023-2024".
_COMPARED = re.compile(
    r"\b(?:than|from|compared|comparison|since|against|unlike|as|versus|previous|last|for the same)\b[^.;]{0,25}$", re.I
)


def period(text: str) -> tuple[str, int] | None:
    """Financial year and quarter that a title or text is about, where it says so.

    >>> period("Quarterly Performance Report, Quarter 1 2023-2024")
    ('2023/24', 1)
    >>> period("Quarter 2, with results until the end of September 2021"), period("Q1: April to June 2023")
    (('2021/22', 2), ('2023/24', 1))
    >>> period("unlike Q1 for 2023-2024"), period("Quarter 3"), period("to the end of May 2019")
    (None, None, None)
    """
    pieces = []
    for piece in sentences(matching(text)):
        named = quarter(piece)
        if named is not None:
            at = _mention_of(named, piece)
            if not _COMPARED.search(piece[:at]):
                return named
            piece = piece[:at]
        pieces.append(piece)
    text = " ".join(pieces)
    ends = [_month_end(match) for match in _END_OF.finditer(text)]
    alone = _QUARTER_ALONE.search(text)
    stated = None if alone is None else int(alone["n"] or alone["q"] or ORDINALS[alone["word"].lower()])
    for end in ends:
        if stated in (None, end[1]):
            return end
    if stated is not None and (dated := re.search(rf"\b({'|'.join(_LAST_MONTHS[stated])}) (20\d\d)\b", text, re.I)):
        return quarter_of_date(uk_date(f"1 {dated[1]} {dated[2]}") or quarter_period("2000/01", 1)[0])
    if stated is not None and (year := financial_year(text)) is not None:
        near = re.search(rf"{year[:4]}", text)
        if near and abs(near.start() - (alone.start() if alone else 0)) < 120:
            return year, stated
    return None


_LAST_MONTHS = {1: ("june",), 2: ("september", "sept"), 3: ("december",), 4: ("march",)}


def _mention_of(named: tuple[str, int], piece: str) -> int:
    """Where the piece names that quarter with its year: the last such quarter before the year."""
    year = re.search(rf"{named[0][:4]}\s?[-/]?\s?\d\d", piece)
    end = year.start() if year else len(piece)
    word = next(word for word, n in ORDINALS.items() if n == named[1])
    mentions = list(re.finditer(rf"\bq[a-z]*\s?{named[1]}\b|\b{word} quarter", piece[:end], re.IGNORECASE))
    return mentions[-1].start() if mentions else end


def _month_end(match: re.Match[str]) -> tuple[str, int]:
    month = MONTHS[match["month"].lower()]
    day = uk_date(f"{_QUARTER_ENDS[month]} {match['month']} {match['year']}")
    assert day is not None
    return quarter_of_date(day)


@dataclass(frozen=True, slots=True)
class Period:
    """The quarter that the text is about, as far as known."""

    year: str | None
    quarter: int | None

    def before(self, year: str | None, quarters: set[int]) -> bool:
        """Whether a mention of these quarters is of the quarter before ours."""
        if self.quarter is None or len(quarters) != 1:
            return False
        (named,) = quarters
        if named != (self.quarter - 2) % 4 + 1:
            return False
        if year is None or self.year is None:
            return True
        first = int(self.year[:4]) - (self.quarter == 1)
        return int(year[:4]) == first

    def other(self, year: str | None, quarters: set[int]) -> bool:
        """Whether a mention of these quarters is of another period than ours."""
        if year is not None and self.year is not None and year != self.year:
            return True
        return self.quarter is not None and bool(quarters) and quarters != {self.quarter}
