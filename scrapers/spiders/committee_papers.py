"""The spider for ModernGov sites: meetings in a window of days, and the papers of the items that matter.

Two routes lead to the same papers: the XML web service where it answers, the pages where it does not.
Each meeting is looked at on every visit; a paper is asked for once, because its number names one file
for ever, and again only when something says that it was replaced, or after pauses that grow with its age.
"""

import re
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from urllib.parse import quote, urlsplit
from zoneinfo import ZoneInfo

from db import CommitteeRef, DocumentRow, Found, ItemRef, MeetingRef
from parsers import moderngov
from parsers.addresses import identify, join, same_site
from parsers.errors import ParseError
from parsers.text import collapse, matching
from scrapers.classify import Trouble
from scrapers.items import Handed, Item, Seen, Structure
from scrapers.job import CouncilJob, CrawlJob
from scrapers.spiders.base import PAGE, PAPER, SERVICE, Answer, SiteSpider, fingerprint
from scrapers.tally import Visit

LONDON = ZoneInfo("Europe/London")
LOST = 3  # papers, and none to be had, are a broken source
MISSES = 3  # meetings in a row without an answer end the use of the web service
PAGES_OF_A_LIST = 60  # of a committee's meetings; twenty years have fewer
A_DAY = timedelta(hours=20)  # visits come a little early or late
TWO_DAYS = timedelta(days=1, hours=20)
A_WEEK = timedelta(days=6, hours=20)
A_MONTH = timedelta(days=30)

# Troubles that say nothing about the web service as a whole.
_NOT_THE_ROUTE = (Trouble.OUT_OF_TIME,)


@dataclass
class Council:
    """What one visit to a council's site knows so far."""

    job: CouncilJob
    visit: Visit
    service: str | None = None  # why the web service is not used; None while it is
    misses: int = 0  # meetings in a row that the web service did not tell
    lost: list[Answer] = field(default_factory=list)  # papers that could not be had

    @property
    def base(self) -> str:
        """Address that everything is asked below, with a slash at its end."""
        return self.job.moderngov.rstrip("/") + "/"

    def url(self, page: str) -> str:
        """A page of the site."""
        return self.base + page

    def own(self, url: str) -> str | None:
        """The address as this site spells it; None for other sites'."""
        return identify(url, base=self.base).url if same_site(url, self.base) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Agenda:
    """A meeting with where it belongs, and what it was read from."""

    committee: CommitteeRef
    ref: MeetingRef
    meeting: moderngov.Meeting
    key: str
    answer: Answer
    changed: bool  # says something that the archive's newest version does not


