"""The application, the command and the dialplan ``translate``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from softswitch.dialplan.arguments import split
from softswitch.dialplan.hunt import PlannedAction
from softswitch.modules.translate.settings import DEFAULT_PROFILE
from softswitch.registry import ApplicationFlag, application, command, dialplan
from softswitch.switch.commands import CommandCall
from softswitch.switch.event_expansion import expand_event
from softswitch.switch.modules import Loadable

if TYPE_CHECKING:
    from softswitch.modules.translate.module import Translate
    from softswitch.switch.caller import CallerProfile
    from softswitch.switch.session import Session

MODULE: Loadable[Translate] = Loadable("mod_translate")
AREA_CODE = "777"
"""FreeSWITCH's, where no call and no ``default_areacode`` tells another."""


@application(
    "translate",
    syntax="<number> [<profile>]",
    flags=ApplicationFlag.NO_MEDIA | ApplicationFlag.INLINE,
    module=MODULE.name,
)
async def translate_app(session: Session, data: str) -> None:
    """Put a number, written anew by the rules of a profile (US), into ``translated``.

    The variable is removed where no rule matches.
    """
    translate, words = MODULE.running(session.switch), split(data, " ", 32)
    if not words:
        return
    profile = words[1] if len(words) > 1 else DEFAULT_PROFILE
    translated = await translate.translate(words[0], profile, session.expand)
    session.log.info("Translated: %s", translated)
    session.set("translated", translated or "")


@command("translate", syntax="<number> [<profile>]", module=MODULE.name)
async def translate_command(call: CommandCall, arguments: str) -> str:
    """A number written anew by the rules of a profile (US); nothing where no rule matches."""
    translate, words = MODULE.running(call.switch), split(arguments, " ", 32)
    if not words:
        return "USAGE: translate <number> [<profile>]\n"
    switch, session = call.switch, call.session

    async def expand(text: str) -> str:
        if session is not None:
            return await session.expand(text)
        area = switch.globals.get("default_areacode") or AREA_CODE
        return await expand_event(switch, text, {"areacode": area})

    profile = words[1] if len(words) > 1 else DEFAULT_PROFILE
    return await translate.translate(words[0], profile, expand) or ""


@dialplan("translate", module=MODULE.name)
async def translate_hunt(
    session: Session, caller: CallerProfile, argument: str
) -> list[PlannedAction] | None:
    """Translate the numbers of a call, and leave it to the dialplan behind (``translate,XML``).

    The profile is the argument (``translate:DE``), or in one of ``translate_profile``,
    ``country``, ``default_country``.
    """
    translate = MODULE.running(session.switch)
    named = ("translate_profile", "country", "default_country")
    values = (session.get(name) for name in named)
    profile = argument or next((value for value in values if value), DEFAULT_PROFILE)
    if not session.get("areacode") and (area := session.get("default_areacode")):
        session.set("areacode", area)
    numbers = (caller.destination_number, caller.caller_id_number, caller.ani)
    dialled, number, ani = [
        await translate.translate(number, profile, session.expand) for number in numbers
    ]
    session.log.info(
        "Profile: [%s], %s <%s> %s -> %s <%s> %s", profile, *numbers, dialled, number, ani
    )
    caller.destination_number = dialled or caller.destination_number
    caller.caller_id_number = number or caller.caller_id_number
    caller.ani = ani or caller.ani
    return None
