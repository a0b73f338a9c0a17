"""What a HUP signal does, however it comes: files are begun anew, the configuration is read."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from softswitch.switch.switch import Switch

log = logging.getLogger(__name__)


async def handle_hup(switch: Switch) -> None:
    """Fire TRAP, have each module that writes files begin new ones, and reload the configuration.

    A module that fails is logged; the others still get their turn.
    """
    switch.publish("TRAP", {"Trapped-Signal": "HUP"})
    for name, module in list(switch.modules.running.items()):
        hup = getattr(module, "hup", None)
        if hup is None:
            continue
        try:
            await hup()
        except Exception:
            log.exception("%s did not begin new files", name)
    for finding in await switch.reload():
        log.warning("%s", str(finding).partition("\n")[0])
