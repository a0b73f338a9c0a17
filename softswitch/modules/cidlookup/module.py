"""mod_cidlookup: names of callers from a database or a web server."""

from __future__ import annotations

import logging
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from softswitch.db.foreign import ForeignDatabase
from softswitch.modules.cidlookup import commands
from softswitch.modules.cidlookup.names import Names
from softswitch.modules.cidlookup.settings import CidlookupSettings, read_settings
from softswitch.registry import module
from softswitch.switch.after_reload import AfterReload

if TYPE_CHECKING:
    from softswitch.switch.switch import Switch

log = logging.getLogger(__name__)


@module(commands.MODULE.name, settings=CidlookupSettings)
class Cidlookup:
    """Holds what ``cidlookup.conf`` names, as it is since the last ``reloadxml``."""

    def __init__(self) -> None:
        self.names: Names | None = None
        self._database: ForeignDatabase | None = None
        self._reload: AfterReload | None = None

    async def start(self, switch: Switch) -> None:
        """Read the settings, and again at each reload."""
        load = partial(self._load, switch)
        self._reload = AfterReload(switch, "cidlookup.conf", load)
        await load()

    async def stop(self) -> None:
        """Look nothing up any more."""
        if self._reload is not None:
            self._reload.cancel()
        self.names = None
        if self._database is not None:
            await self._database.close()

    async def _load(self, switch: Switch) -> None:
        before = self._database
        settings = read_settings(await switch.lookups.configuration("cidlookup.conf"))[0]
        if self.names is not None and settings == self.names.settings:
            return
        self._database = None
        if settings.dsn:
            folder = Path(switch.globals.get("db_dir") or switch.folders.data / "db")
            try:
                self._database = ForeignDatabase(settings.dsn, folder)
            except ValueError as error:
                log.error("odbc-dsn of cidlookup.conf: %s", error)
        self.names = Names(switch, settings, self._database)
        if before is not None:
            await before.close()
