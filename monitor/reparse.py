"""Stored bytes read again with today's readers: what that changes, and storing it.

All of it is tried on a scratch copy of the archive first, so that what is shown is what would
be stored, down to the verdicts that depend on other versions. Applying it is one transaction:
killed before its end, nothing has happened.

What reading again brings is no news. So the scratch copy is checked and judged before and
after, and the alerts that only the new facts raise go into the archive together with those
facts, never to be sent: the outbox knows an alert by rule and key, and raises none twice.
What was still to be told of the facts as they were stays to be told.
"""

import json
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from itertools import chain, islice
from pathlib import Path
from typing import TypeVar

import db
from db.alerts import NewAlert
from db.connection import WriteLock
from db.documents import HeldVersion
from db.errors import BadFacts, Damaged
from db.facts import Stored
from monitor import differences, reading, steps
from monitor.differences import Change
from monitor.errors import Unusable
from monitor.reader import Document, Pool
from monitor.reader_worker import refused
from monitor.work import Progress, Work
from parsers.dispatch import VERSIONS
from parsers.records import Outcome, Reading

JOB = "reparse"
HUSHED = "reparse: brought by reading again, not news"
_AT_ONCE = 50  # readings stored together
_TROUBLE = (Outcome.QUARANTINED.value, Outcome.FAILED.value)

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reread:
    """One version that is read otherwise than it was."""

    version_id: int
    url: str
    title: str
    kind: str | None  # before
    before: str  # outcome
    after: str
    note: str | None  # why it is held back now, where it is
    changes: tuple[Change, ...]

    @property
    def is_worse(self) -> bool:
        """Whether it is held back now and was not before."""
        return self.after in _TROUBLE and self.before not in _TROUBLE


@dataclass(slots=True, kw_only=True)
class Result:
    """What reading again came to."""

    read_again: int = 0
    by_older_reader: int = 0  # of these, versions that an older reader had read
    versions: list[Reread] = field(default_factory=list)
    elsewhere: list[Change] = field(default_factory=list)  # in lists that no single version holds, and in identities
    failures: list[str] = field(default_factory=list)
    hushed: int = 0  # alerts that were kept from being sent
    applied: bool = False

    @property
    def ok(self) -> bool:
        """Whether nothing failed and nothing is held back that was not before."""
        return not self.failures and not any(version.is_worse for version in self.versions)


def reparse(work: Work, *, kind: str | None = None, apply: bool = False, entry: str = "parsers:parse") -> Result:
    """Read every standing version again, of one kind or of all; with *apply*, store what that changes."""
    if not (work.path / "archive.db").exists():
        raise Unusable(f"{work.path}: there is no archive yet; `kccwatch once` makes it")
    if not apply:
        with db.open_archive(work.path, readonly=True) as archive, _scratch(archive) as (copy, spool):
            result, _ = _try(work, archive, copy, spool, kind, entry)
        return result
    with steps.at_work(work), db.open_archive(work.path) as archive:
        number = archive.start_run(JOB, work.clock())
        try:
            with _scratch(archive) as (copy, spool):
                result = _applied(work, archive, copy, spool, kind, entry)
        except BaseException as error:
            archive.finish_run(number, "failed", {}, str(error) or type(error).__name__, work.clock())
            raise
        counts = {"read_again": result.read_again, "changed": len(result.versions), "hushed": result.hushed}
        archive.finish_run(number, "ok", counts, "; ".join(result.failures) or None, work.clock())
    for done in steps.check(work):
        result.failures += done.failures
    return result


def _applied(work: Work, archive: db.Archive, copy: db.Archive, spool: Path, kind: str | None, entry: str) -> Result:
    failures = steps.rehearse(work, copy)  # what is to be told of the facts as they are stays to be told
    told = _last_alert(copy)
    result, changed = _try(work, archive, copy, spool, kind, entry)
    failures += steps.rehearse(work, copy)
    result.failures += dict.fromkeys(failures)
    hushed = _alerts_after(copy, told)
    channels = {channel.name: channel.min_severity for channel in work.config.alerts.channels}
    items = (item for item in _spooled(spool) if item.version_id in changed)
    archive.store_rereadings(items, hushed, channels, HUSHED, now=work.clock())
    result.hushed = len(hushed)
    result.applied = True
    return result


