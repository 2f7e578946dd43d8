"""Counts in running text: how many indicators there are, and how many are green, amber, red, improving …

Kent's officers have said the same thing in many ways since 2012: "24 were rated as Green",
"out of the 37 KPIs … 21 achieved target (rated green)", "red … increased from 3 to 4", "62.5% as 'Green'",
and ModernGov glues the words together. So there is no template per phrasing. A sentence is taken apart into
numbers and cues (a rating or a direction of travel), each number may take the cue after it or the one before,
and whatever stands between the two must be words that can stand there: "two were rated red" counts,
"two complaints were rated red" does not.

Wrong is worse than nothing. What a sentence says of a part (one service, "five of those", "one of the indicators
rated red"), of another quarter, of a change ("two more", "had moved to Green") or of other things (risks, savings)
is no count of the whole set and is left out.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from parsers.records import RagCount, StatedIn
from parsers.text import (
    COUNT_PATTERN,
    MONTHS,
    collapse,
    count,
    financial_year,
    matching,
    quarter,
    quarter_of_date,
    quarter_period,
    uk_date,
)

VERSION = 1

RATINGS = ("green", "amber", "red")
DIRECTIONS = ("improving", "stable", "worsening")
_KEYS = (*RATINGS, *DIRECTIONS)


def counts(
    text: str,
    *,
    stated_in: StatedIn,
    page: int | None = None,
    financial_year: str | None = None,
    quarter: int | None = None,
) -> list[RagCount]:
    """What the text says of the whole set of indicators, and of services that a paragraph names at its start.

    At most one count for the whole council, then one for each service, in the text's order. Where the text says
    a thing twice, the first counts, and a sentence that contradicts it is left out. Blank lines part paragraphs;
    single line breaks are those of a printed page. The period is the one given, else the one that the text names.
    """
    return counts_in([(page, text)], stated_in=stated_in, financial_year=financial_year, quarter=quarter)


def counts_in(
    pages: Sequence[tuple[int | None, str]],
    *,
    stated_in: StatedIn,
    financial_year: str | None = None,
    quarter: int | None = None,
) -> list[RagCount]:
    """As `counts`, for one text over several pages; each count has the page that says most of it."""
    if financial_year is None or quarter is None:
        named = period("\n\n".join(text for _, text in pages))
        if named and financial_year in (None, named[0]) and quarter in (None, named[1]):
            financial_year, quarter = named
    said = [s for s in _all_said(pages, _Period(financial_year, quarter)) if s.values]
    services = list(dict.fromkeys(s.service for s in said))
    found = []
    for service in sorted(services, key=lambda name: name is not None):  # the whole council first
        kept = _settle([s for s in said if s.service == service])
        if kept is None:
            continue
        values, sentence_page, quote = kept
        count = RagCount(
            stated_in=stated_in,
            financial_year=financial_year,
            quarter=quarter,
            service=service,
            quote=quote,
            page=sentence_page,
        )
        found.append(replace(count, **values))  # type: ignore[arg-type]
    return found


def unread(text: str) -> list[str]:
    """Sentences that look like a count of ratings of indicators and gave none: for a person to look at.

    >>> unread("Of the indicators about 20 were Green and about ten Red.")
    ['Of the indicators about 20 were Green and about ten Red.']
    >>> unread("The Red and Amber KPIs were discussed.")
    []
    """
    found = []
    for sentence in _all_said([(None, text)], _Period(None, None)):
        copy = sentence.copy
        colours = {match[1].lower() for match in _COLOUR.finditer(copy)}
        if len(colours) < 2 or sentence.values or sentence.partial or not re.search(r"\bKPI\b", copy):
            continue
        if len(_NUMBER.findall(copy)) >= 2:
            found.append(sentence.text)
    return found


# --- the period ---------------------------------------------------------------------------

_QUARTER_ENDS = {6: 30, 9: 30, 12: 31, 3: 31}
_END_OF = re.compile(
    r"\b(?:(?:to|until|at|from|by|up to|as at) (?:the )?end of"
    r"|to (?:the )?(?:30|31)(?:st|th)?(?: of)?"
    r"|based on data up to|ending|ended"
    r"|(?:april|july|october|january)(?: 20\d\d)? ?(?:-|to|and|up to the end of|and the end of))"
    r" ?(?:\d\d?(?:st|th)? )?(?P<month>june|september|sept|december|march),? (?P<year>20\d\d)\b",
    re.IGNORECASE,
)
_QUARTER_ALONE = re.compile(
    r"\b(?:(?:quarter|qtr) ?(?P<n>[1-4])|q(?P<q>[1-4])|(?P<word>first|second|third|fourth|final) quarter)\b"
    r"(?!\s?(?:&|and|,) ?[1-4]\b)",
    re.IGNORECASE,
)
_ORDINALS = {"first": 1, "second": 2, "third": 3, "fourth": 4, "final": 4}
# Before a quarter that the text only compares with: "different from Q1 for 2023-2024".
_COMPARED = re.compile(
    r"\b(?:than|from|compared|comparison|since|against|unlike|as|versus|previous|last|for the same)\b[^.;]{0,25}$", re.I
)


def period(text: str) -> tuple[str, int] | None:
    """Financial year and quarter that a title or text is about, where it says so.

    >>> period("Quarterly Performance Report, Quarter 1 2023-2024")
    ('2023/24', 1)
    >>> period("Quarter 2, with results until the end of September 2021"), period("Q1: April to June 2023")
    (('2021/22', 2), ('2023/24', 1))
    >>> period("unlike Q1 for 2023-2024"), period("Quarter 3"), period("to the end of May 2019")
    (None, None, None)
    """
    pieces = []
    for piece in sentences(matching(text)):
        named = quarter(piece)
        if named is not None:
            at = _mention_of(named, piece)
            if not _COMPARED.search(piece[:at]):
                return named
            piece = piece[:at]
        pieces.append(piece)
    text = " ".join(pieces)
    ends = [_month_end(match) for match in _END_OF.finditer(text)]
    alone = _QUARTER_ALONE.search(text)
    stated = None if alone is None else int(alone["n"] or alone["q"] or _ORDINALS[alone["word"].lower()])
    for end in ends:
        if stated in (None, end[1]):
            return end
    if stated is not None and (dated := re.search(rf"\b({'|'.join(_LAST_MONTHS[stated])}) (20\d\d)\b", text, re.I)):
        return quarter_of_date(uk_date(f"1 {dated[1]} {dated[2]}") or quarter_period("2000/01", 1)[0])
    if stated is not None and (year := financial_year(text)) is not None:
        near = re.search(rf"{year[:4]}", text)
        if near and abs(near.start() - (alone.start() if alone else 0)) < 120:
            return year, stated
    return None


_LAST_MONTHS = {1: ("june",), 2: ("september", "sept"), 3: ("december",), 4: ("march",)}


def _mention_of(named: tuple[str, int], piece: str) -> int:
    """Where the piece names that quarter with its year: the last such quarter before the year."""
    year = re.search(rf"{named[0][:4]}\s?[-/]?\s?\d\d", piece)
    end = year.start() if year else len(piece)
    word = next(word for word, n in _ORDINALS.items() if n == named[1])
    mentions = list(re.finditer(rf"\bq[a-z]*\s?{named[1]}\b|\b{word} quarter", piece[:end], re.IGNORECASE))
    return mentions[-1].start() if mentions else end


def _month_end(match: re.Match[str]) -> tuple[str, int]:
    month = MONTHS[match["month"].lower()]
    day = uk_date(f"{_QUARTER_ENDS[month]} {match['month']} {match['year']}")
    assert day is not None
    return quarter_of_date(day)


@dataclass(frozen=True, slots=True)
class _Period:
    """The quarter that the text is about, as far as known."""

    year: str | None
    quarter: int | None

    def other(self, year: str | None, quarters: set[int]) -> bool:
        """Whether a mention of these quarters is of another period than ours."""
        if year is not None and self.year is not None and year != self.year:
            return True
        return self.quarter is not None and bool(quarters) and quarters != {self.quarter}


# --- text into paragraphs and sentences ---------------------------------------------------

_BULLET = re.compile(r"^\s*(?:[•·▪◦●○‣*]|o(?=\s+[A-Z0-9])|[-–—](?=\s+\S))\s*")
_MARK = re.compile(
    r"^\s*\(?(?:\d{1,2}|\d{1,2}(?:\.\d{1,2}){1,3}|[a-z]|[ivx]{1,5}|[IVX]{1,5})(?:[.)](?!\d)|(?<=\.\d)|(?<=\.\d\d))\s+(?=\S)"
)


@dataclass(frozen=True, slots=True)
class _Paragraph:
    page: int | None
    text: str  # as printed, collapsed, without its list mark
    mark: str  # "digit" for "6.", "item" for bullets and letters, "" for none
    overleaf: tuple[tuple[int, int | None], ...] = ()  # (where in the text, which page) it runs on to

    def page_at(self, position: int) -> int | None:
        """The page on which that place of the text stands."""
        pages = [page for start, page in self.overleaf if start <= position]
        return pages[-1] if pages else self.page


def _paragraphs(page: int | None, text: str) -> Iterator[_Paragraph]:
    """Blank lines, list marks at the start of a line and headings begin a paragraph."""
    lines: list[str] = []
    mark = ""

    def flush() -> Iterator[_Paragraph]:
        joined = collapse(" ".join(lines))
        if joined:
            yield _Paragraph(page, joined, mark)
        lines.clear()

    for raw in text.splitlines():
        line = collapse(raw)
        if not line:
            yield from flush()
            mark = ""
            continue
        if _PAGE_NUMBER.fullmatch(line):
            continue
        bullet, numbered = _BULLET.match(line), _MARK.match(line)
        ended = not lines or lines[-1][-1] in ".:;!?)" or len(lines[-1]) < 25
        if bullet or (numbered and ended):
            yield from flush()
            found = bullet or numbered
            assert found is not None
            mark = "digit" if numbered and not bullet and re.match(r"\W*\d", numbered[0]) else "item"
            line = line[found.end() :]
        elif lines and (_named_service(line) or _is_heading(lines[-1], line)):
            yield from flush()
            mark = ""
        if line:
            lines.append(line)
    yield from flush()


def _over_pages(pages: Sequence[tuple[int | None, str]]) -> list[_Paragraph]:
    """The paragraphs of all pages; one that runs over the end of a page is one."""
    found: list[_Paragraph] = []
    for page, text in pages:
        for at, paragraph in enumerate(_paragraphs(page, text)):
            runs_on = at == 0 and found and not paragraph.mark and paragraph.text[0].islower()
            if runs_on and found[-1].text[-1] not in ".:;!?":
                last = found[-1]
                overleaf = (*last.overleaf, (len(last.text) + 1, page))
                found[-1] = replace(last, text=f"{last.text} {paragraph.text}", overleaf=overleaf)
            else:
                found.append(paragraph)
    return found


_PAGE_NUMBER = re.compile(r"(?:page\s+)?\d{1,4}(?:\s+of\s+\d{1,4})?", re.IGNORECASE)


def _is_heading(line: str, following: str) -> bool:
    """A short line in title case above a new beginning: "Executive Summary"."""
    words = line.split()
    small = {"and", "of", "the", "for", "to", "in", "&"}
    return (
        len(words) <= 6
        and line[-1] not in ".,;:-"
        and all(word[0].isupper() or word.lower() in small for word in words)
        and following[0].isupper()
    )


_ABBREVIATION = re.compile(
    r"(?:\b(?:mrs?|ms|dr|cllr|rev|hon|st|no|nos|approx|e\.g|i\.e|etc|vs|cf|fig|para|sec|p|pp|[A-Z])\.)$", re.IGNORECASE
)
# Also where the blank after the full stop was lost: "(rated Red).It was noted", "target.1.Mr".
_BOUNDARY = re.compile(
    r"[.!?][\"'’”)\]]*(?:\s+(?=[A-Z0-9\"'‘“(•·])|(?<=[a-z)\]’”'\"][.!?])(?=[A-Z][a-z]|\d{1,2}\.\s?[A-Z])|(?<=[.!?][)\]’”'\"])(?=[A-Z][a-z]))"
)


def sentences(paragraph: str) -> list[str]:
    """The paragraph cut after its full stops.

    >>> sentences("11 were Amber (rated Red).It was noted. Mr. Gough said 4.5% fell. 12 rose.")
    ['11 were Amber (rated Red).', 'It was noted.', 'Mr. Gough said 4.5% fell.', '12 rose.']
    """
    cuts = [0]
    for match in _BOUNDARY.finditer(paragraph):
        head = paragraph[cuts[-1] : match.start() + 1]
        if not _ABBREVIATION.search(head) and not re.fullmatch(r"\W*\d{1,2}\.", head):
            cuts.append(match.end())
    cuts.append(len(paragraph))
    return [piece for a, b in pairwise(cuts) if (piece := paragraph[a:b].strip())]


def words(text: str) -> frozenset[str]:
    """The words of a text, as a set to look words up in."""
    return frozenset(text.split())


# --- services and other limits ------------------------------------------------------------

# Words by which a county, district or unitary council's services go.
SERVICE_WORDS = words(
    "adult adults social care asch asc children childrens young people education cype skills sen send highways highway"
    " transport transportation environment environmental waste recycling health public customer customers services"
    " service governance law legal growth economic development communities community libraries library registration"
    " archives integrated early help safeguarding fostering disability disabilities youth housing planning"
    " procurement commercial commissioning finance financial hr ict digital infrastructure property technology"
    " schools school directorate department division team teams leisure culture regeneration licensing homelessness"
    " complaints foi contact kpis' staffing workforce prevention protection regulatory standards trading"
)
# What may follow "in", "for", "within" … without making the sentence one about a part.
_NEUTRAL = words(
    "the this that these those its our their a an all total overall summary addition regard regards respect terms"
    " relation comparison contrast line general quarter qtr report reports reported qpr period year latest current"
    " recent month council councils county kent kcc authority organisation whole entire corporate set"
    " performance dashboard paper papers appendix executive direction directions travel dot rag red amber green"
    " rating ratings rated status kpi kpis key @this @date @total each every both quarterly monitoring strategic"
    " table tables cabinet members officers data time full response light target targets floor floors standard"
    " system scorecard annual mid now track most many some any few other others which who when where following"
    " particular brief conclusion short fact numbers number percentage count counts said noted outlined was were"
    " are is and or but also only just had have has been be being no not with by as at on of to from"
    " january february march april may june july august september october november december start end"
)
_TITLES = re.compile(r"^(?:Mr|Mrs|Miss|Ms|Dr|Cllr|Councillor|Sir|Lady|Lord|Rev)\b")
_HEADING = re.compile(
    r"^(?P<name>[A-Z][\w'’‘&,/()\- ]{2,95}?)\s*(?P<dash>\s[-–—―]+\s|[–—―]+\s|:\s)\s*(?P<rest>\S.*)$", re.DOTALL
)


def _heading(text: str) -> tuple[str, str] | None:
    """(name, rest) of a paragraph that begins with a name and a dash or colon."""
    match = _HEADING.match(text)
    if match is None or _TITLES.match(match["name"]):
        return None
    words = [w for w in re.split(r"[^\w'’]+", match["name"]) if w]
    small = {"and", "of", "the", "for", "to", "in", "with", "on", "inc", "incl", "including"}
    if len(words) > 12 or not all(w[0].isupper() or w[0].isdigit() or w.lower() in small for w in words):
        return None
    return collapse(match["name"]), match["rest"]


def _bare(word: str) -> str:
    return re.sub(r"[^\w@]", "", re.sub(r"['’]s?$", "", word.lower()))


def _named_service(text: str) -> str | None:
    """The service whose name begins the paragraph: "Public Health – Three of five …"."""
    found = _heading(text)
    if found is None:
        return None
    names = {_bare(word) for word in found[0].split()}
    return found[0] if names & SERVICE_WORDS and not names <= _NEUTRAL else None


def _is_service(word: str) -> bool:
    """Whether a word after "in", "for" … or before "KPIs" says which part is meant."""
    bare = _bare(word)
    if not bare or bare in _NEUTRAL or bare.isdigit() or count(bare) is not None:
        return False
    return word[0].isupper() or bare in SERVICE_WORDS


_LEADING = re.compile(
    r"^\W*(?:(?:and|but|however|while|whilst|also|additionally|similarly)\W+)*(?:in|within|under|for|on|across|regarding|concerning)\s+"
    r"(?:(?:the|this|all|both|relation to|regards? to|respect of|terms of|case of|area of)\s+)*(?P<word>[\w@'’&-]+)",
    re.IGNORECASE,
)
_AFTER_NOUN = re.compile(
    r"^\W*(?:(?:that|which|who)\s+)?(?:(?:relat\w+|pertain\w+|attribut\w+|contained|included|reported|held|sitting|belong\w+)\s+)?"
    r"(?:(?:rated|rag)\s+)*(?:in|for|within|under|from|to|across|on|by)\s+(?:(?:the|its|our|this|all|each)\s+)*(?P<word>[\w@'’&-]+)",
    re.IGNORECASE,
)


def _limited_after(text: str) -> bool:
    """Whether the words after "KPIs" narrow them to a part: "KPIs in Adult Social Care"."""
    match = _AFTER_NOUN.match(text)
    if match is None:
        return False
    bare = _bare(match["word"])
    return bare not in _NEUTRAL and bare not in _VOCABULARY and not bare.isdigit()


def _limited(clause: str) -> bool:
    """Whether the clause is about a part of the indicators only."""
    lead = _LEADING.match(clause)
    if lead is not None and _is_service(lead["word"]):
        return True
    for match in re.finditer(r"([\w@'’&-]+)\s+KPI\b", clause):
        word = match[1]
        if match.start() == 0 or clause[: match.start()].strip() == "":
            if _bare(word) in SERVICE_WORDS:
                return True
        elif _is_service(word):
            return True
    opening = _NUMBER.split(clause, maxsplit=1)[0]
    return any(_limited_after(opening[noun.end() :]) for noun in re.finditer(r"\bKPI\b", opening))


# --- one sentence into numbers and cues ---------------------------------------------------

# What may stand between a number and its rating or direction.
_VOCABULARY = words(
    "kpi kpis key performance indicator indicators of the these those them which that there here all only just also"
    " now currently still again a an in on or and at as to with by for it its their is are was were be been being has"
    " have had do does did not rag rated rating ratings status classed classified class categorised category reported"
    " recorded scored marked assessed considered deemed judged shown show shows showed showing indicated indicating"
    " displayed demonstrated demonstrating seen saw exhibited recorded identified found flagged came come"
    " achieved achieve achieving achieves met meet meets meeting exceeded exceed exceeds exceeding reached reach"
    " reaching surpassed surpass surpassing surpassed attained hit hitting missed miss missing failed fail failing"
    " falling fell below above ahead under over short outside within target targets floor floors standard standards"
    " level levels minimum expected acceptable required set agreed but so therefore thus hence while although however"
    " perform performed performing delivery than better worse well continued continue continuing further another"
    " received receive receiving receives given gave give got awarded issued obtained improve improved improving"
    " improvement improvements positive upward upwards favourable statistically significant significantly clear"
    " discernible trend trends trending trajectory direction directions travel dot movement stable flat steady static"
    " unchanged remained remain remaining remains no neutral negative worsening worsened worsen declining decline"
    " declined deteriorating deterioration deteriorated downward downwards adverse getting going moving up down"
    " green greens amber ambers red reds @this @total @date quarter period report qpr measures measure areas area"
    " this time latest overall meaning where both has experienced experiencing gone having"
)
_KPI = re.compile(
    r"\b(?:(?:(?:key|strategic|corporate|headline)\s+)*(?:performance\s+)?indic\w{0,3}tors?(?:'s|'|s)?"
    r"|kpi'?s?'?|(?:performance\s+)measures?|measures?|metrics?|performance\s+areas?|areas?)(?![\w-])",
    re.IGNORECASE,
)
_OTHER_INDICATORS = re.compile(
    r"\b(?:activity|lead|economic|national|local|contextual|social|health|risk|financial|proxy|outcome)\s+"
    r"(?:(?:performance\s+)?indicators?|measures?|metrics?)\b",
    re.IGNORECASE,
)
_ABBREVIATED = re.compile(r"\s*\((?:the\s+)?(?:KPI'?s?|QPR|DoT|RAG|BRAG|PI'?s?)\)", re.IGNORECASE)
_TRIPLE = re.compile(
    r"\(?\b(?:blue\W+)?(?:red|amber|green)(?:\s*[,/-]\s*|\s+)(?:red|amber|green)\s*(?:[,/-]\s*|\s)\s*(?:and\s+|or\s+|&\s*)?(?:red|amber|green)\b\)?",
    re.IGNORECASE,
)
# Colours that are names of other things.
_NOT_RATINGS = re.compile(
    r"\b(?:green(?:s)?\s+(?:belt|infrastructure|waste|spaces?|paper|energy|fleet|gas|travel|party|homes?|bonds?|deal|grid|"
    r"flag|book|corridors?|group|growth|skills|jobs?|transport|technolog\w+|lights?|agenda|economy|and\s+independents?|&\s*independents?|gases|house|bins?|recovery)"
    r"|red\s+(?:cross|tape|lines?|diesel|routes?|lion|book|box|flag|herring|meat|hill)"
    r"|amber\s+(?:valley|alerts?|list|rudd|warnings?|weather|foundation)"
    r"|(?:village|bowling|turnham|golders|bethnal|mr|mrs|miss|ms|dr|cllr|evergreen)\s+greens?)\b",
    re.IGNORECASE,
)
_COLOUR = re.compile(r"(?<![\w-])(green|amber|red)s?\b(?!-)", re.IGNORECASE)
_YEARS = r"20\d\d\s?[-/]\s?(?:20)?\d\d"
_QUARTERS = re.compile(
    r"\b(?:the\s+)?(?:(?:quarters?|qtrs?|q)\s?(?P<n>[1-4](?:\s?(?:&|and|,|to|-)\s?(?:quarter\s|q)?[1-4](?!\d))*)(?!\d)"
    r"|(?P<word>first|second|third|fourth|final)\s+quarter)(?:\s?\(q[1-4]\))?(?:[\s,:(-]*(?:of|for|in)?[\s(]*(?P<year>"
    + _YEARS
    + r")\)?)?",
    re.IGNORECASE,
)
_PREVIOUS = re.compile(
    r"\b(?:(?:the|that of the|those of the|its|their)\s+)?"
    r"(?:(?:same|corresponding|equivalent)\s+(?:quarter|period|point|time)"
    r"(?:\s+(?:of|in|for)?\s*(?:the\s+)?(?:last|previous|prior)\s+(?:financial\s+)?year)?"
    r"|(?:previous|prior|last|preceding)(?:\s+(?:two|three|four|few|six|reporting|financial))?\s+(?:quarter|period|year|report|month|meeting|time)s?"
    r"(?:'s)?(?:\s+(?:report|results?|figures?|position))?|last\s+time|(?:a|the)\s+(?:year|quarter)\s+(?:ago|earlier|before)|previously)\b",
    re.IGNORECASE,
)
_MONTH_NAMES = "|".join(sorted((m for m in MONTHS if m != "may"), key=len, reverse=True)) + "|may"
_DATES = re.compile(
    rf"\b\d{{1,2}}(?:st|nd|rd|th)?\s+(?:of\s+)?(?:{_MONTH_NAMES})\b(?:,?\s+20\d\d)?|\b(?:{_MONTH_NAMES})\s+20\d\d\b|\b{_YEARS}\b|\b20\d\d\b",
    re.IGNORECASE,
)
_PERCENT = re.compile(r"(?<![\w.,£])(\d{1,3}(?:\.\d+)?)\s?(?:%|per\s?cent\b)")

_N = COUNT_PATTERN
_NUMBER = re.compile(rf"(?<![\w@£.,/#%-])(?:{_N})(?![\w%/]|[.,]\d|-\d|\s?(?:%|per\s?cent\b))", re.IGNORECASE)
_OTHER = r"(?:@previous|@other)"
_THAN = r"(?:than|as|from|since|on|over|to|versus|compared\s+(?:with|to)|in\s+comparison\s+(?:with|to)|against)"
# A change, said beside the count: ", two more than in the previous quarter", "a decrease of one compared with …".
_DELTA = re.compile(
    r"(?:[,;:-]\s*)?\b(?:(?:and|but|which|this|that|these|with|it|being|is|was|were|are|represent\w*|an?|the|also|again|remain\w*|only)\s+)*?"
    rf"(?:(?:{_N}|many)\s+(?:more|fewer|less|higher|lower)|(?:exactly\s+|much\s+)?the\s+same(?:\s+number)?|same|unchanged|no\s+change|up|down"
    rf"|an?\s+(?:net\s+)?(?:increase|decrease|reduction|rise|fall|drop|improvement|deterioration|change)(?:\s+(?:of|by)\s+(?:{_N}))?)"
    rf"\s+(?:KPI\s+)?{_THAN}\s+(?:(?:in|for|at|that|those|of|reported|during)\s+)*(?:(?:{_N})\s+(?:in|for|at|during)?\s*)?{_OTHER}",
    re.IGNORECASE,
)
_FROM = re.compile(
    rf"(?:[,-]\s*)?\b(?:up|down|compared\s+(?:with|to)|as\s+opposed\s+to|rather\s+than)\s+(?:from\s+)?(?:(?:{_N})(?:\s+(?:(?:in|at|for)\s+)?{_OTHER})?|(?:the\s+)?(?:{_N})\s+reported\s+(?:in\s+)?{_OTHER})"
    rf"|\bagainst\s+(?:{_N})\s+(?:(?:in|at|for)\s+)?{_OTHER}"
    rf"|\b(?:net\s+)?(?:increase|decrease|reduction|rise|fall|drop|improvement)\s+(?:of|by)\s+(?:{_N})(?:\s+KPI)?"
    rf"|\bby\s+(?:{_N})(?=\W|$)"
    rf"|(?<=to\s)(?:{_N})\s+from\s+(?:{_N})\b",
    re.IGNORECASE,
)
_FROM_TO = re.compile(rf"\bfrom\s+(?:{_N})(?:\s+KPI)?(?:\s+(?:in\s+)?{_OTHER})?\s+(?=to\s+(?:{_N})\b)", re.IGNORECASE)
_ASIDE = re.compile(
    rf"\((?=[^()]*(?:{_OTHER}|\b(?:more|fewer|less|same|no\s+change|unchanged|increase|decrease|up|down|compared|was|were|previously)\b|[+-]\s?\d|^\s*[+-]?0\s*\)))[^()]*\)"
    r"|\(\s*(?:about\s+|some\s+)?(?:\d{1,3}(?:\.\d+)?\s?(?:%|per\s?cent)|two.thirds|three.quarters|(?:a|one)\s(?:third|quarter)|half)[^()]*\)",
    re.IGNORECASE,
)


# Words of which ModernGov's glued words are made, longest first within reason.
_GLUE = frozenset(
    word
    for word in _VOCABULARY
    | {"indicators", "exceeded", "report", "reporting", "quarter", "contained", "included", "within", "out"}
    if word.isalpha() and word not in {"i", "s", "hit", "under", "over", "class", "light"}
) | {"a"}
_NEVER_GLUED = words(
    "often someone anyone everyone within without into onto however therefore therein wherein something anything upon"
    " another together altogether nowhere meantime herein thereby whereas atthe"
)


def _unglued(word: str) -> str:
    """Words that lost the blanks between them, taken apart if they are all words that we know.

    >>> _unglued("achievedtarget"), _unglued("directionoftravel"), _unglued("ofthe"), _unglued("often")
    ('achieved target', 'direction of travel', 'of the', 'often')
    """
    low = word.lower()
    if not 5 <= len(low) <= 60 or low in _GLUE or low in _VOCABULARY or low in _NEVER_GLUED or not low.isalpha():
        return word
    best: list[tuple[int, ...] | None] = [()] + [None] * len(low)
    for end in range(1, len(low) + 1):
        for start in range(max(0, end - 13), end):
            cuts = best[start]
            known = low[start:end] in _GLUE or (start == 0 and count(low[:end]) is not None and end > 2)
            if cuts is None or not known:
                continue
            shortest = best[end]
            if shortest is None or len(cuts) + 1 < len(shortest):
                best[end] = (*cuts, end)
    cuts = best[len(low)]
    if cuts is None:
        return word
    starts = (0, *cuts)
    pieces = [word[a:b] for a, b in pairwise(starts)]
    # One-letter and two-letter pieces alone prove nothing: "asis", "onat".
    return " ".join(pieces) if any(len(piece) >= 3 for piece in pieces) else word


# "22/35 KPIs", "3/35 Red".
_FRACTION = re.compile(
    r"(?<![\d/])(\d{1,3})/(\d{1,3})(?:\s+KPI)?(?=\s+(?:(?:were|are|was|is)\s+)?(?:RAG\s+)?(?:rated\s+)?(?:as\s+)?(?:green|amber|red)\b)",
    re.IGNORECASE,
)
_SUPERSCRIPT = dict.fromkeys(map(ord, "⁰¹²³⁴⁵⁶⁷⁸⁹"), " ")


def _copy(sentence: str, when: _Period) -> str:
    """The sentence made ready for reading: one spelling for indicators and periods, changes left out."""
    copy = matching(sentence.translate(_SUPERSCRIPT))
    copy = re.sub(r"[A-Za-z]{5,}", lambda m: _unglued(m[0]), copy)
    copy = re.sub(r"\"|(?<!\w)'|'(?!\w)", "", copy)
    copy = re.sub(r"\b(?:B?RAG)[- ]+(?=rat|stat|scor|red\b|amber\b|green\b)", "RAG ", copy, flags=re.IGNORECASE)
    copy = re.sub(r"\b(green|amber|red)-(?=rated)", r"\1 ", copy, flags=re.IGNORECASE)
    copy = re.sub(r"(?<=[a-z])- (?=[a-z])", "-", copy)
    copy = re.sub(r"(?<=[A-Za-z)]),(?=\w)", ", ", copy)
    copy = _ABBREVIATED.sub("", copy)
    copy = _OTHER_INDICATORS.sub("figures", copy)
    copy = _KPI.sub("KPI", copy)
    copy = re.sub(r"\bKPI(?:\s+KPI)+\b", "KPI", copy)
    copy = re.sub(rf"\bKPI\s*\(({_N})\)", r"\1 KPI", copy, flags=re.IGNORECASE)  # "the majority of KPIs (24)"
    copy = _FRACTION.sub(r"\1 of the \2 KPI", copy)
    copy = _TRIPLE.sub("colours", copy)
    copy = _NOT_RATINGS.sub("thing", copy)
    copy = _PREVIOUS.sub("@previous", copy)
    copy = _QUARTERS.sub(lambda m: _mention(m, when), copy)
    copy = _DATES.sub(lambda m: _dated(m[0], when), copy)
    copy = _FROM_TO.sub("", copy)
    for _ in range(2):  # a change within brackets, then what is left of the brackets
        copy = _DELTA.sub(" ", copy)
        copy = _FROM.sub(" ", copy)
        copy = _ASIDE.sub(lambda m: m[0] if _cues(m[0], False) and not re.search(_OTHER, m[0]) else " ", copy)
        copy = re.sub(r"\(\s*\)", " ", copy)
    return collapse(copy)


def _mention(match: re.Match[str], when: _Period) -> str:
    numbers = {int(n) for n in re.findall(r"[1-4]", match["n"])} if match["n"] else {_ORDINALS[match["word"].lower()]}
    year = financial_year(match["year"]) if match["year"] else None
    return "@other" if when.other(year, numbers) else "@this"


def _dated(text: str, when: _Period) -> str:
    year = financial_year(text)
    return "@other" if year is not None and when.other(year, set()) else "@date"


# -- cues


@dataclass(frozen=True, slots=True)
class _Cue:
    what: str  # one of _KEYS
    start: int
    end: int
    colour: bool


_FLOOR = re.compile(r"\bfloors?\b(?:\s+(?:standards?|levels?|targets?))?", re.IGNORECASE)
_NOT_FLOOR = re.compile(
    r"(?:\bnot\b|\bn't\b|\bfail\w*|\bmiss\w*|\bbelow\b|\bunder\b|\bshort\s+of\b|\bneither\b)(?:(?!\bbut\b|\btarget).){0,45}$",
    re.IGNORECASE,
)
_TARGET = re.compile(
    r"\b(?:(?:achiev|meet|met|exceed|surpass|hit|reach|attain)\w*\b(?:\s+(?:or|and)\s+\w+)?(?:\s+(?:their|its|the|all|agreed|set|stretch\w*|expected|required))*\s+targets?"
    r"|(?:above|ahead\s+of|on|at|better\s+than)(?:\s*(?:or|,|and)\s*(?:above|ahead\s+of|better\s+than|on|at))?\s+(?:the\s+|their\s+)?targets?)\b",
    re.IGNORECASE,
)
_NOT_TARGET = re.compile(r"\b(?:not|n't|fail\w*|neither|without)\b(?:\s+\w+){0,3}\s*$", re.IGNORECASE)
_TREND = r"(?:\s+(?:and|or)\s+\w+)?\s+(?:trends?|directions?|trajector\w+|dot|movement)\b(?:\s+of\s+travel)?"
_DIRECTION = (
    (
        "improving",
        re.compile(
            rf"\b(?:(?:improv\w+|positive|upwards?|favourable){_TREND}|significant\s+improvements?\b|improving\b(?!\s+(?:the|their|our|its|outcomes|access))|upwards?\b|trending\s+up\b)",
            re.IGNORECASE,
        ),
    ),
    (
        "stable",
        re.compile(
            r"\b(?:stable(?:\s+trends?)?|no\s+(?:(?:clear|significant|discernible|statistically|definite|particular)\s+)*trends?|flat(?:\s+trends?)?|steady|static|neutral\s+trends?)\b",
            re.IGNORECASE,
        ),
    ),
    (
        "worsening",
        re.compile(
            rf"\b(?:(?:worsen\w*|negative|downwards?|declin\w+|deteriorat\w+|adverse){_TREND}|worsening\b|deteriorat\w+|declin\w+|downwards?\b|trending\s+down\b|falling\b(?!\s+(?:below|short|outside|under|just)))",
            re.IGNORECASE,
        ),
    ),
)
# Only where the sentence says that it is about the direction of travel.
_BARE_DIRECTION = (
    ("improving", re.compile(r"\b(?:positive|up|improved|improvement|rising|favourable)\b", re.IGNORECASE)),
    ("stable", re.compile(r"\b(?:unchanged|no\s+change|neutral|level|the\s+same)\b", re.IGNORECASE)),
    ("worsening", re.compile(r"\b(?:negative|down|worse|worsened|adverse)\b", re.IGNORECASE)),
)
_ABOUT_DIRECTION = re.compile(r"\bdirections?\s+of\s+travel\b|\bDoT\b|\btrends?\b|\btrajector", re.IGNORECASE)
_NO_LONGER = re.compile(r"\b(?:no\s+longer|not|never|n't|without)\b(?:\s+\w+){0,3}\s*$", re.IGNORECASE)


def _cues(text: str, about_direction: bool) -> list[_Cue]:
    """Ratings and directions in the text, in order. A rating may be said by its meaning: "did not meet the floor"."""
    found = [_Cue(m[1].lower(), m.start(), m.end(), True) for m in _COLOUR.finditer(text)]
    floors = list(_FLOOR.finditer(text))
    for floor in floors:
        verb = re.search(
            r"\b(?:(?:did|do|does|had|have|has|were|was|are)\s+)?(?:not\s+)?(?:fail\w*\s+to\s+)?(?:achiev|meet|met|exceed|reach|hit|attain|miss|fail|fall|fell|below|above|under|on|at|short|n't|not)\w*\b(?:\s+(?!but\b|target)[\w,]+){0,8}?\s*$",
            text[: floor.start()],
            re.IGNORECASE,
        )
        start = verb.start() if verb else floor.start()
        # The negation may stand before the verb: "did not meet the floor", "not achieving the floor".
        what = "red" if _NOT_FLOOR.search(text[: floor.start()]) else "amber"
        if verb:
            found.append(_Cue(what, start, floor.end(), False))
    for target in _TARGET.finditer(text):
        if _NOT_TARGET.search(text[: target.start()]) or any(
            target.start() <= f.start() < target.end() for f in floors
        ):
            continue
        found.append(_Cue("green", target.start(), target.end(), False))
    patterns = _DIRECTION + _BARE_DIRECTION if about_direction else _DIRECTION
    for what, pattern in patterns:
        for match in pattern.finditer(text):
            inside = any(c.start <= match.start() < c.end for c in found)
            if not inside and not _NO_LONGER.search(text[: match.start()]):
                found.append(_Cue(what, match.start(), match.end(), False))
    return sorted(found, key=lambda cue: (cue.start, -cue.end))


# -- numbers


@dataclass(frozen=True, slots=True)
class _Number:
    start: int
    end: int
    value: int | None  # None for a number that counts no indicators; it still parts its neighbours
    percent: tuple[float, int] | None = None  # value and printed decimals
    rest: bool = False  # "the other six", "the remaining 22"


_LARGEST_SET = 250  # no council rates more indicators in one report; a larger number counts other things
_BEFORE_NO_COUNT = re.compile(
    r"(?:\b(?:appendix|appendices|item|items|page|pages|table|section|paragraph|para|figure|annex|chapter|phase|stage|tier|grade"
    r"|version|recommendation|ref|top|around|about|approximately|approx|nearly|almost|roughly|circa|some|at\s+least"
    r"|(?:more|fewer|less)\s+than|over|under|version|ks|year|years|aged?|every|per|option|priority|objective|half)|[£#]"
    r"|\b(?:latest|current|previous|target|floor|threshold|result|actual)(?:\s+(?:standard|value|figure))?\s*:)\s*$",
    re.IGNORECASE,
)
# "Red KPIs up to nine" is exact, "up to nine KPIs" is not.
_UP_TO = re.compile(r"(?<!gone )(?<!went )(?<!KPI )(?<!green )(?<!amber )(?<!red )\bup\s+to\s*$", re.IGNORECASE)
_AFTER_NO_COUNT = re.compile(
    r"^\s*(?:more|fewer|less|additional|extra|new|newly|further|times?|points?|years?|months?|weeks?|days?|hours?|quarters?|or\s+(?:more|fewer|less)|to\s+\w+\s+KPI)\b",
    re.IGNORECASE,
)
_PART = re.compile(
    r"^\s*(?:of\s+(?:these|those|them|which|whom|our|its|the\s+(?:\w+\s+)?(?:green|amber|red)\w*)|others?\b)",
    re.IGNORECASE,
)
_OF_ALL_THESE = re.compile(
    r"^\s*of\s+(?:these|those|them|which)\s+(?:(?:KPI|had|have)\s+)?(?:were|was|are|is|had|have|rated|RAG|achiev\w+|met|did|show\w*|exceed\w*)\b",
    re.IGNORECASE,
)
_OF_THE_KPI = re.compile(
    r"^\s*of\s+(?:the|these|those|all)?\s*(?:KPI)\b(?!\s*(?:\w+\s+){0,2}?(?:were|was|are|is|had|have|has|having|did|do|achiev|met|meet|exceed|show|reach|hit|rated\s+as)\b)",
    re.IGNORECASE,
)


def _numbers(clause: str, *, after_total: bool = False) -> tuple[list[_Number], bool]:
    """The clause's numbers, and whether one of them counts a part only."""
    found: list[_Number] = []
    partial = False
    for match in _PERCENT.finditer(clause):
        decimals = len(match[1].partition(".")[2])
        found.append(_Number(match.start(), match.end(), None, percent=(float(match[1]), decimals)))
    for match in _NUMBER.finditer(clause):
        word, before, after = match[0].lower(), clause[: match.start()], clause[match.end() :]
        value = count(word)
        if word in ("no", "none", "both", "zero") and not re.match(
            r"\s*(?:KPI|@total|of\s+the\s+KPI|were|was|are|rated|RAG|green|amber|red)s?\b", after, re.IGNORECASE
        ):
            continue
        if word == "both" or (
            word == "one" and re.search(r"\b(?:an?|the|this|that|each|any|every|no)\s+(?:\w+\s+)?$", before)
        ):
            continue
        rest = bool(re.search(r"\b(?:other|remaining|remainder|rest)\s*(?:of\s+the\s+)?$", before, re.IGNORECASE))
        if value is not None and value > _LARGEST_SET:
            value = None
        elif _OF_ALL_THESE.match(after) and (after_total or "@total" in before) and not _COLOUR.search(before):
            pass  # "38 KPIs were reported, 17 of which were Green"
        elif _PART.match(after) or _OF_THE_KPI.match(after):
            partial = True
            value = None
        elif _BEFORE_NO_COUNT.search(before) or _AFTER_NO_COUNT.match(after) or _UP_TO.search(before):
            value = None
        found.append(_Number(match.start(), match.end(), value, rest=rest))
    return sorted(found, key=lambda number: number.start), partial


