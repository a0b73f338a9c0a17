from __future__ import annotations

import io
import sys
from types import ModuleType, SimpleNamespace

import pytest

from softswitch.media.speech.worker import main


class FakeEngine:
    """As much of ``pyttsx3`` as the worker uses."""

    def __init__(self) -> None:
        self.voice = ""
        self.saved: list[tuple[str, str]] = []
        self.ran = False

    def getProperty(self, name: str) -> list[SimpleNamespace]:
        assert name == "voices"
        return [SimpleNamespace(id="gmw/en-US", name="English"), SimpleNamespace(id="de", name="G")]

    def setProperty(self, name: str, value: str) -> None:
        assert name == "voice"
        self.voice = value

    def save_to_file(self, text: str, path: str) -> None:
        self.saved.append((text, path))

    def runAndWait(self) -> None:
        self.ran = True


@pytest.mark.parametrize(
    ("wanted", "voice"), [("english", "gmw/en-US"), ("DE", "de"), ("xx", ""), ("", "")]
)
def test_standard_input_is_spoken_into_a_file(
    monkeypatch: pytest.MonkeyPatch, wanted: str, voice: str
) -> None:
    engine = FakeEngine()
    module = ModuleType("pyttsx3")
    module.init = lambda: engine  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "pyttsx3", module)
    monkeypatch.setattr(sys, "stdin", io.StringIO("Good morning"))
    assert main(["/tmp/a.wav", wanted]) == 0
    assert engine.saved == [("Good morning", "/tmp/a.wav")]
    assert engine.ran
    assert engine.voice == voice
