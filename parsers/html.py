"""The one door to HTML: bytes in, text and nodes out. Pages are hostile and badly made."""

import re
import warnings
from collections.abc import Iterator

from bs4 import BeautifulSoup, Comment, NavigableString, Tag, XMLParsedAsHTMLWarning

from parsers import addresses
from parsers.text import collapse

# Elements whose text no reader sees as text.
_UNSEEN = frozenset(["script", "style", "noscript", "template", "svg", "title"])
# Elements that begin a new line on the screen.
_BLOCKS = frozenset(
    """
    address article aside blockquote body br button caption dd details dialog div dl dt fieldset figcaption figure
    footer form h1 h2 h3 h4 h5 h6 header hr html legend li main nav ol option p pre section select summary table
    tbody td tfoot th thead tr ul
    """.split()  # noqa: SIM905
)


def soup(body: bytes) -> BeautifulSoup:
    """The page as a tree. Its own charset declaration counts; broken bytes become U+FFFD."""
    with warnings.catch_warnings():
        # Old pages begin like XML and are none; a warning a page would bury what an operator should see.
        warnings.simplefilter("ignore", XMLParsedAsHTMLWarning)
        return BeautifulSoup(body, "lxml")


def text_of(node: Tag | None) -> str:
    """All visible text of the node as one collapsed line; "" for None.

    >>> text_of(soup(b"<p>In <b>Quarter</b>&nbsp;3<script>x</script>,<br>2024</p>"))
    'In Quarter 3, 2024'
    """
    return collapse(" ".join(paragraphs(node))) if node is not None else ""


def paragraphs(node: Tag) -> list[str]:
    """The node's visible texts as a browser would break them into blocks, in order, none empty.

    >>> paragraphs(soup(b"<ul><li>76 upheld\\n <b>decisions</b></li><li>4.8</li></ul>after"))
    ['76 upheld decisions', '4.8', 'after']
    """
    lines: list[str] = [""]
    for piece in _pieces(node):
        if piece is None:
            lines.append("")
        else:
            lines[-1] += piece
    return [line for line in map(collapse, lines) if line]


def _pieces(node: Tag) -> Iterator[str | None]:
    """Strings, and None wherever a block begins or ends. Iterative: nesting may be hostile."""
    stack: list[Tag | NavigableString | None] = [node]
    while stack:
        item = stack.pop()
        if item is None:
            yield None
        elif isinstance(item, Tag):
            if item.name in _UNSEEN and item is not node:
                continue
            block = item.name in _BLOCKS
            if block:
                yield None
                stack.append(None)
            stack.extend(child for child in reversed(item.contents) if isinstance(child, Tag | NavigableString))
        elif not isinstance(item, Comment) and type(item) is NavigableString:
            yield str(item)


# Where these sites keep what matters, best first.
_MAIN = ("#modgov .mgContent", "#modgov", ".mgContent", "article#article", "article", "main", "[role=main]", "body")


def main_content(page: BeautifulSoup) -> Tag:
    """The part of the page that holds its content, without menus and footers where the site marks it."""
    for selector in _MAIN:
        found = page.select(selector, limit=2)
        # Several articles are cards of a list: none of them is the page's content alone.
        if len(found) == 1 and found[0].get_text(strip=True):
            return found[0]
    return page


# What a page says that changes from one request to the next without any news in it.
_VOLATILE = re.compile(
    r"^(?:page generated|generated on|last updated|date printed|printed on)\b.{0,60}$", re.IGNORECASE
)


def essence(body: bytes, *, url: str) -> str:
    """What matters of a page, as text with what it links to: two fetches without news between give the same.

    A link counts as the document that it means: hosts, ports and parameters are spelt one way
    today and another tomorrow.
    """
    content = main_content(soup(body))
    lines = [line for line in paragraphs(content) if not _VOLATILE.match(line)]
    links = [addresses.identify(addresses.join(url, str(a["href"]))).key for a in content.find_all("a", href=True)]
    return "\n".join((*lines, *links))
