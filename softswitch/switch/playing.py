"""Playing to a call: files, streams, phrases and speech, until a key or a break ends it."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from softswitch.media.engine import Source, SourceError, Stream
from softswitch.media.events import RecordingFinished
from softswitch.media.running import Finished
from softswitch.media.source import Specification
from softswitch.switch.running_playback import RunningPlayback
from softswitch.switch.waiting import wait_for_any

if TYPE_CHECKING:
    from softswitch.switch.digits import Digit
    from softswitch.switch.session import Session

DigitHandler = Callable[["Digit"], bool]
"""Told each digit that comes while something plays; True ends the playback."""

Player = Callable[["Session", str, str, DigitHandler | None], Awaitable["PlayResult"]]
"""Plays what stands behind ``word:``, with these terminators and this handler of digits."""
_PLAYERS: dict[str, Player] = {}

EVERY_KEY = "1234567890*#"
"""What the word ``any`` stands for among terminators."""
DEFAULT_TERMINATORS = "*"
DEFAULT_PAUSE_MS = 250
"""Between the items of a ``playback_delimiter`` list."""
_HEADER = re.compile(r"[\w.-]+", re.ASCII)
STOP_PATIENCE = 0.25
"""Seconds that the engine gets to tell how much of a stopped playback was heard."""


@dataclass(frozen=True, slots=True)
class PlayResult:
    """How a playback ended: ``done``, ``break``, ``terminator``, ``input`` (its handler of digits
    ended it), ``timeout`` or ``failed``.
    """

    reason: str
    terminator: str | None = None
    milliseconds: int = 0


def terminators_of(session: Session) -> str:
    """The keys that end a playback: ``playback_terminators``, else ``*``."""
    text = (session.get("playback_terminators") or DEFAULT_TERMINATORS).strip()
    if text.lower() == "none":
        return ""
    return EVERY_KEY if text.lower() == "any" else text


def keep_first(pressed: list[str]) -> DigitHandler:
    """A handler that puts a digit into a list and ends the playback."""

    def press(digit: Digit) -> bool:
        pressed.append(digit.digit)
        return True

    return press


def sound_path(session: Session, name: str) -> str:
    """An absolute path or a URL as it is, anything else below ``sound_prefix``."""
    if name.startswith("/") or "://" in name:
        return name
    prefix = session.get("sound_prefix") or str(session.switch.folders.sounds)
    return f"{prefix}/{name}"


def recording_path(path: str) -> Path:
    """The file of a recording. Raises ValueError for a stream: nothing is recorded to those."""
    if "://" in path:
        raise ValueError("recordings go to files, not to streams or servers")
    return Path(path)


async def play(
    session: Session,
    specification: str,
    *,
    terminators: str | None = None,
    loops: int = 1,
    input: DigitHandler | None = None,
    heeds_keys: bool = True,
) -> PlayResult:
    """Play a file or stream to the call.

    ``terminators`` are the keys that end it (None: those of `terminators_of`); other keys are
    taken and lost, unless ``input`` is told of them. Without ``heeds_keys`` all of them wait for
    whoever asks next. ``playback_delimiter`` makes a list of
    the specification; a break ends one of its files, or all (`Session.break_`). What cannot be
    played is logged and skipped. Sets the ``playback_…`` variables; fires PLAYBACK_START and
    PLAYBACK_STOP.
    """
    await session.pre_answer()
    if terminators is None:
        terminators = terminators_of(session) if heeds_keys else ""
    delimiter = session.get("playback_delimiter")
    items = specification.split(delimiter) if delimiter else [specification]
    items = [item.strip() for item in items if item.strip()] or [specification]
    result = PlayResult("failed")
    lists_broken = session.lists_broken
    for index, item in enumerate(items):
        if index:
            await session.sleep(_number(session, "playback_sleep_val", DEFAULT_PAUSE_MS))
        result = await _play_one(session, item, terminators, loops, input, heeds_keys)
        if result.reason == "break" and _player_of(item) is None:
            if session.lists_broken != lists_broken:
                break
        elif result.reason not in ("done", "failed"):
            break
    return result


async def _play_one(
    session: Session,
    specification: str | Specification,
    terminators: str,
    loops: int,
    input: DigitHandler | None,
    heeds_keys: bool = True,
) -> PlayResult:
    session.set("playback_terminator_used", "")
    if isinstance(specification, str) and (player := _player_of(specification)) is not None:
        rest = specification.partition(":")[2]
        return await _repeat(loops, lambda: player(session, rest, terminators, input))
    try:
        source = await session.switch.open_source(specification, session)
    except SourceError as error:
        session.log.error("%s", error)
        return PlayResult("failed")
    try:
        return await _play_source(session, source, terminators, loops, input, heeds_keys)
    finally:
        source.close()


def _player_of(specification: str) -> Player | None:
    """What plays a text that begins with a registered ``word:``."""
    word, colon, rest = specification.partition(":")
    return _PLAYERS.get(word.lower()) if colon and not rest.startswith("//") else None


def plays(word: str) -> Callable[[Player], Player]:
    """Register what plays texts that begin with ``word:``, such as ``phrase:hello``."""

    def register(player: Player) -> Player:
        _PLAYERS[word] = player
        return player

    return register


async def play_speech(
    session: Session,
    text: str,
    *,
    engine: str = "",
    voice: str = "",
    terminators: str | None = None,
    input: DigitHandler | None = None,
) -> PlayResult:
    """Speak a text to the call; engine and voice are those of the call unless given."""
    await session.pre_answer()
    if terminators is None:
        terminators = terminators_of(session)
    engine = engine or session.get("tts_engine") or ""
    voice = voice or session.get("tts_voice") or ""
    # What programs of speech make of these signs differs.
    text = text.replace("*", session.get("star_replace") or "star")
    text = text.replace("#", session.get("pound_replace") or "pound")
    what = Specification(f"{engine}|{voice}|{text}", "tts")
    return await _play_one(session, what, terminators, 1, input)


async def _repeat(loops: int, once: Callable[[], Awaitable[PlayResult]]) -> PlayResult:
    """Play several times, for ever below 0; what does not sound is not repeated."""
    result = await once()
    total = result.milliseconds
    while loops != 1 and result.reason == "done" and result.milliseconds:
        loops -= 1
        result = await once()
        total += result.milliseconds
    return replace(result, milliseconds=total)


async def _play_source(
    session: Session,
    source: Source,
    terminators: str,
    loops: int,
    input: DigitHandler | None,
    heeds_keys: bool,
) -> PlayResult:
    session.check_ready()
    media = session.media
    player = RunningPlayback(session, media, source, loops)
    outer, session.player = session.player, player
    begun = session.switch.loop.time()
    headers = {"Playback-File-Path": source.specification}
    scheme = source.specification.partition("://")[0]
    if scheme in ("local_stream", "tone_stream"):
        headers = {"Playback-File-Type": scheme, **headers}
    for name, value in source.parameters.items():
        if _HEADER.fullmatch(name):
            headers.setdefault(name, value)
    session.switch.fire(session, "PLAYBACK_START", headers)
    reason, terminator = "break", None
    try:
        async with _time_limit(session) as limit:
            while await wait_for_any(
                session,
                player.finished,
                player.wound,
                limit,
                *((session.digits.arrival(),) if heeds_keys else ()),
            ):
                if player.wound.done():
                    player.go_on()
                    continue
                if player.finished.done():
                    end = "done" if player.limit_reached else player.finished.result().reason
                    reason = {"done": "done", "failed": "failed"}.get(end, "break")
                    break
                if limit.done():
                    reason = "timeout"
                    break
                digit = session.digits.take() if heeds_keys else None
                if digit is None:
                    continue
                if digit.digit in terminators:
                    reason, terminator = "terminator", digit.digit
                    session.set("playback_terminator_used", digit.digit)
                    break
                if input is not None and input(digit):
                    reason = "input"
                    break
    finally:
        player.close()
        if session.player is player:
            session.player = outer
        if not player.finished.done() and not media.closed:
            media.stop(player.number)
            # Cancelled or not, the figures below are wanted; the engine answers at once.
            await asyncio.wait((player.finished,), timeout=STOP_PATIENCE)
        samples = player.earlier_samples + samples_of(session, player.finished, media, begun)
        milliseconds = _note_playback(session, source, player, samples)
        headers["Playback-Status"] = "done" if reason == "done" else "break"
        session.switch.fire(session, "PLAYBACK_STOP", headers)
    if reason == "failed":
        session.log.error("%s could not be played to its end", source.specification)
    return PlayResult(reason, terminator, milliseconds)


@asynccontextmanager
async def _time_limit(session: Session) -> AsyncIterator[asyncio.Future[None]]:
    """A future that is done after ``playback_timeout_sec``; the cumulative form is written back."""
    loop = session.switch.loop
    limit: asyncio.Future[None] = loop.create_future()
    shared = _number(session, "playback_timeout_sec_cumulative", 0)
    seconds = shared or _number(session, "playback_timeout_sec", 0)
    timer = loop.call_later(seconds, limit.set_result, None) if seconds > 1 else None
    begun = loop.time()
    try:
        yield limit
    finally:
        if timer is not None:
            timer.cancel()
        if shared > 1:
            left = max(int(shared) - round(loop.time() - begun), 1)
            session.set("playback_timeout_sec_cumulative", str(left))


def samples_of(
    session: Session,
    finished: asyncio.Future[Finished] | asyncio.Future[RecordingFinished],
    media: Stream,
    begun: float,
    rate: int = 0,
) -> int:
    """How many samples were played or recorded; by the clock, at ``rate`` or else the call's,
    where the stream was closed.
    """
    if finished.done() and finished.result().samples:
        return finished.result().samples
    if not media.closed:
        return 0
    return round((session.switch.loop.time() - begun) * (rate or rate_of(session)))


def _note_playback(session: Session, source: Source, player: RunningPlayback, samples: int) -> int:
    rate = rate_of(session)
    milliseconds = samples * 1000 // rate
    session.set("playback_seconds", str(milliseconds // 1000))
    session.set("playback_ms", str(milliseconds))
    session.set("playback_samples", str(samples))
    # In samples of the file, as @@ counts them: who goes on there has missed nothing.
    position = player.position_after(milliseconds) * (source.rate or rate) // 1000
    session.set("playback_last_offset_pos", str(position))
    return milliseconds


def rate_of(session: Session) -> int:
    """Samples a second of the call's codec."""
    codec = session.channel.read_codec
    return codec[1] if codec is not None and codec[1] > 0 else 8000


def _number(session: Session, name: str, default: float) -> float:
    try:
        return float(session.get(name) or default)
    except ValueError:
        return default
