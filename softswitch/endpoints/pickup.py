"""``pickup``: a place in an attempt for whoever takes the call from elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

from softswitch.registry import ApplicationFlag, application, endpoint
from softswitch.switch.causes import CallFailed, HangupCause
from softswitch.switch.states import ChannelState

if TYPE_CHECKING:
    from softswitch.media.engine import Stream
    from softswitch.switch.caller import CallerProfile
    from softswitch.switch.session import Session
    from softswitch.switch.switch import Switch


@endpoint("pickup", module="mod_dptools")
class PickupEndpoint:
    """``pickup/<group>[@<domain>]`` rings nobody; ``pickup <group>`` takes the oldest such call."""

    def __init__(self, switch: Switch) -> None:
        self._switch = switch
        self._waiting: dict[str, list[PickupLeg]] = {}

    def dial(
        self,
        target: str,
        profile: CallerProfile,
        parent: Session | None,
        variables: dict[str, str],
    ) -> tuple[str, PickupLeg]:
        variables.pop("presence_id", None)
        variables["process_cdr"] = "false"
        leg = PickupLeg(self, self._key(target), dict(variables))
        return f"pickup/{target}", leg

    def wait(self, leg: PickupLeg) -> None:
        """Let a call be taken."""
        self._waiting.setdefault(leg.key, []).append(leg)

    def forget(self, leg: PickupLeg) -> None:
        """A call is over, taken or not."""
        waiting = self._waiting.get(leg.key, [])
        if leg in waiting:
            waiting.remove(leg)
        if not waiting:
            self._waiting.pop(leg.key, None)

    def oldest(self, group: str) -> PickupLeg | None:
        """The call that has waited longest for somebody of ``group``; it waits no more."""
        waiting = self._waiting.get(self._key(group))
        if not waiting:
            return None
        leg = waiting[0]
        self.forget(leg)
        return leg

    def _key(self, group: str) -> str:
        return group if "@" in group else f"{group}@{self._switch.globals.get('domain', '')}"


class PickupLeg:
    """One such place; it has no media and no far end."""

    media: Stream | None = None
    digits_by = "none"

    def __init__(self, endpoint: PickupEndpoint, key: str, variables: dict[str, str]) -> None:
        self._endpoint = endpoint
        self.key = key
        self.variables = variables
        """What the dial string sets; whoever takes the call gets it."""
        self.session: Session = None  # type: ignore[assignment]

    def attach(self, session: Session) -> None:
        self.session = session

    def invite(self) -> None:
        self._endpoint.wait(self)

    def hangup(self, cause: HangupCause) -> None:
        self._endpoint.forget(self)
        taker = self.session.channel.variables.peek("channel_swap_uuid")
        picker = self.session.switch.find(taker) if taker else None
        if picker is not None:
            # The caller left in the moment of the picking up.
            picker.hangup(HangupCause.PICKED_OFF)

    def _nobody(self, *_: object, **__: object) -> NoReturn:
        raise CallFailed(HangupCause.WRONG_CALL_STATE, "nobody has picked up")

    ring = pre_answer = answer = hold = unhold = _nobody
    send_digits = redirect = respond = deflect = indicate = _nobody

    def note_media(self) -> None:
        """There is none."""


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
    place = session.switch.endpoints.get("pickup")
    leg = place.oldest(data.strip()) if isinstance(place, PickupEndpoint) else None
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
