"""Where an Apprise URL leads, and the sending: e-mail, Slack and json:// by ourselves, all else by Apprise.

Apprise 2.2 reads the addresses; what it does with messages was read in its source and seen in the tests:
- It tells neither whether the data had gone out when no answer came, nor what `Retry-After` said. Both
  decide what happens next, so what can be checked by a receiver we send ourselves: `mail`, `slack`, `web`.
- What is declared as text is sent as it is by most services, and Mattermost and Discord, too, call
  everybody at `<!channel>` and `@everyone`: we break those.
- Connecting and reading time out after 4 seconds each by default; both count as failures, so only
  the time it took tells that an answer did not come. Status TIMEOUT comes from the deadline of the
  whole call, and then the work may go on.
- Its privacy URLs hide passwords, but neither paths nor the headers of json://: they are not
  shown here at all, and its own log lines stay inside its results.
"""

import logging
import re
from contextlib import closing
from dataclasses import replace
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from apprise import Apprise, AppriseAsset, AppriseResultStatus, NotifyFormat, NotifyType
from apprise.plugins.custom_json import NotifyJSON
from apprise.plugins.email import NotifyEmail
from apprise.plugins.slack import NotifySlack

from monitor.delivery import mail, slack, web
from monitor.delivery.message import Message, as_data
from monitor.delivery.outcomes import UNSURE, NotSent, Outcome, Sent

CONNECT_SECONDS = 10.0
READ_SECONDS = 30.0
CALL_SECONDS = 100.0

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
    if "cto" not in asked:
        found.socket_connect_timeout = CONNECT_SECONDS
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


def send(found: Any, url: str, message: Message, now: datetime) -> Outcome:
    """Hand the message to the destination, once."""
    if isinstance(found, NotifyEmail) and not _encrypted(found):
        outcome = mail.send(_box(found), message, now)
    elif isinstance(found, NotifySlack) and found.mode not in ("workflow", "trigger"):
        outcome = _to_slack(found, url, message)
    elif isinstance(found, NotifyJSON):
        outcome = _to_json(found, message)
    else:
        outcome = _by_apprise(found, message)
    return replace(outcome, error=redacted(outcome.error, url)[:500]) if isinstance(outcome, NotSent) else outcome


def _encrypted(found: Any) -> bool:
    """Whether mail is to be signed or encrypted: that is Apprise's to do, without HTML and pictures."""
    return found.pgp_mode not in (None, "", "no")


def _box(found: Any) -> mail.Box:
    name, address = next(iter(found.targets))
    return mail.Box(
        host=found.smtp_host,
        port=int(found.port),
        mode=found.secure_mode,
        user=found.user,
        password=found.password,
        verify=bool(found.verify_certificate),
        sender=(str(found.from_addr[0] or ""), found.from_addr[1]),
        recipient=(str(name or ""), address),
        reply_to=tuple(sorted(found.reply_to)),
        headers=dict(found.headers),
    )


def _to_slack(found: Any, url: str, message: Message) -> Outcome:
    """Post blocks; where Slack does not take them, the same as text: it was told no, so nothing is there twice."""
    outcome = _slack_post(found, url, slack.payload(message))
    if isinstance(outcome, NotSent) and "invalid_blocks" in outcome.error:
        return _slack_post(found, url, slack.payload(message, blocks=False))
    return outcome


def _slack_post(found: Any, url: str, body: dict[str, Any]) -> Outcome:
    channel = next((str(one) for one in found.channels if one), None)
    if found.mode == "bot":
        where = found.api_url.format("chat.postMessage")
        headers = {"Authorization": f"Bearer {found.access_token}"}
        body = body | {"channel": channel or found.default_notification_channel}
    else:
        base = found.webhook_gov_url if found.mode == "gov-hook" else found.webhook_url
        base = dict(parse_qsl(urlsplit(url).query)).get("base", base)  # a gateway of one's own
        where, headers = f"{base.rstrip('/')}/{found.token_a}/{found.token_b}/{found.token_c}", {}
        body = body | ({"channel": channel} if channel else {})
    return web.post(where, body, headers=headers, verify=bool(found.verify_certificate), accepted=slack.accepted)


def _to_json(found: Any, message: Message) -> Outcome:
    """What Apprise's json:// would post, with the alerts as data, and their numbers in a header."""
    body: dict[str, Any] = {
        "version": found.json_version,
        "title": disarmed(message.subject),
        "message": disarmed(message.text),
        "attachments": [],
        "type": "warning" if message.urgent else "info",
    }
    for key, value in found.payload_extras.items():  # ":message=text" renames, ":message=" leaves out, else adds
        if key not in body:
            body[key] = value
        elif (kept := body.pop(key)) is not None and value:
            body[value] = kept
    body.setdefault("alerts", [as_data(alert) for alert in message.alerts])
    body.setdefault("message_id", message.key)
    headers = {"X-Kccwatch-Alerts": message.ids, "X-Kccwatch-Message": message.key} | found.headers
    if message.maybe_repeat:
        headers["X-Kccwatch-Repeat"] = "possible"
    port = f":{found.port}" if isinstance(found.port, int) else ""
    return web.post(
        f"{'https' if found.secure else 'http'}://{found.host}{port}{found.fullpath}",
        body,
        method=found.method,
        headers=headers,
        params=found.params,
        auth=(found.user, found.password or "") if found.user else None,
        verify=bool(found.verify_certificate),
    )


def _by_apprise(found: Any, message: Message) -> Outcome:
    if isinstance(found, NotifyEmail):
        found.headers["X-Kccwatch-Alerts"] = message.ids
    caller = Apprise(asset=found.asset)
    caller.add(found)
    with closing(
        caller.notify(
            title=disarmed(message.subject),
            body=disarmed(message.text),
            body_format=NotifyFormat.TEXT,
            notify_type=NotifyType.WARNING if message.urgent else NotifyType.INFO,
            timeout=CALL_SECONDS,
        )
    ) as result:
        if result.status == AppriseResultStatus.SUCCESS:
            return Sent()
        if result.status == AppriseResultStatus.TIMEOUT or result.elapsed >= READ_SECONDS:
            return NotSent(UNSURE, maybe=True)
        told = "; ".join(dict.fromkeys(entry.message for entry in result.logs())) or "no reason given"
    return NotSent(told)


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
