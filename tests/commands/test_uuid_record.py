from __future__ import annotations

from pathlib import Path

from tests.support.engine import far_end
from tests.support.switch import bench, extension


async def test_a_call_is_recorded_from_outside(tmp_path: Path) -> None:
    async with bench(tmp_path, extension("1", "answer", "park")) as b:
        session = b.call("1")
        await b.after(0.1)
        run, uuid, path = b.switch.run_command, session.uuid, tmp_path / "a.wav"
        line = f"uuid_record {uuid} start {path} 60 RECORD_STEREO=true,RECORD_TITLE=a%20b"
        assert await run(line) == "+OK Success\n"
        ((_, native),) = far_end(session.media).recordings.items()
        assert (native.options["limit_ms"], native.options["stereo"]) == (60_000, True)
        assert await run(f"uuid_buglist {uuid}") == (
            "<media-bugs>\n <media-bug>\n  <function>session_record</function>\n"
            f"  <target>{path}</target>\n  <thread-locked>0</thread-locked>\n </media-bug>\n"
            "</media-bugs>\n"
        )
        for action in ("mask", "unmask", "pause", "resume"):
            assert await run(f"uuid_record {uuid} {action} {path}") == "+OK Success\n"
        assert native.actions == ["mask", "unmask", "pause", "resume"]
        assert await run(f"uuid_record {uuid} stop all") == "+OK Success\n"
        await b.after(0.1)
        assert await run(f"uuid_record {uuid} stop {path}") == (
            "-ERR Cannot stop record session!\n"
        )
        assert await run(f"uuid_buglist {uuid}") == "<media-bugs>\n</media-bugs>\n"
        session.hangup()
        await b.ended(session)


async def test_mistakes_are_answered(tmp_path: Path) -> None:
    async with bench(tmp_path, extension("1", "answer", "park")) as b:
        session = b.call("1")
        await b.after(0.1)
        run, uuid = b.switch.run_command, session.uuid
        assert (await run("uuid_record")).startswith("-USAGE: <uuid> [start|")
        assert (await run(f"uuid_record {uuid} dance x.wav")).startswith("-USAGE")
        assert await run("uuid_record no start x.wav") == "-ERR Cannot locate session!\n"
        assert await run(f"uuid_record {uuid} mask all") == (
            "-ERR Cannot mask recording session!\n"
        )
        assert await run(f"uuid_record {uuid} start /dev/null/x.wav") == (
            "-ERR Cannot record session!\n"
        )
        assert (await run("uuid_buglist")).startswith("-USAGE")
        assert await run("uuid_buglist no") == "-ERR No such channel!\n"
        session.hangup()
        await b.ended(session)
