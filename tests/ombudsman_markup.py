"""One council's Ombudsman page as facts, and many pages of different markup that state them.

A page is cards; a card is a heading and sentences; a sentence is pieces of text, some of
them figures. `render` gives the same cards in one of several templates with random tags,
classes, order, white space and furniture, so that a reader that goes by anything but the
words fails on some seed.
"""

import html
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from random import Random

Sentence = tuple[str, ...]  # pieces; those at odd places are figures


@dataclass(frozen=True)
class Figures:
    """What a page is to state; None leaves the figure out."""

    council: str = "Kent County Council"
    start: str = "1 April 2023"
    end: str = "31 March 2024"
    upheld: int = 76
    investigated: int = 94
    upheld_average: int = 85
    per_100k: float = 4.8
    per_average: float = 4.5
    outcomes: int = 63
    complied: int = 62
    compliance_average: int = 100
    remedies: int = 2
    remedy_average: int = 7
    not_for_us: int = 87
    closed: int = 128

    @property
    def upheld_rate(self) -> int:
        return percent(self.upheld, self.investigated)

    @property
    def compliance_rate(self) -> int:
        return percent(self.complied, self.outcomes)

    @property
    def remedy_rate(self) -> int:
        return percent(self.remedies, self.upheld)

    @property
    def dealt_with(self) -> int:
        return self.not_for_us + self.closed + self.investigated


def percent(part: int, whole: int) -> int:
    return int(100 * part / whole + 0.5) if whole else 0


@dataclass(frozen=True)
class Card:
    heading: str
    sentences: tuple[Sentence, ...]
    more: str = ""  # a link at its end
    tooltip: bool = True


@dataclass(frozen=True)
class Case:
    reference: str
    category: str
    sub_category: str
    actions: tuple[str, ...]


@dataclass(frozen=True)
class Page:
    council: str
    cards: tuple[Card, ...]
    reports: tuple[tuple[str, str, str], ...] = ()  # title, summary, href
    cases: tuple[Case, ...] = ()
    extra: tuple[Card, ...] = field(default=())


def n(value: int) -> str:
    return f"{value:,}"


def cards_2022(f: Figures, noun: str = "detailed investigations") -> tuple[Card, ...]:
    """The page of July 2023; a year later it says "investigations"."""
    period = f"for the period between {f.start} to {f.end}"
    return (
        Card(
            "Complaints upheld",
            (
                ("", f"{f.upheld_rate}%", f" Complaints upheld by {f.council}"),
                ("", f"{f.upheld_rate}%", " of complaints we investigated were upheld."),
                ("This compares to an average of ", f"{f.upheld_average}%", " in similar authorities."),
                ("", n(f.upheld), " upheld decisions"),
                (
                    f"Adjusted for {f.council}'s population, this is ",
                    str(f.per_100k),
                    " upheld decisions per 100,000 residents.",
                ),
                (
                    "The average for such authorities is ",
                    str(f.per_average),
                    " upheld decisions per 100,000 residents.",
                ),
                ("Statistics are based on a total of ", n(f.investigated), f" {noun} {period}"),
            ),
            more="View upheld decisions",
        ),
        Card(
            "Compliance with Ombudsman recommendations",
            (
                ("", f"{f.compliance_rate}%", f" of cases were successfully implemented by {f.council}"),
                (
                    "",
                    f"{f.compliance_rate}%",
                    " of cases we were satisfied the Council had implemented what we recommended.",
                ),
                ("This compares to an average of ", f"{f.compliance_average}%", " in similar authorities."),
                ("Statistics are based on a total of ", n(f.outcomes), f" compliance outcomes {period}"),
            ),
        ),
        Card(
            "Satisfactory remedies provided by the Council",
            (
                ("", f"{f.remedy_rate}%", f" Complaints with satisfactory remedy provided by {f.council}"),
                (
                    "In ",
                    f"{f.remedy_rate}%",
                    " of upheld cases we found the Council had provided a satisfactory remedy before we were asked.",
                ),
                ("This compares to an average of ", f"{f.remedy_average}%", " in similar authorities."),
                ("", n(f.remedies), " satisfactory remedy decisions"),
                ("Statistics are based on a total of ", n(f.upheld), f" upheld decisions {period}"),
            ),
            more="View all satisfactory remedy decisions",
        ),
    )


