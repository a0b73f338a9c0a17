"""Calling somebody into a room."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import TYPE_CHECKING

from softswitch.dialplan.hunt import PlannedAction
from softswitch.switch.causes import CallFailed, HangupCause
from softswitch.switch.dialstring import split_outside
from softswitch.switch.originate import originate

if TYPE_CHECKING:
    from softswitch.modules.conference.room import Room
    from softswitch.modules.conference.rooms import Rooms
    from softswitch.switch.session import Session

TIMEOUT = 60.0
"""Seconds that who is called may ring."""


async def call_in(
    rooms: Rooms,
    target: str,
    dial_string: str,
    *,
    caller_id_name: str = "",
    caller_id_number: str = "",
    given: str = "",
    timeout: float = TIMEOUT,
    announce: str = "",
    parent: Session | None = None,
    variables: dict[str, str] | None = None,
) -> Session:
    """Call somebody into ``name[@profile]``; he is on his way in when this returns.

    Raises `CallFailed` with the cause if nobody answers.
    """
    room = rooms.find(target.partition("@")[0])
    if room is not None:
        target = f"{room.name}@{room.profile_name}"
    called = await originate(
        rooms.switch,
        dial_string,
        parent=parent,
        caller_id_name=caller_id_name or (room.caller_id_name if room else "") or None,
        caller_id_number=caller_id_number or (room.caller_id_number if room else "") or None,
        timeout=timeout,
        variables=variables,
    )
    actions = [PlannedAction("playback", announce)] if announce else []
    argument = f"{target}+flags{{{given}}}" if given else target
    called.run_actions([*actions, PlannedAction("conference", argument)])
    return called


async def call_in_background(rooms: Rooms, job: str, target: str, *words: str) -> None:
    """`call_in` that tells what came of it as an event ``bgdial-result``."""
    dial_string, number, name = (*words, "", "", "")[:3]
    peer, result = "", HangupCause.SUCCESS
    try:
        called = await call_in(
            rooms, target, dial_string, caller_id_name=name, caller_id_number=number
        )
        peer = called.uuid
    except CallFailed as failure:
        result = failure.cause
    room = rooms.find(target.partition("@")[0])
    if room is not None:
        room.fire("bgdial-result", Result=result.name, Job_UUID=job, Peer_UUID=peer)


def call_all_in(room: Room, session: Session, dial_strings: list[str]) -> list[asyncio.Task[None]]:
    """Call everybody of ``conference_set_auto_outcall`` into the room that a call has made.

    Each task is done when its call was answered, or will not be.
    """
    get = session.get
    timeout = get("conference_auto_outcall_timeout") or ""
    announce = get("conference_auto_outcall_announce") or ""
    delimiter = get("conference_auto_outcall_delimiter") or ","
    delimiter = delimiter if len(delimiter) == 1 else ","
    flags = get("conference_auto_outcall_flags") or get("conference_utils_auto_outcall_flags") or ""
    names = [name.strip() for name in (get("conference_auto_outcall_export_vars") or "").split(",")]
    variables = {name: value for name in names if name and (value := get(name))}
    seconds = int(timeout) if timeout.isdecimal() and len(timeout) < 4 else 0
    calls = []
    for dial_string in (one for text in dial_strings for one in split_outside(text, delimiter)):
        if not dial_string.strip():
            continue
        prefix = get("conference_auto_outcall_prefix") or ""
        profile = get("conference_auto_outcall_profile") or room.profile_name
        target = prefix + dial_string.strip()
        call = call_in(
            room.rooms,
            f"{room.name}@{profile}",
            target,
            timeout=float(seconds) if 10 <= seconds <= 500 else TIMEOUT,
            given=flags,
            caller_id_name=get("conference_auto_outcall_caller_id_name") or "",
            caller_id_number=get("conference_auto_outcall_caller_id_number") or "",
            announce=announce,
            variables=variables,
        )
        calls.append(room.own(_call_one(room, call, target), f"call of {dial_string}"))
    return calls


async def call_partner(room: Room, session: Session, dial_string: str) -> None:
    """The ``bridge:`` form: call the other party; without it there is no room."""
    try:
        await call_in(room.rooms, f"{room.name}@{room.profile_name}", dial_string, parent=session)
    except CallFailed as failure:
        room.log.info("nobody is bridged: %s", failure)
        room.end()


async def _call_one(room: Room, call: Awaitable[Session], dial_string: str) -> None:
    try:
        await call
    except CallFailed as failure:
        room.log.info("%s is not called in: %s", dial_string, failure)
