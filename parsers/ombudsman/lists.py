"""The two lists on a council's page: public interest reports, and what the council agreed to improve.

Neither list's markup is documented, and both have been seen as plain paragraphs, so the
items are told apart by what they say: a case begins with "Case reference", a report with
its title, which is a link or a heading, or, in a copy without either, a line that is no
sentence. Lists, tables and bold print help where they are there.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from bs4 import Tag

from parsers.ombudsman.page import CASE_LABEL, Line, Section, absolute, is_furniture, plain
from parsers.records import OmbudsmanReport, ServiceImprovement
from parsers.text import case_reference, collapse, count, uk_date

# --- public reports --------------------------------------------------------------------

_NO_REPORTS = re.compile(
    r"\b(?:has|have)\s+not\s+(?:published|issued)\b|\b(?:hasn't|haven't)\s+(?:published|issued)\b"
    r"|\b(?:published|issued)\s+no\s+(?:public|reports?)\b|(?:^|[.:]\s*|\bare\s+|\bwere\s+"
    r"|\bbeen\s+)no\s+(?:public\s+)?(?:interest\s+)?reports?\b",
    re.IGNORECASE,
)
_LEAD = re.compile(
    r"\bfollowing\s+(?:public\s+)?(?:interest\s+)?reports?\b|^in\s+the\s+(?:last|past)\s+\S+\s+years?\b"
    r"|^since\b.{0,40}\bpublished\b"
    r"|\bwe\s+publish\s+(?:public\s+)?(?:interest\s+)?reports\b",
    re.IGNORECASE,
)
_HOW_MANY = re.compile(
    r"\bpublished\s+(?:the\s+following\s+)?(?P<n>\w+)\s+(?:public|interest|reports?)\b", re.IGNORECASE
)
_BARE_DATE = re.compile(
    r"(?:(?:article\s+|publication\s+)?date|published(?:\s+on)?|report\s+date|decision\s+date)?\s*:?\s*"
    r"(?:\d{1,2}(?:st|nd|rd|th)?[\s-]+[a-z]{3,9}[\s,-]+\d{4}|\d{4}-\d\d-\d\d|\d{1,2}/\d{1,2}/\d{4}"
    r"|20\d\d(?:\s*[-/]\s*\d\d(?:\d\d)?)?)",
    re.IGNORECASE,
)
_MORE = re.compile(
    r"(?:read|view|see|download|open)\b.{0,40}"
    r"|(?:full\s+)?(?:public\s+)?(?:interest\s+)?report(?:\s*\(?pdf.{0,20})?|more|details|pdf.{0,20}",
    re.IGNORECASE,
)
_REPORT_PLACES = re.compile(r"/decisions?/|/news/|/reports?/|/documents?/|/assets/|\.pdf\b|report", re.IGNORECASE)


@dataclass(slots=True)
class _Item:
    """A report as it is put together."""

    title: str
    lines: list[Line] = field(default_factory=list)  # beneath the title
    rest: str = ""  # what follows the title in its own line
    link: Tag | None = None


@dataclass(slots=True)
class Listed:
    """What a page lists, and what is wrong with the list."""

    reports: list[OmbudsmanReport] = field(default_factory=list)
    improvements: list[ServiceImprovement] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    says_none: bool = False


def read_reports(sections: Sequence[Section], *, council: str, base: str) -> Listed:
    """The public reports that the page lists, in its order."""
    result = Listed()
    for section in sections:
        if section.topic != "reports":
            continue
        lines = list(_in_box(section))
        leads = [line for line in lines if _LEAD.search(line.plain)]
        result.says_none |= any(_NO_REPORTS.search(line.plain) for line in lines)
        if result.says_none:
            continue
        found = [_report(item, council=council, base=base) for item in _items(lines)]
        promised = [n for line in leads if (m := _HOW_MANY.search(line.plain)) and (n := count(m["n"])) is not None]
        if promised and promised[0] != len(found):
            result.problems.append(f"expected {promised[0]} public reports, found {len(found)}")
        elif leads and not found:
            result.problems.append("expected public reports after the sentence that announces them, found none")
        known = {report.title for report in result.reports}
        result.reports += [report for report in found if report.title not in known]
    return result


def _in_box(section: Section) -> Iterator[Line]:
    """The section's lines that stand in the same box as its heading, without the page's furniture.

    A footer that is a plain <div> would otherwise be read as one more report.
    """
    kept = [line for line in section.lines if not is_furniture(line.text) or _leads_to_report(line)]
    box: Tag | None = section.heading.node if section.heading is not None else None
    told = [line for line in kept if not _LEAD.search(line.plain)]
    while box is not None and not any(_holds(box, line) for line in told):
        box = box.parent
    if box is None or box.name in ("body", "html", "main", "[document]"):
        return iter(kept)
    return iter([line for line in kept if _holds(box, line)])


def _leads_to_report(line: Line) -> bool:
    """Whether it is a report's "Read more", not the list's "View all"."""
    return line.all_linked and _MORE.fullmatch(line.plain) is not None and not re.search(r"\ball\b", line.plain, re.I)


def _holds(box: Tag, line: Line) -> bool:
    return line.node is box or any(parent is box for parent in line.node.parents)


def _items(lines: Sequence[Line]) -> list[_Item]:
    """The section's reports, each with the lines beneath its title."""
    body = [line for line in lines if not _LEAD.search(line.plain)]
    titles = _titles(body)
    items: list[_Item] = []
    for number, line in enumerate(body):
        if number in titles:
            items.append(_begun(line))
        elif items:
            items[-1].lines.append(line)
    return [item for item in items if _is_report(item)]


