"""Rooms and their members as text, XML and JSON, in FreeSWITCH's shapes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape, quoteattr

from softswitch.modules.conference.verbs import verb
from softswitch.switch.event_text import url_encode

if TYPE_CHECKING:
    from collections.abc import Iterable

    from softswitch.modules.conference.member import Member
    from softswitch.modules.conference.recordings import RoomRecording
    from softswitch.modules.conference.room import Room

NOTHING = "+OK No active conferences.\n"


@verb("list", "[delim <string>]|[count]")
async def list_room(room: Room, words: list[str]) -> str:
    """The members of a room."""
    if words[:1] == ["count"]:
        return str(room.size)
    if words[:1] == ["pretty"]:
        return "".join(_pretty(member) for member in room.members)
    return members(room, _delimiter(words))


@verb("xml_list")
async def xml_list_room(room: Room, _: list[str]) -> str:
    return xml([room])


@verb("json_list", "[compact]")
async def json_list_room(room: Room, words: list[str]) -> str:
    return as_json([room], compact=words[:1] == ["compact"])


def all_rooms(rooms: Iterable[Room], words: list[str]) -> str:
    """Every room with its members, or (``summary``) the rooms alone."""
    lines = []
    for room in rooms:
        lines.append(headline(room))
        if words[:1] == ["pretty"]:
            lines += map(_pretty, room.members)
        elif words[:1] != ["summary"]:
            lines.append(members(room, _delimiter(words)))
    return "".join(lines) or NOTHING


def headline(room: Room) -> str:
    """A room in one line."""
    states = "|".join(name for name, state in _states(room).items() if state)
    return (
        f"+OK Conference {room.name} ({room.size} member{'' if room.size == 1 else 's'}"
        f" rate: {room.mixer.settings.rate}{' locked' if room.locked else ''}"
        f" flags: {states}|json_status)\n"
    )


def members(room: Room, delimiter: str) -> str:
    """A line for each member, the newest first."""
    return "".join(
        delimiter.join(
            (
                str(member.id),
                member.session.channel.name,
                member.session.uuid,
                member.session.channel.profile.caller_id_name,
                member.session.channel.profile.caller_id_number,
                "|".join(_abilities(member)),
                str(member.volume_in),
                str(member.volume_out),
                str(member.energy_level),
            )
        )
        + "\n"
        for member in room.members
    )


def xml(rooms: Iterable[Room]) -> str:
    """The rooms as an XML document."""
    lines = ['<?xml version="1.0"?>', "<conferences>"]
    for room in rooms:
        states = _states(room)
        recording = states.pop("recording")
        attributes = {
            "name": room.name,
            "member-count": str(room.size),
            "ghost-count": str(room.ghosts),
            "rate": str(room.mixer.settings.rate),
            "uuid": room.uuid,
            **{name: "true" for name, state in states.items() if state},
        }
        if room.max_members:
            attributes["max_members"] = str(room.max_members)
        if recording:
            attributes["recording"] = "true"
        if room.grace_time:
            attributes["endconference_grace_time"] = str(room.grace_time)
        attributes["run_time"] = str(room.run_time)
        written = " ".join(f"{name}={quoteattr(value)}" for name, value in attributes.items())
        lines.append(f"  <conference {written}>")
        variables = "".join(
            f"<variable name={quoteattr(name)} value={quoteattr(value)}/>"
            for name, value in room.variables.items()
        )
        lines.append(f"    <variables>{variables}</variables>")
        lines.append("    <members>")
        for one in room.recordings.running:
            lines += _xml_recording(one)
        for member in room.members:
            lines += _xml_member(member)
        lines += ["    </members>", "  </conference>"]
    return "\n".join([*lines, "</conferences>"]) + "\n"


def as_json(rooms: Iterable[Room], *, compact: bool) -> str:
    """The rooms as a JSON array, laid out as FreeSWITCH does."""
    listed = [_json_room(room) for room in rooms]
    if compact:
        return json.dumps(listed, ensure_ascii=False, separators=(",", ":"))
    return _print_json(listed, 0)


def _delimiter(words: list[str]) -> str:
    if len(words) > 1 and words[0].lower() == "delim":
        return words[1].strip('"') or ";"
    return ";"


def _states(room: Room) -> dict[str, bool]:
    return {
        "locked": room.locked,
        "destruct": room.ended,
        "wait_mod": room.wait_mod,
        "audio_always": "audio-always" in room.flags,
        "running": True,
        "answered": any(member.session.channel.answered for member in room.members),
        "enforce_min": True,
        "bridge_to": room.bridges,
        "dynamic": True,
        "exit_sound": room.exit_sounds,
        "enter_sound": room.enter_sounds,
        "recording": bool(room.recordings.running),
    }


def _abilities(member: Member) -> list[str]:
    free = not member.held
    names = {
        "hear": free and member.hears,
        "speak": free and member.speaks,
        "talking": free and member.talking,
        "hold": member.held,
        "floor": member.has_floor,
        "moderator": member.moderator,
        "ghost": member.ghost,
    }
    return [name for name, true in names.items() if true]


def _pretty(member: Member) -> str:
    profile = member.session.channel.profile
    return f"{member.id}) {profile.caller_id_name} ({profile.caller_id_number})\n"


def _xml_member(member: Member) -> list[str]:
    profile = member.session.channel.profile
    loop = member.room.switch.loop
    talked = "N/A" if member.talked_at is None else str(int(loop.time() - member.talked_at))
    flags = {
        "can_hear": member.hears,
        "can_see": True,
        "can_speak": member.speaks,
        "mute_detect": "mute-detect" in member.flags,
        "talking": member.talking,
        "hold": member.held,
        "has_video": False,
        "video_bridge": False,
        "has_floor": member.has_floor,
        "is_moderator": member.moderator,
        "end_conference": "endconf" in member.flags,
        "mandatory_member_end_conference": "mandatory_member_endconf" in member.flags,
        "is_ghost": member.ghost,
    }
    values = {
        "uuid": member.session.uuid,
        "caller_id_name": profile.caller_id_name,
        "caller_id_number": profile.caller_id_number,
        "join_time": str(int(loop.time() - member.joined_at)),
        "last_talking": talked,
        "energy": str(member.energy_level),
        "volume_in": str(member.volume_in),
        "volume_out": str(member.volume_out),
        "output-volume": str(member.volume_out),
    }
    lines = ['      <member type="caller">', f"        <id>{member.id}</id>", "        <flags>"]
    lines += [f"          <{name}>{str(true).lower()}</{name}>" for name, true in flags.items()]
    lines.append("        </flags>")
    lines += [f"        <{name}>{_tag_text(value)}</{name}>" for name, value in values.items()]
    return [*lines, "      </member>"]


def _tag_text(value: str) -> str:
    """As FreeSWITCH writes the text of a member's tags: encoded for URLs."""
    return escape(url_encode(value))


