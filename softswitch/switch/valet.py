"""Valet parking: lots of numbered places where calls wait until somebody dials the place."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from softswitch.switch.places import Occupancy, Places

if TYPE_CHECKING:
    from softswitch.switch.session import Session
    from softswitch.switch.switch import Switch

SUBCLASS = "valet_parking::info"


@dataclass(slots=True)
class Place:
    """A numbered place: the call in it, or whom it is reserved for."""

    session: Session | None = None
    reserved_until: float = 0.0
    """The loop's time until which a place that was announced waits for its call."""
    ticket: str = ""
    """What that call shows in ``valet_ticket``; a call with another one does not get the place."""


@dataclass(slots=True)
class ParkingLots:
    """All lots of a switch."""

    _lots: dict[str, dict[str, Place]] = field(default_factory=dict)
    on_change: Callable[[str, str], None] = lambda lot, number: None
    """Told the lot and the place where a call came or went."""

    def lots(self) -> list[tuple[str, list[tuple[str, Session]]]]:
        """Lots by name, each with its calls by place."""
        return [
            (
                lot,
                [(number, place.session) for number, place in places.items() if place.session],
            )
            for lot, places in self._lots.items()
        ]

    def call_at(self, lot: str, number: str) -> Session | None:
        """The call that waits at a place."""
        place = self._lots.get(lot, {}).get(number)
        session = place.session if place is not None else None
        return session if session is not None and session.channel.up else None

    def free_place(self, lot: str, first: int, last: int, now: float) -> str | None:
        """The lowest free number from ``first`` to ``last``."""
        places = self._lots.get(lot, {})
        for number in range(first, last + 1):
            place = places.get(str(number))
            if place is None or (place.session is None and place.reserved_until < now):
                return str(number)
        return None

    def oldest_place(self, lot: str, first: int, last: int) -> str | None:
        """The number from ``first`` to ``last`` whose call came first."""
        for number, place in self._lots.get(lot, {}).items():
            if place.session is not None and number.isdigit() and first <= int(number) <= last:
                return number
        return None

    def reserve(self, lot: str, number: str, until: float, ticket: str = "") -> None:
        """Keep a place free for the call that is about to come with a ticket."""
        self._lots.setdefault(lot, {})[number] = Place(None, until, ticket)

    def refuses(self, lot: str, number: str, ticket: str, now: float) -> bool:
        """Whether a place is kept for a call with another ticket."""
        place = self._lots.get(lot, {}).get(number)
        if not ticket or place is None or place.session is not None:
            return False
        return place.reserved_until >= now and place.ticket != ticket

    def park(self, lot: str, number: str, session: Session) -> bool:
        """Put a call into a place; False where another waits there."""
        if self.call_at(lot, number) is not None:
            return False
        places = self._lots.setdefault(lot, {})
        places.pop(number, None)  # so that the order is that of parking
        places[number] = Place(session)
        self.on_change(lot, number)
        return True

    def leave(self, lot: str, number: str, session: Session) -> None:
        """A call is out of its place; empty lots are forgotten."""
        places = self._lots.get(lot, {})
        place = places.get(number)
        if place is not None and place.session is session:
            del places[number]
            self.on_change(lot, number)
        if not places:
            self._lots.pop(lot, None)


class LotPresence:
    """Lets phones watch a place as ``park+PLACE@DOMAIN`` and a lot as ``park+LOT@DOMAIN``.

    The domain is that behind the ``@`` of a lot's name, else the switch's.
    """

    def __init__(self, switch: Switch) -> None:
        self._lots = switch.parking
        self._lots.on_change = self._changed
        self._places = Places(switch, "park", self._look)

    def __repr__(self) -> str:
        return f"<LotPresence {self._places}>"

    def _changed(self, lot: str, number: str) -> None:
        _, at, domain = lot.partition("@")
        place = _place(self._lots.call_at(lot, number) is not None)
        self._places.changed(f"{number}{at}{domain}", place)
        self._places.changed(lot, Occupancy.of_calls(self._count(lot), "Empty"))

    def _look(self, identity: str) -> Occupancy | None:
        for lot, calls in self._lots.lots():
            domain = self._places.identity(lot).partition("@")[2].lower()
            if identity == self._places.identity(lot).lower():
                return Occupancy.of_calls(len(calls), "Empty")
            if any(identity == f"{number}@{domain}" for number, _ in calls):
                return _place(True)
        return None

    def _count(self, lot: str) -> int:
        return next((len(calls) for name, calls in self._lots.lots() if name == lot), 0)


def _place(taken: bool) -> Occupancy:
    return Occupancy("Active", "confirmed") if taken else Occupancy("Empty", "terminated")


@dataclass(frozen=True, slots=True)
class Orbit:
    """Where a call goes that waited too long, or whose caller pressed the key."""

    seconds: int
    extension: str
    dialplan: str | None
    context: str | None
    key: str

    @classmethod
    def of(cls, session: Session) -> Orbit:
        """What the ``valet_parking_…`` variables say."""
        extension = session.get("valet_parking_orbit_exten") or ""
        text = session.get("valet_parking_timeout") or ""
        seconds = int(text) if text.isascii() and text.isdigit() and len(text) < 8 else 0
        return cls(
            # As in FreeSWITCH a minute is the limit where there is a place to go then.
            seconds or (60 if extension else 0),
            extension,
            session.get("valet_parking_orbit_dialplan"),
            session.get("valet_parking_orbit_context"),
            session.get("valet_parking_orbit_exit_key") or "",
        )


_HANDED = (
    "valet_parking_timeout",
    "valet_parking_orbit_exten",
    "valet_parking_orbit_dialplan",
    "valet_parking_orbit_context",
    "valet_parking_orbit_exit_key",
)


def handed_on(session: Session) -> dict[str, str]:
    """What whoever parks a call hands to it: limits, where it returns to, and what it hears."""
    values = {name: session.get(name) for name in _HANDED}
    values["valet_hold_music"] = session.get("valet_hold_music") or session.get("hold_music")
    values["valet_ticket"] = session.uuid
    return {name: value for name, value in values.items() if value}


def tell(session: Session, lot: str, number: str, action: str, **more: str) -> None:
    """Publish what happens to a parked call: ``hold``, ``bridge`` or ``exit``."""
    headers = {"Valet-Lot-Name": lot, "Valet-Extension": number, "Action": action, **more}
    session.switch.fire(session, "CUSTOM", first=headers, subclass=SUBCLASS)
