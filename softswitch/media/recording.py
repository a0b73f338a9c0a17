"""Recordings into files of any kind: WAV by the engine itself, others by the `Encoder`."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from softswitch.media.encoder import TAGS, Encoder, can_encode, is_mono, rate_of
from softswitch.media.events import RecordingFinished
from softswitch.media.interface import RecordingOptions
from softswitch.media.mixer import Mixer
from softswitch.media.running import Finished
from softswitch.media.stream import Stream

WAV = frozenset(("wav", "wave"))


@dataclass(frozen=True, slots=True)
class RecordingWish:
    """What to record and when to stop."""

    hear: str = "read"
    """``read`` (the far end), ``write`` (what it hears) or ``both``."""
    stereo: bool = False
    swap: bool = False
    append: bool = False
    rate: int = 0
    """0 is the codec's."""
    limit_ms: int = 0
    silence_threshold: int = 0
    silence_ms: int = 0
    initial_silence_ms: int | None = None
    fill: int = 0
    """Divisor of the noise in place of what does not come; 0 is silence."""
    tags: Mapping[str, str] = field(default_factory=dict)
    """By the names of `encoder.TAGS`."""


class Recording:
    """One recording of a stream or a room under way, in one file."""

    def __init__(
        self,
        stream: Stream | Mixer,
        number: int,
        rate: int,
        encoded: asyncio.Future[str] | None = None,
    ) -> None:
        self.stream = stream
        self.number = number
        self.rate = rate
        """Samples a second of the file, in which its end tells how long it is."""
        self.end: asyncio.Future[RecordingFinished] = asyncio.get_running_loop().create_future()
        """How it ended, once its file is complete."""
        self._finished = stream.finished(number)
        self._finished.add_done_callback(self._on_finished)
        self._encoded = encoded
        if encoded is not None:
            encoded.add_done_callback(self._on_encoded)

    def __repr__(self) -> str:
        return f"<Recording {self.number} of {self.stream!r}>"

    def stop(self) -> None:
        """End it; nothing where the stream is closed already."""
        if not self.stream.closed:
            self.stream.stop(self.number)

    def control(self, action: str) -> None:
        """``mask unmask pause resume``; of a room the last two."""
        if self.stream.closed:
            return
        if isinstance(self.stream, Stream):
            self.stream.control(self.number, action)
        else:
            self.stream.pause(self.number, paused=action == "pause")

    def _on_encoded(self, encoded: asyncio.Future[str]) -> None:
        if encoded.result():
            self.stop()
        self._on_finished(self._finished)

    def _on_finished(self, finished: asyncio.Future[Finished]) -> None:
        """The engine is done; with the encoder done as well it is over."""
        if not finished.done() or self.end.done():
            return
        if self._encoded is not None and not self._encoded.done():
            return
        end = finished.result()
        assert isinstance(end, RecordingFinished), "the number is that of a recording"
        error = self._encoded.result() if self._encoded is not None else ""
        self.end.set_result(replace(end, reason=f"failed: {error}") if error else end)


def can_write(path: Path) -> bool:
    """Whether files of that extension can be recorded."""
    extension = path.suffix[1:].lower()
    return extension in WAV or can_encode(extension)


def begin(
    encoder: Encoder, stream: Stream, path: Path, wish: RecordingWish, rate: int
) -> Recording:
    """Begin to record into ``path``, whose folder must exist; ``rate`` is that of the codec.

    Raises OSError where the file cannot be opened (later errors are told at its end), ValueError
    for an extension that is not known.
    """
    extension = path.suffix[1:].lower()
    tags = tuple((TAGS[name], value) for name, value in wish.tags.items() if value)
    options = RecordingOptions(
        hear=wish.hear,
        stereo=wish.stereo,
        swap=wish.swap,
        rate=wish.rate,
        limit_ms=wish.limit_ms,
        silence_threshold=wish.silence_threshold,
        silence_ms=wish.silence_ms,
        initial_silence_ms=wish.initial_silence_ms,
        fill=wish.fill,
    )
    if extension in WAV:
        number = stream.record(str(path), append=wish.append, tags=tags, **options)
        return Recording(stream, number, wish.rate or rate)
    if not can_encode(extension):
        raise ValueError(f"files named {path.suffix or 'without extension'} cannot be recorded")
    options["rate"] = rate_of(extension, wish.rate or rate)
    options["stereo"] = wish.stereo and not is_mono(extension)
    tap = stream.tap(period_ms=200, complete=True, **options)
    encoded = encoder.write(tap, path, append=wish.append, tags=wish.tags)
    return Recording(stream, tap.number, tap.rate, encoded)


def begin_room(encoder: Encoder, room: Mixer, path: Path) -> Recording:
    """Begin to record all that is heard in a room into ``path``, whose folder must exist.

    Raises OSError where the file cannot be opened, ValueError for an extension that is not known.
    """
    extension = path.suffix[1:].lower()
    if extension in WAV:
        return Recording(room, room.record(str(path)), room.settings.rate)
    if not can_encode(extension):
        raise ValueError(f"files named {path.suffix or 'without extension'} cannot be recorded")
    tap = room.tap(rate=rate_of(extension, room.settings.rate))
    return Recording(room, tap.number, tap.rate, encoder.write(tap, path))
