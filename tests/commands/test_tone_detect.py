from __future__ import annotations

from pathlib import Path

from tests.support.engine import far_end
from tests.support.switch import bench, extension


async def test_a_call_is_listened_to_from_outside(tmp_path: Path) -> None:
    async with bench(tmp_path, extension("1", "answer", "park")) as b:
        session = b.call("1")
        await b.after(0.1)
        run, uuid = b.switch.run_command, session.uuid
        answer = await run(f"tone_detect {uuid} beep 1000 r +60 set x=1 1")
        assert answer == "+OK Enabling tone detection 'beep' '1000' 'r'\n"
        far_end(session.media).sound()
        await b.after(0.1)
        assert session.get("x") == "1"
        assert await run(f"stop_tone_detect {uuid}") == "+OK\n"
        assert (await run(f"tone_detect {uuid} x y")).startswith("-ERR ")
        assert (await run("tone_detect a b")).startswith("-USAGE")
        assert await run("tone_detect no a 440") == "-ERR Cannot locate session!\n"
        assert (await run("stop_tone_detect")).startswith("-USAGE")
        assert await run("stop_tone_detect no") == "-ERR No such channel!\n"
        session.hangup()
        await b.ended(session)
