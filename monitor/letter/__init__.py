"""The weekly letter: what changed, what is Red and for how long, what does not add up, what is due next.

`gather` asks the archive, `write` makes subject, text and HTML of the answer. The letter claims
nothing that the archive's views do not show, and every line leads to its page.
"""

from monitor.letter.contents import Contents, gather
from monitor.letter.due import enter_due
from monitor.letter.page import Page, write

__all__ = ["Contents", "Page", "enter_due", "gather", "write"]
