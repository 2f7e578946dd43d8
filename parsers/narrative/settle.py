"""One count out of what several sentences say."""

from collections.abc import Mapping, Sequence
from itertools import pairwise

from parsers.narrative.sentence import Said
from parsers.narrative.vocabulary import DIRECTIONS, RATINGS, SMALLEST_WHOLE


def settle(said: Sequence[Said]) -> tuple[dict[str, int], int | None, str] | None:
    """One set of values out of what the sentences say, the page that says most, and the words."""
    said = _of_one_set(said)
    values: dict[str, int] = {}
    changes: dict[str, int] = {}
    kept: list[tuple[Said, dict[str, int]]] = []
    for sentence in said:
        own = _own_values(sentence, values)
        if _contradicts(values, own):
            continue
        changed = {f"{key}_change": by for key, by in sentence.changes.items()}
        if own or changed:
            kept.append((sentence, {**own, **changed}))
        values = {**own, **values}
        changes = {**changed, **changes}
    values = {**_plausible(values), **changes}
    if not values:
        return None
    # As values has them now: a footnote mark is off the total.
    kept = [(sentence, {key: values[key] for key in own if key in values}) for sentence, own in kept]
    if "total" not in values and all(key in values for key in RATINGS):
        # "38 indicators" said without saying that these are all is the total when the ratings add up to it.
        total = sum(values[key] for key in RATINGS)
        holder = next(
            (s for s in said if total in s.spare and total >= max(values[key] for key in RATINGS)),
            None,
        )
        if holder is not None:
            values["total"] = total
            kept.append((holder, {"total": total}))
    return values, *_evidence(kept)


def _of_one_set(said: Sequence[Said]) -> Sequence[Said]:
    """Without sentences about a small set, where another gives a total of the council's size."""
    totals = [s.values["total"] for s in said if "total" in s.values]
    if not any(total >= SMALLEST_WHOLE for total in totals):
        return said
    return [s for s in said if s.values.get("total", SMALLEST_WHOLE) >= SMALLEST_WHOLE]


def _own_values(sentence: Said, before: Mapping[str, int]) -> dict[str, int]:
    """What the sentence says in numbers: percentages as counts, "the other six" only where the total bears it out."""
    own = dict(sentence.values)
    for what, (percent, decimals) in sentence.percents.items():
        number = _of_percent(percent, decimals, own.get("total", before.get("total")))
        if number is not None:
            own.setdefault(what, number)
    own = _footnotes_off(own, before)
    if sentence.rests and not _rest_fits({**before, **own}, sentence.rests):
        return {key: value for key, value in own.items() if key not in sentence.rests}
    return own


def _evidence(kept: Sequence[tuple[Said, dict[str, int]]]) -> tuple[int | None, str]:
    """The page that says most of it, and the sentences: that page's first, others only for what it lacks."""
    by_page: dict[int | None, set[str]] = {}
    for sentence, own in kept:
        by_page.setdefault(sentence.page, set()).update(own)
    page = max(by_page, key=lambda p: (len({key for key in by_page[p] if not _is_change(key)}), len(by_page[p])))
    have: set[str] = set()
    chosen: list[Said] = []
    for sentence, own in sorted(kept, key=lambda pair: pair[0].page != page):
        if set(own) - have:
            have |= set(own)
            chosen.append(sentence)
    chosen.sort(key=lambda sentence: sentence.at)
    quote = chosen[0].text
    for before, after in pairwise(chosen):
        quote += (" " if after.at - before.at == 1 else " … ") + after.text
    return page, quote


def _is_change(key: str) -> bool:
    return key.endswith("_change")


def _of_percent(percent: float, decimals: int, total: int | None) -> int | None:
    """62.5% of 40 is 25; None where no whole number has that percentage."""
    if not total:
        return None
    number = round(percent * total / 100)
    return number if abs(100 * number / total - percent) <= 0.5 * 10**-decimals + 1e-9 else None


def _sums(values: Mapping[str, int]) -> list[int]:
    return [sum(values[k] for k in keys) for keys in (RATINGS, DIRECTIONS) if all(k in values for k in keys)]


def _footnotes_off(own: dict[str, int], before: Mapping[str, int]) -> dict[str, int]:
    """Without the footnote digit glued to the total, where the sum says so or the total was said before."""
    total = own.get("total")
    if total is None or total < 100:
        return own
    known = {**own, **before}
    shorter = total // 10
    if shorter in _sums(known) or before.get("total") == shorter:
        return {**own, "total": shorter}
    return own


def _plausible(values: dict[str, int]) -> dict[str, int]:
    """Without a total of three digits that no sum confirms: its last digit may be a footnote mark.

    One or two indicators may be without a rating, so a sum a little below confirms as well.
    """
    total = values.get("total")
    if total is None or total < 100:
        return values
    for candidate in (total // 10, total):
        if any(0 <= candidate - found <= max(2, candidate // 10) for found in _sums(values)):
            return {**values, "total": candidate}
    return {key: value for key, value in values.items() if key != "total"}


def _contradicts(values: Mapping[str, int], own: Mapping[str, int]) -> bool:
    total, other = values.get("total"), own.get("total")
    for key, value in own.items():
        if key == "total" and total is not None:
            if value != total and total // 10 != value:
                return True
        elif key in values and values[key] != value:
            return True
    both = {**own, **values}
    if other is not None and total is None and any(v > other for k, v in values.items() if k != "total"):
        return True
    return "total" in both and bool(values) and any(v > both["total"] for k, v in own.items() if k != "total")


def _rest_fits(values: Mapping[str, int], rests: frozenset[str]) -> bool:
    """Whether "the other six" is what the total leaves."""
    for keys in (RATINGS, DIRECTIONS):
        mine = [k for k in keys if k in rests]
        if not mine:
            continue
        stated = [values[k] for k in keys if k in values]
        total = values.get("total")
        if total is None or len(stated) < 2 or sum(stated) != total:
            return False
    return True
