"""Documents and their versions, and the meetings that they belong to."""

import hashlib
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from urllib.parse import urlsplit

from db import editions, reissues
from db.blobs import Blobs
from db.values import clean, clean_or_none, day, iso, known_moment, moment, utc


@dataclass(frozen=True, slots=True, kw_only=True)
class CommitteeRef:
    """A committee as its site names it."""

    cid: int
    name: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MeetingRef:
    """A meeting as its site shows it now."""

    mid: int
    url: str
    held_on: date | None = None
    starts_at: datetime | None = None  # aware; None where no time is printed
    status: str | None = None  # scheduled, cancelled, postponed, new, withdrawn or moved; None: the page does not say


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemRef:
    """An agenda item; its number is only what is printed now."""

    aid: int
    title: str
    number: str | None = None
    url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A document that a spider found, with where it hangs."""

    key: str  # what makes two addresses the same document
    url: str  # canonical address
    source: str  # committee_papers, news or ombudsman
    council: str  # slug
    media_type: str | None = None
    title: str | None = None  # as the site prints it
    published_on: date | None = None  # as the site says
    content_key: str = ""  # hash of what matters in the body; "" for the body's own
    committee: CommitteeRef | None = None
    meeting: MeetingRef | None = None  # needs the committee
    item: ItemRef | None = None  # needs the meeting


@dataclass(frozen=True, slots=True, kw_only=True)
class Remembered:
    """What `remember` made of a document."""

    document_id: int
    version_id: int | None  # the new version; None when the content is the one held already
    is_new_document: bool
    is_new_version: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentRow:
    """A document as the archive holds it."""

    id: int
    key: str
    url: str
    source: str
    council: str
    kind: str | None
    title: str | None
    published_on: date | None
    first_seen_at: datetime
    last_seen_at: datetime
    gone_at: datetime | None
    meeting_id: int | None
    agenda_item_id: int | None
    version_id: int | None  # the newest version
    sha256: str | None  # its bytes
    outcome: str | None  # how reading it went; None while unread


@dataclass(frozen=True, slots=True, kw_only=True)
class UnreadVersion:
    """A version that waits to be read, with all that a reader is told."""

    id: int
    document_id: int
    key: str
    url: str
    source: str
    council: str
    media_type: str | None
    title: str | None  # as the site prints it, not as an earlier reading found
    sha256: str
    published_on: date | None
    meeting_held_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldVersion:
    """A version that was read, with how that went."""

    version: UnreadVersion
    own_title: str | None  # the document's title as it is shown
    kind: str | None  # what the reader found the document to be
    parser: str | None
    parser_version: int | None
    outcome: str


def remember(
    db: sqlite3.Connection, blobs: Blobs, found: Found, body: bytes, now: datetime, fetch_id: int | None = None
) -> Remembered:
    """Keep what was found: a new version only where the content differs from the newest one held."""
    meeting_id, item_id = _place(db, found)
    document_id, is_new = _upsert_document(db, found, meeting_id, item_id, now)
    newest = _newest_version(db, document_id)
    sha256 = hashlib.sha256(body).hexdigest()
    content_key = found.content_key or sha256
    is_new_version = newest is None or (newest["content_key"] != content_key and newest["sha256"] != sha256)
    if is_new_version:
        version_id = _add_version(
            db, blobs, found, body, document_id, newest["id"] if newest else None, content_key, now
        )
        _note_news(db, found.source, found.council, now)
    else:
        assert newest is not None
        version_id = newest["id"]
        if newest["sha256"] == sha256:
            blobs.put(body)  # heals a blob that was damaged or lost since
        # Same bytes, other key: the way of hashing changed, not the document.
        db.execute(
            "update versions set content_key = ? where id = ? and sha256 = ? and content_key <> ?",
            [content_key, version_id, sha256, content_key],
        )
    if fetch_id is not None:
        db.execute("update fetches set version_id = ? where id = ?", [version_id, fetch_id])
    return Remembered(
        document_id=document_id,
        version_id=version_id if is_new_version else None,
        is_new_document=is_new,
        is_new_version=is_new_version,
    )


def note_structure(
    db: sqlite3.Connection,
    council: str,
    committee: CommitteeRef,
    meeting: MeetingRef | None = None,
    items: Sequence[ItemRef] = (),
) -> None:
    """Keep a committee, its meeting and the agenda, also where there is no document yet."""
    committee_id = _upsert_committee(db, council, committee)
    if meeting is not None:
        meeting_id = _upsert_meeting(db, committee_id, meeting)
        for item in items:
            _upsert_item(db, meeting_id, item)


def mark_seen(db: sqlite3.Connection, key: str, now: datetime) -> bool:
    """Note that a document still stands on the site; whether it is known at all."""
    document = db.execute("select id, gone_at from documents where key = ?", [clean(key)]).fetchone()
    if document is None:
        return False
    db.execute("update documents set last_seen_at = ?, gone_at = null where id = ?", [utc(now), document["id"]])
    if document["gone_at"] is not None:
        editions.settle(db, editions.of_document(db, document["id"]))
    return True


def mark_gone(db: sqlite3.Connection, key: str, now: datetime) -> bool:
    """Note that the site says a document is gone; whether that is new. Nothing is deleted."""
    document = db.execute("select id from documents where key = ? and gone_at is null", [clean(key)]).fetchone()
    if document is None:
        return False
    db.execute("update documents set gone_at = ? where id = ?", [utc(now), document["id"]])
    editions.settle(db, editions.of_document(db, document["id"]))
    return True


def known(db: sqlite3.Connection, key: str) -> DocumentRow | None:
    """The document with this key, with its newest version."""
    row = db.execute(
        """
        select d.id, d.key, d.url, d.source, d.council, d.kind, d.title, d.published_on, d.first_seen_at,
               d.last_seen_at, d.gone_at, d.meeting_id, d.agenda_item_id, v.id as version_id, v.sha256, v.outcome
        from documents as d left join versions as v on v.document_id = d.id
        where d.key = ? order by v.id desc limit 1
        """,
        [clean(key)],
    ).fetchone()
    if row is None:
        return None
    dates = {"published_on": day(row["published_on"]), "gone_at": moment(row["gone_at"])}
    seen = {name: known_moment(row[name]) for name in ("first_seen_at", "last_seen_at")}
    return DocumentRow(**{**row, **dates, **seen})


def unread(
    db: sqlite3.Connection, parser_versions: Mapping[str, int] | None = None, limit: int | None = None
) -> list[UnreadVersion]:
    """Versions never read, and those read by an older version of their reader; oldest first.

    So are those that a re-issue has to be compared with and that an older reader read.
    """
    outdated = "".join(" or v.parser = ? and v.parser_version < ?" for _ in parser_versions or {})
    rows = db.execute(
        f"""
        select v.id, v.document_id, d.key, d.url, d.source, d.council, v.media_type, d.site_title as title,
               v.sha256, d.published_on, m.held_on as meeting_held_on
        from versions as v
        join documents as d on d.id = v.document_id
        left join meetings as m on m.id = d.meeting_id
        where v.outcome is null{outdated} or v.id in ({reissues.READ_OTHERWISE})
        order by v.id limit ?
        """,  # noqa: S608 - only placeholders are put in
        [*(part for pair in (parser_versions or {}).items() for part in pair), -1 if limit is None else limit],
    )
    return [_unread(row) for row in rows]


def held(db: sqlite3.Connection, kind: str | None = None) -> list[HeldVersion]:
    """The contents that stand for their documents, of one kind or of all, to be read again; oldest first.

    A document's newest content that was read stands for it, and the newest one that could be trusted.
    """
    rows = db.execute(
        """
        select v.id, v.document_id, d.key, d.url, d.source, d.council, v.media_type, d.site_title as title,
               v.sha256, d.published_on, m.held_on as meeting_held_on,
               coalesce(d.title, d.site_title) as own_title, d.kind, v.parser, v.parser_version, v.outcome
        from documents as d
        join versions as v on v.document_id = d.id
        left join meetings as m on m.id = d.meeting_id
        where (:kind is null or d.kind = :kind)
          and (v.id = (select max(n.id) from versions as n where n.document_id = d.id and n.outcome is not null)
               or v.id = (select max(n.id) from versions as n where n.document_id = d.id and n.outcome = 'read'))
        order by v.id
        """,
        {"kind": kind},
    )
    more = ("own_title", "kind", "parser", "parser_version", "outcome")
    return [
        HeldVersion(
            version=_unread({name: value for name, value in row.items() if name not in more}),
            **{name: row[name] for name in more},
        )
        for row in rows
    ]


def _unread(row: dict[str, Any]) -> UnreadVersion:
    dates = {name: day(row[name]) for name in ("published_on", "meeting_held_on")}
    return UnreadVersion(**{**row, **dates})


def _newest_version(db: sqlite3.Connection, document_id: int) -> dict[str, Any] | None:
    row: dict[str, Any] | None = db.execute(
        "select id, sha256, content_key from versions where document_id = ? order by id desc limit 1", [document_id]
    ).fetchone()
    return row


def _add_version(
    db: sqlite3.Connection,
    blobs: Blobs,
    found: Found,
    body: bytes,
    document_id: int,
    supersedes_id: int | None,
    content_key: str,
    now: datetime,
) -> int:
    sha256 = blobs.put(body)  # before the row that speaks of it
    cursor = db.execute(
        """
        insert into versions (document_id, sha256, content_key, media_type, bytes, fetched_at, supersedes_id)
        values (?, ?, ?, ?, ?, ?, ?)
        """,
        [document_id, sha256, content_key, clean_or_none(found.media_type), len(body), utc(now), supersedes_id],
    )
    assert cursor.lastrowid is not None
    return cursor.lastrowid


def _upsert_document(
    db: sqlite3.Connection, found: Found, meeting_id: int | None, item_id: int | None, now: datetime
) -> tuple[int, bool]:
    """The document's id and whether it is new.

    What a reading found out about title and date stays; what only the site said follows
    the site. The first meeting that a paper was found in stays its meeting: call-ins and
    minutes of the next meeting link old papers again.
    """
    values = {
        "key": clean(found.key),
        "url": clean(found.url),
        "source": found.source,
        "council": found.council,
        "title": clean_or_none(found.title),
        "published_on": iso(found.published_on),
        "meeting_id": meeting_id,
        "item_id": item_id,
        "now": utc(now),
    }
    row = db.execute("select id, url, gone_at from documents where key = :key", values).fetchone()
    if row is None:
        cursor = db.execute(
            """
            insert into documents (key, url, source, council, title, site_title, published_on, site_published_on,
                                   first_seen_at, last_seen_at, meeting_id, agenda_item_id)
            values (:key, :url, :source, :council, :title, :title, :published_on, :published_on,
                    :now, :now, :meeting_id, :item_id)
            """,
            values,
        )
        assert cursor.lastrowid is not None
        return cursor.lastrowid, True
    values["url"] = _better_address(row["url"], str(values["url"]))
    db.execute(
        """
        update documents set
          url = :url, last_seen_at = :now, gone_at = null,
          title = iif(title is site_title, coalesce(:title, title), title),
          site_title = coalesce(:title, site_title),
          published_on = iif(published_on is site_published_on, coalesce(:published_on, published_on), published_on),
          site_published_on = coalesce(:published_on, site_published_on),
          agenda_item_id = iif(meeting_id is null or meeting_id = :meeting_id,
                               coalesce(agenda_item_id, :item_id), agenda_item_id),
          meeting_id = coalesce(meeting_id, :meeting_id)
        where id = :id
        """,
        {**values, "id": row["id"]},
    )
    if row["gone_at"] is not None or row["url"] != values["url"]:
        editions.settle(db, editions.of_document(db, row["id"]))
    return row["id"], False


def _better_address(known: str, said: str) -> str:
    """Which of two addresses of one document people are given.

    The one on the site as it was first met, not on a mirror or another port; and the file's own
    (".../documents/s1/Report.pdf") rather than one that converts it.
    """
    old, new = urlsplit(known), urlsplit(said)
    own, told = "/documents/" in old.path, "/documents/" in new.path
    if own != told:
        return known if own else said
    return said if (old.scheme, old.netloc) == (new.scheme, new.netloc) else known


def _place(db: sqlite3.Connection, found: Found) -> tuple[int | None, int | None]:
    """Ids of the meeting and the agenda item that a document hangs on."""
    if found.committee is None:
        return None, None
    committee_id = _upsert_committee(db, found.council, found.committee)
    if found.meeting is None:
        return None, None
    meeting_id = _upsert_meeting(db, committee_id, found.meeting)
    return meeting_id, None if found.item is None else _upsert_item(db, meeting_id, found.item)


def _upsert_committee(db: sqlite3.Connection, council: str, committee: CommitteeRef) -> int:
    return _upsert(
        db,
        "committees",
        {"council": council, "cid": committee.cid},
        {"name": clean(committee.name), "url": clean(committee.url)},
    )


def _upsert_meeting(db: sqlite3.Connection, committee_id: int, meeting: MeetingRef) -> int:
    return _upsert(
        db,
        "meetings",
        {"committee_id": committee_id, "mid": meeting.mid},
        {
            "held_on": iso(meeting.held_on),
            "starts_at": None if meeting.starts_at is None else utc(meeting.starts_at),
            "status": clean_or_none(meeting.status),
            "url": clean(meeting.url),
        },
    )


def _upsert_item(db: sqlite3.Connection, meeting_id: int, item: ItemRef) -> int:
    return _upsert(
        db,
        "agenda_items",
        {"meeting_id": meeting_id, "aid": item.aid},
        {"number": clean_or_none(item.number), "title": clean(item.title), "url": clean_or_none(item.url)},
    )


def _upsert(db: sqlite3.Connection, table: str, identity: dict[str, Any], says: dict[str, Any]) -> int:
    """The id of the row with this identity, which now says what the site says; silence changes nothing."""
    where = " and ".join(f"{name} = :{name}" for name in identity)
    row = db.execute(f"select * from {table} where {where}", identity).fetchone()  # noqa: S608
    if row is None:
        names = [*identity, *says]
        cursor = db.execute(
            f"insert into {table} ({', '.join(names)}) values ({', '.join(':' + n for n in names)})",  # noqa: S608
            {**identity, **says},
        )
        assert cursor.lastrowid is not None
        return cursor.lastrowid
    changed = {name: value for name, value in says.items() if value is not None and row[name] != value}
    if changed:
        settings = ", ".join(f"{name} = :{name}" for name in changed)
        db.execute(f"update {table} set {settings} where id = :id", {**changed, "id": row["id"]})  # noqa: S608
    row_id = row["id"]
    assert isinstance(row_id, int)
    return row_id


def _note_news(db: sqlite3.Connection, source: str, council: str, now: datetime) -> None:
    db.execute(
        """
        insert into sources (source, council, state, since, last_new_at) values (:source, :council, 'ok', :now, :now)
        on conflict (source, council) do update set last_new_at = :now
        """,
        {"source": source, "council": council, "now": utc(now)},
    )