def cards_2023(f: Figures) -> tuple[Card, ...]:
    return cards_2022(f, "investigations")


def cards_2024(f: Figures) -> tuple[Card, ...]:
    """The page of July 2025: an overview with definitions, one period for all, and a stray percent sign."""
    upheld, compliance, remedy = cards_2022(f, "investigations")
    return (
        Card(
            "Complaint overview",
            (
                (f"Between {f.start} and {f.end} we dealt with ", n(f.dealt_with), " complaints."),
                ("Of these, ", n(f.not_for_us), " were not for us or not ready for us to investigate."),
                ("We assessed and closed ", n(f.closed), " complaints."),
                ("We investigated ", n(f.investigated), " complaints."),
            ),
        ),
        Card("More about this data", (("The terms used above have these meanings.",),), tooltip=False),
        Card("Complaints dealt with", (("Everything that was brought to the office.",),), tooltip=False),
        Card("Not for us", (("Another body, or the council itself, must look first.",),), tooltip=False),
        Card("Assessed and closed", (("The law or good sense kept us from going on.",),), tooltip=False),
        Card("Investigated", (("A full look with a decision at its end.",),), tooltip=False),
        Card("Complaints upheld", (("There was fault somewhere in what was done.",),), tooltip=False),
        Card(
            "Satisfactory remedies provided by the Council",
            (("It had put things right by itself.",),),
            tooltip=False,
        ),
        Card("Compliance with Ombudsman recommendations", (("Promises that were kept.",),), tooltip=False),
        Card("Average performance rates", (("What bodies of one kind come to together.",),), tooltip=False),
        replace(
            upheld,
            sentences=(
                ("We investigated ", n(f.investigated), " complaints and upheld ", n(f.upheld), "."),
                ("", f"{f.upheld_rate}%", " of complaints we investigated were upheld."),
                ("This compares to an average of ", f"{f.upheld_average}%", " in similar authorities."),
                ("Adjusted for the population this is ", f"{f.per_100k}%", " upheld decisions per 100,000 residents."),
                (
                    "The average for such authorities is ",
                    f"{f.per_average}%",
                    " upheld decisions per 100,000 residents.",
                ),
            ),
        ),
        replace(compliance, sentences=(*compliance.sentences[1:3], _without_period(compliance.sentences[3]))),
        replace(remedy, sentences=(*remedy.sentences[1:4], _without_period(remedy.sentences[4]))),
    )


def _without_period(sentence: Sentence) -> Sentence:
    return (*sentence[:-1], sentence[-1].split(" for the period")[0] + ".")


def cards_new(f: Figures) -> tuple[Card, ...]:
    """A page that nobody has seen yet: other sentences, other order within the cards."""
    year = f"{f.start} – {f.end}"
    return (
        Card(
            f"Satisfactory remedies provided by {f.council}",
            (
                (f"Figures for {year}.",),
                (
                    "The council had offered a satisfactory remedy in ",
                    n(f.remedies),
                    " of ",
                    n(f.upheld),
                    " upheld complaints.",
                ),
                ("That is a satisfactory remedy in ", f"{f.remedy_rate} per cent", " of upheld cases."),
                ("The average is ", f"{f.remedy_average} per cent", "."),
            ),
        ),
        Card(
            "Upheld complaints",
            (
                (f"Figures for {year}.",),
                ("", n(f.upheld), " of ", n(f.investigated), " complaints investigated were upheld."),
                ("The uphold rate was ", f"{f.upheld_rate}%", "."),
                ("", f"{f.upheld_average}%", " in similar councils."),
                ("", str(f.per_100k), " upheld decisions per 100,000 people."),
                ("", str(f.per_average), " upheld decisions per 100,000 people in similar councils."),
            ),
        ),
        Card(
            "Compliance with our recommendations",
            (
                (f"Figures for {year}.",),
                ("Based on ", n(f.outcomes), " compliance outcomes."),
                ("The compliance rate was ", f"{f.compliance_rate}%", "."),
                ("This compares with an average of ", f"{f.compliance_average}%", " for similar councils."),
            ),
        ),
    )