class CommitteePapersSpider(SiteSpider):
    """See the module."""

    name = "committee_papers"

    def visits(self) -> Sequence[tuple[Visit, AsyncIterator[Item]]]:
        """One for each council with a ModernGov site."""
        councils = [Council(job, Visit(job.slug)) for job in self.job.councils if job.moderngov]
        return [(council.visit, self._council(council)) for council in councils]

    async def _council(self, council: Council) -> AsyncIterator[Item]:
        for committee in await self._committees(council):
            async for item in self.apart(council.visit, committee.url, self._committee(council, committee)):
                yield item
        if len(council.lost) >= LOST and not council.visit.counts["papers"]:
            last = council.lost[-1]
            council.visit.problem(last.trouble, f"none of {len(council.lost)} papers could be had: {last.reason}")

    # Which committees

    async def _committees(self, council: Council) -> list[CommitteeRef]:
        if council.job.committees:
            return [self._configured(council, cid) for cid in council.job.committees]
        url = council.url("mgWebService.asmx/GetCommittees?lDummy=0")
        answer = await self.ask(url, wants=SERVICE)
        found = self._read_committees(council, answer, by_service=True)
        if found is None:
            answer = await self.ask(council.url("mgListCommittees.aspx?bcr=1"), wants=PAGE)
            found = self._read_committees(council, answer, by_service=False) or ()
        return [_committee(council, committee.cid, committee.name) for committee in found if committee.active]

    def _configured(self, council: Council, cid: int) -> CommitteeRef:
        """A committee of which the configuration says the number; its name comes with its meetings."""
        known = self.archive.rows("select name from committees where council = ? and cid = ?", (council.job.slug, cid))
        return _committee(council, cid, known[0]["name"] if known else _nameless(cid))

    def _read_committees(
        self, council: Council, answer: Answer, *, by_service: bool
    ) -> tuple[moderngov.Committee, ...] | None:
        """The committees; None, noted, where they could not be had by this route."""
        if not answer.ok:
            self._route_failed(council, answer, by_service=by_service)
            return None
        try:
            found = moderngov.read_committees(answer.body, url=answer.url)
        except ParseError as error:
            self._route_changed(council, answer, str(error), by_service=by_service)
            return None
        if not any(committee.active for committee in found):
            self._route_changed(council, answer, f"{answer.url}: names no active committee", by_service=by_service)
            return None
        return found

    def _route_failed(self, council: Council, answer: Answer, *, by_service: bool) -> None:
        if by_service:
            council.service = council.service or answer.reason
        else:
            council.visit.problem(answer.trouble, _of_both(answer.reason, council.service))
            self.failed(council.visit, answer)

    def _route_changed(self, council: Council, answer: Answer, reason: str, *, by_service: bool) -> None:
        if by_service:
            council.service = council.service or reason
        else:
            self.broken(council.visit, answer.url, _of_both(reason, council.service))

    # Which meetings

    async def _committee(self, council: Council, committee: CommitteeRef) -> AsyncIterator[Item]:
        committee, entries = await self._entries(council, committee)
        council.visit.counts["meetings"] += len(entries)
        for entry in sorted(entries, key=self._urgency):
            if self._done_before(council, entry):
                council.visit.counts["skipped"] += 1
                continue
            meeting = self._meeting(council, committee, entry)
            async for item in self.apart(council.visit, _page_url(council, committee, entry), meeting, is_part=True):
                yield item

    def _urgency(self, entry: moderngov.MeetingEntry) -> int:
        """Nearest to today first: should the time run out, it is the old that waits."""
        return abs((entry.held_on - self.job.today).days) if entry.held_on else 0

    def _done_before(self, council: Council, entry: moderngov.MeetingEntry) -> bool:
        """Whether a backfill took all of this meeting lately; meetings are handed over after their papers."""
        if self.job.since is None or entry.held_on is None:
            return False
        if entry.held_on >= self.job.today - timedelta(days=self.job.look_back_days):
            return False
        now = self.now()
        page = identify(entry.url, base=council.base).key
        known = (self.archive.known_document(key) for key in (page, f"{page}:xml"))
        return any(row is not None and now - row.last_seen_at < A_MONTH for row in known)

    async def _entries(
        self, council: Council, committee: CommitteeRef
    ) -> tuple[CommitteeRef, list[moderngov.MeetingEntry]]:
        """The committee by its name, and its meetings in the window, by either route."""
        first, last = self.window()
        by_service = await self._service_list(council, committee)
        entries = _within(by_service.meetings, first, last) if by_service else []
        if entries or (by_service and not self._met_before(council, committee)):
            assert by_service is not None
            return _named(committee, by_service.committee), entries
        # No answer, or an answer that says that a committee which met does not meet any more.
        pages = await self._pages_list(council, committee)
        if pages is None:
            return committee, []
        name, listed = pages
        entries = _within(listed, first, last)
        if not entries and self._met_before(council, committee):
            reason = f"{committee.url}: names no meeting from {first} to {last}, where it named some before"
            self.broken(council.visit, committee.url, reason)
        return _named(committee, name or (by_service.committee if by_service else None)), entries

    def _met_before(self, council: Council, committee: CommitteeRef) -> bool:
        """Whether the archive knows meetings of the committee in the window."""
        first, last = self.window()
        return bool(
            self.archive.rows(
                "select 1 from meetings as m join committees as c on c.id = m.committee_id"
                " where c.council = ? and c.cid = ? and m.held_on between ? and ? limit 1",
                (council.job.slug, committee.cid, first.isoformat(), last.isoformat()),
            )
        )

    async def _service_list(self, council: Council, committee: CommitteeRef) -> moderngov.MeetingList | None:
        """GetMeetings; None where the web service does not do its part."""
        if council.service is not None:
            return None
        first, last = self.window()
        url = council.url(
            f"mgWebService.asmx/GetMeetings?lCommitteeId={committee.cid}"
            f"&sFromDate={first:%d/%m/%Y}&sToDate={last:%d/%m/%Y}"
        )
        answer = await self.ask(url, wants=SERVICE)
        if not answer.ok:
            if answer.trouble not in _NOT_THE_ROUTE:
                council.service = answer.reason
            return None
        try:
            return moderngov.read_meetings(answer.body, url=answer.url)
        except ParseError as error:
            council.service = str(error)
            return None

    async def _pages_list(
        self, council: Council, committee: CommitteeRef
    ) -> tuple[str | None, list[moderngov.MeetingEntry]] | None:
        """The list pages that cover the window; None, noted, where the first could not be had."""
        first, last = self.window()
        start = await self._list_page(council, committee.url, must=True)
        if start is None:
            return None
        found = list(start.meetings)
        for direction in ("earlier", "later"):
            page: moderngov.MeetingList | None = start
            seen: set[str] = set()
            while page is not None and len(seen) < PAGES_OF_A_LIST and not _covered(page, direction, first, last):
                way = page.earlier if direction == "earlier" else page.later
                target = council.own(way) if way else None
                if target is None or target in seen:
                    break
                seen.add(target)
                page = await self._list_page(council, target, must=False)
                new = [e for e in page.meetings if all(e.mid != known.mid for known in found)] if page else []
                if not new:
                    break
                found += new
        return start.committee, found

    async def _list_page(self, council: Council, url: str, *, must: bool) -> moderngov.MeetingList | None:
        answer = await self.ask(url, wants=PAGE)
        if not answer.ok:
            self.failed(council.visit, answer)
            if must:
                council.visit.problem(answer.trouble, _of_both(answer.reason, council.service))
            return None
        try:
            return moderngov.read_meetings(answer.body, url=answer.final_url)
        except ParseError as error:
            self.broken(council.visit, url, _of_both(str(error), council.service))
            return None

    # One meeting

    async def _meeting(
        self, council: Council, committee: CommitteeRef, entry: moderngov.MeetingEntry
    ) -> AsyncIterator[Item]:
        agenda = await self._by_service(council, committee, entry) or await self._by_page(council, committee, entry)
        if agenda is None:
            return
        items, hidden = [], []
        for item in agenda.meeting.items:
            item, pages = await self._whole(council, agenda, item)
            items.append(item)
            hidden += pages
        matched = [item for item in items if self._matches(item)]
        council.visit.counts["items"] += len(matched)
        yield Structure(
            council=council.job.slug,
            committee=agenda.committee,
            meeting=agenda.ref,
            items=tuple(ref for item in items if (ref := _item_ref(item)) is not None),
        )
        page = await self._page_beside(council, agenda, entry) if matched else None
        matched = [_as_linked(item, page.meeting) if page else item for item in matched]
        changed = agenda.changed or (page is not None and page.changed)
        before = self._papers_before(agenda) if changed else {}
        for item in matched:
            own = self._item(council, agenda, item, changed=changed, before=before, fetched=hidden)
            async for result in self.apart(council.visit, item.url or agenda.ref.url, own, is_part=True):
                yield result
        for paper in _of_the_meeting(page or agenda, matched):
            async for result in self._paper(council, agenda, None, paper, changed=changed, before={}):
                yield result
        for read in filter(None, (page, agenda if page is not agenda else None)):
            for result in self._hand_meeting(council, read):
                yield result

    async def _by_service(
        self, council: Council, committee: CommitteeRef, entry: moderngov.MeetingEntry
    ) -> Agenda | None:
        """The meeting as GetMeeting tells it; None where the service is not to be had, or not for this meeting."""
        if council.service is not None:
            return None
        url = council.url(f"mgWebService.asmx/GetMeeting?lMeetingId={entry.mid}")
        answer = await self.ask(url, wants=SERVICE)
        reason = answer.reason
        if answer.ok:
            try:
                meeting = moderngov.read_meeting(answer.body, url=answer.url)
            except ParseError as error:
                reason = str(error)
            else:
                council.misses = 0
                return self._agenda(council, committee, entry, meeting, answer)
        council.misses += answer.trouble is not Trouble.OUT_OF_TIME
        if council.misses >= MISSES:
            council.service = reason
        return None

    async def _by_page(self, council: Council, committee: CommitteeRef, entry: moderngov.MeetingEntry) -> Agenda | None:
        """The meeting as its page shows it; None, noted, where it could not be had."""
        url = _page_url(council, committee, entry)
        answer = await self.ask(url, wants=PAGE)
        if not answer.ok:
            self.failed(council.visit, answer)
            if answer.trouble not in (Trouble.GONE, Trouble.OUT_OF_TIME):
                council.visit.problem(answer.trouble, _of_both(answer.reason, council.service), of_part=True)
            return None
        try:
            meeting = moderngov.read_meeting(answer.body, url=answer.url)
        except ParseError as error:
            self.broken(council.visit, url, str(error), is_part=True)
            return None
        return self._agenda(council, committee, entry, meeting, answer)

    def _agenda(
        self,
        council: Council,
        committee: CommitteeRef,
        entry: moderngov.MeetingEntry,
        meeting: moderngov.Meeting,
        answer: Answer,
    ) -> Agenda:
        held_on = meeting.held_on or entry.held_on
        starts_at = meeting.starts_at or entry.starts_at
        # A page in the wrong frame has no heading to say a status, and a list no room for all of them.
        status = meeting.status if meeting.held_on and meeting.status != "scheduled" else entry.status
        key = identify(answer.url, base=council.base).key
        return Agenda(
            committee=_named(committee, meeting.committee) if committee.name == _nameless(committee.cid) else committee,
            ref=MeetingRef(
                mid=entry.mid,
                url=_page_url(council, committee, entry),
                held_on=held_on,
                starts_at=_in_london(held_on, starts_at),
                status=status,
            ),
            meeting=meeting,
            key=key,
            answer=answer,
            changed=self.differs(key, answer.body, url=answer.url),
        )

    async def _page_beside(self, council: Council, agenda: Agenda, entry: moderngov.MeetingEntry) -> Agenda | None:
        """The meeting's page, which alone names printed minutes and supplements, where the service told the rest."""
        if not agenda.key.endswith(":xml"):
            return agenda
        return await self._by_page(council, agenda.committee, entry)

    async def _whole(
        self, council: Council, agenda: Agenda, item: moderngov.Item
    ) -> tuple[moderngov.Item, list[Answer]]:
        """The item with all its papers, and the page that was asked for them, where the agenda shows the first few."""
        target = council.own(item.more_papers) if item.more_papers else None
        if target is None:
            return item, []
        answer = await self.ask(target, wants=PAGE)
        if not answer.ok:
            self.failed(council.visit, answer)
            return item, []
        try:
            page = moderngov.read_item(answer.body, url=answer.url)
        except ParseError as error:
            self.broken(council.visit, target, str(error), is_part=True)
            return item, []
        known = {paper.file for paper in item.papers}
        more = tuple(paper for paper in page.papers if paper.file not in known)
        return replace(item, papers=item.papers + more), [answer]

    def _matches(self, item: moderngov.Item) -> bool:
        """Whether the item, or one of its papers, is about what we look for."""
        return _mentions(item.title, self.job.titles) or any(
            _mentions(paper.title, self.job.titles) for paper in item.papers
        )

    def _papers_before(self, agenda: Agenda) -> dict[str, moderngov.Paper]:
        """The papers as the archive's version of the meeting named them."""
        held = self.held_body(agenda.key)
        if held is None:
            return {}
        try:
            before = moderngov.read_meeting(held, url=agenda.answer.url)
        except ParseError:
            return {}
        return {paper.file: paper for item in before.items for paper in item.papers}

    def _hand_meeting(self, council: Council, agenda: Agenda) -> Iterator[Item]:
        key = agenda.key
        if agenda.meeting.branding_failed and self.archive.has_version(key):
            yield Seen(key=key)  # the same meeting in the wrong frame is not a new version of it
            return
        found = Found(
            key=key,
            url=identify(agenda.answer.url, base=council.base).url,
            source=self.name,
            council=council.job.slug,
            media_type=agenda.answer.media_type,
            title=_meeting_title(agenda),
            content_key=fingerprint(agenda.answer.body, url=agenda.answer.url, media_type=agenda.answer.media_type),
            committee=agenda.committee,
            meeting=agenda.ref,
        )
        yield self.handed(found, agenda.answer)

    # One item

    async def _item(
        self,
        council: Council,
        agenda: Agenda,
        item: moderngov.Item,
        *,
        changed: bool,
        before: dict[str, moderngov.Paper],
        fetched: list[Answer],
    ) -> AsyncIterator[Item]:
        for paper in item.papers:
            async for result in self._paper(council, agenda, item, paper, changed=changed, before=before):
                yield result
        own = [page for page in (item.url, item.more_minutes) if page]
        for page in dict.fromkeys(filter(None, map(council.own, own))):
            async for result in self._item_page(council, agenda, item, page, changed=changed, fetched=fetched):
                yield result

    async def _item_page(
        self,
        council: Council,
        agenda: Agenda,
        item: moderngov.Item,
        url: str,
        *,
        changed: bool,
        fetched: list[Answer],
    ) -> AsyncIterator[Item]:
        """The item's own page, with its whole minutes. Asked again when its meeting changed, and once a day."""
        key = identify(url, base=council.base).key
        if key in council.visit.taken:
            return
        council.visit.taken.add(key)
        answer = next((a for a in fetched if identify(a.url, base=council.base).key == key), None)
        if answer is None:
            if not changed and self.archive.has_version(key) and self.asked_within(A_DAY, url):
                yield Seen(key=key)
                return
            answer = await self.ask(url, wants=PAGE, unless_held=key)
        if answer.trouble is not None:
            self.failed(council.visit, answer)
            if answer.refused:
                council.visit.problem(answer.trouble, answer.reason or "")
            for result in self.missing(key, answer):
                yield result
            return
        if answer.ok and (page := self._read_item_page(council, answer)) is not None:
            if page.branding_failed and self.archive.has_version(key):
                yield Seen(key=key)
                return
            # Papers that only the item's page shows.
            known = {paper.file for paper in item.papers}
            for paper in page.papers:
                if paper.file not in known:
                    async for result in self._paper(council, agenda, item, paper, changed=changed, before={}):
                        yield result
        elif answer.ok:
            return
        yield self.handed(self._found(council, agenda, item, key=key, url=url, title=item.title, answer=answer), answer)

    def _read_item_page(self, council: Council, answer: Answer) -> moderngov.ItemPage | None:
        try:
            return moderngov.read_item(answer.body, url=answer.url)
        except ParseError as error:
            self.broken(council.visit, answer.url, str(error), is_part=True)
            return None

    # One paper

    async def _paper(
        self,
        council: Council,
        agenda: Agenda,
        item: moderngov.Item | None,
        paper: moderngov.Paper,
        *,
        changed: bool,
        before: dict[str, moderngov.Paper],
    ) -> AsyncIterator[Item]:
        url = council.own(paper.url)
        if url is None:
            return
        key = identify(url, base=council.base).key
        if key in council.visit.taken:
            return
        council.visit.taken.add(key)
        if not self._due(key, url, paper, changed=changed, before=before):
            council.visit.counts["held"] += 1
            yield self._held(council, agenda, item, paper, key=key, url=url)
            return
        answer = await self.ask(url, wants=PAPER | PAGE if ":CT" in paper.file else PAPER, unless_held=key)
        other = _by_name(council, paper, url)
        if other and answer.trouble in (Trouble.GONE, Trouble.ERROR, Trouble.UNEXPECTED):
            answer = await self.ask(other, wants=PAPER, unless_held=key)
        if answer.trouble is not None:
            council.lost.append(answer)
            self.failed(council.visit, answer)
            if answer.refused:
                council.visit.problem(answer.trouble, answer.reason or "")
            for result in self.missing(key, answer):
                yield result
            return
        council.visit.counts["papers"] += 1
        found = self._found(
            council, agenda, item, key=key, url=url, title=paper.title, answer=answer, published_on=paper.published_on
        )
        yield self.handed(found, answer)

    def _held(
        self,
        council: Council,
        agenda: Agenda,
        item: moderngov.Item | None,
        paper: moderngov.Paper,
        *,
        key: str,
        url: str,
    ) -> Item:
        """A paper that need not be asked for; its date of publication may be news where the web service tells it."""
        known = self.archive.known_document(key)
        if known is None or known.published_on or not paper.published_on or (body := self.held_body(key)) is None:
            return Seen(key=key)
        found = Found(
            key=key,
            url=url,
            source=self.name,
            council=council.job.slug,
            title=paper.title,
            published_on=paper.published_on,
            committee=agenda.committee,
            meeting=agenda.ref,
            item=_item_ref(item) if item is not None else None,
        )
        return Handed(found=found, body=body, fetch_id=None)

    def _due(
        self, key: str, url: str, paper: moderngov.Paper, *, changed: bool, before: dict[str, moderngov.Paper]
    ) -> bool:
        """Whether to ask for a paper that may be held already."""
        known = self.archive.known_document(key)
        if known is None or known.sha256 is None:
            return True
        if known.outcome is None and self.held_body(key) is None:
            return True  # waits to be read, and cannot be; others are healed when their time comes
        urls = (url, known.url)
        if known.outcome == "failed" or known.gone_at is not None:
            return not self.asked_within(A_DAY, *urls)
        if paper.file in before and _looks(before[paper.file]) != _looks(paper):
            return True
        can_ask_cheaply = self.archive.validators(url) is not None
        if paper.file.startswith("g"):  # one number, and a content that is written on: draft minutes, then minutes
            return changed or not self.asked_within(A_DAY if can_ask_cheaply else A_WEEK, *urls)
        return not self.asked_within(A_DAY if can_ask_cheaply else self._pause(known), *urls)

    def _pause(self, known: DocumentRow) -> timedelta:
        """How long a paper is taken to be as it was: half as long as it has been out. Mistakes are seen early."""
        since = datetime.combine(known.published_on, time(), UTC) if known.published_on else known.first_seen_at
        return min(max((self.now() - since) / 2, TWO_DAYS), timedelta(days=self.job.recheck_days))

    def _found(
        self,
        council: Council,
        agenda: Agenda,
        item: moderngov.Item | None,
        *,
        key: str,
        url: str,
        title: str,
        answer: Answer,
        published_on: date | None = None,
    ) -> Found:
        return Found(
            key=key,
            url=url,
            source=self.name,
            council=council.job.slug,
            media_type=answer.media_type,
            title=title or None,
            published_on=published_on,
            content_key=fingerprint(answer.body, url=url, media_type=answer.media_type) if answer.ok else "",
            committee=agenda.committee,
            meeting=agenda.ref,
            item=_item_ref(item) if item is not None else None,
        )


