"""config.toml: what it may say, and how it is told what is wrong with it."""

from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from monitor import schedule
from monitor.config import Config, load
from monitor.errors import ConfigError

ROOT = Path(__file__).parents[1]
LONDON = ZoneInfo("Europe/London")

SMALL = """
[[councils]]
slug = "kent"
name = "Kent County Council"
moderngov = "https://democracy.kent.gov.uk/"

[crawl]
user_agent = "kccwatch (mailto:me@example.org)"

[sources.news]
feeds = ["https://paper.example/rss"]
"""


def read(folder: Path, text: str, **environ: str) -> Config:
    """The configuration that the text makes, in a folder of its own."""
    place = folder / "config.toml"
    place.write_text(text, encoding="utf-8")
    return load(place, environ)


def problems(folder: Path, text: str, **environ: str) -> list[str]:
    """What is said to be wrong with the text."""
    with pytest.raises(ConfigError) as caught:
        read(folder, text, **environ)
    assert all(problem in str(caught.value) for problem in caught.value.problems)
    return caught.value.problems


def test_the_shipped_file_is_a_working_example() -> None:
    config = load(ROOT / "config.toml", {})

    assert [council.slug for council in config.councils] == ["kent"]
    assert list(config.sources.watched()) == ["committee_papers", "ombudsman", "news"]
    assert config.archive.path == ROOT / "archive"
    assert config.councils[0].committees == (115, 144, 750, 894)
    assert [(channel.name, channel.is_on) for channel in config.alerts.channels] == [
        ("file", True),
        ("newsroom", False),
    ]


def test_what_is_left_out_is_as_the_shipped_file_has_it(tmp_path: Path) -> None:
    small, shipped = read(tmp_path, SMALL), load(ROOT / "config.toml", {})

    assert small.crawl.model_copy(update={"user_agent": shipped.crawl.user_agent}) == shipped.crawl
    assert small.alerts.model_copy(update={"channels": shipped.alerts.channels}) == shipped.alerts
    assert (small.rules, small.serve) == (shipped.rules, shipped.serve)
    assert small.sources.watched()["news"].when == shipped.sources.watched()["news"].when
    assert [channel.name for channel in small.alerts.channels] == ["file"]


def test_a_source_that_is_left_out_is_not_watched(tmp_path: Path) -> None:
    assert list(read(tmp_path, SMALL).sources.watched()) == ["news"]


def test_paths_are_relative_to_the_file(tmp_path: Path) -> None:
    assert read(tmp_path, SMALL).archive.path == tmp_path / "archive"
    assert read(tmp_path, SMALL + '[archive]\npath = "/srv/x"').archive.path == Path("/srv/x")


def test_an_address_is_kept_without_its_last_slash(tmp_path: Path) -> None:
    assert read(tmp_path, SMALL).councils[0].moderngov == "https://democracy.kent.gov.uk"


