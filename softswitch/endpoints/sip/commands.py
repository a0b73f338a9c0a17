"""The ``sofia`` family of console commands: profiles, gateways and registrations."""

from __future__ import annotations

import base64
import logging
from typing import TYPE_CHECKING

from softswitch.config.params import read_boolean
from softswitch.endpoints.sip import report
from softswitch.endpoints.sip.endpoint import SipEndpoint
from softswitch.endpoints.sip.ladder import ladder
from softswitch.endpoints.sip.profile_commands import WITHOUT, steer
from softswitch.endpoints.sip.settings import TRACE_LEVELS
from softswitch.net.pcap import pcap
from softswitch.registry import command

if TYPE_CHECKING:
    from softswitch.endpoints.sip.location import Binding
    from softswitch.switch.commands import CommandCall

USAGE = """USAGE:
--------------------------------------------------------------------------------
sofia global siptrace <on|off>
             capture  <on|off>
             standby  <on|off>

sofia profile <name> [start | stop | restart | rescan] [wait]
                     flush_inbound_reg [<call_id> | <[user]@domain>] [reboot]
                     check_sync [<call_id> | <[user]@domain>]
                     [register | unregister] [<gateway name> | all]
                     killgw <gateway name>
                     startgw <gateway name>
                     gwlist <up|down>
                     siptrace <on|off>
                     capture  <on|off>

sofia <status|xmlstatus> profile <name> [reg [<contact str>]] | [pres <pres str>]\
 | [user <user@domain>]
sofia <status|xmlstatus> gateway [<name>]

sofia trace <uuid|call_id|all> [pcap]

sofia bans
sofia unban <ip>

sofia loglevel <all|default|tport|iptsec|nea|nta|nth_client|nth_server|nua|soa|sresolv|stun> [0-9]
sofia tracelevel <console|alert|crit|err|warning|notice|info|debug>

sofia help
--------------------------------------------------------------------------------
"""
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


def sip_of(call: CommandCall) -> SipEndpoint:
    """The endpoint whose profiles are meant."""
    endpoint = call.switch.endpoints["sofia"]
    assert isinstance(endpoint, SipEndpoint)
    return endpoint


@command("sofia", syntax="<status|xmlstatus|profile|help> ...", module="mod_sofia")
async def sofia(call: CommandCall, arguments: str) -> str:
    """Show and control SIP profiles, gateways and registrations."""
    words = arguments.split()
    match words:
        case [] | ["help"]:
            return USAGE
        case ["status"]:
            return report.status(sip_of(call))
        case ["xmlstatus"]:
            return report.xml_status(sip_of(call))
        case ["status" | "xmlstatus" as kind, "profile", name, *rest]:
            return _status_profile(sip_of(call), kind == "xmlstatus", name, rest)
        case ["status", "gateway"]:
            return report.gateways(sip_of(call))
        case ["xmlstatus", "gateway"]:
            return report.xml_gateways(sip_of(call))
        case ["status" | "xmlstatus" as kind, "gateway", name, *_]:
            gateway = sip_of(call).gateway(name)
            if gateway is None:
                return "Invalid Gateway!\n"
            return report.xml_gateway(gateway) if kind == "xmlstatus" else report.gateway(gateway)
        case ["status" | "xmlstatus", name]:
            return _status_profile(sip_of(call), words[0] == "xmlstatus", name, [])
        case ["profile"] | ["profile", _]:
            return "Invalid Args!\n"
        case ["profile", name, verb, *rest]:
            return await steer(sip_of(call), name, verb, rest)
        case ["global", *rest]:
            return await _global(sip_of(call), rest)
        case ["trace", call_, *form] if form in ([], ["pcap"]):
            return _trace(sip_of(call), call_, bool(form))
        case ["bans"]:
            return report.bans(sip_of(call))
        case ["unban", host]:
            done = sip_of(call).guard.pardon(host)
            return f"+OK {host} is let in again\n" if done else f"-ERR {host} is not shut out\n"
        case ["loglevel", component, *level]:
            return _log_level(component.lower(), level)
        case ["tracelevel", *level]:
            return _trace_level(sip_of(call), level)
        case ["recover", *_]:
            return f"-ERR sofia recover: {WITHOUT['recover']}\n"
        case [word, *_]:
            return f"Unknown Command [{word}]\n{USAGE}"
        case _:
            raise AssertionError("no words were taken care of")


