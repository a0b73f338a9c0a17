"""CN, comfort noise (RFC 3389)."""

from __future__ import annotations

from typing import ClassVar

from softswitch.media.codecs.codec import Codec
from softswitch.registry import codec


@codec("CN", module="CORE_PCM_MODULE")
class ComfortNoise(Codec):
    """Comfort noise: says how loud the silence is while nobody speaks."""

    name = "CN"
    static_payload_types: ClassVar[dict[tuple[int, int], int]] = {(8000, 1): 13}
    clock_rates = (8000, 16000, 32000, 48000)
    audio = False
