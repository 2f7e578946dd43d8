"""One indicator's grid of quarters into its reading, and into the figures of its history."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from parsers import rating
from parsers.boxes import rounded
from parsers.grid import Cell
from parsers.quarter_grids.cells import NOT_RATED, rating_of, travel_of
from parsers.quarter_grids.headings import Heading
from parsers.quarter_grids.labels import ACTUAL, FLOOR, FORECAST, RATING, TARGET, TRAVEL
from parsers.quarter_grids.trend_grid import Row, TrendGrid
from parsers.records import Bbox, Direction, Figure, KpiReading, Rag, Report
from parsers.services import service_for
from parsers.text import collapse, matching, slug
from parsers.values import misread, value_of


@dataclass
class Indicator:
    """A grid with the heading that it stands under."""

    heading: Heading
    grid: TrendGrid
    section: str
    context: bool  # its page is on activity
    until: int = 0  # the page on which the grid ends
    notes: str = ""  # the text around it: tolerance, unit of measure


def _result_columns(part: TrendGrid) -> list[int]:
    """Columns of results in the order of time, of the kind that the report is about: quarters before years."""
    for kind in ("quarter", "month", "year"):
        found = [at for at, column in enumerate(part.columns) if column.kind == kind and column.period]
        if found:
            return sorted(found, key=lambda at: part.columns[at].period or ())
    return []


def _text(cell: Cell | None) -> str:
    """The printed value of a cell: without a rating or an arrow that stands beside it."""
    if cell is None:
        return ""
    text = re.sub(r"\(?\b(?:green|amber|red)\b\)?", " ", cell.text, flags=re.IGNORECASE)
    return collapse(re.sub(r"[^\w\s£%.,*()/<>+†‡§^#'&:-]", " ", text.replace("–", "-").replace("−", "-")))


def _chosen(part: TrendGrid, heading: Heading, report: Report | None) -> tuple[int | None, list[int], str | None]:
    """(the column that the reading is of, columns before it, what is wrong).

    The report's quarter, if it holds anything; else the last column before it that does. A quarter that
    says N/A is taken at its word, unless the heading's rating is that of the quarter before.
    """
    columns = _result_columns(part)
    filled = [at for at in columns if _text(part.cell(ACTUAL, at))]
    if report is None:
        return (filled[-1] if filled else None), filled[:-1], None
    known = [at for at in columns if (when := part.columns[at].period) and when.start <= report.period_end]
    later = [at for at in filled if at not in known]
    if later and all(part.columns[at].kind == "quarter" for at in later):
        label = part.columns[later[0]].label
        return None, [], f"a result stands under {label!r}, after the report's own quarter"
    with_value = [at for at in known if _holds_result(_text(part.cell(ACTUAL, at)))]
    own = next((at for at in known if (when := part.columns[at].period) and when.end == report.period_end), None)
    last = with_value[-1] if with_value else None
    if own is not None and own != last and _says_none(part, own) and not _rates(part, heading, last):
        last = own
    if last is None:
        last = own if own is not None else (known[-1] if known else None)
    return last, [at for at in known if last is not None and known.index(at) < known.index(last)], None


def _holds_result(text: str) -> bool:
    """A number, or something that nobody understands and that must not be passed over."""
    value, _, understood = value_of(text)
    return value is not None or not understood


def _says_none(part: TrendGrid, at: int) -> bool:
    """The column says that there is no result, which is more than leaving it blank."""
    cell, rated = part.cell(ACTUAL, at), part.cell(RATING, at)
    texts = [collapse(c.text) for c in (cell, rated) if c is not None]
    return any(text and NOT_RATED.fullmatch(matching(text)) for text in texts)


def _rates(part: TrendGrid, heading: Heading, at: int | None) -> bool:
    """The heading's rating is meant for that column."""
    if at is None or heading.rag is None:
        return False
    own = rating_of(part.cell(RATING, at))[0]
    return own is None or own is heading.rag


