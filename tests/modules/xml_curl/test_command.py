from __future__ import annotations

from pathlib import Path

from softswitch.switch.modules import discover
from tests.support.portal import bindings, portal
from tests.support.switch import bench

discover()


async def test_answers_are_kept_while_debugging(tmp_path: Path) -> None:
    async with portal() as p, bench(tmp_path, configuration=bindings(p.url)) as b:
        run = b.switch.run_command
        await b.switch.modules.load("mod_xml_curl")
        assert await run("xml_curl debug_on") == "OK\n"
        await run("user_exists id 1 example.test")
        assert await run("xml_curl debug_off") == "OK\n"
        await run("user_exists id 1 example.test")
        assert len(list((tmp_path / "xml_curl").iterdir())) == 1


async def test_the_servers_are_listed_without_their_secrets(tmp_path: Path) -> None:
    configuration = bindings("http://me:pw@127.0.0.1:9/x?token=1", "directory|dialplan")
    async with bench(tmp_path, configuration=configuration) as b:
        await b.switch.modules.load("mod_xml_curl")
        await b.switch.run_command("user_exists id 1 example.test")
        header, line = (await b.switch.run_command("xml_curl status")).splitlines()
        assert header == "binding|sections|url|asked|failed|state"
        assert line.startswith("portal|dialplan,directory|http://127.0.0.1:9/x|1|1|")
        assert "up" not in line.rpartition("|")[2]


async def test_without_the_module_there_is_nothing_to_steer(tmp_path: Path) -> None:
    async with bench(tmp_path) as b:
        assert await b.switch.run_command("xml_curl status") == "-ERR mod_xml_curl is not loaded\n"
        await b.switch.modules.load("mod_xml_curl")
        assert (await b.switch.run_command("xml_curl")).startswith("-USAGE:")
