"""ModernGov's pages and web service as Kent's site writes them, oddities included.

Attributes carry double blanks, punctuation is numeric entities here and there,
links are relative, and what surrounds the content changes from one request to the
next. Text is the council's (`demo.council`); only the shape is ModernGov's.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from html import escape
from urllib.parse import quote

from demo.council import Council, Item, Meeting, Pack, Paper, newest_first
from demo.papers import long_date
from demo.story import MONTHS

CUT = 3200  # characters of minutes that a meeting's page shows of one item
SHOWN = 5  # documents of one item that a meeting's page shows


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What is sent back."""

    body: bytes
    status: int = 200
    media_type: str = "text/html; charset=utf-8"
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """What a page may know of the request that it answers."""

    today: date
    count: int  # requests so far: furniture changes with it
    base_url: str
    branding_failed: bool = False
    second_host: str = ""  # links to meetings are absolute, with this host


def entities(text: str) -> str:
    """Text with the punctuation as numbers, as ModernGov writes titles.

    >>> entities("22/00041 - King's")
    '22&#47;00041 - King&#39;s'
    """
    swaps = {"/": "&#47;", ":": "&#58;", "'": "&#39;", "(": "&#40;", ")": "&#41;", "’": "&#8217;"}
    return "".join(swaps.get(c, escape(c, quote=False)) for c in text)


_NAVIGATION = (
    ("mgCalendarMonthView.aspx?GL=1&amp;bcr=1", "Calendar"),
    ("mgListCommittees.aspx?bcr=1", "Committees"),
    ("mgDelegatedDecisions.aspx?bcr=1&amp;DM=0&amp;DS=2&amp;K=0&amp;DR=&amp;V=0", "Decisions"),
    ("mgPlansHome.aspx?bcr=1", "Forward plans"),
    ("ecCatDisplay.aspx?bcr=1&amp;sch=doc", "Library"),
    ("ieDocHome.aspx?bcr=1", "Meetings"),
    ("ieDocSearch.aspx?bcr=1", "Search documents"),
    ("mgMemberIndex.aspx?bcr=1", "Councillors"),
    ("mgWhatsNew.aspx?bcr=1", "What's New"),
)

_NO_BRANDING = """<div><p>You are looking at the default template: the custom one at
<a href="https://www.kent.gov.uk/_designs/moderngov/template">https://www.kent.gov.uk/_designs/moderngov/template</a>
could not
be had.</p><p>Technical Error: Error: The request was aborted: Could not create SSL/TLS secure channel.</p></div>"""


def page(title: str, content: str, visit: Visit, *, heading: str = "") -> Answer:
    """A whole page round the content."""
    heading = heading or title
    navigation = "\n".join(
        f'<li><a href="{href}" title="Link to {escape(name)}">{name}</a></li>' for href, name in _NAVIGATION
    )
    notice = _NO_BRANDING if visit.branding_failed else ""
    twice = f"<ul><li>{escape(heading)}</li><li>{escape(heading)}</li></ul>" if visit.branding_failed else ""
    html = f"""<html><head>
<meta http-equiv='X-UA-Compatible' content='IE=edge, chrome=1' /><meta name="DC.title"  content="{escape(title)}"/>
<meta name="DC.description"  content="{escape(title)}"/>
<meta name="DC.date" scheme="W3CDTF"  content="{visit.today.isoformat()}"/>
<meta name="DC.subject" scheme="eGMS.IPSV"  content="Local government"/>
<meta name="DC.subject" scheme="eGMS.IPSV"  content="Decision making"/>
<meta name="keywords"  content="Government, politics and public administration, Local government"/>
<link type="text/css" href="jquery-ui/css/Smoothness/jquery-ui-1.13.2.custom.min.css?v={visit.count}"
rel="stylesheet" />
\t<link rel="stylesheet" href="SiteSpecific/ssMgStyles.css" type="text/css" media="all" />
<title>{escape(title)}</title></head><body>{notice}{twice}<ul>
{navigation}</ul>
<div class="notices">Visitor number {4711 + visit.count}; {visit.count % 7} meetings are webcast this week.</div>
<div id="modgov"><h1>{escape(heading)}</h1>
<script type="text/javascript">
\tif(window.$ModernGov === undefined)
\t{{ Object.defineProperty(window, "$ModernGov", {{ value: {{}} }}); var mgNonce = "{visit.count:08x}"; }}
</script>
\t<div class="mgContent" >
{content}
\t</div>
<div class="mgFooter" ><p>&nbsp;</p>
<input type="hidden" value="false" id="hidIsExtLinkNewWindow" name="hidIsExtLinkNewWindow">
<script src="mgAjaxScripts.js?{visit.count}" type="text/javascript"></script>
</div></div></body></html><!-- modern.gov reverse CMS: {visit.count} in {visit.count % 40 + 12} ms -->"""
    return Answer(body=html.replace("\n", "\r\n").encode())


