"""Spoken sentences: ``phrase`` and ``speak``."""

from __future__ import annotations

import softswitch.switch.phrase_check  # noqa: F401  (registers the check of phrases)
from softswitch.registry import application
from softswitch.switch import ivr, phrases
from softswitch.switch.session import Session

_SPEAK = "<engine>|<voice>|<text>"


@application("phrase", syntax="<macro_name>,<data>", module="mod_dptools")
async def phrase(session: Session, data: str) -> None:
    """Say a phrase of the language files; keys work as in ``playback``."""
    macro, _, argument = data.partition(",")
    if not macro.strip():
        session.log.error("phrase: <macro_name>,<data> is missing")
        return
    await phrases.phrase(session, macro.strip(), argument.strip())


@application("speak", syntax=_SPEAK, module="mod_dptools")
async def speak(session: Session, data: str) -> None:
    """Speak a text; with the text alone, by ``tts_engine`` and ``tts_voice`` of the call.

    An engine that is not installed is replaced by one that is.
    """
    words = data.split("|", 2)
    engine, voice, text = words if len(words) == 3 else ("", "", data)
    if not text.strip():
        session.log.error("speak: %s is missing", _SPEAK)
        return
    await ivr.play_speech(session, text, engine=engine.strip(), voice=voice.strip())
