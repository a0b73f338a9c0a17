"""Menus: ``ivr``."""

from __future__ import annotations

from softswitch.registry import application
from softswitch.switch import menu
from softswitch.switch.session import Session


@application("ivr", syntax="<menu_name>", module="mod_dptools")
async def ivr(session: Session, data: str) -> None:
    """Run a menu of ``ivr.conf``; ``ivr_menu_status`` tells success, failure or timeout.

    The dialplan goes on behind it when the menu is left without a transfer.
    """
    name = data.strip()
    if not name:
        session.log.error("ivr: <menu_name> is missing")
        return
    await menu.run(session, name)
