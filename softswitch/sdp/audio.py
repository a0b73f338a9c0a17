"""What goes into an audio negotiation and what comes out of it (RFC 3264, RFC 4733)."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import NamedTuple

from softswitch.sdp.crypto import Crypto, Protection, Secure
from softswitch.sdp.description import SessionDescription
from softswitch.sdp.media import Direction
from softswitch.sdp.video import NegotiatedVideo


class Preference(Enum):
    """Whose order of codecs decides (FreeSWITCH's ``inbound-codec-negotiation``)."""

    GENEROUS = "generous"
    """The far end's order, and its packet time."""
    GREEDY = "greedy"
    """Our order, and the far end's packet time."""
    SCROOGE = "scrooge"
    """Our order, and our packet time whatever the far end asks for."""


def is_same_codec(known: tuple[str, int, int], name: str, clock_rate: int, channels: int) -> bool:
    """True for the same name (without case), clock and channels.

    RFC 7587 §7 gives Opus two channels whatever it carries; some write one.
    """
    if (known[0].lower(), known[1]) != (name.lower(), clock_rate):
        return False
    return known[2] == channels or name.lower() == "opus"


class LocalCodec(NamedTuple):
    """A codec we allow; ``payload_type`` None takes a dynamic number, ``ptime`` is milliseconds.

    ``ptimes`` are the packet times it can have, empty for any.
    """

    name: str
    clock_rate: int = 8000
    channels: int = 1
    payload_type: int | None = None
    fmtp: str = ""
    ptime: int = 20
    ptimes: tuple[int, ...] = ()

    def matches(self, name: str, clock_rate: int, channels: int) -> bool:
        """True for the same codec."""
        return is_same_codec(
            (self.name, self.clock_rate, self.channels), name, clock_rate, channels
        )

    def __str__(self) -> str:
        channels = f"/{self.channels}" if self.channels != 1 else ""
        return f"{self.name}/{self.clock_rate}{channels}"


class LocalAudio(NamedTuple):
    """Our side of an audio stream.

    ``codecs`` are in our order of preference. ``rtcp_port`` None means the port after ``port``.
    ``telephone_event`` is the payload type we offer for digits at 8000 Hz, None for no digits in
    RTP. ``session_id`` identifies the session in ``o=`` and must not change during it.
    """

    address: str
    port: int
    codecs: tuple[LocalCodec, ...]
    session_id: int
    rtcp_port: int | None = None
    rtcp_mux: bool = False
    telephone_event: int | None = 101
    direction: Direction = Direction.SENDRECV
    secure: Secure = Secure.FORBIDDEN
    crypto: tuple[Crypto, ...] = ()
    """Our keys for the suites we allow, in our order."""
    more: tuple[tuple[str, str | None], ...] = ()
    """Attributes the operator adds to our audio line."""
    username: str = "softswitch"
    name: str = "softswitch"


class NegotiatedCodec(NamedTuple):
    """A codec both sides agreed on.

    ``payload_type`` goes into packets we send, ``receive_payload_type`` is in those we get.
    ``fmtp`` is the far end's, ``local_fmtp`` ours. ``ptime`` is the milliseconds of audio in a
    packet we send.
    """

    name: str
    clock_rate: int
    channels: int
    payload_type: int
    receive_payload_type: int
    fmtp: str
    local_fmtp: str
    ptime: int

    def __str__(self) -> str:
        channels = f"/{self.channels}" if self.channels != 1 else ""
        return f"{self.name}/{self.clock_rate}{channels}"


class NegotiatedAudio(NamedTuple):
    """What an exchange settled for the audio stream; without effect when ``rejected`` has a reason.

    The first codec is the one to send; packets of any may arrive. ``remote_rtcp_address`` equals
    ``remote_address`` with ``rtcp_mux``. ``telephone_event`` is the payload type of digits we send,
    ``telephone_event_receive`` of those we get, None when digits do not go by RTP.
    ``held`` is True when the far end put us on hold.
    """

    remote_address: tuple[str, int] | None = None
    remote_rtcp_address: tuple[str, int] | None = None
    codecs: tuple[NegotiatedCodec, ...] = ()
    telephone_event: int | None = None
    telephone_event_receive: int | None = None
    send: bool = False
    receive: bool = False
    held: bool = False
    rtcp_mux: bool = False
    protection: Protection | None = None
    """The keys of SRTP, None for plain RTP."""
    rejected: str | None = None

    @property
    def codec(self) -> NegotiatedCodec | None:
        """The codec to send."""
        return self.codecs[0] if self.codecs else None

    @property
    def ptime(self) -> int | None:
        """Milliseconds of audio in a packet we send."""
        return self.codecs[0].ptime if self.codecs else None

    @property
    def direction(self) -> Direction:
        """Who sends, seen from us."""
        return Direction.of(self.send, self.receive)

    def __repr__(self) -> str:
        if self.rejected is not None:
            return f"<NegotiatedAudio rejected: {self.rejected}>"
        where = f"{self.remote_address[0]}:{self.remote_address[1]}" if self.remote_address else "-"
        names = ", ".join(str(codec) for codec in self.codecs)
        return f"<NegotiatedAudio {names} {self.direction.value} with {where}>"


@dataclass(slots=True)
class NegotiationReport:
    """Why a negotiation ended as it did, for logs and ``INCOMPATIBLE_DESTINATION``.

    ``rejected`` pairs what was refused with the reason.
    """

    offered: list[str] = field(default_factory=list)
    allowed: list[str] = field(default_factory=list)
    chosen: list[str] = field(default_factory=list)
    rejected: list[tuple[str, str]] = field(default_factory=list)

    def reject(self, what: str, reason: str) -> None:
        """Note something refused."""
        self.rejected.append((what, reason))

    def __str__(self) -> str:
        text = (
            f"Offered: {', '.join(self.offered) or 'nothing'}. "
            f"Allowed: {', '.join(self.allowed) or 'nothing'}. "
            f"Chosen: {', '.join(self.chosen) or 'nothing'}."
        )
        if self.rejected:
            reasons = "; ".join(f"{what}: {reason}" for what, reason in self.rejected)
            text += f" Rejected: {reasons}."
        return text


@dataclass(slots=True)
class Negotiation:
    """The outcome of one offer/answer exchange.

    ``description`` is what we say in it: our answer, or the offer that was answered.
    """

    description: SessionDescription
    audio: NegotiatedAudio
    report: NegotiationReport
    video: NegotiatedVideo | None = None
    """What it settled for video, None for no video."""

    @property
    def text(self) -> str:
        """The description as text."""
        return str(self.description)
