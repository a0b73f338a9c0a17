"""``sofia loglevel``, ``tracelevel`` and ``global debug``: how much is said to the log."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from softswitch.endpoints.sip.settings import TRACE_LEVELS

if TYPE_CHECKING:
    from softswitch.endpoints.sip.endpoint import SipEndpoint

_SIP, _NET, _ENDPOINT = "softswitch.sip", "softswitch.net", "softswitch.endpoints.sip"
_LOGGERS = {
    "sip": _SIP,
    "net": _NET,
    "endpoints": _ENDPOINT,
    "default": _ENDPOINT,
    "nua": _ENDPOINT,
    **dict.fromkeys(("tport", "sresolv", "stun"), _NET),
    **dict.fromkeys(("iptsec", "nea", "nta", "nth_client", "nth_server", "soa"), _SIP),
}
"""Components of ``sofia loglevel``, ours and those of FreeSWITCH's library, to loggers."""
_DEBUGGED = {
    "presence": "softswitch.endpoints.sip.presence",
    "sla": "softswitch.endpoints.sip.presence.shared_lines",
}
"""What ``sofia global debug`` names, to loggers."""


def log_level(words: list[str]) -> str:
    """Show or set how much the parts of SIP say: 0 is warnings, 1 to 4 besides what happens, 5 and
    more everything; empty where no part is named.
    """
    if not words:
        return ""
    component = words[0].lower()
    names = list(_LOGGERS) if component == "all" else [component]
    if not all(name in _LOGGERS for name in names):
        return f"-ERR no such component: {component}; known are all, {', '.join(_LOGGERS)}\n"
    if len(words) == 1:
        return f"Sofia-sip loglevel for [{words[0]}] is [{_level_of(names[0])}]"
    if not words[1].isdecimal() or int(words[1]) > 9:
        return "-ERR the level is a number from 0 to 9\n"
    number = int(words[1])
    wanted = logging.WARNING if number == 0 else logging.INFO if number < 5 else logging.DEBUG
    for name in names:
        logging.getLogger(_LOGGERS[name]).setLevel(wanted)
    return f"Sofia log level for component [{words[0]}] has been set to [{number}]"


def _level_of(component: str) -> int:
    level = logging.getLogger(_LOGGERS[component]).getEffectiveLevel()
    return 0 if level > logging.INFO else 9 if level < logging.INFO else 4


def trace_level(sip: SipEndpoint, words: list[str]) -> str:
    """Show or set at what level traces go to the log."""
    wanted = words[0].lower() if words else ""
    if wanted and wanted not in TRACE_LEVELS:
        return f"-ERR there is no level {words[0]}; known are {', '.join(TRACE_LEVELS)}\n"
    if wanted:
        sip.set_trace_level(wanted)
    return f"+OK tracelevel is {sip.trace_level}"


def debug(words: list[str]) -> str:
    """``sofia global debug``: presence and shared lines tell the log all they do, or no more."""
    wanted = words[0] if words else ""
    told = []
    for name, logger in _DEBUGGED.items():
        if name in wanted:
            logging.getLogger(logger).setLevel(logging.DEBUG)
            told.append(f"+OK Debugging {name}\n")
    if "none" in wanted:
        for logger in _DEBUGGED.values():
            logging.getLogger(logger).setLevel(logging.NOTSET)
        told.append("+OK Debugging nothing\n")
    levels = {name: logging.getLogger(logger).level for name, logger in _DEBUGGED.items()}
    state = {name: "on" if level == logging.DEBUG else "off" for name, level in levels.items()}
    told.append(f"+OK Debugging summary: presence: {state['presence']} sla: {state['sla']}\n")
    return "".join(told)