def _begun(line: Line) -> _Item:
    """A report's title, with its link, and what else its line says."""
    if not line.starts_linked or line.all_linked:
        return _Item(line.text, link=line.links[0] if line.starts_linked else None)
    title = collapse(line.links[0].get_text(" "))
    if not line.text.startswith(title):  # the link reaches beyond this line
        return _Item(line.text, link=line.links[0])
    return _Item(title, rest=line.text[len(title) :].strip(" :–—-"), link=line.links[0])


def _titles(body: Sequence[Line]) -> set[int]:
    """Which lines are titles: headings, or links, or lines that are no sentence, the first of these that there are."""
    headed = {i for i, line in enumerate(body) if line.in_heading and _may_be_title(line)}
    if headed:
        return headed
    linked: set[int] = set()
    seen: list[Tag] = []  # a link around title and summary starts one item
    for i, line in enumerate(body):
        if line.starts_linked and _may_be_title(line):
            if not any(link is line.links[0] for link in seen):
                linked.add(i)
            seen.append(line.links[0])
    if linked:
        return linked
    bold = {i for i, line in enumerate(body) if line.is_label and _may_be_title(line)}
    if bold:
        return bold
    told = [
        i for i, line in enumerate(body) if not _BARE_DATE.fullmatch(line.plain) and not _MORE.fullmatch(line.plain)
    ]
    untitled = {i for i in told if not re.search(r"[.!]['\")]?$", body[i].plain) and _may_be_title(body[i])}
    if len(told) % 2 == 0 and told and len(untitled) != len(told) // 2:
        return set(told[::2])  # title and summary take turns
    return untitled


def _may_be_title(line: Line) -> bool:
    text = collapse(line.links[0].get_text(" ")) if line.starts_linked and not line.all_linked else line.plain
    return not (is_furniture(text) or _BARE_DATE.fullmatch(text) or _MORE.fullmatch(text) or len(text) > 300)


def _is_report(item: _Item) -> bool:
    """Whether it says more than a menu's entry: a summary, or a link to where reports are."""
    if item.rest or any(re.search(r"[.!?]['\")]?$", line.plain) or len(line.text.split()) > 5 for line in item.lines):
        return True
    return item.link is not None and _REPORT_PLACES.search(str(item.link["href"])) is not None


def _report(item: _Item, *, council: str, base: str) -> OmbudsmanReport:
    links = [item.link, *(link for line in item.lines for link in line.links)]
    addresses = [absolute(str(link["href"]), base) for link in links if link is not None]
    dates = [uk_date(line.plain) for line in item.lines if _BARE_DATE.fullmatch(line.plain)]
    told = [text for line in item.lines if not _BARE_DATE.fullmatch(line.plain) and (text := _without_more(line))]
    rest = "" if _BARE_DATE.fullmatch(item.rest.strip(" ()")) else item.rest
    if rest != item.rest:
        dates.insert(0, uk_date(item.rest))
    return OmbudsmanReport(
        council=council,
        title=item.title,
        summary=collapse(" ".join((rest, *told))) or None,
        url=next((address for address in addresses if address), None),
        published_on=next((day for day in dates if day is not None), None),
    )


