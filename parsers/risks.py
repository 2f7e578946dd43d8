"""The corporate risks that a performance report names, and how many stand at each level."""

import re
from collections.abc import Mapping, Sequence
from datetime import date

from parsers import grid
from parsers.grid import Table
from parsers.pdf import Page
from parsers.records import Fact, Risk, RiskLevel
from parsers.text import MONTHS, collapse, count, matching

_CODE = re.compile(r"^(?P<code>CRR\s?\d{4}|CRR\s?\d{1,3}(?!\d))\s*[:–-]?\s*(?P<title>.+)", re.IGNORECASE)
# Headings of the overview, and what each says has happened to the risks below it.
_HEADINGS = (
    ("new", re.compile(r"new (?:corporate )?risks?")),
    ("withdrawn", re.compile(r"(?:corporate )?risks? (?:withdrawn|removed|closed)(?: from .{0,40})?|withdrawn risks?")),
    ("reduced", re.compile(r"(?:risk )?(?:level )?(?:reductions?|reduced|decreased)|(?:reduced|decreased) risks?")),
    (
        "increased",
        re.compile(r"(?:risk )?(?:level )?(?:increases?|increased|escalat\w+)|(?:increased|escalated) risks?"),
    ),
    ("revised", re.compile(r"(?:risk )?(?:revisions?|revised)|revised risks?")),
)
_RUNNING = re.compile(r"^(?:appendix\s*\w*|\d{1,4}|page\s*\d+.*)$", re.IGNORECASE)
_ENDS = re.compile(r"^(?:mitigating\s+actions?|corporate risk register\b.*)$", re.IGNORECASE)
_AS_AT = re.compile(rf"\b({'|'.join(sorted(MONTHS, key=len, reverse=True))})[a-z]*\s+(20\d{{2}})\b", re.IGNORECASE)
_OVERVIEW = re.compile(r"\bcorporate\s+risks?\b", re.IGNORECASE)


def read(pages: Sequence[Page], tables: Mapping[int, Sequence[Table]] | None = None) -> list[Fact]:
    """Levels by date, and the risks that changed, of the pages that speak of corporate risks.

    `tables` are those of each page, where they are known already; else its ruled tables.
    """
    facts: list[Fact] = []
    change: str | None = None
    for page in pages:
        if not (_OVERVIEW.search(page.text) or change):
            continue
        facts += _levels(page, tables.get(page.number, ()) if tables is not None else grid.tables(page))
        named, change = _changes(page, change)
        facts += named
    return facts


def _levels(page: Page, tables: Sequence[Table]) -> list[RiskLevel]:
    found = []
    for table in tables:
        columns: dict[str, int] = {}
        for row in table.rows:
            words = {matching(cell.text).lower().removesuffix(" risk"): cell.col for cell in row}
            if {"low", "medium", "high"} <= words.keys():
                columns = words
                continue
            label = row[0].text if row else ""
            when = _AS_AT.search(label)
            if not columns or when is None:
                continue
            cells = {cell.col: cell.text for cell in row}
            low, medium, high = (count(cells.get(columns[level], "")) for level in ("low", "medium", "high"))
            if low is not None and medium is not None and high is not None:
                as_at = date(int(when[2]), MONTHS[when[1].lower()], 1)
                found.append(RiskLevel(as_at=as_at, low=low, medium=medium, high=high, page=page.number))
    return found


def _changes(page: Page, change: str | None) -> tuple[list[Risk], str | None]:
    """Risks under a heading that says what happened to them; and the heading in force at the page's end."""
    found: list[Risk] = []
    for block in re.split(r"\n\s*\n", page.text):
        lines = [collapse(line) for line in block.splitlines() if line.strip()]
        paragraph: list[str] = []
        for line in [*lines, ""]:
            if _RUNNING.match(line):
                continue
            plain = line.lower().rstrip(" :")
            heading = next((what for what, pattern in _HEADINGS if pattern.fullmatch(plain)), None)
            starts = _CODE.match(line)
            if paragraph and (heading or starts or not line or _ENDS.match(line)):
                found += _risk(" ".join(paragraph), change, page.number)
                paragraph = []
            if heading:
                change = heading
            elif _ENDS.match(line):
                change = None
            elif starts and change:
                paragraph = [line]
            elif paragraph:
                paragraph.append(line)
    return found, change


_LEVEL = re.compile(r"\bto\s+(?:a\s+)?(low|medium|high)\b", re.IGNORECASE)
_STILL = re.compile(r"\bstill\s+(low|medium|high)\b", re.IGNORECASE)


def _risk(paragraph: str, change: str | None, page: int) -> list[Risk]:
    match = _CODE.match(paragraph)
    if match is None or change is None:
        return []
    # The title ends where the sentence about it begins: "CRR0065: Implementation of …. This is …",
    # "CRR0014: Cyber-attack threats - the risk remains …", "CRR0061: … Assurance has been removed …"
    title = re.split(
        r"(?<=[A-Za-z)’'])\.(?:\s|$)|\s[–-]\s(?=[Tt]h(?:e|is)\b)|\s(?=(?:has|have|was|were|is|will)\b)",
        match["title"],
        maxsplit=1,
    )[0]
    level = _STILL.search(paragraph) or _LEVEL.search(paragraph)
    return [
        Risk(
            code=match["code"].upper().replace(" ", ""),
            title=collapse(title),
            change=change,
            level=level[1].lower() if level else None,
            page=page,
            quote=collapse(paragraph),
        )
    ]