_CHANGED = re.compile(
    r"\b(?:mov|chang|shift|turn|becom|becam|went|gone|go|drop|slip|fell|fall|return|progress|transition|switch|upgrad|downgrad|improv|declin|deteriorat|escalat)\w*"
    r"(?:\s+(?:\w+\s+){0,3}?(?:from|to|into|out|back)\b|\s*(?:RAG\s+)?$)|\b(?:from|into|out\s+of|newly|remain\w*|no\s+longer|back\s+(?:to|in|into)|previously|formerly)\s+(?:\w+\s+){0,2}$",
    re.IGNORECASE,
)


def _forward(span: str, about_direction: bool) -> str | None:
    """What the words after a number make of it: "17 | KPIs achieved target (rated green), "."""
    text = re.split(
        r"\b(?:while|whilst|whereas|although|though|however|compared|because|due\s+to)\b", span, maxsplit=1
    )[0]
    cues = _cues(text, about_direction)
    if not cues:
        return None
    noun = re.match(r"\s*(?:(?:of\s+the\s+|of\s+)?KPI|@total)\b", text)
    first = cues[0]
    gap = text[: first.start]
    after_noun = gap[noun.end() :] if noun else gap
    if gap.rstrip().endswith((",", ":", ";", ".", "-")) and not re.search(r"\w", after_noun):
        return None  # "38 KPIs, Green 17": the cue is the next number's
    if not noun and re.match(r"[,:;)]|\s*(?:and|or|but)\b", gap):
        return None
    if noun and (_limited_after(after_noun) or not _verb_follows(after_noun)):
        return None
    strange = [w for w in re.findall(r"[\w@'’]+", gap) if _bare(w) not in _VOCABULARY]
    if len(strange) > (2 if noun else 0):
        return None
    chosen = first
    if not first.colour:
        for cue in cues[1:]:
            between = text[first.end : cue.start]
            words = [w for w in re.findall(r"[\w@'’]+", between) if _bare(w) not in _VOCABULARY]
            if cue.colour and len(words) <= (2 if noun else 0):
                chosen = cue
                break
    if chosen.colour and _CHANGED.search(text[: chosen.start].rstrip() + " "):
        return None
    for cue in cues:
        between = text[chosen.end : cue.start]
        if cue.start >= chosen.end and cue.what != chosen.what:
            if re.fullmatch(r"\s*(?:and|or|/|&|to|,|and/or)\s*(?:RAG\s+|rated\s+)*", between, re.IGNORECASE):
                return None  # "six Amber or Red", "five improving or stable"
            if chosen.what in RATINGS and cue.what in DIRECTIONS and not re.search(r"[.;,:]", between):
                return None  # "3 amber rated KPIs with a worsening direction": neither all amber nor all worsening
    return chosen.what


