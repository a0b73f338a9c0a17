"""mod_esf: multicast paging."""

from __future__ import annotations

from typing import TYPE_CHECKING

from softswitch.modules.esf import page
from softswitch.registry import module

if TYPE_CHECKING:
    from softswitch.switch.switch import Switch


@module(page.MODULE.name)
class MulticastPaging:
    """Allows ``esf_page_group``."""

    async def start(self, switch: Switch) -> None:
        """There is nothing to prepare."""

    async def stop(self) -> None:
        """Pages that are under way go on until their callers hang up."""
