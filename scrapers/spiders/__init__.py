"""The spiders, by the source that they crawl."""
