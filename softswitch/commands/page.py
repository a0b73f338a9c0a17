"""The ``page`` command: a sound file to many phones."""

from __future__ import annotations

from pathlib import Path

from softswitch.commands.reply import usage
from softswitch.dialplan.arguments import take_variables
from softswitch.registry import command
from softswitch.switch import paging
from softswitch.switch.commands import CommandCall
from softswitch.switch.dialstring import split_outside

SYNTAX = "(var1=val1,var2=val2)<var1=val1,var2=val2><chan1>[:_:<chanN>]"


@command("page", syntax=SYNTAX, module="mod_dptools")
async def page(call: CommandCall, arguments: str) -> str:
    """Call phones and play a file to each: ``page (page_file=/x.wav)user/1000:_:user/1001``.

    In parentheses stand ``page_file``, below the folder of sounds unless absolute, and
    ``page_chunk_size``, how many are called at a time (10); in angle brackets the variables of
    all who are called. It answers at once.
    """
    try:
        pairs, rest = take_variables(arguments.strip(), "(", ")")
    except ValueError as error:
        return f"-ERR {error}\n"
    settings = dict(pairs)
    shared, rest = _shared(rest.strip())
    legs = [f"{shared}{leg.strip()}" for leg in split_outside(rest, ":_:") if leg.strip()]
    if not legs or not settings.get("page_file"):
        return usage("page")
    switch = call.switch
    path = switch.folders.sounds / settings["page_file"]
    if not await switch.loop.run_in_executor(None, Path(path).is_file):
        return f"-ERR there is no file {path}\n"
    chunk = paging.chunk_size(settings.get("page_chunk_size"))
    task = paging.announce(switch, path, legs, chunk)
    switch.own(switch.loop.create_task(task, name=f"page of {path.name}"))
    return f"+OK {len(legs)} to be called\n"


def _shared(text: str) -> tuple[str, str]:
    """The variables in angle brackets as they are written, and the rest."""
    if not text.startswith("<"):
        return "", text
    inside, closing, rest = text.partition(">")
    return (inside + closing, rest) if closing else ("", text)
