"""WAV files."""

from __future__ import annotations

from pathlib import Path

from softswitch.media.source import WavFile
from tests.media.formats.requests import ask


def test_wav_files_are_left_to_the_engine_whatever_the_case_of_their_name() -> None:
    assert ask("a.wav", Path("/sounds")) == WavFile(Path("/sounds/a.wav"))
    assert ask("/x/A.WAV", Path("/sounds")) == WavFile(Path("/x/A.WAV"))
