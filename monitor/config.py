"""config.toml, read once and checked whole.

`load` returns a Config or raises one ConfigError with every problem and its path in the
file. Secrets are `${NAME}`: taken from the environment, or from a systemd credential of
that name. A channel whose name is not set there is off, and says why.
"""

import contextlib
import difflib
import ipaddress
import os
import re
import tomllib
from collections.abc import Iterator, Mapping
from datetime import time, timedelta
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, ValidationInfo
from pydantic_core import ErrorDetails

from monitor import schedule
from monitor.errors import ConfigError

SOURCES = ("committee_papers", "ombudsman", "news")
FILE_CHANNEL = "file"  # the destination that needs no account

Severity = Literal["low", "medium", "high"]

_NAME = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")  # "${KCCWATCH_NEWSROOM_URL}"
_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_CONTACT = re.compile(r"https?://\S+|[^\s@]+@[^\s@]+\.[^\s@]+")  # an address that a site's keeper can use
_QUIET = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)")  # "22:00-07:00"


def _slug(value: str) -> str:
    if not _SLUG.fullmatch(value):
        raise ValueError(f'"{value}" is not a slug: lower-case letters, digits and single hyphens')
    return value


def _base_url(value: str, info: ValidationInfo) -> str:
    """The address without its last slash; a ValueError says what an address needs."""
    return _web(value, info).rstrip("/")


def _web(value: str, info: ValidationInfo) -> str:
    try:
        parts = urlsplit(value)
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise ValueError(f'"{value}" is not an address: {error}') from None
    if parts.scheme not in ("http", "https") or not host:
        raise ValueError(f'"{value}" is not a web address: it should start with https:// and name a host')
    if parts.username is not None or parts.password is not None:
        raise ValueError("holds a user name or password, which would be sent to the site and kept in the archive")
    if any(character.isspace() for character in value) or port == 0:
        raise ValueError(f'"{value}" is not a web address')
    return value


def _private(url: str) -> bool:
    """Whether *url* plainly names this machine or a private network; names are resolved only when crawling."""
    host = urlsplit(url).hostname or ""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return not ipaddress.ip_address(host).is_global
    except ValueError:
        return False


def _says_who_we_are(value: str) -> str:
    if not value.isascii() or not value.isprintable():
        raise ValueError("only plain printable characters can be sent")
    if not _CONTACT.search(value):
        raise ValueError("names no contact; give an address or an e-mail by which a site's keepers can reach you")
    return value


def _interval(value: str) -> str:
    schedule.interval(value)
    return value


def _rule_name(value: str) -> str:
    if not re.fullmatch(r"[a-z0-9]+(?:[-_][a-z0-9]+)*", value):
        raise ValueError(f'"{value}" is not a name of a rule: lower-case letters, digits, single - and _')
    return value


Slug = Annotated[str, AfterValidator(_slug)]
RuleName = Annotated[str, AfterValidator(_rule_name)]
BaseUrl = Annotated[str, AfterValidator(_base_url)]
PageUrl = Annotated[str, AfterValidator(_web)]
Words = Annotated[str, Field(min_length=1)]


