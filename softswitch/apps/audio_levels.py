"""Loudness: ``set_audio_level set_mute``."""

from __future__ import annotations

import re

from softswitch.dialplan.arguments import is_true
from softswitch.registry import application
from softswitch.switch.audio_levels import levels
from softswitch.switch.session import Session


@application("set_audio_level", syntax="[read|write] <vol>", module="mod_dptools")
async def set_audio_level(session: Session, data: str) -> None:
    """Make what the party says (read) or hears (write) louder or quieter, -4 to 4."""
    side, _, value = data.strip().partition(" ")
    if side.lower() not in ("read", "write") or not re.fullmatch(r"-?\d{1,3}", value.strip()):
        session.log.error("set_audio_level: [read|write] <-4 to 4> wanted, not %r", data)
        return
    levels(session).set_level(side.lower(), int(value))


@application("set_mute", syntax="[read|write] [[true|cn level]|false]", module="mod_dptools")
async def set_mute(session: Session, data: str) -> None:
    """Silence what the party says (read) or hears (write); a number makes comfort noise."""
    side, _, value = data.strip().partition(" ")
    value = value.strip()
    if side.lower() not in ("read", "write"):
        session.log.error("set_mute: [read|write] [true|<cn level>|false] wanted, not %r", data)
        return
    noise = min(int(value), 10_000) if value.isdigit() else int(is_true(value))
    await levels(session).set_mute(side.lower(), noise)
