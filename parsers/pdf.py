"""The one door to PDF: bytes in; words, filled areas, rules, small drawings and images with positions out.

The only importer of PyMuPDF. Everything above this module is geometry and text of ours.
`find_tables` is not used: it is slow, and wrong in PyMuPDF 2 (docs/decisions.md).

All coordinates are PDF points from the top left of the page as a reader sees it:
rotated pages are turned first.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from typing import Any, NamedTuple

import pymupdf

from parsers.errors import TooLarge, Unreadable
from parsers.records import Bbox
from parsers.text import collapse

pymupdf.TOOLS.mupdf_display_errors(False)
pymupdf.TOOLS.mupdf_display_warnings(False)

# What the library raises for a file that is broken inside, from any of its calls.
BROKEN: tuple[type[Exception], ...] = (pymupdf.mupdf.FzErrorBase, RuntimeError)
MAX_PAGES = 3000  # the longest agenda packs seen have about 1,200
MAX_DRAWINGS = 40_000  # a page; maps have some thousands, bombs have millions
KEPT_PAGES = 150  # of papers no longer than this the layout of the text is worked out once and kept
LARGE = 600  # pixels; what has more along a side is no arrow: at half an inch it would have 1,200 to the inch
_INLINE = re.compile(rb"\bBI\b[^()<>]{1,400}?\bID\b")  # a picture within the page's own instructions
SHARP = 60  # pixels along the longer side of a small picture, so that its outline can be told
RULE_THICKNESS = 2.5  # points; a filled rectangle thinner than this is a line
ARROW_FONTS = re.compile(r"wingdings|webdings|dingbats|symbol", re.IGNORECASE)


class Word(NamedTuple):
    """A run of letters without blanks."""

    x0: float
    y0: float
    x1: float
    y1: float
    text: str

    @property
    def cx(self) -> float:
        return (self.x0 + self.x1) / 2

    @property
    def cy(self) -> float:
        return (self.y0 + self.y1) / 2


class Fill(NamedTuple):
    """A filled rectangle; colour as red, green, blue from 0 to 1."""

    x0: float
    y0: float
    x1: float
    y1: float
    colour: tuple[float, float, float]


class Rule(NamedTuple):
    """A straight line along one axis, drawn as a stroke or as a thin rectangle."""

    x0: float
    y0: float
    x1: float
    y1: float


class Path(NamedTuple):
    """A small drawing that is no rule and no plain rectangle: perhaps an arrow."""

    x0: float
    y0: float
    x1: float
    y1: float
    segments: tuple[tuple[float, float, float, float], ...]  # straightened pieces
    filled: bool
    colour: tuple[float, float, float] | None = None  # what it is filled with; None for strokes

    @property
    def cx(self) -> float:
        return (self.x0 + self.x1) / 2

    @property
    def cy(self) -> float:
        return (self.y0 + self.y1) / 2


class Image(NamedTuple):
    """A placed raster image."""

    x0: float
    y0: float
    x1: float
    y1: float
    width: int  # pixels
    height: int  # pixels


class Glyph(NamedTuple):
    """A character of a symbol font."""

    x0: float
    y0: float
    x1: float
    y1: float
    text: str
    font: str


class Line(NamedTuple):
    """Words that a reader sees on one line, left to right."""

    words: tuple[Word, ...]

    @property
    def text(self) -> str:
        return " ".join(word.text for word in self.words)

    @property
    def y0(self) -> float:
        return min(word.y0 for word in self.words)

    @property
    def y1(self) -> float:
        return max(word.y1 for word in self.words)

    @property
    def bbox(self) -> Bbox:
        return (
            min(w.x0 for w in self.words),
            self.y0,
            max(w.x1 for w in self.words),
            self.y1,
        )


@dataclass
class Page:
    """One page, read when first asked and only what is asked for."""

    number: int  # from 1
    width: float
    height: float
    _raw: Any = field(repr=False)
    _laid_out: Any = field(default=None, repr=False)  # the library's layout of its text, where that is known already
    marks: list[Any] | None = field(default=None, repr=False)  # parsers.grid keeps here the arrows it found
    ruled: list[Any] | None = field(default=None, repr=False)  # likewise its tables

    @cached_property
    def words(self) -> tuple[Word, ...]:
        """Every word; digits that are raised, as marks of footnotes are, come as raised digits: "38¹", not "381"."""
        words = [
            Word(w[0], w[1], w[2], w[3], text)
            for w in self._text.extractWORDS()
            if (text := w[4] if w[4].isascii() and w[4].isprintable() else collapse(w[4]))
        ]
        return tuple(_with_raised(_arrows_apart(words), _raised(self._spans)))

    @cached_property
    def _text(self) -> Any:
        return self._laid_out or _laid_out(self._raw)

    @cached_property
    def _spans(self) -> list[list[dict[str, Any]]]:
        """Runs of letters of one font and size, by the library's lines."""
        blocks = self._text.extractDICT()["blocks"]
        return [line["spans"] for block in blocks for line in block.get("lines", ())]

    @cached_property
    def lines(self) -> tuple[Line, ...]:
        return tuple(lines_of(self.words))

    @cached_property
    def text(self) -> str:
        """Lines in reading order, a blank line where the paper leaves more room than between lines."""
        parts: list[str] = []
        before: Line | None = None
        for line in self.lines:
            if before is not None and line.y0 - before.y1 > 0.45 * (before.y1 - before.y0):
                parts.append("")
            parts.append(line.text)
            before = line
        return "\n".join(parts)

    @cached_property
    def _drawn(self) -> tuple[list[Fill], list[Rule], list[Path]]:
        fills: list[Fill] = []
        rules: list[Rule] = []
        paths: list[Path] = []
        drawings = self._raw.get_cdrawings()
        if len(drawings) > MAX_DRAWINGS:
            return fills, rules, paths
        for drawing in drawings:
            _sort_drawing(drawing, fills, rules, paths)
        return fills, rules, _strokes_joined(paths, rules)

    @property
    def fills(self) -> list[Fill]:
        return self._drawn[0]

    @property
    def rules(self) -> list[Rule]:
        return self._drawn[1]

    @property
    def paths(self) -> list[Path]:
        return self._drawn[2]

    @cached_property
    def has_small_images(self) -> bool:
        """Whether a picture on the page may be small; where all are charts nobody needs to know their places."""
        listed = self._raw.get_images()
        return any(max(image[2], image[3]) <= LARGE for image in listed) or bool(
            _INLINE.search(self._raw.read_contents())
        )

    @cached_property
    def images(self) -> tuple[Image, ...]:
        return tuple(
            Image(x0, y0, x1, y1, info["width"], info["height"])
            # xrefs would hash every chart of the report: most of the time it takes to read it.
            for info in self._raw.get_image_info(xrefs=False)
            for x0, y0, x1, y1 in (info["bbox"],)
        )

    @cached_property
    def glyphs(self) -> tuple[Glyph, ...]:
        """Characters of symbol fonts, with the font that gives them their meaning."""
        if not any(ARROW_FONTS.search(span["font"]) for line in self._spans for span in line):
            return ()
        lines = (line for block in self._text.extractRAWDICT()["blocks"] for line in block.get("lines", ()))
        spans = (span for line in lines for span in line["spans"] if ARROW_FONTS.search(span["font"]))
        found = []
        for span in spans:
            for char in span["chars"]:
                x0, y0, x1, y1 = char["bbox"]
                found.append(Glyph(x0, y0, x1, y1, char["c"], span["font"]))
        return tuple(found)

    def pixels(self, place: Bbox) -> "Bitmap | None":
        """A place in shades of grey, 0 black to 255 white, as a reader sees it; None if it cannot be drawn."""
        try:
            clip = pymupdf.Rect(place)
            zoom = min(max(SHARP / max(clip.width, clip.height, 1), 3), 12)
            pixmap = self._raw.get_pixmap(
                clip=clip, matrix=pymupdf.Matrix(zoom, zoom), colorspace=pymupdf.csGRAY, alpha=False
            )
        except Exception:  # noqa: BLE001 - the library raises plain Exceptions for broken images
            return None
        return Bitmap(pixmap.width, pixmap.height, bytes(pixmap.samples))


