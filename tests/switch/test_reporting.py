from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.support.switch import bench, extension


class Keeper:
    """Notes what it is told."""

    def __init__(self) -> None:
        self.told: list[tuple[str, str]] = []

    def began(self, session: Any) -> None:
        self.told.append(("began", session.channel.direction.value))

    def answered(self, session: Any) -> None:
        self.told.append(("answered", session.channel.direction.value))

    async def ended(self, session: Any, *, wanted: bool) -> None:
        figures = session.get("duration") or "?"
        self.told.append((f"ended {figures} {wanted}", session.channel.direction.value))


async def test_each_leg_is_told_of_from_its_begin_to_its_end(tmp_path: Path) -> None:
    actions = ("set hangup_after_bridge=true", "bridge test/bob")
    async with bench(tmp_path, extension("1", *actions)) as b:
        b.switch.reporters.append(keeper := Keeper())
        b.script("bob", "answer@1 hangup@2")
        await b.ended(b.call("1"))
        while b.switch.sessions:
            await b.after(0.1)
    assert keeper.told[:4] == [
        ("began", "inbound"),
        ("began", "outbound"),
        ("answered", "outbound"),
        ("answered", "inbound"),
    ]
    assert sorted(keeper.told[4:]) == [("ended 2 True", "inbound"), ("ended 2 True", "outbound")]


async def test_one_that_fails_keeps_nobody_from_the_end(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    class Broken(Keeper):
        async def ended(self, session: Any, *, wanted: bool) -> None:
            raise RuntimeError("no ink")

    async with bench(tmp_path, extension("1", "hangup")) as b:
        b.switch.reporters += [Broken(), keeper := Keeper()]
        await b.ended(b.call("1"))
    assert keeper.told[-1][0].startswith("ended")
    assert "no ink" in caplog.text


@pytest.mark.parametrize(
    ("variable", "wanted"),
    [
        ("process_cdr=true", True),
        ("process_cdr=false", False),
        ("process_cdr=b_only", True),
        ("skip_cdr_causes=NORMAL_CLEARING", False),
    ],
)
async def test_a_call_without_partner(tmp_path: Path, variable: str, wanted: bool) -> None:
    async with bench(tmp_path, extension("1", f"set {variable}", "hangup")) as b:
        b.switch.reporters.append(keeper := Keeper())
        await b.ended(b.call("1"))
    assert keeper.told[-1][0].endswith(str(wanted))
