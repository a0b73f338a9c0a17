"""mod_callcenter: queues that offer callers to agents."""

from __future__ import annotations

import logging
import sqlite3
from typing import TYPE_CHECKING

from softswitch.modules.callcenter import application, command, json_command
from softswitch.modules.callcenter.center import Center
from softswitch.modules.callcenter.dispatcher import Dispatcher
from softswitch.modules.callcenter.offer import Offers
from softswitch.modules.callcenter.settings import CallCenterSettings, read_settings
from softswitch.modules.callcenter.store import FILE, Store
from softswitch.registry import module

if TYPE_CHECKING:
    from softswitch.switch.switch import Switch

__all__ = ["CallCenter", "application", "command", "json_command"]
log = logging.getLogger(__name__)


@module(application.MODULE.name, settings=CallCenterSettings)
class CallCenter:
    """Keeps queues, agents and members, and offers them to each other."""

    def __init__(self) -> None:
        self.center: Center | None = None
        self._dispatcher: Dispatcher | None = None
        self._offers: Offers | None = None

    async def start(self, switch: Switch) -> None:
        """Make what ``callcenter.conf`` says, with what commands added before. Agents of the file
        are set to what it says; others stay."""
        file = read_settings(await switch.lookups.configuration("callcenter.conf"))[0]
        center = Center(switch, file)
        for name in file.queues:
            center.load_queue(name, file)
        try:
            center.store = await Store.open(switch)
        except (OSError, sqlite3.Error) as error:
            # Queues matter more than who was added to them.
            log.error("%s cannot be used, agents and tiers are not kept: %s", FILE, error)
        else:
            await center.store.restore(center)
        center.load_agents(file)
        center.load_tiers(file)
        self._offers = Offers(center)
        self._dispatcher = Dispatcher(center, self._offers.begin)
        self._dispatcher.wake()
        self.center = center

    async def stop(self) -> None:
        """Offer nobody any more. Who waits goes on waiting until he is sent elsewhere."""
        if self._dispatcher is not None:
            self._dispatcher.stop()
        if self._offers is not None:
            await self._offers.stop()
        if self.center is not None:
            self.center.presence.stop()
            store, self.center.store = self.center.store, None
            if store is not None:
                await store.close()
        self.center = self._dispatcher = self._offers = None
