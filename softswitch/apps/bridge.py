"""The ``bridge`` application: call somebody and join the two legs."""

from __future__ import annotations

from softswitch.registry import ApplicationFlag, application
from softswitch.switch.bridge import after_failure
from softswitch.switch.bridge import bridge as join
from softswitch.switch.campon import camp_on
from softswitch.switch.causes import CallFailed
from softswitch.switch.originate import originate
from softswitch.switch.session import Session


@application("bridge", syntax="<channel_url>", flags=ApplicationFlag.NO_MEDIA, module="mod_dptools")
async def bridge(session: Session, data: str) -> None:
    """Ring a dial string and talk to whoever answers.

    A failed attempt sets ``originate_disposition`` and ``originate_failed_cause``; what then
    happens is up to ``continue_on_fail``, ``failure_causes`` and ``transfer_on_fail``. After a
    talk ``hangup_after_bridge``, ``park_after_bridge`` and ``transfer_after_bridge`` decide.
    With ``campon=true`` the caller is answered and hears music while it is tried again.
    """
    if not data.strip():
        session.log.error("bridge: <channel_url> is missing; there is nobody to ring")
        return
    session.set("originate_failed_cause", "")
    try:
        if session.is_true("campon"):
            peer: Session | None = await camp_on(session, data)
        else:
            peer = await originate(session.switch, data, parent=session)
    except CallFailed as failure:
        session.log.info("bridge to %s failed: %s", data, failure)
        session.set("originate_failed_cause", failure.cause.name)
        after_failure(session, failure.cause)
        return
    if peer is not None:
        await join(session, peer)
