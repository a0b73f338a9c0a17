"""mod_xml_curl: servers that know users, dialplan and settings, as bindings of the lookups."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING

from softswitch import registry
from softswitch.modules.xml_curl import command
from softswitch.modules.xml_curl.documents import Documents
from softswitch.modules.xml_curl.settings import BindingSettings, read_bindings

if TYPE_CHECKING:
    from softswitch.modules.xml_curl.gateway import Gateway
    from softswitch.switch.switch import Switch

log = logging.getLogger(__name__)


@registry.module(command.MODULE.name, settings=BindingSettings)
class XmlCurl:
    """Asks web servers for what is looked up, before the files."""

    def __init__(self) -> None:
        self.gateways: list[Gateway] = []
        self.documents: Documents | None = None
        self._unbind: list[Callable[[], None]] = []
        self._switch: Switch | None = None

    async def start(self, switch: Switch) -> None:
        """Register the bindings of ``xml_curl.conf``, in order. Raises OSError for bad keys."""
        # The HTTP client is the slowest import of all; who binds nothing does without.
        from softswitch.modules.xml_curl.gateway import Gateway

        bindings, _ = read_bindings(switch.generation.configuration)
        if not bindings:
            log.warning("xml_curl.conf has no bindings: nothing is asked")
        self.documents = Documents(switch)
        try:
            for binding in bindings:
                gateway = Gateway(switch, binding, self.documents)
                self.gateways.append(gateway)
                await gateway.start()
        except BaseException:
            await self.stop()
            raise
        for gateway in self.gateways:
            self._unbind.append(switch.lookups.bind(gateway, gateway.sections))
            sections = ", ".join(sorted(gateway.sections)) or "all sections"
            log.info("%s is asked about %s", gateway.url, sections)
        self._switch = switch
        await switch.reload_acl()

    async def stop(self) -> None:
        """Ask no more; requests under way end without an answer."""
        for unbind in self._unbind:
            unbind()
        self._unbind.clear()
        for gateway in self.gateways:
            await gateway.stop()
        self.gateways.clear()
        if self._switch is not None:
            await self._switch.reload_acl()
