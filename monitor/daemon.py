"""The daemon: each source on its schedule, the outbox in between, until SIGTERM.

APScheduler says when; a single worker thread does one thing at a time. What is due
stands in the archive (`sources.next_due_at`), so a start after a night off catches up
at once and a restart forgets nothing. systemd is told of life by the work itself, not
by a timer beside it: a cycle that hangs is seen to hang.
"""

import logging
import signal
import sys
import threading
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from types import FrameType
from typing import Any

from apscheduler.executors import pool
from apscheduler.schedulers import background

import db
from monitor import schedule, steps
from monitor.config import Config
from monitor.errors import MonitorError, Stopped
from monitor.notify_systemd import Supervisor
from monitor.work import Done, Progress, Work, utc_now

# APScheduler 3 has no type hints.
BackgroundScheduler: Any = background.BackgroundScheduler
ThreadPoolExecutor: Any = pool.ThreadPoolExecutor

log = logging.getLogger("kccwatch")

_OUTBOX = timedelta(minutes=1)
_TRY_AGAIN = timedelta(minutes=1)  # after a visit that could not be noted; doubled each time
_LONGEST_PAUSE = timedelta(hours=1)
_CLOCK_STEP = 30.0  # seconds by which the clock may differ from the one that never jumps


def serve(config: Config) -> None:
    """Run until SIGTERM or SIGINT."""
    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(levelname)s %(message)s")
    logging.getLogger("apscheduler").setLevel(logging.ERROR)  # that the outbox waits for a long crawl is no news
    daemon = Daemon(config)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, daemon.told_to_stop)
    daemon.run()


