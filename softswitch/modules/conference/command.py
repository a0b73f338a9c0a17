"""The command ``conference``: lists, and everything that can be said to a room."""

from __future__ import annotations

from typing import TYPE_CHECKING

from softswitch.dialplan.arguments import split
from softswitch.modules.conference import (
    lists,
    member_verbs,
    parameter_verbs,
    room_verbs,
    sound_verbs,
    verbs,
)
from softswitch.modules.conference.application import MODULE, rooms_of
from softswitch.modules.conference.verbs import MEMBER, TEXT, UsageError, Verb
from softswitch.registry import command

if TYPE_CHECKING:
    from softswitch.modules.conference.member import Member
    from softswitch.modules.conference.room import Room
    from softswitch.modules.conference.rooms import Rooms
    from softswitch.switch.commands import CommandCall

__all__ = ["conference", "member_verbs", "parameter_verbs", "sound_verbs"]

MOST_WORDS = 25


@command(
    "conference",
    syntax="list [delim <string>|count|summary] | xml_list | json_list [compact]"
    " | <conf name> <verb> [<arguments>]",
    module=MODULE.name,
)
async def conference(call: CommandCall, arguments: str) -> str:
    """List the rooms, or tell one of them to do something; without arguments list the verbs."""
    rooms = rooms_of(call.switch)
    words = split(arguments.strip(), " ", MOST_WORDS)
    if not words:
        return "".join(f"<conf name> {verb.usage}\n" for verb in verbs.all_verbs())
    room = rooms.find(words[0])
    if room is None:
        return await _without_room(rooms, words)
    if len(words) == 1:
        return "Conference command, not specified.\nTry 'help'\n"
    verb = verbs.find(words[1])
    if verb is None:
        return f"-ERR Conference command '{words[1]}' not found.\n"
    try:
        return await _say(room, verb, words[2:], arguments)
    except UsageError as error:
        return f"{error}{verb.usage}"


async def _without_room(rooms: Rooms, words: list[str]) -> str:
    match words[0].lower(), words[1:]:
        case "help" | "commands", _:
            return "\n".join(f"\t\t{verb.usage}".rstrip(" ") for verb in verbs.all_verbs()) + "\n"
        case "list", rest:
            return lists.all_rooms(rooms, rest)
        case "count", _:
            return str(sum(1 for _ in rooms))
        case "xml_list", _:
            return lists.xml(rooms)
        case "json_list", rest:
            return lists.as_json(rooms, compact=rest == ["compact"])
        case _, ["dial" | "bgdial" as verb, *rest]:
            try:
                if verb == "dial":
                    return await room_verbs.dial_into(rooms, words[0], rest)
                return room_verbs.begin_dialing(rooms, words[0], rest)
            except UsageError as error:
                found = verbs.find(verb)
                return f"{error}{found.usage if found else verb}"
        case _:
            return f"-ERR Conference {words[0]} not found\n"


async def _say(room: Room, verb: Verb, words: list[str], line: str) -> str:
    if verb.kind == TEXT:
        text = (*line.split(None, 2), "")[2]
        return await verb.target(room, text.strip())
    if verb.kind != MEMBER:
        return await verb.target(room, words)
    members = _members(room, words[0] if words else "")
    if members is None:
        raise UsageError
    if not members and words[0].isdigit():
        return f"-ERR Non-Existant ID {words[0]}\n"
    if not members and "=" in words[0]:
        return "-ERR Non-Existant member\n"
    answers = []
    for member in members:
        answers.append(await verb.target(member, words[1] if len(words) > 1 else ""))
    return "".join(answers)


def _members(room: Room, word: str) -> list[Member] | None:
    """Whom a word means, the newest first; None for no word of that kind."""
    match word.lower():
        case "all":
            return list(room.members)
        case "non_moderator":
            return [member for member in room.members if not member.moderator]
        case "last":
            return sorted(room.members, key=lambda member: member.id)[-1:]
        case number if number.isdigit():
            member = room.member(int(number))
            return [member] if member is not None else []
        case text if "=" in text:
            name, _, value = word.partition("=")
            with_it = (one for one in room.members if one.session.get(name) == value)
            return list(with_it)[:1]
        case _:
            return None
