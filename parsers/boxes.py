"""Boxes on a page: x0, y0, x1, y1 in PDF points from its top left."""

from collections.abc import Iterable

from parsers.records import Bbox


def around(boxes: Iterable[Bbox]) -> Bbox:
    """The smallest box that holds them all.

    >>> around([(0, 5, 10, 20), (3, 0, 12, 8)])
    (0, 0, 12, 20)
    """
    x0, y0, x1, y1 = zip(*boxes, strict=True)
    return min(x0), min(y0), max(x1), max(y1)


def holds(box: Bbox, x: float, y: float) -> bool:
    """Whether a point lies in a box or on its edge.

    >>> holds((0, 0, 10, 10), 10, 4), holds((0, 0, 10, 10), 4, 11)
    (True, False)
    """
    return box[0] <= x <= box[2] and box[1] <= y <= box[3]


def rounded(box: Bbox) -> Bbox:
    """A box as records give it, to a tenth of a point."""
    return round(box[0], 1), round(box[1], 1), round(box[2], 1), round(box[3], 1)
