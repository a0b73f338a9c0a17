"""Things to happen later: ``sched_hangup sched_transfer sched_broadcast sched_cancel``."""

from __future__ import annotations

from softswitch.dialplan.arguments import split
from softswitch.registry import ApplicationFlag, application
from softswitch.switch.broadcast import LEGS
from softswitch.switch.broadcast import broadcast as play_beside
from softswitch.switch.causes import HangupCause
from softswitch.switch.session import Session
from softswitch.switch.timed_actions import (
    schedule_broadcast,
    schedule_hangup,
    schedule_transfer,
)

_NO_MEDIA = ApplicationFlag.NO_MEDIA


@application(
    "sched_hangup", syntax="[+]<time> [<cause>] [bleg]", flags=_NO_MEDIA, module="mod_dptools"
)
async def sched_hangup(session: Session, data: str) -> None:
    """Hang up later: at an epoch, or ``+`` seconds from now (ALLOTTED_TIMEOUT)."""
    words = split(data, " ", 3)
    delay = _delay(session, "sched_hangup", "[+]<time> [<cause>] [bleg]", words)
    if delay is None:
        return
    cause = HangupCause.parse(words[1]) if len(words) > 1 else HangupCause.ALLOTTED_TIMEOUT
    schedule_hangup(session, delay, cause, peer_only=words[2:] == ["bleg"])


@application(
    "sched_transfer",
    syntax="[+]<time> <extension> [<dialplan>] [<context>]",
    flags=_NO_MEDIA,
    module="mod_dptools",
)
async def sched_transfer(session: Session, data: str) -> None:
    """Route the call anew later."""
    words = split(data, " ", 4)
    syntax = "[+]<time> <extension> [<dialplan>] [<context>]"
    delay = _delay(session, "sched_transfer", syntax, words, least=2)
    if delay is None:
        return
    schedule_transfer(
        session,
        delay,
        words[1],
        words[2] if len(words) > 2 else None,
        words[3] if len(words) > 3 else None,
    )


@application(
    "sched_broadcast",
    syntax="[+]<time> <path> [aleg|bleg|both]",
    flags=_NO_MEDIA,
    module="mod_dptools",
)
async def sched_broadcast(session: Session, data: str) -> None:
    """Play a file, or run ``app::args``, on the call later."""
    words = split(data, " ", 3)
    syntax = "[+]<time> <path> [aleg|bleg|both]"
    delay = _delay(session, "sched_broadcast", syntax, words, least=2)
    leg = words[2].lower() if len(words) > 2 else "aleg"
    if delay is None:
        return
    if leg not in LEGS:
        session.log.error("sched_broadcast: %s wanted, not %r", syntax, data)
        return
    schedule_broadcast(session, delay, words[1], leg)


@application("sched_cancel", syntax="[group]", flags=_NO_MEDIA, module="mod_dptools")
async def sched_cancel(session: Session, data: str) -> None:
    """Take back what was scheduled: by number, by group, or all of this call."""
    wanted = data.strip() or session.uuid
    scheduler = session.switch.scheduler
    if wanted.isdigit():
        scheduler.cancel(int(wanted))
    else:
        scheduler.cancel_group(wanted)


@application("broadcast", syntax="<path> <leg>", flags=ApplicationFlag.NONE, module="mod_dptools")
async def broadcast(session: Session, data: str) -> None:
    """Play a file to this leg, the other or both (default), and go on meanwhile.

    ``current_application_response`` is ``BROADCAST_SENT``.
    """
    words = split(data, " ", 2)
    leg = words[1].lower() if len(words) > 1 else "both"
    if not words or leg not in LEGS:
        session.log.error("broadcast: <path> <leg> wanted, not %r", data)
        return
    play_beside(session, words[0], leg)
    session.set("current_application_response", "BROADCAST_SENT")


def _delay(
    session: Session, name: str, syntax: str, words: list[str], least: int = 1
) -> float | None:
    """Seconds until the time that the first word names; None, with a log line, if it names none."""
    if len(words) >= least:
        try:
            return session.switch.scheduler.delay_until(words[0])
        except ValueError:
            pass
    session.log.error("%s: %s wanted, not %r", name, syntax, " ".join(words))
    return None
