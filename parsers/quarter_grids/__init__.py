"""Quarterly performance reports of 2012 to 2015: a small grid with quarters across for each indicator.

An indicator there has a heading with its rating and arrow, perhaps lines on whose it is, a
graph, and a grid `Trend Data | Mar 13 | Jun 13 | …` with rows Actual, Target, Floor, RAG. The
reading is the column of the report's own quarter; where that is still blank, the last one that
holds a result. What the older columns hold is kept as figures.

What both layouts share (summary table, risks, other tables) is read by the readers of those.
"""

from parsers.quarter_grids.reading import PARSER, VERSION, read, recognises

__all__ = ["PARSER", "VERSION", "read", "recognises"]