def _xml_recording(recording: RoomRecording) -> list[str]:
    paused = ' status="paused"' if recording.paused else ""
    return [
        '      <member type="recording_node">',
        f"        <record_path{paused}>{escape(recording.file)}</record_path>",
        f'        <join_time type="UNIX-epoch">{recording.begun_us // 1_000_000}</join_time>',
        "      </member>",
    ]


def _json_recording(recording: RoomRecording) -> dict[str, Any]:
    return {
        "type": "recording_node",
        "record_path": recording.file,
        **({"status": "paused"} if recording.paused else {}),
        "join_time": recording.begun_us // 1_000_000,
    }


def _json_room(room: Room) -> dict[str, Any]:
    states = _states(room)
    return {
        "conference_name": room.name,
        "member_count": room.size,
        "ghost_count": room.ghosts,
        "rate": room.mixer.settings.rate,
        "run_time": room.run_time,
        "conference_uuid": room.uuid,
        "canvas_count": 0,
        "max_bw_in": 0,
        "force_bw_in": 0,
        "video_floor_packets": 0,
        **states,
        "video_bridge": False,
        "video_floor_only": False,
        "video_rfc4579": False,
        "variables": dict(room.variables),
        "members": [
            *map(_json_recording, room.recordings.running),
            *map(_json_member, room.members),
        ],
    }


def _json_member(member: Member) -> dict[str, Any]:
    profile = member.session.channel.profile
    loop = member.room.switch.loop
    talked = 0 if member.talked_at is None else int(loop.time() - member.talked_at)
    return {
        "type": "caller",
        "id": member.id,
        "flags": {
            "can_hear": member.hears,
            "can_see": True,
            "can_speak": member.speaks,
            "hold": member.held,
            "mute_detect": "mute-detect" in member.flags,
            "talking": member.talking,
            "has_video": False,
            "video_bridge": False,
            "has_floor": member.has_floor,
            "is_moderator": member.moderator,
            "end_conference": "endconf" in member.flags,
            "mandatory_member_end_conference": "mandatory_member_endconf" in member.flags,
            "pass_digits": "dist-dtmf" in member.flags,
        },
        "uuid": member.session.uuid,
        "caller_id_name": profile.caller_id_name,
        "caller_id_number": profile.caller_id_number,
        "join_time": int(loop.time() - member.joined_at),
        "last_talking": talked,
        "energy": member.energy_level,
        "volume_in": member.volume_in,
        "volume_out": member.volume_out,
        "output-volume": member.volume_out,
        "input-volume": member.volume_in,
    }


def _print_json(value: Any, depth: int) -> str:
    """JSON as cJSON prints it: a line for each member of an object, tabs for its depth."""
    if isinstance(value, dict):
        tabs = "\t" * (depth + 1)
        lines = [
            f"{tabs}{json.dumps(name, ensure_ascii=False)}:\t{_print_json(item, depth + 1)}"
            for name, item in value.items()
        ]
        inside = ",\n".join(lines) + ("\n" if lines else "")
        return "{\n" + inside + "\t" * depth + "}"
    if isinstance(value, list):
        return "[" + ", ".join(_print_json(item, depth + 1) for item in value) + "]"
    return json.dumps(value, ensure_ascii=False)
