"""Verbs that play, speak and stop in a room."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from softswitch.media.engine import SourceError
from softswitch.modules.conference.verbs import TEXT, UsageError, verb

if TYPE_CHECKING:
    from softswitch.modules.conference.player import Player
    from softswitch.modules.conference.room import Room

_SEEK = re.compile(r"([+-]?)(\d{1,9})\Z")
_STOPS = ("current", "all", "async", "last")


@verb("play", "<file_path> [async|<member_id> [nomux]]")
async def play(room: Room, words: list[str]) -> str:
    if not words:
        raise UsageError
    file, rest = words[0], [word.lower() for word in words[1:]]
    beside = rest == ["async"]
    member = room.member(int(rest[0])) if rest and rest[0].isdigit() else None
    if rest and not beside and member is None:
        return f"-ERR Member: {rest[0]} not found.\n"
    try:
        source = await room.open(file)
    except SourceError as error:
        room.log.warning("%s", error)
        if member is None:
            room.tell_unplayable(file, beside=beside)
        return f"-ERR (play) File: {file} not found.\n"
    if member is not None:
        member.player.play(file, source, exclusive="nomux" in rest)
        room.fire("play-file-member", member, File=file)
        return f"+OK (play) Playing file {file} to member {member.id}\n"
    if beside:
        room.player.play_beside(file, source)
    else:
        room.player.play(file, source)
    room.fire("play-file", File=file, Async="true" if beside else "false")
    return f"+OK (play) Playing file {file}\n"


@verb("moh", "<file_path>|toggle|[on|off]")
async def moh(room: Room, words: list[str]) -> str:
    match words:
        case ["toggle", *_]:
            room.toggle_music()
        case ["on" | "off" as wish, *_]:
            room.music_off = wish == "on"
            room.toggle_music()
        case ["reset", *_]:
            room.music_file = room.profile.music
            room.update_music()
        case [file, *_]:
            room.music_file = file
            room.update_music()
        case _:
            return "-ERR invalid moh param\n"
    return "+OK moh\n"


@verb("pause_play", "[<member_id>]", shown="pause")
async def pause_play(room: Room, words: list[str]) -> str:
    player = _player(room, words[0] if words else "")
    if player is None:
        return f"-ERR Member: {words[0]} not found.\n"
    if not player.pause() or player.current is None:
        return "-ERR File not playing\n"
    return f"+OK {'Pause' if player.current.paused else 'Resume'}\n"


@verb("play_status", "[<member_id>]")
async def play_status(room: Room, words: list[str]) -> str:
    player = _player(room, words[0] if words else "")
    if player is None:
        return f"-ERR Member: {words[0]} not found.\n"
    if player.current is None:
        return "-ERR Nothing is playing\n"
    # Samples from the begin, and the length in seconds: 0, as FreeSWITCH tells it of streams.
    position = player.current.position_ms(room.switch.loop.time()) * room.mixer.settings.rate
    return f"+OK {position // 1000}/0 {player.current.file}\n"


@verb("file_seek", "[+-]<val> [<member_id>]")
async def file_seek(room: Room, words: list[str]) -> str:
    found = _SEEK.match(words[0]) if words else None
    if found is None:
        raise UsageError
    player = _player(room, words[1] if len(words) > 1 else "")
    if player is None:
        return f"-ERR Member: {words[1]} not found.\n"
    offset = int(found[2]) * (-1 if found[1] == "-" else 1)
    if not player.seek(offset, relative=bool(found[1])):
        return "-ERR File not playing\n"
    position = player.current.offset_ms if player.current is not None else 0
    return f"+OK seek to position {position * room.mixer.settings.rate // 1000}\n"


@verb("say", "<text>", kind=TEXT)
async def say(room: Room, text: str) -> str:
    if not text:
        raise UsageError("-ERR (say) Error! No text.\n")
    try:
        source = await room.open(f"say:{text}")
    except SourceError as error:
        room.log.error("%s", error)
        raise UsageError("-ERR (say) Error!\n") from None
    room.player.play(f"say:{text}", source)
    room.fire("speak-text", Text=text)
    return "+OK (say) OK\n"


@verb("saymember", "<member_id> <text>", kind=TEXT)
async def saymember(room: Room, text: str) -> str:
    number, _, text = text.partition(" ")
    if not number.isdigit() or not text.strip():
        raise UsageError("-ERR (saymember) No Text!\n")
    member = room.member(int(number))
    if member is None:
        raise UsageError(f"-ERR (saymember) Unknown Member {number}!\n")
    text = await member.session.expand(text.strip())
    try:
        source = await room.open(f"say:{text}")
    except SourceError as error:
        room.log.error("%s", error)
        raise UsageError("-ERR (saymember) Error!\n") from None
    member.player.play(f"say:{text}", source)
    room.fire("speak-text-member", member, Text=text)
    return "+OK (saymember) OK\n"


@verb("stop", "<[current|all|async|last]> [<member_id>]")
async def stop(room: Room, words: list[str]) -> str:
    which = words[0].lower() if words else "all"
    if which not in _STOPS:
        raise UsageError
    player = _player(room, words[1] if len(words) > 1 else "")
    if player is None:
        return f"-ERR Member: {words[1]} not found.\n"
    return f"+OK Stopped {player.stop(which)} files.\n"


@verb("file-vol", "<vol#>")
async def file_vol(room: Room, words: list[str]) -> str:
    if not words or not words[0].lstrip("-").isdigit():
        raise UsageError("" if words else "-ERR missing args\n")
    beside = words[1:2] == ["async"]
    if not room.player.set_volume(int(words[0]), beside=beside):
        raise UsageError("-ERR File not playing\n")
    return "+OK volume changed\n"


def _player(room: Room, number: str) -> Player | None:
    """The room's own, or that of a member; None for an unknown one."""
    if not number:
        return room.player
    member = room.member(int(number)) if number.isdigit() else None
    return member.player if member is not None else None
