"""The council's side of the replica: committees, meetings, items and papers, as they stand on a day.

A `Council` is built around `today` and then changes as the real one does: it
publishes, puts papers off, replaces them, brings out minutes and renumbers the
items. Papers are drawn when somebody asks for them and kept.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from demo import papers, story
from demo.drawing import KENT, Style
from demo.story import Edition, QuarterFacts

GAP = 91  # days from one report's meeting to the next


@dataclass(kw_only=True)
class Paper:
    """A document with an `s` number. Old ones that were replaced still resolve."""

    sid: int
    title: str
    draw: Callable[[], bytes]
    published: date
    file_name: str = ""  # as it stands in the address; from the title where empty
    listed: bool = True  # False: the link is gone, the document is not
    restricted: bool = False
    _body: bytes | None = None

    def body(self) -> bytes:
        if self._body is None:
            self._body = self.draw()
        return self._body

    def name_in_address(self) -> str:
        """The title without the characters that ModernGov drops, cut at a hundred."""
        name = self.file_name or "".join(c for c in self.title if c not in "/,&':")[:100]
        return f"{name}.pdf"


@dataclass(kw_only=True)
class Item:
    """One item of an agenda; a heading has no number."""

    aid: int
    number: str
    title: str
    text: str = ""
    papers: list[Paper] = field(default_factory=list)
    minutes: tuple[str, ...] = ()  # paragraphs, shown once the meeting's minutes are out
    minute_number: str = ""
    restricted: bool = False

    def linked(self) -> list[Paper]:
        return [paper for paper in self.papers if paper.listed]


@dataclass(kw_only=True)
class Pack:
    """A document of a whole meeting: `g` (front sheet, minutes, public pack) or `b` (supplement)."""

    letter: str
    number: int
    kind: int  # the T of its address
    label: str
    draw: Callable[[], bytes]
    published: date
    _body: bytes | None = None

    def body(self) -> bytes:
        if self._body is None:
            self._body = self.draw()
        return self._body


@dataclass(kw_only=True)
class Meeting:
    """One meeting, from empty shell to final minutes."""

    mid: int
    committee: "Committee"
    day: date
    at: str = "10.00 am"  # may be empty
    status: str = ""  # "CANCELLED", "POSTPONED", "NEW"
    stage: str = "shell"  # "shell", "agenda", "draft", "final"
    items: list[Item] = field(default_factory=list)
    packs: list[Pack] = field(default_factory=list)
    published: date | None = None  # of the agenda
    edition: Edition | None = None  # whose report is on the agenda

    @property
    def file_date(self) -> str:
        """`04th-Mar-2025 10.00`, as pack names carry it."""
        hour = self.at.split()[0] if self.at else "10.00"
        hour = f"{int(hour.split('.')[0]) + (12 if 'pm' in self.at else 0):02d}.{hour.split('.')[1]}"
        suffix = papers.ordinal(self.day.day)[-2:]
        return f"{self.day.day:02d}{suffix}-{story.MONTHS[self.day.month - 1]}-{self.day.year} {hour}"


@dataclass(kw_only=True)
class Committee:
    cid: int
    name: str
    category: str
    meetings: list[Meeting] = field(default_factory=list)
    ended: str = ""  # "dd/mm/yyyy" for a body that is no more


def _committees() -> list[Committee]:
    return [
        Committee(cid=113, name="County Council", category="Council"),
        Committee(cid=115, name="Cabinet", category="Executive"),
        Committee(cid=144, name="Governance and Audit Committee", category="Committees of the Council"),
        Committee(cid=750, name="Policy and Resources Cabinet Committee", category="Cabinet Committees"),
        Committee(cid=752, name="Scrutiny Committee", category="Committees of the Council"),
        Committee(
            cid=894, name="Children’s, Young People and Education Cabinet Committee", category="Cabinet Committees"
        ),
        Committee(
            cid=829,
            name="Adult Social Care & Health Cabinet Committee",
            category="Cabinet Committees",
            ended="16/05/2017",
        ),
    ]


# Clerks never call it the same twice; these are the spellings seen.
_TITLES = (
    "Quarterly Performance Report, Quarter {q}, {year}",
    "Quarterly Performance Report, Q{q} {long}",
    "Quarterly Performance Report - Quarter {q} - {long}",
    "Quarterly Performance Report (Quarter {q} {year})",
    "Quarterly Performance Report, Quarter {q} {long}",
)
_FILES = (
    ("Cabinet QPR Q{q} Cover", "QPR Q{q} Cabinet appendix 1"),
    ("Report", "Appendix 1"),
    (
        "Quarterly Performance Report Quarter {q} {glued} - Report",
        "Appendix 1 - Quarterly Performance Report Quarter {q} {glued}",
    ),
    ("Cabinet QPR Q{q} Cover", "Cabinet QPR Q{q} App 1"),
)


class Council:
    """All committees, and what happens to their papers."""

    def __init__(self, today: date, style: Style = KENT) -> None:
        self.today = today
        self.style = style
        self.committees = _committees()
        self.last = story.latest_edition(today - timedelta(days=14)).plus(-1)
        if self.last <= story.FIRST:
            raise ValueError(f"today: expected a day after {story.FIRST.plus(2).period_end}, found {today}")
        self._sid, self._aid, self._mid = 125_454, 63_656, 9_000
        self._facts: dict[Edition, QuarterFacts] = {self.last: story.contradicted(story.quarter_facts(self.last))}
        self._minute = 60
        self._build()

    # --- finding

    def committee(self, cid: int) -> Committee | None:
        return next((c for c in self.committees if c.cid == cid), None)

    @property
    def cabinet(self) -> Committee:
        return self.committees[1]

    def meetings(self) -> list[Meeting]:
        return [meeting for committee in self.committees for meeting in committee.meetings]

    def meeting(self, mid: int) -> Meeting | None:
        return next((m for m in self.meetings() if m.mid == mid), None)

    def item(self, aid: int) -> tuple[Meeting, Item] | None:
        return next(((m, i) for m in self.meetings() for i in m.items if i.aid == aid), None)

    def paper(self, sid: int) -> tuple[Meeting, Item, Paper] | None:
        return next(((m, i, p) for m in self.meetings() for i in m.items for p in i.papers if p.sid == sid), None)

    def pack(self, letter: str, number: int, kind: int) -> Pack | None:
        packs = (p for m in self.meetings() for p in m.packs)
        return next((p for p in packs if (p.letter, p.number, p.kind) == (letter, number, kind)), None)

    def facts(self, edition: Edition) -> QuarterFacts:
        """What the edition's papers say here: from the last one before the start on, each contradicts itself."""
        if edition not in self._facts:
            before = self._facts.get(edition.plus(-1))
            self._facts[edition] = (
                story.contradicted(story.following(before)) if before else story.quarter_facts(edition)
            )
        return self._facts[edition]

    def report_meeting(self, edition: Edition) -> Meeting:
        """The Cabinet meeting with that edition's report. KeyError when it is not out."""
        for meeting in self.cabinet.meetings:
            if meeting.edition == edition:
                return meeting
        raise KeyError(str(edition))

    # --- building

    def _next(self, what: str) -> int:
        value = getattr(self, f"_{what}") + (3 if what == "aid" else 1)
        setattr(self, f"_{what}", value)
        return int(value)

    def _build(self) -> None:
        last_day = _thursday(self.today - timedelta(days=12))
        editions = [story.FIRST.plus(n) for n in range(self.last.number - story.FIRST.number + 1)]
        days = {e: _thursday(last_day - timedelta(days=GAP * (self.last.number - e.number))) for e in editions}
        plan: list[tuple[date, Callable[[], object]]] = []
        for edition, day in days.items():
            stage = "agenda" if edition == self.last else "final"
            plan.append((day, lambda e=edition, d=day, s=stage: self._report_meeting(e, d, s)))  # type: ignore[misc]
            quiet = _thursday(day - timedelta(days=35))
            status = ("CANCELLED", "", "", "POSTPONED")[edition.number % 4]
            plan.append((quiet, lambda d=quiet, s=status: self._quiet_meeting(d, s)))  # type: ignore[misc]
        for ahead in (14, 42, 64, 120, 200, 290):
            day = _thursday(self.today + timedelta(days=ahead))
            plan.append((day, lambda d=day: self._shell(self.cabinet, d)))  # type: ignore[misc]
        plan += self._other_committees()
        for _, build in sorted(plan, key=lambda entry: entry[0]):
            build()
        self._swap_numbers()
        self._duplicate_minutes()

    def _swap_numbers(self) -> None:
        """Two Cabinet meetings whose numbers are not in the order of their dates, as the real ones."""
        first, second = self.cabinet.meetings[0], self.cabinet.meetings[1]
        first.mid, second.mid = second.mid, first.mid
        for meeting in (first, second):
            for pack in meeting.packs:
                pack.number = meeting.mid

    def _shell(self, committee: Committee, day: date, *, at: str = "10.00 am", status: str = "") -> Meeting:
        meeting = Meeting(mid=self._next("mid"), committee=committee, day=day, at=at, status=status)
        committee.meetings.append(meeting)
        committee.meetings.sort(key=lambda m: m.day)
        return meeting

    def _item(self, number: str, title: str, **more: object) -> Item:
        return Item(aid=self._next("aid"), number=number, title=title, **more)  # type: ignore[arg-type]

    def _paper(self, title: str, draw: Callable[[], bytes], published: date, file_name: str = "") -> Paper:
        return Paper(sid=self._next("sid"), title=title, draw=draw, published=published, file_name=file_name)

    def _plain(self, title: str, published: date, *texts: str, file_name: str = "") -> Paper:
        texts = texts or ("The committee is asked to note what is said here.",)
        return self._paper(title, lambda: papers.plain_paper(title, texts), published, file_name)

    def _report_meeting(self, edition: Edition, day: date, stage: str) -> Meeting:
        meeting = self._shell(self.cabinet, day)
        self._agenda_with_report(meeting, edition, papers.published_before(day))
        if stage == "final":
            self.bring_out_minutes(meeting, final=True)
        return meeting

    def _agenda_with_report(self, meeting: Meeting, edition: Edition, published: date) -> None:
        """Fills a shell with an agenda on which the edition's report is item 6."""
        day, n = meeting.day, edition.number
        words = {
            "q": edition.quarter,
            "year": edition.financial_year,
            "long": edition.long_year,
            "glued": edition.financial_year.replace("/", ""),
        }
        title = _TITLES[n % len(_TITLES)].format(**words)
        cover_name, report_name = (name.format(**words) for name in _FILES[n % len(_FILES)])
        meeting.edition, meeting.stage, meeting.published = edition, "agenda", published
        meeting.items = [
            self._item("", "UNRESTRICTED ITEMS"),
            self._item("1.", "Apologies"),
            self._item("2.", "Declarations of Interest"),
            self._item("3.", self._minutes_title(meeting)),
            self._item("4.", "Cabinet Member Updates"),
            self._item("5.", "24/00093 - Future of commissioned services at two family hubs"),
            self._item("6.", title),
        ]
        meeting.items[5].papers = [self._plain("Report", published), self._plain("24/00093 - PRoD", published)]
        meeting.items[6].papers = [
            self._paper(title, lambda: papers.cover_report(self.facts(edition), day), published, cover_name),
            self._paper(
                "Appendix 1 - QPR, item 6",
                lambda: papers.performance_report(self.facts(edition), self.style),
                published,
                report_name,
            ),
        ]
        meeting.items.append(self._item("7.", "Home to School Transport - Presentation"))

        def front() -> bytes:
            return self._front_sheet(meeting)

        meeting.packs = [
            Pack(
                letter="g",
                number=meeting.mid,
                kind=0,
                label=f"Agenda frontsheet {meeting.file_date} Cabinet",
                draw=front,
                published=published,
            ),
            Pack(
                letter="g",
                number=meeting.mid,
                kind=10,
                label=f"Public reports pack {meeting.file_date} Cabinet",
                draw=lambda: papers.agenda_pack(front(), _numbered(meeting), day),
                published=published,
            ),
        ]

    def _minutes_title(self, meeting: Meeting) -> str:
        before = self._before(meeting)
        return f"Minutes of the Meeting held on {papers.plain_date(before.day)}" if before else "Minutes"

    def _before(self, meeting: Meeting) -> Meeting | None:
        earlier = [m for m in meeting.committee.meetings if m.day < meeting.day and m.items and not m.status]
        return earlier[-1] if earlier else None

    def _front_sheet(self, meeting: Meeting) -> bytes:
        lines = []
        page = 1
        for item in meeting.items:
            if not item.number:
                continue
            pages = None
            if item.linked():
                pages = (page, page + sum(papers.page_count(paper.body()) for paper in item.linked()) - 1)
                page = pages[1] + 1
            lines.append(papers.Line(number=item.number.rstrip("."), title=item.title, pages=pages))
        assert meeting.published is not None
        return papers.agenda_front_sheet(meeting.committee.name, meeting.day, meeting.at, lines, meeting.published)

    def _quiet_meeting(self, day: date, status: str) -> None:
        meeting = self._shell(self.cabinet, day, status=status)
        if status:
            return
        meeting.stage, meeting.published = "agenda", papers.published_before(day)
        meeting.items = [
            self._item("1.", "Apologies"),
            self._item("2.", self._minutes_title(meeting)),
            self._item("3.", "Revenue and Capital Budget Monitoring", text="To receive the report."),
        ]
        meeting.items[2].papers = [
            self._plain("Report", meeting.published, "Spending is near plan; savings are behind.")
        ]
        self.bring_out_minutes(meeting, final=True)

    def _duplicate_minutes(self) -> None:
        """The printed minutes of the report before last stand on the last agenda too, byte for byte."""
        last = self.report_meeting(self.last)
        source = self._before(last)
        printed = next((p for p in source.packs if p.kind == 1), None) if source else None
        if printed:
            paper = self._paper("Minutes of Previous Meeting", printed.body, last.published or last.day)
            last.items[3].papers = [paper]

    def _other_committees(self) -> list[tuple[date, Callable[[], object]]]:
        audit, policy, scrutiny = self.committee(144), self.committee(750), self.committee(752)
        children, full = self.committee(894), self.committee(113)
        assert audit and policy and scrutiny and children and full
        plan: list[tuple[date, Callable[[], object]]] = []
        for committee, offset, build in (
            (audit, -33, self._audit_agenda),
            (policy, -26, self._policy_agenda),
            (children, -40, self._children_agenda),
            (scrutiny, -19, self._scrutiny_agenda),
        ):
            day = _thursday(self.today + timedelta(days=offset), weekday=2)
            plan.append((day, lambda c=committee, d=day, b=build: b(self._shell(c, d))))  # type: ignore[misc]
            later = _thursday(self.today + timedelta(days=offset + 70), weekday=2)
            plan.append((later, lambda c=committee, d=later: self._shell(c, d)))  # type: ignore[misc]
        extra = _thursday(self.today + timedelta(days=5), weekday=0)
        plan.append((extra, lambda: self._waiting_agenda(self._shell(children, extra, at="2.00 pm", status="NEW"))))
        day = _thursday(self.today - timedelta(days=20))
        plan.append((day, lambda: self._open(self._shell(full, day, at=""), self._item("1.", "Chair's Announcements"))))
        return plan

    def _open(self, meeting: Meeting, *items: Item) -> date:
        meeting.stage, meeting.published = "agenda", papers.published_before(meeting.day)
        meeting.items = list(items)
        return meeting.published

    def _audit_agenda(self, meeting: Meeting) -> None:
        many = self._item("8a", "Customer Feedback and Complaints Annual Report")
        risks = self._item("9", "Corporate Risk Register")
        exempt = self._item("D1", "Motion to exclude the press and public")
        closed = self._item("10", "Commercial risks", restricted=True)
        published = self._open(
            meeting,
            self._item("1.", "Introduction"),
            self._item("", "A COMMITTEE BUSINESS"),
            many,
            risks,
            exempt,
            closed,
        )
        many.papers = [self._plain("Report", published)] + [
            self._plain(f"Appendix {n}", published, f"Feedback on the services of area {n}.") for n in range(1, 9)
        ]
        risks.papers = [self._plain("Corporate Risk Register", published, "CRR0009 and its fellows are set out below.")]
        closed.papers = [self._plain("Exempt report", published)]
        closed.papers[0].restricted = True
        self.bring_out_minutes(meeting, final=False)

    def _policy_agenda(self, meeting: Meeting) -> None:
        item = self._item("5", "Commercial and Procurement Performance Report – Quarters 2 and 3")
        published = self._open(meeting, self._item("1", "Membership"), item)
        item.papers = [
            self._plain("Slides", published, "Three suppliers were paid late."),
            self._plain("Report", published),
        ]

    def _children_agenda(self, meeting: Meeting) -> None:
        item = self._item("16", "Local Government and Social Care Ombudsman Public Decision Action")
        monitor = self._item("9", "Performance Monitoring")
        published = self._open(meeting, self._item("1", "Apologies and Substitutes"), monitor, item)
        monitor.papers = [
            self._paper(
                "Scorecard, scanned",
                lambda: papers.scanned(papers.plain_paper("Scorecard", ("Only a picture of this is published.",))),
                published,
                "Appendix 1",
            )
        ]
        item.papers = [
            self._plain("Report", published, "What the committee promised after the Ombudsman's report has been done."),
            self._plain("Appendix 1", published, "The action plan, line by line."),
        ]
        meeting.packs.append(
            Pack(
                letter="b",
                number=22_000 + meeting.mid % 1000,
                kind=9,
                label=f"Item 16 Supplement {meeting.file_date} {meeting.committee.name}".replace("’", "").replace(
                    ",", ""
                ),
                draw=lambda: papers.plain_paper("Supplement", ("A paper that was not ready in time.",)),
                published=published + timedelta(days=5),
            )
        )
        self.bring_out_minutes(meeting, final=False)

    def _scrutiny_agenda(self, meeting: Meeting) -> None:
        item = self._item("C1", "Call-in of Decision 24/00093 - Family hubs")
        published = self._open(meeting, item)
        item.papers = [self._plain("Report", published)]

    def _waiting_agenda(self, meeting: Meeting) -> None:
        self._open(meeting, self._item("1", "Apologies"), self._item("2", "Annual Complaints Report - to follow"))

    # --- what happens later

    def publish_report(self, today: date) -> QuarterFacts:
        """The next edition goes on the agenda of the next empty Cabinet meeting; its facts come back."""
        self.today = today
        edition = max(m.edition for m in self.cabinet.meetings if m.edition is not None).plus(1)
        free = [m for m in self.cabinet.meetings if m.day > today and m.stage == "shell" and not m.status]
        meeting = free[0] if free else self._shell(self.cabinet, _thursday(today + timedelta(days=8)))
        self._agenda_with_report(meeting, edition, today)
        previous = self._before(meeting)
        if previous is not None:
            if previous.stage == "agenda":
                self.bring_out_minutes(previous, final=False)
            printed = next((p for p in previous.packs if p.kind == 1), None)
            if printed:
                meeting.items[3].papers = [self._paper("Minutes of Previous Meeting", printed.body, today)]
        self.supply_what_was_to_follow(today)
        return self.facts(edition)

    def supply_what_was_to_follow(self, today: date) -> None:
        """Every item `to follow` gets its paper and loses the words."""
        for meeting in self.meetings():
            for item in meeting.items:
                if item.title.endswith(" - to follow"):
                    item.title = item.title.removesuffix(" - to follow")
                    item.papers = [
                        self._plain("Report", today, "Complaints by service, with what was learnt from them.")
                    ]

    def bring_out_minutes(self, meeting: Meeting, *, final: bool) -> None:
        """Minutes appear: the heading changes and every item gets its running minute number."""
        meeting.stage = "final" if final else "draft"
        minutes = []
        for item in meeting.items:
            if not item.number:
                continue
            if not item.minute_number:
                self._minute += 1
                item.minute_number = f"{self._minute}."
                item.minutes = self._minutes_of(meeting, item)
            minutes.append(
                papers.Minute(
                    number=item.minute_number,
                    title=item.title,
                    item=item.number.rstrip("."),
                    paragraphs=item.minutes,
                )
            )
        if not any(pack.kind == 1 for pack in meeting.packs):
            meeting.packs.append(
                Pack(
                    letter="g",
                    number=meeting.mid,
                    kind=1,
                    label=(
                        f"Printed minutes {meeting.file_date} "
                        f"{meeting.committee.name.replace('’', '').replace(',', '')}"
                    ),
                    draw=lambda: papers.printed_minutes(meeting.committee.name, meeting.day, minutes),
                    published=meeting.day + timedelta(days=10),
                )
            )

    def _minutes_of(self, meeting: Meeting, item: Item) -> tuple[str, ...]:
        if meeting.edition is not None and item is meeting.items[6]:
            told = papers.minutes_paragraphs(self.facts(meeting.edition))
            talk = papers.talk_paragraphs(self.facts(meeting.edition))
            long_first = meeting.edition.number % 2 == 1  # in every other one the counts come after the cut
            return tuple([*talk, *told] if long_first else [*told, *talk[:2]])
        if "Minutes" in item.title:
            return ("RESOLVED that the minutes were a correct record and that the Chair should sign them.",)
        if item.papers:
            return ("The officer introduced the report and answered questions.", "RESOLVED to note the report.")
        return ("There were none.",)

    def replace_paper(self, paper: Paper, draw: Callable[[], bytes], today: date, *, keep_old: bool = False) -> Paper:
        """The same title under a new `s` number; the old link goes from the page unless `keep_old`."""
        found = self.paper(paper.sid)
        assert found is not None
        _, item, old = found
        new = self._paper(old.title, draw, today, old.file_name)
        item.papers.insert(item.papers.index(old) + 1, new)
        old.listed = keep_old
        return new

    def reissue_report(self, edition: Edition, facts: QuarterFacts, today: date, *, keep_old: bool = False) -> Paper:
        """The edition's report again, with other facts, under a new number."""
        self._facts[edition] = facts
        report = self.report_meeting(edition).items[6].linked()[-1]
        return self.replace_paper(
            report, lambda: papers.performance_report(facts, self.style), today, keep_old=keep_old
        )

    def overwrite_paper(self, paper: Paper, draw: Callable[[], bytes]) -> None:
        """Other bytes under the same number: it should not happen, and it does."""
        paper.draw, paper._body = draw, None

    def call_off(self, meeting: Meeting, status: str = "CANCELLED") -> None:
        """The meeting's heading gets a status; its papers stay."""
        meeting.status = status


def _numbered(meeting: Meeting) -> list[tuple[str, bytes]]:
    """All papers of an agenda with their items' numbers."""
    return [(item.number.rstrip("."), paper.body()) for item in meeting.items for paper in item.linked()]


def _thursday(day: date, weekday: int = 3) -> date:
    """That weekday on or before the day, so that nothing slips into the future."""
    return day - timedelta(days=(day.weekday() - weekday) % 7)


def newest_first(meetings: Sequence[Meeting]) -> list[Meeting]:
    return sorted(meetings, key=lambda meeting: meeting.day, reverse=True)
