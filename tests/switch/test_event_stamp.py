"""The headers that every event has."""

from __future__ import annotations

from pathlib import Path

import pytest

from softswitch.switch.event_stamp import EventStamp
from softswitch.switch.events import Event
from tests.support.switch import bench

MOMENT_US = 1_700_000_000_123_456


@pytest.fixture
def variables() -> dict[str, str]:
    return {"local_ip_v4": "192.0.2.1"}


@pytest.fixture
def stamp(variables: dict[str, str]) -> EventStamp:
    return EventStamp("a-core", "host", lambda: MOMENT_US, variables, lambda: "")


async def test_events_carry_what_all_events_have_then_their_own(tmp_path: Path) -> None:
    async with bench(tmp_path) as b:
        b.switch.publish("CUSTOM", {"A": "1"}, subclass="x::y", body="text")
        [event] = b.events
        assert list(event.headers) == [
            "Event-Name",
            "Event-Subclass",
            "Core-UUID",
            "FreeSWITCH-Hostname",
            "FreeSWITCH-Switchname",
            "FreeSWITCH-IPv4",
            "FreeSWITCH-IPv6",
            "Event-Date-Local",
            "Event-Date-GMT",
            "Event-Date-Timestamp",
            "Event-Calling-File",
            "Event-Calling-Function",
            "Event-Calling-Line-Number",
            "Event-Sequence",
            "A",
        ]
        assert (event.headers["Event-Subclass"], event.body) == ("x::y", "text")


def test_the_moment_is_told_in_seconds_and_microseconds(stamp: EventStamp) -> None:
    event = Event("HEARTBEAT")
    stamp(event)
    assert event.headers["Event-Date-GMT"] == "Tue, 14 Nov 2023 22:13:20 GMT"
    assert event.headers["Event-Date-Timestamp"] == "1700000000123456"


async def test_a_name_of_the_switchs_own_is_told(tmp_path: Path) -> None:
    name = '<configuration name="switch.conf"><settings>{}</settings></configuration>'
    wish = '<param name="switchname" value="pbx-1"/>'
    async with bench(tmp_path, configuration=name.format(wish)) as b:
        b.switch.publish("CUSTOM", subclass="x::y")
        headers = b.events[-1].headers
        assert headers["FreeSWITCH-Switchname"] == "pbx-1"
        assert headers["FreeSWITCH-Hostname"] == b.switch.hostname
    async with bench(tmp_path / "b", configuration=name.format("")) as b:
        b.switch.publish("CUSTOM", subclass="x::y")
        assert b.events[-1].headers["FreeSWITCH-Switchname"] == b.switch.hostname


def test_addresses_are_those_of_now(stamp: EventStamp, variables: dict[str, str]) -> None:
    told = []
    for address in ("192.0.2.1", "192.0.2.9"):
        variables["local_ip_v4"] = address
        event = Event("HEARTBEAT")
        stamp(event)
        told.append((event.headers["FreeSWITCH-IPv4"], event.headers["FreeSWITCH-IPv6"]))
    assert told == [("192.0.2.1", ""), ("192.0.2.9", "")]


def test_an_event_that_names_the_same_header_has_its_own(stamp: EventStamp) -> None:
    event = Event("CUSTOM", {"Core-UUID": "another"})
    stamp(event)
    assert event.headers["Core-UUID"] == "another"
