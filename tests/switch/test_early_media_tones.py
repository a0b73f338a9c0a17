from __future__ import annotations

from pathlib import Path

import pytest

from softswitch.switch.early_media_tones import MeaningfulTone, parse
from tests.support.engine import far_end
from tests.support.switch import bench, extension


def test_tones_are_read() -> None:
    assert parse("user_busy:2:480+620!destination_out_of_order:2:1776.7!") == [
        MeaningfulTone("user_busy", 2, (480.0, 620.0)),
        MeaningfulTone("destination_out_of_order", 2, (1776.7,)),
    ]
    assert parse("ring:440,480") == [MeaningfulTone("ring", 1, (440.0, 480.0))]


@pytest.mark.parametrize("text", ["busy", "busy:2:x", "busy:0:440", "busy:1:1", "busy:x:440"])
def test_what_is_no_tone_is_told(text: str) -> None:
    with pytest.raises(ValueError, match="busy"):
        parse(text)


async def test_a_busy_tone_in_early_media_is_a_busy_party(tmp_path: Path) -> None:
    plan = extension(
        "1",
        "set monitor_early_media_fail=user_busy:2:480+620",
        "set continue_on_fail=true",
        "bridge test/b",
        "set after=${originate_disposition} ${last_bridge_hangup_cause}",
    )
    async with bench(tmp_path, plan) as b:
        b.script("b", "early@1")
        session = b.call("1")
        await b.after(2)
        stream = far_end(b.legs.legs["b"].session.media)
        assert list(stream.detectors.values()) == [("tone", "read", 480.0, 620.0)]
        called = b.legs.legs["b"].session
        stream.sound()
        await b.after(0.1)
        assert called.channel.up
        stream.sound()
        await b.ended(session, within=2)
        assert called.channel.hangup_cause.name == "USER_BUSY"
        assert called.get("monitor_fail_dispo") == "user_busy"
        assert "USER_BUSY" in (session.get("after") or "")


async def test_a_ringing_tone_in_early_media_rings_and_mistakes_are_told(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    ring = "[monitor_early_media_ring=ring:1:440+480,monitor_early_media_fail=nonsense]"
    plan = extension("1", f"bridge {{ignore_early_media=true}}{ring}test/b")
    async with bench(tmp_path, plan) as b:
        b.script("b", "early@1 answer@5")
        session = b.call("1")
        await b.after(2)
        called = b.legs.legs["b"].session
        far_end(called.media).sound()
        await b.after(0.1)
        assert called.channel.ringing and called.get("monitor_ring_dispo") == "ring"
        assert "nonsense" in caplog.text
        await b.after(4)
        assert session.peer is called
        session.hangup()
        await b.ended(session)
