"""Variables of the call itself: ``set unset multiset multiunset push unshift`` and kin."""

from __future__ import annotations

from softswitch.dialplan import arrays
from softswitch.dialplan.arguments import split
from softswitch.registry import ApplicationFlag, application
from softswitch.switch.global_variables import set_global
from softswitch.switch.session import Session

ANYWHERE = ApplicationFlag.NO_MEDIA | ApplicationFlag.INLINE | ApplicationFlag.ZOMBIE
"""Runs without media, inline, and after hang-up."""
BEFORE_HANGUP = ApplicationFlag.NO_MEDIA | ApplicationFlag.INLINE


async def assign(session: Session, text: str) -> tuple[str, str] | None:
    """Set what ``name=value`` says and return it; None where there is no name.

    The value is expanded once more. ``name[2]=value`` fills an element of an array; an empty
    value, or ``_undef_``, removes the variable.
    """
    separator = "=" if "=" in text else ","
    name, _, value = text.partition(separator)
    name = name.strip()
    if not name:
        return None
    value = await session.expand(value)
    if value == "_undef_":
        value = ""
    indexed = arrays.split_index(name)
    if indexed is None:
        session.set(name, value)
    else:
        array, index = indexed
        try:
            session.set(array, arrays.assign(session.get(array), index, value))
        except ValueError as error:
            session.log.error("set: %s", error)
    return name, value


@application("set", syntax="<varname>=<value>", flags=ANYWHERE, module="mod_dptools")
async def set_(session: Session, data: str) -> None:
    """Set a channel variable; an empty value removes it."""
    if await assign(session, data) is None:
        session.log.error("set: <varname>=<value> wanted, not %r", data)


@application("unset", syntax="<varname>", flags=ANYWHERE, module="mod_dptools")
async def unset(session: Session, data: str) -> None:
    """Remove a channel variable."""
    if not data.strip():
        session.log.error("unset: <varname> is missing")
        return
    session.set(data.strip(), "")


@application(
    "multiset",
    syntax="[^^<delim>]<varname>=<value> <var2>=<val2>",
    flags=ANYWHERE,
    module="mod_dptools",
)
async def multiset(session: Session, data: str) -> None:
    """Set several channel variables, separated by spaces or by what follows ``^^``.

    One without ``=`` is removed.
    """
    items = split(data)
    if not items:
        session.log.error("multiset: [^^<delim>]<varname>=<value> … wanted")
    for item in items:
        if await assign(session, item if "=" in item or "," in item else f"{item}=") is None:
            session.log.error("multiset: <varname>=<value> wanted, not %r", item)


@application(
    "multiunset",
    syntax="[^^<delim>]<varname> <var2> <var3>",
    flags=ANYWHERE,
    module="mod_dptools",
)
async def multiunset(session: Session, data: str) -> None:
    """Remove several channel variables, separated by spaces or by what follows ``^^``."""
    names = split(data)
    if not names:
        session.log.error("multiunset: [^^<delim>]<varname> … wanted")
    for name in names:
        session.set(name, "")


@application("push", syntax="<varname>=<value>", flags=ANYWHERE, module="mod_dptools")
async def push(session: Session, data: str) -> None:
    """Add a value at the end of an array variable."""
    await _extend(session, "push", data)


@application("unshift", syntax="<varname>=<value>", flags=ANYWHERE, module="mod_dptools")
async def unshift(session: Session, data: str) -> None:
    """Add a value at the beginning of an array variable."""
    await _extend(session, "unshift", data)


async def _extend(session: Session, name: str, data: str) -> None:
    variable, equals, value = data.partition("=")
    value = await session.expand(value)
    if not equals or not variable or not value:
        session.log.error("%s: <varname>=<value> wanted, not %r", name, data)
        return
    extend = arrays.push if name == "push" else arrays.unshift
    session.set(variable, extend(session.channel.variables.get(variable), value))


@application(
    "set_global",
    syntax="<varname>=<value>",
    flags=ANYWHERE,
    module="mod_dptools",
)
async def set_global_(session: Session, data: str) -> None:
    """Set a global variable; an empty value removes it."""
    name, _, value = data.partition("=")
    if not name.strip():
        session.log.error("set_global: <varname>=<value> wanted, not %r", data)
        return
    set_global(session.switch, name.strip(), await session.expand(value))


@application(
    "set_profile_var",
    syntax="<varname>=<value>",
    flags=ANYWHERE,
    module="mod_dptools",
)
async def set_profile_var(session: Session, data: str) -> None:
    """Set a field of the caller profile, such as ``caller_id_name``.

    ``device_id`` makes the call one of that device, whose calls DEVICE_STATE tells of; only once.
    """
    name, _, value = data.partition("=")
    if not name.strip():
        session.log.error("set_profile_var: <varname>=<value> wanted, not %r", data)
        return
    name, value = name.strip(), await session.expand(value)
    if name.lower() == "device_id" and value:
        name = "device_id"
        if not session.switch.devices.attach(session.channel, value):
            return
    session.channel.profile.set_field(name, value)


@application("set_name", syntax="<name>", flags=BEFORE_HANGUP, module="mod_dptools")
async def set_name(session: Session, data: str) -> None:
    """Give the channel another name."""
    name = data.strip()
    if not name:
        session.log.error("set_name: <name> is missing")
        return
    session.set("channel_name", name)
    session.channel.name = name
    session.channel.profile.chan_name = name


@application(
    "set_user", syntax="<user>@<domain> [prefix]", flags=BEFORE_HANGUP, module="mod_dptools"
)
async def set_user(session: Session, data: str) -> None:
    """Set a directory user's variables on the call, with a prefix if one is given."""
    address, _, prefix = data.strip().partition(" ")
    name, at, domain = address.partition("@")
    if not at or not name or not domain:
        session.log.error("set_user: <user>@<domain> [prefix] wanted, not %r", data)
        return
    user = await session.switch.lookups.user(name, domain, session=session)
    if user is None:
        session.log.warning("set_user: there is no user %s", address)
        return
    prefix = prefix.strip()
    if user.number_alias:
        session.set(f"{prefix}number_alias", user.number_alias)
    for variable, value in user.variables.items():
        session.set(f"{prefix}{variable}", value)
    for field, value in user.profile_variables.items():
        session.channel.profile.set_field(field, value)
    session.set(f"{prefix}user_name", user.id)
    session.set(f"{prefix}domain_name", user.domain)
