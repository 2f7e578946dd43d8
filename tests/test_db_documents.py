"""Requests, documents, versions and blobs."""

import gzip
import hashlib
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from db import CommitteeRef, Fetch, Found, ItemRef, MeetingRef, StoreError, open_archive
from db.errors import Damaged
from parsers.records import Outcome
from tests.test_db_samples import LATER, NOW, dump, edition, found, keep, keep_read, kpi, reading

CABINET = CommitteeRef(cid=115, name="Cabinet", url="https://democracy.kent.gov.uk/ieListMeetings.aspx?CId=115")
MEETING = MeetingRef(
    mid=9314,
    url="https://democracy.kent.gov.uk/ieListDocuments.aspx?CId=115&MId=9314",
    held_on=date(2025, 3, 4),
    starts_at=datetime(2025, 3, 4, 10, tzinfo=UTC),
    status="scheduled",
)
ITEM = ItemRef(aid=67890, number="7", title="Quarterly Performance Report, Q3 2024/25")


def test_the_same_answer_twice_is_one_version(tmp_path: Path) -> None:
    with open_archive(tmp_path) as archive:
        first = archive.remember(found(title="Appendix 1"), b"%PDF", now=NOW)
        assert (first.is_new_document, first.is_new_version) == (True, True)
        before = dump(archive)
        again = archive.remember(found(title="Appendix 1"), b"%PDF", now=NOW)
        assert dump(archive) == before
    assert (again.document_id, again.version_id) == (first.document_id, None)
    assert (again.is_new_document, again.is_new_version) == (False, False)


def test_a_changed_content_is_a_new_version_beside_the_old(tmp_path: Path) -> None:
    with open_archive(tmp_path) as archive:
        old = keep(archive, found(), b"first edition")
        new = keep(archive, found(), b"corrected", now=LATER)
        assert archive.rows("select id, supersedes_id, fetched_at from versions order by id") == [
            {"id": old, "supersedes_id": None, "fetched_at": "2026-11-21T06:30:00+00:00"},
            {"id": new, "supersedes_id": old, "fetched_at": "2026-11-21T18:30:00+00:00"},
        ]
        assert [archive.blob(row["sha256"]) for row in archive.rows("select sha256 from versions order by id")] == [
            b"first edition",
            b"corrected",
        ]


def test_a_content_that_comes_back_is_the_newest_again(tmp_path: Path) -> None:
    with open_archive(tmp_path) as archive:
        first, second, third = (keep(archive, found(), body) for body in (b"A", b"B", b"A"))
        document = archive.known_document(found().key)
        assert document is not None
        assert document.version_id == third
        assert archive.rows("select supersedes_id from versions where id = ?", [third]) == [{"supersedes_id": second}]
        assert not archive.remember(found(), b"A", now=LATER).is_new_version
        hashes = {row["id"]: row["sha256"] for row in archive.rows("select id, sha256 from versions")}
        assert hashes[first] == hashes[third]


def test_only_what_matters_in_a_page_makes_a_version(tmp_path: Path) -> None:
    with open_archive(tmp_path) as archive:
        keep(archive, found(content_key="main text"), b"<p>main text</p> generated 06:30")
        again = archive.remember(found(content_key="main text"), b"<p>main text</p> generated 18:30", now=LATER)
        assert not again.is_new_version
        assert archive.remember(found(content_key="other text"), b"<p>other text</p>", now=LATER).is_new_version


def test_a_new_way_of_hashing_makes_no_version_of_the_same_bytes(tmp_path: Path) -> None:
    with open_archive(tmp_path) as archive:
        keep(archive, found(content_key="old way"), b"bytes")
        assert not archive.remember(found(content_key="new way"), b"bytes", now=LATER).is_new_version
        assert not archive.remember(found(content_key="new way"), b"bytes, other furniture", now=LATER).is_new_version


def test_a_document_knows_its_meeting_and_item(tmp_path: Path) -> None:
    with open_archive(tmp_path) as archive:
        keep(archive, found(committee=CABINET, meeting=MEETING, item=ITEM))
        (waiting,) = archive.unread()
        assert waiting.meeting_held_on == date(2025, 3, 4)
        assert archive.rows(
            "select c.name, m.starts_at, i.number from documents as d join agenda_items as i on i.id = d.agenda_item_id"
            " join meetings as m on m.id = d.meeting_id join committees as c on c.id = m.committee_id"
        ) == [{"name": "Cabinet", "starts_at": "2025-03-04T10:00:00+00:00", "number": "7"}]


