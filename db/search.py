"""Full-text search: one entry a document, case and indicator, as its newest version says."""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlite_utils

from db.values import clean


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """One entry that holds the words."""

    kind: str  # the document's kind, service_improvement or kpi
    title: str
    url: str | None
    snippet: str  # words around the first match; matches between [ and ]
    document_id: int | None
    case_reference: str | None
    kpi_id: int | None


def find(db: sqlite3.Connection, words: str, *, kind: str | None = None, limit: int = 20) -> list[Hit]:
    """Entries that hold all of *words*, best first; whatever is typed is words, never query syntax."""
    if not words.strip():
        return []
    query = sqlite_utils.Database(db, recursive_triggers=False, execute_plugins=False).quote_fts(words)
    rows = db.execute(
        """
        select e.kind, e.title, e.url, snippet(search, 2, '[', ']', '…', 24) as snippet,
               e.document_id, e.case_reference, e.kpi_id
        from search join search_entries as e on e.id = search.rowid
        where search match :query and (:kind is null or e.kind = :kind)
        order by bm25(search, 0.0, 4.0, 1.0) limit :limit
        """,
        {"query": query, "kind": kind, "limit": limit},
    )
    return [Hit(**row) for row in rows]


def enter_document(db: sqlite3.Connection, document_id: int, version_id: int, text: str) -> None:
    """The entry of a document, from its row, its article where it is one, and the text of its newest version."""
    row = db.execute(
        """
        select d.kind, d.title, d.url, a.headline, a.summary, a.body as article
        from documents as d left join news_articles as a on a.document_id = d.id and a.version_id = ?
        where d.id = ?
        """,
        [version_id, document_id],
    ).fetchone()
    body = "\n".join(filter(None, [row["summary"], row["article"]])) if row["article"] else clean(text)
    title = row["headline"] or row["title"] or ""
    _enter(db, "document_id", document_id, kind=row["kind"], title=title, body=body, url=row["url"])


def enter_improvement(db: sqlite3.Connection, case_reference: str) -> None:
    """The entry of a service improvement, from its rows."""
    case = db.execute("select * from service_improvements where case_reference = ?", [case_reference]).fetchone()
    actions = db.execute(
        "select text from service_improvement_actions where case_reference = ? order by position", [case_reference]
    )
    topic = " › ".join(filter(None, [case["category"], case["sub_category"]]))
    _enter(
        db,
        "case_reference",
        case_reference,
        kind="service_improvement",
        title=f"{case_reference} {topic}".strip(),
        body="\n".join(row["text"] for row in actions),
        url=case["url"],
    )


def enter_kpi(db: sqlite3.Connection, kpi_id: int, name: str, words: Sequence[str], url: str) -> None:
    """The entry of an indicator: its name, and all that it was called."""
    _enter(db, "kpi_id", kpi_id, kind="kpi", title=name, body="\n".join(words), url=url)


def leave(db: sqlite3.Connection, column: str, value: str | int) -> None:
    """Take out the entry of a case (`case_reference`) or an indicator (`kpi_id`) that is no more."""
    stored = db.execute(f"select * from search_entries where {column} = ?", [value]).fetchone()  # noqa: S608
    if stored is not None:
        _unindex(db, stored)
        db.execute("delete from search_entries where id = ?", [stored["id"]])


def _enter(db: sqlite3.Connection, column: str, value: str | int, **says: str | None) -> None:
    stored = db.execute(f"select * from search_entries where {column} = ?", [value]).fetchone()  # noqa: S608
    if stored is None:
        cursor = db.execute(
            f"insert into search_entries ({column}, kind, title, body, url)"  # noqa: S608
            " values (:value, :kind, :title, :body, :url)",
            {"value": value, **says},
        )
        _index(db, {"id": cursor.lastrowid, **says})
    elif any(stored[name] != text for name, text in says.items()):
        _unindex(db, stored)
        entry = {"id": stored["id"], **says}
        db.execute(
            "update search_entries set kind = :kind, title = :title, body = :body, url = :url where id = :id", entry
        )
        _index(db, entry)


def _index(db: sqlite3.Connection, entry: dict[str, Any]) -> None:
    db.execute("insert into search (rowid, kind, title, body, url) values (:id, :kind, :title, :body, :url)", entry)


def _unindex(db: sqlite3.Connection, entry: dict[str, Any]) -> None:
    """FTS5 forgets an entry when told exactly what it was."""
    db.execute(
        "insert into search (search, rowid, kind, title, body, url) values ('delete', :id, :kind, :title, :body, :url)",
        entry,
    )
