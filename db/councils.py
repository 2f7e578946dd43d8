"""Whether two of the Ombudsman's names mean one council."""

# What councils are called, not what they are of.
_COMMON = frozenset(
    {"council", "county", "city", "borough", "district", "metropolitan", "unitary", "london", "royal", "national"}
    | {"park", "authority", "corporation", "of", "the", "and", "upon"}
)
# Words that make another place of a place.
_ANOTHER = frozenset({"north", "south", "east", "west", "mid", "central", "greater", "bath"})


def same_council(one: str, other: str) -> bool:
    """Whether two slugs name one council: the site's own are at times shorter than its pages' headings.

    >>> same_council("hull-city-council", "kingston-upon-hull-city-council")
    True
    >>> same_council("kent-county-council", "medway-council")
    False
    >>> same_council("somerset-council", "north-somerset-council")
    False
    """
    first, second = set(one.split("-")) - _COMMON, set(other.split("-")) - _COMMON
    if not first or not second:
        return one == other
    return (first <= second or second <= first) and not (first ^ second) & _ANOTHER
