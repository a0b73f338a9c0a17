"""mod_httapi: web servers that lead calls."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import TYPE_CHECKING

from softswitch.modules.httapi import commands, sounds
from softswitch.modules.httapi.client import Client
from softswitch.modules.httapi.settings import DEFAULT, HttapiFile, HttapiSettings, read_file
from softswitch.registry import module

if TYPE_CHECKING:
    from softswitch.switch.session import Session
    from softswitch.switch.switch import Switch

__all__ = ["Httapi", "sounds"]
log = logging.getLogger(__name__)


@module(commands.MODULE.name, settings=HttapiSettings)
class Httapi:
    """The profiles of ``httapi.conf``, and what calls told their servers."""

    def __init__(self) -> None:
        self.debug = False
        self._file = HttapiFile()
        self._clients: dict[str, Client] = {}

    async def start(self, switch: Switch) -> None:
        """Read the file."""
        self._file = read_file(await switch.lookups.configuration("httapi.conf"))[0]
        self.debug = self._file.settings.debug
        if not self._file.profiles:
            log.error("httapi.conf has no profiles")

    async def stop(self) -> None:
        """Calls that are led now end their application by themselves."""
        self._clients.clear()

    def client(self, session: Session, params: Mapping[str, str]) -> Client | None:
        """The talk of a call with its server, begun or gone on with; None without a profile."""
        known = self._clients.get(session.uuid)
        if known is not None:
            known.params.update(params)
            return known
        name = params.get("httapi_profile") or session.get("httapi_profile") or DEFAULT
        profile = self._file.profiles.get(name)
        if profile is None:
            return None
        made = self._clients[session.uuid] = Client(session, profile, params)

        def watch(_: Session, what: str) -> None:
            if what == "hangup" and self._clients.pop(session.uuid, None) is not None:
                bye = made.say_goodbye()
                session.switch.own(session.switch.loop.create_task(bye, name="httapi goodbye"))

        session.watchers.append(watch)
        return made
