"""The archive as the rest of the program sees it: one object, one method for each thing to do.

What stands behind each group of methods is in the module of that name. Every method
that writes is one transaction: all of it happened, or nothing.
"""

import sqlite3
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from datetime import datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from db import (
    alerts,
    discrepancies,
    documents,
    facts,
    fetches,
    judging,
    kpi_review,
    kpis,
    letters,
    queries,
    reissues,
    rereading,
    runs,
    schema,
    search,
    sources,
    upkeep,
)
from db import mutes as muting
from db.blobs import Blobs
from db.connection import BUSY_SECONDS, WAL_BUG_FIXED, WriteLock, connect, make_durable, transaction
from db.errors import BadFacts, NotAnArchive, StoreError, store_errors
from parsers.records import Reading

DATABASE = "archive.db"
MANY_CHANGES = 1000  # after so many, SQLite looks anew at how its tables are filled, to choose its ways


def open_archive(path: Path | str, *, readonly: bool = False, busy_seconds: float = BUSY_SECONDS) -> "Archive":
    """The archive in the folder *path*; made, or brought up to date, unless *readonly*.

    Raises a StoreError: NotAnArchive, NewerSchema, OlderSchema (only readonly), Locked,
    CannotWrite, DiskFull, Damaged.
    """
    return Archive(Path(path), readonly=readonly, busy_seconds=busy_seconds)


