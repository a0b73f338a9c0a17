"""The ``sofia`` family of console commands: profiles, gateways and registrations."""

from __future__ import annotations

from typing import TYPE_CHECKING

from softswitch.endpoints.sip import report
from softswitch.endpoints.sip.endpoint import SipEndpoint, profile_elements
from softswitch.registry import command

if TYPE_CHECKING:
    from softswitch.config.element import Element
    from softswitch.endpoints.sip.profile import Profile
    from softswitch.switch.commands import CommandCall

USAGE = """USAGE:
--------------------------------------------------------------------------------
sofia <status|xmlstatus> profile <name> [reg [<contact str>]] | [user <user@domain>]
sofia <status|xmlstatus> gateway <name>

sofia profile <name> [start | stop | restart | rescan]
                     flush_inbound_reg [<call_id> | <[user]@domain>]
                     [register | unregister] [<gateway name> | all]
                     killgw <gateway name>
                     gwlist <up|down>

sofia help
--------------------------------------------------------------------------------
"""


def _sip(call: CommandCall) -> SipEndpoint:
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
            return report.status(_sip(call))
        case ["xmlstatus"]:
            return report.xml_status(_sip(call))
        case ["status" | "xmlstatus" as kind, "profile", name, *rest]:
            return _status_profile(_sip(call), kind == "xmlstatus", name, rest)
        case ["status" | "xmlstatus", "gateway"]:
            return report.gateways(_sip(call))
        case ["status" | "xmlstatus" as kind, "gateway", name, *_]:
            gateway = _sip(call).gateway(name)
            if gateway is None:
                return "Invalid Gateway!\n"
            return report.xml_gateway(gateway) if kind == "xmlstatus" else report.gateway(gateway)
        case ["status" | "xmlstatus", name]:
            return _status_profile(_sip(call), words[0] == "xmlstatus", name, [])
        case ["profile"] | ["profile", _]:
            return "Invalid Args!\n"
        case ["profile", name, verb, *rest]:
            return await _profile(_sip(call), name, verb, rest)
        case _:
            return f"-ERR Unknown command!\n{USAGE}"


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
            await sip.stop_profile(profile.name)
            return await _start(sip, profile.name, None)
        case "rescan", _:
            await sip.switch.reload()
            element = await _element(sip, profile.name)
            if element is None:
                return f"-ERR profile {profile.name} is no longer configured\n"
            sip.rescan(profile, element)
            return "+OK scan complete\n"
        case "flush_inbound_reg", _:
            return _flush(sip, profile, rest[0] if rest else "")
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


def _flush(sip: SipEndpoint, profile: Profile, wanted: str) -> str:
    for binding in list(sip.location):
        if binding.profile == profile.name and (
            not wanted
            or wanted in (binding.call_id, binding.aor)
            or (wanted.startswith("@") and binding.realm == wanted[1:])
        ):
            sip.location.remove(binding)
            profile.registrar.tell_gone(binding, "sofia::unregister", "flushed")
    if wanted:
        return "+OK flushing all registrations matching specified call_id\n"
    return "+OK flushing all registrations\n"


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
        gateway.stop()
    return "+OK gateway marked for deletion.\n" if killed else "Invalid gateway!\n"


@command(
    "sofia_contact", syntax="[profile/]<user>@<domain>[/<concat>][~<agent>]", module="mod_sofia"
)
async def sofia_contact(call: CommandCall, arguments: str) -> str:
    """The dial strings of a registered user, or ``error/user_not_registered``."""
    text = arguments.strip().partition("~")[0]
    profile, slash, rest = text.partition("/")
    if not slash or "@" in profile:
        profile, rest = "*", text
    address, _, concat = rest.partition("/")
    user, at, domain = address.partition("@")
    sip = _sip(call)
    if not at:
        domain = call.switch.globals.get("domain", "")
    contacts = sip.contacts(user, domain, profile or "*")
    if not contacts:
        return "error/user_not_registered"
    return ",".join(f"{contact}/{concat}" if concat else contact for contact in contacts)


@command("sofia_count_reg", syntax="[profile/]<user>@<domain>", module="mod_sofia")
async def sofia_count_reg(call: CommandCall, arguments: str) -> str:
    """How many contacts a user has registered."""
    answer = await sofia_contact(call, arguments)
    return "0" if answer.startswith("error/") else str(answer.count(",") + 1)


@command("sofia_username_of", syntax="[profile/]<user>@<domain>", module="mod_sofia")
async def sofia_username_of(call: CommandCall, arguments: str) -> str:
    """Who authenticated the registration of a user."""
    user, _, domain = arguments.strip().rpartition("/")[2].partition("@")
    found = _sip(call).location.find(user, domain)
    return found[0].username if found else ""


@command("sofia_gateway_data", syntax="<gateway> [ivar|ovar|var] <name>", module="mod_sofia")
async def sofia_gateway_data(call: CommandCall, arguments: str) -> str:
    """A variable of a gateway."""
    words = arguments.split()
    if len(words) != 3:
        return "-USAGE: <gateway_name> [ivar|ovar|var] <name>\n"
    gateway = _sip(call).gateway(words[0])
    if gateway is None:
        return ""
    inward = gateway.variables_in.get(words[2], "")
    outward = gateway.variables_out.get(words[2], "")
    return {"ivar": inward, "ovar": outward}.get(words[1], inward or outward)


@command("reloadcert", syntax="", module="mod_commands")
async def reloadcert(call: CommandCall, arguments: str) -> str:
    """Take new TLS certificates from their files; connections that stand are not touched."""
    problems = [
        problem
        for profile in _sip(call).profiles.values()
        for problem in profile.transports.reload_certificates()
    ]
    call.switch.publish("CERT_RELOAD")
    if problems:
        return "".join(f"-ERR {problem}\n" for problem in problems)
    return "+OK\n"
