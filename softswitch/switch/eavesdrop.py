"""Listening to a call that others have, and speaking to one of them or to both."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from softswitch.switch import phrases
from softswitch.switch.media_bugs import MediaBug
from softswitch.switch.waiting import wait_for_any

if TYPE_CHECKING:
    from softswitch.switch.session import Session

FUNCTION = "eavesdrop"
PARTNER, TARGET = "speak", "hear"
"""Whom one speaks to: sound added to what the target says reaches its partner, sound added to
what it hears reaches the target."""
MEDIA_PATIENCE = 6.0
"""Seconds that a call which rings is waited for."""
KEYS = {
    "0": frozenset[str](),
    "1": frozenset((PARTNER,)),
    "2": frozenset((TARGET,)),
    "3": frozenset((PARTNER, TARGET)),
}
"""Whom the keys let one speak to."""


@dataclass(frozen=True, slots=True)
class EavesdropWishes:
    """How one listens: what is heard, whom one speaks to at first, whether keys change that."""

    hear: str = "both"
    speak_to: frozenset[str] = frozenset()
    keys: bool = True

    @classmethod
    def of(cls, session: Session) -> EavesdropWishes:
        """What the ``eavesdrop_…`` variables say."""
        sides = (session.is_true("eavesdrop_bridge_aleg"), session.is_true("eavesdrop_bridge_bleg"))
        speak_to = set()
        if session.is_true("eavesdrop_whisper_aleg"):
            speak_to.add(PARTNER)
        if session.is_true("eavesdrop_whisper_bleg"):
            speak_to.add(TARGET)
        enabled = session.get("eavesdrop_enable_dtmf")
        return cls(
            hear={(True, False): "read", (False, True): "write"}.get(sides, "both"),
            speak_to=frozenset(speak_to),
            keys=enabled is None or session.is_true("eavesdrop_enable_dtmf"),
        )


def may_listen(session: Session, target: Session) -> bool:
    """Whether the target belongs to the group that ``eavesdrop_require_group`` names."""
    wanted = session.get("eavesdrop_require_group")
    if not wanted:
        return True
    groups = (target.channel.variables.get("eavesdrop_group") or "").split(",")
    return wanted.strip() in (group.strip() for group in groups)


def can_be_heard(target: Session) -> bool:
    """Whether there is anything to listen to."""
    return target.channel.up and target.leg.media is not None


async def soon_heard(session: Session, target: Session) -> bool:
    """Wait a while until there is something to listen to; False where nothing came."""
    if can_be_heard(target) or not target.channel.up:
        return can_be_heard(target)
    over: asyncio.Future[None] = session.switch.loop.create_future()

    def on_target(_: Session, what: str) -> None:
        if not over.done() and what in ("answer", "early_media", "hangup"):
            over.set_result(None)

    target.watchers.append(on_target)
    timer = session.switch.loop.call_later(MEDIA_PATIENCE, on_target, target, "hangup")
    try:
        await session.wait(over)
    finally:
        timer.cancel()
        target.unwatch(on_target)
    return can_be_heard(target)


async def eavesdrop(session: Session, target: Session, wishes: EavesdropWishes) -> str:
    """Listen until the target is gone (``gone``), a ``*`` (``next``) or a break (``break``).

    The target's ``eavesdrop_announce_id`` is said before, by its ``eavesdrop_announce_macro``.
    A target that cannot be heard, or no longer, is gone.
    """
    if announced := target.get("eavesdrop_announce_id"):
        macro = target.get("eavesdrop_announce_macro") or "eavesdrop_announce"
        await phrases.phrase(session, macro, announced)
    if not can_be_heard(target):
        return "gone"
    ears = _Ears(session, target, wishes)
    try:
        while await wait_for_any(session, ears.over, session.digits.arrival()):
            if ears.over.done():
                return "gone"
            digit = session.digits.take()
            if digit is None or not wishes.keys:
                continue
            if digit.digit == "*":
                return "next"
            if digit.digit in KEYS:
                ears.speak_to(KEYS[digit.digit])
        return "break"
    finally:
        ears.close()


class _Ears:
    """What flows between a listener and a call."""

    def __init__(self, session: Session, target: Session, wishes: EavesdropWishes) -> None:
        self.over: asyncio.Future[None] = session.switch.loop.create_future()
        self._session, self._target = session, target
        self._ours, self._theirs = session.media, target.media
        self._listening = self._theirs.feed(self._ours, hear=wishes.hear)
        self._speaking: dict[str, int] = {}
        self._bug = MediaBug(target, FUNCTION, session.uuid, self._end)
        target.watchers.append(self._on_target)
        self.speak_to(wishes.speak_to)

    def speak_to(self, whom: frozenset[str]) -> None:
        """Speak to these from now on, and to nobody else."""
        for side in [side for side in self._speaking if side not in whom]:
            self._ours.stop_feed(self._speaking.pop(side), self._theirs)
        for side in sorted(whom - self._speaking.keys()):
            number = self._ours.feed(self._theirs, hear="read", into=side)
            self._speaking[side] = number

    def close(self) -> None:
        self._bug.detach()
        self._target.unwatch(self._on_target)
        self._theirs.stop_feed(self._listening, self._ours)
        for number in self._speaking.values():
            self._ours.stop_feed(number, self._theirs)
        self._speaking.clear()

    def _end(self) -> None:
        if not self.over.done():
            self.over.set_result(None)

    def _on_target(self, _: Session, what: str) -> None:
        if what == "hangup":
            self._end()
