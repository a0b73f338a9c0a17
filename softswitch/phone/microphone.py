"""Live sound: what the microphone hears is said, what the far end says is heard.

Sound leaves the engine as RTP alone. So the sound card is a party of its own: a socket on
loopback that speaks L16 (RFC 3551 §4.5.11) with one more stream of the engine, which is
connected with the call's.
"""

from __future__ import annotations

import asyncio
import secrets
import socket
import struct
import sys
from array import array
from collections import deque
from typing import Any

from softswitch.media.engine import MediaEngine, Stream
from softswitch.media.parameters import CodecParameters, RtpParameters

RATES = (16000, 48000)
"""Samples a second, as the card can: no call of ours has more than the first."""
FRAME_MS = 20
BEGIN_FRAMES = 3
"""Frames to wait for before the loudspeaker begins: 60 ms bear a network's usual unrest."""
MOST_FRAMES = 10
"""Frames that may wait for the loudspeaker; of more the oldest are dropped, as is the delay."""

_LOOPBACK = "127.0.0.1"
_PAYLOAD_TYPE = 96
_HEADER = struct.Struct("!BBHII")
_VERSION = 0x80
_LARGEST_PACKET = _HEADER.size + RATES[-1] * FRAME_MS // 1000 * 2


class NoSoundCard(Exception):
    """There is no live sound on this machine; the message says what is missing."""


class Microphone:
    """The sound card within a call. Make it with `Microphone.open`."""

    def __init__(self, engine: MediaEngine) -> None:
        """Open the stream and the socket. Raises OSError."""
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        try:
            self._socket.setblocking(False)
            self._socket.bind((_LOOPBACK, 0))
            self._stream = engine.open_stream(_LOOPBACK)
        except OSError:
            self._socket.close()
            raise
        # From now on the kernel drops what others send.
        self._socket.connect(self._stream.local_address)
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(self._socket, self._receive)
        self._card: Any = None
        self._rate = 0
        self._heard: deque[bytes] = deque(maxlen=MOST_FRAMES)
        """What waits for the loudspeaker: the loop appends, the card's thread takes."""
        # All below belongs to the card's thread.
        self._rest = bytearray()
        self._sounding = False
        self._sequence = secrets.randbits(16)
        self._timestamp = secrets.randbits(32)
        self._ssrc = secrets.randbits(32)

    def __repr__(self) -> str:
        state = "closed" if self._card is None else f"{self._rate} Hz"
        return f"<Microphone {state}, {len(self._heard)} frames wait>"

    @classmethod
    async def open(cls, engine: MediaEngine, call: Stream) -> Microphone:
        """Join a call with the sound card until `close`. Raises `NoSoundCard` and OSError."""
        microphone = cls(engine)
        try:
            await microphone._join(call)
        except BaseException:
            await microphone.close()
            raise
        return microphone

    async def close(self) -> None:
        """Give the card back. Idempotent."""
        card, self._card = self._card, None
        try:
            if card is not None:
                # It waits for its thread, which may be in `_exchange`.
                await asyncio.to_thread(card.close)
        finally:
            if not self._stream.closed:
                self._loop.remove_reader(self._socket)
                self._socket.close()
                self._stream.close()

    async def _join(self, call: Stream) -> None:
        self._card, self._rate = await asyncio.to_thread(self._open_card)
        self._stream.configure(
            RtpParameters(
                remote_address=self._socket.getsockname(),
                codecs=(CodecParameters(_PAYLOAD_TYPE, "L16", self._rate, ptime=FRAME_MS),),
                rtcp_interval_ms=0,
                # A goodbye is sent nevertheless: the next port is somebody else's.
                rtcp_mux=True,
            )
        )
        self._stream.connect(call)
        await asyncio.to_thread(self._start_card)

    def _open_card(self) -> tuple[Any, int]:
        """The card, not started, at the first rate it takes; opening may last a while."""
        sounddevice = find_card()
        failure = None
        for rate in RATES:
            try:
                card = sounddevice.RawStream(
                    samplerate=rate,
                    blocksize=rate * FRAME_MS // 1000,
                    channels=1,
                    dtype="int16",
                    latency="low",
                    callback=self._exchange,
                )
            except sounddevice.PortAudioError as error:
                failure = failure or error
            else:
                return card, rate
        raise NoSoundCard(f"the microphone and the loudspeaker cannot be opened: {failure}")

    def _start_card(self) -> None:
        import sounddevice

        try:
            self._card.start()
        except sounddevice.PortAudioError as error:
            raise NoSoundCard(f"the sound card does not start: {error}") from None

    def _receive(self) -> None:
        """Keep what the engine sends for the loudspeaker."""
        while True:
            try:
                packet = self._socket.recv(_LARGEST_PACKET)
            except OSError:
                # Nothing more waits, or the engine closed its port.
                return
            # The engine numbers in order, and loopback keeps it; what is left are goodbyes.
            if packet[0] == _VERSION and packet[1] & 0x7F == _PAYLOAD_TYPE:
                self._heard.append(_swapped(packet[_HEADER.size :]))

    def _exchange(
        self, spoken: Any, heard: Any, frames: int, moment: object, status: object
    ) -> None:
        """Take a frame and give one. PortAudio's thread calls it: nothing here may wait."""
        heard[:] = self._next_frame(2 * frames)
        header = _HEADER.pack(_VERSION, _PAYLOAD_TYPE, self._sequence, self._timestamp, self._ssrc)
        self._sequence = (self._sequence + 1) & 0xFFFF
        self._timestamp = (self._timestamp + frames) & 0xFFFFFFFF
        try:
            self._socket.send(header + _swapped(bytes(spoken)))
        except OSError:
            # The engine's socket is full or closed: sound that cannot go now is of no use later.
            pass

    def _next_frame(self, size: int) -> bytes:
        """Sound for the loudspeaker; silence until enough waits."""
        if not self._sounding and len(self._heard) < BEGIN_FRAMES:
            return bytes(size)
        while len(self._rest) < size and self._heard:
            self._rest += self._heard.popleft()
        frame = bytes(self._rest[:size])
        del self._rest[:size]
        self._sounding = len(frame) == size
        return frame.ljust(size, b"\0")


def find_card() -> Any:
    """The module ``sounddevice``, where there are a microphone and a loudspeaker.

    It may take a while. Raises `NoSoundCard` with what is missing.
    """
    try:
        import sounddevice
    except ImportError:
        raise NoSoundCard("live sound needs sounddevice: pip install sounddevice") from None
    except OSError:
        raise NoSoundCard(
            "live sound needs the PortAudio library: apt install libportaudio2"
        ) from None
    for kind, name in (("input", "microphone"), ("output", "loudspeaker")):
        try:
            sounddevice.query_devices(kind=kind)
        except (sounddevice.PortAudioError, ValueError):
            raise NoSoundCard(f"there is no {name} on this machine") from None
    return sounddevice


def _swapped(samples: bytes) -> bytes:
    """16-bit samples from the machine's byte order to the network's, or back."""
    if sys.byteorder == "big":
        return samples
    swapped = array("h", samples)
    swapped.byteswap()
    return swapped.tobytes()