def _without_more(line: Line) -> str:
    """The line without the "Read the full report" at its end."""
    if _MORE.fullmatch(line.plain):
        return ""
    last = collapse(line.links[-1].get_text(" ")) if line.links else ""
    if last and line.text.endswith(last) and _MORE.fullmatch(last):
        return line.text[: -len(last)].strip(" -–—|")
    return line.text


# --- service improvements --------------------------------------------------------------

_CATEGORY = re.compile(r"^[\W_]*categor(?:y|ies)\s*(?::|-|$)\s*(?P<value>.*)$", re.IGNORECASE)
_SUB_CATEGORY = re.compile(r"^[\W_]*sub[\s-]*categor(?:y|ies)\s*(?::|-|$)\s*(?P<value>.*)$", re.IGNORECASE)
_CASE = re.compile(r"^[\W_]*case\s+ref(?:erence)?(?:\s+(?:no|number))?\b\.?\s*[:-]?\s*(?P<value>.*)$", re.IGNORECASE)
# Says that actions follow, and none itself.
_AGREED = re.compile(
    r"(?:(?:agreed\s+)?(?:actions?|(?:service\s+)?improvements?|recommendations?)(?:\s+agreed)?"
    r"|what\s+the\s+(?:council|authority)\s+(?:has\s+)?agreed(?:\s+to(?:\s+do)?)?"
    r"|(?:as\s+a\s+result,?\s+)?(?:the\s+)?(?:council|authority|it|organisation"
    r"|[\w ]{3,60}council)\s+(?:has\s+|have\s+|had\s+)?(?:also\s+)?agreed"
    r"(?:\s+(?:to|that(?:\s+it\s+will)?|the\s+following|to\s+(?:make|take"
    r"|carry\s+out)?\s*the\s+following)(?:\s+(?:service\s+)?(?:actions?|improvements?|recommendations?))?)?)"
    r"\s*[:….-]*",
    re.IGNORECASE,
)
_NO_IMPROVEMENTS = re.compile(
    r"\b(?:has|have)\s+not\s+(?:yet\s+)?agreed\b|(?:^|[.:]\s*|\bare\s+|\bwere\s+"
    r"|\bbeen\s+)no\s+(?:agreed\s+)?(?:service\s+)?(?:improvements?|results|cases)\b"
    r"|\bnot\s+(?:made|recommended|asked)\s+any\b|\bagreed\s+no\b",
    re.IGNORECASE,
)
_LIST_ANNOUNCED = re.compile(
    r"\bagreed\s+to\s+make\s+the\s+following\b|\bfollowing\s+(?:service\s+)?improvements\b", re.IGNORECASE
)
_BULLET = re.compile(r"^\s*(?:[-–—•·▪◦‣*●○o](?=\s)|[•·▪◦‣●○])\s*")


@dataclass(slots=True)
class _Case:
    """A case as it is put together."""

    label: Line
    reference: str | None = None
    category: str | None = None
    sub_category: str | None = None
    actions: list[Line] = field(default_factory=list)
    links: list[Tag] = field(default_factory=list)
    awaits: str | None = None  # the field whose value the next line holds
    fields: list[Line] = field(default_factory=list)  # lines that are no action


def read_improvements(sections: Sequence[Section], *, council: str, base: str) -> Listed:
    """Every case that the page lists with what the council agreed to do, in its order."""
    result = Listed()
    told = [section for section in sections if section.topic == "improvements"]
    lines = [line for section in told for line in section.lines]
    tabled = list(_tabled(lines))
    in_tables = {id(line) for table in tabled for line in table.lines}
    cases = [case for table in tabled for case in table.cases]
    loose = [line for line in lines if id(line) not in in_tables]
    cases += _cases(loose)
    expected = sum(CASE_LABEL.search(line.plain) is not None for line in loose) + sum(table.rows for table in tabled)
    read = [case for case in cases if case.reference is not None]
    if expected != len(read):
        result.problems.append(f"expected {expected} service improvements by their case references, found {len(read)}")
    found = [_improvement(case, council=council, base=base) for case in read]
    result.improvements = _merged(found)
    bare = [one.case_reference for one in result.improvements if not one.actions]
    if bare and len(bare) * 2 >= len(result.improvements):
        result.problems.append(f"expected what the council agreed to do, found nothing for case {bare[0]}")
    result.says_none = not cases and any(_NO_IMPROVEMENTS.search(line.plain) for line in lines)
    if not cases and not result.says_none and any(_LIST_ANNOUNCED.search(line.plain) for line in lines):
        result.problems.append("expected service improvements after the sentence that announces them, found none")
    return result