class Bitmap(NamedTuple):
    """Shades of grey, row by row."""

    width: int
    height: int
    shades: bytes


def lines_of(words: "tuple[Word, ...] | list[Word]") -> list[Line]:
    """Words grouped into the lines that a reader sees, top to bottom.

    A word belongs to a line when its middle lies within the height of the line's first word,
    so a raised footnote mark stays in its line.
    """
    if len(words) < 2:
        return [Line(tuple(words))] if words else []
    lines: list[tuple[float, float, float, float, list[Word]]] = []  # of the first word: top, bottom, middle, reach
    for middle, word in sorted([((w[1] + w[3]) / 2, w) for w in words], key=lambda pair: (pair[0], pair[1][0])):
        for top, bottom, first, reach, line in reversed(lines[-4:]):
            if top <= middle <= bottom and abs(middle - first) < reach:
                line.append(word)
                break
        else:
            lines.append((word[1], word[3], middle, 0.6 * (word[3] - word[1]), [word]))
    # They began in the order of their first words' middles, and so they stay.
    return [Line(tuple(sorted(line, key=lambda w: w[0]))) for *_, line in lines]


def _laid_out(raw: Any) -> Any:
    return raw.get_textpage(flags=pymupdf.TEXTFLAGS_WORDS & ~pymupdf.TEXT_PRESERVE_LIGATURES)


