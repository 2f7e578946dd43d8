"""The letter as people read it: a subject, plain text, and one HTML page that needs nothing from elsewhere."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from monitor.letter.contents import Contents, Line
from monitor.templating import template

MOST = 12  # lines of a section; one page is what people read


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A letter, ready to be sent."""

    subject: str
    text: str
    html: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Section:
    heading: str
    lines: tuple[Line, ...]
    more: int = 0
    note: str = ""


def write(contents: Contents, *, zone: ZoneInfo, site_url: str = "") -> Page:
    """The letter; *zone* is the one that its days are told in."""
    subject = _subject(contents, zone)
    about = {
        "subject": subject,
        "council": contents.council,
        "opening": _opening(contents, zone),
        "sections": _sections(contents),
        "site_url": site_url,
    }
    return Page(
        subject=subject,
        text=template("letter.txt.j2").render(about),
        html=template("letter.html.j2").render(about),
    )


def _subject(contents: Contents, zone: ZoneInfo) -> str:
    news = [
        _many(len(contents.changed), "change in the indicators", "changes in the indicators"),
        _many(len(contents.ombudsman), "matter from the Ombudsman", "matters from the Ombudsman"),
        _many(len(contents.contradictions), "thing that does not add up", "things that do not add up"),
    ]
    said = ", ".join(filter(None, news)) or "nothing new"
    return f"{contents.council}, {_span(contents, zone)}: {said}"


def _many(count: int, one: str, several: str) -> str:
    return f"{count} {one if count == 1 else several}" if count else ""


def _span(contents: Contents, zone: ZoneInfo) -> str:
    return f"{_day(contents.since, zone)} to {_day(contents.until, zone)}"


def _day(at: datetime, zone: ZoneInfo) -> str:
    local = at.astimezone(zone)
    return f"{local.day} {local:%B}"


def _opening(contents: Contents, zone: ZoneInfo) -> str:
    read = f"{contents.papers_read} paper{'' if contents.papers_read == 1 else 's'} and pages were read"
    if contents.papers_read == 1:
        read = "one paper or page was read"
    if contents.is_quiet:
        quiet = "Nothing new" if contents.papers_read else "Nothing new was published that we watch"
        return f"{quiet} from {_span(contents, zone)}: {read}." if contents.papers_read else f"{quiet}."
    return f"From {_span(contents, zone)} {read}. This is what they say that is new."


def _sections(contents: Contents) -> list[_Section]:
    red_note = f"As the report for {contents.red_edition} rates them." if contents.red else ""
    before = contents.contradictions_before
    older = f"{before} found earlier still stand{'s' if before == 1 else ''}." if before else ""
    sections = (
        _section("What changed", contents.changed),
        _section("What the Ombudsman published", contents.ombudsman),
        _section("What does not add up", contents.contradictions, note=older),
        _section("Papers that were replaced", contents.replaced),
        _section("What is Red, and for how long", contents.red, note=red_note),
        _section("In the news", contents.press),
        _section("Also", contents.also),
        _section("What is due next", contents.due),
        _section("Sources in trouble", contents.trouble),
    )
    return [section for section in sections if section.lines or section.note]


def _section(heading: str, lines: tuple[Line, ...], *, note: str = "") -> _Section:
    return _Section(heading=heading, lines=lines[:MOST], more=max(len(lines) - MOST, 0), note=note)
