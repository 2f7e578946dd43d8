"""The Ombudsman's side of the replica: statistics in three wordings, improvements, decisions, reports.

Figures and labels are the site's; every sentence about a case is made up.
"""

from dataclasses import dataclass, field, replace
from datetime import date
from html import escape

from demo import papers, story
from demo.moderngov import Answer, Visit
from demo.story import DecisionFacts, Improvement, OmbudsmanYear, PublicReport

COUNCIL, SLUG = "Kent County Council", "kent-county-council"
PER_PAGE = 10


@dataclass(kw_only=True)
class Ombudsman:
    """What stands on the site; `publish` brings the next year."""

    today: date
    year: OmbudsmanYear = story.OMBUDSMAN_YEARS[1]
    reports: list[PublicReport] = field(default_factory=lambda: list(story.PUBLIC_REPORTS))
    improvements: list[Improvement] = field(default_factory=lambda: list(story.IMPROVEMENTS))
    decisions: list[DecisionFacts] = field(init=False)
    stray_percent: bool = False  # "3.9% upheld decisions per 100,000", as it once stood there
    released: int = 0

    def __post_init__(self) -> None:
        self.decisions = list(story.decisions(self.today))

    def publish(self, today: date) -> None:
        """A new year's statistics, one more public report, one more improvement, one more decision."""
        years = story.OMBUDSMAN_YEARS
        where = years.index(self.year) if self.year in years else len(years) - 1
        self.year = years[where + 1] if where + 1 < len(years) else _grown(self.year)
        self.stray_percent = self.year.year == 2024  # as it stood there for a while
        n, self.released = self.released, self.released + 1
        report = story.NEXT_PUBLIC_REPORTS[n % len(story.NEXT_PUBLIC_REPORTS)]
        improvement = story.NEXT_IMPROVEMENTS[n % len(story.NEXT_IMPROVEMENTS)]
        report = replace(report, published_on=today)
        if n >= len(story.NEXT_PUBLIC_REPORTS):  # a long demo: the same stories under new numbers
            report = replace(
                report,
                slug=f"{report.slug}-{n}",
                title=f"{report.title} ({n})",
                reference=f"26 08{n % 10} {100 + n:03d}",
            )
            improvement = replace(improvement, reference=f"26 09{n % 10} {100 + n:03d}")
        self.reports.insert(0, report)
        self.improvements.insert(0, improvement)
        self.decisions.insert(
            0,
            DecisionFacts(
                reference=improvement.reference,
                category=improvement.category,
                sub_category=improvement.sub_category,
                decision="Upheld",
                decided_on=today,
                summary="There was fault by the Council, and it caused injustice.",
                remedy="£700",
            ),
        )

    def satisfy(self, slug: str, on: date) -> None:
        """The line saying that the council's response was enough appears on a report's page."""
        self.reports = [replace(r, satisfied_on=on) if r.slug == slug else r for r in self.reports]

    def decide_again(self, reference: str, decision: str, on: date) -> None:
        """A closed case is opened again and gets another outcome and date."""
        self.decisions = [
            replace(d, decision=decision, decided_on=on) if d.reference == reference else d for d in self.decisions
        ]


def _grown(year: OmbudsmanYear) -> OmbudsmanYear:
    """The year after, a little worse; the overview's parts still make its sum."""
    dealt_with = None if year.dealt_with is None else year.dealt_with + 4
    return replace(
        year,
        year=year.year + 1,
        investigations=year.investigations + 4,
        upheld=year.upheld + 3,
        dealt_with=dealt_with,
    )


def _page(title: str, content: str, visit: Visit) -> Answer:
    html = f"""<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>{escape(title)} - Local Government and Social Care Ombudsman</title>
<script nonce="{visit.count:x}">window.dataLayer = [{visit.count}];</script></head>
<body><div class="cookie-banner" id="c{visit.count}">This site uses cookies.</div>
<header><a href="/lgo/">Local Government and Social Care Ombudsman</a>
<nav>
<a href="/lgo/make-a-complaint">Make a complaint</a> <a href="/lgo/your-councils-performance">Council performance</a>
</nav></header>
<main id="content">
{content}
</main>
<footer><p>&copy; {visit.today.year}</p><p>Rendered {visit.today.isoformat()} #{visit.count}</p></footer></body>
</html>"""
    return Answer(body=html.encode())


def _period(year: OmbudsmanYear) -> str:
    return f"for the period between 1 April {year.year} to 31 March {year.year + 1}"


