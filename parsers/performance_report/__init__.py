"""Quarterly performance reports: indicators with rating, trend, value, target and floor standard.

Reads what the tables of the report hold (parsers.grid, parsers.unruled), page after page:

- the *summary table*: services down, G A R and three arrows across (`summary`);
- *headline lists*: a small table for each service, one row an indicator (`lists`);
- *boxes*: one for each indicator: title and rating, a chart, and a strip of values
  (`boxes`, `strip`);
- tables of figures and the corporate risks (parsers.figures, parsers.risks).

The report says how many indicators it holds. A reading that finds another number, or a value
that it cannot understand, is quarantined with the sentence that an operator needs.
"""

from parsers.performance_report.reading import PARSER, VERSION, claims, read, recognises

__all__ = ["PARSER", "VERSION", "claims", "read", "recognises"]
