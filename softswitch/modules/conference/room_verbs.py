"""Verbs that say something to a room as a whole: locks, pins, settings, recordings, calls."""

from __future__ import annotations

from typing import TYPE_CHECKING

from softswitch.modules.conference.calling import call_in, call_in_background
from softswitch.modules.conference.verbs import UsageError, verb
from softswitch.switch.causes import CallFailed, HangupCause

if TYPE_CHECKING:
    from softswitch.modules.conference.room import Room
    from softswitch.modules.conference.rooms import Rooms

_DIAL = "<endpoint_module_name>/<destination> <callerid number> <callerid name>"
_SOUND = "on|off|none|file <filename>"


@verb("auto-3d-position", "[on|off]")
async def auto_position(room: Room, words: list[str]) -> str:
    match [word.lower() for word in words]:
        case ["on"]:
            room.flags |= {"auto-3d-position"}
            room.arrange()
        case ["off"]:
            room.flags -= {"auto-3d-position"}
        case []:
            pass
        case _:
            raise UsageError
    return f"+OK positioning {'on' if 'auto-3d-position' in room.flags else 'off'}\n"


@verb(
    "relate",
    "<member_id>[,<member_id>] <other_member_id>[,<other_member_id>] [nospeak|nohear|clear]",
)
async def relate(room: Room, words: list[str]) -> str:
    if len(words) < 2:
        return _relations(room, words)
    if len(words) < 3:
        raise UsageError
    wish = words[2].lower()
    flags = frozenset(flag for flag in ("nospeak", "nohear") if flag in wish)
    if not flags and wish not in ("clear", "sendvideo"):
        raise UsageError
    if wish == "sendvideo":
        return "-ERR there are no videos in conferences here\n"
    lines = []
    for one in words[0].split(","):
        for two in words[1].split(","):
            member, other = (room.member(int(n)) if n.isdigit() else None for n in (one, two))
            if member is None or other is None or member is other:
                lines.append(f"-ERR relationship {one}->{two} not found.\n")
                continue
            room.relate(member, other, flags)
            lines.append(
                f"+OK {one}->{two} {wish} set\n"
                if flags
                else f"+OK relationship {one}->{two} cleared.\n"
            )
    return "".join(lines)


def _relations(room: Room, words: list[str]) -> str:
    lines = [
        f"{member.id} -> {other} {'NOSPEAK' if 'nospeak' in flags else 'SPEAK'} "
        f"{'NOHEAR' if 'nohear' in flags else 'HEAR'} NOSENDVIDEO \n"
        for member in room.members
        if not words or str(member.id) in words[0].split(",")
        for other, flags in member.relations.items()
    ]
    return "".join(lines) or "+OK No relationships\n"


@verb("getvar", "<varname>")
async def getvar(room: Room, words: list[str]) -> str:
    return room.variables.get(words[0], "") if words else ""


@verb("setvar", "<varname> <value>")
async def setvar(room: Room, words: list[str]) -> str:
    value = " ".join(words[1:])
    if not words:
        return "+OK\n"
    if value:
        room.variables[words[0]] = value
    else:
        room.variables.pop(words[0], None)
    return "+OK\n"


@verb("lock")
async def lock(room: Room, _: list[str]) -> str:
    room.set_locked(True)
    return f"+OK {room.name} locked\n"


@verb("unlock")
async def unlock(room: Room, _: list[str]) -> str:
    room.set_locked(False)
    return f"+OK {room.name} unlocked\n"


@verb("dial", _DIAL)
async def dial(room: Room, words: list[str]) -> str:
    return await dial_into(room.rooms, room.name, words)


@verb("bgdial", _DIAL)
async def bgdial(room: Room, words: list[str]) -> str:
    return begin_dialing(room.rooms, room.name, words)


async def dial_into(rooms: Rooms, target: str, words: list[str]) -> str:
    """Call somebody into a room, which need not exist yet, and wait what comes of it."""
    if not words:
        raise UsageError("-ERR Bad Args\n")
    dial_string, number, name = (*words, "", "", "")[:3]
    cause = HangupCause.SUCCESS
    try:
        await call_in(rooms, target, dial_string, caller_id_name=name, caller_id_number=number)
    except CallFailed as failure:
        cause = failure.cause
    return f"+OK Call Requested: result: [{cause.name}]\n"


def begin_dialing(rooms: Rooms, target: str, words: list[str]) -> str:
    """The same without waiting: the end is told as an event."""
    if not words:
        raise UsageError("-ERR Bad Args\n")
    job = rooms.switch.new_uuid()
    work = call_in_background(rooms, job, target, *words)
    task = rooms.switch.loop.create_task(work, name=f"call into {target}")
    rooms.switch.own(task)
    return f"+OK Job-UUID: {job}\n"


