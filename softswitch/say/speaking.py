"""A text to the prompts that say it: what all languages have in common.

The lists are those of FreeSWITCH's ``mod_say_en``; a language gives its own numbers and dates.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from datetime import datetime

from softswitch.say.language import Language
from softswitch.say.request import Gender, Kind, Method, SayError, SayRequest

MOST_DIGITS = 9
"""Of a number that is pronounced."""
LONGEST_MONEY = 15
MOST_PROMPTS = 1000
"""Of one text: what is longer is a mistake, or worse."""
PAUSE = "silence_stream://100"

_DATE = re.compile(
    r"(\d{1,4})-(\d{1,2})-(\d{1,2})[ T]+(\d{1,2}):(\d{1,2})(?::(\d{1,2}))?", re.ASCII
)
_NO_MONEY = re.compile(r"[^0-9.-]")
_BARE = re.compile(r"\d+", re.ASCII)


def say(request: SayRequest, language: Language) -> list[str]:
    """The prompts for a request: names such as ``digits/1``, or streams.

    Raises `SayError` where the text is not what the type asks for, or no language says the type.
    """
    speak = _SPEAKERS.get(request.kind)
    if speak is None:
        raise SayError(f"{request.kind.value.lower()} is a type that no language says")
    return speak(request, language)[:MOST_PROMPTS]


def _integer(request: SayRequest, language: Language) -> list[str]:
    text = request.text.strip().replace(",", "")
    if not _BARE.fullmatch(text):
        raise SayError(f"{request.text!r} is no whole number")
    if request.method is not Method.ITERATED and len(text) > MOST_DIGITS:
        raise SayError(f"{request.text!r} has more than {MOST_DIGITS} digits")
    return _digits(text, request.method, language, request.gender)


def _digits(text: str, method: Method, language: Language, gender: Gender) -> list[str]:
    """A number of at most nine digits in one of the ways there are."""
    match method:
        case Method.ITERATED:
            return [f"digits/{digit}" for digit in text]
        case Method.NONE if int(text):
            return []
        case Method.PRONOUNCED_YEAR:
            return language.year(int(text))
        case _:
            return language.number(int(text), counted=method is Method.COUNTED, gender=gender)


def _money(request: SayRequest, language: Language) -> list[str]:
    text = request.text.strip()
    if len(text) > LONGEST_MONEY:
        raise SayError(f"{request.text!r} is longer than {LONGEST_MONEY} characters")
    text = _NO_MONEY.sub("", text)
    negative = text.startswith("-")
    whole, point, cents = text.replace("-", "").partition(".")
    whole = whole or "0"
    cents = cents.replace(".", "")[:2] or "0"
    if not any(character.isdigit() for character in text) or len(whole) > MOST_DIGITS:
        raise SayError(f"{request.text!r} is no amount of money")

    def spoken(digits: str, gender: Gender) -> list[str]:
        return _digits(digits, request.method, language, gender)

    # Cents are not padded: FreeSWITCH says 1.5 as one dollar and five cents.
    said = language.money(whole, cents if point else None, spoken)
    return ["currency/negative", *said] if negative else said


def _duration(request: SayRequest, language: Language) -> list[str]:
    parts = request.text.strip().split(":")
    if not 1 <= len(parts) <= 3 or not all(_BARE.fullmatch(part) for part in parts):
        raise SayError(f"{request.text!r} is no time: write seconds, m:s or h:m:s")
    if len("".join(parts)) > MOST_DIGITS:
        raise SayError(f"{request.text!r} is too long a time")
    hours, minutes, seconds = [0] * (3 - len(parts)) + [int(part) for part in parts]
    if len(parts) == 1:
        minutes, seconds = divmod(seconds, 60)
        hours, minutes = divmod(minutes, 60)
    return language.duration(hours, minutes, seconds)


def _moment(request: SayRequest) -> datetime:
    """The moment a text means: a date, seconds since 1970, or else now."""
    text = request.text.strip()
    try:
        if ":" in text:
            found = _DATE.search(text)
            if found is None:
                raise SayError(f"{request.text!r} is no date: write 2026-03-04 15:05:00")
            year, month, day, hour, minute, second = (int(part or 0) for part in found.groups())
            return datetime(year, month, day, hour, minute, second, tzinfo=request.now.tzinfo)
        if _BARE.fullmatch(text) and int(text) > 0:
            return datetime.fromtimestamp(int(text), request.now.tzinfo)
    except (ValueError, OverflowError, OSError) as error:
        if isinstance(error, SayError):
            raise
        raise SayError(f"{request.text!r} is outside the calendar") from None
    return request.now


def _time(request: SayRequest, language: Language) -> list[str]:
    moment = _moment(request)
    said: list[str] = []
    if request.kind in (Kind.CURRENT_DATE, Kind.CURRENT_DATE_TIME):
        said = language.date(moment, year=True)
    elif request.kind is Kind.SHORT_DATE_TIME:
        said = _short_date(moment, request.now, language)
    if request.kind is Kind.CURRENT_DATE:
        return said
    if said:
        said.append("time/at")
    return said + language.clock(moment, all_hours=request.method is Method.ITERATED)


def _short_date(moment: datetime, now: datetime, language: Language) -> list[str]:
    """The date as shortly as people say it."""
    ago = (now.date() - moment.date()).days
    if moment.year != now.year or ago < 0:
        return language.date(moment, year=True)
    if ago == 0:
        return ["time/today"]
    if ago == 1:
        return ["time/yesterday"]
    if ago <= 5:
        return [weekday(moment)]
    return language.date(moment, year=False)


def weekday(moment: datetime) -> str:
    """The prompt of a day of the week; Sunday is 0."""
    return f"time/day-{moment.isoweekday() % 7}"


def _address(request: SayRequest, language: Language) -> list[str]:
    said: list[str] = []
    text = request.text.strip()
    if request.method is Method.ITERATED or "." not in text:
        return _characters(text, "ascii", {".": "digits/dot"})
    for octet in text.split("."):
        if not _BARE.fullmatch(octet) or int(octet[:MOST_DIGITS]) > 255:
            raise SayError(f"{request.text!r} is no IP address")
        said += ["digits/dot"] if said else []
        said += _digits(octet, request.method, language, request.gender)
    return said


def _telephone(request: SayRequest, language: Language) -> list[str]:
    said: list[str] = []
    for character in request.text:
        if character == "+" or (character.isascii() and character.isalnum()):
            said += _characters(character, "ascii")
        elif not said or said[-1] != PAUSE:
            said.append(PAUSE)
    return said


def _spelled(request: SayRequest, language: Language) -> list[str]:
    return _characters(request.text, "ascii")


def _phonetic(request: SayRequest, language: Language) -> list[str]:
    return _characters(request.text, "phonetic-ascii")


def _characters(text: str, folder: str, named: dict[str, str] | None = None) -> list[str]:
    """Each character by its code; digits by their names, letters without their accents."""
    said = []
    for character in unicodedata.normalize("NFKD", text.lower()):
        if not (character.isascii() and character.isprintable()):
            continue
        if named and character in named:
            said.append(named[character])
        elif character.isdigit():
            said.append(f"digits/{character}")
        else:
            said.append(f"{folder}/{ord(character)}")
    return said


_SPEAKERS: dict[Kind, Callable[[SayRequest, Language], list[str]]] = {
    Kind.NUMBER: _integer,
    Kind.ITEMS: _integer,
    Kind.PERSONS: _integer,
    Kind.MESSAGES: _integer,
    Kind.CURRENCY: _money,
    Kind.TIME_MEASUREMENT: _duration,
    Kind.CURRENT_DATE: _time,
    Kind.CURRENT_TIME: _time,
    Kind.CURRENT_DATE_TIME: _time,
    Kind.SHORT_DATE_TIME: _time,
    Kind.TELEPHONE_NUMBER: _telephone,
    Kind.IP_ADDRESS: _address,
    Kind.NAME_SPELLED: _spelled,
    Kind.NAME_PHONETIC: _phonetic,
}
