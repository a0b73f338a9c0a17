"""Codecs that can be negotiated and passed on, but neither heard nor made here."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PassThrough:
    """What is known of a codec without arithmetic."""

    clock_rate: int = 8000
    channels: int = 1
    ptime: int = 20
    payload_type: int | None = None
    """Static payload type (RFC 3551 §6); None = dynamic."""
    bit_rate: int = 0
    """Bits a second; 0 where that varies or is not known."""
    module: str = ""
    """The module that FreeSWITCH has it from."""
    video: bool = False


def _video(module: str, payload_type: int | None = None) -> PassThrough:
    return PassThrough(clock_rate=90000, payload_type=payload_type, module=module, video=True)


KNOWN: dict[str, PassThrough] = {
    "G723": PassThrough(ptime=30, payload_type=4, bit_rate=6300),
    "LPC": PassThrough(payload_type=7),
    "QCELP": PassThrough(payload_type=12),
    "G728": PassThrough(payload_type=15),
    "G729": PassThrough(payload_type=18, bit_rate=8000),
    "iLBC": PassThrough(ptime=30, bit_rate=13330),
    "AMR": PassThrough(bit_rate=12200),
    "AMR-WB": PassThrough(clock_rate=16000),
    "G7221": PassThrough(clock_rate=32000),
    "speex": PassThrough(),
    "SILK": PassThrough(),
    "BV16": PassThrough(),
    "BV32": PassThrough(clock_rate=16000),
    "CODEC2": PassThrough(ptime=40),
    "EVS": PassThrough(clock_rate=16000),
    "H261": _video("mod_av", 31),
    "H263": _video("mod_av", 34),
    "H263-1998": _video("mod_av"),
    "H263-2000": _video("mod_av"),
    "H264": _video("mod_av"),
    "H265": _video("mod_av"),
    "VP8": _video("CORE_VPX_MODULE"),
    "VP9": _video("CORE_VPX_MODULE"),
    "AV1": _video("mod_av"),
}
"""Codecs by the names SDP gives them; DVI4, whose payload type depends on its clock, is apart."""

_DVI4 = {8000: 5, 16000: 6, 11025: 16, 22050: 17}
_CANONICAL = {name.lower(): name for name in KNOWN}


def find(name: str, clock_rate: int | None = None) -> tuple[str, PassThrough]:
    """A codec's name as SDP spells it, and what is known of it.

    A name nobody knows is a codec of 8000 Hz with a dynamic payload type.
    """
    if name.upper() == "DVI4":
        rate = clock_rate or 8000
        return "DVI4", PassThrough(clock_rate=rate, payload_type=_DVI4.get(rate))
    spelling = _CANONICAL.get(name.lower(), name)
    return spelling, KNOWN.get(spelling, PassThrough())
