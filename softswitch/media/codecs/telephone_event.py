"""telephone-event, digits as RTP events (RFC 4733)."""

from __future__ import annotations

from softswitch.media.codecs.codec import Codec
from softswitch.registry import codec

DIGITS = frozenset(range(16))
"""Events 0-15: the keys 0-9 * # A-D."""


@codec("telephone-event", module="mod_sofia")
class TelephoneEvent(Codec):
    """Digits as RTP events beside the audio."""

    name = "telephone-event"
    clock_rates = (8000, 16000, 32000, 48000)
    audio = False
    fmtp = "0-15"

    @classmethod
    def answer_fmtp(cls, offered: str) -> str | None:
        """The offered events that we know; an offer that lists none means 0-15 (§2.4.1)."""
        events = _events(offered) & DIGITS if offered.strip() else DIGITS
        return _ranges(sorted(events)) if events else None


def _events(text: str) -> set[int]:
    """``0-11,16`` as numbers; what is not a list of events is left out."""
    events: set[int] = set()
    for part in text.partition(";")[0].split(","):
        first, _, last = part.strip().partition("-")
        if first.isdecimal() and (last or first).isdecimal():
            # Events are 8 bits: a longer list is a mistake, or an attack.
            events.update(range(min(int(first), 256), min(int(last or first), 255) + 1))
    return events


def _ranges(events: list[int]) -> str:
    """Numbers as ``0-11,16``."""
    ranges: list[list[int]] = []
    for event in events:
        if ranges and ranges[-1][1] == event - 1:
            ranges[-1][1] = event
        else:
            ranges.append([event, event])
    return ",".join(str(a) if a == b else f"{a}-{b}" for a, b in ranges)
