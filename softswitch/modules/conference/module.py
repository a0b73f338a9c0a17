"""mod_conference: rooms in which many calls hear each other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from softswitch.modules.conference import application, command
from softswitch.modules.conference.rooms import Rooms
from softswitch.modules.conference.settings import ConferenceProfile
from softswitch.registry import module

if TYPE_CHECKING:
    from softswitch.switch.switch import Switch

__all__ = ["Conference", "application", "command"]


@module(application.MODULE.name, settings=ConferenceProfile)
class Conference:
    """Keeps the rooms; ``conference.conf`` is read whenever somebody enters one."""

    def __init__(self) -> None:
        self.rooms: Rooms | None = None

    async def start(self, switch: Switch) -> None:
        """Be ready for rooms."""
        self.rooms = Rooms(switch)

    async def stop(self) -> None:
        """End all rooms; their members go on in the dialplan."""
        if self.rooms is not None:
            self.rooms.end_all()
            self.rooms = None