# --- committees and meetings ------------------------------------------------


def committees(council: Council, visit: Visit) -> Answer:
    """`mgListCommittees.aspx`: the bodies by category."""
    parts = []
    for category in dict.fromkeys(c.category for c in council.committees):
        rows = [c for c in council.committees if c.category == category and not c.ended]
        if rows:
            parts.append(f'<h2 class="mgSubTitleTxt">{escape(category)}</h2><ul class="mgBulletList">')
            parts += [
                f'<li><a  href="mgCommitteeDetails.aspx?ID={c.cid}"  title="Link '
                f'to&#32;{entities(c.name)}">{entities(c.name)}</a></li>'
                for c in rows
            ]
            parts.append("</ul>")
    return page("Committee structure", "\n".join(parts), visit)


def committee_details(council: Council, cid: int, visit: Visit) -> Answer | None:
    committee = council.committee(cid)
    if committee is None:
        return None
    content = f"""<p>What this body decides is set out in the constitution.</p>
<ul class="mgBulletList"><li>
<a  href="ieListMeetings.aspx?CId={cid}&amp;Year=0"  title="Browse meetings">Browse meetings and agendas</a></li>
</ul>"""
    return page(f"Committee details - {committee.name}", content, visit)


def all_bodies(council: Council, visit: Visit) -> Answer:
    """`ieDocHome.aspx`: every body, those that are no more included."""
    rows = [
        f'<li><a  href="ieListMeetings.aspx?CommitteeId={c.cid}">{entities(c.name)}</a>'
        + (f" decommissioned {c.ended}" if c.ended else "")
        + "</li>"
        for c in council.committees
    ]
    return page("Browse committee meetings", f'<div class="mgList"><ul>{"".join(rows)}</ul></div>', visit)


_STAGE_WORDS = {"shell": "", "agenda": "Agenda", "draft": "Agenda and draft minutes", "final": "Agenda and minutes"}
PAGE_OF_MEETINGS = 12


def meeting_link(meeting: Meeting, visit: Visit) -> str:
    """The meeting's address, spelt as this page spells it."""
    address = f"ieListDocuments.aspx?CId={meeting.committee.cid}&MId={meeting.mid}&Ver=4"
    return f"{visit.second_host}/{address}" if visit.second_host else address


def meetings(council: Council, cid: int, visit: Visit, *, before: str = "") -> Answer | None:
    """`ieListMeetings.aspx`: the newest dozen with those to come, older ones behind "Previous"."""
    committee = council.committee(cid)
    if committee is None:
        return None
    rows = newest_first(committee.meetings)
    if before:
        rows = [m for m in rows if f"{m.day:%Y%m%d}" < before[:8]]
    shown, rest = rows[:PAGE_OF_MEETINGS], rows[PAGE_OF_MEETINGS:]
    parts = ['<ul  class="mgBulletList" >']
    for meeting in shown:
        stands = meeting.status or _STAGE_WORDS[meeting.stage]
        when = f"{meeting.day.day} {MONTHS[meeting.day.month - 1]} {meeting.day.year}"
        when += f"&nbsp;{meeting.at}" if meeting.at else ""
        href = escape(meeting_link(meeting, visit))
        parts.append(
            f' <li><a  class="mgMeetingTableLnk"   href="{href}"   title="Link to&#32;meeting of '
            f'{entities(committee.name)}">'
            f"{when}</a>{f' - {stands}' if stands else ''}</li>"
        )
    parts.append("</ul>")
    if rest:
        at = f"{shown[-1].day:%Y%m%d}1000"
        parts.append(
            f'<p><a  href="ieListMeetings.aspx?Act=Prev&amp;CId={cid}&amp;D={at}&amp;MD=ielistmeetings" '
            ">Previous meetings</a></p>"
        )
    return page(f"Browse meetings - {committee.name}", "\n".join(parts), visit)


def _size(count: int) -> str:
    return f"PDF {count} KB" if count < 1000 else f"PDF {count // 1000} MB"


