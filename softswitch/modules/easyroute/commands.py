"""The application and the command ``easyroute``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from softswitch.dialplan.arguments import split
from softswitch.registry import ApplicationFlag, application, command
from softswitch.switch.commands import CommandCall
from softswitch.switch.modules import Loadable

if TYPE_CHECKING:
    from softswitch.modules.easyroute.module import Easyroute
    from softswitch.switch.session import Session

MODULE: Loadable[Easyroute] = Loadable("mod_easyroute")
SYNTAX = "<number> [noat | separator <text>]"
_INVALID = "Invalid Input!\n"
_HEADING = "Number    \tLimit     \tGroup    \tAcctCode  \tDialstring\n"


def _between(words: list[str]) -> str:
    """What stands between number and gateway."""
    option = words[1].lower() if len(words) > 1 else ""
    if option == "separator" and len(words) == 3:
        return words[2]
    return "" if option == "noat" else "@"


@application(
    "easyroute",
    syntax=SYNTAX,
    flags=ApplicationFlag.NO_MEDIA | ApplicationFlag.INLINE,
    module=MODULE.name,
)
async def easyroute_app(session: Session, data: str) -> None:
    """Look up the gateway of a number.

    ``easy_dialstring`` is what ``bridge`` takes; ``easy_destnum``, ``easy_group``,
    ``easy_limit`` and ``easy_acctcode`` tell the rest. Unknown numbers go to the default.
    """
    easyroute, words = MODULE.running(session.switch), split(data, " ", 4)
    if not words:
        return
    found = await easyroute.look_up(words[0], _between(words))
    session.log.info("EASY ROUTE DEST: [%s]", found.dial_string)
    session.set("easy_destnum", words[0])
    session.set("easy_dialstring", found.dial_string)
    session.set("easy_group", found.group)
    session.set("easy_limit", found.limit)
    session.set("easy_acctcode", found.account)


@command(
    "easyroute",
    syntax="<number> [dialstring|translated|limit|group|acctcode] | <number> separator <text>",
    module=MODULE.name,
)
async def easyroute_command(call: CommandCall, arguments: str) -> str:
    """Where a number goes, all of it or one part; not for dialplans."""
    easyroute, words = MODULE.running(call.switch), split(arguments, " ", 4)
    if call.session is not None:
        call.session.log.error("This function cannot be called from the dialplan.")
        return ""
    if not words:
        return "Usage: easyroute <number>\n"
    if len(words) > 3:
        return _INVALID
    found = await easyroute.look_up(words[0], _between(words))
    if len(words) != 2:
        cells = (words[0], found.limit, found.group, found.account)
        row = "\t".join(f"{cell:<10}" for cell in cells)
        return f"{_HEADING}{row}\t{found.dial_string}\n"
    parts = {
        "dialstring": found.dial_string,
        "translated": found.translated,
        "limit": found.limit,
        "group": found.group,
        "acctcode": found.account,
    }
    wanted = words[1].lower()
    return next((text for name, text in parts.items() if wanted.startswith(name)), _INVALID)
