"""The ``sofia`` family of console commands: profiles, gateways and registrations."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

from softswitch.config.params import read_boolean
from softswitch.endpoints.sip import gateway_report, report
from softswitch.endpoints.sip.endpoint import SipEndpoint
from softswitch.endpoints.sip.json_report import json_status, status
from softswitch.endpoints.sip.ladder import ladder
from softswitch.endpoints.sip.log_commands import debug, log_level, trace_level
from softswitch.endpoints.sip.profile_commands import WITHOUT, steer
from softswitch.net.pcap import pcap
from softswitch.registry import command, json_command

if TYPE_CHECKING:
    from softswitch.endpoints.sip.location import Binding
    from softswitch.switch.commands import CommandCall

USAGE = """USAGE:
--------------------------------------------------------------------------------
sofia global siptrace <on|off>
sofia        capture  <on|off>
             standby  <on|off>
             debug    <presence|sla|none>

sofia profile <name> [start | stop | restart | rescan] [wait]
                     flush_inbound_reg [<call_id> | <[user]@domain>] [reboot]
                     check_sync [<call_id> | <[user]@domain>]
                     [register | unregister] [<gateway name> | all]
                     killgw <gateway name>
                     startgw <gateway name>
                     gwlist <up|down>
                     siptrace <on|off>
                     capture  <on|off>
                     recover  [flush]

sofia <status|xmlstatus> profile <name> [reg [<contact str>]] | [pres <pres str>]\
 | [user <user@domain>]
sofia <status|xmlstatus> gateway <name>
sofia jsonstatus

sofia recover [flush]

sofia trace <uuid|call_id|all> [pcap]

sofia bans
sofia unban <ip>

sofia loglevel <all|default|tport|iptsec|nea|nta|nth_client|nth_server|nua|soa|sresolv|stun> [0-9]
sofia tracelevel <console|alert|crit|err|warning|notice|info|debug>

sofia help
--------------------------------------------------------------------------------
"""
NOTHING_TO_RECOVER = "No calls to recover.\n"
"""Calls end with the process that carried them; FreeSWITCH says this where it finds none."""


def sip_of(call: CommandCall) -> SipEndpoint:
    """The endpoint whose profiles are meant."""
    return SipEndpoint.of(call.switch)


@command("sofia", syntax="<status|xmlstatus|jsonstatus|profile|help> ...", module="mod_sofia")
async def sofia(call: CommandCall, arguments: str) -> str:
    """Show and control SIP profiles, gateways and registrations."""
    words = arguments.split()
    sip, verb, rest = sip_of(call), "".join(words[:1]).lower(), words[1:]
    match verb:
        case "" | "help":
            return USAGE
        case "status" | "xmlstatus":
            return _status(sip, verb == "xmlstatus", rest)
        case "jsonstatus":
            return json_status(sip)
        case "profile":
            if len(rest) < 2:
                return "Invalid Args!\n"
            return await steer(sip, rest[0], rest[1].lower(), rest[2:])
        case "global":
            return await _global(sip, rest)
        case "trace" if rest and rest[1:] in ([], ["pcap"]):
            return _trace(sip, rest[0], bool(rest[1:]))
        case "bans":
            return report.bans(sip)
        case "unban" if rest:
            done = sip.guard.pardon(rest[0])
            return (
                f"+OK {rest[0]} is let in again\n" if done else f"-ERR {rest[0]} is not shut out\n"
            )
        case "loglevel":
            return log_level(rest) or USAGE
        case "tracelevel":
            return trace_level(sip, rest)
        case "recover":
            return _recover(call, rest)
        case _:
            return f"Unknown Command [{words[0]}]\n"


@json_command("sofia.status", module="mod_sofia")
async def sofia_status(call: CommandCall, data: dict[str, Any]) -> dict[str, Any]:
    """Profiles, aliases and gateways."""
    return status(sip_of(call), with_info=False)


@json_command("sofia.status.info", module="mod_sofia")
async def sofia_status_info(call: CommandCall, data: dict[str, Any]) -> dict[str, Any]:
    """Profiles, aliases and gateways, with the settings of profiles."""
    return status(sip_of(call), with_info=True)


def _recover(call: CommandCall, words: list[str]) -> str:
    if [word.lower() for word in words[:1]] == ["flush"]:
        return "Flushing recovery database.\n"
    call.switch.publish("CUSTOM", {"recovered_calls": "0"}, subclass="sofia::recovery_recovered")
    return NOTHING_TO_RECOVER


def _status(sip: SipEndpoint, as_xml: bool, words: list[str]) -> str:
    match [word.lower() for word in words[:1]], words[1:]:
        case [], _:
            return report.xml_status(sip) if as_xml else report.status(sip)
        case ["gateway"], []:
            return gateway_report.xml_gateways(sip) if as_xml else gateway_report.gateways(sip)
        case ["gateway"], [name, *_]:
            gateway = sip.gateway(name)
            if gateway is None:
                return "Invalid Gateway!\n"
            shown = gateway_report.xml_gateway if as_xml else gateway_report.gateway
            return shown(gateway)
        case ["profile"], [name, *rest]:
            return _status_profile(sip, as_xml, name, rest)
        case _, []:
            return _status_profile(sip, as_xml, words[0], [])
        case _:
            return "Invalid Syntax!\n"


async def _global(sip: SipEndpoint, words: list[str]) -> str:
    """What concerns all profiles; FreeSWITCH takes anything but a true word for off."""
    what = "".join(words[:1]).lower()
    if what == "debug":
        return debug(words[1:])
    if len(words) < 2 or what not in ("siptrace", "capture", "standby", "watchdog"):
        return (
            "-ERR Usage: siptrace <on|off>|capture <on|off>|watchdog <on|off>"
            "|debug <sla|presence|none"
        )
    if what in WITHOUT:
        return f"-ERR sofia global {what}: {WITHOUT[what]}\n"
    on = bool(read_boolean(words[1]))
    match what:
        case "siptrace":
            sip.trace(on)
        case "capture":
            refusal = await sip.capture(on, sip.profiles.values())
            if refusal:
                return f"-ERR {refusal}\n"
        case "standby":
            for profile in sip.profiles.values():
                profile.standby = on
    return f"+OK Global {what} {'on' if on else 'off'}"


def _trace(sip: SipEndpoint, name: str, as_pcap: bool) -> str:
    """The messages of a call as a ladder, or a capture file in base64."""
    session = sip.switch.find(name)
    entries = sip.journal.of(session.uuid if session is not None else name)
    if not as_pcap:
        return ladder(entries)
    if not entries:
        return "-ERR nothing is known of that call\n"
    return base64.b64encode(pcap(entries)).decode() + "\n"


def _status_profile(sip: SipEndpoint, as_xml: bool, name: str, rest: list[str]) -> str:
    profile = sip.profile(name)
    if profile is None:
        return "Invalid Profile!\n"
    kind, wanted = "".join(rest[:1]).lower(), "".join(rest[1:2])
    bindings: list[Binding] | None = None
    match kind:
        case "reg":
            bindings = [
                item for item in profile.bindings() if wanted in item.aor or wanted in item.contact
            ]
        case "user" if wanted:
            bindings = [item for item in profile.bindings() if _is_of(item, wanted)]
        case "pres" if wanted:
            known = wanted.lower() in ",".join(profile.settings.presence_hosts).lower()
            bindings = profile.bindings() if known else []
    told = name if kind not in ("reg", "user") else ""
    if as_xml:
        return report.xml_profile(sip, profile, told, bindings)
    return report.profile(sip, profile, told, bindings)


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
