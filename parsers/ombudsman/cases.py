"""Single cases on the Ombudsman's site: decision statements, public reports, news of them, search results.

A decision page names the council and the case in its title, "Kent County Council
(24 010 382)", and the rest in labels, "Category :", "Decision :", "Decision date :". Labels
have been missing from pages, so what is not printed is None; only the reference must be there.
"""

import re
from collections.abc import Sequence
from datetime import date
from urllib.parse import unquote, urlsplit

from bs4 import BeautifulSoup, Tag

from parsers.ombudsman.page import (
    Line,
    absolute,
    base_url,
    council_names,
    is_furniture,
    page_title,
    plain,
    stand_in,
    tab_title,
)
from parsers.records import Fact, Kind, OmbudsmanDecision, OmbudsmanReport, Outcome
from parsers.text import case_reference, collapse, count, slug, uk_date

_REFERENCE = r"\d{2}[\s\u00a0-]\d{3}[\s\u00a0-]\d{3}[a-z]?"
# "Kent County Council (24 010 382)"
_TITLE = re.compile(
    rf"^(?P<council>[^()]{{2,150}}(?:\([^()\d]{{1,60}}\)[^()]{{0,60}})?)\((?P<ref>{_REFERENCE})\)", re.IGNORECASE
)
DECISION_PATH = re.compile(
    r"/decisions/(?P<category>[^/]+)/(?P<sub>[^/]+)/(?P<ref>\d{2}-\d{3}-\d{3}[a-z]?)/?$", re.IGNORECASE
)
SEARCH_PATH = re.compile(r"/decisions/searchresults\b|/your-councils-performance/[^/]+/decisions\b", re.IGNORECASE)
NEWS_PATH = re.compile(r"/information-centre/news/(?:\d{4}/[a-z]{3,9}/)?(?P<slug>[^/]+)/?$", re.IGNORECASE)

_OUTCOMES = ("Closed after initial enquiries", "Not upheld", "Upheld", "Closed", "Discontinued")
_LABEL = re.compile(
    r"^(?P<label>sub[\s-]*category|category|decision date|date of decision|decision type|decision"
    r"|type)\s*(?::|$)\s*(?P<value>.*)$",
    re.IGNORECASE,
)
_SECTION_NAMES = re.compile(
    r"(?:\d+\.?\s*)?(?:the complaint|what i (?:have and )?have (?:not )?investigated|what i found"
    r"|how i considered this complaint"
    r"|the ombudsman['s]* role(?: and powers)?|agreed actions?|actions?|final decision|decision|my assessment"
    r"|analysis|finding|findings"
    r"|recommendations?|summary|the ombudsman's final decision|investigator's decision.{0,60})\s*:?",
    re.IGNORECASE,
)
_SATISFIED = re.compile(r"ombudsman\s+satisfied\s+with\s+(?:the\s+)?council's\s+response", re.IGNORECASE)
_FINAL = re.compile(r"ombudsman's\s+final\s+decision", re.IGNORECASE)

# kind, outcome, note, title, date of publication, facts
Found = tuple[Kind, Outcome, str | None, str | None, date | None, tuple[Fact, ...]]


def titled(lines: Sequence[Line], page: BeautifulSoup) -> tuple[str, str, str] | None:
    """The title of a decision page as (title, council, case reference); None on other pages."""
    title = collapse(page.title.get_text()) if page.title is not None else ""
    in_order = sorted(lines, key=lambda line: not line.in_heading)
    for text in (*(line.text for line in in_order), title):
        match = _TITLE.search(plain(text))
        reference = case_reference(match["ref"]) if match is not None else None
        if match is not None and reference is not None:
            return collapse(text[: match.end()]), collapse(match["council"]), reference
    return None


def looks_like_decision(lines: Sequence[Line], page: BeautifulSoup) -> bool:
    """Whether a page at an unknown address is a decision statement or report."""
    if titled(lines, page) is None:
        return False
    labels = {match["label"].lower() for line in lines if (match := _LABEL.search(line.plain))}
    return {"category", "decision", "decision date"} <= labels or any(_FINAL.search(line.plain) for line in lines)


