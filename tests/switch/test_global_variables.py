from __future__ import annotations

from pathlib import Path

from softswitch.switch.global_variables import set_global
from tests.support.switch import bench, extension


async def test_a_global_variable_holds_for_calls_and_can_be_removed(tmp_path: Path) -> None:
    async with bench(tmp_path, extension("1", "set seen=${greeting}")) as b:
        set_global(b.switch, "greeting", "hello")
        assert (await b.ended(b.call("1"))).get("seen") == "hello"
        set_global(b.switch, "greeting", "")
        set_global(b.switch, "never", "")
        assert (await b.ended(b.call("1"))).get("seen") is None


async def test_a_global_variable_outlives_a_reload(tmp_path: Path) -> None:
    async with bench(tmp_path) as b:
        set_global(b.switch, "greeting", "hello")
        await b.switch.reload()
        assert b.switch.globals["greeting"] == "hello"
