"""From alerts to one message: subject, plain text, HTML, pictures. Pure: what it shows is handed in."""

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from db.alerts import Claimed
from db.letters import StoredLetter
from monitor.delivery.context import NOTHING_AROUND, Around
from monitor.rules import RULES
from monitor.templating import template
from parsers.text import collapse

IN_FULL = 10  # alerts that a message tells in full; the rest are lines of a list
LISTED = 1000
CHANGES = 60  # between a paper and the one that took its place, as a message shows them
SUBJECT_LENGTH = 180
HTML_BYTES = 90_000  # Gmail cuts what is longer than 102 KB
PICTURE_BYTES = 400_000  # of one picture
PICTURES_BYTES = 3_000_000  # of all in a message: servers refuse what is larger than some 10 MB
MUTED_FOR = timedelta(days=90)  # in the command that a message suggests
REPEAT = "This may be a repeat: "
_SHORTER = (LISTED, 500, 250, 100, 50, 30, 10, 3, 0)
_INVISIBLE = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}  # controls; formats, which can turn text round; …
_LEAST = {
    "low": "all alerts",
    "medium": "alerts of medium and high severity",
    "high": "alerts of high severity only",
}


@dataclass(frozen=True, slots=True)
class Change:
    """What a paper said before it was replaced, and what it says now."""

    what: str
    before: str
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One alert as a message shows it."""

    alert: Claimed
    title: str
    lines: tuple[str, ...]  # of its body
    changes: tuple[Change, ...]
    picture: str | None  # name of its picture among Message.pictures
    picture_before: str | None  # of the place in the paper that was replaced
    link: str | None  # to the page in the paper; http or https
    link_text: str
    row_link: str | None  # to the row on our site
    why: str  # the rule's sentence
    mute: str  # the command that silences more of the kind

    @property
    def fingerprint(self) -> str | None:
        """The beginning of the SHA-256 of the bytes that say so."""
        sha256 = self.alert.evidence.get("sha256")
        return str(sha256)[:12] if sha256 else None


@dataclass(frozen=True, slots=True)
class Line:
    """One alert in the list of those that are not told in full."""

    severity: str
    title: str
    link: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Digest:
    """What a message about alerts says, in parts that every channel puts together its own way."""

    entries: tuple[Entry, ...]
    rest: tuple[Line, ...]  # all others, most severe first
    counts: str  # "2 high, 5 medium"; "" for a single alert
    where_all: str  # where all of them can be seen
    takes: str  # which alerts the channel takes
    without_news: tuple[str, ...]  # sources that were read and had none
    trouble: tuple[str, ...]  # sources and channels that do not work as they should
    site_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """What is sent to one channel in one run."""

    subject: str  # one line
    text: str
    html: str  # images refer to `pictures` as cid:NAME
    ids: str  # "12-15, 18": the alerts in it
    key: str  # the same for a repeat, and for nothing else: the first half of its Message-ID
    channel: str
    alerts: tuple[Claimed, ...]
    pictures: Mapping[str, bytes] = field(default_factory=dict)  # PNGs by name
    digest: Digest | None = None  # None for a letter
    urgent: bool = False
    maybe_repeat: bool = False


def compose(
    alerts: Sequence[Claimed],
    *,
    channel: str,
    min_severity: str = "low",
    site_url: str = "",
    around: Around = NOTHING_AROUND,
    max_in_full: int = IN_FULL,
    limit: int | None = None,
    maybe_repeat: bool = False,
) -> Message:
    """One message that tells all *alerts*, which come most severe first.

    The first *max_in_full* are told in full, the others listed; fewer where the channel takes no more than
    *limit* characters, and then the message says how many are not in it.
    """
    entries, pictures = _entries(alerts[:max_in_full], around, site_url)
    digest = Digest(
        entries=entries,
        rest=tuple(Line(alert.severity, said(alert.title), _web(alert.url)) for alert in alerts[len(entries) :]),
        counts=_counts(alerts),
        where_all=f"{site_url.rstrip('/')}/archive/alerts?_sort_desc=id" if site_url else "",
        takes=_LEAST[min_severity],
        without_news=tuple(
            source.words for source in around.sources if source.ok and source.name not in around.named(alerts)
        ),
        trouble=(*(source.words for source in around.sources if not source.ok), *around.channels_in_trouble(channel)),
        site_url=site_url,
    )
    ids = ranges(alert.alert_id for alert in alerts)
    headline = (REPEAT if maybe_repeat else "") + subject(alerts)
    slots = {"subject": headline, "channel": channel, "ids": ids, "maybe_repeat": maybe_repeat, "digest": digest}
    return Message(
        subject=headline,
        text=_text(slots, digest, limit, ids),
        html=_html(slots, digest),
        ids=ids,
        key=key(channel, alerts),
        channel=channel,
        alerts=tuple(alerts),
        pictures=pictures,
        digest=digest,
        urgent=any(alert.severity == "high" for alert in alerts),
        maybe_repeat=maybe_repeat,
    )


def letter(alert: Claimed, stored: StoredLetter, *, channel: str, maybe_repeat: bool = False) -> Message:
    """A ready-made message as it is sent."""
    note = f"{REPEAT}the last attempt got no answer. It is letter {alert.alert_id}.\n\n" if maybe_repeat else ""
    return Message(
        subject=(REPEAT if maybe_repeat else "") + _one_line(alert.title, SUBJECT_LENGTH),
        text=note + alert.body,
        html=stored.html,
        ids=str(alert.alert_id),
        key=key(channel, [alert]),
        channel=channel,
        alerts=(alert,),
        pictures=stored.pictures,
        urgent=alert.severity == "high",
        maybe_repeat=maybe_repeat,
    )


def as_data(alert: Claimed) -> dict[str, Any]:
    """An alert for machines, as JSON can hold it."""
    return {
        "id": alert.alert_id,
        "rule": alert.rule,
        "key": alert.key,
        "severity": alert.severity,
        "title": alert.title,
        "body": alert.body,
        "url": alert.url,
        "evidence": dict(alert.evidence),
    }


# --- the parts ---------------------------------------------------------------


def _entries(alerts: Sequence[Claimed], around: Around, site_url: str) -> tuple[tuple[Entry, ...], dict[str, bytes]]:
    entries, pictures = [], {}
    room = PICTURES_BYTES
    for alert in alerts:
        names: list[str | None] = []
        for suffix, png in zip(("", "-before"), around.pictures_of(alert), strict=True):
            name = f"alert-{alert.alert_id}{suffix}@kccwatch" if png and len(png) <= min(PICTURE_BYTES, room) else None
            if name and png:
                pictures[name] = png
                room -= len(png)
            names.append(name)
        entries.append(_entry(alert, names[0], names[1], around, site_url))
    return tuple(entries), pictures


def _entry(alert: Claimed, picture: str | None, before: str | None, around: Around, site_url: str) -> Entry:
    page = alert.evidence.get("page")
    row, told = around.row_of(alert), changes(alert.evidence)
    return Entry(
        alert=alert,
        title=said(alert.title),
        lines=_lines(alert, told),
        changes=told,
        picture=picture,
        picture_before=before,
        link=_web(alert.url),
        link_text=f"Page {page} of the paper" if isinstance(page, int) else "Where it stands",
        row_link=f"{site_url.rstrip('/')}/archive/{row}" if site_url else None,
        why=_why(alert.rule),
        mute=f"kccwatch mute {mute_key(alert)} --until {(alert.created_at + MUTED_FOR).date().isoformat()}",
    )


def changes(evidence: Mapping[str, Any]) -> tuple[Change, ...]:
    """Old and new side by side, out of an alert's `changes`, or its `rows` where each says which field changed.

    Of any other list the rule's own words tell more: they stand in its body.

    >>> changes({"changes": [{"what": "Potholes", "before": "81%", "after": None}, "A table is gone"]})
    (Change(what='Potholes', before='81%', after='–'), Change(what='A table is gone', before='', after=''))
    >>> changes({"rows": [{"name": "Bins", "service": "Waste", "field": "value", "before": "4", "now": "5"}]})
    (Change(what='Bins (Waste), value', before='4', after='5'),)
    >>> changes({"rows": [{"name": "Bins", "before": "red", "now": "red", "quarters": 8}]})
    ()
    """
    listed = evidence.get("changes")
    if listed is None and isinstance(rows := evidence.get("rows"), list):
        listed = rows if all(isinstance(one, Mapping) and "field" in one for one in rows) else []
    found = []
    for one in listed if isinstance(listed, list) else []:
        if isinstance(one, Mapping):
            before, after = _first(one, "before", "old", "was"), _first(one, "now", "after", "new")
            if before is not None or after is not None:
                found.append(Change(_what(one), _shown(before), _shown(after)))
        elif isinstance(one, str):
            found.append(Change(said(one), "", ""))
    return tuple(found[:CHANGES])


def _what(change: Mapping[str, Any]) -> str:
    service, field_name = change.get("service"), change.get("field")
    words = str(_first(change, "what", "name") or field_name or "")
    words += f" ({service})" if service else ""
    return said(words + (f", {field_name}" if field_name and words != field_name else ""))


def _first(mapping: Mapping[str, Any], *names: str) -> Any:
    return next((mapping[name] for name in names if mapping.get(name) is not None), None)


def _lines(alert: Claimed, told: Sequence[Change]) -> tuple[str, ...]:
    """The body's lines, without the list of changes where that is shown by itself."""
    lines = (said(line) for line in alert.body.splitlines())
    return tuple(line for line in lines if not (told and line.startswith("- ")))


