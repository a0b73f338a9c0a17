"""mod_voicemail: loading and unloading of voicemail."""

from __future__ import annotations

from typing import TYPE_CHECKING

from softswitch.modules.voicemail import application, commands, program_commands
from softswitch.modules.voicemail.service import MODULE, Service
from softswitch.modules.voicemail.settings import ProfileSettings
from softswitch.registry import module

if TYPE_CHECKING:
    from softswitch.switch.switch import Switch

__all__ = ["Voicemail", "application", "commands", "program_commands"]


@module(MODULE.name, settings=ProfileSettings)
class Voicemail:
    """Takes messages and plays them."""

    def __init__(self) -> None:
        self.service: Service | None = None

    async def start(self, switch: Switch) -> None:
        """Open the messages. Raises OSError or `sqlite3.Error` where that cannot be."""
        service = Service(switch)
        await service.start()
        self.service = service

    async def stop(self) -> None:
        """Write what waits; calls that are in it say goodbye."""
        service, self.service = self.service, None
        if service is not None:
            await service.stop()
