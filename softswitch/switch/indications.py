"""What can be said to the far end of a call beside its sound; a leg sends what it is able to."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Information:
    """A piece of data for the far end's program (SIP: INFO)."""

    body: str
    content_type: str = ""
    """Empty for text that only another switch of this kind understands."""


@dataclass(frozen=True, slots=True)
class TextMessage:
    """A text for the far end's user (SIP: MESSAGE)."""

    body: str
    content_type: str = "text/plain"


@dataclass(frozen=True, slots=True)
class Display:
    """Whom the far end talks to now, for its display."""

    name: str
    number: str
    asked: bool = True
    """Somebody asks for it; else it is only for far ends that are known to want it."""


@dataclass(frozen=True, slots=True)
class PhoneEvent:
    """A key of the phone to be pressed from here: ``talk`` or ``hold``."""

    name: str


@dataclass(frozen=True, slots=True)
class NewCodecs:
    """Agree on the media anew, with these codecs, or with the usual ones where empty."""

    codecs: str = ""


@dataclass(frozen=True, slots=True)
class TransferOutcome:
    """What came of the transfer that the far end asked for and waits for."""

    succeeded: bool


Indication = Information | TextMessage | Display | PhoneEvent | NewCodecs | TransferOutcome
