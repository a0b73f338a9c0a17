"""The application, the commands and the dialplan ``enum``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from softswitch.dialplan.arguments import split
from softswitch.dialplan.hunt import PlannedAction
from softswitch.modules.enum.offers import Offer, dial_string
from softswitch.registry import ApplicationFlag, application, command, dialplan
from softswitch.switch.commands import CommandCall
from softswitch.switch.modules import Loadable

if TYPE_CHECKING:
    from softswitch.modules.enum.module import Enum
    from softswitch.switch.caller import CallerProfile
    from softswitch.switch.session import Session

MODULE: Loadable[Enum] = Loadable("mod_enum")
ROUTE = "enum_route_"
"""The variables of single routes, each with its number behind."""
_HEADING = f"Order\tPref\tService   \tRoute\n{'=' * 78}\n"


async def _look_up(enum: Enum, session: Session | None, number: str, root: str) -> list[Offer]:
    servers = session.get("enum_nameserver") if session is not None else None
    return await enum.look_up(number, root, servers or "")


@application(
    "enum",
    syntax="<number> [<root>]",
    flags=ApplicationFlag.NO_MEDIA | ApplicationFlag.INLINE,
    module=MODULE.name,
)
async def enum_app(session: Session, data: str) -> None:
    """Look a number up in DNS (ENUM) and put what it comes to into variables.

    ``enum_auto_route`` is a dial string of all routes, ``enum_route_1`` … are single ones,
    ``enum_route_count`` says how many. ``enum_nameserver`` names who is asked.
    """
    enum, words = MODULE.running(session.switch), split(data, " ", 4)
    if not words:
        return
    found = await _look_up(enum, session, words[0], words[1] if len(words) > 1 else "")
    for name, _ in session.channel.variables.with_prefix("enum_"):
        if name.lower() != "enum_nameserver":
            session.set(name, "")
    supported = [offer for offer in found if offer.supported]
    for number, offer in enumerate(supported, 1):
        session.set(f"{ROUTE}{number}", offer.route)
    session.set("enum_route_count", str(len(supported)))
    session.set("enum_auto_route", dial_string(supported))


@command("enum_auto", syntax="<number> [<root>]", module=MODULE.name)
async def enum_auto(call: CommandCall, arguments: str) -> str:
    """The dial string of all routes that DNS (ENUM) has for a number."""
    enum, words = MODULE.running(call.switch), split(arguments, " ", 4)
    if not words:
        return "none"
    found = await _look_up(enum, call.session, words[0], words[1] if len(words) > 1 else "")
    return dial_string(offer for offer in found if offer.supported)


@command("enum", syntax="[reload | <number> [<root>] ]", module=MODULE.name)
async def enum_command(call: CommandCall, arguments: str) -> str:
    """What DNS (ENUM) offers for a number, and what of it can be dialled; not for dialplans."""
    enum, words = MODULE.running(call.switch), split(arguments, " ", 4)
    if call.session is not None:
        call.session.log.error("enum shows a table: dialplans use the application or enum_auto")
        return ""
    if not words:
        return "Usage: enum [reload | <number> [<root>] ]\n"
    if words[0].lower() == "reload":
        await enum.load()
        return "+OK ENUM Reloaded.\n"
    found = await enum.look_up(words[0], words[1] if len(words) > 1 else "")
    supported = [offer for offer in found if offer.supported]
    return (
        f"\nOffered Routes:\n{_HEADING}{_rows(found)}"
        f"\nSupported Routes:\n{_HEADING}{_rows(supported)}"
    )


def _rows(found: list[Offer]) -> str:
    return "".join(
        f"{offer.order}\t{offer.preference}\t{offer.service:<10}\t{offer.route}\n"
        for offer in found
    )


@dialplan("enum", module=MODULE.name)
async def enum_hunt(
    session: Session, caller: CallerProfile, argument: str
) -> list[PlannedAction] | None:
    """Bridge to each route that DNS has for the number dialled; ``enum:ROOT`` names the zone.

    Where it has none the next dialplan is asked.
    """
    enum = MODULE.running(session.switch)
    found = await _look_up(enum, session, caller.destination_number, argument)
    actions = [PlannedAction("bridge", offer.route) for offer in found if offer.supported]
    if not actions:
        return None
    session.set("hangup_after_bridge", "true")
    return actions
