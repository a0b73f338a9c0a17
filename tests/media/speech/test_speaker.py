from __future__ import annotations

import asyncio
import os
import shutil
import sys
from pathlib import Path

import pytest

from softswitch.media.source import SourceError, Speech
from softswitch.media.speech import speaker as speaker_module
from softswitch.media.speech.programs import PROGRAMS, Program
from softswitch.media.speech.speaker import NO_PROGRAM, Speaker
from tests.support.audio import read_wav, tone, write_wav

SCRIPT = """
import os, pathlib, shutil, sys
voice, target, log = sys.argv[1:4]
text = sys.stdin.read()
with open(log, "a") as file:
    file.write(f"{voice}|{text}\\n")
if voice == "bad":
    sys.exit("unknown voice")
if text == "mute":
    sys.exit(3)
shutil.copy(os.path.join(os.path.dirname(log), "tone.wav"), target)
"""


class Machine:
    """A machine with one text-to-speech program, which tells what it was asked for."""

    def __init__(self, folder: Path) -> None:
        self.log = folder / "log"
        self.cache = folder / "cache"
        self.script = folder / "speak.py"
        self.script.write_text(SCRIPT)
        write_wav(folder / "tone.wav", tone(440, 300, rate=22050), 22050)
        program = Program("espeak-ng", lambda: True, self._arguments)
        self.speaker = Speaker(asyncio.get_running_loop(), self.cache, lambda engine: program)

    def _arguments(self, voice: str, language: str, path: Path) -> list[str]:
        return [sys.executable, str(self.script), voice or language, str(path), str(self.log)]

    @property
    def asked(self) -> list[str]:
        return self.log.read_text().splitlines() if self.log.exists() else []


async def test_a_text_is_spoken_once_and_kept(tmp_path: Path) -> None:
    machine = Machine(tmp_path)
    wanted = [Speech("Good  morning"), Speech("Good morning"), Speech("Good morning ")]
    paths = await asyncio.gather(*(machine.speaker.wav(speech) for speech in wanted))
    assert len(set(paths)) == 1
    samples, rate = read_wav(paths[0])
    assert rate == 16000
    assert len(samples) / rate == pytest.approx(0.3, abs=0.07)
    again = Machine(tmp_path)
    assert await again.speaker.wav(wanted[0]) == paths[0]
    assert machine.asked == ["|Good morning"]
    assert [path.suffix for path in machine.cache.iterdir()] == [".wav"]


async def test_voices_and_languages_make_files_of_their_own(tmp_path: Path) -> None:
    machine = Machine(tmp_path)
    kinds = [Speech("a"), Speech("a", voice="rms"), Speech("a", language="de"), Speech("b")]
    assert len({await machine.speaker.wav(kind) for kind in kinds}) == 4
    assert machine.asked == ["|a", "rms|a", "de|a", "|b"]


async def test_a_voice_that_does_not_exist_is_replaced(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    machine = Machine(tmp_path)
    await machine.speaker.wav(Speech("a", voice="bad"))
    assert machine.asked == ["bad|a", "|a"]
    assert "espeak-ng cannot speak as bad: unknown voice" in caplog.text


async def test_an_engine_that_is_replaced_is_told_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    machine = Machine(tmp_path)
    for text in ("a", "b"):
        await machine.speaker.wav(Speech(text, engine="cepstral"))
    await machine.speaker.wav(Speech("c", engine="espeak"))
    assert caplog.text.count("speaks in its place") == 1


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "a text to speak has 1 to 5000 characters"),
        ("a" * 5001, "a text to speak has 1 to 5000 characters"),
        ("mute", "espeak-ng does not speak it: it ended with status 3"),
    ],
)
async def test_what_cannot_be_spoken_is_told(tmp_path: Path, text: str, reason: str) -> None:
    with pytest.raises(SourceError, match=reason):
        await Machine(tmp_path).speaker.wav(Speech(text))


async def test_a_machine_without_a_program_says_so(tmp_path: Path) -> None:
    speaker = Speaker(asyncio.get_running_loop(), tmp_path, lambda engine: None)
    with pytest.raises(SourceError, match=NO_PROGRAM.replace("(", r"\(").replace(")", r"\)")):
        await speaker.wav(Speech("hello"))


async def test_a_program_that_hangs_or_is_gone_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine = Machine(tmp_path)
    machine.script.write_text("import time; time.sleep(60)")
    monkeypatch.setattr(speaker_module, "PATIENCE", 0.2)
    with pytest.raises(SourceError, match=r"it took longer than 0.2 s"):
        await machine.speaker.wav(Speech("hello"))
    gone = Program("flite", lambda: True, lambda *_: [str(tmp_path / "gone")])
    speaker = Speaker(asyncio.get_running_loop(), tmp_path, lambda engine: gone)
    with pytest.raises(SourceError, match="No such file"):
        await speaker.wav(Speech("hello"))


async def test_a_caller_who_leaves_spoils_nothing_for_the_others(tmp_path: Path) -> None:
    machine = Machine(tmp_path)
    loop = asyncio.get_running_loop()
    first = loop.create_task(machine.speaker.wav(Speech("hello")))
    second = loop.create_task(machine.speaker.wav(Speech("hello")))
    await asyncio.sleep(0)
    first.cancel()
    assert (await second).exists()


async def test_the_files_used_longest_ago_make_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine = Machine(tmp_path)
    old = await machine.speaker.wav(Speech("old"))
    kept = await machine.speaker.wav(Speech("kept"))
    os.utime(old, (1, 1))
    monkeypatch.setattr(speaker_module, "MOST_BYTES", 2 * kept.stat().st_size)
    new = await machine.speaker.wav(Speech("new"))
    assert not old.exists()
    assert kept.exists() and new.exists()


@pytest.mark.skipif(shutil.which("espeak-ng") is None, reason="espeak-ng is not installed")
async def test_espeak_speaks(tmp_path: Path) -> None:
    speaker = Speaker(asyncio.get_running_loop(), tmp_path, lambda engine: PROGRAMS["espeak-ng"])
    paths = [
        await speaker.wav(Speech("You have two new messages", voice=voice))
        for voice in ("", "kal", "slt")
    ]
    for path in paths:
        samples, rate = read_wav(path)
        assert 1.0 < len(samples) / rate < 4.0
        assert abs(samples).max() > 10000
    assert len({path.read_bytes() for path in paths}) == 3
