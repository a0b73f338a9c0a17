"""What a party hears while ``record`` listens to it: a sound at the beginning, and noise."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from softswitch.dialplan.arguments import take_variables
from softswitch.media.engine import Source, SourceError
from softswitch.switch.silence import USUAL, divisor, fill_silence

if TYPE_CHECKING:
    from softswitch.media.engine import Stream
    from softswitch.switch.session import Session


_TAGS = {
    "RECORD_TITLE": "title",
    "RECORD_COPYRIGHT": "copyright",
    "RECORD_SOFTWARE": "software",
    "RECORD_ARTIST": "artist",
    "RECORD_COMMENT": "comment",
    "RECORD_DATE": "date",
}

Wishes = Callable[[str], str | None]
"""What is wanted of one recording, by the name of the variable that would say so."""


def wishes_of(session: Session, path: str) -> tuple[Wishes, str]:
    """The wishes for a recording, and its path without the ``{name=value,…}`` in front.

    What stands there holds for this file, else the variables of the call do.
    """
    try:
        pairs, path = take_variables(path, "{", "}")
    except ValueError as error:
        session.log.warning("record: %s", error)
        pairs = []
    given = {name.lower(): value for name, value in pairs}

    def wish(name: str) -> str | None:
        return given.get(name.lower()) or session.get(name)

    return wish, path


@asynccontextmanager
async def sounds_meanwhile(session: Session, media: Stream, wish: Wishes) -> AsyncIterator[None]:
    """Let the party hear what ``record_indication`` and ``record_waste_resources`` say."""
    indication = await _indication(session, wish("record_indication"))
    noise = divisor(wish("record_waste_resources"))
    if indication is not None and noise is None:
        noise = USUAL
    if noise is not None:
        session.filling = (noise, None)
        media.fill(idle=noise)
    number = media.play(indication) if indication is not None else None
    try:
        yield
    finally:
        if number is not None and not media.closed:
            media.stop(number)
        if indication is not None:
            indication.close()
        if noise is not None:
            fill_silence(session)


async def _indication(session: Session, file: str | None) -> Source | None:
    if not file:
        return None
    try:
        return await session.switch.open_source(file, session)
    except SourceError as error:
        session.log.error("%s", error)
        return None


def recording_rate(wish: Wishes) -> int:
    """The rate in Hz that ``record_sample_rate`` (or ``record_rate``) asks for; 0 is any."""
    for name in ("record_sample_rate", "record_rate"):
        text = (wish(name) or "").strip()
        if text.isdecimal() and int(text):
            return int(text)
    return 0


def tags_of(session: Session, wish: Wishes) -> dict[str, str]:
    """What ``RECORD_TITLE`` and the like say; they count for one recording."""
    tags = {}
    for name, tag in _TAGS.items():
        value = wish(name)
        if value:
            tags[tag] = value
            session.set(name, "")
    return tags
