"""Such a report as a whole: its tables under their captions, every cell of theirs as a figure."""

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from parsers import grid
from parsers.boxes import holds, rounded
from parsers.complaints_report import labelled_table
from parsers.complaints_report.labelled_table import Entry, Labelled
from parsers.pdf import Line, Page, Pdf
from parsers.periods import Period, period
from parsers.records import Figure, Kind, Outcome, Reading
from parsers.text import collapse, financial_year, matching, slug

VERSION = 1
PARSER = "complaints_report"
OPENING = 3  # pages on which the paper says what it is

_SUBJECT = re.compile(r"\bcomplaints?\b|\bfeedback\b|\bcompliments?\b", re.IGNORECASE)
_YEARLY = re.compile(r"\b(?:annual|yearly)\b", re.IGNORECASE)
_THREE = re.compile(
    r"(?:(?:complaints?|compliments?|comments?|enquiries|feedback)(?:\s*,\s*(?:and|&)?\s*|\s+(?:and|&)\s+|\s*$|\s+(?=\d))){3,}",
    re.IGNORECASE,
)
_WHEN = re.compile(
    r"\bappendix\s*\w?\b|\b(?:for\s+)?(?:the\s+)?(?:financial\s+)?year\b|\b(?:20)?\d\d\s?[-/]\s?(?:20)?\d\d\b|\b20\d\d\b"
    r"|\b\d{1,2}(?:st|nd|rd|th)?\s(?=[A-Z])",
    re.IGNORECASE,
)
_SENTENCE = re.compile(
    r"\b(?:is|are|was|were|be|been|has|have|had|shows?|sets?|noted?|provides?|attached|this|our|we|which|that|see|will|"
    r"should|must|used|rose|fell|policy|letter|survey|statement|plan|monitoring|quarterly)\b|[.;?]$|^\d+[a-z]?[.)]?\s",
    re.IGNORECASE,
)
# Papers that only name such a report: an agenda, minutes, a performance report.
_OTHER_PAPER = re.compile(
    r"^\s*(?:agenda\b|minutes\b|.*\bmeeting of the\b|present\s*:|apologies)|quarterly\s+performance\s+report"
    r"|unrestricted items|printed minutes|^\s*decision taken by",
    re.IGNORECASE | re.MULTILINE,
)
_CAPTION = re.compile(
    r"^(?:table|fig(?:ure)?|chart|graph)\s*(?P<number>\d+[a-z]?(?:\.\d+)?)\b\s*[.:–-]*\s*(?P<name>.*)$", re.I
)
_RUNNING = re.compile(r"^(?:appendix\s*\w*|page\s*\d+.*|\d{1,4}|agenda item.*)$", re.IGNORECASE)
_ROUNDING = re.compile(
    r"(?:due to|because of|as a result of)\s+rounding|(?:not|may not)\s+(?:add|sum)\b.{0,60}rounding", re.I | re.S
)

