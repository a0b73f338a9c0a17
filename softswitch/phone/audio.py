"""The phone's side of a call's audio: offer and answer, playing, recording, hearing tones."""

from __future__ import annotations

import asyncio
import math
from array import array
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing, asynccontextmanager

from softswitch.endpoints.rtp_codecs import engine_codecs, local_codecs
from softswitch.endpoints.rtp_security import KeyRing
from softswitch.media.engine import MediaEngine, Stream
from softswitch.media.events import MediaEvent
from softswitch.media.parameters import RtpParameters
from softswitch.phone.microphone import Microphone
from softswitch.sdp.audio import LocalAudio, NegotiatedAudio, Negotiation
from softswitch.sdp.crypto import SUITES, Secure
from softswitch.sdp.description import SessionDescription
from softswitch.sdp.media import Direction
from softswitch.sdp.negotiation import accept_answer, answer, offer

HEARING_MS = 200
"""How much sound is looked at, at once, for a tone."""
HEARING_RATE = 8000
_MOMENT = HEARING_MS * HEARING_RATE // 1000


class NoAudio(Exception):
    """Both sides speak no common codec, or there is no port; the message says which."""


class PhoneAudio:
    """One call's RTP stream."""

    def __init__(
        self,
        engine: MediaEngine,
        address: str,
        codecs: str,
        session_id: int,
        on_event: Callable[[MediaEvent], None],
        secure: Secure = Secure.FORBIDDEN,
    ) -> None:
        """Open a stream on ``address``; ``codecs`` are names such as ``PCMU,PCMA``.

        ``secure`` is about what we offer: SRTP that is offered to us is taken.

        Raises `NoAudio`.
        """
        try:
            self.stream: Stream = engine.open_stream(address)
        except OSError as error:
            raise NoAudio(f"no port for audio on {address}: {error}") from None
        self.stream.on_event = on_event
        self.agreed: NegotiatedAudio | None = None
        self._engine = engine
        self._local = LocalAudio(
            address=address,
            port=self.stream.local_address[1],
            codecs=local_codecs(codecs),
            session_id=session_id,
            secure=secure,
            crypto=KeyRing().lines(tuple(SUITES)),
        )
        self._held = False
        self._ours: SessionDescription | None = None

    def __repr__(self) -> str:
        return f"<PhoneAudio {self.stream} {self.agreed or 'not agreed'}>"

    # Offer and answer

    def offer(self, *, hold: bool | None = None) -> str:
        """What we offer; ``hold`` asks the far end to stop sending, or to go on."""
        if hold is not None:
            self._held = hold
        self._ours = offer(self._described(), self._ours)
        return str(self._ours)

    def accept(self, text: str) -> None:
        """What the far end answered. Raises `NoAudio`."""
        assert self._ours is not None, "nothing was offered"
        described = SessionDescription.parse(text)
        self._settle(accept_answer(self._ours, described, self._described()))

    def answer(self, text: str) -> str:
        """Our answer to what the far end offers. Raises `NoAudio`."""
        described = SessionDescription.parse(text)
        local = self._described()
        if local.secure is Secure.FORBIDDEN:
            local = local._replace(secure=Secure.OPTIONAL)
        settled = answer(described, local, previous=self._ours)
        self._settle(settled)
        return settled.text

    def _described(self) -> LocalAudio:
        direction = Direction.SENDONLY if self._held else Direction.SENDRECV
        return self._local._replace(direction=direction)

    def _settle(self, settled: Negotiation) -> None:
        audio = settled.audio
        if audio.rejected is not None:
            raise NoAudio(f"{audio.rejected}. {settled.report}")
        self._ours = settled.description
        self.agreed = audio
        protection = audio.protection
        if protection is not None:
            self.stream.protect(protection)
        self.stream.configure(
            RtpParameters(
                remote_address=audio.remote_address,
                remote_rtcp_address=audio.remote_rtcp_address,
                codecs=engine_codecs(audio.codecs),
                telephone_event=audio.telephone_event,
                telephone_event_receive=audio.telephone_event_receive,
                send=audio.send,
                receive=audio.receive,
                rtcp_mux=audio.rtcp_mux,
            )
        )

    # Sound

    async def play(self, specification: str, *, loops: int = 1) -> int:
        """Speak a file, or a ``tone_stream://…``; returns its number. Raises `SourceError`."""
        source = await self._engine.open_source(specification)
        return self.stream.play(source, loops=loops)

    def echo(self) -> None:
        """Say back what is heard."""
        self.stream.connect(self.stream)

    @asynccontextmanager
    async def live(self) -> AsyncIterator[Microphone]:
        """Say what the microphone hears, and let the loudspeaker say what we hear.

        What is played goes before. Raises `NoSoundCard` and OSError.
        """
        microphone = await Microphone.open(self._engine, self.stream)
        try:
            yield microphone
        finally:
            await microphone.close()

    async def hears(self, frequency: float, *, share: float = 0.5) -> bool:
        """True once that tone has at least this share of the power of a moment; False where the
        sound ends before.

        From the call on nothing is missed, however late the loop is.
        """
        heard = array("h")
        async with aclosing(self._sound()) as sound:
            async for samples in sound:
                heard.extend(samples)
                while len(heard) >= _MOMENT:
                    if is_tone(heard[:_MOMENT], HEARING_RATE, frequency, share):
                        return True
                    # Moments overlap, so that most of a short tone lies within one of them.
                    del heard[: _MOMENT // 2]
        return False

    async def _sound(self) -> AsyncGenerator[array[int]]:
        """All that is heard from now on, until the stream is closed."""
        tap = self.stream.tap(rate=HEARING_RATE)
        loop, readable = asyncio.get_running_loop(), asyncio.Event()
        loop.add_reader(tap.fileno(), readable.set)
        try:
            more = True
            while more:
                await readable.wait()
                readable.clear()
                samples, more = tap.read()
                yield array("h", samples)
        finally:
            loop.remove_reader(tap.fileno())
            if not self.stream.closed:
                self.stream.stop(tap.number)

    def close(self) -> None:
        """Free the ports."""
        self.stream.close()


def is_tone(samples: array[int], rate: int, frequency: float, share: float = 0.5) -> bool:
    """True if at least this share of the power of ``samples`` is at ``frequency`` (Goertzel)."""
    power = sum(sample * sample for sample in samples) / max(len(samples), 1)
    # Quieter than an amplitude of 100 is no tone anybody meant to send.
    if power < 100**2 / 2:
        return False
    coefficient = 2 * math.cos(2 * math.pi * frequency / rate)
    last = before = 0.0
    for sample in samples:
        last, before = sample + coefficient * last - before, last
    energy = last * last + before * before - coefficient * last * before
    return 2 * energy / len(samples) ** 2 > power * share
