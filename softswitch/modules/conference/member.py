"""One member of a room: a call, what it may do, and how loud it is."""

from __future__ import annotations

import asyncio
import math
from typing import TYPE_CHECKING

from softswitch.media.parameters import MemberParameters
from softswitch.modules.conference.player import Player
from softswitch.modules.conference.settings import MOST_ENERGY
from softswitch.modules.conference.talk_report import TalkReport
from softswitch.modules.conference.volume import changed, decibels

if TYPE_CHECKING:
    from softswitch.media.engine import Stream
    from softswitch.modules.conference.room import Room
    from softswitch.switch.session import Session

ENERGY_STEP = 200
SHORT_NOISE = 1.0
"""Seconds: who spoke no longer than that was a noise, which `auto-energy-level` shuts out."""
AUTO_ENERGY_STEP = 100


def parse_position(text: str) -> tuple[float, float, float]:
    """``<x>:<y>:<z>``, where what is not written is 0. Raises ValueError."""
    x, y, z = (float(part) for part in (*text.split(":"), "0", "0")[:3])
    if not math.isfinite(x + y + z):
        raise ValueError("a place is three finite numbers")
    return x, y, z


class Member:
    """A call in a room. Its verbs tell what they did as events."""

    def __init__(
        self, room: Room, session: Session, number: int, given: frozenset[str], stream: Stream
    ) -> None:
        self.room = room
        self.session = session
        self.id = number
        self.flags = given
        self.stream = stream
        self.moderator = "moderator" in given
        self.ghost = "ghost" in given
        self.hears = "deaf" not in given
        self.speaks = "mute" not in given
        self.held = False
        self.energy_level = room.energy_level
        self.auto_energy_level = room.profile.auto_energy_level
        self.max_energy_level = room.profile.max_energy_level
        self.max_energy_hits = room.profile.max_energy_hits
        self.max_energy_mute_ms = room.profile.max_energy_mute_ms
        self.auto_gain_level = room.profile.auto_gain_level
        self.volume_in = 0
        self.volume_out = 0
        self.position: tuple[float, float, float] = (0.0, 0.0, 0.0)
        self.talking = False
        self.has_floor = False
        self.joined_at = room.switch.loop.time()
        self.talked_at: float | None = None
        """When it last began or ceased to speak."""
        self.player = Player(room, self)
        self.relations: dict[int, frozenset[str]] = {}
        """By other member: ``nospeak`` and ``nohear``."""
        self.gone: asyncio.Future[str] = room.switch.loop.create_future()
        """Done with the reason when the member shall leave."""
        self.kicked_sound: str | None = None
        self.typed_pin = False
        """It typed a pin on its way in, and may still press its ``#``."""
        self.talk_report = TalkReport(self) if "talk-data-events" in given else None

    def __repr__(self) -> str:
        return f"<Member {self.id} {self.session.channel.name} of {self.room.name}>"

    @property
    def current_energy(self) -> int:
        """Loudness of what it said last."""
        return self.room.mixer.level(self.stream.id)[0]

    def settings(self) -> MemberParameters:
        """How the mixer takes it."""
        profile = self.room.profile
        gain, ceiling = None, None
        if self.auto_gain_level:
            gain = (
                self.auto_gain_level,
                profile.auto_gain_low or self.energy_level,
                profile.auto_gain_margin,
                profile.auto_gain_change,
                profile.auto_gain_period,
            )
        if self.max_energy_level:
            ceiling = (self.max_energy_level, self.max_energy_hits, self.max_energy_mute_ms)
        return MemberParameters(
            in_db=decibels(self.volume_in),
            out_db=decibels(self.volume_out),
            mute=not self.speaks or self.held,
            deaf=not self.hears or self.held,
            energy_level=self.energy_level,
            mute_detect="mute-detect" in self.flags,
            auto_gain=gain,
            ceiling=ceiling,
            pan=max(-1.0, min(1.0, self.position[0])),
        )

    def leave(self, reason: str) -> None:
        """Have the member leave the room; its call goes on in the dialplan."""
        if not self.gone.done():
            self.gone.set_result(reason)

    def mute(self, *, quiet: bool = False) -> None:
        """Let nobody hear it any more."""
        self.speaks = False
        self.apply()
        if not quiet:
            self.hear(self.room.profile.muted_sound)
        self.room.fire("mute-member", self)

    def unmute(self, *, quiet: bool = False) -> None:
        """Let the others hear it."""
        self.speaks = True
        self.apply()
        if not quiet:
            self.hear(self.room.profile.unmuted_sound)
        self.room.fire("unmute-member", self)

    def deafen(self) -> None:
        """Let it hear nothing any more."""
        self.hears = False
        self.apply()
        self.hear(self.room.profile.deaf_sound)
        self.room.fire("deaf-member", self)

    def undeafen(self) -> None:
        """Let it hear the others."""
        self.hears = True
        self.apply()
        self.hear(self.room.profile.undeaf_sound)
        self.room.fire("undeaf-member", self)

    def hold(self, sound: str = "") -> None:
        """Let it wait aside, with music or a sound of its own."""
        self.held = True
        self.apply()
        self.hear(sound or self.room.profile.music)
        self.room.fire("hold-member", self)

    def unhold(self) -> None:
        """Take it back."""
        self.held = False
        self.apply()
        self.player.stop("all")
        self.room.fire("unhold-member", self)

    def set_energy(self, word: str, *, by_key: bool = False) -> None:
        """``up``, ``down`` or a number. Raises ValueError for other words."""
        self.energy_level = stepped(self.energy_level, word)
        self.apply()
        if by_key:
            self.room.fire("energy-level", self, New_Level=str(self.energy_level))
        else:
            self.room.fire("energy-level-member", self, Energy_Level=str(self.energy_level))

    def set_volume_in(self, word: str, *, by_key: bool = False) -> None:
        """How loud the others hear it: ``up``, ``down`` or a step. Raises ValueError."""
        self.volume_in = changed(self.volume_in, word)
        self.apply()
        if by_key:
            self.room.fire("gain-level", self, New_Level=str(self.volume_in))
        else:
            self.room.fire("volume-in-member", self, Volume_Level=str(self.volume_in))

    def set_volume_out(self, word: str, *, by_key: bool = False) -> None:
        """How loud it hears the others: ``up``, ``down`` or a step. Raises ValueError."""
        self.volume_out = changed(self.volume_out, word)
        self.apply()
        if by_key:
            self.room.fire("volume-level", self, New_Level=str(self.volume_out))
        else:
            self.room.fire("volume-out-member", self, Volume_Level=str(self.volume_out))

    def set_position(self, position: tuple[float, float, float]) -> None:
        """Its place in a stereo room: x from -1 (left) to 1 (right), then y and z."""
        self.position = position
        self.apply()
        text = ":".join(f"{part:.2f}" for part in position)
        self.room.fire("set-position-member", self, Position=text)

    def hear(self, file: str) -> None:
        """Play a sound to it alone, if there is one."""
        if file:
            self.player.play(file)

    def on_talking(self, talking: bool) -> None:
        """The mixer heard it begin or cease to speak."""
        now = self.room.switch.loop.time()
        began, self.talked_at = self.talked_at, now
        self.talking = talking
        if talking and self.talk_report is not None:
            self.talk_report.began_to_speak()
        self.room.fire("start-talking" if talking else "stop-talking", self)
        most = self.auto_energy_level
        noise = not talking and began is not None and now - began < SHORT_NOISE
        if noise and self.energy_level < most:
            self.energy_level = min(self.energy_level + AUTO_ENERGY_STEP, most)
            self.apply()
            delay = self.room.profile.auto_energy_seconds
            self.room.switch.loop.call_later(delay, self._relax)

    def _relax(self) -> None:
        """A level that noises raised comes down after some quiet seconds."""
        if self not in self.room.members or self.talking:
            return
        base = self.room.energy_level
        if self.energy_level > base:
            self.energy_level = max(self.energy_level - AUTO_ENERGY_STEP, base)
            self.apply()
            delay = self.room.profile.auto_energy_seconds
            self.room.switch.loop.call_later(delay, self._relax)

    def apply(self) -> None:
        """Have the mixer take it as it is now."""
        if self.talk_report is not None:
            self.talk_report.update()
        if self in self.room.members and not self.room.mixer.closed:
            self.room.mixer.configure_member(self.stream.id, self.settings())


def stepped(level: int, word: str) -> int:
    """A level after ``up`` or ``down``, or that number. Raises ValueError for other words."""
    step = {"up": ENERGY_STEP, "down": -ENERGY_STEP}.get(word.lower())
    return max(0, min(MOST_ENERGY, level + step)) if step else max(0, int(word))
