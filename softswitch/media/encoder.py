"""Writing recordings in formats other than WAV: one thread, so that nothing waits for a disk."""

from __future__ import annotations

import asyncio
import contextlib
import os
import selectors
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from softswitch.media.formats import payload_file
from softswitch.media.formats.payload_file import PayloadFile
from softswitch.media.formats.raw import LAYOUTS
from softswitch.media.interface import NativeTap

FORMATS: Mapping[str, dict[str, Any]] = {
    "flac": {"format": "FLAC", "subtype": "PCM_16"},
    "ogg": {"format": "OGG", "subtype": "VORBIS"},
    "oga": {"format": "OGG", "subtype": "VORBIS"},
    "opus": {"format": "OGG", "subtype": "OPUS"},
    "mp3": {"format": "MP3", "subtype": "MPEG_LAYER_III"},
    "au": {"format": "AU", "subtype": "PCM_16"},
    "snd": {"format": "AU", "subtype": "PCM_16"},
    "aif": {"format": "AIFF", "subtype": "PCM_16"},
    "aiff": {"format": "AIFF", "subtype": "PCM_16"},
    "caf": {"format": "CAF", "subtype": "PCM_16"},
    "w64": {"format": "W64", "subtype": "PCM_16"},
    **{
        name: {"format": "RAW", "subtype": layout["subtype"], "endian": "LITTLE"}
        for name, layout in LAYOUTS.items()
    },
}
"""What libsndfile is told, by the extension of the file."""

_UPDATE_HEADER_AUTO = 0x1061
"""``SFC_SET_UPDATE_HEADER_AUTO`` of sndfile.h."""
_WITH_SIZES = frozenset(("AU", "AIFF", "CAF", "W64"))
"""Formats whose header tells how long they are."""

_RATES: Mapping[str, Sequence[int]] = {
    "OPUS": (8000, 12000, 16000, 24000, 48000),
    "MPEG_LAYER_III": (8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000),
    "GSM610": (8000,),
}
"""Rates of formats that cannot have just any."""

TAGS = {
    "title": "INAM",
    "copyright": "ICOP",
    "software": "ISFT",
    "artist": "IART",
    "comment": "ICMT",
    "date": "ICRD",
}
"""Tags of a recording and their chunks in a WAV file."""


def can_encode(extension: str) -> bool:
    """Whether files of that extension, in lower case, can be written."""
    return extension in FORMATS or extension in payload_file.RATES


def is_mono(extension: str) -> bool:
    """Whether files of that extension have one channel, since no header could tell of more."""
    return extension in LAYOUTS or extension in payload_file.RATES


def rate_of(extension: str, rate: int) -> int:
    """The rate that a file of that extension is written at, as near to ``rate`` as it can be."""
    if extension in payload_file.RATES:
        return payload_file.RATES[extension]
    if extension in LAYOUTS:
        return int(LAYOUTS[extension]["samplerate"])
    rates = _RATES.get(FORMATS[extension]["subtype"], ())
    return rate if not rates or rate in rates else min(rates, key=lambda one: abs(one - rate))


