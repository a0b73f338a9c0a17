"""G726-16 to G726-40, adaptive differential PCM in both packings (RFC 3551 §4.5.4)."""

from __future__ import annotations

from softswitch.media.codecs.codec import Codec
from softswitch.registry import codec


@codec("G726-16", module="mod_spandsp")
class G726At16(Codec):
    """G.726 at 16 kbit/s, packed from the low bits as RTP has it."""

    name = "G726-16"
    title = "G.726 16k"
    bit_rate = 16000
    transcodable = True


@codec("G726-24", module="mod_spandsp")
class G726At24(Codec):
    """G.726 at 24 kbit/s, packed from the low bits as RTP has it."""

    name = "G726-24"
    title = "G.726 24k"
    bit_rate = 24000
    transcodable = True


@codec("G726-32", module="mod_spandsp")
class G726At32(Codec):
    """G.726 at 32 kbit/s, packed from the low bits as RTP has it."""

    name = "G726-32"
    title = "G.726 32k"
    bit_rate = 32000
    transcodable = True


@codec("G726-40", module="mod_spandsp")
class G726At40(Codec):
    """G.726 at 40 kbit/s, packed from the low bits as RTP has it."""

    name = "G726-40"
    title = "G.726 40k"
    bit_rate = 40000
    transcodable = True


@codec("AAL2-G726-16", module="mod_spandsp")
class Aal2G726At16(Codec):
    """G.726 at 16 kbit/s, packed from the high bits as on ATM (I.366.2)."""

    name = "AAL2-G726-16"
    title = "G.726 16k (AAL2)"
    bit_rate = 16000
    transcodable = True


@codec("AAL2-G726-24", module="mod_spandsp")
class Aal2G726At24(Codec):
    """G.726 at 24 kbit/s, packed from the high bits as on ATM (I.366.2)."""

    name = "AAL2-G726-24"
    title = "G.726 24k (AAL2)"
    bit_rate = 24000
    transcodable = True


@codec("AAL2-G726-32", module="mod_spandsp")
class Aal2G726At32(Codec):
    """G.726 at 32 kbit/s, packed from the high bits as on ATM (I.366.2)."""

    name = "AAL2-G726-32"
    title = "G.726 32k (AAL2)"
    bit_rate = 32000
    transcodable = True


@codec("AAL2-G726-40", module="mod_spandsp")
class Aal2G726At40(Codec):
    """G.726 at 40 kbit/s, packed from the high bits as on ATM (I.366.2)."""

    name = "AAL2-G726-40"
    title = "G.726 40k (AAL2)"
    bit_rate = 40000
    transcodable = True
