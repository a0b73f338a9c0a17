"""mod_enum: what DNS says of a number."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from softswitch.modules.enum import commands
from softswitch.modules.enum.offers import Offer, Question, offers
from softswitch.modules.enum.settings import EnumFile, EnumSettings, read_file, server_address
from softswitch.net.dns import Dns, DnsFailure
from softswitch.registry import module
from softswitch.switch.after_reload import AfterReload
from softswitch.switch.event_expansion import expand_event

if TYPE_CHECKING:
    from softswitch.switch.switch import Switch

log = logging.getLogger(__name__)

MOST_SERVERS = 10
_MOST_CLIENTS = 64


@module(commands.MODULE.name, settings=EnumSettings)
class Enum:
    """Looks numbers up as ``enum.conf`` says."""

    def __init__(self) -> None:
        self._switch: Switch | None = None
        self._file = EnumFile()
        self._clients: dict[str, Dns] = {}
        """One for each list of name servers that was asked."""
        self._reload: AfterReload | None = None

    async def start(self, switch: Switch) -> None:
        """Read the file, and again at each reload if it says so."""
        self._switch = switch
        self._reload = AfterReload(switch, "enum.conf", self._reread)
        await self.load()

    async def stop(self) -> None:
        """Look nothing up any more."""
        if self._reload is not None:
            self._reload.cancel()
        self._clients = {}

    async def _reread(self) -> None:
        if self._file.settings.auto_reload:
            await self.load()

    async def load(self) -> None:
        """Take ``enum.conf`` as it is now."""
        assert self._switch is not None, "it was started"
        element = await self._switch.lookups.configuration("enum.conf")
        if element is None:
            log.error("enum.conf is missing: no number has a route")
        self._file = read_file(element)[0]
        self._clients = {}

    async def look_up(self, number: str, root: str = "", nameservers: str = "") -> list[Offer]:
        """What a number comes to, best first; nothing where no name server tells.

        ``nameservers`` are addresses between commas that are asked in place of the file's.
        """
        assert self._switch is not None, "it was started"
        switch, settings = self._switch, self._file.settings
        question = Question.of(number, root, settings.default_isn_root, settings.default_root)
        if question is None:
            return []
        client = self._client(nameservers or switch.globals.get("enum-server", ""))
        try:
            rules = await client.rules(question.name)
        except DnsFailure as failure:
            log.warning("%s", failure)
            return []
        routes = self._file.routes
        templates = [await expand_event(switch, route.replace, {}) for route in routes]
        return list(offers(rules, question.number, routes, templates))

    def _client(self, nameservers: str) -> Dns:
        client = self._clients.get(nameservers)
        if client is not None:
            return client
        assert self._switch is not None, "it was started"
        settings = self._file.settings
        named = nameservers.split(",") if nameservers else settings.nameservers
        servers = []
        for text in named[:MOST_SERVERS]:
            address = server_address(text)
            if address is None:
                log.warning("%r is no address of a name server", text)
            else:
                servers.append(address)
        client = Dns(
            self._switch.loop,
            servers=tuple(servers),
            lifetime=settings.patience * settings.tries * max(len(servers), 1),
            patience=settings.patience,
            rotate=settings.random_nameserver,
        )
        if len(self._clients) >= _MOST_CLIENTS:
            self._clients.clear()
        self._clients[nameservers] = client
        return client