# What a caption, a header or a label counts; the first that fits decides.
_OMBUDSMAN = re.compile(r"\bombuds\w+|\blgs?co\b|\blgo\b|\bhousing ombud", re.IGNORECASE)
_OMBUDSMAN_MEASURES = (
    ("ombudsman_time_taken", r"\btime taken|\bdays\b|\bresponse times?|\baverage time|\bturnaround"),
    ("ombudsman_remedies", r"\bremed|\bcompensation|\bsettlement|\bpayments?\b|\bfinancial|£"),
    ("ombudsman_not_upheld", r"\bnot\s+upheld"),
    ("ombudsman_upheld", r"\bupheld"),
    ("ombudsman_compliance", r"\bcompliance|\bcomplied"),
    ("ombudsman_decisions", r"\bdecisions?\b|\boutcomes?\b"),
    ("ombudsman_enquiries", r"\benquir|\breceived|\bcomplaints?\b|\bcases?\b|\breferr"),
)
_IN_TIME = (
    r"\bin\s?time(?:scales?)?\b|\bon time|\bwithin\s+(?:\w+\s+){0,3}(?:time|timescales?|target|deadline|standard|days)"
    r"|\btimescales?\b|\b(?:to|in) (?:target|time)\b|\bsla\b|\btimeliness"
)
_MEASURES = (
    ("escalations", r"\bescalat|\bstage\s*(?:2|two|ii)\b|\b(?:independent|local) (?:review|resolution)s?\b"),
    ("response_time", r"\baverage\b.*\b(?:days|time)\b|\bresponse times?\b|\bdays (?:taken|to)\b"),
    ("complaints_in_time", _IN_TIME),
    ("complaints_not_upheld", r"\bnot\s+upheld"),
    ("complaints_partially_upheld", r"\bpart(?:ial)?ly\s+upheld|\bupheld in part"),
    ("complaints_upheld", r"\bupheld"),
    ("complaint_themes", r"\bthemes?\b|\breasons?\b|\bcauses?\b|\bcategor|\bnature of|\bissues?\b|\bsubjects? of"),
    (
        "complaint_channels",
        r"\bchannels?\b|\bcontact methods?|\bmethods? of|\bhow (?:\w+ ){0,3}(?:made|received|contacted)",
    ),
    ("remedies", r"\bcompensation|\bremed|\bfinancial (?:settlement|redress)|\bgoodwill|£"),
    ("compliments", r"\bcompliments?\b|\bthanks\b|\bpraise"),
    ("comments", r"\bcomments?\b|\bsuggestions?\b"),
    ("member_enquiries", r"\b(?:mp|mps|member|members|councillor)'?s?'? enquir|\benquiries from (?:mps|members)"),
    ("enquiries", r"\benquir"),
    ("complaints", r"\bcomplaints?\b|\bstage\s*(?:1|one|i)\b"),
    ("feedback", r"\bfeedback\b|\bcontacts?\b|\bcases\b"),
)
_PATTERNS = [(name, re.compile(pattern, re.IGNORECASE)) for name, pattern in _MEASURES]
_OMBUDSMAN_PATTERNS = [(name, re.compile(pattern, re.IGNORECASE)) for name, pattern in _OMBUDSMAN_MEASURES]
# Kinds of feedback as a row's or a column's own label, and nothing more.
_KIND = re.compile(
    r"(?:total |number of |no\.? of |all )?(?:new |formal |statutory |corporate |stage (?:1|one) )?"
    r"(?P<kind>complaints?|compliments?|comments?|enquir(?:y|ies)|(?:mp|member)s?'? enquiries|escalations?)"
    r"(?: received| recorded| made| logged)?",
    re.IGNORECASE,
)
_CHANGE = re.compile(r"\bchange|\bdifference|\bvariance|\bincrease|\bdecrease|\+/-|\bdirection\b", re.IGNORECASE)
_SHARE = re.compile(r"\bshare\b|\bproportion|%\s*of\s*(?:the\s+)?total|\bpercentage of (?:the )?total", re.IGNORECASE)
_COUNTED = frozenset(
    {"complaints", "compliments", "comments", "enquiries", "member_enquiries", "escalations", "feedback"}
)
# Tables that the report exists for: a cell of theirs that cannot be understood is not passed over.
_FAMILY = re.compile(r"complaint|compliment|ombudsman|enquir|feedback|escalation|upheld|in time", re.IGNORECASE)


def recognises(pages: Sequence[str], *, url: str = "", title: str = "") -> bool:
    """Whether the paper is a report on complaints or feedback, by its title or by how it begins."""
    opening = pages[:OPENING]
    if any(_OTHER_PAPER.search(text[:3000]) for text in opening[:1]):
        return False
    names = [title.removesuffix(".pdf"), *(line for text in opening for line in _heads(text))]
    if not any(is_title(name) for name in names):
        return False
    return sum(len(re.findall(r"\bcomplaints?\b|\bcompliments?\b|\bfeedback\b", text, re.I)) for text in pages) >= 4