def test_every_problem_is_told_at_once_each_with_its_path(tmp_path: Path) -> None:
    text = """
colour = "red"
[[councils]]
slug = "Kent"
nam = "Kent"
moderngov = "ftp://democracy.kent.gov.uk"
committees = ["a", 2.5, true, 0]
[crawl]
user_agent = "kccwatch"
delay_seconds = "3"
[sources.committee_papers]
schedule = "61 * * * *"
every = "3x"
[sources.news]
feeds = ["http://localhost/rss"]
[alerts]
timezone = "Mars"
quiet_hours = "22-7"
[[alerts.channels]]
name = "a"
url = "nonsense://hidden-password"
min_severity = "urgent"
[[alerts.channels]]
name = "a"
url = "file"
off = "no"
[rules]
disabled = ["new_reds"]
[rules.complaints_jump]
percent = 0
[serve]
port = 70000
public = "no"
"""
    said = problems(tmp_path, text)

    assert [problem.partition(": ")[0] for problem in said] == [
        "alerts.channels[1].off",
        "councils[0].slug",
        "councils[0].name",
        "councils[0].moderngov",
        "councils[0].committees[0]",
        "councils[0].committees[1]",
        "councils[0].committees[2]",
        "councils[0].committees[3]",
        "councils[0].nam",
        "crawl.user_agent",
        "crawl.delay_seconds",
        "sources.committee_papers.every",
        "alerts.channels[0].min_severity",
        "rules.complaints_jump.percent",
        "serve.port",
        "serve.public",
        "colour",
        "alerts.timezone",
        "sources.committee_papers",
        "sources.committee_papers.schedule",
        "alerts.channels[1].name",
        "sources.news.feeds[0]",
        "alerts.quiet_hours",
        "alerts.channels[0].url",
        "rules.disabled[0]",
    ]
    assert "councils[0].nam: is not a key that kccwatch knows (did you mean name?)" in said
    assert "alerts.channels[0].min_severity: is \"urgent\"; should be 'low', 'medium' or 'high'" in said
    assert 'rules.disabled[0]: there is no rule "new_reds" (did you mean new_red?)' in said
    assert not any("hidden-password" in problem for problem in said)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[crawl\nx = 1", "line 1"),
        ("a = 1\na = 2", "Cannot overwrite"),
    ],
)
def test_wrong_toml_is_told_with_its_line(tmp_path: Path, text: str, said: str) -> None:
    (problem,) = problems(tmp_path, text)

    assert problem.startswith("not valid TOML") and said in problem


def test_a_file_that_is_not_there_or_not_text_is_a_problem_too(tmp_path: Path) -> None:
    (tmp_path / "bytes.toml").write_bytes(b"a = 1\nb = '\xff'")
    (tmp_path / "folder.toml").mkdir()

    for name, said in [("none", "no such file"), ("bytes", "not UTF-8 text (line 2)"), ("folder", "cannot be read")]:
        with pytest.raises(ConfigError, match=said.replace("(", r"\(").replace(")", r"\)")):
            load(tmp_path / f"{name}.toml", {})


