"""Time zones by name: the rules of ``timezones.conf``, else those of the IANA database."""

from __future__ import annotations

import io
import struct
from collections.abc import Mapping
from datetime import tzinfo
from functools import lru_cache
from types import MappingProxyType
from zoneinfo import ZoneInfo

from softswitch.config.document import Configuration
from softswitch.config.element import Element
from softswitch.config.errors import Finding, Severity
from softswitch.config.validators import register_validator

# RFC 8536: a file of version 2 without a single transition, so that its footer's rule holds
# for all times. One local time type, UTC, and one character of designations.
_HEADER = struct.pack(">4sc15x6l", b"TZif", b"2", 0, 0, 0, 0, 1, 1)
_BODY = struct.pack(">lbb", 0, 0, 0) + b"\0"


class TimeZones:
    """Finds zones; those that the operator wrote down win over the system's."""

    def __init__(self, rules: Mapping[str, str] = MappingProxyType({})) -> None:
        self._rules = rules

    def __repr__(self) -> str:
        return f"<TimeZones {len(self._rules)} of timezones.conf>"

    def find(self, name: str) -> tzinfo | None:
        """The zone of that name, or None."""
        rule = self._rules.get(name)
        try:
            return posix_zone(rule) if rule is not None else _iana_zone(name)
        except (OSError, ValueError, LookupError):
            return None


SYSTEM_ZONES = TimeZones()
"""The zones of the IANA database alone."""


@lru_cache(maxsize=1024)
def posix_zone(rule: str) -> tzinfo:
    """The zone that a POSIX rule such as ``CET-1CEST,M3.5.0,M10.5.0/3`` describes.

    Raises ValueError where it describes none.
    """
    if not rule:
        raise ValueError("an empty rule")
    try:
        data = _HEADER + _BODY + _HEADER + _BODY + b"\n" + rule.encode("ascii") + b"\n"
        return ZoneInfo.from_file(io.BytesIO(data), key=rule)
    except UnicodeEncodeError:
        raise ValueError(f"{rule!r} is not ASCII") from None


@lru_cache(maxsize=256)
def _iana_zone(name: str) -> tzinfo:
    return ZoneInfo(name)


def read_timezones(configuration: Configuration) -> tuple[TimeZones, list[Finding]]:
    """The zones of ``timezones.conf``, and the rules in it that mean nothing."""
    element = configuration.configuration("timezones.conf")
    rules: dict[str, str] = {}
    unread: list[Element] = []
    for zone in element.iter("zone") if element else ():
        rule = zone.get("value", "")
        try:
            posix_zone(rule)
        except ValueError:
            unread.append(zone)
            continue
        rules[zone.get("name", "")] = rule
    return TimeZones(rules), [_unread(unread)] if unread else []


def _unread(zones: list[Element]) -> Finding:
    """FreeSWITCH's own file has some of these, so one finding tells of all."""
    names = ", ".join(dict.fromkeys(zone.get("name", "") for zone in zones))
    message = f"{zones[0].get('value', '')!r} is no rule for a time zone"
    return zones[0].finding(
        "S408",
        f"{message}: the system's own holds for {names}",
        "write a POSIX rule such as CET-1CEST,M3.5.0,M10.5.0/3",
        Severity.WARNING,
        attribute="value",
    )


register_validator("configuration", lambda configuration: read_timezones(configuration)[1])
