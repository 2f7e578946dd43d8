"""Pages of the Ombudsman's site as lines and sections, whatever the markup around them.

The site has changed its tags and classes at least three times while its words stayed, so
everything here goes by words: a `Line` is what a browser shows as one line or paragraph,
a `Section` the lines under one of the headings that the site is known to use.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from urllib.parse import urljoin, urlsplit

from bs4 import BeautifulSoup, Tag
from bs4.element import NavigableString

from parsers.text import collapse, slug

_UNSEEN = frozenset(
    ["script", "style", "noscript", "template", "title", "select", "datalist", "iframe", "object", "svg", "math"]
)
_BLOCKS = frozenset(
    [
        "address",
        "article",
        "aside",
        "blockquote",
        "body",
        "br",
        "button",
        "caption",
        "center",
        "dd",
        "details",
        "dialog",
        "div",
        "dl",
        "dt",
        "fieldset",
        "figcaption",
        "figure",
        "footer",
        "form",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "header",
        "hgroup",
        "hr",
        "html",
        "label",
        "legend",
        "li",
        "main",
        "menu",
        "nav",
        "ol",
        "option",
        "p",
        "pre",
        "section",
        "summary",
        "table",
        "tbody",
        "td",
        "tfoot",
        "th",
        "thead",
        "tr",
        "ul",
    ]
)
_HEADINGS = frozenset(["h1", "h2", "h3", "h4", "h5", "h6"])
_LABELS = _HEADINGS | frozenset(["dt", "th", "legend", "summary", "caption"])
_BOLD = frozenset(("b", "strong"))
_PRINTED = frozenset(("pre",))  # where the end of a line is one
# Menus and page footers; a card may have a footer too, and that one speaks of figures.
_FRAME = frozenset(("nav", "footer"))
_SUBSTANCE = re.compile(r"%|\d{4}|investigat|upheld|case\s+reference|satisf", re.IGNORECASE)

_PLAIN = str.maketrans("‘’‚‛“”„‟‐‑‒–—―−\u00a0", "''''\"\"\"\"------- ")


def plain(text: str) -> str:
    """A copy to match against with every character at its old place: plain quotes, dashes, digits.

    >>> plain("Council’s 1 April – ７６")
    "Council's 1 April - 76"
    """
    if text.isascii():
        return text
    return "".join(n if len(n := unicodedata.normalize("NFKC", c)) == 1 else c for c in text.translate(_PLAIN))


@dataclass(frozen=True, slots=True, eq=False)
class Line:
    """What a browser shows as one line or paragraph."""

    text: str  # collapsed, as printed
    node: Tag  # the innermost block element it stands in
    is_label: bool = False  # stands in a heading, a term, a header cell, or is bold throughout
    links: tuple[Tag, ...] = ()  # the <a href> it touches, in order
    starts_linked: bool = False  # begins inside the first of them
    all_linked: bool = False  # stands wholly inside the first of them

    @property
    def plain(self) -> str:
        """The text to match against, of the same length."""
        return plain(self.text)

    @property
    def in_heading(self) -> bool:
        """Whether it stands in h1 to h6."""
        return self.node.name in _HEADINGS or self.node.find_parent(list(_HEADINGS)) is not None


@dataclass(slots=True)
class _Draft:
    """A line while it is collected."""

    pieces: list[str] = field(default_factory=list)
    parents: list[Tag] = field(default_factory=list)  # of the pieces that are not blank
    seam: bool = False  # an inline element began or ended since the last piece

    def add(self, text: str, parent: Tag) -> None:
        if self.seam and self.pieces and _glued(self.pieces[-1], text):
            self.pieces.append(" ")
        self.seam = False
        self.pieces.append(text)
        if text.strip():
            self.parents.append(parent)

    def line(self) -> Line | None:
        text = collapse("".join(self.pieces))
        if not text or not self.parents:
            return None
        first = self.parents[0]
        block = _enclosing(first, _BLOCKS) or first
        link_of = [_link(parent) for parent in self.parents]
        links = tuple(dict.fromkeys(link for link in link_of if link is not None))
        bold = all(_within_block(parent, _BOLD) for parent in self.parents)
        return Line(
            text=text,
            node=block,
            is_label=bold or _enclosing(block, _LABELS) is not None,
            links=links,
            starts_linked=link_of[0] is not None,
            all_linked=link_of[0] is not None and all(link is link_of[0] for link in link_of),
        )


def _glued(before: str, after: str) -> bool:
    """Whether style, not a blank, keeps two neighbouring elements apart: 76|upheld, decisions|94, Upheld|Other."""
    a, b = before[-1:], after[:1]
    if a.isdigit():
        return b.isalpha() and after[:2].lower() not in ("st", "nd", "rd", "th")
    return (a.isalpha() and b.isdigit()) or (
        bool(a) and (a.islower() or a in ".:;?!)%") and (b.isupper() or b.isdigit())
    )


def _enclosing(node: Tag, names: frozenset[str]) -> Tag | None:
    """The node itself or its nearest ancestor with one of the names."""
    if node.name in names:
        return node
    return next((parent for parent in node.parents if parent.name in names), None)


def _within_block(node: Tag, names: frozenset[str]) -> bool:
    """Whether the node is in an element of these names that does not reach beyond its block."""
    here: Tag | None = node
    while here is not None and here.name not in _BLOCKS:
        if here.name in names:
            return True
        here = here.parent
    return False


def _link(node: Tag) -> Tag | None:
    link = _enclosing(node, frozenset(("a",)))
    return link if link is not None and link.has_attr("href") else None


@dataclass(frozen=True, slots=True)
class _End:
    """On the stack: the place where an element ends."""

    block: bool


def lines(root: Tag) -> list[Line]:
    """The visible lines in order. A figure that only a chart's label holds is a line too."""
    found: list[Line] = []
    draft = _Draft()
    is_text = len(root.find_all(True, limit=8)) < 8  # a stored copy: text that a parser put <p> around
    stack: list[Tag | NavigableString | _End] = [root]

    def flush() -> None:
        nonlocal draft
        line = draft.line()
        if line is not None:
            found.append(line)
        draft = _Draft()

    while stack:
        item = stack.pop()
        if isinstance(item, _End):
            if item.block:
                flush()
            else:
                draft.seam = True
        elif isinstance(item, Tag):
            said = _spoken(item)
            if said is not None:
                draft.seam = True
                draft.add(said, item)
            if said is not None or _is_unseen(item):
                continue
            block = item.name in _BLOCKS or "-" in item.name
            if block:
                flush()
            else:
                draft.seam = True
            stack.append(_End(block))
            stack.extend(child for child in reversed(item.contents) if isinstance(child, Tag | NavigableString))
        elif type(item) is NavigableString and item.parent is not None:
            printed = is_text or _enclosing(item.parent, _PRINTED) is not None
            for number, piece in enumerate(str(item).splitlines() if printed else [str(item)]):
                if number:
                    flush()
                draft.add(piece, item.parent)
    flush()
    return found