def test_meetings_and_items_say_what_the_site_says_now(tmp_path: Path) -> None:
    with open_archive(tmp_path) as archive:
        archive.note_structure("kent", CABINET, MEETING, [ITEM])
        silent = MeetingRef(mid=9314, url=MEETING.url, status="cancelled")
        archive.note_structure("kent", CABINET, silent, [ItemRef(aid=67890, number="9", title=ITEM.title)])
        assert archive.rows("select held_on, starts_at, status from meetings") == [
            {"held_on": "2025-03-04", "starts_at": "2025-03-04T10:00:00+00:00", "status": "cancelled"}
        ]
        assert archive.rows("select number from agenda_items") == [{"number": "9"}]


def test_a_paper_linked_again_by_a_later_meeting_stays_with_its_first(tmp_path: Path) -> None:
    scrutiny = CommitteeRef(cid=750, name="Scrutiny Committee", url="https://democracy.kent.gov.uk/x?CId=750")
    call_in = MeetingRef(mid=9999, url="https://democracy.kent.gov.uk/x?MId=9999", held_on=date(2025, 4, 1))
    with open_archive(tmp_path) as archive:
        archive.remember(found(committee=CABINET, meeting=MEETING), b"%PDF", now=NOW)
        archive.remember(found(committee=scrutiny, meeting=call_in, item=ITEM), b"%PDF", now=NOW)
        archive.remember(found(committee=CABINET, meeting=MEETING, item=ITEM), b"%PDF", now=NOW)
        assert archive.rows(
            "select m.mid, i.meeting_id = m.id as same from documents as d join meetings as m on m.id = d.meeting_id"
            " join agenda_items as i on i.id = d.agenda_item_id"
        ) == [{"mid": 9314, "same": 1}]


def test_the_documents_own_title_stands_and_the_sites_title_goes_to_the_reader(tmp_path: Path) -> None:
    with open_archive(tmp_path) as archive:
        version = keep(archive, found(title="Appendix 1", published_on=date(2025, 2, 24)))
        archive.store_reading(
            version, reading(edition(), kpi(), title="Quarterly Performance Report"), council="kent", now=NOW
        )
        archive.remember(found(title="Appendix 1a", published_on=date(2025, 2, 25)), b"paper", now=LATER)
        document = archive.known_document(found().key)
        assert document is not None
        assert (document.title, document.kind) == ("Quarterly Performance Report", "performance_report")
        assert document.published_on == date(2025, 2, 25)
        (waiting,) = archive.unread({"performance_report": 2})
        assert waiting.title == "Appendix 1a"


def test_a_document_that_is_gone_keeps_what_it_said_and_may_come_back(tmp_path: Path) -> None:
    with open_archive(tmp_path) as archive:
        keep_read(archive, found(), reading(edition(), kpi()))
        assert archive.mark_gone(found().key, NOW)
        assert not archive.mark_gone(found().key, LATER)
        document = archive.known_document(found().key)
        assert document is not None and document.gone_at == NOW
        assert len(archive.rows("select * from kpi_history")) == 1
        assert archive.mark_seen(found().key, LATER)
        document = archive.known_document(found().key)
        assert document is not None and (document.gone_at, document.last_seen_at) == (None, LATER)
        assert not archive.mark_seen("never seen", NOW)


def test_known_and_unknown_documents(tmp_path: Path) -> None:
    with open_archive(tmp_path) as archive:
        assert archive.known_document("nothing") is None
        assert not archive.has_version("nothing")
        keep(archive, found())
        assert archive.has_version(found().key)


def test_what_waits_to_be_read_is_what_was_never_read_or_by_an_older_reader(tmp_path: Path) -> None:
    with open_archive(tmp_path) as archive:
        one, two, three = (keep(archive, found(f"s{n}"), b"%d" % n) for n in (1, 2, 3))
        assert [waiting.id for waiting in archive.unread()] == [one, two, three]
        assert [waiting.id for waiting in archive.unread(limit=2)] == [one, two]
        archive.store_reading(one, reading(edition(), kpi()), council="kent", now=NOW)
        failed = reading(outcome=Outcome.FAILED, note="half a PDF", parser="pdf")
        archive.store_reading(two, failed, council="kent", now=NOW)
        assert [waiting.id for waiting in archive.unread({"performance_report": 1, "pdf": 1})] == [three]
        assert [waiting.id for waiting in archive.unread({"performance_report": 2, "pdf": 1})] == [one, three]
        assert [waiting.id for waiting in archive.unread({"performance_report": 1, "pdf": 2})] == [two, three]


# --- requests


URL = "https://democracy.kent.gov.uk/mgAi.aspx?ID=70938"


def fetch(body: bytes | None = b"page", **says: object) -> Fetch:
    return Fetch(
        **{"url": URL, "source": "committee_papers", "status": 200, "body": body, "etag": '"v1"', **says}  # type: ignore[arg-type]
    )


