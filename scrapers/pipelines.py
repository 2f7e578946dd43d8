"""From the spiders' hands into the archive."""

import logging
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, cast

from scrapy.crawler import Crawler
from scrapy.exceptions import DropItem

from db.errors import StoreError
from scrapers.items import Gone, Handed, Item, Seen, Structure
from scrapers.tally import Failure

if TYPE_CHECKING:
    from scrapers.spiders.base import SiteSpider

log = logging.getLogger("scrapers")


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
            self._keep(item, spider, spider.now())
        except StoreError as error:
            spider.store_failed(error)
            raise
        except Exception as error:  # what the archive cannot hold, such as a number of twenty digits
            log.exception("not kept: %s", _name(item))
            reason = f"could not be kept: {type(error).__name__}: {error}"
            spider.tally.failures.append(Failure(_place(item), _name(item), "failing", reason))
            raise DropItem(reason) from error
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
                spider.archive.note_structure(item.council, item.committee, item.meeting, item.items)


def _name(item: Item) -> str:
    """What the operator knows the item by."""
    match item:
        case Handed():
            return item.found.url
        case Structure():
            return item.meeting.url
    return item.key


def _place(item: Item) -> str:
    match item:
        case Handed():
            return item.found.council
        case Structure():
            return item.council
    return "*"
