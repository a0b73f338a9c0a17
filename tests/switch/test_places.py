"""Presence of places: who watches is told, who asks is answered."""

from __future__ import annotations

from pathlib import Path

import pytest

from softswitch.switch.places import Occupancy, Places
from tests.support.switch import bench

FULL, EMPTY = Occupancy.of_calls(2, "Empty"), Occupancy.of_calls(0, "Empty")


@pytest.mark.parametrize(
    ("count", "expected"),
    [
        (0, Occupancy("Nobody", "terminated")),
        (1, Occupancy("Active (1 caller)", "early", outbound=True)),
        (2, Occupancy("Active (2 callers)", "confirmed")),
    ],
)
def test_calls_make_a_place_early_and_then_busy(count: int, expected: Occupancy) -> None:
    assert Occupancy.of_calls(count, "Nobody") == expected


async def test_a_watched_place_is_told_as_freeswitch_tells_it(tmp_path: Path) -> None:
    async with bench(tmp_path) as b:
        places = Places(b.switch, "conf", lambda identity: None)
        places.changed("3000@d.test", FULL)
        [event] = [event for event in b.events if event.name == "PRESENCE_IN"]
        assert (
            event.headers.items()
            >= {
                "proto": "conf",
                "login": "3000",
                "from": "3000@d.test",
                "force-status": "Active (2 callers)",
                "rpid": "unknown",
                "event_type": "presence",
                "alt_event_type": "dialog",
                "event_count": "1",
                "unique-id": "3000@d.test",
                "channel-state": "CS_ROUTING",
                "answer-state": "confirmed",
                "presence-call-direction": "inbound",
            }.items()
        )
        places.stop()


async def test_nobody_is_told_but_of_the_end_of_what_was_told(tmp_path: Path) -> None:
    async with bench(tmp_path) as b:
        b.switch.globals["domain"] = "d.test"
        places = Places(b.switch, "park", lambda identity: None)
        told: list[str] = []
        b.switch.bus._by_name.clear()
        own = b.switch.bus.subscribe(
            lambda event: told.append(event.headers["answer-state"]), "PRESENCE_IN"
        )
        b.switch.presence.own = own
        places.changed("6001", FULL)
        assert told == []
        b.switch.presence.watched["park+6001@d.test"] += 1
        places.changed("6001", FULL)
        b.switch.presence.watched.clear()
        places.changed("6001", EMPTY)
        places.changed("6001", EMPTY)
        assert told == ["confirmed", "terminated"]
        places.stop()


async def test_who_asks_is_answered_for_places_that_are_there(tmp_path: Path) -> None:
    async with bench(tmp_path) as b:
        places = Places(b.switch, "conf", {"3000@d.test": FULL}.get)
        for to in ("conf+3000@D.test", "3000@d.test", "conf+3001@d.test", ""):
            b.switch.publish("PRESENCE_PROBE", {"proto": "conf", "to": to})
        b.switch.publish("PRESENCE_PROBE", {"proto": "park", "to": "park+3000@d.test"})
        told = [event.headers["from"] for event in b.events if event.name == "PRESENCE_IN"]
        assert told == ["3000@d.test", "3000@d.test"]
        places.stop()
        b.switch.publish("PRESENCE_PROBE", {"proto": "conf", "to": "3000@d.test"})
        assert len([event for event in b.events if event.name == "PRESENCE_IN"]) == 2