# Arrows and pointed shapes, as characters; also where symbol fonts keep theirs.
_ARROW = (
    "[\u2190-\u21ff\u25b2-\u25c5\u2794-\u27be\u27f0-\u27ff\u2b00-\u2b11\u2b60-\u2b73\uf000-\uf0ff\U0001f800-\U0001f8ff]"
)
_GLUED = re.compile(rf"{_ARROW}+|(?:(?!{_ARROW}).)+")


def _arrows_apart(words: list[Word]) -> list[Word]:
    """The words, an arrow that stands close to one a word of its own: they may be of two cells."""
    if all(word.text.isascii() for word in words):
        return words
    apart: list[Word] = []
    for word in words:
        pieces = list(_GLUED.finditer(word.text)) if not word.text.isascii() else []
        if len(pieces) < 2:
            apart.append(word)
            continue
        step = (word.x1 - word.x0) / len(word.text)
        for piece in pieces:
            x0, x1 = word.x0 + piece.start() * step, word.x0 + piece.end() * step
            apart.append(word._replace(x0=x0, x1=x1, text=piece[0]))
    return apart


RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
_SMALLER = 0.85  # of the size of its line: what is not smaller is a word that stands high in a merged cell


def _raised(lines: list[list[dict[str, Any]]]) -> list[Word]:
    """Runs of small digits above the line of the text beside them."""
    found = []
    for spans in lines:
        for span in spans:
            if not span["flags"] & pymupdf.TEXT_FONT_SUPERSCRIPT or not span["text"].strip().isdigit():
                continue
            if span["size"] < _SMALLER * max(other["size"] for other in spans):
                x0, y0, x1, y1 = span["bbox"]
                found.append(Word(x0, y0, x1, y1, span["text"].strip()))
    return found


def _with_raised(words: list[Word], raised: list[Word]) -> list[Word]:
    """The words, with the runs of raised digits told from the digits of a figure that they are glued to."""
    for mark in raised:
        for at, word in enumerate(words):
            if not (word.x0 - 1 <= mark.cx <= word.x1 + 1 and word.y0 - 1 <= mark.cy <= word.y1 + 1):
                continue
            # At the word's end, as a rule; before it in a footnote's own line.
            before, _, after = word.text.rpartition(mark.text) if mark.cx > word.cx else word.text.partition(mark.text)
            if before + mark.text + after == word.text:
                words[at] = word._replace(text=before + mark.text.translate(RAISED) + after)
                break
    return words