def _shown(value: Any) -> str:
    return "–" if value is None else said(str(value))


def mute_key(alert: Claimed) -> str:
    """What to name in `kccwatch mute` to be spared more of the kind: the indicator where there is one, else the rule.

    A rule may say it better: its query's column `mute_key` is a key, or the beginning of keys, of its alerts.
    """
    own, kpi = alert.evidence.get("mute_key"), alert.evidence.get("kpi_id")
    if isinstance(own, str) and re.fullmatch(r"[\w./+-]+(?::[\w./+-]+)*", own):
        return f"{alert.rule}:{own}"
    return f"kpi:{kpi}" if isinstance(kpi, int) else alert.rule


def _why(rule: str) -> str:
    return RULES[rule].says if rule in RULES and RULES[rule].says else f"Your own rule “{rule}” found it."


def _counts(alerts: Sequence[Claimed]) -> str:
    if len(alerts) < 2:
        return ""
    found = ((severity, sum(alert.severity == severity for alert in alerts)) for severity in ("high", "medium", "low"))
    return ", ".join(f"{number} {severity}" for severity, number in found if number)


# --- text and HTML, no longer than they may be ----------------------------------


def _text(slots: dict[str, Any], digest: Digest, limit: int | None, ids: str) -> str:
    page = template("message.txt.j2")
    shortest = ""
    for full in dict.fromkeys((len(digest.entries), 5, 2, 1)):
        if full > len(digest.entries):
            continue
        shorter = _with_fewer(digest, full)
        for listed in _SHORTER if limit is not None else (LISTED,):
            text = page.render(slots | _list(shorter, listed))
            if limit is None or len(text) <= limit:
                return text
            shortest = text if not shortest or len(text) < len(shortest) else shortest
    assert limit is not None
    return _cut(shortest, limit, ids)


