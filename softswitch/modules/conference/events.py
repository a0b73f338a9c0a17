"""The events of a room: ``conference::maintenance`` with the room, the member and what happened."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from softswitch.switch.events import Event

if TYPE_CHECKING:
    from softswitch.modules.conference.member import Member
    from softswitch.modules.conference.room import Room
    from softswitch.switch.session import Session

SUBCLASS = "conference::maintenance"
_RECORDING = frozenset(f"{verb}-recording" for verb in ("start", "stop", "pause", "resume"))


def fire(room: Room, action: str, member: Member | None = None, **extra: str) -> None:
    """Tell that something happened in a room; underscores in names of headers are hyphens."""
    told = {name.replace("_", "-"): value for name, value in extra.items()}
    _fire(room, action, member, told)


def created(room: Room, creator: Session) -> None:
    """A call opened the room; with ``verbose-events`` that call's headers are told."""
    verbose = room.profile.verbose_events
    told = creator.channel.event_headers(variables=True) if verbose else {}
    _fire(room, "conference-create", None, told)


def _fire(room: Room, action: str, member: Member | None, told: Mapping[str, str]) -> None:
    bus = room.switch.bus
    suppressed = room.profile.suppress_events
    if not bus.wants("CUSTOM") or _is_suppressed(action, suppressed):
        return
    headers = room_headers(room)
    if member is not None:
        channel = member.session.channel
        headers |= channel.event_headers(variables=room.profile.verbose_events)
        headers |= member_headers(member)
    headers["Action"] = action
    headers |= told
    bus.publish(Event("CUSTOM", headers, subclass=SUBCLASS))


def room_headers(room: Room) -> dict[str, str]:
    """What every event tells of the room."""
    headers = {"Conference-Name": room.name}
    if room.profile.domain:
        headers["Conference-Domain"] = room.profile.domain
    return headers | {
        "Conference-Size": str(room.size),
        "Conference-Ghosts": str(room.ghosts),
        "Conference-Profile-Name": room.profile_name,
        "Conference-Unique-ID": room.uuid,
        **room.variables,
    }


def member_headers(member: Member) -> dict[str, str]:
    """What events tell of a member."""
    return {
        "Floor": _truth(member.has_floor),
        "Video": "false",
        "Hear": _truth(member.hears),
        "See": "true",
        "Speak": _truth(member.speaks),
        "Talking": _truth(member.talking),
        "Mute-Detect": _truth("mute-detect" in member.flags),
        "Hold": _truth(member.held),
        "Member-ID": str(member.id),
        "Member-Type": "moderator" if member.moderator else "member",
        "Member-Ghost": _truth(member.ghost),
        "Energy-Level": str(member.energy_level),
        "Current-Energy": str(member.current_energy),
    }


def _is_suppressed(action: str, suppressed: tuple[str, ...]) -> bool:
    words = {word.lower() for word in suppressed}
    return bool(words & {action, "all"}) or ("record" in words and action in _RECORDING)


def _truth(value: bool) -> str:
    return "true" if value else "false"