def test_a_byte_order_mark_does_no_harm(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text(SMALL, encoding="utf-8-sig")

    assert load(tmp_path / "config.toml", {}).councils[0].slug == "kent"


# --- ${NAME}

CHANNEL = SMALL + '[[alerts.channels]]\nname = "desk"\nurl = "json://user:${KCC_WORD}@hooks.example/x"\n'


def test_a_name_is_taken_from_the_environment(tmp_path: Path) -> None:
    (channel,) = read(tmp_path, CHANNEL, KCC_WORD="secret").alerts.live_channels

    assert channel.url == "json://user:secret@hooks.example/x"
    assert "secret" not in repr(channel) and "hooks" not in str(channel)


def test_a_name_is_taken_from_a_systemd_credential(tmp_path: Path) -> None:
    (tmp_path / "KCC_WORD").write_text("from-file\n")

    (channel,) = read(tmp_path, CHANNEL, CREDENTIALS_DIRECTORY=str(tmp_path)).alerts.live_channels

    assert channel.url == "json://user:from-file@hooks.example/x"


@pytest.mark.parametrize("environ", [{}, {"KCC_WORD": ""}, {"CREDENTIALS_DIRECTORY": "/nowhere"}])
def test_a_channel_whose_name_is_not_set_is_off_and_says_so(tmp_path: Path, environ: dict[str, str]) -> None:
    config = read(tmp_path, CHANNEL, **environ)

    assert config.alerts.live_channels == ()
    assert config.alerts.channels[0].off == "KCC_WORD is set neither in the environment nor as a systemd credential"


def test_a_name_that_is_not_set_is_a_problem_anywhere_else(tmp_path: Path) -> None:
    text = SMALL.replace("me@example.org", "${KCC_MAIL}")

    assert problems(tmp_path, text) == [
        "crawl.user_agent: KCC_MAIL is set neither in the environment nor as a systemd credential",
        "crawl.user_agent: names no contact; give an address or an e-mail by which a site's keepers can reach you",
    ]
    assert read(tmp_path, text, KCC_MAIL="a@b.example").crawl.user_agent == "kccwatch (mailto:a@b.example)"


# --- addresses


@pytest.mark.parametrize(
    "address",
    ["http://localhost:8000", "http://127.0.0.1", "http://[::1]/x", "http://10.1.2.3", "http://169.254.169.254/"],
)
def test_a_private_address_needs_to_be_allowed(tmp_path: Path, address: str) -> None:
    text = SMALL.replace("https://democracy.kent.gov.uk/", address)

    (problem,) = problems(tmp_path, text)
    assert problem.startswith("councils[0].moderngov:") and "allow_private_addresses" in problem
    allowed = text.replace("[crawl]", "[crawl]\nallow_private_addresses = true")
    assert read(tmp_path, allowed).councils[0].moderngov == address.rstrip("/")


@pytest.mark.parametrize(
    "address", ["democracy.kent.gov.uk", "https://", "https://me:word@kent.gov.uk", "https://a b/"]
)
def test_what_is_no_address_of_a_site_is_a_problem(tmp_path: Path, address: str) -> None:
    (problem,) = problems(tmp_path, SMALL.replace("https://democracy.kent.gov.uk/", address))

    assert problem.startswith("councils[0].moderngov:") and "me:word" not in problem


def test_no_pause_between_requests_is_for_a_replica_only(tmp_path: Path) -> None:
    text = SMALL.replace("[crawl]", "[crawl]\ndelay_seconds = 0")

    assert problems(tmp_path, text)[0].startswith("crawl.delay_seconds: 0 is only for a replica")
    assert read(tmp_path, text.replace("[crawl]", "[crawl]\nallow_private_addresses = true")).crawl.delay_seconds == 0


def test_a_visit_every_few_seconds_is_for_a_replica_only(tmp_path: Path) -> None:
    text = SMALL.replace("[sources.news]", '[sources.news]\nevery = "10s"')

    assert problems(tmp_path, text)[0].startswith('sources.news.every: "10s" is a nuisance')
    allowed = read(tmp_path, text.replace("[crawl]", "[crawl]\nallow_private_addresses = true"))
    assert allowed.sources.watched()["news"].when == timedelta(seconds=10)


def test_a_council_without_a_site_of_its_own_is_one_too(tmp_path: Path) -> None:
    text = SMALL.replace('moderngov = "https://democracy.kent.gov.uk/"', 'ombudsman = "kent-county-council"')

    assert read(tmp_path, text).councils[0].moderngov == ""


# --- rules of the operator's own


def rule(**parts: str) -> str:
    whole = {"name": "mine", "severity": "low", "sql": "select 'a' as key, 1 as n", "title": "{n}"} | parts
    return SMALL + "[[rules.custom]]\n" + "\n".join(f"{key} = '''{value}'''" for key, value in whole.items())


def test_a_rule_of_ones_own_may_use_the_columns_of_its_query(tmp_path: Path) -> None:
    sql = "with q as (select url, kind as key from documents where published_on > :oldest) select * from q;"

    config = read(tmp_path, rule(sql=sql, title="{key}: {url} of {council_name}"))

    assert config.rules.custom[0].name == "mine"


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        ({"sql": "delete from runs"}, "rules.custom[0].sql: the query was refused"),
        ({"sql": "select 1; drop table runs"}, "rules.custom[0].sql: the query was refused"),
        ({"sql": "select nope from runs", "title": "x"}, "rules.custom[0].sql: the query was refused: no such column"),
        ({"sql": "select 1 as n"}, "rules.custom[0].sql: returns no column `key`"),
        ({"title": "{m}"}, "rules.custom[0].title: the query returns no column `m` for {m}"),
        ({"body": "{n"}, "rules.custom[0].body: "),
        ({"name": "new_red"}, 'rules.custom[0].name: "new_red" is a built-in rule'),
        ({"severity": "bad"}, 'rules.custom[0].severity: is "bad"'),
    ],
)
def test_a_rule_that_could_never_be_carried_out_is_a_problem(tmp_path: Path, parts: dict[str, str], said: str) -> None:
    assert any(problem.startswith(said) for problem in problems(tmp_path, rule(**parts)))


