"""Directorate dashboards: what a committee is shown each month of its directorate's indicators.

Tables such as `Ref | Indicator description | Latest Month (Mar-25) | RAG | YTD | RAG | Target | Floor | Prev. Yr`
(`parsers.dashboard.layout` tells which column is what), activity tables with an expected range,
lists of ratings and counts of them. The report's period is that of the year-to-date figures: from
1 April of its financial year to the last day of the latest month.

A reference that the paper names and that has no row, a value that is not understood, or a
rating whose word and colour differ quarantine the paper.
"""

from parsers.dashboard.reading import PARSER, VERSION, read, recognises

__all__ = ["PARSER", "VERSION", "read", "recognises"]
