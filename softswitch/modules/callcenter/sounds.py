"""Sounds for an agent whose call waits for a member."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from softswitch.switch import ivr

if TYPE_CHECKING:
    from softswitch.switch.session import Session

ARRAY = "ARRAY::"


async def play_to(session: Session, sounds: str) -> None:
    """Play a sound, or several (``ARRAY::a::b``), to a call that does nothing else; until its
    end, or that of the call."""
    listed = sounds.removeprefix(ARRAY).split("::") if sounds.startswith(ARRAY) else [sounds]

    async def play() -> None:
        for sound in listed:
            await ivr.play(session, sound, terminators="")

    await asyncio.wait((session.spawn(play(), "sound"),))