def _document(paper: Paper, *, main: bool, number: str) -> str:
    """A link to a paper; the raw address may hold blanks and line breaks, as it does there."""
    name = paper.name_in_address()
    if paper.sid % 3 == 0:
        href = f"documents/s{paper.sid}/{name}"  # literal blanks
    elif paper.sid % 3 == 1:
        href = f"documents/s{paper.sid}/{quote(name)}"
    else:
        href = f"documents/s{paper.sid}/\r\n{quote(name)}"
    title = f"Link to document &#39;{entities(paper.title)}&#39; pdf file"
    css = 'class="mgAiTitleLnk"   ' if main else ""
    size = _size(90 + paper.sid % 900)
    said = entities(paper.title) + ("" if main or not number else f"&#44; item {number.rstrip('.')}&#46;")
    icon = '<img src="mgimages/pdf.gif" alt="pdf icon"/>' if paper.sid % 2 else ""
    return f'<a  {css}href="{escape(href)}"  title="{title}">{said} {icon} {size}</a>'


def _restricted(n: int, number: str) -> str:
    return (
        f"<li>Restricted enclosure {n} <a  href='#'>View the reasons why document {number}/{n} is restricted</a></li>"
    )


def meeting_page(council: Council, mid: int, visit: Visit) -> Answer | None:
    """`ieListDocuments.aspx`: a meeting with its items. None for a number that no meeting has."""
    meeting = council.meeting(mid)
    if meeting is None:
        return None
    heading = _STAGE_WORDS[meeting.stage] or "Agenda"
    at = f" {meeting.at}" if meeting.at else ""
    status = f", {meeting.status}" if meeting.status else ""
    name = meeting.committee.name
    prefix = "Annual Meeting, " if meeting.committee.cid == 113 else ""
    h2 = f"{prefix}{name} - {long_date(meeting.day)}{at}{status}"
    parts = [] if visit.branding_failed else [f'<h2  class="mgSubTitleTxt" >{entities(h2)}</h2>']
    parts.append(
        '<div class="mgMeetingDetails"><p><span>Venue&#58;</span> Council Chamber, Sessions House. '
        '<a href="ecCatDisplay.aspx?sch=map">View directions</a></p>'
        "<p><span>Contact&#58;</span> Bobby Chatham&nbsp; Tel: 01632 960002 Email: </p></div>"
    )
    if meeting.packs:
        parts.append('<p class="mgSubItemTitleTxt">Media</p><ul  class="mgBulletList" >')
        parts += [f"<li>{_pack_link(pack)}</li>" for pack in meeting.packs]
        parts.append("</ul>")
    if meeting.items:
        parts.append('<h2 class="mgSubTitleTxt">Items</h2>')
        parts.append(_items_table(meeting))
    # The title never says that a meeting was called off.
    title = f"{heading} for {name} on {long_date(meeting.day)}{at}"
    return page(title, "\n".join(parts), visit, heading=heading)


def _pack_link(pack: Pack) -> str:
    href = f"documents/{pack.letter}{pack.number}/{quote(pack.label)}.pdf?T={pack.kind}"
    return f'<a  href="{href}"  title="Link to document">{entities(pack.label)} <img alt="pdf icon"/> PDF 144 KB</a>'


def _items_table(meeting: Meeting) -> str:
    out = [
        '<table  class="mgItemTable"  cellspacing="0" summary="Table of agenda items">',
        "<tr><th>No.</th><th>Item</th></tr>",
    ]
    enclosure = 0
    for item in meeting.items:
        number = item.minute_number or item.number
        out.append(
            f'<tr><td class="mgItemNumberCell"><p class="mgAiTitleTxt"><a name="AI{item.aid}"></a>{number}</p></td><td>'
        )
        cell, enclosure = _item_cell(meeting, item, number, enclosure)
        out += [*cell, "</td></tr>"]
    return "\n".join([*out, "</table>"])


