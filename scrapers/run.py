"""One crawl from beginning to end, in this process."""

import logging
from pathlib import Path
from time import monotonic

from scrapy.crawler import AsyncCrawlerProcess

from db import StoreError, open_archive
from scrapers.hosts import Allowed, allow
from scrapers.job import CrawlJob
from scrapers.pace import Pace
from scrapers.settings import settings_for
from scrapers.spiders import committee_papers, news, ombudsman
from scrapers.spiders.base import SiteSpider
from scrapers.tally import Tally

SPIDERS: dict[str, type[SiteSpider]] = {
    "committee_papers": committee_papers.CommitteePapersSpider,
    "ombudsman": ombudsman.OmbudsmanSpider,
    "news": news.NewsSpider,
}


def crawl(job: CrawlJob) -> Tally:
    """Crawl one source into its archive. Once in a process: a Twisted reactor does not start twice.

    What the web does is in the tally; an archive that cannot be opened raises StoreError.
    """
    with open_archive(Path(job.archive)) as archive:
        pace = Pace(delay=job.delay_seconds, deadline=monotonic() + job.deadline_seconds)
        process = AsyncCrawlerProcess(settings_for(job))
        logging.getLogger("scrapy").setLevel(logging.WARNING)  # after Scrapy has set its own
        crawler = process.create_crawler(SPIDERS[job.source])
        process.crawl(crawler, job=job, archive=archive, pace=pace, allowed=allowed_for(job))
        process.start()
        spider = crawler.spider
        if not isinstance(spider, SiteSpider):
            tally = Tally(error="the crawl did not start; its log says why")
        else:
            tally = spider.tally
            if tally.error is None:
                tally.error = _cut_short(crawler.stats.get_value("finish_reason"))
        return tally


def _cut_short(reason: object) -> str | None:
    """Why Scrapy ended the crawl before its spider did."""
    return None if reason in ("finished", None) else f"the crawl was cut short: {reason}"


def allowed_for(job: CrawlJob) -> Allowed:
    """The addresses that this crawl may ask."""
    private = job.allow_private_addresses
    if job.source == "news":
        return allow(feeds=news.sites(job), private=private)
    own = committee_papers.sites(job) if job.source == "committee_papers" else ombudsman.sites(job)
    return allow(sites=own, private=private)


__all__ = ["SPIDERS", "StoreError", "allowed_for", "crawl"]