def _is_unseen(tag: Tag) -> bool:
    if tag.name in _UNSEEN:
        return True
    if tag.name == "sup":  # a footnote's mark would make 94 into 941
        return re.fullmatch(r"[\s\d*†‡()\[\]]*", tag.get_text()) is not None
    if tag.name in _FRAME or tag.get("role") in ("navigation", "contentinfo"):
        return _SUBSTANCE.search(tag.get_text(" ")) is None
    return False


_FIGURE = re.compile(r"\d+(?:\.\d+)?\s*(?:%|per\s?cent)|\b\d+\b", re.IGNORECASE)


def _spoken(tag: Tag) -> str | None:
    """The figure in a chart's or gauge's label, where the element shows no figure as text."""
    candidates = [tag.get("aria-label"), tag.get("alt") if tag.name in ("img", "area") else None]
    if tag.name == "svg":
        candidates.append(" ".join(part.get_text(" ") for part in tag.find_all(["title", "text"])))
    elif tag.name in ("a", "button", "input", "nav", "section", "main", "article", "form", "body", "html"):
        return None  # their labels name the element, they do not tell what it shows
    labels = [collapse(label) for label in candidates if isinstance(label, str)]
    if tag.get("role") in ("progressbar", "meter") and isinstance(now := tag.get("aria-valuenow"), str):
        labels.append(f"{now}%" if tag.get("aria-valuemax", "100") == "100" else now)
    for label in labels:  # one figure: an axis with its ticks says nothing
        if len(_FIGURE.findall(label)) == 1 and (tag.name == "svg" or not re.search(r"\d", tag.get_text())):
            return f" {label} "
    return None


