"""Users, groups and domains: ``user_data user_exists domain_data group_call list_users …``."""

from __future__ import annotations

from collections.abc import Iterator

from softswitch.commands.reply import usage
from softswitch.dialplan.arguments import split
from softswitch.directory.user import Group, User
from softswitch.registry import command
from softswitch.switch.commands import CommandCall
from softswitch.switch.event_expansion import expand_event

_JOINERS = {"": ",", "A": ",", "F": "|", "E": ":_:"}
_NOT_REGISTERED = "error/user_not_registered"


@command("user_data", syntax="<user>@<domain> [var|param|attr] <name>", module="mod_commands")
async def user_data(call: CommandCall, arguments: str) -> str:
    """Show a variable, parameter or attribute of a directory user."""
    words = split(arguments, " ", 3)
    if len(words) < 3:
        return ""
    user = await _user(call, words[0])
    if user is None:
        return ""
    match words[1]:
        case "attr":
            return user.attribute(words[2])
        case "var":
            name = words[2].lower()
            return next((v for key, v in user.variables.items() if key.lower() == name), "")
        case "param":
            return user.param(words[2])
    return ""


@command("verto_contact", syntax="<user>@<domain>", module="mod_verto")
async def verto_contact(call: CommandCall, arguments: str) -> str:
    """Tell where a user of Verto can be rung; there is no Verto, so nobody is registered."""
    if call.source == "expansion":
        # Dial strings name it beside sofia_contact; a second "not registered" helps nobody, and
        # a FreeSWITCH without Verto says nothing here either.
        return ""
    return _NOT_REGISTERED if arguments.strip() else usage("verto_contact")


@command("user_exists", syntax="<key> <user> <domain>", module="mod_commands")
async def user_exists(call: CommandCall, arguments: str) -> str:
    """Tell ``true`` or ``false``: is there a user with that ``id`` or other attribute?"""
    words = split(arguments, " ", 3)
    found = await _user_by(call, *words) if len(words) == 3 else None
    return "true" if found is not None else "false"


@command("find_user_xml", syntax="<key> <user> <domain>", module="mod_commands")
async def find_user_xml(call: CommandCall, arguments: str) -> str:
    """Show a directory user as it is written."""
    words = split(arguments, " ", 3)
    if len(words) != 3:
        return "-ERR bad args\n"
    user = await _user_by(call, *words)
    return "-ERR can't find user\n" if user is None else user.element.to_xml()


@command("domain_exists", syntax="<domain>", module="mod_commands")
async def domain_exists(call: CommandCall, arguments: str) -> str:
    """Tell ``true`` or ``false``: is there a domain of that name?"""
    name = arguments.strip()
    if not name:
        return ""
    return "true" if await call.switch.lookups.domain(name) is not None else "false"


@command("domain_data", syntax="<domain> [var|param|attr] <name>", module="mod_commands")
async def domain_data(call: CommandCall, arguments: str) -> str:
    """Show a variable, parameter or attribute of a domain."""
    words = split(arguments, " ", 3)
    if len(words) < 3:
        return ""
    domain = await call.switch.lookups.domain(words[0])
    if domain is None:
        return ""
    if words[1] == "attr":
        return domain.element.get(words[2], "")
    values = {"var": domain.variables, "param": domain.params}.get(words[1], {})
    name = words[2].lower()
    return next((value for key, value in values.items() if key.lower() == name), "")


@command("in_group", syntax="<user>[@<domain>] <group_name>", module="mod_commands")
async def in_group(call: CommandCall, arguments: str) -> str:
    """Tell ``true`` or ``false``: does a user stand in a group? Pointers to it do not count."""
    words = split(arguments, " ", 2)
    user = await _user(call, words[0]) if len(words) == 2 else None
    return "true" if user is not None and user.group.lower() == words[1].lower() else "false"


@command("group_call", syntax="<group>[@<domain>][+<call_flags>]", module="mod_commands")
async def group_call(call: CommandCall, arguments: str) -> str:
    """Make a dial string of a group: flags ``A`` all at once, ``F`` in order, ``E`` apart."""
    address, _, flags = arguments.strip().partition("+")
    if not address:
        return "-ERR\n"
    name, domain = _address(call, address)
    group = await call.switch.lookups.group(name, domain, action="group_call", session=call.session)
    parts = []
    for member in group.members if group is not None else ():
        parts.append(await _dial_string(call, member, group))
    joined = _JOINERS.get(flags[:1].upper(), ",").join(part for part in parts if part)
    return joined or "error/NO_ROUTE_DESTINATION"


