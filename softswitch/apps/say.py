"""Spoken values: ``say``."""

from __future__ import annotations

from softswitch.dialplan.arguments import split
from softswitch.registry import application
from softswitch.say.request import Gender, Kind, Method, SayError, find_word, parse_word
from softswitch.switch import speech
from softswitch.switch.session import Session

_SYNTAX = "<module>[:<lang>] <type> <method> [<gender>] <text>"


@application("say", syntax=_SYNTAX, module="mod_dptools")
async def say(session: Session, data: str) -> None:
    """Say a number, date, amount, name … with prompts, such as ``en number pronounced 42``.

    ``<module>`` is the language of the words, ``<lang>`` the ``<language>`` whose prompts are
    used. Keys work as in ``playback``.
    """
    words = split(data, " ", 5)
    if len(words) < 4:
        session.log.error("say: %s wanted, not %r", _SYNTAX, data)
        return
    module, _, tongue = words[0].partition(":")
    module, _, extension = module.partition(".")
    gender = find_word(Gender, words[3]) if len(words) == 5 else None
    text = words[4] if gender is not None else " ".join(words[3:])
    try:
        kind, method = parse_word(Kind, words[1]), parse_word(Method, words[2])
    except SayError as error:
        session.log.error("say: %s", error)
        return
    await speech.say(
        session,
        kind,
        method,
        text,
        language=module,
        tongue=await speech.find_tongue(session, tongue or module),
        gender=gender or Gender.NEUTER,
        extension=extension,
    )
