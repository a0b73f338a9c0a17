"""What ``bind_meta_app`` is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from softswitch.switch.bindings import MetaBinding
from tests.support.switch import bench, extension


@pytest.mark.parametrize(
    ("data", "own", "partner"),
    [
        ("1 a s playback::x y.wav", MetaBinding("playback", "x y.wav", "s"), None),
        ("2 b o hangup", None, MetaBinding("hangup", "", "o")),
        ("* ab b1 x::", MetaBinding("x", "", "b", True), MetaBinding("x", "", "b", True)),
        ("d a ia x::y", MetaBinding("x", "y", "a", False, True), None),
    ],
)
async def test_keys_are_bound(
    tmp_path: Path, data: str, own: MetaBinding | None, partner: MetaBinding | None
) -> None:
    async with bench(tmp_path, extension("100", f"bind_meta_app {data}", "park")) as b:
        session = b.call("100")
        await b.after(1)
        assert session.bindings is not None
        key = data[0].upper()
        assert session.bindings.own.meta.get(key) == own
        assert session.bindings.partner.meta.get(key) == partner
        await session.execute("unbind_meta_app")
        assert not session.bindings.own.active and not session.bindings.partner.active
        session.hangup()


@pytest.mark.parametrize("data", ["", "1", "1 a", "1 a s", "12 a s x", "x a s y", "1 c s x"])
async def test_what_cannot_be_bound_is_told_and_the_call_goes_on(
    tmp_path: Path, data: str, caplog: pytest.LogCaptureFixture
) -> None:
    actions = (f"bind_meta_app {data}", "unbind_meta_app 1", "set went=on")
    async with bench(tmp_path, extension("100", *actions)) as b:
        session = await b.ended(b.call("100"))
        assert session.get("went") == "on"
        assert session.bindings is None
    assert "bind_meta_app: " in caplog.text
