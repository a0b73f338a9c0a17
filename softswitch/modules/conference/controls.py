"""What a member's keys do."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from softswitch.modules.conference.member import Member
    from softswitch.modules.conference.settings import Control

_VERBS: dict[str, Callable[[Member], object]] = {
    "mute": lambda member: member.mute() if member.speaks else member.unmute(),
    "mute on": lambda member: member.mute() if member.speaks else None,
    "mute off": lambda member: member.unmute() if not member.speaks else None,
    "deaf": lambda member: member.deafen() if member.hears else member.undeafen(),
    "deaf on": lambda member: member.deafen() if member.hears else None,
    "deaf off": lambda member: member.undeafen() if not member.hears else None,
    "deaf mute": lambda member: _deaf_mute(member),
    "energy up": lambda member: member.set_energy("up", by_key=True),
    "energy dn": lambda member: member.set_energy("down", by_key=True),
    "energy equ": lambda member: member.set_energy(str(member.room.energy_level), by_key=True),
    "vol talk up": lambda member: member.set_volume_in("up", by_key=True),
    "vol talk dn": lambda member: member.set_volume_in("down", by_key=True),
    "vol talk zero": lambda member: member.set_volume_in("0", by_key=True),
    "vol listen up": lambda member: member.set_volume_out("up", by_key=True),
    "vol listen dn": lambda member: member.set_volume_out("down", by_key=True),
    "vol listen zero": lambda member: member.set_volume_out("0", by_key=True),
    "hangup": lambda member: member.leave("hangup"),
    "floor": lambda member: member.room.mixer.give_floor(
        None if member.has_floor else member.stream.id
    ),
    "lock": lambda member: member.room.set_locked(not member.room.locked),
    "moh toggle": lambda member: member.room.toggle_music(),
}


async def carry_out(member: Member, digits: str, control: Control) -> None:
    """Do what some keys stand for."""
    session = member.session
    session.set("conference_last_matching_digits", digits)
    verb = _VERBS.get(control.action)
    if verb is not None:
        verb(member)
        return
    match control.action:
        case "event":
            data = await session.expand(control.data)
            member.room.fire("dtmf", member, DTMF_Key=digits, Data=data)
        case "transfer":
            target = await session.expand(control.data)
            member.room.fire("transfer", member, Dialplan=target)
            words = target.split()
            if words:
                session.transfer(*words[:3])
        case "execute_application":
            told = await session.expand(control.data)
            member.room.fire("execute_app", member, Application=told)
            name, _, data = control.data.partition(" ")
            await session.execute(name, data)
        case unknown:
            raise AssertionError(f"the settings let {unknown!r} pass")


def _deaf_mute(member: Member) -> None:
    if member.speaks:
        member.mute()
        if member.hears:
            member.deafen()
    else:
        member.unmute()
        if not member.hears:
            member.undeafen()
