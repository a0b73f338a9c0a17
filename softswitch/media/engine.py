"""The media engine as the core sees it: it opens streams and sources and hands on their events."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from softswitch import registry
from softswitch.media.cache import DecodedCache
from softswitch.media.encoder import Encoder
from softswitch.media.events import from_engine
from softswitch.media.formats.sndfile import decode_file
from softswitch.media.interface import NativeEngine, NativeLive, NativeSource, Speaker
from softswitch.media.mixer import Mixer
from softswitch.media.parameters import MixerParameters
from softswitch.media.paths import find_file
from softswitch.media.prompts import bank
from softswitch.media.source import (
    DecodedFile,
    FileRequest,
    Parts,
    Silence,
    Source,
    SourceError,
    SourceSpec,
    Specification,
    Speech,
    Tone,
    WavFile,
)
from softswitch.media.stream import Stream, StreamClosed
from softswitch.media.threads import start_threads

__all__ = ["MediaEngine", "Mixer", "Source", "SourceError", "Stream", "StreamClosed"]

log = logging.getLogger(__name__)

FILE_THREADS = 4
"""Threads that look for files, open and decode them."""
CACHE_BYTES = 64 * 1024 * 1024
"""Decoded audio kept for the next caller: over an hour at 8 kHz."""
DEEPEST_PARTS = 3
"""How deep ``file_string://`` may stand within itself."""


@dataclass(frozen=True, slots=True)
class _Opened:
    """One native source, and whether the cache shares it among many."""

    native: NativeSource
    shared: bool = False


Opener = Callable[[FileRequest], Awaitable[NativeSource | Path]]
"""Opens what a scheme names, or says which file holds it. Raises `SourceError`."""


