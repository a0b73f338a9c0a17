from __future__ import annotations

from pathlib import Path

from softswitch.modules.fifo.music import music
from tests.modules.fifo.support import office
from tests.support.engine import far_end
from tests.support.switch import extension


async def test_music_lasts_as_long_as_the_block(tmp_path: Path) -> None:
    route = extension("here", "answer", "sleep 9000")
    async with office(tmp_path, route) as b:
        one = b.call("here")
        await b.after(1)
        for file, plays in (("music.wav", True), ("", False), ("none.wav", False)):
            async with music(one, file):
                assert (far_end(one.media).playing is not None) is plays
            await b.after(0.1)
            assert far_end(one.media).playing is None
