"""mod_fifo: queues in which callers wait for whoever takes them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from softswitch.modules.fifo import application, command
from softswitch.modules.fifo.outbound import Outbound
from softswitch.modules.fifo.queues import Queues
from softswitch.modules.fifo.settings import FifoSettings, read_settings
from softswitch.registry import module

if TYPE_CHECKING:
    from softswitch.switch.switch import Switch

__all__ = ["Fifo", "application", "command"]


@module(application.MODULE, settings=FifoSettings)
class Fifo:
    """Keeps the queues, and calls whom they name."""

    def __init__(self) -> None:
        self.queues: Queues | None = None
        self._outbound: Outbound | None = None

    async def start(self, switch: Switch) -> None:
        """Make the queues of ``fifo.conf``."""
        self.queues = Queues(switch)
        element = await switch.lookups.configuration("fifo.conf")
        self.queues.configure(read_settings(element)[0])
        self._outbound = Outbound(self.queues)

    async def stop(self) -> None:
        """Ring nobody any more. Who waits goes on waiting until he is sent elsewhere."""
        if self._outbound is not None:
            await self._outbound.stop()
        self._outbound = self.queues = None
