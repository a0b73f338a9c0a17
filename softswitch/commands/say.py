"""Spoken values as text: ``say_string``."""

from __future__ import annotations

from softswitch.dialplan.arguments import split
from softswitch.registry import command
from softswitch.say.language import find_language
from softswitch.say.request import Gender, Kind, Method, SayError, find_word
from softswitch.switch import speech
from softswitch.switch.commands import CommandCall

_SYNTAX = "<module_name>[.<ext>] <lang>[.<ext>] <say_type> <say_method> [<say_gender>] <text>"
_USAGE = f"-ERR Usage: {_SYNTAX}\n"
_UNSAID = frozenset(
    (
        *(Kind.TELEPHONE_EXTENSION, Kind.ACCOUNT_NUMBER, Kind.URL),
        *(Kind.EMAIL_ADDRESS, Kind.POSTAL_ADDRESS),
    )
)
"""Types that no language says: FreeSWITCH answers them with its usage."""


@command("say_string", syntax=_SYNTAX, module="mod_commands")
async def say_string(call: CommandCall, arguments: str) -> str:
    """Give what ``say`` would play, such as ``file_string://digits/4.wav!…``."""
    words = split(arguments, " ", 6)
    if len(words) < 5:
        return _USAGE
    module, _, extension = words[0].partition(".")
    _, _, lang_extension = words[1].partition(".")
    kind, method = find_word(Kind, words[2]), find_word(Method, words[3])
    gender = find_word(Gender, words[4]) if len(words) == 6 else None
    text = words[5] if gender is not None else " ".join(words[4:])
    if kind is None or method is None or kind in _UNSAID or find_language(module) is None:
        return _USAGE
    timezone = call.session.get("timezone") if call.session else None
    try:
        return speech.spoken(
            module,
            kind,
            method,
            text,
            now=speech.now_in(call.switch, timezone),
            gender=gender or Gender.NEUTER,
            extension=extension or lang_extension,
        )
    except SayError:
        # FreeSWITCH says nothing to a text that it cannot read.
        return ""
