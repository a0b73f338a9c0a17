"""What the call centre keeps, and who may watch it."""

from __future__ import annotations

from pathlib import Path

from tests.modules.callcenter.support import agents, office, tiers


async def test_the_number_of_those_who_wait_is_told(tmp_path: Path) -> None:
    async with office(tmp_path) as b:
        one = b.call("help", script="hangup@60")
        b.call("help", script="hangup@60")
        await b.after(1)
        told = b.told("members-count")
        assert told["CC-Count"] == "2" and told["CC-Selection"] == "Single-Queue"
        one.hangup()
        await b.after(1)
        assert b.told("members-count")["CC-Count"] == "1"


async def test_a_queue_may_be_watched(tmp_path: Path) -> None:
    async with office(tmp_path) as b:
        b.call("help", script="hangup@5")
        await b.after(1)
        lamps = [event.headers for event in b.events if event.name == "PRESENCE_IN"]
        lamp = next(one for one in lamps if one.get("proto") == "callcenter")
        assert lamp["from"] == "help@example.test"
        assert (lamp["force-status"], lamp["answer-state"]) == ("Active (1 waiting)", "confirmed")
        await b.after(6)
        lamps = [e.headers for e in b.events if e.headers.get("proto") == "callcenter"]
        assert (lamps[-1]["force-status"], lamps[-1]["answer-state"]) == ("Idle", "terminated")
        b.switch.publish(
            "PRESENCE_PROBE", {"proto": "callcenter", "to": "callcenter+help@example.test"}
        )
        await b.after(0.1)
        again = [e.headers for e in b.events if e.headers.get("force-status") == "Idle"]
        assert len(again) == 2


async def test_an_agent_of_the_file_that_was_deleted_comes_back_by_reload(tmp_path: Path) -> None:
    async with office(tmp_path, agents=agents("a"), tiers=tiers("a")) as b:
        await b.config("agent del a")
        assert b.center.agents == {} and b.center.tiers == {}
        await b.config("agent reload a")
        assert list(b.center.agents) == ["a"] and b.center.tiers == {}
        await b.config("tier reload help a")
        assert list(b.center.tiers["help"]) == ["a"]


async def test_who_is_deleted_during_his_call_stays_deleted(tmp_path: Path) -> None:
    async with office(tmp_path, agents=agents("a"), tiers=tiers("a")) as b:
        b.script("a", "answer@1 hangup@9")
        one = b.call("help")
        await b.after(3)
        await b.config("agent del a")
        await b.ended(one)
        assert b.center.agents == {} and one.get("cc_cause") == "answered"
    async with office(tmp_path) as b:
        assert b.center.agents == {}
