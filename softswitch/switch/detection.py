"""Listening to a call for tones, beeps, sound or silence, in the background or until it comes."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from softswitch.media.engine import SourceError
from softswitch.switch import hooks, ivr, media_bugs
from softswitch.switch.media_bugs import MediaBug
from softswitch.switch.waiting import wait_for_any

if TYPE_CHECKING:
    from softswitch.switch.session import Session

TONE = "tone_detect"
FRAME = 0.02
"""Seconds of a frame, in which ``tone_detect_sleep`` and ``tone_detect_expires`` count."""
EXPIRES = 250
"""Frames after which a tone that was heard too seldom is forgotten."""


@dataclass(frozen=True, slots=True)
class ToneWish:
    """A tone to be listened for, and what shall follow."""

    key: str
    frequencies: Sequence[float]
    write: bool = False
    """In what the party hears, instead of in what it says."""
    seconds: float = 0.0
    """Give up after so long; 0 = never."""
    application: str = ""
    data: str = ""
    hits: int = 1


def parse_tone(words: Sequence[str], now: float) -> ToneWish:
    """``<key> <freq,…> [r|w [+<seconds>|<epoch> [<app> [<args> [<hits>]]]]]``.

    Raises ValueError with a sentence.
    """
    if len(words) < 2:
        raise ValueError("a key and frequencies are wanted")
    try:
        frequencies = [float(word) for word in words[1].split(",") if word.strip()]
    except ValueError:
        raise ValueError(f"{words[1]!r} is no list of frequencies") from None
    if not frequencies or not all(50 <= frequency <= 20_000 for frequency in frequencies):
        raise ValueError(f"{words[1]!r}: frequencies are 50 to 20000 Hz")
    flags, limit, application, data, hits = (*words[2:7], *("",) * 5)[:5]
    seconds = 0.0
    if limit.lstrip("+").isdigit():
        seconds = float(limit) if limit.startswith("+") else max(int(limit) - now, 1.0)
        seconds = 0.0 if not limit.strip("+0") else seconds
    times = int(hits) if hits.isdigit() and int(hits) > 0 else 1
    return ToneWish(words[0], frequencies, "w" in flags.lower(), seconds, application, data, times)


def detect_tone(
    session: Session, wish: ToneWish, found: Callable[[], Awaitable[None]] | None = None
) -> None:
    """Listen in the background; ``found`` runs besides the application of the wish.

    What was heard too seldom is forgotten after five seconds of quiet (``tone_detect_expires``);
    a tone that goes on counts each half second, or each ``tone_detect_sleep`` if that is longer.
    """
    if any(media_bugs.find(session, TONE, wish.key)):
        session.log.warning("the tone %s is listened for already", wish.key)
        return
    media = session.media
    heard, last = 0, 0.0
    clock = session.switch.loop.time
    hits = _positive(session, "tone_detect_hits", wish.hits)
    pause = _positive(session, "tone_detect_sleep", 0) * FRAME
    expires = _positive(session, "tone_detect_expires", EXPIRES) * FRAME

    def on_tone(_: int) -> None:
        nonlocal heard, last
        now = clock()
        if heard and now - last < pause:
            return
        heard = heard + 1 if now - last < expires else 1
        last = now
        session.log.info("tone %s heard, %d of %d", wish.key, heard, hits)
        if heard == hits:
            bug.stop()
            session.spawn(_tone_found(session, wish, found), f"tone {wish.key}")

    number = media.find_tone(wish.frequencies, on_tone, hear="write" if wish.write else "read")
    timer: asyncio.TimerHandle | None = None

    def stop() -> None:
        if timer is not None:
            timer.cancel()
        if not media.closed:
            media.stop(number)
        bug.detach()

    bug = MediaBug(session, TONE, wish.key, stop)
    if wish.seconds:
        timer = session.switch.loop.call_later(wish.seconds, stop)


def _positive(session: Session, name: str, default: int) -> int:
    text = session.get(name) or ""
    return int(text) if text.isdecimal() and len(text) < 8 and int(text) else default


async def _tone_found(
    session: Session, wish: ToneWish, found: Callable[[], Awaitable[None]] | None
) -> None:
    session.switch.fire(session, "DETECTED_TONE", {"Detected-Tone": wish.key})
    session.set("detected_tone", wish.key)
    if found is not None:
        await found()
    if wish.application:
        await session.execute(wish.application, wish.data)
    await hooks.run(session, "tone_detect")


async def wait_for_level(
    session: Session,
    threshold: int,
    hits: int,
    timeout_ms: int,
    *,
    silence: bool = False,
    listen: int = 0,
    file: str = "",
) -> str:
    """Wait for sound or silence while a file may play: ``found timeout`` or ``break``."""
    media = session.media
    loop = session.switch.loop
    over: asyncio.Future[str] = loop.create_future()

    def end(word: str) -> None:
        if not over.done():
            over.set_result(word)

    number = media.find_level(
        threshold, hits, lambda _: end("found"), silence=silence, listen=listen
    )
    timer = loop.call_later(timeout_ms / 1000, end, "timeout") if timeout_ms > 0 else None
    playing = None
    try:
        if file:
            try:
                source = await session.switch.open_source(ivr.sound_path(session, file), session)
                playing = media.play(source, loops=-1)
                source.close()
            except SourceError as error:
                session.log.error("%s", error)
        await wait_for_any(session, over)
        return over.result() if over.done() else "break"
    finally:
        if timer is not None:
            timer.cancel()
        if not media.closed:
            media.stop(number)
            if playing is not None:
                media.stop(playing)
