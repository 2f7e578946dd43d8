"""What a dashboard says that it is: directorate or committee, and the month of its figures."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date

from parsers.periods import Period, period
from parsers.text import MONTHS, collapse, financial_year, matching, quarter, quarter_period

TITLE = re.compile(
    r"\b(?:dash\s?boards?|score\s?cards?|performance\s+(?:monitoring|reports?|summary|update|management|data|overview)"
    r"|(?:key\s+)?performance\s+indicators?)\b",
    re.IGNORECASE,
)
# What a title that is to name a directorate says; "Highways – Key Performance Indicators" is a heading within.
_NAMED_IN = re.compile(
    r"\b(?:dash\s?boards?|score\s?cards?|performance\s+(?:monitoring|reports?|summary|update|overview))\b",
    re.IGNORECASE,
)
_STRONG = re.compile(r"\b(?:dash\s?board|score\s?card)", re.IGNORECASE)

_MONTH_NAME = "|".join(sorted(MONTHS, key=len, reverse=True))
_MONTH = re.compile(rf"\b(?P<month>{_MONTH_NAME})[a-z]*\.?[\s,-]*'?(?P<year>20\d\d|\d\d)\b", re.IGNORECASE)
_BARE_MONTH = re.compile(rf"\b({_MONTH_NAME})[a-z]*\b\.?", re.IGNORECASE)
_OF_RESULTS = re.compile(
    r"\b(?:results?|data|performance|figures?|position|reporting period|up to|end of|as at|ending)\b", re.I
)
_OF_PAPER = re.compile(
    r"\b(?:publi\w+|produced|printed|meeting|agenda|committee on|date|version|issued|created)\b", re.I
)

_PROSE = re.compile(
    r"\b(?:is|are|was|were|has|have|had|will|may|should|see|please|note|notes|source|provisional|based|shown|below"
    r"|following|not|this|these|which|that|page|phone|e-?mail|produced|published|publication|contents|guidance|contact)\b|[.;@]$",
    re.IGNORECASE,
)
_STOP = re.compile(
    r"\b(?:dash\s?boards?|score\s?cards?|performance|monitoring|reports?|summary|update|indicators?|key|kpis?"
    r"|quarterly|monthly|annual|directorate|cabinet committee|committee|appendix(?:\s+\w{1,2}\b)?"
    r"|annex(?:\s+\w{1,2}\b)?|kent county council|kcc|full version|with districts|version|final|draft|results?|latest"
    r"|financial year"
    r"|year to date|ytd|data|management|overview|microsoft (?:word|excel|powerpoint)|docx?|xlsx?|pptx?|pdf|q[1-4]"
    r"|quarter\s?\d?|up to|as at|v\d+|item \d+)\b",
    re.IGNORECASE,
)
_EDGE = re.compile(
    r"^(?:(?:for|of|the|to|on|by|and|in|&|\W)(?=\s|$)\s*)+|(?:\s(?:for|of|the|to|on|by|and|in|&|\W))+$", re.I
)


def scope_of(title: str) -> str | None:
    """The directorate or committee that a title names; None where it names none.

    >>> scope_of("Growth, Economic Development and Communities Performance Dashboard")
    'Growth, Economic Development and Communities'
    >>> scope_of("CYPE Directorate Scorecard - November 2024 - Full Version with Districts.pdf")
    'CYPE'
    >>> scope_of("Environment & Transport Cabinet Committee – Performance Dashboard, results up to March 2025")
    'Environment & Transport'
    >>> scope_of("Performance Dashboard"), scope_of("Appendix 1"), scope_of("Directorate Scorecard March 2025")
    (None, None, None)
    """
    text = _MONTH.sub(" | ", collapse(title.replace("_", " ")))
    text = re.sub(r"\b20\d\d(?:\s?[/-]\s?\d{2,4})?\b|\b\d{1,2}(?:st|nd|rd|th)?\b", " | ", text)
    pieces = re.split(r"\s[-–—]\s|[:()|]|\.(?=\w{3,4}\b)", _STOP.sub(" | ", text))
    named = [collapse(_EDGE.sub("", piece.strip(" ,-–—."))).strip(" ,-–—.") for piece in pieces]
    named = [
        name for name in named if re.search(r"[A-Za-z]{2,}", name) and name[:1].isupper() and not _PROSE.search(name)
    ]
    return max(named, key=len) if named else None


def scope(lines: Sequence[str], names: Iterable[str]) -> str | None:
    """The directorate or committee by the paper's own title lines, else by the names that it goes by.

    Args:
        lines: the lines above its first table, pages before that included, in order.
        names: title of the link, title in the file, name of the file.
    """
    titles = sorted(
        (at for at, line in enumerate(lines) if _is_title(line)), key=lambda at: not _STRONG.search(lines[at])
    )
    for at in titles:
        if (found := scope_of(lines[at])) is not None:
            return _with_line_above(lines, at, found)
    for at in titles:
        if (found := _beside(lines, at)) is not None:
            return found
    for name in names:
        if _NAMED_IN.search(name) and (found := scope_of(name)) is not None:
            return found
    for line in lines:
        named = re.search(r"\b(?:cabinet committee|directorate)\b", line, re.IGNORECASE) and len(line) < 120
        if named and (found := scope_of(line)) is not None:
            return found
    return None


def _is_title(line: str) -> bool:
    return bool(_NAMED_IN.search(line)) and len(line) < 140 and not _PROSE.search(line)


def _with_line_above(lines: Sequence[str], at: int, found: str) -> str:
    """The scope with the line above, where the title's first line ends in the middle of the name."""
    unfinished = at > 0 and re.search(r"(?:\band|&|,)$", lines[at - 1].strip())
    if unfinished and _is_name(lines[at - 1]):
        return collapse(f"{scope_of(lines[at - 1].rstrip(',& ')) or ''}{_joint(lines[at - 1])} {found}")
    return found


