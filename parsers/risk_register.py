"""Risk registers that stand alone.

Their table is `Risk No. | Risk Title | Current Risk Rating | Target Risk Rating | Direction of Travel since …`.

A rating is a score, a level or both ("High (20)", "20", "High"); the level of a bare score follows from
Kent's bands. What a paper prints stays as printed, contradictions too; what cannot be read quarantines it.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from parsers import arrows, grid, headed, risks
from parsers.addresses import file_words
from parsers.boxes import rounded
from parsers.grid import Cell, Table
from parsers.headed import Column, Field, Heading, Row, drawn_in
from parsers.pdf import Page, Pdf
from parsers.records import Fact, Kind, Outcome, Reading, Risk, RiskLevel
from parsers.text import MONTHS, collapse, matching, uk_date

VERSION = 1
PARSER = "risk_register"

# Kent scores likelihood x impact, each 1 to 5.
BANDS = (("low", 1, 6), ("medium", 8, 15), ("high", 16, 25))

_WORTH = re.compile(r"\brisks?\b", re.IGNORECASE)
_RATED = re.compile(r"\brating|\bscore|\blevel", re.IGNORECASE)
_CODE = re.compile(r"[A-Z]{2,6}\s?-?\s?\d{1,5}[a-z]?")
_LEVELS = {"low": "low", "l": "low", "medium": "medium", "med": "medium", "m": "medium", "moderate": "medium"}
_LEVELS |= {"high": "high", "h": "high", "very high": "high", "significant": "high", "serious": "high", "minor": "low"}
_OPEN = re.compile(
    r"tbc|tbd|n/?a|-*|to be (?:confirmed|determined|agreed|assessed).*|not (?:yet )?(?:rated|scored|assessed).*"
)


def recognises(document: Pdf, pages: Sequence[str], *, url: str = "", title: str = "") -> bool:
    """Whether a page has a register's table: at least two risks with current and target rating."""
    for number, text in enumerate(pages, start=1):
        if len(_WORTH.findall(text)) < 3 or not _RATED.search(text):
            continue
        page = document.page(number)
        for table in grid.tables(page):
            found = _layout(table)
            if found is not None and found.full and sum(_is_risk(row, found) for row in _rows(table, found)) >= 2:
                return True
    return False


@dataclass(frozen=True, eq=False)
class _Layout:
    """Which column of a register holds what."""

    columns: tuple[Column, ...]
    title: int
    current: int
    code: int | None
    target: int | None
    direction: int | None
    below: float
    left: float

    @property
    def full(self) -> bool:
        return self.code is not None and (self.target is not None or self.direction is not None)


@dataclass
class _Draft:
    """What has been read so far."""

    layout: _Layout | None = None
    found: list[Risk] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


def read(document: Pdf, *, url: str = "", title: str = "") -> Reading:
    """Every risk of the register, and how many stand at each level where a table says so."""
    draft = _Draft()
    pages = list(document.pages)
    for page in pages:
        for table in grid.tables(page):
            found = _layout(table) or (_continued(draft.layout, table) if draft.layout else None)
            if found is not None:
                draft.layout = found
                _read_table(draft, page, table, found)
    draft.problems += _unread(draft.found, pages)
    codes = Counter(risk.code for risk in draft.found if risk.code)
    draft.problems += [f"the risk {code} was found {n} times" for code, n in codes.items() if n > 1]
    if not draft.found:
        draft.problems.append("expected the table of a risk register, found none that could be read")
    levels = [fact for fact in risks.read(pages) if isinstance(fact, RiskLevel)]
    newest = max(levels, key=lambda level: level.as_at, default=None)
    if newest is not None and newest.low + newest.medium + newest.high > len(draft.found):
        stated = newest.low + newest.medium + newest.high
        draft.problems.append(f"expected {stated} risks as page {newest.page} counts them, found {len(draft.found)}")
    facts: list[Fact] = [*draft.found, *levels]
    texts = [page.text for page in pages]
    return Reading(
        kind=Kind.RISK_REGISTER,
        outcome=Outcome.QUARANTINED if draft.problems else Outcome.READ,
        parser=PARSER,
        parser_version=VERSION,
        note="; ".join(dict.fromkeys(draft.problems)) or None,
        title=_title(pages) or collapse(title) or None,
        published_on=_as_at(pages, title=title, url=url),
        facts=tuple(facts),
        text="\n\n".join(texts),
    )


