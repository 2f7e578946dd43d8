"""The newspapers' side of the replica: feeds, listing pages, articles with their own metadata.

Unlike ModernGov these answers carry ETag and Last-Modified. One paper writes its
metadata as a list, another as `@graph`, one story stands in both under other words.
"""

import json
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from email.utils import format_datetime
from hashlib import sha256
from html import escape

from demo import story
from demo.moderngov import Answer, Visit
from demo.story import QuarterFacts, Story


@dataclass(frozen=True, kw_only=True)
class Published:
    """A story with the moment it went out."""

    story: Story
    at: datetime

    @property
    def path(self) -> str:
        """Its address, the slug cut in mid-word as that paper does."""
        words = "".join(c if c.isalnum() else " " for c in self.story.headline.lower()).split()
        return f"/news/{self.story.section}/news/{'-'.join(words)[:40]}-{self.story.number}/"

    @property
    def bbc(self) -> str:
        return f"c{self.story.number:x}kent5o"


@dataclass(kw_only=True)
class Press:
    """All stories, newest first."""

    today: date
    stories: list[Published] = field(default_factory=list)
    released: int = 0

    def __post_init__(self) -> None:
        for n, tale in enumerate(story.OTHER_STORIES):
            self.add(tale, self.today - timedelta(days=4 + 3 * n))

    def add(self, tale: Story, on: date) -> Published:
        """The story is out, at six in the morning of that day."""
        out = Published(story=tale, at=datetime.combine(on, time(6, 0), tzinfo=UTC))
        self.stories.append(out)
        self.stories.sort(key=lambda s: s.at, reverse=True)
        return out

    def report_on(self, facts: QuarterFacts, on: date) -> Published:
        """The paper writes about an edition."""
        return self.add(story.report_story(facts, 300_000 + facts.edition.number - 8000 + 50_000), on)

    def publish(self, facts: QuarterFacts, on: date) -> None:
        """An edition's story and one more."""
        self.report_on(facts, on)
        n, self.released = self.released, self.released + 1
        tale = story.LATER_STORIES[n % len(story.LATER_STORIES)]
        self.add(replace(tale, number=tale.number + n), on)

    def edit_headline(self, number: int, headline: str) -> None:
        """Another headline at the same number; the slug moves, as it does."""
        self.stories = [
            replace(s, story=replace(s.story, headline=headline)) if s.story.number == number else s
            for s in self.stories
        ]

    def find(self, number: int) -> Published | None:
        return next((s for s in self.stories if s.story.number == number), None)


def _validated(body: bytes, media_type: str, changed: datetime) -> Answer:
    """An answer that can be asked for conditionally."""
    tag = sha256(body).hexdigest()[:16]
    return Answer(
        body=body,
        media_type=media_type,
        headers=(("ETag", f'"{tag}"'), ("Last-Modified", format_datetime(changed, usegmt=True))),
    )


def _newest(press: Press) -> datetime:
    return press.stories[0].at if press.stories else datetime(2024, 1, 1, tzinfo=UTC)


def feed(press: Press, visit: Visit, *, empty: bool = False, doubled: bool = False) -> Answer:
    """The county paper's RSS."""
    stories = [] if empty else press.stories[:20]
    items = "".join(
        f"<item><title><![CDATA[{s.story.headline}]]></title><link>{visit.base_url}{s.path}</link>"
        f'<guid isPermaLink="false">{s.story.number}</guid><pubDate>{format_datetime(s.at, usegmt=True)}</pubDate>'
        f"<description><![CDATA[{s.story.paragraphs[0]}]]></description></item>"
        for s in stories
        for _ in range(2 if doubled else 1)
    )
    body = (
        '<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel><title>Replica Kent News</title>'
        f"<link>{visit.base_url}/news/</link>{items}</channel></rss>"
    )
    return _validated(body.encode(), "application/rss+xml; charset=utf-8", _newest(press))


def bbc_feed(press: Press, visit: Visit) -> Answer:
    """The broadcaster's RSS: guids with a counter, links with tracking, the same stories under other addresses."""
    items = "".join(
        f"<item><title><![CDATA[{s.story.headline}]]></title>"
        f"<link>{visit.base_url}/news/articles/{s.bbc}?at_medium=RSS&amp;at_campaign=rss</link>"
        f'<guid isPermaLink="false">{visit.base_url}/news/articles/{s.bbc}#0</guid>'
        f"<pubDate>{format_datetime(s.at + timedelta(hours=2), usegmt=True)}</pubDate></item>"
        for s in press.stories[:10]
        if "KCC" in s.story.keywords or "Ombudsman" in s.story.headline
    )
    body = f'<?xml version="1.0"?><rss version="2.0"><channel><title>Replica Broadcast</title>{items}</channel></rss>'
    return _validated(body.encode(), "text/xml; charset=utf-8", _newest(press))


def listing(press: Press, visit: Visit) -> Answer:
    """A section page, for a paper without a feed."""
    cards = "".join(
        f'<div class="card"><a href="{s.path}"><h3>{escape(s.story.headline)}</h3></a><p>{s.at.day} '
        f"{s.at:%B %Y}</p></div>"
        for s in press.stories
    )
    html = f"<html><head><title>Kent news</title></head><body><h1>Kent</h1>{cards}</body></html>"
    return _validated(html.encode(), "text/html; charset=utf-8", _newest(press))


def article(published: Published, visit: Visit, *, graph: bool = False) -> Answer:
    """One story: metadata as JSON-LD, caption twice in the body, furniture round it."""
    tale = published.story
    data: object = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "headline": tale.headline,
        "datePublished": published.at.isoformat(),
        "author": {"@type": "Person", "name": tale.author},
        "publisher": {"@type": "Organization", "name": "Replica Broadcast" if graph else "Replica Kent News"},
        "keywords": list(tale.keywords),
    }
    data = {"@context": "https://schema.org", "@graph": [{"@type": "WebPage"}, data]} if graph else [data]
    caption = "County Hall in Maidstone"
    body = "".join(f"<p>{escape(text)}</p>" for text in tale.paragraphs)
    html = f"""<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>{escape(tale.headline)}</title>
<link rel="canonical" href="{visit.base_url}{f"/news/articles/{published.bbc}" if graph else published.path}">
<meta property="og:title" content="{escape(tale.headline)}">
<meta property="article:published_time" content="{published.at.isoformat()}">
<script type="application/ld+json">{json.dumps(data)}</script></head>
<body><nav>Home {tale.section.title()} News Article</nav><h1>{escape(tale.headline)}</h1>
<p class="byline">{tale.author} | {published.at:%d %B %Y}</p><div class="PageContent">
<figure><img src="/news/hall.jpg" alt="{caption}"><figcaption>{caption}</figcaption></figure>
<p>{caption}</p>{body}</div>
<aside><h2>More on this</h2><a href="/news/kent/news/">All stories</a></aside></body></html>"""
    return _validated(html.encode(), "text/html; charset=utf-8", published.at)