def is_title(text: str) -> bool:
    """Whether a line is the title of such a report, and not a sentence or another paper's item about it.

    >>> is_title("Annual Complaints Report 2022 - 23"), is_title("Complaints, comments and compliments")
    (True, True)
    >>> is_title("8. Annual Customer Feedback Report"), is_title("Complaints"), is_title("Complaints policy 2023/24")
    (False, False, False)
    """
    text = re.sub(r"^(?:subject|title|report)\s*:\s*", "", collapse(matching(text)), flags=re.IGNORECASE)
    bare = collapse(_WHEN.sub(" ", text)).strip(" -:,()")
    if not 8 < len(text) < 120 or not _SUBJECT.search(bare) or _SENTENCE.search(text):
        return False
    words = len(re.findall(r"[A-Za-z]+", bare))
    if _YEARLY.search(bare):
        return words <= 16 and ("report" in bare.lower() or words <= 5)
    if _THREE.match(bare):
        return words <= 8
    return words <= 8 and bool(re.search(r"\breport$|^report on\b", bare, re.IGNORECASE))


def _heads(text: str) -> list[str]:
    """The first lines of a page, one by one and two by two: a title may take two lines."""
    lines = [collapse(line) for line in text.splitlines() if collapse(line)][:25]
    return [*lines, *(f"{a} {b}" for a, b in itertools.pairwise(lines))]


@dataclass(frozen=True)
class _Caption:
    """What names a table."""

    text: str
    number: str | None  # "18" of "Table 18: …"
    y: float


@dataclass
class _Whole:
    """A table with what of it stands on the following pages."""

    caption: _Caption | None
    parts: list[tuple[Page, Labelled]]

    @property
    def entries(self) -> list[Entry]:
        return [entry for _, part in self.parts for entry in part.entries]


@dataclass
class _Draft:
    """What has been read so far, page after page."""

    figures: list[Figure] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    used: dict[tuple[str, str], str] = field(default_factory=dict)  # measure and column -> caption that took it
    tables: list[_Whole] = field(default_factory=list)
    waiting: tuple[int, _Caption] | None = None  # page and caption of a table that may stand on the next page


def read(pdf: Pdf, *, url: str = "", title: str = "") -> Reading:
    """Every figure of the report's tables."""
    draft = _Draft()
    pages = list(pdf.pages)
    texts = [page.text for page in pages]
    for page in pages:
        _read_page(draft, page)
    if draft.waiting is not None:
        draft.problems.append(_missing(*draft.waiting))
    for whole in draft.tables:
        _add(draft, whole)
    found = [figure for figure in draft.figures if figure.value is not None]
    tables = any(
        _CAPTION.match(line) and line.lower().startswith("table") for text in texts for line in text.splitlines()
    )
    if not found and tables and not draft.problems:
        draft.problems.append("expected the tables that the captions name, could read none")
    outcome = Outcome.READ if found else Outcome.NOTHING
    if draft.problems:
        outcome = Outcome.QUARANTINED
    return Reading(
        kind=Kind.COMPLAINTS_REPORT,
        outcome=outcome,
        parser=PARSER,
        parser_version=VERSION,
        note="; ".join(draft.problems) or None,
        title=_own_title(texts, title),
        facts=tuple(draft.figures) if found or draft.problems else (),
        text="\n\n".join(texts),
    )


def _own_title(texts: Sequence[str], title: str) -> str | None:
    for text in texts[:OPENING]:
        for line in _heads(text):
            if is_title(line):
                return line
    return collapse(title) or None


