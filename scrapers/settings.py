"""Scrapy's settings for a crawl: every limit that it leaves open is set here, once for all spiders."""

from typing import Any

from scrapers.job import CrawlJob


def settings_for(job: CrawlJob) -> dict[str, Any]:
    """All that differs from Scrapy's defaults, most of which are made for other purposes."""
    return {
        # Who we are, and that we take no for an answer.
        "USER_AGENT": job.user_agent,
        "ROBOTSTXT_OBEY": False,  # Scrapy's own takes a broken robots.txt for a yes; middlewares.Robots does not
        "COOKIES_ENABLED": False,
        "DEFAULT_REQUEST_HEADERS": {
            "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,application/pdf;q=0.9,*/*;q=0.8",
            "Accept-Language": "en-GB,en;q=0.8",
        },
        # One request at a time to each host, with a pause.
        "CONCURRENT_REQUESTS": 16,
        "CONCURRENT_REQUESTS_PER_DOMAIN": 1,
        "DOWNLOAD_DELAY": job.delay_seconds,
        "DOWNLOAD_DELAY_JITTER": 0,  # the configured delay is the least
        "AUTOTHROTTLE_ENABLED": True,
        "AUTOTHROTTLE_START_DELAY": job.delay_seconds,
        "AUTOTHROTTLE_MAX_DELAY": max(60.0, job.delay_seconds),
        "AUTOTHROTTLE_TARGET_CONCURRENCY": 1.0,
        # Limits.
        "DOWNLOAD_TIMEOUT": job.timeout_seconds,
        "DOWNLOAD_MAXSIZE": job.max_bytes,
        "DOWNLOAD_WARNSIZE": 0,
        "DOWNLOAD_FAIL_ON_DATALOSS": True,
        "DNS_TIMEOUT": min(20.0, job.timeout_seconds),
        "REDIRECT_MAX_TIMES": 5,
        "METAREFRESH_ENABLED": False,  # that is how challenge pages go round in circles
        "URLLENGTH_LIMIT": 2083,
        "CLOSESPIDER_TIMEOUT": job.deadline_seconds + 10,  # the spiders stop by themselves before
        "MEMUSAGE_LIMIT_MB": 2048,
        # Who we connect to.
        "DOWNLOAD_VERIFY_CERTIFICATES": True,
        "TWISTED_DNS_RESOLVER": "scrapers.resolver.GuardedResolver",
        "ALLOW_PRIVATE_ADDRESSES": job.allow_private_addresses,
        "HTTPPROXY_ENABLED": False,  # behind a proxy nobody could check the address that is connected to
        "DOWNLOAD_HANDLERS": {"data": None, "file": None, "ftp": None, "s3": None},
        # Nobody connects to us.
        "TELNETCONSOLE_ENABLED": False,
        "REMOTE_CONTROL_ENABLED": False,
        "DOWNLOADER_MIDDLEWARES": {
            "scrapers.middlewares.AllowList": 50,
            "scrapy.downloadermiddlewares.offsite.OffsiteMiddleware": None,  # AllowList, which redirects pass too
            "scrapers.middlewares.Robots": 100,
            "scrapy.downloadermiddlewares.robotstxt.RobotsTxtMiddleware": None,
            "scrapy.downloadermiddlewares.httpauth.HttpAuthMiddleware": None,
            "scrapers.middlewares.BackOff": 540,
            "scrapy.downloadermiddlewares.retry.RetryMiddleware": None,
            "scrapers.middlewares.Conditional": 545,
            # Scrapy's redirects stand at 600: what is recorded is each hop.
            "scrapers.middlewares.Recorder": 860,
            "scrapers.middlewares.Compression": 880,
            "scrapy.downloadermiddlewares.httpcompression.HttpCompressionMiddleware": None,
        },
        "ITEM_PIPELINES": {"scrapers.pipelines.ArchivePipeline": 100},
        "TWISTED_REACTOR": "twisted.internet.asyncioreactor.AsyncioSelectorReactor",
        "LOG_LEVEL": "INFO",
        "LOG_SHORT_NAMES": True,
        "LOG_VERSIONS": [],
        "STATS_DUMP": False,
    }
