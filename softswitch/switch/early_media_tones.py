"""Tones in early media that mean something: that it rings, or that the call has failed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from softswitch.switch.causes import HangupCause
from softswitch.switch.detection import ToneWish, detect_tone

if TYPE_CHECKING:
    from softswitch.switch.session import Session

FAIL = "monitor_early_media_fail"
RING = "monitor_early_media_ring"


@dataclass(frozen=True, slots=True)
class MeaningfulTone:
    """``<cause>:<hits>:<frequency>+<frequency>``."""

    key: str
    hits: int
    frequencies: tuple[float, ...]


def parse(text: str) -> list[MeaningfulTone]:
    """The tones of a list such as ``user_busy:2:480+620!destination_out_of_order:2:1776.7``.

    Raises ValueError with a sentence.
    """
    tones = []
    for item in text.split("!"):
        if not item.strip():
            continue
        key, _, rest = item.strip().partition(":")
        hits, _, sum_ = rest.rpartition(":")
        try:
            frequencies = tuple(float(word) for word in sum_.replace(",", "+").split("+"))
            times = int(hits or 1)
        except ValueError:
            raise ValueError(f"{item!r} is not <cause>:<hits>:<frequency>+<frequency>") from None
        if times < 1 or not all(50 <= frequency <= 20_000 for frequency in frequencies):
            raise ValueError(f"{item!r}: frequencies are 50 to 20000 Hz, hits 1 and more")
        tones.append(MeaningfulTone(key, times, frequencies))
    return tones


def listen(leg: Session, options: Mapping[str, str]) -> None:
    """Listen to the early media of a leg that was called, if that was asked for."""
    for variable in (FAIL, RING):
        text = leg.channel.variables.peek(variable) or options.get(variable) or ""
        if not text or leg.leg.media is None:
            continue
        try:
            tones = parse(text)
        except ValueError as error:
            leg.log.error("%s: %s", variable, error)
            continue
        for tone in tones:
            key = f"{variable}:{tone.key}"
            wish = ToneWish(key, tone.frequencies, hits=tone.hits)
            detect_tone(leg, wish, partial(_heard, leg, variable, tone))


async def _heard(leg: Session, variable: str, tone: MeaningfulTone) -> None:
    if leg.channel.answered:
        return
    if variable == RING:
        leg.set("monitor_ring_dispo", tone.key)
        leg.on_ringing()
        return
    leg.set("monitor_fail_dispo", tone.key)
    leg.log.info("its early media say %s", tone.key)
    leg.hangup(HangupCause.parse(tone.key))
