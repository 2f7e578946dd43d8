"""When two printed names mean one service.

A service is written with "&" or "and", with and without commas, cut short in a list and in
full in the summary table. `key` is for looking names up; `service_for` decides which of the
services that a paper lists a heading means, and leaves the heading alone where that is doubtful.
"""

import re
from collections.abc import Sequence

from parsers.text import collapse, matching

SHARED = 0.66  # of the shorter name's words, at least, for two names to be one


def key(name: str) -> str:
    """The name as it is compared: case, dashes, quotes, commas, blanks and '&' for 'and' do not count.

    >>> key("Growth, Economic Development &  Communities")
    'growth economic development and communities'
    """
    return " ".join(re.findall(r"[\w'()/+-]+", matching(name).casefold().replace("&", " and ").replace("'", "")))


def service_for(heading: str, services: Sequence[str]) -> str:
    """The listed service that a heading means; the heading itself where none is meant for certain.

    >>> names = ["Children, Young People and Education (Education & Skills)", "Governance and Law", "Public Health"]
    >>> service_for("Education & Skills KPIs", names)
    'Children, Young People and Education (Education & Skills)'
    >>> service_for("Governance, Law & Democracy", names), service_for("Adult Social Care", names)
    ('Governance and Law', 'Adult Social Care')
    """
    wanted = tokens(heading)
    heading = collapse(re.sub(r"\bKPIs?\b", " ", heading))
    if not wanted:
        return heading
    scored = []
    for name in services:
        listed = tokens(name)
        shared = len(wanted & listed)
        if listed == wanted:
            return name
        scored.append((shared / min(len(wanted), len(listed) or 1), shared / len(wanted | listed), name))
    scored.sort(reverse=True)
    if not scored or scored[0][0] < SHARED:
        return heading
    if len(scored) > 1 and (scored[1][:2] == scored[0][:2] or scored[1][0] == 1.0):
        return heading  # either of two
    return scored[0][2]


def tokens(name: str) -> frozenset[str]:
    """The words by which names of services are told apart."""
    text = key(re.sub(r"\bkpis?\b", " ", name, flags=re.IGNORECASE))
    return frozenset(re.findall(r"[a-z0-9]+", text)) - {"and", "the", "of"}
