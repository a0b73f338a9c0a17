"""What SDP must know of a codec (RFC 3551 §6, RFC 4566 §6)."""

from __future__ import annotations

from typing import ClassVar


class Codec:
    """One codec as SDP names it. A subclass registered with ``@codec`` describes one.

    The engine need not know it: a codec without arithmetic there is passed through.
    """

    name: ClassVar[str]
    """Encoding name as ``a=rtpmap`` spells it."""
    title: ClassVar[str] = ""
    """What ``show codec`` calls it."""
    clock_rate: ClassVar[int] = 8000
    """RTP clock in Hz where nothing else is asked for."""
    clock_rates: ClassVar[tuple[int, ...]] = (8000,)
    """All clocks it may run at."""
    channels: ClassVar[int] = 1
    ptime: ClassVar[int] = 20
    """Milliseconds of a packet where nothing else is asked for."""
    ptimes: ClassVar[tuple[int, ...]] = ()
    """The packet times it can have; empty = any."""
    bit_rate: ClassVar[int] = 0
    """Bits a second; 0 where that varies."""
    static_payload_types: ClassVar[dict[tuple[int, int], int]] = {}
    """Payload types fixed by RFC 3551, by clock and channels; others are dynamic."""
    transcodable: ClassVar[bool] = False
    """Whether the engine decodes and encodes it; otherwise it can only be passed through."""
    audio: ClassVar[bool] = True
    """False for what rides along with an audio codec: events and comfort noise."""
    fmtp: ClassVar[str] = ""
    """Format parameters we offer."""

    @classmethod
    def sample_rate(cls, clock_rate: int) -> int:
        """Rate of the sound in Hz at that RTP clock."""
        return clock_rate

    @classmethod
    def bits(cls, clock_rate: int, channels: int) -> int:
        """Bits a second of that variant; 0 where that varies."""
        return cls.bit_rate

    @classmethod
    def rtp_variant(cls, rate: int, channels: int) -> tuple[int, int, str]:
        """RTP clock, channels and fmtp of what an operator calls by that rate and channels."""
        return rate, channels, cls.fmtp

    @classmethod
    def payload_type(cls, clock_rate: int, channels: int = 1) -> int | None:
        """The static payload type of that variant; None if it has a dynamic one."""
        return cls.static_payload_types.get((clock_rate, channels))

    @classmethod
    def answer_fmtp(cls, offered: str) -> str | None:
        """Format parameters to answer those of an offer; None refuses the payload type."""
        return cls.fmtp
