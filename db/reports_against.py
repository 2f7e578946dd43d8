"""Which entries of lists and pages are one and the same public report against a council.

A report is known by the address of its page, and by its title. Lists print headlines that
are edited later, entries without a link that get one, and links that move when the site is
made anew; its own page may bear another address than the list's link.
"""

import json
import re
from collections.abc import Iterable, Sequence
from typing import Any

from parsers.addresses import identify
from parsers.text import case_reference, slug

Row = dict[str, Any]

# Addresses of one report's page: a decision's, a story's, or one of a shape not known yet; not lists and searches.
_ONE_REPORT = re.compile(r"ombudsman:.*:(?:decision|news):.+|news:.+|url:[^/]+/.+")
_CASE = re.compile(r"ombudsman:.*:decision:.+")


def identified(rows: Sequence[Row], stored: Sequence[Row]) -> list[Row]:
    """The entries of one page, each with its `identity` and all that its report is `known_by`.

    *stored* are the council's reports, oldest first. An entry is a report that is stored already where
    the address says so, or the title, unless two addresses show that two reports bear that title.
    """
    keys = _keys(rows)
    known = [{**row, "keys": set(json.loads(row["known_by"]))} for row in stored]
    found = []
    for row, key in zip(rows, keys, strict=True):
        names = {name for name in (key, f"title:{slug(row['title'])}") if name}
        others = {other for other in keys if other and other != key}
        report = _known(known, key, names, others)
        if report is None:
            report = {"identity": key or min(names), "title": row["title"], "keys": set()}
            known.append(report)
        report["keys"] |= names
        # The page of a decision may show the case's number only, where a list prints a headline.
        title = report["title"] if case_reference(row["title"]) else row["title"]
        found.append(
            {**row, "title": title, "identity": report["identity"], "known_by": json.dumps(sorted(report["keys"]))}
        )
    return found


def _keys(rows: Sequence[Row]) -> list[str | None]:
    """What each entry's address identifies; None where it has none, or one that entries of other titles share."""
    keys = [identify(row["url"]).key if row["url"] else None for row in rows]
    titles: dict[str, set[str]] = {}
    for row, key in zip(rows, keys, strict=True):
        if key:
            titles.setdefault(key, set()).add(slug(row["title"]))
    return [key if key and _ONE_REPORT.fullmatch(key) and len(titles[key]) == 1 else None for key in keys]


def _known(known: Iterable[Row], key: str | None, names: set[str], others: set[str]) -> Row | None:
    candidates = [report for report in known if names & report["keys"]]
    by_address = next((report for report in candidates if key in report["keys"]), None)
    if by_address is not None or key is None:
        return by_address or next(iter(candidates), None)
    return next((report for report in candidates if not _another(report["keys"], key, others)), None)


def _another(keys: set[str], key: str, others: set[str]) -> bool:
    """Whether a report of the same title is not the one at *key*: the page lists both, or the cases differ."""
    return bool(keys & others) or bool(_CASE.fullmatch(key) and any(_CASE.fullmatch(other) for other in keys))
