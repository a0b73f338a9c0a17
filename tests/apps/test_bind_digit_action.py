"""What ``bind_digit_action`` and its like are told."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.switch import bench, extension


@pytest.mark.parametrize(
    ("data", "own", "partner"),
    [
        ("r,1,exec:x,y", 1, 0),
        ("r,1,exec:x,y,self", 1, 0),
        ("r,1,exec:x,y,peer,self", 0, 1),
        ("r,1,exec:x,,both,peer", 1, 1),
        ("r,~^1.*$,text", 1, 0),
    ],
)
async def test_keys_are_bound_to_legs(tmp_path: Path, data: str, own: int, partner: int) -> None:
    async with bench(tmp_path, extension("100", f"bind_digit_action {data}", "park")) as b:
        session = b.call("100")
        await b.after(1)
        assert session.bindings is not None
        for watch, count in ((session.bindings.own, own), (session.bindings.partner, partner)):
            assert len(watch.machine.realms.get("r", [])) == count
        session.hangup()


@pytest.mark.parametrize(
    "action",
    [
        "bind_digit_action",
        "bind_digit_action r,1",
        "bind_digit_action r,,exec:x",
        "bind_digit_action r,~(,exec:x",
        "bind_digit_action r,1,exec:x,y,nobody",
        "bind_digit_action r,1,exec:x,y,self,nobody",
        "clear_digit_action",
        "clear_digit_action r,nobody",
        "digit_action_set_realm",
        "digit_action_set_realm r,nobody",
        "digit_action_set_realm nowhere",
    ],
)
async def test_what_means_nothing_is_told_and_the_call_goes_on(
    tmp_path: Path, action: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with bench(tmp_path, extension("100", action, "set went=on")) as b:
        session = await b.ended(b.call("100", script="digit:12@0"))
        assert session.get("went") == "on"
    assert f"{action.split()[0]}: " in caplog.text


async def test_clearing_what_was_never_bound_does_nothing(tmp_path: Path) -> None:
    async with bench(tmp_path, extension("100", "clear_digit_action all,both")) as b:
        session = await b.ended(b.call("100"))
        assert session.bindings is None
