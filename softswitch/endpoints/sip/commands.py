"""The ``sofia`` family of console commands: profiles, gateways and registrations."""

from __future__ import annotations

import base64
import logging
from typing import TYPE_CHECKING

from softswitch.endpoints.sip import report
from softswitch.endpoints.sip.endpoint import SipEndpoint, profile_elements
from softswitch.endpoints.sip.ladder import ladder
from softswitch.net.pcap import pcap
from softswitch.registry import command

if TYPE_CHECKING:
    from softswitch.config.element import Element
    from softswitch.endpoints.sip.profile import Profile
    from softswitch.switch.commands import CommandCall

USAGE = """USAGE:
--------------------------------------------------------------------------------
sofia global siptrace <on|off>
             capture  <on|off>

sofia profile <name> [start | stop | restart | rescan]
                     flush_inbound_reg [<call_id> | <[user]@domain>] [reboot]
                     check_sync [<call_id> | <[user]@domain>]
                     [register | unregister] [<gateway name> | all]
                     killgw <gateway name>
                     gwlist <up|down>
                     siptrace <on|off>
                     capture  <on|off>

sofia <status|xmlstatus> profile <name> [reg [<contact str>]] | [user <user@domain>]
sofia <status|xmlstatus> gateway [<name>]

sofia trace <uuid|call_id|all> [pcap]

sofia bans
sofia unban <ip>

sofia loglevel <all|sip|net|endpoints> [0-9]

sofia help
--------------------------------------------------------------------------------
"""
_LOGGERS = {
    "sip": "softswitch.sip",
    "net": "softswitch.net",
    "endpoints": "softswitch.endpoints.sip",
}
"""Components of ``sofia loglevel``."""
_WITHOUT = {
    "recover": "calls end with the process that carried them; none can be taken up again",
    "tracelevel": "traces go to the log at level info; use loglevel",
    "watchdog": "no watchdog is needed: one loop serves all profiles",
    "standby": "profiles are started and stopped; there is none that waits",
    "debug": "use sofia loglevel",
    "stun-auto-disable": "addresses found by STUN are kept until the profile restarts",
    "stun-enabled": "write stun:<host> into ext-sip-ip and ext-rtp-ip",
}
"""What FreeSWITCH's ``sofia`` has besides, and what there is in its place."""


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
            return await _profile(sip_of(call), name, verb, rest)
        case ["global", "siptrace", switch] if switch in ("on", "off"):
            sip_of(call).trace(switch == "on")
            return f"+OK Global siptrace {switch}\n"
        case ["global", "capture", switch] if switch in ("on", "off"):
            sip = sip_of(call)
            refusal = await sip.capture(switch == "on", sip.profiles.values())
            return f"-ERR {refusal}\n" if refusal else f"+OK Global capture {switch}\n"
        case ["trace", call_, *form] if form in ([], ["pcap"]):
            return _trace(sip_of(call), call_, bool(form))
        case ["bans"]:
            return report.bans(sip_of(call))
        case ["unban", host]:
            done = sip_of(call).guard.pardon(host)
            return f"+OK {host} is let in again\n" if done else f"-ERR {host} is not shut out\n"
        case ["loglevel", component, *level]:
            return _log_level(component.lower(), level)
        case ["recover" | "tracelevel" as what, *_] | ["global", what, *_] if what in _WITHOUT:
            return f"-ERR sofia {what}: {_WITHOUT[what]}\n"
        case _:
            return f"-ERR Unknown command!\n{USAGE}"


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
        shown = (f"{name} {logging.getLevelName(_level_of(name))}" for name in names)
        return f"Sofia log level: {', '.join(shown)}\n"
    if not level[0].isdecimal() or int(level[0]) > 9:
        return "-ERR the level is a number from 0 to 9\n"
    number = int(level[0])
    wanted = logging.WARNING if number == 0 else logging.INFO if number < 5 else logging.DEBUG
    for name in names:
        logging.getLogger(_LOGGERS[name]).setLevel(wanted)
    return f"Sofia log level for component [{component}] has been set to [{number}]\n"


def _level_of(component: str) -> int:
    return logging.getLogger(_LOGGERS[component]).getEffectiveLevel()


def _status_profile(sip: SipEndpoint, as_xml: bool, name: str, rest: list[str]) -> str:
    profile = sip.profile(name)
    if profile is None:
        return "Invalid Profile!\n"
    match rest:
        case []:
            return report.xml_profile(sip, profile) if as_xml else report.profile(sip, profile)
        case ["reg"]:
            wanted = ""
        case ["reg" | "user", wanted, *_]:
            pass
        case _:
            return "Invalid Args!\n"
    bindings = [
        item
        for item in sip.location
        if item.profile == profile.name and (wanted in item.aor or wanted in item.contact)
    ]
    shown = report.xml_registrations if as_xml else report.registrations
    return shown(bindings, profile.pinger.state)


