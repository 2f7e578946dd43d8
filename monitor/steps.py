"""The five steps and the cycle that they make: crawl, read, check, judge, deliver.

Each can stop anywhere and be run again with the same result. Each is a row in `runs`,
and returns what it did and what failed. What one step breaks, the next still runs: a
site that is down holds back no alert about the others.
"""

import contextlib
import logging
import os
import tempfile
import traceback
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import monotonic
from typing import IO, Any, cast

import db
from db.errors import BadFacts, NewerSchema, NotAnArchive, OlderSchema, StoreError
from monitor import checks, child, delivery, rules, schedule
from monitor.config import Config
from monitor.errors import Stopped
from monitor.lock import only_one
from monitor.reader import Document, Pool
from monitor.reader_worker import refused
from parsers.records import Outcome, Reading
from scrapers.job import CouncilJob, CrawlJob

log = logging.getLogger("kccwatch")

_MOST_NAMED = 20  # failures that one message spells out


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

    @property
    def path(self) -> Path:
        """The archive's folder."""
        return self.config.archive.path

    def go_on(self, progress: Progress) -> None:
        """Say how far it is; raises Stopped when the work is called off."""
        self.tell(progress)
        if self.stopping():
            raise Stopped(f"{progress.job} was stopped; what it had done is kept")


@dataclass(slots=True)
class _Run:
    """A run while it runs: what will be said of it at its end."""

    counts: Counter[str] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)
    quarantined: list[str] = field(default_factory=list)


def cycle(work: Work, sources: Sequence[str]) -> list[Done]:
    """One whole cycle over *sources*: crawl each, then read, check, judge, deliver what there is."""
    with only_one(work.path) as lock:
        _note_crashed(work)
        done = [_crawl(work, source, lock) for source in sources]
        return done + after_crawl(work)


def after_crawl(work: Work) -> list[Done]:
    """All steps but the first, for who holds the lock already."""
    done = [_step(work, job) for job in STEPS]
    publish(work)
    return done


def crawl(work: Work, source: str) -> Done:
    """Fetch what is new at one source."""
    with only_one(work.path) as lock:
        _note_crashed(work)
        return _crawl(work, source, lock)


def read(work: Work) -> Done:
    """Turn versions that nobody has read yet into facts."""
    return _alone(work, "read")


def check(work: Work) -> Done:
    """Compare what papers say with itself and with each other."""
    return _alone(work, "check")


def judge(work: Work) -> Done:
    """Write alerts about what is worth telling."""
    return _alone(work, "judge")


def deliver(work: Work) -> Done:
    """Send the alerts that wait."""
    return _alone(work, "deliver")


def _alone(work: Work, job: str) -> Done:
    with only_one(work.path):
        done = _step(work, job)
        publish(work)
        return done


# --- one step ----------------------------------------------------------------


@contextmanager
def _run(work: Work, archive: db.Archive, job: str) -> Iterator[_Run]:
    """A row of `runs` around the block; a failure in the block ends up in it, and goes no further.

    Only what makes all further work pointless is raised: being stopped, and an archive
    that cannot be worked with at all.
    """
    run = _Run()
    number = archive.start_run(job, work.clock())
    try:
        yield run
    except Stopped as error:
        archive.finish_run(number, "failed", dict(run.counts), str(error), work.clock())
        raise
    except Exception as error:  # noqa: BLE001  the top of a job: it is stored, logged, and the next job runs
        run.failures.append(_unforeseen(job, error))
    archive.finish_run(
        number, "failed" if run.failures else "ok", dict(run.counts), _joined(run.failures) or None, work.clock()
    )


def _step(work: Work, job: str) -> Done:
    work.go_on(Progress(job=job))
    run = _Run()
    try:
        with db.open_archive(work.path) as archive, _run(work, archive, job) as run:
            STEPS[job](work, archive, run)
    except (NewerSchema, OlderSchema, NotAnArchive):
        raise
    except StoreError as error:  # the disk is full, say: not even the run could be noted
        run.failures.append(str(error))
    return Done(job=job, counts=dict(run.counts), failures=tuple(run.failures), quarantined=tuple(run.quarantined))


def _unforeseen(job: str, error: Exception) -> str:
    if isinstance(error, StoreError):
        return str(error)
    log.error("job=%s failed\n%s", job, "".join(traceback.format_exception(error)))
    return f"{job} failed: {type(error).__name__}: {error}"


def _joined(failures: Sequence[str]) -> str:
    named = list(failures[:_MOST_NAMED])
    if len(failures) > _MOST_NAMED:
        named.append(f"and {len(failures) - _MOST_NAMED} more")
    return "; ".join(named)


def _note_crashed(work: Work) -> None:
    """Close the runs of a program that was killed: nobody else is at work, we hold the lock."""
    with db.open_archive(work.path) as archive:
        archive.abandon_runs(work.clock())


