from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.switch import bench, extension


async def test_an_exported_variable_is_set_on_both_legs(tmp_path: Path) -> None:
    async with bench(tmp_path, extension("1", "export a=1", "bridge test/bob")) as b:
        b.script("bob", "answer@1 hangup@2")
        session = await b.ended(b.call("1"))
        assert session.get("a") == "1"
        assert b.legs.legs["bob"].session.get("a") == "1"


async def test_a_nolocal_variable_is_set_on_the_other_leg_only(tmp_path: Path) -> None:
    async with bench(tmp_path, extension("1", "export nolocal:a=1", "bridge test/bob")) as b:
        b.script("bob", "answer@1 hangup@2")
        session = await b.ended(b.call("1"))
        assert session.get("a") is None
        assert session.get("export_vars") == "nolocal:a"
        assert b.legs.legs["bob"].session.get("a") == "1"


@pytest.mark.parametrize("value", ["", "_undef_"])
async def test_an_export_can_be_taken_back(tmp_path: Path, value: str) -> None:
    actions = ("export a=1", "export b=2", f"export a={value}", "bridge test/bob")
    async with bench(tmp_path, extension("1", *actions)) as b:
        b.script("bob", "answer@1 hangup@2")
        session = await b.ended(b.call("1"))
        assert session.get("export_vars") == "b"
        assert b.legs.legs["bob"].session.get("a") is None


async def test_a_variable_is_exported_once(tmp_path: Path) -> None:
    async with bench(tmp_path, extension("1", "export a=1", "export a=2")) as b:
        session = await b.ended(b.call("1"))
        assert session.get("export_vars") == "a"
        assert session.get("a") == "2"


async def test_bridge_export_copies_at_the_bridge(tmp_path: Path) -> None:
    async with bench(tmp_path, extension("1", "bridge_export a=1", "bridge test/bob")) as b:
        b.script("bob", "answer@1 hangup@2")
        await b.ended(b.call("1"))
        assert b.legs.legs["bob"].session.get("a") == "1"


@pytest.mark.parametrize(("wanted", "copied"), [("ab", {"ab"}), ("~a", {"ab", "ac"})])
async def test_transfer_vars_copies_to_the_bridged_call(
    tmp_path: Path, wanted: str, copied: set[str]
) -> None:
    async with bench(tmp_path, extension("1", "multiset ab=1 ac=2 x=3", "bridge test/bob")) as b:
        b.script("bob", "answer@1 hangup@9")
        session = b.call("1")
        await b.after(3)
        await session.execute("transfer_vars", wanted)
        peer = b.legs.legs["bob"].session
        assert {name for name in ("ab", "ac", "x") if peer.channel.variables.get(name)} == copied
        await b.ended(session)


@pytest.mark.parametrize(
    "action", ["export", "export nolocal:=1", "bridge_export =1", "transfer_vars ~"]
)
async def test_bad_data_is_logged_and_the_call_goes_on(
    tmp_path: Path, action: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with bench(tmp_path, extension("1", action, "set after=yes")) as b:
        session = await b.ended(b.call("1"))
        assert session.get("after") == "yes"
        assert f"{action.partition(' ')[0]}: " in caplog.text
