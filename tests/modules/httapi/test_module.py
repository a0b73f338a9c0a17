from __future__ import annotations

from pathlib import Path

from softswitch.switch.causes import HangupCause
from tests.modules.httapi.support import configuration, leader, loaded
from tests.modules.httapi.test_work import HTTAPI, led
from tests.support.switch import bench


async def test_the_server_is_told_when_the_call_is_over(tmp_path: Path) -> None:
    async with (
        leader() as server,
        bench(tmp_path, HTTAPI, configuration=configuration(server)) as b,
    ):
        call = await led(await loaded(b), 1)
        call.hangup(HangupCause.NORMAL_CLEARING)
        await server.until_asked(2)
        assert server.asked[1]["exiting"] == "true" and "exiting" not in server.asked[0]
        assert await b.switch.modules.unload("mod_httapi") is None


async def test_a_call_that_ends_while_the_server_thinks_lets_go(tmp_path: Path) -> None:
    async with leader() as server:
        server.say('<pause milliseconds="60000"/>')
        async with bench(tmp_path, HTTAPI, configuration=configuration(server)) as b:
            await loaded(b)
            call = b.call("1", script="hangup@2")
            await b.ended(call, within=60)
            await server.until_asked(2)
            assert server.asked[1]["exiting"] == "true"
