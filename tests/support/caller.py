"""A caller who listens for prompts and presses keys, on the fake engine."""

from __future__ import annotations

import asyncio
from pathlib import Path

from softswitch.switch.causes import HangupCause
from softswitch.switch.session import Session
from tests.support.engine import far_end
from tests.support.prompts import names_of
from tests.support.stream import FakeStream

PATIENCE = 600.0
"""Virtual seconds that a prompt may take to come."""


class Caller:
    """One far end of a session: what it hears, in order, and what it does."""

    def __init__(self, session: Session, sounds: Path) -> None:
        self.session = session
        self._sounds = sounds
        self._stream: FakeStream | None = None
        self._position = 0

    @property
    def heard(self) -> list[str]:
        """All that was played so far; prompts as ``digits/1``."""
        if self._stream is None and self.session.leg.media is not None:
            self._stream = far_end(self.session.media)
        return names_of(self._stream.played, self._sounds) if self._stream is not None else []

    async def hears(self, *names: str) -> None:
        """Wait until these prompts have been played, one after the other or further apart."""
        loop = asyncio.get_running_loop()
        limit = loop.time() + PATIENCE
        for name in names:
            while name not in self.heard[self._position :]:
                assert loop.time() < limit, f"{name} is not heard: {self.heard[self._position :]}"
                assert self.session.channel.up, f"no {name}: {self.heard[self._position :]}"
                await asyncio.sleep(0.01)
            self._position = self.heard.index(name, self._position) + 1

    def presses(self, digits: str) -> None:
        """Press keys."""
        for digit in digits:
            self.session.on_digit(digit, 100, "rtp")

    async def answers(self, name: str, digits: str) -> None:
        """Wait for a prompt and press keys."""
        await self.hears(name)
        self.presses(digits)

    def hangs_up(self) -> None:
        """End the call."""
        self.session.on_hangup(HangupCause.NORMAL_CLEARING)