def _verb_follows(after_noun: str) -> bool:
    """Whether what follows "KPIs" speaks of them rather than narrowing them: "KPIs affected by …" narrows."""
    word = re.match(r"[\s(,]*([\w@'’]+)", after_noun)
    return word is None or _bare(word[1]) in _VOCABULARY


_STOOD = (
    r"(?:\s*(?:\(|:|=|-)\s*|\s+(?:was|were|is|are|at|(?:stood|stands?|stayed|stays|remain\w*|held|unchanged)\s+at|total\w*|number\w*|now|now\s+at|to\s+be"
    r"|accounts?\s+for)\s+|\s+)"
)
_BACK_COLOUR = re.compile(
    rf"(?<![\w-])(?:RAG\s+|rated\s+)*(green|amber|red)s?(?:\s+rated)?(?:\s+KPI)?(?:\s+(?:ratings?|status|rag))?{_STOOD}$",
    re.IGNORECASE,
)
_BACK_TO = re.compile(
    r"(?<![\w-])(green|amber|red)s?\b[^.;:]{0,60}?\b(?:increas|ris|rose|grow|grew|decreas|reduc|fall|fell|drop|declin|improv|gone|went|mov|chang|com|up|down)\w*(?:\s+(?:up|down))?\s+to\s+$",
    re.IGNORECASE,
)
_BACK_BRINGING = re.compile(
    r"\b(?:bring|took|tak|leav|left|mak)\w*\s+(?:the\s+)?(?:total\s+)?(?:number\s+of\s+)?(green|amber|red)s?\b[^.;:,]{0,30}?\s+(?:to|at)\s+$",
    re.IGNORECASE,
)
_BACK_NUMBER = re.compile(
    r"\bnumber\s+of\s+(?:KPI\s+)?(?:RAG\s+)?(?:rated\s+)?(?:as\s+)?(green|amber|red)(?:\s+KPI)?\s+to\s+$", re.IGNORECASE
)
_BACK_GIVEN = re.compile(
    r"\b(?:with|given|issued|receiv\w+|award\w+|scor\w+|hold\w*|rated|classed|rating)\s+(?:with\s+|as\s+)?(?:an?\s+)?(green|amber|red)(?:\s+(?:rating|ratings|status|score))?\s+(?:were|was|are|is)\s+$",
    re.IGNORECASE,
)
_AFTER_BACK = re.compile(
    r"^\s*(?:KPI\b|[,.;:)]|and\b|$|of\s+the\s+KPI|@total|this\b|at\b|in\s+@this|@this|\(|-|these\b|up\b|down\b|with\b|whil\w+\b|but\b|from\b"
    r"|(?:RAG\s+)?(?:rated\s+)?(?:green|amber|red)s?\b)",
    re.IGNORECASE,
)


