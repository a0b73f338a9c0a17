"""Verbs that say something to one member, or to several, of a room."""

from __future__ import annotations

from typing import TYPE_CHECKING

from softswitch.modules.conference.member import parse_position, stepped
from softswitch.modules.conference.verbs import MEMBER, UsageError, member_line, verb

if TYPE_CHECKING:
    from softswitch.modules.conference.member import Member

_STEPS = ("up", "down")
_VALUE = "<member_id|all|last|non_moderator> [<newval>]"
_QUIET = "<[member_id|all]|last|non_moderator> [<quiet>]"
_GROUP = "<[member_id|all]|last|non_moderator>"
_ANY = "<[member_id|all|last|non_moderator]>"


@verb("energy", _VALUE, kind=MEMBER)
async def energy(member: Member, value: str) -> str:
    if value:
        member.set_energy(_number_or(value, *_STEPS))
    answer = f"Energy {member.id} = {member.energy_level}\n"
    if member.auto_energy_level and member.energy_level > member.auto_energy_level:
        member.auto_energy_level = 0
        answer += "Auto-Energy level exceeded, Auto-Energy mode disabled\n"
    return answer


@verb("auto-energy", _VALUE, kind=MEMBER)
async def auto_energy(member: Member, value: str) -> str:
    if value:
        member.auto_energy_level = stepped(member.auto_energy_level, _number_or(value, *_STEPS))
    level, energy = member.auto_energy_level, member.energy_level
    if not energy and level:
        member.set_energy(str(level // 2))
    if value:
        member.room.fire(
            "auto-energy-level-member",
            member,
            Auto_Energy_Level=str(level),
            Energy_Level=str(member.energy_level),
        )
    return f"{member.id} = Auto-Energy: {level} Energy: {energy}\n"


@verb("max-energy", _VALUE, kind=MEMBER)
async def max_energy(member: Member, value: str) -> str:
    error = ""
    if value:
        level, *rest = value.split(":")
        member.max_energy_level = stepped(member.max_energy_level, _number_or(level, *_STEPS))
        if 0 < member.max_energy_level < member.energy_level:
            member.max_energy_level = 0
            error = f"-ERR {member.id} Max-Energy cannot exceed energy level.\n"
        elif rest:
            member.max_energy_mute_ms = int(_number_or(rest[0]))
            if len(rest) > 1:
                member.max_energy_hits = int(_number_or(rest[1]))
        member.apply()
        member.room.fire(
            "max-energy-level-member",
            member,
            Max_Energy_Level=str(member.max_energy_level),
            Max_Energy_Mute=str(member.max_energy_mute_ms),
            Max_Energy_Hit_Trigger=str(member.max_energy_hits),
            Energy_Level=str(member.energy_level),
        )
    return (
        f"{error}{member.id} = Max-Energy: {member.max_energy_level} Energy: {member.energy_level}"
        f" Max-Energy-Mute: {member.max_energy_mute_ms}ms"
        f" Max-Energy-Hit-Trigger {member.max_energy_hits}\n"
    )


@verb("agc", _VALUE, kind=MEMBER)
async def agc(member: Member, value: str) -> str:
    if value:
        value = {"on": "1100", "off": "0"}.get(value.lower(), value)
        member.auto_gain_level = stepped(member.auto_gain_level, _number_or(value, *_STEPS))
        member.apply()
        level = str(member.auto_gain_level)
        member.room.fire("agc-level-member", member, Agc_Level=level)
    return f"Agc {member.id} = {member.auto_gain_level}\n"


@verb("volume_in", _VALUE, kind=MEMBER)
async def volume_in(member: Member, value: str) -> str:
    if value:
        member.set_volume_in(_number_or(value, *_STEPS))
    return f"+OK Volume IN {member.id} = {member.volume_in}\n"


@verb("volume_out", _VALUE, kind=MEMBER)
async def volume_out(member: Member, value: str) -> str:
    if value:
        member.set_volume_out(_number_or(value, *_STEPS))
    return f"+OK Volume OUT {member.id} = {member.volume_out}\n"


@verb("position", "<member_id> <x>:<y>:<z>", kind=MEMBER)
async def position(member: Member, value: str) -> str:
    if not member.room.mixer.settings.stereo:
        return "-ERR Positional audio not available: the profile has no channels=2\n"
    if "no-positional" in member.flags:
        return f"-ERR {member.session.channel.name} has positional audio blocked.\n"
    if value:
        try:
            member.set_position(parse_position(value))
        except ValueError:
            return "-ERR invalid input!\n"
    x, y, z = member.position
    return f"+OK Position {member.id} = {x:0.2f}:{y:0.2f}:{z:0.2f}\n"


@verb("dtmf", "<[member_id|all|last|non_moderator]> <digits>", kind=MEMBER)
async def dtmf(member: Member, digits: str) -> str:
    if not digits or set(digits.upper()) - set("0123456789*#ABCDFW"):
        return "-ERR Invalid input!\n"
    member.session.leg.send_digits(digits, 250)
    member.room.fire("dtmf-member", member, Digits=digits)
    return f"+OK sent {digits} to {member.id}\n"


@verb("kick", "<[member_id|all|last|non_moderator]> [<optional sound file>]", kind=MEMBER)
async def kick(member: Member, sound: str) -> str:
    member.kicked_sound = sound
    member.leave("kicked")
    member.room.fire("kick-member", member)
    return member_line(member, "kicked")


@verb("hup", _ANY, kind=MEMBER)
async def hup(member: Member, _: str) -> str:
    member.leave("hangup")
    member.room.fire("hup-member", member)
    return member_line(member, "hup")


@verb("hold", f"{_GROUP} [file]", kind=MEMBER)
async def hold(member: Member, sound: str) -> str:
    member.hold(sound)
    return member_line(member, "hold")


@verb("unhold", _GROUP, kind=MEMBER)
async def unhold(member: Member, _: str) -> str:
    member.unhold()
    return member_line(member, "unhold")


@verb("mute", _QUIET, kind=MEMBER)
async def mute(member: Member, quiet: str) -> str:
    member.mute(quiet="quiet" in quiet)
    return member_line(member, "mute")


@verb("unmute", _QUIET, kind=MEMBER)
async def unmute(member: Member, quiet: str) -> str:
    member.unmute(quiet="quiet" in quiet)
    return member_line(member, "unmute")


@verb("tmute", _QUIET, kind=MEMBER)
async def tmute(member: Member, quiet: str) -> str:
    return await (mute if member.speaks else unmute)(member, quiet)


@verb("deaf", _GROUP, kind=MEMBER)
async def deaf(member: Member, _: str) -> str:
    member.deafen()
    return member_line(member, "deaf")


@verb("undeaf", _GROUP, kind=MEMBER)
async def undeaf(member: Member, _: str) -> str:
    member.undeafen()
    return member_line(member, "undeaf")


@verb("floor", "<member_id|last>", kind=MEMBER)
async def floor(member: Member, _: str) -> str:
    holder = next((one for one in member.room.members if one.has_floor), None)
    if holder is not None and holder is not member:
        return f"-ERR floor is held by {holder.id}\n"
    member.room.mixer.give_floor(None if holder is member else member.stream.id)
    return "+OK floor none\n" if holder is member else member_line(member, "floor")


@verb("get-uuid", "<member_id|last>", kind=MEMBER)
async def get_uuid(member: Member, _: str) -> str:
    return member.session.uuid


def _number_or(value: str, *words: str) -> str:
    """A number or one of the words. Raises `UsageError` for anything else."""
    if value.lower() in words or value.lstrip("-").isdigit():
        return value
    raise UsageError
