"""Dates and times as FreeSWITCH reads them: in ``date-time`` of conditions and for ``strepoch``."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

_CLOCK = re.compile(r"(\d{0,4}):?(\d{0,4}):?(\d{0,4})")
_DATE = re.compile(r"(\d{1,4})-(\d{1,4})-(\d{1,4})[\sT]*(\d{0,4}):?(\d{0,4}):?(\d{0,4})")
_COMPACT = re.compile(r"(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)")


def moment_of(text: str, now: datetime) -> datetime | None:
    """The moment of ``2026-12-24[ 18[:30[:00]]]``, ``20261224183000`` or, today, ``18:30[:00]``.

    It is in the zone of ``now``; what follows is not read. Days beyond a month and hours beyond a
    day run on into the next ones. None for what is no date, or outside the calendar.
    """
    text = text.strip()
    found = _COMPACT.match(text) or _DATE.match(text)
    if found is not None:
        year, month, day, *clock = (int(part or 0) for part in found.groups())
    elif text and (found := _CLOCK.fullmatch(text)) is not None:
        year, month, day = now.year, now.month, now.day
        clock = [int(part or 0) for part in found.groups()]
    else:
        return None
    hour, minute, second = clock
    try:
        return datetime(year, month, 1, tzinfo=now.tzinfo) + timedelta(
            days=day - 1, hours=hour, minutes=minute, seconds=second
        )
    except (ValueError, OverflowError):
        return None
