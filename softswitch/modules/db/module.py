"""mod_db: limits of the backend ``db``, which switches may share; ``db`` and ``group`` are core."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from softswitch.db.databases import Databases
from softswitch.modules.db.settings import DbSettings, read_settings
from softswitch.modules.db.shared_limits import FILE, MIGRATIONS, SharedLimits
from softswitch.registry import module

if TYPE_CHECKING:
    from softswitch.switch.switch import Switch


@module("mod_db", settings=DbSettings)
class Db:
    """Shares the limits while it runs, where ``db.conf`` named a database when it was loaded."""

    def __init__(self) -> None:
        self._shared: SharedLimits | None = None
        self._sharing: asyncio.Task[None] | None = None

    async def start(self, switch: Switch) -> None:
        """Begin to share. A database that is away is waited for behind the calls.

        Raises OSError for one that cannot be used.
        """
        dsn = read_settings(await switch.lookups.configuration("db.conf"))[0].dsn.strip()
        if not dsn or dsn.startswith("sqlite://"):
            return
        databases = Databases(dsn, "odbc-dsn of db.conf")
        database = await switch.loop.run_in_executor(
            None, lambda: databases.open(switch.folders.data / FILE, MIGRATIONS, patient=True)
        )
        switch.databases.opened.add(database)
        name = switch.generation.settings.switchname or switch.hostname
        self._shared = SharedLimits(database, name, switch.limits.db, switch.now_us)
        self._shared.begin()
        self._sharing = switch.loop.create_task(self._shared.run(), name="shared limits")

    async def stop(self) -> None:
        """Give back what the calls of this switch hold; they count alone from now on."""
        shared, sharing = self._shared, self._sharing
        self._shared = self._sharing = None
        if shared is None or sharing is None:
            return
        sharing.cancel()
        await asyncio.wait({sharing})
        await asyncio.get_running_loop().run_in_executor(None, shared.close)
