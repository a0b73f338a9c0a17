"""opus (RFC 7587)."""

from __future__ import annotations

from softswitch.media.codecs.codec import Codec
from softswitch.registry import codec


@codec("opus", module="mod_opus")
class Opus(Codec):
    """Opus: narrow-band to full-band at 6 to 510 kbit/s, what browsers speak."""

    name = "opus"
    title = "OPUS (STANDARD)"
    clock_rate = 48000
    clock_rates = (8000, 12000, 16000, 24000, 48000)
    channels = 2
    ptimes = (10, 20, 40, 60, 80, 100, 120)
    transcodable = True
    fmtp = "useinbandfec=1"

    @classmethod
    def rtp_variant(cls, rate: int, channels: int) -> tuple[int, int, str]:
        """RTP always has 48000/2 (§4.1, §7); another rate is the most we want to hear."""
        fmtp = cls.fmtp
        if rate < 48000:
            fmtp += f";maxplaybackrate={rate};sprop-maxcapturerate={rate}"
        return 48000, 2, fmtp
