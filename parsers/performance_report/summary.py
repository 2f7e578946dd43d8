"""Tables of counts in a performance report: services down, G A R and three arrows across.

The report's own summary, and the "KPI Summary" that heads each service's part.
"""

import re
from dataclasses import dataclass

from parsers import arrows
from parsers.grid import Cell, Table
from parsers.records import Direction, RagCount, StatedIn
from parsers.text import count, matching

_LETTERS = {"g": "green", "a": "amber", "r": "red", "green": "green", "amber": "amber", "red": "red"}
_TRENDS = {Direction.IMPROVING: "improving", Direction.STABLE: "stable", Direction.WORSENING: "worsening"}
_MARKS = "*†⁰¹²³⁴⁵⁶⁷⁸⁹- "


@dataclass(frozen=True)
class Header:
    """Which row is the header, and what each column counts."""

    row: int
    columns: dict[int, str]

    @property
    def whole(self) -> bool:
        """Whether all three directions are counted too."""
        return len(self.columns) == 6


def header_of(table: Table) -> Header | None:
    """The header of a table that counts ratings; None for other tables."""
    for at, row in enumerate(table.rows[:3]):
        columns = {cell.col: _LETTERS[key] for cell in row if (key := _key(cell.text)) in _LETTERS}
        if sorted(columns.values()) != ["amber", "green", "red"]:
            continue
        for cell in row:
            way = cell.way or arrows.way_of_words(cell.text)
            if cell.col not in columns and (trend := arrows.direction(way)) is not None and len(cell.text) <= 16:
                columns[cell.col] = _TRENDS[trend]
        if len(set(columns.values())) == len(columns):
            return Header(at, columns)
    return None


def _key(text: str) -> str:
    """A header's word; a narrow column breaks "AMBE R" in two."""
    return "".join(text.lower().strip(" *").split())


def is_part(table: Table, header: Header) -> bool:
    """Whether the table counts one service's indicators: "KPI Summary"."""
    label = table.rows[header.row][0].text
    below = table.rows[header.row + 1 : header.row + 2]
    return "summary" in label.lower() or any("summary" in cell.text.lower() for row in below for cell in row[:1])


def counts(table: Table, header: Header) -> tuple[list[RagCount], list[str]]:
    """A record for each row, its label as the service, and what could not be read.

    A blank cell is a zero. The total's row has no service; nor has that of a "KPI Summary".
    """
    found: list[RagCount] = []
    problems: list[str] = []
    part = is_part(table, header)
    for row in table.rows[header.row + 1 :]:
        cells = {cell.col: cell for cell in row}
        label = table.rows[header.row][0].text if part else _label(row, header)
        label = label or ("KPI Summary" if part else "")
        values = {what: small(cells[col].text) for col, what in header.columns.items() if col in cells}
        if not label or not values or (part and not any(cells[col].text for col in header.columns if col in cells)):
            continue
        if any(value is None for value in values.values()):
            unread = [cells[col].text for col in header.columns if col in cells and small(cells[col].text) is None]
            problems.append(f"page {table.page}: cannot read {unread[0]!r} in the summary row {label!r}")
            continue
        shown = (f"{what} {cells[col].text or '(blank)'}" for col, what in header.columns.items() if col in cells)
        total = re.match(r"(?:grand\s+|overall\s+)?total\b|all\s+(?:services|kpis|indicators)\b", label, re.IGNORECASE)
        found.append(
            RagCount(
                stated_in=StatedIn.REPORT,
                financial_year=None,
                quarter=None,
                service=None if total or part else label,
                page=table.page,
                quote=" | ".join([label, *shown]),
                in_table=True,
                **values,
            )
        )
    return found, problems


def _label(row: list[Cell], header: Header) -> str:
    return row[0].text if row and row[0].col not in header.columns else ""


def small(text: str) -> int | None:
    """A count in a cell: blank is 0, as are dashes.

    >>> small(""), small("-"), small("12"), small("12¹"), small("x")
    (0, 0, 12, 12, None)
    """
    text = matching(text.strip(_MARKS)).strip(_MARKS)
    return 0 if not text else count(text)
