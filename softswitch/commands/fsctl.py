"""The ``fsctl`` command: limits, pauses and settings of the switch as a whole."""

from __future__ import annotations

import logging
import re
from collections.abc import Awaitable, Callable

from softswitch.commands.shutdown import crash, shut_down, shutdown_check
from softswitch.dialplan.arguments import is_true, split
from softswitch.log import LEVELS
from softswitch.registry import command
from softswitch.switch.causes import HangupCause
from softswitch.switch.commands import CommandCall
from softswitch.switch.hup import handle_hup
from softswitch.switch.uuids import MAKERS

SHORTEST, LONGEST = 400, 192_000
"""Bounds of all durations of digits, in samples at 8 kHz."""

_SYNTAX = (
    "[api_expansion [on|off]|recover|send_sighup|hupall|pause [inbound|outbound]"
    "|resume [inbound|outbound]|shutdown [cancel|elegant|asap|now|restart]|uuid_version [4|7]"
    "|sps|sps_peak_reset|sync_clock|sync_clock_when_idle|reclaim_mem|max_sessions"
    "|min_dtmf_duration [num]|max_dtmf_duration [num]|default_dtmf_duration [num]"
    "|min_idle_cpu|loglevel [level]|debug_level [level]|mdns_resolve [enable|disable]]"
)

Verb = Callable[[CommandCall, list[str]], Awaitable[str]]


@command("fsctl", syntax=_SYNTAX, module="mod_commands")
async def fsctl(call: CommandCall, arguments: str) -> str:
    """Control the switch: pause, resume, shutdown, max_sessions, sps, loglevel, hupall …"""
    words = split(arguments, " ", 10)
    if not words:
        return f"-USAGE: {_SYNTAX}\n"
    verb = _VERBS.get(words[0].lower())
    if verb is None and words[0].lower() in _REFUSED:
        return f"-ERR {words[0].lower()}: {_REFUSED[words[0].lower()]}\n"
    if verb is None:
        return f"-ERR Invalid command\nUSAGE: fsctl {_SYNTAX}\n"
    return await verb(call, words[1:])


async def _pause(call: CommandCall, words: list[str]) -> str:
    return _set_paused(call, words, True)


async def _resume(call: CommandCall, words: list[str]) -> str:
    return _set_paused(call, words, False)


def _set_paused(call: CommandCall, words: list[str], paused: bool) -> str:
    which = words[0].lower() if words else ""
    if which != "outbound":
        call.switch.admission.paused_inbound = paused
    if which != "inbound":
        call.switch.admission.paused_outbound = paused
    return "+OK\n"


async def _pause_check(call: CommandCall, words: list[str]) -> str:
    admission = call.switch.admission
    which = words[0].lower() if words else ""
    by_direction = {"inbound": admission.paused_inbound, "outbound": admission.paused_outbound}
    paused = by_direction.get(which, admission.paused)
    return "true" if paused else "false"


async def _hupall(call: CommandCall, words: list[str]) -> str:
    call.switch.hangup_all(HangupCause.MANAGER_REQUEST)
    return "+OK\n"


async def _max_sessions(call: CommandCall, words: list[str]) -> str:
    admission = call.switch.admission
    admission.max_sessions = _number(words) or admission.max_sessions
    return f"+OK max sessions: {admission.max_sessions}\n"


def _number(words: list[str]) -> int:
    """The number that was given; 0, which asks for the one in force, where it is none."""
    return int(words[0]) if words and words[0].isdecimal() and len(words[0]) < 10 else 0


async def _api_expansion(call: CommandCall, words: list[str]) -> str:
    if words:
        call.switch.api_expansion = is_true(words[0])
    return f"+OK api_expansion is {'on' if call.switch.api_expansion else 'off'} \n"


async def _verbose_events(call: CommandCall, words: list[str]) -> str:
    if words:
        call.switch.verbose_events = is_true(words[0])
    return f"+OK verbose_events is {'on' if call.switch.verbose_events else 'off'} \n"


async def _sps(call: CommandCall, words: list[str]) -> str:
    admission = call.switch.admission
    admission.sessions_per_second = _number(words) or admission.sessions_per_second
    return f"+OK sessions per second: {admission.sessions_per_second}\n"


async def _last_sps(call: CommandCall, words: list[str]) -> str:
    call.switch.counters.turn(call.switch.loop.time(), len(call.switch.sessions))
    return f"+OK last sessions per second: {call.switch.counters.per_second_last}\n"


async def _sps_peak_reset(call: CommandCall, words: list[str]) -> str:
    call.switch.counters.per_second_peak = 0
    return "+OK max sessions per second counter reset\n"


async def _loglevel(call: CommandCall, words: list[str]) -> str:
    root = logging.getLogger("softswitch")
    if words:
        name = words[0].lower()
        if number := _NUMBER.match(name):
            name = _LEVEL_NAMES[min(int(number[0]), len(_LEVEL_NAMES) - 1)]
        if name not in LEVELS:
            return "-ERR syntax error, log level not set!\n"
        root.setLevel(LEVELS[name])
    effective = root.getEffectiveLevel()
    name = next((key for key in reversed(_LEVEL_NAMES) if LEVELS[key] >= effective), "console")
    return f"+OK log level: {name.upper()} [{_LEVEL_NAMES.index(name)}]\n"