def _card(heading: str, big: str, *lines: str) -> str:
    body = "".join(f"<p>{line}</p>" for line in lines)
    return f'<li class="card"><h3>{heading}</h3><div class="figure">{big}</div>{body}</li>'


def _help(name: str) -> str:
    return f'<button class="tip">?<span>Find out more about {name}</span></button>'


def _statistics_cards(site: Ombudsman) -> str:
    """The three cards of a year, in the wording of the page's generation."""
    year = site.year
    noun = {1: "detailed investigations", 2: "investigations", 3: "investigations"}[year.wording]
    percent = "%" if site.stray_percent else ""
    head = f"{year.per_100k}{percent} upheld decisions per 100,000 residents."
    average = (
        f"The average for authorities of this type is<br>{year.per_100k_average} upheld decisions per "
        "100,000 residents."
    )
    counted = f"Statistics are based on a total of {year.investigations} {noun} {_period(year)}"
    share = f"{year.upheld_rate}% of complaints we investigated were upheld."
    like = f"This compares to an average of <strong>{year.upheld_average}%</strong> in similar authorities."
    population = "For the number of people who live here, that is"
    if year.wording == 3:
        first = _card(
            "Complaints upheld",
            f"{year.upheld_rate}%",
            f"We investigated {year.investigations} complaints and upheld {year.upheld}.",
            share,
            like,
            f"{population}<br>{head}",
            average,
            '<a href="/lgo/Decisions/SearchResults?aname=Kent+County+Council&amp;dc=u">View upheld decisions</a>',
        )
    else:
        first = _card(
            "Complaints upheld",
            f"{year.upheld_rate}%<span>Complaints upheld by {COUNCIL}</span>",
            share,
            like,
            f"{year.upheld} upheld decisions",
            f"{population}<br>{head}",
            f"{average}<br>{counted}",
        )
    complied = f"{year.compliance}% of cases where we are satisfied that the Council implemented our recommendations."
    if year.wording == 3:
        complied = f"In {year.compliance}% of cases the Council did what we had recommended."
    second = _card(
        "Compliance with Ombudsman recommendations",
        f"{year.compliance}%",
        complied,
        "This compares to an average of 100% in similar authorities.",
        f"Statistics are based on a total of {year.compliance_outcomes} compliance outcomes {_period(year)}",
    )
    third = _card(
        "Satisfactory remedies provided by the Council",
        f"{year.remedy_rate}%",
        f"In {year.remedy_rate}% of upheld cases the Council had provided a satisfactory remedy before we were asked.",
        f"This compares to an average of {year.remedies_average}% in similar authorities.",
        f"{year.remedies} satisfactory remedy decisions",
        f"Statistics are based on a total of {year.upheld} upheld decisions {_period(year)}",
        '<a href="/lgo/Decisions/SearchResults?aname=Kent+County+Council&amp;dc=u">View all satisfactory '
        "remedy decisions</a>",
    )
    cards = [first, second, third]
    return f'<ul class="cards">{"".join(cards)}</ul>'


def _overview(year: OmbudsmanYear) -> str:
    if year.dealt_with is None:
        return ""
    return f"""<section class="overview"><h2>Complaint overview</h2>
<p>Between 1 April {year.year} to 31 March {year.year + 1}, we dealt with {year.dealt_with} complaints.</p>
<ul><li><b>{year.not_for_us}</b> were not for us or not ready for us to look into.</li>
<li>We assessed and closed <b>{year.assessed_and_closed}</b>.</li>
<li>We investigated <b>{year.investigations}</b>.</li></ul></section>
<details><summary>More about this data</summary><dl><dt>Complaints dealt with</dt>
<dd>Complaints and enquiries decided in the
year, not received in it.</dd><dt>Average performance rates</dt>
<dd>Of authorities of the same type; 89% is no target.</dd></dl></details>"""