def _read_page(draft: _Draft, page: Page) -> None:
    tables = [table for table in grid.tables(page) if any(cell.words for cell in table.cells)]
    lines = _free_lines(page, tables)
    captions = [caption for line in lines if (caption := _caption(line))]
    taken: set[float] = set()
    for at, table in enumerate(tables):
        caption = _caption_of(table.bbox, captions, lines, tables, at)
        if caption is not None and caption.number:
            taken.add(caption.y)
        own = caption is not None and caption.number is not None
        if at == 0 and not own and draft.waiting is not None:
            own, caption, draft.waiting = True, draft.waiting[1], None
        last = draft.tables[-1].parts[-1][1] if draft.tables and at == 0 and not own else None
        going_on = last if last is not None and last.page == page.number - 1 else None
        found = labelled_table.read(page, table, going_on)
        if found is None:
            if (
                going_on is not None
                and _as_wide(going_on, table)
                and not any(c.text for r in table.rows for c in r[1:])
            ):
                text = collapse(" ".join(cell.text for cell in table.cells))
                draft.problems.append(f"page {page.number}: the row {text[:60]!r} seems to be cut by the page's end")
            continue
        if going_on is not None and _continues(going_on, found):
            draft.tables[-1].parts.append((page, found))
            continue
        if caption is None and found.title:
            caption = _Caption(found.title, None, table.bbox[1])
        draft.tables.append(_Whole(caption, [(page, found)]))
    if draft.waiting is not None:
        draft.problems.append(_missing(*draft.waiting))
        draft.waiting = None
    lowest = max((table.bbox[3] for table in tables), default=0.0)
    for caption in captions:
        if caption.number and caption.y not in taken and caption.text.lower().startswith("table"):
            if caption is captions[-1] and caption.y > lowest and caption.y > 0.6 * page.height:
                draft.waiting = (page.number, caption)
            else:
                draft.problems.append(_missing(page.number, caption))
    draft.problems += _unruled(page, lines)


def _missing(page: int, caption: _Caption) -> str:
    return f"page {page}: expected a table under {caption.text[:80]!r}, found none"


def _as_wide(before: Labelled, table: grid.Table) -> bool:
    return abs(before.bbox[0] - table.bbox[0]) < 3 and abs(before.bbox[2] - table.bbox[2]) < 3


def _continues(before: Labelled, found: Labelled) -> bool:
    return [c.header for c in before.columns] == [c.header for c in found.columns]


def _free_lines(page: Page, tables: Sequence[grid.Table]) -> list[Line]:
    boxes = [table.bbox for table in tables]
    return [line for line in page.lines if not any(holds(box, line.words[0].cx, line.words[0].cy) for box in boxes)]


def _caption(line: Line) -> _Caption | None:
    """A numbered caption; a sentence that begins with "Table 7 shows" is none."""
    text = collapse(line.text)
    match = _CAPTION.match(text)
    if match is None or len(text) > 160:
        return None
    if re.match(
        r"(?:above|below|shows?|sets?|gives?|provides?|details?|and|is|in|on|compares?)\b", match["name"], re.I
    ):
        return None
    return _Caption(text, match["number"], line.y0)


def _caption_of(
    box: tuple[float, float, float, float],
    captions: Sequence[_Caption],
    lines: Sequence[Line],
    tables: Sequence[grid.Table],
    at: int,
) -> _Caption | None:
    """The caption above a table and below the one before it; else its heading; else a caption below it."""
    top = tables[at - 1].bbox[3] if at else 0.0
    above = [caption for caption in captions if top - 1 <= caption.y < box[1]]
    if above:
        return above[-1]
    below = [c for c in captions if box[3] - 1 <= c.y <= box[3] + 30]
    following = tables[at + 1].bbox[1] if at + 1 < len(tables) else None
    if below and (following is None or following - below[0].y > below[0].y - box[3] + 20):
        return below[0]
    for line in reversed([line for line in lines if top - 1 <= line.y0 and line.y1 <= box[1] + 2]):
        text = collapse(line.text)
        if _RUNNING.match(text) or not re.search(r"[A-Za-z]{3}", text):
            continue
        if len(text) < 110 and not text.endswith((".", ",", ";")) and text[0].isupper():
            return _Caption(text, None, line.y0)
        if text.endswith(":"):
            return _Caption(text.rstrip(":"), None, line.y0)
    return None


# --- figures ------------------------------------------------------------------------------


