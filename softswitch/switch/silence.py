"""Noise in place of nothing: ``send_silence_when_idle``, ``bridge_generate_comfort_noise``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from softswitch.dialplan.arguments import is_true

if TYPE_CHECKING:
    from softswitch.switch.session import Session

USUAL = 1400
"""FreeSWITCH's divisor of noise that is barely heard."""


def fill_silence(session: Session) -> None:
    """Let the far end hear what the call's variables want it to hear while nothing else is."""
    stream = session.leg.media
    if stream is None or stream.closed:
        return
    idle = divisor(session.channel.variables.peek("send_silence_when_idle"))
    # FreeSWITCH looks at the one who is silent; the other hears the noise.
    speaker = session.peer or session
    pauses = divisor(speaker.channel.variables.peek("bridge_generate_comfort_noise"))
    if (idle, pauses) != session.filling:
        session.filling = (idle, pauses)
        stream.fill(idle=idle, pauses=pauses)


def divisor(text: str | None) -> int | None:
    """A divisor of noise, ``true`` for the usual one, below 0 for true silence; None is off."""
    if not text:
        return None
    try:
        number = int(text)
    except ValueError:
        return USUAL if is_true(text) else None
    if number == 0:
        return None
    return 0 if number < 0 else min(number, 0xFFFF)
