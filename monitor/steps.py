"""The five steps and the cycle that they make: crawl, read, check, judge, deliver.

Each can stop anywhere and be run again with the same result. Each is a row in `runs`,
and returns what it did and what failed. What one step breaks, the next still runs: a
site that is down holds back no alert about the others.
"""

import logging
import os
import traceback
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from itertools import chain
from pathlib import Path

import db
from db.errors import BadFacts, Damaged, NewerSchema, NotAnArchive, OlderSchema, StoreError
from monitor import checks, crawling, delivery, letter, rules
from monitor.config import Config
from monitor.delivery import quiet
from monitor.errors import Stopped
from monitor.lock import only_one
from monitor.reader import Document, Pool
from monitor.reader_worker import refused
from monitor.work import Done, Progress, Work, joined
from parsers.records import Outcome, Reading

log = logging.getLogger("kccwatch")


@dataclass(slots=True)
class _Run:
    """A run while it runs: what will be said of it at its end."""

    counts: Counter[str] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)
    quarantined: list[str] = field(default_factory=list)


def cycle(work: Work, sources: Sequence[str]) -> list[Done]:
    """One whole cycle over *sources*: crawl each, then read, check, judge, deliver what there is."""
    with at_work(work) as lock:
        done = [crawling.crawl(work, source, lock) for source in sources]
        return done + after_crawl(work)


def after_crawl(work: Work) -> list[Done]:
    """All steps but the first, for who is `at_work`."""
    return [*(_step(work, job) for job in STEPS), *_publish(work)]


def crawl(work: Work, source: str) -> Done:
    """Fetch what is new at one source."""
    with at_work(work) as lock:
        return crawling.crawl(work, source, lock)


def backfill(work: Work, source: str, since: date) -> list[Done]:
    """Fetch and read a source's past; old facts raise no alert (`alerts.max_age_days`)."""
    done = []
    with at_work(work) as lock:
        for one in crawling.backfill(work, source, since, lock):
            done += [one, _step(work, "read")]
        return done + after_crawl(work)


def read(work: Work) -> list[Done]:
    """Turn versions that nobody has read yet into facts."""
    return _alone(work, "read")


def check(work: Work) -> list[Done]:
    """Compare what papers say with itself and with each other."""
    return _alone(work, "check")


def judge(work: Work) -> list[Done]:
    """Write alerts about what is worth telling."""
    return _alone(work, "judge")


def deliver(work: Work) -> list[Done]:
    """Send the alerts that wait."""
    return _alone(work, "deliver")


def _alone(work: Work, job: str) -> list[Done]:
    with at_work(work):
        return [_step(work, job), *_publish(work)]


