"""A room: its members, what they hear beside each other, and when it ends."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from softswitch.media.engine import Source
from softswitch.media.events import (
    FloorChanged,
    MediaEvent,
    MutedTalking,
    StreamFailed,
    Talking,
)
from softswitch.modules.conference import events
from softswitch.modules.conference.music import Music
from softswitch.modules.conference.player import Player
from softswitch.modules.conference.record import RoomRecord
from softswitch.modules.conference.recordings import Recordings

if TYPE_CHECKING:
    from softswitch.modules.conference.member import Member
    from softswitch.modules.conference.rooms import Rooms
    from softswitch.modules.conference.settings import ConferenceProfile
    from softswitch.switch.session import Session

LEAST_HEARTBEAT = 20
"""Seconds; FreeSWITCH sends none where they are to come more often."""

SPEAKER = ("flite", "kal")
"""What speaks texts where the profile names nothing."""


class Room:
    """A conference that goes on."""

    def __init__(
        self,
        rooms: Rooms,
        name: str,
        profile_name: str,
        profile: ConferenceProfile,
        creator: Session,
        given: frozenset[str],
    ) -> None:
        """A room for its first caller; raises ValueError where it cannot be mixed."""
        self.rooms = rooms
        self.switch = rooms.switch
        self.name = name
        self.profile_name = profile_name
        self.profile = profile
        self.uuid = self.switch.new_uuid()
        self.log = logging.LoggerAdapter(logging.getLogger(__name__), {"conference": name})
        self.flags = given | {word.lower() for word in profile.conference_flags}
        codec = creator.channel.read_codec
        settings = profile.mixer(codec[1] if codec is not None else 8000)
        self.mixer = self.switch.engine.open_mixer(settings)
        self.mixer.on_event = self._on_event
        self.entering = 0
        """Calls on their way in: asked for a pin, or told something."""
        self.began = self.switch.loop.time()
        self.members: list[Member] = []
        """The newest first."""
        self.variables: dict[str, str] = {}
        """The room's own, by ``setvar``."""
        self.locked = False
        self.wait_mod = "wait-mod" in self.flags
        self.bridges = False
        self.minimum = 1
        self.enter_sounds = self.exit_sounds = True
        self.enter_sound = profile.enter_sound
        self.exit_sound = profile.exit_sound
        self.pin = profile.pin
        self.moderator_pin = profile.moderator_pin
        self.max_members = profile.max_members
        self.energy_level = profile.energy_level
        self.grace_time = profile.endconf_grace_time
        self.caller_id_name = profile.caller_id_name
        self.caller_id_number = profile.caller_id_number
        self.sound_prefix = profile.sound_prefix or creator.get("sound_prefix") or ""
        self.music_file = profile.music
        self.music_off = False
        self.perpetual_sound = profile.perpetual_sound
        self.auto_record = profile.auto_record
        self.player = Player(self)
        self.player.on_idle = self.update_music
        self.music = Music(self)
        self.recordings = Recordings(self)
        self.record = RoomRecord(self)
        self._ending: asyncio.TimerHandle | None = None
        self._silence: asyncio.TimerHandle | None = None
        self._heartbeat: asyncio.Handle | None = None
        self._configure()
        if profile.heartbeat_period >= LEAST_HEARTBEAT:
            self._heartbeat = self.switch.loop.call_soon(self._beat)

    def __repr__(self) -> str:
        return f"<Room {self.name}@{self.profile_name} of {len(self.members)}>"

    @property
    def size(self) -> int:
        """How many members there are; ghosts do not count."""
        return sum(not member.ghost for member in self.members)

    @property
    def ghosts(self) -> int:
        return len(self.members) - self.size

    @property
    def ended(self) -> bool:
        return self.mixer.closed

    @property
    def run_time(self) -> int:
        """Seconds since it began."""
        return int(self.switch.loop.time() - self.began)

    def member(self, number: int) -> Member | None:
        """The member of that number, or None."""
        return next((one for one in self.members if one.id == number), None)

    def fire(self, action: str, member: Member | None = None, **extra: str) -> None:
        """Tell that something happened."""
        events.fire(self, action, member, **extra)

    # Members

    def join(self, member: Member, *, silent: bool = False) -> None:
        """Take in a member: from now on all hear each other."""
        alone = not self.members
        self.members.insert(0, member)
        self.mixer.add(member.stream, member.settings())
        if member.talk_report is not None:
            member.talk_report.update()
        self.record.joined(member)
        if "mintwo" in member.flags:
            self.minimum = 2
        if self._ending is not None and self._keeps(member):
            self._ending.cancel()
            self._ending = None
        if member.moderator and self.wait_mod:
            self.wait_mod = False
            self._configure()
        self.arrange()
        if not silent:
            self.fire("add-member", member)
            self._announce(member, alone=alone)
        self.rooms.tell_presence(self)
        self.update_music()
        self._watch_silence()
        enough = self.size >= self.profile.min_recording_members
        if self.auto_record and enough and not self.recordings.automatic_done:
            self.recordings.automatic_done = "restart-auto-record" not in self.flags
            if not self.recordings.running:
                self.own(self._record_automatically(member), "automatic recording")

    def part(self, member: Member, *, silent: bool = False) -> None:
        """Let go of a member; the last one ends the room."""
        if member not in self.members:
            return
        self.members.remove(member)
        self.record.left(member)
        member.player.stop("all")
        if member.talk_report is not None:
            member.talk_report.stop()
        if self.ended:
            return
        self.mixer.remove(member.stream)
        for other in self.members:
            other.relations.pop(member.id, None)
        if not silent:
            self.fire("del-member", member)
        if len(self.members) < self.minimum or not self.members:
            self.end()
            return
        self.rooms.tell_presence(self)
        self.arrange()
        if not silent:
            self._farewell(member)
        self._end_without(member)
        self.update_music()

    def _announce(self, member: Member, *, alone: bool) -> None:
        if alone:
            quiet = self.perpetual_sound or self.wait_mod or self.bridges
            if self.profile.alone_sound and not quiet:
                self.player.play(self.profile.alone_sound)
            return
        sound = member.session.get("conference_enter_sound") or self.enter_sound
        if self.enter_sounds and sound and not self.wait_mod and not member.ghost:
            self.player.play(sound)
        if 1 < self.profile.announce_count <= self.size:
            self.player.play(f"say:There are {self.size} callers")

    def _farewell(self, member: Member) -> None:
        own = member.session.get("conference_exit_sound")
        sound = own or self.exit_sound
        if sound and self.exit_sounds and not self.wait_mod and not member.ghost:
            self.player.play(sound)
        if self.size == 1 and self.profile.alone_sound and not self.bridges:
            self.player.play(self.profile.alone_sound)

    @staticmethod
    def _keeps(member: Member) -> bool:
        return bool(member.flags & {"endconf", "mandatory_member_endconf"})

    def _end_without(self, gone: Member) -> None:
        """The last of those whom the room exists for has left: it ends after the grace time."""
        left = [
            flag
            for flag in ("endconf", "mandatory_member_endconf")
            if flag in gone.flags and not any(flag in one.flags for one in self.members)
        ]
        if left and self._ending is None:
            self._ending = self.switch.loop.call_later(self.grace_time, self._end_forced)

    def _end_forced(self) -> None:
        self.record.forced = True
        self.end()

    # Sound

    def sound(self, file: str) -> str:
        """Where a sound is: relative ones below the room's prefix; ``say:`` is spoken."""
        if file.lower().startswith("say:"):
            engine = self.profile.tts_engine or SPEAKER[0]
            voice = self.profile.tts_voice or SPEAKER[1]
            return f"tts://{engine}|{voice}|{file[4:].strip()}"
        if file.startswith("/") or "://" in file:
            return file
        prefix = self.sound_prefix or self.switch.globals.get("sound_prefix")
        return f"{prefix or self.switch.folders.sounds}/{file}"

    async def open(self, file: str) -> Source:
        """A sound at the room's rate. Raises `SourceError`."""
        return await self.switch.engine.open_source(self.sound(file), self.mixer.settings.rate)

    def tell_unplayable(self, file: str, *, beside: bool) -> None:
        """A sound for all is not there, or cannot be read."""
        wish = "true" if beside else "false"
        self.fire("play-file", File=file, Async=wish, Error="File could not be played")

    def update_music(self) -> None:
        """Begin or end what plays in the background."""
        if self.ended:
            return
        if self.perpetual_sound:
            self.music.want(self.perpetual_sound, exclusive=True)
            return
        alone = self.size == 1 and not any("nomoh" in one.flags for one in self.members)
        wanted = (alone or self.wait_mod) and not self.music_off and not self.bridges
        if wanted and (self.player.idle or self.music.plays):
            self.music.want(self.music_file)
        elif not wanted:
            self.music.want("")

    def toggle_music(self) -> None:
        """Switch the music of who is alone off, or on again."""
        self.music_off = not self.music_off
        self.update_music()

    def set_locked(self, locked: bool) -> None:
        """Let nobody else enter, or anybody again."""
        sound = self.profile.is_locked_sound if locked else self.profile.is_unlocked_sound
        if sound:
            self.player.play(sound)
        self.locked = locked
        self.fire("lock" if locked else "unlock")

    def relate(self, member: Member, other: Member, words: frozenset[str]) -> None:
        """Keep a member from speaking to another (``nospeak``) or hearing it (``nohear``)."""
        member.relations.pop(other.id, None)
        if words:
            member.relations[other.id] = words
        for listener, speaker in ((member, other), (other, member)):
            deaf = "nohear" in listener.relations.get(speaker.id, ())
            dumb = "nospeak" in speaker.relations.get(listener.id, ())
            hears = not deaf and not dumb
            self.mixer.relate(listener.stream.id, speaker.stream.id, hears=hears)

    def arrange(self) -> None:
        """Spread the members of a room with ``auto-3d-position`` from left to right."""
        if "auto-3d-position" not in self.flags:
            return
        placed = [one for one in self.members if "no-positional" not in one.flags]
        for index, member in enumerate(reversed(placed)):
            step = 2 * index / (len(placed) - 1) - 1 if len(placed) > 1 else 0.0
            member.position = (step, 0.0, 0.0)
            member.apply()

    def _configure(self) -> None:
        ungated = "audio-always" in self.flags
        self.mixer.configure(replace(self.mixer.settings, open=not self.wait_mod, ungated=ungated))

    async def _record_automatically(self, newest: Member) -> None:
        file = await newest.session.expand(self.auto_record)
        await self.recordings.start(file, automatic=True)

    def note_recording(self, file: str) -> None:
        """Leave with the members what is being recorded."""
        for member in self.members:
            member.session.set("conference_recording", file)

    # What the mixer tells

    def _on_event(self, event: MediaEvent) -> None:
        match event:
            case Talking(member=stream, talking=talking):
                if member := self._by_stream(stream):
                    member.on_talking(talking)
                self._watch_silence()
            case MutedTalking(member=stream):
                if member := self._by_stream(stream):
                    self.fire("mute-detect", member)
                    member.hear(self.profile.mute_detect_sound)
            case FloorChanged(member=stream):
                self._pass_floor(self._by_stream(stream) if stream is not None else None)
            case StreamFailed(text=text):
                self.log.error("the room failed: %s", text)
                self.end()
            case _:
                pass

    def _by_stream(self, stream: int) -> Member | None:
        return next((one for one in self.members if one.stream.id == stream), None)

    def _pass_floor(self, holder: Member | None) -> None:
        before = next((one for one in self.members if one.has_floor), None)
        if before is holder:
            return
        for member in self.members:
            member.has_floor = member is holder
        self.fire(
            "floor-change",
            holder,
            Old_ID=str(before.id) if before is not None else "none",
            New_ID=str(holder.id) if holder is not None else "none",
        )

    def _watch_silence(self) -> None:
        """Begin anew to count the seconds in which nobody speaks."""
        if self._silence is not None:
            self._silence.cancel()
            self._silence = None
        seconds = self.profile.terminate_on_silence
        if seconds and len(self.members) > 1 and not any(one.talking for one in self.members):
            self._silence = self.switch.loop.call_later(seconds, self.end)

    def _beat(self) -> None:
        """Tell that the room is there, again and again."""
        self.fire("conference-heartbeat")
        self._heartbeat = self.switch.loop.call_later(self.profile.heartbeat_period, self._beat)

    # The end

    def end(self) -> None:
        """End the room: all members leave it, recordings are closed. Idempotent."""
        if self.ended:
            return
        for timer in (self._ending, self._silence, self._heartbeat):
            if timer is not None:
                timer.cancel()
        self.rooms.forget(self)
        for member in list(self.members):
            member.leave("ended")
        self.mixer.close()
        self.rooms.tell_presence(self)
        self.fire("conference-destroy")
        if self.record.wanted:
            self.record.close()
            self.own(self._write_record(), "record")

    async def _write_record(self) -> None:
        await self.recordings.finished()
        await self.record.write()

    def own(self, work: Coroutine[Any, Any, None], name: str) -> asyncio.Task[None]:
        """Run something beside; the switch owns it."""
        task = self.switch.loop.create_task(work, name=f"{name} of conference {self.name}")
        self.switch.own(task)
        return task
