"""The application and command ``distributor``, and ``distributor_ctl``."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from softswitch.dialplan.arguments import split
from softswitch.modules.distributor.settings import weight_of
from softswitch.registry import ApplicationFlag, application, command
from softswitch.switch.commands import CommandCall
from softswitch.switch.modules import Loadable

if TYPE_CHECKING:
    from softswitch.modules.distributor.module import Distributor
    from softswitch.switch.session import Session

MODULE: Loadable[Distributor] = Loadable("mod_distributor")
SYNTAX = "<list name>[ <exception1> <exceptionN>]"
_BETWEEN = re.compile(r"[ ,]+")


def _next(distributor: Distributor, text: str) -> str | None:
    name, _, rest = text.strip().partition(" ")
    found = distributor.find(name)
    return found.next(frozenset(_BETWEEN.split(rest))) if found is not None else None


@application(
    "distributor",
    syntax=SYNTAX,
    flags=ApplicationFlag.NO_MEDIA | ApplicationFlag.INLINE,
    module=MODULE.name,
)
async def distributor_app(session: Session, data: str) -> None:
    """Put the name whose turn it is in a list into ``DISTRIBUTOR``.

    Names that follow are left out: ``distributor trunks ${sofia(profile external gwlist down)}``.
    """
    distributor = MODULE.running(session.switch)
    if not data.strip():
        session.log.warning("distributor requires an argument")
    elif name := _next(distributor, data):
        session.set("DISTRIBUTOR", name)
    else:
        session.log.warning("distributor: nothing to choose from for %r", data)


@command("distributor", syntax=SYNTAX, module=MODULE.name)
async def distributor_command(call: CommandCall, arguments: str) -> str:
    """The name whose turn it is in a list, without those that follow its name."""
    distributor = MODULE.running(call.switch)
    return _next(distributor, arguments) or "-err"


@command(
    "distributor_ctl",
    syntax="reload | dump <list name> | modify <list name> <node>=<weight> ...",
    module=MODULE.name,
)
async def distributor_ctl(call: CommandCall, arguments: str) -> str:
    """Take the lists anew from the configuration, show one, or change weights for now."""
    distributor = MODULE.running(call.switch)
    words = split(arguments, " ", 50)
    verb = words[0].lower() if words else ""
    if verb == "reload":
        return "+OK reloaded.\n" if await distributor.load() else "-error\n"
    if verb not in ("dump", "modify"):
        return "-error\n"
    if len(words) < 2:
        return "missing list name\n"
    found = distributor.find(words[1])
    if found is None:
        return "cannot find list\n"
    told = ""
    for word in words[2:] if verb == "modify" else ():
        name, is_pair, text = word.partition("=")
        node, weight = found.node(name), weight_of(text)
        if not is_pair:
            continue
        if node is None:
            told += f"error: node {name} not found\n"
        elif weight is None:
            told += f"error: name={node.name}, specified weight invalid\n"
        else:
            node.weight = weight
    if verb == "modify":
        found.restart()
    return told + found.text()
