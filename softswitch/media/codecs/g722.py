"""G722, wide-band audio in 64 kbit/s (RFC 3551 §4.5.2)."""

from __future__ import annotations

from typing import ClassVar

from softswitch.media.codecs.codec import Codec
from softswitch.registry import codec


@codec("G722", module="mod_spandsp")
class G722(Codec):
    """G.722: sound up to 7 kHz in 64 kbit/s, the wide-band codec of desk phones."""

    name = "G722"
    title = "G.722"
    static_payload_types: ClassVar[dict[tuple[int, int], int]] = {(8000, 1): 9}
    clock_rates = (8000, 16000)
    bit_rate = 64000
    transcodable = True

    @classmethod
    def sample_rate(cls, clock_rate: int) -> int:
        """16000 Hz: the RTP clock is half of it by an error that cannot be mended."""
        return 16000

    @classmethod
    def rtp_variant(cls, rate: int, channels: int) -> tuple[int, int, str]:
        """Operators may call it by the rate of its sound."""
        return 8000, channels, cls.fmtp
