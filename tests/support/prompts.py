"""Prompts for tests: short files with the names of ours, and what a call was played of them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from softswitch.media.prompts.texts import texts
from softswitch.media.source import SourceError, Speech
from softswitch.switch.session import Session
from tests.support.audio import tone, write_wav
from tests.support.engine import far_end

LENGTH_MS = 100


def put_prompts(folder: Path, language: str = "en", milliseconds: int = LENGTH_MS) -> Path:
    """One file for each prompt of a language below ``folder/sounds``; returns that folder."""
    sounds = folder / "sounds"
    sounds.mkdir(parents=True, exist_ok=True)
    one = sounds / "one.wav"
    write_wav(one, tone(440, milliseconds))
    for name in texts(language):
        path = sounds / f"{name}.wav"
        path.parent.mkdir(exist_ok=True)
        if not path.exists():
            path.hardlink_to(one)
    return sounds


def played(session: Session, sounds: Path) -> list[str]:
    """What a call was played: prompts as ``digits/1``, all else as the engine knows it."""
    return names_of(far_end(session.media).played, sounds)


def names_of(paths: Sequence[str], sounds: Path) -> list[str]:
    """Paths below ``sounds`` without folder and extension."""
    prefix = f"{sounds}/"
    return [
        path.removeprefix(prefix).removesuffix(".wav") if path.startswith(prefix) else path
        for path in paths
    ]


class ScriptedSpeaker:
    """A text-to-speech that writes a short tone and remembers what it was asked for."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.spoken: list[Speech] = []
        self.problem = ""

    async def wav(self, speech: Speech) -> Path:
        """A file named after the text."""
        self.spoken.append(speech)
        if self.problem:
            raise SourceError(speech.text, self.problem)
        path = self._folder / f"{speech.text.replace('/', '_')}.wav"
        write_wav(path, tone(440, LENGTH_MS))
        return path

    def close(self) -> None:
        """Nothing to close."""
