"""PCMA, G.711 A-law (RFC 3551 §4.5.14)."""

from __future__ import annotations

from typing import ClassVar

from softswitch.media.codecs.codec import Codec
from softswitch.registry import codec


@codec("PCMA", module="CORE_PCM_MODULE")
class PCMA(Codec):
    """G.711 A-law: 64 kbit/s, the European telephone network's."""

    name = "PCMA"
    title = "G.711 alaw"
    static_payload_types: ClassVar[dict[tuple[int, int], int]] = {(8000, 1): 8}
    clock_rates = (8000, 16000)
    transcodable = True

    @classmethod
    def bits(cls, clock_rate: int, channels: int) -> int:
        """Eight for each sample."""
        return 8 * clock_rate * channels