def test_every_request_is_noted_with_what_came_of_it(tmp_path: Path) -> None:
    with open_archive(tmp_path) as archive:
        run = archive.start_run("crawl:committee_papers", NOW)
        archive.record_fetch(fetch(final_url=URL + "&r=1", seconds=0.25, media_type="text/html", run_id=run), NOW)
        archive.record_fetch(Fetch(url=URL, source="committee_papers", error="timed out after 60 s"), LATER)
        answered, silent = archive.rows("select * from fetches order by id")
    assert (answered["bytes"], answered["seconds"], answered["run_id"]) == (4, 0.25, run)
    assert answered["sha256"] == hashlib.sha256(b"page").hexdigest()
    assert (silent["status"], silent["bytes"], silent["error"]) == (None, None, "timed out after 60 s")


def test_a_conditional_request_asks_only_for_what_we_hold(tmp_path: Path) -> None:
    with open_archive(tmp_path) as archive:
        assert archive.validators(URL) is None
        archive.record_fetch(fetch(last_modified="Mon, 24 Feb 2025 09:00:00 GMT"), NOW)
        assert archive.validators(URL) is None, "the body was not kept: a 304 would leave us with nothing"
        version = keep(archive, found(url=URL), b"page")
        known = archive.validators(URL)
        assert known is not None
        assert (known.etag, known.last_modified, known.fetched_at) == ('"v1"', "Mon, 24 Feb 2025 09:00:00 GMT", NOW)
        failed = reading(outcome=Outcome.FAILED, note="cut short", parser="html")
        archive.store_reading(version, failed, council="kent", now=NOW)
        assert archive.validators(URL) is None, "what could not be read is asked for again"


def test_errors_and_empty_answers_do_not_validate(tmp_path: Path) -> None:
    with open_archive(tmp_path) as archive:
        keep(archive, found(url=URL), b"page")
        archive.record_fetch(fetch(error="a challenge page"), NOW)
        archive.record_fetch(fetch(status=503), NOW)
        archive.record_fetch(fetch(etag=None, status=200), NOW)
        assert archive.validators(URL) is None
        archive.record_fetch(fetch(), NOW)
        archive.record_fetch(fetch(status=304, body=None), LATER)
        assert archive.validators(URL) is not None


def test_an_answer_that_was_superseded_no_longer_validates(tmp_path: Path) -> None:
    with open_archive(tmp_path) as archive:
        archive.record_fetch(fetch(b"old"), NOW)
        keep(archive, found(url=URL), b"old")
        keep(archive, found(url=URL), b"new")
        assert archive.validators(URL) is None


def test_an_answer_with_other_furniture_validates_when_it_is_told_which(tmp_path: Path) -> None:
    page = found(url=URL, content_key="main text")
    with open_archive(tmp_path) as archive:
        first = archive.record_fetch(fetch(b"main text 06:30"), NOW)
        archive.remember(page, b"main text 06:30", now=NOW, fetch_id=first)
        second = archive.record_fetch(fetch(b"main text 18:30", etag='"v2"'), LATER)
        archive.remember(page, b"main text 18:30", now=LATER, fetch_id=second)
        known = archive.validators(URL)
        assert known is not None and known.etag == '"v2"'


# --- blobs


def blob_files(folder: Path) -> list[Path]:
    return [file for file in (folder / "blobs").rglob("*") if file.is_file()]


def test_a_body_is_kept_once_under_its_hash(tmp_path: Path) -> None:
    body = gzip.compress(b"same bytes under two numbers", mtime=0)
    with open_archive(tmp_path) as archive:
        keep(archive, found("s1"), body)
        keep(archive, found("s2"), body)
        (row,) = archive.rows("select distinct sha256 from versions")
        (file,) = blob_files(tmp_path)
        assert file == tmp_path / "blobs" / row["sha256"][:2] / row["sha256"][2:4] / row["sha256"]
        assert archive.blob(row["sha256"]) == file.read_bytes() == body


def test_a_body_that_rotted_or_vanished_is_not_handed_out(tmp_path: Path) -> None:
    with open_archive(tmp_path) as archive:
        keep(archive, found(), b"as received")
        (waiting,) = archive.unread()
        (file,) = blob_files(tmp_path)
        file.write_bytes(b"as received?")
        with pytest.raises(Damaged, match="is not what was written"):
            archive.blob(waiting.sha256)
        file.unlink()
        with pytest.raises(Damaged, match="is missing"):
            archive.blob(waiting.sha256)
        archive.remember(found(), b"as received", now=LATER)
        assert archive.blob(waiting.sha256) == b"as received", "the same bytes from the site heal it"