def _add(draft: _Draft, whole: _Whole) -> None:
    """The figures of a table, and what could not be understood of it."""
    caption, first = whole.caption, whole.parts[0][1]
    name = _name(caption)
    columns = " ".join(column.header for column in first.columns)
    # A table that nothing names may be a part of any.
    family = bool(_FAMILY.search(f"{name} {first.title} {columns} {first.label_header}")) or not (
        name and columns.strip()
    )
    problems = _unread(whole, name)
    if problems and not family:
        return  # a table of something else, which nobody here understands
    draft.problems += problems
    labels = [(entry.label, entry.header) for entry in whole.entries]
    totals = any(entry.is_total and entry.group for entry in whole.entries)
    same = totals or len(set(labels)) < len(labels)
    may_be_rounded = any(_ROUNDING.search(page.text) for page, _ in whole.parts)
    tolerance = 0.5 * len({(entry.group, entry.label) for entry in whole.entries}) if may_be_rounded else None
    seen: set[tuple[str, str | None, str | None]] = set()
    twice: list[str] = []
    for page, part in whole.parts:
        for entry in part.entries:
            measure = _own_measure(draft, _measure(entry, name, first), entry, caption, first.page)
            for figure in _figures(page, entry, measure, tolerance, name, same):
                mark = (figure.measure, figure.service, figure.period_label)
                if mark in seen:
                    twice.append(
                        f"page {page.number}: two figures for {figure.service!r} under {figure.period_label!r}"
                    )
                seen.add(mark)
                draft.figures.append(figure)
    draft.problems += twice[:1]  # one says it


def _unread(whole: _Whole, name: str) -> list[str]:
    problems = [f"page {page.number}: {problem}" for page, part in whole.parts for problem in part.problems]
    for page, part in whole.parts:
        problems += [
            f"page {page.number}: cannot read {entry.cell.text!r} at {entry.label!r}"
            for entry in part.entries
            if not entry.value.understood
        ]
        if not part.has_header and len(part.columns) > 1:
            problems.append(f"page {page.number}: the columns of a table have no names ({name or 'no caption'!r})")
    return problems


def _name(caption: _Caption | None) -> str:
    if caption is None:
        return ""
    match = _CAPTION.match(caption.text)
    return match["name"] if match and match["name"] else caption.text


def _own_measure(draft: _Draft, measure: str, entry: Entry, caption: _Caption | None, page: int) -> str:
    """The measure; of a second table with the same columns also the caption, so that nobody adds the two up."""
    mine = caption.text if caption else f"page {page}"
    taken = draft.used.setdefault((measure, entry.header), mine)
    return measure if taken == mine else f"{measure}/{_slug(_name(caption)) or page}"


def _measure(entry: Entry, name: str, table: Labelled) -> str:
    """What a cell counts: as its column says, else its row, else the table's caption."""
    ombudsman = bool(_OMBUDSMAN.search(f"{name} {table.title} {entry.header} {table.label_header}"))
    column = _subject(entry.header, ombudsman, exact=False)
    caption = _subject(name or table.title, ombudsman, exact=False)
    row = _row_subject(entry.label, ombudsman)
    base = column
    if base is None:
        base = (
            row if row is not None and caption in (None, "feedback", "complaints", "ombudsman_enquiries") else caption
        )
    if base is None:
        base = _slug(name or table.title) or _slug(table.label_header) or "other"
    if _CHANGE.search(entry.header):
        return f"{base}/change"
    if entry.value.unit == "%" and base in _COUNTED:
        if _SHARE.search(f"{entry.header} {name}"):
            return f"{base}/share"
        in_time = base in ("complaints", "feedback") and re.search(_IN_TIME, f"{entry.header} {name}", re.IGNORECASE)
        return "complaints_in_time" if in_time else f"{base}/percent"
    if base == "complaints_in_time" and entry.value.unit != "%" and column is None and _counts(name):
        return "complaints"
    return base


