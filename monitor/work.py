"""What the steps are done with, how they tell how far they are, and what they say they did."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from monitor.config import Config
from monitor.errors import Stopped


def utc_now() -> datetime:
    """Now, to the second."""
    return datetime.now(UTC).replace(microsecond=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far a step is; also the sign of life that a watchdog waits for."""

    job: str  # as in `runs.job`
    done: int = 0
    total: int | None = None  # None where nobody can know


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """What a step did."""

    job: str
    counts: dict[str, int]
    failures: tuple[str, ...] = ()  # a sentence for each thing that failed
    quarantined: tuple[str, ...] = ()  # and for each paper that was read and is not to be trusted

    @property
    def ok(self) -> bool:
        """Whether all of it went well."""
        return not self.failures and not self.quarantined


def _quiet(_: Progress) -> None:
    """Tell nobody."""


def _never() -> bool:
    return False


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """What the steps are done with and for whom."""

    config: Config
    clock: Callable[[], datetime] = utc_now
    tell: Callable[[Progress], None] = _quiet
    stopping: Callable[[], bool] = _never  # asked between any two parts of the work
    logs_children: bool = False  # whether what a crawl logs goes where our own log goes

    @property
    def path(self) -> Path:
        """The archive's folder."""
        return self.config.archive.path

    def go_on(self, progress: Progress) -> None:
        """Say how far it is; raises Stopped when the work is called off."""
        self.tell(progress)
        if self.stopping():
            raise Stopped(f"{progress.job} was stopped; what it had done is kept")


_MOST_NAMED = 20  # failures that one message spells out


def joined(failures: Sequence[str]) -> str:
    """Failures as one text, the first of them spelt out."""
    named = list(failures[:_MOST_NAMED])
    if len(failures) > _MOST_NAMED:
        named.append(f"and {len(failures) - _MOST_NAMED} more")
    return "; ".join(named)
