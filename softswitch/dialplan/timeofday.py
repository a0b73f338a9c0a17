"""Time-of-day attributes of conditions: ``wday="mon-fri" hour="9-17"`` and their like.

``now`` is an aware time in the server's own zone; ``local`` is the same moment where the caller is.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone

from softswitch.config.timezones import TimeZones
from softswitch.dialplan.arguments import is_true
from softswitch.dialplan.moment import moment_of

_NUMBER = re.compile(r"(\s*[+-]?[0-9]{1,9})?(?:(-)(\s*[+-]?[0-9]{1,9})?)?")
_OFFSET = re.compile(r"[+-]?[0-9.]+")
_CLOCKS = re.compile(r"([^:]*):([^-]*)-([^:]*):(.*)", re.DOTALL)
_DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_DAY = re.compile(rf"(?i)([1-7])|({'|'.join(_DAYS)})|([-,])")

_FIELDS: dict[str, tuple[Callable[[datetime], int], int, int]] = {
    "year": (lambda t: t.year, 1, 9999),
    "yday": (lambda t: _day_of_year(t) + 1, 1, 366),
    "mon": (lambda t: t.month, 1, 12),
    "mday": (lambda t: t.day, 1, 31),
    "week": (lambda t: _day_of_year(t) // 7 + 1, 1, 53),
    "mweek": (lambda t: week_of_month(t), 1, 6),
    "hour": (lambda t: t.hour, 0, 23),
    "minute": (lambda t: t.minute, 0, 59),
    "minute-of-day": (lambda t: t.hour * 60 + t.minute + 1, 1, 1440),
}
"""How a number attribute reads the time, and its lowest and highest value."""

ATTRIBUTES = (
    "tz-offset", "dst", "date-time", "year", "yday", "mon", "mday", "week", "mweek", "wday",
    "hour", "minute", "minute-of-day", "time-of-day",
)  # fmt: skip
"""All time attributes in the order in which they are checked."""


def local_time(
    now: datetime, tz_offset: str | None, zone: str | None, zones: TimeZones
) -> datetime:
    """``now`` in the caller's zone: the offset in whole hours, else the named zone, else as is."""
    if tz_offset and _OFFSET.fullmatch(tz_offset) and abs(_whole(tz_offset)) < 24:
        return now.astimezone(timezone(timedelta(hours=_whole(tz_offset))))
    if zone and (found := zones.find(zone)):
        return now.astimezone(found)
    return now


def first_failure(times: tuple[tuple[str, str], ...], now: datetime, local: datetime) -> str | None:
    """The first attribute of ``times`` that does not hold, None when all do."""
    for name, text in times:
        if not _holds(name, text, now, local):
            return name
    return None


def _holds(name: str, text: str, now: datetime, local: datetime) -> bool:
    if found := _FIELDS.get(name):
        return in_numbers(found[0](local), text)
    match name:
        case "wday":
            return in_days(local.isoweekday() % 7 + 1, text)
        case "time-of-day":
            return in_clock(local.hour * 3600 + local.minute * 60 + local.second, text)
        case "date-time":
            return in_dates(now, text)
        case "dst":
            return not text or (is_true(text) and bool(now.dst()))
        case "tz-offset":
            if not _OFFSET.fullmatch(text):
                return True
            offset = local.utcoffset() or timedelta()
            return _whole(text) == int(offset.total_seconds() / 3600)
    raise AssertionError(f"{name} is no time attribute")


def _whole(text: str) -> int:
    """The whole number a text begins with, as C reads it; 0 without one."""
    found = re.match(r"\s*[+-]?[0-9]{1,9}", text)
    return int(found[0]) if found else 0


def _day_of_year(time: datetime) -> int:
    """From 0."""
    return time.timetuple().tm_yday - 1


def week_of_month(time: datetime) -> int:
    """1 to 6; weeks start on Sunday."""
    weekday = time.isoweekday() % 7
    rest = math.fmod(7 - math.fmod(time.day - (weekday + 1), 7), 7)
    return math.ceil((time.day + rest) / 7)


def _between(value: int, low: int, high: int) -> bool:
    """Whether ``value`` is in the range, which wraps when it ends before it starts."""
    if low <= high:
        return low <= value <= high
    return value >= low or value <= high


