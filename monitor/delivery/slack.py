"""Slack's own form of a message: Block Kit, with its markup for links and nothing else taken for markup.

Apprise's `blocks=yes` makes one section of all the text and cuts nothing to Slack's limits; it sends the
body as plain text or turns Markdown into Slack's markup by its own rules, in which a title's `*` and `_`
are at home. A link with a text needs that markup, and a title must not become any: so the blocks are ours.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from monitor.delivery.message import Entry, Line, Message, said

BLOCKS = 50
SECTION = 3000  # characters in a section's text
HEADER = 150
TEXT = 3000  # of the plain text beside the blocks: what a notification shows, and who cannot show blocks
ALL = 12_000  # characters in all blocks: Slack refuses more than some 13,000, and nobody reads as many
_IN_FULL = 10

Block = dict[str, Any]

_ENTITIES: dict[str, str | int | None] = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
# Slack knows no way to escape these. Each becomes a letter that looks the same and is no markup.
_LOOKALIKES: dict[str, str | int | None] = {"*": "\u2217", "_": "\u02cd", "~": "\u223c", "`": "\u02cb"}
_ENTITIES_ONLY = str.maketrans(_ENTITIES)
_HARMLESS = str.maketrans(_ENTITIES | _LOOKALIKES)
_EMOJI = re.compile(r":(?=[a-z0-9+-]+:)", re.IGNORECASE)
_UNSEEN = "\u200b"


def mrkdwn(text: str) -> str:
    """Somebody's words as Slack shows them letter by letter.

    >>> mrkdwn("<!channel> *now* & <@U1>").replace("\\u2217", "∗")
    '&lt;!channel&gt; ∗now∗ &amp; &lt;@U1&gt;'
    """
    harmless = _EMOJI.sub(":" + _UNSEEN, said(text)).translate(_HARMLESS)
    return re.sub(r"^(?=&gt;)", _UNSEEN, harmless)  # at the beginning of a line it would be a quotation


def plain(text: str) -> str:
    """Somebody's words for a place that knows no markup; entities are read there all the same."""
    return said(text).translate(_ENTITIES_ONLY)


def link(url: str, text: str) -> str:
    """A link, the text being ours or made harmless here."""
    safe = url.replace("&", "&amp;").replace("<", "%3C").replace(">", "%3E").replace("|", "%7C")
    return f"<{safe}|{mrkdwn(text).replace('|', '∣')}>"


def payload(message: Message, *, blocks: bool = True) -> dict[str, Any]:
    """What is posted; without blocks where Slack would not take them."""
    body: dict[str, Any] = {
        "text": _cut(plain(message.subject), TEXT) if blocks else _cut(_all_plain(message), TEXT * 10),
        "unfurl_links": False,
        "unfurl_media": False,
    }
    return body | {"blocks": blocks_of(message)} if blocks else body | {"mrkdwn": False}


def _all_plain(message: Message) -> str:
    return "\n".join(mrkdwn(line) for line in (message.subject, "", *message.text.splitlines()))


def accepted(answer: str) -> bool:
    """Whether Slack's answer says that it took the message: `ok` to a webhook, JSON to a bot."""
    if answer.strip() == "ok":
        return True
    try:
        told = json.loads(answer)
    except ValueError:
        return False
    return isinstance(told, Mapping) and told.get("ok") is True


def blocks_of(message: Message) -> list[Block]:
    """The message in blocks, within Slack's limits."""
    head = [_header(message.subject)]
    if message.maybe_repeat:
        head.append(_context("The last attempt to send this got no answer, so you may have it already: "
                             f"alerts {message.ids}."))  # fmt: skip
    if message.digest is None:
        return head + list(_sections(_escaped_lines(message.text), ALL))[: BLOCKS - len(head)]
    foot = _foot(message)
    blocks, moved = head, list[Line]()
    room = ALL - sum(map(_size, head + foot))
    for number, entry in enumerate(message.digest.entries):
        more = ([{"type": "divider"}] if number else []) + _entry(entry)
        if number < _IN_FULL and not moved and room - sum(map(_size, more)) > 500:
            blocks = blocks + more
            room -= sum(map(_size, more))
        else:
            moved.append(Line(entry.alert.severity, entry.title, entry.link))
    rest = (*moved, *message.digest.rest)
    if rest:
        blocks = [*blocks, {"type": "divider"}, *_rest(rest, message, room, BLOCKS - len(blocks) - len(foot) - 1)]
    return blocks + foot