Point = tuple[float, float]

PEN_STROKE = 30.0  # points; the shaft of an arrow drawn with single strokes is no longer
TOUCH = 0.8  # points between the ends of strokes that meet


def _strokes_joined(paths: list[Path], rules: list[Rule]) -> list[Path]:
    """Single slanting strokes that meet in a point, with a short rule that ends there too, as one drawing.

    An arrow may be three strokes of a pen: its two barbs and its shaft, which alone looks like a rule.
    """
    single = [path for path in paths if not path.filled and len(path.segments) == 1]
    if not 2 <= len(single) <= 400:  # a map or a chart has thousands
        return paths
    joined: list[Path] = []
    used: set[int] = set()
    shafts = [rule for rule in rules if max(rule.x1 - rule.x0, rule.y1 - rule.y0) <= PEN_STROKE]
    for i, one in enumerate(single):
        if i in used:
            continue
        for j in range(i + 1, len(single)):
            meeting = _meeting(one.segments[0], single[j].segments[0])
            if j in used or meeting is None:
                continue
            used |= {i, j}
            pieces = [one.segments[0], single[j].segments[0]]
            pieces += [(*rule,) for rule in shafts if _meeting((*rule,), (*meeting, *meeting)) is not None][:1]
            xs = [x for piece in pieces for x in piece[::2]]
            ys = [y for piece in pieces for y in piece[1::2]]
            joined.append(Path(min(xs), min(ys), max(xs), max(ys), tuple(pieces), False))
            break
    return [path for path in paths if path.filled or len(path.segments) > 1] + joined


def _meeting(a: tuple[float, float, float, float], b: tuple[float, float, float, float]) -> Point | None:
    for ax, ay in (a[:2], a[2:]):
        for bx, by in (b[:2], b[2:]):
            if abs(ax - bx) <= TOUCH and abs(ay - by) <= TOUCH:
                return ax, ay
    return None


def _sort_drawing(drawing: dict[str, Any], fills: list[Fill], rules: list[Rule], paths: list[Path]) -> None:
    """Put one drawing where it belongs. Rules are strokes or thin rectangles along an axis."""
    kind, fill, items = drawing["type"], drawing.get("fill"), drawing["items"]
    if "f" in kind and drawing.get("fill_opacity", 1) == 0:
        return
    rects = [item[1] for item in items if item[0] == "re"] + [_box(item[1]) for item in items if item[0] == "qu"]
    rest = [item for item in items if item[0] in "lc"]
    for x0, y0, x1, y1 in rects:
        if "f" in kind and fill is not None:
            if min(x1 - x0, y1 - y0) <= RULE_THICKNESS:
                # A white hairline separates nothing that a reader could see.
                if min(fill) < 0.95:
                    rules.append(_along_axis(x0, y0, x1, y1))
            else:
                fills.append(Fill(x0, y0, x1, y1, _rgb(fill)))
        if "s" in kind and not _white(drawing.get("color")):
            rules += [Rule(x0, y0, x1, y0), Rule(x0, y1, x1, y1), Rule(x0, y0, x0, y1), Rule(x1, y0, x1, y1)]
    if not rest:
        return
    if kind == "s":
        straight = [item for item in rest if item[0] == "l"]
        for _, (ax, ay), (bx, by) in straight:
            if (abs(ax - bx) < 0.5 or abs(ay - by) < 0.5) and not _white(drawing.get("color")):
                rules.append(Rule(min(ax, bx), min(ay, by), max(ax, bx), max(ay, by)))
        if all(abs(a[0] - b[0]) < 0.5 or abs(a[1] - b[1]) < 0.5 for _, a, b in straight) and len(straight) == len(rest):
            return
    segments = tuple(_straightened(rest))
    # Not drawing["rect"]: it leaves out lines that come later in the same path.
    x0, x1 = min(min(s[0], s[2]) for s in segments), max(max(s[0], s[2]) for s in segments)
    y0, y1 = min(min(s[1], s[3]) for s in segments), max(max(s[1], s[3]) for s in segments)
    if "f" in kind and fill is not None and _is_rectangle(segments, (x0, y0, x1, y1)):
        if min(x1 - x0, y1 - y0) <= RULE_THICKNESS:
            if min(fill) < 0.95:
                rules.append(_along_axis(x0, y0, x1, y1))
        else:
            fills.append(Fill(x0, y0, x1, y1, _rgb(fill)))
        return
    if x1 - x0 <= 60 and y1 - y0 <= 60:  # an arrow in a table is 5 to 25 points; charts are larger
        colour = _rgb(fill) if "f" in kind and fill is not None else None
        paths.append(Path(x0, y0, x1, y1, segments, "f" in kind, colour))


