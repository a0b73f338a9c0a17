"""PCMA, G.711 A-law (RFC 3551 §4.5.14)."""

from __future__ import annotations

from typing import ClassVar

from softswitch.media.codecs.codec import Codec
from softswitch.registry import codec


@codec("PCMA", module="CORE_PCM_MODULE")
class PCMA(Codec):
    """G.711 A-law: 64 kbit/s, the European telephone network's."""

    name = "PCMA"
    static_payload_types: ClassVar[dict[tuple[int, int], int]] = {(8000, 1): 8}
    clock_rates = (8000, 16000)
    transcodable = True
