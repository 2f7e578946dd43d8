"""From the spiders' hands into the archive."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, cast

from scrapy.crawler import Crawler

from db.errors import StoreError
from scrapers.items import Gone, Handed, Item, Seen, Structure

if TYPE_CHECKING:
    from scrapers.spiders.base import SiteSpider


class ArchivePipeline:
    """One transaction for each item. An archive that cannot be written ends the crawl."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> "ArchivePipeline":
        return cls(crawler)

    def process_item(self, item: Item) -> Item:
        """Keep the item."""
        spider = cast("SiteSpider", self.crawler.spider)
        try:
            self._keep(item, spider, datetime.now(UTC))
        except StoreError as error:
            spider.store_failed(error)
            raise
        return item

    def _keep(self, item: Item, spider: "SiteSpider", now: datetime) -> None:
        counts = spider.tally.counts
        match item:
            case Handed():
                if spider.archive.has_version(item.found.key) and spider.held_body(item.found.key) is None:
                    # Lost bytes come back only by their own hash: what is there now, furniture and all, replaces them.
                    spider.archive.remember(replace(item.found, content_key=""), item.body, now=now)
                kept = spider.archive.remember(item.found, item.body, now=now, fetch_id=item.fetch_id)
                counts["new_documents"] += kept.is_new_document
                counts["new_versions"] += kept.is_new_version
                counts["unchanged"] += not kept.is_new_version
            case Seen():
                spider.archive.mark_seen(item.key, now)
                counts["unchanged"] += 1
            case Gone():
                counts["gone"] += bool(spider.archive.mark_gone(item.key, now))
            case Structure():
                spider.archive.note_structure(item.council, item.committee, item.meeting, item.items, now)
