from __future__ import annotations

from pathlib import Path

from tests.support.engine import far_end
from tests.support.switch import bench, extension


async def test_what_plays_is_steered_from_outside(tmp_path: Path) -> None:
    async with bench(tmp_path, extension("1", "playback silence_stream://9000", "park")) as b:
        session = b.call("1")
        await b.after(1)
        run, uuid = b.switch.run_command, session.uuid
        assert await run(f"uuid_fileman {uuid} speed:+1") == "+OK\n"
        assert await run(f"uuid_pause {uuid} on") == "+OK\n"
        playing = far_end(session.media).playing
        assert playing is not None and playing.steering == (True, 0.0, 4 / 3)
        assert await run(f"pause {uuid} off") == "+OK\n"
        assert playing.steering == (False, 0.0, 4 / 3)
        assert (await run(f"uuid_fileman {uuid} dance")).startswith("-USAGE")
        assert await run(f"uuid_fileman {uuid} stop") == "+OK\n"
        await b.after(0.1)
        assert "No file handle!" in await run(f"uuid_fileman {uuid} stop")
        assert "No file handle!" in await run(f"uuid_pause {uuid} on")
        for line in ("uuid_fileman", "uuid_pause x"):
            assert (await run(line)).startswith("-USAGE")
        assert await run("uuid_fileman no stop") == "-ERR No such channel!\n"
        assert await run("uuid_pause no on") == "-ERR No such channel!\n"
        session.hangup()
        await b.ended(session)