GENERATIONS: dict[str, Callable[[Figures], tuple[Card, ...]]] = {
    "2022-23": cards_2022,
    "2023-24": cards_2023,
    "2024-25": cards_2024,
    "unseen": cards_new,
}

REPORTS = (
    (
        "School bus passes withdrawn without a word",
        "Families learned of it at the stop.",
        "/decisions/education/other/22-001-002",
    ),
    (
        "Council kept a carer waiting for three years",
        "An assessment was promised and never made.",
        "/information-centre/news/2022/may/council-kept-a-carer",
    ),
    (
        "Ombudsman finds fault with parking appeals, and says why",
        "Drivers were not told of their rights.",
        "/information-centre/news/2019/sep/ombudsman-finds-fault",
    ),
)
CASES = (
    Case("24 003 150", "Children's care services", "Child protection", ("Remind staff of the guidance.",)),
    Case(
        "23 021 398",
        "Education",
        "Special educational needs",
        ("Share the decision; with care.", "Write to 40 schools", "Report back"),
    ),
    Case(
        "23 014 261",
        "Adult care services",
        "Charging",
        ("Review the leaflet (2019 edition) and reprint it.", "Train the desk."),
    ),
)

# --- templates -------------------------------------------------------------------------

_NAMES = ["card", "tile", "panel", "stat", "box", "c-7f2", "lgo-item", "x1", "block", "module"]


class Markup:
    """Chooses tags, classes and white space; everything follows from the seed."""

    def __init__(self, random: Random) -> None:
        self.random = random

    def tag(self, names: str) -> str:
        return self.random.choice(names.split())

    def attributes(self) -> str:
        r = self.random
        some = [
            f' class="{r.choice(_NAMES)} {r.choice(_NAMES)}"',
            "",
            f' data-k="{r.randrange(99)}"',
            f" id=n{r.randrange(9999)}",
        ]
        return r.choice(some)

    def text(self, text: str) -> str:
        """Escaped, with blanks of every kind and characters as entities here and there."""
        r = self.random
        out = []
        for word in text.split(" "):
            safe = html.escape(word, quote=r.random() < 0.5)
            if r.random() < 0.05 and word[:1].isalpha():
                safe = f"&#{ord(word[0])};" + html.escape(word[1:])
            out.append(safe)
        glue = [" ", " ", " ", "&nbsp;", "\n      ", "&#160;", "  ", "\u00a0"]
        return "".join(word + (r.choice(glue) if i < len(out) - 1 else "") for i, word in enumerate(out))

    def element(self, names: str, inside: str) -> str:
        tag = self.tag(names)
        return f"<{tag}{self.attributes()}>{inside}</{tag}>"


def _figure(markup: Markup, text: str, style: str) -> str:
    if style == "inline":
        return markup.element("strong span b em", markup.text(text))
    if style == "block":
        return markup.element("div p", markup.text(text))
    if style == "gauge" and text.endswith("%"):
        tag = markup.tag("div span figure")
        return f'<{tag} role="img" aria-label="{text}"></{tag}>'
    return markup.text(text)


def _sentence(markup: Markup, sentence: Sentence, style: str) -> str:
    out = []
    for i, piece in enumerate(sentence):
        if i % 2:
            out.append(_figure(markup, piece, style))
        else:
            text = markup.text(piece)
            if style == "broken" and len(piece.split()) > 3:
                text = text.replace(" ", "<br>\n", 1)
            out.append(text)
    return "".join(out)


