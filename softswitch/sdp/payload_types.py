"""Payload type numbers for what we offer (RFC 3551 §3, RFC 3264 §8.3.2)."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from softswitch.sdp.audio import LocalAudio, LocalCodec, is_same_codec
from softswitch.sdp.media import Format

TELEPHONE_EVENT = "telephone-event"
EVENTS = "0-15"
"""The events we send and take: the keys of a telephone (RFC 4733 §2.4.1)."""

_DYNAMIC: tuple[int, ...] = (*range(96, 128), *range(35, 64))
"""The second range is for when the first is used up (RFC 3551 §3)."""


def find_format(
    formats: Iterable[Format], name: str, clock_rate: int, channels: int = 1
) -> Format | None:
    """The first format of that codec; names compare without case."""
    wanted = (name, clock_rate, channels)
    return next(
        (
            item
            for item in formats
            if is_same_codec(wanted, item.name, item.clock_rate, item.channels)
        ),
        None,
    )


def offered_formats(local: LocalAudio, known: list[Format]) -> list[Format]:
    """The formats of an offer: our codecs in order, then telephone events for each clock rate.

    A codec keeps the number it has in ``known``, what this session used before, and no such number
    is given to another codec. Raises ValueError when the numbers do not suffice.
    """
    return list(_numbered(local.codecs, local.telephone_event, tuple(known)))


@lru_cache(maxsize=256)
def _numbered(
    codecs: tuple[LocalCodec, ...], telephone_event: int | None, known: tuple[Format, ...]
) -> tuple[Format, ...]:
    """`offered_formats`, which are the same in all calls of a profile."""
    taken = {item.payload_type for item in known}
    reserved = {codec.payload_type for codec in codecs} | {telephone_event}
    formats: list[Format] = []

    def number_for(name: str, clock_rate: int, channels: int, own: int | None) -> int:
        had = find_format(known, name, clock_rate, channels)
        if had is not None:
            return had.payload_type
        if own is not None and own not in taken:
            return own
        for number in _DYNAMIC:
            if number not in taken and number not in reserved:
                return number
        raise ValueError("more codecs than payload types")

    def add(codec: LocalCodec, own: int | None) -> None:
        number = number_for(codec.name, codec.clock_rate, codec.channels, own)
        taken.add(number)
        formats.append(Format(number, codec.name, codec.clock_rate, codec.channels, codec.fmtp))

    for codec in codecs:
        add(codec, codec.payload_type)
    if telephone_event is not None:
        # RFC 4733 §2.1: events run on the clock of their codec. The usual rate comes first, as it
        # has the usual number.
        rates = list(dict.fromkeys(codec.clock_rate for codec in codecs))
        for rate in sorted(rates, key=lambda rate: rate != 8000):
            add(LocalCodec(TELEPHONE_EVENT, rate, fmtp=EVENTS), telephone_event)
    return tuple(formats)
