from __future__ import annotations

from pathlib import Path

from softswitch import registry
from tests.modules.httapi.support import configuration, leader, loaded
from tests.modules.httapi.test_work import HTTAPI, STAY, led
from tests.support.switch import bench, extension


async def test_without_the_module_a_call_ends_and_without_a_profile_goes_on(
    tmp_path: Path,
) -> None:
    registry.discover("softswitch.modules")
    one = extension("1", "httapi http://127.0.0.1:9/", "set went=on", STAY)
    async with bench(tmp_path, one) as b:
        assert await b.switch.run_command("httapi debug_on") == "-ERR mod_httapi is not loaded\n"
        assert (await led(b, 0)).get("went") is None
        await loaded(b)
        assert (await led(b, 0)).get("went") == "on"


async def test_an_address_and_parameters_may_stand_in_the_dialplan(tmp_path: Path) -> None:
    async with leader() as server:
        one = extension("1", f"httapi {{a=1,b=2}}{server.url}/mine", "httapi {c=3}", STAY)
        async with bench(tmp_path, one, configuration=configuration(server)) as b:
            call = await led(await loaded(b), 2)
            first, second = server.asked
            assert server.paths == ["/mine", "/mine"], "it is remembered"
            assert (first["a"], first["b"]) == ("1", "2")
            assert (second["a"], second["c"]) == ("1", "3")
            assert first["session_id"] == second["session_id"] == call.uuid


async def test_documents_are_logged_if_wanted(tmp_path: Path) -> None:
    async with (
        leader() as server,
        bench(tmp_path, HTTAPI, configuration=configuration(server)) as b,
    ):
        run = (await loaded(b)).switch.run_command
        assert await run("httapi debug_on") == await run("httapi DEBUG_OFF") == "OK\n"
        assert await run("httapi") == "USAGE: [debug_on|debug_off]\n"