def _item_cell(meeting: Meeting, item: Item, number: str, enclosure: int) -> tuple[list[str], int]:
    papers = item.linked()
    out = []
    first = next((p for p in papers if not p.restricted), None)
    if first is not None:
        link = _document(first, main=True, number=number)
        if first.title != item.title:
            link = link.replace(f">{entities(first.title)} ", f">{entities(item.title)} ", 1)
        out.append(f'<p class="mgAiTitleTxt">{link}</p>')
    else:
        out.append(f'<p class="mgAiTitleTxt">{entities(item.title)}</p>')
    if item.text:
        out.append(f'<div class="mgWordPara"><p>{entities(item.text)}</p></div>')
    others = [p for p in papers if p is not first]
    if others:
        out.append('<p class="mgSubItemTitleTxt">Additional documents:</p><ul  class="mgBulletList" >')
        for paper in others[: SHOWN - 1]:
            if paper.restricted:
                enclosure += 1
                out.append(_restricted(enclosure, number))
            else:
                out.append(f"<li>{_document(paper, main=False, number=number)}</li>")
        if item.aid % 2:
            out.append(f"<li>Webcast for {number}</li>")
        out.append("</ul>")
        hidden = len(others) - (SHOWN - 1)
        if hidden > 0:
            out.append(
                f'<p>There are a further {hidden} documents.&nbsp;<a  href="mgAi.aspx?ID={item.aid}"  >View '
                "the full list of "
                f"documents for item {number}</a></p>"
            )
    if item.restricted:
        out.append(f"<p><a href='#'>View the reasons why item {number} is restricted</a></p>")
    if meeting.stage in ("draft", "final") and item.minutes:
        out.append('<p class="mgSubItemTitleTxt">Minutes:</p>')
        out.append(_minutes(item, number, cut=CUT))
    return out, enclosure


def _minutes(item: Item, number: str, *, cut: int | None = None) -> str:
    """Word's HTML of the minutes; where it is cut, a link to the rest stands in its place."""
    out, used = ['<div class="mgWordPara"><div class="WordSection1">'], 0
    for n, text in enumerate(item.minutes, start=1):
        if cut is not None and used + len(text) > cut:
            kept = text[: max(0, cut - used)].rsplit(" ", 1)[0]
            more = f'<a  href="mgAi.aspx?ID={item.aid}" >view the full minutes\r\n text for item {number}</a>'
            out.append(f'<p class="MsoNormal"><span>{n})</span>&nbsp;&nbsp; {entities(kept)} ... {more}.</p>')
            break
        used += len(text)
        out.append(
            f'<p class="MsoNormal"><span style="font-family:Arial">{n})</span>&nbsp;&nbsp; {_spans(text)}</p>'
            '<p class="MsoNormal">&nbsp;</p>'
        )
    return "\n".join([*out, "</div></div>"])


def _spans(text: str) -> str:
    """Word breaks a sentence over spans and lines, also in the middle of nothing."""
    words = text.split(" ")
    thirds = [words[n : n + 9] for n in range(0, len(words), 9)]
    return "".join(f"<span lang=EN-GB>{entities(' '.join(part))}\r\n</span>" for part in thirds)


def item_page(council: Council, aid: int, visit: Visit, *, text_only: bool = False) -> Answer | None:
    """`mgAi.aspx`: one item with all of its minutes and documents."""
    found = council.item(aid)
    if found is None:
        return None
    meeting, item = found
    number = item.minute_number or item.number
    parts = [f'<h2  class="mgSubTitleTxt" >{entities(item.title)}</h2>']
    if item.text:
        parts.append(f'<div class="mgWordPara"><p>{entities(item.text)}</p></div>')
    if meeting.stage in ("draft", "final") and item.minutes:
        parts.append('<p class="mgSubItemTitleTxt">Minutes:</p>')
        parts.append(_minutes(item, number))
    papers = item.linked()
    if papers:
        parts.append('<p class="mgSubItemTitleTxt">Supporting documents:</p><ul  class="mgBulletList" >')
        for n, paper in enumerate(papers, start=1):
            text = _restricted(n, number) if paper.restricted else f"<li>{_document(paper, main=False, number='')}</li>"
            parts.append(text)
        parts.append("</ul>")
    at = f" {meeting.at}" if meeting.at else ""
    href = escape(meeting_link(meeting, visit)) + f"#AI{item.aid}"
    parts.append(
        f'<p><a  href="{href}" >Meeting of {entities(meeting.committee.name)}, {long_date(meeting.day)}{at} '
        f"(Item {number})</a></p>"
        f'<p><a href="mgIssueHistoryHome.aspx?IId={item.aid + 7000}">View the background to item {number}</a></p>'
    )
    content = "\n".join(parts)
    if text_only:
        return Answer(body=f"<html><body><h1>Agenda item</h1>{content}</body></html>".encode())
    return page("Agenda item", content, visit)