class Encoder:
    """The thread and the files it writes; it begins with the first one."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._lock = threading.Lock()
        self._waiting: list[_Job] = []
        self._wake: int | None = None
        self._closed = False
        self._thread: threading.Thread | None = None

    def __repr__(self) -> str:
        return f"<Encoder {'closed' if self._closed else 'open'}>"

    def write(
        self,
        tap: NativeTap,
        path: Path,
        *,
        append: bool = False,
        tags: Mapping[str, str] | None = None,
    ) -> asyncio.Future[str]:
        """Write what a tap hands out until it ends; done with what went wrong, or with nothing."""
        job = _Job(tap, path, append, dict(tags or {}), self._loop.create_future())
        with self._lock:
            if self._closed:
                job.done.set_result("the engine is closed")
                return job.done
            self._waiting.append(job)
            if self._wake is None:
                self._wake = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
                self._thread = threading.Thread(target=self._run, args=(self._wake,), daemon=True)
                self._thread.name = "media-encoder"
                self._thread.start()
            os.eventfd_write(self._wake, 1)
        return job.done

    def close(self) -> None:
        """End the thread once all taps ended, which closing the engine makes them do."""
        with self._lock:
            self._closed = True
            if self._wake is not None:
                os.eventfd_write(self._wake, 1)

    def _run(self, wake: int) -> None:
        selector = selectors.DefaultSelector()
        selector.register(wake, selectors.EVENT_READ)
        try:
            while self._take(selector, wake):
                for key, _ in selector.select():
                    job = key.data
                    if job is not None and not job.advance():
                        selector.unregister(key.fileobj)
                        self._tell(job)
        finally:
            selector.close()
            os.close(wake)

    def _take(self, selector: selectors.BaseSelector, wake: int) -> bool:
        """Begin what waits; false once nothing is left to do and nothing can come."""
        with contextlib.suppress(BlockingIOError):
            os.eventfd_read(wake)
        with self._lock:
            waiting, self._waiting = self._waiting, []
            closed = self._closed
        for job in waiting:
            if job.open():
                selector.register(job.tap.fileno(), selectors.EVENT_READ, job)
            else:
                self._tell(job)
        return not closed or len(selector.get_map()) > 1

    def _tell(self, job: _Job) -> None:
        def tell() -> None:
            if not job.done.done():
                job.done.set_result(job.error)

        # A loop that is closed has nobody left who would want to know.
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(tell)


class _Job:
    """One file on its way; all but ``done`` belongs to the thread."""

    def __init__(
        self,
        tap: NativeTap,
        path: Path,
        append: bool,
        tags: dict[str, str],
        done: asyncio.Future[str],
    ) -> None:
        self.tap, self.done = tap, done
        self.error = ""
        self._path, self._append, self._tags = path, append, tags
        self._file: PayloadFile | SoundFile | None = None

    def open(self) -> bool:
        try:
            if self._path.suffix[1:].lower() in FORMATS:
                self._file = SoundFile(self._path, self.tap, self._append, self._tags)
            else:
                self._file = PayloadFile(self._path, append=self._append)
        except (OSError, RuntimeError) as error:
            self.error = _reason(error)
        return self._file is not None

    def advance(self) -> bool:
        """Write what waits; false at the end of the file."""
        assert self._file is not None, "it was opened"
        samples, more = self.tap.read()
        try:
            if samples:
                self._file.write(samples)
        except (OSError, RuntimeError) as error:
            self.error, more = _reason(error), False
        if not more:
            self._close(self._file)
        return more

    def _close(self, file: PayloadFile | SoundFile) -> None:
        try:
            file.close()
        except (OSError, RuntimeError) as error:
            self.error = self.error or _reason(error)


class SoundFile:
    """A file of libsndfile that is written. Raises OSError and RuntimeError."""

    def __init__(self, path: Path, tap: NativeTap, append: bool, tags: Mapping[str, str]) -> None:
        import soundfile

        layout = FORMATS[path.suffix[1:].lower()]
        self._channels = tap.channels
        exists = path.exists() and path.stat().st_size > 0
        earlier = _earlier(path, tap) if append and exists else None
        self._file = soundfile.SoundFile(
            str(path), "w", samplerate=tap.rate, channels=tap.channels, **layout
        )
        try:
            if self._file.format in _WITH_SIZES:
                # soundfile has no method for it: sizes are to be right after each write.
                on, null = 1, soundfile._ffi.NULL
                soundfile._snd.sf_command(self._file._file, _UPDATE_HEADER_AUTO, null, on)
            for name, value in tags.items():
                # Formats that have no place for a tag do without it.
                with contextlib.suppress(soundfile.SoundFileError, RuntimeError):
                    setattr(self._file, name, value)
            if earlier is not None:
                self._file.write(earlier)
        except (OSError, RuntimeError):
            self._file.close()
            raise

    def write(self, samples: bytes) -> None:
        """Add 16-bit samples; they can be read from the file at once, whatever happens next."""
        import numpy

        block = numpy.frombuffer(samples, dtype=numpy.int16)
        self._file.write(block.reshape(-1, self._channels))
        self._file.flush()

    def close(self) -> None:
        """The file is complete."""
        self._file.close()


def _earlier(path: Path, tap: NativeTap) -> Any:
    """What the file holds already, in the form it goes on in."""
    import numpy
    import soundfile

    layout = {}
    if path.suffix[1:].lower() in LAYOUTS:
        layout = {**FORMATS[path.suffix[1:].lower()], "samplerate": tap.rate}
        layout["channels"] = tap.channels
    samples, rate = soundfile.read(str(path), dtype="int16", always_2d=True, **layout)
    if rate != tap.rate or samples.shape[1] != tap.channels:
        raise OSError(f"it holds {rate} Hz in {samples.shape[1]} channels: cannot append")
    return numpy.ascontiguousarray(samples)


def _reason(error: Exception) -> str:
    text = getattr(error, "error_string", "") or str(error)
    return text.rstrip(".") or type(error).__name__
