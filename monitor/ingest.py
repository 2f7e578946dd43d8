"""A paper that came another way: by post, from the Internet Archive, from a desk drawer.

It is kept under its address as if it had been fetched there, and goes through the same steps.
"""

import hashlib
import mimetypes
from dataclasses import dataclass
from datetime import date
from pathlib import PurePath
from urllib.parse import SplitResult, urlsplit

import db
import parsers
from db.documents import Found
from monitor import steps
from monitor.config import Config, Ombudsman
from monitor.errors import Unusable
from monitor.work import Done, Work
from parsers import addresses

_TROUBLE = ("quarantined", "failed")
_PDF_WITHIN = 1024  # bytes: readers of PDF accept rubbish in front


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """A file and what was said of it."""

    name: str  # of the file
    body: bytes
    url: str
    published_on: date | None = None
    council: str | None = None  # slug, where the address does not tell


def ingest(work: Work, paper: Paper) -> list[Done]:
    """Keep the paper, then read, check, judge and deliver. Unusable where it belongs to no source."""
    found = place(work.config, paper)
    with steps.at_work(work):
        kept = _keep(work, found, paper)
        done = [kept, *steps.after_crawl(work)]
        # What was quarantined before is not read again, but it is no better for that.
        said = any(found.url in sentence for one in done for sentence in one.quarantined)
        return done if said else [*done, *_verdict(work, found, paper)]


def place(config: Config, paper: Paper) -> Found:
    """Which document the paper is, by its address and the configuration."""
    if not paper.body:
        raise Unusable(f"{paper.name}: the file is empty")
    if len(paper.body) > config.crawl.max_bytes:
        raise Unusable(f"{paper.name}: larger than crawl.max_bytes ({config.crawl.max_bytes:,} bytes)")
    source, council, base = _belongs(config, paper)
    address = addresses.identify(paper.url, base=base)
    media_type = media_type_of(paper.name, paper.body)
    return Found(
        key=address.key,
        url=address.url,
        source=source,
        council=council,
        media_type=media_type,
        published_on=paper.published_on,
        content_key=parsers.fingerprint(paper.body, url=address.url, media_type=media_type),
    )


def media_type_of(name: str, body: bytes) -> str:
    """What the bytes prove to be, else what the file's name says."""
    if is_pdf(body):
        return "application/pdf"
    if body.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"<":
        return "application/xml" if body.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<?xml") else "text/html"
    return mimetypes.guess_type(name)[0] or "application/octet-stream"


def is_pdf(body: bytes) -> bool:
    """Whether the bytes begin as a PDF does."""
    return b"%PDF-" in body[:_PDF_WITHIN]


def misnamed(name: str, body: bytes) -> str | None:
    """Why a file is not what its name says it is; None where it is, or says nothing."""
    if PurePath(name).suffix.lower() == ".pdf" and not is_pdf(body):
        return "is no PDF, though its name says so"
    return None


def _belongs(config: Config, paper: Paper) -> tuple[str, str, str]:
    """The paper's source, its council's slug and the configured site it is of ("" for none of them)."""
    parts = _parts(paper.url)
    if paper.council is not None and all(council.slug != paper.council for council in config.councils):
        slugs = ", ".join(council.slug for council in config.councils)
        raise Unusable(f'no council "{paper.council}" in config.toml, only {slugs}')
    for council in config.councils:
        if council.moderngov and addresses.same_site(paper.url, council.moderngov):
            return "committee_papers", paper.council or council.slug, council.moderngov
    base = config.sources.ombudsman.base_url if config.sources.ombudsman else Ombudsman().base_url
    if addresses.same_site(paper.url, base):
        steps_of_path = parts.path.lower().split("/")
        named = [
            council.slug for council in config.councils if council.ombudsman and council.ombudsman in steps_of_path
        ]
        return "ombudsman", paper.council or (named[0] if named else _only_council(config, paper.url)), base
    source = "committee_papers" if is_pdf(paper.body) else "news"
    return source, paper.council or _only_council(config, paper.url), ""


def _only_council(config: Config, url: str) -> str:
    if len(config.councils) == 1:
        return config.councils[0].slug
    raise Unusable(f"{url}: its address does not tell which council it is of; say so with --council")


def _parts(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        if parts.scheme in ("http", "https") and parts.hostname:
            return parts
    except ValueError:
        pass
    raise Unusable(f'"{url}" is not a web address; a paper is kept under the one where it stands, or stood')


def _keep(work: Work, found: Found, paper: Paper) -> Done:
    """Keep the bytes, as a crawl would have."""
    with db.open_archive(work.path) as archive:
        number = archive.start_run("ingest", work.clock())
        kept = archive.remember(found, paper.body, now=work.clock())
        counts = {"new_documents": int(kept.is_new_document), "new_versions": int(kept.is_new_version)}
        problem = misnamed(paper.name, paper.body)
        failures = (f"{paper.name}: {problem}",) if problem else ()
        archive.finish_run(number, "failed" if failures else "ok", counts, problem, work.clock())
    return Done(job="ingest", counts=counts, failures=failures)


def _verdict(work: Work, found: Found, paper: Paper) -> list[Done]:
    """How reading the paper went, where it went badly at an earlier time: that is said again."""
    with db.open_archive(work.path, readonly=True) as archive:
        rows = archive.rows(
            "select v.outcome, v.note from versions as v join documents as d on d.id = v.document_id "
            "where d.key = ? and v.sha256 = ? order by v.id desc limit 1",
            [found.key, hashlib.sha256(paper.body).hexdigest()],
        )
    troubles = [f"{found.url}: {row['outcome']}: {row['note']}" for row in rows if row["outcome"] in _TROUBLE]
    return [Done(job="ingested", counts={}, quarantined=tuple(troubles))] if troubles else []