@command(
    "list_users",
    syntax="[group <group>] [domain <domain>] [user <user>] [context <context>]",
    module="mod_commands",
)
async def list_users(call: CommandCall, arguments: str) -> str:
    """List the directory's users with their groups and contacts."""
    words = split(arguments, " ", 8)
    wanted = dict(zip(words[::2], words[1::2], strict=False))
    if len(words) % 2 or not wanted.keys() <= {"group", "domain", "user", "context"}:
        return usage("list_users")
    lines = [
        "userid|context|domain|group|contact|callgroup|effective_caller_id_name"
        "|effective_caller_id_number\n"
    ]
    for user, group in _memberships(call):
        context = user.variables.get("user_context", "")
        row = {"user": user.id, "context": context, "domain": user.domain, "group": group}
        if any(row[name] != value for name, value in wanted.items()):
            continue
        values = (
            user.id,
            context,
            user.domain,
            group,
            await _contact(call, user),
            user.variables.get("callgroup", ""),
            user.variables.get("effective_caller_id_name", ""),
            user.variables.get("effective_caller_id_number", ""),
        )
        lines.append("|".join(values) + "\n")
    return "".join(lines) + "\n+OK\n"


@command(
    "xml_locate",
    syntax="[root | <section> <tag> <tag_attr_name> <tag_attr_val>]",
    module="mod_commands",
)
async def xml_locate(call: CommandCall, arguments: str) -> str:
    """Show a part of the configuration as it is after all includes."""
    words = split(arguments, " ", 10)
    if len(words) in (0, 3):
        return "-ERR bad args\n"
    if words == ["root"]:
        return call.switch.generation.configuration.root.to_xml()
    element = await call.switch.lookups.locate(*words[:4])
    return "-ERR can't find node\n" if element is None else element.to_xml()


@command("xml_flush_cache", syntax="[<key> <user> <domain>]", module="mod_commands")
async def xml_flush_cache(call: CommandCall, arguments: str) -> str:
    """Forget users that a binding said may be kept: one, or all."""
    words = split(arguments, " ", 3)
    if len(words) not in (0, 3):
        return usage("xml_flush_cache")
    count = call.switch.lookups.flush_users(*words)
    return f"+OK cleared {count} entr{'y' if count == 1 else 'ies'}\n"


@command("reg_url", syntax="<user>@<realm>", module="mod_commands")
async def reg_url(call: CommandCall, arguments: str) -> str:
    """Show where a registered user can be called."""
    address = arguments.strip()
    if not address:
        return usage("reg_url")
    if "sofia" not in call.switch.endpoints:
        return _NOT_REGISTERED
    line = "sofia_contact */" + "@".join(_address(call, address))
    contacts = await call.switch.run_command(line, session=call.session)
    return contacts.partition(",")[0]


def _address(call: CommandCall, text: str) -> tuple[str, str]:
    """User (or group) and domain of an address; without one the global ``domain`` holds."""
    name, _, domain = text.partition("@")
    return name, domain or call.switch.globals.get("domain", "")


async def _user(call: CommandCall, address: str) -> User | None:
    return await call.switch.lookups.user(*_address(call, address))


async def _user_by(call: CommandCall, key: str, name: str, domain: str) -> User | None:
    """The user with that value of an attribute."""
    return await call.switch.lookups.user(name, domain, key=key)


def _memberships(call: CommandCall) -> Iterator[tuple[User, str]]:
    """Each user under each group it is in, then those in none."""
    for domain in call.switch.generation.directory:
        grouped = set()
        for group in domain.groups.values():
            for user in group.members:
                grouped.add(user.id)
                yield user, group.name
        for user in domain.users.values():
            if user.id not in grouped:
                yield user, ""


async def _contact(call: CommandCall, user: User) -> str:
    if "sofia" not in call.switch.endpoints:
        return _NOT_REGISTERED
    answer = await call.switch.run_command(f"sofia_contact */{user.id}@{user.domain}")
    return answer.strip() or _NOT_REGISTERED


async def _dial_string(call: CommandCall, user: User, group: Group | None) -> str:
    """How to ring one member, with its ``{}`` variables made those of a leg."""
    text = user.param("group-dial-string") or user.param("dial-string")
    if not text:
        return f"user/{user.id}@{user.domain}"
    headers = {
        **user.variables,
        "dialed_user": user.id,
        "dialed_domain": user.domain,
        "dialed_group": group.name if group is not None else "",
    }
    expanded = await expand_event(call.switch, text, headers)
    expanded = expanded.strip().rstrip(",")
    if expanded.startswith("{"):
        inside, brace, rest = expanded[1:].partition("}")
        if brace:
            expanded = f"[{inside}]{rest}"
    return expanded
