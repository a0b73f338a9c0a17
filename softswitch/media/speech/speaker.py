"""Texts to sound files: each text is spoken once and kept."""

from __future__ import annotations

import asyncio
import hashlib
import logging
import os
import subprocess
import tempfile
import wave
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from softswitch.media.source import SourceError, Speech
from softswitch.media.speech import programs
from softswitch.media.speech.trim import read_speech

log = logging.getLogger(__name__)

PROCESSES = 2
"""Texts that are spoken at a time; others wait."""
PATIENCE = 30.0
"""Seconds that a program may take."""
LONGEST_TEXT = 5000
RATE = 16_000
MOST_BYTES = 200 * 1024 * 1024
"""Kept on disk; the files used longest ago go first."""

NO_PROGRAM = "no text-to-speech program is installed (espeak-ng, flite or pyttsx3)."


class Speaker:
    """Has texts spoken by the programs of this machine and keeps what they said on disk."""

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        folder: Path,
        choose: Callable[[str], programs.Program | None] = programs.choose,
    ) -> None:
        """Files are kept in ``folder``, which is made when the first text is spoken."""
        self._loop = loop
        self._folder = folder
        self._choose = choose
        self._executor = ThreadPoolExecutor(PROCESSES, thread_name_prefix="speech")
        self._speaking: dict[Path, asyncio.Future[None]] = {}
        self._substituted: set[str] = set()

    def __repr__(self) -> str:
        return f"<Speaker {self._folder}, {len(self._speaking)} texts>"

    async def wav(self, speech: Speech) -> Path:
        """The file in which a text is spoken. Raises `SourceError` with the reason."""
        text = " ".join(speech.text.split())
        if not text or len(text) > LONGEST_TEXT:
            raise SourceError(
                repr(text[:40]), f"a text to speak has 1 to {LONGEST_TEXT} characters."
            )
        program = self._choose(speech.engine)
        if program is None:
            raise SourceError(repr(text[:40]), NO_PROGRAM)
        self._note_substitute(speech.engine, program.name)
        voice = programs.safe_voice(speech.voice)
        language = programs.safe_voice(speech.language)
        key = "\0".join((program.name, voice.lower(), language.lower(), text))
        path = self._folder / f"{hashlib.sha256(key.encode('utf-8', 'replace')).hexdigest()}.wav"
        speaking = self._speaking.get(path)
        if speaking is None:
            speaking = self._loop.run_in_executor(
                self._executor, self._speak, program, voice, language, text, path
            )
            self._speaking[path] = speaking
            speaking.add_done_callback(lambda done: self._spoken(path, done))
        # A caller who hangs up must not spoil it for the others.
        await asyncio.shield(speaking)
        return path

    def close(self) -> None:
        """Take no more texts. Idempotent."""
        self._executor.shutdown(wait=False, cancel_futures=True)

    def _spoken(self, path: Path, done: asyncio.Future[None]) -> None:
        del self._speaking[path]
        if not done.cancelled():
            # Whoever waited has been told; without a listener it is no news.
            done.exception()

    def _note_substitute(self, engine: str, used: str) -> None:
        wanted = programs.ALIASES.get(engine.lower(), engine.lower())
        if wanted and wanted != used and wanted not in self._substituted:
            self._substituted.add(wanted)
            log.info("there is no speech engine %s here: %s speaks in its place", engine, used)

    def _speak(
        self, program: programs.Program, voice: str, language: str, text: str, path: Path
    ) -> None:
        """In a thread: have a text spoken, unless its file is there."""
        try:
            os.utime(path)
            return
        except FileNotFoundError:
            pass
        self._folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=self._folder) as folder:
            raw = Path(folder) / "spoken.wav"
            problem = _run(program.arguments(voice, language, raw), text, raw)
            if problem and voice:
                log.warning("%s cannot speak as %s: %s", program.name, voice, problem)
                problem = _run(program.arguments("", language, raw), text, raw)
            if problem:
                raise SourceError(repr(text[:40]), f"{program.name} does not speak it: {problem}.")
            try:
                samples, rate = read_speech(raw, RATE)
            except ValueError as error:
                raise SourceError(repr(text[:40]), f"{error}.") from None
            finished = Path(folder) / "finished.wav"
            with wave.open(str(finished), "wb") as file:
                file.setnchannels(1)
                file.setsampwidth(2)
                file.setframerate(rate)
                file.writeframes(samples)
            finished.replace(path)
        self._make_room()

    def _make_room(self) -> None:
        files = []
        for file in self._folder.glob("*.wav"):
            try:
                status = file.stat()
            except FileNotFoundError:
                continue
            files.append((status.st_mtime, status.st_size, file))
        total = sum(size for _, size, _ in files)
        for _, size, file in sorted(files):
            if total <= MOST_BYTES:
                break
            file.unlink(missing_ok=True)
            total -= size


def _run(arguments: list[str], text: str, written: Path) -> str:
    """Run a program on a text; what went wrong, or nothing."""
    try:
        done = subprocess.run(
            arguments,
            input=text.encode("utf-8", "replace"),
            capture_output=True,
            timeout=PATIENCE,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return f"it took longer than {PATIENCE:g} s"
    except OSError as error:
        return str(error.strerror)
    if done.returncode == 0 and written.exists() and written.stat().st_size:
        return ""
    told = done.stderr.decode(errors="replace").strip().splitlines()
    return told[-1] if told else f"it ended with status {done.returncode}"
