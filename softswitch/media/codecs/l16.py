"""L16, linear samples in network byte order (RFC 3551 §4.5.11)."""

from __future__ import annotations

from typing import ClassVar

from softswitch.media.codecs.codec import Codec
from softswitch.registry import codec


@codec("L16", module="CORE_PCM_MODULE")
class L16(Codec):
    """Linear 16-bit samples: no loss, 16 bits for each sample."""

    name = "L16"
    title = "RAW Signed Linear (16 bit)"
    static_payload_types: ClassVar[dict[tuple[int, int], int]] = {(44100, 2): 10, (44100, 1): 11}
    clock_rates = (8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000)
    transcodable = True

    @classmethod
    def bits(cls, clock_rate: int, channels: int) -> int:
        """Sixteen for each sample."""
        return 16 * clock_rate * channels
