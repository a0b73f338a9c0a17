"""Console commands that find users, gateways and domains: ``sofia_contact`` and its like."""

from __future__ import annotations

from typing import TYPE_CHECKING

from softswitch.endpoints.sip.commands import sip_of
from softswitch.registry import command

if TYPE_CHECKING:
    from softswitch.switch.commands import CommandCall


@command(
    "sofia_contact",
    syntax="[profile/]<user>@<domain>[/<in front of each>][~<agent>]",
    module="mod_sofia",
)
async def sofia_contact(call: CommandCall, arguments: str) -> str:
    """The dial strings of a registered user, or ``error/user_not_registered``."""
    sip, session = sip_of(call), call.session
    text, _, agent = arguments.strip().partition("~")
    name, user, domain, concat = _parts(text)
    domain = domain or call.switch.globals.get("domain", "")
    chosen = None if name == "*" else sip.profile(name) or sip.profile(domain)
    if session is not None:
        agent = agent or session.get("sip_match_user_agent") or ""
    contacts = sip.contacts(user, domain, chosen.name if chosen is not None else "*", agent)
    excluded = session.get("sip_exclude_contact") if session is not None else None
    if excluded:
        contacts = [contact for contact in contacts if excluded.lower() not in contact.lower()]
    if not contacts:
        return "error/user_not_registered"
    return ",".join(f"{concat}{contact}" for contact in contacts)


def _parts(text: str) -> tuple[str, str, str, str]:
    """Profile, user, domain and what stands in front of each contact."""
    name, slash, rest = text.partition("/")
    if not slash or "@" in name:
        name, rest = "", text
    address, _, concat = rest.partition("/")
    user, _, domain = address.partition("@")
    return name, user, domain, concat


@command("sofia_count_reg", syntax="[profile/]<user>@<domain>", module="mod_sofia")
async def sofia_count_reg(call: CommandCall, arguments: str) -> str:
    """How many contacts a user has registered, or all users of a domain; -1 for no such profile."""
    sip = sip_of(call)
    if not arguments.strip():
        return ""
    name, user, domain, _ = _parts(arguments.strip())
    profile = sip.profile(name) or sip.profile(domain)
    if profile is None:
        return "-1"
    domain = domain or call.switch.globals.get("domain", "")
    if user:
        return str(len(sip.location.reach(user, domain, profile.name)))
    names = sip.location.same.get(domain.lower(), frozenset({domain.lower()}))
    return str(sum(each.realm.lower() in names for each in profile.bindings()))


@command("sofia_username_of", syntax="[profile/]<user>@<domain>", module="mod_sofia")
async def sofia_username_of(call: CommandCall, arguments: str) -> str:
    """Who authenticated the registration of a user."""
    sip = sip_of(call)
    name, user, domain, _ = _parts(arguments.strip())
    profile = sip.profile(name) or sip.profile(domain)
    if profile is None:
        return ""
    domain = domain or call.switch.globals.get("domain", "")
    found = sip.location.reach(user, domain, profile.name)
    return found[0].username if found else ""


@command("sofia_gateway_data", syntax="<gateway> [ivar|ovar|var] <name>", module="mod_sofia")
async def sofia_gateway_data(call: CommandCall, arguments: str) -> str:
    """A variable of a gateway."""
    words = arguments.split()
    if not words:
        return "-ERR Parameter missing\n"
    gateway = sip_of(call).gateway(words[0])
    if gateway is None or len(words) < 3:
        return ""
    inward = gateway.variables_in.get(words[2], "")
    outward = gateway.variables_out.get(words[2], "")
    wanted = {"ivar": inward, "ovar": outward, "var": inward or outward}
    return wanted.get(words[1].lower(), "")
