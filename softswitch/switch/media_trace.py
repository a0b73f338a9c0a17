"""Every packet of a call in the log, for whoever looks for a fault: ``debug_media``."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from softswitch.log import LEVELS

if TYPE_CHECKING:
    from softswitch.media.events import PacketPassed
    from softswitch.media.stream import Stream
    from softswitch.switch.session import Session

DIRECTIONS = {"read": (True, False), "write": (False, True), "both": (True, True)}
"""Whether what comes, and what is sent, is told."""


def trace_media(session: Session, wish: str, on: bool) -> bool:
    """Log packets of sound (``read write both``), of video (``vread vwrite vboth``) or ``all``.

    What is not named stays as it was. False where that is no wish, or the call has no media.
    """
    sound = session.leg.media
    if sound is None:
        return False
    word = wish.lower()
    if word == "all":
        video = sound.video
        return _trace(session, sound, "both", on) and (
            video is None or _trace(session, video, "both", on)
        )
    if word.removeprefix("v") not in DIRECTIONS:
        return False
    stream = sound.video if word.startswith("v") else sound
    return stream is not None and _trace(session, stream, word.removeprefix("v"), on)


def _trace(session: Session, stream: Stream, direction: str, on: bool) -> bool:
    received, sent = (
        on if named else was
        for named, was in zip(DIRECTIONS[direction], stream.traced, strict=True)
    )
    stream.trace(partial(_log, session, stream), received=received, sent=sent)
    return True


def _log(session: Session, stream: Stream, packet: PacketPassed) -> None:
    session.log.log(
        LEVELS["console"],
        "%s %s b=%4d %s:%u %s:%u %s:%u pt=%d ts=%u seq=%u m=%d",
        "W" if packet.sent else "R",
        session.channel.name,
        packet.length,
        *stream.local_address,
        *(packet.remote or ("", 0)),
        *(packet.source or packet.remote or ("", 0)),
        packet.payload_type,
        packet.timestamp,
        packet.sequence,
        packet.marker,
    )
