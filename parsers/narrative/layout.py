"""Text into paragraphs and sentences, with the headings that name a service."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from parsers.narrative.vocabulary import NEUTRAL, SERVICE_WORDS, bare_word, words
from parsers.text import collapse

# Bullets that Word draws out of its symbol fonts come as private characters.
_BULLET = re.compile(r"^\s*(?:[•·▪◦●○‣⁃∙■□➢*\uf0a7\uf0b7\uf0d8\uf02d]|o(?=\s+[A-Z0-9])|[-–—](?=\s+\S))\s*")
_MARK = re.compile(
    r"^\s*\(?(?:\d{1,2}|\d{1,2}(?:\.\d{1,2}){1,3}|[a-z]|[ivx]{1,5}|[IVX]{1,5})(?:[.)](?!\d)|(?<=\.\d)|(?<=\.\d\d))\s+(?=\S)"
)


@dataclass(frozen=True, slots=True)
class Paragraph:
    page: int | None
    text: str  # as printed, collapsed, without its list mark
    mark: str  # "digit" for "6.", "item" for bullets and letters, "" for none
    bullet: str = ""  # the list mark as printed
    overleaf: tuple[tuple[int, int | None], ...] = ()  # (where in the text, which page) it runs on to

    def page_at(self, position: int) -> int | None:
        """The page on which that place of the text stands."""
        pages = [page for start, page in self.overleaf if start <= position]
        return pages[-1] if pages else self.page


def _paragraphs(page: int | None, text: str) -> Iterator[Paragraph]:
    """Blank lines, list marks at the start of a line and headings begin a paragraph."""
    lines: list[str] = []
    mark, printed = "", ""

    def flush() -> Iterator[Paragraph]:
        joined = collapse(" ".join(lines))
        if joined:
            yield Paragraph(page, joined, mark, printed)
        lines.clear()

    for raw in text.splitlines():
        line = collapse(raw)
        if not line:
            yield from flush()
            mark, printed = "", ""
            continue
        if _PAGE_NUMBER.fullmatch(line):
            continue
        bullet, numbered = _BULLET.match(line), _MARK.match(line)
        ended = not lines or lines[-1][-1] in ".:;!?)" or len(lines[-1]) < 25 or mark == "item" or _next(printed, line)
        if bullet or (numbered and ended):
            yield from flush()
            found = bullet or numbered
            assert found is not None
            mark = "digit" if numbered and not bullet and re.match(r"\W*\d", numbered[0]) else "item"
            line, printed = line[found.end() :], collapse(found[0])
        elif lines and (named_service(line) or _is_heading(lines[-1], line)):
            yield from flush()
            mark, printed = "", ""
        if line:
            lines.append(line)
    yield from flush()


def _next(printed: str, line: str) -> bool:
    """Whether the line begins with the number after that mark: "2." after "1."."""
    before, after = re.fullmatch(r"\(?(\d{1,2})[.)]", printed), re.match(r"\(?(\d{1,2})[.)]\s", line)
    return before is not None and after is not None and int(after[1]) == int(before[1]) + 1


def paragraphs_of_pages(pages: Sequence[tuple[int | None, str]]) -> list[Paragraph]:
    """The paragraphs of all pages; one that runs over the end of a page is one."""
    found: list[Paragraph] = []
    for page, text in pages:
        for at, paragraph in enumerate(_paragraphs(page, text)):
            runs_on = at == 0 and found and not paragraph.mark and paragraph.text[0].islower()
            if runs_on and found[-1].text[-1] not in ".:;!?":
                last = found[-1]
                overleaf = (*last.overleaf, (len(last.text) + 1, page))
                found[-1] = replace(last, text=f"{last.text} {paragraph.text}", overleaf=overleaf)
            else:
                found.append(paragraph)
    return found


_PAGE_NUMBER = re.compile(r"(?:page\s+)?\d{1,4}(?:\s+of\s+\d{1,4})?", re.IGNORECASE)


def _is_heading(line: str, following: str) -> bool:
    """A short line in title case above a new beginning: "Executive Summary"."""
    words = line.split()
    small = {"and", "of", "the", "for", "to", "in", "&"}
    return (
        len(words) <= 6
        and line[-1] not in ".,;:-"
        and all(word[0].isupper() or word.lower() in small for word in words)
        and following[0].isupper()
    )


_ABBREVIATION = re.compile(
    r"(?:\b(?:mrs?|ms|dr|cllr|rev|hon|st|no|nos|approx|e\.g|i\.e|etc|vs|cf|fig|para|sec|p|pp|[A-Z])\.)$", re.IGNORECASE
)
# Also where the blank after the full stop was lost: "(rated Red).It was noted", "target.1.Mr".
_BOUNDARY = re.compile(
    r"[.!?][\"'’”)\]]*(?:\s+(?=[A-Z0-9\"'‘“(•·])|(?<=[a-z)\]’”'\"][.!?])(?=[A-Z][a-z]|\d{1,2}\.\s?[A-Z])|(?<=[.!?][)\]’”'\"])(?=[A-Z][a-z]))"
)


def sentences(paragraph: str) -> list[str]:
    """The paragraph cut after its full stops.

    >>> sentences("11 were Amber (rated Red).It was noted. Mr. Gough said 4.5% fell. 12 rose.")
    ['11 were Amber (rated Red).', 'It was noted.', 'Mr. Gough said 4.5% fell.', '12 rose.']
    """
    cuts = [0]
    for match in _BOUNDARY.finditer(paragraph):
        head = paragraph[cuts[-1] : match.start() + 1]
        if not _ABBREVIATION.search(head) and not re.fullmatch(r"\W*\d{1,2}\.", head):
            cuts.append(match.end())
    cuts.append(len(paragraph))
    return [piece for a, b in pairwise(cuts) if (piece := paragraph[a:b].strip())]


_TITLES = re.compile(r"^(?:Mr|Mrs|Miss|Ms|Dr|Cllr|Councillor|Sir|Lady|Lord|Rev)\b")
_HEADING = re.compile(
    r"^(?P<name>[A-Z][\w'’‘&,/()\- ]{2,95}?)\s*(?P<dash>\s[-–—―]+\s|[–—―]+\s|:\s)\s*(?P<rest>\S.*)$", re.DOTALL
)


def heading_of(text: str) -> tuple[str, str] | None:
    """(name, rest) of a paragraph that begins with a name and a dash or colon."""
    match = _HEADING.match(text)
    if match is None or _TITLES.match(match["name"]):
        return None
    words = [w for w in re.split(r"[^\w'’]+", match["name"]) if w]
    small = {"and", "of", "the", "for", "to", "in", "with", "on", "inc", "incl", "including"}
    if len(words) > 12 or not all(w[0].isupper() or w[0].isdigit() or w.lower() in small for w in words):
        return None
    return collapse(match["name"]), match["rest"]


def named_service(text: str) -> str | None:
    """The service whose name begins the paragraph: "Public Health – Three of five …"."""
    found = heading_of(text)
    if found is None:
        return None
    names = {bare_word(word) for word in found[0].split()}
    return found[0] if names & SERVICE_WORDS and not names <= NEUTRAL else None


_NEUTRAL_HEADINGS = words(
    "headlines headline overview results key points findings position background introduction conclusion minutes"
    " highlights update recommendation recommendations resolved note notes"
)


def neutral_heading(name: str) -> bool:
    """Whether a heading before a dash or colon says nothing of a part: "Overview: …"."""
    return {bare_word(word) for word in name.split()} - {""} <= NEUTRAL | _NEUTRAL_HEADINGS


def names_only_a_service(text: str) -> bool:
    """A paragraph that is nothing but a service's name: a heading."""
    words = text.rstrip(":").split()
    if not 0 < len(words) <= 9 or text[-1] in ".;,!?)":
        return False
    small = {"and", "of", "the", "for", "&"}
    return all(w[0].isupper() or w.lower() in small for w in words) and bool(
        {bare_word(w) for w in words} & SERVICE_WORDS
    )
