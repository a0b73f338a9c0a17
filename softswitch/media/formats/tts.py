"""``tts://``: a text, spoken."""

from __future__ import annotations

from softswitch.media.source import FileRequest, SourceError, SourceSpec, Speech
from softswitch.registry import file_format


@file_format("tts://", syntax="tts://[<engine>|<voice>|]<text>", module="mod_dptools")
def open_tts(request: FileRequest) -> SourceSpec:
    """A text to speak, e.g. tts://flite|rms|Good morning"""
    words = request.specification.body.split("|", 2)
    text = words[-1]
    if not text.strip():
        raise SourceError(request.specification, "there is no text to speak.")
    engine, voice = (words[0], words[1]) if len(words) == 3 else ("", "")
    return Speech(text, engine.strip(), voice.strip())
