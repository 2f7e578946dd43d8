"""Which way arrows point, whoever drew them."""

import math

import pymupdf
import pytest
from hypothesis import given
from hypothesis import strategies as st

from parsers import arrows, grid, pdf
from parsers.pdf import Glyph, Path

BLOCK = [(0, -10), (7, -1), (3, -1), (3, 10), (-3, 10), (-3, -1), (-7, -1)]  # tip up, head half its length
LONG_HEAD = [(0, -10), (7, 5), (2, 5), (2, 10), (-2, 10), (-2, 5), (-7, 5)]  # barbs nearer to the tail
TRIANGLE = [(0, -8), (8, 8), (-8, 8)]
NOTCHED = [(0, -10), (6, 2), (2, 0), (2, 10), (-2, 10), (-2, 0), (-6, 2)]
TURNS = {"up": 0, "right": 90, "down": 180, "left": 270}


def _turned(points: list[tuple[float, float]], degrees: float, scale: float = 1.0) -> list[tuple[float, float]]:
    a = math.radians(degrees)
    return [
        (50 + scale * (x * math.cos(a) - y * math.sin(a)), 50 + scale * (x * math.sin(a) + y * math.cos(a)))
        for x, y in points
    ]


def _path(points: list[tuple[float, float]]) -> Path:
    xs, ys = [x for x, _ in points], [y for _, y in points]
    segments = tuple((*a, *b) for a, b in zip(points, [*points[1:], points[0]], strict=True))
    return Path(min(xs), min(ys), max(xs), max(ys), segments, True)


@pytest.mark.parametrize("way", TURNS)
@pytest.mark.parametrize(
    "shape", [BLOCK, LONG_HEAD, TRIANGLE, NOTCHED], ids=["block", "long head", "triangle", "notched"]
)
def test_a_filled_arrow_points_to_its_tip(shape: list[tuple[float, float]], way: str) -> None:
    assert arrows.way_of_path(_path(_turned(shape, TURNS[way]))) == way


@given(
    way=st.sampled_from(sorted(TURNS)),
    scale=st.floats(0.4, 2.5),
    tilt=st.floats(-3, 3),
    shape=st.sampled_from([BLOCK, LONG_HEAD, NOTCHED]),
)
def test_size_and_an_unsteady_hand_do_not_matter(
    way: str, scale: float, tilt: float, shape: list[tuple[float, float]]
) -> None:
    assert arrows.way_of_path(_path(_turned(shape, TURNS[way] + tilt, scale))) == way


@pytest.mark.parametrize(
    "points",
    [
        [(-5, -5), (5, -5), (5, 5), (-5, 5)],  # a square
        [(0, -8), (8, 0), (0, 8), (-8, 0)],  # a diamond
        [(-10, 0), (-5, -5), (-5, -2), (5, -2), (5, -5), (10, 0), (5, 5), (5, 2), (-5, 2), (-5, 5)],  # two heads
        _turned(BLOCK, 45),  # slanting
    ],
    ids=["square", "diamond", "two heads", "slanting"],
)
def test_what_has_no_one_tip_is_unknown_and_never_stable(points: list[tuple[float, float]]) -> None:
    assert arrows.way_of_path(_path(points)) is None
    assert arrows.direction(None) is None


def _cell_of(page: pymupdf.Page) -> arrows.Way | None:
    with pdf.open_pdf(page.parent.tobytes()) as document:
        return grid.arrow_in(document.page(1), (30, 30, 70, 70))


@pytest.mark.parametrize("way", TURNS)
@pytest.mark.parametrize("size", [12, 24])
def test_a_small_picture_of_an_arrow_is_read(way: str, size: int) -> None:
    picture = pymupdf.open()
    drawn = picture.new_page(width=100, height=100)
    drawn.draw_polyline(_turned(BLOCK, TURNS[way], 3.5), fill=(0, 0, 0), color=(0, 0, 0), closePath=True)
    document = pymupdf.open()
    page = document.new_page(width=200, height=200)
    half = size / 2
    page.insert_image(pymupdf.Rect(50 - half, 50 - half, 50 + half, 50 + half), pixmap=drawn.get_pixmap(dpi=72))
    assert _cell_of(page) == way


@pytest.mark.parametrize("way", TURNS)
def test_an_arrow_of_strokes_is_read(way: str) -> None:
    document = pymupdf.open()
    page = document.new_page(width=200, height=200)
    tip, tail, left, right = _turned([(0, -8), (0, 8), (-5, -3), (5, -3)], TURNS[way])
    shape = page.new_shape()
    shape.draw_line(tail, tip)
    shape.draw_line(left, tip)
    shape.draw_line(tip, right)
    shape.finish(color=(0, 0, 0), width=1.2)
    shape.commit()
    assert _cell_of(page) == way


@pytest.mark.parametrize(
    ("font", "char", "way"),
    [
        ("ABCDEF+Wingdings", "\uf0e9", "up"),
        ("Wingdings", "\u00ea", "down"),
        ("Wingdings-Regular", "\uf0f0", "right"),
        ("Wingdings3", "\uf070", "up"),
        ("Wingdings 3", "q", "down"),
        ("SymbolMT", "\uf0ad", "up"),
        ("Symbol", "\u2193", "down"),
        ("OpenSymbol", "\uf0f2", "down"),
        ("OpenSymbol", "\uf0ad", "up"),
        ("OpenSymbol", "\uf0df", None),
        ("ZapfDingbats", "\u27a8", "right"),
        ("Wingdings", "A", None),
        ("Arial", "\uf0e9", None),
    ],
)
def test_symbol_fonts_have_their_own_code_points(font: str, char: str, way: str | None) -> None:
    assert arrows.way_of_glyph(Glyph(0, 0, 10, 10, char, font)) == way
