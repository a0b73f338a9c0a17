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

_NUMBER = re.compile(r"\s*([+-]?[0-9]{1,9})(?:-\s*([+-]?[0-9]{1,9}))?")
_OFFSET = re.compile(r"\s*[+-]?[0-9]{1,4}")
_CLOCK = re.compile(r"\s*([0-9]{1,2}):([0-9]{1,2})(?::([0-9]{1,2}))?\s*\Z")
_DATE = re.compile(
    r"\s*([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})"
    r"(?:[ T]+([0-9]{1,2}):([0-9]{1,2})(?::([0-9]{1,2}))?)?\s*\Z"
)
_COMPACT = re.compile(r"\s*([0-9]{4})([0-9]{2})([0-9]{2})([0-9]{2})([0-9]{2})([0-9]{2})\s*\Z")
_DAY = re.compile(r"(?i)([1-7]|sun|mon|tue|wed|thu|fri|sat)(?![a-z0-9])")
_DAYS_LISTED = re.compile(rf"{_DAY.pattern}(?:-{_DAY.pattern.removeprefix('(?i)')})?")
_DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")

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
    if tz_offset and _OFFSET.fullmatch(tz_offset) and abs(int(tz_offset)) < 24:
        return now.astimezone(timezone(timedelta(hours=int(tz_offset))))
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
            return is_true(text) and bool(now.dst())
        case "tz-offset":
            if not re.match(r"\s*[+-]?[0-9]", text):
                return True
            offset = local.utcoffset() or timedelta()
            return _first_number(text) == int(offset.total_seconds() / 3600)
    raise AssertionError(f"{name} is no time attribute")


def _first_number(text: str) -> int:
    found = _OFFSET.match(text)
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
    """Whether a list such as ``1,5-9,22-3`` has ``value``; it is read up to its first error."""
    position = 0
    while found := _NUMBER.match(text, position):
        low = int(found[1])
        if _between(value, low, low if found[2] is None else int(found[2])):
            return True
        if text[found.end() : found.end() + 1] != ",":
            return False
        position = found.end() + 1
    return False


def in_days(value: int, text: str) -> bool:
    """Whether a list such as ``mon-fri,7`` has the day ``value`` (1 is Sunday)."""
    position = 0
    while found := _DAY.match(text, position):
        low = high = _day(found[1])
        position = found.end()
        if text[position : position + 1] == "-":
            found = _DAY.match(text, position + 1)
            if found is None:
                return False
            high = _day(found[1])
            position = found.end()
        if _between(value, low, high):
            return True
        if text[position : position + 1] != ",":
            return False
        position += 1
    return False


def _day(text: str) -> int:
    return int(text) if text.isdigit() else _DAYS.index(text.lower()) + 1


def _seconds(text: str) -> int | None:
    found = _CLOCK.match(text)
    return int(found[1]) * 3600 + int(found[2]) * 60 + int(found[3] or 0) if found else None


def in_clock(value: int, text: str) -> bool:
    """Whether ``09:00-17:00,22:30:00-06:00`` has the second of the day; both ends belong to it."""
    for item in text.split(","):
        first, dash, second = item.partition("-")
        low, high = _seconds(first), _seconds(second)
        if dash and low is not None and high is not None and _between(value, low, high):
            return True
    return False


def in_dates(now: datetime, text: str) -> bool:
    """Whether ``2026-12-24 12:00~2026-12-27`` has ``now``; the end does not belong to it."""
    for item in text.split(","):
        first, tilde, second = item.partition("~")
        if not tilde:
            continue
        start, end = _date(first, now), _date(second, now)
        if start is None or end is None:
            return False
        if start <= now < end:
            return True
    return False


def _date(text: str, now: datetime) -> datetime | None:
    """A date in the zone of ``now``; a clock alone means today."""
    found = _DATE.match(text) or _COMPACT.match(text)
    try:
        if found:
            return datetime(*(int(part or 0) for part in found.groups()), tzinfo=now.tzinfo)  # type: ignore[arg-type, misc]
        if clock := _CLOCK.match(text):
            return now.replace(
                hour=int(clock[1]), minute=int(clock[2]), second=int(clock[3] or 0), microsecond=0
            )
    except ValueError:
        return None
    return None


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
        if not any(_is_range(item, "-", _seconds) for item in text.split(",")):
            return f"{text!r} has no range such as 09:00-17:00"
    elif name == "date-time":
        if not any(_is_range(item, "~", _any_date) for item in text.split(",")):
            return f"{text!r} has no range such as 2026-12-24 12:00~2026-12-27"
    elif name == "dst" and not is_true(text):
        return "dst holds only when true and daylight saving time is in force"
    return None


def unread(name: str, text: str) -> str:
    """What of the attribute's text is not looked at, empty where all of it is."""
    if name in _FIELDS:
        return _rest(text, _NUMBER)
    if name == "wday":
        return _rest(text, _DAYS_LISTED)
    if name == "tz-offset":
        return "" if re.fullmatch(r"\s*[+-]?[0-9]{1,4}\s*", text) else text
    if name == "time-of-day":
        return next((item for item in text.split(",") if not _is_range(item, "-", _seconds)), "")
    if name == "date-time":
        return next((item for item in text.split(",") if not _is_range(item, "~", _any_date)), "")
    return ""


def _is_range(item: str, mark: str, read: Callable[[str], object]) -> bool:
    first, found, second = item.partition(mark)
    return bool(found) and read(first) is not None and read(second) is not None


def _any_date(text: str) -> datetime | None:
    return _date(text, datetime(2000, 1, 1, tzinfo=UTC))


def _rest(text: str, item: re.Pattern[str]) -> str:
    """What is left of a list, separated by commas, from its first error on."""
    position = 0
    while found := item.match(text, position):
        position = found.end()
        if text[position : position + 1] != ",":
            break
        position += 1
    return text[position:].strip()