class Daemon:
    """The scheduler, the one worker, and what they share."""

    def __init__(
        self,
        config: Config,
        *,
        clock: Callable[[], datetime] = utc_now,
        supervisor: Supervisor | None = None,
    ) -> None:
        self._config = config
        self._clock = clock
        self._supervisor = supervisor or Supervisor()
        self._stop = threading.Event()
        self._working = threading.Lock()  # held by whatever is under way
        self._in_vain: Counter[str] = Counter()  # by source: visits in a row that could not be noted
        self._said: dict[str, str] = {}  # by job: the trouble that was logged last
        self._work = Work(config=config, clock=clock, tell=self._alive, stopping=self._stop.is_set, logs_children=True)
        self._scheduler = BackgroundScheduler(
            executors={"default": ThreadPoolExecutor(1)},
            # Late is better than never: whatever was missed runs once.
            job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1},
            timezone=config.alerts.zone,
        )

    def run(self) -> None:
        """Work until `stop`; what is under way then is ended, and what it had done is kept."""
        with db.open_archive(self._config.archive.path):
            pass  # made, or brought up to date, before we say that we are ready; or it cannot be used
        self.plan()
        self._scheduler.add_job(self._outbox, "interval", seconds=_OUTBOX.total_seconds(), id="outbox")
        self._supervisor.ready("waiting")
        self._scheduler.start()
        log.info("event=started sources=%s", ",".join(self._config.sources.watched()))
        self._wait()
        self._supervisor.stopping()
        # APScheduler's own way of waiting holds the lock that a visit needs to plan its next: a deadlock.
        self._scheduler.shutdown(wait=False)
        with self._working:
            log.info("event=stopped")

    def told_to_stop(self, number: int, frame: FrameType | None) -> None:
        """A signal's handler."""
        self.stop()

    def stop(self) -> None:
        """End soon: the running crawl is ended, a reading finishes its document."""
        self._stop.set()

    def plan(self) -> tuple[Done, ...]:
        """Enter every source at the time it is due; again whenever that may have changed."""
        now = self._clock()
        with db.open_archive(self._config.archive.path, readonly=True) as archive:
            for name, source in self._config.sources.watched().items():
                due = schedule.due_at(archive.next_due(name), source.when, now, self._config.alerts.zone)
                self._enter(name, max(due, now))
        return ()

    def _enter(self, source: str, due: datetime) -> None:
        """Plan a source's next visit for *due*, and those after it by its schedule."""
        log.info("event=planned source=%s due=%s", source, due.isoformat())
        self._scheduler.add_job(
            self._visit,
            schedule.trigger(self._config.sources.watched()[source].when, self._config.alerts.zone),
            args=[source],
            id=f"visit:{source}",
            next_run_time=due,
            replace_existing=True,
        )

    def _wait(self) -> None:
        """Until we are told to stop. A clock that was set moves all that is planned."""
        offset = time.time() - time.monotonic()
        while not self._stop.wait(1.0):
            moved = time.time() - time.monotonic() - offset
            if abs(moved) > _CLOCK_STEP:
                log.warning("event=clock_moved seconds=%.0f", moved)
                offset += moved
                self._replan_all()

    def _replan_all(self) -> None:
        self._guarded("plan", self.plan)
        self._scheduler.reschedule_job("outbox", trigger="interval", seconds=_OUTBOX.total_seconds())

    def _visit(self, source: str) -> None:
        """One cycle over one source, and the next one planned."""
        with self._working:
            if self._stop.is_set():  # it waited behind another visit meanwhile
                return
            self._supervisor.status(f"at work on {source}")
            self._guarded(f"visit:{source}", lambda: steps.cycle(self._work, [source]))
            self._supervisor.status("waiting")
            if not self._stop.is_set():
                self._plan_next(source)

    def _plan_next(self, source: str) -> None:
        now, when, zone = self._clock(), self._config.sources.watched()[source].when, self._config.alerts.zone
        try:
            with db.open_archive(self._config.archive.path, readonly=True) as archive:
                due = schedule.due_at(archive.next_due(source), when, now, zone)
        except db.StoreError as error:
            log.error("event=cannot_plan source=%s error=%r", source, str(error))
            due = now
        if due > now:
            self._in_vain[source] = 0
        else:  # the visit could not even be noted: the archive was taken, or the disk is full
            self._in_vain[source] += 1
            due = now + min(_TRY_AGAIN * 2 ** (self._in_vain[source] - 1), _LONGEST_PAUSE)
        self._enter(source, due)

    def _outbox(self) -> None:
        """Send what waits; most times nothing does."""
        with self._working:
            if self._stop.is_set():
                return
            self._alive(Progress(job="outbox"))
            self._guarded("outbox", self._deliver_if_due)

    def _deliver_if_due(self) -> list[Done]:
        return steps.deliver(self._work) if steps.something_waits(self._config, self._clock()) else []

    def _guarded(self, what: str, job: Callable[[], Iterable[Done]]) -> None:
        """Do *job* and log it; nothing that it raises ends the daemon."""
        trouble = ""
        try:
            for done in job():
                _log(done)
        except Stopped as error:
            log.info("event=stopped_work what=%r", str(error))
        except (MonitorError, db.StoreError) as error:
            trouble = str(error)
        except Exception as error:  # noqa: BLE001  the next job runs
            trouble = "".join(traceback.format_exception(error))
        self._say_once(what, trouble)

    def _say_once(self, what: str, trouble: str) -> None:
        """Log trouble when it begins, changes or ends, not every minute that it lasts."""
        before, self._said[what] = self._said.get(what, ""), trouble
        if trouble and trouble != before:
            log.error("event=trouble job=%s what=%s", what, trouble)
        if before and not trouble:
            log.info("event=recovered job=%s", what)

    def _alive(self, progress: Progress) -> None:
        self._supervisor.alive()


def _log(done: Done) -> None:
    counts = "".join(f" {name}={number}" for name, number in done.counts.items())
    log.info("event=done job=%s%s", done.job, counts)
    for failure in done.failures:
        log.warning("event=failed job=%s what=%r", done.job, failure)
    for paper in done.quarantined:
        log.warning("event=quarantined job=%s what=%r", done.job, paper)
