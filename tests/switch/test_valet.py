"""Parking lots and their places."""

from __future__ import annotations

from pathlib import Path

import pytest

from softswitch.switch.valet import Orbit, ParkingLots
from tests.support.switch import bench, extension


async def test_places_are_taken_from_the_lowest_and_given_back(tmp_path: Path) -> None:
    async with bench(tmp_path, extension("100", "park")) as b:
        lots = ParkingLots()
        one, two = b.call("100"), b.call("100")
        assert lots.free_place("l", 5, 6, 0) == "5"
        assert lots.park("l", "5", one)
        assert not lots.park("l", "5", two)
        assert lots.free_place("l", 5, 6, 0) == "6"
        assert lots.park("l", "6", two)
        assert lots.free_place("l", 5, 6, 0) is None
        assert lots.call_at("l", "5") is one
        assert lots.lots() == [("l", [("5", one), ("6", two)])]
        lots.leave("l", "5", two)
        assert lots.call_at("l", "5") is one
        lots.leave("l", "5", one)
        assert lots.oldest_place("l", 1, 9) == "6"
        assert lots.oldest_place("l", 7, 9) is None
        lots.leave("l", "6", two)
        assert lots.lots() == []
        one.hangup()
        two.hangup()


async def test_a_place_whose_call_is_gone_is_free(tmp_path: Path) -> None:
    async with bench(tmp_path, extension("100", "park")) as b:
        lots = ParkingLots()
        one, two = b.call("100"), b.call("100")
        lots.park("l", "5", one)
        one.hangup()
        assert lots.call_at("l", "5") is None
        assert lots.park("l", "5", two)
        two.hangup()


def test_an_announced_place_is_kept_for_a_while() -> None:
    lots = ParkingLots()
    lots.reserve("l", "5", 30.0)
    assert lots.free_place("l", 5, 6, 10.0) == "6"
    assert lots.free_place("l", 5, 6, 31.0) == "5"


@pytest.mark.parametrize(
    ("variables", "seconds"),
    [
        ({}, 0),
        ({"valet_parking_orbit_exten": "9"}, 60),
        ({"valet_parking_orbit_exten": "9", "valet_parking_timeout": "5"}, 5),
        ({"valet_parking_timeout": "7"}, 7),
        ({"valet_parking_timeout": "soon"}, 0),
    ],
)
async def test_there_is_a_limit_where_there_is_somewhere_to_go(
    tmp_path: Path, variables: dict[str, str], seconds: int
) -> None:
    async with bench(tmp_path, extension("100", "park")) as b:
        session = b.call("100", variables=variables)
        assert Orbit.of(session).seconds == seconds
        session.hangup()


async def test_phones_may_watch_places_and_lots(tmp_path: Path) -> None:
    async with bench(tmp_path, extension("100", "park")) as b:
        b.switch.globals["domain"] = "d.test"
        one, two = b.call("100"), b.call("100")
        lots = b.switch.parking
        assert lots.park("office", "6001", one)
        assert lots.park("office", "6002", two)
        lots.leave("office", "6001", one)
        told = [
            (event.headers["from"], event.headers["answer-state"], event.headers["force-status"])
            for event in b.events
            if event.name == "PRESENCE_IN"
        ]
        assert told == [
            ("6001@d.test", "confirmed", "Active"),
            ("office@d.test", "early", "Active (1 caller)"),
            ("6002@d.test", "confirmed", "Active"),
            ("office@d.test", "confirmed", "Active (2 callers)"),
            ("6001@d.test", "terminated", "Empty"),
            ("office@d.test", "early", "Active (1 caller)"),
        ]
        b.events.clear()
        for to in ("park+6001@d.test", "park+6002@d.test", "park+office@d.test"):
            b.switch.publish("PRESENCE_PROBE", {"proto": "park", "to": to})
        told = [event.headers["from"] for event in b.events if event.name == "PRESENCE_IN"]
        assert told == ["6002@d.test", "office@d.test"]
        lots.leave("office", "6002", two)


async def test_a_lot_of_another_domain_has_its_places_there(tmp_path: Path) -> None:
    async with bench(tmp_path, extension("100", "park")) as b:
        one = b.call("100")
        b.switch.parking.park("office@b.test", "6001", one)
        told = [event.headers["from"] for event in b.events if event.name == "PRESENCE_IN"]
        assert told == ["6001@b.test", "office@b.test"]
        b.switch.parking.leave("office@b.test", "6001", one)
