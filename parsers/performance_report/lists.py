"""Headline lists of a performance report: one row an indicator, with its ratings and its arrow."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from parsers import arrows
from parsers.grid import Cell, Table
from parsers.performance_report.strip import RAG_WORD, rag_of
from parsers.records import Bbox, Direction, Rag


@dataclass(frozen=True)
class Headline:
    """One row of a headline list."""

    service: str  # the list's title
    name: str
    rag: Rag | None
    previous_rag: Rag | None
    direction: Direction | None
    page: int
    bbox: Bbox


@dataclass(frozen=True)
class Columns:
    """Where a list keeps what: numbers of columns."""

    header_rows: int
    name: int
    latest: int
    previous: int | None
    direction: int
    title: str


_RATING = r"(?:rag|ratings?|status|kpi|quarter|qtr|the|this)"
_HEADERS = (
    ("direction", re.compile(r"dot|direction(?:oftravel)?|trend|travel")),
    ("latest", re.compile(rf"{_RATING}*(?:latest|current){_RATING}*")),
    ("previous", re.compile(rf"{_RATING}*(?:previous|prior|last){_RATING}*")),
    ("rating", re.compile(rf"{_RATING}*(?:rag|rating|status){_RATING}*")),
)


def _meaning(text: str) -> str | None:
    """What a header's cell says stands below it: "latest", "previous", "direction", "rating", or None.

    >>> [_meaning(t) for t in ("RAG rating", "Latest RAG", "Previou s", "DoT", "Direction of Travel", "Law KPIs")]
    ['rating', 'latest', 'previous', 'direction', 'direction', None]
    """
    if re.search(r"[\d%]", text):
        return None  # "Latest: 97%" is a value
    letters = re.sub(r"[^a-z]", "", text.lower())  # a narrow column breaks "Previou s" in two
    return next((meaning for meaning, pattern in _HEADERS if pattern.fullmatch(letters)), None)


def columns_of(table: Table) -> Columns | None:
    """The columns of a list headed by "RAG" or "Latest", and "DoT"; None for other tables."""
    meant: dict[str, Cell] = {}
    unnamed: list[Cell] = []
    for at, row in enumerate(table.rows[:3]):
        if at and any(RAG_WORD.search(cell.text) or cell.rag for cell in row):
            break
        for cell in row:
            meaning = _meaning(cell.text)
            if meaning is not None and (meaning != "rating" or cell.cols == 1):
                meant.setdefault(meaning, cell)
            elif meaning is None and cell.text:
                unnamed.append(cell)
        below = table.rows[at + 1] if at + 1 < len(table.rows) else []
        # "RAG rating" over "Latest | Previous": the second header row is still to come.
        if any(_meaning(cell.text) in ("latest", "previous") for cell in below) and "latest" not in meant:
            continue
        latest = meant.get("latest") or meant.get("rating")
        previous = meant.get("previous")
        if latest is None:
            continue
        rated = {latest.col, *([previous.col] if previous else [])}
        direction = meant["direction"].col if "direction" in meant else _arrows(table, at + 1, rated)
        if direction is None:
            continue
        taken = {*rated, direction}
        title = next((cell for cell in unnamed if cell.col not in taken), None)
        name = title.col if title is not None else min({c.col for r in table.rows for c in r} - taken, default=0)
        return Columns(
            header_rows=at + 1,
            name=name,
            latest=latest.col,
            previous=previous.col if previous else None,
            direction=direction,
            title=title.text if title else "",
        )
    return None


_HEADER_WORDS = {"latest", "previous", "direction", "rating"}


def _arrows(table: Table, start: int, rated: set[int]) -> int | None:
    """The one column beside the ratings in which arrows stand, where the header that names it is cut off."""
    columns = {cell.col for row in table.rows[start:] for cell in row if cell.way is not None} - rated
    return columns.pop() if len(columns) == 1 and len(rated) == 2 else None


def without_header(table: Table) -> Columns | None:
    """The columns of a list whose header stands nowhere near: every row has a name, one rating and an arrow.

    With two ratings there is no telling which of them is the latest.
    """
    shapes: set[tuple[int, ...]] = set()
    header_rows = 0
    for row in table.rows:
        cells = {cell.col: cell for cell in row if cell.text or cell.rag or cell.way}
        # The sliver between the rules of a double border; the lower line of a header cut by a page's end.
        if all(_meaning(cell.text) in _HEADER_WORDS for cell in cells.values()) and not shapes:
            header_rows += 1
            continue
        rated = [col for col, cell in cells.items() if col and rag_of(cell)[0] is not None]
        arrowed = [col for col, cell in cells.items() if cell.way is not None and col not in rated]
        if 0 not in cells or len(cells[0].text) < 8 or len(arrowed) != 1 or len(rated) != 1:
            return None
        shapes.add((*rated, *arrowed))
    if len(shapes) != 1:
        return None
    rating, arrow = shapes.pop()
    return Columns(header_rows, 0, rating, None, arrow, "")


def rows(table: Table, columns: Columns, title: str) -> tuple[list[Headline], list[str]]:
    """The list's rows, and what is wrong with them."""
    found: list[Headline] = []
    problems: list[str] = []
    known = {columns.name, columns.latest, columns.previous, columns.direction}
    for row in table.rows[columns.header_rows :]:
        cells = {cell.col: cell for cell in row}
        name = cells[columns.name].text if columns.name in cells else ""
        if not name or columns.latest not in cells:
            if _has_rating(cells.values()):
                shown = " | ".join(cell.text for cell in row if cell.text)[:80]
                problems.append(f"page {table.page}: a rating without an indicator in the list: {shown!r}")
            continue
        if _has_rating(cell for col, cell in cells.items() if col not in known):
            problems.append(f"page {table.page}: {name!r}: a rating in a column that no header names")
        latest, problem = rag_of(cells[columns.latest])
        before = cells.get(columns.previous) if columns.previous is not None else None
        previous, other = rag_of(before) if before is not None else (None, None)
        problems += [f"page {table.page}: {name!r}: {what}" for what in (problem, other) if what]
        travel = cells.get(columns.direction)
        found.append(
            Headline(
                service=title,
                name=name,
                rag=latest,
                previous_rag=previous,
                direction=arrows.direction(travel.way or arrows.way_of_words(travel.text)) if travel else None,
                page=table.page,
                bbox=table.row_bbox(row),
            )
        )
    return found, problems


def _has_rating(cells: Iterable[Cell]) -> bool:
    return any(RAG_WORD.search(cell.text) for cell in cells)