# Decisions and small things


def _committee(council: Council, cid: int, name: str) -> CommitteeRef:
    return CommitteeRef(cid=cid, name=name, url=council.url(f"ieListMeetings.aspx?CId={cid}&Year=0"))


def _nameless(cid: int) -> str:
    return f"Committee {cid}"


def _named(committee: CommitteeRef, name: str | None) -> CommitteeRef:
    return replace(committee, name=name) if name else committee


def _within(entries: Sequence[moderngov.MeetingEntry], first: date, last: date) -> list[moderngov.MeetingEntry]:
    """Meetings in the window; those without a date are looked at to be sure."""
    return [entry for entry in entries if entry.held_on is None or first <= entry.held_on <= last]


def _covered(page: moderngov.MeetingList, direction: str, first: date, last: date) -> bool:
    """Whether a list page reaches beyond the window on that side."""
    days = [entry.held_on for entry in page.meetings if entry.held_on]
    if not days:
        return False
    return min(days) < first if direction == "earlier" else max(days) > last


def _page_url(council: Council, committee: CommitteeRef, entry: moderngov.MeetingEntry) -> str:
    return council.url(f"ieListDocuments.aspx?CId={entry.cid or committee.cid}&MId={entry.mid}&Ver=4")


def _in_london(day: date | None, at: time | None) -> datetime | None:
    return datetime.combine(day, at, tzinfo=LONDON).astimezone(UTC) if day and at else None


