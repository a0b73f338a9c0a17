"""Times as text: ``strftime`` formats in any time zone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone, tzinfo

from softswitch.config.timezones import TimeZones

DEFAULT_FORMAT = "%Y-%m-%d %H:%M:%S"


def zone_of(name: str | None, zones: TimeZones) -> tzinfo | None:
    """The zone of a name such as ``Europe/Berlin`` or an offset in seconds; None is local time.

    Raises ValueError where there is no such zone.
    """
    if not name:
        return None
    try:
        return timezone(timedelta(seconds=float(name)))
    except (ValueError, OverflowError):
        pass
    found = zones.find(name)
    if found is None:
        raise ValueError(f"there is no time zone {name!r}")
    return found


def format_time(form: str, epoch: float, zone: tzinfo | None = None) -> str:
    """Seconds since 1970 as text; an empty format is that of ``YYYY-MM-DD HH:MM:SS``.

    ``%T`` and the other POSIX letters work as the system's ``strftime`` has them. A moment
    outside the calendar gives an empty text.
    """
    try:
        moment = datetime.fromtimestamp(epoch, UTC).astimezone(zone)
        return moment.strftime(form or DEFAULT_FORMAT)
    except (ValueError, OverflowError, OSError):
        return ""
