"""How the switch ends or refuses a call: ``hangup respond redirect deflect``."""

from __future__ import annotations

import asyncio
import contextlib

from softswitch.registry import ApplicationFlag, application
from softswitch.switch.causes import CallFailed, HangupCause
from softswitch.switch.session import Session

_NO_MEDIA = ApplicationFlag.NO_MEDIA
LONGEST_DEFLECTION = 10.0
"""Seconds that the outcome of a deflection is waited for."""


@application("hangup", syntax="[<cause>]", flags=_NO_MEDIA, module="mod_dptools")
async def hangup(session: Session, data: str) -> None:
    """End the call, with a cause by name or number (NORMAL_CLEARING)."""
    cause = data.strip()
    session.hangup(HangupCause.parse(cause) if cause else HangupCause.NORMAL_CLEARING)


@application("respond", syntax="<code> [<phrase>]", flags=_NO_MEDIA, module="mod_dptools")
async def respond(session: Session, data: str) -> None:
    """Answer the caller's INVITE with that very SIP status.

    A status of 300 or more refuses the call, 180 and 183 tell the caller that it rings. 407 asks
    for the password of a user, of the realm ``sip_challenge_realm`` or the address called; who
    gives it comes again with ``sip_authorized``.
    """
    code, _, phrase = data.strip().partition(" ")
    if not (len(code) == 3 and code.isdigit() and 180 <= int(code) <= 699):
        session.log.error("respond: <code> [<phrase>] wanted, not %r", data)
        return
    status = int(code)
    if session.channel.answered or session.channel.outbound:
        session.log.warning("respond: the call is answered, %s cannot be sent", code)
        return
    if status == 183:
        await session.pre_answer()
    elif status < 200:
        await session.ring_ready(queued=status == 182)
    elif status < 300:
        await session.answer()
    else:
        session.leg.respond(status, phrase.strip())


@application("redirect", syntax="<uri>[,<uri>]", flags=_NO_MEDIA, module="mod_dptools")
async def redirect(session: Session, data: str) -> None:
    """Send the caller elsewhere: 302 before the answer, REFER after it."""
    if not data.strip():
        session.log.error("redirect: <uri> is missing")
    elif session.channel.answered:
        await deflect(session, data)
    else:
        session.leg.redirect(data.strip())


@application("deflect", syntax="<uri>", flags=_NO_MEDIA, module="mod_dptools")
async def deflect(session: Session, data: str) -> None:
    """Ask the far end of an answered call to call another address (REFER), then hang up.

    What came of it is waited for, some seconds at most. With ``sip_refer_continue_after_reply``
    the call goes on at once.
    """
    if not data.strip():
        session.log.error("deflect: <uri> is missing")
        return
    told: asyncio.Future[None] = session.switch.loop.create_future()

    def watch(_: Session, what: str) -> None:
        if what == "deflected" and not told.done():
            told.set_result(None)

    session.watchers.append(watch)
    try:
        session.leg.deflect(data.strip())
        if session.is_true("sip_refer_continue_after_reply"):
            return
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LONGEST_DEFLECTION):
                await session.wait(told)
        session.hangup(HangupCause.BLIND_TRANSFER)
    except CallFailed as failure:
        session.log.error("deflect: %s", failure)
    finally:
        session.unwatch(watch)
