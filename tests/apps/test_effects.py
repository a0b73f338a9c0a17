from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.engine import far_end
from tests.support.switch import bench, extension


@pytest.mark.parametrize(
    ("data", "delay"), [("", 1000), ("5000", 5000), ("999999", 30_000), ("x", 1000)]
)
async def test_a_voice_comes_back_late_until_a_break(tmp_path: Path, data: str, delay: int) -> None:
    async with bench(tmp_path, extension("1", f"delay_echo {data}", "set after=yes")) as b:
        session = b.call("1", script="digit:5@0.5")
        await b.after(1)
        ((_, feed),) = far_end(session.media).feeds.items()
        assert feed.source is feed.target
        assert (feed.options["hear"], feed.options["delay_ms"]) == ("read", delay)
        session.break_()
        await b.ended(session, within=1)
        assert session.get("after") == "yes"


async def test_a_partner_hears_music_until_the_key(tmp_path: Path) -> None:
    async with bench(tmp_path, extension("1", "bridge test/b")) as b:
        b.script("b", "answer@0")
        session = b.call("1")
        await b.after(0.1)
        peer = session.peer
        assert peer is not None
        what = "soft_hold::9 silence_stream://-1 tone_stream://%(100,0,440)"
        arguments = f"{session.uuid} '{what}'"
        assert (await b.switch.run_command(f"uuid_broadcast {arguments}")).startswith("+OK")
        await b.after(0.5)
        assert far_end(peer.media).playing is not None
        assert far_end(session.media).playing is not None
        session.on_digit("5", 100, "rtp")
        session.on_digit("9", 100, "rtp")
        await b.after(0.5)
        assert far_end(peer.media).playing is None
        assert far_end(session.media).playing is None
        session.hangup()
        await b.ended(session)


@pytest.mark.parametrize("data", ["", "9"])
async def test_there_must_be_a_key_and_a_partner(
    tmp_path: Path, data: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with bench(tmp_path, extension("1", "answer", f"soft_hold {data}")) as b:
        await b.ended(b.call("1"))
        assert "soft_hold: " in caplog.text