# --- columns ------------------------------------------------------------------------------


def _meaning(header: str) -> str | None:
    """What a header says its column holds.

    >>> [_meaning(h) for h in ("Risk No.*", "Risk Title", "Current Risk Rating", "Target Risk Rating")]
    ['code', 'title', 'current', 'target']
    >>> _meaning("Direction of Travel since Jan 2020"), _meaning("Risk Owner"), _meaning("Risk Event")
    ('direction', None, None)
    """
    plain = re.sub(r"[^a-z]", "", matching(header).lower())
    if re.fullmatch(r"(?:corporate)?(?:risk)?(?:no|number|ref|reference|id|code)(?:no)?(?:crr)?", plain):
        return "code"
    if re.search(r"directionof|^dot|travel|trend|^changes?(?:since|in|from)?|movement", plain):
        return "direction"
    rated = re.search(r"rating|score|level|rag|status", plain)
    if rated and re.match(r"target|residual(?!current)|desired|tolera", plain):
        return "target"
    if rated and re.match(r"current|latest|present|overall|net|mitigated", plain):
        return "current"
    if plain in ("riskrating", "riskscore", "risklevel", "rating", "score"):
        return "current"
    if plain in ("current", "target"):
        return plain
    if re.fullmatch(r"(?:corporate)?(?:risk)?(?:title|name|description)(?:ofrisk)?|(?:corporate)?risks?", plain):
        return "title"
    return None


def _layout(table: Table) -> _Layout | None:
    """The layout of a register's table, by a header of one or two rows; None for other tables."""
    rows = table.rows
    best: _Layout | None = None
    for start in range(min(len(rows), 3)):
        for depth in (1, 2):
            if start + depth > len(rows):
                break
            cells = [cell for row in rows[start : start + depth] for cell in row]
            if depth == 2 and any(_CODE.fullmatch(cell.text) for cell in cells):
                continue
            found = _of_header(table, cells, rows[start + depth] if start + depth < len(rows) else [])
            if found is not None and (best is None or _known(found) > _known(best)):
                best = found
        if best is not None:
            return best
    return None


def _known(found: _Layout) -> int:
    return sum(place is not None for place in (found.code, found.target, found.direction))


def _of_header(table: Table, header: Sequence[Cell], following: Sequence[Cell]) -> _Layout | None:
    below = min((cell.bbox[1] for cell in following), default=table.bbox[3])
    columns = headed.columns(table, header)
    places: dict[str, int] = {}
    for at, column in enumerate(columns):
        if (what := _meaning(column.header)) is not None:
            places.setdefault(what, at)
    if not {"title", "current"} <= places.keys():
        return None
    return _Layout(
        columns=tuple(columns),
        title=places["title"],
        current=places["current"],
        code=places.get("code"),
        target=places.get("target"),
        direction=places.get("direction"),
        below=below,
        left=table.bbox[0],
    )


def _continued(before: _Layout, table: Table) -> _Layout | None:
    """The layout of the page before for a table without header; None where it does not fit."""
    shift = table.bbox[0] - before.left
    columns = tuple(replace(c, x0=c.x0 + shift, x1=c.x1 + shift) for c in before.columns)
    if abs(columns[-1].x1 - table.bbox[2]) > 12 or len(table.rows[0]) < len(columns) - 1:
        return None
    found = replace(before, columns=columns, below=table.bbox[1] - 1, left=table.bbox[0])
    rows = _rows(table, found)
    return found if any(_is_risk(row, found) for row in rows) or (len(rows) == 1) else None


def _rows(table: Table, found: _Layout) -> list[Row | Heading]:
    return headed.body(table, found.columns, key=found.title, below=found.below)


def _code(row: Row, found: _Layout) -> str:
    """The risk's number, put together again where a narrow column has broken it."""
    return re.sub(r"[\s*†‡]", "", row.text(found.code))


def _is_risk(row: Row | Heading, found: _Layout) -> bool:
    if isinstance(row, Heading) or not row.text(found.title):
        return False
    coded = found.code is None or _CODE.fullmatch(_code(row, found)) is not None
    return coded and _rating(row.text(found.current)) is not None


# --- rows ---------------------------------------------------------------------------------


