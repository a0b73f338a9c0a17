"""The event socket as a module: started and stopped by ``modules.conf``."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import softswitch.modules.event_socket.outbound  # noqa: F401  (registers the application)
from softswitch import registry
from softswitch.config.running import Place, forget, leave
from softswitch.modules.event_socket.server import EventSocketServer
from softswitch.modules.event_socket.settings import WELL_KNOWN, EventSocketSettings, read_settings

if TYPE_CHECKING:
    from softswitch.switch.switch import Switch

log = logging.getLogger(__name__)

SECRET = "event_socket_password"
"""The global variable that holds the generated password."""

_REACHED_AT = {"0.0.0.0": "127.0.0.1", "::": "::1"}
"""Who listens everywhere is spoken to on the loopback."""


@registry.module("mod_event_socket", settings=EventSocketSettings)
class EventSocket:
    """Lets programs and consoles control the switch over TCP."""

    def __init__(self) -> None:
        self.server: EventSocketServer | None = None

    @property
    def address(self) -> tuple[str, int] | None:
        """Where it listens; None while it does not run."""
        return self.server.address if self.server is not None else None

    async def start(self, switch: Switch) -> None:
        """Listen. Raises ValueError where there is no password, OSError where no address."""
        settings, _ = read_settings(switch.generation.configuration)
        password = settings.password or switch.globals.get(SECRET, "")
        if not password:
            raise ValueError("event_socket.conf has no password, and none was generated")
        if password.lower() in WELL_KNOWN:
            log.warning(
                "the event socket's password is well known: only this machine can log in with it"
            )
        server = EventSocketServer(switch, settings, password)
        await server.start()
        self.server = server
        await self._tell(server)

    async def stop(self) -> None:
        """Close the listener and all connections."""
        if self.server is not None:
            server, self.server = self.server, None
            try:
                await server.switch.loop.run_in_executor(None, forget, server.switch.folders.data)
            except OSError as error:
                log.warning("consoles may look for the event socket where it was: %s", error)
            await server.stop()

    async def _tell(self, server: EventSocketServer) -> None:
        """Leave word for consoles on this machine."""
        host, port = server.address
        place = Place(_REACHED_AT.get(host, host), port, server.password)
        data = server.switch.folders.data
        try:
            await server.switch.loop.run_in_executor(None, leave, data, place)
        except OSError as error:
            log.warning("consoles must be told where the event socket is: %s", error)
