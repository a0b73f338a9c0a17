"""Spoken sentences: ``phrase`` and ``speak``."""

from __future__ import annotations

import softswitch.switch.phrase_check  # noqa: F401  (registers the check of phrases)
from softswitch.registry import application
from softswitch.switch import ivr, phrases
from softswitch.switch.session import Session

_SPEAK = "<engine>|<voice>|<text>"


@application("phrase", syntax="<macro_name>,<data>", module="mod_dptools")
async def phrase(session: Session, data: str) -> None:
    """Say a phrase of the language files; keys work as in ``playback``.

    ``current_application_response`` is ``PHRASE PLAYED``, ``NOTHING`` without a name, or
    ``UNKNOWN ERROR`` where there is no such phrase.
    """
    macro, _, argument = data.partition(",")
    if not macro.strip():
        session.log.error("phrase: <macro_name>,<data> is missing")
        session.set("current_application_response", "NOTHING")
        return
    told = await phrases.phrase(session, macro.strip(), argument.strip())
    response = "UNKNOWN ERROR" if told.reason == "failed" else "PHRASE PLAYED"
    session.set("current_application_response", response)


@application("speak", syntax=_SPEAK, module="mod_dptools")
async def speak(session: Session, data: str) -> None:
    """Speak a text; ``<voice>|<text>`` by ``tts_engine``, the text alone by ``tts_voice`` too.

    An engine that is not installed is replaced by one that is.
    """
    *chosen, text = data.split("|", 2)
    engine, voice = ["", "", *chosen][-2:]
    if not text.strip():
        session.log.error("speak: %s is missing", _SPEAK)
        return
    await ivr.play_speech(session, text, engine=engine.strip(), voice=voice.strip())
