"""Numbered places where calls wait: ``valet_park``."""

from __future__ import annotations

from dataclasses import dataclass

from softswitch.dialplan.arguments import is_false, split
from softswitch.registry import ApplicationFlag, application
from softswitch.switch import ivr, valet
from softswitch.switch.bridge import join_calls
from softswitch.switch.causes import CallFailed, HangupCause
from softswitch.switch.session import Session
from softswitch.switch.waiting import wait_for_any

SYNTAX = (
    "<lot> <extension>|[ask [<min digits>] [<max digits>] [<timeout ms>] [<prompt>]]"
    "|[auto in|out <min> <max>]"
)
_LEAST_WAIT_MS = 1000
"""For the first digit of a place: who types nothing is asked again."""
_ANNOUNCED_SECONDS = 30.0
"""How long a place that was announced is kept for the partner that is sent there."""


@application(
    "valet_park", syntax=SYNTAX, flags=ApplicationFlag.NO_MEDIA, module="mod_valet_parking"
)
async def valet_park(session: Session, data: str) -> None:
    """Wait in a numbered place of a parking lot, or take the call that waits there.

    ``ask`` asks for the number; ``auto in`` takes the lowest free one of a range, announces it
    (unless ``valet_announce_slot`` is false) and sends the partner there, if there is one, with
    ``valet_…`` variables of whoever parks it, who then hangs up;
    ``auto out`` takes the call that came first. A lot that is full or empty is told by the phrases
    ``valet_lot_full`` and ``valet_lot_empty``. Waiting calls hear ``valet_hold_music``, else
    ``hold_music``. After ``valet_parking_timeout`` seconds (60), or when
    ``valet_parking_orbit_exit_key`` is pressed, they go to ``valet_parking_orbit_exten``.
    """
    words = split(data, " ", 6)
    if len(words) < 2:
        session.log.error("valet_park: %s wanted, not %r", SYNTAX, data)
        return
    lot, number = words[0], words[1]
    if number.lower() == "ask":
        number = await _ask(session, words[2:])
    elif number.lower() == "auto":
        span = _Span.parse(words[2:])
        if span is None:
            session.log.error("valet_park: auto in|out <min> <max> wanted, not %r", data)
            return
        number = await _choose(session, lot, span)
    if number:
        await _enter(session, lot, number)


@dataclass(frozen=True, slots=True)
class _Span:
    """``in|out <min> <max>``."""

    inward: bool
    first: int
    last: int

    @classmethod
    def parse(cls, words: list[str]) -> _Span | None:
        match words:
            case [("in" | "out") as way, first, last, *_]:
                if first.isdecimal() and last.isdecimal() and len(first + last) < 20:
                    return cls(way == "in", int(first), int(last))
        return None


async def _ask(session: Session, words: list[str]) -> str:
    """The number that the caller types, who is asked until he does; empty after a break."""
    names = ("valet_ext_min", "valet_ext_max", "valet_ext_to", "valet_ext_prompt")
    words += [""] * (4 - len(words))
    words = [word or session.get(name) or "" for word, name in zip(words, names, strict=False)]
    minimum, maximum, timeout = (
        int(word) if word.isdecimal() and len(word) < 8 else default
        for word, default in zip(words, (1, 11, 10000), strict=False)
    )
    await session.answer()
    while True:
        answer = await ivr.play_and_collect(
            session,
            words[3] or "ivr/ivr-enter_ext_pound.wav",
            minimum=minimum,
            maximum=maximum,
            timeout_ms=max(timeout, _LEAST_WAIT_MS),
            digit_timeout_ms=max(timeout, _LEAST_WAIT_MS),
            terminators="#",
        )
        if len(answer.digits) >= max(minimum, 1):
            return answer.digits
        session.log.info("valet_park: no place was named")
        if answer.reason in ("break", "failed"):
            return ""


