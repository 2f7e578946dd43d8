"""What the columns of a dashboard's tables mean, by the words of their headers.

Headers are compared without blanks and signs: narrow columns break words ("Prev . Y r", "Tar get").
"""

import re
from collections.abc import Mapping, Sequence
from enum import StrEnum

from parsers import periods
from parsers.periods import Period
from parsers.text import collapse, matching


class Means(StrEnum):
    """What a column holds."""

    REF = "ref"
    NAME = "name"
    LATEST = "latest"
    RAG = "rag"  # of the latest month
    YTD = "ytd"
    YTD_RAG = "ytd_rag"
    SOME_RAG = "some_rag"  # headed "RAG" and nothing else
    TARGET = "target"
    FLOOR = "floor"
    PREVIOUS_YEAR = "previous_year"
    PREVIOUS = "previous"
    PREVIOUS_RAG = "previous_rag"
    DIRECTION = "direction"
    POLARITY = "polarity"
    IN_RANGE = "in_range"
    UPPER = "upper"
    LOWER = "lower"
    OTHER = "other"  # known to be none of these


VALUES = (Means.LATEST, Means.YTD)
RATINGS = (Means.RAG, Means.YTD_RAG, Means.SOME_RAG)

_LAST_YEAR = r"prev(?:ious)?y(?:ea)?r|p(?:rev|rior)?yr|lastyear|lastyr|prioryear|previousfinancialyear|ly$|previous12m"
_LAST = r"prev(?:ious)?|last(?!12|twelve)"
_PATTERNS: tuple[tuple[Means, str], ...] = (
    (Means.UPPER, r".*upper.*|.*maximum.*|max"),
    (Means.LOWER, r"(?:.*(?:threshold|range|limit).*)?lower(?:threshold|range|limit|.*expected.*)?"),
    (Means.IN_RANGE, r".*(?:expectedrange|inrange|withinrange|asexpected).*|alert"),
    (
        Means.OTHER,
        r".*(?:next|future|proposed|forecast|benchmark|national|england|southeast|comment|note|owner|officer).*",
    ),
    (Means.OTHER, r".*(?:frequency|numerator|denominator|variance|difference|comparator|neighbour|rank|quartile).*"),
    (
        Means.POLARITY,
        r".*polarity.*|.*goodis.*|.*(?:bigger|smaller|higher|lower|high|low)isbetter.*|(?:high|low)(?:high|low)",
    ),
    (Means.OTHER, rf"(?:{_LAST}).*(?:target|floor).*|.*(?:target|floor).*(?:{_LAST_YEAR}|{_LAST}$)"),
    (Means.OTHER, r".*(?:target|floor).*rag.*"),
    (Means.OTHER, rf"(?:.*(?:{_LAST_YEAR}).*(?:rag|rating|status)|(?:rag|rating|status).*(?:{_LAST_YEAR})).*"),
    (Means.PREVIOUS_RAG, rf"(?:{_LAST}).*(?:rag|rating|status)|(?:rag|rating|status)(?:{_LAST}).*"),
    (
        Means.YTD_RAG,
        r".*(?:ytd|yeartodate|cumulative|todate).*(?:rag|rating|status)|(?:rag|rating|status).*(?:ytd|todate).*",
    ),
    (Means.RAG, r".*(?:latest|month|current|quarter|actual|result|performance\b).*(?:rag|rating|status)"),
    (Means.RAG, r"(?:rag|rating|status)(?:rating|status)?(?:for|in)?(?:the)?(?:latest|current|month).*"),
    (Means.SOME_RAG, r"(?:rag|rating|status)(?:rating|status)?"),
    (Means.FLOOR, r"(?:.*floor.*|min(?:imum)?(?:standard|performance|std)?)"),
    (Means.TARGET, r".*target.*|trgt|goal"),
    (Means.PREVIOUS_YEAR, rf".*(?:{_LAST_YEAR}).*"),
    (Means.YTD, r".*(?:ytd|yeartodate|cumulative|fytd|todate).*"),
    (
        Means.DIRECTION,
        r"d(?:irection)?o(?:f)?t(?:ravel)?.*|.*directionof.*|direction|.*travel|(?:\w{0,12})trend|change",
    ),
    (Means.PREVIOUS, rf"(?:{_LAST})(?:month|quarter|qtr|period|result|value|outturn|performance|figure|data)?.*"),
    (Means.REF, r"(?:kpi|indicator|pi|measure)?(?:ref(?:erence)?|id|code|no|number)(?:no|number)?"),
    (Means.NAME, r"(?!dataperiod)(?:.*(?:indicator|measure|description).*|kpis?|kpiname|name|title)"),
    (Means.LATEST, r"(?:latest|current|thismonth|inmonth|month|actual|results?|performance|outturn|value|position).*"),
    (
        Means.LATEST,
        r"(?:rolling|last|latest)?(?:12|twelve)m(?:on)?ths?.*|quarter(?:ly)?(?:to|result|performance)?.*|monthly.*",
    ),
)
_COMPILED = tuple((means, re.compile(pattern)) for means, pattern in _PATTERNS)


