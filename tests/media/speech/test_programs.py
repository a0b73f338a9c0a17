from __future__ import annotations

from pathlib import Path

import pytest

from softswitch.media.speech import programs
from softswitch.media.speech.programs import Program, choose, safe_voice


def install(monkeypatch: pytest.MonkeyPatch, *names: str) -> None:
    made = {
        name: Program(name, lambda name=name: name in names, program.arguments)  # type: ignore[misc]
        for name, program in programs.PROGRAMS.items()
    }
    monkeypatch.setattr(programs, "PROGRAMS", made)


@pytest.mark.parametrize(
    ("installed", "engine", "chosen"),
    [
        ("espeak-ng flite", "flite", "flite"),
        ("espeak-ng flite", "", "espeak-ng"),
        ("espeak-ng flite", "cepstral", "espeak-ng"),
        ("espeak-ng", "flite", "espeak-ng"),
        ("espeak-ng", "ESPEAK", "espeak-ng"),
        ("pyttsx3", "flite", "pyttsx3"),
        ("", "flite", None),
    ],
)
def test_an_engine_that_is_missing_is_replaced(
    monkeypatch: pytest.MonkeyPatch, installed: str, engine: str, chosen: str | None
) -> None:
    install(monkeypatch, *installed.split())
    program = choose(engine)
    assert (program.name if program else None) == chosen


@pytest.mark.parametrize(
    ("name", "voice", "language", "expected"),
    [
        ("espeak-ng", "", "", "en-us"),
        ("espeak-ng", "rms", "", "en-us+m3"),
        ("espeak-ng", "", "de", "de"),
        ("espeak-ng", "fr", "de", "fr"),
        ("flite", "slt", "", "slt"),
        ("pyttsx3", "", "de", "de"),
    ],
)
def test_a_voice_goes_to_the_command_line(
    name: str, voice: str, language: str, expected: str
) -> None:
    arguments = programs.PROGRAMS[name].arguments(voice, language, Path("/tmp/a.wav"))
    assert expected in arguments
    assert "/tmp/a.wav" in arguments


@pytest.mark.parametrize("voice", ["-w/etc/passwd", "../x", "a b", "", "a;b", "a\n"])
def test_what_is_no_name_of_a_voice_reaches_no_program(voice: str) -> None:
    assert safe_voice(voice) == ""
    assert safe_voice("en-us+f3") == "en-us+f3"
