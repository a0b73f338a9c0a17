"""Jitter buffers: how operators write their delays, and who gets which."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from softswitch.switch.session import Session

LONGEST_MS = 10_000
_PART = re.compile(r"(\d{1,6})(p?)\Z", re.ASCII)


class Delays(NamedTuple):
    """How long packets are held back, in milliseconds; ``initial`` 0 is no buffer."""

    initial: int
    greatest: int
    """Equal to ``initial`` for a delay that does not adapt."""


def parse_delays(text: str, packet_ms: int = 20) -> Delays:
    """``<initial>[:<greatest>[:<drift>]]`` in milliseconds, or with a ``p`` behind in packets.

    The drift is read and of no effect: drifting clocks are always followed. Raises ValueError
    with a sentence.
    """
    numbers = []
    for part in text.strip().split(":"):
        found = _PART.match(part.strip())
        if found is None:
            raise ValueError(f"{text!r} is not <milliseconds>[:<greatest>[:<drift>]]")
        numbers.append(int(found[1]) * (packet_ms if found[2] else 1))
    if len(numbers) > 3:
        raise ValueError(f"{text!r} has more than three parts")
    initial, greatest = numbers[0], max([numbers[0], *numbers[1:2]])
    if greatest > LONGEST_MS:
        raise ValueError(f"packets are held back {LONGEST_MS} ms at most, not {greatest}")
    return Delays(initial, greatest)


def set_jitter_buffer(session: Session, delays: Delays) -> None:
    """Give a call with media a jitter buffer; ``rtp_jitter_buffer_during_bridge`` is heeded."""
    in_bridge = session.is_true("rtp_jitter_buffer_during_bridge")
    session.media.set_jitter_buffer(delays.initial, delays.greatest, in_bridge=in_bridge)


def control_jitter_buffer(session: Session, data: str) -> None:
    """``<delays>``, ``pause``, ``resume`` or ``off``; raises ValueError with a sentence."""
    word = data.strip().lower()
    if word in ("pause", "resume"):
        session.media.pause_jitter_buffer(word == "pause")
    elif word == "off":
        session.media.set_jitter_buffer(0)
    else:
        set_jitter_buffer(session, parse_delays(word))