STYLES = ("plain", "inline", "block", "gauge", "broken")


def _card(markup: Markup, card: Card, style: str) -> str:
    heading = markup.text(card.heading)
    if card.tooltip and markup.random.random() < 0.5:
        about = card.heading.lower()
        heading += markup.random.choice(
            [
                f" ?Find out more about {about}",
                f' <button aria-label="Find out more about {about}">?</button>',
                f"<span class=tip>?</span><span hidden>Find out more about {about}</span>",
            ]
        )
    sentences = [_sentence(markup, sentence, style) for sentence in card.sentences]
    how = markup.random.randrange(4)
    if how == 0:
        inside = "".join(markup.element("p div li", s) for s in sentences)
    elif how == 1:
        inside = "<table>" + "".join(f"<tr><td>{s}</td></tr>" for s in sentences) + "</table>"
    elif how == 2:
        inside = "<br/>".join(sentences)
    else:
        inside = "<ul>" + "".join(f"<li>{s}</li>" for s in sentences) + "</ul>"
    if card.more:
        inside += f'<a href="/decisions/searchresults?dc=u">{card.more}</a>'
    title = markup.element("h2 h3 h4 div p", heading)
    if markup.random.random() < 0.3:
        title = f"<header>{title}</header>"
    return markup.element("div section article li aside", title + inside)


def _reports(markup: Markup, page: Page) -> str:
    lead = (
        f"In the last nine years, the Ombudsman has published the following public interest "
        f"reports against {page.council}"
    )
    if not page.reports:
        lead = (
            f"In the last nine years, the Ombudsman has not published any public interest reports "
            f"against {page.council}."
        )
    how = markup.random.randrange(6)
    items = []
    for title, summary, href in page.reports:
        t, s = markup.text(title), markup.text(summary)
        items.append(
            [
                f'<h4><a href="{href}">{t}</a></h4><p>{s}</p>',
                f'<li><a href="{href}">{t}</a><br>{s}</li>',
                f'<a href="{href}"><h5>{t}</h5><p>{s}</p></a>',
                f'<div class=r><p><strong>{t}</strong></p><p>{s}</p><p><a href="{href}">Read more</a></p></div>',
                f'<tr><td><a href="{href}">{t}</a></td><td>{s}</td></tr>',
                f'<dt><a href="{href}">{t}</a></dt><dd>{s}</dd>',
            ][how]
        )
    wrap = ["{}", "<ul>{}</ul>", "<div>{}</div>", "{}", "<table>{}</table>", "<dl>{}</dl>"][how]
    title = markup.random.choice(["Public reports", "Reports", "Public reports ?Find out more about public reports"])
    return markup.element("div section", f"<h2>{title}</h2><p>{lead}</p>" + wrap.format("".join(items)))


def reference(markup: Markup, text: str) -> str:
    return text.replace(" ", markup.random.choice(["&nbsp;", " ", "-", "\u00a0", "\u2011"]))


CASE_TEMPLATES = ("paragraphs", "bold", "dl", "divs", "nested", "table", "columns", "flat", "lines")


def cases(markup: Markup, page: Page, how: str | None = None) -> str:
    """The cases in one of the templates; empty bullets are strewn in."""
    how = how or markup.random.choice(CASE_TEMPLATES)
    return _CASE_TEMPLATES[how](markup, page.cases)


def _bullets(markup: Markup, actions: Sequence[str]) -> str:
    items = [f"<li>{markup.text(a)}</li>" for a in actions]
    if markup.random.random() < 0.5:
        items.insert(
            markup.random.randrange(len(items) + 1),
            markup.random.choice(["<li></li>", "<li>&nbsp;</li>", "<li><p> </p></li>"]),
        )
    return "<ul>" + "".join(items) + "</ul>"