class Archive:
    """An open archive. Close it, or use it as a context manager."""

    sqlite_version = sqlite3.sqlite_version
    # Whether this SQLite can corrupt a WAL file when somebody else's program writes at the same instant.
    sqlite_has_wal_bug = sqlite3.sqlite_version_info < WAL_BUG_FIXED

    def __init__(self, path: Path, *, readonly: bool, busy_seconds: float) -> None:
        self.path = path
        self.readonly = readonly
        self.database = path / DATABASE
        self._busy_seconds = busy_seconds
        self._turn = threading.RLock()
        self._blobs = Blobs(path / "blobs")
        self._lock = WriteLock(path / ".lock", busy_seconds=busy_seconds)
        self._connections = ExitStack()
        self._reader: sqlite3.Connection | None = None
        self._judge: sqlite3.Connection | None = None
        self._writer: sqlite3.Connection | None = None
        try:
            with store_errors(self.database):
                self._open()
        except BaseException:
            self._connections.close()
            raise

    def _open(self) -> None:
        if self.readonly:
            if not self.database.is_file():
                raise NotAnArchive(self.database, "there is no archive here yet")
            self._reader = self._connect(readonly=True)
            schema.require_current(self._reader, self.database)
            return
        if not self.database.exists() and self._blobs.any():
            raise NotAnArchive(self.database, "is missing, though its blobs are there; restore it from a backup")
        self.path.mkdir(parents=True, exist_ok=True)
        with self._lock.held():
            writer = self._connect(readonly=False)
            schema.inspect(writer, self.database)  # before anything is written to a file that may not be ours
            make_durable(writer)
            schema.migrate(writer, self.database)
            self._blobs.folder.mkdir(exist_ok=True)
            self._blobs.sweep()
        self._writer = writer

    def _connect(self, *, readonly: bool) -> sqlite3.Connection:
        connection = connect(self.database, readonly=readonly, busy_seconds=self._busy_seconds)
        self._connections.callback(connection.close)
        return connection

    def close(self) -> None:
        """Let go of the archive; a writer tidies up first."""
        with self._turn, ExitStack() as held:
            writer, self._writer = self._writer, None
            self._reader = self._judge = None
            if writer is None:
                self._connections.close()
                return
            # Closing a writer checkpoints, so it holds the lock. What cannot be tidied now can wait:
            # while another writer is busy there is nothing for us to merge.
            with suppress(StoreError), store_errors(self.database):
                held.enter_context(self._lock.held())
                held.callback(self._connections.close)
                if writer.total_changes > MANY_CHANGES:
                    writer.execute("pragma analysis_limit = 400")
                    writer.execute("analyze")
            self._connections.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        with self._turn, store_errors(self.database):
            if self._writer is None:
                raise StoreError(self.path, "is closed, or opened for reading only")
            with self._lock.held(), transaction(self._writer):
                yield self._writer

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        """A connection that sees what is committed, and cannot write."""
        with self._turn, store_errors(self.database):
            if self._reader is None:
                self._require_open()
                self._reader = self._connect(readonly=True)
            yield self._reader

    def _require_open(self) -> None:
        if self._writer is None and self._reader is None:
            raise StoreError(self.path, "is closed")

    # --- crawl: requests, documents, versions

    def record_fetch(self, fetch: fetches.Fetch, now: datetime) -> int:
        """Note a request; the number of its row."""
        with self._writing() as db:
            return fetches.record(db, fetch, now)

    def validators(self, url: str) -> fetches.Validators | None:
        """What a conditional request for *url* sends; None where it must be unconditional."""
        with self._reading() as db:
            return fetches.validators(db, url)

    def remember(
        self, found: documents.Found, body: bytes, *, now: datetime, fetch_id: int | None = None
    ) -> documents.Remembered:
        """Keep a document: a new version only where its content differs from the newest one held.

        With *fetch_id*, the answer's validators serve the next request even when the
        bytes differ in what does not matter.
        """
        with self._writing() as db:
            return documents.remember(db, self._blobs, found, body, now, fetch_id)

    def note_structure(
        self,
        council: str,
        committee: documents.CommitteeRef,
        meeting: documents.MeetingRef | None = None,
        items: Sequence[documents.ItemRef] = (),
    ) -> None:
        """Keep a committee, a meeting and its agenda, also where there is no document yet."""
        with self._writing() as db:
            documents.note_structure(db, council, committee, meeting, items)

    def mark_seen(self, key: str, now: datetime) -> bool:
        """Note that a document still stands on the site, unchanged; whether it is known."""
        with self._writing() as db:
            return documents.mark_seen(db, key, now)

    def mark_gone(self, key: str, now: datetime) -> bool:
        """Note that the site says a document is gone; whether that is new. Nothing is deleted."""
        with self._writing() as db:
            return documents.mark_gone(db, key, now)

    def known_document(self, key: str) -> documents.DocumentRow | None:
        """The document with this key and its newest version."""
        with self._reading() as db:
            return documents.known(db, key)

    def has_version(self, key: str) -> bool:
        """Whether any content of the document is held."""
        document = self.known_document(key)
        return document is not None and document.version_id is not None

    # --- read: what waits to be read, and what was found

    def unread(
        self, parser_versions: Mapping[str, int] | None = None, limit: int | None = None
    ) -> list[documents.UnreadVersion]:
        """Versions never read, or read by an older version of their reader than *parser_versions* says."""
        with self._reading() as db:
            return documents.unread(db, parser_versions, limit)

    def blob(self, sha256: str) -> bytes:
        """A body, proven by its hash. Raises Damaged."""
        with store_errors(self._blobs.folder):
            return self._blobs.get(sha256)

    def store_reading(
        self, version_id: int, reading: Reading, *, council: str, now: datetime, ombudsman: str = ""
    ) -> None:
        """Make *reading* what the archive knows of a version. Raises BadFacts, and then stores nothing.

        With *ombudsman*, the council's slug on the Ombudsman's site, a page about another council is quarantined.
        """
        try:
            with self._writing() as db:
                item = facts.Stored(version_id=version_id, reading=reading, council=council, ombudsman=ombudsman)
                facts.store(db, [item], now)
        except (sqlite3.IntegrityError, OverflowError, ValueError) as error:
            raise BadFacts(self.path, f"version {version_id}: {error}") from error

    def held_versions(self, kind: str | None = None) -> list[documents.HeldVersion]:
        """The versions that stand for their documents and were read, of one kind or of all."""
        with self._reading() as db:
            return documents.held(db, kind)

    def store_readings(self, items: Iterable[facts.Stored], *, now: datetime, resettle: bool = False) -> list[int]:
        """Store several readings at once; the versions of which the archive did not know all that. Raises BadFacts.

        With *resettle*, all indicators are told apart anew, by the rules of today.
        """
        try:
            with self._writing() as db:
                return facts.store(db, items, now, resettle=resettle)
        except (sqlite3.IntegrityError, OverflowError, ValueError) as error:
            raise BadFacts(self.path, str(error)) from error

    def store_rereadings(
        self,
        items: Iterable[facts.Stored],
        hushed: Sequence[alerts.NewAlert],
        channels: Mapping[str, str],
        why: str,
        *,
        now: datetime,
    ) -> list[int]:
        """Store what reading again brought, with the alerts that it would raise, none of which is ever sent.

        All of it in one transaction: the facts are never there without what keeps them from being news.
        Returns the versions that changed.
        """
        try:
            with self._writing() as db:
                return rereading.store(db, items, hushed, channels, why, now)
        except (sqlite3.IntegrityError, OverflowError, ValueError) as error:
            raise BadFacts(self.path, str(error)) from error

    # --- indicators

    def kpi_decisions(self) -> list[kpi_review.KpiDecision]:
        """What people decided about indicators, and whether the papers let it have its way."""
        with self._reading() as db:
            found = {council: kpis.indicators(db, council) for council in kpi_review.councils(db)}
            return kpi_review.stored(db, found)

    def decide_kpis(self, one: str, other: str, verdict: str, now: datetime) -> int:
        """Make two indicators one ("same"), or keep them two ("different"), for good; the decision's number.

        They are named by their numbers, or by a name as printed. Raises Undecidable, and then changes nothing.
        """
        with self._writing() as db:
            return kpis.decide(db, one, other, verdict, now)

    def undo_kpi_decision(self, decision_id: int) -> bool:
        """Take a decision back; whether there was one of that number."""
        with self._writing() as db:
            return kpis.undo(db, decision_id)

    # --- check

    def rows(self, sql: str, params: queries.Params = ()) -> list[dict[str, Any]]:
        """The rows of a query of our own."""
        with self._reading() as db:
            return db.execute(sql, params).fetchall()

    def save_discrepancies(
        self, found: Sequence[discrepancies.Discrepancy], *, checked_versions: Sequence[int], now: datetime
    ) -> None:
        """Keep what the checks found; what they no longer find in the checked versions is resolved."""
        with self._writing() as db:
            discrepancies.save(db, found, checked_versions, now)

    # --- judge

    def query(
        self, sql: str, params: queries.Params = (), *, seconds: float, max_rows: int = queries.MAX_ROWS
    ) -> list[dict[str, Any]]:
        """The rows of a query of somebody else's: it may read and nothing else. Raises QueryRefused, QueryTooSlow."""
        with self._turn, store_errors(self.database):
            if self._judge is None:
                self._require_open()
                self._judge = self._connect(readonly=True)
                queries.restrict(self._judge)
            return queries.answer(self._judge, self.path, sql, params, seconds=seconds, max_rows=max_rows)

    def prepare_judging(self) -> None:
        """Work out what rules stand on and no reader says: what kind of change a re-issue is, what is one story."""
        with self._writing() as db:
            reissues.settle(db)
            judging.settle_stories(db)

    def note_judged(self, judged: Sequence[tuple[str, str]], now: datetime) -> None:
        """Keep which rules were judged on which subjects: what comes to be known of them later is no news."""
        with self._writing() as db:
            judging.close(db, judged, now)

    def add_alerts(self, found: Sequence[alerts.NewAlert], channels: Mapping[str, str], now: datetime) -> list[int]:
        """Enter new alerts into the outbox, for each channel (name: least severity); the new ones' ids."""
        with self._writing() as db:
            return alerts.add(db, found, channels, now)

    # --- deliver

    def add_letter(self, letter: letters.NewLetter, channels: Sequence[str], now: datetime) -> int | None:
        """Enter a ready-made message into the outbox; None where one of its name is there already."""
        with self._writing() as db:
            return letters.add(db, letter, channels, now)

    def letter(self, alert_id: int) -> letters.StoredLetter | None:
        """The letter that an alert carries; None where it is no letter."""
        with self._reading() as db:
            return letters.get(db, alert_id)

    def claim_due(
        self, channel: str, now: datetime, lease: timedelta, limit: int | None = None, *, least: str = "low"
    ) -> list[alerts.Claimed]:
        """Take what is due on a channel, most severe first; nobody else gets it before the lease runs out.

        Only what is at least as severe as *least*; nothing while the channel is held.
        """
        with self._writing() as db:
            return alerts.claim_due(db, channel, now, lease, limit, least=least)

    def due(self, channel: str, now: datetime, *, least: str = "low") -> int:
        """How many alerts `claim_due` would hand out."""
        with self._reading() as db:
            return alerts.due(db, channel, now, least=least)

    def begin_sending(self, delivery_ids: Sequence[int], message: str) -> bool:
        """Note that a message is about to be handed to its channel; False where the claim was lost meanwhile."""
        with self._writing() as db:
            return alerts.begin_sending(db, delivery_ids, message)

    def abandon_deliveries(self) -> int:
        """Give back what somebody who died was sending, as a cycle does when it starts; how many."""
        with self._writing() as db:
            return alerts.abandon(db)

    def hold_channel(self, channel: str, until: datetime, error: str, now: datetime) -> None:
        """Try nothing on a channel before a time."""
        with self._writing() as db:
            alerts.hold_channel(db, channel, until, error, now)

    def channel_troubles(self) -> dict[str, alerts.ChannelTrouble]:
        """The channels that did not take their last message, by name."""
        with self._reading() as db:
            return alerts.channel_troubles(db)

    def suppress_old(self, channel: str, before: datetime, why: str) -> int:
        """Never send what a channel was not tried with, about alerts raised before a time; how many."""
        with self._writing() as db:
            return alerts.suppress_old(db, channel, before, why)

    def mark_sent(self, delivery_ids: Sequence[int], now: datetime) -> None:
        """The channel accepted these."""
        with self._writing() as db:
            alerts.mark_sent(db, delivery_ids, now)

    def mark_retry(
        self,
        delivery_ids: Sequence[int],
        error: str,
        next_attempt_at: datetime,
        *,
        maybe_sent: bool = False,
        apart: bool = False,
    ) -> None:
        """The channel did not accept these; they are due again at *next_attempt_at*, *apart* as the same message."""
        with self._writing() as db:
            alerts.mark_retry(db, delivery_ids, error, next_attempt_at, maybe_sent=maybe_sent, apart=apart)

    def mark_failed(self, delivery_ids: Sequence[int], error: str, *, maybe_sent: bool = False) -> None:
        """The channel will not accept these; only `requeue` tries again."""
        with self._writing() as db:
            alerts.mark_failed(db, delivery_ids, error, maybe_sent=maybe_sent)

    def release(self, delivery_ids: Sequence[int]) -> None:
        """Give claims back untried."""
        with self._writing() as db:
            alerts.release(db, delivery_ids)

    def requeue(self, channel: str | None = None) -> int:
        """Try failed deliveries again, of one channel or of all; how many."""
        with self._writing() as db:
            return alerts.requeue(db, channel)

    def pending_channels(self) -> list[str]:
        """Channels that have something to send, now or later."""
        with self._reading() as db:
            return alerts.pending_channels(db)

    def mute(self, muted: muting.Mute, now: datetime) -> int:
        """Keep alerts from being sent before a date; how many that wait are not sent now."""
        with self._writing() as db:
            return muting.mute(db, muted, now)

    def unmute(self, rule: str, key: str = "*") -> bool:
        """End a mute; whether there was one."""
        with self._writing() as db:
            return muting.unmute(db, rule, key)

    def mutes(self, now: datetime) -> list[muting.Mute]:
        """The mutes in force."""
        with self._reading() as db:
            return muting.in_force(db, now)

    def acknowledge(self, alert_ids: Sequence[int], note: str | None, now: datetime) -> list[int]:
        """Note that alerts are known; which of the numbers are alerts that nobody had acknowledged."""
        with self._writing() as db:
            return muting.acknowledge(db, alert_ids, note, now)

    def take_back_acknowledgement(self, alert_ids: Sequence[int]) -> list[int]:
        """Forget that alerts are known; which of the numbers were."""
        with self._writing() as db:
            return muting.take_back(db, alert_ids)

    # --- runs and sources

    def start_run(self, job: str, now: datetime) -> int:
        """Note that a job begins; the number of the run."""
        with self._writing() as db:
            return runs.start(db, job, now)

    def finish_run(
        self, run_id: int, outcome: str, counts: Mapping[str, Any], error: str | None, now: datetime
    ) -> None:
        """Note how a run went: ok or failed."""
        with self._writing() as db:
            runs.finish(db, run_id, outcome, counts, error, now)

    def last_run(self, job: str) -> runs.RunRow | None:
        """The newest run of a job."""
        with self._reading() as db:
            return runs.last(db, job)

    def abandon_runs(self, now: datetime) -> int:
        """Close the runs that nobody finished, as a daemon does when it starts; how many."""
        with self._writing() as db:
            return runs.abandon(db, now)

    def set_source_state(self, source: str, council: str, state: str, reason: str | None, now: datetime) -> None:
        """Note what a visit to a source found for a council ("*" for all)."""
        with self._writing() as db:
            sources.note_visit(db, source, council, state, reason, now)

    def settle_sources(self, now: datetime) -> None:
        """Work out every source's state anew, as is due once new pages were read."""
        with self._writing() as db:
            sources.settle(db, now)

    def source_states(self) -> list[sources.SourceState]:
        """How all sources are doing."""
        with self._reading() as db:
            return sources.states(db)

    def set_next_due(self, source: str, when: datetime) -> None:
        """Note when the daemon visits a source next."""
        with self._writing() as db:
            sources.set_next_due(db, source, when)

    def next_due(self, source: str) -> datetime | None:
        """When the daemon visits a source next; None before the first visit."""
        with self._reading() as db:
            return sources.next_due(db, source)

    # --- search and upkeep

    def search(
        self, words: str, *, kind: str | None = None, limit: int = 20, beginnings: bool = False
    ) -> list[search.Hit]:
        """Documents, articles, improvements and indicators that hold all of *words*, best first.

        With *beginnings*, words that begin so will do.
        """
        with self._reading() as db:
            return search.find(db, words, kind=kind, limit=limit, beginnings=beginnings)

    def publish_snapshot(self, dest: Path) -> None:
        """Put a consistent copy of the database at *dest*, whole from one instant to the next."""
        with self._reading() as db, store_errors(dest):
            upkeep.publish(db, dest)

    def backup(self, dest: Path) -> upkeep.Backup:
        """Copy the archive to the folder *dest* and prove the copy. Raises BackupFailed."""
        with self._reading() as db, store_errors(dest):
            return upkeep.backup(db, self.path, self._blobs, dest)

    def counts(self) -> dict[str, int]:
        """Rows of each table."""
        with self._reading() as db:
            return upkeep.counts(db)

    def check(self) -> list[str]:
        """What is wrong with the database by its own quick check; [] where all is well."""
        with self._reading() as db:
            return upkeep.problems(db)

    def database_bytes(self) -> int:
        """Size of the database on the disk, with what waits to be merged into it."""
        files = (self.database, self.database.with_name(f"{DATABASE}-wal"))
        return sum(file.stat().st_size for file in files if file.exists())