# --- crawl -------------------------------------------------------------------


def _crawl(work: Work, source: str, lock: int) -> Done:
    job = f"crawl:{source}"
    work.go_on(Progress(job=job))
    with db.open_archive(work.path) as archive:
        number = archive.start_run(job, work.clock())
    with tempfile.TemporaryDirectory(prefix="kccwatch-") as folder, (Path(folder) / "log").open("w+b") as child_log:
        job_file = Path(folder) / "job.json"
        job_file.write_text(crawl_job(work.config, source, number, work.clock()).to_json(), encoding="utf-8")
        ended = child.run(
            ["-m", "scrapers", str(job_file)],
            seconds=work.config.crawl.deadline_minutes * 60,
            lock=lock,
            log=child_log,
            beat=_Counted(work, job, number),
            stopping=work.stopping,
        )
        last_words = _last_words(child_log)
    with db.open_archive(work.path) as archive:
        done = _crawled(work, archive, source, number, ended, last_words)
    if ended.called_off:
        raise Stopped(f"{job} was stopped; what it had fetched is kept")
    return done


def crawl_job(config: Config, source: str, run_id: int, now: datetime) -> CrawlJob:
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
        deadline_seconds=config.crawl.deadline_minutes * 60,
    )


def _crawled(work: Work, archive: db.Archive, source: str, number: int, ended: child.Ended, last_words: str) -> Done:
    """Note how a crawl ended, and when it is due again."""
    job, now = f"crawl:{source}", work.clock()
    failures = _why(archive, source, number, ended, last_words, work.config.crawl.deadline_minutes)
    counts = _crawl_counts(archive, number)
    archive.finish_run(number, "failed" if failures else "ok", counts, _joined(failures) or None, now)
    if ended.status not in (0, 1) and not ended.called_off:  # the child had no say in it any more
        archive.set_source_state(source, "*", "failing", failures[0], now)
    archive.set_next_due(source, _next_visit(work, archive, source, bool(failures)))
    return Done(job=job, counts=counts, failures=tuple(failures))


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


def _why(
    archive: db.Archive, source: str, number: int, ended: child.Ended, last_words: str, deadline: float
) -> list[str]:
    """What failed in a crawl: nothing, single requests, or all of it."""
    if ended.status == 0 and not ended.late and not ended.called_off:
        return []
    if ended.called_off:
        return [f"{source}: the crawl was stopped"]
    if ended.late:
        return [f"{source}: the crawl took longer than {deadline:g} minutes and was ended"]
    rows = archive.rows(
        "select url, error, status from fetches where run_id = ? and error is not null order by id", [number]
    )
    failures = [f"{source}: {row['url']}: {row['error']}" for row in rows]
    if ended.status != 1 or not failures:
        how = f"signal {-ended.status}" if ended.status < 0 else f"exit status {ended.status}"
        failures.insert(0, f"{source}: the crawl failed ({how}){f': {last_words}' if last_words else ''}")
    return failures


def _crawl_counts(archive: db.Archive, number: int) -> dict[str, int]:
    (row,) = archive.rows(
        "select count(*) as requests, count(error) as failed, coalesce(sum(bytes), 0) as bytes "
        "from fetches where run_id = ?",
        [number],
    )
    return dict(row)


@dataclass(slots=True)
class _Counted:
    """Tells, about once a second, how many requests a running crawl has made."""

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


def _last_words(child_log: IO[bytes]) -> str:
    """The last line that a child wrote."""
    child_log.seek(0, 2)
    child_log.seek(max(0, child_log.tell() - 4000))
    lines = [line.strip() for line in child_log.read().decode("utf-8", "replace").splitlines() if line.strip()]
    return lines[-1][:300] if lines else ""


# --- read, check, judge, deliver ---------------------------------------------


def _read(work: Work, archive: db.Archive, run: _Run) -> None:
    waiting = archive.unread()
    if not waiting:
        return
    with Pool(min(len(waiting), os.cpu_count() or 1)) as pool:
        documents = ((version, *_document(archive, version)) for version in waiting)
        for number, (version, reading) in enumerate(pool.read_all(documents), start=1):
            reading = _stored(archive, version, reading, work.clock())
            run.counts[reading.outcome.value] += 1
            if reading.outcome in (Outcome.QUARANTINED, Outcome.FAILED):
                run.quarantined.append(f"{version.url}: {reading.outcome.value}: {reading.note}")
            work.go_on(Progress(job="read", done=number, total=len(waiting)))


def _document(archive: db.Archive, version: db.UnreadVersion) -> tuple[bytes, Document]:
    about = Document(
        url=version.url, media_type=version.media_type or "", title=version.title or "", council=version.council
    )
    return archive.blob(version.sha256), about


