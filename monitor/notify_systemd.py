"""Telling systemd that we are ready, alive, or ending: datagrams to the socket that it names.

Does nothing where there is no such socket, as on a terminal.
"""

import os
import socket
import time
from collections.abc import Mapping


class Supervisor:
    """The service manager that started us."""

    def __init__(self, environ: Mapping[str, str] = os.environ) -> None:
        self._address = environ.get("NOTIFY_SOCKET", "")
        self._every = _watchdog_seconds(environ) / 2
        self._last = float("-inf")

    def ready(self, status: str) -> None:
        """We are at work."""
        self._send(f"READY=1\nSTATUS={_line(status)}")

    def status(self, status: str) -> None:
        """What we are doing, for `systemctl status`."""
        self._send(f"STATUS={_line(status)}")

    def alive(self) -> None:
        """We got on with the work since the last call. May be called often: it is passed on as often as is needed."""
        if self._every and time.monotonic() - self._last >= self._every:
            self._last = time.monotonic()
            self._send("WATCHDOG=1")

    def stopping(self) -> None:
        """We are ending, because we were told to."""
        self._send("STOPPING=1\nSTATUS=stopping")

    def _send(self, message: str) -> None:
        if not self._address:
            return
        # "@" stands for the abstract name space, whose addresses begin with a zero byte.
        address = "\0" + self._address[1:] if self._address.startswith("@") else self._address
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as line:
                line.sendto(message.encode(), address)
        except OSError:
            return  # the manager is gone; that must not stop the work


def _watchdog_seconds(environ: Mapping[str, str]) -> float:
    """How long systemd waits for a sign of life; 0 where it does not, or where it waits for another process."""
    if environ.get("WATCHDOG_PID", str(os.getpid())) != str(os.getpid()):
        return 0
    usec = environ.get("WATCHDOG_USEC", "0")
    return int(usec) / 1_000_000 if usec.isdigit() else 0


def _line(text: str) -> str:
    return " ".join(text.split())