def _counts(name: str) -> bool:
    """The caption is of complaints received, and of how many were answered in time."""
    return bool(re.search(r"\breceived\b|^(?:number of )?complaints\b.*\band\b", name, re.IGNORECASE))


def _subject(text: str, ombudsman: bool, *, exact: bool) -> str | None:
    text = matching(text)
    if not text:
        return None
    if ombudsman:
        for name, pattern in _OMBUDSMAN_PATTERNS:
            if pattern.search(text):
                return name
        return None
    for name, pattern in _PATTERNS:
        if pattern.search(text):
            return name
    return None


def _row_subject(label: str, ombudsman: bool) -> str | None:
    """What a row's label counts, if the label is nothing but that."""
    text = matching(label)
    if ombudsman:
        return _subject(text, ombudsman, exact=True) if not re.fullmatch(r"total.*", text, re.I) else None
    if _KIND.fullmatch(text) or re.search(r"\bin time|within|stage 2|escalat|upheld|average", text, re.IGNORECASE):
        return _subject(text, ombudsman, exact=True)
    return None


def _figures(page: Page, entry: Entry, measure: str, tolerance: float | None, name: str, same: bool) -> list[Figure]:
    """The cell's figure; two for "45 (12%)"."""
    service: str | None = entry.label
    if same and entry.group:
        service = f"{entry.group} – {entry.label}"
    label: str | None = entry.header or None
    if entry.row_is_period:
        service, label = entry.header or None, entry.label
        if entry.group:
            service = f"{entry.group} – {entry.header}" if entry.header else entry.group
    when = entry.when or _caption_period(name)
    made = Figure(
        measure=measure,
        service=service,
        period_label=label,
        period_start=when.start if when else None,
        period_end=when.end if when else None,
        value=entry.value.number,
        unit=entry.value.unit,
        value_text=entry.cell.text or None,
        is_total=entry.is_total,
        page=page.number,
        bbox=rounded(entry.cell.bbox),
        tolerance=tolerance,
    )
    if entry.value.share is None:
        return [made]
    return [made, replace(made, measure=f"{measure}/share", value=entry.value.share, unit="%")]


def _caption_period(name: str) -> Period | None:
    """The one year that a caption names."""
    years = re.findall(r"\b20\d\d\s?[-–/]\s?(?:20)?\d\d\b", name)
    return period(years[0]) if len(years) == 1 and financial_year(years[0]) else None


def _slug(text: str) -> str:
    return slug(text)[:60].strip("-").replace("-", "_")


# --- what could not be read ---------------------------------------------------------------


def _unruled(page: Page, lines: Sequence[Line]) -> list[str]:
    """A table without lines: figures that stand under one another, or under years, in no table."""
    if any(re.fullmatch(r"(?:table of )?contents(?: page)?", collapse(line.text), re.IGNORECASE) for line in lines[:5]):
        return []
    before: list[float] = []  # middles of the figures in the line above
    years: list[float] = []  # middles of the years in a line that names columns
    level = 0.0
    for line in lines:
        figures = [w.cx for w in line.words if labelled_table.value(w.text).number is not None]
        named = [w.cx for w in line.words if labelled_table.is_year(w.text)]
        figures = [x for x in figures if x not in named]
        labelled = bool(re.search(r"[A-Za-z]{3}", line.words[0].text)) and _wide_gaps(line) >= 1
        near = line.y0 - level < 40
        under_figures = sum(any(abs(x - b) < 14 for b in before) for x in figures)
        under_years = sum(any(abs(x - b) < 25 for b in years) for x in figures)
        if labelled and near and (under_figures >= 2 or under_years >= 2):
            return [f"page {page.number}: a table without lines could not be read"]
        if len(named) >= 2 and _wide_gaps(line) >= 1:
            years = named
        before = figures if labelled else []
        level = line.y0
    return []


def _wide_gaps(line: Line) -> int:
    """Gaps between words that are wider than between words of a sentence."""
    return sum(b.x0 - a.x1 > 12 for a, b in zip(line.words, line.words[1:], strict=False))