@verb("transfer", "<conference_name> <member id> [...<member id>]")
async def transfer(room: Room, words: list[str]) -> str:
    if len(words) < 2:
        raise UsageError
    lines = []
    for word in words[1:]:
        member = room.member(int(word)) if word.isdigit() else None
        if member is None:
            lines.append(f"-ERR No Member {word} in conference {room.name}.\n")
            continue
        name, _, profile = words[0].partition("@")
        member.session.set("last_transfered_conference", name)
        room.fire("transfer", member, Old_Conference_Name=room.name, New_Conference_Name=words[0])
        member.session.transfer(f"conference:{name}@{profile or 'default'}", "inline")
        lines.append(f"+OK Member '{member.id}' sent to conference {words[0]}.\n")
    return "".join(lines)


@verb("record", "<filename>")
async def record(room: Room, words: list[str]) -> str:
    if not words:
        raise UsageError
    if any(one.file == words[0] for one in room.recordings.running):
        return f"-ERR file [{words[0]}] is already being used for recording.\n"
    if not await room.recordings.start(words[0]):
        return f"-ERR cannot record to {words[0]}\n"
    return f"+OK Record file {words[0]}\n"


@verb("chkrecord", "<confname>")
async def chkrecord(room: Room, _: list[str]) -> str:
    lines = [
        f"+OK Record file {one.file}{' (Auto)' if one.automatic else ''}\n"
        for one in room.recordings.running
    ]
    return "".join(lines) or "-ERR Conference is not being recorded.\n"


@verb("norecord", "<[filename|all]>")
async def norecord(room: Room, words: list[str]) -> str:
    if not words:
        raise UsageError
    stopped = room.recordings.stop(words[0])
    missing = "" if stopped or words[0].lower() == "all" else _no_recording(words[0])
    return f"{missing}+OK Stopped recording {stopped} file{'' if stopped == 1 else 's'}\n"


@verb("pause", "<filename>")
async def pause(room: Room, words: list[str]) -> str:
    return _pause(room, words, paused=True)


@verb("resume", "<filename>")
async def resume(room: Room, words: list[str]) -> str:
    return _pause(room, words, paused=False)


def _pause(room: Room, words: list[str], *, paused: bool) -> str:
    if not words:
        raise UsageError
    done = f"+OK {'Pause' if paused else 'Resume'} recording file {words[0]}\n"
    if not room.recordings.pause(words[0], paused=paused):
        return done + _no_recording(words[0])
    room.fire(
        "pause-recording" if paused else "resume-recording",
        Path=words[0],
        Other_Recordings="true" if len(room.recordings.running) > 1 else "false",
    )
    return done


def _no_recording(file: str) -> str:
    return f"-ERR non-existant recording '{file}'\n"


@verb("recording", "[start|stop|check|pause|resume] [<filename>|all]")
async def recording(room: Room, words: list[str]) -> str:
    match [words[0].lower() if words else "", *words[1:]]:
        case ["start", file, *_]:
            return await record(room, [file])
        case ["stop", *rest]:
            return await norecord(room, rest or ["all"])
        case ["check", *_]:
            return await chkrecord(room, [])
        case ["pause", file, *_]:
            return _pause(room, [file], paused=True)
        case ["resume", file, *_]:
            return _pause(room, [file], paused=False)
        case [file] if file not in ("", "start", "pause", "resume"):
            # As it was written once.
            return await record(room, words)
        case _:
            raise UsageError


@verb("exit_sound", _SOUND)
async def exit_sound(room: Room, words: list[str]) -> str:
    return _door_sound(room, "exit", words)


@verb("enter_sound", _SOUND)
async def enter_sound(room: Room, words: list[str]) -> str:
    return _door_sound(room, "enter", words)


def _door_sound(room: Room, door: str, words: list[str]) -> str:
    """Switch the sound of who enters or leaves on or off, or take another file for it."""
    match [words[0].lower() if words else "", *words[1:]]:
        case ["on"]:
            state = "on"
        case ["off" | "none"]:
            state = "off"
        case ["file"]:
            return "-ERR No filename specified\n"
        case ["file", file, *_]:
            before = getattr(room, f"{door}_sound")
            old = f"+OK Old exit sound: [{before}]\n" if door == "exit" else ""
            setattr(room, f"{door}_sound", file)
            room.fire(f"{door}-sound-file-changed")
            return f"{old}+OK {room.name} {door} sound file set to {file}\n"
        case [""]:
            raise UsageError("-ERR Not enough args\n")
        case _:
            raise UsageError("-ERR Bad args\n")
    setattr(room, f"{door}_sounds", state == "on")
    room.fire(f"{door}-sounds-{state}")
    return f"+OK {room.name} {door} sounds {state} ({getattr(room, f'{door}_sound')})\n"


@verb("pin", "<pin#>")
async def pin(room: Room, words: list[str]) -> str:
    match words:
        case ["mod", digits]:
            room.moderator_pin = digits
            return f"+OK Moderator Pin for conference {room.name} set: {digits}\n"
        case [digits]:
            room.pin = digits
            return f"+OK Pin for conference {room.name} set: {digits}\n"
        case _:
            raise UsageError("-ERR Invalid parameters:\n")


@verb("nopin")
async def nopin(room: Room, _: list[str]) -> str:
    room.pin = ""
    return f"+OK Pin for conference {room.name} deleted\n"
