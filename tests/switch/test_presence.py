"""What a call means for its user's presence, and that it costs nothing where nobody watches."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.switch import bench, extension

pytestmark = pytest.mark.virtual_time


async def test_each_change_of_a_call_is_told(tmp_path: Path) -> None:
    talk = extension("1", "set presence_id=1000@X", "ring_ready", "answer", "sleep 1000")
    async with bench(tmp_path, talk) as b:
        session = b.call("1")
        await b.ended(session, within=5)
        told = [e.headers for e in b.events if e.name == "PRESENCE_IN"]
        assert [(e["status"], e["answer-state"]) for e in told] == [
            ("ACTIVE", "answered"),
            ("HANGUP", "hangup"),
        ]
        assert {e["from"] for e in told} == {"1000@X"}
        assert {e["alt_event_type"] for e in told} == {"dialog"}
        assert told[0]["presence-call-direction"] == "inbound"
        assert [int(e["event_count"]) for e in told] == [1, 2]


async def test_nobody_watched_is_nobody_told(tmp_path: Path) -> None:
    talk = extension("1", "set presence_id=1000@X", "set presence_privacy=true", "answer", "park")
    async with bench(tmp_path, talk) as b:
        session = b.call("1")
        await b.after(1)
        assert b.switch.presence.told == 0
        b.switch.bus._by_name.clear()
        own = b.switch.presence.own = b.switch.bus.subscribe(lambda event: None, "PRESENCE_IN")
        assert not b.switch.presence.wants(b.switch, "1000@x")
        b.switch.presence.watched["1000@x"] += 1
        assert b.switch.presence.wants(b.switch, "1000@X")
        assert not b.switch.presence.wants(b.switch, "1001@x")
        b.switch.bus.unsubscribe(own)
        session.hangup()
        await b.ended(session)


async def test_a_call_tells_its_applications_where_that_is_asked_for(tmp_path: Path) -> None:
    talk = extension(
        "1", "set presence_id=1000@X", "set verbose_presence=true", "sleep 10", "answer"
    )
    async with bench(tmp_path, talk) as b:
        await b.ended(b.call("1"), within=5)
        told = [e.headers["status"] for e in b.events if e.name == "PRESENCE_IN"]
        assert told == ["sleep(10)", "answer", "ACTIVE", "HANGUP"]