def _stored(archive: db.Archive, version: db.UnreadVersion, reading: Reading, now: datetime) -> Reading:
    """Store a reading; one that cannot be stored is quarantined, so that it holds up no other."""
    try:
        archive.store_reading(version.id, reading, council=version.council, now=now)
        return reading
    except BadFacts as error:
        problem = error.problem
    except StoreError:  # the archive's trouble, not the paper's: it is read again when that is over
        raise
    except Exception as error:  # noqa: BLE001  our own fault; it must not stop all reading for good
        problem = _unforeseen(f"storing version {version.id}", error)
    reading = refused(f"what its reader found cannot be stored: {problem}"[:500])
    archive.store_reading(version.id, reading, council=version.council, now=now)
    return reading


def _check(work: Work, archive: db.Archive, run: _Run) -> None:
    run.counts["discrepancies"] = len(checks.run(archive, work.clock()))


def _judge(work: Work, archive: db.Archive, run: _Run) -> None:
    try:
        found = rules.judge(archive, rule_settings(work.config), work.clock())
    except rules.RulesFailed as error:
        run.failures += [str(failure) for failure in error.failures]
        found = error.alerts
    channels = {channel.name: channel.min_severity for channel in work.config.alerts.live_channels}
    run.counts["alerts"] = len(archive.add_alerts(found, channels, work.clock()))


def rule_settings(config: Config) -> rules.Settings:
    """The configuration as rules want it."""
    return rules.Settings(
        max_age_days=config.alerts.max_age_days,
        disabled=config.rules.disabled,
        options={"complaints_jump": {"percent": config.rules.complaints_jump.percent}},
        custom=[rules.Rule(**rule.model_dump()) for rule in config.rules.custom],
        council_names={council.slug: council.name for council in config.councils},
    )


def _deliver(work: Work, archive: db.Archive, run: _Run) -> None:
    config, now = work.config, work.clock()
    outbox = cast(delivery.Archive, _OnlyTheWorst(archive)) if is_quiet(config, now) else archive
    result = delivery.deliver(outbox, config.alerts.live_channels, delivery_settings(config), now)
    run.counts.update(messages=result.messages, sent=result.sent, retried=result.retried, failed=result.failed)
    run.failures += result.errors


def delivery_settings(config: Config) -> delivery.Settings:
    """The configuration as delivery wants it."""
    return delivery.Settings(outbox=config.archive.path / "outbox", site_url=config.alerts.site_url)


def something_waits(config: Config, now: datetime) -> bool:
    """Whether a message is to be sent now on a channel that is on."""
    with db.open_archive(config.archive.path, readonly=True) as archive:
        channels = (channel.name for channel in config.alerts.live_channels)
        return any(_due(archive, name, now, worst_only=is_quiet(config, now)) for name in channels)


def is_quiet(config: Config, now: datetime) -> bool:
    """Whether *now* falls into the quiet hours, which may pass midnight."""
    if config.alerts.quiet is None:
        return False
    begin, end = config.alerts.quiet
    local = now.astimezone(config.alerts.zone).time()
    return begin <= local < end if begin <= end else local >= begin or local < end


def _due(archive: db.Archive, channel: str, now: datetime, *, worst_only: bool) -> int:
    """How many alerts are to be sent on a channel now."""
    (row,) = archive.rows(
        "select count(*) as n from deliveries as d join alerts as a on a.id = d.alert_id "
        "where d.channel = :channel and (a.severity = 'high' or not :worst_only) and (d.state = 'pending' "
        "and coalesce(d.next_attempt_at, '') <= :now or d.state = 'sending' and d.lease_until <= :now)",
        {"channel": channel, "now": now.isoformat(timespec="seconds"), "worst_only": worst_only},
    )
    return int(row["n"])


class _OnlyTheWorst:
    """The archive as delivery sees it in quiet hours: only alerts of high severity are there to be sent."""

    def __init__(self, archive: db.Archive) -> None:
        self._archive = archive

    def __getattr__(self, name: str) -> Any:
        return getattr(self._archive, name)

    def claim_due(self, channel: str, now: datetime, lease: timedelta, limit: int | None = None) -> list[db.Claimed]:
        """As `Archive.claim_due`, which takes the most severe first: as many as are of high severity."""
        worst = _due(self._archive, channel, now, worst_only=True)
        return self._archive.claim_due(channel, now, lease, worst if limit is None else min(limit, worst))


STEPS: dict[str, Callable[[Work, db.Archive, _Run], None]] = {
    "read": _read,
    "check": _check,
    "judge": _judge,
    "deliver": _deliver,
}


def snapshot_path(config: Config) -> Path:
    """Where the copy stands that Datasette serves."""
    return config.archive.path / "published" / "archive.db"


def publish(work: Work) -> None:
    """Put a fresh copy where Datasette finds it; the live file is never served."""
    with db.open_archive(work.path, readonly=True) as archive:
        archive.publish_snapshot(snapshot_path(work.config))
