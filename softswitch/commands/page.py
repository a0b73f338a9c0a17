"""The ``page`` command: a sound file to many phones."""

from __future__ import annotations

from pathlib import Path

from softswitch.commands.reply import usage
from softswitch.dialplan.arguments import take_variables
from softswitch.registry import command
from softswitch.switch import paging
from softswitch.switch.commands import CommandCall
from softswitch.switch.paging import Page

SYNTAX = "(var1=val1,var2=val2)<var1=val1,var2=val2><chan1>[:_:<chanN>]"


@command("page", syntax=SYNTAX, module="mod_dptools")
async def page(call: CommandCall, arguments: str) -> str:
    """Call phones and play a file to each: ``page (page_path=/x.wav)user/1000:_:user/1001``.

    In parentheses stand ``page_path`` (or ``page_file``), below the folder of sounds unless
    absolute, ``page_chunk_size``, how many are called at a time (10), ``page_exten page_dp
    page_context``, where they go instead, and ``page_data`` where nobody stands behind; in angle
    brackets the variables of all who are called. It answers at once.
    """
    try:
        pairs, rest = take_variables(arguments.strip(), "(", ")")
    except ValueError as error:
        return f"-ERR {error}\n"
    settings = dict(pairs)
    file = settings.get("page_path") or settings.get("page_file")
    legs = paging.split_legs(rest.strip() or settings.get("page_data", ""))
    if not legs or not file:
        return usage("page")
    switch = call.switch
    path = switch.folders.sounds / file
    if not await switch.loop.run_in_executor(None, Path(path).is_file):
        return f"-ERR there is no file {path}\n"
    task = paging.announce(switch, Page.of(path, legs, settings))
    switch.own(switch.loop.create_task(task, name=f"page of {path.name}"))
    return f"+OK {len(legs)} to be called\n"
