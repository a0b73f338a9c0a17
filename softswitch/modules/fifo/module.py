"""mod_fifo: queues in which callers wait for whoever takes them."""

from __future__ import annotations

import logging
import sqlite3
from typing import TYPE_CHECKING

from softswitch.modules.fifo import application, command
from softswitch.modules.fifo.member_store import FILE, MemberStore
from softswitch.modules.fifo.outbound import Outbound
from softswitch.modules.fifo.queues import Queues
from softswitch.modules.fifo.settings import FifoSettings, read_settings
from softswitch.registry import module

if TYPE_CHECKING:
    from softswitch.switch.switch import Switch

__all__ = ["Fifo", "application", "command"]
log = logging.getLogger(__name__)


@module(application.MODULE.name, settings=FifoSettings)
class Fifo:
    """Keeps the queues, and calls whom they name."""

    def __init__(self) -> None:
        self.queues: Queues | None = None
        self._outbound: Outbound | None = None

    async def start(self, switch: Switch) -> None:
        """Make the queues of ``fifo.conf``, with the members that commands added before."""
        self.queues = Queues(switch)
        element = await switch.lookups.configuration("fifo.conf")
        file = read_settings(element)[0]
        self.queues.configure(file)
        try:
            self.queues.store = await MemberStore.open(switch)
        except (OSError, sqlite3.Error) as error:
            # Queues matter more than who was added to them.
            log.error("%s cannot be used, members are not kept: %s", FILE, error)
        else:
            if file.settings.delete_members_on_startup:
                self.queues.store.delete_all()
            else:
                await self.queues.store.restore(self.queues)
        self._outbound = Outbound(self.queues)

    async def stop(self) -> None:
        """Ring nobody any more. Who waits goes on waiting until he is sent elsewhere."""
        if self._outbound is not None:
            await self._outbound.stop()
        if self.queues is not None:
            self.queues.presence.stop()
            if self.queues.store is not None:
                await self.queues.store.close()
        self._outbound = self.queues = None
