from __future__ import annotations

from pathlib import Path

from softswitch import registry
from tests.modules.easyroute.test_module import configuration, loaded
from tests.support.switch import bench, extension

STAY = "sleep 100000"
NUMBER = "18005551212"


async def test_without_the_module_nothing_is_found(tmp_path: Path) -> None:
    registry.discover("softswitch.modules")
    async with bench(tmp_path, extension("1", "easyroute 1", STAY)) as b:
        assert await b.switch.run_command("easyroute 1") == "-ERR mod_easyroute is not loaded\n"
        call = b.call("1")
        await b.after(0.05)
        assert call.get("easy_dialstring") is None


async def test_the_command_tells_all_or_one_part(tmp_path: Path) -> None:
    async with bench(tmp_path, configuration=configuration()) as b:
        run = b.switch.run_command
        await loaded(b)
        assert await run(f"easyroute {NUMBER}") == (
            "Number    \tLimit     \tGroup    \tAcctCode  \tDialstring\n"
            "18005551212\t10        \twest      \tacme      \tsofia/out/2125551212@192.0.2.7:5060\n"
        )
        parts = ("dialstring", "translated", "limit", "group", "acctcode", "noat")
        assert [await run(f"easyroute {NUMBER} {part}") for part in parts] == [
            "sofia/out/2125551212@192.0.2.7:5060", "2125551212", "10", "west", "acme",
            "Invalid Input!\n",
        ]  # fmt: skip
        assert "sofia/default/7+gw.test\n" in await run("easyroute 7 separator +")
        assert await run("easyroute") == "Usage: easyroute <number>\n"
        assert await run("easyroute 1 2 3 4") == "Invalid Input!\n"


async def test_the_application_sets_where_a_number_goes(tmp_path: Path) -> None:
    numbers = [
        extension("1", f"easyroute {NUMBER}", STAY),
        extension("2", "easyroute 7 noat", "set x=<${easyroute(7)}>", STAY),
        extension("3", "easyroute 7 separator !", "easyroute", STAY),
    ]
    async with bench(tmp_path, *numbers, configuration=configuration()) as b:
        await loaded(b)
        first, second, third = (b.call(number) for number in "123")
        await b.reached("sleep", first, second, third)
        names = ("destnum", "dialstring", "group", "limit", "acctcode")
        assert [first.get(f"easy_{name}") for name in names] == [
            NUMBER, "sofia/out/2125551212@192.0.2.7:5060", "west", "10", "acme",
        ]  # fmt: skip
        assert second.get("easy_dialstring") == "sofia/default/7gw.test"
        assert second.get("x") == "<>" and second.get("easy_group") is None
        assert third.get("easy_dialstring") == "sofia/default/7!gw.test"
