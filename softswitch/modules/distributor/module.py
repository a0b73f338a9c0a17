"""mod_distributor: weighted lists, for trunks and whatever else takes turns."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from softswitch.modules.distributor import commands
from softswitch.modules.distributor.lists import DistributorList
from softswitch.modules.distributor.settings import read_lists
from softswitch.registry import module

if TYPE_CHECKING:
    from softswitch.switch.switch import Switch

log = logging.getLogger(__name__)


@module(commands.MODULE.name)
class Distributor:
    """The lists of ``distributor.conf``."""

    def __init__(self) -> None:
        self._switch: Switch | None = None
        self._lists: dict[str, DistributorList] = {}

    async def start(self, switch: Switch) -> None:
        """Read the lists."""
        self._switch = switch
        await self.load()

    async def stop(self) -> None:
        """Give out nothing more."""
        self._lists = {}

    async def load(self) -> bool:
        """Take the lists anew; those before stay, and False comes, where there are none."""
        assert self._switch is not None, "it was started"
        element = await self._switch.lookups.configuration("distributor.conf")
        lists = read_lists(element)[0]
        if not lists:
            log.error("distributor.conf is missing or has no lists")
            return False
        self._lists = lists
        return True

    def find(self, name: str) -> DistributorList | None:
        """The list of that name, in any case."""
        return self._lists.get(name.lower())
