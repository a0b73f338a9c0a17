"""What the engine reads: what an offer/answer exchange settled for a stream (RFC 3264), and how a
room and its members are set up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class CodecParameters:
    """One payload type of a stream as negotiated."""

    payload_type: int
    name: str
    """Upper-case encoding name; names the engine does not know are relayed only."""
    clock_rate: int = 8000
    """RTP clock in Hz."""
    channels: int = 1
    ptime: int = 20
    """Milliseconds of audio in a packet we send."""
    fmtp: str = ""


@dataclass(frozen=True, slots=True)
class RtpParameters:
    """Everything a stream needs to know to send and receive."""

    remote_address: tuple[str, int] | None
    """Where to send RTP; None while unknown."""
    codecs: tuple[CodecParameters, ...]
    """Audio codecs agreed; the first is the one we send, packets of any are accepted."""
    remote_rtcp_address: tuple[str, int] | None = None
    """Where to send RTCP; None is the RTP port + 1, or the RTP port with ``rtcp_mux``."""
    telephone_event: int | None = None
    """Payload type of the RFC 4733 events we send; None if not agreed."""
    telephone_event_receive: int | None = None
    """Payload type on which we receive events."""
    send: bool = True
    """False on hold: nothing is sent."""
    receive: bool = True
    """False on hold: what arrives is counted and dropped."""
    symmetric: bool = True
    """Latch on to the address packets really come from."""
    timeout_ms: int = 0
    """Silence on the wire that makes a `MediaTimeout`; 0 = never."""
    rtcp_interval_ms: int = 5000
    """Time between RTCP reports; 0 = none."""
    rtcp_mux: bool = False
    transparent: bool = False
    """Datagrams go on to the connected stream as they are, but for payload types of codecs."""
    bare: bool = False
    """Datagrams hold sound in the first codec and no header; L16 is in the machine's byte order."""


@dataclass(frozen=True, slots=True)
class MixerParameters:
    """How a room mixes."""

    rate: int = 8000
    """8,000 to 48,000 Hz."""
    interval_ms: int = 20
    """10 to 120; members whose packets are as long share encoders."""
    stereo: bool = False
    """Members have places; who has a codec of two channels hears them."""
    comfort_noise: int = 0
    """Divisor of the noise that is heard while nobody speaks (1400 is barely heard); 0 = none."""
    ungated: bool = False
    """Voices are mixed whether they are loud enough or not."""
    open: bool = True
    """False: no voice is mixed; what is played is heard all the same."""


@dataclass(frozen=True, slots=True)
class MemberParameters:
    """How a member of a room takes part. Loudness is a mean absolute value of 16-bit samples."""

    in_db: float = 0.0
    """Gain of what it says."""
    out_db: float = 0.0
    """Gain of what it hears."""
    mute: bool = False
    deaf: bool = False
    energy_level: int = 0
    """Loudness above which it is taken for a voice; 0 lets everything pass."""
    mute_detect: bool = False
    """Tell when it speaks though it is muted."""
    auto_gain: tuple[int, int, int, int, int] | None = None
    """Loudness aimed at, what is too quiet to count, deviation left alone, step in half decibels,
    frames judged together."""
    ceiling: tuple[int, int, int] | None = None
    """Loudness above which it is silenced, frames borne, and for how many milliseconds."""
    pan: float = 0.0
    """Its place in a stereo room: -1 left, 1 right."""


class SrtpKeys(Protocol):
    """The keys of a stream: a master key with its salt for each direction (RFC 3711)."""

    @property
    def suite(self) -> str: ...
    @property
    def send(self) -> bytes: ...
    @property
    def receive(self) -> bytes: ...
    @property
    def send_mki(self) -> bytes: ...
    @property
    def receive_mki(self) -> bytes: ...
    @property
    def lifetime(self) -> int: ...
