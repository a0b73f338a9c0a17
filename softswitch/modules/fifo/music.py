"""Music for who waits in a queue, on either side."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from softswitch.media.engine import SourceError

if TYPE_CHECKING:
    from softswitch.switch.session import Session


@asynccontextmanager
async def music(session: Session, file: str) -> AsyncIterator[None]:
    """Play a file over and over while the block lasts; an empty name is silence."""
    if not file:
        yield
        return
    try:
        source = await session.switch.open_source(file, session)
    except SourceError as error:
        session.log.error("%s", error)
        yield
        return
    try:
        session.check_ready()
        media = session.media
        number = media.play(source, loops=-1)
        try:
            yield
        finally:
            if not media.closed:
                media.stop(number)
    finally:
        source.close()
