"""``sofia_presence_data``."""

from __future__ import annotations

from pathlib import Path

import pytest

import softswitch.endpoints.sip.presence.commands  # noqa: F401 - registers what is tested
from tests.support.sip_bench import sip_bench

pytestmark = pytest.mark.virtual_time


async def test_what_is_known_of_a_user(tmp_path: Path) -> None:
    async with sip_bench(tmp_path) as running:
        run = running.switch.run_command
        assert await run("sofia_presence_data status 1000@example.test") == ""
        assert await run("sofia_presence_data list 1000@example.test") == "+OK\n"
        await running.register(running.alice, User_Agent="Phone/1")
        assert await run("sofia_presence_data status 1000@example.test") == "Registered"
        assert await run("sofia_presence_data rpid internal/1000@example.test") == "unknown"
        assert await run("sofia_presence_data user_agent 1000@example.test") == "Phone/1"
        listed = await run("sofia_presence_data list 1000@example.test")
        assert listed.splitlines() == [
            "status|rpid|user_agent|network_ip|network_port",
            "Registered|unknown|Phone/1|192.0.2.10|5062",
            "+OK",
        ]
        assert await run("sofia_presence_data list nowhere/1@x") == "-ERR Invalid Profile\n"
        for wrong in ("", "list", "list 1000", "more 1000@x"):
            assert (await run(f"sofia_presence_data {wrong}")).startswith("-USAGE")
