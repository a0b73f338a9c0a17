"""The way into a room and the stay in it: what the application ``conference`` does."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from softswitch.dialplan.arguments import is_false, is_true
from softswitch.modules.conference import calling, flags, record, wishes
from softswitch.modules.conference.controls import carry_out
from softswitch.modules.conference.invitation import Invitation
from softswitch.modules.conference.keys import keys_of
from softswitch.modules.conference.member import Member
from softswitch.switch import hooks, ivr
from softswitch.switch.causes import HangupCause
from softswitch.switch.waiting import wait_for_any

if TYPE_CHECKING:
    from softswitch.modules.conference.keys import Keys
    from softswitch.modules.conference.room import Room
    from softswitch.modules.conference.rooms import Rooms
    from softswitch.modules.conference.settings import ConferenceFile
    from softswitch.switch.session import Session

PIN_PATIENCE_MS = 10_000
OUTCALL_WAIT = 2.0
"""Seconds until who makes a room hears the beep, where nobody answers and it says nothing."""
OUTCALL_BEEP = "tone_stream://%(500,0,640)"
PIN_END = 3.0
"""Seconds in which a ``#`` still belongs to the pin that was complete without it."""


async def enter(rooms: Rooms, session: Session, asked: Invitation) -> None:
    """Lead a call into a room, making the room if need be, and stay until it leaves."""
    session.is_conference = True
    given = asked.flags | flags.split(session.get("conference_member_flags"))
    await session.pre_answer()
    settings = await rooms.settings(asked.name, asked.profile)
    session.check_ready()
    room = rooms.find(asked.name)
    if room is not None and asked.bridge:
        session.log.error("conference %s exists already", asked.name)
        return
    created = room is None
    if room is None:
        if "join-only" in given:
            await _refuse_joining(session, asked, settings)
            return
        try:
            room = rooms.open(asked, settings, session)
        except ValueError as error:
            session.log.error("conference %s cannot be made: %s", asked.name, error)
            return
        wishes.set_up(room, session)
    for word in flags.unknown(given, flags.MEMBER | flags.MEMBER_IDLE):
        session.log.warning("conference: there is no flag %r", word)
    room.entering += 1
    moderator: bool | None = None
    admitted = False
    typed = bool(asked.pin or room.pin or room.moderator_pin)
    try:
        if created:
            await _run_creation_hook(session)
        moderator = await _admit(room, session, asked.pin)
        if created and moderator is not None and asked.bridge:
            room.bridges, room.minimum = True, 2
            room.own(calling.call_partner(room, session, asked.bridge), "bridged call")
        admitted = moderator is not None
    finally:
        room.entering -= 1
        if not admitted and not room.members and not room.entering:
            # Nobody came in after all, and nobody is about to: there is no room.
            room.end()
    if moderator is None:
        return
    if room.ended:
        # It ended while the pin was asked for.
        await enter(rooms, session, asked)
        return
    given |= {word.lower() for word in room.profile.member_flags}
    if moderator:
        given |= {"moderator"}
    member = Member(room, session, rooms.number_of(session), given, session.media)
    member.typed_pin = typed
    wishes.join_as_wished(member)
    await _take_part(room, member, keys_of(member, settings), calls=created)


async def _refuse_joining(session: Session, asked: Invitation, settings: ConferenceFile) -> None:
    profile = settings.profile(asked.profile)
    session.log.info("there is no conference %s to join", asked.name)
    if profile is not None and profile.join_only_sound:
        await ivr.play(session, ivr.sound_path(session, profile.join_only_sound))
    headers = session.channel.event_headers(variables=False)
    headers["Conference-Name"] = asked.name
    headers["Conference-Profile-Name"] = asked.profile
    headers["Action"] = "rejected-join-only"
    session.switch.publish("CUSTOM", headers, subclass="conference::maintenance")
    if not is_false(session.get("hangup_after_conference")):
        session.hangup(HangupCause.NORMAL_CLEARING)


async def _run_creation_hook(session: Session) -> None:
    command = session.get("api_on_conference_create")
    if command:
        await hooks.command(session, command)


