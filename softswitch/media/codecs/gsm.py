"""GSM, GSM 06.10 full rate (RFC 3551 §4.5.8)."""

from __future__ import annotations

from typing import ClassVar

from softswitch.media.codecs.codec import Codec
from softswitch.registry import codec


@codec("GSM", module="mod_spandsp")
class Gsm(Codec):
    """GSM 06.10 full rate: 13 kbit/s."""

    name = "GSM"
    title = "GSM"
    static_payload_types: ClassVar[dict[tuple[int, int], int]] = {(8000, 1): 3}
    ptimes = (20, 40, 60, 80, 100, 120)
    bit_rate = 13200
    transcodable = True
