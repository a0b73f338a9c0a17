from __future__ import annotations

import time
from pathlib import Path

import pytest

from tests.support.switch import bench, extension


async def test_capture_keeps_the_match_and_its_groups(tmp_path: Path) -> None:
    actions = ("capture x|4155551212|^(...)(...)", "set area=${x[1]}")
    async with bench(tmp_path, extension("1", *actions)) as b:
        session = await b.ended(b.call("1"))
        assert session.get("x") == "ARRAY::415555|:415|:555"
        assert session.get("area") == "415"


async def test_capture_without_a_match_leaves_the_variable(tmp_path: Path) -> None:
    async with bench(tmp_path, extension("1", "set x=old", "capture x|abc|^z")) as b:
        session = await b.ended(b.call("1"))
        assert session.get("x") == "old"


@pytest.mark.parametrize("data", ["", "x|y", "|a|b", "x|y|(("])
async def test_capture_wants_three_parts_and_a_pattern(
    tmp_path: Path, data: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with bench(tmp_path, extension("1", f"capture {data}", "set after=yes")) as b:
        session = await b.ended(b.call("1"))
        assert session.get("after") == "yes"
        assert "capture: " in caplog.text


async def test_strftime_sets_a_variable(tmp_path: Path) -> None:
    actions = (
        "set timezone=UTC",
        "strftime then=86400|%Y-%m-%d %T",
        "strftime now=%Y",
        "set timezone=America/New_York",
        "strftime there=86400|%H",
    )
    async with bench(tmp_path, extension("1", *actions)) as b:
        session = await b.ended(b.call("1"))
        assert session.get("then") == "1970-01-02 00:00:00"
        assert session.get("now") == "2023"
        assert session.get("there") == "19"


async def test_strftime_in_an_unknown_zone_is_local(tmp_path: Path) -> None:
    actions = ("set timezone=Nowhere/Land", "strftime x=86400|%H")
    async with bench(tmp_path, extension("1", *actions)) as b:
        session = await b.ended(b.call("1"))
        assert session.get("x") == time.strftime("%H", time.localtime(86400))


async def test_strftime_wants_a_name(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async with bench(tmp_path, extension("1", "strftime %Y")) as b:
        await b.ended(b.call("1"))
        assert "strftime: <varname>" in caplog.text
