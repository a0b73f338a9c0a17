"""Parking: a call waits, in nobody's hands, until somebody takes it or its time is over."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from softswitch.switch.causes import HangupCause
from softswitch.switch.silence import fill_silence

if TYPE_CHECKING:
    from softswitch.switch.session import Session


async def park(session: Session, until: asyncio.Event | None = None) -> None:
    """Wait until the call is moved or hung up, or until ``until`` is set.

    ``park_timeout`` limits the wait: ``<seconds>[:<cause>]``, 0 ends the call at once. Fires
    CHANNEL_PARK and CHANNEL_UNPARK.
    """
    switch = session.switch
    seconds, _, cause_name = (session.get("park_timeout") or "").partition(":")
    cause = HangupCause.parse(cause_name) if cause_name else HangupCause.NORMAL_CLEARING
    timer = None
    if seconds.isdecimal() and len(seconds) < 8:
        session.set("park_timeout", "")
        session.set("park_after_bridge", "")
        timer = switch.loop.call_later(int(seconds), session.hangup, cause)
    fill_silence(session)
    switch.fire(session, "CHANNEL_PARK")
    try:
        session.check_ready()
        await (until or asyncio.Event()).wait()
    finally:
        if timer is not None:
            timer.cancel()
        switch.fire(session, "CHANNEL_UNPARK")
