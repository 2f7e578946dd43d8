"""What a crawl did and what went wrong: the child's last words to its parent."""

import json
from collections import Counter
from dataclasses import asdict, dataclass, field
from typing import Any

from scrapers.classify import Trouble


@dataclass(frozen=True, slots=True)
class Failure:
    """One thing that could not be had."""

    place: str  # council's slug, or "*"
    url: str
    trouble: str  # a Trouble, or "changed"
    reason: str


# A source's states (db/schema.sql), worst last, and what leads to them.
_STATES = ("ok", "failing", "gone", "changed", "blocked")
_STATE_BY_TROUBLE: dict[Trouble | None, str] = {
    None: "changed",
    Trouble.UNEXPECTED: "changed",
    Trouble.GONE: "gone",
    Trouble.BLOCKED: "blocked",
    Trouble.CHALLENGED: "blocked",
}


@dataclass
class Visit:
    """One council's turn, or one turn of all feeds: what it means for the state of the source."""

    place: str
    counts: Counter[str] = field(default_factory=Counter)
    problems: list[tuple[str, str]] = field(default_factory=list)  # (state, reason)
    parts: int = 0  # meetings, stories, cases that were looked at
    part_problems: list[tuple[str, str]] = field(default_factory=list)  # the same of single ones
    taken: set[str] = field(default_factory=set)  # keys of documents already seen to

    def problem(self, trouble: Trouble | None, reason: str, *, of_part: bool = False) -> None:
        """Something that the source suffers from, or a single meeting, story or case of it.

        No trouble means that a page no longer has its shape.
        """
        if trouble is Trouble.OUT_OF_TIME:
            return  # ours, not the source's
        problems = self.part_problems if of_part else self.problems
        problems.append((_STATE_BY_TROUBLE.get(trouble, "failing"), reason))

    def state(self) -> tuple[str, str | None]:
        """The worst state, and the reason for it; a source of which only single parts are broken is in order."""
        most_parts = 2 * len(self.part_problems) > self.parts
        problems = self.problems + (self.part_problems if most_parts else [])
        if not problems:
            return "ok", self._about_parts()
        worst = max((state for state, _ in problems), key=_STATES.index)
        reasons = list(dict.fromkeys(reason for state, reason in problems if state == worst))
        more = f" (and {len(reasons) - 1} more like it)" if len(reasons) > 1 else ""
        return worst, reasons[0] + more

    def _about_parts(self) -> str | None:
        if not self.part_problems:
            return None
        return f"{len(self.part_problems)} of {self.parts} pages could not be had or read: {self.part_problems[0][1]}"


@dataclass
class Tally:
    """Everything that a crawl has to say at its end."""

    counts: Counter[str] = field(
        default_factory=lambda: Counter(requests=0, new_documents=0, new_versions=0, unchanged=0, gone=0)
    )
    places: dict[str, dict[str, Any]] = field(default_factory=dict)
    failures: list[Failure] = field(default_factory=list)
    error: str | None = None  # why the crawl as a whole ended early

    @property
    def failed(self) -> bool:
        """Whether anything is to be told."""
        return bool(self.failures or self.error)

    def closed(self, visit: Visit) -> None:
        """A visit is over."""
        state, reason = visit.state()
        self.places[visit.place] = {"state": state, "reason": reason, **visit.counts}

    def as_json(self) -> str:
        """One line of JSON: outcome, counts, places, failures, error."""
        return json.dumps(
            {
                "outcome": "failed" if self.failed else "ok",
                "counts": dict(self.counts),
                "places": self.places,
                "failures": [asdict(failure) for failure in self.failures[:50]],
                "failures_total": len(self.failures),
                "error": self.error,
            },
            ensure_ascii=False,
        )
