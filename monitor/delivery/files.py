"""The channel "file": each message as .txt, .html and .json in a folder. Needs no account."""

import base64
import json
import os
import re
from pathlib import Path

from monitor.delivery.message import Message, as_data
from monitor.delivery.outcomes import NotSent, Outcome, Sent


def write(folder: Path, message: Message) -> Outcome:
    """Put the message into *folder*.

    Its name is made of the newest alert's time and the alerts' numbers, so a repeat after a crash
    replaces what it repeats.
    """
    newest = max(alert.created_at for alert in message.alerts)
    numbers = [alert.alert_id for alert in message.alerts]
    span = f"{min(numbers)}" if len(numbers) == 1 else f"{min(numbers)}-{max(numbers)}-{len(numbers)}"
    which = "" if message.channel == "file" else "-" + re.sub(r"[^a-z0-9]+", "-", message.channel.lower()).strip("-")
    name = f"{newest:%Y%m%dT%H%M%SZ}-{'alerts' if message.digest else 'letter'}-{span}{which}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _put(folder / f"{name}.json", _json(message))
        _put(folder / f"{name}.html", _with_pictures(message))
        _put(folder / f"{name}.txt", f"{message.subject}\n\n{message.text}")
    except OSError as error:
        return NotSent(f"{folder}: {error.strerror}")
    return Sent()


def _json(message: Message) -> str:
    alerts = [
        as_data(alert) | {"created_at": alert.created_at.isoformat(timespec="seconds")} for alert in message.alerts
    ]
    return json.dumps({"subject": message.subject, "alerts": alerts}, ensure_ascii=False, indent=1) + "\n"


def _with_pictures(message: Message) -> str:
    """The HTML with its pictures inside, to be opened in a browser."""
    html = message.html
    for name, png in message.pictures.items():
        html = html.replace(f'src="cid:{name}"', f'src="data:image/png;base64,{base64.b64encode(png).decode()}"')
    return html


def _put(file: Path, text: str) -> None:
    """Write the file whole or not at all."""
    draft = file.with_name(f".{file.name}.tmp")
    with draft.open("w", encoding="utf-8") as out:
        out.write(text)
        out.flush()
        os.fsync(out.fileno())
    draft.replace(file)
    folder = os.open(file.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
