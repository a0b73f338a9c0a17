"""The ``pickup`` application: take a call that rings for a group."""

from __future__ import annotations

from softswitch.endpoints.pickup import PickupEndpoint
from softswitch.registry import ApplicationFlag, application
from softswitch.switch.session import Session
from softswitch.switch.states import ChannelState


@application(
    "pickup", syntax="<group>[@<domain>]", flags=ApplicationFlag.NO_MEDIA, module="mod_dptools"
)
async def pickup(session: Session, data: str) -> None:
    """Answer, and take the oldest call whose dial string has ``pickup/<group>``.

    The variables of that leg become this call's. Where no such call waits, the dialplan
    goes on.
    """
    if not data.strip():
        session.log.warning("pickup: <group>[@<domain>] is missing")
        return
    endpoint = session.switch.endpoints.get("pickup")
    leg = endpoint.oldest(data.strip()) if isinstance(endpoint, PickupEndpoint) else None
    if leg is None:
        return
    await session.answer()
    for name, value in leg.variables.items():
        session.set(name, value)
    leg.session.set("channel_swap_uuid", session.uuid)
    ours, theirs = session.channel.profile, leg.session.channel.profile
    ours.callee_id_name, ours.callee_id_number = ours.caller_id_name, ours.caller_id_number
    ours.caller_id_name, ours.caller_id_number = theirs.caller_id_name, theirs.caller_id_number
    session.switch.fire(session, "CALL_UPDATE", first={"Direction": "RECV"})
    session.move(ChannelState.CS_SOFT_EXECUTE)
    leg.session.on_answer()
