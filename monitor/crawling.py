"""The first step: one source crawled, by a child process, into the archive."""

import contextlib
import json
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from time import monotonic
from typing import Any

import db
from db.errors import StoreError
from monitor import child, schedule
from monitor.config import Config
from monitor.errors import Stopped
from monitor.work import Done, Progress, Work, joined
from scrapers.job import CouncilJob, CrawlJob

OVER = "the crawl's time is over"  # as scrapers.spiders.base says it


def backfill(work: Work, source: str, since: date, lock: int) -> Iterator[Done]:
    """Fetch the past back to a day, one crawl after the other until one of them gets through; what each did.

    Each goes on where the one before it stopped, since meetings that were taken lately are passed over.
    """
    while True:
        done = crawl(work, source, lock, since=since)
        yield done
        went_on = done.counts.get("new_versions", 0) or done.counts.get("unchanged", 0)
        if not went_on or not any(OVER in failure for failure in done.failures):
            return


def crawl(work: Work, source: str, lock: int, since: date | None = None) -> Done:
    """Fetch what is new at one source, or all back to a day; for who holds the lock."""
    job = f"backfill:{source}" if since else f"crawl:{source}"
    work.go_on(Progress(job=job))
    with db.open_archive(work.path) as archive:
        number = archive.start_run(job, work.clock())
    try:
        ended, tally = _run_child(work, source, number, lock, since)
    except KeyboardInterrupt:
        _note(work, source, job, number, child.Ended(status=0, called_off=True), _Tally())
        raise
    except OSError as error:  # no room for its files, or no process to be had: the other steps go on
        ended, tally = child.Ended(status=1), _Tally(last_words=str(error))
    done = _note(work, source, job, number, ended, tally)
    if ended.called_off:
        raise Stopped(f"{job} was stopped; what it had fetched is kept")
    return done


def crawl_job(config: Config, source: str, run_id: int, now: datetime, since: date | None = None) -> CrawlJob:
    """What the child is told: of the configuration, as much as fetching needs."""
    papers, ombudsman, news = config.sources.committee_papers, config.sources.ombudsman, config.sources.news
    return CrawlJob(
        source=source,
        archive=str(config.archive.path),
        run_id=run_id,
        user_agent=config.crawl.user_agent,
        delay_seconds=config.crawl.delay_seconds,
        timeout_seconds=config.crawl.timeout_seconds,
        max_bytes=config.crawl.max_bytes,
        allow_private_addresses=config.crawl.allow_private_addresses,
        councils=tuple(
            CouncilJob(
                slug=council.slug,
                name=council.name,
                moderngov=council.moderngov,
                committees=council.committees,
                ombudsman=council.ombudsman,
            )
            for council in config.councils
        ),
        look_back_days=papers.look_back_days if papers else 0,
        look_ahead_days=papers.look_ahead_days if papers else 0,
        titles=papers.titles if papers else (),
        ombudsman_url=ombudsman.base_url if ombudsman else "",
        feeds=news.feeds if news else (),
        pages=news.pages if news else (),
        keywords=news.keywords if news else (),
        today=now.astimezone(config.alerts.zone).date(),
        now=now,
        since=since,
        deadline_seconds=config.crawl.deadline_minutes * 60 * _WINDS_DOWN,
    )


# --- the child ---------------------------------------------------------------

_WINDS_DOWN = 0.95  # of the deadline: then the child stops by itself, and says what it leaves out


@dataclass(frozen=True, slots=True, kw_only=True)
class _Tally:
    """What the child said at its end; empty where it had no say in it."""

    counts: dict[str, int] | None = None
    places: frozenset[str] = frozenset()  # councils that it visited; "*" for all at once
    failures: Sequence[str] = ()
    last_words: str = ""  # of its log


def _run_child(work: Work, source: str, number: int, lock: int, since: date | None) -> tuple[child.Ended, _Tally]:
    with tempfile.TemporaryDirectory(prefix="kccwatch-") as name:
        folder = Path(name)
        job = crawl_job(work.config, source, number, work.clock(), since)
        (folder / "job.json").write_text(job.to_json(), encoding="utf-8")
        with (folder / "answer").open("wb") as answer, (folder / "log").open("wb") as log:
            ended = child.run(
                ["-m", "scrapers", str(folder / "job.json")],
                seconds=work.config.crawl.deadline_minutes * 60,
                lock=lock,
                answer=answer,
                log=None if work.logs_children else log,
                beat=_Counted(work, f"crawl:{source}", number),
                stopping=work.stopping,
            )
        return ended, _tally(folder / "answer", folder / "log")