def _link(markup: Markup, case: Case) -> str:
    where = case.reference.replace(" ", "-")
    return f'<a href="/decisions/education/other/{where}">{reference(markup, case.reference)}</a>'


def _colon(markup: Markup) -> str:
    return markup.random.choice([":", " :", ": ", "&nbsp;: "])


def _sub(markup: Markup) -> str:
    return markup.random.choice(["Sub Category", "Sub-category", "Sub category", "Subcategory", "Sub&nbsp;Category"])


def _agreed(markup: Markup) -> str:
    return markup.random.choice(["The Council has agreed to:", "", "The Council agreed to:", "Agreed actions"])


def _by_paragraphs(markup: Markup, found: Sequence[Case]) -> str:
    return "".join(
        f"<p>Case reference{_colon(markup)} {_link(markup, c)}</p><p>Category{_colon(markup)} "
        f"{markup.text(c.category)}</p>"
        f"<p>{_sub(markup)}{_colon(markup)} {markup.text(c.sub_category)}</p><p>{_agreed(markup)}</p>"
        f"{_bullets(markup, c.actions)}"
        for c in found
    )


def _by_bold(markup: Markup, found: Sequence[Case]) -> str:
    return "".join(
        f"<p><strong>Case reference{_colon(markup)}</strong> {_link(markup, c)}<br><strong>"
        f"Category{_colon(markup)}</strong> "
        f"{markup.text(c.category)}<br/><b>{_sub(markup)}{_colon(markup)}</b>{markup.text(c.sub_category)}</p>"
        + "".join(f"<p>{markup.text(a)}</p>" for a in c.actions)
        for c in found
    )


def _by_dl(markup: Markup, found: Sequence[Case]) -> str:
    return "".join(
        f"<dl><dt>Case reference</dt><dd>{_link(markup, c)}</dd><dt>Category</dt><dd>{markup.text(c.category)}</dd>"
        f"<dt>{_sub(markup)}</dt><dd>{markup.text(c.sub_category)}</dd><dt>Service improvements</dt>"
        f"<dd>{_bullets(markup, c.actions)}</dd></dl>"
        for c in found
    )


def _by_divs(markup: Markup, found: Sequence[Case]) -> str:
    return "".join(
        "<div class=case>"
        f"<div><span>Case reference{_colon(markup)}</span><span>{_link(markup, c)}</span></div>"
        f"<div><span>Category{_colon(markup)}</span><span>{markup.text(c.category)}</span></div>"
        f"<div><span>{_sub(markup)}{_colon(markup)}</span><span>{markup.text(c.sub_category)}</span></div>"
        f"<div>{_agreed(markup)}</div>" + "".join(f"<div>{markup.text(a)}</div>" for a in c.actions) + "</div>"
        for c in found
    )


def _by_nested(markup: Markup, found: Sequence[Case]) -> str:
    return (
        "<ul>"
        + "".join(
            f"<li><h4>Case reference{_colon(markup)} {_link(markup, c)}</h4><ul><li>"
            f"Category{_colon(markup)} {markup.text(c.category)}</li>"
            f"<li>{_sub(markup)}{_colon(markup)} {markup.text(c.sub_category)}</li><li>"
            f"{_agreed(markup)}{_bullets(markup, c.actions)}</li></ul></li>"
            for c in found
        )
        + "</ul>"
    )


def _by_table(markup: Markup, found: Sequence[Case]) -> str:
    return "".join(
        f"<table><tr><th>Case reference</th><td>{_link(markup, c)}</td></tr><tr><th>Category</th><td>"
        f"{markup.text(c.category)}</td></tr>"
        f"<tr><th>{_sub(markup)}</th><td>{markup.text(c.sub_category)}</td></tr><tr><td colspan=2>"
        f"{_bullets(markup, c.actions)}</td></tr></table>"
        for c in found
    )