def _backward(span: str, after: str, about_direction: bool) -> str | None:
    """What the words before a number make of it: "green rated indicators increasing to | 28"."""
    if not _AFTER_BACK.match(after):
        return None
    for pattern in (_BACK_GIVEN, _BACK_BRINGING, _BACK_NUMBER, _BACK_TO, _BACK_COLOUR):
        match = pattern.search(span)
        if match and not re.search(
            r"\b(?:from|remain\w*|moved\s+(?:in)?to|out\s+of)\s+(?:\w+\s+)?$", span[: match.start()]
        ):
            return match[1].lower()
    if about_direction:
        cues = _cues(span, True)
        if (
            cues
            and cues[-1].what in DIRECTIONS
            and re.fullmatch(rf"(?:\s+KPI)?(?:\s+(?:for|in))?{_STOOD}", span[cues[-1].end :])
        ):
            return cues[-1].what
    return None


# -- totals

_OF_TOTAL = re.compile(
    rf"\b(?P<out>out\s+)?of\s+(?:(?:the|all|these|our|its|their|a|total|set)\s+)*(?:of\s+)?(?P<n>{_N})\s+(?:(?:reported|published|council|current|different|agreed|separate|rated|wide)\s+)?KPI\b",
    re.IGNORECASE,
)
_NOT_OF_TOTAL = re.compile(
    r"\b(?:number|increase|decrease|reduction|rise|fall|net|range|couple|list|group|each|one|any|some|most|majority)\s+$",
    re.IGNORECASE,
)
_OUT_OF = re.compile(
    rf"\bout\s+of\s+(?:the\s+|a\s+)?(?:total\s+of\s+|possible\s+)?(?P<n>{_N})(?=\s*(?:[.,;:)]|$|assessed|reported|included|contained|were\b|are\b|have\b|had\b))",
    re.IGNORECASE,
)
_N_OF_N = re.compile(
    r"(?<=[\w)]\s)of\s+(?:the\s+)?(?P<n>\d{1,3})(?=\s+(?:were|are|was|had|have|achiev\w+|met|reported|assessed|included)\b)",
    re.IGNORECASE,
)
_HOLDS = re.compile(
    rf"\b(?:includ\w+|contain\w+|compris\w+|cover\w+|consist\w*\s+of|made\s+up\s+of|monitor\w*|track\w*|total\s+of|set\s+of|suite\s+of|results?\s+(?:of|for)|(?:assess|measur|report)\w*\s+(?:against|on|across)|against)\s+"
    rf"(?:(?:the|a|all|its|total\s+of|our|set\s+of)\s+)*(?P<n>{_N})\s+(?:(?:council|current|reported|agreed)\s+)?KPI\b",
    re.IGNORECASE,
)
_OF_WHICH = re.compile(rf"(?<![\w@])(?P<n>{_N})\s+KPI\b(?=[\s,-]*(?:of\s+which|:))", re.IGNORECASE)
_SMALLEST_SET = 10  # a paper that "includes three KPIs on …" speaks of a part


