"""Times and waiting: ``strepoch strftime strftime_tz strmicroepoch msleep time_test``."""

from __future__ import annotations

import asyncio
import re
from datetime import datetime

from softswitch.commands.reply import OK, usage
from softswitch.registry import command
from softswitch.switch import time_text
from softswitch.switch.commands import CommandCall

LONGEST_SLEEP_MS = 3_600_000
_DATE = re.compile(r"(\d{1,4})-(\d{1,2})-(\d{1,2})(?:[ T]+(\d{1,2}):(\d{1,2})(?::(\d{1,2}))?)?")
_COMPACT = re.compile(r"(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)\Z")


@command("strepoch", syntax="<format_string>", module="mod_commands")
async def strepoch(call: CommandCall, arguments: str) -> str:
    """Turn a date (``2026-03-04 15:05:00``), or now, into seconds since 1970."""
    return str(_epoch_us(call, arguments) // 1_000_000)


@command("strmicroepoch", syntax="<format_string>", module="mod_commands")
async def strmicroepoch(call: CommandCall, arguments: str) -> str:
    """Turn a date, or now, into microseconds since 1970."""
    return str(_epoch_us(call, arguments))


@command("strftime", syntax="<format_string>", module="mod_commands")
async def strftime(call: CommandCall, arguments: str) -> str:
    """Show the time of now, or of ``<epoch>|``, in a format.

    Of ``<epoch>|<format>`` the character behind the bar is skipped, as callers expect.
    """
    epoch, bar, form = arguments.partition("|")
    if bar and epoch.strip().lstrip("-").isdigit():
        # FreeSWITCH reads the format from the second character on: write "86400| %Y".
        return time_text.format_time(form[1:], int(epoch))
    return time_text.format_time(arguments, call.switch.now_us() // 1_000_000)


@command("strftime_tz", syntax="<timezone_name> [<epoch>|][format string]", module="mod_commands")
async def strftime_tz(call: CommandCall, arguments: str) -> str:
    """Show the time of now, or of an epoch, in a time zone and format."""
    name, _, form = arguments.strip().partition(" ")
    now = call.switch.now_us() // 1_000_000
    epoch, bar, rest = form.partition("|")
    if bar and epoch.strip().lstrip("-").isdigit():
        now, form = int(epoch), rest
    try:
        zone = time_text.zone_of(name, call.switch.generation.zones)
    except ValueError:
        return "-ERR Invalid Timezone\n"
    return time_text.format_time(form, now, zone)


@command("msleep", syntax="<number of milliseconds to sleep>", module="mod_commands")
async def msleep(call: CommandCall, arguments: str) -> str:
    """Wait for milliseconds."""
    found = re.match(r"\s*(\d{1,9})", arguments)
    milliseconds = min(int(found[1]), LONGEST_SLEEP_MS) if found else 0
    await asyncio.sleep(milliseconds / 1000)
    return OK


@command("time_test", syntax="<mss> [count]", module="mod_commands")
async def time_test(call: CommandCall, arguments: str) -> str:
    """Measure how long sleeps of so many microseconds really take."""
    words = arguments.split()
    if not words or not words[0].isdigit():
        return usage("time_test")
    wanted = min(int(words[0]), 1_000_000)
    count = min(int(words[1]), 100) if len(words) > 1 and words[1].isdigit() else 10
    taken = []
    for _ in range(max(count, 1)):
        start = call.switch.loop.time()
        await asyncio.sleep(wanted / 1_000_000)
        taken.append(round((call.switch.loop.time() - start) * 1_000_000))
    lines = [f"test {number} sleep {wanted} {time}\n" for number, time in enumerate(taken, 1)]
    return "".join(lines) + f"avg {sum(taken) // len(taken)}\n"


def _epoch_us(call: CommandCall, text: str) -> int:
    """Microseconds since 1970 of a local date; 0 where it is none, now where it is empty."""
    text = text.strip()
    if not text:
        return call.switch.now_us()
    found = _COMPACT.match(text) or _DATE.match(text)
    if found is None:
        return 0
    try:
        moment = datetime(*(int(part or 0) for part in found.groups()))  # type: ignore[arg-type]
        return int(moment.timestamp()) * 1_000_000
    except (ValueError, OverflowError):
        return 0
