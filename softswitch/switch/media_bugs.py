"""What hangs on a call's media besides its partner: recordings, listeners, added sounds, detectors.

FreeSWITCH calls them media bugs, and so do its events and commands.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from softswitch.switch.session import Session


class MediaBug:
    """One thing that hangs on a call, listed for as long as it does."""

    def __init__(
        self, session: Session, function: str, target: str, stop: Callable[[], None]
    ) -> None:
        """Hang it on; ``stop`` asks it to end, which `detach` then tells."""
        self.session = session
        self.function = function
        self.target = target
        self.stop = stop
        session.bugs.append(self)
        session.switch.fire(session, "MEDIA_BUG_START", self._headers())

    def __repr__(self) -> str:
        return f"<MediaBug {self.function} {self.target} on {self.session.uuid}>"

    def detach(self) -> None:
        """It is over. Idempotent."""
        if self in self.session.bugs:
            self.session.bugs.remove(self)
            # Whoever hung it on knows it.
            self.stop = _ended
            self.session.switch.fire(self.session, "MEDIA_BUG_STOP", self._headers())

    def _headers(self) -> dict[str, str]:
        return {"Media-Bug-Function": self.function, "Media-Bug-Target": self.target}


def _ended() -> None:
    """What is over need not be stopped."""


def find(session: Session, function: str, target: str | None = None) -> Iterator[MediaBug]:
    """The bugs of a function, of any target or of one; they may be stopped meanwhile."""
    for bug in list(session.bugs):
        if bug.function == function and target in (None, bug.target):
            yield bug


def stop(session: Session, function: str | None = None, target: str | None = None) -> int:
    """Stop all bugs, those of a function, or the one of a target; how many there were."""
    bugs = list(session.bugs) if function is None else list(find(session, function, target))
    for bug in bugs:
        bug.stop()
    return len(bugs)
