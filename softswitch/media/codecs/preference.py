"""Lists of codecs as configuration writes them: ``PCMU@8000h@20i@64000b@1c,G729``.

Each codec is ``[module.]name[~fmtp]`` with ``@`` and a number for each of rate (``h`` or
``k``), packet time in ms (``i``), bit rate (``b``) and channels (``c``).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from softswitch import registry
from softswitch.media.codecs import passthrough
from softswitch.media.codecs.codec import Codec

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}\Z", re.ASCII)
_DETAIL = re.compile(r"(\d{1,7})([hkibc])\Z", re.ASCII)
_LIMITS = {"h": (1000, 384000), "k": (1000, 384000), "i": (1, 1000), "b": (1, 9999999), "c": (1, 8)}


@dataclass(frozen=True, slots=True)
class CodecPreference:
    """One codec somebody wants, with all that SDP needs to offer it."""

    name: str
    """Encoding name as SDP spells it."""
    clock_rate: int
    """RTP clock in Hz."""
    ptime: int
    """Milliseconds of audio in a packet."""
    channels: int
    payload_type: int | None
    """Static payload type; None = one of the dynamic ones."""
    fmtp: str = ""
    bit_rate: int | None = None
    """Bits a second, where asked for."""
    module: str = ""
    """The module the operator wants it from; kept for show."""
    transcodable: bool = False
    """False: it can only be passed from one leg to the other."""
    ptimes: tuple[int, ...] = ()
    """The packet times it can have; empty = any."""

    def __str__(self) -> str:
        text = f"{self.name}@{self.clock_rate}h@{self.ptime}i"
        return text if self.channels == 1 else f"{text}@{self.channels}c"


def items(text: str) -> list[str]:
    """The codecs of a list, unread: separated by commas, or by X where ``^^X`` is in front.

    Inside the brackets of a dial string commas separate variables: ``^^:PCMU:PCMA``.
    """
    separator = ","
    if text.startswith("^^") and len(text) > 3:
        separator, text = text[2], text[3:]
    return [item for each in text.split(separator) if (item := each.strip())]


def parse_preferences(text: str) -> list[CodecPreference]:
    """The codecs of a list (``items``) in their order, each once.

    Raises ValueError with a sentence about the first one that is wrong.
    """
    preferences: dict[tuple[str, int, int, int], CodecPreference] = {}
    for item in items(text):
        wanted = parse_preference(item)
        variant = (wanted.name.lower(), wanted.clock_rate, wanted.ptime, wanted.channels)
        preferences.setdefault(variant, wanted)
    return list(preferences.values())


def parse_preference(text: str) -> CodecPreference:
    """One codec of a list. Raises ValueError with a sentence."""
    head, *details = text.strip().split("@")
    head, _, fmtp = head.partition("~")
    module, _, name = head.rpartition(".")
    if not _NAME.match(name):
        raise ValueError(f"{text!r} names no codec.")
    asked: dict[str, int] = {}
    for detail in details:
        found = _DETAIL.match(detail.strip().lower())
        if found is None:
            raise ValueError(f"'@{detail}' of {text!r} is not a number followed by h, i, b or c.")
        unit, number = found[2], int(found[1])
        low, high = _LIMITS[unit]
        if not low <= number <= high:
            raise ValueError(f"'@{detail}' of {text!r} is not between {low} and {high}.")
        asked["h" if unit == "k" else unit] = number
    known = described(name)
    if known is None:
        return _passed_through(name, asked, fmtp, module)
    rate = asked.get("h", known.clock_rate)
    if rate not in known.clock_rates:
        raise ValueError(f"{known.name} does not run at {rate} Hz ({text!r}).")
    ptime = asked.get("i", known.ptime)
    if known.ptimes and ptime not in known.ptimes:
        raise ValueError(f"{known.name} has no packets of {ptime} ms ({text!r}).")
    clock_rate, channels, own_fmtp = known.rtp_variant(rate, asked.get("c", known.channels))
    return CodecPreference(
        known.name,
        clock_rate,
        ptime,
        channels,
        known.payload_type(clock_rate, channels),
        fmtp or own_fmtp,
        asked.get("b"),
        module,
        known.transcodable and channels <= 2,
        known.ptimes,
    )


def described(name: str) -> type[Codec] | None:
    """What is known of the codec of that name (compared without case), None if nothing."""
    entry = _catalogue().find(name)
    if entry is None:
        return None
    found: type[Codec] = entry.target
    return found


def _passed_through(name: str, asked: dict[str, int], fmtp: str, module: str) -> CodecPreference:
    spelling, known = passthrough.find(name, asked.get("h"))
    clock_rate = asked.get("h", known.clock_rate)
    channels = asked.get("c", known.channels)
    usual = (clock_rate, channels) == (known.clock_rate, known.channels)
    return CodecPreference(
        spelling,
        clock_rate,
        asked.get("i", known.ptime),
        channels,
        known.payload_type if usual else None,
        fmtp,
        asked.get("b"),
        module,
    )


@cache
def _catalogue() -> registry.Registry[type[Codec]]:
    registry.discover("softswitch.media.codecs")
    return registry.codec
