from __future__ import annotations

from pathlib import Path

from softswitch.switch.audio_levels import SILENCE_DB
from tests.support.engine import far_end
from tests.support.switch import bench, extension


async def test_the_sound_of_a_call_is_changed_from_outside(tmp_path: Path) -> None:
    async with bench(tmp_path, extension("1", "answer", "park")) as b:
        session = b.call("1")
        await b.after(0.1)
        run, uuid = b.switch.run_command, session.uuid
        assert await run(f"uuid_audio {uuid} start read mute") == "+OK\n"
        assert await run(f"uuid_audio {uuid} start write level -4") == "+OK\n"
        hear, speak = far_end(session.media).gains
        assert (round(hear), speak) == (-14, SILENCE_DB)
        assert await run(f"uuid_audio {uuid} stop") == "+OK\n"
        assert far_end(session.media).gains == (0, 0)
        assert await run(f"uuid_displace {uuid} start silence_stream://9000 2 mux") == (
            "+OK Success\n"
        )
        ((_, injection),) = far_end(session.media).injections.items()
        assert not injection.options["replace"]
        await b.after(3)
        assert await run(f"uuid_displace {uuid} stop silence_stream://9000") == (
            "-ERR Cannot stop displace session!\n"
        )
        session.hangup()
        await b.ended(session)


async def test_mistakes_are_answered(tmp_path: Path) -> None:
    async with bench(tmp_path, extension("1", "answer", "park")) as b:
        session = b.call("1")
        await b.after(0.1)
        run, uuid = b.switch.run_command, session.uuid
        for line in ("uuid_audio", f"uuid_audio {uuid} start sideways mute", "uuid_displace x"):
            assert (await run(line)).startswith("-USAGE"), line
        assert await run("uuid_audio no stop") == "-ERR No such channel!\n"
        assert await run("uuid_displace no start x") == "-ERR Cannot locate session!\n"
        assert await run(f"uuid_displace {uuid} start /no.wav") == (
            "-ERR Cannot displace session!\n"
        )
        session.hangup()
        await b.ended(session)