async def _profile(sip: SipEndpoint, name: str, verb: str, rest: list[str]) -> str:
    profile = sip.profile(name)
    if verb == "start":
        return await _start(sip, name, profile)
    if profile is None:
        return f"Invalid Profile [{name}]\n"
    match verb, rest:
        case "stop", _:
            await sip.stop_profile(profile.name)
            return f"stopping: {profile.name}\n"
        case "restart", _:
            refusal = await sip.restart_profile(profile)
            if refusal is not None:
                return f"-ERR {profile.name}: {refusal}\n"
            return f"restarting: {profile.name}\n"
        case "rescan", _:
            await sip.switch.reload()
            element = await _element(sip, profile.name)
            if element is None:
                return f"-ERR profile {profile.name} is no longer configured\n"
            sip.rescan(profile, element)
            return "+OK scan complete\n"
        case "flush_inbound_reg", _:
            reboots = bool(rest) and rest[-1] == "reboot"
            return _flush(sip, profile, "".join(rest[:1]) if rest != ["reboot"] else "", reboots)
        case "check_sync", _:
            return _check_sync(profile, rest[0] if rest else "")
        case "register" | "unregister", [gateway]:
            return _register(profile, verb, gateway)
        case "killgw", [gateway]:
            return _kill(profile, gateway)
        case "gwlist", _:
            up = not rest or rest[0] == "up"
            return " ".join(g.name for g in profile.gateways.values() if g.up is up)
        case "siptrace", [switch] if switch in ("on", "off"):
            profile.driver.trace = switch == "on"
            done = "Enabled" if switch == "on" else "Disabled"
            return f"{done} sip debugging on {profile.name}\n"
        case "capture", [switch] if switch in ("on", "off"):
            refusal = await sip.capture(switch == "on", [profile])
            done = "Enabled" if switch == "on" else "Disabled"
            return f"-ERR {refusal}\n" if refusal else f"{done} sip capturing on {profile.name}\n"
        case what, _ if what in _WITHOUT:
            return f"-ERR sofia profile {name} {what}: {_WITHOUT[what]}\n"
        case _:
            return "-ERR Unknown command!\n"


async def _start(sip: SipEndpoint, name: str, profile: Profile | None) -> str:
    if profile is not None:
        return f"-ERR profile {name} is running\n"
    await sip.switch.reload()
    element = await _element(sip, name)
    if element is None:
        return f"Failure starting {name}\n"
    refusal = await sip.start_profile(element)
    return f"{name} started successfully\n" if refusal is None else f"-ERR {name}: {refusal}\n"


async def _element(sip: SipEndpoint, name: str) -> Element | None:
    elements = await profile_elements(sip.switch)
    return next((element for element in elements if element.get("name") == name), None)


def _flush(sip: SipEndpoint, profile: Profile, wanted: str, reboots: bool) -> str:
    for binding in profile.bindings(wanted):
        if reboots:
            profile.notify_check_sync(binding, reboot=True)
        sip.location.remove(binding)
        profile.registrar.tell_gone(binding, "sofia::unregister", "flushed")
    profile.pump()
    verb = "rebooting" if reboots else "flushing"
    return f"+OK {verb} all registrations{_matching(wanted)}\n"


def _check_sync(profile: Profile, wanted: str) -> str:
    for binding in profile.bindings(wanted):
        profile.notify_check_sync(binding)
    profile.pump()
    return f"+OK syncing all registrations{_matching(wanted)}\n"


def _matching(wanted: str) -> str:
    return " matching specified call_id" if wanted else ""


def _register(profile: Profile, verb: str, name: str) -> str:
    chosen = profile.gateways.values() if name == "all" else [profile.gateways.get(name)]
    found = [gateway for gateway in chosen if gateway is not None]
    if not found:
        return "Invalid gateway!\n"
    for gateway in found:
        if verb == "register":
            gateway.register_again()
        else:
            gateway.stop()
    return "+OK\n"


def _kill(profile: Profile, name: str) -> str:
    chosen = list(profile.gateways) if name == "_all_" else [name]
    killed = [profile.gateways.pop(item) for item in chosen if item in profile.gateways]
    for gateway in killed:
        gateway.remove()
    return "+OK gateway marked for deletion.\n" if killed else "Invalid gateway!\n"


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