def read_decision(page: BeautifulSoup, lines: Sequence[Line], *, url: str, title: str) -> Found:
    """One decision's page, or one public report's."""
    named = titled(lines, page)
    path = DECISION_PATH.search(unquote(urlsplit(url).path))
    in_url = case_reference(path["ref"]) if path is not None else None
    if named is None:
        instead = stand_in(page, lines) or "a page that names none"
        note = f"expected a decision with the council and case reference in its title, found {instead}"
        return Kind.OMBUDSMAN_DECISION, Outcome.QUARANTINED, note, page_title(page, title), None, ()
    heading, council, reference = named
    values = _labelled(lines)
    category, sub_category = _categories(values, path)
    decision = _outcome(values.get("decision", ""))
    decided_on = uk_date(values.get("decision date", "") or values.get("date of decision", ""))
    summary = _summary(lines)
    is_report = _is_report(lines, values)
    if is_report and decision is None and any(re.search(r"^upheld\b", line.plain, re.I) for line in lines):
        decision = "Upheld"
    fact = OmbudsmanDecision(
        case_reference=reference,
        council=slug(council),
        category=category,
        sub_category=sub_category,
        decision=decision,
        decided_on=decided_on,
        is_report=is_report,
        summary=summary,
        url=url or None,
    )
    problem: str | None = None
    if in_url is not None and in_url != reference:
        problem = f"expected case {in_url} by the address, found {reference}"
    elif decision is None and summary is None and not any(_SECTION_NAMES.fullmatch(line.plain) for line in lines):
        problem = f"expected case {reference}'s decision or summary, found {stand_in(page, lines) or 'neither'}"
    outcome = Outcome.QUARANTINED if problem else Outcome.READ
    if not is_report:
        return Kind.OMBUDSMAN_DECISION, outcome, problem, heading, decided_on, (fact,)
    # A report is listed under a headline; its own page may show it only in <title>, or not at all.
    headlines = (collapse(title), tab_title(page))
    listed = next((t for t in headlines if len(t.split()) > 3 and case_reference(plain(t)) is None), heading)
    # A report comes out weeks or months after its decision, and the page prints only that date.
    report = OmbudsmanReport(council=slug(council), title=listed, summary=summary, url=url or None, published_on=None)
    return Kind.OMBUDSMAN_REPORT, outcome, problem, listed, decided_on, (report, fact)


def _labelled(lines: Sequence[Line]) -> dict[str, str]:
    """Values of the header's labels, from the label's own line or the next."""
    values: dict[str, str] = {}
    awaits: str | None = None
    for line in lines:
        match = _LABEL.search(line.plain)
        if match is not None:
            label = re.sub(r"[\s-]+", " ", match["label"].lower())
            value = line.text[match.start("value") :].strip()
            # All labels may share a line: "Category : Education > Other Decision : Upheld Decision date : 30 Apr 2025"
            parts = re.split(r"\s*\b((?:Decision date|Date of decision|Decision|Sub[ -]category|Type))\s*:\s*", value)
            values.setdefault(label, parts[0]) if parts[0] else None
            for name, text in zip(parts[1::2], parts[2::2], strict=True):
                values.setdefault(re.sub(r"[\s-]+", " ", name.lower()), text)
            awaits = label if not value else None
        elif awaits is not None:
            if _outcome(line.text) or awaits != "decision":  # "Decision" is also a chapter's heading
                values.setdefault(awaits, line.text)
            awaits = None
    return values


def _categories(values: dict[str, str], path: re.Match[str] | None) -> tuple[str | None, str | None]:
    """Category and sub category as printed, else as the address spells them."""
    parts = [part.strip() for part in re.split(r"\s*[>»›]\s*", values.get("category", "")) if part.strip()]
    if not parts and path is not None:
        parts = [_from_slug(path["category"]), _from_slug(path["sub"])]
    sub = values.get("sub category") or (parts[1] if len(parts) > 1 else None)
    return (parts[0] if parts else None), sub


def _from_slug(text: str) -> str:
    """What an address says of a category.

    >>> _from_slug("special-educational-needs"), _from_slug("children-s-care-services")
    ('Special educational needs', "Children's care services")
    """
    words = re.sub(r"-s(?=-|$)", "'s", text.lower()).replace("-", " ")
    return words[:1].upper() + words[1:]


def _outcome(text: str) -> str | None:
    """The decision as printed, if it is one; the site has few words for it."""
    text = collapse(text).strip(" .")
    known = next((one for one in _OUTCOMES if text.lower().startswith(one.lower())), None)
    return text if known is not None and len(text) < 80 else None


def _summary(lines: Sequence[Line]) -> str | None:
    """The paragraph "Summary: …", or the one under the heading "Summary"."""
    for i, line in enumerate(lines):
        match = re.match(r"summary\s*(?::|$)\s*", line.plain, re.IGNORECASE)
        if match is None:
            continue
        rest = line.text[match.end() :].strip()
        if rest:
            return rest
        told = next((one.text for one in lines[i + 1 :] if not is_furniture(one.text)), None)
        if told is not None and not _SECTION_NAMES.fullmatch(plain(told)):
            return told
    return None


