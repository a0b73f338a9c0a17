from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from softswitch import registry
from tests.support.switch import bench, extension

pytestmark = pytest.mark.virtual_time

LISTS = (
    '<configuration name="distributor.conf"><lists><list name="test">'
    '<node name="foo1" weight="1"/><node name="foo2" weight="9"/></list></lists></configuration>'
)


async def test_without_the_module_commands_say_so(tmp_path: Path) -> None:
    registry.discover("softswitch.modules")
    one = extension("1", "distributor test", "sleep 100000")
    async with bench(tmp_path, one, configuration=LISTS) as b:
        for line in ("distributor test", "distributor_ctl reload"):
            assert await b.switch.run_command(line) == "-ERR mod_distributor is not loaded\n"
        call = b.call("1")
        await b.after(1)
        assert call.get("DISTRIBUTOR") is None


async def test_the_command_gives_a_hundred_calls_as_the_weights_say(tmp_path: Path) -> None:
    async with bench(tmp_path, configuration=LISTS) as b:
        run = b.switch.run_command
        assert await b.switch.modules.load("mod_distributor") is None
        given = [await run("distributor test") for _ in range(100)]
        assert Counter(given) == {"foo1": 10, "foo2": 90}
        assert given[:11] == ["foo1", *["foo2"] * 9, "foo1"], "round by round"
        assert await run("distributor TEST foo2") == "foo1"
        assert await run("distributor test foo1,x foo2") == "-err"
        assert await run("distributor nosuch") == await run("distributor") == "-err"


async def test_lists_are_shown_changed_and_reloaded(tmp_path: Path) -> None:
    async with bench(tmp_path, configuration=LISTS) as b:
        run = b.switch.run_command
        assert await b.switch.modules.load("mod_distributor") is None
        shown = "list: name=test\nnode: name=foo1 weight=1\nnode: name=foo2 weight=9\n"
        assert await run("distributor_ctl dump test") == shown
        assert await run("distributor_ctl dump nosuch") == "cannot find list\n"
        assert await run("distributor_ctl dump") == "missing list name\n"
        assert await run("distributor_ctl") == await run("distributor_ctl x") == "-error\n"
        assert await run("distributor_ctl modify test FOO1=3 foo2=0 x=1 y") == (
            "error: name=foo2, specified weight invalid\nerror: node x not found\n"
            "list: name=test\nnode: name=foo1 weight=3\nnode: name=foo2 weight=9\n"
        )
        assert await run("distributor_ctl reload") == "+OK reloaded.\n"
        assert await run("distributor_ctl dump test") == shown


async def test_the_application_sets_a_variable(tmp_path: Path) -> None:
    numbers = [
        extension("1", "distributor test", "sleep 100000"),
        extension("2", "distributor nosuch", "distributor", "sleep 100000"),
        extension("3", "set gateway=${distributor(test foo1)}", "sleep 100000"),
    ]
    async with bench(tmp_path, *numbers, configuration=LISTS) as b:
        assert await b.switch.modules.load("mod_distributor") is None
        first, second, third = (b.call(number) for number in "123")
        await b.after(1)
        assert first.get("DISTRIBUTOR") == "foo1"
        assert second.get("DISTRIBUTOR") is None
        assert third.get("gateway") == "foo2"