def whats_new(council: Council, visit: Visit) -> Answer:
    """`mgWhatsNew.aspx`: what was published in the last weeks."""
    rows = []
    for meeting in council.meetings():
        if meeting.published and visit.today - timedelta(days=30) <= meeting.published <= visit.today:
            rows.append(
                f"<li>{meeting.published:%d/%m/%Y} - Agenda published: <a  "
                f"href='{escape(meeting_link(meeting, visit))}'>"
                f"{entities(meeting.committee.name)}</a></li>"
            )
    return page("What's new", f"<ul>{''.join(rows)}</ul>", visit)


def feed(council: Council, visit: Visit) -> Answer:
    """`mgRss.aspx`: the same as RSS."""
    items = "".join(
        "<item><title>Agenda published: "
        f"{escape(m.committee.name)}</title><link>{escape(meeting_link(m, visit))}</link>"
        f"<pubDate>{m.published:%a, %d %b %Y} 09:00:00 GMT</pubDate></item>"
        for m in council.meetings()
        if m.published and m.published <= visit.today
    )
    body = f'<?xml version="1.0"?><rss version="2.0"><channel><title>What is new</title>{items}</channel></rss>'
    return Answer(body=body.encode(), media_type="text/xml; charset=utf-8")


def search(council: Council, words: str, visit: Visit) -> Answer:
    """`ieSearchResults2.aspx`: meetings whose items hold the words."""
    hits = [
        (m, i) for m in newest_first(council.meetings()) for i in m.items if words and words.lower() in i.title.lower()
    ]
    if not hits:
        content = (
            '<p class="mgErrorTxt">No results found for your query <span  class="mgMainTxtBold" '
            f">{escape(words)}</span> "
            "Try generalising your search.</p>"
        )
        return page(f"Search results for {words}", content, visit, heading="Search results")
    parts = [
        f'<p>Results 1 to {min(10, len(hits))} for your search \'<span  class="mgMainTxtBold" '
        f">{escape(words)}</span>'.</p>"
    ]
    for n, (meeting, item) in enumerate(hits[:10], start=1):
        day = f"{meeting.day:%d}&#47;{meeting.day:%m}&#47;{meeting.day:%Y}"
        parts.append(
            '<hr /><p  class="mgAiTitleTxt" ><img src="mgimages/3.gif" alt="Excellent match" height="15" /> '
            "Meeting&#58; "
            f'<a href="ieListDocuments.aspx?CId={meeting.committee.cid}&amp;MID={meeting.mid}">{day} - '
            f"{entities(meeting.committee.name)} ({n})</a></p><p>{item.number} "
            "<a "
            f'href="ieListDocuments.aspx?CId={meeting.committee.cid}&amp;MID={meeting.mid}#AI{item.aid}">{entities(item.title)}</a></p>'
        )
    return page(f"Search results for {words}", "\n".join(parts), visit, heading="Search results")


# --- the web service --------------------------------------------------------


def _xml(root: str) -> Answer:
    return Answer(
        body=f'<?xml version="1.0" encoding="utf-8"?>\r\n{root}'.encode(), media_type="text/xml; charset=utf-8"
    )


def _tag(name: str, value: object) -> str:
    """Dates and flags as the service writes them; text is escaped once more than one would expect."""
    if isinstance(value, bool):
        return f"<{name}>{value}</{name}>"
    if isinstance(value, date):
        return f"<{name}>{value:%d/%m/%Y}</{name}>"
    return f"<{name}>{escape(str(value), quote=False)}</{name}>"


def _twice(text: str) -> str:
    return text.replace("&", "&amp;").replace("'", "&#39;")


def xml_committees(council: Council) -> Answer:
    rows = "".join(
        "<committee>"
        + _tag("committeeid", c.cid)
        + _tag("committeetitle", _twice(c.name))
        + _tag("committeedeleted", False)
        + _tag("committeeexpired", bool(c.ended))
        + _tag("committeecategory", c.category)
        + "</committee>"
        for c in council.committees
    )
    count = f" {len(council.committees)}"
    return _xml(f"<committees>{_tag('committeescount', count)}{rows}</committees>")


_STATUS_WORDS = {"CANCELLED": "Cancelled", "POSTPONED": "Postponed", "NEW": "Confirmed", "": "Confirmed"}