# What the site puts beside its content: tooltips, buttons, notices. Never part of a record.
_FURNITURE = re.compile(
    r"\??\s*(?:"
    + "|".join(
        (
            r"\?|i",
            r"(?:find out|read|learn) more|find out more about\b.{0,80}",
            r"back to top|print|print this page|share(?: this)?(?: page)?|close|search|skip to .{0,30}",
            r"view (?:all|upheld|annual|more|the|decision|case|full)\b.{0,60}|see all\b.{0,60}",
            r"show (?:more|all|less)(?: \w+)?|next(?: page)?|previous(?: page)?|page \d+(?: of \d+)?",
            r"last updated\b.{0,40}|(?:©|copyright)\b.{0,80}|how is your council performing\?",
            r"(?:review your )?privacy settings|(?:view )?(?:required|analytical) cookies.{0,40}|lgo logogram",
            r"cookies?|accept(?: all)?(?: cookies)?|contact us|accessibility|site ?map|privacy(?: policy)?",
        )
    )
    + r")\s*[>»›…]*",
    re.IGNORECASE,
)


def is_furniture(text: str) -> bool:
    """Whether a line is the site's own, like a tooltip or a button.

    >>> [is_furniture(t) for t in ("?Find out more about public reports", "View all", "Remind staff", "•")]
    [True, True, False, True]
    """
    return not re.search(r"\w", text) or _FURNITURE.fullmatch(plain(text)) is not None


_COUNCIL_WORD = r"(?:the\s+)?(?:council|authority|organisation|[\w'&.,() -]{3,80}?)"
# Topics of the site's sections, by what their headings say.
_TOPICS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (topic, re.compile(pattern, re.IGNORECASE))
    for topic, pattern in (
        ("overview", r"complaints?\s+overview|overview(?:\s+of\s+complaints)?"),
        ("definitions", r"(?:more\s+)?about\s+(?:this|our|the)\s+(?:data|statistics)|average\s+performance\s+rates?"),
        (
            "upheld",
            rf"complaints?\s+(?:we\s+)?upheld(?:\s+by\s+{_COUNCIL_WORD})?|upheld\s+complaints"
            rf"|uphold\s+rate",
        ),
        (
            "compliance",
            r"(?:the\s+council's\s+)?compliance(?:\s+rate)?(?:\s+with\s+(?:the\s+"
            r"|our\s+)?(?:ombudsman(?:'s)?\s+)?recommendations)?",
        ),
        ("remedy", rf"satisfactory\s+remed(?:y|ies)(?:\s+(?:provided|offered)\s+by\s+{_COUNCIL_WORD})?"),
        ("letters", r"annual\s+(?:review\s+)?letters?"),
        (
            "reports",
            r"(?:our\s+)?(?:public\s+)?(?:interest\s+)?reports?"
            rf"(?:\s+(?:published\s+|issued\s+)?(?:against|about|on|concerning|for)\s+{_COUNCIL_WORD})?",
        ),
        (
            "improvements",
            rf"service\s+improvements?(?:\s+(?:agreed\s+)?(?:agreed|by|for|at|from)\s+{_COUNCIL_WORD})?",
        ),
        (
            "decisions",
            r"(?:our\s+|published\s+|recent\s+|latest\s+)decisions|decisions\s+(?:for|about)\s+.{2,70}council",
        ),
        ("annual", r"annual\s+statistics(?:\s+.{0,20})?"),
    )
)
_TOOLTIP = re.compile(r"\s*\?\s*(?:find\s+out\s+more\b.*)?$|\s*find\s+out\s+more\s+about\b.*$", re.IGNORECASE)


def topic(line: Line) -> str | None:
    """Which of the site's sections the line is the heading of; None for every other line."""
    text = _TOOLTIP.sub("", line.plain)
    text = re.sub(r"\s*\(\d+\)$", "", text).strip(" :-•*#")
    if not text or len(text) > 120 or (line.all_linked and not line.in_heading and _leads_away(line.links[0])):
        return None
    return next((name for name, pattern in _TOPICS if pattern.fullmatch(text)), None)


def _leads_away(link: Tag) -> bool:
    href = str(link["href"]).strip()
    return bool(href) and not href.startswith(("#", "javascript:"))


