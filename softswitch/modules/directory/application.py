"""The application ``directory``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from softswitch.dialplan.arguments import split
from softswitch.modules.directory.search import Search
from softswitch.modules.directory.settings import ORDERS
from softswitch.registry import application
from softswitch.switch.modules import Loadable
from softswitch.switch.session import Session

if TYPE_CHECKING:
    from softswitch.modules.directory.module import Directory

MODULE: Loadable[Directory] = Loadable("mod_directory")
_SYNTAX = "<profile_name> <domain_name> [<context_name>] | [<dialplan_name> <context_name>]"


@application("directory", syntax=_SYNTAX, module=MODULE.name)
async def directory(session: Session, data: str) -> None:
    """Let a caller find somebody by the letters of his name, and transfer the call to him.

    Without a context the call goes to the one that is named like the domain. The dialplan goes
    on behind it for a caller who has chosen nobody.
    """
    module = MODULE.running(session.switch)
    words = split(data, " ", 6)
    if len(words) < 2:
        session.log.error("directory: %s wanted, not %r", _SYNTAX, data)
        return
    name, domain, *target = words
    settings = module.profiles.get(name)
    if settings is None:
        known = ", ".join(module.profiles) or "none"
        session.log.error("directory: there is no profile %r, there are: %s", name, known)
        return
    dialplan = target.pop(0) if len(target) > 1 else "XML"
    context = target[0] if target else domain
    order = (session.get("directory_search_order") or settings.search_order).lower()
    search = Search(
        session,
        settings,
        await module.entries(
            session,
            domain,
            group=session.get("directory_group_selection"),
            use_number_alias=settings.use_number_alias,
        ),
        order=order if order in ORDERS else ORDERS[0],
        domain=domain,
        voicemail_profile=session.get("directory_voicemail_profile") or name,
    )
    chosen = await search.run()
    if chosen is not None:
        session.transfer(chosen.extension, dialplan, context)
