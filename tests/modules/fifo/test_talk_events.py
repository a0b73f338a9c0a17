"""What programs are told of each talk of a queue."""

from __future__ import annotations

from pathlib import Path

from tests.modules.fifo.support import office


async def test_a_talk_is_told_with_its_caller_and_its_times(tmp_path: Path) -> None:
    async with office(tmp_path) as b:
        agent = b.call("out", caller="2000", script="hangup@60")
        await b.after(1)
        caller = b.call("in", caller="3000", script="hangup@10")
        await b.ended(caller)
        await b.after(1)
        names = ("channel-consumer-start", "bridge-consumer-start", "bridge-caller-start")
        assert b.actions(*names) == list(names)
        begin = b.told("channel-consumer-start")
        assert (begin["Unique-ID"], begin["FIFO-Type"]) == (agent.uuid, "onhook")
        assert begin["FIFO-Caller-CID-Number"] == "3000"
        ends = ("channel-consumer-stop", "bridge-consumer-stop", "bridge-caller-stop")
        assert b.actions(*ends) == list(ends)
        end = b.told("channel-consumer-stop")
        assert 8 <= int(end["FIFO-Consumer-Talk-Time-s"]) <= 10
        assert int(end["FIFO-Consumer-Talk-Time-us"]) // 1000 == int(
            end["FIFO-Consumer-Talk-Time-ms"]
        )
        assert end["FIFO-Consumer-Hold-Time-us"] == "0"
        assert int(end["FIFO-Consumer-Bridge-Time-us"]) > 0
        theirs = b.told("bridge-caller-stop")
        assert theirs["Unique-ID"] == caller.uuid
        assert 8 <= int(theirs["FIFO-Caller-Talk-Time-s"]) <= 10
        agent.hangup()
        await b.ended(agent)


async def test_a_consumer_who_waits_again_is_told(tmp_path: Path) -> None:
    async with office(tmp_path) as b:
        agent = b.call("out", caller="2000", script="hangup@60")
        await b.after(1)
        caller = b.call("in", script="hangup@5")
        await b.ended(caller)
        await b.after(10)
        assert b.actions("consumer_start", "consumer_reentrance", "consumer_stop") == [
            "consumer_start",
            "consumer_reentrance",
        ]
        agent.hangup()
        await b.ended(agent)
