from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from softswitch.media.prompts.bank import decode, recordings, stand_in
from softswitch.media.prompts.texts import texts
from softswitch.media.source import DecodedFile, SourceError, Speech


def test_all_english_prompts_come_with_the_package() -> None:
    assert recordings("en") == set(texts("en"))


def test_a_prompt_that_is_not_installed_is_that_of_the_package() -> None:
    found = stand_in(Path("/nowhere/en/us/callie/voicemail/vm-you_have.wav"))
    assert isinstance(found, DecodedFile)
    samples, rate = found.decode(found.path)
    assert rate == 16000
    sound = np.frombuffer(samples, np.int16)
    assert 0.3 < len(sound) / rate < 2.0
    assert np.abs(sound).max() > 8000


def test_a_prompt_without_a_recording_is_spoken() -> None:
    assert recordings("xx") == frozenset()
    assert stand_in(Path("/nowhere/de/de/anna/digits/8000/7.wav")) == Speech(
        "sieben", language="de"
    )


def test_other_files_have_no_stand_in() -> None:
    assert stand_in(Path("/nowhere/en/us/callie/digits/1001.wav")) is None
    assert stand_in(Path("hello.wav")) is None


def test_a_recording_that_is_not_there_is_told() -> None:
    found = stand_in(Path("digits/1.wav"))
    assert isinstance(found, DecodedFile)
    with pytest.raises(SourceError, match="nosuch"):
        decode(found.path.parent / "nosuch.ogg")
