"""Which way an arrow points: drawn, typed or pasted as a small picture.

An arrow that cannot be told is None, never "stable".
"""

from collections.abc import Callable, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import Literal

from parsers.pdf import Bitmap, Glyph, Path
from parsers.records import Direction

Way = Literal["up", "down", "left", "right"]

# The key page of every edition seen: up improving, down worsening, level stable or without clear trend.
DIRECTION: dict[str, Direction] = {
    "up": Direction.IMPROVING,
    "down": Direction.WORSENING,
    "right": Direction.STABLE,
}

_UP: Way = "up"
_DOWN: Way = "down"
_RIGHT: Way = "right"
UNICODE: dict[str, Way] = {
    **dict.fromkeys("↑⬆⇧⇑▲△⏶🡅🡡🠕🡹⭡🔺▴", _UP),
    **dict.fromkeys("↓⬇⇩⇓▼▽⏷🡇🡣🠗🡻⭣🔻▾", _DOWN),
    **dict.fromkeys("→➔➜➝➞➡⇨⇒►▶▷⏵🡆🡢🠖🡺⭢▸➨➤↔⇔⬄⬌⟷", _RIGHT),
}

# Code points of symbol fonts, from the fonts' own character charts. Text extraction gives
# them as they are, or moved into the private use area at U+F000.
SYMBOL_FONTS: dict[str, dict[int, Way]] = {
    "wingdings3": {
        0x21: "left", 0x22: "right", 0x23: "up", 0x24: "down", 0x66: "left", 0x67: "right", 0x68: "up", 0x69: "down",
        0x70: "up", 0x71: "down", 0x72: "up", 0x73: "down", 0x74: "left", 0x75: "right", 0x76: "left", 0x77: "right",
        0xC6: "right", 0xC7: "up", 0xC8: "down", 0x9A: "right",
    },
    "wingdings": {
        0xDF: "left", 0xE0: "right", 0xE1: "up", 0xE2: "down", 0xE7: "left", 0xE8: "right", 0xE9: "up", 0xEA: "down",
        0xEF: "left", 0xF0: "right", 0xF1: "up", 0xF2: "down", 0xF3: "right", 0xD8: "right",
    },
    "symbol": {0xAB: "right", 0xAC: "left", 0xAD: "up", 0xAE: "right", 0xAF: "down",
               0xDB: "right", 0xDC: "left", 0xDD: "up", 0xDE: "right", 0xDF: "down"},
    "dingbats": {
        0x73: "up", 0x74: "down", 0xD4: "right", 0xD5: "right", 0xD8: "right", 0xD9: "right", 0xDA: "right",
        0xDB: "right", 0xDC: "right", 0xDE: "right", 0xE0: "right", 0xE2: "right", 0xE4: "right",
    },
}  # fmt: skip


def way_of_text(text: str) -> Way | None:
    """The way of the one arrow in a text; None when there is none, or two that differ.

    >>> way_of_text("GREEN ⇧"), way_of_text("no arrow"), way_of_text("↑↓")
    ('up', None, None)
    """
    ways = {UNICODE[char] for char in text if char in UNICODE}
    return ways.pop() if len(ways) == 1 else None


def way_of_glyph(glyph: Glyph) -> Way | None:
    """The way of a character of a symbol font."""
    if glyph.text in UNICODE:
        return UNICODE[glyph.text]
    font = glyph.font.lower().replace(" ", "").replace("-", "")
    code = ord(glyph.text[0]) if glyph.text else 0
    code = code - 0xF000 if 0xF000 <= code <= 0xF0FF else code
    if "opensymbol" in font:  # stands in for Wingdings and for Symbol, at the code points of either
        ways = {SYMBOL_FONTS[name][code] for name in ("wingdings", "symbol") if code in SYMBOL_FONTS[name]}
        return ways.pop() if len(ways) == 1 else None
    for name in ("wingdings3", "wingdings2", "wingdings", "symbol", "dingbats"):
        if name in font:
            return SYMBOL_FONTS.get(name, {}).get(code)
    return None


def way_of_path(path: Path) -> Way | None:
    """The way of a drawn arrow: block, outline or triangle.

    The arrow's axis is the one along which it is its own mirror image; its tip is the end
    at which it narrows to a point. How far the head reaches down the shaft does not matter.
    """
    return _way_of_shape(
        path.filled,
        tuple(
            (round(ax - path.x0, 1), round(ay - path.y0, 1), round(bx - path.x0, 1), round(by - path.y0, 1))
            for ax, ay, bx, by in path.segments
        ),
    )


@lru_cache(maxsize=512)  # a paper draws the same three arrows a hundred times
def _way_of_shape(filled: bool, segments: tuple[tuple[float, float, float, float], ...]) -> Way | None:
    width, height = max(max(s[0], s[2]) for s in segments), max(max(s[1], s[3]) for s in segments)
    path = Path(0, 0, width, height, segments, filled)
    if not filled and (way := _way_of_strokes(path)):
        return way

    def spans(axis: int) -> Callable[[float], tuple[float, float] | None]:
        def span(at: float) -> tuple[float, float] | None:
            crossings = []
            for segment in path.segments:
                a, b = segment[axis], segment[2 + axis]
                if a != b and min(a, b) <= at <= max(a, b):
                    share = (at - a) / (b - a)
                    crossings.append(segment[1 - axis] + share * (segment[3 - axis] - segment[1 - axis]))
            return (min(crossings), max(crossings)) if crossings else None

        return span

    return _way((path.x0, path.y0, path.x1, path.y1), spans)