def _joint(line: str) -> str:
    """How an unfinished line ends: "," or " and"."""
    match = re.search(r"(?:,|\s(?:and|&))$", line.strip())
    return match[0] if match else ""


def _beside(lines: Sequence[str], at: int) -> str | None:
    """The name in the lines above a bare "Performance Dashboard", else in the line below."""
    above: list[str] = []
    for line in reversed(lines[max(0, at - 3) : at]):
        if not _is_name(line):
            break
        above.insert(0, line)
        if len(above) > 1 and not re.search(r"(?:\band|&|,)$", above[0]) and not re.match(r"(?:and|&)\b", above[1]):
            above.pop(0)  # another line, such as the council's name
            break
    if above and (found := scope_of(" ".join(above))) is not None:
        return found
    below = lines[at + 1] if at + 1 < len(lines) else ""
    return scope_of(below) if below and _is_name(below) else None


def _is_name(line: str) -> bool:
    return 2 < len(line) < 110 and not _PROSE.search(line) and not re.search(r"\d{2}", line)


def kind_of(lines: Sequence[str], names: Iterable[str]) -> str:
    """What the paper calls itself: "Performance Dashboard", "Scorecard"."""
    for text in (*sorted(lines, key=lambda line: not _STRONG.search(line)), *names):
        if len(text) < 140 and (
            match := re.search(rf"(?:performance\s+)?(?:{_NAMED_IN.pattern})", text, re.IGNORECASE)
        ):
            return collapse(match[0]).title()
    return "Performance Dashboard"


def last_day(columns: Sequence[tuple[str, Period | None]], lines: Sequence[str], names: Sequence[str]) -> date | None:
    """The last day of the latest month: by the headers of the columns, else by cover, title and file name.

    Args:
        columns: what the columns of latest values are headed, with the periods that this names.
    """
    months = Counter(when.end for _, when in columns if when and (when.end - when.start).days <= 31)
    if months:
        return max(months, key=lambda end: (months[end], end))
    texts = [text for text in (*_near_title(lines), *names) if len(text) < 140 and not _OF_PAPER.search(text)]
    for text in sorted(texts, key=lambda text: not _OF_RESULTS.search(text)):
        if (end := _newest_month(text)) is not None:
            return end
    year = next((year for text in texts if (year := financial_year(text))), None)
    for header, _ in columns:
        if year and (match := _BARE_MONTH.search(header)):
            number = MONTHS[match[1].lower()]
            named = period(f"{match[1]} {int(year[:4]) + (number < 4)}")
            return named.end if named else None
    ends = Counter(when.end for _, when in columns if when)
    if ends:
        return max(ends, key=lambda end: (ends[end], end))
    named_quarter = next((found for text in texts if (found := quarter(text)) is not None), None)
    return quarter_period(*named_quarter)[1] if named_quarter else None


def _near_title(lines: Sequence[str]) -> list[str]:
    """The lines around the paper's title; further off are sentences on other months."""
    titles = [at for at, line in enumerate(lines) if _is_title(line)]
    near = [line for at, line in enumerate(lines) if any(-4 <= at - title <= 6 for title in titles)]
    return [line for line in near if not re.search(r"\.$", line)]


def _newest_month(text: str) -> date | None:
    """The last day of the newest month that a text names: of "April 2024 to March 2025" March."""
    plain = matching(text)
    ends = []
    for match in _MONTH.finditer(plain):
        # A full date is the meeting's, unless figures are said to go up to it.
        if re.search(r"\d(?:st|nd|rd|th)?\s*$", plain[: match.start()]) and not _OF_RESULTS.search(plain):
            continue
        if (when := period(f"{match['month']} {match['year']}")) is not None:
            ends.append(when.end)
    return max(ends, default=None)
