"""All other channels: one Apprise call a destination. The only importer of Apprise.

How Apprise 2.2 behaves, as read in its source and seen in the tests:
- HTML mail gets a plain-text part made from the HTML, which drops the targets of links: our
  HTML writes addresses out. With `inline` set, images referred to as cid:NAME go into the mail.
- What is declared as text is escaped for Slack by its plugin; other services get it as it is, and
  Mattermost and Discord, too, call everybody at `<!channel>` and `@everyone`: we break those.
- Connecting and reading time out after 4 seconds each by default; both count as failures, so only
  the time it took tells that an answer did not come. Status TIMEOUT comes from the deadline of the
  whole call, and then the work may go on.
- Its privacy URLs hide passwords, but neither paths nor the headers of json://: they are not
  shown here at all, and its own log lines stay inside its results.
"""

import logging
import re
from contextlib import closing
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from apprise import Apprise, AppriseAsset, AppriseAttachment, AppriseResultStatus, NotifyFormat, NotifyType
from apprise.attachment.memory import AttachMemory
from apprise.plugins.custom_json import NotifyJSON
from apprise.plugins.email import NotifyEmail

from monitor.delivery.message import Message
from monitor.delivery.outcomes import UNSURE, NotSent, Outcome, Sent

CONNECT_SECONDS = 10.0
READ_SECONDS = 30.0
CALL_SECONDS = 120.0

# The host of these is a machine's name; elsewhere it may well be a token (tgram://, discord://, slack://).
_PLAIN_HOSTS = frozenset({"json", "jsons", "xml", "xmls", "form", "forms", "mailto", "mailtos", "mmost", "mmosts"})
_NO_LIMIT = (NotifyEmail, NotifyJSON)  # take texts of any length
_CALLS_EVERYBODY = re.compile(r"@(?=(?:everyone|here|channel|all|group)\b)|<(?=[!@#])", re.IGNORECASE)

# What Apprise logs can hold parts of addresses; its results hold the same lines, and those are redacted.
logging.getLogger("apprise").propagate = False
logging.getLogger("apprise").addHandler(logging.NullHandler())


class UnknownAddress(ValueError):
    """Apprise cannot make a destination of the address, or would make several of it."""


def service(url: str) -> Any:
    """The destination behind an Apprise URL, set up our way. Raises UnknownAddress, without the URL in it."""
    asset = AppriseAsset(
        app_id="kccwatch",
        app_desc="kccwatch",
        app_url="",
        image_url_mask="",  # no remote pictures
        image_url_logo="",
        storage_mode="memory",
        service_timeout=CALL_SECONDS,
    )
    found = Apprise.instantiate(url, asset=asset, suppress_exceptions=True)
    if found is None:
        raise UnknownAddress(f"is not an address that Apprise knows ({_scheme(url) or 'no scheme'}://…)")
    if _recipients(found) > 1:
        # Where one of them refuses, the message counts as not sent, and the others get it once more.
        raise UnknownAddress("names several recipients: one channel for each recipient")
    asked = dict(parse_qsl(urlsplit(url).query))
    if "cto" not in asked:  # mail knows only this one, for every step
        found.socket_connect_timeout = READ_SECONDS if isinstance(found, NotifyEmail) else CONNECT_SECONDS
    if "rto" not in asked:
        found.socket_read_timeout = READ_SECONDS
    return found


def _recipients(found: Any) -> int:
    """To how many a message to the destination goes."""
    if isinstance(found, NotifyEmail):
        return len(found.targets) + len(found.cc) + len(found.bcc)
    return len(found)


def room(found: Any) -> int | None:
    """How many characters the destination takes; None for any number."""
    if isinstance(found, _NO_LIMIT):
        return None
    limit = int(found.body_maxlen or 0)
    spare = 300 if found.title_maxlen <= 0 else 0  # the title is put before the body
    return max(limit - spare, 50) if limit else None


