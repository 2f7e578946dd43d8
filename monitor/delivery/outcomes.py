"""How sending to a channel ended."""

from dataclasses import dataclass
from datetime import timedelta

UNSURE = "no answer in time; it may have arrived"


@dataclass(frozen=True, slots=True)
class Sent:
    """The channel accepted the message."""


@dataclass(frozen=True, slots=True)
class NotSent:
    """The channel did not accept it, or did not say so."""

    error: str  # free of secrets
    maybe: bool = False  # all of it was handed over, and no answer came: it may have arrived
    about_message: bool = False  # the channel works, and does not want this message
    wait: timedelta | None = None  # how long the channel asked us to leave it alone


Outcome = Sent | NotSent
