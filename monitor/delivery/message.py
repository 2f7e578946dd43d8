"""From alerts to one message: subject, plain text, HTML, pictures. Pure: the pictures are handed in."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from jinja2.sandbox import ImmutableSandboxedEnvironment

from db.alerts import Claimed
from monitor.pictures import Place, place
from monitor.rules import RULES
from parsers.text import collapse

IN_FULL = 20  # alerts that a message tells in full; the rest are lines of a list
LISTED = 1000
SUBJECT_LENGTH = 180
_CHOICES = tuple((full, listed) for full in (IN_FULL, 10, 5, 2, 1) for listed in (LISTED, 100, 30, 10, 3, 0))


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One alert as a message shows it."""

    alert: Claimed
    picture: str | None  # name of its picture among Message.pictures

    @property
    def lines(self) -> list[str]:
        """The body's lines."""
        return self.alert.body.splitlines()

    @property
    def fingerprint(self) -> str | None:
        """The beginning of the SHA-256 of the bytes that say so."""
        sha256 = self.alert.evidence.get("sha256")
        return str(sha256)[:12] if sha256 else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """What is sent to one channel in one run."""

    subject: str  # one line
    text: str
    html: str  # images refer to `pictures` as cid:NAME
    ids: str  # "12–15, 18": the alerts in it
    alerts: tuple[Claimed, ...]
    pictures: Mapping[str, bytes] = field(default_factory=dict)  # PNGs by name
    urgent: bool = False
    maybe_repeat: bool = False


def _environment() -> Environment:
    return ImmutableSandboxedEnvironment(
        loader=FileSystemLoader(Path(__file__).parents[1] / "templates"),
        autoescape=select_autoescape(enabled_extensions=("html.j2",)),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


_TEMPLATES = _environment()


def compose(
    alerts: Sequence[Claimed],
    *,
    channel: str,
    min_severity: str = "low",
    site_url: str = "",
    drawn: Mapping[Place, bytes] | None = None,
    limit: int | None = None,
    maybe_repeat: bool = False,
) -> Message:
    """One message that tells all *alerts*, which come most severe first.

    The first IN_FULL are told in full, the others listed; fewer where the channel takes no more than
    *limit* characters, and then the message says how many are not in it.
    """
    shortest: Message | None = None
    for full, listed in _CHOICES:
        message = _composed(alerts, full, listed, channel, min_severity, site_url, drawn or {}, maybe_repeat)
        if limit is None or len(message.text) <= limit:
            return message
        if shortest is None or len(message.text) < len(shortest.text):
            shortest = message
    assert shortest is not None and limit is not None
    return _cut(shortest, limit)


def _composed(
    alerts: Sequence[Claimed],
    full: int,
    listed: int,
    channel: str,
    min_severity: str,
    site_url: str,
    drawn: Mapping[Place, bytes],
    maybe_repeat: bool,
) -> Message:
    entries, pictures = _entries(alerts[:full], drawn)
    rest = alerts[full:]
    headline, ids = subject(alerts), ranges(alert.alert_id for alert in alerts)
    slots = {
        "subject": headline,
        "entries": entries,
        "listed": rest[:listed],
        "unlisted": len(rest[listed:]),
        "channel": channel,
        "min_severity": min_severity,
        "site_url": site_url,
        "reasons": _reasons(alerts),
        "ids": ids,
        "maybe_repeat": maybe_repeat,
    }
    return Message(
        subject=headline,
        text=_TEMPLATES.get_template("message.txt.j2").render(slots),
        html=_TEMPLATES.get_template("message.html.j2").render(slots),
        ids=ids,
        alerts=tuple(alerts),
        pictures=pictures,
        urgent=any(alert.severity == "high" for alert in alerts),
        maybe_repeat=maybe_repeat,
    )


def _entries(alerts: Sequence[Claimed], drawn: Mapping[Place, bytes]) -> tuple[list[Entry], dict[str, bytes]]:
    entries, pictures = [], {}
    for alert in alerts:
        where = place(alert.evidence)
        png = drawn.get(where) if where else None
        name = f"alert-{alert.alert_id}.png" if png else None
        if name and png:
            pictures[name] = png
        entries.append(Entry(alert=alert, picture=name))
    return entries, pictures


def _reasons(alerts: Sequence[Claimed]) -> list[str]:
    """Why these alerts were raised, each rule once."""
    rules = dict.fromkeys(alert.rule for alert in alerts)
    return [f"{name}: {RULES[name].says}" if name in RULES else f"{name}: a rule of your own" for name in rules]


def _cut(message: Message, limit: int) -> Message:
    """The last resort of a channel that takes very little: the beginning, and that it was cut."""
    mark = f"… [alerts {message.ids}]"
    kept = message.text[: max(0, limit - len(mark))].rstrip()
    return replace(message, text=(kept + mark)[:limit])


def subject(alerts: Sequence[Claimed]) -> str:
    """The most important news in one line, and how many more there are."""
    more = f" (+{len(alerts) - 1} more)" if len(alerts) > 1 else ""
    title = collapse(alerts[0].title)
    room = SUBJECT_LENGTH - len(more)
    if len(title) > room:
        title = title[: room - 1].rstrip() + "…"
    return title + more


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