@contextmanager
def _scratch(archive: db.Archive) -> Iterator[tuple[db.Archive, Path]]:
    """A copy of the archive to try things on, and a file for the readings; gone after the block, or before the next."""
    folder = archive.path / ".reparse"
    with WriteLock(archive.path / ".reparse.lock", busy_seconds=1).held():
        shutil.rmtree(folder, ignore_errors=True)  # what somebody left who was killed
        try:
            archive.publish_snapshot(folder / "archive.db")
            with db.open_archive(folder) as copy:
                yield copy, folder / "readings"
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def _try(
    work: Work, archive: db.Archive, copy: db.Archive, spool: Path, kind: str | None, entry: str
) -> tuple[Result, set[int]]:
    """Read again and store on the copy; what that changed there, and in which versions anything at all."""
    held = archive.held_versions(kind)
    result = Result(read_again=len(held), by_older_reader=sum(map(_is_older, held)))
    changed: set[int] = set()
    now = work.clock()
    with spool.open("w", encoding="ascii") as lines:
        for batch in _batches(_readings(work, archive, held, result, entry), _AT_ONCE):
            changed.update(_stored(copy, batch, lines.write, now))
    copy.store_readings([], now=now, resettle=True)  # identities follow today's rules, too
    for one in held:
        if one.version.id in changed:
            result.versions += _compared(archive, copy, one)
    result.elsewhere = [*differences.of_lists(archive, copy), *differences.of_indicators(archive, copy)]
    return result, changed


def _is_older(held: HeldVersion) -> bool:
    """Whether an older version of its reader read it, or a reader that is no more."""
    return held.parser not in VERSIONS or (held.parser_version or 0) < VERSIONS[held.parser]


def _readings(
    work: Work, archive: db.Archive, held: Sequence[HeldVersion], result: Result, entry: str
) -> Iterator[Stored]:
    """What today's readers say of each version. One whose bytes are damaged is left as it was read."""
    ombudsman = {council.slug: council.ombudsman for council in work.config.councils}
    if not held:
        return
    with Pool(min(len(held), os.cpu_count() or 1), entry=entry) as pool:
        documents = _documents(archive, held, result)
        for number, (version, found) in enumerate(pool.read_all(documents), start=1):
            yield Stored(
                version_id=version.id,
                reading=found,
                council=version.council,
                ombudsman=ombudsman.get(version.council, ""),
            )
            work.go_on(Progress(job=JOB, done=number, total=len(held)))


def _documents(
    archive: db.Archive, held: Sequence[HeldVersion], result: Result
) -> Iterator[tuple[db.UnreadVersion, bytes, Document]]:
    for version in (one.version for one in held):
        try:
            body = archive.blob(version.sha256)
        except Damaged as error:
            result.failures.append(f"{version.url}: its stored bytes are damaged or gone: {error}")
            continue
        about = Document(
            url=version.url, media_type=version.media_type or "", title=version.title or "", council=version.council
        )
        yield version, body, about


def _stored(copy: db.Archive, batch: Sequence[Stored], write: Callable[[str], object], now: datetime) -> list[int]:
    """Store readings on the copy and spool them as they can be stored; the versions that changed."""
    try:
        changed = copy.store_readings(batch, now=now)
        kept = list(batch)
    except BadFacts:  # one of them; that one is held back, as it would be when read for the first time
        changed, kept = [], []
        for item in batch:
            stored, ids = _one_stored(copy, item, now)
            changed += ids
            kept.append(stored)
    for item in kept:
        line = [item.version_id, item.council, item.ombudsman, reading.dumps(item.reading).decode()]
        write(json.dumps(line) + "\n")
    return changed


def _one_stored(copy: db.Archive, item: Stored, now: datetime) -> tuple[Stored, list[int]]:
    try:
        return item, copy.store_readings([item], now=now)
    except BadFacts as error:
        found: Reading = refused(f"what its reader found cannot be stored: {error.problem}"[:500])
        item = Stored(version_id=item.version_id, reading=found, council=item.council)
        return item, copy.store_readings([item], now=now)


def _spooled(spool: Path) -> Iterator[Stored]:
    with spool.open(encoding="ascii") as lines:
        for line in lines:
            version_id, council, ombudsman, said = json.loads(line)
            yield Stored(
                version_id=version_id, reading=reading.loads(said.encode()), council=council, ombudsman=ombudsman
            )


def _compared(archive: db.Archive, copy: db.Archive, held: HeldVersion) -> list[Reread]:
    """What is otherwise in a version; nothing where only its reader's number is."""
    (after,) = copy.rows("select outcome, note from versions where id = ?", [held.version.id])
    (before,) = archive.rows("select outcome, note from versions where id = ?", [held.version.id])
    changes = differences.of_version(archive, copy, held.version.id)
    if not changes and before == after:
        return []
    return [
        Reread(
            version_id=held.version.id,
            url=held.version.url,
            title=held.own_title or held.version.url,
            kind=held.kind,
            before=held.outcome,
            after=after["outcome"],
            note=after["note"],
            changes=tuple(changes),
        )
    ]


def _last_alert(copy: db.Archive) -> int:
    (row,) = copy.rows("select coalesce(max(id), 0) as id from alerts")
    return int(row["id"])


def _alerts_after(copy: db.Archive, last: int) -> list[NewAlert]:
    rows = copy.rows(
        "select rule, key, severity, title, body, url, evidence from alerts where id > ? order by id", [last]
    )
    return [NewAlert(**{**row, "evidence": json.loads(row["evidence"])}) for row in rows]


def _batches(items: Iterator[T], size: int) -> Iterator[list[T]]:
    for first in items:
        yield list(chain([first], islice(items, size - 1)))
