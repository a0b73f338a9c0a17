"""Noise in place of nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from softswitch.switch.silence import divisor
from tests.support.engine import far_end
from tests.support.switch import bench, extension

pytestmark = pytest.mark.virtual_time


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (None, None),
        ("", None),
        ("0", None),
        ("false", None),
        ("400", 400),
        ("true", 1400),
        ("-1", 0),
        ("99999999", 65535),
    ],
)
def test_a_divisor_is_a_number_or_yes(text: str | None, found: int | None) -> None:
    assert divisor(text) == found


async def test_a_parked_call_hears_the_noise_it_asks_for(tmp_path: Path) -> None:
    actions = ("answer", "set send_silence_when_idle=400", "park")
    async with bench(tmp_path, extension("1", *actions)) as running:
        session = running.call("1")
        await running.after(0.01)
        assert far_end(session.media).filling == (400, None)


async def test_nothing_is_filled_where_nobody_asks(tmp_path: Path) -> None:
    async with bench(tmp_path, extension("1", "answer", "sleep 1000")) as running:
        session = running.call("1")
        await running.after(0.01)
        assert far_end(session.media).filling == (None, None)


async def test_the_partner_of_a_silent_party_hears_noise(tmp_path: Path) -> None:
    actions = ("set bridge_generate_comfort_noise=true", "bridge test/bob")
    async with bench(tmp_path, extension("1", *actions)) as running:
        running.script("bob", "answer@1")
        caller = running.call("1")
        await running.after(2)
        called = caller.peer
        assert called is not None
        assert far_end(called.media).filling == (None, 1400)
        assert far_end(caller.media).filling == (None, None)
