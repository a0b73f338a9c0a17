"""Variables for the other leg: ``export bridge_export transfer_vars``."""

from __future__ import annotations

from softswitch.registry import ApplicationFlag, application
from softswitch.switch.session import Session

_ANYWHERE = ApplicationFlag.NO_MEDIA | ApplicationFlag.INLINE | ApplicationFlag.ZOMBIE


@application("export", syntax="[nolocal:]<varname>=<value>", flags=_ANYWHERE, module="mod_dptools")
async def export(session: Session, data: str) -> None:
    """Set a variable here and on each leg this call makes.

    With ``nolocal:`` only those legs get it; ``_undef_`` or an empty value takes it back.
    """
    await _export(session, "export", data, "export_vars")


@application(
    "bridge_export", syntax="[nolocal:]<varname>=<value>", flags=_ANYWHERE, module="mod_dptools"
)
async def bridge_export(session: Session, data: str) -> None:
    """Set a variable that is copied to the partner of each bridge."""
    await _export(session, "bridge_export", data, "bridge_export_vars")


async def _export(session: Session, application: str, data: str, list_name: str) -> None:
    name, _, value = data.partition("=")
    name = name.strip()
    if not name or name == "nolocal:":
        session.log.error("%s: [nolocal:]<varname>=<value> wanted, not %r", application, data)
        return
    value = await session.expand(value)
    if value == "_undef_":
        value = ""
    names = [item for item in (session.get(list_name) or "").split(",") if item]
    if value and name not in names:
        names.append(name)
    elif not value:
        names = [item for item in names if item != name]
    # A value for the other leg only is kept under its full name, where no ${} finds it.
    session.set(name, value)
    session.set(list_name, ",".join(names))


@application(
    "transfer_vars",
    syntax="<~prefix|name>",
    flags=ApplicationFlag.NO_MEDIA | ApplicationFlag.ZOMBIE,
    module="mod_dptools",
)
async def transfer_vars(session: Session, data: str) -> None:
    """Copy a variable, or all that begin with a prefix, to the call this one is bridged to."""
    wanted = data.strip()
    if not wanted.lstrip("~"):
        session.log.error("transfer_vars: <~prefix|name> is missing")
        return
    peer = session.peer
    if peer is None:
        session.log.warning("transfer_vars: the call is not bridged")
        return
    if wanted.startswith("~"):
        pairs = session.channel.variables.with_prefix(wanted[1:])
    else:
        value = session.channel.variables.get(wanted)
        pairs = [(wanted, value)] if value else []
    for name, value in pairs:
        peer.set(name, value)
