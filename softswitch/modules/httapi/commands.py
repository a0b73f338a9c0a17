"""The application and the command ``httapi``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from softswitch.dialplan.arguments import take_variables
from softswitch.modules.httapi.client import Client, NoDocument
from softswitch.modules.httapi.work import carry_out
from softswitch.registry import ApplicationFlag, application, command
from softswitch.switch.commands import CommandCall
from softswitch.switch.modules import Loadable

if TYPE_CHECKING:
    from softswitch.modules.httapi.module import Httapi
    from softswitch.switch.session import Session

MODULE: Loadable[Httapi] = Loadable("mod_httapi")


@application(
    "httapi",
    syntax="[{<param1>=<val1>,<param2>=<val2>}]<url>",
    flags=ApplicationFlag.NO_MEDIA,
    module=MODULE.name,
)
async def httapi_app(session: Session, data: str) -> None:
    """Let a web server lead the call, by documents of instructions that it answers.

    ``httapi_profile``, as parameter or variable, names the profile of ``httapi.conf`` with the
    server's rights. It ends at ``<break/>``, an error, or with the call.
    """
    httapi = MODULE.running(session.switch)
    try:
        pairs, url = take_variables(data, "{", "}")
    except ValueError as error:
        session.log.error("httapi: %s", error)
        return
    params = dict(pairs)
    if "://" in url:
        params["url"] = url.strip()
    client = httapi.client(session, params)
    if client is None:
        session.log.error("httapi: Cannot find suitable profile")
        return
    await _lead(session, client, debug=httapi.debug)


async def _lead(session: Session, client: Client, *, debug: bool) -> None:
    client.tell_caller()
    while session.ready:
        try:
            document = await client.next_document()
        except NoDocument as error:
            session.log.error("httapi: %s", error)
            return
        if debug:
            session.log.info("httapi: %s", document)
        if not await carry_out(session, client, document):
            return


@command("httapi", syntax="[debug_on|debug_off]", module=MODULE.name)
async def httapi_command(call: CommandCall, arguments: str) -> str:
    """Log the documents of web servers, or stop that."""
    httapi = MODULE.running(call.switch)
    if call.session is not None:
        return ""
    match arguments.strip().lower():
        case "debug_on":
            httapi.debug = True
        case "debug_off":
            httapi.debug = False
        case _:
            return "USAGE: [debug_on|debug_off]\n"
    return "OK\n"
