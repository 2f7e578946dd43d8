"""E-mail: text, HTML and the pictures in it, handed to an SMTP server step by step.

Apprise makes its text part from the HTML and loses where links lead, gives each attempt a Message-ID of
its own, and does not tell whether the text had gone out when the answer failed to come. So only the
reading of mailto:// addresses is left to it.
"""

import re
import smtplib
import socket
import ssl
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from email.header import Header
from email.headerregistry import Address
from email.message import EmailMessage, MIMEPart
from email.policy import SMTP, EmailPolicy
from email.utils import format_datetime
from threading import Timer

from monitor.delivery.message import Message
from monitor.delivery.outcomes import UNSURE, NotSent, Outcome, Sent

STEP_SECONDS = 30.0  # for each answer of the server
ALL_SECONDS = 100.0  # for the whole conversation


class _Policy(EmailPolicy):
    """As for SMTP, but for long subjects: the library begins those on a line of their own, with a blank too many."""

    def fold_binary(self, name: str, value: str) -> bytes:
        if name.lower() != "subject":
            return super().fold_binary(name, value)
        charset = "us-ascii" if value.isascii() else "utf-8"
        folded = Header(str(value), charset, maxlinelen=76, header_name=name).encode(linesep="\r\n")
        return f"{name}: {folded}\r\n".encode("ascii")


_POLICY = _Policy(linesep=SMTP.linesep)


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """A recipient, and the server that takes mail for them."""

    host: str
    port: int
    mode: str  # insecure, starttls or ssl
    user: str | None
    password: str | None
    verify: bool
    sender: tuple[str, str]  # name, address
    recipient: tuple[str, str]
    reply_to: tuple[str, ...] = ()
    headers: dict[str, str] = field(default_factory=dict)


def build(box: Box, message: Message, now: datetime) -> EmailMessage:
    """The mail. Nothing in a title can become a header: the library refuses line breaks, and there are none."""
    mail = EmailMessage(policy=_POLICY)
    domain = box.sender[1].rpartition("@")[2] or "localhost"
    mail["Subject"] = message.subject
    mail["From"] = _address(*box.sender)
    mail["To"] = _address(*box.recipient)
    if box.reply_to:
        mail["Reply-To"] = ", ".join(box.reply_to)
    mail["Date"] = format_datetime(now)
    mail["Message-ID"] = f"<{message.key}@{domain}>"
    mail["List-Id"] = f"kccwatch <{_label(message.channel)}.kccwatch.{domain}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail["X-Auto-Response-Suppress"] = "All"
    mail["X-Kccwatch-Alerts"] = message.ids
    if message.maybe_repeat:
        mail["X-Kccwatch-Repeat"] = "possible"
    for name, value in box.headers.items():
        if name not in mail:
            mail[name] = " ".join(value.split())
    mail.set_content(message.text, cte="quoted-printable")
    mail.add_alternative(message.html, subtype="html", cte="quoted-printable")
    html = list(mail.iter_parts())[-1]
    assert isinstance(html, MIMEPart)
    for name, png in message.pictures.items():
        html.add_related(
            png, "image", "png", cid=f"<{name}>", filename=f"{name.partition('@')[0]}.png", disposition="inline"
        )
    return mail


def _address(name: str, address: str) -> Address | str:
    return Address(" ".join(name.split()), addr_spec=address) if name else address


def _label(channel: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", channel.lower()).strip("-") or "channel"


def send(box: Box, message: Message, now: datetime) -> Outcome:
    """Hand the message to the server, once."""
    try:
        body = build(box, message, now).as_bytes()
    except (ValueError, UnicodeError) as error:
        return NotSent(f"cannot be made into a mail: {error}", about_message=True)
    server = smtplib.SMTP(timeout=STEP_SECONDS) if box.mode != "ssl" else _secure(box)
    watch = Timer(ALL_SECONDS, _hang_up, [server])  # a server that dribbles is slower than any step's limit
    watch.daemon = True
    watch.start()
    try:
        return _converse(server, box, body)
    except smtplib.SMTPServerDisconnected:  # also when an answer does not come in time
        return NotSent("the mail server does not answer, or ended the conversation")
    except smtplib.SMTPResponseException as error:
        return NotSent(f"the mail server said {_said(error.smtp_code, error.smtp_error)}")
    except smtplib.SMTPException as error:
        return NotSent(f"{type(error).__name__}: {error}")
    except TimeoutError:
        return NotSent("the mail server does not answer")
    except (OSError, UnicodeError) as error:
        return NotSent(f"no conversation with the mail server: {getattr(error, 'strerror', None) or error}")
    finally:
        watch.cancel()
        with suppress(smtplib.SMTPException, OSError):
            server.close()


def _secure(box: Box) -> smtplib.SMTP:
    return smtplib.SMTP_SSL(timeout=STEP_SECONDS, context=_tls(box))


def _tls(box: Box) -> ssl.SSLContext:
    context = ssl.create_default_context()
    if not box.verify:  # ?verify=no in the address
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def _hang_up(server: smtplib.SMTP) -> None:
    sock = getattr(server, "sock", None)
    if sock is not None:
        with suppress(OSError):
            sock.shutdown(socket.SHUT_RDWR)


def _converse(server: smtplib.SMTP, box: Box, body: bytes) -> Outcome:
    """The conversation. What it raises, it raises before the text has gone out."""
    server._host = box.host  # type: ignore[attr-defined]  # whom the certificate has to name; else set by __init__
    code, said = server.connect(box.host, box.port)
    if code != 220:
        return NotSent(f"the mail server said {_said(code, said)}")
    server.ehlo_or_helo_if_needed()
    if box.mode == "starttls":
        server.starttls(context=_tls(box))
        server.ehlo_or_helo_if_needed()
    if box.user and box.password:
        server.login(box.user, box.password)
    code, said = server.mail(box.sender[1])
    if 200 <= code < 300:
        code, said = server.rcpt(box.recipient[1])
    if not 200 <= code < 300:
        return NotSent(f"the mail server said {_said(code, said)}")
    code, said = server.docmd("DATA")
    if code != 354:
        return NotSent(f"the mail server said {_said(code, said)}")
    server.send(_stuffed(body))  # half of it is nothing to the server, which waits for the dot at the end
    return _answer(server)


def _answer(server: smtplib.SMTP) -> Outcome:
    """What the server says to the whole mail; it may well have it when nothing comes."""
    try:
        code, said = server.getreply()
    except (smtplib.SMTPServerDisconnected, OSError):
        return NotSent(UNSURE, maybe=True)
    if 200 <= code < 300:
        with suppress(smtplib.SMTPException, OSError):
            server.quit()
        return Sent()
    return NotSent(f"the mail server said {_said(code, said)}", about_message=code >= 500)


def _stuffed(body: bytes) -> bytes:
    """The mail as DATA wants it: CRLF, a dot more where a line begins with one, and the dot that ends it."""
    lines = re.sub(rb"\r\n|\n|\r", b"\r\n", body)
    if not lines.endswith(b"\r\n"):
        lines += b"\r\n"
    return re.sub(rb"(?m)^\.", b"..", lines) + b".\r\n"


def _said(code: int, text: bytes | str) -> str:
    words = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    return f"{code} {' '.join(words.split())[:200]}".strip()
