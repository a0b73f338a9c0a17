"""Sound laid over, or in place of, what a party of a running call hears or says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from softswitch.media.engine import SourceError
from softswitch.switch import ivr, media_bugs
from softswitch.switch.causes import HangupCause
from softswitch.switch.media_bugs import MediaBug

if TYPE_CHECKING:
    from softswitch.media.source import Source
    from softswitch.switch.session import Session

FUNCTION = "displace"

_SILENCE = "silence_stream://-1"


@dataclass(frozen=True, slots=True)
class DisplaceWishes:
    """How: ``m`` mixes, ``l`` repeats, ``r`` changes what the party says, not what it hears.

    With ``r`` and ``w`` both sides hear the file. Where nothing is mixed, the side that does not
    hear the file hears nothing meanwhile.
    """

    mix: bool = False
    loop: bool = False
    speech: bool = False
    both: bool = False
    limit_ms: int = 0

    @classmethod
    def of(cls, flags: str, limit_ms: int = 0) -> DisplaceWishes:
        """Read the letters of the application; others are passed over."""
        speech = "r" in flags
        return cls("m" in flags, "l" in flags, speech, speech and "w" in flags, limit_ms)

    def sounds(self, path: str) -> list[tuple[str, str, int]]:
        """What goes into which direction how often, the file that it ends with first."""
        loops = -1 if self.loop else 1
        into, other = ("speak", "hear") if self.speech else ("hear", "speak")
        if self.both:
            return [(into, path, loops), (other, path, loops)]
        return [(into, path, loops), *([] if self.mix else [(other, _SILENCE, -1)])]


async def start(session: Session, path: str, wishes: DisplaceWishes) -> bool:
    """Begin; False, with a log line, where the file cannot be played."""
    path = ivr.sound_path(session, path)
    if any(media_bugs.find(session, FUNCTION, path)):
        session.log.error("%s displaces the sound of this call already", path)
        return False
    sources: list[Source] = []
    numbers: list[int] = []

    def end() -> None:
        for number in numbers:
            if not media.closed:
                media.stop(number)

    def close() -> None:
        for source in sources:
            source.close()

    try:
        for _, sound, _ in wishes.sounds(path):
            sources.append(await session.switch.open_source(sound, session))
        if not session.channel.up or session.leg.media is None:
            close()
            return False
        media = session.media
        for (into, _, loops), source in zip(wishes.sounds(path), sources, strict=True):
            numbers.append(media.inject(source, into=into, replace=not wishes.mix, loops=loops))
    except (SourceError, ValueError) as error:
        close()
        session.log.error("%s", error)
        if session.is_true("DISPLACE_HANGUP_ON_ERROR"):
            session.hangup(HangupCause.DESTINATION_OUT_OF_ORDER)
        return False
    bug = MediaBug(session, FUNCTION, path, end)
    timer = None
    if wishes.limit_ms:
        timer = session.switch.loop.call_later(wishes.limit_ms / 1000, end)

    def over(_: object) -> None:
        end()
        close()
        bug.detach()
        if timer is not None:
            timer.cancel()

    media.finished(numbers[0]).add_done_callback(over)
    return True


def stop(session: Session, path: str) -> bool:
    """End one; False where it does not run."""
    return media_bugs.stop(session, FUNCTION, ivr.sound_path(session, path)) > 0