# --- quiet hours and schedules


def test_quiet_hours_are_two_times(tmp_path: Path) -> None:
    assert read(tmp_path, SMALL).alerts.quiet is None
    assert read(tmp_path, SMALL + '[alerts]\nquiet_hours = "22:00-07:00"').alerts.quiet == (time(22), time(7))


@pytest.mark.parametrize(
    ("text", "after", "due"),
    [
        ("30 6,18 * * *", "2026-11-21T06:29:59", "2026-11-21T06:30:00"),
        ("30 6,18 * * *", "2026-11-21T06:30:00", "2026-11-21T18:30:00"),
        ("0 7 * * 1-5", "2026-11-21T08:00:00", "2026-11-23T07:00:00"),  # a Saturday
        ("0 7 * * 0", "2026-11-21T08:00:00", "2026-11-22T07:00:00"),  # 0 is Sunday, as cron has it
        ("0 7 * * 7", "2026-11-21T08:00:00", "2026-11-22T07:00:00"),
        ("0 7 1 * 1", "2026-11-21T08:00:00", "2026-11-23T07:00:00"),  # a Monday or the first, as cron has it
        ("0 7 1 * 1", "2026-11-30T08:00:00", "2026-12-01T07:00:00"),
    ],
)
def test_cron_text_means_what_cron_means_by_it(text: str, after: str, due: str) -> None:
    found = schedule.next_due(text, datetime.fromisoformat(after).replace(tzinfo=LONDON), LONDON)

    assert found.astimezone(LONDON).replace(tzinfo=None) == datetime.fromisoformat(due)
    assert found.tzinfo is UTC


@pytest.mark.parametrize("text", ["* * *", "61 * * * *", "0 7 * * 8", "0 7 31 2 *", "a b c d e", "0 7 * * 1/0"])
def test_cron_text_that_never_fires_or_makes_no_sense_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"\S"):
        schedule.cron(text, LONDON)


def test_a_visit_is_due_once_when_the_clocks_change() -> None:
    spring = schedule.next_due("30 1 * * *", datetime(2026, 3, 28, 12, tzinfo=UTC), LONDON)  # 01:30 does not exist
    autumn = schedule.next_due("30 1 * * *", datetime(2026, 10, 24, 12, tzinfo=UTC), LONDON)  # 01:30 comes twice

    assert spring.date().isoformat() == "2026-03-29"
    assert autumn == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert schedule.next_due("30 1 * * *", autumn, LONDON) > autumn + timedelta(hours=12)


@pytest.mark.parametrize(
    ("text", "length"), [("90m", timedelta(minutes=90)), ("6h", timedelta(hours=6)), ("1d", timedelta(days=1))]
)
def test_an_interval_is_a_schedule_too(text: str, length: timedelta) -> None:
    now = datetime(2026, 11, 21, 8, tzinfo=UTC)

    assert schedule.next_due(schedule.interval(text), now, LONDON) == now + length


def test_what_became_due_while_nobody_watched_is_due_at_once() -> None:
    now = datetime(2026, 11, 21, 8, tzinfo=UTC)
    daily = "0 7 * * *"

    assert schedule.due_at(None, daily, now, LONDON) == now
    assert schedule.due_at(now - timedelta(days=3), daily, now, LONDON) < now
    assert schedule.due_at(now + timedelta(hours=2), daily, now, LONDON) == now + timedelta(hours=2)
    # Noted under another schedule, or by a clock that ran ahead: the schedule of today counts.
    assert schedule.due_at(now + timedelta(days=300), daily, now, LONDON) == datetime(2026, 11, 22, 7, tzinfo=UTC)


def test_after_failures_the_pause_grows_and_never_passes_the_schedule() -> None:
    now = datetime(2026, 11, 21, 8, tzinfo=UTC)
    regular = now + timedelta(hours=3)
    pauses = [schedule.after_failure(n, regular, now) - now for n in (1, 2, 3, 4, 1000)]

    assert pauses == [timedelta(minutes=m) for m in (30, 60, 120, 180, 180)]
