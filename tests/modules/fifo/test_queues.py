from __future__ import annotations

from pathlib import Path

from softswitch.modules.fifo.queue import Queue, Waiting
from softswitch.modules.fifo.queues import Queues, choose
from softswitch.modules.fifo.settings import FifoFile, FixedMember, FixedQueue
from tests.modules.fifo.support import office


def queue(name: str, importance: int, *since: float) -> Queue:
    return Queue(name, importance, waiting=[Waiting(0, moment, None, "u") for moment in since])


def test_the_queue_to_serve_is_chosen() -> None:
    low, busy, high = queue("low", 0, 1.0), queue("busy", 0, 2.0, 3.0), queue("high", 5, 9.0)
    empty = queue("empty", 9)
    assert choose([low, busy, high, empty], more_people=False) is high
    assert choose([low, busy], more_people=False) is low
    assert choose([low, busy], more_people=True) is busy
    assert choose([empty], more_people=True) is None


async def test_the_file_is_taken_over_and_what_is_used_stays(tmp_path: Path) -> None:
    async with office(tmp_path) as b:
        queues = Queues(b.switch)
        member = FixedMember("user/1")
        queues.configure(FifoFile(queues=(FixedQueue("a", 2, members=(member,)), FixedQueue("b"))))
        assert [one.name for one in queues] == ["manual_calls", "a", "b"]
        queues.open("mine").waiting.append(Waiting(0, 0.0, None, "u"))
        assert queues.open("a", 9).importance == 2
        queues.configure(FifoFile(queues=(FixedQueue("b", 4),)))
        assert [(one.name, one.importance) for one in queues][1:] == [("b", 4), ("mine", 0)]
        assert queues.find("a") is None


async def test_a_change_wakes_who_waits_for_one(tmp_path: Path) -> None:
    async with office(tmp_path) as b:
        queues = Queues(b.switch)
        woken = queues.changed()
        seen: list[Queue] = []
        queues.on_wait = seen.append
        waiting = queues.open("a")
        queues.tell_change(waiting)
        assert woken.done() and seen == []
        waiting.waiting.append(Waiting(0, 0.0, None, "u"))
        queues.tell_change(waiting)
        assert seen == [waiting]


async def test_a_watched_queue_tells_how_many_wait(tmp_path: Path) -> None:
    async with office(tmp_path) as b:
        b.switch.globals["domain"] = "d.test"
        b.call("in", script="hangup@3")
        b.call("in", script="hangup@20")
        await b.after(5)
        b.call("next", script="hangup@5")
        await b.after(30)
        told = [
            (event.headers["force-status"], event.headers["answer-state"])
            for event in b.events
            if event.name == "PRESENCE_IN" and event.headers["proto"] == "queue"
        ]
        assert told == [
            ("Active (1 waiting)", "confirmed"),
            ("Active (2 waiting)", "confirmed"),
            ("Active (1 waiting)", "confirmed"),
            ("Idle", "terminated"),
        ]


async def test_who_begins_to_watch_a_queue_is_told_how_it_is(tmp_path: Path) -> None:
    async with office(tmp_path) as b:
        b.switch.globals["domain"] = "d.test"
        b.call("in", script="hangup@9")
        await b.after(2)
        b.events.clear()
        for to in ("queue+SALES@d.test", "queue+none@d.test"):
            b.switch.publish("PRESENCE_PROBE", {"proto": "queue", "to": to})
        told = [event.headers["from"] for event in b.events if event.name == "PRESENCE_IN"]
        assert told == ["sales@d.test"]
        await b.after(10)