def _entry(entry: Entry) -> list[Block]:
    lines = [f"*{mrkdwn(entry.title)}*", *(mrkdwn(line) for line in entry.lines)]
    lines += [
        f"• {mrkdwn(change.what)}: {mrkdwn(change.before)} → {mrkdwn(change.after)}" if change.after or change.before
        else f"• {mrkdwn(change.what)}"
        for change in entry.changes
    ]  # fmt: skip
    links = [
        *([link(entry.link, entry.link_text)] if entry.link else []),
        *([link(entry.row_link, "The row in the archive")] if entry.row_link else []),
    ]
    about = f"Severity {entry.alert.severity} · alert {entry.alert.alert_id} · {mrkdwn(entry.why)} · `{entry.mute}`"
    return [
        _section(_cut_lines(lines, SECTION - sum(map(len, links)) - 10) + ("\n" + " · ".join(links) if links else "")),
        _context(about),
    ]


def _rest(rest: Sequence[Line], message: Message, room: int, blocks: int) -> Iterator[Block]:
    """The list of the others, and how many more there are than fit."""
    assert message.digest is not None
    lines, used = ["*Also:*"], 0
    for line in rest:
        shown = f"• {line.severity}: {link(line.link, line.title) if line.link else mrkdwn(line.title)}"
        if len(shown) > SECTION or used + len(shown) > room - 200:
            break
        lines.append(shown)
        used += len(shown) + 1
    if unlisted := len(rest) - (len(lines) - 1):
        where = message.digest.where_all
        seen = link(where, "all of them in the archive") if where else "`kccwatch alerts` lists them"
        lines.append(f"• and {unlisted} more: {seen}")
    yield from list(_sections(lines, room + 500))[:blocks]


def _foot(message: Message) -> list[Block]:
    digest = message.digest
    assert digest is not None
    lines = []
    if digest.without_news:
        lines.append("Read, nothing new: " + "; ".join(map(mrkdwn, digest.without_news)))
    lines += ["In trouble: " + mrkdwn(trouble) for trouble in digest.trouble]
    lines.append(f"Channel “{mrkdwn(message.channel)}” takes {digest.takes}. Alerts {message.ids}, sent by kccwatch.")
    return [{"type": "divider"}, _context(_cut_lines(lines, 1900))]


def _sections(lines: Sequence[str], room: int) -> Iterator[Block]:
    """Lines in as few sections as they fit into."""
    kept = ""
    for line in lines:
        line = _cut(line, SECTION)
        if room <= 0:
            break
        if kept and len(kept) + len(line) + 1 > SECTION:
            yield _section(kept)
            kept = ""
        kept = f"{kept}\n{line}" if kept else line
        room -= len(line) + 1
    if kept.strip():
        yield _section(kept)


def _escaped_lines(text: str) -> list[str]:
    return [_cut(mrkdwn(line), SECTION) or " " for line in text.splitlines()]


def _header(subject: str) -> Block:
    return {"type": "header", "text": {"type": "plain_text", "text": _cut(plain(subject), HEADER), "emoji": False}}


def _section(text: str) -> Block:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text, "verbatim": True}}


def _context(text: str) -> Block:
    return {"type": "context", "elements": [{"type": "mrkdwn", "text": text, "verbatim": True}]}


def _size(block: Block) -> int:
    return sum(len(part["text"]) for part in (block.get("text"), *block.get("elements", ())) if part)


def _cut_lines(lines: Sequence[str], room: int) -> str:
    """As many whole lines as fit; the first one cut where even it does not."""
    kept = _cut(lines[0], room)
    for line in lines[1:]:
        if len(kept) + len(line) + 3 > room:
            return kept + "\n…" if len(kept) + 2 <= room else kept
        kept += "\n" + line
    return kept


def _cut(text: str, room: int) -> str:
    """The beginning, without half an entity at its end."""
    if len(text) <= room:
        return text
    return re.sub(r"&[a-z]*$", "", text[: room - 1]) + "…"
