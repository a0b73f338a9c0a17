from __future__ import annotations

from pathlib import Path

import pytest

from softswitch.switch.audio_levels import SILENCE_DB, levels, reset
from tests.support.engine import far_end
from tests.support.switch import bench, extension


async def test_levels_and_mutes_hang_on_a_call_until_undone(tmp_path: Path) -> None:
    async with bench(tmp_path, extension("1", "answer", "park")) as b:
        session = b.call("1")
        await b.after(0.1)
        levels(session).set_level("write", 2)
        levels(session).set_level("read", -9)
        hear, speak = far_end(session.media).gains
        assert (hear, speak) == (pytest.approx(7.23, abs=0.01), pytest.approx(-13.98, abs=0.01))
        assert [bug.function for bug in session.bugs] == ["audio"]
        await levels(session).set_mute("write", 1)
        assert far_end(session.media).gains[0] == SILENCE_DB
        await levels(session).set_mute("write", 0)
        assert far_end(session.media).gains[0] == hear
        await levels(session).set_mute("read", 1400)
        ((_, noise),) = far_end(session.media).injections.items()
        assert noise.source.description == "silence -1,1400"
        assert noise.options["into"] == "speak"
        reset(session)
        assert far_end(session.media).gains == (0, 0)
        assert not session.bugs and not far_end(session.media).injections
        session.hangup()
        await b.ended(session)
