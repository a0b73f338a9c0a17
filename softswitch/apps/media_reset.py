"""``media_reset``: media goes through the switch again."""

from __future__ import annotations

from softswitch.registry import ApplicationFlag, application
from softswitch.switch.direct_media import bring_back
from softswitch.switch.session import Session


@application("media_reset", syntax="", flags=ApplicationFlag.NO_MEDIA, module="mod_dptools")
async def media_reset(session: Session, data: str) -> None:
    """Forget that media should go past the switch, and bring it back where it does."""
    session.set("bypass_media", "")
    session.set("bypass_media_after_bridge", "")
    bring_back(session)
