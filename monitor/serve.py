"""The archive as a web site: Datasette on the published snapshot, with our start page.

Datasette opens the snapshot as immutable. When the service publishes a newer one, the
plugin in `site/plugins` puts it in the place of the old between two requests.
"""

import asyncio
from pathlib import Path
from typing import Any

import uvicorn
from datasette.app import Datasette

from db.datasette import SEARCH_TABLES, metadata
from monitor.config import Config

DATABASE = "archive"  # its name in addresses: the snapshot is archive.db
_SITE = Path(__file__).parent / "site"

# What datasette's defaults leave open, or too slow, for a site with large tables.
_SETTINGS = {
    "suggest_facets": False,  # 700 ms a page on large tables; the facets that matter are in the metadata
    "sql_time_limit_ms": 800,
    "facet_time_limit_ms": 100,
    "max_returned_rows": 2000,
    "default_cache_ttl": 60,
}

# Not for the public: the text of other people's articles and papers, and where alerts go. What the
# page "find" shows of a text is a few words, as any search engine does.
_PRIVATE = (
    *("news_articles", "document_texts", *SEARCH_TABLES),
    *("deliveries", "letters", "channel_states", "mutes", "runs", "fetches"),
)


def run(config: Config, snapshot: Path, port: int) -> None:
    """Serve until told to stop."""
    app = site(config, snapshot)
    asyncio.run(app.invoke_startup())
    host = "0.0.0.0" if config.serve.public else "127.0.0.1"  # noqa: S104  asked for by serve.public
    print(f"http://{'localhost' if not config.serve.public else host}:{port}/", flush=True)
    uvicorn.run(app.app(), host=host, port=port, log_level="warning", lifespan="on", workers=1)


def site(config: Config, snapshot: Path, *, look_every: float = 2.0) -> Any:
    """Datasette on *snapshot*, as `serve` of config.toml wants it; newer ones are seen within *look_every* seconds."""
    public = config.serve.public
    return Datasette(  # type: ignore[no-untyped-call]
        immutables=[str(snapshot)],
        metadata=_metadata(config, look_every),
        template_dir=str(_SITE / "templates"),
        plugins_dir=str(_SITE / "plugins"),
        static_mounts=[("assets", str(_SITE / "assets"))],
        settings={**_SETTINGS, "default_allow_sql": not public, "allow_download": not public},
    )


def _metadata(config: Config, look_every: float) -> dict[str, Any]:
    """What db says of its tables, with what is ours to add: the looks, the names of councils, who may see what."""
    told = metadata(DATABASE)
    told["extra_css_urls"] = ["/assets/site.css"]
    names = {council.slug: council.name for council in config.councils}
    told["plugins"] = {"kccwatch": {"councils": names, "look_every": look_every}}
    if config.serve.public:
        tables = told["databases"][DATABASE]["tables"]
        for name in _PRIVATE:
            tables.setdefault(name, {})["allow"] = False
        told["databases"][DATABASE]["queries"].pop("alerts_sent", None)
        told["plugins"]["datasette-block-robots"] = {"allow_only_index": True}
    return told