def _item_ref(item: moderngov.Item) -> ItemRef | None:
    if item.aid is None:
        return None
    return ItemRef(aid=item.aid, title=item.title, number=item.number, url=item.url)


def _meeting_title(agenda: Agenda) -> str:
    day = agenda.ref.held_on
    return f"{agenda.committee.name}, {day.day} {day:%B %Y}" if day else agenda.committee.name


def _mentions(title: str, wanted: Sequence[str]) -> bool:
    """Whether a title holds one of the wanted texts, whatever its dashes, blanks and capitals; [] wants all.

    >>> _mentions("Corporate\\u00a0Risk Register \\u2013 Q3", ["risk register"]), _mentions("Apologies", ["risk"])
    (True, False)
    """
    plain = {form(title).casefold() for form in (collapse, matching)}
    return not wanted or any(
        matching(text).casefold() in p or collapse(text).casefold() in p for text in wanted for p in plain
    )


def _looks(paper: moderngov.Paper) -> tuple[str, str | None, date | None]:
    """What a listing says about a file, and would say differently about another."""
    return paper.title, paper.size, paper.published_on


def _as_linked(item: moderngov.Item, page: moderngov.Meeting) -> moderngov.Item:
    """The item with its papers where the page links them, which is where people find them too."""
    linked = {paper.file: paper.url for other in page.items for paper in other.papers}
    papers = (replace(paper, url=linked.get(paper.file, paper.url)) for paper in item.papers)
    return replace(item, papers=tuple(papers))