class _Section(BaseModel):
    """A table of the file: no key that is not known, no value that has to be guessed at."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, hide_input_in_errors=True)


class Archive(_Section):
    """Where everything is kept."""

    path: Annotated[Path, Field(strict=False)] = Path("archive")  # absolute once loaded


class Council(_Section):
    """One council whose papers are watched."""

    slug: Slug
    name: Words
    moderngov: Annotated[str, AfterValidator(lambda value, info: value and _base_url(value, info))] = ""  # "" for none
    committees: Annotated[tuple[Annotated[int, Field(gt=0)], ...], Field(strict=False)] = ()  # CIds; () means all
    ombudsman: Annotated[str, AfterValidator(lambda value: value and _slug(value))] = ""  # there; "" for none


class Crawl(_Section):
    """How sites are visited."""

    user_agent: Annotated[str, AfterValidator(_says_who_we_are)]
    delay_seconds: Annotated[float, Field(ge=0, le=600)] = 3.0
    timeout_seconds: Annotated[float, Field(gt=0, le=3600)] = 60
    max_bytes: Annotated[int, Field(ge=1000)] = 64_000_000
    allow_private_addresses: bool = False
    deadline_minutes: Annotated[float, Field(gt=0, le=24 * 60)] = 180  # a crawl that takes longer is ended


class Source(_Section):
    """What all sources have: when they are visited."""

    schedule: str | None = None  # cron text in alerts.timezone
    every: Annotated[str, AfterValidator(_interval)] | None = None  # "6h"

    @property
    def when(self) -> str | timedelta:
        """Cron text, or the interval."""
        if self.every is not None:
            return schedule.interval(self.every)
        return self.schedule or self._usual

    @property
    def _usual(self) -> str:
        raise NotImplementedError


class CommitteePapers(Source):
    """The councils' ModernGov sites."""

    look_back_days: Annotated[int, Field(ge=0, le=36_500)] = 120
    look_ahead_days: Annotated[int, Field(ge=0, le=3650)] = 90
    titles: Annotated[tuple[Words, ...], Field(strict=False)] = (
        "performance",
        "complaint",
        "ombudsman",
        "customer feedback",
        "risk register",
    )  # items whose papers are fetched; () means all

    @property
    def _usual(self) -> str:
        return "30 6,18 * * *"


class Ombudsman(Source):
    """The Local Government and Social Care Ombudsman's site."""

    base_url: BaseUrl = "https://www.lgo.org.uk"

    @property
    def _usual(self) -> str:
        return "0 7 * * *"


class News(Source):
    """Feeds and listing pages of papers."""

    feeds: Annotated[tuple[PageUrl, ...], Field(strict=False)] = ()
    pages: Annotated[tuple[PageUrl, ...], Field(strict=False)] = ()
    keywords: Annotated[tuple[Words, ...], Field(strict=False)] = ()

    @property
    def _usual(self) -> str:
        return "15 * * * *"


class Sources(_Section):
    """The sources that are watched; one that is left out is not."""

    committee_papers: CommitteePapers | None = None
    ombudsman: Ombudsman | None = None
    news: News | None = None

    def watched(self) -> dict[str, Source]:
        """The configured sources by name, in the order in which a cycle visits them."""
        found = {name: getattr(self, name) for name in SOURCES}
        return {name: source for name, source in found.items() if source is not None}


class Channel(_Section):
    """One destination of alerts. Its address is a secret: it is never printed."""

    name: Words
    url: str = Field(repr=False)  # an Apprise URL, or "file"; "" where the channel is off
    min_severity: Severity = "low"
    letter: bool = False  # whether the weekly letter goes there too
    off: str | None = None  # why nothing is sent there; set while loading, never in the file

    @property
    def is_on(self) -> bool:
        """Whether messages go there."""
        return self.off is None


class Alerts(_Section):
    """Which alerts are raised, and where they go."""

    max_age_days: Annotated[int, Field(ge=0)] = 60
    timezone: str = "Europe/London"
    quiet_hours: str = ""
    letter_schedule: str = "0 8 * * mon"  # of the weekly letter; cron text
    site_url: str = ""
    max_in_full: Annotated[int, Field(ge=1, le=50)] = 10  # alerts that a message tells in full; the rest it lists
    channels: Annotated[tuple[Channel, ...], Field(strict=False)] = (Channel(name="file", url=FILE_CHANNEL),)

    @property
    def zone(self) -> ZoneInfo:
        """The zone in which people here live."""
        return ZoneInfo(self.timezone)

    @property
    def quiet(self) -> tuple[time, time] | None:
        """Local times between which only the most severe alerts are sent; None for never."""
        match = _QUIET.fullmatch(self.quiet_hours)
        return (time(int(match[1]), int(match[2])), time(int(match[3]), int(match[4]))) if match else None

    @property
    def live_channels(self) -> tuple[Channel, ...]:
        """The channels that are on."""
        return tuple(channel for channel in self.channels if channel.is_on)


