"""The application ``intercept``."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.switch import bench, extension


@pytest.mark.parametrize(("option", "who"), [("", "caller"), ("-bleg ", "called")])
async def test_a_call_is_taken_by_its_id(tmp_path: Path, option: str, who: str) -> None:
    async with bench(
        tmp_path,
        extension("100", "bridge test/bob"),
        extension("200", f"intercept {option}${{wanted}}", "set went=on", "park"),
    ) as b:
        b.script("bob", "answer@0")
        caller = b.call("100")
        await b.after(1)
        called = b.legs.legs["bob"].session
        taker = b.call("200", variables={"wanted": caller.uuid})
        await b.after(1)
        taken = caller if who == "caller" else called
        assert taker.peer is taken
        assert taker.get("went") is None
        taken.hangup()
        await b.after(1)
        assert taker.get("went") == "on", "the dialplan goes on behind the talk"


@pytest.mark.parametrize("data", ["", "-bleg", "nobody", "-bleg nobody", "${uuid}"])
async def test_what_cannot_be_taken_is_told_and_the_call_goes_on(tmp_path: Path, data: str) -> None:
    async with bench(tmp_path, extension("200", f"intercept {data}", "set went=on")) as b:
        session = await b.ended(b.call("200"))
        assert session.get("went") == "on"