_LEVEL_NAMES = ("console", "alert", "crit", "err", "warning", "notice", "info", "debug")
_NUMBER = re.compile("[0-9]{1,9}")


async def _send_sighup(call: CommandCall, words: list[str]) -> str:
    await handle_hup(call.switch)
    return "+OK\n"


def _duration(which: str, words: list[str], now: int) -> tuple[int, str]:
    """What a duration of digits is from now on, in samples at 8 kHz, and the answer."""
    if words:
        now = min(max(_number(words), SHORTEST), LONGEST) if _number(words) else now
    return now, f"+OK {which} dtmf duration: {now}\n"


async def _default_dtmf_duration(call: CommandCall, words: list[str]) -> str:
    durations = call.switch.digit_durations
    durations.usual, answer = _duration("default", words, durations.usual)
    durations.shortest = min(durations.shortest, durations.usual)
    durations.longest = max(durations.longest, durations.usual)
    return answer


async def _min_dtmf_duration(call: CommandCall, words: list[str]) -> str:
    durations = call.switch.digit_durations
    durations.shortest, answer = _duration("min", words, durations.shortest)
    durations.longest = max(durations.longest, durations.shortest)
    return answer


async def _max_dtmf_duration(call: CommandCall, words: list[str]) -> str:
    durations = call.switch.digit_durations
    durations.longest, answer = _duration("max", words, durations.longest)
    durations.shortest = min(durations.longest, durations.shortest)
    return answer


async def _min_idle_cpu(call: CommandCall, words: list[str]) -> str:
    if words:
        if not _PERCENT.fullmatch(words[0]):
            return "-ERR a percentage is wanted\n"
        call.switch.admission.min_idle_cpu = min(float(words[0]), 100.0)
    least = call.switch.admission.min_idle_cpu
    return f"+OK min idle cpu: {least:.2f}%\n" if least else "+OK min idle cpu: DISABLED\n"


_PERCENT = re.compile(r"[0-9]+(\.[0-9]*)?")


async def _uuid_version(call: CommandCall, words: list[str]) -> str:
    switch = call.switch
    if words:
        if words[0] not in MAKERS:
            return "-ERR the version is 4 or 7\n"
        switch.new_uuid = MAKERS[words[0]]
    version = next((name for name, maker in MAKERS.items() if maker is switch.new_uuid), "4")
    return f"+OK set uuid version: {version}\n"


async def _ready_check(call: CommandCall, words: list[str]) -> str:
    switch = call.switch
    return "false" if switch.stop_requested.is_set() or switch.admission.paused else "true"


async def _sync_clock(call: CommandCall, words: list[str]) -> str:
    # Every time of day is asked of the system: its clock is always followed.
    return "+OK clock synchronized\n"


async def _recover(call: CommandCall, words: list[str]) -> str:
    # Calls do not outlive the process: none is kept that could be taken up or forgotten.
    flush = bool(words) and words[0].lower().startswith("flush")
    return "+OK flushed\n" if flush else "+OK 0 session(s) recovered in total\n"


async def _debug_sql(call: CommandCall, words: list[str]) -> str:
    databases = call.switch.databases
    databases.trace(not databases.traced)
    return f"+OK SQL DEBUG [{'on' if databases.traced else 'off'}]\n"


async def _nothing_to_do(call: CommandCall, words: list[str]) -> str:
    """What FreeSWITCH has to be told, and is done here all the time."""
    return "+OK\n"


_VERBS: dict[str, Verb] = {
    "pause": _pause,
    "resume": _resume,
    "pause_check": _pause_check,
    "hupall": _hupall,
    "shutdown": shut_down,
    "api_expansion": _api_expansion,
    "verbose_events": _verbose_events,
    "max_sessions": _max_sessions,
    "sps": _sps,
    "last_sps": _last_sps,
    "sps_peak_reset": _sps_peak_reset,
    "loglevel": _loglevel,
    "send_sighup": _send_sighup,
    "default_dtmf_duration": _default_dtmf_duration,
    "min_dtmf_duration": _min_dtmf_duration,
    "max_dtmf_duration": _max_dtmf_duration,
    "min_idle_cpu": _min_idle_cpu,
    "uuid_version": _uuid_version,
    "shutdown_check": shutdown_check,
    "ready_check": _ready_check,
    "sync_clock": _sync_clock,
    "sync_clock_when_idle": _sync_clock,
    "calibrate_clock": _nothing_to_do,
    "reclaim_mem": _nothing_to_do,
    "flush_db_handles": _nothing_to_do,
    "save_history": _nothing_to_do,
    "recover": _recover,
    "debug_sql": _debug_sql,
    "crash": crash,
}
_REFUSED = {
    "debug_level": "debug lines are of one level: fsctl loglevel debug shows them all",
    "debug_pool": "there are no memory pools",
    "mdns_resolve": "ICE candidates under .local are never looked up",
    "sql": "the writers of databases cannot be paused; they wait for one that is away",
    "threaded_system_exec": "shell commands always run in processes of their own",
}
"""Verbs of FreeSWITCH that have nothing to act on here, and why."""
