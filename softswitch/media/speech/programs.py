"""The text-to-speech programs softswitch knows, and how each of them is asked."""

from __future__ import annotations

import re
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

_VOICE = re.compile(r"[A-Za-z][A-Za-z0-9_+-]*\Z", re.ASCII)

_ESPEAK_VOICES = {
    "kal": "en-us+m1",
    "kal16": "en-us+m1",
    "awb": "en-gb-scotland+m4",
    "rms": "en-us+m3",
    "slt": "en-us+f2",
    "callie": "en-us+f3",
    "allison": "en-us+f2",
    "lawrence": "en-gb+m3",
}
"""Voices of Flite and Cepstral, and what speaks in their place."""


@dataclass(frozen=True, slots=True)
class Program:
    """One way to have a text spoken into a file; the text itself goes to standard input."""

    name: str
    installed: Callable[[], bool]
    arguments: Callable[[str, str, Path], list[str]]
    """Command line for a voice (or nothing), a language (or nothing) and the file to write."""


def _espeak(voice: str, language: str, path: Path) -> list[str]:
    voice = _ESPEAK_VOICES.get(voice.lower(), voice) or language or "en-us"
    return ["espeak-ng", "--stdin", "-b", "1", "-s", "160", "-v", voice, "-w", str(path)]


def _flite(voice: str, language: str, path: Path) -> list[str]:
    chosen = ["-voice", voice] if voice else []
    return ["flite", *chosen, "-f", "/dev/stdin", "-o", str(path)]


def _pyttsx3(voice: str, language: str, path: Path) -> list[str]:
    return [sys.executable, "-m", "softswitch.media.speech.worker", str(path), voice or language]


PROGRAMS = {
    program.name: program
    for program in (
        Program("espeak-ng", lambda: shutil.which("espeak-ng") is not None, _espeak),
        Program("flite", lambda: shutil.which("flite") is not None, _flite),
        Program("pyttsx3", lambda: find_spec("pyttsx3") is not None, _pyttsx3),
    )
}
"""By name, the preferred one first."""

ALIASES = {"espeak": "espeak-ng", "espeakng": "espeak-ng", "tts_commandline": "espeak-ng"}


def choose(engine: str) -> Program | None:
    """The program of that name if it is installed, else any that is; None where none is."""
    wanted = ALIASES.get(engine.lower(), engine.lower())
    for program in sorted(PROGRAMS.values(), key=lambda program: program.name != wanted):
        if program.installed():
            return program
    return None


def safe_voice(voice: str) -> str:
    """The name of a voice, or nothing where it is none: voices come from calls."""
    return voice if _VOICE.match(voice) else ""
