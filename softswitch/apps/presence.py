"""The ``presence`` application: what watchers of this call's user are shown."""

from __future__ import annotations

from softswitch.dialplan.arguments import split
from softswitch.registry import ApplicationFlag, application
from softswitch.switch import presence as told
from softswitch.switch.session import Session


@application(
    "presence",
    syntax="<rpid> <status> [<id>]",
    flags=ApplicationFlag.NO_MEDIA | ApplicationFlag.INLINE,
    module="mod_dptools",
)
async def presence(session: Session, data: str) -> None:
    """Tell watchers of the call's ``presence_id``, or of another id, an activity and a text."""
    words = split(data, " ", 3)
    if len(words) < 2:
        session.log.error("presence: <rpid> <status> [<id>] wanted, not %r", data)
        return
    told.tell(session, words[0], words[1], words[2] if len(words) > 2 else "")