def test_a_hash_is_no_path(tmp_path: Path) -> None:
    with open_archive(tmp_path) as archive, pytest.raises(ValueError, match="not a SHA-256"):
        archive.blob("../../../../etc/passwd")


def test_what_a_killed_writer_left_is_swept_by_the_next(tmp_path: Path) -> None:
    with open_archive(tmp_path) as archive:
        keep(archive, found())
    (tmp_path / "blobs" / ".unfinished" / "tmpabc").write_bytes(b"half")
    with open_archive(tmp_path):
        pass
    assert len(blob_files(tmp_path)) == 1


def test_names_from_a_hostile_site_are_only_data(tmp_path: Path) -> None:
    nasty = "../../etc\0passwd \ud800 " + "x" * 5000
    with open_archive(tmp_path) as archive:
        keep(archive, found(title=nasty, key="k\0ey", url="https://x/\ud800"))
        (row,) = archive.rows("select title, key from documents")
        assert row["title"].startswith("../../etcpasswd � x") and row["key"] == "key"
        assert archive.known_document("k\0ey") is not None
    assert {file.parent.parent.parent for file in blob_files(tmp_path)} == {tmp_path / "blobs"}


def test_times_without_a_zone_are_refused(tmp_path: Path) -> None:
    with open_archive(tmp_path) as archive:
        with pytest.raises(ValueError, match="a time without its zone"):
            keep(archive, found(), now=NOW.replace(tzinfo=None))
        assert archive.counts()["documents"] == 0


def test_a_summer_time_is_stored_as_utc(tmp_path: Path) -> None:
    with open_archive(tmp_path) as archive:
        archive.start_run("read", datetime.fromisoformat("2026-07-01T07:30:00+01:00"))
        assert archive.rows("select started_at from runs") == [{"started_at": "2026-07-01T06:30:00+00:00"}]


def test_new_content_is_news_of_its_source(tmp_path: Path) -> None:
    with open_archive(tmp_path) as archive:
        archive.set_source_state("committee_papers", "kent", "blocked", "HTTP 403: refused", NOW)
        keep(archive, found(), now=NOW)
        archive.remember(found(), b"paper", now=LATER)
        (state,) = archive.source_states()
        assert (state.state, state.last_new_at) == ("blocked", NOW)
        keep(archive, found(), b"changed", now=LATER + timedelta(hours=1))
        assert archive.source_states()[0].last_new_at == LATER + timedelta(hours=1)


def test_a_reading_archive_can_be_asked_everything(tmp_path: Path) -> None:
    with open_archive(tmp_path) as archive:
        keep_read(archive, found(), reading(edition(), kpi()))
    with open_archive(tmp_path, readonly=True) as archive:
        assert archive.has_version(found().key)
        assert archive.unread() == []
        assert archive.rows("select count(*) as n from kpi_history") == [{"n": 1}]
        with pytest.raises(StoreError):
            archive.rows("insert into runs (job, started_at) values ('x', 'y')")


def test_a_found_without_a_meeting_is_a_found(tmp_path: Path) -> None:
    page = Found(key="lgo:kent", url="https://www.lgo.org.uk/x", source="ombudsman", council="kent")
    with open_archive(tmp_path) as archive:
        keep(archive, page, b"<html>")
        (waiting,) = archive.unread()
        assert (waiting.meeting_held_on, waiting.media_type, waiting.title) == (None, None, None)


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("https://democracy.kent.gov.uk:9071/documents/S129436/other.pdf", "first"),
        ("https://democracy.kent.gov.uk/mgConvert2PDF.aspx?ID=129436", "first"),
        ("https://democracy.kent.gov.uk/documents/s129436/Corrected%20name.pdf", "said"),
    ],
)
def test_people_are_given_the_files_own_address_on_the_site_where_it_was_met(
    tmp_path: Path, said: str, kept: str
) -> None:
    first = "https://democracy.kent.gov.uk/documents/s129436/QPR.pdf"
    with open_archive(tmp_path) as archive:
        keep(archive, found(url=first))
        archive.remember(found(url=said), b"paper", now=LATER)
        assert archive.rows("select url from documents") == [{"url": {"first": first, "said": said}[kept]}]


def test_a_converted_paper_gets_its_own_address_once_it_is_known(tmp_path: Path) -> None:
    with open_archive(tmp_path) as archive:
        keep(archive, found(url="https://democracy.kent.gov.uk/mgConvert2PDF.aspx?ID=129436"))
        archive.remember(found(url="https://democracy.kent.gov.uk/documents/s129436/QPR.pdf"), b"paper", now=LATER)
        assert archive.rows("select url from documents") == [
            {"url": "https://democracy.kent.gov.uk/documents/s129436/QPR.pdf"}
        ]
