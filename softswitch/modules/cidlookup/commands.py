"""The application and the command ``cidlookup``."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from softswitch.dialplan.arguments import split
from softswitch.dialplan.expansion import is_harmless
from softswitch.modules.cidlookup.names import CallerName, Names
from softswitch.registry import ApplicationFlag, application, command
from softswitch.switch.commands import CommandCall
from softswitch.switch.modules import Loadable

if TYPE_CHECKING:
    from softswitch.modules.cidlookup.module import Cidlookup
    from softswitch.switch.session import Session
    from softswitch.switch.switch import Switch

MODULE: Loadable[Cidlookup] = Loadable("mod_cidlookup")
SYNTAX = "cidlookup status|number [skipurl] [skipcitystate] [verbose]"
_CONTROL = re.compile(r"[\x00-\x1f\x7f]+")


def _names(switch: Switch) -> Names:
    return MODULE.part(switch, lambda module: module.names)


async def _look_up(names: Names, number: str, options: list[str]) -> CallerName:
    wishes = {option.lower() for option in options}
    return await names.look_up(
        number, skip_url="skipurl" in wishes, skip_area="skipcitystate" in wishes
    )


@application(
    "cidlookup",
    syntax="[number [skipurl] [skipcitystate]]",
    flags=ApplicationFlag.NO_MEDIA | ApplicationFlag.INLINE,
    module=MODULE.name,
)
async def cidlookup_app(session: Session, data: str) -> None:
    """Look up who calls, by the caller's number, and make it the caller's name.

    The name before is in ``original_caller_id_name``; ``cidlookup_area`` and
    ``cidlookup_source`` say where the number is and who said so.
    """
    names, words = _names(session.switch), split(data, " ", 4)
    profile = session.channel.profile
    found = await _look_up(names, words[0] if words else profile.caller_id_number, words[1:])
    if not all(map(is_harmless, (found.name, found.area))):
        session.log.critical("Invalid CID data {%s} contains a variable", found.name)
        return
    session.set("original_caller_id_name", profile.caller_id_name)
    session.set("cidlookup_source", found.source)
    session.set("cidlookup_area", _CONTROL.sub(" ", found.area))
    profile.caller_id_name = _CONTROL.sub(" ", found.name)
    told = {"Direction": "RECV"}
    if session.peer is not None:
        told["Bridged-To"] = session.peer.uuid
    session.switch.fire(session, "CALL_UPDATE", first=told)


@command("cidlookup", syntax=SYNTAX, module=MODULE.name)
async def cidlookup_command(call: CommandCall, arguments: str) -> str:
    """Who has a number; ``status`` shows the settings."""
    names, words = _names(call.switch), split(arguments, " ", 4)
    if not words:
        return f"-ERR\n{SYNTAX}\n"
    if words[0] == "status":
        return names.settings.shown()
    found = await _look_up(names, words[0], words[1:])
    if not all(map(is_harmless, (found.name, found.area))):
        return f"-ERR Invalid CID data {{{found.name}}} contains a variable\n"
    verbose = any(word.lower() == "verbose" for word in words[1:])
    return found.name + (f" ({found.area}) [{found.source}]" if verbose else "")
