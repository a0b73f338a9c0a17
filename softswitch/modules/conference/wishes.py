"""What a call asks of a room by its variables: as its maker, and for itself as a member."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from softswitch.modules.conference.member import parse_position
from softswitch.modules.conference.volume import MOST

if TYPE_CHECKING:
    from softswitch.modules.conference.member import Member
    from softswitch.modules.conference.room import Room
    from softswitch.modules.conference.settings import ConferenceProfile
    from softswitch.switch.session import Session

RATES = frozenset({8000, 12000, 16000, 24000, 32000, 44100, 48000})
INTERVALS = range(10, 121, 10)
MOST_JOINING_ENERGY = 1800
"""Most of ``conference_join_energy_level``; -1 is none at all."""


def forced(profile: ConferenceProfile, session: Session) -> ConferenceProfile:
    """The profile of a new room with what ``conference_force_…`` of its maker says of sound.

    ``auto`` is that of the maker's own codec; what means nothing is left to the profile.
    """
    rate = session.get("conference_force_rate") or ""
    if rate.lower() == "auto" or (rate.isdecimal() and len(rate) < 6 and int(rate) in RATES):
        profile = replace(profile, rate=rate)
    channels = session.get("conference_force_channels") or ""
    if channels in ("1", "2") or channels.lower() == "auto":
        # No call is in stereo itself.
        profile = replace(profile, channels=2 if channels == "2" else 1)
    interval = session.get("conference_force_interval") or ""
    if interval.lower() == "auto":
        interval = session.get("rtp_use_codec_ptime") or ""
    if interval.isdecimal() and len(interval) < 4 and int(interval) in INTERVALS:
        profile = replace(profile, interval=int(interval))
    return profile


def set_up(room: Room, session: Session) -> None:
    """Limits, pin and sounds of a new room."""
    most = session.get("conference_max_members") or ""
    if most.isdigit():
        room.max_members = int(most)
    room.music_file = session.get("conference_moh_sound") or room.music_file
    room.perpetual_sound = session.get("conference_perpetual_sound") or room.perpetual_sound
    room.auto_record = session.get("conference_auto_record") or room.auto_record
    grace = session.get("conference_endconference_grace_time") or ""
    if grace.isdigit():
        room.grace_time = int(grace)
    room.moderator_pin = session.get("conference_moderator_pin") or room.moderator_pin


def join_as_wished(member: Member) -> None:
    """How loud a member is when it joins, and from where it is heard."""
    get = member.session.get
    if (step := _whole(get("conference_join_volume_in"), -MOST, MOST)) is not None:
        member.volume_in = step
    if (step := _whole(get("conference_join_volume_out"), -MOST, MOST)) is not None:
        member.volume_out = step
    level = _whole(get("conference_join_energy_level"), -1, MOST_JOINING_ENERGY)
    if level is not None:
        member.energy_level = max(level, 0)
    position = get("conference_position")
    if position and "no-positional" not in member.flags:
        if not member.room.mixer.settings.stereo:
            member.session.log.warning("conference_position: the profile has no channels=2")
            return
        try:
            member.position = parse_position(position)
        except ValueError:
            member.session.log.warning("conference_position: <x>:<y>:<z> wanted, not %r", position)


def _whole(text: str | None, least: int, most: int) -> int | None:
    """A whole number in its bounds; None for anything else."""
    try:
        number = int(text or "")
    except ValueError:
        return None
    return number if least <= number <= most else None
