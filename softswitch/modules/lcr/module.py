"""mod_lcr: the cheapest carrier first, by rates in a database."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING

from softswitch.db.database import DatabaseError
from softswitch.db.foreign import ForeignDatabase
from softswitch.modules.lcr import commands, endpoint
from softswitch.modules.lcr.rates import Rates
from softswitch.modules.lcr.settings import LcrFile, LcrSettings, read_file
from softswitch.registry import module

if TYPE_CHECKING:
    from softswitch.switch.switch import Switch

__all__ = ["Lcr", "endpoint"]
log = logging.getLogger(__name__)


@module(commands.MODULE.name, settings=LcrSettings)
class Lcr:
    """Holds what ``lcr.conf`` said when the module was loaded."""

    def __init__(self) -> None:
        self.file = LcrFile()
        self.rates: Rates | None = None
        self._database: ForeignDatabase | None = None

    async def start(self, switch: Switch) -> None:
        """Read the file. A database that is away is asked again when a number is looked up."""
        self.file = read_file(await switch.lookups.configuration("lcr.conf"))[0]
        dsn = self.file.settings.dsn
        folder = Path(switch.globals.get("db_dir") or switch.folders.data / "db")
        try:
            self._database = ForeignDatabase(dsn, folder)
        except ValueError as error:
            log.error("odbc-dsn of lcr.conf: %s", error)
            return
        self.rates = Rates(switch, self._database)
        try:
            await self.rates.schema()
        except DatabaseError as error:
            log.error("there are no routes for now: %s", error)

    async def stop(self) -> None:
        """Find no routes any more."""
        self.rates = None
        if self._database is not None:
            await self._database.close()
