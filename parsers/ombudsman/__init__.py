"""The Local Government and Social Care Ombudsman's pages, of whatever generation.

The address tells the kind of page where it has the site's shape; pages that came another
way are known by their words. Behind this door: `statistics` (yearly figures),
`lists` (public reports, service improvements), `cases` (decisions,
reports, news, search results), all of them on the lines that `page` makes.
"""

from parsers.ombudsman.reading import VERSION, read, recognises

__all__ = ["VERSION", "read", "recognises"]
