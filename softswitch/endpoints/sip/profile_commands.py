"""``sofia profile``: one profile started, stopped and reread, its phones and gateways steered."""

from __future__ import annotations

from typing import TYPE_CHECKING

from softswitch.config.params import read_boolean
from softswitch.endpoints.sip.endpoint import SipEndpoint, profile_elements
from softswitch.endpoints.sip.gateway_configuration import read_gateways

if TYPE_CHECKING:
    from softswitch.config.element import Element
    from softswitch.endpoints.sip.profile import Profile

WITHOUT = {
    "recover": "calls end with the process that carried them; none can be taken up again",
    "watchdog": "no watchdog is needed: one loop serves all profiles",
    "debug": "use sofia loglevel",
    "stun-auto-disable": "addresses found by STUN are kept until the profile restarts",
    "stun-enabled": "write stun:<host> into ext-sip-ip and ext-rtp-ip",
}
"""What FreeSWITCH's ``sofia`` has besides, and what there is in its place."""


async def steer(sip: SipEndpoint, name: str, verb: str, rest: list[str]) -> str:
    """``sofia profile NAME VERB …``: what was done, or why not."""
    if (name, verb) == ("restart", "all"):
        return "".join([await steer(sip, each, "restart", []) for each in list(sip.profiles)])
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
        case "register" | "unregister", _:
            return _register(profile, verb, rest[0]) if rest else "No gateway name provided!\n"
        case "killgw" | "startgw", []:
            return "-ERR missing gw name\n"
        case "killgw", [gateway, *_]:
            return _kill(profile, gateway)
        case "startgw", [gateway, *_]:
            return await _start_gateway(sip, profile, gateway)
        case "gwlist", _:
            up = not rest or rest[0].lower() != "down"
            return " ".join(g.name for g in profile.gateways.values() if g.up is up)
        case "siptrace" | "capture", []:
            return f"Usage: sofia profile <name> {verb} <on/off>\n"
        case "siptrace", [word, *_]:
            profile.driver.trace = on = bool(read_boolean(word))
            return f"{'Enabled' if on else 'Disabled'} sip debugging on {profile.name}\n"
        case "capture", [word, *_]:
            on = bool(read_boolean(word))
            refusal = await sip.capture(on, [profile])
            done = "Enabled" if on else "Disabled"
            return f"-ERR {refusal}\n" if refusal else f"{done} sip capturing on {profile.name}\n"
        case what, _ if what in WITHOUT:
            return f"-ERR sofia profile {name} {what}: {WITHOUT[what]}\n"
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
    if not found and name != "all":
        return "Invalid gateway!\n"
    if name != "all" and not found[0].settings.register:
        return f"-ERR NOREG gateway [{name}] can't be {verb}ed!\n"
    for gateway in found:
        if verb == "register":
            gateway.register_again()
        else:
            gateway.stop()
    return "+OK\n"


def _kill(profile: Profile, name: str) -> str:
    everything = name == "_all_"
    chosen = list(profile.gateways) if everything else [name]
    killed = [profile.gateways.pop(item) for item in chosen if item in profile.gateways]
    for gateway in killed:
        gateway.remove()
    if not killed and not everything:
        return "-ERR no such gateway.\n"
    return f"+OK {'every ' if everything else ''}gateway marked for deletion.\n"


async def _start_gateway(sip: SipEndpoint, profile: Profile, name: str) -> str:
    """Take up a gateway that was added to the files, or was killed; ``_all_`` of them."""
    await sip.switch.reload()
    element = await _element(sip, profile.name)
    wanted = read_gateways(profile, element) if element is not None else {}
    fresh = [each for each in wanted if each not in profile.gateways and name in ("_all_", each)]
    for each in fresh:
        profile.gateways[each] = wanted[each]
        wanted[each].start()
    if not fresh and name != "_all_":
        why = "it runs already" if name in profile.gateways else "it is not configured"
        return f"-ERR cannot add gateway {name} for profile {profile.name}: {why}\n"
    return f"+OK start gateway {name} complete\n"
