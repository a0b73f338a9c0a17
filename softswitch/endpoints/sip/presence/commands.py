"""The command ``sofia_presence_data``: what is known of a user's presence."""

from __future__ import annotations

from typing import TYPE_CHECKING

from softswitch.endpoints.sip.commands import sip_of
from softswitch.endpoints.sip.presence.agent import bare
from softswitch.registry import command

if TYPE_CHECKING:
    from softswitch.switch.commands import CommandCall

_KINDS = ("list", "status", "rpid", "user_agent")
_SYNTAX = "[list|status|rpid|user_agent] [profile/]<user>@domain"


@command("sofia_presence_data", syntax=_SYNTAX, module="mod_sofia")
async def sofia_presence_data(call: CommandCall, arguments: str) -> str:
    """What is known of a user: the text and activity it shows, and its phones."""
    kind, _, address = arguments.strip().partition(" ")
    if kind not in _KINDS or not address.strip():
        return f"-USAGE: {_SYNTAX}\n"
    sip = sip_of(call)
    profile, slash, rest = address.strip().rpartition("/")
    resource = bare(rest)
    user, at, domain = resource.partition("@")
    if not at or not user:
        return f"-USAGE: {_SYNTAX}\n"
    if slash and sip.profile(profile) is None:
        return "-ERR Invalid Profile\n"
    person = sip.presence.person(resource)
    bindings = sip.location.reach(user, domain, profile or None)
    status = person.status or ("Registered" if bindings else "")
    rpid = person.rpid or "unknown"
    if kind == "status":
        return status
    if kind == "rpid":
        return rpid
    if kind == "user_agent":
        return bindings[0].agent if bindings else ""
    lines = ["status|rpid|user_agent|network_ip|network_port"] if bindings else []
    lines += [
        f"{status}|{rpid}|{each.agent}|{each.network_ip}|{each.network_port}" for each in bindings
    ]
    return "".join(f"{line}\n" for line in lines) + "+OK\n"
