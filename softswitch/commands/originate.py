"""The ``originate`` command: call somebody, then connect him to an extension or application."""

from __future__ import annotations

from softswitch.commands.reply import usage
from softswitch.dialplan.arguments import split
from softswitch.dialplan.hunt import PlannedAction
from softswitch.registry import command
from softswitch.switch.commands import CommandCall
from softswitch.switch.originate import originate as ring

DEFAULT_TIMEOUT = 60.0


@command(
    "originate",
    syntax="<call url> <exten>|&<application_name>(<app_args>) [<dialplan>] [<context>]"
    " [<cid_name>] [<cid_num>] [<timeout_sec>]",
    module="mod_commands",
)
async def originate(call: CommandCall, arguments: str) -> str:
    """Call somebody, then send him to an extension or run ``&application(arguments)``.

    Answers when the call is answered, or has early media, or has failed.
    """
    words: list[str | None] = [word or None for word in split(arguments, " ", 10)]
    if not 2 <= len(words) <= 7 or not words[0] or not words[1]:
        return usage("originate")
    words = [None if word and word.lower() == "undef" else word for word in words] + [None] * 5
    dial_string, target, dialplan, context, name, number, seconds = words[:7]
    assert dial_string is not None and target is not None
    session = await ring(
        call.switch,
        dial_string,
        caller_id_name=name,
        caller_id_number=number,
        timeout=_seconds(seconds),
    )
    if target.startswith("&"):
        session.run_actions([application_of(target)])
    else:
        session.transfer(target, dialplan or "XML", context or "default")
    return f"+OK {session.uuid}\n"


def application_of(text: str) -> PlannedAction:
    """``&app(args)`` as an action; the arguments end at the first closing parenthesis."""
    name, _, arguments = text[1:].partition(")")[0].partition("(")
    return PlannedAction(name.strip(), arguments)


def _seconds(text: str | None) -> float:
    try:
        return float(text or 0) or DEFAULT_TIMEOUT
    except ValueError:
        return DEFAULT_TIMEOUT
