"""What the media face asks of an engine: the compiled one and the fake of the tests agree on it.

``_engine.pyi`` says what each call promises.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from softswitch.media.parameters import RtpParameters


class NativeSource(Protocol):
    """Something that can be played, by one or many."""

    @property
    def milliseconds(self) -> int | None: ...
    def close(self) -> None: ...


class NativeTap(Protocol):
    """Samples of a stream for a reader outside the engine."""

    @property
    def number(self) -> int: ...
    @property
    def rate(self) -> int: ...
    @property
    def channels(self) -> int: ...
    @property
    def lost(self) -> int: ...
    def fileno(self) -> int: ...
    def read(self) -> tuple[bytes, bool]: ...


class NativeStream(Protocol):
    """One leg's RTP session. Other handles are `Any`: an engine only takes its own."""

    @property
    def id(self) -> int: ...
    @property
    def local_address(self) -> tuple[str, int]: ...
    @property
    def ssrc(self) -> int: ...
    def configure(self, parameters: RtpParameters) -> None: ...
    def connect(self, other: Any) -> None: ...
    def disconnect(self) -> None: ...
    def play(self, source: Any, *, loops: int = 1, offset_ms: int = 0) -> int: ...
    def record(
        self,
        path: str,
        *,
        hear: str = "read",
        stereo: bool = False,
        append: bool = False,
        rate: int = 0,
        limit_ms: int = 0,
        silence_threshold: int = 0,
        silence_ms: int = 0,
        initial_silence_ms: int | None = None,
        swap: bool = False,
        tags: Sequence[tuple[str, str]] | None = None,
    ) -> int: ...
    def tap(
        self,
        *,
        hear: str = "read",
        stereo: bool = False,
        swap: bool = False,
        rate: int = 0,
        limit_ms: int = 0,
        silence_threshold: int = 0,
        silence_ms: int = 0,
        initial_silence_ms: int | None = None,
        period_ms: int = 100,
        complete: bool = False,
    ) -> NativeTap: ...
    def control(self, number: int, action: str) -> None: ...
    def feed(
        self,
        target: Any,
        *,
        hear: str = "both",
        into: str = "hear",
        replace: bool = False,
        gain_db: float = 0.0,
    ) -> int: ...
    def inject(
        self,
        source: Any,
        *,
        into: str = "hear",
        replace: bool = False,
        loops: int = 1,
        offset_ms: int = 0,
        gain_db: float = 0.0,
    ) -> int: ...
    def stop(self, number: int) -> None: ...
    def send_digits(
        self, digits: str, *, duration_ms: int = 100, gap_ms: int = 50, method: str = "rfc4733"
    ) -> None: ...
    def detect(self, *, dtmf: bool) -> None: ...
    def set_gain(self, *, hear_db: float = 0.0, speak_db: float = 0.0) -> None: ...
    def stats(self) -> dict[str, Any]: ...
    def close(self) -> None: ...


class NativeEngine(Protocol):
    """Owner of all media."""

    @property
    def event_fd(self) -> int: ...
    def take_events(self) -> list[tuple[Any, ...]]: ...
    def open_stream(self, local_ip: str, *, dscp: int = 0) -> NativeStream: ...
    def open_buffer(self, samples: bytes, rate: int) -> NativeSource: ...
    def open_wav(self, path: str) -> NativeSource: ...
    def open_tone(self, script: str) -> NativeSource: ...
    def open_silence(self, milliseconds: int, noise: int = 0) -> NativeSource: ...
    def stats(self) -> dict[str, int]: ...
    def close(self) -> None: ...
