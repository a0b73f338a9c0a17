from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from softswitch.media.prompts import make
from softswitch.media.source import SourceError, Speech
from tests.support.audio import read_wav, tone, write_wav

TEXTS = {"digits/1": "one", "ivr/ivr-hello": "Hello."}


class FakeSpeaker:
    """Speaks each text as a tone."""

    def __init__(self, loop: object, folder: Path) -> None:
        self._folder = folder

    async def wav(self, speech: Speech) -> Path:
        if speech.text == "mute":
            raise SourceError(speech.text, "no program")
        path = self._folder / f"{speech.text}.wav"
        write_wav(path, tone(440, 200, rate=16000), 16000)
        return path

    def close(self) -> None:
        """Nothing to close."""


@pytest.fixture(autouse=True)
def _speaker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(make, "Speaker", FakeSpeaker)
    monkeypatch.setattr(make, "texts", lambda language: TEXTS)


def test_a_tree_has_each_prompt_at_both_rates(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert make.main([str(tmp_path), "--language", "en"]) == 0
    for rate in (8000, 16000):
        for folder, name in (("digits", "1"), ("ivr", "ivr-hello")):
            samples, told = read_wav(tmp_path / f"en/us/callie/{folder}/{rate}/{name}.wav")
            assert told == rate
            assert len(samples) == pytest.approx(rate * 0.2, rel=0.2)
    assert capsys.readouterr().out == "2 prompts in en\n"


def test_an_archive_holds_each_prompt_and_is_the_same_each_time(tmp_path: Path) -> None:
    names = []
    for folder in ("a", "b"):
        assert make.main([str(tmp_path / folder), "--archive", "--language", "de"]) == 0
        with zipfile.ZipFile(tmp_path / folder / "de.zip") as archive:
            names.append(archive.namelist())
            assert {info.date_time[0] for info in archive.infolist()} == {2000}
    assert names[0] == names[1] == ["digits/1.ogg", "ivr/ivr-hello.ogg"]


def test_a_machine_that_cannot_speak_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(make, "texts", lambda language: {"digits/1": "mute"})
    assert make.main([str(tmp_path)]) == 1
    assert "make-sounds: cannot play mute: no program" in capsys.readouterr().err