async def _global(sip: SipEndpoint, words: list[str]) -> str:
    """What concerns all profiles; FreeSWITCH takes anything but a true word for off."""
    match words:
        case ["siptrace" | "capture" | "standby" as what, word]:
            on = bool(read_boolean(word))
            done = f"+OK Global {what} {'on' if on else 'off'}\n"
        case [what, *_] if what in WITHOUT:
            return f"-ERR sofia {what}: {WITHOUT[what]}\n"
        case _:
            return "-ERR Usage: siptrace <on|off>|capture <on|off>|standby <on|off>\n"
    match what:
        case "siptrace":
            sip.trace(on)
        case "capture":
            refusal = await sip.capture(on, sip.profiles.values())
            return f"-ERR {refusal}\n" if refusal else done
        case "standby":
            for profile in sip.profiles.values():
                profile.standby = on
    return done


def _trace_level(sip: SipEndpoint, words: list[str]) -> str:
    """Show or set at what level traces go to the log."""
    wanted = words[0].lower() if words else ""
    if wanted and wanted not in TRACE_LEVELS:
        return f"-ERR there is no level {words[0]}; known are {', '.join(TRACE_LEVELS)}\n"
    if wanted:
        sip.set_trace_level(wanted)
    return f"+OK tracelevel is {sip.trace_level}\n"


def _trace(sip: SipEndpoint, name: str, as_pcap: bool) -> str:
    """The messages of a call as a ladder, or a capture file in base64."""
    session = sip.switch.find(name)
    entries = sip.journal.of(session.uuid if session is not None else name)
    if not as_pcap:
        return ladder(entries)
    if not entries:
        return "-ERR nothing is known of that call\n"
    return base64.b64encode(pcap(entries)).decode() + "\n"


def _log_level(component: str, level: list[str]) -> str:
    """Show or set how much the parts of SIP say: 0 is warnings, 1 to 4 besides what happens, 5 and
    more everything.
    """
    names = list(_LOGGERS) if component == "all" else [component]
    if not all(name in _LOGGERS for name in names):
        return f"-ERR no such component: {component}; known are all, {', '.join(_LOGGERS)}\n"
    if not level:
        return f"Sofia-sip loglevel for [{component}] is [{_level_of(names[0])}]\n"
    if not level[0].isdecimal() or int(level[0]) > 9:
        return "-ERR the level is a number from 0 to 9\n"
    number = int(level[0])
    wanted = logging.WARNING if number == 0 else logging.INFO if number < 5 else logging.DEBUG
    for name in names:
        logging.getLogger(_LOGGERS[name]).setLevel(wanted)
    return f"Sofia log level for component [{component}] has been set to [{number}]\n"


def _level_of(component: str) -> int:
    level = logging.getLogger(_LOGGERS[component]).getEffectiveLevel()
    return 0 if level > logging.INFO else 9 if level < logging.INFO else 4


def _status_profile(sip: SipEndpoint, as_xml: bool, name: str, rest: list[str]) -> str:
    profile = sip.profile(name)
    if profile is None:
        return "Invalid Profile!\n"
    match rest:
        case ["reg"]:
            bindings = profile.bindings()
        case ["reg", wanted, *_]:
            bindings = [
                item for item in profile.bindings() if wanted in item.aor or wanted in item.contact
            ]
        case ["user", wanted, *_]:
            bindings = [item for item in profile.bindings() if _is_of(item, wanted)]
        case ["pres", wanted, *_]:
            known = wanted.lower() in ",".join(profile.settings.presence_hosts).lower()
            bindings = profile.bindings() if known else []
        case ["user" | "pres"]:
            return "Invalid Args!\n"
        case _:
            shown = report.xml_profile if as_xml else report.profile
            return shown(sip, profile, name)
    listed = report.xml_registrations if as_xml else report.registrations
    return listed(bindings, profile.pinger.state)


def _is_of(binding: Binding, wanted: str) -> bool:
    """Whether a registration is that of ``user@domain``, ``user@``, or of a domain."""
    user, at, domain = wanted.rpartition("@")
    if not at:
        user, domain = "", wanted
    return (not user or binding.user == user) and (not domain or binding.realm == domain)


@command("reloadcert", syntax="", module="mod_commands")
async def reloadcert(call: CommandCall, arguments: str) -> str:
    """Take new TLS certificates from their files; connections that stand are not touched."""
    problems = [
        problem
        for profile in sip_of(call).profiles.values()
        for problem in profile.transports.reload_certificates()
    ]
    call.switch.publish("CERT_RELOAD")
    if problems:
        return "".join(f"-ERR {problem}\n" for problem in problems)
    return "+OK\n"
