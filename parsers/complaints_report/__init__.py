"""Yearly reports on complaints and customer feedback: every cell of their tables of numbers as a figure.

A table is named by its caption ("Table 18: …"), else by the row that spans it or the heading
above it. What a cell counts is told by its column, its row or that caption; what the paper
withholds or leaves blank has no value. A report of which a table cannot be read is quarantined.
"""

from parsers.complaints_report.reading import PARSER, VERSION, read
from parsers.complaints_report.title import recognises

__all__ = ["PARSER", "VERSION", "read", "recognises"]