def statistics(site: Ombudsman, visit: Visit, *, emptied: bool = False) -> Answer:
    """The council's performance page. `emptied`: the frame is there, the figures are gone."""
    base = f"/lgo/your-councils-performance/{SLUG}"
    figures = "<p>Loading…</p>" if emptied else _overview(site.year) + _statistics_cards(site)
    reports = "".join(
        f'<div class="report"><h3><a href="{_news_path(r)}">{escape(r.title)}</a></h3><p>{escape(r.summary)}</p></div>'
        for r in site.reports
    )
    improvements = "".join(_improvement(i) for i in site.improvements[:PER_PAGE])
    content = f"""<h1>{COUNCIL}</h1>
<p class="banner">In 2020-21 we took no new complaints for some months; take care when comparing.</p>
<h2>Annual statistics {_help("annual statistics")}</h2>
{figures}
<h2>Annual letters</h2><p>Each July we write to councils.</p><a href="{base}/annualletters">View annual letters</a>
<h2>Public reports {_help("public reports")}</h2>
<p>In the last nine years, these public interest reports against {COUNCIL} have been published:</p>{reports}
<h2>Service improvements {_help("service improvements")}</h2>
<p>Up to 10 cases are listed, of all since April 2018.</p>{improvements}
<a href="{base}/serviceimprovements?category=1015&amp;year={visit.today.year}">View all</a>"""
    return _page(f"{COUNCIL} statistics", content, visit)


def _improvement(improvement: Improvement, *, spaces: str = " ") -> str:
    reference = improvement.reference.replace(" ", spaces)
    actions = "".join(f"<li>{escape(action)}</li>" for action in improvement.actions)
    return f"""<div class="improvement"><p>
<b>Case reference:</b> <a href="{_decision_path(improvement)}">{reference}</a></p>
<p><b>Category:</b> {escape(improvement.category)}</p><p><b>Sub Category:</b> {escape(improvement.sub_category)}</p>
<p>The Council has agreed to:</p><ul>{actions}<li></li></ul></div>"""


def improvements(site: Ombudsman, visit: Visit) -> Answer:
    """All improvements on one long page, with selectors for category and year."""
    rows = "".join(_improvement(i, spaces="&nbsp;") for i in site.improvements)
    selectors = (
        '<form><select name="category"><option value="1015">Education</option></select><select '
        'name="year"></select></form>'
    )
    return _page(
        f"Service improvements {COUNCIL}", f"<h1>Service improvements</h1><h2>{COUNCIL}</h2>{selectors}{rows}", visit
    )


def _slug(text: str) -> str:
    return "-".join("".join(c if c.isalnum() else " " for c in text.lower()).split())


def _news_path(report: PublicReport) -> str:
    """`/information-centre/news/2023/jul/slug`."""
    month = story.MONTHS[report.published_on.month - 1].lower()
    return f"/lgo/information-centre/news/{report.published_on.year}/{month}/{report.slug}"


def _decision_path(case: Improvement | DecisionFacts | PublicReport) -> str:
    slug = case.reference.replace(" ", "-")
    return f"/lgo/decisions/{_slug(case.category)}/{_slug(case.sub_category)}/{slug}"


def _decided_on(case: DecisionFacts | PublicReport) -> date:
    return case.published_on if isinstance(case, PublicReport) else case.decided_on


def _result(case: DecisionFacts | PublicReport) -> str:
    """One card of the listing: kind, decision, subcategory and day in one line."""
    kind, outcome = ("Report", "Upheld") if isinstance(case, PublicReport) else ("Statement", case.decision)
    return f"""<div class="result"><h3><a href="{_decision_path(case)}">{COUNCIL} ({case.reference})</a></h3>
<p>{kind} {outcome} {escape(case.sub_category)} {_decided_on(case):%d-%b-%Y}</p><p>Summary: {escape(case.summary)}</p>
</div>"""


def search(site: Ombudsman, number: int, visit: Visit, *, shell: bool = False) -> Answer:
    """`Decisions/SearchResults`: ten a page. `shell`: the answer that plain clients get on some days."""
    if shell:
        return _page("Decisions", '<h1>Decisions</h1><div id="app"></div>', visit)
    found: list[DecisionFacts | PublicReport] = [*site.decisions, *site.reports]
    found.sort(key=_decided_on, reverse=True)
    shown = found[(number - 1) * PER_PAGE : number * PER_PAGE]
    cards = "".join(_result(case) for case in shown)
    gone = (
        '<div class="result"><h3><a href="/lgo/decisions/education/other/19-090-001">Kent County Council '
        "(19 090 001)</a></h3></div>"
    )
    following = f'<a href="?page={number + 1}">Next</a>' if len(found) > number * PER_PAGE else ""
    content = f"""<h1>Decisions for {COUNCIL}</h1><p>Your search has {len(found)} results</p>
{cards}{gone if number == 3 else ""}{following}"""
    return _page("Decisions", content, visit)