# Sections that begin without their heading where a line of this form stands.
CASE_LABEL = re.compile(r"^[\W_]*case\s+ref(?:erence)?(?:\s+(?:no|number))?\b\.?\s*(?::|-|$|(?=\d))", re.IGNORECASE)
_REPORTS_LEAD = re.compile(
    r"\bpublished\s+(?:the\s+following|(?:no|\w+)\s+public)\b.{0,60}\breports?\b"
    r"|\bfollowing\s+public\s+(?:interest\s+)?reports?\b",
    re.IGNORECASE,
)


_BARE_PERCENT = re.compile(r"\d{1,3}(?:\.\d+)?\s*(?:%|per\s?cent)", re.IGNORECASE)


@dataclass(slots=True)
class Section:
    """Lines under one heading."""

    topic: str | None  # None before the first heading that is known
    heading: Line | None
    lines: list[Line] = field(default_factory=list)
    is_definition: bool = False  # explains a term: holding no figure is no fault


def sections(page: Sequence[Line]) -> list[Section]:
    """The page cut at its known headings, in order."""
    found = [Section(None, None)]
    defined: set[str] | None = None  # topics defined so far; None outside the definitions
    for line, before in zip(page, [None, *page], strict=False):
        name = topic(line)
        if name is not None and before is not None and not line.in_heading and _BARE_PERCENT.fullmatch(before.plain):
            name = None  # "81%" and, in the next block, "Complaints upheld by the council"
        if name is None:
            here = found[-1].topic
            if CASE_LABEL.search(line.plain) and here != "improvements":
                found.append(Section("improvements", None))
            elif _REPORTS_LEAD.search(line.plain) and here != "reports":
                found.append(Section("reports", None))
            found[-1].lines.append(line)
            continue
        if name == "definitions":
            # "Average performance rates" is the last term that is defined.
            ends = line.plain.lower().startswith("average")
            defined = None if ends else set()
        elif defined is not None and name in defined:
            defined = None
        elif defined is not None:
            defined.add(name)
        found.append(Section(name, line, is_definition=name == "definitions" or defined is not None))
    return found


class Flow:
    """Lines joined into one text to match against, which knows where each piece came from."""

    def __init__(self, page: Sequence[Line]) -> None:
        self.lines = tuple(page)
        self.printed = "\n".join(line.text for line in page)
        self.text = plain(self.printed)  # what is read is blotted out here, length kept
        self.starts: list[int] = []
        at = 0
        for line in page:
            self.starts.append(at)
            at += len(line.text) + 1

    def blot(self, start: int, end: int) -> None:
        """Take a stretch out of what is matched against."""
        gone = "".join("\n" if c == "\n" else "¦" for c in self.text[start:end])
        self.text = self.text[:start] + gone + self.text[end:]

    def line_text(self, number: int) -> str:
        """What is left of one line."""
        start = self.starts[number]
        return self.text[start : start + len(self.lines[number].text)]

    def quote(self, start: int, end: int) -> str:
        """The sentence, as printed, in which a stretch stands."""
        ends = [m.end() for m in re.finditer(r"[.!?](?=\s|[A-Z])|\n", self.printed[:start])]
        first = ends[-1] if ends else 0
        close = re.search(r"[.!?](?=\s|[A-Z]|$)|\n", self.printed[end:])
        last = end + (close.end() if close else len(self.printed) - end)
        return collapse(self.printed[first:last])


def page_title(page: BeautifulSoup, given: str = "") -> str | None:
    """The page's own heading, else what its <title> says before the site's name, else the given one."""
    for heading in page.find_all("h1"):
        text = collapse(heading.get_text(" "))
        if text and not is_furniture(text):
            return text
    text = tab_title(page)
    return text if text and not is_furniture(text) else collapse(given) or None


def tab_title(page: BeautifulSoup) -> str:
    """What the page's <title> says before the site's name; "" where it says no more."""
    parts = re.split(r"\s+[|–—-]\s+", collapse(page.title.get_text())) if page.title is not None else [""]
    while parts and re.search(r"(?:social care |government )ombudsman$|lgsco|\blgo\b", parts[-1], re.IGNORECASE):
        parts.pop()
    return " - ".join(parts)


