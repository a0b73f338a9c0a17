"""Jitter buffers as operators write them."""

from __future__ import annotations

from pathlib import Path

import pytest

from softswitch.switch.jitter import control_jitter_buffer, parse_delays
from tests.support.engine import far_end
from tests.support.switch import bench, extension

pytestmark = pytest.mark.virtual_time


@pytest.mark.parametrize(
    ("text", "delays"),
    [
        ("60", (60, 60)),
        ("60:200", (60, 200)),
        ("60:200:20", (60, 200)),
        (" 100 : 50 ", (100, 100)),
        ("3p:10p", (60, 200)),
        ("0", (0, 0)),
    ],
)
def test_delays_are_read(text: str, delays: tuple[int, int]) -> None:
    assert parse_delays(text) == delays


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "is not"),
        ("fast", "is not"),
        ("60:", "is not"),
        ("-60", "is not"),
        ("1:2:3:4", "more than three"),
        ("60:20000", "10000 ms at most"),
    ],
)
def test_a_mistake_is_told_in_a_sentence(text: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        parse_delays(text)


async def test_a_running_call_is_given_a_buffer_and_loses_it(tmp_path: Path) -> None:
    async with bench(tmp_path, extension("1", "answer", "park")) as running:
        session = running.call("1", variables={"rtp_jitter_buffer_during_bridge": "true"})
        await running.after(0.01)
        stream = far_end(session.media)
        control_jitter_buffer(session, "60:120")
        assert stream.jitter_buffer == (60, 120, True)
        control_jitter_buffer(session, "pause")
        assert stream.jitter_paused
        control_jitter_buffer(session, "resume")
        assert not stream.jitter_paused
        control_jitter_buffer(session, "off")
        assert stream.jitter_buffer is None