@contextmanager
def at_work(work: Work) -> Iterator[int]:
    """Have the archive to ourselves for the block; what a killed program left open is closed first."""
    with only_one(work.path) as lock:
        with db.open_archive(work.path) as archive:
            archive.abandon_runs(work.clock())
            # Nobody else is at work, so nobody is sending these: no need to wait for the lease to run out.
            archive.abandon_deliveries()
        yield lock


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
    except (Stopped, KeyboardInterrupt) as error:
        archive.finish_run(number, "failed", dict(run.counts), str(error) or "stopped", work.clock())
        raise
    except Exception as error:  # noqa: BLE001  the top of a job: it is stored, logged, and the next job runs
        run.failures.append(_unforeseen(job, error))
    archive.finish_run(
        number, "failed" if run.failures else "ok", dict(run.counts), joined(run.failures) or None, work.clock()
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


# --- read, check, judge, deliver ---------------------------------------------


def _read(work: Work, archive: db.Archive, run: _Run) -> None:
    waiting = archive.unread()
    if not waiting:
        return
    lost: list[tuple[db.UnreadVersion, Reading]] = []
    with Pool(min(len(waiting), os.cpu_count() or 1)) as pool:
        readings = pool.read_all(_documents(archive, waiting, lost))
        for number, (version, reading) in enumerate(chain(readings, lost), start=1):
            reading = _stored(work, archive, version, reading)
            run.counts[reading.outcome.value] += 1
            if reading.outcome in (Outcome.QUARANTINED, Outcome.FAILED):
                run.quarantined.append(f"{version.url}: {reading.outcome.value}: {reading.note}")
            work.go_on(Progress(job="read", done=number, total=len(waiting)))


def _documents(
    archive: db.Archive, waiting: Sequence[db.UnreadVersion], lost: list[tuple[db.UnreadVersion, Reading]]
) -> Iterator[tuple[db.UnreadVersion, bytes, Document]]:
    """What is to be read; versions whose bytes are damaged or gone are put into *lost*, and hold up no other."""
    for version in waiting:
        try:
            body = archive.blob(version.sha256)
        except Damaged as error:
            lost.append((version, refused(f"its stored bytes are damaged or gone: {error}"[:500])))
            continue
        about = Document(
            url=version.url, media_type=version.media_type or "", title=version.title or "", council=version.council
        )
        yield version, body, about


def _stored(work: Work, archive: db.Archive, version: db.UnreadVersion, reading: Reading) -> Reading:
    """Store a reading; one that cannot be stored is quarantined, so that it holds up no other."""
    now = work.clock()
    council = next((one for one in work.config.councils if one.slug == version.council), None)
    ombudsman = council.ombudsman if council else ""  # tells pages about other councils from this one's
    try:
        archive.store_reading(version.id, reading, council=version.council, now=now, ombudsman=ombudsman)
        return _as_kept(archive, version, reading)
    except BadFacts as error:
        problem = error.problem
    except StoreError:  # the archive's trouble, not the paper's: it is read again when that is over
        raise
    except Exception as error:  # noqa: BLE001  our own fault; it must not stop all reading for good
        problem = _unforeseen(f"storing version {version.id}", error)
    reading = refused(f"what its reader found cannot be stored: {problem}"[:500])
    archive.store_reading(version.id, reading, council=version.council, now=now)
    return reading


def _as_kept(archive: db.Archive, version: db.UnreadVersion, reading: Reading) -> Reading:
    """The reading with the outcome that it has in the archive, which knows what the page said before."""
    (kept,) = archive.rows("select outcome, note from versions where id = ?", [version.id])
    if kept["outcome"] == reading.outcome:
        return reading
    return replace(reading, outcome=Outcome(kept["outcome"]), note=kept["note"] or "")


def _check(work: Work, archive: db.Archive, run: _Run) -> None:
    archive.settle_sources(work.clock())  # a page that could not be read tells of its source
    run.counts["discrepancies"] = len(checks.run(archive, work.clock()))


def _judge(work: Work, archive: db.Archive, run: _Run) -> None:
    settings = rule_settings(work.config)
    failed: list[str] = []
    try:
        found = rules.judge(archive, settings, work.clock())
    except rules.RulesFailed as error:
        run.failures += [str(failure) for failure in error.failures]
        found, failed = error.alerts, [failure.rule for failure in error.failures]
    # Also those that are off now: a credential that is missing for a day loses nobody an alert.
    channels = {channel.name: channel.min_severity for channel in work.config.alerts.channels}
    run.counts["alerts"] = len(archive.add_alerts(found, channels, work.clock()))
    rules.close(archive, settings, work.clock(), failed)
    if letters := letter.enter_due(archive, work.config, work.clock()):
        run.counts["letters"] = letters


def rehearse(work: Work, archive: db.Archive) -> list[str]:
    """Check and judge a scratch copy, to see what that would raise; what failed."""
    run = _Run()
    _check(work, archive, run)
    _judge(work, archive, run)
    return run.failures


def rule_settings(config: Config) -> rules.Settings:
    """The configuration as rules want it."""
    return rules.Settings(
        max_age_days=config.alerts.max_age_days,
        disabled=config.rules.disabled,
        options=config.rules.options,
        custom=[rules.Rule(**rule.model_dump()) for rule in config.rules.custom],
        council_names={council.slug: council.name for council in config.councils},
    )


def _deliver(work: Work, archive: db.Archive, run: _Run) -> None:
    config, now = work.config, work.clock()
    channels, settings = config.alerts.live_channels, delivery_settings(config)
    result = delivery.deliver(archive, channels, settings, now, least=least(config, now))
    run.counts.update(messages=result.messages, sent=result.sent, retried=result.retried, failed=result.failed)
    run.counts["waiting"] = result.waiting
    run.failures += result.errors


def delivery_settings(config: Config) -> delivery.Settings:
    """The configuration as delivery wants it."""
    return delivery.Settings(
        outbox=config.archive.path / "outbox",
        site_url=config.alerts.site_url,
        max_age_days=config.alerts.max_age_days,
        max_in_full=config.alerts.max_in_full,
        zone=config.alerts.zone,
    )


def something_waits(config: Config, now: datetime) -> bool:
    """Whether a message is to be sent now on a channel that is on."""
    with db.open_archive(config.archive.path, readonly=True) as archive:
        channels = (channel.name for channel in config.alerts.live_channels)
        return any(archive.due(name, now, least=least(config, now)) for name in channels)


def least(config: Config, now: datetime) -> str:
    """The least severity that is sent now."""
    return "high" if is_quiet(config, now) else "low"


def is_quiet(config: Config, now: datetime) -> bool:
    """Whether *now* falls into the quiet hours, which may pass midnight."""
    return quiet.is_quiet(config.alerts.quiet, config.alerts.zone, now)


STEPS: dict[str, Callable[[Work, db.Archive, _Run], None]] = {
    "read": _read,
    "check": _check,
    "judge": _judge,
    "deliver": _deliver,
}


def snapshot_path(config: Config) -> Path:
    """Where the copy stands that Datasette serves."""
    return config.archive.path / "published" / "archive.db"


def _publish(work: Work) -> list[Done]:
    """Put a fresh copy where Datasette finds it; the live file is never served. Told only when it fails."""
    try:
        with db.open_archive(work.path, readonly=True) as archive:
            archive.publish_snapshot(snapshot_path(work.config))
    except (StoreError, OSError) as error:
        return [Done(job="publish", counts={}, failures=(str(error),))]
    return []
