"""Taking a call that is somebody else's: ``intercept``."""

from __future__ import annotations

from softswitch.dialplan.arguments import split
from softswitch.registry import ApplicationFlag, application
from softswitch.switch.intercept import intercept
from softswitch.switch.session import Session


@application(
    "intercept", syntax="[-bleg] <uuid>", flags=ApplicationFlag.NO_MEDIA, module="mod_dptools"
)
async def intercept_app(session: Session, data: str) -> None:
    """Answer, and take the call of that id from whoever it rings for or talks to.

    ``-bleg`` takes the party it talks to instead. ``intercept_unbridged_only`` and
    ``intercept_unanswered_only`` spare calls that are bridged or answered.
    """
    words = split(data, " ", 3)
    partner = bool(words) and words[0].lower() == "-bleg"
    if partner:
        words.pop(0)
    if not words or not words[0]:
        session.log.error("intercept: [-bleg] <uuid> wanted, not %r", data)
        return
    target = session.switch.find(words[0])
    if target is not None and partner:
        target = target.peer
    if target is None:
        session.log.error("intercept: there is no call %r", words[0])
    else:
        await intercept(session, target)
