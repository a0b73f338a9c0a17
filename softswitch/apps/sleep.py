"""Waiting: ``sleep`` and ``park``."""

from __future__ import annotations

from softswitch.registry import ApplicationFlag, application
from softswitch.switch.ivr import terminators_of
from softswitch.switch.park import park as wait_parked
from softswitch.switch.session import Session
from softswitch.switch.silence import fill_silence

_NO_MEDIA = ApplicationFlag.NO_MEDIA


@application("sleep", syntax="<pause_milliseconds>", flags=_NO_MEDIA, module="mod_dptools")
async def sleep(session: Session, data: str) -> None:
    """Wait for milliseconds.

    With ``sleep_eat_digits`` digits are taken meanwhile and a terminator ends the wait, told by
    ``playback_terminator_used``.
    """
    try:
        milliseconds = int(data.strip())
    except ValueError:
        session.log.error("sleep: <pause_milliseconds> wanted, not %r", data)
        return
    fill_silence(session)
    if not session.is_true("sleep_eat_digits"):
        await session.sleep(milliseconds)
        return
    session.set("playback_terminator_used", "")
    loop = session.switch.loop
    end = loop.time() + milliseconds / 1000
    terminators = terminators_of(session)
    while (rest := end - loop.time()) > 0:
        arrived = session.digits.arrival()
        timer = loop.call_later(rest, session.break_)
        try:
            await session.wait(arrived)
        finally:
            timer.cancel()
        if not arrived.done():
            return
        while (digit := session.digits.take()) is not None:
            if digit.digit in terminators:
                session.set("playback_terminator_used", digit.digit)
                return


@application("park", syntax="", flags=_NO_MEDIA, module="mod_dptools")
async def park(session: Session, data: str) -> None:
    """Wait until somebody takes the call, for ``park_timeout`` seconds at most."""
    await wait_parked(session)
