"""Sound laid over, or in place of, what a party of a running call hears or says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from softswitch.media.engine import SourceError
from softswitch.switch import ivr, media_bugs
from softswitch.switch.causes import HangupCause
from softswitch.switch.media_bugs import MediaBug

if TYPE_CHECKING:
    from softswitch.switch.session import Session

FUNCTION = "displace"


@dataclass(frozen=True, slots=True)
class DisplaceWishes:
    """How: ``m`` mixes, ``l`` repeats, ``r`` changes what the party says, not what it hears."""

    mix: bool = False
    loop: bool = False
    speech: bool = False
    limit_ms: int = 0

    @classmethod
    def of(cls, flags: str, limit_ms: int = 0) -> DisplaceWishes:
        """Read the letters of the application; others are passed over."""
        return cls("m" in flags, "l" in flags, "r" in flags, limit_ms)


async def start(session: Session, path: str, wishes: DisplaceWishes) -> bool:
    """Begin; False, with a log line, where the file cannot be played."""
    path = ivr.sound_path(session, path)
    if any(media_bugs.find(session, FUNCTION, path)):
        session.log.error("%s displaces the sound of this call already", path)
        return False
    try:
        source = await session.switch.open_source(path, session)
        if not session.channel.up or session.leg.media is None:
            source.close()
            return False
        media = session.media
        number = media.inject(
            source,
            into="speak" if wishes.speech else "hear",
            replace=not wishes.mix,
            loops=-1 if wishes.loop else 1,
        )
    except (SourceError, ValueError) as error:
        session.log.error("%s", error)
        if session.is_true("DISPLACE_HANGUP_ON_ERROR"):
            session.hangup(HangupCause.DESTINATION_OUT_OF_ORDER)
        return False
    finished = media.finished(number)

    def end() -> None:
        if not media.closed:
            media.stop(number)

    bug = MediaBug(session, FUNCTION, path, end)
    timer = None
    if wishes.limit_ms:
        timer = session.switch.loop.call_later(wishes.limit_ms / 1000, end)

    def over(_: object) -> None:
        source.close()
        bug.detach()
        if timer is not None:
            timer.cancel()

    finished.add_done_callback(over)
    return True


def stop(session: Session, path: str) -> bool:
    """End one; False where it does not run."""
    return media_bugs.stop(session, FUNCTION, ivr.sound_path(session, path)) > 0
