"""What each profile will write into SIP and SDP, and whether others can reach it there."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from softswitch.config.document import Configuration
from softswitch.config.element import Element
from softswitch.config.host import local_address
from softswitch.config.params import read_params
from softswitch.config.settings import SwitchSettings
from softswitch.endpoints.sip.external import External, kind_of
from softswitch.endpoints.sip.settings import ProfileSettings
from softswitch.net.dns import Dns
from softswitch.sip.routing import is_loopback, is_private


@dataclass(frozen=True, slots=True)
class Verdict:
    """One profile's addresses."""

    name: str
    lines: tuple[str, ...]
    troubles: tuple[str, ...]


async def report(configuration: Configuration, variables: Mapping[str, str]) -> tuple[str, bool]:
    """The text for a person, and whether all is well."""
    element = configuration.configuration("sofia.conf")
    block = element.find("profiles") if element is not None else None
    verdicts = []
    for profile in block.findall("profile") if block is not None else ():
        settings, _ = read_params(profile.find("settings"), ProfileSettings)
        verdicts.append(await _judge(profile.get("name", ""), settings, variables))
    switch, _ = read_params(_settings(configuration), SwitchSettings)
    lines = []
    for verdict in verdicts:
        lines += [f"profile {verdict.name}", *(f"  {line}" for line in verdict.lines)]
        lines += [f"  TROUBLE: {trouble}" for trouble in verdict.troubles]
    lines.append(f"media ports {switch.rtp_start_port} to {switch.rtp_end_port} UDP")
    if not verdicts:
        lines = ["there is no SIP profile"]
    return "\n".join(lines), not any(verdict.troubles for verdict in verdicts)


async def _judge(name: str, settings: ProfileSettings, variables: Mapping[str, str]) -> Verdict:
    own = settings.sip_ip or variables.get("local_ip_v4") or local_address()
    if own in ("0.0.0.0", "::"):
        own = variables.get("local_ip_v4") or local_address()
    sip = External(settings.ext_sip_ip, own)
    rtp = External(settings.ext_rtp_ip, settings.rtp_ip or own)
    names = Dns(asyncio.get_running_loop(), ipv6=":" in own)
    await asyncio.gather(sip.find(names), rtp.find(names))
    port = settings.ext_sip_port or settings.sip_port
    near = f"whoever is in {settings.local_network_acl} is told {own} and {rtp.local} instead"
    differs = str(sip) != own or str(rtp) != rtp.local
    lines = (
        f"listens on {own}:{settings.sip_port} ({', '.join(settings.transports)})",
        f"in SIP:  {sip}:{port} ({sip.reason})",
        f"in SDP:  {rtp} ({rtp.reason})",
        *((near,) if differs else ()),
    )
    return Verdict(name, lines, tuple(_troubles(settings, sip, rtp)))


def _troubles(settings: ProfileSettings, sip: External, rtp: External) -> list[str]:
    found = []
    for what, external in (("ext-sip-ip", sip), ("ext-rtp-ip", rtp)):
        if external.problem:
            found.append(f"{what}={external.wish!r}: {external.problem}")
        if kind_of(external.wish)[0] == "nat":
            found.append(
                f"{what}={external.wish!r}: routers are not asked; write stun:<server>,"
                " host:<name> or the router's address"
            )
    astray = [*_astray("sip", sip), *_astray("rtp", rtp)]
    if astray:
        return found + astray
    outside_sip, outside_rtp = not is_private(str(sip)), not is_private(str(rtp))
    if outside_sip and not outside_rtp:
        found.append(
            f"others send calls to {sip} but media to {rtp}, which is nowhere outside of your"
            " network: set ext-rtp-ip as ext-sip-ip is"
        )
    if outside_rtp and not outside_sip:
        found.append(
            f"answers and BYEs of others go to {sip}, which is nowhere outside of your network:"
            " set ext-sip-ip as ext-rtp-ip is"
        )
    if not outside_sip and not outside_rtp and not settings.auth_calls and _is_for_others(settings):
        found.append(
            f"providers outside of your network cannot send media to {rtp}: set ext-sip-ip and"
            " ext-rtp-ip, unless they are all inside"
        )
    return found


def _astray(what: str, external: External) -> Iterator[str]:
    """What is wrong where an address leads everybody to himself."""
    if is_loopback(external.local):
        yield (
            f"{external.local} is reached from this machine alone: set {what}-ip to an address that"
            " others can reach"
        )
    elif is_loopback(str(external)):
        yield (
            f"others would look for us at {external}, which is themselves: set ext-{what}-ip to an"
            " address that leads here"
        )


def _is_for_others(settings: ProfileSettings) -> bool:
    """Whether the profile looks like one that providers are reached by."""
    return settings.disable_register


def _settings(configuration: Configuration) -> Element | None:
    element = configuration.configuration("switch.conf")
    return element.find("settings") if element is not None else None
