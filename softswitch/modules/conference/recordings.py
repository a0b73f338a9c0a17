"""Recordings of a room: any number at once, each paused and ended by its file."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from softswitch.media.recording import Recording, begin_room

if TYPE_CHECKING:
    from softswitch.modules.conference.room import Room


@dataclass(slots=True, eq=False)
class RoomRecording:
    """One file being written."""

    file: str
    """As it was asked for."""
    path: Path
    recording: Recording
    automatic: bool
    begun_us: int
    paused: bool = False


class Recordings:
    """All recordings of a room that run now."""

    def __init__(self, room: Room) -> None:
        self._room = room
        self.running: list[RoomRecording] = []
        self._following: set[asyncio.Task[None]] = set()
        self.automatic_done = False
        """The recording that every room gets was begun once."""

    def __repr__(self) -> str:
        return f"<Recordings {[recording.file for recording in self.running]}>"

    async def start(self, file: str, *, automatic: bool = False) -> bool:
        """Begin to write a file below the folder of recordings; False (and a log line) if not."""
        room = self._room
        path = room.switch.folders.recordings / file
        try:
            await room.switch.loop.run_in_executor(
                None, lambda: path.parent.mkdir(parents=True, exist_ok=True)
            )
            if room.mixer.closed:
                return False
            begun = begin_room(room.switch.engine.encoder, room.mixer, path)
        except (OSError, ValueError) as error:
            room.log.error("cannot record to %s: %s", path, error)
            room.fire("start-recording", Path=file, Error=str(error))
            return False
        recording = RoomRecording(file, path, begun, automatic, room.switch.now_us())
        self.running.append(recording)
        following = room.own(self._follow(recording), "recording")
        self._following.add(following)
        following.add_done_callback(self._following.discard)
        room.note_recording(file)
        room.fire("start-recording", Path=file)
        return True

    async def finished(self) -> None:
        """The room has ended: wait until its files are complete."""
        if self._following:
            await asyncio.wait(self._following)

    def stop(self, file: str) -> int:
        """End the recording of a file, or ``all``; returns how many."""
        found = self._find(file)
        for recording in found:
            recording.recording.stop()
            self.running.remove(recording)
        return len(found)

    def pause(self, file: str, *, paused: bool) -> bool:
        """Pause the recording of a file (or ``all``), or go on; False if there is none."""
        found = self._find(file)
        for recording in found:
            recording.paused = paused
            recording.recording.control("pause" if paused else "resume")
        return bool(found)

    def _find(self, file: str) -> list[RoomRecording]:
        return [one for one in self.running if file.lower() == "all" or one.file == file]

    async def _follow(self, recording: RoomRecording) -> None:
        room = self._room
        ended = await recording.recording.end
        if ended.reason.startswith("failed"):
            room.log.error("recording to %s %s", recording.path, ended.reason)
        if recording in self.running:
            self.running.remove(recording)
        room.record.recorded(recording.path, recording.begun_us)
        room.note_recording("")
        room.fire(
            "stop-recording",
            Path=recording.file,
            Other_Recordings="true" if self.running else "false",
            Samples_Out=str(ended.samples),
            Samplerate=str(room.mixer.settings.rate),
            Milliseconds_Elapsed=str(ended.samples * 1000 // room.mixer.settings.rate),
        )