def decision(site: Ombudsman, reference: str, visit: Visit) -> Answer | None:
    """One decision statement; None once it has expired or never was."""
    found = next((d for d in site.decisions if d.reference.replace(" ", "-") == reference), None)
    if found is None:
        return None
    header = f"""<header><h2>{COUNCIL} ({found.reference.replace(" ", "&nbsp;")})</h2>
<p><span class="label">Category :</span> <span class="value">
<a href="#">{escape(found.category)}</a> &gt; <a href="#">{escape(found.sub_category)}</a></span></p>
<p><span class="label">Decision :</span> <span class="value">{found.decision}</span></p>
<p><span class="label">Decision date :</span> <span class="value">{found.decided_on:%d %b %Y}</span></p></header>"""
    if reference.endswith("3"):  # some pages come without these lines
        header = f"<header><h2>{COUNCIL} ({found.reference})</h2></header>"
    remedy = f"<h2>Agreed action</h2><ol><li>Pay {found.remedy} to Ms X.</li></ol>" if found.remedy else ""
    content = f"""<h1>Decision</h1><article id="article">{header}
<p>The Ombudsman&#39;s final decision:</p><p>Summary: {escape(found.summary)}</p>
<h2>The complaint</h2><ol><li>Ms X says that the Council was slow.</li></ol><a href="#top">Back to top</a>
<h2>How I considered this complaint</h2><ol><li>I read what both sides sent.</li></ol><a href="#top">Back to top</a>
{remedy}<h2>Final decision</h2><p>{found.decision}.</p><p>Investigator&#39;s decision on behalf of the Ombudsman</p>
<a href="#">Print this page</a></article>"""
    return _page(f"{COUNCIL} ({found.reference})", content, visit)


def report(site: Ombudsman, reference: str, visit: Visit) -> Answer | None:
    """A public report's own page, with the line on the council's response once there is one."""
    found = next((r for r in site.reports if r.reference.replace(" ", "-") == reference), None)
    if found is None:
        return None
    line = ""
    if found.satisfied_on:
        line = f"<p>Ombudsman satisfied with council&#39;s response: {papers.plain_date(found.satisfied_on)}</p>"
    content = f"""<article id="article"><header><h2>{COUNCIL} ({found.reference})</h2>
<p><span class="label">Category :</span> <span class="value"><a href="#">{escape(found.category)}</a> &gt;
<a href="#">{escape(found.sub_category)}</a></span></p>
<p><span class="label">Decision :</span> <span class="value">Report</span></p>
<p><span class="label">Decision date :</span> <span class="value">{found.published_on:%d %b %Y}</span></p></header>
<h2>Summary</h2><p>{escape(found.summary)}</p><h2>The complaint</h2><p>Ms X complained.</p>
<h2>Finding</h2><p>Fault found causing injustice and recommendations made.</p>
<h2>Recommendations</h2><p>The Council should apologise and look at similar cases.</p>{line}
<a href="#">Print this page</a></article>"""
    return _page(found.title, content, visit)


def news(site: Ombudsman, slug: str, visit: Visit) -> Answer | None:
    """What the Ombudsman's site says of a report on the day that it comes out."""
    found = next((r for r in site.reports if r.slug == slug), None)
    if found is None:
        return None
    content = f"""<article id="article"><h1>{escape(found.title)}</h1>
<p>Article date: {found.published_on:%d %B %Y}</p><p>{escape(found.summary)}</p>
<p>Case reference: <a href="{_decision_path(found)}">{found.reference}</a></p></article>"""
    return _page(found.title, content, visit)


LETTER = f"/documents/councilperformance/2024/{COUNCIL.lower()}.pdf"


def letters(visit: Visit) -> Answer:
    """Where the annual letters are linked from."""
    link = f'<a href="/lgo{LETTER}">Annual letter 2024</a>'
    return _page("Annual letters", f"<h1>Annual letters</h1><p>Letters are added each July.</p><p>{link}</p>", visit)


def letter() -> bytes:
    """The annual letter of the year on which the replica begins."""
    year = story.OMBUDSMAN_YEARS[1]
    return papers.plain_paper(
        "Annual Review letter 2023-24",
        (
            f"We upheld {year.upheld_rate}% of the {year.investigations} complaints about the Council that we "
            "investigated.",
            f"It complied with our recommendations in {year.compliance}% of {year.compliance_outcomes} cases.",
            f"It had put matters right in {year.remedy_rate}% of the cases before they came to us.",
        ),
    )