# "Kent County Council", "London Borough of Bexley", "Royal Borough of Kensington & Chelsea", "City of York Council"
_NAME_WORD = r"(?:[A-Z][\w'.-]*|of|and|upon|on|the|in|with|le|&|\(\w+\))"
COUNCIL_NAME = re.compile(
    rf"(?:London|Royal)\s+Borough\s+of\s+[A-Z][\w'-]+(?:\s+(?:and|&|upon)\s+[A-Z][\w'-]+)*(?:\s+Council)?"
    rf"|[A-Z][\w'.-]*(?:,?\s+{_NAME_WORD}){{0,6}}?\s+(?:Council|Combined\s+Authority"
    rf"|Park\s+Authority)\b(?!\s+(?:Tax|Leader|House|Chamber))"
)
_NO_NAME = re.compile(
    r"(?:(?:the|this|that|your|a|an|our|each|every|any|city|county|borough|district|town|parish|unitary"
    r"|metropolitan|local|another|new|old|which|when|if|in|at|for|by|and|as|after|find)\s+)*council",
    re.IGNORECASE,
)
_LEADING = re.compile(
    r"^(?:(?:The|A|An|In|At|By|For|And|When|After|Since|While|If|But|As|From|Following|Because|Both|Said)\s+)+"
)


def council_names(text: str) -> Iterator[str]:
    """Names of councils in running text.

    >>> list(council_names("The Council, and Kent County Council with London Borough of Bexley."))
    ['Kent County Council', 'London Borough of Bexley']
    """
    for match in COUNCIL_NAME.finditer(plain(text)):
        name = _LEADING.sub("", collapse(match.group()))
        if name[:1].isupper() and not _NO_NAME.fullmatch(name):
            yield name


_PERFORMANCE = re.compile(r"/your-councils-performance/(?P<slug>[^/?#]+)(?:/(?P<tab>[^/?#]*))?", re.IGNORECASE)


def performance_path(url: str) -> tuple[str, str] | None:
    """The council's slug and the tab ("statistics", "serviceimprovements", "") of a performance page's URL.

    >>> performance_path("https://www.lgo.org.uk/your-councils-performance/kent-county-council/statistics/")
    ('kent-county-council', 'statistics')
    """
    match = _PERFORMANCE.search(urlsplit(url).path)
    return (match["slug"].lower(), (match["tab"] or "").lower()) if match else None


def page_council(page: BeautifulSoup, all_lines: Sequence[Line], url: str) -> str:
    """Slug of the council that the page is about; "" where neither the URL nor a heading names one."""
    from_url = performance_path(url)
    if from_url is not None:
        return from_url[0]
    headings = [line.text for line in all_lines if line.is_label]
    title = page.title.get_text() if page.title is not None else ""
    for text in (*headings, title, *(line.text for line in all_lines)):
        for name in council_names(text):
            return slug(name)
    return ""


def base_url(page: BeautifulSoup, url: str) -> str:
    """What the page's links are relative to."""
    base = page.select_one("base[href]")
    try:
        return urljoin(url, str(base["href"])) if base is not None else url
    except ValueError:  # "http://[": not an address
        return url


def absolute(href: str, base: str) -> str | None:
    """The link's absolute address; None for what is not on the web."""
    try:
        target = urljoin(base, href.strip())
        scheme = urlsplit(target).scheme
    except ValueError:
        return None
    return target if scheme in ("http", "https") else None


# What stands in place of a page when the site would rather talk to a browser.
_CHALLENGE = re.compile(
    r"just a moment|checking your browser|verify(?:ing)? (?:that )?you are (?:a )?human|enable javascript and cookies"
    r"|attention required|incapsula|access denied|request unsuccessful|are you a robot|captcha"
    r"|ddos protection|unusual traffic",
    re.IGNORECASE,
)
_MISSING = re.compile(r"page (?:can(?:no|')t be|not) found|\b404\b|page you (?:are looking|requested)", re.IGNORECASE)


def stand_in(page: BeautifulSoup, all_lines: Sequence[Line]) -> str | None:
    """What the page is instead of content, in a few words; None for a page with content."""
    title = page.title.get_text() if page.title is not None else ""
    words = sum(len(line.text.split()) for line in all_lines)
    text = " ".join((title, *(line.text for line in all_lines[:60])))
    if words < 400 and _CHALLENGE.search(text):
        return "a challenge page"
    if words < 400 and _MISSING.search(text):
        return "a 'not found' page"
    return "a page stripped of its content" if words < 25 else None
