"""A stage for plays: the replica as the world, the real service on a clock of our own, receivers of all it sends."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from email.message import EmailMessage
from pathlib import Path
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from demo.replica import Replica
from monitor import config, steps
from monitor.work import Done, Work
from tests.receivers import Mails, Posts, free_port

ROOT = Path(__file__).parents[1]
LONDON = ZoneInfo("Europe/London")
SOURCES = ("committee_papers", "ombudsman", "news")
QUIET = "22:00-07:00"


def london(day: date | str, at: str = "08:00") -> datetime:
    """A moment on the clock of Kent."""
    return datetime.fromisoformat(f"{day}T{at}").replace(tzinfo=LONDON)


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One alert as it reached the newsroom's server."""

    number: int
    rule: str
    key: str
    severity: str
    title: str
    body: str
    evidence: dict[str, Any]

    @classmethod
    def of(cls, data: dict[str, Any]) -> "Told":
        """An alert of a message in JSON."""
        return cls(number=data["id"], **{name: data[name] for name in cls.__dataclass_fields__ if name != "number"})

    @property
    def edition(self) -> str:
        """`Q3 2024/25`."""
        return f"Q{self.evidence['quarter']} {self.evidence['financial_year']}"


@dataclass(slots=True)
class Box:
    """The messages of one channel: by their own number, each with the alerts in it."""

    messages: dict[str, tuple[int, ...]] = field(default_factory=dict)
    repeats: int = 0

    def take(self, message: str, alerts: Sequence[int], *, marked: bool) -> bool:
        """Whether it is new. The same once more must say so and hold the same."""
        if message in self.messages:
            assert marked, f"{message} came again and does not say so"
            assert self.messages[message] == tuple(alerts)
            self.repeats += 1
            return False
        again = {one for held in self.messages.values() for one in held} & set(alerts)
        assert not again, f"alerts {again} came twice, in two messages"
        self.messages[message] = tuple(alerts)
        return True

    @property
    def alerts(self) -> set[int]:
        return {one for held in self.messages.values() for one in held}


class Stage:
    """The service at work. Channels: `reporter` (mail, from medium), `desk` (JSON, all), `room` (Slack, all),
    `file` (all), and `dead`, where nobody listens."""

    def __init__(self, folder: Path, replica: Replica, mails: Mails, posts: Posts) -> None:
        self.replica, self.mails, self.posts = replica, mails, posts
        self.archive = folder / "archive"
        self.place = folder / "config.toml"
        channels = (
            ("reporter", mails.url, "medium"),
            ("desk", posts.json_url, "low"),
            ("room", posts.slack_url, "low"),
            ("file", "file", "low"),
            ("dead", f"json://127.0.0.1:{free_port()}/", "low"),
        )
        text = replica.config(self.archive, channels=channels).replace('quiet_hours = ""', f'quiet_hours = "{QUIET}"')
        self.place.write_text(text, encoding="utf-8")
        self.now = london(replica.today)
        self.work = Work(config=config.load(self.place), clock=lambda: self.now)
        self.reporter, self.desk, self.room = Box(), Box(), Box()
        self.heard: list[Told] = []
        self._seen_mails = self._seen_posts = 0

    # --- time and work

    def at(self, moment: datetime) -> None:
        """It is that time, here and on the replica's sites."""
        assert moment >= self.now, "time goes one way"
        self.now, self.replica.today = moment, moment.astimezone(LONDON).date()

    def cycle(self, *sources: str) -> list[Told]:
        """One cycle, here; what it told."""
        return self.told(steps.cycle(self.work, sources or SOURCES))

    def told(self, done: Sequence[Done] = ()) -> list[Told]:
        """What has been heard since the last time that somebody asked."""
        broken = [failure for one in done for failure in one.failures if not one.job.startswith("crawl")]
        broken = [failure for failure in broken if not failure.startswith("dead: ")]
        assert broken == [], broken
        new = self._read_posts()
        self._read_mails()
        self.heard += new
        return new

    def killed(self, dice: Random, *sources: str, most: float = 6.0) -> bool:
        """The same in a process of its own, which is killed without warning at some moment; whether it was in time."""
        with self._process(sources) as process:
            try:
                process.wait(dice.uniform(0.3, most))
                return False
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL) if dice.random() < 0.5 else process.kill()
                return process.wait() == -signal.SIGKILL

    def _process(self, sources: Sequence[str]) -> "subprocess.Popen[bytes]":
        call = [sys.executable, "-m", "tests.once", str(self.place), self.now.isoformat(), *(sources or SOURCES)]
        return subprocess.Popen(call, cwd=ROOT, start_new_session=True)

    # --- what came

    def _read_posts(self) -> list[Told]:
        found = []
        for path, headers, body in self.posts.taken[self._seen_posts :]:
            if path.startswith("/services"):
                self._read_slack(body)
                continue
            marked = headers.get("X-Kccwatch-Repeat") == "possible"
            numbers = [one["id"] for one in body["alerts"]]
            assert numbers_of(headers["X-Kccwatch-Alerts"]) == sorted(numbers)
            if self.desk.take(headers["X-Kccwatch-Message"], numbers, marked=marked):
                found += [
                    Told(number=one.pop("id"), **{k: v for k, v in one.items() if k != "url"}) for one in body["alerts"]
                ]
        self._seen_posts = len(self.posts.taken)
        return found

    def _read_slack(self, body: dict[str, Any]) -> None:
        self.room.messages[str(len(self.room.messages))] = ()

    def _read_mails(self) -> None:
        for mail in self.mails.taken[self._seen_mails :]:
            marked = mail["X-Kccwatch-Repeat"] == "possible"
            self.reporter.take(mail["Message-ID"], numbers_of(mail["X-Kccwatch-Alerts"]), marked=marked)
        self._seen_mails = len(self.mails.taken)


def numbers_of(text: str) -> list[int]:
    """`12-15, 18` as numbers."""
    found: list[int] = []
    for first, last in re.findall(r"(\d+)(?:-(\d+))?", text):
        found += range(int(first), int(last or first) + 1)
    return found


def plain(mail: EmailMessage) -> str:
    """The text of a mail, its lines joined."""
    part = mail.get_body(preferencelist=("plain",))
    assert part is not None
    return " ".join(str(part.get_content()).split())
