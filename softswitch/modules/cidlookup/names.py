"""From a number to a name: the database, what is kept, the web server, then the area."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from softswitch import __version__
from softswitch.db.database import DatabaseError
from softswitch.db.foreign import ForeignDatabase
from softswitch.db.template import SqlTemplate
from softswitch.modules.cidlookup.settings import CidlookupSettings, hidden
from softswitch.net.http import HttpFailed, fetch
from softswitch.switch.event_expansion import expand_event

if TYPE_CHECKING:
    from softswitch.switch.switch import Switch

log = logging.getLogger(__name__)

UNKNOWN = "UNKNOWN"
LONGEST_NAME = 256
"""Characters of what a server answers that are used."""
MOST_KEPT = 10_000
_NOBODY = ("", "UNKNOWN", "UNAVAILABLE")
"""What a server answers that knows no name."""


@dataclass(frozen=True, slots=True)
class CallerName:
    """Who has a number, where that is, and who said so."""

    name: str
    area: str = UNKNOWN
    source: str = UNKNOWN


class Names:
    """Looks names up as one ``cidlookup.conf`` says."""

    def __init__(
        self, switch: Switch, settings: CidlookupSettings, database: ForeignDatabase | None
    ):
        self.settings = settings
        self._switch = switch
        self._database = database
        self._sql = SqlTemplate(settings.sql)
        self._citystate = SqlTemplate(settings.citystate_sql)
        self._kept: dict[str, tuple[CallerName, float]] = {}

    async def look_up(
        self, number: str, *, skip_url: bool = False, skip_area: bool = False
    ) -> CallerName:
        """The name of a number's owner. Never raises; who is not found is ``UNKNOWN``."""
        digits = "".join(digit for digit in number if "0" <= digit <= "9")
        national = len(digits) == 11 and digits.startswith("1")
        fresh = False
        name, area, source = await self._ask_database(self._sql, digits), "", ""
        if name:
            source = "phone_database"
        elif kept := self._known(digits):
            name, area, source = kept.name, kept.area, f"{kept.source} (cache)"
        elif not skip_url and (name := await self._ask_server(digits)):
            source, fresh = "url", True
        if not area and national and not skip_area:
            area = await self._ask_database(self._citystate, digits)
            if area:
                source = f"{source},npanxx_database" if source else "npanxx_database"
        if not name:
            plain = f"{digits[1:4]}-{digits[4:7]}-{digits[7:]}" if national else digits
            name = plain if skip_area else area or UNKNOWN
        found = CallerName(name, area or UNKNOWN, source or UNKNOWN)
        if fresh:
            self._keep(digits, found)
        return found

    def _known(self, digits: str) -> CallerName | None:
        found, until = self._kept.get(digits, (None, 0.0))
        if found is None or until <= self._switch.loop.time():
            self._kept.pop(digits, None)
            return None
        return replace(found, area="" if found.area == UNKNOWN else found.area)

    def _keep(self, digits: str, found: CallerName) -> None:
        if not self.settings.cache:
            return
        if len(self._kept) >= MOST_KEPT:
            del self._kept[next(iter(self._kept))]
        self._kept[digits] = found, self._switch.loop.time() + self.settings.cache_expire

    async def _expand(self, text: str, digits: str) -> str:
        return await expand_event(self._switch, text, {"caller_id_number": digits})

    async def _ask_database(self, template: SqlTemplate, digits: str) -> str:
        if self._database is None or not template.text.strip():
            return ""

        async def expand(reference: str) -> str:
            return await self._expand(reference, digits)

        try:
            answer = await self._database.ask(await template.render(expand))
        except (DatabaseError, ValueError) as error:
            log.error("the name of %s is not looked up: %s", digits, error)
            return ""
        return (answer.rows[0][0] or "").strip() if answer.rows and answer.columns else ""

    async def _ask_server(self, digits: str) -> str:
        settings = self.settings
        if not settings.url:
            return ""
        url = await self._expand(settings.url, digits)
        loop = asyncio.get_running_loop()
        begun = loop.time()
        agent = {"User-Agent": f"softswitch-cidlookup/{__version__}"}
        try:
            answer = await fetch(url, headers=agent, seconds=settings.timeout)
        except HttpFailed as error:
            log.error("the name of %s is not looked up: %s", digits, hidden(str(error)))
            return ""
        if (taken := loop.time() - begun) >= settings.warning:
            log.warning("SLOW LOOKUP (%d ms): url: %s", taken * 1000, hidden(url))
        if not 200 <= answer.status < 300:
            log.warning("%s answers %d", hidden(url), answer.status)
            return ""
        name = answer.body.strip().partition("\n")[0].strip()[:LONGEST_NAME]
        return "" if name.upper() in _NOBODY else name