async def _admit(room: Room, session: Session, pin: str) -> bool | None:
    """Whether the caller is a moderator; None if he may not enter."""
    await session.answer()
    wish = session.get("conference_enforce_security")
    secure = is_true(wish) if wish else not session.channel.outbound
    moderator = False
    pin = pin or room.pin
    if secure and (pin or room.moderator_pin):
        entered = await _ask_pin(room, session, pin)
        if entered is None:
            session.log.info("no right pin was entered for conference %s", room.name)
            room.record.refused(session, record.PIN)
            return None
        moderator = entered
    if room.locked and secure:
        session.log.info("conference %s is locked", room.name)
        room.record.refused(session, record.LOCKED)
        await _tell(room, session, room.profile.locked_sound)
        return None
    if room.max_members and room.size >= room.max_members:
        session.log.info("conference %s is full", room.name)
        room.record.refused(session, record.FULL)
        await _tell(room, session, room.profile.max_members_sound)
        return None
    await _tell(room, session, room.profile.member_enter_sound)
    return moderator


async def _ask_pin(room: Room, session: Session, pin: str) -> bool | None:
    """True for the moderator's pin, False for the users' (or where they need none)."""
    moderators = room.moderator_pin
    most = max(len(pin), len(moderators))
    entered = session.get("supplied_pin") or ""
    for attempt in range(room.profile.pin_retries + 1):
        if attempt:
            entered = await _collect(room, session, most)
        if moderators and entered == moderators:
            return True
        if entered == pin and (pin or attempt):
            return False
        if attempt:
            await _tell(room, session, room.profile.bad_pin_sound)
    return None


async def _collect(room: Room, session: Session, most: int) -> str:
    prompt = room.profile.pin_sound
    for file in (room.sound(prompt) if prompt else "", ""):
        collected = await ivr.play_and_collect(
            session,
            file,
            minimum=1,
            maximum=most,
            timeout_ms=PIN_PATIENCE_MS,
            digit_timeout_ms=PIN_PATIENCE_MS,
            terminators="#",
        )
        if collected.reason != "failed":
            # A prompt that cannot be played must not keep people out.
            break
    return collected.digits


async def _tell(room: Room, session: Session, file: str) -> None:
    if file:
        await ivr.play(session, room.sound(file), terminators="")


def _call_others(member: Member) -> None:
    """Call whom the maker of a room wants in it; a beep tells it when they have answered."""
    session = member.session
    outcalls = member.room.rooms.outcalls.pop(session, [])
    called = calling.call_all_in(member.room, session, outcalls)
    if called:
        member.room.own(_beep(member, called), "beep for the maker")


async def _beep(member: Member, called: list[asyncio.Task[None]]) -> None:
    session = member.session
    patience = session.get("conference_auto_outcall_maxwait") or ""
    seconds = int(patience) if patience.isdecimal() and len(patience) < 5 else 0
    await asyncio.wait(called, timeout=seconds or OUTCALL_WAIT)
    if session.is_true("conference_auto_outcall_skip_member_beep") or member.gone.done():
        return
    member.hear(OUTCALL_BEEP)


async def _take_part(room: Room, member: Member, keys: Keys, *, calls: bool) -> None:
    session = member.session
    silent = session.is_true("conference_silent_entry")
    session.set("conference_name", room.name)
    session.set("conference_member_id", str(member.id))
    session.set("conference_uuid", room.uuid)
    session.set("conference_moderator", "true" if member.moderator else "false")
    room.join(member, silent=silent)
    if calls:
        _call_others(member)
    try:
        await _until_gone(room, member, keys)
    finally:
        room.part(member, silent=silent)
    if member.kicked_sound is not None:
        file = member.kicked_sound or room.profile.kicked_sound
        await _tell(room, session, file)


async def _until_gone(room: Room, member: Member, keys: Keys) -> None:
    session = member.session
    patience = room.profile.dtmf_timeout / 1000
    loop = session.switch.loop
    entered = loop.time()
    while not member.gone.done():
        expired: asyncio.Future[None] = loop.create_future()
        timer = loop.call_later(patience, expired.set_result, None) if keys.pending else None
        try:
            await wait_for_any(session, member.gone, session.digits.arrival(), expired)
        finally:
            if timer is not None:
                timer.cancel()
        digit = session.digits.take()
        if digit is None:
            pressed = keys.expire() if expired.done() else None
        elif digit.digit == "#" and member.typed_pin and loop.time() < entered + PIN_END:
            member.typed_pin, pressed = False, None
        else:
            if "dist-dtmf" in member.flags:
                for other in room.members:
                    if other is not member:
                        other.session.leg.send_digits(digit.digit, digit.duration_ms)
            pressed = keys.press(digit.digit)
        if pressed is not None:
            await carry_out(member, *pressed)
            session.check_ready()