def _cases(lines: Sequence[Line]) -> list[_Case]:
    """Cases out of lines: each begins with its reference and goes on to the next, or to the end of its box."""
    cases: list[_Case] = []
    for line in lines:
        if CASE_LABEL.search(line.plain):
            cases.append(_Case(line))
            _take(cases[-1], "reference", line, _CASE)
        elif cases:
            _add(cases[-1], line)
    box = _box([case.label for case in cases], cases[-1].actions if cases else [])
    if box is not None:
        cases[-1].actions = [line for line in cases[-1].actions if _holds(box, line)]
    return cases


def _box(labels: Sequence[Line], last: Sequence[Line]) -> Tag | None:
    """The smallest box with all cases and at least one action of the last; None where that is the page."""
    if not labels or not last:
        return None
    box: Tag | None = labels[-1].node
    first = labels[0]
    while box is not None and not (_holds(box, first) and any(_holds(box, line) for line in last)):
        box = box.parent
    return None if box is None or box.name in ("body", "html", "main", "[document]") else box


def _add(case: _Case, line: Line) -> None:
    """One more line of a case."""
    if is_furniture(line.text) and not case.awaits:
        case.links += line.links
        return
    case.links += line.links
    if case.awaits == "reference" and case.reference is None:
        case.reference, case.awaits = case_reference(line.plain), None
        case.fields.append(line)
    elif not case.actions and _SUB_CATEGORY.search(line.plain):
        _take(case, "sub_category", line, _SUB_CATEGORY)
    elif not case.actions and _CATEGORY.search(line.plain):
        _take(case, "category", line, _CATEGORY)
    elif not case.actions and _AGREED.fullmatch(line.plain.strip()):
        case.fields.append(line)
        case.awaits = None
    elif case.awaits is not None:
        setattr(case, case.awaits, line.text.strip(" :"))
        case.awaits = None
        case.fields.append(line)
    elif not (line.all_linked and re.search(r"/decisions?/", str(line.links[0]["href"]), re.IGNORECASE)):
        case.actions.append(line)


def _take(case: _Case, name: str, line: Line, pattern: re.Pattern[str]) -> None:
    """A label's value, from its own line or, where that ends with the label, from the next."""
    match = pattern.search(line.plain)
    value = line.text[match.start("value") :].strip() if match is not None else ""
    value = re.sub(r"(?<=\w)(?=(?:Sub[\s-]*)?Category\s*:)", " ", value)  # a stored copy glues its lines
    case.links += [link for link in line.links if link not in case.links]
    case.fields.append(line)
    if name == "reference":
        # All fields may share a line: "Case reference: 24 003 150 Category: Education Sub Category: …"
        whole = re.search(r"\bcategory\s*:\s*(?P<c>.*?)\s*\bsub[\s-]*category\s*:\s*(?P<s>.*)$", value, re.IGNORECASE)
        if whole is not None:
            case.category, case.sub_category = whole["c"] or None, whole["s"] or None
        case.reference = case_reference(plain(value))
    elif value:
        both = re.split(r"\s*\bsub[\s-]*category\s*:\s*", value, maxsplit=1, flags=re.IGNORECASE)
        setattr(case, name, both[0] or None)
        if len(both) == 2 and name == "category":
            case.sub_category = both[1] or None
    case.awaits = name if not value else None


def _improvement(case: _Case, *, council: str, base: str) -> ServiceImprovement:
    assert case.reference is not None
    return ServiceImprovement(
        case_reference=case.reference,
        council=council,
        category=case.category,
        sub_category=case.sub_category,
        url=_decision_url(case, base),
        actions=tuple(_actions(case)),
    )


def _decision_url(case: _Case, base: str) -> str | None:
    """The decision's page: of the case's links the one with its reference, else one among decisions."""
    addresses = [a for link in case.links if (a := absolute(str(link["href"]), base)) is not None]
    own = [a for a in addresses if case_reference(a.replace("/", " ").replace("%20", " ")) == case.reference]
    return next(iter([*own, *(a for a in addresses if "/decisions/" in a.lower() and not own)]), None)


def _actions(case: _Case) -> Iterator[str]:
    """One text for each list item or, where there are no lists, for each bullet or paragraph."""
    parts: list[str] = []
    last: Tag | None = None
    items = [_list_item(line, case) for line in case.actions]
    listed = [i for i, item in enumerate(items) if item is not None and item.name == "li"]
    end = listed[-1] + 1 if listed else len(items)  # what follows a list is not of it
    bulleted = any(_BULLET.match(line.text) for line in case.actions)
    for line, item in zip(case.actions[:end], items, strict=False):
        starts = (
            item is not last if item is not None else (last is not None or not bulleted or _BULLET.match(line.text))
        )
        text = _BULLET.sub("", line.text) if starts else line.text
        if starts:
            yield from _joined(parts)
            parts = []
        parts.append(text)
        last = item
    yield from _joined(parts)