def _read_table(draft: _Draft, page: Page, table: Table, found: _Layout) -> None:
    for at, row in enumerate(_rows(table, found)):
        if isinstance(row, Heading):
            continue
        code = _code(row, found)
        title = row.text(found.title)
        if not code and at == 0 and draft.found and draft.found[-1].page == page.number - 1:
            _go_on(draft, row, found, page)
            continue
        if not code and not row.text(found.current):
            continue  # a note across the table
        risk, problems = _risk(row, found, page, code, title)
        draft.problems += [f"page {page.number}: {code or title[:60]!r}: {problem}" for problem in problems]
        draft.found.append(risk)


def _go_on(draft: _Draft, row: Row, found: _Layout, page: Page) -> None:
    """The rest of a title that the page's end cut off."""
    said = {at for at, part in row.fields.items() if part.text}
    if said != {found.title}:
        draft.problems.append(f"page {page.number}: a row without the number of its risk: {row.printed[:80]!r}")
        return
    last = draft.found.pop()
    draft.found.append(
        replace(
            last, title=collapse(f"{last.title} {row.text(found.title)}"), quote=collapse(f"{last.quote} {row.printed}")
        )
    )


def _risk(row: Row, found: _Layout, page: Page, code: str, title: str) -> tuple[Risk, list[str]]:
    problems = []
    ratings: dict[int | None, tuple[str | None, int | None]] = {None: (None, None)}
    for at in (found.current, found.target):
        if at is None:
            continue
        rating = _rating(row.text(at))
        if rating is None:
            problems.append(f"cannot read {row.text(at)!r} under {found.columns[at].header!r}")
        level, score = rating or (None, None)
        part = row.fields.get(at)
        ratings[at] = (level or _band(score) or _level_by_colour(part), score)
    change, problem = _change(row.fields.get(found.direction) if found.direction is not None else None, page)
    if problem:
        problems.append(problem)
    if not title:
        problems.append("a risk without a title")
    problems += [f"two texts one above the other under {found.columns[at].header!r}" for at in row.doubled]
    level, score = ratings[found.current]
    target_level, target_score = ratings[found.target]
    risk = Risk(
        code=code or None,
        title=title,
        change=change,
        level=level,
        page=page.number,
        quote=row.printed,
        score=score,
        target_score=target_score,
        target_level=target_level,
        bbox=rounded(row.bbox),
    )
    return risk, problems


def _rating(text: str) -> tuple[str | None, int | None] | None:
    """Level and score of a printed rating, each None where it is not printed; None when it cannot be read.

    >>> [_rating(text) for text in ("High (20)", "20", "Medium", "TBC", "16 High", "4 x 5 = 20")]
    [('high', 20), (None, 20), ('medium', None), (None, None), ('high', 16), (None, 20)]
    >>> _rating("High 4x5"), _rating("Very bad"), _rating("42"), _rating("High (20) Low (4)")
    (('high', 20), None, None, None)
    """
    plain = matching(text).lower().strip("*†‡ ")
    if _OPEN.fullmatch(plain):
        return None, None
    score = None
    if product := re.search(r"\b([1-5])\s?[x×*]\s?([1-5])\b(?:\s*=\s*(\d{1,2}))?", plain):
        score = int(product[1]) * int(product[2])
        if product[3] and int(product[3]) != score:
            return None
        plain = plain.replace(product[0], " ")
    numbers = re.findall(r"\d+(?:\.\d+)?", plain)
    words = collapse(re.sub(r"\brisk\b|\d+|[^a-z ]", " ", plain))
    if len(numbers) + (score is not None) > 1 or (numbers and not re.fullmatch(r"\d{1,2}", numbers[0])):
        return None
    score = int(numbers[0]) if numbers else score
    level = _LEVELS.get(words) if words else None
    if (words and level is None) or (score is not None and not 1 <= score <= 25):
        return None
    return level, score


def _band(score: int | None) -> str | None:
    """The level of a score by Kent's bands.

    >>> _band(6), _band(8), _band(16), _band(7), _band(None)
    ('low', 'medium', 'high', None, None)
    """
    return next((name for name, low, high in BANDS if score is not None and low <= score <= high), None)


def _level_by_colour(part: Field | None) -> str | None:
    """Low is green, medium amber, high red; for a rating that is shown by its colour alone."""
    if part is None or part.text:
        return None
    rag = grid.rag_of_colour(part.fill)
    return {"green": "low", "amber": "medium", "red": "high"}.get(rag) if rag else None


