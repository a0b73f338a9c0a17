"""What shall be said: FreeSWITCH's types, methods and genders of ``say``."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import TypeVar


class SayError(ValueError):
    """A text cannot be said in the wanted way; the message is a sentence that says why."""


class Kind(Enum):
    """What a text means."""

    NUMBER = "NUMBER"
    ITEMS = "ITEMS"
    PERSONS = "PERSONS"
    MESSAGES = "MESSAGES"
    CURRENCY = "CURRENCY"
    TIME_MEASUREMENT = "TIME_MEASUREMENT"
    CURRENT_DATE = "CURRENT_DATE"
    CURRENT_TIME = "CURRENT_TIME"
    CURRENT_DATE_TIME = "CURRENT_DATE_TIME"
    TELEPHONE_NUMBER = "TELEPHONE_NUMBER"
    TELEPHONE_EXTENSION = "TELEPHONE_EXTENSION"
    URL = "URL"
    IP_ADDRESS = "IP_ADDRESS"
    EMAIL_ADDRESS = "EMAIL_ADDRESS"
    POSTAL_ADDRESS = "POSTAL_ADDRESS"
    ACCOUNT_NUMBER = "ACCOUNT_NUMBER"
    NAME_SPELLED = "NAME_SPELLED"
    NAME_PHONETIC = "NAME_PHONETIC"
    SHORT_DATE_TIME = "SHORT_DATE_TIME"


class Method(Enum):
    """How it is said."""

    NONE = "N/A"
    PRONOUNCED = "PRONOUNCED"
    """Twenty-one."""
    ITERATED = "ITERATED"
    """Two, one; of times the clock of 24 hours."""
    COUNTED = "COUNTED"
    """Twenty-first."""
    PRONOUNCED_YEAR = "PRONOUNCED_YEAR"
    """Nineteen eighty-four."""


class Gender(Enum):
    """That of what is counted, in languages where numbers have one."""

    NEUTER = "NEUTER"
    MASCULINE = "MASCULINE"
    FEMININE = "FEMININE"


Word = TypeVar("Word", Kind, Method, Gender)


def find_word(words: type[Word], text: str) -> Word | None:
    """The member of that name, compared without case; None if there is none."""
    try:
        return words(text.upper())
    except ValueError:
        return None


def parse_word(words: type[Word], text: str) -> Word:
    """As `find_word`; raises `SayError` with the names there are."""
    found = find_word(words, text)
    if found is None:
        known = ", ".join(word.value.lower() for word in words)
        raise SayError(f"{text!r} is no {words.__name__.lower()} of say: there are {known}")
    return found


@dataclass(frozen=True, slots=True)
class SayRequest:
    """One thing to say."""

    kind: Kind
    method: Method
    text: str
    now: datetime
    """The moment, in the zone of the one who listens."""
    gender: Gender = Gender.NEUTER