def _totals(clause: str) -> tuple[str, list[int], bool]:
    """The clause with its totals replaced by @total, the totals, and whether one is that of a part only."""
    totals: list[int] = []
    part = False

    def of_total(match: re.Match[str]) -> str:
        nonlocal part
        before, after = clause[: match.start()], clause[match.end() :]
        initial = not re.search(r"\w", before)
        follows_number = bool(re.search(rf"(?<![\w@])(?:{_N}|\d+(?:\.\d+)?%)\s*$", before, re.IGNORECASE))
        article = bool(re.match(r"\W*(?:out\s+)?of\s+(?:the|all|these|our|its|their|a)\s", match[0], re.IGNORECASE))
        if not (match["out"] or initial or follows_number or article) or _NOT_OF_TOTAL.search(before):
            return match[0]
        value = count(match["n"])
        if value is None:
            return match[0]
        if _limited_after(after):
            part = True
        totals.append(value)
        return " @total "

    clause = _OF_TOTAL.sub(of_total, clause)

    def plain(match: re.Match[str]) -> str:
        value = count(match["n"])
        if value is None:
            return match[0]
        totals.append(value)
        return " @total "

    clause = _OUT_OF.sub(plain, clause)
    clause = _N_OF_N.sub(
        lambda m: plain(m) if re.search(rf"(?:{_N})\s*$", m.string[: m.start()], re.IGNORECASE) else m[0], clause
    )

    def holds(match: re.Match[str]) -> str:
        value = count(match["n"])
        after = clause[match.end() :]
        if value is None or value < _SMALLEST_SET or _limited_after(after):
            return match[0]
        span = re.split(r"[,;:.]|\band\b", after, maxsplit=1)[0]
        if _forward(" KPI" + span, False):
            return match[0]  # "with nine indicators not achieving …"
        totals.append(value)
        return match[0][: match.start("n") - match.start()] + "@total"

    clause = _HOLDS.sub(holds, clause)
    clause = _OF_WHICH.sub(lambda m: holds(m) if (count(m["n"]) or 0) >= _SMALLEST_SET else m[0], clause)
    return clause, totals, part


