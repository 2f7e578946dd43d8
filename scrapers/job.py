"""What one crawl is told: the parent writes it as JSON, the child process reads it."""

import json
from dataclasses import asdict, dataclass, fields
from datetime import date, datetime
from typing import Any

SOURCES = ("committee_papers", "ombudsman", "news")


@dataclass(frozen=True, slots=True, kw_only=True)
class CouncilJob:
    """One [[councils]] entry of config.toml."""

    slug: str
    name: str
    moderngov: str = ""  # base address of its ModernGov site, perhaps with a path; "" for none
    committees: tuple[int, ...] = ()  # CIds; () means all that the site lists
    ombudsman: str = ""  # its slug on the Ombudsman's site; "" for none


@dataclass(frozen=True, slots=True, kw_only=True)
class CrawlJob:
    """One crawl of one source. `from_json(job.to_json()) == job`."""

    source: str  # one of SOURCES
    archive: str  # folder of the archive
    today: date  # the day that the window is counted from
    now: datetime | None = None  # the time (UTC) at which the crawl begins; None: what the machine's clock says
    run_id: int | None = None  # the run that fetches are noted under
    user_agent: str
    delay_seconds: float = 3.0  # between two requests to one host, at least
    timeout_seconds: float = 60.0  # for one answer
    deadline_seconds: float = 3600.0  # for the whole crawl; it winds down by then
    max_bytes: int = 64_000_000
    allow_private_addresses: bool = False
    councils: tuple[CouncilJob, ...] = ()
    look_back_days: int = 120
    look_ahead_days: int = 90
    since: date | None = None  # backfill: look back to this day instead
    titles: tuple[str, ...] = ()  # papers whose item or title holds one of these; () means all
    recheck_days: int = 30  # a paper held this long is asked for again: it may have been replaced in silence
    ombudsman_url: str = "https://www.lgo.org.uk"
    feeds: tuple[str, ...] = ()
    pages: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.source not in SOURCES:
            raise ValueError(f"source: expected one of {', '.join(SOURCES)}, found '{self.source}'")
        if not self.user_agent.strip():
            raise ValueError("user_agent: expected a name with a contact, found none")

    def to_json(self) -> str:
        """One line of JSON."""
        return json.dumps(asdict(self), default=lambda value: value.isoformat())

    @classmethod
    def from_json(cls, text: str) -> "CrawlJob":
        """The job that `to_json` wrote; ValueError says what is wrong with the text."""
        try:
            raw = json.loads(text)
        except json.JSONDecodeError as error:
            raise ValueError(f"the job is not JSON: {error}") from error
        if not isinstance(raw, dict):
            raise ValueError(f"the job: expected an object, found {type(raw).__name__}")
        unknown = raw.keys() - {field.name for field in fields(cls)}
        if unknown:
            raise ValueError(f"the job has unknown fields: {', '.join(sorted(unknown))}")
        try:
            return cls(**{name: _value(name, value) for name, value in raw.items()})
        except TypeError as error:
            raise ValueError(f"the job is incomplete or misshapen: {error}") from error


def _value(name: str, value: Any) -> Any:
    match name:
        case "today" | "since":
            return None if value is None else date.fromisoformat(value)
        case "now":
            return None if value is None else datetime.fromisoformat(value)
        case "councils":
            return tuple(CouncilJob(**{**entry, "committees": tuple(entry.get("committees", ()))}) for entry in value)
        case "titles" | "feeds" | "pages" | "keywords":
            return tuple(value)
    return value
