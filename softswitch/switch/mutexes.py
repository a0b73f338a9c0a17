"""Mutexes: of the calls that want one, a single one goes on and the others wait in order."""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from softswitch.switch.session import Session


@dataclass(slots=True)
class _Mutex:
    holder: Session
    waiting: deque[tuple[Session, asyncio.Future[None]]] = field(default_factory=deque)


class Mutexes:
    """Mutexes by key; a hang-up gives back what a call holds."""

    def __init__(self) -> None:
        self._mutexes: dict[str, _Mutex] = {}

    def holder(self, key: str) -> Session | None:
        """Who holds a mutex."""
        mutex = self._mutexes.get(key)
        return mutex.holder if mutex is not None else None

    def take(self, key: str, session: Session) -> asyncio.Future[None]:
        """Done once the session holds the mutex; cancel it to wait no more."""
        turn: asyncio.Future[None] = session.switch.loop.create_future()
        mutex = self._mutexes.get(key)
        if mutex is None or mutex.holder is session:
            if mutex is None:
                self._mutexes[key] = _Mutex(session)
                self._watch(key, session)
            turn.set_result(None)
        else:
            mutex.waiting.append((session, turn))
        return turn

    def give_back(self, key: str, session: Session) -> bool:
        """Let the next go on; False where the session does not hold the mutex."""
        mutex = self._mutexes.get(key)
        if mutex is None or mutex.holder is not session:
            return False
        while mutex.waiting:
            following, turn = mutex.waiting.popleft()
            if following.channel.up and not turn.done():
                mutex.holder = following
                self._watch(key, following)
                turn.set_result(None)
                return True
        del self._mutexes[key]
        return True

    def _watch(self, key: str, session: Session) -> None:
        def on_end(_: Session, what: str) -> None:
            if what == "hangup":
                self.give_back(key, session)

        session.watchers.append(on_end)