def _is_report(lines: Sequence[Line], values: dict[str, str]) -> bool:
    """A report has its type, the later line on the council's response, or a finding instead of a final decision."""
    if any("report" in values.get(name, "").lower() for name in ("type", "decision type", "decision")):
        return True
    texts = [line.plain.strip(" :").lower() for line in lines]
    chapters = "finding" in texts and ("recommendations" in texts or "recommendation" in texts)
    return any(_SATISFIED.search(line.plain) for line in lines) or (
        chapters and not any(_FINAL.search(line.plain) for line in lines)
    )


# --- search results --------------------------------------------------------------------

_HITS = re.compile(r"\b(?P<n>\d[\d,]*|no)\s+(?:results?|decisions?)\b", re.IGNORECASE)
_CARD = re.compile(
    r"^(?:(?P<type>statement|report)\b\s*[:|,-]?\s*)?"
    r"(?:(?P<decision>closed after initial enquiries|not upheld|upheld|closed|discontinued)\b\s*[:|,-]?\s*)?"
    r"(?P<rest>.*?)\s*(?P<date>\d{1,2}[\s-][a-z]{3,9}[\s-]\d{4}|\d{1,2}/\d{1,2}/\d{4})?$",
    re.IGNORECASE,
)


def read_search(page: BeautifulSoup, lines: Sequence[Line], *, url: str, title: str) -> Found:
    """The cards of a page of search results."""
    starts = [i for i, line in enumerate(lines) if _TITLE.search(line.plain)]
    cards = [lines[a:b] for a, b in zip(starts, [*starts[1:], len(lines)], strict=False)]
    base = base_url(page, url)
    facts = [_card(card, base) for card in cards]
    name = page_title(page, title)
    hits = next((m["n"] for line in lines if (m := _HITS.search(line.plain)) and len(line.text) < 120), None)
    said = count(hits) if hits is not None else None
    if facts:
        unread = [fact for fact in facts if fact.decision is None and fact.decided_on is None]
        note = None
        if len(unread) * 2 > len(facts):
            note = (
                f"expected a decision and a date for each of {len(facts)} cases, found none for {len(unread)} of them"
            )
        elif said is not None and said < len(facts):
            note = f"expected {said} cases by the page's own count, found {len(facts)}"
        outcome = Outcome.QUARANTINED if note else Outcome.READ
        return Kind.OMBUDSMAN_DECISION, outcome, note, name, None, tuple(facts)
    if said == 0 or any(
        re.search(r"\bno (?:matching |further )?(?:results|decisions)\b", x.plain, re.I) for x in lines
    ):
        return Kind.OMBUDSMAN_DECISION, Outcome.NOTHING, None, name, None, ()
    note = f"expected search results, found {stand_in(page, lines) or 'no case'}"
    return Kind.OMBUDSMAN_DECISION, Outcome.QUARANTINED, note, name, None, ()


def _card(card: Sequence[Line], base: str) -> OmbudsmanDecision:
    match = _TITLE.search(card[0].plain)
    assert match is not None
    reference = case_reference(match["ref"])
    assert reference is not None
    addresses = [a for line in card for link in line.links if (a := absolute(str(link["href"]), base))]
    address = next((a for a in addresses if case_reference(urlsplit(a).path.rsplit("/", 1)[-1]) == reference), None)
    path = DECISION_PATH.search(urlsplit(address).path) if address is not None else None
    told = collapse(" ".join((card[0].text[match.end() :], *(line.text for line in card[1:]))))
    head, after = [*re.split(r"\bsummary\s*:", told, maxsplit=1, flags=re.IGNORECASE), ""][:2]
    fields = _CARD.match(head.strip())
    assert fields is not None  # every part of it is optional
    labelled = _labelled(card)
    category, sub_category = _categories(labelled, path)
    decision = labelled.get("decision") or fields["decision"]
    rest = collapse(fields["rest"].strip(" |,-"))
    summary = _summary(card) or after.strip() or None
    return OmbudsmanDecision(
        case_reference=reference,
        council=slug(match["council"]),
        category=category,
        sub_category=rest if rest and len(rest) < 80 and not labelled else sub_category,
        decision=_outcome(decision) if decision else None,
        decided_on=uk_date(labelled.get("decision date", "")) or uk_date((fields["date"] or "").replace("-", " ")),
        is_report=(fields["type"] or labelled.get("type", "")).lower() == "report",
        summary=summary,
        url=address,
    )


# --- news ------------------------------------------------------------------------------

