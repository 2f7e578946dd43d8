"""What a table's cells count: as their columns say, else their rows, else the table's caption."""

import re

from parsers.complaints_report.labelled_table import Entry, Labelled
from parsers.text import matching, slug

# What a caption, a header or a label counts; the first that fits decides.
_OMBUDSMAN = re.compile(r"\bombuds\w+|\blgs?co\b|\blgo\b|\bhousing ombud", re.IGNORECASE)
_OMBUDSMAN_MEASURES = (
    ("ombudsman_time_taken", r"\btime taken|\bdays\b|\bresponse times?|\baverage time|\bturnaround"),
    ("ombudsman_remedies", r"\bremed|\bcompensation|\bsettlement|\bpayments?\b|\bfinancial|£"),
    ("ombudsman_not_upheld", r"\bnot\s+upheld"),
    ("ombudsman_upheld", r"\bupheld"),
    ("ombudsman_compliance", r"\bcompliance|\bcomplied"),
    ("ombudsman_decisions", r"\bdecisions?\b|\boutcomes?\b"),
    ("ombudsman_enquiries", r"\benquir|\breceived|\bcomplaints?\b|\bcases?\b|\breferr"),
)
_IN_TIME = (
    r"\bin\s?time(?:scales?)?\b|\bon time|\bwithin\s+(?:\w+\s+){0,3}(?:time|timescales?|target|deadline|standard|days)"
    r"|\btimescales?\b|\b(?:to|in) (?:target|time)\b|\bsla\b|\btimeliness"
)
_MEASURES = (
    ("escalations", r"\bescalat|\bstage\s*(?:2|two|ii)\b|\b(?:independent|local) (?:review|resolution)s?\b"),
    ("response_time", r"\baverage\b.*\b(?:days|time)\b|\bresponse times?\b|\bdays (?:taken|to)\b"),
    ("complaints_in_time", _IN_TIME),
    ("complaints_not_upheld", r"\bnot\s+upheld"),
    ("complaints_partially_upheld", r"\bpart(?:ial)?ly\s+upheld|\bupheld in part"),
    ("complaints_upheld", r"\bupheld"),
    ("complaint_themes", r"\bthemes?\b|\breasons?\b|\bcauses?\b|\bcategor|\bnature of|\bissues?\b|\bsubjects? of"),
    (
        "complaint_channels",
        r"\bchannels?\b|\bcontact methods?|\bmethods? of|\bhow (?:\w+ ){0,3}(?:made|received|contacted)",
    ),
    ("remedies", r"\bcompensation|\bremed|\bfinancial (?:settlement|redress)|\bgoodwill|£"),
    ("compliments", r"\bcompliments?\b|\bthanks\b|\bpraise"),
    ("comments", r"\bcomments?\b|\bsuggestions?\b"),
    ("member_enquiries", r"\b(?:mp|mps|member|members|councillor)'?s?'? enquir|\benquiries from (?:mps|members)"),
    ("enquiries", r"\benquir"),
    ("complaints", r"\bcomplaints?\b|\bstage\s*(?:1|one|i)\b"),
    ("feedback", r"\bfeedback\b|\bcontacts?\b|\bcases\b"),
)
_PATTERNS = [(name, re.compile(pattern, re.IGNORECASE)) for name, pattern in _MEASURES]
_OMBUDSMAN_PATTERNS = [(name, re.compile(pattern, re.IGNORECASE)) for name, pattern in _OMBUDSMAN_MEASURES]
# Kinds of feedback as a row's or a column's own label, and nothing more.
_KIND = re.compile(
    r"(?:total |number of |no\.? of |all )?(?:new |formal |statutory |corporate |stage (?:1|one) )?"
    r"(?P<kind>complaints?|compliments?|comments?|enquir(?:y|ies)|(?:mp|member)s?'? enquiries|escalations?)"
    r"(?: received| recorded| made| logged)?",
    re.IGNORECASE,
)
_CHANGE = re.compile(r"\bchange|\bdifference|\bvariance|\bincrease|\bdecrease|\+/-|\bdirection\b", re.IGNORECASE)
_SHARE = re.compile(r"\bshare\b|\bproportion|%\s*of\s*(?:the\s+)?total|\bpercentage of (?:the )?total", re.IGNORECASE)
_COUNTED = frozenset(
    {"complaints", "compliments", "comments", "enquiries", "member_enquiries", "escalations", "feedback"}
)


def measure_of(entry: Entry, name: str, table: Labelled) -> str:
    """What a cell counts: as its column says, else its row, else the table's caption."""
    ombudsman = bool(_OMBUDSMAN.search(f"{name} {table.title} {entry.header} {table.label_header}"))
    column = _subject(entry.header, ombudsman)
    caption = _subject(name or table.title, ombudsman)
    row = _row_subject(entry.label, ombudsman)
    base = column
    if base is None:
        base = (
            row if row is not None and caption in (None, "feedback", "complaints", "ombudsman_enquiries") else caption
        )
    if base is None:
        base = code(name or table.title) or code(table.label_header) or "other"
    if _CHANGE.search(entry.header):
        return f"{base}/change"
    if entry.value.unit == "%" and base in _COUNTED:
        if _SHARE.search(f"{entry.header} {name}"):
            return f"{base}/share"
        in_time = base in ("complaints", "feedback") and re.search(_IN_TIME, f"{entry.header} {name}", re.IGNORECASE)
        return "complaints_in_time" if in_time else f"{base}/percent"
    if base == "complaints_in_time" and entry.value.unit != "%" and column is None and _counts(name):
        return "complaints"
    return base


def _counts(name: str) -> bool:
    """The caption is of complaints received, and of how many were answered in time."""
    return bool(re.search(r"\breceived\b|^(?:number of )?complaints\b.*\band\b", name, re.IGNORECASE))


def _subject(text: str, ombudsman: bool) -> str | None:
    text = matching(text)
    patterns = _OMBUDSMAN_PATTERNS if ombudsman else _PATTERNS
    return next((name for name, pattern in patterns if text and pattern.search(text)), None)


def _row_subject(label: str, ombudsman: bool) -> str | None:
    """What a row's label counts, if the label is nothing but that."""
    text = matching(label)
    if ombudsman:
        return _subject(text, ombudsman) if not re.fullmatch(r"total.*", text, re.I) else None
    if _KIND.fullmatch(text) or re.search(r"\bin time|within|stage 2|escalat|upheld|average", text, re.IGNORECASE):
        return _subject(text, ombudsman)
    return None


def code(text: str) -> str:
    """A caption or header as the name of a measure; "" where it has no letters."""
    return slug(text)[:60].strip("-").replace("-", "_")
