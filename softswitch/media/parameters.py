"""What an offer/answer exchange settled for a stream, as the engine reads it (RFC 3264)."""

from __future__ import annotations

from dataclasses import dataclass


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