class ComplaintsJump(_Section):
    """Threshold of the rule of that name."""

    percent: Annotated[float, Field(gt=0)] = 10


class LongRed(_Section):
    """Option of the rule of that name."""

    quarters: Annotated[int, Field(ge=2, le=40)] = 4


class ReportOverdue(_Section):
    """Option of the rule of that name."""

    grace_days: Annotated[int, Field(ge=0, le=365)] = 21


class NewsStory(_Section):
    """Option of the rule of that name."""

    days: Annotated[int, Field(ge=1, le=365)] = 14


class CustomRule(_Section):
    """A rule of the operator's own: SQL whose rows are alerts, and the texts to fill in."""

    name: RuleName
    severity: Severity
    sql: Words  # one select; each row has a `key`
    title: Words  # with {slots} named as the query's columns
    body: str = ""


class Rules(_Section):
    """What is worth telling."""

    disabled: Annotated[tuple[str, ...], Field(strict=False)] = ()
    complaints_jump: ComplaintsJump = ComplaintsJump()
    long_red: LongRed = LongRed()
    report_overdue: ReportOverdue = ReportOverdue()
    news_story: NewsStory = NewsStory()
    custom: Annotated[tuple[CustomRule, ...], Field(strict=False)] = ()

    @property
    def options(self) -> dict[str, dict[str, float]]:
        """What the operator set of the built-in rules, by rule."""
        sections = {
            name: getattr(self, name) for name in ("complaints_jump", "long_red", "report_overdue", "news_story")
        }
        return {name: section.model_dump() for name, section in sections.items()}


class Serve(_Section):
    """The Datasette site."""

    port: Annotated[int, Field(ge=1, le=65535)] = 8001
    public: bool = False


class Config(_Section):
    """The whole file."""

    archive: Archive = Archive()
    councils: Annotated[tuple[Council, ...], Field(strict=False, min_length=1)]
    crawl: Crawl
    sources: Sources
    alerts: Alerts = Alerts()
    rules: Rules = Rules()
    serve: Serve = Serve()

    def council_name(self, slug: str) -> str:
        """The name behind a slug, or the slug of a council that is no longer configured."""
        return next((council.name for council in self.councils if council.slug == slug), slug)


def load(path: Path, environ: Mapping[str, str] = os.environ) -> Config:
    """The configuration in the file *path*, or ConfigError with all that is wrong with it."""
    text = _text_of(path)
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(path, [f"not valid TOML: {error}"]) from error
    problems: list[str] = []
    table = _with_names(table, environ, problems)
    try:
        config = Config.model_validate(table)
    except ValidationError as error:
        details = error.errors()
        problems += [_sentence(detail) for detail in details if not _said_within(detail, details)]
        raise ConfigError(path, _placed(problems + _across(table), text, table)) from None  # its context shows secrets
    problems += _across(table)
    if problems:
        raise ConfigError(path, _placed(problems, text, table))
    place = (path.parent / config.archive.path.expanduser()).absolute()
    return config.model_copy(update={"archive": Archive(path=place)})


def _placed(problems: list[str], text: str, table: Mapping[str, Any]) -> list[str]:
    """*problems*, those of the operator's own rules with their lines: SQL has more than one."""
    from monitor import custom_rules  # here: it needs the archive's schema

    return custom_rules.with_lines(problems, text, _tables(_table(table, "rules"), "custom"))