def meaning(header: str) -> Means | None:
    """What a header's words say its column holds; None where they say nothing that is known.

    >>> [str(meaning(h)) for h in ("Ref", "Indicator description", "Latest Month (Mar-25)", "RAG", "YTD", "YTD RAG")]
    ['ref', 'name', 'latest', 'some_rag', 'ytd', 'ytd_rag']
    >>> [str(meaning(h)) for h in ("Target", "Floor Standard", "Prev. Yr", "Prev. Yr YTD", "Mar-25", "DoT")]
    ['target', 'floor', 'previous_year', 'previous_year', 'latest', 'direction']
    >>> [str(meaning(h)) for h in ("Month RAG", "In expected range?", "Upper Threshold", "Expected range Lower")]
    ['rag', 'in_range', 'upper', 'lower']
    >>> [str(meaning(h)) for h in ("Average cost", "Previous RAG", "National average", "Division")]
    ['None', 'previous_rag', 'other', 'None']
    """
    plain = re.sub(r"[^a-z0-9]", "", matching(header).lower())
    plain = plain.replace("average", "")
    dated = period(header) is not None
    words = re.sub(
        r"\d|\b(?:jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec)[a-z]*\b", "", matching(header).lower()
    )
    for text in dict.fromkeys((plain, re.sub(r"[^a-z]", "", words))):
        for means, pattern in _COMPILED:
            if text and pattern.fullmatch(text):
                return means
    return Means.LATEST if dated else None


_LEAD = re.compile(
    r"^(?:(?:latest|current|in|this)\s+)*(?:month(?:ly)?|quarter(?:ly)?|data|period|position|result|actual|performance|value"
    r"|latest|current|year to date|ytd)?(?:\s+(?:result|actual|performance|value|data))?\s*[:,-]?\s*(?=\S)",
    re.IGNORECASE,
)


def period(text: str) -> Period | None:
    """The period that a header or a cell names; also of months with dashes: "Apr-24 to Mar-25".

    >>> [str(day) for day in period("Apr-24 to Mar-25")], [str(day) for day in period("Mar-25")]
    (['2024-04-01', '2025-03-31'], ['2025-03-01', '2025-03-31'])
    """
    return periods.period(re.sub(r"(?<=[A-Za-z]{3})[-–/](?=\d\d)", " ", text))


def label(header: str) -> str:
    """The period of a value's header as printed; the whole header where it prints none.

    >>> label("Latest Month (Mar-25)"), label("Latest month Mar-25"), label("Latest Month"), label("Rolling to Mar-25")
    ('Mar-25', 'Mar-25', 'Latest Month', 'Rolling to Mar-25')
    >>> label("Latest Quarter Q4 2024/25"), label("Mar- 25"), label("Latest Mont h (Feb-25)")
    ('Q4 2024/25', 'Mar-25', 'Feb-25')
    """
    header = re.sub(r"(?<=[A-Za-z])([-–/]) (?=\d)", r"\1", collapse(header))  # broken at the end of a line
    if (match := re.search(r"\(([^()]*\d[^()]*)\)?$", header)) is not None:
        return collapse(match[1])
    rest = _LEAD.sub("", header, count=1)
    return rest if re.search(r"\d", rest) else header


def settled(found: Sequence[Means | None]) -> list[Means | None] | None:
    """The meanings with each plain "RAG" given to its value: the one before it, else the one after.

    None where that cannot be told from the order ("Latest | YTD | RAG").
    """
    means = list(found)
    values = [at for at, what in enumerate(means) if what in VALUES]
    plain = [at for at, what in enumerate(means) if what is Means.SOME_RAG]
    taken = {
        Means.YTD if what is Means.YTD_RAG else Means.LATEST for what in means if what in (Means.RAG, Means.YTD_RAG)
    }
    free = [at for at in values if means[at] not in taken]
    if len(plain) == len(free):
        for at, value in zip(plain, free, strict=True):
            means[at] = Means.RAG if means[value] is Means.LATEST else Means.YTD_RAG
        return means
    for at in plain:
        beside = [value for value in free if abs(value - at) == 1]
        if len(beside) > 1:
            beside = [value for value in beside if value == at - 1]
        if len(beside) != 1 or (at - 1 == beside[0] and at - 2 in free):
            return None
        means[at] = Means.RAG if means[beside[0]] is Means.LATEST else Means.YTD_RAG
        free.remove(beside[0])
    return means


def first(means: Sequence[Means | None]) -> Mapping[Means, int]:
    """Meaning -> number of the first column that has it."""
    places: dict[Means, int] = {}
    for at, what in enumerate(means):
        if what is not None:
            places.setdefault(what, at)
    return places
