"""Presence of places where calls meet or wait: rooms, queues, parking places.

A phone that watches ``conf+ROOM@DOMAIN``, ``park+PLACE@DOMAIN`` or ``queue+NAME@DOMAIN`` sees
there what FreeSWITCH tells of it: PRESENCE_IN with the protocol of the kind of place, as soon as
something changes, and an answer to PRESENCE_PROBE.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from softswitch.switch.events import Event, Subscription
    from softswitch.switch.switch import Switch


@dataclass(frozen=True, slots=True)
class Occupancy:
    """How full a place is, in the words of a call's presence."""

    status: str
    """For people, such as ``Active (2 waiting)``."""
    state: str
    """``early``, ``confirmed`` or ``terminated``."""
    outbound: bool = False

    @classmethod
    def of_calls(cls, count: int, empty: str) -> Occupancy:
        """As FreeSWITCH tells a place for so many calls; ``empty`` is the status of none."""
        if not count:
            return cls(empty, "terminated")
        status = f"Active ({count} caller{'' if count == 1 else 's'})"
        return cls(status, "early" if count == 1 else "confirmed", outbound=count == 1)


Look = Callable[[str], Occupancy | None]
"""How full the place ``name@domain`` is; None where there is none of that name."""


class Places:
    """Tells of one kind of places to those who watch them."""

    def __init__(self, switch: Switch, protocol: str, look: Look) -> None:
        """``protocol`` is ``conf``, ``park`` or ``queue``."""
        self._switch = switch
        self._protocol = protocol
        self._look = look
        self._occupied: set[str] = set()
        """Places that were told to be occupied: their end is told even where nobody watches
        any more, so that who watches later does not find them occupied."""
        self._probes: Subscription = switch.bus.subscribe(self._on_probe, "PRESENCE_PROBE")

    def __repr__(self) -> str:
        return f"<Places {self._protocol} {sorted(self._occupied)}>"

    def stop(self) -> None:
        """Answer no more."""
        self._switch.bus.unsubscribe(self._probes)

    def identity(self, name: str) -> str:
        """``name@domain``, with the switch's domain where the name has none."""
        domain = self._switch.globals.get("domain")
        return name if "@" in name or not domain else f"{name}@{domain}"

    def changed(self, name: str, occupancy: Occupancy) -> None:
        """Something came or went; costs next to nothing where nobody watches the place."""
        identity = self.identity(name)
        wants = self._switch.presence.wants
        watched = wants(self._switch, f"{self._protocol}+{identity}")
        if watched or identity.lower() in self._occupied:
            self._tell(identity, occupancy)

    def _on_probe(self, event: Event) -> None:
        if event.headers.get("proto") != self._protocol:
            return
        identity = event.headers.get("to", "").lower().removeprefix(f"{self._protocol}+")
        occupancy = self._look(identity)
        if occupancy is not None:
            self._tell(identity, occupancy)

    def _tell(self, identity: str, occupancy: Occupancy) -> None:
        over = occupancy.state == "terminated"
        if over:
            self._occupied.discard(identity.lower())
        else:
            self._occupied.add(identity.lower())
        presence = self._switch.presence
        presence.told += 1
        self._switch.publish(
            "PRESENCE_IN",
            {
                "proto": self._protocol,
                "login": identity.partition("@")[0],
                "from": identity,
                "force-status": occupancy.status,
                "rpid": "unknown",
                "event_type": "presence",
                "alt_event_type": "dialog",
                "event_count": str(presence.told),
                "unique-id": identity.lower(),
                "channel-state": "CS_HANGUP" if over else "CS_ROUTING",
                "answer-state": occupancy.state,
                "presence-call-direction": "outbound" if occupancy.outbound else "inbound",
            },
        )
