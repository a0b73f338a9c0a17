"""The ``sound_test`` application: how loud a caller is."""

from __future__ import annotations

import asyncio
import sys
from array import array

from softswitch.media.interface import NativeTap
from softswitch.registry import application
from softswitch.switch.session import Session


@application("sound_test", syntax="", module="mod_dptools")
async def sound_test(session: Session, data: str) -> None:
    """Log each second how loud the caller was in it and so far, until hang-up or a break.

    The figures are mean absolute values of 16-bit samples, as thresholds of silence are.
    """
    await session.answer()
    media = session.media
    tap = media.tap()
    heard = array("h")
    total = count = 0
    try:
        while await _more(session, tap, heard):
            while len(heard) >= tap.rate:
                second, heard = heard[: tap.rate], heard[tap.rate :]
                loudness = sum(map(abs, second))
                total, count = total + loudness, count + len(second)
                session.log.info(
                    "sound_test: %d in the last second, %d so far",
                    loudness // len(second),
                    total // count,
                )
    finally:
        if not media.closed:
            media.stop(tap.number)


async def _more(session: Session, tap: NativeTap, heard: array[int]) -> bool:
    """Wait for samples; False where none will come."""
    loop = session.switch.loop
    readable: asyncio.Future[None] = loop.create_future()
    loop.add_reader(tap.fileno(), _finish, readable)
    try:
        await session.wait(readable)
    finally:
        loop.remove_reader(tap.fileno())
    if not readable.done():
        return False
    samples, more = tap.read()
    read = array("h", samples)
    if sys.byteorder == "big":
        read.byteswap()
    heard.extend(read)
    return more


def _finish(waiting: asyncio.Future[None]) -> None:
    if not waiting.done():
        waiting.set_result(None)