def _by_columns(markup: Markup, found: Sequence[Case]) -> str:
    rows = "".join(
        f"<tr><td>{_link(markup, c)}</td><td>{markup.text(c.category)}</td><td>{markup.text(c.sub_category)}</td>"
        f"<td>{_bullets(markup, c.actions)}</td></tr>"
        for c in found
    )
    return (
        f"<table><thead><tr><th>Case reference</th><th>Category</th><th>{_sub(markup)}</th><th>"
        f"Actions agreed</th></tr></thead><tbody>{rows}</tbody></table>"
    )


def _by_flat(markup: Markup, found: Sequence[Case]) -> str:
    return "".join(
        f"<div>Case reference{_colon(markup)} {_link(markup, c)}</div><div>Category{_colon(markup)} "
        f"{markup.text(c.category)}</div>"
        f"<div>{_sub(markup)}{_colon(markup)} {markup.text(c.sub_category)}</div>"
        + "".join(f"<div>- {markup.text(a)}</div>" for a in c.actions)
        + "<div>-</div>"
        for c in found
    )


def _by_lines(markup: Markup, found: Sequence[Case]) -> str:
    return "<br>".join(
        f"Case reference{_colon(markup)} {_link(markup, c)}<br>Category{_colon(markup)} {markup.text(c.category)}<br>"
        f"{_sub(markup)}{_colon(markup)} {markup.text(c.sub_category)}<br>"
        + "<br>".join(f"• {markup.text(a)}" for a in c.actions)
        for c in found
    )


_CASE_TEMPLATES: dict[str, Callable[[Markup, Sequence[Case]], str]] = {
    "paragraphs": _by_paragraphs,
    "bold": _by_bold,
    "dl": _by_dl,
    "divs": _by_divs,
    "nested": _by_nested,
    "table": _by_table,
    "columns": _by_columns,
    "flat": _by_flat,
    "lines": _by_lines,
}

_MENU = (
    '<nav><ul><li><a href="/">Home</a></li><li><a href="/your-councils-performance">Reports</a></li>'
    '<li><a href="/contact">Contact us today</a></li></ul></nav>'
)
_NOTICE = (
    "<div><h2>How is your council performing?</h2><p>We have published our 2024-25 complaints statistics for every"
    " council.</p></div>"
)
_FOOT = (
    '<div class=foot><p>Last updated: 4 April 2015</p><a href="/privacy">Review your privacy '
    'settings</a><a href="/accessibility">Accessibility statement for this website</a></div>'
)


def render(page: Page, seed: int, *, shuffle: bool = True, style: str | None = None) -> bytes:
    """The page in the markup that the seed gives."""
    random = Random(seed)
    markup = Markup(random)
    cards = list(page.cards)
    defined = [card.heading for card in cards]
    if shuffle and "More about this data" not in defined:
        random.shuffle(cards)
    parts = [_card(markup, card, style or random.choice(STYLES)) for card in (*cards, *page.extra)]
    parts.append(
        "<div><h3>Annual letters</h3><p>Each year we write to the council.</p><a href=/letters>View "
        "annual letters</a></div>"
    )
    parts.append(_reports(markup, page))
    if page.cases:
        lead = "Since April 2018, the Council has agreed to the following improvements."
        inside = (
            f"<h2>Service improvements</h2><p>{lead}</p>{cases(markup, page)}<p><a "
            f"href=serviceimprovements>View all</a></p>"
        )
        parts.append(markup.element("div section", inside))
    wrapped = "".join(parts)
    if random.random() < 0.5:
        wrapped = markup.element("main div form", wrapped)
    head = (
        f"<head><title>{html.escape(page.council)} - Local Government and Social Care "
        f"Ombudsman</title><script>var x='81%';</script></head>"
    )
    body = (
        f"{_MENU}{_NOTICE}<h1>{markup.text(page.council)}</h1><p>Annual statistics ?Find out more "
        f"about annual statistics</p>{wrapped}{_FOOT}"
    )
    return f"<!doctype html><html>{head}<body>{body}</body></html>".encode()