async def _choose(session: Session, lot: str, span: _Span) -> str:
    """The place to enter; empty where there is none, or the partner was sent there instead."""
    lots, now = session.switch.parking, session.switch.loop.time()
    if not span.inward:
        number = lots.oldest_place(lot, span.first, span.last)
        if number is None:
            session.log.info("valet_park: nobody waits in %s", lot)
            await session.execute("phrase", "valet_lot_empty")
        return number or ""
    number = lots.free_place(lot, span.first, span.last, now)
    if number is None:
        session.log.warning("valet_park: %s is full from %d to %d", lot, span.first, span.last)
        await session.execute("phrase", "valet_lot_full")
        return ""
    lots.reserve(lot, number, now + _ANNOUNCED_SECONDS, session.uuid)
    partner = session.peer
    if partner is None:
        await _announce(session, lot, number)
        return number
    for name, value in valet.handed_on(session).items():
        partner.set(name, value)
    partner.transfer(f"m:^:valet_park:{lot} {number}", "inline")
    await _announce(session, lot, number)
    session.hangup()
    return ""


async def _announce(session: Session, lot: str, number: str) -> None:
    if not is_false(session.get("valet_announce_slot")):
        await session.answer()
        await session.execute("phrase", f"valet_announce_ext,{lot}:{number}")


async def _enter(session: Session, lot: str, number: str) -> None:
    """Take the call that waits at a place, or wait there."""
    lots = session.switch.parking
    ticket = session.get("valet_ticket") or ""
    if lots.refuses(lot, number, ticket, session.switch.loop.time()):
        session.log.error("valet_park: %s in %s is kept for another call", number, lot)
        session.hangup(HangupCause.DESTINATION_OUT_OF_ORDER)
        return
    session.set("valet_ticket", "")
    waiting = lots.call_at(lot, number)
    await session.answer()
    session.check_ready()
    if waiting is not None and waiting is not session:
        try:
            join_calls(session, waiting)
        except CallFailed as failure:
            session.log.warning("valet_park: %s", failure)
            return
        lots.leave(lot, number, waiting)
        valet.tell(waiting, lot, number, "bridge", **{"Bridge-To-UUID": session.uuid})
        return
    if not lots.park(lot, number, session):
        session.log.warning("valet_park: %s in %s was taken in this moment", number, lot)
        return
    session.set("valet_lot_extension", number)
    # An attended transfer to a parked leg brings its other party here.
    session.set("inline_destination", _comes_here(session, lot, number))
    valet.tell(session, lot, number, "hold")
    try:
        await _wait(session)
    finally:
        session.set("inline_destination", "")
        if lots.call_at(lot, number) is session or not session.channel.up:
            lots.leave(lot, number, session)
            valet.tell(session, lot, number, "exit")


def _comes_here(session: Session, lot: str, number: str) -> str:
    """Actions that park another call in place of this one, as this one would wait."""
    sets = [
        f"set:{name}={value}"
        for name, value in valet.handed_on(session).items()
        if not set("^$") & set(value)
    ]
    return "m:^:" + "^".join([*sets, f"valet_park:{lot} {number}"])


async def _wait(session: Session) -> None:
    """Play music until the call is taken, its time is over or its key pressed."""
    orbit = valet.Orbit.of(session)

    def expire() -> None:
        if orbit.extension:
            session.transfer(orbit.extension, orbit.dialplan, orbit.context)
        else:
            session.break_()

    timer = session.switch.loop.call_later(orbit.seconds, expire) if orbit.seconds else None
    try:
        music = session.get("valet_hold_music") or session.get("hold_music") or "silence"
        if music != "silence":
            heard = await ivr.play(session, music, loops=-1, terminators=orbit.key)
            if heard.reason == "terminator" and orbit.extension:
                session.transfer(orbit.extension, orbit.dialplan, orbit.context)
            if heard.reason != "failed":
                return
        await _wait_in_silence(session, orbit)
    finally:
        if timer is not None:
            timer.cancel()


async def _wait_in_silence(session: Session, orbit: valet.Orbit) -> None:
    while await wait_for_any(session, session.digits.arrival()):
        digit = session.digits.take()
        if digit is not None and digit.digit in orbit.key and orbit.extension:
            session.transfer(orbit.extension, orbit.dialplan, orbit.context)
            return
