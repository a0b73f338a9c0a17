"""Console commands that find users, gateways and domains: ``sofia_contact`` and its like."""

from __future__ import annotations

from typing import TYPE_CHECKING

from softswitch.endpoints.sip.commands import sip_of
from softswitch.registry import command
from softswitch.sip.errors import RemoteProtocolError
from softswitch.sip.routing import Hop
from softswitch.sip.uri import SipUri

if TYPE_CHECKING:
    from softswitch.switch.commands import CommandCall


@command(
    "sofia_contact", syntax="[profile/]<user>@<domain>[/<concat>][~<agent>]", module="mod_sofia"
)
async def sofia_contact(call: CommandCall, arguments: str) -> str:
    """The dial strings of a registered user, or ``error/user_not_registered``."""
    text, _, agent = arguments.strip().partition("~")
    profile, slash, rest = text.partition("/")
    if not slash or "@" in profile:
        profile, rest = "*", text
    address, _, concat = rest.partition("/")
    user, at, domain = address.partition("@")
    sip = sip_of(call)
    if not at:
        domain = call.switch.globals.get("domain", "")
    contacts = sip.contacts(user, domain, profile or "*", agent)
    excluded = call.session.get("sip_exclude_contact") if call.session is not None else None
    if excluded:
        contacts = [contact for contact in contacts if excluded.lower() not in contact.lower()]
    if not contacts:
        return "error/user_not_registered"
    return ",".join(f"{contact}/{concat}" if concat else contact for contact in contacts)


@command("sofia_count_reg", syntax="[profile/]<user>@<domain>", module="mod_sofia")
async def sofia_count_reg(call: CommandCall, arguments: str) -> str:
    """How many contacts a user has registered, or all users of a domain; -1 for no such profile."""
    sip = sip_of(call)
    name, slash, address = arguments.strip().rpartition("/")
    user, at, domain = address.partition("@")
    if not address:
        return "" if not slash else "-1"
    wanted: str | None = None
    if name and name != "*":
        profile = sip.profile(name)
        if profile is None:
            return "-1"
        wanted = profile.name
    domain = domain if at else call.switch.globals.get("domain", "")
    if user:
        return str(len(sip.location.reach(user, domain, wanted)))
    return str(sum(b.realm == domain and wanted in (None, b.profile) for b in sip.location))


@command("sofia_username_of", syntax="[profile/]<user>@<domain>", module="mod_sofia")
async def sofia_username_of(call: CommandCall, arguments: str) -> str:
    """Who authenticated the registration of a user."""
    user, _, domain = arguments.strip().rpartition("/")[2].partition("@")
    found = sip_of(call).location.reach(user, domain)
    return found[0].username if found else ""


@command("sofia_gateway_data", syntax="<gateway> [ivar|ovar|var] <name>", module="mod_sofia")
async def sofia_gateway_data(call: CommandCall, arguments: str) -> str:
    """A variable of a gateway."""
    words = arguments.split()
    if len(words) != 3:
        return "-USAGE: <gateway_name> [ivar|ovar|var] <name>\n"
    gateway = sip_of(call).gateway(words[0])
    if gateway is None:
        return ""
    inward = gateway.variables_in.get(words[2], "")
    outward = gateway.variables_out.get(words[2], "")
    return {"ivar": inward, "ovar": outward}.get(words[1], inward or outward)


@command("sofia_dig", syntax="[xml] [<profile>/]<uri|host[:port]>", module="mod_sofia")
async def sofia_dig(call: CommandCall, arguments: str) -> str:
    """The addresses that a SIP URI leads to, in the order they would be tried (RFC 3263)."""
    sip = sip_of(call)
    words = arguments.split()
    as_xml = words[:1] == ["xml"]
    asked = words[-1] if len(words) > as_xml else ""
    name, slash, text = asked.partition("/")
    if not slash:
        name, text = "", asked
    profile = sip.profile(name) if name else next(iter(sip.profiles.values()), None)
    if profile is None or not text:
        return "-USAGE: [xml] [<profile>/]<uri|host[:port]>\n"
    try:
        uri = SipUri.parse(text if text.lower().startswith(("sip:", "sips:")) else f"sip:{text}")
    except RemoteProtocolError as error:
        return f"-ERR {text}: {error.reason}\n"
    rows = [("Preference", "Weight", "Transport", "Port", "Address")]
    for place, target in enumerate(await profile.resolver.resolve(Hop.of(uri)), start=1):
        rows.append((str(place), "1.000", target.transport, str(target.port), target.host))
    if len(rows) == 1:
        return f"-ERR {uri.host} has no address\n"
    if as_xml:
        return f"<routes>\n{''.join(map(_route, rows[1:]))}</routes>\n"
    lines = [f"{a:>10}\t{b:>10}\t{c:>10}\t{d:>10}\t{e:>10}" for a, b, c, d, e in rows]
    lines.insert(1, "=" * 80)
    return "\n".join(lines) + "\n"


def _route(row: tuple[str, ...]) -> str:
    names = ("preference", "weight", "transport", "port", "address")
    parts = (f"  <{name}>{value}</{name}>\n" for name, value in zip(names, row, strict=True))
    return f" <route>\n{''.join(parts)} </route>\n"