_ARTICLE_DATE = re.compile(
    r"^(?:article|published|publication)\s*(?:date)?(?:\s+on)?\s*:?\s*(?P<date>.*\d{4}.*)$", re.IGNORECASE
)
_ANNOUNCES = r"\b(?:investigat(?:ion|ed|ing)|report)\b"
_FAULT = (
    r"\bfault\b|\bfail(?:ed|ing|ings|ure|ures|s)?\b|\binjustice\b|\blet down\b|\bcritici[sz]ed?\b"
    r"|\bwrong(?:ly)?\b|\berrors?\b|\bmistakes?\b"
    r"|\bdelay(?:s|ed)?\b|\bupheld\b|\bapologi[sz]e\b|\bshould have\b|\buncovered\b|\burged\b"
)
_ROUND_UP = re.compile(
    r"\bannual (?:review|letter|report)|complaints? statistics|\bfocus report|\bguidance for\b"
    r"|\bconsultation\b|\bappoint(?:ed|ment|s)\b",
    re.IGNORECASE,
)


def read_news(page: BeautifulSoup, lines: Sequence[Line], *, url: str, title: str) -> Found:
    """An article of the Ombudsman's.

    It is a public report where it announces an investigation into a named council, or where
    *title*, the text of the link that led here, is its headline: the list of reports prints
    those. The list's council is then the caller's to know; `council` is "" if none is named.
    """
    headline, story, published_on = _article(page, lines, url, title)
    if headline is None or not story:
        note = f"expected a news article, found {stand_in(page, lines) or 'a page without one'}"
        return Kind.NEWS_ARTICLE, Outcome.QUARANTINED, note, page_title(page, title), None, ()
    council = _council_in(headline, story)
    is_listed = bool(title) and slug(collapse(title)) == slug(headline)
    if _ROUND_UP.search(headline) or not (is_listed or (council is not None and _announces(headline, story))):
        return Kind.NEWS_ARTICLE, Outcome.NOTHING, None, headline, published_on, ()
    name = collapse(title) if is_listed else headline  # as the list of reports prints it
    report = OmbudsmanReport(
        council=council or "", title=name, summary=story[0], url=url or None, published_on=published_on
    )
    return Kind.OMBUDSMAN_REPORT, Outcome.READ, None, name, published_on, (report,)


def _announces(headline: str, story: Sequence[str]) -> bool:
    """Whether an article tells of the Ombudsman's finding against somebody."""
    text = " ".join((headline, *story))
    return all(re.search(words, text, re.IGNORECASE) for words in ("ombudsman", _ANNOUNCES, _FAULT))


def _article(
    page: BeautifulSoup, lines: Sequence[Line], url: str, title: str
) -> tuple[str | None, list[str], date | None]:
    """Headline, paragraphs and date. The site puts a notice with a heading of its own before every article."""
    at = _headline(page, lines, url, title)
    dates = [(i, uk_date(m["date"])) for i, line in enumerate(lines) if (m := _ARTICLE_DATE.match(line.plain))]
    dated = next(((i, day) for i, day in dates if day is not None and (at is None or i > at)), None)
    if dated is None:
        dated = next(((i, day) for i, day in dates if day is not None), None)
    if at is None:
        return None, [], None
    end = dated[0] if dated is not None and dated[0] > at + 1 else len(lines)
    story = [x.text for x in lines[at + 1 : end] if not is_furniture(x.text) and not _ARTICLE_DATE.match(x.plain)]
    story = [text for text in story if len(text.split()) >= 6]
    return lines[at].text, story, dated[1] if dated is not None else _dated_in_head(page)


def _headline(page: BeautifulSoup, lines: Sequence[Line], url: str, title: str) -> int | None:
    path = NEWS_PATH.search(unquote(urlsplit(url).path))
    wanted = [path["slug"].lower()] if path is not None else []
    wanted += [slug(text) for text in (collapse(title), page_title(page) or "") if text]
    candidates = [i for i, line in enumerate(lines) if len(line.text) < 300]
    for name in wanted:
        for i in sorted(candidates, key=lambda i: not lines[i].in_heading):
            own = slug(lines[i].text)
            if own == name or (len(own) > 25 and own.startswith(name) and len(name) > 20):
                return i
    headings = [i for i in candidates if lines[i].in_heading and not is_furniture(lines[i].text)]
    first = [i for i in headings if lines[i].node.name == "h1" or lines[i].node.find_parent("h1") is not None]
    return next(iter([*first, *headings]), None)


def _dated_in_head(page: BeautifulSoup) -> date | None:
    meta = page.select_one('meta[property="article:published_time"], meta[name="DC.date.created"], time[datetime]')
    if not isinstance(meta, Tag):
        return None
    return uk_date(str(meta.get("content") or meta.get("datetime") or "")[:10])


def _council_in(headline: str, story: Sequence[str]) -> str | None:
    """Slug of the council that the article names most, the first of equals."""
    names = [slug(name) for text in (headline, *story) for name in council_names(text)]
    return max(dict.fromkeys(names), key=names.count) if names else None