def reading_of(indicator: Indicator, report: Report | None, services: list[str]) -> tuple[KpiReading, list[str]]:
    """The record of a grid, and what could not be understood of it."""
    part, heading = indicator.grid, indicator.heading
    problems = [*part.problems, *heading.problems]
    at, before, wrong = _chosen(part, heading, report)
    if wrong:
        problems.append(wrong)
    if at is None:
        problems.append("no quarter holds a result")
    previous_at = before[-1] if before else None
    actual, target, floor, previous = (
        _text(part.cell(role, column)) if column is not None else ""
        for role, column in ((ACTUAL, at), (TARGET, at), (FLOOR, at), (ACTUAL, previous_at))
    )
    value, unit = _value(actual, part.row(ACTUAL), "result", problems)
    previous_value, _ = _value(previous, part.row(ACTUAL), "previous result", problems)
    floor_value, _ = _value(floor, part.row(FLOOR), "floor", problems)
    target_value, low, high, target_unit = _target(target, part.row(TARGET), problems)
    unit = unit or target_unit or ("%" if re.search(r"measure\W+percent", indicator.notes, re.IGNORECASE) else None)
    rag = _rating(part, heading, at, problems)
    previous_rag = rating_of(part.cell(RATING, previous_at))[0] if previous_at is not None else None
    to_date = part.column("to_date")
    year_before = _year_before(part, at)
    ytd_text, year_text = (_text(part.cell(ACTUAL, c)) if c is not None else "" for c in (to_date, year_before))
    ytd_value, _ = _value(ytd_text, part.row(ACTUAL), "year to date", problems)
    year_value, _ = _value(year_text, part.row(ACTUAL), "previous year", problems)
    made = KpiReading(
        service=service_for(indicator.section, services) if indicator.section else "",
        name=heading.title,
        rag=rag,
        previous_rag=previous_rag,
        direction=_direction(part, heading, at, problems),
        value=value,
        target=target_value,
        target_low=low,
        target_high=high,
        floor=floor_value,
        previous_value=previous_value,
        unit=unit,
        value_text=actual or None,
        target_text=target or None,
        floor_text=floor or None,
        previous_text=previous or None,
        lower_is_better=_lower(target_value, floor_value, indicator.notes),
        page=part.page,
        bbox=_box(heading, part),
        period_label=part.columns[at].label if at is not None else None,
        ytd_value=ytd_value,
        ytd_text=ytd_text or None,
        ytd_rag=rating_of(part.cell(RATING, to_date))[0] if to_date is not None else None,
        previous_year_value=year_value,
        previous_year_text=year_text or None,
    )
    return made, problems


def _value(text: str, row: Row | None, what: str, problems: list[str]) -> tuple[float | None, str | None]:
    """Number and unit of a printed value; a provisional or estimated one is marked so in its text."""
    bare = re.sub(r"(?<=[\d%])\s*\(?(?:p|e|r|prov|est|provisional|estimated?|revised)\.?\)$", "", text, flags=re.I)
    bare = re.sub(r"(?<=%)\s*(?:p|e|r)$", "", bare, flags=re.IGNORECASE)
    value, unit, understood = value_of(bare)
    if not understood or misread(unit):
        problems.append(f"cannot read {text!r} as {what}")
    return value, unit or (row.unit if row is not None and value is not None else None)


_RANGE = re.compile(r"(?P<low>[£\d.,%\s]+?)\s*(?:-|to|and)\s*(?P<high>[£\d.,%\s]+)", re.IGNORECASE)


def _target(
    text: str, row: Row | None, problems: list[str]
) -> tuple[float | None, float | None, float | None, str | None]:
    """Target, low and high end of a range, unit."""
    if match := _RANGE.fullmatch(matching(text)):
        ends = [value_of(match["low"]), value_of(match["high"])]
        if all(end[2] and end[0] is not None for end in ends):
            return None, ends[0][0], ends[1][0], ends[1][1] or (row.unit if row else None)
    value, unit = _value(text, row, "target", problems)
    return value, None, None, unit