# Of the four Red KPIs, only one …: what follows is about those four.
_AMONG = re.compile(
    rf"\b(?:of|among|amongst|for|from)\s+(?:the|these|those|all)\s+(?:(?P<n>{_N})\s+)?(?:KPI\s+)?(?:(?:that|which)\s+(?:were|are|was|had\s+been)\s+)?(?:RAG\s+)?(?:rated\s+)?(?:as\s+)?(?P<colour>green|amber|red)s?\b(?:\s+rated)?",
    re.IGNORECASE,
)
_AMONG_THEM = re.compile(r"\b(?:of|among|amongst)\s+(?:these|those|which|them|whom)\b", re.IGNORECASE)
# Things that councils rate in the same colours.
_FOREIGN = re.compile(
    r"\b(?:risks?|savings?|projects?|programmes?|contracts?|contractors?|suppliers?|providers?|actions?|milestones?|recommendations?|schemes?|budgets?"
    r"|inspections?|homes|sites|complaints?|objectives?|workstreams?|deliverables?|proposals?|BRAG)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class _Said:
    """What one sentence says."""

    text: str
    page: int | None
    copy: str
    at: int = 0  # its place among the sentences of the text
    service: str | None = None
    values: Mapping[str, int] = field(default_factory=dict)
    percents: Mapping[str, tuple[float, int]] = field(default_factory=dict)
    rests: frozenset[str] = frozenset()  # of those in values: said as "the other six"
    spare: tuple[int, ...] = ()  # numbers of KPIs without a cue: perhaps the total
    partial: bool = False  # about a part; its numbers were left out

    @property
    def speaks(self) -> bool:
        """Whether it names the indicators."""
        return re.search(r"\bKPI\b|@total", self.copy) is not None


_EVERY = re.compile(r"\ball\s+(?:of\s+)?(?:the\s+|our\s+|its\s+)?$", re.IGNORECASE)
_SMALLEST_WHOLE = 20  # "all five KPIs" are a service's, whatever the sentence leaves unsaid; the council has more


_LONGEST_SENTENCE = 2500  # characters; the longest real one with counts has 700, and tables are no sentences

_MOST_NUMBERS = 40  # in a sentence; what has more is a table


def _read_sentence(
    text: str, page: int | None, when: _Period, *, about_direction: bool, after_total: bool, of_service: bool = False
) -> _Said:
    """Numbers and cues of one sentence, matched; values is empty where it counts nothing for certain."""
    if len(text) > _LONGEST_SENTENCE or len(re.findall(r"\d+|\bKPI", text)) > _MOST_NUMBERS:
        return _Said(text, page, "", partial=True)
    copy = _copy(text, when)
    if _HYPOTHETICAL.search(copy):
        return _Said(text, page, copy, partial=True)
    about_direction = about_direction or bool(_ABOUT_DIRECTION.search(copy))
    found = _Found()
    for clause in re.split(r";\s", copy):
        _read_clause(
            _without_other_periods(clause),
            found,
            about_direction=about_direction,
            after_total=after_total,
            of_service=of_service,
        )
    return _Said(
        text,
        page,
        copy,
        values=found.values,
        percents=found.percents,
        rests=frozenset(found.rests),
        spare=tuple(found.spare),
        partial=found.partial,
    )


# "KPIs would be rated Green if …", "expected to be Red by the year's end": not what is.
_HYPOTHETICAL = re.compile(
    r"\b(?:would|will|should|could|might|may|(?:likely|due|set|hoped|need\w*|going)\s+to)\s+be(?:come)?\s+(?:\w+\s+){0,2}(?:rated|classed|RAG|green|amber|red)\b"
    r"|\bif\b|\bforecast\w*|\bexpected\s+to\b|\bprojected\b|\bpredicted\b|\baim\w*\s+(?:to|for)\b",
    re.IGNORECASE,
)


@dataclass
class _Found:
    """What the clauses of one sentence gave so far."""

    values: dict[str, int] = field(default_factory=dict)
    percents: dict[str, tuple[float, int]] = field(default_factory=dict)
    rests: set[str] = field(default_factory=set)
    spare: list[int] = field(default_factory=list)
    partial: bool = False


def _read_clause(clause: str, found: _Found, *, about_direction: bool, after_total: bool, of_service: bool) -> None:
    """Add what the clause says. Where any of it is about a part, only what was said before that counts."""
    clause, totals, part = _totals(clause)
    if part or _limited(clause):
        found.partial = True
        return
    for total in totals:
        found.values.setdefault("total", total)
    among = _AMONG.search(clause)
    if among is not None:
        stated = count(among["n"]) if among["n"] else None
        clause = clause[: among.start()]
        found.partial = True
        if stated is not None:
            found.values.setdefault(among["colour"].lower(), stated)
    them = _AMONG_THEM.search(clause)
    if them is not None and not (totals or (after_total and not re.search(r"\w", clause[: them.start()]))):
        clause = clause[: them.start()]
        found.partial = True
    numbers, some_part = _numbers(clause, after_total=after_total)
    every = [n.value for n in numbers if n.value is not None and _EVERY.search(clause[: n.start])]
    matched = _matched(clause, numbers, about_direction)
    if some_part or (every and min(every) < _SMALLEST_WHOLE and not of_service) or _narrowed(clause, matched):
        found.partial = True
        return
    for total in every:
        found.values.setdefault("total", total)
    for number, what, _ in matched:
        _note(clause, number, what, found)


def _narrowed(clause: str, matched: Sequence[tuple[_Number, str | None, bool]]) -> bool:
    """Whether one of the numbers counts the indicators of a part: "Three KPIs in Adult Social Care were …"."""
    for number, _, before in matched:
        noun = re.match(r"\s*(?:of\s+the\s+)?(?:(?:green|amber|red)\s+)?KPI\b", clause[number.end :], re.IGNORECASE)
        if noun and not before and _limited_after(clause[number.end + noun.end() :]):
            return True
    return False


_PERCENT_OF_KPIS = re.compile(
    r"\s*(?:(?:of\s+)?(?:the\s+|all\s+)?(?:KPI|@total)\b|(?:(?:were|as|are|rated|reported)\s+)*(?:green|amber|red))",
    re.I,
)


def _note(clause: str, number: _Number, what: str | None, found: _Found) -> None:
    """Put one number where it belongs; the first of its kind counts."""
    after = clause[number.end :]
    if what is None:
        if number.value is not None and re.match(r"\s*KPI\b(?!\s*(?:'s|in\b|for\b|under\b))", after):
            found.spare.append(number.value)
    elif number.percent is not None:
        if _PERCENT_OF_KPIS.match(after):
            found.percents.setdefault(what, number.percent)
    elif number.value is not None and what not in found.values:
        found.values[what] = number.value
        if number.rest:
            found.rests.add(what)


def _without_other_periods(clause: str) -> str:
    """What is left when the words about another quarter are taken out."""
    match = re.search(_OTHER, clause)
    while match is not None:
        before, after = clause[: match.start()], clause[match.end() :]
        told = re.match(r"\s*(?:where|when|which|there)\b", after)
        if not re.search(r"[^\s,:]", re.sub(r"(?i)\b(?:in|during|for|at)\s+$", "", before)):
            clause = ""  # "In the previous quarter there were …"
        elif _MEASURED_BY.search(before) and not told:
            clause = before + after  # "improved on the previous quarter"
        elif told:
            clause = before
        else:
            # "40 KPIs were reported in Quarters 1 and 2", "16 last quarter": what is said of it goes as well.
            cut = max(before.rfind(","), before.rfind(" but "), before.rfind(" and "), before.rfind("("))
            tail = re.search(r"(?:,|\bbut\b|\band\b)\s", after)
            clause = (before[: cut + 1] if cut >= 0 else "") + (after[tail.start() :] if tail else "")
        match = re.search(_OTHER, clause)
    return clause


_MEASURED_BY = re.compile(
    r"\b(?:than|as|to|with|from|on|since|over|against|of|unlike|versus|follow\w+|after)\s+(?:in\s+)?(?:the\s+)?$",
    re.IGNORECASE,
)


def _matched(clause: str, numbers: list[_Number], about_direction: bool) -> list[tuple[_Number, str | None, bool]]:
    """Each number, its cue and whether that stood before it: as many as possible, no cue twice, after before before."""
    if not numbers:
        return []
    edges = [0, *[n.end for n in numbers]]
    starts = [*[n.start for n in numbers], len(clause)]
    spans = [clause[a:b] for a, b in zip(edges, starts, strict=True)]
    # best[taken]: score and choices so far, by whether the last number took the words after it.
    best: dict[bool, tuple[int, tuple[tuple[str | None, bool], ...]]] = {False: (0, ())}
    for at, number in enumerate(numbers):
        counts_something = number.value is not None
        after = _forward(spans[at + 1], about_direction) if counts_something or number.percent else None
        before = _backward(spans[at], clause[number.end :], about_direction) if counts_something else None
        options: list[tuple[bool, int, tuple[tuple[str | None, bool], ...]]] = []
        for taken, (score, chain) in best.items():
            options.append((False, score, (*chain, (None, False))))
            if after is not None:
                options.append((True, score + 101, (*chain, (after, False))))
            if before is not None and not taken:
                options.append((False, score + 100, (*chain, (before, True))))
        best = {}
        for taken, score, chain in options:
            if taken not in best or score > best[taken][0]:
                best[taken] = (score, chain)
    _, chain = max(best.values(), key=lambda option: option[0])
    return [(number, what, before) for number, (what, before) in zip(numbers, chain, strict=True)]


# --- sentences into a reading -------------------------------------------------------------


@dataclass
class _Thread:
    """What the sentences before leave to those after: whether "12 were Amber" can be of indicators."""

    since_subject: int = 99  # sentences since one that named the indicators
    since_count: int = 99  # sentences since one that counted
    since_direction: int = 99  # sentences since one that spoke of the direction of travel
    only_total: bool = False  # the sentence before gave the total and nothing else

    def follow(self, said: _Said) -> None:
        """Take note of a sentence."""
        self.since_subject = 0 if said.speaks else self.since_subject + 1
        self.since_count = 0 if said.values else self.since_count + 1
        named = re.search(r"\bdirections?\s+of\s+travel\b|\bDoT\b", said.copy, re.IGNORECASE)
        self.since_direction = 0 if named else self.since_direction + 1
        self.only_total = set(said.values) == {"total"}


def _all_said(pages: Sequence[tuple[int | None, str]], when: _Period) -> Iterator[_Said]:
    """Every sentence with what it says and of which service."""
    thread = _Thread()
    under_service = False  # a heading that names a service stands above
    at = 0
    for paragraph in _over_pages(pages):
        if paragraph.mark == "digit":
            under_service = False
        service = _named_service(paragraph.text)
        if service is None and _names_only_a_service(paragraph.text):
            under_service = True
            continue
        if service is not None:
            thread = _Thread()  # what a service's paragraph says leads from nothing and to nothing
        heading = _heading(paragraph.text)
        strange = service is None and heading is not None and not _neutral_heading(heading[0])
        start = len(paragraph.text) - len(heading[1]) if service is not None and heading is not None else 0
        position = start
        for sentence in sentences(paragraph.text[start:]):
            position = paragraph.text.index(sentence, position)
            said = _read_sentence(
                sentence,
                paragraph.page_at(position),
                when,
                about_direction=thread.since_direction <= 1,
                after_total=thread.only_total,
                of_service=service is not None,
            )
            first = position == start
            doubtful = (under_service and service is None) or (strange and first)
            if not _acceptable(said, thread) or (doubtful and said.values.get("total", 0) < _SMALLEST_WHOLE):
                said = replace(said, values={}, percents={}, spare=())
            text = paragraph.text[:start] + said.text if first else said.text
            at += 1
            yield replace(said, service=service, at=at, text=text)
            thread.follow(said)
        if service is not None:
            thread = _Thread()


_NEUTRAL_HEADINGS = words(
    "headlines headline overview results key points findings position background introduction conclusion minutes"
    " highlights update recommendation recommendations resolved note notes"
)


def _neutral_heading(name: str) -> bool:
    """Whether a heading before a dash or colon says nothing of a part: "Overview: …"."""
    return {_bare(word) for word in name.split()} - {""} <= _NEUTRAL | _NEUTRAL_HEADINGS


def _names_only_a_service(text: str) -> bool:
    """A paragraph that is nothing but a service's name: a heading."""
    words = text.rstrip(":").split()
    if not 0 < len(words) <= 9 or text[-1] in ".;,!?)":
        return False
    small = {"and", "of", "the", "for", "&"}
    return all(w[0].isupper() or w.lower() in small for w in words) and bool({_bare(w) for w in words} & SERVICE_WORDS)


def _acceptable(said: _Said, thread: _Thread) -> bool:
    """Whether the sentence's numbers can be of indicators."""
    if not said.values and not said.percents:
        return bool(said.spare)
    foreign = _FOREIGN.search(said.copy)
    if said.speaks:
        subject = re.search(r"\bKPI\b|@total", said.copy)
        number = _NUMBER.search(said.copy)
        # "three risks were Red, unlike the KPIs": the first noun is what is counted.
        return not (foreign and subject and number and max(foreign.start(), number.start()) < subject.start())
    if foreign:
        return False
    several = len([key for key in said.values if key != "total"]) >= 2
    return thread.since_count <= 3 or (thread.since_subject <= 2 and several)


def _settle(said: Sequence[_Said]) -> tuple[dict[str, int], int | None, str] | None:
    """One set of values out of what the sentences say, the page that says most, and the words."""
    values: dict[str, int] = {}
    kept: list[tuple[_Said, dict[str, int]]] = []
    for sentence in said:
        own = _own_values(sentence, values)
        if own and not _contradicts(values, own):
            kept.append((sentence, own))
            values = {**own, **values}
    values = _plausible(values)
    if not values:
        return None
    # As values has them now: a footnote mark is off the total.
    kept = [(sentence, {key: values[key] for key in own if key in values}) for sentence, own in kept]
    if "total" not in values and all(key in values for key in RATINGS):
        # "38 indicators" said without saying that these are all is the total when the ratings add up to it.
        total = sum(values[key] for key in RATINGS)
        holder = next((s for s in said if total in s.spare and total >= max(values.values())), None)
        if holder is not None:
            values["total"] = total
            kept.append((holder, {"total": total}))
    return values, *_evidence(kept)


def _own_values(sentence: _Said, before: Mapping[str, int]) -> dict[str, int]:
    """What the sentence says in numbers: percentages as counts, "the other six" only where the total bears it out."""
    own = dict(sentence.values)
    for what, (percent, decimals) in sentence.percents.items():
        number = _of_percent(percent, decimals, own.get("total", before.get("total")))
        if number is not None:
            own.setdefault(what, number)
    own = _footnotes_off(own, before)
    if sentence.rests and not _rest_fits({**before, **own}, sentence.rests):
        return {key: value for key, value in own.items() if key not in sentence.rests}
    return own


def _evidence(kept: Sequence[tuple[_Said, dict[str, int]]]) -> tuple[int | None, str]:
    """The page that says most of it, and the sentences: that page's first, others only for what it lacks."""
    by_page: dict[int | None, set[str]] = {}
    for sentence, own in kept:
        by_page.setdefault(sentence.page, set()).update(own)
    page = max(by_page, key=lambda p: len(by_page[p]))
    have: set[str] = set()
    chosen: list[_Said] = []
    for sentence, own in sorted(kept, key=lambda pair: pair[0].page != page):
        if set(own) - have:
            have |= set(own)
            chosen.append(sentence)
    chosen.sort(key=lambda sentence: sentence.at)
    quote = chosen[0].text
    for before, after in pairwise(chosen):
        quote += (" " if after.at - before.at == 1 else " … ") + after.text
    return page, quote


def _of_percent(percent: float, decimals: int, total: int | None) -> int | None:
    """62.5% of 40 is 25; None where no whole number has that percentage."""
    if not total:
        return None
    number = round(percent * total / 100)
    return number if abs(100 * number / total - percent) <= 0.5 * 10**-decimals + 1e-9 else None


def _sums(values: Mapping[str, int]) -> list[int]:
    return [sum(values[k] for k in keys) for keys in (RATINGS, DIRECTIONS) if all(k in values for k in keys)]


def _footnotes_off(own: dict[str, int], before: Mapping[str, int]) -> dict[str, int]:
    """Without the footnote digit glued to the total, where the sum says so or the total was said before."""
    total = own.get("total")
    if total is None or total < 100:
        return own
    known = {**own, **before}
    shorter = total // 10
    if shorter in _sums(known) or before.get("total") == shorter:
        return {**own, "total": shorter}
    return own


def _plausible(values: dict[str, int]) -> dict[str, int]:
    """Without a total of three digits that no sum confirms: its last digit may be a footnote mark.

    One or two indicators may be without a rating, so a sum a little below confirms as well.
    """
    total = values.get("total")
    if total is None or total < 100:
        return values
    for candidate in (total // 10, total):
        if any(0 <= candidate - found <= max(2, candidate // 10) for found in _sums(values)):
            return {**values, "total": candidate}
    return {key: value for key, value in values.items() if key != "total"}


def _contradicts(values: Mapping[str, int], own: Mapping[str, int]) -> bool:
    total, other = values.get("total"), own.get("total")
    for key, value in own.items():
        if key == "total" and total is not None:
            if value != total and total // 10 != value:
                return True
        elif key in values and values[key] != value:
            return True
    both = {**own, **values}
    if other is not None and total is None and any(v > other for k, v in values.items() if k != "total"):
        return True
    return "total" in both and bool(values) and any(v > both["total"] for k, v in own.items() if k != "total")


def _rest_fits(values: Mapping[str, int], rests: frozenset[str]) -> bool:
    """Whether "the other six" is what the total leaves."""
    for keys in (RATINGS, DIRECTIONS):
        mine = [k for k in keys if k in rests]
        if not mine:
            continue
        stated = [values[k] for k in keys if k in values]
        total = values.get("total")
        if total is None or len(stated) < 2 or sum(stated) != total:
            return False
    return True


# --- what a paper or an item is about ------------------------------------------------------

_PERFORMANCE = re.compile(
    r"\bperformance\b.*\b(?:reports?|reporting|monitoring|dashboards?|scorecards?|indicators?|update|review|quarter|q[1-4])\b"
    r"|\b(?:quarter\w*|q[1-4])\b.*\bperformance\b|\bqpr\b|\bkpi'?s?\b|\bscorecards?\b|\bdashboards?\b",
    re.IGNORECASE,
)
_OTHER_PERFORMANCE = re.compile(
    r"\b(?:pensions?|treasury|financial|finance|budget\w*|investments?|contract|supplier|provider|risk|capital|revenue|savings)\b",
    re.IGNORECASE,
)
_WHOLE = re.compile(
    r"\bquarterly\s+performance\b|\bqpr\b|\b(?:council|corporate|authority|kcc|strategic\s+plan)\s+(?:quarterly\s+)?performance\b"
    r"|\bperformance\s+monitoring\b|\bperformance\s+reports?\b.*\b(?:quarter|q[1-4])\b|\b(?:quarter|q[1-4])\b.*\bperformance\b",
    re.IGNORECASE,
)
_PART_OF = re.compile(
    r"^(?:\d{2}[/-]\d{5}\s*[-:]?\s*)?(?P<name>.+?)[\s:,-]+(?:\d{4}[/-]\d{2,4}\s+)?(?:key\s+)?(?:performance\s+)?"
    r"(?:dashboards?|scorecards?|performance\s+(?:reports?|monitoring|indicators?|update)|kpi'?s?)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Subject:
    """What a title says that its text counts."""

    performance: bool  # indicators of performance at all
    service: str | None = None  # the part of the council whose indicators they are; None for all


def subject(title: str, committee: str | None = None) -> Subject:
    """Whose indicators a paper or an agenda item with that title counts.

    A dashboard to one service's committee is about that service, not about the council.

    >>> subject("Quarterly Performance Report, Q2 2024-2025", "Cabinet")
    Subject(performance=True, service=None)
    >>> subject("Performance Dashboard", "Environment and Transport Cabinet Committee").service
    'Environment and Transport'
    >>> subject("Commercial and Procurement Performance Report - Quarters 2 and 3").service
    'Commercial and Procurement'
    >>> subject("Cabinet Member Updates"), subject("Pension Fund performance report")
    (Subject(performance=False, service=None), Subject(performance=False, service=None))
    """
    plain = matching(title)
    if not _PERFORMANCE.search(plain):
        return Subject(False)
    if re.search(r"\bquarterly\s+performance\b|\bqpr\b", plain, re.IGNORECASE):
        return Subject(True)
    if _OTHER_PERFORMANCE.search(plain):
        return Subject(False)
    named = _PART_OF.match(plain)
    if named and {_bare(word) for word in named["name"].split()} & SERVICE_WORDS:
        return Subject(True, collapse(named["name"]))
    body = re.sub(
        r"\b(?:cabinet|select|overview|and|scrutiny|sub-)*\s*(?:sub-)?committee\b", "", committee or "", flags=re.I
    )
    if {_bare(word) for word in body.split()} & SERVICE_WORDS and not _WHOLE.search(plain):
        return Subject(True, collapse(body))
    return Subject(True)


def is_dashboard(title: str) -> bool:
    """Whether the title is of a monthly dashboard, whose dates name no quarter."""
    return re.search(r"\b(?:dashboard|scorecard)", title, re.IGNORECASE) is not None


def of_subject(found: Sequence[RagCount], title: str, about: Subject) -> list[RagCount]:
    """The counts of a text, as counts of what its title is about."""
    if about.service is None and not is_dashboard(title):
        return list(found)
    named = period(title) or (None, None)
    whole = [c for c in found if c.service is None]
    return [replace(c, service=about.service, financial_year=named[0], quarter=named[1]) for c in whole]


__all__ = [
    "DIRECTIONS",
    "RATINGS",
    "SERVICE_WORDS",
    "VERSION",
    "Subject",
    "counts",
    "counts_in",
    "of_subject",
    "period",
    "sentences",
    "subject",
    "unread",
    "words",
]
