"""A media engine without sockets and threads: media passes in the loop's own time.

It keeps the contract of ``softswitch/media/_engine.pyi`` (tests/media/test_contract.py runs on
both). What happens at the far end is told by the test: ``stream.native.press("5")``.
"""

from __future__ import annotations

import asyncio
import itertools
import os
import re
import wave
from contextlib import suppress
from typing import Any

from softswitch.media.engine import Stream
from softswitch.media.parameters import MixerParameters
from tests.support.mixer import FakeMixer
from tests.support.sounds import FakeLive, FakeSource
from tests.support.stream import FakeStream

_TONE = re.compile(
    r"%\(\s*(\d+)\s*,\s*(\d+)\s*(?:,\s*[\d.]+\s*)+\)|([0-9*#A-D])(?:\((\d+),(\d+)\))?"
)
_LOOPS = re.compile(r"loops=(-?\d+)")
_SETTING = re.compile(r"(?:^|;)\s*[vdwrclL><+]=[^;]*")


def far_end(stream: Stream) -> FakeStream:
    """The fake behind a stream, where a test plays the far end."""
    assert isinstance(stream.native, FakeStream)
    return stream.native


class FakeEngine:
    """Takes the place of ``_engine.Engine``."""

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        *,
        rtp_start_port: int = 16384,
        rtp_end_port: int = 32768,
    ) -> None:
        self.loop = loop
        self.event_fd = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
        self.streams: dict[int, FakeStream] = {}
        self.mixers: dict[int, FakeMixer] = {}
        self.numbers = itertools.count(1)
        self.range = range(rtp_start_port, rtp_end_port, 2)
        self.ports = list(self.range)
        self.closed = False
        self._events: list[tuple[Any, ...]] = []

    def tell(self, event: tuple[Any, ...]) -> None:
        """Queue an event."""
        if not self.closed:
            self._events.append(event)
            os.eventfd_write(self.event_fd, 1)

    def take_events(self) -> list[tuple[Any, ...]]:
        with suppress(BlockingIOError):
            os.eventfd_read(self.event_fd)
        events, self._events = self._events, []
        return events

    def open_stream(self, local_ip: str, *, dscp: int = 0, port: int | None = None) -> FakeStream:
        taken = {stream.local_address for stream in self.streams.values() if not stream.closed}
        if not self.ports or (port and (local_ip, port) in taken):
            raise OSError("no RTP port is free")
        number = next(self.numbers)
        address = (local_ip, port or self.ports.pop(0))
        stream = FakeStream(self, number, address, 0x5EED0000 + number)
        self.streams[number] = stream
        return stream

    def open_mixer(self, settings: MixerParameters) -> FakeMixer:
        if not (8000 <= settings.rate <= 48000 and 10 <= settings.interval_ms <= 120):
            raise ValueError("a room cannot be mixed so")
        number = next(self.numbers)
        self.mixers[number] = FakeMixer(self, number, settings)
        return self.mixers[number]

    def open_buffer(self, samples: bytes, rate: int) -> FakeSource:
        if rate <= 0 or len(samples) % 2:
            raise ValueError("a buffer holds 16-bit samples of a positive rate")
        what = f"buffer of {len(samples) // 2} samples"
        return FakeSource(what, len(samples) * 500 // rate, rate)

    def open_wav(self, path: str) -> FakeSource:
        try:
            with wave.open(path, "rb") as file:
                rate = file.getframerate()
                length = file.getnframes() * 1000 // rate
        except (wave.Error, EOFError) as error:
            raise ValueError(str(error) or "it is cut off") from None
        return FakeSource(path, length, rate)

    def open_tone(self, script: str) -> FakeSource:
        tones = _LOOPS.sub("", _SETTING.sub("", script))
        length = 0
        for on, off, key, key_on, key_off in _TONE.findall(tones):
            length += int(on or key_on or 250) + int(off or key_off or (62 if key else 0))
        if length == 0 or re.sub(r"[\s;{}]", "", _TONE.sub("", tones)):
            raise ValueError(f"{script!r} is no tone script at character 1")
        found = _LOOPS.search(script)
        loops = int(found[1]) if found else 1
        return FakeSource(f"tone {script}", None if loops < 0 else length * max(loops, 1))

    def open_silence(self, milliseconds: int, noise: int = 0) -> FakeSource:
        return FakeSource(
            f"silence {milliseconds},{noise}", milliseconds if milliseconds >= 0 else None
        )

    def open_live(self, rate: int) -> FakeLive:
        if not 8000 <= rate <= 192_000:
            raise ValueError(f"{rate} Hz cannot be played")
        return FakeLive(rate)

    def stats(self) -> dict[str, int]:
        recorded = (*self.streams.values(), *self.mixers.values())
        return {
            "streams": len(self.streams),
            "mixers": len(self.mixers),
            "recordings": sum(len(one.recordings) for one in recorded),
        }

    def close(self) -> None:
        if self.closed:
            return
        for mixer in list(self.mixers.values()):
            mixer.close()
        for stream in list(self.streams.values()):
            stream.close()
        self.closed = True
        os.close(self.event_fd)