def _text_of(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        raise ConfigError(path, ["no such file; give its place with --config or $KCCWATCH_CONFIG"]) from None
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise ConfigError(path, [f"not UTF-8 text (line {line})"]) from None
    except OSError as error:
        raise ConfigError(path, [f"cannot be read: {error.strerror}"]) from None


# --- ${NAME} -----------------------------------------------------------------


def _with_names(table: dict[str, Any], environ: Mapping[str, str], problems: list[str]) -> dict[str, Any]:
    """A copy of *table* with every ${NAME} filled in; channels without theirs are switched off."""

    def filled(value: Any, where: str) -> Any:
        if isinstance(value, dict):
            if re.fullmatch(r"alerts\.channels\[\d+\]", where):
                return _channel(value, environ, where, problems)
            return {key: filled(inner, f"{where}.{key}" if where else key) for key, inner in value.items()}
        if isinstance(value, list):
            return [filled(inner, f"{where}[{index}]") for index, inner in enumerate(value)]
        if isinstance(value, str) and not where.startswith("rules."):
            value, missing = _fill(value, environ)
            problems.extend(f"{where}: {_not_set(name)}" for name in missing)
        return value

    result: dict[str, Any] = filled(table, "")
    return result


def _channel(table: dict[str, Any], environ: Mapping[str, str], where: str, problems: list[str]) -> dict[str, Any]:
    if "off" in table:  # ours to set, so that nobody relies on it
        problems.append(f"{where}.off: is not a key that kccwatch knows")
    table = {key: value for key, value in table.items() if key != "off"}
    url = table.get("url")
    if not isinstance(url, str):
        return table
    url, missing = _fill(url, environ)
    if missing:
        return table | {"url": "", "off": _not_set(missing[0])}
    return table | {"url": url}


def _fill(text: str, environ: Mapping[str, str]) -> tuple[str, list[str]]:
    """*text* with its names replaced, and the names that have no value."""
    missing: list[str] = []

    def value(match: re.Match[str]) -> str:
        found = _lookup(match[1], environ)
        if not found:
            missing.append(match[1])
        return found or ""

    return _NAME.sub(value, text), missing


def _lookup(name: str, environ: Mapping[str, str]) -> str | None:
    if environ.get(name):
        return environ[name].strip()
    folder = environ.get("CREDENTIALS_DIRECTORY")
    if folder:
        try:
            return (Path(folder) / name).read_text(encoding="utf-8").strip() or None
        except (OSError, UnicodeDecodeError):
            return None
    return None


def _not_set(name: str) -> str:
    return f"{name} is set neither in the environment nor as a systemd credential"


# --- what one table cannot see of another ------------------------------------


def _across(table: Mapping[str, Any]) -> list[str]:
    """Problems between the parts; parts that are wrong in themselves are passed over."""
    found: list[str] = []
    zone = _zone(table, found)
    found += _schedules(table, zone)
    found += _twice(table, "councils", "slug")
    found += _twice(_table(table, "alerts"), "channels", "name", "alerts.")
    found += _twice(_table(table, "rules"), "custom", "name", "rules.")
    found += _only_at_home(table)
    found += _alerts(_table(table, "alerts"))
    found += _rules(_table(table, "rules"))
    sources = table.get("sources")
    if isinstance(sources, dict) and not any(name in sources for name in SOURCES):
        found.append(f"sources: none is configured; there are {', '.join(SOURCES)}")
    return found


def _zone(table: Mapping[str, Any], found: list[str]) -> ZoneInfo:
    name = _table(table, "alerts").get("timezone", "Europe/London")
    try:
        return ZoneInfo(name)
    except Exception:  # noqa: BLE001  zoneinfo raises whatever the path it makes of the name leads to
        if isinstance(name, str):
            found.append(f'alerts.timezone: "{name}" is not a time zone like "Europe/London"')
        return ZoneInfo("UTC")


def _schedules(table: Mapping[str, Any], zone: ZoneInfo) -> list[str]:
    found = []
    for name in SOURCES:
        source = _table(_table(table, "sources"), name)
        text = source.get("schedule")
        if text is not None and "every" in source:
            found.append(f'sources.{name}: has both "schedule" and "every"; give one of them')
        found += _not_cron(text, zone, f"sources.{name}.schedule")
    return found + _not_cron(_table(table, "alerts").get("letter_schedule"), zone, "alerts.letter_schedule")


def _not_cron(text: Any, zone: ZoneInfo, where: str) -> list[str]:
    if not isinstance(text, str):
        return []
    try:
        schedule.cron(text, zone)
    except ValueError as error:
        return [f"{where}: {error}"]
    return []


def _twice(table: Mapping[str, Any], key: str, field: str, prefix: str = "") -> list[str]:
    seen: dict[str, int] = {}
    found = []
    for index, entry in enumerate(_tables(table, key)):
        value = entry.get(field)
        if not isinstance(value, str):
            continue
        if value in seen:
            found.append(f'{prefix}{key}[{index}].{field}: "{value}" is already that of {prefix}{key}[{seen[value]}]')
        seen.setdefault(value, index)
    return found


def _only_at_home(table: Mapping[str, Any]) -> list[str]:
    """What only a replica on this machine may have: private addresses, and no time to breathe."""
    crawl, sources = _table(table, "crawl"), _table(table, "sources")
    if crawl.get("allow_private_addresses") is True:
        return []
    return [*_hasty(crawl, sources), *_at_home(table, sources)]


def _hasty(crawl: Mapping[str, Any], sources: Mapping[str, Any]) -> Iterator[str]:
    if crawl.get("delay_seconds") == 0:
        yield "crawl.delay_seconds: 0 is only for a replica on this machine (allow_private_addresses)"
    for name in SOURCES:
        every = _table(sources, name).get("every")
        with contextlib.suppress(ValueError):  # no interval at all: said already
            if isinstance(every, str) and schedule.interval(every) < schedule.SHORTEST:
                yield f'sources.{name}.every: "{every}" is a nuisance to the site; five minutes are the least'


def _at_home(table: Mapping[str, Any], sources: Mapping[str, Any]) -> Iterator[str]:
    named = [(f"councils[{n}].moderngov", entry.get("moderngov")) for n, entry in enumerate(_tables(table, "councils"))]
    named.append(("sources.ombudsman.base_url", _table(sources, "ombudsman").get("base_url")))
    for key in ("feeds", "pages"):
        urls = _table(sources, "news").get(key)
        if isinstance(urls, list):
            named += [(f"sources.news.{key}[{index}]", url) for index, url in enumerate(urls)]
    for where, url in named:
        with contextlib.suppress(ValueError):  # no address at all: said already
            if isinstance(url, str) and _private(url):
                yield (
                    f'{where}: "{url}" is a private address; '
                    "only crawl.allow_private_addresses = true lets it be visited"
                )


def _alerts(table: Mapping[str, Any]) -> list[str]:
    from monitor import delivery  # here: Apprise takes longer to load than all else together

    found = []
    quiet = table.get("quiet_hours")
    if isinstance(quiet, str) and quiet and not _QUIET.fullmatch(quiet):
        found.append(f'alerts.quiet_hours: "{quiet}" is not like "22:00-07:00"')
    site = table.get("site_url")
    if isinstance(site, str) and site and not re.match(r"https?://[^\s/@]+", site):
        found.append(f'alerts.site_url: "{site}" is not a web address')
    for index, channel in enumerate(_tables(table, "channels")):
        url = channel.get("url")
        if isinstance(url, str) and "off" not in channel and (why := delivery.problem(url)):
            found.append(f"alerts.channels[{index}].url: {why}")
    return found


def _rules(table: Mapping[str, Any]) -> list[str]:
    from monitor import custom_rules  # here: rules are none of most callers' business
    from monitor.rules import RULES

    found = []
    custom = _tables(table, "custom")
    known = set(RULES) | {entry["name"] for entry in custom if isinstance(entry.get("name"), str)}
    disabled = table.get("disabled")
    for index, name in enumerate(disabled if isinstance(disabled, list) else []):
        if isinstance(name, str) and name not in known:
            found.append(f'rules.disabled[{index}]: there is no rule "{name}"{_meant(name, known)}')
    for index, entry in enumerate(custom):
        where = f"rules.custom[{index}]"
        if entry.get("name") in RULES:
            found.append(f'{where}.name: "{entry["name"]}" is a built-in rule')
        found += custom_rules.problems_of(entry, where)
    return found


def _table(table: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    value = table.get(key)
    return value if isinstance(value, dict) else {}


def _tables(table: Mapping[str, Any], key: str) -> list[dict[str, Any]]:
    value = table.get(key)
    return [entry if isinstance(entry, dict) else {} for entry in value] if isinstance(value, list) else []


# --- pydantic's errors as sentences ------------------------------------------

_EXPECTED = {
    "string_type": "should be text in quotes",
    "int_type": "should be a whole number",
    "int_from_float": "should be a whole number",
    "float_type": "should be a number",
    "bool_type": "should be true or false",
    "tuple_type": "should be a list in [ ]",
    "path_type": "should be a path in quotes",
    "string_too_short": "should not be empty",
    "finite_number": "should be a finite number",
}


def _sentence(detail: ErrorDetails) -> str:
    """One error of pydantic's as `path: what is wrong`, without the value where it may be a secret."""
    kind, where = detail["type"], _dotted(detail["loc"])
    context = detail.get("ctx", {})
    if kind == "value_error":
        return f"{where}: {context['error']}"
    if kind == "missing":
        return f"{where}: is missing"
    if kind == "extra_forbidden":
        return f"{where}: is not a key that kccwatch knows{_meant(str(detail['loc'][-1]), _keys_beside(detail['loc']))}"
    if kind == "literal_error":
        return f'{where}: is "{detail["input"]}"; should be {context["expected"]}'
    if kind in ("model_type", "model_attributes_type", "dataclass_type"):
        return f"{where}: should be a table"
    if kind == "too_short":
        return f"{where}: should not be empty"
    bounds = {"greater_than": "more than", "greater_than_equal": "at least", "less_than_equal": "at most"}
    if kind in bounds:
        return f"{where}: should be {bounds[kind]} {next(iter(context.values())):g}"
    return f"{where}: {_EXPECTED.get(kind, detail['msg'])}"


def _said_within(detail: ErrorDetails, details: list[ErrorDetails]) -> bool:
    """Whether a list only counts as empty because its entries are wrong, each of which is said by itself."""
    depth = len(detail["loc"])
    within = (other["loc"] for other in details if len(other["loc"]) > depth)
    return detail["type"] == "too_short" and any(loc[:depth] == detail["loc"] for loc in within)


def _dotted(loc: tuple[int | str, ...]) -> str:
    """`("alerts", "channels", 1, "url")` as `alerts.channels[1].url`."""
    text = ""
    for part in loc:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text


def _keys_beside(loc: tuple[int | str, ...]) -> set[str]:
    """The keys that are known in the table in which *loc* stands."""
    model: type[BaseModel] = Config
    for part in loc[:-1]:
        if isinstance(part, str):
            model = _TABLES[f"{model.__name__}.{part}"]
    return set(model.model_fields) - {"off"}


_TABLES: dict[str, type[BaseModel]] = {
    "Config.archive": Archive,
    "Config.councils": Council,
    "Config.crawl": Crawl,
    "Config.sources": Sources,
    "Config.alerts": Alerts,
    "Config.rules": Rules,
    "Config.serve": Serve,
    "Sources.committee_papers": CommitteePapers,
    "Sources.ombudsman": Ombudsman,
    "Sources.news": News,
    "Alerts.channels": Channel,
    "Rules.complaints_jump": ComplaintsJump,
    "Rules.long_red": LongRed,
    "Rules.report_overdue": ReportOverdue,
    "Rules.news_story": NewsStory,
    "Rules.custom": CustomRule,
}


def _meant(word: str, known: set[str]) -> str:
    close = difflib.get_close_matches(word, sorted(known), n=1)
    return f" (did you mean {close[0]}?)" if close else ""
