"""``sofia profile``: one profile started, stopped and reread, its phones and gateways steered."""

from __future__ import annotations

from typing import TYPE_CHECKING

from softswitch.config.errors import Severity
from softswitch.config.params import read_boolean
from softswitch.endpoints.sip.endpoint import SipEndpoint, profile_elements
from softswitch.endpoints.sip.gateway_configuration import read_gateways
from softswitch.endpoints.sip.unsolicited import notify_check_sync

if TYPE_CHECKING:
    from softswitch.config.element import Element
    from softswitch.endpoints.sip.profile import Profile

WITHOUT = {
    "watchdog": "no watchdog is needed: one loop serves all profiles",
    "stun-auto-disable": "addresses found by STUN are kept until the profile restarts",
    "stun-enabled": "write stun:<host> into ext-sip-ip and ext-rtp-ip",
}
"""What FreeSWITCH's ``sofia`` has besides, and what there is in its place."""
GOES_ON = "-ERR the configuration has errors; the profile goes on as it was"


async def steer(sip: SipEndpoint, name: str, verb: str, rest: list[str]) -> str:
    """``sofia profile NAME VERB …``: what was done, or why not."""
    if (name.lower(), verb) == ("restart", "all"):
        reloaded, sound = await _reload(sip)
        every = list(sip.profiles.values()) if sound else []
        return reloaded + "".join([f"{await _restart(sip, each)}\n" for each in every])
    profile = sip.profile(name)
    if verb == "start":
        return await _start(sip, name, profile)
    if profile is None:
        return f"Invalid Profile [{name}]"
    match verb, rest:
        case "stop", _:
            reloaded, _ = await _reload(sip)
            await sip.stop_profile(profile.name)
            return f"{reloaded}stopping: {profile.name}"
        case "restart", _:
            reloaded, sound = await _reload(sip)
            return reloaded + (await _restart(sip, profile) if sound else GOES_ON)
        case "rescan", _:
            reloaded, _ = await _reload(sip)
            element = await _element(sip, profile.name)
            if element is None:
                return f"{reloaded}-ERR cannot find config for profile {profile.name}\n"
            sip.rescan(profile, element)
            return f"{reloaded}+OK scan complete\n"
        case "flush_inbound_reg", _:
            reboots = any(word.lower() == "reboot" for word in rest[:2])
            wanted = "" if [word.lower() for word in rest[:1]] == ["reboot"] else "".join(rest[:1])
            return _flush(sip, profile, wanted, reboots)
        case "check_sync", _:
            return _check_sync(profile, rest[0] if rest else "")
        case "recover", _:
            if [word.lower() for word in rest[:1]] == ["flush"]:
                return "Flushing recovery database.\n"
            return "No sessions to recover.\n"
        case "register" | "unregister", _:
            return _register(sip, profile, verb, rest[0]) if rest else "No gateway name provided!\n"
        case "killgw" | "startgw", []:
            return "-ERR missing gw name\n"
        case "killgw", [gateway, *_]:
            return _kill(sip, profile, gateway)
        case "startgw", [gateway, *_]:
            reloaded, _ = await _reload(sip)
            return f"{reloaded}{await _start_gateway(sip, profile, gateway)}"
        case "gwlist", _:
            up = not rest or rest[0].lower() != "down"
            return " ".join(g.name for g in profile.gateways.values() if g.up is up)
        case "siptrace" | "capture" | "watchdog", []:
            return f"Usage: sofia profile <name> {verb} <on/off>\n"
        case "siptrace", [word, *_]:
            profile.driver.trace = on = bool(read_boolean(word))
            return f"{'Enabled' if on else 'Disabled'} sip debugging on {profile.name}"
        case "capture", [word, *_]:
            on = bool(read_boolean(word))
            refusal = await sip.capture(on, [profile])
            done = "Enabled" if on else "Disabled"
            return f"-ERR {refusal}\n" if refusal else f"{done} sip capturing on {profile.name}"
        case what, _ if what in WITHOUT:
            return f"-ERR sofia profile {name} {what}: {WITHOUT[what]}\n"
        case _:
            return "-ERR Unknown command!\n"


async def _reload(sip: SipEndpoint) -> tuple[str, bool]:
    """Read the configuration anew: what is said of that, and whether it has no errors."""
    findings = await sip.switch.reload()
    wrong = next((item for item in findings if item.severity is Severity.ERROR), None)
    if wrong is None:
        return "Reload XML [Success]\n", True
    first, _, _ = str(wrong).partition("\n")
    return f"Reload XML [{first}]\n", False


async def _restart(sip: SipEndpoint, profile: Profile) -> str:
    refusal = await sip.restart_profile(profile)
    return f"restarting: {profile.name}" if refusal is None else f"-ERR {profile.name}: {refusal}"


async def _start(sip: SipEndpoint, name: str, profile: Profile | None) -> str:
    if profile is not None:
        return f"-ERR profile {name} is running\n"
    reloaded, _ = await _reload(sip)
    element = await _element(sip, name)
    if element is None:
        return f"{reloaded}Failure starting {name}\n"
    refusal = await sip.start_profile(element)
    done = f"{name} started successfully" if refusal is None else f"-ERR {name}: {refusal}"
    return f"{reloaded}{done}\n"


async def _element(sip: SipEndpoint, name: str) -> Element | None:
    elements = await profile_elements(sip.switch)
    return next((element for element in elements if element.get("name") == name), None)


def _flush(sip: SipEndpoint, profile: Profile, wanted: str, reboots: bool) -> str:
    for binding in profile.bindings(wanted):
        if reboots:
            notify_check_sync(profile, binding, reboot=True)
        sip.location.remove(binding)
        profile.registrar.tell_gone(binding, "sofia::unregister", "flushed")
    profile.pump()
    verb = "rebooting" if reboots else "flushing"
    return f"+OK {verb} all registrations{_matching(wanted)}\n"


def _check_sync(profile: Profile, wanted: str) -> str:
    for binding in profile.bindings(wanted):
        notify_check_sync(profile, binding)
    profile.pump()
    return f"+OK syncing all registrations{_matching(wanted)}\n"


def _matching(wanted: str) -> str:
    return " matching specified call_id" if wanted else ""


def _register(sip: SipEndpoint, profile: Profile, verb: str, name: str) -> str:
    everything = name.lower() == "all"
    chosen = list(profile.gateways.values()) if everything else [sip.gateway(name)]
    found = [gateway for gateway in chosen if gateway is not None]
    if not found and not everything:
        return "Invalid gateway!\n"
    if not everything and not found[0].settings.register:
        return f"-ERR NOREG gateway [{name}] can't be {verb}ed!\n"
    for gateway in found:
        if verb == "register":
            gateway.register_again()
        else:
            gateway.stop()
    return "+OK\n"


def _kill(sip: SipEndpoint, profile: Profile, name: str) -> str:
    everything = name.lower() == "_all_"
    chosen = list(profile.gateways.values()) if everything else [sip.gateway(name)]
    killed = [gateway for gateway in chosen if gateway is not None]
    for gateway in killed:
        del gateway.profile.gateways[gateway.name]
        gateway.remove()
    if not killed and not everything:
        return "-ERR no such gateway.\n"
    return f"+OK {'every ' if everything else ''}gateway marked for deletion.\n"


async def _start_gateway(sip: SipEndpoint, profile: Profile, name: str) -> str:
    """Take up a gateway that was added to the files, or was killed; ``_all_`` of them."""
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
