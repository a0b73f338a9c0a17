"""A switch with rooms in virtual time."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from softswitch import registry
from softswitch.modules.conference.application import rooms_of
from softswitch.modules.conference.member import Member
from softswitch.modules.conference.room import Room
from softswitch.switch.session import Session
from tests.support.audio import tone, write_wav
from tests.support.mixer import FakeMixer, room_of
from tests.support.switch import Bench, bench, extension

SOUNDS = """alone enter exit kicked locked is-locked is-unlocked muted unmuted pin bad-pin
    full""".split()

CONF = """<configuration name="conference.conf">
<caller-controls>
  <group name="default">
    <control action="mute" digits="0"/>
    <control action="deaf mute" digits="*"/>
    <control action="energy up" digits="9"/>
    <control action="vol talk up" digits="3"/>
    <control action="hangup" digits="#"/>
    <control action="event" digits="12" data="x"/>
    <control action="transfer" digits="77" data="2 XML default"/>
    <control action="execute_application" digits="78" data="set ran=yes"/>
    <control action="lock" digits="79"/>
  </group>
</caller-controls>
<profiles>
  <profile name="default">
    <param name="energy-level" value="100"/>
    {params}
  </profile>
  <profile name="wide"><param name="rate" value="16000"/></profile>
</profiles>
</configuration>"""


def params(**values: str) -> str:
    """Parameters of a profile; underscores are hyphens."""
    return "".join(
        f'<param name="{name.replace("_", "-")}" value="{value}"/>'
        for name, value in values.items()
    )


class Hall(Bench):
    """A bench with what tests ask of rooms."""

    @property
    def room(self) -> Room:
        """The only room there is."""
        (room,) = self.rooms
        return room

    @property
    def rooms(self) -> list[Room]:
        found = rooms_of(self.switch)
        return list(found) if found is not None else []

    @property
    def mixer(self) -> FakeMixer:
        return room_of(self.room.mixer)

    def member(self, session: Session) -> Member:
        """The member that a call is."""
        return next(one for one in self.room.members if one.session is session)

    def actions(self, *names: str) -> list[str]:
        """What rooms told, in order; of these names alone if any are given."""
        told = [
            event.headers["Action"]
            for event in self.events
            if event.subclass == "conference::maintenance"
        ]
        return [action for action in told if not names or action in names]

    def told(self, action: str) -> dict[str, str]:
        """The headers of the last event of that action."""
        return next(
            event.headers
            for event in reversed(self.events)
            if event.subclass == "conference::maintenance" and event.headers["Action"] == action
        )

    def played(self) -> list[str]:
        """Names of the files the room has played to all."""
        return [Path(what).stem for what, to in self.mixer.played if to is None]

    def told_alone(self) -> list[str]:
        """What single members were played."""
        return [what for what, to in self.mixer.played if to is not None]

    async def say(self, words: str) -> str:
        """The answer of the command ``conference``."""
        return await self.switch.run_command(f"conference {words}")


@asynccontextmanager
async def hall(
    folder: Path, *extensions: str, directory: str = "", **values: str
) -> AsyncIterator[Hall]:
    """A switch with ``conference.conf``; without extensions ``3…`` enters the room of that name."""
    (folder / "sounds").mkdir(exist_ok=True)
    for name in SOUNDS:
        write_wav(folder / "sounds" / f"{name}.wav", tone(440, 400))
    extensions = extensions or (extension("(3.*)", "conference $1", "set after=yes", "sleep 1000"),)
    registry.discover("softswitch.modules.conference")
    configuration = CONF.format(params=params(**values))
    async with bench(folder, *extensions, configuration=configuration, directory=directory) as made:
        hall = Hall(made.switch, made.legs)
        assert await hall.switch.modules.load("mod_conference") is None
        yield hall