def _box(quad: Any) -> tuple[float, float, float, float]:
    xs, ys = [p[0] for p in quad], [p[1] for p in quad]
    return min(xs), min(ys), max(xs), max(ys)


def _along_axis(x0: float, y0: float, x1: float, y1: float) -> Rule:
    if x1 - x0 >= y1 - y0:
        middle = (y0 + y1) / 2
        return Rule(x0, middle, x1, middle)
    middle = (x0 + x1) / 2
    return Rule(middle, y0, middle, y1)


def _rgb(colour: Any) -> tuple[float, float, float]:
    """RGB of a grey, RGB or CMYK colour."""
    values = tuple(colour)
    if len(values) == 1:
        return (values[0],) * 3
    if len(values) == 4:
        c, m, y, k = values
        return ((1 - c) * (1 - k), (1 - m) * (1 - k), (1 - y) * (1 - k))
    return values[0], values[1], values[2]


def _white(colour: Any) -> bool:
    return colour is not None and min(_rgb(colour)) > 0.95


def _straightened(items: list[Any]) -> Iterator[tuple[float, float, float, float]]:
    for item in items:
        if item[0] == "l":
            (ax, ay), (bx, by) = item[1], item[2]
            yield ax, ay, bx, by
        else:
            points = [_bezier(item[1:5], t / 4) for t in range(5)]
            for (ax, ay), (bx, by) in pairwise(points):
                yield ax, ay, bx, by


def _bezier(points: Any, t: float) -> Point:
    (ax, ay), (bx, by), (cx, cy), (dx, dy) = points
    s = 1 - t
    return (
        s**3 * ax + 3 * s * s * t * bx + 3 * s * t * t * cx + t**3 * dx,
        s**3 * ay + 3 * s * s * t * by + 3 * s * t * t * cy + t**3 * dy,
    )


def _is_rectangle(segments: tuple[tuple[float, float, float, float], ...], rect: Bbox) -> bool:
    """Every piece runs along an edge of the drawing's own box."""
    x0, y0, x1, y1 = rect
    near = 0.3

    def on_edge(ax: float, ay: float, bx: float, by: float) -> bool:
        return any(abs(ax - x) < near and abs(bx - x) < near for x in (x0, x1)) or any(
            abs(ay - y) < near and abs(by - y) < near for y in (y0, y1)
        )

    return all(on_edge(*segment) for segment in segments)


