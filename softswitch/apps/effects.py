"""Sound that comes back late, or gives way to music: ``delay_echo soft_hold``."""

from __future__ import annotations

from softswitch.registry import application
from softswitch.switch import ivr
from softswitch.switch.bound_action import asking
from softswitch.switch.broadcast import loop_on
from softswitch.switch.session import Session

DEFAULT_DELAY_MS = 1000
LONGEST_DELAY_MS = 30_000


@application("delay_echo", syntax="<delay ms>", module="mod_dptools")
async def delay_echo(session: Session, data: str) -> None:
    """Send the caller's own voice back after so many milliseconds (1000), until hang-up."""
    delay = int(data) if data.strip().isdigit() else DEFAULT_DELAY_MS
    await session.answer()
    media = session.media
    number = media.feed(media, hear="read", delay_ms=min(delay, LONGEST_DELAY_MS))
    try:
        while True:
            arrived = session.digits.arrival()
            await session.wait(arrived)
            if not arrived.done():
                return
            session.digits.clear()
    finally:
        if not media.closed:
            media.stop(number)


@application("soft_hold", syntax="<unhold key> [<moh_a>] [<moh_b>]", module="mod_dptools")
async def soft_hold(session: Session, data: str) -> None:
    """Let the partner of a bridge hear music until this party presses the key.

    ``moh_a`` is what this party hears meanwhile, ``moh_b`` what its partner does (hold_music).
    """
    words = data.split()
    if not words:
        session.log.error("soft_hold: <unhold key> [<moh_a>] [<moh_b>] wanted")
        return
    key, own, theirs = (*words, "", "")[:3]
    peer = session.peer
    if peer is None:
        session.log.error("soft_hold: the call is not bridged")
        return
    theirs = theirs or session.get("hold_music") or ""
    music = loop_on(peer, theirs) if theirs and theirs.lower() != "silence" else None
    if not own or own.lower() == "silence":
        own = "silence_stream://-1"
    try:
        with asking(session):
            await ivr.play(session, own, terminators=key[0], loops=-1)
    finally:
        if music is not None:
            music.cancel()