@dataclass(slots=True)
class _Counted:
    """Tells how many requests a running crawl has made; looks about once a second."""

    work: Work
    job: str
    number: int  # of the run
    _seen: int = 0
    _looked: float = float("-inf")

    def __call__(self) -> None:
        if monotonic() - self._looked >= 1:
            self._looked = monotonic()
            with contextlib.suppress(StoreError), db.open_archive(self.work.path, readonly=True) as archive:
                (row,) = archive.rows("select count(*) as n from fetches where run_id = ?", [self.number])
                self._seen = row["n"]
        self.work.tell(Progress(job=self.job, done=self._seen))


def _tally(answer: Path, log: Path) -> _Tally:
    """What the child's files say."""
    last_words = _last_line(log)[:300]
    try:
        said: dict[str, Any] = json.loads(_last_line(answer))
        failures = [f"{one['url']}: {one['reason']}" for one in said["failures"]]
        if said["failures_total"] > len(failures):
            failures.append(f"and {said['failures_total'] - len(failures)} more")
        if said["error"]:
            failures.insert(0, said["error"])
        return _Tally(counts=said["counts"], places=frozenset(said["places"]), failures=failures, last_words=last_words)
    except (ValueError, KeyError, TypeError):  # it died before, or in the middle of it
        return _Tally(last_words=last_words)


def _last_line(file: Path) -> str:
    lines = file.read_bytes().decode("utf-8", "replace").rstrip().splitlines()
    return lines[-1].strip() if lines else ""


# --- how it went -------------------------------------------------------------


def _note(work: Work, source: str, job: str, number: int, ended: child.Ended, tally: _Tally) -> Done:
    """Keep how a crawl ended, and when the source is due again; the past has no schedule."""
    now = work.clock()
    failures = [f"{source}: {why}" for why in _why(ended, tally, work.config.crawl.deadline_minutes)]
    with db.open_archive(work.path) as archive:
        counts = _counts(archive, number, tally)
        archive.finish_run(number, "failed" if failures else "ok", counts, joined(failures) or None, now)
        if tally.counts is None and not ended.called_off:  # the child had no say in it any more
            archive.set_source_state(source, "*", "failing", failures[0], now)
        elif tally.counts is not None and "*" not in tally.places and _had_died(archive, source):
            archive.set_source_state(source, "*", "ok", None, now)
        if job.startswith("crawl:"):
            archive.set_next_due(source, _next_visit(work, archive, source, bool(failures)))
    return Done(job=job, counts=counts, failures=tuple(failures))


def _had_died(archive: db.Archive, source: str) -> bool:
    """Whether a crawl of the source once ended without a word of its own, and none has said anything since."""
    return any((one.source, one.council, one.state) == (source, "*", "failing") for one in archive.source_states())


def _why(ended: child.Ended, tally: _Tally, deadline: float) -> list[str]:
    """What failed in a crawl: nothing, single requests, or all of it."""
    if ended.called_off:
        return ["the crawl was stopped"]
    if ended.late:
        return [f"the crawl took longer than {deadline:g} minutes and was ended", *tally.failures]
    if ended.status == 0 or (ended.status == 1 and tally.failures):
        return list(tally.failures)
    how = f"signal {-ended.status}" if ended.status < 0 else f"exit status {ended.status}"
    return [f"the crawl failed ({how}){f': {tally.last_words}' if tally.last_words else ''}", *tally.failures]


def _counts(archive: db.Archive, number: int, tally: _Tally) -> dict[str, int]:
    """What the child counted, or what it left behind."""
    if tally.counts is not None:
        return tally.counts
    (row,) = archive.rows("select count(*) as requests from fetches where run_id = ?", [number])
    return dict(row)


def _next_visit(work: Work, archive: db.Archive, source: str, failed: bool) -> datetime:
    now, zone = work.clock(), work.config.alerts.zone
    regular = schedule.next_due(work.config.sources.watched()[source].when, now, zone)
    if not failed:
        return regular
    recent = archive.rows(
        "select outcome from runs where job = ? and finished_at is not null order by id desc limit 12",
        [f"crawl:{source}"],
    )
    in_a_row = next((n for n, row in enumerate(recent) if row["outcome"] == "ok"), len(recent))
    return schedule.after_failure(max(in_a_row, 1), regular, now)
