from __future__ import annotations

from pathlib import Path

from softswitch.switch import media_bugs
from softswitch.switch.media_bugs import MediaBug
from tests.support.switch import bench, extension


async def test_a_bug_is_listed_and_told_for_as_long_as_it_hangs(tmp_path: Path) -> None:
    async with bench(tmp_path, extension("1", "answer", "park")) as b:
        session = b.call("1")
        await b.after(0.1)
        stopped: list[str] = []
        one = MediaBug(session, "displace", "/a.wav", lambda: stopped.append("a"))
        MediaBug(session, "displace", "/b.wav", lambda: stopped.append("b"))
        assert [bug.target for bug in media_bugs.find(session, "displace")] == ["/a.wav", "/b.wav"]
        assert media_bugs.stop(session, "displace", "/b.wav") == 1
        assert media_bugs.stop(session, "eavesdrop") == 0
        assert media_bugs.stop(session) == 2
        assert stopped == ["b", "a", "b"]
        one.detach()
        one.detach()
        events = [event for event in b.events if event.name.startswith("MEDIA_BUG")]
        assert [
            (event.name, event.headers["Media-Bug-Function"], event.headers["Media-Bug-Target"])
            for event in events
        ] == [
            ("MEDIA_BUG_START", "displace", "/a.wav"),
            ("MEDIA_BUG_START", "displace", "/b.wav"),
            ("MEDIA_BUG_STOP", "displace", "/a.wav"),
        ]


async def test_what_still_hangs_on_a_call_at_its_end_is_told_to_be_over(tmp_path: Path) -> None:
    async with bench(tmp_path, extension("1", "answer", "start_dtmf", "sleep 100", "hangup")) as b:
        await b.ended(b.call("1"))
        names = [event.name for event in b.events]
        assert names.index("MEDIA_BUG_START") < names.index("MEDIA_BUG_STOP")
        assert names.index("MEDIA_BUG_STOP") < names.index("CHANNEL_HANGUP_COMPLETE")
