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
        assert [(e["status"], e["Answer-State"]) for e in told] == [
            ("answered", "answered"),
            ("CS_HANGUP", "hangup"),
        ]
        assert [e["presence-call-info-state"] for e in told] == ["active", "idle"]
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
        assert told == ["sleep(10)", "answer", "answered", "CS_HANGUP"]


async def test_ringing_holding_and_losing_are_told_in_freeswitchs_words(tmp_path: Path) -> None:
    async with bench(tmp_path, extension("1", "answer", "park")) as b:
        b.script("a", "ring@1 early@2 answer@3")
        b.script("b", "ring@1")
        dial = "{presence_id=1000@X}test/a,test/b"
        task = b.switch.loop.create_task(b.switch.run_command(f"originate {dial} &park()"))
        b.switch.own(task)
        await b.after(5)
        winner = b.legs.legs["a"].session
        await b.switch.run_command(f"uuid_hold {winner.uuid}")
        await b.after(1)
        await b.switch.run_command(f"uuid_hold off {winner.uuid}")
        await b.after(1)
        winner.hangup()
        await b.ended(winner)
        told = [e.headers for e in b.events if e.name == "PRESENCE_IN"]
        assert [e["status"] for e in told if e["Unique-ID"] == winner.uuid] == [
            "CS_ROUTING",
            "answered",
            "hold",
            "unhold",
            "CS_HANGUP",
        ]
        lost = [e for e in told if e["Unique-ID"] != winner.uuid]
        assert [e["status"] for e in lost] == ["CS_ROUTING", "cancelled"]
        assert lost[0]["presence-call-info-state"] == "progressing"