class MediaEngine:
    """Owner of the native engine, of all streams and of what they play."""

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        native: NativeEngine,
        *,
        cache_bytes: int = CACHE_BYTES,
        speaker: Speaker | None = None,
    ) -> None:
        """Take over ``native``; its events are dispatched on ``loop`` from now on."""
        _discover_formats()
        self._loop = loop
        self._native = native
        self._speaker = speaker
        self._executor = ThreadPoolExecutor(FILE_THREADS, thread_name_prefix="media-file")
        self._cache = DecodedCache(loop, self._executor, native.open_buffer, cache_bytes)
        self.encoder = Encoder(loop)
        """Writes recordings that are no WAV files."""
        self.openers: dict[str, Opener] = {}
        """By scheme, such as ``local_stream``: what modules open, in front of file formats."""
        self._streams: dict[int, Stream] = {}
        self._mixers: dict[int, Mixer] = {}
        self._closed = False
        loop.add_reader(native.event_fd, self.dispatch_events)

    def __repr__(self) -> str:
        state = "closed" if self._closed else f"{self.live_streams} streams"
        return f"<MediaEngine {state}, {self._cache!r}>"

    def start_threads(self) -> None:
        """Start the threads for files, which else the first callers wait for."""
        start_threads(self._executor, FILE_THREADS)

    @property
    def live_streams(self) -> int:
        """How many streams are open."""
        return sum(not stream.closed for stream in self._streams.values())

    def stats(self) -> dict[str, int]:
        """The engine's counters (see ``_engine.pyi``), and what the cache of files holds."""
        return {
            **self._native.stats(),
            "live_streams": self.live_streams,
            "cached_files": len(self._cache),
            "cached_bytes": self._cache.bytes,
        }

    def open_stream(self, local_ip: str, *, dscp: int = 0, port: int | None = None) -> Stream:
        """Bind a pair of ports on ``local_ip``, or one ``port`` alone (0 is any).

        Raises OSError if none is free, ValueError for what is no IP address.
        """
        stream = Stream(self._native.open_stream(local_ip, dscp=dscp, port=port), self._forget)
        self._streams[stream.id] = stream
        return stream

    def open_live(self, rate: int) -> NativeLive:
        """Sound that is written as it goes on; all who play its `source` hear the same moment."""
        return self._native.open_live(rate)

    def open_mixer(self, settings: MixerParameters) -> Mixer:
        """Open a room. Raises ValueError for settings that cannot be."""
        mixer = Mixer(self._native.open_mixer(settings), settings, self._forget_mixer)
        self._mixers[mixer.id] = mixer
        return mixer

    async def open_source(
        self,
        specification: str | Specification,
        rate: int = 8000,
        *,
        prefix: str | Path = "",
        extensions: Sequence[str] = (),
    ) -> Source:
        """Something to play, found and opened off the loop.

        ``rate`` is that of the listener: it chooses among recordings of several rates.
        ``@@offset`` counts samples of what was found. Relative paths begin at ``prefix``; one
        without an extension is tried with those given first. Raises `SourceError`.
        """
        parsed = specification
        if isinstance(parsed, str):
            parsed = Specification.parse(parsed)
        request = FileRequest(parsed, rate, Path(prefix), tuple(extensions))
        opened = await self._open(request, DEEPEST_PARTS)
        return Source(
            str(parsed),
            [part.native for part in opened],
            offset=parsed.offset,
            limit_ms=int(limit) if (limit := parsed.parameters.get("timeout", "")).isdigit() else 0,
            parameters=parsed.parameters,
            shared=[part.native for part in opened if part.shared],
        )

    def dispatch_events(self) -> None:
        """Hand what the engine has told to the streams it concerns."""
        for raw in self._native.take_events():
            try:
                identity, event = from_engine(raw)
                told = self._streams.get(identity) or self._mixers.get(identity)
                if told is not None:
                    told.handle_event(event)
            except Exception:
                # One listener's mistake must not cost the others their events.
                log.exception("the media event %r could not be handled", raw)

    def close(self) -> None:
        """Close all streams and the native engine. Idempotent."""
        if self._closed:
            return
        self._closed = True
        self._loop.remove_reader(self._native.event_fd)
        for mixer in list(self._mixers.values()):
            mixer.close()
        for stream in list(self._streams.values()):
            stream.close()
        self._native.close()
        self.encoder.close()
        self._executor.shutdown(wait=False, cancel_futures=True)
        if self._speaker is not None:
            self._speaker.close()

    def _forget(self, stream: Stream) -> None:
        self._streams.pop(stream.id, None)

    def _forget_mixer(self, mixer: Mixer) -> None:
        self._mixers.pop(mixer.id, None)

    async def _open(self, request: FileRequest, depth: int) -> list[_Opened]:
        """Open what is asked for; never an empty list."""
        opener = self.openers.get(request.specification.scheme)
        if opener is not None:
            found = await opener(request)
            if not isinstance(found, Path):
                return [_Opened(found)]
            file = Specification(str(found), "", request.specification.parameters)
            request = replace(request, specification=file)
        opened = await self._loop.run_in_executor(self._executor, self._find, request)
        match opened:
            case _Opened():
                return [opened]
            case DecodedFile():
                try:
                    return [_Opened(await self._cache.open(opened), shared=True)]
                except (OSError, ValueError) as error:
                    raise _explained(opened.path, error) from error
            case Parts():
                return await self._open_parts(request, opened, depth)
            case Speech():
                return [await self._open_speech(opened)]

    async def _open_parts(self, request: FileRequest, parts: Parts, depth: int) -> list[_Opened]:
        """Open part by part; those that cannot be opened are left out."""
        if depth == 0:
            raise SourceError(request.specification, "it contains itself too deeply.")
        opened: list[_Opened] = []
        failure: SourceError | None = None
        for text in parts.specifications:
            try:
                part = replace(request, specification=Specification.parse(text))
                opened += await self._open(part, depth - 1)
            except SourceError as error:
                log.warning("%s", error)
                failure = error
        if not opened:
            raise failure or SourceError(request.specification, "it has no parts.")
        return opened

    async def _open_speech(self, speech: Speech) -> _Opened:
        if self._speaker is None:
            raise SourceError(repr(speech.text), "there is no text-to-speech.")
        path = await self._speaker.wav(speech)
        try:
            opened = await self._loop.run_in_executor(self._executor, self._open_wav, path)
        except (OSError, ValueError) as error:
            raise _explained(path, error) from error
        if isinstance(opened, DecodedFile):
            raise SourceError(path, "it is not what a text-to-speech program writes.")
        return opened

    def _find(self, request: FileRequest) -> _Opened | DecodedFile | Parts | Speech:
        """Runs in a thread: what the registered format makes of it, opened if it is native."""
        what: object = request.specification
        try:
            found = _resolve(request)
            match found:
                case WavFile(path):
                    what = path
                    return self._open_wav(path)
                case Tone(script):
                    return _Opened(self._native.open_tone(script))
                case Silence(milliseconds, noise):
                    return _Opened(self._native.open_silence(milliseconds, noise))
                case DecodedFile() | Parts() | Speech():
                    return found
        except (OSError, ValueError) as error:
            raise _explained(what, error) from error

    def _open_wav(self, path: Path) -> _Opened | DecodedFile:
        try:
            return _Opened(self._native.open_wav(str(path)))
        except ValueError:
            # Encodings the engine leaves to libsndfile, such as GSM 6.10 and ADPCM.
            return DecodedFile.of(path, decode_file)


def _resolve(request: FileRequest) -> SourceSpec:
    specification = request.specification
    if specification.scheme:
        entry = registry.file_format.find(f"{specification.scheme}://")
        if entry is None:
            raise SourceError(specification, f"{specification.scheme}:// is not known.")
    else:
        try:
            path = find_file(request.path, request.rate, request.extensions)
        except SourceError:
            # A prompt that was not installed is that of the package, or is spoken.
            prompt = bank.stand_in(request.path)
            if prompt is None:
                raise
            return prompt
        entry = registry.file_format.find(path.suffix[1:])
        if entry is None:
            raise SourceError(path, f"files named {path.suffix} are not known.")
        specification = Specification(str(path), "", specification.parameters)
        request = replace(request, specification=specification)
    spec: SourceSpec = entry.target(request)
    return spec


def _explained(what: object, error: OSError | ValueError) -> SourceError:
    if isinstance(error, SourceError):
        return error
    reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return SourceError(what, f"{reason.rstrip('.')}.")


@cache
def _discover_formats() -> None:
    registry.discover("softswitch.media.formats")
