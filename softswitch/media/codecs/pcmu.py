"""PCMU, G.711 mu-law (RFC 3551 §4.5.14)."""

from __future__ import annotations

from typing import ClassVar

from softswitch.media.codecs.codec import Codec
from softswitch.registry import codec


@codec("PCMU", module="CORE_PCM_MODULE")
class PCMU(Codec):
    """G.711 mu-law: 64 kbit/s, every telephone has it."""

    name = "PCMU"
    title = "G.711 ulaw"
    static_payload_types: ClassVar[dict[tuple[int, int], int]] = {(8000, 1): 0}
    clock_rates = (8000, 16000)
    transcodable = True

    @classmethod
    def bits(cls, clock_rate: int, channels: int) -> int:
        """Eight for each sample."""
        return 8 * clock_rate * channels
