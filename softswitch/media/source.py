"""What can be played: the argument of ``playback`` taken apart, and what it became.

Syntax: ``{name=value,...}what@@offset`` where ``what`` is a path or ``scheme://rest``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

from softswitch.media.interface import NativeSource

OF_MODULES = {
    "local_stream": "mod_local_stream",
    "http": "mod_http_cache",
    "https": "mod_http_cache",
    "http_cache": "mod_http_cache",
    "shell_stream": "mod_shell_stream",
}
"""Schemes that modules open, and which."""

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9_+.-]*)://", re.ASCII)
_OFFSET = re.compile(r"@@(\d{1,12})\Z", re.ASCII)
_COMMA = re.compile(r",(?=(?:[^']*'[^']*')*[^']*\Z)")


class SourceError(OSError):
    """Something cannot be played; the message is a sentence that says what and why."""

    def __init__(self, what: object, reason: str) -> None:
        super().__init__(f"cannot play {what}: {reason}")
        self.what = str(what)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Specification:
    """An argument of ``playback`` taken apart."""

    body: str
    """The path, or what follows ``scheme://``."""
    scheme: str = ""
    """Empty for a path."""
    parameters: Mapping[str, str] = field(default_factory=dict)
    offset: int = 0
    """Where to begin, in samples of the file's own rate."""

    @classmethod
    def parse(cls, text: str) -> Specification:
        """Take a text apart. Raises `SourceError` if there is nothing to play in it."""
        rest = text.strip()
        parameters: dict[str, str] = {}
        while rest.startswith("{"):
            block, closed, rest = rest[1:].partition("}")
            if not closed:
                raise SourceError(text, "its parameters are never closed with '}'.")
            for parameter in _COMMA.split(block):
                name, _, value = parameter.partition("=")
                parameters[name.strip()] = value.strip().strip("'")
            rest = rest.lstrip()
        offset = 0
        if found := _OFFSET.search(rest):
            offset = int(found[1])
            rest = rest[: found.start()]
        if not rest:
            raise SourceError(text or "nothing", "no file is named.")
        if found := _SCHEME.match(rest):
            return cls(rest[found.end() :], found[1].lower(), parameters, offset)
        return cls(rest, "", parameters, offset)

    def __str__(self) -> str:
        return f"{self.scheme}://{self.body}" if self.scheme else self.body


@dataclass(frozen=True, slots=True)
class WavFile:
    """A file the engine reads by itself."""

    path: Path


@dataclass(frozen=True, slots=True)
class DecodedFile:
    """A file that is decoded as a whole, once for all who play it."""

    path: Path
    identity: tuple[int, int]
    """Its time of change in ns and its size: another identity is another recording."""
    decode: Callable[[Path], tuple[bytes, int]]
    """Gives mono 16-bit samples in native byte order and their rate in Hz; may block."""

    @classmethod
    def of(cls, path: Path, decode: Callable[[Path], tuple[bytes, int]]) -> DecodedFile:
        status = path.stat()
        return cls(path, (status.st_mtime_ns, status.st_size), decode)


@dataclass(frozen=True, slots=True)
class Tone:
    """A script in the engine's tone language."""

    script: str


@dataclass(frozen=True, slots=True)
class Silence:
    """Nothing, or comfort noise of that divisor."""

    milliseconds: int
    """Negative is endless."""
    noise: int = 0


@dataclass(frozen=True, slots=True)
class Parts:
    """Several things one after the other."""

    specifications: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Speech:
    """A text to be spoken by a text-to-speech program."""

    text: str
    engine: str = ""
    """A program by the name FreeSWITCH's users know, such as ``flite``; empty is any."""
    voice: str = ""
    language: str = ""
    """Such as ``de``, where the voice does not say it."""


SourceSpec: TypeAlias = WavFile | DecodedFile | Tone | Silence | Parts | Speech
"""What a file format makes of a request; `MediaEngine` opens it."""


@dataclass(frozen=True, slots=True)
class FileRequest:
    """What a file format is asked for."""

    specification: Specification
    rate: int
    """Sample rate of the listener in Hz: the best recording of several is chosen by it."""
    prefix: Path
    """Where relative paths begin."""
    extensions: tuple[str, ...] = ()
    """Tried first for a path without one, such as ``.PCMU``."""

    @property
    def path(self) -> Path:
        """The body as a path."""
        return self.prefix / self.specification.body


class Source:
    """Something that can be played on any number of streams: one part, or several in order."""

    def __init__(
        self,
        specification: str,
        parts: Sequence[NativeSource],
        *,
        offset: int = 0,
        limit_ms: int = 0,
        parameters: Mapping[str, str] | None = None,
        shared: Sequence[NativeSource] = (),
    ) -> None:
        self.specification = specification
        self.parameters = parameters or {}
        """What stood in ``{}`` in front of it."""
        self.limit_ms = limit_ms
        """It is over after so long, though more is there; 0 is without limit."""
        self.parts = tuple(parts)
        self.rate = parts[0].rate if parts else None
        """Samples a second of the first part, in which ``@@`` counts; None if it plays at any."""
        self.offset_ms = offset * 1000 // (self.rate or 8000)
        """Where to begin unless `Stream.play` is told."""
        self._shared = tuple(shared)

    def __repr__(self) -> str:
        length = "endless" if self.milliseconds is None else f"{self.milliseconds} ms"
        return f"<Source {self.specification} {length}>"

    @property
    def milliseconds(self) -> int | None:
        """Length of all parts; None if endless or unknown."""
        total = 0
        for part in self.parts:
            if part.milliseconds is None:
                return None
            total += part.milliseconds
        return total

    def close(self) -> None:
        """Free what belongs to this source alone; what plays plays on. Idempotent."""
        for part in self.parts:
            if all(part is not shared for shared in self._shared):
                part.close()
