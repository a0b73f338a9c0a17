"""Verbs that read and change figures of a room: ``get`` and ``set``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from softswitch.modules.conference.verbs import UsageError, verb

if TYPE_CHECKING:
    from softswitch.modules.conference.room import Room


def _figures(room: Room) -> dict[str, str]:
    return {
        "run_time": str(room.run_time),
        "count": str(room.size),
        "count_ghosts": str(room.ghosts),
        "max_members": str(room.max_members),
        "rate": str(room.mixer.settings.rate),
        "profile_name": room.profile_name,
        "sound_prefix": room.sound_prefix,
        "caller_id_name": room.caller_id_name,
        "caller_id_number": room.caller_id_number,
        "is_locked": "locked" if room.locked else "",
        "endconference_grace_time": str(room.grace_time),
        "uuid": room.uuid,
        "wait_mod": "true" if room.wait_mod else "",
    }


@verb("count")
async def count(room: Room, _: list[str]) -> str:
    return str(room.size)


@verb("get", "<parameter-name>")
async def get(room: Room, words: list[str]) -> str:
    figures = _figures(room)
    if len(words) != 1 or words[0].lower() not in figures:
        raise UsageError
    return figures[words[0].lower()]


@verb(
    "set",
    "<max_members|sound_prefix|caller_id_name|caller_id_number|endconference_grace_time> <value>",
)
async def set_(room: Room, words: list[str]) -> str:
    if len(words) != 2:
        raise UsageError
    name, value = words[0].lower(), words[1]
    if name in ("max_members", "endconference_grace_time") and not value.isdigit():
        raise UsageError
    before = _figures(room).get(name, "")
    match name:
        case "max_members":
            room.max_members = int(value)
        case "endconference_grace_time":
            room.grace_time = int(value)
        case "sound_prefix":
            room.sound_prefix = value
        case "caller_id_name":
            room.caller_id_name = value
        case "caller_id_number":
            room.caller_id_number = value
        case _:
            raise UsageError
    return before
