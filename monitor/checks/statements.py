"""What a sentence says of how many, beside a report: the heart of four checks.

`unlike_report` and `unlike_before` say where they part; the checks put it into words.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from db.discrepancies import Discrepancy
from monitor.checks.shelf import WHO_SAYS, Shelf, edition_name, finding, readings_of, shortened
from monitor.checks.tally import FAMILIES, RATINGS, Item, figures, in_words, ranges, spoken, values
from monitor.facts import Edition, Paper
from parsers import services
from parsers.records import KpiReading, RagCount, StatedIn
from parsers.text import COUNT_PATTERN, matching
from parsers.text import count as number

# A statement on much fewer or more indicators than there are is on another set of them.
_LEAST, _MOST = 0.6, 1.5
# "the four Highways KPIs": a part of the service, by a name of its own.
_QUALIFIED = re.compile(
    rf"\b(?:{COUNT_PATTERN})\s+((?:[A-Z][\w'-]*\s+){{1,3}})(?:KPIs?|indicators?|measures?)\b",
)
_OF_A_WHOLE = re.compile(rf"\b({COUNT_PATTERN})\s+(?:out\s+)?of\s+(?:the|its|our|all|their)?\s*({COUNT_PATTERN})\b")
_PLAIN = frozenset(
    [
        "key",
        "performance",
        "red",
        "amber",
        "green",
        "rag",
        "kpi",
        "kpis",
        "corporate",
        "of",
        "the",
        "and",
        "council",
        "strategic",
    ]
)


def contradictions(check: str, count: RagCount, paper: Paper, edition: Edition, shelf: Shelf) -> Iterator[Discrepancy]:
    """Where a statement of running text parts from the edition that it is about, and from the one before."""
    count = _without_doubtful(count)
    holder = paper if edition in paper.editions else shelf.paper(edition.name)
    readings = readings_of(edition, count.service)
    if holder is None or not readings or _of_a_part(count, readings):
        return
    rows = printed_rows(holder, edition, count.service)
    items = unlike_report(count, readings, rows)
    about = count.service or "All indicators"
    on = f" on {count.service}" if count.service and count.stated_in is StatedIn.REPORT else ""
    of = f" for {count.service}" if count.service and count.stated_in is not StatedIn.REPORT else ""
    who = "the text" if count.stated_in is StatedIn.REPORT else WHO_SAYS[count.stated_in]
    if items:
        said, counted = [(i.column, i.said) for i in items], [(i.column, i.counted) for i in items]
        among = "" if count.total is None or "total" in dict(said) else f" of {in_words(count.total)} indicators"
        verb = "say" if who == "the minutes" else "says"
        lists = "the table lists" if count.stated_in is StatedIn.REPORT else "the report lists"
        yield finding(
            check,
            paper,
            severity=_severity(count, items),
            about=about,
            edition=edition.name,
            stated=figures(said),
            computed=figures(counted),
            explanation=(
                f"{_capital(who)}{on} {verb} {spoken(said)}{among}{of}; {lists} {spoken(counted)}." + _in_words(count)
            ),
            page=count.page,
            other=holder,
            other_page=rows[0].page if rows else min(reading.page for reading in readings),
        )
    earlier = shelf.before(edition)
    if earlier is not None:
        yield from _changes(check, count, paper, edition, earlier, who=who, about=about)


def printed_rows(paper: Paper, edition: Edition, service: str | None) -> list[RagCount]:
    """The rows of the report's own tables on a service, the summary's first."""
    rows = [
        count
        for count in paper.counts
        if count.stated_in is StatedIn.REPORT and count.in_table and edition_name(count, paper) == edition.name
    ]
    if service is None:
        return [row for row in rows if row.service is None]
    meant = {services.key(reading.service) for reading in readings_of(edition, service)} | {services.key(service)}
    return [row for row in rows if row.service is not None and services.key(row.service) in meant]


def unlike_report(count: RagCount, readings: Sequence[KpiReading], rows: Sequence[RagCount]) -> list[Item]:
    """The numbers of a statement that neither the indicators nor the report's own tables come to.

    Where these two differ, another check says so, and a statement may follow either.
    """
    found = []
    for family in FAMILIES:
        for column, value, (least, most) in zip(
            family.columns, values(count, family), ranges(readings, family), strict=True
        ):
            if value is None or least <= value <= most or value in [getattr(row, column) for row in rows]:
                continue
            found.append(Item(column, value, least if value < least else most))
    rated = sum(reading.rag is not None for reading in readings)
    if count.total is not None and count.total not in (len(readings), rated):
        found.append(Item("total", count.total, len(readings)))
    return found


def _of_a_part(count: RagCount, readings: Sequence[KpiReading]) -> bool:
    """Whether the statement seems to be on other indicators than these."""
    ratings = values(count, RATINGS)
    number = count.total if count.total is not None else None if None in ratings else sum(n or 0 for n in ratings)
    if number is not None and not _LEAST * len(readings) <= number <= _MOST * len(readings):
        return True
    own = {word for reading in readings for word in services.key(reading.service).split()}
    for match in _QUALIFIED.finditer(matching(count.quote or "")):
        words = services.key(match[1]).split()
        if count.service is not None and any(word not in _PLAIN | own for word in words):
            return True
    return False


def _without_doubtful(count: RagCount) -> RagCount:
    """Without the numbers that may be the whole of which the sentence tells a part.

    "One of the eight indicators met target" gives one; where its eight was not taken for the number of
    indicators, it may have been taken for another.
    """
    if count.total is not None:
        return count
    wholes = {number(match[2]) for match in _OF_A_WHOLE.finditer(matching(count.quote or "").lower())}
    parts = {number(match[1]) for match in _OF_A_WHOLE.finditer(matching(count.quote or "").lower())}
    columns = [column for family in FAMILIES for column in family.columns]
    doubtful = [c for c in columns if getattr(count, c) is not None and getattr(count, c) in wholes - parts]
    return replace(count, **{name: None for column in doubtful for name in (column, f"{column}_change")})  # type: ignore[arg-type]


def _severity(count: RagCount, items: Sequence[Item]) -> str:
    """What the whole council is said to have achieved is quoted; arrows of one service hardly are."""
    ratings = any(item.column in RATINGS.columns for item in items)
    if count.service is None and ratings and count.stated_in in (StatedIn.REPORT, StatedIn.COVER):
        return "high"
    return "medium" if ratings or any(item.column == "total" for item in items) else "low"


def _in_words(count: RagCount) -> str:
    quote = shortened(count.quote)
    return f" In its words: “{quote}”" if quote else ""


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


# --- "one more than last quarter" ------------------------------------------------------------


def _changes(
    check: str,
    count: RagCount,
    paper: Paper,
    edition: Edition,
    earlier: tuple[Edition, Paper],
    *,
    who: str,
    about: str,
) -> Iterator[Discrepancy]:
    before, its_paper = earlier
    wrong = list(_unlike_before(count, edition, before, its_paper))
    if not wrong:
        return
    rows = printed_rows(its_paper, before, count.service)
    stated = ", ".join(f"{label_of(item.column)} {_moved(item.said)}" for item in wrong)
    computed = ", ".join(f"{label_of(item.column)} {_moved(item.counted)}" for item in wrong)
    yield finding(
        check,
        paper,
        severity="low",
        about=about,
        edition=edition.name,
        stated=stated,
        computed=computed,
        explanation=(
            f"{_capital(who)} {'give' if who == 'the minutes' else 'gives'} the change since the quarter before as "
            f"{stated}; beside the report for {before.name} it is {computed}." + _in_words(count)
        ),
        page=count.page,
        other=its_paper,
        other_page=rows[0].page if rows else None,
    )


def label_of(column: str) -> str:
    """'Green', 'indicators': the name of a column in a list of changes."""
    return figures([(column, 2)]).partition(" ")[2]


def _moved(change: int) -> str:
    return "unchanged" if change == 0 else f"{change:+d}".replace("-", "−")


def _unlike_before(count: RagCount, edition: Edition, before: Edition, its_paper: Paper) -> Iterator[Item]:
    """The changes that the report before does not bear out, whichever way they are reckoned.

    Indicators come and go between two reports, and ratings are restated: a change may be told against
    the numbers as published or against the column "previous" of this report.
    """
    now, then = readings_of(edition, count.service), readings_of(before, count.service)
    if not now or not then:
        return
    published = [*printed_rows(its_paper, before, count.service), *_told(its_paper, before, count.service)]
    restated = [replace(reading, rag=reading.previous_rag) for reading in now]
    for family in FAMILIES:
        for n, column in enumerate(family.columns):
            change = getattr(count, f"{column}_change")
            if change is None:
                continue
            said = getattr(count, column)
            least, most = ranges(now, family)[n]
            today = {least, most} | ({said} if said is not None else set())
            spans = [ranges(then, family)[n]]
            if family is RATINGS and any(reading.previous_rag for reading in now):
                spans.append(ranges(restated, family)[n])
            spans += [(v, v) for row in published if (v := getattr(row, column)) is not None]
            if not any(low <= value - change <= high for value in today for low, high in spans):
                yield Item(column, change, (said if said is not None else least) - spans[0][0])
    if count.total_change is not None:
        totals = {len(then), *(row.total for row in published if row.total is not None)}
        totals |= {before.report.kpi_total} if count.service is None and before.report.kpi_total else set()
        today = {len(now)} | ({count.total} if count.total is not None else set())
        if not any(value - count.total_change == total for value in today for total in totals):
            yield Item("total", count.total_change, len(now) - len(then))


def _told(paper: Paper, edition: Edition, service: str | None) -> list[RagCount]:
    """What a report's own text says of a service."""
    return [
        count
        for count in paper.counts
        if count.stated_in is StatedIn.REPORT
        and not count.in_table
        and edition_name(count, paper) == edition.name
        and (count.service is None) == (service is None)
        and services.key(count.service or "") == services.key(service or "")
    ]
