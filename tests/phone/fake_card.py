"""A sound card that is none: what `sounddevice` is to the phone, and somebody who whistles."""

from __future__ import annotations

import threading
from array import array
from collections.abc import Callable
from types import ModuleType
from typing import Any

from softswitch.phone.audio import is_tone
from tests.support.audio import tone

SPOKEN = 500
"""Hertz of what the fake microphone hears."""


class FakeCard:
    """A stream of a sound card: a thread takes 20 ms and gives 20 ms, fifty times a second."""

    def __init__(self, sounddevice: FakeSoundDevice, options: dict[str, Any]) -> None:
        if options["samplerate"] not in sounddevice.rates:
            raise sounddevice.PortAudioError("Invalid sample rate")
        assert (options["channels"], options["dtype"]) == (1, "int16")
        self.rate: int = options["samplerate"]
        self.frames: int = options["blocksize"]
        assert self.frames * 50 == self.rate
        self.heard = bytearray()
        self.on_heard: Callable[[], None] = lambda: None
        self._callback = options["callback"]
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self._sounddevice = sounddevice
        sounddevice.cards.append(self)

    @property
    def open(self) -> bool:
        return not self._closed.is_set()

    def start(self) -> None:
        if self._sounddevice.broken:
            raise self._sounddevice.PortAudioError("Device unavailable")
        self._thread.start()

    def close(self) -> None:
        self._closed.set()
        if self._thread.ident is not None:
            self._thread.join()

    def exchange(self, spoken: bytes) -> bytes:
        """One call of the callback, as PortAudio makes it."""
        heard = bytearray(b"?" * len(spoken))
        self._callback(memoryview(spoken), memoryview(heard), len(spoken) // 2, None, None)
        return bytes(heard)

    def _run(self) -> None:
        # 100 ms hold whole periods: said again and again it stays a tone.
        voice = tone(SPOKEN, 100, rate=self.rate).tobytes()
        position = 0
        while not self._closed.wait(0.02):
            self.heard += self.exchange(voice[position : position + 2 * self.frames])
            position = (position + 2 * self.frames) % len(voice)
            self.on_heard()

    def hears(self, frequency: float) -> bool:
        """Whether the last 100 ms were mainly that tone."""
        last = array("h", bytes(self.heard[-self.rate // 5 :]))
        return is_tone(last, self.rate, frequency)


class FakeSoundDevice(ModuleType):
    """As much of ``sounddevice`` as the phone uses."""

    class PortAudioError(Exception):
        pass

    def __init__(self) -> None:
        super().__init__("sounddevice")
        self.cards: list[FakeCard] = []
        self.rates = {16000, 48000}
        self.missing = ""
        self.broken = False

    def RawStream(self, **options: Any) -> FakeCard:
        return FakeCard(self, options)

    def query_devices(self, *, kind: str) -> dict[str, Any]:
        if kind == self.missing:
            raise self.PortAudioError("Error querying device -1")
        return {"name": "fake"}