_CHANGES = (
    ("new", re.compile(r"new\b.*|added\b.*")),
    (
        "increased",
        re.compile(r"(?:risk )?(?:increas\w+|up|upward\w*|escalat\w+|worse\w*|deteriorat\w+|higher|raised)\b.*"),
    ),
    ("reduced", re.compile(r"(?:risk )?(?:reduc\w+|decreas\w+|down|downward\w*|improv\w+|lower\w*|fall\w*)\b.*")),
    ("withdrawn", re.compile(r"(?:withdrawn|removed|closed|deleted)\b.*")),
    ("revised", re.compile(r"revised\b.*")),
    (
        None,
        re.compile(
            r"(?:no (?:change|movement)|unchanged|stable|static|same|steady|level|none|remains?|n/?a|tbc)\b.*|-*"
        ),
    ),
)
_WAYS: dict[arrows.Way, str | None] = {"up": "increased", "down": "reduced", "right": None}


def _change(part: Field | None, page: Page) -> tuple[str | None, str | None]:
    """What a direction of travel says has happened to a risk, None for nothing; and what could not be read."""
    if part is None:
        return None, None
    text = collapse(re.sub(r"[^\w\s/()-]", " ", matching(part.text))).lower().strip("() ")
    said = next(((change,) for change, pattern in _CHANGES if text and pattern.fullmatch(text)), None)
    pointed = (_WAYS[part.way],) if part.way in _WAYS else None
    if said is None and pointed is None:
        shown = part.way is not None or drawn_in(part, page) or any(ord(char) > 0x2100 for char in part.text)
        unread = shown or re.search(r"\w", text) is not None
        return None, f"cannot read the direction {part.text!r}" if unread else None
    if said is not None and pointed is not None and said != pointed and said[0] != "new":
        return None, f"the arrow and the word {part.text!r} point different ways"
    return (said or pointed or (None,))[0], None


# --- the paper ----------------------------------------------------------------------------


def _unread(found: Iterable[Risk], pages: Sequence[Page]) -> list[str]:
    """Numbers of risks that begin a line with a rating in it and belong to no risk that was read."""
    read_codes = {risk.code for risk in found if risk.code}
    prefixes = {match[0] for code in read_codes if (match := re.match(r"[A-Z]+", code))}
    problems = []
    for page in pages:
        for line in page.lines:
            match = re.match(r"([A-Z]{2,6})\s?-?\s?(\d{1,5}[a-z]?)\b(.*)", collapse(line.text))
            code = f"{match[1]}{match[2]}" if match else None
            rated = match and re.search(r"\b(?:high|medium|low|tbc)\b|\b\d{1,2}\b\s*$", match[3], re.IGNORECASE)
            if match and rated and match[1] in (prefixes or {"CRR"}) and not _among(code, read_codes):
                problems.append(f"page {page.number}: {code} has a row that could not be read: {line.text[:80]!r}")
                read_codes.add(code or line.text)
    return problems


def _among(code: str | None, codes: Iterable[str]) -> bool:
    """Whether a code, perhaps only its first half, was read."""
    return any(other.startswith(code or "") for other in codes)


_REGISTER = re.compile(r"\brisk\s+register\b|\bcorporate\s+risks\b|\brisk\s+profile\b", re.IGNORECASE)


def _title(pages: Sequence[Page]) -> str | None:
    for page in pages[:3]:
        for line in page.lines[:25]:
            if _REGISTER.search(line.text) and len(line.text) < 120:
                return collapse(line.text)
    return None


_MONTH_YEAR = re.compile(rf"\b({'|'.join(sorted(MONTHS, key=len, reverse=True))})[a-z]*\.?\s+(20\d\d)\b", re.IGNORECASE)


def _as_at(pages: Sequence[Page], *, title: str, url: str) -> date | None:
    """The date that the register is of: from the lines above its table, else from title and file name."""
    lines = []
    for page in pages[:3]:
        until = min((table.bbox[1] for table in grid.tables(page)), default=page.height)
        lines += [collapse(line.text) for line in page.lines if line.y1 <= until + 2]
    for text in (*lines, title, file_words(url)):
        if len(text) > 120:
            continue
        if (day := uk_date(text)) is not None:
            return day
        if match := _MONTH_YEAR.search(matching(text)):
            return date(int(match[2]), MONTHS[match[1].lower()], 1)
    return None


__all__ = ["VERSION", "read", "recognises"]