_MINUTES = re.compile(r"\bminutes\b", re.IGNORECASE)
_SUPPLEMENT = re.compile(r"\bsupplement", re.IGNORECASE)
_PACK = re.compile(r"\b(?:public )?(?:reports|documents?|agenda) pack\b", re.IGNORECASE)


def _of_the_meeting(agenda: Agenda, matched: Sequence[moderngov.Item]) -> list[moderngov.Paper]:
    """The papers of the meeting as a whole that are worth having, where an item of it is."""
    if not matched:
        return []
    papers = agenda.meeting.papers
    wanted = [paper for paper in papers if _is_minutes(paper) or _is_supplement(paper)]
    if not any(item.papers or item.restricted for item in matched) and agenda.ref.status not in (
        "cancelled",
        "postponed",
    ):
        # Nothing single to be had of what we look for: it may stand in the pack.
        wanted += [paper for paper in papers if _is_pack(paper)]
    return wanted


def _named_as(paper: moderngov.Paper) -> str:
    return f"{paper.title} {urlsplit(paper.url).path.rpartition('/')[2]}".replace("%20", " ")


def _is_pack(paper: moderngov.Paper) -> bool:
    return paper.file.endswith(":T10") or _PACK.search(_named_as(paper)) is not None


def _is_minutes(paper: moderngov.Paper) -> bool:
    if paper.file.endswith(":T1"):
        return True
    return paper.file.startswith("g") and not _is_pack(paper) and _MINUTES.search(_named_as(paper)) is not None


def _is_supplement(paper: moderngov.Paper) -> bool:
    if _is_pack(paper):
        return False
    return paper.file.startswith(("b", "s")) or _SUPPLEMENT.search(_named_as(paper)) is not None


def _by_name(council: Council, paper: moderngov.Paper, url: str) -> str | None:
    """Another address of the same file, for sites whose converter does not answer."""
    if "mgconvert2pdf" not in url.lower() or not paper.file.startswith("s"):
        return None
    name = re.sub(r"[\\/,&':?*\"<>|#%]", "", paper.title)[:100].strip() or paper.file
    return join(council.base, f"documents/{paper.file}/{quote(name)}.pdf")


def _of_both(reason: str | None, service: str | None) -> str:
    """Why neither route led anywhere."""
    return f"{reason} (the web service: {service})" if service and service != reason else str(reason)


def sites(job: CrawlJob) -> list[str]:
    """The sites that this source may ask."""
    return [council.moderngov for council in job.councils if council.moderngov]
