"""All rooms of a switch, by name; who asks first for a name makes the room."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from softswitch.modules.conference import events, flags, wishes
from softswitch.modules.conference.room import Room
from softswitch.modules.conference.settings import ConferenceFile, read_settings
from softswitch.switch.places import Occupancy, Places

if TYPE_CHECKING:
    from collections.abc import Iterator

    from softswitch.modules.conference.invitation import Invitation
    from softswitch.switch.session import Session
    from softswitch.switch.switch import Switch


class Rooms:
    """The rooms that exist now, and the numbers of their members."""

    def __init__(self, switch: Switch) -> None:
        self.switch = switch
        self._rooms: dict[str, Room] = {}
        self._numbers = itertools.count(1)
        self._known: WeakKeyDictionary[Session, int] = WeakKeyDictionary()
        self.outcalls: WeakKeyDictionary[Session, list[str]] = WeakKeyDictionary()
        """Whom to call into the room that a session will make."""
        self._presence = Places(switch, "conf", self._look)

    def __repr__(self) -> str:
        return f"<Rooms {sorted(self._rooms)}>"

    def __iter__(self) -> Iterator[Room]:
        return iter(list(self._rooms.values()))

    def find(self, name: str) -> Room | None:
        """The room of that name (any case), or None."""
        return self._rooms.get(name.lower())

    def number_of(self, session: Session) -> int:
        """The member number of a call: the same in every room it enters."""
        return self._known.setdefault(session, next(self._numbers))

    async def settings(self, name: str, profile: str) -> ConferenceFile:
        """``conference.conf`` as it is now."""
        element = await self.switch.lookups.configuration(
            "conference.conf", {"conf_name": name, "profile_name": profile}
        )
        return read_settings(element)[0]

    def open(self, asked: Invitation, settings: ConferenceFile, creator: Session) -> Room:
        """Make the room that is asked for. Raises ValueError where there is no such profile."""
        profile = settings.profile(asked.profile)
        if profile is None:
            raise ValueError(f"conference.conf has no profile {asked.profile}")
        profile = wishes.forced(profile, creator)
        given = flags.split(creator.get("conference_flags"))
        room = Room(self, asked.name, asked.profile, profile, creator, given)
        self._rooms[asked.name.lower()] = room
        events.created(room, creator)
        return room

    def forget(self, room: Room) -> None:
        """The room ends."""
        if self._rooms.get(room.name.lower()) is room:
            del self._rooms[room.name.lower()]

    def tell_presence(self, room: Room) -> None:
        """The number of members changed: tell who watches ``conf+ROOM@DOMAIN``."""
        self._presence.changed(_address(room), _occupancy(room))

    def _look(self, identity: str) -> Occupancy | None:
        for room in self:
            if self._presence.identity(_address(room)).lower() == identity:
                return _occupancy(room)
        return None

    def end_all(self) -> None:
        """End every room; nobody is told of rooms any more."""
        for room in self:
            room.end()
        self._presence.stop()


def _address(room: Room) -> str:
    if "@" in room.name or not room.profile.domain:
        return room.name
    return f"{room.name}@{room.profile.domain}"


def _occupancy(room: Room) -> Occupancy:
    return Occupancy.of_calls(0 if room.ended else room.size, "Inactive")