def xml_meetings(council: Council, cid: int, start: date, end: date) -> Answer:
    """`GetMeetings` of one committee between two days."""
    committee = council.committee(cid)
    if committee is None:
        return _xml("<getmeetings><meetingscount> 0</meetingscount><committeescount> 0</committeescount></getmeetings>")
    rows = [m for m in committee.meetings if start <= m.day <= end]
    inner = "".join(
        "<meeting>"
        + _tag("meetingid", m.mid)
        + _tag("meetingdate", m.day)
        + _tag("meetingstatus", _STATUS_WORDS[m.status])
        + _tag("meetingtime", m.at)
        + _tag("iswebcast", False)
        + "</meeting>"
        for m in rows
    )
    return _xml(
        f"<getmeetings><meetingscount> {len(rows)}</meetingscount><committeescount> 1</committeescount><committee>"
        f"{_tag('committeeid', cid)}{_tag('committeetitle', _twice(committee.name))}"
        f"<committeemeetingcount> {len(rows)}</committeemeetingcount><committeemeetings>{inner}</committeemeetings>"
        "</committee></getmeetings>"
    )


def xml_meeting(council: Council, mid: int, base_url: str) -> Answer | None:
    """`GetMeeting`: one meeting whole. None for a number that no meeting has."""
    meeting = council.meeting(mid)
    if meeting is None:
        return None
    minuted = meeting.stage in ("draft", "final")
    items = "".join(_xml_item(meeting, item, n, base_url) for n, item in enumerate(meeting.items))
    fields: Iterable[tuple[str, object]] = (
        ("meetingid", meeting.mid),
        ("meetingdate", meeting.day),
        ("meetingstatus", _STATUS_WORDS[meeting.status]),
        ("isdisplayallowed", True),
        ("meetingtime", meeting.at),
        ("meetingactualstarttime", ""),
        ("meetinglocation", "Council Chamber, Sessions House, County Hall, Maidstone"),
        ("iswebcast", False),
        ("agendaid", meeting.mid),
        ("agendapublished", meeting.stage != "shell"),
        ("decisionpublished", False),
        ("minutepublished", minuted),
        ("meetingroom", ""),
    )
    head = "".join(_tag(name, value) for name, value in fields)
    return _xml(f"<meeting>{head}<agendaitems>{items}</agendaitems><attendees></attendees></meeting>")


def _word(texts: Sequence[str]) -> str:
    paragraphs = "".join(f'<p class="MsoNormal"><span style="">{escape(t)}</span></p>\n' for t in texts)
    return f'<div class="WordSection1">\n{paragraphs}</div>\n' if texts else ""


def _xml_item(meeting: Meeting, item: Item, n: int, base_url: str) -> str:
    minuted = meeting.stage in ("draft", "final")
    number = item.minute_number or item.number
    fields: Iterable[tuple[str, object]] = (
        ("agendaitemid", item.aid),
        ("agendaitemtitle", _twice(item.title) + " " * (n % 2)),
        ("agendatext", _word([item.text] if item.text else [])),
        ("actualmeetingdate", meeting.day),
        ("agendaitemnumber", n if item.number else 0),
        ("agendaitemsubnumber", ""),
        ("fulldisplaynumberformat", number),
        ("minutesnonemptyhtmlbody", _word(item.minutes if minuted else ())),
        ("iscallin", "Call-in" in item.title),
        ("isdecision", False),
        ("isminutepublished", minuted),
        ("isrestricted", item.restricted),
        ("isdisplayallowed", not item.restricted),
        ("meetingdate", meeting.day),
        ("meetingtime", meeting.at),
        ("minutesitemnumber", item.minute_number.rstrip(".")),
        ("refertocommittee", meeting.committee.name),
    )
    head = "".join(_tag(name, value) for name, value in fields)
    documents = "".join(_xml_document(meeting, item, paper, base_url) for paper in item.linked())
    return f"<agendaitem>{head}<linkeddocuments>{documents}</linkeddocuments></agendaitem>"


def _xml_document(meeting: Meeting, item: Item, paper: Paper, base_url: str) -> str:
    fields: Iterable[tuple[str, object]] = (
        ("attachmentid", paper.sid),
        ("title", _twice(paper.title) + " "),
        ("isurl", False),
        ("url", "" if paper.restricted else f"{base_url}/mgConvert2PDF.aspx?ID={paper.sid}"),
        ("isrestricted", paper.restricted),
        ("restrictionsRef", "3" if paper.restricted else ""),
        ("itemnum", item.number.rstrip(".")),
        ("publicationdate", paper.published),
        ("meetingdate", meeting.day),
        ("committeetitle", meeting.committee.name),
        ("isdecisionattachment", False),
        ("ownertitle", item.title),
    )
    return "<linkeddoc>" + "".join(_tag(name, value) for name, value in fields) + "</linkeddoc>"
