"""Counts in running text: how many indicators there are, and how many are green, amber, red, improving …

Kent's officers have said the same thing in many ways since 2012: "24 were rated as Green",
"out of the 37 KPIs … 21 achieved target (rated green)", "red … increased from 3 to 4", "62.5% as 'Green'",
and ModernGov glues the words together. So there is no template per phrasing. A sentence is taken apart into
numbers and cues (a rating or a direction of travel), each number may take the cue after it or the one before,
and whatever stands between the two must be words that can stand there: "two were rated red" counts,
"two complaints were rated red" does not.

Wrong is worse than nothing. What a sentence says of a part (one service, "five of those", "one of the indicators
rated red"), of another quarter, of a change ("two more", "had moved to Green") or of other things (risks, savings)
is no count of the whole set and is left out.

The way through: `layout` cuts paragraphs and sentences, `spelling` makes the copy that is read from, `totals`,
`numbers` and `cues` find what counts what, `sentence` puts that together, `settle` makes one count of many
sentences, `counting` is the whole of it. `when` tells the quarter, `titles` what a paper is about, `parts` whether
only a part is meant, `changes` what is said of the quarter before. `sections` reads the prose of a report's services,
`named` the indicators that a text names with their rating.
"""

from parsers.narrative.counting import VERSION, counts, counts_in, unread
from parsers.narrative.layout import sentences
from parsers.narrative.named import named_ratings
from parsers.narrative.sections import of_sections
from parsers.narrative.titles import Subject, is_dashboard, named_of_subject, of_subject, subject
from parsers.narrative.vocabulary import DIRECTIONS, RATINGS, SERVICE_WORDS, words
from parsers.narrative.when import period

__all__ = [
    "DIRECTIONS",
    "RATINGS",
    "SERVICE_WORDS",
    "VERSION",
    "Subject",
    "counts",
    "counts_in",
    "is_dashboard",
    "named_of_subject",
    "named_ratings",
    "of_sections",
    "of_subject",
    "period",
    "sentences",
    "subject",
    "unread",
    "words",
]