class Pdf:
    """An open document. Use as a context manager: its memory is the C library's."""

    def __init__(self, document: Any) -> None:
        self._document = document
        self._laid_out: dict[int, Any] = {}  # of pages whose text was asked for and that are likely to be read
        self.page_count: int = document.page_count
        self.metadata: dict[str, str] = {k: v for k, v in (document.metadata or {}).items() if v}

    def __enter__(self) -> "Pdf":
        return self

    def __exit__(self, *_: object) -> None:
        self._laid_out.clear()
        self._document.close()

    @property
    def title(self) -> str | None:
        return collapse(self.metadata.get("title", "")) or None

    def page(self, number: int) -> Page:
        """The page with that number, from 1."""
        raw = self._document[number - 1]
        if raw.rotation:
            raw.remove_rotation()
        return Page(number, raw.rect.width, raw.rect.height, raw, self._laid_out.get(number))

    @property
    def pages(self) -> Iterator[Page]:
        for number in range(1, self.page_count + 1):
            yield self.page(number)

    def texts(self) -> list[str]:
        """Page.text of every page."""
        return [page.text for page in self.pages]

    def rough_texts(self) -> list[str]:
        """Every page's text in the file's own order: fast, good enough to tell kinds of papers apart."""
        texts = []
        for number, raw in enumerate(self._document, start=1):
            laid_out = _laid_out(raw)
            texts.append(laid_out.extractText())
            # A turned page is laid out anew once it stands upright; of a long pack few pages are ever read.
            if not raw.rotation and self.page_count <= KEPT_PAGES:
                self._laid_out[number] = laid_out
        return texts

    @property
    def is_repaired(self) -> bool:
        """The file's index was broken and had to be rebuilt; parts may be missing."""
        return bool(self._document.is_repaired)

    def has_images(self) -> bool:
        """Any page shows a picture."""
        return any(raw.get_images() for raw in self._document)


def open_pdf(body: bytes) -> Pdf:
    """Open the bytes of a whole, readable PDF.

    Raises:
        Unreadable: not a PDF, cut short, broken or locked; the message says which.
        TooLarge: more than MAX_PAGES pages.
    """
    start = body[:1024].find(b"%PDF-")
    if start < 0:
        raise Unreadable(f"expected a PDF, found {_what(body)}")
    if b"%%EOF" not in body[-2048:] and b"startxref" not in body[-2048:]:
        raise Unreadable(f"the PDF is cut short: no end mark in the last of its {len(body):,} bytes")
    try:
        document = pymupdf.open(stream=body, filetype="pdf")
    except Exception as error:  # the library's own classes differ from version to version
        raise Unreadable(f"the PDF is broken: {collapse(str(error))[:200]}") from error
    if document.needs_pass:
        raise Unreadable("the PDF is locked with a password")
    if document.page_count > MAX_PAGES:
        raise TooLarge(f"the PDF has {document.page_count:,} pages; the most that is read is {MAX_PAGES:,}")
    if document.page_count == 0:
        raise Unreadable("the PDF has no pages")
    return Pdf(document)


def _what(body: bytes) -> str:
    head = body[:512].lstrip().lower()
    if not body:
        return "an empty file"
    if head.startswith((b"<!doctype html", b"<html", b"<head", b"<body")):
        return "a web page"
    if head.startswith(b"<?xml"):
        return "XML"
    if head.startswith(b"pk\x03\x04"):
        return "a zip archive (perhaps a Word or Excel file)"
    return f"{len(body):,} bytes of another kind"


def render(
    body: bytes,
    page: int,
    bbox: Bbox | None,
    *,
    dpi: int = 110,
    margin: float = 12,
    marks: Sequence[Bbox] = (),
) -> bytes:
    """A PNG of a place in a paper; the whole page where bbox is None. Outlined are the *marks*, else the place."""
    with open_pdf(body) as pdf:
        raw = pdf.page(page)._raw
        clip = raw.rect
        if bbox is not None:
            place = pymupdf.Rect(bbox)
            for outlined in marks or (bbox,):
                raw.draw_rect(_grown(pymupdf.Rect(outlined), 2), color=(0.8, 0, 0.4), width=1.5)
            clip = _grown(place, margin) & raw.rect
        png: bytes = raw.get_pixmap(clip=clip, dpi=dpi, alpha=False).tobytes("png")
        return png


def _grown(place: Any, by: float) -> Any:
    return pymupdf.Rect(place.x0 - by, place.y0 - by, place.x1 + by, place.y1 + by)
