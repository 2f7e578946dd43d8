"""Full-text search: one entry a document, case and indicator, as its newest version says."""

import re
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from db.values import clean

Row = dict[str, Any]


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


def find(
    db: sqlite3.Connection, words: str, *, kind: str | None = None, limit: int = 20, beginnings: bool = False
) -> list[Hit]:
    """Entries that hold all of *words*, best first; whatever is typed is words, never query syntax.

    With *beginnings*, words that begin so will do.
    """
    ending = "*" if beginnings else ""
    query = " ".join(f'"{word}"{ending}' for word in re.findall(r"\w+", clean(words)))
    if not query:
        return []
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


def enter_document(db: sqlite3.Connection, document_id: int, version_id: int, text: str, *, failed: bool) -> None:
    """Keep the text of a version, and let it stand for its document in searches unless a newer one does.

    What could not be read takes no earlier version's place.
    """
    body = _story(db, document_id, version_id) or clean(text)
    entry = db.execute("select * from search_entries where document_id = ?", [document_id]).fetchone()
    others = entry is not None and entry["version_id"] != version_id
    if others and (failed or entry["version_id"] > version_id):
        _keep_text(db, version_id, body)
        return
    document = db.execute("select kind, title, url from documents where id = ?", [document_id]).fetchone()
    says = {"kind": document["kind"], "title": document["title"] or "", "url": document["url"]}
    if entry is not None and not others and entry["body"] == body and all(entry[name] == says[name] for name in says):
        return
    if entry is not None:
        _unindex(db, entry)  # while its text is still what it was
    _keep_text(db, version_id, body)
    _enter(db, "document_id", document_id, {**says, "body": None, "version_id": version_id}, indexed_body=body)


def _story(db: sqlite3.Connection, document_id: int, version_id: int) -> str:
    """The text of a news article, without what else stands on its page."""
    article = db.execute(
        "select headline, summary, body from news_articles where document_id = ? and version_id = ?",
        [document_id, version_id],
    ).fetchone()
    return "\n".join(filter(None, article.values())) if article else ""


def _keep_text(db: sqlite3.Connection, version_id: int, body: str) -> None:
    db.execute(
        "insert into document_texts (version_id, body) values (:id, :body)"
        " on conflict (version_id) do update set body = excluded.body where body <> excluded.body",
        {"id": version_id, "body": body},
    )


def enter_improvement(db: sqlite3.Connection, case_reference: str) -> None:
    """The entry of a service improvement, from its rows."""
    case = db.execute("select * from service_improvements where case_reference = ?", [case_reference]).fetchone()
    actions = db.execute(
        "select text from service_improvement_actions where case_reference = ? order by position", [case_reference]
    )
    topic = " › ".join(filter(None, [case["category"], case["sub_category"]]))
    says = {
        "kind": "service_improvement",
        "title": f"{case_reference} {topic}".strip(),
        "body": "\n".join(row["text"] for row in actions),
        "url": case["url"],
    }
    _replace(db, "case_reference", case_reference, says)


def enter_kpi(db: sqlite3.Connection, kpi_id: int, name: str, words: Sequence[str], url: str) -> None:
    """The entry of an indicator: its name, and all that it was called."""
    _replace(db, "kpi_id", kpi_id, {"kind": "kpi", "title": name, "body": "\n".join(words), "url": url})


def leave(db: sqlite3.Connection, column: str, value: str | int) -> None:
    """Take out the entry of a case (`case_reference`) or an indicator (`kpi_id`) that is no more."""
    entry = db.execute(f"select * from search_entries where {column} = ?", [value]).fetchone()  # noqa: S608
    if entry is not None:
        _unindex(db, entry)
        db.execute("delete from search_items where id = ?", [entry["id"]])


def _replace(db: sqlite3.Connection, column: str, value: str | int, says: Row) -> None:
    entry = db.execute(f"select * from search_entries where {column} = ?", [value]).fetchone()  # noqa: S608
    if entry is None or any(entry[name] != text for name, text in says.items()):
        if entry is not None:
            _unindex(db, entry)
        _enter(db, column, value, says, indexed_body=says["body"])


def _enter(db: sqlite3.Connection, column: str, value: str | int, says: Row, *, indexed_body: str) -> None:
    names, places = ", ".join(says), ", ".join(f":{name}" for name in says)
    settings = ", ".join(f"{name} = excluded.{name}" for name in says)
    row = db.execute(
        f"insert into search_items ({column}, {names}) values (:value, {places})"  # noqa: S608
        f" on conflict ({column}) do update set {settings} returning id",
        {"value": value, **says},
    ).fetchone()
    _index(db, {**says, "id": row["id"], "body": indexed_body})


def _index(db: sqlite3.Connection, entry: Row) -> None:
    db.execute("insert into search (rowid, kind, title, body, url) values (:id, :kind, :title, :body, :url)", entry)


def _unindex(db: sqlite3.Connection, entry: Row) -> None:
    """FTS5 forgets an entry when told exactly what it was."""
    db.execute(
        "insert into search (search, rowid, kind, title, body, url) values ('delete', :id, :kind, :title, :body, :url)",
        entry,
    )
