"""What applications use for sound and keys: play, record and collect digits.

Each of them ends at a break of the call, and by cancellation when the call is hung up or
moved; nothing plays or records on after that.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from softswitch.media.engine import Source, SourceError, Stream
from softswitch.media.events import RecordingFinished
from softswitch.media.recording import RecordingWish, begin
from softswitch.media.source import Specification
from softswitch.media.stream import Finished
from softswitch.switch import hooks
from softswitch.switch.running_playback import RunningPlayback
from softswitch.switch.silence import divisor
from softswitch.switch.waiting import wait_for_any
from softswitch.switch.while_recording import recording_rate, sounds_meanwhile

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
STOP_PATIENCE = 0.25
"""Seconds that the engine gets to tell how much of a stopped playback was heard."""


@dataclass(frozen=True, slots=True)
class PlayResult:
    """How a playback ended: ``done``, ``break``, ``terminator``, ``timeout`` or ``failed``."""

    reason: str
    terminator: str | None = None
    milliseconds: int = 0


@dataclass(frozen=True, slots=True)
class Collected:
    """Digits, and what ended them: ``maximum terminator timeout break`` or ``failed``."""

    digits: str
    terminator: str | None
    reason: str


@dataclass(frozen=True, slots=True)
class RecordResult:
    """How a recording ended: ``limit silence terminator break closed failed`` or ``stopped``."""

    reason: str
    milliseconds: int
    path: str
    terminator: str | None = None


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


async def play(
    session: Session,
    specification: str,
    *,
    terminators: str | None = None,
    loops: int = 1,
    input: DigitHandler | None = None,
) -> PlayResult:
    """Play a file or stream to the call.

    ``terminators`` are the keys that end it (None: those of `terminators_of`); other keys are
    taken and lost, unless ``input`` is told of them. ``playback_delimiter`` makes a list of
    the specification. What cannot be played is logged and skipped. Sets the ``playback_…``
    variables; fires PLAYBACK_START and PLAYBACK_STOP.
    """
    await session.pre_answer()
    if terminators is None:
        terminators = terminators_of(session)
    delimiter = session.get("playback_delimiter")
    items = specification.split(delimiter) if delimiter else [specification]
    items = [item.strip() for item in items if item.strip()] or [specification]
    result = PlayResult("failed")
    for index, item in enumerate(items):
        if index:
            await session.sleep(_number(session, "playback_sleep_val", DEFAULT_PAUSE_MS))
        result = await _play_one(session, item, terminators, loops, input)
        if result.reason not in ("done", "failed"):
            break
    return result


async def _play_one(
    session: Session,
    specification: str | Specification,
    terminators: str,
    loops: int,
    input: DigitHandler | None,
) -> PlayResult:
    session.set("playback_terminator_used", "")
    if isinstance(specification, str):
        word, colon, rest = specification.partition(":")
        player = _PLAYERS.get(word.lower()) if colon and not rest.startswith("//") else None
        if player is not None:
            return await _repeat(loops, lambda: player(session, rest, terminators, input))
    try:
        source = await session.switch.open_source(specification, session)
    except SourceError as error:
        session.log.error("%s", error)
        return PlayResult("failed")
    try:
        return await _play_source(session, source, terminators, loops, input)
    finally:
        source.close()


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
    session.switch.fire(session, "PLAYBACK_START", headers)
    reason, terminator = "break", None
    try:
        async with _time_limit(session) as limit:
            while await wait_for_any(
                session, player.finished, player.wound, session.digits.arrival(), limit
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
                digit = session.digits.take()
                if digit is None:
                    continue
                if digit.digit in terminators:
                    reason, terminator = "terminator", digit.digit
                    session.set("playback_terminator_used", digit.digit)
                    break
                if input is not None and input(digit):
                    break
    finally:
        player.close()
        if session.player is player:
            session.player = outer
        if not player.finished.done() and not media.closed:
            media.stop(player.number)
            # Cancelled or not, the figures below are wanted; the engine answers at once.
            await asyncio.wait((player.finished,), timeout=STOP_PATIENCE)
        samples = player.earlier_samples + _samples(session, player.finished, media, begun)
        milliseconds = _note_playback(session, source, samples)
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


async def collect_digits(
    session: Session,
    *,
    minimum: int,
    maximum: int,
    timeout_ms: int,
    digit_timeout_ms: int,
    terminators: str,
    begun: str = "",
    total_ms: int = 0,
) -> Collected:
    """Take digits until there are ``maximum``, a terminator comes, or time runs out.

    The first digit may take ``timeout_ms``, each later one ``digit_timeout_ms``, all together
    ``total_ms`` (0: any time). ``begun`` holds digits that came before. ``minimum`` is the
    caller's to judge: fewer digits come back as they are.
    """
    loop = session.switch.loop
    digits = begun
    last = loop.time() + total_ms / 1000 if total_ms else float("inf")
    while len(digits) < maximum:
        elapsed: asyncio.Future[None] = loop.create_future()
        seconds = (digit_timeout_ms if digits else timeout_ms) / 1000
        timer = loop.call_at(min(loop.time() + seconds, last), elapsed.set_result, None)
        try:
            if not await wait_for_any(session, session.digits.arrival(), elapsed):
                return Collected(digits, None, "break")
        finally:
            timer.cancel()
        digit = session.digits.take()
        if digit is None:
            if elapsed.done():
                return Collected(digits, None, "timeout")
            continue
        if digit.digit in terminators:
            return Collected(digits, digit.digit, "terminator")
        digits += digit.digit
    return Collected(digits, None, "maximum")


async def play_and_collect(
    session: Session,
    file: str,
    *,
    minimum: int,
    maximum: int,
    timeout_ms: int,
    digit_timeout_ms: int,
    terminators: str,
) -> Collected:
    """Play a prompt and collect digits; the first digit ends the prompt and counts.

    The prompt may be ``silence`` or empty. A prompt that cannot be played gives ``failed``.
    """
    first: list[str] = []
    if file and file.lower() != "silence":
        heard = await play(session, file, terminators="", input=keep_first(first))
        if heard.reason == "failed":
            return Collected("", None, "failed")
        if heard.reason == "break" and not first:
            return Collected("", None, "break")
    if first and first[0] in terminators:
        return Collected("", first[0], "terminator")
    return await collect_digits(
        session,
        minimum=minimum,
        maximum=maximum,
        timeout_ms=timeout_ms,
        digit_timeout_ms=digit_timeout_ms,
        terminators=terminators,
        begun="".join(first),
    )


async def record(
    session: Session,
    path: str,
    *,
    limit_seconds: int = 0,
    silence_threshold: int = 0,
    silence_seconds: int = 0,
    terminators: str | None = None,
    rate: int = 0,
    tags: Mapping[str, str] | None = None,
) -> RecordResult:
    """Record what the far end says into a file until a key, silence or the limit ends it.

    ``rate`` in Hz holds where the call has no ``record_sample_rate``; ``tags`` are written into
    the file. Sets the ``record_…`` variables, fires RECORD_START and RECORD_STOP and runs their
    hooks. A file that cannot be written gives ``failed`` and a log line.
    """
    await session.pre_answer()
    if terminators is None:
        terminators = terminators_of(session)
    target = Path(sound_path(session, path))
    if target.name and not target.suffix:
        target = target.with_name(f"{target.name}.wav")
    session.set("playback_terminator_used", "")
    loop = session.switch.loop
    try:
        await loop.run_in_executor(None, lambda: target.parent.mkdir(parents=True, exist_ok=True))
        session.check_ready()
        media = session.media
        wish = RecordingWish(
            append=session.is_true("RECORD_APPEND"),
            rate=recording_rate(session) or rate,
            limit_ms=limit_seconds * 1000,
            silence_threshold=silence_threshold,
            silence_ms=silence_seconds * 1000 if silence_threshold else 0,
            fill=divisor(session.get("record_fill_cng")) or 0,
            tags=tags or {},
        )
        recording = begin(session.switch.engine.encoder, media, target, wish, _rate(session))
    except (OSError, ValueError) as error:
        session.log.error("cannot record to %s: %s", target, error)
        return RecordResult("failed", 0, str(target))
    finished = recording.end
    begun = loop.time()
    headers = {"Record-File-Path": str(target)}
    session.switch.fire(session, "RECORD_START", headers)
    await hooks.run(session, "record_start")
    reason, terminator = "break", None
    try:
        async with sounds_meanwhile(session, media):
            while await wait_for_any(session, finished, session.digits.arrival()):
                if finished.done():
                    reason = finished.result().reason
                    break
                digit = session.digits.take()
                if digit is not None and digit.digit in terminators:
                    reason, terminator = "terminator", digit.digit
                    session.set("playback_terminator_used", digit.digit)
                    break
    finally:
        if not finished.done():
            # A caller who hung up has closed the stream: the engine tells how long it was.
            recording.stop()
            await asyncio.wait((finished,), timeout=STOP_PATIENCE)
        samples = _samples(session, finished, media, begun)
        milliseconds = samples * 1000 // _rate(session)
        _note_recording(session, target, reason, samples, milliseconds)
        session.switch.fire(session, "RECORD_STOP", headers)
    if reason.startswith("failed"):
        session.log.error("recording to %s %s", target, reason)
        reason = "failed"
    await hooks.run(session, "record_stop")
    return RecordResult(reason, milliseconds, str(target), terminator)


def _samples(
    session: Session,
    finished: asyncio.Future[Finished] | asyncio.Future[RecordingFinished],
    media: Stream,
    begun: float,
) -> int:
    """How many samples were played or recorded; by the clock where the stream was closed."""
    if finished.done() and finished.result().samples:
        return finished.result().samples
    if not media.closed:
        return 0
    return round((session.switch.loop.time() - begun) * _rate(session))


def _note_playback(session: Session, source: Source, samples: int) -> int:
    rate = _rate(session)
    milliseconds = samples * 1000 // rate
    session.set("playback_seconds", str(milliseconds // 1000))
    session.set("playback_ms", str(milliseconds))
    session.set("playback_samples", str(samples))
    position = source.offset_ms * rate // 1000 + samples
    session.set("playback_last_offset_pos", str(position))
    return milliseconds


def _note_recording(
    session: Session, path: Path, reason: str, samples: int, milliseconds: int
) -> None:
    session.set("record_seconds", str(milliseconds // 1000))
    session.set("record_ms", str(milliseconds))
    session.set("record_samples", str(samples))
    session.set("silence_hits_exhausted", "true" if reason == "silence" else "false")
    cause = {"silence": "success-silence", "limit": "success-maxtime"}.get(reason)
    session.set("record_completion_cause", cause or "")
    try:
        session.set("record_file_size", str(path.stat().st_size))
    except OSError:
        session.set("record_file_size", "0")


def _rate(session: Session) -> int:
    """Samples a second of the call's codec."""
    codec = session.channel.read_codec
    return codec[1] if codec is not None and codec[1] > 0 else 8000


def _number(session: Session, name: str, default: float) -> float:
    try:
        return float(session.get(name) or default)
    except ValueError:
        return default
