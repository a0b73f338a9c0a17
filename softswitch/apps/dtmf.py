"""Keys: ``send_dtmf queue_dtmf flush_dtmf``."""

from __future__ import annotations

from softswitch.registry import ApplicationFlag, application
from softswitch.switch import digit_flow, digit_string
from softswitch.switch.session import Session

_NO_MEDIA = ApplicationFlag.NO_MEDIA


@application(
    "send_dtmf", syntax="<dtmf_data>[@<duration_ms>]", flags=_NO_MEDIA, module="mod_dptools"
)
async def send_dtmf(session: Session, data: str) -> None:
    """Send digits to the far end; ``w`` and ``W`` pause for 0.5 and 1 s."""
    try:
        groups = digit_string.parse(data, session.switch.digit_durations)
    except ValueError as error:
        session.log.error("send_dtmf: <dtmf_data>[@<duration_ms>] wanted: %s", error)
        return
    if session.leg.media is None:
        await session.pre_answer()
    for group in groups:
        digit_flow.send(session, group.keys, group.duration_ms)
    session.set("last_dtmf_duration", str(digit_string.total_ms(groups)))


@application(
    "queue_dtmf", syntax="<dtmf_data>[@<duration_ms>]", flags=_NO_MEDIA, module="mod_dptools"
)
async def queue_dtmf(session: Session, data: str) -> None:
    """Take digits as if the far end had sent them now."""
    try:
        groups = digit_string.parse(data, session.switch.digit_durations)
    except ValueError as error:
        session.log.error("queue_dtmf: <dtmf_data>[@<duration_ms>] wanted: %s", error)
        return
    for group in groups:
        for digit in group.digits:
            session.on_digit(digit, group.duration_ms, "app")


@application("flush_dtmf", syntax="", flags=_NO_MEDIA, module="mod_dptools")
async def flush_dtmf(session: Session, data: str) -> None:
    """Forget the digits that were received and not yet used."""
    session.digits.clear()
