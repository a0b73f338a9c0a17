"""The ``echo`` application."""

from __future__ import annotations

from softswitch.registry import application
from softswitch.switch.session import Session


@application("echo", syntax="", module="mod_dptools")
async def echo(session: Session, data: str) -> None:
    """Send the caller's own voice and digits back until hang-up or a break."""
    await session.answer()
    media = session.media
    media.connect(media)
    try:
        while True:
            arrived = session.digits.arrival()
            await session.wait(arrived)
            if not arrived.done():
                return
            while (digit := session.digits.take()) is not None:
                if digit.source != "rtp":
                    # Those inside RTP come back by the connection itself.
                    session.leg.send_digits(digit.digit, digit.duration_ms)
    finally:
        if not media.closed:
            media.disconnect()
