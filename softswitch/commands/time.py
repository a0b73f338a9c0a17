"""Times and waiting: ``strepoch strftime strftime_tz strmicroepoch msleep time_test``."""

from __future__ import annotations

import asyncio
import re
from datetime import datetime

from softswitch.dialplan.moment import moment_of
from softswitch.registry import command
from softswitch.switch import time_text
from softswitch.switch.commands import CommandCall

LONGEST_SLEEP_MS = 3_600_000
_BAD_ZONE = "-ERR Invalid timezone/format\n"


@command("strepoch", syntax="<string>", module="mod_dptools")
async def strepoch(call: CommandCall, arguments: str) -> str:
    """Turn a date (``2026-03-04 15:05:00``), or now, into seconds since 1970."""
    return str(_epoch_us(call, arguments) // 1_000_000)


@command("strmicroepoch", syntax="<string>", module="mod_dptools")
async def strmicroepoch(call: CommandCall, arguments: str) -> str:
    """Turn a date, or now, into microseconds since 1970."""
    return str(_epoch_us(call, arguments))


@command("strftime", syntax="<format_string>", module="mod_dptools")
async def strftime(call: CommandCall, arguments: str) -> str:
    """Show the time of now, or of ``<epoch>|``, in a format.

    Of ``<epoch>|<format>`` the character behind the bar is skipped, as callers expect.
    """
    epoch, bar, form = arguments.partition("|")
    if bar:
        # FreeSWITCH reads the format from the second character on: write "86400| %Y".
        return time_text.format_time(form[1:], _number(epoch))
    return time_text.format_time(arguments, call.switch.now_us() // 1_000_000)


@command("strftime_tz", syntax="<timezone_name> [<epoch>|][format string]", module="mod_commands")
async def strftime_tz(call: CommandCall, arguments: str) -> str:
    """Show the time of now, or of an epoch, in a time zone and format."""
    name, _, form = arguments.partition(" ")
    epoch, bar, rest = form.partition("|")
    now = _number(epoch) if bar else 0
    try:
        zone = time_text.zone_of(name or "UTC", call.switch.generation.zones)
    except ValueError:
        return _BAD_ZONE
    now = now or call.switch.now_us() // 1_000_000
    return time_text.format_time(rest if bar else form, now, zone) or _BAD_ZONE


@command("msleep", syntax="<milliseconds>", module="mod_commands")
async def msleep(call: CommandCall, arguments: str) -> str:
    """Wait for milliseconds."""
    await asyncio.sleep(min(max(_number(arguments), 0), LONGEST_SLEEP_MS) / 1000)
    return "+OK"


@command("time_test", syntax="<mss> [count]", module="mod_commands")
async def time_test(call: CommandCall, arguments: str) -> str:
    """Measure how long sleeps of so many microseconds really take."""
    if not arguments:
        return "parameter missing\n"
    first, _, second = arguments.partition(" ")
    wanted = min(max(_number(first), 0), 1_000_000)
    count = min(_number(second), 100)
    taken = []
    for _ in range(count if count > 0 else 10):
        start = call.switch.loop.time()
        await asyncio.sleep(wanted / 1_000_000)
        taken.append(round((call.switch.loop.time() - start) * 1_000_000))
    lines = [f"test {number} sleep {wanted} {time}\n" for number, time in enumerate(taken, 1)]
    return "".join(lines) + f"avg {sum(taken) // len(taken)}\n"


def _epoch_us(call: CommandCall, text: str) -> int:
    """Microseconds since 1970 of a local date; 0 where it is none, now where it is empty."""
    if not text.strip():
        return call.switch.now_us()
    now = datetime.fromtimestamp(call.switch.now_us() // 1_000_000)
    moment = moment_of(text, now)
    try:
        return int(moment.timestamp()) * 1_000_000 if moment is not None else 0
    except (ValueError, OverflowError):
        return 0


def _number(text: str) -> int:
    """The whole number a text begins with, as C reads it; 0 without one."""
    found = re.match(r"\s*([+-]?\d{1,12})", text)
    return int(found[1]) if found else 0
