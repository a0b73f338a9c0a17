from __future__ import annotations

from pathlib import Path

import pytest

from softswitch.media.formats.tts import open_tts
from softswitch.media.source import FileRequest, SourceError, Specification, Speech


def opened(text: str) -> object:
    return open_tts(FileRequest(Specification.parse(text), 8000, Path()))


@pytest.mark.parametrize(
    ("text", "speech"),
    [
        ("tts://flite|rms|Good morning", Speech("Good morning", "flite", "rms")),
        ("tts://flite||Good morning", Speech("Good morning", "flite", "")),
        ("tts://Good morning", Speech("Good morning")),
        ("tts://flite|rms|1|2", Speech("1|2", "flite", "rms")),
        ("tts://this|that", Speech("that")),
    ],
)
def test_a_text_is_taken_apart(text: str, speech: Speech) -> None:
    assert opened(text) == speech


@pytest.mark.parametrize("text", ["tts://flite|rms|", "tts://flite|rms| "])
def test_a_text_must_be_there(text: str) -> None:
    with pytest.raises(SourceError, match="there is no text to speak"):
        opened(text)
