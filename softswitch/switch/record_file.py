"""Recording what a call says into a file, until a key, silence or the limit ends it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from softswitch.dialplan.arguments import is_true
from softswitch.media.recording import RecordingWish, begin
from softswitch.switch import hooks
from softswitch.switch.playing import (
    STOP_PATIENCE,
    rate_of,
    recording_path,
    samples_of,
    sound_path,
    terminators_of,
)
from softswitch.switch.silence import divisor
from softswitch.switch.waiting import wait_for_any
from softswitch.switch.while_recording import (
    recording_rate,
    sounds_meanwhile,
    tags_of,
    wishes_of,
)

if TYPE_CHECKING:
    from pathlib import Path

    from softswitch.switch.session import Session


@dataclass(frozen=True, slots=True)
class RecordResult:
    """How a recording ended: ``limit silence terminator break closed failed`` or ``stopped``."""

    reason: str
    milliseconds: int
    path: str
    terminator: str | None = None


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

    ``{record_fill_cng=1400}`` in front of the path stands for variables of the call. ``rate`` in
    Hz holds where there is no ``record_sample_rate``; ``tags`` are written into
    the file. Sets the ``record_…`` variables, fires RECORD_START and RECORD_STOP and runs their
    hooks. Keys begin the limit anew with ``record_restart_limit_on_dtmf``. A file that cannot be
    written gives ``failed`` and a log line.
    """
    await session.pre_answer()
    if terminators is None:
        terminators = terminators_of(session)
    asked, path = wishes_of(session, path)
    path = sound_path(session, path)
    session.set("playback_terminator_used", "")
    restarts = bool(limit_seconds) and is_true(asked("record_restart_limit_on_dtmf"))
    try:
        target = await _prepare(session, path)
        media = session.media
        wish = RecordingWish(
            append=is_true(asked("RECORD_APPEND")),
            rate=recording_rate(asked) or rate,
            limit_ms=0 if restarts else limit_seconds * 1000,
            silence_threshold=silence_threshold,
            silence_ms=silence_seconds * 1000 if silence_threshold else 0,
            fill=divisor(asked("record_fill_cng")) or 0,
            tags={**tags_of(session, asked), **(tags or {})},
        )
        recording = begin(session.switch.engine.encoder, media, target, wish, rate_of(session))
    except (OSError, ValueError) as error:
        session.log.error("cannot record to %s: %s", path, error)
        return RecordResult("failed", 0, path)
    finished = recording.end
    begun = session.switch.loop.time()
    headers = {"Record-File-Path": str(target)}
    session.switch.fire(session, "RECORD_START", headers)
    await hooks.run(session, "record_start")
    reason, terminator = "break", None
    limit = _Limit(session, limit_seconds if restarts else 0)
    try:
        async with sounds_meanwhile(session, media, asked):
            while await wait_for_any(session, finished, session.digits.arrival(), limit.reached):
                if finished.done() or limit.reached.done():
                    reason = finished.result().reason if finished.done() else "limit"
                    break
                digit = session.digits.take()
                if digit is None:
                    continue
                if digit.digit in terminators:
                    reason, terminator = "terminator", digit.digit
                    session.set("playback_terminator_used", digit.digit)
                    break
                limit.restart()
    finally:
        limit.close()
        if not finished.done():
            # A caller who hung up has closed the stream: the engine tells how long it was.
            recording.stop()
            await asyncio.wait((finished,), timeout=STOP_PATIENCE)
        samples = samples_of(session, finished, media, begun, recording.rate)
        milliseconds = samples * 1000 // recording.rate
        _note_recording(session, target, reason, samples, milliseconds)
        session.switch.fire(session, "RECORD_STOP", headers)
    if reason.startswith("failed"):
        session.log.error("recording to %s %s", target, reason)
        reason = "failed"
    await hooks.run(session, "record_stop")
    return RecordResult(reason, milliseconds, str(target), terminator)


class _Limit:
    """The time limit where keys begin it anew; the engine keeps the others."""

    def __init__(self, session: Session, seconds: int) -> None:
        self._loop = session.switch.loop
        self._seconds = seconds
        self.reached: asyncio.Future[None] = self._loop.create_future()
        self._timer: asyncio.TimerHandle | None = None
        self.restart()

    def restart(self) -> None:
        self.close()
        if self._seconds:
            self._timer = self._loop.call_later(self._seconds, self._reach)

    def close(self) -> None:
        if self._timer is not None:
            self._timer.cancel()

    def _reach(self) -> None:
        if not self.reached.done():
            self.reached.set_result(None)


async def _prepare(session: Session, path: str) -> Path:
    """The file to record into; its folder is there then. Raises OSError and ValueError."""
    target = recording_path(path)
    if target.name and not target.suffix:
        target = target.with_name(f"{target.name}.wav")
    make_folder = partial(target.parent.mkdir, parents=True, exist_ok=True)
    await session.switch.loop.run_in_executor(None, make_folder)
    session.check_ready()
    return target


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
