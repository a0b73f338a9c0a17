"""Recording a call beside whatever it does: what ``record_session`` and ``uuid_record`` begin."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote

from softswitch.dialplan.arguments import is_true, split_variables
from softswitch.media.events import RecordingFinished
from softswitch.media.recording import Recording, RecordingWish, begin, can_write
from softswitch.switch import hooks, media_bugs
from softswitch.switch.causes import HangupCause
from softswitch.switch.media_bugs import MediaBug
from softswitch.switch.playing import recording_path
from softswitch.switch.while_recording import tags_of

if TYPE_CHECKING:
    from softswitch.switch.session import Session

FUNCTION = "session_record"
"""What these bugs are called in lists and events."""
DEFAULT_SILENCE_THRESHOLD = 200
END_PATIENCE = 2.0
"""Seconds that the end of a call waits for its recordings to be on disk."""
_COMPLETION = {"limit": "success-maxtime", "silence": "success-silence"}


class SessionRecording:
    """One recording of a call, in one file (two without a known extension: in and out)."""

    def __init__(self, session: Session, path: str, variables: Mapping[str, str]) -> None:
        self.session = session
        self.path = path
        """As it was asked for, made absolute: its name in events and lists."""
        self._variables = {name.lower(): value for name, value in variables.items()}
        self._given = dict(variables)
        self._parts: list[tuple[Path, Recording]] = []
        self._pauses: set[str] = set()
        self._bug: MediaBug | None = None
        self._appended = False
        self.stopping = False
        self.over: asyncio.Future[None] = session.switch.loop.create_future()
        """Done when its files are complete and all that follows has been told."""

    def __repr__(self) -> str:
        return f"<SessionRecording {self.path} of {self.session.uuid}>"

    def get(self, name: str) -> str | None:
        """A setting: of this recording, else of the call."""
        value = self._variables.get(name.lower())
        return self.session.get(name) if value is None else value

    def is_true(self, name: str) -> bool:
        """Whether a setting reads as true."""
        return is_true(self.get(name))

    async def start(self, limit_seconds: int = 0, *, continues: bool = False) -> bool:
        """Begin; False, with a log line and an event, where the file cannot be opened.

        ``continues`` goes on with a file that another leg of the call began.
        """
        session = self.session
        wish = self._wish(limit_seconds, append=continues)
        loop = session.switch.loop
        try:
            files = self._files(wish)
            await loop.run_in_executor(
                None, lambda: files[0][0].parent.mkdir(parents=True, exist_ok=True)
            )
            if not session.channel.up:
                return False
            for path, part in files:
                self._parts.append((path, self._begin(path, part)))
        except (OSError, ValueError) as error:
            for _, recording in self._parts:
                recording.stop()
            self._fail(str(error))
            return False
        self._bug = MediaBug(session, FUNCTION, self.path, self.stop)
        session.recordings[self.path] = self
        self._wait_for_call()
        headers = self._headers()
        session.switch.fire(session, "RECORD_START", headers)
        session.spawn_hook("record_start")
        task = loop.create_task(self._follow(), name=f"recording {self.path}")
        session.switch.own(task)
        return True

    def stop(self) -> None:
        """End it; the event comes when the file is complete."""
        self.stopping = True
        for _, recording in self._parts:
            recording.stop()

    def control(self, action: str) -> None:
        """``mask unmask pause resume``."""
        if action in ("pause", "resume"):
            self._pause("operator", action == "pause")
            return
        for _, recording in self._parts:
            recording.control(action)

    async def move(self, other: Session) -> None:
        """Go on in the same file on another leg: that party takes our place in the talk."""
        follower = SessionRecording(other, self.path, self._given)
        follower._variables = dict(self._variables)
        if self.is_true("RECORD_STEREO"):
            swapped = self.is_true("RECORD_STEREO_SWAP")
            follower._variables["record_stereo_swap"] = "false" if swapped else "true"
        self.stop()
        await self.over
        await follower.start(continues=True)

    def _begin(self, path: Path, wish: RecordingWish) -> Recording:
        session = self.session
        codec = session.channel.read_codec
        rate = codec[1] if codec is not None and codec[1] > 0 else 8000
        return begin(session.switch.engine.encoder, session.media, path, wish, rate)

    def _wish(self, limit_seconds: int, *, append: bool) -> RecordingWish:
        hear = "both"
        if self.is_true("RECORD_READ_ONLY"):
            hear = "read"
        elif self.is_true("RECORD_WRITE_ONLY"):
            hear = "write"
        initial = self._number("RECORD_INITIAL_TIMEOUT_MS")
        final = self._number("RECORD_FINAL_TIMEOUT_MS")
        threshold = self._number("RECORD_SILENCE_THRESHOLD") or DEFAULT_SILENCE_THRESHOLD
        swap = self.is_true("RECORD_STEREO_SWAP")
        self._appended = append or self.is_true("RECORD_APPEND")
        return RecordingWish(
            hear=hear,
            stereo=(swap or self.is_true("RECORD_STEREO")) and hear == "both",
            swap=swap,
            append=self._appended,
            rate=self._asked_rate,
            limit_ms=limit_seconds * 1000,
            silence_threshold=threshold if initial or final else 0,
            silence_ms=final,
            initial_silence_ms=initial,
            tags=tags_of(session=self.session, wish=self.get),
        )

    def _files(self, wish: RecordingWish) -> list[tuple[Path, RecordingWish]]:
        """The file, or without an extension one for each direction in the call's own codec."""
        path = recording_path(self.path)
        if path.suffix and can_write(path):
            return [(path, wish)]
        if path.suffix:
            self.session.log.warning("%s is recorded as a WAV file", path)
            return [(path.with_name(f"{path.name}.wav"), wish)]
        codec = self.session.channel.read_codec
        name = codec[0].upper() if codec is not None else "PCMU"
        extension = name if name in ("PCMU", "PCMA") else "wav"
        return [
            (path.with_name(f"{path.name}-{word}.{extension}"), _one_side(wish, side))
            for word, side in (("in", "read"), ("out", "write"))
            if wish.hear in ("both", side)
        ]

    def _wait_for_call(self) -> None:
        """Record nothing before the answer or the bridge where that was asked for."""
        channel = self.session.channel
        for variable, event, reached in (
            ("RECORD_ANSWER_REQ", "answer", channel.answered),
            ("RECORD_BRIDGE_REQ", "bridged", self.session.peer is not None),
        ):
            if self.is_true(variable) and not reached:
                self._pause(event, True)
        if self._pauses:
            self.session.watchers.append(self._on_call)

    def _on_call(self, _: Session, what: str) -> None:
        if what in self._pauses:
            self._pause(what, False)

    def _pause(self, reason: str, paused: bool) -> None:
        """Pause for a reason, or no more for that one."""
        before = bool(self._pauses)
        if paused:
            self._pauses.add(reason)
        else:
            self._pauses.discard(reason)
        if bool(self._pauses) != before:
            for _, recording in self._parts:
                recording.control("pause" if self._pauses else "resume")

    async def _follow(self) -> None:
        """Wait for the end and do what belongs to it."""
        session = self.session
        try:
            ends = [await asyncio.shield(recording.end) for _, recording in self._parts]
            await self._conclude(ends)
        finally:
            if session.recordings.get(self.path) is self:
                del session.recordings[self.path]
            session.unwatch(self._on_call)
            if self._bug is not None:
                self._bug.detach()
            if not self.over.done():
                self.over.set_result(None)
        await self._post_process()

    async def _conclude(self, ends: list[RecordingFinished]) -> None:
        session = self.session
        end = next((one for one in ends if one.reason.startswith("failed")), ends[0])
        path, rate = self._parts[0][0], self._parts[0][1].rate
        milliseconds = end.samples * 1000 // rate
        size = await session.switch.loop.run_in_executor(None, _size, path)
        values = {
            "record_seconds": str(milliseconds // 1000),
            "record_ms": str(milliseconds),
            "record_samples": str(end.samples),
            "record_file_size": str(size),
        }
        completion = _COMPLETION.get(end.reason, "")
        initial = self._number("RECORD_INITIAL_TIMEOUT_MS")
        if end.reason == "silence" and initial and milliseconds <= initial:
            completion = "no-input"
        if end.reason.startswith("failed"):
            self._fail(end.reason.removeprefix("failed: "), values)
            return
        # What was there before is never dropped for being continued shortly.
        if milliseconds < self._number("RECORD_MIN_SEC") * 1000 and not self._appended:
            values["RECORD_DISCARDED"] = "true"
            session.log.info("the recording %s is too short and dropped", path)
            for file, _ in self._parts:
                await session.switch.loop.run_in_executor(None, _remove, file)
        for name, value in values.items():
            session.set(name, value)
        self._tell_stop(completion, values)

    def _fail(self, reason: str, values: Mapping[str, str] | None = None) -> None:
        session = self.session
        session.log.error("cannot record to %s: %s", self.path, reason)
        for name, value in (values or {}).items():
            session.set(name, value)
        self._tell_stop("uri-failure", {"Record-Error": reason})
        if not self.over.done():
            self.over.set_result(None)
        if self.is_true("RECORD_HANGUP_ON_ERROR"):
            session.hangup(HangupCause.DESTINATION_OUT_OF_ORDER)

    def _tell_stop(self, completion: str, values: Mapping[str, str]) -> None:
        headers = self._headers()
        self.session.set("record_completion_cause", completion)
        if completion:
            headers["Record-Completion-Cause"] = completion
        if "Record-Error" in values:
            headers["Record-Error"] = values["Record-Error"]
        self.session.switch.fire(self.session, "RECORD_STOP", headers)
        if self.session.channel.up:
            self.session.spawn_hook("record_stop")

    async def _post_process(self) -> None:
        """What shall run behind the recording, even when the call is over."""
        session = self.session
        application = self.get("record_post_process_exec_app")
        if application and session.channel.up:
            await hooks.execute(session, application)
        command = self.get("record_post_process_exec_api")
        if command:
            line = await session.expand(command.replace(":", " ", 1))
            await session.switch.run_command(line, session=session, source="hook")

    def _headers(self) -> dict[str, str]:
        headers = {"Record-File-Path": self.path}
        headers |= {f"Recording-Variable-{name}": text for name, text in self._given.items()}
        return headers

    @property
    def _asked_rate(self) -> int:
        return self._number("record_sample_rate") or self._number("record_rate")

    def _number(self, name: str) -> int:
        text = (self.get(name) or "").strip()
        return int(text) if text.isdigit() else 0


async def start(
    session: Session, path: str, limit_seconds: int = 0, variables: Mapping[str, str] | None = None
) -> bool:
    """Record a call into ``path``; False where that cannot be.

    A path that is recorded already is left alone, or stopped with ``RECORD_TOGGLE_ON_REPEAT``.
    """
    recording = SessionRecording(session, path, variables or {})
    running = session.recordings.get(path)
    if running is not None and running.stopping:
        await asyncio.wait((running.over,), timeout=END_PATIENCE)
        running = session.recordings.get(path)
    if running is not None:
        if recording.is_true("RECORD_TOGGLE_ON_REPEAT"):
            running.stop()
        else:
            session.log.warning("%s is being recorded already", path)
        return True
    peer = session.peer
    if recording.is_true("RECORD_CHECK_BRIDGE") and peer is not None and path in peer.recordings:
        session.log.info("the other leg records %s already", path)
        return True
    return await recording.start(limit_seconds)


async def stop(session: Session, path: str) -> bool:
    """Stop the recording of a path, or all; False where there is none. Within limits its files
    are complete then, and its variables set.
    """
    if not media_bugs.stop(session, FUNCTION, None if path.lower() == "all" else path):
        return False
    overs = [one.over for one in session.recordings.values() if one.stopping]
    if overs:
        await asyncio.wait(overs, timeout=END_PATIENCE)
    return True


def control(session: Session, path: str, action: str) -> bool:
    """``mask unmask pause resume`` a recording or all; False where there is none."""
    chosen = [
        recording
        for recording in session.recordings.values()
        if path.lower() == "all" or recording.path == path
    ]
    for recording in chosen:
        recording.control(action)
    return bool(chosen)


async def end_all(session: Session) -> None:
    """Wait, within limits, until the recordings of a call that ends are complete."""
    if session.recordings:
        overs = [recording.over for recording in session.recordings.values()]
        await asyncio.wait(overs, timeout=END_PATIENCE)


async def follow_transfer(session: Session, other: Session) -> None:
    """The recordings of a party that transfers its partner and leaves go on with that partner."""
    for recording in list(session.recordings.values()):
        await recording.move(other)


def parse_variables(text: str) -> dict[str, str]:
    """What stands in ``{name=value,…}``, its values URL-decoded."""
    body = text.strip().removeprefix("{").removesuffix("}")
    return {name: unquote(value) for name, value in split_variables(body)}


def _one_side(wish: RecordingWish, side: str) -> RecordingWish:
    return replace(wish, hear=side, stereo=False)


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except (OSError, ValueError):
        # A name may be none that a file can have.
        return 0


def _remove(path: Path) -> None:
    path.unlink(missing_ok=True)