def in_numbers(value: int, text: str) -> bool:
    """Whether a list such as ``1,5-9,22-3`` has ``value``; it is read up to its first error.

    A number that is missing counts as 0, as in FreeSWITCH.
    """
    position = 0
    while found := _NUMBER.match(text, position):
        low = int(found[1] or 0)
        if _between(value, low, int(found[3] or 0) if found[2] else low):
            return True
        if text[found.end() : found.end() + 1] != ",":
            return False
        position = found.end() + 1
    raise AssertionError("a number may be missing")


def in_days(value: int, text: str) -> bool:
    """Whether a list such as ``mon-fri,7`` has the day ``value`` (1 is Sunday).

    It is read up to its first error: ``tuesday`` is Tuesday, ``monday-friday`` is Monday alone.
    """
    start = last = position = 0
    while found := _DAY.match(text, position):
        position = found.end()
        if found[3] == "-":
            start = last
        elif found[3]:
            last = 0
        else:
            last = int(found[1]) if found[1] else _DAYS.index(found[2].lower()) + 1
            if _between(value, start or last, last):
                return True
            start = 0
    return False


def in_clock(value: int, text: str) -> bool:
    """Whether ``09:00-17:00,22:30:00-06:00`` has the second of the day; both ends belong to it."""
    for item in text.split(","):
        found = _CLOCKS.fullmatch(item)
        if found is not None and _between(
            value, _seconds(*found.groups()[:2]), _seconds(*found.groups()[2:])
        ):
            return True
    return False


def _seconds(hours: str, rest: str) -> int:
    minutes, _, seconds = rest.partition(":")
    return _whole(hours) * 3600 + _whole(minutes) * 60 + _whole(seconds)


def in_dates(now: datetime, text: str) -> bool:
    """Whether ``2026-12-24 12:00~2026-12-27`` has ``now``; the end does not belong to it."""
    for item in text.split(","):
        first, tilde, second = item.partition("~")
        if not tilde:
            continue
        start, end = moment_of(first, now), moment_of(second, now)
        if start is None or end is None:
            return False
        if start <= now < end:
            return True
    return False


def never_holds(name: str, text: str) -> str | None:
    """Why no moment satisfies the attribute, None when one may."""
    if name in _FIELDS:
        _, low, high = _FIELDS[name]
        if not any(in_numbers(value, text) for value in range(low, high + 1)):
            return f"no value from {low} to {high} is in {text!r}"
    elif name == "wday":
        if not any(in_days(value, text) for value in range(1, 8)):
            return f"no day is in {text!r}; write days as 1-7 or sun-sat, without spaces"
    elif name == "time-of-day":
        if not any(_CLOCKS.fullmatch(item) for item in text.split(",")):
            return f"{text!r} has no range such as 09:00-17:00"
    elif name == "date-time":
        if not any(_is_dates(item) for item in text.split(",")):
            return f"{text!r} has no range such as 2026-12-24 12:00~2026-12-27"
    elif name == "dst" and text and not is_true(text):
        return "dst holds only when true and daylight saving time is in force"
    return None


def unread(name: str, text: str) -> str:
    """What of the attribute's text is not looked at, empty where all of it is."""
    if name in _FIELDS:
        return _rest(text, _A_NUMBER)
    if name == "wday":
        position = 0
        while found := _DAY.match(text, position):
            position = found.end()
        return text[position:].strip() or ("-" if text.endswith("-") else "")
    if name == "tz-offset":
        return "" if re.fullmatch(r"[+-]?[0-9]{1,4}", text) else text
    if name == "time-of-day":
        return next((item for item in text.split(",") if not _CLOCKS_WRITTEN.fullmatch(item)), "")
    if name == "date-time":
        return next((item for item in text.split(",") if not _is_dates(item)), "")
    return ""


_A_NUMBER = re.compile(r"\s*[+-]?[0-9]{1,9}(?:-\s*[+-]?[0-9]{1,9})?")
_TIME = r"\s*[0-9]{1,2}:[0-9]{1,2}(?::[0-9]{1,2})?\s*"
_CLOCKS_WRITTEN = re.compile(rf"{_TIME}-{_TIME}")
"""What is well written, which is less than what is read."""


def _is_dates(item: str) -> bool:
    first, found, second = item.partition("~")
    any_day = datetime(2000, 1, 1, tzinfo=UTC)
    dates = (moment_of(first, any_day), moment_of(second, any_day))
    return bool(found) and None not in dates


def _rest(text: str, item: re.Pattern[str]) -> str:
    """What is left of a list, separated by commas, from its first error on."""
    position = 0
    while found := item.match(text, position):
        position = found.end()
        if text[position : position + 1] != ",":
            break
        position += 1
    return text[position:].strip()
