"""The contract of the compiled media engine: what ``softswitch.media._engine`` exports.

Calls never block and never call back into Python: they check their arguments, post to a
worker thread and return. What happens later is told through :meth:`Engine.take_events`.
Audio is 16-bit signed PCM in native byte order. Using a closed handle raises `StreamClosed`.
"""

from collections.abc import Sequence
from typing import Any, Protocol, final

class StreamClosed(Exception):
    """The handle was closed before this call."""

class CodecParameters(Protocol):
    """One payload type of a stream as negotiated."""

    @property
    def payload_type(self) -> int: ...
    @property
    def name(self) -> str:
        """Upper-case encoding name: ``PCMU PCMA L16`` or any other (relayed only)."""
    @property
    def clock_rate(self) -> int:
        """RTP clock in Hz."""
    @property
    def channels(self) -> int: ...
    @property
    def ptime(self) -> int:
        """Milliseconds of audio in a packet we send."""
    @property
    def fmtp(self) -> str: ...

class RtpParameters(Protocol):
    """What an offer/answer exchange settled for a stream."""

    @property
    def remote_address(self) -> tuple[str, int] | None:
        """Where to send RTP; None while unknown (we then wait for latching)."""
    @property
    def remote_rtcp_address(self) -> tuple[str, int] | None:
        """Where to send RTCP; None means the RTP port + 1 (or the RTP port with rtcp_mux)."""
    @property
    def codecs(self) -> Sequence[CodecParameters]:
        """Audio codecs agreed: the first is the one we send, packets of any are accepted."""
    @property
    def telephone_event(self) -> int | None:
        """Payload type of RFC 4733 events we send, None if not agreed."""
    @property
    def telephone_event_receive(self) -> int | None:
        """Payload type on which we receive events."""
    @property
    def send(self) -> bool:
        """False while on hold: nothing is sent."""
    @property
    def receive(self) -> bool:
        """False while on hold: what arrives is counted and dropped."""
    @property
    def symmetric(self) -> bool:
        """Latch on to the address packets really come from (within a safe window)."""
    @property
    def timeout_ms(self) -> int:
        """So long without a packet (while receiving) makes a ``media_timeout``; 0 = never."""
    @property
    def rtcp_interval_ms(self) -> int:
        """Time between sender/receiver reports; 0 = none."""
    @property
    def rtcp_mux(self) -> bool: ...

@final
class Engine:
    """Owns the worker threads, the sockets and the clock of all media."""

    def __init__(
        self, *, rtp_start_port: int = 16384, rtp_end_port: int = 32768, workers: int = 1
    ) -> None:
        """Start the workers. RTP ports are even numbers of the range, RTCP the next odd one."""
    @property
    def event_fd(self) -> int:
        """Readable whenever events wait (an eventfd; drained by take_events)."""
    def take_events(self) -> list[tuple[Any, ...]]:
        """All waiting events in order, see `softswitch.media.events` for their shapes.

        ``("digit", stream, digit, duration_ms, source)``  source ``rtp`` or ``inband``
        ``("playback_finished", stream, playback, samples, reason)``
            ``done`` ``stopped`` ``failed``
        ``("recording_finished", stream, recording, samples, reason)``
            ``stopped`` ``limit`` ``silence`` ``closed`` ``failed: <text>``
        ``("media_started", stream, ip, port)``  first packet of a remote source
        ``("media_timeout", stream, silent_ms)``
        ``("remote_learned", stream, ip, port)``  latched to another address than negotiated
        ``("digits_sent", stream)``  the queue of send_digits ran empty
        ``("stream_failed", stream, text)``
        """
    def open_stream(self, local_ip: str, *, dscp: int = 0) -> Stream:
        """Bind an RTP/RTCP port pair on ``local_ip``. Raises OSError if none is free."""
    def open_buffer(self, samples: bytes, rate: int) -> Source:
        """Mono PCM held in memory and shared by any number of listeners."""
    def open_wav(self, path: str) -> Source:
        """A WAV file (PCM 8/16/24/32, float, mu-law, A-law; any rate and channel count, mixed
        down to mono) read ahead by a file thread. Raises OSError or ValueError with a reason."""
    def open_tone(self, script: str) -> Source:
        """Tones in FreeSWITCH's TGML. Raises ValueError naming what is wrong and where."""
    def open_silence(self, milliseconds: int, noise: int = 0) -> Source:
        """Silence, or comfort noise of that divisor; negative length is endless."""
    def stats(self) -> dict[str, int]:
        """Counters: streams, sources, recordings, packets_in, late_ticks, events_lost …"""
    def close(self) -> None:
        """Stop all workers and close all sockets. Idempotent."""

@final
class Source:
    """Something that can be played, by one or many."""

    @property
    def milliseconds(self) -> int | None:
        """Its length, None if endless or unknown."""
    def close(self) -> None: ...

@final
class Stream:
    """One leg's RTP session."""

    @property
    def id(self) -> int: ...
    @property
    def local_address(self) -> tuple[str, int]: ...
    @property
    def ssrc(self) -> int: ...
    def configure(self, parameters: RtpParameters) -> None:
        """Apply what was negotiated; idempotent, may be called at every offer/answer."""
    def connect(self, other: Stream) -> None:
        """Let both hear each other, until `disconnect`, a new `connect`, or a close of either.

        With itself it is an echo. Same codec and packet time on both sides: payloads pass
        unchanged, at once. Else each packet is decoded and encoded, without added frames.
        Telephone events of one side are passed to the other."""
    def disconnect(self) -> None:
        """End `connect`; the other side hears nothing either."""
    def play(self, source: Source, *, loops: int = 1, offset_ms: int = 0) -> int:
        """Play instead of what is connected; loops < 0 is endless. A second play replaces the first
        (which finishes as ``stopped``). Returns the playback's number."""
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
    ) -> int:
        """Write a WAV file whose header is right at every moment. ``hear`` is ``read`` (what the
        far end says), ``write`` (what it hears) or ``both``; rate 0 is the codec's. Returns its
        number; several may run at once. A file that cannot be opened raises OSError."""
    def stop(self, number: int) -> None:
        """End one playback or recording; unknown numbers are ignored."""
    def send_digits(
        self, digits: str, *, duration_ms: int = 100, gap_ms: int = 50, method: str = "rfc4733"
    ) -> None:
        """Queue digits (``0-9*#A-D``; ``w`` and ``W`` pause 0.5 and 1 s).

        ``method`` is ``rfc4733`` or ``inband``."""
    def detect(self, *, dtmf: bool) -> None:
        """Switch in-band DTMF detection on or off (off at first)."""
    def set_gain(self, *, hear_db: float = 0.0, speak_db: float = 0.0) -> None: ...
    def stats(self) -> dict[str, Any]:
        """Counters of this stream: packets/bytes in and out, lost, duplicate, out_of_order,
        jitter_ms, dtmf_packets, cng_packets, foreign (dropped for their source), malformed,
        rtt_ms, remote (ip, port)…"""
    def close(self) -> None:
        """Free its ports at once. Idempotent."""

def codecs() -> list[str]:
    """Names of the codecs the engine decodes and encodes."""
