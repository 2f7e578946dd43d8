"""Kent's rating rule.

Green: the target is met. Amber: the floor standard is met, the target is not. Red: the floor
standard is not met. Meeting is inclusive at both edges: at target is Green, at floor is Amber
(the rule reproduces all 38 published ratings of the report for quarter 3 of 2024/25). Which side
is better is told by target and floor: a target below its floor means that lower is better.
"""

from parsers.records import Rag


def lower_is_better(target: float | None, floor: float | None) -> bool | None:
    """True where the target lies below the floor standard; None where the two cannot tell.

    >>> lower_is_better(9.0, 10.5), lower_is_better(97, 90), lower_is_better(85, None)
    (True, False, None)
    """
    if target is None or floor is None or target == floor:
        return None
    return target < floor


def rate(value: float | None, target: float | None, floor: float | None) -> Rag | None:
    """The rating that value, target and floor standard give; None where they cannot give one.

    >>> [str(rate(v, 9.0, 10.5)) for v in (9.0, 10.5, 10.6)]
    ['green', 'amber', 'red']
    >>> [str(rate(v, 97, 90)) for v in (97, 90, 89.9)]
    ['green', 'amber', 'red']
    >>> rate(84, 85, None) is None
    True
    """
    lower = lower_is_better(target, floor)
    if value is None or target is None or floor is None or lower is None:
        return None
    sign = -1 if lower else 1
    if sign * value >= sign * target:
        return Rag.GREEN
    return Rag.AMBER if sign * value >= sign * floor else Rag.RED
