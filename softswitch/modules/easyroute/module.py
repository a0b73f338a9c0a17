"""mod_easyroute: numbers and their gateways in a database."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from softswitch.db.database import DatabaseError
from softswitch.db.foreign import ForeignDatabase
from softswitch.db.template import SqlTemplate
from softswitch.modules.easyroute import commands
from softswitch.modules.easyroute.settings import EasyrouteSettings, read_settings
from softswitch.registry import module
from softswitch.switch.dialstring import dialable
from softswitch.switch.event_expansion import expand_event

if TYPE_CHECKING:
    from softswitch.switch.switch import Switch

log = logging.getLogger(__name__)

NO_LIMIT = "9999"
COLUMNS = 6


@dataclass(frozen=True, slots=True)
class Destination:
    """Where a number goes."""

    dial_string: str
    translated: str
    limit: str = NO_LIMIT
    group: str = ""
    account: str = ""


@module(commands.MODULE.name, settings=EasyrouteSettings)
class Easyroute:
    """Holds what ``easyroute.conf`` said when the module was loaded."""

    def __init__(self) -> None:
        self._switch: Switch | None = None
        self._settings = EasyrouteSettings()
        self._template = SqlTemplate("")
        self._database: ForeignDatabase | None = None

    async def start(self, switch: Switch) -> None:
        """Read the settings; the database is asked when a number is looked up."""
        self._switch = switch
        element = await switch.lookups.configuration("easyroute.conf")
        self._settings = read_settings(element)[0]
        self._template = SqlTemplate(self._settings.statement, ["%q", "%s"])
        folder = Path(switch.globals.get("db_dir") or switch.folders.data / "db")
        try:
            self._database = ForeignDatabase(self._settings.dsn, folder)
        except ValueError as error:
            log.error("db-dsn of easyroute.conf: %s", error)

    async def stop(self) -> None:
        """Look nothing up any more."""
        if self._database is not None:
            await self._database.close()

    async def look_up(self, number: str, between: str = "@") -> Destination:
        """Where a number goes; to the default where nothing is known of it.

        ``between`` stands between number and gateway in the dial string.
        """
        gateway, group, limit, technology, account, translated = await self._row(number)
        settings = self._settings
        target = dialable(translated or number)
        return Destination(
            f"{technology or settings.default_techprofile}/{target}{between}"
            f"{gateway or settings.default_gateway}",
            target,
            limit or NO_LIMIT,
            group,
            account,
        )

    async def _row(self, number: str) -> list[str]:
        nothing = [""] * COLUMNS
        if self._database is None:
            return nothing
        assert self._switch is not None, "it was started"
        switch = self._switch

        async def expand(reference: str) -> str:
            is_number = reference.startswith("%")
            return number if is_number else await expand_event(switch, reference, {})

        try:
            answer = await self._database.ask(await self._template.render(expand))
        except (DatabaseError, ValueError) as error:
            log.error("DB Error Setting Default Route! %s", error)
            return nothing
        if not answer.rows:
            return nothing
        if len(answer.columns) < COLUMNS:
            log.error("custom-query finds %d columns, not %d", len(answer.columns), COLUMNS)
            return nothing
        return [value or "" for value in answer.rows[0][:COLUMNS]]
