"""What can go wrong with a document.

ParseError            the document is not what it should be; the message says expected and found
├── NotThisKind       a sound document, but of another kind than this reader reads
├── Unreadable        broken, cut short, encrypted or not of the type that it claims
└── TooLarge          more pages or objects than any committee paper has
"""


class ParseError(Exception):
    """A document could not be read; the message is the sentence that an operator needs."""


class NotThisKind(ParseError):
    """The document is another kind's."""


class Unreadable(ParseError):
    """The bytes are broken, incomplete, locked or another file type."""


class TooLarge(ParseError):
    """The document is beyond the limits within which it is read."""
