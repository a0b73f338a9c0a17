"""Users, groups and domains: ``user_data user_exists domain_data group_call list_users …``."""

from __future__ import annotations

from collections.abc import Iterator

from softswitch.commands.reply import usage
from softswitch.dialplan.arguments import split
from softswitch.directory.user import Group, User, look_up, values
from softswitch.registry import command
from softswitch.switch.commands import CommandCall
from softswitch.switch.dialstring import flatten
from softswitch.switch.event_expansion import expand_event

_JOINERS = {"A": ",", "F": "|", "E": ":_:"}
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
            return look_up(user.variables, words[2], "")
    return user.param(words[2])


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
    """Show a directory user as it is written; on a call only ``true`` or ``false``."""
    words = split(arguments, " ", 3)
    user = await _user_by(call, *words) if len(words) == 3 else None
    if call.session is not None:
        return "false" if user is None else "true"
    if len(words) < 3:
        return "-ERR bad args\n"
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
    return look_up(domain.variables if words[1] == "var" else domain.params, words[2], "")


@command("in_group", syntax="<user>[@<domain>] <group_name>", module="mod_commands")
async def in_group(call: CommandCall, arguments: str) -> str:
    """Tell ``true`` or ``false``: does a user stand in a group, or a pointer to it?

    A comma parts the two, as in FreeSWITCH, whose own help shows a blank.
    """
    words = split(arguments, ",", 2)
    if len(words) < 2:
        return "false"
    user, domain = _address(call, words[0])
    group = await call.switch.lookups.group(words[1], domain)
    members = group.members if group is not None else ()
    return "true" if any(member.id.lower() == user.lower() for member in members) else "false"


@command("group_call", syntax="<group>[@<domain>]", module="mod_commands")
async def group_call(call: CommandCall, arguments: str) -> str:
    """Make a dial string of a group: ``+A`` all at once, ``+F`` in order, ``+E`` apart."""
    address, _, flags = arguments.partition("+")
    joiner = next((_JOINERS[flag] for flag in reversed(flags) if flag in _JOINERS), ",")
    name, domain = _address(call, address)
    group = await call.switch.lookups.group(name, domain, action="group_call", session=call.session)
    if group is None or not group.members:
        return "error/NO_ROUTE_DESTINATION"
    parts = [await _dial_string(call, user, group) for user in group.members]
    return joiner.join(parts)


@command(
    "list_users",
    syntax="[group <group>] [domain <domain>] [user <user>] [context <context>]",
    module="mod_commands",
)
async def list_users(call: CommandCall, arguments: str) -> str:
    """List the directory's users with their groups and contacts.

    Of a domain that has groups those in groups are shown, once for each.
    """
    words = split(arguments, " ", 9)
    if len(words) >= 9:
        return usage("list_users")
    wanted: dict[str, str] = {}
    for position, word in enumerate(words[:-1]):
        if word.lower() in ("group", "domain", "user", "context"):
            wanted[word.lower()] = words[position + 1].lower()
    lines = [
        "userid|context|domain|group|contact|callgroup|effective_caller_id_name"
        "|effective_caller_id_number\n"
    ]
    for user, group in _memberships(call):
        context = user.variables.get("user_context", "")
        row = {"user": user.id, "context": context, "domain": user.domain, "group": group}
        if any(row[name].lower() != value for name, value in wanted.items()):
            continue
        cells = (
            user.id,
            context,
            user.domain,
            group,
            await _contact(call, user),
            user.variables.get("callgroup", ""),
            user.variables.get("effective_caller_id_name", ""),
            user.variables.get("effective_caller_id_number", ""),
        )
        lines.append("|".join(cells) + "\n")
    return "".join(lines) + "\n+OK\n"


@command(
    "xml_locate",
    syntax="[root | <section> <tag> <tag_attr_name> <tag_attr_val>]",
    module="mod_commands",
)
async def xml_locate(call: CommandCall, arguments: str) -> str:
    """Show a part of the configuration as it is after all includes."""
    words = split(arguments, " ", 4)
    if [word.lower() for word in words] == ["root"]:
        return call.switch.generation.configuration.root.to_xml()
    if len(words) not in (1, 4):
        return "-ERR bad args\n"
    element = await call.switch.lookups.locate(*words)
    return "can't find anything\n" if element is None else element.to_xml()


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
    """Show where a registered user can be called, at all of his phones."""
    address = arguments.strip()
    if not address or "sofia" not in call.switch.endpoints:
        return _NOT_REGISTERED
    line = "sofia_contact */" + "@".join(_address(call, address))
    return await call.switch.run_command(line, session=call.session)


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
    """Each user under each group it is in; where a domain has no groups, each of its users."""
    for domain in call.switch.generation.directory:
        for group in domain.groups.values():
            for user in group.members:
                yield user, group.name
        if not domain.groups:
            for user in domain.users.values():
                yield user, ""


async def _contact(call: CommandCall, user: User) -> str:
    if "sofia" not in call.switch.endpoints:
        return _NOT_REGISTERED
    answer = await call.switch.run_command(f"sofia_contact */{user.id}@{user.domain}")
    return answer.strip() or _NOT_REGISTERED


async def _dial_string(call: CommandCall, user: User, group: Group) -> str:
    """How to ring one member, with its ``{}`` variables made those of each leg.

    What the user has itself goes before what its group has, that before what its domain has; of
    one of them ``group-dial-string`` before ``dial-string``.
    """
    own = values(user.element, "params", "param")
    text = next(
        (
            found
            for params in (own, group.params, user.params)
            for name in ("group-dial-string", "dial-string")
            if (found := look_up(params, name, ""))
        ),
        "",
    )
    if not text:
        return f"user/{user.id}@{user.domain}"
    headers = {"dialed_user": user.id, "dialed_group": group.name, "dialed_domain": user.domain}
    if call.session is None:
        return flatten(await expand_event(call.switch, text, headers))
    for name, value in headers.items():
        call.session.set(name, value)
    return flatten(await call.session.expand(text))