def shows_pictures(url: str) -> bool:
    """Whether pictures go with messages to that address: mail does."""
    return _scheme(url) in ("mailto", "mailtos")


def send(found: Any, url: str, message: Message) -> Outcome:
    """Hand the message to the destination, once."""
    caller = Apprise(asset=found.asset)
    caller.add(_addressed(found, message))
    body, body_format, attach = _fitting(found, message)
    with closing(
        caller.notify(
            title=message.subject if isinstance(found, NotifyEmail) else disarmed(message.subject),
            body=body,
            body_format=body_format,
            notify_type=NotifyType.WARNING if message.urgent else NotifyType.INFO,
            attach=attach,
            timeout=CALL_SECONDS,
        )
    ) as result:
        if result.status == AppriseResultStatus.SUCCESS:
            return Sent()
        if result.status == AppriseResultStatus.TIMEOUT or result.elapsed >= READ_SECONDS:
            return NotSent(UNSURE)
        said = "; ".join(dict.fromkeys(entry.message for entry in result.logs())) or "no reason given"
    return NotSent(redacted(said, url)[:500])


def _addressed(found: Any, message: Message) -> Any:
    """The destination with the alerts' numbers where they do not have to be read out of the text."""
    if isinstance(found, NotifyEmail | NotifyJSON):
        found.headers["X-Kccwatch-Alerts"] = message.ids
        if message.maybe_repeat:
            found.headers["X-Kccwatch-Repeat"] = "possible"
    if isinstance(found, NotifyEmail):
        found.headers["Auto-Submitted"] = "auto-generated"
        found.inline = True
    if isinstance(found, NotifyJSON) and "alerts" not in found.payload_extras:
        found.payload_extras["alerts"] = [
            {
                "id": alert.alert_id,
                "rule": alert.rule,
                "key": alert.key,
                "severity": alert.severity,
                "title": alert.title,
                "body": alert.body,
                "url": alert.url,
                "evidence": dict(alert.evidence),
            }
            for alert in message.alerts
        ]
    return found


def _fitting(found: Any, message: Message) -> tuple[str, Any, Any]:
    """Body, its format and attachments, as the destination can show them."""
    if isinstance(found, NotifyEmail):
        attach = AppriseAttachment()
        for name, png in message.pictures.items():
            attach.add(AttachMemory(content=png, name=name, mimetype="image/png"))  # type: ignore[no-untyped-call]
        return message.html, NotifyFormat.HTML, attach if message.pictures else None
    return disarmed(message.text), NotifyFormat.TEXT, None


def disarmed(text: str) -> str:
    """The text with what would call everybody in a chat room broken by a character that is not seen.

    >>> disarmed("<!channel> @everyone a@b.org <p>").replace("\\u200b", "~")
    '<~!channel> @~everyone a@b.org <p>'
    """
    return _CALLS_EVERYBODY.sub(lambda match: match[0] + "\u200b", text)


def redacted(text: str, url: str) -> str:
    """The text without any part of the address that could be a secret.

    >>> redacted("POST to s3cretpath at 127.0.0.1 failed: error=500", "json://user:pass1@127.0.0.1/s3cretpath?+X=tok3n")
    'POST to *** at 127.0.0.1 failed: error=500'
    """
    for secret in sorted(_secrets(url), key=len, reverse=True):
        text = text.replace(secret, "***")
    return text


def _secrets(url: str) -> set[str]:
    parts = urlsplit(url)
    found = {url, parts.username or "", parts.password or "", parts.path, parts.query, *parts.path.split("/")}
    found |= {piece for pair in parse_qsl(parts.query, keep_blank_values=True) for piece in pair[1].split(",")}
    if parts.scheme not in _PLAIN_HOSTS:
        found |= {parts.netloc, parts.netloc.rpartition("@")[2].partition(":")[0]}
    found |= {unquote(piece) for piece in found}
    return {piece for piece in found if len(piece) >= 4}


def _scheme(url: str) -> str:
    return url.partition("://")[0] if "://" in url[:40] else ""