def _rating(part: TrendGrid, heading: Heading, at: int | None, problems: list[str]) -> Rag | None:
    """The rating of the column and of the heading, which must be the same where both are printed."""
    cell = part.cell(RATING, at) if at is not None else None
    own, wrong = rating_of(cell)
    if wrong:
        problems.append(wrong)
    if own is None and cell is not None and cell.text and not NOT_RATED.fullmatch(matching(cell.text)):
        problems.append(f"cannot read {cell.text!r} as a rating")
    if own is None and at is not None and not part.is_rated:
        own = _shaded(part, at)
    if own is not None and heading.rag is not None and own is not heading.rag:
        problems.append(f"the heading says {heading.rag}, the grid says {own}")
    return own or heading.rag


def _shaded(part: TrendGrid, at: int) -> Rag | None:
    """The rating that the result's own cell shows; a row in one colour shows none but the table's fashion."""
    cell, beside = part.cell(ACTUAL, at), part.cell(TARGET, at)
    shade = rating_of(cell)[0]
    return None if beside is not None and beside.rag is not None else shade


def _direction(part: TrendGrid, heading: Heading, at: int | None, problems: list[str]) -> Direction | None:
    own = travel_of(part.cell(TRAVEL, at)) if at is not None else None
    if own is not None and heading.direction is not None and own is not heading.direction:
        problems.append(f"the heading's arrow says {heading.direction}, the grid's {own}")
    return own or heading.direction


_HIGHER = re.compile(r"\bhigher (?:values|figures|numbers|is|the) ?(?:are |is )?better\b", re.IGNORECASE)
_LOWER = re.compile(r"\blower (?:values|figures|numbers|is|the) ?(?:are |is )?better\b", re.IGNORECASE)


def _lower(target: float | None, floor: float | None, notes: str) -> bool | None:
    """Which side is better: by target and floor, else by what the note says."""
    told = rating.lower_is_better(target, floor)
    if told is not None:
        return told
    higher, lower = _HIGHER.search(notes), _LOWER.search(notes)
    return None if bool(higher) == bool(lower) else bool(lower)


def _year_before(part: TrendGrid, at: int | None) -> int | None:
    """The column of the whole year before, where the grid has quarters and years."""
    if at is None or part.columns[at].kind == "year":
        return None
    own = part.columns[at].period
    years = [
        column
        for column, what in enumerate(part.columns)
        if what.kind == "year" and what.period and own and what.period.end < own.end
    ]
    return max(years, key=lambda c: part.columns[c].period or ()) if years else None


def _box(heading: Heading, part: TrendGrid) -> Bbox:
    """From the heading to the grid's end, where both stand on one page; else the grid."""
    x0, y0, x1, y1 = part.bbox
    if heading.page == part.page and heading.bbox[1] <= y0:
        x0, y0, x1 = min(x0, heading.bbox[0]), heading.bbox[1], max(x1, heading.bbox[2])
    return rounded((x0, y0, x1, y1))


# --- figures ------------------------------------------------------------------------------


def history(indicator: Indicator) -> list[Figure]:
    """What the grid prints of each period: the results, forecasts and what others reach."""
    return _cells(indicator.heading, indicator.grid, "trend", skip=(TARGET, FLOOR, RATING, TRAVEL))


def activity(heading: Heading, part: TrendGrid) -> list[Figure]:
    """All that a grid without target and rating prints."""
    return _cells(heading, part, "activity", skip=(RATING, TRAVEL))


def _cells(heading: Heading, part: TrendGrid, measure: str, skip: Sequence[str]) -> list[Figure]:
    found: list[Figure] = []
    actual = part.row(ACTUAL)
    for row in part.rows:
        if row.role in skip:
            continue
        for at, cell in sorted(row.cells.items()):
            column = part.columns[at]
            if column.kind not in ("month", "quarter", "year", "to_date", FORECAST) or not cell.text:
                continue
            value, unit, _ = value_of(_text(cell))
            name = measure if row is actual else f"{measure}/{slug(row.label)[:40].strip('-').replace('-', '_')}"
            found.append(
                Figure(
                    measure=f"{name}/forecast" if column.kind == FORECAST else name,
                    service=heading.title,
                    period_label=column.label,
                    period_start=column.period.start if column.period else None,
                    period_end=column.period.end if column.period else None,
                    value=value,
                    unit=unit or (row.unit if value is not None else None),
                    value_text=cell.text,
                    page=part.page,
                    bbox=rounded(cell.bbox),
                )
            )
    return found
