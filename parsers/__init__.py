"""Documents into records. Pure: bytes in, records out; no files, no network, no clock, no database."""

from parsers.dispatch import VERSIONS, fingerprint, parse

__all__ = ["VERSIONS", "fingerprint", "parse"]