def _html(slots: dict[str, Any], digest: Digest) -> str:
    page = template("message.html.j2")
    html = ""
    for full in dict.fromkeys((len(digest.entries), min(len(digest.entries), 5), 1)):
        shorter = _with_fewer(digest, full)
        for listed in _SHORTER:
            html = page.render(slots | _list(shorter, listed))
            if len(html.encode()) <= HTML_BYTES:
                return html
    return html


def _with_fewer(digest: Digest, full: int) -> Digest:
    """The same with fewer alerts in full, and more in the list."""
    moved = tuple(Line(entry.alert.severity, entry.title, entry.link) for entry in digest.entries[full:])
    return replace(digest, entries=digest.entries[:full], rest=moved + digest.rest)


def _list(digest: Digest, listed: int) -> dict[str, Any]:
    return {"digest": digest, "listed": digest.rest[:listed], "unlisted": len(digest.rest[listed:])}


def _cut(text: str, limit: int, ids: str) -> str:
    """The last resort of a channel that takes very little: the beginning, and that it was cut."""
    mark = f"… [alerts {ids}]"
    return (text[: max(0, limit - len(mark))].rstrip() + mark)[:limit]


# --- words -------------------------------------------------------------------


def subject(alerts: Sequence[Claimed]) -> str:
    """The most important news in one line, and how many more there are."""
    more = f", and {len(alerts) - 1} more" if len(alerts) > 1 else ""
    return _one_line(alerts[0].title, SUBJECT_LENGTH - len(more)) + more


def _one_line(text: str, room: int) -> str:
    line = collapse(said(text))
    return line if len(line) <= room else line[: room - 1].rstrip() + "…"


def said(text: str) -> str:
    """Somebody's words on one line, without characters that are not seen but turn or hide those around them.

    >>> said("Red\\u202e now \\r\\nBcc: x\\x1b[31m")
    'Red now Bcc: x[31m'
    """
    words = " ".join(text.split())
    return "".join(char for char in words if unicodedata.category(char) not in _INVISIBLE)


def _web(url: str | None) -> str | None:
    """An address that may be a link; None for any that is not of the web."""
    if url and re.match(r"https?://[^\s<>\"|]+$", url, re.IGNORECASE):
        return url
    return None


def key(channel: str, alerts: Sequence[Claimed]) -> str:
    """What names a message: the same for the same alerts on the same channel, in any run."""
    told = [channel, *(f"{alert.alert_id} {alert.rule} {alert.key} {alert.created_at}" for alert in alerts)]
    return f"kccwatch.{alerts[0].alert_id}.{hashlib.sha256(repr(told).encode()).hexdigest()[:24]}"


def ranges(numbers: Iterable[int]) -> str:
    """Numbers as people write lists of them.

    >>> ranges([18, 12, 13, 14, 15])
    '12-15, 18'
    """
    found: list[list[int]] = []
    for number in sorted(set(numbers)):
        if found and number == found[-1][1] + 1:
            found[-1][1] = number
        else:
            found.append([number, number])
    return ", ".join(str(a) if a == b else f"{a}-{b}" for a, b in found)