def way_of_bitmap(bitmap: Bitmap) -> Way | None:
    """The way of an arrow in a small picture, dark on light or light on dark."""
    w, h, shades = bitmap
    if w < 6 or h < 6:
        return None
    border = [shades[x] for x in range(w)] + [shades[(h - 1) * w + x] for x in range(w)]
    ground = sorted(border)[len(border) // 2]
    # Half of the picture's contrast: a hairline of the cell's edge is fainter than the arrow.
    edge = max(60, max(abs(shade - ground) for shade in shades) // 2)
    ink = [[abs(shades[y * w + x] - ground) > edge for x in range(w)] for y in range(h)]
    rows = [y for y in range(h) if any(ink[y])]
    columns = [x for x in range(w) if any(ink[y][x] for y in range(h))]
    if not rows or not columns:
        return None

    def spans(axis: int) -> Callable[[float], tuple[float, float] | None]:
        def span(at: float) -> tuple[float, float] | None:
            at_pixel = round(at)
            line = ink[at_pixel] if axis == 1 else [row[at_pixel] for row in ink]
            marked = [i for i, dark in enumerate(line) if dark]
            return (marked[0] - 0.5, marked[-1] + 0.5) if marked else None

        return span

    return _way((columns[0], rows[0], columns[-1], rows[-1]), spans)


_AXES: tuple[tuple[int, tuple[Way, Way]], ...] = ((0, ("left", "right")), (1, ("up", "down")))


def _way(
    box: tuple[float, float, float, float],
    spans: Callable[[int], Callable[[float], tuple[float, float] | None]],
) -> Way | None:
    """Axis by symmetry, tip by width. `spans(axis)(at)` is the drawing's extent across that axis."""
    best: tuple[float, Way] | None = None
    for axis, ways in _AXES:
        low, high = box[axis], box[2 + axis]
        width = box[3 - axis] - box[1 - axis]
        if high - low < 2 or width < 1.5:
            continue
        span = spans(axis)
        profile = [span(low + (high - low) * step / 24) for step in range(1, 24)]
        if any(piece is None for piece in profile):
            continue
        pieces = [piece for piece in profile if piece is not None]
        middle = (box[1 - axis] + box[3 - axis]) / 2
        # The mean, not the worst: hand-drawn barbs do not start level on both sides.
        skew = sum(abs((a + b) / 2 - middle) for a, b in pieces) / len(pieces) / width
        if skew > 0.07:
            continue
        widths = [(b - a) / width for a, b in pieces]
        way = _tip(widths, ways)
        if way is not None and (best is None or skew < best[0]):
            best = (skew, way)
    return best[1] if best else None


def _tip(widths: Sequence[float], ways: tuple[Way, Way]) -> Way | None:
    """The one end from which the drawing widens steadily to its widest; a shaft's end widens with a jump."""
    pointed = [way for way, run in zip(ways, (widths, widths[::-1]), strict=True) if _widens_steadily(run)]
    return pointed[0] if len(pointed) == 1 else None


def _widens_steadily(run: Sequence[float]) -> bool:
    widest = run.index(max(run))
    steps = [b - a for a, b in pairwise(run[: widest + 1])]
    growth = run[widest] - run[0]
    return len(steps) >= 4 and growth >= 0.45 and min(steps) > -0.04 and max(steps) <= 0.4 * growth


def _way_of_strokes(path: Path) -> Way | None:
    """A stroked arrow: the tip is where the two barbs and perhaps the shaft meet."""
    ends: dict[tuple[float, float], int] = {}
    for ax, ay, bx, by in path.segments:
        for point in ((round(ax, 1), round(ay, 1)), (round(bx, 1), round(by, 1))):
            ends[point] = ends.get(point, 0) + 1
    width, height = path.x1 - path.x0, path.y1 - path.y0
    near = 0.12 * max(width, height)
    tips: list[Way] = []
    for (x, y), meeting in ends.items():
        if meeting < 2:
            continue
        if abs(y - path.y0) < near and abs(x - path.cx) < near:
            tips.append("up")
        if abs(y - path.y1) < near and abs(x - path.cx) < near:
            tips.append("down")
        if abs(x - path.x1) < near and abs(y - path.cy) < near:
            tips.append("right")
        if abs(x - path.x0) < near and abs(y - path.cy) < near:
            tips.append("left")
    return tips[0] if len(set(tips)) == 1 else None


_SAID: dict[str, Way] = {
    **dict.fromkeys(("improving", "improved", "improvement", "up", "better", "upward", "positive"), "up"),
    **dict.fromkeys(
        (
            "stable",
            "static",
            "steady",
            "level",
            "flat",
            "nochange",
            "unchanged",
            "same",
            "maintained",
            "noclear",
        ),
        "right",
    ),
    **dict.fromkeys(("worsening", "worsened", "worse", "down", "declining", "deteriorating", "negative"), "down"),
}


def way_of_words(text: str) -> Way | None:
    """The way that an arrow would point, where the trend is said in words.

    >>> way_of_words("Improving"), way_of_words("No change"), way_of_words("Worsening tr end"), way_of_words("Due")
    ('up', 'right', 'down', None)
    """
    letters = "".join(char for char in text.lower() if char.isalpha())  # a narrow column breaks "Improv ing"
    return _SAID.get(letters.removesuffix("trend").removesuffix("performance"))


def direction(way: Way | None) -> Direction | None:
    """What the way means; None for no arrow, and for one that no key explains (left)."""
    return DIRECTION.get(way) if way else None
