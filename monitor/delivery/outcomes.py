"""How sending to a channel ended."""

from dataclasses import dataclass

UNSURE = "no answer in time; it may have arrived"


@dataclass(frozen=True, slots=True)
class Sent:
    """The channel accepted the message."""


@dataclass(frozen=True, slots=True)
class NotSent:
    """The channel did not accept it, or did not say so."""

    error: str  # free of secrets


Outcome = Sent | NotSent