def _joined(parts: Sequence[str]) -> Iterator[str]:
    text = collapse(" ".join(parts))
    if re.search(r"\w", text):
        yield text


def _list_item(line: Line, case: _Case) -> Tag | None:
    """The outermost list item (or cell) around the line that is this action's alone, not the case's."""
    found: Tag | None = None
    for node in (line.node, *line.node.parents):
        if node.name in ("body", "html"):
            break
        if any(_holds(node, other) for other in case.fields):
            break
        if node.name not in ("li", "dd", "td", "tr") or _only_groups(node):
            continue
        if node.name != "li" and any(_holds(node, other) for other in case.actions if other is not line):
            continue  # a cell around several actions
        found = node
    return found


def _only_groups(node: Tag) -> bool:
    """Whether a list item says nothing itself: a case's list of actions as an item of a list."""
    inner = node.find_all("li")
    return bool(inner) and collapse(node.get_text("")) == collapse("".join(li.get_text("") for li in inner))


def _merged(found: Sequence[ServiceImprovement]) -> list[ServiceImprovement]:
    """One record for each case: a case listed twice has the actions of both entries."""
    merged: dict[str, ServiceImprovement] = {}
    for one in found:
        known = merged.get(one.case_reference)
        if known is None:
            merged[one.case_reference] = one
            continue
        actions = (*known.actions, *(action for action in one.actions if action not in known.actions))
        merged[one.case_reference] = ServiceImprovement(
            case_reference=one.case_reference,
            council=one.council,
            category=known.category or one.category,
            sub_category=known.sub_category or one.sub_category,
            url=known.url or one.url,
            actions=actions,
        )
    return list(merged.values())


# --- a table with the fields as columns ------------------------------------------------


@dataclass(slots=True)
class _Table:
    lines: list[Line]
    rows: int
    cases: list[_Case]


def _tabled(lines: Sequence[Line]) -> Iterator[_Table]:
    """Tables whose header names the case reference: one row a case, or one row an action."""
    done: list[Tag] = []
    for line in lines:
        if not CASE_LABEL.search(line.plain):
            continue
        row = line.node if line.node.name == "tr" else line.node.find_parent("tr")
        table = row.find_parent("table") if row is not None else None
        if row is None or table is None or any(table is known for known in done):
            continue
        columns = [_column(collapse(cell.get_text(" "))) for cell in row.find_all(["th", "td"], recursive=False)]
        if columns.count("reference") != 1 or len([c for c in columns if c]) < 2:
            continue
        done.append(table)
        yield _read_table(table, row, columns, line, [one for one in lines if _holds(table, one)])


def _column(text: str) -> str:
    if CASE_LABEL.search(text):
        return "reference"
    if _SUB_CATEGORY.search(text):
        return "sub_category"
    if _CATEGORY.search(text):
        return "category"
    return "actions" if re.search(r"improve|action|agreed|recommend", text, re.IGNORECASE) else ""


def _read_table(table: Tag, header: Tag, columns: Sequence[str], label: Line, lines: list[Line]) -> _Table:
    found = _Table(lines, 0, [])
    for row in table.find_all("tr"):
        cells = row.find_all(["th", "td"], recursive=False)
        if row is header or not cells:
            continue
        case = _Case(label)
        if len(cells) == len(columns):
            found.rows += 1
            found.cases.append(case)
            for name, cell in zip(columns, cells, strict=True):
                text = collapse(cell.get_text(" "))
                if name == "reference":
                    case.reference = case_reference(plain(text))
                elif name in ("category", "sub_category"):
                    setattr(case, name, text or None)
                case.links += [link for link in cell.find_all("a", href=True) if isinstance(link, Tag)]
        elif found.cases and "actions" in columns:  # cells of the case above span this row
            case = found.cases[-1]
        case.actions += [
            line
            for line in lines
            for name, cell in zip(columns[len(columns) - len(cells) :], cells, strict=True)
            if name == "actions"
            and _holds(cell, line)
            and not is_furniture(line.text)
            and not _AGREED.fullmatch(line.plain)
        ]
    return found
