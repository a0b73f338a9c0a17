from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from softswitch.modules.cdr import recorder as module
from softswitch.modules.cdr.journal import Journal
from softswitch.modules.cdr.legs import Legs
from softswitch.modules.cdr.recorder import Recorder
from tests.modules.cdr.support import FakeSink
from tests.support.server import until
from tests.support.switch import Bench, bench, extension

HANGUP = extension("1", "answer", "hangup")


async def recorded(b: Bench, sink: FakeSink) -> Recorder:
    recorder = Recorder(b.switch, "test", sink)
    await recorder.start()
    return recorder


async def test_each_call_gets_one_record(tmp_path: Path) -> None:
    async with bench(tmp_path, HANGUP) as b:
        sink = FakeSink()
        recorder = await recorded(b, sink)
        calls = [await b.ended(b.call("1")) for _ in range(3)]
        await until(lambda: recorder.delivered == 3, "delivery")
        assert sink.taken == [(call.uuid, {"number": "1"}) for call in calls]
        assert repr(recorder) == "<Recorder test 3 delivered, 0 waiting, up>"
        await recorder.stop()
        assert sink.closed
        assert b.switch.reporters == []


async def test_a_record_is_on_disk_before_the_call_is_said_to_be_over(tmp_path: Path) -> None:
    async with bench(tmp_path, HANGUP) as b:
        sink = FakeSink()
        sink.failing = True
        recorder = await recorded(b, sink)
        kept: list[bool] = []
        journal = tmp_path / "cdr" / "test.journal"

        def look(event: Any) -> None:
            kept.append('"kind":"record"' in journal.read_text())

        b.switch.bus.subscribe(look, "CHANNEL_HANGUP_COMPLETE")
        await b.ended(b.call("1"))
        assert kept == [True]
        await recorder.stop()


async def test_a_sink_that_fails_is_tried_again_and_loses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(module, "FIRST_DELAY", 0.01)
    monkeypatch.setattr(module, "GATHER_SECONDS", 0.01)
    async with bench(tmp_path, HANGUP) as b:
        sink = FakeSink()
        sink.failing = True
        recorder = await recorded(b, sink)
        await b.ended(b.call("1"))
        await b.ended(b.call("1"))
        await until(lambda: len(sink.calls) > 3, "attempts")
        assert recorder.problem == "the shelf is full"
        assert [again for _, again in sink.calls[:3]] == [False, True, True]
        assert recorder.waiting == 2
        sink.failing = False
        await until(lambda: len(sink.taken) == 2, "delivery")
        await until(lambda: not recorder.problem, "its end")
        assert caplog.text.count("records wait: the shelf is full") == 1
        await recorder.stop()


async def test_what_waits_at_the_end_is_delivered_by_the_next_run(tmp_path: Path) -> None:
    async with bench(tmp_path, HANGUP) as b:
        sink = FakeSink()
        sink.failing = True
        recorder = await recorded(b, sink)
        call = await b.ended(b.call("1"))
        await recorder.stop()
    async with bench(tmp_path) as b:
        sink = FakeSink()
        recorder = await recorded(b, sink)
        await until(lambda: sink.taken, "delivery")
        assert sink.taken == [(call.uuid, {"number": "1"})]
        assert sink.calls[0][1] is True, "it may have been delivered before"
        await recorder.stop()
    async with bench(tmp_path) as b:
        recorder = await recorded(b, again := FakeSink())
        await recorder.stop()
        assert again.taken == []


async def test_a_call_that_was_cut_off_gets_a_closing_record(tmp_path: Path) -> None:
    path = tmp_path / "cdr" / "test.journal"
    journal = Journal(path)
    values = {"uuid": "u", "caller_id_number": "1000", "start_uepoch": "1700000000000000"}
    journal.append({"uuid": "u", "kind": "open", "values": values})
    journal.secure({"uuid": "u", "kind": "answer", "at": 1_700_000_005_000_000}).result(10)
    journal.close()
    async with bench(tmp_path) as b:
        recorder = await recorded(b, sink := FakeSink())
        await until(lambda: sink.taken, "delivery")
        [(uuid, closing)] = sink.taken
        assert uuid == "u"
        assert closing["hangup_cause"] == "CRASH"
        assert closing["caller_id_number"] == "1000"
        assert closing["answer_epoch"] == "1700000005"
        assert int(closing["billsec"]) == int(closing["duration"]) - 5 > 0
        await recorder.stop()


async def test_a_running_call_is_known_to_the_journal(tmp_path: Path) -> None:
    async with bench(tmp_path, extension("1", "answer", "sleep 60000")) as b:
        recorder = await recorded(b, FakeSink())
        call = b.call("1")
        path = tmp_path / "cdr" / "test.journal"
        await until(lambda: '"answer"' in path.read_text(), "the journal")
        lines = path.read_text()
        assert f'"uuid":"{call.uuid}","kind":"open"' in lines
        assert '"caller_id_number":"1000"' in lines
        call.hangup()
        await b.ended(call)
        await recorder.stop()


async def test_legs_that_are_not_wanted_leave_nothing(tmp_path: Path) -> None:
    async with bench(tmp_path, extension("1", "bridge test/bob")) as b:
        b.script("bob", "answer@0.1 hangup@0.2")
        recorder = await recorded(b, sink := FakeSink(Legs.A))
        call = await b.ended(b.call("1"))
        await until(lambda: sink.taken, "delivery")
        assert [uuid for uuid, _ in sink.taken] == [call.uuid]
        await recorder.stop()
        contents = Journal(tmp_path / "cdr" / "test.journal").snapshot()
        assert (contents.calls, contents.pending) == ({}, {})


async def test_records_can_be_had_again(tmp_path: Path) -> None:
    async with bench(tmp_path, HANGUP) as b:
        recorder = await recorded(b, sink := FakeSink())
        await b.ended(b.call("1"))
        await until(lambda: recorder.delivered == 1, "delivery")
        journal = recorder._journal
        assert journal is not None
        await until(lambda: bool(journal.snapshot().delivered), "a note of the delivery")
        assert await recorder.replay() == 1
        await until(lambda: len(sink.taken) == 2, "delivery")
        assert sink.calls[-1] == (None, True)
        await recorder.stop()
